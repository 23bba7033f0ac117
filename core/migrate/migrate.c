// Doing what is due. Each step is decided after its transaction has the lock,
// so whoever waited sees what the others have done. Foreign keys are switched
// off before, since inside a transaction that is ignored.
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "buf.h"
#include "clock.h"
#include "drift.h"
#include "error.h"
#include "number.h"
#include "step.h"
#include "trust.h"

enum {
    LOCK_TIMEOUT_MS = 10000,
    NS_PER_MS = 1000000,
    BACKUP_TRIES = 5 // while others go on writing
};

typedef struct runner {
    dbc__runner own; // first: what a step knows
    dbc_goal goal;   // its count goes down
    dbc_migrate_result result;
    int64_t deadline_ns; // of waiting for the lock
    int claimed;
    int checked; // for drift
    int restore_keys, restore_trust;
} runner;

static dbc_conn *conn_of(const runner *r)
{
    return r->own.conn;
}

static unsigned flags_of(const runner *r)
{
    return r->own.options->flags;
}

// ------------------------------------------------------------------- settings

static const char KEYS[] = "PRAGMA foreign_keys";

static int switch_keys(dbc_conn *conn, int on)
{
    static const char set_on[] = "PRAGMA foreign_keys = ON";
    static const char set_off[] = "PRAGMA foreign_keys = OFF";
    int64_t is_on = !on;
    int rc = on ? dbc_exec(conn, set_on, sizeof set_on - 1)
                : dbc_exec(conn, set_off, sizeof set_off - 1);

    if (rc >= 0) rc = dbc__number_ask(&is_on, conn, KEYS);
    if (rc >= 0 && is_on != on)
        return dbc__conn_fail(conn, DBC_EINVALID,
                              "foreign keys cannot be switched while a "
                              "transaction is open: end it first");
    return rc;
}

static int prepare_keys(runner *r)
{
    int64_t is_on = 0;
    int rc = dbc__number_ask(&is_on, conn_of(r), KEYS);

    if (rc < 0 || !is_on) return rc;
    if (r->own.within) {
        r->own.keys_enforced = 1;
        return DBC_OK;
    }
    // Also when reading them back fails, they may be off.
    r->restore_keys = 1;
    return switch_keys(conn_of(r), 0);
}

// ------------------------------------------------------------------- the lock

// Who is known to hold it, behind the message.
static int blame_holder(runner *r)
{
    dbc_conn *conn = conn_of(r);
    dbc__ledger ledger = {0};
    dbc__arena arena;
    dbc__quoted host;

    dbc__arena_init(&arena, conn->alloc);
    if (dbc__ledger_read(&ledger, &arena, conn) < 0 ||
        ledger.claim.host == NULL) {
        dbc__conn_fail(conn, DBC_EBUSY,
                       "another connection is writing to the database and did "
                       "not finish in time: try again later");
    } else {
        int64_t since = (int64_t)time(NULL) - ledger.claim.applied_at;

        dbc__quote(&host, ledger.claim.host, strlen(ledger.claim.host));
        dbc__conn_fail(conn, DBC_EBUSY,
                       "process %lld on %s has been migrating the database for "
                       "%lld s, from %s_%s on: try again later",
                       (long long)ledger.claim.pid, host.text,
                       (long long)(since > 0 ? since : 0), ledger.claim.version,
                       ledger.claim.name);
    }
    dbc__arena_dispose(&arena);
    return DBC_EBUSY;
}

// BEGIN IMMEDIATE until the deadline, however long the connection itself would
// wait.
static int begin(runner *r, dbc_txn *txn)
{
    dbc_conn *conn = conn_of(r);
    int timeout_ms = conn->timeout_ms;
    int rc;

    if (r->own.within) return dbc_txn_begin(txn, conn, DBC_TXN_DEFAULT);
    do {
        int64_t left_ms = (r->deadline_ns - dbc__clock_ns()) / NS_PER_MS;

        conn->timeout_ms = left_ms > 1 ? (int)left_ms : 1;
        rc = dbc_txn_begin(txn, conn, DBC_TXN_IMMEDIATE);
    } while (rc == DBC_EBUSY && dbc__clock_ns() < r->deadline_ns);
    conn->timeout_ms = timeout_ms;
    if (rc == DBC_EBUSY || rc == DBC_ETIMEOUT) return blame_holder(r);
    return rc;
}

