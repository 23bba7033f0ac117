// Reading descriptions. What the C structures point to is kept by one Lua
// table: the blocks, the texts that were made; all other texts belong to the
// description itself.
#include "ldeclare.h"

#include <stdio.h>
#include <string.h>

#include "lerror.h"
#include "lexpr.h"
#include "lfield.h"
#include "ljson.h"
#include "lvalue.h"

// The table that is being read, and the ones around it.
typedef struct level {
    const struct level *up;
    const lrecord *shape;
    int table;          // stack index
    lua_Integer number; // in its list, from 1; 0 when it is in none
    int depth;
} level;

typedef struct reading {
    lua_State *L;
    int keep; // stack index of a table: what the structures point to
    int host; // stack index of the table of host functions
    int has_host;
} reading;

enum { PATH_SIZE = 240, DEPTH_MAX = 200 };

// Writes "table "users", column "id"" behind `used` bytes of `path`.
static size_t write_path(lua_State *L, char *path, size_t used, const level *at)
{
    const char *name = NULL;

    if (at->up) used = write_path(L, path, used, at->up);
    lua_pushliteral(L, "name");
    if (lua_rawget(L, at->table) == LUA_TSTRING) name = lua_tostring(L, -1);
    if (used < PATH_SIZE - 1) {
        const char *comma = used ? ", " : "";
        int n = name ? snprintf(path + used, PATH_SIZE - used, "%s%s \"%.60s\"",
                                comma, at->shape->what, name)
                : at->number
                    ? snprintf(path + used, PATH_SIZE - used, "%s%s %d", comma,
                               at->shape->what, (int)at->number)
                    : snprintf(path + used, PATH_SIZE - used, "%s%s", comma,
                               at->shape->what);
        used += n > 0 ? (size_t)n : 0;
    }
    lua_pop(L, 1);
    return used;
}

// Raises that the value on the top is not what field `key` takes.
static void refuse(reading *r, const level *at, const char *key,
                   const char *expected)
{
    char path[PATH_SIZE] = "";
    lbox_words words;

    lbox_describe(r->L, -1, &words);
    write_path(r->L, path, 0, at);
    lerror_fail(r->L, DBC_EINVALID, "%s: \"%s\" must be %s, got %s", path, key,
                expected, words.text);
}

// Memory that lives as long as `keep`, filled with zero.
static void *take(reading *r, size_t count, size_t size)
{
    lua_State *L = r->L;

    if (count > 100000) lerror_fail(L, DBC_ELIMIT, "the list is too long");
    void *memory = lua_newuserdatauv(L, count * size + 1, 0);
    memset(memory, 0, count * size);
    lua_rawseti(L, r->keep, (lua_Integer)lua_rawlen(L, r->keep) + 1);
    return memory;
}

// The text on the top of the stack, borrowed from its table.
static const char *read_text(reading *r, const level *at, const char *key)
{
    size_t len;

    if (lua_type(r->L, -1) != LUA_TSTRING) refuse(r, at, key, "text");
    const char *text = lua_tolstring(r->L, -1, &len);
    if (strlen(text) != len) refuse(r, at, key, "text without NUL");
    return text;
}

// An expression, borrowed from its box.
static const dbc_query *read_expr(reading *r, const level *at, const char *key)
{
    const lexpr *expr = lbox_test(r->L, -1, LBOX_EXPR);

    if (!expr || !expr->query) refuse(r, at, key, "a condition");
    return expr->query;
}

static int read_bool(reading *r, const level *at, const char *key)
{
    if (!lua_isboolean(r->L, -1)) refuse(r, at, key, "true or false");
    return lua_toboolean(r->L, -1);
}

static int same_word(const char *word, const char *given)
{
    for (; *word && *given; word++, given++)
        if (*word != *given && !(*word == '_' && *given == ' ')) return 0;
    return *word == *given;
}

static int read_choice(reading *r, const level *at, const lfield *f)
{
    const char *given = read_text(r, at, f->key);
    char expected[160] = "one of";
    size_t used = strlen(expected);

    for (int i = 0; f->words[i]; i++)
        if (same_word(f->words[i], given)) return i;
    for (int i = 0; f->words[i] && used < sizeof expected; i++)
        used += (size_t)snprintf(expected + used, sizeof expected - used,
                                 "%s \"%s\"", i ? "," : "", f->words[i]);
    refuse(r, at, f->key, expected);
    return 0;
}

static dbc_type read_type(reading *r, const level *at, const char *key)
{
    const char *word = read_text(r, at, key);
    int type = dbc_type_from_word(word);

    if (type < 0) refuse(r, at, key, "a type such as \"integer\" or \"text\"");
    return (dbc_type)type;
}

static dbc_names read_names(reading *r, const level *at, const char *key)
{
    lua_State *L = r->L;

    if (lua_type(L, -1) != LUA_TTABLE) refuse(r, at, key, "a list of names");
    int list = lua_gettop(L);
    size_t count = lua_rawlen(L, list);
    const char **items = take(r, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        items[i] = read_text(r, at, key);
        lua_pop(L, 1);
    }
    dbc_names names = {items, count};
    return names;
}

