// Changes one by one, made on a scratch database that begins as the real one.
// A table whose text changes is made again there with all that hangs on it.
// Renames are in alteration_rename.c, parts of tables in alteration_table.c.
#include "alteration.h"

#include <string.h>

#include "alloc.h"
#include "error.h"
#include "planner.h"
#include "suggest.h"

// ------------------------------------------------------------------ failures

int dbc__alteration_failed(const dbc_alteration *a)
{
    return a->error.code < 0;
}

// Keeps the failure that was left on the connection.
static void keep(dbc_alteration *a, int rc)
{
    if (rc < 0 && !dbc__alteration_failed(a)) a->error = a->conn->error;
}

void dbc__alteration_nomem(dbc_alteration *a)
{
    if (!dbc__alteration_failed(a)) dbc__error_nomem(&a->error);
}

void dbc__alteration_refuse(dbc_alteration *a, const char *what,
                            const char *name, const char *nearest)
{
    if (nearest)
        dbc__error_set(&a->error, DBC_EINVALID,
                       "there is no %s \"%.100s\": did you mean \"%.100s\"?",
                       what, name, nearest);
    else
        dbc__error_set(&a->error, DBC_EINVALID, "there is no %s \"%.100s\"",
                       what, name);
}

// ------------------------------------------------------------------ looking

static dbc_catalog *look_now(dbc_alteration *a)
{
    dbc_catalog *catalog = NULL;

    if (dbc__alteration_failed(a)) return NULL;
    int rc = dbc__catalog_read(&catalog, a->scratch.conn, a->scratch.ghosts);
    if (rc < 0) a->error = a->scratch.conn->error;
    return catalog;
}

const dbc__object *dbc__alteration_need(dbc_alteration *a,
                                        const dbc_catalog *catalog,
                                        dbc_object_kind kind, const char *name)
{
    static const char *const words[] = {"table", "virtual table", "index",
                                        "trigger", "view"};
    const dbc__object *found = dbc__catalog_find(catalog, kind, name);
    dbc__suggest suggest;

    if (found) return found;
    dbc__suggest_init(&suggest, name, strlen(name));
    for (size_t i = 0; i < catalog->count; i++)
        if (catalog->objects[i].own.kind == kind)
            dbc__suggest_try(&suggest, catalog->objects[i].own.name);
    dbc__alteration_refuse(a, words[kind], name, dbc__suggest_best(&suggest));
    return NULL;
}

const dbc__column *dbc__alteration_need_column(dbc_alteration *a,
                                               const dbc__object *table,
                                               const char *name)
{
    const dbc__column *found = dbc__shape_find(&table->shape, name);
    dbc__suggest suggest;

    if (found) return found;
    dbc__suggest_init(&suggest, name, strlen(name));
    for (size_t i = 0; i < table->shape.column_count; i++)
        dbc__suggest_try(&suggest, table->shape.columns[i].name);
    dbc__alteration_refuse(a, "column", name, dbc__suggest_best(&suggest));
    return NULL;
}

// ------------------------------------------------------------------ running

void dbc__alteration_keep(dbc_alteration *a, int rc, dbc__doing about)
{
    dbc_error cause = a->conn->error;

    if (rc >= 0 || dbc__alteration_failed(a)) return;
    keep(a, rc);
    if (rc == DBC_ENOMEM || rc == DBC_EINTERRUPTED) return;
    dbc__error_set(&a->error, cause.code, "cannot %s \"%.100s\": %s",
                   about.what, about.name, cause.message);
}

void dbc__alteration_run(dbc_alteration *a, const char *sql, size_t len,
                         dbc__doing about)
{
    if (dbc__alteration_failed(a)) return;
    dbc__alteration_keep(
        a, dbc__scratch_run(&a->scratch, sql, len, DBC__SCRATCH_ALL), about);
}

void dbc__alteration_add_name(dbc_alteration *a, dbc_buf *sql, const char *name)
{
    a->conn->driver->dialect->quote(sql, name, strlen(name));
}

void dbc__alteration_run_buf(dbc_alteration *a, dbc_buf *sql, dbc__doing about)
{
    if (sql->status < 0)
        dbc__alteration_nomem(a);
    else
        dbc__alteration_run(a, sql->data, sql->len, about);
    dbc__buf_clear(sql);
}

