// Reading lines from a person: with editing, history and completion where
// libedit is there and the terminal can do it, else plainly.
#ifndef DBSCRIPT_EDITOR_H
#define DBSCRIPT_EDITOR_H

#include <lua.h>

// The module dbscript.editor:
//
//   open(complete, limit)  an editor that remembers `limit` lines
//
//   editor:read(prompt)    a line without its end; nil when there are no more;
//                          false after Ctrl-C
//   editor:remember(line)  the line is found again with the arrow keys
//   editor:close()
//
// `complete(before)` is called for the TAB key with what is left of the
// cursor. It returns the text to insert, or nil, and the text to show below
// the line, or nil. What it raises is taken for "nothing to complete".
int editor_module(lua_State *L);

#endif
