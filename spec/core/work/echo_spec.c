#include "echo.h"

#include <string.h>

#include "spec.h"
#include "sqlite_session.h"

static const dbc_column_def item_columns[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "name", .type = DBC_T_TEXT},
    {.name = "ratio", .type = DBC_T_REAL},
    {.name = "done", .type = DBC_T_BOOLEAN},
    {.name = "data", .type = DBC_T_BLOB},
    {.name = "any", .type = DBC_T_NUMERIC},
    {.name = "half",
     .type = DBC_T_REAL,
     .generated = "ratio / 2",
     .flags = DBC_COLUMN_STORED},
};

static const dbc_trigger_def no_more = {
    .name = "no_more", .sql = "AFTER INSERT ON items BEGIN SELECT 1; END"};

typedef struct store {
    sqlite_session session;
    dbc_table *items;
    dbc_query *query;
} store;

static void make_table(store *s, const dbc_trigger_def *trigger)
{
    const dbc_table_def def = {.name = "items",
                               .columns = item_columns,
                               .column_count = COUNT(item_columns),
                               .triggers = trigger,
                               .trigger_count = trigger ? 1 : 0};
    dbc_error err = DBC_ERROR_INIT;
    int rc = dbc_table_new(&s->items, &def, NULL, &err);

    spec_assert_rc(DBC_OK, rc, &err, __FILE__, __LINE__);
}

static void open_store(store *s, const dbc_trigger_def *trigger)
{
    sqlite_session_open(&s->session, ":memory:", NULL);
    make_table(s, trigger);
    EXEC(s->session.conn,
         "CREATE TABLE items(id INTEGER PRIMARY KEY, name TEXT, ratio REAL, "
         "done INTEGER, data BLOB, \"any\" NUMERIC, "
         "half REAL AS (ratio / 2) STORED)");
}

static void close_store(store *s)
{
    dbc_query_free(s->query);
    dbc_table_release(s->items);
    sqlite_session_close(&s->session);
}

static const dbc_column *column(const store *s, const char *name)
{
    return dbc_table_find(s->items, name, strlen(name), NULL);
}

// Begins the insert with a slot for each of `given`, which ends with NULL.
static void insert(store *s, const char *const *given)
{
    dbc_query_free(s->query);
    s->query = dbc_query_new(NULL);
    dbc_query_insert(s->query, s->items);
    for (; *given; given++)
        dbc_query_slot(s->query, column(s, *given));
}

static void returning(store *s, const char *const *names)
{
    for (; *names; names++)
        dbc_query_returning(
            s->query, dbc_expr_column(s->query, column(s, *names), NULL), NULL);
}

static dbc_stmt *start(store *s, const dbc_value *slots, size_t count)
{
    const dbc_args args = {.slots = slots, .slot_count = count};
    dbc_stmt *stmt = NULL;

    ASSERT_RC(DBC_OK, dbc_query_open(&stmt, s->session.conn, s->query, &args),
              s->session.conn);
    return stmt;
}

static int asks(const dbc_stmt *stmt)
{
    return strstr(dbc_stmt_sql(stmt, NULL), "RETURNING") != NULL;
}

static const char *const id_name[] = {"id", "name", NULL};
static const char *const name_only[] = {"name", NULL};

