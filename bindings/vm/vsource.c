// Loading source text. Each script has globals of its own: they take the place
// of the old ones when the text has run to its end, and not before.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "dbcore_driver.h"
#include "vbase.h"
#include "venv.h"
#include "vfailure.h"
#include "vlimits.h"
#include "vm.h"
#include "vsource.h"

// What is to be loaded.
typedef struct source {
    const char *name;
    const char *text;
    size_t len;
    const char *stamp; // of the file, or NULL
} source;

// ------------------------------------------------------------------- the list

// Pushes the script of that name, or nil; its place is returned, or that of a
// new one.
static lua_Integer find_script(lua_State *L, const char *name)
{
    lua_Integer count;
    int list;

    vm_get(L, VM_SLOT_SCRIPTS);
    list = lua_gettop(L);
    count = (lua_Integer)lua_rawlen(L, list);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, list, i);
        lua_getfield(L, -1, "name");
        if (strcmp(lua_tostring(L, -1), name) == 0) {
            lua_pop(L, 1);
            lua_remove(L, list);
            return i;
        }
        lua_pop(L, 2);
    }
    lua_pushnil(L);
    lua_remove(L, list);
    return count + 1;
}

// Puts the globals on the top (popped) into force.
static void enter_script(lua_State *L, const source *in)
{
    dbc_script *vm = vm_of(L);
    int env = lua_gettop(L);
    lua_Integer place = find_script(L, in->name);

    lua_settop(L, env);
    lua_createtable(L, 0, 3);
    lua_pushstring(L, in->name);
    lua_setfield(L, -2, "name");
    lua_pushvalue(L, env);
    lua_setfield(L, -2, "env");
    lua_pushstring(L, in->stamp);
    lua_setfield(L, -2, "stamp");
    lua_pushvalue(L, env);
    vm_set(L, VM_SLOT_NEWEST);
    vm_get(L, VM_SLOT_SCRIPTS);
    lua_insert(L, -2);
    lua_rawseti(L, -2, place);
    vm->scripts = (int64_t)lua_rawlen(L, -1);
    lua_settop(L, env - 1);
}

// Pushes a field by a path, "a.b", raw. 0 when it is not there.
static int push_path(lua_State *L, int table, const char *path)
{
    const char *dot = strchr(path, '.');

    if (dot)
        lua_pushlstring(L, path, (size_t)(dot - path));
    else
        lua_pushstring(L, path);
    if (lua_rawget(L, table) != LUA_TNIL) {
        if (!dot) return 1;
        if (lua_istable(L, -1) && push_path(L, lua_gettop(L), dot + 1)) {
            lua_remove(L, -2);
            return 1;
        }
    }
    lua_pop(L, 1);
    return 0;
}

int vsource_push_global(lua_State *L, const char *name)
{
    int list;

    vm_get(L, VM_SLOT_SCRIPTS);
    list = lua_gettop(L);
    for (lua_Integer i = (lua_Integer)lua_rawlen(L, list); i > 0; i--) {
        lua_rawgeti(L, list, i);
        lua_pushliteral(L, "env");
        lua_rawget(L, -2);
        if (push_path(L, lua_gettop(L), name)) {
            lua_replace(L, list);
            lua_settop(L, list);
            return 1;
        }
        lua_settop(L, list);
    }
    lua_settop(L, list - 1);
    return 0;
}

