// The policies that scripts declared, for a context of the host.
#include "dbcore_driver.h"
#include "vface.h"
#include "vfailure.h"
#include "vm.h"
#include "vsource.h"
#include "vvalue.h"

typedef struct question {
    const char *schema;
    const dbc_script_table *context;
    const dbc_policy *made;
} question;

// Pushes policy.under().
static void push_maker(lua_State *L)
{
    vface_require(L, "dbcore.policy");
    lua_getfield(L, -1, "under");
}

static void push_schema(lua_State *L, const char *name)
{
    if (!name) {
        lua_pushnil(L);
        return;
    }
    if (vsource_push_global(L, name) && dbcore_lua_schema(L, -1)) return;
    vfailure_refuse(L, DBC_ENOTFOUND,
                    "no script declares a schema as its global \"%s\": set "
                    "it to d.schema { ... }",
                    name);
}

static int run_policy(lua_State *L)
{
    static const dbc_script_table empty = {NULL, 0};
    question *ask = lua_touserdata(L, 1);
    const dbc_policy *made;

    vface_need(L);
    luaL_checkstack(L, 10, NULL);
    push_maker(L);
    vm_get(L, VM_SLOT_DB);
    push_schema(L, ask->schema);
    vvalue_push_table(L, ask->context ? ask->context : &empty);
    lua_call(L, 3, 1);
    made = dbcore_lua_policy(L, -1);
    ask->made = dbc_policy_retain(made);
    return 0;
}

int dbc_script_policy(const dbc_policy **out, dbc_script *vm,
                      const char *schema, const dbc_script_table *context,
                      dbc_error *err)
{
    question ask = {schema, context, NULL};
    int rc;

    *out = NULL;
    if (!vm->conn)
        return dbc_error_set(err, DBC_EINVALID,
                             "policies need a script VM with a connection");
    rc = vm_run(vm, run_policy, &ask, err);
    if (rc < 0)
        dbc_policy_release(ask.made);
    else
        *out = ask.made;
    return rc;
}
