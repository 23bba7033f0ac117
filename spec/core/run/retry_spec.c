#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "session.h"
#include "sqlite_session.h"

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// What a body is told to do, and how often it was called.
typedef struct script {
    const char *sql; // runs it when there is one
    int answer;      // returns it, when the SQL did not fail
    int calls;
    int depth; // the connection's, as the body saw it
    void (*also)(struct script *script, dbc_txn *txn); // does this, too
    const dbc_transaction_options *inner;              // of also_nests()
    dbc_conn *other;
} script;

static int body(void *ud, dbc_txn *txn)
{
    script *told = ud;

    told->calls++;
    told->depth = dbc_conn_depth(txn->conn);
    assert_true(dbc_txn_is_open(txn));
    if (told->sql != NULL) {
        int rc = dbc_exec(txn->conn, told->sql, strlen(told->sql));
        if (rc < 0) return rc;
    }
    if (told->also != NULL) told->also(told, txn);
    return told->answer;
}

static void assert_error(const mock_session *session, const char *message)
{
    assert_string_equal(message, dbc_conn_error(session->conn)->message);
}

// ----------------------------------------------------------------- well-being

static void commits_and_returns_what_the_body_returned(void **state)
{
    const int answers[] = {DBC_OK, DBC_ROW, DBC_DONE, 77};

    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        script told = {.sql = "INSERT", .answer = answers[i]};
        mock_session session;
        session_open(&session, NULL);

        ASSERT_RC(answers[i], dbc_transaction(session.conn, body, &told, NULL),
                  session.conn);

        session_assert_log(&session, "BEGIN IMMEDIATE", "INSERT", "COMMIT",
                           NULL);
        assert_int_equal(1, told.calls);
        assert_int_equal(0, dbc_conn_depth(session.conn));
        session_close(&session);
    }
}

static void begins_in_the_mode_that_is_asked_for(void **state)
{
    const dbc_transaction_options options = {.mode = DBC_TXN_READ};
    script told = {.sql = "SELECT 1"};
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    ASSERT_RC(DBC_OK, dbc_transaction(session.conn, body, &told, &options),
              session.conn);
    told.sql = "INSERT";
    ASSERT_RC(DBC_EREADONLY,
              dbc_transaction(session.conn, body, &told, &options),
              session.conn);

    session_assert_log(&session, "BEGIN READ", "SELECT 1", "COMMIT",
                       "BEGIN READ", "ROLLBACK", NULL);
    session_close(&session);
}

static void rolls_back_and_passes_the_error_on(void **state)
{
    script told = {.sql = "INSERT"};
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_error(&session, "INSERT", DBC_EUNIQUE, "twice");

    ASSERT_RC(DBC_EUNIQUE, dbc_transaction(session.conn, body, &told, NULL),
              session.conn);

    assert_error(&session, "twice");
    assert_int_equal(1, told.calls);
    session_assert_log(&session, "BEGIN IMMEDIATE", "INSERT", "ROLLBACK", NULL);
    session_close(&session);
}

static void says_that_the_body_failed_when_that_left_no_error(void **state)
{
    script told = {.answer = DBC_ENOTFOUND};
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_error(&session, "earlier", DBC_EIO, "an old error");
    dbc_exec(session.conn, SQL("earlier"));

    ASSERT_RC(DBC_ENOTFOUND, dbc_transaction(session.conn, body, &told, NULL),
              session.conn);
    assert_error(&session,
                 "the body of the transaction failed: there is no such row");
    assert_int_equal(DBC_ENOTFOUND, dbc_conn_error(session.conn)->code);
    told.answer = -1000;
    ASSERT_RC(-1000, dbc_transaction(session.conn, body, &told, NULL),
              session.conn);
    assert_int_equal(-1000, dbc_conn_error(session.conn)->code);
    session_close(&session);
}

// -------------------------------------------------------------- other ways out

