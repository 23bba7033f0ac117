// SQL types by name, as a description may give them for a column.
#ifndef DBC_LANG_STORAGE_H
#define DBC_LANG_STORAGE_H

// Whether it can stand as a type and as nothing more: words that begin no
// constraint, then perhaps numbers in brackets, "DECIMAL(10, 2)". Nothing at
// all is a column without a type.
int dbc__storage_is_type(const char *text);

// Whether a STRICT table knows it.
int dbc__storage_is_strict(const char *text);

#endif
