// Waiting and being stopped: the busy handler, the deadline, interrupts.
#ifndef DBC_SQLITE_WAIT_H
#define DBC_SQLITE_WAIT_H

#include "db.h"

// Installs the busy handler; `timeout_ms` 0: do not wait.
void dbc__sqlite_wait_init(dbc__sqlite *db, int timeout_ms);

// A statement is stepped: an interrupt from now on is meant for it.
static inline void dbc__sqlite_wait_arm(dbc__sqlite *db)
{
    db->interrupts_seen =
        atomic_load_explicit(&db->interrupts, memory_order_relaxed);
}

// Waits a little before try `count` (from 0), not beyond `until_ns`. 0 when it
// is time to give up.
int dbc__sqlite_wait_again(dbc__sqlite *db, int count, int64_t until_ns);

// When a wait that starts now has to end.
int64_t dbc__sqlite_wait_end(const dbc__sqlite *db);

// Looks at deadline and budget while statements run, as often as needed.
void dbc__sqlite_watch(dbc__sqlite *db);

// dbc_driver's functions of these names.
void dbc__sqlite_interrupt(void *db);
void dbc__sqlite_set_deadline(void *db, int64_t deadline_ns);

// dbc_services.on_tick.
int dbc__sqlite_on_tick(void *db, int (*call)(void *ud), void *ud,
                        dbc_error *err);

// dbc_services.rows_read.
int64_t dbc__sqlite_rows_read(void *db);

#endif
