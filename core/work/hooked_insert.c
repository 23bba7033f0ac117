// The rows of a query are read before the first hook is called. Whether a row
// is there already is looked up by the columns that may conflict: so hooks of
// an update never see an insert, nor the other way round.
#include "hooked_insert.h"

#include "error.h"
#include "exec.h"
#include "rowwise_insert.h"

int dbc__hooked_is_plain(const dbc_query *insert)
{
    return dbc__rowwise_form(insert) == DBC__INSERT_PLAIN;
}

// ------------------------------------------------------------- what is asked

static dbc_args named_args(const dbc__hooked *h)
{
    return (dbc_args){h->args->named, h->args->named_count, NULL, 0};
}

static void release(dbc__hooked *h, dbc_stmt *stmt)
{
    dbc_error err = h->conn->error;

    dbc_stmt_release(stmt);
    h->conn->error = err;
}

// Ends `query`. Its first row is in the arena of the row at work; without one
// `*out` is NULL.
static int ask(dbc__hooked *h, const dbc_value **out, dbc_query *query,
               const dbc_args *args)
{
    dbc_stmt *stmt = NULL;
    int rc;

    *out = NULL;
    if (!query) return dbc__hooked_nomem(h);
    rc = dbc_query_open(&stmt, h->conn, query, args);
    if (rc >= 0) rc = dbc_stmt_step(stmt);
    if (rc == DBC_ROW)
        *out = dbc__write_copy(&h->memory, dbc_stmt_row(stmt),
                               dbc_stmt_column_count(stmt));
    if (rc == DBC_ROW && !*out) rc = dbc__hooked_nomem(h);
    release(h, stmt);
    dbc_query_free(query);
    return rc < 0 ? rc : DBC_OK;
}

// ------------------------------------------------------------ a row as it is

// A value that the database gave, as a row gives it. One that its column would
// refuse is left to the database, as it is where no hook stands.
static dbc__change take_stored(const dbc_column *column, dbc_value value)
{
    dbc_value encoded;

    if (column->def.type == DBC_T_BOOLEAN && value.type == DBC_INT &&
        (value.as.i == 0 || value.as.i == 1))
        value = dbc_value_bool(value.as.i == 1);
    encoded = value;
    if (dbc_column_encode(column, &encoded, NULL) < 0)
        return (dbc__change){DBC__AS_STORED, value, NULL};
    return (dbc__change){DBC__BY_VALUE, value, NULL};
}

static dbc__change *new_changes(dbc__hooked *h)
{
    size_t count = dbc_table_column_count(h->table);
    dbc__change *changes =
        dbc__arena_take_array(&h->memory, count, sizeof *changes);

    for (size_t i = 0; changes && i < count; i++)
        changes[i] = (dbc__change){DBC__UNSAID, dbc_value_null(), NULL};
    if (!changes) dbc__hooked_nomem(h);
    return changes;
}

// Asks the database what the insert computes: once, so that what is looked for
// is what is written.
static int take_computed(dbc__hooked *h, dbc__change *changes)
{
    size_t size = dbc_table_column_count(h->table), count;
    const dbc_column **columns =
        dbc__arena_take_array(&h->memory, size, sizeof *columns);
    const dbc_args args = named_args(h);
    const dbc_value *values;
    dbc_query *query;
    int rc;

    if (!columns) return dbc__hooked_nomem(h);
    query = dbc__rowwise_computed(h->query, h->write.row.presence, columns,
                                  &count, h->conn->alloc);
    if (query && count == 0) {
        dbc_query_free(query);
        return DBC_OK;
    }
    rc = ask(h, &values, query, &args);
    for (size_t i = 0; rc == DBC_OK && values && i < count; i++) {
        const dbc_column *column =
            dbc_table_column(h->table, columns[i]->position);
        changes[column->position] = take_stored(column, values[i]);
    }
    return rc;
}

// All that the query says of its row, as values.
static int take_said(dbc__hooked *h, dbc__change *changes)
{
    const dbc_row *row = &h->write.row;
    int rc = dbc__hooked_read_row(h);

    for (size_t i = 0; i < dbc_table_column_count(h->table); i++)
        if (row->presence[i] == DBC_GIVEN)
            changes[i] = (dbc__change){DBC__BY_VALUE, row->values[i], NULL};
    return rc < 0 ? rc : take_computed(h, changes);
}

// -------------------------------------------------------------- what it
// becomes

static int run(dbc__hooked *h, dbc_query *query)
{
    int rc;

    if (!query) return dbc__hooked_nomem(h);
    rc = dbc__hooked_run_other(h, query);
    dbc_query_free(query);
    return rc;
}