void dbc__alteration_drop_object(dbc_alteration *a, dbc_buf *sql,
                                 const dbc_object *object)
{
    static const char *const words[] = {"TABLE ", "TABLE ", "INDEX ",
                                        "TRIGGER ", "VIEW "};

    dbc__buf_clear(sql);
    dbc_buf_add_string(sql, "DROP ");
    dbc_buf_add_string(sql, words[object->kind]);
    dbc__alteration_add_name(a, sql, object->name);
    dbc__alteration_run_buf(a, sql, (dbc__doing){"drop", object->name});
}

// Makes a table again with the text in `sql`, and all that hangs on it.
static void redefine(dbc_alteration *a, const dbc__object *table, dbc_buf *sql)
{
    dbc_buf drop;

    if (sql->status < 0) dbc__alteration_nomem(a);
    dbc__buf_init(&drop, a->alloc);
    dbc__alteration_drop_object(a, &drop, &table->own);
    dbc__buf_dispose(&drop);
    dbc__alteration_run_buf(a, sql,
                            (dbc__doing){"change table", table->own.name});
    for (const dbc__object *i = table->first_index; i; i = i->next)
        dbc__alteration_run(a, i->own.sql, strlen(i->own.sql),
                            (dbc__doing){"put back index", i->own.name});
    for (const dbc__object *t = table->first_trigger; t; t = t->next)
        dbc__alteration_run(a, t->own.sql, strlen(t->own.sql),
                            (dbc__doing){"put back trigger", t->own.name});
}

static void flush(dbc_alteration *a)
{
    const char *name = a->pending.own.name;
    dbc_catalog *now;
    const dbc__object *table;
    dbc_buf sql;

    if (!name || dbc__alteration_failed(a)) return;
    a->pending.own.name = NULL;
    now = look_now(a);
    if (!now) return;
    dbc__buf_init(&sql, a->alloc);
    dbc_buf_add_string(&sql, a->pending.own.sql);
    table = dbc__catalog_find(now, DBC_OBJECT_TABLE, name);
    if (table) redefine(a, table, &sql);
    dbc__buf_dispose(&sql);
    dbc_catalog_free(now);
}

dbc_catalog *dbc__alteration_look(dbc_alteration *a)
{
    flush(a);
    return look_now(a);
}

const char *dbc__alteration_copy(dbc_alteration *a, const char *text)
{
    const char *copy;

    if (!text) return NULL;
    copy = dbc__arena_copy(&a->arena, text, strlen(text));
    if (!copy) dbc__alteration_nomem(a);
    return copy;
}

// -------------------------------------------------------------------- public

int dbc_alteration_new(dbc_alteration **out, dbc_conn *conn)
{
    const dbc_alloc *alloc = dbc__alloc_or_default(conn->alloc);
    dbc_catalog *base = NULL;
    dbc_alteration *a = NULL;

    *out = NULL;
    int rc = dbc__catalog_read(&base, conn, NULL);
    if (rc < 0) return rc;
    a = dbc__alloc_zero(alloc, 1, sizeof *a);
    if (!a) {
        rc = dbc__error_nomem(&conn->error);
        goto cleanup;
    }
    a->alloc = alloc;
    a->conn = conn;
    dbc__arena_init(&a->arena, alloc);
    dbc__error_clear(&a->error);
    rc = dbc__scratch_open(&a->scratch, conn);
    for (size_t i = 0; i < base->count && rc >= 0; i++)
        rc = dbc__scratch_copy(&a->scratch, base->objects[i].own.sql);
    a->base = base;
    base = NULL;

cleanup:
    dbc_catalog_free(base);
    if (rc < 0)
        dbc_alteration_free(a);
    else
        *out = a;
    return rc < 0 ? rc : DBC_OK;
}

void dbc_alteration_free(dbc_alteration *alteration)
{
    if (!alteration) return;
    dbc__scratch_close(&alteration->scratch);
    dbc_catalog_free(alteration->base);
    dbc__arena_dispose(&alteration->arena);
    dbc__alloc_free(alteration->alloc, alteration, sizeof *alteration);
}

