#include "txn.h"

#include "session.h"
#include "spy.h"

static dbc_txn begin(mock_session *session, dbc_txn_mode mode)
{
    dbc_txn txn;

    ASSERT_RC(DBC_OK, dbc_txn_begin(&txn, session->conn, mode), session->conn);
    assert_true(dbc_txn_is_open(&txn));
    return txn;
}

static void assert_error(mock_session *session, const char *message)
{
    assert_string_equal(message, dbc_conn_error(session->conn)->message);
}

static int exec(mock_session *session, const char *sql)
{
    return dbc_exec(session->conn, sql, strlen(sql));
}

// ------------------------------------------------------------------ well-being

static void begins_and_commits(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_txn txn = begin(&session, DBC_TXN_DEFAULT);
    assert_int_equal(1, dbc_conn_depth(session.conn));
    exec(&session, "INSERT INTO t VALUES (1)");

    ASSERT_RC(DBC_OK, dbc_txn_commit(&txn), session.conn);

    session_assert_log(&session, "BEGIN IMMEDIATE", "INSERT INTO t VALUES (1)",
                       "COMMIT", NULL);
    assert_false(dbc_txn_is_open(&txn));
    assert_int_equal(0, dbc_conn_depth(session.conn));
    session_close(&session);
}

static void begins_in_the_mode_that_is_asked_for(void **state)
{
    const dbc_txn_mode modes[] = {DBC_TXN_DEFERRED, DBC_TXN_IMMEDIATE,
                                  DBC_TXN_EXCLUSIVE, DBC_TXN_READ};
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    for (size_t i = 0; i < COUNT(modes); i++) {
        dbc_txn txn = begin(&session, modes[i]);
        ASSERT_RC(DBC_OK, dbc_txn_rollback(&txn), session.conn);
    }

    session_assert_log(&session, "BEGIN DEFERRED", "ROLLBACK",
                       "BEGIN IMMEDIATE", "ROLLBACK", "BEGIN EXCLUSIVE",
                       "ROLLBACK", "BEGIN READ", "ROLLBACK", NULL);
    session_close(&session);
}

static void nests_by_savepoints(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_txn outer = begin(&session, DBC_TXN_DEFAULT);
    dbc_txn kept = begin(&session, DBC_TXN_DEFAULT);
    ASSERT_RC(DBC_OK, dbc_txn_commit(&kept), session.conn);
    dbc_txn dropped = begin(&session, DBC_TXN_DEFAULT);
    dbc_txn deepest = begin(&session, DBC_TXN_DEFAULT);
    assert_int_equal(3, dbc_conn_depth(session.conn));
    ASSERT_RC(DBC_OK, dbc_txn_commit(&deepest), session.conn);
    ASSERT_RC(DBC_OK, dbc_txn_rollback(&dropped), session.conn);
    assert_true(dbc_txn_is_open(&outer));
    ASSERT_RC(DBC_OK, dbc_txn_commit(&outer), session.conn);

    session_assert_log(
        &session, "BEGIN IMMEDIATE", "SAVEPOINT dbcore_2", "RELEASE dbcore_2",
        "SAVEPOINT dbcore_2", "SAVEPOINT dbcore_3", "RELEASE dbcore_3",
        "ROLLBACK TO dbcore_2", "RELEASE dbcore_2", "COMMIT", NULL);
    session_close(&session);
}

static void nests_as_deep_as_anybody_likes(void **state)
{
    mock_session session;
    dbc_txn txns[100];

    (void)state;
    session_open(&session, NULL);
    for (size_t i = 0; i < COUNT(txns); i++)
        txns[i] = begin(&session, DBC_TXN_DEFAULT);
    assert_int_equal(100, dbc_conn_depth(session.conn));
    for (size_t i = 0; i < COUNT(txns); i++)
        assert_true(dbc_txn_is_open(&txns[i]));
    for (size_t i = COUNT(txns); i-- > 0;)
        ASSERT_RC(DBC_OK, dbc_txn_commit(&txns[i]), session.conn);

    assert_int_equal(0, dbc_conn_depth(session.conn));
    session_close(&session);
}

