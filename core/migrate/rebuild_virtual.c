// Making a virtual table anew. Its columns are its module's business, so that
// is asked which ones both forms have; a full-text index over another table is
// filled from that again.
#include <string.h>

#include "error.h"
#include "fingerprint.h"
#include "full_text.h"
#include "hint.h"
#include "rebuild.h"
#include "row.h"

static void add_drop(dbc__planner *p, const char *name)
{
    dbc__plan_add(p, "DROP TABLE ");
    dbc__plan_name(p, name);
    dbc__plan_add(p, ";\n");
}

// Full text over another table is filled from that again; anything else is
// copied column by column.
static int is_derived(const dbc__object *object)
{
    return dbc__full_text_home(object, NULL) == DBC__TEXT_COVERED &&
           dbc__same_name(object->shape.module, "fts5");
}

// The columns that both have, as "a, b". Their number, or below zero.
static int add_common(dbc__planner *p, const char *old, const char *new)
{
    static const char ask[] =
        "SELECT a.name FROM pragma_table_xinfo(?1) AS a JOIN "
        "pragma_table_xinfo(?2) AS b ON a.name = b.name COLLATE NOCASE "
        "WHERE a.hidden = 0 AND b.hidden = 0 ORDER BY b.cid";
    dbc_value names[] = {dbc_value_text(old, strlen(old)),
                         dbc_value_text(new, strlen(new))};
    dbc_stmt *stmt = NULL;
    int count = 0;

    int rc = dbc_stmt_acquire(&stmt, p->scratch.conn, ask, sizeof ask - 1);
    if (rc >= 0) rc = dbc_stmt_bind(stmt, names, 2);
    while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        dbc__plan_add(p, count++ ? ", " : "");
        dbc__plan_name(p, dbc_stmt_row(stmt)->as.text);
    }
    dbc_stmt_release(stmt);
    if (rc < 0) p->conn->error = p->scratch.conn->error;
    return rc < 0 ? rc : count;
}

static int is_full_text(const dbc__object *object)
{
    return dbc__same_name(object->shape.module, "fts5") ||
           dbc__same_name(object->shape.module, "fts4") ||
           dbc__same_name(object->shape.module, "fts3");
}

static int add_create_virtual(dbc__planner *p, const dbc__object *to,
                              const char *name)
{
    dbc__span span = to->shape.name;

    dbc__plan_add(p, "CREATE VIRTUAL TABLE ");
    dbc__plan_name(p, name);
    dbc__plan_add(p, " ");
    dbc__plan_add(p, span.text + span.len);
    return DBC_OK;
}

// The new one beside the old one, then rows, then its name.
static int copy_virtual(dbc__planner *p, const dbc__object *to,
                        const dbc__object *now, const char *reason)
{
    const char *name = dbc__plan_free_name(p, to->own.name);
    int with_rowid = is_full_text(now) && is_full_text(to);
    int rc;

    if (!name) return dbc__plan_nomem(p);
    add_create_virtual(p, to, name);
    rc = dbc__plan_step(NULL, p, to->own.name, DBC_STEP_REBUILDS, reason);
    if (rc < 0) return rc;
    dbc__plan_add(p, "INSERT INTO ");
    dbc__plan_name(p, name);
    dbc__plan_add(p, with_rowid ? "(rowid, " : "(");
    rc = add_common(p, now->own.name, name);
    if (rc < 0) return rc;
    if (rc == 0)
        return dbc__conn_fail(p->conn, DBC_EREFUSED,
                              "the virtual table \"%.100s\" has no column in "
                              "common with what is wanted: drop it and create "
                              "it anew",
                              to->own.name);
    dbc__plan_add(p, with_rowid ? ")\nSELECT rowid, " : ")\nSELECT ");
    rc = add_common(p, now->own.name, name);
    if (rc < 0) return rc;
    dbc__plan_add(p, "\nFROM ");
    dbc__plan_name(p, now->own.name);
    dbc__plan_add(p, ";\n");
    add_drop(p, now->own.name);
    dbc__plan_add(p, "ALTER TABLE ");
    dbc__plan_name(p, name);
    dbc__plan_add(p, " RENAME TO ");
    dbc__plan_name(p, to->own.name);
    return dbc__plan_step(NULL, p, to->own.name, DBC_STEP_REBUILDS, reason);
}

int dbc__rebuild_virtual(dbc__planner *p, dbc__match *match,
                         const dbc__object *now)
{
    const dbc__object *to = match->to;
    const char *reason =
        dbc__plan_text(p, "make the virtual table \"%s\" anew", to->own.name);

    if (!reason) return dbc__plan_nomem(p);
    match->rebuilt = 1;
    if (!is_derived(to) || !dbc__same_name(now->shape.module, "fts5"))
        return copy_virtual(p, to, now, reason);
    add_drop(p, now->own.name);
    dbc__plan_add(p, to->own.sql);
    return dbc__plan_step(NULL, p, to->own.name, DBC_STEP_REBUILDS, reason);
}

