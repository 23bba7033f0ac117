// Policies as values, and what they write into SQL text.
#include "policy.h"

#include "fault.h"
#include "shop.h"

typedef struct world {
    shop shop;
    dbc_policy *policy;
    dbc_query *query;
} world;

static int set_up(void **state)
{
    static world w;

    w = (world){0};
    *state = &w;
    w.query = dbc_query_new(NULL);
    if (!w.query || shop_open(&w.shop, NULL) < 0) return -1;
    return dbc_policy_new(&w.policy, NULL, 0, NULL, NULL);
}

static int tear_down(void **state)
{
    world *w = *state;

    dbc_query_free(w->query);
    dbc_policy_release(w->policy);
    shop_close(&w->shop);
    return 0;
}

// `column = value`, as a rule's condition.
static dbc_query *equal(const dbc_table *table, const char *column,
                        int64_t value, const dbc_alloc *alloc)
{
    dbc_query *q = dbc_query_new(alloc);

    if (q)
        dbc_expr_op(q, DBC_OP_EQ, shop_col(q, table, column),
                    shop_int(q, value));
    return q;
}

static int add_rule(dbc_policy *policy, const dbc_table *table,
                    unsigned operations, const char *column, int64_t value)
{
    dbc_query *q = equal(table, column, value, NULL);
    dbc_error err = DBC_ERROR_INIT;
    int rc = dbc_policy_rule(policy, table, operations, NULL, q, &err);

    dbc_query_free(q);
    if (rc < 0) fail_msg("%s", err.message);
    return rc;
}

// posts of author 7, for everything; users are open.
static void rule_posts(world *w)
{
    add_rule(w->policy, w->shop.posts, DBC_POLICY_ALL, "author_id", 7);
    dbc_policy_rule(w->policy, w->shop.users, DBC_POLICY_ALL, NULL, NULL, NULL);
    dbc_query_restrict(w->query, w->policy);
}

#define POSTS                                                             \
    "(SELECT \"id\", \"author_id\", \"title\", \"views\" FROM \"posts\" " \
    "WHERE (\"posts\".\"author_id\" = ?))"

static void reads_a_table_through_its_rule(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;

    rule_posts(w);
    dbc_query_from(q, w->shop.posts, NULL);
    dbc_query_select(q, shop_col(q, w->shop.posts, "id"), NULL);

    ASSERT_SQL(q, "SELECT \"posts\".\"id\" FROM " POSTS " AS \"posts\"");
}

static void keeps_an_outer_join_an_outer_join(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;
    const dbc_column *author = shop_column(w->shop.posts, "author_id");

    rule_posts(w);
    dbc_query_from(q, w->shop.users, NULL);
    dbc_query_join(q, DBC_JOIN_LEFT, w->shop.posts, "p",
                   dbc_expr_op(q, DBC_OP_EQ, shop_col(q, w->shop.users, "id"),
                               dbc_expr_column(q, author, "p")));
    dbc_query_select(q, shop_col(q, w->shop.users, "id"), NULL);

    ASSERT_SQL(q, "SELECT \"users\".\"id\" FROM \"users\" LEFT JOIN " POSTS
                  " AS \"p\" ON \"users\".\"id\" = \"p\".\"author_id\"");
}

static void reaches_every_subquery(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;
    dbc_query *sub = dbc_query_new(NULL);

    rule_posts(w);
    dbc_query_from(sub, w->shop.posts, NULL);
    dbc_query_select(sub, shop_col(sub, w->shop.posts, "author_id"), NULL);
    dbc_query_from(q, w->shop.users, NULL);
    dbc_query_select(q, shop_col(q, w->shop.users, "id"), NULL);
    dbc_query_where(q, dbc_expr_in(q, shop_col(q, w->shop.users, "id"),
                                   dbc_expr_query(q, sub), DBC_PLAIN));
    dbc_query_free(sub);

    ASSERT_SQL(q, "SELECT \"users\".\"id\" FROM \"users\" WHERE "
                  "(\"users\".\"id\" IN (SELECT \"posts\".\"author_id\" "
                  "FROM " POSTS " AS \"posts\"))");
}

