// What happens when the system fails SQLite: the n-th read, write, sync, lock
// … goes wrong, for n = 1, 2, 3, … until none is left to fail, once and for
// ever. A scenario is a row of steps, each of which changes the database as a
// whole or not at all; the states between them are known from a run in which
// nothing fails. After each failure the connection must show the state before
// the failed step and go on from there, or say that it is broken, and the file
// must hold that state for whoever opens it next.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "sqlite_session.h"
#include "vfs_walk.h"

enum {
    STATE_SIZE = 4096, // of a state as a text
    BUSY_TIMEOUT_MS = 2
};

// ------------------------------------------------------------------- states

// All that the tables hold, as a text. Bodies are long and of one letter: the
// letter, the length, and whether it is true.
static const char state_sql[] =
    "SELECT coalesce(group_concat(id || ' ' || name || ' ' || letter || ' ' ||"
    " length(body) || ' ' || (replace(body, letter, '') = ''), '; '), 'none')"
    " || (SELECT ' of ' || coalesce(sum(count), 0) FROM tally)"
    " FROM (SELECT *, substr(body, 1, 1) AS letter FROM item ORDER BY id)";

// Before the tables are there the state is "empty".
static int read_state(char *out, dbc_conn *conn)
{
    int rc =
        sqlite_read_text(out, STATE_SIZE, conn,
                         "SELECT iif(count(*) = 0, 'empty', 'filled') FROM "
                         "sqlite_schema WHERE name IN ('item', 'tally')");

    if (rc < 0 || strcmp(out, "empty") == 0) return rc;
    return sqlite_read_text(out, STATE_SIZE, conn, state_sql);
}

// ----------------------------------------------------------------- scenarios

typedef struct fault_scene {
    sqlite_session session;
    char copy[128]; // the path of a backup
    dbc_open_options options;
} fault_scene;

typedef struct step {
    const char *name;
    int (*run)(fault_scene *scene, dbc_conn *conn);
} step;

// SQL as one transaction, or as it stands.
static int run_sql(dbc_conn *conn, const char *sql)
{
    return dbc_exec(conn, sql, strlen(sql));
}

static int run_whole(dbc_conn *conn, const char *sql)
{
    dbc_txn txn;
    int rc = dbc_txn_begin(&txn, conn, DBC_TXN_DEFAULT);

    if (rc < 0) return rc;
    rc = run_sql(conn, sql);
    if (rc == DBC_OK) rc = dbc_txn_commit(&txn);
    if (rc < 0) {
        // The cause outlives its undoing, or the connection is broken.
        int undone = dbc_txn_rollback(&txn);
        if (undone < 0) assert_int_equal(DBC_EBROKEN, undone);
        assert_int_equal(undone < 0 ? undone : rc, dbc_conn_error(conn)->code);
    }
    return rc;
}

static int create(fault_scene *scene, dbc_conn *conn)
{
    (void)scene;
    return run_whole(conn,
                     "CREATE TABLE item (id INTEGER PRIMARY KEY,"
                     " name TEXT NOT NULL UNIQUE, body TEXT);"
                     "CREATE INDEX item_body ON item (substr(body, 1, 8));"
                     "CREATE TABLE tally (count INTEGER);"
                     "INSERT INTO tally VALUES (0)");
}

static int insert_one(fault_scene *scene, dbc_conn *conn)
{
    const dbc_value values[] = {dbc_value_int(1), dbc_value_text("first", 5),
                                dbc_value_text("aaa", 3)};
    dbc_stmt *stmt = NULL;
    int64_t changes = 0;
    int rc =
        dbc_stmt_acquire(&stmt, conn, SQL("INSERT INTO item VALUES (?, ?, ?)"));

    (void)scene;
    if (rc == DBC_OK) rc = dbc_stmt_run(stmt, values, 3, &changes);
    if (rc == DBC_OK) assert_int_equal(1, changes);
    dbc_stmt_release(stmt);
    return rc;
}

static int insert_many(fault_scene *scene, dbc_conn *conn)
{
    (void)scene;
    return run_whole(
        conn, "INSERT INTO item WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL"
              " SELECT i + 1 FROM n WHERE i < 13)"
              " SELECT i, 'name ' || i, printf('%.*c', 900, 'b') FROM n;"
              "UPDATE tally SET count = (SELECT count(*) FROM item)");
}

