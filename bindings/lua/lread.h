// Reading what a statement gives. A statement on loan is in a C local all the
// while, so whatever pushes runs protected: on every path the caller gets
// control back and gives the statement back at once.
#ifndef DBC_LREAD_H
#define DBC_LREAD_H

#include "lcollector.h"
#include "lrow.h"

typedef enum lread_mode {
    LREAD_ONE,    // the first row, or nil
    LREAD_VALUE,  // its first output, or nil
    LREAD_SINGLE, // the only row; none or more is an error
    LREAD_ALL,    // a list of rows
    LREAD_LIST    // a list of first outputs
} lread_mode;

typedef enum lread_end {
    LREAD_STOP, // the first row is enough
    LREAD_DRAIN // step to the end: a write is not done before
} lread_end;

enum {
    LREAD_OK = 0,
    LREAD_RAISE = 1 // an error value is on the top: give back, lua_error()
};

// Steps `stmt` and pushes one value: the result, or what to raise. `conn_box`
// is the stack index of the connection's box. Never raises itself; needs six
// stack slots. Does not release or reset the statement.
int lread_run(lua_State *L, int conn_box, dbc_stmt *stmt, lread_mode mode,
              lrow_nulls nulls, lread_end end);

// Adds the rows that `stmt` gives to the list on the top (rows, or first
// outputs with LREAD_LIST) behind its first `*count` items, which is raised.
// May raise: to be called under protection. Returns DBC_DONE or an error.
int lread_add(lua_State *L, int conn_box, dbc_stmt *stmt, lread_mode mode,
              lrow_nulls nulls, lua_Integer *count, lcollector *gc);

// Pushes the list of names for rows of `stmt`; `layout` is NULL for raw SQL,
// where a name that comes twice is raised.
void lread_push_names(lua_State *L, int conn_box, const dbc_stmt *stmt,
                      const dbc_layout *layout);

#endif
