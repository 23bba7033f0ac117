// One reader for all that runs: queries, prepared queries, raw SQL, inserts
// that return.
#include "lread.h"

#include "lconn.h"
#include "lerror.h"
#include "lvalue.h"

typedef struct reading {
    dbc_stmt *stmt;
    const dbc_layout *layout; // NULL: from SQL text
    lread_mode mode;
    lrow_nulls nulls;
    lread_end end;
    lcollector *gc;
    lconn *conn;
} reading;

static void check_raw_names(lua_State *L, int names)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, names);

    lua_createtable(L, 0, (int)count);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, names, i);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, -3) != LUA_TNIL)
            lerror_fail(L, DBC_EINVALID,
                        "two columns of the result are named \"%.100s\": give "
                        "one of them another name with AS",
                        lua_tostring(L, -2));
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
        lua_rawset(L, -3);
    }
    lua_pop(L, 1);
}

void lread_push_names(lua_State *L, int conn_box, const dbc_stmt *stmt,
                      const dbc_layout *layout)
{
    if (layout) {
        lrow_push_names(L, conn_box, layout);
        return;
    }
    lrow_push_raw_names(L, stmt);
    check_raw_names(L, lua_gettop(L));
}

static void push_row(lua_State *L, const reading *in, int names)
{
    const dbc_value *row = dbc_stmt_row(in->stmt);

    if (in->layout)
        lrow_push(L, names, in->layout, row, in->nulls);
    else
        lrow_push_raw(L, names, row, dbc_stmt_column_count(in->stmt),
                      in->nulls);
}

static void push_value(lua_State *L, const reading *in)
{
    const dbc_output *output = in->layout ? in->layout->outputs : NULL;

    if (dbc_stmt_column_count(in->stmt) == 0)
        lua_pushnil(L);
    else
        lvalue_push(L, dbc_stmt_row(in->stmt),
                    output ? output->type : DBC_T_ANY,
                    output ? output->codec : 0, in->nulls == LROW_NULLS);
}

static int step(lua_State *L, const reading *in)
{
    lconn_enter(L, in->conn);
    return dbc_stmt_step(in->stmt);
}

// A list keeps its places: NULL in it is dbcore.null.
static int add_values(lua_State *L, reading *in, lua_Integer *count)
{
    int rc;

    in->nulls = LROW_NULLS;
    while ((rc = step(L, in)) == DBC_ROW) {
        push_value(L, in);
        lua_rawseti(L, -2, ++*count);
        lcollector_look(L, in->gc, *count);
    }
    return rc;
}

// The list is on the top. The names are fetched behind the first step, which
// may have changed them.
static int add_rows(lua_State *L, int conn_box, reading *in, lua_Integer *count)
{
    int list = lua_gettop(L), first = 0;
    int rc = step(L, in);

    if (rc < 0) return rc;
    lread_push_names(L, conn_box, in->stmt, in->layout);
    if (in->layout) first = lrow_spread(L, list + 1, in->layout);
    while (rc == DBC_ROW) {
        if (first)
            lrow_push_spread(L, first, in->layout, dbc_stmt_row(in->stmt),
                             in->nulls, 0);
        else
            push_row(L, in, list + 1);
        lua_rawseti(L, list, ++*count);
        lcollector_look(L, in->gc, *count);
        rc = step(L, in);
    }
    lua_settop(L, list);
    return rc;
}

int lread_add(lua_State *L, int conn_box, dbc_stmt *stmt, lread_mode mode,
              lrow_nulls nulls, lua_Integer *count, lcollector *gc)
{
    reading in = {.stmt = stmt,
                  .layout = dbc_stmt_layout(stmt),
                  .mode = mode,
                  .nulls = nulls,
                  .gc = gc,
                  .conn = lua_touserdata(L, conn_box)};
    int rc;

    if (mode == LREAD_LIST)
        rc = add_values(L, &in, count);
    else
        rc = add_rows(L, conn_box, &in, count);
    return rc;
}

// Leaves the list on the top, or the error code of a step there.
static int run_many(lua_State *L, reading *in)
{
    lua_Integer count = 0;
    int rc;

    lua_newtable(L);
    if (in->mode == LREAD_LIST)
        rc = add_values(L, in, &count);
    else
        rc = add_rows(L, 2, in, &count);
    if (rc < 0) lua_pushnil(L);
    return rc;
}

