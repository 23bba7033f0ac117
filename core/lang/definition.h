// A part of a schema that is written as SQL, because a description cannot say
// it: one CREATE statement, of which only the kind and the name are known.
#ifndef DBC_LANG_DEFINITION_H
#define DBC_LANG_DEFINITION_H

#include "arena.h"
#include "dbcore.h"

// Reads `sql` and copies what is kept into the arena. DBC_OK; DBC_ENOMEM;
// DBC_ESCHEMA when it is not one CREATE statement of the main database.
int dbc__definition_init(dbc_definition *out, const char *sql,
                         dbc__arena *arena, dbc_error *err);

// Whether rows can be read from it, or a foreign key point to it.
int dbc__definition_is_table(const dbc_definition *definition);

#endif
