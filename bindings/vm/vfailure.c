// Errors on their way out. A script decides what it raises, so nothing of it
// is trusted: fields are read raw, texts are cut and cleaned, and whatever
// else it is goes by the name of its type.
#include "vfailure.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "dbcore_driver.h"
#include "vbase.h"
#include "vlimits.h"

// Of a long text, its beginning and its end.
enum { MESSAGE_MAX = 480, HEAD = 300, TAIL = 160 };

static int code_of(const char *word)
{
    int code = dbc_status_of_word(word);

    return code < 0 ? code : DBC_ESCRIPT;
}

// A raw field that is text, or NULL. It stays on the stack.
static const char *text_field(lua_State *L, int table, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, table);
    return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
}

// An error object of dbcore, or one that looks like it.
static int read_object(lua_State *L, int object, dbc_error *err)
{
    const char *message = text_field(L, object, "message");
    const char *word = text_field(L, object, "code");
    const char *where = text_field(L, object, "where");
    const char *table = text_field(L, object, "table");
    const char *constraint = text_field(L, object, "constraint");

    if (!message || !word) return 0;
    dbc_error_set(err, code_of(word), "%s%s%.*s", where ? where : "",
                  where ? ": " : "", MESSAGE_MAX, message);
    if (table)
        dbc_error_field(err->table, sizeof err->table, table, strlen(table));
    if (constraint)
        dbc_error_field(err->constraint, sizeof err->constraint, constraint,
                        strlen(constraint));
    lua_pushliteral(L, "native");
    lua_rawget(L, object);
    err->native = (int)lua_tointeger(L, -1);
    lua_pushliteral(L, "row");
    lua_rawget(L, object);
    err->row = lua_tointeger(L, -1);
    return 1;
}

// err value → fills it
static int read_value(lua_State *L)
{
    dbc_error *err = lua_touserdata(L, 1);
    const char *text;
    size_t len;

    luaL_checkstack(L, 20, NULL);
    if (lua_type(L, 2) == LUA_TTABLE && read_object(L, 2, err)) return 0;
    lua_settop(L, 2);
    if (lua_type(L, 2) == LUA_TSTRING) {
        lua_pushvalue(L, 2);
        text = lua_tostring(L, -1);
    } else if (luaL_getmetafield(L, 2, "__tostring") != LUA_TNIL) {
        text = vbase_tostring(L, 2, &len);
    } else {
        text = lua_pushfstring(L, "the script raised a value of type %s",
                               luaL_typename(L, 2));
    }
    len = lua_rawlen(L, -1);
    if (len <= MESSAGE_MAX)
        dbc_error_set(err, DBC_ESCRIPT, "%s", text);
    else
        dbc_error_set(err, DBC_ESCRIPT, "%.*s ... %.*s", HEAD, text, TAIL,
                      text + len - TAIL);
    return 0;
}

static int fail_memory(dbc_script *vm, dbc_error *err)
{
    if (!vm->is_refused) return dbc_error_set(err, DBC_ENOMEM, "out of memory");
    vlimits_kill(vm, VM_OUT_OF_MEMORY);
    vlimits_describe(vm, err);
    return err->code;
}

int vfailure_of(lua_State *L, int status, dbc_error *err)
{
    dbc_script *vm = vm_of(L);

    if (status == LUA_OK && vm->death == VM_ALIVE) return DBC_OK;
    if (vm->death != VM_ALIVE) {
        vlimits_describe(vm, err);
        return err->code;
    }
    if (status == LUA_ERRMEM) return fail_memory(vm, err);

    if (!lua_checkstack(L, 4))
        return dbc_error_set(err, DBC_ENOMEM, "out of memory");
    lua_pushcfunction(L, read_value);
    lua_pushlightuserdata(L, err);
    lua_pushvalue(L, -3);
    dbc_error_set(err, DBC_ESCRIPT,
                  "the script raised a value of type %s that cannot be told",
                  luaL_typename(L, -1));
    status = lua_pcall(L, 2, 0, 0);
    if (err->code == DBC_ETIMEOUT && vm->deadline_ns != 0 &&
        vlimits_now() >= vm->deadline_ns)
        vlimits_kill(vm, VM_OUT_OF_TIME);
    if (vm->death != VM_ALIVE) vlimits_describe(vm, err);
    if (status == LUA_ERRMEM) return fail_memory(vm, err);
    return err->code;
}

static int tell(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushliteral(L, "message");
    lua_rawget(L, 1);
    return 1;
}

// What makes an error object of our own readable, as those of the module.
static void push_metatable(lua_State *L)
{
    if (vm_get(L, VM_SLOT_ERROR) == LUA_TTABLE) return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 3);
    lua_pushcfunction(L, tell);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "dbcore.error");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushvalue(L, -1);
    vm_set(L, VM_SLOT_ERROR);
}

int vfailure_raise(lua_State *L, const dbc_error *err)
{
    vfailure_refuse(L, err->code, "%s", err->message);
}

int vfailure_refuse(lua_State *L, int code, const char *format, ...)
{
    va_list args;

    luaL_checkstack(L, 6, NULL);
    lua_createtable(L, 0, 2);
    lua_pushstring(L, dbc_status_word(code));
    lua_setfield(L, -2, "code");
    va_start(args, format);
    lua_pushvfstring(L, format, args);
    va_end(args);
    lua_setfield(L, -2, "message");
    push_metatable(L);
    lua_setmetatable(L, -2);
    lua_error(L);
    abort(); // not reached, though the header of Lua does not say so
}
