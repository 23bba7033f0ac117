// Relations loaded from C: level by level, and kept as records.
#include <stdio.h>

#include "blog.h"
#include "fault.h"

static int set_up(void **state)
{
    static blog b;

    *state = &b;
    return blog_open(&b, NULL);
}

static int tear_down(void **state)
{
    blog *b = *state;
    dbc_stats stats;

    dbc_conn_stats(b->conn, &stats);
    blog_close(b);
    return stats.live_statements == 0 && stats.transaction_depth == 0 ? 0 : -1;
}

// authors by id, with "posts.comments".
static void build(blog *b)
{
    dbc_query_from(b->query, b->authors, NULL);
    dbc_query_order_by(b->query, blog_column(b->query, b->authors, "id"));
    dbc_query_load(b->query, "posts.comments", NULL);
}

static int64_t id_of(const dbc_record *record)
{
    return record->values[0].as.i;
}

// ------------------------------------------------------------------- records

static void keeps_rows_with_their_relatives(void **state)
{
    blog *b = *state;
    dbc_records *all;

    build(b);
    ASSERT_RC(DBC_OK, dbc_records_load(&all, b->conn, b->query, NULL), b->conn);

    const dbc_record *ada = dbc_records_first(all);
    assert_memory_equal("Ada", ada->values[1].as.text, 3);
    assert_string_equal("name", ada->layout->outputs[1].name);
    const dbc_record *post = dbc_record_related(ada, "posts");
    assert_int_equal(1, id_of(post));
    assert_int_equal(1, id_of(dbc_record_related(post, "comments")));
    assert_int_equal(3, id_of(post->next));
    const dbc_record *comment = dbc_record_related(post->next, "comments");
    assert_int_equal(2, id_of(comment));
    assert_int_equal(3, id_of(comment->next));
    assert_null(comment->next->next);
    assert_int_equal(4, id_of(post->next->next));
    assert_null(dbc_record_related(post->next->next, "comments"));
    assert_int_equal(2, id_of(dbc_record_related(ada->next, "posts")));
    assert_null(dbc_record_related(ada->next->next, "posts"));
    assert_null(ada->next->next->next);
    assert_null(dbc_record_related(ada, "comments"));
    dbc_records_free(all);
}

static void outlives_its_connection(void **state)
{
    blog *b = *state;
    dbc_records *all;

    build(b);
    ASSERT_RC(DBC_OK, dbc_records_load(&all, b->conn, b->query, NULL), b->conn);
    dbc_conn_shut(b->conn);

    const dbc_record *ada = dbc_records_first(all);
    assert_string_equal("id", ada->layout->outputs[0].name);
    assert_int_equal(1, id_of(dbc_record_related(ada, "posts")));
    dbc_records_free(all);
}

static void has_what_several_rows_share_once(void **state)
{
    blog *b = *state;
    dbc_records *all;

    dbc_query_from(b->query, b->posts, NULL);
    dbc_query_order_by(b->query, blog_column(b->query, b->posts, "id"));
    dbc_query_load(b->query, "author", NULL);
    ASSERT_RC(DBC_OK, dbc_records_load(&all, b->conn, b->query, NULL), b->conn);

    const dbc_record *post = dbc_records_first(all);
    const dbc_record *ada = dbc_record_related(post, "author");
    assert_int_equal(1, id_of(ada));
    assert_null(ada->next);
    assert_ptr_equal(ada, dbc_record_related(post->next->next, "author"));
    assert_int_equal(2, id_of(dbc_record_related(post->next, "author")));
    dbc_records_free(all);
}

// -------------------------------------------------------------------- levels

static void tells_level_and_parent_of_each_row(void **state)
{
    blog *b = *state;
    char told[256] = "";
    dbc_load *load;
    int rc;

    build(b);
    ASSERT_RC(DBC_OK, dbc_load_open(&load, b->conn, b->query, NULL), b->conn);
    assert_int_equal(3, dbc_load_level_count(load));
    assert_string_equal("comments", dbc_load_describe(load, 2).name);
    assert_int_equal(1, dbc_load_describe(load, 2).parent);
    assert_int_equal(DBC_ROW, dbc_load_begin(load, 0));
    while ((rc = dbc_load_step(load)) == DBC_ROW) {
        size_t used = strlen(told);
        snprintf(told + used, sizeof told - used, "%zu:%d<%d ",
                 dbc_load_level(load), (int)dbc_load_row(load)[0].as.i,
                 (int)dbc_load_parent(load));
    }
    assert_int_equal(DBC_DONE, rc);
    assert_int_equal(DBC_DONE, dbc_load_begin(load, 0));
    dbc_load_close(load);

    assert_string_equal("0:1<-1 0:2<-1 0:3<-1 1:1<0 1:3<0 1:4<0 1:2<1 "
                        "2:1<0 2:2<1 2:3<1 ",
                        told);
}

