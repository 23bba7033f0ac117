// UTF-8 as RFC 3629 has it: the shortest form only, no surrogates, nothing
// above U+10FFFF.
#ifndef DBC_LUTF8_H
#define DBC_LUTF8_H

#include <stddef.h>

// Whether all of it is UTF-8.
int lutf8_valid(const char *text, size_t len);

// Writes `code` (no surrogate, at most 0x10FFFF) into `out`, 1 to 4 bytes.
size_t lutf8_write(char *out, unsigned long code);

#endif
