#include "sqlite_session.h"

static sqlite_session session;

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, ":memory:", NULL);
    EXEC(session.conn,
         "CREATE TABLE things (id INTEGER PRIMARY KEY, v);"
         "INSERT INTO things VALUES (1, 10), (2, 'ten'), (3, 2.5), (4, NULL),"
         " (5, x'00ff'), (6, 'a' || char(0) || 'b'), (7, ''),"
         " (8, 9223372036854775807), (9, x'')");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

// Binds one list and returns the first integer of the only row.
static int64_t ask(const char *sql, const dbc_value *items, size_t count)
{
    dbc_stmt *stmt = ACQUIRE(session.conn, sql);
    dbc_value list = dbc_value_list(items, count);

    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, &list, 1), session.conn);
    // The list is borrowed, its value is not.
    list = dbc_value_null();
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    int64_t found = dbc_stmt_int(stmt, 0);
    dbc_stmt_release(stmt);
    return found;
}

static const char SUM[] = "SELECT total(id) FROM things WHERE v IN "
                          "(SELECT value FROM dbc_list(?1))";

static int64_t sum_of(dbc_value value)
{
    return ask("SELECT CAST(coalesce(sum(id), 0) AS INTEGER) FROM things "
               "WHERE v IN (SELECT value FROM dbc_list(?1))",
               &value, 1);
}

static void finds_values_of_every_type(void **state)
{
    (void)state;
    assert_int_equal(1, sum_of(dbc_value_int(10)));
    assert_int_equal(2, sum_of(dbc_value_text("ten", 3)));
    assert_int_equal(3, sum_of(dbc_value_real(2.5)));
    assert_int_equal(5, sum_of(dbc_value_blob("\0\xff", 2)));
    assert_int_equal(6, sum_of(dbc_value_text("a\0b", 3)));
    assert_int_equal(7, sum_of(dbc_value_text(NULL, 0)));
    assert_int_equal(8, sum_of(dbc_value_int(INT64_MAX)));
    assert_int_equal(9, sum_of(dbc_value_blob(NULL, 0)));
    assert_int_equal(0, sum_of(dbc_value_null()));
    assert_int_equal(0, sum_of(dbc_value_bool(1)));
    assert_int_equal(0, sum_of(dbc_value_int(INT64_MAX - 1)));
}

static void gives_back_exactly_what_is_in_it(void **state)
{
    const dbc_value items[] = {dbc_value_int(INT64_MIN),
                               dbc_value_real(0.1),
                               dbc_value_text("a\0b", 3),
                               dbc_value_blob("\0\1", 2),
                               dbc_value_null(),
                               dbc_value_bool(1),
                               dbc_value_real(9007199254740993.0)};
    dbc_value list = dbc_value_list(items, COUNT(items));

    (void)state;
    dbc_stmt *stmt =
        ACQUIRE(session.conn, "SELECT value, rowid FROM dbc_list(?1)");
    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, &list, 1), session.conn);
    for (size_t i = 0; i < COUNT(items); i++) {
        ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
        const dbc_value *row = dbc_stmt_row(stmt);
        dbc_value_type type = items[i].type;
        assert_int_equal(type == DBC_BOOL ? DBC_INT : type, row->type);
        assert_int_equal(items[i].len, row->len);
        if (type == DBC_TEXT || type == DBC_BLOB)
            assert_memory_equal(items[i].as.text, row->as.text, row->len);
        else
            assert_true(items[i].as.i == row->as.i);
        assert_int_equal(i + 1, row[1].as.i);
    }
    assert_int_equal(DBC_DONE, dbc_stmt_step(stmt));
    dbc_stmt_release(stmt);
}

static void takes_an_empty_list(void **state)
{
    (void)state;
    assert_int_equal(0, ask("SELECT count(*) FROM things WHERE id IN "
                            "(SELECT value FROM dbc_list(?1))",
                            NULL, 0));
    assert_int_equal(9, ask("SELECT count(*) FROM things WHERE id NOT IN "
                            "(SELECT value FROM dbc_list(?1))",
                            NULL, 0));
}

static void takes_a_long_list_and_another_one_after_it(void **state)
{
    enum { MANY = 100000 };
    static dbc_value items[MANY];

    (void)state;
    for (int i = 0; i < MANY; i++)
        items[i] = dbc_value_int(i);
    assert_int_equal(MANY,
                     ask("SELECT count(*) FROM dbc_list(?1)", items, MANY));
    assert_int_equal(2, ask("SELECT count(*) FROM dbc_list(?1)", items, 2));
}

static void takes_two_lists_in_one_statement(void **state)
{
    const dbc_value ids[] = {dbc_value_int(1), dbc_value_int(2)};
    const dbc_value others[] = {dbc_value_int(2), dbc_value_int(3)};
    const dbc_value lists[] = {dbc_value_list(ids, 2),
                               dbc_value_list(others, 2)};

    (void)state;
    dbc_stmt *stmt =
        ACQUIRE(session.conn, "SELECT id FROM things WHERE "
                              "id IN (SELECT value FROM dbc_list(?1)) AND "
                              "id IN (SELECT value FROM dbc_list(?2))");
    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, lists, 2), session.conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(2, dbc_stmt_int(stmt, 0));
    assert_int_equal(DBC_DONE, dbc_stmt_step(stmt));
    dbc_stmt_release(stmt);
}

