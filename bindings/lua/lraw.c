// SQL text as the user writes it. Values are positional and always bound; a
// text of several statements takes none.
#include "lraw.h"

#include <stdio.h>

#include "lconn.h"
#include "lcursor.h"
#include "lerror.h"
#include "lpolicy.h"
#include "lvalue.h"

enum { FIRST_VALUE = 3, FEW = 16 };

typedef struct bound {
    dbc_value *values; // `few`, or a userdata on the stack
    size_t count;
    dbc_value few[FEW];
} bound;

static const char *check_sql(lua_State *L, const char *method, size_t *len)
{
    lbox_words words;

    if (lua_type(L, 2) != LUA_TSTRING)
        lerror_fail(L, DBC_EINVALID, "%s takes SQL text, got %s", method,
                    lbox_describe(L, 2, &words));
    return lua_tolstring(L, 2, len);
}

// Reads the arguments behind the text; what they borrow from stays in its
// slots. May push one userdata.
static void read_values(lua_State *L, bound *out)
{
    int top = lua_gettop(L);

    out->count = (size_t)top + 1 - FIRST_VALUE;
    out->values = out->few;
    if (out->count > FEW)
        out->values = lua_newuserdatauv(L, out->count * sizeof *out->values, 0);
    for (int i = FIRST_VALUE; i <= top; i++) {
        char what[32] = "value";

        switch (lua_type(L, i)) {
        case LUA_TNUMBER:
        case LUA_TSTRING:
        case LUA_TBOOLEAN:
            break;
        default:
            snprintf(what, sizeof what, "value %d", i - FIRST_VALUE + 1);
        }
        out->values[i - FIRST_VALUE] = lvalue_read(L, i, what);
    }
}

static int push_result(lua_State *L, int64_t changes, int64_t last_id)
{
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, changes);
    lua_setfield(L, -2, "changes");
    lua_pushinteger(L, last_id);
    lua_setfield(L, -2, "last_id");
    return 1;
}

static int run_one(lua_State *L, dbc_conn *conn, dbc_stmt *stmt,
                   const bound *given)
{
    int64_t changes = 0;
    int64_t last_id;
    int rc = dbc_stmt_run(stmt, given->values, given->count, &changes);

    if (rc < 0) lerror_push_stmt(L, stmt, 0);
    last_id = dbc_conn_last_rowid(conn);
    dbc_stmt_release(stmt);
    if (rc < 0) return lua_error(L);
    return push_result(L, changes, last_id);
}

// handle sql value… → { changes =, last_id = }
static int raw_exec(lua_State *L)
{
    bound given;
    size_t len;
    const char *sql = check_sql(L, "exec", &len);
    dbc_stmt *stmt;
    dbc_conn *conn;
    int box, rc;

    luaL_checkstack(L, 8, NULL);
    read_values(L, &given);
    lpolicy_check_raw(L, 1);
    conn = lconn_under(L, 1, &box);
    rc = dbc_stmt_acquire(&stmt, conn, sql, len);
    if (rc >= 0) return run_one(L, conn, stmt, &given);

    // Several statements, or none: the other way says what is wrong with it.
    if (rc == DBC_EINVALID && given.count == 0) {
        rc = dbc_exec(conn, sql, len);
        if (rc >= 0)
            return push_result(L, dbc_conn_changes(conn),
                               dbc_conn_last_rowid(conn));
    }
    return lerror_raise_conn(L, conn, sql, len);
}

// Keeps the arguments as long as the cursor.
static void keep_values(lua_State *L, int cursor, int count)
{
    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        lua_pushvalue(L, FIRST_VALUE + i);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setiuservalue(L, cursor, LCURSOR_UV_KEEP);
}

// Into the cursor on the top; raises what goes wrong.
static void open_cursor(lua_State *L, lcursor *cursor, dbc_conn *conn,
                        const char *sql, size_t len, const bound *given)
{
    if (dbc_stmt_acquire(&cursor->stmt, conn, sql, len) < 0)
        lerror_raise_conn(L, conn, sql, len);
    if (dbc_stmt_column_count(cursor->stmt) == 0) {
        dbc_stmt_release(cursor->stmt);
        cursor->stmt = NULL;
        lerror_fail(L, DBC_EINVALID,
                    "query is for statements that give rows: run this one "
                    "with db:exec");
    }
    if (dbc_stmt_bind(cursor->stmt, given->values, given->count) < 0) {
        lerror_push_stmt(L, cursor->stmt, 0);
        dbc_stmt_release(cursor->stmt);
        cursor->stmt = NULL;
        lua_error(L);
    }
}

// handle sql value… → cursor, nil, nil, cursor
static int raw_query(lua_State *L)
{
    bound given;
    size_t len;
    const char *sql = check_sql(L, "query", &len);
    int count = lua_gettop(L) - FIRST_VALUE + 1;
    lcursor *cursor;
    dbc_conn *conn;
    int box;

    luaL_checkstack(L, 12, NULL);
    read_values(L, &given);
    lpolicy_check_raw(L, 1);
    lconn_under(L, 1, &box);
    cursor = lcursor_new(L, box, LROW_NIL);
    if (count > 0) keep_values(L, lua_gettop(L), count);
    conn = lconn_live(L, box);
    open_cursor(L, cursor, conn, sql, len, &given);
    return lcursor_return(L, lua_gettop(L));
}

void lraw_methods(lua_State *L, int core)
{
    static const luaL_Reg methods[] = {
        {"exec", raw_exec}, {"query", raw_query}, {NULL, NULL}};

    lbox_register(L, core, methods);
}
