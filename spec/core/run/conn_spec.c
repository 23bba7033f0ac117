#include "conn.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session.h"
#include "spy.h"
#include "stmt.h"

// ------------------------------------------------------------------ opening

static void fills_in_the_defaults_for_production(void **state)
{
    dbc_open_options options = {.driver = spy_on(dbc_driver_mock())};
    dbc_conn *conn = NULL;

    (void)state;
    assert_int_equal(DBC_OK, dbc_open(&conn, "mock", &options, NULL));

    assert_int_equal(5000, spy()->open.busy_timeout_ms);
    assert_int_equal(128, spy()->open.statement_cache);
    assert_int_equal(256 << 20, spy()->open.mmap_size);
    assert_int_equal(DBC_DURABILITY_FULL, spy()->open.durability);
    assert_non_null(spy()->open.alloc);
    dbc_close(conn);
}

static void keeps_what_was_asked_for(void **state)
{
    dbc_open_options options = {.driver = spy_on(dbc_driver_mock()),
                                .busy_timeout_ms = -1,
                                .statement_cache = -1,
                                .mmap_size = 4096,
                                .durability = DBC_DURABILITY_NORMAL};
    dbc_error err = {.code = DBC_EIO, .message = "of another call"};
    dbc_conn *conn = NULL;

    (void)state;
    assert_int_equal(DBC_OK, dbc_open(&conn, "x.db", &options, &err));
    assert_int_equal(DBC_OK, err.code);
    assert_string_equal("", err.message);

    assert_int_equal(-1, spy()->open.busy_timeout_ms);
    assert_int_equal(4096, spy()->open.mmap_size);
    assert_int_equal(DBC_DURABILITY_NORMAL, spy()->open.durability);
    assert_string_equal("x.db", dbc_conn_path(conn));
    assert_null(dbc_conn_schema(conn));
    assert_string_equal("mock", dbc_conn_driver(conn)->name);
    assert_true(dbc_conn_is_open(conn));
    assert_int_equal(DBC_OK, dbc_conn_error(conn)->code);
    dbc_close(conn);
}

static void tells_why_it_cannot_open(void **state)
{
    fault memory;
    dbc_mock_answer refusal = {.stage = DBC_MOCK_OPEN,
                               .code = DBC_ECANTOPEN,
                               .message = "the folder is missing"};
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = (dbc_conn *)&memory;

    (void)state;
    fault_init(&memory);
    dbc_mock *mock = dbc_mock_new(&memory.alloc);
    dbc_mock_expect(mock, NULL, &refusal);
    dbc_mock_expect(mock, NULL, &refusal);
    dbc_open_options options = {
        .driver = dbc_driver_mock(), .alloc = &memory.alloc, .driver_ud = mock};

    assert_int_equal(DBC_ECANTOPEN, dbc_open(&conn, "x", &options, &err));
    assert_int_equal(DBC_ECANTOPEN, dbc_open(&conn, "x", &options, NULL));

    assert_null(conn);
    assert_int_equal(DBC_ECANTOPEN, err.code);
    assert_string_equal("the folder is missing", err.message);
    dbc_mock_free(mock);
    assert_int_equal(0, memory.live_blocks);
}

// ------------------------------------------------------------------ closing

static void ends_live_statements_when_it_closes(void **state)
{
    mock_session session;
    dbc_stmt *stmt = NULL;

    (void)state;
    session_open(&session, NULL);
    session_expect_rows(&session, NULL, 3);
    dbc_conn *conn = dbc_conn_retain(session.conn);
    dbc_stmt_acquire(&stmt, conn, SQL("SELECT n"));
    assert_int_equal(DBC_ROW, dbc_stmt_step(stmt));
    dbc_close(conn);

    ASSERT_RC(DBC_ECLOSED, dbc_stmt_step(stmt), conn);
    ASSERT_RC(DBC_ECLOSED, dbc_stmt_reset(stmt), conn);
    ASSERT_RC(DBC_ECLOSED, dbc_stmt_bind(stmt, NULL, 0), conn);
    ASSERT_RC(DBC_ECLOSED, dbc_stmt_run(stmt, NULL, 0, NULL), conn);
    assert_int_equal(DBC_ECLOSED, dbc_conn_error(conn)->code);
    assert_int_equal(DBC_NULL, dbc_stmt_row(stmt)[0].type);
    assert_string_equal("", dbc_stmt_column_name(stmt, 0));
    assert_string_equal("SELECT n", dbc_stmt_sql(stmt, NULL));

    dbc_stmt_release(stmt);
    dbc_conn_release(conn);
    dbc_mock_free(session.mock);
    assert_int_equal(0, session.memory.live_blocks);
}

