// Refusing hints that name nothing, or whose expression or data step is none,
// before anything is planned with them. They are named as what they are: how
// they were given, as an option or as a field, is not known here.
#include <string.h>

#include "error.h"
#include "hint.h"
#include "suggest.h"

static const dbc__object *table_of(const dbc_catalog *catalog, const char *name)
{
    return dbc__catalog_find(catalog, DBC_OBJECT_TABLE, name);
}

const char *dbc__hint_words(dbc__planner *p, const dbc_hint *hint)
{
    switch (hint->kind) {
    case DBC_HINT_RENAME_TABLE:
        return dbc__plan_text(p, "the rename of %s to %s", hint->table,
                              hint->value);
    case DBC_HINT_RENAME_COLUMN:
        return dbc__plan_text(p, "the rename of %s.%s to %s", hint->table,
                              hint->name, hint->value);
    case DBC_HINT_RENAME_INDEX:
        return dbc__plan_text(p, "the rename of index %s to %s", hint->name,
                              hint->value);
    case DBC_HINT_BACKFILL:
        return dbc__plan_text(p, "the backfill of %s.%s", hint->table,
                              hint->name);
    case DBC_HINT_COPY:
        return dbc__plan_text(p, "the copy of %s.%s", hint->table, hint->name);
    case DBC_HINT_IGNORE:
        return dbc__plan_text(p, "the table %s to ignore", hint->table);
    case DBC_HINT_ALLOW_LOSS:
        return dbc__plan_text(p,
                              hint->name ? "the allowed loss of %s.%s"
                                         : "the allowed loss of %s",
                              hint->table, hint->name);
    case DBC_HINT_DATA:
        break;
    }
    return "the data step";
}

// `what` is not where the hint needs it; `nearest` may be NULL.
static int refuse(dbc__planner *p, const dbc_hint *hint, const char *what,
                  const char *nearest)
{
    const char *words = dbc__hint_words(p, hint);

    if (!words || !what) return dbc__plan_nomem(p);
    if (nearest)
        return dbc__conn_fail(p->conn, DBC_EREFUSED,
                              "%s: there is no %s: did you mean \"%s\"?", words,
                              what, nearest);
    return dbc__conn_fail(p->conn, DBC_EREFUSED,
                          "%s: there is no %s: take it away, or name what is "
                          "there",
                          words, what);
}

static void suggest_tables(dbc__suggest *suggest, const dbc_catalog *catalog)
{
    for (size_t t = 0; t < catalog->table_count; t++)
        dbc__suggest_try(suggest, catalog->objects[t].own.name);
}

static int check_table(dbc__planner *p, const dbc_hint *hint)
{
    const char *name = hint->table;
    dbc__suggest suggest;

    if (table_of(p->from, name) || table_of(p->to, name)) return DBC_OK;
    dbc__suggest_init(&suggest, name, strlen(name));
    suggest_tables(&suggest, p->from);
    suggest_tables(&suggest, p->to);
    return refuse(p, hint, dbc__plan_text(p, "table \"%s\"", name),
                  dbc__suggest_best(&suggest));
}

static int check_new_table(dbc__planner *p, const dbc_hint *hint)
{
    dbc__suggest suggest;

    if (table_of(p->to, hint->value)) return DBC_OK;
    dbc__suggest_init(&suggest, hint->value, strlen(hint->value));
    suggest_tables(&suggest, p->to);
    return refuse(p, hint,
                  dbc__plan_text(p, "table \"%s\" in the schema", hint->value),
                  dbc__suggest_best(&suggest));
}

static int has_column(const dbc_catalog *catalog, const char *table,
                      const char *column)
{
    const dbc__object *object = table_of(catalog, table);

    return object && dbc__shape_find(&object->shape, column);
}

static int is_called(const dbc__object *object, const char *name)
{
    return object && dbc__same_name(object->own.name, name);
}

// A column of the table before or after, under any of its names.
static int check_column(dbc__planner *p, const dbc_hint *hint,
                        const char *column)
{
    const char *table = hint->table;
    dbc__suggest suggest;

    int rc = check_table(p, hint);
    if (rc < 0) return rc;
    dbc__suggest_init(&suggest, column, strlen(column));
    for (size_t i = 0; i < p->match_count; i++) {
        const dbc__match *match = &p->matches[i];
        const dbc__object *const both[] = {match->from, match->to};
        if (!is_called(match->from, table) && !is_called(match->to, table))
            continue;
        for (int b = 0; b < 2; b++) {
            if (!both[b]) continue;
            if (dbc__shape_find(&both[b]->shape, column)) return DBC_OK;
            for (size_t c = 0; c < both[b]->shape.column_count; c++)
                dbc__suggest_try(&suggest, both[b]->shape.columns[c].name);
        }
    }
    return refuse(
        p, hint,
        dbc__plan_text(p, "column \"%s\" in table \"%s\"", column, table),
        dbc__suggest_best(&suggest));
}

