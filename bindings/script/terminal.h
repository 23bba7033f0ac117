// What the runner asks of the terminal and the clock.
#ifndef DBSCRIPT_TERMINAL_H
#define DBSCRIPT_TERMINAL_H

#include <lua.h>

// The module dbscript.terminal:
//
//   is("stdin" | "stdout" | "stderr")  whether that is a terminal
//   width()                            columns of stdout's, or nil
//   clock()                            seconds of a clock that never jumps
int terminal_module(lua_State *L);

#endif
