// Preparing, binding, stepping. What is bound and what is read is borrowed on
// both sides, so a row costs one look at each value and no copy.
#include "stmt.h"

#include <limits.h>
#include <string.h>

#include "checkpoint.h"
#include "error.h"
#include "function.h"
#include "list.h"
#include "search.h"
#include "wait.h"

static int check_text(const char *sql, size_t len, dbc_error *err)
{
    if (len > INT_MAX)
        return dbc_error_set(err, DBC_ELIMIT,
                             "the SQL text has %zu bytes, more than %d", len,
                             INT_MAX);
    // SQLite would stop there and drop the rest without a word.
    const char *nul = len == 0 ? NULL : memchr(sql, '\0', len);
    if (nul == NULL) return DBC_OK;
    dbc_error_set(err, DBC_EINVALID,
                  "the SQL text holds a NUL byte at position %zu",
                  (size_t)(nul - sql));
    err->offset = nul - sql;
    return err->code;
}

// ----------------------------------------------------------------- prepare

int dbc__sqlite_prepare(void **out, dbc_stmt_info *info, void *ud,
                        const char *sql, size_t len, unsigned flags,
                        dbc_error *err)
{
    dbc__sqlite *db = ud;
    unsigned keep =
        (flags & DBC_PREPARE_KEPT) != 0 ? SQLITE_PREPARE_PERSISTENT : 0;
    const char *tail = sql;

    if (check_text(sql, len, err) < 0) return err->code;
    dbc__sqlite_stmt *stmt = dbc__sqlite_new(db->alloc, sizeof *stmt);
    if (stmt == NULL) return dbc__sqlite_nomem(err);

    dbc__sqlite_wait_arm(db);
    db->preparing = sql;
    db->preparing_len = len;
    int rc = sqlite3_prepare_v3(db->handle, sql, (int)len, keep, &stmt->handle,
                                &tail);
    db->preparing = NULL;
    if (rc != SQLITE_OK || db->callback_failed) {
        dbc__sqlite_error(err, db, rc, 0);
        sqlite3_finalize(stmt->handle);
        dbc__sqlite_callback_settle(db, 0);
        dbc__sqlite_delete(db->alloc, stmt, sizeof *stmt);
        return err->code;
    }
    *info = (dbc_stmt_info){.tail = (size_t)(tail - sql)};
    if (stmt->handle == NULL) {
        dbc__sqlite_delete(db->alloc, stmt, sizeof *stmt);
        info->empty = 1;
        *out = NULL;
        return DBC_OK;
    }
    db->prepared++;
    stmt->db = db;
    stmt->parameter_count = sqlite3_bind_parameter_count(stmt->handle);
    info->parameter_count = (size_t)stmt->parameter_count;
    info->column_count = (size_t)sqlite3_column_count(stmt->handle);
    info->readonly = sqlite3_stmt_readonly(stmt->handle);
    *out = stmt;
    return DBC_OK;
}

void dbc__sqlite_finalize(void *ud)
{
    dbc__sqlite_stmt *stmt = ud;

    if (stmt == NULL) return;
    const dbc_alloc *alloc = stmt->db->alloc;
    dbc__sqlite_reset(stmt);
    sqlite3_finalize(stmt->handle);
    dbc__sqlite_delete(alloc, stmt->lists,
                       (size_t)stmt->parameter_count * sizeof *stmt->lists);
    dbc__sqlite_delete(alloc, stmt, sizeof *stmt);
}

// -------------------------------------------------------------------- bind

// SQLite keeps the pointer to the list, so the list itself is copied to where
// it stays; its items are borrowed like any other value.
static int bind_list(dbc__sqlite_stmt *stmt, int i, const dbc_value *value)
{
    if (stmt->lists == NULL)
        stmt->lists =
            dbc__sqlite_new(stmt->db->alloc, (size_t)stmt->parameter_count *
                                                 sizeof *stmt->lists);
    if (stmt->lists == NULL) return SQLITE_NOMEM;
    stmt->lists[i - 1] = *value;
    return dbc__sqlite_list_bind(stmt->handle, i, &stmt->lists[i - 1]);
}