static void prepares_none_of_its_statements_twice(void **state)
{
    mock_session session;

    (void)state;
    session_spy(&session);
    for (int i = 0; i < 5; i++) {
        dbc_txn outer = begin(&session, DBC_TXN_DEFAULT);
        dbc_txn inner = begin(&session, DBC_TXN_DEFAULT);
        dbc_txn_commit(&inner);
        dbc_txn_commit(&outer);
    }

    // BEGIN, COMMIT, ROLLBACK, and the three about the savepoint.
    assert_int_equal(6, spy()->prepares);
    session_close(&session);
}

// ------------------------------------------------------------------- handles

static void refuses_a_handle_that_is_over(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_txn old = begin(&session, DBC_TXN_DEFAULT);
    dbc_txn copy = old;
    dbc_txn_commit(&old);
    dbc_txn fresh = begin(&session, DBC_TXN_DEFAULT);

    assert_false(dbc_txn_is_open(&old));
    assert_false(dbc_txn_is_open(&copy));
    ASSERT_RC(DBC_ECLOSED, dbc_txn_commit(&old), session.conn);
    assert_error(&session, "the transaction is over");
    ASSERT_RC(DBC_ECLOSED, dbc_txn_commit(&copy), session.conn);
    ASSERT_RC(DBC_OK, dbc_txn_rollback(&copy), session.conn);
    assert_true(dbc_txn_is_open(&fresh));
    ASSERT_RC(DBC_OK, dbc_txn_commit(&fresh), session.conn);
    session_close(&session);
}

static void takes_a_handle_of_zeros_for_one_that_is_over(void **state)
{
    dbc_txn txn = {0};

    (void)state;
    assert_false(dbc_txn_is_open(&txn));
    assert_int_equal(DBC_ECLOSED, dbc_txn_commit(&txn));
    assert_int_equal(DBC_OK, dbc_txn_rollback(&txn));
}

static void commits_no_outer_one_over_an_inner_one(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_txn outer = begin(&session, DBC_TXN_DEFAULT);
    dbc_txn inner = begin(&session, DBC_TXN_DEFAULT);

    ASSERT_RC(DBC_EINVALID, dbc_txn_commit(&outer), session.conn);
    assert_error(&session, "an inner transaction is still open: end it first");
    assert_true(dbc_txn_is_open(&outer));
    assert_true(dbc_txn_is_open(&inner));
    dbc_txn_rollback(&inner);
    ASSERT_RC(DBC_OK, dbc_txn_commit(&outer), session.conn);
    session_close(&session);
}

static void rolls_back_inner_ones_with_an_outer_one(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_txn outer = begin(&session, DBC_TXN_DEFAULT);
    dbc_txn middle = begin(&session, DBC_TXN_DEFAULT);
    dbc_txn inner = begin(&session, DBC_TXN_DEFAULT);

    ASSERT_RC(DBC_OK, dbc_txn_rollback(&middle), session.conn);
    assert_false(dbc_txn_is_open(&inner));
    assert_int_equal(1, dbc_conn_depth(session.conn));
    ASSERT_RC(DBC_ECLOSED, dbc_txn_commit(&inner), session.conn);
    ASSERT_RC(DBC_OK, dbc_txn_rollback(&outer), session.conn);
    assert_int_equal(0, dbc_conn_depth(session.conn));
    session_close(&session);
}

// ------------------------------------------------------------------- reading

