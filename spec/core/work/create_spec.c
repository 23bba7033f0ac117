// Creating a schema in a file: new, there already, there in part, different;
// and a full-text index that works with the defaults.
#include "sqlite_session.h"

static dbc_conn *conn;

static const dbc_column_def columns[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "body", .type = DBC_T_TEXT},
};

static const dbc_column_def other_columns[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "body", .type = DBC_T_TEXT, .flags = DBC_COLUMN_NOT_NULL},
};

static const dbc_column_def text_columns[] = {
    {.name = "body", .type = DBC_T_TEXT}};

// A schema of "notes" and whatever is asked for beside it.
typedef enum kind { ONE, TWO, STRICTER, SEARCHED } kind;

static dbc_schema *make_schema(kind what, const dbc_alloc *alloc)
{
    const dbc_column_def *own = what == STRICTER ? other_columns : columns;
    dbc_table_def notes = {.name = "notes", .columns = own, .column_count = 2};
    dbc_table_def more = {
        .name = "more", .columns = columns, .column_count = 2};
    dbc_table_def text = {.name = "notes_text",
                          .kind = DBC_FTS,
                          .columns = text_columns,
                          .column_count = 1,
                          .content = "notes"};
    dbc_table *tables[2] = {NULL, NULL};
    dbc_schema *schema = NULL;
    dbc_error err = DBC_ERROR_INIT;

    int rc = dbc_table_new(&tables[0], &notes, alloc, &err);
    if (rc == DBC_OK && (what == TWO || what == SEARCHED))
        rc =
            dbc_table_new(&tables[1], what == TWO ? &more : &text, alloc, &err);
    if (rc == DBC_OK)
        rc = dbc_schema_new(&schema, (const dbc_table *const *)tables,
                            tables[1] ? 2 : 1, NULL, 0, alloc, &err);
    dbc_table_release(tables[0]);
    dbc_table_release(tables[1]);
    if (rc < 0 && rc != DBC_ENOMEM) fail_msg("%s", err.message);
    return schema;
}

static int create(kind what)
{
    dbc_schema *schema = make_schema(what, NULL);
    int rc = dbc_create(conn, schema);
    dbc_schema_release(schema);
    return rc;
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

static void does_nothing_when_all_is_there(void **state)
{
    (void)state;
    ASSERT_RC(DBC_OK, create(TWO), conn);
    dbc_exec(conn, SQL("INSERT INTO notes VALUES (1, 'kept')"));

    ASSERT_RC(DBC_OK, create(TWO), conn);

    assert_int_equal(1, ASK_INT(conn, "SELECT count(*) FROM notes"));
}

static void refuses_a_part_and_creates_nothing(void **state)
{
    (void)state;
    ASSERT_RC(DBC_OK, create(ONE), conn);

    assert_int_equal(DBC_EDRIFT, create(TWO));

    assert_string_equal("the file has a part of the schema, but not \"more\": "
                        "nothing was created, a migration must add it",
                        dbc_conn_error(conn)->message);
    assert_int_equal(1, ASK_INT(conn, "SELECT count(*) FROM sqlite_master"));
    assert_int_equal(0, dbc_conn_depth(conn));
}

static void refuses_another_table_of_that_name(void **state)
{
    (void)state;
    ASSERT_RC(DBC_OK, create(ONE), conn);

    assert_int_equal(DBC_EDRIFT, create(STRICTER));

    assert_string_equal("\"notes\" in the file differs from the schema: it was "
                        "left as it is, a migration must change it",
                        dbc_conn_error(conn)->message);
}

static void keeps_a_full_text_index_in_step_by_default(void **state)
{
    dbc_schema *schema = make_schema(SEARCHED, NULL);
    dbc_open_options options = {.schema = schema};
    (void)state;

    dbc_close(conn);
    assert_int_equal(DBC_OK, dbc_open(&conn, ":memory:", &options, NULL));
    ASSERT_RC(DBC_OK, dbc_create(conn, schema), conn);
    dbc_schema_release(schema);
    ASSERT_RC(DBC_OK,
              dbc_exec(conn, SQL("INSERT INTO notes VALUES (1, 'a red fox');"
                                 "INSERT INTO notes VALUES (2, 'a hen');"
                                 "UPDATE notes SET body = 'a fox' WHERE id = 2;"
                                 "DELETE FROM notes WHERE id = 1")),
              conn);

    assert_int_equal(2, ASK_INT(conn,
                                "SELECT rowid FROM notes_text WHERE notes_text "
                                "MATCH 'fox'"));
    assert_int_equal(
        0, ASK_INT(conn, "SELECT count(*) FROM notes_text WHERE notes_text "
                         "MATCH 'hen OR red'"));
}

static int create_twice(void *ud, const dbc_alloc *alloc)
{
    dbc_open_options options = {.alloc = alloc};
    dbc_schema *schema = make_schema(TWO, alloc);
    dbc_conn *c = NULL;
    int rc = DBC_ENOMEM;
    (void)ud;

    if (schema) rc = dbc_open(&c, ":memory:", &options, NULL);
    if (rc == DBC_OK) rc = dbc_create(c, schema);
    if (rc == DBC_OK) rc = dbc_create(c, schema);
    dbc_close(c);
    dbc_schema_release(schema);
    return rc;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(create_twice, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(does_nothing_when_all_is_there),
        SPEC(refuses_a_part_and_creates_nothing),
        SPEC(refuses_another_table_of_that_name),
        SPEC(keeps_a_full_text_index_in_step_by_default),
        SPEC(leaves_nothing_behind_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("create", tests, NULL, NULL);
}
