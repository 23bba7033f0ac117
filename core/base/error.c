// Filling a dbc_error. What ends up in a message may come from a file or a
// stranger, so it is tamed here, once, for all layers.
#include "error.h"

#include <stdio.h>
#include <string.h>

#include "dbcore_driver.h"
#include "utf8.h"

enum { QUOTED_MAX = 60 }; // bytes of a name that a message shows

void dbc__error_clear(dbc_error *err)
{
    if (err == NULL) return;

    // Field by field: clearing a whole kilobyte would cost more than the rest
    // of a short call.
    err->code = DBC_OK;
    err->native = 0;
    err->offset = -1;
    err->row = 0;
    err->rolled_back = 0;
    err->message[0] = '\0';
    err->table[0] = '\0';
    err->columns[0] = '\0';
    err->constraint[0] = '\0';
}

int dbc__error_setv(dbc_error *err, int code, const char *format, va_list args)
{
    if (err == NULL) return code;

    // A few bytes more than fit, so that a message cut inside a character is
    // cut before it and not marked as broken. Arguments may point into `err`.
    char text[sizeof err->message + 4];
    int len = vsnprintf(text, sizeof text, format, args);

    if (len < 0) len = snprintf(text, sizeof text, "%s", dbc_status_text(code));
    size_t have = (size_t)len < sizeof text ? (size_t)len : sizeof text - 1;
    have = dbc__utf8_cut(text, have, sizeof err->message - 1);

    dbc__error_clear(err);
    err->code = code;
    dbc__utf8_tame(err->message, sizeof err->message, text, have);
    return code;
}

int dbc__error_set(dbc_error *err, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    dbc__error_setv(err, code, format, args);
    va_end(args);
    return code;
}

int dbc_error_set(dbc_error *err, int code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    dbc__error_setv(err, code, format, args);
    va_end(args);
    return code;
}

void dbc__error_field(char *field, size_t size, const char *text, size_t len)
{
    dbc__utf8_tame(field, size, text, len);
}

void dbc_error_field(char *field, size_t size, const char *text, size_t len)
{
    dbc__utf8_tame(field, size, text, len);
}

static int is_ambiguous(const char *name, size_t len)
{
    if (len == 0 || name[0] == ' ' || name[len - 1] == ' ') return 1;
    return memchr(name, ',', len) != NULL || memchr(name, '"', len) != NULL;
}

void dbc_error_add_column(dbc_error *err, const char *name, size_t len)
{
    size_t used = strlen(err->columns);
    char quoted[2 * sizeof err->columns + 2];
    size_t quoted_len = 0;

    if (used + 2 >= sizeof err->columns) return;
    if (used != 0) err->columns[used++] = ',';
    if (is_ambiguous(name, len)) {
        quoted[quoted_len++] = '"';
        for (size_t i = 0; i < len && i < sizeof err->columns; i++) {
            if (name[i] == '"') quoted[quoted_len++] = '"';
            quoted[quoted_len++] = name[i];
        }
        quoted[quoted_len++] = '"';
        name = quoted;
        len = quoted_len;
    }
    dbc__error_field(err->columns + used, sizeof err->columns - used, name,
                     len);
}

const char *dbc__quote(dbc__quoted *out, const char *name, size_t len)
{
    size_t shown = dbc__utf8_cut(name, len, QUOTED_MAX);
    size_t used;

    out->text[0] = '"';
    used = 1 + dbc__utf8_tame(out->text + 1, QUOTED_MAX + 1, name, shown);
    snprintf(out->text + used, sizeof out->text - used, "%s\"",
             shown < len ? "…" : "");
    return out->text;
}
