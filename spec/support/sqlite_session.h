// Database files of a spec, in a folder of their own, and short ways to ask a
// connection something.
#ifndef DBC_SPEC_SQLITE_SESSION_H
#define DBC_SPEC_SQLITE_SESSION_H

#include "fault.h"
#include "spec.h"

typedef struct sqlite_session {
    fault memory;
    char folder[64];
    char path[96]; // of "app.db" in it; nothing is there yet
    dbc_conn *conn;
} sqlite_session;

// Makes the folder; `conn` is NULL.
void sqlite_session_init(sqlite_session *session);

// Makes the folder and opens `path` (NULL: "app.db" in it) with `options`
// (may be NULL) but for the allocator.
void sqlite_session_open(sqlite_session *session, const char *path,
                         const dbc_open_options *options);

// Closes, removes the folder, fails when memory was left behind.
void sqlite_session_close(sqlite_session *session);

// `name` in the folder. Good until the next call.
const char *sqlite_session_path(sqlite_session *session, const char *name);

// One more connection to `session->path`; the spec fails when it cannot.
dbc_conn *sqlite_session_connect(sqlite_session *session,
                                 const dbc_open_options *options);

// Runs SQL; the spec fails when that fails.
#define EXEC(conn, sql) sqlite_exec((conn), (sql), __FILE__, __LINE__)
void sqlite_exec(dbc_conn *conn, const char *sql, const char *file, int line);

// Fails unless `sql` fails with `code`. Returns the error.
#define ASSERT_FAILS(code, conn, sql) \
    sqlite_assert_fails((code), (conn), (sql), __FILE__, __LINE__)
const dbc_error *sqlite_assert_fails(int code, dbc_conn *conn, const char *sql,
                                     const char *file, int line);

// The first value of the first row, which must be there.
#define ASK_INT(conn, sql) sqlite_ask_int((conn), (sql), __FILE__, __LINE__)
int64_t sqlite_ask_int(dbc_conn *conn, const char *sql, const char *file,
                       int line);

// The same as a text, which is good until the next call.
#define ASK_TEXT(conn, sql) sqlite_ask_text((conn), (sql), __FILE__, __LINE__)
const char *sqlite_ask_text(dbc_conn *conn, const char *sql, const char *file,
                            int line);

// The same into `out`, or the code of what went wrong. Without a row `out` is
// left alone.
int sqlite_read_text(char *out, size_t size, dbc_conn *conn, const char *sql);

#endif
