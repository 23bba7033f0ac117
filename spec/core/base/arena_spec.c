#include "arena.h"

#include <stdalign.h>
#include <stdio.h>

#include "fault.h"
#include "spec.h"

static void gives_cleared_and_aligned_blocks(void **state)
{
    dbc__arena arena;

    (void)state;
    dbc__arena_init(&arena, NULL);
    for (size_t size = 1; size < 300; size += 7) {
        unsigned char *block = dbc__arena_take(&arena, size);
        assert_non_null(block);
        assert_int_equal(0, (uintptr_t)block % alignof(max_align_t));
        for (size_t i = 0; i < size; i++)
            assert_int_equal(0, block[i]);
        memset(block, 0xFF, size);
    }
    dbc__arena_dispose(&arena);
}

static void keeps_blocks_apart(void **state)
{
    dbc__arena arena;
    char *texts[500];

    (void)state;
    dbc__arena_init(&arena, NULL);
    for (int i = 0; i < 500; i++) {
        char name[32];
        int len = snprintf(name, sizeof name, "name %d", i);
        texts[i] = dbc__arena_copy(&arena, name, (size_t)len);
    }
    for (int i = 0; i < 500; i++) {
        char name[32];
        snprintf(name, sizeof name, "name %d", i);
        assert_string_equal(name, texts[i]);
    }
    dbc__arena_dispose(&arena);
}

static void takes_what_is_larger_than_a_block(void **state)
{
    dbc__arena arena;

    (void)state;
    dbc__arena_init(&arena, NULL);
    char *small = dbc__arena_copy(&arena, "small", 5);
    char *large = dbc__arena_take(&arena, 1 << 20);
    memset(large, 'x', 1 << 20);
    assert_string_equal("small", small);
    dbc__arena_dispose(&arena);
}

static void gives_a_place_for_nothing(void **state)
{
    dbc__arena arena;

    (void)state;
    dbc__arena_init(&arena, NULL);
    assert_non_null(dbc__arena_take(&arena, 0));
    assert_non_null(dbc__arena_take_array(&arena, 0, 8));
    assert_string_equal("", dbc__arena_copy(&arena, NULL, 0));
    dbc__arena_dispose(&arena);
}

static void refuses_sizes_that_overflow(void **state)
{
    dbc__arena arena;

    (void)state;
    dbc__arena_init(&arena, NULL);
    assert_null(dbc__arena_take(&arena, SIZE_MAX));
    assert_null(dbc__arena_take(&arena, SIZE_MAX - 8));
    assert_null(dbc__arena_take_array(&arena, SIZE_MAX / 2, 3));
    assert_null(dbc__arena_copy(&arena, "x", SIZE_MAX));
    assert_non_null(dbc__arena_take(&arena, 8));
    dbc__arena_dispose(&arena);
}

static void can_be_used_again_after_its_end(void **state)
{
    dbc__arena arena;

    (void)state;
    dbc__arena_init(&arena, NULL);
    dbc__arena_take(&arena, 10);
    dbc__arena_dispose(&arena);
    dbc__arena_dispose(&arena);
    assert_string_equal("again", dbc__arena_copy(&arena, "again", 5));
    dbc__arena_dispose(&arena);
}

static int fill(void *ud, const dbc_alloc *alloc)
{
    dbc__arena arena;
    int rc = DBC_OK;

    (void)ud;
    dbc__arena_init(&arena, alloc);
    for (int i = 0; i < 200; i++) {
        if (dbc__arena_take(&arena, 100) == NULL) rc = DBC_ENOMEM;
    }
    dbc__arena_dispose(&arena);
    return rc;
}

static void leaks_nothing_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(fill, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_cleared_and_aligned_blocks),
        cmocka_unit_test(keeps_blocks_apart),
        cmocka_unit_test(takes_what_is_larger_than_a_block),
        cmocka_unit_test(gives_a_place_for_nothing),
        cmocka_unit_test(refuses_sizes_that_overflow),
        cmocka_unit_test(can_be_used_again_after_its_end),
        cmocka_unit_test(leaks_nothing_when_memory_is_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
