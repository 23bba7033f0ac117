#include "heap.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 16 }; // before each block, with its size

static struct {
    long calls, fail_at, failed, live;
    fault_kind kind;
} heap;

static int fails_now(void)
{
    heap.calls++;
    if (heap.fail_at == 0 || heap.calls < heap.fail_at) return 0;
    if (heap.kind == FAULT_ONCE && heap.calls > heap.fail_at) return 0;
    heap.failed++;
    return 1;
}

static void *take(int size)
{
    if (fails_now()) return NULL;
    char *block = malloc((size_t)size + HEAD);
    if (block == NULL) return NULL;
    heap.live++;
    memcpy(block, &size, sizeof size);
    return block + HEAD;
}

static void give(void *ptr)
{
    if (ptr == NULL) return;
    heap.live--;
    free((char *)ptr - HEAD);
}

static int size_of(void *ptr)
{
    int size = 0;

    if (ptr != NULL) memcpy(&size, (char *)ptr - HEAD, sizeof size);
    return size;
}

static void *resize(void *ptr, int size)
{
    void *fresh = take(size);
    int kept = size_of(ptr) < size ? size_of(ptr) : size;

    if (fresh == NULL) return NULL;
    if (ptr != NULL) memcpy(fresh, ptr, (size_t)kept);
    give(ptr);
    return fresh;
}

static int round_up(int size)
{
    return (size + 7) & ~7;
}

static int start(void *ud)
{
    (void)ud;
    return SQLITE_OK;
}

static void stop(void *ud)
{
    (void)ud;
}

int heap_install(void **state)
{
    static const sqlite3_mem_methods methods = {
        take, give, resize, size_of, round_up, start, stop, NULL};

    (void)state;
    sqlite3_shutdown();
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK;
}

void heap_arm(long fail_at, fault_kind kind)
{
    heap.calls = heap.failed = 0;
    heap.fail_at = fail_at;
    heap.kind = kind;
}

long heap_failed(void)
{
    return heap.failed;
}

long heap_live(void)
{
    return heap.live;
}
