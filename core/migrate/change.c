// A change of the schema inside a migration: planned on what is there now,
// carried out within its transaction.
#include <string.h>

#include "apply.h"
#include "step.h"

// A step's text, ended like those of a file.
static void keep_sql(dbc__running *at, const char *sql)
{
    size_t len = strlen(sql);

    while (len > 0 && strchr(" \n;", sql[len - 1]) != NULL)
        len--;
    dbc_buf_add(&at->plan, sql, len);
    dbc_buf_add_string(&at->plan, ";\n");
}

static const char *advice_for(dbc_hint_kind answer)
{
    switch (answer) {
    case DBC_HINT_BACKFILL:
        return "say in the migration what they get, by a backfill of";
    case DBC_HINT_COPY:
        return "say in the migration how they are converted, by a copy of";
    case DBC_HINT_ALLOW_LOSS:
        return "if that is meant, allow in the migration the loss of";
    default:
        return "rename it in the migration, or allow the loss of";
    }
}

// Whoever writes a migration answers in its words, not by an option.
static void reword(dbc_error *err, const dbc_finding *finding)
{
    dbc_error_set(err, DBC_EREFUSED, "%s: %s %s%s%s", finding->message,
                  advice_for(finding->answers[0].kind), finding->table,
                  *finding->column ? "." : "", finding->column);
    dbc_error_field(err->table, sizeof err->table, finding->table,
                    strlen(finding->table));
    if (*finding->column)
        dbc_error_add_column(err, finding->column, strlen(finding->column));
}

static int refuse(dbc_conn *conn, const dbc_plan *plan)
{
    for (size_t i = 0; i < dbc_plan_finding_count(plan); i++) {
        const dbc_finding *finding = dbc_plan_finding(plan, i);
        if (finding->level != DBC_REFUSAL) continue;
        if (finding->answer_count == 0) break; // it says all there is to say
        reword(&conn->error, finding);
        return DBC_EREFUSED;
    }
    return DBC_OK;
}

static int apply_plan(dbc__running *at, dbc_plan *plan)
{
    const dbc_migrate_options *options = at->runner->options;
    const dbc_apply_options how = {.progress = options->progress,
                                   .ud = options->ud};
    // The end of the migration looks at all tables, if it can.
    dbc__apply_keys keys = at->runner->orphans.unknown ? DBC__APPLY_COUNTS_KEYS
                                                       : DBC__APPLY_LEAVES_KEYS;
    int rc = refuse(at->runner->conn, plan);

    if (rc >= 0) rc = dbc__plan_apply(plan, at->runner->conn, &how, keys);
    if (rc < 0) return rc;
    for (size_t i = 0; i < dbc_plan_step_count(plan); i++)
        keep_sql(at, dbc_plan_step(plan, i)->sql);
    return DBC_OK;
}

int dbc_migration_alter(dbc_migration_run *run, dbc_alteration *alteration)
{
    dbc__running *at = run->inner;
    dbc_plan *plan = NULL;
    dbc_txn txn;
    int rc;

    rc = dbc_alteration_plan(&plan, alteration);
    if (rc < 0) return rc;
    // A savepoint: a function may catch the failure and go on.
    rc = dbc_txn_begin(&txn, run->conn, DBC_TXN_DEFAULT);
    if (rc < 0) goto cleanup;
    rc = apply_plan(at, plan);
    if (rc >= 0) rc = dbc_txn_commit(&txn);
    if (rc < 0) dbc_txn_rollback(&txn);

cleanup:
    dbc_plan_free(plan);
    return rc < 0 ? rc : DBC_OK;
}
