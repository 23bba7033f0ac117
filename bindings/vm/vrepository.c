// Repositories of scripts, around the host's own writes.
#include "dbcore_driver.h"
#include "vface.h"
#include "vfailure.h"
#include "vm.h"
#include "vsource.h"

// Pushes a function of the module that knows how.
static void push_function(lua_State *L, const char *name)
{
    vface_require(L, "dbcore.repository_host");
    lua_getfield(L, -1, name);
    lua_remove(L, -2);
}

static int run_hold(lua_State *L)
{
    enum { REPOSITORY = 2 };
    const char *name = lua_touserdata(L, 1);

    vface_need(L);
    luaL_checkstack(L, 10, NULL);
    if (!vsource_push_global(L, name)) lua_pushnil(L);
    push_function(L, "is_repository");
    lua_pushvalue(L, REPOSITORY);
    lua_call(L, 1, 1);
    if (!lua_toboolean(L, -1))
        return vfailure_refuse(L, DBC_ENOTFOUND,
                               "no script declares a repository as its global "
                               "\"%s\": set it to d.repository(table, { ... })",
                               name);
    push_function(L, "hold");
    vm_get(L, VM_SLOT_DB);
    lua_pushvalue(L, REPOSITORY);
    lua_call(L, 2, 0);
    return 0;
}

int dbc_script_repository(dbc_script *vm, const char *name, dbc_error *err)
{
    if (!vm->conn)
        return dbc_error_set(err, DBC_EINVALID,
                             "hooks need a script VM with a connection");
    return vm_run(vm, run_hold, (void *)name, err);
}
