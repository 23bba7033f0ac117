// The floor: what a person would write by hand who needs just this and no
// more. Kept statements, rows made at their final size, no builder, no types,
// no checks worth the name. It only exists to be measured against.
#include <lauxlib.h>
#include <lua.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

typedef struct handle {
    sqlite3 *db;
} handle;

// A statement; user value 1 is the list of its column names.
typedef struct kept {
    sqlite3_stmt *stmt;
    sqlite3 *db;
    int columns;
} kept;

static int fail(lua_State *L, sqlite3 *db)
{
    return luaL_error(L, "sqlite: %s", sqlite3_errmsg(db));
}

static int now(lua_State *L)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    lua_pushnumber(L, (double)t.tv_sec + (double)t.tv_nsec * 1e-9);
    return 1;
}

static int db_open(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    handle *h = lua_newuserdatauv(L, sizeof *h, 0);
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

    h->db = NULL;
    luaL_setmetatable(L, "floor.db");
    if (sqlite3_open_v2(path, &h->db, flags, NULL)) return fail(L, h->db);
    sqlite3_busy_timeout(h->db, 5000);
    return 1;
}

static int db_close(lua_State *L)
{
    handle *h = luaL_checkudata(L, 1, "floor.db");
    sqlite3_close_v2(h->db);
    h->db = NULL;
    return 0;
}

static int db_exec(lua_State *L)
{
    handle *h = luaL_checkudata(L, 1, "floor.db");
    if (sqlite3_exec(h->db, luaL_checkstring(L, 2), NULL, NULL, NULL))
        return fail(L, h->db);
    return 0;
}

static int db_prepare(lua_State *L)
{
    handle *h = luaL_checkudata(L, 1, "floor.db");
    const char *sql = luaL_checkstring(L, 2);
    kept *k = lua_newuserdatauv(L, sizeof *k, 1);

    k->stmt = NULL;
    k->db = h->db;
    luaL_setmetatable(L, "floor.stmt");
    if (sqlite3_prepare_v3(h->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &k->stmt,
                           NULL))
        return fail(L, h->db);
    k->columns = sqlite3_column_count(k->stmt);
    lua_createtable(L, k->columns, 0);
    for (int i = 0; i < k->columns; i++) {
        lua_pushstring(L, sqlite3_column_name(k->stmt, i));
        lua_rawseti(L, -2, i + 1);
    }
    lua_setiuservalue(L, -2, 1);
    return 1;
}

static int stmt_close(lua_State *L)
{
    kept *k = luaL_checkudata(L, 1, "floor.stmt");
    sqlite3_finalize(k->stmt);
    k->stmt = NULL;
    return 0;
}

static void push_value(lua_State *L, sqlite3_value *value)
{
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        lua_pushinteger(L, sqlite3_value_int64(value));
        break;
    case SQLITE_FLOAT:
        lua_pushnumber(L, sqlite3_value_double(value));
        break;
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_value_text(value);
        lua_pushlstring(L, text, (size_t)sqlite3_value_bytes(value));
        break;
    }
    default:
        lua_pushnil(L);
        break;
    }
}

// Index `i` behind `first`: upvalues count downwards.
static int behind(int first, int i)
{
    return first < LUA_REGISTRYINDEX ? first - i : first + i;
}

// One row; the names lie at stack or upvalue index `names` and after.
static void push_row(lua_State *L, const kept *k, int names)
{
    lua_createtable(L, 0, k->columns);
    for (int i = 0; i < k->columns; i++) {
        sqlite3_value *value = sqlite3_column_value(k->stmt, i);
        if (sqlite3_value_type(value) == SQLITE_NULL) continue;
        lua_pushvalue(L, behind(names, i));
        push_value(L, value);
        lua_rawset(L, -3);
    }
}

// Puts the names on the stack, one after the other.
static int spread_names(lua_State *L, int stmt, int count)
{
    int first;

    luaL_checkstack(L, count + 8, NULL);
    lua_getiuservalue(L, stmt, 1);
    first = lua_gettop(L) + 1;
    for (int i = 1; i <= count; i++)
        lua_rawgeti(L, first - 1, i);
    return first;
}

static void bind_value(lua_State *L, sqlite3_stmt *stmt, int i, int index)
{
    size_t len;
    const char *text;

    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        if (lua_isinteger(L, index))
            sqlite3_bind_int64(stmt, i, lua_tointeger(L, index));
        else
            sqlite3_bind_double(stmt, i, lua_tonumber(L, index));
        break;
    case LUA_TSTRING:
        text = lua_tolstring(L, index, &len);
        sqlite3_bind_text(stmt, i, text, (int)len, SQLITE_STATIC);
        break;
    default:
        sqlite3_bind_null(stmt, i);
        break;
    }
}

