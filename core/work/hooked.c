// One hooked write, from the query to its rows. What is shown to a hook is the
// row as it would be bound; what the hook made of it is a query for that row
// alone, which then runs as any other.
#include "hooked.h"

#include <string.h>

#include "alloc.h"
#include "error.h"
#include "exec.h"
#include "hook.h"
#include "txn.h"

// The rows that a write returns, for as long as its statement.
typedef struct replay {
    dbc__replay base;
    const dbc_alloc *alloc;
    const dbc_query *query; // borrowed, as is what `args` points to
    dbc_args args;
    dbc__arena memory; // of the texts in `rows`
    dbc_value *rows;   // owned
    size_t used, cap;  // values
} replay;

typedef struct hooked {
    dbc_conn *conn;
    const dbc_table *table; // one reference
    dbc_query_kind kind;
    const dbc_query *query;
    const dbc_args *args;
    const dbc__plan *plan; // not behind a hook that closed the connection
    dbc__hook *hook;       // one use, or NULL: only columns are filled
    dbc_txn txn;
    replay *answer;    // or NULL: rows are dropped
    dbc__arena memory; // of the row at work
    dbc_write write;
    dbc_result result;
} hooked;

static int nomem(const hooked *h)
{
    return dbc__conn_fail(h->conn, DBC_ENOMEM, "out of memory");
}

static int is_write(dbc_query_kind kind)
{
    return kind == DBC_INSERT || kind == DBC_UPDATE || kind == DBC_DELETE;
}

int dbc__hooked_is_due(const dbc_stmt *stmt, const dbc_query *query)
{
    const dbc__plan *plan = stmt->home_ud;

    if (query->is_unhooked || !is_write(plan->sql.kind)) return 0;
    if (plan->guard.is_filled) return 1;
    return plan->cache->hooks &&
           dbc__hook_find(plan->cache, plan->sql.table) != NULL;
}

// ----------------------------------------------------------------- what is
// said

// Slots are numbered anew when one is left out, so their values are set.
static int take_parameter(hooked *h, const dbc_parameter *parameter)
{
    uint32_t position = parameter->column->position;
    dbc_row *row = &h->write.row;

    if (parameter->kind == DBC_PARAMETER_SLOT &&
        parameter->index >= h->args->slot_count)
        return dbc__query_refuse_slot(h->conn, parameter, h->args->slot_count);
    // What is not given the run will say.
    if (!dbc__query_given(&row->values[position], h->query, h->args, parameter))
        return DBC_OK;
    row->presence[position] = DBC_GIVEN;
    if (parameter->kind == DBC_PARAMETER_SLOT)
        h->write.changes[position] =
            (dbc__change){DBC__BY_VALUE, row->values[position], NULL};
    return DBC_OK;
}

// The row as the query says it.
static int read_row(hooked *h)
{
    const dbc_query *shape = h->plan->shape;
    const dbc_sql *sql = &h->plan->sql;
    int rc = DBC_OK;

    for (uint32_t i = 0; i < shape->used.nodes; i++) {
        const dbc__node *node = &shape->nodes[i];
        const dbc_column *column = node->u.ptr;
        if (node->op == DBC__SET || node->op == DBC__SLOT)
            h->write.row.presence[column->position] = DBC_COMPUTED;
    }
    for (size_t i = 0; rc == DBC_OK && i < sql->parameter_count; i++)
        if (sql->parameters[i].written == DBC_WRITTEN)
            rc = take_parameter(h, &sql->parameters[i]);
    return rc;
}

// -------------------------------------------------------------------- the host

// What a function of the host returned. It may have put the cause into `err`,
// or the connection has it from a call of its own.
static int judge(const hooked *h, int rc, const dbc_error *err)
{
    dbc_conn *conn = h->conn;

    if (!dbc_conn_is_open(conn))
        return dbc__conn_fail(conn, DBC_ECLOSED,
                              "a hook closed the connection while it was "
                              "written to");
    if (rc < 0 && err->code == rc)
        conn->error = *err;
    else if (rc < 0 && conn->error.code != rc)
        dbc__conn_fail(conn, rc, "a hook of \"%.100s\" refuses the row: %s",
                       dbc_table_describe(h->table)->name, dbc_status_text(rc));
    if (rc >= 0 && h->hook && !dbc_txn_is_open(&h->txn))
        return dbc__conn_fail(conn, DBC_ECLOSED,
                              "the transaction of this write was ended from "
                              "inside of it");
    return rc;
}

static int call_hook(hooked *h,
                     int (*call)(void *ud, dbc_write *write, dbc_error *err),
                     int is_before)
{
    dbc_error err = DBC_ERROR_INIT;
    int rc;

    if (!call) return DBC_OK;
    dbc__error_clear(&h->conn->error);
    h->write.is_open = is_before;
    rc = call(h->hook->hooks.ud, &h->write, &err);
    h->write.is_open = 0;
    return judge(h, rc, &err);
}