// Rolls back and keeps the error that made it necessary.
static void undo(runner *r, dbc_txn *txn)
{
    dbc_conn *conn = conn_of(r);
    dbc_error cause = conn->error;

    if (dbc_txn_rollback(txn) >= 0) conn->error = cause;
}

// --------------------------------------------------------------------- claims

// Says in the file who is at work, for those that wait in vain.
static int claim(runner *r, const dbc_history_entry *entry)
{
    dbc_conn *conn = conn_of(r);
    dbc_txn txn;
    int rc;

    if (r->own.within || r->claimed) return DBC_OK;
    rc = begin(r, &txn);
    if (rc < 0) return rc;
    rc = dbc__ledger_create(conn);
    if (rc >= 0) rc = dbc__ledger_claim(conn, entry->version, entry->name);
    if (rc >= 0) rc = dbc_txn_commit(&txn);
    if (rc < 0) {
        undo(r, &txn);
        return rc;
    }
    r->claimed = 1;
    return DBC_OK;
}

// Takes it back after a failure. What cannot be taken back now is found stale
// by whoever comes next.
static void unclaim(runner *r)
{
    dbc_conn *conn = conn_of(r);
    dbc_error cause = conn->error;
    dbc_txn txn;

    if (!r->claimed) return;
    r->claimed = 0;
    r->deadline_ns = dbc__clock_ns() + (int64_t)1000 * NS_PER_MS;
    if (begin(r, &txn) >= 0) {
        if (dbc__ledger_release(conn, 1) < 0 || dbc_txn_commit(&txn) < 0)
            dbc_txn_rollback(&txn);
    }
    conn->error = cause;
}

// ---------------------------------------------------------------------- drift

static int check_drift(runner *r, const dbc_history *history)
{
    dbc_conn *conn = conn_of(r);
    dbc_catalog *now = NULL;
    int same, rc;

    if (r->checked || (flags_of(r) & DBC_MIGRATE_NO_DRIFT_CHECK) ||
        history->fingerprint == NULL)
        return DBC_OK;
    rc = dbc_catalog_read(&now, conn);
    if (rc < 0) return rc;
    same = strcmp(dbc_catalog_fingerprint(now), history->fingerprint) == 0;
    dbc_catalog_free(now);
    if (!same) rc = dbc__drift_judge(conn, history, &r->own.options->ignore);
    if (rc >= 0) r->checked = 1;
    return rc;
}

// -------------------------------------------------------------------- backups

static int wants_backup(const runner *r, const dbc__known *known,
                        dbc_direction direction)
{
    if (r->own.options->backup == NULL || r->own.within || r->result.backed_up)
        return 0;
    if (flags_of(r) & DBC_MIGRATE_ALWAYS_BACKUP) return 1;
    return direction == DBC_UP ? known->loses_up : known->loses_down;
}

// Anew as long as others write meanwhile: what a backup lacks is lost when it
// is restored.
static int back_up(runner *r)
{
    static const char version[] = "PRAGMA data_version";
    dbc_conn *conn = conn_of(r);
    int64_t before = 0, after = 0;
    int rc = DBC_OK;

    for (int i = 0; i < BACKUP_TRIES; i++) {
        rc = dbc__number_ask(&before, conn, version);
        if (rc >= 0) rc = dbc_backup(conn, r->own.options->backup, NULL, NULL);
        if (rc >= 0) rc = dbc__number_ask(&after, conn, version);
        if (rc < 0 || before == after) break;
    }
    if (rc >= 0) r->result.backed_up = 1;
    return rc;
}

// ---------------------------------------------------------------------- steps

// What is to be done after looking, with the transaction still open.
typedef struct due {
    dbc_history *history; // owned
    size_t entry;
    dbc_direction direction;
    const dbc__known *known; // NULL: nothing is due
} due;

