// The wing of work over the real engine, where its behaviour matters: what the
// mock driver only pretends.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault.h"
#include "spec.h"

static dbc_conn *open_at(const char *path, const dbc_open_options *options)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = NULL;
    int rc = dbc_open(&conn, path, options, &err);

    spec_assert_rc(DBC_OK, rc, &err, __FILE__, __LINE__);
    return conn;
}

static void must_exec(dbc_conn *conn, const char *sql)
{
    ASSERT_RC(DBC_OK, dbc_exec(conn, sql, strlen(sql)), conn);
}

static dbc_conn *open_with_table(void)
{
    dbc_conn *conn = open_at(":memory:", NULL);

    must_exec(conn, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)");
    return conn;
}

static int64_t ask(dbc_conn *conn, const char *sql)
{
    dbc_stmt *stmt = NULL;

    ASSERT_RC(DBC_OK, dbc_stmt_acquire(&stmt, conn, sql, strlen(sql)), conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), conn);
    int64_t answer = dbc_stmt_int(stmt, 0);
    dbc_stmt_release(stmt);
    return answer;
}

static dbc_txn begin(dbc_conn *conn, dbc_txn_mode mode)
{
    dbc_txn txn;

    ASSERT_RC(DBC_OK, dbc_txn_begin(&txn, conn, mode), conn);
    return txn;
}

// ----------------------------------------------------------------- statements

static void binds_and_reads_every_kind_of_value(void **state)
{
    const dbc_value values[] = {
        dbc_value_null(),          dbc_value_int(INT64_MIN),
        dbc_value_real(0.1),       dbc_value_text("a\0b", 3),
        dbc_value_blob("\xff", 1), dbc_value_bool(1),
    };
    dbc_conn *conn = open_at(":memory:", NULL);
    dbc_stmt *stmt = NULL;

    (void)state;
    int rc = dbc_stmt_acquire(&stmt, conn, SQL("SELECT ?, ?, ?, ?, ?, ?"));
    ASSERT_RC(DBC_OK, rc, conn);
    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, values, 6), conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), conn);
    const dbc_value *row = dbc_stmt_row(stmt);

    assert_int_equal(DBC_NULL, row[0].type);
    assert_true(row[1].as.i == INT64_MIN);
    assert_true(row[2].as.r == 0.1);
    assert_int_equal(3, row[3].len);
    assert_memory_equal("a\0b", row[3].as.text, 3);
    assert_int_equal(DBC_BLOB, row[4].type);
    assert_int_equal(1, row[5].as.i);
    dbc_stmt_release(stmt);
    dbc_close(conn);
}

static void sees_columns_that_were_added_since_it_was_prepared(void **state)
{
    dbc_conn *conn = open_with_table();
    dbc_stmt *stmt = NULL;

    (void)state;
    must_exec(conn, "INSERT INTO t VALUES (1, 'x')");
    dbc_stmt_acquire(&stmt, conn, SQL("SELECT * FROM t"));
    assert_int_equal(2, dbc_stmt_column_count(stmt));
    must_exec(conn, "ALTER TABLE t ADD COLUMN c DEFAULT 7");
    must_exec(conn, "ALTER TABLE t ADD COLUMN d DEFAULT 8");

    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), conn);

    assert_int_equal(4, dbc_stmt_column_count(stmt));
    assert_int_equal(8, dbc_stmt_int(stmt, 3));
    assert_string_equal("d", dbc_stmt_column_name(stmt, 3));
    dbc_stmt_release(stmt);
    dbc_close(conn);
}

static void holds_no_lock_once_it_is_released(void **state)
{
    dbc_conn *conn = open_with_table();
    dbc_stmt *stmt = NULL;

    (void)state;
    must_exec(conn, "INSERT INTO t VALUES (1, 'x'), (2, 'y')");
    dbc_stmt_acquire(&stmt, conn, SQL("SELECT * FROM t"));
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), conn);
    assert_true(dbc_exec(conn, SQL("DROP TABLE t")) < 0);
    dbc_stmt_release(stmt);

    must_exec(conn, "DROP TABLE t");
    dbc_close(conn);
}

