// The structures of a description, field by field: how each is spelt in Lua,
// where it lies in C and what it may hold. Reading (ldeclare.c) and writing
// (ldescribe.c) follow the same lists, so they cannot disagree.
#ifndef DBC_LFIELD_H
#define DBC_LFIELD_H

#include "dbcore.h"

typedef enum lfield_kind {
    LFIELD_TEXT,
    LFIELD_FLAG,       // the bit `more` of the flags at `offset`
    LFIELD_BOOL,       // an int
    LFIELD_CHOICE,     // an enum: the place of its word in `words`
    LFIELD_TYPE,       // a dbc_type
    LFIELD_NAMES,      // a dbc_names
    LFIELD_LIST,       // an array of `shape`, its count at offset `more`
    LFIELD_STRUCT,     // a structure of `shape`
    LFIELD_STRUCT_PTR, // a pointer to one
    LFIELD_NUMBER,     // of a column: a double that counts with the flag `more`
    LFIELD_LENGTH,     // of a column: a size_t that counts with the flag
    LFIELD_EXPR,       // of a relation: an expression
    LFIELD_DEFAULT, // of a column: its type tells how it is read, so it waits
    LFIELD_CODEC,   // of a column: the number of a codec
    LFIELD_HOST,    // of a column: kept in Lua; the flag `more` may be 0
    LFIELD_KEPT     // of a table: looked at by others
} lfield_kind;

typedef struct lrecord lrecord;

typedef struct lfield {
    const char *key;
    lfield_kind kind;
    size_t offset, more;
    const char *const *words;
    const lrecord *inner;
} lfield;

struct lrecord {
    const char *what; // for messages
    size_t size;
    const lfield *fields;
    size_t count;
};

extern const lrecord lfield_table, lfield_column, lfield_relation;
extern const char *const lfield_relation_kinds[];

#endif