static unsigned filled_flag(const hooked *h)
{
    if (h->kind == DBC_INSERT) return DBC_COLUMN_HOST_DEFAULT;
    return h->kind == DBC_UPDATE ? DBC_COLUMN_HOST_UPDATE : 0;
}

// Whether there is a column for the host to fill.
static int is_silent(const hooked *h)
{
    for (size_t i = 0; i < dbc_table_column_count(h->table); i++) {
        const dbc_column *column = dbc_table_column(h->table, i);
        if (column->def.flags & filled_flag(h) &&
            h->write.row.presence[i] == DBC_ABSENT)
            return 1;
    }
    return 0;
}

static int fill_row(hooked *h)
{
    const dbc_host_rules *host = &dbc_table_describe(h->table)->host;
    int was_touched = h->write.is_touched;
    dbc_error err = DBC_ERROR_INIT;
    int rc;

    if (!host->fill || !is_silent(h)) return DBC_OK;
    dbc__error_clear(&h->conn->error);
    h->write.is_open = 1;
    rc = host->fill(host->ud, &h->write, &err);
    h->write.is_open = 0;
    h->write.is_touched = was_touched;
    return judge(h, rc, &err);
}

// ------------------------------------------------------------------- the
// engine

static int keep_row(hooked *h, const dbc_value *row, size_t count)
{
    replay *answer = h->answer;
    size_t size = sizeof *answer->rows;
    dbc_value *copy;

    if (!answer || count == 0) return DBC_OK;
    if (answer->cap - answer->used < count) {
        size_t cap = answer->cap * 2 + count * 4;
        void *grown = dbc__alloc_resize(answer->alloc, answer->rows,
                                        answer->cap * size, cap * size);
        if (!grown) return nomem(h);
        answer->rows = grown;
        answer->cap = cap;
    }
    copy = dbc__write_copy(&answer->memory, row, count);
    if (!copy) return nomem(h);
    memcpy(answer->rows + answer->used, copy, count * size);
    answer->used += count;
    return DBC_OK;
}

// What the engine gives has as many columns as was asked for, or it is another
// schema than was thought.
static int check_width(const hooked *h, const dbc_stmt *stmt, size_t due)
{
    size_t count = dbc_stmt_column_count(stmt);

    if (count == due) return DBC_OK;
    return dbc__conn_fail(h->conn, DBC_ESCHEMA,
                          "the database gave %zu columns of \"%.100s\" where "
                          "%zu are due: its schema was changed",
                          count, dbc_table_describe(h->table)->name, due);
}

// How a row of the query below is cut: what the host's query returns, and all
// columns.
typedef struct cut {
    size_t returned; // outputs
    size_t row;      // where all columns begin
} cut;

static cut cut_of(const hooked *h, size_t count)
{
    size_t columns = dbc_table_column_count(h->table);
    int all, returns = dbc__rowwise_returns(h->query, &all);

    if (!h->hook) return (cut){returns ? count : 0, 0};
    if (!returns) return (cut){0, 0};
    return all ? (cut){columns, 0} : (cut){count - columns, count - columns};
}