static int update_all(fault_scene *scene, dbc_conn *conn)
{
    (void)scene;
    return run_sql(conn, "UPDATE item SET body = printf('%.*c', 1200, 'c')");
}

// The outer one keeps what came before and after the inner one.
static int save_and_undo(fault_scene *scene, dbc_conn *conn)
{
    dbc_txn outer, inner;
    int rc = dbc_txn_begin(&outer, conn, DBC_TXN_DEFAULT);

    (void)scene;
    if (rc < 0) return rc;
    rc = run_sql(conn, "UPDATE item SET name = upper(name) WHERE id < 5");
    if (rc == DBC_OK) rc = dbc_txn_begin(&inner, conn, DBC_TXN_DEFAULT);
    if (rc == DBC_OK) {
        rc = run_sql(conn, "DELETE FROM item WHERE id > 3; DELETE FROM tally");
        if (rc == DBC_OK) rc = dbc_txn_rollback(&inner);
    }
    if (rc == DBC_OK) rc = dbc_txn_begin(&inner, conn, DBC_TXN_DEFAULT);
    if (rc == DBC_OK) {
        rc = run_sql(conn, "INSERT INTO item VALUES (20, 'inner', 'ddd')");
        if (rc == DBC_OK) rc = dbc_txn_commit(&inner);
    }
    if (rc == DBC_OK) rc = dbc_txn_commit(&outer);
    if (rc < 0) dbc_txn_rollback(&outer);
    return rc;
}

static int checkpoint(fault_scene *scene, dbc_conn *conn)
{
    dbc_checkpoint_info info;

    (void)scene;
    return dbc_checkpoint(&info, conn, DBC_CHECKPOINT_TRUNCATE);
}

static int read_all(fault_scene *scene, dbc_conn *conn)
{
    dbc_stmt *stmt = NULL;
    int rows = 0;
    int rc = dbc_stmt_acquire(&stmt, conn,
                              SQL("SELECT id, name, body FROM item ORDER BY "
                                  "body, name"));

    (void)scene;
    if (rc == DBC_OK)
        while ((rc = dbc_stmt_step(stmt)) == DBC_ROW)
            rows++;
    if (rc == DBC_DONE) {
        assert_int_equal(14, rows);
        rc = DBC_OK;
    }
    dbc_stmt_release(stmt);
    return rc;
}

// The refused row leaves the transaction as it was.
static int refused_row(fault_scene *scene, dbc_conn *conn)
{
    dbc_txn txn;
    int rc = dbc_txn_begin(&txn, conn, DBC_TXN_DEFAULT);

    (void)scene;
    if (rc < 0) return rc;
    rc = run_sql(conn, "DELETE FROM item WHERE id = 1");
    if (rc == DBC_OK) {
        rc = run_sql(conn, "INSERT INTO item SELECT 30 + id, name || iif(id ="
                           " 9, '', '!'), body FROM item WHERE id BETWEEN 5 AND"
                           " 9");
        if (rc == DBC_EUNIQUE) rc = DBC_OK;
    }
    if (rc == DBC_OK) rc = run_sql(conn, "UPDATE tally SET count = 13");
    if (rc == DBC_OK) rc = dbc_txn_commit(&txn);
    if (rc < 0) dbc_txn_rollback(&txn);
    return rc;
}

static int backup(fault_scene *scene, dbc_conn *conn)
{
    return dbc_backup(conn, scene->copy, NULL, NULL);
}

static int delete_half(fault_scene *scene, dbc_conn *conn)
{
    (void)scene;
    return run_sql(conn, "DELETE FROM item WHERE id % 2 = 0");
}

static int vacuum(fault_scene *scene, dbc_conn *conn)
{
    (void)scene;
    return run_sql(conn, "VACUUM");
}

static int change_schema(fault_scene *scene, dbc_conn *conn)
{
    (void)scene;
    return run_whole(conn, "DROP INDEX item_body;"
                           "ALTER TABLE item ADD COLUMN note TEXT;"
                           "CREATE INDEX item_note ON item (note, name)");
}

static int restore(fault_scene *scene, dbc_conn *conn)
{
    return dbc_restore(conn, scene->copy, NULL, NULL);
}

