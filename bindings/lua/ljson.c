// JSON columns, by way of Jansson: a document is its tree for as long as the
// conversion takes. The tree hangs in a box, so that a raise at any point
// frees it.
//
// What Jansson leaves open is settled here. Keys are sorted, so that equal
// values give equal text. A real has as many digits as it takes to read it
// back the same: Jansson takes one number of digits for a whole text, so the
// fewest are looked for that do for all reals in it.
#include "ljson.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lbox.h"
#include "lerror.h"
#include "lvalue.h"

enum {
    DEPTH_MAX = 200,
    FEWEST_DIGITS = 15, // every real of so many digits survives a double
    MOST_DIGITS = 17,   // every double survives so many digits
    FIRST_ROOM = 512
};

typedef struct document {
    lbox head;
    json_t *root; // owned; NULL when there is none
} document;

static document *new_document(lua_State *L)
{
    return lbox_new(L, LBOX_JSON, sizeof(document), 0);
}

static void drop(document *doc)
{
    json_decref(doc->root);
    doc->root = NULL;
}

static int document_gc(lua_State *L)
{
    document *doc = lbox_test(L, 1, LBOX_JSON);

    if (doc) drop(doc);
    return 0;
}

void ljson_open(lua_State *L, int core)
{
    static const luaL_Reg events[] = {{"__gc", document_gc}, {NULL, NULL}};

    lua_createtable(L, 0, 2);
    lbox_register(L, core, events);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawseti(L, core, LBOX_JSON);
}

// ------------------------------------------------------------------ encoding

typedef struct writer {
    lua_State *L;
    int depth;
    int digits; // that all reals so far need
} writer;

static void refuse_memory(lua_State *L)
{
    lerror_fail(L, DBC_ENOMEM, "out of memory");
}

static json_t *new_real(writer *out, double value)
{
    char text[40];

    if (isnan(value) || isinf(value))
        lerror_fail(out->L, DBC_EINVALID, "JSON has no form for %s",
                    isnan(value) ? "NaN" : "infinity");
    for (; out->digits < MOST_DIGITS; out->digits++) {
        snprintf(text, sizeof text, "%.*g", out->digits, value);
        if (strtod(text, NULL) == value) break;
    }
    return json_real(value);
}

static json_t *new_text(lua_State *L, int index)
{
    size_t len;
    const char *text = lua_tolstring(L, index, &len);
    json_t *value = json_stringn(text, len);

    if (!value)
        lerror_fail(L, DBC_EINVALID, "a text for JSON is not valid UTF-8");
    return value;
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

// An empty array or object, as the table at `index` is a list or a record.
static json_t *new_container(lua_State *L, int index)
{
    census found = count_keys(L, index);
    int marked = is_marked(L, index);

    if (found.strings > 0 && found.others > 0)
        lerror_fail(L, DBC_EINVALID,
                    "a table for JSON has both names and numbers as keys: "
                    "make it a list or a record");
    if (found.others != lua_rawlen(L, index) || (found.strings > 0 && marked))
        lerror_fail(L, DBC_EINVALID,
                    "a list for JSON must have the keys 1 to n and no others");
    return found.others > 0 || marked ? json_array() : json_object();
}

// The value at `index`; of a table, an empty container to be filled.
static json_t *new_value(writer *out, int index)
{
    lua_State *L = out->L;
    lbox_words words;

    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
        return json_boolean(lua_toboolean(L, index));
    case LUA_TNUMBER:
        if (lua_isinteger(L, index))
            return json_integer(lua_tointeger(L, index));
        return new_real(out, lua_tonumber(L, index));
    case LUA_TSTRING:
        return new_text(L, index);
    case LUA_TTABLE:
        return new_container(L, index);
    default:
        if (lbox_kind_of(L, index) == LBOX_NULL) return json_null();
        lerror_fail(L, DBC_EINVALID, "JSON has no form for %s",
                    lbox_describe(L, index, &words));
        return NULL;
    }
}

static void fill(writer *out, json_t *container, int table);

// Fills what was just hung into its parent, when it is a container.
static void fill_child(writer *out, json_t *child, int index)
{
    if (json_is_array(child) || json_is_object(child)) fill(out, child, index);
}

static void fill_array(writer *out, json_t *array, int table)
{
    lua_State *L = out->L;
    lua_Integer count = (lua_Integer)lua_rawlen(L, table);

    for (lua_Integer i = 1; i <= count; i++) {
        if (lua_rawgeti(L, table, i) == LUA_TNIL)
            lerror_fail(L, DBC_EINVALID,
                        "item %lld of a list for JSON is nil: use dbcore.null",
                        (long long)i);
        json_t *child = new_value(out, lua_gettop(L));
        if (json_array_append_new(array, child) != 0) refuse_memory(L);
        fill_child(out, child, lua_gettop(L));
        lua_pop(L, 1);
    }
}

