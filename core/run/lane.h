// A lane of a pool: a few seats, of which each may hold a connection, and a
// queue of those who wait for one. Who came first is served first: a seat that
// comes back is handed to the first in the queue and never lies free while
// somebody waits. A lane knows nothing of opening and closing; the mutex of
// its pool is held in all calls.
#ifndef DBC_RUN_LANE_H
#define DBC_RUN_LANE_H

#include <pthread.h>
#include <stdint.h>

#include "dbcore.h"

typedef enum dbc__seat_state {
    DBC__SEAT_FREE,
    DBC__SEAT_LENT,
    DBC__SEAT_RETURNING // somebody tidies it up
} dbc__seat_state;

typedef struct dbc__seat {
    // Owned, with one reference more than that of dbc_open(); NULL: to be
    // opened by whoever gets the seat.
    dbc_conn *conn;
    dbc__seat_state state;
    // What a borrower may have changed, as it was when the connection was new.
    int timeout_ms;
    void (*observe)(void *ud, const dbc_event *event);
    void *observe_ud;
    const dbc_policy *policy; // one reference, or NULL
} dbc__seat;

typedef struct dbc__lane {
    dbc__seat *seats; // owned by the pool
    int count;        // of them; 0: this is no use of the pool
    struct dbc__waiter *first, *last;
    dbc_pool_figures figures;
} dbc__lane;

// Sets up a condition for dbc__lane_take(), whose deadlines are those of the
// monotonic clock. DBC_OK or DBC_ENOMEM.
int dbc__lane_init_condition(pthread_cond_t *condition);

// Waits until somebody signals or the deadline (below 0: none) is over. 1
// unless it is over.
int dbc__lane_wait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                   int64_t deadline_ns);

// Lends a seat; when there is none, or others wait, waits for its turn until
// the deadline (0: does not wait; below 0: for ever). DBC_OK; DBC_ETIMEOUT;
// DBC_ECLOSED when the lane was cleared; DBC_ENOMEM.
int dbc__lane_take(dbc__seat **out, dbc__lane *lane, pthread_mutex_t *mutex,
                   int64_t deadline_ns);

// Takes a seat back, and lends it to the first who waits.
void dbc__lane_give(dbc__lane *lane, dbc__seat *seat);

// Sends all who wait away.
void dbc__lane_clear(dbc__lane *lane);

// The seat of a connection that is lent, or NULL.
dbc__seat *dbc__lane_find(dbc__lane *lane, const dbc_conn *conn);

#endif
