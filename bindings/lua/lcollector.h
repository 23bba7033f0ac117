// The collector during a bulk read. Rows that arrive are kept anyway; looking
// at them again and again meanwhile is a part of the work that can be spared.
// So it is stopped, if it was running, from some hundred rows on until they
// have taken a bounded amount of memory. Whoever uses this restarts it on every
// path: rows are read under lua_pcall, and the restart comes behind that.
#ifndef DBC_LCOLLECTOR_H
#define DBC_LCOLLECTOR_H

#include <lua.h>

typedef struct lcollector {
    int stopped; // by us
    int start;   // KiB in use then
} lcollector;

#define LCOLLECTOR_INIT \
    {                   \
        0, 0            \
    }

// To be called when `rows` rows have arrived, one more than before.
void lcollector_look(lua_State *L, lcollector *gc, lua_Integer rows);

// Lets it run again if it was stopped by lcollector_look(). Never raises.
void lcollector_restart(lua_State *L, lcollector *gc);

#endif