static void numbers_the_values_of_rules_apart(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;
    dbc_error err = DBC_ERROR_INIT;
    dbc_sql sql;

    rule_posts(w);
    dbc_query_from(q, w->shop.posts, NULL);
    dbc_query_where(q, dbc_expr_op(q, DBC_OP_GT,
                                   shop_col(q, w->shop.posts, "views"),
                                   shop_int(q, 3)));
    assert_int_equal(
        DBC_OK, dbc_query_compile(&sql, q, dbc_dialect_sqlite(), NULL, &err));

    assert_int_equal(2, sql.parameter_count);
    assert_int_equal(DBC_PARAMETER_POLICY, sql.parameters[0].kind);
    assert_int_equal(DBC_PARAMETER_VALUE, sql.parameters[1].kind);
    dbc_sql_dispose(&sql);
}

static void asks_the_rules_before_the_condition_of_a_write(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;

    rule_posts(w);
    dbc_query_delete(q, w->shop.posts);
    dbc_query_where(q,
                    dbc_expr_op(q, DBC_OP_EQ, shop_col(q, w->shop.posts, "id"),
                                shop_int(q, 3)));

    ASSERT_SQL(q, "DELETE FROM \"posts\" WHERE (\"posts\".\"author_id\" = ?) "
                  "AND (\"posts\".\"author_id\" = ?) AND "
                  "(\"posts\".\"id\" = ?)");
}

static void update_post(dbc_query *q, const world *w, const char *column)
{
    dbc_query_update(q, w->shop.posts);
    dbc_query_set(q, shop_column(w->shop.posts, column), shop_int(q, 1));
    dbc_query_everywhere(q);
}

static void checks_an_update_of_what_a_rule_speaks_of(void **state)
{
    world *w = *state;

    rule_posts(w);
    update_post(w->query, w, "author_id");

    ASSERT_SQL(w->query,
               "UPDATE \"posts\" SET \"author_id\" = ? WHERE "
               "(\"posts\".\"author_id\" = ?) AND (\"posts\".\"author_id\" "
               "= ?) RETURNING dbc_require((\"posts\".\"author_id\" = ?), "
               "'the update policy of \"posts\" does not allow what this row "
               "would become')");
}

static void checks_no_update_that_leaves_it_alone(void **state)
{
    world *w = *state;

    const dbc_table *tables[] = {w->shop.users, w->shop.posts};
    dbc_schema *schema = NULL;

    rule_posts(w);
    assert_int_equal(DBC_OK,
                     dbc_schema_new(&schema, tables, 2, NULL, 0, NULL, NULL));
    dbc_policy_open(w->policy, schema);
    dbc_schema_release(schema);
    update_post(w->query, w, "views");

    ASSERT_SQL(w->query,
               "UPDATE \"posts\" SET \"views\" = ? WHERE "
               "(\"posts\".\"author_id\" = ?) AND (\"posts\".\"author_id\" "
               "= ?)");
}

static void checks_it_all_the_same_without_a_schema(void **state)
{
    world *w = *state;

    rule_posts(w);
    update_post(w->query, w, "views");

    ASSERT_SQL(w->query,
               "UPDATE \"posts\" SET \"views\" = ? WHERE "
               "(\"posts\".\"author_id\" = ?) AND (\"posts\".\"author_id\" "
               "= ?) RETURNING dbc_require((\"posts\".\"author_id\" = ?), "
               "'the update policy of \"posts\" does not allow what this row "
               "would become')");
}

// Another description may know the key by another name.
static void checks_an_update_of_a_column_the_rule_does_not_know(void **state)
{
    static const dbc_column_def columns[] = {
        {.name = "rowid", .type = DBC_T_INTEGER}};
    const dbc_table_def def = {
        .name = "posts", .columns = columns, .column_count = 1};
    world *w = *state;
    dbc_table *other = NULL;
    dbc_error err = DBC_ERROR_INIT;
    dbc_sql sql;

    const dbc_table *tables[] = {w->shop.users, w->shop.posts};
    dbc_schema *schema = NULL;

    add_rule(w->policy, w->shop.posts, DBC_POLICY_ALL, "id", 7);
    dbc_schema_new(&schema, tables, 2, NULL, 0, NULL, NULL);
    dbc_policy_open(w->policy, schema);
    dbc_schema_release(schema);
    dbc_query_restrict(w->query, w->policy);
    assert_int_equal(DBC_OK, dbc_table_new(&other, &def, NULL, NULL));
    dbc_query_update(w->query, other);
    dbc_query_set(w->query, shop_column(other, "rowid"), shop_int(w->query, 8));
    dbc_query_everywhere(w->query);
    assert_int_equal(
        DBC_OK,
        dbc_query_compile(&sql, w->query, dbc_dialect_sqlite(), NULL, &err));

    assert_non_null(strstr(sql.text, "RETURNING dbc_require("));
    dbc_sql_dispose(&sql);
    dbc_table_release(other);
}

