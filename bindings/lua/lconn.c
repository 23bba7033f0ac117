// Connections as Lua values: handing them out, closing them, being called by
// them. How one is opened is in lopen.c, transactions are in ltxn.c.
#include "lconn.h"

#include "dbcore_lua.h"
#include "lerror.h"
#include "lhandle.h"
#include "lhosted.h"
#include "lmock.h"
#include "lpolicy.h"

void lconn_check_idle(lua_State *L, const lconn *box)
{
    if (box->calling > 0)
        lerror_fail(L, DBC_EINVALID,
                    "the connection cannot be used by a function that one of "
                    "its own statements has called");
}

// A finalizer finds its box in no table any more: nothing is kept then. Never
// raises: a statement may be on loan.
void lconn_adopt(lua_State *L, lconn *box)
{
    box->L = box->main;
    if (!lua_checkstack(L, 6)) return;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lbox_magic);
    lua_rawgeti(L, -1, LCORE_CONNS);
    if (lua_rawgetp(L, -1, box) == LUA_TUSERDATA) {
        if (lua_pushthread(L)) {
            lua_pop(L, 1);
            lua_pushnil(L);
        }
        lua_setiuservalue(L, -2, LCONN_UV_THREAD);
    }
    lua_pop(L, 3);
    box->L = L;
}

lua_State *lconn_state(const lconn *box)
{
    lua_Debug ar;

    if (box->L == box->main) return box->main;
    return lua_status(box->L) == LUA_OK && lua_getstack(box->L, 0, &ar)
               ? box->L
               : box->main;
}

// The rare half of get_live(): why not, or what has to be done before.
static void settle(lua_State *L, lconn *box)
{
    lconn_check_idle(L, box);
    if (!box->conn) lerror_fail(L, DBC_ECLOSED, "the connection is closed");
    ltxn_finish_left(box);
}

static dbc_conn *get_live(lua_State *L, lconn *box)
{
    lconn_enter(L, box);
    if (box->calling > 0 || !box->conn || box->left.conn) settle(L, box);
    return box->conn;
}

static void refuse_handle(lua_State *L, int index)
{
    lbox_words words;

    if (lua_isnoneornil(L, index))
        lerror_fail(L, DBC_EINVALID,
                    "this query has no connection: start it with db:from(...)");
    lerror_fail(L, DBC_EINVALID,
                "expected a connection or a transaction, got %s",
                lbox_describe(L, index, &words));
}

// `box` is what is at `index`: a transaction, or something else, or NULL.
static dbc_conn *conn_of_txn(lua_State *L, const lbox *box, int index, int *out)
{
    const ltxn *txn = (const void *)box;
    dbc_conn *conn;

    if (!box || box->kind != LBOX_TXN) {
        refuse_handle(L, index);
        return NULL;
    }
    lua_getiuservalue(L, index, LTXN_UV_CONN);
    *out = lua_gettop(L);
    if (!txn->txn.conn) lerror_fail(L, DBC_ECLOSED, "the transaction is over");
    conn = get_live(L, lbox_check(L, *out, LBOX_CONN));
    if (!dbc_txn_is_open(&txn->txn))
        lerror_fail(L, DBC_ECLOSED, "the transaction is over");
    return conn;
}

dbc_conn *lconn_under(lua_State *L, int index, int *box)
{
    lbox *handle = lbox_at(L, index);

    if (handle && handle->kind == LBOX_RESTRICTED) {
        if (((const lrestricted *)(void *)handle)->is_closed)
            lerror_fail(L, DBC_ECLOSED, "the handle is closed");
        lua_getiuservalue(L, index, LRESTRICTED_UV_HANDLE);
        index = lua_gettop(L);
        handle = lbox_at(L, index);
    }
    if (!handle || handle->kind != LBOX_CONN)
        return conn_of_txn(L, handle, index, box);
    *box = lua_absindex(L, index);
    return get_live(L, (lconn *)(void *)handle);
}

dbc_conn *lconn_of(lua_State *L, int index, int *box)
{
    if (!lbox_test(L, index, LBOX_CONN)) lpolicy_check_free(L, index);
    return lconn_under(L, index, box);
}

