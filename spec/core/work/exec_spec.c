// Running queries by shape: plans, arguments, statements that come home.
#include "fault.h"
#include "session.h"
#include "shop.h"
#include "tree.h"

typedef struct world {
    mock_session session;
    shop shop;
    dbc_query *query;
} world;

static int set_up(void **state)
{
    static world w;

    w = (world){0};
    session_open(&w.session, NULL);
    w.query = dbc_query_new(NULL);
    *state = &w;
    return w.query && shop_open(&w.shop, NULL) == DBC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    world *w = *state;

    dbc_query_free(w->query);
    shop_close(&w->shop);
    if (w->session.conn) session_close(&w->session);
    return 0;
}

// users by age, the age bound as a value.
static void build_by_age(dbc_query *q, const shop *s, int64_t age)
{
    dbc_query_from(q, s->users, NULL);
    dbc_query_select(q, shop_col(q, s->users, "id"), NULL);
    dbc_query_where(q, dbc_expr_op(q, DBC_OP_EQ, shop_col(q, s->users, "age"),
                                   shop_int(q, age)));
}

#define BY_AGE \
    "SELECT \"users\".\"id\" FROM \"users\" WHERE (\"users\".\"age\" = $1)"

// users by age, the age a parameter.
static void build_by_param(dbc_query *q, const shop *s)
{
    dbc_query_from(q, s->users, NULL);
    dbc_query_select(q, shop_col(q, s->users, "id"), NULL);
    dbc_query_where(q, dbc_expr_op(q, DBC_OP_EQ, shop_col(q, s->users, "age"),
                                   dbc_expr_param(q, "age")));
}

static dbc_stats stats_of(const world *w)
{
    dbc_stats stats;
    dbc_conn_stats(w->session.conn, &stats);
    return stats;
}

static void open_and_release(world *w, const dbc_query *q)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc_query_open(&stmt, w->session.conn, q, NULL);
    ASSERT_RC(DBC_OK, rc, w->session.conn);
    dbc_stmt_release(stmt);
}

static void prepares_a_shape_once_whatever_is_bound(void **state)
{
    world *w = *state;

    for (int64_t age = 0; age < 5; age++) {
        dbc_query *q = dbc_query_new(NULL);
        build_by_age(q, &w->shop, age);
        open_and_release(w, q);
        dbc_query_free(q);
    }

    assert_int_equal(1, stats_of(w).prepared);
    assert_int_equal(1, stats_of(w).shape_misses);
    assert_int_equal(4, stats_of(w).shape_hits);
}

static void binds_the_values_of_the_query_that_is_run(void **state)
{
    world *w = *state;
    const dbc_value *values;
    size_t count;

    build_by_age(w->query, &w->shop, 42);
    session_expect_rows(&w->session, BY_AGE, 2);
    dbc_stmt *stmt;
    ASSERT_RC(DBC_OK, dbc_query_open(&stmt, w->session.conn, w->query, NULL),
              w->session.conn);

    assert_int_equal(DBC_ROW, dbc_stmt_step(stmt));
    assert_int_equal(1, dbc_stmt_int(stmt, 0));
    assert_int_equal(DBC_ROW, dbc_stmt_step(stmt));
    assert_int_equal(DBC_DONE, dbc_stmt_step(stmt));
    dbc_stmt_release(stmt);
    assert_string_equal(
        BY_AGE, dbc_mock_log(w->session.mock, 0, &values, &count, NULL));
    assert_int_equal(1, count);
    assert_int_equal(42, values[0].as.i);
}

static void refuses_to_go_on_with_another_query(void **state)
{
    world *w = *state;
    dbc_query *other = dbc_query_new(NULL);
    dbc_stmt *stmt, *text;
    int64_t changes;

    build_by_age(w->query, &w->shop, 1);
    dbc_query_from(other, w->shop.users, NULL);
    dbc_query_open(&stmt, w->session.conn, w->query, NULL);

    ASSERT_RC(DBC_EINVALID, dbc_query_reopen(stmt, other, NULL),
              w->session.conn);
    ASSERT_RC(DBC_EINVALID, dbc_query_repeat(stmt, other, NULL, &changes),
              w->session.conn);
    assert_string_equal("the statement was opened for a query of another "
                        "shape: open this one",
                        dbc_conn_error(w->session.conn)->message);
    ASSERT_RC(DBC_OK, dbc_query_reopen(stmt, w->query, NULL), w->session.conn);
    dbc_stmt_acquire(&text, w->session.conn, SQL("SELECT 1"));
    ASSERT_RC(DBC_EINVALID, dbc_query_reopen(text, w->query, NULL),
              w->session.conn);
    dbc_stmt_release(text);
    dbc_stmt_release(stmt);
    dbc_query_free(other);
}

