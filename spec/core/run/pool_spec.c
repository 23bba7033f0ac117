#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "session.h"
#include "shop.h"
#include "sqlite_session.h"

static sqlite_session files;
static dbc_pool *pool;

static void open_pool(const dbc_pool_options *options)
{
    dbc_error err = DBC_ERROR_INIT;
    int rc = dbc_pool_open(&pool, files.path, options, &err);

    spec_assert_rc(DBC_OK, rc, &err, __FILE__, __LINE__);
}

static int set_up(void **state)
{
    (void)state;
    sqlite_session_init(&files);
    pool = NULL;
    return 0;
}

static int tear_down(void **state)
{
    dbc_error err = DBC_ERROR_INIT;
    int rc = dbc_pool_close(pool, 0, &err);

    (void)state;
    spec_assert_rc(DBC_OK, rc, &err, __FILE__, __LINE__);
    sqlite_session_close(&files);
    return 0;
}

static dbc_conn *acquire(dbc_pool_use use)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = NULL;
    int rc = dbc_pool_acquire(&conn, pool, use, 0, &err);

    spec_assert_rc(DBC_OK, rc, &err, __FILE__, __LINE__);
    assert_int_equal(DBC_OK, dbc_conn_error(conn)->code);
    return conn;
}

static void release(dbc_conn *conn)
{
    dbc_error err = DBC_ERROR_INIT;
    int rc = dbc_pool_release(pool, conn, &err);

    spec_assert_rc(DBC_OK, rc, &err, __FILE__, __LINE__);
}

static void assert_acquire_fails(int code, dbc_pool_use use,
                                 const char *message)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = NULL;
    int rc = dbc_pool_acquire(&conn, pool, use, 0, &err);

    spec_assert_rc(code, rc, &err, __FILE__, __LINE__);
    assert_int_equal(code, err.code);
    assert_string_equal(message, err.message);
    assert_null(conn);
}

static void assert_release_fails(dbc_conn *conn, const char *message)
{
    dbc_error err = DBC_ERROR_INIT;
    int rc = dbc_pool_release(pool, conn, &err);

    spec_assert_rc(DBC_EINVALID, rc, &err, __FILE__, __LINE__);
    assert_string_equal(message, err.message);
}

static void assert_open_fails(int code, const char *path,
                              const dbc_pool_options *options,
                              const char *message)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_pool *none = NULL;
    int rc = dbc_pool_open(&none, path, options, &err);

    spec_assert_rc(code, rc, &err, __FILE__, __LINE__);
    assert_non_null(strstr(err.message, message));
    assert_null(none);
}

static dbc_pool_figures figures(dbc_pool_use use)
{
    dbc_pool_figures out;

    dbc_pool_stats(pool, use, &out);
    return out;
}

// -------------------------------------------------------------------- opening

static void makes_the_file_and_opens_readers_when_they_are_needed(void **state)
{
    (void)state;
    open_pool(NULL);
    assert_int_equal(0, access(files.path, F_OK));
    assert_int_equal(1, figures(DBC_POOL_WRITE).opened);
    assert_int_equal(1, figures(DBC_POOL_WRITE).most);
    assert_int_equal(0, figures(DBC_POOL_READ).opened);
    assert_int_equal(4, figures(DBC_POOL_READ).most);

    dbc_conn *first = acquire(DBC_POOL_READ);
    dbc_conn *second = acquire(DBC_POOL_READ);
    assert_int_equal(2, figures(DBC_POOL_READ).opened);
    release(first);
    release(second);
    release(acquire(DBC_POOL_READ));
    assert_int_equal(2, figures(DBC_POOL_READ).opened);
    assert_int_equal(3, figures(DBC_POOL_READ).acquired);
    assert_int_equal(0, figures(DBC_POOL_READ).lent);
    assert_int_equal(0, figures(DBC_POOL_READ).waits);
}

static void reads_what_the_writer_wrote(void **state)
{
    (void)state;
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    EXEC(writer, "CREATE TABLE t (a); INSERT INTO t VALUES (7)");
    dbc_conn *reader = acquire(DBC_POOL_READ);

    assert_int_equal(7, ASK_INT(reader, "SELECT a FROM t"));
    ASSERT_FAILS(DBC_EREADONLY, reader, "INSERT INTO t VALUES (8)");
    ASSERT_FAILS(DBC_EREADONLY, reader, "PRAGMA user_version = 1");
    EXEC(writer, "BEGIN IMMEDIATE; DELETE FROM t");
    assert_int_equal(7, ASK_INT(reader, "SELECT a FROM t"));
    EXEC(writer, "COMMIT");
    release(reader);
    release(writer);
}

