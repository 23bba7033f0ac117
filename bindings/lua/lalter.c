// native.alteration: changes one by one, and the plan of them all. A call that
// fails leaves its error in the alteration; plan() raises the first one.
#include "lplan.h"

#include <string.h>

#include "lconn.h"
#include "lerror.h"

typedef struct lalter {
    lbox head;
    dbc_alteration *alteration; // owned
    dbc_conn *conn;             // one reference as long as that is set
} lalter;

static dbc_alteration *check_alteration(lua_State *L)
{
    const lalter *box = lbox_check(L, 1, LBOX_ALTERATION);

    if (!box->alteration) lerror_fail(L, DBC_ECLOSED, "the alteration is gone");
    if (!dbc_conn_is_open(box->conn))
        lerror_fail(L, DBC_ECLOSED, "the connection is closed");
    return box->alteration;
}

// conn → alteration
static int new_alteration(lua_State *L)
{
    dbc_conn *conn;

    lalter *box = lconn_new_box(&conn, L, 1, LBOX_ALTERATION, sizeof *box);
    if (dbc_alteration_new(&box->alteration, conn) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    box->conn = dbc_conn_retain(conn);
    return 1;
}

static int alteration_gc(lua_State *L)
{
    lalter *box = lbox_test(L, 1, LBOX_ALTERATION);

    if (!box) return 0;
    dbc_alteration_free(box->alteration);
    dbc_conn_release(box->conn);
    box->alteration = NULL;
    box->conn = NULL;
    return 0;
}

// Every change returns the alteration, for chains.
static int chain(lua_State *L)
{
    lua_settop(L, 1);
    return 1;
}

static int alter_define(lua_State *L)
{
    size_t len;
    const char *sql = luaL_checklstring(L, 2, &len);

    dbc_alter_define(check_alteration(L), sql, len);
    return chain(L);
}

static int alter_drop(lua_State *L)
{
    static const char *const kinds[] = {"table",   "virtual", "index",
                                        "trigger", "view",    NULL};
    int kind = luaL_checkoption(L, 2, NULL, kinds);

    dbc_alter_drop(check_alteration(L), (dbc_object_kind)kind,
                   luaL_checkstring(L, 3));
    return chain(L);
}

typedef void (*change)(dbc_alteration *a, const char *table, const char *text);

static int change_one(lua_State *L, change act)
{
    const char *table = luaL_checkstring(L, 2);
    const char *text = luaL_checkstring(L, 3);

    act(check_alteration(L), table, text);
    return chain(L);
}

static int alter_rename_table(lua_State *L)
{
    return change_one(L, dbc_alter_rename_table);
}

static int alter_add_column(lua_State *L)
{
    return change_one(L, dbc_alter_add_column);
}

static int alter_drop_column(lua_State *L)
{
    return change_one(L, dbc_alter_drop_column);
}

static int alter_change_column(lua_State *L)
{
    return change_one(L, dbc_alter_change_column);
}

static int alter_add_constraint(lua_State *L)
{
    return change_one(L, dbc_alter_add_constraint);
}

static int alter_drop_constraint(lua_State *L)
{
    return change_one(L, dbc_alter_drop_constraint);
}

static int alter_options(lua_State *L)
{
    return change_one(L, dbc_alter_options);
}

static int alter_rename_column(lua_State *L)
{
    const char *table = luaL_checkstring(L, 2);
    const char *column = luaL_checkstring(L, 3);
    const char *to = luaL_checkstring(L, 4);

    dbc_alter_rename_column(check_alteration(L), table, column, to);
    return chain(L);
}

static int alter_hint(lua_State *L)
{
    lua_settop(L, 2);
    const dbc_hint hint = lplan_read_hint(L);

    dbc_alter_hint(check_alteration(L), &hint);
    return chain(L);
}

// alteration → plan
static int alter_plan(lua_State *L)
{
    dbc_alteration *alteration = check_alteration(L);
    const lalter *self = lua_touserdata(L, 1);
    lplan *box = lbox_new(L, LBOX_PLAN, sizeof *box, 0);

    if (dbc_alteration_plan(&box->plan, alteration) < 0)
        return lerror_raise_conn(L, self->conn, NULL, 0);
    return 1;
}

void lalter_open(lua_State *L, int core, int module)
{
    static const luaL_Reg methods[] = {
        {"define", alter_define},
        {"drop", alter_drop},
        {"rename_table", alter_rename_table},
        {"rename_column", alter_rename_column},
        {"add_column", alter_add_column},
        {"drop_column", alter_drop_column},
        {"change_column", alter_change_column},
        {"add_constraint", alter_add_constraint},
        {"drop_constraint", alter_drop_constraint},
        {"options", alter_options},
        {"hint", alter_hint},
        {"plan", alter_plan},
        {NULL, NULL}};
    static const luaL_Reg events[] = {{"__gc", alteration_gc}, {NULL, NULL}};
    static const luaL_Reg functions[] = {{"alteration", new_alteration},
                                         {NULL, NULL}};

    lbox_push_metatable(L, core, "dbcore.alteration", events);
    lbox_push_methods(L, core, "an alteration", methods);
    lua_setfield(L, -2, "__index");
    lua_rawseti(L, core, LBOX_ALTERATION);
    lbox_register_in(L, core, module, functions);
}
