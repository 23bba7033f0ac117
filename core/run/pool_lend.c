// Lending the connections of a pool to threads, and making them fit for the
// next borrower when they come back.
#include <assert.h>

#include "conn.h"
#include "error.h"
#include "pool.h"
#include "txn.h"

static int refuse_child(const dbc_pool *pool, dbc_error *err)
{
    return dbc__error_set(err, DBC_EINVALID,
                          "the pool was opened by process %ld, before a fork: "
                          "open another one in the child",
                          pool->fork.pid);
}

// -------------------------------------------------------------------- lending

static int refuse(dbc_error *err, int rc, dbc_pool_use use, int count,
                  int timeout_ms)
{
    switch (rc) {
    case DBC_ECLOSED:
        return dbc__error_set(err, rc, "the pool is closed");
    case DBC_EREADONLY:
        return dbc__error_set(err, rc,
                              "the pool only reads: open it without "
                              "DBC_OPEN_READONLY to write");
    case DBC_ETIMEOUT:
        break;
    default:
        return dbc__error_nomem(err);
    }
    if (use == DBC_POOL_WRITE)
        return dbc__error_set(err, rc,
                              "the connection for writing is lent and did not "
                              "come back within %d ms: release it sooner",
                              timeout_ms);
    return dbc__error_set(err, rc,
                          "all %d connections for reading are lent and none "
                          "came back within %d ms: release them sooner, or "
                          "allow more readers",
                          count, timeout_ms);
}

static int take_seat(dbc__seat **out, dbc_pool *pool, dbc_pool_use use,
                     int timeout_ms)
{
    dbc__lane *lane = &pool->lanes[use];
    int64_t deadline_ns = dbc__pool_deadline(timeout_ms);
    int rc;

    pthread_mutex_lock(&pool->mutex);
    if (pool->closing)
        rc = DBC_ECLOSED;
    else if (lane->count == 0)
        rc = DBC_EREADONLY;
    else
        rc = dbc__lane_take(out, lane, &pool->mutex, deadline_ns);
    if (pool->closing) pthread_cond_signal(&pool->quiet);
    pthread_mutex_unlock(&pool->mutex);
    return rc;
}

static void give_seat(dbc_pool *pool, dbc_pool_use use, dbc__seat *seat)
{
    pthread_mutex_lock(&pool->mutex);
    dbc__lane_give(&pool->lanes[use], seat);
    if (pool->closing) pthread_cond_signal(&pool->quiet);
    pthread_mutex_unlock(&pool->mutex);
}

int dbc_pool_acquire(dbc_conn **out, dbc_pool *pool, dbc_pool_use use,
                     int timeout_ms, dbc_error *err)
{
    dbc__seat *seat = NULL;
    int rc;

    assert(use == DBC_POOL_READ || use == DBC_POOL_WRITE);
    *out = NULL;
    if (dbc__pool_is_child(pool)) return refuse_child(pool, err);
    rc = take_seat(&seat, pool, use, timeout_ms);
    if (rc < 0) return refuse(err, rc, use, pool->lanes[use].count, timeout_ms);

    if (seat->conn == NULL) {
        rc = dbc__pool_fill_seat(seat, pool, use, err);
        if (rc < 0) {
            // Whoever waits tries for itself.
            give_seat(pool, use, seat);
            return rc;
        }
    }
    dbc__error_clear(&seat->conn->error);
    dbc__error_clear(err);
    *out = seat->conn;
    return DBC_OK;
}

// ----------------------------------------------------------------- taking back

// Rolls back whatever is open, also what raw SQL began.
static int roll_back(dbc_conn *conn)
{
    dbc_txn outermost = {conn, 0, 1};

    if (conn->depth == 0) return dbc__conn_exec(conn, "ROLLBACK", 8);
    outermost.serial = conn->txn_levels[0].serial;
    return dbc_txn_rollback(&outermost);
}

// Makes a connection fit for the next borrower. `*fit` tells whether it is;
// below zero when the borrower did not leave it as it should.
static int tidy(int *fit, const dbc__seat *seat, dbc_error *err)
{
    dbc_conn *conn = seat->conn;

    *fit = 0;
    if (conn->db == NULL || conn->broken != NULL) return DBC_OK;
    if (conn->live != NULL)
        return dbc__error_set(err, DBC_EINVALID,
                              "the connection was given back while a statement "
                              "of it was still lent, so it was closed: release "
                              "statements first");
    conn->timeout_ms = seat->timeout_ms;
    conn->observe = seat->observe;
    conn->observe_ud = seat->observe_ud;
    dbc_conn_restrict(conn, seat->policy);
    conn->lost = 0;
    *fit = 1;
    if (!dbc__txn_notice(conn)) return DBC_OK;

    *fit = roll_back(conn) == DBC_OK;
    return dbc__error_set(err, DBC_EINVALID,
                          "the connection was given back inside a transaction, "
                          "which was rolled back: commit first");
}

// The seat of `conn`, to be tidied up by the caller alone; NULL when it is not
// lent.
static dbc__seat *begin_return(dbc_pool_use *use, dbc_pool *pool,
                               const dbc_conn *conn)
{
    dbc__seat *seat = NULL;

    pthread_mutex_lock(&pool->mutex);
    for (int i = 0; i < DBC__LANES && seat == NULL; i++) {
        *use = (dbc_pool_use)i;
        seat = dbc__lane_find(&pool->lanes[i], conn);
    }
    if (seat != NULL) seat->state = DBC__SEAT_RETURNING;
    pthread_mutex_unlock(&pool->mutex);
    return seat;
}

int dbc_pool_release(dbc_pool *pool, dbc_conn *conn, dbc_error *err)
{
    dbc_pool_use use = DBC_POOL_READ;
    dbc__seat *seat;
    int fit, rc;

    if (conn == NULL) return DBC_OK;
    if (dbc__pool_is_child(pool)) return refuse_child(pool, err);
    seat = begin_return(&use, pool, conn);
    if (seat == NULL)
        return dbc__error_set(err, DBC_EINVALID,
                              "the connection is not lent by this pool: it was "
                              "given back before, or is of another one");

    dbc__error_clear(err);
    rc = tidy(&fit, seat, err);
    if (!fit) {
        dbc__pool_end_conn(conn);
        pthread_mutex_lock(&pool->mutex);
        seat->conn = NULL;
        pthread_mutex_unlock(&pool->mutex);
    }
    give_seat(pool, use, seat);
    return rc;
}

void dbc_pool_stats(dbc_pool *pool, dbc_pool_use use, dbc_pool_figures *out)
{
    assert(use == DBC_POOL_READ || use == DBC_POOL_WRITE);
    if (dbc__pool_is_child(pool)) {
        *out = (dbc_pool_figures){0};
        return;
    }
    pthread_mutex_lock(&pool->mutex);
    *out = pool->lanes[use].figures;
    pthread_mutex_unlock(&pool->mutex);
}
