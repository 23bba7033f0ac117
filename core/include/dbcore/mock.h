/**
 * For tests: a driver that reaches no database. It speaks a dialect of its own
 * ($1 placeholders, no RIGHT or FULL join, no GLOB), answers from a script, and
 * keeps a log of what it was asked. Without a script every statement answers no
 * rows and 0 changes. It knows which statements begin and end transactions, and
 * refuses what no database would take: a COMMIT outside of one, a savepoint
 * outside of one, a gap in the numbers of the placeholders.
 */
#ifndef DBCORE_MOCK_H
#define DBCORE_MOCK_H

#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "conn.h"
#include "export.h"
#include "sql.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The mock driver. Give a dbc_mock in `driver_ud` of the options, or NULL. */
DBC_API const dbc_driver *dbc_driver_mock(void);

/** The dialect of the mock driver. */
DBC_API const dbc_dialect *dbc_dialect_mock(void);

/** A script and a log. One may serve several connections of one thread. */
typedef struct dbc_mock dbc_mock;

/** Returns NULL when memory is out. `alloc` may be NULL. */
DBC_API dbc_mock *dbc_mock_new(const dbc_alloc *alloc);

/** Every connection that uses it must be closed by then. */
DBC_API void dbc_mock_free(dbc_mock *mock);

/** Where an answer with a `code` fails. */
typedef enum dbc_mock_stage {
    DBC_MOCK_STEP, /* after its rows */
    DBC_MOCK_OPEN, /* the next dbc_open(); `sql` is not looked at */
    DBC_MOCK_PREPARE,
    DBC_MOCK_BIND
} dbc_mock_stage;

/** What one run of a statement answers. Zero: nothing, well. */
typedef struct dbc_mock_answer {
    const char *const *columns; /* their names */
    size_t column_count;
    const dbc_value *values; /* row after row */
    size_t row_count;
    int64_t changes;
    int64_t last_rowid;
    int code; /* below zero: it fails with this … */
    dbc_mock_stage stage;
    const char *message;  /* … and this; NULL: the text of the code */
    int ends_transaction; /* and the transaction is gone with it */
} dbc_mock_answer;

/**
 * Queues an answer, copied whole, for the next statement with this text, or,
 * when `sql` is NULL, for the next one of any text that does not begin or end
 * a transaction. Each answer is given once, the oldest that fits first.
 *
 * Returns DBC_OK or DBC_ENOMEM.
 */
DBC_API int dbc_mock_expect(dbc_mock *mock, const char *sql,
                            const dbc_mock_answer *answer);

/** How many answers nobody asked for yet. */
DBC_API size_t dbc_mock_pending(const dbc_mock *mock);

/** How many statements were started since the log was empty. */
DBC_API size_t dbc_mock_log_count(const dbc_mock *mock);

/**
 * Statement `i` from 0: its text and copies of the values that were bound,
 * lists included. Good until the log is cleared. The last three may be NULL.
 * Returns its text, or NULL when there is no such entry.
 */
DBC_API const char *dbc_mock_log(const dbc_mock *mock, size_t i,
                                 const dbc_value **values, size_t *count,
                                 size_t *len);

/** Empties the log and drops answers that were not used. */
DBC_API void dbc_mock_clear(dbc_mock *mock);

#ifdef __cplusplus
}
#endif

#endif
