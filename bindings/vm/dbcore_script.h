/**
 * Lua scripts inside a program of yours: rules, hooks, reports, whatever is
 * to be changed without building anew. A *script VM* is one Lua state beside
 * one connection. It sees the connection as `db`, the module as `dbcore`, and
 * the functions you register; in a sandbox it sees nothing else of the machine.
 *
 *     dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
 *     dbc_script *vm = NULL;
 *
 *     dbc_script_open(&vm, db, DBC_SCRIPT_SANDBOX, &limits, &err);
 *     dbc_script_register(vm, "send_mail", host_send_mail, host);
 *     dbc_script_load_file(vm, "rules.lua", &err);
 *     dbc_script_call(vm, "on_order", &err, "table>boolean", &order,
 * &accepted); dbc_script_close(vm);
 *
 * A script that loops, eats memory, runs endless SQL or reaches for the file
 * system is stopped with an error that names the limit; the program lives on.
 * What it left open on the connection (cursors, transactions) is ended when
 * it returns, well or not.
 *
 * A VM and its connection are used by one thread at a time. Only
 * dbc_script_cancel() and the functions of a pool may be called by any thread.
 */
#ifndef DBCORE_SCRIPT_H
#define DBCORE_SCRIPT_H

#include "dbcore.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- profiles */

/** How much a script is trusted. */
typedef enum dbc_script_profile {
    /**
     * Code of your own: all of Lua's libraries, files and modules included, the
     * whole of `dbcore`, SQL without restriction. No limit but those that are
     * set by hand; nothing is counted, so nothing costs.
     */
    DBC_SCRIPT_TRUSTED,
    /**
     * Code of somebody else: the harmless parts of Lua's libraries, `db` and
     * `dbcore` without what reaches out of the database, SQL under a guard
     * (dbc_conn_guard()), every limit in force. It may read, write and declare
     * tables.
     */
    DBC_SCRIPT_STANDARD,
    /**
     * For expressions and rules: as STANDARD, but without coroutines, `load`,
     * clock and random numbers, and without declaring tables or SQL as text.
     */
    DBC_SCRIPT_STRICT,
    /** What "a sandbox" means when nothing more is said. */
    DBC_SCRIPT_SANDBOX = DBC_SCRIPT_STANDARD
} dbc_script_profile;

/* ------------------------------------------------------------------ limits */

/** A limit that is switched off. */
enum { DBC_SCRIPT_UNLIMITED = -1 };

/**
 * What a script may use up. In every field 0 means the default and -1 none.
 * The trusted profile has no defaults: there 0 is none, too.
 *
 * Some hold for one *run*, which is a load or a call from outside and all that
 * it leads to: instructions, time, rows, pattern, output. The others hold at
 * any moment. A run that reaches `memory`, `instructions`, `time_ms`,
 * `pattern` or `output` is stopped for good: pcall() cannot hold it, and the
 * VM answers DBC_ELIMIT from then on. The other limits are errors that a
 * script may catch.
 */
typedef struct dbc_script_limits {
    int64_t memory; /* bytes, SQLite's share included; 64 MiB */
    int64_t
        instructions;       /* of Lua's virtual machine, and work of its
                               library functions in the same measure; 50 000 000 */
    int64_t time_ms;        /* 5 000 */
    int64_t rows;           /* stepped; 1 000 000 */
    int64_t text_len;       /* bytes of one string made by a library function,
                               and of one value of SQL; 16 MiB */
    int64_t pattern;        /* steps of matching; 50 000 000 */
    int64_t output;         /* bytes printed; 1 MiB */
    int64_t statements;     /* open at once; 64 */
    int64_t depth;          /* of nested transactions; 8 */
    int64_t scripts;        /* loaded under names; 64 */
    int64_t source_len;     /* bytes of one source text; 1 MiB */
    const dbc_alloc *alloc; /* for all memory; NULL: the C library's */
} dbc_script_limits;

/** The limits of a sandbox when nothing else is said. */
#define DBC_SCRIPT_LIMITS_DEFAULT             \
    {                                         \
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL \
    }

/** What a VM has used up. Figures of a run are those of the last one. */
typedef struct dbc_script_usage {
    int64_t memory;       /* bytes of Lua now */
    int64_t memory_peak;  /* bytes of Lua, since it was opened */
    int64_t instructions; /* of the run; counted in steps of a thousand */
    int64_t time_ns;      /* of the run */
    int64_t rows;         /* of the run */
    int64_t pattern;      /* steps of the run */
    int64_t output;       /* bytes of the run */
    int64_t runs;         /* since it was opened */
    int64_t scripts;      /* loaded now */
} dbc_script_usage;

