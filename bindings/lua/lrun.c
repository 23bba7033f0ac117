// The ends of a chain. Arguments are read first; then the connection is
// fetched, the statement opened, read and given back, with nothing in between
// that could raise while it is out.
#include "lrun.h"

#include "lbound.h"
#include "lconn.h"
#include "lcursor.h"
#include "lerror.h"
#include "linsert.h"
#include "lload.h"
#include "lprepared.h"
#include "lsql.h"
#include "lwrite.h"

enum { QUERY = 1, ARGS = 2, HANDLE = 3 }; // the stack of every function here

typedef struct running {
    const lquery *query;
    lconn *box;
    dbc_conn *conn;
    int at_box; // stack index of the connection box
    largs given;
} running;

// ------------------------------------------------------------------ beginning

// The query at 1, ready to run, and its handle at 3.
static const lquery *begin(lua_State *L)
{
    const lquery *query = lbox_check(L, QUERY, LBOX_QUERY);

    lua_settop(L, ARGS);
    if (query->flags & LQUERY_HOSTED) {
        lwrite_complete(L, QUERY);
        query = lua_touserdata(L, QUERY);
    }
    lua_getiuservalue(L, QUERY, LQUERY_UV_HANDLE);
    return query;
}

// Puts a copy of the query with another question in its place.
static const lquery *ask(lua_State *L, dbc_answer answer)
{
    dbc_query_size none = {0, 0, 0, 0};
    dbc_error err = DBC_ERROR_INIT;
    lquery *copy = lquery_step(L, QUERY, &none, &err);

    dbc_query_answer(copy->query, answer);
    lquery_finish(L, copy, &err);
    lua_replace(L, QUERY);
    return copy;
}

void lrun_read_args(lua_State *L, largs *out, int args, int handle, int query)
{
    const lquery *known = lua_touserdata(L, query);

    out->args = (dbc_args){NULL, 0, NULL, 0};
    if (lua_isnil(L, args)) return;
    // Parameters among the values of a row are in no query before that is run.
    if (linsert_has_rows(known) && lbound_push(L, query, LBOUND_AS_GIVEN))
        known = lua_touserdata(L, -1);
    largs_read(L, out, args, handle, known->query);
}

// Reads the arguments, then fetches the connection.
static void connect(lua_State *L, running *run)
{
    lrun_read_args(L, &run->given, ARGS, HANDLE, QUERY);
    run->conn = lconn_under(L, HANDLE, &run->at_box);
    run->box = lua_touserdata(L, run->at_box);
}

static int fail(lua_State *L, const running *run)
{
    dbc_error err = *dbc_conn_error(run->conn);

    return lerror_raise_query(L, run->conn, &err, run->query->query);
}

static const char *name_kind(const lquery *query)
{
    switch (query->kind) {
    case DBC_INSERT:
        return "insert";
    case DBC_UPDATE:
        return "update";
    case DBC_DELETE:
        return "delete";
    default:
        return "select";
    }
}

void lrun_check_rows(lua_State *L, const lquery *query)
{
    if (query->kind == DBC_SELECT || query->flags & LQUERY_RETURNING) return;
    if (query->kind == DBC_FRAGMENT)
        lerror_fail(L, DBC_EINVALID,
                    "a query is missing behind with(): go on with from, "
                    "insert, update or delete");
    lerror_fail(L, DBC_EINVALID,
                "this %s gives no rows: add returning(), or end it with run()",
                name_kind(query));
}

// ------------------------------------------------------------------- reading

int lrun_insert_answer(lread_mode mode)
{
    switch (mode) {
    case LREAD_ONE:
        return LINSERT_FIRST;
    case LREAD_SINGLE:
        return LINSERT_ONLY;
    case LREAD_VALUE:
        return LINSERT_VALUE;
    case LREAD_LIST:
        return LINSERT_LIST;
    case LREAD_ALL:
        break;
    }
    return LINSERT_ROWS;
}

