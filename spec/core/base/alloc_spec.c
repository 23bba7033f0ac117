#include "alloc.h"

#include "fault.h"
#include "spec.h"

static void falls_back_to_the_c_library(void **state)
{
    const dbc_alloc *alloc = dbc__alloc_or_default(NULL);

    (void)state;
    assert_non_null(alloc);
    char *block = dbc__alloc(NULL, 8);
    assert_non_null(block);
    memcpy(block, "1234567", 8);
    block = dbc__alloc_resize(NULL, block, 8, 4096);
    assert_string_equal("1234567", block);
    dbc__alloc_free(NULL, block, 4096);
}

static void keeps_the_allocator_it_is_given(void **state)
{
    fault memory;

    (void)state;
    fault_init(&memory);
    assert_ptr_equal(&memory.alloc, dbc__alloc_or_default(&memory.alloc));
}

static void gives_nothing_for_no_bytes(void **state)
{
    fault memory;

    (void)state;
    fault_init(&memory);
    assert_null(dbc__alloc(&memory.alloc, 0));
    assert_null(dbc__alloc_zero(&memory.alloc, 0, 8));
    assert_null(dbc__alloc_zero(&memory.alloc, 8, 0));
    dbc__alloc_free(&memory.alloc, NULL, 0);
    assert_int_equal(0, memory.calls);
}

static void clears_what_it_gives_as_zero(void **state)
{
    fault memory;

    (void)state;
    fault_init(&memory);
    unsigned char *block = dbc__alloc_zero(&memory.alloc, 3, 5);
    for (size_t i = 0; i < 15; i++)
        assert_int_equal(0, block[i]);
    dbc__alloc_free(&memory.alloc, block, 15);
    assert_int_equal(0, memory.live_blocks);
}

static void refuses_a_product_that_overflows(void **state)
{
    fault memory;

    (void)state;
    fault_init(&memory);
    assert_null(dbc__alloc_zero(&memory.alloc, SIZE_MAX / 2, 3));
    assert_int_equal(0, memory.calls);
}

static void leaves_the_old_block_when_it_cannot_grow(void **state)
{
    fault memory;

    (void)state;
    fault_init(&memory);
    char *block = dbc__alloc(&memory.alloc, 4);
    memcpy(block, "abc", 4);
    fault_arm(&memory, 1, FAULT_ONCE);

    assert_null(dbc__alloc_resize(&memory.alloc, block, 4, 8));
    assert_string_equal("abc", block);
    dbc__alloc_free(&memory.alloc, block, 4);
    assert_int_equal(0, memory.live_blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(falls_back_to_the_c_library),
        cmocka_unit_test(keeps_the_allocator_it_is_given),
        cmocka_unit_test(gives_nothing_for_no_bytes),
        cmocka_unit_test(clears_what_it_gives_as_zero),
        cmocka_unit_test(refuses_a_product_that_overflows),
        cmocka_unit_test(leaves_the_old_block_when_it_cannot_grow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