static void checks_what_an_insert_leaves_behind(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;

    rule_posts(w);
    dbc_query_insert(q, w->shop.posts);
    dbc_query_set(q, shop_column(w->shop.posts, "views"), shop_int(q, 1));

    ASSERT_SQL(q, "INSERT INTO \"posts\" (\"views\") VALUES (?) RETURNING "
                  "dbc_require((\"posts\".\"author_id\" = ?), 'the insert "
                  "policy of \"posts\" does not allow this row')");
}

static void hides_the_check_in_the_first_output(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;

    add_rule(w->policy, w->shop.posts, DBC_POLICY_INSERT, "author_id", 7);
    dbc_policy_rule(w->policy, w->shop.posts, DBC_POLICY_SELECT, NULL, NULL,
                    NULL);
    dbc_query_restrict(q, w->policy);
    dbc_query_insert(q, w->shop.posts);
    dbc_query_returning(q, shop_col(q, w->shop.posts, "id"), NULL);
    dbc_query_returning(q, shop_col(q, w->shop.posts, "views"), NULL);

    ASSERT_SQL(q, "INSERT INTO \"posts\" DEFAULT VALUES RETURNING CASE WHEN "
                  "dbc_require((\"posts\".\"author_id\" = ?), 'the insert "
                  "policy of \"posts\" does not allow this row') THEN \"id\" "
                  "END, \"views\"");
}

static void looks_at_the_row_an_upsert_meets(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;
    const dbc_column *id = shop_column(w->shop.posts, "id");

    add_rule(w->policy, w->shop.posts, DBC_POLICY_UPDATE, "author_id", 7);
    dbc_policy_rule(w->policy, w->shop.posts, DBC_POLICY_INSERT, NULL, NULL,
                    NULL);
    dbc_query_restrict(q, w->policy);
    dbc_query_insert(q, w->shop.posts);
    dbc_query_set(q, id, shop_int(q, 1));
    dbc_query_on_conflict(q, &id, 1);
    dbc_query_conflict_set(q, shop_column(w->shop.posts, "views"),
                           shop_int(q, 2));
    dbc_query_conflict_where(q, dbc_expr_op(q, DBC_OP_LT,
                                            shop_col(q, w->shop.posts, "views"),
                                            shop_int(q, 3)));

    ASSERT_SQL(q, "INSERT INTO \"posts\" (\"id\") VALUES (?) ON CONFLICT "
                  "(\"id\") DO UPDATE SET \"views\" = ? WHERE CASE WHEN "
                  "(\"posts\".\"views\" < ?) THEN dbc_require("
                  "(\"posts\".\"author_id\" = ?), 'the update policy of "
                  "\"posts\" does not allow to update the row that is there "
                  "already') END RETURNING dbc_require("
                  "(\"posts\".\"author_id\" = ?), 'the update policy of "
                  "\"posts\" does not allow what this row would become')");
}

// ------------------------------------------------------------------- refusals

static void refuses_a_table_without_a_rule(void **state)
{
    world *w = *state;

    dbc_query_restrict(w->query, w->policy);
    dbc_query_from(w->query, w->shop.posts, NULL);

    ASSERT_REFUSED(w->query, DBC_EDENIED,
                   "table \"posts\" has no policy, and tables without one are "
                   "closed");
}

static void refuses_an_operation_that_no_rule_mentions(void **state)
{
    world *w = *state;

    add_rule(w->policy, w->shop.posts, DBC_POLICY_SELECT, "author_id", 7);
    dbc_query_restrict(w->query, w->policy);
    dbc_query_delete(w->query, w->shop.posts);
    dbc_query_everywhere(w->query);

    ASSERT_REFUSED(w->query, DBC_EDENIED,
                   "the policy of \"posts\" says nothing about delete, so that "
                   "is refused");
}

