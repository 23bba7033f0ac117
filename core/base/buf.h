// A growing text. Sticky: the first failed growth is kept in `status`, later
// writes do nothing, and the last reader reports it.
#ifndef DBC_BASE_BUF_H
#define DBC_BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "dbcore_driver.h"

struct dbc_buf {
    const dbc_alloc *alloc; // borrowed
    char *data;             // owned; ends with a NUL once written to
    size_t len;
    size_t cap;
    int status; // DBC_OK or DBC_ENOMEM
};

void dbc__buf_init(dbc_buf *buf, const dbc_alloc *alloc);
void dbc__buf_dispose(dbc_buf *buf);

// Empties it but keeps its memory.
void dbc__buf_clear(dbc_buf *buf);

void dbc__buf_add_char(dbc_buf *buf, char c);

#endif
