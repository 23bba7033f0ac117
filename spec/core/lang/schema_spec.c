// Schemas: what tables promise about each other.
#include "define.h"
#include "fault.h"

#define REF(column, ...)                           \
    {                                              \
        .name = (column), .type = DBC_T_INTEGER,   \
        .references = &(const dbc_foreign_key_def) \
        {                                          \
            __VA_ARGS__                            \
        }                                          \
    }
#define INDEX(...) \
    .indexes = &(const dbc_index_def){__VA_ARGS__}, .index_count = 1

enum { TABLES_MAX = 4 };

// Makes the tables, then the schema; the tables are given back at once, so
// that only the schema holds them.
static int make(dbc_schema **out, const dbc_table_def *defs, size_t count,
                const dbc_alloc *alloc, dbc_error *err)
{
    const dbc_table *tables[TABLES_MAX] = {NULL};
    int rc = DBC_OK;

    for (size_t i = 0; rc >= 0 && i < count; i++)
        rc = dbc_table_new((dbc_table **)&tables[i], &defs[i], alloc, err);
    if (rc >= 0) rc = dbc_schema_new(out, tables, count, NULL, 0, alloc, err);
    for (size_t i = 0; i < count; i++)
        dbc_table_release(tables[i]);
    return rc;
}

static void assert_refused(const dbc_table_def *defs, size_t count,
                           const char *message)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_schema *schema = NULL;

    assert_int_equal(make(&schema, defs, count, NULL, &err), DBC_ESCHEMA);
    assert_string_equal(err.message, message);
    assert_int_equal(make(&schema, defs, count, NULL, NULL), DBC_ESCHEMA);
    assert_null(schema);
}

#define REFUSED(message, ...)                             \
    do {                                                  \
        const dbc_table_def refused[] = {__VA_ARGS__};    \
        assert_refused(refused, COUNT(refused), message); \
    } while (0)

static dbc_schema *accept(const dbc_table_def *defs, size_t count)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_schema *schema = NULL;

    if (make(&schema, defs, count, NULL, &err) != DBC_OK)
        fail_msg("%s", err.message);
    return schema;
}

#define ACCEPTED(...)                                          \
    do {                                                       \
        const dbc_table_def accepted[] = {__VA_ARGS__};        \
        dbc_schema_release(accept(accepted, COUNT(accepted))); \
    } while (0)

static const dbc_table_def USERS = {.name = "users", COLUMNS(ID)};

static void finds_its_tables_by_name(void **state)
{
    const dbc_table_def defs[] = {
        {.name = "users", COLUMNS(ID)},
        {.name = "posts", .prefix = "app_", COLUMNS(ID)}};
    dbc_schema *schema = accept(defs, 2);
    dbc_error err = DBC_ERROR_INIT;
    (void)state;

    assert_int_equal(dbc_schema_table_count(schema), 2);
    assert_ptr_equal(dbc_schema_find(schema, "POSTS", 5, &err),
                     dbc_schema_table(schema, 1));
    assert_null(dbc_schema_find(schema, "app_posts", 9, NULL));
    assert_null(dbc_schema_find(schema, "user", 4, &err));
    assert_int_equal(err.code, DBC_ESCHEMA);
    assert_string_equal(err.message, "the schema has no table \"user\"; did "
                                     "you mean \"users\"?");
    dbc_schema_release(schema);
}

static void keeps_its_tables_alive(void **state)
{
    fault memory;
    dbc_schema *schema = NULL;
    (void)state;

    fault_init(&memory);
    assert_int_equal(make(&schema, &USERS, 1, &memory.alloc, NULL), DBC_OK);
    assert_ptr_equal(dbc_schema_retain(schema), schema);
    dbc_schema_release(schema);
    assert_string_equal(dbc_table_describe(dbc_schema_table(schema, 0))->name,
                        "users");

    dbc_schema_release(schema);
    assert_int_equal(memory.live_blocks, 0);
    dbc_schema_release(NULL);
}

static void may_be_empty(void **state)
{
    dbc_schema *schema = NULL;
    (void)state;

    assert_int_equal(dbc_schema_new(&schema, NULL, 0, NULL, 0, NULL, NULL),
                     DBC_OK);
    assert_int_equal(dbc_schema_table_count(schema), 0);
    assert_null(dbc_schema_find(schema, "users", 5, NULL));
    dbc_schema_release(schema);
}

