// native.open(path, options): from a table of options to a connection.
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lconn.h"
#include "lerror.h"
#include "lmock.h"
#include "lschema.h"
#include "ltable.h"

// The last two are watched over in Lua, on top of on_query().
static const char *const option_names[] = {"schema",
                                           "readonly",
                                           "create",
                                           "busy_timeout",
                                           "durability",
                                           "pragmas",
                                           "statement_cache",
                                           "mmap_size",
                                           "vfs",
                                           "trusted_schema",
                                           "defensive",
                                           "foreign_keys",
                                           "driver",
                                           "slow",
                                           "detect_n_plus_one",
                                           NULL};

enum { OPTIONS = 2 }; // stack index of the table of options

static int push_option(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    return lua_rawget(L, OPTIONS);
}

static void refuse(lua_State *L, const char *name, const char *wanted)
{
    lbox_words words;

    lerror_fail(L, DBC_EINVALID, "open: %s must be %s, got %s", name, wanted,
                lbox_describe(L, -1, &words));
}

// Sets `flag` when the option is there and is not `usual`.
static void read_flag(lua_State *L, const char *name, int usual, unsigned flag,
                      unsigned *flags)
{
    int type = push_option(L, name);

    if (type != LUA_TNIL && type != LUA_TBOOLEAN)
        refuse(L, name, "true or false");
    if (type == LUA_TBOOLEAN && lua_toboolean(L, -1) != usual) *flags |= flag;
    lua_pop(L, 1);
}

// A whole number from 0 to `max`; 0 becomes -1, which says "none" to the core.
static int64_t read_count(lua_State *L, const char *name, int64_t max)
{
    int type = push_option(L, name);
    lua_Integer count = 0;
    int whole = 0;

    if (type == LUA_TNIL) {
        lua_pop(L, 1);
        return 0;
    }
    if (type == LUA_TNUMBER) count = lua_tointegerx(L, -1, &whole);
    if (!whole || count < 0 || count > max)
        refuse(L, name, "a whole number from 0");
    lua_pop(L, 1);
    return count > 0 ? count : -1;
}

static dbc_durability read_durability(lua_State *L)
{
    static const char *const words[] = {"full", "normal", "off"};
    static const dbc_durability levels[] = {
        DBC_DURABILITY_FULL, DBC_DURABILITY_NORMAL, DBC_DURABILITY_OFF};
    dbc_durability level = DBC_DURABILITY_FULL;
    int type = push_option(L, "durability");
    int found = type == LUA_TNIL;

    for (size_t i = 0; type == LUA_TSTRING && i < 3; i++) {
        if (strcmp(lua_tostring(L, -1), words[i]) != 0) continue;
        level = levels[i];
        found = 1;
    }
    if (!found) refuse(L, "durability", "\"full\", \"normal\" or \"off\"");
    lua_pop(L, 1);
    return level;
}

static dbc_value read_pragma(lua_State *L)
{
    switch (lua_type(L, -1)) {
    case LUA_TBOOLEAN:
        return dbc_value_int(lua_toboolean(L, -1));
    case LUA_TNUMBER:
        if (lua_isinteger(L, -1)) return dbc_value_int(lua_tointeger(L, -1));
        refuse(L, "a pragma", "a whole number, text, true or false");
        break;
    case LUA_TSTRING:
        return dbc_value_text(lua_tostring(L, -1), lua_rawlen(L, -1));
    default:
        refuse(L, "a pragma", "a whole number, text, true or false");
    }
    return dbc_value_null();
}

static int compare_pragmas(const void *a, const void *b)
{
    return strcmp(((const dbc_pragma *)a)->name, ((const dbc_pragma *)b)->name);
}

// Pushes the table of pragmas and the array made from it. They are run in the
// order of their names, so that every opening is the same.
static void read_pragmas(lua_State *L, dbc_open_options *out)
{
    dbc_pragma *pragmas;
    size_t count = 0;
    int table;

    if (push_option(L, "pragmas") == LUA_TNIL) return;
    if (!lua_istable(L, -1)) refuse(L, "pragmas", "a table of name = value");
    table = lua_gettop(L);
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            lua_pushvalue(L, -2);
            refuse(L, "a pragma's name", "text");
        }
        count++;
    }
    pragmas = lua_newuserdatauv(L, (count + 1) * sizeof *pragmas, 0);
    count = 0;
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        pragmas[count].name = lua_tostring(L, -2);
        pragmas[count++].value = read_pragma(L);
    }
    qsort(pragmas, count, sizeof *pragmas, compare_pragmas);
    out->pragmas = pragmas;
    out->pragma_count = count;
}

