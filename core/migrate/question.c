// Asking. One statement counts for all questions of a table; only for those
// that are not answered with 0 an example is fetched.
#include "question.h"

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "hint.h"
#include "row.h"

typedef struct question {
    const char *code, *column, *condition, *message, *fix;
    dbc__example example;
    int allowed;
} question;

static int add(dbc__questions *q, const question *given)
{
    dbc__planner *p = q->p;
    dbc__arena *arena = &p->plan->arena;
    question *added = dbc__list_add(&q->list, arena, sizeof *added);
    const char *condition = NULL;

    if (p->sql.status == DBC_OK)
        condition = dbc__arena_copy(arena, p->sql.data, p->sql.len);
    dbc__buf_clear(&p->sql);
    if (!added || !condition || !given->message || !given->fix)
        return dbc__plan_nomem(p);
    *added = *given;
    added->condition = condition;
    return DBC_OK;
}

int dbc__question_add(dbc__questions *q, const char *code, const char *column,
                      dbc__example example, const char *message,
                      const char *fix)
{
    question given = {code, column, NULL, message, fix, example, 0};

    return add(q, &given);
}

int dbc__question_add_allowed(dbc__questions *q, const char *code,
                              const char *column, dbc__example example,
                              const char *message, const char *fix)
{
    question given = {code, column, NULL, message, fix, example, 1};

    return add(q, &given);
}

// ------------------------------------------------------------------- asking

// An error that is about the question and not about the database.
static int is_about_text(int rc)
{
    return rc == DBC_ESCHEMA || rc == DBC_ESYNTAX || rc == DBC_EDATABASE ||
           rc == DBC_EINVALID || rc == DBC_ELIMIT || rc == DBC_ECALLBACK;
}

static int pass_over(int rc, dbc__planner *p)
{
    if (rc >= 0 || !is_about_text(rc)) return rc;
    dbc__error_clear(&p->conn->error);
    return DBC_DONE;
}

int dbc__question_run(dbc_stmt **out, dbc__planner *p)
{
    int rc;

    *out = NULL;
    if (p->sql.status < 0) return dbc__plan_nomem(p);
    rc = dbc_stmt_acquire(out, p->conn, p->sql.data, p->sql.len);
    if (rc >= 0) rc = dbc_stmt_step(*out);
    dbc__buf_clear(&p->sql);
    return pass_over(rc, p);
}

int dbc__question_next(dbc_stmt *stmt, dbc__planner *p)
{
    return pass_over(dbc_stmt_step(stmt), p);
}

int dbc__question_count(int64_t *out, dbc__planner *p, const char *table)
{
    dbc_stmt *stmt;

    *out = -1;
    dbc__plan_add(p, "SELECT count(*) FROM ");
    dbc__plan_name(p, table);
    int rc = dbc__question_run(&stmt, p);
    if (rc == DBC_ROW) *out = dbc_stmt_int(stmt, 0);
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

// The message with its count, and the verb that goes with it.
static const char *fill(dbc__planner *p, const char *message, int64_t count)
{
    static const struct {
        const char *many, *one;
    } verbs[] = {{" hold ", " holds "}, {" have ", " has "}};
    const char *place = strstr(message, "{count}");
    const char *rest = place ? place + strlen("{count}") : NULL;
    const char *verb = "";

    if (!place) return message;
    if (count < 0)
        return dbc__plan_text(p, "%.*srows%s", (int)(place - message), message,
                              place + 7);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        size_t len = strlen(verbs[i].many);
        if (count != 1 || strncmp(rest, verbs[i].many, len) != 0) continue;
        verb = verbs[i].one;
        rest += len;
    }
    return dbc__plan_text(p, "%.*s%lld row%s%s%s", (int)(place - message),
                          message, (long long)count, count == 1 ? "" : "s",
                          verb, rest);
}

// What the row has by now, not what becomes of it.
static void add_example(dbc__questions *q, const char *name)
{
    const dbc__shape *to = &q->match->to->shape;
    const dbc__column *column = dbc__shape_find(to, name);
    size_t i = (size_t)(column - to->columns);

    if (dbc__row_converts(q->p, q->match, i) && q->match->source[i])
        name = dbc__row_raw(q->p, i);
    dbc__plan_name(q->p, name);
}