static void ends_a_plan_that_outlived_its_connection(void **state)
{
    world *w = *state;
    dbc_open_options uncached = {.statement_cache = -1};
    mock_session session;
    dbc_stmt *a, *b;

    session_open(&session, &uncached);
    build_by_age(w->query, &w->shop, 1);
    dbc_query_open(&a, session.conn, w->query, NULL);
    dbc_query_open(&b, session.conn, w->query, NULL);
    dbc_conn_shut(session.conn);
    dbc_stmt_release(a);
    dbc_stmt_release(b);

    session_close(&session); // fails when anything is left
}

static void lends_a_second_statement_while_the_first_is_out(void **state)
{
    world *w = *state;
    dbc_stmt *a, *b;

    build_by_age(w->query, &w->shop, 1);
    dbc_query_open(&a, w->session.conn, w->query, NULL);
    dbc_query_open(&b, w->session.conn, w->query, NULL);

    assert_ptr_not_equal(a, b);
    assert_int_equal(2, stats_of(w).live_statements);
    dbc_stmt_release(a);
    dbc_stmt_release(b);
    open_and_release(w, w->query);
    assert_int_equal(2, stats_of(w).prepared);
}

static void takes_arguments_by_name(void **state)
{
    world *w = *state;
    dbc_arg named[] = {{"age", dbc_value_int(7)}};
    dbc_args args = {named, 1, NULL, 0};
    const dbc_value *values;
    size_t count;

    build_by_param(w->query, &w->shop);
    ASSERT_RC(DBC_OK, dbc_query_run(NULL, w->session.conn, w->query, &args),
              w->session.conn);

    dbc_mock_log(w->session.mock, 0, &values, &count, NULL);
    assert_int_equal(7, values[0].as.i);
}

static void assert_args_refused(world *w, const dbc_args *args,
                                const char *message)
{
    int rc = dbc_query_run(NULL, w->session.conn, w->query, args);

    assert_int_equal(DBC_EINVALID, rc);
    assert_string_equal(message, dbc_conn_error(w->session.conn)->message);
    assert_int_equal(0, stats_of(w).live_statements);
    assert_int_equal(0, dbc_mock_log_count(w->session.mock));
}

static void refuses_missing_unknown_and_misfit_arguments(void **state)
{
    world *w = *state;
    dbc_arg wrong[] = {{"age", dbc_value_int(7)}, {"aeg", dbc_value_int(7)}};
    dbc_arg text[] = {{"age", dbc_value_text("x", 1)}};
    dbc_args unknown = {wrong, 2, NULL, 0}, misfit = {text, 1, NULL, 0};

    build_by_param(w->query, &w->shop);

    assert_args_refused(w, NULL, "parameter \"age\" is missing");
    assert_args_refused(
        w, &unknown,
        "the query has no parameter \"aeg\", did you mean \"age\"?");
    assert_args_refused(w, &misfit,
                        "parameter \"age\": column \"users.age\" is integer: "
                        "expected a whole number of 64 bits, got text \"x\"");
}

static void takes_one_value_or_a_list_as_the_parameter_is(void **state)
{
    world *w = *state;
    dbc_value items[] = {dbc_value_int(3), dbc_value_null()};
    dbc_value texts[] = {dbc_value_text("x", 1)};
    dbc_arg one[] = {{"ids", dbc_value_int(3)}};
    dbc_arg holed[] = {{"ids", dbc_value_list(items, 2)}};
    dbc_arg misfit[] = {{"ids", dbc_value_list(texts, 1)}};
    dbc_args args = {one, 1, NULL, 0};

    dbc_query_from(w->query, w->shop.users, NULL);
    dbc_query_where(
        w->query, dbc_expr_in(w->query, shop_col(w->query, w->shop.users, "id"),
                              dbc_expr_param(w->query, "ids"), DBC_PLAIN));

    assert_args_refused(
        w, &args, "parameter \"ids\" is the set of an in_: a list is due");
    args.named = holed;
    assert_args_refused(w, &args,
                        "parameter \"ids\": item 2 is NULL, which equals "
                        "nothing: leave it out");
    args.named = misfit;
    assert_args_refused(w, &args,
                        "parameter \"ids\": column \"users.id\" is integer: "
                        "expected a whole number of 64 bits, got text \"x\"");
}

