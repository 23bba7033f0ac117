// Query boxes, where they start, and what they are called by. The steps are
// in lselect.c, ljoin.c and lwrite.c.
#include "lquery.h"

#include <stdio.h>
#include <string.h>

#include "lconn.h"
#include "lerror.h"
#include "ljoin.h"
#include "lload.h"
#include "lpolicy.h"
#include "lrelate.h"
#include "lrun.h"
#include "lschema.h"
#include "lselect.h"
#include "ltable.h"
#include "lwrite.h"

enum { SPARE_NODES = 4 };

// Boxes.

// In line, as in lexpr.c: a size that goes through registers is stored in
// halves and read whole, which waits for the stores.
static inline lquery *new_box(lua_State *L, dbc_query_kind kind,
                              dbc_query_size room, dbc_error *err)
{
    lquery *query =
        lbox_new_raw(L, LBOX_QUERY, sizeof *query + dbc_query_room(room),
                     kind == DBC_INSERT ? LQUERY_INSERT_VALUES : LQUERY_VALUES);

    query->base.anchor = NULL;
    query->flags = 0;
    query->kind = kind;
    query->table = NULL;
    query->touched = 0;
    query->query = dbc_query_place(query + 1, room, err);
    dbc_query_unhook(query->query); // what Lua writes has been through its own
    return query;
}

static void copy_value(lua_State *L, int from, int value)
{
    lua_getiuservalue(L, from, value);
    lua_setiuservalue(L, -2, value);
}

// A copy of the query box at `index` as a query of `kind`, with room for `size`
// and `spare` nodes more.
static lquery *copy(lua_State *L, int index, dbc_query_kind kind,
                    const dbc_query_size *size, uint32_t spare, dbc_error *err)
{
    const lquery *old = lua_touserdata(L, index);
    int from = lua_absindex(L, index);
    dbc_query_size used = dbc_query_measure(old->query);
    dbc_query_size room = {used.nodes + size->nodes + spare,
                           used.values + size->values, used.names + size->names,
                           used.bytes + size->bytes};

    lquery *made = new_box(L, kind, room, err);
    made->flags = old->flags;
    made->table = old->table;
    made->touched = old->touched;
    dbc_query_append(made->query, old->query);
    lanchor_take(L, &made->base, &old->base, from);
    copy_value(L, from, LQUERY_UV_HANDLE);
    copy_value(L, from, LQUERY_UV_TABLE);
    if (old->flags & LQUERY_HAS_VALUES) copy_value(L, from, LQUERY_UV_ROWS);
    return made;
}

lquery *lquery_step_exact(lua_State *L, int index, const dbc_query_size *size,
                          dbc_error *err)
{
    const lquery *old = lua_touserdata(L, index);

    return copy(L, index, old->kind, size, 0, err);
}

lquery *lquery_step(lua_State *L, int index, const dbc_query_size *size,
                    dbc_error *err)
{
    const lquery *old = lua_touserdata(L, index);

    return copy(L, index, old->kind, size, SPARE_NODES, err);
}

void lquery_finish(lua_State *L, lquery *query, dbc_error *err)
{
    if (dbc_query_seal(query->query) < 0) lerror_raise(L, err, NULL, 0);
}

static const char *word_of_kind(dbc_query_kind kind)
{
    switch (kind) {
    case DBC_SELECT:
        return "a select";
    case DBC_INSERT:
        return "an insert";
    case DBC_UPDATE:
        return "an update";
    case DBC_DELETE:
        return "a delete";
    default:
        return "a with() without from";
    }
}

// What stands in the place of a step that a statement does not have.
static const char *instead_of(const char *step, dbc_query_kind kind)
{
    int is_set = strcmp(step, "set") == 0;

    if (kind == DBC_INSERT && is_set) return "; its rows are values { … }";
    if (kind == DBC_UPDATE && strcmp(step, "values") == 0)
        return "; what changes is set { column = value }";
    if (kind == DBC_SELECT && (is_set || strcmp(step, "returning") == 0))
        return "; start with db:insert, db:update or db:delete to write";
    return "";
}

