// The host's observers of changes, commits and rollbacks. SQLite has room for
// one commit hook; it serves the host and guards against failed collations.
#include "hook.h"

// A collation cannot fail for SQLite, so a statement goes on and may commit
// what is out of order: not past this hook.
static int on_commit(void *ud)
{
    dbc__sqlite *db = ud;

    if (db->collation_failed) return 1;
    return db->on_commit != NULL && db->on_commit(db->on_commit_ud) != 0;
}

void dbc__sqlite_guard_commits(dbc__sqlite *db)
{
    sqlite3_commit_hook(db->handle, on_commit, db);
}

static void on_update(void *ud, int kind, const char *database,
                      const char *table, sqlite3_int64 rowid)
{
    dbc__sqlite *db = ud;
    dbc_change change = {DBC_CHANGE_UPDATE, database, table, rowid};

    if (kind == SQLITE_INSERT) change.kind = DBC_CHANGE_INSERT;
    if (kind == SQLITE_DELETE) change.kind = DBC_CHANGE_DELETE;
    db->on_update(db->on_update_ud, &change);
}

int dbc__sqlite_on_update(void *ud,
                          void (*call)(void *ud, const dbc_change *change),
                          void *call_ud, dbc_error *err)
{
    dbc__sqlite *db = ud;

    (void)err;
    db->on_update = call;
    db->on_update_ud = call_ud;
    sqlite3_update_hook(db->handle, call != NULL ? on_update : NULL, db);
    return DBC_OK;
}

int dbc__sqlite_on_commit(void *ud, int (*call)(void *ud), void *call_ud,
                          dbc_error *err)
{
    dbc__sqlite *db = ud;

    (void)err;
    db->on_commit = call;
    db->on_commit_ud = call_ud;
    // Stays when `call` is NULL: a collation may need it.
    dbc__sqlite_guard_commits(db);
    return DBC_OK;
}

int dbc__sqlite_on_rollback(void *ud, void (*call)(void *ud), void *call_ud,
                            dbc_error *err)
{
    dbc__sqlite *db = ud;

    (void)err;
    sqlite3_rollback_hook(db->handle, call, call_ud);
    return DBC_OK;
}
