#include "buf.h"

#include "alloc.h"
#include "fault.h"
#include "spec.h"

static void collects_what_is_added(void **state)
{
    dbc_buf buf;

    (void)state;
    dbc__buf_init(&buf, NULL);
    dbc_buf_add_string(&buf, "SELECT ");
    dbc_buf_add(&buf, "id, name", 2);
    dbc__buf_add_char(&buf, ' ');
    dbc_buf_add_int(&buf, -42);

    assert_string_equal("SELECT id -42", buf.data);
    assert_int_equal(13, buf.len);
    assert_int_equal(DBC_OK, buf.status);
    dbc__buf_dispose(&buf);
}

static void writes_every_integer(void **state)
{
    dbc_buf buf;

    (void)state;
    dbc__buf_init(&buf, NULL);
    dbc_buf_add_int(&buf, INT64_MIN);
    dbc__buf_add_char(&buf, ' ');
    dbc_buf_add_int(&buf, INT64_MAX);
    assert_string_equal("-9223372036854775808 9223372036854775807", buf.data);
    dbc__buf_dispose(&buf);
}

static void grows_without_losing_a_byte(void **state)
{
    dbc_buf buf;

    (void)state;
    dbc__buf_init(&buf, NULL);
    for (int i = 0; i < 100000; i++)
        dbc__buf_add_char(&buf, (char)('a' + i % 26));
    assert_int_equal(100000, buf.len);
    for (int i = 0; i < 100000; i++)
        assert_int_equal('a' + i % 26, buf.data[i]);
    assert_int_equal('\0', buf.data[100000]);
    dbc__buf_dispose(&buf);
}

static void holds_nul_bytes(void **state)
{
    dbc_buf buf;

    (void)state;
    dbc__buf_init(&buf, NULL);
    dbc_buf_add(&buf, "a\0b", 3);
    assert_memory_equal("a\0b", buf.data, 4);
    dbc__buf_dispose(&buf);
}

static void keeps_its_memory_when_cleared(void **state)
{
    dbc_buf buf;

    (void)state;
    dbc__buf_init(&buf, NULL);
    dbc_buf_add_string(&buf, "one");
    char *data = buf.data;
    dbc__buf_clear(&buf);
    assert_string_equal("", buf.data);
    dbc_buf_add_string(&buf, "two");
    assert_ptr_equal(data, buf.data);
    assert_string_equal("two", buf.data);
    dbc__buf_dispose(&buf);
}

static void keeps_its_first_failure(void **state)
{
    fault memory;
    dbc_buf buf;

    (void)state;
    fault_init(&memory);
    dbc__buf_init(&buf, &memory.alloc);
    fault_arm(&memory, 1, FAULT_ONCE);
    dbc_buf_add_string(&buf, "lost");
    dbc_buf_add_string(&buf, "dropped");

    assert_int_equal(DBC_ENOMEM, buf.status);
    assert_int_equal(0, buf.len);
    dbc__buf_dispose(&buf);
    assert_int_equal(DBC_OK, buf.status);
}

static void fails_on_a_length_that_overflows(void **state)
{
    dbc_buf buf;

    (void)state;
    dbc__buf_init(&buf, NULL);
    dbc_buf_add_string(&buf, "x");
    dbc_buf_add(&buf, "", SIZE_MAX);
    assert_int_equal(DBC_ENOMEM, buf.status);
    dbc__buf_dispose(&buf);
}

static int write_and_dispose(void *ud, const dbc_alloc *alloc)
{
    dbc_buf buf;

    (void)ud;
    dbc__buf_init(&buf, alloc);
    for (int i = 0; i < 1000; i++)
        dbc_buf_add_int(&buf, i);
    int rc = buf.status;
    dbc__buf_dispose(&buf);
    return rc;
}

static void leaks_nothing_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(write_and_dispose, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collects_what_is_added),
        cmocka_unit_test(writes_every_integer),
        cmocka_unit_test(grows_without_losing_a_byte),
        cmocka_unit_test(holds_nul_bytes),
        cmocka_unit_test(keeps_its_memory_when_cleared),
        cmocka_unit_test(keeps_its_first_failure),
        cmocka_unit_test(fails_on_a_length_that_overflows),
        cmocka_unit_test(leaks_nothing_when_memory_is_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
