// The words about relatives, "has" and the counts and sums, as correlated
// subqueries, while a query is written anew.
#ifndef DBC_LANG_CORRELATED_H
#define DBC_LANG_CORRELATED_H

#include "rewrite.h"

// Before any node of the query that the word at `user` was given is copied:
// checks the path, and gives names to what would stand in its way.
int dbc__correlated_begin(dbc__rewrite *w, uint32_t user);

// Ends that query, whose nodes begin at `start`, with what ties it to the row
// that is spoken of. Returns its QUERY node, or 0 when something has failed.
dbc_expr dbc__correlated_query(dbc__rewrite *w, uint32_t user, uint32_t start);

// The word itself, once its query (if it has one) is written.
dbc_expr dbc__correlated_word(dbc__rewrite *w, uint32_t user);

#endif
