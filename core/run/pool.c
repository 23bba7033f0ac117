// Opening and closing a pool, and the connections in it. Lending them is in
// pool_lend.c.
#include "pool.h"

#include <assert.h>
#include <string.h>

#include "alloc.h"
#include "clock.h"
#include "conn.h"
#include "error.h"

enum { READERS = 4, READERS_MAX = 1000, NS_PER_MS = 1000000 };

// ------------------------------------------------------------------- options

static int copy_text(const char **out, dbc__arena *arena, const char *text,
                     size_t len)
{
    *out = dbc__arena_copy(arena, text, len);
    return *out != NULL ? DBC_OK : DBC_ENOMEM;
}

static int copy_pragma(dbc_pragma *out, dbc__arena *arena,
                       const dbc_pragma *given)
{
    const dbc_value *value = &given->value;
    int rc = DBC_OK;

    *out = *given;
    if (given->name != NULL)
        rc = copy_text(&out->name, arena, given->name, strlen(given->name));
    if (rc == DBC_OK && value->type == DBC_TEXT && value->len > 0)
        rc = copy_text(&out->value.as.text, arena, value->as.text, value->len);
    return rc;
}

// Whatever is opened later must not depend on memory of the host.
static int copy_options(dbc_pool *pool, const char *path,
                        const dbc_open_options *given)
{
    dbc__arena *arena = &pool->arena;
    dbc_open_options *open = &pool->open;
    dbc_pragma *pragmas = NULL;
    int rc;

    rc = copy_text(&pool->path, arena, path, strlen(path));
    if (rc == DBC_OK && given->vfs != NULL)
        rc = copy_text(&open->vfs, arena, given->vfs, strlen(given->vfs));
    if (rc == DBC_OK && given->pragma_count > 0) {
        pragmas =
            dbc__arena_take_array(arena, given->pragma_count, sizeof *pragmas);
        if (pragmas == NULL) rc = DBC_ENOMEM;
    }
    for (size_t i = 0; rc == DBC_OK && i < given->pragma_count; i++)
        rc = copy_pragma(&pragmas[i], arena, &given->pragmas[i]);
    open->pragmas = pragmas;
    return rc;
}

static int make_lane(dbc__lane *lane, dbc__arena *arena, int count)
{
    if (count == 0) return DBC_OK;
    lane->seats =
        dbc__arena_take_array(arena, (size_t)count, sizeof *lane->seats);
    if (lane->seats == NULL) return DBC_ENOMEM;
    lane->count = count;
    lane->figures.most = count;
    return DBC_OK;
}

static int check_options(const char *path, const dbc_pool_options *options,
                         dbc_error *err)
{
    if (path[0] == '\0' || strcmp(path, ":memory:") == 0)
        return dbc__error_set(err, DBC_EINVALID,
                              "a pool needs a file: in memory each of its "
                              "connections would have a database of its own");
    if (options->readers < 0 || options->readers > READERS_MAX)
        return dbc__error_set(err, DBC_EINVALID,
                              "a pool has from 1 to %d readers, not %d",
                              READERS_MAX, options->readers);
    return DBC_OK;
}

// --------------------------------------------------------------- connections

void dbc__pool_end_conn(dbc_conn *conn)
{
    if (conn == NULL) return;
    dbc_close(conn);
    dbc_conn_release(conn);
}

static int open_conn(dbc_conn **out, const dbc_pool *pool, dbc_pool_use use,
                     dbc_error *err)
{
    dbc_open_options open = pool->open;
    dbc_conn *conn = NULL;
    int rc;

    if (use == DBC_POOL_READ) open.flags |= DBC_OPEN_READONLY;
    rc = dbc_open(&conn, pool->path, &open, err);
    if (rc < 0) return rc;
    // A borrower may close it: then the pool still has something to release.
    dbc_conn_retain(conn);

    if (pool->set_up != NULL) rc = pool->set_up(pool->set_up_ud, conn, use);
    if (rc < 0) {
        if (conn->error.code != rc)
            dbc__conn_fail(conn, rc, "setting up a connection failed: %s",
                           dbc_status_text(rc));
        if (err != NULL) *err = conn->error;
        dbc__pool_end_conn(conn);
        return rc;
    }
    *out = conn;
    return DBC_OK;
}

int dbc__pool_fill_seat(dbc__seat *seat, dbc_pool *pool, dbc_pool_use use,
                        dbc_error *err)
{
    dbc_conn *conn = NULL;
    int rc = open_conn(&conn, pool, use, err);

    if (rc < 0) return rc;
    pthread_mutex_lock(&pool->mutex);
    seat->conn = conn;
    seat->timeout_ms = conn->timeout_ms;
    seat->observe = conn->observe;
    seat->observe_ud = conn->observe_ud;
    dbc_policy_release(seat->policy);
    seat->policy =
        conn->policy != NULL ? dbc_policy_retain(conn->policy) : NULL;
    pool->lanes[use].figures.opened++;
    pthread_mutex_unlock(&pool->mutex);
    return DBC_OK;
}

int64_t dbc__pool_deadline(int timeout_ms)
{
    if (timeout_ms <= 0) return timeout_ms;
    return dbc__clock_ns() + (int64_t)timeout_ms * NS_PER_MS;
}

// -------------------------------------------------------------------- opening

