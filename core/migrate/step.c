// Running one migration. Its SQL goes statement by statement, so that the one
// that fails can be named; its functions get the connection as it is.
#include "step.h"

#include <string.h>

#include "buf.h"
#include "clock.h"
#include "error.h"

typedef dbc__running running;

int dbc__step_blame(dbc_conn *conn, const char *id, int line)
{
    dbc_error cause = conn->error;

    if (cause.code == DBC_ENOMEM) return cause.code;
    if (line > 0)
        dbc__error_set(&conn->error, cause.code, "%s, line %d: %s", id, line,
                       cause.message);
    else
        dbc__error_set(&conn->error, cause.code, "%s: %s", id, cause.message);
    memcpy(cause.message, conn->error.message, sizeof cause.message);
    conn->error = cause;
    return cause.code;
}

// ------------------------------------------------------------------------ SQL

static void keep_sql(running *at, const char *sql, size_t len)
{
    dbc_buf_add(&at->plan, sql, len);
    dbc_buf_add_string(&at->plan, ";\n");
}

static int run_statement(running *at, const dbc__statement *statement)
{
    dbc_conn *conn = at->runner->conn;
    int rc = dbc_exec(conn, statement->text, statement->len);

    if (rc >= 0) keep_sql(at, statement->text, statement->len);
    return rc < 0 && at->progress.stopped ? dbc__progress_fail(&at->progress)
                                          : rc;
}

static int run_section(running *at, const dbc__section *section)
{
    dbc_conn *conn = at->runner->conn;
    int rc = dbc__progress_watch(&at->progress);

    for (size_t i = 0; i < section->count && rc >= 0; i++) {
        const dbc__statement *statement = &section->items[i];
        rc = dbc__progress_step(&at->progress, at->known->id, i + 1,
                                section->count, 0);
        if (rc >= 0) rc = run_statement(at, statement);
        if (rc < 0) dbc__step_blame(conn, at->known->id, statement->line);
    }
    dbc__progress_unwatch(&at->progress);
    return rc;
}

// ------------------------------------------------------------------ functions

int dbc_migration_fail(dbc_migration_run *run, int code, const char *message,
                       size_t len)
{
    int shown = len > 500 ? 500 : (int)len;

    return dbc__conn_fail(run->conn, code, "%.*s", shown, message);
}

static int run_call(running *at, dbc_direction direction)
{
    dbc_conn *conn = at->runner->conn;
    dbc_migration_run run = {conn, direction, at};
    dbc_migration_call call =
        direction == DBC_UP ? at->known->up : at->known->down;
    int depth = dbc_conn_depth(conn);
    int rc = dbc__progress_step(&at->progress, at->known->id, 1, 1, 0);

    if (rc >= 0) rc = call(at->known->ud, &run);
    if (rc < 0) {
        if (conn->error.code == DBC_OK)
            dbc__conn_fail(conn, rc, "%s", dbc_status_text(rc));
        return dbc__step_blame(conn, at->known->id, 0);
    }
    if (dbc_conn_depth(conn) != depth)
        return dbc__conn_fail(conn, DBC_EINVALID,
                              "%s has ended the transaction it runs in, or "
                              "left one of its own open: leave that out",
                              at->known->id);
    return DBC_OK;
}

// -------------------------------------------------------------------- picture

int dbc__step_picture(char fingerprint[DBC__DIGEST_SIZE], dbc_buf *schema,
                      dbc_conn *conn)
{
    dbc_catalog *catalog = NULL;
    int rc = dbc_catalog_read(&catalog, conn);

    if (rc < 0) return rc;
    memcpy(fingerprint, dbc_catalog_fingerprint(catalog), DBC__DIGEST_SIZE);
    for (size_t i = 0; i < dbc_catalog_count(catalog); i++) {
        dbc_buf_add_string(schema, dbc_catalog_object(catalog, i)->sql);
        dbc_buf_add_string(schema, ";\n");
    }
    dbc_catalog_free(catalog);
    return schema->status < 0 ? dbc__error_nomem(&conn->error) : DBC_OK;
}

// ------------------------------------------------------------------ the ledger

