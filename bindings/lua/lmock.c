// The mock driver from Lua: expect(sql, answer), log(), pending(), clear().
#include "lmock.h"

#include <string.h>

#include "lerror.h"
#include "lvalue.h"

static lmock *check_mock(lua_State *L)
{
    lmock *box = lbox_check(L, 1, LBOX_MOCK);

    if (!box->mock) lerror_fail(L, DBC_ECLOSED, "the mock is closed");
    return box;
}

// ------------------------------------------------------------------- its life

static void end(lmock *box)
{
    dbc_mock_free(box->mock);
    box->mock = NULL;
}

void lmock_join(lmock *box)
{
    box->users++;
}

void lmock_leave(lmock *box)
{
    if (!box) return;
    box->users--;
    if (box->users == 0 && box->is_dropped) end(box);
}

// Finalizers come in any order: a connection may still be open with it.
static int mock_gc(lua_State *L)
{
    lmock *box = lbox_test(L, 1, LBOX_MOCK);

    if (!box) return 0;
    box->is_dropped = 1;
    if (box->users == 0) end(box);
    return 0;
}

static int new_mock(lua_State *L)
{
    lmock *box = lbox_new(L, LBOX_MOCK, sizeof *box, 0);

    box->mock = dbc_mock_new(NULL);
    if (!box->mock) return lerror_fail(L, DBC_ENOMEM, "out of memory");
    return 1;
}

// --------------------------------------------------------------------- expect

static const char *const answer_names[] = {
    "columns", "rows",  "changes",          "last_id", "error",
    "message", "stage", "ends_transaction", NULL};

static const char *get_text(lua_State *L, const char *name)
{
    lbox_words words;

    if (lua_getfield(L, 3, name) == LUA_TNIL) return NULL;
    if (lua_type(L, -1) != LUA_TSTRING)
        lerror_fail(L, DBC_EINVALID, "expect: %s must be text, got %s", name,
                    lbox_describe(L, -1, &words));
    return lua_tostring(L, -1);
}

static int64_t get_integer(lua_State *L, const char *name)
{
    lbox_words words;
    int64_t value;

    if (lua_getfield(L, 3, name) == LUA_TNIL) return 0;
    if (!lua_isinteger(L, -1))
        lerror_fail(L, DBC_EINVALID,
                    "expect: %s must be a whole number, got %s", name,
                    lbox_describe(L, -1, &words));
    value = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return value;
}

static int find_status(lua_State *L, const char *word)
{
    int code = lerror_code(word);

    if (word && code == DBC_OK)
        lerror_fail(L, DBC_EINVALID, "expect: there is no error code \"%.40s\"",
                    word);
    return code;
}

static dbc_mock_stage find_stage(lua_State *L, const char *word)
{
    static const char *const words[] = {"step", "open", "prepare", "bind"};
    static const dbc_mock_stage stages[] = {DBC_MOCK_STEP, DBC_MOCK_OPEN,
                                            DBC_MOCK_PREPARE, DBC_MOCK_BIND};

    if (!word) return DBC_MOCK_STEP;
    for (size_t i = 0; i < 4; i++)
        if (strcmp(word, words[i]) == 0) return stages[i];
    lerror_fail(L, DBC_EINVALID,
                "expect: stage is \"step\", \"open\", \"prepare\" or \"bind\", "
                "not \"%.40s\"",
                word);
    return DBC_MOCK_STEP;
}

