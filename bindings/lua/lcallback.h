// create_function, create_aggregate, create_window, create_collation.
#ifndef DBC_LCALLBACK_H
#define DBC_LCALLBACK_H

#include "lbox.h"

// Adds them to the method table on the top.
void lcallback_methods(lua_State *L, int core);

#endif
