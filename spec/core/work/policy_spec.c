// Policies at work in a database: what is seen, what is refused, what is
// undone; one plan for many contexts; what a host sets on its connection.
#include "fault.h"
#include "shop.h"

typedef struct world {
    shop shop;
    dbc_conn *conn;
    dbc_policy *policy;
} world;

// `column = value` over the posts as a rule for `operations`.
static int add_rule(dbc_policy *policy, const shop *s, unsigned operations,
                    const char *column, int64_t value, const dbc_alloc *alloc)
{
    dbc_query *q = dbc_query_new(alloc);
    int rc = DBC_ENOMEM;

    if (q) {
        dbc_expr_op(q, DBC_OP_EQ, shop_col(q, s->posts, column),
                    shop_int(q, value));
        rc = dbc_policy_rule(policy, s->posts, operations, NULL, q, NULL);
    }
    dbc_query_free(q);
    return rc;
}

// Authors 1 and 2 have two posts each; the policy is that of author 1.
static int set_up(void **state)
{
    static world w;

    w = (world){0};
    *state = &w;
    if (shop_open(&w.shop, NULL) < 0) return -1;
    if (dbc_open(&w.conn, ":memory:", NULL, NULL) < 0) return -1;
    dbc_exec(w.conn,
             SQL("CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id "
                 "INTEGER, title TEXT, views INTEGER);"
                 "INSERT INTO posts VALUES (1, 1, 'a', 10), (2, 1, 'b', 20),"
                 "(3, 2, 'c', 30), (4, 2, 'd', 40)"));
    if (dbc_policy_new(&w.policy, NULL, 0, NULL, NULL) < 0) return -1;
    return add_rule(w.policy, &w.shop, DBC_POLICY_ALL, "author_id", 1, NULL);
}

static int tear_down(void **state)
{
    world *w = *state;

    dbc_close(w->conn);
    dbc_policy_release(w->policy);
    shop_close(&w->shop);
    return 0;
}

static dbc_query *start(const world *w)
{
    dbc_query *q = dbc_query_new(NULL);

    dbc_query_restrict(q, w->policy);
    return q;
}

static int64_t count(dbc_conn *conn, dbc_query *q)
{
    dbc_stmt *stmt;

    dbc_query_answer(q, DBC_ANSWER_COUNT);
    ASSERT_RC(DBC_OK, dbc_query_open(&stmt, conn, q, NULL), conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), conn);
    int64_t found = dbc_stmt_int(stmt, 0);
    dbc_stmt_release(stmt);
    dbc_query_free(q);
    return found;
}

// What the host finds, without any policy.
static int64_t ask(dbc_conn *conn, const char *sql)
{
    dbc_stmt *stmt;

    ASSERT_RC(DBC_OK, dbc_stmt_acquire(&stmt, conn, sql, strlen(sql)), conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), conn);
    int64_t found = dbc_stmt_int(stmt, 0);
    dbc_stmt_release(stmt);
    return found;
}

static void shows_only_what_the_rule_lets_through(void **state)
{
    const world *w = *state;
    dbc_query *q = start(w);

    dbc_query_from(q, w->shop.posts, NULL);

    assert_int_equal(2, count(w->conn, q));
}

static void serves_all_contexts_by_one_plan(void **state)
{
    const world *w = *state;
    dbc_stats before, after;

    dbc_conn_stats(w->conn, &before);
    for (int author = 1; author < 5; author++) {
        dbc_policy *policy = NULL;
        dbc_query *q = dbc_query_new(NULL);
        dbc_policy_new(&policy, NULL, 0, NULL, NULL);
        add_rule(policy, &w->shop, DBC_POLICY_ALL, "author_id", author, NULL);
        dbc_query_restrict(q, policy);
        dbc_query_from(q, w->shop.posts, NULL);
        assert_int_equal(author < 3 ? 2 : 0, count(w->conn, q));
        dbc_policy_release(policy);
    }
    dbc_conn_stats(w->conn, &after);

    assert_int_equal(1, after.prepared - before.prepared);
    assert_int_equal(3, after.shape_hits - before.shape_hits);
}

