// What type an expression has, as far as its words tell. The type decides
// which values may stand beside it and how its result is read.
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "tree.h"

// What a function of the database returns: a type, or that of an argument. One
// that gives back an argument keeps a codec; one that computes does not.
typedef struct function_type {
    const char *name;
    dbc_type type;
    int argument; // n: one from this on; -n: computed from it; 0: see `type`
} function_type;

static const function_type functions[] = {
    {"count", DBC_T_INTEGER, 0},
    {"sum", DBC_T_NUMERIC, -1},
    {"min", DBC_T_ANY, 1},
    {"max", DBC_T_ANY, 1},
    {"avg", DBC_T_REAL, 0},
    {"total", DBC_T_REAL, 0},
    {"coalesce", DBC_T_ANY, 1},
    {"ifnull", DBC_T_ANY, 1},
    {"nullif", DBC_T_ANY, 1},
    {"iif", DBC_T_ANY, 2},
    {"lower", DBC_T_TEXT, 0},
    {"upper", DBC_T_TEXT, 0},
    {"trim", DBC_T_TEXT, 0},
    {"ltrim", DBC_T_TEXT, 0},
    {"rtrim", DBC_T_TEXT, 0},
    {"replace", DBC_T_TEXT, 0},
    {"group_concat", DBC_T_TEXT, 0},
    {"hex", DBC_T_TEXT, 0},
    {"snippet", DBC_T_TEXT, 0},
    {"highlight", DBC_T_TEXT, 0},
    {"bm25", DBC_T_REAL, 0},
    {"typeof", DBC_T_TEXT, 0},
    {"date", DBC_T_TEXT, 0},
    {"time", DBC_T_TEXT, 0},
    {"datetime", DBC_T_TEXT, 0},
    {"strftime", DBC_T_TEXT, 0},
    {"length", DBC_T_INTEGER, 0},
    {"instr", DBC_T_INTEGER, 0},
    {"unixepoch", DBC_T_INTEGER, 0},
    {"random", DBC_T_INTEGER, 0},
    {"abs", DBC_T_ANY, -1},
    {"round", DBC_T_REAL, 0},
    {"row_number", DBC_T_INTEGER, 0},
    {"rank", DBC_T_INTEGER, 0},
    {"dense_rank", DBC_T_INTEGER, 0},
    {"ntile", DBC_T_INTEGER, 0},
    {"percent_rank", DBC_T_REAL, 0},
    {"cume_dist", DBC_T_REAL, 0},
    {"lag", DBC_T_ANY, 1},
    {"lead", DBC_T_ANY, 1},
    {"first_value", DBC_T_ANY, 1},
    {"last_value", DBC_T_ANY, 1},
    {"nth_value", DBC_T_ANY, 1},
    {"json_array", DBC_T_JSON, 0},
    {"json_object", DBC_T_JSON, 0},
    {"json_group_array", DBC_T_JSON, 0},
    {"json_group_object", DBC_T_JSON, 0},
};

// Deeper than anything that could be compiled; then the type is unknown.
enum { MOST_DEPTH = 1000 };

// Whose nodes are read, and who knows what names and subqueries mean, or NULL.
typedef struct inference {
    const dbc_query *query;
    const dbc__namer *namer;
} inference;

static dbc_type infer(const inference *in, uint32_t place,
                      const dbc_column **column, int depth);

static const function_type *find_function(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const char *known = functions[i].name;
        if (dbc__name_equal(name, len, known, strlen(known)))
            return &functions[i];
    }
    return NULL;
}

// The first argument from number `from` on whose type is known.
static dbc_type infer_argument(const inference *in, uint32_t place, int from,
                               const dbc_column **column, int depth)
{
    const dbc__node *call = &in->query->nodes[place];
    uint32_t cell = place;
    uint32_t back = call->u.at.b;

    for (int number = 1; back; number++) {
        cell = dbc__at(cell, back);
        const dbc__node *item = &in->query->nodes[cell];
        if (number >= from) {
            uint32_t at = dbc__at(cell, item->a);
            dbc_type type = infer(in, at, column, depth + 1);
            if (type != DBC_T_ANY) return type;
        }
        back = item->u.at.b;
    }
    return DBC_T_ANY;
}

// Of a type of the host's the column comes along, which alone has the codec.
static dbc_type infer_call(const inference *in, uint32_t place,
                           const dbc_column **column, int depth)
{
    const dbc__node *call = &in->query->nodes[place];
    const function_type *known =
        find_function(in->query->names + call->a, call->len);

    if (!known) return DBC_T_ANY;
    if (!known->argument) return known->type;
    dbc_type type =
        infer_argument(in, place, abs(known->argument), column, depth);
    if (type == DBC_T_CUSTOM && known->argument < 0) type = DBC_T_ANY;
    if (type != DBC_T_CUSTOM) *column = NULL;
    // An enum is one of a column's words; a function's result is just text.
    if (type == DBC_T_ENUM) return DBC_T_TEXT;
    return type == DBC_T_ANY ? known->type : type;
}