// A plain name in the script that was loaded last: the usual case.
static int push_newest(lua_State *L, const char *name)
{
    if (vm_get(L, VM_SLOT_NEWEST) == LUA_TTABLE) {
        lua_pushstring(L, name);
        if (lua_rawget(L, -2) == LUA_TFUNCTION) {
            lua_remove(L, -2);
            return 1;
        }
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return 0;
}

int vsource_push_function(lua_State *L, const char *name)
{
    if (push_newest(L, name)) return 1;
    if (!vsource_push_global(L, name)) return 0;
    if (lua_isfunction(L, -1)) return 1;
    lua_pop(L, 1);
    return 0;
}

// -------------------------------------------------------------------- loading

// A line for a shell in front of a file is not Lua; its end stays, so that
// lines keep their numbers.
static void skip_shebang(source *in)
{
    const char *end;

    if (in->len == 0 || *in->text != '#') return;
    end = memchr(in->text, '\n', in->len);
    if (!end) end = in->text + in->len;
    in->len -= (size_t)(end - in->text);
    in->text = end;
}

static void check_count(lua_State *L, const char *name)
{
    const dbc_script *vm = vm_of(L);
    lua_Integer place = find_script(L, name);

    lua_pop(L, 1);
    if (place <= vm->limits.scripts) return;
    vfailure_refuse(
        L, DBC_ELIMIT,
        "script limit exceeded: as many scripts are loaded as may be");
}

static int load_source(lua_State *L)
{
    source *in = lua_touserdata(L, 1);
    const dbc_script *vm = vm_of(L);
    int status;

    luaL_checkstack(L, 16, NULL);
    check_count(L, in->name);
    if (in->len > (uint64_t)vm->limits.source_len)
        return vfailure_refuse(
            L, DBC_ELIMIT,
            "source length limit exceeded: the script is too long");
    skip_shebang(in);
    venv_push(L); // 2
    lua_pushfstring(L, "@%s", in->name);
    status = vbase_load(L, in->text, in->len, lua_tostring(L, 3), 2);
    if (status == LUA_ERRSYNTAX)
        return vfailure_refuse(L, DBC_ESYNTAX, "%s", lua_tostring(L, -1));
    if (status != LUA_OK) return lua_error(L);
    lua_call(L, 0, 0);
    lua_settop(L, 2);
    enter_script(L, in);
    return 0;
}

int dbc_script_load(dbc_script *vm, const char *name, const char *text,
                    size_t len, dbc_error *err)
{
    source in = {name, text, len, NULL};

    return vm_run(vm, load_source, &in, err);
}

int dbc_script_reload(dbc_script *vm, const char *name, const char *text,
                      size_t len, dbc_error *err)
{
    return dbc_script_load(vm, name, text, len, err);
}

// ---------------------------------------------------------------------- files

typedef struct stamp {
    char text[80]; // when it was changed and how long it is
} stamp;

static int read_failed(dbc_error *err, const char *path)
{
    return dbc_error_set(err, DBC_EIO, "cannot read the script \"%.200s\": %s",
                         path, strerror(errno));
}

static int read_stamp(stamp *out, const char *path, dbc_error *err)
{
    struct stat info;

    if (stat(path, &info) != 0) return read_failed(err, path);
    if (S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return read_failed(err, path);
    }
    snprintf(out->text, sizeof out->text, "%lld.%09ld %lld",
             (long long)info.st_mtim.tv_sec, info.st_mtim.tv_nsec,
             (long long)info.st_size);
    return DBC_OK;
}

// The whole file; `*size` bytes of room that the caller frees.
static int read_file(char **out, size_t *size, size_t *len, dbc_script *vm,
                     const char *path, dbc_error *err)
{
    const dbc_alloc *alloc = vm->alloc;
    FILE *file = fopen(path, "rb");
    int rc = DBC_OK;

    *out = NULL;
    *size = *len = 0;
    if (!file) return read_failed(err, path);
    while (rc == DBC_OK && !feof(file)) {
        size_t room = *size == 0 ? 8192 : *size * 2;
        char *grown = alloc->resize(alloc->ud, *out, *size, room);
        if (!grown) {
            rc = dbc_error_set(err, DBC_ENOMEM, "out of memory");
            break;
        }
        *out = grown;
        *size = room;
        *len += fread(*out + *len, 1, *size - *len, file);
        if (ferror(file)) rc = read_failed(err, path);
        if (*len > (uint64_t)vm->limits.source_len)
            rc = dbc_error_set(err, DBC_ELIMIT,
                               "source length limit exceeded: \"%.200s\" has "
                               "more than %" PRId64 " bytes",
                               path, vm->limits.source_len);
    }
    fclose(file);
    return rc;
}

int dbc_script_load_file(dbc_script *vm, const char *path, dbc_error *err)
{
    dbc_error ignored;
    char *text = NULL;
    size_t size = 0, len = 0;
    stamp now;
    int rc;

    if (!err) err = &ignored;
    rc = read_stamp(&now, path, err);
    if (rc == DBC_OK) rc = read_file(&text, &size, &len, vm, path, err);
    if (rc == DBC_OK) {
        source in = {path, text, len, now.text};
        rc = vm_run(vm, load_source, &in, err);
    }
    if (text) vm->alloc->resize(vm->alloc->ud, text, size, 0);
    return rc;
}

typedef struct question {
    const char *path, *stamp;
    int is_same;
} question;

static int compare_stamp(lua_State *L)
{
    question *ask = lua_touserdata(L, 1);

    find_script(L, ask->path);
    if (lua_isnil(L, -1)) return 0;
    lua_getfield(L, -1, "stamp");
    ask->is_same = lua_type(L, -1) == LUA_TSTRING &&
                   strcmp(lua_tostring(L, -1), ask->stamp) == 0;
    return 0;
}

int dbc_script_reload_file(dbc_script *vm, const char *path, dbc_error *err)
{
    dbc_error ignored;
    stamp now;
    question ask = {path, now.text, 0};
    int rc;

    if (!err) err = &ignored;
    rc = read_stamp(&now, path, err);
    if (rc == DBC_OK) rc = vm_run(vm, compare_stamp, &ask, err);
    if (rc < 0 || ask.is_same) return rc;
    rc = dbc_script_load_file(vm, path, err);
    return rc < 0 ? rc : DBC_DONE;
}
