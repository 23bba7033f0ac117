// Loss needs consent, given for the thing that is lost. Something that goes
// while something of its kind comes may have been renamed: then that has to be
// said, one way or the other.
#include "loss.h"

#include <string.h>

#include "error.h"
#include "full_text.h"
#include "hint.h"
#include "row.h"

// Without a look at rows nobody knows whether there is anything to lose.
static dbc_level level_of(const dbc__planner *p, int allowed)
{
    return allowed || !p->probes ? DBC_WARNING : DBC_REFUSAL;
}

static const char *say_count(dbc__planner *p, int64_t count, const char *what)
{
    if (count < 0) return dbc__plan_text(p, "all %ss", what);
    return dbc__plan_text(p, "%lld %s%s", (long long)count, what,
                          count == 1 ? "" : "s");
}

// ------------------------------------------------------------------- tables

// Whether the columns of two tables are declared alike.
static int is_alike(const dbc__shape *a, const dbc__shape *b)
{
    if (a->column_count != b->column_count || a->column_count == 0) return 0;
    for (size_t i = 0; i < a->column_count; i++)
        if (!dbc__same_name(a->columns[i].name, b->columns[i].name)) return 0;
    return 1;
}

static const char *twin_of(const dbc__planner *p, const dbc__match *gone)
{
    for (size_t i = 0; i < p->match_count; i++) {
        const dbc__match *match = &p->matches[i];
        if (!match->from && is_alike(&gone->from->shape, &match->to->shape))
            return match->to->own.name;
    }
    return NULL;
}

// Full text over another table holds nothing of its own.
static int holds_text(const dbc__object *object)
{
    return dbc__full_text_home(object, NULL) != DBC__TEXT_COVERED;
}

int dbc__loss_of_table(dbc__planner *p, const dbc__match *match)
{
    const char *name = match->from->own.name;
    const char *twin = twin_of(p, match);
    int allowed = dbc__hint_allows(p, name, NULL);
    const dbc_hint answers[] = {{DBC_HINT_RENAME_TABLE, name, NULL, twin},
                                {DBC_HINT_ALLOW_LOSS, name, NULL, NULL}};
    dbc_finding finding = {.code = "D1", .table = name, .column = ""};
    const char *rows;
    int rc = DBC_OK;

    finding.count = -1;
    if (p->probes) rc = dbc__question_count(&finding.count, p, name);
    if (rc < 0 || finding.count == 0 || !holds_text(match->from)) return rc;
    finding.answers = twin ? answers : answers + 1;
    finding.answer_count = allowed ? 0 : twin ? 2 : 1;
    rows = say_count(p, finding.count, "row");
    finding.level = level_of(p, allowed);
    if (!rows) return dbc__plan_nomem(p);
    if (twin && !allowed) {
        finding.code = "B1";
        finding.level = DBC_REFUSAL;
        finding.message = dbc__plan_text(
            p,
            "table \"%s\" (%s) would go and \"%s\" come, which looks like a "
            "rename",
            name, rows, twin);
        finding.fix = dbc__plan_text(p,
                                     "rename %s to %s, or allow the loss of "
                                     "%s when its rows are not wanted",
                                     name, twin, name);
        return dbc__plan_finding(p, &finding);
    }
    finding.message =
        dbc__plan_text(p, "table \"%s\" would be dropped with %s", name, rows);
    finding.fix =
        allowed
            ? ""
            : dbc__plan_text(p, "if that is meant, allow the loss of %s", name);
    return dbc__plan_finding(p, &finding);
}

// ---------------------------------------------------------------- full text

// Whether the words of an index that is made anew can be read from nowhere:
// it kept none, or it kept them and the new one will not.
static int forgets_text(const dbc__match *match)
{
    dbc__text_home before = dbc__full_text_home(match->from, NULL);
    dbc__text_home after = dbc__full_text_home(match->to, NULL);

    return before == DBC__TEXT_NOWHERE ||
           (before == DBC__TEXT_OWN && after != DBC__TEXT_OWN);
}

int dbc__loss_of_text(dbc__planner *p, const dbc__match *match)
{
    const char *name = match->to->own.name;
    int allowed = dbc__hint_allows(p, name, NULL);
    const dbc_hint answer = {DBC_HINT_ALLOW_LOSS, name, NULL, NULL};
    dbc_finding finding = {.code = "D1",
                           .table = name,
                           .column = "",
                           .answers = &answer,
                           .answer_count = !allowed};
    const char *rows;
    int rc = DBC_OK;

    if (!match->rebuilt || !forgets_text(match)) return rc;
    finding.count = -1;
    if (p->probes) rc = dbc__question_count(&finding.count, p, name);
    if (rc < 0 || finding.count == 0) return rc;
    rows = say_count(p, finding.count, "row");
    if (!rows) return dbc__plan_nomem(p);
    finding.level = level_of(p, allowed);
    finding.message =
        dbc__plan_text(p,
                       "the full-text index \"%s\" would be made anew, and "
                       "the text of %s is kept nowhere else",
                       name, rows);
    finding.fix =
        allowed
            ? ""
            : dbc__plan_text(p, "if that is meant, allow the loss of %s", name);
    return dbc__plan_finding(p, &finding);
}

