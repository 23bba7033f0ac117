// What a full-text index says of the text it covers.
#ifndef DBC_MIGRATE_FULL_TEXT_H
#define DBC_MIGRATE_FULL_TEXT_H

#include "catalog.h"

typedef enum dbc__text_home {
    DBC__TEXT_ELSEWHERE, // no full-text index at all
    DBC__TEXT_OWN,       // it keeps the text itself
    DBC__TEXT_NOWHERE,   // content = '': the text cannot be read back
    DBC__TEXT_COVERED    // it is read from another table
} dbc__text_home;

// Where the text of a virtual table is. `content` (may be NULL) becomes the
// name of the table it is read from, as a token of the object's SQL.
dbc__text_home dbc__full_text_home(const dbc__object *object,
                                   dbc__token *content);

// Adds the query by which an index reads the text it covers: the columns it
// names, and the rowid. Returns 1; 0 when it covers none; DBC_ENOMEM.
int dbc__full_text_reads(dbc_buf *out, dbc__arena *arena,
                         const dbc__object *object, const dbc_dialect *dialect);

#endif
