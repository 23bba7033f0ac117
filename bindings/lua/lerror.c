// Error objects: made from a dbc_error, or from a message of the binding. One
// that is a mistake of the program says where it was made: the line of the
// nearest Lua function that is not the module's own.
#include "lerror.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dbcore_driver.h"
#include "lvalidate.h"

// Pushes "file:line", or nil when no Lua function of the user is running.
static void push_where(lua_State *L)
{
    lua_Debug ar;
    size_t len = 0;
    const char *home;

    lua_rawgeti(L, LCORE, LCORE_HOME);
    home = lua_tolstring(L, -1, &len);
    for (int level = 1; lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (*ar.what == 'C' || ar.currentline < 0) continue;
        if (home && strncmp(ar.source, home, len) == 0) continue;
        lua_pushfstring(L, "%s:%d", ar.short_src, ar.currentline);
        lua_remove(L, -2);
        return;
    }
    lua_pop(L, 1);
    lua_pushnil(L);
}

// Whether the program has to be mended, and not the world.
static int is_mistake(int code)
{
    switch (code) {
    case DBC_EINVALID:
    case DBC_ESCHEMA:
    case DBC_ESYNTAX:
    case DBC_EUNSUPPORTED:
    case DBC_ECLOSED:
        return 1;
    default:
        return 0;
    }
}

static void set_text(lua_State *L, const char *field, const char *text)
{
    if (!*text) return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, field);
}

// Pushes the column that `text` begins with. Returns where it ends.
static const char *push_column(lua_State *L, const char *text)
{
    size_t len = strcspn(text, ",");
    luaL_Buffer name;

    if (*text != '"') {
        lua_pushlstring(L, text, len);
        return text + len;
    }
    luaL_buffinit(L, &name);
    while (*++text) {
        if (*text == '"' && *++text != '"') break;
        luaL_addchar(&name, *text);
    }
    luaL_pushresult(&name);
    return text;
}

// `a,"b,c"` as a list of names.
static void set_columns(lua_State *L, const char *text)
{
    lua_Integer n = 0;

    if (!*text) return;
    lua_newtable(L);
    while (*text) {
        text = push_column(L, text);
        lua_rawseti(L, -2, ++n);
        text += strspn(text, ", ");
    }
    lua_setfield(L, -2, "columns");
}

static void set_numbers(lua_State *L, const dbc_error *err)
{
    if (err->native != 0) {
        lua_pushinteger(L, err->native);
        lua_setfield(L, -2, "native");
    }
    if (err->row > 0) {
        lua_pushinteger(L, err->row);
        lua_setfield(L, -2, "row");
    }
    if (err->offset >= 0) {
        lua_pushinteger(L, err->offset + 1);
        lua_setfield(L, -2, "offset");
    }
    if (err->rolled_back) {
        lua_pushboolean(L, 1);
        lua_setfield(L, -2, "rolled_back");
    }
}

// What the callback raised that this error comes from.
static void move_cause(lua_State *L)
{
    lua_rawgeti(L, LCORE, LCORE_CAUSE);
    lua_setfield(L, -2, "cause");
    lua_pushnil(L);
    lua_rawseti(L, LCORE, LCORE_CAUSE);
}

// The text is pushed before anything else is made: it may belong to something
// that a finalizer ends.
void lerror_push(lua_State *L, const dbc_error *err, const char *sql,
                 size_t len)
{
    dbc_error copy = *err;

    luaL_checkstack(L, 8, NULL);
    if (sql)
        lua_pushlstring(L, sql, len);
    else
        lua_pushnil(L);
    lua_createtable(L, 0, 8);
    lua_insert(L, -2);
    lua_setfield(L, -2, "sql");

    lua_pushstring(L, dbc_status_word(copy.code));
    lua_setfield(L, -2, "code");
    set_text(L, "message",
             *copy.message ? copy.message : dbc_status_text(copy.code));
    set_text(L, "table", copy.table);
    set_columns(L, copy.columns);
    set_text(L, "constraint", copy.constraint);
    set_numbers(L, &copy);
    // A progress function that fails interrupts what it watches.
    if (copy.code == DBC_ECALLBACK || copy.code == DBC_EINTERRUPTED)
        move_cause(L);
    if (is_mistake(copy.code)) {
        push_where(L);
        lua_setfield(L, -2, "where");
    }
    lua_rawgeti(L, LCORE, LCORE_ERROR);
    lua_setmetatable(L, -2);
}

// The header of Lua does not say that lua_error() never returns.
static _Noreturn void throw_top(lua_State *L)
{
    lua_error(L);
    abort();
}

int lerror_raise(lua_State *L, const dbc_error *err, const char *sql,
                 size_t len)
{
    lerror_push(L, err, sql, len);
    throw_top(L);
}

int lerror_raise_conn(lua_State *L, dbc_conn *conn, const char *sql, size_t len)
{
    lerror_push(L, dbc_conn_error(conn), sql, len);
    lvalidate_add_fields(L, conn);
    throw_top(L);
}

int lerror_raise_query(lua_State *L, dbc_conn *conn, const dbc_error *err,
                       const dbc_query *query)
{
    dbc_error copy = *err;
    const dbc_sql *sql;

    // What was refused before there was a text has none.
    if (copy.code == DBC_EINVALID || copy.code == DBC_ECLOSED ||
        copy.code == DBC_ENOMEM)
        lerror_raise(L, &copy, NULL, 0);
    if (copy.code == DBC_EVALIDATION) {
        lerror_push(L, &copy, NULL, 0);
        lvalidate_add_fields(L, conn);
        throw_top(L);
    }
    if (dbc_query_plan(&sql, conn, query) < 0) lerror_raise(L, &copy, NULL, 0);
    lerror_raise(L, &copy, sql->text, sql->len);
}