static void ends_it(script *told, dbc_txn *txn)
{
    (void)told;
    ASSERT_RC(DBC_OK, dbc_txn_rollback(txn), txn->conn);
}

static void refuses_one_that_its_body_ended(void **state)
{
    script told = {.also = ends_it};
    mock_session session;

    (void)state;
    session_open(&session, NULL);

    ASSERT_RC(DBC_ECLOSED, dbc_transaction(session.conn, body, &told, NULL),
              session.conn);
    assert_error(&session, "the transaction was ended inside its body: it ends "
                           "by what the body returns");
    told.answer = DBC_ENOTFOUND;
    ASSERT_RC(DBC_ENOTFOUND, dbc_transaction(session.conn, body, &told, NULL),
              session.conn);
    session_close(&session);
}

static void swallows_a_full_disk(script *told, dbc_txn *txn)
{
    (void)told;
    ASSERT_RC(DBC_EFULL, dbc_exec(txn->conn, SQL("UPDATE")), txn->conn);
}

static void tells_a_body_that_overlooked_that_all_was_rolled_back(void **state)
{
    dbc_mock_answer full = {.code = DBC_EFULL,
                            .message = "the disk is full",
                            .ends_transaction = 1};
    script told = {.also = swallows_a_full_disk};
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_mock_expect(session.mock, "UPDATE", &full);

    ASSERT_RC(DBC_ECLOSED, dbc_transaction(session.conn, body, &told, NULL),
              session.conn);

    assert_error(&session,
                 "the body returned as if all were well, but an error had "
                 "rolled the transaction back: the disk is full");
    assert_int_equal(1, dbc_conn_error(session.conn)->rolled_back);
    session_close(&session);
}

static void leaves_one_open(script *told, dbc_txn *txn)
{
    dbc_txn inner;

    (void)told;
    ASSERT_RC(DBC_OK, dbc_txn_begin(&inner, txn->conn, DBC_TXN_DEFAULT),
              txn->conn);
}

static void keeps_nothing_when_an_inner_one_was_left_open(void **state)
{
    script told = {.also = leaves_one_open};
    mock_session session;

    (void)state;
    session_open(&session, NULL);

    ASSERT_RC(DBC_EINVALID, dbc_transaction(session.conn, body, &told, NULL),
              session.conn);

    assert_error(&session, "an inner transaction is still open: end it first");
    assert_int_equal(0, dbc_conn_depth(session.conn));
    session_assert_log(&session, "BEGIN IMMEDIATE", "SAVEPOINT dbcore_2",
                       "ROLLBACK", NULL);
    session_close(&session);
}

static void shuts(script *told, dbc_txn *txn)
{
    told->answer = DBC_ENOTFOUND;
    dbc_close(txn->conn);
}

static void outlives_a_body_that_closes_the_connection(void **state)
{
    script told = {.also = shuts};
    mock_session session;

    (void)state;
    session_open(&session, NULL);

    assert_int_equal(DBC_ENOTFOUND,
                     dbc_transaction(session.conn, body, &told, NULL));
    session.conn = NULL;
    session_close(&session);
}

static void keeps_the_first_error_when_the_rollback_fails(void **state)
{
    script told = {.sql = "INSERT"};
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_error(&session, "INSERT", DBC_EUNIQUE, "twice");
    session_expect_error(&session, "ROLLBACK", DBC_EIO, "no");
    session_expect_error(&session, "ROLLBACK", DBC_EIO, "no");

    ASSERT_RC(DBC_EUNIQUE, dbc_transaction(session.conn, body, &told, NULL),
              session.conn);
    assert_error(&session, "twice");
    ASSERT_RC(DBC_EBROKEN, dbc_transaction(session.conn, body, &told, NULL),
              session.conn);
    assert_int_equal(1, told.calls);
    session_close(&session);
}

// ----------------------------------------------------------------------- busy

