// native.migrator(list) makes one; native.migrate(), history(), baseline() and
// mend() use it.
//
// A function of a migration is called in the middle of dbc_migrate(), in the
// state that called that, and under protection. It may use the connection; so
// the connection is kept from going away for as long.
#include "lmigrator.h"

#include <string.h>

#include "lconn.h"
#include "lerror.h"
#include "lhosted.h"

// --------------------------------------------------------------------- making

enum { LIST = 1, BOX, MEMORY, CALLS, ITEM };

// The text in field `key` of the table on the top, or NULL. It is borrowed
// from that table.
static const char *text_field(lua_State *L, const char *key)
{
    const char *text = NULL;
    size_t len;

    lua_getfield(L, ITEM, key);
    if (lua_type(L, -1) == LUA_TSTRING) {
        text = lua_tolstring(L, -1, &len);
        if (strlen(text) != len)
            lerror_fail(L, DBC_EINVALID,
                        "\"%s\" of a migration holds a NUL: take it out", key);
    }
    lua_pop(L, 1);
    return text;
}

static unsigned flag_field(lua_State *L, const char *key, unsigned flag)
{
    lua_getfield(L, ITEM, key);
    unsigned found = lua_toboolean(L, -1) ? flag : 0;
    lua_pop(L, 1);
    return found;
}

// The list of names in field `key`; its array is kept in MEMORY.
static dbc_names names_field(lua_State *L, const char *key)
{
    dbc_names names = {NULL, 0};

    if (lua_getfield(L, ITEM, key) == LUA_TTABLE) {
        size_t count = lua_rawlen(L, -1);
        const char **items =
            lua_newuserdatauv(L, (count + 1) * sizeof *items, 0);
        for (size_t i = 0; i < count; i++) {
            lua_rawgeti(L, -2, (lua_Integer)i + 1);
            items[i] = luaL_checkstring(L, -1); // the list keeps it
            lua_pop(L, 1);
        }
        lua_rawseti(L, MEMORY, (lua_Integer)lua_rawlen(L, MEMORY) + 1);
        names = (dbc_names){items, count};
    }
    lua_pop(L, 1);
    return names;
}

static int run_up(void *ud, dbc_migration_run *run);

// Keeps the functions of the item, and says whether it has that one.
static int call_field(lua_State *L, const char *key)
{
    int is_function = lua_getfield(L, ITEM, key) == LUA_TFUNCTION;

    if (is_function)
        lua_setfield(L, -2, key);
    else
        lua_pop(L, 1);
    return is_function;
}

static void read_migration(lua_State *L, dbc_migration *out,
                           lmigration_call *call)
{
    *out = (dbc_migration){.version = text_field(L, "version"),
                           .name = text_field(L, "name"),
                           .sql = text_field(L, "sql"),
                           .checksum = text_field(L, "checksum"),
                           .source = text_field(L, "source"),
                           .replaces = names_field(L, "replaces"),
                           .merges = names_field(L, "merges"),
                           .ud = call};
    out->flags = flag_field(L, "loses", DBC_MIGRATION_LOSES) |
                 flag_field(L, "irreversible", DBC_MIGRATION_IRREVERSIBLE);
    lua_createtable(L, 0, 2);
    if (call_field(L, "up")) out->up = run_up;
    if (call_field(L, "down")) out->down = run_up;
    lua_rawseti(L, CALLS, call->number);
}

// list → migrator
static int new_migrator(lua_State *L)
{
    dbc_error err = DBC_ERROR_INIT;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    size_t count = lua_rawlen(L, LIST);
    lmigrator *box = lbox_new(L, LBOX_MIGRATOR, sizeof *box, LMIGRATOR_VALUES);
    lua_newtable(L); // MEMORY
    lua_newtable(L); // CALLS
    dbc_migration *list = lua_newuserdatauv(L, (count + 1) * sizeof *list, 0);
    lua_rawseti(L, MEMORY, 1);
    box->calls = lua_newuserdatauv(L, (count + 1) * sizeof *box->calls, 0);
    lua_rawseti(L, CALLS, 0); // lives as long as the box
    for (size_t i = 0; i < count; i++) {
        box->calls[i] = (lmigration_call){box, (int)i + 1};
        lua_rawgeti(L, LIST, (lua_Integer)i + 1);
        luaL_checktype(L, ITEM, LUA_TTABLE);
        read_migration(L, &list[i], &box->calls[i]);
        lua_settop(L, CALLS);
    }
    lua_setiuservalue(L, BOX, LMIGRATOR_UV_CALLS);
    if (dbc_migrator_new(&box->migrator, list, count, NULL, &err) < 0)
        return lerror_raise(L, &err, NULL, 0);
    lua_settop(L, BOX);
    return 1;
}

