// What a script declared, for the host's own queries.
#include "dbcore_lua.h"
#include "vfailure.h"
#include "vm.h"
#include "vsource.h"

typedef struct question {
    const char *name;
    const dbc_schema *found;
} question;

static int run_schema(lua_State *L)
{
    question *ask = lua_touserdata(L, 1);
    const dbc_schema *schema = NULL;

    if (vsource_push_global(L, ask->name)) schema = dbcore_lua_schema(L, -1);
    if (!schema)
        return vfailure_refuse(L, DBC_ENOTFOUND,
                               "no script declares a schema as its global "
                               "\"%s\": set it to d.schema { ... }",
                               ask->name);
    // Its rules are functions: they last as long as the VM.
    vm_get(L, VM_SLOT_SCHEMAS);
    lua_pushvalue(L, -2);
    lua_pushboolean(L, 1);
    lua_rawset(L, -3);
    ask->found = dbc_schema_retain(schema);
    return 0;
}

int dbc_script_schema(const dbc_schema **out, dbc_script *vm, const char *name,
                      dbc_error *err)
{
    question ask = {name, NULL};
    int rc = vm_run(vm, run_schema, &ask, err);

    *out = ask.found;
    return rc;
}