static void refuses_names_that_collide(void **state)
{
    const dbc_index_part id = {.column = "id"};
    (void)state;

    REFUSED("table \"USERS\" is there twice (ASCII case does not count): "
            "rename one of them",
            USERS, {.name = "USERS", COLUMNS(ID)});
    REFUSED("table \"x\": table \"B_x\" has a name that something else in the "
            "database has already (ASCII case does not count): rename it",
            {.name = "b_x", COLUMNS(ID)},
            {.name = "x", .prefix = "B_", COLUMNS(ID)});
    REFUSED("table \"t\": index \"users\" has a name that something else in "
            "the database has already (ASCII case does not count): rename it",
            USERS,
            {.name = "t",
             COLUMNS(ID),
             INDEX(.name = "users", .parts = &id, .part_count = 1)});
    REFUSED("two tables say that they were named \"old\" before",
            {.name = "a", .renamed_from = "old", COLUMNS(ID)},
            {.name = "b", .renamed_from = "old", COLUMNS(ID)});
}

static void refuses_a_foreign_key_that_leads_nowhere(void **state)
{
    (void)state;
    REFUSED("table \"posts\": a foreign key names \"user\", which is no table "
            "of the schema; did you mean \"users\"?",
            USERS, {.name = "posts", COLUMNS(REF("author", .table = "user"))});
    REFUSED("table \"posts\": the foreign key to \"users\" names \"idd\", "
            "which is no column; did you mean \"id\"?",
            USERS,
            {.name = "posts",
             COLUMNS(REF("author", .table = "users", .to = NAMES("idd")))});
    REFUSED("table \"posts\": the foreign key to \"v\" points to what is no "
            "table",
            {.name = "v", .kind = DBC_VIEW, .sql = "SELECT 1"},
            {.name = "posts", COLUMNS(REF("author", .table = "v"))});
}

static void refuses_a_foreign_key_to_what_is_not_unique(void **state)
{
    (void)state;
    REFUSED("table \"posts\": the foreign key to \"users\" points to columns "
            "that are neither its primary key nor unique: make them unique",
            {.name = "users", COLUMNS(ID, {.name = "mail"})},
            {.name = "posts",
             COLUMNS(REF("author", .table = "users", .to = NAMES("mail")))});
    REFUSED("table \"posts\": the foreign key to \"users\" has 1 columns, but "
            "the primary key there has 2: say which columns are meant",
            {.name = "users",
             COLUMNS({.name = "a"}, {.name = "b"}),
             .primary_key = {.columns = NAMES("a", "b")}},
            {.name = "posts", COLUMNS(REF("author", .table = "users"))});
}

#define POSTS_BY_MAIL                                                 \
    {                                                                 \
        .name = "posts",                                              \
        COLUMNS(REF("author", .table = "users", .to = NAMES("mail"))) \
    }
#define USERS_WITH(...)                                             \
    {                                                               \
        .name = "users", COLUMNS(ID, {.name = "mail"}), __VA_ARGS__ \
    }

static void takes_any_whole_uniqueness_for_a_target(void **state)
{
    const dbc_index_part plain = {.column = "mail"};
    const dbc_index_part folded = {.column = "mail", .collate = "nocase"};
    (void)state;

    ACCEPTED({.name = "users",
              COLUMNS({.name = "mail", .flags = DBC_COLUMN_UNIQUE})},
             POSTS_BY_MAIL);
    ACCEPTED(
        USERS_WITH(.uniques = &(const dbc_key_def){.columns = NAMES("MAIL")},
                   .unique_count = 1),
        POSTS_BY_MAIL);
    ACCEPTED(USERS_WITH(INDEX(.name = "i", .unique = 1, .parts = &plain,
                              .part_count = 1)),
             POSTS_BY_MAIL);
    ACCEPTED({.name = "pairs",
              COLUMNS({.name = "a"}, {.name = "b"}),
              .primary_key = {.columns = NAMES("a", "b")}},
             {.name = "t",
              COLUMNS({.name = "x"}, {.name = "y"}),
              .foreign_keys =
                  &(const dbc_foreign_key_def){.columns = NAMES("x", "y"),
                                               .table = "pairs",
                                               .to = NAMES("b", "a")},
              .foreign_key_count = 1});

    static const char message[] =
        "table \"posts\": the foreign key to \"users\" points to columns that "
        "are neither its primary key nor unique: make them unique";
    REFUSED(message,
            USERS_WITH(INDEX(.name = "i", .parts = &plain, .part_count = 1)),
            POSTS_BY_MAIL);
    REFUSED(message,
            USERS_WITH(INDEX(.name = "i", .unique = 1, .parts = &plain,
                             .part_count = 1, .where = "mail > ''")),
            POSTS_BY_MAIL);
    REFUSED(message,
            USERS_WITH(INDEX(.name = "i", .unique = 1, .parts = &folded,
                             .part_count = 1)),
            POSTS_BY_MAIL);
}

