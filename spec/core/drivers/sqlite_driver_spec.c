#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <time.h>

#include "dbcore_driver.h"
#include "sqlite_session.h"

static sqlite_session session;

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, NULL, NULL);
    EXEC(session.conn, "CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// --------------------------------------------------------------------- values

static void brings_every_value_there_and_back(void **state)
{
    const dbc_value values[] = {dbc_value_int(INT64_MIN),
                                dbc_value_int(INT64_MAX),
                                dbc_value_real(0.1),
                                dbc_value_real(1e308 * 10),
                                dbc_value_text("Gr\xc3\xbc\xc3\x9f", 6),
                                dbc_value_text("a\0b", 3),
                                dbc_value_text(NULL, 0),
                                dbc_value_blob("\0\xff", 2),
                                dbc_value_blob(NULL, 0),
                                dbc_value_null()};

    (void)state;
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT ?1, typeof(?1)");
    for (size_t i = 0; i < COUNT(values); i++) {
        ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, &values[i], 1), session.conn);
        ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
        const dbc_value *row = dbc_stmt_row(stmt);
        assert_int_equal(values[i].type, row->type);
        assert_int_equal(values[i].len, row->len);
        if (row->len > 0)
            assert_memory_equal(values[i].as.text, row->as.text, row->len);
        else if (row->type == DBC_INT || row->type == DBC_REAL)
            assert_true(values[i].as.i == row->as.i);
    }
    dbc_stmt_release(stmt);
}

static void stores_a_boolean_as_an_integer(void **state)
{
    const dbc_value yes = dbc_value_bool(7);

    (void)state;
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT ?1");
    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, &yes, 1), session.conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(DBC_INT, dbc_stmt_row(stmt)->type);
    assert_int_equal(1, dbc_stmt_int(stmt, 0));
    dbc_stmt_release(stmt);
}

static void refuses_what_would_be_stored_as_something_else(void **state)
{
    dbc_value value = dbc_value_real(0.0);

    (void)state;
    value.as.r = value.as.r / value.as.r;
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT ?1");
    ASSERT_RC(DBC_EINVALID, dbc_stmt_bind(stmt, &value, 1), session.conn);
    assert_non_null(strstr(dbc_conn_error(session.conn)->message, "NaN"));
    value.type = (dbc_value_type)99;
    ASSERT_RC(DBC_EINVALID, dbc_stmt_bind(stmt, &value, 1), session.conn);
    value = dbc_value_text("x", (size_t)1 << 40);
    ASSERT_RC(DBC_ELIMIT, dbc_stmt_bind(stmt, &value, 1), session.conn);
    dbc_stmt_release(stmt);
}

// ----------------------------------------------------------------- statements

static void tells_what_a_statement_is(void **state)
{
    const dbc_driver *driver = dbc_driver_sqlite();
    const dbc_open_options defaults = {0};
    dbc_driver_options options = {":memory:", &defaults, &session.memory.alloc};
    dbc_error err = DBC_ERROR_INIT;
    dbc_stmt_info info;
    void *db = NULL, *stmt = NULL;

    (void)state;
    assert_int_equal(DBC_OK, driver->open(&db, &options, &err));
    assert_int_equal(DBC_OK,
                     driver->prepare(&stmt, &info, db,
                                     SQL("SELECT ?, ?3; SELECT 2"), 0, &err));
    assert_int_equal(3, info.parameter_count);
    assert_int_equal(2, info.column_count);
    assert_true(info.readonly);
    assert_int_equal(13, info.tail);
    assert_false(info.empty);
    assert_string_equal("?3", driver->column_name(stmt, 1));
    driver->finalize(stmt);

    assert_int_equal(DBC_OK, driver->prepare(&stmt, &info, db,
                                             SQL(" -- nothing\n"), 0, &err));
    assert_true(info.empty);
    assert_null(stmt);
    assert_int_equal(DBC_OK,
                     driver->prepare(&stmt, &info, db, SQL("CREATE TABLE x(a)"),
                                     DBC_PREPARE_KEPT, &err));
    assert_false(info.readonly);
    driver->finalize(stmt);
    assert_int_equal(2, driver->prepared(db));
    driver->close(db);
}

