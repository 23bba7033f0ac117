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

static int apply_plan(dbc__running *at, dbc_plan *plan)
{
    const dbc_migrate_options *options = at->runner->options;
    const dbc_apply_options how = {.progress = options->progress,
                                   .ud = options->ud};
    // The end of the migration looks at all tables, if it can.
    dbc__apply_keys keys = at->runner->orphans.unknown ? DBC__APPLY_CHECKS_KEYS
                                                       : DBC__APPLY_LEAVES_KEYS;
    int rc = dbc__plan_apply(plan, at->runner->conn, &how, keys);

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
