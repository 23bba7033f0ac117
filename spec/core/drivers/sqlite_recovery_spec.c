// What happens when the system fails SQLite while it recovers from a crash:
// the n-th read, write, lock … of the first opening goes wrong, for n = 1, 2,
// 3, …. The crash is an image of the files as they were at one moment: with a
// log that was never copied back, or with a journal of a transaction that had
// written half of its pages.
#include <stdio.h>
#include <stdlib.h>

#include "sqlite_session.h"
#include "vfs.h"

enum {
    BUSY_TIMEOUT_MS = 2,
    WALK_MAX = 500, // calls of one kind in one opening
    ROWS = 60       // that were committed
};

// One file of an image.
typedef struct file_image {
    char *bytes; // owned; NULL: there is no such file
    size_t len;
} file_image;

typedef struct crash {
    file_image db, beside;
    const char *suffix; // of the second file
    dbc_open_options options;
} crash;

static file_image read_file(const char *path)
{
    file_image image = {NULL, 0};
    FILE *file = fopen(path, "rb");

    assert_non_null(file);
    assert_int_equal(0, fseek(file, 0, SEEK_END));
    image.len = (size_t)ftell(file);
    rewind(file);
    image.bytes = malloc(image.len);
    assert_non_null(image.bytes);
    assert_int_equal(image.len, fread(image.bytes, 1, image.len, file));
    fclose(file);
    return image;
}

static void write_file(const char *path, const file_image *image)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(image->len, fwrite(image->bytes, 1, image->len, file));
    assert_int_equal(0, fclose(file));
}

static void take_image(crash *out, sqlite_session *session)
{
    char name[32];

    out->db = read_file(session->path);
    snprintf(name, sizeof name, "app.db%s", out->suffix);
    out->beside = read_file(sqlite_session_path(session, name));
    assert_true(out->beside.len > 512);
}

static void lay_image(const crash *image, sqlite_session *session)
{
    char name[32];

    write_file(session->path, &image->db);
    snprintf(name, sizeof name, "app.db%s", image->suffix);
    write_file(sqlite_session_path(session, name), &image->beside);
}

static void dispose(crash *image)
{
    free(image->db.bytes);
    free(image->beside.bytes);
}

static void fill(dbc_conn *conn)
{
    EXEC(conn, "CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT UNIQUE)");
    EXEC(conn, "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
               " SELECT i + 1 FROM n WHERE i < 60)"
               " SELECT i, printf('%0900d', i) FROM n");
}

static int sound(dbc_conn *conn)
{
    return ASK_INT(conn, "SELECT count(*) FROM t WHERE body ="
                         " printf('%0900d', id)") == ROWS &&
           strcmp(ASK_TEXT(conn, "PRAGMA integrity_check"), "ok") == 0;
}

// ---------------------------------------------------------------------- walk

// One opening with one fault. Returns whether it was met.
static int recover_once(const crash *image, const vfs_failure *failure, long n,
                        fault_kind kind)
{
    long long memory = vfs_memory_used();
    dbc_open_options options = image->options;
    dbc_error err = DBC_ERROR_INIT;
    sqlite_session session;

    sqlite_session_init(&session);
    lay_image(image, &session);
    options.alloc = &session.memory.alloc;
    vfs_arm(failure, n, kind);
    int rc = dbc_open(&session.conn, session.path, &options, &err);
    long failed = vfs_failed();
    if (rc == DBC_OK)
        dbc_exec(session.conn, SQL("UPDATE t SET body = body || 'x' WHERE 0"));
    if (kind == FAULT_FOR_EVER) dbc_close(session.conn);
    vfs_disarm();
    if (kind == FAULT_FOR_EVER) session.conn = NULL;

    if (rc < 0 && (failed == 0 || strstr(err.message, "app.db") == NULL))
        fail_msg("%s %ld, %s: %s", vfs_call_name(failure->call), n,
                 failure->name, err.message);
    if (session.conn == NULL)
        session.conn = sqlite_session_connect(&session, &options);
    if (!sound(session.conn))
        fail_msg("%s %ld, %s: rows are lost", vfs_call_name(failure->call), n,
                 failure->name);
    sqlite_session_close(&session);
    assert_int_equal(0, vfs_open_files());
    assert_int_equal(memory, vfs_memory_used());
    return failed > 0;
}

static void walk(const crash *image, long expected)
{
    long met = 0;

    for (size_t i = 0; i < vfs_failure_count; i++) {
        for (int kind = FAULT_ONCE; kind <= FAULT_FOR_EVER; kind++) {
            long n = 1;
            while (recover_once(image, &vfs_failures[i], n, (fault_kind)kind))
                assert_true(++n < WALK_MAX);
            met += n - 1;
        }
    }
    if (met < expected)
        fail_msg("%ld failures met, and not %ld", met, expected);
}

// --------------------------------------------------------------------- specs

static void keeps_what_is_in_a_log_that_it_cannot_recover_at_once(void **state)
{
    const dbc_pragma by_hand = {"wal_autocheckpoint", {DBC_INT, 0, {.i = 0}}};
    dbc_open_options options = {.pragmas = &by_hand, .pragma_count = 1};
    crash image = {.suffix = "-wal",
                   .options = {.mmap_size = -1,
                               .vfs = VFS_NAME,
                               .busy_timeout_ms = BUSY_TIMEOUT_MS}};
    sqlite_session session;

    (void)state;
    sqlite_session_open(&session, NULL, &options);
    fill(session.conn);
    take_image(&image, &session);
    sqlite_session_close(&session);

    walk(&image, 100);
    dispose(&image);
}

// A cache of two pages makes the engine write before it commits.
static void undoes_what_a_journal_says_however_often_it_fails(void **state)
{
    const dbc_pragma pragmas[] = {
        {"journal_mode", dbc_value_text("delete", 6)},
        {"cache_size", dbc_value_int(2)},
    };
    dbc_open_options options = {.pragmas = pragmas,
                                .pragma_count = COUNT(pragmas)};
    crash image = {.suffix = "-journal",
                   .options = {.mmap_size = -1,
                               .vfs = VFS_NAME,
                               .busy_timeout_ms = BUSY_TIMEOUT_MS,
                               .pragmas = pragmas,
                               .pragma_count = COUNT(pragmas)}};
    sqlite_session session;

    (void)state;
    sqlite_session_open(&session, NULL, &options);
    fill(session.conn);
    EXEC(session.conn, "BEGIN; UPDATE t SET body = 'wrong ' || body");
    take_image(&image, &session);
    EXEC(session.conn, "ROLLBACK");
    file_image undone = read_file(session.path);
    sqlite_session_close(&session);

    // Else there would be nothing to undo.
    assert_false(undone.len == image.db.len &&
                 memcmp(undone.bytes, image.db.bytes, undone.len) == 0);
    free(undone.bytes);
    walk(&image, 100);
    dispose(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_is_in_a_log_that_it_cannot_recover_at_once),
        cmocka_unit_test(undoes_what_a_journal_says_however_often_it_fails),
    };

    return cmocka_run_group_tests(tests, vfs_set_up, vfs_tear_down);
}
