// Foreign keys: what one table can know about them, and, once the other table
// is there, whether it can be their target. SQLite would find the latter only
// when rows are written ("foreign key mismatch").
#include "foreign_key.h"

#include <string.h>

#include "constraint.h"
#include "part.h"

static int check_actions(const dbc__foreign_key *key, const char *user,
                         dbc_error *err)
{
    const dbc_foreign_key_def *def = key->def;
    dbc__quoted quoted;

    if ((unsigned)def->on_delete > DBC_FK_SET_DEFAULT ||
        (unsigned)def->on_update > DBC_FK_SET_DEFAULT ||
        (unsigned)def->deferral > DBC_DEFERRABLE_DEFERRED)
        return dbc__error_set(
            err, DBC_ESCHEMA,
            "%s has an action or a deferral that does not exist", user);
    if (def->on_delete != DBC_FK_SET_NULL && def->on_update != DBC_FK_SET_NULL)
        return DBC_OK;
    for (size_t i = 0; i < key->count; i++) {
        if (key->columns[i]->def.flags & DBC_COLUMN_NOT_NULL)
            return dbc__error_set(
                err, DBC_ESCHEMA,
                "%s is to set column %s to null, but that is declared not null",
                user,
                dbc__quote(&quoted, key->columns[i]->def.name,
                           key->columns[i]->name_len));
    }
    return DBC_OK;
}

static int check_key(const dbc_table *table, const dbc__foreign_key *key,
                     dbc_error *err)
{
    const dbc_foreign_key_def *def = key->def;
    int own = key->columns[0]->def.references == def;
    dbc__part user;

    int rc = dbc__part_optional_name(def->name, "constraint name", err);
    if (rc < 0) return rc;
    rc = dbc__part_name(def->table, "target of a foreign key", err);
    if (rc < 0) return rc;
    dbc__part_quote(&user, "the foreign key to", def->table);
    if (own && def->columns.count > 0)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "%s is one column's own: leave its columns out",
                              user.text);
    if (!own) {
        rc = dbc__constraint_columns(table, &def->columns, user.text, err);
        if (rc < 0) return rc;
    }
    if (def->to.count > 0 && def->to.count != key->count)
        return dbc__error_set(
            err, DBC_ESCHEMA,
            "%s has %zu columns here and %zu there: they must pair", user.text,
            key->count, def->to.count);
    for (size_t i = 0; i < def->to.count; i++) {
        rc = dbc__part_name(def->to.items[i], "column of a foreign key", err);
        if (rc < 0) return rc;
    }
    return check_actions(key, user.text, err);
}

int dbc__foreign_key_check(const dbc_table *table, dbc_error *err)
{
    for (size_t i = 0; i < table->foreign_key_count; i++) {
        const dbc__foreign_key *key = &table->foreign_keys[i];

        if (key->count == 0)
            return dbc__error_set(err, DBC_ESCHEMA,
                                  "a foreign key has no columns: name at "
                                  "least one");
        int rc = check_key(table, key, err);
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

// Uniqueness, as SQLite demands it of the target of a foreign key.

static int holds_column(const dbc_column *const *columns, size_t count,
                        const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (dbc__part_equal(columns[i]->def.name, name)) return 1;
    }
    return 0;
}

static int is_key(const dbc_key_def *key, const dbc_column *const *columns,
                  size_t count)
{
    if (key->columns.count != count || count == 0) return 0;
    for (size_t i = 0; i < count; i++) {
        if (!holds_column(columns, count, key->columns.items[i])) return 0;
    }
    return 1;
}

// A column under its own collation.
static int is_plain_part(const dbc_table *table, const dbc_index_part *part)
{
    if (part->column == NULL) return 0;
    if (part->collate == NULL) return 1;

    const dbc_column *column =
        dbc_table_find(table, part->column, strlen(part->column), NULL);
    const char *own = column->def.collate;
    return dbc__part_equal(part->collate, own != NULL ? own : "binary");
}

static int is_index(const dbc_table *table, const dbc_index_def *index,
                    const dbc_column *const *columns, size_t count)
{
    if (!index->unique || index->where != NULL || index->part_count != count)
        return 0;
    for (size_t i = 0; i < count; i++) {
        const dbc_index_part *part = &index->parts[i];

        if (!is_plain_part(table, part) ||
            !holds_column(columns, count, part->column))
            return 0;
    }
    return 1;
}

int dbc__foreign_key_is_target(const dbc_table *table,
                               const dbc_column *const *columns, size_t count)
{
    const dbc_table_def *def = &table->def;
    unsigned alone = DBC_COLUMN_PRIMARY_KEY | DBC_COLUMN_UNIQUE;

    if (count == 1 && (columns[0]->def.flags & alone)) return 1;
    if (is_key(&def->primary_key, columns, count)) return 1;
    for (size_t i = 0; i < def->unique_count; i++) {
        if (is_key(&def->uniques[i], columns, count)) return 1;
    }
    for (size_t i = 0; i < def->index_count; i++) {
        if (is_index(table, &def->indexes[i], columns, count)) return 1;
    }
    return 0;
}

int dbc__foreign_key_resolve(const dbc_column *const **out,
                             const dbc__foreign_key *key,
                             const dbc_table *target, dbc__arena *arena,
                             dbc_error *err)
{
    const dbc_names *to = &key->def->to;
    dbc__part user;

    dbc__part_quote(&user, "the foreign key to", key->def->table);
    if (target->def.kind != DBC_TABLE)
        return dbc__error_set(err, DBC_ESCHEMA, "%s points to what is no table",
                              user.text);
    if (to->count == 0) {
        *out = target->key;
        if (target->key_count == key->count) return DBC_OK;
        return dbc__error_set(
            err, DBC_ESCHEMA,
            "%s has %zu columns, but the primary key there has %zu: say which "
            "columns are meant",
            user.text, key->count, target->key_count);
    }

    const dbc_column **columns =
        dbc__arena_take_array(arena, to->count, sizeof *columns);
    if (columns == NULL) return DBC_ENOMEM;
    for (size_t i = 0; i < to->count; i++) {
        int rc =
            dbc__table_need(&columns[i], target, to->items[i], user.text, err);
        if (rc < 0) return rc;
    }
    *out = columns;
    if (dbc__foreign_key_is_target(target, columns, to->count)) return DBC_OK;
    return dbc__error_set(err, DBC_ESCHEMA,
                          "%s points to columns that are neither its primary "
                          "key nor unique: make them unique",
                          user.text);
}
