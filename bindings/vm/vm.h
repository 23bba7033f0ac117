// A script VM as the files of this folder share it: one Lua state beside one
// connection, what it may use up, and what it has used. Every C function finds
// its VM in the extra space that Lua keeps before each thread, so none needs
// an upvalue for it.
#ifndef DBC_VM_H
#define DBC_VM_H

#include <lauxlib.h>
#include <lua.h>
#include <pthread.h>
#include <stdatomic.h>

#include "dbcore_lua.h"
#include "dbcore_script.h"
#include "vsignature.h"

// One part in so many of the memory is for the engine.
enum { VM_ENGINE_SHARE = 4 };

// Why a VM is stopped for good.
typedef enum vm_death {
    VM_ALIVE,
    VM_OUT_OF_MEMORY,
    VM_OUT_OF_INSTRUCTIONS,
    VM_OUT_OF_TIME,
    VM_OUT_OF_PATTERN,
    VM_OUT_OF_OUTPUT,
    VM_CANCELLED,
    VM_PRINT_FAILED,
    VM_UNGUARDED
} vm_death;

// What the state keeps for us, beside what Lua keeps in its registry itself.
typedef enum vm_slot {
    VM_SLOT_SCRIPTS,  // list of { name =, env =, stamp = }
    VM_SLOT_NEWEST,   // globals of the script that was loaded last
    VM_SLOT_BASE,     // base functions of a sandbox, copied for each script
    VM_SLOT_INNER,    // the globals of dbcore's own Lua files
    VM_SLOT_LOADED,   // modules of dbcore that were loaded: name → value
    VM_SLOT_HOST,     // functions of the host: name → function
    VM_SLOT_DB,       // the handle `db`, or nil until it is asked for
    VM_SLOT_FACE,     // what a script sees as `dbcore`, or nil likewise
    VM_SLOT_RESULTS,  // what the last call returned, to keep it alive
    VM_SLOT_ARGUMENT, // a table on its way to the host
    VM_SLOT_ERROR,    // metatable of error objects of our own
    VM_SLOT_SCHEMAS,  // set of those that the host has asked for
    VM_SLOT_CLOSE,    // the method that a sandbox lacks, for the handle `db`
    VM_SLOT_COUNT
} vm_slot;

// Only the addresses count.
extern const char vm_slots[VM_SLOT_COUNT];

// Stock functions of Lua's libraries that a guard calls after its checks.
typedef enum vm_stock {
    VM_STOCK_FORMAT,
    VM_STOCK_PACK,
    VM_STOCK_UNPACK,
    VM_STOCK_PACKSIZE,
    VM_STOCK_TONUMBER,
    VM_STOCK_UTF8_CODEPOINT,
    VM_STOCK_UTF8_LEN,
    VM_STOCK_UTF8_OFFSET,
    VM_STOCK_DATE,
    VM_STOCK_TIME,
    VM_STOCK_COUNT
} vm_stock;

struct dbc_script {
    lua_State *L;       // owned: the main thread
    lua_State *running; // the thread that runs now
    dbc_conn *conn;     // one reference, or NULL
    const dbc_alloc *alloc;
    dbc_script_profile profile;
    dbc_script_limits limits; // filled: INT64_MAX where there is none

    vm_death death;
    atomic_int cancelled;
    atomic_int presence; // of `thread`: vcancel.h
    pthread_t thread;    // that of the run
    int is_counted;      // a hook counts instructions
    int is_kept;         // the connection closes it
    int closing;         // coroutines being closed, one inside of another
    int is_refused;      // the allocator said no since the run began
    int failed;          // some run failed: not for the pool any more
    int depth;           // of runs inside of runs

    size_t memory, memory_peak;
    int64_t own_memory; // of the limit, what is for Lua

    // Of the run.
    int64_t fuel; // instructions left
    int64_t pattern_left;
    int64_t output_left;
    int64_t started_ns, deadline_ns; // 0: none
    int64_t time_ns;                 // of the last run that ended
    int64_t unseen;                  // work since the clock was looked at last
    int64_t rows;                    // of the last run that ended
    int64_t rows_before;
    int64_t runs;
    int64_t scripts;

    // SQL. `guard` is NULL in the trusted profile and without a connection.
    dbc_guard *guard; // owned
    int is_opened;    // the module is loaded, and `db` made
    int is_guarded;   // the connection is under the guard now
    int is_marked;    // `mark` is of this run
    int is_amid;      // of a call on it, of which this run is a part: no use
    dbc_mark mark;
    dbcore_lua_gate gate; // what the module calls by itself is a run

    char signature_text[64]; // of the last call, or ""
    vsignature signature;

    int (*print)(void *ud, const char *text, size_t len);
    void *print_ud;
    lua_CFunction stock[VM_STOCK_COUNT];
};

static inline dbc_script *vm_of(lua_State *L)
{
    return *(dbc_script **)lua_getextraspace(L);
}

// Pushes what is in a slot. Returns its type.
static inline int vm_get(lua_State *L, vm_slot slot)
{
    return lua_rawgetp(L, LUA_REGISTRYINDEX, &vm_slots[slot]);
}

// Pops the value on the top into a slot.
static inline void vm_set(lua_State *L, vm_slot slot)
{
    lua_rawsetp(L, LUA_REGISTRYINDEX, &vm_slots[slot]);
}

// Calls `job` protected, as a run: with fresh figures when it is not inside of
// another one, the connection guarded, and what was left open on it ended. The
// stack of `job`: `ud` as a light userdata. Returns DBC_OK, or `err`'s code.
int vm_run(dbc_script *vm, lua_CFunction job, void *ud, dbc_error *err);

// DBC_OK, or why there are no runs any more.
int vm_check(dbc_script *vm, dbc_error *err);

// Around the outermost run: the figures begin anew, and the guard holds; what
// was left open is ended. vm_end() returns `rc`, or what is worse.
void vm_begin(dbc_script *vm);
int vm_end(dbc_script *vm, int rc, dbc_error *err);

// What a VM with such limits allocates with.
const dbc_alloc *vm_alloc_of(const dbc_script_limits *limits);

// Gives the VM another connection, or none.
int vm_bind(dbc_script *vm, dbc_conn *conn, dbc_error *err);

// For a function of the host, which is not under the guard. One that cannot be
// put back stops the VM.
void vm_lift_guard(dbc_script *vm);
void vm_restore_guard(dbc_script *vm);

#endif
