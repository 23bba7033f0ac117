// ADD COLUMN and DROP COLUMN. Their rules are the engine's and many, so it is
// asked: the statements are tried in the scratch database and what comes out
// is compared with what is wanted. Only what depends on rows, which are not
// there, is judged here.
#include "alter.h"

#include <string.h>

#include "error.h"
#include "expression.h"
#include "hint.h"

typedef struct statement {
    const char *sql;
    const char *reason;
} statement;

// A default that is the same for all rows.
static int is_constant(const dbc__clause *fallback)
{
    dbc__span text = fallback->body;

    return text.len > 0 && text.text[0] != '(' &&
           !dbc__mentions(text.text, text.len, "CURRENT_TIMESTAMP") &&
           !dbc__mentions(text.text, text.len, "CURRENT_DATE") &&
           !dbc__mentions(text.text, text.len, "CURRENT_TIME");
}

static int is_null(const dbc__clause *fallback)
{
    return !fallback ||
           dbc__mentions(fallback->body.text, fallback->body.len, "NULL");
}

static int can_add(const dbc__planner *p, const dbc__match *match,
                   const dbc__column *column)
{
    if (dbc__hint_expression(p, DBC_HINT_COPY, match, column->name) ||
        dbc__hint_expression(p, DBC_HINT_BACKFILL, match, column->name))
        return 0;
    if (column->generated) return !column->generated->stored;
    if (column->fallback && !is_constant(column->fallback)) return 0;
    return !column->not_null || !is_null(column->fallback);
}

// Those that stay have to be the same, in the same order, before new ones.
static int is_candidate(const dbc__planner *p, const dbc__match *match,
                        const dbc__shape *now)
{
    const dbc__shape *to = &match->to->shape;
    size_t at = 0;

    for (size_t i = 0; i < now->column_count; i++) {
        const dbc__column *column = &now->columns[i];
        if (at < to->column_count && match->source[at] &&
            strcmp(to->columns[at].normal, column->normal) == 0)
            at++;
        else if (dbc__shape_find(to, column->name))
            return 0;
    }
    for (; at < to->column_count; at++)
        if (match->source[at] || !can_add(p, match, &to->columns[at])) return 0;
    return 1;
}

static int add_statement(dbc__planner *p, dbc__list *list, const char *reason)
{
    dbc__arena *arena = &p->plan->arena;
    statement *added = dbc__list_add(list, arena, sizeof *added);

    if (added && p->sql.status == DBC_OK)
        added->sql = dbc__arena_copy(arena, p->sql.data, p->sql.len);
    dbc__buf_clear(&p->sql);
    if (!added || !added->sql || !reason) return dbc__plan_nomem(p);
    added->reason = reason;
    return DBC_OK;
}

static int write_statements(dbc__planner *p, dbc__match *match,
                            const dbc__shape *now)
{
    const dbc__shape *to = &match->to->shape;
    const char *table = match->to->own.name;
    int rc = DBC_OK;

    match->adds = match->drops = (dbc__list){0};
    for (size_t i = 0; i < to->column_count && rc >= 0; i++) {
        const dbc__column *column = &to->columns[i];
        if (dbc__shape_find(now, column->name)) continue;
        dbc__plan_add(p, "ALTER TABLE ");
        dbc__plan_name(p, table);
        dbc__plan_add(p, " ADD COLUMN ");
        dbc_buf_add(&p->sql, column->text.text, column->text.len);
        rc = add_statement(p, &match->adds,
                           dbc__plan_text(p, "add column \"%s\" to \"%s\"",
                                          column->name, table));
    }
    for (size_t i = 0; i < now->column_count && rc >= 0; i++) {
        const dbc__column *column = &now->columns[i];
        if (dbc__shape_find(to, column->name)) continue;
        dbc__plan_add(p, "ALTER TABLE ");
        dbc__plan_name(p, table);
        dbc__plan_add(p, " DROP COLUMN ");
        dbc__plan_name(p, column->name);
        rc = add_statement(p, &match->drops,
                           dbc__plan_text(p, "drop column \"%s\" of \"%s\"",
                                          column->name, table));
    }
    return rc;
}

