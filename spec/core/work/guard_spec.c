// Writes that break rules: nothing reaches the database, everything is told.
#include "fault.h"
#include "shop.h"
#include "sqlite_session.h"

typedef struct world {
    sqlite_session session;
    dbc_table *items;
    int asked, refuse;
} world;

static int judge(void *ud, dbc_conn *conn, const dbc_row *row,
                 dbc_report *report, dbc_error *err)
{
    world *w = ud;
    (void)err;

    assert_ptr_equal(w->session.conn, conn);
    assert_string_equal("items", dbc_table_describe(row->table)->name);
    w->asked++;
    return w->refuse ? dbc_report_add(report, NULL, NULL, "moon", "not today")
                     : DBC_OK;
}

static const dbc_column_def COLUMNS[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "name",
     .type = DBC_T_TEXT,
     .flags = DBC_COLUMN_NOT_NULL | DBC_COLUMN_HAS_MAX_LEN,
     .max_len = 4},
    {.name = "count",
     .type = DBC_T_INTEGER,
     .flags = DBC_COLUMN_HAS_MIN,
     .min = 0},
    {.name = "on", .type = DBC_T_BOOLEAN},
};

enum { ID, NAME, NUMBER, ON };

static int make_items(dbc_table **out, world *host, const dbc_alloc *alloc)
{
    dbc_table_def def = {
        .name = "items", .columns = COLUMNS, .column_count = COUNT(COLUMNS)};
    dbc_error err;

    if (host) def.host = (dbc_host_rules){judge, NULL, host, NULL};
    return dbc_table_new(out, &def, alloc, &err);
}

static void create(dbc_conn *conn)
{
    EXEC(conn, "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT "
               "NULL, count INTEGER, \"on\" INTEGER)");
}

static int open_world(void **state, int is_hosted)
{
    static world w;

    memset(&w, 0, sizeof w);
    *state = &w;
    sqlite_session_open(&w.session, ":memory:", NULL);
    create(w.session.conn);
    return make_items(&w.items, is_hosted ? &w : NULL, NULL);
}

static int set_up(void **state)
{
    return open_world(state, 0);
}

static int set_up_hosted(void **state)
{
    return open_world(state, 1);
}

static int tear_down(void **state)
{
    world *w = *state;

    dbc_table_release(w->items);
    sqlite_session_close(&w->session);
    return 0;
}

static const dbc_column *column(const dbc_table *items, int i)
{
    return dbc_table_column(items, (size_t)i);
}

static void set(dbc_query *q, const dbc_table *items, int i, dbc_value value)
{
    dbc_query_set(q, column(items, i), dbc_expr_value(q, value));
}

static dbc_value text(const char *string)
{
    return dbc_value_text(string, strlen(string));
}

static void assert_told(dbc_conn *conn, size_t count, const char *first,
                        const char *rule)
{
    const dbc_report *report = dbc_conn_report(conn);

    assert_non_null(report);
    assert_int_equal(count, dbc_report_count(report));
    assert_string_equal(first, dbc_report_at(report, 0)->path);
    assert_string_equal(rule, dbc_report_at(report, 0)->rule);
}

static void refuses_an_insert_with_all_that_is_wrong(void **state)
{
    world *w = *state;
    dbc_conn *conn = w->session.conn;
    dbc_query *q = dbc_query_new(NULL);

    dbc_query_insert(q, w->items);
    set(q, w->items, NUMBER, dbc_value_int(-1));
    set(q, w->items, ON, dbc_value_int(1));

    ASSERT_RC(DBC_EVALIDATION, dbc_query_run(NULL, conn, q, NULL), conn);
    assert_told(conn, 3, "name", "not_null");
    assert_string_equal("name,count,on", dbc_conn_error(conn)->columns);
    assert_int_equal(0, ASK_INT(conn, "SELECT count(*) FROM items"));
    dbc_query_free(q);
}

static void refuses_a_row_of_slots_and_goes_on(void **state)
{
    world *w = *state;
    dbc_conn *conn = w->session.conn;
    dbc_value slots[] = {text("ab"), dbc_value_int(1)};
    const dbc_args args = {NULL, 0, slots, COUNT(slots)};
    dbc_query *q = dbc_query_new(NULL);
    dbc_stmt *stmt = NULL;

    dbc_query_insert(q, w->items);
    dbc_query_slot(q, column(w->items, NAME));
    dbc_query_slot(q, column(w->items, NUMBER));
    ASSERT_RC(DBC_OK, dbc_query_open(&stmt, conn, q, &args), conn);
    ASSERT_RC(DBC_OK, dbc_query_repeat(stmt, q, &args, NULL), conn);
    slots[0] = text("abcde");
    slots[1] = text("x");
    ASSERT_RC(DBC_EVALIDATION, dbc_query_repeat(stmt, q, &args, NULL), conn);
    assert_told(conn, 2, "name", "length");
    slots[0] = text("cd");
    slots[1] = dbc_value_real(2);
    ASSERT_RC(DBC_OK, dbc_query_repeat(stmt, q, &args, NULL), conn);
    dbc_stmt_release(stmt);
    assert_int_equal(3, ASK_INT(conn, "SELECT sum(count) FROM items"));
    dbc_query_free(q);
}

