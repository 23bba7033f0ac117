// Filling a dbc_error. Every function allows `err` to be NULL and returns the
// code, so that `return dbc__error_set(err, DBC_EINVALID, "…")` is one line.
#ifndef DBC_BASE_ERROR_H
#define DBC_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

#include "dbcore.h"

void dbc__error_clear(dbc_error *err);

// Sets code and message (printf form, cut to one line that fits); the other
// fields are cleared. Control bytes and broken UTF-8 in it become '?'.
int dbc__error_set(dbc_error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int dbc__error_setv(dbc_error *err, int code, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));

// "out of memory".
static inline int dbc__error_nomem(dbc_error *err)
{
    dbc__error_set(err, DBC_ENOMEM, "out of memory");
    return DBC_ENOMEM; // said here, so that callers are known to have failed
}

// Copies `text` into one of the fixed fields, cut at a character's end.
void dbc__error_field(char *field, size_t size, const char *text, size_t len);

// Writes `name` for a message into `out`: in double quotes, cut to 60 bytes
// with "…", control bytes as '?'. Returns out.
typedef struct dbc__quoted {
    char text[80];
} dbc__quoted;
const char *dbc__quote(dbc__quoted *out, const char *name, size_t len);

#endif