static dbc_type infer_arithmetic(const inference *in, uint32_t place, int depth)
{
    const dbc__node *node = &in->query->nodes[place];
    const dbc_column *column;
    dbc_type a = infer(in, dbc__at(place, node->a), &column, depth + 1);
    dbc_type b = a;

    if (node->u.at.b)
        b = infer(in, dbc__at(place, node->u.at.b), &column, depth + 1);
    if (a == DBC_T_REAL || b == DBC_T_REAL) return DBC_T_REAL;
    return DBC_T_NUMERIC;
}

static dbc_type infer_op(const inference *in, uint32_t place, int depth)
{
    switch (in->query->nodes[place].sub) {
    case DBC_OP_ADD:
    case DBC_OP_SUB:
    case DBC_OP_MUL:
    case DBC_OP_DIV:
    case DBC_OP_MOD:
    case DBC_OP_NEG:
        return infer_arithmetic(in, place, depth);
    case DBC_OP_CONCAT:
    case DBC_OP_ESCAPE:
        return DBC_T_TEXT;
    default:
        return DBC_T_BOOLEAN;
    }
}

// A scalar subquery has the type of its only output. The clauses of the
// subquery stand before `place`; deeper subqueries are skipped.
static dbc_type infer_query(const inference *in, uint32_t place,
                            const dbc_column **column, int depth)
{
    uint32_t end = place - in->query->nodes[place].a;
    uint32_t found = 0;
    int outputs = 0;

    for (uint32_t i = place; i > end;) {
        const dbc__node *node = &in->query->nodes[--i];
        if (node->op == DBC__QUERY) {
            i -= node->a;
        } else if (node->op == DBC__SELECT) {
            found = i;
            outputs++;
        }
    }
    if (outputs != 1) return DBC_T_ANY;
    return infer(in, dbc__at(found, in->query->nodes[found].u.at.b), column,
                 depth + 1);
}

// What is asked of a column has its type, which only a schema knows.
static dbc_type infer_related(const dbc__node *node)
{
    switch (node->sub) {
    case DBC_RELATED_COUNT:
        return DBC_T_INTEGER;
    case DBC_RELATED_EXISTS:
        return DBC_T_BOOLEAN;
    case DBC_RELATED_AVG:
        return DBC_T_REAL;
    default:
        return DBC_T_ANY;
    }
}

static dbc_type infer(const inference *in, uint32_t place,
                      const dbc_column **column, int depth)
{
    const dbc__node *node = &in->query->nodes[place];

    *column = NULL;
    if (depth > MOST_DEPTH) return DBC_T_ANY;
    if (in->namer && (node->op == DBC__NAME || node->op == DBC__QUERY))
        return in->namer->type(in->namer->ud, place, column);
    switch (node->op) {
    case DBC__COLUMN:
        *column = node->u.ptr;
        return (*column)->def.type;
    case DBC__PARAM:
        *column = node->u.ptr;
        return (dbc_type)node->sub;
    case DBC__NAME:
    case DBC__CAST:
        return (dbc_type)node->sub;
    case DBC__OP:
        return infer_op(in, place, depth);
    case DBC__BETWEEN:
    case DBC__IN:
    case DBC__EXISTS:
    case DBC__HAS:
        return DBC_T_BOOLEAN;
    case DBC__RELATED:
        return infer_related(node);
    case DBC__CALL:
        return infer_call(in, place, column, depth);
    case DBC__FILTER:
    case DBC__OVER:
        return infer(in, dbc__at(place, node->a), column, depth + 1);
    case DBC__COLLATE:
    case DBC__ORDER:
    case DBC__AS:
        return infer(in, dbc__at(place, node->u.at.b), column, depth + 1);
    case DBC__CASE: {
        uint32_t when = dbc__at(place, node->u.at.b);
        uint32_t then = dbc__at(when, in->query->nodes[when].u.at.b);
        return infer(in, then, column, depth + 1);
    }
    case DBC__QUERY:
        return infer_query(in, place, column, depth);
    default:
        return DBC_T_ANY;
    }
}

dbc_type dbc__expr_type(const dbc_query *query, uint32_t place,
                        const dbc__namer *namer, const dbc_column **column)
{
    const inference in = {query, namer};

    return infer(&in, place, column, 0);
}

dbc_type dbc_expr_type(const dbc_query *query, dbc_expr expr,
                       const dbc_column **column)
{
    const dbc_column *ignored;

    if (!column) column = &ignored;
    *column = NULL;
    if (expr == 0 || expr > query->used.nodes) return DBC_T_ANY;
    return dbc__expr_type(query, expr - 1, NULL, column);
}
