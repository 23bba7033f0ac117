// JSON text from Lua values: keys sorted, so that equal values give equal
// text; integers whole, doubles with as many digits as it takes to read back
// the same.
// Tables are read raw. The text grows in a userdata on the stack, so a raise
// at any point leaves nothing behind.
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lerror.h"
#include "lutf8.h"
#include "lvalue.h"

enum { DEPTH_MAX = 200, FIRST_ROOM = 512 };

typedef struct writer {
    lua_State *L;
    char *data; // `first`, then the userdata at stack slot `slot`
    size_t len, cap;
    int slot;
    int depth;
    char first[FIRST_ROOM];
} writer;

typedef struct key {
    const char *text; // pinned by the list of keys
    size_t len;
    lua_Integer index; // in that list
} key;

static void grow(writer *out, size_t more)
{
    size_t cap = out->cap;
    char *data;

    if (more > SIZE_MAX / 4 - out->len)
        lerror_fail(out->L, DBC_ELIMIT, "the JSON text is too long");
    while (cap < out->len + more)
        cap *= 2;
    data = lua_newuserdatauv(out->L, cap, 0);
    memcpy(data, out->data, out->len);
    lua_replace(out->L, out->slot);
    out->data = data;
    out->cap = cap;
}

static void add(writer *out, const char *text, size_t len)
{
    if (out->cap - out->len < len) grow(out, len);
    memcpy(out->data + out->len, text, len);
    out->len += len;
}

static void add_string(writer *out, const char *text, size_t len)
{
    static const char short_escapes[] = "btn?fr"; // of 8 to 13
    size_t from = 0;

    if (!lutf8_valid(text, len))
        lerror_fail(out->L, DBC_EINVALID,
                    "JSON text must be UTF-8: store other bytes in a blob");
    add(out, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        char escape[8];
        int n = 2;

        if (c >= 0x20 && c != '"' && c != '\\') continue;
        add(out, text + from, i - from);
        from = i + 1;
        if (c == '"' || c == '\\')
            snprintf(escape, sizeof escape, "\\%c", c);
        else if (c >= 8 && c <= 13 && c != 11)
            snprintf(escape, sizeof escape, "\\%c", short_escapes[c - 8]);
        else
            n = snprintf(escape, sizeof escape, "\\u%04x", c);
        add(out, escape, (size_t)n);
    }
    add(out, text + from, len - from);
    add(out, "\"", 1);
}

// The fewest digits from 15 on that read back as the same double; always with
// a point or an exponent, so that it stays a double.
static void add_real(writer *out, double number)
{
    char text[40];
    int len = 0;
    const char *point = localeconv()->decimal_point;

    if (!isfinite(number))
        lerror_fail(out->L, DBC_EINVALID,
                    "JSON has no number for infinity or NaN");
    for (int digits = 15; digits <= 17; digits++) {
        len = snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number) break;
    }
    if (point[0] != '.' && strchr(text, point[0]))
        *strchr(text, point[0]) = '.';
    add(out, text, (size_t)len);
    if (!strpbrk(text, ".eE")) add(out, ".0", 2);
}

static void add_number(writer *out, int index)
{
    char text[32];
    int len;

    if (!lua_isinteger(out->L, index)) {
        add_real(out, lua_tonumber(out->L, index));
        return;
    }
    len = snprintf(text, sizeof text, LUA_INTEGER_FMT,
                   (LUAI_UACINT)lua_tointeger(out->L, index));
    add(out, text, (size_t)len);
}

static void add_value(writer *out, int index);

static void add_array(writer *out, int table)
{
    lua_State *L = out->L;
    lua_Integer count = (lua_Integer)lua_rawlen(L, table);

    add(out, "[", 1);
    for (lua_Integer i = 1; i <= count; i++) {
        if (i > 1) add(out, ",", 1);
        if (lua_rawgeti(L, table, i) == LUA_TNIL)
            lerror_fail(L, DBC_EINVALID,
                        "item %lld of a list for JSON is nil: use dbcore.null",
                        (long long)i);
        add_value(out, lua_gettop(L));
        lua_pop(L, 1);
    }
    add(out, "]", 1);
}

static int compare_keys(const void *a, const void *b)
{
    const key *left = a, *right = b;
    size_t len = left->len < right->len ? left->len : right->len;
    int order = memcmp(left->text, right->text, len);

    if (order != 0) return order;
    return (left->len > right->len) - (left->len < right->len);
}

