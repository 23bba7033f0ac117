// Renames can be chains (a to b, b to c) and rings (a to b, b to a), and may
// change letters from small to capital, which the engine takes for a name that
// is there already. So one is done when its new name is free; when none is,
// one of them steps aside to a name that nothing has. A table on which the
// engine stumbles is made simpler before; later it is copied into its own form.
#include "rename.h"

#include <assert.h>
#include <string.h>

#include "edit.h"
#include "error.h"
#include "rebuild.h"
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

static void add_rename_column(dbc__planner *p, const move *m, const char *to)
{
    dbc__plan_add(p, "ALTER TABLE ");
    dbc__plan_name(p, m->table);
    dbc__plan_add(p, " RENAME COLUMN ");
    dbc__plan_name(p, m->current);
    dbc__plan_add(p, " TO ");
    dbc__plan_name(p, to);
}

static int scratch_exec(dbc__planner *p, const char *sql)
{
    int rc = dbc_exec(p->scratch.conn, sql, strlen(sql));

    if (rc < 0) p->conn->error = p->scratch.conn->error;
    return rc;
}

// Whether the engine can do what is in `p->sql`, which is empty afterwards: 1,
// 0 or an error.
static int can_run(dbc__planner *p)
{
    dbc_error cause;
    int rc = scratch_exec(p, "SAVEPOINT dbcore_try");

    if (rc < 0) return rc;
    if (p->sql.status < 0) return dbc__plan_nomem(p);
    rc = dbc__scratch_run(&p->scratch, p->sql.data, p->sql.len,
                          DBC__SCRATCH_KNOWN);
    dbc__buf_clear(&p->sql);
    cause = p->conn->error;
    int undone = scratch_exec(p, "ROLLBACK TO dbcore_try; RELEASE dbcore_try");
    if (rc == DBC_ENOMEM || rc == DBC_EINTERRUPTED) {
        p->conn->error = cause;
        return rc;
    }
    if (undone < 0) return undone;
    dbc__error_clear(&p->conn->error);
    return rc >= 0;
}

static const dbc__clause *find_unique(const dbc__clause *each)
{
    while (each && each->kind != DBC__CLAUSE_UNIQUE)
        each = each->next;
    return each;
}

// The text of a table without the UNIQUE constraints that are not of a column;
// its own one when there are none, NULL when memory is out.
static const char *without_unique(dbc__planner *p, const dbc__object *table)
{
    const dbc__clause *unique = find_unique(table->shape.clauses);
    dbc__arena *arena = &p->plan->arena;
    const char *sql = table->own.sql;
    dbc__shape shape;

    while (unique) {
        dbc__edit_constraint(&p->sql, sql, unique, NULL);
        sql = p->sql.status < 0
                  ? NULL
                  : dbc__arena_copy(arena, p->sql.data, p->sql.len);
        dbc__buf_clear(&p->sql);
        if (!sql || dbc__parse_table(&shape, arena, sql) < 0) return NULL;
        unique = find_unique(shape.clauses);
    }
    return sql;
}

// SQLite up to 3.40 cannot rename the INTEGER PRIMARY KEY of a table WITHOUT
// ROWID that stands in a UNIQUE over several columns.
static int simplify(dbc__planner *p, const char *table)
{
    dbc__object simple = {0};
    const dbc__object *now;
    int rc = dbc__plan_look(p);

    if (rc < 0) return rc;
    now = dbc__catalog_find(p->now, DBC_OBJECT_TABLE, table);
    // Then the rename itself says what is in its way.
    if (!now || !find_unique(now->shape.clauses)) return DBC_OK;
    simple.own = now->own;
    simple.own.sql = without_unique(p, now);
    if (!simple.own.sql ||
        dbc__parse_table(&simple.shape, &p->plan->arena, simple.own.sql) < 0)
        return dbc__plan_nomem(p);
    return dbc__rebuild_as_is(
        p, now, &simple,
        dbc__plan_text(p, "copy \"%s\" so that its key can be renamed", table));
}

// Makes a rename possible that the engine cannot do.
static int prepare(dbc__planner *p, const move *m, const char *to)
{
    add_rename_column(p, m, to);
    int can = can_run(p);
    return can == 0 ? simplify(p, m->table) : can;
}

static int run_move(dbc__planner *p, move *m, const char *to)
{
    const char *reason;

    if (m->table) {
        int rc = prepare(p, m, to);
        if (rc < 0) return rc;
        add_rename_column(p, m, to);
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
            assert(waiting); // one is left
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
