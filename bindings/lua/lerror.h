// Error objects: a Lua table with the metatable LCORE_ERROR and the fields of
// api.md (code, message, table, columns, constraint, sql, native, fields,
// cause, row, rolled_back, where). Raising is a longjmp: whoever raises holds
// nothing raw.
#ifndef DBC_LERROR_H
#define DBC_LERROR_H

#include "lprotect.h"

// Those that raise never return; they have a type so that a function of Lua
// can end with `return lerror_fail(…)`.

// Raises `err` as an error object. `sql` (may be NULL) becomes err.sql.
_Noreturn int lerror_raise(lua_State *L, const dbc_error *err, const char *sql,
                           size_t len);

// Raises the last error of `conn`.
_Noreturn int lerror_raise_conn(lua_State *L, dbc_conn *conn, const char *sql,
                                size_t len);

// Raises `err`, a failure of `query` on `conn`; its SQL text is added when the
// query can be compiled.
_Noreturn int lerror_raise_query(lua_State *L, dbc_conn *conn,
                                 const dbc_error *err, const dbc_query *query);

// Raises code `code` with a printf message (%s, %d, %zu as in printf).
_Noreturn int lerror_fail(lua_State *L, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Pushes the error object of `err` without raising it.
void lerror_push(lua_State *L, const dbc_error *err, const char *sql,
                 size_t len);

// Pushes the error object of the last failure of `stmt`, or what came up while
// it was made (memory). Never raises: give the statement back, then raise it.
// `row` (0: none) is the index in a bulk write.
void lerror_push_stmt(lua_State *L, dbc_stmt *stmt, int64_t row);

// The code of a failure whose word this is; DBC_OK when it is none or NULL.
static inline int lerror_code(const char *word)
{
    int code = word ? dbc_status_of_word(word) : DBC_OK;

    return code < 0 ? code : DBC_OK;
}

// From what was raised, on the top, to an error of the core: of an error object
// all that it can hold, of anything else the text, behind `what`, as
// DBC_ECALLBACK. Returns the code. Never raises.
int lerror_take(lua_State *L, dbc_error *err, const char *what);

// Creates the metatable of error objects and leaves it on the stack.
void lerror_new_metatable(lua_State *L);

#endif
