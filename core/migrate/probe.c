// Questions about rows. All that can be asked of one row at a time is asked in
// one pass over its table; duplicates are asked for apart. What an expression
// of the host makes impossible to ask is left to the copy itself, which stops
// at the first row that does not fit and is undone.
#include "probe.h"

#include <string.h>

#include "alloc.h"
#include "duplicate.h"
#include "error.h"
#include "hint.h"
#include "loss.h"
#include "question.h"
#include "rebuild.h"
#include "row.h"
#include "service.h"

// Whether the table has such a constraint already, of that column or its own.
static int has_clause(const dbc__shape *now, const char *column,
                      const dbc__clause *wanted)
{
    const dbc__clause *each = now->clauses;
    const dbc__column *there = column ? dbc__shape_find(now, column) : NULL;

    if (column && !there) return 0;
    if (there) each = there->clauses;
    for (; each; each = each->next)
        if (strcmp(each->normal, wanted->normal) == 0) return 1;
    return 0;
}

// Whether what the column holds may be something else than before.
static int is_changed(const dbc__planner *p, const dbc__match *match, size_t i)
{
    const char *name = match->to->shape.columns[i].name;

    return !match->source[i] || dbc__row_converts(p, match, i) ||
           dbc__hint_expression(p, DBC_HINT_COPY, match, name) ||
           dbc__hint_expression(p, DBC_HINT_BACKFILL, match, name);
}

static int mentions_changed(const dbc__planner *p, const dbc__match *match,
                            const dbc__span *text)
{
    const dbc__shape *to = &match->to->shape;

    for (size_t i = 0; i < to->column_count; i++)
        if ((is_changed(p, match, i) || to->columns[i].generated ||
             dbc__row_collates(match, i)) &&
            dbc__mentions(text->text, text->len, to->columns[i].name))
            return 1;
    return 0;
}

// --------------------------------------------------------------- single rows

static int is_conflict(const dbc__clause *clause)
{
    return clause && (clause->conflict == DBC_CONFLICT_IGNORE ||
                      clause->conflict == DBC_CONFLICT_REPLACE);
}

static int ask_not_null(dbc__questions *q, size_t i)
{
    dbc__planner *p = q->p;
    const dbc__column *column = &q->match->to->shape.columns[i];
    const dbc__column *from = q->match->source[i];
    const char *table = q->match->to->own.name;

    if (!column->not_null || q->match->to->shape.is_key == (int)i)
        return DBC_OK;
    if (from && from->not_null && !column->generated &&
        !is_changed(p, q->match, i))
        return DBC_OK;
    dbc__plan_name(p, column->name);
    dbc__plan_add(p, " IS NULL");
    return dbc__question_add(
        q, is_conflict(column->not_null) ? "D4" : "F1", column->name,
        DBC__QUESTION_KEY,
        dbc__plan_text(p,
                       from || column->generated
                           ? "column \"%s\" of \"%s\" is to be NOT NULL, but "
                             "{count} have no value there"
                           : "column \"%s\" of \"%s\" is new, NOT NULL and "
                             "without a value for {count}",
                       column->name, table),
        column->generated
            ? "change the expression, or the rows before"
            : dbc__plan_text(p, "give them one by a backfill of %s.%s", table,
                             column->name));
}

static int ask_check(dbc__questions *q, const char *column,
                     const dbc__clause *check, const dbc__shape *now)
{
    dbc__planner *p = q->p;

    if (check->kind != DBC__CLAUSE_CHECK) return DBC_OK;
    if (has_clause(now, column, check) &&
        !mentions_changed(p, q->match, &check->body))
        return DBC_OK;
    dbc__plan_add(p, "NOT (");
    dbc_buf_add(&p->sql, check->body.text, check->body.len);
    dbc__plan_add(p, ")");
    return dbc__question_add(
        q, "F3", column ? column : "", DBC__QUESTION_KEY,
        dbc__plan_text(p, "{count} of \"%s\" would break %s%s%sCHECK (%.*s)",
                       q->match->to->own.name, check->name ? "\"" : "",
                       check->name ? check->name : "",
                       check->name ? "\": " : "", (int)check->body.len,
                       check->body.text),
        "change these rows before, or the condition");
}

static void add_numeric_text(dbc__planner *p, const char *name)
{
    dbc__plan_add(p, "(typeof(");
    dbc__plan_name(p, name);
    dbc__plan_add(p, ") = 'text' AND CAST(");
    dbc__plan_name(p, name);
    dbc__plan_add(p, " AS NUMERIC) = ");
    dbc__plan_name(p, name);
}