typedef struct raised {
    dbc_conn *conn;
    const dbc_error *err;
    const char *sql;
    size_t len;
} raised;

static int run_push(lua_State *L, void *ud)
{
    const raised *what = ud;

    lerror_push(L, what->err, what->sql, what->len);
    lvalidate_add_fields(L, what->conn);
    return 1;
}

void lerror_push_stmt(lua_State *L, dbc_stmt *stmt, int64_t row)
{
    dbc_error copy = *dbc_conn_error(dbc_stmt_conn(stmt));
    raised what = {dbc_stmt_conn(stmt), &copy, NULL, 0};
    lprotect call = {run_push, &what};

    if (row > 0) copy.row = row;
    what.sql = dbc_stmt_sql(stmt, &what.len);
    lprotect_begin(L, &call);
    lprotect_end(L, 0, 1);
}

// How many bytes the character at `at` has; 0 when it is no UTF-8. A NUL ends
// the text.
static size_t measure_char(const unsigned char *at)
{
    size_t len = *at < 0x80 ? 1 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;

    if ((*at >= 0x80 && *at < 0xc2) || *at > 0xf4) return 0;
    if ((*at == 0xe0 && at[1] < 0xa0) || (*at == 0xed && at[1] > 0x9f) ||
        (*at == 0xf0 && at[1] < 0x90) || (*at == 0xf4 && at[1] > 0x8f))
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((at[i] & 0xc0) != 0x80) return 0;
    return len;
}

// Text for one line: control bytes and what is no UTF-8, such as a name cut in
// the middle of a character, as '?'.
static void tame(char *text)
{
    unsigned char *at = (unsigned char *)text;

    while (*at) {
        size_t len = measure_char(at);
        if (len == 0 || *at < 0x20 || *at == 0x7f) {
            *at = '?';
            len = 1;
        }
        at += len;
    }
}

int lerror_fail(lua_State *L, int code, const char *format, ...)
{
    dbc_error err = DBC_ERROR_INIT;
    va_list args;

    err.code = code;
    va_start(args, format);
    vsnprintf(err.message, sizeof err.message, format, args);
    va_end(args);
    tame(err.message);
    lerror_raise(L, &err, NULL, 0);
}

// A raw field of the table at `object` that is text, or NULL; it is pushed.
static const char *text_field(lua_State *L, int object, const char *name)
{
    lua_pushstring(L, name);
    lua_rawget(L, object);
    return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
}

static void take_columns(lua_State *L, int object, dbc_error *err)
{
    const char *name;
    size_t len;

    lua_pushliteral(L, "columns");
    lua_rawget(L, object);
    if (!lua_istable(L, -1)) return;
    for (int i = 1; lua_rawgeti(L, -1, i) == LUA_TSTRING; i++) {
        name = lua_tolstring(L, -1, &len);
        dbc_error_add_column(err, name, len);
        lua_pop(L, 1);
    }
}

// err object → fills it
static int take_object(lua_State *L)
{
    dbc_error *err = lua_touserdata(L, 1);
    const char *word, *message, *table, *constraint;
    int code;

    luaL_checkstack(L, 12, NULL);
    word = text_field(L, 2, "code");
    message = text_field(L, 2, "message");
    code = lerror_code(word);
    if (!message || code == DBC_OK) return 0;
    table = text_field(L, 2, "table");
    constraint = text_field(L, 2, "constraint");
    dbc_error_set(err, code, "%s", message);
    if (table)
        dbc_error_field(err->table, sizeof err->table, table, strlen(table));
    if (constraint)
        dbc_error_field(err->constraint, sizeof err->constraint, constraint,
                        strlen(constraint));
    take_columns(L, 2, err);
    lua_pushliteral(L, "native");
    lua_rawget(L, 2);
    err->native = (int)lua_tointeger(L, -1);
    return 0;
}

int lerror_take(lua_State *L, dbc_error *err, const char *what)
{
    const char *text = "what it raised is no text";

    if (lua_type(L, -1) == LUA_TSTRING) text = lua_tostring(L, -1);
    dbc_error_set(err, DBC_ECALLBACK, "%s: %s", what, text);
    if (!lua_istable(L, -1) || !lua_checkstack(L, 4)) return err->code;
    lua_pushcfunction(L, take_object);
    lua_pushlightuserdata(L, err);
    lua_pushvalue(L, -3);
    if (lua_pcall(L, 2, 0, 0) != LUA_OK) {
        lua_pop(L, 1);
        dbc_error_set(err, DBC_ENOMEM, "out of memory");
    }
    return err->code;
}

static int error_tostring(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    lua_pushliteral(L, "where");
    lua_rawget(L, 1);
    lua_pushliteral(L, "message");
    lua_rawget(L, 1);
    if (lua_type(L, 3) != LUA_TSTRING) {
        lua_pushliteral(L, "dbcore.error");
        return 1;
    }
    if (lua_type(L, 2) != LUA_TSTRING) return 1;
    lua_pushliteral(L, ": ");
    lua_insert(L, 3);
    lua_concat(L, 3);
    return 1;
}

void lerror_new_metatable(lua_State *L)
{
    lua_createtable(L, 0, 3);
    lua_pushliteral(L, "dbcore.error");
    lua_setfield(L, -2, "__name");
    lua_pushcfunction(L, error_tostring);
    lua_setfield(L, -2, "__tostring");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
}
