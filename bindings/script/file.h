// Files for their owner only: what the REPL keeps between two sessions.
#ifndef DBSCRIPT_FILE_H
#define DBSCRIPT_FILE_H

#include <lua.h>

// The module dbscript.file:
//
//   append(path, text)   adds to the end, in one write where the system can
//   replace(path, text)  a whole new content, or the old one stays
//
// Both make missing folders and return true, or nil and why not.
int file_module(lua_State *L);

#endif