// ------------------------------------------------------------------ reading

// Upvalues: the statement, then the names.
static int get_one(lua_State *L)
{
    kept *k = lua_touserdata(L, lua_upvalueindex(1));

    bind_value(L, k->stmt, 1, 1);
    if (sqlite3_step(k->stmt) != SQLITE_ROW) {
        sqlite3_reset(k->stmt);
        return 0;
    }
    push_row(L, k, lua_upvalueindex(2));
    sqlite3_reset(k->stmt);
    return 1;
}

static int stmt_getter(lua_State *L)
{
    kept *k = luaL_checkudata(L, 1, "floor.stmt");
    int first;

    lua_settop(L, 1);
    first = spread_names(L, 1, k->columns);
    lua_remove(L, first - 1);
    lua_pushcclosure(L, get_one, k->columns + 1);
    return 1;
}

static int next_row(lua_State *L)
{
    kept *k = lua_touserdata(L, lua_upvalueindex(1));

    if (sqlite3_step(k->stmt) != SQLITE_ROW) {
        sqlite3_reset(k->stmt);
        return 0;
    }
    push_row(L, k, lua_upvalueindex(2));
    return 1;
}

static int stmt_rows(lua_State *L)
{
    kept *k = luaL_checkudata(L, 1, "floor.stmt");
    int first;

    lua_settop(L, 1);
    first = spread_names(L, 1, k->columns);
    lua_remove(L, first - 1);
    lua_pushcclosure(L, next_row, k->columns + 1);
    return 1;
}

static int stmt_all(lua_State *L)
{
    kept *k = luaL_checkudata(L, 1, "floor.stmt");
    int names = spread_names(L, 1, k->columns);
    lua_Integer count = 0;

    lua_gc(L, LUA_GCSTOP);
    lua_createtable(L, 0, 0);
    while (sqlite3_step(k->stmt) == SQLITE_ROW) {
        push_row(L, k, names);
        lua_rawseti(L, -2, ++count);
    }
    sqlite3_reset(k->stmt);
    lua_gc(L, LUA_GCRESTART);
    return 1;
}

// deep(parents, stmts, names): three levels at most, each by a list of the keys
// above, in the order of those keys, so that a parent is found by stepping on.
// Column 1 of a row is its key, column 2 that of its parent.

// Pushes the keys of the rows at `rows` as JSON: a text for json_each().
static void push_keys(lua_State *L, int rows)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, rows);
    char number[24];
    luaL_Buffer text;

    luaL_buffinit(L, &text);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, rows, i);
        lua_getfield(L, -1, "id");
        lua_Integer id = lua_tointeger(L, -1);
        lua_pop(L, 2);
        snprintf(number, sizeof number, "%c%lld", i > 1 ? ',' : '[',
                 (long long)id);
        luaL_addstring(&text, number);
    }
    luaL_addchar(&text, ']');
    luaL_pushresult(&text);
}

// The next parent with that key gets a new list, which comes to `list`.
static lua_Integer find_parent(lua_State *L, int rows, int name, int list,
                               lua_Integer at, lua_Integer key)
{
    lua_Integer id;

    do {
        lua_rawgeti(L, rows, ++at);
        lua_getfield(L, -1, "id");
        id = lua_tointeger(L, -1);
        lua_pop(L, id == key ? 1 : 2);
    } while (id != key);
    lua_createtable(L, 20, 0);
    lua_pushvalue(L, name);
    lua_pushvalue(L, -2);
    lua_rawset(L, -4);
    lua_replace(L, list);
    lua_pop(L, 1);
    return at;
}

// level(stmt, parents, name) → the rows
static int stmt_level(lua_State *L)
{
    kept *k = luaL_checkudata(L, 1, "floor.stmt");
    lua_Integer count = 0, at = 0, length = 0, key, last = -1;
    size_t len;

    lua_settop(L, 3);
    push_keys(L, 2);
    const char *text = lua_tolstring(L, 4, &len);
    sqlite3_bind_text(k->stmt, 1, text, (int)len, SQLITE_STATIC);
    lua_newtable(L); // 5: rows
    lua_pushnil(L);  // 6: the list of the parent that came last
    int names = spread_names(L, 1, k->columns);
    while (sqlite3_step(k->stmt) == SQLITE_ROW) {
        push_row(L, k, names);
        key = sqlite3_column_int64(k->stmt, 1);
        if (key != last) {
            at = find_parent(L, 2, 3, 6, at, key);
            last = key;
            length = 0;
        }
        lua_pushvalue(L, -1);
        lua_rawseti(L, 5, ++count);
        lua_rawseti(L, 6, ++length);
    }
    sqlite3_reset(k->stmt);
    lua_pushvalue(L, 5);
    return 1;
}