static void says_at_once_that_it_cannot_be_opened(void **state)
{
    const dbc_pool_options many = {.readers = 1001};
    const dbc_pool_options none = {.readers = -1};
    const dbc_pool_options readonly = {.open.flags = DBC_OPEN_READONLY};

    (void)state;
    assert_open_fails(DBC_ECANTOPEN, "/nowhere/at/all.db", NULL,
                      "its folder does not exist");
    assert_open_fails(DBC_ECANTOPEN, files.path, &readonly, "does not exist");
    assert_open_fails(DBC_EINVALID, ":memory:", NULL, "a pool needs a file");
    assert_open_fails(DBC_EINVALID, "", NULL, "a pool needs a file");
    assert_open_fails(DBC_EINVALID, files.path, &many, "from 1 to 1000");
    assert_open_fails(DBC_EINVALID, files.path, &none, "not -1");
    open_pool(NULL);
}

static void has_no_writer_when_it_only_reads(void **state)
{
    const dbc_pool_options readonly = {.open.flags = DBC_OPEN_READONLY,
                                       .readers = 2};
    dbc_conn *maker = sqlite_session_connect(&files, NULL);

    (void)state;
    EXEC(maker, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    dbc_close(maker);
    open_pool(&readonly);

    assert_int_equal(1, figures(DBC_POOL_READ).opened);
    assert_int_equal(0, figures(DBC_POOL_WRITE).most);
    assert_acquire_fails(
        DBC_EREADONLY, DBC_POOL_WRITE,
        "the pool only reads: open it without DBC_OPEN_READONLY to write");
    dbc_conn *reader = acquire(DBC_POOL_READ);
    assert_int_equal(1, ASK_INT(reader, "SELECT a FROM t"));
    release(reader);
}

static void keeps_nothing_of_the_memory_its_options_lay_in(void **state)
{
    char path[128], vfs[] = "unix", name[] = "cache_size", text[] = "delete";
    dbc_pragma pragmas[] = {
        {name, dbc_value_int(-321)},
        {"journal_mode", dbc_value_text(text, strlen(text))}};
    dbc_pool_options options = {
        .open = {.vfs = vfs, .pragmas = pragmas, .pragma_count = 2}};

    (void)state;
    snprintf(path, sizeof path, "%s", files.path);
    assert_int_equal(DBC_OK, dbc_pool_open(&pool, path, &options, NULL));
    memset(path, 'x', sizeof path);
    memset(vfs, 'x', sizeof vfs);
    memset(name, 'x', sizeof name);
    memset(text, 'x', sizeof text);
    memset(pragmas, 0xff, sizeof pragmas);
    memset(&options, 0xff, sizeof options);

    dbc_conn *reader = acquire(DBC_POOL_READ);
    assert_int_equal(-321, ASK_INT(reader, "PRAGMA cache_size"));
    assert_string_equal("delete", ASK_TEXT(reader, "PRAGMA journal_mode"));
    release(reader);
}

typedef struct visits {
    int reads, writes;
    int answer;
} visits;

static int count_visit(void *ud, dbc_conn *conn, dbc_pool_use use)
{
    visits *seen = ud;

    if (use == DBC_POOL_READ)
        seen->reads++;
    else
        seen->writes++;
    dbc_conn_set_timeout(conn, 60000);
    return seen->answer;
}

static void sets_up_every_connection_once(void **state)
{
    visits seen = {0};
    const dbc_pool_options options = {.set_up = count_visit,
                                      .set_up_ud = &seen};

    (void)state;
    open_pool(&options);
    for (int i = 0; i < 3; i++) {
        dbc_conn *writer = acquire(DBC_POOL_WRITE);
        dbc_conn *first = acquire(DBC_POOL_READ);
        dbc_conn *second = acquire(DBC_POOL_READ);
        release(first);
        release(second);
        release(writer);
    }

    assert_int_equal(1, seen.writes);
    assert_int_equal(2, seen.reads);
}

static void lends_none_that_could_not_be_set_up(void **state)
{
    visits seen = {0};
    const dbc_pool_options options = {.set_up = count_visit,
                                      .set_up_ud = &seen};

    (void)state;
    seen.answer = DBC_ENOTFOUND;
    assert_open_fails(DBC_ENOTFOUND, files.path, &options,
                      "setting up a connection failed: there is no such row");
    seen.answer = DBC_OK;
    open_pool(&options);
    seen.answer = -1000;
    for (int i = 0; i < 6; i++) {
        dbc_conn *conn = NULL;
        assert_int_equal(-1000,
                         dbc_pool_acquire(&conn, pool, DBC_POOL_READ, 0, NULL));
        assert_null(conn);
    }
    assert_int_equal(0, figures(DBC_POOL_READ).lent);
    seen.answer = DBC_OK;
    release(acquire(DBC_POOL_READ));
}

static void tries_again_after_one_that_could_not_be_opened(void **state)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = NULL;
    char away[128];

    (void)state;
    snprintf(away, sizeof away, "%s.away", files.path);
    open_pool(NULL);
    assert_int_equal(0, rename(files.path, away));
    int rc = dbc_pool_acquire(&conn, pool, DBC_POOL_READ, 0, &err);
    spec_assert_rc(DBC_ECANTOPEN, rc, &err, __FILE__, __LINE__);
    assert_non_null(strstr(err.message, "does not exist"));
    assert_int_equal(0, figures(DBC_POOL_READ).lent);

    assert_int_equal(0, rename(away, files.path));
    release(acquire(DBC_POOL_READ));
}

