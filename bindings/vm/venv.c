// Environments. Three circles: `inner` is what dbcore's own Lua files see, in
// tables that no script can reach; each script has copies of the libraries, so
// that it may spoil them for itself only; `db` and `dbcore` are there when they
// are first asked for (vface.c).
#include "venv.h"

#include <lualib.h>
#include <string.h>

#include "vbase.h"
#include "vcoroutine.h"
#include "vface.h"
#include "vsearch.h"
#include "vstring.h"
#include "vtable.h"
#include "vtext.h"

// Functions of the base library that are harmless as they are.
static const char *const base_names[] = {
    "assert", "error",  "getmetatable", "ipairs", "next", "pairs", "rawequal",
    "rawget", "rawlen", "rawset",       "select", "type", NULL};

static const char *const math_names[] = {
    "abs", "acos",       "asin", "atan",      "ceil", "cos",    "deg",
    "exp", "floor",      "fmod", "huge",      "log",  "max",    "maxinteger",
    "min", "mininteger", "modf", "pi",        "rad",  "random", "randomseed",
    "sin", "sqrt",       "tan",  "tointeger", "type", "ult",    NULL};

// Libraries as they stand in `inner`, and are copied for each script.
static const char *const library_names[] = {"string", "table", "math", "utf8",
                                            NULL};

// What a strict script lacks.
static const char *const loose_names[] = {"coroutine", "os", NULL};

// ---------------------------------------------------------------------- stock
// parts

// Pushes a copy of the table at `from`.
static void copy_table(lua_State *L, int from)
{
    from = lua_absindex(L, from);
    lua_createtable(L, 0, 24);
    for (lua_pushnil(L); lua_next(L, from);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
}

// Fills the table at -1 with the functions named, from the table at -2.
static void copy_names(lua_State *L, const char *const *names)
{
    for (; *names; names++) {
        lua_getfield(L, -2, *names);
        lua_setfield(L, -2, *names);
    }
}

static lua_CFunction take_stock(lua_State *L, const char *name)
{
    lua_CFunction function;

    lua_getfield(L, -1, name);
    function = lua_tocfunction(L, -1);
    lua_pop(L, 1);
    return function;
}

static void open_library(lua_State *L, lua_CFunction open)
{
    lua_pushcfunction(L, open);
    lua_call(L, 0, 1);
}

// ---------------------------------------------------------------------- inner

// The library of texts, also behind methods of texts. Stack: … inner
static void add_string(lua_State *L, dbc_script *vm)
{
    open_library(L, luaopen_string);
    vm->stock[VM_STOCK_FORMAT] = take_stock(L, "format");
    vm->stock[VM_STOCK_PACK] = take_stock(L, "pack");
    vm->stock[VM_STOCK_UNPACK] = take_stock(L, "unpack");
    vm->stock[VM_STOCK_PACKSIZE] = take_stock(L, "packsize");
    lua_pop(L, 1);
    lua_createtable(L, 0, 17);
    luaL_setfuncs(L, vstring_functions, 0);
    luaL_setfuncs(L, vsearch_functions, 0);

    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
    lua_setfield(L, -2, "string");
}

static void add_utf8(lua_State *L, dbc_script *vm)
{
    static const char *const names[] = {"char", "charpattern", NULL};

    open_library(L, luaopen_utf8);
    vm->stock[VM_STOCK_UTF8_CODEPOINT] = take_stock(L, "codepoint");
    vm->stock[VM_STOCK_UTF8_LEN] = take_stock(L, "len");
    vm->stock[VM_STOCK_UTF8_OFFSET] = take_stock(L, "offset");
    lua_createtable(L, 0, 6);
    copy_names(L, names);
    luaL_setfuncs(L, vtext_utf8_functions, 0);
    lua_getfield(L, -2, "codes");
    vtext_push_codes(L);
    lua_setfield(L, -2, "codes");
    lua_setfield(L, -3, "utf8");
    lua_pop(L, 1);
}

static void add_math(lua_State *L)
{
    open_library(L, luaopen_math);
    lua_createtable(L, 0, 27);
    copy_names(L, math_names);
    lua_setfield(L, -3, "math");
    lua_pop(L, 1);
}

static void add_library(lua_State *L, const char *name,
                        const luaL_Reg *functions)
{
    lua_createtable(L, 0, 8);
    luaL_setfuncs(L, functions, 0);
    lua_setfield(L, -2, name);
}

static void add_os(lua_State *L, dbc_script *vm)
{
    open_library(L, luaopen_os);
    vm->stock[VM_STOCK_DATE] = take_stock(L, "date");
    vm->stock[VM_STOCK_TIME] = take_stock(L, "time");
    lua_pop(L, 1);
    add_library(L, "os", vtext_os_functions);
}

// luaopen_base() fills the table of globals; what is not wanted of it is
// dropped with it.
static void add_base(lua_State *L, dbc_script *vm)
{
    open_library(L, luaopen_base);
    vm->stock[VM_STOCK_TONUMBER] = take_stock(L, "tonumber");
    lua_createtable(L, 0, 32);
    copy_names(L, base_names);
    luaL_setfuncs(L, vbase_functions, 0);
    lua_pushliteral(L, LUA_VERSION);
    lua_setfield(L, -2, "_VERSION");
    lua_remove(L, -2);
    lua_pushvalue(L, -1);
    vm_set(L, VM_SLOT_BASE);
    copy_table(L, -1);
    lua_remove(L, -2);
    luaL_setfuncs(L, vbase_inner_functions, 0);
}

void venv_open(lua_State *L)
{
    static const luaL_Reg own[] = {{"require", vface_inner_require},
                                   {NULL, NULL}};
    dbc_script *vm = vm_of(L);

    add_base(L, vm); // inner
    add_string(L, vm);
    add_utf8(L, vm);
    add_math(L);
    add_os(L, vm);
    add_library(L, "table", vtable_functions);
    add_library(L, "coroutine", vcoroutine_functions);
    // Nothing is left of Lua's own globals.
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_pushvalue(L, -1);
    vm_set(L, VM_SLOT_INNER);
    luaL_setfuncs(L, own, 0);
    lua_pop(L, 1);
    lua_newtable(L);
    vm_set(L, VM_SLOT_LOADED);
}

// -------------------------------------------------------------------- scripts

// env key → `db` and `dbcore` when first asked for; then they are plain
// fields, and the metatable that asks for them is gone.
static int find_late(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";

    if (strcmp(name, "db") != 0 && strcmp(name, "dbcore") != 0) return 0;
    vface_need(L);
    lua_settop(L, 2);
    lua_pushnil(L);
    lua_setmetatable(L, 1);
    vm_get(L, VM_SLOT_DB);
    lua_setfield(L, 1, "db");
    vm_get(L, VM_SLOT_FACE);
    lua_setfield(L, 1, "dbcore");
    lua_rawget(L, 1);
    return 1;
}

// Sets both fields of the table on the top, or the metatable that will.
static void add_late(lua_State *L, const dbc_script *vm)
{
    if (vm->is_opened) {
        vm_get(L, VM_SLOT_DB);
        lua_setfield(L, -2, "db");
        vm_get(L, VM_SLOT_FACE);
        lua_setfield(L, -2, "dbcore");
        return;
    }
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, find_late);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
}