static void answers_with_what_it_was_given(void **state)
{
    const char *const all[] = {"id", "name", "ratio", "done", "data", NULL};
    const dbc_value slots[] = {dbc_value_int(7), dbc_value_text("a\0b", 3),
                               dbc_value_int(3), dbc_value_bool(1),
                               dbc_value_text("\xff", 1)};
    store s = {0};
    (void)state;

    open_store(&s, NULL);
    insert(&s, all);
    returning(&s, all);
    dbc_stmt *stmt = start(&s, slots, COUNT(slots));
    assert_false(asks(stmt));
    assert_int_equal(5, dbc_stmt_column_count(stmt));
    assert_string_equal("ratio", dbc_stmt_column_name(stmt, 2));
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), s.session.conn);
    const dbc_value *row = dbc_stmt_row(stmt);
    assert_int_equal(7, row[0].as.i);
    assert_int_equal(3, row[1].len);
    assert_memory_equal("a\0b", row[1].as.text, 3);
    assert_int_equal(DBC_REAL, row[2].type);
    assert_true(row[2].as.r == 3.0);
    assert_int_equal(DBC_INT, row[3].type);
    assert_int_equal(1, row[3].as.i);
    assert_int_equal(DBC_BLOB, row[4].type);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), s.session.conn);
    dbc_stmt_release(stmt);

    assert_int_equal(1, ASK_INT(s.session.conn,
                                "SELECT count(*) FROM items WHERE id = 7 AND "
                                "length(cast(name AS BLOB)) = 3 AND "
                                "typeof(ratio) = 'real' AND done = 1 AND "
                                "typeof(data) = 'blob'"));
    close_store(&s);
}

static void knows_the_number_of_a_row_that_was_given_none(void **state)
{
    const dbc_value none[] = {dbc_value_null(), dbc_value_text("x", 1)};
    store s = {0};
    (void)state;

    open_store(&s, NULL);
    EXEC(s.session.conn, "INSERT INTO items(id) VALUES (41)");
    insert(&s, name_only);
    returning(&s, id_name);
    dbc_stmt *stmt = start(&s, none + 1, 1);
    assert_false(asks(stmt));
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), s.session.conn);
    assert_int_equal(42, dbc_stmt_row(stmt)[0].as.i);
    dbc_stmt_release(stmt);

    insert(&s, id_name);
    returning(&s, id_name);
    stmt = start(&s, none, 2);
    assert_false(asks(stmt));
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), s.session.conn);
    assert_int_equal(43, dbc_stmt_row(stmt)[0].as.i);
    dbc_stmt_release(stmt);
    close_store(&s);
}

// One row is inserted, `names` are returned; tells whether SQLite was asked.
static int is_asked(store *s, const char *const *given,
                    const char *const *names, const dbc_value *slots,
                    size_t count)
{
    insert(s, given);
    returning(s, names);
    dbc_stmt *stmt = start(s, slots, count);
    int asked = asks(stmt);

    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), s->session.conn);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), s->session.conn);
    dbc_stmt_release(stmt);
    return asked;
}

static void asks_for_what_only_the_database_knows(void **state)
{
    const char *const silent[] = {"name", "ratio", NULL};
    const char *const converted[] = {"any", NULL};
    const char *const generated[] = {"half", NULL};
    const dbc_value text = dbc_value_text("x", 1);
    const dbc_value number = dbc_value_real(2);
    store s = {0};
    (void)state;

    open_store(&s, NULL);
    assert_true(is_asked(&s, name_only, silent, &text, 1));
    assert_true(is_asked(&s, converted, converted, &number, 1));
    assert_true(is_asked(&s, name_only, generated, &text, 1));
    assert_false(is_asked(&s, name_only, name_only, &text, 1));
    close_store(&s);
}

static void asks_where_a_trigger_is_declared(void **state)
{
    const dbc_value text = dbc_value_text("x", 1);
    store s = {0};
    (void)state;

    open_store(&s, &no_more);
    assert_true(is_asked(&s, name_only, name_only, &text, 1));
    close_store(&s);
}

