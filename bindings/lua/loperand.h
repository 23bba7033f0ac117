// Operands: what is given to a method, an operator or a clause. Each is read
// first, which may raise and push; then measured; then added to a query, which
// does neither.
#ifndef DBC_LOPERAND_H
#define DBC_LOPERAND_H

#include "lanchor.h"

typedef struct loperand {
    int kind;               // 0: none, LBOX_EXPR, LBOX_QUERY, or -1: a value
    int index;              // stack index it was read from
    const lanchored *box;   // of an expression or a query
    const dbc_query *query; // what it holds
    dbc_value value;        // else; text borrowed from stack slot `index`
} loperand;

// Reads what is at `index` for a place of that type. Allowed: an expression,
// a query (as a scalar), a value. nil raises: "<what> got nil: …".
void loperand_read(lua_State *L, loperand *out, int index, dbc_type type,
                   const dbc_column *column, const char *what);

// The same for a value that `column` gets: one that does not fit is refused
// when the query runs, with whatever else is wrong.
void loperand_read_written(lua_State *L, loperand *out, int index,
                           const dbc_column *column, const char *what);

// Reads condition `number` of `what`: an expression, or a query as a scalar.
void loperand_read_condition(lua_State *L, loperand *out, int index,
                             const char *what, int number);

// Reads the right side of IN: a list, a query or an expression. Of a list two
// values are pushed, which the operand borrows from.
void loperand_read_set(lua_State *L, loperand *out, int index, dbc_type type,
                       const dbc_column *column, const char *what);

// Raises when a text is too long to be bound.
void loperand_check_size(lua_State *L, size_t len, const char *what);

// Adds its size to `size`.
void loperand_measure(const loperand *operand, dbc_query_size *size);

// Adds it to `query`.
dbc_expr loperand_add(dbc_query *query, const loperand *operand);

// Adds what anchors it to the new box on the top, `made`.
static inline void loperand_anchor(lua_State *L, lanchored *made,
                                   const loperand *operand)
{
    if (operand->kind > 0) lanchor_take(L, made, operand->box, operand->index);
}

// Adds `more` to `size`.
static inline void loperand_add_size(dbc_query_size *size, dbc_query_size more)
{
    size->nodes += more.nodes;
    size->values += more.values;
    size->names += more.names;
    size->bytes += more.bytes;
}

// Several operands: `few` is used while they fit, else a block that is pushed
// (nothing is pushed otherwise).
enum { LOPERANDS_FEW = 4 };
typedef struct loperands {
    loperand *items;
    dbc_expr *added; // their places, filled by loperands_add()
    int count;
    loperand few[LOPERANDS_FEW];
    dbc_expr few_added[LOPERANDS_FEW];
} loperands;

void loperands_init(lua_State *L, loperands *out, int count);
void loperands_measure(const loperands *operands, dbc_query_size *size);
void loperands_add(dbc_query *query, loperands *operands);

void loperands_anchor(lua_State *L, lanchored *made, const loperands *operands);

#endif