static void starts_again_when_it_is_busy(void **state)
{
    const char *places[] = {"BEGIN IMMEDIATE", "INSERT"};
    const int calls[] = {1, 3};

    (void)state;
    for (size_t i = 0; i < COUNT(places); i++) {
        script told = {.sql = "INSERT"};
        mock_session session;
        session_open(&session, NULL);
        session_expect_error(&session, places[i], DBC_EBUSY, "locked");
        session_expect_error(&session, places[i], DBC_EBUSY, "locked");

        ASSERT_RC(DBC_OK, dbc_transaction(session.conn, body, &told, NULL),
                  session.conn);

        assert_int_equal(calls[i], told.calls);
        assert_int_equal(0, dbc_mock_pending(session.mock));
        session_close(&session);
    }
}

static void tries_a_busy_commit_again_alone(void **state)
{
    script told = {.sql = "INSERT"};
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_error(&session, "COMMIT", DBC_EBUSY, "locked");
    session_expect_error(&session, "COMMIT", DBC_EBUSY, "locked");

    ASSERT_RC(DBC_OK, dbc_transaction(session.conn, body, &told, NULL),
              session.conn);

    session_assert_log(&session, "BEGIN IMMEDIATE", "INSERT", "COMMIT",
                       "COMMIT", "COMMIT", NULL);
    assert_int_equal(1, told.calls);
    session_close(&session);
}

static void starts_again_when_a_busy_commit_ended_it(void **state)
{
    dbc_mock_answer gone = {
        .code = DBC_EBUSY, .message = "locked", .ends_transaction = 1};
    script told = {.sql = "INSERT"};
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_mock_expect(session.mock, "COMMIT", &gone);

    ASSERT_RC(DBC_OK, dbc_transaction(session.conn, body, &told, NULL),
              session.conn);

    session_assert_log(&session, "BEGIN IMMEDIATE", "INSERT", "COMMIT",
                       "BEGIN IMMEDIATE", "INSERT", "COMMIT", NULL);
    assert_int_equal(2, told.calls);
    session_close(&session);
}

static void is_tried_again_as_often_as_allowed(void **state)
{
    const dbc_transaction_options options[] = {
        {.retries = -1}, {.retries = 1}, {.retries = 3}, {.timeout_ms = -1}};
    const int calls[] = {1, 2, 4, 1};

    (void)state;
    for (size_t i = 0; i < COUNT(options); i++) {
        script told = {.answer = DBC_EBUSY};
        mock_session session;
        session_open(&session, NULL);

        ASSERT_RC(DBC_EBUSY,
                  dbc_transaction(session.conn, body, &told, &options[i]),
                  session.conn);

        assert_int_equal(calls[i], told.calls);
        session_close(&session);
    }
}

static void gives_up_at_its_deadline_with_the_last_error(void **state)
{
    const dbc_transaction_options options = {.timeout_ms = 60};
    script told = {.answer = DBC_EBUSY};
    mock_session session;
    int64_t started = now_ms();

    (void)state;
    session_open(&session, NULL);

    ASSERT_RC(DBC_EBUSY, dbc_transaction(session.conn, body, &told, &options),
              session.conn);

    // 2, 4, 8, 16, 32, … ms, of which between half and the whole is waited.
    assert_in_range(told.calls, 4, 8);
    assert_true(now_ms() - started >= 14);
    assert_error(&session, "the body of the transaction failed: another "
                           "connection holds the lock");
    session_close(&session);
}

static void starts_nothing_again_but_what_is_busy(void **state)
{
    const int codes[] = {DBC_EFULL, DBC_EIO, DBC_EINTERRUPTED, DBC_EUNKNOWN};

    (void)state;
    for (size_t i = 0; i < COUNT(codes); i++) {
        const char *places[] = {"BEGIN IMMEDIATE", "INSERT", "COMMIT"};
        for (size_t j = 0; j < COUNT(places); j++) {
            script told = {.sql = "INSERT"};
            mock_session session;
            session_open(&session, NULL);
            session_expect_error(&session, places[j], codes[i], "no");

            ASSERT_RC(codes[i],
                      dbc_transaction(session.conn, body, &told, NULL),
                      session.conn);

            assert_in_range(told.calls, 0, 1);
            assert_error(&session, "no");
            assert_int_equal(0, dbc_conn_depth(session.conn));
            session_close(&session);
        }
    }
}

