// From a list of rules to a handle under a policy. What rules there are, and
// what functions make them, is written in Lua on top (lua/dbcore/policy.lua).
#include "lpolicy.h"

#include <string.h>

#include "dbcore_lua.h"
#include "lconn.h"
#include "lerror.h"
#include "lquery.h"
#include "lschema.h"

// -------------------------------------------------------------------- asking

const dbc_policy *lpolicy_of(lua_State *L, int index)
{
    const lrestricted *handle = lbox_test(L, index, LBOX_RESTRICTED);
    const ltxn *txn = handle ? NULL : lbox_test(L, index, LBOX_TXN);

    if (handle) return handle->policy;
    return txn ? txn->policy : NULL;
}

void lpolicy_push_owner(lua_State *L, int index)
{
    if (lbox_test(L, index, LBOX_RESTRICTED))
        lua_getiuservalue(L, index, LRESTRICTED_UV_POLICY);
    else if (lbox_test(L, index, LBOX_TXN))
        lua_getiuservalue(L, index, LTXN_UV_POLICY);
    else
        lua_pushnil(L);
}

int lpolicy_is_filter(lua_State *L, int index)
{
    const lrestricted *handle = lbox_test(L, index, LBOX_RESTRICTED);
    const ltxn *txn = handle ? NULL : lbox_test(L, index, LBOX_TXN);

    return handle ? handle->is_filter : !txn || txn->is_filter;
}

void lpolicy_check_free(lua_State *L, int index)
{
    lua_Debug ar;

    if (!lpolicy_of(L, index) || lpolicy_is_filter(L, index)) return;
    if (!lua_getstack(L, 0, &ar) || !lua_getinfo(L, "n", &ar)) ar.name = NULL;
    lerror_fail(L, DBC_EDENIED,
                "%.40s reaches beyond the rules of a policy, and the handle is "
                "under one: use the connection itself",
                ar.name ? ar.name : "this");
}

void lpolicy_check_raw(lua_State *L, int index)
{
    const dbc_policy *policy = lpolicy_of(L, index);

    if (!policy || dbc_policy_lets_raw(policy)) return;
    lerror_fail(L, DBC_EDENIED,
                "the handle is under a policy, and SQL text cannot be "
                "filtered: use queries, or make the handle with "
                "db:as(context, { raw = true })");
}

void lpolicy_hold(lua_State *L, int index)
{
    const dbc_policy *policy = lpolicy_of(L, index);
    lquery *query = lua_touserdata(L, -1);

    if (!policy) return;
    dbc_query_restrict(query->query, policy);
    lpolicy_push_owner(L, index);
    lua_insert(L, -2);
    lanchor_add(L, lua_gettop(L) - 1);
    lua_remove(L, -2);
}

// -------------------------------------------------------------------- making

enum { HANDLE = 1, RULES, OPTIONS, OWNER }; // the stack of restrict()

static int has_flag(lua_State *L, const char *name)
{
    lua_getfield(L, OPTIONS, name);
    int set = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return set;
}

// Adds `false`: no row.
static int add_never(dbc_policy *policy, const dbc_table *table,
                     unsigned operations, const char *name, dbc_error *err)
{
    dbc_query *never = dbc_query_new(NULL);
    int rc = DBC_ENOMEM;

    if (never) {
        dbc_expr_value(never, dbc_value_bool(0));
        rc = dbc_policy_rule(policy, table, operations, name, never, err);
    }
    if (rc == DBC_ENOMEM) {
        err->code = DBC_ENOMEM;
        strcpy(err->message, "out of memory");
    }
    dbc_query_free(never);
    return rc;
}

// The rule on the top: { table, operations, name, condition, refusal }. Its
// relations are looked up in `schema`.
static void add_rule(lua_State *L, lpolicy *owner, const dbc_schema *schema)
{
    int at = lua_gettop(L);
    dbc_error err = DBC_ERROR_INIT;
    int rc;

    lua_getfield(L, at, "table");
    const ltable *table = lbox_check(L, -1, LBOX_TABLE);
    lua_getfield(L, at, "operations");
    unsigned operations = (unsigned)luaL_checkinteger(L, -1);
    lua_getfield(L, at, "name");
    const char *name = lua_tostring(L, -1);
    lua_getfield(L, at, "refusal");
    const char *refusal = lua_tostring(L, -1);
    lua_getfield(L, at, "condition");
    const lexpr *condition = lbox_test(L, -1, LBOX_EXPR);
    if (condition && !condition->query) lexpr_refuse_bare(L);

    if (refusal)
        rc = dbc_policy_refuse(owner->policy, table->table, operations,
                               DBC_EINVALID, refusal, &err);
    else if (condition)
        rc = dbc_policy_rule_in(owner->policy, schema, table->table, operations,
                                name, condition->query, &err);
    else if (lua_toboolean(L, -1))
        rc = dbc_policy_rule(owner->policy, table->table, operations, name,
                             NULL, &err);
    else
        rc = add_never(owner->policy, table->table, operations, name, &err);
    // The same handle may be good for other tables.
    if (rc == DBC_ENOTFOUND)
        rc = dbc_policy_refuse(owner->policy, table->table, operations,
                               DBC_EINVALID, err.message, &err);
    if (rc < 0) lerror_raise(L, &err, NULL, 0);
    lua_settop(L, at);
}

// The schema that the option `name` is, or NULL. It stays in the options.
static const dbc_schema *get_schema(lua_State *L, const char *name)
{
    lua_getfield(L, OPTIONS, name);
    const lschema *box = lbox_test(L, -1, LBOX_SCHEMA);
    lua_pop(L, 1);
    return box ? box->schema : NULL;
}

