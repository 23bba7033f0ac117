// Copying a table's description into an arena, with everything it points to.
#ifndef DBC_LANG_DEF_H
#define DBC_LANG_DEF_H

#include "arena.h"
#include "dbcore.h"

// DBC_OK; DBC_ENOMEM, then `out` holds a part that must not be used.
int dbc__def_copy(dbc_table_def *out, const dbc_table_def *def,
                  dbc__arena *arena);

#endif
