/**
 * dbcore: a data layer in C11 over SQLite.
 *
 * This is the front door. It is meant to be read from top to bottom: status
 * codes and errors, memory, values, types; then the *words* (tables, schemas,
 * queries), which need no database; then the *work* (connections, statements,
 * transactions), and last the place where the two meet: running a query.
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
 * - A mistake of the world is a code; a mistake of the programmer that no
 *   caller could handle (a NULL where an object is due) is an assert.
 * - A connection and its statements are used by one thread at a time. Two
 *   connections share nothing but the schemas you give to both, and those do
 *   not change. Only dbc_interrupt() may be called from another thread, and
 *   everything about a pool.
 */
#ifndef DBCORE_H
#define DBCORE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define DBC_API __declspec(dllexport)
#else
#define DBC_API __attribute__((visibility("default")))
#endif

/* The version of this header; every other place takes it from these three. */
#define DBC_VERSION_MAJOR 0
#define DBC_VERSION_MINOR 1
#define DBC_VERSION_PATCH 0

#define DBC_VERSION_JOIN(a, b, c) #a "." #b "." #c
#define DBC_VERSION_TEXT(a, b, c) DBC_VERSION_JOIN(a, b, c)

/** The version as text, such as "0.1.0". */
#define DBC_VERSION \
    DBC_VERSION_TEXT(DBC_VERSION_MAJOR, DBC_VERSION_MINOR, DBC_VERSION_PATCH)

/** One number that grows with each release: 10203 is 1.2.3. */
#define DBC_VERSION_NUMBER \
    (DBC_VERSION_MAJOR * 10000 + DBC_VERSION_MINOR * 100 + DBC_VERSION_PATCH)

/** The version of the library that is linked, such as "0.1.0". Static. */
DBC_API const char *dbc_version(void);

/** The same as DBC_VERSION_NUMBER was when the library was built. */
DBC_API int dbc_version_number(void);

/* ------------------------------------------------------------------ status */

/**
 * Every status there is: name, number, the word that Lua and JSON use for it,
 * and what it means. The enum, the words and the texts come from this list,
 * so they cannot disagree.
 */
#define DBC_STATUS_MAP(X)                                                      \
    X(OK, 0, "ok", "no error")                                                 \
    X(ROW, 1, "row", "a row is ready")                                         \
    X(DONE, 2, "done", "there are no more rows")                               \
    X(EINVALID, -1, "invalid", "the call is wrong as it was made")             \
    X(ENOMEM, -2, "no_memory", "out of memory")                                \
    X(ELIMIT, -3, "limit", "a limit was reached")                              \
    X(ESCHEMA, -4, "schema", "the schema does not allow it")                   \
    X(ESYNTAX, -5, "syntax", "the text of SQL or of a search is wrong")        \
    X(EUNSUPPORTED, -6, "unsupported", "this database cannot do that")         \
    X(ECLOSED, -7, "closed", "the handle is closed")                           \
    X(EBUSY, -8, "busy", "another connection holds the lock")                  \
    X(EREADONLY, -9, "readonly", "the database is read-only")                  \
    X(ECORRUPT, -10, "corrupt", "the file is damaged or no database")          \
    X(EFULL, -11, "full", "the disk or the database is full")                  \
    X(EIO, -12, "io", "reading or writing the file failed")                    \
    X(ECANTOPEN, -13, "cannot_open", "the file cannot be opened")              \
    X(EINTERRUPTED, -14, "interrupted", "the statement was interrupted")       \
    X(ETIMEOUT, -15, "timeout", "the time ran out")                            \
    X(EDENIED, -16, "denied", "access was denied")                             \
    X(ENOTFOUND, -17, "not_found", "there is no such row")                     \
    X(ECONFLICT, -18, "conflict", "the row was changed by somebody else")      \
    X(EVALIDATION, -19, "validation", "a value breaks a rule of its column")   \
    X(EDRIFT, -20, "drift", "the database differs from its history")           \
    X(EBROKEN, -21, "broken", "the connection is broken: only close is left")  \
    X(EUNKNOWN, -22, "outcome_unknown", "whether it was committed is unknown") \
    X(EDATABASE, -23, "database", "the database reported an error")            \
    X(ECALLBACK, -24, "callback", "a callback failed")                         \
    X(EREFUSED, -25, "refused", "an answer is needed, nothing was changed")    \
    X(ESCRIPT, -26, "script", "a script failed")                               \
    X(EUNIQUE, -30, "constraint.unique", "a UNIQUE constraint failed")         \
    X(EFOREIGNKEY, -31, "constraint.foreign_key",                              \
      "a FOREIGN KEY constraint failed")                                       \
    X(ENOTNULL, -32, "constraint.not_null", "a NOT NULL constraint failed")    \
    X(ECHECK, -33, "constraint.check", "a CHECK constraint failed")            \
    X(EDATATYPE, -34, "constraint.type",                                       \
      "a value does not fit the type of a STRICT column")                      \
    X(ETRIGGER, -35, "constraint.trigger", "a trigger refused the change")     \
    X(ECONSTRAINT, -36, "constraint", "a constraint failed")

/** What a call came to: zero is well, positive news, negative trouble. */
typedef enum dbc_status {
#define DBC_STATUS_ENUM(name, number, word, text) DBC_##name = number,
    DBC_STATUS_MAP(DBC_STATUS_ENUM)
#undef DBC_STATUS_ENUM
} dbc_status;

/** The word of a status, such as "constraint.unique". Static; never NULL. */
DBC_API const char *dbc_status_word(int status);

/** The status whose word this is; DBC_OK when no status has it. */
DBC_API int dbc_status_of_word(const char *word);

/** What a status means, in a few words. Static; never NULL. */
DBC_API const char *dbc_status_text(int status);

/* ------------------------------------------------------------------- error */

/**
 * What went wrong, whole and without any pointer, so that it can be copied
 * and kept. It lives on your stack; initialise it with DBC_ERROR_INIT or let
 * a failing call fill it. In `columns` a name that holds a comma or a double
 * quote stands in double quotes, which are doubled inside of it.
 */
typedef struct dbc_error {
    int code;             /* a dbc_status below zero, or DBC_OK */
    int native;           /* the engine's own code (SQLite: extended), or 0 */
    int64_t offset;       /* byte in the SQL text where it is wrong, or -1 */
    int64_t row;          /* index of the row in a bulk write from 1, or 0 */
    int rolled_back;      /* 1 when the transaction is gone because of this */
    char message[512];    /* one line, no full stop, always NUL-terminated */
    char table[128];      /* the table concerned, or "" */
    char columns[256];    /* its columns, separated by a comma, or "" */
    char constraint[128]; /* the constraint's name or expression, or "" */
} dbc_error;

/** An error that says nothing yet. */
#define DBC_ERROR_INIT                      \
    {                                       \
        DBC_OK, 0, -1, 0, 0, "", "", "", "" \
    }

/* ------------------------------------------------------------------ memory */

/**
 * Where memory comes from. `resize` frees when `new_size` is 0 (and returns
 * NULL), allocates when `ptr` is NULL, else resizes; it returns NULL when it
 * cannot, and the old block is still good. `old_size` is what was asked for.
 * The structure must outlive everything that was made with it. NULL in place
 * of a `dbc_alloc *` means the C library's allocator.
 */
typedef struct dbc_alloc {
    void *(*resize)(void *ud, void *ptr, size_t old_size, size_t new_size);
    void *ud;
} dbc_alloc;

/* ------------------------------------------------------------------ values */

/** What kind of value it is. */
typedef enum dbc_value_type {
    DBC_NULL,
    DBC_INT,  /* 64 bits, signed */
    DBC_REAL, /* a double */
    DBC_TEXT, /* UTF-8, may hold NUL */
    DBC_BLOB,
    DBC_BOOL,   /* going in only: stored as 0 or 1 */
    DBC_LIST,   /* going in only: the right side of IN */
    DBC_FOREIGN /* going in only: something of the host that no column takes;
                   `text` says what, so that a refusal can name it */
} dbc_value_type;

/**
 * One value. It is a view: `text`, `blob` and `list` point to memory of
 * somebody else, and each function says how long that is good.
 */
typedef struct dbc_value {
    dbc_value_type type;
    size_t len; /* bytes of text or blob, items of a list; else 0 */
    union {
        int64_t i; /* DBC_INT, and DBC_BOOL as 0 or 1 */
        double r;
        const char *text;
        const void *blob;
        const struct dbc_value *list;
    } as;
} dbc_value;

static inline dbc_value dbc_value_null(void)
{
    dbc_value value = {DBC_NULL, 0, {0}};
    return value;
}

static inline dbc_value dbc_value_int(int64_t i)
{
    dbc_value value = {DBC_INT, 0, {0}};
    value.as.i = i;
    return value;
}

static inline dbc_value dbc_value_bool(int b)
{
    dbc_value value = {DBC_BOOL, 0, {0}};
    value.as.i = b != 0;
    return value;
}

static inline dbc_value dbc_value_real(double r)
{
    dbc_value value = {DBC_REAL, 0, {0}};
    value.as.r = r;
    return value;
}

/** A view of `len` bytes at `text`: nothing is copied. */
static inline dbc_value dbc_value_text(const char *text, size_t len)
{
    dbc_value value = {DBC_TEXT, len, {0}};
    value.as.text = text;
    return value;
}

/** A view of `len` bytes at `blob`: nothing is copied. */
static inline dbc_value dbc_value_blob(const void *blob, size_t len)
{
    dbc_value value = {DBC_BLOB, len, {0}};
    value.as.blob = blob;
    return value;
}

/** A view of `count` values at `items`: nothing is copied. */
static inline dbc_value dbc_value_list(const dbc_value *items, size_t count)
{
    dbc_value value = {DBC_LIST, count, {0}};
    value.as.list = items;
    return value;
}

/**
 * What no column takes, in the host's words: "a function". Every column
 * refuses it as it refuses a value of the wrong type.
 */
static inline dbc_value dbc_value_foreign(const char *text, size_t len)
{
    dbc_value value = {DBC_FOREIGN, len, {0}};
    value.as.text = text;
    return value;
}

/* ------------------------------------------------------------------- types */

/**
 * The types a column can be declared with: name, Lua's word for it, and the
 * type SQLite stores it under. The declared type decides which values are
 * taken and what a stored value is read as:
 *
 *   BOOLEAN       true and false, stored as 1 and 0
 *   JSON          JSON text
 *   NUMERIC       an integer or a real, whichever was given
 *   TIMESTAMP     whole seconds since 1970-01-01 UTC
 *   TIMESTAMP_MS  whole milliseconds since then
 *   DATETIME      text, "2026-01-31 23:59:59", optional fraction and zone
 *   DATE          text, "2026-01-31"
 *   UUID          text, 36 characters, lower case
 *   ENUM          text, one of the column's `enum_values`
 *   CUSTOM        `storage` says how it is stored; the host has the codec
 *   ANY           not declared: nothing is checked or changed
 */
