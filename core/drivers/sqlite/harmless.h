// What SQL may call when it is not trusted: lists of what is known to be
// harmless. Whatever a later version adds is refused until it stands here.
#ifndef DBC_SQLITE_HARMLESS_H
#define DBC_SQLITE_HARMLESS_H

// Functions that compute and touch nothing else.
int dbc__sqlite_is_harmless_function(const char *name);

// Pragmas that tell something. `value`: they were given one, or NULL.
int dbc__sqlite_is_harmless_pragma(const char *name, const char *value);

// Tables that are functions in truth.
int dbc__sqlite_is_harmless_source(const char *name);

// Modules that a virtual table may be made of.
int dbc__sqlite_is_harmless_module(const char *name);

#endif