// Binds parameter `i` from 1. Returns SQLite's result code.
static int bind_one(dbc__sqlite_stmt *stmt, int i, const dbc_value *value)
{
    sqlite3_stmt *handle = stmt->handle;

    switch (value->type) {
    case DBC_NULL:
        return sqlite3_bind_null(handle, i);
    case DBC_INT:
    case DBC_BOOL:
        return sqlite3_bind_int64(handle, i, value->as.i);
    case DBC_REAL:
        // Not a number would be stored as NULL: refused.
        if (value->as.r != value->as.r) return SQLITE_MISMATCH;
        return sqlite3_bind_double(handle, i, value->as.r);
    case DBC_TEXT:
        // No pointer would bind NULL, but an empty text is one.
        return sqlite3_bind_text64(handle, i,
                                   value->len != 0 ? value->as.text : "",
                                   value->len, SQLITE_STATIC, SQLITE_UTF8);
    case DBC_BLOB:
        return sqlite3_bind_blob64(handle, i,
                                   value->len != 0 ? value->as.blob : "",
                                   value->len, SQLITE_STATIC);
    case DBC_LIST:
        return bind_list(stmt, i, value);
    case DBC_FOREIGN:
        break;
    }
    return SQLITE_MISUSE;
}

static int bind_failed(dbc__sqlite_stmt *stmt, size_t i, const dbc_value *value,
                       int rc, dbc_error *err)
{
    switch (rc) {
    case SQLITE_MISMATCH:
        return dbc_error_set(err, DBC_EINVALID,
                             "parameter %zu is not a number (NaN), which "
                             "SQLite would store as NULL",
                             i + 1);
    case SQLITE_TOOBIG:
        return dbc_error_set(
            err, DBC_ELIMIT,
            "parameter %zu has %zu bytes, more than SQLite "
            "takes (%d)",
            i + 1, value->len,
            sqlite3_limit(stmt->db->handle, SQLITE_LIMIT_LENGTH, -1));
    case SQLITE_NOMEM:
        return dbc__sqlite_nomem(err);
    default:
        return dbc_error_set(err, DBC_EINVALID,
                             "parameter %zu cannot be bound: there is no "
                             "value type %d",
                             i + 1, (int)value->type);
    }
}

int dbc__sqlite_bind(void *ud, const dbc_value *values, size_t count,
                     dbc_error *err)
{
    dbc__sqlite_stmt *stmt = ud;

    if (count != (size_t)stmt->parameter_count)
        return dbc_error_set(err, DBC_EINVALID,
                             "the statement has %d parameters, but %zu values "
                             "were given",
                             stmt->parameter_count, count);
    if (stmt->active) dbc__sqlite_reset(stmt);
    for (size_t i = 0; i < count; i++) {
        int rc = bind_one(stmt, (int)i + 1, &values[i]);
        if (rc != SQLITE_OK) return bind_failed(stmt, i, &values[i], rc, err);
    }
    return DBC_OK;
}

// -------------------------------------------------------------------- rows

int dbc__sqlite_read(dbc_value *out, sqlite3_value *value)
{
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        *out = dbc_value_int(sqlite3_value_int64(value));
        return 1;
    case SQLITE_FLOAT:
        *out = dbc_value_real(sqlite3_value_double(value));
        return 1;
    case SQLITE_TEXT:
        // The text first: its length is known once it is UTF-8.
        out->type = DBC_TEXT;
        out->as.text = (const char *)sqlite3_value_text(value);
        out->len = (size_t)sqlite3_value_bytes(value);
        return out->as.text != NULL;
    case SQLITE_BLOB:
        out->type = DBC_BLOB;
        out->as.blob = sqlite3_value_blob(value);
        out->len = (size_t)sqlite3_value_bytes(value);
        return out->as.blob != NULL || out->len == 0;
    default:
        *out = dbc_value_null();
        return 1;
    }
}

void dbc__sqlite_row(void *ud, dbc_value *row, size_t column_count)
{
    dbc__sqlite_stmt *stmt = ud;
    sqlite3_stmt *handle = stmt->handle;

    for (size_t i = 0; i < column_count; i++) {
        if (dbc__sqlite_read(&row[i], sqlite3_column_value(handle, (int)i)))
            continue;
        row[i] = dbc_value_null();
        stmt->lost = 1;
    }
}

// -------------------------------------------------------------------- step

void dbc__sqlite_reset(void *ud)
{
    dbc__sqlite_stmt *stmt = ud;

    stmt->active = 0;
    stmt->lost = 0;
    sqlite3_reset(stmt->handle);
    // A group that was cut short may have failed while it ended: too late.
    stmt->db->callback_failed = 0;
    dbc__sqlite_checkpoint_if_due(stmt->db);
}

