// A row goes to Lua as a table, and comes back as one that was changed or is
// another one: what is different is said to the core.
#include "lhook.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dbcore_driver.h"
#include "lconn.h"
#include "lerror.h"
#include "lexpr.h"
#include "lhosted.h"
#include "lquery.h"
#include "lvalue.h"

// Between the hooks of a connection in the core and their functions in Lua:
// the state may be over first. It goes with the last of the two.
typedef struct link {
    atomic_int holders;
    lua_State *L; // the main thread; NULL once the functions are gone
    const dbcore_lua_gate *gate; // good as long as L; or NULL
} link;

enum { KEEPER_BEFORE = 1, KEEPER_AFTER, KEEPER_TABLE };

typedef struct keeper {
    lbox head;
    link *link; // one hold, or NULL
} keeper;

typedef struct work {
    const link *link;
    dbc_write *write;
    dbc_conn *conn;
    int is_before;
    int is_skipped; // out: the row is left alone
} work;

// ----------------------------------------------------------------- out to Lua

// The column of the descriptor that has the name of one that is written: they
// may be two descriptions of one table.
static const dbc_column *own_column(const ltable *table,
                                    const dbc_column *written)
{
    if (table->table == written->table) return written;
    return dbc_table_find(table->table, written->def.name, written->name_len,
                          NULL);
}

static const char *key_of(const dbc_column *column)
{
    return column->def.as ? column->def.as : column->def.name;
}

// Sets column `i` of `written` in the table on the top.
static void set_field(lua_State *L, const ltable *table,
                      const dbc_table *written, size_t i,
                      const dbc_value *value, int nulls)
{
    const dbc_column *column = dbc_table_column(written, i);
    const dbc_column *own = own_column(table, column);

    if (value->type == DBC_NULL && !nulls) return;
    lvalue_push(L, value, own ? own->def.type : DBC_T_ANY,
                own ? own->def.codec : 0, nulls);
    lua_setfield(L, -2, key_of(own ? own : column));
}

// Pushes what is known of a row that is written; nothing of it is nil.
static void push_given(lua_State *L, const ltable *table, const dbc_row *row)
{
    size_t count = dbc_table_column_count(row->table);

    lua_createtable(L, 0, (int)count);
    for (size_t i = 0; i < count; i++)
        if (row->presence[i] == DBC_GIVEN)
            set_field(L, table, row->table, i, &row->values[i], 1);
}

// Pushes a row as it is read, or nil when there is none.
static void push_read(lua_State *L, const ltable *table,
                      const dbc_table *written, const dbc_value *values)
{
    size_t count = dbc_table_column_count(written);

    if (!values) {
        lua_pushnil(L);
        return;
    }
    lua_createtable(L, 0, (int)count);
    for (size_t i = 0; i < count; i++)
        set_field(L, table, written, i, &values[i], 0);
}

// ---------------------------------------------------------------- back from
// Lua

// Raises the error of the connection when there is one.
static void check(lua_State *L, const dbc_write *write, int rc)
{
    if (rc < 0) lerror_raise(L, dbc_conn_error(dbc_write_conn(write)), NULL, 0);
}

static int set_expression(dbc_write *write, const dbc_column *column,
                          const dbc_query *query, int is_scalar)
{
    dbc_query *holder;
    int rc;

    if (!is_scalar) return dbc_write_set_expr(write, column, query);
    holder = dbc_query_new(NULL);
    if (!holder) return DBC_ENOMEM;
    dbc_expr_query(holder, query);
    rc = dbc_write_set_expr(write, column, holder);
    dbc_query_free(holder);
    return rc;
}

// Sets a column to the value at `index`: `own` is the descriptor's, `column`
// the one that is written.
static void set_column(lua_State *L, dbc_write *write, const dbc_column *own,
                       const dbc_column *column, int index)
{
    const lbox *box = lbox_at(L, index);
    const lexpr *expr = lbox_test(L, index, LBOX_EXPR);
    dbc_value value;

    if (expr) {
        if (!expr->query) lexpr_refuse_bare(L);
        check(L, write, set_expression(write, column, expr->query, 0));
    } else if (box && box->kind == LBOX_QUERY) {
        const dbc_query *query = lquery_check_sub(L, index, own->def.name);
        int rc = set_expression(write, column, query, 1);
        if (rc == DBC_ENOMEM) lerror_fail(L, rc, "out of memory");
        check(L, write, rc);
    } else {
        lvalue_given(L, &value, index, own, LVALUE_RAISED);
        check(L, write, dbc_write_set(write, column, value));
    }
}

