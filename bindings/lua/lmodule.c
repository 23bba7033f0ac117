// luaopen_dbcore_native: the core table, the kinds of boxes, and the few
// functions that belong to none of them.
#include <errno.h>
#include <string.h>
#include <time.h>

#include "dbcore_lua.h"
#include "lcatalog.h"
#include "lconn.h"
#include "lcursor.h"
#include "lddl.h"
#include "lerror.h"
#include "lexpr.h"
#include "lfolder.h"
#include "lhook.h"
#include "ljson.h"
#include "lmigrator.h"
#include "lmock.h"
#include "lplan.h"
#include "lpolicy.h"
#include "lprepared.h"
#include "lquery.h"
#include "lsql.h"
#include "ltable.h"
#include "lvalidate.h"

// ------------------------------------------------------------------ functions

static const struct {
    const char *word;
    lbox_kind kind;
} kinds[] = {
    {"expr", LBOX_EXPR}, {"query", LBOX_QUERY},   {"conn", LBOX_CONN},
    {"txn", LBOX_TXN},   {"cursor", LBOX_CURSOR}, {"prepared", LBOX_PREPARED},
    {"mock", LBOX_MOCK}, {"table", LBOX_TABLE},   {"conn", LBOX_RESTRICTED}};

// kind → its table of methods, to which Lua may add
static int methods(lua_State *L)
{
    const char *word = luaL_checkstring(L, 1);

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(word, kinds[i].word) != 0) continue;
        if (kinds[i].kind == LBOX_TABLE) break; // its fields are columns
        lua_rawgeti(L, LCORE, kinds[i].kind);
        lua_getfield(L, -1, "__index");
        return 1;
    }
    return lerror_fail(L, DBC_EINVALID, "there are no methods of \"%.40s\"",
                       word);
}

// value → its kind, one of these words, or nil
static int kind_of(lua_State *L)
{
    lbox_kind kind = (lbox_kind)lbox_kind_of(L, 1);

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].kind != kind) continue;
        lua_pushstring(L, kinds[i].word);
        return 1;
    }
    lua_pushnil(L);
    return 1;
}

// value → what it is, in the words of a message
static int say(lua_State *L)
{
    lbox_words words;

    lua_pushstring(L, lbox_describe(L, 1, &words));
    return 1;
}

// code message [fields] → raises an error object with these fields added
static int raise(lua_State *L)
{
    dbc_error err = DBC_ERROR_INIT;

    err.code = lerror_code(luaL_checkstring(L, 1));
    luaL_checkstring(L, 2);
    if (err.code == DBC_OK) err.code = DBC_EINVALID;
    lua_settop(L, 3);
    lerror_push(L, &err, NULL, 0);
    lua_pushvalue(L, 1);
    lua_setfield(L, 4, "code");
    lua_pushvalue(L, 2);
    lua_setfield(L, 4, "message");
    if (lua_istable(L, 3)) {
        for (lua_pushnil(L); lua_next(L, 3);) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, 4);
        }
    }
    lua_settop(L, 4);
    return lua_error(L);
}

// connection or transaction → the connection
static int connection(lua_State *L)
{
    int box;

    lconn_of(L, 1, &box);
    lua_pushvalue(L, box);
    return 1;
}

// query → the handle it was started from and its table or source, each or nil
static int origin(lua_State *L)
{
    lbox_check(L, 1, LBOX_QUERY);
    lua_getiuservalue(L, 1, LQUERY_UV_HANDLE);
    lua_getiuservalue(L, 1, LQUERY_UV_TABLE);
    return 2;
}

// table → the same, marked as a JSON array: then an empty one is []
static int array(lua_State *L)
{
    lbox_words words;

    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    if (lua_type(L, 1) != LUA_TTABLE)
        return lerror_fail(L, DBC_EINVALID,
                           "array takes a list or nothing, got %s",
                           lbox_describe(L, 1, &words));
    lua_settop(L, 1);
    lua_rawgeti(L, LCORE, LCORE_ARRAY);
    lua_setmetatable(L, 1);
    return 1;
}

// value → JSON text
static int encode_json(lua_State *L)
{
    luaL_checkany(L, 1);
    ljson_encode(L, 1);
    return 1;
}

// JSON text → value
static int decode_json(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);

    ljson_decode(L, text, len);
    return 1;
}

// → seconds that only go forward
static int clock_seconds(lua_State *L)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
    return 1;
}

// seconds; a signal does not cut it short
static int sleep_seconds(lua_State *L)
{
    lua_Number seconds = luaL_checknumber(L, 1);
    struct timespec left;

    if (!(seconds > 0)) return 0;
    if (seconds > 1e6) seconds = 1e6;
    left.tv_sec = (time_t)seconds;
    left.tv_nsec = (long)((seconds - (lua_Number)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) != 0 && errno == EINTR)
        ;
    return 0;
}

