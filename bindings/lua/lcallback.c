// Functions, aggregates, windows and collations of the database, written in
// Lua. The engine calls the functions at the top of this file in the middle of
// a statement; none of them may raise.
#include "lcallback.h"

#include <string.h>

#include "lconn.h"
#include "lerror.h"
#include "lhosted.h"

// ---------------------------------------------------- functions, collations

static int run_function(lua_State *L, void *ud)
{
    const lhosted_call *at = ud;

    lhosted_push_self(L, at->self);
    lua_getiuservalue(L, 4, LHOSTED_UV_FUNCTIONS);
    lua_call(L, lhosted_push_args(L, at), 1);
    lhosted_give_result(L, at->call);
    return 0;
}

static int run_compare(lua_State *L, void *ud)
{
    lhosted_call *at = ud;
    int is_number;
    lua_Number order;

    lhosted_push_self(L, at->self);
    lua_getiuservalue(L, 4, LHOSTED_UV_FUNCTIONS);
    lua_call(L, lhosted_push_args(L, at), 1);
    order = lua_tonumberx(L, -1, &is_number);
    if (!is_number)
        lerror_fail(L, DBC_EINVALID,
                    "a collation returns a number below, equal to or above 0");
    at->compared = (order > 0) - (order < 0);
    return 0;
}

static void on_call(dbc_call *call, void *ud, const dbc_value *args,
                    size_t count)
{
    lhosted_call at = {call, ud, NULL, args, count, 0, NULL, run_function};

    lhosted_enter(&at);
}

static int on_compare(dbc_call *call, void *ud, const char *a, size_t a_len,
                      const char *b, size_t b_len)
{
    dbc_value texts[2];
    lhosted_call at = {call, ud, NULL, texts, 2, 0, NULL, run_compare};

    texts[0] = dbc_value_text(a, a_len);
    texts[1] = dbc_value_text(b, b_len);
    lhosted_enter(&at);
    return at.compared;
}

// ---------------------------------------------------------------- aggregates

// A new state with the functions of its aggregate.
static int run_begin(lua_State *L, void *ud)
{
    lhosted_call *at = ud;
    int functions = 5;

    lhosted_push_self(L, at->self);
    lua_getiuservalue(L, 4, LHOSTED_UV_FUNCTIONS);
    lua_pushvalue(L, functions);
    at->made = lhosted_new(L, 2); // 6
    if (lua_getfield(L, functions, "begin") != LUA_TNIL) {
        lua_call(L, 0, 1);
        lua_setiuservalue(L, 6, LHOSTED_UV_STATE);
    }
    return 0;
}

// step(state, …) → the new state, or nothing when it has changed the old one
static int run_step(lua_State *L, void *ud)
{
    const lhosted_call *at = ud;

    lhosted_push_self(L, at->self);
    lua_getiuservalue(L, 4, LHOSTED_UV_FUNCTIONS);
    lua_getfield(L, 5, at->step);
    lua_getiuservalue(L, 4, LHOSTED_UV_STATE);
    lua_call(L, lhosted_push_args(L, at) + 1, 1);
    if (!lua_isnil(L, -1)) lua_setiuservalue(L, 4, LHOSTED_UV_STATE);
    return 0;
}

// value(state) → the result so far
static int run_value(lua_State *L, void *ud)
{
    const lhosted_call *at = ud;

    lhosted_push_self(L, at->self);
    lua_getiuservalue(L, 4, LHOSTED_UV_FUNCTIONS);
    if (lua_getfield(L, 5, "value") == LUA_TNIL) {
        lua_getiuservalue(L, 4, LHOSTED_UV_STATE);
    } else {
        lua_getiuservalue(L, 4, LHOSTED_UV_STATE);
        lua_call(L, 1, 1);
    }
    lhosted_give_result(L, at->call);
    return 0;
}

static void *on_begin(dbc_call *call, void *ud)
{
    lhosted_call at = {call, ud, NULL, NULL, 0, 0, NULL, run_begin};

    lhosted_enter(&at);
    return at.made;
}

static void on_step(dbc_call *call, void *state, const dbc_value *args,
                    size_t count)
{
    lhosted_call at = {call, state, "step", args, count, 0, NULL, run_step};

    lhosted_enter(&at);
}

static void on_inverse(dbc_call *call, void *state, const dbc_value *args,
                       size_t count)
{
    lhosted_call at = {call, state, "inverse", args, count, 0, NULL, run_step};

    lhosted_enter(&at);
}

static void on_value(dbc_call *call, void *state)
{
    lhosted_call at = {call, state, NULL, NULL, 0, 0, NULL, run_value};

    lhosted_enter(&at);
}

// ------------------------------------------------------------------ creating

typedef struct shape {
    const char *name;
    int arg_count;
    unsigned flags;
} shape;

static void read_flag(lua_State *L, int options, const char *name,
                      unsigned flag, shape *out)
{
    lua_getfield(L, options, name);
    if (lua_toboolean(L, -1)) out->flags |= flag;
    lua_pop(L, 1);
}

