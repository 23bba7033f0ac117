// Open addressing with linear steps, never more than half full. The hash
// folds every byte the cheap way; the comparison has the last word.
#include "lookup.h"

#include <string.h>

#include "name.h"

int dbc__lookup_init(dbc__lookup *lookup, dbc__arena *arena, size_t count)
{
    size_t cap = 4;

    while (cap / 2 < count && cap <= SIZE_MAX / 4)
        cap *= 2;
    lookup->entries =
        dbc__arena_take_array(arena, cap, sizeof *lookup->entries);
    lookup->mask = cap - 1;
    return lookup->entries == NULL ? DBC_ENOMEM : DBC_OK;
}

// FNV-1a (Fowler, Noll, Vo) over bytes with the case bit set.
static size_t hash_name(const void *scope, const char *name, size_t len)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ (uintptr_t)scope;

    for (size_t i = 0; i < len; i++)
        hash =
            (hash ^ ((unsigned char)name[i] | 0x20)) * UINT64_C(0x100000001b3);
    return (size_t)(hash ^ (hash >> 32));
}

// The entry of that name, or the free one where it belongs.
static dbc__lookup_entry *find_entry(const dbc__lookup *lookup,
                                     const void *scope, const char *name,
                                     size_t len)
{
    size_t i = hash_name(scope, name, len) & lookup->mask;

    for (;; i = (i + 1) & lookup->mask) {
        dbc__lookup_entry *entry = &lookup->entries[i];

        if (entry->name == NULL) return entry;
        if (entry->len != len || entry->scope != scope) continue;
        if (memcmp(entry->name, name, len) == 0) return entry;
        if (dbc__name_equal(entry->name, len, name, len)) return entry;
    }
}

int64_t dbc__lookup_add(dbc__lookup *lookup, const void *scope,
                        const char *name, size_t len, uint32_t position)
{
    dbc__lookup_entry *entry = find_entry(lookup, scope, name, len);

    if (entry->name != NULL) return entry->position;
    *entry = (dbc__lookup_entry){scope, name, (uint32_t)len, position};
    return -1;
}

int64_t dbc__lookup_find(const dbc__lookup *lookup, const void *scope,
                         const char *name, size_t len)
{
    const dbc__lookup_entry *entry = find_entry(lookup, scope, name, len);

    if (entry->name == NULL) return -1;
    return entry->position;
}
