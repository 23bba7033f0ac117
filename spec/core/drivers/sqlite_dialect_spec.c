#include <stdio.h>

#include "buf.h"
#include "dbcore_driver.h"
#include "sqlite_session.h"

static const char *quoted(dbc_buf *buf, const char *name, size_t len)
{
    dbc__buf_clear(buf);
    dbc_dialect_sqlite()->quote(buf, name, len);
    return buf->data;
}

static void doubles_quotes_in_names(void **state)
{
    dbc_buf buf;

    (void)state;
    dbc__buf_init(&buf, NULL);
    assert_string_equal("\"users\"", quoted(&buf, "users", 5));
    assert_string_equal("\"a\"\"b\"", quoted(&buf, "a\"b", 3));
    assert_string_equal("\"\"\"\"\"\"", quoted(&buf, "\"\"", 2));
    assert_string_equal("\"us\"", quoted(&buf, "users", 2));
    dbc__buf_dispose(&buf);
}

static void leaves_placeholders_to_their_order(void **state)
{
    dbc_buf buf;

    (void)state;
    dbc__buf_init(&buf, NULL);
    dbc_dialect_sqlite()->placeholder(&buf, 12);
    dbc_dialect_sqlite()->placeholder(&buf, 13);
    assert_string_equal("??", buf.data);
    dbc__buf_dispose(&buf);
}

static const char *type_of(dbc_type type, unsigned flags)
{
    dbc_column_def column = {.name = "c", .type = type};

    return dbc_dialect_sqlite()->type_name(&column, flags);
}

static void stores_any_value_without_changing_it(void **state)
{
    dbc_column_def money = {.type = DBC_T_CUSTOM, .storage = "DECIMAL(10, 2)"};

    (void)state;
    assert_string_equal("INTEGER", type_of(DBC_T_BOOLEAN, 0));
    assert_string_equal("TEXT", type_of(DBC_T_JSON, DBC_TABLE_STRICT));
    assert_string_equal("NUMERIC", type_of(DBC_T_NUMERIC, 0));
    assert_string_equal("ANY", type_of(DBC_T_NUMERIC, DBC_TABLE_STRICT));
    assert_string_equal("ANY", type_of(DBC_T_ANY, DBC_TABLE_STRICT));
    assert_string_equal("BLOB", type_of(DBC_T_ANY, 0));
    assert_string_equal("DECIMAL(10, 2)",
                        dbc_dialect_sqlite()->type_name(&money, 0));
}

static void takes_every_type_in_a_strict_table(void **state)
{
    dbc_conn *conn = NULL;

    (void)state;
    assert_int_equal(DBC_OK, dbc_open(&conn, ":memory:", NULL, NULL));
#define CREATE(name, word, sql)                                            \
    {                                                                      \
        char text[128];                                                    \
        snprintf(text, sizeof text, "CREATE TABLE %s (c %s) STRICT", word, \
                 type_of(DBC_T_##name, DBC_TABLE_STRICT));                 \
        EXEC(conn, text);                                                  \
    }
    DBC_TYPE_MAP(CREATE)
#undef CREATE
    dbc_close(conn);
}

static int64_t now_as(dbc_conn *conn, dbc_type type)
{
    char sql[256];

    snprintf(sql, sizeof sql, "SELECT %s", dbc_dialect_sqlite()->now(type));
    return ASK_INT(conn, sql);
}

static void tells_the_time_as_each_type_stores_it(void **state)
{
    dbc_conn *conn = NULL;
    char sql[256];

    (void)state;
    assert_int_equal(DBC_OK, dbc_open(&conn, ":memory:", NULL, NULL));
    int64_t seconds = now_as(conn, DBC_T_TIMESTAMP);
    int64_t ms = now_as(conn, DBC_T_TIMESTAMP_MS);
    assert_true(seconds > 1700000000);
    assert_in_range(ms / 1000 - seconds, 0, 5);
    snprintf(sql, sizeof sql, "SELECT %s",
             dbc_dialect_sqlite()->now(DBC_T_DATETIME));
    assert_int_equal(19, strlen(ASK_TEXT(conn, sql)));
    snprintf(sql, sizeof sql, "SELECT %s",
             dbc_dialect_sqlite()->now(DBC_T_DATE));
    assert_int_equal(10, strlen(ASK_TEXT(conn, sql)));
    assert_null(dbc_dialect_sqlite()->now(DBC_T_UUID));
    dbc_close(conn);
}

static void claims_the_joins_that_the_library_has(void **state)
{
    const char sql[] = "SELECT 1 FROM (SELECT 1) AS a RIGHT JOIN "
                       "(SELECT 2) AS b ON 0";
    unsigned can = dbc_dialect_sqlite()->can & DBC_CAN_RIGHT_JOIN;
    dbc_conn *conn = NULL;

    (void)state;
    assert_int_equal(DBC_OK, dbc_open(&conn, ":memory:", NULL, NULL));
    int rc = dbc_exec(conn, sql, strlen(sql));
    assert_int_equal(can != 0, rc == DBC_OK);
    dbc_close(conn);
}

static void is_the_dialect_of_the_driver(void **state)
{
    (void)state;
    assert_ptr_equal(dbc_dialect_sqlite(), dbc_driver_sqlite()->dialect);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_quotes_in_names),
        cmocka_unit_test(leaves_placeholders_to_their_order),
        cmocka_unit_test(stores_any_value_without_changing_it),
        cmocka_unit_test(takes_every_type_in_a_strict_table),
        cmocka_unit_test(tells_the_time_as_each_type_stores_it),
        cmocka_unit_test(claims_the_joins_that_the_library_has),
        cmocka_unit_test(is_the_dialect_of_the_driver),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
