// The simple forms of SQL conditions, decided without a database: what a CHECK
// says of a row that is nowhere yet. Whatever depends on more than the row
// (functions, subqueries, other collations) or is not known here is left to
// the database: the answer is then "cannot tell".
#ifndef DBC_LANG_CONDITION_H
#define DBC_LANG_CONDITION_H

#include "truth.h"

// Gives the stored value of a column in `*out`; 0 when it is not known.
typedef int (*dbc__condition_value)(void *ud, const dbc_column *column,
                                    dbc_value *out);

// What `sql`, an expression over the columns of `table`, comes to. Known are
// literals, columns, AND OR NOT, = <> < <= > >= IS, IS NULL, IN, BETWEEN,
// LIKE, + - * /, abs, coalesce, ifnull, length.
dbc__truth dbc__condition_holds(const char *sql, const dbc_table *table,
                                dbc__condition_value value, void *ud);

#endif