/* ---------------------------------------------------------------- the VM */

/** A script VM: one Lua state beside one connection. */
typedef struct dbc_script dbc_script;

/**
 * Opens a VM on `conn`, which gets one more reference; NULL is a VM without a
 * database, whose scripts have no `db`. `limits` is copied, but for `alloc`,
 * which must outlive the VM; NULL means the defaults.
 *
 * Returns DBC_OK; DBC_ENOMEM; DBC_EINVALID when a limit is below -1 or there is
 * no such profile; DBC_EUNSUPPORTED when the driver of `conn` cannot guard it
 * and the profile is not DBC_SCRIPT_TRUSTED.
 */
DBC_API int dbc_script_open(dbc_script **out, dbc_conn *conn,
                            dbc_script_profile profile,
                            const dbc_script_limits *limits, dbc_error *err);

/**
 * Ends it; no code of a script runs any more. Allowed before and after the
 * connection was closed, and for NULL; not from inside of a run.
 */
DBC_API void dbc_script_close(dbc_script *vm);

/**
 * Hands the VM to its connection, which closes it when it is closed itself:
 * for schemas and rules that must live as long. DBC_EINVALID when the VM has
 * no connection, or is kept by it already.
 */
DBC_API int dbc_script_keep(dbc_script *vm, dbc_error *err);

/** The connection, or NULL. Borrowed. */
DBC_API dbc_conn *dbc_script_conn(const dbc_script *vm);

/**
 * Stops the VM for good, from any thread and from a signal handler: what runs
 * ends with DBC_EINTERRUPTED, and so does every later run.
 *
 * In the trusted profile without a limit of instructions or time nothing counts
 * what a script does. There the thread that runs it is sent SIGURG, which is
 * handled from the first such cancel on, restarting system calls; a host that
 * has a handler of its own for it keeps that, and cancels from a signal handler
 * in the thread that runs. A function of Lua's own libraries, a finalizer and a
 * message handler are stopped when they return.
 */
DBC_API void dbc_script_cancel(dbc_script *vm);

/** What the VM has used up so far, and in its last run. */
DBC_API void dbc_script_figures(const dbc_script *vm, dbc_script_usage *out);

/**
 * Whether runs are still possible: not after a limit that is for good.
 */
DBC_API int dbc_script_is_alive(const dbc_script *vm);

/**
 * Where print() goes: whole lines, `len` bytes with their end. NULL drops
 * them, as it is at first in a sandbox; a trusted script prints to standard
 * output. Below zero ends the run with DBC_EIO.
 */
DBC_API void dbc_script_on_print(dbc_script *vm,
                                 int (*print)(void *ud, const char *text,
                                              size_t len),
                                 void *ud);

/* ------------------------------------------------------------- what it may */

/**
 * Narrows what SQL may do, for a sandbox: rules as for dbc_conn_guard(), of
 * which the figures are those of the limits. Copied. Not during a run.
 *
 * DBC_EINVALID for a trusted VM and one without a connection; else what
 * dbc_guard_new() returns.
 */
DBC_API int dbc_script_restrict(dbc_script *vm, const dbc_guard_rules *rules,
                                dbc_error *err);

/* ------------------------------------------------------------- source text */

/**
 * Loads source text under `name` and runs it once, so that its functions are
 * there to be called. Only text is loaded, never bytecode. A `name` that was
 * loaded before is replaced: see dbc_script_reload().
 *
 * Returns DBC_OK; DBC_ESYNTAX with the line; DBC_ESCRIPT when it raised an
 * error; DBC_ELIMIT; DBC_EINTERRUPTED; DBC_ENOMEM; an error that dbcore raised
 * in it keeps its own code.
 */
DBC_API int dbc_script_load(dbc_script *vm, const char *name, const char *text,
                            size_t len, dbc_error *err);

/**
 * The same for a file; its name is the path. DBC_EIO when it cannot be read,
 * DBC_ELIMIT when it is longer than `source_len`.
 */
DBC_API int dbc_script_load_file(dbc_script *vm, const char *path,
                                 dbc_error *err);

/**
 * Loads the text of `name` again. It runs with a fresh set of globals; only
 * when it came to its end do these take the place of the old ones. Until then,
 * and for good when it fails, the old functions stay in force. Returns what
 * dbc_script_load() does.
 */
DBC_API int dbc_script_reload(dbc_script *vm, const char *name,
                              const char *text, size_t len, dbc_error *err);

/**
 * Loads the file anew when its time or size is not what it was when it was
 * loaded last. Returns DBC_OK when it was the same, DBC_DONE when it was
 * loaded.
 */
