// Two tables that the specs of queries speak about, and what they need to say
// in one line.
#ifndef DBC_SPEC_SHOP_H
#define DBC_SPEC_SHOP_H

#include "spec.h"

typedef struct shop {
    const dbc_alloc *alloc;
    dbc_table *users; // id, email, name, age, active, role, updated_at
    dbc_table *posts; // id, author_id, title, views
} shop;

// Returns DBC_OK or DBC_ENOMEM; `alloc` may be NULL.
int shop_open(shop *out, const dbc_alloc *alloc);
void shop_close(shop *held);

// The column of that name; the spec fails when there is none.
const dbc_column *shop_column(const dbc_table *table, const char *name);

// An expression for it in `query`.
dbc_expr shop_col(dbc_query *query, const dbc_table *table, const char *name);

dbc_expr shop_int(dbc_query *query, int64_t value);
dbc_expr shop_text(dbc_query *query, const char *text);

// Fails unless `query` compiles for SQLite to `sql`.
#define ASSERT_SQL(query, sql) \
    shop_assert_sql((query), (sql), dbc_dialect_sqlite(), __FILE__, __LINE__)
void shop_assert_sql(const dbc_query *query, const char *sql,
                     const dbc_dialect *dialect, const char *file, int line);

// Fails unless compiling `query` fails with `code` and `message`.
#define ASSERT_REFUSED(query, code, message)                              \
    shop_assert_refused((query), (code), (message), dbc_dialect_sqlite(), \
                        __FILE__, __LINE__)
void shop_assert_refused(const dbc_query *query, int code, const char *message,
                         const dbc_dialect *dialect, const char *file,
                         int line);

#endif
