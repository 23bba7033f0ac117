// What migrating costs beside the same work by hand, both in one process and
// on one SQLite, in turns:
//
//   migrate [ROUNDS]              all of it, a table of medians (default 3)
//   migrate rebuild-by-hand ROWS  one side alone, to count its instructions
//   migrate tickets ROWS          the table that is rebuilt, to subtract them
//   migrate unique-by-hand ROWS
//   migrate rebuild ROWS
//   migrate migration ROWS
//   migrate unique ROWS
//   migrate create TABLES
//   migrate nothing TABLES
//   migrate plan TABLES
//
// Counted are the processor's seconds, user and system together: this is work
// for one core that waits for the disk now and then. Both open a file with the
// same settings. By hand nothing is asked of the rows before, and nothing is
// verified afterwards but foreign keys.
#define _POSIX_C_SOURCE 200809L
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "dbcore.h"

enum {
    MOST_ROUNDS = 99,
    ROWS = 1000000,
    FEW = 100,
    MANY = 1000,
    TEXT_SIZE = 2000
};

// The settings dbcore opens a file with, said once more for the other side.
static const char settings[] =
    "PRAGMA journal_mode = wal; PRAGMA synchronous = extra;"
    "PRAGMA mmap_size = 268435456; PRAGMA journal_size_limit = 67108864;"
    "PRAGMA temp_store = memory; PRAGMA foreign_keys = on;";

// A table as users have them: two indexes, a trigger, and a child.
static const char table_of[] =
    "CREATE TABLE %s(id INTEGER PRIMARY KEY, title TEXT NOT NULL%s, body TEXT, "
    "state TEXT%s, owner INTEGER NOT NULL, weight REAL);";
static const char attached[] =
    "CREATE INDEX ticket_owner ON ticket(owner);"
    "CREATE INDEX ticket_state ON ticket(state, weight);"
    "CREATE TRIGGER ticket_closed AFTER UPDATE OF state ON ticket WHEN "
    "new.state = 'closed' BEGIN INSERT INTO note(ticket, text) VALUES "
    "(new.id, 'closed'); END;";
static const char child[] =
    "CREATE TABLE note(id INTEGER PRIMARY KEY, ticket INTEGER NOT NULL "
    "REFERENCES ticket(id) ON DELETE CASCADE, text TEXT);"
    "CREATE INDEX note_ticket ON note(ticket);";
static const char checked[] = " NOT NULL CHECK (state <> '')";

// As SQLite's manual has it, step by step; %s is the new table.
static const char by_hand[] =
    "PRAGMA foreign_keys = off; BEGIN IMMEDIATE; %s"
    "INSERT INTO ticket_new(id, title, body, state, owner, weight) "
    "SELECT id, title, body, state, owner, weight FROM ticket;"
    "DROP TABLE ticket; ALTER TABLE ticket_new RENAME TO ticket; %s"
    "PRAGMA foreign_key_check; COMMIT; PRAGMA foreign_keys = on;";
static const char fill[] =
    "BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
    "WHERE i < %ld) INSERT INTO ticket SELECT i, 'ticket number ' || i, "
    "'body of ' || i || ', some words', CASE i %% 3 WHEN 0 THEN 'open' WHEN 1 "
    "THEN 'closed' ELSE 'new' END, i * 7919 %% 5000, i * 0.25 FROM n;"
    "INSERT INTO note(ticket, text) SELECT id, 'note on ' || id FROM ticket "
    "WHERE id %% 4 = 0; COMMIT; PRAGMA wal_checkpoint(truncate);";

static char path[] = "/tmp/dbcore-bench-XXXXXX";

// ---------------------------------------------------------------- small tools

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void fail(const char *message)
{
    fprintf(stderr, "migrate: %s\n", message);
    exit(1);
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(db));
}

static void remove_file(void)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[sizeof path + 8];

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

static sqlite3 *open_raw(const char *name)
{
    sqlite3 *db;

    if (sqlite3_open(name, &db) != SQLITE_OK) fail("a file cannot be opened");
    run(db, settings);
    return db;
}

static dbc_conn *open_ours(const char *name)
{
    dbc_conn *conn;
    dbc_error err = {0};

    if (dbc_open(&conn, name, NULL, &err) < 0) fail(err.message);
    return conn;
}

static void check(int rc, const dbc_conn *conn)
{
    if (rc < 0) fail(dbc_conn_error(conn)->message);
}

