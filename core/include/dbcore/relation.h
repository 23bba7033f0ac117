/**
 * Relations, the ways from table to table: as they are declared, and as a
 * schema understood them. A query loads along them and asks about them.
 */
#ifndef DBCORE_RELATION_H
#define DBCORE_RELATION_H

#include <stddef.h>

#include "column.h"
#include "names.h"
#include "table.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How many rows are at the other end. */
typedef enum dbc_relation_kind { DBC_ONE, DBC_MANY } dbc_relation_kind;

/**
 * A relation as it is declared. With `from` and `to` empty it is inferred
 * from the foreign keys; more than one candidate is an error that names them.
 */
typedef struct dbc_relation_def {
    const char *table; /* where it starts */
    const char *name;
    dbc_relation_kind kind;
    const char *target;
    const char *through; /* a table between the two, or NULL */
    dbc_names from, to;  /* columns at both ends */
    dbc_names through_from, through_to;
    /**
     * A condition on the target and the table between, or NULL: a query that
     * holds one expression. Only rows for which it is true are related. It is
     * copied; its tables get a reference each.
     */
    const struct dbc_query *where;
} dbc_relation_def;

/** A relation as the schema understood it: equal numbers of columns. */
typedef struct dbc_relation {
    const char *name;
    dbc_relation_kind kind;
    const dbc_table *source, *target;
    const dbc_table *through; /* or NULL; then the last two are NULL too */
    size_t key_count;         /* pairs source[i] = target[i], or = through[i] */
    const dbc_column *const *source_key;
    const dbc_column *const *target_key;
    size_t through_count; /* pairs through_to[i] = target_key[i] */
    const dbc_column *const *through_from; /* meets source_key */
    const dbc_column *const *through_to;   /* meets target_key */
    const struct dbc_query *where;         /* its own condition, or NULL */
} dbc_relation;

#ifdef __cplusplus
}
#endif

#endif
