// Descriptors and sources. Columns are made on demand by the __index
// of the table of columns, so that a name that was used once costs one raw
// look-up, and an alias of a wide table costs nothing.
#include "ltable.h"

#include <stdio.h>
#include <string.h>

#include "ldeclare.h"
#include "lerror.h"
#include "lexpr.h"
#include "lquery.h"
#include "lrules.h"
#include "lschema.h"

// Columns.

static const dbc_column *find_by_key(const dbc_table *table, const char *key)
{
    size_t count = dbc_table_column_count(table);

    for (size_t i = 0; i < count; i++) {
        const dbc_column *column = dbc_table_column(table, i);
        if (column->def.as && strcmp(column->def.as, key) == 0) return column;
    }
    return NULL;
}

const dbc_column *ltable_find(const ltable *table, const char *name)
{
    const dbc_column *column =
        dbc_table_find(table->table, name, strlen(name), NULL);

    return column ? column : find_by_key(table->table, name);
}

const dbc_column *ltable_column(lua_State *L, const ltable *table, int index)
{
    size_t len;
    const char *name = lua_tolstring(L, index, &len);
    dbc_error err;

    if (!table->table)
        lerror_fail(L, DBC_ECLOSED, "the table is being collected");
    const dbc_column *column = ltable_find(table, name);
    if (column) return column;
    dbc_table_find(table->table, name, len, &err);
    lerror_raise(L, &err, NULL, 0);
    return NULL;
}

// The same for reading: a full-text index has columns of its own, too.
static const dbc_column *find_readable(lua_State *L, const ltable *table,
                                       int index)
{
    const char *name = lua_tostring(L, index);

    if (!table->table || ltable_find(table, name))
        return ltable_column(L, table, index);
    for (int i = DBC_FTS_ROWID; i <= DBC_FTS_RANK; i++) {
        const dbc_column *own =
            dbc_table_fts_column(table->table, (dbc_fts_column)i);
        if (own && strcmp(own->def.name, name) == 0) return own;
    }
    return ltable_column(L, table, index);
}

// Pushes the expression box of a column; the anchor is at `anchor`.
static void push_column(lua_State *L, const dbc_column *column,
                        const char *alias, int anchor)
{
    dbc_query_size size = {.names = (uint32_t)strlen(alias)};
    dbc_error err;
    lexpr *expr = lexpr_new(L, &size, &err);

    dbc_expr_column(expr->query, column, alias[0] ? alias : NULL);
    lexpr_finish(L, expr, &err);
    lanchor_add(L, anchor);
}

// Compiles the subquery, to know its outputs. One that cannot stand alone,
// because it reads a CTE of the query around it, has columns of any name; what
// else is wrong with it is told when it runs.
static void compile_source(lua_State *L, lsource *source, int index)
{
    dbc_error err;

    lua_getiuservalue(L, index, LSOURCE_UV_FROM);
    const lquery *query = lbox_test(L, -1, LBOX_QUERY);
    int rc = query ? dbc_query_compile(&source->outputs, query->query,
                                       dbc_dialect_sqlite(), NULL, &err)
                   : DBC_EINVALID;
    source->is_compiled = rc == DBC_OK ? 1 : -1;
    if (rc == DBC_ENOMEM) {
        source->is_compiled = 0;
        lerror_raise(L, &err, NULL, 0);
    }
    lua_pop(L, 1);
}

static void raise_no_output(lua_State *L, const lsource *source,
                            const char *name, size_t len)
{
    const dbc_layout *layout = &source->outputs.layout;
    size_t count = layout->output_count;
    lbox_words hint;
    const char **names = lua_newuserdatauv(L, (count + 1) * sizeof *names, 0);

    for (size_t i = 0; i < count; i++)
        names[i] = layout->outputs[i].name;
    lerror_fail(L, DBC_ESCHEMA, "the subquery \"%.60s\" selects no \"%.60s\"%s",
                source->name, name,
                lbox_suggest_name(names, count, name, len, &hint));
}

