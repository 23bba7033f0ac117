// A connection to the mock driver, with an allocator that can fail.
#ifndef DBC_SPEC_SESSION_H
#define DBC_SPEC_SESSION_H

#include "fault.h"
#include "spec.h"

typedef struct mock_session {
    fault memory;
    dbc_mock *mock;
    dbc_conn *conn;
} mock_session;

// Opens, with `options` (may be NULL) but for allocator and script. A driver
// there is a spy on the mock.
void session_open(mock_session *session, const dbc_open_options *options);

// Opens with a spy on the mock.
void session_spy(mock_session *session);

// Closes, and fails when memory was left behind.
void session_close(mock_session *session);

// Queues an error for the next statement with that text (NULL: any).
void session_expect_error(mock_session *session, const char *sql, int code,
                          const char *message);

// Queues `count` rows of one integer column "n": 1, 2, 3, ….
void session_expect_rows(mock_session *session, const char *sql, size_t count);

// Fails unless the log holds exactly these texts; a NULL ends the list.
void session_assert_log(mock_session *session, ...);

// For fault walks: a connection to a mock of its own, all of it with `alloc`.
// DBC_OK or what went wrong, with `err` filled; mock_stop() is due after
// either.
typedef struct mock_task {
    dbc_mock *mock;
    dbc_conn *conn;
} mock_task;

int mock_start(mock_task *out, const dbc_alloc *alloc, dbc_error *err);
void mock_stop(mock_task *held);

#endif
