// The rows of a table as they will be: the old columns under the names they
// have behind the renames stand inside, what fills the new ones around them,
// generated columns around these. Conditions are asked of what a column will
// hold, so values are converted as storing them would do it, and they compare
// as those of such a column do.
#include "row.h"

#include "hint.h"
#include "rebuild.h"

// How the engine calls the affinities; NUMERIC is none of the words.
static const char *const types[] = {[DBC__AFFINITY_BLOB] = "BLOB",
                                    [DBC__AFFINITY_TEXT] = "TEXT",
                                    [DBC__AFFINITY_NUMERIC] = "NUMERIC",
                                    [DBC__AFFINITY_INTEGER] = "INTEGER",
                                    [DBC__AFFINITY_REAL] = "REAL"};

// --------------------------------------------------------------- conversion

static int is_plain(const dbc__planner *p, const dbc__match *match, size_t i)
{
    const dbc__column *to = &match->to->shape.columns[i];
    const dbc__column *from = match->source[i];

    return from && !to->generated && from->affinity == to->affinity &&
           !dbc__hint_expression(p, DBC_HINT_COPY, match, to->name) &&
           !dbc__hint_expression(p, DBC_HINT_BACKFILL, match, to->name);
}

int dbc__row_converts(const dbc__planner *p, const dbc__match *match, size_t i)
{
    return !is_plain(p, match, i) && !match->to->shape.columns[i].generated &&
           match->to->shape.columns[i].affinity != DBC__AFFINITY_BLOB;
}

int dbc__row_collates(const dbc__match *match, size_t i)
{
    const dbc__column *to = &match->to->shape.columns[i];
    const dbc__column *from = match->source[i];

    return !dbc__same_name(to->collate ? to->collate : "binary",
                           from && from->collate ? from->collate : "binary");
}

// What the affinity makes of dbcore_value.
static const char *conversion(dbc__affinity affinity)
{
    switch (affinity) {
    case DBC__AFFINITY_TEXT:
        return "CASE WHEN typeof(dbcore_value) IN ('integer', 'real') "
               "THEN CAST(dbcore_value AS TEXT) ELSE dbcore_value END";
    case DBC__AFFINITY_REAL:
        return "CASE WHEN typeof(dbcore_value) = 'integer' "
               "OR typeof(dbcore_value) = 'text' "
               "AND CAST(dbcore_value AS NUMERIC) = dbcore_value "
               "THEN CAST(dbcore_value AS REAL) ELSE dbcore_value END";
    case DBC__AFFINITY_INTEGER:
    case DBC__AFFINITY_NUMERIC:
        return "CASE WHEN typeof(dbcore_value) = 'text' "
               "AND CAST(dbcore_value AS NUMERIC) = dbcore_value "
               "THEN CAST(dbcore_value AS NUMERIC) "
               "WHEN typeof(dbcore_value) = 'real' "
               "AND CAST(dbcore_value AS INTEGER) = dbcore_value "
               "THEN CAST(dbcore_value AS INTEGER) ELSE dbcore_value END";
    case DBC__AFFINITY_BLOB:
        break;
    }
    return "dbcore_value";
}

// A subquery compares as what its last SELECT gives, and has the value of the
// first row.
void dbc__row_held(dbc__planner *p, dbc__affinity affinity)
{
    dbc__plan_add(p, "(SELECT ");
    dbc__plan_add(p, conversion(affinity));
    dbc__plan_add(p, " FROM (SELECT ");
}

void dbc__row_held_end(dbc__planner *p, dbc__affinity affinity)
{
    dbc__plan_add(p, " AS dbcore_value) UNION ALL SELECT CAST(NULL AS ");
    dbc__plan_add(p, types[affinity]);
    dbc__plan_add(p, ") LIMIT 1)");
}

const char *dbc__row_raw(dbc__planner *p, size_t i)
{
    return dbc__plan_text(p, "dbcore_raw_%zu", i);
}

// ----------------------------------------------------------------- old rows

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

