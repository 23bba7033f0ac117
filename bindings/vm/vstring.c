// String functions. Those that search are on top of the matcher with a budget;
// those that only build text count how much of it they look at.
#include "vstring.h"

#include <ctype.h>
#include <string.h>

#include "vbase.h"
#include "vlimits.h"
#include "vpattern.h"

// ------------------------------------------------------------------ positions

// A place from 1; negative ones count from the end.
static size_t first_place(lua_Integer at, size_t len)
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
    size_t first = first_place(luaL_checkinteger(L, 2), len);
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
    size_t first = first_place(at, len);
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

// ---------------------------------------------------------------------- find,
// match

static int push_found(lua_State *L, const char *text, const char *found,
                      size_t len)
{
    if (!found) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, found - text + 1);
    lua_pushinteger(L, found - text + (lua_Integer)len);
    return 2;
}

// Looks for the pattern from `at` on.
static int search(lua_State *L, vpattern_matcher *m, const char *at,
                  const char *pattern, int is_find)
{
    int is_anchored = *pattern == '^' && pattern < m->end;

    pattern += is_anchored;
    do {
        const char *end = vpattern_match(m, at, pattern);
        if (!end) continue;
        if (!is_find) return vpattern_push_captures(m, at, end);
        push_found(L, m->subject, at, (size_t)(end - at));
        return vpattern_push_captures(m, NULL, NULL) + 2;
    } while (at++ < m->subject_end && !is_anchored);
    lua_pushnil(L);
    return 1;
}

static int find_or_match(lua_State *L, int is_find)
{
    size_t len, pattern_len;
    const char *text = luaL_checklstring(L, 1, &len);
    const char *pattern = luaL_checklstring(L, 2, &pattern_len);
    size_t init = first_place(luaL_optinteger(L, 3, 1), len) - 1;
    vpattern_matcher m;

    if (init > len) {
        lua_pushnil(L);
        return 1;
    }
    if (is_find &&
        (lua_toboolean(L, 4) || vpattern_is_plain(pattern, pattern_len))) {
        vlimits_spend_bytes(L, pattern_len);
        return push_found(L, text,
                          vpattern_find_plain(L, text + init, len - init,
                                              pattern, pattern_len),
                          pattern_len);
    }
    vpattern_init(&m, L, text, len, pattern, pattern_len);
    return search(L, &m, text + init, pattern, is_find);
}

static int string_find(lua_State *L)
{
    return find_or_match(L, 1);
}

static int string_match(lua_State *L)
{
    return find_or_match(L, 0);
}

// --------------------------------------------------------------------- gmatch

// Where the next search begins, and where the last match ended.
typedef struct walk {
    const char *next, *last;
} walk;

// Upvalues: text, pattern, walk.
static int next_match(lua_State *L)
{
    size_t len, pattern_len;
    const char *text = lua_tolstring(L, lua_upvalueindex(1), &len);
    const char *pattern = lua_tolstring(L, lua_upvalueindex(2), &pattern_len);
    walk *at = lua_touserdata(L, lua_upvalueindex(3));
    vpattern_matcher m;

    vpattern_init(&m, L, text, len, pattern, pattern_len);
    for (; at->next <= m.subject_end; at->next++) {
        const char *start = at->next;
        const char *end = vpattern_match(&m, start, pattern);
        if (!end || end == at->last) continue;
        at->next = at->last = end;
        return vpattern_push_captures(&m, start, end);
    }
    return 0;
}

static int string_gmatch(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    size_t init;
    walk *at;

    luaL_checkstring(L, 2);
    init = first_place(luaL_optinteger(L, 3, 1), len) - 1;
    if (init > len) init = len + 1;
    lua_settop(L, 2);
    at = lua_newuserdatauv(L, sizeof *at, 0);
    at->next = text + init;
    at->last = NULL;
    lua_pushcclosure(L, next_match, 3);
    return 1;
}

// ----------------------------------------------------------------------- gsub