// Reads all rows of a write; of the last one the whole row is in the arena.
static int read_rows(hooked *h, dbc_stmt *stmt, const dbc_value **last)
{
    size_t count = dbc_stmt_layout(stmt)->output_count;
    const cut at = cut_of(h, count);
    int rc;

    while ((rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        const dbc_value *row = dbc_stmt_row(stmt);
        if (check_width(h, stmt, count) < 0) return DBC_ESCHEMA;
        h->result.changes++;
        if (keep_row(h, row, at.returned) < 0) return DBC_ENOMEM;
        if (!h->hook) continue;
        *last = dbc__write_copy(&h->memory, row + at.row,
                                dbc_table_column_count(h->table));
        if (!*last) return nomem(h);
    }
    return rc;
}

// Runs what became of the row. `*last` is the row as it is then, or NULL.
static int run_row(hooked *h, dbc_query *query, const dbc_value **last)
{
    dbc_args args = {h->args->named, h->args->named_count, NULL, 0};
    dbc_stmt *stmt = NULL;
    dbc_result result;
    dbc_error err;
    int rc;

    if (!h->hook && !h->answer) {
        rc = dbc_query_run(&result, h->conn, query, &args);
        if (rc >= 0) h->result.changes += result.changes;
    } else {
        rc = dbc_query_open(&stmt, h->conn, query, &args);
        if (rc >= 0) rc = read_rows(h, stmt, last);
        err = h->conn->error;
        dbc_stmt_release(stmt);
        h->conn->error = err;
    }
    h->result.last_rowid = dbc_conn_last_rowid(h->conn);
    return rc;
}

// The write of the row that is at work.
static int write_row(hooked *h, const dbc_value **last)
{
    const dbc__rowwise row = {
        h->kind == DBC_DELETE && h->write.is_touched ? DBC_UPDATE : h->kind,
        h->table,
        h->kind == DBC_DELETE && !h->write.is_touched ? NULL : h->write.changes,
        h->write.old, h->hook != NULL};
    dbc_query *query = dbc__rowwise_write(h->query, &row, h->conn->alloc);
    int rc;

    *last = NULL;
    if (!query) return nomem(h);
    dbc_query_unhook(query);
    rc = run_row(h, query, last);
    dbc_query_free(query);
    return rc;
}

// ----------------------------------------------------------------------- a row

static int sets_nothing(const hooked *h)
{
    size_t count = dbc_table_column_count(h->table);

    if (h->kind != DBC_UPDATE) return 0;
    for (size_t i = 0; i < count; i++)
        if (h->write.row.presence[i] != DBC_ABSENT) return 0;
    return 1;
}

// Shows the row as it is now; a row that is gone shows nothing.
static int call_after(hooked *h, const dbc_value *now)
{
    size_t count = dbc_table_column_count(h->table);
    int is_gone = h->kind == DBC_DELETE && !h->write.is_touched;
    dbc_row *row = &h->write.row;

    for (size_t i = 0; i < count; i++)
        row->values[i] = is_gone ? dbc_value_null() : now[i];
    memset(row->presence, is_gone ? DBC_ABSENT : DBC_GIVEN, count);
    return call_hook(h, h->hook->hooks.after, 0);
}

static int do_row(hooked *h)
{
    const dbc_value *now;
    int rc = read_row(h);

    if (rc == DBC_OK && h->hook) rc = call_hook(h, h->hook->hooks.before, 1);
    if (rc == DBC_DONE || (rc == DBC_OK && h->hook && sets_nothing(h)))
        return DBC_OK;
    if (rc >= 0) rc = fill_row(h);
    if (rc >= 0) rc = write_row(h, &now);
    if (rc < 0 || !h->hook || !now) return rc < 0 ? rc : DBC_OK;
    return call_after(h, now);
}

// One row, of which `old` is known or NULL.
static int work_on(hooked *h, const dbc_value *old)
{
    int rc;

    dbc__arena_init(&h->memory, h->conn->alloc);
    rc = dbc__write_init(&h->write, h->conn, h->kind, h->table, &h->memory);
    if (rc < 0) nomem(h);
    h->write.old = old;
    if (rc >= 0) rc = do_row(h);
    dbc__write_dispose(&h->write);
    dbc__arena_dispose(&h->memory);
    return rc;
}

// -------------------------------------------------------------------- all rows

typedef struct old_rows {
    dbc__arena memory;
    const dbc_value **items; // owned
    size_t count, cap;
} old_rows;

static int keep_old(const hooked *h, old_rows *rows, const dbc_value *row)
{
    const dbc_alloc *alloc = h->conn->alloc;
    const dbc_value *copy;

    if (rows->count == rows->cap) {
        size_t cap = rows->cap ? rows->cap * 2 : 8;
        void *grown = dbc__alloc_resize(
            alloc, rows->items, rows->cap * sizeof copy, cap * sizeof copy);
        if (!grown) return nomem(h);
        rows->items = grown;
        rows->cap = cap;
    }
    copy =
        dbc__write_copy(&rows->memory, row, dbc_table_column_count(h->table));
    if (!copy) return nomem(h);
    rows->items[rows->count++] = copy;
    return DBC_OK;
}

// The rows that are meant, all of them read before the first hook is called.
static int read_old(hooked *h, old_rows *rows)
{
    dbc_args args = {h->args->named, h->args->named_count, NULL, 0};
    dbc_query *query = dbc__rowwise_select(h->query, h->conn->alloc);
    dbc_stmt *stmt = NULL;
    dbc_error err;
    int rc;

    if (!query) return nomem(h);
    rc = dbc_query_open(&stmt, h->conn, query, &args);
    while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        rc = check_width(h, stmt, dbc_table_column_count(h->table));
        if (rc >= 0) rc = keep_old(h, rows, dbc_stmt_row(stmt));
    }
    err = h->conn->error;
    dbc_stmt_release(stmt);
    dbc_query_free(query);
    h->conn->error = err;
    return rc < 0 ? rc : DBC_OK;
}

