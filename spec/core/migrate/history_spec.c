// What is known beside what is applied, and what is due: no database is
// needed. A ledger is written as text: "+1a" was applied, "-1a" reverted, "=1a"
// a baseline, "~1a" repaired, "!1a" forgotten; the checksum is that of the
// known text unless "*" stands behind.
#include "history.h"

#include <stdio.h>

#include "fault.h"
#include "spec.h"

static dbc_migrator *migrator;
static dbc_history history;
static dbc__ledger_row rows[32];
static char versions[32][8], names[32][8];
static dbc_error err;

static const char OTHER_SUM[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static const dbc_migration one = {
    .version = "1", .name = "a", .sql = "SELECT 1\n-- down\n"};
static const dbc_migration two = {
    .version = "2", .name = "b", .sql = "SELECT 2\n-- down\n"};
static const dbc_migration three = {
    .version = "3", .name = "c", .sql = "SELECT 3"};

static const char *sum_of(const char *version, const char *name)
{
    for (size_t i = 0; i < migrator->count; i++) {
        const dbc__known *known = &migrator->items[i];
        if (dbc__migration_compare(known->version, known->name, version,
                                   name) == 0)
            return known->checksum;
    }
    return OTHER_SUM;
}

static void close_history(void)
{
    dbc__arena_dispose(&history.arena);
    dbc_migrator_free(migrator);
    history = (dbc_history){0};
    migrator = NULL;
}

static int tear_down(void **state)
{
    (void)state;
    close_history();
    return 0;
}

static void add_row(const char *word)
{
    static const char SIGNS[] = "+-=~!";
    static const dbc__ledger_verb VERBS[] = {
        DBC__LEDGER_UP, DBC__LEDGER_DOWN, DBC__LEDGER_BASELINE,
        DBC__LEDGER_REPAIR, DBC__LEDGER_FORGET};
    size_t i = history.ledger.count++;

    snprintf(versions[i], sizeof versions[i], "%c", word[1]);
    snprintf(names[i], sizeof names[i], "%c", word[2]);
    rows[i] = (dbc__ledger_row){
        .verb = VERBS[strchr(SIGNS, word[0]) - SIGNS],
        .version = versions[i],
        .name = names[i],
        .checksum = word[3] == '*' ? OTHER_SUM : sum_of(versions[i], names[i]),
        .fingerprint = versions[i]};
}

// The words of `ledger` are separated by blanks.
static void compare(const dbc_migration *list, size_t count, const char *ledger)
{
    char words[200], *word;

    close_history();
    if (dbc_migrator_new(&migrator, list, count, NULL, &err) < 0)
        fail_msg("%s", err.message);
    dbc__arena_init(&history.arena, NULL);
    history.ledger.rows = rows;
    snprintf(words, sizeof words, "%s", ledger);
    for (word = strtok(words, " "); word; word = strtok(NULL, " "))
        add_row(word);
    assert_int_equal(DBC_OK, dbc__history_compare(&history, migrator));
}

// "1a applied, 2b pending"
static void assert_states(const char *expected)
{
    char found[300] = "";
    size_t used = 0;

    for (size_t i = 0; i < dbc_history_count(&history); i++) {
        const dbc_history_entry *entry = dbc_history_entry_at(&history, i);

        used += (size_t)snprintf(found + used, sizeof found - used, "%s%s%s %s",
                                 i ? ", " : "", entry->version, entry->name,
                                 dbc_migration_state_word(entry->state));
    }
    assert_string_equal(expected, found);
}

// "up 2b", "down 1a", "nothing", or the message.
static void assert_due(const char *expected, dbc_goal goal, unsigned flags)
{
    const dbc_history_entry *entry = NULL;
    dbc_direction direction = DBC_UP;
    char found[700];
    int rc = dbc_history_next(&history, &goal, flags, &entry, &direction, &err);

    if (rc < 0)
        snprintf(found, sizeof found, "%s: %s", dbc_status_word(rc),
                 err.message);
    else if (rc == 0)
        snprintf(found, sizeof found, "nothing");
    else
        snprintf(found, sizeof found, "%s %s%s",
                 direction == DBC_UP ? "up" : "down", entry->version,
                 entry->name);
    assert_string_equal(expected, found);
}

static const dbc_goal UP = {DBC_GOAL_UP, NULL, 0};
static const dbc_goal DOWN = {DBC_GOAL_DOWN, NULL, 1};

static dbc_goal to(const char *version)
{
    return (dbc_goal){DBC_GOAL_TO, version, 0};
}

static void goes_forward_step_by_step(void **state)
{
    const dbc_migration list[] = {three, one, two};

    (void)state;
    compare(list, 3, "");
    assert_states("1a pending, 2b pending, 3c pending");
    assert_due("up 1a", UP, 0);
    compare(list, 3, "+1a");
    assert_states("1a applied, 2b pending, 3c pending");
    assert_due("up 2b", UP, 0);
    assert_due("nothing", (dbc_goal){DBC_GOAL_UP, "1", 0}, 0);
    compare(list, 3, "=1a +2b +3c");
    assert_due("nothing", UP, 0);
    assert_string_equal("3", dbc_history_fingerprint(&history));
}

static void goes_back_in_the_order_of_application(void **state)
{
    const dbc_migration list[] = {one, two};

    (void)state;
    compare(list, 2, "+2b +1a");
    assert_due("down 1a", DOWN, 0);
    compare(list, 2, "+1a +2b -2b");
    assert_states("1a applied, 2b pending");
    assert_due("down 1a", DOWN, 0);
    assert_due("nothing", (dbc_goal){DBC_GOAL_DOWN, NULL, 0}, 0);
    compare(list, 2, "+1a -1a +1a -1a");
    assert_due("nothing", DOWN, 0);
}

static void goes_to_a_version_both_ways(void **state)
{
    const dbc_migration list[] = {one, two, three};

    (void)state;
    compare(list, 3, "+1a");
    assert_due("up 2b", to("2"), 0);
    assert_due("down 1a", to("0"), 0);
    assert_due("nothing", to("0001"), 0);
    assert_due("not_found: there is no migration \"9\": the last one is 3_c",
               to("9"), 0);
    assert_due("not_found: there is no migration \"b\": the last one is 3_c",
               to("b"), 0);
    compare(list, 3, "+1a +2b +3c");
    assert_due("refused: 3_c has no way back: write its `down`, or restore a "
               "backup from before it",
               to("1"), 0);
}

static void tells_when_the_history_is_another(void **state)
{
    const dbc_migration list[] = {one, two};
    const dbc_migration late[] = {two};

    (void)state;
    compare(list, 2, "+1a* +2b");
    assert_states("1a edited, 2b applied");
    assert_due("drift: 1_a was edited after it had been applied: undo the "
               "edit and write a new migration, or accept it by a repair",
               UP, 0);
    compare(list, 2, "+1a* ~1a");
    assert_states("1a applied, 2b pending");

    compare(late, 1, "+1a");
    assert_states("1a missing, 2b pending");
    assert_due("drift: 1_a is applied, but is not known here: bring it back, "
               "or have it forgotten by a repair",
               DOWN, 0);
    compare(late, 1, "+1a !1a");
    assert_states("2b pending");

    compare(list, 1, "+1a +2b");
    assert_states("1a applied, 2b newer");
    assert_due("drift: 2_b is applied, and newer than all that this program "
               "knows: update the program",
               UP, 0);
}

static void refuses_latecomers_unless_they_are_let_in(void **state)
{
    const dbc_migration list[] = {one, two};

    (void)state;
    compare(list, 2, "+2b");
    assert_states("1a out_of_order, 2b applied");
    assert_due("drift: 1_a comes before a migration that is applied already: "
               "give it a later version, or allow it out of order",
               UP, 0);
    assert_due("up 1a", UP, DBC_MIGRATE_OUT_OF_ORDER);
}

static void lets_merged_ones_come_in_either_order(void **state)
{
    const dbc_migration list[] = {
        one,
        {.version = "2", .name = "b", .sql = ""},
        {.version = "2", .name = "c", .sql = ""},
        {.version = "3", .name = "m", .sql = "-- merges: 2_b 2_c"}};

    (void)state;
    compare(list, 4, "+1a +2c");
    assert_states("1a applied, 2b pending, 2c applied, 3m pending");
    assert_due("up 2b", UP, 0);
    compare(list, 4, "+1a +2b +2c");
    assert_due("up 3m", UP, 0);
}

static const dbc_migration squash = {
    .version = "4", .name = "s", .sql = "-- replaces: 1_a 2_b 3_c\nSELECT 4"};

static void runs_a_squash_on_a_new_file_only(void **state)
{
    const dbc_migration list[] = {one, two, three, squash};

    (void)state;
    compare(list, 4, "");
    assert_states("1a replaced, 2b replaced, 3c replaced, 4s pending");
    assert_due("up 4s", UP, 0);
    compare(list, 4, "+4s");
    assert_due("nothing", UP, 0);
    compare(list, 4, "+1a +2b +3c");
    assert_states("1a replaced, 2b replaced, 3c replaced, 4s applied");
    assert_due("nothing", UP, 0);
    compare(&squash, 1, "+1a +2b +3c");
    assert_states("1a replaced, 2b replaced, 3c replaced, 4s applied");
    assert_due("nothing", UP, 0);
}

static void finishes_the_old_ones_before_a_squash_counts(void **state)
{
    const dbc_migration list[] = {one, two, three, squash};
    const dbc_migration torn[] = {two, squash};

    (void)state;
    compare(list, 4, "+1a");
    assert_states("1a applied, 2b pending, 3c pending, 4s replaced");
    assert_due("up 2b", UP, 0);
    compare(torn, 2, "+1a");
    assert_due("drift: 1_a is applied, but is not known here: bring it back, "
               "or have it forgotten by a repair",
               UP, 0);
    const dbc_migration rest[] = {one, squash};
    compare(rest, 2, "+1a");
    assert_due("drift: 4_s stands for migrations of which only some are "
               "applied, and the others are gone: bring these back and run "
               "them first",
               UP, 0);
}

static int compare_under_pressure(void *ud, const dbc_alloc *alloc)
{
    const dbc_migration list[] = {one, two, three};
    dbc_history own = {.alloc = alloc};
    dbc_migrator *made = NULL;
    int rc;

    (void)ud;
    rc = dbc_migrator_new(&made, list, 3, alloc, &err);
    if (rc < 0) return rc;
    dbc__arena_init(&own.arena, alloc);
    own.ledger = history.ledger;
    rc = dbc__history_compare(&own, made);
    dbc__arena_dispose(&own.arena);
    dbc_migrator_free(made);
    return rc;
}

static void survives_without_memory(void **state)
{
    const dbc_migration list[] = {one, two};

    (void)state;
    compare(list, 2, "+1a +2b");
    FAULT_WALK(compare_under_pressure, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_forward_step_by_step),
        cmocka_unit_test(goes_back_in_the_order_of_application),
        cmocka_unit_test(goes_to_a_version_both_ways),
        cmocka_unit_test(tells_when_the_history_is_another),
        cmocka_unit_test(refuses_latecomers_unless_they_are_let_in),
        cmocka_unit_test(lets_merged_ones_come_in_either_order),
        cmocka_unit_test(runs_a_squash_on_a_new_file_only),
        cmocka_unit_test(finishes_the_old_ones_before_a_squash_counts),
        cmocka_unit_test(survives_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, tear_down);
}
