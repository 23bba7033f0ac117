// Queries as SQL text.
#include <stdio.h>

#include "fault.h"
#include "shop.h"

static shop s;
static dbc_query *q;

static int set_up(void **state)
{
    (void)state;
    q = dbc_query_new(NULL);
    return q && shop_open(&s, NULL) == DBC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    dbc_query_free(q);
    shop_close(&s);
    return 0;
}

#define U(name) shop_col(q, s.users, name)
#define P(name) shop_col(q, s.posts, name)

static dbc_expr eq(dbc_expr a, dbc_expr b)
{
    return dbc_expr_op(q, DBC_OP_EQ, a, b);
}

static void join_posts(dbc_join kind)
{
    dbc_query_from(q, s.users, NULL);
    dbc_query_join(q, kind, s.posts, NULL, eq(P("author_id"), U("id")));
}

static void names_every_column_of_its_table(void **state)
{
    (void)state;
    dbc_query_from(q, s.posts, NULL);

    ASSERT_SQL(q, "SELECT \"posts\".\"id\", \"posts\".\"author_id\", "
                  "\"posts\".\"title\", \"posts\".\"views\" FROM \"posts\"");
}

static void joins_conditions_with_and(void **state)
{
    (void)state;
    dbc_query_from(q, s.posts, NULL);
    dbc_query_select(q, P("id"), NULL);
    dbc_query_where(q, eq(P("title"), shop_text(q, "x")));
    dbc_expr many = dbc_expr_op(q, DBC_OP_GT, P("views"), shop_int(q, 9));
    dbc_expr mine = eq(P("author_id"), shop_int(q, 1));
    dbc_query_where(q, dbc_expr_op(q, DBC_OP_OR, many, mine));

    ASSERT_SQL(q, "SELECT \"posts\".\"id\" FROM \"posts\" WHERE "
                  "(\"posts\".\"title\" = ?) AND ((\"posts\".\"views\" > ?) OR "
                  "(\"posts\".\"author_id\" = ?))");
}

static void says_every_kind_of_join(void **state)
{
    static const struct {
        dbc_join kind;
        const char *word;
    } joins[] = {{DBC_JOIN_INNER, " JOIN "},
                 {DBC_JOIN_LEFT, " LEFT JOIN "},
                 {DBC_JOIN_RIGHT, " RIGHT JOIN "},
                 {DBC_JOIN_FULL, " FULL JOIN "}};
    (void)state;

    for (size_t i = 0; i < COUNT(joins); i++) {
        char sql[256];
        dbc_query_free(q);
        q = dbc_query_new(NULL);
        join_posts(joins[i].kind);
        dbc_query_select(q, U("id"), NULL);
        snprintf(sql, sizeof sql,
                 "SELECT \"users\".\"id\" FROM \"users\"%s\"posts\" ON "
                 "\"posts\".\"author_id\" = \"users\".\"id\"",
                 joins[i].word);
        ASSERT_SQL(q, sql);
    }
}

static void tests_null_instead_of_comparing_with_it(void **state)
{
    (void)state;
    dbc_query_from(q, s.users, NULL);
    dbc_query_select(q, U("id"), NULL);
    dbc_query_where(q, eq(U("age"), dbc_expr_value(q, dbc_value_null())));

    ASSERT_SQL(q, "SELECT \"users\".\"id\" FROM \"users\" WHERE "
                  "(\"users\".\"age\" IS NULL)");
}

static void binds_a_list_of_any_length_as_one_value(void **state)
{
    dbc_value ids[] = {dbc_value_int(1), dbc_value_int(2), dbc_value_int(3)};
    (void)state;

    dbc_query_from(q, s.users, NULL);
    dbc_query_select(q, U("id"), NULL);
    dbc_expr list = dbc_expr_value(q, dbc_value_list(ids, 3));
    dbc_query_where(q, dbc_expr_in(q, U("id"), list, DBC_NEGATED));

    ASSERT_SQL(q, "SELECT \"users\".\"id\" FROM \"users\" WHERE "
                  "(\"users\".\"id\" NOT IN (SELECT value FROM dbc_list(?)))");
}

