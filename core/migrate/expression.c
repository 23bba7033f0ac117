// An expression makes one value of one row. It is tried as a condition, where
// nothing that looks at several rows is allowed; only a window may.
#include "expression.h"

#include <string.h>

#include "error.h"
#include "hint.h"

static int try_in(dbc__planner *p, const dbc__match *match, const char *start,
                  const char *expression, const char *end)
{
    int rc;

    dbc__plan_add(p, start);
    dbc__plan_add(p, expression);
    dbc__plan_add(p, end);
    if (strcmp(end, ") FROM ") == 0) dbc__plan_name(p, match->to->own.name);
    if (p->sql.status < 0) return dbc__plan_nomem(p);
    rc = dbc__scratch_run(&p->scratch, p->sql.data, p->sql.len,
                          DBC__SCRATCH_KNOWN);
    dbc__buf_clear(&p->sql);
    return rc;
}

// The engine's complaint, with where the expression stands before it.
static int complain(dbc__planner *p, const dbc_hint *hint)
{
    dbc_error cause = p->conn->error;
    dbc__lack lack = dbc__lack_of(cause.message);
    dbc__lack_words said = dbc__lack_say(&lack);
    const char *words = dbc__hint_words(p, hint);

    if (cause.code == DBC_ENOMEM || cause.code == DBC_EINTERRUPTED)
        return cause.code;
    if (words && dbc__hint_is_given(p, hint->value))
        words = dbc__plan_text(p, "%s, %s", words, hint->value);
    else if (words)
        words = dbc__plan_text(p, "the expression %s for \"%s\".\"%s\"",
                               hint->value, hint->table, hint->name);
    if (!words) return dbc__plan_nomem(p);
    if (lack.kind != DBC__LACK_NOTHING)
        return dbc__conn_fail(p->conn, DBC_EREFUSED, "%s: %s: %s", words,
                              said.what, said.fix);
    return dbc__conn_fail(p->conn, DBC_EREFUSED, "%s: %s", words,
                          cause.message);
}

static int check(dbc__planner *p, const dbc__match *match, const dbc_hint *hint)
{
    int rc;

    dbc__plan_add(p, "SELECT 1 FROM ");
    dbc__plan_name(p, match->to->own.name);
    rc = try_in(p, match, " WHERE (", hint->value, ")");
    if (rc < 0 && strstr(p->conn->error.message, "misuse of window function"))
        rc = try_in(p, match, "SELECT (", hint->value, ") FROM ");
    return rc < 0 ? complain(p, hint) : DBC_OK;
}

int dbc__expression_check(dbc__planner *p, const dbc__match *match)
{
    int rc = DBC_OK;

    for (size_t i = 0; i < p->hint_count && rc >= 0; i++) {
        const dbc_hint *hint = &p->hints[i];
        int is_used =
            (hint->kind == DBC_HINT_COPY || hint->kind == DBC_HINT_BACKFILL) &&
            dbc__shape_find(&match->to->shape, hint->name) &&
            dbc__hint_expression(p, hint->kind, match, hint->name) ==
                hint->value;
        if (is_used) rc = check(p, match, hint);
    }
    return rc;
}

int dbc__expression_is_for_rename(const dbc__match *match, size_t i)
{
    const dbc__column *source = match->source[i];

    return source &&
           strcmp(source->name, match->to->shape.columns[i].name) != 0;
}

// One that stands in the schema stays there when it was obeyed: it counts on
// the column's way to its name.
static int is_due(const dbc__planner *p, const dbc__match *match, size_t i)
{
    const dbc__column *column = &match->to->shape.columns[i];
    const char *copy =
        dbc__hint_expression(p, DBC_HINT_COPY, match, column->name);
    const char *backfill =
        dbc__hint_expression(p, DBC_HINT_BACKFILL, match, column->name);

    if (!match->source[i] || column->generated) return 0;
    return (copy && (dbc__hint_is_given(p, copy) ||
                     dbc__expression_is_for_rename(match, i))) ||
           (backfill && dbc__hint_is_given(p, backfill));
}

int dbc__expression_asks_copy(const dbc__planner *p, const dbc__match *match)
{
    for (size_t i = 0; i < match->to->shape.column_count; i++)
        if (is_due(p, match, i)) return 1;
    return 0;
}

// ------------------------------------------------------------------- no use

// Why there is nothing that the hint could fill, or NULL.
static const char *idle_reason(const dbc__planner *p, const dbc__match *match,
                               const dbc_hint *hint)
{
    const dbc__column *column = dbc__shape_find(&match->to->shape, hint->name);

    if (match->to->own.kind == DBC_OBJECT_VIRTUAL)
        return "a virtual table fills its columns itself";
    if (!column) return "the column goes: name the one that it becomes";
    if (column->generated) return "the column is generated: change that";
    if (!match->from)
        return hint->kind == DBC_HINT_COPY
                   ? "the table is new, so there are no rows to copy: insert "
                     "them by a data step"
                   : NULL;
    if (p->is_alteration || match->rebuilt) return NULL;
    return "the column stays as it is: take this away, or change its rows by "
           "a data step";
}

// Why the hint is of no use, or NULL. Where two tables exchange their names it
// is about both, and needs to be of use to one.
static const char *find_idle(const dbc__planner *p, const dbc_hint *hint)
{
    const char *first = NULL;

    for (size_t m = 0; m < p->match_count; m++) {
        const dbc__match *match = &p->matches[m];
        if (!match->to || !dbc__hint_is_about(hint, match)) continue;
        const char *why = idle_reason(p, match, hint);
        if (!why) return NULL;
        if (!first) first = why;
    }
    return first;
}

int dbc__expression_refuse_idle(dbc__planner *p)
{
    for (size_t i = 0; i < p->given_count; i++) {
        const dbc_hint *hint = &p->hints[i];
        if (hint->kind != DBC_HINT_COPY && hint->kind != DBC_HINT_BACKFILL)
            continue;
        const char *why = find_idle(p, hint);
        if (!why) continue;
        const char *words = dbc__hint_words(p, hint);
        if (!words) return dbc__plan_nomem(p);
        return dbc__conn_fail(p->conn, DBC_EREFUSED, "%s: %s", words, why);
    }
    return DBC_OK;
}
