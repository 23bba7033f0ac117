// The flat tree behind every query: fixed nodes in one array, values in a
// second, names and bytes in two pools. Nothing in it is freed alone.
//
// A node refers to an earlier one by the distance back, so that a copied run
// of nodes needs no change but the offsets into the pools. Values are kept
// apart from nodes: two queries of one shape have equal nodes and equal names,
// byte for byte, whatever is bound.
//
// The idea of one block with relative children is LPeg's (lptree.h).
#ifndef DBC_LANG_TREE_H
#define DBC_LANG_TREE_H

#include <stdint.h>

#include "dbcore.h"

// What a node is, and what its fields mean.
//
// name: `len` bytes at `a` in the names. name2: `c` bytes at `b` in the names.
// text: `b` bytes at `a` in the names. rel: a distance back, 0 for none.
typedef enum dbc__node_op {
    // Expressions.
    DBC__COLUMN = 1, // name: alias of its table or none; ptr: dbc_column
    DBC__NAME,       // name: source; name2: column; sub: dbc_type
    DBC__VALUE,      // a: number of the value; sub: dbc_type
    DBC__PARAM,      // name; sub: dbc_type; ptr: dbc_column or NULL
    DBC__STAR,
    DBC__OP,       // sub: dbc_op; a, b: rel
    DBC__BETWEEN,  // sub: negation; a: rel, b: rel low, c: rel high
    DBC__IN,       // sub: negation; a: rel, b: rel set
    DBC__ITEM,     // a: rel item; b: rel next item
    DBC__CALL,     // name; sub: dbc_call_form; b: rel first item
    DBC__FILTER,   // a: rel call; b: rel condition
    DBC__WINDOW,   // name: frame; b: rel partition items; c: rel order items
    DBC__OVER,     // a: rel call; b: rel window
    DBC__WHEN,     // a: rel when; b: rel then; c: rel next
    DBC__CASE,     // a: rel base; b: rel first when; c: rel otherwise
    DBC__CAST,     // sub: dbc_type; b: rel
    DBC__COLLATE,  // name; b: rel
    DBC__ORDER,    // sub: dbc_order; b: rel
    DBC__AS,       // name; b: rel
    DBC__SQL,      // text; c: rel first item
    DBC__RAW,      // text
    DBC__QUERY,    // a: how many nodes before this one are the subquery
    DBC__EXISTS,   // sub: negation; b: rel query
    DBC__EXCLUDED, // name
    // Words about relations; expand.c says them in the others.
    DBC__HAS,     // name: path; sub: negation; b: rel query
    DBC__RELATED, // name: path; sub: dbc_related; b: rel query; c: rel column
    DBC__FIELD,   // name: a column of the table that a path leads to
    // Sources of rows.
    DBC__TABLE,     // name: alias or none; sub: 1 when hidden; ptr: dbc_table
    DBC__SUBSELECT, // name: alias; b: rel query
    DBC__CTE,       // name: alias or none; name2: of the CTE
    DBC__LISTED, // name: alias; b: rel parameter: the items of a list, hidden
    // Clauses, in the order they were said.
    DBC__FROM,   // b: rel source
    DBC__JOIN,   // sub: dbc_join; b: rel source; c: rel condition
    DBC__WITH,   // name; b: rel query
    DBC__WHERE,  // b: rel
    DBC__SELECT, // name or none; b: rel
    DBC__ALSO,   // name or none; b: rel: an output beside those there are
    DBC__HIDDEN, // b: rel: an output that no row shows
    DBC__LOAD,   // name: path; b: rel query
    DBC__UNLOAD, // nothing is loaded after all
    DBC__PER,    // b: rel: LIMIT and OFFSET hold for each value of it
    DBC__DISTINCT,
    DBC__GROUP,   // b: rel
    DBC__HAVING,  // b: rel
    DBC__ORDERED, // b: rel
    DBC__LIMIT,   // b: rel
    DBC__OFFSET,  // b: rel
    DBC__COMBINE, // sub: dbc_set_op; b: rel left query; c: rel right query
    DBC__INSERT,  // ptr: dbc_table
    DBC__UPDATE,  // ptr: dbc_table
    DBC__DELETE,  // ptr: dbc_table
    DBC__EVERYWHERE,
    DBC__SET,             // a: rel value; ptr: dbc_column
    DBC__SLOT,            // ptr: dbc_column
    DBC__INSERT_FROM,     // b: rel query
    DBC__CONFLICT,        // begins the clause
    DBC__CONFLICT_COLUMN, // ptr: dbc_column
    DBC__CONFLICT_IGNORE,
    DBC__CONFLICT_SET,   // a: rel value; ptr: dbc_column
    DBC__CONFLICT_WHERE, // b: rel
    DBC__RETURNING,      // name or none; b: rel, 0 for every column
    DBC__ANSWER          // sub: dbc_answer
} dbc__node_op;

typedef struct dbc__node {
    uint8_t op;
    uint8_t sub;
    uint16_t len;
    uint32_t a;
    union {
        const void *ptr;
        struct {
            uint32_t b, c;
        } at;
    } u;
} dbc__node;

