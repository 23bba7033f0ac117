// Making a virtual table anew. Its columns are its module's business, so that
// is asked which ones both forms have; a full-text index over another table is
// filled from that again.
#include <string.h>

#include "error.h"
#include "full_text.h"
#include "rebuild.h"

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
        if (match->to && (!match->from || match->rebuilt) &&
            is_derived(match->to))
            rc = fill(p, match->to);
    }
    return rc;
}
