/**
 * What went wrong, in full. A call that needs no connection fills one of yours;
 * a call on a connection leaves it there, where dbc_conn_error() finds it.
 */
#ifndef DBCORE_ERROR_H
#define DBCORE_ERROR_H

#include <stdint.h>

#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What went wrong, whole and without any pointer, so that it can be copied
 * and kept. It lives on your stack; initialise it with DBC_ERROR_INIT or let
 * a failing call fill it. In `columns` a name that holds a comma or a double
 * quote stands in double quotes, which are doubled inside of it.
 */
typedef struct dbc_error {
    int code;             /* a dbc_status below zero, or DBC_OK */
    int native;           /* the engine's own code (SQLite: extended), or 0 */
    int64_t offset;       /* byte in the SQL text where it is wrong, or -1 */
    int64_t row;          /* index of the row in a bulk write from 1, or 0 */
    int rolled_back;      /* 1 when the transaction is gone because of this */
    char message[512];    /* one line, no full stop, always NUL-terminated */
    char table[128];      /* the table concerned, or "" */
    char columns[256];    /* its columns, separated by a comma, or "" */
    char constraint[128]; /* the constraint's name or expression, or "" */
} dbc_error;

/** An error that says nothing yet. */
#define DBC_ERROR_INIT                      \
    {                                       \
        DBC_OK, 0, -1, 0, 0, "", "", "", "" \
    }

#ifdef __cplusplus
}
#endif

#endif