static void refuses_an_update(void **state)
{
    world *w = *state;
    dbc_conn *conn = w->session.conn;
    dbc_query *q = dbc_query_new(NULL);

    EXEC(conn, "INSERT INTO items VALUES (1, 'ab', 1, 1)");
    dbc_query_update(q, w->items);
    set(q, w->items, NAME, dbc_value_null());
    set(q, w->items, NUMBER, dbc_value_real(1.5));
    dbc_query_everywhere(q);

    ASSERT_RC(DBC_EVALIDATION, dbc_query_run(NULL, conn, q, NULL), conn);
    assert_told(conn, 2, "name", "not_null");
    assert_int_equal(1, ASK_INT(conn, "SELECT count FROM items"));
    dbc_query_free(q);
}

static void refuses_what_a_conflict_would_change(void **state)
{
    world *w = *state;
    dbc_conn *conn = w->session.conn;
    const dbc_column *key = column(w->items, ID);
    dbc_query *q = dbc_query_new(NULL);

    dbc_query_insert(q, w->items);
    set(q, w->items, ID, dbc_value_int(1));
    set(q, w->items, NAME, text("ab"));
    dbc_query_on_conflict(q, &key, 1);
    dbc_query_conflict_set(q, column(w->items, NUMBER),
                           dbc_expr_value(q, dbc_value_int(-5)));

    ASSERT_RC(DBC_EVALIDATION, dbc_query_run(NULL, conn, q, NULL), conn);
    assert_told(conn, 1, "count", "range");
    dbc_query_free(q);
}

static void leaves_expressions_to_the_database(void **state)
{
    world *w = *state;
    dbc_conn *conn = w->session.conn;
    dbc_query *q = dbc_query_new(NULL);

    dbc_query_insert(q, w->items);
    dbc_query_set(q, column(w->items, NAME),
                  dbc_expr_raw(q, SQL("'much too long'")));

    ASSERT_RC(DBC_OK, dbc_query_run(NULL, conn, q, NULL), conn);
    dbc_query_free(q);
}

static void asks_the_host_for_each_row(void **state)
{
    world *w = *state;
    dbc_conn *conn = w->session.conn;
    dbc_query *q = dbc_query_new(NULL);

    dbc_query_insert(q, w->items);
    set(q, w->items, NAME, text("ab"));
    ASSERT_RC(DBC_OK, dbc_query_run(NULL, conn, q, NULL), conn);
    w->refuse = 1;
    ASSERT_RC(DBC_EVALIDATION, dbc_query_run(NULL, conn, q, NULL), conn);
    assert_told(conn, 1, "moon", "moon");
    assert_int_equal(2, w->asked);
    assert_int_equal(1, ASK_INT(conn, "SELECT count(*) FROM items"));
    dbc_query_free(q);
}

// Two connections of one shape: a plan that is not cached has a guard, too.
static int insert_badly(void *ud, const dbc_alloc *alloc)
{
    const dbc_open_options options = {.alloc = alloc, .statement_cache = -1};
    dbc_conn *conn = NULL;
    dbc_table *items = NULL;
    dbc_query *q = NULL;
    dbc_error err = DBC_ERROR_INIT;
    int rc;
    (void)ud;

    rc = dbc_open(&conn, ":memory:", &options, &err);
    if (rc < 0) goto cleanup;
    rc = dbc_exec(conn, SQL("CREATE TABLE items (id INTEGER PRIMARY KEY, name "
                            "TEXT, count INTEGER, \"on\" INTEGER)"));
    if (rc < 0) goto cleanup;
    rc = make_items(&items, NULL, alloc);
    if (rc < 0) goto cleanup;
    q = dbc_query_new(alloc);
    rc = q ? dbc_query_insert(q, items) : DBC_ENOMEM;
    if (rc < 0) goto cleanup;
    set(q, items, NAME, text("abcde"));
    set(q, items, NUMBER, dbc_value_int(-1));
    rc = dbc_query_run(NULL, conn, q, NULL);
    if (rc == DBC_EVALIDATION) {
        assert_int_equal(2, dbc_report_count(dbc_conn_report(conn)));
        rc = DBC_OK;
    }

cleanup:
    dbc_query_free(q);
    dbc_table_release(items);
    dbc_close(conn);
    return rc;
}

static void survives_memory_that_runs_out(void **state)
{
    (void)state;
    FAULT_WALK(insert_badly, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(refuses_an_insert_with_all_that_is_wrong),
        SPEC(refuses_a_row_of_slots_and_goes_on),
        SPEC(refuses_an_update),
        SPEC(refuses_what_a_conflict_would_change),
        SPEC(leaves_expressions_to_the_database),
        cmocka_unit_test_setup_teardown(asks_the_host_for_each_row,
                                        set_up_hosted, tear_down),
        cmocka_unit_test(survives_memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