// ------------------------------------------------------------------ filling

// Whether a data step speaks of the table.
static int is_in_data(const dbc__planner *p, const dbc__match *match)
{
    for (size_t i = 0; i < p->hint_count; i++) {
        const dbc_hint *hint = &p->hints[i];
        size_t len = hint->value ? strlen(hint->value) : 0;
        if (hint->kind == DBC_HINT_DATA &&
            (dbc__mentions(hint->value, len, match->from->own.name) ||
             dbc__mentions(hint->value, len, match->to->own.name)))
            return 1;
    }
    return 0;
}

// Whether column `i` of a table that is copied gets the values it had.
static int keeps_values(const dbc__planner *p, const dbc__match *match,
                        size_t i)
{
    const dbc__column *to = &match->to->shape.columns[i];
    const dbc__column *from = match->source[i];

    if (!from || dbc__row_converts(p, match, i) ||
        !to->generated != !from->generated)
        return 0;
    if (to->generated)
        return strcmp(to->generated->normal, from->generated->normal) == 0;
    return !dbc__hint_expression(p, DBC_HINT_COPY, match, to->name) &&
           !dbc__hint_expression(p, DBC_HINT_BACKFILL, match, to->name);
}

// Whether rows keep the number that an index knows them by.
static int keeps_rowid(const dbc__match *match)
{
    const dbc__shape *from = &match->from->shape, *to = &match->to->shape;

    if (from->is_key < 0 || to->is_key < 0)
        return from->is_key == to->is_key &&
               from->without_rowid == to->without_rowid;
    return match->source[to->is_key] == &from->columns[from->is_key];
}

// Whether rows are changed by the plan itself: no trigger tells an index.
static int changes_rows(const dbc__planner *p, const dbc__match *match)
{
    if (!match->to || match->to->own.kind != DBC_OBJECT_TABLE) return 0;
    if (!match->from) return 1;
    if (is_in_data(p, match)) return 1;
    if (!match->rebuilt) return 0;
    for (size_t i = 0; i < match->to->shape.column_count; i++)
        if (!keeps_values(p, match, i)) return 1;
    return !keeps_rowid(match);
}

// Whether the text that a covering index reads may be another one by now, or an
// error. What a view reads is not looked into: any change may be of its rows.
static int is_stale(dbc__planner *p, const dbc__object *index)
{
    const dbc__object *old, *content;
    dbc__token token;

    if (dbc__full_text_home(index, &token) != DBC__TEXT_COVERED) return 0;
    const char *name = dbc__token_name(&p->plan->arena, &token);
    if (!name) return dbc__plan_nomem(p);
    content = dbc__catalog_named(p->to, name);
    if (!content) return 0;
    old = dbc__catalog_named(p->from, name);
    if (content->own.kind == DBC_OBJECT_VIEW &&
        (!old || !dbc__fingerprint_same(old, content)))
        return 1;
    for (size_t i = 0; i < p->match_count; i++) {
        const dbc__match *match = &p->matches[i];
        int is_read = content->own.kind == DBC_OBJECT_VIEW ||
                      (match->to && dbc__same_name(match->to->own.name, name));
        if (is_read && changes_rows(p, match)) return 1;
    }
    return 0;
}

// Whether the index can read its text: it may name what is not there, which is
// found and said in the end.
static int can_read(dbc__planner *p, const dbc__object *index)
{
    int rc = dbc__full_text_reads(&p->sql, &p->plan->arena, index,
                                  p->conn->driver->dialect);

    if (rc < 0) return dbc__plan_nomem(p);
    rc = dbc__scratch_run(&p->scratch, p->sql.data, p->sql.len,
                          DBC__SCRATCH_ALL);
    dbc__buf_clear(&p->sql);
    if (rc >= 0 || rc == DBC_ENOMEM || rc == DBC_EINTERRUPTED)
        return rc < 0 ? rc : 1;
    dbc__error_clear(&p->conn->error);
    return 0;
}

static int fill(dbc__planner *p, const dbc__object *index)
{
    const char *name = index->own.name;
    int rc = can_read(p, index);

    if (rc <= 0) return rc;
    dbc__plan_add(p, "INSERT INTO ");
    dbc__plan_name(p, name);
    dbc__plan_add(p, "(");
    dbc__plan_name(p, name);
    dbc__plan_add(p, ") VALUES ('rebuild')");
    return dbc__plan_step(
        NULL, p, name, DBC_STEP_DATA,
        dbc__plan_text(p, "fill the full-text index \"%s\"", name));
}

int dbc__rebuild_fill(dbc__planner *p)
{
    int rc = DBC_OK;

    for (size_t i = 0; i < p->match_count && rc >= 0; i++) {
        const dbc__match *match = &p->matches[i];
        if (!match->to || !is_derived(match->to)) continue;
        rc = !match->from || match->rebuilt ? 1 : is_stale(p, match->to);
        if (rc > 0) rc = fill(p, match->to);
    }
    return rc;
}
