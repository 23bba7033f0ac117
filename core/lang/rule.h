// The CHECKs that follow from how a column is declared.
#ifndef DBC_LANG_RULE_H
#define DBC_LANG_RULE_H

#include "buf.h"

// Each as " CONSTRAINT name CHECK (…)".
void dbc__rule_write(dbc_buf *out, const dbc_column *column,
                     const dbc_dialect *dialect);

#endif
