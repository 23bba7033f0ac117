// Copying a query with relations said in plain words, and what comes of it:
// the query itself and one for each relation that is loaded.
#include "expand.h"

#include <string.h>

#include "alloc.h"
#include "correlated.h"
#include "error.h"
#include "table.h"

static const dbc__node *node_at(const dbc__rewrite *w, uint32_t place)
{
    return &w->src->nodes[place];
}

// The word a frame is for, or NULL.
static const dbc__node *user_of(const dbc__rewrite *w, const dbc__frame *frame)
{
    return frame->user ? node_at(w, frame->user - 1) : NULL;
}

// -------------------------------------------------------------------- copying

// What a query that is asked about relatives cannot have.
static int check_question(dbc__rewrite *w, const dbc__frame *frame)
{
    const dbc__node *user = user_of(w, frame);
    unsigned refused = DBC__FRAME_LIMITED | DBC__FRAME_GROUPED |
                       DBC__FRAME_DISTINCT | DBC__FRAME_LOADS;

    if (!user || user->op != DBC__RELATED) return w->status;
    if (!(frame->clauses & refused)) return w->status;
    return dbc__rewrite_fail(w, DBC_EINVALID,
                             "what is asked of relation \"%.*s\" takes a query "
                             "with conditions and joins, but no limit, "
                             "grouping, distinct or with",
                             (int)user->len, w->src->names + user->a);
}

static void begin_frame(dbc__rewrite *w, dbc__frame *frame)
{
    const dbc__node *user = user_of(w, frame);

    frame->start = w->out->used.nodes;
    if (!user || user->op == DBC__LOAD) return;
    if (check_question(w, frame) < 0) return;
    dbc__correlated_begin(w, frame->user - 1);
}

// All frames that begin with node `i`, inside of frame `f`, outer ones first.
static void begin_frames(dbc__rewrite *w, uint32_t i, uint32_t f)
{
    uint32_t inner = w->frames.of[i];

    while (inner != f && w->frames.items[inner].begin == i) {
        uint32_t at = inner;
        while (w->frames.items[at].outer != f &&
               w->frames.items[w->frames.items[at].outer].begin == i)
            at = w->frames.items[at].outer;
        begin_frame(w, &w->frames.items[at]);
        if (at == inner) return;
        f = at;
    }
}

// The end of a LOAD's query that begins with node `i`, else 0: not copied.
static uint32_t skip_load(const dbc__rewrite *w, uint32_t i, uint32_t f)
{
    uint32_t end = 0;

    for (uint32_t g = w->frames.of[i]; g != f; g = w->frames.items[g].outer) {
        const dbc__frame *frame = &w->frames.items[g];
        const dbc__node *user = user_of(w, frame);
        if (user && user->op == DBC__LOAD && frame->begin == i)
            end = frame->end;
    }
    return end;
}

static dbc_expr copy_query(dbc__rewrite *w, uint32_t i)
{
    const dbc__frame *frame = &w->frames.items[w->frames.at[i]];

    if (!frame->user) return dbc__rewrite_query(w, frame->start);
    return dbc__correlated_query(w, frame->user - 1, frame->start);
}

// The alias that a source or a column known as `name` has got in frame `f`,
// or NULL: the innermost query that has such a source decides.
static const char *renamed(const dbc__rewrite *w, uint32_t f, const char *name,
                           size_t len)
{
    for (;; f = w->frames.items[f].outer) {
        const dbc__frame *frame = &w->frames.items[f];
        if (dbc__frame_has_source(&w->frames, f, name, len)) {
            int is_hidden = frame->hidden && strlen(frame->hidden) == len &&
                            memcmp(frame->hidden, name, len) == 0;
            return is_hidden ? frame->renamed_to : NULL;
        }
        if (f == 0) return NULL;
    }
}

static int any_renamed(const dbc__rewrite *w)
{
    for (uint32_t f = 0; f < w->frames.count; f++)
        if (w->frames.items[f].hidden) return 1;
    return 0;
}