static void refuses_what_stands_behind_the_first_statement(void **state)
{
    dbc_conn *conn = open_with_table();
    dbc_stmt *stmt = NULL;

    (void)state;
    must_exec(conn, "INSERT INTO t VALUES (1, 'x')");
    ASSERT_RC(DBC_EINVALID,
              dbc_stmt_acquire(&stmt, conn, SQL("SELECT 1; DELETE FROM t")),
              conn);
    ASSERT_RC(DBC_EINVALID, dbc_stmt_acquire(&stmt, conn, SQL(" ")), conn);
    ASSERT_RC(DBC_EINVALID, dbc_stmt_acquire(&stmt, conn, SQL("-- x")), conn);
    ASSERT_RC(DBC_OK, dbc_stmt_acquire(&stmt, conn, SQL("SELECT 1; -- x")),
              conn);

    dbc_stmt_release(stmt);
    assert_int_equal(1, ask(conn, "SELECT count(*) FROM t"));
    dbc_close(conn);
}

static void runs_bulk_writes(void **state)
{
    dbc_conn *conn = open_with_table();
    dbc_stmt *stmt = NULL;
    int64_t changes = 0;

    (void)state;
    dbc_stmt_acquire(&stmt, conn, SQL("INSERT INTO t VALUES (?, ?)"));
    for (int i = 1; i <= 100; i++) {
        dbc_value row[] = {dbc_value_int(i), dbc_value_text("x", 1)};
        ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, row, 2, &changes), conn);
        assert_int_equal(1, changes);
        assert_int_equal(i, dbc_conn_last_rowid(conn));
    }
    dbc_value again[] = {dbc_value_int(5), dbc_value_text("x", 1)};
    ASSERT_RC(DBC_EUNIQUE, dbc_stmt_run(stmt, again, 2, NULL), conn);
    dbc_stmt_release(stmt);

    assert_int_equal(100, ask(conn, "SELECT count(*) FROM t"));
    must_exec(conn, "UPDATE t SET b = 'y' WHERE a > 90");
    assert_int_equal(10, dbc_conn_changes(conn));
    dbc_close(conn);
}

// ----------------------------------------------------------------- stopping it

#define ENDLESS                                                        \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) " \
    "SELECT count(*) FROM n"

static void ends_an_endless_statement_when_its_time_is_over(void **state)
{
    dbc_conn *conn = open_with_table();
    dbc_stmt *stmt = NULL;

    (void)state;
    dbc_conn_set_timeout(conn, 20);
    dbc_txn txn = begin(conn, DBC_TXN_DEFAULT);
    dbc_stmt_acquire(&stmt, conn, SQL(ENDLESS));

    ASSERT_RC(DBC_ETIMEOUT, dbc_stmt_step(stmt), conn);
    ASSERT_RC(DBC_ETIMEOUT, dbc_exec(conn, SQL(ENDLESS)), conn);
    ASSERT_RC(DBC_OK, dbc_txn_rollback(&txn), conn);
    assert_int_equal(1, ask(conn, "SELECT 1"));
    dbc_stmt_release(stmt);
    dbc_close(conn);
}

typedef struct stopper {
    dbc_conn *conn;
    pthread_mutex_t lock;
    int stop;
} stopper;

static int is_told_to_stop(stopper *stopper_state)
{
    pthread_mutex_lock(&stopper_state->lock);
    int stop = stopper_state->stop;
    pthread_mutex_unlock(&stopper_state->lock);
    return stop;
}

static void *interrupt_until_told(void *ud)
{
    stopper *stopper_state = ud;

    while (!is_told_to_stop(stopper_state))
        dbc_interrupt(stopper_state->conn);
    return NULL;
}