static void binds_a_list_of_the_context(void **state)
{
    const world *w = *state;
    const dbc_value ids[] = {dbc_value_int(2), dbc_value_int(3)};
    dbc_policy *policy = NULL;
    dbc_query *rule = dbc_query_new(NULL), *q = dbc_query_new(NULL);

    dbc_policy_new(&policy, w->policy, 0, NULL, NULL);
    dbc_expr_in(rule, shop_col(rule, w->shop.posts, "id"),
                dbc_expr_value(rule, dbc_value_list(ids, 2)), DBC_PLAIN);
    dbc_policy_rule(policy, w->shop.posts, DBC_POLICY_SELECT, NULL, rule, NULL);
    dbc_query_restrict(q, policy);
    dbc_query_from(q, w->shop.posts, NULL);

    assert_int_equal(1, count(w->conn, q));
    dbc_query_free(rule);
    dbc_policy_release(policy);
}

// `column` is one of `count` numbers, as a rule of `policy`.
static void add_list(dbc_policy *policy, const shop *s, const char *column,
                     const dbc_value *numbers, size_t count)
{
    dbc_query *rule = dbc_query_new(NULL);

    dbc_expr_in(rule, shop_col(rule, s->posts, column),
                dbc_expr_value(rule, dbc_value_list(numbers, count)),
                DBC_PLAIN);
    assert_int_equal(
        DBC_OK,
        dbc_policy_rule(policy, s->posts, DBC_POLICY_SELECT, NULL, rule, NULL));
    dbc_query_free(rule);
}

// A filter with a list over a policy with a list on the connection, and one
// more in the query: each gets its own, however long the others are.
static void binds_the_lists_of_filters_and_policies_together(void **state)
{
    const world *w = *state;
    dbc_value numbers[] = {dbc_value_int(10), dbc_value_int(20),
                           dbc_value_int(30), dbc_value_int(40)};
    const dbc_value ids[] = {dbc_value_int(1), dbc_value_int(2),
                             dbc_value_int(3)};
    dbc_policy *outer = NULL, *filter = NULL;
    dbc_stats before, after;

    dbc_policy_new(&outer, w->policy, 0, NULL, NULL);
    add_list(outer, &w->shop, "id", ids, 3);
    dbc_conn_restrict(w->conn, outer);
    dbc_conn_stats(w->conn, &before);
    for (size_t shown = 0; shown <= 4; shown++) {
        dbc_query *q = dbc_query_new(NULL);
        dbc_policy_new(&filter, NULL, DBC_POLICY_FILTER, NULL, NULL);
        add_list(filter, &w->shop, "views", numbers, shown);
        dbc_query_restrict(q, filter);
        dbc_query_from(q, w->shop.posts, NULL);
        dbc_query_where(
            q, dbc_expr_in(q, shop_col(q, w->shop.posts, "id"),
                           dbc_expr_value(q, dbc_value_list(ids + 1, 2)),
                           DBC_PLAIN));
        // Of author 1, posts 1 and 2; of those asked for, post 2 with 20 views.
        assert_int_equal(shown >= 2, count(w->conn, q));
        dbc_policy_release(filter);
    }
    dbc_conn_stats(w->conn, &after);

    assert_int_equal(1, after.prepared - before.prepared);
    dbc_policy_release(outer);
}

static void leaves_other_rows_alone(void **state)
{
    const world *w = *state;
    dbc_query *q = start(w);
    dbc_result result;

    dbc_query_update(q, w->shop.posts);
    dbc_query_set(q, shop_column(w->shop.posts, "views"), shop_int(q, 0));
    dbc_query_everywhere(q);
    ASSERT_RC(DBC_OK, dbc_query_run(&result, w->conn, q, NULL), w->conn);
    dbc_query_free(q);
    assert_int_equal(2, result.changes);

    q = start(w);
    dbc_query_delete(q, w->shop.posts);
    dbc_query_everywhere(q);
    ASSERT_RC(DBC_OK, dbc_query_run(&result, w->conn, q, NULL), w->conn);
    dbc_query_free(q);

    assert_int_equal(2, result.changes);
    assert_int_equal(70, ask(w->conn, "SELECT sum(views) FROM posts"));
}

// An insert of post 9 by `author`.
static int insert(const world *w, int64_t author)
{
    dbc_query *q = start(w);

    dbc_query_insert(q, w->shop.posts);
    dbc_query_set(q, shop_column(w->shop.posts, "id"), shop_int(q, 9));
    dbc_query_set(q, shop_column(w->shop.posts, "author_id"),
                  shop_int(q, author));
    int rc = dbc_query_run(NULL, w->conn, q, NULL);
    dbc_query_free(q);
    return rc;
}

