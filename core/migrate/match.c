// Matching by name, after the renames that were declared. A name that differs
// in case only is the same one for the database, so that it changes its
// letters is a rename nobody has to declare.
#include "match.h"

#include <string.h>

#include "hint.h"

static int is_virtual(const dbc__object *object)
{
    return object->own.kind == DBC_OBJECT_VIRTUAL;
}

// What becomes of a table: its new name when it was declared, else its own,
// unless another one was declared to take that.
static const dbc__object *successor(const dbc__planner *p,
                                    const dbc__object *from)
{
    const char *name = dbc__hint_table(p, from->own.name);
    const dbc__object *to;

    if (!name) {
        name = from->own.name;
        if (dbc__hint_takes_table(p, name)) return NULL;
    }
    to = dbc__catalog_find(p->to, DBC_OBJECT_TABLE, name);
    return to && is_virtual(to) == is_virtual(from) ? to : NULL;
}

static const dbc__column *next_column(const dbc__planner *p,
                                      const dbc__match *match,
                                      const char *column)
{
    const char *name = dbc__hint_column(p, match->from, match->to, column);

    if (!name) {
        name = column;
        if (dbc__hint_takes_column(p, match->from, match->to, name))
            return NULL;
    }
    return dbc__shape_find(&match->to->shape, name);
}

static int match_columns(dbc__planner *p, dbc__match *match)
{
    const dbc__shape *from = &match->from->shape, *to = &match->to->shape;
    dbc__arena *arena = &p->plan->arena;

    match->source =
        dbc__arena_take_array(arena, to->column_count, sizeof *match->source);
    match->kept =
        dbc__arena_take_array(arena, from->column_count, sizeof *match->kept);
    if (!match->source || !match->kept) return dbc__plan_nomem(p);
    for (size_t i = 0; i < from->column_count; i++) {
        const dbc__column *next = next_column(p, match, from->columns[i].name);
        match->kept[i] = next;
        if (next) match->source[next - to->columns] = &from->columns[i];
    }
    return DBC_OK;
}

static dbc__match *add_match(dbc__planner *p, const dbc__object *from,
                             const dbc__object *to)
{
    dbc__match *match = &p->matches[p->match_count++];

    match->from = from;
    match->to = to;
    match->current = from ? from->own.name : NULL;
    return match;
}

int dbc__match_tables(dbc__planner *p)
{
    size_t most = p->from->table_count + p->to->table_count;
    size_t size = sizeof(const dbc__object *);
    const dbc__object **next =
        dbc__arena_take_array(&p->plan->arena, p->from->table_count, size);
    unsigned char *reached =
        dbc__arena_take(&p->plan->arena, p->to->table_count);

    p->matches =
        dbc__arena_take_array(&p->plan->arena, most, sizeof *p->matches);
    if (!p->matches || !next || !reached) return dbc__plan_nomem(p);
    for (size_t i = 0; i < p->from->table_count; i++) {
        const dbc__object *from = &p->from->objects[i];
        if (dbc__hint_ignores(p, from->own.name)) continue;
        next[i] = successor(p, from);
        if (!next[i] || dbc__hint_ignores(p, next[i]->own.name)) continue;
        reached[next[i] - p->to->objects] = 1;
        if (match_columns(p, add_match(p, from, next[i])) < 0)
            return DBC_ENOMEM;
    }
    for (size_t i = 0; i < p->to->table_count; i++) {
        const dbc__object *to = &p->to->objects[i];
        if (!reached[i] && !dbc__hint_ignores(p, to->own.name))
            add_match(p, NULL, to);
    }
    for (size_t i = 0; i < p->from->table_count; i++) {
        const dbc__object *from = &p->from->objects[i];
        if (!next[i] && !dbc__hint_ignores(p, from->own.name))
            add_match(p, from, NULL);
    }
    return DBC_OK;
}

int dbc__match_is_renamed(const dbc__match *match)
{
    if (!match->from || !match->to) return 0;
    if (strcmp(match->from->own.name, match->to->own.name) != 0) return 1;
    for (size_t i = 0; i < match->from->shape.column_count; i++) {
        if (match->kept[i] && strcmp(match->from->shape.columns[i].name,
                                     match->kept[i]->name) != 0)
            return 1;
    }
    return 0;
}

int dbc__match_drops(const dbc__match *match)
{
    if (!match->from || !match->to) return 0;
    for (size_t i = 0; i < match->from->shape.column_count; i++)
        if (!match->kept[i]) return 1;
    return 0;
}
