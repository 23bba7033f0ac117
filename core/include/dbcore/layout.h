/**
 * What a row of a result looks like: its columns, and the tables by which they
 * are grouped. A statement that came from a query has one, see
 * dbc_stmt_layout().
 */
#ifndef DBCORE_LAYOUT_H
#define DBCORE_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "column.h"
#include "type.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One column of a result. All pointers are good as long as the layout. */
typedef struct dbc_output {
    const char *name;
    size_t name_len;
    dbc_type type;            /* how to read the value */
    uint32_t codec;           /* the host's number, of DBC_T_CUSTOM */
    uint32_t group;           /* index into `groups`; `group_count`: beside */
    const dbc_column *column; /* it is this column as it stands, or NULL */
} dbc_output;

/** The outputs that belong to one table, when rows are grouped by table. */
typedef struct dbc_group {
    const char *name;
    size_t name_len;
    uint32_t first, count; /* outputs */
    int optional;          /* an outer join may leave it without a row */
    int32_t presence;      /* the output that is then NULL; -1: all of them */
} dbc_group;

/**
 * What a row looks like. With `group_count` 0 a row is flat; else each output
 * belongs to a group, but for those of dbc_query_also(), which come last and
 * stand beside the groups. `slot` and `serial` let a host keep something of its
 * own beside each layout of a connection: slots are few and used again, a
 * serial number never is.
 */
typedef struct dbc_layout {
    uint32_t slot;
    uint64_t serial;
    const dbc_output *outputs;
    size_t output_count;
    const dbc_group *groups;
    size_t group_count;
} dbc_layout;

#ifdef __cplusplus
}
#endif

#endif
