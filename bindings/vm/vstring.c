// String functions that build text: each counts how much of it it looks at.
// Those that search are in vsearch.c.
#include "vstring.h"

#include <ctype.h>
#include <string.h>

#include "vbase.h"
#include "vlimits.h"

// ------------------------------------------------------------------ positions

// A place from 1; negative ones count from the end.
size_t vstring_first_place(lua_Integer at, size_t len)
{
    if (at > 0) return (size_t)at;
    if (at == 0 || at < -(lua_Integer)len) return 1;
    return len + (size_t)at + 1;
}

static size_t last_place(lua_Integer at, size_t len)
{
    if (at > (lua_Integer)len) return len;
    if (at >= 0) return (size_t)at;
    return at < -(lua_Integer)len ? 0 : len + (size_t)at + 1;
}

// -------------------------------------------------------------- simple pieces

static int string_len(lua_State *L)
{
    size_t len;

    luaL_checklstring(L, 1, &len);
    lua_pushinteger(L, (lua_Integer)len);
    return 1;
}

static int string_sub(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    size_t first = vstring_first_place(luaL_checkinteger(L, 2), len);
    size_t last = last_place(luaL_optinteger(L, 3, -1), len);

    if (first > last) {
        lua_pushliteral(L, "");
        return 1;
    }
    vlimits_spend_bytes(L, last - first);
    lua_pushlstring(L, text + first - 1, last - first + 1);
    return 1;
}

static int string_byte(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    lua_Integer at = luaL_optinteger(L, 2, 1);
    size_t first = vstring_first_place(at, len);
    size_t last = last_place(luaL_optinteger(L, 3, (lua_Integer)first), len);
    size_t count;

    if (first > last) return 0;
    count = last - first + 1;
    if (count >= LUAI_MAXSTACK) luaL_error(L, "string slice too long");
    vlimits_spend(L, (int64_t)count);
    luaL_checkstack(L, (int)count, "string slice too long");
    for (size_t i = 0; i < count; i++)
        lua_pushinteger(L, (unsigned char)text[first - 1 + i]);
    return (int)count;
}

static int string_char(lua_State *L)
{
    int count = lua_gettop(L);
    luaL_Buffer out;
    char *bytes;

    vlimits_spend(L, count);
    bytes = luaL_buffinitsize(L, &out, (size_t)count);
    for (int i = 1; i <= count; i++) {
        lua_Integer value = luaL_checkinteger(L, i);
        luaL_argcheck(L, value >= 0 && value <= 255, i, "value out of range");
        bytes[i - 1] = (char)value;
    }
    luaL_pushresultsize(&out, (size_t)count);
    return 1;
}

static int change_case(lua_State *L, int (*change)(int))
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    luaL_Buffer out;
    char *bytes;

    vlimits_spend_bytes(L, len);
    bytes = luaL_buffinitsize(L, &out, len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)change((unsigned char)text[i]);
    luaL_pushresultsize(&out, len);
    return 1;
}

static int string_lower(lua_State *L)
{
    return change_case(L, tolower);
}

static int string_upper(lua_State *L)
{
    return change_case(L, toupper);
}

