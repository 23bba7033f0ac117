// Keys that differ, and the rows that have them.
#include "key_set.h"

#include "alloc.h"
#include "fault.h"
#include "spec.h"

static void add(dbc__key_set *set, dbc_value key)
{
    assert_int_equal(DBC_OK, dbc__key_set_add(set, &key));
}

static void numbers_each_key_once_and_chains_its_rows(void **state)
{
    dbc__key_set set;
    (void)state;

    dbc__key_set_init(&set, 1, dbc__alloc_or_default(NULL));
    add(&set, dbc_value_int(7));
    add(&set, dbc_value_int(3));
    add(&set, dbc_value_int(7));
    add(&set, dbc_value_null());
    add(&set, dbc_value_int(7));

    assert_int_equal(5, set.row_count);
    assert_int_equal(2, set.count);
    assert_int_equal(7, dbc__key_set_list(&set, 0)[0].as.i);
    assert_int_equal(3, dbc__key_set_list(&set, 0)[1].as.i);
    size_t rows = 0;
    for (uint32_t row = set.first[0]; row != DBC__NO_ROW; row = set.next[row])
        rows += row == 0 || row == 2 || row == 4;
    assert_int_equal(3, rows);
    assert_int_equal(DBC__NO_ROW, set.next[3]);
    dbc__key_set_dispose(&set);
}

static void tells_types_and_bytes_apart(void **state)
{
    dbc__key_set set;
    (void)state;

    dbc__key_set_init(&set, 1, dbc__alloc_or_default(NULL));
    add(&set, dbc_value_int(1));
    add(&set, dbc_value_real(1));
    add(&set, dbc_value_text("1", 1));
    add(&set, dbc_value_blob("1", 1));
    add(&set, dbc_value_text("", 0));
    add(&set, dbc_value_text("1", 1));

    assert_int_equal(5, set.count);
    dbc__key_set_dispose(&set);
}

static void lists_the_columns_of_wide_keys(void **state)
{
    char text[2] = "a";
    dbc_value key[] = {dbc_value_int(1), dbc_value_text(text, 1)};
    dbc__key_set set;
    (void)state;

    dbc__key_set_init(&set, 2, dbc__alloc_or_default(NULL));
    assert_int_equal(DBC_OK, dbc__key_set_add(&set, key));
    text[0] = 'b';
    assert_int_equal(DBC_OK, dbc__key_set_add(&set, key));
    key[0] = dbc_value_null();
    assert_int_equal(DBC_OK, dbc__key_set_add(&set, key));
    text[0] = 'x';

    assert_int_equal(2, set.count);
    assert_int_equal(1, dbc__key_set_list(&set, 0)[1].as.i);
    assert_memory_equal("a", dbc__key_set_list(&set, 1)[0].as.text, 1);
    assert_memory_equal("b", dbc__key_set_list(&set, 1)[1].as.text, 1);
    dbc__key_set_dispose(&set);
}

static void finds_the_number_of_a_key(void **state)
{
    dbc_value seven = dbc_value_int(7), three = dbc_value_int(3);
    dbc_value real = dbc_value_real(7), text = dbc_value_text("ab", 2);
    dbc__key_set set;
    (void)state;

    dbc__key_set_init(&set, 1, dbc__alloc_or_default(NULL));
    assert_int_equal(0, dbc__key_set_find(&set, &seven));
    add(&set, seven);
    add(&set, text);
    add(&set, seven);

    for (int i = 0; i < 2; i++) {
        assert_int_equal(1, dbc__key_set_find(&set, &seven));
        assert_int_equal(1, dbc__key_set_find(&set, &seven));
        assert_int_equal(0, dbc__key_set_find(&set, &three));
        assert_int_equal(0, dbc__key_set_find(&set, &real));
        assert_int_equal(2, dbc__key_set_find(&set, &text));
    }
    dbc__key_set_clear(&set);
    assert_int_equal(0, dbc__key_set_find(&set, &seven));
    dbc__key_set_dispose(&set);
}

static void is_used_again_when_it_was_cleared(void **state)
{
    dbc__key_set set;
    (void)state;

    dbc__key_set_init(&set, 1, dbc__alloc_or_default(NULL));
    for (int round = 0; round < 3; round++) {
        dbc__key_set_clear(&set);
        for (int i = 0; i < 1000; i++)
            add(&set, dbc_value_int(i % 700 - 350));
        assert_int_equal(1000, set.row_count);
        assert_int_equal(700, set.count);
    }
    dbc__key_set_dispose(&set);
}

static int fill(void *ud, const dbc_alloc *alloc)
{
    dbc__key_set set;
    int rc = DBC_OK;
    (void)ud;

    dbc__key_set_init(&set, 1, alloc);
    for (int i = 0; i < 300 && rc == DBC_OK; i++) {
        dbc_value key =
            i % 2 ? dbc_value_text("some text", 9) : dbc_value_int(i);
        rc = dbc__key_set_add(&set, &key);
    }
    dbc__key_set_dispose(&set);
    return rc;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(fill, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_each_key_once_and_chains_its_rows),
        cmocka_unit_test(tells_types_and_bytes_apart),
        cmocka_unit_test(lists_the_columns_of_wide_keys),
        cmocka_unit_test(finds_the_number_of_a_key),
        cmocka_unit_test(is_used_again_when_it_was_cleared),
        cmocka_unit_test(leaves_nothing_behind_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("key_set", tests, NULL, NULL);
}
