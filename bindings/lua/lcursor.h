// Cursors: results that are read row by row, by rows() and db:query(). One
// works as the function of a loop and as its closing value, so that a break
// gives the statement back at once.
#ifndef DBC_LCURSOR_H
#define DBC_LCURSOR_H

#include "lconn.h"
#include "lrow.h"

enum {
    LCURSOR_UV_CONN = 1, // the connection box
    LCURSOR_UV_NAMES,    // names of the outputs, from the first row on
    LCURSOR_UV_KEEP,     // whatever the bound values belong to
    LCURSOR_UV_LIST,     // rows that are here already: all, or of one batch
    LCURSOR_VALUES = LCURSOR_UV_LIST
};

typedef struct lcursor {
    lbox head;
    dbc_stmt *stmt; // on loan; NULL when the cursor is over
    dbc_load *load; // instead of `stmt`: rows with their relatives, in batches
    lconn *conn;    // the box in LCURSOR_UV_CONN
    lrow_nulls nulls;
    lua_Integer next; // of the list: the row to come; 0: there is no list
    int is_busy;      // a row is being read: no closing
    int is_closed;    // by hand, before its end
} lcursor;

// A new cursor on the connection box at `conn_box`, with nothing to read yet:
// put a statement into `stmt`.
lcursor *lcursor_new(lua_State *L, int conn_box, lrow_nulls nulls);

// Makes it read the list on the top, which is popped. The cursor is at
// `index`.
void lcursor_set_list(lua_State *L, int index);

// Returns the cursor at `index` as what a generic for takes.
int lcursor_return(lua_State *L, int index);

void lcursor_open(lua_State *L, int core);

#endif
