// A prepared statement on loan. It knows its connection and the home it goes
// back to when released: the statement cache, or a plan of the hall. The
// connection lists the live ones, so that closing it finalizes them all; a
// statement that outlives its connection answers DBC_ECLOSED.
#ifndef DBC_RUN_STMT_H
#define DBC_RUN_STMT_H

#include "conn.h"

// Where a released statement goes. `take_back` owns it from then on: keeps it,
// or ends it with dbc__stmt_free(). `explain` (may be NULL) adds to the error
// of a run what only the home knows; it leaves the code as it is. `let_go` (may
// be NULL) is told that the connection closes: a statement that is lent will
// not come back.
typedef struct dbc__stmt_home {
    void (*take_back)(void *home, dbc_stmt *stmt);
    void (*explain)(void *home, dbc_error *err);
    void (*let_go)(void *home);
} dbc__stmt_home;

// A statement that writes one row and answers with what was bound, instead of
// asking the engine to give it back.
typedef struct dbc__echo {
    const int32_t *sources; // by output: a place among the bound values
    size_t count;
    int32_t rowid; // the output that is the row's number when NULL was given
} dbc__echo;

enum { DBC__ECHO_NONE = -1 };

// A statement whose work is not the engine's alone: its rows are made by
// whoever set this, at the first step.
typedef struct dbc__replay {
    // Does the work and fills the rows. DBC_OK, or the connection has the
    // error.
    int (*make)(dbc_stmt *stmt, struct dbc__replay *replay);
    void (*free)(struct dbc__replay *replay); // itself, too
    const dbc_value *rows; // `count` times as many as the statement has columns
    size_t count, at;
    int is_made;
} dbc__replay;

struct dbc_stmt {
    dbc_conn *conn; // borrowed; it stays at least until this is released
    void *handle;   // the driver's; NULL once the connection closed
    size_t column_count;
    dbc_value *row; // owned, `row_cap` values
    size_t parameter_count;
    int readonly;
    int steers;          // may begin or end a transaction: look after it ran
    int bound;           // all placeholders have a value
    int active;          // stepped and not yet reset
    int aborted;         // a rollback stopped it: the next step says so
    int64_t rows;        // stepped since it was started
    int64_t engine_ns;   // spent in the driver, when observed
    int64_t deadline_ns; // of this run; 0: none
    uint64_t realm;      // of the guard it was prepared under; 0: none
    uint64_t run;        // number of this run
    dbc_stmt *next, *previous; // among the live ones
    const dbc__stmt_home *home;
    void *home_ud;
    const dbc_layout *layout; // of the plan it came from, or NULL
    const dbc__echo *echo;    // of that plan, or NULL
    int unnumbered;           // no number was bound for the row of an echo
    int echoed;               // its row is out: the next step is the end
    dbc__replay *replay;      // owned, or NULL
    const char *sql;          // copied, ends with a NUL; part of this block
    size_t sql_len;
    uint64_t hash; // of the text; of the shape when it came from a plan
    size_t row_cap;
    // For whoever made it: memory that what is bound points to (lists).
    void *scratch; // owned
    size_t scratch_size;
};

// Prepares `sql` into a statement that is not lent yet (it is not among the
// live ones). `flags` are DBC_PREPARE_…. One statement and nothing behind it:
// else, or with a NUL in it or nothing at all, it is DBC_EINVALID.
int dbc__stmt_prepare(dbc_stmt **out, dbc_conn *conn, const char *sql,
                      size_t len, unsigned flags);

// Ends one that is not lent.
void dbc__stmt_free(dbc_stmt *stmt);

// Takes the statement of a text from the cache, or prepares it. It is not lent:
// for texts of our own.
int dbc__stmt_take(dbc_stmt **out, dbc_conn *conn, const char *sql, size_t len);

// Gives it back to the cache; NULL is allowed.
void dbc__stmt_put_back(dbc_stmt *stmt);

// Lends it: puts it among the live ones, with nothing bound.
void dbc__stmt_lend(dbc_stmt *stmt, const dbc__stmt_home *home, void *home_ud);

// At close: finalizes the handles of all live ones. They stay listed until
// they are released.
void dbc__stmt_detach_all(dbc_conn *conn);

// Ends the run of an active one: resets it, so that it holds no lock, counts
// and tells the observer.
void dbc__stmt_end_run(dbc_stmt *stmt, int status);

// Gives up the rows that were made, or would be; there may be none.
void dbc__stmt_end_replay(dbc_stmt *stmt);

// Makes room for `count` columns. DBC_OK or DBC_ENOMEM.
int dbc__stmt_resize_row(dbc_stmt *stmt, size_t count);

// Before a rollback that nothing may stand in the way of: resets all that
// run. Their next step fails with DBC_EINTERRUPTED.
void dbc__stmt_abort_all(dbc_conn *conn);

// The same for those whose run began behind run number `run`.
void dbc__stmt_abort_since(dbc_conn *conn, uint64_t run);

#endif
