#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sqlite_session.h"

static sqlite_session session;

static int set_up(void **state)
{
    (void)state;
    sqlite_session_init(&session);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

static const char *in_folder(const char *name)
{
    return sqlite_session_path(&session, name);
}

static int exists(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0;
}

static void write_file(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(len, fwrite(bytes, 1, len, file));
    fclose(file);
}

// Opens `path`, which must fail with `code` and a message that holds `part`.
static void refuses(int code, const char *part, const char *path,
                    const dbc_open_options *options)
{
    dbc_open_options filled = {0};
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = NULL;

    if (options != NULL) filled = *options;
    filled.alloc = &session.memory.alloc;
    int rc = dbc_open(&conn, path, &filled, &err);
    spec_assert_rc(code, rc, &err, __FILE__, __LINE__);
    assert_null(conn);
    assert_int_equal(0, session.memory.live_blocks);
    if (strstr(err.message, part) == NULL)
        assert_string_equal(part, err.message);
}

static void open_app(const dbc_open_options *options)
{
    session.conn = sqlite_session_connect(&session, options);
}

// A database with one row in it, closed again.
static void make_database(void)
{
    open_app(NULL);
    EXEC(session.conn, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    dbc_close(session.conn);
    session.conn = NULL;
}

// ------------------------------------------------------------------- defaults

static void opens_with_defaults_for_production(void **state)
{
    (void)state;
    open_app(NULL);
    dbc_conn *conn = session.conn;
    assert_string_equal("wal", ASK_TEXT(conn, "PRAGMA journal_mode"));
    assert_int_equal(3, ASK_INT(conn, "PRAGMA synchronous"));
    assert_int_equal(1, ASK_INT(conn, "PRAGMA foreign_keys"));
    assert_int_equal(0, ASK_INT(conn, "PRAGMA trusted_schema"));
    assert_int_equal(2, ASK_INT(conn, "PRAGMA temp_store"));
    assert_int_equal(64 << 20, ASK_INT(conn, "PRAGMA journal_size_limit"));
    assert_int_equal(256 << 20, ASK_INT(conn, "PRAGMA mmap_size"));
    // Defensive: the schema table cannot be written, even when asked for.
    EXEC(conn, "CREATE TABLE t (a); PRAGMA writable_schema = on");
    ASSERT_FAILS(DBC_ESCHEMA, conn, "UPDATE sqlite_schema SET sql = 'x'");
    ASSERT_FAILS(DBC_ESCHEMA, conn, "SELECT \"text\" FROM t");
    ASSERT_FAILS(DBC_EDENIED, conn, "SELECT load_extension('x')");
}

static void takes_other_settings(void **state)
{
    dbc_open_options options = {.durability = DBC_DURABILITY_NORMAL,
                                .mmap_size = -1,
                                .flags = DBC_OPEN_NO_FOREIGN_KEYS |
                                         DBC_OPEN_TRUSTED_SCHEMA |
                                         DBC_OPEN_NOT_DEFENSIVE};

    (void)state;
    open_app(&options);
    dbc_conn *conn = session.conn;
    assert_int_equal(1, ASK_INT(conn, "PRAGMA synchronous"));
    assert_int_equal(0, ASK_INT(conn, "PRAGMA foreign_keys"));
    assert_int_equal(1, ASK_INT(conn, "PRAGMA trusted_schema"));
    assert_int_equal(0, ASK_INT(conn, "PRAGMA mmap_size"));
}

static void opens_memory_and_temporary_databases(void **state)
{
    static const char *const paths[] = {":memory:", ""};

    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++) {
        dbc_conn *conn = NULL;
        assert_int_equal(DBC_OK, dbc_open(&conn, paths[i], NULL, NULL));
        EXEC(conn, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
        assert_int_equal(1, ASK_INT(conn, "SELECT count(*) FROM t"));
        dbc_close(conn);
    }
}

static void takes_a_path_as_it_is(void **state)
{
    char here[4096];
    dbc_conn *conn = NULL;

    (void)state;
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(0, chdir(session.folder));
    assert_int_equal(DBC_OK, dbc_open(&conn, "file:x?mode=memory", NULL, NULL));
    EXEC(conn, "CREATE TABLE t (a)");
    dbc_close(conn);
    assert_true(exists(in_folder("file:x?mode=memory")));
    assert_int_equal(0, chdir(here));
}

// -------------------------------------------------------------------- reading

static void reads_a_file_that_cannot_be_written(void **state)
{
    dbc_open_options readonly = {.flags = DBC_OPEN_READONLY};

    (void)state;
    make_database();
    open_app(&readonly);
    assert_int_equal(1, ASK_INT(session.conn, "SELECT a FROM t"));
    ASSERT_FAILS(DBC_EREADONLY, session.conn, "INSERT INTO t VALUES (2)");
}

static void leaves_a_rollback_journal_mode_when_it_only_reads(void **state)
{
    const dbc_pragma pragmas[] = {{"journal_mode", {DBC_TEXT, 6, {0}}}};
    dbc_pragma delete_mode = pragmas[0];
    dbc_open_options options = {.pragmas = &delete_mode, .pragma_count = 1};
    dbc_open_options readonly = {.flags = DBC_OPEN_READONLY};

    (void)state;
    delete_mode.value.as.text = "delete";
    open_app(&options);
    EXEC(session.conn, "CREATE TABLE t (a)");
    assert_string_equal("delete",
                        ASK_TEXT(session.conn, "PRAGMA journal_mode"));
    dbc_close(session.conn);
    open_app(&readonly);
    assert_string_equal("delete",
                        ASK_TEXT(session.conn, "PRAGMA journal_mode"));
    assert_int_equal(0, ASK_INT(session.conn, "SELECT count(*) FROM t"));
}

static void opens_only_what_exists_when_told(void **state)
{
    dbc_open_options existing = {.flags = DBC_OPEN_EXISTING};
    dbc_open_options readonly = {.flags = DBC_OPEN_READONLY};

    (void)state;
    refuses(DBC_ECANTOPEN, "it does not exist", session.path, &existing);
    refuses(DBC_ECANTOPEN, "it does not exist", session.path, &readonly);
    assert_false(exists(session.path));
    make_database();
    open_app(&existing);
    EXEC(session.conn, "INSERT INTO t VALUES (2)");
}

// ------------------------------------------------------------------- refusing

static void says_why_a_path_cannot_be_opened(void **state)
{
    char name[400];

    (void)state;
    refuses(DBC_ECANTOPEN, "its folder does not exist", in_folder("no/app.db"),
            NULL);
    refuses(DBC_ECANTOPEN, "it is a directory", session.folder, NULL);
    write_file(session.path, "x", 1);
    refuses(DBC_ECANTOPEN, "its folder is a file", in_folder("app.db/x"), NULL);
    assert_int_equal(0, mkfifo(in_folder("pipe"), 0600));
    refuses(DBC_ECANTOPEN, "it is no regular file", in_folder("pipe"), NULL);
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    refuses(DBC_ECANTOPEN, "its name is too long", name, NULL);
}

static void refuses_a_file_that_is_no_database(void **state)
{
    char garbage[8192];

    (void)state;
    memset(garbage, 'g', sizeof garbage);
    write_file(session.path, garbage, sizeof garbage);
    refuses(DBC_ECORRUPT, "is not a SQLite database, or it is encrypted",
            session.path, NULL);
    write_file(session.path, garbage, 10);
    refuses(DBC_ECORRUPT, "is not a SQLite database", session.path, NULL);
    assert_false(exists(in_folder("app.db-wal")));
}

static void refuses_a_file_that_was_cut_off(void **state)
{
    static const off_t sizes[] = {4096, 1000, 100, 60};

    (void)state;
    make_database();
    for (size_t i = 0; i < COUNT(sizes); i++) {
        assert_int_equal(0, truncate(session.path, sizes[i]));
        refuses(DBC_ECORRUPT, session.path, session.path, NULL);
    }
}

static void refuses_a_schema_that_cannot_be_read(void **state)
{
    dbc_open_options loose = {.flags = DBC_OPEN_NOT_DEFENSIVE};

    (void)state;
    open_app(&loose);
    EXEC(session.conn, "CREATE TABLE t (a); PRAGMA writable_schema = on;"
                       "UPDATE sqlite_schema SET sql = 'CREATE TABLE t('");
    dbc_close(session.conn);
    session.conn = NULL;
    refuses(DBC_ECORRUPT, "malformed database schema", session.path, NULL);
}

static void takes_an_empty_file_as_an_empty_database(void **state)
{
    (void)state;
    write_file(session.path, "", 0);
    open_app(NULL);
    EXEC(session.conn, "CREATE TABLE t (a)");
}

// -------------------------------------------------------------------- pragmas

static dbc_pragma int_pragma(const char *name, int64_t value)
{
    dbc_pragma pragma = {name, dbc_value_int(value)};

    return pragma;
}

static dbc_pragma text_pragma(const char *name, const char *value)
{
    dbc_pragma pragma = {name, dbc_value_text(value, strlen(value))};

    return pragma;
}

static void runs_pragmas_last(void **state)
{
    const dbc_pragma pragmas[] = {
        int_pragma("page_size", 8192), int_pragma("cache_size", -64000),
        text_pragma("synchronous", "normal"), int_pragma("Foreign_Keys", 0),
        int_pragma("user_version", 7)};
    dbc_open_options options = {.pragmas = pragmas,
                                .pragma_count = COUNT(pragmas)};

    (void)state;
    open_app(&options);
    dbc_conn *conn = session.conn;
    assert_int_equal(8192, ASK_INT(conn, "PRAGMA page_size"));
    assert_int_equal(-64000, ASK_INT(conn, "PRAGMA cache_size"));
    assert_int_equal(1, ASK_INT(conn, "PRAGMA synchronous"));
    assert_int_equal(0, ASK_INT(conn, "PRAGMA foreign_keys"));
    assert_int_equal(7, ASK_INT(conn, "PRAGMA user_version"));
    assert_string_equal("wal", ASK_TEXT(conn, "PRAGMA journal_mode"));
}

static void refuses_pragmas_before_it_makes_a_file(void **state)
{
    const dbc_pragma wrong[] = {
        int_pragma("no_such_pragma", 1),
        int_pragma("user_version = 1; DROP TABLE t; --", 1),
        int_pragma("", 1),
        int_pragma(NULL, 1),
        {"cache_size", dbc_value_null()},
        {"cache_size", dbc_value_real(1.5)},
        {"journal_mode", dbc_value_text("w\0l", 3)}};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        dbc_open_options options = {.pragmas = &wrong[i], .pragma_count = 1};
        refuses(DBC_EINVALID, "pragma", session.path, &options);
        assert_false(exists(session.path));
    }
    dbc_open_options options = {.pragmas = wrong, .pragma_count = 1};
    refuses(DBC_EINVALID, "SQLite has no pragma \"no_such_pragma\"",
            session.path, &options);
}

static void quotes_the_value_of_a_pragma(void **state)
{
    const dbc_pragma pragma =
        text_pragma("encoding", "x'; CREATE TABLE injected (a); --");
    dbc_open_options options = {.pragmas = &pragma, .pragma_count = 1};

    (void)state;
    refuses(DBC_EDATABASE, "unsupported encoding", session.path, &options);
    open_app(NULL);
    assert_int_equal(
        0, ASK_INT(session.conn, "SELECT count(*) FROM sqlite_schema"));
}

static void keeps_its_own_waiting_when_a_pragma_sets_it(void **state)
{
    const dbc_pragma pragma = int_pragma("busy_timeout", 30);
    dbc_open_options options = {.pragmas = &pragma, .pragma_count = 1};
    dbc_stats stats;

    (void)state;
    open_app(NULL);
    dbc_conn *other = sqlite_session_connect(&session, &options);
    EXEC(session.conn, "BEGIN IMMEDIATE");
    ASSERT_FAILS(DBC_EBUSY, other, "BEGIN IMMEDIATE");
    dbc_conn_stats(other, &stats);
    assert_true(stats.busy_retries > 0);
    dbc_close(other);
}

static void says_when_a_journal_mode_is_refused(void **state)
{
    const dbc_pragma pragma = text_pragma("journal_mode", "off");
    dbc_open_options options = {.pragmas = &pragma, .pragma_count = 1};

    (void)state;
    // Defensive mode does not switch the journal off.
    refuses(DBC_EUNSUPPORTED, "journal_mode", session.path, &options);
}

// ---------------------------------------------------------------- meeting
// others

static dbc_conn *open_in_delete_mode(void)
{
    const dbc_pragma pragma = text_pragma("journal_mode", "delete");
    dbc_open_options options = {.pragmas = &pragma, .pragma_count = 1};

    return sqlite_session_connect(&session, &options);
}

static void reports_that_others_keep_it_from_wal(void **state)
{
    dbc_open_options impatient = {.busy_timeout_ms = 60};
    dbc_conn *other = open_in_delete_mode();

    (void)state;
    EXEC(other, "CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1)");
    refuses(DBC_EBUSY, "is locked by another connection", session.path,
            &impatient);
    EXEC(other, "COMMIT");
    dbc_close(other);
}

static void *commit_soon(void *ud)
{
    struct timespec moment = {0, 60000000};

    nanosleep(&moment, NULL);
    dbc_exec(ud, SQL("COMMIT"));
    return NULL;
}

static void waits_for_others_before_it_switches_to_wal(void **state)
{
    dbc_conn *other = open_in_delete_mode();
    pthread_t thread;

    (void)state;
    EXEC(other, "CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1)");
    pthread_create(&thread, NULL, commit_soon, other);
    open_app(NULL);
    pthread_join(thread, NULL);
    assert_string_equal("wal", ASK_TEXT(session.conn, "PRAGMA journal_mode"));
    dbc_close(other);
}

static int open_a_file(void *ud, const dbc_alloc *alloc)
{
    const dbc_pragma pragma = int_pragma("cache_size", -100);
    dbc_open_options options = {
        .alloc = alloc, .pragmas = &pragma, .pragma_count = 1};
    dbc_conn *conn = NULL;

    (void)ud;
    int rc = dbc_open(&conn, session.path, &options, NULL);
    dbc_close(conn);
    return rc;
}

static void leaks_nothing_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(open_a_file, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(opens_with_defaults_for_production),
        SPEC(takes_other_settings),
        SPEC(opens_memory_and_temporary_databases),
        SPEC(takes_a_path_as_it_is),
        SPEC(reads_a_file_that_cannot_be_written),
        SPEC(leaves_a_rollback_journal_mode_when_it_only_reads),
        SPEC(opens_only_what_exists_when_told),
        SPEC(says_why_a_path_cannot_be_opened),
        SPEC(refuses_a_file_that_is_no_database),
        SPEC(refuses_a_file_that_was_cut_off),
        SPEC(refuses_a_schema_that_cannot_be_read),
        SPEC(takes_an_empty_file_as_an_empty_database),
        SPEC(runs_pragmas_last),
        SPEC(refuses_pragmas_before_it_makes_a_file),
        SPEC(quotes_the_value_of_a_pragma),
        SPEC(keeps_its_own_waiting_when_a_pragma_sets_it),
        SPEC(says_when_a_journal_mode_is_refused),
        SPEC(reports_that_others_keep_it_from_wal),
        SPEC(waits_for_others_before_it_switches_to_wal),
        SPEC(leaks_nothing_when_memory_is_out),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
