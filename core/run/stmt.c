// The life of a statement: prepared, lent, given back, ended. What it does
// while it is lent is in stmt_run.c.
#include "stmt.h"

#include <assert.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "name.h"
#include "untrusted.h"

// ----------------------------------------------------------- making, ending

int dbc__stmt_resize_row(dbc_stmt *stmt, size_t count)
{
    const dbc_alloc *alloc = stmt->conn->alloc;
    dbc_value *row;

    if (count > stmt->row_cap) {
        if (count > SIZE_MAX / sizeof *row) return DBC_ENOMEM;
        row = dbc__alloc_resize(alloc, stmt->row, stmt->row_cap * sizeof *row,
                                count * sizeof *row);
        if (row == NULL) return DBC_ENOMEM;
        stmt->row = row;
        stmt->row_cap = count;
    }
    stmt->column_count = count;
    return DBC_OK;
}

// Where the first thing after blanks, semicolons and comments begins.
static size_t skip_blank(const char *sql, size_t len, size_t at)
{
    while (at < len) {
        const char *rest = sql + at;
        size_t left = len - at;

        if (strchr(" \t\r\n\f\v;", *rest) != NULL) {
            at++;
        } else if (left > 1 && memcmp(rest, "--", 2) == 0) {
            const char *end = memchr(rest, '\n', left);
            at = end != NULL ? (size_t)(end - sql) + 1 : len;
        } else if (left > 1 && memcmp(rest, "/*", 2) == 0) {
            at += 3;
            while (at < len && memcmp(sql + at - 1, "*/", 2) != 0)
                at++;
            at++;
        } else {
            return at;
        }
    }
    return len;
}

// DBC_OK when the text is one statement and nothing else.
static int check_single(dbc_conn *conn, const dbc_stmt_info *info,
                        const char *sql, size_t len)
{
    dbc__quoted shown;
    size_t rest;

    if (info->empty)
        return dbc__conn_fail(conn, DBC_EINVALID, "the SQL text is empty");
    rest = skip_blank(sql, len, info->tail);
    if (rest >= len) return DBC_OK;

    dbc__conn_fail(conn, DBC_EINVALID,
                   "the SQL text goes on behind its first statement, at byte "
                   "%zu: %s; give one statement at a time",
                   rest, dbc__quote(&shown, sql + rest, len - rest));
    conn->error.offset = (int64_t)rest;
    return DBC_EINVALID;
}

// The statement and its text are one block, the row is another: it may grow.
static dbc_stmt *new_stmt(dbc_conn *conn, const dbc_stmt_info *info,
                          const char *sql, size_t len)
{
    dbc_stmt *stmt = NULL;
    char *text;

    if (len < SIZE_MAX - sizeof *stmt)
        stmt = dbc__alloc(conn->alloc, sizeof *stmt + len + 1);
    if (stmt == NULL) return NULL;

    *stmt = (dbc_stmt){.conn = conn,
                       .parameter_count = info->parameter_count,
                       .readonly = info->readonly,
                       .steers = info->readonly && info->column_count == 0,
                       .bound = info->parameter_count == 0,
                       .sql_len = len,
                       .realm = conn->realm,
                       .hash = dbc__hash(0, sql, len)};
    text = (char *)(stmt + 1);
    memcpy(text, sql, len);
    text[len] = '\0';
    stmt->sql = text;
    if (dbc__stmt_resize_row(stmt, info->column_count) < 0) {
        dbc__stmt_free(stmt);
        return NULL;
    }
    return stmt;
}

int dbc__stmt_prepare(dbc_stmt **out, dbc_conn *conn, const char *sql,
                      size_t len, unsigned flags)
{
    dbc_stmt_info info = {0};
    void *handle = NULL;
    int rc;

    rc = dbc__conn_check_text(conn, sql, len);
    if (rc < 0) return rc;
    dbc__conn_aim(conn, dbc__conn_deadline(conn));
    rc = conn->driver->prepare(&handle, &info, conn->db, sql, len, flags,
                               &conn->error);
    if (rc < 0) {
        dbc__conn_failed(conn, rc);
        return rc;
    }
    conn->stats.prepared++;

    rc = check_single(conn, &info, sql, len);
    if (rc < 0) goto cleanup;
    *out = new_stmt(conn, &info, sql, len);
    if (*out == NULL) {
        rc = dbc__error_nomem(&conn->error);
        goto cleanup;
    }
    (*out)->handle = handle;
    return DBC_OK;

cleanup:
    if (handle != NULL) conn->driver->finalize(handle);
    return rc;
}

