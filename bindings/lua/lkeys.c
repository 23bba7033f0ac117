// Short strings are unique in a Lua state, so a key that was written in a
// program is the same pointer as the name kept here: one multiplication and
// one comparison find its column.
#include "lkeys.h"

#include <string.h>

#include "lquery.h"

static size_t place_of(const lkeys *keys, const void *name)
{
    uint64_t hash = (uint64_t)(uintptr_t)name * UINT64_C(0x9e3779b97f4a7c15);

    return (size_t)(hash >> keys->shift);
}

static void enter(lkeys *keys, const void *name, uint32_t position)
{
    size_t i = place_of(keys, name);

    while (keys->entries[i].name)
        i = (i + 1) & keys->mask;
    keys->entries[i].name = name;
    keys->entries[i].position = position;
}

static unsigned read_flags(const dbc_column *column)
{
    unsigned flags = 0;

    if (column->def.flags & DBC_COLUMN_HOST_DEFAULT) flags |= LKEYS_DEFAULT;
    if (column->def.type == DBC_T_JSON || column->def.type == DBC_T_CUSTOM)
        flags |= LKEYS_ENCODED;
    return flags;
}

// Fills the box on the top; its user value becomes the list of names, which
// keeps them where they are.
static void fill(lua_State *L, lkeys *keys, const ltable *table)
{
    int box = lua_gettop(L);

    lua_createtable(L, (int)keys->column_count, 0);
    for (size_t i = 0; i < keys->column_count; i++) {
        const dbc_column *column = dbc_table_column(table->table, i);

        lua_pushlstring(L, column->def.name, column->name_len);
        enter(keys, lua_topointer(L, -1), (uint32_t)i);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
        keys->columns[i].column = column;
        keys->columns[i].flags = read_flags(column);
        keys->flags |= keys->columns[i].flags;
    }
    lua_setiuservalue(L, box, LKEYS_UV_NAMES);
}

static lkeys *new_keys(lua_State *L, size_t column_count)
{
    size_t room = 4;
    unsigned bits = 2;
    size_t size;
    lkeys *keys;

    while (room < column_count * 2) {
        room *= 2;
        bits++;
    }
    size = sizeof *keys + column_count * sizeof *keys->columns +
           room * sizeof *keys->entries;
    keys = lua_newuserdatauv(L, size, LKEYS_VALUES);
    memset(keys, 0, size);
    keys->column_count = column_count;
    keys->shift = 64 - bits;
    keys->mask = room - 1;
    keys->columns = (lkeys_column *)(keys + 1);
    keys->entries = (lkeys_entry *)(keys->columns + column_count);
    return keys;
}

const lkeys *lkeys_push(lua_State *L, int index)
{
    const ltable *table;
    lkeys *keys;

    index = lua_absindex(L, index);
    if (lua_getiuservalue(L, index, LTABLE_UV_KEYS) == LUA_TUSERDATA)
        return lua_touserdata(L, -1);
    lua_pop(L, 1);
    luaL_checkstack(L, 8, NULL);
    table = lbox_check(L, index, LBOX_TABLE);
    keys = new_keys(L, dbc_table_column_count(table->table));
    fill(L, keys, table);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, index, LTABLE_UV_KEYS);
    return keys;
}

int lkeys_known(lua_State *L, const lkeys *keys, int key)
{
    const void *name = lua_topointer(L, key);
    size_t i = place_of(keys, name);

    for (; keys->entries[i].name; i = (i + 1) & keys->mask)
        if (keys->entries[i].name == name)
            return (int)keys->entries[i].position;
    return -1;
}

uint32_t lkeys_find(lua_State *L, int table, int key)
{
    return ltable_column(L, lbox_check(L, table, LBOX_TABLE), key)->position;
}

int lkeys_push_plain(lua_State *L, int at, uint64_t columns)
{
    const lkeys *keys = lua_touserdata(L, at);

    for (int i = 0; i < LKEYS_PLAIN; i++) {
        if (keys->plain[i] != columns) continue;
        if (lua_getiuservalue(L, at, LKEYS_UV_PLAIN + i) != LUA_TNIL) return 1;
        lua_pop(L, 1);
    }
    return 0;
}

void lkeys_keep_plain(lua_State *L, int at, uint64_t columns)
{
    static const int ties[] = {LQUERY_UV_HANDLE, LQUERY_UV_ROWS,
                               LQUERY_UV_TABLE};
    lkeys *keys = lua_touserdata(L, at);
    int number = keys->plain_next;

    at = lua_absindex(L, at);
    for (size_t i = 0; i < sizeof ties / sizeof *ties; i++) {
        lua_pushnil(L);
        lua_setiuservalue(L, -2, ties[i]);
    }
    keys->plain_next = (number + 1) % LKEYS_PLAIN;
    keys->plain[number] = columns;
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, at, LKEYS_UV_PLAIN + number);
}
