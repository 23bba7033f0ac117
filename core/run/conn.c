// Opening, closing and sharing a connection, its error, its figures and its
// observer. SQL texts that are run whole are in text.c, statements in stmt.c
// and stmt_run.c, transactions in txn.c.
#include "conn.h"

#include <assert.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>

#include "alloc.h"
#include "clock.h"
#include "error.h"
#include "stmt.h"
#include "txn.h"

enum {
    BUSY_TIMEOUT_MS = 5000,
    STATEMENT_CACHE = 128,
    MMAP_SIZE = 256 * 1024 * 1024,
    NS_PER_MS = 1000000
};

static int is_child(const dbc_conn *conn)
{
    return dbc__fork_guard_is_child(&conn->fork);
}

// ------------------------------------------------------------------- errors

// Work that was meant for a transaction must not stand alone because the
// engine gave the transaction up.
static int refuse_lost(dbc_conn *conn)
{
    dbc__conn_fail(conn, DBC_ECLOSED,
                   "an error has rolled the transaction back: end it with a "
                   "rollback before anything else");
    conn->error.rolled_back = 1;
    return DBC_ECLOSED;
}

int dbc__conn_check(dbc_conn *conn)
{
    if (conn->db == NULL)
        return dbc__conn_fail(conn, DBC_ECLOSED, "the connection is closed");
    if (conn->broken != NULL)
        return dbc__conn_fail(conn, DBC_EBROKEN,
                              "%s: close the connection and open it again",
                              conn->broken);
    if (conn->lost != 0) return refuse_lost(conn);
    if (is_child(conn))
        return dbc__conn_fail(conn, DBC_EINVALID,
                              "the connection was opened by process %ld, "
                              "before a fork: open another one in the child",
                              conn->fork.pid);
    return DBC_OK;
}

int dbc__conn_fail(dbc_conn *conn, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    dbc__error_setv(&conn->error, code, format, args);
    va_end(args);
    return code;
}

int dbc__conn_failed(dbc_conn *conn, int code)
{
    int was_in_txn = conn->in_txn;
    uint64_t outermost = conn->depth > 0 ? conn->txn_levels[0].serial : 0;
    int is_in_txn = dbc__txn_notice(conn);

    if (!is_in_txn && outermost != 0) conn->lost = outermost;

    conn->error.code = code;
    conn->error.rolled_back = was_in_txn && !is_in_txn && code != DBC_EUNKNOWN;
    return code;
}

int dbc__conn_check_text(dbc_conn *conn, const char *sql, size_t len)
{
    const char *nul = len > 0 ? memchr(sql, '\0', len) : NULL;

    if (nul == NULL) return DBC_OK;
    dbc__conn_fail(conn, DBC_EINVALID,
                   "the SQL text holds a NUL at byte %zu: bind such a value",
                   (size_t)(nul - sql));
    conn->error.offset = nul - sql;
    return DBC_EINVALID;
}

const dbc_error *dbc_conn_error(const dbc_conn *conn)
{
    return &conn->error;
}

// ------------------------------------------------------------------ opening

static dbc_open_options with_defaults(const dbc_open_options *options)
{
    dbc_open_options filled = {0};

    if (options != NULL) filled = *options;
    if (filled.driver == NULL) filled.driver = dbc_driver_sqlite();
    if (filled.busy_timeout_ms == 0) filled.busy_timeout_ms = BUSY_TIMEOUT_MS;
    if (filled.statement_cache == 0) filled.statement_cache = STATEMENT_CACHE;
    if (filled.mmap_size == 0) filled.mmap_size = MMAP_SIZE;
    filled.alloc = dbc__alloc_or_default(filled.alloc);
    return filled;
}

// Room, path and cache of a connection that is not open yet.
static dbc_conn *new_conn(const char *path, const dbc_open_options *options)
{
    const dbc_alloc *alloc = options->alloc;
    size_t path_size = strlen(path) + 1;
    size_t cap = 0;
    dbc_conn *conn = dbc__alloc_zero(alloc, 1, sizeof *conn);

    if (conn == NULL) return NULL;
    conn->alloc = alloc;
    conn->driver = options->driver;
    conn->readonly = (options->flags & DBC_OPEN_READONLY) != 0;
    dbc__error_clear(&conn->error);
    dbc__counted_init(&conn->counted);
    atomic_init(&conn->interruptible, NULL);
    atomic_init(&conn->interrupting, 0);
    atomic_init(&conn->interrupts, 0);
    conn->opener_holds = 1;
    conn->rows_left = conn->rows_kept = INT64_MAX;
    dbc__fork_guard_init(&conn->fork);

    conn->path = dbc__alloc(alloc, path_size);
    if (conn->path == NULL) goto cleanup;
    memcpy(conn->path, path, path_size);
    if (options->statement_cache > 0) cap = (size_t)options->statement_cache;
    if (dbc__stmt_cache_init(&conn->cache, alloc, cap) < 0) goto cleanup;
    return conn;

cleanup:
    dbc__conn_free(conn);
    return NULL;
}

