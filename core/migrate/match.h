// Which table and which column becomes which.
#ifndef DBC_MIGRATE_MATCH_H
#define DBC_MIGRATE_MATCH_H

#include "plan.h"

// Fills `p->matches`: first those that stay, then new ones, then those that
// go. Tables that are ignored are in none of them.
int dbc__match_tables(dbc__planner *p);

// Whether a table or one of its columns gets another name.
int dbc__match_is_renamed(const dbc__match *match);

// Whether a column of it goes.
int dbc__match_drops(const dbc__match *match);

#endif
