#include <stdio.h>

#include "spec.h"

static void has_a_word_and_a_text_for_each_status(void **state)
{
    (void)state;
#define CHECK(name, number, word, text)                     \
    assert_int_equal(number, DBC_##name);                   \
    assert_string_equal(word, dbc_status_word(DBC_##name)); \
    assert_string_equal(text, dbc_status_text(DBC_##name)); \
    assert_int_equal(DBC_##name, dbc_status_of_word(word));
    DBC_STATUS_MAP(CHECK)
#undef CHECK
    assert_string_equal("constraint.unique", dbc_status_word(DBC_EUNIQUE));
}

static void has_no_word_twice(void **state)
{
#define WORD(name, number, word, text) word,
    static const char *const words[] = {DBC_STATUS_MAP(WORD)};
#undef WORD

    (void)state;
    for (size_t i = 0; i < COUNT(words); i++) {
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(words[i], words[j]);
    }
}

static void has_an_answer_for_any_number(void **state)
{
    (void)state;
    assert_string_equal("unknown", dbc_status_word(-12345));
    assert_non_null(dbc_status_text(12345));
}

static void takes_no_other_word_for_a_status(void **state)
{
    (void)state;
    assert_int_equal(DBC_OK, dbc_status_of_word("unknown"));
    assert_int_equal(DBC_OK, dbc_status_of_word("CONSTRAINT.unique"));
    assert_int_equal(DBC_OK, dbc_status_of_word(""));
}

static void tells_its_version(void **state)
{
    char text[32];

    (void)state;
    snprintf(text, sizeof text, "%d.%d.%d", DBC_VERSION_MAJOR,
             DBC_VERSION_MINOR, DBC_VERSION_PATCH);
    assert_string_equal(text, DBC_VERSION);
    assert_string_equal(DBC_VERSION, dbc_version());
    assert_int_equal(DBC_VERSION_NUMBER, dbc_version_number());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_a_word_and_a_text_for_each_status),
        cmocka_unit_test(has_no_word_twice),
        cmocka_unit_test(has_an_answer_for_any_number),
        cmocka_unit_test(takes_no_other_word_for_a_status),
        cmocka_unit_test(tells_its_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
