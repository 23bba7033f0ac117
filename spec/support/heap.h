// SQLite's own memory: its allocator is replaced by one that fails at the n-th
// call, and counts what was not given back.
#ifndef DBC_SPEC_HEAP_H
#define DBC_SPEC_HEAP_H

#include "fault.h"

// Group set-up of a spec: from now on SQLite takes its memory here.
int heap_install(void **state);

// From now on call number `fail_at` fails, from 1; 0: none does.
void heap_arm(long fail_at, fault_kind kind);

// How many calls failed since it was armed.
long heap_failed(void);

// Blocks that SQLite holds.
long heap_live(void);

#endif
