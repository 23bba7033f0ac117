// Inserting many rows with one statement: all of them or none, and an error
// that knows which row it was.
#include "alloc.h"
#include "conn.h"
#include "error.h"
#include "exec.h"

// One bulk insert while it runs.
typedef struct bulk {
    dbc_conn *conn;
    const dbc_query *query;
    const dbc_rows *rows;
    dbc_txn txn;
    dbc_stmt *stmt;    // NULL before the first row
    dbc_value *given;  // owned: the row that `next` fills, or NULL
    size_t slot_count; // values of a row
    int64_t number;    // of the row at work, from 1
    dbc_result result;
} bulk;

// How many values a row of `query` has.
static int count_slots(size_t *out, dbc_conn *conn, const dbc_query *query)
{
    const dbc_sql *sql;
    int rc = dbc_query_plan(&sql, conn, query);

    if (rc < 0) return rc;
    if (sql->kind != DBC_INSERT)
        return dbc__conn_fail(conn, DBC_EINVALID,
                              "rows are given to an insert: this query is "
                              "none, run it with dbc_query_run()");
    *out = 0;
    for (size_t i = 0; i < sql->parameter_count; i++) {
        const dbc_parameter *parameter = &sql->parameters[i];
        if (parameter->kind == DBC_PARAMETER_SLOT && parameter->index >= *out)
            *out = (size_t)parameter->index + 1;
    }
    return DBC_OK;
}

// The host's function may use the connection, but not end what it works in.
static int ask_next(bulk *b)
{
    int rc;

    for (size_t i = 0; i < b->slot_count; i++)
        b->given[i] = dbc_value_null();
    dbc__error_clear(&b->conn->error);
    rc = b->rows->next(b->rows->ud, b->given, b->slot_count);
    if (rc >= 0 && !dbc_txn_is_open(&b->txn))
        return dbc__conn_fail(b->conn, DBC_ECLOSED,
                              "the transaction of this insert was ended from "
                              "inside of it");
    if (rc < 0 && b->conn->error.code != rc)
        return dbc__conn_fail(b->conn, rc, "the rows end with an error: %s",
                              dbc_status_text(rc));
    return rc;
}

// Finds the next row: DBC_ROW with `*out`, or DBC_DONE.
static int find_row(const dbc_value **out, bulk *b)
{
    size_t index = (size_t)(b->number - 1);

    if (b->rows->next != NULL) {
        *out = b->given;
        return ask_next(b);
    }
    if (index >= b->rows->count) return DBC_DONE;
    *out = b->slot_count == 0 ? NULL : b->rows->values + index * b->slot_count;
    return DBC_ROW;
}

static int insert_row(bulk *b, const dbc_value *slots)
{
    dbc_args args = {b->rows->named, b->rows->named_count, slots,
                     b->slot_count};
    dbc_result result = {0, 0};
    int rc = DBC_OK;

    if (b->stmt == NULL)
        rc = dbc_query_open(&b->stmt, b->conn, b->query, &args);
    if (rc >= 0) rc = dbc__query_repeat(&result, b->stmt, b->query, &args);
    if (rc < 0) return rc;
    b->result.changes += result.changes;
    b->result.last_rowid = result.last_rowid;
    return rc;
}

static int insert_all(bulk *b)
{
    const dbc_value *slots = NULL;

    for (b->number = 1;; b->number++) {
        int rc = find_row(&slots, b);
        if (rc == DBC_DONE) return DBC_OK;
        if (rc >= 0) rc = insert_row(b, slots);
        if (rc < 0) return rc;
    }
}

// The statement must be back before anything is undone.
static int finish(bulk *b, int rc)
{
    dbc_error err = b->conn->error;

    dbc_stmt_release(b->stmt);
    if (rc >= 0) {
        rc = dbc_txn_commit(&b->txn);
        err = b->conn->error;
    } else {
        err.row = b->number;
    }
    if (rc >= 0) return DBC_OK;
    dbc_txn_rollback(&b->txn);
    b->conn->error = err;
    return rc;
}

int dbc_query_run_rows(dbc_result *out, dbc_conn *conn, const dbc_query *query,
                       const dbc_rows *rows)
{
    bulk b = {.conn = conn, .query = query, .rows = rows};
    size_t size;

    int rc = count_slots(&b.slot_count, conn, query);
    if (rc < 0) return rc;
    size = b.slot_count * sizeof *b.given;
    if (rows->next != NULL && size > 0) {
        b.given = dbc__alloc(conn->alloc, size);
        if (b.given == NULL)
            return dbc__conn_fail(conn, DBC_ENOMEM, "out of memory");
    }

    rc = dbc_txn_begin(&b.txn, conn, DBC_TXN_DEFAULT);
    if (rc >= 0) rc = finish(&b, insert_all(&b));
    if (rc >= 0 && out != NULL) *out = b.result;
    dbc__alloc_free(conn->alloc, b.given, size);
    return rc;
}
