// Descriptions as SQL: the CREATE statements of a table or a schema, and a
// column as it stands in one. For migrations, which are not about a query.
#include "lddl.h"

#include "lerror.h"
#include "lschema.h"
#include "ltable.h"

// Pushes a text of the library and gives it back.
static int push_ddl(lua_State *L, void *ud)
{
    lua_pushstring(L, *(char **)ud);
    return 1;
}

static int finish_ddl(lua_State *L, char *text)
{
    lprotect protected = {push_ddl, &text};
    int failed;

    luaL_checkstack(L, 3, NULL);
    lprotect_begin(L, &protected);
    failed = lprotect_end(L, 0, 1) != LUA_OK;
    dbc_text_free(text, NULL);
    return failed ? lua_error(L) : 1;
}

// descriptor or schema → its CREATE statements for SQLite
static int ddl(lua_State *L)
{
    const ltable *table = lbox_test(L, 1, LBOX_TABLE);
    const lschema *schema = lbox_test(L, 1, LBOX_SCHEMA);
    dbc_error err = DBC_ERROR_INIT;
    char *text = NULL;
    lbox_words words;
    int rc;

    if (!table && !schema)
        return lerror_fail(L, DBC_EINVALID,
                           "expected a table or a schema, got %s",
                           lbox_describe(L, 1, &words));
    luaL_checkstack(L, 5, NULL);
    rc = table ? dbc_table_ddl(&text, table->table, dbc_dialect_sqlite(), NULL,
                               &err)
               : dbc_schema_ddl(&text, schema->schema, dbc_dialect_sqlite(),
                                NULL, &err);
    if (rc < 0) return lerror_raise(L, &err, NULL, 0);
    return finish_ddl(L, text);
}

// descriptor position → the column as it stands in CREATE TABLE
static int column_ddl(lua_State *L)
{
    const ltable *table = lbox_check(L, 1, LBOX_TABLE);
    lua_Integer position = luaL_checkinteger(L, 2);
    dbc_error err = DBC_ERROR_INIT;
    char *text = NULL;

    luaL_argcheck(L,
                  position >= 1 &&
                      (size_t)position <= dbc_table_column_count(table->table),
                  2, "no such column");
    luaL_checkstack(L, 5, NULL);
    const dbc_column *column =
        dbc_table_column(table->table, (size_t)position - 1);
    if (dbc_column_ddl(&text, column, dbc_dialect_sqlite(), NULL, &err) < 0)
        return lerror_raise(L, &err, NULL, 0);
    return finish_ddl(L, text);
}

void lddl_open(lua_State *L, int core, int module)
{
    static const luaL_Reg functions[] = {
        {"ddl", ddl}, {"column_ddl", column_ddl}, {NULL, NULL}};

    lbox_register_in(L, core, module, functions);
}
