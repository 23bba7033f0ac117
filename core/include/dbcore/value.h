/**
 * Values as they are bound and read. Each is a view of memory that belongs to
 * somebody else, and the functions that make one copy nothing.
 */
#ifndef DBCORE_VALUE_H
#define DBCORE_VALUE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What kind of value it is. */
typedef enum dbc_value_type {
    DBC_NULL,
    DBC_INT,  /* 64 bits, signed */
    DBC_REAL, /* a double */
    DBC_TEXT, /* UTF-8, may hold NUL */
    DBC_BLOB,
    DBC_BOOL,   /* going in only: stored as 0 or 1 */
    DBC_LIST,   /* going in only: the right side of IN */
    DBC_FOREIGN /* going in only: something of the host that no column takes;
                   `text` says what, so that a refusal can name it */
} dbc_value_type;

/**
 * One value. It is a view: `text`, `blob` and `list` point to memory of
 * somebody else, and each function says how long that is good.
 */
typedef struct dbc_value {
    dbc_value_type type;
    size_t len; /* bytes of text or blob, items of a list; else 0 */
    union {
        int64_t i; /* DBC_INT, and DBC_BOOL as 0 or 1 */
        double r;
        const char *text;
        const void *blob;
        const struct dbc_value *list;
    } as;
} dbc_value;

static inline dbc_value dbc_value_null(void)
{
    dbc_value value = {DBC_NULL, 0, {0}};
    return value;
}

static inline dbc_value dbc_value_int(int64_t i)
{
    dbc_value value = {DBC_INT, 0, {0}};
    value.as.i = i;
    return value;
}

static inline dbc_value dbc_value_bool(int b)
{
    dbc_value value = {DBC_BOOL, 0, {0}};
    value.as.i = b != 0;
    return value;
}

static inline dbc_value dbc_value_real(double r)
{
    dbc_value value = {DBC_REAL, 0, {0}};
    value.as.r = r;
    return value;
}

/** A view of `len` bytes at `text`: nothing is copied. */
static inline dbc_value dbc_value_text(const char *text, size_t len)
{
    dbc_value value = {DBC_TEXT, len, {0}};
    value.as.text = text;
    return value;
}

/** A view of `len` bytes at `blob`: nothing is copied. */
static inline dbc_value dbc_value_blob(const void *blob, size_t len)
{
    dbc_value value = {DBC_BLOB, len, {0}};
    value.as.blob = blob;
    return value;
}

/** A view of `count` values at `items`: nothing is copied. */
static inline dbc_value dbc_value_list(const dbc_value *items, size_t count)
{
    dbc_value value = {DBC_LIST, count, {0}};
    value.as.list = items;
    return value;
}

/**
 * What no column takes, in the host's words: "a function". Every column
 * refuses it as it refuses a value of the wrong type.
 */
static inline dbc_value dbc_value_foreign(const char *text, size_t len)
{
    dbc_value value = {DBC_FOREIGN, len, {0}};
    value.as.text = text;
    return value;
}

#ifdef __cplusplus
}
#endif

#endif
