// The link between a table of the core, which any thread may release at any
// time, and its descriptor in Lua, which the collector may end before that. It
// belongs to both and goes with the second.
#include "lrules.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dbcore_driver.h"
#include "lconn.h"
#include "lerror.h"
#include "lhook.h"
#include "lvalue.h"

struct lrules {
    atomic_int holders;
    lua_State *L;                // NULL once the descriptor is gone
    const dbcore_lua_gate *gate; // good as long as L; or NULL
};

typedef struct judging {
    struct lrules *rules;
    const dbc_row *row;
    dbc_report *report;
    dbc_write *write; // to be filled instead of judged, or NULL
} judging;

// ------------------------------------------------------------------ the link

// It outlives the Lua state, so its memory is no state's.
static struct lrules *new_link(lua_State *L)
{
    struct lrules *rules = malloc(sizeof *rules);

    if (!rules) lerror_fail(L, DBC_ENOMEM, "out of memory");
    atomic_init(&rules->holders, 1);
    rules->L = NULL;
    rules->gate = NULL;
    return rules;
}

static void drop_link(void *ud)
{
    struct lrules *rules = ud;

    if (atomic_fetch_sub(&rules->holders, 1) == 1) free(rules);
}

void lrules_leave(ltable *table)
{
    struct lrules *rules = table->rules;

    table->rules = NULL;
    if (!rules) return;
    rules->L = NULL;
    drop_link(rules);
}

void lrules_drop(ltable *table)
{
    if (table->rules) drop_link(table->rules);
}

// The thread that runs may be a coroutine; the main one lasts.
static lua_State *main_of(lua_State *L)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    lua_State *main = lua_tothread(L, -1);
    lua_pop(L, 1);
    return main;
}

lua_State *lrules_enter(lua_State *L, const ltable *table)
{
    lua_State *before = NULL;

    if (table->rules) {
        before = table->rules->L;
        table->rules->L = L;
    }
    return before;
}

// Whether some column of the descriptor at `index` has something of that name.
static int has_own(lua_State *L, int index, const char *name)
{
    int found = 0;
    int top = lua_gettop(L);

    if (lua_getiuservalue(L, index, LTABLE_UV_HOST) == LUA_TTABLE) {
        for (lua_pushnil(L); !found && lua_next(L, top + 1); lua_pop(L, 1)) {
            lua_getfield(L, -1, name);
            found = !lua_isnil(L, -1);
            lua_pop(L, 1);
        }
    }
    lua_settop(L, top);
    return found;
}

static int check(void *ud, dbc_conn *conn, const dbc_row *row,
                 dbc_report *report, dbc_error *err);
static int fill(void *ud, dbc_write *write, dbc_error *err);

void lrules_declare(lua_State *L, int index, dbc_table_def *def)
{
    ltable *table = lbox_check(L, index, LBOX_TABLE);
    int has_rules = lua_getiuservalue(L, index, LTABLE_UV_RULES) != LUA_TNIL;

    int has_fill =
        has_own(L, index, "default_fn") || has_own(L, index, "on_update");

    lua_pop(L, 1);
    has_rules = has_rules || has_own(L, index, "validate");
    if (!has_rules && !has_fill) return;
    table->rules = new_link(L);
    table->rules->L = main_of(L);
    table->rules->gate = lprotect_gate(L);
    // Found again by its address, weakly: it must not keep its descriptor.
    lua_rawgeti(L, LCORE, LCORE_CONNS);
    lua_pushvalue(L, index);
    lua_rawsetp(L, -2, table->rules);
    lua_pop(L, 1);
    atomic_fetch_add(&table->rules->holders, 1);
    def->host = (dbc_host_rules){has_rules ? check : NULL, drop_link,
                                 table->rules, has_fill ? fill : NULL};
}

// ----------------------------------------------------------------- the rules

// The stack of run_judge(): call, connection box or nil, then these.
enum { AT_TABLE = 3, AT_HOST, AT_RULES, AT_ROW };

static void push_value(lua_State *L, const dbc_row *row, uint32_t position)
{
    const dbc_column *column = dbc_table_column(row->table, position);
    dbc_value value = row->values[position];

    lvalue_push(L, &value, column->def.type, column->def.codec, 1);
}

// The message on the top, or `otherwise` when there is none.
static void add(lua_State *L, const judging *j, const dbc_column *column,
                const char *rule, const char *otherwise)
{
    const char *message =
        lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : otherwise;

    if (dbc_report_add(j->report, column, NULL, rule, message) < 0)
        lerror_fail(L, DBC_ENOMEM, "out of memory");
}