static void make_tickets(long rows)
{
    char sql[TEXT_SIZE], table[TEXT_SIZE / 2];

    remove_file();
    sqlite3 *db = open_raw(path);
    snprintf(table, sizeof table, table_of, "ticket", "", "");
    snprintf(sql, sizeof sql, "%s%s%s", table, attached, child);
    run(db, sql);
    snprintf(sql, sizeof sql, fill, rows);
    run(db, sql);
    sqlite3_close(db);
}

// `count` tables that refer to each other, one in ten with a view over it. The
// caller frees it. With `changed`, a table in the middle has one more column.
static char *make_schema(long count, int changed)
{
    size_t room = (size_t)count * 400 + 1, len = 0;
    char *sql = malloc(room);

    if (!sql) fail("out of memory");
    sql[0] = '\0';
    for (long i = 0; i < count; i++) {
        len += (size_t)snprintf(
            sql + len, room - len,
            "CREATE TABLE part_%ld(id INTEGER PRIMARY KEY, name TEXT NOT NULL "
            "DEFAULT 'none', size INTEGER CHECK (size > 0), above INTEGER "
            "REFERENCES part_%ld(id)%s);\n"
            "CREATE INDEX part_%ld_above ON part_%ld(above);\n",
            i, i / 2, changed && i == count / 2 ? ", more TEXT" : "", i, i);
        if (i % 10 != 0) continue;
        len += (size_t)snprintf(sql + len, room - len,
                                "CREATE VIEW parts_%ld AS SELECT id, name FROM "
                                "part_%ld;\n",
                                i, i);
    }
    return sql;
}

// ------------------------------------------------------------------ workloads

static double tickets(long rows)
{
    double start = seconds();
    make_tickets(rows);
    return seconds() - start;
}

static double copy_by_hand(long rows, const char *title, const char *state)
{
    char sql[TEXT_SIZE], table[TEXT_SIZE / 2];

    make_tickets(rows);
    snprintf(table, sizeof table, table_of, "ticket_new", title, state);
    snprintf(sql, sizeof sql, by_hand, table, attached);
    sqlite3 *db = open_raw(path);
    double start = seconds();
    run(db, sql);
    double spent = seconds() - start;
    sqlite3_close(db);
    return spent;
}

static double rebuild_by_hand(long rows)
{
    return copy_by_hand(rows, "", checked);
}

static double unique_by_hand(long rows)
{
    return copy_by_hand(rows, " UNIQUE", "");
}

static dbc_plan *plan_of(dbc_conn *conn, const char *sql)
{
    dbc_catalog *wanted;
    dbc_plan *plan;

    check(dbc_catalog_of_sql(&wanted, sql, strlen(sql), conn), conn);
    check(dbc_plan_new(&plan, conn, wanted, NULL), conn);
    dbc_catalog_free(wanted);
    return plan;
}

static int on_progress(void *ud, const dbc_progress_info *info)
{
    (void)ud;
    (void)info;
    return 0;
}

// Planned, probed, carried out with progress and verified.
static double copy(long rows, const char *title, const char *state)
{
    dbc_apply_options options = {.progress = on_progress};
    char sql[TEXT_SIZE], table[TEXT_SIZE / 2];

    make_tickets(rows);
    snprintf(table, sizeof table, table_of, "ticket", title, state);
    snprintf(sql, sizeof sql, "%s%s%s", table, attached, child);
    dbc_conn *conn = open_ours(path);
    double start = seconds();
    dbc_plan *plan = plan_of(conn, sql);
    check(dbc_plan_apply(plan, conn, &options), conn);
    double spent = seconds() - start;
    dbc_plan_free(plan);
    dbc_close(conn);
    return spent;
}

static double rebuild(long rows)
{
    return copy(rows, "", checked);
}

static double unique(long rows)
{
    return copy(rows, " UNIQUE", "");
}

// The same as the first one, as a migration with a ledger.
static int check_state(void *ud, dbc_migration_run *run)
{
    dbc_alteration *a;
    (void)ud;

    if (dbc_alteration_new(&a, run->conn) < 0) return -1;
    dbc_alter_change_column(a, "ticket",
                            "state TEXT NOT NULL CHECK (state <> '')");
    int rc = dbc_migration_alter(run, a);
    dbc_alteration_free(a);
    return rc;
}

