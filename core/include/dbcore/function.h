/**
 * Functions, aggregates and collations of yours, which SQL then knows on a
 * connection. A driver that has none answers DBC_EUNSUPPORTED.
 */
#ifndef DBCORE_FUNCTION_H
#define DBCORE_FUNCTION_H

#include <stddef.h>

#include "conn.h"
#include "export.h"
#include "value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One call of a function of yours. Good while your callback runs. */
typedef struct dbc_call dbc_call;

/** Sets the result; copied. The last one counts; without any it is NULL. */
DBC_API void dbc_call_return(dbc_call *call, dbc_value value);

/** Fails: the statement ends with DBC_ECALLBACK and this message. Copied. */
DBC_API void dbc_call_fail(dbc_call *call, const char *message, size_t len);

/** Flags of a function or an aggregate. */
enum {
    DBC_FUNCTION_DETERMINISTIC = 1 << 0, /* the same for the same arguments */
    DBC_FUNCTION_INNOCUOUS = 1 << 1      /* a schema may use it, too */
};

/** A function that takes any number of arguments. */
enum { DBC_ANY_COUNT = -1 };

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
 *
 * Returns DBC_OK; DBC_EINVALID without a name, for a number of arguments that
 * the engine does not take, and when one is to be replaced while statements
 * run; DBC_EUNSUPPORTED when the driver has none.
 */
DBC_API int dbc_create_function(dbc_conn *conn, const dbc_function *function);
/** The same for an aggregate or a window function. */
DBC_API int dbc_create_aggregate(dbc_conn *conn,
                                 const dbc_aggregate *aggregate);
/** The same for a collation. */
DBC_API int dbc_create_collation(dbc_conn *conn,
                                 const dbc_collation *collation);

#ifdef __cplusplus
}
#endif

#endif