static void orders_limits_and_skips(void **state)
{
    (void)state;
    dbc_query_from(q, s.posts, NULL);
    dbc_query_select(q, P("id"), NULL);
    dbc_query_order_by(q, dbc_expr_order(q, P("views"), DBC_DESC));
    dbc_query_order_by(q, P("id"));
    dbc_query_offset(q, shop_int(q, 20));

    ASSERT_SQL(q, "SELECT \"posts\".\"id\" FROM \"posts\" ORDER BY "
                  "\"posts\".\"views\" DESC, \"posts\".\"id\" LIMIT -1 OFFSET "
                  "?");
}

static void groups_and_names_what_it_counts(void **state)
{
    (void)state;
    dbc_query_from(q, s.posts, NULL);
    dbc_expr star = dbc_expr_star(q);
    dbc_expr count = dbc_expr_call(q, "count", &star, 1, DBC_CALL);
    dbc_query_select(q, P("author_id"), NULL);
    dbc_query_select(q, count, "n");
    dbc_query_group_by(q, P("author_id"));
    dbc_query_having(q, dbc_expr_op(q, DBC_OP_GT, count, shop_int(q, 3)));

    ASSERT_SQL(q, "SELECT \"posts\".\"author_id\", count(*) AS \"n\" FROM "
                  "\"posts\" GROUP BY \"posts\".\"author_id\" HAVING (count(*) "
                  "> ?)");
}

static void declares_a_recursive_cte(void **state)
{
    dbc_query *base = dbc_query_new(NULL), *step = dbc_query_new(NULL);
    (void)state;

    dbc_query_from(base, s.posts, NULL);
    dbc_query_select(base, shop_col(base, s.posts, "id"), "n");
    dbc_query_from_name(step, "tree", NULL);
    dbc_query_select(step, dbc_expr_name(step, "tree", "n", DBC_T_ANY), NULL);
    dbc_query_combine(base, DBC_UNION_ALL, step);
    dbc_query_with(q, "tree", base);
    dbc_query_from_name(q, "tree", NULL);
    dbc_query_select(q, dbc_expr_name(q, "tree", "n", DBC_T_ANY), NULL);

    ASSERT_SQL(q, "WITH RECURSIVE \"tree\" AS (SELECT \"posts\".\"id\" AS "
                  "\"n\" FROM \"posts\" UNION ALL SELECT \"tree\".\"n\" AS "
                  "\"n\" FROM \"tree\") SELECT \"tree\".\"n\" AS \"n\" FROM "
                  "\"tree\"");
    dbc_query_free(base);
    dbc_query_free(step);
}

static void wraps_a_limited_side_of_a_union(void **state)
{
    dbc_query *right = dbc_query_new(NULL);
    (void)state;

    dbc_query_from(right, s.users, NULL);
    dbc_query_select(right, shop_col(right, s.users, "id"), NULL);
    dbc_query_from(q, s.posts, NULL);
    dbc_query_select(q, P("id"), NULL);
    dbc_query_limit(q, shop_int(q, 1));
    dbc_query_combine(q, DBC_UNION, right);
    dbc_query_order_by(q, dbc_expr_order(q, P("id"), DBC_DESC));

    ASSERT_SQL(q, "SELECT * FROM (SELECT \"posts\".\"id\" FROM \"posts\" LIMIT "
                  "?) UNION SELECT \"users\".\"id\" FROM \"users\" ORDER BY "
                  "\"id\" DESC");
    dbc_query_free(right);
}

static void counts_in_place_of_selecting(void **state)
{
    (void)state;
    dbc_query_from(q, s.posts, NULL);
    dbc_query_where(q, eq(P("id"), shop_int(q, 1)));
    dbc_query_answer(q, DBC_ANSWER_COUNT);

    ASSERT_SQL(q, "SELECT count(*) FROM \"posts\" WHERE (\"posts\".\"id\" = "
                  "?)");
}

static void counts_around_what_changes_the_rows(void **state)
{
    (void)state;
    dbc_query_from(q, s.posts, NULL);
    dbc_query_select(q, P("author_id"), NULL);
    dbc_query_distinct(q);
    dbc_query_answer(q, DBC_ANSWER_COUNT);

    ASSERT_SQL(q, "SELECT count(*) FROM (SELECT DISTINCT "
                  "\"posts\".\"author_id\" FROM \"posts\")");
}