void *lconn_new_box(dbc_conn **conn, lua_State *L, int index, lbox_kind kind,
                    size_t size)
{
    int at, top;

    index = lua_absindex(L, index);
    lconn_of(L, index, &at);
    void *box = lbox_new(L, kind, size, 0);
    top = lua_gettop(L);
    *conn = lconn_of(L, index, &at); // making the box may have closed it
    lua_settop(L, top);
    return box;
}

dbc_conn *lconn_live(lua_State *L, int index)
{
    return get_live(L, lbox_check(L, index, LBOX_CONN));
}

DBC_API dbc_conn *dbcore_lua_conn(lua_State *L, int index)
{
    const lconn *conn = lbox_test(L, index, LBOX_CONN);
    const ltxn *txn = lbox_test(L, index, LBOX_TXN);

    if (conn) return conn->conn;
    if (txn && !txn->policy && txn->txn.conn && dbc_txn_is_open(&txn->txn))
        return txn->conn;
    return NULL;
}

// ---------------------------------------------------------------- making one

// The box is found again by callbacks through a weak table: a strong reference
// from the registry would keep it for ever.
static void enlist(lua_State *L, const lconn *box)
{
    lua_rawgeti(L, LCORE, LCORE_CONNS);
    lua_pushvalue(L, -2);
    lua_rawsetp(L, -2, box);
    lua_pop(L, 1);
}

void lconn_enlist(lua_State *L, int index)
{
    lconn *box = lbox_check(L, index, LBOX_CONN);

    index = lua_absindex(L, index);
    lua_rawgeti(L, LCORE, LCORE_CONNS);
    lua_pushvalue(L, index);
    lua_rawsetp(L, -2, box->conn);
    lua_pop(L, 1);
}

lconn *lconn_find(lua_State *L, const dbc_conn *conn)
{
    lconn *box;

    if (!lua_checkstack(L, 4)) return NULL;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lbox_magic);
    lua_rawgeti(L, -1, LCORE_CONNS);
    lua_rawgetp(L, -1, conn);
    box = lbox_test(L, -1, LBOX_CONN);
    lua_pop(L, 3);
    return box && box->conn == conn ? box : NULL;
}

lconn *lconn_new(lua_State *L)
{
    lconn *box = lbox_new(L, LBOX_CONN, sizeof *box, LCONN_VALUES);

    luaL_checkstack(L, 4, NULL);
    enlist(L, box);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    box->L = box->main = lua_tothread(L, -1);
    lua_pop(L, 1);
    box->gate = lprotect_gate(L);
    return box;
}

static int push_shared(lua_State *L)
{
    dbc_conn *conn = lua_touserdata(L, 1);
    lconn *box = lconn_new(L);

    box->conn = dbc_conn_retain(conn);
    box->borrowed = 1;
    lconn_enlist(L, -1);
    return 1;
}

DBC_API void dbcore_lua_push(lua_State *L, dbc_conn *conn)
{
    luaL_checkstack(L, 4, NULL);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &lbox_magic) != LUA_TTABLE)
        luaL_error(L, "dbcore.native is not loaded in this Lua state");
    lua_pushcclosure(L, push_shared, 1);
    lua_pushlightuserdata(L, conn);
    lua_call(L, 1, 1);
}

// ------------------------------------------------------------------- closing

// `box` is what is at `index`.
static void shut(lua_State *L, lconn *box, int index)
{
    dbc_conn *conn = box->conn;

    if (!conn) return;
    box->L = L;
    // What the closing itself calls back finds a connection that is closed.
    box->conn = NULL;
    box->left.conn = NULL;
    if (box->borrowed) {
        lhosted_end_all(L, index, conn);
        dbc_conn_release(conn);
    } else {
        dbc_close(conn);
    }
    lmock_leave(box->mock);
    box->mock = NULL;
}

static int conn_close(lua_State *L)
{
    lrestricted *restricted = lbox_test(L, 1, LBOX_RESTRICTED);

    if (restricted) { // the connection behind it is somebody else's
        restricted->is_closed = 1;
        return 0;
    }
    lconn *box = lbox_check(L, 1, LBOX_CONN);

    if (box->conn && (box->reading > 0 || box->calling > 0))
        return lerror_fail(L, DBC_EINVALID,
                           "the connection cannot be closed while one of its "
                           "queries is running");
    shut(L, box, 1);
    return 0;
}

