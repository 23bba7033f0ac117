// The first value of the first row of a text, as an integer.
#ifndef DBC_MIGRATE_NUMBER_H
#define DBC_MIGRATE_NUMBER_H

#include "conn.h"

// 0 when there is no row.
int dbc__number_ask(int64_t *out, dbc_conn *conn, const char *sql);

// The rows of a table.
int dbc__number_of_rows(int64_t *out, dbc_conn *conn, const char *table);

#endif
