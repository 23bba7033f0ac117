/**
 * The side door of dbcore: what an engine must offer to be used through it.
 *
 * A *dialect* is pure: it says how a database speaks. A *driver* reaches one.
 * Several drivers may share a dialect. The library asks for capabilities,
 * never for names.
 *
 * The calls are coarse: one per statement or row, none per column. A driver
 * writes a whole row of values at once; text in it is borrowed until the next
 * call on the statement.
 *
 * Room left for engines over a wire: a driver that cannot know whether a
 * commit arrived answers DBC_EUNKNOWN, and DBC_CAP_BATCH announces that it
 * answers a whole result before the first row is read.
 */
#ifndef DBCORE_DRIVER_H
#define DBCORE_DRIVER_H

#include "dbcore.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ----------------------------------------------------------------- dialect */

/** A growing text that a dialect writes to. Sticky: one check at the end. */
typedef struct dbc_buf dbc_buf;

/** Appends `len` bytes. The first failure sticks to the buffer. */
DBC_API void dbc_buf_add(dbc_buf *buf, const char *text, size_t len);
/** Appends a text that ends with NUL. */
DBC_API void dbc_buf_add_string(dbc_buf *buf, const char *text);
/** Appends a number in decimal digits. */
DBC_API void dbc_buf_add_int(dbc_buf *buf, int64_t value);

/** What a dialect can say. */
enum {
    DBC_CAN_RETURNING = 1 << 0,
    DBC_CAN_UPSERT = 1 << 1,
    DBC_CAN_RIGHT_JOIN = 1 << 2, /* and FULL */
    DBC_CAN_STRICT = 1 << 3,
    DBC_CAN_WITHOUT_ROWID = 1 << 4,
    DBC_CAN_GLOB = 1 << 5,
    DBC_CAN_FILTER = 1 << 6,
    DBC_CAN_NULLS_ORDER = 1 << 7,
    DBC_CAN_FTS5 = 1 << 8, /* full-text indexes as SQLite has them */
    /** LIMIT in a subquery behind IN that speaks of the row around. */
    DBC_CAN_LIMIT_IN_IN = 1 << 9
};

/** How an engine says things: a constant table. */
struct dbc_dialect {
    const char *name;
    unsigned can; /* DBC_CAN_… */
    /** A quoted identifier; a quote inside is doubled. No NUL comes in. */
    void (*quote)(dbc_buf *out, const char *name, size_t len);
    /** Placeholder `number` from 1. */
    void (*placeholder)(dbc_buf *out, size_t number);
    /** The set of `IN (…)` for one bound list: around its placeholder. */
    const char *list_open, *list_close;
    /**
     * One bound list as a source of rows (value, number from 1): around its
     * placeholder, and behind the name of the source.
     */
    const char *rows_open, *rows_close, *rows_columns;
    /** The SQL type that stores a column. */
    const char *(*type_name)(const dbc_column_def *column,
                             unsigned table_flags);
    /** The type in CAST(… AS …). */
    const char *(*cast_name)(dbc_type type);
    /** The expression for "now" as that type stores it, or NULL. */
    const char *(*now)(dbc_type type);
    /** LIMIT for "no limit but an offset". */
    const char *no_limit;
    /**
     * A function of a condition and a text: 1 when the condition is true, else
     * the statement fails with DBC_EDENIED and the text, and is undone. NULL:
     * there is none, and no policy can hold for writes.
     */
    const char *require;
    /**
     * A SELECT of kind, name and CREATE text of everything a database holds,
     * oldest first; NULL when it cannot be asked.
     */
    const char *catalog;
};

/* ------------------------------------------------------------------ errors */

#if defined(__GNUC__)
#define DBC_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define DBC_PRINTF(text, first)
#endif

/**
 * Sets code and message (printf form) and clears the rest. The message is cut
 * to what fits; control characters and broken UTF-8 in it become '?'. Its
 * arguments may point into `err`. Returns `code`.
 */
DBC_API int dbc_error_set(dbc_error *err, int code, const char *format, ...)
    DBC_PRINTF(3, 4);

/** Copies text into a field of `size` bytes of a dbc_error, as safely. */
DBC_API void dbc_error_field(char *field, size_t size, const char *text,
                             size_t len);

/**
 * Adds a column to those of an error, behind a comma. A name in which a comma
 * or a double quote stands, or that begins or ends with a space, is put in
 * double quotes, which are doubled inside of it.
 */
DBC_API void dbc_error_add_column(dbc_error *err, const char *name, size_t len);

/* ------------------------------------------------------------------ driver */

/** What a driver can do. */
enum {
    DBC_CAP_BATCH = 1 << 0 /* answers a whole result at once */
};

/** What a driver opens with. Borrowed during the call, but for `alloc`. */
typedef struct dbc_driver_options {
    const char *path;
    const dbc_open_options *open; /* defaults filled in */
    const dbc_alloc *alloc;       /* outlives the database */
} dbc_driver_options;

/** What a prepared statement is. */
typedef struct dbc_stmt_info {
    size_t parameter_count;
    size_t column_count;
    int readonly; /* it changes no data; BEGIN, SAVEPOINT, COMMIT, … neither */
    size_t tail;  /* bytes of the text that belong to this statement */
    int empty;    /* there was only blank space or a comment */
} dbc_stmt_info;

/** Flags of preparing. */
enum { DBC_PREPARE_KEPT = 1 << 0 /* it will be run many times */ };

/**
 * What a driver does while a connection is guarded: see dbc_conn_guard(). It
 * may look at the budget as often as it likes; the deadline comes through
 * set_deadline, too.
 */
