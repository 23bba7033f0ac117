// Guards around functions of Lua's own that walk through a text in C. What one
// call can look at is bounded by the length of a string, so it may be counted
// behind it.
#include "vtext.h"

#include <string.h>
#include <time.h>

#include "vlimits.h"

// ----------------------------------------------------------------------- utf8

static int is_continuation(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

// Upvalue: the iterator of Lua's own.
static int next_code(lua_State *L)
{
    size_t len, at, start;
    const char *text = luaL_checklstring(L, 1, &len);

    start = (size_t)lua_tointeger(L, 2);
    for (at = start; at < len && is_continuation(text[at]);)
        at++;
    vlimits_spend_bytes(L, at - start);
    return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

// Upvalue: `codes` of Lua's own. text [lax] → iterator text 0
static int utf8_codes(lua_State *L)
{
    int top;

    luaL_checkstring(L, 1);
    lua_settop(L, 2);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 2, 3);
    top = lua_gettop(L);
    lua_pushvalue(L, top - 2);
    lua_pushcclosure(L, next_code, 1);
    lua_replace(L, top - 2);
    return 3;
}

static int utf8_codepoint(lua_State *L)
{
    int count = vm_of(L)->stock[VM_STOCK_UTF8_CODEPOINT](L);

    vlimits_spend(L, count);
    return count;
}

static int utf8_len(lua_State *L)
{
    size_t len;

    luaL_checklstring(L, 1, &len);
    vlimits_spend(L, (int64_t)(len / 8));
    return vm_of(L)->stock[VM_STOCK_UTF8_LEN](L);
}

// What it walked is between where it began and what it found.
static int utf8_offset(lua_State *L)
{
    size_t len;
    lua_Integer n, from, walked;

    luaL_checklstring(L, 1, &len);
    n = luaL_checkinteger(L, 2);
    from = luaL_optinteger(L, 3, n > 0 ? 1 : (lua_Integer)len + 1);
    if (from < 0) from += (lua_Integer)len + 1;
    int count = vm_of(L)->stock[VM_STOCK_UTF8_OFFSET](L);
    walked =
        lua_isinteger(L, -1) ? lua_tointeger(L, -1) - from : (lua_Integer)len;
    vlimits_spend(L, (walked < 0 ? -walked : walked) / 8);
    return count;
}

const luaL_Reg vtext_utf8_functions[] = {{"codepoint", utf8_codepoint},
                                         {"len", utf8_len},
                                         {"offset", utf8_offset},
                                         {NULL, NULL}};

void vtext_push_codes(lua_State *L)
{
    lua_pushcclosure(L, utf8_codes, 1);
}

// ------------------------------------------------------------------------- os

enum { DATE_FORMAT_MAX = 200 };

static int os_date(lua_State *L)
{
    size_t len;

    luaL_optlstring(L, 1, "%c", &len);
    luaL_argcheck(L, len <= DATE_FORMAT_MAX, 1, "format too long");
    vlimits_spend(L, 100);
    return vm_of(L)->stock[VM_STOCK_DATE](L);
}

static int os_time(lua_State *L)
{
    vlimits_spend(L, 10);
    return vm_of(L)->stock[VM_STOCK_TIME](L);
}

// Of this run, in seconds: what the program did before is not told.
static int os_clock(lua_State *L)
{
    const dbc_script *vm = vm_of(L);

    lua_pushnumber(L, (lua_Number)(vlimits_now() - vm->started_ns) / 1e9);
    return 1;
}

static int os_difftime(lua_State *L)
{
    lua_Integer a = luaL_checkinteger(L, 1);

    lua_pushnumber(L, difftime((time_t)a, (time_t)luaL_checkinteger(L, 2)));
    return 1;
}

const luaL_Reg vtext_os_functions[] = {{"clock", os_clock},
                                       {"date", os_date},
                                       {"difftime", os_difftime},
                                       {"time", os_time},
                                       {NULL, NULL}};