#define DBC_TYPE_MAP(X)                        \
    X(ANY, "any", "ANY")                       \
    X(INTEGER, "integer", "INTEGER")           \
    X(REAL, "real", "REAL")                    \
    X(TEXT, "text", "TEXT")                    \
    X(BLOB, "blob", "BLOB")                    \
    X(BOOLEAN, "boolean", "INTEGER")           \
    X(JSON, "json", "TEXT")                    \
    X(NUMERIC, "numeric", "NUMERIC")           \
    X(TIMESTAMP, "timestamp", "INTEGER")       \
    X(TIMESTAMP_MS, "timestamp_ms", "INTEGER") \
    X(DATETIME, "datetime", "TEXT")            \
    X(DATE, "date", "TEXT")                    \
    X(UUID, "uuid", "TEXT")                    \
    X(ENUM, "enum", "TEXT")                    \
    X(CUSTOM, "custom", "ANY")

/** The type of a column, which decides how values come and go. */
typedef enum dbc_type {
#define DBC_TYPE_ENUM(name, word, sql) DBC_T_##name,
    DBC_TYPE_MAP(DBC_TYPE_ENUM)
#undef DBC_TYPE_ENUM
} dbc_type;

/** The word of a type, such as "timestamp_ms". Static; never NULL. */
DBC_API const char *dbc_type_word(dbc_type type);

/** The type with that word. Returns -1 when there is none. */
DBC_API int dbc_type_from_word(const char *word);

/**
 * The one of `names` that `wanted` looks like a slip of, for "did you mean".
 * Returns NULL when none is near enough.
 */
DBC_API const char *dbc_nearest_name(const char *wanted, size_t len,
                                     const char *const *names, size_t count);

/* ---------------------------------------------------------------- schema */

/** What happens to a row when the one it refers to goes or changes. */
typedef enum dbc_fk_action {
    DBC_FK_NO_ACTION,
    DBC_FK_RESTRICT,
    DBC_FK_CASCADE,
    DBC_FK_SET_NULL,
    DBC_FK_SET_DEFAULT
} dbc_fk_action;

/** When a foreign key is checked. */
typedef enum dbc_deferral {
    DBC_NOT_DEFERRABLE,
    DBC_DEFERRABLE_IMMEDIATE,
    DBC_DEFERRABLE_DEFERRED
} dbc_deferral;

/** What to do with a row that breaks the constraint (SQLite's ON CONFLICT). */
typedef enum dbc_conflict {
    DBC_CONFLICT_DEFAULT,
    DBC_CONFLICT_ROLLBACK,
    DBC_CONFLICT_ABORT,
    DBC_CONFLICT_FAIL,
    DBC_CONFLICT_IGNORE,
    DBC_CONFLICT_REPLACE
} dbc_conflict;

/** A list of names. `items` may be NULL when `count` is 0. */
typedef struct dbc_names {
    const char *const *items;
    size_t count;
} dbc_names;

/**
 * One foreign key. As a column's own it has `columns` empty. `to` may be
 * empty: then it is the target's primary key.
 */
typedef struct dbc_foreign_key_def {
    const char *name; /* of the constraint, or NULL */
    dbc_names columns;
    const char *table; /* the target */
    dbc_names to;
    dbc_fk_action on_delete, on_update;
    dbc_deferral deferral;
} dbc_foreign_key_def;

enum {
    DBC_COLUMN_NOT_NULL = 1 << 0,
    DBC_COLUMN_PRIMARY_KEY = 1 << 1,
    DBC_COLUMN_AUTOINCREMENT = 1 << 2,
    DBC_COLUMN_UNIQUE = 1 << 3,
    DBC_COLUMN_STORED = 1 << 4,        /* the generated column is stored */
    DBC_COLUMN_DEFAULT_NOW = 1 << 5,   /* by the database, at insert */
    DBC_COLUMN_ON_UPDATE_NOW = 1 << 6, /* set by every UPDATE that is silent */
    DBC_COLUMN_HAS_DEFAULT = 1 << 7,   /* `default_value` counts */
    DBC_COLUMN_HAS_MIN = 1 << 8,       /* `min` counts (range) */
    DBC_COLUMN_HAS_MAX = 1 << 9,       /* `max` counts (range) */
    DBC_COLUMN_HAS_MIN_LEN = 1 << 10,  /* `min_len` counts (length) */
    DBC_COLUMN_HAS_MAX_LEN = 1 << 11,  /* `max_len` counts (length) */
    DBC_COLUMN_DESC_KEY = 1 << 12,     /* INTEGER PRIMARY KEY DESC */
    DBC_COLUMN_HOST_DEFAULT = 1 << 13, /* the host fills it at insert */
    DBC_COLUMN_HOST_UPDATE = 1 << 14   /* the host fills it at update */
};

/** See below: a row, what it breaks, and the row while it is written. */
typedef struct dbc_row dbc_row;
/** What is wrong with a row: every rule that it breaks. */
typedef struct dbc_report dbc_report;
/** A write that is about to happen, as its hooks see it. */
typedef struct dbc_write dbc_write;
/** A connection: see dbc_open(). */
typedef struct dbc_conn dbc_conn;

/**
 * What is inside a JSON column: an object with these fields, or a list of such
 * items. A field is described like a column, by name, type, NOT NULL (it must
 * be there), enum, range, length, pattern and, when it is JSON itself, a shape.
 * Without fields and items it is an object of any keys.
 */
typedef struct dbc_shape {
    const struct dbc_column_def *fields;
    size_t field_count;
    const struct dbc_column_def *items; /* of a list, else NULL */
} dbc_shape;

/**
 * One column. Only `name` and `type` are needed; zero means "not said" in
 * all other fields. The same structure is what you write and what you read.
 */
typedef struct dbc_column_def {
    const char *name;
    dbc_type type;
    unsigned flags;          /* DBC_COLUMN_… */
    const char *storage;     /* SQL type instead of the type's own ("": none is
                                declared), or NULL */
    dbc_value default_value; /* with DBC_COLUMN_HAS_DEFAULT */
    const char *default_sql; /* an expression, or NULL */
    const char *generated;   /* an expression, or NULL */
    const char *collate;     /* a collation, or NULL */
    const char *check;       /* an expression, or NULL */
    const char *check_name;  /* the name of that constraint, or NULL */
    dbc_names enum_values;
    double min, max;         /* inclusive */
    size_t min_len, max_len; /* characters of text, bytes of a blob */
    const char *pattern;     /* a Lua pattern that the text must match */
    const dbc_shape *shape;  /* of a JSON column, or NULL */
    const dbc_foreign_key_def *references; /* or NULL */
    dbc_conflict on_conflict_key, on_conflict_not_null, on_conflict_unique;
    uint32_t codec; /* the host's number for a CUSTOM type, or 0 */
    const char *as; /* the key in rows instead of the name, or NULL */
    const char *comment;
    const char *renamed_from; /* for migrations; NULL when it was not */
    const char *backfill;     /* an expression for rows without a value */
    const char *copy;         /* an expression over the old row */
} dbc_column_def;

/** A column or an expression of an index. One of the first two is NULL. */
typedef struct dbc_index_part {
    const char *column;
    const char *expression;
    const char *collate; /* or NULL */
    int descending;
} dbc_index_part;

/** An index. */
typedef struct dbc_index_def {
    const char *name; /* needed */
    const dbc_index_part *parts;
    size_t part_count;
    int unique;
    const char *where; /* an expression, or NULL */
    const char *renamed_from;
} dbc_index_def;

/** A UNIQUE or PRIMARY KEY constraint over the whole table. */
typedef struct dbc_key_def {
    const char *name; /* or NULL */
    dbc_names columns;
    dbc_conflict on_conflict;
} dbc_key_def;

/** A CHECK. */
typedef struct dbc_check_def {
    const char *name; /* or NULL */
    const char *expression;
} dbc_check_def;

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
 * A table as the library holds it: checked, copied, never changed, counted.
 * Several schemas and threads may share one.
 */
typedef struct dbc_table dbc_table;

/** A column of such a table. It lives as long as its table. */
typedef struct dbc_column {
    const dbc_table *table;
    uint32_t position; /* from 0, in the order of declaration */
    uint32_t name_len;
    dbc_column_def def; /* a copy: all its pointers belong to the table */
    unsigned rules;     /* private: which rules it has */
    unsigned passes;    /* private: types of values it takes as they are */
} dbc_column;

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

/** How many rows are at the other end. */
typedef enum dbc_relation_kind { DBC_ONE, DBC_MANY } dbc_relation_kind;

/**
 * A relation as it is declared. With `from` and `to` empty it is inferred
 * from the foreign keys; more than one candidate is an error that names them.
 */
typedef struct dbc_relation_def {
    const char *table; /* where it starts */
    const char *name;
    dbc_relation_kind kind;
    const char *target;
    const char *through; /* a table between the two, or NULL */
    dbc_names from, to;  /* columns at both ends */
    dbc_names through_from, through_to;
    /**
     * A condition on the target and the table between, or NULL: a query that
     * holds one expression. Only rows for which it is true are related. It is
     * copied; its tables get a reference each.
     */
    const struct dbc_query *where;
} dbc_relation_def;

/** A relation as the schema understood it: equal numbers of columns. */
typedef struct dbc_relation {
    const char *name;
    dbc_relation_kind kind;
    const dbc_table *source, *target;
    const dbc_table *through; /* or NULL; then the last two are NULL too */
    size_t key_count;         /* pairs source[i] = target[i], or = through[i] */
    const dbc_column *const *source_key;
    const dbc_column *const *target_key;
    size_t through_count; /* pairs through_to[i] = target_key[i] */
    const dbc_column *const *through_from; /* meets source_key */
    const dbc_column *const *through_to;   /* meets target_key */
    const struct dbc_query *where;         /* its own condition, or NULL */
} dbc_relation;

/**
 * What a description cannot say, as the CREATE statement that makes it. Of it
 * the library knows the kind ("table", "virtual table", "index", "view",
 * "trigger") and the name.
 */
typedef struct dbc_definition {
    const char *kind;
    const char *name;
    const char *sql; /* without a semicolon at its end */
} dbc_definition;

/** What a schema is made of. */
typedef struct dbc_schema_def {
    const dbc_table *const *tables;
    size_t table_count;
    const dbc_relation_def *relations;
    size_t relation_count;
    const char *const *definitions; /* created behind the tables, in order */
    size_t definition_count;
} dbc_schema_def;

/** Tables and relations that belong together; checked, never changed. */
typedef struct dbc_schema dbc_schema;

/**
 * Makes a schema of `tables` (each gets one more reference) and `relations`
 * (copied). Checks what one table cannot: names that differ only by case,
 * foreign keys to missing tables or columns, relations.
 *
 * Returns DBC_OK and a schema with one reference; DBC_ENOMEM; DBC_ESCHEMA.
 */
DBC_API int dbc_schema_new(dbc_schema **out, const dbc_table *const *tables,
                           size_t table_count,
                           const dbc_relation_def *relations,
                           size_t relation_count, const dbc_alloc *alloc,
                           dbc_error *err);

/**
 * The same with definitions, which are copied. A foreign key may point to a
 * table that one of them creates.
 */
DBC_API int dbc_schema_build(dbc_schema **out, const dbc_schema_def *def,
                             const dbc_alloc *alloc, dbc_error *err);

/** One more reference. Safe from any thread. Returns `schema`. */
DBC_API const dbc_schema *dbc_schema_retain(const dbc_schema *schema);
/** One reference less; the last one frees. Safe from any thread. */
DBC_API void dbc_schema_release(const dbc_schema *schema);

/** How many tables, views and full-text indexes there are. */
DBC_API size_t dbc_schema_table_count(const dbc_schema *schema);
/** Number `i` of them from 0, as they were given. Borrowed. */
DBC_API const dbc_table *dbc_schema_table(const dbc_schema *schema, size_t i);

