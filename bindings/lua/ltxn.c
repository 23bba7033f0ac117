// Transactions as Lua values. A handle that is dropped rolls back, whether by
// __close or by the collector; everything else about them (retries, running a
// function in one) is written in Lua on top.
#include <stdio.h>
#include <string.h>

#include "lconn.h"
#include "lerror.h"
#include "lhandle.h"
#include "lpolicy.h"

static void forget(ltxn *box)
{
    dbc_conn *conn = box->conn;

    // One that is over may have been lost: the connection waits to be told
    // that this was noticed.
    if (!dbc_txn_is_open(&box->txn)) dbc_txn_rollback(&box->txn);
    box->txn.conn = NULL;
    box->conn = NULL;
    dbc_conn_release(conn);
}

void ltxn_finish_left(lconn *box)
{
    dbc_txn left = box->left;

    if (box->calling > 0 || !left.conn) return;
    box->left.conn = NULL;
    if (left.conn == box->conn) dbc_txn_rollback(&left);
}

// --------------------------------------------------------------------- begin

static const char *const mode_words[] = {"deferred", "immediate", "exclusive",
                                         "read"};
static const dbc_txn_mode modes[] = {DBC_TXN_DEFERRED, DBC_TXN_IMMEDIATE,
                                     DBC_TXN_EXCLUSIVE, DBC_TXN_READ};

enum { MODE_COUNT = sizeof modes / sizeof *modes };

static dbc_txn_mode find_mode(lua_State *L, int index)
{
    lbox_words words, hint;
    size_t len = 0;
    const char *word = NULL;

    if (lua_isnoneornil(L, index)) return DBC_TXN_DEFAULT;
    if (lua_type(L, index) == LUA_TSTRING) word = lua_tolstring(L, index, &len);
    for (size_t i = 0; word && i < MODE_COUNT; i++)
        if (strcmp(word, mode_words[i]) == 0) return modes[i];
    lbox_describe(L, index, &words);
    hint.text[0] = '\0';
    if (word) lbox_suggest_name(mode_words, MODE_COUNT, word, len, &hint);
    lerror_fail(L, DBC_EINVALID,
                "a transaction's mode is \"deferred\", \"immediate\", "
                "\"exclusive\" or \"read\", got %s%s",
                words.text, hint.text);
    return DBC_TXN_DEFAULT;
}

// What holds for the handle at 1 holds for its transaction, the box at 3.
static void take_policy(lua_State *L, ltxn *box)
{
    const dbc_policy *policy = lpolicy_of(L, 1);

    if (!policy) return;
    lpolicy_push_owner(L, 1);
    lua_setiuservalue(L, 3, LTXN_UV_POLICY);
    box->policy = policy;
    box->is_filter = lpolicy_is_filter(L, 1);
}

// handle [mode | { mode = }] → transaction
int ltxn_begin(lua_State *L)
{
    static const char *const options[] = {"mode", NULL};
    dbc_txn_mode mode;
    dbc_conn *conn;
    ltxn *box;
    int conn_box;

    lua_settop(L, 2);
    if (lua_istable(L, 2)) {
        lbox_check_keys(L, 2, options, "begin");
        lua_getfield(L, 2, "mode");
        lua_replace(L, 2);
    }
    mode = find_mode(L, 2);

    box = lbox_new(L, LBOX_TXN, sizeof *box, LTXN_VALUES);
    conn = lconn_under(L, 1, &conn_box);
    lua_pushvalue(L, conn_box);
    lua_setiuservalue(L, 3, LTXN_UV_CONN);
    take_policy(L, box);
    if (dbc_txn_begin(&box->txn, conn, mode) < 0) {
        box->txn.conn = NULL;
        return lerror_raise_conn(L, conn, NULL, 0);
    }
    box->conn = dbc_conn_retain(conn);
    lua_settop(L, 3);
    return 1;
}

// -------------------------------------------------------------------- ending

// The box at 1, its connection ready to be used.
static ltxn *check_open(lua_State *L)
{
    ltxn *box = lbox_check(L, 1, LBOX_TXN);

    if (!box->txn.conn) lerror_fail(L, DBC_ECLOSED, "the transaction is over");
    lua_settop(L, 1);
    lua_getiuservalue(L, 1, LTXN_UV_CONN);
    lconn_live(L, 2);
    return box;
}

