// Opening, running, closing. A run is one protected call from outside; what it
// may use begins anew with it, the connection is guarded meanwhile, and what it
// left open there is ended behind it.
#include "vm.h"

#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "dbcore_driver.h"
#include "vcancel.h"
#include "venv.h"
#include "vfailure.h"
#include "vgate.h"
#include "vlimits.h"
#include "vmodule.h"

const char vm_slots[VM_SLOT_COUNT];

// -------------------------------------------------------------------- opening

static void *resize_default(void *ud, void *ptr, size_t old_size,
                            size_t new_size)
{
    (void)ud;
    (void)old_size;
    if (new_size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, new_size);
}

const dbc_alloc *vm_alloc_of(const dbc_script_limits *limits)
{
    static const dbc_alloc standard = {resize_default, NULL};

    return limits && limits->alloc ? limits->alloc : &standard;
}

static int on_panic(lua_State *L)
{
    (void)L;
    return 0;
}

// All of Lua, and `db` and `dbcore` when they are first asked for.
static void open_trusted(lua_State *L)
{
    luaL_openlibs(L);
    vmodule_preload(L, vmodule_core_sources);
    venv_open_trusted(L);
}

static int open_state(lua_State *L)
{
    const dbc_script *vm = vm_of(L);

    lua_newtable(L);
    vm_set(L, VM_SLOT_SCRIPTS);
    lua_newtable(L);
    vm_set(L, VM_SLOT_HOST);
    lua_newtable(L);
    vm_set(L, VM_SLOT_SCHEMAS);
    lua_pushboolean(L, 0);
    vm_set(L, VM_SLOT_ARGUMENT);
    if (vm->profile == DBC_SCRIPT_TRUSTED)
        open_trusted(L);
    else
        venv_open(L);
    return 0;
}

// Whether anything is counted: always in a sandbox, else when it was asked for.
static int needs_hook(const dbc_script *vm)
{
    return vm->profile != DBC_SCRIPT_TRUSTED ||
           vm->limits.instructions != INT64_MAX ||
           vm->limits.time_ms != INT64_MAX;
}

static int make_guard(dbc_script *vm, const dbc_guard_rules *given,
                      dbc_error *err)
{
    dbc_guard_rules rules = {0};
    dbc_guard *guard;
    int rc;

    if (vm->profile == DBC_SCRIPT_TRUSTED) return DBC_OK;
    if (given) rules = *given;
    if (vm->profile == DBC_SCRIPT_STRICT)
        rules.flags |= DBC_GUARD_NO_SCHEMA | DBC_GUARD_NO_TEXT;
    rules.value_len = (vm->limits.memory - vm->own_memory) / 2;
    if (rules.value_len > vm->limits.text_len)
        rules.value_len = vm->limits.text_len;
    rules.statements = vm->limits.statements;
    rules.depth = vm->limits.depth;
    rules.sql_len = vm->limits.source_len;
    rc = dbc_guard_new(&guard, &rules, vm->limits.alloc, err);
    if (rc < 0) return rc;
    dbc_guard_free(vm->guard);
    vm->guard = guard;
    return DBC_OK;
}

static int check_driver(const dbc_script *vm, dbc_error *err)
{
    const dbc_driver *driver;

    if (!vm->guard || !vm->conn) return DBC_OK;
    driver = dbc_conn_driver(vm->conn);
    if (driver->services && driver->services->guard) return DBC_OK;
    return dbc_error_set(err, DBC_EUNSUPPORTED,
                         "the driver \"%s\" cannot guard a connection: only "
                         "trusted scripts may use it",
                         driver->name);
}

static int fill(dbc_script *vm, dbc_error *err)
{
    lua_State *L;
    int rc;

    rc = make_guard(vm, NULL, err);
    if (rc == DBC_OK) rc = check_driver(vm, err);
    if (rc < 0) return rc;
    L = lua_newstate(vlimits_alloc, vm);
    if (!L)
        return dbc_error_set(err, DBC_ENOMEM,
                             "out of memory: a script VM needs about 40 KiB");
    vm->L = L;
    *(dbc_script **)lua_getextraspace(L) = vm;
    lua_atpanic(L, on_panic);
    lua_gc(L, LUA_GCSTOP);
    lua_pushcfunction(L, open_state);
    if (lua_pcall(L, 0, 0, 0) != LUA_OK)
        return dbc_error_set(err, DBC_ENOMEM,
                             "out of memory: a script VM needs about 40 KiB");
    lua_gc(L, LUA_GCRESTART);
    vm->running = L;
    return DBC_OK;
}

