// The observer of a connection. It runs inside the engine's call, so its own
// errors become warnings: they must not undo what was done.
#include "lobserve.h"

#include "lconn.h"
#include "lerror.h"

static void set_integer(lua_State *L, const char *name, lua_Integer value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, name);
}

static void warn(lua_State *L)
{
    if (lua_type(L, -1) != LUA_TSTRING) {
        if (!lua_istable(L, -1)) return;
        lua_pushliteral(L, "message");
        if (lua_rawget(L, -2) != LUA_TSTRING) return;
    }
    lua_warning(L, "an on_query function failed: ", 1);
    lua_warning(L, lua_tostring(L, -1), 0);
}

// call box
static int run_observer(lua_State *L, void *ud)
{
    const dbc_event *event = ud;

    if (lua_getiuservalue(L, 2, LCONN_UV_OBSERVER) != LUA_TFUNCTION) return 0;
    lua_createtable(L, 0, 5);
    lua_pushlstring(L, event->sql, event->len);
    lua_setfield(L, -2, "sql");
    lua_pushnumber(L, (lua_Number)event->nanoseconds / 1e9);
    lua_setfield(L, -2, "seconds");
    set_integer(L, "rows", event->rows);
    set_integer(L, "shape", (lua_Integer)event->shape);
    if (event->status < 0) {
        lua_pushstring(L, dbc_status_word(event->status));
        lua_setfield(L, -2, "code");
    }
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) warn(L);
    return 0;
}

// Nothing may be raised out of here: the engine is below. What memory is out
// for is not observed.
static void observe(void *ud, const dbc_event *event)
{
    lconn *box = ud;
    dbc_event copy = *event;
    lprotect call = {run_observer, &copy};
    lconn_call end;

    lconn_call_begin(box, &call, &end);
    lconn_call_end(&end);
}

// handle fn|nil → the function that was there
static int on_query(lua_State *L)
{
    lbox_words words;
    dbc_conn *conn;
    int box;

    lua_settop(L, 2);
    if (!lua_isnil(L, 2) && !lua_isfunction(L, 2))
        return lerror_fail(L, DBC_EINVALID,
                           "on_query takes a function, or nil to end it, got "
                           "%s",
                           lbox_describe(L, 2, &words));
    conn = lconn_of(L, 1, &box);
    lua_getiuservalue(L, box, LCONN_UV_OBSERVER);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, box, LCONN_UV_OBSERVER);
    if (lua_isnil(L, 2))
        dbc_conn_observe(conn, NULL, NULL);
    else
        dbc_conn_observe(conn, observe, lua_touserdata(L, box));
    return 1;
}

void lobserve_methods(lua_State *L, int core)
{
    static const luaL_Reg methods[] = {{"on_query", on_query}, {NULL, NULL}};

    lbox_register(L, core, methods);
}