// -------------------------------------------------------------------- lending

static void lends_no_more_than_it_has(void **state)
{
    const dbc_pool_options options = {.readers = 2};

    (void)state;
    open_pool(&options);
    dbc_conn *first = acquire(DBC_POOL_READ);
    dbc_conn *second = acquire(DBC_POOL_READ);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);

    assert_acquire_fails(DBC_ETIMEOUT, DBC_POOL_READ,
                         "all 2 connections for reading are lent and none came "
                         "back within 0 ms: release them sooner, or allow more "
                         "readers");
    assert_acquire_fails(DBC_ETIMEOUT, DBC_POOL_WRITE,
                         "the connection for writing is lent and did not come "
                         "back within 0 ms: release it sooner");
    assert_int_equal(1, figures(DBC_POOL_READ).timeouts);
    assert_int_equal(2, figures(DBC_POOL_READ).lent);
    release(first);
    first = acquire(DBC_POOL_READ);
    release(first);
    release(second);
    release(writer);
}

static void gives_up_waiting_when_the_time_is_over(void **state)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *none = NULL;

    (void)state;
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);

    int rc = dbc_pool_acquire(&none, pool, DBC_POOL_WRITE, 20, &err);

    spec_assert_rc(DBC_ETIMEOUT, rc, &err, __FILE__, __LINE__);
    assert_non_null(strstr(err.message, "within 20 ms"));
    assert_int_equal(1, figures(DBC_POOL_WRITE).waits);
    assert_int_equal(1, figures(DBC_POOL_WRITE).timeouts);
    assert_int_equal(0, figures(DBC_POOL_WRITE).waiting);
    assert_true(figures(DBC_POOL_WRITE).longest_wait_ns >= 20000000);
    release(writer);
    release(acquire(DBC_POOL_WRITE));
}

// A thread that acquires, notes when it was its turn, and gives back.
typedef struct borrower {
    pthread_t thread;
    int timeout_ms;
    atomic_int *turns;
    atomic_int *hold; // keeps the connection as long as this is 1; or NULL
    int turn;
    int rc, released;
} borrower;

static void *borrow(void *ud)
{
    borrower *self = ud;
    dbc_conn *conn = NULL;

    self->rc =
        dbc_pool_acquire(&conn, pool, DBC_POOL_WRITE, self->timeout_ms, NULL);
    if (self->rc < 0) return NULL;
    self->turn = atomic_fetch_add(self->turns, 1) + 1;
    while (self->hold != NULL && atomic_load(self->hold) == 1)
        sched_yield();
    self->released = dbc_pool_release(pool, conn, NULL);
    return NULL;
}

static void await_waiting(int count)
{
    while (figures(DBC_POOL_WRITE).waiting != count)
        sched_yield();
}

// Starts one and returns once it waits as number `place` in the queue.
static void start_waiting(borrower *self, int place)
{
    assert_int_equal(0, pthread_create(&self->thread, NULL, borrow, self));
    await_waiting(place);
}

static void serves_first_who_came_first(void **state)
{
    enum { COUNT_OF = 8 };
    borrower borrowers[COUNT_OF];
    atomic_int turns;

    (void)state;
    atomic_init(&turns, 0);
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    for (int i = 0; i < COUNT_OF; i++) {
        borrowers[i] = (borrower){.timeout_ms = -1, .turns = &turns};
        start_waiting(&borrowers[i], i + 1);
    }

    release(writer);
    for (int i = 0; i < COUNT_OF; i++)
        pthread_join(borrowers[i].thread, NULL);

    for (int i = 0; i < COUNT_OF; i++) {
        assert_int_equal(DBC_OK, borrowers[i].rc);
        assert_int_equal(DBC_OK, borrowers[i].released);
        assert_int_equal(i + 1, borrowers[i].turn);
    }
    assert_int_equal(COUNT_OF, figures(DBC_POOL_WRITE).waits);
    assert_int_equal(0, figures(DBC_POOL_WRITE).waiting);
    assert_int_equal(1, figures(DBC_POOL_WRITE).opened);
}