// Pushes a list of the keys of `table` and a userdata with them, sorted. Sets
// `*count` to how many there are.
static key *push_keys(lua_State *L, int table, size_t *count)
{
    int list = lua_gettop(L) + 1;
    size_t room = *count, n = 0;
    key *keys;

    lua_createtable(L, (int)room, 0);
    keys = lua_newuserdatauv(L, room * sizeof *keys, 0);
    lua_pushnil(L);
    while (n < room && lua_next(L, table)) {
        lua_pop(L, 1);
        keys[n].text = lua_tolstring(L, -1, &keys[n].len);
        n++;
        keys[n - 1].index = (lua_Integer)n;
        lua_pushvalue(L, -1);
        lua_rawseti(L, list, (lua_Integer)n);
    }
    lua_settop(L, list + 1);
    qsort(keys, n, sizeof *keys, compare_keys);
    *count = n;
    return keys;
}

static void add_object(writer *out, int table, size_t count)
{
    lua_State *L = out->L;
    int list = lua_gettop(L) + 1;
    key *keys = push_keys(L, table, &count);

    add(out, "{", 1);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) add(out, ",", 1);
        add_string(out, keys[i].text, keys[i].len);
        add(out, ":", 1);
        lua_rawgeti(L, list, keys[i].index);
        lua_rawget(L, table);
        add_value(out, lua_gettop(L));
        lua_pop(L, 1);
    }
    add(out, "}", 1);
    lua_settop(L, list - 1);
}

typedef struct census {
    size_t strings, others;
} census;

static census count_keys(lua_State *L, int table)
{
    census found = {0, 0};

    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING)
            found.strings++;
        else
            found.others++;
    }
    return found;
}

static int is_marked(lua_State *L, int table)
{
    int marked;

    if (!lua_getmetatable(L, table)) return 0;
    lua_rawgeti(L, LCORE, LCORE_ARRAY);
    marked = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return marked;
}

static void add_table(writer *out, int table)
{
    lua_State *L = out->L;
    census found;

    if (++out->depth > DEPTH_MAX)
        lerror_fail(L, DBC_EINVALID,
                    "a table for JSON is nested deeper than %d levels, or "
                    "holds itself",
                    DEPTH_MAX);
    luaL_checkstack(L, 12, "a table for JSON is nested too deeply");
    found = count_keys(L, table);
    if (found.strings > 0 && found.others > 0)
        lerror_fail(L, DBC_EINVALID,
                    "a table for JSON has both names and numbers as keys: "
                    "make it a list or a record");
    if (found.others != lua_rawlen(L, table) ||
        (found.strings > 0 && is_marked(L, table)))
        lerror_fail(L, DBC_EINVALID,
                    "a list for JSON must have the keys 1 to n and no others");
    if (found.others > 0 || is_marked(L, table))
        add_array(out, table);
    else
        add_object(out, table, found.strings);
    out->depth--;
}

static void add_value(writer *out, int index)
{
    lua_State *L = out->L;
    lbox_words words;
    size_t len;
    const char *text;

    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
        if (lua_toboolean(L, index))
            add(out, "true", 4);
        else
            add(out, "false", 5);
        return;
    case LUA_TNUMBER:
        add_number(out, index);
        return;
    case LUA_TSTRING:
        text = lua_tolstring(L, index, &len);
        add_string(out, text, len);
        return;
    case LUA_TTABLE:
        add_table(out, index);
        return;
    default:
        if (lbox_kind_of(L, index) == LBOX_NULL) {
            add(out, "null", 4);
            return;
        }
        lerror_fail(L, DBC_EINVALID, "JSON has no form for %s",
                    lbox_describe(L, index, &words));
    }
}

void ljson_encode(lua_State *L, int index)
{
    writer out;

    index = lua_absindex(L, index);
    luaL_checkstack(L, 8, NULL);
    out.L = L;
    out.data = out.first;
    out.len = 0;
    out.cap = sizeof out.first;
    out.depth = 0;
    lua_pushnil(L);
    out.slot = lua_gettop(L);
    add_value(&out, index);
    lua_pushlstring(L, out.data, out.len);
    lua_replace(L, out.slot);
}
