// Host rules of columns. All that are broken in a row are reported at once.
#include "lvalidate.h"

#include <stdio.h>
#include <string.h>

#include "dbcore_driver.h"
#include "lerror.h"
#include "ltable.h"

// Adds { column =, rule =, message = } to the list; the message is on the top
// and is popped.
static void add_field(lua_State *L, const dbc_column *column, const char *rule,
                      int fields)
{
    if (lua_isnil(L, fields)) {
        lua_newtable(L);
        lua_replace(L, fields);
    }
    lua_createtable(L, 0, 3); // message field
    lua_pushstring(L, column->def.name);
    lua_setfield(L, -2, "column");
    lua_pushstring(L, rule);
    lua_setfield(L, -2, "rule");
    lua_insert(L, -2);
    lua_setfield(L, -2, "message");
    lua_rawseti(L, fields, (lua_Integer)lua_rawlen(L, fields) + 1);
}

// string.find of this state, which a sandbox may have replaced by its own.
static void check_pattern(lua_State *L, const dbc_column *column, int index,
                          int fields)
{
    lbox_words words;

    if (lua_type(L, index) != LUA_TSTRING) return;
    lua_getfield(L, index, "find");
    lua_pushvalue(L, index);
    lua_pushstring(L, column->def.pattern);
    lua_call(L, 2, 1);
    if (!lua_toboolean(L, -1)) {
        lua_pushfstring(L, "column \"%s\" must match the pattern %s, got %s",
                        column->def.name, column->def.pattern,
                        lbox_describe(L, index, &words));
        add_field(L, column, "pattern", fields);
    }
    lua_pop(L, 1);
}

// validate(value) → true, or false and a message. Nothing at all is well: it
// may as well raise.
static void check_function(lua_State *L, const dbc_column *column, int index,
                           int fields)
{
    int top = lua_gettop(L) - 1; // below the function

    lua_pushvalue(L, index);
    lua_call(L, 1, 2);
    if (lua_isboolean(L, -2) && !lua_toboolean(L, -2)) {
        if (lua_type(L, -1) != LUA_TSTRING)
            lua_pushfstring(L, "column \"%s\" is refused by its validate",
                            column->def.name);
        add_field(L, column, "validate", fields);
    }
    lua_settop(L, top);
}

void lvalidate_value(lua_State *L, int table, const dbc_column *column,
                     int index, int fields)
{
    int top = lua_gettop(L);

    index = lua_absindex(L, index);
    if (lua_isnil(L, index) || lbox_kind_of(L, index)) return;
    luaL_checkstack(L, 10, NULL);
    if (column->def.pattern) check_pattern(L, column, index, fields);
    if (lua_getiuservalue(L, table, LTABLE_UV_HOST) == LUA_TTABLE &&
        lua_rawgeti(L, -1, (lua_Integer)column->position + 1) == LUA_TTABLE) {
        lua_pushliteral(L, "validate");
        if (lua_rawget(L, -2) == LUA_TFUNCTION)
            check_function(L, column, index, fields);
    }
    lua_settop(L, top);
}

// The place of field `i` in the table.
static uint32_t position_of(lua_State *L, int fields, lua_Integer i,
                            const dbc_table *table)
{
    const dbc_column *column;
    const char *name;
    size_t len;

    lua_rawgeti(L, fields, i);
    lua_getfield(L, -1, "column");
    name = lua_tolstring(L, -1, &len);
    column = dbc_table_find(table, name, len, NULL);
    lua_pop(L, 2);
    return column ? column->position : 0;
}

// A row is read in the order of its hash; what is reported is in the order of
// the table. The list is short.
static void sort_fields(lua_State *L, int fields, const dbc_table *table)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, fields);

    for (lua_Integer i = 2; i <= count; i++) {
        for (lua_Integer j = i; j > 1; j--) {
            if (position_of(L, fields, j - 1, table) <=
                position_of(L, fields, j, table))
                break;
            lua_rawgeti(L, fields, j);
            lua_rawgeti(L, fields, j - 1);
            lua_rawseti(L, fields, j);
            lua_rawseti(L, fields, j - 1);
        }
    }
}

// The message of the first field; one of the user's own words may not name
// the column.
static void say_first(lua_State *L, dbc_error *err, int fields)
{
    lua_Integer more = (lua_Integer)lua_rawlen(L, fields) - 1;
    const char *column, *message, *gap = "";
    char count[32] = "";
    size_t len;

    lua_rawgeti(L, fields, 1);
    lua_getfield(L, -1, "column");
    column = lua_tolstring(L, -1, &len);
    dbc_error_add_column(err, column, len);
    lua_getfield(L, -2, "message");
    message = lua_tostring(L, -1);
    if (more > 0) snprintf(count, sizeof count, " (and %d more)", (int)more);
    if (strstr(message, column))
        column = "";
    else
        gap = ": ";
    snprintf(err->message, sizeof err->message, "%.100s%s%.340s%s", column, gap,
             message, count);
}

void lvalidate_raise(lua_State *L, int fields, const dbc_table *table)
{
    dbc_error err = DBC_ERROR_INIT;

    if (lua_isnil(L, fields)) return;
    err.code = DBC_EVALIDATION;
    luaL_checkstack(L, 10, NULL);
    sort_fields(L, fields, table);
    say_first(L, &err, fields);
    snprintf(err.table, sizeof err.table, "%.127s",
             dbc_table_describe(table)->name);
    lerror_push(L, &err, NULL, 0);
    lua_pushvalue(L, fields);
    lua_setfield(L, -2, "fields");
    lua_error(L);
}