// Leaves the schema box, or nil, on the top.
static void read_schema(lua_State *L, dbc_open_options *out)
{
    const lschema *schema;

    if (push_option(L, "schema") == LUA_TNIL) return;
    schema = lbox_test(L, -1, LBOX_SCHEMA);
    if (!schema) refuse(L, "schema", "a schema, d.schema { … }");
    out->schema = schema->schema;
}

// Leaves the mock, or nil, on the top.
static lmock *read_driver(lua_State *L, dbc_open_options *out)
{
    lmock *mock;

    if (push_option(L, "driver") == LUA_TNIL) return NULL;
    mock = lbox_test(L, -1, LBOX_MOCK);
    if (!mock || !mock->mock) refuse(L, "driver", "a mock");
    out->driver = dbc_driver_mock();
    out->driver_ud = mock->mock;
    return mock;
}

// Leaves a text, or nil, on the top.
static const char *read_text(lua_State *L, const char *name)
{
    int type = push_option(L, name);

    if (type == LUA_TNIL) return NULL;
    if (type != LUA_TSTRING) refuse(L, name, "text");
    return lua_tostring(L, -1);
}

static void read_options(lua_State *L, dbc_open_options *out)
{
    read_flag(L, "readonly", 0, DBC_OPEN_READONLY, &out->flags);
    read_flag(L, "create", 1, DBC_OPEN_EXISTING, &out->flags);
    read_flag(L, "trusted_schema", 0, DBC_OPEN_TRUSTED_SCHEMA, &out->flags);
    read_flag(L, "foreign_keys", 1, DBC_OPEN_NO_FOREIGN_KEYS, &out->flags);
    read_flag(L, "defensive", 1, DBC_OPEN_NOT_DEFENSIVE, &out->flags);
    out->busy_timeout_ms = (int)read_count(L, "busy_timeout", INT_MAX);
    out->statement_cache = (int)read_count(L, "statement_cache", 1 << 20);
    out->mmap_size = read_count(L, "mmap_size", INT64_MAX);
    out->durability = read_durability(L);
    out->vfs = read_text(L, "vfs");
    read_pragmas(L, out);
}

static const char *check_path(lua_State *L)
{
    lbox_words words;
    const char *path;

    if (lua_type(L, 1) != LUA_TSTRING)
        lerror_fail(L, DBC_EINVALID, "open takes a path, got %s",
                    lbox_describe(L, 1, &words));
    path = lua_tostring(L, 1);
    if (*path == '\0' || strlen(path) != lua_rawlen(L, 1))
        lerror_fail(L, DBC_EINVALID,
                    "open takes a path without NUL that is not empty; a "
                    "database in memory is \":memory:\"");
    return path;
}

// path [options] → connection
int lopen_open(lua_State *L)
{
    dbc_open_options options;
    dbc_error err = DBC_ERROR_INIT;
    lbox_words words;
    lmock *mock;
    lconn *box;
    const char *path = check_path(L);

    memset(&options, 0, sizeof options);
    lua_settop(L, OPTIONS);
    if (lua_isnil(L, OPTIONS)) {
        lua_newtable(L);
        lua_replace(L, OPTIONS);
    }
    if (!lua_istable(L, OPTIONS))
        return lerror_fail(L, DBC_EINVALID,
                           "open takes a table of options, got %s",
                           lbox_describe(L, OPTIONS, &words));
    lbox_check_keys(L, OPTIONS, option_names, "open");
    luaL_checkstack(L, 20, NULL);

    read_schema(L, &options);        // 3
    mock = read_driver(L, &options); // 4
    box = lconn_new(L);              // 5
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, 5, LCONN_UV_SCHEMA);
    lua_createtable(L, 1, 0);
    lua_pushvalue(L, 4);
    lua_rawseti(L, -2, 1);
    lua_setiuservalue(L, 5, LCONN_UV_HOST);
    read_options(L, &options);
    if (dbc_open(&box->conn, path, &options, &err) < 0)
        return lerror_raise(L, &err, NULL, 0);
    if (mock) lmock_join(box->mock = mock);
    lua_settop(L, 5);
    lconn_enlist(L, 5);
    return 1;
}
