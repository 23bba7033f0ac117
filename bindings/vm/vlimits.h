// What a script may use up. Memory is counted by the allocator, instructions
// by a hook, the work of library functions by themselves, in the measure of
// an instruction. Whoever finds a limit reached stops the VM for good: from
// then on every way out of C raises again, so that pcall() cannot hold it.
#ifndef DBC_VLIMITS_H
#define DBC_VLIMITS_H

#include "vm.h"

// Instructions between two looks.
enum { VLIMITS_STEP = 1000 };

// Fills `out` from what the host gave, which may be NULL.
int vlimits_fill(dbc_script_limits *out, const dbc_script_limits *given,
                 dbc_script_profile profile, dbc_error *err);

// The lua_Alloc of a VM, which is its `ud`.
void *vlimits_alloc(void *ud, void *ptr, size_t old_size, size_t new_size);

// A run begins: fresh figures, and the hook when there is anything to count.
void vlimits_begin(dbc_script *vm);

// Stops the VM for good, if it is not already.
void vlimits_kill(dbc_script *vm, vm_death death);

// What runs looks again at its very next instruction. From the thread that
// runs, in a signal handler, too.
void vlimits_hurry(dbc_script *vm);

// Raises why it is stopped.
int vlimits_raise(lua_State *L);

// Counts `work` instructions' worth of work; raises when that was too much.
// May look at the clock.
void vlimits_spend(lua_State *L, int64_t work);

// The same for bytes that were looked at one by one.
static inline void vlimits_spend_bytes(lua_State *L, size_t len)
{
    vlimits_spend(L, (int64_t)(len / 16) + 1);
}

// Raises when a string of `len` bytes is longer than the limit.
void vlimits_check_text(lua_State *L, size_t len);

// Code and one line, for the host.
void vlimits_describe(const dbc_script *vm, dbc_error *err);

// The monotonic clock, in nanoseconds.
int64_t vlimits_now(void);

#endif
