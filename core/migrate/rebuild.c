// A rebuild: a new table under a free name, all rows into it, the old one
// away, the new one into its place. The last rename is done in the engine's
// legacy way, which leaves the texts of views, triggers and children as they
// are: they have the right name already. Where an expression of the table is
// qualified with its own name it could not be created under another one; then
// the rows are put aside in a plain table and copied back.
//
// INSERT OR ABORT: a conflict clause of the new table must not eat rows.
#include "rebuild.h"

#include <string.h>

#include "expression.h"
#include "hint.h"
#include "statistics.h"

// ------------------------------------------------------------------ columns

const char *dbc__rebuild_rowid(const dbc__shape *shape)
{
    static const char *const names[] = {"rowid", "_rowid_", "oid"};

    if (shape->without_rowid) return NULL;
    if (shape->is_key >= 0) return shape->columns[shape->is_key].name;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!dbc__shape_find(shape, names[i])) return names[i];
    return NULL;
}

// Another word for the rowid is none that stands in quotes.
static void add_rowid(dbc__planner *p, const dbc__shape *shape,
                      const char *rowid)
{
    if (dbc__shape_find(shape, rowid))
        dbc__plan_name(p, rowid);
    else
        dbc__plan_add(p, rowid);
}

void dbc__rebuild_default(dbc__planner *p, const dbc__column *column)
{
    dbc__span body = column->fallback->body;
    dbc__token token = dbc__scan_token(body.text, body.len);

    if (token.len == body.len && dbc__token_is_default(&token))
        dbc__token_literal(&p->sql, &token);
    else
        dbc_buf_add(&p->sql, body.text, body.len);
}

int dbc__rebuild_expression(dbc__planner *p, const dbc__match *match,
                            const dbc__shape *now, size_t i)
{
    const dbc__column *column = &match->to->shape.columns[i];
    const dbc__column *there = dbc__shape_find(now, column->name);
    const char *copy =
        dbc__hint_expression(p, DBC_HINT_COPY, match, column->name);
    const char *backfill =
        dbc__hint_expression(p, DBC_HINT_BACKFILL, match, column->name);
    // One that was added for a data step counts as its own source.
    int is_new = !match->source[i];

    if (copy &&
        (is_new || !there || strcmp(there->normal, column->normal) != 0 ||
         dbc__expression_is_for_rename(match, i) ||
         dbc__hint_is_given(p, copy))) {
        dbc__plan_add(p, copy);
        return 1;
    }
    if (there && backfill &&
        (is_new || column->not_null || dbc__hint_is_given(p, backfill))) {
        dbc__plan_add(p, "ifnull(");
        dbc__plan_name(p, there->name);
        dbc__plan_add(p, ", (");
        dbc__plan_add(p, backfill);
        dbc__plan_add(p, "))");
        return 1;
    }
    if (there && is_new && column->fallback && !there->fallback) {
        dbc__plan_add(p, "ifnull(");
        dbc__plan_name(p, there->name);
        dbc__plan_add(p, ", ");
        dbc__rebuild_default(p, column);
        dbc__plan_add(p, ")");
        return 1;
    }
    if (there) {
        dbc__plan_name(p, there->name);
        return 1;
    }
    if (backfill) {
        dbc__plan_add(p, backfill);
        return 1;
    }
    if (match->to->shape.is_key == (int)i) {
        const char *rowid = dbc__rebuild_rowid(now);
        if (rowid) add_rowid(p, now, rowid);
        return rowid != NULL;
    }
    return 0;
}

// The hidden rowid, when there is one on both sides that no column carries.
// Returns its name in the new table and sets that of the old one.
static const char *hidden_rowid(const dbc__match *match, const dbc__shape *now,
                                const char **old)
{
    const dbc__shape *to = &match->to->shape;

    *old = dbc__rebuild_rowid(now);
    if (to->without_rowid || to->is_key >= 0 || !*old) return NULL;
    return dbc__rebuild_rowid(to);
}

// Columns and expressions of the copy, as two lists in the buffer's order:
// "(a, b) SELECT x, y". `plain` numbers the columns of a plain table instead.
typedef struct copying {
    dbc__planner *p;
    const dbc__match *match;
    const dbc__shape *now;
    size_t count;
    size_t only; // filled with its default when nothing is copied, or SIZE_MAX
    int as_is;   // every column keeps its name and what it holds
} copying;

static void add_separator(copying *c)
{
    if (c->count++ > 0) dbc__plan_add(c->p, ", ");
}