void venv_open_trusted(lua_State *L)
{
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, vface_open_native);
    lua_setfield(L, -2, "dbcore.native");
    lua_pop(L, 1);
    // The VM has to know which thread runs, to cancel it.
    lua_getglobal(L, LUA_COLIBNAME);
    luaL_setfuncs(L, vcoroutine_functions, 0);
    lua_pop(L, 1);
    lua_pushglobaltable(L);
    add_late(L, vm_of(L));
    lua_pop(L, 1);
}

// The same rule has the same answer every time.
static void forget_random(lua_State *L, int env)
{
    lua_getfield(L, env, "math");
    lua_pushnil(L);
    lua_setfield(L, -2, "random");
    lua_pushnil(L);
    lua_setfield(L, -2, "randomseed");
    lua_pop(L, 1);
}

static void copy_libraries(lua_State *L, int inner, int env,
                           const char *const *names)
{
    for (; *names; names++) {
        lua_getfield(L, inner, *names);
        copy_table(L, -1);
        lua_setfield(L, env, *names);
        lua_pop(L, 1);
    }
}

// Pushes copies of what scripts have of the libraries.
static void push_sandbox(lua_State *L, const dbc_script *vm)
{
    int is_strict = vm->profile == DBC_SCRIPT_STRICT;
    int inner, env;

    vm_get(L, VM_SLOT_INNER);
    inner = lua_gettop(L);
    vm_get(L, VM_SLOT_BASE);
    copy_table(L, -1);
    lua_remove(L, -2);
    env = inner + 1;
    copy_libraries(L, inner, env, library_names);
    if (!is_strict) copy_libraries(L, inner, env, loose_names);
    lua_pushvalue(L, env);
    lua_setfield(L, env, "_G");
    if (is_strict) {
        forget_random(L, env);
    } else {
        vbase_push_load(L, env);
        lua_setfield(L, env, "load");
    }
    lua_remove(L, inner);
}

// What is set by the script is its own; the rest is that of the program.
static void push_trusted(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "_G");
}

// The functions of the host, into the table on the top.
static void add_host(lua_State *L)
{
    vm_get(L, VM_SLOT_HOST);
    for (lua_pushnil(L); lua_next(L, -2);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -5);
    }
    lua_pop(L, 1);
}

void venv_push(lua_State *L)
{
    const dbc_script *vm = vm_of(L);

    luaL_checkstack(L, 12, NULL);
    if (vm->profile == DBC_SCRIPT_TRUSTED) {
        push_trusted(L);
    } else {
        push_sandbox(L, vm);
        add_late(L, vm);
    }
    add_host(L);
}

// Sets a field of the globals of every script to the value on the top (popped).
static void set_all(lua_State *L, const char *name)
{
    int value = lua_gettop(L);

    vm_get(L, VM_SLOT_SCRIPTS);
    for (lua_Integer i = (lua_Integer)lua_rawlen(L, -1); i > 0; i--) {
        lua_rawgeti(L, value + 1, i);
        lua_getfield(L, -1, "env");
        lua_pushstring(L, name);
        lua_pushvalue(L, value);
        lua_rawset(L, -3);
        lua_settop(L, value + 1);
    }
    lua_settop(L, value - 1);
}

void venv_bind(lua_State *L)
{
    vface_rebind(L);
    vm_get(L, VM_SLOT_DB);
    set_all(L, "db");
}

void venv_publish(lua_State *L, const char *name)
{
    vm_get(L, VM_SLOT_HOST);
    lua_getfield(L, -1, name);
    lua_remove(L, -2);
    set_all(L, name);
}
