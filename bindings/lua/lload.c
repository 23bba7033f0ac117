// Building nested tables while rows come level by level. A row is hung on the
// rows it belongs to at once; lists of rows are only kept for levels that have
// others below. Rows of one parent mostly come one after the other, so its
// list stays on the stack.
#include "lload.h"

#include <stdio.h>

#include "lconn.h"
#include "lerror.h"

typedef struct loading {
    dbc_load *load;
    lconn *conn;
    size_t most;
    lrow_nulls nulls;
    lcollector *gc;
    int rc;
    int rows;  // stack index of the list of level 0; level i is behind it
    size_t at; // the level that is read
    dbc_load_info info;
    int names;          // stack index of the names of its outputs
    int first;          // of the names one by one, or 0
    int more;           // keys that its rows will get
    int keeps;          // its rows are kept: levels are below
    int key;            // stack index of the relation's name
    int list;           // of the list of the parent that came last
    size_t parent;      // which
    lua_Integer length; // of that list
    lua_Integer guess;  // length of the list before
    lua_Integer count;  // rows of the level
    lua_Integer total;  // of all levels
    lua_Integer *hung;  // of each level: parents that have something
} loading;

// ---------------------------------------------------------------- levels

// How many levels hang on the rows of level `at`.
static int count_below(const loading *in, size_t at)
{
    int below = 0;

    for (size_t i = at + 1; i < dbc_load_level_count(in->load); i++)
        below += dbc_load_describe(in->load, i).parent == at;
    return below;
}

// A list of rows for each level that has others below; the first always.
static void push_lists(lua_State *L, loading *in)
{
    size_t levels = dbc_load_level_count(in->load);

    luaL_checkstack(L, (int)levels + 16, NULL);
    in->hung = lua_newuserdatauv(L, levels * sizeof *in->hung, 0);
    in->rows = lua_gettop(L) + 1;
    for (size_t i = 0; i < levels; i++) {
        in->hung[i] = 0;
        if (i == 0 || count_below(in, i) > 0)
            lua_newtable(L);
        else
            lua_pushnil(L);
    }
}

// The rows that come next are of another level: its names, its key.
static void enter_level(lua_State *L, loading *in, size_t level)
{
    const dbc_layout *layout = dbc_load_layout(in->load);

    lua_settop(L, in->rows + (int)dbc_load_level_count(in->load) - 1);
    in->at = level;
    in->info = dbc_load_describe(in->load, level);
    in->more = count_below(in, level);
    in->keeps = level == 0 || in->more > 0;
    in->count = 0;
    in->guess = 4;
    in->length = 0;
    in->parent = DBC_NO_PARENT;
    if (in->info.name)
        lua_pushstring(L, in->info.name);
    else
        lua_pushnil(L);
    in->key = lua_gettop(L);
    lua_pushnil(L);
    in->list = in->key + 1;
    lrow_push_names(L, 2, layout);
    in->names = lua_gettop(L);
    in->first = lrow_spread(L, in->names, layout);
}

// --------------------------------------------------------------- hanging on

// Sets the value on the top, which stays, for all parents of this row.
static void hang(lua_State *L, loading *in, size_t parent)
{
    int rows = in->rows + (int)in->info.parent;

    for (; parent != DBC_NO_PARENT;
         parent = dbc_load_next_parent(in->load, parent)) {
        lua_rawgeti(L, rows, (lua_Integer)parent + 1);
        lua_pushvalue(L, in->key);
        lua_pushvalue(L, -3);
        lua_rawset(L, -3);
        lua_pop(L, 1);
        in->hung[in->at]++;
    }
}

// Pushes what the first parent has under the relation's name.
static int push_hung(lua_State *L, const loading *in, size_t parent)
{
    lua_rawgeti(L, in->rows + (int)in->info.parent, (lua_Integer)parent + 1);
    lua_pushvalue(L, in->key);
    int type = lua_rawget(L, -2);
    lua_remove(L, -2);
    return type;
}

