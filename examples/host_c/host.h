// The host's own nouns: its shop in a database, and the scripts that rule it.
#ifndef HOST_H
#define HOST_H

#include "dbcore_script.h"

typedef struct host_shop {
    dbc_conn *conn;
    dbc_table *products; // name, price in cents, stock
    dbc_table *orders;   // id, customer, product, quantity, cents
} host_shop;

typedef struct host_order {
    const char *customer;
    const char *product;
    int64_t quantity;
    // Filled by the host from the database:
    int64_t price, stock;
} host_order;

// Opens the database (created when it is new) with a few products in it.
int shop_open(host_shop *out, const char *path, dbc_error *err);
void shop_close(host_shop *held);

// Fills `err` with a code and a message of two parts. Returns the code.
int shop_fail(dbc_error *err, int code, const char *what, const char *whom);

// Price and stock of the order's product. DBC_ENOTFOUND when there is none.
int shop_find(host_order *order, const host_shop *shop, dbc_error *err);

// Writes the order and takes its pieces out of the stock.
int shop_write(const host_shop *shop, const host_order *order, int64_t cents,
               dbc_error *err);

#endif