static void reads_in_batches_within_one_transaction_each(void **state)
{
    blog *b = *state;
    int batches = 0, rows = 0;
    dbc_load *load;

    build(b);
    ASSERT_RC(DBC_OK, dbc_load_open(&load, b->conn, b->query, NULL), b->conn);
    while (dbc_load_begin(load, 2) == DBC_ROW) {
        batches++;
        assert_int_equal(1, dbc_conn_depth(b->conn));
        while (dbc_load_step(load) == DBC_ROW)
            rows++;
        assert_int_equal(0, dbc_conn_depth(b->conn));
    }
    dbc_load_close(load);

    assert_int_equal(2, batches);
    assert_int_equal(10, rows);
}

static void limits_what_each_row_has(void **state)
{
    blog *b = *state;
    dbc_records *all;

    dbc_query_from(b->sub, b->posts, NULL);
    dbc_query_order_by(
        b->sub,
        dbc_expr_order(b->sub, blog_column(b->sub, b->posts, "id"), DBC_DESC));
    dbc_query_limit(b->sub, dbc_expr_param(b->sub, "most"));
    dbc_query_from(b->query, b->authors, NULL);
    dbc_query_load(b->query, "posts", b->sub);
    dbc_arg most = {"most", dbc_value_int(2)};
    dbc_args args = {&most, 1, NULL, 0};
    ASSERT_RC(DBC_OK, dbc_records_load(&all, b->conn, b->query, &args),
              b->conn);

    const dbc_record *post =
        dbc_record_related(dbc_records_first(all), "posts");
    assert_int_equal(4, id_of(post));
    assert_int_equal(3, id_of(post->next));
    assert_null(post->next->next);
    dbc_records_free(all);
}

static void asks_about_relatives(void **state)
{
    blog *b = *state;
    dbc_query *q = b->query;
    dbc_stmt *stmt;

    dbc_query_from(q, b->authors, NULL);
    dbc_query_where(q, dbc_expr_has(q, "posts.comments", NULL, DBC_PLAIN));
    dbc_query_also(
        q, dbc_expr_related(q, DBC_RELATED_COUNT, "posts", NULL, NULL), "n");
    dbc_query_also(
        q, dbc_expr_related(q, DBC_RELATED_MAX, "posts", "title", NULL), "t");
    ASSERT_RC(DBC_OK, dbc_query_open(&stmt, b->conn, q, NULL), b->conn);
    assert_int_equal(DBC_ROW, dbc_stmt_step(stmt));
    assert_int_equal(1, dbc_stmt_int(stmt, 0));
    assert_int_equal(3, dbc_stmt_int(stmt, 2));
    assert_memory_equal("a3", dbc_stmt_row(stmt)[3].as.text, 2);
    assert_int_equal(DBC_DONE, dbc_stmt_step(stmt));
    dbc_stmt_release(stmt);
}

static void shows_the_text_of_each_level(void **state)
{
    blog *b = *state;
    const dbc_sql *sql;

    build(b);
    assert_int_equal(DBC_OK, dbc_query_level_plan(&sql, b->conn, b->query, 1));
    assert_string_equal(
        "SELECT \"posts\".\"id\", \"posts\".\"author_id\", \"posts\".\"title\","
        " \"_parent\".\"number\" FROM dbc_list(?) AS \"_parent\" CROSS JOIN "
        "\"posts\" WHERE (\"posts\".\"author_id\" = \"_parent\".\"value\")",
        sql->text);
    assert_int_equal(DBC_OK, dbc_query_level_plan(&sql, b->conn, b->query, 2));
    assert_int_equal(DBC_DONE,
                     dbc_query_level_plan(&sql, b->conn, b->query, 3));
}

static void is_prepared_once(void **state)
{
    blog *b = *state;
    dbc_stats before, after;
    dbc_records *all;

    build(b);
    for (int i = 0; i < 3; i++) {
        if (i == 1) dbc_conn_stats(b->conn, &before);
        ASSERT_RC(DBC_OK, dbc_records_load(&all, b->conn, b->query, NULL),
                  b->conn);
        dbc_records_free(all);
    }
    dbc_conn_stats(b->conn, &after);

    assert_int_equal(before.prepared, after.prepared);
    assert_int_equal(before.shape_misses, after.shape_misses);
}

