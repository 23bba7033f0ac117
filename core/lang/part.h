// What any part of a description must be, whatever it belongs to: a name, an
// expression, one of an enum's values. Each check returns DBC_OK or
// DBC_ESCHEMA with a message that calls the part `what`.
#ifndef DBC_LANG_PART_H
#define DBC_LANG_PART_H

#include "dbcore.h"

// How a message calls a part: `index "users_email"`, or `an index` without a
// name. Returns out->text.
typedef struct dbc__part {
    char text[120];
} dbc__part;
const char *dbc__part_quote(dbc__part *out, const char *kind, const char *name);

// Whether two names that end with a NUL are the same identifier.
int dbc__part_equal(const char *a, const char *b);

// A name that is there and can be one.
int dbc__part_name(const char *name, const char *what, dbc_error *err);

// The same, or NULL.
int dbc__part_optional_name(const char *name, const char *what, dbc_error *err);

// The name of something in the database: "sqlite_…" is SQLite's own.
int dbc__part_object_name(const char *name, const char *what, dbc_error *err);

// An expression, or NULL: it cannot reach beyond its place.
int dbc__part_expression(const char *text, const char *what, dbc_error *err);

int dbc__part_conflict(dbc_conflict conflict, const char *what, dbc_error *err);

#endif
