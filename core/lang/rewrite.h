// Writing a query anew, node by node. What one rewriting carries, the steps
// that a relation is made of, and the words they become: shared by expand.c
// (copying), correlated.c ("has", counts) and level.c (what is loaded).
#ifndef DBC_LANG_REWRITE_H
#define DBC_LANG_REWRITE_H

#include "expand.h"
#include "frame.h"

enum { DBC__PATH_MAX = 32 }; // relations in one path

typedef struct dbc__rewrite {
    const dbc_query *src;       // borrowed
    const dbc_schema *schema;   // borrowed, or NULL
    const dbc_dialect *dialect; // or NULL
    dbc__arena *memory;         // of the result
    dbc__arena scratch;
    dbc__frames frames;
    uint32_t *map;  // of each node of `src`: its place plus one in `out`
    dbc_query *out; // the one that is written now
    dbc_error *err;
    int status;
} dbc__rewrite;

// Keeps the first failure. Returns the status.
int dbc__rewrite_fail(dbc__rewrite *w, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int dbc__rewrite_nomem(dbc__rewrite *w);

// Appends a node. Returns its place plus one; 0 when something has failed.
dbc_expr dbc__rewrite_add(dbc__rewrite *w, dbc__node node);

// The nodes from `start` on as a subquery.
dbc_expr dbc__rewrite_query(dbc__rewrite *w, uint32_t start);

// What a pass over the nodes of a frame leaves out, and what becomes of FROM.
typedef struct dbc__copying {
    uint32_t frame;
    int as_join;       // the first source is joined to what is there
    dbc_join join;     // in this way
    dbc_expr on;       // on that; 0: none
    unsigned left_out; // DBC__LEAVE_…
    int by_expression; // the name of an output becomes what the output is
} dbc__copying;

enum {
    DBC__LEAVE_OUTPUTS = 1 << 0, // SELECT and what is beside it
    DBC__LEAVE_ORDER = 1 << 1,
    DBC__LEAVE_LIMIT = 1 << 2,
    DBC__LEAVE_WHERE = 1 << 3
};

// Copies the nodes of a frame, relations in them said in plain words. What is
// loaded is left out.
void dbc__rewrite_copy(dbc__rewrite *w, const dbc__copying *how);

// A table as it stands in a query that is written: `alias` NULL is its own
// name.
typedef struct dbc__place {
    const dbc_table *table;
    const char *alias;
} dbc__place;

dbc__place dbc__place_of(dbc__rewrite *w, uint32_t frame);

// The relation that `name` means for `table`, or NULL and the rewrite fails.
const dbc_relation *dbc__rewrite_relation(dbc__rewrite *w,
                                          const dbc_table *table,
                                          const char *name, size_t len);

// A column of that place: of the same name, should the table be another one
// than the schema's.
dbc_expr dbc__rewrite_column(dbc__rewrite *w, dbc__place place,
                             const dbc_column *column);

// left[i] = right[i] AND …
dbc_expr dbc__rewrite_equal(dbc__rewrite *w, dbc__place left,
                            const dbc_column *const *left_columns,
                            dbc__place right,
                            const dbc_column *const *right_columns,
                            size_t count);

// Appends the source of rows `place`, and joins it.
void dbc__rewrite_join(dbc__rewrite *w, dbc_join join, dbc__place place,
                       dbc_expr on);

void dbc__rewrite_where(dbc__rewrite *w, dbc_expr condition);

// The relation's own condition, when it has one.
void dbc__rewrite_filter(dbc__rewrite *w, const dbc_relation *relation,
                         dbc__place target, dbc__place through);

// A name for `table` that is none of `taken`, nor of a source of `frame` (or
// 0): NULL when its own is free, else the first of "name", "name_2", ….
const char *dbc__rewrite_alias(dbc__rewrite *w, const dbc_table *table,
                               const char *name, const char *const *taken,
                               size_t count, uint32_t frame);

// Checks that frame `f` can stand for relatives that `relation` leads to.
int dbc__rewrite_check_sub(dbc__rewrite *w, uint32_t f,
                           const dbc_relation *relation);

// level.c: fills w's expansion with what the query loads.
int dbc__levels_write(dbc__rewrite *w, dbc__expansion *out);

#endif