// What kind of object a CREATE statement makes; -1: none.
static int kind_of(const char *sql, size_t len)
{
    static const struct {
        const char *word;
        dbc_object_kind kind;
    } kinds[] = {{"TABLE", DBC_OBJECT_TABLE},
                 {"VIRTUAL", DBC_OBJECT_VIRTUAL},
                 {"INDEX", DBC_OBJECT_INDEX},
                 {"TRIGGER", DBC_OBJECT_TRIGGER},
                 {"VIEW", DBC_OBJECT_VIEW}};
    dbc__tokens tokens;

    dbc__tokens_init(&tokens, sql, len);
    if (!dbc__tokens_take(&tokens, "CREATE")) return -1;
    dbc__tokens_take(&tokens, "UNIQUE");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (dbc__tokens_is(&tokens, kinds[i].word)) return kinds[i].kind;
    return -1;
}

void dbc_alter_define(dbc_alteration *a, const char *sql, size_t len)
{
    int kind = kind_of(sql, len);
    dbc_catalog *now = dbc__alteration_look(a);
    const dbc__object *old = NULL;
    const char *name = NULL;
    dbc_buf text;

    if (!now) return;
    dbc__buf_init(&text, a->alloc);
    dbc_buf_add(&text, sql, len);
    if (kind < 0) {
        dbc__error_set(&a->error, DBC_EINVALID,
                       "a definition is one CREATE statement of a table, "
                       "index, trigger or view");
        goto cleanup;
    }
    if (text.status >= 0) {
        dbc__span span = dbc__parse_name(text.data);
        dbc__token token = dbc__scan_token(span.text, span.len);
        name = dbc__token_name(&a->arena, &token);
    }
    if (!name) {
        dbc__alteration_nomem(a);
        goto cleanup;
    }
    old = dbc__catalog_find(now, (dbc_object_kind)kind, name);
    if (old && kind == DBC_OBJECT_TABLE) {
        redefine(a, old, &text);
        goto cleanup;
    }
    if (old) {
        dbc_buf drop;
        dbc__buf_init(&drop, a->alloc);
        dbc__alteration_drop_object(a, &drop, &old->own);
        dbc__buf_dispose(&drop);
    }
    dbc__alteration_run_buf(a, &text, (dbc__doing){"create", name});

cleanup:
    dbc__buf_dispose(&text);
    dbc_catalog_free(now);
}

void dbc_alter_drop(dbc_alteration *a, dbc_object_kind kind, const char *name)
{
    dbc_catalog *now = dbc__alteration_look(a);
    const dbc__object *object;
    dbc_buf sql;

    if (!now) return;
    object = dbc__alteration_need(a, now, kind, name);
    dbc__buf_init(&sql, a->alloc);
    if (object) dbc__alteration_drop_object(a, &sql, &object->own);
    if (object && kind <= DBC_OBJECT_VIRTUAL)
        dbc__alteration_allow_loss(a, name, NULL);
    dbc__buf_dispose(&sql);
    dbc_catalog_free(now);
}

// -------------------------------------------------------------------- the end

void dbc_alter_hint(dbc_alteration *a, const dbc_hint *hint)
{
    dbc_hint *added;

    if (dbc__alteration_failed(a)) return;
    added = dbc__list_add(&a->hints, &a->arena, sizeof *added);
    if (!added) {
        dbc__alteration_nomem(a);
        return;
    }
    *added = (dbc_hint){hint->kind, dbc__alteration_copy(a, hint->table),
                        dbc__alteration_copy(a, hint->name),
                        dbc__alteration_copy(a, hint->value)};
}

int dbc_alteration_plan(dbc_plan **out, dbc_alteration *a)
{
    dbc_catalog *target = dbc__alteration_look(a);
    dbc_plan_options options = {.hints = a->hints.items,
                                .hint_count = a->hints.count};
    int rc;

    *out = NULL;
    if (dbc__alteration_failed(a)) {
        a->conn->error = a->error;
        rc = a->error.code;
    } else {
        rc = dbc__plan_alteration(out, a->conn, target, &options);
    }
    dbc_catalog_free(target);
    return rc;
}
