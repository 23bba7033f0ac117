/**
 * All that is wrong with a row. Whoever checks a row makes a report for it; the
 * one of a write belongs to the connection, see dbc_conn_report().
 */
#ifndef DBCORE_REPORT_H
#define DBCORE_REPORT_H

#include <stddef.h>

#include "alloc.h"
#include "column.h"
#include "export.h"
#include "forward.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * One rule that a row breaks. All texts are good as long as the report is
 * neither changed nor freed.
 *
 * `rule` is "type", "not_null", "enum", "range", "length", "pattern",
 * "generated", "check", "unknown" (a field that the shape of a JSON column
 * does not have), or whatever the host calls its own.
 */
typedef struct dbc_violation {
    const dbc_column *column; /* NULL: a rule of the whole row */
    const char *path;         /* "name", "settings.tags[2]"; never NULL */
    const char *rule;
    const char *constraint; /* of a check: its name or expression; or NULL */
    const char *message;    /* one line, no full stop */
} dbc_violation;

/**
 * Everything a row breaks, in the order of the columns; rules of the whole row
 * come last. Empty when it is made. Returns DBC_OK or DBC_ENOMEM.
 */
DBC_API int dbc_report_new(dbc_report **out, const dbc_alloc *alloc);
/** Ends a report. NULL is allowed. */
DBC_API void dbc_report_free(dbc_report *report);

/** Empties it. */
DBC_API void dbc_report_clear(dbc_report *report);

/** How many things are wrong with the row. */
DBC_API size_t dbc_report_count(const dbc_report *report);

/** Violation `i` from 0. */
DBC_API const dbc_violation *dbc_report_at(const dbc_report *report, size_t i);

/**
 * Adds one. `column` is NULL for a rule of the whole row; `path` NULL means
 * the name of the column, or else of the rule. All texts are copied, messages
 * cut to the room of dbc_error.message. Returns DBC_OK or DBC_ENOMEM; after
 * that the row fails with DBC_ENOMEM.
 */
DBC_API int dbc_report_add(dbc_report *report, const dbc_column *column,
                           const char *path, const char *rule,
                           const char *message);

#ifdef __cplusplus
}
#endif

#endif
