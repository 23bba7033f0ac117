// The shop in a database.
#include "shop_session.h"

#define CREATE_USERS                                                      \
    "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name" \
    " TEXT, age INTEGER, active INTEGER, role TEXT, updated_at INTEGER)"

int shop_session_open(shop_session *out)
{
    *out = (shop_session){0};
    sqlite_session_open(&out->session, NULL, NULL);
    out->conn = out->session.conn;
    EXEC(out->conn, CREATE_USERS);
    out->query = dbc_query_new(NULL);
    return out->query && shop_open(&out->shop, NULL) >= 0 ? 0 : -1;
}

void shop_session_close(shop_session *held)
{
    dbc_query_free(held->query);
    shop_close(&held->shop);
    sqlite_session_close(&held->session);
}

int shop_start(shop_task *out, const dbc_alloc *alloc)
{
    dbc_open_options options = {.alloc = alloc};

    *out = (shop_task){NULL, NULL};
    out->query = dbc_query_new(alloc);
    if (!out->query) return DBC_ENOMEM;
    int rc = dbc_open(&out->conn, ":memory:", &options, NULL);
    return rc < 0 ? rc : dbc_exec(out->conn, SQL(CREATE_USERS));
}

void shop_stop(shop_task *held)
{
    dbc_close(held->conn);
    dbc_query_free(held->query);
}
