// A table is copied into its new form while the system fails: the n-th read,
// write, sync, lock … goes wrong, or the n-th allocation of SQLite, for n = 1,
// 2, 3, … until none is left to fail, once and for ever. The file must be as
// before or as after, an error must be what it is, the connection goes on or
// says that it is broken, and the next run finishes.
#include <stdio.h>
#include <stdlib.h>

#include "heap.h"
#include "sqlite_session.h"
#include "vfs_walk.h"

enum {
    TEXT_SIZE = 4096,
    ALLOCATIONS_MAX = 100000,
    BUSY_TIMEOUT_MS = 2,
    STRIDE = 127
};

static const char before[] =
    "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT, old TEXT);"
    "CREATE INDEX p_v ON p(v);"
    "CREATE TABLE c(id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p(id) ON "
    "DELETE CASCADE);"
    "CREATE INDEX c_pid ON c(pid);"
    "CREATE VIEW w AS SELECT v FROM p;"
    "CREATE TRIGGER t AFTER INSERT ON p BEGIN DELETE FROM c WHERE id = 0; END;"
    "INSERT INTO p(v, old) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i "
    "+ 1 FROM n WHERE i < 12) SELECT 'v' || i, printf('%.*c', 700, 'o') FROM n;"
    "INSERT INTO c(pid) SELECT id FROM p;";
static const char after[] =
    "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT NOT NULL "
    "UNIQUE, old TEXT CHECK (old <> ''));"
    "CREATE INDEX p_v ON p(v);"
    "CREATE TABLE c(id INTEGER PRIMARY KEY, pid INTEGER REFERENCES p(id) ON "
    "DELETE CASCADE);"
    "CREATE INDEX c_pid ON c(pid);"
    "CREATE VIEW w AS SELECT v FROM p;"
    "CREATE TRIGGER t AFTER INSERT ON p BEGIN DELETE FROM c WHERE id = 0; END;";

// ------------------------------------------------------------------- states

// The schema, and all rows: "before …" and "after …" are all that there may be.
static int read_state(char out[TEXT_SIZE], dbc_conn *conn)
{
    static const char sql[] =
        "SELECT (SELECT iif(sql LIKE '%CHECK%', 'after ', 'before ') FROM "
        "sqlite_master WHERE name = 'p') || (SELECT group_concat(name, ' ') "
        "FROM (SELECT name FROM sqlite_master WHERE name NOT LIKE "
        "'%autoindex%' "
        "AND name <> 'dbcore_migrations' ORDER BY name)) || ': ' || (SELECT "
        "group_concat(id || v || length(old)) FROM p) || '; ' || (SELECT "
        "group_concat(id || '>' || pid) FROM c) || '; ' || (SELECT seq FROM "
        "sqlite_sequence)";

    return sqlite_read_text(out, TEXT_SIZE, conn, sql);
}

// Without its first word.
static const char *rest(const char *state)
{
    return strchr(state, ' ');
}

// --------------------------------------------------------------------- work

typedef struct scene scene;
typedef int (*work)(scene *s, dbc_conn *conn);

struct scene {
    sqlite_session session;
    dbc_open_options options;
    work run;
    char backup[128];
    int done; // the last run says that it was, though it may have failed
};

// What a walk does again and again, and on which connection.
typedef struct job {
    work run;
    const dbc_open_options *options;
} job;

static int push(scene *s, dbc_conn *conn)
{
    dbc_catalog *wanted = NULL;
    dbc_plan *plan = NULL;

    int rc = dbc_catalog_of_sql(&wanted, SQL(after), conn);
    if (rc >= 0) rc = dbc_plan_new(&plan, conn, wanted, NULL);
    dbc_catalog_free(wanted);
    if (rc >= 0) rc = dbc_plan_apply(plan, conn, NULL);
    dbc_plan_free(plan);
    s->done = rc >= 0;
    return rc;
}

static int change(void *ud, dbc_migration_run *run)
{
    dbc_alteration *a = NULL;
    (void)ud;

    int rc = dbc_alteration_new(&a, run->conn);
    if (rc < 0) return rc;
    dbc_alter_change_column(a, "p", "v TEXT NOT NULL UNIQUE");
    dbc_alter_change_column(a, "p", "old TEXT CHECK (old <> '')");
    rc = dbc_migration_alter(run, a);
    dbc_alteration_free(a);
    return rc;
}