static void stays_in_memory_until_the_last_statement_is_released(void **state)
{
    mock_session session;
    dbc_stmt *first = NULL;
    dbc_stmt *second = NULL;

    (void)state;
    session_open(&session, NULL);
    dbc_stmt_acquire(&first, session.conn, SQL("SELECT 1"));
    dbc_stmt_acquire(&second, session.conn, SQL("SELECT 2"));
    dbc_close(session.conn);

    dbc_stmt_release(first);
    assert_int_equal(DBC_ECLOSED, dbc_stmt_step(second));
    assert_int_equal(DBC_ECLOSED, dbc_conn_error(dbc_stmt_conn(second))->code);
    dbc_stmt_release(second);

    dbc_mock_free(session.mock);
    assert_int_equal(0, session.memory.live_blocks);
}

static void may_be_closed_twice(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_conn_retain(session.conn);
    dbc_conn_shut(session.conn);
    dbc_close(session.conn);
    dbc_close(session.conn);

    assert_false(dbc_conn_is_open(session.conn));
    dbc_conn_release(session.conn);
    dbc_close(NULL);
    dbc_conn_release(NULL);
    dbc_mock_free(session.mock);
    assert_int_equal(0, session.memory.live_blocks);
}

static void closes_with_its_last_reference(void **state)
{
    mock_session session;

    (void)state;
    session_spy(&session);
    dbc_conn_retain(session.conn);
    dbc_conn_release(session.conn);
    assert_int_equal(0, spy()->closes);
    dbc_conn_release(session.conn);

    assert_int_equal(1, spy()->closes);
    dbc_mock_free(session.mock);
    assert_int_equal(0, session.memory.live_blocks);
}

static void rolls_back_what_is_open_when_it_closes(void **state)
{
    mock_session session;
    dbc_txn txn;

    (void)state;
    session_open(&session, NULL);
    dbc_conn_retain(session.conn);
    ASSERT_RC(DBC_OK, dbc_txn_begin(&txn, session.conn, DBC_TXN_DEFAULT),
              session.conn);
    dbc_close(session.conn);

    session_assert_log(&session, "BEGIN IMMEDIATE", "ROLLBACK", NULL);
    assert_false(dbc_txn_is_open(&txn));
    assert_int_equal(DBC_ECLOSED, dbc_txn_commit(&txn));
    assert_int_equal(DBC_OK, dbc_txn_rollback(&txn));
    assert_int_equal(0, dbc_conn_depth(session.conn));
    dbc_conn_release(session.conn);
    dbc_mock_free(session.mock);
}

static void answers_closed_to_everything_afterwards(void **state)
{
    mock_session session;
    dbc_stmt *stmt = NULL;
    dbc_txn txn;
    dbc_stats stats;

    (void)state;
    session_open(&session, NULL);
    dbc_conn *conn = dbc_conn_retain(session.conn);
    dbc_close(conn);

    ASSERT_RC(DBC_ECLOSED, dbc_exec(conn, SQL("SELECT 1")), conn);
    assert_string_equal("the connection is closed",
                        dbc_conn_error(conn)->message);
    ASSERT_RC(DBC_ECLOSED, dbc_stmt_acquire(&stmt, conn, SQL("SELECT 1")),
              conn);
    assert_null(stmt);
    ASSERT_RC(DBC_ECLOSED, dbc_txn_begin(&txn, conn, DBC_TXN_DEFAULT), conn);
    assert_int_equal(0, dbc_conn_changes(conn));
    assert_int_equal(0, dbc_conn_last_rowid(conn));
    dbc_interrupt(conn);
    dbc_conn_set_timeout(conn, 5);
    dbc_conn_observe(conn, NULL, NULL);
    dbc_conn_stats(conn, &stats);
    assert_int_equal(0, stats.live_statements);
    dbc_conn_release(conn);
    dbc_mock_free(session.mock);
}

