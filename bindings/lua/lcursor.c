// Reading row by row. Each row is pushed under protection, so that an error in
// it (memory, a codec) gives the statement back before it goes on; the loop
// that would close the cursor may not be there.
#include "lcursor.h"

#include "lerror.h"
#include "lload.h"
#include "lread.h"

lcursor *lcursor_new(lua_State *L, int conn_box, lrow_nulls nulls)
{
    lcursor *cursor;

    conn_box = lua_absindex(L, conn_box);
    luaL_checkstack(L, 4, NULL);
    cursor = lbox_new(L, LBOX_CURSOR, sizeof *cursor, LCURSOR_VALUES);
    cursor->conn = lua_touserdata(L, conn_box);
    cursor->nulls = nulls;
    lua_pushvalue(L, conn_box);
    lua_setiuservalue(L, -2, LCURSOR_UV_CONN);
    return cursor;
}

void lcursor_set_list(lua_State *L, int index)
{
    lcursor *cursor = lbox_check(L, index, LBOX_CURSOR);

    lua_setiuservalue(L, index, LCURSOR_UV_LIST);
    cursor->next = 1;
}

int lcursor_return(lua_State *L, int index)
{
    lua_pushvalue(L, index);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_pushvalue(L, index);
    return 4;
}

static void release(lcursor *cursor)
{
    dbc_stmt *stmt = cursor->stmt;
    dbc_load *load = cursor->load;

    cursor->stmt = NULL;
    cursor->load = NULL;
    cursor->next = 0;
    dbc_stmt_release(stmt);
    dbc_load_close(load);
}

// -------------------------------------------------------------- row by row

static void push_names(lua_State *L, int index, const lcursor *cursor)
{
    const dbc_layout *layout = dbc_stmt_layout(cursor->stmt);

    if (lua_getiuservalue(L, index, LCURSOR_UV_NAMES) == LUA_TTABLE) return;
    lua_pop(L, 1);
    lua_getiuservalue(L, index, LCURSOR_UV_CONN);
    lread_push_names(L, lua_gettop(L), cursor->stmt, layout);
    lua_remove(L, -2);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, index, LCURSOR_UV_NAMES);
}

// call cursor | names row
static int run_row(lua_State *L, void *ud)
{
    const lcursor *cursor = ud;
    const dbc_layout *layout = dbc_stmt_layout(cursor->stmt);

    push_names(L, 2, cursor);
    if (layout)
        lrow_push(L, 3, layout, dbc_stmt_row(cursor->stmt), cursor->nulls);
    else
        lrow_push_raw(L, 3, dbc_stmt_row(cursor->stmt),
                      dbc_stmt_column_count(cursor->stmt), cursor->nulls);
    return 1;
}

// Pushes the row that is ready, or what to raise.
static int push_row(lua_State *L, lcursor *cursor)
{
    lprotect call = {run_row, cursor};
    int status;

    lprotect_begin(L, &call);
    lua_pushvalue(L, 1);
    cursor->conn->reading++;
    status = lprotect_end(L, 1, 1);
    cursor->conn->reading--;
    return status;
}

static int next_of_list(lua_State *L, lcursor *cursor)
{
    lua_getiuservalue(L, 1, LCURSOR_UV_LIST);
    if (lua_rawgeti(L, -1, cursor->next) == LUA_TNIL)
        cursor->next = 0;
    else
        cursor->next++;
    return 1;
}

static int next_of_none(lua_State *L, const lcursor *cursor)
{
    if (cursor->is_closed)
        return lerror_fail(L, DBC_ECLOSED, "the cursor is closed");
    lua_pushnil(L);
    return 1;
}

// May it be stepped? A callback of the engine must not, nor a codec of its own
// row.
static void check_idle(lua_State *L, const lcursor *cursor)
{
    if (cursor->is_busy)
        lerror_fail(L, DBC_EINVALID, "the cursor is being read");
    if (cursor->conn->calling > 0) lconn_check_idle(L, cursor->conn);
    lconn_enter(L, cursor->conn);
}

// The next row with its relatives; a batch is read when one is used up.
static int next_of_load(lua_State *L, lcursor *cursor)
{
    int rc;

    lua_settop(L, 1);
    if (cursor->next > 0) {
        next_of_list(L, cursor);
        if (!lua_isnil(L, -1)) return 1;
    }
    lua_settop(L, 1);
    check_idle(L, cursor);
    lua_getiuservalue(L, 1, LCURSOR_UV_CONN);
    cursor->is_busy = 1;
    rc = lload_batch(L, 2, cursor->load, LLOAD_BATCH, cursor->nulls);
    cursor->is_busy = 0;
    if (rc == LREAD_OK && lua_rawlen(L, -1) > 0) {
        lcursor_set_list(L, 1);
        return next_of_list(L, cursor);
    }
    release(cursor);
    if (rc != LREAD_OK) return lua_error(L);
    lua_pushnil(L);
    return 1;
}

