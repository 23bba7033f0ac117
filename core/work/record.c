// Rows with their relatives as a tree in memory, for hosts in C. It is built
// from what a load tells, row by row, and lies in one arena.
#include <string.h>

#include "alloc.h"
#include "arena.h"
#include "conn.h"

// What the records of one level have in common.
typedef struct dbc_record_level {
    const struct dbc_record_level *levels; // all of them
    size_t count;                          // of all
    const char *name;                      // of the relation; NULL: the first
    dbc_relation_kind kind;
    size_t parent;
    size_t place; // among the levels that hang on the same one
    size_t below; // how many hang on this one
    dbc_layout layout;
    dbc_record **records; // owned while it is loaded; then NULL
    size_t record_count, record_cap;
} dbc_record_level;

struct dbc_records {
    const dbc_alloc *alloc;
    dbc__arena arena;
    dbc_record_level *levels; // in the arena
    size_t count;
    const dbc_record *first;
    dbc_record *last;
};

// ------------------------------------------------------------------- layouts

static int copy_outputs(dbc_layout *out, dbc_records *all,
                        const dbc_layout *layout)
{
    dbc_output *outputs = dbc__arena_take_array(
        &all->arena, layout->output_count, sizeof *outputs);

    if (!outputs) return DBC_ENOMEM;
    for (size_t i = 0; i < layout->output_count; i++) {
        outputs[i] = layout->outputs[i];
        outputs[i].name =
            dbc__arena_copy(&all->arena, outputs[i].name, outputs[i].name_len);
        if (!outputs[i].name) return DBC_ENOMEM;
    }
    out->outputs = outputs;
    return DBC_OK;
}

// A layout that outlives its plan.
static int copy_layout(dbc_layout *out, dbc_records *all,
                       const dbc_layout *layout)
{
    dbc_group *groups =
        dbc__arena_take_array(&all->arena, layout->group_count, sizeof *groups);

    *out = *layout;
    if (!groups) return DBC_ENOMEM;
    for (size_t i = 0; i < layout->group_count; i++) {
        groups[i] = layout->groups[i];
        groups[i].name =
            dbc__arena_copy(&all->arena, groups[i].name, groups[i].name_len);
        if (!groups[i].name) return DBC_ENOMEM;
    }
    out->groups = groups;
    return copy_outputs(out, all, layout);
}

static int make_levels(dbc_records *all, const dbc_load *load)
{
    all->count = dbc_load_level_count(load);
    all->levels =
        dbc__arena_take_array(&all->arena, all->count, sizeof *all->levels);
    if (!all->levels) return DBC_ENOMEM;
    for (size_t i = 0; i < all->count; i++) {
        dbc_load_info info = dbc_load_describe(load, i);
        dbc_record_level *level = &all->levels[i];
        level->levels = all->levels;
        level->count = all->count;
        level->kind = info.kind;
        level->parent = info.parent;
        if (i == 0) continue;
        level->name =
            dbc__arena_copy(&all->arena, info.name, strlen(info.name));
        if (!level->name) return DBC_ENOMEM;
        level->place = all->levels[info.parent].below++;
    }
    return DBC_OK;
}

// ------------------------------------------------------------------- records

static int copy_values(dbc_record *record, dbc_records *all,
                       const dbc_value *row, size_t count)
{
    dbc_value *values =
        dbc__arena_take_array(&all->arena, count, sizeof *values);

    if (!values) return DBC_ENOMEM;
    for (size_t i = 0; i < count; i++) {
        values[i] = row[i];
        if (row[i].type != DBC_TEXT && row[i].type != DBC_BLOB) continue;
        values[i].as.text =
            dbc__arena_copy(&all->arena, row[i].as.text, row[i].len);
        if (!values[i].as.text) return DBC_ENOMEM;
    }
    record->values = values;
    return DBC_OK;
}

// Keeps the record for those that will hang on it.
static int keep(dbc_records *all, dbc_record_level *level, dbc_record *record)
{
    size_t size = sizeof *level->records;

    if (level->record_count == level->record_cap) {
        size_t cap = level->record_cap ? level->record_cap * 2 : 16;
        dbc_record **grown = dbc__alloc_resize(
            all->alloc, level->records, level->record_cap * size, cap * size);
        if (!grown) return DBC_ENOMEM;
        level->records = grown;
        level->record_cap = cap;
    }
    level->records[level->record_count++] = record;
    return DBC_OK;
}