static void refuses_writes_while_it_only_reads(void **state)
{
    mock_session session;
    dbc_stmt *stmt = NULL;

    (void)state;
    session_open(&session, NULL);
    dbc_stmt_acquire(&stmt, session.conn, SQL("DELETE FROM t"));
    dbc_txn txn = begin(&session, DBC_TXN_READ);
    const char *why =
        "this transaction only reads: begin it in another mode to write";

    ASSERT_RC(DBC_EREADONLY, dbc_stmt_step(stmt), session.conn);
    assert_error(&session, why);
    ASSERT_RC(DBC_EREADONLY, dbc_stmt_run(stmt, NULL, 0, NULL), session.conn);
    ASSERT_RC(DBC_EREADONLY, dbc_stmt_bind(stmt, NULL, 0), session.conn);
    ASSERT_RC(DBC_EREADONLY, exec(&session, "SELECT 1; DELETE FROM t"),
              session.conn);
    assert_error(&session, why);
    ASSERT_RC(DBC_OK, exec(&session, "SELECT 2"), session.conn);
    session_assert_log(&session, "BEGIN READ", "SELECT 1", "SELECT 2", NULL);

    ASSERT_RC(DBC_OK, dbc_txn_commit(&txn), session.conn);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void goes_on_reading_only_inside_one_that_reads(void **state)
{
    mock_session session;
    dbc_txn txn;

    (void)state;
    session_open(&session, NULL);
    dbc_txn outer = begin(&session, DBC_TXN_READ);
    dbc_txn inner = begin(&session, DBC_TXN_DEFAULT);

    ASSERT_RC(DBC_EREADONLY, exec(&session, "DELETE FROM t"), session.conn);
    ASSERT_RC(DBC_EREADONLY,
              dbc_txn_begin(&txn, session.conn, DBC_TXN_IMMEDIATE),
              session.conn);
    assert_false(dbc_txn_is_open(&txn));
    dbc_txn_commit(&inner);
    ASSERT_RC(DBC_EREADONLY, exec(&session, "DELETE FROM t"), session.conn);
    dbc_txn_rollback(&outer);
    ASSERT_RC(DBC_OK, exec(&session, "DELETE FROM t"), session.conn);
    session_close(&session);
}

static void may_write_again_after_an_inner_one_that_read(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_txn outer = begin(&session, DBC_TXN_DEFAULT);
    dbc_txn inner = begin(&session, DBC_TXN_READ);

    ASSERT_RC(DBC_EREADONLY, exec(&session, "DELETE FROM t"), session.conn);
    dbc_txn_rollback(&inner);
    ASSERT_RC(DBC_OK, exec(&session, "DELETE FROM t"), session.conn);
    dbc_txn_commit(&outer);
    session_close(&session);
}

static void reads_by_default_on_a_connection_that_only_reads(void **state)
{
    dbc_open_options options = {.flags = DBC_OPEN_READONLY};
    mock_session session;

    (void)state;
    session_open(&session, &options);
    dbc_txn txn = begin(&session, DBC_TXN_DEFAULT);

    session_assert_log(&session, "BEGIN READ", NULL);
    ASSERT_RC(DBC_EREADONLY, exec(&session, "DELETE FROM t"), session.conn);
    dbc_txn_commit(&txn);
    session_close(&session);
}

// -------------------------------------------------------------------- raw SQL

static void notices_that_raw_sql_ended_it(void **state)
{
    const char *ends[] = {"COMMIT", "ROLLBACK", "end", "SELECT 1; ROLLBACK",
                          "COMMIT; BEGIN; COMMIT"};

    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        mock_session session;
        session_open(&session, NULL);
        dbc_txn outer = begin(&session, DBC_TXN_DEFAULT);
        dbc_txn inner = begin(&session, DBC_TXN_DEFAULT);

        ASSERT_RC(DBC_OK, exec(&session, ends[i]), session.conn);

        assert_int_equal(0, dbc_conn_depth(session.conn));
        assert_false(dbc_txn_is_open(&inner));
        ASSERT_RC(DBC_ECLOSED, dbc_txn_commit(&outer), session.conn);
        session_close(&session);
    }
}

static void is_not_taken_over_by_one_that_raw_sql_began_in_its_place(
    void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_txn txn = begin(&session, DBC_TXN_DEFAULT);
    ASSERT_RC(DBC_OK, exec(&session, "COMMIT; BEGIN"), session.conn);

    assert_false(dbc_txn_is_open(&txn));
    ASSERT_RC(DBC_ECLOSED, dbc_txn_commit(&txn), session.conn);
    ASSERT_RC(DBC_OK, exec(&session, "COMMIT"), session.conn);
    session_close(&session);
}