static void ends_an_endless_statement_from_another_thread(void **state)
{
    stopper shared = {.conn = open_with_table(), .stop = 0};
    pthread_t thread;

    (void)state;
    pthread_mutex_init(&shared.lock, NULL);
    assert_int_equal(
        0, pthread_create(&thread, NULL, interrupt_until_told, &shared));
    int rc = dbc_exec(shared.conn, SQL(ENDLESS));
    pthread_mutex_lock(&shared.lock);
    shared.stop = 1;
    pthread_mutex_unlock(&shared.lock);
    pthread_join(thread, NULL);
    pthread_mutex_destroy(&shared.lock);

    ASSERT_RC(DBC_EINTERRUPTED, rc, shared.conn);
    assert_int_equal(1, ask(shared.conn, "SELECT 1"));
    dbc_close(shared.conn);
}

// --------------------------------------------------------------- transactions

static void keeps_and_drops_what_savepoints_say(void **state)
{
    dbc_conn *conn = open_with_table();

    (void)state;
    dbc_txn outer = begin(conn, DBC_TXN_DEFAULT);
    must_exec(conn, "INSERT INTO t VALUES (1, 'outer')");
    dbc_txn dropped = begin(conn, DBC_TXN_DEFAULT);
    must_exec(conn, "INSERT INTO t VALUES (2, 'dropped')");
    dbc_txn deepest = begin(conn, DBC_TXN_DEFAULT);
    must_exec(conn, "INSERT INTO t VALUES (3, 'released into dropped')");
    ASSERT_RC(DBC_OK, dbc_txn_commit(&deepest), conn);
    ASSERT_RC(DBC_OK, dbc_txn_rollback(&dropped), conn);
    dbc_txn kept = begin(conn, DBC_TXN_DEFAULT);
    must_exec(conn, "INSERT INTO t VALUES (4, 'kept')");
    ASSERT_RC(DBC_OK, dbc_txn_commit(&kept), conn);
    ASSERT_RC(DBC_OK, dbc_txn_commit(&outer), conn);

    assert_int_equal(2, ask(conn, "SELECT count(*) FROM t"));
    assert_int_equal(5, ask(conn, "SELECT sum(a) FROM t"));
    dbc_close(conn);
}

static void stays_open_when_a_deferred_foreign_key_fails(void **state)
{
    dbc_conn *conn = open_with_table();

    (void)state;
    must_exec(conn, "CREATE TABLE c (a REFERENCES t DEFERRABLE INITIALLY "
                    "DEFERRED)");
    dbc_txn txn = begin(conn, DBC_TXN_DEFAULT);
    must_exec(conn, "INSERT INTO c VALUES (9)");

    ASSERT_RC(DBC_EFOREIGNKEY, dbc_txn_commit(&txn), conn);
    assert_true(dbc_txn_is_open(&txn));
    must_exec(conn, "INSERT INTO t VALUES (9, 'now it is there')");
    ASSERT_RC(DBC_OK, dbc_txn_commit(&txn), conn);
    assert_int_equal(1, ask(conn, "SELECT count(*) FROM c"));
    dbc_close(conn);
}

static void is_over_when_a_statement_rolls_it_back(void **state)
{
    dbc_conn *conn = open_with_table();

    (void)state;
    must_exec(conn, "INSERT INTO t VALUES (1, 'x')");
    dbc_txn outer = begin(conn, DBC_TXN_DEFAULT);
    dbc_txn inner = begin(conn, DBC_TXN_DEFAULT);
    must_exec(conn, "INSERT INTO t VALUES (2, 'y')");

    ASSERT_RC(DBC_EUNIQUE,
              dbc_exec(conn, SQL("INSERT OR ROLLBACK INTO t VALUES (1, 'z')")),
              conn);
    assert_int_equal(1, dbc_conn_error(conn)->rolled_back);
    assert_false(dbc_txn_is_open(&inner));
    assert_false(dbc_txn_is_open(&outer));
    ASSERT_RC(DBC_ECLOSED, dbc_exec(conn, SQL("INSERT INTO t VALUES (3, 'a')")),
              conn);
    ASSERT_RC(DBC_OK, dbc_txn_rollback(&outer), conn);
    assert_int_equal(1, ask(conn, "SELECT count(*) FROM t"));
    dbc_close(conn);
}

