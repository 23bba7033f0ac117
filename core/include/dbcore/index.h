/**
 * Indexes as they are described.
 */
#ifndef DBCORE_INDEX_H
#define DBCORE_INDEX_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A column or an expression of an index. One of the first two is NULL. */
typedef struct dbc_index_part {
    const char *column;
    const char *expression;
    const char *collate; /* or NULL */
    int descending;
} dbc_index_part;

/** An index. */
typedef struct dbc_index_def {
    const char *name; /* needed */
    const dbc_index_part *parts;
    size_t part_count;
    int unique;
    const char *where; /* an expression, or NULL */
    const char *renamed_from;
} dbc_index_def;

#ifdef __cplusplus
}
#endif

#endif
