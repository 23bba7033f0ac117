/**
 * Tables, views and full-text indexes. A description is checked and copied into
 * a table, which is counted and never changes, so that schemas and threads can
 * share it.
 */
#ifndef DBCORE_TABLE_H
#define DBCORE_TABLE_H

#include <stddef.h>

#include "alloc.h"
#include "column.h"
#include "constraint.h"
#include "error.h"
#include "export.h"
#include "forward.h"
#include "index.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A trigger: `sql` is all that follows CREATE TRIGGER "name". */
typedef struct dbc_trigger_def {
    const char *name;
    const char *sql;
} dbc_trigger_def;

/** What kind of table it is. */
typedef enum dbc_table_kind {
    DBC_TABLE,
    DBC_VIEW, /* `sql` is its SELECT; columns are declared to be read */
    DBC_FTS   /* full text over `content`, kept in step by triggers */
} dbc_table_kind;

/**
 * Rules that only the host can check, such as a function of its own language.
 *
 * `check` is called for each row that is written or validated, behind the
 * library's own rules, on the thread that does so. It adds what is broken with
 * dbc_report_add(). `conn` is the connection that writes, which it must not
 * use, or NULL. It returns DBC_OK, also when it added something; below zero
 * the write fails with what it put into `err`. `release`, when there is one,
 * is called once, when the last reference to the table is gone, on whatever
 * thread that is.
 *
 * `fill`, when there is one, is called for each row that is inserted and for
 * each update, when the query is silent about a column that says
 * DBC_COLUMN_HOST_DEFAULT or DBC_COLUMN_HOST_UPDATE: it sets such columns with
 * dbc_write_set(), or leaves them. It must not use the connection. Below zero
 * the write fails with what it put into `err`. Rows that come from a query are
 * the database's: for those it is not called.
 */
typedef struct dbc_host_rules {
    int (*check)(void *ud, dbc_conn *conn, const dbc_row *row,
                 dbc_report *report, dbc_error *err);
    void (*release)(void *ud);
    void *ud;
    int (*fill)(void *ud, dbc_write *write, dbc_error *err);
} dbc_host_rules;

/** Flags of a table. */
enum { DBC_TABLE_STRICT = 1 << 0, DBC_TABLE_WITHOUT_ROWID = 1 << 1 };

/** One table, view or full-text index. Only `name` and columns are needed. */
typedef struct dbc_table_def {
    const char *name;   /* as queries and rows know it */
    const char *prefix; /* put before the name in the database, or NULL */
    dbc_table_kind kind;
    unsigned flags; /* DBC_TABLE_… */
    const dbc_column_def *columns;
    size_t column_count;
    dbc_key_def primary_key; /* over several columns; else empty */
    const dbc_key_def *uniques;
    size_t unique_count;
    const dbc_index_def *indexes;
    size_t index_count;
    const dbc_check_def *checks;
    size_t check_count;
    const dbc_foreign_key_def *foreign_keys;
    size_t foreign_key_count;
    const dbc_trigger_def *triggers;
    size_t trigger_count;
    const char *sql;      /* of a view */
    const char *content;  /* of a full-text index: the table it covers */
    const char *tokenize; /* of a full-text index, or NULL */
    const char *comment;
    const char *shard_by; /* a column that every primary key must hold */
    const char *renamed_from;
    dbc_host_rules host;
} dbc_table_def;

/**
 * Makes a table from its description, which is copied whole.
 *
 * Returns DBC_OK and a table with one reference in `*out`; DBC_ENOMEM;
 * DBC_ESCHEMA when the description contradicts itself (no columns, a name
 * twice, an unknown column in a key, an empty name or one with a NUL, …), and
 * `err` says which part and how to mend it. `alloc` may be NULL.
 */
DBC_API int dbc_table_new(dbc_table **out, const dbc_table_def *def,
                          const dbc_alloc *alloc, dbc_error *err);

/** One more reference. Safe from any thread. Returns `table`. */
DBC_API const dbc_table *dbc_table_retain(const dbc_table *table);

/** One reference less; the last one frees. Safe from any thread. */
DBC_API void dbc_table_release(const dbc_table *table);

/** All that was declared. Good as long as the table. */
DBC_API const dbc_table_def *dbc_table_describe(const dbc_table *table);

/** The name in the database, prefix included. Good as long as the table. */
DBC_API const char *dbc_table_sql_name(const dbc_table *table);

/** How many columns were declared. */
DBC_API size_t dbc_table_column_count(const dbc_table *table);

/** Column `position` from 0. Good as long as the table. */
DBC_API const dbc_column *dbc_table_column(const dbc_table *table,
                                           size_t position);

/**
 * The column of that name; letters compare as SQLite compares them (ASCII
 * case does not count). Returns NULL when there is none; then `err`, when
 * given, has code DBC_ESCHEMA and names the nearest column.
 */
DBC_API const dbc_column *dbc_table_find(const dbc_table *table,
                                         const char *name, size_t len,
                                         dbc_error *err);

/** The columns that a full-text index has beside those it is declared with. */
typedef enum dbc_fts_column {
    DBC_FTS_ROWID, /* the key of the row of its content */
    DBC_FTS_RANK,  /* how well a row fits a search: less is better */
    DBC_FTS_WHOLE  /* everything indexed: the left of MATCH, say */
} dbc_fts_column;

/**
 * Such a column, to be read: the declared one where the description of
 * `index` has it. NULL when `index` is no full-text index. Good as long as
 * the index.
 */
DBC_API const dbc_column *dbc_table_fts_column(const dbc_table *index,
                                               dbc_fts_column which);

/** How many columns the primary key has; 0 when there is none. */
DBC_API size_t dbc_table_key_count(const dbc_table *table);

/** Column `i` from 0 of the primary key. */
DBC_API const dbc_column *dbc_table_key(const dbc_table *table, size_t i);

#ifdef __cplusplus
}
#endif

#endif
