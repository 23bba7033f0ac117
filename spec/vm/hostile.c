#include "hostile.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "spec.h"

lua_State *hostile_open_book(const char *folder)
{
    lua_State *book = luaL_newstate();

    if (!book) return NULL;
    luaL_openlibs(book);
    lua_pushstring(book, folder);
    lua_setglobal(book, "CASES");
    if (luaL_dostring(book, "package.path = CASES .. '/?.lua'") == LUA_OK)
        return book;
    lua_close(book);
    return NULL;
}

static const char *read_field(lua_State *L, const char *name)
{
    const char *text;

    lua_getfield(L, -1, name);
    text = lua_tostring(L, -1);
    lua_pop(L, 1);
    return text;
}

hostile hostile_read(lua_State *L)
{
    return (hostile){read_field(L, "name"), read_field(L, "expect"),
                     read_field(L, "message"), read_field(L, "code")};
}

static int watch_output(void *ud, const char *text, size_t len)
{
    int *escapes = ud;

    if (len >= 7 && memcmp(text, "ESCAPED", 7) == 0) ++*escapes;
    return 0;
}

int hostile_run(const hostile *script, dbc_conn *conn, const dbc_alloc *alloc,
                int *escapes, dbc_error *err)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
    dbc_script *vm;
    int rc;

    limits.memory = 32 << 20;
    // On a busy machine what should end well gets its time.
    limits.time_ms = strcmp(script->expect, "ok") == 0 ? 30000 : 1000;
    limits.instructions = 3000000;
    limits.pattern = 1000000;
    limits.rows = 50000;
    limits.alloc = alloc;
    rc = dbc_script_open(&vm, conn, DBC_SCRIPT_SANDBOX, &limits, err);
    assert_int_equal(DBC_OK, rc);
    dbc_script_on_print(vm, watch_output, escapes);
    rc = dbc_script_load(vm, "case", script->code, strlen(script->code), err);
    dbc_script_close(vm);
    return rc;
}

// Whether `text` holds one of the words between the bars of `wanted`.
static int holds_one(const char *text, const char *wanted)
{
    while (wanted && *wanted) {
        char word[100];
        size_t len = strcspn(wanted, "|");

        snprintf(word, sizeof word, "%.*s", (int)len, wanted);
        if (strstr(text, word)) return 1;
        wanted += len + (wanted[len] == '|');
    }
    return 0;
}

static int is_as_expected(const hostile *script, int rc, const dbc_error *err)
{
    // Time is a limit, too, and may be up first.
    if (strcmp(script->expect, "limited") == 0)
        return rc < 0 && (holds_one(err->message, script->message) ||
                          strstr(err->message, "time limit exceeded") != NULL);
    if (strcmp(script->expect, "ok") == 0) return rc >= 0;
    return rc >= 0 || !strstr(err->message, "assertion failed");
}

const char *hostile_check(dbc_conn *conn)
{
    static const char sql[] = "SELECT count(*) FROM sqlite_master WHERE name "
                              "IN ('half', 'left_open', 'escaped')";
    dbc_stmt *stmt;
    int64_t left;

    if (dbc_conn_depth(conn) != 0) return "a transaction is open";
    ASSERT_RC(DBC_OK, dbc_exec(conn, SQL("BEGIN IMMEDIATE; ROLLBACK")), conn);
    ASSERT_RC(DBC_OK, dbc_stmt_acquire(&stmt, conn, SQL(sql)), conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), conn);
    left = dbc_stmt_int(stmt, 0);
    dbc_stmt_release(stmt);
    return left != 0 ? "half is kept" : NULL;
}

const char *hostile_contain(const hostile *script)
{
    static char wrong[700];
    dbc_error err = DBC_ERROR_INIT;
    const char *found;
    dbc_conn *conn;
    fault memory;
    int escapes = 0, rc;

    fault_init(&memory);
    assert_int_equal(DBC_OK, dbc_open(&conn, ":memory:", NULL, &err));
    rc = hostile_run(script, conn, &memory.alloc, &escapes, &err);
    found = hostile_check(conn);
    dbc_close(conn);
    if (escapes > 0) return "escaped";
    if (memory.live_blocks != 0) return "memory is left";
    if (found || is_as_expected(script, rc, &err)) return found;
    snprintf(wrong, sizeof wrong, "is not %s: %d %s", script->expect, rc,
             rc < 0 ? err.message : "");
    return wrong;
}