static void undoes_an_insert_that_breaks_the_rule(void **state)
{
    const world *w = *state;

    ASSERT_RC(DBC_OK, insert(w, 1), w->conn);
    dbc_exec(w->conn, SQL("DELETE FROM posts WHERE id = 9"));
    assert_int_equal(DBC_EDENIED, insert(w, 2));

    assert_string_equal("the insert policy of \"posts\" does not allow this "
                        "row",
                        dbc_conn_error(w->conn)->message);
    assert_string_equal("posts", dbc_conn_error(w->conn)->table);
    assert_int_equal(4, ask(w->conn, "SELECT count(*) FROM posts"));
}

// An insert of nothing but slots that gives its row back: without a policy it
// is answered without asking the engine.
static int insert_by_slots(const world *w, int64_t author, int *rows)
{
    const dbc_value given[] = {dbc_value_int(9), dbc_value_int(author)};
    const dbc_args args = {.slots = given, .slot_count = 2};
    dbc_query *q = start(w);
    dbc_stmt *stmt = NULL;

    dbc_query_insert(q, w->shop.posts);
    dbc_query_slot(q, shop_column(w->shop.posts, "id"));
    dbc_query_slot(q, shop_column(w->shop.posts, "author_id"));
    dbc_query_returning(q, shop_col(q, w->shop.posts, "id"), NULL);
    int rc = dbc_query_open(&stmt, w->conn, q, &args);
    for (*rows = 0; rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW;)
        ++*rows;
    dbc_stmt_release(stmt);
    dbc_query_free(q);
    return rc;
}

static void looks_at_a_row_that_is_given_back_as_it_was_given(void **state)
{
    const world *w = *state;
    int rows;

    assert_int_equal(DBC_EDENIED, insert_by_slots(w, 2, &rows));
    assert_int_equal(0, rows);
    assert_int_equal(DBC_DONE, insert_by_slots(w, 1, &rows));
    assert_int_equal(1, rows);
    assert_int_equal(5, ask(w->conn, "SELECT count(*) FROM posts"));
}

static void undoes_it_inside_a_transaction_and_goes_on(void **state)
{
    const world *w = *state;
    dbc_txn txn;

    ASSERT_RC(DBC_OK, dbc_txn_begin(&txn, w->conn, DBC_TXN_DEFAULT), w->conn);
    dbc_exec(w->conn, SQL("INSERT INTO posts VALUES (5, 1, 'e', 50)"));
    assert_int_equal(DBC_EDENIED, insert(w, 2));
    assert_false(dbc_conn_error(w->conn)->rolled_back);
    ASSERT_RC(DBC_OK, dbc_txn_commit(&txn), w->conn);

    assert_int_equal(5, ask(w->conn, "SELECT count(*) FROM posts"));
}

static void undoes_all_rows_of_an_update_when_one_leaves_the_rule(void **state)
{
    const world *w = *state;
    dbc_query *q = start(w);
    const dbc_column *id = shop_column(w->shop.posts, "id");
    dbc_expr when, one;
    dbc_txn txn;

    // Post 1 stays with its author, post 2 would go to author 2.
    dbc_query_update(q, w->shop.posts);
    one = dbc_expr_column(q, id, NULL);
    when = dbc_expr_op(q, DBC_OP_MUL, one, shop_int(q, 1));
    dbc_query_set(q, shop_column(w->shop.posts, "author_id"), when);
    dbc_query_everywhere(q);
    dbc_txn_begin(&txn, w->conn, DBC_TXN_DEFAULT);
    assert_int_equal(DBC_EDENIED, dbc_query_run(NULL, w->conn, q, NULL));
    dbc_txn_commit(&txn);
    dbc_query_free(q);

    assert_int_equal(
        2, ask(w->conn, "SELECT count(*) FROM posts WHERE author_id = 1"));
}