static size_t read_length(reading *r, const level *at, const char *key)
{
    int is_whole;
    lua_Integer length = lua_tointegerx(r->L, -1, &is_whole);

    if (!is_whole || lua_type(r->L, -1) != LUA_TNUMBER || length < 0)
        refuse(r, at, key, "a whole number from 0");
    return (size_t)length;
}

// The number of the codec on the top of the stack: its place in the list of
// all, where it is put when it is new.
static uint32_t read_codec(reading *r, const level *at, const char *key)
{
    lua_State *L = r->L;
    uint32_t number;

    if (lua_type(L, -1) != LUA_TTABLE)
        refuse(r, at, key, "{ encode = function, decode = function }");
    lua_rawgeti(L, LCORE, LCORE_CODECS); // codec codecs
    lua_pushvalue(L, -2);
    lua_rawget(L, -2); // codec codecs number
    number = (uint32_t)lua_tointeger(L, -1);
    if (number == 0) {
        number = (uint32_t)lua_rawlen(L, -2) + 1;
        lua_pushvalue(L, -3);
        lua_rawseti(L, -3, number);
        lua_pushvalue(L, -3);
        lua_pushinteger(L, number);
        lua_rawset(L, -4);
    }
    lua_pop(L, 2);
    return number;
}

// Keeps the value on the top under `key` in host[position + 1].
static void read_host(reading *r, const level *at, const lfield *f)
{
    lua_State *L = r->L;
    int is_function = lua_isfunction(L, -1);

    if (at->up && at->up->shape != &lfield_table)
        refuse(r, at, f->key, "left out inside a JSON column");
    if (!is_function && f->more != DBC_COLUMN_HOST_UPDATE)
        refuse(r, at, f->key, "a function");
    if (lua_rawgeti(L, r->host, at->number) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 1);
        lua_pushvalue(L, -1);
        lua_rawseti(L, r->host, at->number);
    }
    lua_pushvalue(L, -2);
    lua_setfield(L, -2, f->key);
    lua_pop(L, 1);
    r->has_host = 1;
}

// The default on the top of the stack, as the column's type stores it.
static void read_default(reading *r, const level *at, dbc_column_def *def)
{
    lua_State *L = r->L;

    if (def->type == DBC_T_JSON && !lbox_test(L, -1, LBOX_NULL)) {
        ljson_encode(L, -1);
    } else if (def->type == DBC_T_CUSTOM && def->codec) {
        lua_rawgeti(L, LCORE, LCORE_CODECS);
        lua_rawgeti(L, -1, def->codec);
        lua_getfield(L, -1, "encode");
        lua_pushvalue(L, -4);
        lua_call(L, 1, 1);
        lua_replace(L, -3);
        lua_pop(L, 1);
    } else {
        lua_pushvalue(L, -1);
    }
    if (lua_type(L, -1) == LUA_TTABLE || lua_isfunction(L, -1))
        refuse(r, at, "default", "a value; for a function use default_fn");
    def->default_value = lvalue_read(L, -1, "default");
    def->flags |= DBC_COLUMN_HAS_DEFAULT;
    lua_rawseti(L, r->keep, (lua_Integer)lua_rawlen(L, r->keep) + 1);
}

static void read_struct(reading *r, char *into, const lrecord *shape,
                        const level *up, lua_Integer number);

static void read_list(reading *r, const level *at, const lfield *f, char *into)
{
    lua_State *L = r->L;

    if (lua_type(L, -1) != LUA_TTABLE) refuse(r, at, f->key, "a list");
    int list = lua_gettop(L);
    size_t count = lua_rawlen(L, list);
    char *items = take(r, count, f->inner->size);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        if (lua_type(L, -1) != LUA_TTABLE)
            refuse(r, at, f->key, "a list of tables");
        read_struct(r, items + i * f->inner->size, f->inner, at,
                    (lua_Integer)i + 1);
        lua_pop(L, 1);
    }
    memcpy(into + f->offset, &items, sizeof items);
    memcpy(into + f->more, &count, sizeof count);
}

// One column's own fields that are more than a place in memory.
static void read_column_field(reading *r, const level *at, const lfield *f,
                              dbc_column_def *def)
{
    lua_State *L = r->L;
    char *place = (char *)def + f->offset;

    if (f->kind == LFIELD_NUMBER) {
        if (lua_type(L, -1) != LUA_TNUMBER) refuse(r, at, f->key, "a number");
        double number = lua_tonumber(L, -1);
        memcpy(place, &number, sizeof number);
    } else if (f->kind == LFIELD_LENGTH) {
        size_t length = read_length(r, at, f->key);
        memcpy(place, &length, sizeof length);
    } else if (f->kind == LFIELD_CODEC) {
        def->codec = read_codec(r, at, f->key);
        return;
    } else if (f->kind == LFIELD_HOST) {
        read_host(r, at, f);
    } else {
        return; // the default waits for the type
    }
    def->flags |= (unsigned)f->more;
}