// The type of column `name`, as far as it is known. Raises when there is no
// such column.
static dbc_type type_of_output(lua_State *L, lsource *source, int index,
                               const char *name, size_t len)
{
    if (!source->is_query) return DBC_T_ANY;
    if (!source->is_compiled) compile_source(L, source, index);
    if (source->is_compiled < 0) return DBC_T_ANY;

    const dbc_layout *layout = &source->outputs.layout;
    for (size_t i = 0; i < layout->output_count; i++) {
        const dbc_output *output = &layout->outputs[i];
        if (output->name_len != len || memcmp(output->name, name, len) != 0)
            continue;
        // A codec has a number, which a type alone does not carry.
        return output->type == DBC_T_CUSTOM ? DBC_T_ANY : output->type;
    }
    raise_no_output(L, source, name, len);
    return DBC_T_ANY;
}

// Pushes the expression box of column `name` of the source at `index`.
static void push_output(lua_State *L, lsource *source, int index,
                        const char *name, size_t len)
{
    dbc_type type = type_of_output(L, source, index, name, len);
    dbc_query_size size = {.names = (uint32_t)(strlen(source->name) + len)};
    dbc_error err;
    lexpr *expr = lexpr_new(L, &size, &err);

    dbc_expr_name(expr->query, source->name, name, type);
    lexpr_finish(L, expr, &err);
}

// __index of the table of columns: columns, key. Upvalues: core, the box.
static int find_column(lua_State *L)
{
    int box = lua_upvalueindex(2);
    const ltable *table = lbox_test(L, box, LBOX_TABLE);
    lbox_words words;
    size_t len;

    if (lua_type(L, 2) != LUA_TSTRING)
        return lerror_fail(
            L, DBC_EINVALID, "%s has columns only: a name is due, not %s",
            table ? "a table" : "a source", lbox_describe(L, 2, &words));
    const char *name = lua_tolstring(L, 2, &len);
    if (table) {
        const dbc_column *column = find_readable(L, table, 2);
        ltable_push_anchor(L, box);
        push_column(L, column, table->alias, lua_gettop(L));
    } else {
        lsource *source = lbox_check(L, box, LBOX_SOURCE);
        lua_pushvalue(L, box);
        push_output(L, source, lua_gettop(L), name, len);
    }
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
}

// Boxes with columns.

// Gives the box on the top a metatable of its own: what the kind's has, and
// the columns.
static void give_columns(lua_State *L)
{
    int box = lua_gettop(L);

    luaL_checkstack(L, 8, NULL);
    lua_createtable(L, 0, 8); // box meta
    lua_getmetatable(L, box);
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        lua_pushvalue(L, -2);
        lua_pushvalue(L, -2);
        lua_rawset(L, box + 1);
    }
    lua_pop(L, 1);
    lua_newtable(L);          // box meta columns
    lua_createtable(L, 0, 1); // box meta columns meta
    lua_pushvalue(L, LCORE);
    lua_pushvalue(L, box);
    lua_pushcclosure(L, find_column, 2);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_setfield(L, box + 1, "__index");
    lua_setmetatable(L, box);
}

// An update remembers in 64 bits which columns with on_update it has set.
static void check_host_updates(lua_State *L, const dbc_table_def *def)
{
    int count = 0;

    for (size_t i = 0; i < def->column_count; i++)
        if (def->columns[i].flags & DBC_COLUMN_HOST_UPDATE) count++;
    if (count > 64)
        lerror_fail(L, DBC_ELIMIT,
                    "table \"%.60s\" has %d columns with on_update, more than "
                    "64",
                    def->name, count);
}

// native.table(def)
static int new_table(lua_State *L)
{
    lbox_words words;
    dbc_table_def def;
    dbc_table *made = NULL;
    dbc_error err;

    if (lua_type(L, 1) != LUA_TTABLE)
        return lerror_fail(L, DBC_EINVALID,
                           "a table is described by a table, got %s",
                           lbox_describe(L, 1, &words));
    lua_settop(L, 1);
    ltable *box = lbox_new(L, LBOX_TABLE, sizeof *box, LTABLE_VALUES);
    give_columns(L);
    lua_newtable(L);
    ldeclare_table(L, &def, 1, 3, &box->has_host); // def box host keep
    check_host_updates(L, &def);
    if (box->has_host) {
        lua_pushvalue(L, 3);
        lua_setiuservalue(L, 2, LTABLE_UV_HOST);
    }
    lua_getfield(L, 1, "rules");
    lua_setiuservalue(L, 2, LTABLE_UV_RULES);
    lrules_declare(L, 2, &def);
    int rc = dbc_table_new(&made, &def, NULL, &err);
    box->table = made;
    if (rc < 0) {
        lrules_drop(box);
        return lerror_raise(L, &err, NULL, 0);
    }
    lua_settop(L, 2);
    return 1;
}

