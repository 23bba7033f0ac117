// Schema boxes. `schema.users` is the descriptor that was given, so a table is
// one object however it is reached.
#include "lschema.h"

#include <string.h>

#include "dbcore_lua.h"
#include "lconn.h"
#include "ldeclare.h"
#include "ldescribe.h"
#include "lerror.h"
#include "lpolicy.h"
#include "ltable.h"

static const dbc_table **check_tables(lua_State *L, int index, size_t *count)
{
    lbox_words words;

    *count = lua_rawlen(L, index);
    const dbc_table **tables =
        lua_newuserdatauv(L, (*count + 1) * sizeof *tables, 0);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        const ltable *table = lbox_test(L, -1, LBOX_TABLE);
        if (!table || table->alias[0] || !table->table)
            lerror_fail(L, DBC_EINVALID,
                        "item %zu of a schema must be a table, got %s", i + 1,
                        lbox_describe(L, -1, &words));
        tables[i] = table->table;
        lua_pop(L, 1);
    }
    return tables;
}

// The texts of the list at `index`, borrowed from it.
static const char **check_definitions(lua_State *L, int index, size_t *count)
{
    *count = lua_rawlen(L, index);
    const char **texts = lua_newuserdatauv(L, (*count + 1) * sizeof *texts, 0);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        texts[i] = luaL_checkstring(L, -1);
        lua_pop(L, 1);
    }
    return texts;
}

// native.schema(tables, relations, definitions)
static int new_schema(lua_State *L)
{
    enum { TABLES = 1, RELATIONS, DEFINITIONS, BOX };
    dbc_schema_def def;
    dbc_schema *made = NULL;
    lbox_words words;
    dbc_error err;

    lua_settop(L, DEFINITIONS);
    for (int i = RELATIONS; i <= DEFINITIONS; i++) {
        if (!lua_isnil(L, i)) continue;
        lua_newtable(L);
        lua_replace(L, i);
    }
    for (int i = TABLES; i <= DEFINITIONS; i++)
        if (lua_type(L, i) != LUA_TTABLE)
            return lerror_fail(L, DBC_EINVALID,
                               "a schema is made of lists of tables, of "
                               "relations and of definitions, got %s",
                               lbox_describe(L, i, &words));
    lschema *box = lbox_new(L, LBOX_SCHEMA, sizeof *box, LSCHEMA_VALUES);
    def.tables = check_tables(L, TABLES, &def.table_count);
    def.relations = ldeclare_relations(L, RELATIONS, &def.relation_count);
    def.definitions = check_definitions(L, DEFINITIONS, &def.definition_count);
    int rc = dbc_schema_build(&made, &def, NULL, &err);
    box->schema = made;
    if (rc < 0) return lerror_raise(L, &err, NULL, 0);

    lua_createtable(L, 0, (int)def.table_count);
    for (size_t i = 0; i < def.table_count; i++) {
        lua_rawgeti(L, TABLES, (lua_Integer)i + 1);
        lua_setfield(L, -2, dbc_table_describe(def.tables[i])->name);
    }
    lua_setiuservalue(L, BOX, LSCHEMA_UV_TABLES);
    lua_pushvalue(L, RELATIONS);
    lua_setiuservalue(L, BOX, LSCHEMA_UV_RELATIONS);
    lua_settop(L, BOX);
    return 1;
}

void lschema_push_table(lua_State *L, int schema, const char *name, size_t len)
{
    const lschema *box = lbox_check(L, schema, LBOX_SCHEMA);
    dbc_error err;

    const dbc_table *table = dbc_schema_find(box->schema, name, len, &err);
    if (!table) lerror_raise(L, &err, NULL, 0);
    lua_getiuservalue(L, schema, LSCHEMA_UV_TABLES);
    lua_getfield(L, -1, dbc_table_describe(table)->name);
    lua_remove(L, -2);
}

void lschema_push_of(lua_State *L, int index)
{
    int top = lua_gettop(L);

    luaL_checkstack(L, 3, NULL);
    lua_pushvalue(L, index);
    if (lbox_test(L, -1, LBOX_RESTRICTED))
        lua_getiuservalue(L, -1, LRESTRICTED_UV_HANDLE);
    if (lbox_test(L, -1, LBOX_TXN)) lua_getiuservalue(L, -1, LTXN_UV_CONN);
    if (lbox_test(L, -1, LBOX_CONN))
        lua_getiuservalue(L, -1, LCONN_UV_SCHEMA);
    else
        lua_pushnil(L);
    lua_replace(L, top + 1);
    lua_settop(L, top + 1);
}

static int schema_index(lua_State *L)
{
    size_t len;
    lbox_words words;

    if (lua_type(L, 2) != LUA_TSTRING)
        return lerror_fail(L, DBC_EINVALID,
                           "a schema has tables by name, not by %s",
                           lbox_describe(L, 2, &words));
    const char *name = lua_tolstring(L, 2, &len);
    lschema_push_table(L, 1, name, len);
    return 1;
}

