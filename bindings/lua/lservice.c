// Backup, restore, checkpoint, and the hooks of a connection. What runs inside
// the engine's calls is protected; a hook that raises stops what it is asked
// about, where it can, and becomes a warning where it cannot.
#include "lservice.h"

#include <string.h>

#include "lcallback.h"
#include "lconn.h"
#include "lerror.h"
#include "lhosted.h"

// ------------------------------------------------------------ backup, restore

typedef struct progress {
    lconn *box;
    int64_t done, total;
    int stop;
} progress;

// call box
static int run_progress(lua_State *L, void *ud)
{
    progress *at = ud;

    lhosted_push_named(L, 2, "progress");
    if (!lua_isfunction(L, -1)) return 0;
    lua_pushinteger(L, at->done);
    lua_pushinteger(L, at->total);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK) {
        lhosted_set_cause(L);
        at->stop = 1;
    } else if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) {
        at->stop = 1;
    }
    return 0;
}

static int on_progress(void *ud, int64_t done, int64_t total)
{
    progress *at = ud;
    lprotect call = {run_progress, at};
    lconn_call end;

    at->done = done;
    at->total = total;
    if (lconn_call_begin(at->box, &call, &end) != LUA_OK) at->stop = 1;
    lconn_call_end(&end);
    return at->stop;
}

typedef int (*copier)(dbc_conn *conn, const char *path, dbc_progress progress,
                      void *ud);

// handle path [{ progress = fn }]
static int copy(lua_State *L, const char *what, copier act)
{
    static const char *const options[] = {"progress", NULL};
    lbox_words words;
    progress at = {NULL, 0, 0, 0};
    const char *path;
    dbc_conn *conn;
    int box, rc, reports = 0;

    lua_settop(L, 3);
    if (lua_type(L, 2) != LUA_TSTRING)
        return lerror_fail(L, DBC_EINVALID, "%s takes a path, got %s", what,
                           lbox_describe(L, 2, &words));
    path = lua_tostring(L, 2);
    if (strlen(path) != lua_rawlen(L, 2))
        return lerror_fail(L, DBC_EINVALID, "%s takes a path without NUL",
                           what);
    lconn_of(L, 1, &box);
    if (!lua_isnil(L, 3)) {
        if (lua_type(L, 3) != LUA_TTABLE)
            return lerror_fail(L, DBC_EINVALID,
                               "%s takes a table of options, got %s", what,
                               lbox_describe(L, 3, &words));
        lbox_check_keys(L, 3, options, what);
        reports = lua_getfield(L, 3, "progress") == LUA_TFUNCTION;
        if (!reports && !lua_isnil(L, -1))
            return lerror_fail(L, DBC_EINVALID,
                               "%s: progress is a function, got %s", what,
                               lbox_describe(L, -1, &words));
        lhosted_set_named(L, box, "progress");
    }
    conn = lconn_of(L, 1, &box);
    at.box = lua_touserdata(L, box);
    rc = act(conn, path, reports ? on_progress : NULL, &at);
    if (rc < 0) return lerror_raise_conn(L, conn, NULL, 0);
    return 0;
}

static int handle_backup(lua_State *L)
{
    return copy(L, "backup", dbc_backup);
}

static int handle_restore(lua_State *L)
{
    return copy(L, "restore", dbc_restore);
}

