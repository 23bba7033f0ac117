// Coroutines. The VM is told which thread runs, so that a limit that is found
// outside of the hook stops the right one. Threads that close each other from
// `__close` would nest in C without any bound in Lua 5.4.4: here there is one.
#include "vcoroutine.h"

#include "vbase.h"
#include "vlimits.h"

enum {
    CREATION = VLIMITS_STEP, // a new thread begins a new count of instructions
    PLACES_MAX = 200, // bytes of a message that gets one more place in front
    CLOSE_DEPTH = 60  // of threads closed while others are being closed
};

static lua_State *check_thread(lua_State *L)
{
    lua_State *co = lua_tothread(L, 1);

    luaL_argexpected(L, co, 1, "coroutine");
    return co;
}

static int co_create(lua_State *L)
{
    lua_State *co;

    luaL_checktype(L, 1, LUA_TFUNCTION);
    vlimits_spend(L, CREATION);
    co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

// ------------------------------------------------------------------- resuming

// What `co` has given is on its stack; onto that of L. -1 when there is no
// room.
static int take_values(lua_State *L, lua_State *co, int count)
{
    if (!lua_checkstack(L, count + 1)) {
        lua_pop(co, count);
        lua_pushliteral(L, "too many results to resume");
        return -1;
    }
    lua_xmove(co, L, count);
    return count;
}

// Tells the VM which thread runs. A cancel that came while another one did is
// seen here.
static void run_in(dbc_script *vm, lua_State *co)
{
    vm->running = co;
    if (!vm->is_counted &&
        atomic_load_explicit(&vm->cancelled, memory_order_relaxed))
        vlimits_kill(vm, VM_CANCELLED);
}

// Resumes with the `args` values on the top. Returns how many results are on
// the top, or -1 and an error there.
static int resume(lua_State *L, lua_State *co, int args)
{
    dbc_script *vm = vm_of(L);
    lua_State *before = vm->running;
    int count, status;

    vlimits_spend(L, 10);
    if (!lua_checkstack(co, args)) {
        lua_pushliteral(L, "too many arguments to resume");
        return -1;
    }
    lua_xmove(L, co, args);
    run_in(vm, co);
    status = lua_resume(co, L, args, &count);
    run_in(vm, before);
    if (status == LUA_OK || status == LUA_YIELD)
        return take_values(L, co, count);
    vbase_check_status(L, status);
    lua_xmove(co, L, 1);
    return -1;
}

static int co_resume(lua_State *L)
{
    lua_State *co = check_thread(L);
    int count = resume(L, co, lua_gettop(L) - 1);

    if (vm_of(L)->death != VM_ALIVE) vlimits_raise(L);
    lua_pushboolean(L, count >= 0);
    if (count < 0) {
        lua_insert(L, -2);
        return 2;
    }
    lua_insert(L, -(count + 1));
    return count + 1;
}

// -------------------------------------------------------------------- closing

// Closes a thread that is suspended or dead. Its status, with an error of it on
// the top of L.
static int close_thread(lua_State *L, lua_State *co)
{
    dbc_script *vm = vm_of(L);
    lua_State *before = vm->running;
    int status;

    if (vm->death != VM_ALIVE) vlimits_raise(L);
    if (vm->closing >= CLOSE_DEPTH)
        luaL_error(L,
                   "C stack overflow: coroutines close each other, nested "
                   "more than %d deep",
                   CLOSE_DEPTH);
    vlimits_spend(L, 10);
    vm->closing++;
    run_in(vm, co);
    status = lua_resetthread(co);
    run_in(vm, before);
    vm->closing--;
    if (status == LUA_OK) {
        if (vm->death != VM_ALIVE) vlimits_raise(L);
        return status;
    }
    vbase_check_status(L, status);
    lua_xmove(co, L, 1);
    return status;
}

typedef enum condition { SUSPENDED, RUNNING, NORMAL, DEAD } condition;

static condition condition_of(lua_State *L, lua_State *co)
{
    lua_Debug activation;

    if (L == co) return RUNNING;
    switch (lua_status(co)) {
    case LUA_YIELD:
        return SUSPENDED;
    case LUA_OK:
        if (lua_getstack(co, 0, &activation)) return NORMAL;
        return lua_gettop(co) == 0 ? DEAD : SUSPENDED;
    default:
        return DEAD;
    }
}

static const char *const condition_words[] = {"suspended", "running", "normal",
                                              "dead"};

static int co_status(lua_State *L)
{
    lua_State *co = check_thread(L);

    lua_pushstring(L, condition_words[condition_of(L, co)]);
    return 1;
}

static int co_close(lua_State *L)
{
    lua_State *co = check_thread(L);
    condition now = condition_of(L, co);

    if (now != SUSPENDED && now != DEAD)
        return luaL_error(L, "cannot close a %s coroutine",
                          condition_words[now]);
    if (close_thread(L, co) == LUA_OK) {
        lua_pushboolean(L, 1);
        return 1;
    }
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

// ----------------------------------------------------------------------- wrap

// An error of a wrapped coroutine, with the place of the caller before a text;
// but not so often that it hides what happened.
static int raise_wrapped(lua_State *L)
{
    if (lua_type(L, -1) == LUA_TSTRING && lua_rawlen(L, -1) < PLACES_MAX) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int call_wrapped(lua_State *L)
{
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int count = resume(L, co, lua_gettop(L));
    int status;

    if (vm_of(L)->death != VM_ALIVE) vlimits_raise(L);
    if (count >= 0) return count;
    status = lua_status(co);
    if (status != LUA_OK && status != LUA_YIELD &&
        close_thread(L, co) != LUA_OK)
        lua_remove(L, -2); // an error while closing is the one that counts
    return raise_wrapped(L);
}

static int co_wrap(lua_State *L)
{
    co_create(L);
    lua_pushcclosure(L, call_wrapped, 1);
    return 1;
}

// ---------------------------------------------------------------------- small

static int co_yield (lua_State *L)
{
    vlimits_spend(L, 1);
    return lua_yield(L, lua_gettop(L));
}

static int co_isyieldable(lua_State *L)
{
    lua_State *co = lua_isnone(L, 1) ? L : check_thread(L);

    lua_pushboolean(L, lua_isyieldable(co));
    return 1;
}

static int co_running(lua_State *L)
{
    int is_main = lua_pushthread(L);

    lua_pushboolean(L, is_main);
    return 2;
}

const luaL_Reg vcoroutine_functions[] = {{"close", co_close},
                                         {"create", co_create},
                                         {"isyieldable", co_isyieldable},
                                         {"resume", co_resume},
                                         {"running", co_running},
                                         {"status", co_status},
                                         {"wrap", co_wrap},
                                         {"yield", co_yield },
                                         {NULL, NULL}};
