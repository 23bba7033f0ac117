// The signal is SIGURG, which no program dies of: it is ignored where nobody
// asks for it. The handler is set by the first cancel that needs one, and never
// in place of the host's own. It carries the VM, so nothing is kept anywhere;
// a run waits at its end for one that is on its way.
#define _GNU_SOURCE // pthread_sigqueue

#include "vcancel.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include "vlimits.h"

// Where the thread is that can be reached.
enum { NOT_THERE, REACHABLE, SENT };

static void interrupt_here(dbc_script *vm)
{
    vlimits_hurry(vm);
    atomic_store(&vm->presence, REACHABLE);
}

#ifdef __linux__
static void on_signal(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    if (info->si_code != SI_QUEUE || info->si_pid != getpid()) return;
    if (info->si_value.sival_ptr) interrupt_here(info->si_value.sival_ptr);
}

static int is_ours(const struct sigaction *action)
{
    return action->sa_flags & SA_SIGINFO && action->sa_sigaction == on_signal;
}

// Whether the signal comes to us.
static int prepare(void)
{
    struct sigaction action;

    if (sigaction(SIGURG, NULL, &action) != 0) return 0;
    if (is_ours(&action)) return 1;
    if (action.sa_flags & SA_SIGINFO) return 0;
    if (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN) return 0;
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGURG, &action, NULL) == 0;
}

static int send(dbc_script *vm)
{
    const union sigval which = {.sival_ptr = vm};

    return prepare() && pthread_sigqueue(vm->thread, SIGURG, which) == 0;
}

// The thread may block the signal: then it is taken here.
static void await(dbc_script *vm)
{
    const struct timespec at_once = {0, 0};
    siginfo_t info;
    sigset_t blocked, one;

    sigemptyset(&one);
    sigaddset(&one, SIGURG);
    while (atomic_load(&vm->presence) == SENT) {
        sched_yield();
        if (pthread_sigmask(SIG_BLOCK, NULL, &blocked) != 0) continue;
        if (!sigismember(&blocked, SIGURG)) continue;
        if (sigtimedwait(&one, &info, &at_once) == SIGURG)
            on_signal(SIGURG, &info, NULL);
    }
}
#else
static int send(dbc_script *vm)
{
    (void)vm;
    return 0;
}

static void await(dbc_script *vm)
{
    while (atomic_load(&vm->presence) == SENT)
        sched_yield();
}
#endif

void vcancel_begin(dbc_script *vm)
{
    if (vm->is_counted) return;
    vm->thread = pthread_self();
    atomic_store_explicit(&vm->presence, REACHABLE, memory_order_release);
}

void vcancel_end(dbc_script *vm)
{
    int there = REACHABLE;

    if (vm->is_counted) return;
    while (!atomic_compare_exchange_strong(&vm->presence, &there, NOT_THERE)) {
        await(vm);
        there = REACHABLE;
    }
}

void vcancel_reach(dbc_script *vm)
{
    int there = REACHABLE, cause = errno;

    if (vm->is_counted) return;
    if (!atomic_compare_exchange_strong(&vm->presence, &there, SENT)) return;
    if (pthread_equal(vm->thread, pthread_self()))
        interrupt_here(vm);
    else if (!send(vm))
        atomic_store(&vm->presence, REACHABLE);
    errno = cause;
}