static int work_on_each(hooked *h)
{
    old_rows rows = {{0}, NULL, 0, 0};
    int rc;

    dbc__arena_init(&rows.memory, h->conn->alloc);
    rc = read_old(h, &rows);
    for (size_t i = 0; rc == DBC_OK && i < rows.count; i++)
        rc = work_on(h, rows.items[i]);
    dbc__alloc_free(h->conn->alloc, rows.items, rows.cap * sizeof *rows.items);
    dbc__arena_dispose(&rows.memory);
    return rc;
}

static int finish(hooked *h, int rc)
{
    dbc_error err = h->conn->error;

    if (rc >= 0) {
        rc = dbc_txn_commit(&h->txn);
        if (rc >= 0) return DBC_OK;
        err = h->conn->error;
    }
    dbc_txn_rollback(&h->txn);
    h->conn->error = err;
    return rc;
}

// What is not said row by row.
static int check_form(const hooked *h)
{
    const dbc_query *shape = h->plan->shape;
    const char *name = dbc_table_describe(h->table)->name;

    if (h->conn->txn_readonly > 0)
        return dbc__conn_fail(h->conn, DBC_EREADONLY, DBC__ONLY_READS);
    for (uint32_t i = 0; i < shape->used.nodes; i++) {
        if (shape->nodes[i].op == DBC__INSERT_FROM)
            return dbc__conn_fail(
                h->conn, DBC_EUNSUPPORTED,
                "\"%.100s\" has hooks, which see each row: read the rows and "
                "insert them, or use dbc_query_unhook()",
                name);
        if (shape->nodes[i].op == DBC__CONFLICT_SET)
            return dbc__conn_fail(
                h->conn, DBC_EUNSUPPORTED,
                "\"%.100s\" has hooks, and whether this inserts or updates is "
                "not known to them: look for the row first, or use "
                "dbc_query_unhook()",
                name);
    }
    return DBC_OK;
}

static int run_hooked(hooked *h)
{
    int rc = check_form(h);

    if (rc == DBC_OK) rc = dbc_txn_begin(&h->txn, h->conn, DBC_TXN_DEFAULT);
    if (rc < 0) return rc;
    rc = h->kind == DBC_INSERT ? work_on(h, NULL) : work_on_each(h);
    return finish(h, rc);
}

static int run(dbc_result *out, dbc_stmt *stmt, const dbc_query *query,
               const dbc_args *args, replay *answer)
{
    static const dbc_args none = {NULL, 0, NULL, 0};
    const dbc__plan *plan = stmt->home_ud;
    hooked h = {.conn = stmt->conn,
                .kind = plan->sql.kind,
                .query = query,
                .args = args ? args : &none,
                .plan = plan,
                .answer = answer};
    int rc;

    h.table = dbc_table_retain(plan->sql.table);
    h.hook = dbc__hook_find(plan->cache, h.table);
    if (h.hook) dbc__hook_retain(h.hook);
    rc = h.hook ? run_hooked(&h) : work_on(&h, NULL);
    dbc__hook_release(h.hook);
    dbc_table_release(h.table);
    if (rc >= 0 && out) *out = h.result;
    return rc;
}

int dbc__hooked_run(dbc_result *out, dbc_stmt *stmt, const dbc_query *query,
                    const dbc_args *args)
{
    return run(out, stmt, query, args, NULL);
}

// --------------------------------------------------------------- as a
// statement

static void empty_replay(replay *r)
{
    dbc__alloc_free(r->alloc, r->rows, r->cap * sizeof *r->rows);
    dbc__arena_dispose(&r->memory);
    r->rows = NULL;
    r->used = r->cap = 0;
    r->base.rows = NULL;
    r->base.count = 0;
}

static int make_rows(dbc_stmt *stmt, dbc__replay *base)
{
    replay *r = (replay *)base;
    int rc;

    empty_replay(r);
    rc = run(NULL, stmt, r->query, &r->args, r);
    if (rc < 0) return rc;
    base->rows = r->rows;
    if (stmt->column_count) base->count = r->used / stmt->column_count;
    return DBC_OK;
}

static void free_replay(dbc__replay *base)
{
    replay *r = (replay *)base;

    empty_replay(r);
    dbc__alloc_free(r->alloc, r, sizeof *r);
}

int dbc__hooked_open(dbc_stmt *stmt, const dbc_query *query,
                     const dbc_args *args)
{
    const dbc_alloc *alloc = stmt->conn->alloc;
    replay *r = dbc__alloc_zero(alloc, 1, sizeof *r);

    if (!r) return dbc__conn_fail(stmt->conn, DBC_ENOMEM, "out of memory");
    r->base.make = make_rows;
    r->base.free = free_replay;
    r->alloc = alloc;
    r->query = query;
    if (args) r->args = *args;
    dbc__arena_init(&r->memory, alloc);
    stmt->replay = &r->base;
    return DBC_OK;
}