static void notices_what_raw_sql_does_to_it(void **state)
{
    dbc_conn *conn = open_with_table();
    dbc_stmt *stmt = NULL;
    dbc_txn refused;

    (void)state;
    dbc_stmt_acquire(&stmt, conn, SQL("COMMIT"));
    dbc_txn txn = begin(conn, DBC_TXN_DEFAULT);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), conn);
    assert_false(dbc_txn_is_open(&txn));
    dbc_stmt_release(stmt);

    must_exec(conn, "SAVEPOINT mine");
    ASSERT_RC(DBC_EINVALID, dbc_txn_begin(&refused, conn, DBC_TXN_DEFAULT),
              conn);
    must_exec(conn, "RELEASE mine");
    txn = begin(conn, DBC_TXN_DEFAULT);
    must_exec(conn, "INSERT INTO t VALUES (1, ';'); ROLLBACK; SELECT 1");
    assert_false(dbc_txn_is_open(&txn));
    assert_int_equal(0, ask(conn, "SELECT count(*) FROM t"));
    dbc_close(conn);
}

static void refuses_to_write_while_it_only_reads(void **state)
{
    dbc_conn *conn = open_with_table();
    dbc_stmt *stmt = NULL;

    (void)state;
    dbc_txn txn = begin(conn, DBC_TXN_READ);
    dbc_stmt_acquire(&stmt, conn, SQL("INSERT INTO t VALUES (1, 'x')"));

    ASSERT_RC(DBC_EREADONLY, dbc_stmt_step(stmt), conn);
    ASSERT_RC(DBC_EREADONLY, dbc_exec(conn, SQL("CREATE TABLE u (a)")), conn);
    dbc_txn inner = begin(conn, DBC_TXN_DEFAULT);
    assert_int_equal(0, ask(conn, "SELECT count(*) FROM t"));
    ASSERT_RC(DBC_OK, dbc_txn_commit(&inner), conn);
    ASSERT_RC(DBC_OK, dbc_txn_commit(&txn), conn);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), conn);
    dbc_stmt_release(stmt);
    dbc_close(conn);
}

static void rolls_back_under_a_cursor(void **state)
{
    dbc_conn *conn = open_with_table();
    dbc_stmt *stmt = NULL;

    (void)state;
    must_exec(conn, "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z')");
    dbc_txn txn = begin(conn, DBC_TXN_DEFAULT);
    must_exec(conn, "INSERT INTO t VALUES (4, 'w')");
    dbc_stmt_acquire(&stmt, conn, SQL("SELECT a FROM t ORDER BY a"));
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), conn);

    ASSERT_RC(DBC_OK, dbc_txn_rollback(&txn), conn);
    int rc = dbc_stmt_step(stmt);
    assert_true(rc == DBC_ROW || rc < 0);
    dbc_stmt_release(stmt);
    assert_int_equal(3, ask(conn, "SELECT count(*) FROM t"));
    dbc_close(conn);
}

static void rolls_back_under_a_cursor_that_was_interrupted(void **state)
{
    dbc_conn *conn = open_with_table();
    dbc_stmt *stmt = NULL;

    (void)state;
    must_exec(conn, "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z')");
    dbc_txn outer = begin(conn, DBC_TXN_DEFAULT);
    must_exec(conn, "INSERT INTO t VALUES (4, 'w')");
    dbc_txn inner = begin(conn, DBC_TXN_DEFAULT);
    must_exec(conn, "INSERT INTO t VALUES (5, 'v')");
    dbc_stmt_acquire(&stmt, conn, SQL("SELECT a FROM t ORDER BY a"));
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), conn);
    dbc_interrupt(conn);

    ASSERT_RC(DBC_OK, dbc_txn_rollback(&inner), conn);
    ASSERT_RC(DBC_EINTERRUPTED, dbc_stmt_step(stmt), conn);
    dbc_stmt_release(stmt);
    ASSERT_RC(DBC_OK, dbc_txn_commit(&outer), conn);
    assert_int_equal(4, ask(conn, "SELECT count(*) FROM t"));
    dbc_close(conn);
}

// ---------------------------------------------------------------------- files

