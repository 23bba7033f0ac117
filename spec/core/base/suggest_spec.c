#include "suggest.h"

#include "spec.h"

static const char *nearest(const char *wanted, const char *const *names)
{
    dbc__suggest suggest;

    dbc__suggest_init(&suggest, wanted, strlen(wanted));
    for (; *names != NULL; names++)
        dbc__suggest_try(&suggest, *names);
    return dbc__suggest_best(&suggest);
}

static const char *const columns[] = {"id",   "email",      "name", "role",
                                      "age",  "created_at", "city", "zip_code",
                                      "note", NULL};

static void finds_one_slip(void **state)
{
    (void)state;
    assert_string_equal("name", nearest("nmae", columns));
    assert_string_equal("email", nearest("emial", columns));
    assert_string_equal("role", nearest("rol", columns));
    assert_string_equal("age", nearest("aage", columns));
    assert_string_equal("city", nearest("cjty", columns));
}

static void finds_several_slips_in_a_long_name(void **state)
{
    (void)state;
    assert_string_equal("created_at", nearest("craeted_att", columns));
    assert_string_equal("zip_code", nearest("zipcdoe", columns));
}

static void does_not_mind_the_case(void **state)
{
    (void)state;
    assert_string_equal("email", nearest("EMAIL", columns));
}

static void suggests_nothing_that_was_not_meant(void **state)
{
    (void)state;
    assert_null(nearest("telephone", columns));
    assert_null(nearest("x", columns));
    assert_null(nearest("", columns));
}

static void prefers_the_nearest_then_the_first(void **state)
{
    const char *const names[] = {"posts", "post", "posta", NULL};

    (void)state;
    assert_string_equal("post", nearest("pist", names));
    assert_string_equal("posts", nearest("postx", names));
}

static void survives_names_of_any_length(void **state)
{
    char longest[256], longer[300];
    const char *names[] = {longest, longer, NULL};

    (void)state;
    memset(longest, 'a', 255);
    longest[255] = '\0';
    memset(longer, 'a', 299);
    longer[299] = '\0';
    assert_ptr_equal(longest, nearest(longest, names));
    assert_null(nearest(longer, names));
}

static void asks_at_the_end_of_a_message(void **state)
{
    dbc__suggest suggest;
    dbc__hint hint;

    (void)state;
    dbc__suggest_init(&suggest, "nmae", 4);
    dbc__suggest_try(&suggest, "name");

    assert_string_equal("; did you mean \"name\"?",
                        dbc__suggest_hint(&hint, &suggest));
}

static void asks_nothing_when_no_name_is_near(void **state)
{
    dbc__suggest suggest;
    dbc__hint hint;

    (void)state;
    dbc__suggest_init(&suggest, "telephone", 9);
    dbc__suggest_try(&suggest, "name");

    assert_string_equal("", dbc__suggest_hint(&hint, &suggest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_one_slip),
        cmocka_unit_test(finds_several_slips_in_a_long_name),
        cmocka_unit_test(does_not_mind_the_case),
        cmocka_unit_test(suggests_nothing_that_was_not_meant),
        cmocka_unit_test(prefers_the_nearest_then_the_first),
        cmocka_unit_test(survives_names_of_any_length),
        cmocka_unit_test(asks_at_the_end_of_a_message),
        cmocka_unit_test(asks_nothing_when_no_name_is_near),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
