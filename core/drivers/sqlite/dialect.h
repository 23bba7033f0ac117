// SQLite's way of speaking, see dbc_dialect.
#ifndef DBC_SQLITE_DIALECT_H
#define DBC_SQLITE_DIALECT_H

#include "dbcore_driver.h"

extern const dbc_dialect dbc__sqlite_dialect;
// Of a SQLite before 3.39, without RIGHT and FULL JOIN.
extern const dbc_dialect dbc__sqlite_older_dialect;

#endif