static void tells_what_a_refusing_rule_says(void **state)
{
    world *w = *state;

    dbc_policy_refuse(w->policy, w->shop.posts, DBC_POLICY_ALL, DBC_EINVALID,
                      "the context has no key", NULL);
    dbc_query_restrict(w->query, w->policy);
    dbc_query_from(w->query, w->shop.posts, NULL);

    ASSERT_REFUSED(w->query, DBC_EINVALID, "the context has no key");
}

static void refuses_a_cte_with_the_name_of_a_table(void **state)
{
    world *w = *state;
    dbc_query *sub = dbc_query_new(NULL);

    rule_posts(w);
    dbc_query_from(sub, w->shop.users, NULL);
    dbc_query_with(w->query, "Posts", sub);
    dbc_query_from_name(w->query, "Posts", NULL);
    dbc_query_free(sub);

    ASSERT_REFUSED(w->query, DBC_EDENIED,
                   "a policy holds: the CTE \"Posts\" has the name of a table, "
                   "give it another one");
}

static void refuse_text(world *w, const char *text)
{
    dbc_query *q = dbc_query_new(NULL);
    dbc_error err = DBC_ERROR_INIT;
    dbc_sql sql;

    dbc_query_restrict(q, w->policy);
    dbc_query_from(q, w->shop.posts, NULL);
    dbc_query_where(q, dbc_expr_raw(q, text, strlen(text)));
    int rc = dbc_query_compile(&sql, q, dbc_dialect_sqlite(), NULL, &err);
    if (rc >= 0) fail_msg("compiled: %s", sql.text);
    assert_int_equal(DBC_EDENIED, rc);
    dbc_query_free(q);
}

static void refuses_text_that_reaches_beyond_its_place(void **state)
{
    world *w = *state;

    rule_posts(w);
    refuse_text(w, "id IN (SELECT id FROM posts)");
    refuse_text(w, "id IN (seLECT id FROM posts)");
    refuse_text(w, "id IN secrets");
    refuse_text(w, "id IN \"main\".\"secrets\"");
    refuse_text(w, "id IN /* ( */ secrets");
    refuse_text(w, "id IN");
    refuse_text(w, "1) OR (1");
    refuse_text(w, "1; DELETE FROM posts");
    refuse_text(w, "1 -- ");
    refuse_text(w, "1 /* ");
    refuse_text(w, "(VALUES (1))");
    refuse_text(w, "(WITH x AS (VALUES (1)) TABLE x)");
    refuse_text(w, "'");
}

static void fences_text_that_is_an_expression(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;
    static const char text[] = "views IN (1, 2) OR title = 'SELECT'";

    rule_posts(w);
    dbc_query_from(q, w->shop.posts, NULL);
    dbc_query_select(q, dbc_expr_raw(q, text, sizeof text - 1), "it");

    ASSERT_SQL(q, "SELECT (views IN (1, 2) OR title = 'SELECT') AS \"it\" "
                  "FROM " POSTS " AS \"posts\"");
}

static void lets_text_through_when_the_policy_does(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;
    dbc_policy *raw = NULL;
    static const char text[] = "id IN (SELECT 1)";

    assert_int_equal(DBC_OK,
                     dbc_policy_new(&raw, NULL, DBC_POLICY_RAW, NULL, NULL));
    dbc_policy_rule(raw, w->shop.posts, DBC_POLICY_ALL, NULL, NULL, NULL);
    dbc_query_restrict(q, raw);
    dbc_query_from(q, w->shop.posts, NULL);
    dbc_query_select(q, dbc_expr_raw(q, text, sizeof text - 1), "it");

    ASSERT_SQL(q, "SELECT id IN (SELECT 1) AS \"it\" FROM \"posts\"");
    dbc_policy_release(raw);
}