static void refuses_a_nul_in_the_text(void **state)
{
    const dbc_driver *driver = dbc_driver_sqlite();
    const dbc_open_options defaults = {0};
    dbc_driver_options options = {":memory:", &defaults, &session.memory.alloc};
    dbc_error err = DBC_ERROR_INIT;
    dbc_stmt_info info;
    void *db = NULL, *stmt = NULL;

    (void)state;
    assert_int_equal(DBC_OK, driver->open(&db, &options, &err));
    assert_int_equal(
        DBC_EINVALID,
        driver->prepare(&stmt, &info, db, SQL("SELECT 1\0;"), 0, &err));
    assert_int_equal(8, err.offset);
    assert_int_equal(DBC_EINVALID,
                     driver->exec(db, SQL("SELECT 1;\0DROP"), &err));
    driver->close(db);
}

static void counts_values_before_it_binds(void **state)
{
    const dbc_value values[3] = {0};

    (void)state;
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT ?1, ?2");
    ASSERT_RC(DBC_EINVALID, dbc_stmt_bind(stmt, values, 3), session.conn);
    ASSERT_RC(DBC_EINVALID, dbc_stmt_bind(stmt, values, 1), session.conn);
    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, values, 2), session.conn);
    dbc_stmt_release(stmt);
}

static void binds_anew_while_rows_are_left(void **state)
{
    dbc_value value = dbc_value_int(1);

    (void)state;
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT ?1 UNION ALL SELECT 0");
    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, &value, 1), session.conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    value = dbc_value_int(2);
    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, &value, 1), session.conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(2, dbc_stmt_int(stmt, 0));
    dbc_stmt_release(stmt);
}

static void sees_columns_that_were_added_behind_its_back(void **state)
{
    (void)state;
    EXEC(session.conn, "INSERT INTO t VALUES (1, 'x')");
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT * FROM t");
    EXEC(session.conn, "ALTER TABLE t ADD COLUMN more DEFAULT 'new'");
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(3, dbc_stmt_column_count(stmt));
    assert_memory_equal("new", dbc_stmt_row(stmt)[2].as.text, 3);
    dbc_stmt_release(stmt);
}

static void sees_columns_that_went_while_there_was_no_row(void **state)
{
    (void)state;
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT * FROM t");
    EXEC(session.conn, "ALTER TABLE t DROP COLUMN v");
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(1, dbc_stmt_column_count(stmt));
    assert_string_equal("id", dbc_stmt_column_name(stmt, 0));
    EXEC(session.conn, "ALTER TABLE t ADD COLUMN w");
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(2, dbc_stmt_column_count(stmt));
    assert_string_equal("w", dbc_stmt_column_name(stmt, 1));
    dbc_stmt_release(stmt);
}

static void runs_rows_of_a_bulk_write(void **state)
{
    int64_t changes = -1;

    (void)state;
    dbc_stmt *stmt =
        ACQUIRE(session.conn, "INSERT INTO t (v) VALUES (?1) RETURNING id");
    EXEC(session.conn, "BEGIN");
    for (int i = 0; i < 100; i++) {
        dbc_value value = dbc_value_int(i);
        ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, &value, 1, &changes),
                  session.conn);
        assert_int_equal(1, changes);
    }
    EXEC(session.conn, "COMMIT");
    dbc_stmt_release(stmt);
    assert_int_equal(4950, ASK_INT(session.conn, "SELECT sum(v) FROM t"));
    assert_int_equal(100, dbc_conn_last_rowid(session.conn));
}