static void notices_that_a_statement_ended_it(void **state)
{
    mock_session session;
    dbc_stmt *stmt = NULL;

    (void)state;
    session_open(&session, NULL);
    dbc_stmt_acquire(&stmt, session.conn, SQL("ROLLBACK"));
    dbc_txn txn = begin(&session, DBC_TXN_DEFAULT);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    assert_false(dbc_txn_is_open(&txn));

    txn = begin(&session, DBC_TXN_DEFAULT);
    ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, NULL, 0, NULL), session.conn);
    assert_false(dbc_txn_is_open(&txn));
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void refuses_to_begin_inside_one_of_raw_sql(void **state)
{
    mock_session session;
    dbc_txn txn;

    (void)state;
    session_open(&session, NULL);
    exec(&session, "BEGIN");

    ASSERT_RC(DBC_EINVALID, dbc_txn_begin(&txn, session.conn, DBC_TXN_DEFAULT),
              session.conn);
    assert_error(&session, "a transaction that was begun with plain SQL is "
                           "open: end it with COMMIT or ROLLBACK first");
    assert_false(dbc_txn_is_open(&txn));
    exec(&session, "COMMIT");
    txn = begin(&session, DBC_TXN_DEFAULT);
    dbc_txn_commit(&txn);
    session_close(&session);
}

static void says_where_in_a_long_text_the_mistake_is(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_txn txn = begin(&session, DBC_TXN_DEFAULT);

    ASSERT_RC(DBC_EINVALID, exec(&session, "SELECT 1; SELECT $1"),
              session.conn);
    ASSERT_RC(DBC_ESYNTAX, exec(&session, "SELECT 2; SELECT 'x"), session.conn);
    assert_int_equal(17, dbc_conn_error(session.conn)->offset);
    assert_true(dbc_txn_is_open(&txn));
    session_assert_log(&session, "BEGIN IMMEDIATE", "SELECT 1", "SELECT 2",
                       NULL);
    dbc_txn_rollback(&txn);
    session_close(&session);
}

// ------------------------------------------------------------------- failures

static void is_over_when_it_cannot_begin(void **state)
{
    mock_session session;
    dbc_txn txn;

    (void)state;
    session_open(&session, NULL);
    session_expect_error(&session, "BEGIN IMMEDIATE", DBC_EBUSY, "locked");

    ASSERT_RC(DBC_EBUSY, dbc_txn_begin(&txn, session.conn, DBC_TXN_DEFAULT),
              session.conn);
    assert_error(&session, "locked");
    assert_false(dbc_txn_is_open(&txn));
    assert_int_equal(0, dbc_conn_depth(session.conn));
    assert_int_equal(DBC_OK, dbc_txn_rollback(&txn));
    txn = begin(&session, DBC_TXN_DEFAULT);
    dbc_txn_commit(&txn);
    session_close(&session);
}

static void can_be_committed_again_when_it_was_busy(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_error(&session, "COMMIT", DBC_EBUSY, "locked");
    dbc_txn txn = begin(&session, DBC_TXN_DEFAULT);

    ASSERT_RC(DBC_EBUSY, dbc_txn_commit(&txn), session.conn);
    assert_true(dbc_txn_is_open(&txn));
    assert_int_equal(0, dbc_conn_error(session.conn)->rolled_back);
    ASSERT_RC(DBC_OK, dbc_txn_commit(&txn), session.conn);
    session_assert_log(&session, "BEGIN IMMEDIATE", "COMMIT", "COMMIT", NULL);
    session_close(&session);
}