// As a migration, with a backup and a ledger.
static int migrate(scene *s, dbc_conn *conn)
{
    static const char sum[] = "00000000000000000000000000000000"
                              "00000000000000000000000000000000";
    const dbc_migration list[] = {
        {.version = "1",
         .name = "change",
         .up = change,
         .checksum = sum,
         .flags = DBC_MIGRATION_LOSES},
    };
    const dbc_goal goal = {.kind = DBC_GOAL_UP};
    dbc_migrate_options options = {.lock_timeout_ms = -1, .backup = s->backup};
    dbc_migrate_result result;
    dbc_migrator *migrator;

    remove(s->backup);
    assert_int_equal(DBC_OK, dbc_migrator_new(&migrator, list, 1, NULL, NULL));
    int rc = dbc_migrate(&result, migrator, conn, &goal, &options);
    dbc_migrator_free(migrator);
    s->done = rc >= 0 || result.applied > 0;
    return rc;
}

// ------------------------------------------------------------------ one walk

static void open_scene(scene *s, const job *what)
{
    sqlite_session_init(&s->session);
    snprintf(s->backup, sizeof s->backup, "%s/copy.db", s->session.folder);
    s->options = *what->options;
    s->run = what->run;
    s->done = 0;
    s->options.alloc = &s->session.memory.alloc;
    s->options.busy_timeout_ms = BUSY_TIMEOUT_MS;
    s->options.vfs = VFS_NAME;
    s->options.durability = DBC_DURABILITY_OFF;
    s->session.conn = sqlite_session_connect(&s->session, &s->options);
    EXEC(s->session.conn, before);
    dbc_close(s->session.conn);
    s->options.durability = what->options->durability;
    s->session.conn = NULL;
}

static void arm(const vfs_place *at)
{
    if (at->failure)
        vfs_arm(at->failure, at->n, at->kind);
    else
        heap_arm(at->n, at->kind);
}

static void disarm(void)
{
    vfs_disarm();
    heap_arm(0, FAULT_ONCE);
}

static void check_state(const vfs_place *at, dbc_conn *conn, const char *wanted,
                        const char *other)
{
    char found[TEXT_SIZE];

    if (read_state(found, conn) < 0) {
        vfs_say_place(at);
        fail_msg("cannot be read: %s", dbc_conn_error(conn)->message);
    }
    if (strcmp(found, wanted) == 0 || strcmp(found, other) == 0) return;
    vfs_say_place(at);
    fail_msg("holds %s\nand not %s", found, wanted);
}

static void finish(const vfs_place *at, scene *s, dbc_conn *conn,
                   const char *wanted)
{
    if (s->run(s, conn) < 0) {
        vfs_say_place(at);
        fail_msg("fails again: %s", dbc_conn_error(conn)->message);
    }
    check_state(at, conn, wanted, wanted);
    CHECK_AT(at, ASK_INT(conn, "PRAGMA foreign_keys") == 1);
    CHECK_AT(at, ASK_INT(conn, "PRAGMA legacy_alter_table") == 0);
    CHECK_AT(at, dbc_conn_depth(conn) == 0);
}

// The connection that met the failure.
static void go_on(const vfs_place *at, scene *s, const char *first,
                  const char *last)
{
    const char *wanted = s->done ? last : first;
    dbc_conn *conn = s->session.conn;

    if (dbc_exec(conn, SQL("SELECT 1")) == DBC_EBROKEN) return;
    CHECK_AT(at, dbc_conn_depth(conn) == 0);
    CHECK_AT(at, ASK_INT(conn, "PRAGMA foreign_keys") == 1);
    CHECK_AT(at, ASK_INT(conn, "PRAGMA legacy_alter_table") == 0);
    check_state(at, conn, wanted, wanted);
    finish(at, s, conn, last);
}

