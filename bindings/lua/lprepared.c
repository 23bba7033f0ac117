// The same query again and again, with other arguments. The statement stays
// out between runs, so a run looks nothing up; it is reset after each, so it
// holds no lock. A run inside of a run of the same handle (a codec may) takes
// another statement.
#include "lprepared.h"

#include "largs.h"
#include "lbound.h"
#include "lconn.h"
#include "lerror.h"
#include "linsert.h"
#include "lload.h"
#include "lread.h"
#include "lrun.h"
#include "lwrite.h"

enum { SELF = 1, ARGS = 2, QUERY = 3, HANDLE = 4 }; // the stack of a run

typedef struct running {
    lprepared *self;
    const lquery *query;
    dbc_conn *conn;
    int at_box;
    int is_own; // the query is the one the statement was made for
    largs given;
} running;

static void begin(lua_State *L, running *run)
{
    lprepared *self = lbox_check(L, SELF, LBOX_PREPARED);

    if (self->is_closed)
        lerror_fail(L, DBC_ECLOSED, "the prepared query is closed");
    lua_settop(L, ARGS);
    lua_getiuservalue(L, SELF, LPREPARED_UV_QUERY);
    lua_getiuservalue(L, SELF, LPREPARED_UV_HANDLE);
    run->self = self;
    run->query = lbox_check(L, QUERY, LBOX_QUERY);
    run->is_own = 1;
    if (run->query->kind == DBC_UPDATE) {
        lwrite_complete(L, QUERY);
        run->is_own = run->query == lua_touserdata(L, QUERY);
        run->query = lua_touserdata(L, QUERY);
    }
    if (!self->is_plain || !run->is_own ||
        !largs_read_plain(L, &run->given, ARGS))
        lrun_read_args(L, &run->given, ARGS, HANDLE, QUERY);
    run->conn = lconn_under(L, HANDLE, &run->at_box);
}

// The statement, bound: the handle's own; or a fresh one when that is in use,
// or when on_update functions have made another query for this run.
static dbc_stmt *take(lua_State *L, running *run)
{
    lprepared *self = run->self;
    const dbc_query *query = run->query->query;
    dbc_stmt *stmt = NULL;
    dbc_error err;
    int rc;

    if (self->stmt && !self->is_busy && run->is_own) {
        stmt = self->stmt;
        rc = dbc_query_reopen(stmt, query, &run->given.args);
    } else {
        rc = dbc_query_open(&stmt, run->conn, query, &run->given.args);
        if (rc >= 0 && !self->stmt && run->is_own) self->stmt = stmt;
    }
    if (rc >= 0) return stmt;
    err = *dbc_conn_error(run->conn);
    lerror_raise_query(L, run->conn, &err, query);
    return NULL;
}

static void give_back(const running *run, dbc_stmt *stmt)
{
    if (stmt == run->self->stmt)
        dbc_stmt_reset(stmt);
    else
        dbc_stmt_release(stmt);
}

// An insert with rows is run by its rows: the query takes the place of self.
static int insert_rows(lua_State *L, running *run, linsert_answer answer)
{
    lua_pushvalue(L, QUERY);
    lua_replace(L, SELF);
    linsert_run(L, run->at_box, &run->given.args, answer);
    return 1;
}

static int read_as(lua_State *L, lread_mode mode)
{
    running run;
    dbc_stmt *stmt;
    lread_end end;
    int was_busy, rc;

    begin(L, &run);
    lrun_check_rows(L, run.query);
    if (linsert_has_rows(run.query))
        return insert_rows(L, &run, (linsert_answer)lrun_insert_answer(mode));
    if (lload_is_due(run.query, mode))
        return lload_read(L, run.at_box, run.query, &run.given.args, mode);
    stmt = take(L, &run);
    end = run.query->kind == DBC_SELECT ? LREAD_STOP : LREAD_DRAIN;
    was_busy = run.self->is_busy;
    run.self->is_busy = 1;
    rc = lread_run(L, run.at_box, stmt, mode, lrun_nulls(run.query), end);
    run.self->is_busy = was_busy;
    give_back(&run, stmt);
    return rc == LREAD_OK ? 1 : lua_error(L);
}

static int prepared_all(lua_State *L)
{
    return read_as(L, LREAD_ALL);
}

static int prepared_one(lua_State *L)
{
    return read_as(L, LREAD_ONE);
}

static int prepared_single(lua_State *L)
{
    return read_as(L, LREAD_SINGLE);
}

static int prepared_value(lua_State *L)
{
    return read_as(L, LREAD_VALUE);
}

static int prepared_list(lua_State *L)
{
    return read_as(L, LREAD_LIST);
}

static int prepared_rows(lua_State *L)
{
    running run;

    begin(L, &run);
    if (run.query->kind != DBC_SELECT)
        return lerror_fail(L, DBC_EINVALID,
                           "rows of a prepared query is for reading: use all "
                           "for what a write returns");
    return lrun_rows(L, HANDLE, run.query, &run.given);
}

