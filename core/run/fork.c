// The page that a fork wipes (Linux since 4.14), and the process id for
// systems that have none.

// MADV_WIPEONFORK and MAP_ANONYMOUS are not in POSIX.
#define _DEFAULT_SOURCE

#include "fork.h"

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#ifdef MADV_WIPEONFORK

// The kernel works on whole pages, whatever their size: it rounds up.
enum { PAGE_LEN = 1 };

static int *map_page(void)
{
    int *page = mmap(NULL, PAGE_LEN, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED) return NULL;
    if (madvise(page, PAGE_LEN, MADV_WIPEONFORK) != 0) {
        munmap(page, PAGE_LEN);
        return NULL;
    }
    *page = 1;
    return page;
}

static void unmap_page(const volatile int *page)
{
    munmap((void *)page, PAGE_LEN);
}

#else

static int *map_page(void)
{
    return NULL;
}

static void unmap_page(const volatile int *page)
{
    (void)page;
}

#endif

void dbc__fork_guard_init(dbc__fork_guard *guard)
{
    guard->pid = (long)getpid();
    guard->page = map_page();
}

void dbc__fork_guard_dispose(dbc__fork_guard *guard)
{
    if (guard->page != NULL) unmap_page(guard->page);
    guard->page = NULL;
}

int dbc__fork_guard_pid_differs(const dbc__fork_guard *guard)
{
    return guard->pid != (long)getpid();
}
