// Telling a host how far a run is: between steps, and while a statement runs.
#ifndef DBC_MIGRATE_PROGRESS_H
#define DBC_MIGRATE_PROGRESS_H

#include "conn.h"

typedef struct dbc__progress {
    dbc_conn *conn;
    int (*call)(void *ud, const dbc_progress_info *info); // or NULL
    void *ud;
    dbc_progress_info info; // as it was told last
    int64_t told_ns;
    int stopped; // by the host
} dbc__progress;

// `call` may be NULL: then nothing is told.
void dbc__progress_init(dbc__progress *progress, dbc_conn *conn,
                        int (*call)(void *ud, const dbc_progress_info *info),
                        void *ud);

// From now on it is also told a few times a second how many rows the statement
// that runs has read, until it is unwatched. `progress` stays where it is.
int dbc__progress_watch(dbc__progress *progress);
void dbc__progress_unwatch(dbc__progress *progress);

// A step begins. DBC_EINTERRUPTED when the host does not want it.
int dbc__progress_step(dbc__progress *progress, const char *what, size_t step,
                       size_t steps, int64_t rows_total);

// All rows of the step are done.
int dbc__progress_rows_done(dbc__progress *progress);

// The error of a run that the host has stopped. Returns its code.
int dbc__progress_fail(dbc__progress *progress);

#endif
