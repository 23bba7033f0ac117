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

static int check(dbc__planner *p, const dbc__match *match, const char *column,
                 const char *expression)
{
    dbc_error *err = &p->conn->error;
    dbc__lack lack;
    dbc__lack_words words;
    int rc;

    dbc__plan_add(p, "SELECT 1 FROM ");
    dbc__plan_name(p, match->to->own.name);
    rc = try_in(p, match, " WHERE (", expression, ")");
    if (rc < 0 && strstr(err->message, "misuse of window function"))
        rc = try_in(p, match, "SELECT (", expression, ") FROM ");
    if (rc >= 0 || rc == DBC_ENOMEM || rc == DBC_EINTERRUPTED) return rc;
    dbc_error cause = *err;
    lack = dbc__lack_of(cause.message);
    words = dbc__lack_say(&lack);
    if (lack.kind != DBC__LACK_NOTHING)
        return dbc__conn_fail(p->conn, DBC_EREFUSED,
                              "the expression for \"%.100s\".\"%.100s\" cannot "
                              "be used: %s: %s",
                              match->to->own.name, column, words.what,
                              words.fix);
    return dbc__conn_fail(p->conn, DBC_EREFUSED,
                          "the expression for \"%.100s\".\"%.100s\" cannot be "
                          "used: %s",
                          match->to->own.name, column, cause.message);
}

int dbc__expression_check(dbc__planner *p, const dbc__match *match)
{
    static const dbc_hint_kind kinds[] = {DBC_HINT_COPY, DBC_HINT_BACKFILL};
    const dbc__shape *to = &match->to->shape;

    for (size_t i = 0; i < to->column_count; i++) {
        for (size_t k = 0; k < 2; k++) {
            const char *name = to->columns[i].name;
            const char *given = dbc__hint_expression(p, kinds[k], match, name);
            int rc = given ? check(p, match, name, given) : DBC_OK;
            if (rc < 0) return rc;
        }
    }
    return DBC_OK;
}

int dbc__expression_asks_copy(const dbc__planner *p, const dbc__match *match)
{
    for (size_t i = 0; i < match->to->shape.column_count; i++) {
        const char *name = match->to->shape.columns[i].name;
        const char *copy, *backfill;
        if (!match->source[i]) continue;
        copy = dbc__hint_expression(p, DBC_HINT_COPY, match, name);
        backfill = dbc__hint_expression(p, DBC_HINT_BACKFILL, match, name);
        if ((copy && dbc__hint_is_given(p, copy)) ||
            (backfill && dbc__hint_is_given(p, backfill)))
            return 1;
    }
    return 0;
}
