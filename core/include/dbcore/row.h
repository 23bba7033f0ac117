/**
 * A row before it is written, or as it was read, and its check without a
 * database. Every write of the library checks its rows like this.
 */
#ifndef DBCORE_ROW_H
#define DBCORE_ROW_H

#include "error.h"
#include "export.h"
#include "forward.h"
#include "report.h"
#include "table.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a row is checked for. */
typedef enum dbc_row_use {
    DBC_ROW_INSERT, /* a new row: what is absent gets its default */
    DBC_ROW_UPDATE, /* new values for some columns */
    DBC_ROW_SELECT  /* a row as it was read: absent is NULL */
} dbc_row_use;

/** Where the value of a column comes from. */
enum {
    DBC_ABSENT,  /* the row does not mention it */
    DBC_GIVEN,   /* `values` has it */
    DBC_COMPUTED /* somebody else gives it: it is not known yet */
};

/** A row, with a value and its origin for each column of the table. */
struct dbc_row {
    const dbc_table *table;
    dbc_row_use use;
    dbc_value *values;
    unsigned char *presence; /* DBC_ABSENT, DBC_GIVEN or DBC_COMPUTED */
};

/**
 * Checks a row as every write of the library does: types, NOT NULL, enums,
 * ranges, lengths, patterns, shapes of JSON, the host's rules. It adds the
 * checks of columns and table as far as they can be told without a database
 * (literals, columns, comparisons, IN, BETWEEN, LIKE, AND, OR, NOT, + - * /,
 * length, abs, coalesce); the others are left to the database.
 *
 * Given values become what is stored, as by dbc_column_encode(). A column
 * whose type or NOT NULL is broken is DBC_COMPUTED afterwards. `conn` is handed
 * to the host's rules and may be NULL.
 *
 * Returns DBC_OK; DBC_EVALIDATION with everything in `report`, and the first
 * of it in `err`; DBC_ENOMEM; what the host's rules return.
 */
DBC_API int dbc_row_validate(dbc_report *report, const dbc_row *row,
                             dbc_conn *conn, dbc_error *err);

#ifdef __cplusplus
}
#endif

#endif