/** How many parts are written as SQL. */
DBC_API size_t dbc_schema_definition_count(const dbc_schema *schema);
/** Number `i` of them from 0. Borrowed. */
DBC_API const dbc_definition *dbc_schema_definition(const dbc_schema *schema,
                                                    size_t i);

/** The table of that name, or NULL with the nearest one named in `err`. */
DBC_API const dbc_table *dbc_schema_find(const dbc_schema *schema,
                                         const char *name, size_t len,
                                         dbc_error *err);

/** How many relations there are. */
DBC_API size_t dbc_schema_relation_count(const dbc_schema *schema);
/** Number `i` of them from 0. Borrowed. */
DBC_API const dbc_relation *dbc_schema_relation(const dbc_schema *schema,
                                                size_t i);

/** The relation `name` of `table`, or NULL with the nearest one in `err`. */
DBC_API const dbc_relation *dbc_schema_find_relation(const dbc_schema *schema,
                                                     const dbc_table *table,
                                                     const char *name,
                                                     size_t len,
                                                     dbc_error *err);

/**
 * Checks `*value` against the column's type and turns it into what is stored:
 * a boolean into 0 or 1, a whole real into an integer, text for a blob column
 * into a blob. NULL passes. Text stays where it is.
 *
 * Returns DBC_OK; DBC_EINVALID when the value does not fit, and `err` names
 * table, column, what was expected and what was given.
 */
DBC_API int dbc_column_encode(const dbc_column *column, dbc_value *value,
                              dbc_error *err);

/* -------------------------------------------------------------- validation */

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

/* ----------------------------------------------------------------- queries */

/**
 * A query is a value: words, and the values bound into them. It needs no
 * connection until it is run, and it may be run on many.
 *
 * Inside it is flat: fixed nodes in one array, names and values in pools
 * beside it. A copy is a few memcpy()s, and a query inside another one is
 * copied into it. A strong hash of its *shape* (everything but the bound
 * values) is kept up to date while it grows; a connection remembers what it
 * prepared for a shape.
 *
 * The functions that build are sticky: after the first failure they do
 * nothing, and whatever runs or compiles the query reports that failure. So
 * a chain needs one check, at its end.
 */
typedef struct dbc_query dbc_query;

/**
 * An expression inside a query: its place there. 0 is "none"; it comes from
 * a failed call and is accepted by every other one, which then fails too.
 * Good only in the query that made it.
 */
typedef uint32_t dbc_expr;

/** An empty query. Returns NULL when memory is out. `alloc` may be NULL. */
DBC_API dbc_query *dbc_query_new(const dbc_alloc *alloc);

/** A copy of `query` as it is. Returns NULL when memory is out. */
DBC_API dbc_query *dbc_query_clone(const dbc_query *query,
                                   const dbc_alloc *alloc);

/** Ends a query that was made with dbc_query_new(). NULL is allowed. */
DBC_API void dbc_query_free(dbc_query *query);

/** How much a query holds, or how much room one is given. */
typedef struct dbc_query_size {
    uint32_t nodes;
    uint32_t values;
    uint32_t names; /* bytes */
    uint32_t bytes; /* of text and blob values */
} dbc_query_size;

/** How much `query` holds. */
DBC_API dbc_query_size dbc_query_measure(const dbc_query *query);

/** The bytes dbc_query_place() needs for that room. */
DBC_API size_t dbc_query_room(dbc_query_size size);

/**
 * Makes an empty query in memory of yours, for hosts that own memory in
 * blocks. It never allocates and is never freed: it ends when the block does.
 * `memory` is aligned for any type and has dbc_query_room(size) bytes; a call
 * that finds no room left fails with DBC_ELIMIT. No building call needs more
 * than four nodes beside those it copies, plus one for each argument of a
 * list; those about full text bind what they are given, two nodes and a value
 * for each argument in SQL. `err` (may be NULL) takes the first failure and
 * must stay good until dbc_query_seal().
 */
DBC_API dbc_query *dbc_query_place(void *memory, dbc_query_size size,
                                   dbc_error *err);

/** Building is over: forgets `err`. Returns the first failure, or DBC_OK. */
DBC_API int dbc_query_seal(dbc_query *query);

/** The first failure of building, or DBC_OK; its text goes to `err`. */
DBC_API int dbc_query_status(const dbc_query *query, dbc_error *err);

/**
 * Copies all of `src` behind what `query` has. Returns the expression that
 * was made last in `src`: its root, when it holds a single expression.
 */
DBC_API dbc_expr dbc_query_append(dbc_query *query, const dbc_query *src);

/** The expression made last, 0 when there is none. */
DBC_API dbc_expr dbc_query_root(const dbc_query *query);

/** What a query is. */
typedef enum dbc_query_kind {
    DBC_FRAGMENT, /* expressions only: cannot be run */
    DBC_SELECT,
    DBC_INSERT,
    DBC_UPDATE,
    DBC_DELETE
} dbc_query_kind;

/** What the query is, by the clause it began with. */
DBC_API dbc_query_kind dbc_query_kind_of(const dbc_query *query);

/**
 * Whether a table, subquery or CTE that `query` reads from is known in it as
 * `name`: by its alias, or without one by its own name.
 */
DBC_API int dbc_query_has_source(const dbc_query *query, const char *name);

/**
 * Whether an output of `query` was given the name `name`, or brings it along.
 * Columns of a query without select are not looked at.
 */
DBC_API int dbc_query_has_output(const dbc_query *query, const char *name);

/** Whether `query` declares `name` with dbc_query_with(). */
DBC_API int dbc_query_has_with(const dbc_query *query, const char *name);

/* Expressions. The text of every name is copied. */

/** A column. `alias` is the one its table has in the query, or NULL. */
DBC_API dbc_expr dbc_expr_column(dbc_query *query, const dbc_column *column,
                                 const char *alias);

/**
 * Column `name` of the subquery or CTE known as `source` in the query.
 * DBC_T_ANY: the type is looked up when the query is compiled.
 */
DBC_API dbc_expr dbc_expr_name(dbc_query *query, const char *source,
                               const char *name, dbc_type type);

/**
 * A bound value, copied. Beside a column (in a comparison, a SET, …) it must
 * fit the column's type. NULL is allowed; see DBC_OP_EQ.
 */
DBC_API dbc_expr dbc_expr_value(dbc_query *query, dbc_value value);

/** A parameter: its value comes by name when the query is run. */
DBC_API dbc_expr dbc_expr_param(dbc_query *query, const char *name);

/** A `*`, for count(*). */
DBC_API dbc_expr dbc_expr_star(dbc_query *query);

/** Operators: name, SQL, and how many operands. */
#define DBC_OP_MAP(X)                                                    \
    X(EQ, "=", 2)  /* with NULL: IS NULL */                              \
    X(NE, "<>", 2) /* with NULL: IS NOT NULL */                          \
    X(LT, "<", 2)                                                        \
    X(LE, "<=", 2)                                                       \
    X(GT, ">", 2)                                                        \
    X(GE, ">=", 2)                                                       \
    X(IS, "IS", 2)                                                       \
    X(IS_NOT, "IS NOT", 2)                                               \
    X(LIKE, "LIKE", 2)                                                   \
    X(NOT_LIKE, "NOT LIKE", 2)                                           \
    X(ESCAPE, "ESCAPE", 2) /* right of LIKE: pattern ESCAPE character */ \
    X(GLOB, "GLOB", 2)                                                   \
    X(MATCH, "MATCH", 2)                                                 \
    X(REGEXP, "REGEXP", 2)                                               \
    X(ADD, "+", 2)                                                       \
    X(SUB, "-", 2)                                                       \
    X(MUL, "*", 2)                                                       \
    X(DIV, "/", 2)                                                       \
    X(MOD, "%", 2)                                                       \
    X(CONCAT, "||", 2)                                                   \
    X(AND, "AND", 2)                                                     \
    X(OR, "OR", 2)                                                       \
    X(NOT, "NOT", 1)                                                     \
    X(NEG, "-", 1)                                                       \
    X(IS_NULL, "IS NULL", 1)                                             \
    X(IS_NOT_NULL, "IS NOT NULL", 1)

/** The operators of DBC_OP_MAP. */
typedef enum dbc_op {
#define DBC_OP_ENUM(name, sql, operands) DBC_OP_##name,
    DBC_OP_MAP(DBC_OP_ENUM)
#undef DBC_OP_ENUM
} dbc_op;

/** `a op b`; for an operator with one operand `b` is 0. */
DBC_API dbc_expr dbc_expr_op(dbc_query *query, dbc_op op, dbc_expr a,
                             dbc_expr b);

/** Whether a condition is meant or its opposite. */
typedef enum dbc_negation { DBC_PLAIN, DBC_NEGATED } dbc_negation;

/** `a BETWEEN low AND high`, or NOT BETWEEN. */
DBC_API dbc_expr dbc_expr_between(dbc_query *query, dbc_expr a, dbc_expr low,
                                  dbc_expr high, dbc_negation negation);

/**
 * `a IN (…)`, or NOT IN. `set` is a DBC_LIST value of any length (bound as
 * one parameter; an empty one is false, or true when negated), a parameter
 * (then a DBC_LIST is given at run time) or a subquery.
 */
DBC_API dbc_expr dbc_expr_in(dbc_query *query, dbc_expr a, dbc_expr set,
                             dbc_negation negation);

/** How a function is called: with all values or with each one once. */
typedef enum dbc_call_form { DBC_CALL, DBC_CALL_DISTINCT } dbc_call_form;

/** A function of the database by name: letters, digits and `_` only. */
DBC_API dbc_expr dbc_expr_call(dbc_query *query, const char *name,
                               const dbc_expr *args, size_t count,
                               dbc_call_form form);

/** `call FILTER (WHERE condition)`: an aggregate over some rows. */
DBC_API dbc_expr dbc_expr_filter(dbc_query *query, dbc_expr call,
                                 dbc_expr condition);

/** A window: any part may be empty. */
typedef struct dbc_window {
    const dbc_expr *partition_by;
    size_t partition_count;
    const dbc_expr *order_by;
    size_t order_count;
    const char *frame; /* "rows between 1 preceding and current row", or NULL */
} dbc_window;

/** `call OVER (window)`. A frame with a word that is no frame's is refused. */
DBC_API dbc_expr dbc_expr_over(dbc_query *query, dbc_expr call,
                               const dbc_window *window);

/**
 * `CASE [base] WHEN when[0] THEN then[0] … [ELSE otherwise] END`; `base` and
 * `otherwise` may be 0.
 */
DBC_API dbc_expr dbc_expr_case(dbc_query *query, dbc_expr base,
                               const dbc_expr *when, const dbc_expr *then,
                               size_t count, dbc_expr otherwise);

/** `CAST(a AS type)`; the result has that type. */
DBC_API dbc_expr dbc_expr_cast(dbc_query *query, dbc_expr a, dbc_type type);

/** `a COLLATE name`. */
DBC_API dbc_expr dbc_expr_collate(dbc_query *query, dbc_expr a,
                                  const char *name);

/** A direction, and where NULL stands. */
typedef enum dbc_order {
    DBC_ASC,
    DBC_DESC,
    DBC_ASC_NULLS_LAST,
    DBC_DESC_NULLS_FIRST
} dbc_order;