static int prepared_run(lua_State *L)
{
    running run;
    dbc_result result = {0, 0};
    dbc_stmt *stmt;
    int was_busy, rc;

    begin(L, &run);
    if (run.query->kind == DBC_SELECT)
        return lerror_fail(L, DBC_EINVALID,
                           "run is for writes: read a query with all, one, "
                           "value, list or rows");
    if (linsert_has_rows(run.query))
        return insert_rows(L, &run, LINSERT_CHANGES);
    stmt = take(L, &run);
    was_busy = run.self->is_busy;
    run.self->is_busy = 1;
    rc = dbc_query_repeat(stmt, run.query->query, &run.given.args,
                          &result.changes);
    run.self->is_busy = was_busy;
    if (rc < 0) lerror_push_stmt(L, stmt, 0);
    result.last_rowid = dbc_conn_last_rowid(run.conn);
    give_back(&run, stmt);
    if (rc < 0) return lua_error(L);
    lrun_push_result(L, run.query, &result);
    return 1;
}

// -------------------------------------------------------------------- closing

static void release(lua_State *L, lprepared *self)
{
    dbc_stmt *stmt = self->stmt;

    self->stmt = NULL;
    self->is_closed = 1;
    if (!stmt) return;
    lconn_enter(L, self->conn);
    dbc_stmt_release(stmt);
}

static int prepared_close(lua_State *L)
{
    lprepared *self = lbox_check(L, 1, LBOX_PREPARED);

    if (self->is_busy)
        return lerror_fail(L, DBC_EINVALID,
                           "a prepared query cannot be closed while it runs");
    release(L, self);
    return 0;
}

static int prepared_gc(lua_State *L)
{
    lprepared *self = lbox_test(L, 1, LBOX_PREPARED);

    if (self) release(L, self);
    return 0;
}

// ------------------------------------------------------------------ preparing

// Whether all placeholders have their values: then the statement can be made
// at once, and what is wrong with it is known now.
static int is_bound(const dbc_sql *sql)
{
    for (size_t i = 0; i < sql->parameter_count; i++)
        if (sql->parameters[i].kind != DBC_PARAMETER_VALUE &&
            sql->parameters[i].kind != DBC_PARAMETER_POLICY)
            return 0;
    return 1;
}

// What the query loads has to be there, too.
static void check_loads(lua_State *L, dbc_conn *conn, const lquery *query)
{
    const dbc_sql *sql;
    size_t level = 0;
    int rc;

    do
        rc = dbc_query_level_plan(&sql, conn, query->query, ++level);
    while (rc == DBC_OK);
    if (rc < 0) lerror_raise_conn(L, conn, NULL, 0);
}

static void check_text(lua_State *L, dbc_conn *conn, const lquery *query,
                       lprepared *self)
{
    const dbc_sql *sql;

    if (dbc_query_plan(&sql, conn, query->query) < 0)
        lerror_raise_conn(L, conn, NULL, 0);
    self->is_plain = largs_are_plain(sql) && !dbc_query_has_loads(query->query);
    if (is_bound(sql)) {
        if (dbc_query_open(&self->stmt, conn, query->query, NULL) >= 0) return;
        self->stmt = NULL;
    } else if (dbc_query_prepare(conn, query->query) >= 0) {
        return;
    }
    dbc_error err = *dbc_conn_error(conn);
    lerror_raise_query(L, conn, &err, query->query);
}

// query → prepared
static int query_prepare(lua_State *L)
{
    const lquery *query = lbox_check(L, 1, LBOX_QUERY);
    lprepared *self;
    dbc_conn *conn;
    int box;

    lua_settop(L, 1);
    // One row is an insert like any other, and keeps its statement.
    if (linsert_has_rows(query) && lbound_is_fixed(L, 1)) {
        lbound_push(L, 1, LBOUND_COMPLETE);
        lua_replace(L, 1);
        query = lua_touserdata(L, 1);
    }
    lua_getiuservalue(L, 1, LQUERY_UV_HANDLE);
    self = lbox_new(L, LBOX_PREPARED, sizeof *self, LPREPARED_VALUES); // 3
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, 3, LPREPARED_UV_QUERY);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, 3, LPREPARED_UV_HANDLE);
    conn = lconn_under(L, 2, &box);
    lua_pushvalue(L, box);
    lua_setiuservalue(L, 3, LPREPARED_UV_CONN);
    self->conn = lua_touserdata(L, box);
    if (query->flags & LQUERY_LOADS) check_loads(L, conn, query);
    if (!linsert_has_rows(query)) check_text(L, conn, query, self);
    lua_settop(L, 3);
    return 1;
}

void lprepared_methods(lua_State *L, int core)
{
    static const luaL_Reg methods[] = {{"prepare", query_prepare},
                                       {NULL, NULL}};

    lbox_register(L, core, methods);
}

void lprepared_open(lua_State *L, int core)
{
    static const luaL_Reg methods[] = {{"all", prepared_all},
                                       {"one", prepared_one},
                                       {"single", prepared_single},
                                       {"value", prepared_value},
                                       {"list", prepared_list},
                                       {"rows", prepared_rows},
                                       {"run", prepared_run},
                                       {"close", prepared_close},
                                       {NULL, NULL}};
    static const luaL_Reg events[] = {
        {"__gc", prepared_gc}, {"__close", prepared_close}, {NULL, NULL}};

    lbox_push_metatable(L, core, "dbcore.prepared", events);
    lbox_push_methods(L, core, "a prepared query", methods);
    lua_setfield(L, -2, "__index");
    lua_rawseti(L, core, LBOX_PREPARED);
}
