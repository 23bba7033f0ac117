// Reports as lists, and a row of Lua judged without a connection. Rules and
// messages are the core's; here values go in and violations come out.
#include "lvalidate.h"

#include <string.h>

#include "lkeys.h"
#include "lrules.h"
#include "lvalue.h"

// ------------------------------------------------------------------- reports

// Sets { path =, column =, rule =, constraint =, message = } as item `i`.
static void push_violation(lua_State *L, const dbc_violation *one)
{
    lua_createtable(L, 0, 5);
    lua_pushstring(L, one->path);
    lua_setfield(L, -2, "path");
    if (one->column) {
        lua_pushstring(L, one->column->def.name);
        lua_setfield(L, -2, "column");
    }
    lua_pushstring(L, one->rule);
    lua_setfield(L, -2, "rule");
    lua_pushstring(L, one->constraint); // nil when NULL
    lua_setfield(L, -2, "constraint");
    lua_pushstring(L, one->message);
    lua_setfield(L, -2, "message");
}

// Sets the fields of the error object on the top.
static void set_fields(lua_State *L, const dbc_report *report)
{
    size_t count = dbc_report_count(report);

    luaL_checkstack(L, 6, NULL);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_violation(L, dbc_report_at(report, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "fields");
}

typedef struct adding {
    const dbc_report *report;
} adding;

static int run_add(lua_State *L, void *ud)
{
    const adding *what = ud;

    lua_settop(L, 2);
    set_fields(L, what->report);
    return 1;
}

// A finalizer could use the connection, and end its report: none runs.
void lvalidate_add_fields(lua_State *L, dbc_conn *conn)
{
    adding what = {dbc_conn_report(conn)};
    lprotect call = {run_add, &what};
    int was_running;

    if (!what.report) return;
    luaL_checkstack(L, 6, NULL);
    was_running = lua_gc(L, LUA_GCISRUNNING);
    if (was_running > 0) lua_gc(L, LUA_GCSTOP);
    lprotect_begin(L, &call);
    lua_pushvalue(L, -3);
    lprotect_end(L, 1, 1); // the object, or what came up meanwhile
    if (was_running > 0) lua_gc(L, LUA_GCRESTART);
    lua_replace(L, -2);
}

// ------------------------------------------------------------------ validate

// The stack of run_validate(), above its call.
enum { TABLE = 2, ROW, USE, KEYS, MEMORY, UNKNOWN };

typedef struct validating {
    const ltable *table;
    const lkeys *keys;
    dbc_report *report;
    dbc_row row;
} validating;

static dbc_row_use read_use(lua_State *L, int index)
{
    static const char *const words[] = {"insert", "update", "select"};
    static const dbc_row_use uses[] = {DBC_ROW_INSERT, DBC_ROW_UPDATE,
                                       DBC_ROW_SELECT};
    lbox_words given, hint;
    size_t len = 0;
    const char *word = NULL;

    if (lua_isnil(L, index)) return DBC_ROW_INSERT;
    if (lua_type(L, index) == LUA_TSTRING) word = lua_tolstring(L, index, &len);
    for (size_t i = 0; word && i < 3; i++)
        if (strcmp(word, words[i]) == 0) return uses[i];
    hint.text[0] = '\0';
    if (word) lbox_suggest_name(words, 3, word, len, &hint);
    lerror_fail(L, DBC_EINVALID,
                "validate is for \"insert\", \"update\" or \"select\", got "
                "%s%s",
                lbox_describe(L, index, &given), hint.text);
    return DBC_ROW_INSERT;
}

// Notes a key that is no column; the list is kept sorted, so that what is
// reported does not depend on a hash.
static void note_unknown(lua_State *L, int key)
{
    lua_Integer i;
    size_t len;

    if (lua_isnil(L, UNKNOWN)) {
        lua_newtable(L);
        lua_replace(L, UNKNOWN);
    }
    luaL_tolstring(L, key, &len);
    for (i = (lua_Integer)lua_rawlen(L, UNKNOWN); i > 0; i--) {
        lua_rawgeti(L, UNKNOWN, i);
        int is_before = lua_compare(L, -1, -2, LUA_OPLT);
        if (is_before) {
            lua_pop(L, 1);
            break;
        }
        lua_rawseti(L, UNKNOWN, i + 1);
    }
    lua_rawseti(L, UNKNOWN, i + 1);
}

// The position of the column that the key at `key` means, or -1.
static int find_column(lua_State *L, const validating *v, int key)
{
    int position = lkeys_known(L, v->keys, key);

    if (position >= 0 || lua_type(L, key) != LUA_TSTRING) return position;
    const dbc_column *column = ltable_find(v->table, lua_tostring(L, key));
    return column ? (int)column->position : -1;
}

// All values stay on the stack: texts are borrowed from them.
static void read_row(lua_State *L, validating *v)
{
    lua_pushnil(L);
    while (lua_next(L, ROW)) {
        int key = lua_gettop(L) - 1;
        int position = find_column(L, v, key);
        int kind = lbox_kind_of(L, key + 1);

        luaL_checkstack(L, 12, "too many columns");
        if (position < 0) {
            note_unknown(L, key);
        } else if (kind == LBOX_EXPR || kind == LBOX_QUERY) {
            v->row.presence[position] = DBC_COMPUTED;
        } else {
            lvalue_given(L, &v->row.values[position], key + 1,
                         v->keys->columns[position].column, LVALUE_TRIED);
            v->row.presence[position] = DBC_GIVEN;
        }
        lua_pushvalue(L, key);
    }
}

static void take_defaults(validating *v)
{
    if (v->row.use != DBC_ROW_INSERT) return;
    for (size_t i = 0; i < v->keys->column_count; i++)
        if (v->keys->columns[i].flags & LKEYS_DEFAULT &&
            v->row.presence[i] == DBC_ABSENT)
            v->row.presence[i] = DBC_COMPUTED;
}

static void report_unknown(lua_State *L, const validating *v)
{
    lua_Integer count =
        lua_isnil(L, UNKNOWN) ? 0 : (lua_Integer)lua_rawlen(L, UNKNOWN);
    size_t len;
    dbc_error err;

    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, UNKNOWN, i);
        const char *name = lua_tolstring(L, -1, &len);
        err.message[0] = '\0';
        dbc_table_find(v->table->table, name, len, &err);
        if (dbc_report_add(v->report, NULL, name, "unknown", err.message) < 0)
            lerror_fail(L, DBC_ENOMEM, "out of memory");
        lua_pop(L, 1);
    }
}

