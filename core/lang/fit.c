// Values that are made to fit: they are checked and stored as the type they
// stand beside, so that a wrong one is refused before any SQL exists.
#include "fit.h"

#include "error.h"
#include "expr.h"
#include "name.h"
#include "type.h"

dbc__fit dbc__fit_of(const dbc_query *query, dbc_expr expr)
{
    dbc__fit to = {DBC_T_ANY, NULL};
    to.type = dbc_expr_type(query, expr, &to.column);
    return to;
}

static int fit_one(dbc_query *query, dbc_value *value, dbc__fit to)
{
    dbc_error err; // filled when it does not fit

    if (dbc__type_encode(to.type, to.column, value, &err) == DBC_OK) return 1;
    dbc__tree_fail(query, err.code, "%s", err.message);
    return 0;
}

static void fit_list(dbc_query *query, dbc__slot *slot, dbc__fit to)
{
    for (uint32_t i = 0; i < slot->len; i++) {
        dbc_value item = dbc__slot_item(slot, query->bytes, i);
        if (item.type == DBC_NULL) {
            dbc__tree_fail(query, DBC_EINVALID,
                           "item %u of the list is NULL, which equals "
                           "nothing: leave it out and add is_null()",
                           (unsigned)i + 1);
            return;
        }
        if (!fit_one(query, &item, to)) return;
        dbc__slot_store_item(slot, query->bytes, i, &item);
    }
}

// A node that is the query's own may still change: nothing has hashed what
// changes here.
void dbc__fit_value(dbc_query *query, dbc_expr expr, dbc__fit to)
{
    dbc__node *node = dbc__expr_node(query, expr);

    if (!node || query->status < 0) return;
    if (node->op == DBC__VALUE) {
        dbc__slot *slot = &query->values[node->a];
        if (slot->type == DBC_LIST) {
            fit_list(query, slot, to);
            return;
        }
        dbc_value value = dbc__slot_view(slot, query->bytes);
        if (fit_one(query, &value, to)) dbc__slot_store(slot, &value);
    } else if (node->op == DBC__PARAM && node->sub == DBC_T_ANY &&
               to.type != DBC_T_ANY) {
        node->sub = (uint8_t)to.type;
        node->u.ptr = to.column;
        query->hash = dbc__hash_mix(query->hash, to.type);
    }
}

// Mostly it is nothing that could be made to fit, and then nobody has to know
// what stands beside it.
void dbc__fit_beside(dbc_query *query, dbc_expr expr, dbc_expr other)
{
    const dbc__node *node = dbc__expr_node(query, expr);

    if (node && (node->op == DBC__VALUE || node->op == DBC__PARAM))
        dbc__fit_value(query, expr, dbc__fit_of(query, other));
}

void dbc__fit_operands(dbc_query *query, dbc_op op, dbc_expr a, dbc_expr b)
{
    static const dbc__fit number = {DBC_T_NUMERIC, NULL};
    static const dbc__fit text = {DBC_T_TEXT, NULL};
    static const dbc__fit truth = {DBC_T_BOOLEAN, NULL};

    switch (op) {
    case DBC_OP_EQ:
    case DBC_OP_NE:
    case DBC_OP_LT:
    case DBC_OP_LE:
    case DBC_OP_GT:
    case DBC_OP_GE:
    case DBC_OP_IS:
    case DBC_OP_IS_NOT:
        dbc__fit_beside(query, b, a);
        dbc__fit_beside(query, a, b);
        break;
    case DBC_OP_ADD:
    case DBC_OP_SUB:
    case DBC_OP_MUL:
    case DBC_OP_DIV:
    case DBC_OP_MOD:
    case DBC_OP_NEG:
        dbc__fit_value(query, a, number);
        dbc__fit_value(query, b, number);
        break;
    case DBC_OP_LIKE:
    case DBC_OP_NOT_LIKE:
    case DBC_OP_GLOB:
    case DBC_OP_REGEXP:
    case DBC_OP_MATCH:
        dbc__fit_value(query, b, text);
        break;
    case DBC_OP_ESCAPE:
        dbc__fit_value(query, a, text);
        dbc__fit_value(query, b, text);
        break;
    case DBC_OP_AND:
    case DBC_OP_OR:
    case DBC_OP_NOT:
        dbc__fit_value(query, a, truth);
        dbc__fit_value(query, b, truth);
        break;
    default:
        break;
    }
}
