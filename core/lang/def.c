// A deep copy, structure by structure. The copier is sticky: it remembers that
// memory ran out, so each line copies one field and the end reports.
#include "def.h"

#include <string.h>

typedef struct copier {
    dbc__arena *arena;
    int status; // DBC_OK or DBC_ENOMEM
} copier;

static void *take(copier *c, size_t count, size_t size)
{
    if (count == 0 || c->status != DBC_OK) return NULL;

    void *room = dbc__arena_take_array(c->arena, count, size);
    if (room == NULL) c->status = DBC_ENOMEM;
    return room;
}

static const char *copy_bytes(copier *c, const void *bytes, size_t len)
{
    if (c->status != DBC_OK) return NULL;

    const char *copy = dbc__arena_copy(c->arena, bytes, len);
    if (copy == NULL) c->status = DBC_ENOMEM;
    return copy;
}

static const char *copy_string(copier *c, const char *text)
{
    return text == NULL ? NULL : copy_bytes(c, text, strlen(text));
}

static dbc_names copy_names(copier *c, dbc_names names)
{
    const char **items = take(c, names.count, sizeof *items);

    for (size_t i = 0; items != NULL && i < names.count; i++)
        items[i] = copy_string(c, names.items[i]);
    return (dbc_names){items, names.count};
}

// A list is no default: it is refused later, its items are not looked at.
static dbc_value copy_value(copier *c, dbc_value value)
{
    if (value.type == DBC_TEXT)
        value.as.text = copy_bytes(c, value.as.text, value.len);
    if (value.type == DBC_BLOB)
        value.as.blob = copy_bytes(c, value.as.blob, value.len);
    if (value.type == DBC_LIST) value.as.list = NULL;
    return value;
}

static dbc_foreign_key_def copy_foreign_key(copier *c,
                                            const dbc_foreign_key_def *def)
{
    dbc_foreign_key_def copy = *def;

    copy.name = copy_string(c, def->name);
    copy.columns = copy_names(c, def->columns);
    copy.table = copy_string(c, def->table);
    copy.to = copy_names(c, def->to);
    return copy;
}

static const dbc_foreign_key_def *copy_foreign_keys(
    copier *c, const dbc_foreign_key_def *defs, size_t count)
{
    dbc_foreign_key_def *copies = take(c, count, sizeof *copies);

    for (size_t i = 0; copies != NULL && i < count; i++)
        copies[i] = copy_foreign_key(c, &defs[i]);
    return copies;
}

static const dbc_column_def *copy_columns(copier *c, const dbc_column_def *defs,
                                          size_t count);

static const dbc_shape *copy_shape(copier *c, const dbc_shape *shape)
{
    dbc_shape *copy = take(c, 1, sizeof *copy);

    if (copy == NULL) return NULL;
    copy->fields = copy_columns(c, shape->fields, shape->field_count);
    copy->field_count = shape->field_count;
    if (shape->items != NULL) copy->items = copy_columns(c, shape->items, 1);
    return copy;
}

static dbc_column_def copy_column(copier *c, const dbc_column_def *def)
{
    dbc_column_def copy = *def;

    copy.name = copy_string(c, def->name);
    copy.storage = copy_string(c, def->storage);
    copy.default_value = dbc_value_null();
    if (def->flags & DBC_COLUMN_HAS_DEFAULT)
        copy.default_value = copy_value(c, def->default_value);
    copy.default_sql = copy_string(c, def->default_sql);
    copy.generated = copy_string(c, def->generated);
    copy.collate = copy_string(c, def->collate);
    copy.check = copy_string(c, def->check);
    copy.check_name = copy_string(c, def->check_name);
    copy.enum_values = copy_names(c, def->enum_values);
    copy.pattern = copy_string(c, def->pattern);
    if (def->shape != NULL) copy.shape = copy_shape(c, def->shape);
    if (def->references != NULL)
        copy.references = copy_foreign_keys(c, def->references, 1);
    copy.as = copy_string(c, def->as);
    copy.comment = copy_string(c, def->comment);
    copy.renamed_from = copy_string(c, def->renamed_from);
    copy.backfill = copy_string(c, def->backfill);
    copy.copy = copy_string(c, def->copy);
    return copy;
}

