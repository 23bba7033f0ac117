// What a handle is asked: of its connection, its last statement and its
// figures.
#include "lhandle.h"

#include <limits.h>

#include "lconn.h"
#include "lerror.h"
#include "lobserve.h"
#include "lquery.h"
#include "lraw.h"
#include "lschema.h"
#include "lservice.h"

static void check_self(lua_State *L)
{
    if (lua_isnoneornil(L, 1))
        lerror_fail(L, DBC_EINVALID,
                    "a method of a connection was called without it: write "
                    "db:method(), with a colon");
}

static dbc_conn *check_handle(lua_State *L)
{
    int box;

    check_self(L);
    return lconn_of(L, 1, &box);
}

// For what tells nothing of the data.
static dbc_conn *check_any_handle(lua_State *L)
{
    int box;

    check_self(L);
    return lconn_under(L, 1, &box);
}

static int handle_in_transaction(lua_State *L)
{
    lua_pushboolean(L, dbc_conn_depth(check_any_handle(L)) > 0);
    return 1;
}

static int handle_changes(lua_State *L)
{
    lua_pushinteger(L, dbc_conn_changes(check_any_handle(L)));
    return 1;
}

static int handle_last_id(lua_State *L)
{
    lua_pushinteger(L, dbc_conn_last_rowid(check_any_handle(L)));
    return 1;
}

static int handle_path(lua_State *L)
{
    lua_pushstring(L, dbc_conn_path(check_handle(L)));
    return 1;
}

static int handle_schema(lua_State *L)
{
    int box;

    lconn_under(L, 1, &box);
    lua_getiuservalue(L, box, LCONN_UV_SCHEMA);
    return 1;
}

static int handle_interrupt(lua_State *L)
{
    dbc_interrupt(check_handle(L));
    return 0;
}

static int handle_create(lua_State *L)
{
    const lschema *schema = NULL;
    const dbc_schema *wanted;
    dbc_conn *conn;

    if (!lua_isnoneornil(L, 2)) schema = lbox_check(L, 2, LBOX_SCHEMA);
    conn = check_handle(L);
    wanted = schema ? schema->schema : dbc_conn_schema(conn);
    if (!wanted)
        return lerror_fail(L, DBC_EINVALID,
                           "create needs a schema: db:create(schema), or open "
                           "with { schema = schema }");
    if (dbc_create(conn, wanted) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    lua_settop(L, 1);
    return 1;
}

static int handle_set_timeout(lua_State *L)
{
    lua_Number seconds = 0;
    lbox_words words;

    if (!lua_isnoneornil(L, 2)) {
        if (lua_type(L, 2) == LUA_TNUMBER) seconds = lua_tonumber(L, 2);
        if (lua_type(L, 2) != LUA_TNUMBER || !(seconds >= 0))
            return lerror_fail(L, DBC_EINVALID,
                               "set_timeout takes seconds from 0 (no limit), "
                               "got %s",
                               lbox_describe(L, 2, &words));
    }
    // Less than a millisecond is a limit, too, and not none.
    if (seconds > 0 && seconds < 0.001) seconds = 0.001;
    if (seconds > INT_MAX / 1000) seconds = INT_MAX / 1000;
    dbc_conn *conn = check_any_handle(L);
    lua_pushnumber(L, (lua_Number)dbc_conn_timeout(conn) / 1000);
    dbc_conn_set_timeout(conn, (int)(seconds * 1000));
    return 1;
}

static void set_figure(lua_State *L, const char *name, int64_t figure)
{
    lua_pushinteger(L, figure);
    lua_setfield(L, -2, name);
}

static int handle_stats(lua_State *L)
{
    dbc_stats stats;

    dbc_conn_stats(check_handle(L), &stats);
    lua_createtable(L, 0, 13);
    set_figure(L, "statements", stats.statements);
    set_figure(L, "rows", stats.rows);
    set_figure(L, "prepared", stats.prepared);
    set_figure(L, "hits", stats.shape_hits + stats.text_hits);
    set_figure(L, "misses", stats.shape_misses + stats.text_misses);
    set_figure(L, "shape_hits", stats.shape_hits);
    set_figure(L, "shape_misses", stats.shape_misses);
    set_figure(L, "text_hits", stats.text_hits);
    set_figure(L, "text_misses", stats.text_misses);
    set_figure(L, "busy_retries", stats.busy_retries);
    set_figure(L, "live_statements", stats.live_statements);
    set_figure(L, "transaction_depth", stats.transaction_depth);
    lua_pushnumber(L, (lua_Number)stats.nanoseconds / 1e9);
    lua_setfield(L, -2, "time");
    return 1;
}

static const luaL_Reg functions[] = {{"in_transaction", handle_in_transaction},
                                     {"changes", handle_changes},
                                     {"last_id", handle_last_id},
                                     {"path", handle_path},
                                     {"schema", handle_schema},
                                     {"interrupt", handle_interrupt},
                                     {"create", handle_create},
                                     {"set_timeout", handle_set_timeout},
                                     {"stats", handle_stats},
                                     {"begin", ltxn_begin},
                                     {NULL, NULL}};

void lhandle_methods(lua_State *L, int core)
{
    lbox_register(L, core, functions);
    lraw_methods(L, core);
    lobserve_methods(L, core);
    lservice_methods(L, core);
    lquery_starters(L, core);
}
