// "has" and what is asked of relatives, as correlated subqueries: their source
// is the last table of the path, the tables before it are joined back to the
// row that is spoken of.
#include "correlated.h"

#include <assert.h>
#include <string.h>

#include "error.h"
#include "table.h"

static const dbc__node *word_at(const dbc__rewrite *w, uint32_t place)
{
    return &w->src->nodes[place];
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
    const dbc__node *node = word_at(w, user);
    const char *name = w->src->names + node->a, *end = name + node->len;

    out->count = 0;
    out->outer = w->frames.of[user];
    const dbc_table *table = w->frames.items[out->outer].table;
    do {
        const char *dot = memchr(name, '.', (size_t)(end - name));
        size_t len = (size_t)((dot ? dot : end) - name);
        if (out->count == DBC__PATH_MAX)
            return dbc__rewrite_fail(w, DBC_ELIMIT,
                                     "a path of relations is longer than %d",
                                     DBC__PATH_MAX);
        const dbc_relation *step = dbc__rewrite_relation(w, table, name, len);
        if (!step) {
            assert(w->status < 0);
            return w->status;
        }
        out->steps[out->count++] = step;
        table = step->target;
        name += len + 1;
    } while (name < end);
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
    const dbc__node *node = word_at(w, user);

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

// What is asked: count(*), sum(column), …; for "has" and "exists" nothing.
static void write_question(dbc__rewrite *w, relatives *r, uint32_t user)
{
    static const char *const calls[] = {[DBC_RELATED_COUNT] = "count",
                                        [DBC_RELATED_SUM] = "sum",
                                        [DBC_RELATED_AVG] = "avg",
                                        [DBC_RELATED_MIN] = "min",
                                        [DBC_RELATED_MAX] = "max"};
    const dbc__node *node = word_at(w, user);
    dbc_error err = DBC_ERROR_INIT;
    dbc_expr argument;

    if (node->op == DBC__HAS || node->sub == DBC_RELATED_EXISTS) return;
    if (w->status < 0) return;
    if (node->u.at.c) {
        const dbc__node *field = word_at(w, user - node->u.at.c);
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

// The end of the subquery that was begun at `start`.
static dbc_expr end_relatives(dbc__rewrite *w, relatives *r, uint32_t user,
                              uint32_t start)
{
    write_source(w, r);
    write_keys(w, r);
    write_question(w, r, user);
    dbc_error err = DBC_ERROR_INIT;
    if (w->status == DBC_OK && dbc_query_status(w->out, &err) < 0)
        dbc__rewrite_fail(w, err.code, "%s", err.message);
    return dbc__rewrite_query(w, start);
}

int dbc__correlated_begin(dbc__rewrite *w, uint32_t user)
{
    relatives ignored;

    return begin_relatives(&ignored, w, user);
}

dbc_expr dbc__correlated_query(dbc__rewrite *w, uint32_t user, uint32_t start)
{
    relatives r;

    if (begin_relatives(&r, w, user) < 0) return 0;
    return end_relatives(w, &r, user, start);
}

dbc_expr dbc__correlated_word(dbc__rewrite *w, uint32_t user)
{
    const dbc__node *node = word_at(w, user);
    dbc__node exists = {.op = DBC__EXISTS};
    dbc_expr query = node->u.at.b
                         ? w->map[user - node->u.at.b]
                         : dbc__correlated_query(w, user, w->out->used.nodes);

    if (node->op == DBC__RELATED && node->sub != DBC_RELATED_EXISTS)
        return query;
    if (node->op == DBC__HAS) exists.sub = node->sub;
    if (w->status < 0) return 0;
    exists.u.at.b = dbc__tree_back(w->out, query);
    return dbc__rewrite_add(w, exists);
}
