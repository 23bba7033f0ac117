#include "error.h"

#include "dbcore_driver.h"
#include "spec.h"

static void sets_code_and_message_and_clears_the_rest(void **state)
{
    dbc_error err = {1, 2, 3, 4, 5, "old", "old", "old", "old"};

    (void)state;
    assert_int_equal(DBC_EINVALID,
                     dbc__error_set(&err, DBC_EINVALID, "no %s %d", "row", 7));
    assert_int_equal(DBC_EINVALID, err.code);
    assert_string_equal("no row 7", err.message);
    assert_int_equal(0, err.native);
    assert_int_equal(-1, err.offset);
    assert_int_equal(0, err.row);
    assert_int_equal(0, err.rolled_back);
    assert_string_equal("", err.table);
    assert_string_equal("", err.columns);
    assert_string_equal("", err.constraint);
}

static int set_late(dbc_error *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int code = dbc__error_setv(err, DBC_EBUSY, format, args);
    va_end(args);
    return code;
}

static void takes_the_arguments_of_another_function(void **state)
{
    dbc_error err = DBC_ERROR_INIT;

    (void)state;
    assert_int_equal(DBC_EBUSY, set_late(&err, "%s of %d", "row", 7));
    assert_string_equal("row of 7", err.message);
    assert_int_equal(DBC_EBUSY, set_late(NULL, "%s", "x"));
}

static void does_without_a_place_to_write(void **state)
{
    (void)state;
    assert_int_equal(DBC_EIO, dbc__error_set(NULL, DBC_EIO, "x"));
    assert_int_equal(DBC_EIO, dbc_error_set(NULL, DBC_EIO, "x"));
    assert_int_equal(DBC_ENOMEM, dbc__error_nomem(NULL));
    dbc__error_clear(NULL);
}

static void may_quote_the_message_that_it_replaces(void **state)
{
    dbc_error err = DBC_ERROR_INIT;

    (void)state;
    dbc__error_set(&err, DBC_EIO, "disk");
    dbc_error_set(&err, DBC_EBROKEN, "broken: %s", err.message);
    assert_string_equal("broken: disk", err.message);
}

static void shows_control_bytes_as_question_marks(void **state)
{
    dbc_error err = DBC_ERROR_INIT;

    (void)state;
    dbc__error_set(&err, DBC_EIO, "a\nb\033[2Jc\x7f d\xc2\x9b");
    assert_string_equal("a?b?[2Jc? d?", err.message);
}

static void shows_broken_utf8_as_question_marks(void **state)
{
    dbc_error err = DBC_ERROR_INIT;

    (void)state;
    dbc__error_set(
        &err, DBC_EIO, "%s",
        "\xff \xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 Gr\xc3\xbc\xc3");
    assert_string_equal("? ?? ??? ???? Gr\xc3\xbc?", err.message);
}

static void cuts_a_long_message_at_a_character(void **state)
{
    dbc_error err = DBC_ERROR_INIT;
    char text[1000];

    (void)state;
    for (size_t i = 0; i + 3 < sizeof text; i += 3)
        memcpy(text + i, "\xe2\x82\xac", 4);
    dbc__error_set(&err, DBC_EIO, "%s", text);
    assert_int_equal(510, strlen(err.message));
    assert_memory_equal("\xe2\x82\xac", err.message + 507, 3);
    dbc__error_set(&err, DBC_EIO, "x%s", text);
    assert_int_equal(511, strlen(err.message));
}

static void cuts_fields_to_their_size(void **state)
{
    char field[6];

    (void)state;
    dbc__error_field(field, sizeof field, "users", 5);
    assert_string_equal("users", field);
    dbc_error_field(field, sizeof field, "r\xc3\xa9sum\xc3\xa9", 8);
    assert_string_equal("r\xc3\xa9su", field);
    dbc_error_field(field, sizeof field, "abcd\xc3\xa9", 6);
    assert_string_equal("abcd", field);
    dbc_error_field(field, sizeof field, "a\0b", 3);
    assert_string_equal("a?b", field);
}

static void tells_columns_apart_whatever_their_names(void **state)
{
    const char *names[] = {"a", "b,c", "d\"", " e", "it's", ""};
    dbc_error err = DBC_ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        dbc_error_add_column(&err, names[i], strlen(names[i]));

    assert_string_equal("a,\"b,c\",\"d\"\"\",\" e\",it's,\"\"", err.columns);
}

static void adds_columns_until_there_is_no_room(void **state)
{
    dbc_error err = DBC_ERROR_INIT;
    char name[400];

    (void)state;
    memset(name, '"', sizeof name);
    for (int i = 0; i < 300; i++)
        dbc_error_add_column(&err, "abc", 3);
    assert_in_range(strlen(err.columns), sizeof err.columns - 4,
                    sizeof err.columns - 1);
    err.columns[0] = '\0';
    dbc_error_add_column(&err, name, sizeof name);
    assert_int_equal(sizeof err.columns - 1, strlen(err.columns));
}

static void quotes_names_and_shortens_them(void **state)
{
    dbc__quoted quoted;
    char name[100];

    (void)state;
    assert_string_equal("\"users\"", dbc__quote(&quoted, "users", 5));
    assert_string_equal("\"a?b\"", dbc__quote(&quoted, "a\nb", 3));
    memset(name, 'n', sizeof name);
    dbc__quote(&quoted, name, sizeof name);
    assert_int_equal(1 + 60 + 3 + 1, strlen(quoted.text));
    assert_string_equal("n\xe2\x80\xa6\"", quoted.text + 60);
    assert_int_equal(62, strlen(dbc__quote(&quoted, name, 60)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_code_and_message_and_clears_the_rest),
        cmocka_unit_test(takes_the_arguments_of_another_function),
        cmocka_unit_test(does_without_a_place_to_write),
        cmocka_unit_test(may_quote_the_message_that_it_replaces),
        cmocka_unit_test(shows_control_bytes_as_question_marks),
        cmocka_unit_test(shows_broken_utf8_as_question_marks),
        cmocka_unit_test(cuts_a_long_message_at_a_character),
        cmocka_unit_test(cuts_fields_to_their_size),
        cmocka_unit_test(tells_columns_apart_whatever_their_names),
        cmocka_unit_test(adds_columns_until_there_is_no_room),
        cmocka_unit_test(quotes_names_and_shortens_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