static int txn_commit(lua_State *L)
{
    ltxn *box = check_open(L);
    dbc_error err;

    if (dbc_txn_commit(&box->txn) >= 0) {
        forget(box);
        return 0;
    }
    err = *dbc_conn_error(box->conn);
    if (!dbc_txn_is_open(&box->txn)) forget(box);
    return lerror_raise(L, &err, NULL, 0);
}

static int txn_rollback(lua_State *L)
{
    ltxn *box = check_open(L);
    dbc_error err;
    int rc = dbc_txn_rollback(&box->txn);

    if (rc < 0) err = *dbc_conn_error(box->conn);
    forget(box);
    return rc < 0 ? lerror_raise(L, &err, NULL, 0) : 0;
}

// An error on its way is worth more than one of the rollback; the connection
// remembers that it is broken.
static int txn_close(lua_State *L)
{
    ltxn *box = lbox_check(L, 1, LBOX_TXN);
    const lconn *conn;

    if (!box->txn.conn) return 0;
    lua_settop(L, 2);
    lua_getiuservalue(L, 1, LTXN_UV_CONN);
    conn = lbox_check(L, 3, LBOX_CONN);
    if (!conn->conn || !dbc_txn_is_open(&box->txn)) {
        forget(box);
        return 0;
    }
    if (lua_isnil(L, 2)) return txn_rollback(L);
    lconn_live(L, 3);
    dbc_txn_rollback(&box->txn);
    forget(box);
    return 0;
}

// Not while the engine is in the middle of a statement: that would be pulled
// away from under it. The next use of the connection rolls back then.
static int txn_gc(lua_State *L)
{
    ltxn *box = lbox_test(L, 1, LBOX_TXN);
    lconn *conn;

    if (!box || !box->txn.conn) return 0;
    lua_getiuservalue(L, 1, LTXN_UV_CONN);
    conn = lbox_test(L, -1, LBOX_CONN);
    if (conn && conn->conn && dbc_txn_is_open(&box->txn)) {
        if (conn->calling == 0) {
            lconn_enter(L, conn);
            dbc_txn_rollback(&box->txn);
        } else if (!conn->left.conn || conn->left.depth > box->txn.depth) {
            conn->left = box->txn;
        }
    }
    forget(box);
    return 0;
}

static int txn_is_open(lua_State *L)
{
    const ltxn *box = lbox_check(L, 1, LBOX_TXN);

    lua_pushboolean(L, box->txn.conn && dbc_txn_is_open(&box->txn));
    return 1;
}

static int txn_tostring(lua_State *L)
{
    const ltxn *box = lbox_check(L, 1, LBOX_TXN);

    if (box->txn.conn && dbc_txn_is_open(&box->txn))
        lua_pushfstring(L, "transaction (depth %d)", box->txn.depth);
    else
        lua_pushliteral(L, "transaction (over)");
    return 1;
}

// ------------------------------------------------- functions that must return

// fn … → ok, results or error. As pcall(), but the function cannot yield out:
// whoever waits outside would find the transaction open.
static int call_whole(lua_State *L)
{
    static const char refusal[] = "attempt to yield across a C-call boundary";
    const char *message;
    dbc_error err = DBC_ERROR_INIT;

    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    if (lua_pcall(L, lua_gettop(L) - 2, LUA_MULTRET, 0) == LUA_OK)
        return lua_gettop(L);

    message = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    if (message && strcmp(message, refusal) == 0) {
        err.code = DBC_EINVALID;
        snprintf(err.message, sizeof err.message,
                 "a transaction cannot be left by a yield: finish it first, "
                 "or use db:begin()");
        lerror_push(L, &err, NULL, 0);
    }
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

void ltxn_open(lua_State *L, int core, int module)
{
    static const luaL_Reg methods[] = {{"commit", txn_commit},
                                       {"rollback", txn_rollback},
                                       {"is_open", txn_is_open},
                                       {NULL, NULL}};
    static const luaL_Reg events[] = {{"__gc", txn_gc},
                                      {"__close", txn_close},
                                      {"__tostring", txn_tostring},
                                      {NULL, NULL}};
    static const luaL_Reg functions[] = {{"call_whole", call_whole},
                                         {NULL, NULL}};

    lbox_push_metatable(L, core, "dbcore.transaction", events);
    lbox_push_methods(L, core, "a transaction", methods);
    lhandle_methods(L, core);
    lua_setfield(L, -2, "__index");
    lua_rawseti(L, core, LBOX_TXN);

    lbox_register_in(L, core, module, functions);
}
