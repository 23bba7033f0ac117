// Compiling under policies that are not the query's own.
#ifndef DBC_LANG_COMPILE_H
#define DBC_LANG_COMPILE_H

#include "policy.h"

// As dbc_query_compile(), under all of `policies`.
int dbc__query_compile(dbc_sql *out, const dbc_query *query,
                       const dbc__policies *policies,
                       const dbc_dialect *dialect, const dbc_alloc *alloc,
                       dbc_error *err);

#endif