static void refuses_a_list_for_one_value(void **state)
{
    world *w = *state;
    dbc_value items[] = {dbc_value_int(3), dbc_value_int(4)};
    dbc_arg list[] = {{"age", dbc_value_list(items, 2)}};
    dbc_args args = {list, 1, NULL, 0};

    build_by_param(w->query, &w->shop);

    assert_args_refused(w, &args,
                        "parameter \"age\" takes one value, not a list");
}

// The only output of a subquery says what may stand beside it.
static void fits_a_parameter_to_the_subquery_beside_it(void **state)
{
    world *w = *state;
    dbc_arg text[] = {{"age", dbc_value_text("x", 1)}};
    dbc_args args = {text, 1, NULL, 0};
    dbc_query *oldest = dbc_query_new(NULL);

    assert_non_null(oldest);
    dbc_query_from(oldest, w->shop.users, NULL);
    dbc_query_select(oldest, shop_col(oldest, w->shop.users, "age"), NULL);
    dbc_query_from(w->query, w->shop.users, NULL);
    dbc_expr sub = dbc_expr_query(w->query, oldest);
    dbc_query_where(w->query, dbc_expr_op(w->query, DBC_OP_EQ, sub,
                                          dbc_expr_param(w->query, "age")));
    dbc_query_free(oldest);

    assert_args_refused(w, &args,
                        "parameter \"age\": column \"users.age\" is integer: "
                        "expected a whole number of 64 bits, got text \"x\"");
}

static void binds_lists_item_by_item(void **state)
{
    world *w = *state;
    dbc_value ids[] = {dbc_value_int(3), dbc_value_int(4)};
    dbc_query *q = w->query;
    const dbc_value *values;
    size_t count;

    dbc_query_from(q, w->shop.users, NULL);
    dbc_expr list = dbc_expr_value(q, dbc_value_list(ids, 2));
    dbc_query_where(
        q, dbc_expr_in(q, shop_col(q, w->shop.users, "id"), list, DBC_PLAIN));
    ASSERT_RC(DBC_OK, dbc_query_run(NULL, w->session.conn, q, NULL),
              w->session.conn);

    dbc_mock_log(w->session.mock, 0, &values, &count, NULL);
    assert_int_equal(DBC_LIST, values[0].type);
    assert_int_equal(2, values[0].len);
    assert_int_equal(4, values[0].as.list[1].as.i);
}

static void evicts_the_plan_that_was_unused_for_longest(void **state)
{
    world *w = *state;
    dbc_open_options options = {.statement_cache = 2};

    session_close(&w->session);
    session_open(&w->session, &options);
    for (int round = 0; round < 2; round++) {
        for (int shape = 1; shape <= 3; shape++) {
            dbc_query *q = dbc_query_new(NULL);
            build_by_age(q, &w->shop, 1);
            for (int i = 0; i < shape; i++)
                dbc_query_distinct(q);
            open_and_release(w, q);
            dbc_query_free(q);
        }
    }

    assert_int_equal(6, stats_of(w).shape_misses);
}

static void works_without_a_cache(void **state)
{
    world *w = *state;
    dbc_open_options options = {.statement_cache = -1};
    const dbc_sql *sql;

    session_close(&w->session);
    session_open(&w->session, &options);
    build_by_age(w->query, &w->shop, 1);
    open_and_release(w, w->query);
    open_and_release(w, w->query);

    assert_int_equal(2, stats_of(w).prepared);
    assert_int_equal(DBC_OK, dbc_query_plan(&sql, w->session.conn, w->query));
    assert_string_equal(BY_AGE, sql->text);
}

static void answers_closed_when_the_connection_ended_first(void **state)
{
    world *w = *state;
    dbc_stmt *stmt;

    build_by_age(w->query, &w->shop, 1);
    dbc_query_open(&stmt, w->session.conn, w->query, NULL);
    dbc_conn_shut(w->session.conn);

    assert_int_equal(DBC_ECLOSED, dbc_stmt_step(stmt));
    assert_int_equal(DBC_ECLOSED, dbc_query_reopen(stmt, w->query, NULL));
    assert_null(dbc_stmt_layout(stmt));
    dbc_stmt_release(stmt);
    assert_int_equal(DBC_ECLOSED,
                     dbc_query_run(NULL, w->session.conn, w->query, NULL));
}