// The list of another parent comes to its place: a new one, or one that was
// begun before.
static void enter_list(lua_State *L, loading *in, size_t parent)
{
    if (push_hung(L, in, parent) == LUA_TTABLE) {
        in->length = (lua_Integer)lua_rawlen(L, -1);
    } else {
        lua_pop(L, 1);
        if (in->length > 0) in->guess = in->length;
        lua_createtable(L, (int)in->guess, 0);
        hang(L, in, parent);
        in->length = 0;
    }
    lua_replace(L, in->list);
    in->parent = parent;
}

// Hangs the row on the top on its parents and pops it.
static void hang_row(lua_State *L, loading *in)
{
    size_t parent = dbc_load_parent(in->load);

    if (parent == DBC_NO_PARENT) {
        lua_pop(L, 1);
    } else if (in->info.kind == DBC_MANY) {
        if (parent != in->parent) enter_list(L, in, parent);
        lua_rawseti(L, in->list, ++in->length);
    } else {
        // Of several the first one counts.
        if (parent != in->parent && push_hung(L, in, parent) != LUA_TTABLE) {
            lua_pop(L, 1);
            hang(L, in, parent);
            lua_pushnil(L);
        }
        lua_settop(L, lua_gettop(L) - (parent != in->parent ? 2 : 1));
        in->parent = parent;
    }
}

static void push_row(lua_State *L, const loading *in)
{
    const dbc_layout *layout = dbc_load_layout(in->load);
    const dbc_value *row = dbc_load_row(in->load);

    if (in->first)
        lrow_push_spread(L, in->first, layout, row, in->nulls, in->more);
    else
        lrow_push(L, in->names, layout, row, in->nulls);
}

static void add_row(lua_State *L, loading *in)
{
    size_t level = dbc_load_level(in->load);

    if (level != in->at || in->count == 0) enter_level(L, in, level);
    push_row(L, in);
    in->count++;
    if (in->keeps) {
        lua_pushvalue(L, -1);
        lua_rawseti(L, in->rows + (int)level, in->count);
    }
    if (level > 0)
        hang_row(L, in);
    else
        lua_pop(L, 1);
    lcollector_look(L, in->gc, ++in->total);
}

// ------------------------------------------------------------- the rows' rest

// What no relative was found for: an empty list; of one nothing, or null.
static void fill_level(lua_State *L, const loading *in, size_t level)
{
    dbc_load_info info = dbc_load_describe(in->load, level);
    int rows = in->rows + (int)info.parent;
    lua_Integer count = (lua_Integer)lua_rawlen(L, rows);

    if (in->hung[level] == count) return;
    if (info.kind == DBC_ONE && in->nulls == LROW_NIL) return;
    lua_pushstring(L, info.name);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, rows, i); // name row
        lua_pushvalue(L, -2);
        if (lua_rawget(L, -2) == LUA_TNIL) {
            lua_pushvalue(L, -3);
            if (info.kind == DBC_MANY)
                lua_newtable(L);
            else
                lua_rawgeti(L, LCORE, LCORE_NULL);
            lua_rawset(L, -4);
        }
        lua_pop(L, 2);
    }
    lua_pop(L, 1);
}

// call conn_box | … list
static int run(lua_State *L, void *ud)
{
    loading *in = ud;

    push_lists(L, in);
    lconn_enter(L, in->conn);
    in->rc = dbc_load_begin(in->load, in->most);
    if (in->rc == DBC_ROW) {
        while ((in->rc = dbc_load_step(in->load)) == DBC_ROW) {
            add_row(L, in);
            lconn_enter(L, in->conn);
        }
        lua_settop(L, in->rows + (int)dbc_load_level_count(in->load) - 1);
        for (size_t i = 1; in->rc >= 0 && i < dbc_load_level_count(in->load);
             i++)
            fill_level(L, in, i);
    }
    lua_settop(L, in->rows);
    return 1;
}

// Puts the error of the connection in the place of what is on the top.
static int push_error(lua_State *L, void *ud)
{
    lerror_push(L, ud, NULL, 0);
    return 1;
}

