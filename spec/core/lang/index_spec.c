// Which index serves a key and an order.
#include "index.h"

#include "spec.h"
#include "table.h"

static const dbc_column_def columns[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "org", .type = DBC_T_INTEGER},
    {.name = "team", .type = DBC_T_INTEGER},
    {.name = "title", .type = DBC_T_TEXT, .collate = "nocase"},
    {.name = "views", .type = DBC_T_INTEGER},
    {.name = "code", .type = DBC_T_TEXT, .flags = DBC_COLUMN_UNIQUE},
};

// What serves rows of the key `org`, or of `team` and `org`, or of the column
// named, in the order of up to two columns; "-views" is descending.
typedef struct question {
    const char *key[2];
    const char *order[2];
} question;

static const dbc_column *find(const dbc_table *table, const char *name)
{
    return dbc_table_find(table, name, strlen(name), NULL);
}

static dbc__index_use ask(int *descending, const dbc_index_def *index,
                          unsigned flags, question q)
{
    const dbc_table_def def = {.name = "posts",
                               .flags = flags,
                               .columns = columns,
                               .column_count = COUNT(columns),
                               .indexes = index,
                               .index_count = index != NULL};
    const dbc_column *key[2];
    dbc__index_term terms[2];
    dbc_table *table;
    size_t keys = 0, count = 0;

    assert_int_equal(DBC_OK, dbc_table_new(&table, &def, NULL, NULL));
    for (; keys < 2 && q.key[keys]; keys++)
        key[keys] = find(table, q.key[keys]);
    for (; count < 2 && q.order[count]; count++) {
        terms[count].descending = *q.order[count] == '-';
        terms[count].column =
            find(table, q.order[count] + terms[count].descending);
    }
    dbc__index_use use =
        dbc__index_find(descending, table, key, keys, terms, count);
    dbc_table_release(table);
    return use;
}

#define PARTS(...) ((const dbc_index_part[]){__VA_ARGS__})
#define INDEX(...)                                                    \
    (&(const dbc_index_def){.name = "i",                              \
                            .parts = PARTS(__VA_ARGS__),              \
                            .part_count = sizeof PARTS(__VA_ARGS__) / \
                                          sizeof *PARTS(__VA_ARGS__)})
#define COLUMN(name)     \
    {                    \
        .column = (name) \
    }
#define FALLING(name)                     \
    {                                     \
        .column = (name), .descending = 1 \
    }

static void needs_an_index_that_begins_with_the_key(void **state)
{
    const question by_org = {{"org"}, {NULL}};
    int down;
    (void)state;

    assert_int_equal(DBC__INDEX_NONE, ask(&down, NULL, 0, by_org));
    assert_int_equal(
        DBC__INDEX_NONE,
        ask(&down, INDEX(COLUMN("views"), COLUMN("org")), 0, by_org));
    assert_int_equal(DBC__INDEX_NONE,
                     ask(&down, INDEX({.expression = "org + 1"}), 0, by_org));
    assert_int_equal(
        DBC__INDEX_ORDER,
        ask(&down, INDEX(COLUMN("org"), COLUMN("views")), 0, by_org));
}

static void takes_a_key_of_several_columns_in_any_order(void **state)
{
    const question q = {{"org", "team"}, {"views"}};
    int down;
    (void)state;

    assert_int_equal(DBC__INDEX_ORDER,
                     ask(&down,
                         INDEX(COLUMN("team"), COLUMN("org"), COLUMN("views")),
                         0, q));
    assert_int_equal(DBC__INDEX_KEY,
                     ask(&down, INDEX(COLUMN("team"), COLUMN("org")), 0, q));
    assert_int_equal(DBC__INDEX_NONE,
                     ask(&down, INDEX(COLUMN("team"), COLUMN("views")), 0, q));
}

