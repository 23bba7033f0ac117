// The blog of the specs about relations.
#include "blog.h"

#include <string.h>

static const dbc_foreign_key_def to_authors = {.table = "authors"};
static const dbc_foreign_key_def to_posts = {.table = "posts"};

static const dbc_column_def author_columns[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "name", .type = DBC_T_TEXT},
};
static const dbc_column_def post_columns[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "author_id", .type = DBC_T_INTEGER, .references = &to_authors},
    {.name = "title", .type = DBC_T_TEXT},
};
static const dbc_column_def comment_columns[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "post_id", .type = DBC_T_INTEGER, .references = &to_posts},
};
static const dbc_index_part by_title[] = {{.column = "author_id"},
                                          {.column = "title"}};
static const dbc_index_part by_post[] = {{.column = "post_id"}};
static const dbc_index_def post_indexes[] = {
    {.name = "posts_title", .parts = by_title, .part_count = 2}};
static const dbc_index_def comment_indexes[] = {
    {.name = "comments_post", .parts = by_post, .part_count = 1}};
static const dbc_relation_def relations[] = {
    {"authors", "posts", DBC_MANY, "posts", .through = NULL},
    {"posts", "author", DBC_ONE, "authors", .through = NULL},
    {"posts", "comments", DBC_MANY, "comments", .through = NULL},
};

static const char DATA[] =
    "INSERT INTO authors VALUES (1, 'Ada'), (2, 'Ben'), (3, 'Cy');"
    "INSERT INTO posts VALUES (1, 1, 'a1'), (2, 2, 'b1'), (3, 1, 'a2'), "
    "(4, 1, 'a3');"
    "INSERT INTO comments VALUES (1, 1), (2, 3), (3, 3);";

void blog_close(blog *b)
{
    dbc_query_free(b->query);
    dbc_query_free(b->sub);
    dbc_close(b->conn);
    dbc_schema_release(b->schema);
    dbc_table_release(b->authors);
    dbc_table_release(b->posts);
    dbc_table_release(b->comments);
}

#define MAKE(table, columns_of, indexes_of, count)        \
    if (rc == DBC_OK) {                                   \
        def.name = #table;                                \
        def.columns = columns_of;                         \
        def.column_count = COUNT(columns_of);             \
        def.indexes = indexes_of;                         \
        def.index_count = count;                          \
        rc = dbc_table_new(&b->table, &def, alloc, NULL); \
    }

int blog_open(blog *b, const dbc_alloc *alloc)
{
    dbc_table_def def = {0};
    int rc = DBC_OK;

    *b = (blog){0};
    MAKE(authors, author_columns, NULL, 0)
    MAKE(posts, post_columns, post_indexes, 1)
    MAKE(comments, comment_columns, comment_indexes, 1)
    const dbc_table *tables[] = {b->authors, b->posts, b->comments};
    if (rc == DBC_OK)
        rc = dbc_schema_new(&b->schema, tables, 3, relations, COUNT(relations),
                            alloc, NULL);
    dbc_open_options options = {.alloc = alloc, .schema = b->schema};
    if (rc == DBC_OK) rc = dbc_open(&b->conn, ":memory:", &options, NULL);
    if (rc == DBC_OK) rc = dbc_create(b->conn, b->schema);
    if (rc == DBC_OK) rc = dbc_exec(b->conn, DATA, sizeof DATA - 1);
    if (rc != DBC_OK) return rc;
    b->query = dbc_query_new(alloc);
    b->sub = dbc_query_new(alloc);
    return b->query && b->sub ? DBC_OK : DBC_ENOMEM;
}

dbc_expr blog_column(dbc_query *query, const dbc_table *table, const char *name)
{
    const dbc_column *found = dbc_table_find(table, name, strlen(name), NULL);

    assert_non_null(found);
    return dbc_expr_column(query, found, NULL);
}