static void fill_object(writer *out, json_t *object, int table)
{
    lua_State *L = out->L;

    lua_pushnil(L);
    while (lua_next(L, table)) { // … key value
        size_t len;
        const char *key = lua_tolstring(L, -2, &len);
        if (strlen(key) != len)
            lerror_fail(L, DBC_EINVALID, "a name in JSON cannot hold a NUL");
        json_t *child = new_value(out, lua_gettop(L));
        if (json_object_set_new(object, key, child) != 0)
            lerror_fail(L, DBC_EINVALID, "a name for JSON is not valid UTF-8");
        fill_child(out, child, lua_gettop(L));
        lua_pop(L, 1);
    }
}

static void fill(writer *out, json_t *container, int table)
{
    if (++out->depth > DEPTH_MAX)
        lerror_fail(out->L, DBC_EINVALID,
                    "a table for JSON is nested deeper than %d levels, or "
                    "holds itself",
                    DEPTH_MAX);
    luaL_checkstack(out->L, 12, "a table for JSON is nested too deeply");
    if (json_is_array(container))
        fill_array(out, container, table);
    else
        fill_object(out, container, table);
    out->depth--;
}

// Pushes the text of a tree.
static void push_text(lua_State *L, const json_t *root, int digits)
{
    size_t flags = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY |
                   JSON_REAL_PRECISION(digits);
    char first[FIRST_ROOM];
    size_t len = json_dumpb(root, first, sizeof first, flags);

    if (len == 0) refuse_memory(L);
    if (len <= sizeof first) {
        lua_pushlstring(L, first, len);
        return;
    }
    char *text = lua_newuserdatauv(L, len, 0);
    if (json_dumpb(root, text, len, flags) != len) refuse_memory(L);
    lua_pushlstring(L, text, len);
    lua_remove(L, -2);
}

void ljson_encode(lua_State *L, int index)
{
    writer out = {L, 0, FEWEST_DIGITS};

    index = lua_absindex(L, index);
    luaL_checkstack(L, 8, NULL);
    document *doc = new_document(L);
    doc->root = new_value(&out, index);
    if (!doc->root) refuse_memory(L);
    fill_child(&out, doc->root, index);
    push_text(L, doc->root, out.digits);
    drop(doc);
    lua_remove(L, -2);
}

// ------------------------------------------------------------------ decoding

static void push_value(lua_State *L, const json_t *value, int depth);

static void push_array(lua_State *L, const json_t *array, int depth)
{
    size_t count = json_array_size(array);

    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_value(L, json_array_get(array, i), depth + 1);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_rawgeti(L, LCORE, LCORE_ARRAY);
    lua_setmetatable(L, -2);
}

static void push_object(lua_State *L, json_t *object, int depth)
{
    lua_createtable(L, 0, (int)json_object_size(object));
    for (void *at = json_object_iter(object); at;
         at = json_object_iter_next(object, at)) {
        lua_pushstring(L, json_object_iter_key(at));
        push_value(L, json_object_iter_value(at), depth + 1);
        lua_rawset(L, -3);
    }
}

static void push_value(lua_State *L, const json_t *value, int depth)
{
    if (depth >= DEPTH_MAX && (json_is_array(value) || json_is_object(value)))
        lerror_fail(L, DBC_ECORRUPT,
                    "JSON text is nested deeper than %d levels", DEPTH_MAX);
    luaL_checkstack(L, 6, "JSON text is nested too deeply");
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        push_object(L, (json_t *)value, depth);
        break;
    case JSON_ARRAY:
        push_array(L, value, depth);
        break;
    case JSON_STRING:
        lua_pushlstring(L, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        lua_pushinteger(L, json_integer_value(value));
        break;
    case JSON_REAL:
        lua_pushnumber(L, json_real_value(value));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        lua_pushboolean(L, json_is_true(value));
        break;
    case JSON_NULL:
        lua_rawgeti(L, LCORE, LCORE_NULL);
        break;
    }
}

void ljson_decode(lua_State *L, const char *text, size_t len)
{
    size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL;
    json_error_t error;

    luaL_checkstack(L, 8, NULL);
    document *doc = new_document(L);
    doc->root = json_loadb(text, len, flags, &error);
    if (!doc->root)
        lerror_fail(L, DBC_ECORRUPT, "the JSON text is wrong: %s, at byte %d",
                    error.text, error.position);
    push_value(L, doc->root, 0);
    drop(doc);
    lua_remove(L, -2);
}
