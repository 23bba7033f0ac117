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

enum {
    IN_SELECT = 1 << DBC_SELECT,
    IN_INSERT = 1 << DBC_INSERT,
    IN_UPDATE = 1 << DBC_UPDATE,
    IN_DELETE = 1 << DBC_DELETE,
    IN_WRITE = IN_INSERT | IN_UPDATE | IN_DELETE
};

// What each clause is called, and which statements take it.
static const struct {
    const char *word;
    unsigned kinds;
} places_of[] = {
    [DBC__FROM] = {"from", IN_SELECT},
    [DBC__JOIN] = {"join", IN_SELECT},
    [DBC__WITH] = {"with", IN_SELECT | IN_WRITE},
    [DBC__WHERE] = {"where", IN_SELECT | IN_UPDATE | IN_DELETE},
    [DBC__SELECT] = {"select", IN_SELECT},
    [DBC__ALSO] = {"further output", IN_SELECT},
    [DBC__HIDDEN] = {"hidden output", IN_SELECT},
    [DBC__LOAD] = {"relation to be loaded", IN_SELECT},
    [DBC__UNLOAD] = {"relation to be loaded", IN_SELECT},
    [DBC__PER] = {"limit", IN_SELECT},
    [DBC__DISTINCT] = {"distinct", IN_SELECT},
    [DBC__GROUP] = {"group_by", IN_SELECT},
    [DBC__HAVING] = {"having", IN_SELECT},
    [DBC__ORDERED] = {"order_by", IN_SELECT},
    [DBC__LIMIT] = {"limit", IN_SELECT},
    [DBC__OFFSET] = {"offset", IN_SELECT},
    [DBC__COMBINE] = {"set operation", IN_SELECT},
    [DBC__INSERT] = {"insert", IN_INSERT},
    [DBC__UPDATE] = {"update", IN_UPDATE},
    [DBC__DELETE] = {"delete", IN_DELETE},
    [DBC__EVERYWHERE] = {"everywhere", IN_UPDATE | IN_DELETE},
    [DBC__SET] = {"set", IN_INSERT | IN_UPDATE},
    [DBC__SLOT] = {"slot", IN_INSERT},
    [DBC__INSERT_FROM] = {"query as its rows", IN_INSERT},
    [DBC__CONFLICT] = {"on_conflict", IN_INSERT},
    [DBC__CONFLICT_COLUMN] = {"on_conflict", IN_INSERT},
    [DBC__CONFLICT_IGNORE] = {"on_conflict", IN_INSERT},
    [DBC__CONFLICT_SET] = {"on_conflict", IN_INSERT},
    [DBC__CONFLICT_WHERE] = {"on_conflict", IN_INSERT},
    [DBC__RETURNING] = {"returning", IN_WRITE},
    [DBC__ANSWER] = {"answer", IN_SELECT},
};

const char *dbc__clauses_stranger(const dbc__clauses *clauses,
                                  dbc_query_kind kind)
{
    int heads = 0;

    for (uint32_t i = 0; i < clauses->count; i++) {
        uint8_t op = clauses->query->nodes[clauses->places[i]].op;
        int is_head = op == DBC__FROM || op == DBC__INSERT ||
                      op == DBC__UPDATE || op == DBC__DELETE;

        heads += is_head;
        if (is_head && heads > 1) return "second beginning";
        if ((places_of[op].kinds & 1u << kind) == 0) return places_of[op].word;
    }
    return NULL;
}