// Which columns the questions want as they were. NULL when memory is out.
static const char *raws_of(dbc__questions *q, const question *items,
                           size_t count)
{
    const dbc__shape *to = &q->match->to->shape;
    char *raws =
        dbc__arena_take_array(&q->p->plan->arena, to->column_count + 1, 1);

    for (size_t i = 0; raws && i < count; i++) {
        const dbc__column *column = dbc__shape_find(to, items[i].column);
        if (column && items[i].example == DBC__QUESTION_VALUE)
            raws[column - to->columns] = 1;
        if (column && items[i].code[0] == 'D') raws[column - to->columns] = 1;
    }
    if (!raws) q->p->sql.status = DBC_ENOMEM;
    return raws;
}

static int fetch_example(const char **out, dbc__questions *q,
                         const question *asked)
{
    dbc__planner *p = q->p;
    int is_key = asked->example == DBC__QUESTION_KEY;
    dbc_stmt *stmt;

    *out = "";
    dbc__plan_add(p, "SELECT substr(quote(");
    if (is_key)
        dbc__plan_add(p, DBC__ROW_KEY);
    else
        add_example(q, asked->column);
    dbc__plan_add(p, "), 1, 60) FROM ");
    dbc__row_new(p, q->match, q->now, raws_of(q, asked, 1));
    dbc__plan_add(p, " WHERE ");
    dbc__plan_add(p, asked->condition);
    dbc__plan_add(p, " LIMIT 1");
    int rc = dbc__question_run(&stmt, p);
    if (rc == DBC_ROW && dbc_stmt_row(stmt)->type == DBC_TEXT)
        *out = dbc__plan_text(
            p, is_key ? ", for example row %s" : ", for example %s",
            dbc_stmt_row(stmt)->as.text);
    dbc_stmt_release(stmt);
    if (rc < 0) return rc;
    return *out ? DBC_OK : dbc__plan_nomem(p);
}

// A data step may mend what rows do not allow now.
dbc_level dbc__question_level(const dbc__questions *q, int allowed)
{
    return allowed || q->p->plan->has_data ? DBC_WARNING : DBC_REFUSAL;
}

// The hints that settle a question: none when only the schema or the rows can
// be mended.
static size_t answers_to(dbc_hint out[2], const dbc__questions *q,
                         const question *asked)
{
    const char *table = q->match->to->own.name;
    const dbc__column *column =
        dbc__shape_find(&q->match->to->shape, asked->column);
    int is_computed = column && column->generated;
    const dbc_hint backfill = {DBC_HINT_BACKFILL, table, asked->column, NULL};
    const dbc_hint copy = {DBC_HINT_COPY, table, asked->column, NULL};
    const dbc_hint allow = {DBC_HINT_ALLOW_LOSS, table, asked->column, NULL};

    if (asked->allowed || !column) return 0;
    if (strcmp(asked->code, "D5") == 0) {
        out[0] = allow;
        return 1;
    }
    if (is_computed) return 0;
    if (strcmp(asked->code, "D3") == 0) {
        out[0] = copy;
        out[1] = allow;
        return 2;
    }
    out[0] = strcmp(asked->code, "F5") == 0 ? copy : backfill;
    return strcmp(asked->code, "F5") == 0 || strcmp(asked->code, "F1") == 0 ||
           strcmp(asked->code, "D4") == 0;
}

static int find(dbc__questions *q, const question *asked, int64_t count)
{
    dbc__planner *p = q->p;
    const char *example;
    dbc_hint answers[2];
    dbc_finding finding = {.code = asked->code,
                           .level = dbc__question_level(q, asked->allowed),
                           .table = q->match->to->own.name,
                           .column = asked->column,
                           .count = count,
                           .fix = asked->fix,
                           .answers = answers,
                           .answer_count = answers_to(answers, q, asked)};
    int rc = fetch_example(&example, q, asked);

    if (rc < 0) return rc;
    finding.message = fill(p, asked->message, count);
    if (finding.message)
        finding.message = dbc__plan_text(p, "%s%s", finding.message, example);
    return dbc__plan_finding(p, &finding);
}