static void lay_row(lua_State *L, validating *v)
{
    size_t count = v->keys->column_count;
    size_t size = count * (sizeof(dbc_value) + 1);
    char *memory = lua_newuserdatauv(L, size, 0);

    memset(memory, 0, size);
    v->row.table = v->table->table;
    v->row.values = (dbc_value *)(void *)memory;
    v->row.presence =
        (unsigned char *)memory + count * sizeof(dbc_value); // all absent
}

static void push_failure(lua_State *L, const validating *v,
                         const dbc_error *err)
{
    lua_pushnil(L);
    lerror_push(L, err, NULL, 0);
    set_fields(L, v->report);
}

// call table row use → true nil, or nil and an error object
static int run_validate(lua_State *L, void *ud)
{
    validating *v = ud;
    dbc_error err = DBC_ERROR_INIT;

    v->keys = lkeys_push(L, TABLE);
    lay_row(L, v);
    lua_pushnil(L);
    read_row(L, v);
    take_defaults(v);
    report_unknown(L, v);

    lua_State *before = lrules_enter(L, v->table);
    int rc = dbc_row_validate(v->report, &v->row, NULL, &err);
    lrules_enter(before, v->table);
    if (rc < 0 && rc != DBC_EVALIDATION) return lerror_raise(L, &err, NULL, 0);
    luaL_checkstack(L, 10, NULL);
    if (rc == DBC_EVALIDATION) {
        push_failure(L, v, &err);
    } else {
        lua_pushboolean(L, 1);
        lua_pushnil(L);
    }
    return 2;
}

// Refuses arguments that are none; the stack is still that of the caller.
static void check_arguments(lua_State *L, validating *v)
{
    lbox_words words;

    v->table = lbox_test(L, 1, LBOX_TABLE);
    if (!v->table || !v->table->table)
        lerror_fail(L, DBC_EINVALID,
                    "validate takes a table of a schema first, got %s",
                    lbox_describe(L, 1, &words));
    if (lua_type(L, 2) != LUA_TTABLE)
        lerror_fail(L, DBC_EINVALID,
                    "validate takes a row, a table of column = value, got %s",
                    lbox_describe(L, 2, &words));
    v->row.use = read_use(L, 3);
}

// table row [use] → true, or nil and an error object with `fields`. The report
// is in C memory, so whatever may raise is protected.
static int validate(lua_State *L)
{
    validating v;
    lprotect call = {run_validate, &v};

    lua_settop(L, 3);
    check_arguments(L, &v);
    luaL_checkstack(L, 8, NULL);
    if (dbc_report_new(&v.report, NULL) < 0)
        return lerror_fail(L, DBC_ENOMEM, "out of memory");
    lprotect_begin(L, &call);
    for (int i = 1; i <= 3; i++)
        lua_pushvalue(L, i);
    int status = lprotect_end(L, 3, 2);
    dbc_report_free(v.report);
    if (status != LUA_OK) return lua_error(L);
    if (lua_isnil(L, -2)) return 2;
    lua_pop(L, 1);
    return 1;
}

void lvalidate_open(lua_State *L, int core, int module)
{
    static const luaL_Reg functions[] = {{"validate", validate}, {NULL, NULL}};

    lbox_register_in(L, core, module, functions);
}