static void refuses_a_column_of_another_table_in_a_rule(void **state)
{
    world *w = *state;

    add_rule(w->policy, w->shop.posts, DBC_POLICY_ALL, "author_id", 1);
    dbc_query *q = equal(w->shop.users, "id", 1, NULL);
    dbc_policy_rule(w->policy, w->shop.posts, DBC_POLICY_SELECT, NULL, q, NULL);
    dbc_query_free(q);
    dbc_query_restrict(w->query, w->policy);
    dbc_query_from(w->query, w->shop.posts, NULL);

    ASSERT_REFUSED(w->query, DBC_EINVALID,
                   "in the policy of \"posts\": column \"users.id\" is not in "
                   "this query: join \"users\", or start from it");
}

static void refuses_a_parameter_in_a_rule(void **state)
{
    world *w = *state;
    dbc_query *q = dbc_query_new(NULL);
    dbc_error err = DBC_ERROR_INIT;

    dbc_expr_op(q, DBC_OP_EQ, shop_col(q, w->shop.posts, "id"),
                dbc_expr_param(q, "org"));
    int rc = dbc_policy_rule(w->policy, w->shop.posts, DBC_POLICY_ALL, NULL, q,
                             &err);
    dbc_query_free(q);

    assert_int_equal(DBC_EINVALID, rc);
    assert_string_equal("a rule takes its values from its context: there is "
                        "nobody to give it the parameter \"org\"",
                        err.message);
}

static void refuses_a_query_as_a_condition(void **state)
{
    world *w = *state;
    dbc_query *q = dbc_query_new(NULL);

    dbc_query_from(q, w->shop.posts, NULL);
    int rc = dbc_policy_rule(w->policy, w->shop.posts, DBC_POLICY_ALL, NULL, q,
                             NULL);
    dbc_query_free(q);

    assert_int_equal(DBC_EINVALID, rc);
}

// ---------------------------------------------------------------------
// stacking

static void adds_the_rules_of_the_base(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;
    dbc_policy *inner = NULL;

    add_rule(w->policy, w->shop.posts, DBC_POLICY_SELECT, "author_id", 7);
    assert_int_equal(DBC_OK, dbc_policy_new(&inner, w->policy, 0, NULL, NULL));
    add_rule(inner, w->shop.posts, DBC_POLICY_SELECT, "views", 1);
    dbc_query_restrict(q, inner);
    dbc_query_from(q, w->shop.posts, NULL);
    dbc_query_select(q, shop_col(q, w->shop.posts, "id"), NULL);

    ASSERT_SQL(q, "SELECT \"posts\".\"id\" FROM (SELECT \"id\", "
                  "\"author_id\", \"title\", \"views\" FROM \"posts\" WHERE "
                  "(\"posts\".\"views\" = ?) AND (\"posts\".\"author_id\" = "
                  "?)) AS \"posts\"");
    dbc_policy_release(inner);
}

static void opens_nothing_that_the_base_closed(void **state)
{
    world *w = *state;
    dbc_policy *inner = NULL;

    dbc_policy_new(&inner, w->policy, DBC_POLICY_RAW, NULL, NULL);
    dbc_policy_rule(inner, w->shop.posts, DBC_POLICY_ALL, NULL, NULL, NULL);
    dbc_query_restrict(w->query, inner);
    dbc_query_from(w->query, w->shop.posts, NULL);

    ASSERT_REFUSED(w->query, DBC_EDENIED,
                   "table \"posts\" has no policy, and tables without one are "
                   "closed");
    assert_false(dbc_policy_lets_raw(inner));
    dbc_policy_release(inner);
}

static void forbids_nothing_by_a_filter(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;
    dbc_policy *filter = NULL;

    dbc_policy_new(&filter, NULL, DBC_POLICY_FILTER, NULL, NULL);
    add_rule(filter, w->shop.posts, DBC_POLICY_SELECT, "views", 0);
    dbc_query_restrict(q, filter);
    dbc_query_update(q, w->shop.posts);
    dbc_query_set(q, shop_column(w->shop.posts, "views"), shop_int(q, 1));
    dbc_query_everywhere(q);
    dbc_query_returning(q, shop_col(q, w->shop.posts, "id"), NULL);

    ASSERT_SQL(q, "UPDATE \"posts\" SET \"views\" = ? WHERE "
                  "(\"posts\".\"views\" = ?) RETURNING \"id\"");
    assert_true(dbc_policy_lets_raw(filter));
    dbc_policy_release(filter);
}

