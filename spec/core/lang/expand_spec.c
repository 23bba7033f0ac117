// Relations said in plain words: in queries, and in the rules of policies.
#include "expand.h"

#include "blog.h"
#include "dbcore_driver.h"
#include "fault.h"

static int set_up(void **state)
{
    static blog b;

    *state = &b;
    return blog_open(&b, NULL);
}

static int tear_down(void **state)
{
    blog_close(*state);
    return 0;
}

// "author" has that id: a condition on posts.
static dbc_query *by_author(const blog *b, int64_t id, const dbc_alloc *alloc)
{
    dbc_query *q = dbc_query_new(alloc), *sub = dbc_query_new(alloc);

    if (q && sub) {
        dbc_query_from(sub, b->authors, NULL);
        dbc_query_where(
            sub, dbc_expr_op(sub, DBC_OP_EQ, blog_column(sub, b->authors, "id"),
                             dbc_expr_value(sub, dbc_value_int(id))));
        dbc_expr_has(q, "author", sub, DBC_PLAIN);
    }
    dbc_query_free(sub);
    if (sub) return q;
    dbc_query_free(q);
    return NULL;
}

static void assert_sql(const char *sql, const dbc_query *query)
{
    dbc_sql out = {0};
    dbc_error err = DBC_ERROR_INIT;

    if (dbc_query_compile(&out, query, dbc_dialect_sqlite(), NULL, &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(sql, out.text);
    dbc_sql_dispose(&out);
}

static void is_a_rule_that_asks_relatives(void **state)
{
    blog *b = *state;
    dbc_query *rule = by_author(b, 7, NULL);
    dbc_policy *policy = NULL;
    dbc_error err = DBC_ERROR_INIT;

    dbc_policy_new(&policy, NULL, 0, NULL, NULL);
    assert_int_equal(DBC_OK,
                     dbc_policy_rule_in(policy, b->schema, b->posts,
                                        DBC_POLICY_SELECT, NULL, rule, &err));
    dbc_query_free(rule);
    dbc_query_restrict(b->query, policy);
    dbc_query_from(b->query, b->posts, "p");
    dbc_query_select(
        b->query, dbc_expr_column(b->query, dbc_table_column(b->posts, 0), "p"),
        NULL);

    assert_sql("SELECT \"p\".\"id\" FROM (SELECT \"id\", \"author_id\", "
               "\"title\" FROM \"posts\" WHERE (EXISTS (SELECT 1 FROM "
               "\"authors\" WHERE (\"authors\".\"id\" = ?) AND "
               "(\"authors\".\"id\" = \"posts\".\"author_id\")))) AS \"p\"",
               b->query);
    dbc_policy_release(policy);
}

static void is_no_rule_where_no_schema_knows_it(void **state)
{
    blog *b = *state;
    dbc_query *rule = by_author(b, 7, NULL), *other = dbc_query_new(NULL);
    dbc_policy *policy = NULL;
    dbc_error err = DBC_ERROR_INIT;

    dbc_policy_new(&policy, NULL, 0, NULL, NULL);
    dbc_expr_has(other, "autor", NULL, DBC_PLAIN);

    assert_int_equal(
        DBC_ENOTFOUND,
        dbc_policy_rule(policy, b->posts, DBC_POLICY_SELECT, NULL, rule, &err));
    assert_string_equal("the policy of \"posts\" cannot be applied: it speaks "
                        "of relations, which are looked up in a schema, and "
                        "there is none",
                        err.message);
    assert_int_equal(DBC_ESCHEMA,
                     dbc_policy_rule_in(policy, b->schema, b->posts,
                                        DBC_POLICY_SELECT, NULL, other, &err));
    assert_string_equal("table \"posts\" has no relation \"autor\"; did you "
                        "mean \"author\"?",
                        err.message);
    dbc_query_free(rule);
    dbc_query_free(other);
    dbc_policy_release(policy);
}

// What a rule was made from may go; what it was said in plain words stays.
static void outlives_the_schema(void **state)
{
    blog *b = *state;
    dbc_query *rule = by_author(b, 1, NULL);
    dbc_policy *policy = NULL;
    int64_t count = 0;

    dbc_policy_new(&policy, NULL, 0, NULL, NULL);
    dbc_policy_rule_in(policy, b->schema, b->posts, DBC_POLICY_SELECT, NULL,
                       rule, NULL);
    dbc_query_free(rule);
    dbc_conn_restrict(b->conn, policy);
    dbc_policy_release(policy);
    dbc_schema_release(b->schema);
    b->schema = NULL;
    dbc_query_from(b->query, b->posts, NULL);

    ASSERT_RC(DBC_OK, dbc_query_count(&count, b->conn, b->query, NULL),
              b->conn);
    assert_int_equal(3, count);
}

// --------------------------------------------------------------- what is
// loaded

// authors with their posts in the order of column `column` (NULL: none),
// `limit` of each (0: all), as `dialect` says the second level.
static void assert_loads(const char *sql, blog *b, const char *order,
                         int64_t limit, const dbc_dialect *dialect)
{
    const dbc__known known = {b->schema, dialect, {NULL, NULL}};
    dbc__expansion made;
    dbc_sql out = {0};
    dbc_error err = DBC_ERROR_INIT;

    dbc_query_from(b->sub, b->posts, NULL);
    dbc_query_select(b->sub, blog_column(b->sub, b->posts, "id"), NULL);
    if (order) dbc_query_order_by(b->sub, blog_column(b->sub, b->posts, order));
    if (limit)
        dbc_query_limit(b->sub, dbc_expr_value(b->sub, dbc_value_int(limit)));
    dbc_query_from(b->query, b->authors, NULL);
    dbc_query_load(b->query, "posts", b->sub);

    if (dbc__expand(&made, b->query, &known, NULL, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(2, made.level_count);
    dbc_query view = dbc__load_level_view(&made.levels[1], b->query);
    if (dbc_query_compile(&out, &view, dialect, NULL, &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(sql, out.text);
    dbc_sql_dispose(&out);
    dbc__expansion_dispose(&made);
}

static void goes_by_the_number_of_the_key(void **state)
{
    assert_loads("SELECT \"posts\".\"id\", \"_parent\".\"number\" FROM "
                 "dbc_list(?) AS \"_parent\" CROSS JOIN \"posts\" WHERE "
                 "(\"posts\".\"author_id\" = \"_parent\".\"value\")",
                 *state, NULL, 0, dbc_dialect_sqlite());
}

static void goes_by_the_key_where_an_index_has_the_order(void **state)
{
    assert_loads("SELECT \"posts\".\"id\", \"posts\".\"author_id\" FROM "
                 "\"posts\" WHERE (\"posts\".\"author_id\" IN (SELECT value "
                 "FROM dbc_list(?))) ORDER BY \"posts\".\"author_id\", "
                 "\"posts\".\"title\"",
                 *state, "title", 0, dbc_dialect_sqlite());
}

static void sorts_in_an_order_that_no_index_has(void **state)
{
    assert_loads("SELECT \"posts\".\"id\", \"_parent\".\"number\" FROM "
                 "dbc_list(?) AS \"_parent\" CROSS JOIN \"posts\" WHERE "
                 "(\"posts\".\"author_id\" = \"_parent\".\"value\") ORDER BY "
                 "\"_parent\".\"number\", \"posts\".\"id\"",
                 *state, "id", 0, dbc_dialect_sqlite());
}

static void looks_up_the_first_few_by_an_index(void **state)
{
    assert_loads("SELECT \"posts\".\"id\", \"_parent\".\"number\" FROM "
                 "dbc_list(?) AS \"_parent\" CROSS JOIN \"posts\" WHERE "
                 "(\"posts\".\"id\" IN (SELECT \"posts\".\"id\" FROM "
                 "\"posts\" WHERE (\"posts\".\"author_id\" = "
                 "\"_parent\".\"value\") ORDER BY \"posts\".\"title\" LIMIT "
                 "?)) ORDER BY \"_parent\".\"number\", \"posts\".\"title\"",
                 *state, "title", 3, dbc_dialect_sqlite());
}

static void numbers_them_where_the_dialect_cannot(void **state)
{
    assert_loads("SELECT c1, c2 FROM (WITH _ranked(c1, c2, rank) AS (SELECT "
                 "\"posts\".\"id\", \"_parent\".\"number\", row_number() OVER "
                 "(PARTITION BY \"_parent\".\"number\" ORDER BY "
                 "\"posts\".\"title\") FROM unnest($1) WITH ORDINALITY AS "
                 "\"_parent\"(value, number) CROSS JOIN \"posts\" WHERE "
                 "(\"posts\".\"author_id\" = \"_parent\".\"value\")) SELECT * "
                 "FROM _ranked) WHERE rank <= $2 ORDER BY c2, rank",
                 *state, "title", 3, dbc_dialect_mock());
}

static int walk(void *ud, const dbc_alloc *alloc)
{
    const blog *b = ud;
    dbc_query *rule = by_author(b, 7, alloc);
    dbc_policy *policy = NULL;
    int rc = DBC_ENOMEM;

    if (rule) rc = dbc_policy_new(&policy, NULL, 0, alloc, NULL);
    if (rc >= 0)
        rc = dbc_policy_rule_in(policy, b->schema, b->posts, DBC_POLICY_ALL,
                                "own", rule, NULL);
    dbc_policy_release(policy);
    dbc_query_free(rule);
    return rc;
}

static void leaves_nothing_behind_when_memory_runs_out(void **state)
{
    FAULT_WALK(walk, *state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(is_a_rule_that_asks_relatives),
        SPEC(is_no_rule_where_no_schema_knows_it),
        SPEC(outlives_the_schema),
        SPEC(goes_by_the_number_of_the_key),
        SPEC(goes_by_the_key_where_an_index_has_the_order),
        SPEC(sorts_in_an_order_that_no_index_has),
        SPEC(looks_up_the_first_few_by_an_index),
        SPEC(numbers_them_where_the_dialect_cannot),
        SPEC(leaves_nothing_behind_when_memory_runs_out),
    };
    return cmocka_run_group_tests_name("relations", tests, NULL, NULL);
}
