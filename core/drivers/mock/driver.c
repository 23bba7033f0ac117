// The mock driver: it runs nothing, but keeps all the rules that a driver has
// to keep, so that what works with it may work with an engine. Text that was
// bound is read when the statement is run, not before: a value that is gone by
// then is found by the sanitizer.
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "mock.h"
#include "mock_text.h"

typedef struct mock_db {
    const dbc_alloc *alloc; // borrowed
    dbc_mock *mock;         // borrowed, or NULL
    int in_txn;
    int64_t changes;
    int64_t last_rowid;
    int64_t prepared;
    int64_t deadline_ns;
    atomic_int interrupted;
} mock_db;

typedef struct mock_stmt {
    mock_db *db;
    const char *sql; // behind the values, in this block
    size_t sql_len;
    dbc__mock_verb verb;
    size_t parameter_count;
    dbc_value *values; // behind this structure, in this block
    // What describes the columns: of the run, or before it of the next one.
    const dbc__mock_answer *answer;
    int running;
    size_t rows; // given in this run
} mock_stmt;

static int fail(mock_db *db, dbc__mock_answer *answer, dbc_error *err)
{
    answer->used = 1;
    if (answer->body.ends_transaction) db->in_txn = 0;
    return dbc_error_set(err, answer->body.code, "%s", answer->body.message);
}

static int out_of_memory(dbc_error *err)
{
    dbc_error_set(err, DBC_ENOMEM, "out of memory");
    return DBC_ENOMEM;
}

// --------------------------------------------------------------- a database

static int open_db(void **out, const dbc_driver_options *options,
                   dbc_error *err)
{
    dbc_mock *mock = options->open->driver_ud;
    dbc__mock_answer *answer = mock ? dbc__mock_peek_open(mock) : NULL;
    mock_db *db = dbc__mock_resize(options->alloc, NULL, 0, sizeof *db);

    if (db == NULL) return out_of_memory(err);
    *db = (mock_db){.alloc = options->alloc, .mock = mock};
    atomic_init(&db->interrupted, 0);
    if (answer != NULL) {
        int rc = fail(db, answer, err);
        dbc__mock_resize(options->alloc, db, sizeof *db, 0);
        return rc;
    }
    *out = db;
    return DBC_OK;
}

static void close_db(void *handle)
{
    mock_db *db = handle;

    dbc__mock_resize(db->alloc, db, sizeof *db, 0);
}

static int64_t changes(void *handle)
{
    return ((mock_db *)handle)->changes;
}

static int64_t last_rowid(void *handle)
{
    return ((mock_db *)handle)->last_rowid;
}

static int64_t prepared(void *handle)
{
    return ((mock_db *)handle)->prepared;
}

static int in_txn(void *handle)
{
    return ((mock_db *)handle)->in_txn;
}

static void interrupt(void *handle)
{
    atomic_store(&((mock_db *)handle)->interrupted, 1);
}

static void set_deadline(void *handle, int64_t deadline_ns)
{
    ((mock_db *)handle)->deadline_ns = deadline_ns;
}

static const char *begin_sql(dbc_txn_mode mode)
{
    switch (mode) {
    case DBC_TXN_DEFERRED:
        return "BEGIN DEFERRED";
    case DBC_TXN_EXCLUSIVE:
        return "BEGIN EXCLUSIVE";
    case DBC_TXN_READ:
        return "BEGIN READ";
    default:
        return "BEGIN IMMEDIATE";
    }
}

// -------------------------------------------------------------- a statement

static int is_control(dbc__mock_verb verb)
{
    return verb != DBC__MOCK_READ && verb != DBC__MOCK_WRITE;
}

static dbc__mock_answer *next_answer(const mock_stmt *stmt)
{
    const dbc_mock *mock = stmt->db->mock;

    if (mock == NULL) return NULL;
    return dbc__mock_peek(mock, stmt->sql, stmt->sql_len,
                          is_control(stmt->verb));
}

static size_t stmt_size(const mock_stmt *stmt)
{
    return sizeof *stmt + stmt->parameter_count * sizeof *stmt->values +
           stmt->sql_len + 1;
}

static void finalize(void *handle)
{
    mock_stmt *stmt = handle;

    dbc__mock_resize(stmt->db->alloc, stmt, stmt_size(stmt), 0);
}