static void copy_value(lua_State *L, int from, int to, int value)
{
    lua_getiuservalue(L, from, value);
    lua_setiuservalue(L, to, value);
}

const char *ltable_check_name(lua_State *L, int index, const char *step)
{
    lbox_words words;
    size_t len;

    if (lua_type(L, index) != LUA_TSTRING)
        lerror_fail(L, DBC_EINVALID, "%s takes a name, got %s", step,
                    lbox_describe(L, index, &words));
    const char *name = lua_tolstring(L, index, &len);
    if (len == 0 || len > 255 || strlen(name) != len)
        lerror_fail(L, DBC_EINVALID,
                    "%s takes a name of 1 to 255 bytes without NUL, got %s",
                    step, lbox_describe(L, index, &words));
    return name;
}

// native.alias(descriptor, name)
static int new_alias(lua_State *L)
{
    const ltable *base = lbox_check(L, 1, LBOX_TABLE);
    const char *name = ltable_check_name(L, 2, "alias");

    lua_settop(L, 2);
    ltable_push_anchor(L, 1);
    ltable *box = lbox_new(L, LBOX_TABLE, sizeof *box, LTABLE_VALUES);
    give_columns(L); // base name anchor box
    box->table = dbc_table_retain(base->table);
    box->has_host = base->has_host;
    memcpy(box->alias, name, strlen(name) + 1);
    copy_value(L, 1, 4, LTABLE_UV_HOST);
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, 4, LTABLE_UV_BASE);
    return 1;
}

void ltable_push_anchor(lua_State *L, int index)
{
    const ltable *table = lbox_test(L, index, LBOX_TABLE);

    if ((table && !table->alias[0]) || lbox_test(L, index, LBOX_POLICY)) {
        lua_pushvalue(L, index);
    } else if (table) {
        lua_getiuservalue(L, index, LTABLE_UV_BASE);
    } else {
        const lsource *source = lbox_test(L, index, LBOX_SOURCE);
        if (!source || !source->is_query) {
            lua_pushnil(L);
            return;
        }
        lua_getiuservalue(L, index, LSOURCE_UV_FROM);
        lua_getiuservalue(L, -1, LQUERY_UV_ANCHOR);
        lua_remove(L, -2);
    }
}

void ltable_push_source(lua_State *L, const char *name, int from)
{
    luaL_checkstack(L, 4, NULL);
    lsource *source = lbox_new(L, LBOX_SOURCE, sizeof *source, LSOURCE_VALUES);
    give_columns(L);
    source->is_query = lbox_test(L, from, LBOX_QUERY) != NULL;
    snprintf(source->name, sizeof source->name, "%s", name);
    lua_pushvalue(L, from);
    lua_setiuservalue(L, -2, LSOURCE_UV_FROM);
}

// native.ref(cte [, alias])
static int new_ref(lua_State *L)
{
    const char *name = ltable_check_name(L, 1, "ref");

    if (!lua_isnoneornil(L, 2)) name = ltable_check_name(L, 2, "ref");
    ltable_push_source(L, name, 1);
    return 1;
}

static int table_gc(lua_State *L)
{
    ltable *table = lbox_test(L, 1, LBOX_TABLE);

    if (!table) return 0;
    lrules_leave(table);
    dbc_table_release(table->table);
    table->table = NULL;
    return 0;
}

static int source_gc(lua_State *L)
{
    lsource *source = lbox_test(L, 1, LBOX_SOURCE);

    if (!source || source->is_compiled != 1) return 0;
    source->is_compiled = -1;
    dbc_sql_dispose(&source->outputs);
    return 0;
}

