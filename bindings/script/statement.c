// Looks at a statement that SQLite has prepared: rows in Lua are tables, which
// have no order, and a person expects the columns in the order of the text.
#include "statement.h"

#include <lauxlib.h>

#include "dbcore_lua.h"

#define LOAN_NAME "dbscript.loan"

// Holds the statement while names are pushed, which may raise.
typedef struct loan {
    dbc_stmt *stmt;
} loan;

static int give_back(lua_State *L)
{
    loan *held = luaL_checkudata(L, 1, LOAN_NAME);
    dbc_stmt *stmt = held->stmt;

    held->stmt = NULL;
    dbc_stmt_release(stmt);
    return 0;
}

static int columns(lua_State *L)
{
    dbc_conn *conn = dbcore_lua_conn(L, 1);
    size_t len;
    const char *sql = luaL_checklstring(L, 2, &len);
    loan *held;
    size_t count;

    if (!conn) return 0;
    held = lua_newuserdatauv(L, sizeof *held, 0);
    held->stmt = NULL;
    luaL_setmetatable(L, LOAN_NAME);
    lua_toclose(L, lua_gettop(L));
    if (dbc_stmt_acquire(&held->stmt, conn, sql, len) < 0) return 0;

    count = dbc_stmt_column_count(held->stmt);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushstring(L, dbc_stmt_column_name(held->stmt, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

int statement_module(lua_State *L)
{
    static const luaL_Reg functions[] = {{"columns", columns}, {NULL, NULL}};

    luaL_newmetatable(L, LOAN_NAME);
    lua_pushcfunction(L, give_back);
    lua_setfield(L, -2, "__close");
    lua_pushcfunction(L, give_back);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);

    luaL_newlib(L, functions);
    return 1;
}
