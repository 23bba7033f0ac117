// Heads, metatables and words of boxes.
#include "lbox.h"

#include <stdio.h>
#include <string.h>

#include "lerror.h"
#include "lexpr.h"
#include "ltable.h"

const char lbox_magic = 0;

static const char *const KIND_WORDS[LBOX_KIND_COUNT] = {
    [LBOX_EXPR] = "an expression",
    [LBOX_QUERY] = "a query",
    [LBOX_TABLE] = "a table descriptor",
    [LBOX_SOURCE] = "a subquery under a name",
    [LBOX_SCHEMA] = "a schema",
    [LBOX_CONN] = "a connection",
    [LBOX_TXN] = "a transaction",
    [LBOX_CURSOR] = "a cursor",
    [LBOX_PREPARED] = "a prepared query",
    [LBOX_NULL] = "dbcore.null",
    [LBOX_MOCK] = "a mock",
    [LBOX_JSON] = "a JSON document",
    [LBOX_ANCHORS] = "a set of tables",
    [LBOX_CATALOG] = "a catalog",
    [LBOX_PLAN] = "a plan",
    [LBOX_POLICY] = "a policy",
    [LBOX_RESTRICTED] = "a handle under a policy",
    [LBOX_ALTERATION] = "an alteration",
    [LBOX_MIGRATOR] = "a list of migrations",
    [LBOX_HOOKS] = "hooks of writes",
};

void *lbox_new_raw(lua_State *L, lbox_kind kind, size_t size, int values)
{
    lbox *box = lua_newuserdatauv(L, size, values);

    box->magic = &lbox_magic;
    box->kind = kind;
    lua_rawgeti(L, LCORE, kind);
    lua_setmetatable(L, -2);
    return box;
}

void *lbox_new(lua_State *L, lbox_kind kind, size_t size, int values)
{
    lbox *box = lua_newuserdatauv(L, size, values);

    // Before the metatable: its __gc may not meet a box that is not filled.
    memset(box, 0, size);
    box->magic = &lbox_magic;
    box->kind = kind;
    lua_rawgeti(L, LCORE, kind);
    lua_setmetatable(L, -2);
    return box;
}

void *lbox_check(lua_State *L, int index, lbox_kind kind)
{
    lbox_words words;
    void *box = lbox_test(L, index, kind);

    if (!box)
        lerror_fail(L, DBC_EINVALID, "expected %s, got %s", KIND_WORDS[kind],
                    lbox_describe(L, index, &words));
    return box;
}

enum { SHOWN_BYTES = 40 }; // of a text in a message

static void describe_text(lua_State *L, int index, lbox_words *out)
{
    size_t len, shown;
    const char *text = lua_tolstring(L, index, &len);
    char clean[SHOWN_BYTES + 1];

    shown = len > SHOWN_BYTES ? SHOWN_BYTES : len;
    // Not in the middle of a character.
    while (shown < len && shown > 0 && (text[shown] & 0xC0) == 0x80)
        shown--;
    for (size_t i = 0; i < shown; i++) {
        clean[i] = text[i];
        if ((unsigned char)clean[i] < ' ') clean[i] = '?';
    }
    clean[shown] = '\0';
    snprintf(out->text, sizeof out->text, "text \"%s%s\"", clean,
             shown < len ? "…" : "");
}

static void describe_box(lua_State *L, int index, int kind, lbox_words *out)
{
    const ltable *table = lbox_test(L, index, LBOX_TABLE);
    const lsource *source = lbox_test(L, index, LBOX_SOURCE);

    if (table && table->alias[0])
        snprintf(out->text, sizeof out->text, "the alias \"%.60s\"",
                 table->alias);
    else if (table && table->table)
        snprintf(out->text, sizeof out->text, "the table \"%.60s\"",
                 dbc_table_describe(table->table)->name);
    else if (source)
        snprintf(out->text, sizeof out->text, "the source \"%.60s\"",
                 source->name);
    else
        snprintf(out->text, sizeof out->text, "%s",
                 kind < LBOX_KIND_COUNT ? KIND_WORDS[kind] : "a box");
}

const char *lbox_describe(lua_State *L, int index, lbox_words *out)
{
    int type = lua_type(L, index);
    int kind = type == LUA_TUSERDATA ? lbox_kind_of(L, index) : 0;

    if (kind) {
        describe_box(L, index, kind, out);
    } else if (type == LUA_TSTRING) {
        describe_text(L, index, out);
    } else if (lua_isinteger(L, index)) {
        snprintf(out->text, sizeof out->text, "the number %lld",
                 (long long)lua_tointeger(L, index));
    } else if (type == LUA_TNUMBER) {
        snprintf(out->text, sizeof out->text, "the number %.14g",
                 lua_tonumber(L, index));
    } else if (type == LUA_TBOOLEAN) {
        snprintf(out->text, sizeof out->text, "%s",
                 lua_toboolean(L, index) ? "true" : "false");
    } else if (type == LUA_TNONE || type == LUA_TNIL) {
        snprintf(out->text, sizeof out->text,
                 type == LUA_TNIL ? "nil" : "nothing");
    } else {
        snprintf(out->text, sizeof out->text, "a %s", lua_typename(L, type));
    }
    return out->text;
}