static const dbc_column *written_column(lua_State *L, const dbc_write *write,
                                        const dbc_column *own)
{
    const dbc_table *table = dbc_write_table(write);
    const dbc_column *column = own;
    dbc_error err = DBC_ERROR_INIT;

    if (table != own->table)
        column = dbc_table_find(table, own->def.name, own->name_len, &err);
    if (!column) lerror_raise(L, &err, NULL, 0);
    return column;
}

// Whether the values at the two indices are the same one. A table may have
// been changed inside.
static int is_same(lua_State *L, int a, int b)
{
    return lua_rawequal(L, a, b) && !lua_istable(L, a);
}

static void check_key(lua_State *L, int key)
{
    lbox_words words;

    if (lua_type(L, key) != LUA_TSTRING)
        lerror_fail(L, DBC_EINVALID, "the keys of a row are columns, got %s",
                    lbox_describe(L, key, &words));
}

// Says what the row at `row` has that the one at `before` had not.
static void set_changed(lua_State *L, dbc_write *write, const ltable *table,
                        int before, int row)
{
    for (lua_pushnil(L); lua_next(L, row); lua_pop(L, 2)) {
        int value = lua_gettop(L);
        check_key(L, value - 1);
        const dbc_column *own = ltable_column(L, table, value - 1);

        lua_getfield(L, before, key_of(own));
        if (!is_same(L, value, value + 1))
            set_column(L, write, own, written_column(L, write, own), value);
    }
}

// And what it has no more.
static void unset_missing(lua_State *L, dbc_write *write, const ltable *table,
                          int row)
{
    const dbc_row *was = dbc_write_row(write);
    size_t count = dbc_table_column_count(was->table);

    for (size_t i = 0; i < count; i++) {
        const dbc_column *column = dbc_table_column(was->table, i);
        const dbc_column *own = own_column(table, column);

        if (was->presence[i] != DBC_GIVEN) continue;
        lua_pushstring(L, key_of(own ? own : column));
        lua_rawget(L, row);
        lua_pushstring(L, column->def.name);
        lua_rawget(L, row);
        if (lua_isnil(L, -1) && lua_isnil(L, -2))
            check(L, write, dbc_write_unset(write, column));
        lua_pop(L, 2);
    }
}

// ----------------------------------------------------------------------
// filling

// Pushes what Lua has for a silent column; nil: nothing. `given` is the row.
static void push_filled(lua_State *L, const dbc_write *write,
                        const dbc_column *own, int host, int given)
{
    int is_insert = dbc_write_kind(write) == DBC_INSERT;

    if (lua_rawgeti(L, host, (lua_Integer)own->position + 1) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_pushnil(L);
        return;
    }
    lua_getfield(L, -1, is_insert ? "default_fn" : "on_update");
    lua_remove(L, -2);
    if (!lua_isfunction(L, -1)) return;
    if (is_insert) lua_pushvalue(L, given);
    lua_call(L, is_insert, 1);
    if (lua_isnil(L, -1) && !is_insert)
        lerror_fail(L, DBC_EINVALID,
                    "on_update of \"%.60s\" gave nil: for NULL give "
                    "dbcore.null",
                    own->def.name);
}

void lhook_fill(lua_State *L, dbc_write *write, int table, int host)
{
    const ltable *own = lbox_check(L, table, LBOX_TABLE);
    const dbc_row *row = dbc_write_row(write);
    unsigned flag = dbc_write_kind(write) == DBC_INSERT
                        ? DBC_COLUMN_HOST_DEFAULT
                        : DBC_COLUMN_HOST_UPDATE;
    int given = lua_gettop(L) + 1;

    luaL_checkstack(L, 16, NULL);
    push_given(L, own, row);
    for (size_t i = 0; i < dbc_table_column_count(row->table); i++) {
        const dbc_column *column = dbc_table_column(row->table, i);

        if (!(column->def.flags & flag) || row->presence[i] != DBC_ABSENT)
            continue;
        push_filled(L, write, column, host, given);
        if (!lua_isnil(L, -1))
            set_column(L, write, column, column, lua_gettop(L));
        lua_settop(L, given);
    }
    lua_settop(L, given - 1);
}

