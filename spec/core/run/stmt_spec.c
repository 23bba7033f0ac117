#include "stmt.h"

#include <stdlib.h>

#include "session.h"
#include "spy.h"

// Acquiring `sql` fails with DBC_EINVALID and this message at this byte.
static void assert_refused(const char *message, int64_t offset, const char *sql,
                           size_t len)
{
    mock_session session;
    dbc_stmt *stmt = NULL;

    session_open(&session, NULL);
    int rc = dbc_stmt_acquire(&stmt, session.conn, sql, len);
    ASSERT_RC(DBC_EINVALID, rc, session.conn);

    assert_null(stmt);
    assert_string_equal(message, dbc_conn_error(session.conn)->message);
    assert_int_equal(offset, dbc_conn_error(session.conn)->offset);
    session_close(&session);
}

// ------------------------------------------------------------------ preparing

static void refuses_text_without_a_statement(void **state)
{
    (void)state;
    assert_refused("the SQL text is empty", -1, SQL(""));
    assert_refused("the SQL text is empty", -1, SQL(" -- nothing\n"));
    assert_refused("the SQL text is empty", -1, SQL(";"));
}

static void refuses_text_behind_the_first_statement(void **state)
{
    (void)state;
    assert_refused("the SQL text goes on behind its first statement, at byte "
                   "10: \"DROP TABLE t\"; give one statement at a time",
                   10, SQL("SELECT 1; DROP TABLE t"));
    assert_refused("the SQL text goes on behind its first statement, at byte "
                   "17: \"x\"; give one statement at a time",
                   17, SQL("SELECT 1; /*/ */ x"));
}

static void refuses_a_nul_in_the_text(void **state)
{
    (void)state;
    assert_refused("the SQL text holds a NUL at byte 8: bind such a value", 8,
                   SQL("SELECT 1\0; DROP TABLE t"));
}

static void allows_blanks_and_comments_behind_the_statement(void **state)
{
    const char *texts[] = {
        "SELECT 1;",           "SELECT 1; ; \t\n",  "SELECT 1; -- to the end",
        "SELECT 1; /* ; x */", "SELECT 1; /* open", "SELECT 1; -- x\n -- y\n;",
        "SELECT 1; /**/",
    };
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    for (size_t i = 0; i < COUNT(texts); i++)
        dbc_stmt_release(ACQUIRE(session.conn, texts[i]));
    session_close(&session);
}

static void passes_on_what_the_engine_says_about_the_text(void **state)
{
    mock_session session;
    dbc_stmt *stmt = NULL;

    (void)state;
    session_open(&session, NULL);
    int rc = dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT 'open"));

    ASSERT_RC(DBC_ESYNTAX, rc, session.conn);
    assert_string_equal("the quote at byte 7 is never closed",
                        dbc_conn_error(session.conn)->message);
    session_close(&session);
}

static void knows_its_text_and_shape(void **state)
{
    mock_session session;
    size_t len = 0;

    (void)state;
    session_open(&session, NULL);
    session_expect_rows(&session, NULL, 1);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT n WHERE a = $1 OR b = $2");

    assert_string_equal("SELECT n WHERE a = $1 OR b = $2",
                        dbc_stmt_sql(stmt, &len));
    assert_int_equal(31, len);
    assert_int_equal(2, dbc_stmt_parameter_count(stmt));
    assert_int_equal(1, dbc_stmt_column_count(stmt));
    assert_string_equal("n", dbc_stmt_column_name(stmt, 0));
    assert_true(dbc_stmt_readonly(stmt));
    assert_ptr_equal(session.conn, dbc_stmt_conn(stmt));
    assert_null(dbc_stmt_layout(stmt));
    dbc_stmt_release(stmt);

    stmt = ACQUIRE(session.conn, "DELETE FROM t");
    assert_false(dbc_stmt_readonly(stmt));
    dbc_stmt_release(stmt);
    session_close(&session);
}

// -------------------------------------------------------------------- binding

