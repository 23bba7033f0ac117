/**
 * A *guard* stands between a connection and work that somebody else wants done
 * on it: a script, SQL that came over a wire. While it is in force every
 * statement is prepared under its rules. Attaching files, extensions, temporary
 * objects, writing to the tables of dbcore itself, pragmas that change
 * anything, functions of SQL that are not known to be harmless: all of that is
 * refused with DBC_EDENIED whatever the rules say, and the engine's own limits
 * are low. Statements that were prepared outside are not used inside, nor the
 * other way round.
 */
#ifndef DBCORE_GUARD_H
#define DBCORE_GUARD_H

#include <stddef.h>
#include <stdint.h>

#include "alloc.h"
#include "conn.h"
#include "error.h"
#include "export.h"
#include "names.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Flags of a guard. */
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

/** What may be done with a table. */
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

#ifdef __cplusplus
}
#endif

#endif
