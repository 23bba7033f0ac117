// A pool: one connection that writes and several that read the same file, lent
// to the threads of a host. The mutex guards who has what and is held for
// moments only: opening, rolling back and closing happen outside of it, while
// the seat is lent. This is the one noun of the core that several threads
// share.
#ifndef DBC_RUN_POOL_H
#define DBC_RUN_POOL_H

#include "arena.h"
#include "fork.h"
#include "lane.h"

enum { DBC__LANES = 2 }; // by dbc_pool_use

struct dbc_pool {
    const dbc_alloc *alloc; // borrowed
    dbc__arena arena;       // of what `open` points to, and the seats
    dbc_open_options open;  // copied; the schema with a reference
    const char *path;       // in the arena
    dbc__fork_guard fork;   // a fork's child may only close
    int (*set_up)(void *ud, dbc_conn *conn, dbc_pool_use use);
    void *set_up_ud;

    pthread_mutex_t mutex; // guards what follows
    pthread_cond_t quiet;  // signalled while it closes
    int closing;
    dbc__lane lanes[DBC__LANES];
};

static inline int dbc__pool_is_child(const dbc_pool *pool)
{
    return dbc__fork_guard_is_child(&pool->fork);
}

// Opens the connection of a seat that is lent to the caller. What dbc_open()
// and the host's `set_up` return.
int dbc__pool_fill_seat(dbc__seat *seat, dbc_pool *pool, dbc_pool_use use,
                        dbc_error *err);

// Ends a connection of a pool, whoever else has a reference; NULL is allowed.
void dbc__pool_end_conn(dbc_conn *conn);

// When the monotonic clock shows that `timeout_ms` are over; 0 and below mean
// what they mean to dbc__lane_take().
int64_t dbc__pool_deadline(int timeout_ms);

#endif