const lquery *lquery_self(lua_State *L, const char *step, unsigned kinds)
{
    const lquery *query = lbox_test(L, 1, LBOX_QUERY);
    lbox_words words;

    if (!query)
        lerror_fail(L, DBC_EINVALID,
                    "%s is a step of a query, called with a colon: q:%s(…); "
                    "got %s",
                    step, step, lbox_describe(L, 1, &words));
    if (!(kinds & 1u << query->kind))
        lerror_fail(L, DBC_EINVALID, "%s is no step of %s%s", step,
                    word_of_kind(query->kind), instead_of(step, query->kind));
    return query;
}

const dbc_query *lquery_check_sub(lua_State *L, int index, const char *what)
{
    const lquery *query = lua_touserdata(L, index);

    if (query->kind != DBC_SELECT)
        lerror_fail(L, DBC_EINVALID, "%s takes a select, got %s", what,
                    word_of_kind(query->kind));
    return query->query;
}

// Starting. All starters have the handle, the with() before it or nil at 1,
// and their argument at 2.

static lquery *start(lua_State *L, dbc_query_kind kind,
                     const dbc_query_size *size, dbc_error *err)
{
    if (lbox_test(L, 1, LBOX_QUERY))
        return copy(L, 1, kind, size, SPARE_NODES, err);

    dbc_query_size room = {size->nodes + SPARE_NODES, size->values, size->names,
                           size->bytes};
    lquery *made = new_box(L, kind, room, err);
    if (!lua_isnil(L, 1)) {
        lua_pushvalue(L, 1);
        lua_setiuservalue(L, -2, LQUERY_UV_HANDLE);
        if (lpolicy_of(L, 1)) lpolicy_hold(L, 1);
    }
    return made;
}

// Pushes the schema that the value at 1 knows, or nil.
static void push_schema(lua_State *L)
{
    if (lbox_test(L, 1, LBOX_QUERY)) {
        lua_getiuservalue(L, 1, LQUERY_UV_HANDLE);
        lschema_push_of(L, lua_gettop(L));
        lua_remove(L, -2);
        return;
    }
    lschema_push_of(L, 1);
}

// Replaces a name at 2 by the descriptor it has in the schema.
static void find_table(lua_State *L, const char *step)
{
    size_t len;
    const char *name = lua_tolstring(L, 2, &len);

    push_schema(L);
    if (lua_isnil(L, -1))
        lerror_fail(L, DBC_EINVALID,
                    "%s(\"%.60s\") looks the table up in a schema, and there "
                    "is none: open the database with { schema = … } or give "
                    "the table itself",
                    step, name);
    lschema_push_table(L, lua_gettop(L), name, len);
    lua_replace(L, 2);
    lua_settop(L, 2);
}

static void find_source(lua_State *L)
{
    const lquery *with = lbox_test(L, 1, LBOX_QUERY);
    const char *name = lua_tostring(L, 2);

    if (with && dbc_query_has_with(with->query, name)) {
        ltable_push_source(L, name, 2);
        lua_replace(L, 2);
    } else {
        find_table(L, "from");
    }
}

static void keep_source(lua_State *L)
{
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, LQUERY_UV_TABLE);
    lanchor_add(L, 2);
}

static void keep_table(lua_State *L, lquery *made)
{
    if (made->base.anchor) { // of what with() was given
        keep_source(L);
        return;
    }
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, LQUERY_UV_TABLE);
    lanchor_start(L, &made->base, 2);
}

static int from_table(lua_State *L, const ltable *table)
{
    dbc_query_size size = {0, 0, 0, 0};
    dbc_error err;

    if (table->alias[0]) size.names = (uint32_t)strlen(table->alias);
    lquery *made = start(L, DBC_SELECT, &size, &err);
    made->table = table->table;
    dbc_query_from(made->query, table->table, table->alias);
    lquery_finish(L, made, &err);
    keep_table(L, made);
    if (!table->alias[0]) lstarter_keep(L, DBC_SELECT);
    return 1;
}

