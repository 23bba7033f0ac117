// Parts of a schema that are written as SQL.
#include "fault.h"
#include "spec.h"

static const dbc_column_def ID = {
    .name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY};
static const dbc_column_def PLACE = {
    .name = "place",
    .type = DBC_T_INTEGER,
    .references = &(const dbc_foreign_key_def){.table = "places"}};

// A table that points to "places", and `definitions`.
static int make(dbc_schema **out, const char *const *definitions, size_t count,
                const dbc_alloc *alloc, dbc_error *err)
{
    const dbc_column_def columns[] = {ID, PLACE};
    const dbc_table_def def = {
        .name = "users", .columns = columns, .column_count = 2};
    dbc_table *table = NULL;

    int rc = dbc_table_new(&table, &def, alloc, err);
    if (rc < 0) return rc;

    const dbc_table *tables[] = {table};
    const dbc_schema_def schema = {.tables = tables,
                                   .table_count = 1,
                                   .definitions = definitions,
                                   .definition_count = count};
    rc = dbc_schema_build(out, &schema, alloc, err);
    dbc_table_release(table);
    return rc;
}

static const char *const GOOD[] = {
    "CREATE TABLE places(id INTEGER PRIMARY KEY)",
    " create /* x */ unique index\n\"a \"\"b\"\"\" on places(id) ; ",
    "CREATE VIRTUAL TABLE IF NOT EXISTS [r t] USING rtree(id, a, b);",
    "CREATE TRIGGER t AFTER INSERT ON places BEGIN SELECT 1; END;",
    "CREATE VIEW `v` AS SELECT ';' AS x",
};

static void knows_kind_and_name_of_a_definition(void **state)
{
    static const char *const KINDS[] = {"table", "index", "virtual table",
                                        "trigger", "view"};
    static const char *const NAMES[] = {"places", "a \"b\"", "r t", "t", "v"};
    dbc_schema *schema = NULL;
    dbc_error err = DBC_ERROR_INIT;
    (void)state;

    assert_int_equal(make(&schema, GOOD, 5, NULL, &err), DBC_OK);
    assert_int_equal(dbc_schema_definition_count(schema), 5);
    for (size_t i = 0; i < 5; i++) {
        const dbc_definition *one = dbc_schema_definition(schema, i);

        assert_string_equal(one->kind, KINDS[i]);
        assert_string_equal(one->name, NAMES[i]);
    }
    dbc_schema_release(schema);
}

static void writes_definitions_behind_the_tables(void **state)
{
    dbc_schema *schema = NULL;
    char *ddl = NULL;
    (void)state;

    assert_int_equal(make(&schema, GOOD, 2, NULL, NULL), DBC_OK);
    assert_int_equal(
        dbc_schema_ddl(&ddl, schema, dbc_dialect_sqlite(), NULL, NULL), DBC_OK);
    const char *behind = strstr(ddl, "CREATE TABLE places");
    assert_true(behind > strstr(ddl, "\"users\""));
    assert_string_equal(behind, "CREATE TABLE places(id INTEGER PRIMARY KEY);\n"
                                " create /* x */ unique index\n"
                                "\"a \"\"b\"\"\" on places(id);\n");
    dbc_text_free(ddl, NULL);
    dbc_schema_release(schema);
}

static void refuses_what_is_not_one_statement_that_creates(void **state)
{
    static const struct {
        const char *sql, *message;
    } cases[] = {
        {"DROP TABLE x",
         "the definition \"DROP TABLE x\" must be CREATE TABLE, "
         "VIRTUAL TABLE, INDEX, VIEW or TRIGGER"},
        {"CREATE TEMP TABLE x(a)",
         "the definition \"CREATE TEMP TABLE x(a)\" must be CREATE TABLE, "
         "VIRTUAL TABLE, INDEX, VIEW or TRIGGER"},
        {"CREATE TABLE main.x(a)",
         "the definition \"CREATE TABLE main.x(a)\" names a database before "
         "the table: leave it out"},
        {"CREATE TABLE (a)", "the definition \"CREATE TABLE (a)\" has no name"},
        {"CREATE TABLE IF x(a)",
         "the definition \"CREATE TABLE IF x(a)\" has no name"},
        {"CREATE TABLE x(a); SELECT 1",
         "the definition \"CREATE TABLE x(a); SELECT 1\" has more than one "
         "statement"},
        {"CREATE TABLE x('a)",
         "the definition \"CREATE TABLE x('a)\" has a quote that is not "
         "closed"},
        {"CREATE TRIGGER t AFTER INSERT ON x",
         "the definition \"CREATE TRIGGER t AFTER INSERT ON x\" has no BEGIN "
         "… END"},
        {"", "the definition \"\" must be CREATE TABLE, VIRTUAL TABLE, INDEX, "
             "VIEW or TRIGGER"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *const all[] = {GOOD[0], cases[i].sql};
        dbc_schema *schema = NULL;
        dbc_error err = DBC_ERROR_INIT;

        assert_int_equal(make(&schema, all, 2, NULL, &err), DBC_ESCHEMA);
        assert_string_equal(err.message, cases[i].message);
    }
}

static void refuses_a_name_that_is_taken(void **state)
{
    static const char *const TAKEN[] = {
        "CREATE TABLE places(id INTEGER PRIMARY KEY)",
        "CREATE VIEW USERS AS SELECT 1"};
    dbc_schema *schema = NULL;
    dbc_error err = DBC_ERROR_INIT;
    (void)state;

    assert_int_equal(make(&schema, TAKEN, 2, NULL, &err), DBC_ESCHEMA);
    assert_string_equal(
        err.message, "view \"USERS\" has a name that something else in the "
                     "database has already (ASCII case does not count): rename "
                     "it");
}

static void wants_foreign_keys_to_point_to_a_table(void **state)
{
    static const char *const VIEW[] = {"CREATE VIEW places AS SELECT 1"};
    dbc_schema *schema = NULL;
    (void)state;

    assert_int_equal(make(&schema, VIEW, 1, NULL, NULL), DBC_ESCHEMA);
}

static int make_and_end(void *ud, const dbc_alloc *alloc)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_schema *schema = NULL;
    (void)ud;

    int rc = make(&schema, GOOD, 5, alloc, &err);
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
        cmocka_unit_test(knows_kind_and_name_of_a_definition),
        cmocka_unit_test(writes_definitions_behind_the_tables),
        cmocka_unit_test(refuses_what_is_not_one_statement_that_creates),
        cmocka_unit_test(refuses_a_name_that_is_taken),
        cmocka_unit_test(wants_foreign_keys_to_point_to_a_table),
        cmocka_unit_test(leaves_nothing_behind_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("definition", tests, NULL, NULL);
}
