// What the rows of a write must satisfy: those it leaves behind, and those an
// upsert meets. Without a policy nothing is written here.
#ifndef DBC_LANG_ROW_CHECK_H
#define DBC_LANG_ROW_CHECK_H

#include "scope.h"

// What the rows that this write leaves behind must satisfy: DBC_POLICY_….
// The clauses must stay until the check is written.
unsigned dbc__row_check_due(dbc__compiler *c, const dbc__clauses *clauses);

// Writes `lead` and the check of such a row as an output, if there is one.
void dbc__row_check_render(dbc__compiler *c, const char *lead);

// In front of the first output of RETURNING: makes it carry the check. When it
// returns true, " END" is due behind the output.
int dbc__row_check_open(dbc__compiler *c);

// Whether an upsert has to look at the row that is there, and the look.
int dbc__row_check_meets(const dbc__compiler *c);
void dbc__row_check_met(dbc__compiler *c, const char *lead);

#endif
