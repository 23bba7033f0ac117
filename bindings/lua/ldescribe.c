// Writing descriptions. What was not said is not written either, so that what
// comes out can go in again and makes the same.
#include "ldescribe.h"

#include <string.h>

#include "lfield.h"
#include "lvalue.h"

static void push_names(lua_State *L, const dbc_names *names)
{
    lua_createtable(L, (int)names->count, 0);
    for (size_t i = 0; i < names->count; i++) {
        lua_pushstring(L, names->items[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_struct(lua_State *L, const char *from, const lrecord *shape);

static void push_list(lua_State *L, const char *items, size_t count,
                      const lrecord *shape)
{
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_struct(L, items + i * shape->size, shape);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_default(lua_State *L, const dbc_column_def *def)
{
    dbc_value value = def->default_value;

    if (value.type == DBC_BOOL)
        lua_pushboolean(L, value.as.i != 0);
    else
        lvalue_push(L, &value, def->type, def->codec, 1);
}

// Pushes what a column's own field holds, or nil.
static void push_column_field(lua_State *L, const lfield *f,
                              const dbc_column_def *def)
{
    const char *place = (const char *)def + f->offset;
    lua_Integer whole;

    if (f->kind == LFIELD_CODEC && def->codec) {
        lua_rawgeti(L, LCORE, LCORE_CODECS);
        lua_rawgeti(L, -1, def->codec);
        lua_remove(L, -2);
        return;
    }
    if (!(def->flags & f->more) || f->kind == LFIELD_HOST) {
        lua_pushnil(L);
        return;
    }
    if (f->kind == LFIELD_NUMBER) {
        double number;
        memcpy(&number, place, sizeof number);
        if (lua_numbertointeger(number, &whole) && (double)whole == number)
            lua_pushinteger(L, whole);
        else
            lua_pushnumber(L, number);
    } else if (f->kind == LFIELD_LENGTH) {
        size_t length;
        memcpy(&length, place, sizeof length);
        lua_pushinteger(L, (lua_Integer)length);
    } else {
        push_default(L, def);
    }
}

static void push_true_or_nil(lua_State *L, int is_true)
{
    if (is_true)
        lua_pushboolean(L, 1);
    else
        lua_pushnil(L);
}

// Pushes what a field holds, or nil when it was not said.
static void push_field(lua_State *L, const lfield *f, const char *from)
{
    const char *place = from + f->offset;
    const char *pointer = NULL;
    dbc_names names;
    size_t count;
    int number;

    switch (f->kind) {
    case LFIELD_KEPT:
        lua_pushnil(L);
        break;
    case LFIELD_TEXT:
        memcpy(&pointer, place, sizeof pointer);
        lua_pushstring(L, pointer); // nil when NULL
        break;
    case LFIELD_FLAG:
        push_true_or_nil(L, (*(const unsigned *)(const void *)place &
                             (unsigned)f->more) != 0);
        break;
    case LFIELD_BOOL:
        push_true_or_nil(L, *(const int *)(const void *)place);
        break;
    case LFIELD_CHOICE:
        memcpy(&number, place, sizeof number);
        // What was not said is not written, but for a kind, which matters.
        if (number == 0 && strcmp(f->key, "kind") != 0)
            lua_pushnil(L);
        else
            lua_pushstring(L, f->words[number]);
        break;
    case LFIELD_TYPE:
        memcpy(&number, place, sizeof number);
        lua_pushstring(L, dbc_type_word((dbc_type)number));
        break;
    case LFIELD_NAMES:
        memcpy(&names, place, sizeof names);
        if (names.count)
            push_names(L, &names);
        else
            lua_pushnil(L);
        break;
    case LFIELD_LIST:
        memcpy(&pointer, place, sizeof pointer);
        memcpy(&count, from + f->more, sizeof count);
        if (count)
            push_list(L, pointer, count, f->inner);
        else
            lua_pushnil(L);
        break;
    case LFIELD_STRUCT:
        if (((const dbc_key_def *)(const void *)place)->columns.count)
            push_struct(L, place, f->inner);
        else
            lua_pushnil(L);
        break;
    case LFIELD_STRUCT_PTR:
        memcpy(&pointer, place, sizeof pointer);
        if (pointer)
            push_struct(L, pointer, f->inner);
        else
            lua_pushnil(L);
        break;
    default:
        push_column_field(L, f, (const dbc_column_def *)(const void *)from);
        break;
    }
}

static void push_struct(lua_State *L, const char *from, const lrecord *shape)
{
    luaL_checkstack(L, 8, NULL);
    lua_newtable(L);
    for (size_t i = 0; i < shape->count; i++) {
        push_field(L, &shape->fields[i], from);
        lua_setfield(L, -2, shape->fields[i].key);
    }
}

// Copies the host's functions of the box at `index` into the columns of the
// description on the top.
static void push_host(lua_State *L, int index)
{
    int def = lua_gettop(L);

    if (lua_getiuservalue(L, index, LTABLE_UV_HOST) == LUA_TTABLE) {
        lua_getfield(L, def, "columns"); // def host columns
        for (lua_pushnil(L); lua_next(L, def + 1); lua_pop(L, 1)) {
            lua_rawgeti(L, def + 2, lua_tointeger(L, -2));
            for (lua_pushnil(L); lua_next(L, -3); lua_pop(L, 1)) {
                lua_pushvalue(L, -2);
                lua_pushvalue(L, -2);
                lua_rawset(L, -5);
            }
            lua_pop(L, 1);
        }
    }
    lua_settop(L, def);
}

void ldescribe_push_table(lua_State *L, int index)
{
    const ltable *table = lbox_check(L, index, LBOX_TABLE);

    index = lua_absindex(L, index);
    luaL_checkstack(L, 12, NULL);
    push_struct(L, (const char *)dbc_table_describe(table->table),
                &lfield_table);
    if (table->has_host) push_host(L, index);
    if (lua_getiuservalue(L, index, LTABLE_UV_RULES) == LUA_TTABLE)
        lua_setfield(L, -2, "rules");
    else
        lua_pop(L, 1);
}

static void push_columns(lua_State *L, const char *key,
                         const dbc_column *const *columns, size_t count)
{
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushstring(L, columns[i]->def.name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, key);
}

static void push_relation(lua_State *L, const dbc_relation *relation)
{
    lua_createtable(L, 0, 9);
    lua_pushstring(L, dbc_table_describe(relation->source)->name);
    lua_setfield(L, -2, "table");
    lua_pushstring(L, relation->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, lfield_relation_kinds[relation->kind]);
    lua_setfield(L, -2, "kind");
    lua_pushstring(L, dbc_table_describe(relation->target)->name);
    lua_setfield(L, -2, "target");
    push_columns(L, "from", relation->source_key, relation->key_count);
    if (!relation->through) {
        push_columns(L, "to", relation->target_key, relation->key_count);
        return;
    }
    push_columns(L, "to", relation->target_key, relation->through_count);
    lua_pushstring(L, dbc_table_describe(relation->through)->name);
    lua_setfield(L, -2, "through");
    push_columns(L, "through_from", relation->through_from,
                 relation->key_count);
    push_columns(L, "through_to", relation->through_to,
                 relation->through_count);
}

void ldescribe_push_relations(lua_State *L, const dbc_schema *schema)
{
    size_t count = dbc_schema_relation_count(schema);

    luaL_checkstack(L, 8, NULL);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_relation(L, dbc_schema_relation(schema, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}
