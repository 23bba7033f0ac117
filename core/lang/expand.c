// Copying a query with relations said in plain words. "has" and what is asked
// of relatives become subqueries: their source is the last table of the path,
// the tables before it are joined back to the row that is spoken of.
#include "expand.h"

#include <string.h>

#include "error.h"
#include "rewrite.h"
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

// ---------------------------------------------------------------------- paths

// The relations of a path, from the table of the row that is spoken of on.
typedef struct path {
    const dbc_relation *steps[DBC__PATH_MAX];
    size_t count;
    uint32_t outer; // the frame of that row
} path;

static int read_path(path *out, dbc__rewrite *w, uint32_t user)
{
    const dbc__node *node = node_at(w, user);
    const char *name = w->src->names + node->a, *end = name + node->len;

    out->count = 0;
    out->outer = w->frames.of[user];
    const dbc_table *table = w->frames.items[out->outer].table;
    while (name < end) {
        const char *dot = memchr(name, '.', (size_t)(end - name));
        size_t len = (size_t)((dot ? dot : end) - name);
        if (out->count == DBC__PATH_MAX)
            return dbc__rewrite_fail(w, DBC_ELIMIT,
                                     "a path of relations is longer than %d",
                                     DBC__PATH_MAX);
        const dbc_relation *step = dbc__rewrite_relation(w, table, name, len);
        if (!step) return w->status;
        out->steps[out->count++] = step;
        table = step->target;
        name += len + 1;
    }
    return w->status;
}

// ------------------------------------------------------------------ relatives

enum { MOST_TAKEN = 2 * DBC__PATH_MAX + 2 };

// The subquery that is written: which names it must not give twice.
typedef struct relatives {
    path path;
    uint32_t frame; // of the query that was given, or 0
    dbc__place outer, last;
    const char *taken[MOST_TAKEN];
    size_t taken_count;
} relatives;

static const char *name_of(dbc__place place)
{
    return place.alias ? place.alias : dbc_table_sql_name(place.table);
}

static void take(relatives *r, dbc__place place)
{
    r->taken[r->taken_count++] = name_of(place);
}

static dbc__place name_table(dbc__rewrite *w, relatives *r,
                             const dbc_table *table, const char *name)
{
    dbc__place place = {table, NULL};

    place.alias =
        dbc__rewrite_alias(w, table, name, r->taken, r->taken_count, r->frame);
    if (w->status == DBC_OK) take(r, place);
    return place;
}

// A source of the given query that has the name of the outer row's table would
// stand before it: it gets another one.
static void hide_outer(dbc__rewrite *w, relatives *r)
{
    dbc__frame *frame = &w->frames.items[r->frame];
    const char *outer = name_of(r->outer);
    const dbc_relation *last = r->path.steps[r->path.count - 1];

    if (!dbc__frame_has_source(&w->frames, r->frame, outer, strlen(outer)))
        return;
    frame->hidden = outer;
    frame->renamed_to = dbc__rewrite_alias(w, NULL, last->name, r->taken,
                                           r->taken_count, r->frame);
}

// Reads what word `user` is about, before any node of its query is copied.
static int begin_relatives(relatives *r, dbc__rewrite *w, uint32_t user)
{
    const dbc__node *node = node_at(w, user);

    *r = (relatives){.frame = 0};
    if (read_path(&r->path, w, user) < 0) return w->status;
    if (node->u.at.b) r->frame = w->frames.at[user - node->u.at.b];
    r->outer = dbc__place_of(w, r->path.outer);
    if (w->status < 0) return w->status;
    take(r, r->outer);
    if (!r->frame) return w->status;
    const dbc_relation *last = r->path.steps[r->path.count - 1];
    if (dbc__rewrite_check_sub(w, r->frame, last) < 0) return w->status;
    if (!w->frames.items[r->frame].hidden) hide_outer(w, r);
    return w->status;
}

// The first source: the given query has it already.
static void write_source(dbc__rewrite *w, relatives *r)
{
    const dbc_relation *last = r->path.steps[r->path.count - 1];
    dbc__node from = {.op = DBC__FROM};

    if (r->frame) {
        r->last = dbc__place_of(w, r->frame);
        return;
    }
    r->last = name_table(w, r, last->target, last->name);
    dbc__node table = {.op = DBC__TABLE, .u.ptr = last->target};
    if (w->status == DBC_OK && r->last.alias)
        dbc__tree_name(w->out, &table, r->last.alias, "alias");
    dbc_expr source = dbc__rewrite_add(w, table);
    if (w->status < 0) return;
    from.u.at.b = dbc__tree_back(w->out, source);
    dbc__rewrite_add(w, from);
}

// Joins from the last table back to the outer row.
static void write_keys(dbc__rewrite *w, relatives *r)
{
    dbc__place inner = r->last;

    for (size_t k = r->path.count; k > 0 && w->status == DBC_OK; k--) {
        const dbc_relation *step = r->path.steps[k - 1];
        const dbc_column *const *columns = step->target_key;
        dbc__place through = {NULL, NULL}, target = inner;

        if (step->through) {
            char name[300] = "";
            strncat(name, step->name, 255);
            strncat(name, "_through", 16);
            through = name_table(w, r, step->through, name);
            dbc_expr on =
                dbc__rewrite_equal(w, through, step->through_to, inner,
                                   step->target_key, step->through_count);
            dbc__rewrite_join(w, DBC_JOIN_INNER, through, on);
            inner = through;
            columns = step->through_from;
        }
        dbc__rewrite_filter(w, step, target, through);
        dbc__place outer =
            k > 1 ? name_table(w, r, step->source, r->path.steps[k - 2]->name)
                  : r->outer;
        dbc_expr on = dbc__rewrite_equal(w, inner, columns, outer,
                                         step->source_key, step->key_count);
        if (k == 1)
            dbc__rewrite_where(w, on);
        else
            dbc__rewrite_join(w, DBC_JOIN_INNER, outer, on);
        inner = outer;
    }
}

