// The fingerprint is the SHA-256 of the normal forms of all objects, sorted by
// name, but for the triggers of a table, whose order decides which one fires
// first.
#include "fingerprint.h"

#include <sha2.h>
#include <stdlib.h>
#include <string.h>

static int by_kind_and_name(const void *a, const void *b)
{
    const dbc__object *const *left = a, *const *right = b;
    const dbc_object *l = &(*left)->own, *r = &(*right)->own;

    if (l->kind != r->kind) return l->kind < r->kind ? -1 : 1;
    if (l->kind == DBC_OBJECT_TRIGGER) {
        int order = strcmp(l->table, r->table);
        if (order != 0) return order;
        return (*left)->order < (*right)->order ? -1 : 1;
    }
    return strcmp(l->name, r->name);
}

static void add_text(SHA2_CTX *sha, const char *text)
{
    // With its NUL, so that no two texts run together.
    SHA256Update(sha, (const uint8_t *)text, strlen(text) + 1);
}

int dbc__fingerprint(dbc_catalog *catalog)
{
    static const char *const kinds[] = {"table", "virtual", "index", "trigger",
                                        "view"};
    const dbc__object **sorted = dbc__arena_take_array(
        &catalog->arena, catalog->count + 1, sizeof *sorted);
    SHA2_CTX sha;

    if (!sorted) return DBC_ENOMEM;
    for (size_t i = 0; i < catalog->count; i++)
        sorted[i] = &catalog->objects[i];
    qsort(sorted, catalog->count, sizeof *sorted, by_kind_and_name);
    SHA256Init(&sha);
    for (size_t i = 0; i < catalog->count; i++) {
        add_text(&sha, kinds[sorted[i]->own.kind]);
        add_text(&sha, sorted[i]->own.name);
        add_text(&sha, sorted[i]->normal);
    }
    SHA256End(&sha, catalog->fingerprint);
    return DBC_OK;
}

int dbc__fingerprint_same(const dbc__object *a, const dbc__object *b)
{
    return a->own.kind == b->own.kind &&
           strcmp(a->own.name, b->own.name) == 0 &&
           strcmp(a->normal, b->normal) == 0;
}