typedef struct place {
    char folder[64];
    char path[96];
} place;

static int make_place(void **state)
{
    static place here;

    strcpy(here.folder, "/tmp/dbcore_spec_XXXXXX");
    if (mkdtemp(here.folder) == NULL) return -1;
    snprintf(here.path, sizeof here.path, "%s/spec.db", here.folder);
    *state = &here;
    return 0;
}

static int remove_place(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    const place *here = *state;
    char path[128];

    for (size_t i = 0; i < COUNT(suffixes); i++) {
        snprintf(path, sizeof path, "%s%s", here->path, suffixes[i]);
        unlink(path);
    }
    return rmdir(here->folder);
}

static void keeps_nothing_of_a_transaction_that_was_open_at_the_end(
    void **state)
{
    const place *here = *state;
    dbc_conn *conn = open_at(here->path, NULL);
    dbc_stmt *stmt = NULL;

    must_exec(conn, "CREATE TABLE t (a)");
    begin(conn, DBC_TXN_DEFAULT);
    must_exec(conn, "INSERT INTO t VALUES (1), (2)");
    dbc_stmt_acquire(&stmt, conn, SQL("SELECT a FROM t"));
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), conn);
    dbc_close(conn);
    assert_int_equal(DBC_ECLOSED, dbc_stmt_step(stmt));
    dbc_stmt_release(stmt);

    conn = open_at(here->path, NULL);
    assert_int_equal(0, ask(conn, "SELECT count(*) FROM t"));
    dbc_close(conn);
}

static void says_busy_and_goes_on_when_the_lock_is_free(void **state)
{
    const place *here = *state;
    dbc_open_options options = {.busy_timeout_ms = -1};
    dbc_conn *first = open_at(here->path, &options);
    dbc_conn *second = open_at(here->path, &options);
    dbc_txn refused;

    must_exec(first, "CREATE TABLE t (a)");
    dbc_txn txn = begin(first, DBC_TXN_DEFAULT);

    ASSERT_RC(DBC_EBUSY, dbc_txn_begin(&refused, second, DBC_TXN_DEFAULT),
              second);
    assert_int_equal(0, dbc_conn_depth(second));
    ASSERT_RC(DBC_OK, dbc_txn_commit(&txn), first);
    txn = begin(second, DBC_TXN_DEFAULT);
    ASSERT_RC(DBC_OK, dbc_txn_commit(&txn), second);
    dbc_close(first);
    dbc_close(second);
}

static void can_be_committed_again_after_a_reader_left(void **state)
{
    const place *here = *state;
    const dbc_pragma rollback_journal = {"journal_mode",
                                         dbc_value_text("DELETE", 6)};
    dbc_open_options options = {
        .busy_timeout_ms = -1, .pragmas = &rollback_journal, .pragma_count = 1};
    dbc_conn *writer = open_at(here->path, &options);

    must_exec(writer, "CREATE TABLE t (a)");
    dbc_conn *reader = open_at(here->path, &options);
    dbc_txn reading = begin(reader, DBC_TXN_READ);
    assert_int_equal(0, ask(reader, "SELECT count(*) FROM t"));
    dbc_txn txn = begin(writer, DBC_TXN_DEFAULT);
    must_exec(writer, "INSERT INTO t VALUES (1)");

    ASSERT_RC(DBC_EBUSY, dbc_txn_commit(&txn), writer);
    assert_true(dbc_txn_is_open(&txn));
    ASSERT_RC(DBC_OK, dbc_txn_commit(&reading), reader);
    ASSERT_RC(DBC_OK, dbc_txn_commit(&txn), writer);
    assert_int_equal(1, ask(reader, "SELECT count(*) FROM t"));
    dbc_close(reader);
    dbc_close(writer);
}