static int string_reverse(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    luaL_Buffer out;
    char *bytes;

    vlimits_spend_bytes(L, len);
    bytes = luaL_buffinitsize(L, &out, len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = text[len - 1 - i];
    luaL_pushresultsize(&out, len);
    return 1;
}

// The length of `count` texts with separators between; raises when it is too
// much.
static size_t measure_repeated(lua_State *L, size_t len, size_t between,
                               lua_Integer count)
{
    size_t most = (size_t)vm_of(L)->limits.text_len;
    size_t total;

    if (len + between < len) luaL_error(L, "resulting string too large");
    if (len + between == 0) return 0;
    if ((uint64_t)count > (most + between) / (len + between))
        luaL_error(L, "string length limit exceeded: resulting string too "
                      "large");
    total = (size_t)count * len + (size_t)(count - 1) * between;
    vlimits_check_text(L, total);
    return total;
}

static int string_rep(lua_State *L)
{
    size_t len, between, total;
    const char *text = luaL_checklstring(L, 1, &len);
    lua_Integer count = luaL_checkinteger(L, 2);
    const char *separator = luaL_optlstring(L, 3, "", &between);
    luaL_Buffer out;
    char *at;

    total = count > 0 ? measure_repeated(L, len, between, count) : 0;
    if (total == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    vlimits_spend_bytes(L, total);
    at = luaL_buffinitsize(L, &out, total);
    for (; count > 0; count--) {
        memcpy(at, text, len);
        at += len;
        if (count == 1 || between == 0) continue;
        memcpy(at, separator, between);
        at += between;
    }
    luaL_pushresultsize(&out, total);
    return 1;
}

// ----------------------------------------------------------------- formatting

// Makes texts of what `%s` is given, since Lua's own would tell addresses.
static void prepare_format(lua_State *L, const char *format, size_t len)
{
    const char *end = format + len;
    int arg = 1;

    for (const char *at = format; at < end; at++) {
        if (*at != '%' || at[1] == '%') {
            if (*at == '%') at++;
            continue;
        }
        arg++;
        at += 1 + strspn(at + 1, "-+#0 123456789.");
        if (*at == 'p')
            luaL_error(L, "invalid conversion '%%p' to 'format': addresses "
                          "are not told in a sandbox");
        if (*at != 's' || arg > lua_gettop(L) || lua_isstring(L, arg)) continue;
        luaL_checkstack(L, 4, NULL);
        vbase_tostring(L, arg, NULL);
        lua_replace(L, arg);
    }
}

static int string_format(lua_State *L)
{
    size_t len, total;
    const char *format = luaL_checklstring(L, 1, &len);
    int top = lua_gettop(L);
    int results;

    total = len;
    prepare_format(L, format, len);
    lua_settop(L, top);
    for (int i = 2; i <= top; i++)
        if (lua_type(L, i) == LUA_TSTRING) total += lua_rawlen(L, i);
    vlimits_check_text(L, total);
    vlimits_spend_bytes(L, total + 16 * (size_t)top);
    results = vm_of(L)->stock[VM_STOCK_FORMAT](L);
    return results;
}

// -------------------------------------------------------------------- packing

// Widths in a format, so that nothing is filled up to what cannot be kept.
static void check_widths(lua_State *L, const char *format)
{
    for (; *format; format++) {
        size_t width = 0;

        if (!isdigit((unsigned char)*format)) continue;
        for (; isdigit((unsigned char)*format); format++)
            if (width < SIZE_MAX / 20) width = width * 10 + (*format - '0');
        vlimits_check_text(L, width);
        vlimits_spend_bytes(L, width);
        format--;
    }
}

static int pack_with(lua_State *L, vm_stock stock, int bytes)
{
    size_t len, given = 0;
    const char *format = luaL_checklstring(L, 1, &len);

    check_widths(L, format);
    for (int i = 2; i <= lua_gettop(L); i++)
        if (bytes && lua_type(L, i) == LUA_TSTRING) given += lua_rawlen(L, i);
    vlimits_spend(L, (int64_t)len * 4);
    vlimits_spend_bytes(L, given);
    return vm_of(L)->stock[stock](L);
}

static int string_pack(lua_State *L)
{
    return pack_with(L, VM_STOCK_PACK, 1);
}

static int string_unpack(lua_State *L)
{
    return pack_with(L, VM_STOCK_UNPACK, 0);
}

static int string_packsize(lua_State *L)
{
    size_t len;

    luaL_checklstring(L, 1, &len);
    vlimits_spend(L, (int64_t)len * 4);
    return vm_of(L)->stock[VM_STOCK_PACKSIZE](L);
}

const luaL_Reg vstring_functions[] = {{"byte", string_byte},
                                      {"char", string_char},
                                      {"format", string_format},
                                      {"len", string_len},
                                      {"lower", string_lower},
                                      {"pack", string_pack},
                                      {"packsize", string_packsize},
                                      {"rep", string_rep},
                                      {"reverse", string_reverse},
                                      {"sub", string_sub},
                                      {"unpack", string_unpack},
                                      {"upper", string_upper},
                                      {NULL, NULL}};
