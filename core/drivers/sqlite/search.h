// Failures of a full-text search. FTS5 reads the text of a search when the
// statement runs, so that what a person typed can fail it.
#ifndef DBC_DRIVERS_SQLITE_SEARCH_H
#define DBC_DRIVERS_SQLITE_SEARCH_H

#include "dbcore.h"

// Says in `err`, with which running a statement of that text failed, that it
// was the search when it was. The code is then DBC_ESYNTAX, or DBC_EINVALID
// when the index cannot be searched from that place in the statement.
void dbc__sqlite_blame_search(dbc_error *err, const char *sql);

#endif