static int add_row(running *at, dbc__ledger_row *row)
{
    char fingerprint[DBC__DIGEST_SIZE];
    dbc_buf schema;
    int rc;

    dbc__buf_init(&schema, at->runner->conn->alloc);
    rc = dbc__step_picture(fingerprint, &schema, at->runner->conn);
    if (rc >= 0) {
        row->fingerprint = fingerprint;
        row->schema = schema.data == NULL ? "" : schema.data;
        rc = dbc__ledger_add(at->runner->conn, row);
    }
    dbc__buf_dispose(&schema);
    return rc;
}

// What stands for others takes them along on its way back.
static int forget_replaced(running *at, const dbc_history *history)
{
    int rc = DBC_OK;

    for (size_t i = 0; rc >= 0 && i < history->count; i++) {
        const dbc_history_entry *entry = &history->entries[i];
        const dbc__ledger_row row = {.verb = DBC__LEDGER_FORGET,
                                     .version = entry->version,
                                     .name = entry->name,
                                     .checksum = entry->applied_checksum};

        if (history->details[i].applied != NULL &&
            dbc__names_have(&at->known->replaces, entry->version, entry->name))
            rc = dbc__ledger_add(at->runner->conn, &row);
    }
    return rc;
}

static int write_ledger(running *at, dbc_direction direction,
                        int64_t duration_ms)
{
    dbc_conn *conn = at->runner->conn;
    dbc_history *history = NULL;
    dbc__ledger_row row = {.verb = direction == DBC_UP ? DBC__LEDGER_UP
                                                       : DBC__LEDGER_DOWN,
                           .version = at->known->version,
                           .name = at->known->name,
                           .checksum = at->known->checksum,
                           .source = at->known->source,
                           .plan = at->plan.data,
                           .duration_ms = duration_ms};
    int rc;

    if (at->plan.status < 0) return dbc__error_nomem(&conn->error);
    if (direction == DBC_DOWN && at->known->replaces.count > 0) {
        rc = dbc_history_read(&history, at->runner->migrator, conn);
        if (rc >= 0) rc = forget_replaced(at, history);
        dbc_history_free(history);
        if (rc < 0) return rc;
    }
    return add_row(at, &row);
}

// -------------------------------------------------------------------- all of
// it

// With foreign keys on, DROP TABLE deletes rows elsewhere without a word.
static int check_keys(const running *at, const dbc__section *section)
{
    if (!at->runner->keys_enforced || !section->loses) return DBC_OK;
    return dbc__conn_fail(at->runner->conn, DBC_EREFUSED,
                          "%s drops or deletes something, and foreign keys "
                          "cannot be switched off inside a transaction: "
                          "migrate outside of it",
                          at->known->id);
}

static int run_step(running *at, dbc_direction direction)
{
    const dbc__section *section =
        direction == DBC_UP ? &at->known->script.up : &at->known->script.down;
    int rc;

    if (at->known->sql == NULL) return run_call(at, direction);
    rc = check_keys(at, section);
    return rc < 0 ? rc : run_section(at, section);
}

int dbc__step_run(dbc__runner *runner, const dbc__known *known,
                  dbc_direction direction, int64_t *duration_ms)
{
    running at = {.runner = runner, .known = known};
    dbc_conn *conn = runner->conn;
    int64_t start = dbc__clock_ns();
    int rc;

    dbc__buf_init(&at.plan, conn->alloc);
    dbc__progress_init(&at.progress, conn, runner->options->progress,
                       runner->options->ud);
    rc = run_step(&at, direction);
    if (rc < 0) goto cleanup;
    rc = dbc__orphans_compare(&runner->orphans, conn);
    if (rc < 0) {
        dbc__step_blame(conn, known->id, 0);
        goto cleanup;
    }
    *duration_ms = (dbc__clock_ns() - start) / 1000000;
    rc = write_ledger(&at, direction, *duration_ms);
    if (rc < 0) dbc__step_blame(conn, known->id, 0);

cleanup:
    dbc__buf_dispose(&at.plan);
    return rc < 0 ? rc : DBC_OK;
}
