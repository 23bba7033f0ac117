// native.migrate() carries migrations out.
//
// A function of a migration is called in the middle of dbc_migrate(), in the
// state that called that, and under protection. It may use the connection; so
// the connection is kept from going away for as long.
#include "lconn.h"
#include "lerror.h"
#include "lhosted.h"
#include "lmigrator.h"
#include "lplan.h"

// box
static int call_up_or_down(lua_State *L, void *ud)
{
    lmigration_call *call = ud;

    lua_getiuservalue(L, 2, LMIGRATOR_UV_CALLS);
    lua_rawgeti(L, -1, call->number);
    lua_getfield(L, -1, call->box->run->direction == DBC_UP ? "up" : "down");
    lua_call(L, 0, 0);
    return 0;
}

// The error value on the top, for the error that dbc_migrate() ends with.
static int fail_with_cause(lua_State *L, dbc_migration_run *run)
{
    static const char unnamed[] = "the function failed";
    size_t len = sizeof unnamed - 1;
    const char *text = unnamed;

    if (lua_type(L, -1) == LUA_TSTRING) text = lua_tolstring(L, -1, &len);
    int rc = dbc_migration_fail(run, DBC_ECALLBACK, text, len);
    lua_rawseti(L, LCORE, LCORE_CAUSE);
    return rc;
}

int lmigrate_step(void *ud, dbc_migration_run *run)
{
    lmigration_call *call = ud;
    lua_State *L = call->box->L;
    lprotect protected = {call_up_or_down, call};
    int failed;

    call->box->run = run;
    lprotect_begin(L, &protected);
    lua_pushvalue(L, 1);
    failed = lprotect_end(L, 1, 0) != LUA_OK;
    call->box->run = NULL;
    return failed ? fail_with_cause(L, run) : DBC_OK;
}

enum { MIGRATOR = 1, HANDLE, GOAL, OPTIONS, CONN };

// Where a run is kept in the connection's table while it is under way: a
// progress function may be called while other functions of the program run, so
// that nothing is known about their stacks.
#define UNDER_WAY "migrating"

typedef struct moment {
    const dbc_progress_info *info;
    int stop;
} moment;

// call box
static int call_progress(lua_State *L, void *ud)
{
    moment *at = ud;

    lhosted_push_named(L, 2, UNDER_WAY);
    if (!lua_istable(L, -1)) return 0;
    if (lua_getfield(L, -1, "progress") != LUA_TFUNCTION) return 0;
    lplan_push_progress(L, at->info);
    lua_call(L, 1, 1);
    if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) at->stop = 1;
    return 0;
}

// The error value of the call as the cause of what follows from it.
static void keep_cause(const lconn_call *call)
{
    lua_State *L = call->L;

    if (!L || lua_gettop(L) <= call->top) return;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lbox_magic);
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, LCORE_CAUSE); // its place is there
}

// A statement may run at that moment: the connection is not to be used.
static int on_progress(void *ud, const dbc_progress_info *info)
{
    lmigrator *box = ud;
    moment at = {info, 0};
    lprotect call = {call_progress, &at};
    lconn_call end;

    if (box->failed) return 1;
    if (lconn_call_begin(box->handle, &call, &end) != LUA_OK) {
        keep_cause(&end);
        at.stop = 1;
    }
    lconn_call_end(&end);
    return at.stop;
}

// box
static int call_done(lua_State *L, void *ud)
{
    const dbc_migration_done *done = ud;

    lua_getiuservalue(L, 2, LMIGRATOR_UV_OPTIONS);
    if (lua_getfield(L, -1, "done") != LUA_TFUNCTION) return 0;
    lua_createtable(L, 0, 4);
    lua_pushstring(L, done->version);
    lua_setfield(L, -2, "version");
    lua_pushstring(L, done->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, done->direction == DBC_UP ? "up" : "down");
    lua_setfield(L, -2, "direction");
    lua_pushnumber(L, (lua_Number)done->duration_ms / 1000);
    lua_setfield(L, -2, "seconds");
    lua_call(L, 1, 0);
    return 0;
}

// Between two steps nothing but migrate() runs. The step stands, whatever is
// raised; no other one is begun.
static void on_done(void *ud, const dbc_migration_done *done)
{
    lmigrator *box = ud;
    lua_State *L = box->L;
    dbc_migration_done copy = *done;
    lprotect protected = {call_done, &copy};

    if (box->failed) return;
    lprotect_begin(L, &protected);
    lua_pushvalue(L, MIGRATOR);
    if (lprotect_end(L, 1, 0) == LUA_OK) return;
    lua_rawseti(L, LCORE, LCORE_CAUSE);
    box->failed = 1;
}