typedef struct dbc_guard_order {
    const dbc_guard_rules *rules; /* defaults filled in; NULL: unguarded */
    dbc_guard_budget budget;
    int is_new; /* the budget begins now */
} dbc_guard_order;

/** One call of a host's function; a driver makes it part of its own. */
struct dbc_call {
    /** Both copy what they are given. */
    void (*give)(dbc_call *call, dbc_value value);
    void (*fail)(dbc_call *call, const char *message, size_t len);
};

/**
 * Services of an engine. Each fills `err` as a driver does. The public
 * functions of the same names say what they promise.
 */
typedef struct dbc_services {
    int (*backup)(void *db, const char *path, dbc_progress progress, void *ud,
                  dbc_error *err);
    int (*restore)(void *db, const char *path, dbc_progress progress, void *ud,
                   dbc_error *err);
    int (*checkpoint)(dbc_checkpoint_info *out, void *db,
                      dbc_checkpoint_mode mode, dbc_error *err);
    int (*create_function)(void *db, const dbc_function *function,
                           dbc_error *err);
    int (*create_aggregate)(void *db, const dbc_aggregate *aggregate,
                            dbc_error *err);
    int (*create_collation)(void *db, const dbc_collation *collation,
                            dbc_error *err);
    int (*on_update)(void *db, void (*call)(void *ud, const dbc_change *change),
                     void *ud, dbc_error *err);
    int (*on_commit)(void *db, int (*call)(void *ud), void *ud, dbc_error *err);
    int (*on_rollback)(void *db, void (*call)(void *ud), void *ud,
                       dbc_error *err);
    int (*on_warning)(void *db,
                      void (*call)(void *ud, const dbc_warning *warning),
                      void *ud, dbc_error *err);
    void *(*native)(void *db);
    /** What is taken from now on though it is refused otherwise:
        DBC_LENIENT_…; 0: nothing. */
    int (*lenient)(void *db, unsigned what, dbc_error *err);
    /**
     * Called again and again while a statement runs, many times a second;
     * anything but 0 interrupts it. NULL ends it.
     */
    int (*on_tick)(void *db, int (*call)(void *ud), void *ud, dbc_error *err);
    /** The rules of `order` are borrowed until the next one. */
    int (*guard)(void *db, const dbc_guard_order *order, dbc_error *err);
    /**
     * Whether a call of `name`, which is not ended by a NUL, with as many
     * arguments is one of an aggregate: 1 or 0, or below zero. A function
     * that is not there is none. Asked under a guard, too.
     */
    int (*is_aggregate)(void *db, const char *name, size_t len,
                        size_t arg_count, dbc_error *err);
    /**
     * How many rows the statement that runs has read in passes over whole
     * tables. Asked from `on_tick`, so it costs the statement nothing.
     */
    int64_t (*rows_read)(void *db);
} dbc_services;

/** What old schemas may hold. */
enum {
    DBC_LENIENT_DEFINITIONS = 1 << 0, /* double-quoted strings in CREATE */
    DBC_LENIENT_STATEMENTS = 1 << 1   /* and in statements, so in views */
};

/**
 * One engine. `db` and `stmt` are its own. Every function that fails fills
 * `err` (never NULL) with code, native code, message, and what it knows about
 * table, columns, constraint, position.
 */
struct dbc_driver {
    const char *name;
    unsigned caps;
    const dbc_dialect *dialect;

    int (*open)(void **db, const dbc_driver_options *options, dbc_error *err);
    /** Every statement is finalized by then. */
    void (*close)(void *db);

    int (*prepare)(void **stmt, dbc_stmt_info *info, void *db, const char *sql,
                   size_t len, unsigned flags, dbc_error *err);
    void (*finalize)(void *stmt);

    /** All placeholders at once. A DBC_LIST is good as long as the others. */
    int (*bind)(void *stmt, const dbc_value *values, size_t count,
                dbc_error *err);
    /**
     * DBC_ROW with `row` filled (as many values as `column_count`), DBC_DONE,
     * or an error. The engine may find a changed schema at the first step:
     * then it returns DBC_ROW with `*column_count` changed and `row` not
     * filled, and is asked again through `row`; or DBC_DONE with it changed.
     */
    int (*step)(void *stmt, dbc_value *row, size_t *column_count,
                dbc_error *err);
    /** Fills `row` again from the row that is ready. */
    void (*row)(void *stmt, dbc_value *row, size_t column_count);
    void (*reset)(void *stmt);
    /** bind, step to the end, reset. `*changes` is set. */
    int (*run)(void *stmt, const dbc_value *values, size_t count,
               int64_t *changes, dbc_error *err);
    /** Good until the statement is stepped. */
    const char *(*column_name)(void *stmt, size_t i);

    /** One or several statements without values. */
    int (*exec)(void *db, const char *sql, size_t len, dbc_error *err);
    int64_t (*changes)(void *db);
    int64_t (*last_rowid)(void *db);
    /** Whether a transaction is open, as the engine sees it. */
    int (*in_txn)(void *db);
    /** The statement that begins one; for depth > 1 a savepoint is used. */
    const char *(*begin_sql)(dbc_txn_mode mode);
    /** From any thread. */
    void (*interrupt)(void *db);
    /**
     * Statements fail with DBC_ETIMEOUT from `deadline_ns` of the monotonic
     * clock on; 0: never.
     */
    void (*set_deadline)(void *db, int64_t deadline_ns);
    /** Statements prepared since open, for dbc_stats; may be NULL. */
    int64_t (*prepared)(void *db);
    /** Waits for a lock since open, for dbc_stats; may be NULL. */
    int64_t (*busy_retries)(void *db);
    /** What only an engine can do; may be NULL, as may each in it. */
    const dbc_services *services;
};

#ifdef __cplusplus
}
#endif

#endif
