// Table functions. They honour metamethods, as Lua's own do; each element that
// is touched counts, so a length that is a lie ends at a limit.
#include "vtable.h"

#include <limits.h>
#include <string.h>

#include "vlimits.h"

// A list is a table, or whatever says how it is read, written and measured.
enum { READS = 1, WRITES = 2, MEASURES = 4 };

static int has_event(lua_State *L, int index, const char *event)
{
    if (luaL_getmetafield(L, index, event) == LUA_TNIL) return 0;
    lua_pop(L, 1);
    return 1;
}

static void check_list(lua_State *L, int index, int what)
{
    if (lua_type(L, index) == LUA_TTABLE) return;
    if ((!(what & READS) || has_event(L, index, "__index")) &&
        (!(what & WRITES) || has_event(L, index, "__newindex")) &&
        (!(what & MEASURES) || has_event(L, index, "__len")))
        return;
    luaL_checktype(L, index, LUA_TTABLE);
}

static lua_Integer length_of(lua_State *L, int index, int what)
{
    check_list(L, index, what | MEASURES);
    vlimits_spend(L, 1);
    return luaL_len(L, index);
}

// ------------------------------------------------------------- insert, remove

static void shift(lua_State *L, lua_Integer from, lua_Integer to)
{
    vlimits_spend(L, 2);
    lua_geti(L, 1, from);
    lua_seti(L, 1, to);
}

static int table_insert(lua_State *L)
{
    lua_Integer end = length_of(L, 1, READS | WRITES);
    lua_Integer at;

    end = (lua_Integer)((lua_Unsigned)end + 1); // may wrap, as in Lua's own
    switch (lua_gettop(L)) {
    case 2:
        at = end;
        break;
    case 3:
        at = luaL_checkinteger(L, 2);
        luaL_argcheck(L, (lua_Unsigned)at - 1u < (lua_Unsigned)end, 2,
                      "position out of bounds");
        for (lua_Integer i = end; i > at; i--)
            shift(L, i - 1, i);
        break;
    default:
        return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_seti(L, 1, at);
    return 0;
}

static int table_remove(lua_State *L)
{
    lua_Integer size = length_of(L, 1, READS | WRITES);
    lua_Integer at = luaL_optinteger(L, 2, size);

    if (lua_gettop(L) > 1)
        luaL_argcheck(L, (lua_Unsigned)at - 1u <= (lua_Unsigned)size, 2,
                      "position out of bounds");
    lua_geti(L, 1, at);
    for (; at < size; at++)
        shift(L, at + 1, at);
    lua_pushnil(L);
    lua_seti(L, 1, at);
    return 1;
}

// ----------------------------------------------------------------------- move

static void move_one(lua_State *L, lua_Integer from, lua_Integer to, int target)
{
    vlimits_spend(L, 2);
    lua_geti(L, 1, from);
    lua_seti(L, target, to);
}

static int table_move(lua_State *L)
{
    lua_Integer first = luaL_checkinteger(L, 2);
    lua_Integer last = luaL_checkinteger(L, 3);
    lua_Integer to = luaL_checkinteger(L, 4);
    int target = lua_isnoneornil(L, 5) ? 1 : 5;

    check_list(L, 1, READS);
    check_list(L, target, WRITES);
    if (last >= first) {
        luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, 3,
                      "too many elements to move");
        lua_Integer count = last - first + 1;
        luaL_argcheck(L, to <= LUA_MAXINTEGER - count + 1, 4,
                      "destination wrap around");
        // Backwards when the places overlap and that would lose something.
        int forwards = to > last || to <= first ||
                       (target != 1 && !lua_compare(L, 1, 5, LUA_OPEQ));
        for (lua_Integer i = 0; i < count; i++) {
            lua_Integer at = forwards ? i : count - 1 - i;
            move_one(L, first + at, to + at, target);
        }
    }
    lua_pushvalue(L, target);
    return 1;
}

// -------------------------------------------------------------------- concat,
// (un)pack

static void add_item(lua_State *L, luaL_Buffer *out, lua_Integer i)
{
    lua_geti(L, 1, i);
    if (!lua_isstring(L, -1))
        luaL_error(L, "invalid value (at index %I) in table for 'concat'",
                   (LUAI_UACINT)i);
    vlimits_spend_bytes(L, lua_rawlen(L, -1));
    luaL_addvalue(out);
}