static void stays_open_when_a_deferred_constraint_fails(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_error(&session, "COMMIT", DBC_EFOREIGNKEY, "no such author");
    dbc_txn txn = begin(&session, DBC_TXN_DEFAULT);

    ASSERT_RC(DBC_EFOREIGNKEY, dbc_txn_commit(&txn), session.conn);
    assert_true(dbc_txn_is_open(&txn));
    ASSERT_RC(DBC_OK, dbc_txn_rollback(&txn), session.conn);
    assert_int_equal(DBC_EFOREIGNKEY, dbc_conn_error(session.conn)->code);
    session_close(&session);
}

// Queues a failure after which the transaction is gone.
static void expect_ruin(mock_session *session, const char *sql, int code)
{
    dbc_mock_answer answer = {
        .code = code, .ends_transaction = 1, .message = "gone"};

    assert_int_equal(DBC_OK, dbc_mock_expect(session->mock, sql, &answer));
}

static void says_that_a_failure_rolled_it_back(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    expect_ruin(&session, "INSERT", DBC_EFULL);
    dbc_txn outer = begin(&session, DBC_TXN_DEFAULT);
    dbc_txn inner = begin(&session, DBC_TXN_DEFAULT);

    ASSERT_RC(DBC_EFULL, exec(&session, "INSERT"), session.conn);

    assert_int_equal(1, dbc_conn_error(session.conn)->rolled_back);
    assert_int_equal(0, dbc_conn_depth(session.conn));
    assert_int_equal(DBC_OK, dbc_txn_rollback(&inner));
    assert_int_equal(DBC_OK, dbc_txn_rollback(&outer));
    assert_int_equal(1, dbc_conn_error(session.conn)->rolled_back);
    assert_int_equal(DBC_EFULL, dbc_conn_error(session.conn)->code);
    session_assert_log(&session, "BEGIN IMMEDIATE", "SAVEPOINT dbcore_2",
                       "INSERT", NULL);
    session_close(&session);
}

static void lets_nothing_stand_alone_that_was_meant_for_a_lost_one(void **state)
{
    mock_session session;
    dbc_stmt *stmt = NULL;
    dbc_txn another;

    (void)state;
    session_open(&session, NULL);
    expect_ruin(&session, "INSERT", DBC_EFULL);
    ASSERT_RC(DBC_OK, dbc_stmt_acquire(&stmt, session.conn, SQL("UPDATE")),
              session.conn);
    dbc_txn outer = begin(&session, DBC_TXN_DEFAULT);
    dbc_txn inner = begin(&session, DBC_TXN_DEFAULT);
    ASSERT_RC(DBC_EFULL, exec(&session, "INSERT"), session.conn);
    assert_int_equal(DBC_OK, dbc_txn_rollback(&inner));

    ASSERT_RC(DBC_ECLOSED, exec(&session, "DELETE"), session.conn);
    assert_int_equal(1, dbc_conn_error(session.conn)->rolled_back);
    ASSERT_RC(DBC_ECLOSED, dbc_stmt_run(stmt, NULL, 0, NULL), session.conn);
    ASSERT_RC(DBC_ECLOSED, dbc_stmt_step(stmt), session.conn);
    ASSERT_RC(DBC_ECLOSED,
              dbc_txn_begin(&another, session.conn, DBC_TXN_DEFAULT),
              session.conn);

    assert_int_equal(DBC_OK, dbc_txn_rollback(&outer));
    ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, NULL, 0, NULL), session.conn);
    ASSERT_RC(DBC_OK, exec(&session, "DELETE"), session.conn);
    dbc_stmt_release(stmt);
    session_assert_log(&session, "BEGIN IMMEDIATE", "SAVEPOINT dbcore_2",
                       "INSERT", "UPDATE", "DELETE", NULL);
    session_close(&session);
}

static void says_that_a_failure_rolled_back_one_of_raw_sql(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    expect_ruin(&session, "INSERT", DBC_EFULL);
    exec(&session, "BEGIN");

    ASSERT_RC(DBC_EFULL, exec(&session, "INSERT"), session.conn);
    assert_int_equal(1, dbc_conn_error(session.conn)->rolled_back);
    session_close(&session);
}

