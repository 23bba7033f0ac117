// Hostile scripts as they stand in spec/sandbox: lists of { name, expect,
// message, code }. "ok" comes to its end, "limited" is stopped with one of the
// words between the bars of `message`, and of "safe" only the assertions of
// the script itself must hold.
#ifndef DBC_SPEC_HOSTILE_H
#define DBC_SPEC_HOSTILE_H

#include <lua.h>

#include "dbcore_script.h"

typedef struct hostile {
    const char *name, *expect, *message, *code;
} hostile;

// A plain Lua state for such lists, in which dofile(CASES .. "/x.lua") gives
// one; `folder` is theirs. NULL when memory is out.
lua_State *hostile_open_book(const char *folder);

// The script that is the table on the top. Its texts are that table's.
hostile hostile_read(lua_State *L);

// Runs it in a sandbox of its own on `conn`, with tight limits and its memory
// from `alloc`. What it prints is looked through for "ESCAPED", which adds to
// `*escapes`.
int hostile_run(const hostile *script, dbc_conn *conn, const dbc_alloc *alloc,
                int *escapes, dbc_error *err);

// The same on a database of its own, which must be as it should be when the
// script is gone, without any memory left. NULL, or what went wrong, good until
// the next call.
const char *hostile_contain(const hostile *script);

// NULL, or what is wrong with `conn` behind a script: it must have nothing open
// and nothing half done.
const char *hostile_check(dbc_conn *conn);

#endif
