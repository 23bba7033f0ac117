// What is loaded with a query: the tree of relations is read from its words,
// every level is told where the rows above have its keys, and a query is
// written for each.
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "name.h"
#include "relatives.h"
#include "table.h"

enum { MOST_LEVELS = 256 };

typedef struct planner {
    dbc__rewrite *w;
    dbc__relatives *plans;
    uint32_t count, cap;
} planner;

// ---------------------------------------------------------------- the tree

static int is_loading(const dbc__rewrite *w, uint32_t f)
{
    const dbc__frame *frame = &w->frames.items[f];

    return f == 0 ||
           (frame->user && w->src->nodes[frame->user - 1].op == DBC__LOAD);
}

static uint32_t add_plan(planner *p, const dbc_relation *relation,
                         uint32_t parent)
{
    if (p->count == p->cap) {
        uint32_t cap = p->cap ? p->cap * 2 : 8;
        dbc__relatives *grown =
            dbc__arena_take_array(&p->w->scratch, cap, sizeof *grown);
        if (!grown) {
            dbc__rewrite_nomem(p->w);
            return 0;
        }
        if (p->count) memcpy(grown, p->plans, p->count * sizeof *grown);
        p->plans = grown;
        p->cap = cap;
    }
    if (p->count > MOST_LEVELS)
        dbc__rewrite_fail(p->w, DBC_ELIMIT,
                          "a query loads more than %d relations", MOST_LEVELS);
    p->plans[p->count] =
        (dbc__relatives){.relation = relation, .parent = parent};
    return p->count++;
}

// The table that a level's rows come from.
static const dbc_table *table_of(const planner *p, uint32_t level)
{
    const dbc__relatives *at = &p->plans[level];

    if (level == 0 || at->frame) return p->w->frames.items[at->frame].table;
    return at->relation->target;
}

static uint32_t find_or_add(planner *p, uint32_t parent, const char *name,
                            size_t len)
{
    const dbc_relation *relation =
        dbc__rewrite_relation(p->w, table_of(p, parent), name, len);

    if (!relation) return 0;
    for (uint32_t i = parent + 1; i < p->count; i++)
        if (p->plans[i].parent == parent && p->plans[i].relation == relation)
            return i;
    return add_plan(p, relation, parent);
}

static int add_path(planner *p, uint32_t parent, uint32_t place)
{
    const dbc__node *load = &p->w->src->nodes[place];
    const char *name = p->w->src->names + load->a, *end = name + load->len;
    uint32_t level = parent;

    while (name < end && p->w->status == DBC_OK) {
        const char *dot = memchr(name, '.', (size_t)(end - name));
        size_t len = (size_t)((dot ? dot : end) - name);
        level = find_or_add(p, level, name, len);
        name += len + 1;
    }
    if (p->w->status < 0 || !load->u.at.b) return p->w->status;
    p->plans[level].frame = p->w->frames.at[place - load->u.at.b];
    return dbc__rewrite_check_sub(p->w, p->plans[level].frame,
                                  p->plans[level].relation);
}

// Adds what the query of a level loads.
static void read_loads(planner *p, uint32_t level, uint32_t f)
{
    const dbc__frame *frame = &p->w->frames.items[f];

    if (!(frame->clauses & DBC__FRAME_LOADS) ||
        (frame->clauses & DBC__FRAME_UNLOADED))
        return;
    if (frame->clauses & DBC__FRAME_COMBINED)
        dbc__rewrite_fail(p->w, DBC_EINVALID,
                          "a union, intersect or except has no relations that "
                          "could be loaded: load them with a query of the "
                          "table itself");
    if (frame->clauses & DBC__FRAME_WRITES)
        dbc__rewrite_fail(p->w, DBC_EINVALID,
                          "only a select loads relations, not what writes");
    for (uint32_t i = frame->begin; i < frame->end; i++)
        if (p->w->frames.of[i] == f && p->w->src->nodes[i].op == DBC__LOAD)
            if (add_path(p, level, i) < 0) return;
}

