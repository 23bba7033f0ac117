// Calling a function of a script from C. Everything that may raise happens
// inside of the run; places for results are written when all is well.
#include <stdarg.h>
#include <string.h>

#include "dbcore_driver.h"
#include "venv.h"
#include "vfailure.h"
#include "vlimits.h"
#include "vm.h"
#include "vsignature.h"
#include "vsource.h"
#include "vvalue.h"

// A result before it is written to its place.
typedef struct result {
    dbc_value value;
    const dbc_script_table *table;
} result;

typedef struct call {
    const char *name;
    vsignature signature;
    va_list args;
    void *places[VSIGNATURE_MAX];
    result results[VSIGNATURE_MAX];
} call;

// ------------------------------------------------------------------ arguments

// The list is started by who calls, and comes here through Lua, where the
// analyzer loses sight of it.
// NOLINTBEGIN(clang-analyzer-valist.Uninitialized)

static void push_value_pointer(lua_State *L, const dbc_value *value)
{
    if (value)
        vvalue_push(L, value);
    else
        lua_pushnil(L);
}

static void push_plain(lua_State *L, vsignature_word word, call *in)
{
    if (word.kind == VSIGNATURE_INTEGER)
        lua_pushinteger(L, va_arg(in->args, int64_t));
    else if (word.kind == VSIGNATURE_REAL)
        lua_pushnumber(L, va_arg(in->args, double));
    else
        lua_pushboolean(L, va_arg(in->args, int));
}

// Takes an argument off the list and pushes it.
static void push_argument(lua_State *L, vsignature_word word, call *in)
{
    const char *text;

    switch (word.kind) {
    case VSIGNATURE_TEXT:
        text = va_arg(in->args, const char *);
        lua_pushstring(L, text); // nil for NULL
        break;
    case VSIGNATURE_TABLE:
        vvalue_push_table(L, va_arg(in->args, const dbc_script_table *));
        break;
    case VSIGNATURE_INTEGER:
    case VSIGNATURE_REAL:
    case VSIGNATURE_BOOLEAN:
        if (!word.is_optional) {
            push_plain(L, word, in);
            return; // it cannot but fit
        }
        push_value_pointer(L, va_arg(in->args, const dbc_value *));
        break;
    default:
        push_value_pointer(L, va_arg(in->args, const dbc_value *));
    }
    if (!vsignature_fits(L, -1, word))
        vfailure_refuse(L, DBC_EINVALID,
                        "argument of \"%s\" must be %s, got %s", in->name,
                        vsignature_describe(word.kind), luaL_typename(L, -1));
}

// -------------------------------------------------------------------- results

// The list that keeps what results point to; made when the first one does.
static int need_list(lua_State *L, int *keep)
{
    if (*keep != 0) return *keep;
    lua_newtable(L);
    *keep = lua_gettop(L);
    lua_pushvalue(L, *keep);
    vm_set(L, VM_SLOT_RESULTS);
    return *keep;
}

static void read_result(lua_State *L, int index, int *keep, result *out)
{
    int type = lua_type(L, index);

    out->value = vvalue_read(L, index);
    out->table = NULL;
    if (type == LUA_TTABLE) {
        out->table = vvalue_read_table(L, index, need_list(L, keep));
    } else if (type == LUA_TSTRING) {
        need_list(L, keep);
        lua_pushvalue(L, index);
        lua_rawseti(L, *keep, (lua_Integer)lua_rawlen(L, *keep) + 1);
    }
}

static void read_results(lua_State *L, call *in, int first)
{
    int keep = 0;

    for (int i = 0; i < in->signature.out_count; i++) {
        vsignature_word word = in->signature.out[i];

        if (word.kind == VSIGNATURE_INTEGER && lua_isinteger(L, first + i)) {
            in->results[i].value = dbc_value_int(lua_tointeger(L, first + i));
            continue;
        }
        if (!vsignature_fits(L, first + i, word))
            vfailure_refuse(L, DBC_EINVALID,
                            "result %d of \"%s\" must be %s, got %s", i + 1,
                            in->name, vsignature_describe(word.kind),
                            luaL_typename(L, first + i));
        read_result(L, first + i, &keep, &in->results[i]);
    }
}

