// Inserts between hooks that are more than one plain row: from the rows of a
// query, or with an update where a row is there already. Each row becomes an
// insert or an update of its own, and those call the hooks.
#ifndef DBC_WORK_HOOKED_INSERT_H
#define DBC_WORK_HOOKED_INSERT_H

#include "hooked_row.h"

// Whether the insert is one row, and nothing but an insert.
int dbc__hooked_is_plain(const dbc_query *insert);

// Does one that is not, inside of its transaction. DBC_OK, or the connection
// has the error.
int dbc__hooked_insert(dbc__hooked *h);

#endif