static int schema_gc(lua_State *L)
{
    lschema *box = lbox_test(L, 1, LBOX_SCHEMA);

    if (!box) return 0;
    dbc_schema_release(box->schema);
    box->schema = NULL;
    return 0;
}

static int schema_tostring(lua_State *L)
{
    const lschema *box = lbox_check(L, 1, LBOX_SCHEMA);
    size_t count = box->schema ? dbc_schema_table_count(box->schema) : 0;

    lua_pushfstring(L, "dbcore.schema of %d table%s", (int)count,
                    count == 1 ? "" : "s");
    return 1;
}

// Upvalues: core, the box, how many were given.
static int next_table(lua_State *L)
{
    const lschema *box = lbox_check(L, lua_upvalueindex(2), LBOX_SCHEMA);
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(3));

    if ((size_t)i >= dbc_schema_table_count(box->schema)) return 0;
    lua_pushinteger(L, i + 1);
    lua_replace(L, lua_upvalueindex(3));
    const dbc_table *table = dbc_schema_table(box->schema, (size_t)i);
    lua_getiuservalue(L, lua_upvalueindex(2), LSCHEMA_UV_TABLES);
    lua_pushstring(L, dbc_table_describe(table)->name);
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    return 2;
}

static int schema_pairs(lua_State *L)
{
    lua_pushvalue(L, LCORE);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_table, 3);
    return 1;
}

// Pushes what a schema defines by SQL: { kind, name, sql } each.
static void push_definitions(lua_State *L, const dbc_schema *schema)
{
    size_t count = dbc_schema_definition_count(schema);

    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        const dbc_definition *one = dbc_schema_definition(schema, i);

        lua_createtable(L, 0, 3);
        lua_pushstring(L, one->kind);
        lua_setfield(L, -2, "kind");
        lua_pushstring(L, one->name);
        lua_setfield(L, -2, "name");
        lua_pushstring(L, one->sql);
        lua_setfield(L, -2, "sql");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

// Adds the conditions to the list of relations on the top: they are as they
// were given.
static void add_conditions(lua_State *L, int schema)
{
    int list = lua_gettop(L);

    lua_getiuservalue(L, schema, LSCHEMA_UV_RELATIONS);
    for (lua_Integer i = 1; lua_rawgeti(L, list, i) != LUA_TNIL; i++) {
        lua_rawgeti(L, list + 1, i);
        lua_getfield(L, -1, "where");
        lua_setfield(L, -3, "where");
        lua_settop(L, list + 1);
    }
    lua_settop(L, list);
}

// native.describe(descriptor or schema)
static int describe(lua_State *L)
{
    lbox_words words;
    const lschema *schema = lbox_test(L, 1, LBOX_SCHEMA);

    lua_settop(L, 1);
    if (lbox_test(L, 1, LBOX_TABLE)) {
        ldescribe_push_table(L, 1);
        return 1;
    }
    if (!schema)
        return lerror_fail(L, DBC_EINVALID,
                           "describe takes a table or a schema, got %s",
                           lbox_describe(L, 1, &words));
    size_t count = dbc_schema_table_count(schema->schema);
    lua_createtable(L, 0, 2);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        const dbc_table *table = dbc_schema_table(schema->schema, i);
        const char *name = dbc_table_describe(table)->name;
        lschema_push_table(L, 1, name, strlen(name));
        ldescribe_push_table(L, lua_gettop(L));
        lua_rawseti(L, 3, (lua_Integer)i + 1);
        lua_settop(L, 3);
    }
    lua_setfield(L, 2, "tables");
    ldescribe_push_relations(L, schema->schema);
    add_conditions(L, 1);
    lua_setfield(L, 2, "relations");
    push_definitions(L, schema->schema);
    lua_setfield(L, 2, "definitions");
    return 1;
}

static const luaL_Reg schema_meta[] = {{"__gc", schema_gc},
                                       {"__tostring", schema_tostring},
                                       {"__newindex", lbox_refuse_write},
                                       {"__pairs", schema_pairs},
                                       {"__index", schema_index},
                                       {NULL, NULL}};

static const luaL_Reg module_functions[] = {
    {"schema", new_schema}, {"describe", describe}, {NULL, NULL}};

void lschema_open(lua_State *L, int core, int module)
{
    lbox_push_metatable(L, core, "dbcore.schema", schema_meta);
    lua_rawseti(L, core, LBOX_SCHEMA);
    lbox_register_in(L, core, module, module_functions);
}

DBC_API const dbc_schema *dbcore_lua_schema(lua_State *L, int index)
{
    const lschema *box = lbox_test(L, index, LBOX_SCHEMA);

    return box ? box->schema : NULL;
}
