// A row as it would be bound goes to the hooks; what they made of it is said in
// a copy of the query, which then runs as any other.
#include "hooked_row.h"

#include <string.h>

#include "bind.h"
#include "error.h"

int dbc__hooked_nomem(const dbc__hooked *h)
{
    return dbc__conn_fail(h->conn, DBC_ENOMEM, "out of memory");
}

// ----------------------------------------------------------------- what is
// said

// Slots are numbered anew when one is left out, so their values are set.
static int take_parameter(dbc__hooked *h, const dbc_parameter *parameter)
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

int dbc__hooked_read_row(dbc__hooked *h)
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
static int judge(const dbc__hooked *h, int rc, const dbc_error *err)
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

static int call_hook(dbc__hooked *h,
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

static unsigned filled_flag(const dbc__hooked *h)
{
    if (h->kind == DBC_INSERT) return DBC_COLUMN_HOST_DEFAULT;
    return h->kind == DBC_UPDATE ? DBC_COLUMN_HOST_UPDATE : 0;
}

// Whether there is a column for the host to fill.
static int is_silent(const dbc__hooked *h)
{
    for (size_t i = 0; i < dbc_table_column_count(h->table); i++) {
        const dbc_column *column = dbc_table_column(h->table, i);
        if (column->def.flags & filled_flag(h) &&
            h->write.row.presence[i] == DBC_ABSENT)
            return 1;
    }
    return 0;
}

static int fill_row(dbc__hooked *h)
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

static int keep_row(const dbc__hooked *h, const dbc_value *row, size_t count)
{
    if (!h->answer || dbc__returned_add(h->answer, row, count) == DBC_OK)
        return DBC_OK;
    return dbc__hooked_nomem(h);
}

int dbc__hooked_check_width(const dbc__hooked *h, const dbc_stmt *stmt,
                            size_t due)
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

static cut cut_of(const dbc__hooked *h, size_t count)
{
    size_t columns = dbc_table_column_count(h->table);
    int all, returns = dbc__rowwise_returns(h->query, &all);

    if (!h->hook) return (cut){returns ? count : 0, 0};
    if (!returns) return (cut){0, 0};
    return all ? (cut){columns, 0} : (cut){count - columns, count - columns};
}

// Reads all rows of a write; of the last one the whole row is in the arena.
static int read_rows(dbc__hooked *h, dbc_stmt *stmt, const dbc_value **last)
{
    size_t count = dbc_stmt_layout(stmt)->output_count;
    const cut at = cut_of(h, count);
    int rc;

    while ((rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        const dbc_value *row = dbc_stmt_row(stmt);
        if (dbc__hooked_check_width(h, stmt, count) < 0) return DBC_ESCHEMA;
        h->result.changes++;
        if (keep_row(h, row, at.returned) < 0) return DBC_ENOMEM;
        if (!h->hook) continue;
        *last = dbc__write_copy(&h->memory, row + at.row,
                                dbc_table_column_count(h->table));
        if (!*last) return dbc__hooked_nomem(h);
    }
    return rc;
}

// Runs what became of the row. `*last` is the row as it is then, or NULL.
static int run_row(dbc__hooked *h, dbc_query *query, const dbc_value **last)
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

int dbc__hooked_run_other(dbc__hooked *h, const dbc_query *query)
{
    dbc_args args = {h->args->named, h->args->named_count, NULL, 0};
    dbc_stmt *stmt = NULL;
    dbc_result result;
    dbc_error err;
    int rc;

    if (!h->answer) {
        rc = dbc_query_run(&result, h->conn, query, &args);
        if (rc >= 0) h->result.changes += result.changes;
    } else {
        rc = dbc_query_open(&stmt, h->conn, query, &args);
        while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW)
            if (keep_row(h, dbc_stmt_row(stmt), dbc_stmt_column_count(stmt)) <
                0)
                rc = DBC_ENOMEM;
        err = h->conn->error;
        dbc_stmt_release(stmt);
        h->conn->error = err;
    }
    h->result.last_rowid = dbc_conn_last_rowid(h->conn);
    return rc < 0 ? rc : DBC_OK;
}

// The row that an insert met is one that may not be updated.
static int refuse_upsert(const dbc__hooked *h)
{
    return dbc__conn_fail(h->conn, DBC_EDENIED,
                          "a policy holds: the row of \"%.100s\" that is there "
                          "already cannot be updated",
                          dbc_table_describe(h->table)->name);
}

// The write of the row that is at work.
static int write_row(dbc__hooked *h, const dbc_value **last)
{
    const dbc__rowwise row = {
        h->kind == DBC_DELETE && h->write.is_touched ? DBC_UPDATE : h->kind,
        h->table,
        h->kind == DBC_DELETE && !h->write.is_touched ? NULL : h->write.changes,
        h->write.old, h->hook != NULL};
    dbc_query *query = dbc__rowwise_write(h->query, &row, h->conn->alloc);
    int rc;

    *last = NULL;
    if (!query) return dbc__hooked_nomem(h);
    dbc_query_unhook(query);
    rc = run_row(h, query, last);
    dbc_query_free(query);
    if (rc >= 0 && h->query->is_upsert && h->hook && !*last)
        return refuse_upsert(h);
    return rc;
}

// ----------------------------------------------------------------------- a row

static int sets_nothing(const dbc__hooked *h)
{
    size_t count = dbc_table_column_count(h->table);

    if (h->kind != DBC_UPDATE) return 0;
    for (size_t i = 0; i < count; i++)
        if (h->write.row.presence[i] != DBC_ABSENT) return 0;
    return 1;
}

// Shows the row as it is now; a row that is gone shows nothing.
static int call_after(dbc__hooked *h, const dbc_value *now)
{
    size_t count = dbc_table_column_count(h->table);
    int is_gone = h->kind == DBC_DELETE && !h->write.is_touched;
    dbc_row *row = &h->write.row;

    for (size_t i = 0; i < count; i++)
        row->values[i] = is_gone ? dbc_value_null() : now[i];
    memset(row->presence, is_gone ? DBC_ABSENT : DBC_GIVEN, count);
    return call_hook(h, h->hook->hooks.after, 0);
}

static int do_row(dbc__hooked *h)
{
    const dbc_value *now;
    int rc = dbc__hooked_read_row(h);

    if (rc == DBC_OK && h->hook) rc = call_hook(h, h->hook->hooks.before, 1);
    if (rc == DBC_DONE || (rc == DBC_OK && h->hook && sets_nothing(h)))
        return DBC_OK;
    if (rc >= 0) rc = fill_row(h);
    if (rc >= 0) rc = write_row(h, &now);
    if (rc < 0 || !h->hook || !now) return rc < 0 ? rc : DBC_OK;
    return call_after(h, now);
}

int dbc__hooked_begin_row(dbc__hooked *h)
{
    dbc__arena_init(&h->memory, h->conn->alloc);
    if (dbc__write_init(&h->write, h->conn, h->kind, h->table, &h->memory) < 0)
        return dbc__hooked_nomem(h);
    h->write.is_upsert = h->query->is_upsert;
    h->write.has_deleted = h->query->has_deleted;
    return DBC_OK;
}

void dbc__hooked_end_row(dbc__hooked *h)
{
    dbc__write_dispose(&h->write);
    dbc__arena_dispose(&h->memory);
}

int dbc__hooked_row(dbc__hooked *h, const dbc_value *old)
{
    int rc = dbc__hooked_begin_row(h);

    h->write.old = old;
    if (rc == DBC_OK) rc = do_row(h);
    dbc__hooked_end_row(h);
    return rc;
}
