// The rules of what a table has beyond its single columns: keys, uniqueness,
// indexes, checks, triggers. Foreign keys have a file of their own.
#include "constraint.h"

#include <stdio.h>
#include <string.h>

#include "name.h"
#include "part.h"
#include "scan.h"
#include "table.h"

// Every name is a column and none is there twice.
int dbc__constraint_columns(const dbc_table *table, const dbc_names *names,
                            const char *user, dbc_error *err)
{
    const dbc_column *column;
    dbc__quoted quoted;

    if (names->count == 0)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "%s has no columns: name at least one", user);
    for (size_t i = 0; i < names->count; i++) {
        int rc = dbc__table_need(&column, table, names->items[i], user, err);
        if (rc < 0) return rc;
        for (size_t j = 0; j < i; j++) {
            if (dbc__part_equal(names->items[j], names->items[i]))
                return dbc__error_set(
                    err, DBC_ESCHEMA, "%s names column %s twice", user,
                    dbc__quote(&quoted, column->def.name, column->name_len));
        }
    }
    return DBC_OK;
}

// Keys.

static int check_key(const dbc_table *table, dbc_error *err)
{
    const dbc_key_def *key = &table->def.primary_key;
    dbc__quoted quoted;

    int rc = dbc__part_optional_name(key->name, "constraint name", err);
    if (rc < 0) return rc;
    if (key->columns.count == 0) return DBC_OK;

    for (size_t i = 0; i < table->def.column_count; i++) {
        if (table->columns[i].def.flags & DBC_COLUMN_PRIMARY_KEY)
            return dbc__error_set(
                err, DBC_ESCHEMA,
                "it has two primary keys: column %s and one over %zu columns, "
                "keep one of them",
                dbc__quote(&quoted, table->columns[i].def.name,
                           table->columns[i].name_len),
                key->columns.count);
    }
    for (size_t i = 0; i < table->key_count; i++) {
        if (table->key[i]->def.generated != NULL)
            return dbc__error_set(
                err, DBC_ESCHEMA,
                "column %s is generated: it cannot be in the primary key",
                dbc__quote(&quoted, table->key[i]->def.name,
                           table->key[i]->name_len));
    }
    rc = dbc__part_conflict(key->on_conflict, "the primary key", err);
    if (rc < 0) return rc;
    return dbc__constraint_columns(table, &key->columns, "the primary key",
                                   err);
}

