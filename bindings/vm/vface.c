// The module as scripts see it: loaded when `db` or `dbcore` is first asked
// for, and narrowed for a sandbox by lists of what it may have. dbcore's own
// Lua files are loaded here, too, with globals that no script can reach.
#include "vface.h"

#include <string.h>

#include "dbcore_lua.h"
#include "vbase.h"
#include "venv.h"
#include "vgate.h"
#include "vlimits.h"
#include "vmodule.h"

// ------------------------------------------------------------------- loading

// Waiting, as transactions do between two tries; not past the deadline.
static int guarded_sleep(lua_State *L)
{
    const dbc_script *vm = vm_of(L);
    lua_Number seconds = luaL_checknumber(L, 1);
    lua_Number left =
        (lua_Number)(vm->deadline_ns - vlimits_now()) / 1e9 + 0.001;

    vlimits_spend(L, 1);
    if (vm->deadline_ns != 0 && seconds > left) seconds = left;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushnumber(L, seconds > 0 ? seconds : 0);
    lua_call(L, 1, 0);
    return 0;
}

// Takes out of the native module what reaches beyond the database.
static void narrow_native(lua_State *L)
{
    static const char *const names[] = {
        "open",       "mock",     "list_folder", "make_folder",  "stat_file",
        "write_file", "migrator", "migrate",     "loaded_texts", NULL};

    for (const char *const *name = names; *name; name++) {
        lua_pushnil(L);
        lua_setfield(L, -2, *name);
    }
    lua_getfield(L, -1, "sleep");
    lua_pushcclosure(L, guarded_sleep, 1);
    lua_setfield(L, -2, "sleep");
}

// What the native module calls by itself is a run of this VM.
int vface_open_native(lua_State *L)
{
    luaopen_dbcore_native(L);
    dbcore_lua_set_gate(L, vgate_of(vm_of(L)));
    return 1;
}

// Pushes what the module of that name returns. It is opened by who requires
// it, so that native code knows the files of the module from those of a script.
static void load_module(lua_State *L, const char *name)
{
    const vmodule_source *source = vmodule_find(vmodule_core_sources, name);

    if (strcmp(name, "dbcore.native") == 0) {
        lua_pushcfunction(L, vface_open_native);
        lua_call(L, 0, 1);
        narrow_native(L);
        return;
    }
    if (!source) {
        luaL_error(L, "there is no module \"%s\"", name);
        return; // not reached
    }
    if (luaL_loadbufferx(L, (const char *)source->text, source->len,
                         source->chunk, "t") != LUA_OK)
        lua_error(L);
    vm_get(L, VM_SLOT_INNER);
    lua_setupvalue(L, -2, 1);
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
    if (!lua_isnil(L, -1)) return;
    lua_pop(L, 1);
    lua_pushboolean(L, 1);
}

// name → module of dbcore. For dbcore's own files.
int vface_inner_require(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);

    lua_settop(L, 1);
    vm_get(L, VM_SLOT_LOADED); // 2
    if (lua_getfield(L, 2, name) != LUA_TNIL) return 1;
    load_module(L, name);
    lua_pushvalue(L, -1);
    lua_setfield(L, 2, name);
    return 1;
}

// ----------------------------------------------------------------- the lists

// What a sandbox sees of the module. Whatever is added to it is not seen until
// it is listed here.
static const char *const face_names[] = {
    // descriptions
    "any_of", "array", "blob", "boolean", "check", "date", "datetime", "define",
    "describe", "enum", "foreign_key", "fts", "index", "integer", "json",
    "json_schema", "many", "null", "numeric", "one", "policy", "primary_key",
    "real", "relations", "repository", "rule", "schema", "table", "text",
    "timestamp", "timestamp_ms", "trigger", "type", "unique", "uuid",
    "validate", "view",
    // queries
    "alias", "delete", "from", "has", "has_not", "insert", "ref", "update",
    "with",
    // expressions
    "abs", "all", "any", "avg", "bm25", "case", "cast", "coalesce", "count",
    "count_distinct", "cume_dist", "dense_rank", "excluded", "exists",
    "first_value", "func", "group_concat", "hex", "ifnull", "iif", "instr",
    "json_array", "json_extract", "json_object", "lag", "last_value", "lead",
    "length", "lower", "ltrim", "match", "match_words", "max", "min", "not_",
    "not_exists", "now", "nth_value", "ntile", "nullif", "param",
    "percent_rank", "random", "rank", "raw", "replace", "round", "row_number",
    "rtrim", "snippet", "sql", "substr", "sum", "total", "trim", "typeof",
    "upper",
    // the rest
    "list", "untyped", "try", "version", NULL};

