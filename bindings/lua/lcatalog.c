// native.catalog and what can be asked of one.
#include "lcatalog.h"

#include <string.h>

#include "lconn.h"
#include "ldescribe.h"
#include "lerror.h"
#include "lschema.h"

static const char *const kinds[] = {"table", "virtual", "index", "trigger",
                                    "view"};

const dbc_catalog *lcatalog_check(lua_State *L, int index)
{
    const lcatalog *box = lbox_check(L, index, LBOX_CATALOG);

    if (!box->catalog) lerror_fail(L, DBC_ECLOSED, "the catalog is gone");
    return box->catalog;
}

// conn → catalog of what it holds
static int read_catalog(lua_State *L)
{
    dbc_conn *conn;

    lcatalog *box = lconn_new_box(&conn, L, 1, LBOX_CATALOG, sizeof *box);
    if (dbc_catalog_read(&box->catalog, conn) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    return 1;
}

// conn schema|text → catalog of what is wanted
static int make_catalog(lua_State *L)
{
    const lschema *schema;
    const char *sql;
    lbox_words words;
    lcatalog *box;
    dbc_conn *conn;
    size_t len = 0;
    int rc;

    lua_settop(L, 2);
    schema = lbox_test(L, 2, LBOX_SCHEMA);
    sql = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &len) : NULL;
    if (!schema && !sql)
        return lerror_fail(L, DBC_EINVALID,
                           "a catalog is made of a schema or of CREATE "
                           "statements as text, got %s",
                           lbox_describe(L, 2, &words));
    box = lconn_new_box(&conn, L, 1, LBOX_CATALOG, sizeof *box);
    if (schema)
        rc = dbc_catalog_of_schema(&box->catalog, schema->schema, conn);
    else
        rc = dbc_catalog_of_sql(&box->catalog, sql, len, conn);
    if (rc < 0) return lerror_raise_conn(L, conn, NULL, 0);
    return 1;
}

static int catalog_gc(lua_State *L)
{
    lcatalog *box = lbox_test(L, 1, LBOX_CATALOG);

    if (!box) return 0;
    dbc_catalog_free(box->catalog);
    box->catalog = NULL;
    return 0;
}

// ------------------------------------------------------------------- asking

// Pushes the description of a table, or nil when there is none.
static void push_description(lua_State *L, const dbc_table *table)
{
    ltable *box;

    if (!table) {
        lua_pushnil(L);
        return;
    }
    box = lbox_new(L, LBOX_TABLE, sizeof *box, LTABLE_VALUES);
    box->table = dbc_table_retain(table);
    ldescribe_push_table(L, -1);
    lua_remove(L, -2);
}

static void push_object(lua_State *L, const dbc_object *object)
{
    lua_createtable(L, 0, 5);
    lua_pushstring(L, kinds[object->kind]);
    lua_setfield(L, -2, "kind");
    lua_pushstring(L, object->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, object->table);
    lua_setfield(L, -2, "table");
    lua_pushstring(L, object->sql);
    lua_setfield(L, -2, "sql");
    push_description(L, object->description);
    lua_setfield(L, -2, "description");
}

// catalog → list of { kind =, name =, table =, sql =, description = }
static int catalog_objects(lua_State *L)
{
    const dbc_catalog *catalog = lcatalog_check(L, 1);
    size_t count = dbc_catalog_count(catalog);

    luaL_checkstack(L, 20, NULL);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_object(L, dbc_catalog_object(catalog, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

// catalog kind name → the object, or nil
static int catalog_find(lua_State *L)
{
    const dbc_catalog *catalog = lcatalog_check(L, 1);
    const char *word = luaL_checkstring(L, 2);
    const char *name = luaL_checkstring(L, 3);
    const dbc_object *found = NULL;

    luaL_checkstack(L, 20, NULL);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(word, kinds[i]) == 0)
            found = dbc_catalog_find(catalog, (dbc_object_kind)i, name);
    if (found)
        push_object(L, found);
    else
        lua_pushnil(L);
    return 1;
}

static int catalog_fingerprint(lua_State *L)
{
    lua_pushstring(L, dbc_catalog_fingerprint(lcatalog_check(L, 1)));
    return 1;
}

void lcatalog_open(lua_State *L, int core, int module)
{
    static const luaL_Reg methods[] = {{"objects", catalog_objects},
                                       {"find", catalog_find},
                                       {"fingerprint", catalog_fingerprint},
                                       {NULL, NULL}};
    static const luaL_Reg events[] = {{"__gc", catalog_gc}, {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"catalog", read_catalog}, {"catalog_of", make_catalog}, {NULL, NULL}};

    lbox_push_metatable(L, core, "dbcore.catalog", events);
    lbox_push_methods(L, core, "a catalog", methods);
    lua_setfield(L, -2, "__index");
    lua_rawseti(L, core, LBOX_CATALOG);
    lbox_register_in(L, core, module, functions);
}
