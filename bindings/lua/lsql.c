// A query as text and values, and what the engine plans to do with it. A plan
// is borrowed from the connection; whatever allocates in Lua may run a
// finalizer that uses the connection, so the plan is asked for again after it.
#include "lsql.h"

#include <stdio.h>
#include <string.h>

#include "lbound.h"
#include "lconn.h"
#include "lerror.h"
#include "linsert.h"
#include "lrun.h"
#include "lschema.h"
#include "lvalue.h"
#include "lwrite.h"

enum { QUERY = 1, HANDLE = 2 };

enum { PARAMETERS_FEW = 16 }; // of most queries

// The query at 1, complete: an insert has its first row in it. Its handle, or
// nil, is at 2.
static const lquery *begin(lua_State *L)
{
    const lquery *query = lbox_check(L, QUERY, LBOX_QUERY);

    lua_settop(L, QUERY);
    if (query->kind == DBC_UPDATE) lwrite_complete(L, QUERY);
    if (linsert_has_rows(query)) {
        if (!lbound_push(L, QUERY, LBOUND_COMPLETE))
            lerror_fail(L, DBC_EINVALID,
                        "an insert whose rows come from a function can be "
                        "run, but not shown");
        lua_replace(L, QUERY);
    }
    lua_getiuservalue(L, QUERY, LQUERY_UV_HANDLE);
    return lua_touserdata(L, QUERY);
}

