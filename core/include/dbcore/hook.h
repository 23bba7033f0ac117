/**
 * Hooks: what a host does around the writes of a table, row by row. A hook may
 * look at the row, change what is written, leave the row alone or undo all of
 * it.
 */
#ifndef DBCORE_HOOK_H
#define DBCORE_HOOK_H

#include "column.h"
#include "conn.h"
#include "error.h"
#include "export.h"
#include "forward.h"
#include "query.h"
#include "row.h"
#include "table.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * A dbc_write is one row while a query writes it, as a hook sees it. All of it
 * is good until the hook returns. Its kind is what the query does: DBC_INSERT,
 * DBC_UPDATE or DBC_DELETE.
 */
DBC_API dbc_query_kind dbc_write_kind(const dbc_write *write);

/** The table that is written to. */
DBC_API const dbc_table *dbc_write_table(const dbc_write *write);
/** The connection that writes. */
DBC_API dbc_conn *dbc_write_conn(const dbc_write *write);

/**
 * Before the write: what it sets, DBC_COMPUTED where that is an expression;
 * for a delete nothing. Behind it: the row as it is in the database, or, when
 * it was deleted, nothing.
 */
DBC_API const dbc_row *dbc_write_row(const dbc_write *write);

/** The row as it was, a value for each column; NULL for an insert. */
DBC_API const dbc_value *dbc_write_old(const dbc_write *write);

/**
 * 1 when the update is that of an insert, because the row was there already
 * (dbc_query_conflict_set()); else 0.
 */
DBC_API int dbc_write_is_upsert(const dbc_write *write);

/** 1 when the query means deleted rows, too: dbc_query_with_deleted(). */
DBC_API int dbc_write_has_deleted(const dbc_write *write);

/**
 * Before the write: sets a column, to a value or to a query that holds one
 * expression (both copied), or leaves it out of what is set. A delete of which
 * something is set becomes an update of that: a soft delete.
 *
 * Returns DBC_OK; DBC_ENOMEM; DBC_EINVALID behind the write, for a generated
 * column, for a column of another table, and for a list.
 */
DBC_API int dbc_write_set(dbc_write *write, const dbc_column *column,
                          dbc_value value);
/** The same to what `expr` computes, an expression of its table. */
DBC_API int dbc_write_set_expr(dbc_write *write, const dbc_column *column,
                               const dbc_query *expr);
/** The same: the column is not written after all. */
DBC_API int dbc_write_unset(dbc_write *write, const dbc_column *column);

/**
 * What stands around the writes of one table. Each may be NULL; each may use
 * the connection, but not close it, and not end what it runs in: a transaction
 * around the whole query (inside of another one a savepoint).
 *
 * `before` is called for each row before it is validated and written. DBC_DONE
 * leaves the row alone; below zero, with `err` filled, undoes the query and is
 * its result. `after` is called for each row that was written; below zero
 * likewise. `release` is called once, when they are replaced or the connection
 * is closed.
 */
typedef struct dbc_hooks {
    int (*before)(void *ud, dbc_write *write, dbc_error *err);
    int (*after)(void *ud, dbc_write *write, dbc_error *err);
    void (*release)(void *ud);
    void *ud;
} dbc_hooks;

/**
 * Sets the hooks of `table` on `conn`, in place of those it has; NULL removes
 * them. They are called for whatever dbc_query_run(), dbc_query_run_rows(),
 * dbc_query_repeat() and the first step behind dbc_query_open() write to the
 * table of that name, row by row: an update or delete reads the rows that it
 * means first, and then writes each by its key. SQL text, triggers and actions
 * of foreign keys call none.
 *
 * An insert from a query reads its rows first, and then inserts each by itself:
 * an error names which (`row`, from 1). An insert that updates on a conflict
 * looks for a row with the same values in those columns, and is a plain insert
 * or a plain update by key of what it finds: what it computes is asked of the
 * database before. A row that only a hook, or a default, makes one that is
 * there already is the constraint's error. `excluded` of a column that the
 * insert leaves out is its default; where that is known only with the row (its
 * number, a generated column, one that the host fills) it is DBC_EUNSUPPORTED.
 *
 * Returns DBC_OK; DBC_ENOMEM; DBC_ECLOSED; DBC_EINVALID when it is no plain
 * table with a primary key. On failure nothing is changed, and `release` is not
 * called.
 */
DBC_API int dbc_conn_hook(dbc_conn *conn, const dbc_table *table,
                          const dbc_hooks *hooks);

/**
 * From now on `query` calls no hooks and fills no columns (dbc_host_rules):
 * for whoever does so itself, and for deleting for good.
 */
DBC_API void dbc_query_unhook(dbc_query *query);

/**
 * From now on an update or delete by `query` means those rows, too, that its
 * hooks take for deleted (softly) and would leave alone.
 */
DBC_API void dbc_query_with_deleted(dbc_query *query);

#ifdef __cplusplus
}
#endif

#endif
