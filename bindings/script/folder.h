// Folders, as the project commands need them.
#ifndef DBSCRIPT_FOLDER_H
#define DBSCRIPT_FOLDER_H

#include <lua.h>

// The module dbscript.folder:
//
//   list(path)  the names in it, unsorted and without "." and ".."
//   make(path)  makes it; one that is there is fine
//
// Both return nil and why not when they cannot.
int folder_module(lua_State *L);

#endif