static void asks_whether_a_row_exists(void **state)
{
    (void)state;
    dbc_query_from(q, s.posts, NULL);
    dbc_query_answer(q, DBC_ANSWER_EXISTS);

    ASSERT_SQL(q, "SELECT EXISTS (SELECT 1 FROM \"posts\")");
}

static void correlates_a_subquery_with_the_outer_table(void **state)
{
    dbc_query *sub = dbc_query_new(NULL);
    (void)state;

    dbc_query_from(sub, s.posts, NULL);
    dbc_query_where(sub, dbc_expr_op(sub, DBC_OP_EQ,
                                     shop_col(sub, s.posts, "author_id"),
                                     shop_col(sub, s.users, "id")));
    dbc_query_from(q, s.users, NULL);
    dbc_query_select(q, U("id"), NULL);
    dbc_expr inner = dbc_expr_query(q, sub);
    dbc_query_where(q, dbc_expr_exists(q, inner, DBC_PLAIN));

    ASSERT_SQL(q, "SELECT \"users\".\"id\" FROM \"users\" WHERE (EXISTS "
                  "(SELECT 1 FROM \"posts\" WHERE (\"posts\".\"author_id\" = "
                  "\"users\".\"id\")))");
    dbc_query_free(sub);
}

static void touches_what_says_on_update_now(void **state)
{
    (void)state;
    dbc_query_update(q, s.users);
    dbc_query_set(q, shop_column(s.users, "age"), shop_int(q, 3));
    dbc_query_where(q, eq(U("id"), shop_int(q, 1)));

    ASSERT_SQL(
        q,
        "UPDATE \"users\" SET \"age\" = ?, \"updated_at\" = "
        "CAST(strftime('%s', 'now') AS INTEGER) WHERE (\"users\".\"id\" = ?)");
}

static void upserts_with_the_excluded_row(void **state)
{
    const dbc_column *email = shop_column(s.users, "email");
    (void)state;

    dbc_query_insert(q, s.users);
    dbc_query_slot(q, email);
    dbc_query_slot(q, shop_column(s.users, "age"));
    dbc_query_on_conflict(q, &email, 1);
    dbc_query_conflict_set(q, shop_column(s.users, "age"),
                           dbc_expr_excluded(q, "age"));
    dbc_query_returning(q, U("id"), NULL);

    ASSERT_SQL(q, "INSERT INTO \"users\" (\"email\", \"age\") VALUES (?, ?) ON "
                  "CONFLICT (\"email\") DO UPDATE SET \"age\" = "
                  "excluded.\"age\", \"updated_at\" = CAST(strftime('%s', "
                  "'now') AS INTEGER) RETURNING "
                  "\"id\"");
}

static void inserts_from_a_select_by_its_names(void **state)
{
    dbc_query *source = dbc_query_new(NULL);
    (void)state;

    dbc_query_from(source, s.users, NULL);
    dbc_query_select(source, shop_col(source, s.users, "id"), "author_id");
    dbc_query_select(source, shop_col(source, s.users, "name"), "title");
    dbc_query_insert(q, s.posts);
    dbc_query_insert_from(q, source);

    ASSERT_SQL(q, "INSERT INTO \"posts\" (\"author_id\", \"title\") SELECT "
                  "\"users\".\"id\" AS \"author_id\", \"users\".\"name\" AS "
                  "\"title\" FROM \"users\"");
    dbc_query_free(source);
}

static void numbers_placeholders_where_the_dialect_does(void **state)
{
    (void)state;
    dbc_query_from(q, s.users, NULL);
    dbc_query_select(q, U("id"), NULL);
    dbc_query_where(q, dbc_expr_between(q, U("age"), shop_int(q, 1),
                                        shop_int(q, 2), DBC_PLAIN));

    shop_assert_sql(q,
                    "SELECT \"users\".\"id\" FROM \"users\" WHERE "
                    "(\"users\".\"age\" BETWEEN $1 AND $2)",
                    dbc_dialect_mock(), __FILE__, __LINE__);
}