static void lets_nobody_overtake_one_who_waits(void **state)
{
    atomic_int turns, hold;
    borrower patient = {.timeout_ms = 60000, .turns = &turns, .hold = &hold};
    dbc_conn *none = NULL;

    (void)state;
    atomic_init(&turns, 0);
    atomic_init(&hold, 1);
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    start_waiting(&patient, 1);

    release(writer);
    int rc = dbc_pool_acquire(&none, pool, DBC_POOL_WRITE, 0, NULL);
    atomic_store(&hold, 0);
    pthread_join(patient.thread, NULL);

    assert_int_equal(DBC_ETIMEOUT, rc);
    assert_int_equal(DBC_OK, patient.rc);
}

static void goes_on_with_the_queue_when_one_gives_up(void **state)
{
    atomic_int turns;
    borrower borrowers[3];

    (void)state;
    atomic_init(&turns, 0);
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    for (int i = 0; i < 3; i++)
        borrowers[i] = (borrower){.timeout_ms = -1, .turns = &turns};
    borrowers[1].timeout_ms = 30;
    for (int i = 0; i < 2; i++)
        start_waiting(&borrowers[i], i + 1);
    pthread_join(borrowers[1].thread, NULL);
    start_waiting(&borrowers[2], 2);

    release(writer);
    pthread_join(borrowers[0].thread, NULL);
    pthread_join(borrowers[2].thread, NULL);

    assert_int_equal(DBC_ETIMEOUT, borrowers[1].rc);
    assert_int_equal(1, borrowers[0].turn);
    assert_int_equal(2, borrowers[2].turn);
}

// ----------------------------------------------------------------- taking back

#define INSIDE                                                              \
    "the connection was given back inside a transaction, which was rolled " \
    "back: commit first"

static void rolls_back_what_was_left_open(void **state)
{
    dbc_txn outer, inner;

    (void)state;
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    EXEC(writer, "CREATE TABLE t (a)");
    dbc_txn_begin(&outer, writer, DBC_TXN_DEFAULT);
    dbc_txn_begin(&inner, writer, DBC_TXN_DEFAULT);
    EXEC(writer, "INSERT INTO t VALUES (1)");
    assert_release_fails(writer, INSIDE);

    writer = acquire(DBC_POOL_WRITE);
    assert_int_equal(0, dbc_conn_depth(writer));
    assert_int_equal(0, ASK_INT(writer, "SELECT count(*) FROM t"));
    EXEC(writer, "BEGIN; INSERT INTO t VALUES (1)");
    assert_release_fails(writer, INSIDE);

    writer = acquire(DBC_POOL_WRITE);
    assert_int_equal(0, ASK_INT(writer, "SELECT count(*) FROM t"));
    release(writer);
    dbc_conn *reader = acquire(DBC_POOL_READ);
    dbc_txn_begin(&outer, reader, DBC_TXN_READ);
    assert_int_equal(0, ASK_INT(reader, "SELECT count(*) FROM t"));
    assert_release_fails(reader, INSIDE);
    assert_int_equal(1, figures(DBC_POOL_WRITE).opened);
}

static void closes_one_whose_statement_is_still_lent(void **state)
{
    dbc_stmt *stmt = NULL;
    dbc_txn txn;

    (void)state;
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    EXEC(writer, "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)");
    dbc_txn_begin(&txn, writer, DBC_TXN_DEFAULT);
    EXEC(writer, "DELETE FROM t WHERE a = 2");
    dbc_stmt_acquire(&stmt, writer, SQL("SELECT a FROM t"));
    assert_int_equal(DBC_ROW, dbc_stmt_step(stmt));
    assert_release_fails(writer,
                         "the connection was given back while a statement of "
                         "it was still lent, so it was closed: release "
                         "statements first");

    writer = acquire(DBC_POOL_WRITE);
    assert_int_equal(2, figures(DBC_POOL_WRITE).opened);
    assert_int_equal(2, ASK_INT(writer, "SELECT count(*) FROM t"));
    assert_int_equal(DBC_ECLOSED, dbc_stmt_step(stmt));
    dbc_stmt_release(stmt);
    EXEC(writer, "DROP TABLE t");
    release(writer);
}

static void replaces_one_that_was_closed(void **state)
{
    (void)state;
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    dbc_close(writer);
    release(writer);

    writer = acquire(DBC_POOL_WRITE);
    assert_int_equal(2, figures(DBC_POOL_WRITE).opened);
    EXEC(writer, "CREATE TABLE t (a)");
    release(writer);
}