// --------------------------------------------------------------------- opening

static int null_tostring(lua_State *L)
{
    lua_pushliteral(L, "dbcore.null");
    return 1;
}

static void new_null(lua_State *L, int core)
{
    static const luaL_Reg events[] = {{"__tostring", null_tostring},
                                      {NULL, NULL}};

    lbox_push_metatable(L, core, "dbcore.null", events);
    lua_rawseti(L, core, LBOX_NULL);
    lbox_new(L, LBOX_NULL, sizeof(lbox), 0);
    lua_rawseti(L, core, LCORE_NULL);
}

static void new_array_mark(lua_State *L, int core)
{
    lua_createtable(L, 0, 2);
    lua_pushliteral(L, "dbcore.array");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawseti(L, core, LCORE_ARRAY);
}

static void new_conns(lua_State *L, int core)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    lua_rawseti(L, core, LCORE_CONNS);
}

// How the chunk names of our own Lua files begin: the folder "dbcore/" of the
// one that requires this module. Stack: … | may push one string.
static int push_home(lua_State *L)
{
    static const char folder[] = "dbcore/";
    lua_Debug ar;
    const char *end;

    for (int level = 1; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "S", &ar);
        if (*ar.what == 'C') continue;
        end = strrchr(ar.source, '/');
        if (!end || end - ar.source < (ptrdiff_t)sizeof folder - 1) return 0;
        if (memcmp(end + 1 - (sizeof folder - 1), folder, sizeof folder - 1) !=
            0)
            return 0;
        lua_pushlstring(L, ar.source, (size_t)(end + 1 - ar.source));
        return 1;
    }
    return 0;
}

// home|nil → module
static int open_module(lua_State *L)
{
    static const luaL_Reg functions[] = {{"methods", methods},
                                         {"raise", raise},
                                         {"origin", origin},
                                         {"connection", connection},
                                         {"array", array},
                                         {"encode_json", encode_json},
                                         {"decode_json", decode_json},
                                         {"clock", clock_seconds},
                                         {"sleep", sleep_seconds},
                                         {"kind", kind_of},
                                         {"say", say},
                                         {NULL, NULL}};
    enum { CORE = 2, MODULE };

    lua_settop(L, 1);
    lua_pushvalue(L, LCORE);
    lua_newtable(L);
    luaL_checkstack(L, 20, NULL);
    lua_pushvalue(L, 1);
    lua_rawseti(L, CORE, LCORE_HOME);
    lerror_new_metatable(L);
    lua_rawseti(L, CORE, LCORE_ERROR);
    lua_pushvalue(L, CORE);
    lua_pushcclosure(L, lprotect_dispatch, 1);
    lua_rawseti(L, CORE, LCORE_CALL);
    new_null(L, CORE);
    new_array_mark(L, CORE);
    new_conns(L, CORE);

    ltable_open(L, CORE, MODULE);
    lexpr_open(L, CORE, MODULE);
    lquery_open(L, CORE, MODULE);
    lconn_open(L, CORE, MODULE);
    ltxn_open(L, CORE, MODULE);
    lpolicy_open(L, CORE, MODULE);
    lsql_open(L, CORE, MODULE);
    lcursor_open(L, CORE);
    lprepared_open(L, CORE);
    lmock_open(L, CORE, MODULE);
    lcatalog_open(L, CORE, MODULE);
    lplan_open(L, CORE, MODULE);
    lalter_open(L, CORE, MODULE);
    ljson_open(L, CORE);
    lvalidate_open(L, CORE, MODULE);
    lmigrator_open(L, CORE, MODULE);
    lfolder_open(L, CORE, MODULE);
    lddl_open(L, CORE, MODULE);
    lhook_open(L, CORE, MODULE);

    lua_settop(L, MODULE);
    lbox_register(L, CORE, functions);
    lua_rawgeti(L, CORE, LCORE_NULL);
    lua_setfield(L, MODULE, "null");
    lua_pushstring(L, dbc_version());
    lua_setfield(L, MODULE, "version");
    return 1;
}

DBC_API int luaopen_dbcore_native(lua_State *L)
{
    luaL_checkversion(L);
    lua_settop(L, 0);
    lua_createtable(L, LCORE_COUNT, 1);
    lua_pushvalue(L, 1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &lbox_magic);
    lua_pushcclosure(L, open_module, 1);
    if (!push_home(L)) lua_pushnil(L);
    lua_call(L, 1, 1);
    return 1;
}