static void does_not_claim_to_know_an_unknown_outcome(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    expect_ruin(&session, "COMMIT", DBC_EUNKNOWN);
    dbc_txn txn = begin(&session, DBC_TXN_DEFAULT);

    ASSERT_RC(DBC_EUNKNOWN, dbc_txn_commit(&txn), session.conn);
    assert_false(dbc_txn_is_open(&txn));
    assert_int_equal(0, dbc_conn_error(session.conn)->rolled_back);
    session_close(&session);
}

static void is_not_committed_again_after_the_disk_failed(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_error(&session, "COMMIT", DBC_EIO, "fsync failed");
    dbc_txn txn = begin(&session, DBC_TXN_DEFAULT);

    ASSERT_RC(DBC_EIO, dbc_txn_commit(&txn), session.conn);
    assert_error(&session, "fsync failed");
    assert_int_equal(1, dbc_conn_error(session.conn)->rolled_back);
    ASSERT_RC(DBC_ECLOSED, dbc_txn_commit(&txn), session.conn);
    session_assert_log(&session, "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", NULL);
    ASSERT_RC(DBC_EBROKEN, exec(&session, "SELECT 1"), session.conn);
    assert_error(&session, "a commit could not be written to the disk: close "
                           "the connection and open it again");
    session_close(&session);
}

static void breaks_the_connection_when_the_engine_rolled_back_a_lost_commit(
    void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    expect_ruin(&session, "COMMIT", DBC_EIO);
    dbc_txn txn = begin(&session, DBC_TXN_DEFAULT);

    ASSERT_RC(DBC_EIO, dbc_txn_commit(&txn), session.conn);
    assert_int_equal(1, dbc_conn_error(session.conn)->rolled_back);
    ASSERT_RC(DBC_EBROKEN, dbc_txn_begin(&txn, session.conn, DBC_TXN_DEFAULT),
              session.conn);
    session_assert_log(&session, "BEGIN IMMEDIATE", "COMMIT", NULL);
    session_close(&session);
}

static void keeps_the_cause_readable_while_it_rolls_back(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_error(&session, "INSERT", DBC_EUNIQUE, "the first cause");
    session_expect_error(&session, "ROLLBACK", DBC_ENOMEM, "out of memory");
    dbc_txn txn = begin(&session, DBC_TXN_DEFAULT);
    exec(&session, "INSERT");

    ASSERT_RC(DBC_OK, dbc_txn_rollback(&txn), session.conn);
    assert_error(&session, "the first cause");
    session_close(&session);
}

static void rolls_back_although_it_was_interrupted(void **state)
{
    mock_session session;
    dbc_stmt *stmt = NULL;

    (void)state;
    session_open(&session, NULL);
    session_expect_rows(&session, "SELECT n", 3);
    dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT n"));
    dbc_txn txn = begin(&session, DBC_TXN_DEFAULT);
    assert_int_equal(DBC_ROW, dbc_stmt_step(stmt));
    dbc_interrupt(session.conn);

    ASSERT_RC(DBC_OK, dbc_txn_rollback(&txn), session.conn);

    assert_int_equal(DBC_NULL, dbc_stmt_row(stmt)[0].type);
    ASSERT_RC(DBC_EINTERRUPTED, dbc_stmt_step(stmt), session.conn);
    assert_error(&session,
                 "a rollback stopped the statement before its last row");
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    session_close(&session);
}

// Rolls back under a statement that runs: the first try meets an interrupt.
static dbc_stmt *stop_by_rollback(mock_session *session, dbc_stmt *idle)
{
    dbc_stmt *stmt = NULL;

    session_expect_rows(session, "SELECT n", 3);
    dbc_stmt_acquire(&stmt, session->conn, SQL("SELECT n"));
    dbc_txn txn = begin(session, DBC_TXN_DEFAULT);
    assert_int_equal(DBC_ROW, dbc_stmt_step(stmt));
    dbc_interrupt(session->conn);
    ASSERT_RC(DBC_OK, dbc_txn_rollback(&txn), session->conn);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(idle), session->conn);
    return stmt;
}