static void replaces_one_that_is_broken(void **state)
{
    dbc_mock *mock = dbc_mock_new(NULL);
    dbc_mock_answer lost = {.code = DBC_EIO, .message = "fsync failed"};
    const dbc_pool_options options = {
        .open = {.driver = dbc_driver_mock(), .driver_ud = mock}};
    dbc_txn txn;

    (void)state;
    open_pool(&options);
    dbc_mock_expect(mock, "COMMIT", &lost);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    dbc_txn_begin(&txn, writer, DBC_TXN_DEFAULT);
    ASSERT_RC(DBC_EIO, dbc_txn_commit(&txn), writer);
    ASSERT_FAILS(DBC_EBROKEN, writer, "SELECT 1");
    release(writer);

    writer = acquire(DBC_POOL_WRITE);
    EXEC(writer, "SELECT 1");
    release(writer);
    assert_int_equal(2, figures(DBC_POOL_WRITE).opened);
    assert_int_equal(DBC_OK, dbc_pool_close(pool, 0, NULL));
    pool = NULL;
    dbc_mock_free(mock);
}

#define NOT_LENT                                                             \
    "the connection is not lent by this pool: it was given back before, or " \
    "is of another one"

static void takes_back_only_what_it_lent(void **state)
{
    dbc_conn *stranger = sqlite_session_connect(&files, NULL);

    (void)state;
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    release(NULL);
    release(writer);
    assert_release_fails(writer, NOT_LENT);
    assert_release_fails(stranger, NOT_LENT);
    dbc_close(stranger);
    assert_int_equal(0, figures(DBC_POOL_WRITE).lent);
}

static void count_event(void *ud, const dbc_event *event)
{
    (void)event;
    ++*(int *)ud;
}

static void gives_the_next_borrower_no_limit_and_no_observer(void **state)
{
    visits seen = {0};
    const dbc_pool_options options = {.set_up = count_visit,
                                      .set_up_ud = &seen};
    dbc_stats stats;
    int events = 0;

    (void)state;
    open_pool(&options);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    dbc_conn_set_timeout(writer, 1);
    dbc_conn_observe(writer, count_event, &events);
    EXEC(writer, "CREATE TABLE t (a)");
    assert_int_equal(1, events);
    release(writer);

    writer = acquire(DBC_POOL_WRITE);
    EXEC(writer, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                 "FROM n WHERE i < 200000) INSERT INTO t SELECT i FROM n");
    assert_int_equal(1, events);
    dbc_conn_stats(writer, &stats);
    assert_int_equal(0, stats.live_statements);
    release(writer);
}

static int set_policy(void *ud, dbc_conn *conn, dbc_pool_use use)
{
    (void)use;
    dbc_conn_restrict(conn, ud);
    return DBC_OK;
}

static void gives_every_borrower_the_policy_of_the_set_up(void **state)
{
    dbc_policy *own = NULL, *other = NULL;
    dbc_txn txn;

    (void)state;
    assert_int_equal(DBC_OK, dbc_policy_new(&own, NULL, 0, NULL, NULL));
    assert_int_equal(DBC_OK, dbc_policy_new(&other, NULL, 0, NULL, NULL));
    const dbc_pool_options options = {.set_up = set_policy, .set_up_ud = own};
    open_pool(&options);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    dbc_conn_restrict(writer, other);
    release(writer);

    writer = acquire(DBC_POOL_WRITE);
    assert_ptr_equal(own, dbc_conn_policy(writer));
    // It is rolled back, though no text may be run.
    assert_int_equal(DBC_OK, dbc_txn_begin(&txn, writer, DBC_TXN_DEFAULT));
    assert_int_equal(DBC_EINVALID, dbc_pool_release(pool, writer, NULL));
    writer = acquire(DBC_POOL_WRITE);
    assert_int_equal(0, dbc_conn_depth(writer));
    release(writer);
    dbc_policy_release(own);
    dbc_policy_release(other);
}

static void clears_the_error_of_the_last_borrower(void **state)
{
    (void)state;
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    ASSERT_FAILS(DBC_ESYNTAX, writer, "SELEC");
    release(writer);

    release(acquire(DBC_POOL_WRITE));
}

// -------------------------------------------------------------------- closing

static void refuses_to_close_over_one_that_is_lent(void **state)
{
    dbc_error err = DBC_ERROR_INIT;

    (void)state;
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    dbc_conn *reader = acquire(DBC_POOL_READ);

    int rc = dbc_pool_close(pool, 0, &err);
    spec_assert_rc(DBC_EBUSY, rc, &err, __FILE__, __LINE__);
    assert_string_equal("2 connections of the pool are still lent: release and "
                        "close again",
                        err.message);
    release(reader);
    rc = dbc_pool_close(pool, 20, &err);
    spec_assert_rc(DBC_EBUSY, rc, &err, __FILE__, __LINE__);
    assert_string_equal("1 connection of the pool is still lent: release and "
                        "close again",
                        err.message);
    assert_acquire_fails(DBC_ECLOSED, DBC_POOL_READ, "the pool is closed");
    EXEC(writer, "CREATE TABLE t (a)");
    release(writer);
}