// A relation can only be loaded where there are rows to hang it on.
static int check_places(const dbc__rewrite *w, dbc__rewrite *to_fail)
{
    for (uint32_t i = 0; i < w->src->used.nodes; i++) {
        const dbc__node *node = &w->src->nodes[i];
        const dbc__frame *frame = &w->frames.items[w->frames.of[i]];
        if (node->op != DBC__LOAD || is_loading(w, w->frames.of[i])) continue;
        if (frame->clauses & DBC__FRAME_UNLOADED) continue;
        return dbc__rewrite_fail(
            to_fail, DBC_EINVALID,
            "with \"%.*s\" in a subquery loads nothing: say it at the query "
            "that is run",
            (int)node->len, w->src->names + node->a);
    }
    return DBC_OK;
}

static int read_tree(planner *p)
{
    if (check_places(p->w, p->w) < 0) return p->w->status;
    add_plan(p, NULL, 0);
    if (p->w->status < 0) return p->w->status;
    if (p->w->frames.items[0].clauses & DBC__FRAME_ASKED) return DBC_OK;
    for (uint32_t i = 0; i < p->count && p->w->status == DBC_OK; i++)
        if (i == 0 || p->plans[i].frame) read_loads(p, i, p->plans[i].frame);
    return p->w->status;
}

// ------------------------------------------------------------- key places

// The number of the output that shows column `column` of a frame's first
// table as it stands, or -1.
static int64_t find_selected(const dbc__rewrite *w, const dbc__frame *frame,
                             uint32_t f, const dbc_column *column)
{
    int64_t number = 0;

    for (uint32_t i = frame->begin; i < frame->end; i++) {
        if (w->frames.of[i] != f || w->src->nodes[i].op != DBC__SELECT)
            continue;
        uint32_t at = i - w->src->nodes[i].u.at.b;
        while (w->src->nodes[at].op == DBC__AS)
            at -= w->src->nodes[at].u.at.b;
        const dbc__node *node = &w->src->nodes[at];
        if (node->op == DBC__COLUMN && node->u.ptr == column &&
            dbc__name_equal(w->src->names + node->a, node->len, frame->alias,
                            frame->alias_len))
            return number;
        number++;
    }
    return -1;
}

static uint32_t add_hidden(planner *p, dbc__relatives *of,
                           const dbc_column *column)
{
    for (uint32_t i = 0; i < of->hidden_count; i++)
        if (of->hidden[i] == column) return i;
    if (of->hidden_count == of->hidden_cap) {
        uint32_t cap = of->hidden_cap ? of->hidden_cap * 2 : 4;
        const dbc_column **grown =
            dbc__arena_take_array(&p->w->scratch, cap, sizeof *grown);
        if (!grown) {
            dbc__rewrite_nomem(p->w);
            return 0;
        }
        if (of->hidden_count)
            memcpy(grown, of->hidden, of->hidden_count * sizeof *grown);
        of->hidden = grown;
        of->hidden_cap = cap;
    }
    of->hidden[of->hidden_count] = column;
    return of->hidden_count++;
}

// Rows that were put together have a key only when it was selected.
static int check_hidden(planner *p, const dbc__frame *frame, uint32_t level,
                        const dbc_column *column)
{
    unsigned bars = DBC__FRAME_GROUPED | DBC__FRAME_DISTINCT;
    const dbc_relation *relation = p->plans[level].relation;

    if (!(frame->clauses & bars)) return DBC_OK;
    return dbc__rewrite_fail(
        p->w, DBC_EINVALID,
        "with \"%s\" needs column \"%s\" of each row, which %s puts together: "
        "select that column, too",
        relation->name, column->def.name,
        frame->clauses & DBC__FRAME_GROUPED ? "group_by" : "distinct");
}