// Adds what fills the column, or nothing and returns 0.
static int add_filling(copying *c, size_t i)
{
    const dbc__column *column = &c->match->to->shape.columns[i];

    if (c->as_is) {
        dbc__plan_name(c->p, column->name);
        return 1;
    }
    if (i != c->only) return dbc__rebuild_expression(c->p, c->match, c->now, i);
    if (column->fallback)
        dbc__rebuild_default(c->p, column);
    else
        dbc__plan_add(c->p, "NULL");
    return 1;
}

// Whether the column is one of those that are copied.
static int is_copied(copying *c, size_t i)
{
    dbc_buf *sql = &c->p->sql;
    size_t len = sql->len;

    if (c->match->to->shape.columns[i].generated) return 0;
    int copied = add_filling(c, i);
    sql->len = len;
    if (sql->data) sql->data[len] = '\0';
    return copied;
}

static void add_names(copying *c)
{
    const dbc__shape *to = &c->match->to->shape;
    const char *old;
    const char *rowid = hidden_rowid(c->match, c->now, &old);

    c->count = 0;
    for (size_t i = 0; i < to->column_count; i++) {
        if (!is_copied(c, i)) continue;
        add_separator(c);
        dbc__plan_name(c->p, to->columns[i].name);
    }
    if (!rowid) return;
    add_separator(c);
    dbc__plan_add(c->p, rowid);
}

static void add_expressions(copying *c)
{
    const dbc__shape *to = &c->match->to->shape;
    const char *old;
    const char *rowid = hidden_rowid(c->match, c->now, &old);

    c->count = 0;
    for (size_t i = 0; i < to->column_count; i++) {
        if (!is_copied(c, i)) continue;
        add_separator(c);
        add_filling(c, i);
    }
    if (!rowid) return;
    add_separator(c);
    add_rowid(c->p, c->now, old);
}

// Rows stay as many as they were, also when no value of them does.
static void find_only(copying *c)
{
    const dbc__shape *to = &c->match->to->shape;
    const char *old;
    size_t first = SIZE_MAX;

    c->only = SIZE_MAX;
    if (hidden_rowid(c->match, c->now, &old)) return;
    for (size_t i = to->column_count; i-- > 0;) {
        if (is_copied(c, i)) return;
        if (!to->columns[i].generated) first = i;
    }
    c->only = first;
}

// Names of as many columns as are copied: "c1", "c2", …
static void add_numbers(copying *c)
{
    size_t count = c->count;

    for (size_t i = 0; i < count; i++) {
        dbc__plan_add(c->p, i ? ", c" : "c");
        dbc_buf_add_int(&c->p->sql, (int64_t)i + 1);
    }
}

// -------------------------------------------------------------------- parts

// The text of the new table under another name.
static void add_create(dbc__planner *p, const dbc__object *to, const char *name)
{
    dbc__span span = to->shape.name;
    const char *rest = span.text + span.len;

    dbc__plan_add(p, "CREATE TABLE ");
    dbc__plan_name(p, name);
    dbc__plan_add(p, rest);
    dbc__plan_add(p, ";\n");
}

static void add_insert(copying *c, const char *into)
{
    dbc__planner *p = c->p;

    dbc__plan_add(p, "INSERT OR ABORT INTO ");
    dbc__plan_name(p, into);
    dbc__plan_add(p, "(");
    add_names(c);
    dbc__plan_add(p, ")\nSELECT ");
}

static void add_drop(dbc__planner *p, const char *name)
{
    dbc__plan_add(p, "DROP TABLE ");
    dbc__plan_name(p, name);
    dbc__plan_add(p, ";\n");
}

// The mark of AUTOINCREMENT moves on: never below the one of `from`.
static void add_sequence(dbc__planner *p, const char *from, const char *to)
{
    dbc__plan_add(p, "UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM "
                     "sqlite_sequence WHERE name IN (");
    dbc__plan_literal(p, from);
    dbc__plan_add(p, ", ");
    dbc__plan_literal(p, to);
    dbc__plan_add(p, ")) WHERE name = ");
    dbc__plan_literal(p, to);
    dbc__plan_add(p, ";\nINSERT INTO sqlite_sequence(name, seq) SELECT ");
    dbc__plan_literal(p, to);
    dbc__plan_add(p, ", seq FROM sqlite_sequence WHERE name = ");
    dbc__plan_literal(p, from);
    dbc__plan_add(p, " AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE "
                     "name = ");
    dbc__plan_literal(p, to);
    dbc__plan_add(p, ");\n");
}

static int keeps_sequence(const dbc__match *match, const dbc__shape *now)
{
    return now->autoincrement && match->to->shape.autoincrement;
}

// -------------------------------------------------------------------- tables