static void stops_by_a_rollback_only_the_run_that_there_was(void **state)
{
    mock_session session;
    dbc_stmt *idle = NULL;
    dbc_stmt *stmt = NULL;

    (void)state;
    session_open(&session, NULL);
    dbc_stmt_acquire(&idle, session.conn, SQL("SELECT 1"));

    stmt = stop_by_rollback(&session, idle);
    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, NULL, 0), session.conn);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    stmt = stop_by_rollback(&session, idle);
    ASSERT_RC(DBC_OK, dbc_stmt_reset(stmt), session.conn);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    stmt = stop_by_rollback(&session, idle);
    ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, NULL, 0, NULL), session.conn);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    dbc_stmt_release(stop_by_rollback(&session, idle));
    dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT n"));
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    dbc_stmt_release(idle);
    session_close(&session);
}

static void rolls_back_although_the_time_ran_out(void **state)
{
    mock_session session;

    (void)state;
    session_spy(&session);
    dbc_txn outer = begin(&session, DBC_TXN_DEFAULT);
    dbc_txn inner = begin(&session, DBC_TXN_DEFAULT);
    spy()->expire = 1;
    dbc_conn_set_timeout(session.conn, 60000);
    ASSERT_RC(DBC_ETIMEOUT, exec(&session, "INSERT"), session.conn);
    ASSERT_RC(DBC_ETIMEOUT, dbc_txn_commit(&inner), session.conn);

    ASSERT_RC(DBC_OK, dbc_txn_rollback(&inner), session.conn);
    ASSERT_RC(DBC_OK, dbc_txn_rollback(&outer), session.conn);
    ASSERT_RC(DBC_ETIMEOUT, exec(&session, "INSERT"), session.conn);
    session_close(&session);
}

static void breaks_the_connection_when_it_cannot_roll_back(void **state)
{
    mock_session session;
    dbc_stmt *stmt = NULL;

    (void)state;
    session_spy(&session);
    dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT 1"));
    session_expect_error(&session, "ROLLBACK", DBC_EIO, "the first try");
    session_expect_error(&session, "ROLLBACK", DBC_EIO, "the second try");
    dbc_txn txn = begin(&session, DBC_TXN_DEFAULT);

    ASSERT_RC(DBC_EBROKEN, dbc_txn_rollback(&txn), session.conn);
    assert_error(&session, "the rollback failed (the second try): close the "
                           "connection");
    assert_false(dbc_txn_is_open(&txn));
    ASSERT_RC(DBC_EBROKEN, exec(&session, "SELECT 1"), session.conn);
    ASSERT_RC(DBC_EBROKEN, dbc_stmt_step(stmt), session.conn);
    ASSERT_RC(DBC_EBROKEN, dbc_stmt_run(stmt, NULL, 0, NULL), session.conn);
    ASSERT_RC(DBC_EBROKEN, dbc_txn_begin(&txn, session.conn, DBC_TXN_DEFAULT),
              session.conn);
    dbc_stmt_release(stmt);
    assert_true(dbc_conn_is_open(session.conn));
    session_close(&session);
    assert_int_equal(1, spy()->closes);
}

static void says_when_the_engine_gave_up_the_whole(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    expect_ruin(&session, "ROLLBACK TO dbcore_2", DBC_EIO);
    dbc_txn outer = begin(&session, DBC_TXN_DEFAULT);
    dbc_txn inner = begin(&session, DBC_TXN_DEFAULT);

    ASSERT_RC(DBC_EIO, dbc_txn_rollback(&inner), session.conn);
    assert_int_equal(1, dbc_conn_error(session.conn)->rolled_back);
    assert_int_equal(DBC_OK, dbc_txn_rollback(&outer));
    ASSERT_RC(DBC_ECLOSED, dbc_txn_commit(&outer), session.conn);
    session_close(&session);
}

// --------------------------------------------------------------------- memory