/** A term of ORDER BY. */
DBC_API dbc_expr dbc_expr_order(dbc_query *query, dbc_expr a, dbc_order order);

/** `a` under another name: the key it gets in rows. */
DBC_API dbc_expr dbc_expr_as(dbc_query *query, dbc_expr a, const char *name);

/**
 * SQL text of your own, in which each `?` outside literals and comments stands
 * for one of `args`. The only ways to put text into a query are this and
 * dbc_expr_raw(). The count must match, else DBC_EINVALID.
 */
DBC_API dbc_expr dbc_expr_sql(dbc_query *query, const char *text, size_t len,
                              const dbc_expr *args, size_t count);

/** SQL text as it is. Never give it text that came from outside. */
DBC_API dbc_expr dbc_expr_raw(dbc_query *query, const char *text, size_t len);

/** A query as a value, as the set of IN, or for dbc_expr_exists(). Copied. */
DBC_API dbc_expr dbc_expr_query(dbc_query *query, const dbc_query *sub);

/** `EXISTS (sub)`, or NOT EXISTS. `sub` comes from dbc_expr_query(). */
DBC_API dbc_expr dbc_expr_exists(dbc_query *query, dbc_expr sub,
                                 dbc_negation negation);

/*
 * Full text. `column` is an expression for a column of a full-text index that
 * the query searches, `DBC_OP_MATCH` in its condition; for DBC_FTS_WHOLE the
 * column is the one that fits best.
 */

/** How a snippet looks. Texts are copied. */
typedef struct dbc_snippet {
    const char *open, *close; /* around each word that was found */
    const char *ellipsis;     /* in the place of what is left out */
    int words;                /* at most, 1 to 64 */
} dbc_snippet;

/** Nothing around words, "..." for what is left out, 16 words. */
#define DBC_SNIPPET_DEFAULT \
    {                       \
        "", "", "...", 16   \
    }

/** A piece of the column's text around what was found. */
DBC_API dbc_expr dbc_expr_snippet(dbc_query *query, dbc_expr column,
                                  const dbc_snippet *options);

/** All of the column's text, with `open` and `close` around what was found. */
DBC_API dbc_expr dbc_expr_highlight(dbc_query *query, dbc_expr column,
                                    const char *open, const char *close);

/**
 * How well a row fits, by BM25: less is better. `weights` are those of the
 * `count` columns that are indexed, in their order; 0 and NULL: all the same.
 */
DBC_API dbc_expr dbc_expr_bm25(dbc_query *query, dbc_expr column,
                               const double *weights, size_t count);

/** How the words of a search go together. */
enum {
    DBC_MATCH_ANY = 1 << 0,       /* one of them is enough */
    DBC_MATCH_BEGIN = 1 << 1,     /* each is the beginning of a word */
    DBC_MATCH_BEGIN_LAST = 1 << 2 /* only the last one is: still being typed */
};

/**
 * Makes what a person typed the right side of MATCH: its words, each in
 * quotes, so that nothing in it is an operator or an error; without a word
 * what finds nothing. Writes at most `size` bytes to `out`, the last one NUL,
 * and returns how long the whole is without it. `flags` are DBC_MATCH_….
 */
DBC_API size_t dbc_match_words(char *out, size_t size, const char *text,
                               size_t len, unsigned flags);

/*
 * Relations. A path is the name of a relation of the table that the query
 * around reads from, "posts", or several with dots between: "posts.tags". It
 * is looked up when the query is run, in the schema of the connection; a
 * misspelt one is DBC_ESCHEMA then and names the nearest. `sub` (or NULL: all
 * of them) is a query of the table that the path leads to; copied.
 */

/** Whether a row has such relatives: EXISTS, or NOT EXISTS. */
DBC_API dbc_expr dbc_expr_has(dbc_query *query, const char *path,
                              const dbc_query *sub, dbc_negation negation);

/**
 * The relation's own condition, for tables that have these aliases in the
 * query (NULL: their own names). 0 when it has none.
 */
DBC_API dbc_expr dbc_expr_relation(dbc_query *query,
                                   const dbc_relation *relation,
                                   const char *target_alias,
                                   const char *through_alias);

/**
 * What term `i`, from 0, of the order of `ordered` stands for, without its
 * direction; of the name of an output, that output. So an order can be said
 * again as a condition. 0 when there is none, or when it is other text with a
 * direction in it, which is no failure.
 */
DBC_API dbc_expr dbc_expr_ordered(dbc_query *query, const dbc_query *ordered,
                                  size_t i);

/** How many terms the order of `query` has, text counted as one. */
DBC_API size_t dbc_query_order_count(const dbc_query *query);

/** What can be asked of the relatives of a row. */
typedef enum dbc_related {
    DBC_RELATED_COUNT,
    DBC_RELATED_EXISTS,
    DBC_RELATED_SUM, /* of a column; NULL when there is none, as the others */
    DBC_RELATED_AVG,
    DBC_RELATED_MIN,
    DBC_RELATED_MAX
} dbc_related;

/**
 * One value about the relatives of a row: how many there are, whether there
 * is one, or something about column `column` of theirs (NULL for the first
 * two). `sub` filters and joins; it has no limit, order or grouping.
 */
DBC_API dbc_expr dbc_expr_related(dbc_query *query, dbc_related what,
                                  const char *path, const char *column,
                                  const dbc_query *sub);

/** In ON CONFLICT … UPDATE: the value that was to be inserted. */
DBC_API dbc_expr dbc_expr_excluded(dbc_query *query, const char *column);

/**
 * The type of an expression as far as it is known, and the column it is taken
 * from when it is one (`*column`, may be NULL).
 */
DBC_API dbc_type dbc_expr_type(const dbc_query *query, dbc_expr expr,
                               const dbc_column **column);

/* Clauses. Each returns DBC_OK or the first failure of the query. */

/** SELECT … FROM table. `alias` may be NULL. */
DBC_API int dbc_query_from(dbc_query *query, const dbc_table *table,
                           const char *alias);

/** SELECT … FROM (sub) AS alias. */
DBC_API int dbc_query_from_query(dbc_query *query, const dbc_query *sub,
                                 const char *alias);

/** SELECT … FROM a name that dbc_query_with() declares. */
DBC_API int dbc_query_from_name(dbc_query *query, const char *name,
                                const char *alias);

/** The kinds of joins. */
typedef enum dbc_join {
    DBC_JOIN_INNER,
    DBC_JOIN_LEFT,
    DBC_JOIN_RIGHT,
    DBC_JOIN_FULL,
    DBC_JOIN_CROSS /* `on` is 0 */
} dbc_join;

/** JOIN table ON on. `alias` may be NULL; `on` is 0 for a cross join. */
DBC_API int dbc_query_join(dbc_query *query, dbc_join join,
                           const dbc_table *table, const char *alias,
                           dbc_expr on);
/** JOIN (sub) AS alias ON on. `sub` is copied. */
DBC_API int dbc_query_join_query(dbc_query *query, dbc_join join,
                                 const dbc_query *sub, const char *alias,
                                 dbc_expr on);
/** JOIN the CTE `name` ON on. `alias` may be NULL. */
DBC_API int dbc_query_join_name(dbc_query *query, dbc_join join,
                                const char *name, const char *alias,
                                dbc_expr on);

/** WITH name AS (sub). `sub` may read `name`: then it is recursive. */
DBC_API int dbc_query_with(dbc_query *query, const char *name,
                           const dbc_query *sub);

/** One more condition: all of them must hold. */
DBC_API int dbc_query_where(dbc_query *query, dbc_expr condition);

/**
 * One more output. `name` is its key in rows; NULL takes the expression's own
 * (a column's, one given with dbc_expr_as(), a function's). Two outputs of
 * one name are an error. Without any: every column of every table.
 */
DBC_API int dbc_query_select(dbc_query *query, dbc_expr expr, const char *name);

/**
 * One more output beside those there are: without a select, beside all
 * columns. In rows that are grouped by table it stands beside the groups.
 */
DBC_API int dbc_query_also(dbc_query *query, dbc_expr expr, const char *name);

/**
 * Loads the relatives of every row with it; see dbc_load_open(). Of
 * "posts.tags" both are loaded. `sub` (or NULL: all rows and columns) says
 * which ones, in which order and with which columns; its limit and offset hold
 * for each row that has relatives, and it may load on. Of two queries for one
 * path the last one counts.
 */
DBC_API int dbc_query_load(dbc_query *query, const char *path,
                           const dbc_query *sub);

/** Nothing is loaded with it after all. */
DBC_API int dbc_query_unload(dbc_query *query);

/** Whether `query` loads anything. */
DBC_API int dbc_query_has_loads(const dbc_query *query);

/** SELECT DISTINCT. */
DBC_API int dbc_query_distinct(dbc_query *query);
/** One more term of GROUP BY. */
DBC_API int dbc_query_group_by(dbc_query *query, dbc_expr expr);
/** HAVING; several are joined by AND. */
DBC_API int dbc_query_having(dbc_query *query, dbc_expr condition);
/** One more term of ORDER BY, maybe made by dbc_expr_order(). */
DBC_API int dbc_query_order_by(dbc_query *query, dbc_expr term);

/** The last call counts. A value is checked to be an integer from 0. */
DBC_API int dbc_query_limit(dbc_query *query, dbc_expr count);
/** OFFSET, as dbc_query_limit(). */
DBC_API int dbc_query_offset(dbc_query *query, dbc_expr count);

/** How two queries are combined. */
typedef enum dbc_set_op {
    DBC_UNION,
    DBC_UNION_ALL,
    DBC_INTERSECT,
    DBC_EXCEPT
} dbc_set_op;

/** Everything so far becomes the left side; order and limit come after. */
DBC_API int dbc_query_combine(dbc_query *query, dbc_set_op op,
                              const dbc_query *right);

/** INSERT INTO table. Values come from set, slot or insert_from. */
DBC_API int dbc_query_insert(dbc_query *query, const dbc_table *table);

/** UPDATE table. It must get a condition, or dbc_query_everywhere(). */
DBC_API int dbc_query_update(dbc_query *query, const dbc_table *table);

/** DELETE FROM table. It must get a condition, or dbc_query_everywhere(). */
DBC_API int dbc_query_delete(dbc_query *query, const dbc_table *table);

/** Says that every row is meant. */
DBC_API int dbc_query_everywhere(dbc_query *query);

/**
 * One column's new value, of an insert or an update. When the query is run a
 * value must obey the rules of its column, else the run is DBC_EVALIDATION;
 * what an expression gives is the database's to check.
 */
DBC_API int dbc_query_set(dbc_query *query, const dbc_column *column,
                          dbc_expr value);

/** Of an insert: this column's value is given at every run, in call order. */
DBC_API int dbc_query_slot(dbc_query *query, const dbc_column *column);

/** INSERT … SELECT: the outputs' names say which columns they fill. */
DBC_API int dbc_query_insert_from(dbc_query *query, const dbc_query *source);

/** ON CONFLICT (columns); no column: any conflict (only to do nothing). */
DBC_API int dbc_query_on_conflict(dbc_query *query,
                                  const dbc_column *const *columns,
                                  size_t count);

/** … DO NOTHING. */
DBC_API int dbc_query_conflict_ignore(dbc_query *query);

