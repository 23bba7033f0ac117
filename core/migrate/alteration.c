// Changes one by one, made on a scratch database that begins as the real one.
// A table whose text changes is made again there with all that hangs on it; a
// rename is done by the engine, which knows every text that refers to a name.
#include <string.h>

#include "alloc.h"
#include "catalog.h"
#include "edit.h"
#include "error.h"
#include "scratch.h"
#include "sound.h"
#include "suggest.h"

struct dbc_alteration {
    const dbc_alloc *alloc; // borrowed
    dbc_conn *conn;         // borrowed
    dbc__arena arena;
    dbc__scratch scratch;
    dbc_catalog *base; // owned; what it began with
    dbc__list hints;   // dbc_hint
    // A table whose text is being changed: several edits in a row may make
    // sense only together, so it is made anew when something else is touched.
    dbc__object pending; // its name is NULL when there is none
    dbc_error error;     // the first failure
};

// ------------------------------------------------------------------ failures

static int failed(const dbc_alteration *a)
{
    return a->error.code < 0;
}

// Keeps the failure that was left on the connection.
static void keep(dbc_alteration *a, int rc)
{
    if (rc < 0 && !failed(a)) a->error = a->conn->error;
}

static void keep_nomem(dbc_alteration *a)
{
    if (!failed(a)) dbc__error_nomem(&a->error);
}

static void refuse(dbc_alteration *a, const char *what, const char *name,
                   const char *nearest)
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

    if (failed(a)) return NULL;
    int rc = dbc__catalog_read(&catalog, a->scratch.conn, a->scratch.ghosts);
    if (rc < 0) a->error = a->scratch.conn->error;
    return catalog;
}

static const dbc__object *need(dbc_alteration *a, const dbc_catalog *catalog,
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
    refuse(a, words[kind], name, dbc__suggest_best(&suggest));
    return NULL;
}

static const dbc__column *need_column(dbc_alteration *a,
                                      const dbc__object *table,
                                      const char *name)
{
    const dbc__column *found = dbc__shape_find(&table->shape, name);
    dbc__suggest suggest;

    if (found) return found;
    dbc__suggest_init(&suggest, name, strlen(name));
    for (size_t i = 0; i < table->shape.column_count; i++)
        dbc__suggest_try(&suggest, table->shape.columns[i].name);
    refuse(a, "column", name, dbc__suggest_best(&suggest));
    return NULL;
}

// ------------------------------------------------------------------ running

// What is done to which object, for an error.
typedef struct doing {
    const char *what; // "change table"
    const char *name;
} doing;

// Keeps what the engine said, behind what it was about.
static void keep_about(dbc_alteration *a, int rc, doing about)
{
    dbc_error cause = a->conn->error;

    if (rc >= 0 || failed(a)) return;
    keep(a, rc);
    if (rc == DBC_ENOMEM || rc == DBC_EINTERRUPTED) return;
    dbc__error_set(&a->error, cause.code, "cannot %s \"%.100s\": %s",
                   about.what, about.name, cause.message);
}

static void run(dbc_alteration *a, const char *sql, size_t len, doing about)
{
    if (failed(a)) return;
    keep_about(a, dbc__scratch_run(&a->scratch, sql, len, DBC__SCRATCH_ALL),
               about);
}

static void add_name(dbc_alteration *a, dbc_buf *sql, const char *name)
{
    a->conn->driver->dialect->quote(sql, name, strlen(name));
}

static void run_buf(dbc_alteration *a, dbc_buf *sql, doing about)
{
    if (sql->status < 0)
        keep_nomem(a);
    else
        run(a, sql->data, sql->len, about);
    dbc__buf_clear(sql);
}

static void drop_object(dbc_alteration *a, dbc_buf *sql,
                        const dbc_object *object)
{
    static const char *const words[] = {"TABLE ", "TABLE ", "INDEX ",
                                        "TRIGGER ", "VIEW "};

    dbc__buf_clear(sql);
    dbc_buf_add_string(sql, "DROP ");
    dbc_buf_add_string(sql, words[object->kind]);
    add_name(a, sql, object->name);
    run_buf(a, sql, (doing){"drop", object->name});
}

