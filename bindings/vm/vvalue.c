// Values both ways.
#include "vvalue.h"

#include <stdlib.h>
#include <string.h>

#include "vfailure.h"
#include "vlimits.h"

enum {
    DEPTH_MAX = 32,
    FIELDS_MAX = 100000 // of one table, those inside of it included
};

// ------------------------------------------------------------------- into Lua

void vvalue_push(lua_State *L, const dbc_value *value)
{
    switch (value->type) {
    case DBC_INT:
        lua_pushinteger(L, value->as.i);
        break;
    case DBC_REAL:
        lua_pushnumber(L, value->as.r);
        break;
    case DBC_BOOL:
        lua_pushboolean(L, value->as.i != 0);
        break;
    case DBC_TEXT:
        lua_pushlstring(L, value->as.text, value->len);
        break;
    case DBC_BLOB:
        lua_pushlstring(L, value->as.blob, value->len);
        break;
    case DBC_NULL:
        lua_pushnil(L);
        break;
    default: // what only goes into a query
        vfailure_refuse(L, DBC_EINVALID,
                        "a list is no value for a script: give a table");
    }
}

static void push_table(lua_State *L, const dbc_script_table *table, int depth)
{
    lua_Integer next = 1;

    if (depth > DEPTH_MAX)
        vfailure_refuse(L, DBC_EINVALID,
                        "a table for a script is nested too deeply");
    luaL_checkstack(L, 6, NULL);
    lua_createtable(L, 0, (int)table->count);
    for (size_t i = 0; i < table->count; i++) {
        const dbc_script_field *field = &table->fields[i];

        if (field->table)
            push_table(L, field->table, depth + 1);
        else
            vvalue_push(L, &field->value);
        if (field->name)
            lua_setfield(L, -2, field->name);
        else
            lua_rawseti(L, -2, next++);
    }
}

void vvalue_push_table(lua_State *L, const dbc_script_table *table)
{
    if (table)
        push_table(L, table, 1);
    else
        lua_pushnil(L);
}

// ----------------------------------------------------------------- out of Lua

dbc_value vvalue_read(lua_State *L, int index)
{
    size_t len;
    const char *text;

    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        if (lua_isinteger(L, index))
            return dbc_value_int(lua_tointeger(L, index));
        return dbc_value_real(lua_tonumber(L, index));
    case LUA_TBOOLEAN:
        return dbc_value_bool(lua_toboolean(L, index));
    case LUA_TSTRING:
        text = lua_tolstring(L, index, &len);
        return dbc_value_text(text, len);
    default:
        return dbc_value_null();
    }
}

// One table on its way out.
typedef struct reading {
    lua_State *L;
    int keep; // the list that keeps memory alive
    int depth;
    size_t left; // fields
} reading;

// Memory that lives as long as the list.
static void *new_memory(reading *in, size_t size)
{
    void *memory = lua_newuserdatauv(in->L, size, 0);

    lua_rawseti(in->L, in->keep, (lua_Integer)lua_rawlen(in->L, in->keep) + 1);
    return memory;
}

static void keep_value(reading *in, int index)
{
    lua_pushvalue(in->L, index);
    lua_rawseti(in->L, in->keep, (lua_Integer)lua_rawlen(in->L, in->keep) + 1);
}

static const dbc_script_table *read_table(reading *in, int table);

// The value on the top, which stays there.
static void read_field(reading *in, dbc_script_field *out)
{
    lua_State *L = in->L;

    out->table = NULL;
    out->value = dbc_value_null();
    switch (lua_type(L, -1)) {
    case LUA_TTABLE:
        out->table = read_table(in, lua_gettop(L));
        break;
    case LUA_TSTRING:
        keep_value(in, -1);
        out->value = vvalue_read(L, -1);
        break;
    case LUA_TNUMBER:
    case LUA_TBOOLEAN:
        out->value = vvalue_read(L, -1);
        break;
    default:
        vfailure_refuse(L, DBC_EINVALID,
                        "a table for the host holds a %s: only values and "
                        "tables can be told",
                        luaL_typename(L, -1));
    }
}

static int compare_names(const void *a, const void *b)
{
    const dbc_script_field *one = a, *other = b;

    return strcmp(one->name, other->name);
}

// Fields with names, sorted: a table of Lua has no order.
static size_t read_names(reading *in, int table, dbc_script_field *fields)
{
    lua_State *L = in->L;
    size_t count = 0;

    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) continue;
        keep_value(in, -2);
        fields[count].name = lua_tostring(L, -2);
        read_field(in, &fields[count++]);
    }
    qsort(fields, count, sizeof *fields, compare_names);
    return count;
}

// Refuses keys that are neither names nor places of the list.
static size_t count_fields(reading *in, int table, size_t listed)
{
    lua_State *L = in->L;
    size_t names = 0, others = 0;

    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        if (lua_type(L, -2) == LUA_TSTRING)
            names++;
        else
            others++;
    }
    if (others != listed)
        vfailure_refuse(L, DBC_EINVALID,
                        "a table for the host has keys that are neither names "
                        "nor 1 to n");
    return names + listed;
}

static const dbc_script_table *read_table(reading *in, int table)
{
    lua_State *L = in->L;
    size_t listed = lua_rawlen(L, table);
    size_t count = count_fields(in, table, listed);
    dbc_script_table *out;
    dbc_script_field *fields;

    if (++in->depth > DEPTH_MAX)
        vfailure_refuse(L, DBC_EINVALID,
                        "a table for the host is nested more than %d deep, or "
                        "holds itself",
                        DEPTH_MAX);
    if (count > in->left)
        vfailure_refuse(L, DBC_ELIMIT,
                        "a table for the host has more than %d fields",
                        FIELDS_MAX);
    in->left -= count;
    vlimits_spend(L, (int64_t)count * 4 + 10);
    luaL_checkstack(L, 8, NULL);
    out = new_memory(in, sizeof *out + count * sizeof *fields);
    fields = (dbc_script_field *)(out + 1);
    *out = (dbc_script_table){fields, count};
    for (size_t i = 0; i < listed; i++) {
        lua_rawgeti(L, table, (lua_Integer)i + 1);
        fields[i].name = NULL;
        read_field(in, &fields[i]);
        lua_pop(L, 1);
    }
    read_names(in, table, fields + listed);
    in->depth--;
    return out;
}

const dbc_script_table *vvalue_read_table(lua_State *L, int index, int keep)
{
    reading in = {L, lua_absindex(L, keep), 0, FIELDS_MAX};

    return read_table(&in, lua_absindex(L, index));
}