static void is_left_alone_by_the_child_of_a_fork(void **state)
{
    const place *here = *state;
    dbc_conn *conn = open_at(here->path, NULL);
    int status = -1;

    must_exec(conn, "CREATE TABLE t (a)");
    dbc_txn txn = begin(conn, DBC_TXN_DEFAULT);
    must_exec(conn, "INSERT INTO t VALUES (1)");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int rc = dbc_exec(conn, SQL("INSERT INTO t VALUES (2)"));
        dbc_close(conn);
        _exit(rc == DBC_EINVALID ? 0 : 1);
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_int_equal(0, WEXITSTATUS(status));

    must_exec(conn, "INSERT INTO t VALUES (3)");
    ASSERT_RC(DBC_OK, dbc_txn_commit(&txn), conn);
    dbc_close(conn);
    conn = open_at(here->path, NULL);
    assert_int_equal(4, ask(conn, "SELECT sum(a) FROM t"));
    dbc_close(conn);
}

// --------------------------------------------------------------------- memory

static int live_a_whole_life(void *ud, const dbc_alloc *alloc)
{
    dbc_open_options options = {.alloc = alloc};
    const dbc_value item = dbc_value_int(1);
    dbc_value list = dbc_value_list(&item, 1);
    dbc_conn *conn = NULL;
    dbc_stmt *stmt = NULL;
    dbc_txn txn = {0};
    int rc;

    (void)ud;
    rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc < 0) goto cleanup;
    rc = dbc_exec(conn, SQL("CREATE TABLE t (a)"));
    if (rc < 0) goto cleanup;
    rc = dbc_txn_begin(&txn, conn, DBC_TXN_DEFAULT);
    if (rc < 0) goto cleanup;
    rc = dbc_stmt_acquire(&stmt, conn, SQL("INSERT INTO t VALUES (?)"));
    if (rc < 0) goto cleanup;
    rc = dbc_stmt_run(stmt, &list.as.list[0], 1, NULL);
    if (rc < 0) goto cleanup;
    dbc_stmt_release(stmt);
    stmt = NULL;
    rc = dbc_stmt_acquire(&stmt, conn, SQL("SELECT * FROM t"));
    if (rc < 0) goto cleanup;
    rc = dbc_stmt_step(stmt);
    if (rc < 0) goto cleanup;
    rc = dbc_txn_commit(&txn);

cleanup:
    if (rc == DBC_ENOMEM && dbc_txn_is_open(&txn)) {
        // What is not committed is gone, and the connection works on.
        dbc_stmt_release(stmt);
        stmt = NULL;
        assert_int_equal(DBC_OK, dbc_txn_rollback(&txn));
        assert_int_equal(0, dbc_conn_depth(conn));
    }
    dbc_stmt_release(stmt);
    dbc_close(conn);
    return rc;
}

static void survives_every_failing_allocation(void **state)
{
    (void)state;
    FAULT_WALK(live_a_whole_life, NULL);
}

#define IN_A_FILE(test) \
    cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binds_and_reads_every_kind_of_value),
        cmocka_unit_test(sees_columns_that_were_added_since_it_was_prepared),
        cmocka_unit_test(holds_no_lock_once_it_is_released),
        cmocka_unit_test(refuses_what_stands_behind_the_first_statement),
        cmocka_unit_test(runs_bulk_writes),
        cmocka_unit_test(ends_an_endless_statement_when_its_time_is_over),
        cmocka_unit_test(ends_an_endless_statement_from_another_thread),
        cmocka_unit_test(keeps_and_drops_what_savepoints_say),
        cmocka_unit_test(stays_open_when_a_deferred_foreign_key_fails),
        cmocka_unit_test(is_over_when_a_statement_rolls_it_back),
        cmocka_unit_test(notices_what_raw_sql_does_to_it),
        cmocka_unit_test(refuses_to_write_while_it_only_reads),
        cmocka_unit_test(rolls_back_under_a_cursor),
        cmocka_unit_test(rolls_back_under_a_cursor_that_was_interrupted),
        IN_A_FILE(keeps_nothing_of_a_transaction_that_was_open_at_the_end),
        IN_A_FILE(says_busy_and_goes_on_when_the_lock_is_free),
        IN_A_FILE(can_be_committed_again_after_a_reader_left),
        IN_A_FILE(is_left_alone_by_the_child_of_a_fork),
        cmocka_unit_test(survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
