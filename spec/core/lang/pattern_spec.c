// Lua patterns without Lua: what they find, what they cannot be, and that they
// end.
#include "pattern.h"
#include "spec.h"

typedef struct expected {
    const char *text, *pattern;
    dbc__pattern_result result;
} expected;

#define NONE     DBC__PATTERN_NONE
#define FOUND    DBC__PATTERN_FOUND
#define TOO_LONG DBC__PATTERN_TOO_LONG

static void finds_what_string_find_finds(void **state)
{
    static const expected cases[] = {
        {"hello", "l+", FOUND},
        {"hello", "^l", NONE},
        {"hello", "o$", FOUND},
        {"hello", "^hello$", FOUND},
        {"", "", FOUND},
        {"", "^$", FOUND},
        {"x", "^$", NONE},
        {"a$b", "a$b", FOUND},
        {"a^b", "a^b", FOUND},
        {"AB12", "^%u%u%d+$", FOUND},
        {"AB12x", "^%u%u%d+$", NONE},
        {"ab", "^[^0-9]+$", FOUND},
        {"a]b", "[]]", FOUND},
        {"a-b", "[a%-]b", FOUND},
        {"a-b", "^[%w-]+$", FOUND},
        {"a.b", "a%.b", FOUND},
        {"axb", "a%.b", NONE},
        {"aaa", "^a-$", FOUND},
        {"aaab", "^a-b$", FOUND},
        {"color", "^colou?r$", FOUND},
        {"colour", "^colou?r$", FOUND},
        {"f(a(b)c)d", "%b()d", FOUND},
        {"f(a(b)c", "^%b()", NONE},
        {"THE (quick) fox", "%f[%a]%a+%f[%A]", FOUND},
        {"xTHE", "%f[%u]THE", FOUND},
        {"", "%f[%s]", NONE},
        {"abab", "^(ab)%1$", FOUND},
        {"abac", "^(ab)%1$", NONE},
        {"ab", "^()ab()$", FOUND},
        {"\xc3\xa9", "^..$", FOUND},
        {"tab\t", "%c", FOUND},
        {"deadBEEF", "^%x+$", FOUND},
        {"a_b", "%p", FOUND},
        {" x", "^%s%S$", FOUND},
        {"ab", "(a*(.)%w(%s*))", FOUND},
        {"a,b;c", "^[%a,;]*$", FOUND},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const expected *one = &cases[i];
        dbc__pattern_result found =
            dbc__pattern_find(one->text, strlen(one->text), one->pattern);

        assert_null(dbc__pattern_problem(one->pattern));
        if (found != one->result)
            fail_msg("\"%s\" in \"%s\" gave %d", one->pattern, one->text,
                     (int)found);
    }
}

static void looks_behind_a_nul(void **state)
{
    (void)state;

    assert_int_equal(FOUND, dbc__pattern_find("a\0b", 3, "b$"));
    assert_int_equal(NONE, dbc__pattern_find("a\0b", 1, "b$"));
}

static void takes_an_empty_text_without_an_address(void **state)
{
    (void)state;

    assert_int_equal(FOUND, dbc__pattern_find(NULL, 0, "^$"));
    assert_int_equal(NONE, dbc__pattern_find(NULL, 0, "."));
}

static void says_what_is_no_pattern(void **state)
{
    static const char *const cases[][2] = {
        {"%", "ends with %"},
        {"a%", "ends with %"},
        {"[a", "has a [ that is not closed"},
        {"[]", "has a [ that is not closed"},
        {"[^]", "has a [ that is not closed"},
        {"[a%", "has a [ that is not closed"},
        {"(a", "has a ( that is not closed"},
        {"a)", "has a ) that closes nothing"},
        {"%b(", "has %b without the two bytes behind it"},
        {"%fa", "has %f without a set such as [%a] behind it"},
        {"%f", "has %f without a set such as [%a] behind it"},
        {"%f[a", "has a [ that is not closed"},
        {"(a%1)", "refers to a capture that is not closed before it"},
        {"%1", "refers to a capture that is not closed before it"},
        {"%0", "refers to a capture that is not closed before it"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *problem = dbc__pattern_problem(cases[i][0]);
        assert_non_null(problem);
        assert_string_equal(cases[i][1], problem);
    }
}

static void never_takes_for_ever(void **state)
{
    char text[4000];
    (void)state;

    memset(text, 'a', sizeof text);
    assert_int_equal(TOO_LONG,
                     dbc__pattern_find(text, sizeof text, "(.-)(.-)(.-)(.-)b"));
    assert_int_equal(TOO_LONG,
                     dbc__pattern_find(text, sizeof text, "a-a-a-a-a-a-b"));
    assert_int_equal(FOUND, dbc__pattern_find(text, sizeof text, "^a+$"));
}

static void bounds_how_deep_it_goes(void **state)
{
    char pattern[1000];
    (void)state;

    for (size_t i = 0; i < sizeof pattern - 2; i += 2)
        memcpy(pattern + i, "a?", 2);
    pattern[sizeof pattern - 2] = '\0';
    assert_int_equal(FOUND, dbc__pattern_find("", 0, pattern));
    char text[600];
    memset(text, 'a', sizeof text);
    assert_int_equal(TOO_LONG, dbc__pattern_find(text, sizeof text, pattern));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_string_find_finds),
        cmocka_unit_test(looks_behind_a_nul),
        cmocka_unit_test(takes_an_empty_text_without_an_address),
        cmocka_unit_test(says_what_is_no_pattern),
        cmocka_unit_test(never_takes_for_ever),
        cmocka_unit_test(bounds_how_deep_it_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
