// Lua patterns, without Lua: a column's pattern holds for every host, and
// costs a bounded number of steps whatever it and the text are.
#ifndef DBC_LANG_PATTERN_H
#define DBC_LANG_PATTERN_H

#include <stddef.h>

typedef enum dbc__pattern_result {
    DBC__PATTERN_NONE,     // nothing in the text matches
    DBC__PATTERN_FOUND,    // something does
    DBC__PATTERN_TOO_LONG, // given up
    DBC__PATTERN_WRONG     // it is no pattern: see dbc__pattern_problem()
} dbc__pattern_result;

// Looks for `pattern` in the text, as string.find(text, pattern) does.
dbc__pattern_result dbc__pattern_find(const char *text, size_t len,
                                      const char *pattern);

// What is wrong with it, as the end of a sentence ("ends with %"), or NULL.
// Static.
const char *dbc__pattern_problem(const char *pattern);

#endif
