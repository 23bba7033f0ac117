// The part of the string library that matches patterns.
#ifndef DBC_VSEARCH_H
#define DBC_VSEARCH_H

#include "vm.h"

extern const luaL_Reg vsearch_functions[];

#endif