static int closes_when_work_ended;

static void free_work(void *work)
{
    closes_when_work_ended = spy()->closes;
    dbc__stmt_cache_clear(work);
}

static void ends_the_halls_store_before_the_driver(void **state)
{
    mock_session session;

    (void)state;
    session_spy(&session);
    session.conn->work = &session.conn->cache;
    session.conn->work_free = free_work;
    closes_when_work_ended = -1;
    session_close(&session);

    assert_int_equal(0, closes_when_work_ended);
    assert_int_equal(1, spy()->closes);
    assert_int_equal(spy()->prepares, spy()->finalizes);
}

// --------------------------------------------------------------------- fork

// What the child finds; 0 when all is as it should be.
static int look_from_a_child(dbc_conn *conn, dbc_stmt *stmt, dbc_txn *outer)
{
    dbc_stmt *other = NULL;
    dbc_txn txn;

    if (dbc_exec(conn, SQL("DELETE FROM t")) != DBC_EINVALID) return 1;
    if (dbc_stmt_acquire(&other, conn, SQL("SELECT 1")) != DBC_EINVALID)
        return 2;
    if (dbc_txn_begin(&txn, conn, DBC_TXN_DEFAULT) != DBC_EINVALID) return 3;
    if (dbc_txn_commit(outer) != DBC_EINVALID) return 7;
    if (dbc_txn_rollback(outer) != DBC_EINVALID) return 8;
    dbc_stmt_reset(stmt);
    if (dbc_stmt_step(stmt) != DBC_EINVALID) return 4;
    if (strstr(dbc_conn_error(conn)->message, "before a fork") == NULL)
        return 5;
    dbc_stmt_release(stmt);
    dbc_close(conn);
    if (spy()->closes + spy()->finalizes + spy()->resets > 0) return 6;
    return 0;
}