static int from_source(lua_State *L, const lsource *source)
{
    dbc_query_size size = {.names = 2 * (uint32_t)sizeof source->name};
    dbc_error err;

    lua_getiuservalue(L, 2, LSOURCE_UV_FROM);
    const lquery *sub = lbox_test(L, -1, LBOX_QUERY);
    const char *cte = sub ? NULL : lua_tostring(L, -1);
    if (sub) loperand_add_size(&size, dbc_query_measure(sub->query));
    lquery *made = start(L, DBC_SELECT, &size, &err);
    if (sub)
        dbc_query_from_query(made->query, sub->query, source->name);
    else
        dbc_query_from_name(made->query, cte,
                            strcmp(cte, source->name) ? source->name : NULL);
    lquery_finish(L, made, &err);
    keep_source(L);
    return 1;
}

static int from(lua_State *L)
{
    lbox_words words;

    lua_settop(L, 2);
    if (lua_type(L, 2) == LUA_TSTRING) find_source(L);
    if (lstarter_push(L, DBC_SELECT)) return 1;
    const ltable *table = lbox_test(L, 2, LBOX_TABLE);
    if (table) return from_table(L, table);
    const lsource *source = lbox_test(L, 2, LBOX_SOURCE);
    if (source) return from_source(L, source);
    return lerror_fail(L, DBC_EINVALID, "from takes a table, got %s%s",
                       lbox_describe(L, 2, &words),
                       lbox_test(L, 2, LBOX_QUERY)
                           ? ": name it first, from(q:as \"t\")"
                       : lua_isnil(L, 2) ? ": a misspelt table, perhaps"
                                         : "");
}

static int write_to(lua_State *L, const char *step, dbc_query_kind kind)
{
    dbc_query_size size = {0, 0, 0, 0};
    lbox_words words;
    dbc_error err;

    lua_settop(L, 2);
    if (lua_type(L, 2) == LUA_TSTRING) find_table(L, step);
    if (lstarter_push(L, kind)) return 1;
    const ltable *table = lbox_test(L, 2, LBOX_TABLE);
    if (!table || table->alias[0])
        return lerror_fail(L, DBC_EINVALID, "%s takes a table, got %s", step,
                           lbox_describe(L, 2, &words));
    lquery *made = start(L, kind, &size, &err);
    made->table = table->table;
    if (table->has_host) made->flags |= LQUERY_HOSTED;
    if (kind == DBC_INSERT)
        dbc_query_insert(made->query, table->table);
    else if (kind == DBC_UPDATE)
        dbc_query_update(made->query, table->table);
    else
        dbc_query_delete(made->query, table->table);
    lquery_finish(L, made, &err);
    keep_table(L, made);
    lstarter_keep(L, kind);
    return 1;
}

static int insert(lua_State *L)
{
    return write_to(L, "insert", DBC_INSERT);
}

static int update(lua_State *L)
{
    return write_to(L, "update", DBC_UPDATE);
}

static int delete_(lua_State *L)
{
    return write_to(L, "delete", DBC_DELETE);
}

// with(name, query), with(name, function(self) return query end)
static int with(lua_State *L)
{
    dbc_query_size size = {0, 0, 0, 0};
    const char *name = ltable_check_name(L, 2, "with");
    lbox_words words;
    dbc_error err;

    lua_settop(L, 3);
    if (lua_isfunction(L, 3)) {
        lua_pushvalue(L, 3);
        ltable_push_source(L, name, 2);
        lua_call(L, 1, 1);
        lua_replace(L, 3);
    }
    const lquery *sub = lbox_test(L, 3, LBOX_QUERY);
    if (!sub)
        return lerror_fail(L, DBC_EINVALID,
                           "with takes a query or a function that returns one, "
                           "got %s",
                           lbox_describe(L, 3, &words));
    lquery_check_sub(L, 3, "with");
    size = dbc_query_measure(sub->query);
    size.names += (uint32_t)strlen(name);
    lquery *made = start(L, DBC_FRAGMENT, &size, &err);
    lua_rawgeti(L, LCORE, LCORE_CTE);
    lua_setmetatable(L, -2);
    dbc_query_with(made->query, name, sub->query);
    lquery_finish(L, made, &err);
    lanchor_add(L, 3);
    return 1;
}

// Who may start: a handle, what with() returned, or the module itself.

