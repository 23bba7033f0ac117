// A deep copy, structure by structure: its bytes first, then what they point
// to. The copier is sticky: it remembers that memory ran out, so each line
// copies one field and the end reports.
#include "def.h"

#include <string.h>

typedef struct copier {
    dbc__arena *arena;
    int status; // DBC_OK or DBC_ENOMEM
} copier;

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

// Replaces what `item` points to by copies. Its own bytes are ours already.
typedef void own_fn(copier *c, void *item);

// `count` things of `size` bytes each, or NULL when there are none or memory
// ran out.
static void *copy_array(copier *c, const void *items, size_t count, size_t size,
                        own_fn *own)
{
    if (count == 0 || c->status != DBC_OK) return NULL;

    char *copies = dbc__arena_take_array(c->arena, count, size);
    if (copies == NULL) {
        c->status = DBC_ENOMEM;
        return NULL;
    }
    memcpy(copies, items, count * size);
    for (size_t i = 0; i < count; i++)
        own(c, copies + i * size);
    return copies;
}

static void own_string(copier *c, void *item)
{
    const char **text = item;

    *text = copy_string(c, *text);
}

static dbc_names copy_names(copier *c, dbc_names names)
{
    names.items = copy_array(c, names.items, names.count, sizeof *names.items,
                             own_string);
    return names;
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

static void own_foreign_key(copier *c, void *item)
{
    dbc_foreign_key_def *key = item;

    key->name = copy_string(c, key->name);
    key->columns = copy_names(c, key->columns);
    key->table = copy_string(c, key->table);
    key->to = copy_names(c, key->to);
}

static void own_column(copier *c, void *item);

static void own_shape(copier *c, void *item)
{
    dbc_shape *shape = item;

    shape->fields = copy_array(c, shape->fields, shape->field_count,
                               sizeof *shape->fields, own_column);
    shape->items = copy_array(c, shape->items, shape->items != NULL,
                              sizeof *shape->items, own_column);
}

static void own_column(copier *c, void *item)
{
    dbc_column_def *column = item;

    column->name = copy_string(c, column->name);
    column->storage = copy_string(c, column->storage);
    column->default_value = column->flags & DBC_COLUMN_HAS_DEFAULT
                                ? copy_value(c, column->default_value)
                                : dbc_value_null();
    column->default_sql = copy_string(c, column->default_sql);
    column->generated = copy_string(c, column->generated);
    column->collate = copy_string(c, column->collate);
    column->check = copy_string(c, column->check);
    column->check_name = copy_string(c, column->check_name);
    column->enum_values = copy_names(c, column->enum_values);
    column->pattern = copy_string(c, column->pattern);
    column->shape = copy_array(c, column->shape, column->shape != NULL,
                               sizeof *column->shape, own_shape);
    column->references =
        copy_array(c, column->references, column->references != NULL,
                   sizeof *column->references, own_foreign_key);
    column->as = copy_string(c, column->as);
    column->comment = copy_string(c, column->comment);
    column->renamed_from = copy_string(c, column->renamed_from);
    column->backfill = copy_string(c, column->backfill);
    column->copy = copy_string(c, column->copy);
}

static void own_key(copier *c, void *item)
{
    dbc_key_def *key = item;

    key->name = copy_string(c, key->name);
    key->columns = copy_names(c, key->columns);
}

static void own_index_part(copier *c, void *item)
{
    dbc_index_part *part = item;

    part->column = copy_string(c, part->column);
    part->expression = copy_string(c, part->expression);
    part->collate = copy_string(c, part->collate);
}

static void own_index(copier *c, void *item)
{
    dbc_index_def *index = item;

    index->parts = copy_array(c, index->parts, index->part_count,
                              sizeof *index->parts, own_index_part);
    index->name = copy_string(c, index->name);
    index->where = copy_string(c, index->where);
    index->renamed_from = copy_string(c, index->renamed_from);
}

static void own_check(copier *c, void *item)
{
    dbc_check_def *check = item;

    check->name = copy_string(c, check->name);
    check->expression = copy_string(c, check->expression);
}

static void own_trigger(copier *c, void *item)
{
    dbc_trigger_def *trigger = item;

    trigger->name = copy_string(c, trigger->name);
    trigger->sql = copy_string(c, trigger->sql);
}

static void own_lists(copier *c, dbc_table_def *table)
{
    table->columns = copy_array(c, table->columns, table->column_count,
                                sizeof *table->columns, own_column);
    own_key(c, &table->primary_key);
    table->uniques = copy_array(c, table->uniques, table->unique_count,
                                sizeof *table->uniques, own_key);
    table->indexes = copy_array(c, table->indexes, table->index_count,
                                sizeof *table->indexes, own_index);
    table->checks = copy_array(c, table->checks, table->check_count,
                               sizeof *table->checks, own_check);
    table->foreign_keys =
        copy_array(c, table->foreign_keys, table->foreign_key_count,
                   sizeof *table->foreign_keys, own_foreign_key);
    table->triggers = copy_array(c, table->triggers, table->trigger_count,
                                 sizeof *table->triggers, own_trigger);
}

int dbc__def_copy(dbc_table_def *out, const dbc_table_def *def,
                  dbc__arena *arena)
{
    copier c = {arena, DBC_OK};

    *out = *def;
    out->name = copy_string(&c, def->name);
    out->prefix = copy_string(&c, def->prefix);
    own_lists(&c, out);
    out->sql = copy_string(&c, def->sql);
    out->content = copy_string(&c, def->content);
    out->tokenize = copy_string(&c, def->tokenize);
    out->comment = copy_string(&c, def->comment);
    out->shard_by = copy_string(&c, def->shard_by);
    out->renamed_from = copy_string(&c, def->renamed_from);
    return c.status;
}