// Nested so deep that the list of open handles has to grow.
static int begin_and_commit(void *ud, const dbc_alloc *alloc)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_txn txns[10] = {{0}};
    mock_task task;
    int rc = mock_start(&task, alloc, &err);
    dbc_conn *conn = task.conn;
    int depth = 0;

    (void)ud;
    if (rc < 0) goto cleanup;
    while (rc >= 0 && depth < 10)
        rc = dbc_txn_begin(&txns[depth++], conn, 0);
    while (rc >= 0 && depth > 2)
        rc = dbc_txn_commit(&txns[--depth]);
    if (rc >= 0) rc = dbc_txn_rollback(&txns[1]);
    if (rc >= 0) rc = dbc_txn_commit(&txns[0]);
    if (rc == DBC_ENOMEM) {
        // The mock keeps a log, so without memory it may refuse even this.
        int undone = dbc_txn_rollback(&txns[0]);
        assert_true(undone == DBC_OK || undone == DBC_EBROKEN);
        assert_false(dbc_txn_is_open(&txns[0]));
        assert_int_equal(0, dbc_conn_depth(conn));
    }
    if (rc == DBC_EBROKEN) rc = DBC_ENOMEM;

cleanup:
    mock_stop(&task);
    return rc;
}

static void survives_every_failing_allocation(void **state)
{
    (void)state;
    FAULT_WALK(begin_and_commit, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_and_commits),
        cmocka_unit_test(begins_in_the_mode_that_is_asked_for),
        cmocka_unit_test(nests_by_savepoints),
        cmocka_unit_test(nests_as_deep_as_anybody_likes),
        cmocka_unit_test(prepares_none_of_its_statements_twice),
        cmocka_unit_test(refuses_a_handle_that_is_over),
        cmocka_unit_test(takes_a_handle_of_zeros_for_one_that_is_over),
        cmocka_unit_test(commits_no_outer_one_over_an_inner_one),
        cmocka_unit_test(rolls_back_inner_ones_with_an_outer_one),
        cmocka_unit_test(refuses_writes_while_it_only_reads),
        cmocka_unit_test(goes_on_reading_only_inside_one_that_reads),
        cmocka_unit_test(may_write_again_after_an_inner_one_that_read),
        cmocka_unit_test(reads_by_default_on_a_connection_that_only_reads),
        cmocka_unit_test(notices_that_raw_sql_ended_it),
        cmocka_unit_test(
            is_not_taken_over_by_one_that_raw_sql_began_in_its_place),
        cmocka_unit_test(notices_that_a_statement_ended_it),
        cmocka_unit_test(refuses_to_begin_inside_one_of_raw_sql),
        cmocka_unit_test(says_where_in_a_long_text_the_mistake_is),
        cmocka_unit_test(is_over_when_it_cannot_begin),
        cmocka_unit_test(can_be_committed_again_when_it_was_busy),
        cmocka_unit_test(stays_open_when_a_deferred_constraint_fails),
        cmocka_unit_test(says_that_a_failure_rolled_it_back),
        cmocka_unit_test(
            lets_nothing_stand_alone_that_was_meant_for_a_lost_one),
        cmocka_unit_test(says_that_a_failure_rolled_back_one_of_raw_sql),
        cmocka_unit_test(does_not_claim_to_know_an_unknown_outcome),
        cmocka_unit_test(is_not_committed_again_after_the_disk_failed),
        cmocka_unit_test(
            breaks_the_connection_when_the_engine_rolled_back_a_lost_commit),
        cmocka_unit_test(keeps_the_cause_readable_while_it_rolls_back),
        cmocka_unit_test(rolls_back_although_it_was_interrupted),
        cmocka_unit_test(stops_by_a_rollback_only_the_run_that_there_was),
        cmocka_unit_test(rolls_back_although_the_time_ran_out),
        cmocka_unit_test(breaks_the_connection_when_it_cannot_roll_back),
        cmocka_unit_test(says_when_the_engine_gave_up_the_whole),
        cmocka_unit_test(survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
