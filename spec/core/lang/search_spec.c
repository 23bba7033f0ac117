// Searching a full-text index: its own columns, the functions of FTS5 as SQL
// text, and what a person typed as the words of a search.
#include "fault.h"
#include "shop.h"

static shop s;
static dbc_table *index_;
static dbc_query *q;

static int open_index(dbc_table **out, const dbc_alloc *alloc)
{
    const dbc_column_def columns[] = {
        {.name = "rowid", .type = DBC_T_INTEGER},
        {.name = "title", .type = DBC_T_TEXT},
        {.name = "body", .type = DBC_T_TEXT},
    };
    const dbc_table_def def = {.name = "text",
                               .prefix = "app_",
                               .kind = DBC_FTS,
                               .columns = columns,
                               .column_count = COUNT(columns),
                               .content = "posts"};

    return dbc_table_new(out, &def, alloc, NULL);
}

static int set_up(void **state)
{
    (void)state;
    q = dbc_query_new(NULL);
    if (!q || shop_open(&s, NULL) < 0) return -1;
    return open_index(&index_, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    dbc_query_free(q);
    dbc_table_release(index_);
    shop_close(&s);
    return 0;
}

static dbc_expr own(dbc_fts_column which, const char *alias)
{
    return dbc_expr_column(q, dbc_table_fts_column(index_, which), alias);
}

static void has_columns_beside_those_it_declares(void **state)
{
    (void)state;
    const dbc_column *rowid = dbc_table_fts_column(index_, DBC_FTS_ROWID);
    const dbc_column *rank = dbc_table_fts_column(index_, DBC_FTS_RANK);
    const dbc_column *whole = dbc_table_fts_column(index_, DBC_FTS_WHOLE);

    assert_ptr_equal(dbc_table_column(index_, 0), rowid);
    assert_string_equal("rank", rank->def.name);
    assert_int_equal(DBC_T_REAL, rank->def.type);
    assert_string_equal("app_text", whole->def.name);
    assert_int_equal(3, dbc_table_column_count(index_));
    assert_null(dbc_table_find(index_, "rank", 4, NULL));
    assert_null(dbc_table_fts_column(s.posts, DBC_FTS_RANK));
}

static void searches_the_whole_and_orders_by_its_own_columns(void **state)
{
    (void)state;
    dbc_query_from(q, index_, NULL);
    dbc_query_select(q, own(DBC_FTS_ROWID, NULL), NULL);
    dbc_query_where(q, dbc_expr_op(q, DBC_OP_MATCH, own(DBC_FTS_WHOLE, NULL),
                                   shop_text(q, "fox")));
    dbc_query_order_by(q, own(DBC_FTS_RANK, NULL));

    ASSERT_SQL(q, "SELECT \"app_text\".\"rowid\" FROM \"app_text\" WHERE "
                  "(\"app_text\".\"app_text\" MATCH ?) ORDER BY "
                  "\"app_text\".\"rank\"");
}

static void shows_what_was_found_under_the_alias_of_the_query(void **state)
{
    const dbc_snippet marks = {"[", "]", "…", 8};
    const double weights[] = {10, 1};
    (void)state;

    dbc_query_from(q, index_, "t");
    dbc_expr body = shop_col(q, index_, "body");
    assert_int_not_equal(0, body);
    body = dbc_expr_column(q, dbc_table_find(index_, "body", 4, NULL), "t");
    dbc_query_select(q, dbc_expr_snippet(q, body, &marks), "s");
    dbc_query_select(q, dbc_expr_highlight(q, body, "<b>", "</b>"), "h");
    dbc_query_select(q, dbc_expr_bm25(q, own(DBC_FTS_WHOLE, "t"), weights, 2),
                     "w");

    ASSERT_SQL(q, "SELECT snippet(\"t\".\"app_text\", ?, ?, ?, ?, ?) AS \"s\", "
                  "highlight(\"t\".\"app_text\", ?, ?, ?) AS \"h\", "
                  "bm25(\"t\".\"app_text\", ?, ?) AS \"w\" "
                  "FROM \"app_text\" AS \"t\"");
}

static void knows_what_type_they_have(void **state)
{
    const dbc_snippet plain = DBC_SNIPPET_DEFAULT;
    dbc_expr title = shop_col(q, index_, "title");
    (void)state;

    assert_int_equal(
        DBC_T_TEXT, dbc_expr_type(q, dbc_expr_snippet(q, title, &plain), NULL));
    assert_int_equal(DBC_T_REAL,
                     dbc_expr_type(q, dbc_expr_bm25(q, title, NULL, 0), NULL));
}

static void assert_refused(int code, const char *message)
{
    dbc_error err = DBC_ERROR_INIT;

    assert_int_equal(code, dbc_query_status(q, &err));
    assert_string_equal(message, err.message);
    dbc_query_free(q);
    q = dbc_query_new(NULL);
}

static void refuses_what_no_index_searches(void **state)
{
    const double one = 1;
    dbc_snippet marks = DBC_SNIPPET_DEFAULT;
    (void)state;

    dbc_expr_highlight(q, shop_col(q, s.posts, "title"), "", "");
    assert_refused(DBC_EINVALID, "highlight takes a column that a full-text "
                                 "index searches");
    dbc_expr_snippet(q, own(DBC_FTS_RANK, NULL), &marks);
    assert_refused(DBC_EINVALID, "snippet takes a column that a full-text "
                                 "index searches");
    dbc_expr_highlight(q, own(DBC_FTS_WHOLE, NULL), "", "");
    assert_refused(DBC_EINVALID,
                   "highlight takes one column of a full-text index: snippet "
                   "finds the best of all");
    marks.words = 65;
    dbc_expr_snippet(q, own(DBC_FTS_WHOLE, NULL), &marks);
    assert_refused(DBC_EINVALID,
                   "snippet: words is 65, it must be from 1 to 64");
    dbc_expr_bm25(q, own(DBC_FTS_WHOLE, NULL), &one, 1);
    assert_refused(DBC_EINVALID, "bm25: 1 weights for the 2 columns of the "
                                 "index (120 at most)");
}

static void lets_nobody_write_the_columns_of_its_own(void **state)
{
    (void)state;
    dbc_query_update(q, index_);
    dbc_query_set(q, dbc_table_fts_column(index_, DBC_FTS_RANK),
                  shop_int(q, 1));
    assert_refused(DBC_EINVALID, "column \"rank\" is the full-text index's "
                                 "own: it cannot be written");
    dbc_query_insert(q, index_);
    dbc_query_slot(q, dbc_table_fts_column(index_, DBC_FTS_WHOLE));
    assert_refused(DBC_EINVALID, "column \"app_text\" is the full-text "
                                 "index's own: it cannot be written");
}

static void assert_words(const char *due, const char *text, size_t len,
                         unsigned flags)
{
    char out[64];

    assert_int_equal(strlen(due),
                     dbc_match_words(out, sizeof out, text, len, flags));
    assert_string_equal(due, out);
}

static void quotes_every_word_of_a_person(void **state)
{
    (void)state;
    assert_words("\"red\" \"fox\"", " red\tfox\n", 9, 0);
    assert_words("\"a\" OR \"b\"", "a b", 3, DBC_MATCH_ANY);
    assert_words("\"a\"* \"b\"*", "a b", 3, DBC_MATCH_BEGIN);
    assert_words("\"a\" \"b\"*", "a b ", 4, DBC_MATCH_BEGIN_LAST);
    assert_words("\"\"\"x\" \"AND\" \"y:\"", "\"x AND y:", 9, 0);
    assert_words("\"a\" \"b\"", "a\0b", 3, 0);
    assert_words("\"\"", "", 0, 0);
    assert_words("\"\"", " \n", 2, DBC_MATCH_ANY | DBC_MATCH_BEGIN);
}

static void writes_no_further_than_there_is_room(void **state)
{
    char out[5] = "xxxx";
    (void)state;

    assert_int_equal(5, dbc_match_words(NULL, 0, "abc", 3, 0));
    assert_int_equal(5, dbc_match_words(out, 4, "abc", 3, 0));
    assert_string_equal("\"ab", out);
}

static int build_and_compile(void *ud, const dbc_alloc *alloc)
{
    const dbc_snippet marks = {"[", "]", "…", 8};
    dbc_table *index = NULL;
    dbc_query *query = NULL;
    dbc_sql sql = {0};
    (void)ud;

    int rc = open_index(&index, alloc);
    if (rc < 0) goto cleanup;
    rc = DBC_ENOMEM;
    query = dbc_query_new(alloc);
    if (!query) goto cleanup;
    const dbc_column *whole = dbc_table_fts_column(index, DBC_FTS_WHOLE);
    dbc_query_from(query, index, NULL);
    dbc_query_select(
        query,
        dbc_expr_snippet(query, dbc_expr_column(query, whole, NULL), &marks),
        "s");
    rc = dbc_query_compile(&sql, query, dbc_dialect_sqlite(), alloc, NULL);

cleanup:
    dbc_sql_dispose(&sql);
    dbc_query_free(query);
    dbc_table_release(index);
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
        SPEC(has_columns_beside_those_it_declares),
        SPEC(searches_the_whole_and_orders_by_its_own_columns),
        SPEC(shows_what_was_found_under_the_alias_of_the_query),
        SPEC(knows_what_type_they_have),
        SPEC(refuses_what_no_index_searches),
        SPEC(lets_nobody_write_the_columns_of_its_own),
        SPEC(quotes_every_word_of_a_person),
        SPEC(writes_no_further_than_there_is_room),
        SPEC(leaves_nothing_behind_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