static int upsert(const world *w, int64_t id)
{
    const dbc_column *key = shop_column(w->shop.posts, "id");
    dbc_query *q = start(w);

    dbc_query_insert(q, w->shop.posts);
    dbc_query_set(q, key, shop_int(q, id));
    dbc_query_set(q, shop_column(w->shop.posts, "author_id"), shop_int(q, 1));
    dbc_query_on_conflict(q, &key, 1);
    dbc_query_conflict_set(q, shop_column(w->shop.posts, "views"),
                           shop_int(q, 0));
    int rc = dbc_query_run(NULL, w->conn, q, NULL);
    dbc_query_free(q);
    return rc;
}

static void refuses_an_upsert_that_meets_a_hidden_row(void **state)
{
    const world *w = *state;

    ASSERT_RC(DBC_OK, upsert(w, 1), w->conn);
    assert_int_equal(DBC_EDENIED, upsert(w, 3));

    assert_string_equal("the select policy of \"posts\" does not allow to "
                        "update the row that is there already",
                        dbc_conn_error(w->conn)->message);
    assert_int_equal(90, ask(w->conn, "SELECT sum(views) FROM posts"));
}

static void checks_every_row_of_an_insert_from_a_query(void **state)
{
    const world *w = *state;
    dbc_query *q = start(w), *from = dbc_query_new(NULL);
    const dbc_table *posts = w->shop.posts;
    dbc_txn txn;

    dbc_query_from(from, posts, NULL);
    dbc_query_select(from,
                     dbc_expr_op(from, DBC_OP_ADD, shop_col(from, posts, "id"),
                                 shop_int(from, 10)),
                     "id");
    dbc_query_select(from, shop_col(from, posts, "id"), "author_id");
    dbc_query_insert(q, posts);
    dbc_query_insert_from(q, from);
    dbc_txn_begin(&txn, w->conn, DBC_TXN_DEFAULT);
    assert_int_equal(DBC_EDENIED, dbc_query_run(NULL, w->conn, q, NULL));
    dbc_txn_commit(&txn);
    dbc_query_free(from);
    dbc_query_free(q);

    assert_int_equal(4, ask(w->conn, "SELECT count(*) FROM posts"));
}

static void keeps_a_table_without_constraints_whole_as_well(void **state)
{
    const world *w = *state;
    dbc_txn txn;

    dbc_exec(w->conn, SQL("CREATE TABLE bare AS SELECT * FROM posts; DROP "
                          "TABLE posts; ALTER TABLE bare RENAME TO posts"));
    dbc_txn_begin(&txn, w->conn, DBC_TXN_DEFAULT);
    assert_int_equal(DBC_EDENIED, insert(w, 2));
    dbc_txn_commit(&txn);
    undoes_all_rows_of_an_update_when_one_leaves_the_rule(state);
    checks_every_row_of_an_insert_from_a_query(state);
}

// -------------------------------------------------------------- on a
// connection

static void holds_for_all_queries_of_the_connection(void **state)
{
    const world *w = *state;
    dbc_query *q = dbc_query_new(NULL);

    dbc_conn_restrict(w->conn, w->policy);
    assert_ptr_equal(w->policy, dbc_conn_policy(w->conn));
    dbc_query_from(q, w->shop.posts, NULL);
    assert_int_equal(2, count(w->conn, q));

    dbc_conn_restrict(w->conn, NULL);
    q = dbc_query_new(NULL);
    dbc_query_from(q, w->shop.posts, NULL);
    assert_int_equal(4, count(w->conn, q));
}

static void holds_beside_the_policy_of_a_query(void **state)
{
    const world *w = *state;
    dbc_policy *views = NULL;
    dbc_query *q = start(w);

    dbc_policy_new(&views, NULL, 0, NULL, NULL);
    add_rule(views, &w->shop, DBC_POLICY_ALL, "views", 20, NULL);
    dbc_conn_restrict(w->conn, views);
    dbc_policy_release(views);
    dbc_query_from(q, w->shop.posts, NULL);

    assert_int_equal(1, count(w->conn, q));
}

static void refuses_text_on_the_connection(void **state)
{
    const world *w = *state;
    dbc_stmt *stmt;
    dbc_txn txn;

    dbc_conn_restrict(w->conn, w->policy);

    assert_int_equal(DBC_EDENIED, dbc_exec(w->conn, SQL("DELETE FROM posts")));
    assert_int_equal(DBC_EDENIED,
                     dbc_stmt_acquire(&stmt, w->conn, SQL("SELECT 1")));
    assert_string_equal("a policy holds here, and SQL text cannot be filtered: "
                        "use queries, or a policy that lets it through",
                        dbc_conn_error(w->conn)->message);
    ASSERT_RC(DBC_OK, dbc_txn_begin(&txn, w->conn, DBC_TXN_DEFAULT), w->conn);
    ASSERT_RC(DBC_OK, dbc_txn_rollback(&txn), w->conn);
}