// handle name … options: the name at 2, the options at `options` (or nil).
static shape read_shape(lua_State *L, const char *what, int options)
{
    static const char *const names[] = {"args", "deterministic", "innocuous",
                                        NULL};
    shape out = {NULL, DBC_ANY_COUNT, 0};
    lbox_words words;

    if (lua_type(L, 2) != LUA_TSTRING)
        lerror_fail(L, DBC_EINVALID, "%s takes a name, got %s", what,
                    lbox_describe(L, 2, &words));
    out.name = lua_tostring(L, 2);
    if (strlen(out.name) != lua_rawlen(L, 2))
        lerror_fail(L, DBC_EINVALID, "%s takes a name without NUL", what);
    if (lua_isnil(L, options)) return out;
    if (lua_type(L, options) != LUA_TTABLE)
        lerror_fail(L, DBC_EINVALID, "%s takes a table of options, got %s",
                    what, lbox_describe(L, options, &words));
    lbox_check_keys(L, options, names, what);
    if (lua_getfield(L, options, "args") != LUA_TNIL) {
        if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 0 ||
            lua_tointeger(L, -1) > 127)
            lerror_fail(L, DBC_EINVALID,
                        "%s: args is how many arguments it takes, 0 to 127, "
                        "got %s",
                        what, lbox_describe(L, -1, &words));
        out.arg_count = (int)lua_tointeger(L, -1);
    }
    lua_pop(L, 1);
    read_flag(L, options, "deterministic", DBC_FUNCTION_DETERMINISTIC, &out);
    read_flag(L, options, "innocuous", DBC_FUNCTION_INNOCUOUS, &out);
    return out;
}

static void check_function(lua_State *L, int index, const char *what)
{
    lbox_words words;

    if (!lua_isfunction(L, index))
        lerror_fail(L, DBC_EINVALID, "%s takes a function, got %s", what,
                    lbox_describe(L, index, &words));
}

// Makes what is at `functions` hosted, under the name at 2; then the connection
// is live.
static lhosted *host(lua_State *L, int functions, const shape *given,
                     dbc_conn **conn)
{
    lhosted *self;
    int box;

    lconn_of(L, 1, &box);
    lua_pushvalue(L, functions);
    self = lhosted_new(L, box);
    self->arg_count = given->arg_count;
    self->is_collation = 0;
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, LHOSTED_UV_NAME);
    *conn = lconn_live(L, box);
    return self;
}

// handle name fn [options]
static int create_function(lua_State *L)
{
    dbc_function function = {0};
    dbc_conn *conn;
    shape given;

    lua_settop(L, 4);
    given = read_shape(L, "create_function", 4);
    check_function(L, 3, "create_function");
    function.name = given.name;
    function.arg_count = given.arg_count;
    function.flags = given.flags;
    function.ud = host(L, 3, &given, &conn);
    function.destroy = lhosted_drop;
    function.call = on_call;
    if (dbc_create_function(conn, &function) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    return 0;
}

// A copy of the functions at 3, checked; replaces them.
static void copy_functions(lua_State *L, const char *what,
                           const char *const *names)
{
    lbox_words words;

    if (!lua_istable(L, 3))
        lerror_fail(L, DBC_EINVALID, "%s takes a table of functions, got %s",
                    what, lbox_describe(L, 3, &words));
    lbox_check_keys(L, 3, names, what);
    lua_createtable(L, 0, 4);
    for (; *names; names++) {
        if (lua_getfield(L, 3, *names) == LUA_TNIL) {
            lua_pop(L, 1);
            continue;
        }
        check_function(L, -1, *names);
        lua_setfield(L, -2, *names);
    }
    if (lua_getfield(L, -1, "step") == LUA_TNIL)
        lerror_fail(L, DBC_EINVALID, "%s needs a function step(state, ...)",
                    what);
    lua_pop(L, 1);
    lua_replace(L, 3);
}

static int create_rows(lua_State *L, const char *what, int is_window,
                       const char *const *names)
{
    dbc_aggregate aggregate = {0};
    dbc_conn *conn;
    shape given;

    lua_settop(L, 4);
    given = read_shape(L, what, 4);
    copy_functions(L, what, names);
    if (is_window && lua_getfield(L, 3, "inverse") == LUA_TNIL)
        return lerror_fail(L, DBC_EINVALID,
                           "%s needs a function inverse(state, ...)", what);
    aggregate.name = given.name;
    aggregate.arg_count = given.arg_count;
    aggregate.flags = given.flags;
    aggregate.ud = host(L, 3, &given, &conn);
    aggregate.destroy = lhosted_drop;
    aggregate.begin = on_begin;
    aggregate.step = on_step;
    aggregate.inverse = is_window ? on_inverse : NULL;
    aggregate.value = on_value;
    aggregate.end = lhosted_drop;
    if (dbc_create_aggregate(conn, &aggregate) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    return 0;
}

// handle name { begin =, step =, value = } [options]
static int create_aggregate(lua_State *L)
{
    static const char *const names[] = {"begin", "step", "value", NULL};

    return create_rows(L, "create_aggregate", 0, names);
}

// handle name { begin =, step =, inverse =, value = } [options]
static int create_window(lua_State *L)
{
    static const char *const names[] = {"begin", "step", "inverse", "value",
                                        NULL};

    return create_rows(L, "create_window", 1, names);
}

// handle name fn
static int create_collation(lua_State *L)
{
    dbc_collation collation = {0};
    dbc_conn *conn;
    shape given;

    lua_settop(L, 3);
    lua_pushnil(L);
    given = read_shape(L, "create_collation", 4);
    check_function(L, 3, "create_collation");
    collation.name = given.name;
    lhosted *self = host(L, 3, &given, &conn);
    self->is_collation = 1;
    collation.ud = self;
    collation.destroy = lhosted_drop;
    collation.compare = on_compare;
    if (dbc_create_collation(conn, &collation) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    return 0;
}

void lcallback_methods(lua_State *L, int core)
{
    static const luaL_Reg methods[] = {{"create_function", create_function},
                                       {"create_aggregate", create_aggregate},
                                       {"create_window", create_window},
                                       {"create_collation", create_collation},
                                       {NULL, NULL}};

    lbox_register(L, core, methods);
}
