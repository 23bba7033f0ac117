// What a query gives: its outputs, each with the name, type and codec it has in
// rows.
#ifndef DBC_LANG_OUTPUT_H
#define DBC_LANG_OUTPUT_H

#include "scope.h"

// A column as it stands.
dbc_output dbc__output_of_column(const dbc_column *column);

// What a query with these clauses gives, when `scope` holds its sources.
int dbc__outputs_of(dbc__outputs *out, dbc__compiler *c,
                    const dbc__clauses *clauses, const dbc__scope *scope);

// The outputs named by SELECT or RETURNING clauses `op`.
int dbc__outputs_named(dbc__outputs *out, dbc__compiler *c,
                       const dbc__clauses *clauses, dbc__node_op op,
                       const dbc__scope *scope);

// The outputs of the subquery whose DBC__QUERY node is at `place`.
int dbc__outputs_subquery(dbc__outputs *out, dbc__compiler *c, uint32_t place);

#endif