// native.base(descriptor): what an alias stands for, or the descriptor itself
static int base_of(lua_State *L)
{
    lbox_check(L, 1, LBOX_TABLE);
    ltable_push_anchor(L, 1);
    return 1;
}

static int columns_tostring(lua_State *L)
{
    const ltable *table = lbox_test(L, 1, LBOX_TABLE);
    const lsource *source = lbox_test(L, 1, LBOX_SOURCE);

    if (table && table->table) {
        const char *name = dbc_table_describe(table->table)->name;
        if (table->alias[0])
            lua_pushfstring(L, "dbcore.table \"%s\" as \"%s\"", name,
                            table->alias);
        else
            lua_pushfstring(L, "dbcore.table \"%s\"", name);
    } else if (source) {
        lua_pushfstring(L, "dbcore.source \"%s\"", source->name);
    } else {
        lua_pushliteral(L, "dbcore.table");
    }
    return 1;
}

// Pushes the name of column `i` of the box at `index`; 0 when there is none.
static int push_name(lua_State *L, int index, lua_Integer i)
{
    const ltable *table = lbox_test(L, index, LBOX_TABLE);
    const lsource *source = lbox_test(L, index, LBOX_SOURCE);

    if (table && table->table) {
        if ((size_t)i >= dbc_table_column_count(table->table)) return 0;
        const dbc_column *column = dbc_table_column(table->table, (size_t)i);
        lua_pushlstring(L, column->def.name, column->name_len);
        return 1;
    }
    if (!source || source->is_compiled != 1) return 0;
    if ((size_t)i >= source->outputs.layout.output_count) return 0;
    const dbc_output *output = &source->outputs.layout.outputs[i];
    lua_pushlstring(L, output->name, output->name_len);
    return 1;
}

// Upvalues: core, the box, how many were given.
static int next_column(lua_State *L)
{
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(3));

    lua_pushinteger(L, i + 1);
    lua_replace(L, lua_upvalueindex(3));
    if (!push_name(L, lua_upvalueindex(2), i)) return 0;
    lua_pushvalue(L, -1);
    lua_gettable(L, lua_upvalueindex(2));
    return 2;
}

static int columns_pairs(lua_State *L)
{
    lsource *source = lbox_test(L, 1, LBOX_SOURCE);

    if (source && source->is_query && !source->is_compiled)
        compile_source(L, source, 1);
    if (source && source->is_compiled != 1)
        return lerror_fail(L, DBC_EINVALID,
                           "the columns of \"%.60s\" are not known before it "
                           "is part of a query",
                           source->name);
    lua_pushvalue(L, LCORE);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_column, 3);
    return 1;
}

static const luaL_Reg module_functions[] = {{"table", new_table},
                                            {"alias", new_alias},
                                            {"ref", new_ref},
                                            {"base", base_of},
                                            {NULL, NULL}};

static const luaL_Reg table_meta[] = {{"__gc", table_gc},
                                      {"__tostring", columns_tostring},
                                      {"__newindex", lbox_refuse_write},
                                      {"__pairs", columns_pairs},
                                      {NULL, NULL}};

static const luaL_Reg source_meta[] = {{"__gc", source_gc},
                                       {"__tostring", columns_tostring},
                                       {"__newindex", lbox_refuse_write},
                                       {"__pairs", columns_pairs},
                                       {NULL, NULL}};

void ltable_open(lua_State *L, int core, int module)
{
    core = lua_absindex(L, core);
    module = lua_absindex(L, module);
    lbox_push_metatable(L, core, "dbcore.table", table_meta);
    lua_rawseti(L, core, LBOX_TABLE);
    lbox_push_metatable(L, core, "dbcore.source", source_meta);
    lua_rawseti(L, core, LBOX_SOURCE);
    if (lua_rawgeti(L, core, LCORE_CODECS) != LUA_TTABLE) {
        lua_newtable(L);
        lua_rawseti(L, core, LCORE_CODECS);
    }
    lua_pop(L, 1);
    lbox_register_in(L, core, module, module_functions);
    lschema_open(L, core, module);
}
