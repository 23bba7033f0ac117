// What a query may not even say where policies hold: a table that is closed, an
// operation that no rule mentions, a view without a rule, text with a query in
// it, a CTE with the name of a table.
#ifndef DBC_LANG_PERMIT_H
#define DBC_LANG_PERMIT_H

#include "scope.h"

// Refuses what the policies of the compilation do not allow or could not hold,
// before anything is written. Returns the compiler's status.
int dbc__permit_check(dbc__compiler *c);

#endif