// handle [mode] → { busy =, log_pages =, done_pages = }
static int handle_checkpoint(lua_State *L)
{
    static const char *const words[] = {"full", "restart", "truncate"};
    static const dbc_checkpoint_mode modes[] = {
        DBC_CHECKPOINT_FULL, DBC_CHECKPOINT_RESTART, DBC_CHECKPOINT_TRUNCATE};
    dbc_checkpoint_info info = {0, 0, 0};
    const char *word;
    lbox_words given;
    dbc_conn *conn;
    int box, mode = -1;

    lua_settop(L, 2);
    word = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
    if (lua_isnil(L, 2)) word = "truncate";
    for (int i = 0; word && i < 3; i++)
        if (strcmp(word, words[i]) == 0) mode = i;
    if (mode < 0)
        return lerror_fail(L, DBC_EINVALID,
                           "checkpoint's mode is \"full\", \"restart\" or "
                           "\"truncate\", got %s",
                           lbox_describe(L, 2, &given));
    conn = lconn_of(L, 1, &box);
    if (dbc_checkpoint(&info, conn, modes[mode]) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    lua_createtable(L, 0, 3);
    lua_pushboolean(L, info.busy);
    lua_setfield(L, -2, "busy");
    lua_pushinteger(L, info.log_pages);
    lua_setfield(L, -2, "log_pages");
    lua_pushinteger(L, info.done_pages);
    lua_setfield(L, -2, "done_pages");
    return 1;
}

// ----------------------------------------------------------------------- hooks

typedef struct hook {
    const char *name;
    const dbc_change *change;   // of on_update, else NULL
    const dbc_warning *warning; // of on_warning, else NULL
    int asks;                   // it may refuse; else an error is a warning
    int refused;
} hook;

static int push_change(lua_State *L, const dbc_change *change)
{
    static const char *const kinds[] = {"insert", "update", "delete"};

    lua_pushstring(L, kinds[change->kind]);
    lua_pushstring(L, change->table);
    lua_pushinteger(L, change->rowid);
    lua_pushstring(L, change->database);
    return 4;
}

static const char *warning_word(dbc_warning_kind kind)
{
    return kind == DBC_WARNING_LOG_PINNED ? "log_pinned" : "second_engine";
}

static int push_warning(lua_State *L, const dbc_warning *warning)
{
    lua_createtable(L, 0, 4);
    lua_pushstring(L, warning_word(warning->kind));
    lua_setfield(L, -2, "kind");
    lua_pushstring(L, warning->message);
    lua_setfield(L, -2, "message");
    if (warning->kind != DBC_WARNING_LOG_PINNED) return 1;
    lua_pushinteger(L, warning->log_pages);
    lua_setfield(L, -2, "log_pages");
    lua_pushnumber(L, (lua_Number)warning->milliseconds / 1000);
    lua_setfield(L, -2, "seconds");
    return 1;
}

// call box
static int run_hook(lua_State *L, void *ud)
{
    hook *at = ud;
    int args = 0;

    lhosted_push_named(L, 2, at->name);
    if (!lua_isfunction(L, -1)) return 0;
    if (at->change) args = push_change(L, at->change);
    if (at->warning) args = push_warning(L, at->warning);
    if (lua_pcall(L, args, 1, 0) != LUA_OK) {
        at->refused = 1;
        if (at->asks)
            lhosted_set_cause(L);
        else
            lhosted_warn(L, at->name);
    } else if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) {
        at->refused = 1;
    }
    return 0;
}

static int call_hook(lconn *box, hook *at)
{
    lprotect call = {run_hook, at};
    lconn_call end;

    if (lconn_call_begin(box, &call, &end) != LUA_OK) at->refused = 1;
    lconn_call_end(&end);
    return at->refused;
}

static void on_update(void *ud, const dbc_change *change)
{
    hook at = {"on_update", change, NULL, 0, 0};

    call_hook(ud, &at);
}

static int on_commit(void *ud)
{
    hook at = {"on_commit", NULL, NULL, 1, 0};

    return call_hook(ud, &at);
}

static void on_rollback(void *ud)
{
    hook at = {"on_rollback", NULL, NULL, 0, 0};

    call_hook(ud, &at);
}

static void on_warning(void *ud, const dbc_warning *warning)
{
    hook at = {"on_warning", NULL, warning, 0, 0};

    call_hook(ud, &at);
}

static int install(dbc_conn *conn, lconn *box, const char *name, int on)
{
    if (strcmp(name, "on_update") == 0)
        return dbc_conn_on_update(conn, on ? on_update : NULL, box);
    if (strcmp(name, "on_commit") == 0)
        return dbc_conn_on_commit(conn, on ? on_commit : NULL, box);
    if (strcmp(name, "on_warning") == 0)
        return dbc_conn_on_warning(conn, on ? on_warning : NULL, box);
    return dbc_conn_on_rollback(conn, on ? on_rollback : NULL, box);
}

// handle fn|nil → the function that was there
static int set_hook(lua_State *L, const char *name)
{
    lbox_words words;
    dbc_conn *conn;
    int box;

    lua_settop(L, 2);
    if (!lua_isnil(L, 2) && !lua_isfunction(L, 2))
        return lerror_fail(L, DBC_EINVALID,
                           "%s takes a function, or nil to end it, got %s",
                           name, lbox_describe(L, 2, &words));
    lconn_of(L, 1, &box);
    lhosted_push_named(L, box, name);
    lua_pushvalue(L, 2);
    lhosted_set_named(L, box, name);
    conn = lconn_live(L, box);
    // What was found at opening is told at once.
    lconn_enter(L, lua_touserdata(L, box));
    if (install(conn, lua_touserdata(L, box), name, !lua_isnil(L, 2)) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    return 1;
}

static int handle_on_update(lua_State *L)
{
    return set_hook(L, "on_update");
}

static int handle_on_commit(lua_State *L)
{
    return set_hook(L, "on_commit");
}

static int handle_on_rollback(lua_State *L)
{
    return set_hook(L, "on_rollback");
}

static int handle_on_warning(lua_State *L)
{
    return set_hook(L, "on_warning");
}

void lservice_methods(lua_State *L, int core)
{
    static const luaL_Reg methods[] = {
        {"backup", handle_backup},         {"restore", handle_restore},
        {"checkpoint", handle_checkpoint}, {"on_update", handle_on_update},
        {"on_commit", handle_on_commit},   {"on_rollback", handle_on_rollback},
        {"on_warning", handle_on_warning}, {NULL, NULL}};

    lbox_register(L, core, methods);
    lcallback_methods(L, core);
}
