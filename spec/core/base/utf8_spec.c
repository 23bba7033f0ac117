#include "utf8.h"

#include "spec.h"

static size_t next(const char *text)
{
    return dbc__utf8_next(text, strlen(text));
}

static void steps_over_characters_of_every_length(void **state)
{
    (void)state;
    assert_int_equal(1, next("a"));
    assert_int_equal(2, next("\xc3\xbc"));
    assert_int_equal(3, next("\xe2\x82\xac"));
    assert_int_equal(4, next("\xf4\x8f\xbf\xbf"));
    assert_int_equal(0, dbc__utf8_next("a", 0));
    assert_int_equal(1, dbc__utf8_next("\0", 1));
}

static void stops_at_what_is_no_character(void **state)
{
    (void)state;
    assert_int_equal(0, next("\xbf"));
    assert_int_equal(0, next("\xc1\x81"));
    assert_int_equal(0, next("\xe2\x82"));
    assert_int_equal(0, next("\xe2\x82"
                             "a"));
    assert_int_equal(0, next("\xed\xbf\xbf"));
    assert_int_equal(0, next("\xf0\x8f\xbf\xbf"));
    assert_int_equal(0, next("\xf4\x90\x80\x80"));
}

static void cuts_between_characters(void **state)
{
    (void)state;
    assert_int_equal(3, dbc__utf8_cut("abc", 3, 5));
    assert_int_equal(2, dbc__utf8_cut("abc", 3, 2));
    assert_int_equal(1, dbc__utf8_cut("a\xe2\x82\xac", 4, 3));
    assert_int_equal(1, dbc__utf8_cut("a\xe2\x82\xac", 4, 2));
    assert_int_equal(4, dbc__utf8_cut("a\xe2\x82\xac!", 5, 4));
    assert_int_equal(0, dbc__utf8_cut("\xe2\x82\xac", 3, 1));
}

static void cuts_garbage_somewhere(void **state)
{
    (void)state;
    assert_int_equal(6,
                     dbc__utf8_cut("\x80\x80\x80\x80\x80\x80\x80\x80", 8, 6));
}

static void tames_into_any_size(void **state)
{
    char out[8];

    (void)state;
    for (size_t size = 1; size <= sizeof out; size++) {
        size_t len = dbc__utf8_tame(out, size, "\xe2\x82\xac\xe2\x82\xac\n", 7);
        assert_true(len < size);
        assert_int_equal(len, strlen(out));
        assert_true(dbc__utf8_valid(out, len));
    }
    assert_string_equal("\xe2\x82\xac\xe2\x82\xac?", out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_over_characters_of_every_length),
        cmocka_unit_test(stops_at_what_is_no_character),
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(cuts_garbage_somewhere),
        cmocka_unit_test(tames_into_any_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