static double migration(long rows)
{
    const dbc_migration one = {.version = "1",
                               .name = "check_state",
                               .up = check_state,
                               .checksum = "00000000000000000000000000000000"
                                           "00000000000000000000000000000000"};
    const dbc_migrate_options options = {.progress = on_progress};
    const dbc_goal goal = {.kind = DBC_GOAL_UP};
    dbc_error err = {0};
    dbc_migrator *migrator;

    make_tickets(rows);
    if (dbc_migrator_new(&migrator, &one, 1, NULL, &err) < 0) fail(err.message);
    dbc_conn *conn = open_ours(path);
    double start = seconds();
    check(dbc_migrate(NULL, migrator, conn, &goal, &options), conn);
    double spent = seconds() - start;
    dbc_close(conn);
    dbc_migrator_free(migrator);
    return spent;
}

static double create(long count)
{
    char *sql = make_schema(count, 0);
    sqlite3 *db;

    if (sqlite3_open(":memory:", &db) != SQLITE_OK) fail("out of memory");
    double start = seconds();
    run(db, sql);
    double spent = seconds() - start;
    sqlite3_close(db);
    free(sql);
    return spent;
}

// Both take the wanted schema as text, which is part of the work.
static double plan_tables(long count, int changed)
{
    char *sql = make_schema(count, 0);
    char *wanted = make_schema(count, changed);
    dbc_conn *conn = open_ours(":memory:");

    check(dbc_exec(conn, sql, strlen(sql)), conn);
    double start = seconds();
    dbc_plan *plan = plan_of(conn, wanted);
    double spent = seconds() - start;
    if (dbc_plan_step_count(plan) != (size_t)changed) fail("not that plan");
    dbc_plan_free(plan);
    dbc_close(conn);
    free(sql);
    free(wanted);
    return spent;
}

static double nothing(long count)
{
    return plan_tables(count, 0);
}

static double plan(long count)
{
    return plan_tables(count, 1);
}

// ---------------------------------------------------------------------- table

typedef double (*workload)(long size);

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

// Both in turns; who begins changes. The ratio is that of the medians, its
// spread the least and the greatest of a pair.
static void compare(const char *what, workload ours, workload theirs, long size,
                    int rounds)
{
    double mine[MOST_ROUNDS], raw[MOST_ROUNDS], ratio[MOST_ROUNDS];

    for (int i = 0; i < rounds; i++) {
        if (i % 2 == 1) mine[i] = ours(size);
        raw[i] = theirs(size);
        if (i % 2 == 0) mine[i] = ours(size);
        ratio[i] = mine[i] / raw[i];
    }
    qsort(mine, (size_t)rounds, sizeof *mine, by_size);
    qsort(raw, (size_t)rounds, sizeof *raw, by_size);
    qsort(ratio, (size_t)rounds, sizeof *ratio, by_size);
    printf("| %s | %.4f | %.4f | %.2f | %.2f–%.2f |\n", what, raw[rounds / 2],
           mine[rounds / 2], mine[rounds / 2] / raw[rounds / 2], ratio[0],
           ratio[rounds - 1]);
    fflush(stdout);
}

static void compare_all(int rounds)
{
    printf("| work | raw SQLite | dbcore | ratio | spread |\n"
           "|---|--:|--:|--:|--:|\n");
    compare("rebuild 1 000 000 rows", rebuild, rebuild_by_hand, ROWS, rounds);
    compare("the same as a migration", migration, rebuild_by_hand, ROWS,
            rounds);
    compare("the same for UNIQUE (title)", unique, unique_by_hand, ROWS,
            rounds);
    compare("plan nothing in 100 tables, beside creating them", nothing, create,
            FEW, rounds);
    compare("plan a change in 1000 tables, beside creating them", plan, create,
            MANY, rounds);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        workload work;
    } alone[] = {{"tickets", tickets},
                 {"rebuild-by-hand", rebuild_by_hand},
                 {"unique-by-hand", unique_by_hand},
                 {"rebuild", rebuild},
                 {"migration", migration},
                 {"unique", unique},
                 {"create", create},
                 {"nothing", nothing},
                 {"plan", plan}};
    long number = argc > 1 ? strtol(argv[argc - 1], NULL, 10) : 3;
    int file = mkstemp(path);

    if (file < 0) fail("no temporary file can be made");
    close(file);
    atexit(remove_file);
    if (number < 1) fail("the last argument is to be a number above 0");
    if (argc <= 2) {
        compare_all(number < MOST_ROUNDS ? (int)number : MOST_ROUNDS);
        return 0;
    }
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
        if (strcmp(argv[1], alone[i].name) != 0) continue;
        printf("%.4f s\n", alone[i].work(number));
        return 0;
    }
    fail("no such workload");
}
