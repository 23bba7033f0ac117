// The string functions that search, on top of the matcher with a budget: find,
// match, gmatch, gsub.
#include "vsearch.h"

#include <ctype.h>
#include <string.h>

#include "vbase.h"
#include "vlimits.h"
#include "vpattern.h"
#include "vstring.h"

// --------------------------------------------------------------- find, match

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
    size_t init = vstring_first_place(luaL_optinteger(L, 3, 1), len) - 1;
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
    init = vstring_first_place(luaL_optinteger(L, 3, 1), len) - 1;
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

const luaL_Reg vsearch_functions[] = {{"find", string_find},
                                      {"gmatch", string_gmatch},
                                      {"gsub", string_gsub},
                                      {"match", string_match},
                                      {NULL, NULL}};
