// Hooks that do anything a hook can do, and some things that it must not.
#ifndef DBC_FUZZ_API_HOOK_H
#define DBC_FUZZ_API_HOOK_H

#include "api_query.h"

// Sets hooks of the table, or removes them. Returns what that returned.
int api_hook(fuzz *f, dbc_conn *conn, const dbc_table *table);

#endif
