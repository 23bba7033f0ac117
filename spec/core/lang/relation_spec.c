// Relations: which columns meet, found from the foreign keys or as declared.
#include <stdio.h>

#include "define.h"
#include "fault.h"

#define REF(column, target)                        \
    {                                              \
        .name = (column), .type = DBC_T_INTEGER,   \
        .references = &(const dbc_foreign_key_def) \
        {                                          \
            .table = (target)                      \
        }                                          \
    }
#define PLAIN(column)                           \
    {                                           \
        .name = (column), .type = DBC_T_INTEGER \
    }

// Users write posts; posts have tags through post_tags; a user has a profile,
// two teams, a boss, friends through friendships; rooms have a double key.
static const dbc_table_def DEFS[] = {
    {.name = "users",
     COLUMNS(ID, REF("team_id", "teams"), REF("old_team_id", "teams"),
             REF("boss_id", "users"), {.name = "mail", .as = "address"})},
    {.name = "teams", COLUMNS(ID)},
    {.name = "posts", COLUMNS(ID, REF("author_id", "users"), PLAIN("loose"))},
    {.name = "tags", COLUMNS(ID)},
    {.name = "post_tags",
     COLUMNS(REF("post_id", "posts"), REF("tag_id", "tags"))},
    {.name = "profiles", COLUMNS(ID, REF("user_id", "users"))},
    {.name = "friendships",
     COLUMNS(REF("user_id", "users"), REF("friend_id", "users"))},
    {.name = "rooms",
     COLUMNS(PLAIN("house"), PLAIN("door")),
     .primary_key = {.columns = NAMES("house", "door")}},
    {.name = "beds",
     COLUMNS(ID, PLAIN("h"), PLAIN("d")),
     .foreign_keys = &(const dbc_foreign_key_def){.columns = NAMES("d", "h"),
                                                  .table = "rooms",
                                                  .to = NAMES("door", "house")},
     .foreign_key_count = 1},
};

enum { TABLE_COUNT = sizeof DEFS / sizeof DEFS[0] };

static int make(dbc_schema **out, const dbc_relation_def *defs, size_t count,
                const dbc_alloc *alloc, dbc_error *err)
{
    const dbc_table *tables[TABLE_COUNT] = {NULL};
    int rc = DBC_OK;

    for (size_t i = 0; rc >= 0 && i < TABLE_COUNT; i++)
        rc = dbc_table_new((dbc_table **)&tables[i], &DEFS[i], alloc, err);
    if (rc >= 0)
        rc = dbc_schema_new(out, tables, TABLE_COUNT, defs, count, alloc, err);
    for (size_t i = 0; i < TABLE_COUNT; i++)
        dbc_table_release(tables[i]);
    return rc;
}

// "a,b" of some columns.
static const char *list(char *out, size_t size, const dbc_column *const *keys,
                        size_t count)
{
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (i > 0) strncat(out, ",", size - strlen(out) - 1);
        strncat(out, keys[i]->def.name, size - strlen(out) - 1);
    }
    return out;
}

// "source(a) = target(b)", or through a table between.
static void assert_follows(dbc_relation_def def, const char *expected)
{
    char a[40], b[40], c[40], d[40], found[240];
    dbc_error err = DBC_ERROR_INIT;
    dbc_schema *schema = NULL;

    def.name = def.name == NULL ? "r" : def.name;
    if (make(&schema, &def, 1, NULL, &err) != DBC_OK)
        fail_msg("%s", err.message);
    const dbc_relation *r = dbc_schema_relation(schema, 0);
    list(a, sizeof a, r->source_key, r->key_count);
    if (r->through == NULL)
        snprintf(found, sizeof found, "%s = %s", a,
                 list(b, sizeof b, r->target_key, r->key_count));
    else
        snprintf(found, sizeof found, "%s = %s, %s = %s", a,
                 list(b, sizeof b, r->through_from, r->key_count),
                 list(c, sizeof c, r->through_to, r->through_count),
                 list(d, sizeof d, r->target_key, r->through_count));
    assert_string_equal(found, expected);
    assert_int_equal(r->kind, def.kind);
    assert_string_equal(dbc_table_describe(r->source)->name, def.table);
    assert_string_equal(dbc_table_describe(r->target)->name, def.target);
    dbc_schema_release(schema);
}

#define FOLLOWS(expected, ...) \
    assert_follows((dbc_relation_def){__VA_ARGS__}, expected)

static void assert_refused(dbc_relation_def def, const char *message)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_schema *schema = NULL;

    assert_int_equal(make(&schema, &def, 1, NULL, &err), DBC_ESCHEMA);
    assert_string_equal(err.message, message);
    assert_int_equal(make(&schema, &def, 1, NULL, NULL), DBC_ESCHEMA);
}

#define REFUSED(message, ...) \
    assert_refused((dbc_relation_def){__VA_ARGS__}, message)