// Reads the value on the top of the stack into its place.
static void read_field(reading *r, const level *at, const lfield *f, char *into)
{
    lua_State *L = r->L;
    char *place = into + f->offset;
    const dbc_query *query;
    const char *text;
    dbc_names names;
    int number;

    switch (f->kind) {
    case LFIELD_KEPT:
        break;
    case LFIELD_TEXT:
        text = read_text(r, at, f->key);
        memcpy(place, &text, sizeof text);
        break;
    case LFIELD_EXPR:
        query = read_expr(r, at, f->key);
        memcpy(place, &query, sizeof query);
        break;
    case LFIELD_FLAG:
        if (read_bool(r, at, f->key))
            *(unsigned *)(void *)place |= (unsigned)f->more;
        break;
    case LFIELD_BOOL:
        number = read_bool(r, at, f->key);
        memcpy(place, &number, sizeof number);
        break;
    case LFIELD_CHOICE:
        number = read_choice(r, at, f);
        memcpy(place, &number, sizeof number);
        break;
    case LFIELD_TYPE:
        number = (int)read_type(r, at, f->key);
        memcpy(place, &number, sizeof number);
        break;
    case LFIELD_NAMES:
        names = read_names(r, at, f->key);
        memcpy(place, &names, sizeof names);
        break;
    case LFIELD_LIST:
        read_list(r, at, f, into);
        break;
    case LFIELD_STRUCT:
    case LFIELD_STRUCT_PTR:
        if (lua_type(L, -1) != LUA_TTABLE) refuse(r, at, f->key, "a table");
        if (f->kind == LFIELD_STRUCT_PTR) {
            char *inner = take(r, 1, f->inner->size);
            memcpy(place, &inner, sizeof inner);
            place = inner;
        }
        read_struct(r, place, f->inner, at, 0);
        break;
    default:
        read_column_field(r, at, f, (dbc_column_def *)(void *)into);
        break;
    }
}

static const lfield *find_field(reading *r, const level *at)
{
    lua_State *L = r->L;
    const lrecord *shape = at->shape;
    char path[PATH_SIZE] = "";
    const char *names[64];
    lbox_words hint;
    size_t len;

    if (lua_type(L, -2) != LUA_TSTRING) {
        lua_pushvalue(L, -2);
        refuse(r, at, "key", "a name");
    }
    const char *key = lua_tolstring(L, -2, &len);
    for (size_t i = 0; i < shape->count; i++)
        if (strcmp(shape->fields[i].key, key) == 0) return &shape->fields[i];
    for (size_t i = 0; i < shape->count; i++)
        names[i] = shape->fields[i].key;
    write_path(L, path, 0, at);
    lerror_fail(L, DBC_EINVALID, "%s: there is no option \"%.60s\"%s", path,
                key, lbox_suggest_name(names, shape->count, key, len, &hint));
    return NULL;
}

// Reads the table on the top of the stack.
static void read_struct(reading *r, char *into, const lrecord *shape,
                        const level *up, lua_Integer number)
{
    lua_State *L = r->L;

    luaL_checkstack(L, 12, "a description is nested too deeply");
    level at = {up, shape, lua_gettop(L), number, up ? up->depth + 1 : 1};
    if (at.depth > DEPTH_MAX)
        lerror_fail(L, DBC_ELIMIT,
                    "a description is nested deeper than %d levels", DEPTH_MAX);
    for (lua_pushnil(L); lua_next(L, at.table); lua_pop(L, 1))
        read_field(r, &at, find_field(r, &at), into);
    if (shape != &lfield_column) return;

    lua_getfield(L, at.table, "default");
    if (!lua_isnil(L, -1)) read_default(r, &at, (dbc_column_def *)(void *)into);
    lua_pop(L, 1);
}

void ldeclare_table(lua_State *L, dbc_table_def *def, int index, int host,
                    int *has_host)
{
    lua_newtable(L);
    reading r = {L, lua_gettop(L), lua_absindex(L, host), 0};

    memset(def, 0, sizeof *def);
    lua_pushvalue(L, index);
    read_struct(&r, (char *)def, &lfield_table, NULL, 0);
    lua_pop(L, 1);
    *has_host = r.has_host;
}

dbc_relation_def *ldeclare_relations(lua_State *L, int index, size_t *count)
{
    lbox_words words;

    index = lua_absindex(L, index);
    lua_newtable(L);
    reading r = {L, lua_gettop(L), 0, 0};
    *count = lua_rawlen(L, index);
    dbc_relation_def *defs = take(&r, *count, sizeof *defs);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        if (lua_type(L, -1) != LUA_TTABLE)
            lerror_fail(L, DBC_EINVALID,
                        "relation %zu of a schema must be a table, got %s",
                        i + 1, lbox_describe(L, -1, &words));
        read_struct(&r, (char *)&defs[i], &lfield_relation, NULL,
                    (lua_Integer)i + 1);
        lua_pop(L, 1);
    }
    return defs;
}
