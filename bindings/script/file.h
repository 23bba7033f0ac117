// Files that are written whole: for their owner only, what the REPL keeps
// between two sessions; for everybody, what belongs to a project.
#ifndef DBSCRIPT_FILE_H
#define DBSCRIPT_FILE_H

#include <lua.h>

// The module dbscript.file:
//
//   append(path, text)   adds to the end, in one write where the system can
//   replace(path, text)  a whole new content, or the old one stays
//
// Both make missing folders and return true, or nil and why not.
//
//   save(path, text)     the same for a file of a project: readable as the
//                        umask says, on the disk when it returns; no folders
//   about(path)          { kind = "file"|"folder"|"other", size = bytes,
//                        mode, inode, device, is_mine, is_writable }, or nil
int file_module(lua_State *L);

#endif