static int check_index(dbc__planner *p, const dbc_hint *hint)
{
    const dbc_catalog *const both[] = {p->from, p->to};
    const char *const names[] = {hint->name, hint->value};
    dbc__suggest suggest;

    if (dbc__catalog_find(p->from, DBC_OBJECT_INDEX, hint->name) &&
        dbc__catalog_find(p->to, DBC_OBJECT_INDEX, hint->value))
        return DBC_OK;
    if (dbc__catalog_find(p->from, DBC_OBJECT_INDEX, hint->value) &&
        dbc__catalog_find(p->to, DBC_OBJECT_INDEX, hint->value))
        return DBC_OK;
    for (int i = 0; i < 2; i++) {
        if (dbc__catalog_find(both[i], DBC_OBJECT_INDEX, names[i])) continue;
        dbc__suggest_init(&suggest, names[i], strlen(names[i]));
        for (size_t t = both[i]->table_count; t < both[i]->count; t++)
            if (both[i]->objects[t].own.kind == DBC_OBJECT_INDEX)
                dbc__suggest_try(&suggest, both[i]->objects[t].own.name);
        return refuse(p, hint, dbc__plan_text(p, "index \"%s\"", names[i]),
                      dbc__suggest_best(&suggest));
    }
    return DBC_OK;
}

static int check_rename(dbc__planner *p, const dbc_hint *hint)
{
    int rc;

    if (hint->kind == DBC_HINT_RENAME_TABLE) {
        rc = check_new_table(p, hint);
        if (rc < 0) return rc;
        if (table_of(p->from, hint->value)) return DBC_OK; // done before
        return check_table(p, hint);
    }
    rc = check_column(p, hint, hint->value);
    if (rc < 0) return rc;
    if (has_column(p->from, hint->table, hint->value)) return DBC_OK;
    return check_column(p, hint, hint->name);
}

static int check_expression(dbc__planner *p, const dbc_hint *hint)
{
    const char *problem = dbc__scan_expression(hint->value);

    const char *words;

    if (!problem) return DBC_OK;
    words = dbc__hint_words(p, hint);
    if (!words) return dbc__plan_nomem(p);
    return dbc__conn_fail(p->conn, DBC_EREFUSED, "%s: the expression %s", words,
                          problem);
}

// A data step changes rows and nothing else: not where they are, nor the
// transaction they are changed in.
static int check_data(dbc__planner *p, const dbc_hint *hint)
{
    static const char *const kept[] = {
        "BEGIN",  "COMMIT",    "END",    "ROLLBACK", "RELEASE",
        "ATTACH", "SAVEPOINT", "DETACH", "VACUUM",   "PRAGMA"};
    dbc__tokens tokens;
    int is_first = 1;

    dbc__tokens_init(&tokens, hint->value, strlen(hint->value));
    for (; !dbc__tokens_done(&tokens); dbc__tokens_next(&tokens)) {
        for (size_t i = 0; is_first && i < sizeof kept / sizeof *kept; i++)
            if (dbc__tokens_is(&tokens, kept[i]))
                return dbc__conn_fail(p->conn, DBC_EREFUSED,
                                      "a data step changes rows, and %s does "
                                      "not: leave it out",
                                      kept[i]);
        // No trigger is made here, so nothing else has a ; inside.
        is_first = dbc__tokens_is_char(&tokens, ';');
    }
    return DBC_OK;
}

int dbc__hint_check(dbc__planner *p)
{
    int rc = DBC_OK;

    for (size_t i = 0; i < p->given_count && rc == DBC_OK; i++) {
        const dbc_hint *hint = &p->hints[i];
        switch (hint->kind) {
        case DBC_HINT_RENAME_TABLE:
        case DBC_HINT_RENAME_COLUMN:
            rc = check_rename(p, hint);
            break;
        case DBC_HINT_RENAME_INDEX:
            rc = check_index(p, hint);
            break;
        case DBC_HINT_BACKFILL:
        case DBC_HINT_COPY:
            rc = check_column(p, hint, hint->name);
            if (rc == DBC_OK) rc = check_expression(p, hint);
            break;
        case DBC_HINT_IGNORE:
        case DBC_HINT_ALLOW_LOSS:
            if (hint->table && hint->name)
                rc = check_column(p, hint, hint->name);
            else if (hint->table)
                rc = check_table(p, hint);
            break;
        case DBC_HINT_DATA:
            rc = check_data(p, hint);
            break;
        }
    }
    return rc;
}
