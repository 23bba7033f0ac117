// What a database has been through, beside the migrations that are known: it is
// read, asked what is due, marked and mended.
#include <string.h>

#include "lconn.h"
#include "lerror.h"
#include "lmigrator.h"

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
    lmigrator *box = lmigrator_check(L);
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
    lmigrator *box = lmigrator_check(L);
    const dbc_history_entry *entry = NULL;
    dbc_history *history = NULL;
    dbc_direction direction;
    dbc_error err;
    int index;

    lua_settop(L, 4);
    luaL_checktype(L, 4, LUA_TTABLE);
    dbc_goal goal = lmigrate_goal(L, 3);
    unsigned flags = lmigrate_flags(L, 4);
    char version[32] = "", name[128] = "";
    dbc_conn *conn = lconn_of(L, 2, &index);
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
    lmigrator *box = lmigrator_check(L);
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
    lmigrator *box = lmigrator_check(L);
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

void lhistory_open(lua_State *L, int core)
{
    static const luaL_Reg functions[] = {{"history", read_history},
                                         {"next_migration", next_due},
                                         {"baseline", baseline},
                                         {"mend", mend},
                                         {NULL, NULL}};

    lbox_register(L, core, functions);
}
