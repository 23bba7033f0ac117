#include "sqlite_session.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void sqlite_session_init(sqlite_session *session)
{
    // In memory where there is such a place: a spec need not wait for a disk.
    const char *root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

    *session = (sqlite_session){0};
    fault_init(&session->memory);
    snprintf(session->folder, sizeof session->folder, "%s/dbcore-XXXXXX", root);
    assert_non_null(mkdtemp(session->folder));
    snprintf(session->path, sizeof session->path, "%s/app.db", session->folder);
}

void sqlite_session_open(sqlite_session *session, const char *path,
                         const dbc_open_options *options)
{
    dbc_open_options filled = {0};
    dbc_error err = DBC_ERROR_INIT;

    sqlite_session_init(session);
    if (options != NULL) filled = *options;
    filled.alloc = &session->memory.alloc;
    int rc = dbc_open(&session->conn, path != NULL ? path : session->path,
                      &filled, &err);
    spec_assert_rc(DBC_OK, rc, &err, __FILE__, __LINE__);
}

static void remove_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (strcmp(entry->d_name, ".") == 0) continue;
        if (strcmp(entry->d_name, "..") == 0) continue;
        if (unlink(path) != 0) rmdir(path);
    }
    closedir(dir);
    assert_int_equal(0, rmdir(folder));
}

void sqlite_session_close(sqlite_session *session)
{
    fault_arm(&session->memory, 0, FAULT_ONCE);
    dbc_close(session->conn);
    chmod(session->folder, 0700);
    remove_folder(session->folder);
    assert_int_equal(0, session->memory.live_blocks);
}

const char *sqlite_session_path(sqlite_session *session, const char *name)
{
    static char path[256];

    snprintf(path, sizeof path, "%s/%s", session->folder, name);
    return path;
}

dbc_conn *sqlite_session_connect(sqlite_session *session,
                                 const dbc_open_options *options)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = NULL;
    int rc = dbc_open(&conn, session->path, options, &err);

    spec_assert_rc(DBC_OK, rc, &err, __FILE__, __LINE__);
    return conn;
}

void sqlite_exec(dbc_conn *conn, const char *sql, const char *file, int line)
{
    int rc = dbc_exec(conn, sql, strlen(sql));

    spec_assert_rc(DBC_OK, rc, dbc_conn_error(conn), file, line);
}

const dbc_error *sqlite_assert_fails(int code, dbc_conn *conn, const char *sql,
                                     const char *file, int line)
{
    int rc = dbc_exec(conn, sql, strlen(sql));
    const dbc_error *err = dbc_conn_error(conn);

    spec_assert_rc(code, rc, err, file, line);
    // One clear line, always.
    assert_null(strpbrk(err->message, "\n\r\t"));
    assert_true(strlen(err->message) > 5);
    assert_int_not_equal('.', err->message[strlen(err->message) - 1]);
    return err;
}

static dbc_stmt *first_row(dbc_conn *conn, const char *sql, const char *file,
                           int line)
{
    dbc_stmt *stmt = spec_acquire(conn, sql, file, line);

    spec_assert_rc(DBC_ROW, dbc_stmt_step(stmt), dbc_conn_error(conn), file,
                   line);
    return stmt;
}

int64_t sqlite_ask_int(dbc_conn *conn, const char *sql, const char *file,
                       int line)
{
    dbc_stmt *stmt = first_row(conn, sql, file, line);
    int64_t value = dbc_stmt_int(stmt, 0);

    dbc_stmt_release(stmt);
    return value;
}

const char *sqlite_ask_text(dbc_conn *conn, const char *sql, const char *file,
                            int line)
{
    static char text[1024];
    dbc_stmt *stmt = first_row(conn, sql, file, line);
    const dbc_value *row = dbc_stmt_row(stmt);

    assert_int_equal(DBC_TEXT, row[0].type);
    snprintf(text, sizeof text, "%.*s", (int)row[0].len, row[0].as.text);
    dbc_stmt_release(stmt);
    return text;
}

int sqlite_read_text(char *out, size_t size, dbc_conn *conn, const char *sql)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn, sql, strlen(sql));

    if (rc == DBC_OK) rc = dbc_stmt_step(stmt);
    if (rc == DBC_ROW) {
        const dbc_value *value = dbc_stmt_row(stmt);
        assert_int_equal(DBC_TEXT, value->type);
        assert_true(value->len < size);
        memcpy(out, value->as.text, value->len);
        out[value->len] = '\0';
    }
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}
