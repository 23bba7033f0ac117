// Subqueries for new rows. They stand inside each other: the old columns under
// their new names, the expressions that fill the new ones over those, and
// generated columns over these.
#include "row.h"

#include "rebuild.h"

static void add_key(dbc__planner *p, const dbc__shape *from)
{
    const char *rowid = dbc__rebuild_rowid(from);

    if (!rowid && dbc__shape_key(from, NULL) == 1) dbc__shape_key(from, &rowid);
    if (!rowid)
        dbc__plan_add(p, "NULL");
    else if (dbc__shape_find(from, rowid))
        dbc__plan_name(p, rowid);
    else
        dbc__plan_add(p, rowid);
    dbc__plan_add(p, " AS " DBC__ROW_KEY);
}

void dbc__row_old(dbc__planner *p, const dbc__match *match)
{
    const dbc__shape *from = &match->from->shape;

    dbc__plan_add(p, "(SELECT ");
    for (size_t i = 0; i < from->column_count; i++) {
        const char *name = from->columns[i].name;
        dbc__plan_name(p, name);
        dbc__plan_add(p, " AS ");
        if (match->kept[i])
            dbc__plan_name(p, match->kept[i]->name);
        else if (dbc__shape_find(&match->to->shape, name))
            dbc__plan_name(p, dbc__plan_text(p, "dbcore_old_%zu", i));
        else
            dbc__plan_name(p, name);
        dbc__plan_add(p, ", ");
    }
    add_key(p, from);
    // The hidden rowid can be used by expressions, too.
    const char *rowid = dbc__rebuild_rowid(from);
    if (rowid && from->is_key < 0 &&
        !dbc__shape_find(&match->to->shape, rowid)) {
        dbc__plan_add(p, ", ");
        dbc__plan_add(p, rowid);
        dbc__plan_add(p, " AS ");
        dbc__plan_add(p, rowid);
    }
    dbc__plan_add(p, " FROM ");
    dbc__plan_name(p, match->from->own.name);
    dbc__plan_add(p, ") AS ");
    dbc__plan_name(p, match->to->own.name);
}

// A column that nothing fills has its default, or NULL.
static void add_value(dbc__planner *p, const dbc__match *match,
                      const dbc__shape *now, size_t i)
{
    const dbc__column *column = &match->to->shape.columns[i];

    if (dbc__rebuild_expression(p, match, now, i)) return;
    if (column->fallback)
        dbc_buf_add(&p->sql, column->fallback->body.text,
                    column->fallback->body.len);
    else
        dbc__plan_add(p, "NULL");
}

// One more level for each generated column, so that they may use each other.
static void close_generated(dbc__planner *p, const dbc__match *match)
{
    const dbc__shape *to = &match->to->shape;

    for (size_t i = 0; i < to->column_count; i++) {
        const dbc__column *column = &to->columns[i];
        if (!column->generated) continue;
        dbc__plan_add(p, ") AS ");
        dbc__plan_name(p, match->to->own.name);
    }
}

void dbc__row_new(dbc__planner *p, const dbc__match *match,
                  const dbc__shape *now)
{
    const dbc__shape *to = &match->to->shape;

    // Outermost first: the last generated column stands on the outside.
    for (size_t i = to->column_count; i-- > 0;) {
        const dbc__column *column = &to->columns[i];
        if (!column->generated) continue;
        dbc__plan_add(p, "(SELECT *, (");
        dbc_buf_add(&p->sql, column->generated->body.text,
                    column->generated->body.len);
        dbc__plan_add(p, ") AS ");
        dbc__plan_name(p, column->name);
        dbc__plan_add(p, " FROM ");
    }
    dbc__plan_add(p, "(SELECT ");
    for (size_t i = 0; i < to->column_count; i++) {
        if (to->columns[i].generated) continue;
        add_value(p, match, now, i);
        dbc__plan_add(p, " AS ");
        dbc__plan_name(p, to->columns[i].name);
        dbc__plan_add(p, ", ");
    }
    dbc__plan_add(p, DBC__ROW_KEY " FROM ");
    dbc__row_old(p, match);
    dbc__plan_add(p, ") AS ");
    dbc__plan_name(p, match->to->own.name);
    close_generated(p, match);
}

// --------------------------------------------------------------- conversion

int dbc__row_converts(const dbc__match *match, size_t i)
{
    const dbc__column *to = &match->to->shape.columns[i];
    const dbc__column *from = match->source[i];

    if (to->generated || to->affinity == DBC__AFFINITY_BLOB) return 0;
    return !from || from->affinity != to->affinity;
}

void dbc__row_stored(dbc__planner *p, const dbc__match *match, size_t i)
{
    const dbc__column *column = &match->to->shape.columns[i];
    const char *name = dbc__plan_text(p, "%s", column->name);
    const char *type =
        column->affinity == DBC__AFFINITY_REAL ? "REAL" : "NUMERIC";

    if (!name || !dbc__row_converts(match, i)) {
        dbc__plan_name(p, column->name);
        return;
    }
    dbc__plan_add(p, "CASE WHEN typeof(");
    dbc__plan_name(p, name);
    if (column->affinity == DBC__AFFINITY_TEXT) {
        dbc__plan_add(p, ") IN ('integer', 'real') THEN CAST(");
        dbc__plan_name(p, name);
        dbc__plan_add(p, " AS TEXT) ELSE ");
    } else {
        dbc__plan_add(p, ") = 'text' AND CAST(");
        dbc__plan_name(p, name);
        dbc__plan_add(p, " AS NUMERIC) = ");
        dbc__plan_name(p, name);
        dbc__plan_add(p, " THEN CAST(");
        dbc__plan_name(p, name);
        dbc__plan_add(p, " AS ");
        dbc__plan_add(p, type);
        dbc__plan_add(p, ") ELSE ");
    }
    dbc__plan_name(p, name);
    dbc__plan_add(p, " END");
}
