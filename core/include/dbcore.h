/**
 * dbcore: a data layer in C11 over SQLite.
 *
 * This is the front door: it includes a header for each noun, all of which are
 * in the folder "dbcore". Each of them stands alone, so that a program may
 * include just those it needs. The groups below stand in the order in which
 * they are meant to be read: status codes and errors, memory, values, types;
 * then the *words* (tables, schemas, queries), which need no database; then the
 * *work* (connections, statements, transactions) with the place where the two
 * meet, running a query; and last the way of a database from one schema to
 * another. The door for engines, dbcore_driver.h, is beside it.
 *
 * Manners that hold everywhere:
 *
 * - Zero is well, positive is news (DBC_ROW, DBC_DONE), negative is trouble.
 * - The verb tells who frees: new/free and open/close are yours to pair,
 *   acquire/release lends for a while, retain/release counts references,
 *   init/dispose lives in memory of yours. free(NULL) and release(NULL) are
 *   allowed, always.
 * - Text is UTF-8 with a length in bytes, `len`. Where a function takes a
 *   plain `const char *name`, the name ends with a NUL.
 * - A function that needs no connection takes a `dbc_error *err`, which may be
 *   NULL. A function on a connection or a statement leaves its error on the
 *   connection, where dbc_conn_error() finds it.
 * - Whatever allocates may return DBC_ENOMEM. Whatever uses a connection may
 *   return DBC_ECLOSED, DBC_EBROKEN, in the child of a fork DBC_EINVALID, and
 *   what the engine has to say: DBC_EBUSY, DBC_EIO, DBC_EFULL, DBC_ECORRUPT,
 *   DBC_EREADONLY, DBC_EINTERRUPTED, DBC_ETIMEOUT, a constraint that failed.
 *   What stands at a function is said of it beside these.
 * - What is given to a function is borrowed during the call and copied where
 *   it is kept; where it is not, the function says so. What it gives out by a
 *   pointer to const belongs to the object that it was asked of.
 * - A mistake of the world is a code; a mistake of the programmer that no
 *   caller could handle (a NULL where an object is due) is an assert.
 * - A connection and its statements are used by one thread at a time. Two
 *   connections share nothing but the schemas you give to both, and those do
 *   not change. Only dbc_interrupt() may be called from another thread, and
 *   everything about a pool.
 */
#ifndef DBCORE_H
#define DBCORE_H

/* What everything is said in. */
#include "dbcore/alloc.h"
#include "dbcore/error.h"
#include "dbcore/names.h"
#include "dbcore/status.h"
#include "dbcore/type.h"
#include "dbcore/value.h"
#include "dbcore/version.h"

/* Words: tables and schemas. */
#include "dbcore/column.h"
#include "dbcore/constraint.h"
#include "dbcore/index.h"
#include "dbcore/relation.h"
#include "dbcore/report.h"
#include "dbcore/row.h"
#include "dbcore/schema.h"
#include "dbcore/table.h"

/* Words: queries. */
#include "dbcore/clause.h"
#include "dbcore/expr.h"
#include "dbcore/policy.h"
#include "dbcore/query.h"
#include "dbcore/related.h"
#include "dbcore/search.h"

/* Words: the SQL they become. */
#include "dbcore/ddl.h"
#include "dbcore/layout.h"
#include "dbcore/sql.h"

/* Work: connections and statements. */
#include "dbcore/conn.h"
#include "dbcore/exec.h"
#include "dbcore/load.h"
#include "dbcore/record.h"
#include "dbcore/stmt.h"
#include "dbcore/txn.h"

/* Work: what a host adds to it. */
#include "dbcore/function.h"
#include "dbcore/guard.h"
#include "dbcore/hook.h"
#include "dbcore/mock.h"
#include "dbcore/observe.h"
#include "dbcore/pool.h"
#include "dbcore/service.h"

/* From one schema to another. */
#include "dbcore/alteration.h"
#include "dbcore/catalog.h"
#include "dbcore/history.h"
#include "dbcore/migrate.h"
#include "dbcore/migration.h"
#include "dbcore/migrator.h"
#include "dbcore/plan.h"

#endif