static void quotes_hostile_names(void **state)
{
    (void)state;
    dbc_query_from(q, s.posts, "p\"; DROP TABLE x; --");
    dbc_query_select(
        q,
        dbc_expr_column(q, shop_column(s.posts, "id"), "p\"; DROP TABLE x; --"),
        "a]b'c\"");

    ASSERT_SQL(q, "SELECT \"p\"\"; DROP TABLE x; --\".\"id\" AS \"a]b'c\"\"\" "
                  "FROM \"posts\" AS \"p\"\"; DROP TABLE x; --\"");
}

static void lays_joined_rows_out_by_table(void **state)
{
    dbc_sql sql;
    (void)state;

    join_posts(DBC_JOIN_LEFT);
    assert_int_equal(
        DBC_OK, dbc_query_compile(&sql, q, dbc_dialect_sqlite(), NULL, NULL));

    assert_int_equal(2, sql.layout.group_count);
    assert_string_equal("users", sql.layout.groups[0].name);
    assert_false(sql.layout.groups[0].optional);
    assert_string_equal("posts", sql.layout.groups[1].name);
    assert_true(sql.layout.groups[1].optional);
    assert_int_equal(7, sql.layout.groups[1].first);
    assert_int_equal(7, sql.layout.groups[1].presence);
    assert_int_equal(DBC_T_BOOLEAN, sql.layout.outputs[4].type);
    dbc_sql_dispose(&sql);
}

// ------------------------------------------------------------------ refusals

static void refuses_a_column_of_a_table_that_is_not_there(void **state)
{
    (void)state;
    dbc_query_from(q, s.users, NULL);
    dbc_query_where(q, eq(P("id"), shop_int(q, 1)));

    ASSERT_REFUSED(q, DBC_EINVALID,
                   "column \"posts.id\" is not in this query: join \"posts\", "
                   "or start from it");
}

static void refuses_a_table_twice_under_one_name(void **state)
{
    (void)state;
    dbc_query_from(q, s.users, NULL);
    dbc_query_join(q, DBC_JOIN_INNER, s.users, NULL, eq(U("id"), U("age")));

    ASSERT_REFUSED(q, DBC_EINVALID,
                   "\"users\" is in the query twice: give one of them another "
                   "name with alias(table, \"name\")");
}

static void refuses_a_write_without_a_condition(void **state)
{
    (void)state;
    dbc_query_delete(q, s.users);
    ASSERT_REFUSED(q, DBC_EINVALID,
                   "delete of \"users\" has no condition: add where(…), or "
                   "everywhere() when every row is meant");

    dbc_query_everywhere(q);
    ASSERT_SQL(q, "DELETE FROM \"users\"");
}

static void refuses_a_value_of_the_wrong_type(void **state)
{
    dbc_error err = DBC_ERROR_INIT;
    (void)state;

    dbc_query_from(q, s.users, NULL);
    dbc_query_where(q, eq(U("age"), shop_text(q, "old")));

    assert_int_equal(DBC_EINVALID, dbc_query_status(q, &err));
    assert_non_null(strstr(err.message, "users.age"));
    assert_non_null(strstr(err.message, "\"old\""));
}

static void refuses_two_outputs_of_one_name(void **state)
{
    (void)state;
    join_posts(DBC_JOIN_INNER);
    dbc_query_select(q, U("id"), NULL);
    dbc_query_select(q, P("id"), NULL);

    ASSERT_REFUSED(q, DBC_EINVALID,
                   "the query selects \"id\" twice: give one of them another "
                   "name, as in select { other = … }");
}

static void refuses_what_the_dialect_cannot_say(void **state)
{
    (void)state;
    join_posts(DBC_JOIN_RIGHT);

    shop_assert_refused(q, DBC_EUNSUPPORTED,
                        "mock has no right or full join: turn it round into a "
                        "left join",
                        dbc_dialect_mock(), __FILE__, __LINE__);
}

static void refuses_an_unknown_cte_and_names_the_nearest(void **state)
{
    dbc_query *sub = dbc_query_new(NULL);
    (void)state;

    dbc_query_from(sub, s.users, NULL);
    dbc_query_with(q, "people", sub);
    dbc_query_from_name(q, "peple", NULL);

    ASSERT_REFUSED(q, DBC_EINVALID,
                   "no CTE named \"peple\" is declared here, did you mean "
                   "\"people\": declare it with with(name, query)");
    dbc_query_free(sub);
}

