// Names that try to break out of their quotes: whatever a table, a column, an
// alias or an output is called, the statement means what was built, and
// nothing else in the database changes.
#include <stdio.h>

#include "sqlite_session.h"

enum { ROUNDS = 1500, NAME_MAX_BYTES = 40 };

static dbc_conn *conn;

// A small generator with a fixed seed (xorshift64*, S. Vigna 2014), so that a
// failure can be repeated.
static uint64_t seed = UINT64_C(88172645463325252);

static unsigned draw(unsigned limit)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (unsigned)((seed * UINT64_C(2685821657736338717)) >> 33) % limit;
}

static void draw_name(char *out, unsigned number)
{
    static const char *const pieces[] = {
        "\"",   "'",      "`",    "[",    "]",     "--",    ";",  "/*",
        "*/",   "\\",     "\n",   " ",    "?",     "?1",    ":a", "@b",
        "$c",   "DROP ",  "é",    "表",   "\t",    "%",     "_",  ".",
        ", ",   "SELECT", "x",    "(",    ")",     "\"\"",  "''", "NULL",
        "main", "temp",   "\x01", "\x7f", "rowid", "abort", "=",  "||"};
    int len = snprintf(out, NAME_MAX_BYTES, "%u", number);

    for (unsigned i = 0, n = 1 + draw(6); i < n; i++) {
        const char *piece = pieces[draw(COUNT(pieces))];
        if (len + strlen(piece) >= NAME_MAX_BYTES) break;
        len += snprintf(out + len, NAME_MAX_BYTES - (size_t)len, "%s", piece);
    }
}

static int set_up(void **state)
{
    (void)state;
    return dbc_open(&conn, ":memory:", NULL, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    dbc_close(conn);
    return 0;
}

// One table with hostile names; NULL when the description is refused (two
// columns of one name).
static dbc_table *draw_table(unsigned number)
{
    char table[NAME_MAX_BYTES], a[NAME_MAX_BYTES], b[NAME_MAX_BYTES];
    char index[NAME_MAX_BYTES];
    dbc_table *out = NULL;

    draw_name(table, number);
    draw_name(a, 1);
    draw_name(b, 2);
    draw_name(index, number + 1000000);
    dbc_column_def columns[] = {
        {.name = a, .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
        {.name = b, .type = DBC_T_TEXT, .flags = DBC_COLUMN_UNIQUE}};
    dbc_index_part part = {.column = b, .descending = 1};
    dbc_index_def indexes[] = {
        {.name = index, .parts = &part, .part_count = 1}};
    dbc_table_def def = {.name = table,
                         .columns = columns,
                         .column_count = 2,
                         .indexes = indexes,
                         .index_count = 1};
    dbc_error err = DBC_ERROR_INIT;
    if (dbc_table_new(&out, &def, NULL, &err) < 0) fail_msg("%s", err.message);
    return out;
}

static void create(const dbc_table *table)
{
    dbc_schema *schema;
    dbc_error err = DBC_ERROR_INIT;

    if (dbc_schema_new(&schema, &table, 1, NULL, 0, NULL, &err) < 0)
        fail_msg("%s", err.message);
    ASSERT_RC(DBC_OK, dbc_create(conn, schema), conn);
    dbc_schema_release(schema);
}

static void upsert(const dbc_table *table, int64_t key, const char *text)
{
    const dbc_column *id = dbc_table_column(table, 0);
    const dbc_column *value = dbc_table_column(table, 1);
    dbc_query *q = dbc_query_new(NULL);

    dbc_query_insert(q, table);
    dbc_query_set(q, id, dbc_expr_value(q, dbc_value_int(key)));
    dbc_query_set(q, value,
                  dbc_expr_value(q, dbc_value_text(text, strlen(text))));
    dbc_query_on_conflict(q, &id, 1);
    dbc_query_conflict_set(q, value, dbc_expr_excluded(q, value->def.name));
    ASSERT_RC(DBC_OK, dbc_query_run(NULL, conn, q, NULL), conn);
    dbc_query_free(q);
}

// Reads the text back through an alias, a subquery and another output name,
// all hostile.
static void check(const dbc_table *table, const char *text)
{
    char alias[NAME_MAX_BYTES], outer[NAME_MAX_BYTES], output[NAME_MAX_BYTES];
    dbc_query *inner = dbc_query_new(NULL), *q = dbc_query_new(NULL);
    dbc_stmt *stmt;

    draw_name(alias, 3);
    draw_name(outer, 4);
    draw_name(output, 5);
    const dbc_column *value = dbc_table_column(table, 1);
    dbc_query_from(inner, table, alias);
    dbc_query_select(inner, dbc_expr_column(inner, value, alias), output);
    dbc_query_from_query(q, inner, outer);
    dbc_expr out = dbc_expr_name(q, outer, output, DBC_T_ANY);
    dbc_query_select(q, out, NULL);
    dbc_query_where(
        q, dbc_expr_op(q, DBC_OP_EQ, out,
                       dbc_expr_value(q, dbc_value_text(text, strlen(text)))));

    ASSERT_RC(DBC_OK, dbc_query_open(&stmt, conn, q, NULL), conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), conn);
    const dbc_value *row = dbc_stmt_row(stmt);
    assert_int_equal(strlen(text), row->len);
    assert_memory_equal(text, row->as.text, row->len);
    assert_string_equal(output, dbc_stmt_layout(stmt)->outputs[0].name);
    assert_int_equal(DBC_DONE, dbc_stmt_step(stmt));
    dbc_stmt_release(stmt);
    dbc_query_free(inner);
    dbc_query_free(q);
}

static void means_what_was_built_whatever_the_names(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= ROUNDS; i++) {
        char text[NAME_MAX_BYTES];
        dbc_table *table = draw_table(i);
        draw_name(text, i);
        create(table);
        upsert(table, 1, "first");
        upsert(table, 1, text);
        check(table, text);
        dbc_table_release(table);
    }

    assert_int_equal(ROUNDS, ASK_INT(conn, "SELECT count(*) FROM sqlite_master "
                                           "WHERE type = 'table'"));
    assert_int_equal(ROUNDS,
                     ASK_INT(conn, "SELECT count(*) FROM sqlite_master WHERE "
                                   "type = 'index' AND sql IS NOT NULL"));
}

static void refuses_names_that_no_database_could_hold(void **state)
{
    static char huge[1 << 20];
    static const char *const bad[] = {"", huge, "\xff\xfe"};
    (void)state;

    memset(huge, 'a', sizeof huge - 1);
    for (size_t i = 0; i < COUNT(bad); i++) {
        dbc_column_def column = {.name = bad[i], .type = DBC_T_TEXT};
        dbc_table_def def = {
            .name = "t", .columns = &column, .column_count = 1};
        dbc_error err = DBC_ERROR_INIT;
        dbc_table *table;
        dbc_query *q = dbc_query_new(NULL);

        assert_true(dbc_table_new(&table, &def, NULL, &err) < 0);
        assert_true(strlen(err.message) > 0 && strlen(err.message) < 400);
        dbc_query_from_name(q, "x", bad[i]);
        if (*bad[i]) assert_true(dbc_query_status(q, NULL) < 0);
        dbc_query_free(q);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(means_what_was_built_whatever_the_names),
        cmocka_unit_test(refuses_names_that_no_database_could_hold),
    };
    return cmocka_run_group_tests_name("hostile", tests, NULL, NULL);
}