DBC_API int dbc_script_reload_file(dbc_script *vm, const char *path,
                                   dbc_error *err);

/* ------------------------------------------------------------ values, tables
 */

/** A table that the host builds or reads. */
typedef struct dbc_script_table dbc_script_table;

/** One field of a table: a value, or another table. */
typedef struct dbc_script_field {
    const char *name; /* NULL: an item of the list, in its order */
    dbc_value value;
    const dbc_script_table *table; /* NULL: `value` counts */
} dbc_script_field;

/** A table as it goes in and out: items of its list first, then its names. */
struct dbc_script_table {
    const dbc_script_field *fields;
    size_t count;
};

/* ------------------------------------------------------------------ calling */

/**
 * Calls the global function `name`; "a.b" is the field b of the global a.
 * `signature` says what goes in and what comes out, "in,in>out,out":
 *
 *   word      going in                        coming out
 *   integer   int64_t                         int64_t *
 *   real      double                          double *
 *   boolean   int                             int *
 *   text      const char *, ends with NUL     const char **
 *   blob      const dbc_value *               dbc_value *
 *   value     const dbc_value *, any type     dbc_value *
 *   table     const dbc_script_table *        const dbc_script_table **
 *
 * A word that ends with `?` may be nil: NULL as a pointer going in, and coming
 * out NULL for text and table and DBC_NULL for value; `integer?`, `real?` and
 * `boolean?` go in and come out through a dbc_value. A NULL in place of a place
 * for a result drops it. What comes out is good until the next call of a
 * function on `vm`. Nothing is written to the places unless all is well.
 *
 * Returns DBC_OK; DBC_ENOTFOUND when there is no such function; DBC_EINVALID
 * when the signature is wrong or a result is not what it says; else what
 * dbc_script_load() returns.
 */
DBC_API int dbc_script_call(dbc_script *vm, const char *name, dbc_error *err,
                            const char *signature, ...);

/** Whether there is a function of that name. */
DBC_API int dbc_script_has(dbc_script *vm, const char *name);

/* ---------------------------------------------------- functions of the host */

/** One call of a function of yours. Good while it runs. */
typedef struct dbc_script_args dbc_script_args;

/** Returns DBC_OK, or the code of what dbc_script_fail() said. */
typedef int (*dbc_script_function)(dbc_script_args *args, void *ud);

/**
 * Makes `function` a global of the scripts, replacing one of the same name. It
 * takes any arguments. It runs unguarded, and must not close the VM. `ud` is
 * borrowed until then. Returns DBC_OK; DBC_EINVALID for an empty name;
 * DBC_ENOMEM, or DBC_ELIMIT when the VM may not have more memory.
 */
DBC_API int dbc_script_register(dbc_script *vm, const char *name,
                                dbc_script_function function, void *ud);

/**
 * The same with a signature, "integer,text>boolean": arguments that do not
 * fit are refused before it is called, and a result that does not is an error.
 *
 * DBC_EINVALID when the signature is wrong, DBC_ENOMEM; `err` may be NULL.
 */
DBC_API int dbc_script_register_typed(dbc_script *vm, const char *name,
                                      const char *signature,
                                      dbc_script_function function, void *ud,
                                      dbc_error *err);

/** How many arguments the script gave. */
DBC_API size_t dbc_script_arg_count(const dbc_script_args *args);

/** Argument `i` from 0; DBC_NULL when there is none or it is a table. */
DBC_API dbc_value dbc_script_arg(const dbc_script_args *args, size_t i);

/** Argument `i` as a table, or NULL when it is none. */
DBC_API const dbc_script_table *dbc_script_arg_table(dbc_script_args *args,
                                                     size_t i);

/** The VM that calls. */
DBC_API dbc_script *dbc_script_arg_vm(const dbc_script_args *args);

/** Adds a result; copied when your function returns, so it may be a view. */
DBC_API void dbc_script_return(dbc_script_args *args, dbc_value value);
/** The same for a table. */
DBC_API void dbc_script_return_table(dbc_script_args *args,
                                     const dbc_script_table *table);

/** Says why it fails (one line, copied). Returns `code`, to be returned. */
DBC_API int dbc_script_fail(dbc_script_args *args, int code,
                            const char *message);

/* ------------------------------------------------------------------- schema */