int dbc_open(dbc_conn **out, const char *path, const dbc_open_options *options,
             dbc_error *err)
{
    dbc_open_options filled = with_defaults(options);
    dbc_driver_options reach = {path, &filled, filled.alloc};
    dbc_conn *conn;
    void *db = NULL;
    int rc;

    assert(path != NULL);
    *out = NULL;
    conn = new_conn(path, &filled);
    if (conn == NULL) return dbc__error_nomem(err);

    rc = conn->driver->open(&db, &reach, &conn->error);
    if (rc < 0) {
        if (err != NULL) *err = conn->error;
        dbc__stmt_cache_dispose(&conn->cache, conn->alloc);
        dbc__conn_free(conn);
        return rc;
    }
    conn->db = db;
    atomic_store(&conn->interruptible, db);
    if (filled.schema != NULL) conn->schema = dbc_schema_retain(filled.schema);
    dbc__error_clear(err);
    *out = conn;
    return DBC_OK;
}

// ------------------------------------------------------------------ closing

// The figures that only the driver knows.
static void ask_driver(dbc_stats *stats, const dbc_conn *conn)
{
    const dbc_driver *driver = conn->driver;

    if (driver->prepared != NULL) stats->prepared = driver->prepared(conn->db);
    if (driver->busy_retries != NULL)
        stats->busy_retries = driver->busy_retries(conn->db);
}

// From here on dbc_interrupt() finds nothing; whoever found it before is
// waited for. It takes no longer than one call of the driver.
static void stop_interrupts(dbc_conn *conn)
{
    atomic_store(&conn->interruptible, NULL);
    while (atomic_load(&conn->interrupting) > 0)
        sched_yield();
}

// Gives back all that lives in the driver, the driver's database last.
static void close_db(dbc_conn *conn)
{
    dbc_error ignored = DBC_ERROR_INIT;

    dbc__conn_aim(conn, 0);
    dbc__stmt_detach_all(conn);
    if (conn->driver->in_txn(conn->db))
        conn->driver->exec(conn->db, "ROLLBACK", 8, &ignored);
    ask_driver(&conn->stats, conn);
    if (conn->work_free != NULL) conn->work_free(conn->work);
    dbc__stmt_cache_dispose(&conn->cache, conn->alloc);
    conn->driver->close(conn->db);
}

// In the child of a fork the database is still the parent's: its locks and
// its journal must not be touched, so the driver's part is left where it is.
static void abandon_db(dbc_conn *conn)
{
    dbc__stmt_detach_all(conn);
    if (conn->work_free != NULL) conn->work_free(conn->work);
    dbc__stmt_cache_dispose(&conn->cache, conn->alloc);
}

struct dbc__kept {
    struct dbc__kept *next;
    void *ud;
    void (*end)(void *ud);
};

int dbc_conn_keep(dbc_conn *conn, void *ud, void (*end)(void *ud))
{
    struct dbc__kept *kept;

    if (conn->db == NULL)
        return dbc__conn_fail(conn, DBC_ECLOSED, "the connection is closed");
    kept = dbc__alloc(conn->alloc, sizeof *kept);
    if (kept == NULL) return dbc__error_nomem(&conn->error);
    *kept = (struct dbc__kept){conn->kept, ud, end};
    conn->kept = kept;
    return DBC_OK;
}

void dbc_conn_forget(dbc_conn *conn, void *ud)
{
    struct dbc__kept **at = &conn->kept;

    while (*at != NULL && (*at)->ud != ud)
        at = &(*at)->next;
    if (*at == NULL) return;
    struct dbc__kept *kept = *at;
    *at = kept->next;
    dbc__alloc_free(conn->alloc, kept, sizeof *kept);
}

static void end_kept(dbc_conn *conn)
{
    while (conn->kept != NULL) {
        struct dbc__kept kept = *conn->kept;

        dbc_conn_forget(conn, kept.ud);
        kept.end(kept.ud);
    }
}

void dbc_conn_shut(dbc_conn *conn)
{
    if (conn == NULL || conn->db == NULL) return;

    end_kept(conn);
    stop_interrupts(conn);
    dbc__txn_close_above(conn, 0);
    if (is_child(conn))
        abandon_db(conn);
    else
        close_db(conn);
    conn->db = NULL;
    conn->work = NULL;
    conn->work_free = NULL;
    conn->observe = NULL;
    conn->in_txn = 0;
    conn->lost = 0;
}

