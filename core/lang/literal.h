// Values as SQL literals, exact to the bit. Only definitions need them (a
// DEFAULT, the list of an enum); queries bind their values.
#ifndef DBC_LANG_LITERAL_H
#define DBC_LANG_LITERAL_H

#include <stddef.h>

#include "buf.h"

// Text in single quotes; as a CAST in brackets when it holds a NUL or is no
// UTF-8, since neither can stand in a statement.
void dbc__literal_text(dbc_buf *out, const char *text, size_t len);

// A double that reads back as the same one; whole ones keep a ".0". Must not
// be NaN.
void dbc__literal_real(dbc_buf *out, double value);

// A double as short as it can be said, whole ones as integers: for limits.
void dbc__literal_number(dbc_buf *out, double value);

// Any value but a list.
void dbc__literal_value(dbc_buf *out, const dbc_value *value);

#endif
