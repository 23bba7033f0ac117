// The busy handler waits in growing, jittered steps: two connections that
// collide once do not collide again and again. It ends at the timeout, at the
// deadline of the statement, or when somebody interrupts.
#include "wait.h"

#include <time.h>

#include "guard.h"

enum {
    FIRST_WAIT_US = 250,
    DOUBLINGS = 7,
    LONGEST_WAIT_US = 25000,
    PATIENT_TRIES = 40, // after about 0.7 s …
    HURRIED_WAIT_US = 5000,
    HURRIED_TRIES = 160, // … and after about 1.1 s
    LAST_WAIT_US = 1000,
    PROGRESS_STEPS = 1000, // of the virtual machine between two looks
    GUARDED_STEPS = 100    // a step may make a value of many megabytes
};

static const int64_t NS_PER_MS = 1000000;

int64_t dbc__sqlite_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

// G. Marsaglia's xorshift: only to make waits differ.
static uint64_t next_random(dbc__sqlite *db)
{
    db->jitter ^= db->jitter << 13;
    db->jitter ^= db->jitter >> 7;
    db->jitter ^= db->jitter << 17;
    return db->jitter;
}

// The longest wait before try `count`. SQLite hands its locks to whoever looks
// at the right moment, and one that commits again and again leaves few such
// moments. So whoever has waited long looks more often than those that came
// later: it gets its turn before its time is up.
static int64_t longest_wait_us(int count)
{
    if (count < DOUBLINGS) return (int64_t)FIRST_WAIT_US << count;
    if (count < PATIENT_TRIES) return LONGEST_WAIT_US;
    if (count < HURRIED_TRIES) return HURRIED_WAIT_US;
    return LAST_WAIT_US;
}

// Between half and the whole of it.
static int64_t wait_ns(dbc__sqlite *db, int count)
{
    int64_t us = longest_wait_us(count);

    return us * 500 + (int64_t)(next_random(db) % (uint64_t)(us * 500));
}

static void sleep_ns(int64_t ns)
{
    struct timespec wait = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};

    // A signal ends the sleep early; the next look at the lock is early, too.
    nanosleep(&wait, NULL);
}

int64_t dbc__sqlite_wait_end(const dbc__sqlite *db)
{
    int ms = db->checkpoint_wait_ms >= 0 ? db->checkpoint_wait_ms
                                         : db->busy_timeout_ms;

    return dbc__sqlite_now_ns() + ms * NS_PER_MS;
}

int dbc__sqlite_wait_again(dbc__sqlite *db, int count, int64_t until_ns)
{
    int64_t now = dbc__sqlite_now_ns();

    if (count == 0) db->wait_end = DBC__WAIT_NONE;
    if (atomic_load_explicit(&db->interrupts, memory_order_relaxed) !=
        db->interrupts_seen) {
        db->wait_end = DBC__WAIT_INTERRUPTED;
        return 0;
    }
    if (db->deadline_ns != 0 && now >= db->deadline_ns) {
        db->wait_end = DBC__WAIT_DEADLINE;
        return 0;
    }
    if (now >= until_ns) return 0;

    int64_t ns = wait_ns(db, count);
    if (ns > until_ns - now) ns = until_ns - now;
    if (db->deadline_ns != 0 && ns > db->deadline_ns - now)
        ns = db->deadline_ns - now;
    if (db->checkpoint_wait_ms < 0) db->busy_retries++;
    sleep_ns(ns);
    return 1;
}

static int on_busy(void *ud, int count)
{
    dbc__sqlite *db = ud;

    if (count == 0) db->wait_until_ns = dbc__sqlite_wait_end(db);
    if (dbc__sqlite_wait_again(db, count, db->wait_until_ns)) return 1;
    // A checkpoint that gives up on the writer's lock would go on as a PASSIVE
    // one, which is what it must not be (see checkpoint.c). Interrupted, it
    // copies nothing. SQLite forgets the interrupt when the checkpoint ends,
    // since no statement runs beside it.
    if (db->checkpoint_wait_ms >= 0) sqlite3_interrupt(db->handle);
    return 0;
}

void dbc__sqlite_wait_init(dbc__sqlite *db, int timeout_ms)
{
    sqlite3_randomness(sizeof db->jitter, &db->jitter);
    db->jitter |= 1; // zero would stay zero
    db->busy_timeout_ms = timeout_ms;
    db->checkpoint_wait_ms = -1;
    sqlite3_busy_handler(db->handle, on_busy, db);
}

void dbc__sqlite_interrupt(void *ud)
{
    dbc__sqlite *db = ud;

    atomic_fetch_add_explicit(&db->interrupts, 1, memory_order_relaxed);
    sqlite3_interrupt(db->handle);
}

static int on_progress(void *ud)
{
    dbc__sqlite *db = ud;

    if (db->on_tick != NULL && db->on_tick(db->on_tick_ud) != 0) return 1;
    if (db->order != NULL && dbc__sqlite_guard_is_over(db)) return 1;
    return db->deadline_ns != 0 && dbc__sqlite_now_ns() >= db->deadline_ns;
}

void dbc__sqlite_watch(dbc__sqlite *db)
{
    int wanted =
        db->deadline_ns != 0 || db->on_tick != NULL ? PROGRESS_STEPS : 0;

    if (db->order != NULL) wanted = GUARDED_STEPS;
    if (wanted == db->progress_set) return;
    db->progress_set = wanted;
    sqlite3_progress_handler(db->handle, wanted,
                             wanted != 0 ? on_progress : NULL, db);
}

void dbc__sqlite_set_deadline(void *ud, int64_t deadline_ns)
{
    dbc__sqlite *db = ud;

    db->deadline_ns = deadline_ns;
    dbc__sqlite_watch(db);
}

int dbc__sqlite_on_tick(void *ud, int (*call)(void *ud), void *call_ud,
                        dbc_error *err)
{
    dbc__sqlite *db = ud;

    (void)err;
    db->on_tick = call;
    db->on_tick_ud = call_ud;
    dbc__sqlite_watch(db);
    return DBC_OK;
}

// The newest statement that runs is the one that is at work. Its counter is
// kept up to date while it runs, unlike that of its steps.
int64_t dbc__sqlite_rows_read(void *ud)
{
    dbc__sqlite *db = ud;
    sqlite3_stmt *stmt = sqlite3_next_stmt(db->handle, NULL);

    while (stmt != NULL && !sqlite3_stmt_busy(stmt))
        stmt = sqlite3_next_stmt(db->handle, stmt);
    if (stmt == NULL) return 0;
    return (uint32_t)sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_FULLSCAN_STEP,
                                         0);
}