static void check_starter(lua_State *L, const char *name)
{
    int kind = lbox_kind_of(L, 1);
    lbox_words words;

    if (kind == LBOX_CONN || kind == LBOX_TXN || kind == LBOX_RESTRICTED)
        return;
    if (kind == LBOX_QUERY &&
        ((const lquery *)lua_touserdata(L, 1))->kind == DBC_FRAGMENT)
        return;
    lerror_fail(L, DBC_EINVALID,
                "%s is called with a colon, db:%s(…); got %s in place of the "
                "connection",
                name, name, lbox_describe(L, 1, &words));
}

#define STARTER(name, function)            \
    static int handle_##name(lua_State *L) \
    {                                      \
        check_starter(L, #name);           \
        return function(L);                \
    }                                      \
    static int module_##name(lua_State *L) \
    {                                      \
        lua_pushnil(L);                    \
        lua_insert(L, 1);                  \
        return function(L);                \
    }

STARTER(from, from)
STARTER(insert, insert)
STARTER(update, update)
STARTER(delete, delete_)
STARTER(with, with)

static const luaL_Reg HANDLE[] = {
    {"from", handle_from},     {"insert", handle_insert},
    {"update", handle_update}, {"delete", handle_delete},
    {"with", handle_with},     {NULL, NULL}};

static const luaL_Reg MODULE[] = {
    {"from", module_from},     {"insert", module_insert},
    {"update", module_update}, {"delete", module_delete},
    {"with", module_with},     {NULL, NULL}};

// The text of a query, for people. It is compiled twice, so that no text is
// held while Lua makes room for it.
static int query_tostring(lua_State *L)
{
    const lquery *query = lbox_check(L, 1, LBOX_QUERY);
    const dbc_dialect *dialect = dbc_dialect_sqlite();
    dbc_sql sql;
    size_t len;

    if (dbc_query_compile(&sql, query->query, dialect, NULL, NULL) < 0) {
        lua_pushliteral(L, "dbcore.query");
        return 1;
    }
    len = sql.len;
    dbc_sql_dispose(&sql);
    char *text = lua_newuserdatauv(L, len + 1, 0);
    text[0] = '\0';
    if (dbc_query_compile(&sql, query->query, dialect, NULL, NULL) == DBC_OK) {
        snprintf(text, len + 1, "%s", sql.text);
        dbc_sql_dispose(&sql);
    }
    lua_pushfstring(L, "dbcore.query: %s", text);
    return 1;
}

// Two mistakes of those who come from lists and iterators.
static int query_call(lua_State *L)
{
    return lerror_fail(L, DBC_EINVALID,
                       "a query is no function: run it, for row in q:rows() "
                       "do, or by all(), one(), value()");
}

static int query_len(lua_State *L)
{
    return lerror_fail(L, DBC_EINVALID,
                       "a query has no length before it is run: q:count() asks "
                       "the database, #q:all() counts what was read");
}

static const luaL_Reg META[] = {{"__tostring", query_tostring},
                                {"__call", query_call},
                                {"__len", query_len},
                                {"__newindex", lbox_refuse_write},
                                {NULL, NULL}};

// Makes the metatable with the methods on the top of the stack, which it pops.
static void new_metatable(lua_State *L, int core, int place, const char *name)
{
    lbox_push_metatable(L, core, name, META);
    lua_insert(L, -2);
    lua_setfield(L, -2, "__index");
    lua_rawseti(L, core, place);
}

void lquery_starters(lua_State *L, int core)
{
    lbox_register(L, core, HANDLE);
}

void lquery_open(lua_State *L, int core, int module)
{
    core = lua_absindex(L, core);
    module = lua_absindex(L, module);
    luaL_checkstack(L, 8, NULL);

    lbox_push_methods(L, core, "a query", lselect_methods);
    lbox_register(L, core, lwrite_methods);
    ljoin_methods(L, core);
    lrelate_methods(L, core);
    lrun_methods(L, core);
    new_metatable(L, core, LBOX_QUERY, "dbcore.query");

    lbox_push_methods(L, core, "a with(…)", HANDLE);
    new_metatable(L, core, LCORE_CTE, "dbcore.with");

    lbox_register_in(L, core, module, MODULE);
    lrelate_open(L, core, module);
    lload_open(L, core, module);
}
