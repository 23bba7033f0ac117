// Reaching a script that calls nothing: in the trusted profile no hook counts,
// so a loop looks at no flag. Then the thread that runs it is sent a signal,
// and sets the hook in itself, as lua.c does.
#ifndef DBC_VCANCEL_H
#define DBC_VCANCEL_H

#include "vm.h"

// Around the outermost run, by the thread that runs. Nothing in a VM that
// counts: its hook finds the flag.
void vcancel_begin(dbc_script *vm);
void vcancel_end(dbc_script *vm);

// From any thread and from a signal handler, behind the flag. Nothing when
// nothing runs.
void vcancel_reach(dbc_script *vm);

#endif