// Makes a table again with the text in `sql`, and all that hangs on it.
static void redefine(dbc_alteration *a, const dbc__object *table, dbc_buf *sql)
{
    dbc_buf drop;

    if (sql->status < 0) keep_nomem(a);
    dbc__buf_init(&drop, a->alloc);
    drop_object(a, &drop, &table->own);
    dbc__buf_dispose(&drop);
    run_buf(a, sql, (doing){"change table", table->own.name});
    for (const dbc__object *i = table->first_index; i; i = i->next)
        run(a, i->own.sql, strlen(i->own.sql),
            (doing){"put back index", i->own.name});
    for (const dbc__object *t = table->first_trigger; t; t = t->next)
        run(a, t->own.sql, strlen(t->own.sql),
            (doing){"put back trigger", t->own.name});
}

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

static void flush(dbc_alteration *a)
{
    const char *name = a->pending.own.name;
    dbc_catalog *now;
    const dbc__object *table;
    dbc_buf sql;

    if (!name || failed(a)) return;
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

// What there is by now. NULL when something failed.
static dbc_catalog *look(dbc_alteration *a)
{
    flush(a);
    return look_now(a);
}

static const char *copy_text(dbc_alteration *a, const char *text)
{
    const char *copy;

    if (!text) return NULL;
    copy = dbc__arena_copy(&a->arena, text, strlen(text));
    if (!copy) keep_nomem(a);
    return copy;
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

    if (failed(a)) return;
    // Hints about its columns go by the name the table has now.
    for (size_t i = 0; i < a->hints.count && !name; i++)
        if (items[i].kind != DBC_HINT_RENAME_TABLE && items[i].table &&
            dbc__same_name(items[i].table, table))
            items[i].table = copy_text(a, to);
    if (before)
        before->value = copy_text(a, to);
    else if (name ? base_table(a, table) != NULL
                  : dbc__catalog_find(a->base, DBC_OBJECT_TABLE, table) != NULL)
        add_hint(a, name ? DBC_HINT_RENAME_COLUMN : DBC_HINT_RENAME_TABLE,
                 table, name, to);
}

// What was asked for by name needs no other consent; what was made by this
// alteration needs none at all.
static void allow_loss(dbc_alteration *a, const char *table, const char *column)
{
    dbc_hint *renamed =
        rename_to(a, column ? table : NULL, column ? column : table);
    const dbc__object *base = base_table(a, table);

    if (!base || failed(a)) return;
    if (renamed) {
        *renamed = (dbc_hint){DBC_HINT_ALLOW_LOSS,
                              column ? renamed->table : base->own.name,
                              renamed->name, NULL};
        return;
    }
    if (!column || dbc__shape_find(&base->shape, column))
        add_hint(a, DBC_HINT_ALLOW_LOSS, table, column, NULL);
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
    dbc_catalog *now = look(a);
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
        keep_nomem(a);
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
        drop_object(a, &drop, &old->own);
        dbc__buf_dispose(&drop);
    }
    run_buf(a, &text, (doing){"create", name});

cleanup:
    dbc__buf_dispose(&text);
    dbc_catalog_free(now);
}

void dbc_alter_drop(dbc_alteration *a, dbc_object_kind kind, const char *name)
{
    dbc_catalog *now = look(a);
    const dbc__object *object;
    dbc_buf sql;

    if (!now) return;
    object = need(a, now, kind, name);
    dbc__buf_init(&sql, a->alloc);
    if (object) drop_object(a, &sql, &object->own);
    if (object && kind <= DBC_OBJECT_VIRTUAL) allow_loss(a, name, NULL);
    dbc__buf_dispose(&sql);
    dbc_catalog_free(now);
}

// A view that is broken already stops the engine's renames: it steps aside.
static void rename_past(dbc_alteration *a, dbc_buf *sql, doing about)
{
    dbc_catalog *now = NULL;
    dbc__list broken = {0};
    const dbc__broken *items;
    dbc_buf drop;

    if (sql->status < 0) {
        keep_nomem(a);
        return;
    }
    if (dbc__scratch_run(&a->scratch, sql->data, sql->len, DBC__SCRATCH_ALL) >=
        0)
        return;
    a->error = a->conn->error;
    dbc_error cause = a->error;
    dbc__error_clear(&a->error);
    now = look(a);
    if (!now) return;
    if (dbc__sound_find(&broken, &a->arena, a->scratch.conn, &a->scratch, now) <
        0)
        keep_nomem(a);
    items = broken.items;
    if (broken.count == 0) {
        a->conn->error = cause;
        keep_about(a, cause.code, about);
    }
    dbc__buf_init(&drop, a->alloc);
    for (size_t i = 0; i < broken.count; i++) {
        const dbc__object *view =
            dbc__catalog_find(now, DBC_OBJECT_VIEW, items[i].name);
        if (view && !items[i].event) drop_object(a, &drop, &view->own);
    }
    run_buf(a, sql, about);
    for (size_t i = 0; i < broken.count; i++) {
        const dbc__object *view =
            dbc__catalog_find(now, DBC_OBJECT_VIEW, items[i].name);
        if (view && !items[i].event)
            run(a, view->own.sql, strlen(view->own.sql),
                (doing){"put back view", view->own.name});
    }
    dbc__buf_dispose(&drop);
    dbc_catalog_free(now);
}

