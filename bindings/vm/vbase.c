// Base functions as a sandbox has them.
#include "vbase.h"

#include <string.h>

#include "vlimits.h"

// ------------------------------------------------------------ protected calls

void vbase_check_status(lua_State *L, int status)
{
    dbc_script *vm = vm_of(L);

    if (status == LUA_ERRMEM && vm->is_counted && vm->is_refused)
        vlimits_kill(vm, VM_OUT_OF_MEMORY);
    if (vm->death != VM_ALIVE) vlimits_raise(L);
}

// true | results, or the error
static int finish_call(lua_State *L, int status, lua_KContext ctx)
{
    (void)ctx;
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L);
    vbase_check_status(L, status);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

// f … → true … | false error
static int guarded_pcall(lua_State *L)
{
    int status;

    luaL_checkany(L, 1);
    vlimits_spend(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_call);
    return finish_call(L, status, 0);
}

// handler false | what the handler returned, or its own error
static int finish_handler(lua_State *L, int status, lua_KContext ctx)
{
    (void)ctx;
    if (status != LUA_OK && status != LUA_YIELD) vbase_check_status(L, status);
    return lua_gettop(L) - 1;
}

// A handler runs when the stack is unwound: inside of the failure itself no
// hook would run, so that it could loop for ever.
static int finish_xcall(lua_State *L, int status, lua_KContext ctx)
{
    enum { HANDLER = 1, FLAG, ERROR };

    (void)ctx;
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - HANDLER;
    vbase_check_status(L, status);
    lua_pushboolean(L, 0);
    lua_replace(L, FLAG);
    lua_pushvalue(L, HANDLER);
    lua_insert(L, ERROR);
    status = lua_pcallk(L, 1, LUA_MULTRET, 0, 0, finish_handler);
    return finish_handler(L, status, 0);
}

// f handler … → true … | false what the handler returns
static int guarded_xpcall(lua_State *L)
{
    int args = lua_gettop(L) - 2;
    int status;

    luaL_checktype(L, 2, LUA_TFUNCTION);
    vlimits_spend(L, 1);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2); // f handler true f …
    lua_remove(L, 1);    // handler true f …
    status = lua_pcallk(L, args, LUA_MULTRET, 0, 0, finish_xcall);
    return finish_xcall(L, status, 0);
}

// ----------------------------------------------------------------- metatables

static int set_metatable(lua_State *L)
{
    int type = lua_type(L, 2);

    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, 2,
                     "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    if (type == LUA_TTABLE) {
        lua_pushliteral(L, "__gc");
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "a metatable with __gc is not allowed in a "
                                 "sandbox: use __close");
    }
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

// For dbcore's own files, whose metatables no script may see.
static int set_inner_metatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (lua_istable(L, 2)) {
        lua_pushliteral(L, "__metatable");
        if (lua_rawget(L, 2) == LUA_TNIL) {
            lua_pushliteral(L, "__metatable");
            lua_pushboolean(L, 0);
            lua_rawset(L, 2);
        }
        lua_settop(L, 2);
    }
    lua_setmetatable(L, 1);
    return 1;
}

static int get_inner_metatable(lua_State *L)
{
    luaL_checkany(L, 1);
    if (!lua_getmetatable(L, 1)) lua_pushnil(L);
    return 1;
}

// --------------------------------------------------------------------- values

const char *vbase_tostring(lua_State *L, int index, size_t *len)
{
    const char *name;

    index = lua_absindex(L, index);
    if (luaL_callmeta(L, index, "__tostring")) {
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "'__tostring' must return a string");
        return lua_tolstring(L, -1, len);
    }
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
    case LUA_TSTRING:
    case LUA_TBOOLEAN:
    case LUA_TNIL:
        return luaL_tolstring(L, index, len);
    default:
        name = luaL_typename(L, index);
        if (luaL_getmetafield(L, index, "__name") == LUA_TSTRING)
            return lua_tolstring(L, -1, len);
        lua_pushstring(L, name);
        return lua_tolstring(L, -1, len);
    }
}

static int guarded_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    vbase_tostring(L, 1, NULL);
    return 1;
}

static int guarded_tonumber(lua_State *L)
{
    vlimits_spend_bytes(L, lua_isstring(L, 1) ? lua_rawlen(L, 1) : 0);
    return vm_of(L)->stock[VM_STOCK_TONUMBER](L);
}

// Only asking is allowed; a script has no say in when garbage is collected.
static int collect_garbage(lua_State *L)
{
    static const char *const words[] = {"count", "collect", "step", NULL};
    int word = luaL_checkoption(L, 1, "collect", words);

    if (word == 0)
        lua_pushnumber(L, (lua_Number)vm_of(L)->memory / 1024);
    else
        lua_pushinteger(L, 0);
    return 1;
}

// -------------------------------------------------------------------- loading

// From one piece of text.
typedef struct piece {
    const char *text;
    size_t len;
} piece;