static int read_insert(lua_State *L, running *run, lread_mode mode)
{
    connect(L, run);
    linsert_run(L, run->at_box, &run->given.args,
                (linsert_answer)lrun_insert_answer(mode));
    return 1;
}

static int read_select(lua_State *L, running *run, lread_mode mode)
{
    dbc_stmt *stmt;
    int rc;

    connect(L, run);
    if (lload_is_due(run->query, mode))
        return lload_read(L, run->at_box, run->query, &run->given.args, mode);
    if (dbc_query_open(&stmt, run->conn, run->query->query, &run->given.args) <
        0)
        return fail(L, run);
    rc = lread_run(L, run->at_box, stmt, mode, lrun_nulls(run->query),
                   LREAD_STOP);
    dbc_stmt_release(stmt);
    return rc == LREAD_OK ? 1 : lua_error(L);
}

// A write that has to give exactly one row is undone when it does not.
static int read_write(lua_State *L, running *run, lread_mode mode)
{
    dbc_txn txn = {NULL, 0, 0};
    dbc_stmt *stmt;
    int rc;

    connect(L, run);
    if (mode == LREAD_SINGLE &&
        dbc_txn_begin(&txn, run->conn, DBC_TXN_DEFAULT) < 0)
        return lerror_raise_conn(L, run->conn, NULL, 0);
    if (dbc_query_open(&stmt, run->conn, run->query->query, &run->given.args) <
        0) {
        if (txn.conn) dbc_txn_rollback(&txn);
        return fail(L, run);
    }
    rc = lread_run(L, run->at_box, stmt, mode, lrun_nulls(run->query),
                   LREAD_DRAIN);
    dbc_stmt_release(stmt);
    if (txn.conn && rc == LREAD_OK && dbc_txn_commit(&txn) < 0) {
        dbc_error err = *dbc_conn_error(run->conn);

        dbc_txn_rollback(&txn);
        return lerror_raise(L, &err, NULL, 0);
    }
    if (txn.conn && rc != LREAD_OK) dbc_txn_rollback(&txn);
    return rc == LREAD_OK ? 1 : lua_error(L);
}

static int read_as(lua_State *L, lread_mode mode)
{
    running run;

    run.query = begin(L);
    lrun_check_rows(L, run.query);
    if (linsert_has_rows(run.query)) return read_insert(L, &run, mode);
    if (run.query->kind != DBC_SELECT) return read_write(L, &run, mode);

    // One row of an order needs no sorting of all the others.
    if ((mode == LREAD_ONE || mode == LREAD_VALUE) &&
        (run.query->flags & (LQUERY_ORDERED | LQUERY_LIMITED)) ==
            LQUERY_ORDERED)
        run.query = ask(L, DBC_ANSWER_FIRST);
    return read_select(L, &run, mode);
}

static int query_all(lua_State *L)
{
    return read_as(L, LREAD_ALL);
}

static int query_one(lua_State *L)
{
    return read_as(L, LREAD_ONE);
}

static int query_single(lua_State *L)
{
    return read_as(L, LREAD_SINGLE);
}

static int query_value(lua_State *L)
{
    return read_as(L, LREAD_VALUE);
}

static int query_list(lua_State *L)
{
    return read_as(L, LREAD_LIST);
}

static int answer(lua_State *L, dbc_answer question)
{
    running run;

    run.query = begin(L);
    if (run.query->kind != DBC_SELECT)
        return lerror_fail(
            L, DBC_EINVALID, "count and exists are for queries; this is %s %s",
            run.query->kind == DBC_DELETE ? "a" : "an", name_kind(run.query));
    run.query = ask(L, question);
    return read_select(L, &run, LREAD_VALUE);
}

static int query_count(lua_State *L)
{
    return answer(L, DBC_ANSWER_COUNT);
}

static int query_exists(lua_State *L)
{
    answer(L, DBC_ANSWER_EXISTS);
    if (lua_isinteger(L, -1)) lua_pushboolean(L, lua_tointeger(L, -1) != 0);
    return 1;
}

// ---------------------------------------------------------------- row by row