static int run_list(dbc__planner *p, const dbc__list *list)
{
    const statement *items = list->items;
    int rc = DBC_OK;

    for (size_t i = 0; i < list->count && rc >= 0; i++)
        rc = dbc__scratch_run(&p->scratch, items[i].sql, strlen(items[i].sql),
                              DBC__SCRATCH_KNOWN);
    return rc;
}

// Whether the table in the scratch database is now the one that is wanted.
static int is_there(int *out, dbc__planner *p, const dbc__object *to)
{
    static const char ask[] =
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?1";
    dbc_value name = dbc_value_text(to->own.name, strlen(to->own.name));
    dbc__shape shape;
    dbc_stmt *stmt = NULL;

    *out = 0;
    int rc = dbc_stmt_acquire(&stmt, p->scratch.conn, ask, sizeof ask - 1);
    if (rc >= 0) rc = dbc_stmt_bind(stmt, &name, 1);
    if (rc >= 0) rc = dbc_stmt_step(stmt);
    if (rc == DBC_ROW) {
        const dbc_value *sql = dbc_stmt_row(stmt);
        const char *copy =
            dbc__arena_copy(&p->plan->arena, sql->as.text, sql->len);
        if (!copy || dbc__parse_table(&shape, &p->plan->arena, copy) < 0)
            rc = dbc__error_nomem(&p->scratch.conn->error);
        else
            *out = strcmp(shape.normal, to->normal) == 0;
    }
    dbc_stmt_release(stmt);
    if (rc < 0) p->conn->error = p->scratch.conn->error;
    return rc < 0 ? rc : DBC_OK;
}

int dbc__alter_try(dbc__planner *p, dbc__match *match, const dbc__object *now)
{
    int fits = 0;
    int rc;

    if (!is_candidate(p, match, &now->shape) ||
        dbc__expression_asks_copy(p, match))
        return 0;
    rc = write_statements(p, match, &now->shape);
    if (rc < 0) return rc;
    rc = dbc__scratch_exec(&p->scratch, "SAVEPOINT dbcore_try");
    if (rc < 0) return rc;
    rc = run_list(p, &match->adds);
    if (rc >= 0) rc = run_list(p, &match->drops);
    if (rc >= 0) rc = is_there(&fits, p, match->to);
    if (rc < 0 && rc != DBC_ENOMEM && rc != DBC_EINTERRUPTED) {
        dbc__error_clear(&p->conn->error);
        rc = DBC_OK;
        fits = 0;
    }
    dbc_error cause = p->conn->error;
    int undone = dbc__scratch_exec(
        &p->scratch, "ROLLBACK TO dbcore_try; RELEASE dbcore_try");
    if (rc < 0) {
        p->conn->error = cause;
        return rc;
    }
    return undone < 0 ? undone : fits;
}

int dbc__alter_steps(dbc__planner *p, const dbc__match *match,
                     const dbc__list *statements, unsigned flags)
{
    const statement *items = statements->items;
    int rc = DBC_OK;

    for (size_t i = 0; i < statements->count && rc >= 0; i++) {
        dbc__plan_add(p, items[i].sql);
        rc = dbc__plan_step(NULL, p, match->to->own.name, flags,
                            items[i].reason);
    }
    return rc;
}

int dbc__alter_add_bare(dbc__planner *p, const dbc__match *match,
                        const dbc__object *now)
{
    const dbc__shape *to = &match->to->shape;
    const char *table = match->to->own.name;
    int rc = DBC_OK;

    for (size_t i = 0; i < to->column_count && rc >= 0; i++) {
        const dbc__column *column = &to->columns[i];
        if (dbc__shape_find(&now->shape, column->name) || column->generated ||
            to->is_key == (int)i)
            continue;
        dbc__plan_add(p, "ALTER TABLE ");
        dbc__plan_name(p, table);
        dbc__plan_add(p, " ADD COLUMN ");
        dbc__plan_name(p, column->name);
        dbc__plan_add(p, " ");
        dbc_buf_add(&p->sql, column->type.text, column->type.len);
        if (column->fallback && is_constant(column->fallback)) {
            dbc__plan_add(p, " DEFAULT ");
            dbc_buf_add(&p->sql, column->fallback->body.text,
                        column->fallback->body.len);
        }
        rc = dbc__plan_step(
            NULL, p, table, 0,
            dbc__plan_text(p, "add column \"%s\" to \"%s\", to be filled",
                           column->name, table));
    }
    return rc;
}
