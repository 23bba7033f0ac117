// What happens when SQLite itself runs out of memory: its allocator is
// replaced by one that fails at the n-th call, for n = 1, 2, 3, ….
#include <sqlite3.h>

#include "heap.h"
#include "sqlite_session.h"

enum { WALK_MAX = 20000 };

// ---------------------------------------------------------------------- tasks

typedef int (*task)(sqlite_session *session);

// Runs `work` with call 1, 2, 3, … of the allocator failing. After each
// failure the code is DBC_ENOMEM, nothing is left behind, and the file is
// whole.
static void walk(task work, fault_kind kind)
{
    sqlite_session session;
    int rc = DBC_ENOMEM;
    long n = 0;

    while (rc != DBC_OK) {
        assert_true(++n < WALK_MAX);
        sqlite_session_init(&session);
        sqlite3_initialize();
        long before = heap_live();
        heap_arm(n, kind);
        rc = work(&session);
        long failed = heap_failed();
        heap_arm(0, kind);
        if (rc != DBC_OK && rc != DBC_ENOMEM)
            fail_msg("call %ld: %s", n, dbc_status_word(rc));
        assert_int_equal(before, heap_live());
        sqlite_session_close(&session);
        if (failed == 0) break;
    }
    assert_true(n > 20);
}

static int open_and_write(sqlite_session *session)
{
    dbc_open_options options = {.alloc = &session->memory.alloc,
                                .durability = DBC_DURABILITY_OFF};
    dbc_conn *conn = NULL;
    dbc_error err = DBC_ERROR_INIT;
    int rc = dbc_open(&conn, session->path, &options, &err);

    if (rc < 0) return rc;
    rc = dbc_exec(conn, SQL("CREATE TABLE t (a TEXT UNIQUE);"
                            "INSERT INTO t VALUES ('x')"));
    if (rc == DBC_OK) {
        rc = dbc_exec(conn, SQL("INSERT INTO t VALUES ('x')"));
        if (rc == DBC_EUNIQUE) rc = DBC_OK;
    }
    dbc_close(conn);
    return rc;
}

static int read_with_a_list(sqlite_session *session)
{
    dbc_open_options options = {.alloc = &session->memory.alloc,
                                .durability = DBC_DURABILITY_OFF};
    const dbc_value items[] = {dbc_value_int(1), dbc_value_text("x", 1)};
    const dbc_value list = dbc_value_list(items, 2);
    dbc_conn *conn = NULL;
    dbc_stmt *stmt = NULL;
    int rows = 0;
    int rc = dbc_open(&conn, ":memory:", &options, NULL);

    if (rc == DBC_OK)
        rc = dbc_stmt_acquire(&stmt, conn,
                              SQL("SELECT value || 'y' FROM dbc_list(?)"));
    if (rc == DBC_OK) rc = dbc_stmt_bind(stmt, &list, 1);
    while (rc == DBC_OK || rc == DBC_ROW) {
        rc = dbc_stmt_step(stmt);
        rows += rc == DBC_ROW;
    }
    if (rc == DBC_DONE) {
        assert_int_equal(2, rows);
        rc = DBC_OK;
    }
    dbc_stmt_release(stmt);
    dbc_close(conn);
    return rc;
}

static int copy_there_and_back(sqlite_session *session)
{
    dbc_open_options options = {.alloc = &session->memory.alloc,
                                .durability = DBC_DURABILITY_OFF};
    const char *copy = sqlite_session_path(session, "copy.db");
    dbc_conn *conn = NULL;
    int rc = dbc_open(&conn, ":memory:", &options, NULL);

    if (rc == DBC_OK) rc = dbc_exec(conn, SQL("CREATE TABLE t (a)"));
    if (rc == DBC_OK) rc = dbc_backup(conn, copy, NULL, NULL);
    if (rc == DBC_OK) rc = dbc_exec(conn, SQL("DROP TABLE t"));
    if (rc == DBC_OK) rc = dbc_restore(conn, copy, NULL, NULL);
    if (rc == DBC_OK) rc = dbc_exec(conn, SQL("INSERT INTO t VALUES (1)"));
    // What pins the snapshot goes whatever happens.
    if (conn != NULL)
        assert_true(sqlite3_get_autocommit(dbc_conn_native(conn)));
    dbc_close(conn);
    return rc;
}

// A BEGIN that the engine carried out and then called a failure is undone.
static int begin_and_commit(sqlite_session *session)
{
    dbc_open_options options = {.alloc = &session->memory.alloc,
                                .durability = DBC_DURABILITY_OFF};
    dbc_conn *conn = NULL;
    int rc = dbc_open(&conn, session->path, &options, NULL);

    if (rc < 0) return rc;
    for (int mode = DBC_TXN_DEFAULT; rc == DBC_OK && mode <= DBC_TXN_EXCLUSIVE;
         mode++) {
        dbc_txn txn;
        rc = dbc_txn_begin(&txn, conn, (dbc_txn_mode)mode);
        if (rc == DBC_OK)
            rc = dbc_exec(conn, SQL("CREATE TABLE IF NOT EXISTS t (a)"));
        if (rc == DBC_OK) rc = dbc_txn_commit(&txn);
        if (rc < 0) dbc_txn_rollback(&txn);
        if (rc < 0 && dbc_exec(conn, SQL("SELECT 1")) != DBC_EBROKEN)
            assert_true(sqlite3_get_autocommit(dbc_conn_native(conn)));
    }
    dbc_close(conn);
    return rc;
}

static void opens_and_writes_or_is_out_of_memory(void **state)
{
    (void)state;
    walk(open_and_write, FAULT_ONCE);
    walk(open_and_write, FAULT_FOR_EVER);
}

static void reads_or_is_out_of_memory(void **state)
{
    (void)state;
    walk(read_with_a_list, FAULT_ONCE);
    walk(read_with_a_list, FAULT_FOR_EVER);
}

static void begins_or_is_out_of_memory(void **state)
{
    (void)state;
    walk(begin_and_commit, FAULT_ONCE);
    walk(begin_and_commit, FAULT_FOR_EVER);
}

static void copies_or_is_out_of_memory(void **state)
{
    (void)state;
    walk(copy_there_and_back, FAULT_ONCE);
    walk(copy_there_and_back, FAULT_FOR_EVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_and_writes_or_is_out_of_memory),
        cmocka_unit_test(reads_or_is_out_of_memory),
        cmocka_unit_test(begins_or_is_out_of_memory),
        cmocka_unit_test(copies_or_is_out_of_memory),
    };

    return cmocka_run_group_tests(tests, heap_install, NULL);
}
