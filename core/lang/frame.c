// Finding frames. A subquery's nodes stand before its QUERY node, which says
// how many they are, so frames are found from the back and nest by recursion.
#include "frame.h"

#include <string.h>

#include "name.h"

enum { MOST_NESTING = 64 };

static uint32_t count_queries(const dbc_query *query)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < query->used.nodes; i++)
        count += query->nodes[i].op == DBC__QUERY;
    return count;
}

// The call below an OVER is no aggregate of the query.
static void mark_window(const dbc_query *query, uint32_t place, uint8_t *mark)
{
    uint32_t call = place - query->nodes[place].a;

    if (query->nodes[call].op == DBC__FILTER) call -= query->nodes[call].a;
    mark[call] = 1;
}

static void read_source(dbc__frame *frame, const dbc_query *query,
                        uint32_t place)
{
    const dbc__node *source = &query->nodes[place];

    if (source->op != DBC__TABLE) return;
    frame->table = source->u.ptr;
    frame->alias = query->names + source->a;
    frame->alias_len = source->len;
}

static void read_clause(dbc__frame *frame, const dbc_query *query, uint32_t i)
{
    static const unsigned bits[DBC__ANSWER + 1] = {
        [DBC__SELECT] = DBC__FRAME_SELECT,
        [DBC__DISTINCT] = DBC__FRAME_DISTINCT,
        [DBC__GROUP] = DBC__FRAME_GROUPED,
        [DBC__HAVING] = DBC__FRAME_GROUPED,
        [DBC__ORDERED] = DBC__FRAME_ORDERED,
        [DBC__LIMIT] = DBC__FRAME_LIMITED,
        [DBC__OFFSET] = DBC__FRAME_LIMITED,
        [DBC__COMBINE] = DBC__FRAME_COMBINED,
        [DBC__JOIN] = DBC__FRAME_JOINED,
        [DBC__WITH] = DBC__FRAME_WITH,
        [DBC__LOAD] = DBC__FRAME_LOADS,
        [DBC__UNLOAD] = DBC__FRAME_UNLOADED,
        [DBC__INSERT] = DBC__FRAME_WRITES,
        [DBC__UPDATE] = DBC__FRAME_WRITES,
        [DBC__DELETE] = DBC__FRAME_WRITES};
    const dbc__node *node = &query->nodes[i];

    frame->clauses |= bits[node->op];
    if (node->op == DBC__FROM)
        read_source(frame, query, i - node->u.at.b);
    else if (bits[node->op] == DBC__FRAME_WRITES)
        frame->table = node->u.ptr;
    else if (node->op == DBC__ANSWER && node->sub != DBC_ANSWER_FIRST)
        frame->clauses |= DBC__FRAME_ASKED;
}

// Reads the nodes of frame `f`; those of queries inside become frames.
static int scan(dbc__frames *out, uint32_t f, int depth)
{
    dbc__frame *frame = &out->items[f];

    if (depth > MOST_NESTING) return DBC_ELIMIT;
    for (uint32_t i = frame->end; i > frame->begin;) {
        const dbc__node *node = &out->query->nodes[--i];

        out->of[i] = f;
        if (node->op != DBC__QUERY) {
            read_clause(frame, out->query, i);
            continue;
        }
        uint32_t inner = out->count++;
        out->items[inner] =
            (dbc__frame){.begin = i - node->a, .end = i, .outer = f};
        out->at[i] = inner;
        if (scan(out, inner, depth + 1) < 0) return DBC_ELIMIT;
        i -= node->a;
    }
    return DBC_OK;
}

// Which HAS, RELATED or LOAD a frame belongs to.
static void find_users(dbc__frames *out)
{
    for (uint32_t i = 0; i < out->query->used.nodes; i++) {
        const dbc__node *node = &out->query->nodes[i];
        int is_user = node->op == DBC__HAS || node->op == DBC__RELATED ||
                      node->op == DBC__LOAD;

        if (is_user && node->u.at.b)
            out->items[out->at[i - node->u.at.b]].user = i + 1;
    }
}

// Whether it matters that a frame has an aggregate: its rows have relations,
// or are relatives.
static int is_related(const dbc__frames *out, uint32_t f)
{
    const dbc__frame *frame = &out->items[f];

    if (!frame->user) return (frame->clauses & DBC__FRAME_LOADS) != 0;
    return out->query->nodes[frame->user - 1].op != DBC__HAS;
}

// Aggregates that stand in a list of outputs without GROUP BY make one row of
// all rows there are.
static int find_aggregates(dbc__frames *out, uint8_t *windowed,
                           const dbc__functions *functions)
{
    const dbc_query *query = out->query;
    uint32_t count = query->used.nodes;

    for (uint32_t i = 0; i < count; i++)
        if (query->nodes[i].op == DBC__OVER) mark_window(query, i, windowed);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t op = query->nodes[i].op;
        dbc__frame *frame = &out->items[out->of[i]];
        if (op != DBC__CALL && op != DBC__SQL && op != DBC__RAW) continue;
        if (windowed[i] || (frame->clauses & DBC__FRAME_GROUPED)) continue;
        if (!is_related(out, out->of[i])) continue;
        int found = dbc__aggregate_at(query, i, functions);
        if (found < 0) return found;
        if (found) frame->clauses |= DBC__FRAME_GROUPED;
    }
    return DBC_OK;
}

int dbc__frames_find(dbc__frames *out, const dbc_query *query,
                     const dbc__functions *functions, dbc__arena *arena)
{
    uint32_t count = query->used.nodes;

    *out = (dbc__frames){.query = query, .count = 1};
    out->items = dbc__arena_take_array(arena, count_queries(query) + 1u,
                                       sizeof *out->items);
    out->of = dbc__arena_take_array(arena, count + 1u, sizeof *out->of);
    out->at = dbc__arena_take_array(arena, count + 1u, sizeof *out->at);
    uint8_t *mark = dbc__arena_take(arena, count + 1u);
    if (!out->items || !out->of || !out->at || !mark) return DBC_ENOMEM;
    out->items[0].end = count;
    if (scan(out, 0, 0) < 0) return DBC_ELIMIT;
    find_users(out);
    return find_aggregates(out, mark, functions);
}

const char *dbc__frame_name(const dbc__frame *frame, size_t *len)
{
    if (frame->alias_len) {
        *len = frame->alias_len;
        return frame->alias;
    }
    const char *name = dbc_table_sql_name(frame->table);
    *len = strlen(name);
    return name;
}

// The name of a source node as SQL knows it, or NULL.
static const char *source_name(const dbc_query *query, const dbc__node *node,
                               size_t *len)
{
    int is_source = node->op == DBC__TABLE || node->op == DBC__SUBSELECT ||
                    node->op == DBC__CTE;

    if (!is_source) return NULL;
    *len = node->len;
    if (node->len) return query->names + node->a;
    if (node->op == DBC__TABLE) {
        const char *name = dbc_table_sql_name(node->u.ptr);
        *len = strlen(name);
        return name;
    }
    *len = node->u.at.c;
    return query->names + node->u.at.b;
}

int dbc__frame_has_source(const dbc__frames *frames, uint32_t f,
                          const char *name, size_t len)
{
    const dbc__frame *frame = &frames->items[f];

    for (uint32_t i = frame->begin; i < frame->end; i++) {
        size_t known_len = 0;
        if (frames->of[i] != f) continue;
        const char *known =
            source_name(frames->query, &frames->query->nodes[i], &known_len);
        if (known && dbc__name_equal(known, known_len, name, len)) return 1;
    }
    return 0;
}