static void add_old(dbc__planner *p, const dbc__match *match,
                    const dbc__shape *now)
{
    const dbc__shape *from = &match->from->shape;
    const char *rowid = dbc__rebuild_rowid(from);

    dbc__plan_add(p, "(SELECT ");
    for (size_t i = 0; i < from->column_count; i++) {
        dbc__plan_name(p, from->columns[i].name);
        dbc__plan_add(p, " AS ");
        dbc__plan_name(p, now->columns[i].name);
        dbc__plan_add(p, ", ");
    }
    add_key(p, from);
    // The hidden rowid can be used by expressions, too.
    if (rowid && from->is_key < 0 && !dbc__shape_find(now, rowid)) {
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

// ----------------------------------------------------------------- new rows

// A column that nothing fills has its default, or NULL.
static void add_filling(dbc__planner *p, const dbc__match *match,
                        const dbc__shape *now, size_t i)
{
    const dbc__column *column = &match->to->shape.columns[i];

    if (dbc__rebuild_expression(p, match, now, i)) return;
    if (column->fallback)
        dbc__rebuild_default(p, column);
    else
        dbc__plan_add(p, "NULL");
}

static void add_column(dbc__planner *p, const dbc__match *match,
                       const dbc__shape *now, size_t i)
{
    const dbc__column *column = &match->to->shape.columns[i];
    int plain = is_plain(p, match, i);

    if (!plain) dbc__row_held(p, column->affinity);
    if (column->generated) {
        dbc__plan_add(p, "(");
        dbc_buf_add(&p->sql, column->generated->body.text,
                    column->generated->body.len);
        dbc__plan_add(p, ")");
    } else {
        add_filling(p, match, now, i);
    }
    if (!plain) dbc__row_held_end(p, column->affinity);
    if (!plain || dbc__row_collates(match, i)) {
        dbc__plan_add(p, " COLLATE ");
        dbc__plan_name(p, column->collate ? column->collate : "binary");
    }
    dbc__plan_add(p, " AS ");
    dbc__plan_name(p, column->name);
}

// What stood in a column whose values may become others.
static void add_raw(dbc__planner *p, const dbc__match *match,
                    const dbc__shape *now, const char *raws, size_t i)
{
    const dbc__column *column = &match->to->shape.columns[i];

    if (!match->source[i] || !raws || !raws[i]) return;
    if (column->generated)
        dbc__plan_name(p, column->name);
    else if (dbc__row_converts(p, match, i))
        add_filling(p, match, now, i);
    else
        return;
    dbc__plan_add(p, " AS ");
    dbc__plan_name(p, dbc__row_raw(p, i));
    dbc__plan_add(p, ", ");
}

// Where a generated column stands: 1 when it uses none, else around those that
// it uses. Returns the highest. NULL `levels` when memory is out.
static size_t find_levels(size_t *levels, const dbc__shape *to)
{
    size_t highest = 0;
    int moved = 1;

    for (size_t round = 0; moved && round <= to->column_count; round++) {
        moved = 0;
        for (size_t i = 0; i < to->column_count; i++) {
            const dbc__clause *own = to->columns[i].generated;
            size_t level = 1;
            if (!own) continue;
            for (size_t j = 0; j < to->column_count; j++)
                if (j != i && levels[j] >= level &&
                    dbc__mentions(own->body.text, own->body.len,
                                  to->columns[j].name))
                    level = levels[j] + 1;
            if (level == levels[i]) continue;
            levels[i] = level;
            if (level > highest) highest = level;
            moved = 1;
        }
    }
    return highest;
}

static void add_level(dbc__planner *p, const dbc__match *match,
                      const dbc__shape *now, const size_t *levels, size_t level)
{
    dbc__plan_add(p, "(SELECT *");
    for (size_t i = 0; i < match->to->shape.column_count; i++) {
        if (levels[i] != level) continue;
        dbc__plan_add(p, ", ");
        add_column(p, match, now, i);
    }
    dbc__plan_add(p, " FROM ");
}

void dbc__row_new(dbc__planner *p, const dbc__match *match,
                  const dbc__shape *now, const char *raws)
{
    const dbc__shape *to = &match->to->shape;
    size_t *levels = dbc__arena_take_array(&p->plan->arena, to->column_count,
                                           sizeof *levels);
    size_t highest;

    if (!levels) {
        p->sql.status = DBC_ENOMEM;
        return;
    }
    highest = find_levels(levels, to);
    for (size_t level = highest; level > 0; level--)
        add_level(p, match, now, levels, level);
    dbc__plan_add(p, "(SELECT ");
    for (size_t i = 0; i < to->column_count; i++) {
        add_raw(p, match, now, raws, i);
        if (to->columns[i].generated) continue;
        add_column(p, match, now, i);
        dbc__plan_add(p, ", ");
    }
    dbc__plan_add(p, DBC__ROW_KEY " FROM ");
    add_old(p, match, now);
    for (size_t level = 0; level <= highest; level++) {
        dbc__plan_add(p, ") AS ");
        dbc__plan_name(p, match->to->own.name);
    }
}
