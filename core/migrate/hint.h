// What a person has said about a change, and finding it again.
#ifndef DBC_MIGRATE_HINT_H
#define DBC_MIGRATE_HINT_H

#include "plan.h"

// Joins the caller's hints and those of the schema.
int dbc__hint_gather(dbc__planner *p, const dbc_plan_options *options);

// Lets expressions use the names that columns and tables had before, too.
int dbc__hint_rewrite(dbc__planner *p);

// Refuses hints that name nothing, with the nearest name.
int dbc__hint_check(dbc__planner *p);

// What a message calls a hint: "the copy of t.c". NULL when memory is out.
const char *dbc__hint_words(dbc__planner *p, const dbc_hint *hint);

// The new name of a table or column or index, or NULL when it keeps its own.
const char *dbc__hint_table(const dbc__planner *p, const char *table);
const char *dbc__hint_column(const dbc__planner *p, const dbc__object *from,
                             const dbc__object *to, const char *column);
// Whether another table, or column of `from`, is to have that name.
int dbc__hint_takes_table(const dbc__planner *p, const char *name);
int dbc__hint_takes_column(const dbc__planner *p, const dbc__object *from,
                           const dbc__object *to, const char *name);

const char *dbc__hint_index(const dbc__planner *p, const char *index);

// Whether it names the table of `match`, by the old name or the new one.
int dbc__hint_is_about(const dbc_hint *hint, const dbc__match *match);

// The expression for a column of `match`, or NULL.
const char *dbc__hint_expression(const dbc__planner *p, dbc_hint_kind kind,
                                 const dbc__match *match, const char *column);

// Whether that expression was given for this one time, and does not stand in
// the schema.
int dbc__hint_is_given(const dbc__planner *p, const char *expression);

int dbc__hint_ignores(const dbc__planner *p, const char *table);

// Whether its loss was allowed. `column` NULL: that of a table.
int dbc__hint_allows(const dbc__planner *p, const char *table,
                     const char *column);

int dbc__hint_has_data(const dbc__planner *p);

#endif