static void follows_the_foreign_key_of_its_source_to_one(void **state)
{
    (void)state;
    FOLLOWS("author_id = id", .table = "posts", .target = "users",
            .kind = DBC_ONE);
}

static void follows_the_foreign_key_of_its_target_to_many(void **state)
{
    (void)state;
    FOLLOWS("id = author_id", .table = "users", .target = "posts",
            .kind = DBC_MANY);
}

static void goes_back_to_one_when_only_the_target_has_the_key(void **state)
{
    (void)state;
    FOLLOWS("id = user_id", .table = "users", .target = "profiles",
            .kind = DBC_ONE);
}

static void pairs_the_columns_of_a_double_key(void **state)
{
    (void)state;
    FOLLOWS("d,h = door,house", .table = "beds", .target = "rooms",
            .kind = DBC_ONE);
    FOLLOWS("door,house = d,h", .table = "rooms", .target = "beds",
            .kind = DBC_MANY);
}

static void tells_the_two_ends_of_a_self_relation_by_kind(void **state)
{
    (void)state;
    FOLLOWS("boss_id = id", .table = "users", .target = "users",
            .kind = DBC_ONE);
    FOLLOWS("id = boss_id", .table = "users", .target = "users",
            .kind = DBC_MANY);
}

static void goes_through_a_table(void **state)
{
    (void)state;
    FOLLOWS("id = post_id, tag_id = id", .table = "posts", .target = "tags",
            .through = "post_tags", .kind = DBC_MANY);
    FOLLOWS("id = tag_id, post_id = id", .table = "tags", .target = "posts",
            .through = "post_tags", .kind = DBC_MANY);
}

static void takes_the_key_that_is_left_through_to_itself(void **state)
{
    (void)state;
    FOLLOWS("id = user_id, friend_id = id", .table = "users", .target = "users",
            .through = "friendships", .kind = DBC_MANY,
            .through_from = NAMES("user_id"));
    FOLLOWS("id = user_id, friend_id = id", .table = "users", .target = "users",
            .through = "friendships", .kind = DBC_MANY,
            .through_to = NAMES("friend_id"));
    REFUSED("table \"users\", relation \"friends\": \"friendships\" has 2 "
            "foreign keys to \"users\" (user_id, friend_id): say "
            ":through(\"friendships\", { from = …, to = … })",
            .table = "users", .name = "friends", .target = "users",
            .through = "friendships", .kind = DBC_MANY);
}

static void names_the_candidates_when_there_are_several(void **state)
{
    (void)state;
    REFUSED("table \"users\", relation \"team\": \"users\" has 2 foreign keys "
            "to \"teams\" (team_id, old_team_id): say { from = …, to = … }",
            .table = "users", .name = "team", .target = "teams",
            .kind = DBC_ONE);
    REFUSED("table \"teams\", relation \"members\": \"users\" has 2 foreign "
            "keys to \"teams\" (team_id, old_team_id): say { from = …, "
            "to = … }",
            .table = "teams", .name = "members", .target = "users",
            .kind = DBC_MANY);
    FOLLOWS("old_team_id = id", .table = "users", .target = "teams",
            .kind = DBC_ONE, .from = NAMES("old_team_id"));
    FOLLOWS("id = team_id", .table = "teams", .target = "users",
            .kind = DBC_MANY, .to = NAMES("team_id"));
}

static void takes_both_ends_as_declared_without_a_foreign_key(void **state)
{
    (void)state;
    FOLLOWS("loose = id", .table = "posts", .target = "tags", .kind = DBC_ONE,
            .from = NAMES("loose"), .to = NAMES("id"));
    FOLLOWS("loose = id", .table = "posts", .target = "tags", .kind = DBC_ONE,
            .from = NAMES("loose"));
    FOLLOWS("id = loose", .table = "tags", .target = "posts", .kind = DBC_MANY,
            .to = NAMES("loose"));
}

static void refuses_what_does_not_lead_anywhere(void **state)
{
    (void)state;
    REFUSED("table \"posts\", relation \"r\": \"tags\" has no such foreign key "
            "to \"posts\": add one, or say { from = …, to = … }",
            .table = "posts", .name = "r", .target = "tags", .kind = DBC_MANY);
    REFUSED("table \"posts\", relation \"r\": it names \"user\", which is no "
            "table of the schema; did you mean \"users\"?",
            .table = "posts", .name = "r", .target = "user");
    REFUSED("table \"post\", relation \"r\": it names \"post\", which is no "
            "table of the schema; did you mean \"posts\"?",
            .table = "post", .name = "r", .target = "users");
    REFUSED("table \"posts\", relation \"r\": the end in table \"posts\" names "
            "\"autor_id\", which is no column; did you mean \"author_id\"?",
            .table = "posts", .name = "r", .target = "users",
            .from = NAMES("autor_id"));
    REFUSED("table \"posts\", relation \"r\": it has 2 columns at one end and "
            "1 at the other: they must pair",
            .table = "posts", .name = "r", .target = "users",
            .from = NAMES("author_id", "loose"), .to = NAMES("id"));
    REFUSED("table \"posts\", relation \"r\": it says how to go through a "
            "table, but not which: say { through = … }",
            .table = "posts", .name = "r", .target = "users",
            .through_from = NAMES("x"));
    REFUSED("table \"posts\", a relation: the relation name is missing or "
            "empty: give one",
            .table = "posts", .target = "users");
}

