// What the declared types accept and how a value is stored under them. Known
// to whatever binds values: writes, comparisons, arguments, defaults.
#ifndef DBC_LANG_TYPE_H
#define DBC_LANG_TYPE_H

#include <stddef.h>

#include "dbcore.h"

// dbc_column_encode() for a value whose column may be unknown: `column` is
// NULL where only a type is, as beside an expression. Items of a list are
// encoded by the caller, one by one; a list itself is refused.
int dbc__type_encode(dbc_type type, const dbc_column *column, dbc_value *value,
                     dbc_error *err);

// A value as a message shows it: its type, and what fits of it. Returns
// out->text.
typedef struct dbc__described {
    char text[120];
} dbc__described;
const char *dbc__type_describe(dbc__described *out, const dbc_value *value);

// Whether it is stored as text by its nature (not CUSTOM, not ANY).
int dbc__type_is_text(dbc_type type);

// Whether its values are numbers that a range can be laid over.
int dbc__type_is_number(dbc_type type);

// Whether the database can fill it with the present moment.
int dbc__type_has_now(dbc_type type);

// The SQL type of the type map, such as "INTEGER". Static.
const char *dbc__type_sql(dbc_type type);

// Whether `type` is one of the enum at all.
int dbc__type_exists(dbc_type type);

#endif