static void waits_at_closing_for_what_is_lent(void **state)
{
    atomic_int turns, hold;
    borrower other = {.timeout_ms = 0, .turns = &turns, .hold = &hold};

    (void)state;
    atomic_init(&turns, 0);
    atomic_init(&hold, 1);
    open_pool(NULL);
    assert_int_equal(0, pthread_create(&other.thread, NULL, borrow, &other));
    while (atomic_load(&turns) == 0)
        sched_yield();
    assert_int_equal(DBC_EBUSY, dbc_pool_close(pool, 0, NULL));

    atomic_store(&hold, 0);
    assert_int_equal(DBC_OK, dbc_pool_close(pool, -1, NULL));
    pool = NULL;
    pthread_join(other.thread, NULL);
    assert_int_equal(DBC_OK, other.released);
}

static void sends_away_who_waits_when_it_closes(void **state)
{
    atomic_int turns;
    borrower waiting[3];

    (void)state;
    atomic_init(&turns, 0);
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    for (int i = 0; i < 3; i++) {
        waiting[i] = (borrower){.timeout_ms = -1, .turns = &turns};
        start_waiting(&waiting[i], i + 1);
    }

    assert_int_equal(DBC_EBUSY, dbc_pool_close(pool, 0, NULL));
    assert_int_equal(0, figures(DBC_POOL_WRITE).waiting);
    for (int i = 0; i < 3; i++) {
        pthread_join(waiting[i].thread, NULL);
        assert_int_equal(DBC_ECLOSED, waiting[i].rc);
    }
    release(writer);
}

static void leaves_no_log_behind(void **state)
{
    char log[128];

    (void)state;
    snprintf(log, sizeof log, "%s-wal", files.path);
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    dbc_conn *reader = acquire(DBC_POOL_READ);
    EXEC(writer, "CREATE TABLE t (a)");
    assert_int_equal(0, ASK_INT(reader, "SELECT count(*) FROM t"));
    assert_int_equal(0, access(log, F_OK));
    release(reader);
    release(writer);

    assert_int_equal(DBC_OK, dbc_pool_close(pool, 0, NULL));
    pool = NULL;
    assert_int_not_equal(0, access(log, F_OK));
}

static void is_only_closed_by_the_child_of_a_fork(void **state)
{
    dbc_conn *none = NULL;
    int status = -1;

    (void)state;
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    EXEC(writer, "CREATE TABLE t (a)");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int bad = dbc_pool_acquire(&none, pool, DBC_POOL_READ, -1, NULL) !=
                  DBC_EINVALID;
        bad += dbc_pool_release(pool, writer, NULL) != DBC_EINVALID;
        bad += figures(DBC_POOL_READ).most != 0;
        bad += dbc_pool_close(pool, -1, NULL) != DBC_OK;
        _exit(bad);
    }
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_int_equal(0, WEXITSTATUS(status));

    EXEC(writer, "INSERT INTO t VALUES (1)");
    release(writer);
}

// -------------------------------------------------------------------- threads

enum { ACCOUNTS = 4, MONEY = 400, WORKERS = 6, TURNS = 40 };

typedef struct worker {
    pthread_t thread;
    unsigned seed;
    int rc;
    int64_t bad_sums;
} worker;

static int move_money(void *ud, dbc_txn *txn)
{
    const worker *self = ud;
    dbc_value to = dbc_value_int(self->seed % ACCOUNTS);
    dbc_value from = dbc_value_int(self->seed / 7 % ACCOUNTS);
    dbc_stmt *stmt = NULL;
    int rc;

    rc = dbc_stmt_acquire(&stmt, txn->conn,
                          SQL("UPDATE accounts SET money = money - 1 WHERE "
                              "id = ?"));
    if (rc >= 0) rc = dbc_stmt_run(stmt, &from, 1, NULL);
    dbc_stmt_release(stmt);
    if (rc < 0) return rc;
    stmt = NULL;
    rc = dbc_stmt_acquire(&stmt, txn->conn,
                          SQL("UPDATE accounts SET money = money + 1 WHERE "
                              "id = ?"));
    if (rc >= 0) rc = dbc_stmt_run(stmt, &to, 1, NULL);
    dbc_stmt_release(stmt);
    return rc;
}