static void answers_closed_when_the_connection_ends_first(void **state)
{
    blog *b = *state;
    dbc_load *load;

    build(b);
    ASSERT_RC(DBC_OK, dbc_load_open(&load, b->conn, b->query, NULL), b->conn);
    assert_int_equal(DBC_ROW, dbc_load_begin(load, 1));
    assert_int_equal(DBC_ROW, dbc_load_step(load));
    dbc_conn_shut(b->conn);

    assert_int_equal(DBC_ECLOSED, dbc_load_step(load));
    dbc_load_close(load);
}

static void refuses_what_is_not_there(void **state)
{
    blog *b = *state;
    dbc_load *load;

    dbc_query_from(b->query, b->authors, NULL);
    dbc_query_load(b->query, "posts.coments", NULL);
    assert_int_equal(DBC_ESCHEMA,
                     dbc_load_open(&load, b->conn, b->query, NULL));

    assert_string_equal("table \"posts\" has no relation \"coments\"; did you "
                        "mean \"comments\"?",
                        dbc_conn_error(b->conn)->message);
}

// --------------------------------------------------------------- fault walk

static int load_twice(void *ud, const dbc_alloc *alloc)
{
    dbc_records *all = NULL;
    blog b;
    (void)ud;

    int rc = blog_open(&b, alloc);
    for (int i = 0; i < 2 && rc == DBC_OK; i++) {
        if (i == 0) {
            dbc_query_from(b.sub, b.posts, NULL);
            dbc_query_limit(b.sub, dbc_expr_value(b.sub, dbc_value_int(2)));
            dbc_query_load(b.sub, "comments", NULL);
            dbc_query_from(b.query, b.authors, NULL);
            dbc_query_where(b.query,
                            dbc_expr_has(b.query, "posts", b.sub, DBC_NEGATED));
            dbc_query_free(b.query);
            b.query = dbc_query_new(alloc);
            if (!b.query) break;
            dbc_query_from(b.query, b.authors, NULL);
            dbc_query_where(b.query,
                            dbc_expr_has(b.query, "posts", NULL, DBC_PLAIN));
            dbc_query_load(b.query, "posts", b.sub);
        }
        rc = dbc_records_load(&all, b.conn, b.query, NULL);
        if (rc == DBC_OK) dbc_records_free(all);
    }
    if (rc == DBC_OK && !b.query) rc = DBC_ENOMEM;
    blog_close(&b);
    return rc;
}

// Read by key in an order, and the first few looked up.
static int load_ordered(void *ud, const dbc_alloc *alloc)
{
    dbc_records *all = NULL;
    dbc_query *comments = NULL;
    blog b;
    (void)ud;

    int rc = blog_open(&b, alloc);
    if (rc == DBC_OK && !(comments = dbc_query_new(alloc))) rc = DBC_ENOMEM;
    if (rc == DBC_OK) {
        dbc_query_from(comments, b.comments, NULL);
        dbc_query_limit(comments, dbc_expr_value(comments, dbc_value_int(1)));
        dbc_query_from(b.sub, b.posts, NULL);
        dbc_query_order_by(b.sub, blog_column(b.sub, b.posts, "title"));
        dbc_query_load(b.sub, "comments", comments);
        dbc_query_from(b.query, b.authors, NULL);
        dbc_query_load(b.query, "posts", b.sub);
        rc = dbc_records_load(&all, b.conn, b.query, NULL);
    }
    if (rc == DBC_OK) dbc_records_free(all);
    dbc_query_free(comments);
    blog_close(&b);
    return rc;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(load_twice, NULL);
    FAULT_WALK(load_ordered, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(keeps_rows_with_their_relatives),
        SPEC(outlives_its_connection),
        SPEC(has_what_several_rows_share_once),
        SPEC(tells_level_and_parent_of_each_row),
        SPEC(reads_in_batches_within_one_transaction_each),
        SPEC(limits_what_each_row_has),
        SPEC(asks_about_relatives),
        SPEC(shows_the_text_of_each_level),
        SPEC(is_prepared_once),
        SPEC(answers_closed_when_the_connection_ends_first),
        SPEC(refuses_what_is_not_there),
        cmocka_unit_test(leaves_nothing_behind_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