// Whoever opens the file next.
static void look_again(const vfs_place *at, scene *s, const char *first,
                       const char *last)
{
    dbc_conn *conn = NULL;
    char text[TEXT_SIZE];

    CHECK_AT(at, dbc_open(&conn, s->session.path, &s->options, NULL) == DBC_OK);
    check_state(at, conn, first, last);
    CHECK_AT(at, sqlite_read_text(text, sizeof text, conn,
                                  "PRAGMA integrity_check") == DBC_OK);
    CHECK_AT(at, strcmp(text, "ok") == 0);
    finish(at, s, conn, last);
    dbc_close(conn);
}

// Returns whether the failure was met.
static int run_once(vfs_place *at, const void *ud)
{
    const job *what = ud;
    long long memory = vfs_memory_used();
    char first[TEXT_SIZE], last[TEXT_SIZE];
    dbc_error err = DBC_ERROR_INIT;
    scene s;
    int rc;

    open_scene(&s, what);
    s.session.conn = sqlite_session_connect(&s.session, &s.options);
    assert_int_equal(DBC_OK, read_state(first, s.session.conn));
    snprintf(last, sizeof last, "after%s", rest(first));

    arm(at);
    rc = s.run(&s, s.session.conn);
    err = *dbc_conn_error(s.session.conn);
    long failed = at->failure ? vfs_failed() : heap_failed();
    if (at->kind == FAULT_ONCE) disarm();
    if (rc < 0) vfs_check_error(at, &err, "");
    if (at->kind == FAULT_ONCE) go_on(at, &s, first, last);
    dbc_close(s.session.conn);
    s.session.conn = NULL;
    disarm();

    // A commit whose error reached nobody but us may be found in the log by
    // whoever recovers it: it was whole.
    look_again(at, &s, s.done ? last : first, last);
    CHECK_AT(at, vfs_open_files() == 0);
    CHECK_AT(at, vfs_memory_used() == memory);
    sqlite_session_close(&s.session);
    return failed > 0;
}

static const dbc_pragma small[] = {
    {"journal_mode", {DBC_TEXT, 6, {.text = "delete"}}},
    {"cache_size", {DBC_INT, 0, {.i = 4}}},
};
static const dbc_open_options with_log = {
    .mmap_size = -1, .pragmas = &small[1], .pragma_count = 1};
static const dbc_open_options with_journal = {
    .mmap_size = -1, .pragmas = small, .pragma_count = COUNT(small)};

static void walk(const char *mode, work run, const dbc_open_options *options,
                 long expected)
{
    vfs_walk(mode, run_once, &(job){run, options}, NULL, expected);
}

// There are thousands of allocations: one in so many, from another one on for
// each kind, or, with DBCORE_SPEC_ROUNDS, every one.
static void walk_memory(const char *mode, work run, long expected)
{
    long stride = getenv("DBCORE_SPEC_ROUNDS") ? 1 : STRIDE;
    const job what = {run, &with_log};

    for (int kind = FAULT_ONCE; kind <= FAULT_FOR_EVER; kind++) {
        vfs_place at = {mode, NULL, 1 + kind * stride / 2, (fault_kind)kind,
                        NULL};
        while (run_once(&at, &what)) {
            at.n += stride;
            CHECK_AT(&at, at.n < ALLOCATIONS_MAX);
        }
        CHECK_AT(&at, at.n > expected);
    }
}

// --------------------------------------------------------------------- modes

static void pushes_with_a_log(void **state)
{
    (void)state;
    walk("push, WAL", push, &with_log, 300);
}

static void pushes_with_a_journal(void **state)
{
    (void)state;
    walk("push, journal", push, &with_journal, 340);
}

static void migrates_with_a_log(void **state)
{
    (void)state;
    walk("migrate, WAL", migrate, &with_log, 560);
}

static void pushes_or_is_out_of_memory(void **state)
{
    (void)state;
    walk_memory("push", push, 6000);
}

static void migrates_or_is_out_of_memory(void **state)
{
    (void)state;
    walk_memory("migrate", migrate, 8000);
}

static int install(void **state)
{
    return heap_install(state) != 0 ? 1 : vfs_set_up(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pushes_with_a_log),
        cmocka_unit_test(pushes_with_a_journal),
        cmocka_unit_test(migrates_with_a_log),
        cmocka_unit_test(pushes_or_is_out_of_memory),
        cmocka_unit_test(migrates_or_is_out_of_memory),
    };

    return cmocka_run_group_tests(tests, install, vfs_tear_down);
}