static const step steps[] = {
    {"create", create},
    {"insert one", insert_one},
    {"insert many", insert_many},
    {"update all", update_all},
    {"save and undo", save_and_undo},
    {"checkpoint", checkpoint},
    {"read all", read_all},
    {"refused row", refused_row},
    {"backup", backup},
    {"delete half", delete_half},
    {"vacuum", vacuum},
    {"change schema", change_schema},
    {"restore", restore},
};

enum { STEPS = COUNT(steps) };

// What the database holds before the first step and after each.
static char states[STEPS + 1][STATE_SIZE];

// ------------------------------------------------------------------ one walk

static void check_state(const vfs_place *at, dbc_conn *conn, const char *state,
                        const char *or_state)
{
    char found[STATE_SIZE];
    int rc = read_state(found, conn);

    if (rc < 0) {
        vfs_say_place(at);
        fail_msg("cannot be read: %s", dbc_conn_error(conn)->message);
    }
    if (strcmp(found, state) == 0) return;
    if (or_state != NULL && strcmp(found, or_state) == 0) return;
    vfs_say_place(at);
    fail_msg("holds     %s\nand not   %s\n%s%s", found, state,
             or_state != NULL ? "nor       " : "",
             or_state != NULL ? or_state : "");
}

// What whoever opens the file next finds.
static void check_file(const vfs_place *at, const char *path, const char *state,
                       const char *or_state)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = NULL;
    char text[STATE_SIZE];

    if (dbc_open(&conn, path, NULL, &err) < 0) {
        vfs_say_place(at);
        fail_msg("cannot be opened: %s", err.message);
    }
    check_state(at, conn, state, or_state);
    CHECK_AT(at, sqlite_read_text(text, sizeof text, conn,
                                  "PRAGMA integrity_check") == DBC_OK);
    CHECK_AT(at, strcmp(text, "ok") == 0);
    dbc_close(conn);
}

// Which of the states a backup has.
static size_t backed_up(void)
{
    size_t i = 0;

    while (steps[i].run != backup)
        i++;
    return i;
}

static int file_exists(const char *path)
{
    FILE *file = fopen(path, "rb");

    if (file != NULL) fclose(file);
    return file != NULL;
}

// A backup is there as a whole, or not at all, and leaves no scraps.
static void check_copy(const vfs_place *at, fault_scene *scene)
{
    DIR *dir = opendir(scene->session.folder);
    struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL)
        CHECK_AT(at, strstr(entry->d_name, ".part") == NULL);
    closedir(dir);
    if (!file_exists(scene->copy)) return;

    check_file(at, scene->copy, states[backed_up()], NULL);
}

static void open_scene(fault_scene *scene, const dbc_open_options *options)
{
    sqlite_session_init(&scene->session);
    snprintf(scene->copy, sizeof scene->copy, "%s/copy.db",
             scene->session.folder);
    scene->options = *options;
    scene->options.alloc = &scene->session.memory.alloc;
    scene->options.busy_timeout_ms = BUSY_TIMEOUT_MS;
    scene->options.vfs = VFS_NAME;
}

static int open_conn(fault_scene *scene, const vfs_place *at)
{
    dbc_error err = DBC_ERROR_INIT;
    int rc = dbc_open(&scene->session.conn, scene->session.path,
                      &scene->options, &err);

    if (rc < 0) {
        assert_null(scene->session.conn);
        vfs_check_error(at, &err, ".db");
    }
    return rc;
}

// Runs the steps from `first` on. Returns how many are done by then.
static size_t run_steps(fault_scene *scene, vfs_place *at, size_t first)
{
    dbc_conn *conn = scene->session.conn;

    for (size_t i = first; i < STEPS; i++) {
        at->step = steps[i].name;
        if (steps[i].run(scene, conn) >= 0) continue;
        vfs_check_error(at, dbc_conn_error(conn), ".db");
        return i;
    }
    return STEPS;
}

// The step that failed is tried again, as anybody would, and all after it.
static size_t go_on(fault_scene *scene, vfs_place *at, size_t done)
{
    dbc_conn *conn = scene->session.conn;

    if (conn == NULL) {
        CHECK_AT(at, open_conn(scene, at) == DBC_OK);
        conn = scene->session.conn;
    }
    if (run_sql(conn, "SELECT 1") == DBC_EBROKEN) return done;
    check_state(at, conn, states[done], NULL);
    CHECK_AT(at, dbc_conn_depth(conn) == 0);
    for (size_t i = done; i < STEPS; i++) {
        at->step = steps[i].name;
        if (steps[i].run(scene, conn) >= 0) continue;
        vfs_say_place(at);
        fail_msg("fails again: %s", dbc_conn_error(conn)->message);
    }
    check_state(at, conn, states[STEPS], NULL);
    return STEPS;
}