static void keep_stack(lua_State *L, int cursor)
{
    lua_createtable(L, cursor - 1, 0);
    for (int i = 1; i < cursor; i++) {
        lua_pushvalue(L, i);
        lua_rawseti(L, -2, i);
    }
    lua_setiuservalue(L, cursor, LCURSOR_UV_KEEP);
}

int lrun_rows(lua_State *L, int handle, const lquery *query, const largs *given)
{
    lcursor *cursor;
    dbc_conn *conn;
    int box, at;

    luaL_checkstack(L, 8, NULL);
    lconn_under(L, handle, &box);
    cursor = lcursor_new(L, box, lrun_nulls(query));
    at = lua_gettop(L);
    keep_stack(L, at);
    conn = lconn_under(L, handle, &box);
    int rc =
        lload_is_due(query, LREAD_ALL)
            ? dbc_load_open(&cursor->load, conn, query->query, &given->args)
            : dbc_query_open(&cursor->stmt, conn, query->query, &given->args);
    if (rc < 0) {
        dbc_error err = *dbc_conn_error(conn);

        cursor->stmt = NULL;
        cursor->load = NULL;
        return lerror_raise_query(L, conn, &err, query->query);
    }
    return lcursor_return(L, at);
}

// Of a write: it is done whole before the first row is seen.
static int rows_of_write(lua_State *L, const lquery *query)
{
    int box, list;

    read_as(L, LREAD_ALL);
    list = lua_gettop(L);
    lua_getiuservalue(L, QUERY, LQUERY_UV_HANDLE);
    lconn_under(L, list + 1, &box);
    lcursor_new(L, box, lrun_nulls(query));
    lua_pushvalue(L, list);
    lcursor_set_list(L, lua_gettop(L) - 1);
    return lcursor_return(L, lua_gettop(L));
}

static int query_rows(lua_State *L)
{
    running run;

    run.query = begin(L);
    lrun_check_rows(L, run.query);
    if (run.query->kind != DBC_SELECT) return rows_of_write(L, run.query);
    connect(L, &run);
    return lrun_rows(L, HANDLE, run.query, &run.given);
}

// ------------------------------------------------------------------- writing

// Whether the connection's last rowid is of a row of this insert.
static int has_rowid(const lquery *query, const dbc_result *result)
{
    return query->kind == DBC_INSERT && result->changes > 0 &&
           !(dbc_table_describe(query->table)->flags & DBC_TABLE_WITHOUT_ROWID);
}

void lrun_push_result(lua_State *L, const lquery *query,
                      const dbc_result *result)
{
    int shows_rowid = has_rowid(query, result);

    lua_createtable(L, 0, shows_rowid ? 2 : 1);
    lua_pushinteger(L, result->changes);
    lua_setfield(L, -2, "changes");
    if (!shows_rowid) return;
    lua_pushinteger(L, result->last_rowid);
    lua_setfield(L, -2, "last_id");
}

static int query_run(lua_State *L)
{
    running run;
    dbc_result result;

    run.query = begin(L);
    if (run.query->kind == DBC_SELECT)
        return lerror_fail(L, DBC_EINVALID,
                           "run is for writes: end a query with all, one, "
                           "value, list or rows");
    connect(L, &run);
    if (linsert_has_rows(run.query)) {
        linsert_run(L, run.at_box, &run.given.args, LINSERT_CHANGES);
        return 1;
    }
    if (dbc_query_run(&result, run.conn, run.query->query, &run.given.args) < 0)
        return fail(L, &run);
    lrun_push_result(L, run.query, &result);
    return 1;
}

void lrun_methods(lua_State *L, int core)
{
    static const luaL_Reg methods[] = {
        {"all", query_all},       {"one", query_one},
        {"single", query_single}, {"value", query_value},
        {"list", query_list},     {"rows", query_rows},
        {"count", query_count},   {"exists", query_exists},
        {"run", query_run},       {NULL, NULL}};

    lbox_register(L, core, methods);
    lsql_methods(L, core);
    lprepared_methods(L, core);
}
