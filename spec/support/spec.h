// What every C spec includes: cmocka, behind the headers it needs.
#ifndef DBC_SPEC_H
#define DBC_SPEC_H

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include <string.h>

#include "dbcore.h"

// SQL text and its length, for the functions that take both.
#define SQL(text) (text), (sizeof(text) - 1)

// How many items an array has.
#define COUNT(array) (sizeof(array) / sizeof *(array))

// A test between the set_up() and the tear_down() of its file.
#define SPEC(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

// Fails with the connection's message when `rc` is not what is expected.
#define ASSERT_RC(expected, rc, conn) \
    spec_assert_rc((expected), (rc), dbc_conn_error(conn), __FILE__, __LINE__)

void spec_assert_rc(int expected, int rc, const dbc_error *err,
                    const char *file, int line);

// A statement for `sql`; the spec fails when there is none.
#define ACQUIRE(conn, sql) spec_acquire((conn), (sql), __FILE__, __LINE__)

dbc_stmt *spec_acquire(dbc_conn *conn, const char *sql, const char *file,
                       int line);

#endif