// One run with one fault. Returns whether it was met.
static int run_once(vfs_place *at, const void *options)
{
    long long memory = vfs_memory_used();
    const char *or_state = NULL;
    fault_scene scene;
    size_t done = 0;

    open_scene(&scene, options);
    at->step = "open";
    vfs_arm(at->failure, at->n, at->kind);
    int opened = open_conn(&scene, at) == DBC_OK;
    if (opened) done = run_steps(&scene, at, 0);
    long failed = vfs_failed();

    if (at->kind == FAULT_ONCE) {
        vfs_disarm();
        if (done < STEPS) done = go_on(&scene, at, done);
    } else if (opened && done < STEPS) {
        // A commit whose error reached nobody but us may be found in the log
        // by whoever recovers it: it was whole.
        or_state = states[done + 1];
    }
    dbc_close(scene.session.conn);
    scene.session.conn = NULL;
    vfs_disarm();

    check_file(at, scene.session.path, states[done], or_state);
    check_copy(at, &scene);
    CHECK_AT(at, vfs_open_files() == 0);
    CHECK_AT(at, vfs_memory_used() == memory);
    sqlite_session_close(&scene.session);
    return failed > 0;
}

// Learns the states from a run without faults.
static void learn(const char *mode, const dbc_open_options *options)
{
    vfs_place at = {mode, NULL, 0, FAULT_ONCE, "open"};
    fault_scene scene;

    open_scene(&scene, options);
    assert_int_equal(DBC_OK, open_conn(&scene, &at));
    dbc_conn *conn = scene.session.conn;
    assert_int_equal(DBC_OK, read_state(states[0], conn));
    for (size_t i = 0; i < STEPS; i++) {
        ASSERT_RC(DBC_OK, steps[i].run(&scene, conn), conn);
        assert_int_equal(DBC_OK, read_state(states[i + 1], conn));
    }
    // The last step undoes what was done since the backup.
    assert_string_equal(states[backed_up()], states[STEPS]);
    sqlite_session_close(&scene.session);
}

static void walk(const char *mode, const dbc_open_options *options,
                 vfs_chooser chosen, long expected)
{
    learn(mode, options);
    vfs_walk(mode, run_once, options, chosen, expected);
}

// --------------------------------------------------------------------- modes

static const dbc_pragma eager = {"wal_autocheckpoint", {DBC_INT, 0, {.i = 4}}};

static int all_but_mapping(const vfs_failure *failure)
{
    return failure->call != VFS_FETCH;
}

static void survives_failures_with_a_log(void **state)
{
    dbc_open_options options = {
        .mmap_size = -1, .pragmas = &eager, .pragma_count = 1};

    (void)state;
    walk("WAL", &options, all_but_mapping, 1200);
}

// What is not read otherwise than without a map need not be walked again.
static int concerns_mapping(const vfs_failure *failure)
{
    return failure->call == VFS_FETCH || failure->call == VFS_TRUNCATE ||
           failure->call == VFS_FILE_SIZE;
}

static void survives_failures_with_mapped_reads(void **state)
{
    dbc_open_options options = {.pragmas = &eager, .pragma_count = 1};

    (void)state;
    walk("WAL, mapped", &options, concerns_mapping, 100);
}

static int concerns_journal(const vfs_failure *failure)
{
    return failure->call != VFS_FETCH && failure->call != VFS_SHM_MAP &&
           failure->call != VFS_SHM_LOCK;
}

static void survives_failures_with_a_journal(void **state)
{
    const dbc_pragma pragmas[] = {
        {"journal_mode", dbc_value_text("delete", 6)},
        {"cache_size", dbc_value_int(8)},
    };
    dbc_open_options options = {
        .mmap_size = -1, .pragmas = pragmas, .pragma_count = COUNT(pragmas)};

    (void)state;
    walk("journal", &options, concerns_journal, 1300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_failures_with_a_log),
        cmocka_unit_test(survives_failures_with_mapped_reads),
        cmocka_unit_test(survives_failures_with_a_journal),
    };

    return cmocka_run_group_tests(tests, vfs_set_up, vfs_tear_down);
}
