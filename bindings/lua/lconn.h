// Connections and transactions as Lua values. A transaction handle has every
// method a connection has for queries; using one that is over raises.
#ifndef DBC_LCONN_H
#define DBC_LCONN_H

#include "lprotect.h"
#include "lstarter.h"

enum {
    LCONN_UV_SCHEMA = 1, // the schema box, or nil
    LCONN_UV_NAMES,      // layout slot + 1 → { [0] = serial, name, … }
    LCONN_UV_OBSERVER,   // the function of on_query, or nil
    LCONN_UV_HOST,       // functions, hooks: whatever must live as long
    LCONN_UV_THREAD,     // the coroutine in `L`, when it is one
    LCONN_UV_STARTERS,   // lstarter.h, several
    LCONN_VALUES = LCONN_UV_STARTERS + LSTARTER_COUNT - 1
};

typedef struct lconn {
    lbox head;
    dbc_conn *conn;     // one reference; NULL when closed
    int borrowed;       // the host's: closing the handle only gives it back
    lua_State *L;       // who called into it last; see lconn_state()
    lua_State *main;    // the main thread of that
    int calling;        // callbacks from the engine that run now: no use of it
    int reading;        // results being read now: no closing of it
    dbc_txn left;       // to be rolled back: collected while a callback ran
    struct lmock *mock; // its driver, kept in LCONN_UV_HOST; or NULL
    const dbcore_lua_gate *gate; // around callbacks; or NULL
    lstarters starters;
} lconn;

enum {
    LTXN_UV_CONN = 1, // the connection box
    LTXN_UV_POLICY,   // the owner of `policy` (lpolicy.h), or nil
    LTXN_UV_STARTERS, // lstarter.h, several
    LTXN_VALUES = LTXN_UV_STARTERS + LSTARTER_COUNT - 1
};

typedef struct ltxn {
    lbox head;
    dbc_txn txn;              // conn NULL: over
    dbc_conn *conn;           // one reference as long as txn.conn is set
    const dbc_policy *policy; // of the handle that began it, or NULL
    int is_filter;            // it forbids nothing
    lstarters starters;
} ltxn;

// The open connection behind the handle (LBOX_CONN or LBOX_TXN) at `index`,
// and the stack index of its connection box in `*box` (pushed when it had to
// be fetched). Raises `closed`, or `invalid` when there is no handle: "this
// query has no connection: start it with db:from(...)".
//
// It may be closed by any Lua code, also by a finalizer: fetch it last, right
// before it is used.
//
// A handle under a policy (lpolicy.h) is refused with `denied`.
dbc_conn *lconn_of(lua_State *L, int index, int *box);

// The same, and handles under a policy are taken, too: for what runs queries
// (they carry their policy themselves) or tells nothing of the data.
dbc_conn *lconn_under(lua_State *L, int index, int *box);

// The slow half of lconn_enter(): from now on the box keeps the coroutine.
// Never raises.
void lconn_adopt(lua_State *L, lconn *box);

// Says that `L` calls into the connection: callbacks run there.
static inline void lconn_enter(lua_State *L, lconn *box)
{
    if (box->L != L) lconn_adopt(L, box);
}

// Where callbacks run: in the thread that called, and in the main one when
// that has come to its end since, or waits; then it is the host that calls.
lua_State *lconn_state(const lconn *box);

// A new box of `kind`, on the top, and in `*conn` the open connection behind
// the handle at `index`, as of lconn_of(), to open something into the box from.
// What is wrong with the handle is raised before anything is made.
void *lconn_new_box(dbc_conn **conn, lua_State *L, int index, lbox_kind kind,
                    size_t size);

// Raises when a callback of the engine runs: the connection is not to be used.
void lconn_check_idle(lua_State *L, const lconn *box);

// The open connection of the connection box at `index`.
dbc_conn *lconn_live(lua_State *L, int index);

// A new box, still closed: put a connection into `conn`, which it owns from
// then on.
lconn *lconn_new(lua_State *L);

// Makes the open box at `index` known by its connection.
void lconn_enlist(lua_State *L, int index);

// The box of a connection, NULL when Lua has none. Never raises.
lconn *lconn_find(lua_State *L, const dbc_conn *conn);

void lconn_open(lua_State *L, int core, int module);

// Runs `call` for a callback of the engine, in the state that called into the
// connection; its stack is: call box, then what it pushes. LUA_OK with one
// result there, or one error value, or LCONN_REFUSED with nothing there and
// `err` filled: the gate of the host does not let it through. `L` is the state;
// give all of it to lconn_call_end(), which drops what is left.
enum { LCONN_REFUSED = -1 };
typedef struct lconn_call {
    lua_State *L;
    int top, status;
    dbc_error err; // of the gate
} lconn_call;
int lconn_call_begin(lconn *box, lprotect *call, lconn_call *out);
void lconn_call_end(const lconn_call *call);

// ltxn.c: begin, commit, rollback.
void ltxn_open(lua_State *L, int core, int module);

// begin(), for the methods of connections and transactions.
int ltxn_begin(lua_State *L);

// Rolls back what a finalizer had to leave open, see lconn.left.
void ltxn_finish_left(lconn *box);

// lopen.c: native.open(path, options).
int lopen_open(lua_State *L);

#endif