dbc_goal lmigrate_goal(lua_State *L, int index)
{
    static const char *const words[] = {"up", "down", "to", NULL};
    static const dbc_goal_kind kinds[] = {DBC_GOAL_UP, DBC_GOAL_DOWN,
                                          DBC_GOAL_TO};
    dbc_goal goal = {DBC_GOAL_UP, NULL, 0};

    luaL_checktype(L, index, LUA_TTABLE);
    lua_getfield(L, index, "kind");
    goal.kind = kinds[luaL_checkoption(L, -1, NULL, words)];
    lua_getfield(L, index, "version");
    goal.version = lua_tostring(L, -1); // the table keeps it
    lua_getfield(L, index, "count");
    goal.count = (size_t)lua_tointeger(L, -1);
    lua_pop(L, 3);
    return goal;
}

static unsigned option_flag(lua_State *L, int index, const char *key,
                            unsigned flag)
{
    lua_getfield(L, index, key);
    unsigned found = lua_toboolean(L, -1) ? flag : 0;
    lua_pop(L, 1);
    return found;
}

unsigned lmigrate_flags(lua_State *L, int index)
{
    return option_flag(L, index, "whole", DBC_MIGRATE_WHOLE) |
           option_flag(L, index, "out_of_order", DBC_MIGRATE_OUT_OF_ORDER) |
           option_flag(L, index, "no_drift_check", DBC_MIGRATE_NO_DRIFT_CHECK) |
           option_flag(L, index, "always_backup", DBC_MIGRATE_ALWAYS_BACKUP);
}

static dbc_names read_ignore(lua_State *L)
{
    dbc_names names = {NULL, 0};

    if (lua_getfield(L, OPTIONS, "ignore") == LUA_TTABLE) {
        size_t count = lua_rawlen(L, -1);
        // Left on the stack, to live as long as the call.
        const char **items =
            lua_newuserdatauv(L, (count + 1) * sizeof *items, 0);
        for (size_t i = 0; i < count; i++) {
            lua_rawgeti(L, -2, (lua_Integer)i + 1);
            items[i] = luaL_checkstring(L, -1);
            lua_pop(L, 1);
        }
        names = (dbc_names){items, count};
    }
    return names;
}

// migrator handle goal options conn … | result table; `host` is the place of
// the connection's box.
static int run_migrate(lua_State *L, lmigrator *box, int host,
                       const dbc_goal *goal, const dbc_migrate_options *how)
{
    dbc_conn *conn = lconn_of(L, HANDLE, &host);
    dbc_migrate_result result;
    dbc_error err;
    int rc;

    lua_createtable(L, 0, 3);
    lua_pushvalue(L, OPTIONS);
    lua_setiuservalue(L, MIGRATOR, LMIGRATOR_UV_OPTIONS);
    lua_pushvalue(L, OPTIONS);
    lhosted_set_named(L, host, UNDER_WAY);
    box->handle = lua_touserdata(L, host);
    dbc_conn_retain(conn);
    box->L = L;
    box->busy = 1;
    box->failed = 0;
    rc = dbc_migrate(&result, box->migrator, conn, goal, how);
    box->busy = 0;
    err = *dbc_conn_error(conn);
    dbc_conn_release(conn);
    lua_pushnil(L);
    lhosted_set_named(L, host, UNDER_WAY);
    if (box->failed) {
        lua_rawgeti(L, LCORE, LCORE_CAUSE);
        return lua_error(L);
    }
    if (rc < 0) return lerror_raise(L, &err, NULL, 0);
    lua_pushinteger(L, (lua_Integer)result.applied);
    lua_setfield(L, -2, "applied");
    lua_pushinteger(L, (lua_Integer)result.reverted);
    lua_setfield(L, -2, "reverted");
    lua_pushboolean(L, result.backed_up);
    lua_setfield(L, -2, "backed_up");
    return 1;
}

// migrator handle goal options → { applied, reverted, backed_up }
static int migrate(lua_State *L)
{
    lmigrator *box = lmigrator_check(L);
    dbc_migrate_options how = {0};
    int index;

    lua_settop(L, OPTIONS);
    luaL_checktype(L, OPTIONS, LUA_TTABLE);
    luaL_checkstack(L, 40, NULL);
    lconn_of(L, HANDLE, &index);
    dbc_goal goal = lmigrate_goal(L, GOAL);
    how.flags = lmigrate_flags(L, OPTIONS);
    how.ignore = read_ignore(L);
    lua_getfield(L, OPTIONS, "lock_timeout_ms");
    how.lock_timeout_ms = (int)lua_tointeger(L, -1);
    lua_getfield(L, OPTIONS, "backup");
    how.backup = lua_tostring(L, -1); // the table keeps it
    how.progress = on_progress;
    how.done = on_done;
    how.ud = box;
    return run_migrate(L, box, index, &goal, &how);
}

void lmigrate_open(lua_State *L, int core)
{
    static const luaL_Reg functions[] = {{"migrate", migrate}, {NULL, NULL}};

    lbox_register(L, core, functions);
}