// The owner of a policy with the rules at RULES that narrows `base`.
static lpolicy *make_policy(lua_State *L, const dbc_policy *base,
                            unsigned flags)
{
    lpolicy *owner = lbox_new(L, LBOX_POLICY, sizeof *owner, LPOLICY_VALUES);
    dbc_error err = DBC_ERROR_INIT;

    luaL_checkstack(L, 12, NULL);
    if (dbc_policy_new(&owner->policy, base, flags, NULL, &err) < 0)
        lerror_raise(L, &err, NULL, 0);
    const dbc_schema *open = get_schema(L, "open");
    if (open) dbc_policy_open(owner->policy, open);
    const dbc_schema *schema = get_schema(L, "schema");
    lua_Integer count = luaL_len(L, RULES);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, RULES, i);
        add_rule(L, owner, schema);
        lua_settop(L, OWNER);
    }
    return owner;
}

// The flags of the options at OPTIONS.
static unsigned read_flags(lua_State *L)
{
    return (has_flag(L, "filter") ? DBC_POLICY_FILTER : 0u) |
           (has_flag(L, "raw") ? DBC_POLICY_RAW : 0u);
}

static void check_arguments(lua_State *L)
{
    lua_settop(L, OPTIONS);
    luaL_checktype(L, RULES, LUA_TTABLE);
    luaL_checktype(L, OPTIONS, LUA_TTABLE);
    luaL_checkstack(L, 8, NULL);
}

// Pushes the connection or transaction behind the handle.
static void push_root(lua_State *L)
{
    if (lbox_test(L, HANDLE, LBOX_RESTRICTED))
        lua_getiuservalue(L, HANDLE, LRESTRICTED_UV_HANDLE);
    else
        lua_pushvalue(L, HANDLE);
}

// handle rules options → the handle, under these rules as well. Options: raw,
// filter, open (a schema whose tables need no rule), schema (of relations).
static int restrict_handle(lua_State *L)
{
    unsigned flags;
    int box;

    check_arguments(L);
    lconn_under(L, HANDLE, &box);
    lua_settop(L, OPTIONS);
    flags = read_flags(L);
    const lpolicy *owner = make_policy(L, lpolicy_of(L, HANDLE), flags);
    lrestricted *made =
        lbox_new(L, LBOX_RESTRICTED, sizeof *made, LRESTRICTED_VALUES);
    push_root(L);
    lua_setiuservalue(L, -2, LRESTRICTED_UV_HANDLE);
    lua_pushvalue(L, HANDLE);
    lua_setiuservalue(L, -2, LRESTRICTED_UV_OUTER);
    lua_pushvalue(L, OWNER);
    lua_setiuservalue(L, -2, LRESTRICTED_UV_POLICY);
    made->policy = owner->policy;
    made->is_filter = flags & DBC_POLICY_FILTER && lpolicy_is_filter(L, HANDLE);
    return 1;
}

// connection rules options: from now on all of it is under these rules, too
static int restrict_connection(lua_State *L)
{
    check_arguments(L);
    const dbc_conn *held = lconn_live(L, HANDLE);
    unsigned flags = read_flags(L);
    const lpolicy *owner = make_policy(L, dbc_conn_policy(held), flags);
    dbc_conn_restrict(lconn_live(L, HANDLE), owner->policy);
    return 0;
}

DBC_API const dbc_policy *dbcore_lua_policy(lua_State *L, int index)
{
    return lpolicy_of(L, index);
}

// handle → the handle it was made from when all it does is to hide rows, else
// itself: a way out of a filter, and of nothing else
static int unfiltered(lua_State *L)
{
    const lrestricted *handle = lbox_test(L, 1, LBOX_RESTRICTED);

    lua_settop(L, 1);
    if (handle && handle->is_filter)
        lua_getiuservalue(L, 1, LRESTRICTED_UV_OUTER);
    return 1;
}

// handle → whether it is under a policy that forbids something
static int is_restricted(lua_State *L)
{
    lua_pushboolean(L, lpolicy_of(L, 1) && !lpolicy_is_filter(L, 1));
    return 1;
}

static int owner_gc(lua_State *L)
{
    lpolicy *box = lbox_test(L, 1, LBOX_POLICY);

    if (!box) return 0;
    dbc_policy_release(box->policy);
    box->policy = NULL;
    return 0;
}

static int close_handle(lua_State *L)
{
    lrestricted *box = lbox_check(L, 1, LBOX_RESTRICTED);

    box->is_closed = 1;
    return 0;
}

static int handle_tostring(lua_State *L)
{
    const lrestricted *box = lbox_check(L, 1, LBOX_RESTRICTED);

    lua_pushstring(L, box->is_closed ? "handle under a policy (closed)"
                                     : "handle under a policy");
    return 1;
}

void lpolicy_open(lua_State *L, int core, int module)
{
    static const luaL_Reg owner_events[] = {{"__gc", owner_gc}, {NULL, NULL}};
    static const luaL_Reg events[] = {{"__close", close_handle},
                                      {"__tostring", handle_tostring},
                                      {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"restrict", restrict_handle},
        {"restrict_connection", restrict_connection},
        {"unfiltered", unfiltered},
        {"is_restricted", is_restricted},
        {NULL, NULL}};

    lbox_push_metatable(L, core, "dbcore.policy", owner_events);
    lua_rawseti(L, core, LBOX_POLICY);
    lbox_push_metatable(L, core, "dbcore.restricted", events);
    lua_rawgeti(L, core, LBOX_CONN);
    lua_getfield(L, -1, "__index");
    lua_setfield(L, -3, "__index");
    lua_pop(L, 1);
    lua_rawseti(L, core, LBOX_RESTRICTED);
    lbox_register_in(L, core, module, functions);
}