// __call: cursor, and what the loop adds → row
static int cursor_next(lua_State *L)
{
    lcursor *cursor = lbox_check(L, 1, LBOX_CURSOR);
    int rc;

    if (cursor->load) return next_of_load(L, cursor);
    if (!cursor->stmt && cursor->next > 0) return next_of_list(L, cursor);
    if (!cursor->stmt) return next_of_none(L, cursor);
    check_idle(L, cursor);

    cursor->is_busy = 1;
    rc = dbc_stmt_step(cursor->stmt);
    if (rc == DBC_ROW) {
        rc = push_row(L, cursor) == LUA_OK ? DBC_ROW : DBC_EINVALID;
    } else if (rc < 0) {
        lerror_push_stmt(L, cursor->stmt, 0);
    }
    cursor->is_busy = 0;
    if (rc == DBC_ROW) return 1;
    release(cursor);
    if (rc < 0) return lua_error(L);
    lua_pushnil(L);
    return 1;
}

// ---------------------------------------------------------------- all at once

// What is left of rows with their relatives: a list of them, or the first.
static int rest_of_load(lua_State *L, lcursor *cursor, lread_mode mode)
{
    int limit = mode == LREAD_ALL ? 0 : mode == LREAD_SINGLE ? 2 : 1;
    lua_Integer count = 0;

    if (mode == LREAD_VALUE || mode == LREAD_LIST)
        return lerror_fail(L, DBC_EINVALID,
                           "rows with relations are read by all, one or "
                           "single, or one by one");
    lua_settop(L, 1);
    lua_newtable(L);
    while (cursor->load && (limit == 0 || count < limit)) {
        lua_pushvalue(L, 1);
        lua_call(L, 0, 1);
        if (lua_isnil(L, -1)) break;
        lua_rawseti(L, 2, ++count);
    }
    lua_settop(L, 2);
    release(cursor);
    if (mode == LREAD_ALL) return 1;
    if (mode == LREAD_SINGLE && count != 1)
        return lerror_fail(L, count ? DBC_EINVALID : DBC_ENOTFOUND,
                           "expected exactly one row, got %s",
                           count ? "more" : "none");
    lua_rawgeti(L, 2, 1);
    return 1;
}

static int read_rest(lua_State *L, lread_mode mode)
{
    lcursor *cursor = lbox_check(L, 1, LBOX_CURSOR);
    lread_end end;
    int rc;

    if (cursor->load) return rest_of_load(L, cursor, mode);
    if (!cursor->stmt)
        return lerror_fail(L, DBC_ECLOSED,
                           "the cursor is over: run the query again");
    check_idle(L, cursor);
    lua_settop(L, 1);
    lua_getiuservalue(L, 1, LCURSOR_UV_CONN);

    end = dbc_stmt_readonly(cursor->stmt) ? LREAD_STOP : LREAD_DRAIN;
    cursor->is_busy = 1;
    rc = lread_run(L, 2, cursor->stmt, mode, cursor->nulls, end);
    cursor->is_busy = 0;
    release(cursor);
    return rc == LREAD_OK ? 1 : lua_error(L);
}

static int cursor_all(lua_State *L)
{
    return read_rest(L, LREAD_ALL);
}

static int cursor_one(lua_State *L)
{
    return read_rest(L, LREAD_ONE);
}

static int cursor_single(lua_State *L)
{
    return read_rest(L, LREAD_SINGLE);
}

static int cursor_value(lua_State *L)
{
    return read_rest(L, LREAD_VALUE);
}

static int cursor_list(lua_State *L)
{
    return read_rest(L, LREAD_LIST);
}

static int cursor_rows(lua_State *L)
{
    lbox_check(L, 1, LBOX_CURSOR);
    return lcursor_return(L, 1);
}

// ------------------------------------------------------------------- ending

static int cursor_close(lua_State *L)
{
    lcursor *cursor = lbox_check(L, 1, LBOX_CURSOR);

    if (cursor->is_busy) check_idle(L, cursor);
    if (cursor->stmt || cursor->load || cursor->next > 0) cursor->is_closed = 1;
    lconn_enter(L, cursor->conn);
    release(cursor);
    return 0;
}

static int cursor_gc(lua_State *L)
{
    lcursor *cursor = lbox_test(L, 1, LBOX_CURSOR);

    if (!cursor || !(cursor->stmt || cursor->load)) return 0;
    lconn_enter(L, cursor->conn);
    release(cursor);
    return 0;
}

static int cursor_tostring(lua_State *L)
{
    const lcursor *cursor = lbox_check(L, 1, LBOX_CURSOR);

    if (cursor->stmt || cursor->load || cursor->next > 0)
        lua_pushliteral(L, "cursor");
    else
        lua_pushliteral(L, "cursor (over)");
    return 1;
}

void lcursor_open(lua_State *L, int core)
{
    static const luaL_Reg methods[] = {
        {"all", cursor_all},       {"one", cursor_one},
        {"single", cursor_single}, {"value", cursor_value},
        {"list", cursor_list},     {"rows", cursor_rows},
        {"close", cursor_close},   {NULL, NULL}};
    static const luaL_Reg events[] = {{"__call", cursor_next},
                                      {"__gc", cursor_gc},
                                      {"__close", cursor_close},
                                      {"__tostring", cursor_tostring},
                                      {NULL, NULL}};

    lbox_push_metatable(L, core, "dbcore.cursor", events);
    lbox_push_methods(L, core, "a cursor", methods);
    lua_setfield(L, -2, "__index");
    lua_rawseti(L, core, LBOX_CURSOR);
}