// ------------------------------------------------------------------ columns

// The first new column that may be the old one under another name.
static const char *heir_of(const dbc__questions *q, const dbc__column *gone)
{
    const dbc__match *match = q->match;
    const dbc__shape *to = &match->to->shape;

    for (size_t i = 0; i < to->column_count; i++) {
        const dbc__column *column = &to->columns[i];
        if (match->source[i] || column->generated ||
            column->affinity != gone->affinity)
            continue;
        if (dbc__hint_expression(q->p, DBC_HINT_COPY, match, column->name))
            continue;
        if (dbc__hint_expression(q->p, DBC_HINT_BACKFILL, match, column->name))
            continue;
        return column->name;
    }
    return NULL;
}

static int find_column(dbc__questions *q, const dbc__column *column,
                       int64_t count)
{
    dbc__planner *p = q->p;
    const char *table = q->match->to->own.name;
    const char *heir = heir_of(q, column);
    int allowed = dbc__hint_allows(p, table, column->name) ||
                  dbc__hint_allows(p, q->match->from->own.name, column->name);
    const char *values = say_count(p, count, "value");
    const dbc_hint answers[] = {
        {DBC_HINT_RENAME_COLUMN, table, column->name, heir},
        {DBC_HINT_ALLOW_LOSS, table, column->name, NULL}};
    dbc_finding finding = {.code = "D2",
                           .level = level_of(p, allowed),
                           .table = table,
                           .column = column->name,
                           .count = count,
                           .answers = heir ? answers : answers + 1,
                           .answer_count = allowed ? 0
                                           : heir  ? 2
                                                   : 1};

    if (!values) return dbc__plan_nomem(p);
    if (heir && !allowed) {
        finding.code = "B2";
        finding.level = DBC_REFUSAL;
        finding.message = dbc__plan_text(
            p,
            "column \"%s\" of \"%s\" (%s) would go and \"%s\" come, which "
            "looks like a rename",
            column->name, table, values, heir);
        finding.fix =
            dbc__plan_text(p,
                           "rename %s.%s to %s, or allow the loss of %s.%s "
                           "when its values are "
                           "not wanted",
                           table, column->name, heir, table, column->name);
        return dbc__plan_finding(p, &finding);
    }
    finding.message =
        dbc__plan_text(p, "column \"%s\" of \"%s\" would be dropped with %s",
                       column->name, table, values);
    finding.fix =
        allowed ? ""
                : dbc__plan_text(p, "if that is meant, allow the loss of %s.%s",
                                 table, column->name);
    return dbc__plan_finding(p, &finding);
}

