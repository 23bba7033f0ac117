/**
 * What a connection tells of itself: the statements that ran, the rows and
 * transactions that changed, what will do harm later. Whoever is called must
 * not use the connection.
 */
#ifndef DBCORE_OBSERVE_H
#define DBCORE_OBSERVE_H

#include <stddef.h>
#include <stdint.h>

#include "conn.h"
#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One run of a statement, as an observer sees it. Good during the call. */
typedef struct dbc_event {
    const char *sql;
    size_t len;
    uint64_t shape;      /* equal for runs that differ only by values */
    int64_t nanoseconds; /* inside the engine: binding and all steps */
    int64_t rows;
    int status; /* DBC_DONE, DBC_ROW when it was left early, or an error */
} dbc_event;

/** `observe` is called after every run; NULL ends it. `ud` is handed to it. */
DBC_API void dbc_conn_observe(dbc_conn *conn,
                              void (*observe)(void *ud, const dbc_event *event),
                              void *ud);

/** What happened to a row. */
typedef enum dbc_change_kind {
    DBC_CHANGE_INSERT,
    DBC_CHANGE_UPDATE,
    DBC_CHANGE_DELETE
} dbc_change_kind;

/** One changed row of a table with a rowid. Good during the call. */
typedef struct dbc_change {
    dbc_change_kind kind;
    const char *database; /* "main", "temp" or as it is attached */
    const char *table;
    int64_t rowid;
} dbc_change;

/**
 * `call` is called for each changed row of a table with a rowid, within the
 * statement that changes it. NULL ends it; setting another one replaces it.
 *
 * Returns DBC_OK; DBC_EUNSUPPORTED when the driver has no such hook.
 */
DBC_API int dbc_conn_on_update(dbc_conn *conn,
                               void (*call)(void *ud, const dbc_change *change),
                               void *ud);
/**
 * The same before each commit: what is not 0 turns it into a rollback, and the
 * statement that commits fails with DBC_ECALLBACK.
 */
DBC_API int dbc_conn_on_commit(dbc_conn *conn, int (*call)(void *ud), void *ud);
/** The same after each rollback of a whole transaction. */
DBC_API int dbc_conn_on_rollback(dbc_conn *conn, void (*call)(void *ud),
                                 void *ud);

/** What the engine warns of. */
typedef enum dbc_warning_kind {
    DBC_WARNING_LOG_PINNED,   /* a reader keeps the WAL from being moved */
    DBC_WARNING_SECOND_ENGINE /* two copies of SQLite in one process */
} dbc_warning_kind;

/** What one should know though nothing failed. Good during the call. */
typedef struct dbc_warning {
    dbc_warning_kind kind;
    const char *message;  /* one line, says what and how to mend it */
    int64_t log_pages;    /* of the WAL; LOG_PINNED only */
    int64_t milliseconds; /* for how long; LOG_PINNED only */
} dbc_warning;

/**
 * The same when something is not well, after the statement that showed it; what
 * was found at opening is told at once.
 */
DBC_API int dbc_conn_on_warning(dbc_conn *conn,
                                void (*call)(void *ud,
                                             const dbc_warning *warning),
                                void *ud);

#ifdef __cplusplus
}
#endif

#endif
