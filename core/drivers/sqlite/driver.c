// The table of functions that makes SQLite a driver of dbcore. What needs
// more than a line of it lives in the files beside.
#include "dbcore_driver.h"

#include "db.h"
#include "dialect.h"
#include "open.h"
#include "service.h"
#include "stmt.h"
#include "wait.h"

static int64_t changes(void *ud)
{
    return sqlite3_changes64(((dbc__sqlite *)ud)->handle);
}

static int64_t last_rowid(void *ud)
{
    return sqlite3_last_insert_rowid(((dbc__sqlite *)ud)->handle);
}

static int in_txn(void *ud)
{
    return !sqlite3_get_autocommit(((dbc__sqlite *)ud)->handle);
}

static const char *begin_sql(dbc_txn_mode mode)
{
    switch (mode) {
    case DBC_TXN_DEFERRED:
    case DBC_TXN_READ:
        return "BEGIN";
    case DBC_TXN_EXCLUSIVE:
        return "BEGIN EXCLUSIVE";
    case DBC_TXN_DEFAULT:
    case DBC_TXN_IMMEDIATE:
        break;
    }
    // A writer that waits for its lock here cannot be refused it later.
    return "BEGIN IMMEDIATE";
}

static int64_t prepared(void *ud)
{
    return ((dbc__sqlite *)ud)->prepared;
}

static int64_t busy_retries(void *ud)
{
    return ((dbc__sqlite *)ud)->busy_retries;
}

// All but how the linked SQLite speaks.
#define FUNCTIONS                                                           \
    .name = "sqlite", .open = dbc__sqlite_open, .close = dbc__sqlite_close, \
    .prepare = dbc__sqlite_prepare, .finalize = dbc__sqlite_finalize,       \
    .bind = dbc__sqlite_bind, .step = dbc__sqlite_step,                     \
    .row = dbc__sqlite_row, .reset = dbc__sqlite_reset,                     \
    .run = dbc__sqlite_run, .column_name = dbc__sqlite_column_name,         \
    .exec = dbc__sqlite_exec, .changes = changes, .last_rowid = last_rowid, \
    .in_txn = in_txn, .begin_sql = begin_sql,                               \
    .interrupt = dbc__sqlite_interrupt,                                     \
    .set_deadline = dbc__sqlite_set_deadline, .prepared = prepared,         \
    .busy_retries = busy_retries, .services = &dbc__sqlite_services

const dbc_driver *dbc_driver_sqlite(void)
{
    static const dbc_driver newer = {
        FUNCTIONS,
        .dialect = &dbc__sqlite_dialect,
    };
    static const dbc_driver older = {
        FUNCTIONS,
        .dialect = &dbc__sqlite_older_dialect,
    };

    return dbc_dialect_sqlite() == newer.dialect ? &newer : &older;
}