// What is said of a refusal without a message is made only then: rules are
// asked for every row.

static void refuse_value(lua_State *L, const judging *j,
                         const dbc_column *column)
{
    char otherwise[200];

    snprintf(otherwise, sizeof otherwise,
             "column \"%.120s\" is refused by its validate", column->def.name);
    add(L, j, column, "validate", otherwise);
}

static void refuse_row(lua_State *L, const judging *j, const dbc_column *column,
                       const char *rule)
{
    char otherwise[200];

    snprintf(otherwise, sizeof otherwise,
             "the row breaks the rule \"%.60s\" of \"%.60s\"", rule,
             dbc_table_describe(j->row->table)->name);
    add(L, j, column, rule, otherwise);
}

// Whether what a rule returned, the two values on the top, refuses: false, or
// nothing but a message. Nothing at all is well: it may as well raise.
static int refuses(lua_State *L)
{
    if (lua_isboolean(L, -2)) return !lua_toboolean(L, -2);
    return lua_isnil(L, -2) && lua_type(L, -1) == LUA_TSTRING;
}

// validate(value) of each column that has a value.
static void judge_columns(lua_State *L, const judging *j)
{
    size_t count = dbc_table_column_count(j->row->table);

    for (uint32_t i = 0; i < count; i++) {
        const dbc_column *column = dbc_table_column(j->row->table, i);

        if (j->row->presence[i] != DBC_GIVEN ||
            j->row->values[i].type == DBC_NULL)
            continue;
        if (lua_rawgeti(L, AT_HOST, (lua_Integer)i + 1) == LUA_TTABLE &&
            lua_getfield(L, -1, "validate") == LUA_TFUNCTION) {
            push_value(L, j->row, i);
            lua_call(L, 1, 2);
            if (refuses(L)) refuse_value(L, j, column);
        }
        lua_settop(L, AT_ROW);
    }
}

// The row as a rule sees it: what is given, NULL as dbcore.null. Made once.
static void push_row(lua_State *L, const judging *j)
{
    size_t count = dbc_table_column_count(j->row->table);

    if (!lua_isnil(L, AT_ROW)) {
        lua_pushvalue(L, AT_ROW);
        return;
    }
    lua_createtable(L, 0, (int)count);
    for (uint32_t i = 0; i < count; i++) {
        const dbc_column *column = dbc_table_column(j->row->table, i);
        if (j->row->presence[i] != DBC_GIVEN) continue;
        push_value(L, j->row, i);
        lua_setfield(L, -2, column->def.as ? column->def.as : column->def.name);
    }
    lua_pushvalue(L, -1);
    lua_replace(L, AT_ROW);
}

static int is_known(const judging *j, const dbc_column *column)
{
    return j->row->presence[column->position] == DBC_GIVEN &&
           j->row->values[column->position].type != DBC_NULL;
}

// Whether all columns that the rule on the top says it is about have a value.
// `*first` is the first of them, or NULL.
static int is_concerned(lua_State *L, const judging *j,
                        const dbc_column **first)
{
    int concerned = 1;

    *first = NULL;
    if (lua_getfield(L, -1, "columns") == LUA_TTABLE) {
        lua_Integer count = (lua_Integer)lua_rawlen(L, -1);
        for (lua_Integer i = 1; concerned && i <= count; i++) {
            size_t len;
            lua_rawgeti(L, -1, i);
            const char *name = lua_tolstring(L, -1, &len);
            const dbc_column *column =
                dbc_table_find(j->row->table, name, len, NULL);
            lua_pop(L, 1);
            if (!*first) *first = column;
            concerned = column && is_known(j, column);
        }
    }
    lua_pop(L, 1);
    return concerned;
}

// fn(row, use) of each rule of the table.
static void judge_row(lua_State *L, const judging *j)
{
    static const char *const uses[] = {"insert", "update", "select"};
    lua_Integer count = (lua_Integer)lua_rawlen(L, AT_RULES);
    const dbc_column *column;

    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, AT_RULES, i);
        if (is_concerned(L, j, &column)) {
            lua_getfield(L, -1, "name");
            const char *name = lua_tostring(L, -1);
            lua_getfield(L, -2, "fn");
            push_row(L, j);
            lua_pushstring(L, uses[j->row->use]);
            lua_call(L, 2, 2);
            if (refuses(L)) refuse_row(L, j, column, name);
        }
        lua_settop(L, AT_ROW);
    }
}