// Sets the alias of a COLUMN, TABLE, NAME or other source when it was renamed.
static void rename_source(dbc__rewrite *w, dbc__node *node, uint32_t i)
{
    const char *name = w->src->names + node_at(w, i)->a;
    size_t len = node->len;

    if (node->op == DBC__COLUMN && !len) {
        const dbc_column *column = node->u.ptr;
        name = column->table->sql_name;
        len = column->table->sql_name_len;
    } else if (node->op == DBC__TABLE && !len) {
        const dbc_table *table = node->u.ptr;
        name = table->sql_name;
        len = table->sql_name_len;
    } else if (node->op == DBC__CTE && !len) {
        name = w->src->names + node_at(w, i)->u.at.b;
        len = node->u.at.c;
    }
    const char *alias = renamed(w, w->frames.of[i], name, len);
    if (alias) dbc__tree_name(w->out, node, alias, "alias");
}

static dbc_expr copy_node(dbc__rewrite *w, uint32_t i)
{
    dbc__node node = *node_at(w, i);

    if (w->status < 0) return 0;
    if (node.op != DBC__QUERY) dbc__tree_redirect(w->out, &node, i, w->map);
    dbc__tree_adopt(w->out, &node, w->src);
    switch (node.op) {
    case DBC__COLUMN:
    case DBC__NAME:
    case DBC__TABLE:
    case DBC__CTE:
    case DBC__SUBSELECT:
        if (any_renamed(w)) rename_source(w, &node, i);
        break;
    default:
        break;
    }
    return dbc__rewrite_add(w, node);
}

// FROM as it is, or as a join to what is there.
static dbc_expr copy_from(dbc__rewrite *w, uint32_t i, const dbc__copying *how)
{
    dbc__node node = *node_at(w, i);

    if (!how->as_join) return copy_node(w, i);
    dbc__tree_redirect(w->out, &node, i, w->map);
    node.op = DBC__JOIN;
    node.sub = (uint8_t)how->join;
    if (how->on) node.u.at.c = dbc__tree_back(w->out, how->on);
    return dbc__rewrite_add(w, node);
}

static int is_left_out(uint8_t op, unsigned left_out)
{
    static const unsigned parts[DBC__ANSWER + 1] = {
        [DBC__SELECT] = DBC__LEAVE_OUTPUTS,   [DBC__ALSO] = DBC__LEAVE_OUTPUTS,
        [DBC__DISTINCT] = DBC__LEAVE_OUTPUTS, [DBC__ORDERED] = DBC__LEAVE_ORDER,
        [DBC__LIMIT] = DBC__LEAVE_LIMIT,      [DBC__OFFSET] = DBC__LEAVE_LIMIT,
        [DBC__WHERE] = DBC__LEAVE_WHERE};

    return op == DBC__LOAD || op == DBC__UNLOAD || op == DBC__FIELD ||
           (parts[op] & left_out);
}

// In a query that is asked about relatives only they count, not its outputs.
static unsigned leaves_out(const dbc__rewrite *w, uint32_t f,
                           const dbc__copying *how)
{
    const dbc__node *user = user_of(w, &w->frames.items[f]);

    if (f == how->frame) return how->left_out;
    if (user && user->op == DBC__RELATED)
        return DBC__LEAVE_OUTPUTS | DBC__LEAVE_ORDER;
    return 0;
}

// The text `"name"` that is the node at `i`: the output of the frame that was
// given this name, or 0.
static dbc_expr find_named(const dbc__rewrite *w, uint32_t f, uint32_t i)
{
    const dbc__node *raw = node_at(w, i);
    const char *text = w->src->names + raw->a;
    size_t len = raw->u.at.b;

    if (len < 3 || text[0] != '"' || text[len - 1] != '"') return 0;
    for (uint32_t at = w->frames.items[f].begin; at < i; at++) {
        const dbc__node *node = node_at(w, at);
        if (w->frames.of[at] != f) continue;
        if (node->op != DBC__SELECT && node->op != DBC__ALSO) continue;
        if (node->len == len - 2 &&
            memcmp(w->src->names + node->a, text + 1, len - 2) == 0)
            return w->map[at - node->u.at.b];
    }
    return 0;
}

