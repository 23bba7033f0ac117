// Tells the child of a fork from the process that opened a connection. Asking
// for the process id at every query would cost 90 ns; a page that the kernel
// wipes in a child costs one load.
#ifndef DBC_RUN_FORK_H
#define DBC_RUN_FORK_H

#include <stddef.h>

typedef struct dbc__fork_guard {
    // Holds 1, and 0 in a child. NULL where there is no such page: then `pid`
    // is compared.
    const volatile int *page;
    long pid; // of the process that made it
} dbc__fork_guard;

void dbc__fork_guard_init(dbc__fork_guard *guard);
void dbc__fork_guard_dispose(dbc__fork_guard *guard);

// Whether `guard->pid` is another process than this one.
int dbc__fork_guard_pid_differs(const dbc__fork_guard *guard);

// Whether this process is a child of the one that made `guard`.
static inline int dbc__fork_guard_is_child(const dbc__fork_guard *guard)
{
    if (guard->page != NULL) return *guard->page == 0;
    return dbc__fork_guard_pid_differs(guard);
}

#endif
