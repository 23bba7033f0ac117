// A connection: one session of one driver. It owns the statement cache, keeps
// a list of the statements that are lent out, the depth of its transactions,
// its observers and its last error. It sees SQL text and values, never a
// query.
//
// Its memory stays until nobody can reach it: until there is no reference and
// no statement is lent. So lending a statement counts nothing atomically.
#ifndef DBC_RUN_CONN_H
#define DBC_RUN_CONN_H

#include <stdatomic.h>
#include <stdint.h>

#include "counted.h"
#include "dbcore_driver.h"
#include "fork.h"
#include "stmt_cache.h"

struct dbc_conn {
    const dbc_driver *driver;
    void *db;             // the driver's; NULL once closed
    dbc_stmt *live;       // first of those lent out, linked by `next`
    dbc__fork_guard fork; // a fork's child may only close
    const char *broken;   // static: why only close is left, or NULL
    uint64_t lost; // outermost handle whose transaction a failure ended, or 0
    int txn_readonly; // depth of the outermost DBC_TXN_READ, or 0
    int timeout_ms;
    int64_t deadline_ns; // what the driver was told last
    void (*observe)(void *ud, const dbc_event *event);
    void *observe_ud;
    dbc_stats stats;
    dbc__stmt_cache cache;

    int depth;           // of transactions
    int in_txn;          // as last seen: one is open, ours or one of raw SQL
    uint64_t txn_serial; // of the handle made last
    struct dbc__txn_level *txn_levels; // owned; of each depth, from 1
    int txn_cap;                       // room in `txn_levels`

    uint64_t functions; // of the host, made so far

    // What the host lets it own, the last first.
    struct dbc__kept *kept;

    // Work that is not trusted, see untrusted.c.
    const dbc_guard *guard; // borrowed; NULL: all is allowed
    dbc_guard_order order;  // what the driver was told
    uint64_t realm;         // of the guard; 0: none
    uint64_t runs;          // started so far, to tell which are new
    int64_t rows_left;      // of the budget; without a guard no end of them
    int64_t rows_kept;      // the same, while the guard is lifted
    int host_txn;           // one was open already when the budget began
    int64_t guarded_live;   // statements lent that were prepared under a guard

    // The hall's own store beside each connection (plans by shape): made,
    // known and freed by core/work only.
    void *work;
    void (*work_free)(void *work);

    const dbc_alloc *alloc;   // borrowed
    char *path;               // owned
    const dbc_schema *schema; // one reference, or NULL
    const dbc_policy *policy; // one reference: it holds for all; or NULL
    int readonly;
    dbc__counted counted;
    int opener_holds; // the reference of dbc_open() was not given back yet
    int orphaned;     // no reference is left, only lent statements
    // For dbc_interrupt(), from any thread: what it may use, and how many
    // calls are using it. Closing waits for those.
    _Atomic(void *) interruptible;
    atomic_int interrupting;
    atomic_uint interrupts; // calls of dbc_interrupt() so far
    dbc_error error;
};

// DBC_OK when work can be done; else sets the connection's error: DBC_ECLOSED,
// DBC_EBROKEN, or DBC_EINVALID in the child of a fork.
int dbc__conn_check(dbc_conn *conn);

// Stores `code` with a printf message as the last error. Returns `code`.
int dbc__conn_fail(dbc_conn *conn, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// After a failed driver call that filled conn->error: asks the driver whether
// the transaction still stands and sets `rolled_back`. Returns the code.
int dbc__conn_failed(dbc_conn *conn, int code);

// DBC_OK when SQL text of the host's may be run here, else DBC_EDENIED.
int dbc__conn_check_raw(dbc_conn *conn);

// As dbc_exec(), for texts of our own: no policy is asked.
int dbc__conn_exec(dbc_conn *conn, const char *sql, size_t len);

// DBC_OK, or DBC_EINVALID when there is a NUL in the text.
int dbc__conn_check_text(dbc_conn *conn, const char *sql, size_t len);

// The deadline of a statement that starts now; 0: none.
int64_t dbc__conn_deadline(const dbc_conn *conn);

// Frees an orphan whose last lent statement came back.
void dbc__conn_free(dbc_conn *conn);

// Tells the driver until when it may work, if that is news.
static inline void dbc__conn_aim(dbc_conn *conn, int64_t deadline_ns)
{
    if (conn->deadline_ns == deadline_ns) return;

    conn->deadline_ns = deadline_ns;
    conn->driver->set_deadline(conn->db, deadline_ns);
}

// Counts the time of a run and shows it to the observer, if there is one.
void dbc__conn_report(dbc_conn *conn, const dbc_event *event);

#endif