// The replacement text at 3, with its captures put in.
static void add_text(vpattern_matcher *m, luaL_Buffer *out, const char *start,
                     const char *end)
{
    size_t len;
    const char *at = lua_tolstring(m->L, 3, &len);
    const char *stop = at + len;
    const char *mark;

    while ((mark = memchr(at, '%', (size_t)(stop - at)))) {
        luaL_addlstring(out, at, (size_t)(mark - at));
        mark++;
        if (*mark == '%' && mark < stop) {
            luaL_addchar(out, '%');
        } else if (*mark == '0') {
            luaL_addlstring(out, start, (size_t)(end - start));
        } else if (isdigit((unsigned char)*mark)) {
            vpattern_push_capture(m, *mark - '1', start, end);
            luaL_tolstring(m->L, -1, NULL); // a position is a number
            lua_remove(m->L, -2);
            luaL_addvalue(out);
        } else {
            luaL_error(m->L, "invalid use of '%%' in replacement string");
        }
        at = mark + 1;
    }
    luaL_addlstring(out, at, (size_t)(stop - at));
}

// Adds what takes the place of one match. 0 when it stays as it is.
static int add_replacement(vpattern_matcher *m, luaL_Buffer *out,
                           const char *start, const char *end, int type)
{
    lua_State *L = m->L;

    if (type == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        lua_call(L, vpattern_push_captures(m, start, end), 1);
    } else if (type == LUA_TTABLE) {
        vpattern_push_capture(m, 0, start, end);
        lua_gettable(L, 3);
    } else {
        add_text(m, out, start, end);
        return 1;
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(out, start, (size_t)(end - start));
        return 0;
    }
    if (!lua_isstring(L, -1))
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    vlimits_spend_bytes(L, lua_rawlen(L, -1));
    luaL_addvalue(out);
    return 1;
}

static void replace_all(vpattern_matcher *m, luaL_Buffer *out,
                        const char *pattern, int type, lua_Integer most)
{
    int is_anchored = *pattern == '^' && pattern < m->end;
    const char *at = m->subject, *last = NULL;
    lua_Integer count = 0;
    int changed = 0;

    pattern += is_anchored;
    while (count < most) {
        const char *end = vpattern_match(m, at, pattern);
        if (end && end != last) {
            count++;
            changed |= add_replacement(m, out, at, end, type);
            vlimits_check_text(m->L, luaL_bufflen(out));
            at = last = end;
        } else if (at < m->subject_end) {
            luaL_addchar(out, *at++);
        } else {
            break;
        }
        if (is_anchored) break;
    }
    if (changed) {
        luaL_addlstring(out, at, (size_t)(m->subject_end - at));
        luaL_pushresult(out);
    } else {
        lua_pushvalue(m->L, 1);
    }
    lua_pushinteger(m->L, count);
}

static int string_gsub(lua_State *L)
{
    size_t len, pattern_len;
    const char *text = luaL_checklstring(L, 1, &len);
    const char *pattern = luaL_checklstring(L, 2, &pattern_len);
    int type = lua_type(L, 3);
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)len + 1);
    vpattern_matcher m;
    luaL_Buffer out;

    luaL_argexpected(L,
                     type == LUA_TNUMBER || type == LUA_TSTRING ||
                         type == LUA_TFUNCTION || type == LUA_TTABLE,
                     3, "string/function/table");
    vlimits_spend_bytes(L, len);
    vpattern_init(&m, L, text, len, pattern, pattern_len);
    luaL_buffinit(L, &out);
    replace_all(&m, &out, pattern, type, most);
    return 2;
}

const luaL_Reg vstring_functions[] = {{"byte", string_byte},
                                      {"char", string_char},
                                      {"find", string_find},
                                      {"format", string_format},
                                      {"gmatch", string_gmatch},
                                      {"gsub", string_gsub},
                                      {"len", string_len},
                                      {"lower", string_lower},
                                      {"match", string_match},
                                      {"pack", string_pack},
                                      {"packsize", string_packsize},
                                      {"rep", string_rep},
                                      {"reverse", string_reverse},
                                      {"sub", string_sub},
                                      {"unpack", string_unpack},
                                      {"upper", string_upper},
                                      {NULL, NULL}};