static const char *suggest(const char *best, lbox_words *out)
{
    out->text[0] = '\0';
    if (best)
        snprintf(out->text, sizeof out->text, "; did you mean \"%.60s\"?",
                 best);
    return out->text;
}

const char *lbox_suggest_name(const char *const *names, size_t count,
                              const char *wanted, size_t len, lbox_words *out)
{
    return suggest(dbc_nearest_name(wanted, len, names, count), out);
}

const char *lbox_suggest_key(lua_State *L, int index, const char *wanted,
                             size_t len, lbox_words *out)
{
    const char *best = NULL;
    size_t count = 0;

    luaL_checkstack(L, 4, NULL);
    index = lua_absindex(L, index);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
        count++;
    const char **names = lua_newuserdatauv(L, (count + 1) * sizeof *names, 0);
    count = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        // The keys stay in the table, so their text stays where it is.
        if (lua_type(L, -2) == LUA_TSTRING)
            names[count++] = lua_tostring(L, -2);
    }
    best = dbc_nearest_name(wanted, len, names, count);
    suggest(best, out);
    lua_pop(L, 1);
    return out->text;
}

static int is_among(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0) return 1;
    return 0;
}

void lbox_check_keys(lua_State *L, int index, const char *const *names,
                     const char *what)
{
    lbox_words words, hint;
    size_t count = 0, len;

    while (names[count])
        count++;
    luaL_checkstack(L, 4, NULL);
    index = lua_absindex(L, index);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        int is_text = lua_type(L, -2) == LUA_TSTRING;
        if (is_text && is_among(names, lua_tostring(L, -2))) continue;
        if (!is_text)
            lerror_fail(L, DBC_EINVALID, "%s takes named options, got %s", what,
                        lbox_describe(L, -2, &words));
        const char *key = lua_tolstring(L, -2, &len);
        lerror_fail(L, DBC_EINVALID, "%s has no option \"%.60s\"%s", what, key,
                    lbox_suggest_name(names, count, key, len, &hint));
    }
}

// Upvalues: core, what has the methods.
static int raise_no_method(lua_State *L)
{
    lbox_words words, hint;
    const char *what = lua_tostring(L, lua_upvalueindex(2));
    size_t len;

    if (lua_type(L, 2) != LUA_TSTRING)
        return lerror_fail(L, DBC_EINVALID, "%s has methods only, got %s", what,
                           lbox_describe(L, 2, &words));
    const char *name = lua_tolstring(L, 2, &len);
    return lerror_fail(L, DBC_EINVALID, "%s has no method \"%.60s\"%s", what,
                       name, lbox_suggest_key(L, 1, name, len, &hint));
}

void lbox_push_methods(lua_State *L, int core, const char *what,
                       const luaL_Reg *functions)
{
    core = lua_absindex(L, core);
    luaL_checkstack(L, 6, NULL);
    lua_newtable(L);
    lbox_register(L, core, functions);
    lua_createtable(L, 0, 1); // methods metatable
    lua_pushvalue(L, core);
    lua_pushstring(L, what);
    lua_pushcclosure(L, raise_no_method, 2);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}

void lbox_push_metatable(lua_State *L, int core, const char *name,
                         const luaL_Reg *events)
{
    core = lua_absindex(L, core);
    luaL_checkstack(L, 4, NULL);
    lua_createtable(L, 0, 8);
    lbox_register(L, core, events);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
}

int lbox_refuse_write(lua_State *L)
{
    lbox_words what, key;

    lbox_describe(L, 1, &what);
    return lerror_fail(L, DBC_EINVALID,
                       "%s is fixed: %s cannot be assigned to it", what.text,
                       lbox_describe(L, 2, &key));
}

void lbox_register(lua_State *L, int core, const luaL_Reg *functions)
{
    lua_pushvalue(L, core);
    luaL_setfuncs(L, functions, 1);
}

void lbox_register_in(lua_State *L, int core, int into,
                      const luaL_Reg *functions)
{
    core = lua_absindex(L, core);
    lua_pushvalue(L, into);
    lbox_register(L, core, functions);
    lua_pop(L, 1);
}
