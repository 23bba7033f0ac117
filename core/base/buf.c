// A growing text, see buf.h. The writing half is public, because dialects
// write to it; making and taking one is the library's own business.
#include "buf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"

enum { FIRST_CAP = 256 }; // bytes

// Makes room for `more` bytes and a NUL behind them. 1 when there is room.
static int make_room(dbc_buf *buf, size_t more)
{
    if (buf->status != DBC_OK) return 0;
    if (more < buf->cap - buf->len) return 1;

    size_t cap = buf->cap == 0 ? FIRST_CAP : buf->cap;
    while (cap - buf->len <= more && cap <= SIZE_MAX / 2)
        cap *= 2;

    char *data = NULL;
    if (cap - buf->len > more)
        data = dbc__alloc_resize(buf->alloc, buf->data, buf->cap, cap);
    if (data == NULL) {
        buf->status = DBC_ENOMEM;
        return 0;
    }
    buf->data = data;
    buf->cap = cap;
    return 1;
}

void dbc__buf_init(dbc_buf *buf, const dbc_alloc *alloc)
{
    *buf = (dbc_buf){.alloc = dbc__alloc_or_default(alloc)};
}

void dbc__buf_dispose(dbc_buf *buf)
{
    dbc__alloc_free(buf->alloc, buf->data, buf->cap);
    dbc__buf_init(buf, buf->alloc);
}

void dbc__buf_clear(dbc_buf *buf)
{
    buf->len = 0;
    buf->status = DBC_OK;
    if (buf->data != NULL) buf->data[0] = '\0';
}

void dbc__buf_add_char(dbc_buf *buf, char c)
{
    if (!make_room(buf, 1)) return;

    buf->data[buf->len++] = c;
    buf->data[buf->len] = '\0';
}

void dbc_buf_add(dbc_buf *buf, const char *text, size_t len)
{
    if (len > PTRDIFF_MAX) buf->status = DBC_ENOMEM; // no object is so large
    if (len == 0 || len > PTRDIFF_MAX || !make_room(buf, len)) return;

    memcpy(buf->data + buf->len, text, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void dbc_buf_add_string(dbc_buf *buf, const char *text)
{
    dbc_buf_add(buf, text, strlen(text));
}

void dbc_buf_add_int(dbc_buf *buf, int64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, value);

    dbc_buf_add(buf, digits, (size_t)len);
}