// Counts for `many` questions from the one numbered `first` on.
static int ask_many(int *asked, dbc__questions *q, size_t first, size_t many)
{
    dbc__planner *p = q->p;
    const question *items = q->list.items;
    dbc_stmt *stmt;

    dbc__plan_add(p, "SELECT ");
    for (size_t i = 0; i < many; i++) {
        dbc__plan_add(p, i ? ", count(CASE WHEN " : "count(CASE WHEN ");
        dbc__plan_add(p, items[first + i].condition);
        dbc__plan_add(p, " THEN 1 END)");
    }
    dbc__plan_add(p, " FROM ");
    dbc__row_new(p, q->match, q->now, raws_of(q, items + first, many));
    int rc = dbc__question_run(&stmt, p);
    *asked = rc == DBC_ROW;
    int64_t *counts =
        dbc__arena_take_array(&p->plan->arena, many, sizeof *counts);
    for (size_t i = 0; counts && rc == DBC_ROW && i < many; i++)
        counts[i] = dbc_stmt_int(stmt, i);
    dbc_stmt_release(stmt);
    if (rc < 0) return rc;
    if (!counts) return dbc__plan_nomem(p);
    for (size_t i = 0; *asked && i < many; i++) {
        if (counts[i] == 0) continue;
        rc = find(q, &items[first + i], counts[i]);
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

// Whether a row fulfils one of the conditions, which costs less than counting.
static int is_any(int *out, dbc__questions *q, size_t first, size_t many)
{
    dbc__planner *p = q->p;
    const question *items = q->list.items;
    dbc_stmt *stmt;

    dbc__plan_add(p, "SELECT count(*) FROM (SELECT 1 FROM ");
    dbc__row_new(p, q->match, q->now, raws_of(q, items + first, many));
    for (size_t i = 0; i < many; i++) {
        dbc__plan_add(p, i ? " OR (" : " WHERE (");
        dbc__plan_add(p, items[first + i].condition);
        dbc__plan_add(p, ")");
    }
    dbc__plan_add(p, " LIMIT 1)");
    int rc = dbc__question_run(&stmt, p);
    *out = rc != DBC_ROW || dbc_stmt_int(stmt, 0) > 0;
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

int dbc__question_ask(dbc__questions *q)
{
    enum { AT_ONCE = 100 }; // conditions in one statement
    size_t count = q->list.count;
    int asked;

    for (size_t first = 0; first < count; first += AT_ONCE) {
        size_t many = count - first < AT_ONCE ? count - first : AT_ONCE;
        int rc = is_any(&asked, q, first, many);
        if (rc >= 0 && !asked) continue;
        if (rc >= 0) rc = ask_many(&asked, q, first, many);
        // One that cannot be asked must not hide the others.
        for (size_t i = 0; !asked && i < many && rc >= 0; i++) {
            const question *item = (const question *)q->list.items + first + i;
            int known;
            rc = ask_many(&known, q, first + i, 1);
            // A loss that cannot be counted is one; a misfit stops the copy.
            if (rc >= 0 && !known && item->code[0] == 'D')
                rc = find(q, item, -1);
        }
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

// ------------------------------------------------------------- foreign keys

// The table that will be the parent, as it is in the file now, or NULL.
static const dbc__match *parent_of(const dbc__planner *p, const char *name)
{
    for (size_t i = 0; i < p->match_count; i++) {
        const dbc__match *match = &p->matches[i];
        if (match->to && dbc__same_name(match->to->own.name, name))
            return match;
    }
    return NULL;
}

// Column `i` of the key as the parent will have it, or NULL.
static const dbc__column *parent_column(const dbc__match *parent,
                                        const dbc__clause *key, size_t i,
                                        const char **primary)
{
    const char *name = key->to_count ? key->to[i] : primary[i];

    return dbc__shape_find(&parent->to->shape, name);
}

// Its name in the file, or NULL when what stands there may change, too.
static const char *parent_source(const dbc__planner *p,
                                 const dbc__match *parent,
                                 const dbc__column *column)
{
    size_t i = (size_t)(column - parent->to->shape.columns);
    const dbc__column *source = parent->source[i];

    if (!source || column->generated || dbc__row_converts(p, parent, i) ||
        dbc__row_collates(parent, i) || source->affinity != column->affinity)
        return NULL;
    return source->name;
}

// That the parent has the key: a child's value is taken for one of the column
// it points to. 0 when it cannot be written.
static int add_parent(dbc__questions *q, const dbc__match *parent,
                      const dbc__column *column, const char *child)
{
    dbc__planner *p = q->p;
    const char *source = parent_source(p, parent, column);
    const dbc__column *own = dbc__shape_find(&q->match->to->shape, child);
    int is_alike = own && own->affinity == column->affinity;

    if (!source) return 0;
    dbc__plan_add(p, "dbcore_parent.");
    dbc__plan_name(p, source);
    dbc__plan_add(p, " = ");
    if (!is_alike) dbc__row_held(p, column->affinity);
    dbc__plan_name(p, q->match->to->own.name);
    dbc__plan_add(p, ".");
    dbc__plan_name(p, child);
    if (!is_alike) dbc__row_held_end(p, column->affinity);
    return 1;
}

// The condition that a row has no parent. 0 when it cannot be written.
static int add_orphan(dbc__questions *q, const dbc__clause *key,
                      const char *column, const dbc__match *parent)
{
    dbc__planner *p = q->p;
    size_t count = key->term_count ? key->term_count : 1;
    const char **primary = dbc__arena_take_array(
        &p->plan->arena, parent->to->shape.column_count, sizeof *primary);

    if (!primary) return 0;
    if (!key->to_count && dbc__shape_key(&parent->to->shape, primary) != count)
        return 0;
    for (size_t i = 0; i < count; i++) {
        dbc__plan_name(p, key->term_count ? key->terms[i].column : column);
        dbc__plan_add(p, " IS NOT NULL AND ");
    }
    if (!parent->from) {
        dbc__plan_add(p, "1");
        return 1;
    }
    dbc__plan_add(p, "NOT EXISTS (SELECT 1 FROM ");
    dbc__plan_name(p, parent->from->own.name);
    dbc__plan_add(p, " AS dbcore_parent WHERE ");
    for (size_t i = 0; i < count; i++) {
        const dbc__column *to = parent_column(parent, key, i, primary);
        dbc__plan_add(p, i ? " AND " : "");
        if (!to || !add_parent(q, parent, to,
                               key->term_count ? key->terms[i].column : column))
            return 0;
    }
    dbc__plan_add(p, ")");
    return 1;
}

static int is_old_key(const dbc__shape *now, const dbc__column *column,
                      const dbc__clause *key)
{
    const dbc__column *there =
        column ? dbc__shape_find(now, column->name) : NULL;
    const dbc__clause *each = column ? NULL : now->clauses;

    if (there) each = there->clauses;
    for (; each; each = each->next)
        if (strcmp(each->normal, key->normal) == 0) return 1;
    return 0;
}

// Whether an expression fills one of the columns of the key.
static int is_filled(const dbc__questions *q, const dbc__clause *key,
                     const char *column)
{
    size_t count = key->term_count ? key->term_count : 1;

    for (size_t i = 0; i < count; i++) {
        const char *name = key->term_count ? key->terms[i].column : column;
        if (dbc__hint_expression(q->p, DBC_HINT_COPY, q->match, name) ||
            dbc__hint_expression(q->p, DBC_HINT_BACKFILL, q->match, name))
            return 1;
    }
    return 0;
}

int dbc__question_keys(dbc__questions *q, const dbc__column *column,
                       const dbc__shape *now)
{
    dbc__planner *p = q->p;
    const dbc__clause *key =
        column ? column->clauses : q->match->to->shape.clauses;

    for (; key; key = key->next) {
        const dbc__match *parent;
        const char *name = column                ? column->name
                           : key->term_count > 0 ? key->terms[0].column
                                                 : "";
        if (key->kind != DBC__CLAUSE_FOREIGN_KEY ||
            (is_old_key(now, column, key) && !is_filled(q, key, name)))
            continue;
        parent = parent_of(p, key->parent);
        if (!parent || parent->to->own.kind != DBC_OBJECT_TABLE) continue;
        if (!add_orphan(q, key, name, parent)) {
            dbc__buf_clear(&p->sql);
            continue;
        }
        int rc = dbc__question_add(
            q, "F4", name, DBC__QUESTION_VALUE,
            dbc__plan_text(p,
                           "{count} of \"%s\" would have no parent in "
                           "\"%s\" for \"%s\"",
                           q->match->to->own.name, key->parent, name),
            "add the parents, or empty these columns, before");
        if (rc < 0) return rc;
    }
    return DBC_OK;
}
