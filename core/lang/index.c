// Looking for an index that begins with a key. Every kind that a table can be
// given counts: of its own, of a key or a unique constraint, and the rowid, by
// which the rows that are equal in any other index follow each other.
#include "index.h"

#include <assert.h>
#include <string.h>

#include "part.h"
#include "table.h"

// The parts of one index; either of the first two.
typedef struct candidate {
    const dbc_index_part *parts;
    const char *const *names;
    size_t count;
} candidate;

typedef struct search {
    const dbc_table *table;
    const dbc_column *const *key;
    size_t key_count;
    const dbc__index_term *terms;
    size_t term_count;
    dbc__index_use best;
    int descending;
} search;

static dbc_index_part part_of(const candidate *index, size_t i)
{
    dbc_index_part part = {.column = NULL};

    assert(index->parts || index->names);
    if (index->parts) return index->parts[i];
    part.column = index->names[i];
    return part;
}

// Whether the part is the column, compared as the column itself is.
static int is_column(const dbc_index_part *part, const dbc_column *column)
{
    if (!part->column || !dbc__part_equal(part->column, column->def.name))
        return 0;
    if (!part->collate) return 1;
    const char *own = column->def.collate ? column->def.collate : "BINARY";
    return dbc__part_equal(part->collate, own);
}

// The first parts are the key, in any order.
static int begins_with_key(const search *s, const candidate *index)
{
    if (index->count < s->key_count) return 0;
    for (size_t k = 0; k < s->key_count; k++) {
        int found = 0;
        for (size_t i = 0; i < s->key_count && !found; i++) {
            dbc_index_part part = part_of(index, i);
            found = is_column(&part, s->key[k]);
        }
        if (!found) return 0;
    }
    return 1;
}

static int is_rowid(const search *s, const dbc_column *column)
{
    const dbc_column *rowid = s->table->rowid_alias;

    return rowid && dbc__part_equal(rowid->def.name, column->def.name);
}

// Whether what stands behind the key is the order, read forwards or backwards.
// Behind the last part follows the rowid, which leaves nothing to be ordered.
static int goes_on_with_order(const search *s, const candidate *index,
                              int *backwards)
{
    for (size_t t = 0; t < s->term_count; t++) {
        const dbc__index_term *term = &s->terms[t];
        size_t i = s->key_count + t;
        dbc_index_part part = {.column = NULL};
        int is_last = i == index->count && is_rowid(s, term->column);

        if (i < index->count) part = part_of(index, i);
        if (!is_last && (i >= index->count || !is_column(&part, term->column)))
            return 0;
        int turned = !term->descending != !part.descending;
        if (t > 0 && turned != *backwards) return 0;
        *backwards = turned;
        if (is_last) return 1;
    }
    return 1;
}

static void try_index(search *s, const candidate *index)
{
    int backwards = 0;

    if (s->best == DBC__INDEX_ORDER || !begins_with_key(s, index)) return;
    s->best = DBC__INDEX_KEY;
    if (!goes_on_with_order(s, index, &backwards)) return;
    s->best = DBC__INDEX_ORDER;
    s->descending = !part_of(index, 0).descending != !backwards;
}

static void try_names(search *s, const char *const *names, size_t count)
{
    const candidate index = {NULL, names, count};

    try_index(s, &index);
}

// What each column says by itself.
static void try_columns(search *s)
{
    enum { INDEXED = DBC_COLUMN_UNIQUE | DBC_COLUMN_PRIMARY_KEY };

    for (size_t i = 0; i < s->table->def.column_count; i++) {
        const dbc_column_def *def = &s->table->columns[i].def;
        if (def->flags & INDEXED) try_names(s, &def->name, 1);
    }
}

dbc__index_use dbc__index_find(int *descending, const dbc_table *table,
                               const dbc_column *const *key, size_t key_count,
                               const dbc__index_term *terms, size_t term_count)
{
    const dbc_table_def *def = &table->def;
    search s = {table, key, key_count, terms, term_count, DBC__INDEX_NONE, 0};

    if (def->kind != DBC_TABLE) return DBC__INDEX_NONE;
    for (size_t i = 0; i < def->index_count; i++) {
        const candidate index = {def->indexes[i].parts, NULL,
                                 def->indexes[i].part_count};
        if (!def->indexes[i].where) try_index(&s, &index);
    }
    for (size_t i = 0; i < def->unique_count; i++)
        try_names(&s, def->uniques[i].columns.items,
                  def->uniques[i].columns.count);
    try_names(&s, def->primary_key.columns.items,
              def->primary_key.columns.count);
    try_columns(&s);
    *descending = s.descending;
    return s.best;
}

static int holds_name(const dbc_column *const *columns, size_t count,
                      const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (dbc__part_equal(columns[i]->def.name, name)) return 1;
    return 0;
}

static int holds_names(const dbc_column *const *columns, size_t count,
                       const dbc_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (!holds_name(columns, count, names->items[i])) return 0;
    return names->count > 0;
}

int dbc__index_is_unique(const dbc_table *table,
                         const dbc_column *const *columns, size_t count)
{
    enum { UNIQUE = DBC_COLUMN_UNIQUE | DBC_COLUMN_PRIMARY_KEY };
    const dbc_table_def *def = &table->def;

    if (def->kind != DBC_TABLE) return 0;
    if (holds_names(columns, count, &def->primary_key.columns)) return 1;
    for (size_t i = 0; i < def->unique_count; i++)
        if (holds_names(columns, count, &def->uniques[i].columns)) return 1;
    for (size_t i = 0; i < def->column_count; i++) {
        const dbc_column_def *column = &table->columns[i].def;
        if (column->flags & UNIQUE && holds_name(columns, count, column->name))
            return 1;
    }
    return 0;
}