static int check_sum(worker *self, dbc_conn *conn)
{
    dbc_stmt *stmt = NULL;
    int rc =
        dbc_stmt_acquire(&stmt, conn, SQL("SELECT sum(money) FROM accounts"));

    if (rc < 0) return rc;
    rc = dbc_stmt_step(stmt);
    if (rc == DBC_ROW && dbc_stmt_int(stmt, 0) != MONEY) self->bad_sums++;
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

static int work_once(worker *self)
{
    dbc_pool_use use = self->seed % 3 == 0 ? DBC_POOL_WRITE : DBC_POOL_READ;
    dbc_conn *conn = NULL;
    int rc = dbc_pool_acquire(&conn, pool, use, 60000, NULL);

    if (rc < 0) return rc;
    if (use == DBC_POOL_WRITE)
        rc = dbc_transaction(conn, move_money, self, NULL);
    else
        rc = check_sum(self, conn);
    int released = dbc_pool_release(pool, conn, NULL);
    return rc < 0 ? rc : released;
}

static void *work(void *ud)
{
    worker *self = ud;

    for (int i = 0; i < TURNS && self->rc == DBC_OK; i++) {
        self->seed = self->seed * 1103515245u + 12345u;
        self->rc = work_once(self);
    }
    return NULL;
}

static void serves_many_threads_at_once(void **state)
{
    const dbc_pool_options options = {.readers = 2};
    worker workers[WORKERS];

    (void)state;
    open_pool(&options);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    EXEC(writer, "CREATE TABLE accounts (id INTEGER PRIMARY KEY, money);"
                 "INSERT INTO accounts VALUES (0, 100), (1, 100), (2, 100),"
                 " (3, 100)");
    release(writer);
    for (int i = 0; i < WORKERS; i++) {
        workers[i] = (worker){.seed = (unsigned)i * 7919u};
        assert_int_equal(
            0, pthread_create(&workers[i].thread, NULL, work, &workers[i]));
    }
    for (int i = 0; i < WORKERS; i++)
        pthread_join(workers[i].thread, NULL);

    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(DBC_OK, workers[i].rc);
        assert_int_equal(0, workers[i].bad_sums);
    }
    assert_int_equal(WORKERS * TURNS + 1, figures(DBC_POOL_READ).acquired +
                                              figures(DBC_POOL_WRITE).acquired);
    assert_int_equal(0, figures(DBC_POOL_READ).lent);
    assert_in_range(figures(DBC_POOL_READ).opened, 1, 2);
    assert_int_equal(1, figures(DBC_POOL_WRITE).opened);
}

// Threads that build and run queries over the same tables.
typedef struct asker {
    pthread_t thread;
    const shop *goods;
    int rc;
    int64_t rows;
} asker;

static int ask_once(asker *self, dbc_conn *conn, int age)
{
    const dbc_table *users = self->goods->users;
    dbc_query *query = dbc_query_new(NULL);
    dbc_stmt *stmt = NULL;
    int rc;

    if (query == NULL) return DBC_ENOMEM;
    dbc_query_from(query, users, NULL);
    dbc_query_where(query,
                    dbc_expr_op(query, DBC_OP_GE, shop_col(query, users, "age"),
                                shop_int(query, age)));
    rc = dbc_query_open(&stmt, conn, query, NULL);
    while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW)
        self->rows++;
    dbc_stmt_release(stmt);
    dbc_query_free(query);
    return rc;
}

static void *ask_often(void *ud)
{
    asker *self = ud;

    for (int i = 0; i < TURNS && self->rc >= 0; i++) {
        dbc_conn *conn = NULL;
        self->rc = dbc_pool_acquire(&conn, pool, DBC_POOL_READ, -1, NULL);
        if (self->rc < 0) break;
        self->rc = ask_once(self, conn, i);
        int released = dbc_pool_release(pool, conn, NULL);
        if (self->rc >= 0) self->rc = released;
    }
    return NULL;
}

static void shares_tables_among_threads(void **state)
{
    asker askers[WORKERS];
    dbc_error err = DBC_ERROR_INIT;
    shop goods;
    char *ddl = NULL;

    (void)state;
    assert_int_equal(DBC_OK, shop_open(&goods, NULL));
    open_pool(NULL);
    dbc_conn *writer = acquire(DBC_POOL_WRITE);
    int rc = dbc_table_ddl(&ddl, goods.users, dbc_dialect_sqlite(), NULL, &err);
    spec_assert_rc(DBC_OK, rc, &err, __FILE__, __LINE__);
    EXEC(writer, ddl);
    dbc_text_free(ddl, NULL);
    EXEC(writer, "INSERT INTO users (email, name, age) VALUES ('a', 'a', 10),"
                 " ('b', 'b', 20)");
    release(writer);

    for (int i = 0; i < WORKERS; i++) {
        askers[i] = (asker){.goods = &goods};
        assert_int_equal(
            0, pthread_create(&askers[i].thread, NULL, ask_often, &askers[i]));
    }
    for (int i = 0; i < WORKERS; i++)
        pthread_join(askers[i].thread, NULL);
    shop_close(&goods);

    // Ages from 0 to 10 and from 0 to 20.
    for (int i = 0; i < WORKERS; i++) {
        assert_true(askers[i].rc >= 0);
        assert_int_equal(11 + 21, askers[i].rows);
    }
}

#define ENDLESS                                                        \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) " \
    "SELECT count(*) FROM n"

typedef struct runner {
    pthread_t thread;
    _Atomic(dbc_conn *) conn; // while it is lent
    atomic_int over;
    int rc, released;
} runner;

