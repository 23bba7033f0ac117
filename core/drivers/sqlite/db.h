// What the files of this driver share: one open database and one prepared
// statement. A driver knows the two public headers and SQLite, so it carries
// the few helpers it needs itself.
#ifndef DBC_SQLITE_DB_H
#define DBC_SQLITE_DB_H

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdint.h>

#include "dbcore_driver.h"

// Why the busy handler stopped waiting.
typedef enum dbc__sqlite_wait {
    DBC__WAIT_NONE,
    DBC__WAIT_INTERRUPTED,
    DBC__WAIT_DEADLINE
} dbc__sqlite_wait;

typedef struct dbc__sqlite {
    sqlite3 *handle;        // owned
    const dbc_alloc *alloc; // borrowed; outlives the database
    char *path;             // owned, for messages
    size_t path_size;
    int64_t prepared; // statements since open

    // Waiting for locks. The thread that waits is the one that uses the
    // connection; only `interrupts` is written by others.
    int busy_timeout_ms; // 0: do not wait
    int64_t wait_until_ns;
    uint64_t jitter; // state of the random waits
    int64_t busy_retries;
    dbc__sqlite_wait wait_end; // until an error reports it
    atomic_uint interrupts;    // calls of dbc_interrupt()
    unsigned interrupts_seen;  // when the running statement was last stepped

    int64_t deadline_ns;      // 0: none
    int progress_set;         // steps between two looks of its handler; 0: none
    int (*on_tick)(void *ud); // of the library, or NULL
    void *on_tick_ud;

    // Checkpoints made by the driver, see checkpoint.c.
    int checkpoint_at;   // pages of WAL; 0: SQLite's own are on, or none
    int wal_pages;       // after the last commit
    int checkpoint_try;  // pages at which to try again after an incomplete one
    int checkpoint_wait; // pages at which to wait for readers again
    int checkpoint_wait_ms; // the patience of the one being made; else -1

    // Functions and hooks of the host, see function.c.
    int callback_failed;        // until an error reports it
    int collation_failed;       // likewise: what was written may be misplaced
    char callback_message[512]; // of the failure
    int (*on_commit)(void *ud); // of the host, or NULL
    void *on_commit_ud;
    void (*on_update)(void *ud, const dbc_change *change);
    void *on_update_ud;

    // Work that is not trusted, see guard.c.
    const dbc_guard_order *order; // the one below; NULL: no guard
    dbc_guard_order given;        // its rules are borrowed
    int guard_set;                // the authorizer is there
    int64_t memory_before;        // of the heap, when the budget began
    int64_t heap_before;          // the limit of the heap outside
    int over_memory;              // until an error reports it
    char denied[200];             // what was refused, or ""
    const char *preparing;        // the text that is, or NULL
    size_t preparing_len;
    int limits[SQLITE_LIMIT_WORKER_THREADS + 1]; // those outside

    // Warnings, see warning.c.
    void (*on_warning)(void *ud, const dbc_warning *warning);
    void *on_warning_ud;
    int pinned_count;        // incomplete checkpoints in a row
    int64_t pinned_since_ns; // the first of them
    char twin[200];          // the path of a second SQLite, or ""
} dbc__sqlite;

typedef struct dbc__sqlite_stmt {
    sqlite3_stmt *handle; // owned
    dbc__sqlite *db;      // borrowed; outlives the statement
    int parameter_count;
    int active; // stepped, and not reset since
    int lost;   // a value of the row could not be read: memory was out
    // Copies of the DBC_LIST values that are bound, by parameter; made when
    // the first list is bound. Owned.
    dbc_value *lists;
} dbc__sqlite_stmt;

// Memory of the driver's own structures. `dbc__sqlite_new` gives zeroed bytes
// or NULL.
void *dbc__sqlite_new(const dbc_alloc *alloc, size_t size);
void dbc__sqlite_delete(const dbc_alloc *alloc, void *ptr, size_t size);

// The monotonic clock, in nanoseconds.
int64_t dbc__sqlite_now_ns(void);

#endif
