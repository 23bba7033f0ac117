// What is inside a JSON column: whether a description of it holds together,
// and whether a document is as it says.
#ifndef DBC_LANG_SHAPE_H
#define DBC_LANG_SHAPE_H

#include "dbcore.h"

// The shape of the column. DBC_OK, or DBC_ESCHEMA with a message that names
// the field.
int dbc__shape_check(const dbc_column *column, dbc_error *err);

// Adds whatever in the JSON text `value` is not as the shape of the column has
// it, each with its path: "settings.tags[2]".
void dbc__shape_validate(dbc_report *report, const dbc_column *column,
                         const dbc_value *value);

#endif
