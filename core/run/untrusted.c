// Guards: rules that a connection is under while somebody else works on it,
// and ending what was left open by that. What SQL may say is judged by the
// driver, which sees it parsed; here are the limits that no engine knows.
#include "untrusted.h"

#include <inttypes.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "name.h"
#include "stmt.h"
#include "txn.h"

static const int64_t VALUE_LEN = 16 << 20;
static const int64_t SQL_LEN = 1 << 20;

enum { STATEMENTS = 64, DEPTH = 8 };

// --------------------------------------------------------------------- making

static int check_rules(const dbc_guard_rules *rules, dbc_error *err)
{
    if (rules->value_len < 0 || rules->sql_len < 0 || rules->statements < 0 ||
        rules->depth < 0)
        return dbc__error_set(err, DBC_EINVALID,
                              "a figure of a guard is negative: give 0 for "
                              "the default");
    if (rules->table_count > 0 && (rules->flags & DBC_GUARD_LISTED) == 0)
        return dbc__error_set(err, DBC_EINVALID,
                              "a guard lists tables without "
                              "DBC_GUARD_LISTED: set it, or list none");
    return DBC_OK;
}

static size_t measure(const dbc_guard_rules *rules)
{
    size_t size = sizeof(dbc_guard) +
                  rules->table_count * sizeof *rules->tables +
                  rules->functions.count * sizeof *rules->functions.items;

    for (size_t i = 0; i < rules->table_count; i++)
        size += strlen(rules->tables[i].name) + 1;
    for (size_t i = 0; i < rules->functions.count; i++)
        size += strlen(rules->functions.items[i]) + 1;
    return size;
}

// Copies a text to `*at`, which is moved behind it.
static const char *copy_text(char **at, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = *at;

    memcpy(copy, text, size);
    *at += size;
    return copy;
}

static void copy_lists(dbc_guard *guard, const dbc_guard_rules *rules)
{
    dbc_guard_table *tables = (dbc_guard_table *)(guard + 1);
    const char **functions = (const char **)(tables + rules->table_count);
    char *text = (char *)(functions + rules->functions.count);

    for (size_t i = 0; i < rules->table_count; i++) {
        tables[i].may = rules->tables[i].may;
        tables[i].name = copy_text(&text, rules->tables[i].name);
    }
    for (size_t i = 0; i < rules->functions.count; i++)
        functions[i] = copy_text(&text, rules->functions.items[i]);
    guard->rules.tables = tables;
    guard->rules.functions.items = functions;
}

static void fill_defaults(dbc_guard_rules *rules)
{
    if (rules->value_len == 0) rules->value_len = VALUE_LEN;
    if (rules->sql_len == 0) rules->sql_len = SQL_LEN;
    if (rules->statements == 0) rules->statements = STATEMENTS;
    if (rules->depth == 0) rules->depth = DEPTH;
}

// Equal rules share the statements that were prepared under them. What is not
// about SQL does not count.
static uint64_t find_realm(const dbc_guard_rules *rules)
{
    uint64_t hash = dbc__hash(1, &rules->flags, sizeof rules->flags);

    for (size_t i = 0; i < rules->table_count; i++) {
        const dbc_guard_table *table = &rules->tables[i];
        hash = dbc__hash(hash, table->name, strlen(table->name) + 1);
        hash = dbc__hash(hash, &table->may, sizeof table->may);
    }
    for (size_t i = 0; i < rules->functions.count; i++) {
        const char *name = rules->functions.items[i];
        hash = dbc__hash(hash, name, strlen(name) + 1);
    }
    return hash != 0 ? hash : 1;
}

int dbc_guard_new(dbc_guard **out, const dbc_guard_rules *rules,
                  const dbc_alloc *alloc, dbc_error *err)
{
    size_t size;
    dbc_guard *guard;
    int rc;

    *out = NULL;
    rc = check_rules(rules, err);
    if (rc < 0) return rc;
    alloc = dbc__alloc_or_default(alloc);
    size = measure(rules);
    guard = dbc__alloc(alloc, size);
    if (guard == NULL) return dbc__error_nomem(err);

    *guard = (dbc_guard){.alloc = alloc, .size = size, .rules = *rules};
    copy_lists(guard, rules);
    fill_defaults(&guard->rules);
    guard->realm = find_realm(&guard->rules);
    *out = guard;
    return DBC_OK;
}

void dbc_guard_free(dbc_guard *guard)
{
    if (guard != NULL) dbc__alloc_free(guard->alloc, guard, guard->size);
}

// ------------------------------------------------------------------- standing

// Rows are counted under a guard only; while it is lifted the count waits.
static void count_rows(dbc_conn *conn, const dbc_guard *guard,
                       const dbc_guard_budget *budget)
{
    if (conn->guard != NULL) conn->rows_kept = conn->rows_left;
    if (budget != NULL)
        conn->rows_kept = budget->rows > 0 ? budget->rows : INT64_MAX;
    conn->rows_left = guard != NULL ? conn->rows_kept : INT64_MAX;
}

