// dbc_require(condition, message). It is not deterministic on purpose: SQLite
// would ask once, before the first row, what stays the same for all rows; and
// an insert of no rows breaks no rule.
#include "require.h"

#include <stddef.h>

// True as in a WHERE: a number that is not 0. NULL is not true.
static int is_true(sqlite3_value *value)
{
    return sqlite3_value_type(value) != SQLITE_NULL &&
           sqlite3_value_double(value) != 0.0;
}

static void require(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    const unsigned char *message;

    (void)argc;
    if (is_true(argv[0])) {
        sqlite3_result_int(context, 1);
        return;
    }
    message = sqlite3_value_text(argv[1]);
    sqlite3_result_error(
        context, message != NULL ? (const char *)message : "denied", -1);
    sqlite3_result_error_code(context, SQLITE_AUTH);
}

int dbc__sqlite_require_register(sqlite3 *handle)
{
    return sqlite3_create_function_v2(handle, "dbc_require", 2,
                                      SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL,
                                      require, NULL, NULL, NULL);
}