static int update_row(dbc__hooked *h, const dbc__newcomer *row,
                      const dbc_value *old)
{
    const dbc_alloc *alloc = h->conn->alloc;
    const dbc_args args = named_args(h);
    const dbc_value *wanted = old;
    int rc = DBC_OK;

    if (dbc__rowwise_form(h->query) & DBC__INSERT_OR_WHERE)
        rc = ask(h, &wanted, dbc__rowwise_wanted(h->query, row, old, alloc),
                 &args);
    if (rc < 0 || !wanted) return rc;
    return run(h, dbc__rowwise_update(h->query, row, old, alloc));
}

static int write_row(dbc__hooked *h, const dbc__change *changes)
{
    const dbc__newcomer row = {h->table, changes, h->conn->driver->dialect};
    const dbc_alloc *alloc = h->conn->alloc;
    const dbc_value *old = NULL;
    int rc = DBC_OK;

    if (dbc__rowwise_form(h->query) & DBC__INSERT_OR_UPDATE &&
        dbc__rowwise_may_conflict(h->query, &row))
        rc = ask(h, &old, dbc__rowwise_conflict(h->query, &row, alloc), NULL);
    if (rc < 0) return rc;
    if (old) return update_row(h, &row, old);
    return run(h, dbc__rowwise_insert(h->query, &row, alloc));
}

// The row that the query says itself.
static int write_said(dbc__hooked *h)
{
    dbc__change *changes = NULL;
    int rc = dbc__hooked_begin_row(h);

    if (rc == DBC_OK) changes = new_changes(h);
    if (rc == DBC_OK) rc = changes ? take_said(h, changes) : DBC_ENOMEM;
    if (rc == DBC_OK) rc = write_row(h, changes);
    dbc__hooked_end_row(h);
    return rc;
}

// ------------------------------------------------------------ rows of a query

typedef struct source {
    dbc__returned rows;
    const dbc_column **columns; // in `memory`, by output
    size_t count;               // outputs
    dbc__arena memory;
} source;

// The names of the outputs are those of columns.
static int find_columns(dbc__hooked *h, source *from, const dbc_layout *layout)
{
    from->count = layout->output_count;
    from->columns = dbc__arena_take_array(&from->memory, from->count,
                                          sizeof *from->columns);
    if (!from->columns) return dbc__hooked_nomem(h);
    for (size_t i = 0; i < from->count; i++) {
        const dbc_output *output = &layout->outputs[i];
        from->columns[i] = dbc_table_find(h->table, output->name,
                                          output->name_len, &h->conn->error);
        if (!from->columns[i]) return h->conn->error.code;
    }
    return DBC_OK;
}

static int read_source(dbc__hooked *h, source *from)
{
    dbc_query *query = dbc__rowwise_source(h->query, h->conn->alloc);
    const dbc_args args = named_args(h);
    dbc_stmt *stmt = NULL;
    int rc;

    if (!query) return dbc__hooked_nomem(h);
    rc = dbc_query_open(&stmt, h->conn, query, &args);
    if (rc >= 0) rc = find_columns(h, from, dbc_stmt_layout(stmt));
    while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        rc = dbc__hooked_check_width(h, stmt, from->count);
        if (rc >= 0 &&
            dbc__returned_add(&from->rows, dbc_stmt_row(stmt), from->count) < 0)
            rc = dbc__hooked_nomem(h);
    }
    release(h, stmt);
    dbc_query_free(query);
    return rc < 0 ? rc : DBC_OK;
}

static int write_taken(dbc__hooked *h, const source *from,
                       const dbc_value *values)
{
    dbc__change *changes = NULL;
    int rc = dbc__hooked_begin_row(h);

    if (rc == DBC_OK) changes = new_changes(h);
    if (rc == DBC_OK && !changes) rc = DBC_ENOMEM;
    for (size_t i = 0; rc == DBC_OK && i < from->count; i++)
        changes[from->columns[i]->position] =
            take_stored(from->columns[i], values[i]);
    if (rc == DBC_OK) rc = write_row(h, changes);
    dbc__hooked_end_row(h);
    return rc;
}

// An error knows which of the rows it is about, from 1.
static int write_all(dbc__hooked *h)
{
    source from = {.count = 0};
    size_t at = 0;
    int rc;

    dbc__returned_init(&from.rows, h->conn->alloc);
    dbc__arena_init(&from.memory, h->conn->alloc);
    rc = read_source(h, &from);
    for (; rc >= 0 && at < from.rows.used; at += from.count) {
        rc = write_taken(h, &from, from.rows.rows + at);
        if (rc < 0) h->conn->error.row = (int64_t)(at / from.count) + 1;
    }
    dbc__arena_dispose(&from.memory);
    dbc__returned_dispose(&from.rows);
    return rc;
}

int dbc__hooked_insert(dbc__hooked *h)
{
    if (dbc__rowwise_form(h->query) & DBC__INSERT_FROM_ROWS)
        return write_all(h);
    return write_said(h);
}