static int migrator_gc(lua_State *L)
{
    lmigrator *box = lbox_test(L, 1, LBOX_MIGRATOR);

    if (!box) return 0;
    dbc_migrator_free(box->migrator);
    box->migrator = NULL;
    return 0;
}

static lmigrator *check_migrator(lua_State *L)
{
    lmigrator *box = lbox_check(L, 1, LBOX_MIGRATOR);

    if (box->busy)
        lerror_fail(L, DBC_EINVALID,
                    "these migrations run right now: a migration cannot start "
                    "others");
    return box;
}

// ----------------------------------------------------------- while it is
// running

// box
static int call_up_or_down(lua_State *L, void *ud)
{
    lmigration_call *call = ud;

    lua_getiuservalue(L, 2, LMIGRATOR_UV_CALLS);
    lua_rawgeti(L, -1, call->number);
    lua_getfield(L, -1, call->box->run->direction == DBC_UP ? "up" : "down");
    lua_call(L, 0, 0);
    return 0;
}

// The error value on the top, for the error that dbc_migrate() ends with.
static int fail_with_cause(lua_State *L, dbc_migration_run *run)
{
    static const char unnamed[] = "the function failed";
    size_t len = sizeof unnamed - 1;
    const char *text = unnamed;

    if (lua_type(L, -1) == LUA_TSTRING) text = lua_tolstring(L, -1, &len);
    int rc = dbc_migration_fail(run, DBC_ECALLBACK, text, len);
    lua_rawseti(L, LCORE, LCORE_CAUSE);
    return rc;
}

static int run_up(void *ud, dbc_migration_run *run)
{
    lmigration_call *call = ud;
    lua_State *L = call->box->L;
    lprotect protected = {call_up_or_down, call};
    int failed;

    call->box->run = run;
    lprotect_begin(L, &protected);
    lua_pushvalue(L, 1);
    failed = lprotect_end(L, 1, 0) != LUA_OK;
    call->box->run = NULL;
    return failed ? fail_with_cause(L, run) : DBC_OK;
}

enum { MIGRATOR = 1, HANDLE, GOAL, OPTIONS, CONN };

// Where a run is kept in the connection's table while it is under way: a
// progress function may be called while other functions of the program run, so
// that nothing is known about their stacks.
#define UNDER_WAY "migrating"

typedef struct moment {
    const dbc_progress_info *info;
    int stop;
} moment;

static void push_moment(lua_State *L, const dbc_progress_info *info)
{
    lua_createtable(L, 0, 5);
    lua_pushstring(L, info->what);
    lua_setfield(L, -2, "what");
    lua_pushinteger(L, (lua_Integer)info->step);
    lua_setfield(L, -2, "step");
    lua_pushinteger(L, (lua_Integer)info->steps);
    lua_setfield(L, -2, "steps");
    lua_pushinteger(L, info->rows);
    lua_setfield(L, -2, "rows");
    lua_pushinteger(L, info->rows_total);
    lua_setfield(L, -2, "rows_total");
}

// call box
static int call_progress(lua_State *L, void *ud)
{
    moment *at = ud;

    lhosted_push_named(L, 2, UNDER_WAY);
    if (!lua_istable(L, -1)) return 0;
    if (lua_getfield(L, -1, "progress") != LUA_TFUNCTION) return 0;
    push_moment(L, at->info);
    lua_call(L, 1, 1);
    if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) at->stop = 1;
    return 0;
}

// The error value of the call as the cause of what follows from it.
static void keep_cause(const lconn_call *call)
{
    lua_State *L = call->L;

    if (!L || lua_gettop(L) <= call->top) return;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &lbox_magic);
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, LCORE_CAUSE); // its place is there
}

