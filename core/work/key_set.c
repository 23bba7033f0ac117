// Keys that differ, found by hash. Values are equal here when type and bytes
// are: whether 1 and 1.0 are one key is for the database to say, which is
// asked for both then.
#include "key_set.h"

#include <string.h>

#include "alloc.h"
#include "name.h"

enum { FIRST_CAP = 64 };

void dbc__key_set_init(dbc__key_set *set, size_t width, const dbc_alloc *alloc)
{
    *set = (dbc__key_set){.alloc = alloc, .width = width};
    dbc__arena_init(&set->texts, alloc);
}

void dbc__key_set_dispose(dbc__key_set *set)
{
    size_t cap = set->row_cap;

    dbc__alloc_free(set->alloc, set->keys,
                    2 * cap * set->width * sizeof *set->keys);
    dbc__alloc_free(set->alloc, set->next, cap * sizeof *set->next);
    dbc__alloc_free(set->alloc, set->first, cap * sizeof *set->first);
    dbc__alloc_free(set->alloc, set->index,
                    set->index_cap * sizeof *set->index);
    dbc__arena_dispose(&set->texts);
    dbc__key_set_init(set, set->width, set->alloc);
}

void dbc__key_set_clear(dbc__key_set *set)
{
    set->row_count = 0;
    set->count = 0;
    set->found = 0;
    if (set->index) memset(set->index, 0, set->index_cap * sizeof *set->index);
    dbc__arena_dispose(&set->texts);
}

// ------------------------------------------------------------------- hashing

static uint64_t hash_value(uint64_t seed, const dbc_value *value)
{
    seed = dbc__hash_mix(seed, (uint64_t)value->type);
    if (value->type == DBC_TEXT || value->type == DBC_BLOB)
        return dbc__hash(seed, value->as.text, value->len);
    return dbc__hash_mix(seed, (uint64_t)value->as.i);
}

static uint64_t hash_key(const dbc__key_set *set, const dbc_value *key)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < set->width; i++)
        hash = hash_value(hash, &key[i]);
    return hash;
}

// A real is compared by its bits, too: they share their place with the integer.
static int is_same(const dbc_value *a, const dbc_value *b)
{
    if (a->type != b->type) return 0;
    if (a->type != DBC_TEXT && a->type != DBC_BLOB) return a->as.i == b->as.i;
    return a->len == b->len &&
           (a->len == 0 || memcmp(a->as.text, b->as.text, a->len) == 0);
}

static int is_same_key(const dbc__key_set *set, const dbc_value *a,
                       const dbc_value *b)
{
    for (size_t i = 0; i < set->width; i++)
        if (!is_same(&a[i], &b[i])) return 0;
    return 1;
}

// The place in the index where `key` is, or would be.
static size_t find_place(const dbc__key_set *set, const dbc_value *key)
{
    size_t mask = set->index_cap - 1;
    size_t i = hash_key(set, key) & mask;

    while (set->index[i]) {
        const dbc_value *known = set->keys + (set->index[i] - 1) * set->width;
        if (is_same_key(set, known, key)) return i;
        i = (i + 1) & mask;
    }
    return i;
}

static size_t find_number(const dbc__key_set *set, const dbc_value *key)
{
    return set->index ? set->index[find_place(set, key)] : 0;
}

size_t dbc__key_set_find(dbc__key_set *set, const dbc_value *key)
{
    size_t last = set->found ? set->found - 1 : 0;

    if (set->found && is_same_key(set, set->keys + last * set->width, key))
        return set->found;
    set->found = find_number(set, key);
    return set->found;
}

// ------------------------------------------------------------------- growing

static int grow_array(const dbc__key_set *set, void **array, size_t old_count,
                      size_t count, size_t size)
{
    void *grown =
        dbc__alloc_resize(set->alloc, *array, old_count * size, count * size);

    if (!grown) return DBC_ENOMEM;
    *array = grown;
    return DBC_OK;
}

// Room for the index of as many keys as there will be rows.
static int grow_index(dbc__key_set *set, size_t rows)
{
    size_t cap = rows * 2;
    uint32_t *index = dbc__alloc_zero(set->alloc, cap, sizeof *index);

    if (!index) return DBC_ENOMEM;
    dbc__alloc_free(set->alloc, set->index,
                    set->index_cap * sizeof *set->index);
    set->index = index;
    set->index_cap = cap;
    for (size_t number = 0; number < set->count; number++)
        set->index[find_place(set, set->keys + number * set->width)] =
            (uint32_t)number + 1;
    return DBC_OK;
}

