// Functions of the host. Whatever a script hands over is on its stack while
// the function runs, so arguments are views; results are made Lua's at once.
#include <string.h>

#include "dbcore_driver.h"
#include "venv.h"
#include "vfailure.h"
#include "vlimits.h"
#include "vm.h"
#include "vsignature.h"
#include "vvalue.h"

// One function; in a userdata that its closure keeps.
typedef struct host {
    dbc_script_function function;
    void *ud;
    int is_typed;
    vsignature signature;
} host;

enum { RESULTS_MAX = VSIGNATURE_MAX };

struct dbc_script_args {
    lua_State *L;
    dbc_script *vm;
    int count;         // of arguments, from index 1
    int results;       // on the top of the stack
    dbc_error failure; // with a code: it failed
};

// ------------------------------------------------------------------ arguments

size_t dbc_script_arg_count(const dbc_script_args *args)
{
    return (size_t)args->count;
}

dbc_value dbc_script_arg(const dbc_script_args *args, size_t i)
{
    if (i >= (size_t)args->count) return dbc_value_null();
    return vvalue_read(args->L, (int)i + 1);
}

dbc_script *dbc_script_arg_vm(const dbc_script_args *args)
{
    return args->vm;
}

// Runs what may raise. Results stay below what it leaves.
static int protect(dbc_script_args *args, lua_CFunction job, void *ud)
{
    lua_State *L = args->L;
    int rc;

    if (args->failure.code < 0) return args->failure.code;
    if (!lua_checkstack(L, 8))
        return dbc_error_set(&args->failure, DBC_ENOMEM, "out of memory");
    lua_pushcfunction(L, job);
    lua_pushlightuserdata(L, ud);
    rc = vfailure_of(L, lua_pcall(L, 1, 1, 0), &args->failure);
    if (rc < 0) lua_pop(L, 1);
    return rc;
}

// A table to be read; its memory is kept by a list behind the arguments.
typedef struct table_job {
    const dbc_script_args *args;
    int index;
    const dbc_script_table *out;
} table_job;

// job → the list that keeps its memory
static int read_table(lua_State *L)
{
    table_job *job = lua_touserdata(L, 1);

    lua_newtable(L);
    vm_get(L, VM_SLOT_ARGUMENT);
    job->out = vvalue_read_table(L, 3, 2);
    lua_settop(L, 2);
    return 1;
}

const dbc_script_table *dbc_script_arg_table(dbc_script_args *args, size_t i)
{
    table_job job = {args, (int)i + 1, NULL};
    lua_State *L = args->L;

    if (i >= (size_t)args->count || !lua_istable(L, job.index)) return NULL;
    if (!lua_checkstack(L, 4)) return NULL;
    // The slot exists: setting it allocates nothing.
    lua_pushvalue(L, job.index);
    vm_set(L, VM_SLOT_ARGUMENT);
    if (protect(args, read_table, &job) < 0) return NULL;
    // Below the results, so that these stay on the top.
    lua_insert(L, -(args->results + 1));
    return job.out;
}

// -------------------------------------------------------------------- results

static int push_value(lua_State *L)
{
    vvalue_push(L, lua_touserdata(L, 1));
    return 1;
}

static int push_table(lua_State *L)
{
    vvalue_push_table(L, lua_touserdata(L, 1));
    return 1;
}

static void add_result(dbc_script_args *args, lua_CFunction job, void *ud)
{
    if (args->results == RESULTS_MAX) {
        dbc_error_set(&args->failure, DBC_EINVALID,
                      "a function of the host returns more than %d values",
                      RESULTS_MAX);
        return;
    }
    if (protect(args, job, ud) == DBC_OK) args->results++;
}

void dbc_script_return(dbc_script_args *args, dbc_value value)
{
    add_result(args, push_value, &value);
}

void dbc_script_return_table(dbc_script_args *args,
                             const dbc_script_table *table)
{
    add_result(args, push_table, (void *)table);
}