static mock_stmt *new_stmt(mock_db *db, const dbc__mock_text *text,
                           const char *sql)
{
    mock_stmt like = {.db = db,
                      .sql_len = text->end - text->start,
                      .verb = text->verb,
                      .parameter_count = text->parameter_count};
    mock_stmt *stmt = dbc__mock_resize(db->alloc, NULL, 0, stmt_size(&like));
    char *copy;

    if (stmt == NULL) return NULL;
    *stmt = like;
    stmt->values = (dbc_value *)(stmt + 1);
    for (size_t i = 0; i < stmt->parameter_count; i++)
        stmt->values[i] = dbc_value_null();
    copy = (char *)(stmt->values + stmt->parameter_count);
    memcpy(copy, sql + text->start, stmt->sql_len);
    copy[stmt->sql_len] = '\0';
    stmt->sql = copy;
    return stmt;
}

static int prepare(void **out, dbc_stmt_info *info, void *handle,
                   const char *sql, size_t len, unsigned flags, dbc_error *err)
{
    mock_db *db = handle;
    dbc__mock_text text;
    dbc__mock_answer *answer;
    mock_stmt *stmt;

    (void)flags;
    int rc = dbc__mock_text_read(&text, sql, len, err);
    if (rc < 0) return rc;
    *info = (dbc_stmt_info){.parameter_count = text.parameter_count,
                            .readonly = text.verb != DBC__MOCK_WRITE,
                            .tail = text.len,
                            .empty = text.empty};
    *out = NULL;
    if (text.empty) return DBC_OK;

    stmt = new_stmt(db, &text, sql);
    if (stmt == NULL) return out_of_memory(err);
    answer = next_answer(stmt);
    if (answer != NULL && answer->body.stage == DBC_MOCK_PREPARE) {
        finalize(stmt);
        return fail(db, answer, err);
    }
    stmt->answer = answer;
    if (answer != NULL) info->column_count = answer->body.column_count;
    db->prepared++;
    *out = stmt;
    return DBC_OK;
}

static int bind(void *handle, const dbc_value *values, size_t count,
                dbc_error *err)
{
    mock_stmt *stmt = handle;
    dbc__mock_answer *answer = next_answer(stmt);

    if (stmt->running)
        return dbc_error_set(err, DBC_EINVALID,
                             "bound without a reset while it runs");
    if (count != stmt->parameter_count)
        return dbc_error_set(err, DBC_EINVALID, "%zu placeholders, %zu values",
                             stmt->parameter_count, count);
    if (answer != NULL && answer->body.stage == DBC_MOCK_BIND)
        return fail(stmt->db, answer, err);
    for (size_t i = 0; i < count; i++)
        stmt->values[i] = values[i];
    return DBC_OK;
}

static int change_txn(mock_stmt *stmt, dbc_error *err)
{
    mock_db *db = stmt->db;

    if (!is_control(stmt->verb)) return DBC_OK;
    if (stmt->verb == DBC__MOCK_BEGIN && db->in_txn)
        return dbc_error_set(err, DBC_EDATABASE, "a transaction is open");
    if (stmt->verb != DBC__MOCK_BEGIN && !db->in_txn)
        return dbc_error_set(err, DBC_EDATABASE, "no transaction is open");
    if (stmt->verb == DBC__MOCK_BEGIN) db->in_txn = 1;
    if (stmt->verb == DBC__MOCK_COMMIT || stmt->verb == DBC__MOCK_ROLLBACK)
        db->in_txn = 0;
    return DBC_OK;
}

static int check_stop(mock_db *db, dbc_error *err)
{
    struct timespec now;

    if (atomic_exchange(&db->interrupted, 0))
        return dbc_error_set(err, DBC_EINTERRUPTED, "interrupted");
    if (db->deadline_ns == 0) return DBC_OK;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if ((int64_t)now.tv_sec * 1000000000 + now.tv_nsec < db->deadline_ns)
        return DBC_OK;
    return dbc_error_set(err, DBC_ETIMEOUT, "the time ran out");
}