static int copy_once(copying *c, const dbc__object *now, const char *name,
                     const char *reason)
{
    dbc__planner *p = c->p;
    const dbc__object *to = c->match->to;
    dbc__step *step = NULL;

    add_create(p, to, name);
    add_insert(c, name);
    add_expressions(c);
    dbc__plan_add(p, "\nFROM ");
    dbc__plan_name(p, now->own.name);
    dbc__plan_add(p, " NOT INDEXED;\n");
    if (keeps_sequence(c->match, c->now)) add_sequence(p, now->own.name, name);
    add_drop(p, now->own.name);
    dbc__plan_add(p, "PRAGMA legacy_alter_table = ON;\nALTER TABLE ");
    dbc__plan_name(p, name);
    dbc__plan_add(p, " RENAME TO ");
    dbc__plan_name(p, to->own.name);
    dbc__plan_add(p, ";\nPRAGMA legacy_alter_table = OFF");
    int rc = dbc__plan_step(&step, p, to->own.name, DBC_STEP_REBUILDS, reason);
    if (rc < 0) return rc;
    return dbc__plan_count_rows(p, step, now->own.name, to->own.name);
}

static int copy_twice(copying *c, const dbc__object *now, const char *name,
                      const char *reason)
{
    dbc__planner *p = c->p;
    const dbc__object *to = c->match->to;
    dbc__step *step = NULL;
    size_t len = p->sql.len;

    add_names(c); // only to count them
    p->sql.len = len;
    if (p->sql.data) p->sql.data[len] = '\0';
    dbc__plan_add(p, "CREATE TABLE ");
    dbc__plan_name(p, name);
    dbc__plan_add(p, "(");
    add_numbers(c);
    dbc__plan_add(p, ");\nINSERT INTO ");
    dbc__plan_name(p, name);
    dbc__plan_add(p, "\nSELECT ");
    add_expressions(c);
    dbc__plan_add(p, "\nFROM ");
    dbc__plan_name(p, now->own.name);
    dbc__plan_add(p, " NOT INDEXED;\n");
    if (keeps_sequence(c->match, c->now)) add_sequence(p, now->own.name, name);
    add_drop(p, now->own.name);
    add_create(p, to, to->own.name);
    add_insert(c, to->own.name);
    add_numbers(c);
    dbc__plan_add(p, "\nFROM ");
    dbc__plan_name(p, name);
    dbc__plan_add(p, ";\n");
    if (keeps_sequence(c->match, c->now)) {
        add_sequence(p, name, to->own.name);
        dbc__plan_add(p, "DELETE FROM sqlite_sequence WHERE name = ");
        dbc__plan_literal(p, name);
        dbc__plan_add(p, ";\n");
    }
    dbc__plan_add(p, "DROP TABLE ");
    dbc__plan_name(p, name);
    int rc = dbc__plan_step(&step, p, to->own.name, DBC_STEP_REBUILDS, reason);
    if (rc < 0) return rc;
    return dbc__plan_count_rows(p, step, now->own.name, to->own.name);
}

// Whether the text qualifies something with the table's own name.
static int is_qualified(const dbc__object *to)
{
    dbc__tokens tokens;
    const char *sql = to->own.sql;
    int was_name = 0;

    for (dbc__tokens_init(&tokens, sql, strlen(sql));
         !dbc__tokens_done(&tokens); dbc__tokens_next(&tokens)) {
        if (was_name && dbc__tokens_is_char(&tokens, '.')) return 1;
        was_name = dbc__token_is_name(&tokens.token, to->own.name);
    }
    return 0;
}

static int copy(copying *c, const dbc__object *now, const char *reason)
{
    dbc__planner *p = c->p;
    const char *to = c->match->to->own.name;
    const char *name = dbc__plan_free_name(p, to);

    if (!name || !reason) return dbc__plan_nomem(p);
    p->plan->needs_no_keys = 1;
    int rc = dbc__statistics_move(p, now->own.name, name);
    if (rc < 0) return rc;
    if (is_qualified(c->match->to))
        rc = copy_twice(c, now, name, reason);
    else
        rc = copy_once(c, now, name, reason);
    return rc < 0 ? rc : dbc__statistics_move(p, name, to);
}

int dbc__rebuild(dbc__planner *p, dbc__match *match, const dbc__object *now)
{
    copying c = {p, match, &now->shape, 0, SIZE_MAX, 0};
    int rc = dbc__expression_check(p, match);

    if (rc < 0) return rc;
    find_only(&c);
    match->rebuilt = 1;
    return copy(&c, now,
                dbc__plan_text(p, "copy \"%s\" into its new form",
                               match->to->own.name));
}

int dbc__rebuild_as_is(dbc__planner *p, const dbc__object *now,
                       const dbc__object *to, const char *reason)
{
    const dbc__match match = {.from = now, .to = to};
    copying c = {p, &match, &now->shape, 0, SIZE_MAX, 1};

    return copy(&c, now, reason);
}