static int look(due *out, runner *r)
{
    dbc_conn *conn = conn_of(r);
    int rc;

    *out = (due){0};
    rc = dbc_history_read(&out->history, r->own.migrator, conn);
    if (rc < 0) return rc;
    rc = dbc__history_due(&out->entry, out->history, &r->goal, flags_of(r),
                          &out->direction, &conn->error);
    if (rc <= 0) return rc;
    out->known = out->history->details[out->entry].known;
    return DBC_OK;
}

static void count_step(runner *r, const due *what, int64_t duration_ms)
{
    const dbc_migrate_options *options = r->own.options;
    const dbc_migration_done done = {what->known->version, what->known->name,
                                     what->direction, duration_ms};

    if (what->direction == DBC_UP) r->result.applied++;
    if (what->direction == DBC_DOWN) r->result.reverted++;
    if (options->done != NULL) options->done(options->ud, &done);
}

static int do_step(runner *r, const due *what, int64_t *duration_ms)
{
    int rc = check_drift(r, what->history);

    if (rc >= 0) rc = dbc__ledger_create(conn_of(r));
    if (rc >= 0 && what->direction == DBC_DOWN && r->goal.count > 0)
        r->goal.count--;
    return rc < 0 ? rc
                  : dbc__step_run(&r->own, what->known, what->direction,
                                  duration_ms);
}

// The claim goes with the last step, in its transaction.
static int release_if_last(runner *r)
{
    due next;
    int rc;

    if (!r->claimed) return DBC_OK;
    rc = look(&next, r);
    // What refuses the next step is told when it is its turn.
    if (next.history == NULL) return rc;
    dbc_history_free(next.history);
    if (rc < 0 || next.known != NULL) return DBC_OK;
    rc = dbc__ledger_release(conn_of(r), 0);
    if (rc >= 0) r->claimed = 0;
    return rc;
}

// A commit that finds a reader in its way is tried again.
static int commit(runner *r, dbc_txn *txn)
{
    int rc;

    do {
        rc = dbc_txn_commit(txn);
    } while (rc == DBC_EBUSY && dbc_txn_is_open(txn) &&
             dbc__clock_ns() < r->deadline_ns);
    return rc;
}

enum { STEP_DONE = 1, STEP_NONE = 0, STEP_BACKUP = 2 };

// One step in a transaction of its own, or why there is none.
static int take_step(runner *r)
{
    int claimed = r->claimed;
    int64_t duration_ms = 0;
    size_t count = r->goal.count;
    due what = {0};
    dbc_txn txn;
    int rc = begin(r, &txn);

    if (rc < 0) return rc;
    rc = look(&what, r);
    if (rc < 0) goto cleanup;
    if (what.known == NULL || wants_backup(r, what.known, what.direction)) {
        undo(r, &txn);
        rc = what.known == NULL ? STEP_NONE : STEP_BACKUP;
        goto done;
    }
    rc = do_step(r, &what, &duration_ms);
    if (rc >= 0) rc = release_if_last(r);
    if (rc >= 0) rc = commit(r, &txn);
    if (rc < 0) goto cleanup;
    count_step(r, &what, duration_ms);
    rc = STEP_DONE;

cleanup:
    if (rc < 0) {
        undo(r, &txn);
        r->claimed = claimed;
        r->goal.count = count;
    }
done:
    dbc_history_free(what.history);
    return rc;
}

static int run_each(runner *r)
{
    int rc;

    do {
        rc = take_step(r);
        if (rc == STEP_BACKUP) {
            rc = back_up(r);
            if (rc >= 0) rc = STEP_DONE;
        }
    } while (rc == STEP_DONE);
    return rc;
}

// All steps in the transaction that is open; what is told is told afterwards.
static int run_inside(runner *r)
{
    int64_t duration_ms = 0;
    due what;
    int rc;

    do {
        rc = look(&what, r);
        if (rc >= 0 && what.known != NULL) {
            rc = do_step(r, &what, &duration_ms);
            if (rc >= 0) count_step(r, &what, duration_ms);
            if (rc >= 0) rc = STEP_DONE;
        }
        dbc_history_free(what.history);
    } while (rc == STEP_DONE);
    return rc;
}