/**
 * The schema that a script declared as the global `name`, for the host's own
 * queries. One more reference: release it. DBC_ENOTFOUND when there is none.
 *
 * Its rules in Lua (validate of a column, d.rule of a table) hold for every
 * row that the host writes to these tables, too. Each row is a run, with every
 * limit; what it breaks is DBC_EVALIDATION with its report, a rule that raises
 * an error is DBC_ECALLBACK. Once the VM was stopped each write is refused with
 * the reason, and with DBC_ECLOSED once it is closed: keep it with its
 * connection (dbc_script_keep()). A rule cannot use the connection that writes.
 *
 * So do default_fn and on_update, for what the host's query is silent about.
 * The hooks of a repository hold once dbc_script_repository() says so.
 */
DBC_API int dbc_script_schema(const dbc_schema **out, dbc_script *vm,
                              const char *name, dbc_error *err);

/**
 * From now on the repository that a script declared as its global `name` stands
 * around all writes of the host's own queries to its table, on the connection
 * of the VM (dbc_conn_hook() says which): its hooks before and after create,
 * update and delete, timestamps, versions, soft deletes. Inserts from a query
 * are creates, row by row; an insert that updates on a conflict is a create or
 * an update, whichever it is, and brings back a row that was deleted softly.
 * Other updates and deletes leave such rows alone, unless the query says that
 * they are meant (dbc_query_with_deleted()). A delete that shall be for good is
 * unhooked (dbc_query_unhook()). Another repository of the same table takes its
 * place.
 *
 * Each call of a hook is a run, with every limit, under the guard; it may use
 * `db`, and what it wrote is undone with the query. What a hook raises is the
 * error of the query: with its own code when it is an error object, else
 * DBC_ECALLBACK. Once the VM was stopped each write is refused with the reason,
 * and with DBC_ECLOSED once it is closed: keep it with its connection
 * (dbc_script_keep()). dbc_conn_hook() with NULL ends it.
 *
 * What starts in Lua is as ever: there the repository itself is called.
 *
 * Returns DBC_OK; DBC_ENOTFOUND when there is none; DBC_EINVALID when the VM
 * has no connection; else what a call returns.
 */
DBC_API int dbc_script_repository(dbc_script *vm, const char *name,
                                  dbc_error *err);

/**
 * The policies that scripts declared (d.policy) for `context` (NULL: empty),
 * which their functions see as in db:as(): for dbc_conn_restrict() and
 * dbc_query_restrict(). `schema` names the global whose tables count: those
 * without a policy are open. NULL: all policies there are, and any other table
 * is closed. The conditions are made now, the functions are not called again,
 * so it outlives the VM. Yours: release it with dbc_policy_release().
 *
 * A rule that reads a key which `context` lacks refuses whoever uses its table.
 * Returns DBC_OK; DBC_ENOTFOUND when there is no such schema; DBC_EINVALID when
 * no table has a policy or the VM has no connection; else what a call returns.
 */
DBC_API int dbc_script_policy(const dbc_policy **out, dbc_script *vm,
                              const char *schema,
                              const dbc_script_table *context, dbc_error *err);

/* --------------------------------------------------------------------- pool */

/** VMs with the same scripts, kept warm and lent. Any thread may use it. */
typedef struct dbc_script_pool dbc_script_pool;

/** How to open a pool. Zero means the default everywhere. */
typedef struct dbc_script_pool_options {
    dbc_script_profile profile;
    dbc_script_limits limits;
    int idle; /* VMs kept at most; 0: 4 */
    /** Called for each new VM, by the thread that acquires it: the place to
        register functions and load scripts. Below zero, and acquiring it fails
        with that and `err`. */
    int (*set_up)(void *ud, dbc_script *vm, dbc_error *err);
    void *set_up_ud;
} dbc_script_pool_options;

/**
 * Opens a pool; zero in `options` means the default. VMs are made when they are
 * needed. Returns DBC_OK; DBC_ENOMEM; DBC_EINVALID when `idle` is below 0 or
 * above 4096.
 */
DBC_API int dbc_script_pool_open(dbc_script_pool **out,
                                 const dbc_script_pool_options *options,
                                 dbc_error *err);

/**
 * Lends a VM, bound to `conn` (may be NULL) until it is released. It never
 * waits. Returns DBC_OK; what dbc_script_open() and `set_up` return.
 */
DBC_API int dbc_script_pool_acquire(dbc_script **out, dbc_script_pool *pool,
                                    dbc_conn *conn, dbc_error *err);

/**
 * Gives it back. One in which any run failed is thrown away, so that whatever
 * happened in it ends there. NULL is allowed.
 */
DBC_API void dbc_script_pool_release(dbc_script_pool *pool, dbc_script *vm);

/** Closes the idle VMs. Those still lent must be released before. */
DBC_API void dbc_script_pool_close(dbc_script_pool *pool);

#ifdef __cplusplus
}
#endif

#endif
