// The terms of an order, taken out of their query.
#include <stdio.h>

#include "fault.h"
#include "shop.h"

typedef struct world {
    shop shop;
    dbc_query *query, *other;
} world;

static int set_up(void **state)
{
    static world w;

    w = (world){0};
    *state = &w;
    w.query = dbc_query_new(NULL);
    w.other = dbc_query_new(NULL);
    if (!w.query || !w.other) return -1;
    return shop_open(&w.shop, NULL);
}

static int tear_down(void **state)
{
    world *w = *state;

    dbc_query_free(w->query);
    dbc_query_free(w->other);
    shop_close(&w->shop);
    return 0;
}

// users, ordered by how many posts with one of two titles they have.
static dbc_expr count_posts(dbc_query *q, const shop *s, const dbc_alloc *alloc)
{
    const dbc_value titles[] = {dbc_value_text("five", 4),
                                dbc_value_text("six", 3)};
    dbc_query *sub = dbc_query_new(alloc);
    dbc_expr made = 0;

    if (!sub) return 0;
    dbc_query_from(sub, s->posts, NULL);
    dbc_expr star = dbc_expr_star(sub);
    dbc_query_select(sub, dbc_expr_call(sub, "count", &star, 1, DBC_CALL),
                     NULL);
    dbc_query_where(sub,
                    dbc_expr_in(sub, shop_col(sub, s->posts, "title"),
                                dbc_expr_value(sub, dbc_value_list(titles, 2)),
                                DBC_PLAIN));
    dbc_query_where(sub,
                    dbc_expr_op(sub, DBC_OP_EQ, shop_col(sub, s->posts, "id"),
                                shop_col(sub, s->users, "id")));
    made = dbc_expr_query(q, sub);
    dbc_query_free(sub);
    return made;
}

#define COUNTED                                                     \
    "(SELECT count(*) AS \"count\" FROM \"posts\" WHERE "           \
    "(\"posts\".\"title\" IN (SELECT value FROM dbc_list(?))) AND " \
    "(\"posts\".\"id\" = \"users\".\"id\"))"

// other: SELECT id FROM users WHERE <term i of the order of query>
static void say_again(world *w, size_t i)
{
    dbc_query_from(w->other, w->shop.users, NULL);
    dbc_query_select(w->other, shop_col(w->other, w->shop.users, "id"), NULL);
    dbc_query_where(w->other, dbc_expr_ordered(w->other, w->query, i));
}

#define SELECT_IDS "SELECT \"users\".\"id\" FROM \"users\" WHERE "

static void takes_a_subquery_with_its_values(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;

    dbc_query_from(q, w->shop.users, NULL);
    dbc_query_where(q, dbc_expr_op(q, DBC_OP_EQ,
                                   shop_col(q, w->shop.users, "name"),
                                   shop_text(q, "Ada")));
    dbc_query_order_by(q, shop_col(q, w->shop.users, "age"));
    dbc_query_order_by(
        q, dbc_expr_order(q, count_posts(q, &w->shop, NULL), DBC_DESC));
    say_again(w, 1);

    assert_int_equal(2, dbc_query_order_count(q));
    ASSERT_SQL(w->other, SELECT_IDS COUNTED);
    assert_int_equal(1, dbc_query_measure(w->other).values);
    assert_int_equal(2, dbc_query_value(w->other, 0).len);
    assert_memory_equal("five", dbc_query_list_item(w->other, 0, 0).as.text, 4);
    assert_memory_equal("six", dbc_query_list_item(w->other, 0, 1).as.text, 3);
}

static void takes_parts_that_lie_apart_once(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;

    dbc_query_from(q, w->shop.users, NULL);
    dbc_expr age = shop_col(q, w->shop.users, "age");
    dbc_expr ten = shop_int(q, 10);
    shop_int(q, 11);
    dbc_query_order_by(
        q,
        dbc_expr_op(q, DBC_OP_ADD, dbc_expr_op(q, DBC_OP_MUL, age, ten), age));
    say_again(w, 0);

    ASSERT_SQL(w->other, SELECT_IDS "((\"users\".\"age\" * ?) + "
                                    "\"users\".\"age\")");
    assert_int_equal(1, dbc_query_measure(w->other).values);
}

static void takes_the_output_that_a_name_stands_for(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;

    dbc_query_from(q, w->shop.users, NULL);
    dbc_query_select(q, count_posts(q, &w->shop, NULL), "n");
    dbc_query_order_by(q, dbc_expr_raw(q, "\"n\"", 3));
    say_again(w, 0);

    ASSERT_SQL(w->other, SELECT_IDS COUNTED);
}

static void leaves_text_with_a_direction_and_what_is_not_there(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;

    dbc_query_from(q, w->shop.users, NULL);
    dbc_query_order_by(q, dbc_expr_raw(q, "age + 1 DESC", 12));

    assert_int_equal(0, dbc_expr_ordered(w->other, q, 0));
    assert_int_equal(0, dbc_expr_ordered(w->other, q, 1));
    assert_int_equal(DBC_OK, dbc_query_status(w->other, NULL));
}

static int walk(void *ud, const dbc_alloc *alloc)
{
    const world *w = ud;
    dbc_query *q = dbc_query_new(alloc), *other = dbc_query_new(alloc);
    int rc = DBC_ENOMEM;

    if (!q || !other) goto cleanup;
    dbc_query_from(q, w->shop.users, NULL);
    dbc_expr counted = count_posts(q, &w->shop, alloc);
    if (!counted) goto cleanup;
    dbc_query_order_by(q, counted);
    rc = dbc_query_status(q, NULL);
    if (rc < 0) goto cleanup;
    dbc_expr_ordered(other, q, 0);
    rc = dbc_query_status(other, NULL);

cleanup:
    dbc_query_free(q);
    dbc_query_free(other);
    return rc;
}

static void leaves_nothing_behind_when_memory_runs_out(void **state)
{
    FAULT_WALK(walk, *state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(takes_a_subquery_with_its_values),
        SPEC(takes_parts_that_lie_apart_once),
        SPEC(takes_the_output_that_a_name_stands_for),
        SPEC(leaves_text_with_a_direction_and_what_is_not_there),
        SPEC(leaves_nothing_behind_when_memory_runs_out),
    };
    return cmocka_run_group_tests_name("extract", tests, NULL, NULL);
}