static void outlives_the_tables_of_its_plans(void **state)
{
    world *w = *state;

    build_by_age(w->query, &w->shop, 1);
    open_and_release(w, w->query);
    shop_close(&w->shop);
    assert_int_equal(DBC_OK, shop_open(&w->shop, NULL));
    dbc_query *other = dbc_query_new(NULL);
    build_by_age(other, &w->shop, 1);
    open_and_release(w, other);

    assert_int_equal(2, stats_of(w).shape_misses);
    dbc_query_free(other);
}

static void inserts_many_rows_through_one_statement(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;
    dbc_stmt *stmt;

    dbc_query_insert(q, w->shop.users);
    dbc_query_slot(q, shop_column(w->shop.users, "email"));
    dbc_query_slot(q, shop_column(w->shop.users, "active"));
    dbc_value row[] = {dbc_value_text("a", 1), dbc_value_bool(1)};
    dbc_args args = {NULL, 0, row, 2};
    ASSERT_RC(DBC_OK, dbc_query_open(&stmt, w->session.conn, q, &args),
              w->session.conn);
    for (int i = 0; i < 3; i++)
        ASSERT_RC(DBC_OK, dbc_query_repeat(stmt, q, &args, NULL),
                  w->session.conn);
    dbc_stmt_release(stmt);

    assert_int_equal(1, stats_of(w).prepared);
    assert_int_equal(3, stats_of(w).statements);
}

// Two shapes under one hash: what was prepared for one must not run for the
// other. The hash is forced, as nobody finds a pair by trying.
static void compares_the_shape_behind_an_equal_hash(void **state)
{
    world *w = *state;
    dbc_query *other = dbc_query_new(NULL);

    build_by_age(w->query, &w->shop, 1);
    open_and_release(w, w->query);
    build_by_age(other, &w->shop, 1);
    dbc_query_distinct(other);
    other->hash = w->query->hash;
    dbc_stmt *stmt;
    ASSERT_RC(DBC_OK, dbc_query_open(&stmt, w->session.conn, other, NULL),
              w->session.conn);

    assert_non_null(strstr(dbc_stmt_sql(stmt, NULL), "DISTINCT"));
    dbc_stmt_release(stmt);
    open_and_release(w, w->query);
    assert_int_equal(2, stats_of(w).shape_misses);
    assert_int_equal(1, stats_of(w).shape_hits);
    dbc_query_free(other);
}

// -------------------------------------------------------------- fault walks

static int run_twice(void *ud, const dbc_alloc *alloc)
{
    dbc_open_options options = {.driver = dbc_driver_mock(), .alloc = alloc};
    dbc_conn *conn = NULL;
    shop s;
    int rc;
    (void)ud;

    rc = shop_open(&s, alloc);
    if (rc < 0) return rc;
    dbc_query *q = dbc_query_new(alloc);
    rc = q ? dbc_open(&conn, "mock", &options, NULL) : DBC_ENOMEM;
    if (rc == DBC_OK) {
        build_by_age(q, &s, 1);
        rc = dbc_query_run(NULL, conn, q, NULL);
    }
    if (rc == DBC_OK) rc = dbc_query_run(NULL, conn, q, NULL);
    dbc_close(conn);
    dbc_query_free(q);
    shop_close(&s);
    return rc;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(run_twice, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(prepares_a_shape_once_whatever_is_bound),
        SPEC(binds_the_values_of_the_query_that_is_run),
        SPEC(refuses_to_go_on_with_another_query),
        SPEC(ends_a_plan_that_outlived_its_connection),
        SPEC(lends_a_second_statement_while_the_first_is_out),
        SPEC(takes_arguments_by_name),
        SPEC(refuses_missing_unknown_and_misfit_arguments),
        SPEC(takes_one_value_or_a_list_as_the_parameter_is),
        SPEC(refuses_a_list_for_one_value),
        SPEC(fits_a_parameter_to_the_subquery_beside_it),
        SPEC(binds_lists_item_by_item),
        SPEC(evicts_the_plan_that_was_unused_for_longest),
        SPEC(works_without_a_cache),
        SPEC(answers_closed_when_the_connection_ended_first),
        SPEC(outlives_the_tables_of_its_plans),
        SPEC(inserts_many_rows_through_one_statement),
        SPEC(compares_the_shape_behind_an_equal_hash),
        SPEC(leaves_nothing_behind_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("exec", tests, NULL, NULL);
}
