// A step is told when it begins, and when its rows are copied. Between that the
// engine is asked how many rows it has read: that costs a copy nothing.
#include "progress.h"

#include "clock.h"
#include "error.h"
#include "service.h"

static const int64_t TICK_NS = INT64_C(100) * 1000000;

void dbc__progress_init(dbc__progress *progress, dbc_conn *conn,
                        int (*call)(void *ud, const dbc_progress_info *info),
                        void *ud)
{
    *progress = (dbc__progress){.conn = conn, .call = call, .ud = ud};
}

static void tell(dbc__progress *progress)
{
    progress->told_ns = dbc__clock_ns();
    if (progress->call(progress->ud, &progress->info) != 0)
        progress->stopped = 1;
}

// A subquery of the copy may read rows, too: never more than all.
static int64_t rows_so_far(const dbc__progress *progress)
{
    int64_t rows = dbc__rows_read(progress->conn);
    int64_t total = progress->info.rows_total;

    if (rows < progress->info.rows) rows = progress->info.rows;
    return total > 0 && rows > total ? total : rows;
}

static int on_tick(void *ud)
{
    dbc__progress *progress = ud;

    if (progress->stopped || dbc__clock_ns() - progress->told_ns < TICK_NS)
        return progress->stopped;
    progress->info.rows = rows_so_far(progress);
    tell(progress);
    return progress->stopped;
}

int dbc__progress_watch(dbc__progress *progress)
{
    if (!progress->call) return DBC_OK;
    return dbc__on_tick(progress->conn, on_tick, progress);
}

void dbc__progress_unwatch(dbc__progress *progress)
{
    if (progress->call) dbc__on_tick(progress->conn, NULL, NULL);
}

int dbc__progress_step(dbc__progress *progress, const char *what, size_t step,
                       size_t steps, int64_t rows_total)
{
    if (!progress->call) return DBC_OK;
    progress->info = (dbc_progress_info){what, step, steps, 0, rows_total};
    tell(progress);
    return progress->stopped ? dbc__progress_fail(progress) : DBC_OK;
}

int dbc__progress_rows_done(dbc__progress *progress)
{
    if (!progress->call || progress->info.rows_total == 0) return DBC_OK;
    progress->info.rows = progress->info.rows_total;
    tell(progress);
    return progress->stopped ? dbc__progress_fail(progress) : DBC_OK;
}

int dbc__progress_fail(dbc__progress *progress)
{
    return dbc__conn_fail(progress->conn, DBC_EINTERRUPTED,
                          "the migration was stopped, everything is undone");
}
