// What a query knows of the names it reads from, and the nearest of several
// names for those who ask from outside.
#include "shop.h"

static shop s;
static dbc_query *q, *sub;

static int set_up(void **state)
{
    (void)state;
    q = dbc_query_new(NULL);
    sub = dbc_query_new(NULL);
    return q && sub && shop_open(&s, NULL) == DBC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    dbc_query_free(q);
    dbc_query_free(sub);
    shop_close(&s);
    return 0;
}

static void knows_a_table_by_its_own_name_or_its_alias(void **state)
{
    (void)state;
    dbc_query_from(q, s.users, NULL);
    dbc_query_join(q, DBC_JOIN_CROSS, s.posts, "p", 0);

    assert_true(dbc_query_has_source(q, "users"));
    assert_true(dbc_query_has_source(q, "USERS"));
    assert_true(dbc_query_has_source(q, "p"));
    assert_false(dbc_query_has_source(q, "posts"));
    assert_false(dbc_query_has_source(q, ""));
}

static void finds_the_table_that_has_a_column(void **state)
{
    dbc_source_column found = {NULL, NULL, 0};

    (void)state;
    dbc_query_from(sub, s.users, NULL);
    dbc_query_from(q, s.users, NULL);
    dbc_query_join(q, DBC_JOIN_CROSS, s.posts, "p", 0);
    dbc_query_where(q, dbc_expr_exists(q, dbc_expr_query(q, sub), DBC_PLAIN));

    assert_int_equal(1, dbc_query_find_column(&found, q, "title"));
    assert_ptr_equal(dbc_table_find(s.posts, "title", 5, NULL), found.column);
    assert_memory_equal("p", found.alias, 1);
    assert_int_equal(1, found.alias_len);
    assert_int_equal(2, dbc_query_find_column(&found, q, "id"));
    assert_ptr_equal(dbc_table_find(s.users, "id", 2, NULL), found.column);
    assert_int_equal(0, found.alias_len);
    assert_int_equal(0, dbc_query_find_column(&found, q, "nosuch"));
}

static void knows_a_subquery_but_not_what_is_inside(void **state)
{
    (void)state;
    dbc_query_from(sub, s.posts, NULL);
    dbc_query_from_query(q, sub, "t");

    assert_true(dbc_query_has_source(q, "t"));
    assert_false(dbc_query_has_source(q, "posts"));
}

static void tells_a_declared_cte_from_one_that_is_read(void **state)
{
    (void)state;
    dbc_query_from(sub, s.posts, NULL);
    dbc_query_with(q, "recent", sub);

    assert_true(dbc_query_has_with(q, "recent"));
    assert_true(dbc_query_has_with(q, "Recent"));
    assert_false(dbc_query_has_with(q, "posts"));
    assert_false(dbc_query_has_source(q, "recent"));

    dbc_query_from_name(q, "recent", NULL);

    assert_true(dbc_query_has_source(q, "recent"));
}

static void knows_a_cte_by_its_alias(void **state)
{
    (void)state;
    dbc_query_from_name(q, "recent", "r");

    assert_true(dbc_query_has_source(q, "r"));
    assert_false(dbc_query_has_source(q, "recent"));
}

static void does_not_look_into_a_with(void **state)
{
    dbc_query *inner = dbc_query_new(NULL);

    (void)state;
    assert_non_null(inner);
    dbc_query_from(inner, s.posts, NULL);
    dbc_query_with(sub, "deep", inner);
    dbc_query_from_name(sub, "deep", NULL);
    dbc_query_with(q, "outer", sub);

    assert_true(dbc_query_has_with(q, "outer"));
    assert_false(dbc_query_has_with(q, "deep"));
    dbc_query_free(inner);
}

static void finds_the_nearest_of_several_names(void **state)
{
    static const char *const names[] = {"select", "limit", "offset"};

    (void)state;
    assert_string_equal("limit", dbc_nearest_name("limitt", 6, names, 3));
    assert_null(dbc_nearest_name("telephone", 9, names, 3));
    assert_null(dbc_nearest_name("limit", 5, names, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(knows_a_table_by_its_own_name_or_its_alias),
        SPEC(finds_the_table_that_has_a_column),
        SPEC(knows_a_subquery_but_not_what_is_inside),
        SPEC(tells_a_declared_cte_from_one_that_is_read),
        SPEC(knows_a_cte_by_its_alias),
        SPEC(does_not_look_into_a_with),
        SPEC(finds_the_nearest_of_several_names),
    };
    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