int dbc_conn_guard(dbc_conn *conn, const dbc_guard *guard,
                   const dbc_guard_budget *budget)
{
    const dbc_services *services = conn->driver->services;
    int rc;

    if (guard == conn->guard && budget == NULL) return DBC_OK;
    if (guard != NULL) {
        rc = dbc__conn_check(conn);
        if (rc < 0 && conn->lost == 0) return rc;
    }
    if (conn->db == NULL) { // there is nothing left to guard
        conn->guard = NULL;
        conn->realm = 0;
        return DBC_OK;
    }
    if (services == NULL || services->guard == NULL)
        return dbc__conn_fail(conn, DBC_EUNSUPPORTED,
                              "the driver \"%s\" cannot guard a connection",
                              conn->driver->name);
    if (budget != NULL) conn->order.budget = *budget;
    conn->order.is_new = budget != NULL;
    conn->order.rules = guard != NULL ? &guard->rules : NULL;
    rc = services->guard(conn->db, &conn->order, &conn->error);
    if (rc < 0) return rc;
    count_rows(conn, guard, budget);
    if (budget != NULL) conn->host_txn = dbc__txn_notice(conn);
    conn->guard = guard;
    conn->realm = guard != NULL ? guard->realm : 0;
    return DBC_OK;
}

int64_t dbc_conn_guarded_rows(const dbc_conn *conn)
{
    int64_t left = conn->guard != NULL ? conn->rows_left : conn->rows_kept;
    int64_t most = conn->order.budget.rows;

    return (most > 0 ? most : INT64_MAX) - (left > 0 ? left : 0);
}

int dbc__untrusted_refuse_lend(dbc_conn *conn)
{
    return dbc__conn_fail(conn, DBC_ELIMIT,
                          "statement limit exceeded: %" PRId64
                          " are open at once, close some first",
                          conn->guard->rules.statements);
}

int dbc__untrusted_refuse_depth(dbc_conn *conn)
{
    return dbc__conn_fail(conn, DBC_ELIMIT,
                          "transaction depth limit exceeded: %" PRId64
                          " are open, one inside of the other",
                          conn->guard->rules.depth);
}

int dbc__untrusted_refuse_rows(dbc_conn *conn)
{
    conn->rows_left = 0;
    return dbc__conn_fail(conn, DBC_ELIMIT,
                          "row limit exceeded: more than %" PRId64
                          " rows were read",
                          conn->order.budget.rows);
}

// A transaction of dbcore is ended by its handle: raw SQL could end one that
// belongs to whoever called.
int dbc__untrusted_refuse_text(dbc_conn *conn, int steers)
{
    if ((conn->guard->rules.flags & DBC_GUARD_NO_TEXT) != 0)
        return dbc__conn_fail(conn, DBC_EDENIED,
                              "SQL as text is not allowed here: build the "
                              "query");
    if (steers && (conn->depth > 0 || conn->host_txn))
        return dbc__conn_fail(conn, DBC_EDENIED,
                              "SQL as text may not begin or end anything "
                              "inside of a transaction: use its handle");
    return DBC_OK;
}

// ------------------------------------------------------------------ unwinding

void dbc_conn_mark(dbc_conn *conn, dbc_mark *out)
{
    out->run = conn->runs;
    out->depth = conn->depth;
    out->in_txn = conn->db != NULL && dbc__txn_notice(conn);
}

// A transaction that raw SQL began has no handle.
static int end_raw(dbc_conn *conn)
{
    static const char sql[] = "ROLLBACK";
    int rc;

    dbc__conn_aim(conn, 0);
    rc = conn->driver->exec(conn->db, sql, sizeof sql - 1, &conn->error);
    dbc__txn_notice(conn);
    return rc;
}

static int roll_back(dbc_conn *conn, const dbc_mark *mark)
{
    if (conn->depth > mark->depth) {
        dbc_txn txn = {conn, conn->txn_levels[mark->depth].serial,
                       mark->depth + 1};
        int rc = dbc_txn_rollback(&txn);
        return rc < 0 ? rc : DBC_DONE;
    }
    if (mark->in_txn || !dbc__txn_notice(conn)) return DBC_OK;
    int rc = end_raw(conn);
    return rc < 0 ? rc : DBC_DONE;
}

int dbc_conn_unwind(dbc_conn *conn, const dbc_mark *mark)
{
    dbc_error cause;
    int rc;

    if (conn->db == NULL) return DBC_OK;
    cause = conn->error;
    dbc__stmt_abort_since(conn, mark->run);
    // What a failure ended is over for whoever did not hold it before.
    if (mark->depth == 0) conn->lost = 0;
    rc = roll_back(conn, mark);
    if (rc >= 0) conn->error = cause;
    return rc;
}
