// Carrying a plan out. Settings are read, changed and, whatever happens, put
// back; everything else happens in one transaction that is committed only
// when the database is what the plan promised.
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "clock.h"
#include "error.h"
#include "plan.h"
#include "service.h"
#include "sound.h"
#include "txn.h"

static const int64_t TICK_NS = 100 * 1000000;

enum { FOREIGN_KEYS, LEGACY, CHECKS, SETTING_COUNT };

static const struct {
    const char *name;
    int wanted;
} settings[SETTING_COUNT] = {{"foreign_keys", 0},
                             {"legacy_alter_table", 0},
                             {"ignore_check_constraints", 0}};

typedef struct applying {
    dbc_plan *plan;
    dbc_conn *conn;
    const dbc_apply_options *options; // never NULL
    int is_inside;                    // of a transaction of the caller
    int64_t before[SETTING_COUNT];
    int changed[SETTING_COUNT];
    dbc__arena arena;
    dbc__list broken;
    dbc_progress_info info;
    int64_t ticked_ns;
    int stopped; // by the host
} applying;

// ------------------------------------------------------------------ settings

static int ask_int(int64_t *out, dbc_conn *conn, const char *sql)
{
    dbc_stmt *stmt = NULL;

    *out = 0;
    int rc = dbc_stmt_acquire(&stmt, conn, sql, strlen(sql));
    if (rc >= 0) rc = dbc_stmt_step(stmt);
    if (rc == DBC_ROW) *out = dbc_stmt_int(stmt, 0);
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

static int read_setting(int64_t *out, dbc_conn *conn, int i)
{
    char sql[64];

    snprintf(sql, sizeof sql, "PRAGMA %s", settings[i].name);
    return ask_int(out, conn, sql);
}

// Sets it and reads it back: inside a transaction some are ignored.
static int write_setting(dbc_conn *conn, int i, int64_t value)
{
    char sql[64];
    int64_t now;

    int len = snprintf(sql, sizeof sql, "PRAGMA %s = %d", settings[i].name,
                       (int)value);
    int rc = dbc_exec(conn, sql, (size_t)len);
    if (rc >= 0) rc = read_setting(&now, conn, i);
    if (rc < 0) return rc;
    if (now == value) return DBC_OK;
    return dbc__conn_fail(conn, DBC_EINVALID,
                          "the setting %s cannot be changed here",
                          settings[i].name);
}

static int change_settings(applying *a)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        int rc = read_setting(&a->before[i], a->conn, i);
        if (rc < 0) return rc;
        if (a->before[i] == settings[i].wanted) continue;
        if (i == FOREIGN_KEYS && a->is_inside) continue;
        a->changed[i] = 1;
        rc = write_setting(a->conn, i, settings[i].wanted);
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

// A step may have been stopped between switching something and back.
static int restore_settings(applying *a)
{
    int result = DBC_OK;

    if (!dbc_conn_is_open(a->conn) || a->conn->broken) return DBC_OK;
    dbc__lenient(a->conn, 0);
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (!a->changed[i] && i != LEGACY) continue;
        int rc = write_setting(a->conn, i, a->before[i]);
        if (rc < 0) result = rc;
    }
    return result;
}

// ------------------------------------------------------------------ refusals

static int refuse_findings(const applying *a)
{
    const dbc_finding *items = a->plan->findings.items;
    dbc_error *err = &a->conn->error;

    for (size_t i = 0; i < a->plan->findings.count; i++) {
        if (items[i].level != DBC_REFUSAL) continue;
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
        a->before[FOREIGN_KEYS] == 0)
        return DBC_OK;
    return dbc__conn_fail(a->conn, DBC_EREFUSED,
                          "a table has to be copied or dropped, which must "
                          "not happen inside a transaction with foreign keys "
                          "on: end the transaction first");
}

static int refuse_drift(const applying *a)
{
    dbc_catalog *now = NULL;
    int rc = dbc__catalog_read(&now, a->conn, NULL);

    if (rc < 0) return rc;
    if (strcmp(now->fingerprint, a->plan->basis) != 0)
        rc = dbc__conn_fail(a->conn, DBC_EDRIFT,
                            "the database has changed since this was planned: "
                            "plan again");
    dbc_catalog_free(now);
    return rc;
}