static void answers_nothing_for_a_row_that_was_not_taken(void **state)
{
    const dbc_value slots[] = {dbc_value_text("no", 2)};
    const dbc_value others[] = {dbc_value_text("yes", 3)};
    const dbc_args args = {.slots = others, .slot_count = 1};
    store s = {0};
    (void)state;

    open_store(&s, NULL);
    EXEC(s.session.conn,
         "CREATE TRIGGER ignore_no BEFORE INSERT ON items WHEN new.name = 'no' "
         "BEGIN SELECT raise(IGNORE); END");
    insert(&s, name_only);
    returning(&s, id_name);
    dbc_stmt *stmt = start(&s, slots, 1);
    assert_false(asks(stmt));
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), s.session.conn);
    ASSERT_RC(DBC_OK, dbc_query_reopen(stmt, s.query, &args), s.session.conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), s.session.conn);
    assert_memory_equal("yes", dbc_stmt_row(stmt)[1].as.text, 3);
    dbc_stmt_release(stmt);
    assert_int_equal(1, ASK_INT(s.session.conn, "SELECT count(*) FROM items"));
    close_store(&s);
}

static void answers_nothing_for_a_row_that_failed(void **state)
{
    const dbc_value slots[] = {dbc_value_int(1), dbc_value_text("x", 1)};
    store s = {0};
    (void)state;

    open_store(&s, NULL);
    EXEC(s.session.conn, "INSERT INTO items(id) VALUES (1)");
    insert(&s, id_name);
    returning(&s, id_name);
    dbc_stmt *stmt = start(&s, slots, 2);
    ASSERT_RC(DBC_EUNIQUE, dbc_stmt_step(stmt), s.session.conn);
    ASSERT_RC(DBC_EUNIQUE, dbc_stmt_step(stmt), s.session.conn);
    dbc_stmt_release(stmt);
    close_store(&s);
}

static void begins_anew_when_it_is_reset(void **state)
{
    const dbc_value slots[] = {dbc_value_text("x", 1)};
    store s = {0};
    (void)state;

    open_store(&s, NULL);
    insert(&s, name_only);
    returning(&s, id_name);
    dbc_stmt *stmt = start(&s, slots, 1);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), s.session.conn);
    ASSERT_RC(DBC_OK, dbc_stmt_reset(stmt), s.session.conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), s.session.conn);
    assert_int_equal(2, dbc_stmt_row(stmt)[0].as.i);
    dbc_close(s.session.conn);
    s.session.conn = NULL;
    ASSERT_RC(DBC_ECLOSED, dbc_stmt_step(stmt), dbc_stmt_conn(stmt));
    dbc_stmt_release(stmt);
    close_store(&s);
}

static int return_a_row(void *ud, const dbc_alloc *alloc)
{
    const dbc_value slots[] = {dbc_value_text("x", 1)};
    const dbc_args args = {.slots = slots, .slot_count = 1};
    const dbc_open_options options = {.alloc = alloc};
    const store *s = ud;
    dbc_conn *conn = NULL;
    dbc_stmt *stmt = NULL;

    int rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc < 0) return rc;
    const char *sql = "CREATE TABLE items(id INTEGER PRIMARY KEY, name TEXT)";
    rc = dbc_exec(conn, sql, strlen(sql));
    if (rc >= 0) rc = dbc_query_open(&stmt, conn, s->query, &args);
    if (rc >= 0) {
        rc = dbc_stmt_step(stmt);
        if (rc >= 0) assert_int_equal(1, dbc_stmt_row(stmt)[0].as.i);
    }
    dbc_stmt_release(stmt);
    dbc_close(conn);
    return rc;
}

static void survives_every_failed_allocation(void **state)
{
    store s = {0};
    (void)state;

    open_store(&s, NULL);
    insert(&s, name_only);
    returning(&s, id_name);
    FAULT_WALK(return_a_row, &s);
    close_store(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_with_what_it_was_given),
        cmocka_unit_test(knows_the_number_of_a_row_that_was_given_none),
        cmocka_unit_test(asks_for_what_only_the_database_knows),
        cmocka_unit_test(asks_where_a_trigger_is_declared),
        cmocka_unit_test(answers_nothing_for_a_row_that_was_not_taken),
        cmocka_unit_test(answers_nothing_for_a_row_that_failed),
        cmocka_unit_test(begins_anew_when_it_is_reset),
        cmocka_unit_test(survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
