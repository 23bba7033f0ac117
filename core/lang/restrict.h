// What the policies that hold do to a statement while it is written: sources
// that show some rows only, targets that are some rows only, and checks of the
// rows a write leaves behind. Without a policy every function here writes what
// was written without it.
//
// First of all dbc__restrict_check() refuses what could not be held. It looks
// at every node of the flat tree, so no place in a query is too deep for it.
#ifndef DBC_LANG_RESTRICT_H
#define DBC_LANG_RESTRICT_H

#include "render.h"

// Refuses a query that the policies do not allow or cannot be applied to.
// Returns the compiler's status.
int dbc__restrict_check(dbc__compiler *c);

// Writes the table whose DBC__TABLE node is at `place`, its alias left out
// when it stays a plain name: else as a subquery AS the name it is known by.
void dbc__restrict_source(dbc__compiler *c, uint32_t place);

// Whether the source at `place`, joined by a left join, had better stay a plain
// name and get its rule into ON: a full-text index, which inside of a subquery
// could not be matched there. The rule is written with AND behind it.
int dbc__restrict_joins(const dbc__compiler *c, uint32_t place);
void dbc__restrict_join(dbc__compiler *c, uint32_t place);

// Writes SQL text of the user's with `render`, fenced in by brackets.
void dbc__restrict_text(dbc__compiler *c,
                        void (*render)(dbc__compiler *c, uint32_t place),
                        uint32_t place);

// Writes what target rows of `operation` must satisfy, `lead` in front.
// Returns whether there was anything.
int dbc__restrict_target(dbc__compiler *c, unsigned operation,
                         const char *lead);

// What the rows that this write leaves behind must satisfy: DBC_POLICY_….
// The clauses must stay until the check is written.
unsigned dbc__restrict_checks(dbc__compiler *c, const dbc__clauses *clauses);

// Writes `lead` and the check of such a row as an output, if there is one.
void dbc__restrict_row(dbc__compiler *c, const char *lead);

// In front of the first output of RETURNING: makes it carry the check. When it
// returns true, " END" is due behind the output.
int dbc__restrict_open_row(dbc__compiler *c);

// Whether an upsert has to look at the row that is there, and the look.
int dbc__restrict_has_conflict(const dbc__compiler *c);
void dbc__restrict_conflict(dbc__compiler *c, const char *lead);

#endif
