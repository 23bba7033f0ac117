// Relations: which columns meet which when rows are loaded with their
// relatives.
#ifndef DBC_LANG_RELATION_H
#define DBC_LANG_RELATION_H

#include "schema.h"

// Understands one relation; what it points to lives in the schema's arena.
// Tables and links of the schema are complete by then. DBC_OK; DBC_ENOMEM;
// DBC_ESCHEMA with a message that does not name the relation.
int dbc__relation_resolve(dbc_relation *out, dbc_schema *schema,
                          const dbc_relation_def *def, dbc_error *err);

#endif