int dbc_script_fail(dbc_script_args *args, int code, const char *message)
{
    return dbc_error_set(&args->failure, code < 0 ? code : DBC_ESCRIPT, "%s",
                         message);
}

// -------------------------------------------------------------------- calling

static void check_arguments(lua_State *L, const host *self, int count)
{
    const vsignature *signature = &self->signature;

    if (count > signature->in_count)
        luaL_error(L, "it takes %d arguments, got %d", signature->in_count,
                   count);
    for (int i = 0; i < signature->in_count; i++) {
        if (vsignature_fits(L, i + 1, signature->in[i])) continue;
        luaL_argerror(
            L, i + 1,
            lua_pushfstring(L, "%s expected, got %s",
                            vsignature_describe(signature->in[i].kind),
                            luaL_typename(L, i + 1)));
    }
    lua_settop(L, signature->in_count);
}

static void check_results(lua_State *L, const host *self, int count)
{
    const vsignature *signature = &self->signature;

    for (int i = 0; i < signature->out_count; i++) {
        int index = i < count ? lua_gettop(L) - count + 1 + i : 0;
        if (index ? vsignature_fits(L, index, signature->out[i])
                  : signature->out[i].is_optional)
            continue;
        luaL_error(L, "the host's result %d must be %s", i + 1,
                   vsignature_describe(signature->out[i].kind));
    }
}

// Upvalue: the function.
static int call_host(lua_State *L)
{
    const host *self = lua_touserdata(L, lua_upvalueindex(1));
    dbc_script *vm = vm_of(L);
    dbc_script_args args;
    int rc;

    vlimits_spend(L, 10);
    if (self->is_typed) check_arguments(L, self, lua_gettop(L));
    luaL_checkstack(L, RESULTS_MAX + 16, NULL);
    args.L = L;
    args.vm = vm;
    args.count = lua_gettop(L);
    args.results = 0;
    args.failure.code = DBC_OK;

    vm_lift_guard(vm);
    rc = self->function(&args, self->ud);
    vm_restore_guard(vm);
    if (vm->death != VM_ALIVE) return vlimits_raise(L);
    vlimits_spend(L, 1);
    if (args.failure.code < 0) return vfailure_raise(L, &args.failure);
    if (rc < 0)
        return vfailure_refuse(L, rc, "a function of the host failed: %s",
                               dbc_status_text(rc));
    if (self->is_typed) check_results(L, self, args.results);
    return args.results;
}

// ---------------------------------------------------------------- registering

typedef struct registration {
    const char *name;
    host made;
} registration;

static int run_register(lua_State *L)
{
    const registration *in = lua_touserdata(L, 1);
    host *kept;

    vm_get(L, VM_SLOT_HOST); // 2
    kept = lua_newuserdatauv(L, sizeof *kept, 0);
    *kept = in->made;
    lua_pushcclosure(L, call_host, 1);
    lua_setfield(L, 2, in->name);
    venv_publish(L, in->name);
    return 0;
}

static int register_host(dbc_script *vm, registration *in, dbc_error *err)
{
    if (!*in->name)
        return dbc_error_set(err, DBC_EINVALID,
                             "a function of the host needs a name");
    return vm_run(vm, run_register, in, err);
}

int dbc_script_register(dbc_script *vm, const char *name,
                        dbc_script_function function, void *ud)
{
    registration in = {name, {function, ud, 0, {0, 0, {{0, 0}}, {{0, 0}}}}};
    dbc_error ignored;

    return register_host(vm, &in, &ignored);
}

int dbc_script_register_typed(dbc_script *vm, const char *name,
                              const char *signature,
                              dbc_script_function function, void *ud,
                              dbc_error *err)
{
    registration in = {name, {function, ud, 1, {0, 0, {{0, 0}}, {{0, 0}}}}};
    const char *wrong = vsignature_read(&in.made.signature, signature);

    if (!wrong) return register_host(vm, &in, err);
    return dbc_error_set(err, DBC_EINVALID,
                         "the signature \"%.100s\" of \"%.60s\" is wrong at "
                         "\"%.40s\"",
                         signature, name, wrong);
}