int dbc_script_open(dbc_script **out, dbc_conn *conn,
                    dbc_script_profile profile, const dbc_script_limits *limits,
                    dbc_error *err)
{
    const dbc_alloc *alloc = vm_alloc_of(limits);
    dbc_error ignored;
    dbc_script *vm;
    int rc;

    *out = NULL;
    if (!err) err = &ignored;
    if ((unsigned)profile > DBC_SCRIPT_STRICT)
        return dbc_error_set(err, DBC_EINVALID, "there is no profile %d",
                             (int)profile);
    vm = alloc->resize(alloc->ud, NULL, 0, sizeof *vm);
    if (!vm) return dbc_error_set(err, DBC_ENOMEM, "out of memory");
    memset(vm, 0, sizeof *vm);
    vm->alloc = alloc;
    vm->profile = profile;
    vgate_init(vm);
    atomic_init(&vm->cancelled, 0);
    atomic_init(&vm->presence, 0);
    if (conn) vm->conn = dbc_conn_retain(conn);

    rc = vlimits_fill(&vm->limits, limits, profile, err);
    vm->own_memory = vm->limits.memory;
    if (profile != DBC_SCRIPT_TRUSTED)
        vm->own_memory -= vm->limits.memory / VM_ENGINE_SHARE;
    vm->is_counted = needs_hook(vm);
    if (rc == DBC_OK) rc = fill(vm, err);
    if (rc < 0) {
        dbc_script_close(vm);
        return rc;
    }
    *out = vm;
    return DBC_OK;
}

// -------------------------------------------------------------------- closing

// Frees all but the reference on the connection, which is returned.
static dbc_conn *end(dbc_script *vm)
{
    const dbc_alloc *alloc = vm->alloc;
    dbc_conn *conn = vm->conn;

    vm->running = NULL;
    if (vm->L) {
        lua_sethook(vm->L, NULL, 0, 0);
        lua_close(vm->L);
    }
    dbc_guard_free(vm->guard);
    alloc->resize(alloc->ud, vm, sizeof *vm, 0);
    return conn;
}

void dbc_script_close(dbc_script *vm)
{
    if (!vm) return;
    if (vm->is_kept) dbc_conn_forget(vm->conn, vm);
    dbc_conn_release(end(vm));
}

// The connection closes: what it kept ends with it.
static void on_conn_end(void *ud)
{
    dbc_script *vm = ud;

    vm->is_kept = 0;
    dbc_conn_release(end(vm));
}

int dbc_script_keep(dbc_script *vm, dbc_error *err)
{
    int rc;

    if (!vm->conn || vm->is_kept)
        return dbc_error_set(err, DBC_EINVALID,
                             vm->conn ? "the script VM is kept by its "
                                        "connection already"
                                      : "the script VM has no connection that "
                                        "could keep it");
    rc = dbc_conn_keep(vm->conn, vm, on_conn_end);
    if (rc < 0) {
        if (err) *err = *dbc_conn_error(vm->conn);
        return rc;
    }
    vm->is_kept = 1;
    return DBC_OK;
}

// -------------------------------------------------------------------- running

static void begin_budget(const dbc_script *vm, dbc_guard_budget *out)
{
    *out = (dbc_guard_budget){vm->deadline_ns, 0, 0};
    if (vm->limits.memory != INT64_MAX)
        out->memory = vm->limits.memory - vm->own_memory;
    if (vm->limits.rows != INT64_MAX) out->rows = vm->limits.rows;
}

void vm_restore_guard(dbc_script *vm)
{
    dbc_guard_budget budget;
    int rc;

    if (!vm->guard || !vm->conn || vm->is_guarded || vm->depth == 0) return;
    if (vm->is_amid) return;
    if (!dbc_conn_is_open(vm->conn)) return;
    if (!vm->is_marked) {
        dbc_conn_mark(vm->conn, &vm->mark);
        vm->is_marked = 1;
        begin_budget(vm, &budget);
        rc = dbc_conn_guard(vm->conn, vm->guard, &budget);
    } else {
        rc = dbc_conn_guard(vm->conn, vm->guard, NULL);
    }
    vm->is_guarded = rc == DBC_OK;
    if (rc < 0) vlimits_kill(vm, VM_UNGUARDED);
}

void vm_lift_guard(dbc_script *vm)
{
    if (!vm->is_guarded) return;
    vm->is_guarded = 0;
    dbc_conn_guard(vm->conn, NULL, NULL);
}

int vm_check(dbc_script *vm, dbc_error *err)
{
    if (atomic_load_explicit(&vm->cancelled, memory_order_relaxed))
        vlimits_kill(vm, VM_CANCELLED);
    if (vm->death == VM_ALIVE) return DBC_OK;
    vlimits_describe(vm, err);
    const dbc_error why = *err;
    return dbc_error_set(err, why.code,
                         "%s; that stopped this VM for good: open another one",
                         why.message);
}

void vm_begin(dbc_script *vm)
{
    vm->runs++;
    vlimits_begin(vm);
    vcancel_begin(vm);
    vm->rows = 0;
    vm->is_marked = 0;
    vm->depth++;
    if (vm->is_opened) vm_restore_guard(vm);
}

