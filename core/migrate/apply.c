// Carrying a plan out. Settings are read, changed and, whatever happens, put
// back; everything else happens in one transaction that is committed only
// when the database is what the plan promised.
#include "apply.h"

#include <string.h>

#include "children.h"
#include "error.h"
#include "number.h"
#include "progress.h"
#include "service.h"
#include "setting.h"
#include "sound.h"
#include "txn.h"

typedef struct applying {
    dbc_plan *plan;
    dbc_conn *conn;
    const dbc_apply_options *options; // never NULL
    dbc__apply_keys keys;
    int is_inside; // of a transaction of the caller
    dbc__settings settings;
    dbc__progress progress;
    dbc__arena arena;
    dbc__list broken; // views and triggers that did not work before
} applying;

// ------------------------------------------------------------------ refusals

// Whether what stands in the way may be mended by what comes behind the plan.
static int may_be_mended(const applying *a, const dbc_finding *finding)
{
    return a->keys != DBC__APPLY_CHECKS_KEYS &&
           (strcmp(finding->code, "S1") == 0 ||
            strcmp(finding->code, "S2") == 0);
}

static int refuse_findings(const applying *a)
{
    const dbc_finding *items = a->plan->findings.items;
    dbc_error *err = &a->conn->error;

    for (size_t i = 0; i < a->plan->findings.count; i++) {
        if (items[i].level != DBC_REFUSAL || may_be_mended(a, &items[i]))
            continue;
        dbc__error_set(err, DBC_EREFUSED, "%s%s%s", items[i].message,
                       *items[i].fix ? ": " : "", items[i].fix);
        dbc__error_field(err->table, sizeof err->table, items[i].table,
                         strlen(items[i].table));
        if (*items[i].column)
            dbc_error_add_column(err, items[i].column, strlen(items[i].column));
        return DBC_EREFUSED;
    }
    return DBC_OK;
}

static int is_touched(const dbc_plan *plan, const char *name)
{
    const char *const *items = plan->touched.items;

    for (size_t i = 0; i < plan->touched.count; i++)
        if (dbc__same_name(items[i], name)) return 1;
    return 0;
}

// TEMP objects live on the connection: they would be lost, or hide a table.
static int refuse_temporary(const applying *a)
{
    static const char sql[] = "SELECT type, name, tbl_name FROM "
                              "temp.sqlite_master ORDER BY rowid";
    dbc_conn *conn = a->conn;
    dbc_stmt *stmt = NULL;
    dbc__quoted name;

    int rc = dbc_stmt_acquire(&stmt, conn, sql, sizeof sql - 1);
    while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        const dbc_value *row = dbc_stmt_row(stmt);
        int is_trigger = strcmp(row[0].as.text, "trigger") == 0;
        int is_view = strcmp(row[0].as.text, "view") == 0;
        int hit = is_touched(a->plan, row[2].as.text);
        if (!hit && !(a->plan->renames && (is_trigger || is_view))) continue;
        dbc__quote(&name, row[1].as.text, row[1].len);
        rc = dbc__conn_fail(conn, DBC_EREFUSED,
                            "the TEMP %s %s of this connection would be lost "
                            "or be in the way: drop it before, or migrate on "
                            "another connection",
                            row[0].as.text, name.text);
    }
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

static int refuse_inside(const applying *a)
{
    if (!a->is_inside || !a->plan->needs_no_keys ||
        a->settings.before[DBC__SETTING_FOREIGN_KEYS] == 0)
        return DBC_OK;
    return dbc__conn_fail(a->conn, DBC_EREFUSED,
                          "a table has to be copied or dropped, which must "
                          "not happen inside a transaction with foreign keys "
                          "on: end the transaction first");
}

// -------------------------------------------------------------------- steps

// What an expression makes of the rows is theirs, too: an overflow, a text
// that is no JSON, an error of a function of the host.
static int is_about_rows(int code)
{
    return (code <= DBC_EUNIQUE && code >= DBC_ECONSTRAINT) ||
           code == DBC_EDATABASE || code == DBC_ECALLBACK ||
           code == DBC_ELIMIT || code == DBC_ESCHEMA || code == DBC_EINVALID;
}

// What rows do not allow is refused: nothing is changed, an answer is needed.
static int step_failed(applying *a, const dbc_step *step, int rc)
{
    dbc_error *err = &a->conn->error;
    dbc_error cause = *err;

    if (a->progress.stopped) return dbc__progress_fail(&a->progress);
    // A function may have gone since this was planned.
    dbc__lack lack = dbc__lack_of(cause.message);
    if (lack.kind != DBC__LACK_NOTHING) {
        dbc__lack_words words = dbc__lack_say(&lack);
        dbc__error_set(err, DBC_EREFUSED, "%s: %s: %s", step->reason,
                       words.what, words.fix);
        return DBC_EREFUSED;
    }
    if (!is_about_rows(rc)) return rc;
    dbc__error_set(err, DBC_EREFUSED, "%s: %s", step->reason, cause.message);
    memcpy(err->table, cause.table, sizeof err->table);
    memcpy(err->columns, cause.columns, sizeof err->columns);
    memcpy(err->constraint, cause.constraint, sizeof err->constraint);
    err->native = cause.native;
    err->rolled_back = cause.rolled_back;
    return DBC_EREFUSED;
}