/** … DO UPDATE SET column = value. May be called for several columns. */
DBC_API int dbc_query_conflict_set(dbc_query *query, const dbc_column *column,
                                   dbc_expr value);

/** … WHERE condition, of the DO UPDATE. */
DBC_API int dbc_query_conflict_where(dbc_query *query, dbc_expr condition);

/** RETURNING expr; `expr` 0: every column of the table. */
DBC_API int dbc_query_returning(dbc_query *query, dbc_expr expr,
                                const char *name);

/** What a query is asked for in place of its rows. */
typedef enum dbc_answer {
    DBC_ANSWER_COUNT,  /* how many rows there are: one integer */
    DBC_ANSWER_EXISTS, /* whether there is one: 1 or 0 */
    DBC_ANSWER_FIRST   /* at most one row */
} dbc_answer;

/** Asks another question of the same rows. Must be the last step. */
DBC_API int dbc_query_answer(dbc_query *query, dbc_answer answer);

/* ---------------------------------------------------------------- policies */

/**
 * Row rules: which rows of which tables may be read, made, changed and
 * removed. A policy is a value: built by one owner, then shared, counted, and
 * never changed again. It holds for everything that runs on a connection
 * (dbc_conn_restrict), or for one query and all it becomes a part of
 * (dbc_query_restrict); where both are set, both hold.
 *
 * What it does to a query, whatever that is made of:
 *
 * - each table that is read, in a join, subquery, CTE, set operation or
 *   answer, has only the rows that its rule for select lets through, and an
 *   outer join finds no others;
 * - update and delete see only rows that the rules for select and for that
 *   operation let through;
 * - a row that an insert or update leaves behind must satisfy the rule of that
 *   operation, one that an upsert leaves both, and one that is returned that
 *   for select: else the statement fails with DBC_EDENIED and is undone. So
 *   does an upsert that meets a row it may not update;
 * - a full-text index shows the rows that its table shows;
 * - what cannot be held is DBC_EDENIED before it runs: a view without a rule
 *   of its own, writing into a full-text index, an operation that no rule of
 *   its table mentions, a table that nobody opened, a key that replaces rows,
 *   a CTE with the name of a table, SQL text that holds a query.
 *
 * The values in conditions are bound: one plan serves all contexts. The
 * subqueries inside a condition see every row. Triggers and the actions of
 * foreign keys are the schema's and are not held. What is not hidden: that a
 * unique key is taken or a foreign key's row is there, and how long a
 * statement takes.
 */
typedef struct dbc_policy dbc_policy;

enum {
    DBC_POLICY_SELECT = 1 << 0,
    DBC_POLICY_INSERT = 1 << 1,
    DBC_POLICY_UPDATE = 1 << 2,
    DBC_POLICY_DELETE = 1 << 3,
    DBC_POLICY_ALL = 15
};

/** Flags of a policy. */
enum {
    DBC_POLICY_RAW = 1 << 0, /* SQL text is let through, and is not filtered */
    /**
     * It only hides rows, as a soft delete does: its rules for select count,
     * everything it does not mention is open, and a row that leaves what they
     * let through by a write is no error.
     */
    DBC_POLICY_FILTER = 1 << 1
};

/**
 * A policy without rules, with one reference: it forbids every table. `base`
 * (may be NULL) gets a reference and holds as well: so a policy can be made
 * narrower and never wider.
 *
 * Returns DBC_OK or DBC_ENOMEM.
 */
DBC_API int dbc_policy_new(dbc_policy **out, const dbc_policy *base,
                           unsigned flags, const dbc_alloc *alloc,
                           dbc_error *err);

/** One more reference. Safe from any thread. Returns `policy`. */
DBC_API const dbc_policy *dbc_policy_retain(const dbc_policy *policy);

/** One reference less; the last one frees. Safe from any thread. */
DBC_API void dbc_policy_release(const dbc_policy *policy);

/**
 * For `operations` (DBC_POLICY_SELECT | …) on `table`, rows must satisfy
 * `condition`: a query that holds one expression over the columns of `table`,
 * copied. NULL: every row does. Several rules for one operation must all be
 * satisfied. Tables are told apart by their names in the database. `name` (may
 * be NULL) is for messages.
 *
 * Returns DBC_OK; DBC_ENOMEM; DBC_EINVALID when `condition` is no expression
 * or has a parameter.
 */
DBC_API int dbc_policy_rule(dbc_policy *policy, const dbc_table *table,
                            unsigned operations, const char *name,
                            const dbc_query *condition, dbc_error *err);

/**
 * The same for a condition that speaks of relations (dbc_expr_has() and the
 * like): they start at `table` and are looked up in `schema`, which need not
 * outlive the call. What such a condition, or a query in it, reads of other
 * tables it reads whole, without their rules.
 *
 * Returns as well DBC_ESCHEMA when a relation is not there, and DBC_ENOTFOUND
 * when `schema` is NULL and needed.
 */
DBC_API int dbc_policy_rule_in(dbc_policy *policy, const dbc_schema *schema,
                               const dbc_table *table, unsigned operations,
                               const char *name, const dbc_query *condition,
                               dbc_error *err);

/** Whoever does `operations` on `table` gets this error, message copied. */
DBC_API int dbc_policy_refuse(dbc_policy *policy, const dbc_table *table,
                              unsigned operations, int code,
                              const char *message, dbc_error *err);

/** Tables of `schema` (gets a reference) that no rule mentions are open. */
DBC_API void dbc_policy_open(dbc_policy *policy, const dbc_schema *schema);

/** Whether SQL text may be run under it. */
DBC_API int dbc_policy_lets_raw(const dbc_policy *policy);

/**
 * From now on `query` is run and compiled under `policy` (borrowed: it must
 * outlive the query and what is built from it), on any connection. It passes
 * to every query that this one is appended to or copied into; parts of
 * different policies do not mix (DBC_EDENIED).
 */
DBC_API void dbc_query_restrict(dbc_query *query, const dbc_policy *policy);

/** What the query is under by itself, or NULL. Borrowed. */
DBC_API const dbc_policy *dbc_query_policy(const dbc_query *query);

/* ------------------------------------------------------- compiled queries */

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

/** Where the value of a parameter comes from. */
typedef enum dbc_parameter_kind {
    DBC_PARAMETER_VALUE, /* bound in the query */
    DBC_PARAMETER_NAMED, /* given by name at run time */
    DBC_PARAMETER_SLOT,  /* given by position at run time (insert) */
    DBC_PARAMETER_POLICY /* bound in a policy that holds */
} dbc_parameter_kind;

/** Whether a placeholder is a new value of its column, and of which row. */
typedef enum dbc_written {
    DBC_NOT_WRITTEN,
    DBC_WRITTEN,         /* of the row that is inserted or updated */
    DBC_WRITTEN_CONFLICT /* of the row that ON CONFLICT … UPDATE changes */
} dbc_written;

/** One placeholder of the text, in the order of the text. */
typedef struct dbc_parameter {
    dbc_parameter_kind kind;
    uint32_t index;           /* of the value, of the slot */
    const char *name;         /* of a named one, else NULL */
    dbc_type type;            /* it must fit this */
    const dbc_column *column; /* and this, when not NULL */
    int list;                 /* a DBC_LIST is due: the set of an IN */
    dbc_written written;      /* whether it is stored into `column` */
} dbc_parameter;

/** How a database speaks. See dbcore_driver.h. */
typedef struct dbc_dialect dbc_dialect;

/** The dialect of SQLite. */
DBC_API const dbc_dialect *dbc_dialect_sqlite(void);

/** A query as text. Everything in it belongs to it. */
typedef struct dbc_sql {
    const char *text; /* ends with a NUL that `len` does not count */
    size_t len;
    const dbc_parameter *parameters;
    size_t parameter_count;
    dbc_layout layout;
    dbc_query_kind kind;
    const dbc_table *table; /* the one it starts from, or NULL; borrowed */
    void *memory;           /* private */
} dbc_sql;

/**
 * Turns `query` into SQL text, an ordered list of parameters and a row layout.
 *
 * The caller owns `out` and releases it with dbc_sql_dispose(). The tables of
 * `query` must outlive it.
 *
 * Returns DBC_OK; DBC_ENOMEM; the first failure of building; DBC_EINVALID
 * when it makes no sense (a column of a table that is not in the query, an
 * update without a condition, …); DBC_EUNSUPPORTED when `dialect` cannot say
 * a clause. `err` says what. On failure `out` is left untouched.
 */
DBC_API int dbc_query_compile(dbc_sql *out, const dbc_query *query,
                              const dbc_dialect *dialect,
                              const dbc_alloc *alloc, dbc_error *err);

/**
 * The same for a query that speaks of relations, which are looked up in
 * `schema`. What is loaded with its rows is left out.
 */
DBC_API int dbc_query_compile_in(dbc_sql *out, const dbc_query *query,
                                 const dbc_schema *schema,
                                 const dbc_dialect *dialect,
                                 const dbc_alloc *alloc, dbc_error *err);

/** Frees what is inside of `sql`; one that is zeroed is allowed. */
DBC_API void dbc_sql_dispose(dbc_sql *sql);

/** Value `index` bound in `query`; its text is good as long as the query. */
DBC_API dbc_value dbc_query_value(const dbc_query *query, uint32_t index);

/** Item `i` from 0 of the list that is value `index`. */
DBC_API dbc_value dbc_query_list_item(const dbc_query *query, uint32_t index,
                                      size_t i);

/**
 * CREATE statements of one table with its indexes and triggers, or of a whole
 * schema in an order that works, each ended with ";\n".
 *
 * Returns DBC_OK and a text that ends with a NUL; free it with
 * dbc_text_free(). DBC_ENOMEM; DBC_EUNSUPPORTED.
 */
DBC_API int dbc_table_ddl(char **out, const dbc_table *table,
                          const dbc_dialect *dialect, const dbc_alloc *alloc,
                          dbc_error *err);
/** The statements that make all of `schema`, in an order that works. */
DBC_API int dbc_schema_ddl(char **out, const dbc_schema *schema,
                           const dbc_dialect *dialect, const dbc_alloc *alloc,
                           dbc_error *err);
/** One column as it stands in CREATE TABLE. As above. */
DBC_API int dbc_column_ddl(char **out, const dbc_column *column,
                           const dbc_dialect *dialect, const dbc_alloc *alloc,
                           dbc_error *err);
/** Frees a text that was given with that `alloc`. NULL is allowed. */
DBC_API void dbc_text_free(char *text, const dbc_alloc *alloc);

/* ------------------------------------------------------------- connections */

/* A dbc_conn is a connection to one database: used by one thread at a time. */

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

/** One run of a statement, as an observer sees it. Good during the call. */
typedef struct dbc_event {
    const char *sql;
    size_t len;
    uint64_t shape;      /* equal for runs that differ only by values */
    int64_t nanoseconds; /* inside the engine: binding and all steps */
    int64_t rows;
    int status; /* DBC_DONE, DBC_ROW when it was left early, or an error */
} dbc_event;

/** `observe` is called after every run; NULL ends it. It must not use `conn`.
 */
DBC_API void dbc_conn_observe(dbc_conn *conn,
                              void (*observe)(void *ud, const dbc_event *event),
                              void *ud);

/* -------------------------------------------------------------- statements */

/** A prepared statement on loan from its connection. */
typedef struct dbc_stmt dbc_stmt;

