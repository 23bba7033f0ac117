// A small stock-keeping program in C: two tables, an upsert in bulk, a join
// with a total, a transaction that is rolled back, and the errors one meets.
//
//     ./inventory [FILE]        without a file, everything stays in memory
#include <stdio.h>
#include <string.h>

#include "dbcore.h"

static const dbc_column_def item_columns[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "sku",
     .type = DBC_T_TEXT,
     .flags = DBC_COLUMN_NOT_NULL | DBC_COLUMN_UNIQUE},
    {.name = "price", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_NOT_NULL},
};

static const char *const item_id[] = {"id"};
static const dbc_foreign_key_def to_items = {.table = "items",
                                             .to = {item_id, 1}};

static const dbc_column_def stock_columns[] = {
    {.name = "item_id",
     .type = DBC_T_INTEGER,
     .flags = DBC_COLUMN_NOT_NULL,
     .references = &to_items},
    {.name = "shelf", .type = DBC_T_TEXT, .flags = DBC_COLUMN_NOT_NULL},
    {.name = "amount",
     .type = DBC_T_INTEGER,
     .flags = DBC_COLUMN_NOT_NULL | DBC_COLUMN_HAS_MIN,
     .min = 0},
};

// Everything the program works with, so that it can be passed in one piece.
typedef struct inventory {
    dbc_table *items;
    dbc_table *stock;
    dbc_schema *schema;
    dbc_conn *conn;
} inventory;

static const dbc_column *column(const dbc_table *table, const char *name)
{
    return dbc_table_find(table, name, strlen(name), NULL);
}

static dbc_expr col(dbc_query *query, const dbc_table *table, const char *name)
{
    return dbc_expr_column(query, column(table, name), NULL);
}

static int declare(inventory *inv, dbc_error *err)
{
    static const char *const place[] = {"item_id", "shelf"};
    dbc_table_def items = {.name = "items",
                           .flags = DBC_TABLE_STRICT,
                           .columns = item_columns,
                           .column_count = 3};
    dbc_table_def stock = {.name = "stock",
                           .flags = DBC_TABLE_STRICT | DBC_TABLE_WITHOUT_ROWID,
                           .columns = stock_columns,
                           .column_count = 3,
                           .primary_key = {.columns = {place, 2}}};

    int rc = dbc_table_new(&inv->items, &items, NULL, err);
    if (rc == DBC_OK) rc = dbc_table_new(&inv->stock, &stock, NULL, err);
    if (rc < 0) return rc;
    const dbc_table *tables[] = {inv->items, inv->stock};
    return dbc_schema_new(&inv->schema, tables, 2, NULL, 0, NULL, err);
}

// Adds items, or sets the price of those that are there: one statement,
// stepped once for each row.
static int price_items(inventory *inv)
{
    static const struct {
        const char *sku;
        int64_t price;
    } goods[] = {{"bolt", 15}, {"nut", 9}, {"washer", 4}};
    const dbc_column *sku = column(inv->items, "sku");
    const dbc_column *price = column(inv->items, "price");
    dbc_query *query = dbc_query_new(NULL);
    dbc_stmt *stmt = NULL;
    int rc = DBC_ENOMEM;

    if (!query) return rc;
    dbc_query_insert(query, inv->items);
    dbc_query_slot(query, sku);
    dbc_query_slot(query, price);
    dbc_query_on_conflict(query, &sku, 1);
    dbc_query_conflict_set(query, price, dbc_expr_excluded(query, "price"));

    for (size_t i = 0; i < sizeof goods / sizeof *goods; i++) {
        dbc_value row[] = {dbc_value_text(goods[i].sku, strlen(goods[i].sku)),
                           dbc_value_int(goods[i].price)};
        dbc_args args = {.slots = row, .slot_count = 2};
        if (!stmt)
            rc = dbc_query_open(&stmt, inv->conn, query, &args);
        else
            rc = DBC_OK;
        if (rc == DBC_OK) rc = dbc_query_repeat(stmt, query, &args, NULL);
        if (rc < 0) break;
    }
    dbc_stmt_release(stmt);
    dbc_query_free(query);
    return rc;
}