void dbc_alter_rename_table(dbc_alteration *a, const char *table,
                            const char *to)
{
    dbc_catalog *now = look(a);
    dbc_buf sql;

    if (!now) return;
    dbc__buf_init(&sql, a->alloc);
    if (need(a, now, DBC_OBJECT_TABLE, table)) {
        dbc_buf_add_string(&sql, "ALTER TABLE ");
        add_name(a, &sql, table);
        dbc_buf_add_string(&sql, " RENAME TO ");
        add_name(a, &sql, to);
        rename_past(a, &sql, (doing){"rename table", table});
        add_rename(a, table, NULL, to);
    }
    dbc__buf_dispose(&sql);
    dbc_catalog_free(now);
}

void dbc_alter_rename_column(dbc_alteration *a, const char *table,
                             const char *column, const char *to)
{
    dbc_catalog *now = look(a);
    const dbc__object *object;
    dbc_buf sql;

    if (!now) return;
    dbc__buf_init(&sql, a->alloc);
    object = need(a, now, DBC_OBJECT_TABLE, table);
    if (object && need_column(a, object, column)) {
        dbc_buf_add_string(&sql, "ALTER TABLE ");
        add_name(a, &sql, table);
        dbc_buf_add_string(&sql, " RENAME COLUMN ");
        add_name(a, &sql, column);
        dbc_buf_add_string(&sql, " TO ");
        add_name(a, &sql, to);
        rename_past(a, &sql, (doing){"rename a column of", table});
        add_rename(a, table, column, to);
    }
    dbc__buf_dispose(&sql);
    dbc_catalog_free(now);
}

// ------------------------------------------------------------ parts of tables

// One edit of a table: looks it up, lets `write` make the text, makes it anew.
typedef struct edit {
    dbc_alteration *a;
    const char *name; // of the column or constraint, or NULL
    const char *text;
    void (*write)(dbc_buf *out, struct edit *edit, const dbc__object *table);
} edit;

static int is_pending(const dbc_alteration *a, const char *table)
{
    return a->pending.own.name && dbc__same_name(a->pending.own.name, table);
}

static void set_pending(dbc_alteration *a, const char *name, const char *sql)
{
    dbc__object *pending = &a->pending;

    *pending = (dbc__object){0};
    if (!name || !sql) {
        keep_nomem(a);
        return;
    }
    pending->own = (dbc_object){DBC_OBJECT_TABLE, name, name, sql, NULL};
    int rc = dbc__parse_table(&pending->shape, &a->arena, sql);
    if (rc == DBC_ENOMEM) keep_nomem(a);
    if (rc == DBC_EINVALID)
        dbc__error_set(&a->error, DBC_EINVALID,
                       "table \"%.100s\" cannot be changed like that", name);
}

// Makes the table the pending one.
static void start_edit(dbc_alteration *a, const char *table)
{
    dbc_catalog *now = look(a);
    const dbc__object *object;

    if (!now) return;
    object = need(a, now, DBC_OBJECT_TABLE, table);
    if (object && object->own.kind != DBC_OBJECT_TABLE)
        refuse(a, "ordinary table", table, NULL);
    else if (object)
        set_pending(a, copy_text(a, object->own.name),
                    copy_text(a, object->own.sql));
    dbc_catalog_free(now);
}

static void run_edit(edit *e, const char *table)
{
    dbc_alteration *a = e->a;
    dbc_buf sql;

    if (!is_pending(a, table)) start_edit(a, table);
    if (failed(a)) return;
    dbc__buf_init(&sql, a->alloc);
    e->write(&sql, e, &a->pending);
    if (sql.status < 0) keep_nomem(a);
    if (!failed(a)) set_pending(a, a->pending.own.name, copy_text(a, sql.data));
    dbc__buf_dispose(&sql);
}

static void write_new_column(dbc_buf *out, edit *e, const dbc__object *table)
{
    dbc__edit_add_column(out, table->own.sql, &table->shape, e->text);
}

void dbc_alter_add_column(dbc_alteration *a, const char *table,
                          const char *definition)
{
    edit e = {a, NULL, definition, write_new_column};

    run_edit(&e, table);
}

