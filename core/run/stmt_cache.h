// The statement cache of one connection, for SQL texts.
//
// A statement is taken out while it is used and put back when it is returned.
// There are no reference counts and no busy flags, and two copies of one text
// are fine: whoever finds none prepares another. It is found by a hash of its
// text in an array; the text itself is compared before it is used. When all
// places are taken, the one returned longest ago gives way. What is returned
// was reset before, so that an idle statement never holds a lock.
#ifndef DBC_RUN_STMT_CACHE_H
#define DBC_RUN_STMT_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "dbcore.h"

typedef struct dbc__stmt_cache {
    uint64_t *hashes;      // owned; 0 marks a free place
    uint64_t *returned_at; // owned; by `clock`
    dbc_stmt **stmts;      // owned, as are the statements in it
    size_t cap;            // 0: nothing is kept
    // The place taken last: the search starts there and a return goes there,
    // so that a loop over a few texts finds each at the first look.
    size_t cursor;
    uint64_t clock; // returns so far
} dbc__stmt_cache;

// DBC_OK or DBC_ENOMEM; then it is empty and keeps nothing.
int dbc__stmt_cache_init(dbc__stmt_cache *cache, const dbc_alloc *alloc,
                         size_t cap);

// Ends every idle statement, keeps the cache usable.
void dbc__stmt_cache_clear(dbc__stmt_cache *cache);

void dbc__stmt_cache_dispose(dbc__stmt_cache *cache, const dbc_alloc *alloc);

// Takes the statement of that text out, or returns NULL.
dbc_stmt *dbc__stmt_cache_take(dbc__stmt_cache *cache, uint64_t realm,
                               uint64_t hash, const char *sql, size_t len);

// Puts one in; the one whose place it takes is ended. Owns it from here on.
void dbc__stmt_cache_put(dbc__stmt_cache *cache, dbc_stmt *stmt);

#endif