static void binds_every_kind_of_value(void **state)
{
    const dbc_value items[] = {dbc_value_int(1), dbc_value_text("two", 3)};
    const dbc_value values[] = {
        dbc_value_null(),          dbc_value_int(-7),
        dbc_value_real(0.5),       dbc_value_text("a\0b", 3),
        dbc_value_blob("\xff", 1), dbc_value_bool(7),
        dbc_value_list(items, 2),
    };
    const dbc_value *logged = NULL;
    mock_session session;
    size_t count = 0;

    (void)state;
    session_open(&session, NULL);
    dbc_stmt *stmt = ACQUIRE(session.conn, "INSERT $1 $2 $3 $4 $5 $6 $7");
    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, values, 7), session.conn);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    dbc_mock_log(session.mock, 0, &logged, &count, NULL);

    assert_int_equal(7, count);
    assert_int_equal(DBC_NULL, logged[0].type);
    assert_int_equal(-7, logged[1].as.i);
    assert_true(logged[2].as.r == 0.5);
    assert_int_equal(3, logged[3].len);
    assert_memory_equal("a\0b", logged[3].as.text, 3);
    assert_int_equal(DBC_BLOB, logged[4].type);
    assert_int_equal(DBC_BOOL, logged[5].type);
    assert_int_equal(1, logged[5].as.i);
    assert_int_equal(2, logged[6].len);
    assert_string_equal("two", logged[6].as.list[1].as.text);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void wants_one_value_for_each_placeholder(void **state)
{
    const dbc_value values[] = {dbc_value_int(1), dbc_value_int(2)};
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT $1");

    ASSERT_RC(DBC_EINVALID, dbc_stmt_bind(stmt, values, 2), session.conn);
    assert_string_equal("the SQL text has 1 placeholder, but 2 values are "
                        "given: bind one value for each",
                        dbc_conn_error(session.conn)->message);
    ASSERT_RC(DBC_EINVALID, dbc_stmt_run(stmt, values, 0, NULL), session.conn);
    ASSERT_RC(DBC_EINVALID, dbc_stmt_step(stmt), session.conn);
    assert_string_equal("the SQL text has 1 placeholder, but nothing is "
                        "bound: bind one value for each",
                        dbc_conn_error(session.conn)->message);
    assert_int_equal(0, dbc_mock_log_count(session.mock));
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void forgets_what_was_bound_when_it_is_released(void **state)
{
    char *text = malloc(4);
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT $1");
    memcpy(text, "gone", 4);
    dbc_value value = dbc_value_text(text, 4);
    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, &value, 1), session.conn);
    dbc_stmt_release(stmt);
    free(text);

    stmt = ACQUIRE(session.conn, "SELECT $1");
    ASSERT_RC(DBC_EINVALID, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void keeps_what_is_bound_over_a_reset(void **state)
{
    dbc_value value = dbc_value_int(5);
    const dbc_value *logged = NULL;
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT $1");
    dbc_stmt_bind(stmt, &value, 1);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    ASSERT_RC(DBC_OK, dbc_stmt_reset(stmt), session.conn);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);

    dbc_mock_log(session.mock, 1, &logged, NULL, NULL);
    assert_int_equal(5, logged[0].as.i);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void must_be_bound_again_after_a_bind_that_failed(void **state)
{
    dbc_mock_answer refusal = {.stage = DBC_MOCK_BIND, .code = DBC_ELIMIT};
    dbc_value value = dbc_value_int(5);
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT $1");
    dbc_stmt_bind(stmt, &value, 1);
    dbc_mock_expect(session.mock, NULL, &refusal);

    ASSERT_RC(DBC_ELIMIT, dbc_stmt_bind(stmt, &value, 1), session.conn);
    ASSERT_RC(DBC_EINVALID, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void starts_anew_when_it_is_bound_while_it_runs(void **state)
{
    dbc_value value = dbc_value_int(5);
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_rows(&session, NULL, 3);
    session_expect_rows(&session, NULL, 3);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT $1");
    dbc_stmt_bind(stmt, &value, 1);
    dbc_stmt_step(stmt);
    dbc_stmt_step(stmt);
    assert_int_equal(2, dbc_stmt_int(stmt, 0));

    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, &value, 1), session.conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);

    assert_int_equal(1, dbc_stmt_int(stmt, 0));
    dbc_stmt_release(stmt);
    session_close(&session);
}

// ------------------------------------------------------------------- stepping

static void gives_row_after_row_and_then_starts_anew(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_rows(&session, NULL, 2);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT n");

    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(DBC_INT, dbc_stmt_row(stmt)[0].type);
    assert_int_equal(1, dbc_stmt_int(stmt, 0));
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(2, dbc_stmt_int(stmt, 0));
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);

    session_assert_log(&session, "SELECT n", "SELECT n", NULL);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void reads_no_integer_from_other_values(void **state)
{
    const char *columns[] = {"a", "b"};
    const dbc_value values[] = {dbc_value_text("12", 2), dbc_value_null()};
    dbc_mock_answer answer = {.columns = columns,
                              .column_count = 2,
                              .values = values,
                              .row_count = 1};
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_mock_expect(session.mock, NULL, &answer);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT a, b");
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);

    assert_int_equal(0, dbc_stmt_int(stmt, 0));
    assert_int_equal(0, dbc_stmt_int(stmt, 1));
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void is_reset_as_soon_as_it_ends(void **state)
{
    mock_session session;

    (void)state;
    session_spy(&session);
    session_expect_rows(&session, NULL, 2);
    session_expect_error(&session, NULL, DBC_EIO, "the disk is gone");
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT n");

    while (dbc_stmt_step(stmt) == DBC_ROW)
        assert_int_equal(0, spy()->resets);
    assert_int_equal(1, spy()->resets);
    ASSERT_RC(DBC_EIO, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(2, spy()->resets);
    assert_string_equal("the disk is gone",
                        dbc_conn_error(session.conn)->message);
    dbc_stmt_release(stmt);
    assert_int_equal(2, spy()->resets);
    session_close(&session);
}

static void is_reset_when_it_is_released_early(void **state)
{
    mock_session session;

    (void)state;
    session_spy(&session);
    session_expect_rows(&session, NULL, 2);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT n");
    dbc_stmt_step(stmt);
    dbc_stmt_release(stmt);

    assert_int_equal(1, spy()->resets);
    assert_int_equal(0, spy()->finalizes);
    session_close(&session);
}

static void calls_the_driver_once_for_each_step(void **state)
{
    dbc_value value = dbc_value_int(1);
    mock_session session;

    (void)state;
    session_spy(&session);
    session_expect_rows(&session, NULL, 3);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT $1");
    session.memory.calls = 0;
    long logged = session.memory.live_blocks;
    dbc_stmt_bind(stmt, &value, 1);
    while (dbc_stmt_step(stmt) == DBC_ROW)
        continue;
    dbc_stmt_release(stmt);
    stmt = ACQUIRE(session.conn, "SELECT $1");

    assert_int_equal(1, spy()->prepares);
    assert_int_equal(1, spy()->binds);
    assert_int_equal(4, spy()->steps);
    assert_int_equal(1, spy()->resets);
    // The log of the mock is all that was allocated: its array and one entry.
    assert_int_equal(2, session.memory.calls);
    assert_int_equal(logged + 2, session.memory.live_blocks);
    dbc_stmt_release(stmt);
    session_close(&session);
}

// ------------------------------------------------------------ changed schemas

// Answers one row of `count` integer columns named c, from 10.
static void expect_wide_row(mock_session *session, size_t count)
{
    const char *columns[8];
    dbc_value values[8];
    dbc_mock_answer answer = {.columns = columns,
                              .column_count = count,
                              .values = values,
                              .row_count = 1};

    for (size_t i = 0; i < count; i++) {
        columns[i] = "c";
        values[i] = dbc_value_int((int64_t)(10 + i));
    }
    assert_int_equal(DBC_OK, dbc_mock_expect(session->mock, NULL, &answer));
}

static void follows_a_changed_number_of_columns(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    expect_wide_row(&session, 2);
    expect_wide_row(&session, 5);
    expect_wide_row(&session, 1);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT *");
    assert_int_equal(2, dbc_stmt_column_count(stmt));
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(11, dbc_stmt_int(stmt, 1));
    dbc_stmt_step(stmt);

    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(5, dbc_stmt_column_count(stmt));
    assert_int_equal(14, dbc_stmt_int(stmt, 4));
    dbc_stmt_step(stmt);

    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(1, dbc_stmt_column_count(stmt));
    assert_int_equal(10, dbc_stmt_int(stmt, 0));
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void can_be_stepped_again_when_there_was_no_room_for_the_row(
    void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    expect_wide_row(&session, 1);
    expect_wide_row(&session, 8);
    expect_wide_row(&session, 8);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT *");
    while (dbc_stmt_step(stmt) == DBC_ROW)
        continue;
    fault_arm(&session.memory, 2, FAULT_ONCE); // the first is the log's
    ASSERT_RC(DBC_ENOMEM, dbc_stmt_step(stmt), session.conn);
    assert_string_equal("out of memory", dbc_conn_error(session.conn)->message);

    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(17, dbc_stmt_int(stmt, 7));
    dbc_stmt_release(stmt);
    session_close(&session);
}

// -------------------------------------------------------------------- running

static void runs_to_the_end_in_one_call(void **state)
{
    dbc_mock_answer answer = {.changes = 3, .last_rowid = 42};
    const dbc_value *logged = NULL;
    dbc_value value = dbc_value_int(9);
    mock_session session;
    int64_t changes = -1;

    (void)state;
    session_spy(&session);
    dbc_mock_expect(session.mock, NULL, &answer);
    dbc_stmt *stmt = ACQUIRE(session.conn, "UPDATE t SET a = $1");

    ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, &value, 1, &changes), session.conn);

    assert_int_equal(3, changes);
    assert_int_equal(3, dbc_conn_changes(session.conn));
    assert_int_equal(42, dbc_conn_last_rowid(session.conn));
    dbc_mock_log(session.mock, 0, &logged, NULL, NULL);
    assert_int_equal(9, logged[0].as.i);
    assert_int_equal(0, spy()->binds + spy()->steps + spy()->resets);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void does_not_step_over_values_that_were_bound_for_a_run(void **state)
{
    dbc_value value = dbc_value_int(9);
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT $1");
    dbc_stmt_run(stmt, &value, 1, NULL);

    ASSERT_RC(DBC_EINVALID, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void drops_the_rows_of_a_run(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_rows(&session, NULL, 3);
    session_expect_rows(&session, NULL, 2);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT n");
    dbc_stmt_step(stmt);

    ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, NULL, 0, NULL), session.conn);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void leaves_the_error_of_a_run_on_the_connection(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_error(&session, NULL, DBC_EUNIQUE, "there is one already");
    dbc_stmt *stmt = ACQUIRE(session.conn, "INSERT INTO t VALUES (1)");

    ASSERT_RC(DBC_EUNIQUE, dbc_stmt_run(stmt, NULL, 0, NULL), session.conn);
    assert_string_equal("there is one already",
                        dbc_conn_error(session.conn)->message);
    assert_int_equal(0, dbc_conn_error(session.conn)->rolled_back);
    ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, NULL, 0, NULL), session.conn);
    dbc_stmt_release(stmt);
    session_close(&session);
}

// -------------------------------------------------------------------- lending

static int taken_back;

static void count_and_free(void *home, dbc_stmt *stmt)
{
    taken_back += *(int *)home;
    dbc__stmt_free(stmt);
}

static void goes_back_to_the_home_it_was_lent_from(void **state)
{
    static const dbc__stmt_home home = {count_and_free, NULL, NULL};
    mock_session session;
    dbc_stmt *stmt = NULL;
    int weight = 7;

    (void)state;
    session_open(&session, NULL);
    int rc = dbc__stmt_prepare(&stmt, session.conn, SQL("SELECT 1"), 0);
    ASSERT_RC(DBC_OK, rc, session.conn);
    assert_null(session.conn->live);
    dbc__stmt_lend(stmt, &home, &weight);
    assert_ptr_equal(stmt, session.conn->live);
    taken_back = 0;
    dbc_stmt_release(stmt);

    assert_int_equal(7, taken_back);
    assert_null(session.conn->live);
    session_close(&session);
}

static void does_not_look_for_its_home_after_the_connection_closed(void **state)
{
    static const dbc__stmt_home home = {count_and_free, NULL, NULL};
    mock_session session;
    dbc_stmt *stmt = NULL;

    (void)state;
    session_open(&session, NULL);
    dbc__stmt_prepare(&stmt, session.conn, SQL("SELECT 1"), 0);
    dbc__stmt_lend(stmt, &home, NULL);
    taken_back = 0;
    dbc_close(session.conn);
    dbc_stmt_release(stmt);

    assert_int_equal(0, taken_back);
    dbc_mock_free(session.mock);
    assert_int_equal(0, session.memory.live_blocks);
}

static void frees_the_scratch_of_its_maker(void **state)
{
    mock_session session;
    dbc_stmt *stmt = NULL;

    (void)state;
    session_open(&session, NULL);
    dbc__stmt_prepare(&stmt, session.conn, SQL("SELECT 1"), 0);
    stmt->scratch = session.memory.alloc.resize(&session.memory, NULL, 0, 40);
    stmt->scratch_size = 40;
    dbc__stmt_free(stmt);
    dbc__stmt_free(NULL);

    session_close(&session);
}

static void may_be_released_in_any_order(void **state)
{
    mock_session session;
    dbc_stmt *stmts[4];

    (void)state;
    session_open(&session, NULL);
    for (size_t i = 0; i < COUNT(stmts); i++)
        stmts[i] = ACQUIRE(session.conn, "SELECT 1");
    dbc_stmt_release(stmts[2]);
    dbc_stmt_release(stmts[0]);
    dbc_stmt_release(NULL);
    assert_ptr_equal(stmts[3], session.conn->live);
    assert_ptr_equal(stmts[1], stmts[3]->next);
    assert_null(stmts[1]->next);
    stmts[0] = ACQUIRE(session.conn, "SELECT 1");
    stmts[2] = ACQUIRE(session.conn, "SELECT 1");
    assert_null(stmts[2]->previous);
    dbc_stmt_release(stmts[3]);
    dbc_stmt_release(stmts[2]);
    dbc_stmt_release(stmts[1]);
    dbc_stmt_release(stmts[0]);

    assert_null(session.conn->live);
    session_close(&session);
}

// --------------------------------------------------------------------- memory

static int use_statements(void *ud, const dbc_alloc *alloc)
{
    const dbc_value value = dbc_value_text("x", 1);
    dbc_error err = DBC_ERROR_INIT;
    dbc_stmt *stmt = NULL;
    mock_task task;
    int rc = mock_start(&task, alloc, &err);
    dbc_conn *conn = task.conn;

    (void)ud;
    if (rc < 0) goto cleanup;
    for (int i = 0; i < 3; i++) {
        rc = dbc_stmt_acquire(&stmt, conn, SQL("INSERT INTO t VALUES ($1)"));
        if (rc < 0) goto cleanup;
        rc = dbc_stmt_bind(stmt, &value, 1);
        if (rc < 0) goto cleanup;
        rc = dbc_stmt_step(stmt);
        if (rc < 0) goto cleanup;
        rc = dbc_stmt_run(stmt, &value, 1, NULL);
        if (rc < 0) goto cleanup;
        dbc_stmt_release(stmt);
        stmt = NULL;
    }

cleanup:
    if (rc < 0 && conn != NULL)
        assert_int_equal(rc, dbc_conn_error(conn)->code);
    dbc_stmt_release(stmt);
    mock_stop(&task);
    return rc;
}

static void survives_every_failing_allocation(void **state)
{
    (void)state;
    FAULT_WALK(use_statements, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_text_without_a_statement),
        cmocka_unit_test(refuses_text_behind_the_first_statement),
        cmocka_unit_test(refuses_a_nul_in_the_text),
        cmocka_unit_test(allows_blanks_and_comments_behind_the_statement),
        cmocka_unit_test(passes_on_what_the_engine_says_about_the_text),
        cmocka_unit_test(knows_its_text_and_shape),
        cmocka_unit_test(binds_every_kind_of_value),
        cmocka_unit_test(wants_one_value_for_each_placeholder),
        cmocka_unit_test(forgets_what_was_bound_when_it_is_released),
        cmocka_unit_test(keeps_what_is_bound_over_a_reset),
        cmocka_unit_test(must_be_bound_again_after_a_bind_that_failed),
        cmocka_unit_test(starts_anew_when_it_is_bound_while_it_runs),
        cmocka_unit_test(gives_row_after_row_and_then_starts_anew),
        cmocka_unit_test(reads_no_integer_from_other_values),
        cmocka_unit_test(is_reset_as_soon_as_it_ends),
        cmocka_unit_test(is_reset_when_it_is_released_early),
        cmocka_unit_test(calls_the_driver_once_for_each_step),
        cmocka_unit_test(follows_a_changed_number_of_columns),
        cmocka_unit_test(
            can_be_stepped_again_when_there_was_no_room_for_the_row),
        cmocka_unit_test(runs_to_the_end_in_one_call),
        cmocka_unit_test(does_not_step_over_values_that_were_bound_for_a_run),
        cmocka_unit_test(drops_the_rows_of_a_run),
        cmocka_unit_test(leaves_the_error_of_a_run_on_the_connection),
        cmocka_unit_test(goes_back_to_the_home_it_was_lent_from),
        cmocka_unit_test(
            does_not_look_for_its_home_after_the_connection_closed),
        cmocka_unit_test(frees_the_scratch_of_its_maker),
        cmocka_unit_test(may_be_released_in_any_order),
        cmocka_unit_test(survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
