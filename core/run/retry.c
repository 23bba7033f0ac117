// Transactions around a function: commit when it is well, roll back when it is
// not, start again when another connection was in the way. It does what
// transaction() does in Lua, with the same figures.
#include <assert.h>
#include <limits.h>
#include <time.h>

#include "clock.h"
#include "error.h"
#include "name.h"
#include "txn.h"

enum {
    TIMEOUT_MS = 10000,
    FIRST_WAIT_US = 1000,
    LONGEST_WAIT_US = 100000,
    DOUBLINGS = 7 // after which a wait is the longest one
};

// One call of dbc_transaction().
typedef struct retry {
    dbc_conn *conn;
    int (*body)(void *ud, dbc_txn *txn);
    void *ud;
    int64_t deadline_ns; // no wait goes beyond it
    unsigned interrupts; // of the connection when it began
    uint64_t random;
} retry;

// ---------------------------------------------------------------------- waits

// Between half and the whole of a wait that doubles up to a bound, so that two
// who collide once do not collide again and again.
static int64_t choose_wait_ns(retry *self, int tries)
{
    int64_t us =
        tries < DOUBLINGS ? (int64_t)FIRST_WAIT_US << tries : LONGEST_WAIT_US;

    if (us > LONGEST_WAIT_US) us = LONGEST_WAIT_US;
    self->random =
        dbc__hash_mix(self->random, (uint64_t)(uintptr_t)self ^ (uint64_t)us);
    return us * 500 + (int64_t)(self->random % (uint64_t)(us * 500));
}

static int was_interrupted(const retry *self)
{
    return atomic_load(&self->conn->interrupts) != self->interrupts;
}

// Waits before try number `tries` from 1. DBC_OK when it may be made;
// DBC_EBUSY when there is no time left for it, with the connection's error as
// it was; DBC_EINTERRUPTED.
static int wait_for_turn(retry *self, int tries)
{
    int64_t ns = choose_wait_ns(self, tries);
    struct timespec wait = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};

    if (dbc__clock_ns() + ns > self->deadline_ns) return DBC_EBUSY;
    if (!was_interrupted(self)) nanosleep(&wait, NULL);
    if (!was_interrupted(self)) return DBC_OK;
    return dbc__conn_fail(self->conn, DBC_EINTERRUPTED,
                          "the transaction was interrupted while it waited to "
                          "be tried again");
}

// ------------------------------------------------------------------- one try

// Why a transaction that its body ended cannot be committed.
static int refuse_ended(dbc_conn *conn)
{
    dbc_error cause = conn->error;

    if (!cause.rolled_back)
        return dbc__conn_fail(conn, DBC_ECLOSED,
                              "the transaction was ended inside its body: it "
                              "ends by what the body returns");
    dbc__conn_fail(conn, DBC_ECLOSED,
                   "the body returned as if all were well, but an error had "
                   "rolled the transaction back: %s",
                   cause.message);
    conn->error.native = cause.native;
    conn->error.rolled_back = 1;
    return DBC_ECLOSED;
}

// Commits; when only a reader is in the way, the commit alone is tried again.
static int commit(retry *self, dbc_txn *txn)
{
    int tries = 0;
    int rc;

    if (!dbc_txn_is_open(txn)) return refuse_ended(self->conn);
    for (;;) {
        rc = dbc_txn_commit(txn);
        if (rc != DBC_EBUSY || !dbc_txn_is_open(txn)) return rc;
        rc = wait_for_turn(self, ++tries);
        if (rc < 0) return rc;
    }
}

// Rolls back what is left of it. What went wrong first is what the caller has
// to know; that a rollback failed, the connection remembers.
static void undo(dbc_txn *txn)
{
    dbc_conn *conn = txn->conn;
    dbc_error cause = conn->error;

    dbc_txn_rollback(txn);
    conn->error = cause;
}

static int attempt(retry *self, dbc_txn_mode mode)
{
    dbc_conn *conn = self->conn;
    dbc_txn txn;
    int rc, ended;

    rc = dbc_txn_begin(&txn, conn, mode);
    if (rc < 0) return rc;

    dbc__error_clear(&conn->error);
    rc = self->body(self->ud, &txn);
    if (rc < 0 && conn->error.code != rc)
        dbc__conn_fail(conn, rc, "the body of the transaction failed: %s",
                       dbc_status_text(rc));
    ended = rc < 0 ? rc : commit(self, &txn);
    if (ended < 0) undo(&txn);
    return ended < 0 ? ended : rc;
}

// ------------------------------------------------------------------- the door

static int run(retry *self, const dbc_transaction_options *options)
{
    int retries = options->retries;
    int rc;

    if (self->conn->depth > 0) return attempt(self, DBC_TXN_DEFAULT);
    if (retries == 0) retries = INT_MAX;
    for (int tries = 1;; tries++) {
        rc = attempt(self, options->mode);
        if (rc != DBC_EBUSY || tries > retries) return rc;
        rc = wait_for_turn(self, tries);
        if (rc < 0) return rc;
    }
}

int dbc_transaction(dbc_conn *conn, int (*body)(void *ud, dbc_txn *txn),
                    void *ud, const dbc_transaction_options *options)
{
    static const dbc_transaction_options none = {0};
    retry self = {.conn = conn, .body = body, .ud = ud};
    int64_t now = dbc__clock_ns();
    int timeout_ms, rc;

    assert(body != NULL);
    if (options == NULL) options = &none;
    timeout_ms = options->timeout_ms != 0 ? options->timeout_ms : TIMEOUT_MS;
    if (timeout_ms < 0) timeout_ms = 0;
    self.deadline_ns = now + (int64_t)timeout_ms * 1000000;
    self.interrupts = atomic_load(&conn->interrupts);
    self.random = (uint64_t)now;

    // A body that closes the connection must not pull it away from under this.
    dbc_conn_retain(conn);
    rc = run(&self, options);
    dbc_conn_release(conn);
    return rc;
}