// ------------------------------------------------------------------ writing

static void run_row(lua_State *L, const kept *k, int row, int names, int count)
{
    for (int i = 0; i < count; i++) {
        lua_pushvalue(L, behind(names, i));
        lua_rawget(L, row);
        bind_value(L, k->stmt, i + 1, -1);
        lua_pop(L, 1);
    }
}

// Upvalues: the statement, then the keys of a row in the statement's order.
static int put_row(lua_State *L)
{
    kept *k = lua_touserdata(L, lua_upvalueindex(1));

    run_row(L, k, 1, lua_upvalueindex(2),
            sqlite3_bind_parameter_count(k->stmt));
    if (sqlite3_step(k->stmt) != SQLITE_DONE) return fail(L, k->db);
    sqlite3_reset(k->stmt);
    return 0;
}

static int stmt_putter(lua_State *L)
{
    int count = (int)lua_rawlen(L, 2);

    luaL_checkudata(L, 1, "floor.stmt");
    lua_settop(L, 2);
    luaL_checkstack(L, count + 8, NULL);
    lua_pushvalue(L, 1);
    for (int i = 1; i <= count; i++)
        lua_rawgeti(L, 2, i);
    lua_pushcclosure(L, put_row, count + 1);
    return 1;
}

// many(stmt, rows, keys, returning): one step a row, in one call.
static int stmt_many(lua_State *L)
{
    kept *k = luaL_checkudata(L, 1, "floor.stmt");
    int count = (int)lua_rawlen(L, 3), returning = lua_toboolean(L, 4);
    lua_Integer rows = (lua_Integer)lua_rawlen(L, 2);
    int keys, names, out, rc;

    lua_settop(L, 3);
    luaL_checkstack(L, count + k->columns + 16, NULL);
    keys = lua_gettop(L) + 1;
    for (int i = 1; i <= count; i++)
        lua_rawgeti(L, 3, i);
    names = spread_names(L, 1, k->columns);
    lua_createtable(L, returning ? (int)rows : 0, 0);
    out = lua_gettop(L);
    for (lua_Integer r = 1; r <= rows; r++) {
        lua_rawgeti(L, 2, r);
        run_row(L, k, lua_gettop(L), keys, count);
        while ((rc = sqlite3_step(k->stmt)) == SQLITE_ROW) {
            push_row(L, k, names);
            lua_rawseti(L, out, r);
        }
        if (rc != SQLITE_DONE) return fail(L, k->db);
        sqlite3_reset(k->stmt);
        lua_settop(L, out);
    }
    return 1;
}

static int run_values(lua_State *L)
{
    kept *k = lua_touserdata(L, lua_upvalueindex(1));
    int count = lua_gettop(L);

    for (int i = 1; i <= count; i++)
        bind_value(L, k->stmt, i, i);
    if (sqlite3_step(k->stmt) != SQLITE_DONE) return fail(L, k->db);
    sqlite3_reset(k->stmt);
    return 0;
}

static int stmt_runner(lua_State *L)
{
    luaL_checkudata(L, 1, "floor.stmt");
    lua_settop(L, 1);
    lua_pushcclosure(L, run_values, 1);
    return 1;
}

static void new_class(lua_State *L, const char *name, const luaL_Reg *methods)
{
    luaL_newmetatable(L, name);
    luaL_setfuncs(L, methods, 0);
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}

int luaopen_bench_floor(lua_State *L);

int luaopen_bench_floor(lua_State *L)
{
    static const luaL_Reg db_methods[] = {{"close", db_close},
                                          {"exec", db_exec},
                                          {"prepare", db_prepare},
                                          {NULL, NULL}};
    static const luaL_Reg stmt_methods[] = {
        {"getter", stmt_getter}, {"rows", stmt_rows},
        {"all", stmt_all},       {"level", stmt_level},
        {"putter", stmt_putter}, {"many", stmt_many},
        {"runner", stmt_runner}, {"close", stmt_close},
        {"__gc", stmt_close},    {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"open", db_open}, {"now", now}, {NULL, NULL}};

    new_class(L, "floor.db", db_methods);
    new_class(L, "floor.stmt", stmt_methods);
    luaL_newlib(L, functions);
    return 1;
}