static void push_list(lua_State *L, const dbc_query *query, uint32_t index,
                      size_t count)
{
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        dbc_value item = dbc_query_list_item(query, index, i);

        lvalue_push(L, &item, DBC_T_ANY, 0, 1);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

// Pushes what is bound to one placeholder; of a parameter ":name".
static void push_parameter(lua_State *L, const dbc_query *query,
                           const dbc_parameter *parameter)
{
    dbc_value value;

    if (parameter->kind == DBC_PARAMETER_POLICY) {
        lua_pushliteral(L, ":policy");
        return;
    }
    if (parameter->kind != DBC_PARAMETER_VALUE) {
        lua_pushfstring(L, ":%s", parameter->name ? parameter->name : "");
        return;
    }
    value = dbc_query_value(query, parameter->index);
    // As it would be bound; one that does not fit is shown as it is.
    if (parameter->written) dbc_column_encode(parameter->column, &value, NULL);
    if (value.type == DBC_LIST)
        push_list(L, query, parameter->index, value.len);
    else
        lvalue_push(L, &value, DBC_T_ANY, 0, 1);
}

// ---------------------------------------------------------- with a connection

static const dbc_sql *plan(lua_State *L, const lquery *query)
{
    const dbc_sql *sql;
    dbc_conn *conn;
    int top = lua_gettop(L);
    int box;

    conn = lconn_under(L, HANDLE, &box);
    if (dbc_query_plan(&sql, conn, query->query) < 0)
        lerror_raise_conn(L, conn, NULL, 0);
    lua_settop(L, top);
    return sql;
}

// Making anything may run a finalizer, and that may end the plan: what is
// needed of it is copied first. The values are the query's own.
static int show_planned(lua_State *L, const lquery *query)
{
    dbc_parameter few[PARAMETERS_FEW];
    const dbc_sql *sql = plan(L, query);
    size_t count = sql->parameter_count;
    size_t copied = count < PARAMETERS_FEW ? count : PARAMETERS_FEW;

    memcpy(few, sql->parameters, copied * sizeof *few);
    lua_pushlstring(L, sql->text, sql->len);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        if (i < copied && few[i].kind == DBC_PARAMETER_VALUE)
            push_parameter(L, query->query, &few[i]);
        else
            push_parameter(L, query->query, &plan(L, query)->parameters[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 2;
}

// ------------------------------------------------------- without a connection

typedef struct compiled {
    const lquery *query;
    dbc_sql sql;
} compiled;

static int run_show(lua_State *L, void *ud)
{
    const compiled *shown = ud;

    lua_pushlstring(L, shown->sql.text, shown->sql.len);
    lua_createtable(L, (int)shown->sql.parameter_count, 0);
    for (size_t i = 0; i < shown->sql.parameter_count; i++) {
        push_parameter(L, shown->query->query, &shown->sql.parameters[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 2;
}

// Relations are looked up in the schema of the handle, when there is one.
static int compile(lua_State *L, dbc_sql *sql, const lquery *query,
                   dbc_error *err)
{
    lschema_push_of(L, HANDLE);
    const lschema *box = lbox_test(L, -1, LBOX_SCHEMA);
    lua_pop(L, 1);

    return dbc_query_compile_in(sql, query->query, box ? box->schema : NULL,
                                dbc_dialect_sqlite(), NULL, err);
}

static int show_compiled(lua_State *L, const lquery *query)
{
    compiled shown;
    lprotect call = {run_show, &shown};
    dbc_error err = DBC_ERROR_INIT;
    int status;

    shown.query = query;
    if (compile(L, &shown.sql, query, &err) < 0)
        return lerror_raise(L, &err, NULL, 0);
    lprotect_begin(L, &call);
    status = lprotect_end(L, 0, 2);
    dbc_sql_dispose(&shown.sql);
    return status == LUA_OK ? 2 : lua_error(L);
}

// query → text, values
static int query_to_sql(lua_State *L)
{
    const lquery *query = begin(L);

    if (lua_isnil(L, HANDLE)) return show_compiled(L, query);
    return show_planned(L, query);
}

// query → text, values, as it was written: without what a policy adds
static int query_words(lua_State *L)
{
    dbc_query_size none = {0, 0, 0, 0};
    dbc_error err = DBC_ERROR_INIT;
    begin(L);
    lquery *copy = lquery_step(L, QUERY, &none, &err);

    dbc_query_restrict(copy->query, NULL);
    lquery_finish(L, copy, &err);
    return show_compiled(L, copy);
}

// query, i, count → term i, from 1, of its order as an expression; nil when it
// cannot be one, or when there are not that many: text may say several
static int query_order_term(lua_State *L)
{
    const lquery *query = lbox_check(L, QUERY, LBOX_QUERY);
    lua_Integer i = luaL_checkinteger(L, 2);
    lua_Integer count = luaL_checkinteger(L, 3);
    dbc_error err = DBC_ERROR_INIT;

    if (i < 1 || dbc_query_order_count(query->query) != (size_t)count) return 0;
    dbc_query_size size = dbc_query_measure(query->query);
    lexpr *term = lexpr_new(L, &size, &err);
    if (!dbc_expr_ordered(term->query, query->query, (size_t)i - 1) &&
        dbc_query_status(term->query, NULL) == DBC_OK)
        return 0;
    lanchor_add(L, QUERY);
    lexpr_finish(L, term, &err);
    return 1;
}

// -------------------------------------------------------------------- explain

// Reads what EXPLAIN says into a list on the top. Its placeholders are NULL.
static void read_explanation(lua_State *L, const char *text, size_t len,
                             size_t count)
{
    dbc_value *nulls = lua_newuserdatauv(L, (count + 1) * sizeof *nulls, 0);
    dbc_stmt *stmt;
    dbc_conn *conn;
    int box, rc;

    for (size_t i = 0; i < count; i++)
        nulls[i] = dbc_value_null();
    conn = lconn_under(L, HANDLE, &box);
    if (dbc_stmt_acquire(&stmt, conn, text, len) < 0)
        lerror_raise_conn(L, conn, text, len);
    if (dbc_stmt_bind(stmt, nulls, count) < 0) {
        lerror_push_stmt(L, stmt, 0);
        rc = LREAD_RAISE;
    } else {
        rc = lread_run(L, box, stmt, LREAD_ALL, LROW_NIL, LREAD_STOP);
    }
    dbc_stmt_release(stmt);
    if (rc != LREAD_OK) lua_error(L);
}

static lua_Integer get_integer(lua_State *L, int table, const char *name)
{
    lua_Integer value;

    lua_getfield(L, table, name);
    value = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return value;
}

// Pushes the line of step `row`, indented by how deep its parent is; `depths`
// is a table id → depth.
static void push_line(lua_State *L, int row, int depths)
{
    lua_Integer depth;

    lua_rawgeti(L, depths, get_integer(L, row, "parent"));
    depth = lua_tointeger(L, -1) + 1;
    lua_pop(L, 1);
    lua_pushinteger(L, depth);
    lua_rawseti(L, depths, get_integer(L, row, "id"));
    lua_pushliteral(L, "");
    for (lua_Integer i = 1; i < depth; i++) {
        lua_pushliteral(L, "  ");
        lua_concat(L, 2);
    }
    lua_getfield(L, row, "detail");
    lua_concat(L, 2);
}

// Replaces the list of steps at `list` by one text, a step a line.
static int push_lines(lua_State *L, int list)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, list);
    int depths = list + 1, text = list + 2;

    lua_newtable(L);
    lua_pushliteral(L, "");
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, list, i);
        push_line(L, text + 1, depths);
        lua_replace(L, text + 1);
        if (i > 1) {
            lua_pushliteral(L, "\n");
            lua_insert(L, text + 1);
        }
        lua_concat(L, lua_gettop(L) - text + 1);
    }
    return 1;
}

// query → the plan
static int query_explain(lua_State *L)
{
    const lquery *query = begin(L);
    const dbc_sql *sql;
    size_t count, len;
    const char *text;

    lua_pushliteral(L, "EXPLAIN QUERY PLAN ");
    sql = plan(L, query);
    count = sql->parameter_count;
    lua_pushlstring(L, sql->text, sql->len);
    lua_concat(L, 2);
    text = lua_tolstring(L, -1, &len);
    read_explanation(L, text, len, count);
    return push_lines(L, lua_gettop(L));
}

void lsql_open(lua_State *L, int core, int module)
{
    static const luaL_Reg functions[] = {
        {"words", query_words}, {"order_term", query_order_term}, {NULL, NULL}};

    lbox_register_in(L, core, module, functions);
}

void lsql_methods(lua_State *L, int core)
{
    static const luaL_Reg methods[] = {
        {"to_sql", query_to_sql}, {"explain", query_explain}, {NULL, NULL}};

    lbox_register(L, core, methods);
}
