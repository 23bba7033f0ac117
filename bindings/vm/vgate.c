// The host writes, and the rules of the table are functions of a script: they
// are a run of their own, with every limit. Inside of a run they are a part of
// that one. A VM that was stopped answers no, so that nothing passes unseen.
#include "vgate.h"

#include "vlimits.h"

// What leave() has to do.
enum { PASS_INNER, PASS_GUARD, PASS_RUN };

// Inside of a run, in the thread that runs. A function of the host, which runs
// without the guard, may be what asks.
static lua_State *enter_inner(dbc_script *vm, const dbc_conn *conn, int *pass)
{
    int was_guarded = vm->is_guarded;

    *pass = PASS_INNER;
    if (conn && conn == vm->conn) return vm->running;
    vm_restore_guard(vm);
    if (!was_guarded && vm->is_guarded) *pass = PASS_GUARD;
    return vm->running;
}

// The state that called last may be gone, so that it is not `L` here. The
// connection that is amid a call cannot be used by a script.
static lua_State *enter(void *ud, dbc_conn *conn, lua_State *L, int *pass,
                        dbc_error *err)
{
    dbc_script *vm = ud;
    (void)L;

    if (vm_check(vm, err) < 0) return NULL;
    if (vm->depth > 0) return enter_inner(vm, conn, pass);
    *pass = PASS_RUN;
    vm->is_amid = conn && conn == vm->conn;
    vm_begin(vm);
    return vm->L;
}

static int leave(void *ud, int pass, int rc, dbc_error *err)
{
    dbc_script *vm = ud;

    if (rc == DBC_ENOMEM && vm->is_refused) vlimits_kill(vm, VM_OUT_OF_MEMORY);
    if (vm->death != VM_ALIVE) rc = vm_check(vm, err);
    if (pass == PASS_GUARD) vm_lift_guard(vm);
    if (pass != PASS_RUN) return rc;
    rc = vm_end(vm, rc, err);
    vm->is_amid = 0;
    if (rc < 0) vm->failed = 1;
    return rc;
}

void vgate_init(dbc_script *vm)
{
    vm->gate = (dbcore_lua_gate){enter, leave, vm};
}

const dbcore_lua_gate *vgate_of(const dbc_script *vm)
{
    return &vm->gate;
}