/**
 * Takes the statement for one SQL text from the cache, or prepares it. The
 * caller gives it back with dbc_stmt_release(). Text behind the first
 * statement, or a NUL in it, is DBC_EINVALID.
 */
DBC_API int dbc_stmt_acquire(dbc_stmt **out, dbc_conn *conn, const char *sql,
                             size_t len);

/**
 * Gives it back; it is reset at once, so that it holds no lock. Allowed after
 * the connection was closed. The pointer is dead afterwards.
 */
DBC_API void dbc_stmt_release(dbc_stmt *stmt);

/** How many placeholders the text has. */
DBC_API size_t dbc_stmt_parameter_count(const dbc_stmt *stmt);

/**
 * Binds `values` to all placeholders, in order; the count must match. Text,
 * blobs and lists are borrowed until the statement is bound again or
 * released. A statement with placeholders cannot be stepped before.
 */
DBC_API int dbc_stmt_bind(dbc_stmt *stmt, const dbc_value *values,
                          size_t count);

/**
 * DBC_ROW, DBC_DONE, or below zero. After DBC_DONE and after an error it is
 * reset, so that it holds no lock; the next step starts it anew. The time
 * limit of the connection counts from the first step.
 */
DBC_API int dbc_stmt_step(dbc_stmt *stmt);

/** Back to before the first step. What is bound stays bound. */
DBC_API int dbc_stmt_reset(dbc_stmt *stmt);

/**
 * Binds, runs to the end, resets: one call for a row of a bulk write. Rows it
 * returns are dropped. Sets `*changes` (may be NULL) to the rows changed.
 */
DBC_API int dbc_stmt_run(dbc_stmt *stmt, const dbc_value *values, size_t count,
                         int64_t *changes);

/** How many columns a row of the statement has. */
DBC_API size_t dbc_stmt_column_count(const dbc_stmt *stmt);

/** Name of column `i` from 0. Good until the statement is stepped. */
DBC_API const char *dbc_stmt_column_name(const dbc_stmt *stmt, size_t i);

/**
 * The row that dbc_stmt_step() made ready: an array of as many values as
 * there are columns. Good until the next call on the statement.
 */
DBC_API const dbc_value *dbc_stmt_row(const dbc_stmt *stmt);

/**
 * The place of the column `name` in the row, or -1 when there is none of that
 * name. Of several it is the first.
 */
DBC_API int dbc_stmt_find(const dbc_stmt *stmt, const char *name);

/** Whether column `i` is NULL. */
DBC_API int dbc_stmt_is_null(const dbc_stmt *stmt, size_t i);

/** Column `i` as an integer; 0 when it is none. */
DBC_API int64_t dbc_stmt_int(const dbc_stmt *stmt, size_t i);

/** Column `i` as a real, an integer included; 0 when it is neither. */
DBC_API double dbc_stmt_real(const dbc_stmt *stmt, size_t i);

/**
 * The bytes of column `i`, good as long as the row; NULL when it is no text, or
 * no blob. `len` may be NULL; a text may hold NUL, and none stands behind it.
 */
DBC_API const char *dbc_stmt_text(const dbc_stmt *stmt, size_t i, size_t *len);
/** The same for a blob. */
DBC_API const void *dbc_stmt_blob(const dbc_stmt *stmt, size_t i, size_t *len);

/** The layout of a statement that came from a query, else NULL. */
DBC_API const dbc_layout *dbc_stmt_layout(const dbc_stmt *stmt);

/** Its SQL text. Good as long as it is lent. */
DBC_API const char *dbc_stmt_sql(const dbc_stmt *stmt, size_t *len);

/** Whether it only reads. */
DBC_API int dbc_stmt_readonly(const dbc_stmt *stmt);

/** The connection it was lent by. */
DBC_API dbc_conn *dbc_stmt_conn(const dbc_stmt *stmt);

/** Rows changed by the last write on the connection, and its last rowid. */
DBC_API int64_t dbc_conn_changes(const dbc_conn *conn);
/** The rowid of the last row that was inserted. */
DBC_API int64_t dbc_conn_last_rowid(const dbc_conn *conn);

/* ---------------------------------------------------------- running queries */

/** A value for a named parameter. */
typedef struct dbc_arg {
    const char *name;
    dbc_value value;
} dbc_arg;

/** What a query is given when it runs. Zero: nothing. */
typedef struct dbc_args {
    const dbc_arg *named; /* for parameters */
    size_t named_count;
    const dbc_value *slots; /* for dbc_query_slot(), in that order */
    size_t slot_count;
} dbc_args;

/**
 * Makes `query` ready to step: by its shape when that was seen before on this
 * connection, else by compiling and preparing it. `query` and `args` must
 * stay as they are until the statement is released, bound again or reset.
 * `args` may be NULL when nothing is to be given.
 *
 * Returns DBC_OK and a statement to be released; DBC_EINVALID when a
 * parameter is missing, unknown or of the wrong type; whatever compiling,
 * preparing and binding return.
 */
DBC_API int dbc_query_open(dbc_stmt **out, dbc_conn *conn,
                           const dbc_query *query, const dbc_args *args);

/** The same statement for other arguments, without any look-up. */
DBC_API int dbc_query_reopen(dbc_stmt *stmt, const dbc_query *query,
                             const dbc_args *args);

/**
 * Binds again and runs to the end, rows dropped: one call for each row of a
 * bulk insert on one statement. `*changes` (may be NULL) is set.
 */
DBC_API int dbc_query_repeat(dbc_stmt *stmt, const dbc_query *query,
                             const dbc_args *args, int64_t *changes);

/** What a write has done. */
typedef struct dbc_result {
    int64_t changes;
    int64_t last_rowid;
} dbc_result;

/** Runs to the end. Rows are dropped. `out` may be NULL. */
DBC_API int dbc_query_run(dbc_result *out, dbc_conn *conn,
                          const dbc_query *query, const dbc_args *args);

/**
 * The rows of a bulk insert. Either an array, `count` times as many `values` as
 * the insert has slots, in the order of dbc_query_slot(); or a function that
 * gives them one by one. Zero means nothing in every field.
 */
typedef struct dbc_rows {
    const dbc_value *values; /* row after row */
    size_t count;            /* of rows */
    /**
     * Instead of an array: fills the slots of the next row (all are NULL when
     * it is called) and returns DBC_ROW; DBC_DONE when there is none; below
     * zero to give up. Text and blobs stay good until the next call. It may
     * use the connection, but not end its transaction.
     */
    int (*next)(void *ud, dbc_value *slots, size_t slot_count);
    void *ud;
    const dbc_arg *named; /* for parameters, the same for all rows */
    size_t named_count;
} dbc_rows;

/**
 * Inserts any number of rows with one statement, all of them or none: in a
 * transaction of its own, or inside of one in a savepoint. `query` is an
 * insert with slots, with or without ON CONFLICT; rows that it returns are
 * dropped. `out` (may be NULL) takes the changes of all rows together.
 *
 * On failure nothing of it is there, and `row` in the error of the connection
 * is the number of the row that failed, from 1. Returns what dbc_query_run()
 * returns; what `next` returned; DBC_EINVALID when `query` is no insert.
 */
DBC_API int dbc_query_run_rows(dbc_result *out, dbc_conn *conn,
                               const dbc_query *query, const dbc_rows *rows);

/** How many rows `query` gives, and whether it gives one at all (1 or 0). */
DBC_API int dbc_query_count(int64_t *out, dbc_conn *conn,
                            const dbc_query *query, const dbc_args *args);
/** Sets `*out` to 1 when the query has a row, else to 0. */
DBC_API int dbc_query_exists(int *out, dbc_conn *conn, const dbc_query *query,
                             const dbc_args *args);

/**
 * Prepares `query` and keeps it, so that opening it later finds it ready, and
 * what the engine has to say against it is known now.
 */
DBC_API int dbc_query_prepare(dbc_conn *conn, const dbc_query *query);

/**
 * The compiled form of `query` on this connection, prepared or not. Good until
 * the next call on the connection.
 */
DBC_API int dbc_query_plan(const dbc_sql **out, dbc_conn *conn,
                           const dbc_query *query);

/* ------------------------------------------------------------ hooks of writes
 */

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
 * Before the write: sets a column, to a value or to a query that holds one
 * expression (both copied), or leaves it out of what is set. A delete of which
 * something is set becomes an update of that: a soft delete.
 *
 * Returns DBC_OK; DBC_ENOMEM; DBC_EINVALID behind the write, for a generated
 * column, and for a column of another table.
 */
DBC_API int dbc_write_set(dbc_write *write, const dbc_column *column,
                          dbc_value value);
/** The column gets what `expr` computes, an expression of its table. */
DBC_API int dbc_write_set_expr(dbc_write *write, const dbc_column *column,
                               const dbc_query *expr);
/** The column is not written after all. */
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
 * A query that cannot be taken apart is DBC_EUNSUPPORTED: an insert from a
 * query, and an insert that updates on a conflict.
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

/* ------------------------------------------------- rows with their relatives
 */

/**
 * A query that loads relations, dbc_query_load(), while it is read. Rows come
 * level by level: first those of the query itself, then the relatives of all
 * of these, one statement for each relation however many rows there are. What
 * belongs to what is told by number, so nothing has to be kept but what you
 * want to keep.
 *
 *     while ((rc = dbc_load_begin(load, 0)) == DBC_ROW)
 *         while ((rc = dbc_load_step(load)) == DBC_ROW)
 *             take(dbc_load_level(load), dbc_load_parent(load),
 *                  dbc_load_row(load));
 *
 * dbc_records_load() does that and keeps all rows.
 */
typedef struct dbc_load dbc_load;

/**
 * Makes it ready. A query that loads nothing has one level. `query` must stay
 * as it is until it is closed, and what the values and names in `args` point
 * to, too.
 *
 * Returns DBC_OK and something to be closed with dbc_load_close(); what
 * dbc_query_open() returns; DBC_ESCHEMA for a relation that is not in the
 * schema of the connection; DBC_EINVALID when relatives have no place: an
 * output of the same name, a union, keys that grouping or distinct hide.
 */
DBC_API int dbc_load_open(dbc_load **out, dbc_conn *conn,
                          const dbc_query *query, const dbc_args *args);

/** Gives everything back. The last error of the connection stays. */
DBC_API void dbc_load_close(dbc_load *load);

/** One relation that is loaded. Good as long as the load. */
typedef struct dbc_load_info {
    const char *name; /* of the relation; NULL: the rows of the query itself */
    dbc_relation_kind kind;
    size_t parent; /* the level whose rows have these; smaller than its own */
} dbc_load_info;

/** How many levels there are, from 1. */
DBC_API size_t dbc_load_level_count(const dbc_load *load);
/** What level `level` is. */
DBC_API dbc_load_info dbc_load_describe(const dbc_load *load, size_t level);

/**
 * Begins a batch: at most `most` rows of the query itself (0: all there are)
 * with their relatives. All of a batch is read in one transaction, unless one
 * is open already.
 *
 * Returns DBC_ROW; DBC_DONE when the query has no more rows; or below zero.
 */
DBC_API int dbc_load_begin(dbc_load *load, size_t most);

/** DBC_ROW; DBC_DONE when the batch is complete; or below zero. */
DBC_API int dbc_load_step(dbc_load *load);

/** The level of the row that is ready. */
DBC_API size_t dbc_load_level(const dbc_load *load);

