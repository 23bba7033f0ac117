// Counting the rows of a query, and reading typed values of one.
#include "fault.h"
#include "shop_session.h"

static void build(dbc_query *q, const shop *s)
{
    dbc_query_from(q, s->users, NULL);
    dbc_query_select(q, shop_col(q, s->users, "name"), NULL);
    dbc_query_where(q, dbc_expr_op(q, DBC_OP_GT, shop_col(q, s->users, "age"),
                                   dbc_expr_param(q, "age")));
}

#define ADD_USERS \
    "INSERT INTO users (name, age) VALUES ('Ada', 36), ('Bob', 17)"

static int set_up(void **state)
{
    static shop_session w; // query: users older than the parameter "age"

    *state = &w;
    if (shop_session_open(&w) < 0) return -1;
    EXEC(w.conn, ADD_USERS);
    build(w.query, &w.shop);
    return 0;
}

static int tear_down(void **state)
{
    shop_session_close(*state);
    return 0;
}

static dbc_args older_than(dbc_arg *arg, int64_t age)
{
    dbc_args args = {.named = arg, .named_count = 1};

    *arg = (dbc_arg){"age", dbc_value_int(age)};
    return args;
}

static void counts_the_rows_of_a_query(void **state)
{
    shop_session *w = *state;
    dbc_arg arg;
    dbc_args args = older_than(&arg, 10);
    int64_t found = 0;

    ASSERT_RC(DBC_OK, dbc_query_count(&found, w->conn, w->query, &args),
              w->conn);
    assert_int_equal(2, found);
    args = older_than(&arg, 20);
    ASSERT_RC(DBC_OK, dbc_query_count(&found, w->conn, w->query, &args),
              w->conn);

    assert_int_equal(1, found);
    assert_int_equal(DBC_SELECT, dbc_query_kind_of(w->query));
}

static void knows_whether_there_is_a_row(void **state)
{
    shop_session *w = *state;
    dbc_arg arg;
    dbc_args args = older_than(&arg, 20);
    int found = -1;

    ASSERT_RC(DBC_OK, dbc_query_exists(&found, w->conn, w->query, &args),
              w->conn);
    assert_int_equal(1, found);
    args = older_than(&arg, 99);
    ASSERT_RC(DBC_OK, dbc_query_exists(&found, w->conn, w->query, &args),
              w->conn);

    assert_int_equal(0, found);
}

static void tells_what_is_wrong_with_the_question(void **state)
{
    shop_session *w = *state;
    int64_t found = -1;
    dbc_query *q = dbc_query_new(NULL);

    ASSERT_RC(DBC_EINVALID, dbc_query_count(&found, w->conn, w->query, NULL),
              w->conn);
    assert_non_null(strstr(dbc_conn_error(w->conn)->message, "\"age\""));
    dbc_query_delete(q, w->shop.users);
    dbc_query_everywhere(q);
    ASSERT_RC(DBC_EINVALID, dbc_query_count(&found, w->conn, q, NULL), w->conn);

    assert_int_equal(-1, found);
    dbc_query_free(q);
}

static void reads_typed_values(void **state)
{
    shop_session *w = *state;
    dbc_stmt *stmt = NULL;
    size_t len = 99;

    ASSERT_RC(DBC_OK,
              dbc_stmt_acquire(&stmt, w->conn,
                               SQL("SELECT 7 AS i, 2.5 AS r, 'a' || char(0) ||"
                                   " 'b' AS t, x'0102' AS b, NULL AS n, x'' "
                                   "AS e")),
              w->conn);
    assert_int_equal(DBC_ROW, dbc_stmt_step(stmt));

    assert_int_equal(2, dbc_stmt_find(stmt, "t"));
    assert_int_equal(-1, dbc_stmt_find(stmt, "T"));
    assert_int_equal(7, dbc_stmt_int(stmt, 0));
    assert_true(dbc_stmt_real(stmt, 0) == 7.0);
    assert_true(dbc_stmt_real(stmt, 1) == 2.5);
    assert_true(dbc_stmt_real(stmt, 2) == 0.0);
    assert_memory_equal("a\0b", dbc_stmt_text(stmt, 2, &len), 3);
    assert_int_equal(3, len);
    assert_null(dbc_stmt_text(stmt, 3, &len));
    assert_int_equal(0, len);
    assert_memory_equal("\1\2", dbc_stmt_blob(stmt, 3, &len), 2);
    assert_int_equal(2, len);
    assert_null(dbc_stmt_blob(stmt, 2, NULL));
    assert_true(dbc_stmt_is_null(stmt, 4));
    assert_false(dbc_stmt_is_null(stmt, 5));
    assert_non_null(dbc_stmt_blob(stmt, 5, &len));
    assert_int_equal(0, len);
    dbc_stmt_release(stmt);
}

static int task(void *ud, const dbc_alloc *alloc)
{
    dbc_arg arg;
    dbc_args args = older_than(&arg, 20);
    shop_task t;
    int64_t count = 0;
    int found = 0;

    int rc = shop_start(&t, alloc);
    if (rc >= 0) build(t.query, ud);
    if (rc >= 0) rc = dbc_exec(t.conn, SQL(ADD_USERS));
    if (rc >= 0) rc = dbc_query_count(&count, t.conn, t.query, &args);
    if (rc >= 0) rc = dbc_query_exists(&found, t.conn, t.query, &args);
    if (rc >= 0) assert_int_equal(2, count + found);
    shop_stop(&t);
    return rc;
}

static void answers_or_says_that_memory_is_out(void **state)
{
    shop_session *w = *state;

    FAULT_WALK(task, &w->shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(counts_the_rows_of_a_query),
        SPEC(knows_whether_there_is_a_row),
        SPEC(tells_what_is_wrong_with_the_question),
        SPEC(reads_typed_values),
        SPEC(answers_or_says_that_memory_is_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
