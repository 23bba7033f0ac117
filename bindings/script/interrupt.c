// Ctrl-C. A signal handler has no argument, so what it must know lies in one
// static structure; the handler touches nothing but its atomics, the hook of
// Lua (made for this) and dbc_interrupt().
#include "interrupt.h"

#include <errno.h>
#include <lauxlib.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/select.h>

#include "dbcore_lua.h"

// Connections past this number are not interrupted in the middle of a
// statement, only between two.
enum { WATCHED = 64 };

static struct {
    _Atomic(lua_State *) state; // what runs, or NULL
    // Each with one reference of ours, so that the memory stays good even
    // when the script has closed it.
    _Atomic(dbc_conn *) conns[WATCHED];
    volatile sig_atomic_t stopped;
    volatile sig_atomic_t woken; // INTERRUPT_…
    int is_ignored;              // SIGINT, by who started the program
    struct sigaction before_arm; // of SIGINT
    struct sigaction old_int, old_winch, old_cont;
    sigset_t old_mask;
} shared;

static void stop(lua_State *L, lua_Debug *activation)
{
    (void)activation;
    lua_sethook(L, NULL, 0, 0);
    luaL_error(L, "interrupted");
}

static void on_interrupt(int number)
{
    int kept = errno;
    lua_State *L = atomic_load(&shared.state);

    (void)number; // SA_RESETHAND: the next one kills
    shared.stopped = 1;
    for (size_t i = 0; i < WATCHED; i++) {
        dbc_conn *conn = atomic_load(&shared.conns[i]);

        if (conn) dbc_interrupt(conn);
    }
    if (L)
        lua_sethook(L, stop,
                    LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT,
                    1);
    errno = kept;
}

static int arm(lua_State *L)
{
    struct sigaction action = {0};

    if (shared.is_ignored) return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    atomic_store(&shared.state, lua_tothread(L, -1));
    shared.stopped = 0;
    action.sa_handler = on_interrupt;
    action.sa_flags = SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &shared.before_arm);
    return 0;
}

static int shield(lua_State *L)
{
    (void)L;
    signal(SIGINT, SIG_IGN);
    return 0;
}

// Drops the reference on connections that are closed. Returns a free place,
// or WATCHED.
static size_t sweep(void)
{
    size_t place = WATCHED;

    for (size_t i = 0; i < WATCHED; i++) {
        dbc_conn *conn = atomic_load(&shared.conns[i]);

        if (conn && !dbc_conn_is_open(conn)) {
            atomic_store(&shared.conns[i], NULL);
            dbc_conn_release(conn);
            conn = NULL;
        }
        if (!conn && place == WATCHED) place = i;
    }
    return place;
}

static int disarm(lua_State *L)
{
    lua_State *state;

    if (!shared.is_ignored) sigaction(SIGINT, &shared.before_arm, NULL);
    state = atomic_exchange(&shared.state, NULL);
    if (state) lua_sethook(state, NULL, 0, 0);
    sweep();
    lua_pushboolean(L, shared.stopped);
    return 1;
}

// arguments of open → what open returns. A function in C, so that open sees
// the script as its caller and names its line in errors.
static int watched_open(lua_State *L)
{
    dbc_conn *conn;
    size_t place;

    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    conn = dbcore_lua_conn(L, 1);
    if (!conn) return lua_gettop(L);

    place = sweep();
    if (place < WATCHED)
        atomic_store(&shared.conns[place], dbc_conn_retain(conn));
    return lua_gettop(L);
}

static int watch(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    lua_pushcclosure(L, watched_open, 1);
    return 1;
}

int interrupt_module(lua_State *L)
{
    static const luaL_Reg functions[] = {{"arm", arm},
                                         {"disarm", disarm},
                                         {"shield", shield},
                                         {"watch", watch},
                                         {NULL, NULL}};
    struct sigaction now;

    sigaction(SIGINT, NULL, &now);
    shared.is_ignored = now.sa_handler == SIG_IGN;
    luaL_newlib(L, functions);
    return 1;
}

void interrupt_dispose(void)
{
    for (size_t i = 0; i < WATCHED; i++)
        dbc_conn_release(atomic_exchange(&shared.conns[i], NULL));
}

static void on_wake(int number)
{
    if (number == SIGINT) shared.woken |= INTERRUPT_STOP;
    if (number == SIGWINCH) shared.woken |= INTERRUPT_SIZE;
    if (number == SIGCONT) shared.woken |= INTERRUPT_RESUME;
}

void interrupt_listen(void)
{
    struct sigaction action = {0};
    sigset_t mask;

    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGWINCH);
    sigaddset(&mask, SIGCONT);
    sigprocmask(SIG_BLOCK, &mask, &shared.old_mask);

    shared.woken = 0;
    action.sa_handler = on_wake;
    action.sa_mask = mask;
    sigaction(SIGINT, &action, &shared.old_int);
    sigaction(SIGWINCH, &action, &shared.old_winch);
    sigaction(SIGCONT, &action, &shared.old_cont);
}

void interrupt_unlisten(void)
{
    sigaction(SIGINT, &shared.old_int, NULL);
    sigaction(SIGWINCH, &shared.old_winch, NULL);
    sigaction(SIGCONT, &shared.old_cont, NULL);
    sigprocmask(SIG_SETMASK, &shared.old_mask, NULL);
}

int interrupt_wait(int fd)
{
    fd_set readable;
    int rc, woken = 0;

    while (!woken) {
        FD_ZERO(&readable);
        FD_SET(fd, &readable);
        rc = pselect(fd + 1, &readable, NULL, NULL, NULL, &shared.old_mask);
        if (rc > 0) return 0;
        if (rc < 0 && errno != EINTR) return -1;
        woken = shared.woken;
        shared.woken = 0;
    }
    return woken;
}