static void lets_the_child_of_a_fork_only_close(void **state)
{
    mock_session session;
    dbc_stmt *stmt = NULL;
    dbc_txn txn;
    int status = -1;

    (void)state;
    session_spy(&session);
    session_expect_rows(&session, "SELECT n", 2);
    dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT n"));
    assert_int_equal(DBC_ROW, dbc_stmt_step(stmt));
    dbc_txn_begin(&txn, session.conn, DBC_TXN_DEFAULT);
    spy()->resets = 0;

    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(look_from_a_child(session.conn, stmt, &txn));
    assert_int_equal(child, waitpid(child, &status, 0));

    assert_true(WIFEXITED(status));
    assert_int_equal(0, WEXITSTATUS(status));
    assert_int_equal(DBC_ROW, dbc_stmt_step(stmt));
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void knows_the_child_by_its_number_where_no_page_is_wiped(void **state)
{
    dbc__fork_guard guard;
    int status = -1;

    (void)state;
    dbc__fork_guard_init(&guard);
    dbc__fork_guard_dispose(&guard);
    assert_null(guard.page);

    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(dbc__fork_guard_is_child(&guard) ? 0 : 1);
    assert_int_equal(child, waitpid(child, &status, 0));

    assert_int_equal(0, WEXITSTATUS(status));
    assert_false(dbc__fork_guard_is_child(&guard));
}

// ---------------------------------------------------------------- interrupt

static void stops_what_runs(void **state)
{
    mock_session session;
    dbc_stmt *stmt = NULL;

    (void)state;
    session_open(&session, NULL);
    session_expect_rows(&session, NULL, 3);
    dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT n"));
    assert_int_equal(DBC_ROW, dbc_stmt_step(stmt));
    dbc_interrupt(session.conn);

    ASSERT_RC(DBC_EINTERRUPTED, dbc_stmt_step(stmt), session.conn);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void *interrupt_until_closed(void *ud)
{
    dbc_conn *conn = ud;

    while (atomic_load(&conn->interruptible) != NULL)
        dbc_interrupt(conn);
    dbc_conn_release(conn);
    return NULL;
}

static void may_be_interrupted_while_it_closes(void **state)
{
    (void)state;
    for (int i = 0; i < 200; i++) {
        dbc_open_options options = {.driver = dbc_driver_mock()};
        dbc_conn *conn = NULL;
        pthread_t thread;
        assert_int_equal(DBC_OK, dbc_open(&conn, "mock", &options, NULL));
        dbc_conn_retain(conn);
        assert_int_equal(
            0, pthread_create(&thread, NULL, interrupt_until_closed, conn));

        dbc_exec(conn, SQL("SELECT 1"));
        dbc_close(conn);
        pthread_join(thread, NULL);
    }
}

// ------------------------------------------------------------------ timeouts

static void sets_no_deadline_unless_there_is_a_limit(void **state)
{
    mock_session session;

    (void)state;
    session_spy(&session);
    dbc_exec(session.conn, SQL("SELECT 1"));
    assert_int_equal(0, spy()->set_deadlines);

    dbc_conn_set_timeout(session.conn, 60000);
    dbc_exec(session.conn, SQL("SELECT 1"));
    assert_int_equal(1, spy()->set_deadlines);
    assert_true(spy()->deadline_ns > 0);

    dbc_conn_set_timeout(session.conn, 0);
    dbc_exec(session.conn, SQL("SELECT 1"));
    assert_int_equal(2, spy()->set_deadlines);
    assert_int_equal(0, spy()->deadline_ns);
    session_close(&session);
}

static void fails_when_the_time_ran_out(void **state)
{
    mock_session session;
    dbc_stmt *stmt = NULL;

    (void)state;
    session_spy(&session);
    spy()->expire = 1;
    dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT 1"));
    dbc_conn_set_timeout(session.conn, 60000);

    ASSERT_RC(DBC_ETIMEOUT, dbc_exec(session.conn, SQL("SELECT 1")),
              session.conn);
    ASSERT_RC(DBC_ETIMEOUT, dbc_stmt_step(stmt), session.conn);
    ASSERT_RC(DBC_ETIMEOUT, dbc_stmt_run(stmt, NULL, 0, NULL), session.conn);
    dbc_conn_set_timeout(session.conn, -1);
    ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, NULL, 0, NULL), session.conn);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void prepares_under_no_deadline_of_an_earlier_statement(void **state)
{
    mock_session session;
    dbc_stmt *stmt = NULL;

    (void)state;
    session_spy(&session);
    dbc_conn_set_timeout(session.conn, 60000);
    dbc_exec(session.conn, SQL("SELECT 1"));
    assert_true(spy()->deadline_ns > 0);
    dbc_conn_set_timeout(session.conn, 0);

    dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT 2"));

    assert_int_equal(0, spy()->deadline_ns);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void gives_each_statement_its_own_deadline(void **state)
{
    mock_session session;
    dbc_stmt *outer = NULL;
    dbc_stmt *inner = NULL;

    (void)state;
    session_spy(&session);
    session_expect_rows(&session, "SELECT o", 2);
    session_expect_rows(&session, "SELECT i", 2);
    dbc_stmt_acquire(&outer, session.conn, SQL("SELECT o"));
    dbc_stmt_acquire(&inner, session.conn, SQL("SELECT i"));
    dbc_conn_set_timeout(session.conn, 50000);
    assert_int_equal(DBC_ROW, dbc_stmt_step(outer));
    int64_t first = spy()->deadline_ns;
    dbc_conn_set_timeout(session.conn, 90000);
    assert_int_equal(DBC_ROW, dbc_stmt_step(inner));
    assert_true(spy()->deadline_ns > first);

    assert_int_equal(DBC_ROW, dbc_stmt_step(outer));

    assert_int_equal(first, spy()->deadline_ns);
    dbc_stmt_release(outer);
    dbc_stmt_release(inner);
    session_close(&session);
}

// ------------------------------------------------------------ observing, stats

typedef struct seen {
    int count;
    dbc_event event; // the last
    char sql[64];
} seen;

static void remember(void *ud, const dbc_event *event)
{
    seen *seen_so_far = ud;

    seen_so_far->count++;
    seen_so_far->event = *event;
    assert_true(event->len < sizeof seen_so_far->sql);
    memcpy(seen_so_far->sql, event->sql, event->len);
    seen_so_far->sql[event->len] = '\0';
}

static void open_observed(mock_session *session, seen *all)
{
    *all = (seen){0};
    session_open(session, NULL);
    dbc_conn_observe(session->conn, remember, all);
}

static void shows_every_run_to_the_observer(void **state)
{
    mock_session session;
    seen all;
    dbc_stmt *stmt = NULL;

    (void)state;
    open_observed(&session, &all);
    session_expect_rows(&session, "SELECT n", 2);
    dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT n"));
    while (dbc_stmt_step(stmt) == DBC_ROW)
        continue;

    assert_int_equal(1, all.count);
    assert_string_equal("SELECT n", all.sql);
    assert_int_equal(2, all.event.rows);
    assert_int_equal(DBC_DONE, all.event.status);
    assert_true(all.event.nanoseconds > 0);
    uint64_t shape = all.event.shape;

    all.event.nanoseconds = 0;
    dbc_stmt_run(stmt, NULL, 0, NULL);
    assert_int_equal(2, all.count);
    assert_true(all.event.nanoseconds > 0);
    assert_true(all.event.shape == shape);

    session_expect_rows(&session, "SELECT n", 2);
    dbc_stmt_step(stmt);
    dbc_stmt_release(stmt);
    assert_int_equal(3, all.count);
    assert_int_equal(1, all.event.rows);
    assert_int_equal(DBC_ROW, all.event.status);

    session_expect_error(&session, "bad", DBC_EIO, NULL);
    dbc_exec(session.conn, SQL("bad"));
    assert_int_equal(4, all.count);
    assert_int_equal(DBC_EIO, all.event.status);
    assert_string_equal("bad", all.sql);

    dbc_conn_observe(session.conn, NULL, NULL);
    dbc_exec(session.conn, SQL("SELECT 1"));
    assert_int_equal(4, all.count);
    session_close(&session);
}

static void shows_of_each_run_its_own_time(void **state)
{
    const int64_t hour = INT64_C(3600000000000);
    mock_session session;
    seen all;
    dbc_stmt *stmt = NULL;

    (void)state;
    open_observed(&session, &all);
    dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT 1"));
    stmt->engine_ns = hour;
    dbc_stmt_step(stmt);
    assert_true(all.event.nanoseconds > hour);
    dbc_stmt_step(stmt);
    assert_true(all.event.nanoseconds < hour);

    stmt->engine_ns = hour;
    dbc_stmt_run(stmt, NULL, 0, NULL);
    dbc_stmt_run(stmt, NULL, 0, NULL);
    assert_true(all.event.nanoseconds < hour);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static int64_t step_through(dbc_stmt *stmt)
{
    int64_t rows = 0;

    while (dbc_stmt_step(stmt) == DBC_ROW)
        rows++;
    return rows;
}

static void shows_of_each_run_its_own_rows(void **state)
{
    mock_session session;
    seen all;
    dbc_stmt *stmt = NULL;

    (void)state;
    open_observed(&session, &all);
    session_expect_rows(&session, NULL, 3);
    session_expect_rows(&session, NULL, 2);
    dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT n"));

    assert_int_equal(3, step_through(stmt));
    assert_int_equal(3, all.event.rows);
    assert_int_equal(2, step_through(stmt));
    assert_int_equal(2, all.event.rows);
    dbc_stmt_run(stmt, NULL, 0, NULL);
    assert_int_equal(0, all.event.rows);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void counts_the_time_of_binding(void **state)
{
    const dbc_value value = dbc_value_int(1);
    mock_session session;
    seen all;
    dbc_stmt *stmt = NULL;

    (void)state;
    open_observed(&session, &all);
    dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT $1"));
    dbc_stmt_bind(stmt, &value, 1);

    assert_true(stmt->engine_ns > 0);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void refuses_a_nul_in_a_text_that_is_run_whole(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);

    ASSERT_RC(DBC_EINVALID, dbc_exec(session.conn, SQL("DELETE\0x")),
              session.conn);
    assert_int_equal(6, dbc_conn_error(session.conn)->offset);
    assert_int_equal(0, dbc_mock_log_count(session.mock));
    ASSERT_RC(DBC_OK, dbc_exec(session.conn, SQL("")), session.conn);
    ASSERT_RC(DBC_OK, dbc_exec(session.conn, SQL(" ; -- x")), session.conn);
    session_close(&session);
}

static void counts_prepared_statements_for_a_driver_that_does_not(void **state)
{
    dbc_driver driver = *dbc_driver_mock();
    dbc_open_options options = {.driver = &driver};
    mock_session session;
    dbc_stats stats;
    dbc_stmt *stmt = NULL;

    (void)state;
    driver.prepared = NULL;
    session_open(&session, &options);
    dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT 1"));
    dbc_stmt_release(stmt);
    dbc_conn_stats(session.conn, &stats);

    assert_int_equal(1, stats.prepared);
    session_close(&session);
}

static void counts_what_it_does(void **state)
{
    mock_session session;
    dbc_stats stats;
    dbc_stmt *stmt = NULL;
    dbc_txn txn;

    (void)state;
    session_open(&session, NULL);
    session_expect_rows(&session, "SELECT n", 3);
    dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT n"));
    while (dbc_stmt_step(stmt) == DBC_ROW)
        continue;
    dbc_stmt_release(stmt);
    dbc_exec(session.conn, SQL("DELETE"));
    dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT n"));
    dbc_stmt_run(stmt, NULL, 0, NULL);
    dbc_txn_begin(&txn, session.conn, DBC_TXN_DEFAULT);

    dbc_conn_stats(session.conn, &stats);

    assert_int_equal(4, stats.statements); // BEGIN, too
    assert_int_equal(3, stats.rows);
    assert_int_equal(5, stats.prepared); // COMMIT and ROLLBACK, too
    assert_int_equal(1, stats.text_hits);
    assert_int_equal(4, stats.text_misses);
    assert_int_equal(1, stats.live_statements);
    assert_int_equal(1, stats.transaction_depth);
    assert_int_equal(0, stats.nanoseconds);
    dbc_stmt_release(stmt);
    session_close(&session);
}

// -------------------------------------------------------------------- memory

static int live_a_whole_life(void *ud, const dbc_alloc *alloc)
{
    dbc_error err = DBC_ERROR_INIT;
    mock_task task;
    int rc = mock_start(&task, alloc, &err);

    (void)ud;
    if (rc < 0) {
        assert_int_equal(rc, err.code);
        goto cleanup;
    }
    rc = dbc_exec(task.conn,
                  SQL("CREATE TABLE t (a); INSERT INTO t VALUES (1)"));
    if (rc < 0) assert_int_equal(rc, dbc_conn_error(task.conn)->code);

cleanup:
    mock_stop(&task);
    return rc;
}

static void survives_every_failing_allocation(void **state)
{
    (void)state;
    FAULT_WALK(live_a_whole_life, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in_the_defaults_for_production),
        cmocka_unit_test(keeps_what_was_asked_for),
        cmocka_unit_test(tells_why_it_cannot_open),
        cmocka_unit_test(ends_live_statements_when_it_closes),
        cmocka_unit_test(stays_in_memory_until_the_last_statement_is_released),
        cmocka_unit_test(may_be_closed_twice),
        cmocka_unit_test(closes_with_its_last_reference),
        cmocka_unit_test(rolls_back_what_is_open_when_it_closes),
        cmocka_unit_test(answers_closed_to_everything_afterwards),
        cmocka_unit_test(ends_the_halls_store_before_the_driver),
        cmocka_unit_test(lets_the_child_of_a_fork_only_close),
        cmocka_unit_test(knows_the_child_by_its_number_where_no_page_is_wiped),
        cmocka_unit_test(stops_what_runs),
        cmocka_unit_test(may_be_interrupted_while_it_closes),
        cmocka_unit_test(sets_no_deadline_unless_there_is_a_limit),
        cmocka_unit_test(fails_when_the_time_ran_out),
        cmocka_unit_test(prepares_under_no_deadline_of_an_earlier_statement),
        cmocka_unit_test(gives_each_statement_its_own_deadline),
        cmocka_unit_test(shows_every_run_to_the_observer),
        cmocka_unit_test(shows_of_each_run_its_own_time),
        cmocka_unit_test(shows_of_each_run_its_own_rows),
        cmocka_unit_test(counts_the_time_of_binding),
        cmocka_unit_test(refuses_a_nul_in_a_text_that_is_run_whole),
        cmocka_unit_test(counts_what_it_does),
        cmocka_unit_test(counts_prepared_statements_for_a_driver_that_does_not),
        cmocka_unit_test(survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
