// Tables: made from a description, checked, counted, looked into. What makes a
// description right is decided elsewhere (column.c, constraint.c, …); here the
// copy is taken, names become columns, and every message gets the table's name.
#include "table.h"

#include <string.h>

#include "alloc.h"
#include "column.h"
#include "constraint.h"
#include "def.h"
#include "foreign_key.h"
#include "fts.h"
#include "kind.h"
#include "part.h"
#include "suggest.h"
#include "validate.h"

// SQLite's own limit as it is usually built.
enum { COLUMNS_MAX = 2000 };

static int make_sql_name(dbc_table *table)
{
    const char *prefix = table->def.prefix != NULL ? table->def.prefix : "";
    size_t prefix_len = strlen(prefix);

    table->name_len = strlen(table->def.name);
    table->sql_name_len = prefix_len + table->name_len;
    char *name = dbc__arena_take(&table->arena, table->sql_name_len + 1);
    if (name == NULL) return DBC_ENOMEM;

    memcpy(name, prefix, prefix_len + 1);
    memcpy(name + prefix_len, table->def.name, table->name_len + 1);
    table->sql_name = name;
    return DBC_OK;
}

static int name_table(dbc_table *table, dbc_error *err)
{
    int rc = dbc__part_name(table->def.name, "table name", err);
    if (rc < 0) return rc;
    if (table->def.prefix != NULL && table->def.prefix[0] != '\0')
        rc = dbc__part_name(table->def.prefix, "table prefix", err);
    if (rc < 0) return rc;
    if (table->def.renamed_from != NULL)
        rc = dbc__part_name(table->def.renamed_from, "former table name", err);
    if (rc < 0) return rc;

    rc = make_sql_name(table);
    if (rc < 0) return rc;
    return dbc__part_object_name(table->sql_name, "table name", err);
}

static int add_column(dbc_table *table, size_t i, dbc_error *err)
{
    const dbc_column_def *def = &table->def.columns[i];
    dbc_column *column = &table->columns[i];
    dbc__quoted quoted;

    int rc = dbc__part_name(def->name, "column name", err);
    if (rc < 0) return rc;

    size_t len = strlen(def->name);
    *column = (dbc_column){.table = table,
                           .position = (uint32_t)i,
                           .name_len = (uint32_t)len,
                           .def = *def};
    if (dbc__lookup_add(&table->names, NULL, def->name, len, (uint32_t)i) < 0)
        return DBC_OK;
    return dbc__error_set(err, DBC_ESCHEMA,
                          "column %s is there twice (ASCII case does not "
                          "count): rename one of them",
                          dbc__quote(&quoted, def->name, len));
}

static int add_columns(dbc_table *table, dbc_error *err)
{
    size_t count = table->def.column_count;

    if (count == 0 && table->def.kind != DBC_VIEW)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "it has no columns: declare at least one");
    if (count > COLUMNS_MAX)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "it has %zu columns, more than %d", count,
                              COLUMNS_MAX);

    table->columns =
        dbc__arena_take_array(&table->arena, count, sizeof *table->columns);
    if (table->columns == NULL) return DBC_ENOMEM;
    int rc = dbc__lookup_init(&table->names, &table->arena, count);
    for (size_t i = 0; rc >= 0 && i < count; i++)
        rc = add_column(table, i, err);
    return rc;
}

// The columns of `names`, in the arena. `user` says whose they are.
static int resolve_names(const dbc_column ***out, dbc_table *table,
                         const dbc_names *names, const char *user,
                         dbc_error *err)
{
    const dbc_column **columns =
        dbc__arena_take_array(&table->arena, names->count, sizeof *columns);
    if (columns == NULL) return DBC_ENOMEM;

    for (size_t i = 0; i < names->count; i++) {
        int rc =
            dbc__table_need(&columns[i], table, names->items[i], user, err);
        if (rc < 0) return rc;
    }
    *out = columns;
    return DBC_OK;
}