int lload_batch(lua_State *L, int conn_box, dbc_load *load, size_t most,
                lrow_nulls nulls)
{
    lcollector gc = LCOLLECTOR_INIT;
    loading in = {.load = load,
                  .conn = lua_touserdata(L, conn_box),
                  .most = most,
                  .nulls = nulls,
                  .gc = &gc};
    lprotect call = {run, &in};
    int status;

    lprotect_begin(L, &call);
    lua_pushvalue(L, conn_box);
    in.conn->reading++;
    status = lprotect_end(L, 1, 1);
    in.conn->reading--;
    lcollector_restart(L, &gc);
    if (status != LUA_OK) return LREAD_RAISE;
    if (in.rc >= 0) return LREAD_OK;

    // A connection that was closed meanwhile has taken its error along.
    dbc_error err = DBC_ERROR_INIT;
    if (in.conn->conn) {
        err = *dbc_conn_error(in.conn->conn);
    } else {
        err.code = DBC_ECLOSED;
        snprintf(err.message, sizeof err.message, "the connection is closed");
    }
    lprotect failed = {push_error, &err};
    lua_pop(L, 1);
    lprotect_begin(L, &failed);
    lprotect_end(L, 0, 1);
    return LREAD_RAISE;
}

// ------------------------------------------------------------------- reading

static int finish(lua_State *L, lread_mode mode)
{
    lua_Unsigned count;

    if (mode == LREAD_ALL) return 1;
    count = lua_rawlen(L, -1);
    if (mode == LREAD_SINGLE && count != 1)
        return lerror_fail(L, count ? DBC_EINVALID : DBC_ENOTFOUND,
                           "expected exactly one row, got %s",
                           count ? "more" : "none");
    lua_rawgeti(L, -1, 1);
    return 1;
}

int lload_read(lua_State *L, int conn_box, const lquery *query,
               const dbc_args *args, lread_mode mode)
{
    lconn *box = lua_touserdata(L, conn_box);
    size_t most = mode == LREAD_ALL ? 0 : mode == LREAD_SINGLE ? 2 : 1;
    lrow_nulls nulls = query->flags & LQUERY_NULLS ? LROW_NULLS : LROW_NIL;
    dbc_conn *conn = box->conn;
    dbc_load *load;
    int rc;

    luaL_checkstack(L, 8, NULL);
    if (dbc_load_open(&load, conn, query->query, args) < 0) {
        dbc_error err = *dbc_conn_error(conn);
        return lerror_raise_query(L, conn, &err, query->query);
    }
    rc = lload_batch(L, conn_box, load, most, nulls);
    dbc_load_close(load);
    return rc == LREAD_OK ? finish(L, mode) : lua_error(L);
}

// --------------------------------------------------- what is asked about loads

// native.loaded_texts(handle, query) → the SQL texts of the relations that the
// query loads, a list
static int loaded_texts(lua_State *L)
{
    const lquery *query = lbox_check(L, 2, LBOX_QUERY);
    const dbc_sql *sql;
    int box, rc = DBC_OK;

    lua_settop(L, 2);
    lua_newtable(L);
    for (size_t level = 1; query->flags & LQUERY_LOADS; level++) {
        lua_settop(L, 3);
        dbc_conn *conn = lconn_under(L, 1, &box);
        rc = dbc_query_level_plan(&sql, conn, query->query, level);
        if (rc < 0) return lerror_raise_conn(L, conn, NULL, 0);
        if (rc == DBC_DONE) break;
        lua_pushlstring(L, sql->text, sql->len);
        lua_rawseti(L, 3, (lua_Integer)level);
    }
    lua_settop(L, 3);
    return 1;
}

// native.unloaded(query) → the same without its relations
static int unloaded(lua_State *L)
{
    dbc_query_size none = {0, 0, 0, 0};
    dbc_error err;

    const lquery *query = lbox_check(L, 1, LBOX_QUERY);
    lua_settop(L, 1);
    if (!(query->flags & LQUERY_LOADS)) return 1;
    lquery *made = lquery_step(L, 1, &none, &err);
    made->flags &= ~(unsigned)LQUERY_LOADS;
    dbc_query_unload(made->query);
    lquery_finish(L, made, &err);
    return 1;
}

void lload_open(lua_State *L, int core, int module)
{
    static const luaL_Reg functions[] = {
        {"loaded_texts", loaded_texts}, {"unloaded", unloaded}, {NULL, NULL}};

    lbox_register_in(L, core, module, functions);
}