static void lets_text_through_when_it_is_said(void **state)
{
    const world *w = *state;
    dbc_policy *raw = NULL;

    dbc_policy_new(&raw, NULL, DBC_POLICY_RAW, NULL, NULL);
    dbc_conn_restrict(w->conn, raw);
    dbc_policy_release(raw);

    assert_int_equal(4, ask(w->conn, "SELECT count(*) FROM posts"));
}

static void does_not_bind_a_statement_again_under_other_rules(void **state)
{
    const world *w = *state;
    dbc_query *q = dbc_query_new(NULL);
    dbc_stmt *stmt;

    dbc_query_from(q, w->shop.posts, NULL);
    ASSERT_RC(DBC_OK, dbc_query_open(&stmt, w->conn, q, NULL), w->conn);
    dbc_conn_restrict(w->conn, w->policy);
    assert_int_equal(DBC_EDENIED, dbc_query_reopen(stmt, q, NULL));
    dbc_stmt_release(stmt);
    dbc_query_free(q);
}

static void prepares_without_running(void **state)
{
    const world *w = *state;
    dbc_query *q = start(w);
    dbc_stats before, after;

    dbc_query_from(q, w->shop.posts, NULL);
    dbc_conn_stats(w->conn, &before);
    ASSERT_RC(DBC_OK, dbc_query_prepare(w->conn, q), w->conn);
    ASSERT_RC(DBC_OK, dbc_query_prepare(w->conn, q), w->conn);
    dbc_conn_stats(w->conn, &after);
    dbc_query_free(q);

    assert_int_equal(1, after.prepared - before.prepared);
    assert_int_equal(0, after.statements - before.statements);
}

static int walk(void *ud, const dbc_alloc *alloc)
{
    const world *w = ud;
    dbc_open_options options = {.driver = dbc_driver_mock(), .alloc = alloc};
    dbc_policy *policy = NULL;
    dbc_conn *conn = NULL;
    dbc_query *q = dbc_query_new(alloc);
    int rc = q ? dbc_policy_new(&policy, NULL, 0, alloc, NULL) : DBC_ENOMEM;

    if (rc >= 0)
        rc = add_rule(policy, &w->shop, DBC_POLICY_ALL, "author_id", 1, alloc);
    if (rc >= 0) rc = dbc_open(&conn, "mock", &options, NULL);
    if (rc >= 0) {
        dbc_conn_restrict(conn, policy);
        dbc_query_restrict(q, policy);
        dbc_query_insert(q, w->shop.posts);
        rc = dbc_query_run(NULL, conn, q, NULL);
    }
    if (rc >= 0) rc = dbc_query_run(NULL, conn, q, NULL);
    dbc_close(conn);
    dbc_query_free(q);
    dbc_policy_release(policy);
    return rc;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    FAULT_WALK(walk, *state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(shows_only_what_the_rule_lets_through),
        SPEC(serves_all_contexts_by_one_plan),
        SPEC(binds_a_list_of_the_context),
        SPEC(binds_the_lists_of_filters_and_policies_together),
        SPEC(leaves_other_rows_alone),
        SPEC(undoes_an_insert_that_breaks_the_rule),
        SPEC(looks_at_a_row_that_is_given_back_as_it_was_given),
        SPEC(undoes_it_inside_a_transaction_and_goes_on),
        SPEC(undoes_all_rows_of_an_update_when_one_leaves_the_rule),
        SPEC(refuses_an_upsert_that_meets_a_hidden_row),
        SPEC(checks_every_row_of_an_insert_from_a_query),
        SPEC(keeps_a_table_without_constraints_whole_as_well),
        SPEC(holds_for_all_queries_of_the_connection),
        SPEC(holds_beside_the_policy_of_a_query),
        SPEC(refuses_text_on_the_connection),
        SPEC(lets_text_through_when_it_is_said),
        SPEC(does_not_bind_a_statement_again_under_other_rules),
        SPEC(prepares_without_running),
        SPEC(leaves_nothing_behind_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