static const char *read_piece(lua_State *L, void *ud, size_t *len)
{
    piece *at = ud;

    (void)L;
    *len = at->len;
    at->len = 0;
    return *len > 0 ? at->text : NULL;
}

int vbase_load(lua_State *L, const char *text, size_t len, const char *chunk,
               int env)
{
    const dbc_script *vm = vm_of(L);
    piece whole = {text, len};
    int status;

    env = lua_absindex(L, env);
    if (len > (uint64_t)vm->limits.source_len) {
        lua_pushfstring(L, "source length limit exceeded: %d bytes at most",
                        (int)vm->limits.source_len);
        return LUA_ERRSYNTAX;
    }
    vlimits_spend(L, (int64_t)len);
    // A '#' in front is for a shell, and only in the file of a whole script.
    status = lua_load(L, read_piece, &whole, chunk, "t");
    if (status != LUA_OK) return status;
    lua_pushvalue(L, env);
    if (!lua_setupvalue(L, -2, 1)) lua_pop(L, 1);
    return LUA_OK;
}

// What a function gives piece by piece, as one string on the top.
static void gather(lua_State *L)
{
    luaL_Buffer all;
    size_t total = 0;

    luaL_buffinit(L, &all);
    for (;;) {
        size_t len;

        vlimits_spend(L, 10);
        lua_pushvalue(L, 1);
        lua_call(L, 0, 1);
        if (lua_isnil(L, -1)) break;
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "reader function must return a string");
        lua_tolstring(L, -1, &len);
        if (len == 0) break;
        total += len;
        vlimits_check_text(L, total);
        luaL_addvalue(&all);
    }
    lua_pop(L, 1);
    luaL_pushresult(&all);
}

// chunk [name [mode [env]]] → function | nil message. Upvalue: the globals.
static int guarded_load(lua_State *L)
{
    const char *chunk, *mode = luaL_optstring(L, 3, "bt");
    int env = lua_isnone(L, 4) ? lua_upvalueindex(1) : 4;
    size_t len;
    int status;

    lua_settop(L, 4);
    if (lua_isstring(L, 1)) {
        chunk = luaL_optstring(L, 2, lua_tostring(L, 1));
    } else {
        luaL_checktype(L, 1, LUA_TFUNCTION);
        chunk = luaL_optstring(L, 2, "=(load)");
        gather(L);
        lua_replace(L, 1);
    }
    lua_tolstring(L, 1, &len);
    if (!strchr(mode, 't')) {
        lua_pushnil(L);
        lua_pushliteral(L, "attempt to load a text chunk: only text is loaded "
                           "in a sandbox, no binary");
        return 2;
    }
    lua_pushvalue(L, env);
    status = vbase_load(L, lua_tostring(L, 1), len, chunk, lua_gettop(L));
    if (status == LUA_OK) return 1;
    vbase_check_status(L, status);
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

void vbase_push_load(lua_State *L, int env)
{
    lua_pushvalue(L, env);
    lua_pushcclosure(L, guarded_load, 1);
}

// --------------------------------------------------------------------- output

// Hands a line to the host. What the host is told is not the script's any more.
static void put_line(lua_State *L, const char *text, size_t len)
{
    dbc_script *vm = vm_of(L);

    if (len > (uint64_t)vm->output_left) {
        vlimits_kill(vm, VM_OUT_OF_OUTPUT);
        vlimits_raise(L);
    }
    vm->output_left -= (int64_t)len;
    vlimits_spend_bytes(L, len);
    if (vm->print && vm->print(vm->print_ud, text, len) < 0) {
        vlimits_kill(vm, VM_PRINT_FAILED);
        vlimits_raise(L);
    }
}

static int guarded_print(lua_State *L)
{
    int count = lua_gettop(L);
    luaL_Buffer line;
    size_t len;

    vlimits_spend(L, count + 1);
    // Texts first: `__tostring` is called without a buffer on the stack.
    for (int i = 1; i <= count; i++) {
        vbase_tostring(L, i, &len);
        lua_replace(L, i);
        lua_settop(L, count);
    }
    luaL_buffinit(L, &line);
    for (int i = 1; i <= count; i++) {
        if (i > 1) luaL_addchar(&line, '\t');
        lua_pushvalue(L, i);
        luaL_addvalue(&line);
    }
    luaL_addchar(&line, '\n');
    luaL_pushresult(&line);
    put_line(L, lua_tostring(L, -1), lua_rawlen(L, -1));
    return 0;
}

const luaL_Reg vbase_functions[] = {
    {"pcall", guarded_pcall},        {"xpcall", guarded_xpcall},
    {"setmetatable", set_metatable}, {"tostring", guarded_tostring},
    {"tonumber", guarded_tonumber},  {"collectgarbage", collect_garbage},
    {"print", guarded_print},        {NULL, NULL}};

const luaL_Reg vbase_inner_functions[] = {{"setmetatable", set_inner_metatable},
                                          {"getmetatable", get_inner_metatable},
                                          {NULL, NULL}};
