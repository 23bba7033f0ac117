/**
 * A pool of connections, for hosts with threads. Its functions may be called by
 * any thread; each connection that it lends is used by one at a time.
 */
#ifndef DBCORE_POOL_H
#define DBCORE_POOL_H

#include <stdint.h>

#include "conn.h"
#include "error.h"
#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Connections to one file, lent to threads: one that writes and several that
 * only read, so that no thread waits for a lock of another one of the same
 * process while it reads. Every function may be called by any thread. A
 * connection is used by one thread at a time, until it is given back.
 */
typedef struct dbc_pool dbc_pool;

/** What a connection is lent for. */
typedef enum dbc_pool_use {
    DBC_POOL_READ, /* writing is DBC_EREADONLY */
    DBC_POOL_WRITE /* for reading what one is about to write, too */
} dbc_pool_use;

/** How to open a pool. Zero means the default in every field. */
typedef struct dbc_pool_options {
    /**
     * How its connections are opened. All of it is copied but for `alloc` and
     * `driver_ud`, which all threads use at once. With DBC_OPEN_READONLY the
     * pool has no writer.
     */
    dbc_open_options open;
    int readers; /* at most so many; 0: 4 */
    /**
     * Called for every new connection, by the thread that acquires it first:
     * the place to make functions and collations known. Below zero, and
     * acquiring it fails with that code and the error of the connection.
     */
    int (*set_up)(void *ud, dbc_conn *conn, dbc_pool_use use);
    void *set_up_ud;
} dbc_pool_options;

/**
 * Opens a pool on the file `path`, and its writer, which makes the file; the
 * readers are opened when they are needed. `options` may be NULL.
 *
 * Returns what dbc_open() returns; DBC_EINVALID for a database in memory.
 */
DBC_API int dbc_pool_open(dbc_pool **out, const char *path,
                          const dbc_pool_options *options, dbc_error *err);

/**
 * Lends a connection. When all are lent it waits `timeout_ms` (0: not at all;
 * below 0: as long as it takes); who came first is served first. One thread
 * that acquires a second one for the same use may wait for itself.
 *
 * Returns DBC_OK; DBC_ETIMEOUT; DBC_ECLOSED when the pool closes;
 * DBC_EREADONLY when it has no writer; what dbc_open() and `set_up` return.
 */
DBC_API int dbc_pool_acquire(dbc_conn **out, dbc_pool *pool, dbc_pool_use use,
                             int timeout_ms, dbc_error *err);

/**
 * Gives it back. Its time limit, its observer and its policy are again those
 * that `set_up` left; what else was made on it stays. One that is broken or was
 * closed is replaced by the next that is acquired.
 *
 * Returns DBC_OK; DBC_EINVALID when it was inside a transaction, which is
 * rolled back then, when one of its statements was still lent, or when it is
 * not lent by this pool. `conn` may be NULL, and is gone in all other cases.
 */
DBC_API int dbc_pool_release(dbc_pool *pool, dbc_conn *conn, dbc_error *err);

/**
 * Closes the pool. From now on nothing is lent and whoever waits for it is
 * sent away (DBC_ECLOSED); what is lent is waited for (as in acquiring).
 *
 * Returns DBC_OK, and the pool is gone; DBC_EBUSY when some are still lent:
 * release these and close again. The child of a fork may only close.
 */
DBC_API int dbc_pool_close(dbc_pool *pool, int timeout_ms, dbc_error *err);

/** Figures of one use of a pool since it was opened. */
typedef struct dbc_pool_figures {
    int most;    /* connections that may be lent at once */
    int lent;    /* now */
    int waiting; /* threads, now */
    int64_t acquired;
    int64_t waits; /* acquiring had to wait */
    int64_t timeouts;
    int64_t longest_wait_ns;
    int64_t opened; /* connections, those that replaced others included */
} dbc_pool_figures;

/** What was counted of one kind of connections of the pool. */
DBC_API void dbc_pool_stats(dbc_pool *pool, dbc_pool_use use,
                            dbc_pool_figures *out);

#ifdef __cplusplus
}
#endif

#endif