static int step_failed(dbc__sqlite_stmt *stmt, int rc, dbc_error *err)
{
    // Asked before the reset, which forgets the message.
    if (stmt->lost)
        dbc__sqlite_nomem(err);
    else
        dbc__sqlite_error(err, stmt->db, rc, 0);
    dbc__sqlite_blame_search(err, sqlite3_sql(stmt->handle));
    int wrote = !sqlite3_stmt_readonly(stmt->handle);
    // What breaks a foreign key without writing is a COMMIT.
    if (err->code == DBC_EFOREIGNKEY && !wrote)
        dbc__sqlite_say_uncommitted(err);
    dbc__sqlite_reset(stmt);
    dbc__sqlite_callback_settle(stmt->db, wrote);
    return err->code;
}

int dbc__sqlite_step(void *ud, dbc_value *row, size_t *column_count,
                     dbc_error *err)
{
    dbc__sqlite_stmt *stmt = ud;
    int first = !stmt->active;

    if (stmt->lost) return step_failed(stmt, SQLITE_NOMEM, err);
    dbc__sqlite_wait_arm(stmt->db);
    stmt->active = 1;
    int rc = sqlite3_step(stmt->handle);

    if (stmt->db->callback_failed) return step_failed(stmt, rc, err);
    if (rc == SQLITE_DONE) {
        // Columns that went by while there was no row.
        if (first) *column_count = (size_t)sqlite3_column_count(stmt->handle);
        dbc__sqlite_reset(stmt);
        return DBC_DONE;
    }
    if (rc != SQLITE_ROW) return step_failed(stmt, rc, err);

    if (first) {
        // Prepared anew behind our back, SELECT * may have grown.
        size_t columns = (size_t)sqlite3_column_count(stmt->handle);
        if (columns != *column_count) {
            *column_count = columns;
            return DBC_ROW;
        }
    }
    dbc__sqlite_row(stmt, row, *column_count);
    if (stmt->lost) return step_failed(stmt, SQLITE_NOMEM, err);
    return DBC_ROW;
}

// Steps to the end and resets. DBC_OK, or the error.
static int drain(dbc__sqlite_stmt *stmt, dbc_error *err)
{
    int rc;

    dbc__sqlite_wait_arm(stmt->db);
    stmt->active = 1;
    do {
        rc = sqlite3_step(stmt->handle);
    } while (rc == SQLITE_ROW);
    if (rc != SQLITE_DONE || stmt->db->callback_failed)
        return step_failed(stmt, rc, err);
    dbc__sqlite_reset(stmt);
    return DBC_OK;
}

int dbc__sqlite_run(void *ud, const dbc_value *values, size_t count,
                    int64_t *changes, dbc_error *err)
{
    dbc__sqlite_stmt *stmt = ud;
    sqlite3 *handle = stmt->db->handle;
    sqlite3_int64 before = sqlite3_total_changes64(handle);

    *changes = 0;
    int rc = dbc__sqlite_bind(stmt, values, count, err);
    if (rc == DBC_OK) rc = drain(stmt, err);
    if (rc < 0) return rc;
    // What is no write leaves the figure of the last write standing.
    if (sqlite3_total_changes64(handle) != before)
        *changes = sqlite3_changes64(handle);
    return DBC_OK;
}

const char *dbc__sqlite_column_name(void *ud, size_t i)
{
    const dbc__sqlite_stmt *stmt = ud;
    const char *name = sqlite3_column_name(stmt->handle, (int)i);

    return name != NULL ? name : "";
}

// -------------------------------------------------------------------- exec

// Runs the first statement of `sql`; `tail` is what it took of the text.
static int exec_one(dbc__sqlite *db, const char *sql, size_t len, size_t *tail,
                    dbc_error *err)
{
    dbc_stmt_info info = {0};
    void *stmt = NULL;
    int rc = dbc__sqlite_prepare(&stmt, &info, db, sql, len, 0, err);

    if (rc < 0) return rc;
    *tail = info.tail;
    if (info.parameter_count != 0)
        rc = dbc_error_set(err, DBC_EINVALID,
                           "the SQL text has a placeholder, but it is run "
                           "without values");
    else if (stmt != NULL)
        rc = drain(stmt, err);
    dbc__sqlite_finalize(stmt);
    return rc;
}

int dbc__sqlite_exec(void *ud, const char *sql, size_t len, dbc_error *err)
{
    size_t done = 0;

    if (check_text(sql, len, err) < 0) return err->code;
    while (done < len) {
        size_t tail = 0;
        int rc = exec_one(ud, sql + done, len - done, &tail, err);
        if (rc < 0) {
            if (err->offset >= 0) err->offset += (int64_t)done;
            return rc;
        }
        if (tail == 0) break;
        done += tail;
    }
    return DBC_OK;
}