// Where the rows of its parent have the keys of a level.
static int place_keys(planner *p, uint32_t level)
{
    const dbc_relation *relation = p->plans[level].relation;
    uint32_t parent = p->plans[level].parent;
    dbc__relatives *of = &p->plans[parent];
    int has_frame = parent == 0 || of->frame;
    const dbc__frame *frame = &p->w->frames.items[of->frame];
    dbc__key_place *keys =
        dbc__arena_take_array(p->w->memory, relation->key_count, sizeof *keys);

    if (!keys) return dbc__rewrite_nomem(p->w);
    for (size_t i = 0; i < relation->key_count; i++) {
        const dbc_table *table = table_of(p, parent);
        const dbc_column *wanted = relation->source_key[i];
        dbc_error err = DBC_ERROR_INIT;
        const dbc_column *column =
            dbc_table_find(table, wanted->def.name, wanted->name_len, &err);
        if (!column)
            return dbc__rewrite_fail(p->w, err.code, "%s", err.message);
        int64_t shown = column->position;
        if (has_frame && (frame->clauses & DBC__FRAME_SELECT))
            shown = find_selected(p->w, frame, of->frame, column);
        else if (has_frame && (frame->clauses & DBC__FRAME_GROUPED))
            shown = -1;
        if (shown < 0 && check_hidden(p, frame, level, column) < 0)
            return p->w->status;
        keys[i].is_hidden = shown < 0;
        keys[i].index = shown < 0 ? add_hidden(p, of, column) : (uint32_t)shown;
    }
    p->plans[level].keys = keys;
    return p->w->status;
}

// ------------------------------------------------------------------- levels

static void write_first(dbc__rewrite *w, const dbc__relatives *at)
{
    dbc__copying how = {.frame = 0};

    dbc__rewrite_copy(w, &how);
    if (at->hidden_count) dbc__relatives_hidden(w, at, dbc__place_of(w, 0));
}

// The parameters that take the keys of a level.
static int name_lists(dbc__rewrite *w, dbc__load_level *level)
{
    size_t count = level->relation->key_count;
    char text[32];

    level->lists =
        dbc__arena_take_array(w->memory, count, sizeof *level->lists);
    if (!level->lists) return dbc__rewrite_nomem(w);
    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, "(keys %zu)", i + 1);
        level->lists[i] = dbc__arena_copy(w->memory, text, strlen(text));
        if (!level->lists[i]) return dbc__rewrite_nomem(w);
    }
    return w->status;
}

static int is_list(const dbc__load_level *level, const char *name, size_t len)
{
    size_t count = level->relation ? level->relation->key_count : 0;

    for (size_t i = 0; i < count; i++)
        if (strlen(level->lists[i]) == len &&
            memcmp(level->lists[i], name, len) == 0)
            return 1;
    return 0;
}

static int collect_params(dbc__rewrite *w, dbc__load_level *level)
{
    const dbc_query *query = level->query;
    size_t count = 0;

    for (uint32_t i = 0; i < query->used.nodes; i++)
        count += query->nodes[i].op == DBC__PARAM;
    level->params =
        dbc__arena_take_array(w->memory, count, sizeof *level->params);
    if (!level->params) return dbc__rewrite_nomem(w);
    for (uint32_t i = 0; i < query->used.nodes; i++) {
        const dbc__node *node = &query->nodes[i];
        const char *name = query->names + node->a;
        if (node->op != DBC__PARAM || is_list(level, name, node->len)) continue;
        name = dbc__arena_copy(w->memory, name, node->len);
        if (!name) return dbc__rewrite_nomem(w);
        level->params[level->param_count++] = name;
    }
    return w->status;
}

static int write_level(dbc__rewrite *w, dbc__load_level *level,
                       const dbc__relatives *at)
{
    level->relation = at->relation;
    level->parent = at->parent;
    level->keys = at->keys;
    level->hidden_count = at->hidden_count + (at->relation != NULL);
    level->query = dbc_query_new(w->memory->alloc);
    if (!level->query) return dbc__rewrite_nomem(w);
    w->out = level->query;
    if (at->relation && name_lists(w, level) < 0) return w->status;
    if (at->relation)
        dbc__relatives_write(w, level, at);
    else
        write_first(w, at);
    return w->status < 0 ? w->status : collect_params(w, level);
}

int dbc__levels_write(dbc__rewrite *w, dbc__expansion *out)
{
    planner p = {.w = w};

    if (read_tree(&p) < 0) return w->status;
    for (uint32_t i = 1; i < p.count; i++)
        if (place_keys(&p, i) < 0) return w->status;
    out->levels =
        dbc__arena_take_array(w->memory, p.count, sizeof *out->levels);
    if (!out->levels) return dbc__rewrite_nomem(w);
    out->level_count = p.count;
    for (uint32_t i = 0; i < p.count; i++)
        if (write_level(w, &out->levels[i], &p.plans[i]) < 0) break;
    return w->status;
}
