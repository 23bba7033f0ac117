// Random values, names and queries, for programs that call the C library in
// any order.
#ifndef DBC_SPEC_API_QUERY_H
#define DBC_SPEC_API_QUERY_H

#include "fuzz.h"
#include "shop.h"

// A query while it is built, and the expressions that it gave last.
typedef struct api_query {
    dbc_query *query; // owned, or NULL
    void *block;      // owned: where it was placed, or NULL
    size_t block_size;
    dbc_expr recent[8];
    uint32_t made;
    const dbc_table *table; // of a sane one: it is about this
} api_query;

// A name: mostly one that exists somewhere.
const char *api_name(fuzz *f);

// A value. What it points to is static, or inside `list`.
enum { API_LIST = 4 };
dbc_value api_value(fuzz *f, dbc_value list[API_LIST]);

// A table of the shop.
const dbc_table *api_table(fuzz *f, const shop *s);

// A statement that makes sense, most of the time: it has slots "email" or
// "title" or a parameter "n" now and then.
void api_build_sane(fuzz *f, api_query *to, const dbc_query *other,
                    const shop *s);

// One building call on it, sensible or not; `other` (may be NULL) is used as a
// subquery.
void api_build(fuzz *f, api_query *to, const dbc_query *other, const shop *s);

#endif