static int put_on_shelf(inventory *inv, int64_t item, const char *shelf,
                        int64_t amount)
{
    dbc_query *query = dbc_query_new(NULL);
    const dbc_column *key[] = {column(inv->stock, "item_id"),
                               column(inv->stock, "shelf")};
    const dbc_column *count = column(inv->stock, "amount");

    if (!query) return DBC_ENOMEM;
    dbc_query_insert(query, inv->stock);
    dbc_query_set(query, key[0], dbc_expr_value(query, dbc_value_int(item)));
    dbc_query_set(query, key[1],
                  dbc_expr_value(query, dbc_value_text(shelf, strlen(shelf))));
    dbc_query_set(query, count, dbc_expr_value(query, dbc_value_int(amount)));
    dbc_query_on_conflict(query, key, 2);
    dbc_query_conflict_set(query, count,
                           dbc_expr_op(query, DBC_OP_ADD,
                                       col(query, inv->stock, "amount"),
                                       dbc_expr_excluded(query, "amount")));

    int rc = dbc_query_run(NULL, inv->conn, query, NULL);
    dbc_query_free(query);
    return rc;
}

// What lies on all shelves, by item, and what it is worth.
static int report(inventory *inv)
{
    dbc_query *q = dbc_query_new(NULL);
    dbc_stmt *stmt = NULL;
    int rc = DBC_ENOMEM;

    if (!q) return rc;
    dbc_query_from(q, inv->items, NULL);
    dbc_query_join(q, DBC_JOIN_LEFT, inv->stock, NULL,
                   dbc_expr_op(q, DBC_OP_EQ, col(q, inv->stock, "item_id"),
                               col(q, inv->items, "id")));
    dbc_expr amount = col(q, inv->stock, "amount");
    dbc_expr total = dbc_expr_call(q, "total", &amount, 1, DBC_CALL);
    dbc_query_select(q, col(q, inv->items, "sku"), NULL);
    dbc_query_select(q, total, "amount");
    dbc_query_select(
        q, dbc_expr_op(q, DBC_OP_MUL, total, col(q, inv->items, "price")),
        "worth");
    dbc_query_group_by(q, col(q, inv->items, "id"));
    dbc_query_order_by(q, col(q, inv->items, "sku"));

    rc = dbc_query_open(&stmt, inv->conn, q, NULL);
    if (rc == DBC_OK) printf("%-10s %8s %8s\n", "item", "amount", "worth");
    while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        const dbc_value *row = dbc_stmt_row(stmt);
        printf("%-10.*s %8.0f %8.0f\n", (int)row[0].len, row[0].as.text,
               row[1].as.r, row[2].as.r);
    }
    dbc_stmt_release(stmt);
    dbc_query_free(q);
    return rc < 0 ? rc : DBC_OK;
}

// Takes more than there is: the CHECK of the column refuses, and the
// transaction leaves nothing behind.
static int take_too_much(inventory *inv)
{
    dbc_txn txn;
    int rc = dbc_txn_begin(&txn, inv->conn, DBC_TXN_IMMEDIATE);

    if (rc == DBC_OK) rc = put_on_shelf(inv, 2, "A1", 1000);
    if (rc == DBC_OK) rc = put_on_shelf(inv, 1, "A1", -5000);
    if (rc == DBC_OK) return dbc_txn_commit(&txn);

    const dbc_error *err = dbc_conn_error(inv->conn);
    printf("refused (%s): %s\n", dbc_status_word(rc), err->message);
    return dbc_txn_rollback(&txn);
}

static int run(inventory *inv)
{
    int rc = dbc_create(inv->conn, inv->schema);

    if (rc == DBC_OK) rc = price_items(inv);
    if (rc == DBC_OK) rc = put_on_shelf(inv, 1, "A1", 200);
    if (rc == DBC_OK) rc = put_on_shelf(inv, 2, "A1", 350);
    if (rc == DBC_OK) rc = put_on_shelf(inv, 1, "B7", 40);
    if (rc == DBC_OK) rc = take_too_much(inv);
    if (rc == DBC_OK) rc = report(inv);
    return rc;
}

int main(int argc, char **argv)
{
    inventory inv = {NULL, NULL, NULL, NULL};
    dbc_error err = DBC_ERROR_INIT;

    int rc = declare(&inv, &err);
    if (rc == DBC_OK)
        rc = dbc_open(&inv.conn, argc > 1 ? argv[1] : ":memory:", NULL, &err);
    if (rc == DBC_OK) {
        rc = run(&inv);
        if (rc < 0) err = *dbc_conn_error(inv.conn);
    }
    if (rc < 0)
        fprintf(stderr, "inventory: %s (%s)\n", err.message,
                dbc_status_word(rc));

    dbc_close(inv.conn);
    dbc_schema_release(inv.schema);
    dbc_table_release(inv.items);
    dbc_table_release(inv.stock);
    return rc < 0;
}
