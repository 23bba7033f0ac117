// Prepared statements of this driver: dbc_driver's functions of these names.
#ifndef DBC_SQLITE_STMT_H
#define DBC_SQLITE_STMT_H

#include "db.h"

int dbc__sqlite_prepare(void **out, dbc_stmt_info *info, void *db,
                        const char *sql, size_t len, unsigned flags,
                        dbc_error *err);
void dbc__sqlite_finalize(void *stmt);
int dbc__sqlite_bind(void *stmt, const dbc_value *values, size_t count,
                     dbc_error *err);
int dbc__sqlite_step(void *stmt, dbc_value *row, size_t *column_count,
                     dbc_error *err);
void dbc__sqlite_row(void *stmt, dbc_value *row, size_t column_count);
void dbc__sqlite_reset(void *stmt);
int dbc__sqlite_run(void *stmt, const dbc_value *values, size_t count,
                    int64_t *changes, dbc_error *err);
const char *dbc__sqlite_column_name(void *stmt, size_t i);
int dbc__sqlite_exec(void *db, const char *sql, size_t len, dbc_error *err);

// `value` as a view of what SQLite has. 0 when memory was out.
int dbc__sqlite_read(dbc_value *out, sqlite3_value *value);

#endif