static void counts_no_changes_for_what_is_no_write(void **state)
{
    int64_t changes = -1;

    (void)state;
    EXEC(session.conn, "INSERT INTO t (v) VALUES (1), (2), (3)");
    dbc_stmt *stmt = ACQUIRE(session.conn, "CREATE TABLE other (a)");
    ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, NULL, 0, &changes), session.conn);
    assert_int_equal(0, changes);
    dbc_stmt_release(stmt);
    stmt = ACQUIRE(session.conn, "DELETE FROM t WHERE id > 1");
    ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, NULL, 0, &changes), session.conn);
    assert_int_equal(2, changes);
    ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, NULL, 0, &changes), session.conn);
    assert_int_equal(0, changes);
    dbc_stmt_release(stmt);
}

static void can_be_used_again_after_a_failure(void **state)
{
    dbc_value value = dbc_value_int(1);

    (void)state;
    dbc_stmt *stmt = ACQUIRE(session.conn, "INSERT INTO t (id) VALUES (?1)");
    ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, &value, 1, NULL), session.conn);
    ASSERT_RC(DBC_EUNIQUE, dbc_stmt_run(stmt, &value, 1, NULL), session.conn);
    value = dbc_value_int(2);
    ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, &value, 1, NULL), session.conn);
    dbc_stmt_release(stmt);
    assert_int_equal(2, ASK_INT(session.conn, "SELECT count(*) FROM t"));
}

static void runs_several_statements_of_a_text(void **state)
{
    (void)state;
    EXEC(session.conn, "INSERT INTO t VALUES (1, 1); SELECT * FROM t;\n"
                       "-- a comment ;\nINSERT INTO t VALUES (2, 2); ;;");
    assert_int_equal(2, ASK_INT(session.conn, "SELECT count(*) FROM t"));
    EXEC(session.conn, "");
    ASSERT_FAILS(DBC_EINVALID, session.conn, "INSERT INTO t VALUES (3, ?)");
    assert_int_equal(2, ASK_INT(session.conn, "SELECT count(*) FROM t"));
}

// -------------------------------------------------------------------- waiting

static const char ENDLESS[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
    "SELECT count(*) FROM n";

static void stops_a_statement_at_its_deadline(void **state)
{
    int64_t start = now_ms();

    (void)state;
    dbc_conn_set_timeout(session.conn, 50);
    ASSERT_FAILS(DBC_ETIMEOUT, session.conn, ENDLESS);
    assert_in_range(now_ms() - start, 50, 5000);
    dbc_conn_set_timeout(session.conn, 0);
    assert_int_equal(1, ASK_INT(session.conn, "SELECT 1"));
}

static void stops_waiting_for_a_lock_at_its_deadline(void **state)
{
    dbc_conn *other = sqlite_session_connect(&session, NULL);
    int64_t start = now_ms();

    (void)state;
    EXEC(session.conn, "BEGIN IMMEDIATE");
    dbc_conn_set_timeout(other, 50);
    ASSERT_FAILS(DBC_ETIMEOUT, other, "BEGIN IMMEDIATE");
    assert_in_range(now_ms() - start, 50, 3000);
    EXEC(session.conn, "ROLLBACK");
    dbc_close(other);
}

static void waits_for_a_lock_as_long_as_told(void **state)
{
    dbc_open_options patient = {.busy_timeout_ms = 80};
    dbc_conn *other = sqlite_session_connect(&session, &patient);
    dbc_stats stats;
    int64_t start = now_ms();

    (void)state;
    EXEC(session.conn, "BEGIN IMMEDIATE");
    ASSERT_FAILS(DBC_EBUSY, other, "BEGIN IMMEDIATE");
    assert_in_range(now_ms() - start, 79, 3000);
    dbc_conn_stats(other, &stats);
    assert_true(stats.busy_retries > 3);
    EXEC(session.conn, "ROLLBACK");
    EXEC(other, "BEGIN IMMEDIATE; ROLLBACK");
    dbc_close(other);
}

static void *interrupt_soon(void *ud)
{
    struct timespec moment = {0, 30000000};

    nanosleep(&moment, NULL);
    dbc_interrupt(ud);
    return NULL;
}

static void is_interrupted_while_it_works(void **state)
{
    pthread_t thread;

    (void)state;
    pthread_create(&thread, NULL, interrupt_soon, session.conn);
    ASSERT_FAILS(DBC_EINTERRUPTED, session.conn, ENDLESS);
    pthread_join(thread, NULL);
    assert_int_equal(1, ASK_INT(session.conn, "SELECT 1"));
}

static void is_interrupted_while_it_waits(void **state)
{
    dbc_conn *other = sqlite_session_connect(&session, NULL);
    int64_t start = now_ms();
    pthread_t thread;

    (void)state;
    EXEC(session.conn, "BEGIN IMMEDIATE");
    pthread_create(&thread, NULL, interrupt_soon, other);
    ASSERT_FAILS(DBC_EINTERRUPTED, other, "BEGIN IMMEDIATE");
    pthread_join(thread, NULL);
    assert_in_range(now_ms() - start, 0, 3000);
    EXEC(session.conn, "ROLLBACK");
    EXEC(other, "BEGIN IMMEDIATE; ROLLBACK");
    dbc_close(other);
}

// ---------------------------------------------------------------- checkpoints

static int64_t file_size(const char *name)
{
    FILE *file = fopen(sqlite_session_path(&session, name), "rb");

    if (file == NULL) return -1;
    fseek(file, 0, SEEK_END);
    int64_t size = ftell(file);
    fclose(file);
    return size;
}

static void write_pages(int64_t count)
{
    dbc_stmt *stmt =
        ACQUIRE(session.conn, "INSERT INTO t (v) VALUES (randomblob(4000))");

    for (int64_t i = 0; i < count; i++)
        ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, NULL, 0, NULL), session.conn);
    dbc_stmt_release(stmt);
}