// Methods of connections and transactions.
static const char *const handle_names[] = {
    "as",       "begin",    "changes",     "commit",
    "count",    "create",   "delete",      "exec",
    "explain",  "filtered", "from",        "in_transaction",
    "insert",   "is_open",  "last_id",     "query",
    "rollback", "schema",   "transaction", "update",
    "with",     NULL};

static int is_listed(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0) return 1;
    return 0;
}

// A field that is not there, or not here.
static int refuse_field(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";

    return luaL_error(L, "dbcore has no \"%s\" in a sandbox", name);
}

// The module is on the top and is replaced by what a script may see of it.
static void make_face(lua_State *L)
{
    int module = lua_gettop(L);

    lua_createtable(L, 0, 128);
    for (const char *const *name = face_names; *name; name++) {
        lua_pushstring(L, *name);
        lua_pushvalue(L, -1);
        lua_rawget(L, module);
        lua_rawset(L, -3);
    }
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, refuse_field);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_replace(L, module);
}

// Keeps the method that ends a handle for ourselves. The native module is on
// the top.
static void keep_close(lua_State *L)
{
    lua_getfield(L, -1, "methods");
    lua_pushliteral(L, "conn");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "close");
    vm_set(L, VM_SLOT_CLOSE);
    lua_pop(L, 1);
}

// Takes methods away that a sandbox must not have. The native module is on the
// top. Clearing fields while walking is allowed.
static void narrow_handles(lua_State *L)
{
    static const char *const kinds[] = {"conn", "txn"};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        lua_getfield(L, -1, "methods");
        lua_pushstring(L, kinds[i]);
        lua_call(L, 1, 1);
        for (lua_pushnil(L); lua_next(L, -2);) {
            lua_pop(L, 1);
            if (is_listed(handle_names, lua_tostring(L, -1))) continue;
            lua_pushvalue(L, -1);
            lua_pushnil(L);
            lua_rawset(L, -4);
        }
        lua_pop(L, 1);
    }
}

static void make_handle(lua_State *L, const dbc_script *vm)
{
    if (!vm->conn) return;
    dbcore_lua_push(L, vm->conn);
    vm_set(L, VM_SLOT_DB);
}

void vface_require(lua_State *L, const char *name)
{
    if (vm_of(L)->profile == DBC_SCRIPT_TRUSTED)
        lua_getglobal(L, "require");
    else
        lua_pushcfunction(L, vface_inner_require);
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
}

// Makes `db` and `dbcore`; for a sandbox, what it may see of them.
static int open_module(lua_State *L)
{
    dbc_script *vm = vm_of(L);

    vface_require(L, "dbcore");
    if (vm->profile != DBC_SCRIPT_TRUSTED) make_face(L);
    vm_set(L, VM_SLOT_FACE);
    if (vm->profile == DBC_SCRIPT_TRUSTED)
        luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    else
        vm_get(L, VM_SLOT_LOADED);
    lua_getfield(L, -1, "dbcore.native");
    keep_close(L);
    if (vm->profile != DBC_SCRIPT_TRUSTED) narrow_handles(L);
    make_handle(L, vm);
    return 0;
}

// Loading is not the work of the script that happens to be first, so nothing
// of it is counted but memory.
void vface_need(lua_State *L)
{
    dbc_script *vm = vm_of(L);
    lua_Hook hook = lua_gethook(L);
    int mask = lua_gethookmask(L), count = lua_gethookcount(L);
    int64_t fuel = vm->fuel;
    int status;

    if (vm->is_opened) return;
    luaL_checkstack(L, 20, NULL);
    lua_sethook(L, NULL, 0, 0);
    lua_pushcfunction(L, open_module);
    status = lua_pcall(L, 0, 0, 0);
    lua_sethook(L, hook, mask, count);
    vm->fuel = fuel;
    if (status != LUA_OK) {
        vbase_check_status(L, status);
        lua_error(L);
    }
    vm->is_opened = 1;
    vm_restore_guard(vm);
}

void vface_rebind(lua_State *L)
{
    if (vm_get(L, VM_SLOT_DB) == LUA_TUSERDATA) {
        vm_get(L, VM_SLOT_CLOSE);
        lua_insert(L, -2);
        lua_call(L, 1, 0);
    } else {
        lua_pop(L, 1);
    }
    lua_pushnil(L);
    vm_set(L, VM_SLOT_DB);
    make_handle(L, vm_of(L));
}
