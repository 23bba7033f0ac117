// Parts of tables: columns, constraints and options are changed in the text of
// the table, which is made anew when something else is touched.
#include <string.h>

#include "alteration.h"
#include "edit.h"
#include "error.h"

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
        dbc__alteration_nomem(a);
        return;
    }
    pending->own = (dbc_object){DBC_OBJECT_TABLE, name, name, sql, NULL};
    int rc = dbc__parse_table(&pending->shape, &a->arena, sql);
    if (rc == DBC_ENOMEM) dbc__alteration_nomem(a);
    if (rc == DBC_EINVALID)
        dbc__error_set(&a->error, DBC_EINVALID,
                       "table \"%.100s\" cannot be changed like that", name);
}

// Makes the table the pending one.
static void start_edit(dbc_alteration *a, const char *table)
{
    dbc_catalog *now = dbc__alteration_look(a);
    const dbc__object *object;

    if (!now) return;
    object = dbc__alteration_need(a, now, DBC_OBJECT_TABLE, table);
    if (object && object->own.kind != DBC_OBJECT_TABLE)
        dbc__alteration_refuse(a, "ordinary table", table, NULL);
    else if (object)
        set_pending(a, dbc__alteration_copy(a, object->own.name),
                    dbc__alteration_copy(a, object->own.sql));
    dbc_catalog_free(now);
}

static void run_edit(edit *e, const char *table)
{
    dbc_alteration *a = e->a;
    dbc_buf sql;

    if (!is_pending(a, table)) start_edit(a, table);
    if (dbc__alteration_failed(a)) return;
    dbc__buf_init(&sql, a->alloc);
    e->write(&sql, e, &a->pending);
    if (sql.status < 0) dbc__alteration_nomem(a);
    if (!dbc__alteration_failed(a))
        set_pending(a, a->pending.own.name, dbc__alteration_copy(a, sql.data));
    dbc__buf_dispose(&sql);
}

static void write_new_column(dbc_buf *out, edit *e, const dbc__object *table)
{
    dbc__edit_add_column(out, table->own.sql, &table->shape, e->text);
}

void dbc_alter_add_column(dbc_alteration *a, const char *table,
                          const char *definition)
{
    run_edit(&(edit){a, NULL, definition, write_new_column}, table);
}

static void write_without_column(dbc_buf *out, edit *e,
                                 const dbc__object *table)
{
    const dbc__column *column =
        dbc__alteration_need_column(e->a, table, e->name);

    if (column)
        dbc__edit_drop_column(out, table->own.sql, &table->shape, column);
}

void dbc_alter_drop_column(dbc_alteration *a, const char *table,
                           const char *column)
{
    run_edit(&(edit){a, column, NULL, write_without_column}, table);
    dbc__alteration_allow_loss(a, table, column);
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
    if (name) column = dbc__alteration_need_column(e->a, table, name);
    if (column) dbc__edit_change_column(out, table->own.sql, column, e->text);
    if (!name) dbc__alteration_nomem(e->a);
}

void dbc_alter_change_column(dbc_alteration *a, const char *table,
                             const char *definition)
{
    run_edit(&(edit){a, NULL, definition, write_changed_column}, table);
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
            dbc__alteration_nomem(e->a);
    }
    if (old)
        dbc__edit_constraint(out, table->own.sql, old, e->text);
    else
        dbc__edit_add_constraint(out, table->own.sql, &table->shape, e->text);
}

void dbc_alter_add_constraint(dbc_alteration *a, const char *table,
                              const char *definition)
{
    run_edit(&(edit){a, NULL, definition, write_constraint}, table);
}

static void write_without_constraint(dbc_buf *out, edit *e,
                                     const dbc__object *table)
{
    const dbc__clause *clause = find_constraint(table, e->name);
    int is_of_table = clause && named(table->shape.clauses, e->name) == clause;

    if (!clause) dbc__alteration_refuse(e->a, "constraint", e->name, NULL);
    if (clause)
        dbc__edit_constraint(out, table->own.sql, clause,
                             is_of_table ? NULL : "");
}

void dbc_alter_drop_constraint(dbc_alteration *a, const char *table,
                               const char *name)
{
    run_edit(&(edit){a, name, NULL, write_without_constraint}, table);
}

static void write_options(dbc_buf *out, edit *e, const dbc__object *table)
{
    dbc__edit_options(out, table->own.sql, &table->shape, e->text);
}

void dbc_alter_options(dbc_alteration *a, const char *table,
                       const char *options)
{
    run_edit(&(edit){a, NULL, options, write_options}, table);
}