/** Its values, as many as its layout has outputs, until the next call. */
DBC_API const dbc_value *dbc_load_row(const dbc_load *load);

/** The layout of its level. Good until the next step. */
DBC_API const dbc_layout *dbc_load_layout(const dbc_load *load);

/** The number of no row. */
#define DBC_NO_PARENT ((size_t)-1)

/**
 * The number, from 0 in each batch, of the first row of the parent level that
 * has this one among its relatives; and of the next one behind `parent`.
 * DBC_NO_PARENT when there is none, as for level 0.
 */
DBC_API size_t dbc_load_parent(const dbc_load *load);
/** The next parent of the row that was read, behind `parent`. */
DBC_API size_t dbc_load_next_parent(const dbc_load *load, size_t parent);

/** Rows with their relatives, kept as a whole. They need no connection. */
typedef struct dbc_records dbc_records;

/** One of them. All of it is good as long as the records. */
typedef struct dbc_record {
    const dbc_value *values; /* as many as the layout has outputs */
    const dbc_layout *layout;
    const struct dbc_record *next; /* of the same row's relatives, or NULL */
    const struct dbc_record_level *level; /* private, as the next */
    struct dbc_record **related;
} dbc_record;

/**
 * Runs `query` to the end and keeps its rows with all that it loads. Rows that
 * several rows have in common are there once.
 *
 * Returns DBC_OK and records for dbc_records_free(); DBC_ENOMEM; what
 * dbc_load_open() and dbc_load_step() return.
 */
DBC_API int dbc_records_load(dbc_records **out, dbc_conn *conn,
                             const dbc_query *query, const dbc_args *args);
/** Ends records with all that hangs on them. NULL is allowed. */
DBC_API void dbc_records_free(dbc_records *records);

/** The first row of the query itself, or NULL; go on with `next`. */
DBC_API const dbc_record *dbc_records_first(const dbc_records *records);

/**
 * The first relative of a row by the name of the relation, or NULL when it has
 * none or the relation was not loaded; go on with `next`.
 */
DBC_API const dbc_record *dbc_record_related(const dbc_record *record,
                                             const char *relation);

/**
 * The compiled form of level `level` of a query, as dbc_query_plan(). Level 0
 * is the query itself. DBC_DONE, and nothing in `*out`, when there are not so
 * many.
 */
DBC_API int dbc_query_level_plan(const dbc_sql **out, dbc_conn *conn,
                                 const dbc_query *query, size_t level);

/* ------------------------------------------------------------ transactions */

/** How a transaction begins. */
typedef enum dbc_txn_mode {
    DBC_TXN_DEFAULT, /* IMMEDIATE; for a read-only connection READ */
    DBC_TXN_DEFERRED,
    DBC_TXN_IMMEDIATE,
    DBC_TXN_EXCLUSIVE,
    DBC_TXN_READ /* one snapshot; writing is refused */
} dbc_txn_mode;

/**
 * A transaction, or inside one a savepoint. It lives in memory of yours; only
 * the innermost one can be ended, any use of one that is over is
 * DBC_ECLOSED.
 */
typedef struct dbc_txn {
    dbc_conn *conn; /* borrowed */
    uint64_t serial;
    int depth; /* from 1 */
} dbc_txn;

/**
 * Begins one; inside another it is a savepoint, and `mode` matters only so
 * far as DBC_TXN_READ goes on refusing writes. DBC_EINVALID while a
 * transaction is open that was begun with raw SQL: what is committed inside
 * of that would not be. After a failure `txn` is over.
 */
DBC_API int dbc_txn_begin(dbc_txn *txn, dbc_conn *conn, dbc_txn_mode mode);

/** Whether it can still be committed or rolled back. */
DBC_API int dbc_txn_is_open(const dbc_txn *txn);

/**
 * Commits. A busy commit leaves the transaction open (DBC_EBUSY): commit
 * again or roll back. After DBC_EIO it has been rolled back and the connection
 * is broken, because a second try might be told that all is well by a system
 * that lost the pages: close it, open it again and look what is there. After
 * any other failure ask dbc_txn_is_open().
 */
DBC_API int dbc_txn_commit(dbc_txn *txn);

/**
 * Rolls back, deeper ones included. One that is over already is DBC_OK. The
 * last error of the connection stays as it was, so that the cause can still be
 * read.
 *
 * A failure may have made the engine give up the whole transaction
 * (`rolled_back` in its error). Then everything else on the connection is
 * refused with DBC_ECLOSED until the outermost handle is ended by this: what
 * was meant for the transaction must not stand alone. When that happens while
 * an inner one is rolled back, it is the error of this. A rollback that fails
 * otherwise breaks the connection: only dbc_close() is left.
 */
DBC_API int dbc_txn_rollback(dbc_txn *txn);

/**
 * Rolls back all that is open, whoever began it, as the text ROLLBACK does:
 * for a host that has no handle of it.
 */
DBC_API int dbc_conn_rollback(dbc_conn *conn);

/** How deep the connection is: 0 outside of any transaction. */
DBC_API int dbc_conn_depth(const dbc_conn *conn);

/* --------------------------------------- transactions around a function */

/** How a transaction is tried. Zero means the default in every field. */
typedef struct dbc_transaction_options {
    dbc_txn_mode mode; /* DBC_TXN_DEFAULT */
    int timeout_ms;    /* no retry later than that; 0: 10 000; below 0: none */
    int retries;       /* at most so many; 0: as time permits; below 0: none */
} dbc_transaction_options;

/**
 * Calls `body` in a transaction: commits when it returns DBC_OK or better,
 * rolls back when it returns below zero, and returns what it returned. The
 * error of the connection is the one that `body` left there. The transaction
 * ends by what `body` returns; one that was ended inside of it is DBC_ECLOSED.
 *
 * When another connection is in the way (DBC_EBUSY, from the beginning, from
 * `body` or from the commit) everything is rolled back and `body` called again
 * after a short, growing wait, so it should change nothing but the database,
 * and pass DBC_EBUSY on. A commit that is busy while the transaction stands is
 * tried again alone. dbc_interrupt() ends the waiting.
 *
 * Inside another transaction it is a savepoint and is tried once: mode, time
 * and retries are those of the outer one. `options` may be NULL.
 */
DBC_API int dbc_transaction(dbc_conn *conn, int (*body)(void *ud, dbc_txn *txn),
                            void *ud, const dbc_transaction_options *options);

/* ---------------------------------------------------------------- services */

/*
 * What only an engine can do. A driver that lacks one of these answers
 * DBC_EUNSUPPORTED.
 */

/** `done` of `total` pages. Anything but 0 stops: DBC_EINTERRUPTED. */
typedef int (*dbc_progress)(void *ud, int64_t done, int64_t total);

/**
 * Copies the database as it is now to the file `path`, while others go on
 * reading and writing. The copy is made beside the target, verified, brought
 * to the disk and then renamed into place: `path` is the old file or the whole
 * new one, at any moment. It is a single file, without a log beside it.
 * `progress` may be NULL.
 *
 * DBC_EINVALID inside a transaction that writes, or when `path` is the
 * database itself or a file that is in use with its own journal.
 */
DBC_API int dbc_backup(dbc_conn *conn, const char *path, dbc_progress progress,
                       void *ud);

/**
 * Replaces the content of the database by that of the file `path`, in one
 * transaction: other connections see all of it or nothing. The file is
 * verified before. Refused inside a transaction, while statements run, and
 * when the pages of both have different sizes (DBC_EUNSUPPORTED).
 */
DBC_API int dbc_restore(dbc_conn *conn, const char *path, dbc_progress progress,
                        void *ud);

/** How far a checkpoint goes, and whom it waits for. */
typedef enum dbc_checkpoint_mode {
    DBC_CHECKPOINT_FULL,    /* all pages of the log into the file */
    DBC_CHECKPOINT_RESTART, /* and the next writer starts the log anew */
    DBC_CHECKPOINT_TRUNCATE /* and the log has length 0 */
} dbc_checkpoint_mode;

/** What a checkpoint has done. */
typedef struct dbc_checkpoint_info {
    int busy;           /* 1: readers or writers kept it from being complete */
    int64_t log_pages;  /* in the log, -1 when there is none; when it is busy,
                           as many as its file has room for */
    int64_t done_pages; /* of these, known to be in the file now */
} dbc_checkpoint_info;

/** Moves the log into the file. An incomplete one is DBC_OK with `busy` 1. */
DBC_API int dbc_checkpoint(dbc_checkpoint_info *out, dbc_conn *conn,
                           dbc_checkpoint_mode mode);

/** One call of a function of yours. Good while your callback runs. */
typedef struct dbc_call dbc_call;

/** Sets the result; copied. The last one counts; without any it is NULL. */
DBC_API void dbc_call_return(dbc_call *call, dbc_value value);

/** Fails: the statement ends with DBC_ECALLBACK and this message. Copied. */
DBC_API void dbc_call_fail(dbc_call *call, const char *message, size_t len);

enum {
    DBC_FUNCTION_DETERMINISTIC = 1 << 0, /* the same for the same arguments */
    DBC_FUNCTION_INNOCUOUS = 1 << 1      /* a schema may use it, too */
};

enum { DBC_ANY_COUNT = -1 }; /* of arguments */

/** A function of one row. `args` are good during the call. */
typedef struct dbc_function {
    const char *name;
    int arg_count;  /* or DBC_ANY_COUNT */
    unsigned flags; /* DBC_FUNCTION_… */
    void *ud;
    void (*destroy)(void *ud); /* when it is replaced or closed; or NULL */
    /** NULL: the one of that name and number of arguments is taken away. */
    void (*call)(dbc_call *call, void *ud, const dbc_value *args, size_t count);
} dbc_function;

/**
 * A function of many rows; with `inverse` it is a window function, too. Each
 * group of rows has a state of yours. All callbacks but `end` may fail.
 */
typedef struct dbc_aggregate {
    const char *name;
    int arg_count;  /* or DBC_ANY_COUNT */
    unsigned flags; /* DBC_FUNCTION_… */
    void *ud;
    void (*destroy)(void *ud); /* or NULL */
    /** A new state; NULL only after dbc_call_fail(). */
    void *(*begin)(dbc_call *call, void *ud);
    void (*step)(dbc_call *call, void *state, const dbc_value *args,
                 size_t count);
    /** Takes the oldest row out again; or NULL. */
    void (*inverse)(dbc_call *call, void *state, const dbc_value *args,
                    size_t count);
    /** Sets the result for the rows so far. */
    void (*value)(dbc_call *call, void *state);
    /** Ends the state. */
    void (*end)(void *state);
} dbc_aggregate;

/** An order of texts: below zero, zero or above, as memcmp(). */
typedef struct dbc_collation {
    const char *name;
    void *ud;
    void (*destroy)(void *ud); /* or NULL */
    /** NULL: the one of that name is taken away. */
    int (*compare)(dbc_call *call, void *ud, const char *a, size_t a_len,
                   const char *b, size_t b_len);
} dbc_collation;

/**
 * Makes a function known on this connection. When it cannot, `destroy` is
 * called, too, so `ud` is always the library's. A callback must not use the
 * connection.
 */
DBC_API int dbc_create_function(dbc_conn *conn, const dbc_function *function);
/** Makes an aggregate or a window function; replaces one of its name. */
DBC_API int dbc_create_aggregate(dbc_conn *conn,
                                 const dbc_aggregate *aggregate);