// ----------------------------------------------------------------- progress

static int on_tick(void *ud)
{
    applying *a = ud;
    int64_t now = dbc__clock_ns();

    if (now - a->ticked_ns < TICK_NS) return a->stopped;
    a->ticked_ns = now;
    if (a->options->progress(a->options->ud, &a->info) != 0) a->stopped = 1;
    return a->stopped;
}

static int report(applying *a, const dbc_step *step, size_t i)
{
    if (!a->options->progress) return DBC_OK;
    a->info.what = step->reason;
    a->info.step = i + 1;
    a->info.steps = a->plan->steps.count;
    a->info.rows = a->info.rows_total = 0;
    if (a->options->progress(a->options->ud, &a->info) != 0) a->stopped = 1;
    if (!a->stopped) return DBC_OK;
    return dbc__conn_fail(a->conn, DBC_EINTERRUPTED,
                          "the migration was stopped, everything is undone");
}

// --------------------------------------------------------------------- rows

static int count_rows(int64_t *out, applying *a, const char *table)
{
    dbc_buf sql;
    int rc;

    dbc__buf_init(&sql, a->conn->alloc);
    dbc_buf_add_string(&sql, "SELECT count(*) FROM ");
    a->conn->driver->dialect->quote(&sql, table, strlen(table));
    rc = sql.status < 0 ? dbc__error_nomem(&a->conn->error)
                        : ask_int(out, a->conn, sql.data);
    dbc__buf_dispose(&sql);
    return rc;
}

// Rows of a table without a parent; -1 when the engine cannot tell.
static int count_orphans(int64_t *out, applying *a, const char *table)
{
    dbc_buf sql;
    int rc;

    *out = -1;
    dbc__buf_init(&sql, a->conn->alloc);
    dbc_buf_add_string(&sql, "SELECT count(*) FROM pragma_foreign_key_check(");
    dbc_buf_add_string(&sql, "'");
    for (const char *c = table; *c; c++)
        dbc_buf_add(&sql, *c == '\'' ? "''" : c, *c == '\'' ? 2 : 1);
    dbc_buf_add_string(&sql, "')");
    rc = sql.status < 0 ? dbc__error_nomem(&a->conn->error)
                        : ask_int(out, a->conn, sql.data);
    if (rc == DBC_ESCHEMA || rc == DBC_EDATABASE) {
        *out = -1;
        rc = DBC_OK;
    }
    dbc__buf_dispose(&sql);
    return rc;
}

static int count_children(applying *a)
{
    dbc__child *items = a->plan->children.items;
    int rc = DBC_OK;

    for (size_t i = 0; i < a->plan->children.count && rc >= 0; i++) {
        items[i].violations = 0;
        if (items[i].before)
            rc = count_orphans(&items[i].violations, a, items[i].before);
    }
    return rc;
}

static int check_children(applying *a)
{
    const dbc__child *items = a->plan->children.items;

    for (size_t i = 0; i < a->plan->children.count; i++) {
        int64_t now;
        int rc = count_orphans(&now, a, items[i].after);
        if (rc < 0) return rc;
        if (now <= items[i].violations && (now >= 0 || items[i].violations < 0))
            continue;
        if (items[i].violations < 0) continue;
        if (now < 0)
            return dbc__conn_fail(a->conn, DBC_EREFUSED,
                                  "a foreign key of \"%.100s\" would not fit "
                                  "its parent any more",
                                  items[i].after);
        return dbc__conn_fail(a->conn, DBC_EREFUSED,
                              "%lld rows of \"%.100s\" would have no parent "
                              "(F4): add the parents or empty the columns "
                              "first",
                              (long long)(now - items[i].violations),
                              items[i].after);
    }
    return DBC_OK;
}

// -------------------------------------------------------------------- steps

static int is_constraint(int code)
{
    return code <= DBC_EUNIQUE && code >= DBC_ECONSTRAINT;
}

