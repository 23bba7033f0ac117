/**
 * Connections. A dbc_conn is a connection to one database: used by one thread
 * at a time. A failing call leaves its error on it.
 */
#ifndef DBCORE_CONN_H
#define DBCORE_CONN_H

#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "error.h"
#include "export.h"
#include "forward.h"
#include "policy.h"
#include "report.h"
#include "schema.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a database is reached. See dbcore_driver.h. */
typedef struct dbc_driver dbc_driver;

/** SQLite in this process. */
DBC_API const dbc_driver *dbc_driver_sqlite(void);

/** What a commit waits for. */
typedef enum dbc_durability {
    DBC_DURABILITY_FULL,   /* every acknowledged commit is on the disk, in
                              WAL and with a rollback journal */
    DBC_DURABILITY_NORMAL, /* a power cut may cost the last commits */
    DBC_DURABILITY_OFF     /* a power cut may cost the file */
} dbc_durability;

/** Flags of opening. */
enum {
    DBC_OPEN_READONLY = 1 << 0,
    DBC_OPEN_EXISTING = 1 << 1, /* a missing file is an error */
    DBC_OPEN_TRUSTED_SCHEMA = 1 << 2,
    DBC_OPEN_NO_FOREIGN_KEYS = 1 << 3,
    DBC_OPEN_NOT_DEFENSIVE = 1 << 4
};

/** A setting of the engine, by its name. */
typedef struct dbc_pragma {
    const char *name; /* letters, digits and `_` only */
    dbc_value value;  /* integer or text */
} dbc_pragma;

/** How to open. Zero means the default in every field. */
typedef struct dbc_open_options {
    const dbc_driver *driver; /* SQLite */
    const dbc_alloc *alloc;   /* the C library's */
    const dbc_schema *schema; /* gets one more reference; may be NULL */
    unsigned flags;           /* DBC_OPEN_… */
    int busy_timeout_ms;      /* 0: 5000; below 0: do not wait */
    dbc_durability durability;
    int statement_cache;       /* 0: 128 shapes and 128 texts; below 0: none */
    int64_t mmap_size;         /* bytes; 0: 256 MiB; below 0: none */
    const dbc_pragma *pragmas; /* run last, in order */
    size_t pragma_count;
    const char *vfs; /* the name of a VFS, or NULL */
    void *driver_ud; /* for a driver of yours: the mock's script */
} dbc_open_options;

/**
 * Opens the database at `path`; ":memory:" is one in memory.
 *
 * Production defaults: WAL, every acknowledged commit on the disk, foreign
 * keys enforced, 5 s of waiting for locks, defensive mode, the schema in the
 * file not trusted, no double-quoted strings, checkpoints made by the library
 * only (SQLite before 3.51.3 can corrupt a WAL when automatic checkpoints
 * race; the FULL, RESTART and TRUNCATE forms cannot).
 *
 * One exception: SQLite before 3.44 lets a trigger write to a full-text index,
 * and some versions (3.40 is one) let a schema call functions of JSON, only
 * when it is trusted. So it is, there, when `schema` does one of these.
 *
 * Returns DBC_OK and a connection with one reference, to be ended with
 * dbc_close(). Else `err` has the cause: DBC_ECANTOPEN (missing folder, a
 * directory, no permission), DBC_ECORRUPT (no database, encrypted or cut
 * off), DBC_EREADONLY, DBC_EBUSY, DBC_ENOMEM, DBC_EINVALID.
 */
DBC_API int dbc_open(dbc_conn **out, const char *path,
                     const dbc_open_options *options, dbc_error *err);

/**
 * Ends the session at once: live statements are finalized, an open
 * transaction is rolled back, every later call answers DBC_ECLOSED. Gives back
 * the reference of dbc_open(). The memory goes with the last reference and the
 * last statement that is released; as long as you have another reference,
 * closing twice is allowed.
 *
 * In the child of a fork it only lets go: the database is the parent's, so
 * its locks and its journal are left alone. Every other call there is
 * DBC_EINVALID.
 */
DBC_API void dbc_close(dbc_conn *conn);

/** Ends the session but keeps the reference, for owners that release later. */
DBC_API void dbc_conn_shut(dbc_conn *conn);

/** One more reference to the memory of a connection. Returns `conn`. */
DBC_API dbc_conn *dbc_conn_retain(dbc_conn *conn);

/** One reference less; the last one closes and frees. */
DBC_API void dbc_conn_release(dbc_conn *conn);

/** 1 until dbc_close() was called, then 0. */
DBC_API int dbc_conn_is_open(const dbc_conn *conn);

