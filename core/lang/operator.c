// Operators, and chains of them that are longer than a database nests.
#include "operator.h"

// As many conditions stand side by side. SQLite counts a level for each, so
// more become halves.
enum { MOST_FLAT = 100 };

static const char *const op_sql[] = {
#define OP_SQL(name, sql, operands) sql,
    DBC_OP_MAP(OP_SQL)
#undef OP_SQL
};

static int is_op(const dbc__node *node, dbc_op op)
{
    return node->op == DBC__OP && node->sub == op;
}

size_t dbc__render_chain(const dbc__compiler *c, uint32_t place, dbc_op op,
                         dbc__side side, uint32_t *items)
{
    const dbc__node *node = dbc__node_at(c, place);
    size_t count = 0;

    while (is_op(node, op)) {
        uint32_t a = dbc__at(place, node->a);
        uint32_t b = dbc__at(place, node->u.at.b);
        place = side == DBC__LEFT ? a : b;
        if (items) items[count] = side == DBC__LEFT ? b : a;
        count++;
        node = dbc__node_at(c, place);
    }
    if (items) items[count] = place;
    for (size_t i = 0; items && side == DBC__LEFT && i < (count + 1) / 2; i++) {
        uint32_t moved = items[i];
        items[i] = items[count - i];
        items[count - i] = moved;
    }
    return count + 1;
}

void dbc__render_joined(dbc__compiler *c, dbc_op op, const uint32_t *items,
                        size_t count)
{
    size_t half = count / 2;

    if (count > MOST_FLAT) {
        dbc__put(c, "(");
        dbc__render_joined(c, op, items, half);
        dbc__put(c, op == DBC_OP_AND ? ") AND (" : ") OR (");
        dbc__render_joined(c, op, items + half, count - half);
        dbc__put(c, ")");
        return;
    }
    for (size_t i = 0; i < count && c->status == DBC_OK; i++) {
        if (i) dbc__put(c, op == DBC_OP_AND ? " AND " : " OR ");
        dbc__render_operand(c, items[i]);
    }
}

// Writes a long chain of AND or of OR as halves; 0 when it is none.
static int render_long(dbc__compiler *c, uint32_t place)
{
    dbc_op op = (dbc_op)dbc__node_at(c, place)->sub;
    dbc__side side = DBC__LEFT;

    if (op != DBC_OP_AND && op != DBC_OP_OR) return 0;
    size_t count = dbc__render_chain(c, place, op, side, NULL);
    if (count <= MOST_FLAT) {
        side = DBC__RIGHT;
        count = dbc__render_chain(c, place, op, side, NULL);
    }
    if (count <= MOST_FLAT) return 0;

    uint32_t *items = dbc__arena_take_array(&c->scratch, count, sizeof *items);
    if (!items) {
        dbc__compiler_nomem(c);
        return 1;
    }
    dbc__render_chain(c, place, op, side, items);
    dbc__render_joined(c, op, items, count);
    return 1;
}

static void render_binary(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = dbc__node_at(c, place);
    uint32_t a = dbc__at(place, node->a);
    uint32_t b = dbc__at(place, node->u.at.b);
    const dbc__node *left = dbc__node_at(c, a), *right = dbc__node_at(c, b);
    int chain = is_op(left, (dbc_op)node->sub) &&
                (node->sub == DBC_OP_AND || node->sub == DBC_OP_OR);

    if (render_long(c, place)) return;
    if (chain)
        dbc__render(c, a);
    else
        dbc__render_operand(c, a);
    dbc__put(c, " ");
    dbc__put(c, op_sql[node->sub]);
    dbc__put(c, " ");
    if (right->op == DBC__OP && right->sub == DBC_OP_ESCAPE)
        dbc__render(c, b);
    else
        dbc__render_operand(c, b);
}

void dbc__render_op(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = dbc__node_at(c, place);
    uint32_t a = dbc__at(place, node->a);

    switch (node->sub) {
    case DBC_OP_NOT:
        dbc__put(c, "NOT (");
        dbc__render(c, a);
        dbc__put(c, ")");
        return;
    case DBC_OP_NEG:
        dbc__put(c, "-(");
        dbc__render(c, a);
        dbc__put(c, ")");
        return;
    case DBC_OP_IS_NULL:
    case DBC_OP_IS_NOT_NULL:
        dbc__render_operand(c, a);
        dbc__put(c, " ");
        dbc__put(c, op_sql[node->sub]);
        return;
    case DBC_OP_GLOB:
        if (!(c->dialect->can & DBC_CAN_GLOB)) {
            dbc__compiler_fail(c, DBC_EUNSUPPORTED, "%s has no GLOB: use like",
                               c->dialect->name);
            return;
        }
        break;
    default:
        break;
    }
    render_binary(c, place);
}