// Arrays grow one by one; `row_cap` is that of all of them only afterwards, so
// a failure frees what was gained.
static int grow(dbc__key_set *set)
{
    size_t old = set->row_cap, cap = old ? old * 2 : FIRST_CAP;
    dbc__key_set made = {.alloc = set->alloc};
    size_t width = set->width * sizeof *set->keys;

    if (cap > UINT32_MAX / 4) return DBC_ENOMEM;
    if (grow_array(set, (void **)&made.keys, 0, 2 * cap, width) < 0 ||
        grow_array(set, (void **)&made.next, 0, cap, sizeof *made.next) < 0 ||
        grow_array(set, (void **)&made.first, 0, cap, sizeof *made.first) < 0)
        goto cleanup;
    if (old) {
        memcpy(made.keys, set->keys, set->count * width);
        memcpy(made.next, set->next, set->row_count * sizeof *made.next);
        memcpy(made.first, set->first, set->count * sizeof *made.first);
    }
    dbc__alloc_free(set->alloc, set->keys, 2 * old * width);
    dbc__alloc_free(set->alloc, set->next, old * sizeof *set->next);
    dbc__alloc_free(set->alloc, set->first, old * sizeof *set->first);
    set->keys = made.keys;
    set->next = made.next;
    set->first = made.first;
    set->row_cap = cap;
    return DBC_OK;

cleanup:
    dbc__alloc_free(set->alloc, made.keys, 2 * cap * width);
    dbc__alloc_free(set->alloc, made.next, cap * sizeof *made.next);
    dbc__alloc_free(set->alloc, made.first, cap * sizeof *made.first);
    return DBC_ENOMEM;
}

static int reserve(dbc__key_set *set)
{
    if (set->row_count == set->row_cap && grow(set) < 0) return DBC_ENOMEM;
    if (set->index_cap < 2 * set->row_cap) return grow_index(set, set->row_cap);
    return DBC_OK;
}

// -------------------------------------------------------------------- adding

static int copy_value(dbc__key_set *set, dbc_value *out, const dbc_value *value)
{
    *out = *value;
    if (value->type != DBC_TEXT && value->type != DBC_BLOB) return DBC_OK;
    out->as.text = dbc__arena_copy(&set->texts, value->as.text, value->len);
    return out->as.text ? DBC_OK : DBC_ENOMEM;
}

static int add_key(dbc__key_set *set, const dbc_value *key, uint32_t row,
                   size_t place)
{
    dbc_value *copy = set->keys + set->count * set->width;

    for (size_t i = 0; i < set->width; i++)
        if (copy_value(set, &copy[i], &key[i]) < 0) return DBC_ENOMEM;
    set->first[set->count] = row;
    set->index[place] = (uint32_t)++set->count;
    return DBC_OK;
}

int dbc__key_set_add(dbc__key_set *set, const dbc_value *key)
{
    if (reserve(set) < 0) return DBC_ENOMEM;
    uint32_t row = (uint32_t)set->row_count;
    set->next[row] = DBC__NO_ROW;
    for (size_t i = 0; i < set->width; i++) {
        if (key[i].type != DBC_NULL) continue;
        set->row_count++;
        return DBC_OK;
    }
    size_t place = find_place(set, key);
    uint32_t number = set->index[place];
    if (number == 0) {
        if (add_key(set, key, row, place) < 0) return DBC_ENOMEM;
    } else {
        // Behind the first of them: their order does not matter.
        set->next[row] = set->next[set->first[number - 1]];
        set->next[set->first[number - 1]] = row;
    }
    set->row_count++;
    return DBC_OK;
}

// The second half of the room takes one column at a time; of keys of a single
// column the first half is that list already.
const dbc_value *dbc__key_set_list(dbc__key_set *set, size_t i)
{
    dbc_value *list = set->keys + set->row_cap * set->width + i * set->row_cap;

    if (set->width == 1) return set->keys;
    for (size_t number = 0; number < set->count; number++)
        list[number] = set->keys[number * set->width + i];
    return list;
}