/**
 * Lets the connection own something of yours: `end` is called when it is
 * closed, while it still works, the last kept first. DBC_ENOMEM, DBC_ECLOSED.
 */
DBC_API int dbc_conn_keep(dbc_conn *conn, void *ud, void (*end)(void *ud));

/** Takes it back; `end` is not called. Nothing happens when it is not kept. */
DBC_API void dbc_conn_forget(dbc_conn *conn, void *ud);

/**
 * Gives the connection another schema, for names in queries from then on; it
 * gets one more reference. NULL: none.
 */
DBC_API void dbc_conn_adopt(dbc_conn *conn, const dbc_schema *schema);

/** The last error on this connection. Good until the next call on it. */
DBC_API const dbc_error *dbc_conn_error(const dbc_conn *conn);

/**
 * All that the last write on this connection broke, when it failed with
 * DBC_EVALIDATION; else NULL. Good until the next call on it.
 */
DBC_API const dbc_report *dbc_conn_report(const dbc_conn *conn);

/** The schema it was opened with, or NULL. */
DBC_API const dbc_schema *dbc_conn_schema(const dbc_conn *conn);

/**
 * From now on `policy` (gets a reference; NULL: none) holds for every query on
 * the connection, and SQL text is refused with DBC_EDENIED unless the policy
 * lets it through. A statement that is lent already goes on with the rows it
 * was opened for, and cannot be bound again under rules of another shape. What
 * the host asks of the engine by its own functions (transactions, backup,
 * functions, hooks) is not held.
 */
DBC_API void dbc_conn_restrict(dbc_conn *conn, const dbc_policy *policy);

/** The policy that was set, or NULL. Borrowed until another one is. */
DBC_API const dbc_policy *dbc_conn_policy(const dbc_conn *conn);

/** The driver it was opened with. Static. */
DBC_API const dbc_driver *dbc_conn_driver(const dbc_conn *conn);

/** The path it was opened with. Good as long as the connection. */
DBC_API const char *dbc_conn_path(const dbc_conn *conn);

/**
 * Stops what runs on the connection, from any thread that has a reference,
 * and from a signal handler. On a closed one it does nothing.
 */
DBC_API void dbc_interrupt(dbc_conn *conn);

/**
 * From now on every statement that runs longer than this fails with
 * DBC_ETIMEOUT. 0: no limit.
 */
DBC_API void dbc_conn_set_timeout(dbc_conn *conn, int timeout_ms);

/** The limit that was set, in milliseconds; 0: none. */
DBC_API int dbc_conn_timeout(const dbc_conn *conn);

/**
 * Runs one or several statements of SQL without values. Rows are dropped. The
 * first that fails ends it; those before it stand, unless a transaction held
 * them together. Raw COMMIT and ROLLBACK are noticed: handles are over then.
 *
 * Returns DBC_OK; DBC_ESYNTAX; DBC_ESCHEMA for a table or column that is not
 * there; DBC_EDENIED under a policy that lets no text through; DBC_EINVALID for
 * a NUL in the text; what a statement meets.
 */
DBC_API int dbc_exec(dbc_conn *conn, const char *sql, size_t len);

/**
 * Creates the tables of `schema`, all or none. When they are there already,
 * just as the schema has them, it does nothing. DBC_EDRIFT when some are
 * there but not all, or when one is different: nothing is changed then.
 */
DBC_API int dbc_create(dbc_conn *conn, const dbc_schema *schema);

/** Figures of a connection since it was opened. */
typedef struct dbc_stats {
    int64_t statements; /* runs */
    int64_t rows;       /* stepped */
    int64_t prepared;   /* statements prepared by the engine */
    int64_t shape_hits; /* runs of a shape that was known */
    int64_t shape_misses;
    int64_t text_hits; /* SQL texts found in the statement cache */
    int64_t text_misses;
    int64_t busy_retries;
    int64_t nanoseconds; /* inside the engine; only while somebody observes */
    int live_statements; /* lent out now */
    int transaction_depth;
} dbc_stats;

/** What was counted since the connection was opened. */
DBC_API void dbc_conn_stats(const dbc_conn *conn, dbc_stats *out);

/** Rows changed by the last write on the connection, and its last rowid. */
DBC_API int64_t dbc_conn_changes(const dbc_conn *conn);
/** The rowid of the last row that was inserted. */
DBC_API int64_t dbc_conn_last_rowid(const dbc_conn *conn);

/** The engine's own handle (SQLite: sqlite3 *), or NULL. Borrowed. */
DBC_API void *dbc_conn_native(dbc_conn *conn);

#ifdef __cplusplus
}
#endif

#endif
