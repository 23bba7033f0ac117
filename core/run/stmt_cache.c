// Keeping prepared statements by their text. The search runs over a plain
// array of hashes, from where the last one was found; statements themselves
// are touched only when their hash fits.
#include "stmt_cache.h"

#include <string.h>

#include "alloc.h"
#include "stmt.h"

// 0 marks a free place, so no text may hash to it.
static uint64_t mark_of(uint64_t realm, uint64_t hash)
{
    uint64_t mark = hash ^ realm;

    return mark != 0 ? mark : 1;
}

static int is_text_of(const dbc_stmt *stmt, uint64_t realm, const char *sql,
                      size_t len)
{
    return stmt->realm == realm && stmt->sql_len == len &&
           memcmp(stmt->sql, sql, len) == 0;
}

// The place that the next return goes to: a free one, or the oldest.
static size_t place_for_return(const dbc__stmt_cache *cache)
{
    size_t oldest = cache->cursor;

    if (cache->hashes[oldest] == 0) return oldest;
    for (size_t i = 0; i < cache->cap; i++) {
        if (cache->hashes[i] == 0) return i;
        if (cache->returned_at[i] < cache->returned_at[oldest]) oldest = i;
    }
    return oldest;
}

int dbc__stmt_cache_init(dbc__stmt_cache *cache, const dbc_alloc *alloc,
                         size_t cap)
{
    *cache = (dbc__stmt_cache){.cap = cap};
    if (cap == 0) return DBC_OK;

    cache->hashes = dbc__alloc_zero(alloc, cap, sizeof *cache->hashes);
    cache->returned_at =
        dbc__alloc_zero(alloc, cap, sizeof *cache->returned_at);
    cache->stmts = dbc__alloc_zero(alloc, cap, sizeof *cache->stmts);
    if (cache->hashes == NULL || cache->returned_at == NULL ||
        cache->stmts == NULL) {
        dbc__stmt_cache_dispose(cache, alloc);
        return DBC_ENOMEM;
    }
    return DBC_OK;
}

void dbc__stmt_cache_clear(dbc__stmt_cache *cache)
{
    for (size_t i = 0; i < cache->cap; i++) {
        if (cache->hashes[i] == 0) continue;
        cache->hashes[i] = 0;
        dbc__stmt_free(cache->stmts[i]);
    }
}

void dbc__stmt_cache_dispose(dbc__stmt_cache *cache, const dbc_alloc *alloc)
{
    size_t cap = cache->cap;

    if (cache->hashes != NULL && cache->stmts != NULL)
        dbc__stmt_cache_clear(cache);
    dbc__alloc_free(alloc, cache->hashes, cap * sizeof *cache->hashes);
    dbc__alloc_free(alloc, cache->returned_at,
                    cap * sizeof *cache->returned_at);
    dbc__alloc_free(alloc, cache->stmts, cap * sizeof *cache->stmts);
    *cache = (dbc__stmt_cache){.cap = 0};
}

dbc_stmt *dbc__stmt_cache_take(dbc__stmt_cache *cache, uint64_t realm,
                               uint64_t hash, const char *sql, size_t len)
{
    uint64_t mark = mark_of(realm, hash);
    size_t place = cache->cursor;

    for (size_t i = 0; i < cache->cap; i++) {
        if (cache->hashes[place] == mark &&
            is_text_of(cache->stmts[place], realm, sql, len)) {
            cache->hashes[place] = 0;
            cache->cursor = place;
            return cache->stmts[place];
        }
        if (++place == cache->cap) place = 0;
    }
    return NULL;
}

void dbc__stmt_cache_put(dbc__stmt_cache *cache, dbc_stmt *stmt)
{
    if (cache->cap == 0) {
        dbc__stmt_free(stmt);
        return;
    }

    size_t place = place_for_return(cache);
    if (cache->hashes[place] != 0) dbc__stmt_free(cache->stmts[place]);
    cache->hashes[place] = mark_of(stmt->realm, stmt->hash);
    cache->returned_at[place] = ++cache->clock;
    cache->stmts[place] = stmt;
}