static int resolve_key(dbc_table *table, dbc_error *err)
{
    dbc__quoted quoted;

    table->key_count = table->def.primary_key.columns.count;
    if (table->key_count > 0)
        return resolve_names(&table->key, table,
                             &table->def.primary_key.columns, "the primary key",
                             err);

    table->key = dbc__arena_take_array(&table->arena, 1, sizeof *table->key);
    if (table->key == NULL) return DBC_ENOMEM;
    for (size_t i = 0; i < table->def.column_count; i++) {
        const dbc_column *column = &table->columns[i];

        if (!(column->def.flags & DBC_COLUMN_PRIMARY_KEY)) continue;
        if (table->key_count == 1)
            return dbc__error_set(
                err, DBC_ESCHEMA,
                "column %s is a second primary key: give one key over several "
                "columns to the table instead",
                dbc__quote(&quoted, column->def.name, column->name_len));
        table->key[table->key_count++] = column;
    }
    return DBC_OK;
}

// An integer key is the rowid itself, but not one that says DESC at the column.
static void find_rowid_alias(dbc_table *table)
{
    if (table->def.kind != DBC_TABLE || table->key_count != 1 ||
        (table->def.flags & DBC_TABLE_WITHOUT_ROWID))
        return;

    const dbc_column *key = table->key[0];
    if (dbc__column_is_integer(&key->def) &&
        !(key->def.flags & DBC_COLUMN_DESC_KEY))
        table->rowid_alias = key;
}

static size_t count_foreign_keys(const dbc_table_def *def)
{
    size_t count = def->foreign_key_count;

    for (size_t i = 0; i < def->column_count; i++)
        count += def->columns[i].references != NULL;
    return count;
}

static int add_own_key(dbc_table *table, const dbc_column *column)
{
    const dbc_column **columns =
        dbc__arena_take(&table->arena, sizeof *columns);
    if (columns == NULL) return DBC_ENOMEM;

    columns[0] = column;
    table->foreign_keys[table->foreign_key_count++] =
        (dbc__foreign_key){column->def.references, columns, 1};
    return DBC_OK;
}

static int resolve_foreign_keys(dbc_table *table, dbc_error *err)
{
    const dbc_table_def *def = &table->def;
    int rc = DBC_OK;

    table->foreign_keys = dbc__arena_take_array(
        &table->arena, count_foreign_keys(def), sizeof *table->foreign_keys);
    if (table->foreign_keys == NULL) return DBC_ENOMEM;
    for (size_t i = 0; rc >= 0 && i < def->column_count; i++) {
        if (def->columns[i].references != NULL)
            rc = add_own_key(table, &table->columns[i]);
    }
    for (size_t i = 0; rc >= 0 && i < def->foreign_key_count; i++) {
        const dbc_foreign_key_def *key = &def->foreign_keys[i];
        const dbc_column **columns = NULL;

        rc =
            resolve_names(&columns, table, &key->columns, "a foreign key", err);
        table->foreign_keys[table->foreign_key_count++] =
            (dbc__foreign_key){key, columns, key->columns.count};
    }
    return rc;
}

static int fill_table(dbc_table *table, const dbc_table_def *def,
                      dbc_error *err)
{
    int rc = dbc__def_copy(&table->def, def, &table->arena);
    if (rc < 0) return rc;
    rc = name_table(table, err);
    if (rc < 0) return rc;
    rc = add_columns(table, err);
    if (rc < 0) return rc;
    rc = resolve_key(table, err);
    if (rc < 0) return rc;
    find_rowid_alias(table);
    rc = dbc__fts_add_columns(table);
    if (rc < 0) return rc;
    rc = resolve_foreign_keys(table, err);
    if (rc < 0) return rc;

    for (size_t i = 0; i < def->column_count; i++) {
        rc = dbc__column_check(&table->columns[i], err);
        if (rc < 0) return rc;
    }
    rc = dbc__constraint_check(table, err);
    if (rc < 0) return rc;
    rc = dbc__foreign_key_check(table, err);
    if (rc < 0) return rc;
    for (size_t i = 0; i < def->column_count; i++) {
        dbc_column *column = &table->columns[i];
        column->rules = dbc__validate_rules(column);
        column->passes = dbc__validate_passes(column);
    }
    return dbc__kind_check(table, err);
}

// Puts the name before what was found.
static int blame_table(const dbc_table_def *def, int rc, dbc_error *err)
{
    static const char *const KINDS[] = {"table", "view", "full-text index"};
    dbc__quoted quoted;

    if (rc == DBC_ENOMEM) return dbc__error_nomem(err);
    if (err == NULL || def->name == NULL || def->name[0] == '\0') return rc;

    size_t len = strlen(def->name);
    const char *kind = (unsigned)def->kind < 3 ? KINDS[def->kind] : KINDS[0];
    dbc__error_set(err, rc, "%s %s: %s", kind,
                   dbc__quote(&quoted, def->name, len), err->message);
    dbc__error_field(err->table, sizeof err->table, def->name, len);
    return rc;
}

