// native.migrator(list) makes one, and reads all that is known of a migration;
// what is done with it is in lmigrate.c and lhistory.c.
#include "lmigrator.h"

#include <string.h>

#include "lerror.h"

enum { LIST = 1, BOX, MEMORY, CALLS, ITEM };

// The text in field `key` of the table on the top, or NULL. It is borrowed
// from that table.
static const char *text_field(lua_State *L, const char *key)
{
    const char *text = NULL;
    size_t len;

    lua_getfield(L, ITEM, key);
    if (lua_type(L, -1) == LUA_TSTRING) {
        text = lua_tolstring(L, -1, &len);
        if (strlen(text) != len)
            lerror_fail(L, DBC_EINVALID,
                        "\"%s\" of a migration holds a NUL: take it out", key);
    }
    lua_pop(L, 1);
    return text;
}

static unsigned flag_field(lua_State *L, const char *key, unsigned flag)
{
    lua_getfield(L, ITEM, key);
    unsigned found = lua_toboolean(L, -1) ? flag : 0;
    lua_pop(L, 1);
    return found;
}

// The list of names in field `key`; its array is kept in MEMORY.
static dbc_names names_field(lua_State *L, const char *key)
{
    dbc_names names = {NULL, 0};

    if (lua_getfield(L, ITEM, key) == LUA_TTABLE) {
        size_t count = lua_rawlen(L, -1);
        const char **items =
            lua_newuserdatauv(L, (count + 1) * sizeof *items, 0);
        for (size_t i = 0; i < count; i++) {
            lua_rawgeti(L, -2, (lua_Integer)i + 1);
            items[i] = luaL_checkstring(L, -1); // the list keeps it
            lua_pop(L, 1);
        }
        lua_rawseti(L, MEMORY, (lua_Integer)lua_rawlen(L, MEMORY) + 1);
        names = (dbc_names){items, count};
    }
    lua_pop(L, 1);
    return names;
}

// Keeps the functions of the item, and says whether it has that one.
static int call_field(lua_State *L, const char *key)
{
    int is_function = lua_getfield(L, ITEM, key) == LUA_TFUNCTION;

    if (is_function)
        lua_setfield(L, -2, key);
    else
        lua_pop(L, 1);
    return is_function;
}

static void read_migration(lua_State *L, dbc_migration *out,
                           lmigration_call *call)
{
    *out = (dbc_migration){.version = text_field(L, "version"),
                           .name = text_field(L, "name"),
                           .sql = text_field(L, "sql"),
                           .checksum = text_field(L, "checksum"),
                           .source = text_field(L, "source"),
                           .replaces = names_field(L, "replaces"),
                           .merges = names_field(L, "merges"),
                           .ud = call};
    out->flags = flag_field(L, "loses", DBC_MIGRATION_LOSES) |
                 flag_field(L, "loses_back", DBC_MIGRATION_LOSES_BACK) |
                 flag_field(L, "irreversible", DBC_MIGRATION_IRREVERSIBLE);
    lua_createtable(L, 0, 2);
    if (call_field(L, "up")) out->up = lmigrate_step;
    if (call_field(L, "down")) out->down = lmigrate_step;
    lua_rawseti(L, CALLS, call->number);
}

// list → migrator
static int new_migrator(lua_State *L)
{
    dbc_error err = DBC_ERROR_INIT;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    size_t count = lua_rawlen(L, LIST);
    lmigrator *box = lbox_new(L, LBOX_MIGRATOR, sizeof *box, LMIGRATOR_VALUES);
    lua_newtable(L); // MEMORY
    lua_newtable(L); // CALLS
    dbc_migration *list = lua_newuserdatauv(L, (count + 1) * sizeof *list, 0);
    lua_rawseti(L, MEMORY, 1);
    box->calls = lua_newuserdatauv(L, (count + 1) * sizeof *box->calls, 0);
    lua_rawseti(L, CALLS, 0); // lives as long as the box
    for (size_t i = 0; i < count; i++) {
        box->calls[i] = (lmigration_call){box, (int)i + 1};
        lua_rawgeti(L, LIST, (lua_Integer)i + 1);
        luaL_checktype(L, ITEM, LUA_TTABLE);
        read_migration(L, &list[i], &box->calls[i]);
        lua_settop(L, CALLS);
    }
    lua_setiuservalue(L, BOX, LMIGRATOR_UV_CALLS);
    if (dbc_migrator_new(&box->migrator, list, count, NULL, &err) < 0)
        return lerror_raise(L, &err, NULL, 0);
    lua_settop(L, BOX);
    return 1;
}

static int migrator_gc(lua_State *L)
{
    lmigrator *box = lbox_test(L, 1, LBOX_MIGRATOR);

    if (!box) return 0;
    dbc_migrator_free(box->migrator);
    box->migrator = NULL;
    return 0;
}

lmigrator *lmigrator_check(lua_State *L)
{
    lmigrator *box = lbox_check(L, 1, LBOX_MIGRATOR);

    if (box->busy)
        lerror_fail(L, DBC_EINVALID,
                    "these migrations run right now: a migration cannot start "
                    "others");
    return box;
}

// ---------------------------------------------------------------------- texts

// text → SHA-256 as hexadecimal digits
static int sha256(lua_State *L)
{
    char digits[65];
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);

    dbc_sha256(digits, text, len);
    lua_pushstring(L, digits);
    return 1;
}

// SQL text → the checksum of what it says
static int sql_checksum(lua_State *L)
{
    char digits[65];
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);

    if (dbc_sql_checksum(digits, text, len, NULL) < 0)
        return lerror_fail(L, DBC_ENOMEM, "%s", dbc_status_text(DBC_ENOMEM));
    lua_pushstring(L, digits);
    return 1;
}

// text → its statements, each as it stands there
static int split_sql(lua_State *L)
{
    size_t len, used;
    const char *text = luaL_checklstring(L, 1, &len);
    lua_Integer n = 0;

    lua_settop(L, 1);
    lua_newtable(L);
    for (; len > 0; text += used, len -= used) {
        used = dbc_sql_statement(text, len);
        lua_pushlstring(L, text, used);
        lua_rawseti(L, 2, ++n);
    }
    return 1;
}

void lmigrator_open(lua_State *L, int core, int module)
{
    static const luaL_Reg events[] = {{"__gc", migrator_gc}, {NULL, NULL}};
    static const luaL_Reg functions[] = {{"migrator", new_migrator},
                                         {"sha256", sha256},
                                         {"sql_checksum", sql_checksum},
                                         {"split_sql", split_sql},
                                         {NULL, NULL}};

    lbox_push_metatable(L, core, "dbcore.native_migrator", events);
    lua_rawseti(L, core, LBOX_MIGRATOR);
    lua_pushvalue(L, module);
    lbox_register(L, core, functions);
    lmigrate_open(L, core);
    lhistory_open(L, core);
    lmigration_open(L, core);
    lua_pop(L, 1);
}