static int table_concat(lua_State *L)
{
    lua_Integer last = length_of(L, 1, READS);
    size_t between;
    const char *separator = luaL_optlstring(L, 2, "", &between);
    lua_Integer at = luaL_optinteger(L, 3, 1);
    luaL_Buffer out;

    last = luaL_optinteger(L, 4, last);
    luaL_buffinit(L, &out);
    for (; at < last; at++) {
        add_item(L, &out, at);
        luaL_addlstring(&out, separator, between);
        vlimits_check_text(L, luaL_bufflen(&out));
    }
    if (at == last) add_item(L, &out, at);
    vlimits_check_text(L, luaL_bufflen(&out));
    luaL_pushresult(&out);
    return 1;
}

static int table_pack(lua_State *L)
{
    int count = lua_gettop(L);

    vlimits_spend(L, count);
    lua_createtable(L, count, 1);
    lua_insert(L, 1);
    for (int i = count; i >= 1; i--)
        lua_rawseti(L, 1, i);
    lua_pushinteger(L, count);
    lua_setfield(L, 1, "n");
    return 1;
}

static int table_unpack(lua_State *L)
{
    lua_Integer first = luaL_optinteger(L, 2, 1);
    lua_Integer last =
        lua_isnoneornil(L, 3) ? luaL_len(L, 1) : luaL_checkinteger(L, 3);
    lua_Unsigned count = (lua_Unsigned)last - (lua_Unsigned)first + 1;

    if (first > last) return 0;
    if (count == 0 || count >= INT_MAX || !lua_checkstack(L, (int)count))
        return luaL_error(L, "too many results to unpack");
    vlimits_spend(L, (int64_t)count);
    for (lua_Unsigned i = 0; i < count; i++) {
        lua_geti(L, 1, (lua_Integer)((lua_Unsigned)first + i));
        if (i % 256 == 255) vlimits_spend(L, 1);
    }
    return (int)count;
}

// ----------------------------------------------------------------------- sort

// Whether the value at `a` comes before the one at `b`.
static int is_before(lua_State *L, int a, int b)
{
    int before;

    vlimits_spend(L, 2);
    if (lua_isnil(L, 2)) return lua_compare(L, a, b, LUA_OPLT);
    a = lua_absindex(L, a);
    b = lua_absindex(L, b);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, a);
    lua_pushvalue(L, b);
    lua_call(L, 2, 1);
    before = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return before;
}

// Lets the value on the top (popped) sink from `at` to its place in a heap of
// `size` values.
static void sink(lua_State *L, lua_Integer at, lua_Integer size)
{
    lua_Integer child;

    while ((child = 2 * at) <= size) {
        lua_geti(L, 1, child); // value left
        if (child < size) {
            lua_geti(L, 1, child + 1); // value left right
            if (is_before(L, -2, -1)) {
                child++;
                lua_replace(L, -2);
            } else {
                lua_pop(L, 1);
            }
        }
        if (!is_before(L, -2, -1)) {
            lua_pop(L, 1);
            break;
        }
        lua_seti(L, 1, at);
        at = child;
    }
    lua_seti(L, 1, at);
}

// A heap sort: its time has a bound that no order function can lie away.
static int table_sort(lua_State *L)
{
    lua_Integer size = length_of(L, 1, READS | WRITES);

    if (size < 2) return 0;
    luaL_argcheck(L, size < INT_MAX, 1, "array too big");
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    for (lua_Integer at = size / 2; at >= 1; at--) {
        lua_geti(L, 1, at);
        sink(L, at, size);
    }
    for (; size > 1; size--) {
        lua_geti(L, 1, size);
        lua_geti(L, 1, 1);
        lua_seti(L, 1, size);
        sink(L, 1, size - 1);
    }
    return 0;
}

const luaL_Reg vtable_functions[] = {
    {"concat", table_concat}, {"insert", table_insert},
    {"move", table_move},     {"pack", table_pack},
    {"remove", table_remove}, {"sort", table_sort},
    {"unpack", table_unpack}, {NULL, NULL}};