static int check_uniques(const dbc_table *table, dbc_error *err)
{
    dbc__part part;

    for (size_t i = 0; i < table->def.unique_count; i++) {
        const dbc_key_def *key = &table->def.uniques[i];

        int rc = dbc__part_optional_name(key->name, "constraint name", err);
        if (rc < 0) return rc;
        dbc__part_quote(&part, "unique constraint", key->name);
        rc = dbc__part_conflict(key->on_conflict, part.text, err);
        if (rc < 0) return rc;
        rc = dbc__constraint_columns(table, &key->columns, part.text, err);
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

// Indexes.

static int check_index_part(const dbc_table *table, const dbc_index_part *part,
                            const char *user, dbc_error *err)
{
    const dbc_column *column;
    char what[160];

    if ((part->column == NULL) == (part->expression == NULL))
        return dbc__error_set(
            err, DBC_ESCHEMA,
            "%s has a part that is not just one of column and expression",
            user);
    int rc = dbc__part_optional_name(part->collate, "collation name", err);
    if (rc < 0) return rc;
    if (part->column != NULL)
        return dbc__table_need(&column, table, part->column, user, err);

    snprintf(what, sizeof what, "%s: the expression", user);
    return dbc__part_expression(part->expression, what, err);
}

static int check_index(const dbc_table *table, const dbc_index_def *index,
                       dbc_error *err)
{
    dbc__part user;
    char what[160];

    int rc = dbc__part_object_name(index->name, "index name", err);
    if (rc < 0) return rc;
    rc = dbc__part_optional_name(index->renamed_from, "former index name", err);
    if (rc < 0) return rc;
    dbc__part_quote(&user, "index", index->name);
    if (index->part_count == 0)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "%s has no columns: name at least one",
                              user.text);
    for (size_t i = 0; i < index->part_count; i++) {
        rc = check_index_part(table, &index->parts[i], user.text, err);
        if (rc < 0) return rc;
    }
    snprintf(what, sizeof what, "%s: the condition", user.text);
    return dbc__part_expression(index->where, what, err);
}

static int check_indexes(const dbc_table *table, dbc_error *err)
{
    const dbc_index_def *indexes = table->def.indexes;
    dbc__part part;

    for (size_t i = 0; i < table->def.index_count; i++) {
        int rc = check_index(table, &indexes[i], err);
        if (rc < 0) return rc;
        for (size_t j = 0; j < i; j++) {
            if (dbc__part_equal(indexes[i].name, indexes[j].name))
                return dbc__error_set(
                    err, DBC_ESCHEMA, "%s is there twice: rename one of them",
                    dbc__part_quote(&part, "index", indexes[i].name));
        }
    }
    return DBC_OK;
}

// Checks and triggers.

static int check_checks(const dbc_table *table, dbc_error *err)
{
    dbc__part part;

    for (size_t i = 0; i < table->def.check_count; i++) {
        const dbc_check_def *check = &table->def.checks[i];

        int rc = dbc__part_optional_name(check->name, "constraint name", err);
        if (rc < 0) return rc;
        dbc__part_quote(&part, "check", check->name);
        if (check->expression == NULL)
            return dbc__error_set(err, DBC_ESCHEMA, "%s has no expression",
                                  part.text);
        rc = dbc__part_expression(check->expression, part.text, err);
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

static int check_trigger(const dbc_trigger_def *trigger, dbc_error *err)
{
    dbc__part part;
    size_t len;

    int rc = dbc__part_object_name(trigger->name, "trigger name", err);
    if (rc < 0) return rc;
    const char *problem = trigger->sql == NULL
                              ? "has no text"
                              : dbc__scan_trigger(trigger->sql, &len);
    if (problem == NULL) return DBC_OK;
    return dbc__error_set(err, DBC_ESCHEMA, "%s %s",
                          dbc__part_quote(&part, "trigger", trigger->name),
                          problem);
}

static int check_triggers(const dbc_table *table, dbc_error *err)
{
    const dbc_trigger_def *triggers = table->def.triggers;
    dbc__part part;

    for (size_t i = 0; i < table->def.trigger_count; i++) {
        int rc = check_trigger(&triggers[i], err);
        if (rc < 0) return rc;
        for (size_t j = 0; j < i; j++) {
            if (dbc__part_equal(triggers[i].name, triggers[j].name))
                return dbc__error_set(
                    err, DBC_ESCHEMA, "%s is there twice: rename one of them",
                    dbc__part_quote(&part, "trigger", triggers[i].name));
        }
    }
    return DBC_OK;
}

// The table as a whole.

static const char *row_key(const dbc_column *column)
{
    return column->def.as != NULL ? column->def.as : column->def.name;
}

// Only a column with a key of its own can collide with another one.
static int check_row_keys(const dbc_table *table, dbc_error *err)
{
    dbc__quoted quoted;

    for (size_t i = 0; i < table->def.column_count; i++) {
        const dbc_column *column = &table->columns[i];

        for (size_t j = 0;
             column->def.as != NULL && j < table->def.column_count; j++) {
            if (j != i &&
                strcmp(row_key(&table->columns[j]), column->def.as) == 0)
                return dbc__error_set(
                    err, DBC_ESCHEMA,
                    "two columns have the key %s in rows: choose another",
                    dbc__quote(&quoted, column->def.as,
                               strlen(column->def.as)));
        }
    }
    return DBC_OK;
}

static int check_renames(const dbc_table *table, dbc_error *err)
{
    dbc__quoted quoted;

    for (size_t i = 0; i < table->def.column_count; i++) {
        const char *former = table->columns[i].def.renamed_from;

        for (size_t j = 0; former != NULL && j < i; j++) {
            const char *other = table->columns[j].def.renamed_from;

            if (other != NULL && dbc__part_equal(former, other))
                return dbc__error_set(
                    err, DBC_ESCHEMA,
                    "two columns say that they were named %s before",
                    dbc__quote(&quoted, former, strlen(former)));
        }
    }
    return DBC_OK;
}

int dbc__constraint_check(const dbc_table *table, dbc_error *err)
{
    static int (*const CHECKS[])(const dbc_table *, dbc_error *) = {
        check_key,      check_uniques,  check_indexes, check_checks,
        check_triggers, check_row_keys, check_renames,
    };
    int rc = DBC_OK;

    for (size_t i = 0; rc >= 0 && i < sizeof CHECKS / sizeof CHECKS[0]; i++)
        rc = CHECKS[i](table, err);
    return rc;
}
