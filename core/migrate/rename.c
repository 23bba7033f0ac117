// Renames can be chains (a to b, b to c) and rings (a to b, b to a), and may
// change letters from small to capital, which the engine takes for a name that
// is there already. So one is done when its new name is free; when none is,
// one of them steps aside to a name that nothing has.
#include "rename.h"

#include <string.h>

#include "statistics.h"

// One name on its way.
typedef struct move {
    const char *table; // of a column, else NULL
    const char *current;
    const char *target;
} move;

typedef struct moves {
    move *items;
    size_t count;
    size_t left;
} moves;

static void add_move(moves *m, const char *table, const char *current,
                     const char *target)
{
    m->items[m->count++] = (move){table, current, target};
    m->left++;
}

static int run_move(dbc__planner *p, move *m, const char *to)
{
    const char *reason;

    if (m->table) {
        dbc__plan_add(p, "ALTER TABLE ");
        dbc__plan_name(p, m->table);
        dbc__plan_add(p, " RENAME COLUMN ");
        dbc__plan_name(p, m->current);
        dbc__plan_add(p, " TO ");
        dbc__plan_name(p, to);
        reason = dbc__plan_text(p, "column \"%s\" of \"%s\" becomes \"%s\"",
                                m->current, m->table, to);
    } else {
        dbc__plan_add(p, "ALTER TABLE ");
        dbc__plan_name(p, m->current);
        dbc__plan_add(p, " RENAME TO ");
        dbc__plan_name(p, to);
        reason = dbc__plan_text(p, "\"%s\" becomes \"%s\"", m->current, to);
    }
    const char *table = m->table ? m->table : m->current;
    m->current = to;
    p->plan->renames = 1;
    int rc = dbc__plan_step(NULL, p, table, 0, reason);
    if (rc < 0 || m->table) return rc;
    return dbc__statistics_move(p, table, to);
}

// Whether something else stands under the name that a move wants.
// What does not move itself was put aside before.
static int is_taken(const moves *m, const move *wanting)
{
    for (size_t i = 0; i < m->count; i++) {
        const move *other = &m->items[i];
        if (dbc__same_name(other->current, wanting->target)) return 1;
    }
    return 0;
}

static int run_moves(dbc__planner *p, moves *m)
{
    while (m->left > 0) {
        move *next = NULL, *waiting = NULL;
        for (size_t i = 0; i < m->count && !next; i++) {
            move *each = &m->items[i];
            if (strcmp(each->current, each->target) == 0) continue;
            if (!is_taken(m, each) ||
                (each->table && dbc__same_name(each->current, each->target)))
                next = each;
            else if (!waiting)
                waiting = each;
        }
        int rc;
        if (next) {
            rc = run_move(p, next, next->target);
            m->left--;
        } else {
            const char *aside = dbc__plan_free_name(p, waiting->target);
            if (!aside) return dbc__plan_nomem(p);
            rc = run_move(p, waiting, aside);
        }
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

// A table that goes away stands where another one is to be: it steps aside.
static int clear_way(dbc__planner *p, const char *name)
{
    for (size_t i = 0; i < p->match_count; i++) {
        dbc__match *match = &p->matches[i];
        if (match->to || !match->from || !dbc__same_name(match->current, name))
            continue;
        move m = {NULL, match->current, name};
        const char *aside = dbc__plan_free_name(p, name);
        if (!aside) return dbc__plan_nomem(p);
        int rc = run_move(p, &m, aside);
        if (rc < 0) return rc;
        match->current = aside;
    }
    return DBC_OK;
}

static int rename_tables(dbc__planner *p, moves *m)
{
    int rc = DBC_OK;

    for (size_t i = 0; i < p->match_count && rc >= 0; i++) {
        dbc__match *match = &p->matches[i];
        if (!match->to) continue;
        if (match->from &&
            strcmp(match->from->own.name, match->to->own.name) == 0)
            continue;
        rc = clear_way(p, match->to->own.name);
        if (!match->from) continue;
        add_move(m, NULL, match->from->own.name, match->to->own.name);
        match->current = match->to->own.name;
    }
    return rc < 0 ? rc : run_moves(p, m);
}

static int rename_columns(dbc__planner *p, moves *m, const dbc__match *match)
{
    const dbc__shape *from = &match->from->shape;

    m->count = m->left = 0;
    for (size_t i = 0; i < from->column_count; i++) {
        const dbc__column *column = &from->columns[i];
        const char *target = match->kept[i] ? match->kept[i]->name : NULL;
        if (!target) {
            // One that goes makes room, if its name is wanted.
            if (!dbc__shape_find(&match->to->shape, column->name)) continue;
            target = dbc__plan_free_name(p, column->name);
            if (!target) return dbc__plan_nomem(p);
        }
        if (strcmp(column->name, target) == 0) continue;
        add_move(m, match->current, column->name, target);
    }
    return run_moves(p, m);
}

int dbc__rename_all(dbc__planner *p)
{
    size_t most = p->match_count;
    moves m = {0};
    int rc;

    for (size_t i = 0; i < p->match_count; i++)
        if (p->matches[i].from && p->matches[i].from->shape.column_count > most)
            most = p->matches[i].from->shape.column_count;
    m.items = dbc__arena_take_array(&p->plan->arena, most, sizeof *m.items);
    if (!m.items) return dbc__plan_nomem(p);
    rc = rename_tables(p, &m);
    for (size_t i = 0; i < p->match_count && rc >= 0; i++) {
        if (p->matches[i].from && p->matches[i].to)
            rc = rename_columns(p, &m, &p->matches[i]);
    }
    return rc;
}
