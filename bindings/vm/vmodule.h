// Lua modules that are part of a program or a library: sources that
// embed.cmake turned into byte arrays, ready to be compiled when they are
// first required.
#ifndef DBC_VMODULE_H
#define DBC_VMODULE_H

#include <lua.h>
#include <stddef.h>

typedef struct vmodule_source {
    const char *name;  // for require(); NULL ends the list
    const char *chunk; // "@dbcore/init.lua"
    const unsigned char *text;
    size_t len;
} vmodule_source;

// The files of lua/dbcore; generated.
extern const vmodule_source vmodule_core_sources[];

// The one of that name, or NULL.
const vmodule_source *vmodule_find(const vmodule_source *sources,
                                   const char *name);

// Puts a loader for each into package.preload, so that no file and no path is
// looked at for them.
void vmodule_preload(lua_State *L, const vmodule_source *sources);

#endif
