// The shop's tables, and the three things that are done with them. Everything
// here is plain dbcore: no script is known.
#include <stdio.h>
#include <string.h>

#include "host.h"

static const dbc_column_def product_columns[] = {
    {.name = "name", .type = DBC_T_TEXT, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "price", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_NOT_NULL},
    {.name = "stock",
     .type = DBC_T_INTEGER,
     .flags = DBC_COLUMN_NOT_NULL | DBC_COLUMN_HAS_MIN,
     .min = 0},
};

static const dbc_foreign_key_def to_products = {.table = "products"};

static const dbc_column_def order_columns[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "customer", .type = DBC_T_TEXT, .flags = DBC_COLUMN_NOT_NULL},
    {.name = "product",
     .type = DBC_T_TEXT,
     .flags = DBC_COLUMN_NOT_NULL,
     .references = &to_products},
    {.name = "quantity", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_NOT_NULL},
    {.name = "cents", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_NOT_NULL},
};

static const dbc_column *column(const dbc_table *table, const char *name)
{
    return dbc_table_find(table, name, strlen(name), NULL);
}

static dbc_value text(const char *s)
{
    return dbc_value_text(s, strlen(s));
}

int shop_fail(dbc_error *err, int code, const char *what, const char *whom)
{
    *err = (dbc_error)DBC_ERROR_INIT;
    err->code = code;
    snprintf(err->message, sizeof err->message, "%s%s", what, whom);
    return code;
}

// The error of the connection, which the next call on it may overwrite.
static int tell(const host_shop *s, int rc, dbc_error *err)
{
    if (rc < 0) *err = *dbc_conn_error(s->conn);
    return rc;
}

static int declare(host_shop *s, dbc_error *err)
{
    const dbc_table_def products = {.name = "products",
                                    .flags = DBC_TABLE_STRICT,
                                    .columns = product_columns,
                                    .column_count = 3};
    const dbc_table_def orders = {.name = "orders",
                                  .flags = DBC_TABLE_STRICT,
                                  .columns = order_columns,
                                  .column_count = 5};

    int rc = dbc_table_new(&s->products, &products, NULL, err);
    if (rc >= 0) rc = dbc_table_new(&s->orders, &orders, NULL, err);
    return rc;
}

// Products that are there already keep what they have.
static int stock_up(const host_shop *s, dbc_error *err)
{
    const dbc_value values[] = {
        text("bolt"),   dbc_value_int(25),   dbc_value_int(100),
        text("hammer"), dbc_value_int(1890), dbc_value_int(6),
        text("saw"),    dbc_value_int(2450), dbc_value_int(3)};
    const dbc_rows rows = {.values = values, .count = 3};
    dbc_query *insert = dbc_query_new(NULL);

    if (insert == NULL) return shop_fail(err, DBC_ENOMEM, "out of memory", "");
    dbc_query_insert(insert, s->products);
    for (size_t i = 0; i < 3; i++)
        dbc_query_slot(insert, dbc_table_column(s->products, i));
    dbc_query_on_conflict(insert, NULL, 0);
    dbc_query_conflict_ignore(insert);
    int rc = tell(s, dbc_query_run_rows(NULL, s->conn, insert, &rows), err);
    dbc_query_free(insert);
    return rc;
}

int shop_open(host_shop *out, const char *path, dbc_error *err)
{
    dbc_open_options options = {0};
    dbc_schema *schema = NULL;
    host_shop s = {0};

    int rc = declare(&s, err);
    if (rc < 0) goto cleanup;
    const dbc_table *tables[] = {s.products, s.orders};
    rc = dbc_schema_new(&schema, tables, 2, NULL, 0, NULL, err);
    if (rc < 0) goto cleanup;
    options.schema = schema;
    rc = dbc_open(&s.conn, path, &options, err);
    if (rc < 0) goto cleanup;
    rc = tell(&s, dbc_create(s.conn, schema), err);
    if (rc >= 0) rc = stock_up(&s, err);

cleanup:
    dbc_schema_release(schema);
    if (rc < 0)
        shop_close(&s);
    else
        *out = s;
    return rc;
}

void shop_close(host_shop *held)
{
    dbc_close(held->conn);
    dbc_table_release(held->orders);
    dbc_table_release(held->products);
    *held = (host_shop){0};
}

// `query` is about the product of that name.
static void where_name(dbc_query *query, const host_shop *s, const char *name)
{
    dbc_expr is = dbc_expr_column(query, column(s->products, "name"), NULL);

    dbc_query_where(query, dbc_expr_op(query, DBC_OP_EQ, is,
                                       dbc_expr_value(query, text(name))));
}

int shop_find(host_order *order, const host_shop *shop, dbc_error *err)
{
    dbc_query *query = dbc_query_new(NULL);
    dbc_stmt *stmt = NULL;

    if (query == NULL) return shop_fail(err, DBC_ENOMEM, "out of memory", "");
    dbc_query_from(query, shop->products, NULL);
    where_name(query, shop, order->product);
    int rc = tell(shop, dbc_query_open(&stmt, shop->conn, query, NULL), err);
    if (rc >= 0) rc = tell(shop, dbc_stmt_step(stmt), err);
    if (rc == DBC_ROW) {
        order->price = dbc_stmt_int(stmt, 1);
        order->stock = dbc_stmt_int(stmt, 2);
        rc = DBC_OK;
    } else if (rc == DBC_DONE) {
        rc = shop_fail(err, DBC_ENOTFOUND, "there is no product ",
                       order->product);
    }
    dbc_stmt_release(stmt);
    dbc_query_free(query);
    return rc;
}

static int insert_order(const host_shop *s, const host_order *order,
                        int64_t cents, dbc_error *err)
{
    const dbc_value values[] = {text(order->customer), text(order->product),
                                dbc_value_int(order->quantity),
                                dbc_value_int(cents)};
    dbc_query *insert = dbc_query_new(NULL);

    if (insert == NULL) return shop_fail(err, DBC_ENOMEM, "out of memory", "");
    dbc_query_insert(insert, s->orders);
    for (size_t i = 0; i < 4; i++)
        dbc_query_set(insert, dbc_table_column(s->orders, i + 1),
                      dbc_expr_value(insert, values[i]));
    int rc = tell(s, dbc_query_run(NULL, s->conn, insert, NULL), err);
    dbc_query_free(insert);
    return rc;
}

static int take_out(const host_shop *s, const host_order *order, dbc_error *err)
{
    const dbc_column *stock = column(s->products, "stock");
    dbc_query *update = dbc_query_new(NULL);

    if (update == NULL) return shop_fail(err, DBC_ENOMEM, "out of memory", "");
    dbc_query_update(update, s->products);
    dbc_expr pieces = dbc_expr_value(update, dbc_value_int(order->quantity));
    dbc_expr left = dbc_expr_op(update, DBC_OP_SUB,
                                dbc_expr_column(update, stock, NULL), pieces);
    dbc_query_set(update, stock, left);
    where_name(update, s, order->product);
    int rc = tell(s, dbc_query_run(NULL, s->conn, update, NULL), err);
    dbc_query_free(update);
    return rc;
}

int shop_write(const host_shop *shop, const host_order *order, int64_t cents,
               dbc_error *err)
{
    int rc = insert_order(shop, order, cents, err);
    return rc < 0 ? rc : take_out(shop, order, err);
}
