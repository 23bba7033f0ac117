// What each kind of table demands of its description: a table of its options,
// a view of its query, a full-text index of its content.
#include "kind.h"

#include <string.h>

#include "part.h"
#include "scan.h"
#include "table.h"

// Sharding: rows that must be compared for uniqueness are on one machine.

static int lacks_shard(const dbc_table *table, const char *user, dbc_error *err)
{
    dbc__quoted quoted;

    return dbc__error_set(
        err, DBC_ESCHEMA,
        "it is sharded by %s, so %s must hold that column too",
        dbc__quote(&quoted, table->def.shard_by, strlen(table->def.shard_by)),
        user);
}

static int holds_name(const dbc_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (dbc__part_equal(names->items[i], name)) return 1;
    }
    return 0;
}

static int index_holds(const dbc_index_def *index, const char *name)
{
    for (size_t i = 0; i < index->part_count; i++) {
        if (index->parts[i].column != NULL &&
            dbc__part_equal(index->parts[i].column, name))
            return 1;
    }
    return 0;
}

static int check_shard_columns(const dbc_table *table, const dbc_column *shard,
                               dbc_error *err)
{
    dbc__part part;

    for (size_t i = 0; i < table->def.column_count; i++) {
        const dbc_column *column = &table->columns[i];

        if ((column->def.flags & DBC_COLUMN_UNIQUE) && column != shard)
            return lacks_shard(
                table,
                dbc__part_quote(&part, "unique column", column->def.name), err);
    }
    for (size_t i = 0; i < table->key_count; i++) {
        if (table->key[i] == shard) return DBC_OK;
    }
    return table->key_count == 0 ? DBC_OK
                                 : lacks_shard(table, "the primary key", err);
}

static int check_shard(const dbc_table *table, dbc_error *err)
{
    const dbc_table_def *def = &table->def;
    const dbc_column *shard;
    dbc__part part;

    if (def->shard_by == NULL) return DBC_OK;
    int rc = dbc__table_need(&shard, table, def->shard_by, "shard_by", err);
    if (rc < 0) return rc;
    rc = check_shard_columns(table, shard, err);
    if (rc < 0) return rc;
    for (size_t i = 0; i < def->unique_count; i++) {
        if (!holds_name(&def->uniques[i].columns, def->shard_by))
            return lacks_shard(table,
                               dbc__part_quote(&part, "unique constraint",
                                               def->uniques[i].name),
                               err);
    }
    for (size_t i = 0; i < def->index_count; i++) {
        if (def->indexes[i].unique &&
            !index_holds(&def->indexes[i], def->shard_by))
            return lacks_shard(
                table, dbc__part_quote(&part, "index", def->indexes[i].name),
                err);
    }
    return DBC_OK;
}

// The three kinds.

static int check_table(const dbc_table *table, dbc_error *err)
{
    unsigned flags = table->def.flags;
    size_t stored = 0;

    if ((flags & DBC_TABLE_WITHOUT_ROWID) && table->key_count == 0)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "it is without rowid, so it needs a primary key");
    for (size_t i = 0; i < table->def.column_count; i++)
        stored += table->columns[i].def.generated == NULL;
    if (stored == 0)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "all its columns are generated: add one that "
                              "is not");
    if (table->def.sql != NULL || table->def.content != NULL ||
        table->def.tokenize != NULL)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "it is a table: sql is for views, content and "
                              "tokenize are for full-text indexes");
    return check_shard(table, err);
}

static int check_few_parts(const dbc_table *table, dbc_error *err)
{
    const dbc_table_def *def = &table->def;

    if (def->flags == 0 && def->index_count == 0 && def->unique_count == 0 &&
        def->check_count == 0 && def->foreign_key_count == 0 &&
        def->shard_by == NULL &&
        (def->kind == DBC_VIEW || def->primary_key.columns.count == 0))
        return DBC_OK;
    return dbc__error_set(err, DBC_ESCHEMA,
                          "it holds no rows of its own: leave out options, "
                          "keys, indexes and constraints");
}

static int check_view(const dbc_table *table, dbc_error *err)
{
    const char *sql = table->def.sql;
    size_t len;

    int rc = check_few_parts(table, err);
    if (rc < 0) return rc;
    const char *problem =
        sql == NULL ? "is missing" : dbc__scan_select(sql, &len);
    if (problem == NULL) return DBC_OK;
    return dbc__error_set(err, DBC_ESCHEMA, "its query %s", problem);
}

static int check_fts(const dbc_table *table, dbc_error *err)
{
    size_t indexed = 0;

    int rc = check_few_parts(table, err);
    if (rc < 0) return rc;
    if (table->def.trigger_count > 0)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "a full-text index cannot have triggers: give "
                              "them to its content");
    if (dbc__part_equal(table->sql_name, "rank") ||
        dbc__part_equal(table->sql_name, "rowid"))
        return dbc__error_set(err, DBC_ESCHEMA,
                              "FTS5 keeps the names rank and rowid for itself: "
                              "choose another");
    rc = dbc__part_name(table->def.content, "content (the table it covers)",
                        err);
    if (rc < 0) return rc;
    for (size_t i = 0; i < table->def.column_count; i++) {
        const char *name = table->columns[i].def.name;

        indexed +=
            !dbc__part_equal(name, "rowid") && !dbc__part_equal(name, "rank");
    }
    if (indexed > 0) return DBC_OK;
    return dbc__error_set(err, DBC_ESCHEMA,
                          "it covers no column: name at least one");
}

int dbc__kind_check(const dbc_table *table, dbc_error *err)
{
    switch (table->def.kind) {
    case DBC_TABLE:
        return check_table(table, err);
    case DBC_VIEW:
        return check_view(table, err);
    case DBC_FTS:
        return check_fts(table, err);
    }
    return dbc__error_set(err, DBC_ESCHEMA, "it is of kind %d, which is none",
                          (int)table->def.kind);
}
