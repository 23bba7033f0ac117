// LIMIT and OFFSET for each value of an expression (DBC__PER), by a window: the
// SELECT that is written between these calls becomes a part of another one.
#ifndef DBC_LANG_RANKED_H
#define DBC_LANG_RANKED_H

#include "statement.h"

// Before the word SELECT.
void dbc__ranked_begin(dbc__compiler *c, const dbc__clauses *clauses);

// Behind its list of outputs.
void dbc__ranked_number(dbc__compiler *c, const dbc__clauses *clauses);

// Behind everything but its order, which is a part of the window.
void dbc__ranked_end(dbc__compiler *c, const dbc__clauses *clauses,
                     const dbc__outputs *outputs);

#endif