static const dbc_column_def *copy_columns(copier *c, const dbc_column_def *defs,
                                          size_t count)
{
    dbc_column_def *copies = take(c, count, sizeof *copies);

    for (size_t i = 0; copies != NULL && i < count; i++)
        copies[i] = copy_column(c, &defs[i]);
    return copies;
}

static dbc_key_def copy_key(copier *c, const dbc_key_def *def)
{
    dbc_key_def copy = *def;

    copy.name = copy_string(c, def->name);
    copy.columns = copy_names(c, def->columns);
    return copy;
}

static const dbc_key_def *copy_keys(copier *c, const dbc_key_def *defs,
                                    size_t count)
{
    dbc_key_def *copies = take(c, count, sizeof *copies);

    for (size_t i = 0; copies != NULL && i < count; i++)
        copies[i] = copy_key(c, &defs[i]);
    return copies;
}

static dbc_index_def copy_index(copier *c, const dbc_index_def *def)
{
    dbc_index_part *parts = take(c, def->part_count, sizeof *parts);
    dbc_index_def copy = *def;

    for (size_t i = 0; parts != NULL && i < def->part_count; i++) {
        parts[i].column = copy_string(c, def->parts[i].column);
        parts[i].expression = copy_string(c, def->parts[i].expression);
        parts[i].collate = copy_string(c, def->parts[i].collate);
        parts[i].descending = def->parts[i].descending;
    }
    copy.parts = parts;
    copy.name = copy_string(c, def->name);
    copy.where = copy_string(c, def->where);
    copy.renamed_from = copy_string(c, def->renamed_from);
    return copy;
}

static const dbc_index_def *copy_indexes(copier *c, const dbc_index_def *defs,
                                         size_t count)
{
    dbc_index_def *copies = take(c, count, sizeof *copies);

    for (size_t i = 0; copies != NULL && i < count; i++)
        copies[i] = copy_index(c, &defs[i]);
    return copies;
}

static const dbc_check_def *copy_checks(copier *c, const dbc_check_def *defs,
                                        size_t count)
{
    dbc_check_def *copies = take(c, count, sizeof *copies);

    for (size_t i = 0; copies != NULL && i < count; i++) {
        copies[i].name = copy_string(c, defs[i].name);
        copies[i].expression = copy_string(c, defs[i].expression);
    }
    return copies;
}

static const dbc_trigger_def *copy_triggers(copier *c,
                                            const dbc_trigger_def *defs,
                                            size_t count)
{
    dbc_trigger_def *copies = take(c, count, sizeof *copies);

    for (size_t i = 0; copies != NULL && i < count; i++) {
        copies[i].name = copy_string(c, defs[i].name);
        copies[i].sql = copy_string(c, defs[i].sql);
    }
    return copies;
}

int dbc__def_copy(dbc_table_def *out, const dbc_table_def *def,
                  dbc__arena *arena)
{
    copier c = {arena, DBC_OK};

    *out = *def;
    out->name = copy_string(&c, def->name);
    out->prefix = copy_string(&c, def->prefix);
    out->columns = copy_columns(&c, def->columns, def->column_count);
    out->primary_key = copy_key(&c, &def->primary_key);
    out->uniques = copy_keys(&c, def->uniques, def->unique_count);
    out->indexes = copy_indexes(&c, def->indexes, def->index_count);
    out->checks = copy_checks(&c, def->checks, def->check_count);
    out->foreign_keys =
        copy_foreign_keys(&c, def->foreign_keys, def->foreign_key_count);
    out->triggers = copy_triggers(&c, def->triggers, def->trigger_count);
    out->sql = copy_string(&c, def->sql);
    out->content = copy_string(&c, def->content);
    out->tokenize = copy_string(&c, def->tokenize);
    out->comment = copy_string(&c, def->comment);
    out->shard_by = copy_string(&c, def->shard_by);
    out->renamed_from = copy_string(&c, def->renamed_from);
    return c.status;
}