// In the child of a fork the handle is left where it is: it is the parent's.
static void drop_handle(dbc_stmt *stmt)
{
    const dbc_conn *conn = stmt->conn;

    if (stmt->handle != NULL && !dbc__fork_guard_is_child(&conn->fork))
        conn->driver->finalize(stmt->handle);
    stmt->handle = NULL;
}

void dbc__stmt_free(dbc_stmt *stmt)
{
    const dbc_alloc *alloc;

    if (stmt == NULL) return;
    alloc = stmt->conn->alloc;
    drop_handle(stmt);
    dbc__alloc_free(alloc, stmt->scratch, stmt->scratch_size);
    dbc__alloc_free(alloc, stmt->row, stmt->row_cap * sizeof *stmt->row);
    dbc__alloc_free(alloc, stmt, sizeof *stmt + stmt->sql_len + 1);
}

// ------------------------------------------------------------------ lending

void dbc__stmt_lend(dbc_stmt *stmt, const dbc__stmt_home *home, void *home_ud)
{
    dbc_conn *conn = stmt->conn;

    stmt->home = home;
    stmt->home_ud = home_ud;
    stmt->bound = stmt->parameter_count == 0;
    stmt->engine_ns = 0;
    stmt->previous = NULL;
    stmt->next = conn->live;
    if (conn->live != NULL) conn->live->previous = stmt;
    conn->live = stmt;
    conn->stats.live_statements++;
    conn->guarded_live += stmt->realm != 0;
}

static void unlink_live(dbc_stmt *stmt)
{
    dbc_conn *conn = stmt->conn;

    if (stmt->previous != NULL)
        stmt->previous->next = stmt->next;
    else
        conn->live = stmt->next;
    if (stmt->next != NULL) stmt->next->previous = stmt->previous;
    conn->stats.live_statements--;
    conn->guarded_live -= stmt->realm != 0;
}

int dbc__stmt_take(dbc_stmt **out, dbc_conn *conn, const char *sql, size_t len)
{
    unsigned flags = conn->cache.cap > 0 ? DBC_PREPARE_KEPT : 0;

    *out = dbc__stmt_cache_take(&conn->cache, conn->realm,
                                dbc__hash(0, sql, len), sql, len);
    if (*out != NULL) {
        conn->stats.text_hits++;
        return DBC_OK;
    }
    conn->stats.text_misses++;
    return dbc__stmt_prepare(out, conn, sql, len, flags);
}

void dbc__stmt_put_back(dbc_stmt *stmt)
{
    if (stmt != NULL) dbc__stmt_cache_put(&stmt->conn->cache, stmt);
}

static void keep_text(void *home, dbc_stmt *stmt)
{
    (void)home;
    dbc__stmt_put_back(stmt);
}

int dbc_stmt_acquire(dbc_stmt **out, dbc_conn *conn, const char *sql,
                     size_t len)
{
    static const dbc__stmt_home text_home = {keep_text, NULL, NULL};
    dbc_stmt *stmt;
    int rc;

    *out = NULL;
    rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    rc = dbc__conn_check_raw(conn);
    if (rc == DBC_OK) rc = dbc__untrusted_check_lend(conn);
    if (rc < 0) return rc;
    rc = dbc__stmt_take(&stmt, conn, sql, len);
    if (rc < 0) return rc;
    rc = dbc__untrusted_check_text(conn, stmt->steers);
    if (rc < 0) {
        dbc__stmt_put_back(stmt);
        return rc;
    }
    dbc__stmt_lend(stmt, &text_home, NULL);
    *out = stmt;
    return DBC_OK;
}

void dbc_stmt_release(dbc_stmt *stmt)
{
    dbc_conn *conn;

    if (stmt == NULL) return;
    conn = stmt->conn;
    if (stmt->active) dbc__stmt_end_run(stmt, DBC_ROW);
    stmt->aborted = 0;
    stmt->echoed = 0;
    dbc__stmt_end_replay(stmt);
    unlink_live(stmt);
    if (stmt->handle != NULL)
        stmt->home->take_back(stmt->home_ud, stmt);
    else
        dbc__stmt_free(stmt);
    if (conn->orphaned && conn->live == NULL) dbc__conn_free(conn);
}

// What the row pointed to is gone with the reset.
static void forget_row(dbc_stmt *stmt)
{
    for (size_t i = 0; i < stmt->column_count; i++)
        stmt->row[i] = dbc_value_null();
}