// What rows do not allow is refused: nothing is changed, an answer is needed.
static int step_failed(applying *a, const dbc_step *step, int rc)
{
    dbc_error *err = &a->conn->error;
    dbc_error cause = *err;

    if (a->stopped)
        return dbc__conn_fail(a->conn, DBC_EINTERRUPTED,
                              "the migration was stopped, everything is "
                              "undone");
    // A function may have gone since this was planned.
    dbc__lack lack = dbc__lack_of(cause.message);
    if (lack.kind != DBC__LACK_NOTHING) {
        dbc__lack_words words = dbc__lack_say(&lack);
        dbc__error_set(err, DBC_EREFUSED, "%s: %s: %s", step->reason,
                       words.what, words.fix);
        return DBC_EREFUSED;
    }
    if (!is_constraint(rc)) return rc;
    dbc__error_set(err, DBC_EREFUSED, "%s: %s", step->reason, cause.message);
    memcpy(err->table, cause.table, sizeof err->table);
    memcpy(err->columns, cause.columns, sizeof err->columns);
    memcpy(err->constraint, cause.constraint, sizeof err->constraint);
    err->native = cause.native;
    err->rolled_back = cause.rolled_back;
    return DBC_EREFUSED;
}

static int run_step(applying *a, const dbc__step *step)
{
    int64_t before = 0, after = 0;
    int rc = DBC_OK;

    if (step->counted) rc = count_rows(&before, a, step->counted);
    a->info.rows_total = before;
    if (rc >= 0) rc = dbc_exec(a->conn, step->own.sql, strlen(step->own.sql));
    if (rc >= 0 && step->counted) rc = count_rows(&after, a, step->as);
    if (rc < 0) return step_failed(a, &step->own, rc);
    if (before == after) return DBC_OK;
    return dbc__conn_fail(a->conn, DBC_EREFUSED,
                          "copying \"%.100s\" would make %lld rows of %lld",
                          step->as, (long long)after, (long long)before);
}

static int run_steps(applying *a)
{
    const dbc__step *steps = a->plan->steps.items;
    int rc = DBC_OK;

    for (size_t i = 0; i < a->plan->steps.count && rc >= 0; i++) {
        rc = report(a, &steps[i].own, i);
        if (rc >= 0) rc = run_step(a, &steps[i]);
    }
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
        rc = dbc__conn_fail(a->conn, DBC_EREFUSED,
                            "%s \"%.100s\" would no longer work: %s",
                            worse->event                      ? "a trigger of"
                            : worse->kind == DBC_OBJECT_TABLE ? "the table"
                                                              : "the view",
                            worse->name, worse->why);
    dbc_catalog_free(now);
    return rc;
}

static int look_before(applying *a)
{
    dbc_catalog *now = NULL;
    int rc = dbc__catalog_read(&now, a->conn, NULL);

    if (rc >= 0)
        rc = dbc__sound_find(&a->broken, &a->arena, a->conn, NULL, now);
    if (rc >= 0) rc = count_children(a);
    dbc_catalog_free(now);
    return rc;
}

static int run_transaction(applying *a)
{
    dbc_txn txn;
    int rc = dbc_txn_begin(&txn, a->conn, DBC_TXN_IMMEDIATE);

    if (rc < 0) return rc;
    rc = refuse_drift(a);
    if (rc >= 0) rc = look_before(a);
    if (rc >= 0) rc = run_steps(a);
    if (rc >= 0) rc = check_children(a);
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
    rc = change_settings(a);
    if (rc >= 0) rc = refuse_inside(a);
    if (rc >= 0) dbc__lenient(conn, DBC_LENIENT_DEFINITIONS);
    if (rc >= 0 && a->options->progress) rc = dbc__on_tick(conn, on_tick, a);
    if (rc >= 0) rc = run_transaction(a);
    dbc_error cause = conn->error;
    if (a->options->progress) dbc__on_tick(conn, NULL, NULL);
    int restored = restore_settings(a);
    if (rc < 0) {
        conn->error = cause;
        return rc;
    }
    return restored;
}

int dbc_plan_apply(dbc_plan *plan, dbc_conn *conn,
                   const dbc_apply_options *options)
{
    static const dbc_apply_options none = {0};
    applying a = {
        .plan = plan, .conn = conn, .options = options ? options : &none};
    int timeout_ms = conn->timeout_ms;
    int rc = dbc__conn_check(conn);

    if (rc < 0) return rc;
    dbc__arena_init(&a.arena, conn->alloc);
    rc = apply(&a);
    conn->timeout_ms = timeout_ms;
    dbc__arena_dispose(&a.arena);
    return rc < 0 ? rc : DBC_OK;
}