// ---------------------------------------------------------------------- nested

static void nests(script *told, dbc_txn *txn)
{
    script inner = {.sql = "inner", .answer = DBC_OK};

    told->answer = dbc_transaction(txn->conn, body, &inner, told->inner);
    assert_int_equal(2, inner.depth);
    assert_int_equal(1, inner.calls);
    assert_true(dbc_txn_is_open(txn));
}

static void is_a_savepoint_inside_another_one(void **state)
{
    const dbc_transaction_options ignored = {.mode = DBC_TXN_EXCLUSIVE};
    script told = {.also = nests, .inner = &ignored};
    mock_session session;

    (void)state;
    session_open(&session, NULL);

    ASSERT_RC(DBC_OK, dbc_transaction(session.conn, body, &told, NULL),
              session.conn);

    session_assert_log(&session, "BEGIN IMMEDIATE", "SAVEPOINT dbcore_2",
                       "inner", "RELEASE dbcore_2", "COMMIT", NULL);
    session_close(&session);
}

static void leaves_it_to_the_outermost_one_to_start_again(void **state)
{
    script told = {.also = nests};
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_error(&session, "inner", DBC_EBUSY, "locked");

    ASSERT_RC(DBC_OK, dbc_transaction(session.conn, body, &told, NULL),
              session.conn);

    session_assert_log(&session, "BEGIN IMMEDIATE", "SAVEPOINT dbcore_2",
                       "inner", "ROLLBACK TO dbcore_2", "RELEASE dbcore_2",
                       "ROLLBACK", "BEGIN IMMEDIATE", "SAVEPOINT dbcore_2",
                       "inner", "RELEASE dbcore_2", "COMMIT", NULL);
    assert_int_equal(2, told.calls);
    session_close(&session);
}

// ----------------------------------------------------------------- interrupted

static void interrupts(script *told, dbc_txn *txn)
{
    dbc_interrupt(txn->conn);
    told->answer = DBC_EBUSY;
}

static void waits_no_more_once_it_was_interrupted(void **state)
{
    script told = {.also = interrupts};
    mock_session session;

    (void)state;
    session_open(&session, NULL);

    ASSERT_RC(DBC_EINTERRUPTED,
              dbc_transaction(session.conn, body, &told, NULL), session.conn);

    assert_error(&session, "the transaction was interrupted while it waited to "
                           "be tried again");
    assert_int_equal(1, told.calls);
    session_close(&session);
}

typedef struct stopper {
    dbc_conn *conn;
    atomic_int calls; // of the body
} stopper;

static int count_and_be_busy(void *ud, dbc_txn *txn)
{
    stopper *shared = ud;

    (void)txn;
    atomic_fetch_add(&shared->calls, 1);
    return DBC_EBUSY;
}

static void *interrupt_the_third_try(void *ud)
{
    stopper *shared = ud;

    while (atomic_load(&shared->calls) < 3)
        sched_yield();
    dbc_interrupt(shared->conn);
    return NULL;
}

static void is_interrupted_from_another_thread(void **state)
{
    mock_session session;
    stopper shared;
    pthread_t thread;

    (void)state;
    session_open(&session, NULL);
    shared.conn = session.conn;
    atomic_init(&shared.calls, 0);
    assert_int_equal(
        0, pthread_create(&thread, NULL, interrupt_the_third_try, &shared));

    int rc = dbc_transaction(session.conn, count_and_be_busy, &shared, NULL);
    pthread_join(thread, NULL);

    ASSERT_RC(DBC_EINTERRUPTED, rc, session.conn);
    assert_true(atomic_load(&shared.calls) >= 3);
    session_close(&session);
}