void dbc__stmt_detach_all(dbc_conn *conn)
{
    for (dbc_stmt *stmt = conn->live; stmt != NULL; stmt = stmt->next) {
        if (stmt->active) dbc__stmt_end_run(stmt, DBC_ECLOSED);
        forget_row(stmt);
        stmt->echoed = 0;
        if (stmt->replay) stmt->replay->count = 0; // whoever makes it may run
        drop_handle(stmt);
        stmt->layout = NULL; // its plan ends with the connection
        if (stmt->home->let_go != NULL) stmt->home->let_go(stmt->home_ud);
    }
}

void dbc__stmt_abort_all(dbc_conn *conn)
{
    dbc__stmt_abort_since(conn, 0);
}

void dbc__stmt_abort_since(dbc_conn *conn, uint64_t run)
{
    for (dbc_stmt *stmt = conn->live; stmt != NULL; stmt = stmt->next) {
        if (!stmt->active || stmt->run <= run) continue;
        dbc__stmt_end_run(stmt, DBC_EINTERRUPTED);
        forget_row(stmt);
        stmt->aborted = 1;
    }
}

// ------------------------------------------------------------------- asking

size_t dbc_stmt_parameter_count(const dbc_stmt *stmt)
{
    return stmt->parameter_count;
}

size_t dbc_stmt_column_count(const dbc_stmt *stmt)
{
    return stmt->column_count;
}

const char *dbc_stmt_column_name(const dbc_stmt *stmt, size_t i)
{
    const char *name = NULL;

    assert(i < stmt->column_count);
    if (stmt->handle != NULL && stmt->echo != NULL)
        name = stmt->layout->outputs[i].name;
    else if (stmt->handle != NULL)
        name = stmt->conn->driver->column_name(stmt->handle, i);
    return name != NULL ? name : "";
}

const dbc_value *dbc_stmt_row(const dbc_stmt *stmt)
{
    return stmt->row;
}

int64_t dbc_stmt_int(const dbc_stmt *stmt, size_t i)
{
    assert(i < stmt->column_count);
    return stmt->row[i].type == DBC_INT ? stmt->row[i].as.i : 0;
}

double dbc_stmt_real(const dbc_stmt *stmt, size_t i)
{
    assert(i < stmt->column_count);
    if (stmt->row[i].type == DBC_INT) return (double)stmt->row[i].as.i;
    return stmt->row[i].type == DBC_REAL ? stmt->row[i].as.r : 0;
}

int dbc_stmt_is_null(const dbc_stmt *stmt, size_t i)
{
    assert(i < stmt->column_count);
    return stmt->row[i].type == DBC_NULL;
}

// The value of a column that has this type, else NULL.
static const dbc_value *value_as(const dbc_stmt *stmt, size_t i,
                                 dbc_value_type type, size_t *len)
{
    const dbc_value *value;

    assert(i < stmt->column_count);
    value = &stmt->row[i];
    if (len != NULL) *len = value->type == type ? value->len : 0;
    return value->type == type ? value : NULL;
}

const char *dbc_stmt_text(const dbc_stmt *stmt, size_t i, size_t *len)
{
    const dbc_value *value = value_as(stmt, i, DBC_TEXT, len);

    return value != NULL ? value->as.text : NULL;
}

const void *dbc_stmt_blob(const dbc_stmt *stmt, size_t i, size_t *len)
{
    const dbc_value *value = value_as(stmt, i, DBC_BLOB, len);

    // An empty one may have no address.
    if (value != NULL && value->len == 0) return "";
    return value != NULL ? value->as.blob : NULL;
}

int dbc_stmt_find(const dbc_stmt *stmt, const char *name)
{
    for (size_t i = 0; i < stmt->column_count; i++)
        if (strcmp(dbc_stmt_column_name(stmt, i), name) == 0) return (int)i;
    return -1;
}

const dbc_layout *dbc_stmt_layout(const dbc_stmt *stmt)
{
    return stmt->layout;
}

const char *dbc_stmt_sql(const dbc_stmt *stmt, size_t *len)
{
    if (len != NULL) *len = stmt->sql_len;
    return stmt->sql;
}

int dbc_stmt_readonly(const dbc_stmt *stmt)
{
    return stmt->readonly;
}

dbc_conn *dbc_stmt_conn(const dbc_stmt *stmt)
{
    return stmt->conn;
}