static void refuses_a_subquery_of_several_columns_as_a_value(void **state)
{
    dbc_query *sub = dbc_query_new(NULL);
    (void)state;

    dbc_query_from(sub, s.users, NULL);
    dbc_query_from(q, s.posts, NULL);
    dbc_query_where(q, eq(P("author_id"), dbc_expr_query(q, sub)));

    ASSERT_REFUSED(q, DBC_EINVALID,
                   "a subquery used as a value must select one column, this "
                   "one selects 7");
    dbc_query_free(sub);
}

static void refuses_a_wrong_number_of_placeholders(void **state)
{
    dbc_expr age = U("age");
    (void)state;

    dbc_query_from(q, s.users, NULL);
    dbc_query_where(q,
                    dbc_expr_sql(q, SQL("? = '?' -- ?\n AND ? > 1"), &age, 1));

    ASSERT_REFUSED(q, DBC_EINVALID,
                   "the SQL text has 2 placeholders but 1 value was given");
}

static void refuses_an_endlessly_deep_expression(void **state)
{
    (void)state;
    dbc_query_from(q, s.users, NULL);
    dbc_expr deep = U("age");
    for (int i = 0; i < 2000; i++)
        deep = dbc_expr_op(q, DBC_OP_ADD, deep, shop_int(q, 1));
    dbc_query_select(q, deep, "deep");

    ASSERT_REFUSED(q, DBC_ELIMIT,
                   "an expression nests deeper than 1000 levels");
}

static void refuses_what_to_do_in_a_conflict_without_one(void **state)
{
    (void)state;
    dbc_query_insert(q, s.users);
    dbc_query_slot(q, shop_column(s.users, "email"));
    dbc_query_conflict_ignore(q);

    ASSERT_REFUSED(q, DBC_EINVALID,
                   "ignore() and update { … } of an insert belong behind "
                   "on_conflict(…)");
}

static void refuses_a_clause_that_a_write_does_not_have(void **state)
{
    (void)state;
    dbc_query_delete(q, s.users);
    dbc_query_everywhere(q);
    dbc_query_limit(q, shop_int(q, 1));

    ASSERT_REFUSED(q, DBC_EINVALID,
                   "delete from \"users\" takes no limit: leave it out; to "
                   "choose rows by it, put a query into the condition");
}

static void refuses_a_condition_of_an_insert(void **state)
{
    (void)state;
    dbc_query_insert(q, s.users);
    dbc_query_slot(q, shop_column(s.users, "email"));
    dbc_query_where(q, dbc_expr_op(q, DBC_OP_EQ, U("id"), shop_int(q, 1)));

    ASSERT_REFUSED(q, DBC_EINVALID,
                   "insert into \"users\" takes no where: leave it out");
}

static void refuses_a_set_of_a_select(void **state)
{
    (void)state;
    dbc_query_from(q, s.users, NULL);
    dbc_query_set(q, shop_column(s.users, "age"), shop_int(q, 1));

    ASSERT_REFUSED(q, DBC_EINVALID, "a select takes no set: leave it out");
}

static void refuses_to_count_what_a_write_does(void **state)
{
    (void)state;
    dbc_query_update(q, s.users);
    dbc_query_set(q, shop_column(s.users, "age"), shop_int(q, 1));
    dbc_query_everywhere(q);
    dbc_query_answer(q, DBC_ANSWER_COUNT);

    ASSERT_REFUSED(q, DBC_EINVALID,
                   "update of \"users\" takes no answer: leave it out; to "
                   "choose rows by it, put a query into the condition");
}

static void refuses_two_beginnings(void **state)
{
    (void)state;
    dbc_query_from(q, s.users, NULL);
    dbc_query_delete(q, s.users);
    dbc_query_everywhere(q);

    ASSERT_REFUSED(q, DBC_EINVALID,
                   "delete from \"users\" takes no from: leave it out; to "
                   "choose rows by it, put a query into the condition");
}

static void refuses_rows_from_two_places(void **state)
{
    dbc_query *rows = dbc_query_new(NULL);
    (void)state;

    dbc_query_from(rows, s.users, NULL);
    dbc_query_insert(q, s.users);
    dbc_query_slot(q, shop_column(s.users, "email"));
    dbc_query_insert_from(q, rows);
    dbc_query_free(rows);

    ASSERT_REFUSED(q, DBC_EINVALID,
                   "insert into \"users\" takes its rows from a query or from "
                   "values, not from both");
}