static int run_first(lua_State *L, reading *in)
{
    if (in->mode == LREAD_VALUE) {
        push_value(L, in);
        return DBC_ROW;
    }
    lread_push_names(L, 2, in->stmt, in->layout);
    push_row(L, in, lua_gettop(L));
    return DBC_ROW;
}

typedef struct protected_read {
    reading in;
    int rc;
} protected_read;

// call conn_box | … result
static int run(lua_State *L, void *ud)
{
    protected_read *read = ud;

    if (read->in.mode == LREAD_ALL || read->in.mode == LREAD_LIST)
        read->rc = run_many(L, &read->in);
    else
        read->rc = run_first(L, &read->in);
    return 1;
}

// What may be pushed without any allocation needs no protection.
static int push_light(lua_State *L, const reading *in)
{
    const dbc_value *value = dbc_stmt_row(in->stmt);

    if (in->mode != LREAD_VALUE || dbc_stmt_column_count(in->stmt) == 0)
        return 0;
    if (value->type == DBC_TEXT || value->type == DBC_BLOB) return 0;
    if (in->layout && in->layout->outputs[0].type == DBC_T_CUSTOM) return 0;
    push_value(L, in);
    return 1;
}

// The first row is on the top. What follows it?
static int after_first(lua_State *L, const reading *in)
{
    int rc = DBC_DONE;
    int more = 0;

    if (in->mode == LREAD_SINGLE || in->end == LREAD_DRAIN) {
        while ((rc = step(L, in)) == DBC_ROW) {
            more = 1;
            if (in->end == LREAD_STOP) break;
        }
    }
    if (rc < 0) return rc;
    return more && in->mode == LREAD_SINGLE ? DBC_ROW : DBC_DONE;
}

typedef struct complaint {
    int code;
    const char *message;
} complaint;

static int run_complaint(lua_State *L, void *ud)
{
    const complaint *what = ud;

    return lerror_fail(L, what->code, "%s", what->message);
}

static int complain(lua_State *L, int code, const char *message)
{
    complaint what = {code, message};
    lprotect call = {run_complaint, &what};

    lprotect_begin(L, &call);
    lprotect_end(L, 0, 0);
    return LREAD_RAISE;
}

static int fail(lua_State *L, dbc_stmt *stmt)
{
    lerror_push_stmt(L, stmt, 0);
    return LREAD_RAISE;
}

// Reads under protection. The result or an error value is on the top.
static int protect(lua_State *L, int conn_box, protected_read *read)
{
    lprotect call = {run, read};
    lcollector gc = LCOLLECTOR_INIT;
    int status;

    lprotect_begin(L, &call);
    lua_pushvalue(L, conn_box);
    read->in.gc = &gc;
    read->in.conn->reading++;
    status = lprotect_end(L, 1, 1);
    read->in.conn->reading--;
    lcollector_restart(L, &gc);
    read->in.gc = NULL;
    if (status != LUA_OK) return LREAD_RAISE;
    if (read->rc >= 0) return LREAD_OK;
    lua_pop(L, 1);
    return fail(L, read->in.stmt);
}

static int read_first(lua_State *L, int conn_box, protected_read *read)
{
    reading *in = &read->in;
    int rc = step(L, in);

    if (rc < 0) return fail(L, in->stmt);
    if (rc == DBC_DONE) {
        if (in->mode == LREAD_SINGLE)
            return complain(L, DBC_ENOTFOUND,
                            "expected exactly one row, got none");
        lua_pushnil(L);
        return LREAD_OK;
    }
    if (!push_light(L, in)) {
        rc = protect(L, conn_box, read);
        if (rc != LREAD_OK) return rc;
    }
    rc = after_first(L, in);
    if (rc == DBC_DONE) return LREAD_OK;
    lua_pop(L, 1);
    if (rc < 0) return fail(L, in->stmt);
    return complain(L, DBC_EINVALID, "expected exactly one row, got more");
}

int lread_run(lua_State *L, int conn_box, dbc_stmt *stmt, lread_mode mode,
              lrow_nulls nulls, lread_end end)
{
    protected_read read;

    read.in.stmt = stmt;
    read.in.layout = dbc_stmt_layout(stmt);
    read.in.mode = mode;
    read.in.nulls = nulls;
    read.in.end = end;
    read.in.conn = lua_touserdata(L, conn_box);
    read.rc = DBC_OK;
    if (mode == LREAD_ALL || mode == LREAD_LIST)
        return protect(L, conn_box, &read);
    return read_first(L, conn_box, &read);
}
