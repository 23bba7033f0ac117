// Lua's patterns, matched with a budget: each step is counted, so that no
// pattern runs for longer than the script may. What matches, and what is
// refused with which words, is as in Lua's own library.
#ifndef DBC_VPATTERN_H
#define DBC_VPATTERN_H

#include <stddef.h>

#include "vm.h"

enum {
    VPATTERN_CAPTURES = 32,  // at most, as in Lua's own
    VPATTERN_POSITION = -1,  // the capture is a position
    VPATTERN_UNFINISHED = -2 // its end was not met yet
};

typedef struct vpattern_capture {
    const char *start;
    ptrdiff_t len; // or one of the two above
} vpattern_capture;

// One subject, one pattern.
typedef struct vpattern_matcher {
    lua_State *L;
    const char *subject, *subject_end;
    const char *end; // of the pattern
    int room;        // of nested matches that is left
    int level;       // captures so far
    int64_t steps;   // since they were counted last
    vpattern_capture captures[VPATTERN_CAPTURES];
} vpattern_matcher;

void vpattern_init(vpattern_matcher *m, lua_State *L, const char *subject,
                   size_t subject_len, const char *pattern, size_t len);

// Matches at `s`. Returns the end of what matched, or NULL.
const char *vpattern_match(vpattern_matcher *m, const char *s,
                           const char *pattern);

// Pushes capture `i` from 0; where there is none at all, the whole match.
void vpattern_push_capture(vpattern_matcher *m, int i, const char *start,
                           const char *end);

// Pushes all captures. Returns how many; where there is none, the whole match
// unless `start` is NULL.
int vpattern_push_captures(vpattern_matcher *m, const char *start,
                           const char *end);

// The place of `needle` in the text, or NULL; counted likewise.
const char *vpattern_find_plain(lua_State *L, const char *text, size_t len,
                                const char *needle, size_t needle_len);

// Whether the pattern has no character that means more than itself.
int vpattern_is_plain(const char *pattern, size_t len);

#endif
