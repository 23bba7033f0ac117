// Ctrl-C. While a script runs it stops Lua and the SQL of every connection
// that is watched; while the editor waits for a key it only wakes the editor.
#ifndef DBSCRIPT_INTERRUPT_H
#define DBSCRIPT_INTERRUPT_H

#include <lua.h>

// The module dbscript.interrupt. It does nothing in a program that was started
// with SIGINT ignored, as a shell does for one in the background.
//
//   arm()          from here Ctrl-C raises "interrupted"; a second one kills
//   disarm()       ends that; returns whether there was a Ctrl-C
//   shield()       outside of arm() and disarm() Ctrl-C does nothing
//   watch(open)    `open` as a function that also watches the connection it
//                  returns
int interrupt_module(lua_State *L);

// Lets go of the connections that are still watched.
void interrupt_dispose(void);

// What woke the editor instead of a key.
enum {
    INTERRUPT_STOP = 1 << 0,  // Ctrl-C
    INTERRUPT_SIZE = 1 << 1,  // the window has another size
    INTERRUPT_RESUME = 1 << 2 // the program was stopped and goes on
};

// Between these two, SIGINT, SIGWINCH and SIGCONT are held back until
// interrupt_wait() is called, so that none is lost between a look and a wait.
void interrupt_listen(void);
void interrupt_unlisten(void);

// Waits until `fd` can be read or a signal came. Returns 0 when there is
// something to read, INTERRUPT_… flags, or -1 when waiting failed.
int interrupt_wait(int fd);

#endif
