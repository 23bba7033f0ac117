// What the policies that hold do to a statement while it is written: sources
// that show some rows only, and targets that are some rows only. Without a
// policy every function here writes what was written without it. What may not
// be said is in permit.h, what rows must satisfy in row_check.h.
#ifndef DBC_LANG_RESTRICT_H
#define DBC_LANG_RESTRICT_H

#include "render.h"

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

#endif
