// Authors write posts, posts have comments: a schema with relations and a few
// rows of each, for the specs of what is loaded deep.
#ifndef DBC_SPEC_BLOG_H
#define DBC_SPEC_BLOG_H

#include "spec.h"

typedef struct blog {
    dbc_table *authors, *posts, *comments;
    dbc_schema *schema;
    dbc_conn *conn;
    dbc_query *query, *sub; // to be built
} blog;

// Everything with `alloc` (may be NULL), in a database in memory. Returns
// DBC_OK or DBC_ENOMEM; blog_close() is due after either.
int blog_open(blog *b, const dbc_alloc *alloc);
void blog_close(blog *b);

// An expression for a column in `query`; the spec fails when there is none.
dbc_expr blog_column(dbc_query *query, const dbc_table *table,
                     const char *name);

#endif
