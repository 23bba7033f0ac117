// The table of what is called back, and the way into Lua from the middle of a
// statement: nothing may be raised across the engine, so whatever allocates
// runs protected, and its error becomes that of the statement.
#include "lhosted.h"

#include <string.h>

#include "lconn.h"
#include "lerror.h"
#include "lvalue.h"

// ----------------------------------------------------------------- the table

static void push_table(lua_State *L, int box)
{
    box = lua_absindex(L, box);
    if (lua_getiuservalue(L, box, LCONN_UV_HOST) == LUA_TTABLE) return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, box, LCONN_UV_HOST);
}

void lhosted_push_named(lua_State *L, int box, const char *name)
{
    push_table(L, box);
    lua_pushstring(L, name);
    lua_rawget(L, -2);
    lua_remove(L, -2);
}

void lhosted_set_named(lua_State *L, int box, const char *name)
{
    push_table(L, box);
    lua_pushstring(L, name);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 2);
}

void lhosted_set_cause(lua_State *L)
{
    lua_pushvalue(L, -1);
    lua_rawseti(L, LCORE, LCORE_CAUSE);
}

// The text of an error value is pushed, whatever that is.
static const char *push_message(lua_State *L, int error, size_t *len)
{
    const char *text;

    error = lua_absindex(L, error);
    if (lua_istable(L, error)) {
        lua_pushliteral(L, "message");
        lua_rawget(L, error);
    } else {
        lua_pushvalue(L, error);
    }
    if (lua_type(L, -1) == LUA_TSTRING) return lua_tolstring(L, -1, len);
    text = lua_pushfstring(L, "a value of type %s was raised",
                           luaL_typename(L, error));
    *len = strlen(text);
    return text;
}

void lhosted_warn(lua_State *L, const char *name)
{
    size_t len;
    int top = lua_gettop(L);
    const char *text = push_message(L, -1, &len);

    lua_warning(L, "the function of ", 1);
    lua_warning(L, name, 1);
    lua_warning(L, " failed: ", 1);
    lua_warning(L, text, 0);
    lua_settop(L, top);
}

// Makes one in the table of the box at `box`; the functions on the top become
// its own and are popped. It stays on the stack.
lhosted *lhosted_new(lua_State *L, int box)
{
    lhosted *out;

    push_table(L, box);
    out = lua_newuserdatauv(L, sizeof *out, LHOSTED_VALUES);
    out->box = lua_touserdata(L, box);
    lua_pushvalue(L, -3);
    lua_setiuservalue(L, -2, LHOSTED_UV_FUNCTIONS);
    lua_pushvalue(L, -1);
    out->number = luaL_ref(L, -3);
    lua_replace(L, -3);
    lua_pop(L, 1);
    return out;
}

static void end_one(lua_State *L, int index, dbc_conn *conn)
{
    const lhosted *self = lua_touserdata(L, index);
    dbc_function function = {0};
    dbc_collation collation = {0};
    const char *name;

    lua_getiuservalue(L, index, LHOSTED_UV_NAME);
    name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    if (name && self->is_collation) {
        collation.name = name;
        dbc_create_collation(conn, &collation);
    } else if (name) {
        function.name = name;
        function.arg_count = self->arg_count;
        dbc_create_function(conn, &function);
    }
    lua_pop(L, 1);
}

static int has_named(lua_State *L, const char *name)
{
    int found;

    lua_pushstring(L, name);
    found = lua_rawget(L, -2) != LUA_TNIL;
    lua_pop(L, 1);
    return found;
}

// box conn | observer table
static int run_end_all(lua_State *L)
{
    dbc_conn *conn = lua_touserdata(L, 2);

    if (lua_getiuservalue(L, 1, LCONN_UV_OBSERVER) != LUA_TNIL)
        dbc_conn_observe(conn, NULL, NULL);
    if (lua_getiuservalue(L, 1, LCONN_UV_HOST) != LUA_TTABLE) return 0;
    if (has_named(L, "on_update")) dbc_conn_on_update(conn, NULL, NULL);
    if (has_named(L, "on_commit")) dbc_conn_on_commit(conn, NULL, NULL);
    if (has_named(L, "on_rollback")) dbc_conn_on_rollback(conn, NULL, NULL);
    if (has_named(L, "on_warning")) dbc_conn_on_warning(conn, NULL, NULL);
    for (lua_pushnil(L); lua_next(L, 4); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TNUMBER && lua_isuserdata(L, -1))
            end_one(L, lua_gettop(L), conn);
    return 0;
}

void lhosted_end_all(lua_State *L, int box, dbc_conn *conn)
{
    box = lua_absindex(L, box);
    if (!dbc_conn_is_open(conn) || !lua_checkstack(L, 8)) return;
    lua_pushcfunction(L, run_end_all);
    lua_pushvalue(L, box);
    lua_pushlightuserdata(L, conn);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK) lua_pop(L, 1);
}

// Takes it out of its table. Runs outside of any protection: raw sets of what
// is there allocate nothing. In the box's own finalizer it is not found any
// more, and need not be.
void lhosted_drop(void *ud)
{
    const lhosted *self = ud;
    lua_State *L = lconn_state(self->box);
    int top = lua_gettop(L);

    if (!lua_checkstack(L, 8)) return;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lbox_magic);
    lua_rawgeti(L, -1, LCORE_CONNS);
    if (lua_rawgetp(L, -1, self->box) == LUA_TUSERDATA &&
        lua_getiuservalue(L, -1, LCONN_UV_HOST) == LUA_TTABLE)
        luaL_unref(L, -1, self->number);
    lua_settop(L, top);
}

// ------------------------------------------------------------------- calling

static void fail_with(lua_State *L, dbc_call *call)
{
    size_t len;
    const char *text;

    lhosted_set_cause(L);
    text = push_message(L, -1, &len);
    dbc_call_fail(call, text, len);
}

// call box; what the Lua function raises ends the statement.
static int run_guarded(lua_State *L, void *ud)
{
    lhosted_call *at = ud;
    lprotect inner = {at->run, at};

    lprotect_begin(L, &inner);
    lua_pushvalue(L, 2);
    if (lprotect_end(L, 1, 0) != LUA_OK) fail_with(L, at->call);
    return 0;
}

void lhosted_enter(lhosted_call *at)
{
    lprotect call = {run_guarded, at};
    lconn_call end;

    int status = lconn_call_begin(at->self->box, &call, &end);
    if (status == LCONN_REFUSED)
        dbc_call_fail(at->call, end.err.message, strlen(end.err.message));
    else if (status != LUA_OK)
        dbc_call_fail(at->call, "out of memory", sizeof "out of memory" - 1);
    lconn_call_end(&end);
}

// Pushes the table, at 3, and the userdata, at 4.
void lhosted_push_self(lua_State *L, const lhosted *self)
{
    push_table(L, 2);
    lua_rawgeti(L, 3, self->number);
}

int lhosted_push_args(lua_State *L, const lhosted_call *at)
{
    luaL_checkstack(L, (int)at->count + 8, "too many arguments");
    for (size_t i = 0; i < at->count; i++)
        lvalue_push(L, &at->args[i], DBC_T_ANY, 0, 0);
    return (int)at->count;
}

// The value on the top is the result; nil is NULL.
void lhosted_give_result(lua_State *L, dbc_call *call)
{
    if (lua_isnil(L, -1))
        dbc_call_return(call, dbc_value_null());
    else
        dbc_call_return(call, lvalue_read(L, -1, "the result"));
}