static void reads_it_forwards_or_backwards(void **state)
{
    int down = -1;
    (void)state;

    assert_int_equal(DBC__INDEX_ORDER,
                     ask(&down, INDEX(COLUMN("org"), COLUMN("views")), 0,
                         (question){{"org"}, {"views", "id"}}));
    assert_int_equal(0, down);
    assert_int_equal(DBC__INDEX_ORDER,
                     ask(&down, INDEX(COLUMN("org"), COLUMN("views")), 0,
                         (question){{"org"}, {"-views", "-id"}}));
    assert_int_equal(1, down);
    assert_int_equal(DBC__INDEX_ORDER,
                     ask(&down, INDEX(COLUMN("org"), FALLING("views")), 0,
                         (question){{"org"}, {"-views", "id"}}));
    assert_int_equal(0, down);
    assert_int_equal(DBC__INDEX_ORDER,
                     ask(&down, INDEX(FALLING("org"), COLUMN("views")), 0,
                         (question){{"org"}, {"-views"}}));
    assert_int_equal(0, down);
    assert_int_equal(DBC__INDEX_KEY,
                     ask(&down, INDEX(COLUMN("org"), COLUMN("views")), 0,
                         (question){{"org"}, {"views", "-id"}}));
}

static void ends_with_the_rowid(void **state)
{
    int down;
    (void)state;

    assert_int_equal(DBC__INDEX_ORDER,
                     ask(&down, INDEX(COLUMN("org")), 0,
                         (question){{"org"}, {"-id", "views"}}));
    assert_int_equal(1, down);
    assert_int_equal(DBC__INDEX_KEY,
                     ask(&down, INDEX(COLUMN("org")), DBC_TABLE_WITHOUT_ROWID,
                         (question){{"org"}, {"id"}}));
}

static void compares_as_the_column_does(void **state)
{
    const question q = {{"org"}, {"title"}};
    int down;
    (void)state;

    assert_int_equal(DBC__INDEX_ORDER,
                     ask(&down, INDEX(COLUMN("org"), COLUMN("title")), 0, q));
    assert_int_equal(
        DBC__INDEX_ORDER,
        ask(&down,
            INDEX(COLUMN("org"), {.column = "title", .collate = "NOCASE"}), 0,
            q));
    assert_int_equal(
        DBC__INDEX_KEY,
        ask(&down,
            INDEX(COLUMN("org"), {.column = "title", .collate = "binary"}), 0,
            q));
}

static void leaves_out_an_index_of_some_rows(void **state)
{
    dbc_index_def index = *INDEX(COLUMN("org"));
    int down;
    (void)state;

    index.where = "views > 0";

    assert_int_equal(DBC__INDEX_NONE,
                     ask(&down, &index, 0, (question){{"org"}, {NULL}}));
}

static void counts_keys_and_what_is_unique(void **state)
{
    int down;
    (void)state;

    assert_int_equal(DBC__INDEX_ORDER,
                     ask(&down, NULL, 0, (question){{"id"}, {NULL}}));
    assert_int_equal(DBC__INDEX_KEY,
                     ask(&down, NULL, 0, (question){{"code"}, {"views"}}));
}

static int is_unique(const char *first, const char *second)
{
    const char *const pair[] = {"org", "team"};
    const dbc_key_def unique = {.columns = {pair, 2}};
    const dbc_table_def def = {.name = "posts",
                               .columns = columns,
                               .column_count = COUNT(columns),
                               .uniques = &unique,
                               .unique_count = 1};
    dbc_table *table;

    assert_int_equal(DBC_OK, dbc_table_new(&table, &def, NULL, NULL));
    const dbc_column *both[] = {find(table, first), find(table, second)};
    int found = dbc__index_is_unique(table, both, 2);
    dbc_table_release(table);
    return found;
}

static void knows_what_is_unique_together(void **state)
{
    (void)state;

    assert_true(is_unique("team", "org"));
    assert_true(is_unique("views", "code"));
    assert_true(is_unique("id", "views"));
    assert_false(is_unique("org", "views"));
    assert_false(is_unique("title", "views"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(needs_an_index_that_begins_with_the_key),
        cmocka_unit_test(takes_a_key_of_several_columns_in_any_order),
        cmocka_unit_test(reads_it_forwards_or_backwards),
        cmocka_unit_test(ends_with_the_rowid),
        cmocka_unit_test(compares_as_the_column_does),
        cmocka_unit_test(leaves_out_an_index_of_some_rows),
        cmocka_unit_test(counts_keys_and_what_is_unique),
        cmocka_unit_test(knows_what_is_unique_together),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