static dbc_expr add_query(dbc__rewrite *w, uint32_t start)
{
    dbc__node node = {.op = DBC__QUERY, .a = w->out->used.nodes - start};
    return dbc__rewrite_add(w, node);
}

// What is asked: count(*), sum(column), …; for "has" and "exists" nothing.
static void write_question(dbc__rewrite *w, relatives *r, uint32_t user)
{
    static const char *const calls[] = {[DBC_RELATED_COUNT] = "count",
                                        [DBC_RELATED_SUM] = "sum",
                                        [DBC_RELATED_AVG] = "avg",
                                        [DBC_RELATED_MIN] = "min",
                                        [DBC_RELATED_MAX] = "max"};
    const dbc__node *node = node_at(w, user);
    dbc_error err = DBC_ERROR_INIT;
    dbc_expr argument;

    if (node->op == DBC__HAS || node->sub == DBC_RELATED_EXISTS) return;
    if (w->status < 0) return;
    if (node->u.at.c) {
        const dbc__node *field = node_at(w, user - node->u.at.c);
        const dbc_column *column = dbc_table_find(
            r->last.table, w->src->names + field->a, field->len, &err);
        if (!column) {
            dbc__rewrite_fail(w, err.code, "%s", err.message);
            return;
        }
        argument = dbc__rewrite_column(w, r->last, column);
    } else {
        argument = dbc_expr_star(w->out);
    }
    if (w->status < 0) return;
    dbc_expr call =
        dbc_expr_call(w->out, calls[node->sub], &argument, 1, DBC_CALL);
    dbc_query_select(w->out, call, NULL);
}

// The end of the subquery of word `user`. Returns its QUERY node.
static dbc_expr end_relatives(dbc__rewrite *w, relatives *r, uint32_t user,
                              uint32_t start)
{
    write_source(w, r);
    write_keys(w, r);
    write_question(w, r, user);
    dbc_error err = DBC_ERROR_INIT;
    if (w->status == DBC_OK && dbc_query_status(w->out, &err) < 0)
        dbc__rewrite_fail(w, err.code, "%s", err.message);
    return add_query(w, start);
}

// A word in the place of its node. With a query of its own that was written
// before.
static dbc_expr write_word(dbc__rewrite *w, uint32_t user)
{
    const dbc__node *node = node_at(w, user);
    dbc__node exists = {.op = DBC__EXISTS};
    dbc_expr query = 0;
    relatives r;

    if (node->u.at.b) {
        query = w->map[user - node->u.at.b];
    } else if (begin_relatives(&r, w, user) == DBC_OK) {
        query = end_relatives(w, &r, user, w->out->used.nodes);
    }
    if (node->op == DBC__RELATED && node->sub != DBC_RELATED_EXISTS)
        return query;
    if (node->op == DBC__HAS) exists.sub = node->sub;
    if (w->status < 0) return 0;
    exists.u.at.b = dbc__tree_back(w->out, query);
    return dbc__rewrite_add(w, exists);
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
    relatives ignored;

    frame->start = w->out->used.nodes;
    if (!frame->user || user_of(w, frame)->op == DBC__LOAD) return;
    if (check_question(w, frame) < 0) return;
    begin_relatives(&ignored, w, frame->user - 1);
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
        if (frame->user && frame->begin == i &&
            user_of(w, frame)->op == DBC__LOAD)
            end = frame->end;
    }
    return end;
}

static dbc_expr copy_query(dbc__rewrite *w, uint32_t i)
{
    dbc__frame *frame = &w->frames.items[w->frames.at[i]];
    relatives r;

    if (!frame->user) return add_query(w, frame->start);
    if (begin_relatives(&r, w, frame->user - 1) < 0) return 0;
    return end_relatives(w, &r, frame->user - 1, frame->start);
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
            w->map[i] = write_word(w, i);
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

int dbc__expand(dbc__expansion *out, const dbc_query *query,
                const dbc_schema *schema, const dbc__functions *functions,
                const dbc_alloc *alloc, dbc_error *err)
{
    dbc__rewrite w = {.src = query, .schema = schema, .err = err};

    *out = (dbc__expansion){.levels = NULL};
    dbc__arena_init(&out->arena, alloc);
    dbc__arena_init(&w.scratch, alloc);
    w.memory = &out->arena;
    int rc = dbc__frames_find(&w.frames, query, functions, &w.scratch);
    if (rc == DBC_ELIMIT)
        dbc__rewrite_fail(&w, rc, "queries nest too deeply");
    else if (rc < 0 && rc != DBC_ENOMEM)
        w.status = rc;
    w.map = dbc__arena_take_array(&w.scratch, query->used.nodes + 1u,
                                  sizeof *w.map);
    if (rc == DBC_ENOMEM || !w.map) dbc__rewrite_nomem(&w);
    if (w.status == DBC_OK) dbc__levels_write(&w, out);
    dbc__arena_dispose(&w.scratch);
    return w.status;
}

int dbc_query_compile_in(dbc_sql *out, const dbc_query *query,
                         const dbc_schema *schema, const dbc_dialect *dialect,
                         const dbc_alloc *alloc, dbc_error *err)
{
    const dbc__functions none = {NULL, NULL};
    dbc__expansion made;

    if (query->status < 0 || !dbc__expand_is_due(query))
        return dbc_query_compile(out, query, dialect, alloc, err);
    int rc = dbc__expand(&made, query, schema, &none, alloc, err);
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