// call box
static int run_judge(lua_State *L, void *ud)
{
    const judging *j = ud;

    lua_settop(L, 2);
    luaL_checkstack(L, 16, NULL);
    lua_rawgeti(L, LCORE, LCORE_CONNS);
    lua_rawgetp(L, -1, j->rules);
    lua_remove(L, -2);
    if (!lbox_test(L, AT_TABLE, LBOX_TABLE))
        return lerror_fail(L, DBC_ECLOSED, "the table is being collected");
    lua_getiuservalue(L, AT_TABLE, LTABLE_UV_HOST);
    lua_getiuservalue(L, AT_TABLE, LTABLE_UV_RULES);
    lua_pushnil(L);
    if (j->write) {
        lhook_fill(L, j->write, AT_TABLE, AT_HOST);
        return 1;
    }
    if (lua_istable(L, AT_HOST)) judge_columns(L, j);
    if (lua_istable(L, AT_RULES)) judge_row(L, j);
    lua_pushnil(L);
    return 1;
}

// ---------------------------------------------------------------- the calling

// Whether the error object on the top says that memory ran out.
static int is_memory(lua_State *L)
{
    int found = 0;

    if (!lua_istable(L, -1)) return 0;
    lua_pushliteral(L, "code");
    lua_rawget(L, -2);
    if (lua_type(L, -1) == LUA_TSTRING)
        found = strcmp(lua_tostring(L, -1), "no_memory") == 0;
    lua_pop(L, 1);
    return found;
}

// What a rule raised is the cause of the failure; it is on the top.
static int fail(lua_State *L, int status, const lprotect *call, dbc_error *err)
{
    const judging *j = call->ud;
    const char *text = NULL;

    if (status == LUA_ERRMEM || is_memory(L))
        return dbc_error_set(err, DBC_ENOMEM, "out of memory");

    lua_rawgetp(L, LUA_REGISTRYINDEX, &lbox_magic);
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, LCORE_CAUSE);
    lua_pop(L, 1);
    if (lua_istable(L, -1)) {
        lua_pushliteral(L, "message");
        lua_rawget(L, -2);
    }
    if (lua_type(L, -1) == LUA_TSTRING) text = lua_tostring(L, -1);
    return dbc_error_set(err, DBC_ECALLBACK, "%s of the table failed: %s",
                         j->write ? "a default" : "a rule",
                         text ? text : "what it raised is no text");
}

static int judge_in(lua_State *L, lprotect *call, dbc_error *err)
{
    int top = lua_gettop(L);
    int rc = DBC_OK;

    if (!lua_checkstack(L, 16))
        return dbc_error_set(err, DBC_ENOMEM, "out of memory");
    lprotect_begin_called(L, call);
    lua_pushnil(L);
    int status = lprotect_end(L, 1, 1);
    if (status != LUA_OK) rc = fail(L, status, call, err);
    lua_settop(L, top);
    return rc;
}

// Without a connection that Lua knows: in the state that asks.
static int judge_alone(const struct lrules *rules, dbc_conn *conn,
                       lprotect *call, dbc_error *err)
{
    const dbcore_lua_gate *gate = rules->gate;
    lua_State *L;
    int pass, rc;

    if (!gate) return judge_in(rules->L, call, err);
    L = gate->enter(gate->ud, conn, rules->L, &pass, err);
    if (!L) return err->code;
    rc = judge_in(L, call, err);
    return gate->leave(gate->ud, pass, rc, err);
}

static int judge_on(lconn *box, lprotect *call, dbc_error *err)
{
    lconn_call end;
    int rc = DBC_OK;

    int status = lconn_call_begin(box, call, &end);
    if (status == LCONN_REFUSED) {
        *err = end.err;
        rc = end.err.code;
    } else if (status != LUA_OK) {
        rc = fail(end.L, status, call, err);
    }
    lconn_call_end(&end);
    return rc;
}

static int judge(judging *j, dbc_conn *conn, dbc_error *err)
{
    lprotect call = {run_judge, j};
    lconn *box;

    if (!j->rules->L)
        return dbc_error_set(err, DBC_ECLOSED,
                             "the rules of table \"%.100s\" belong to a Lua "
                             "program that is over",
                             dbc_table_describe(j->row->table)->name);
    box = conn ? lconn_find(j->rules->L, conn) : NULL;
    return box ? judge_on(box, &call, err)
               : judge_alone(j->rules, conn, &call, err);
}

static int check(void *ud, dbc_conn *conn, const dbc_row *row,
                 dbc_report *report, dbc_error *err)
{
    judging j = {ud, row, report, NULL};

    return judge(&j, conn, err);
}

static int fill(void *ud, dbc_write *write, dbc_error *err)
{
    judging j = {ud, dbc_write_row(write), NULL, write};

    return judge(&j, dbc_write_conn(write), err);
}