static void write_result(vsignature_word word, const result *from, void *place)
{
    const dbc_value *value = &from->value;

    if (!place) return;
    if (word.kind == VSIGNATURE_TABLE) {
        *(const dbc_script_table **)place = from->table;
    } else if (word.kind == VSIGNATURE_TEXT) {
        *(const char **)place = value->type == DBC_TEXT ? value->as.text : NULL;
    } else if (word.is_optional || word.kind == VSIGNATURE_VALUE ||
               word.kind == VSIGNATURE_BLOB) {
        *(dbc_value *)place = *value;
    } else if (word.kind == VSIGNATURE_INTEGER) {
        *(int64_t *)place = value->as.i;
    } else if (word.kind == VSIGNATURE_REAL) {
        *(double *)place =
            value->type == DBC_REAL ? value->as.r : (double)value->as.i;
    } else {
        *(int *)place = value->as.i != 0;
    }
}

// ----------------------------------------------------------------------- call

static int run_call(lua_State *L)
{
    call *in = lua_touserdata(L, 1);
    const vsignature *signature = &in->signature;

    // There is room for a few without asking.
    if (signature->in_count + signature->out_count > LUA_MINSTACK / 4)
        luaL_checkstack(L, VSIGNATURE_MAX * 2 + 16, NULL);
    if (!vsource_push_function(L, in->name))
        return vfailure_refuse(L, DBC_ENOTFOUND,
                               "there is no function \"%s\" in the scripts",
                               in->name);
    for (int i = 0; i < signature->in_count; i++)
        push_argument(L, signature->in[i], in);
    for (int i = 0; i < signature->out_count; i++)
        in->places[i] = va_arg(in->args, void *);
    lua_call(L, signature->in_count, signature->out_count);
    if (signature->out_count > 0) read_results(L, in, 2);
    return 0;
}

// NOLINTEND(clang-analyzer-valist.Uninitialized)

static int refuse_signature(dbc_script *vm, const char *signature,
                            const char *wrong, dbc_error *err)
{
    vm->failed = 1;
    return dbc_error_set(err, DBC_EINVALID,
                         "the signature \"%.100s\" is wrong at \"%.40s\": it "
                         "is made of integer, real, boolean, text, blob, "
                         "value and table, as in \"integer,text>boolean\"",
                         signature, wrong);
}

// The same function is called again and again: the last signature is kept.
static const char *read_signature(vsignature *out, dbc_script *vm,
                                  const char *text)
{
    const char *wrong;
    size_t len;

    if (vm->signature_text[0] != '\0' &&
        strcmp(vm->signature_text, text) == 0) {
        *out = vm->signature;
        return NULL;
    }
    wrong = vsignature_read(out, text);
    len = strlen(text);
    if (wrong || len >= sizeof vm->signature_text) return wrong;
    memcpy(vm->signature_text, text, len + 1);
    vm->signature = *out;
    return NULL;
}

int dbc_script_call(dbc_script *vm, const char *name, dbc_error *err,
                    const char *signature, ...)
{
    const char *wrong;
    call in;
    int rc;

    in.name = name;
    wrong = read_signature(&in.signature, vm, signature);
    if (wrong) return refuse_signature(vm, signature, wrong, err);
    va_start(in.args, signature);
    rc = vm_run(vm, run_call, &in, err);
    va_end(in.args);
    if (rc < 0) return rc;
    for (int i = 0; i < in.signature.out_count; i++)
        write_result(in.signature.out[i], &in.results[i], in.places[i]);
    return rc;
}

// --------------------------------------------------------------------- asking

typedef struct question {
    const char *name;
    int found;
} question;

static int run_has(lua_State *L)
{
    question *ask = lua_touserdata(L, 1);

    ask->found = vsource_push_function(L, ask->name);
    return 0;
}

int dbc_script_has(dbc_script *vm, const char *name)
{
    question ask = {name, 0};

    return vm_run(vm, run_has, &ask, NULL) == DBC_OK && ask.found;
}