static void lets_tables_point_at_each_other_and_themselves(void **state)
{
    (void)state;
    ACCEPTED(
        {.name = "a", COLUMNS(ID, REF("b_id", .table = "B"))},
        {.name = "b",
         COLUMNS(ID, REF("a_id", .table = "a"), REF("b_id", .table = "b"))});
}

#define SEARCH                                                 \
    {                                                          \
        .name = "search", .kind = DBC_FTS, .content = "posts", \
        COLUMNS({.name = "title", .type = DBC_T_TEXT})         \
    }

static void wants_a_content_that_full_text_can_follow(void **state)
{
    (void)state;
    ACCEPTED({.name = "posts", COLUMNS(ID, {.name = "title"})}, SEARCH);
    REFUSED("table \"search\": its content names \"posts\", which is no table "
            "of the schema",
            SEARCH);
    REFUSED("table \"search\": column \"title\" is not in its content "
            "\"posts\"",
            {.name = "posts", COLUMNS(ID)}, SEARCH);
    REFUSED("table \"search\": its content \"posts\" has no integer primary "
            "key: without one its rows change their rowid when the file is "
            "vacuumed",
            {.name = "posts", COLUMNS({.name = "title"})}, SEARCH);
    REFUSED(
        "table \"search\": its content \"posts\" has a column \"rowid\" "
        "that hides the rowid: rename it",
        {.name = "posts", COLUMNS(ID, {.name = "title"}, {.name = "RowId"})},
        SEARCH);
    REFUSED("table \"search\": its content \"posts\" has a conflict clause "
            "REPLACE: rows replaced by it would stay in the index",
            {.name = "posts",
             COLUMNS(ID, {.name = "title",
                          .flags = DBC_COLUMN_UNIQUE,
                          .on_conflict_unique = DBC_CONFLICT_REPLACE})},
            SEARCH);
    REFUSED("table \"search\": a part of a full-text index, \"search_data\" "
            "has a name that something else in the database has already (ASCII "
            "case does not count): rename it",
            {.name = "posts", COLUMNS(ID, {.name = "title"})},
            {.name = "Search_Data", COLUMNS(ID)}, SEARCH);
}

static int make_and_end(void *ud, const dbc_alloc *alloc)
{
    const dbc_table_def defs[] = {
        {.name = "users", COLUMNS(ID)},
        {.name = "posts",
         COLUMNS(ID, {.name = "title"},
                 REF("author", .table = "users", .to = NAMES("id")))},
        SEARCH};
    dbc_error err = DBC_ERROR_INIT;
    dbc_schema *schema = NULL;
    (void)ud;

    int rc = make(&schema, defs, COUNT(defs), alloc, &err);
    if (rc < 0) assert_string_equal(err.message, "out of memory");
    dbc_schema_release(schema);
    return rc;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(make_and_end, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_its_tables_by_name),
        cmocka_unit_test(keeps_its_tables_alive),
        cmocka_unit_test(may_be_empty),
        cmocka_unit_test(refuses_names_that_collide),
        cmocka_unit_test(refuses_a_foreign_key_that_leads_nowhere),
        cmocka_unit_test(refuses_a_foreign_key_to_what_is_not_unique),
        cmocka_unit_test(takes_any_whole_uniqueness_for_a_target),
        cmocka_unit_test(lets_tables_point_at_each_other_and_themselves),
        cmocka_unit_test(wants_a_content_that_full_text_can_follow),
        cmocka_unit_test(leaves_nothing_behind_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("schema", tests, NULL, NULL);
}