static void passes_from_a_part_to_the_whole(void **state)
{
    world *w = *state;
    dbc_query *q = w->query;
    dbc_query *sub = dbc_query_new(NULL);

    add_rule(w->policy, w->shop.posts, DBC_POLICY_SELECT, "author_id", 7);
    dbc_query_restrict(sub, w->policy);
    dbc_query_from(sub, w->shop.posts, NULL);
    dbc_query_from(q, w->shop.users, NULL);
    dbc_query_where(q, dbc_expr_exists(q, dbc_expr_query(q, sub), DBC_PLAIN));
    dbc_query_free(sub);

    ASSERT_REFUSED(q, DBC_EDENIED,
                   "table \"users\" has no policy, and tables without one are "
                   "closed");
}

static void stays_with_a_copy_of_a_single_node(void **state)
{
    world *w = *state;

    dbc_query_restrict(w->query, w->policy);
    dbc_query_insert(w->query, w->shop.posts);
    dbc_query *copy = dbc_query_clone(w->query, NULL);

    ASSERT_REFUSED(copy, DBC_EDENIED,
                   "table \"posts\" has no policy, and tables without one are "
                   "closed");
    dbc_query_free(copy);
}

static void does_not_mix_with_another_policy(void **state)
{
    world *w = *state;
    dbc_policy *other = NULL;
    dbc_query *sub = dbc_query_new(NULL);

    dbc_policy_new(&other, NULL, 0, NULL, NULL);
    dbc_query_restrict(sub, other);
    dbc_query_from(sub, w->shop.posts, NULL);
    dbc_query_restrict(w->query, w->policy);
    dbc_query_from(w->query, w->shop.users, NULL);
    dbc_query_where(
        w->query,
        dbc_expr_exists(w->query, dbc_expr_query(w->query, sub), DBC_PLAIN));
    dbc_query_free(sub);

    ASSERT_REFUSED(w->query, DBC_EDENIED,
                   "the parts of the query were started under different "
                   "policies: start all of them from one handle");
    dbc_policy_release(other);
}

// -----------------------------------------------------------------------
// shapes

static dbc_policy *of_author(const world *w, int64_t author, const char *name)
{
    dbc_policy *policy = NULL;
    dbc_query *q = equal(w->shop.posts, "author_id", author, NULL);

    dbc_policy_new(&policy, NULL, 0, NULL, NULL);
    dbc_policy_rule(policy, w->shop.posts, DBC_POLICY_SELECT, name, q, NULL);
    dbc_query_free(q);
    return policy;
}

static void has_one_shape_whatever_is_bound(void **state)
{
    const world *w = *state;
    dbc_policy *seven = of_author(w, 7, NULL), *eight = of_author(w, 8, NULL);
    dbc_policy *named = of_author(w, 7, "own");
    const dbc__policies a = {{seven, NULL}}, b = {{eight, NULL}};
    const dbc__policies c = {{named, NULL}}, d = {{NULL, seven}};

    assert_true(dbc__policies_same_shape(&a, &b));
    assert_true(dbc__policies_hash(&a) == dbc__policies_hash(&b));
    assert_false(dbc__policies_same_shape(&a, &c));
    assert_false(dbc__policies_same_shape(&a, &d));

    dbc_policy_release(seven);
    dbc_policy_release(eight);
    dbc_policy_release(named);
}

static void copies_a_shape_without_its_values(void **state)
{
    const world *w = *state;
    dbc_policy *seven = of_author(w, 7, NULL), *inner = NULL;
    dbc__policies copy;

    dbc_policy_new(&inner, seven, 0, NULL, NULL);
    add_rule(inner, w->shop.posts, DBC_POLICY_SELECT, "views", 1);
    const dbc__policies both = {{inner, seven}};
    assert_int_equal(DBC_OK, dbc__policies_copy_shape(&copy, &both, NULL));

    assert_true(dbc__policies_same_shape(&copy, &both));
    assert_true(dbc__policies_hash(&copy) == dbc__policies_hash(&both));
    assert_int_equal(0, copy.heads[0]->words->used.bytes);
    assert_ptr_equal(inner, dbc__level_of(&both, 0).policy);
    assert_ptr_equal(seven, dbc__level_of(&both, 1).policy);
    assert_int_equal(2, dbc__level_of(&both, 2).first_value);

    dbc__policies_release(&copy);
    dbc_policy_release(inner);
    dbc_policy_release(seven);
}