// A statement may run at that moment: the connection is not to be used.
static int on_progress(void *ud, const dbc_progress_info *info)
{
    lmigrator *box = ud;
    moment at = {info, 0};
    lprotect call = {call_progress, &at};
    lconn_call end;

    if (box->failed) return 1;
    if (lconn_call_begin(box->handle, &call, &end) != LUA_OK) {
        keep_cause(&end);
        at.stop = 1;
    }
    lconn_call_end(&end);
    return at.stop;
}

// box
static int call_done(lua_State *L, void *ud)
{
    const dbc_migration_done *done = ud;

    lua_getiuservalue(L, 2, LMIGRATOR_UV_OPTIONS);
    if (lua_getfield(L, -1, "done") != LUA_TFUNCTION) return 0;
    lua_createtable(L, 0, 4);
    lua_pushstring(L, done->version);
    lua_setfield(L, -2, "version");
    lua_pushstring(L, done->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, done->direction == DBC_UP ? "up" : "down");
    lua_setfield(L, -2, "direction");
    lua_pushnumber(L, (lua_Number)done->duration_ms / 1000);
    lua_setfield(L, -2, "seconds");
    lua_call(L, 1, 0);
    return 0;
}

// Between two steps nothing but migrate() runs. The step stands, whatever is
// raised; no other one is begun.
static void on_done(void *ud, const dbc_migration_done *done)
{
    lmigrator *box = ud;
    lua_State *L = box->L;
    dbc_migration_done copy = *done;
    lprotect protected = {call_done, &copy};

    if (box->failed) return;
    lprotect_begin(L, &protected);
    lua_pushvalue(L, MIGRATOR);
    if (lprotect_end(L, 1, 0) == LUA_OK) return;
    lua_rawseti(L, LCORE, LCORE_CAUSE);
    box->failed = 1;
}

static dbc_goal read_goal(lua_State *L)
{
    static const char *const words[] = {"up", "down", "to", NULL};
    static const dbc_goal_kind kinds[] = {DBC_GOAL_UP, DBC_GOAL_DOWN,
                                          DBC_GOAL_TO};
    dbc_goal goal = {DBC_GOAL_UP, NULL, 0};

    luaL_checktype(L, GOAL, LUA_TTABLE);
    lua_getfield(L, GOAL, "kind");
    goal.kind = kinds[luaL_checkoption(L, -1, NULL, words)];
    lua_getfield(L, GOAL, "version");
    goal.version = lua_tostring(L, -1); // the table keeps it
    lua_getfield(L, GOAL, "count");
    goal.count = (size_t)lua_tointeger(L, -1);
    lua_pop(L, 3);
    return goal;
}

static unsigned option_flag(lua_State *L, const char *key, unsigned flag)
{
    lua_getfield(L, OPTIONS, key);
    unsigned found = lua_toboolean(L, -1) ? flag : 0;
    lua_pop(L, 1);
    return found;
}

static unsigned read_flags(lua_State *L)
{
    return option_flag(L, "whole", DBC_MIGRATE_WHOLE) |
           option_flag(L, "out_of_order", DBC_MIGRATE_OUT_OF_ORDER) |
           option_flag(L, "no_drift_check", DBC_MIGRATE_NO_DRIFT_CHECK) |
           option_flag(L, "always_backup", DBC_MIGRATE_ALWAYS_BACKUP);
}

static dbc_names read_ignore(lua_State *L)
{
    dbc_names names = {NULL, 0};

    if (lua_getfield(L, OPTIONS, "ignore") == LUA_TTABLE) {
        size_t count = lua_rawlen(L, -1);
        // Left on the stack, to live as long as the call.
        const char **items =
            lua_newuserdatauv(L, (count + 1) * sizeof *items, 0);
        for (size_t i = 0; i < count; i++) {
            lua_rawgeti(L, -2, (lua_Integer)i + 1);
            items[i] = luaL_checkstring(L, -1);
            lua_pop(L, 1);
        }
        names = (dbc_names){items, count};
    }
    return names;
}

