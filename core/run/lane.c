// Who gets a connection of a pool, and when. Each who waits has a condition of
// its own, on its own stack, so that exactly the one is woken whose turn it
// is.
#include "lane.h"

#include <errno.h>
#include <time.h>

#include "clock.h"

typedef struct dbc__waiter {
    pthread_cond_t turn;
    dbc__seat *seat; // handed over, or NULL
    int sent_away;
    struct dbc__waiter *next;
} dbc__waiter;

int dbc__lane_init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    int failed;

    if (pthread_condattr_init(&attributes) != 0) return DBC_ENOMEM;
    failed = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) != 0 ||
             pthread_cond_init(condition, &attributes) != 0;
    pthread_condattr_destroy(&attributes);
    return failed ? DBC_ENOMEM : DBC_OK;
}

int dbc__lane_wait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                   int64_t deadline_ns)
{
    struct timespec until = {(time_t)(deadline_ns / 1000000000),
                             (long)(deadline_ns % 1000000000)};

    if (deadline_ns < 0) {
        pthread_cond_wait(condition, mutex);
        return 1;
    }
    return pthread_cond_timedwait(condition, mutex, &until) != ETIMEDOUT;
}

// --------------------------------------------------------------------- queue

static void join(dbc__lane *lane, dbc__waiter *waiter)
{
    if (lane->last != NULL)
        lane->last->next = waiter;
    else
        lane->first = waiter;
    lane->last = waiter;
}

// Takes one out, wherever it stands; one that was served is out already.
static void leave(dbc__lane *lane, const dbc__waiter *waiter)
{
    dbc__waiter *before = NULL;
    dbc__waiter *at = lane->first;

    while (at != NULL && at != waiter) {
        before = at;
        at = at->next;
    }
    if (at == NULL) return;
    if (before != NULL)
        before->next = at->next;
    else
        lane->first = at->next;
    if (lane->last == at) lane->last = before;
}

static dbc__waiter *serve_first(dbc__lane *lane)
{
    dbc__waiter *waiter = lane->first;

    if (waiter == NULL) return NULL;
    leave(lane, waiter);
    pthread_cond_signal(&waiter->turn);
    return waiter;
}

// --------------------------------------------------------------------- seats

// A free one that has a connection, else a free one. NULL when all are lent;
// none lies free while somebody waits.
static dbc__seat *find_free(dbc__lane *lane)
{
    dbc__seat *empty = NULL;

    for (int i = lane->count - 1; i >= 0; i--) {
        dbc__seat *seat = &lane->seats[i];
        if (seat->state != DBC__SEAT_FREE) continue;
        if (seat->conn != NULL) return seat;
        empty = seat;
    }
    return empty;
}

static void count_wait(dbc_pool_figures *figures, int64_t started_ns)
{
    int64_t wait_ns = dbc__clock_ns() - started_ns;

    figures->waiting--;
    if (wait_ns > figures->longest_wait_ns) figures->longest_wait_ns = wait_ns;
}

static int wait_for_turn(dbc__seat **out, dbc__lane *lane,
                         pthread_mutex_t *mutex, int64_t deadline_ns)
{
    int64_t started_ns = dbc__clock_ns();
    dbc__waiter self = {.seat = NULL};

    if (dbc__lane_init_condition(&self.turn) < 0) return DBC_ENOMEM;
    join(lane, &self);
    lane->figures.waits++;
    lane->figures.waiting++;
    while (self.seat == NULL && !self.sent_away &&
           dbc__lane_wait(&self.turn, mutex, deadline_ns))
        continue;

    // It may have been served at the very moment when its time was over.
    leave(lane, &self);
    count_wait(&lane->figures, started_ns);
    pthread_cond_destroy(&self.turn);
    *out = self.seat;
    if (self.seat != NULL) return DBC_OK;
    return self.sent_away ? DBC_ECLOSED : DBC_ETIMEOUT;
}

int dbc__lane_take(dbc__seat **out, dbc__lane *lane, pthread_mutex_t *mutex,
                   int64_t deadline_ns)
{
    dbc__seat *seat = find_free(lane);
    int rc = DBC_OK;

    if (seat != NULL) {
        seat->state = DBC__SEAT_LENT;
        lane->figures.lent++;
    } else {
        rc = DBC_ETIMEOUT;
        if (deadline_ns != 0)
            rc = wait_for_turn(&seat, lane, mutex, deadline_ns);
    }
    if (rc == DBC_ETIMEOUT) lane->figures.timeouts++;
    if (rc == DBC_OK) lane->figures.acquired++;
    *out = seat;
    return rc;
}

// The seat stays lent, to another one.
void dbc__lane_give(dbc__lane *lane, dbc__seat *seat)
{
    dbc__waiter *next = serve_first(lane);

    if (next != NULL) {
        seat->state = DBC__SEAT_LENT;
        next->seat = seat;
        return;
    }
    seat->state = DBC__SEAT_FREE;
    lane->figures.lent--;
}

void dbc__lane_clear(dbc__lane *lane)
{
    dbc__waiter *waiter;

    while ((waiter = serve_first(lane)) != NULL)
        waiter->sent_away = 1;
}

dbc__seat *dbc__lane_find(dbc__lane *lane, const dbc_conn *conn)
{
    for (int i = 0; i < lane->count; i++) {
        dbc__seat *seat = &lane->seats[i];
        if (seat->conn == conn && seat->state == DBC__SEAT_LENT) return seat;
    }
    return NULL;
}