static int start(mock_stmt *stmt, dbc_error *err)
{
    dbc_mock *mock = stmt->db->mock;
    dbc__mock_answer *answer = next_answer(stmt);

    if (mock != NULL &&
        dbc__mock_record(mock, stmt->sql, stmt->sql_len, stmt->values,
                         stmt->parameter_count) < 0)
        return out_of_memory(err);
    if (answer != NULL) answer->used = 1;
    stmt->answer = answer;
    stmt->rows = 0;
    stmt->running = 1;
    return DBC_OK;
}

static void fill_row(void *handle, dbc_value *row, size_t column_count)
{
    const mock_stmt *stmt = handle;
    const dbc_mock_answer *body = &stmt->answer->body;
    const dbc_value *values =
        body->values + (stmt->rows - 1) * body->column_count;

    for (size_t i = 0; i < column_count; i++)
        row[i] = values[i];
}

// What happens when all rows are given.
static int finish(mock_stmt *stmt, dbc_error *err)
{
    const dbc__mock_answer *answer = stmt->answer;
    mock_db *db = stmt->db;

    if (answer != NULL && answer->body.code < 0)
        return fail(db, (dbc__mock_answer *)answer, err);
    if (stmt->verb == DBC__MOCK_WRITE) {
        db->changes = answer != NULL ? answer->body.changes : 0;
        if (answer != NULL) db->last_rowid = answer->body.last_rowid;
    }
    int rc = change_txn(stmt, err);
    return rc < 0 ? rc : DBC_DONE;
}

static int step(void *handle, dbc_value *row, size_t *column_count,
                dbc_error *err)
{
    mock_stmt *stmt = handle;
    int rc = check_stop(stmt->db, err);

    if (rc < 0) return rc;
    if (!stmt->running) {
        rc = start(stmt, err);
        if (rc < 0) return rc;
    }
    if (stmt->answer == NULL || stmt->rows == stmt->answer->body.row_count)
        return finish(stmt, err);

    stmt->rows++;
    if (row != NULL && *column_count == stmt->answer->body.column_count)
        fill_row(stmt, row, *column_count);
    *column_count = stmt->answer->body.column_count;
    return DBC_ROW;
}

static void reset(void *handle)
{
    ((mock_stmt *)handle)->running = 0;
}

static int run(void *handle, const dbc_value *values, size_t count,
               int64_t *changed, dbc_error *err)
{
    mock_stmt *stmt = handle;
    size_t no_columns = 0;
    int rc = bind(stmt, values, count, err);

    if (rc < 0) return rc;
    do {
        no_columns = 0;
        rc = step(stmt, NULL, &no_columns, err);
    } while (rc == DBC_ROW);
    reset(stmt);
    *changed = stmt->verb == DBC__MOCK_WRITE ? stmt->db->changes : 0;
    return rc < 0 ? rc : DBC_OK;
}

static const char *column_name(void *handle, size_t i)
{
    const mock_stmt *stmt = handle;

    return stmt->answer != NULL && i < stmt->answer->body.column_count
               ? stmt->answer->body.columns[i]
               : "";
}

static int exec(void *handle, const char *sql, size_t len, dbc_error *err)
{
    size_t at = 0;

    while (at < len) {
        dbc_stmt_info info;
        void *stmt = NULL;
        int64_t ignored;
        int rc = prepare(&stmt, &info, handle, sql + at, len - at, 0, err);
        if (rc < 0) return rc;
        at += info.tail;
        if (stmt == NULL) continue; // nothing but blanks
        if (info.parameter_count > 0)
            rc = dbc_error_set(err, DBC_EINVALID, "no values were given");
        else
            rc = run(stmt, NULL, 0, &ignored, err);
        finalize(stmt);
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

const dbc_driver *dbc_driver_mock(void)
{
    static const dbc_driver driver = {
        .name = "mock",
        .dialect = &dbc__mock_dialect,
        .open = open_db,
        .close = close_db,
        .prepare = prepare,
        .finalize = finalize,
        .bind = bind,
        .step = step,
        .row = fill_row,
        .reset = reset,
        .run = run,
        .column_name = column_name,
        .exec = exec,
        .changes = changes,
        .last_rowid = last_rowid,
        .in_txn = in_txn,
        .begin_sql = begin_sql,
        .interrupt = interrupt,
        .set_deadline = set_deadline,
        .prepared = prepared,
    };

    return &driver;
}
