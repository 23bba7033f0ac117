// UTF-8 as RFC 3629 has it: the shortest form only, no surrogates, nothing
// above U+10FFFF.
#ifndef DBC_BASE_UTF8_H
#define DBC_BASE_UTF8_H

#include <stddef.h>

// How many bytes the character at `text` has, from 1 to 4. 0 when it is none
// or when `len` ends inside it.
size_t dbc__utf8_next(const char *text, size_t len);

// Whether all of it is UTF-8.
int dbc__utf8_valid(const char *text, size_t len);

// Characters as SQLite's length() counts them: up to a NUL, and every byte
// that begins one.
size_t dbc__utf8_count(const char *text, size_t len);

// The most bytes up to `max` that do not end inside a character. Only the
// end is looked at.
size_t dbc__utf8_cut(const char *text, size_t len, size_t max);

// Copies `text` into `out` as it may stand in a message: control characters
// and broken bytes as '?', cut at a character's end to `size` - 1 bytes and
// a NUL. Returns the length written.
size_t dbc__utf8_tame(char *out, size_t size, const char *text, size_t len);

#endif