int dbc_table_new(dbc_table **out, const dbc_table_def *def,
                  const dbc_alloc *alloc, dbc_error *err)
{
    dbc_table *table;

    alloc = dbc__alloc_or_default(alloc);
    table = dbc__alloc_zero(alloc, 1, sizeof *table);
    if (table == NULL) return dbc__error_nomem(err);

    dbc__counted_init(&table->counted);
    dbc__arena_init(&table->arena, alloc);
    int rc = fill_table(table, def, err);
    if (rc < 0) {
        table->def.host = (dbc_host_rules){NULL, NULL, NULL, NULL}; // not taken
        dbc_table_release(table);
        return blame_table(def, rc, err);
    }
    *out = table;
    return DBC_OK;
}

const dbc_table *dbc_table_retain(const dbc_table *table)
{
    dbc__counted_retain(&table->counted);
    return table;
}

void dbc_table_release(const dbc_table *table)
{
    if (table == NULL || !dbc__counted_release(&table->counted)) return;

    dbc_table *last = (dbc_table *)table;
    const dbc_alloc *alloc = table->arena.alloc;
    const dbc_host_rules host = table->def.host;
    dbc__arena_dispose(&last->arena);
    dbc__alloc_free(alloc, last, sizeof *last);
    if (host.release != NULL) host.release(host.ud);
}

const dbc_table_def *dbc_table_describe(const dbc_table *table)
{
    return &table->def;
}

const char *dbc_table_sql_name(const dbc_table *table)
{
    return table->sql_name;
}

size_t dbc_table_column_count(const dbc_table *table)
{
    return table->def.column_count;
}

const dbc_column *dbc_table_column(const dbc_table *table, size_t position)
{
    return &table->columns[position];
}

size_t dbc_table_key_count(const dbc_table *table)
{
    return table->key_count;
}

const dbc_column *dbc_table_key(const dbc_table *table, size_t i)
{
    return table->key[i];
}

static const char *suggest_column(dbc__hint *out, const dbc_table *table,
                                  const char *name, size_t len)
{
    dbc__suggest suggest;

    dbc__suggest_init(&suggest, name, len);
    for (size_t i = 0; i < table->def.column_count; i++)
        dbc__suggest_try(&suggest, table->def.columns[i].name);
    return dbc__suggest_hint(out, &suggest);
}

const dbc_column *dbc_table_find(const dbc_table *table, const char *name,
                                 size_t len, dbc_error *err)
{
    int64_t position = dbc__lookup_find(&table->names, NULL, name, len);
    dbc__quoted owner, wanted;
    dbc__hint nearest;

    if (position >= 0) return &table->columns[position];
    if (err == NULL) return NULL;

    dbc__error_set(err, DBC_ESCHEMA, "table %s has no column %s%s",
                   dbc__quote(&owner, table->def.name, table->name_len),
                   dbc__quote(&wanted, name, len),
                   suggest_column(&nearest, table, name, len));
    dbc__error_field(err->table, sizeof err->table, table->def.name,
                     table->name_len);
    dbc__error_field(err->columns, sizeof err->columns, name, len);
    return NULL;
}

int dbc__table_need(const dbc_column **out, const dbc_table *table,
                    const char *name, const char *user, dbc_error *err)
{
    dbc__quoted wanted;
    dbc__hint nearest;

    if (name == NULL) name = "";
    size_t len = strlen(name);
    *out = dbc_table_find(table, name, len, NULL);
    if (*out != NULL) return DBC_OK;

    return dbc__error_set(err, DBC_ESCHEMA, "%s names %s, which is no column%s",
                          user, dbc__quote(&wanted, name, len),
                          suggest_column(&nearest, table, name, len));
}

int dbc__table_replaces_rows(const dbc_table_def *def)
{
    int found = def->primary_key.on_conflict == DBC_CONFLICT_REPLACE;

    for (size_t i = 0; i < def->unique_count; i++)
        found |= def->uniques[i].on_conflict == DBC_CONFLICT_REPLACE;
    for (size_t i = 0; i < def->column_count; i++)
        found |= def->columns[i].on_conflict_key == DBC_CONFLICT_REPLACE ||
                 def->columns[i].on_conflict_unique == DBC_CONFLICT_REPLACE;
    return found;
}
