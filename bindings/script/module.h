// Lua modules that are part of the program: the sources embed.cmake turned
// into byte arrays, ready for require().
#ifndef DBSCRIPT_MODULE_H
#define DBSCRIPT_MODULE_H

#include <lua.h>
#include <stddef.h>

typedef struct module_source {
    const char *name;  // for require(); NULL ends the list
    const char *chunk; // "@dbcore/init.lua"
    const unsigned char *text;
    size_t len;
} module_source;

// In the generated file.
extern const module_source module_sources[];

// Puts a loader for each into package.preload, so that no file and no path is
// looked at for them.
void module_preload(lua_State *L);

#endif