static void write_without_column(dbc_buf *out, edit *e,
                                 const dbc__object *table)
{
    const dbc__column *column = need_column(e->a, table, e->name);

    if (column)
        dbc__edit_drop_column(out, table->own.sql, &table->shape, column);
}

void dbc_alter_drop_column(dbc_alteration *a, const char *table,
                           const char *column)
{
    edit e = {a, column, NULL, write_without_column};

    run_edit(&e, table);
    allow_loss(a, table, column);
}

static void write_changed_column(dbc_buf *out, edit *e,
                                 const dbc__object *table)
{
    dbc__token first;
    const dbc__column *column = NULL;
    dbc__tokens tokens;

    dbc__tokens_init(&tokens, e->text, strlen(e->text));
    first = tokens.token;
    const char *name = dbc__token_name(&e->a->arena, &first);
    if (name) column = need_column(e->a, table, name);
    if (column) dbc__edit_change_column(out, table->own.sql, column, e->text);
    if (!name) keep_nomem(e->a);
}

void dbc_alter_change_column(dbc_alteration *a, const char *table,
                             const char *definition)
{
    edit e = {a, NULL, definition, write_changed_column};

    run_edit(&e, table);
}

static const dbc__clause *named(const dbc__clause *each, const char *name)
{
    for (; each; each = each->next)
        if (each->name && dbc__same_name(each->name, name)) return each;
    return NULL;
}

static const dbc__clause *find_constraint(const dbc__object *table,
                                          const char *name)
{
    const dbc__shape *shape = &table->shape;
    const dbc__clause *found = named(shape->clauses, name);

    for (size_t i = 0; i < shape->column_count && !found; i++)
        found = named(shape->columns[i].clauses, name);
    return found;
}

static void write_constraint(dbc_buf *out, edit *e, const dbc__object *table)
{
    const dbc__clause *old = NULL;
    dbc__tokens tokens;

    dbc__tokens_init(&tokens, e->text, strlen(e->text));
    if (dbc__tokens_take(&tokens, "CONSTRAINT")) {
        const char *name = dbc__token_name(&e->a->arena, &tokens.token);
        if (name)
            old = named(table->shape.clauses, name);
        else
            keep_nomem(e->a);
    }
    if (old)
        dbc__edit_constraint(out, table->own.sql, old, e->text);
    else
        dbc__edit_add_constraint(out, table->own.sql, &table->shape, e->text);
}

void dbc_alter_add_constraint(dbc_alteration *a, const char *table,
                              const char *definition)
{
    edit e = {a, NULL, definition, write_constraint};

    run_edit(&e, table);
}

static void write_without_constraint(dbc_buf *out, edit *e,
                                     const dbc__object *table)
{
    const dbc__clause *clause = find_constraint(table, e->name);
    int is_of_table = clause && named(table->shape.clauses, e->name) == clause;

    if (!clause) refuse(e->a, "constraint", e->name, NULL);
    if (clause)
        dbc__edit_constraint(out, table->own.sql, clause,
                             is_of_table ? NULL : "");
}

void dbc_alter_drop_constraint(dbc_alteration *a, const char *table,
                               const char *name)
{
    edit e = {a, name, NULL, write_without_constraint};

    run_edit(&e, table);
}

static void write_options(dbc_buf *out, edit *e, const dbc__object *table)
{
    dbc__edit_options(out, table->own.sql, &table->shape, e->text);
}

void dbc_alter_options(dbc_alteration *a, const char *table,
                       const char *options)
{
    edit e = {a, NULL, options, write_options};

    run_edit(&e, table);
}

// -------------------------------------------------------------------- the end

void dbc_alter_hint(dbc_alteration *a, const dbc_hint *hint)
{
    dbc_hint *added;

    if (failed(a)) return;
    added = dbc__list_add(&a->hints, &a->arena, sizeof *added);
    if (!added) {
        keep_nomem(a);
        return;
    }
    *added = (dbc_hint){hint->kind, copy_text(a, hint->table),
                        copy_text(a, hint->name), copy_text(a, hint->value)};
}

int dbc_alteration_plan(dbc_plan **out, dbc_alteration *a)
{
    dbc_catalog *target = look(a);
    dbc_plan_options options = {.hints = a->hints.items,
                                .hint_count = a->hints.count};
    int rc;

    *out = NULL;
    if (failed(a)) {
        a->conn->error = a->error;
        rc = a->error.code;
    } else {
        rc = dbc_plan_new(out, a->conn, target, &options);
    }
    dbc_catalog_free(target);
    return rc;
}
