// Cutting a migration's text: sections, statements, lines, what it may not do.
#include "script.h"

#include <stdio.h>

#include "fault.h"
#include "spec.h"
#include "text_arena.h"

static dbc__script script;
static dbc_error err;

static void read_text(const char *text)
{
    if (dbc__script_read(&script, &arena, text, &err) < 0)
        fail_msg("%s", err.message);
}

static void assert_statement(const dbc__section *section, size_t i, int line,
                             const char *text)
{
    assert_true(i < section->count);
    assert_int_equal(line, section->items[i].line);
    assert_int_equal(strlen(text), section->items[i].len);
    assert_memory_equal(text, section->items[i].text, strlen(text));
}

static void assert_refused(const char *text, const char *message)
{
    assert_int_equal(DBC_EINVALID,
                     dbc__script_read(&script, &arena, text, &err));
    assert_string_equal(message, err.message);
}

static void cuts_up_and_down_into_statements(void **state)
{
    (void)state;
    read_text("-- Tickets get a colour.\n"
              "-- up\n"
              "CREATE TABLE a (x); -- one\n"
              "INSERT INTO a VALUES (';'), (\"--\");\n"
              "\n"
              "  -- DOWN \n"
              "DROP TABLE a");

    assert_int_equal(2, script.up.count);
    assert_statement(&script.up, 0, 3, "CREATE TABLE a (x)");
    assert_statement(&script.up, 1, 4, "INSERT INTO a VALUES (';'), (\"--\")");
    assert_int_equal(1, script.down.count);
    assert_statement(&script.down, 0, 7, "DROP TABLE a");
    assert_true(script.has_down);
    assert_false(script.up.loses);
    assert_true(script.down.loses);
}

static void takes_all_of_a_text_without_marks_as_up(void **state)
{
    (void)state;
    read_text("\xef\xbb\xbf\r\nSELECT 1;;\r\n;SELECT 2");

    assert_int_equal(2, script.up.count);
    assert_statement(&script.up, 0, 2, "SELECT 1");
    assert_statement(&script.up, 1, 3, "SELECT 2");
    assert_false(script.has_down);
}

static void keeps_a_trigger_together(void **state)
{
    const char *trigger = "CREATE TEMP TRIGGER t AFTER UPDATE ON a BEGIN\n"
                          "  UPDATE b SET x = CASE WHEN 1 THEN 2 END;\n"
                          "-- up\n"
                          "  SELECT 1;\n"
                          "END";
    char text[300];

    (void)state;
    snprintf(text, sizeof text, "%s;\nSELECT 2;\n-- down\n", trigger);
    read_text(text);

    assert_int_equal(2, script.up.count);
    assert_statement(&script.up, 0, 1, trigger);
    assert_statement(&script.up, 1, 6, "SELECT 2");
    assert_true(script.has_down);
    assert_int_equal(0, script.down.count);
}

static void only_a_line_of_its_own_is_a_mark(void **state)
{
    (void)state;
    read_text("SELECT 1; -- down\n/* \n-- down\n*/ SELECT '\n-- down\n';\n"
              "-- down with it");

    assert_int_equal(2, script.up.count);
    assert_false(script.has_down);
}

static void reads_what_it_stands_for(void **state)
{
    (void)state;
    read_text("-- replaces: 0001_a,0002_b\n-- irreversible\nSELECT 1;");

    assert_true(script.irreversible);
    assert_int_equal(2, script.replaces.count);
    assert_string_equal("0001_a", script.replaces.items[0]);
    assert_string_equal("0002_b", script.replaces.items[1]);

    read_text("-- Merges: 0004_a   0004_b");
    assert_int_equal(2, script.merges.count);
    assert_string_equal("0004_b", script.merges.items[1]);
}