// One pass counts the values of all columns that go.
static int count_values(int64_t *counts, dbc__questions *q)
{
    dbc__planner *p = q->p;
    const dbc__shape *from = &q->match->from->shape;
    dbc_stmt *stmt = NULL;
    size_t n = 0;
    int rc;

    dbc__plan_add(p, "SELECT ");
    for (size_t i = 0; i < from->column_count; i++) {
        if (q->match->kept[i] || from->columns[i].generated) continue;
        dbc__plan_add(p, n++ ? ", count(" : "count(");
        dbc__plan_name(p, from->columns[i].name);
        dbc__plan_add(p, ")");
    }
    dbc__plan_add(p, " FROM ");
    dbc__plan_name(p, q->match->from->own.name);
    if (p->sql.status < 0) return dbc__plan_nomem(p);
    rc = dbc_stmt_acquire(&stmt, p->conn, p->sql.data, p->sql.len);
    dbc__buf_clear(&p->sql);
    if (rc >= 0) rc = dbc_stmt_step(stmt);
    n = 0;
    for (size_t i = 0; rc == DBC_ROW && i < from->column_count; i++)
        if (!q->match->kept[i] && !from->columns[i].generated)
            counts[i] = dbc_stmt_int(stmt, n++);
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

int dbc__loss_of_columns(dbc__questions *q)
{
    dbc__planner *p = q->p;
    const dbc__shape *from = &q->match->from->shape;
    int64_t *counts = dbc__arena_take_array(&p->plan->arena, from->column_count,
                                            sizeof *counts);
    size_t gone = 0;
    int rc = DBC_OK;

    if (!counts) return dbc__plan_nomem(p);
    for (size_t i = 0; i < from->column_count; i++) {
        gone += !q->match->kept[i] && !from->columns[i].generated;
        counts[i] = -1;
    }
    if (gone == 0) return DBC_OK;
    if (p->probes) rc = count_values(counts, q);
    for (size_t i = 0; i < from->column_count && rc >= 0; i++) {
        const dbc__column *column = &from->columns[i];
        if (q->match->kept[i] || column->generated || counts[i] == 0) continue;
        rc = find_column(q, column, counts[i]);
    }
    return rc;
}

// ------------------------------------------------------------------- values

static void add_text(dbc__planner *p, const char *format, const char *name)
{
    const char *place;

    // Each '$' is the name.
    while ((place = strchr(format, '$')) != NULL) {
        dbc_buf_add(&p->sql, format, (size_t)(place - format));
        dbc__plan_name(p, name);
        format = place + 1;
    }
    dbc__plan_add(p, format);
}

// The condition for a value that would be stored as another one.
static void add_lossy(dbc__planner *p, dbc__affinity to, const char *name)
{
    switch (to) {
    case DBC__AFFINITY_TEXT:
        add_text(p, "typeof($) = 'real' AND CAST(CAST($ AS TEXT) AS REAL) <> $",
                 name);
        break;
    case DBC__AFFINITY_REAL:
        add_text(p,
                 "(typeof($) = 'integer' AND CAST($ AS REAL) <> $) OR "
                 "(typeof($) = 'text' AND CAST($ AS NUMERIC) = $ AND "
                 "(CAST($ AS REAL) <> CAST($ AS NUMERIC) OR "
                 "CAST(CAST($ AS REAL) AS TEXT) <> $ COLLATE binary AND "
                 "CAST(CAST($ AS NUMERIC) AS TEXT) <> $ COLLATE binary))",
                 name);
        break;
    case DBC__AFFINITY_INTEGER:
    case DBC__AFFINITY_NUMERIC:
        add_text(p,
                 "typeof($) = 'text' AND CAST($ AS NUMERIC) = $ AND "
                 "CAST(CAST($ AS NUMERIC) AS TEXT) <> $ COLLATE binary",
                 name);
        break;
    case DBC__AFFINITY_BLOB:
        break;
    }
}

// Values that a generated column would replace by others.
static int ask_generated(dbc__questions *q, size_t i)
{
    dbc__planner *p = q->p;
    const dbc__column *to = &q->match->to->shape.columns[i];
    const dbc__column *from = q->match->source[i];
    const char *table = q->match->to->own.name;
    int allowed = dbc__hint_allows(p, table, to->name);

    if (!from || from->generated) return DBC_OK;
    dbc__plan_name(p, to->name);
    dbc__plan_add(p, " IS NOT ");
    dbc__plan_name(p, dbc__row_raw(p, i));
    dbc__plan_add(p, " COLLATE binary");
    return (allowed ? dbc__question_add_allowed : dbc__question_add)(
        q, "D5", to->name, DBC__QUESTION_KEY,
        dbc__plan_text(p,
                       "the expression of \"%s\" would replace the value of "
                       "{count} of \"%s\"",
                       to->name, table),
        dbc__plan_text(p, "if these can go, allow the loss of %s.%s", table,
                       to->name));
}

int dbc__loss_of_values(dbc__questions *q, size_t i)
{
    dbc__planner *p = q->p;
    const dbc__match *match = q->match;
    const dbc__column *to = &match->to->shape.columns[i];
    const dbc__column *from = match->source[i];
    const char *table = match->to->own.name;
    int allowed = dbc__hint_allows(p, table, to->name);

    if (to->generated) return ask_generated(q, i);
    if (!from || !dbc__row_converts(p, match, i)) return DBC_OK;
    // Whoever gave an expression has decided what becomes of the values.
    if (dbc__hint_expression(p, DBC_HINT_COPY, match, to->name)) return DBC_OK;
    add_lossy(p, to->affinity, dbc__row_raw(p, i));
    return (allowed ? dbc__question_add_allowed : dbc__question_add)(
        q, "D3", to->name, DBC__QUESTION_VALUE,
        dbc__plan_text(p,
                       "{count} of \"%s\" would hold another value in \"%s\" "
                       "when it becomes %.*s",
                       table, to->name, (int)to->type.len, to->type.text),
        dbc__plan_text(p,
                       "say how by a copy of %s.%s, or allow the loss of %s.%s",
                       table, to->name, table, to->name));
}