// Whether one of the steps that are due is worth a backup; asked before.
static int whole_wants_backup(const runner *r, const dbc_history *history)
{
    for (size_t i = 0; i < history->count; i++) {
        const dbc__known *known = history->details[i].known;

        if (known == NULL) continue;
        if (wants_backup(r, known, DBC_UP) || wants_backup(r, known, DBC_DOWN))
            return 1;
    }
    return 0;
}

static int run_whole(runner *r, const dbc_history *history)
{
    dbc_migrate_result before;
    dbc_txn txn;
    int rc = DBC_OK;

    if (whole_wants_backup(r, history)) rc = back_up(r);
    if (rc < 0) return rc;
    before = r->result;
    rc = begin(r, &txn);
    if (rc < 0) return rc;
    rc = run_inside(r);
    if (rc >= 0 && r->claimed) rc = dbc__ledger_release(conn_of(r), 0);
    if (rc >= 0) rc = commit(r, &txn);
    if (rc < 0) {
        undo(r, &txn);
        r->result = before;
        return rc;
    }
    r->claimed = 0;
    return DBC_OK;
}

// ------------------------------------------------------------------------ all

static int run_due(runner *r, const due *first)
{
    int rc = claim(r, &first->history->entries[first->entry]);

    if (rc >= 0) rc = prepare_keys(r);
    if (rc >= 0) rc = dbc__trust_give(conn_of(r), r->own.migrator);
    if (rc > 0) r->restore_trust = 1;
    if (rc >= 0) rc = dbc__orphans_note(&r->own.orphans, conn_of(r));
    if (rc < 0) return rc;
    if (flags_of(r) & DBC_MIGRATE_WHOLE) return run_whole(r, first->history);
    return run_each(r);
}

// Whatever happened, the connection is as it was. One that does not enforce
// foreign keys any more, though it was opened to do so, must not be used.
static int restore(runner *r, int rc)
{
    dbc_conn *conn = conn_of(r);
    dbc_error cause = conn->error;

    unclaim(r);
    dbc__orphans_dispose(&r->own.orphans, conn);
    if (r->restore_trust && dbc__trust_take(conn) < 0) {
        if (rc >= 0) return conn->error.code;
        conn->error = cause;
    }
    if (!r->restore_keys) return rc;
    int keys = switch_keys(conn, 1);
    if (keys < 0)
        keys = switch_keys(conn, 1); // what was in the way may be gone
    if (keys < 0) {
        conn->broken = "foreign keys could not be switched on again";
        if (rc >= 0) return dbc__conn_check(conn);
    }
    if (rc < 0) conn->error = cause;
    return rc;
}

int dbc_migrate(dbc_migrate_result *out, const dbc_migrator *migrator,
                dbc_conn *conn, const dbc_goal *goal,
                const dbc_migrate_options *options)
{
    static const dbc_migrate_options defaults = {0};
    runner r = {.own = {.conn = conn, .migrator = migrator}, .goal = *goal};
    int timeout_ms;
    due first = {0};
    int rc;

    if (out != NULL) *out = r.result;
    rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    r.own.options = options != NULL ? options : &defaults;
    r.own.within = dbc_conn_depth(conn) > 0;
    timeout_ms = r.own.options->lock_timeout_ms;
    if (timeout_ms == 0) timeout_ms = LOCK_TIMEOUT_MS;
    if (timeout_ms < 0) timeout_ms = 0;
    r.deadline_ns = dbc__clock_ns() + (int64_t)timeout_ms * NS_PER_MS;

    rc = look(&first, &r);
    if (rc >= 0 && first.known != NULL) rc = restore(&r, run_due(&r, &first));
    dbc_history_free(first.history);
    if (out != NULL) *out = r.result;
    return rc < 0 ? rc : DBC_OK;
}
