// Renames of an alteration. One is done by the engine, which knows every text
// that refers to a name; the hints follow it, so that the plan knows what was
// what. Consent to lose something goes by the name that it has in the file.
#include <string.h>

#include "alteration.h"
#include "error.h"
#include "sound.h"

// A rename of this alteration that ends in that name, or NULL. `table` is NULL
// for a table's own name.
static dbc_hint *rename_to(const dbc_alteration *a, const char *table,
                           const char *name)
{
    dbc_hint *items = a->hints.items;

    for (size_t i = 0; i < a->hints.count; i++) {
        dbc_hint *hint = &items[i];
        if (table && hint->kind == DBC_HINT_RENAME_COLUMN &&
            dbc__same_name(hint->table, table) &&
            dbc__same_name(hint->value, name))
            return hint;
        if (!table && hint->kind == DBC_HINT_RENAME_TABLE &&
            dbc__same_name(hint->value, name))
            return hint;
    }
    return NULL;
}

static const dbc__object *base_table(const dbc_alteration *a, const char *name)
{
    const dbc_hint *renamed = rename_to(a, NULL, name);

    return dbc__catalog_find(a->base, DBC_OBJECT_TABLE,
                             renamed ? renamed->table : name);
}

static void add_hint(dbc_alteration *a, dbc_hint_kind kind, const char *table,
                     const char *name, const char *value)
{
    const dbc_hint hint = {kind, table, name, value};

    dbc_alter_hint(a, &hint);
}

// Renames follow each other: the first name becomes the last.
static void add_rename(dbc_alteration *a, const char *table, const char *name,
                       const char *to)
{
    dbc_hint *before = rename_to(a, name ? table : NULL, name ? name : table);
    dbc_hint *items = a->hints.items;

    if (dbc__alteration_failed(a)) return;
    // Hints about its columns go by the name the table has now.
    for (size_t i = 0; i < a->hints.count && !name; i++)
        if (items[i].kind != DBC_HINT_RENAME_TABLE && items[i].table &&
            dbc__same_name(items[i].table, table))
            items[i].table = dbc__alteration_copy(a, to);
    if (before)
        before->value = dbc__alteration_copy(a, to);
    else if (name ? base_table(a, table) != NULL
                  : dbc__catalog_find(a->base, DBC_OBJECT_TABLE, table) != NULL)
        add_hint(a, name ? DBC_HINT_RENAME_COLUMN : DBC_HINT_RENAME_TABLE,
                 table, name, to);
}

void dbc__alteration_allow_loss(dbc_alteration *a, const char *table,
                                const char *column)
{
    dbc_hint *renamed =
        rename_to(a, column ? table : NULL, column ? column : table);
    const dbc__object *base = base_table(a, table);

    if (!base || dbc__alteration_failed(a)) return;
    if (renamed) {
        *renamed = (dbc_hint){DBC_HINT_ALLOW_LOSS,
                              column ? renamed->table : base->own.name,
                              renamed->name, NULL};
        return;
    }
    if (!column || dbc__shape_find(&base->shape, column))
        add_hint(a, DBC_HINT_ALLOW_LOSS, table, column, NULL);
}

// A view that is broken already stops the engine's renames: it steps aside.
static void rename_past(dbc_alteration *a, dbc_buf *sql, dbc__doing about)
{
    dbc_catalog *now = NULL;
    dbc__list broken = {0};
    const dbc__broken *items;
    dbc_buf drop;

    if (sql->status < 0) {
        dbc__alteration_nomem(a);
        return;
    }
    if (dbc__scratch_run(&a->scratch, sql->data, sql->len, DBC__SCRATCH_ALL) >=
        0)
        return;
    a->error = a->conn->error;
    dbc_error cause = a->error;
    dbc__error_clear(&a->error);
    now = dbc__alteration_look(a);
    if (!now) return;
    if (dbc__sound_find(&broken, &a->arena, a->scratch.conn, &a->scratch, now) <
        0)
        dbc__alteration_nomem(a);
    items = broken.items;
    if (broken.count == 0) {
        a->conn->error = cause;
        dbc__alteration_keep(a, cause.code, about);
    }
    dbc__buf_init(&drop, a->alloc);
    for (size_t i = 0; i < broken.count; i++) {
        const dbc__object *view =
            dbc__catalog_find(now, DBC_OBJECT_VIEW, items[i].name);
        if (view && !items[i].event)
            dbc__alteration_drop_object(a, &drop, &view->own);
    }
    dbc__alteration_run_buf(a, sql, about);
    for (size_t i = 0; i < broken.count; i++) {
        const dbc__object *view =
            dbc__catalog_find(now, DBC_OBJECT_VIEW, items[i].name);
        if (view && !items[i].event)
            dbc__alteration_run(a, view->own.sql, strlen(view->own.sql),
                                (dbc__doing){"put back view", view->own.name});
    }
    dbc__buf_dispose(&drop);
    dbc_catalog_free(now);
}

void dbc_alter_rename_table(dbc_alteration *a, const char *table,
                            const char *to)
{
    dbc_catalog *now = dbc__alteration_look(a);
    dbc_buf sql;

    if (!now) return;
    dbc__buf_init(&sql, a->alloc);
    if (dbc__alteration_need(a, now, DBC_OBJECT_TABLE, table)) {
        dbc_buf_add_string(&sql, "ALTER TABLE ");
        dbc__alteration_add_name(a, &sql, table);
        dbc_buf_add_string(&sql, " RENAME TO ");
        dbc__alteration_add_name(a, &sql, to);
        rename_past(a, &sql, (dbc__doing){"rename table", table});
        add_rename(a, table, NULL, to);
    }
    dbc__buf_dispose(&sql);
    dbc_catalog_free(now);
}

void dbc_alter_rename_column(dbc_alteration *a, const char *table,
                             const char *column, const char *to)
{
    dbc_catalog *now = dbc__alteration_look(a);
    const dbc__object *object;
    dbc_buf sql;

    if (!now) return;
    dbc__buf_init(&sql, a->alloc);
    object = dbc__alteration_need(a, now, DBC_OBJECT_TABLE, table);
    if (object && dbc__alteration_need_column(a, object, column)) {
        dbc_buf_add_string(&sql, "ALTER TABLE ");
        dbc__alteration_add_name(a, &sql, table);
        dbc_buf_add_string(&sql, " RENAME COLUMN ");
        dbc__alteration_add_name(a, &sql, column);
        dbc_buf_add_string(&sql, " TO ");
        dbc__alteration_add_name(a, &sql, to);
        rename_past(a, &sql, (dbc__doing){"rename a column of", table});
        add_rename(a, table, column, to);
    }
    dbc__buf_dispose(&sql);
    dbc_catalog_free(now);
}