// What can become an integer, in the strict sense.
static void add_is_integer(dbc__planner *p, const char *name)
{
    dbc__plan_add(p, "(typeof(");
    dbc__plan_name(p, name);
    dbc__plan_add(p, ") = 'integer' OR (typeof(");
    dbc__plan_name(p, name);
    dbc__plan_add(p, ") = 'real' AND ");
    dbc__plan_name(p, name);
    dbc__plan_add(p, " = CAST(");
    dbc__plan_name(p, name);
    dbc__plan_add(p, " AS INTEGER)) OR ");
    add_numeric_text(p, name);
    dbc__plan_add(p, " AND typeof(CAST(");
    dbc__plan_name(p, name);
    dbc__plan_add(p, " AS NUMERIC)) = 'integer'))");
}

// The condition for a value that a STRICT column does not take.
static int add_misfit(dbc__planner *p, const dbc__column *column)
{
    const char *name = column->name;

    switch (column->affinity) {
    case DBC__AFFINITY_INTEGER:
        dbc__plan_name(p, name);
        dbc__plan_add(p, " IS NOT NULL AND NOT ");
        add_is_integer(p, name);
        return 1;
    case DBC__AFFINITY_REAL:
    case DBC__AFFINITY_NUMERIC:
        dbc__plan_add(p, "typeof(");
        dbc__plan_name(p, name);
        dbc__plan_add(p, ") = 'blob' OR typeof(");
        dbc__plan_name(p, name);
        dbc__plan_add(p, ") = 'text' AND NOT ");
        add_numeric_text(p, name);
        dbc__plan_add(p, ")");
        return 1;
    case DBC__AFFINITY_TEXT:
        dbc__plan_add(p, "typeof(");
        dbc__plan_name(p, name);
        dbc__plan_add(p, ") = 'blob'");
        return 1;
    case DBC__AFFINITY_BLOB:
        break;
    }
    if (dbc__mentions(column->type.text, column->type.len, "ANY")) return 0;
    dbc__plan_add(p, "typeof(");
    dbc__plan_name(p, name);
    dbc__plan_add(p, ") NOT IN ('blob', 'null')");
    return 1;
}

static int ask_strict(dbc__questions *q, size_t i, const dbc__shape *now)
{
    dbc__planner *p = q->p;
    const dbc__shape *to = &q->match->to->shape;
    const dbc__column *column = &to->columns[i];

    if (!to->strict || to->is_key == (int)i) return DBC_OK;
    if (now->strict && !is_changed(p, q->match, i) && !column->generated)
        return DBC_OK;
    if (!add_misfit(p, column)) return DBC_OK;
    return dbc__question_add(
        q, "F5", column->name, DBC__QUESTION_VALUE,
        dbc__plan_text(p,
                       "column \"%s\" of \"%s\" is to be strictly %.*s, but "
                       "{count} hold something else",
                       column->name, q->match->to->own.name,
                       (int)column->type.len, column->type.text),
        dbc__plan_text(p, "convert them by a copy of %s.%s",
                       q->match->to->own.name, column->name));
}

