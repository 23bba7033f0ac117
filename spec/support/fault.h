// An allocator that fails when it is told to, and counts what was not given
// back. It checks that each block is freed with the size it was taken with,
// moves a block at every resize and spoils what it frees, so that a stale
// pointer is found.
#ifndef DBC_SPEC_FAULT_H
#define DBC_SPEC_FAULT_H

#include <stddef.h>

#include "dbcore.h"

typedef enum fault_kind { FAULT_ONCE, FAULT_FOR_EVER } fault_kind;

typedef struct fault {
    dbc_alloc alloc; // give this; it points back here
    fault_kind kind;
    long fail_at; // the allocation that fails, from 1; 0: none
    long calls;   // allocations and resizes since it was armed
    long failed;  // of these
    long live_blocks;
    size_t live_bytes;
} fault;

// Nothing fails until it is armed. `memory` must stay where it is.
void fault_init(fault *memory);

// From now on, allocation number `fail_at` fails; 0: none does.
void fault_arm(fault *memory, long fail_at, fault_kind kind);

// What a fault walk repeats: it makes its objects with `alloc`, uses and ends
// them. Returns DBC_OK or better when all went well, DBC_ENOMEM when memory
// ran out on the way.
typedef int (*fault_task)(void *ud, const dbc_alloc *alloc);

// Runs `task` with allocation 1, 2, 3, … failing, until none is left to fail;
// once with only that one failing, once with all from there on. The spec fails
// when the task leaves memory behind, or returns another code.
#define FAULT_WALK(task, ud) fault_walk((task), (ud), #task, __FILE__, __LINE__)

void fault_walk(fault_task task, void *ud, const char *name, const char *file,
                int line);

#endif