void dbc__conn_free(dbc_conn *conn)
{
    const dbc_alloc *alloc = conn->alloc;

    dbc_schema_release(conn->schema);
    dbc_policy_release(conn->policy);
    dbc__fork_guard_dispose(&conn->fork);
    if (conn->path != NULL)
        dbc__alloc_free(alloc, conn->path, strlen(conn->path) + 1);
    dbc__alloc_free(alloc, conn->txn_levels,
                    (size_t)conn->txn_cap * sizeof *conn->txn_levels);
    dbc__alloc_free(alloc, conn, sizeof *conn);
}

void dbc_close(dbc_conn *conn)
{
    if (conn == NULL) return;

    dbc_conn_shut(conn);
    if (!conn->opener_holds) return;
    conn->opener_holds = 0;
    dbc_conn_release(conn);
}

dbc_conn *dbc_conn_retain(dbc_conn *conn)
{
    dbc__counted_retain(&conn->counted);
    return conn;
}

void dbc_conn_release(dbc_conn *conn)
{
    if (conn == NULL || !dbc__counted_release(&conn->counted)) return;

    dbc_conn_shut(conn);
    if (conn->live == NULL)
        dbc__conn_free(conn);
    else
        conn->orphaned = 1;
}

void dbc_interrupt(dbc_conn *conn)
{
    atomic_fetch_add(&conn->interrupting, 1);
    atomic_fetch_add(&conn->interrupts, 1);
    void *db = atomic_load(&conn->interruptible);
    if (db != NULL) conn->driver->interrupt(db);
    atomic_fetch_sub(&conn->interrupting, 1);
}

// ---------------------------------------------------------------- observing

void dbc__conn_report(dbc_conn *conn, const dbc_event *event)
{
    conn->stats.nanoseconds += event->nanoseconds;
    if (conn->observe != NULL) conn->observe(conn->observe_ud, event);
}

void dbc_conn_observe(dbc_conn *conn,
                      void (*observe)(void *ud, const dbc_event *event),
                      void *ud)
{
    // A closed connection has nothing to show, and may outlive `ud`.
    if (conn->db == NULL) return;
    conn->observe = observe;
    conn->observe_ud = ud;
}

void dbc_conn_stats(const dbc_conn *conn, dbc_stats *out)
{
    *out = conn->stats;
    out->transaction_depth = conn->depth;
    if (conn->db != NULL) ask_driver(out, conn);
}

// ---------------------------------------------------------------- small ones

// Under a guard the whole of the work has a deadline, too.
int64_t dbc__conn_deadline(const dbc_conn *conn)
{
    int64_t latest = conn->guard != NULL ? conn->order.budget.deadline_ns : 0;
    int64_t own;

    if (conn->timeout_ms <= 0) return latest;
    own = dbc__clock_ns() + (int64_t)conn->timeout_ms * NS_PER_MS;
    return latest != 0 && latest < own ? latest : own;
}

void dbc_conn_set_timeout(dbc_conn *conn, int timeout_ms)
{
    conn->timeout_ms = timeout_ms > 0 ? timeout_ms : 0;
}

int dbc_conn_timeout(const dbc_conn *conn)
{
    return conn->timeout_ms;
}

int dbc_conn_is_open(const dbc_conn *conn)
{
    return conn->db != NULL;
}

const dbc_schema *dbc_conn_schema(const dbc_conn *conn)
{
    return conn->schema;
}

void dbc_conn_restrict(dbc_conn *conn, const dbc_policy *policy)
{
    const dbc_policy *before = conn->policy;

    conn->policy = policy != NULL ? dbc_policy_retain(policy) : NULL;
    dbc_policy_release(before);
}

const dbc_policy *dbc_conn_policy(const dbc_conn *conn)
{
    return conn->policy;
}

int dbc__conn_check_raw(dbc_conn *conn)
{
    if (conn->policy == NULL || dbc_policy_lets_raw(conn->policy))
        return DBC_OK;
    return dbc__conn_fail(conn, DBC_EDENIED,
                          "a policy holds here, and SQL text cannot be "
                          "filtered: use queries, or a policy that lets it "
                          "through");
}

void dbc_conn_adopt(dbc_conn *conn, const dbc_schema *schema)
{
    const dbc_schema *before = conn->schema;

    conn->schema = schema != NULL ? dbc_schema_retain(schema) : NULL;
    dbc_schema_release(before);
}

const dbc_driver *dbc_conn_driver(const dbc_conn *conn)
{
    return conn->driver;
}

const char *dbc_conn_path(const dbc_conn *conn)
{
    return conn->path;
}

int64_t dbc_conn_changes(const dbc_conn *conn)
{
    return conn->db != NULL ? conn->driver->changes(conn->db) : 0;
}

int64_t dbc_conn_last_rowid(const dbc_conn *conn)
{
    return conn->db != NULL ? conn->driver->last_rowid(conn->db) : 0;
}