// A key that becomes the rowid, or of a table without one.
static int ask_key(dbc__questions *q, const dbc__shape *now)
{
    dbc__planner *p = q->p;
    const dbc__shape *to = &q->match->to->shape;
    const char *table = q->match->to->own.name;
    const dbc__column *column;

    if (to->is_key >= 0) {
        column = &to->columns[to->is_key];
        const dbc__column *from = q->match->source[to->is_key];
        if (!from) return DBC_OK; // the rowid
        if (now->is_key >= 0 &&
            strcmp(now->columns[now->is_key].name, column->name) == 0 &&
            !is_changed(p, q->match, (size_t)to->is_key))
            return DBC_OK;
        dbc__plan_add(p, "NOT ");
        add_is_integer(p, column->name);
        return dbc__question_add(
            q, "F6", column->name, DBC__QUESTION_VALUE,
            dbc__plan_text(p,
                           "column \"%s\" of \"%s\" is to be the INTEGER "
                           "PRIMARY KEY, but {count} hold no integer there",
                           column->name, table),
            "give these rows a key before");
    }
    if (!to->without_rowid) return DBC_OK;
    const char **key =
        dbc__arena_take_array(&p->plan->arena, to->column_count, sizeof *key);
    if (!key) return dbc__plan_nomem(p);
    size_t count = dbc__shape_key(to, key);
    for (size_t i = 0; i < count; i++) {
        column = dbc__shape_find(to, key[i]);
        if (!column ||
            (now->without_rowid &&
             !is_changed(p, q->match, (size_t)(column - to->columns))))
            continue;
        dbc__plan_name(p, key[i]);
        dbc__plan_add(p, " IS NULL");
        int rc = dbc__question_add(
            q, "F6", key[i], DBC__QUESTION_KEY,
            dbc__plan_text(p,
                           "column \"%s\" is in the key of \"%s\", which is to "
                           "be WITHOUT ROWID, but {count} have no value there",
                           key[i], table),
            "give these rows a key before");
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

static int ask_rows(dbc__questions *q, const dbc__shape *now)
{
    const dbc__shape *to = &q->match->to->shape;
    int rc = ask_key(q, now);

    for (size_t i = 0; i < to->column_count && rc >= 0; i++) {
        const dbc__column *column = &to->columns[i];
        rc = ask_not_null(q, i);
        if (rc >= 0) rc = ask_strict(q, i, now);
        for (const dbc__clause *c = column->clauses; c && rc >= 0; c = c->next)
            rc = ask_check(q, column->name, c, now);
        if (rc >= 0) rc = dbc__question_keys(q, column, now);
        if (rc >= 0) rc = dbc__loss_of_values(q, i);
    }
    for (const dbc__clause *c = to->clauses; c && rc >= 0; c = c->next)
        rc = ask_check(q, NULL, c, now);
    if (rc >= 0) rc = dbc__question_keys(q, NULL, now);
    return rc;
}

// ---------------------------------------------------------- computed columns

// What an expression makes of a row, and not of its text.
static int is_about_row(int rc)
{
    return rc == DBC_EDATABASE || rc == DBC_ECALLBACK || rc == DBC_ELIMIT;
}

static int find_uncomputed(dbc__questions *q, const char *column,
                           const char *why)
{
    dbc__planner *p = q->p;
    const char *table = q->match->to->own.name;
    dbc_finding finding = {.code = "F3",
                           .level =
                               p->plan->has_data ? DBC_WARNING : DBC_REFUSAL,
                           .table = table,
                           .column = column,
                           .count = -1,
                           .fix = "change the expression, or the rows before"};

    finding.message = dbc__plan_text(
        p, "column \"%s\" of \"%s\" cannot be computed for all rows: %s",
        column, table, why);
    return dbc__plan_finding(p, &finding);
}

// An expression that fails on a row would make the table unreadable, and
// nothing would notice when it is not stored.
static int ask_computed(dbc__questions *q, const dbc__column *column,
                        const dbc__shape *now)
{
    dbc__planner *p = q->p;
    const dbc__clause *computed = column->generated;
    dbc_stmt *stmt = NULL;
    int compiled = 0;

    if (!computed || (has_clause(now, column->name, computed) &&
                      !mentions_changed(p, q->match, &computed->body)))
        return DBC_OK;
    dbc__plan_add(p, "SELECT count(");
    dbc__plan_name(p, column->name);
    dbc__plan_add(p, ") FROM ");
    dbc__row_new(p, q->match, q->now, NULL);
    if (p->sql.status < 0) return dbc__plan_nomem(p);
    int rc = dbc_stmt_acquire(&stmt, p->conn, p->sql.data, p->sql.len);
    dbc__buf_clear(&p->sql);
    compiled = rc >= 0;
    if (compiled) rc = dbc_stmt_step(stmt);
    dbc_error cause = p->conn->error;
    dbc_stmt_release(stmt);
    if (rc >= 0) return DBC_OK;
    if (compiled && is_about_row(rc)) {
        dbc__error_clear(&p->conn->error);
        return find_uncomputed(q, column->name, cause.message);
    }
    // What cannot be asked is left to the copy; the rest is trouble.
    if (is_about_row(rc) || rc == DBC_ESCHEMA || rc == DBC_ESYNTAX ||
        rc == DBC_EINVALID) {
        dbc__error_clear(&p->conn->error);
        return DBC_OK;
    }
    p->conn->error = cause;
    return rc;
}

static int ask_all_computed(dbc__questions *q, const dbc__shape *now)
{
    const dbc__shape *to = &q->match->to->shape;
    int rc = DBC_OK;

    for (size_t i = 0; i < to->column_count && rc >= 0; i++)
        rc = ask_computed(q, &to->columns[i], now);
    return rc;
}

// --------------------------------------------------------------- duplicates

static int any_changed(const dbc__planner *p, const dbc__match *match,
                       const dbc__term *terms, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const dbc__shape *to = &match->to->shape;
        const dbc__column *column =
            terms[i].column ? dbc__shape_find(to, terms[i].column) : NULL;
        const dbc__column *from =
            column ? match->source[column - to->columns] : NULL;
        if (!column || !from) return 1;
        if (is_changed(p, match, (size_t)(column - to->columns))) return 1;
        if (dbc__row_collates(match, (size_t)(column - to->columns))) return 1;
    }
    return 0;
}

static int ask_clause(dbc__questions *q, const dbc__column *column,
                      const dbc__clause *clause, const dbc__shape *now)
{
    dbc__term own = {column ? column->name : NULL, {"", 0}, NULL, 0};
    const dbc__term *terms = clause->term_count ? clause->terms : &own;
    size_t count = clause->term_count ? clause->term_count : 1;

    if (clause->kind != DBC__CLAUSE_UNIQUE &&
        clause->kind != DBC__CLAUSE_PRIMARY_KEY)
        return DBC_OK;
    if (has_clause(now, column ? column->name : NULL, clause) &&
        !any_changed(q->p, q->match, terms, count))
        return DBC_OK;
    return dbc__duplicate_ask(
        q, terms, count, NULL, is_conflict(clause) ? "D4" : "F2",
        clause->kind == DBC__CLAUSE_UNIQUE ? "UNIQUE" : "the PRIMARY KEY");
}

static int ask_index(dbc__questions *q, const dbc__object *index)
{
    dbc__planner *p = q->p;
    const dbc__object *now =
        dbc__catalog_find(p->now, DBC_OBJECT_INDEX, index->own.name);

    if (!index->index.unique) return DBC_OK;
    if (now && strcmp(now->normal, index->normal) == 0 &&
        !any_changed(p, q->match, index->index.terms, index->index.term_count))
        return DBC_OK;
    return dbc__duplicate_ask(
        q, index->index.terms, index->index.term_count, &index->index.where,
        "F2", dbc__plan_text(p, "the unique index \"%s\"", index->own.name));
}

static int ask_duplicates(dbc__questions *q, const dbc__shape *now)
{
    const dbc__shape *to = &q->match->to->shape;
    int rc = DBC_OK;

    for (size_t i = 0; i < to->column_count && rc >= 0; i++) {
        const dbc__clause *c = to->columns[i].clauses;
        for (; c && rc >= 0; c = c->next)
            rc = ask_clause(q, &to->columns[i], c, now);
    }
    for (const dbc__clause *c = to->clauses; c && rc >= 0; c = c->next)
        rc = ask_clause(q, NULL, c, now);
    for (const dbc__object *index = q->match->to->first_index; index && rc >= 0;
         index = index->next)
        rc = ask_index(q, index);
    return rc;
}

// ---------------------------------------------------------------- all tables

static int probe_table(dbc__planner *p, const dbc__match *match)
{
    const dbc__object *now =
        dbc__catalog_find(p->now, DBC_OBJECT_TABLE, match->to->own.name);
    dbc__questions q = {.p = p, .match = match, .now = &now->shape};
    int rc = dbc__loss_of_columns(&q);

    if (rc < 0 || !p->probes) return rc;
    rc = ask_rows(&q, &now->shape);
    if (rc >= 0) rc = dbc__question_ask(&q);
    if (rc >= 0) rc = ask_all_computed(&q, &now->shape);
    if (rc >= 0) rc = ask_duplicates(&q, &now->shape);
    return rc;
}

int dbc__probe(dbc__planner *p)
{
    int rc = DBC_OK;

    dbc__lenient(p->conn, DBC_LENIENT_DEFINITIONS);
    for (size_t i = 0; i < p->match_count && rc >= 0; i++) {
        const dbc__match *match = &p->matches[i];
        if (match->from && !match->to)
            rc = dbc__loss_of_table(p, match);
        else if (match->from && match->to->own.kind == DBC_OBJECT_TABLE)
            rc = probe_table(p, match);
        else if (match->from)
            rc = dbc__loss_of_text(p, match);
    }
    dbc__lenient(p->conn, 0);
    return rc;
}