// ------------------------------------------------------------------------
// hooks

enum { AT_BOX = 2, AT_KEEPER, AT_TABLE, AT_BEFORE, AT_RESULT };

// Pushes the kind, the row, the row as it was, and what the query is beside
// that. Of the row there is a copy at AT_BEFORE.
static void push_arguments(lua_State *L, const work *at, const ltable *table)
{
    static const char *const kinds[] = {[DBC_INSERT] = "insert",
                                        [DBC_UPDATE] = "update",
                                        [DBC_DELETE] = "delete"};
    const dbc_row *row = dbc_write_row(at->write);
    dbc_query_kind kind = dbc_write_kind(at->write);
    int is_row =
        at->is_before ? kind != DBC_DELETE : row->presence[0] == DBC_GIVEN;

    lua_pushstring(L, kinds[kind]);
    if (!is_row)
        lua_pushnil(L);
    else if (at->is_before)
        push_given(L, table, row);
    else
        push_read(L, table, row->table, row->values);
    push_read(L, table, row->table, dbc_write_old(at->write));
    if (dbc_write_is_upsert(at->write))
        lua_pushliteral(L, "upsert");
    else if (dbc_write_has_deleted(at->write))
        lua_pushliteral(L, "with_deleted");
    else
        lua_pushnil(L);
}

static void take_row(lua_State *L, const work *at, const ltable *table)
{
    lbox_words words;

    if (!lua_istable(L, AT_RESULT))
        lerror_fail(L, DBC_EINVALID,
                    "a hook before a write gives the row, nothing for a "
                    "delete, or false to leave the row alone; got %s",
                    lbox_describe(L, AT_RESULT, &words));
    luaL_checkstack(L, 16, NULL);
    // The first changes what the second asks for.
    if (dbc_write_kind(at->write) != DBC_DELETE)
        unset_missing(L, at->write, table, AT_RESULT);
    set_changed(L, at->write, table, AT_BEFORE, AT_RESULT);
}

// call box
static int run_work(lua_State *L, void *ud)
{
    work *at = ud;
    const dbc_row *row = dbc_write_row(at->write);

    lua_settop(L, AT_BOX);
    luaL_checkstack(L, 20, NULL);
    lua_rawgeti(L, LCORE, LCORE_CONNS);
    lua_rawgetp(L, -1, at->link);
    lua_remove(L, -2);
    if (!lua_touserdata(L, AT_KEEPER))
        return lerror_fail(L, DBC_ECLOSED, "the hooks are being collected");
    lua_getiuservalue(L, AT_KEEPER, KEEPER_TABLE);
    const ltable *table = lbox_check(L, AT_TABLE, LBOX_TABLE);
    push_given(L, table, row);
    lua_getiuservalue(L, AT_KEEPER,
                      at->is_before ? KEEPER_BEFORE : KEEPER_AFTER);
    push_arguments(L, at, table);
    lua_call(L, 4, 1);
    if (!at->is_before) return 0;
    if (lua_isboolean(L, AT_RESULT) && !lua_toboolean(L, AT_RESULT))
        at->is_skipped = 1;
    else if (!lua_isnil(L, AT_RESULT) ||
             dbc_write_kind(at->write) != DBC_DELETE)
        take_row(L, at, table);
    return 0;
}

static int call_in(lua_State *L, lprotect *call, const work *at, dbc_error *err)
{
    int top = lua_gettop(L);
    int rc = DBC_OK;

    if (!lua_checkstack(L, 16))
        return dbc_error_set(err, DBC_ENOMEM, "out of memory");
    if (!lconn_find(L, at->conn))
        return dbc_error_set(
            err, DBC_ECLOSED,
            "the handle that the hooks of \"%.100s\" work "
            "with is closed",
            dbc_table_describe(dbc_write_table(at->write))->name);
    lprotect_begin_called(L, call);
    lua_pushnil(L);
    int status = lprotect_end(L, 1, 0);
    if (status == LUA_ERRMEM)
        rc = dbc_error_set(err, DBC_ENOMEM, "out of memory");
    else if (status != LUA_OK)
        rc = lerror_take(L, err, "a hook failed");
    lua_settop(L, top);
    return rc;
}