static int run_step(applying *a, const dbc__step *step, size_t i)
{
    int64_t before = 0, after = 0, total = 0;
    int rc = DBC_OK;

    if (step->counted)
        rc = dbc__number_of_rows(&before, a->conn, step->counted);
    total = before;
    if (rc >= 0 && step->read && a->progress.call)
        rc = dbc__number_of_rows(&total, a->conn, step->read);
    if (rc >= 0)
        rc = dbc__progress_step(&a->progress, step->own.reason, i + 1,
                                a->plan->steps.count, total);
    if (rc >= 0) rc = dbc_exec(a->conn, step->own.sql, strlen(step->own.sql));
    if (rc >= 0 && step->counted)
        rc = dbc__number_of_rows(&after, a->conn, step->as);
    if (rc < 0) return step_failed(a, &step->own, rc);
    if (before == after) return dbc__progress_rows_done(&a->progress);
    return dbc__conn_fail(a->conn, DBC_EREFUSED,
                          "copying \"%.100s\" would make %lld rows of %lld",
                          step->as, (long long)after, (long long)before);
}

static int run_steps(applying *a)
{
    const dbc__step *steps = a->plan->steps.items;
    int rc = DBC_OK;

    for (size_t i = 0; i < a->plan->steps.count && rc >= 0; i++)
        rc = run_step(a, &steps[i], i);
    return rc;
}

static int verify(applying *a)
{
    dbc_catalog *now = NULL;
    dbc__list broken = {0};
    const dbc__broken *worse;
    int rc = dbc__catalog_read(&now, a->conn, NULL);

    if (rc >= 0 && strcmp(now->fingerprint, a->plan->target) != 0)
        rc = dbc__conn_fail(a->conn, DBC_EREFUSED,
                            "the database would not be what was planned: "
                            "nothing was changed");
    if (rc >= 0) rc = dbc__sound_find(&broken, &a->arena, a->conn, NULL, now);
    if (rc >= 0 && (worse = dbc__sound_new(&broken, &a->broken)) != NULL)
        rc = dbc__conn_fail(
            a->conn, DBC_EREFUSED, "%s \"%.100s\" would no longer work: %s",
            worse->event                        ? "a trigger of"
            : worse->kind == DBC_OBJECT_TABLE   ? "the table"
            : worse->kind == DBC_OBJECT_VIRTUAL ? "the full-text index"
                                                : "the view",
            worse->name, worse->why);
    dbc_catalog_free(now);
    return rc;
}

// The lock is held: from here on nobody else changes anything.
static int look_before(applying *a)
{
    dbc_catalog *now = NULL;
    int rc = dbc__catalog_read(&now, a->conn, NULL);

    if (rc >= 0 && strcmp(now->fingerprint, a->plan->basis) != 0)
        rc = dbc__conn_fail(a->conn, DBC_EDRIFT,
                            "the database has changed since this was planned: "
                            "plan again");
    if (rc >= 0)
        rc = dbc__sound_find(&a->broken, &a->arena, a->conn, NULL, now);
    if (rc >= 0 && a->keys != DBC__APPLY_LEAVES_KEYS)
        rc = dbc__children_count(a->plan, a->conn);
    dbc_catalog_free(now);
    return rc;
}

static int run_transaction(applying *a)
{
    dbc_txn txn;
    int rc = dbc_txn_begin(&txn, a->conn, DBC_TXN_IMMEDIATE);

    if (rc < 0) return rc;
    rc = look_before(a);
    if (rc >= 0) rc = run_steps(a);
    if (rc >= 0 && a->keys != DBC__APPLY_LEAVES_KEYS)
        rc = dbc__children_check(a->plan, a->conn);
    if (rc >= 0) rc = verify(a);
    if (rc >= 0) rc = dbc_txn_commit(&txn);
    if (rc < 0) {
        dbc_error cause = a->conn->error;
        dbc_txn_rollback(&txn);
        if (a->conn->error.code != DBC_EBROKEN) a->conn->error = cause;
    }
    return rc;
}

static int apply(applying *a)
{
    dbc_conn *conn = a->conn;
    int rc = refuse_findings(a);

    if (rc < 0 || a->plan->steps.count == 0) return rc;
    rc = refuse_temporary(a);
    if (rc < 0) return rc;
    a->is_inside = dbc__txn_notice(conn);
    if (a->options->backup) {
        rc = dbc_backup(conn, a->options->backup, NULL, NULL);
        if (rc < 0) return rc;
    }
    rc = dbc__settings_change(&a->settings, conn, a->is_inside);
    if (rc >= 0) rc = refuse_inside(a);
    if (rc >= 0) dbc__lenient(conn, DBC_LENIENT_DEFINITIONS);
    if (rc >= 0) rc = dbc__progress_watch(&a->progress);
    if (rc >= 0) rc = run_transaction(a);
    dbc_error cause = conn->error;
    dbc__progress_unwatch(&a->progress);
    int restored = dbc__settings_restore(&a->settings, conn);
    if (rc < 0) {
        conn->error = cause;
        return rc;
    }
    return restored;
}

int dbc__plan_apply(dbc_plan *plan, dbc_conn *conn,
                    const dbc_apply_options *options, dbc__apply_keys keys)
{
    static const dbc_apply_options none = {0};
    applying a = {.plan = plan, .conn = conn, .keys = keys};
    int timeout_ms = conn->timeout_ms;
    int rc = dbc__conn_check(conn);

    if (rc < 0) return rc;
    a.options = options ? options : &none;
    dbc__progress_init(&a.progress, conn, a.options->progress, a.options->ud);
    dbc__arena_init(&a.arena, conn->alloc);
    rc = apply(&a);
    conn->timeout_ms = timeout_ms;
    dbc__arena_dispose(&a.arena);
    return rc < 0 ? rc : DBC_OK;
}

int dbc_plan_apply(dbc_plan *plan, dbc_conn *conn,
                   const dbc_apply_options *options)
{
    return dbc__plan_apply(plan, conn, options, DBC__APPLY_CHECKS_KEYS);
}