// Hangs a record behind the others of its parents. Each parent has the first
// and the last of a relation; of those that share them only the first parent
// goes on with the last.
static void hang(dbc_records *all, const dbc_load *load,
                 const dbc_record_level *level, dbc_record *record)
{
    dbc_record **parents = all->levels[level->parent].records;
    size_t parent = dbc_load_parent(load), place = 2 * level->place;

    if (parent == DBC_NO_PARENT) return;
    dbc_record **ends = &parents[parent]->related[place];
    if (ends[1] != NULL) {
        if (level->kind == DBC_ONE) return; // of several the first one counts
        ends[1]->next = record;
        ends[1] = record;
        return;
    }
    for (; parent != DBC_NO_PARENT;
         parent = dbc_load_next_parent(load, parent)) {
        parents[parent]->related[place] = record;
        parents[parent]->related[place + 1] = record;
    }
}

static int add_record(dbc_records *all, const dbc_load *load)
{
    dbc_record_level *level = &all->levels[dbc_load_level(load)];
    const dbc_layout *layout = dbc_load_layout(load);
    dbc_record *record = dbc__arena_take(&all->arena, sizeof *record);

    if (!record) return DBC_ENOMEM;
    if (!level->layout.outputs && copy_layout(&level->layout, all, layout) < 0)
        return DBC_ENOMEM;
    record->layout = &level->layout;
    record->level = level;
    record->related = dbc__arena_take_array(&all->arena, 2 * level->below,
                                            sizeof *record->related);
    if (!record->related ||
        copy_values(record, all, dbc_load_row(load), layout->output_count) < 0)
        return DBC_ENOMEM;
    if (level->below && keep(all, level, record) < 0) return DBC_ENOMEM;
    if (level->name) {
        hang(all, load, level, record);
    } else if (all->last) {
        all->last->next = record;
        all->last = record;
    } else {
        all->first = all->last = record;
    }
    return DBC_OK;
}

// What only building needed.
static void drop_lists(dbc_records *all)
{
    for (size_t i = 0; i < all->count && all->levels; i++) {
        dbc_record_level *level = &all->levels[i];
        dbc__alloc_free(all->alloc, level->records,
                        level->record_cap * sizeof *level->records);
        level->records = NULL;
        level->record_cap = 0;
    }
}

static int read_all(dbc_records *all, dbc_load *load, dbc_conn *conn)
{
    int rc = make_levels(all, load);

    if (rc < 0) return dbc__conn_fail(conn, rc, "out of memory");
    rc = dbc_load_begin(load, 0);
    if (rc != DBC_ROW) return rc < 0 ? rc : DBC_OK;
    while ((rc = dbc_load_step(load)) == DBC_ROW)
        if (add_record(all, load) < 0)
            return dbc__conn_fail(conn, DBC_ENOMEM, "out of memory");
    return rc < 0 ? rc : DBC_OK;
}

int dbc_records_load(dbc_records **out, dbc_conn *conn, const dbc_query *query,
                     const dbc_args *args)
{
    dbc_load *load;

    int rc = dbc_load_open(&load, conn, query, args);
    if (rc < 0) return rc;
    dbc_records *all = dbc__alloc_zero(conn->alloc, 1, sizeof *all);
    if (all) {
        all->alloc = conn->alloc;
        dbc__arena_init(&all->arena, conn->alloc);
        rc = read_all(all, load, conn);
        drop_lists(all);
    } else {
        rc = dbc__conn_fail(conn, DBC_ENOMEM, "out of memory");
    }
    dbc_load_close(load);
    if (rc < 0) {
        dbc_records_free(all);
        return rc;
    }
    *out = all;
    return DBC_OK;
}

void dbc_records_free(dbc_records *records)
{
    if (!records) return;
    dbc__arena_dispose(&records->arena);
    dbc__alloc_free(records->alloc, records, sizeof *records);
}

const dbc_record *dbc_records_first(const dbc_records *records)
{
    return records->first;
}

const dbc_record *dbc_record_related(const dbc_record *record,
                                     const char *relation)
{
    const dbc_record_level *own = record->level;
    size_t at = (size_t)(own - own->levels);

    for (size_t i = at + 1; i < own->count; i++) {
        const dbc_record_level *level = &own->levels[i];
        if (level->parent == at && strcmp(level->name, relation) == 0)
            return record->related[2 * level->place];
    }
    return NULL;
}
