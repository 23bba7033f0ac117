/**
 * Columns: how one is described, how a table has it afterwards, and how a value
 * is held to it. In a description zero means "not said".
 */
#ifndef DBCORE_COLUMN_H
#define DBCORE_COLUMN_H

#include <stddef.h>
#include <stdint.h>

#include "constraint.h"
#include "error.h"
#include "export.h"
#include "forward.h"
#include "names.h"
#include "type.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Flags of a column. */
enum {
    DBC_COLUMN_NOT_NULL = 1 << 0,
    DBC_COLUMN_PRIMARY_KEY = 1 << 1,
    DBC_COLUMN_AUTOINCREMENT = 1 << 2,
    DBC_COLUMN_UNIQUE = 1 << 3,
    DBC_COLUMN_STORED = 1 << 4,        /* the generated column is stored */
    DBC_COLUMN_DEFAULT_NOW = 1 << 5,   /* by the database, at insert */
    DBC_COLUMN_ON_UPDATE_NOW = 1 << 6, /* set by every UPDATE that is silent */
    DBC_COLUMN_HAS_DEFAULT = 1 << 7,   /* `default_value` counts */
    DBC_COLUMN_HAS_MIN = 1 << 8,       /* `min` counts (range) */
    DBC_COLUMN_HAS_MAX = 1 << 9,       /* `max` counts (range) */
    DBC_COLUMN_HAS_MIN_LEN = 1 << 10,  /* `min_len` counts (length) */
    DBC_COLUMN_HAS_MAX_LEN = 1 << 11,  /* `max_len` counts (length) */
    DBC_COLUMN_DESC_KEY = 1 << 12,     /* INTEGER PRIMARY KEY DESC */
    DBC_COLUMN_HOST_DEFAULT = 1 << 13, /* the host fills it at insert */
    DBC_COLUMN_HOST_UPDATE = 1 << 14   /* the host fills it at update */
};

/**
 * What is inside a JSON column: an object with these fields, or a list of such
 * items. A field is described like a column, by name, type, NOT NULL (it must
 * be there), enum, range, length, pattern and, when it is JSON itself, a shape.
 * Without fields and items it is an object of any keys.
 */
typedef struct dbc_shape {
    const struct dbc_column_def *fields;
    size_t field_count;
    const struct dbc_column_def *items; /* of a list, else NULL */
} dbc_shape;

/**
 * One column. Only `name` and `type` are needed; zero means "not said" in
 * all other fields. The same structure is what you write and what you read.
 */
typedef struct dbc_column_def {
    const char *name;
    dbc_type type;
    unsigned flags;          /* DBC_COLUMN_… */
    const char *storage;     /* SQL type instead of the type's own ("": none is
                                declared), or NULL */
    dbc_value default_value; /* with DBC_COLUMN_HAS_DEFAULT */
    const char *default_sql; /* an expression, or NULL */
    const char *generated;   /* an expression, or NULL */
    const char *collate;     /* a collation, or NULL */
    const char *check;       /* an expression, or NULL */
    const char *check_name;  /* the name of that constraint, or NULL */
    dbc_names enum_values;
    double min, max;         /* inclusive */
    size_t min_len, max_len; /* characters of text, bytes of a blob */
    const char *pattern;     /* a Lua pattern that the text must match */
    const dbc_shape *shape;  /* of a JSON column, or NULL */
    const dbc_foreign_key_def *references; /* or NULL */
    dbc_conflict on_conflict_key, on_conflict_not_null, on_conflict_unique;
    uint32_t codec; /* the host's number for a CUSTOM type, or 0 */
    const char *as; /* the key in rows instead of the name, or NULL */
    const char *comment;
    const char *renamed_from; /* for migrations; NULL when it was not */
    const char *backfill;     /* an expression for rows without a value */
    const char *copy;         /* an expression over the old row */
} dbc_column_def;

/** A column as its table has it. It lives as long as its table. */
typedef struct dbc_column {
    const dbc_table *table;
    uint32_t position; /* from 0, in the order of declaration */
    uint32_t name_len;
    dbc_column_def def; /* a copy: all its pointers belong to the table */
    unsigned rules;     /* private: which rules it has */
    unsigned passes;    /* private: types of values it takes as they are */
} dbc_column;

/**
 * Checks `*value` against the column's type and turns it into what is stored:
 * a boolean into 0 or 1, a whole real into an integer, text for a blob column
 * into a blob. NULL passes. Text stays where it is.
 *
 * Returns DBC_OK; DBC_EINVALID when the value does not fit, and `err` names
 * table, column, what was expected and what was given.
 */
DBC_API int dbc_column_encode(const dbc_column *column, dbc_value *value,
                              dbc_error *err);

#ifdef __cplusplus
}
#endif

#endif