/** Makes a collation; replaces one of its name. */
DBC_API int dbc_create_collation(dbc_conn *conn,
                                 const dbc_collation *collation);

/** What happened to a row. */
typedef enum dbc_change_kind {
    DBC_CHANGE_INSERT,
    DBC_CHANGE_UPDATE,
    DBC_CHANGE_DELETE
} dbc_change_kind;

/** One changed row of a table with a rowid. Good during the call. */
typedef struct dbc_change {
    dbc_change_kind kind;
    const char *database; /* "main", "temp" or as it is attached */
    const char *table;
    int64_t rowid;
} dbc_change;

/**
 * Called for each changed row, before each commit (anything but 0 turns it
 * into a rollback, and the statement fails with DBC_ECALLBACK), and after each
 * rollback. NULL ends it. They must not use the connection.
 */
DBC_API int dbc_conn_on_update(dbc_conn *conn,
                               void (*call)(void *ud, const dbc_change *change),
                               void *ud);
/** Called before a commit; what is not 0 turns it into a rollback. */
DBC_API int dbc_conn_on_commit(dbc_conn *conn, int (*call)(void *ud), void *ud);
/** Called after a rollback. */
DBC_API int dbc_conn_on_rollback(dbc_conn *conn, void (*call)(void *ud),
                                 void *ud);

/** What the engine warns of. */
typedef enum dbc_warning_kind {
    DBC_WARNING_LOG_PINNED,   /* a reader keeps the WAL from being moved */
    DBC_WARNING_SECOND_ENGINE /* two copies of SQLite in one process */
} dbc_warning_kind;

/** What one should know though nothing failed. Good during the call. */
typedef struct dbc_warning {
    dbc_warning_kind kind;
    const char *message;  /* one line, says what and how to mend it */
    int64_t log_pages;    /* of the WAL; LOG_PINNED only */
    int64_t milliseconds; /* for how long; LOG_PINNED only */
} dbc_warning;

/**
 * Called when something is not well, after the statement that showed it; what
 * was found at opening is told at once. NULL ends it. It must not use the
 * connection.
 */
DBC_API int dbc_conn_on_warning(dbc_conn *conn,
                                void (*call)(void *ud,
                                             const dbc_warning *warning),
                                void *ud);

/** The engine's own handle (SQLite: sqlite3 *), or NULL. Borrowed. */
DBC_API void *dbc_conn_native(dbc_conn *conn);

/* ------------------------------------------------- code that is not trusted */

/*
 * A *guard* stands between a connection and work that somebody else wants
 * done on it: a script, SQL that came over a wire. While it is in force every
 * statement is prepared under its rules. Attaching files, extensions, temporary
 * objects, writing to the tables of dbcore itself, pragmas that change
 * anything, functions of SQL that are not known to be harmless: all of that is
 * refused with DBC_EDENIED whatever the rules say, and the engine's own limits
 * are low. Statements that were prepared outside are not used inside, nor the
 * other way round.
 */

enum {
    DBC_GUARD_READONLY = 1 << 0,  /* no statement that changes anything */
    DBC_GUARD_NO_SCHEMA = 1 << 1, /* no CREATE, DROP, ALTER, REINDEX, ANALYZE */
    DBC_GUARD_NO_TEXT = 1 << 2,   /* queries only, no SQL as text */
    DBC_GUARD_LISTED = 1 << 3,    /* `tables` are all there is; no schema */
    /**
     * What `memory` limits is the heap of the engine in this whole process,
     * also inside of one step: for programs that do nothing else meanwhile.
     */
    DBC_GUARD_WHOLE_HEAP = 1 << 4
};

enum {
    DBC_MAY_SELECT = 1 << 0,
    DBC_MAY_INSERT = 1 << 1,
    DBC_MAY_UPDATE = 1 << 2,
    DBC_MAY_DELETE = 1 << 3,
    DBC_MAY_ALL =
        DBC_MAY_SELECT | DBC_MAY_INSERT | DBC_MAY_UPDATE | DBC_MAY_DELETE
};

/** What may be done with a table or view, by its name in the database. */
typedef struct dbc_guard_table {
    const char *name;
    unsigned may; /* DBC_MAY_… */
} dbc_guard_table;

/** Rules. Zero means the default in every field. */
typedef struct dbc_guard_rules {
    unsigned flags;                /* DBC_GUARD_… */
    const dbc_guard_table *tables; /* with DBC_GUARD_LISTED */
    size_t table_count;
    dbc_names functions; /* of the host that SQL may call, by name */
    int64_t value_len;   /* bytes of one value; 0: 16 MiB */
    int64_t sql_len;     /* bytes of one SQL text; 0: 1 MiB */
    int64_t statements;  /* open at once; 0: 64 */
    int64_t depth;       /* of transactions; 0: 8 */
} dbc_guard_rules;

/** Rules as the library holds them: checked, copied, never changed. */
typedef struct dbc_guard dbc_guard;

/**
 * Makes a guard of rules, which are copied. Returns DBC_OK; DBC_ENOMEM;
 * DBC_EINVALID when a figure is negative, or tables are given without
 * DBC_GUARD_LISTED. `alloc` may be NULL.
 */
DBC_API int dbc_guard_new(dbc_guard **out, const dbc_guard_rules *rules,
                          const dbc_alloc *alloc, dbc_error *err);

/** No connection may be under it any more. */
DBC_API void dbc_guard_free(dbc_guard *guard);

/** What may be used up from now on. Zero: no limit, in every field. */
typedef struct dbc_guard_budget {
    int64_t deadline_ns; /* of CLOCK_MONOTONIC: DBC_ETIMEOUT from then on */
    int64_t memory;      /* bytes the engine may take: DBC_ELIMIT beyond */
    int64_t rows;        /* stepped: DBC_ELIMIT beyond */
} dbc_guard_budget;

/**
 * Puts the connection under `guard`, which is borrowed until it is lifted: by
 * NULL, or by another one. `budget` is copied and begins anew; NULL goes on
 * with the one before. DBC_EUNSUPPORTED when the driver knows no guards.
 */
DBC_API int dbc_conn_guard(dbc_conn *conn, const dbc_guard *guard,
                           const dbc_guard_budget *budget);

/** Rows stepped under the budget so far. */
DBC_API int64_t dbc_conn_guarded_rows(const dbc_conn *conn);

/** How a connection stood: see dbc_conn_unwind(). */
typedef struct dbc_mark {
    uint64_t run;
    int depth;
    int in_txn;
} dbc_mark;

/** Notes where the connection stands, for what is undone later. */
DBC_API void dbc_conn_mark(dbc_conn *conn, dbc_mark *out);

/**
 * Ends what was begun since `mark` and is still open: statements that run are
 * reset (their next step says DBC_EINTERRUPTED), transactions are rolled back,
 * those of raw SQL too. Lift a guard first. The last error stays.
 *
 * Returns DBC_OK; DBC_DONE when a transaction had to be rolled back; or what
 * dbc_txn_rollback() returns.
 */
DBC_API int dbc_conn_unwind(dbc_conn *conn, const dbc_mark *mark);

/* ----------------------------------------- a pool, for hosts with threads */

/**
 * Connections to one file, lent to threads: one that writes and several that
 * only read, so that no thread waits for a lock of another one of the same
 * process while it reads. Every function may be called by any thread. A
 * connection is used by one thread at a time, until it is given back.
 */
typedef struct dbc_pool dbc_pool;

/** What a connection is lent for. */
typedef enum dbc_pool_use {
    DBC_POOL_READ, /* writing is DBC_EREADONLY */
    DBC_POOL_WRITE /* for reading what one is about to write, too */
} dbc_pool_use;

/** How to open a pool. Zero means the default in every field. */
typedef struct dbc_pool_options {
    /**
     * How its connections are opened. All of it is copied but for `alloc` and
     * `driver_ud`, which all threads use at once. With DBC_OPEN_READONLY the
     * pool has no writer.
     */
    dbc_open_options open;
    int readers; /* at most so many; 0: 4 */
    /**
     * Called for every new connection, by the thread that acquires it first:
     * the place to make functions and collations known. Below zero, and
     * acquiring it fails with that code and the error of the connection.
     */
    int (*set_up)(void *ud, dbc_conn *conn, dbc_pool_use use);
    void *set_up_ud;
} dbc_pool_options;

/**
 * Opens a pool on the file `path`, and its writer, which makes the file; the
 * readers are opened when they are needed. `options` may be NULL.
 *
 * Returns what dbc_open() returns; DBC_EINVALID for a database in memory.
 */
DBC_API int dbc_pool_open(dbc_pool **out, const char *path,
                          const dbc_pool_options *options, dbc_error *err);

/**
 * Lends a connection. When all are lent it waits `timeout_ms` (0: not at all;
 * below 0: as long as it takes); who came first is served first. One thread
 * that acquires a second one for the same use may wait for itself.
 *
 * Returns DBC_OK; DBC_ETIMEOUT; DBC_ECLOSED when the pool closes;
 * DBC_EREADONLY when it has no writer; what dbc_open() and `set_up` return.
 */
DBC_API int dbc_pool_acquire(dbc_conn **out, dbc_pool *pool, dbc_pool_use use,
                             int timeout_ms, dbc_error *err);

/**
 * Gives it back. Its time limit, its observer and its policy are again those
 * that `set_up` left; what else was made on it stays. One that is broken or was
 * closed is replaced by the next that is acquired.
 *
 * Returns DBC_OK; DBC_EINVALID when it was inside a transaction, which is
 * rolled back then, when one of its statements was still lent, or when it is
 * not lent by this pool. `conn` may be NULL, and is gone in all other cases.
 */
DBC_API int dbc_pool_release(dbc_pool *pool, dbc_conn *conn, dbc_error *err);

/**
 * Closes the pool. From now on nothing is lent and whoever waits for it is
 * sent away (DBC_ECLOSED); what is lent is waited for (as in acquiring).
 *
 * Returns DBC_OK, and the pool is gone; DBC_EBUSY when some are still lent:
 * release these and close again. The child of a fork may only close.
 */
DBC_API int dbc_pool_close(dbc_pool *pool, int timeout_ms, dbc_error *err);

/** Figures of one use of a pool since it was opened. */
typedef struct dbc_pool_figures {
    int most;    /* connections that may be lent at once */
    int lent;    /* now */
    int waiting; /* threads, now */
    int64_t acquired;
    int64_t waits; /* acquiring had to wait */
    int64_t timeouts;
    int64_t longest_wait_ns;
    int64_t opened; /* connections, those that replaced others included */
} dbc_pool_figures;

/** What was counted of one kind of connections of the pool. */
DBC_API void dbc_pool_stats(dbc_pool *pool, dbc_pool_use use,
                            dbc_pool_figures *out);

/* ---------------------------------------------------------- the mock driver */

/*
 * For tests: a driver that reaches no database. It speaks a dialect of its own
 * ($1 placeholders, no RIGHT or FULL join, no GLOB), answers from a script, and
 * keeps a log of what it was asked. Without a script every statement answers
 * no rows and 0 changes. It knows which statements begin and end transactions,
 * and refuses what no database would take: a COMMIT outside of one, a
 * savepoint outside of one, a gap in the numbers of the placeholders.
 */

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

#include "dbcore_migrate.h"
#include "dbcore_migrator.h"

#endif
