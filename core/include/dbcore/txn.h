/**
 * Transactions and savepoints: ended by hand, or around a function, which is
 * called again when another connection was in the way.
 */
#ifndef DBCORE_TXN_H
#define DBCORE_TXN_H

#include <stdint.h>

#include "conn.h"
#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a transaction begins. */
typedef enum dbc_txn_mode {
    DBC_TXN_DEFAULT, /* IMMEDIATE; for a read-only connection READ */
    DBC_TXN_DEFERRED,
    DBC_TXN_IMMEDIATE,
    DBC_TXN_EXCLUSIVE,
    DBC_TXN_READ /* one snapshot; writing is refused */
} dbc_txn_mode;

/**
 * A transaction, or inside one a savepoint. It lives in memory of yours; only
 * the innermost one can be ended, any use of one that is over is
 * DBC_ECLOSED.
 */
typedef struct dbc_txn {
    dbc_conn *conn; /* borrowed */
    uint64_t serial;
    int depth; /* from 1 */
} dbc_txn;

/**
 * Begins one; inside another it is a savepoint, and `mode` matters only so
 * far as DBC_TXN_READ goes on refusing writes: asking for IMMEDIATE or
 * EXCLUSIVE inside of it is DBC_EREADONLY. DBC_EINVALID while a transaction is
 * open that was begun with raw SQL: what is committed inside of that would not
 * be. After a failure `txn` is over.
 */
DBC_API int dbc_txn_begin(dbc_txn *txn, dbc_conn *conn, dbc_txn_mode mode);

/** Whether it can still be committed or rolled back. */
DBC_API int dbc_txn_is_open(const dbc_txn *txn);

/**
 * Commits. A busy commit leaves the transaction open (DBC_EBUSY): commit
 * again or roll back. After DBC_EIO it has been rolled back and the connection
 * is broken, because a second try might be told that all is well by a system
 * that lost the pages: close it, open it again and look what is there. After
 * any other failure ask dbc_txn_is_open().
 */
DBC_API int dbc_txn_commit(dbc_txn *txn);

/**
 * Rolls back, deeper ones included. One that is over already is DBC_OK. The
 * last error of the connection stays as it was, so that the cause can still be
 * read.
 *
 * A failure may have made the engine give up the whole transaction
 * (`rolled_back` in its error). Then everything else on the connection is
 * refused with DBC_ECLOSED until the outermost handle is ended by this: what
 * was meant for the transaction must not stand alone. When that happens while
 * an inner one is rolled back, it is the error of this. A rollback that fails
 * otherwise breaks the connection: only dbc_close() is left.
 */
DBC_API int dbc_txn_rollback(dbc_txn *txn);

/**
 * Rolls back all that is open, whoever began it, as the text ROLLBACK does:
 * for a host that has no handle of it. Returns DBC_OK, or DBC_EINVALID
 * when none is open.
 */
DBC_API int dbc_conn_rollback(dbc_conn *conn);

/** How deep the connection is: 0 outside of any transaction. */
DBC_API int dbc_conn_depth(const dbc_conn *conn);

/** How a transaction is tried. Zero means the default in every field. */
typedef struct dbc_transaction_options {
    dbc_txn_mode mode; /* DBC_TXN_DEFAULT */
    int timeout_ms;    /* no retry later than that; 0: 10 000; below 0: none */
    int retries;       /* at most so many; 0: as time permits; below 0: none */
} dbc_transaction_options;

/**
 * Calls `body` in a transaction: commits when it returns DBC_OK or better,
 * rolls back when it returns below zero, and returns what it returned. The
 * error of the connection is the one that `body` left there. The transaction
 * ends by what `body` returns; one that was ended inside of it is DBC_ECLOSED.
 *
 * When another connection is in the way (DBC_EBUSY, from the beginning, from
 * `body` or from the commit) everything is rolled back and `body` called again
 * after a short, growing wait, so it should change nothing but the database,
 * and pass DBC_EBUSY on. A commit that is busy while the transaction stands is
 * tried again alone. dbc_interrupt() ends the waiting.
 *
 * Inside another transaction it is a savepoint and is tried once: mode, time
 * and retries are those of the outer one. `options` may be NULL.
 */
DBC_API int dbc_transaction(dbc_conn *conn, int (*body)(void *ud, dbc_txn *txn),
                            void *ud, const dbc_transaction_options *options);

#ifdef __cplusplus
}
#endif

#endif