static void refuses_a_name_that_rows_have_already(void **state)
{
    (void)state;
    REFUSED("table \"posts\", relation \"author_id\": column \"author_id\" has "
            "that key in rows already: rename one of them",
            .table = "posts", .name = "author_id", .target = "users");
    REFUSED("table \"users\", relation \"address\": column \"mail\" has that "
            "key in rows already: rename one of them",
            .table = "users", .name = "address", .target = "profiles");
    FOLLOWS("id = user_id", .table = "users", .name = "mail",
            .target = "profiles", .kind = DBC_ONE);
}

static void refuses_two_relations_of_one_name_on_a_table(void **state)
{
    const dbc_relation_def twice[] = {
        {.table = "posts", .name = "author", .target = "users"},
        {.table = "posts", .name = "Author", .target = "users"}};
    const dbc_relation_def apart[] = {
        {.table = "posts", .name = "author", .target = "users"},
        {.table = "profiles", .name = "author", .target = "users"}};
    dbc_error err = DBC_ERROR_INIT;
    dbc_schema *schema = NULL;
    (void)state;

    assert_int_equal(make(&schema, twice, 2, NULL, &err), DBC_ESCHEMA);
    assert_string_equal(err.message, "table \"posts\", relation \"Author\": it "
                                     "is there twice: rename one of them");
    assert_int_equal(make(&schema, apart, 2, NULL, &err), DBC_OK);
    dbc_schema_release(schema);
}

static void finds_relations_by_table_and_name(void **state)
{
    const dbc_relation_def defs[] = {
        {.table = "users",
         .name = "posts",
         .target = "posts",
         .kind = DBC_MANY},
        {.table = "posts", .name = "author", .target = "users"}};
    dbc_error err = DBC_ERROR_INIT;
    dbc_schema *schema = NULL;
    (void)state;

    assert_int_equal(make(&schema, defs, 2, NULL, &err), DBC_OK);
    const dbc_table *users = dbc_schema_find(schema, "users", 5, NULL);
    const dbc_table *posts = dbc_schema_find(schema, "posts", 5, NULL);
    assert_int_equal(dbc_schema_relation_count(schema), 2);
    assert_ptr_equal(dbc_schema_find_relation(schema, users, "posts", 5, NULL),
                     dbc_schema_relation(schema, 0));
    assert_null(dbc_schema_find_relation(schema, posts, "posts", 5, NULL));
    assert_null(dbc_schema_find_relation(schema, posts, "auhtor", 6, &err));
    assert_int_equal(err.code, DBC_ESCHEMA);
    assert_string_equal(err.message, "table \"posts\" has no relation "
                                     "\"auhtor\"; did you mean \"author\"?");
    dbc_schema_release(schema);
}

static int make_and_end(void *ud, const dbc_alloc *alloc)
{
    const dbc_relation_def defs[] = {{.table = "users",
                                      .name = "posts",
                                      .target = "posts",
                                      .kind = DBC_MANY},
                                     {.table = "posts",
                                      .name = "loose_tag",
                                      .target = "tags",
                                      .from = NAMES("loose"),
                                      .to = NAMES("id")},
                                     {.table = "posts",
                                      .name = "tags",
                                      .target = "tags",
                                      .through = "post_tags",
                                      .kind = DBC_MANY}};
    dbc_schema *schema = NULL;
    (void)ud;

    int rc = make(&schema, defs, COUNT(defs), alloc, NULL);
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
        cmocka_unit_test(follows_the_foreign_key_of_its_source_to_one),
        cmocka_unit_test(follows_the_foreign_key_of_its_target_to_many),
        cmocka_unit_test(goes_back_to_one_when_only_the_target_has_the_key),
        cmocka_unit_test(pairs_the_columns_of_a_double_key),
        cmocka_unit_test(tells_the_two_ends_of_a_self_relation_by_kind),
        cmocka_unit_test(goes_through_a_table),
        cmocka_unit_test(takes_the_key_that_is_left_through_to_itself),
        cmocka_unit_test(names_the_candidates_when_there_are_several),
        cmocka_unit_test(takes_both_ends_as_declared_without_a_foreign_key),
        cmocka_unit_test(refuses_what_does_not_lead_anywhere),
        cmocka_unit_test(refuses_a_name_that_rows_have_already),
        cmocka_unit_test(refuses_two_relations_of_one_name_on_a_table),
        cmocka_unit_test(finds_relations_by_table_and_name),
        cmocka_unit_test(leaves_nothing_behind_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("relation", tests, NULL, NULL);
}