static void free_pool(dbc_pool *pool)
{
    const dbc_alloc *alloc = pool->alloc;

    // The writer last: it may tidy up the log, which readers cannot.
    for (int use = 0; use < DBC__LANES; use++)
        for (int i = 0; i < pool->lanes[use].count; i++) {
            dbc__pool_end_conn(pool->lanes[use].seats[i].conn);
            dbc_policy_release(pool->lanes[use].seats[i].policy);
        }
    dbc_schema_release(pool->open.schema);
    dbc__fork_guard_dispose(&pool->fork);
    dbc__arena_dispose(&pool->arena);
    dbc__alloc_free(alloc, pool, sizeof *pool);
}

static int make_locks(dbc_pool *pool)
{
    if (pthread_mutex_init(&pool->mutex, NULL) != 0) return DBC_ENOMEM;
    if (dbc__lane_init_condition(&pool->quiet) == DBC_OK) return DBC_OK;
    pthread_mutex_destroy(&pool->mutex);
    return DBC_ENOMEM;
}

static void free_locks(dbc_pool *pool)
{
    pthread_cond_destroy(&pool->quiet);
    pthread_mutex_destroy(&pool->mutex);
}

// A pool without locks and connections. NULL when memory is out.
static dbc_pool *new_pool(const char *path, const dbc_pool_options *options)
{
    const dbc_alloc *alloc = dbc__alloc_or_default(options->open.alloc);
    int writers = (options->open.flags & DBC_OPEN_READONLY) == 0;
    int readers = options->readers > 0 ? options->readers : READERS;
    dbc_pool *pool = dbc__alloc_zero(alloc, 1, sizeof *pool);

    if (pool == NULL) return NULL;
    pool->alloc = alloc;
    dbc__arena_init(&pool->arena, alloc);
    dbc__fork_guard_init(&pool->fork);
    pool->open = options->open;
    if (pool->open.schema != NULL) dbc_schema_retain(pool->open.schema);
    pool->set_up = options->set_up;
    pool->set_up_ud = options->set_up_ud;
    if (copy_options(pool, path, &options->open) == DBC_OK &&
        make_lane(&pool->lanes[DBC_POOL_READ], &pool->arena, readers) ==
            DBC_OK &&
        make_lane(&pool->lanes[DBC_POOL_WRITE], &pool->arena, writers) ==
            DBC_OK)
        return pool;
    free_pool(pool);
    return NULL;
}

int dbc_pool_open(dbc_pool **out, const char *path,
                  const dbc_pool_options *options, dbc_error *err)
{
    static const dbc_pool_options none = {0};
    dbc_pool_use first = DBC_POOL_WRITE;
    dbc_pool *pool;
    int rc;

    assert(path != NULL);
    *out = NULL;
    if (options == NULL) options = &none;
    rc = check_options(path, options, err);
    if (rc < 0) return rc;
    pool = new_pool(path, options);
    if (pool == NULL) return dbc__error_nomem(err);
    if (make_locks(pool) < 0) {
        free_pool(pool);
        return dbc__error_nomem(err);
    }

    // The first is opened now: it makes the file, and it tells what is wrong.
    if (pool->lanes[first].count == 0) first = DBC_POOL_READ;
    rc = dbc__pool_fill_seat(&pool->lanes[first].seats[0], pool, first, err);
    if (rc < 0) {
        free_locks(pool);
        free_pool(pool);
        return rc;
    }
    dbc__error_clear(err);
    *out = pool;
    return DBC_OK;
}

// -------------------------------------------------------------------- closing

static int count_lent(const dbc_pool *pool)
{
    return pool->lanes[DBC_POOL_READ].figures.lent +
           pool->lanes[DBC_POOL_WRITE].figures.lent;
}

static int count_waiting(const dbc_pool *pool)
{
    return pool->lanes[DBC_POOL_READ].figures.waiting +
           pool->lanes[DBC_POOL_WRITE].figures.waiting;
}

// Sends away who waits, waits for what is lent. Returns how many still are.
static int drain(dbc_pool *pool, int64_t deadline_ns)
{
    int lent;

    pthread_mutex_lock(&pool->mutex);
    pool->closing = 1;
    for (int use = 0; use < DBC__LANES; use++)
        dbc__lane_clear(&pool->lanes[use]);
    while (count_waiting(pool) > 0)
        dbc__lane_wait(&pool->quiet, &pool->mutex, -1);
    while (count_lent(pool) > 0 && deadline_ns != 0 &&
           dbc__lane_wait(&pool->quiet, &pool->mutex, deadline_ns))
        continue;
    lent = count_lent(pool);
    pthread_mutex_unlock(&pool->mutex);
    return lent;
}

int dbc_pool_close(dbc_pool *pool, int timeout_ms, dbc_error *err)
{
    int lent;

    dbc__error_clear(err);
    if (pool == NULL) return DBC_OK;
    // The mutex may be held by a thread that the child does not have.
    if (dbc__pool_is_child(pool)) {
        free_pool(pool);
        return DBC_OK;
    }
    lent = drain(pool, dbc__pool_deadline(timeout_ms));
    if (lent > 0)
        return dbc__error_set(err, DBC_EBUSY,
                              "%d connection%s of the pool %s still lent: "
                              "release and close again",
                              lent, lent == 1 ? "" : "s",
                              lent == 1 ? "is" : "are");
    free_locks(pool);
    free_pool(pool);
    return DBC_OK;
}