static void knows_what_loses_something(void **state)
{
    static const char *const losing[] = {"DROP TABLE a",
                                         "ALTER TABLE a DROP COLUMN b",
                                         "DELETE FROM a",
                                         "UPDATE a SET b = 1",
                                         "REPLACE INTO a SELECT",
                                         "INSERT OR REPLACE INTO a SELECT",
                                         "WITH x AS (SELECT 1) DELETE FROM a"};
    static const char *const harmless[] = {"CREATE TABLE a (x)",
                                           "ALTER TABLE a ADD b",
                                           "ALTER TABLE a RENAME TO b",
                                           "INSERT INTO a SELECT 1",
                                           "DROP INDEX a",
                                           "DROP VIEW a",
                                           "DROP TRIGGER a",
                                           "PRAGMA user_version = 3"};

    (void)state;
    for (size_t i = 0; i < COUNT(losing); i++) {
        read_text(losing[i]);
        if (!script.up.loses) fail_msg("%s", losing[i]);
    }
    for (size_t i = 0; i < COUNT(harmless); i++) {
        read_text(harmless[i]);
        if (script.up.loses) fail_msg("%s", harmless[i]);
    }
}

static void refuses_what_is_not_for_a_migration(void **state)
{
    static const char *const transactions[] = {"BEGIN IMMEDIATE", "COMMIT",
                                               "END TRANSACTION", "ROLLBACK",
                                               "SAVEPOINT x",     "release x"};
    char text[60];

    (void)state;
    for (size_t i = 0; i < COUNT(transactions); i++) {
        snprintf(text, sizeof text, "SELECT 1;\n\n%s;", transactions[i]);
        assert_refused(text, "line 3: a migration is one transaction, which is "
                             "begun and ended for it: leave this statement "
                             "out");
    }
    assert_refused("ATTACH 'x' AS y", "line 1: a migration is for one file: "
                                      "leave ATTACH and DETACH out");
    assert_refused("-- down\nVACUUM", "line 2: VACUUM cannot run in a "
                                      "transaction: call it after the "
                                      "migration");
    assert_refused("PRAGMA main.foreign_keys=OFF",
                   "line 1: foreign keys are off while a migration runs, and "
                   "are checked at its end: leave the PRAGMA out");
    assert_refused("PRAGMA journal_mode = WAL",
                   "line 1: a PRAGMA changes the connection and not the "
                   "database: set it when the database is opened");
    read_text("PRAGMA user_version = 5; PRAGMA main.application_id = 7;");
}

static void refuses_what_does_not_end(void **state)
{
    (void)state;
    assert_refused("SELECT 1;\nSELECT 'x;\n", "line 2: a quote is not closed");
    assert_refused("\n/* SELECT 1;", "line 2: a comment is not closed");
    assert_refused("-- irreversible\n-- down\n",
                   "it has a way down and says `-- irreversible`: keep one of "
                   "the two");
    read_text("SELECT 1 -- and no line end");
    assert_statement(&script.up, 0, 1, "SELECT 1");
}

static int read_under_pressure(void *ud, const dbc_alloc *alloc)
{
    dbc__arena own;
    dbc__script out;

    (void)ud;
    dbc__arena_init(&own, alloc);
    int rc = dbc__script_read(
        &out, &own, "-- merges: 1_a 1_b\nSELECT 1;\n-- down\nSELECT 2", &err);
    dbc__arena_dispose(&own);
    return rc;
}

static void survives_without_memory(void **state)
{
    (void)state;
    FAULT_WALK(read_under_pressure, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_up_and_down_into_statements),
        cmocka_unit_test(takes_all_of_a_text_without_marks_as_up),
        cmocka_unit_test(keeps_a_trigger_together),
        cmocka_unit_test(only_a_line_of_its_own_is_a_mark),
        cmocka_unit_test(reads_what_it_stands_for),
        cmocka_unit_test(knows_what_loses_something),
        cmocka_unit_test(refuses_what_is_not_for_a_migration),
        cmocka_unit_test(refuses_what_does_not_end),
        cmocka_unit_test(survives_without_memory),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