static void keeps_the_log_short(void **state)
{
    dbc_open_options fast = {.durability = DBC_DURABILITY_OFF};

    (void)state;
    dbc_close(session.conn);
    session.conn = sqlite_session_connect(&session, &fast);
    write_pages(5000);
    // The threshold of 1000 pages, and a few for the commit that passed it.
    assert_in_range(file_size("app.db-wal"), 0, 1100 * 4120);
    assert_int_equal(5000, ASK_INT(session.conn, "SELECT count(*) FROM t"));
}

static void commits_while_a_reader_keeps_the_log(void **state)
{
    dbc_open_options fast = {.durability = DBC_DURABILITY_OFF};
    dbc_conn *reader = sqlite_session_connect(&session, NULL);

    (void)state;
    dbc_close(session.conn);
    session.conn = sqlite_session_connect(&session, &fast);
    EXEC(reader, "BEGIN");
    assert_int_equal(0, ASK_INT(reader, "SELECT count(*) FROM t"));
    int64_t start = now_ms();
    write_pages(2500);
    // One try per thousand pages, each with a bound of its own.
    assert_in_range(now_ms() - start, 0, 8000);
    assert_int_equal(0, ASK_INT(reader, "SELECT count(*) FROM t"));
    EXEC(reader, "COMMIT");
    dbc_close(reader);
    write_pages(1500);
    assert_int_equal(4000, ASK_INT(session.conn, "SELECT count(*) FROM t"));
    assert_string_equal("ok", ASK_TEXT(session.conn, "PRAGMA quick_check"));
}

static void says_how_much_a_reader_keeps_in_the_log(void **state)
{
    dbc_open_options impatient = {.busy_timeout_ms = 20};
    dbc_conn *other = sqlite_session_connect(&session, &impatient);
    dbc_checkpoint_info info = {0};

    (void)state;
    EXEC(session.conn, "BEGIN");
    assert_int_equal(0, ASK_INT(session.conn, "SELECT count(*) FROM t"));
    EXEC(other, "INSERT INTO t (v) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                "SELECT i + 1 FROM n WHERE i < 50) SELECT randomblob(4000) "
                "FROM n");
    ASSERT_RC(DBC_OK, dbc_checkpoint(&info, other, DBC_CHECKPOINT_TRUNCATE),
              other);
    assert_true(info.busy);
    assert_in_range(info.log_pages, 50, 80);
    assert_in_range(info.done_pages, 0, info.log_pages - 1);
    EXEC(session.conn, "COMMIT");
    dbc_close(other);
}