// A bound value at rest. Text and blobs lie in the bytes, at `as.offset`; so
// does a list: `len` slots, then their bytes, with offsets that count from the
// list's own start.
typedef struct dbc__slot {
    uint32_t type; // dbc_value_type
    uint32_t len;
    union {
        int64_t i;
        double r;
        uint64_t offset;
    } as;
} dbc__slot;

enum { DBC__TREE_MOST_BYTES = 1 << 30 }; // of the values of one query

struct dbc_query {
    dbc__node *nodes;
    dbc__slot *values;
    char *names;
    char *bytes;
    dbc_query_size used, room;
    uint64_t hash;            // of the shape
    const dbc_policy *policy; // borrowed: what it is run under, or NULL
    int is_unhooked;          // its writes call no hooks of the host
    int has_deleted;          // it means rows, too, that hooks take for deleted
    int is_upsert;            // an update in place of an insert
    int status;               // DBC_OK, or the first failure
    const dbc_alloc *alloc;   // NULL: placed in memory of the host
    dbc_error *err;           // takes the first failure; NULL once sealed
};

// Keeps the first failure. Returns the query's status.
int dbc__tree_fail(dbc_query *query, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Appends one node and mixes it into the hash. Returns its place plus one, or
// 0 when the query has failed.
dbc_expr dbc__tree_add(dbc_query *query, const dbc__node *node);

// Hashes the shape again, after nodes were replaced in their places.
void dbc__tree_rehash(dbc_query *query);

// Copies a name behind the others and sets the node's `a` and `len`. False
// when the query has failed. `what` is for messages.
int dbc__tree_name(dbc_query *query, dbc__node *node, const char *name,
                   const char *what);

// The same for the second name, `b` and `c`.
int dbc__tree_name2(dbc_query *query, dbc__node *node, const char *name,
                    const char *what);

// Copies a text of any length: sets `a` and `b`.
int dbc__tree_text(dbc_query *query, dbc__node *node, const char *text,
                   size_t len);

// Brings the names of `node`, a copy of one of `src`, into `query`.
int dbc__tree_adopt(dbc_query *query, dbc__node *node, const dbc_query *src);

// Replaces each distance back in `node`, which stood at `place`, by the one
// to where `map` says that what it refers to stands now (its place plus one).
// `node` is added next.
void dbc__tree_redirect(const dbc_query *query, dbc__node *node, uint32_t place,
                        const uint32_t *map);

// Sets the marks of what `node`, which stands at `place`, refers to itself.
void dbc__tree_mark(const dbc__node *node, uint32_t place, uint8_t *marks);

// Copies a value; `*number` is its place. False when the query has failed.
int dbc__tree_value(dbc_query *query, uint32_t *number, const dbc_value *value);

// Makes room for one more value with that many bytes. False when the query has
// failed.
int dbc__tree_reserve_value(dbc_query *query, size_t bytes);

// Copies value `*number` of `src`, lists too; then `*number` is the place of
// the copy. False when the query has failed.
int dbc__tree_copy_value(dbc_query *query, uint32_t *number,
                         const dbc_query *src);

// The value in a slot, as a view; a list is given without items.
dbc_value dbc__slot_view(const dbc__slot *slot, const char *bytes);

// Writes an encoded value back over the one in the slot. The text of both is
// the same bytes.
void dbc__slot_store(dbc__slot *slot, const dbc_value *value);

// Item `i` of the list in `slot`.
dbc_value dbc__slot_item(const dbc__slot *slot, const char *bytes, size_t i);
void dbc__slot_store_item(const dbc__slot *slot, char *bytes, size_t i,
                          const dbc_value *value);

// The distance from the node that is added next back to `expr`; 0 for none.
// An expression that is not the query's fails the query.
uint32_t dbc__tree_back(dbc_query *query, dbc_expr expr);

// Who knows the type of a DBC__NAME or DBC__QUERY node, which depends on what
// stands around the query.
typedef struct dbc__namer {
    dbc_type (*type)(void *ud, uint32_t place, const dbc_column **column);
    void *ud;
} dbc__namer;

// The type of the expression at `place`, as dbc_expr_type() has it. Without
// `namer` a name has the type it was made with.
dbc_type dbc__expr_type(const dbc_query *query, uint32_t place,
                        const dbc__namer *namer, const dbc_column **column);

// The table that the node at `place` points to, itself or by a column; or NULL.
const dbc_table *dbc__tree_table(const dbc_query *query, uint32_t place);

// Whether both have the same shape.
int dbc__tree_same_shape(const dbc_query *a, const dbc_query *b);

// The place of what `place` refers to by `back`.
static inline uint32_t dbc__at(uint32_t place, uint32_t back)
{
    return place - back;
}

// The next `?` from `at` on that is outside literals, quoted names and
// comments; `end` when there is none.
const char *dbc__sql_mark(const char *at, const char *end);

#endif
