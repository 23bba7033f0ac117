#include "spy.h"

static const dbc_driver *inner;
static dbc_driver outer;
static spy_counts counts;

static int open_db(void **db, const dbc_driver_options *options, dbc_error *err)
{
    counts.open = *options->open;
    return inner->open(db, options, err);
}

static void close_db(void *db)
{
    counts.closes++;
    inner->close(db);
}

static int prepare(void **stmt, dbc_stmt_info *info, void *db, const char *sql,
                   size_t len, unsigned flags, dbc_error *err)
{
    counts.prepares++;
    return inner->prepare(stmt, info, db, sql, len, flags, err);
}

static void finalize(void *stmt)
{
    counts.finalizes++;
    inner->finalize(stmt);
}

static int bind(void *stmt, const dbc_value *values, size_t count,
                dbc_error *err)
{
    counts.binds++;
    return inner->bind(stmt, values, count, err);
}

static int step(void *stmt, dbc_value *row, size_t *column_count,
                dbc_error *err)
{
    counts.steps++;
    return inner->step(stmt, row, column_count, err);
}

static void reset(void *stmt)
{
    counts.resets++;
    inner->reset(stmt);
}

static void set_deadline(void *db, int64_t deadline_ns)
{
    counts.set_deadlines++;
    counts.deadline_ns = deadline_ns;
    inner->set_deadline(db, counts.expire && deadline_ns > 0 ? 1 : deadline_ns);
}

const dbc_driver *spy_on(const dbc_driver *driver)
{
    inner = driver;
    counts = (spy_counts){0};
    outer = *driver;
    outer.open = open_db;
    outer.close = close_db;
    outer.prepare = prepare;
    outer.finalize = finalize;
    outer.bind = bind;
    outer.step = step;
    outer.reset = reset;
    outer.set_deadline = set_deadline;
    return &outer;
}

spy_counts *spy(void)
{
    return &counts;
}
