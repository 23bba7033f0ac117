// UNION, UNION ALL, INTERSECT and EXCEPT.
#ifndef DBC_LANG_COMPOUND_H
#define DBC_LANG_COMPOUND_H

#include "statement.h"

// Writes the set operation whose DBC__COMBINE clause is at `combine`, with its
// order and limit. `outputs` are those of its left side.
void dbc__compound_render(dbc__compiler *c, const dbc__clauses *clauses,
                          uint32_t combine, dbc__outputs *outputs);

#endif