// migrator handle goal options conn … | result table; `host` is the place of
// the connection's box.
static int run_migrate(lua_State *L, lmigrator *box, int host,
                       const dbc_goal *goal, const dbc_migrate_options *how)
{
    dbc_conn *conn = lconn_of(L, HANDLE, &host);
    dbc_migrate_result result;
    dbc_error err;
    int rc;

    lua_createtable(L, 0, 3);
    lua_pushvalue(L, OPTIONS);
    lua_setiuservalue(L, MIGRATOR, LMIGRATOR_UV_OPTIONS);
    lua_pushvalue(L, OPTIONS);
    lhosted_set_named(L, host, UNDER_WAY);
    box->handle = lua_touserdata(L, host);
    dbc_conn_retain(conn);
    box->L = L;
    box->busy = 1;
    box->failed = 0;
    rc = dbc_migrate(&result, box->migrator, conn, goal, how);
    box->busy = 0;
    err = *dbc_conn_error(conn);
    dbc_conn_release(conn);
    lua_pushnil(L);
    lhosted_set_named(L, host, UNDER_WAY);
    if (box->failed) {
        lua_rawgeti(L, LCORE, LCORE_CAUSE);
        return lua_error(L);
    }
    if (rc < 0) return lerror_raise(L, &err, NULL, 0);
    lua_pushinteger(L, (lua_Integer)result.applied);
    lua_setfield(L, -2, "applied");
    lua_pushinteger(L, (lua_Integer)result.reverted);
    lua_setfield(L, -2, "reverted");
    lua_pushboolean(L, result.backed_up);
    lua_setfield(L, -2, "backed_up");
    return 1;
}

// migrator handle goal options → { applied, reverted, backed_up }
static int migrate(lua_State *L)
{
    lmigrator *box = check_migrator(L);
    dbc_migrate_options how = {0};
    int index;

    lua_settop(L, OPTIONS);
    luaL_checktype(L, OPTIONS, LUA_TTABLE);
    luaL_checkstack(L, 40, NULL);
    lconn_of(L, HANDLE, &index);
    dbc_goal goal = read_goal(L);
    how.flags = read_flags(L);
    how.ignore = read_ignore(L);
    lua_getfield(L, OPTIONS, "lock_timeout_ms");
    how.lock_timeout_ms = (int)lua_tointeger(L, -1);
    lua_getfield(L, OPTIONS, "backup");
    how.backup = lua_tostring(L, -1); // the table keeps it
    how.progress = on_progress;
    how.done = on_done;
    how.ud = box;
    return run_migrate(L, box, index, &goal, &how);
}

// -------------------------------------------------------------------- history

