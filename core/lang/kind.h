// Tables, views and full-text indexes: what each kind demands as a whole.
#ifndef DBC_LANG_KIND_H
#define DBC_LANG_KIND_H

#include "dbcore.h"

// DBC_OK, or DBC_ESCHEMA with a message that does not name the table.
int dbc__kind_check(const dbc_table *table, dbc_error *err);

#endif
