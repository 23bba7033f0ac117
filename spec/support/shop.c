// The shop of the query specs.
#include "shop.h"

static const char *const roles[] = {"admin", "editor", "reader"};

static const dbc_column_def user_columns[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "email", .type = DBC_T_TEXT, .flags = DBC_COLUMN_NOT_NULL},
    {.name = "name", .type = DBC_T_TEXT},
    {.name = "age", .type = DBC_T_INTEGER},
    {.name = "active", .type = DBC_T_BOOLEAN},
    {.name = "role", .type = DBC_T_ENUM, .enum_values = {roles, 3}},
    {.name = "updated_at",
     .type = DBC_T_TIMESTAMP,
     .flags = DBC_COLUMN_ON_UPDATE_NOW},
};

static const dbc_column_def post_columns[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "author_id", .type = DBC_T_INTEGER},
    {.name = "title", .type = DBC_T_TEXT},
    {.name = "views", .type = DBC_T_INTEGER},
};

int shop_open(shop *out, const dbc_alloc *alloc)
{
    static const char *const email[] = {"email"};
    static const dbc_key_def unique = {.columns = {email, 1}};
    dbc_table_def users = {.name = "users",
                           .columns = user_columns,
                           .column_count = COUNT(user_columns),
                           .uniques = &unique,
                           .unique_count = 1};
    dbc_table_def posts = {.name = "posts",
                           .columns = post_columns,
                           .column_count = COUNT(post_columns)};
    int rc;

    *out = (struct shop){.alloc = alloc};
    rc = dbc_table_new(&out->users, &users, alloc, NULL);
    if (rc < 0) return rc;
    rc = dbc_table_new(&out->posts, &posts, alloc, NULL);
    if (rc < 0) shop_close(out);
    return rc;
}

void shop_close(shop *held)
{
    dbc_table_release(held->users);
    dbc_table_release(held->posts);
    held->users = NULL;
    held->posts = NULL;
}

const dbc_column *shop_column(const dbc_table *table, const char *name)
{
    const dbc_column *column = dbc_table_find(table, name, strlen(name), NULL);
    assert_non_null(column);
    return column;
}

dbc_expr shop_col(dbc_query *query, const dbc_table *table, const char *name)
{
    return dbc_expr_column(query, shop_column(table, name), NULL);
}

dbc_expr shop_int(dbc_query *query, int64_t value)
{
    return dbc_expr_value(query, dbc_value_int(value));
}

dbc_expr shop_text(dbc_query *query, const char *text)
{
    return dbc_expr_value(query, dbc_value_text(text, strlen(text)));
}

void shop_assert_sql(const dbc_query *query, const char *sql,
                     const dbc_dialect *dialect, const char *file, int line)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_sql out;

    if (dbc_query_compile(&out, query, dialect, NULL, &err) < 0) {
        print_error("%s\n", err.message);
        _fail(file, line);
    }
    _assert_string_equal(out.text, sql, file, line);
    dbc_sql_dispose(&out);
}

void shop_assert_refused(const dbc_query *query, int code, const char *message,
                         const dbc_dialect *dialect, const char *file, int line)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_sql out;
    int rc = dbc_query_compile(&out, query, dialect, NULL, &err);

    if (rc >= 0) {
        print_error("compiled to: %s\n", out.text);
        dbc_sql_dispose(&out);
        _fail(file, line);
    }
    _assert_string_equal(err.message, message, file, line);
    _assert_int_equal(cast_to_largest_integral_type(rc),
                      cast_to_largest_integral_type(code), file, line);
}