static int walk(void *ud, const dbc_alloc *alloc)
{
    const world *w = ud;
    dbc_policy *policy = NULL, *inner = NULL;
    dbc_query *condition = equal(w->shop.posts, "author_id", 7, alloc);
    dbc_query *q = dbc_query_new(alloc);
    dbc__policies copy = {{NULL, NULL}};
    dbc_sql sql = {0};
    int rc = DBC_ENOMEM;

    if (!condition || !q) goto cleanup;
    rc = dbc_policy_new(&policy, NULL, 0, alloc, NULL);
    if (rc >= 0)
        rc = dbc_policy_rule(policy, w->shop.posts, DBC_POLICY_ALL, "own",
                             condition, NULL);
    if (rc >= 0)
        rc = dbc_policy_refuse(policy, w->shop.users, DBC_POLICY_ALL, 0, "no",
                               NULL);
    if (rc >= 0)
        rc = dbc_policy_new(&inner, policy, DBC_POLICY_FILTER, alloc, NULL);
    if (rc >= 0)
        rc = dbc_policy_rule(inner, w->shop.posts, DBC_POLICY_SELECT, NULL,
                             condition, NULL);
    if (rc < 0) goto cleanup;
    dbc_query_restrict(q, inner);
    dbc_query_insert(q, w->shop.posts);
    dbc_query_returning(q, 0, NULL);
    rc = dbc_query_compile(&sql, q, dbc_dialect_sqlite(), alloc, NULL);
    if (rc < 0) goto cleanup;
    const dbc__policies held = {{inner, NULL}};
    rc = dbc__policies_copy_shape(&copy, &held, alloc);

cleanup:
    dbc__policies_release(&copy);
    dbc_sql_dispose(&sql);
    dbc_query_free(q);
    dbc_query_free(condition);
    dbc_policy_release(inner);
    dbc_policy_release(policy);
    return rc;
}

static void leaves_nothing_behind_when_memory_runs_out(void **state)
{
    FAULT_WALK(walk, *state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(reads_a_table_through_its_rule),
        SPEC(keeps_an_outer_join_an_outer_join),
        SPEC(reaches_every_subquery),
        SPEC(numbers_the_values_of_rules_apart),
        SPEC(asks_the_rules_before_the_condition_of_a_write),
        SPEC(checks_an_update_of_what_a_rule_speaks_of),
        SPEC(checks_no_update_that_leaves_it_alone),
        SPEC(checks_it_all_the_same_without_a_schema),
        SPEC(checks_an_update_of_a_column_the_rule_does_not_know),
        SPEC(checks_what_an_insert_leaves_behind),
        SPEC(hides_the_check_in_the_first_output),
        SPEC(looks_at_the_row_an_upsert_meets),
        SPEC(refuses_a_table_without_a_rule),
        SPEC(refuses_an_operation_that_no_rule_mentions),
        SPEC(tells_what_a_refusing_rule_says),
        SPEC(refuses_a_cte_with_the_name_of_a_table),
        SPEC(refuses_text_that_reaches_beyond_its_place),
        SPEC(fences_text_that_is_an_expression),
        SPEC(lets_text_through_when_the_policy_does),
        SPEC(refuses_a_column_of_another_table_in_a_rule),
        SPEC(refuses_a_parameter_in_a_rule),
        SPEC(refuses_a_query_as_a_condition),
        SPEC(adds_the_rules_of_the_base),
        SPEC(opens_nothing_that_the_base_closed),
        SPEC(forbids_nothing_by_a_filter),
        SPEC(passes_from_a_part_to_the_whole),
        SPEC(stays_with_a_copy_of_a_single_node),
        SPEC(does_not_mix_with_another_policy),
        SPEC(has_one_shape_whatever_is_bound),
        SPEC(copies_a_shape_without_its_values),
        SPEC(leaves_nothing_behind_when_memory_runs_out),
    };
    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