// Ends what the run left open on the connection. What was rolled back silently
// is an error: whoever called would take it for done.
static int settle(dbc_script *vm, int rc, dbc_error *err)
{
    int left;

    if (vm->is_counted) vm->time_ns = vlimits_now() - vm->started_ns;
    if (!vm->is_marked) return rc;
    vm_lift_guard(vm);
    vm->rows = dbc_conn_guarded_rows(vm->conn);
    left = dbc_conn_unwind(vm->conn, &vm->mark);
    if (rc < 0 || left == DBC_OK) return rc;
    if (left == DBC_DONE)
        return dbc_error_set(err, DBC_ESCRIPT,
                             "the script left a transaction open, which was "
                             "rolled back: commit it, or use db:transaction");
    if (err) *err = *dbc_conn_error(vm->conn);
    return left;
}

int vm_end(dbc_script *vm, int rc, dbc_error *err)
{
    vcancel_end(vm);
    vm->depth--;
    vm->running = vm->L;
    return settle(vm, rc, err);
}

int vm_run(dbc_script *vm, lua_CFunction job, void *ud, dbc_error *err)
{
    lua_State *L = vm->running;
    dbc_error ignored;
    int is_first = vm->depth == 0;
    int top, rc;

    if (!err) err = &ignored;
    rc = vm_check(vm, err);
    if (rc < 0) return rc;
    if (is_first)
        vm_begin(vm);
    else
        vm->depth++;
    top = lua_gettop(L);
    // The first run has all of an empty stack.
    if (!is_first && !lua_checkstack(L, LUA_MINSTACK)) {
        rc = dbc_error_set(err, DBC_ENOMEM, "out of memory");
    } else {
        lua_pushcfunction(L, job);
        lua_pushlightuserdata(L, ud);
        rc = vfailure_of(L, lua_pcall(L, 1, 0, 0), err);
    }
    lua_settop(L, top);
    if (is_first)
        rc = vm_end(vm, rc, err);
    else
        vm->depth--;
    if (rc < 0) vm->failed = 1;
    return rc;
}

// -------------------------------------------------------------------- binding

// The handle of the old connection is closed: what a script keeps of it says
// so from then on.
static int run_bind(lua_State *L)
{
    venv_bind(L);
    return 0;
}

int vm_bind(dbc_script *vm, dbc_conn *conn, dbc_error *err)
{
    dbc_conn *before = vm->conn;
    int rc;

    if (conn == before) return DBC_OK;
    vm->conn = conn ? dbc_conn_retain(conn) : NULL;
    rc = check_driver(vm, err);
    if (rc == DBC_OK && vm->is_opened) {
        vm->is_opened = 0; // a run that needs no guard
        rc = vm_run(vm, run_bind, NULL, err);
        vm->is_opened = 1;
    }
    dbc_conn_release(before);
    return rc;
}

// --------------------------------------------------------------------- asking

int dbc_script_restrict(dbc_script *vm, const dbc_guard_rules *rules,
                        dbc_error *err)
{
    if (vm->profile == DBC_SCRIPT_TRUSTED || !vm->conn)
        return dbc_error_set(err, DBC_EINVALID,
                             "only a sandbox with a connection can be "
                             "restricted");
    if (vm->depth > 0)
        return dbc_error_set(err, DBC_EINVALID,
                             "a script VM cannot be restricted while it runs");
    return make_guard(vm, rules, err);
}

dbc_conn *dbc_script_conn(const dbc_script *vm)
{
    return vm->conn;
}

void dbc_script_cancel(dbc_script *vm)
{
    atomic_store(&vm->cancelled, 1);
    vcancel_reach(vm);
    if (vm->conn) dbc_interrupt(vm->conn);
}

int dbc_script_is_alive(const dbc_script *vm)
{
    return vm->death == VM_ALIVE && !atomic_load(&vm->cancelled);
}

static int64_t used(int64_t limit, int64_t left)
{
    return limit - left < 0 ? 0 : limit - left;
}

void dbc_script_figures(const dbc_script *vm, dbc_script_usage *out)
{
    *out = (dbc_script_usage){
        .memory = (int64_t)vm->memory,
        .memory_peak = (int64_t)vm->memory_peak,
        .instructions = used(vm->limits.instructions, vm->fuel),
        .time_ns = vm->depth > 0 ? vlimits_now() - vm->started_ns : vm->time_ns,
        .rows = vm->rows,
        .pattern = used(vm->limits.pattern, vm->pattern_left),
        .output = used(vm->limits.output, vm->output_left),
        .runs = vm->runs,
        .scripts = vm->scripts,
    };
    if (vm->is_guarded) out->rows = dbc_conn_guarded_rows(vm->conn);
}

void dbc_script_on_print(dbc_script *vm,
                         int (*print)(void *ud, const char *text, size_t len),
                         void *ud)
{
    vm->print = print;
    vm->print_ud = ud;
}