// --------------------------------------------------------------------- SQLite

// Reads first; another connection writes in between, but only once.
static void is_overtaken(script *told, dbc_txn *txn)
{
    assert_true(ASK_INT(txn->conn, "SELECT count(*) FROM t") >= 0);
    if (told->calls == 1) EXEC(told->other, "INSERT INTO t VALUES (1)");
    told->answer = dbc_exec(txn->conn, SQL("INSERT INTO t VALUES (2)"));
    if (told->calls > 1) return;
    assert_int_equal(DBC_EBUSY, told->answer);
    assert_int_equal(517, dbc_conn_error(txn->conn)->native);
}

static void starts_again_on_a_snapshot_that_is_out_of_date(void **state)
{
    const dbc_transaction_options options = {.mode = DBC_TXN_DEFERRED};
    script told = {.also = is_overtaken};
    sqlite_session session;

    (void)state;
    sqlite_session_open(&session, NULL, NULL);
    EXEC(session.conn, "CREATE TABLE t (a)");
    told.other = sqlite_session_connect(&session, NULL);

    ASSERT_RC(DBC_OK, dbc_transaction(session.conn, body, &told, &options),
              session.conn);

    assert_int_equal(2, told.calls);
    assert_int_equal(3, ASK_INT(session.conn, "SELECT sum(a) FROM t"));
    dbc_close(told.other);
    sqlite_session_close(&session);
}

enum { WRITERS = 4, TURNS = 50 };

typedef struct writer {
    dbc_conn *conn;
    int rc;
} writer;

static int add_one(void *ud, dbc_txn *txn)
{
    dbc_conn *conn = txn->conn;
    dbc_stmt *stmt = NULL;
    dbc_value sum;
    int rc;

    (void)ud;
    rc = dbc_stmt_acquire(&stmt, conn, SQL("SELECT a FROM t"));
    if (rc < 0) return rc;
    rc = dbc_stmt_step(stmt);
    sum = dbc_value_int(rc == DBC_ROW ? dbc_stmt_int(stmt, 0) + 1 : 0);
    dbc_stmt_release(stmt);
    if (rc < 0) return rc;

    rc = dbc_stmt_acquire(&stmt, conn, SQL("UPDATE t SET a = ?"));
    if (rc < 0) return rc;
    rc = dbc_stmt_run(stmt, &sum, 1, NULL);
    dbc_stmt_release(stmt);
    return rc;
}

// Reads, then writes, in the mode in which that is refused without waiting.
static void *add_many(void *ud)
{
    const dbc_transaction_options options = {.mode = DBC_TXN_DEFERRED,
                                             .timeout_ms = 60000};
    writer *self = ud;

    for (int i = 0; i < TURNS && self->rc == DBC_OK; i++)
        self->rc = dbc_transaction(self->conn, add_one, NULL, &options);
    return NULL;
}

static void loses_no_update_when_many_write(void **state)
{
    const dbc_open_options impatient = {.busy_timeout_ms = -1};
    sqlite_session session;
    writer writers[WRITERS];
    pthread_t threads[WRITERS];

    (void)state;
    sqlite_session_open(&session, NULL, NULL);
    EXEC(session.conn, "CREATE TABLE t (a); INSERT INTO t VALUES (0)");
    for (int i = 0; i < WRITERS; i++)
        writers[i] =
            (writer){sqlite_session_connect(&session, &impatient), DBC_OK};
    for (int i = 0; i < WRITERS; i++)
        assert_int_equal(
            0, pthread_create(&threads[i], NULL, add_many, &writers[i]));
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);

    for (int i = 0; i < WRITERS; i++) {
        ASSERT_RC(DBC_OK, writers[i].rc, writers[i].conn);
        dbc_close(writers[i].conn);
    }
    assert_int_equal(WRITERS * TURNS, ASK_INT(session.conn, "SELECT a FROM t"));
    sqlite_session_close(&session);
}