// Leaves the list of names and the array of pointers on the stack.
static void read_columns(lua_State *L, dbc_mock_answer *out)
{
    const char **names;
    lbox_words words;

    if (lua_getfield(L, 3, "columns") == LUA_TNIL) return;
    if (!lua_istable(L, -1))
        lerror_fail(L, DBC_EINVALID,
                    "expect: columns must be a list of names, got %s",
                    lbox_describe(L, -1, &words));
    out->column_count = lua_rawlen(L, -1);
    names = lua_newuserdatauv(L, (out->column_count + 1) * sizeof *names, 0);
    for (size_t i = 0; i < out->column_count; i++) {
        if (lua_rawgeti(L, -2, (lua_Integer)i + 1) != LUA_TSTRING)
            lerror_fail(L, DBC_EINVALID,
                        "expect: columns must be a list of names, got %s in it",
                        lbox_describe(L, -1, &words));
        names[i] = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    out->columns = names;
}

// Leaves the list of rows and the array of values on the stack.
static void read_rows(lua_State *L, dbc_mock_answer *out)
{
    lbox_words words;
    dbc_value *values;
    size_t n = 0;
    int rows;

    if (lua_getfield(L, 3, "rows") == LUA_TNIL) return;
    rows = lua_gettop(L);
    if (!lua_istable(L, rows))
        lerror_fail(L, DBC_EINVALID,
                    "expect: rows must be a list of lists, got %s",
                    lbox_describe(L, rows, &words));
    out->row_count = lua_rawlen(L, rows);
    values = lua_newuserdatauv(
        L, (out->row_count * out->column_count + 1) * sizeof *values, 0);
    for (size_t i = 0; i < out->row_count; i++) {
        if (lua_rawgeti(L, rows, (lua_Integer)i + 1) != LUA_TTABLE ||
            lua_rawlen(L, -1) != out->column_count)
            lerror_fail(L, DBC_EINVALID,
                        "expect: row %d must be a list of %d values (the "
                        "columns)",
                        (int)i + 1, (int)out->column_count);
        for (size_t j = 0; j < out->column_count; j++) {
            lua_rawgeti(L, -1, (lua_Integer)j + 1);
            values[n++] = lvalue_read(L, -1, "expect: a value");
            lua_pop(L, 1);
        }
        lua_pop(L, 1);
    }
    out->values = values;
}

// mock sql|nil [answer] → mock
static int mock_expect(lua_State *L)
{
    lmock *box = check_mock(L);
    dbc_mock_answer answer;
    const char *sql = NULL;

    lua_settop(L, 3);
    if (!lua_isnil(L, 2)) sql = luaL_checkstring(L, 2);
    if (lua_isnil(L, 3)) {
        lua_newtable(L);
        lua_replace(L, 3);
    }
    luaL_checktype(L, 3, LUA_TTABLE);
    lbox_check_keys(L, 3, answer_names, "expect");
    luaL_checkstack(L, 16, NULL);
    memset(&answer, 0, sizeof answer);
    answer.changes = get_integer(L, "changes");
    answer.last_rowid = get_integer(L, "last_id");
    answer.code = find_status(L, get_text(L, "error"));
    answer.message = get_text(L, "message");
    answer.stage = find_stage(L, get_text(L, "stage"));
    lua_getfield(L, 3, "ends_transaction");
    answer.ends_transaction = lua_toboolean(L, -1);
    read_columns(L, &answer);
    read_rows(L, &answer);
    if (dbc_mock_expect(box->mock, sql, &answer) < 0)
        return lerror_fail(L, DBC_ENOMEM, "out of memory");
    lua_settop(L, 1);
    return 1;
}

// ------------------------------------------------------------------------ log

static void push_value(lua_State *L, const dbc_value *value)
{
    if (value->type != DBC_LIST) {
        lvalue_push(L, value, DBC_T_ANY, 0, 1);
        return;
    }
    lua_createtable(L, (int)value->len, 0);
    for (size_t i = 0; i < value->len; i++) {
        lvalue_push(L, &value->as.list[i], DBC_T_ANY, 0, 1);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

// mock → list of { sql =, values = }
static int mock_log(lua_State *L)
{
    const lmock *box = check_mock(L);
    size_t count = dbc_mock_log_count(box->mock);

    luaL_checkstack(L, 8, NULL);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        const dbc_value *values = NULL;
        size_t value_count = 0, len = 0;
        const char *sql =
            dbc_mock_log(box->mock, i, &values, &value_count, &len);

        if (!sql) break;
        lua_createtable(L, 0, 2);
        lua_pushlstring(L, sql, len);
        lua_setfield(L, -2, "sql");
        lua_createtable(L, (int)value_count, 0);
        for (size_t j = 0; j < value_count; j++) {
            push_value(L, &values[j]);
            lua_rawseti(L, -2, (lua_Integer)j + 1);
        }
        lua_setfield(L, -2, "values");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int mock_pending(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)dbc_mock_pending(check_mock(L)->mock));
    return 1;
}

static int mock_clear(lua_State *L)
{
    dbc_mock_clear(check_mock(L)->mock);
    lua_settop(L, 1);
    return 1;
}

void lmock_open(lua_State *L, int core, int module)
{
    static const luaL_Reg methods[] = {{"expect", mock_expect},
                                       {"log", mock_log},
                                       {"pending", mock_pending},
                                       {"clear", mock_clear},
                                       {NULL, NULL}};
    static const luaL_Reg events[] = {{"__gc", mock_gc}, {NULL, NULL}};
    static const luaL_Reg functions[] = {{"mock", new_mock}, {NULL, NULL}};

    lbox_push_metatable(L, core, "dbcore.mock", events);
    lbox_push_methods(L, core, "a mock", methods);
    lua_setfield(L, -2, "__index");
    lua_rawseti(L, core, LBOX_MOCK);

    lbox_register_in(L, core, module, functions);
}
