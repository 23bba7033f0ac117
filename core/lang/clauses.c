// Finding clauses. A subquery's nodes stand before its DBC__QUERY node, so a
// walk from the back skips it whole by the number that node carries.
#include "clauses.h"

static int is_clause(uint8_t op)
{
    return op >= DBC__FROM;
}

int dbc__clauses_collect(dbc__clauses *out, const dbc_query *query,
                         uint32_t begin, uint32_t end, dbc__arena *arena)
{
    uint32_t count = 0;

    for (uint32_t i = end; i > begin;) {
        const dbc__node *node = &query->nodes[--i];
        if (node->op == DBC__QUERY) i -= node->a;
        count += is_clause(node->op);
    }
    out->query = query;
    out->count = count;
    out->places = dbc__arena_take_array(arena, count + 1, sizeof(uint32_t));
    if (!out->places) return DBC_ENOMEM;

    for (uint32_t i = end; i > begin;) {
        const dbc__node *node = &query->nodes[--i];
        if (is_clause(node->op)) out->places[--count] = i;
        if (node->op == DBC__QUERY) i -= node->a;
    }
    return DBC_OK;
}

int dbc__clauses_of(dbc__clauses *out, const dbc_query *query, uint32_t place,
                    dbc__arena *arena)
{
    uint32_t begin = place - query->nodes[place].a;
    return dbc__clauses_collect(out, query, begin, place, arena);
}

int dbc__clauses_next(const dbc__clauses *clauses, dbc__node_op op, uint32_t *i,
                      uint32_t *place)
{
    while (*i < clauses->count) {
        *place = clauses->places[(*i)++];
        if (clauses->query->nodes[*place].op == op) return 1;
    }
    return 0;
}

int dbc__clauses_last(const dbc__clauses *clauses, dbc__node_op op,
                      uint32_t *place)
{
    for (uint32_t i = clauses->count; i > 0; i--) {
        *place = clauses->places[i - 1];
        if (clauses->query->nodes[*place].op == op) return 1;
    }
    return 0;
}