static void looks_keys_up_instead_of_scanning(void **state)
{
    const dbc_value list = dbc_value_list(NULL, 0);

    (void)state;
    dbc_stmt *stmt =
        ACQUIRE(session.conn, "EXPLAIN QUERY PLAN SELECT v FROM things WHERE "
                              "id IN (SELECT value FROM dbc_list(?1))");
    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, &list, 1), session.conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    const dbc_value *row = dbc_stmt_row(stmt);
    assert_non_null(strstr(row[3].as.text, "SEARCH things USING INTEGER "
                                           "PRIMARY KEY"));
    dbc_stmt_release(stmt);
}

static void needs_a_list(void **state)
{
    (void)state;
    ASSERT_FAILS(DBC_EDATABASE, session.conn, "SELECT * FROM dbc_list");
    const dbc_error *err = ASSERT_FAILS(DBC_EDATABASE, session.conn,
                                        "SELECT * FROM dbc_list('x')");
    assert_string_equal("dbc_list() needs a list that is bound to its "
                        "parameter",
                        err->message);
    dbc_stmt *stmt = ACQUIRE(session.conn, SUM);
    dbc_value value = dbc_value_int(1);
    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, &value, 1), session.conn);
    ASSERT_RC(DBC_EDATABASE, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
}

static void refuses_a_list_in_a_list(void **state)
{
    dbc_value inner = dbc_value_list(NULL, 0);
    dbc_value list = dbc_value_list(&inner, 1);

    (void)state;
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT value FROM dbc_list(?1)");
    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, &list, 1), session.conn);
    ASSERT_RC(DBC_EDATABASE, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
}

static void reads_a_list_as_null_elsewhere(void **state)
{
    const dbc_value item = dbc_value_int(1);

    (void)state;
    assert_int_equal(1, ask("SELECT ?1 IS NULL", &item, 1));
}

static void numbers_its_items_and_finds_one_by_its_number(void **state)
{
    const dbc_value items[] = {dbc_value_int(10), dbc_value_int(20),
                               dbc_value_int(30)};
    (void)state;

    assert_int_equal(6, ask("SELECT sum(number) FROM dbc_list(?)", items, 3));
    assert_int_equal(
        30, ask("SELECT value FROM dbc_list(?) WHERE number = 3", items, 3));
    assert_int_equal(0, ask("SELECT count(*) FROM dbc_list(?) WHERE number IN "
                            "(0, 4, -1, 'x', NULL, 9223372036854775807)",
                            items, 3));
}

static void lies_beside_another_one_by_number(void **state)
{
    const dbc_value left[] = {dbc_value_int(1), dbc_value_int(2)};
    const dbc_value right[] = {dbc_value_int(10), dbc_value_int(20),
                               dbc_value_int(30)};
    dbc_stmt *stmt =
        ACQUIRE(session.conn, "SELECT sum(a.value * b.value) FROM dbc_list(?) "
                              "a CROSS JOIN dbc_list(?) b ON b.number = "
                              "a.number");
    dbc_value lists[] = {dbc_value_list(left, 2), dbc_value_list(right, 3)};
    (void)state;

    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, lists, 2), session.conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(50, dbc_stmt_int(stmt, 0));
    dbc_stmt_release(stmt);
}

static int use_a_list(void *ud, const dbc_alloc *alloc)
{
    dbc_open_options options = {.alloc = alloc};
    const dbc_value item = dbc_value_int(7);
    const dbc_value list = dbc_value_list(&item, 1);
    dbc_conn *conn = NULL;
    dbc_stmt *stmt = NULL;

    (void)ud;
    int rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc == DBC_OK)
        rc = dbc_stmt_acquire(&stmt, conn, SQL("SELECT * FROM dbc_list(?)"));
    if (rc == DBC_OK) rc = dbc_stmt_bind(stmt, &list, 1);
    if (rc == DBC_OK) rc = dbc_stmt_step(stmt);
    if (rc == DBC_ROW) assert_int_equal(7, dbc_stmt_int(stmt, 0));
    dbc_stmt_release(stmt);
    dbc_close(conn);
    return rc;
}

static void leaks_nothing_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(use_a_list, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(finds_values_of_every_type),
        SPEC(gives_back_exactly_what_is_in_it),
        SPEC(takes_an_empty_list),
        SPEC(takes_a_long_list_and_another_one_after_it),
        SPEC(takes_two_lists_in_one_statement),
        SPEC(looks_keys_up_instead_of_scanning),
        SPEC(numbers_its_items_and_finds_one_by_its_number),
        SPEC(lies_beside_another_one_by_number),
        SPEC(needs_a_list),
        SPEC(refuses_a_list_in_a_list),
        SPEC(reads_a_list_as_null_elsewhere),
        SPEC(leaks_nothing_when_memory_is_out),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
