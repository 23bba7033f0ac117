// Running migrations on a file: what is done, in which order, what stays when
// something fails, and what the file remembers of it.
#include <stdio.h>
#include <unistd.h>

#include "fault.h"
#include "spec.h"
#include "sqlite_session.h"

static sqlite_session session;
static dbc_migrator *migrator;
static dbc_migrate_result result;
static int calls;

static const dbc_goal UP = {DBC_GOAL_UP, NULL, 0};
static const dbc_goal DOWN = {DBC_GOAL_DOWN, NULL, 1};

static const dbc_migration users = {
    .version = "0001",
    .name = "users",
    .sql = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\n"
           "INSERT INTO users (name) VALUES ('Ada');\n"
           "-- down\n"
           "DROP TABLE users"};
static const dbc_migration roles = {.version = "0002",
                                    .name = "roles",
                                    .sql =
                                        "ALTER TABLE users ADD role TEXT;\n"
                                        "-- down\n"
                                        "ALTER TABLE users DROP COLUMN role"};
static const dbc_migration broken = {
    .version = "0003",
    .name = "broken",
    .sql = "CREATE TABLE half (x);\nINSERT INTO nowhere VALUES (1);"};

static int set_up(void **state)
{
    (void)state;
    calls = 0;
    sqlite_session_open(&session, NULL, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dbc_migrator_free(migrator);
    migrator = NULL;
    sqlite_session_close(&session);
    return 0;
}

static void know(const dbc_migration *list, size_t count)
{
    dbc_error err;

    dbc_migrator_free(migrator);
    migrator = NULL;
    if (dbc_migrator_new(&migrator, list, count, NULL, &err) < 0)
        fail_msg("%s", err.message);
}

static int migrate(const dbc_goal *goal, const dbc_migrate_options *options)
{
    return dbc_migrate(&result, migrator, session.conn, goal, options);
}

static void assert_migrates(const dbc_goal *goal)
{
    ASSERT_RC(DBC_OK, migrate(goal, NULL), session.conn);
}

static void assert_message(const char *expected)
{
    assert_string_equal(expected, dbc_conn_error(session.conn)->message);
}

static int64_t count_tables(const char *name)
{
    char sql[120];

    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM sqlite_master WHERE name = '%s'", name);
    return ASK_INT(session.conn, sql);
}

static void applies_what_is_due_and_remembers_it(void **state)
{
    const dbc_migration list[] = {users, roles};

    (void)state;
    know(list, 2);
    assert_migrates(&UP);

    assert_int_equal(2, result.applied);
    assert_int_equal(1, ASK_INT(session.conn, "SELECT count(role IS NULL) "
                                              "FROM users"));
    assert_int_equal(2, ASK_INT(session.conn,
                                "SELECT count(*) FROM dbcore_migrations WHERE "
                                "direction = 'up' AND length(checksum) = 64 "
                                "AND plan LIKE '%;%' AND applied_at > 0 AND "
                                "length(fingerprint) = 64 AND pid > 0 AND "
                                "dbcore <> '' AND sqlite LIKE '3.%'"));
    assert_int_equal(1, ASK_INT(session.conn,
                                "SELECT count(schema) FROM dbcore_migrations"));
    assert_int_equal(1, ASK_INT(session.conn, "PRAGMA foreign_keys"));
}

static void does_nothing_when_nothing_is_due(void **state)
{
    dbc_stats before, after;

    (void)state;
    know(&users, 1);
    assert_migrates(&UP);
    int64_t version = ASK_INT(session.conn, "PRAGMA data_version");
    dbc_conn_stats(session.conn, &before);
    assert_migrates(&UP);
    dbc_conn_stats(session.conn, &after);

    assert_int_equal(0, result.applied);
    assert_int_equal(version, ASK_INT(session.conn, "PRAGMA data_version"));
    assert_true(after.statements - before.statements <= 5);
}

static void goes_back_and_forth(void **state)
{
    const dbc_migration list[] = {users, roles};
    const dbc_goal nothing = {DBC_GOAL_TO, "0", 0};

    (void)state;
    know(list, 2);
    assert_migrates(&UP);
    assert_migrates(&DOWN);
    assert_int_equal(1, result.reverted);
    assert_int_equal(2, ASK_INT(session.conn, "SELECT count(*) FROM "
                                              "pragma_table_info('users')"));
    assert_migrates(&UP);
    assert_migrates(&nothing);

    assert_int_equal(2, result.reverted);
    assert_int_equal(0, count_tables("users"));
    assert_int_equal(
        6, ASK_INT(session.conn, "SELECT count(*) FROM dbcore_migrations"));
    assert_migrates(&UP);
    assert_int_equal(1, count_tables("users"));
}

static void undoes_what_fails_and_keeps_what_was_before(void **state)
{
    const dbc_migration list[] = {users, broken};

    (void)state;
    know(list, 2);
    assert_int_equal(DBC_ESCHEMA, migrate(&UP, NULL));

    assert_message("0003_broken, line 2: no such table: nowhere");
    assert_int_equal(1, result.applied);
    assert_int_equal(1, count_tables("users"));
    assert_int_equal(0, count_tables("half"));
    assert_int_equal(
        1, ASK_INT(session.conn, "SELECT count(*) FROM dbcore_migrations"));
    assert_int_equal(1, ASK_INT(session.conn, "PRAGMA foreign_keys"));
}

static void leaves_nothing_when_the_first_one_fails(void **state)
{
    (void)state;
    know(&broken, 1);
    assert_int_equal(DBC_ESCHEMA, migrate(&UP, NULL));

    assert_int_equal(0, ASK_INT(session.conn, "SELECT count(*) FROM "
                                              "sqlite_master"));
}

static void may_be_all_or_nothing(void **state)
{
    const dbc_migration list[] = {users, broken};
    const dbc_migrate_options whole = {.flags = DBC_MIGRATE_WHOLE};

    (void)state;
    know(list, 2);
    assert_int_equal(DBC_ESCHEMA, migrate(&UP, &whole));
    assert_int_equal(0, result.applied);
    assert_int_equal(0, count_tables("users"));

    know(list, 1);
    ASSERT_RC(DBC_OK, migrate(&UP, &whole), session.conn);
    assert_int_equal(1, result.applied);
    assert_int_equal(1, count_tables("users"));
}

static void keeps_foreign_keys_from_deleting_anything(void **state)
{
    const dbc_migration rebuild = {
        .version = "1",
        .name = "rebuild",
        .sql = "CREATE TABLE new (id INTEGER PRIMARY KEY, x);\n"
               "INSERT INTO new SELECT id, 1 FROM parent;\n"
               "DROP TABLE parent;\n"
               "ALTER TABLE new RENAME TO parent;"};

    (void)state;
    EXEC(session.conn,
         "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
         "CREATE TABLE child (p REFERENCES parent ON DELETE CASCADE);"
         "INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1)");
    know(&rebuild, 1);
    assert_migrates(&UP);

    assert_int_equal(1, ASK_INT(session.conn, "SELECT count(*) FROM child"));
    assert_int_equal(1, ASK_INT(session.conn, "PRAGMA foreign_keys"));
}

static void refuses_to_leave_orphans(void **state)
{
    const dbc_migration careless = {
        .version = "1", .name = "careless", .sql = "DELETE FROM parent"};

    (void)state;
    EXEC(session.conn, "CREATE TABLE parent (id INTEGER PRIMARY KEY);"
                       "CREATE TABLE child (p REFERENCES parent);"
                       "INSERT INTO parent VALUES (1);"
                       "INSERT INTO child (rowid, p) VALUES (7, 1);"
                       "PRAGMA foreign_keys = OFF;"
                       "INSERT INTO child (rowid, p) VALUES (5, 9);"
                       "PRAGMA foreign_keys = ON");
    know(&careless, 1);
    assert_int_equal(DBC_EFOREIGNKEY, migrate(&UP, NULL));

    assert_message("1_careless: row 7 of \"child\" points to a row of "
                   "\"parent\" that is not there afterwards: delete or mend "
                   "such rows in the migration");
    assert_int_equal(1, ASK_INT(session.conn, "SELECT count(*) FROM parent"));
}

// ------------------------------------------------------------------ functions

static const char SUM[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static int add_bob(void *ud, dbc_migration_run *run)
{
    const char *sql = run->direction == DBC_UP
                          ? "INSERT INTO users (name) VALUES ('Bob')"
                          : "DELETE FROM users WHERE name = 'Bob'";

    (void)ud;
    calls++;
    return dbc_exec(run->conn, sql, strlen(sql));
}

static int give_up(void *ud, dbc_migration_run *run)
{
    (void)ud;
    add_bob(NULL, run);
    return dbc_migration_fail(run, DBC_ECALLBACK, SQL("Bob is unwell"));
}

static int end_it(void *ud, dbc_migration_run *run)
{
    (void)ud;
    return dbc_exec(run->conn, SQL("COMMIT"));
}

static void runs_functions_of_the_host(void **state)
{
    dbc_migration list[] = {users,
                            {.version = "0002",
                             .name = "bob",
                             .up = add_bob,
                             .down = add_bob,
                             .checksum = SUM}};

    (void)state;
    know(list, 2);
    assert_migrates(&UP);
    assert_int_equal(2, ASK_INT(session.conn, "SELECT count(*) FROM users"));
    assert_migrates(&DOWN);
    assert_int_equal(1, ASK_INT(session.conn, "SELECT count(*) FROM users"));

    list[1].up = give_up;
    know(list, 2);
    assert_int_equal(DBC_ECALLBACK, migrate(&UP, NULL));
    assert_message("0002_bob: Bob is unwell");
    assert_int_equal(1, ASK_INT(session.conn, "SELECT count(*) FROM users"));

    list[1].up = end_it;
    know(list, 2);
    assert_int_equal(DBC_EINVALID, migrate(&UP, NULL));
    assert_message("0002_bob has ended the transaction it runs in, or left one "
                   "of its own open: leave that out");
}

// Makes the name NOT NULL, which needs a copy of the table.
static int harden(void *ud, dbc_migration_run *run)
{
    dbc_alteration *change = NULL;
    int rc = dbc_alteration_new(&change, run->conn);

    (void)ud;
    if (rc < 0) return rc;
    dbc_alter_change_column(change, "users", "name TEXT NOT NULL");
    rc = dbc_migration_alter(run, change);
    dbc_alteration_free(change);
    return rc;
}

static const dbc_migration hardened = {
    .version = "0002", .name = "harden", .up = harden, .checksum = SUM};

static void rebuilds_a_table_when_a_function_asks_for_it(void **state)
{
    const dbc_migration list[] = {users, hardened};

    (void)state;
    EXEC(session.conn, "CREATE TABLE notes (user REFERENCES users)");
    know(list, 2);
    assert_migrates(&UP);

    assert_int_equal(1, ASK_INT(session.conn,
                                "SELECT \"notnull\" FROM "
                                "pragma_table_info('users') WHERE name = "
                                "'name'"));
    assert_int_equal(1, ASK_INT(session.conn, "SELECT count(*) FROM users"));
    assert_non_null(strstr(ASK_TEXT(session.conn,
                                    "SELECT plan FROM dbcore_migrations WHERE "
                                    "name = 'harden'"),
                           "INSERT OR ABORT INTO"));
}

static void stops_a_rebuild_that_would_lose_something(void **state)
{
    const dbc_migration list[] = {users, hardened};

    (void)state;
    know(list, 1);
    assert_migrates(&UP);
    EXEC(session.conn, "INSERT INTO users (name) VALUES (NULL)");
    know(list, 2);
    assert_int_equal(DBC_EREFUSED, migrate(&UP, NULL));

    assert_int_equal(
        0, strncmp(dbc_conn_error(session.conn)->message, "0002_harden: ", 13));
    assert_int_equal(2, ASK_INT(session.conn, "SELECT count(*) FROM users"));
}

// A database in memory and what is known of it, for a fault walk. They are
// ended by end_with(), whatever this returned.
static int open_with(dbc_conn **conn, dbc_migrator **made,
                     const dbc_migration *list, size_t count,
                     const dbc_alloc *alloc)
{
    dbc_open_options options = {.alloc = alloc};
    dbc_error err;

    int rc = dbc_open(conn, ":memory:", &options, &err);
    return rc < 0 ? rc : dbc_migrator_new(made, list, count, alloc, &err);
}

// Returns what `rc` means to a fault walk.
static int end_with(dbc_conn *conn, dbc_migrator *made, int rc)
{
    dbc_migrator_free(made);
    dbc_close(conn);
    return rc == DBC_EBROKEN ? DBC_ENOMEM : rc;
}

static int alter_under_pressure(void *ud, const dbc_alloc *alloc)
{
    const dbc_migration list[] = {users, hardened};
    dbc_migrator *made = NULL;
    dbc_conn *conn = NULL;

    (void)ud;
    int rc = open_with(&conn, &made, list, 2, alloc);
    if (rc >= 0) rc = dbc_migrate(NULL, made, conn, &UP, NULL);
    return end_with(conn, made, rc);
}

static void survives_a_rebuild_without_memory(void **state)
{
    (void)state;
    FAULT_WALK(alter_under_pressure, NULL);
}

// ---------------------------------------------------------- in a transaction

// Triggers write to a full-text index only where the schema is trusted.
static void trusts_the_file_while_it_makes_a_full_text_index(void **state)
{
    static const dbc_migration index = {
        .version = "0002",
        .name = "index",
        .sql = "CREATE VIRTUAL TABLE names USING FTS5 (content = 'users', "
               "name);\n"
               "CREATE TRIGGER names_insert AFTER INSERT ON users BEGIN "
               "INSERT INTO names (rowid, name) VALUES (new.id, new.name); "
               "END;\n"
               "INSERT INTO users (name) VALUES ('Grace');"};
    const dbc_migration fails[] = {users, index, broken};
    const dbc_migration list[] = {users, index};
    (void)state;

    know(fails, 3);
    ASSERT_RC(DBC_ESCHEMA, migrate(&UP, NULL), session.conn);
    assert_int_equal(0, ASK_INT(session.conn, "PRAGMA trusted_schema"));
    assert_int_equal(2, result.applied);
    assert_int_equal(2, ASK_INT(session.conn,
                                "SELECT rowid FROM names WHERE names MATCH "
                                "'grace'"));

    EXEC(session.conn, "PRAGMA trusted_schema = ON");
    know(list, 2);
    assert_migrates(&UP);
    assert_int_equal(1, ASK_INT(session.conn, "PRAGMA trusted_schema"));
}

static void is_part_of_the_callers_transaction(void **state)
{
    const dbc_migration list[] = {users, roles};
    const dbc_migration drop = {
        .version = "0003", .name = "drop", .sql = "DROP TABLE users"};
    dbc_txn txn;

    (void)state;
    know(list, 2);
    ASSERT_RC(DBC_OK, dbc_txn_begin(&txn, session.conn, DBC_TXN_IMMEDIATE),
              session.conn);
    assert_migrates(&UP);
    assert_int_equal(2, result.applied);
    know(&drop, 1);
    const dbc_migrate_options forgiving = {.flags = DBC_MIGRATE_OUT_OF_ORDER};
    assert_int_equal(DBC_EDRIFT, migrate(&UP, &forgiving));
    const dbc_migration all[] = {users, roles, drop};
    know(all, 3);
    assert_int_equal(DBC_EREFUSED, migrate(&UP, NULL));
    assert_message("0003_drop drops or deletes something, and foreign keys "
                   "cannot be switched off inside a transaction: migrate "
                   "outside of it");
    dbc_txn_rollback(&txn);

    assert_int_equal(0, count_tables("users"));
    assert_int_equal(0, count_tables("dbcore_migrations"));
}

// --------------------------------------------------------------- the lock

static void says_who_holds_the_lock(void **state)
{
    const dbc_migrate_options hurried = {.lock_timeout_ms = -1};
    dbc_conn *other = sqlite_session_connect(&session, NULL);
    char expected[300], host[200];

    (void)state;
    know(&users, 1);
    EXEC(other, "BEGIN IMMEDIATE");
    assert_int_equal(DBC_EBUSY, migrate(&UP, &hurried));
    assert_message("another connection is writing to the database and did not "
                   "finish in time: try again later");
    EXEC(other, "ROLLBACK");

    assert_migrates(&UP);
    const dbc_migration list[] = {users, roles};
    know(list, 2);
    EXEC(other, "INSERT INTO dbcore_migrations (version, name, direction, "
                "checksum, applied_at, duration_ms, dbcore, sqlite, host, pid) "
                "VALUES ('0002', 'roles', 'running', '', unixepoch(), 0, '', "
                "'', 'far', 4711); BEGIN IMMEDIATE");
    assert_int_equal(DBC_EBUSY, migrate(&UP, &hurried));
    gethostname(host, sizeof host);
    snprintf(expected, sizeof expected,
             "process 4711 on \"far\" has been migrating the database for %s s,"
             " from 0002_roles on: try again later",
             strstr(dbc_conn_error(session.conn)->message, "for 1 ") ? "1"
                                                                     : "0");
    assert_message(expected);
    EXEC(other, "ROLLBACK");
    assert_migrates(&UP);
    dbc_close(other);
}

static void removes_the_claims_of_the_dead(void **state)
{
    const dbc_migration list[] = {users, roles};
    char sql[600], host[200];

    (void)state;
    know(list, 1);
    assert_migrates(&UP);
    gethostname(host, sizeof host);
    snprintf(sql, sizeof sql,
             "INSERT INTO dbcore_migrations (version, name, direction, "
             "checksum, applied_at, duration_ms, dbcore, sqlite, host, pid) "
             "VALUES ('2', 'x', 'running', '', unixepoch(), 0, '', '', '%s', "
             "99999999), ('2', 'x', 'running', '', 5, 0, '', '', 'far', 1)",
             host);
    EXEC(session.conn, sql);
    know(list, 2);
    assert_migrates(&UP);

    assert_int_equal(0, ASK_INT(session.conn,
                                "SELECT count(*) FROM dbcore_migrations WHERE "
                                "direction = 'running'"));
}

// ---------------------------------------------------------- drift and backups

static void notices_changes_made_by_hand(void **state)
{
    const dbc_migration list[] = {users, roles};
    const dbc_migrate_options trusting = {.flags = DBC_MIGRATE_NO_DRIFT_CHECK};
    size_t mended = 0;

    (void)state;
    know(list, 1);
    assert_migrates(&UP);
    EXEC(session.conn, "CREATE INDEX by_hand ON users (name)");
    know(list, 2);
    assert_int_equal(DBC_EDRIFT, migrate(&UP, NULL));
    assert_int_equal(0, result.applied);

    ASSERT_RC(
        DBC_OK,
        dbc_migrate_repair(&mended, migrator, session.conn, DBC_REPAIR_SCHEMA),
        session.conn);
    assert_int_equal(1, mended);
    assert_migrates(&UP);
    EXEC(session.conn, "DROP INDEX by_hand");
    ASSERT_RC(DBC_OK, migrate(&DOWN, &trusting), session.conn);
}

static void backs_up_before_something_is_lost(void **state)
{
    const dbc_migration list[] = {users, roles};
    char path[120];
    dbc_conn *copy = NULL;

    (void)state;
    snprintf(path, sizeof path, "%s/before.db", session.folder);
    const dbc_migrate_options careful = {.backup = path};
    know(list, 2);
    ASSERT_RC(DBC_OK, migrate(&UP, &careful), session.conn);
    assert_false(result.backed_up);
    ASSERT_RC(DBC_OK, migrate(&DOWN, &careful), session.conn);
    assert_true(result.backed_up);

    ASSERT_RC(DBC_OK, dbc_open(&copy, path, NULL, NULL), session.conn);
    assert_int_equal(3, ASK_INT(copy, "SELECT count(*) FROM "
                                      "pragma_table_info('users')"));
    dbc_close(copy);
}

// -------------------------------------------------------- baseline and repair

static void marks_a_baseline_without_running_it(void **state)
{
    const dbc_migration list[] = {users, roles};

    (void)state;
    EXEC(session.conn, "CREATE TABLE users (id INTEGER PRIMARY KEY, name)");
    know(list, 2);
    assert_int_equal(DBC_EDRIFT,
                     dbc_migrate_baseline(migrator, session.conn, NULL, SUM));
    assert_int_equal(0, count_tables("dbcore_migrations"));
    assert_int_equal(DBC_ENOTFOUND,
                     dbc_migrate_baseline(migrator, session.conn, "7", NULL));
    ASSERT_RC(DBC_OK, dbc_migrate_baseline(migrator, session.conn, "1", NULL),
              session.conn);
    assert_migrates(&UP);

    assert_int_equal(1, result.applied);
    assert_int_equal(3, ASK_INT(session.conn, "SELECT count(*) FROM "
                                              "pragma_table_info('users')"));
}

static void repairs_only_what_it_is_asked_to(void **state)
{
    dbc_migration list[] = {users, roles};
    size_t mended = 0;

    (void)state;
    know(list, 2);
    assert_migrates(&UP);
    list[0].sql = "SELECT 'something else'";
    know(list, 1);
    assert_int_equal(DBC_EDRIFT, migrate(&UP, NULL));
    ASSERT_RC(DBC_OK, dbc_migrate_repair(&mended, migrator, session.conn, 0),
              session.conn);
    assert_int_equal(0, mended);
    ASSERT_RC(DBC_OK,
              dbc_migrate_repair(&mended, migrator, session.conn,
                                 DBC_REPAIR_CHECKSUMS | DBC_REPAIR_MISSING),
              session.conn);

    assert_int_equal(2, mended);
    assert_migrates(&UP);
    assert_int_equal(0, result.applied);
}

static void reads_where_a_database_stands(void **state)
{
    const dbc_migration list[] = {users, roles};
    dbc_history *history = NULL;

    (void)state;
    know(list, 1);
    assert_migrates(&UP);
    know(list, 2);
    ASSERT_RC(DBC_OK, dbc_history_read(&history, migrator, session.conn),
              session.conn);

    assert_int_equal(2, dbc_history_count(history));
    const dbc_history_entry *first = dbc_history_entry_at(history, 0);
    assert_int_equal(DBC_MIGRATION_APPLIED, first->state);
    assert_string_equal(users.sql, first->applied_source);
    assert_int_equal(DBC_MIGRATION_PENDING,
                     dbc_history_entry_at(history, 1)->state);
    assert_null(dbc_history_entry_at(history, 2));
    assert_int_equal(64, strlen(dbc_history_fingerprint(history)));
    assert_non_null(strstr(dbc_history_schema(history), "CREATE TABLE users"));
    dbc_history_free(history);
}

// --------------------------------------------------------------------- faults

static int stop_at_once(void *ud, const dbc_progress_info *info)
{
    (void)ud;
    return info->step == 2;
}

static void can_be_stopped(void **state)
{
    const dbc_migrate_options options = {.progress = stop_at_once};

    (void)state;
    know(&users, 1);
    assert_int_equal(DBC_EINTERRUPTED, migrate(&UP, &options));
    assert_int_equal(0, count_tables("users"));
}

static int migrate_under_pressure(void *ud, const dbc_alloc *alloc)
{
    const dbc_migration list[] = {users, roles};
    dbc_migrator *made = NULL;
    dbc_conn *conn = NULL;

    (void)ud;
    int rc = open_with(&conn, &made, list, 2, alloc);
    if (rc >= 0) rc = dbc_migrate(NULL, made, conn, &UP, NULL);
    if (rc >= 0) rc = dbc_migrate(NULL, made, conn, &DOWN, NULL);
    if (rc >= 0) rc = dbc_migrate_repair(NULL, made, conn, DBC_REPAIR_SCHEMA);
    // Whatever happened, all of a step is there or nothing.
    if (rc == DBC_ENOMEM && made != NULL &&
        dbc_exec(conn, SQL("SELECT 1")) != DBC_EBROKEN) {
        ((fault *)alloc->ud)->fail_at = 0;
        assert_int_equal(DBC_OK, dbc_migrate(NULL, made, conn, &UP, NULL));
        assert_int_equal(3, ASK_INT(conn, "SELECT count(*) FROM "
                                          "pragma_table_info('users')"));
        assert_int_equal(1, ASK_INT(conn, "PRAGMA foreign_keys"));
    }
    return end_with(conn, made, rc);
}

static void survives_without_memory(void **state)
{
    (void)state;
    FAULT_WALK(migrate_under_pressure, NULL);
}

static void takes_back_what_stands_for_others(void **state)
{
    static const char *const replaced[] = {"0001_users", "0002_roles"};
    const dbc_migration old[] = {users, roles};
    const dbc_migration squashed = {
        .version = "0003",
        .name = "all",
        .sql = "CREATE TABLE users (id INTEGER PRIMARY KEY, name, role);\n"
               "-- down\n"
               "DROP TABLE users",
        .replaces = {replaced, 2}};
    (void)state;
    know(old, 2);
    assert_migrates(&UP);
    know(&squashed, 1);
    assert_migrates(&UP);
    assert_int_equal(0, result.applied);

    assert_migrates(&DOWN);

    assert_int_equal(0, count_tables("users"));
    know(old, 2);
    assert_migrates(&UP);
    assert_int_equal(2, result.applied);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(applies_what_is_due_and_remembers_it),
        SPEC(does_nothing_when_nothing_is_due),
        SPEC(goes_back_and_forth),
        SPEC(undoes_what_fails_and_keeps_what_was_before),
        SPEC(leaves_nothing_when_the_first_one_fails),
        SPEC(may_be_all_or_nothing),
        SPEC(keeps_foreign_keys_from_deleting_anything),
        SPEC(refuses_to_leave_orphans),
        SPEC(runs_functions_of_the_host),
        SPEC(rebuilds_a_table_when_a_function_asks_for_it),
        SPEC(stops_a_rebuild_that_would_lose_something),
        SPEC(survives_a_rebuild_without_memory),
        SPEC(trusts_the_file_while_it_makes_a_full_text_index),
        SPEC(is_part_of_the_callers_transaction),
        SPEC(says_who_holds_the_lock),
        SPEC(removes_the_claims_of_the_dead),
        SPEC(notices_changes_made_by_hand),
        SPEC(backs_up_before_something_is_lost),
        SPEC(marks_a_baseline_without_running_it),
        SPEC(repairs_only_what_it_is_asked_to),
        SPEC(reads_where_a_database_stands),
        SPEC(takes_back_what_stands_for_others),
        SPEC(can_be_stopped),
        SPEC(survives_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
