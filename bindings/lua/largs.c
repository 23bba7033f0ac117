// Reading arguments. Encoding one may run the user's codec, and any Lua code
// may end a plan: behind a codec the plan is asked again, and what it says is
// copied before one runs. Whether all are there and none too many is the
// core's to say.
#include "largs.h"

#include <stdio.h>
#include <string.h>

#include "lconn.h"
#include "lerror.h"
#include "lvalue.h"

// What is known while arguments are read. The plan is forgotten whenever Lua
// code may have run.
typedef struct reader {
    lua_State *L;
    const dbc_query *query;
    int handle;
    const dbc_sql *sql; // or NULL: to be asked for
} reader;

static const dbc_sql *ask_plan(reader *r)
{
    int top = lua_gettop(r->L);
    int box;
    dbc_conn *conn = lconn_under(r->L, r->handle, &box);

    if (dbc_query_plan(&r->sql, conn, r->query) < 0)
        lerror_raise_conn(r->L, conn, NULL, 0);
    lua_settop(r->L, top);
    return r->sql;
}

static const dbc_parameter *find_in(const dbc_sql *sql, const char *name)
{
    for (size_t i = 0; i < sql->parameter_count; i++) {
        const dbc_parameter *at = &sql->parameters[i];

        if (at->kind == DBC_PARAMETER_NAMED && strcmp(at->name, name) == 0)
            return at;
    }
    return NULL;
}

// The same in what the query loads. The plan of the query itself is over
// then.
static const dbc_parameter *find_in_levels(reader *r, const char *name)
{
    int top = lua_gettop(r->L), box, rc = DBC_OK;
    const dbc_parameter *found = NULL;
    dbc_conn *conn = lconn_under(r->L, r->handle, &box);
    const dbc_sql *sql;

    r->sql = NULL;
    for (size_t level = 1; !found; level++) {
        rc = dbc_query_level_plan(&sql, conn, r->query, level);
        if (rc != DBC_OK) break;
        found = find_in(sql, name);
    }
    if (rc < 0) lerror_raise_conn(r->L, conn, NULL, 0);
    lua_settop(r->L, top);
    return found;
}

static const dbc_parameter *find_parameter(reader *r, const char *name)
{
    const dbc_parameter *found = find_in(r->sql ? r->sql : ask_plan(r), name);

    if (found || !dbc_query_has_loads(r->query)) return found;
    return find_in_levels(r, name);
}

// The list at `index` as a DBC_LIST; pushes its items and their texts.
static dbc_value read_list(lua_State *L, int index, dbc_parameter parameter,
                           const char *what)
{
    size_t count = lua_rawlen(L, index);
    dbc_value *items;
    int texts;

    luaL_checkstack(L, 8, NULL);
    lua_createtable(L, (int)count, 0);
    texts = lua_gettop(L);
    items = lua_newuserdatauv(L, count * sizeof *items, 0);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, index, (lua_Integer)i + 1);
        items[i] =
            lvalue_prepare(L, -1, parameter.type, parameter.column, what);
        lua_rawseti(L, texts, (lua_Integer)i + 1);
    }
    return dbc_value_list(items, count);
}

// Whether a Lua value of that type is bound as it is where nothing is encoded.
static int is_scalar(int type)
{
    return type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TBOOLEAN;
}

// Whether the value at `index` is bound as it is: no codec, no list, nothing
// to refuse.
static int is_plain(lua_State *L, int index, const dbc_parameter *parameter)
{
    if (parameter->type == DBC_T_JSON || parameter->type == DBC_T_CUSTOM)
        return 0;
    return is_scalar(lua_type(L, index));
}

// The value on the top for parameter `name`; pushes what it borrows from.
static dbc_value read_value(reader *r, const char *name)
{
    const dbc_parameter *found = find_parameter(r, name);
    int index = lua_gettop(r->L);
    char what[100];

    // The core names the nearest parameter.
    if (!found) return dbc_value_null();
    if (is_plain(r->L, index, found)) return lvalue_read(r->L, index, name);

    dbc_parameter parameter = *found;
    r->sql = NULL;
    snprintf(what, sizeof what, "parameter \"%.80s\"", name);
    if (parameter.list && lua_istable(r->L, index))
        return read_list(r->L, index, parameter, what);
    return lvalue_prepare(r->L, index, parameter.type, parameter.column, what);
}

static void check_key(lua_State *L, int key)
{
    lbox_words words;

    if (lua_type(L, key) == LUA_TSTRING) return;
    lerror_fail(L, DBC_EINVALID,
                "parameters are given by name, { name = value }, got %s as a "
                "name",
                lbox_describe(L, key, &words));
}

// Twice the room; pushes the block it lies in.
static dbc_arg *more_room(lua_State *L, const dbc_arg *named, size_t count)
{
    dbc_arg *grown = lua_newuserdatauv(L, 2 * count * sizeof *grown, 0);

    memcpy(grown, named, count * sizeof *grown);
    return grown;
}

void largs_read(lua_State *L, largs *out, int index, int handle,
                const dbc_query *query)
{
    reader r = {L, query, lua_absindex(L, handle), NULL};
    size_t room = LARGS_FEW, n = 0;
    dbc_arg *named = out->few;
    lbox_words words;

    out->args = (dbc_args){NULL, 0, NULL, 0};
    if (lua_isnoneornil(L, index)) return;
    if (!lua_istable(L, index))
        lerror_fail(L, DBC_EINVALID,
                    "parameters are given as a table { name = value }, got %s",
                    lbox_describe(L, index, &words));
    index = lua_absindex(L, index);
    luaL_checkstack(L, 8, NULL);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        int key = lua_gettop(L) - 1; // key value

        check_key(L, key);
        luaL_checkstack(L, 8, "too many parameters");
        if (n == room) {
            named = more_room(L, named, room);
            lua_insert(L, key); // block key value
            key++;
            room *= 2;
        }
        named[n].name = lua_tostring(L, key);
        named[n].value = read_value(&r, named[n].name);
        n++;
        lua_pushvalue(L, key);
    }
    out->args.named = named;
    out->args.named_count = n;
}

int largs_are_plain(const dbc_sql *sql)
{
    for (size_t i = 0; i < sql->parameter_count; i++) {
        const dbc_parameter *at = &sql->parameters[i];

        if (at->kind != DBC_PARAMETER_NAMED) continue;
        if (at->type == DBC_T_JSON || at->type == DBC_T_CUSTOM) return 0;
    }
    return 1;
}

int largs_read_plain(lua_State *L, largs *out, int index)
{
    int top = lua_gettop(L);
    size_t n = 0;

    if (lua_type(L, index) != LUA_TTABLE) return 0;
    luaL_checkstack(L, 2 * LARGS_FEW + 12, NULL);
    lua_pushnil(L);
    for (int key = top + 1; lua_next(L, index); key += 2) { // key value | key
        dbc_arg *arg = &out->few[n];

        if (n == LARGS_FEW || lua_type(L, key) != LUA_TSTRING ||
            !is_scalar(lua_type(L, key + 1))) {
            lua_settop(L, top);
            return 0;
        }
        arg->name = lua_tostring(L, key);
        arg->value = lvalue_read(L, key + 1, arg->name);
        n++;
        lua_pushvalue(L, key);
    }
    out->args = (dbc_args){out->few, n, NULL, 0};
    return 1;
}