static void leaves_a_deferred_violation_typed_and_rolled_back(void **state)
{
    script told = {.sql = "INSERT INTO c VALUES (9)"};
    sqlite_session session;

    (void)state;
    sqlite_session_open(&session, NULL, NULL);
    EXEC(session.conn, "CREATE TABLE t (a INTEGER PRIMARY KEY);"
                       "CREATE TABLE c (a REFERENCES t DEFERRABLE INITIALLY "
                       "DEFERRED)");

    ASSERT_RC(DBC_EFOREIGNKEY, dbc_transaction(session.conn, body, &told, NULL),
              session.conn);

    assert_int_equal(0, dbc_conn_depth(session.conn));
    assert_int_equal(0, ASK_INT(session.conn, "SELECT count(*) FROM c"));
    sqlite_session_close(&session);
}

// --------------------------------------------------------------------- memory

static int insert_and_nest(void *ud, dbc_txn *txn)
{
    int *level = ud;
    int rc = dbc_exec(txn->conn, SQL("INSERT INTO t VALUES (1)"));

    if (rc < 0 || ++*level > 2) return rc;
    return dbc_transaction(txn->conn, insert_and_nest, level, NULL);
}

static int run_one(void *ud, const dbc_alloc *alloc)
{
    dbc_open_options options = {.alloc = alloc};
    dbc_conn *conn = NULL;
    dbc_stmt *stmt = NULL;
    int level = 0;
    int rc;

    (void)ud;
    rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc < 0) return rc;
    rc = dbc_exec(conn, SQL("CREATE TABLE t (a)"));
    if (rc >= 0) rc = dbc_transaction(conn, insert_and_nest, &level, NULL);
    assert_int_equal(0, dbc_conn_depth(conn));
    if (rc >= 0)
        rc = dbc_stmt_acquire(&stmt, conn, SQL("SELECT sum(a) FROM t"));
    if (rc >= 0) rc = dbc_stmt_step(stmt);
    if (rc >= 0) assert_int_equal(3, dbc_stmt_int(stmt, 0));
    dbc_stmt_release(stmt);
    dbc_close(conn);
    return rc;
}

static void survives_every_failing_allocation(void **state)
{
    (void)state;
    FAULT_WALK(run_one, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commits_and_returns_what_the_body_returned),
        cmocka_unit_test(begins_in_the_mode_that_is_asked_for),
        cmocka_unit_test(rolls_back_and_passes_the_error_on),
        cmocka_unit_test(says_that_the_body_failed_when_that_left_no_error),
        cmocka_unit_test(refuses_one_that_its_body_ended),
        cmocka_unit_test(tells_a_body_that_overlooked_that_all_was_rolled_back),
        cmocka_unit_test(keeps_nothing_when_an_inner_one_was_left_open),
        cmocka_unit_test(outlives_a_body_that_closes_the_connection),
        cmocka_unit_test(keeps_the_first_error_when_the_rollback_fails),
        cmocka_unit_test(starts_again_when_it_is_busy),
        cmocka_unit_test(tries_a_busy_commit_again_alone),
        cmocka_unit_test(starts_again_when_a_busy_commit_ended_it),
        cmocka_unit_test(is_tried_again_as_often_as_allowed),
        cmocka_unit_test(gives_up_at_its_deadline_with_the_last_error),
        cmocka_unit_test(starts_nothing_again_but_what_is_busy),
        cmocka_unit_test(is_a_savepoint_inside_another_one),
        cmocka_unit_test(leaves_it_to_the_outermost_one_to_start_again),
        cmocka_unit_test(waits_no_more_once_it_was_interrupted),
        cmocka_unit_test(is_interrupted_from_another_thread),
        cmocka_unit_test(starts_again_on_a_snapshot_that_is_out_of_date),
        cmocka_unit_test(loses_no_update_when_many_write),
        cmocka_unit_test(leaves_a_deferred_violation_typed_and_rolled_back),
        cmocka_unit_test(survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