void dbc__rewrite_copy(dbc__rewrite *w, const dbc__copying *how)
{
    const dbc__frame *frame = &w->frames.items[how->frame];

    for (uint32_t i = frame->begin; i < frame->end && w->status == DBC_OK;
         i++) {
        uint32_t f = w->frames.of[i], end = skip_load(w, i, how->frame);
        begin_frames(w, i, how->frame);
        if (end) {
            i = end;
            continue;
        }
        uint8_t op = node_at(w, i)->op;
        dbc_expr named = 0;
        if (op == DBC__RAW && how->by_expression && f == how->frame)
            named = find_named(w, f, i);
        if (named)
            w->map[i] = named;
        else if (is_left_out(op, leaves_out(w, f, how)))
            w->map[i] = 0;
        else if (op == DBC__HAS || op == DBC__RELATED)
            w->map[i] = dbc__correlated_word(w, i);
        else if (op == DBC__QUERY)
            w->map[i] = copy_query(w, i);
        else if (op == DBC__FROM && f == how->frame)
            w->map[i] = copy_from(w, i, how);
        else
            w->map[i] = copy_node(w, i);
    }
}

// ------------------------------------------------------------------- expanding

int dbc__expand_is_due(const dbc_query *query)
{
    for (uint32_t i = 0; i < query->used.nodes; i++) {
        uint8_t op = query->nodes[i].op;
        if (op == DBC__HAS || op == DBC__RELATED || op == DBC__LOAD) return 1;
    }
    return 0;
}

// Reads what there is to write anew.
static int begin(dbc__rewrite *w, const dbc__functions *functions,
                 const dbc_alloc *alloc)
{
    dbc__arena_init(&w->scratch, alloc);
    int rc = dbc__frames_find(&w->frames, w->src, functions, &w->scratch);
    if (rc == DBC_ELIMIT)
        dbc__rewrite_fail(w, rc, "queries nest too deeply");
    else if (rc < 0 && rc != DBC_ENOMEM)
        w->status = rc;
    w->map = dbc__arena_take_array(&w->scratch, w->src->used.nodes + 1u,
                                   sizeof *w->map);
    if (rc == DBC_ENOMEM || !w->map) dbc__rewrite_nomem(w);
    return w->status;
}

int dbc__expand(dbc__expansion *out, const dbc_query *query,
                const dbc__known *known, const dbc_alloc *alloc, dbc_error *err)
{
    dbc__rewrite w = {.src = query,
                      .schema = known->schema,
                      .dialect = known->dialect,
                      .err = err};

    *out = (dbc__expansion){.levels = NULL};
    dbc__arena_init(&out->arena, alloc);
    w.memory = &out->arena;
    if (begin(&w, &known->functions, alloc) == DBC_OK)
        dbc__levels_write(&w, out);
    dbc__arena_dispose(&w.scratch);
    return w.status;
}

int dbc__expand_condition(dbc_query **out, const dbc_query *condition,
                          const dbc_schema *schema, const dbc_table *table,
                          const dbc_alloc *alloc, dbc_error *err)
{
    const dbc__functions none = {NULL, NULL};
    const dbc__copying how = {.frame = 0};
    dbc__rewrite w = {.src = condition, .schema = schema, .err = err};

    alloc = dbc__alloc_or_default(alloc);
    w.out = dbc_query_new(alloc);
    if (!w.out) return dbc__error_nomem(err);
    w.memory = &w.scratch;
    if (begin(&w, &none, alloc) == DBC_OK) {
        w.frames.items[0].table = table;
        dbc__rewrite_copy(&w, &how);
    }
    dbc__arena_dispose(&w.scratch);
    if (w.status < 0)
        dbc_query_free(w.out);
    else
        *out = w.out;
    return w.status;
}

int dbc_query_compile_in(dbc_sql *out, const dbc_query *query,
                         const dbc_schema *schema, const dbc_dialect *dialect,
                         const dbc_alloc *alloc, dbc_error *err)
{
    const dbc__known known = {schema, dialect, {NULL, NULL}};
    dbc__expansion made;

    if (query->status < 0 || !dbc__expand_is_due(query))
        return dbc_query_compile(out, query, dialect, alloc, err);
    int rc = dbc__expand(&made, query, &known, alloc, err);
    if (rc == DBC_OK) {
        dbc_query view = dbc__load_level_view(&made.levels[0], query);
        rc = dbc_query_compile(out, &view, dialect, alloc, err);
    }
    dbc__expansion_dispose(&made);
    return rc;
}

void dbc__expansion_dispose(dbc__expansion *expansion)
{
    for (uint32_t i = 0; i < expansion->level_count; i++)
        dbc_query_free(expansion->levels[i].query);
    expansion->levels = NULL;
    expansion->level_count = 0;
    dbc__arena_dispose(&expansion->arena);
}
