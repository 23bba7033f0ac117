#include "fault.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "spec.h"

enum {
    SPOILED = 0xdb,
    FRESH = 0xcd,
    WALK_MAX = 100000 // allocations of one task
};

// Stands before each block.
typedef struct block_head {
    alignas(max_align_t) size_t size;
} block_head;

static int fails_now(fault *memory)
{
    memory->calls++;
    if (memory->fail_at == 0 || memory->calls < memory->fail_at) return 0;
    if (memory->kind == FAULT_ONCE && memory->calls > memory->fail_at) return 0;
    memory->failed++;
    return 1;
}

static void *take(fault *memory, size_t size)
{
    block_head *head = malloc(sizeof *head + size);

    if (head == NULL) abort();
    head->size = size;
    memset(head + 1, FRESH, size);
    memory->live_blocks++;
    memory->live_bytes += size;
    return head + 1;
}

static void give(fault *memory, void *ptr)
{
    block_head *head = (block_head *)ptr - 1;

    memory->live_blocks--;
    memory->live_bytes -= head->size;
    memset(ptr, SPOILED, head->size);
    free(head);
}

static void check_size(void *ptr, size_t old_size)
{
    size_t size = ptr != NULL ? ((block_head *)ptr - 1)->size : 0;

    if (size == old_size) return;
    fail_msg("a block of %zu bytes was given back as one of %zu", size,
             old_size);
}

static void *resize(void *ud, void *ptr, size_t old_size, size_t new_size)
{
    fault *memory = ud;
    void *fresh = NULL;

    check_size(ptr, old_size);
    if (new_size > 0) {
        if (fails_now(memory)) return NULL;
        fresh = take(memory, new_size);
    }
    if (ptr != NULL) {
        size_t kept = old_size < new_size ? old_size : new_size;
        if (kept > 0) memcpy(fresh, ptr, kept);
        give(memory, ptr);
    }
    return fresh;
}

void fault_init(fault *memory)
{
    *memory = (fault){.alloc = {resize, memory}};
}

void fault_arm(fault *memory, long fail_at, fault_kind kind)
{
    memory->kind = kind;
    memory->fail_at = fail_at;
    memory->calls = 0;
    memory->failed = 0;
}

// Returns whether an allocation was made to fail.
static int walk_once(fault_task task, void *ud, long fail_at, fault_kind kind,
                     const char *name, const char *file, int line)
{
    fault memory;
    int rc;

    fault_init(&memory);
    fault_arm(&memory, fail_at, kind);
    rc = task(ud, &memory.alloc);

    const char *mode = kind == FAULT_ONCE ? "once" : "for ever";
    if (memory.live_blocks != 0) {
        print_error("%s left %ld blocks of %zu bytes behind when allocation "
                    "%ld failed %s\n",
                    name, memory.live_blocks, memory.live_bytes, fail_at, mode);
        _fail(file, line);
    }
    if (rc < 0 && (rc != DBC_ENOMEM || memory.failed == 0)) {
        print_error("%s returned %s when allocation %ld failed %s\n", name,
                    dbc_status_word(rc), fail_at, mode);
        _fail(file, line);
    }
    return memory.failed > 0;
}

void fault_walk(fault_task task, void *ud, const char *name, const char *file,
                int line)
{
    for (int kind = FAULT_ONCE; kind <= FAULT_FOR_EVER; kind++) {
        long n = 1;
        while (walk_once(task, ud, n, (fault_kind)kind, name, file, line)) {
            if (++n < WALK_MAX) continue;
            print_error("%s never got through\n", name);
            _fail(file, line);
        }
        // A walk that met no allocation would have shown nothing.
        if (n > 1) continue;
        print_error("%s allocates nothing\n", name);
        _fail(file, line);
    }
}
