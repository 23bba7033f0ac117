// What a connection calls back, kept in a table in its user value
// LCONN_UV_HOST: hooks by name, functions of the database and the states of
// their groups by number. Each of the latter is a userdata: its memory is
// Lua's, and it ends with the connection's box whatever the order of
// finalizers.
#ifndef DBC_LHOSTED_H
#define DBC_LHOSTED_H

#include "lconn.h"

enum {
    LHOSTED_UV_FUNCTIONS = 1, // a function, or a table of them
    LHOSTED_UV_STATE,         // of one group of rows
    LHOSTED_UV_NAME,          // in SQL; nil: of such a group
    LHOSTED_VALUES = LHOSTED_UV_NAME
};

// A function, aggregate or collation; or the state of one group of rows.
typedef struct lhosted {
    lconn *box; // of the connection whose table keeps this
    int number; // there
    int arg_count;
    int is_collation;
} lhosted;

// One call by the engine. `run` works under protection; its stack is: call,
// connection box.
typedef struct lhosted_call {
    dbc_call *call;
    const lhosted *self;
    const char *step; // of an aggregate: its function
    const dbc_value *args;
    size_t count;
    int compared;  // out: of a collation
    lhosted *made; // out: a new state
    int (*run)(lua_State *L, void *ud);
} lhosted_call;

// Pushes what is kept under `name` by the connection box at `box`, or nil.
void lhosted_push_named(lua_State *L, int box, const char *name);

// Keeps the value on the top (popped) under `name`.
void lhosted_set_named(lua_State *L, int box, const char *name);

// Makes one for the connection box at `box`; the functions on the top (popped)
// become its own. It stays on the stack.
lhosted *lhosted_new(lua_State *L, int box);

// Takes all that the box at `box` has hosted away from `conn`, which goes on
// without Lua. Never raises.
void lhosted_end_all(lua_State *L, int box, dbc_conn *conn);

// Takes it out of its table, for the engine: may be called anywhere.
void lhosted_drop(void *ud);

// Calls `run`; what that raises ends the statement.
void lhosted_enter(lhosted_call *at);

// In `run`: pushes the table of the connection, at 3, and the userdata, at 4.
void lhosted_push_self(lua_State *L, const lhosted *self);

// In `run`: pushes the arguments. Returns how many.
int lhosted_push_args(lua_State *L, const lhosted_call *at);

// In `run`: the value on the top is the result; nil is NULL.
void lhosted_give_result(lua_State *L, dbc_call *call);

// Keeps the value on the top as err.cause of the error that follows from it.
void lhosted_set_cause(lua_State *L);

// Warns that the hook `name` raised the value on the top.
void lhosted_warn(lua_State *L, const char *name);

#endif