static void *run_for_ever(void *ud)
{
    runner *self = ud;
    dbc_conn *conn = NULL;

    self->rc = dbc_pool_acquire(&conn, pool, DBC_POOL_READ, 0, NULL);
    if (self->rc == DBC_OK) {
        atomic_store(&self->conn, conn);
        self->rc = dbc_exec(conn, SQL(ENDLESS));
    }
    atomic_store(&self->over, 1);
    return NULL;
}

static void interrupts_a_borrower_from_another_thread(void **state)
{
    runner self = {.rc = DBC_OK};
    dbc_conn *conn;

    (void)state;
    atomic_init(&self.conn, NULL);
    atomic_init(&self.over, 0);
    open_pool(NULL);
    assert_int_equal(0,
                     pthread_create(&self.thread, NULL, run_for_ever, &self));
    while ((conn = atomic_load(&self.conn)) == NULL)
        sched_yield();
    // Before it runs there is nothing to interrupt.
    while (!atomic_load(&self.over)) {
        dbc_interrupt(conn);
        sched_yield();
    }
    pthread_join(self.thread, NULL);

    ASSERT_RC(DBC_EINTERRUPTED, self.rc, conn);
    release(conn);
    conn = acquire(DBC_POOL_READ);
    assert_int_equal(1, ASK_INT(conn, "SELECT 1"));
    release(conn);
}

// --------------------------------------------------------------------- memory

static int live_a_whole_life(void *ud, const dbc_alloc *alloc)
{
    const dbc_pragma pragmas[] = {
        {"cache_size", dbc_value_int(-100)},
        {"journal_mode", dbc_value_text("delete", 6)}};
    dbc_pool_options options = {.open = {.alloc = alloc,
                                         .vfs = "unix",
                                         .pragmas = pragmas,
                                         .pragma_count = COUNT(pragmas)}};
    dbc_pool *own = NULL;
    dbc_conn *writer = NULL;
    dbc_conn *reader = NULL;
    int rc;

    rc = dbc_pool_open(&own, ud, &options, NULL);
    if (rc >= 0) rc = dbc_pool_acquire(&writer, own, DBC_POOL_WRITE, 0, NULL);
    if (rc >= 0) rc = dbc_pool_acquire(&reader, own, DBC_POOL_READ, 0, NULL);
    if (rc >= 0) rc = dbc_exec(reader, SQL("SELECT 1"));
    if (rc >= 0) rc = dbc_exec(writer, SQL("BEGIN"));
    if (reader != NULL)
        assert_int_equal(DBC_OK, dbc_pool_release(own, reader, NULL));
    if (writer != NULL)
        assert_int_equal(rc < 0 ? DBC_OK : DBC_EINVALID,
                         dbc_pool_release(own, writer, NULL));
    assert_int_equal(DBC_OK, dbc_pool_close(own, 0, NULL));
    return rc;
}

static void survives_every_failing_allocation(void **state)
{
    (void)state;
    FAULT_WALK(live_a_whole_life, files.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(makes_the_file_and_opens_readers_when_they_are_needed),
        SPEC(reads_what_the_writer_wrote),
        SPEC(says_at_once_that_it_cannot_be_opened),
        SPEC(has_no_writer_when_it_only_reads),
        SPEC(keeps_nothing_of_the_memory_its_options_lay_in),
        SPEC(sets_up_every_connection_once),
        SPEC(lends_none_that_could_not_be_set_up),
        SPEC(tries_again_after_one_that_could_not_be_opened),
        SPEC(lends_no_more_than_it_has),
        SPEC(gives_up_waiting_when_the_time_is_over),
        SPEC(serves_first_who_came_first),
        SPEC(lets_nobody_overtake_one_who_waits),
        SPEC(goes_on_with_the_queue_when_one_gives_up),
        SPEC(rolls_back_what_was_left_open),
        SPEC(closes_one_whose_statement_is_still_lent),
        SPEC(replaces_one_that_was_closed),
        SPEC(replaces_one_that_is_broken),
        SPEC(takes_back_only_what_it_lent),
        SPEC(gives_the_next_borrower_no_limit_and_no_observer),
        SPEC(gives_every_borrower_the_policy_of_the_set_up),
        SPEC(clears_the_error_of_the_last_borrower),
        SPEC(refuses_to_close_over_one_that_is_lent),
        SPEC(waits_at_closing_for_what_is_lent),
        SPEC(sends_away_who_waits_when_it_closes),
        SPEC(leaves_no_log_behind),
        SPEC(is_only_closed_by_the_child_of_a_fork),
        SPEC(serves_many_threads_at_once),
        SPEC(shares_tables_among_threads),
        SPEC(interrupts_a_borrower_from_another_thread),
        SPEC(survives_every_failing_allocation),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