static void set_text(lua_State *L, const char *key, const char *text)
{
    if (!text) return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

static void push_entry(lua_State *L, const dbc_history_entry *entry)
{
    lua_createtable(L, 0, 9);
    set_text(L, "version", entry->version);
    set_text(L, "name", entry->name);
    set_text(L, "state", dbc_migration_state_word(entry->state));
    set_text(L, "checksum", entry->checksum);
    set_text(L, "applied_checksum", entry->applied_checksum);
    set_text(L, "applied_source", entry->applied_source);
    lua_pushboolean(L, entry->reversible);
    lua_setfield(L, -2, "reversible");
    if (!entry->applied_checksum) return;
    lua_pushinteger(L, entry->applied_at);
    lua_setfield(L, -2, "applied_at");
    lua_pushnumber(L, (lua_Number)entry->duration_ms / 1000);
    lua_setfield(L, -2, "seconds");
}

// box: pushes what is in the history
static int push_history(lua_State *L, void *ud)
{
    const dbc_history *history = ud;
    size_t count = dbc_history_count(history);

    lua_createtable(L, 0, 3);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_entry(L, dbc_history_entry_at(history, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "entries");
    set_text(L, "fingerprint", dbc_history_fingerprint(history));
    set_text(L, "schema", dbc_history_schema(history));
    return 1;
}

// migrator handle → { entries = { … }, fingerprint =, schema = }
static int read_history(lua_State *L)
{
    lmigrator *box = check_migrator(L);
    lprotect protected = {push_history, NULL};
    dbc_history *history = NULL;
    int index, failed;

    lua_settop(L, 2);
    luaL_checkstack(L, 10, NULL);
    dbc_conn *conn = lconn_of(L, 2, &index);
    if (dbc_history_read(&history, box->migrator, conn) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    protected.ud = history;
    lprotect_begin(L, &protected);
    failed = lprotect_end(L, 0, 1) != LUA_OK;
    dbc_history_free(history);
    return failed ? lua_error(L) : 1;
}

// migrator handle goal flags → entry and direction of what is due, or nil
static int next_due(lua_State *L)
{
    lmigrator *box = check_migrator(L);
    const dbc_history_entry *entry = NULL;
    dbc_history *history = NULL;
    dbc_direction direction;
    dbc_error err;
    int index;

    lua_settop(L, OPTIONS);
    luaL_checktype(L, OPTIONS, LUA_TTABLE);
    dbc_goal goal = read_goal(L);
    unsigned flags = read_flags(L);
    char version[32] = "", name[128] = "";
    dbc_conn *conn = lconn_of(L, HANDLE, &index);
    if (dbc_history_read(&history, box->migrator, conn) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    int rc = dbc_history_next(history, &goal, flags, &entry, &direction, &err);
    if (rc > 0) {
        strncpy(version, entry->version, sizeof version - 1);
        strncpy(name, entry->name, sizeof name - 1);
    }
    dbc_history_free(history);
    if (rc < 0) return lerror_raise(L, &err, NULL, 0);
    if (rc == 0) return 0;
    lua_pushstring(L, version);
    lua_pushstring(L, name);
    lua_pushstring(L, direction == DBC_UP ? "up" : "down");
    return 3;
}

// migrator handle version|nil fingerprint|nil
static int baseline(lua_State *L)
{
    lmigrator *box = check_migrator(L);
    const char *version = luaL_optstring(L, 3, NULL);
    const char *fingerprint = luaL_optstring(L, 4, NULL);
    int index;
    dbc_conn *conn = lconn_of(L, 2, &index);

    if (dbc_migrate_baseline(box->migrator, conn, version, fingerprint) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    return 0;
}

// migrator handle { checksums, missing, schema } → number of entries
static int mend(lua_State *L)
{
    static const struct {
        const char *key;
        unsigned what;
    } kinds[] = {{"checksums", DBC_REPAIR_CHECKSUMS},
                 {"missing", DBC_REPAIR_MISSING},
                 {"schema", DBC_REPAIR_SCHEMA}};
    lmigrator *box = check_migrator(L);
    unsigned what = 0;
    size_t mended = 0;
    int index;

    luaL_checktype(L, 3, LUA_TTABLE);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        lua_getfield(L, 3, kinds[i].key);
        if (lua_toboolean(L, -1)) what |= kinds[i].what;
        lua_pop(L, 1);
    }
    dbc_conn *conn = lconn_of(L, 2, &index);
    if (dbc_migrate_repair(&mended, box->migrator, conn, what) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    lua_pushinteger(L, (lua_Integer)mended);
    return 1;
}

// ---------------------------------------------------------------------- texts

// text → SHA-256 as hexadecimal digits
static int sha256(lua_State *L)
{
    char digits[65];
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);

    dbc_sha256(digits, text, len);
    lua_pushstring(L, digits);
    return 1;
}

// SQL text → the checksum of what it says
static int sql_checksum(lua_State *L)
{
    char digits[65];
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);

    if (dbc_sql_checksum(digits, text, len, NULL) < 0)
        return lerror_fail(L, DBC_ENOMEM, "%s", dbc_status_text(DBC_ENOMEM));
    lua_pushstring(L, digits);
    return 1;
}

// text → its statements, each as it stands there
static int split_sql(lua_State *L)
{
    size_t len, used;
    const char *text = luaL_checklstring(L, 1, &len);
    lua_Integer n = 0;

    lua_settop(L, 1);
    lua_newtable(L);
    for (; len > 0; text += used, len -= used) {
        used = dbc_sql_statement(text, len);
        lua_pushlstring(L, text, used);
        lua_rawseti(L, 2, ++n);
    }
    return 1;
}

void lmigrator_open(lua_State *L, int core, int module)
{
    static const luaL_Reg events[] = {{"__gc", migrator_gc}, {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"migrator", new_migrator}, {"migrate", migrate},
        {"history", read_history},  {"next_migration", next_due},
        {"baseline", baseline},     {"mend", mend},
        {"sha256", sha256},         {"sql_checksum", sql_checksum},
        {"split_sql", split_sql},   {NULL, NULL}};

    lbox_push_metatable(L, core, "dbcore.native_migrator", events);
    lua_rawseti(L, core, LBOX_MIGRATOR);
    lua_pushvalue(L, module);
    lbox_register(L, core, functions);
    lmigration_open(L, core);
    lua_pop(L, 1);
}