static void refuses_two_answers_to_a_conflict(void **state)
{
    const dbc_column *email = shop_column(s.users, "email");
    (void)state;

    dbc_query_insert(q, s.users);
    dbc_query_slot(q, email);
    dbc_query_on_conflict(q, &email, 1);
    dbc_query_conflict_ignore(q);
    dbc_query_conflict_set(q, email, dbc_expr_excluded(q, "email"));

    ASSERT_REFUSED(q, DBC_EINVALID,
                   "on_conflict either ignores the row or updates the one "
                   "that is there, not both");
}

// -------------------------------------------------------------- fault walks

static int build_and_compile(void *ud, const dbc_alloc *alloc)
{
    static const dbc_value ids[] = {{DBC_INT, 0, {1}}, {DBC_INT, 0, {2}}};
    dbc_query *query = dbc_query_new(alloc), *copy = NULL;
    dbc_sql sql = {0};
    int rc = DBC_ENOMEM;
    (void)ud;

    if (!query) return DBC_ENOMEM;
    dbc_query_from(query, s.posts, NULL);
    dbc_expr list = dbc_expr_value(query, dbc_value_list(ids, 2));
    dbc_expr id = shop_col(query, s.posts, "id");
    dbc_query_where(query, dbc_expr_in(query, id, list, DBC_PLAIN));
    for (int i = 0; i < 20; i++) {
        dbc_expr title = shop_col(query, s.posts, "title");
        dbc_expr text = shop_text(query, "a text that fills the pool of bytes");
        dbc_query_where(query, dbc_expr_op(query, DBC_OP_NE, title, text));
    }
    copy = dbc_query_clone(query, alloc);
    if (copy)
        rc = dbc_query_compile(&sql, copy, dbc_dialect_sqlite(), alloc, NULL);
    dbc_sql_dispose(&sql);
    dbc_query_free(copy);
    dbc_query_free(query);
    return rc;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(build_and_compile, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(names_every_column_of_its_table),
        SPEC(joins_conditions_with_and),
        SPEC(says_every_kind_of_join),
        SPEC(tests_null_instead_of_comparing_with_it),
        SPEC(binds_a_list_of_any_length_as_one_value),
        SPEC(orders_limits_and_skips),
        SPEC(groups_and_names_what_it_counts),
        SPEC(declares_a_recursive_cte),
        SPEC(wraps_a_limited_side_of_a_union),
        SPEC(counts_in_place_of_selecting),
        SPEC(counts_around_what_changes_the_rows),
        SPEC(asks_whether_a_row_exists),
        SPEC(correlates_a_subquery_with_the_outer_table),
        SPEC(touches_what_says_on_update_now),
        SPEC(upserts_with_the_excluded_row),
        SPEC(inserts_from_a_select_by_its_names),
        SPEC(numbers_placeholders_where_the_dialect_does),
        SPEC(quotes_hostile_names),
        SPEC(lays_joined_rows_out_by_table),
        SPEC(refuses_a_column_of_a_table_that_is_not_there),
        SPEC(refuses_a_table_twice_under_one_name),
        SPEC(refuses_a_write_without_a_condition),
        SPEC(refuses_a_value_of_the_wrong_type),
        SPEC(refuses_two_outputs_of_one_name),
        SPEC(refuses_what_the_dialect_cannot_say),
        SPEC(refuses_an_unknown_cte_and_names_the_nearest),
        SPEC(refuses_a_subquery_of_several_columns_as_a_value),
        SPEC(refuses_a_wrong_number_of_placeholders),
        SPEC(refuses_an_endlessly_deep_expression),
        SPEC(refuses_what_to_do_in_a_conflict_without_one),
        SPEC(refuses_a_clause_that_a_write_does_not_have),
        SPEC(refuses_a_condition_of_an_insert),
        SPEC(refuses_a_set_of_a_select),
        SPEC(refuses_to_count_what_a_write_does),
        SPEC(refuses_two_beginnings),
        SPEC(refuses_rows_from_two_places),
        SPEC(refuses_two_answers_to_a_conflict),
        SPEC(leaves_nothing_behind_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("compile", tests, NULL, NULL);
}