static int call_hook(const link *held, dbc_write *write, int is_before,
                     dbc_error *err)
{
    work at = {held, write, dbc_write_conn(write), is_before, 0};
    lprotect call = {run_work, &at};
    const dbcore_lua_gate *gate = held->gate;
    int pass = 0, rc;
    lua_State *L;

    if (!held->L)
        return dbc_error_set(err, DBC_ECLOSED,
                             "the hooks of \"%.100s\" belong to a Lua program "
                             "that is over",
                             dbc_table_describe(dbc_write_table(write))->name);
    // Hooks may use the connection, so none is named.
    L = gate ? gate->enter(gate->ud, NULL, held->L, &pass, err) : held->L;
    if (!L) return err->code;
    rc = call_in(L, &call, &at, err);
    if (gate) rc = gate->leave(gate->ud, pass, rc, err);
    return rc == DBC_OK && at.is_skipped ? DBC_DONE : rc;
}

static int before(void *ud, dbc_write *write, dbc_error *err)
{
    return call_hook(ud, write, 1, err);
}

static int after(void *ud, dbc_write *write, dbc_error *err)
{
    return call_hook(ud, write, 0, err);
}

// ----------------------------------------------------------------------
// keeping

static void let_go(void *ud)
{
    link *held = ud;

    if (atomic_fetch_sub(&held->holders, 1) == 1) free(held);
}

static int keeper_gc(lua_State *L)
{
    keeper *box = lbox_test(L, 1, LBOX_HOOKS);

    if (!box || !box->link) return 0;
    box->link->L = NULL;
    let_go(box->link);
    box->link = NULL;
    return 0;
}

// It outlives the Lua state, so its memory is no state's.
static void make_link(lua_State *L, keeper *box)
{
    box->link = malloc(sizeof *box->link);
    if (!box->link) lerror_fail(L, DBC_ENOMEM, "out of memory");
    atomic_init(&box->link->holders, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    box->link->L = lua_tothread(L, -1);
    lua_pop(L, 1);
    box->link->gate = lprotect_gate(L);
}

// connection table before after: hooks of the writes to that table that do not
// start in Lua. before(kind, row, old, how) gives the row, after(kind, row,
// old) nothing; `how` is "upsert", "with_deleted" or nil.
static int hook_writes(lua_State *L)
{
    enum { BEFORE = 3, AFTER, KEEPER };
    char name[300];
    int at;

    lua_settop(L, AFTER);
    const ltable *table = lbox_check(L, 2, LBOX_TABLE);
    luaL_checktype(L, BEFORE, LUA_TFUNCTION);
    luaL_checktype(L, AFTER, LUA_TFUNCTION);
    lconn_of(L, 1, &at);
    lua_pushvalue(L, at);
    lua_replace(L, 1);
    lua_settop(L, AFTER);
    keeper *box = lbox_new(L, LBOX_HOOKS, sizeof *box, KEEPER_TABLE);
    make_link(L, box);
    lua_pushvalue(L, BEFORE);
    lua_setiuservalue(L, KEEPER, KEEPER_BEFORE);
    lua_pushvalue(L, AFTER);
    lua_setiuservalue(L, KEEPER, KEEPER_AFTER);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, KEEPER, KEEPER_TABLE);
    lua_rawgeti(L, LCORE, LCORE_CONNS);
    lua_pushvalue(L, KEEPER);
    lua_rawsetp(L, -2, box->link);
    snprintf(name, sizeof name, "hooks of %.255s",
             dbc_table_sql_name(table->table));
    lua_settop(L, KEEPER);
    lhosted_set_named(L, 1, name);

    const dbc_hooks hooks = {before, after, let_go, box->link};
    dbc_conn *conn = lconn_live(L, 1);
    atomic_fetch_add(&box->link->holders, 1);
    if (dbc_conn_hook(conn, table->table, &hooks) < 0) {
        let_go(box->link);
        return lerror_raise_conn(L, conn, NULL, 0);
    }
    return 0;
}

void lhook_open(lua_State *L, int core, int module)
{
    static const luaL_Reg events[] = {{"__gc", keeper_gc}, {NULL, NULL}};
    static const luaL_Reg functions[] = {{"hook_writes", hook_writes},
                                         {NULL, NULL}};

    lbox_push_metatable(L, core, "dbcore.hooks", events);
    lua_rawseti(L, core, LBOX_HOOKS);
    lbox_register_in(L, core, module, functions);
}