static int conn_gc(lua_State *L)
{
    lconn *box = lbox_test(L, 1, LBOX_CONN);

    if (box) shut(L, box, 1);
    return 0;
}

static int conn_is_open(lua_State *L)
{
    const lrestricted *restricted = lbox_test(L, 1, LBOX_RESTRICTED);
    int is_closed = restricted && restricted->is_closed;

    lua_settop(L, 1);
    if (restricted) lua_getiuservalue(L, 1, LRESTRICTED_UV_HANDLE);
    const ltxn *txn = lbox_test(L, -1, LBOX_TXN);
    if (txn) {
        lua_pushboolean(L, !is_closed && txn->txn.conn &&
                               dbc_txn_is_open(&txn->txn));
        return 1;
    }
    const lconn *box = lbox_check(L, -1, LBOX_CONN);
    lua_pushboolean(L, !is_closed && box->conn && dbc_conn_is_open(box->conn));
    return 1;
}

static int conn_tostring(lua_State *L)
{
    const lconn *box = lbox_check(L, 1, LBOX_CONN);

    if (box->conn)
        lua_pushfstring(L, "connection to %s", dbc_conn_path(box->conn));
    else
        lua_pushliteral(L, "connection (closed)");
    return 1;
}

// ----------------------------------------------------------------- callbacks

// A box that is being collected is in no weak table any more: then a finalizer
// works on its connection, and there is nobody left to call.
static int enter_call(lua_State *L, lconn *box, lprotect *call)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lbox_magic);
    lua_rawgeti(L, -1, LCORE_CALL);
    lua_pushlightuserdata(L, call);
    lua_rawgeti(L, -3, LCORE_CONNS);
    if (lua_rawgetp(L, -1, box) != LUA_TUSERDATA) return LUA_ERRRUN;
    lua_remove(L, -2);
    lua_remove(L, -4);
    return lua_pcall(L, 2, 1, 0);
}

// Raw gets of what exists allocate nothing, so nothing here may raise outside
// of the protected call.
static void call_inside(lconn *box, lprotect *call, lua_State *L,
                        lconn_call *out)
{
    out->L = L;
    out->top = lua_gettop(L);
    out->status = LUA_ERRMEM;
    if (!lua_checkstack(L, 16)) return;
    box->calling++;
    out->status = enter_call(L, box, call);
    box->calling--;
    box->L = L;
}

// Nobody but the host knows whether the state that called last still exists.
static void call_gated(lconn *box, lprotect *call, lconn_call *out)
{
    const dbcore_lua_gate *gate = box->gate;
    int pass, rc;
    lua_State *L =
        gate->enter(gate->ud, box->conn, lconn_state(box), &pass, &out->err);

    out->L = NULL;
    out->status = LCONN_REFUSED;
    if (!L) return;
    call_inside(box, call, L, out);
    rc = lprotect_code(out->status);
    if (gate->leave(gate->ud, pass, rc, &out->err) == rc) return;
    out->status = LCONN_REFUSED;
}

int lconn_call_begin(lconn *box, lprotect *call, lconn_call *out)
{
    if (box->gate)
        call_gated(box, call, out);
    else
        call_inside(box, call, lconn_state(box), out);
    return out->status;
}

void lconn_call_end(const lconn_call *call)
{
    if (call->L) lua_settop(call->L, call->top);
}

// -------------------------------------------------------------- registration

void lconn_open(lua_State *L, int core, int module)
{
    static const luaL_Reg methods[] = {
        {"close", conn_close}, {"is_open", conn_is_open}, {NULL, NULL}};
    static const luaL_Reg events[] = {{"__gc", conn_gc},
                                      {"__close", conn_close},
                                      {"__tostring", conn_tostring},
                                      {"__newindex", lbox_refuse_write},
                                      {NULL, NULL}};
    static const luaL_Reg functions[] = {{"open", lopen_open}, {NULL, NULL}};

    lbox_push_metatable(L, core, "dbcore.connection", events);
    lbox_push_methods(L, core, "a connection", methods);
    lhandle_methods(L, core);
    lua_setfield(L, -2, "__index");
    lua_rawseti(L, core, LBOX_CONN);

    lbox_register_in(L, core, module, functions);
}
