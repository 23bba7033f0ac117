// Runs one script that is not trusted, in a child process, and says how that
// went. What a person wrote on the command line was read in Lua.
#include "sandbox.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dbcore_script.h"
#include "supervisor.h"

enum { EXIT_LIMIT = 7, TABLES_MAX = 200 };

// The child may not take more than this beside what the script may.
static const int64_t OWN_MEMORY = 96 << 20;

typedef struct task {
    const char *script, *database;
    int is_readonly;
    dbc_script_profile profile;
    dbc_script_limits limits;
    dbc_guard_rules rules;
    dbc_guard_table tables[TABLES_MAX];
} task;

// -------------------------------------------------------------------- running

static int print_text(void *ud, const char *text, size_t len)
{
    (void)ud;
    return fwrite(text, 1, len, stdout) == len ? 0 : -1;
}

static int complain(const dbc_error *err)
{
    fflush(stdout);
    fprintf(stderr, "dbscript: %s (%s)\n", err->message,
            dbc_status_word(err->code));
    return err->code == DBC_ELIMIT || err->code == DBC_ETIMEOUT ? EXIT_LIMIT
                                                                : EXIT_FAILURE;
}

static int open_database(dbc_conn **out, const task *what, dbc_error *err)
{
    dbc_open_options options = {0};

    *out = NULL;
    if (!what->database) return DBC_OK;
    if (what->is_readonly) options.flags |= DBC_OPEN_READONLY;
    options.mmap_size = -1; // a file that is cut by others would be a signal
    return dbc_open(out, what->database, &options, err);
}

static int run_script(const task *what, dbc_conn *conn, supervisor_line *line,
                      dbc_error *err)
{
    dbc_script *vm = NULL;
    int rc = dbc_script_open(&vm, conn, what->profile, &what->limits, err);

    if (rc == DBC_OK && conn) rc = dbc_script_restrict(vm, &what->rules, err);
    if (rc == DBC_OK) {
        dbc_script_on_print(vm, print_text, NULL);
        supervisor_begin(line);
        rc = dbc_script_load_file(vm, what->script, err);
        supervisor_finish(line);
    }
    dbc_script_close(vm);
    return rc;
}

static int work(void *ud, supervisor_line *line)
{
    const task *what = ud;
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn;
    int rc;

    if (what->limits.memory > 0)
        supervisor_limit_memory(what->limits.memory + OWN_MEMORY);
    rc = open_database(&conn, what, &err);
    if (rc == DBC_OK) rc = run_script(what, conn, line, &err);
    dbc_close(conn);
    return rc < 0 ? complain(&err) : EXIT_SUCCESS;
}

// -------------------------------------------------------------------- reading

static int64_t read_figure(lua_State *L, const char *name)
{
    int64_t figure;

    lua_getfield(L, 1, name);
    figure = lua_tointeger(L, -1);
    lua_pop(L, 1);
    return figure;
}

static int read_flag(lua_State *L, const char *name)
{
    int is_set;

    lua_getfield(L, 1, name);
    is_set = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return is_set;
}

// A text stays alive in its table.
static const char *read_text(lua_State *L, const char *name)
{
    const char *text;

    lua_getfield(L, 1, name);
    text = lua_tostring(L, -1);
    lua_pop(L, 1);
    return text;
}

// tables = { { name =, may = } … }
static void read_tables(lua_State *L, task *out)
{
    size_t count;

    if (lua_getfield(L, 1, "tables") != LUA_TTABLE) return;
    count = lua_rawlen(L, -1);
    if (count > TABLES_MAX) luaL_error(L, "too many tables");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        lua_getfield(L, -1, "name");
        out->tables[i].name = lua_tostring(L, -1);
        lua_getfield(L, -2, "may");
        out->tables[i].may = (unsigned)lua_tointeger(L, -1);
        lua_pop(L, 3);
    }
    out->rules.flags |= DBC_GUARD_LISTED;
    out->rules.tables = out->tables;
    out->rules.table_count = count;
}

static void read_task(lua_State *L, task *out)
{
    memset(out, 0, sizeof *out);
    out->script = read_text(L, "script");
    out->database = read_text(L, "database");
    out->is_readonly = read_flag(L, "readonly");
    out->profile =
        read_flag(L, "strict") ? DBC_SCRIPT_STRICT : DBC_SCRIPT_SANDBOX;
    out->limits.memory = read_figure(L, "memory");
    out->limits.time_ms = read_figure(L, "time_ms");
    out->limits.instructions = read_figure(L, "instructions");
    out->limits.output = read_figure(L, "output");
    out->rules.flags = DBC_GUARD_WHOLE_HEAP;
    if (out->is_readonly) out->rules.flags |= DBC_GUARD_READONLY;
    read_tables(L, out);
}

// settings → exit code
static int run(lua_State *L)
{
    task *what = lua_newuserdatauv(L, sizeof *what, 0);
    int code;

    luaL_checktype(L, 1, LUA_TTABLE);
    read_task(L, what);
    switch (supervisor_run(&code, what->limits.time_ms, work, what)) {
    case SUPERVISOR_EXITED:
        break;
    case SUPERVISOR_KILLED:
        fprintf(stderr,
                "dbscript: time limit exceeded: the script was stopped from "
                "outside after %lld ms (limit)\n",
                (long long)what->limits.time_ms);
        code = EXIT_LIMIT;
        break;
    case SUPERVISOR_CRASHED:
        fprintf(stderr,
                "dbscript: the script brought its process down (signal %d): "
                "what it had not committed is undone\n",
                code);
        code = EXIT_FAILURE;
        break;
    case SUPERVISOR_FAILED:
        fprintf(stderr, "dbscript: no process for the script: %s\n",
                strerror(code));
        code = EXIT_FAILURE;
        break;
    }
    lua_pushinteger(L, code);
    return 1;
}

int sandbox_module(lua_State *L)
{
    static const luaL_Reg functions[] = {{"run", run}, {NULL, NULL}};

    luaL_newlib(L, functions);
    return 1;
}