static void never_checkpoints_past_a_writer(void **state)
{
    dbc_open_options impatient = {.busy_timeout_ms = 20};
    dbc_conn *other = sqlite_session_connect(&session, &impatient);
    dbc_checkpoint_info info = {0};

    (void)state;
    write_pages(20);
    EXEC(session.conn, "BEGIN IMMEDIATE");
    ASSERT_RC(DBC_OK, dbc_checkpoint(&info, other, DBC_CHECKPOINT_FULL), other);
    // Giving up must not turn it into a PASSIVE one: no page was moved.
    assert_true(info.busy);
    if (sqlite3_libversion_number() < 3051003)
        assert_true(info.done_pages <= 0);
    assert_int_equal(1, ASK_INT(other, "SELECT 1"));
    EXEC(session.conn, "ROLLBACK");
    ASSERT_RC(DBC_OK, dbc_checkpoint(&info, other, DBC_CHECKPOINT_TRUNCATE),
              other);
    assert_false(info.busy);
    assert_int_equal(0, file_size("app.db-wal"));
    dbc_close(other);
}

// --------------------------------------------------------------------- memory

static int use_everything(void *ud, const dbc_alloc *alloc)
{
    const dbc_driver *driver = dbc_driver_sqlite();
    const dbc_open_options defaults = {0};
    dbc_driver_options options = {":memory:", &defaults, alloc};
    const dbc_value item = dbc_value_int(1);
    const dbc_value list = dbc_value_list(&item, 1);
    dbc_error err = DBC_ERROR_INIT;
    dbc_stmt_info info;
    void *db = NULL, *stmt = NULL;
    dbc_value row[1];
    size_t columns = 1;

    (void)ud;
    int rc = driver->open(&db, &options, &err);
    if (rc == DBC_OK) rc = driver->exec(db, SQL("CREATE TABLE t (a)"), &err);
    if (rc == DBC_OK)
        rc = driver->prepare(&stmt, &info, db,
                             SQL("SELECT value FROM dbc_list(?)"), 0, &err);
    if (rc == DBC_OK) rc = driver->bind(stmt, &list, 1, &err);
    if (rc == DBC_OK) rc = driver->step(stmt, row, &columns, &err);
    if (rc < 0) assert_int_equal(rc, err.code);
    driver->finalize(stmt);
    driver->close(db);
    return rc;
}

static void leaks_nothing_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(use_everything, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(brings_every_value_there_and_back),
        SPEC(stores_a_boolean_as_an_integer),
        SPEC(refuses_what_would_be_stored_as_something_else),
        SPEC(tells_what_a_statement_is),
        SPEC(refuses_a_nul_in_the_text),
        SPEC(counts_values_before_it_binds),
        SPEC(binds_anew_while_rows_are_left),
        SPEC(sees_columns_that_were_added_behind_its_back),
        SPEC(sees_columns_that_went_while_there_was_no_row),
        SPEC(runs_rows_of_a_bulk_write),
        SPEC(counts_no_changes_for_what_is_no_write),
        SPEC(can_be_used_again_after_a_failure),
        SPEC(runs_several_statements_of_a_text),
        SPEC(stops_a_statement_at_its_deadline),
        SPEC(stops_waiting_for_a_lock_at_its_deadline),
        SPEC(waits_for_a_lock_as_long_as_told),
        SPEC(is_interrupted_while_it_works),
        SPEC(is_interrupted_while_it_waits),
        SPEC(keeps_the_log_short),
        SPEC(commits_while_a_reader_keeps_the_log),
        SPEC(says_how_much_a_reader_keeps_in_the_log),
        SPEC(never_checkpoints_past_a_writer),
        SPEC(leaks_nothing_when_memory_is_out),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
