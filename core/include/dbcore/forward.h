/**
 * Names of objects of which several headers speak before the one that describes
 * them. It holds nothing else.
 */
#ifndef DBCORE_FORWARD_H
#define DBCORE_FORWARD_H

#ifdef __cplusplus
extern "C" {
#endif

/** A row, with what is known of it: see row.h. */
typedef struct dbc_row dbc_row;
/** What is wrong with a row: every rule that it breaks. */
typedef struct dbc_report dbc_report;
/** A write that is about to happen, as its hooks see it. */
typedef struct dbc_write dbc_write;
/** A connection: see dbc_open(). */
typedef struct dbc_conn dbc_conn;

/**
 * A table as the library holds it: checked, copied, never changed, counted.
 * Several schemas and threads may share one.
 */
typedef struct dbc_table dbc_table;

#ifdef __cplusplus
}
#endif

#endif
