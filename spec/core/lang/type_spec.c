// What the declared types take, what they turn it into, and what they say
// when they refuse it.
#include <math.h>
#include <stdio.h>

#include "spec.h"
#include "type.h"

static const char *const ROLES[] = {"admin", "editor", "reader"};

static const dbc_column_def COLUMNS[] = {
    {.name = "age", .type = DBC_T_INTEGER},
    {.name = "score", .type = DBC_T_REAL},
    {.name = "name", .type = DBC_T_TEXT},
    {.name = "photo", .type = DBC_T_BLOB},
    {.name = "active", .type = DBC_T_BOOLEAN},
    {.name = "settings", .type = DBC_T_JSON},
    {.name = "price", .type = DBC_T_NUMERIC},
    {.name = "seen_at", .type = DBC_T_TIMESTAMP},
    {.name = "born", .type = DBC_T_DATE},
    {.name = "met_at", .type = DBC_T_DATETIME},
    {.name = "key", .type = DBC_T_UUID},
    {.name = "role", .type = DBC_T_ENUM, .enum_values = {ROLES, 3}},
    {.name = "rank", .type = DBC_T_TEXT, .enum_values = {ROLES, 2}},
    {.name = "point", .type = DBC_T_CUSTOM, .storage = "BLOB"},
    {.name = "rest", .type = DBC_T_ANY},
};

static dbc_table *users;

static int open_table(void **state)
{
    const dbc_table_def def = {
        .name = "users", .columns = COLUMNS, .column_count = COUNT(COLUMNS)};
    (void)state;

    return dbc_table_new(&users, &def, NULL, NULL);
}

static int close_table(void **state)
{
    (void)state;
    dbc_table_release(users);
    return 0;
}

static dbc_value text(const char *string)
{
    return dbc_value_text(string, strlen(string));
}

static int encode(const char *column, dbc_value *value, dbc_error *err)
{
    const dbc_column *found =
        dbc_table_find(users, column, strlen(column), NULL);

    assert_non_null(found);
    return dbc_column_encode(found, value, err);
}

static void assert_takes(const char *column, dbc_value value)
{
    dbc_error err = DBC_ERROR_INIT;

    if (encode(column, &value, &err) != DBC_OK) fail_msg("%s", err.message);
}

static void assert_refuses(const char *column, dbc_value value,
                           const char *message)
{
    dbc_error err = DBC_ERROR_INIT;

    assert_int_equal(encode(column, &value, &err), DBC_EINVALID);
    assert_string_equal(err.message, message);
    assert_int_equal(err.code, DBC_EINVALID);
    assert_string_equal(err.table, "users");
    assert_string_equal(err.columns, column);
    assert_int_equal(encode(column, &value, NULL), DBC_EINVALID);
}

static void assert_no(const char *column, const char *string)
{
    dbc_value value = text(string);

    if (encode(column, &value, NULL) == DBC_OK)
        fail_msg("%s was taken for %s", string, column);
}

static void knows_every_type_by_its_word(void **state)
{
    (void)state;
#define CHECK_WORD(name, word, sql)                           \
    assert_int_equal(dbc_type_from_word(word), DBC_T_##name); \
    assert_string_equal(dbc_type_word(DBC_T_##name), word);
    DBC_TYPE_MAP(CHECK_WORD)
#undef CHECK_WORD
    assert_int_equal(dbc_type_from_word("Integer"), -1);
    assert_int_equal(dbc_type_from_word(""), -1);
    assert_string_equal(dbc_type_word((dbc_type)99), "unknown");
}

static void lets_null_pass_for_every_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(COLUMNS); i++)
        assert_takes(COLUMNS[i].name, dbc_value_null());
}

static void turns_whole_reals_into_integers(void **state)
{
    dbc_value value = dbc_value_real(-9223372036854775808.0);
    (void)state;

    assert_int_equal(encode("age", &value, NULL), DBC_OK);

    assert_int_equal(value.type, DBC_INT);
    assert_true(value.as.i == INT64_MIN);
}

static void refuses_numbers_that_no_integer_is(void **state)
{
    (void)state;
    assert_refuses("age", dbc_value_real(1.5),
                   "column \"users.age\" is integer: expected a whole number "
                   "of 64 bits, got real 1.5");
    assert_refuses("age", dbc_value_real(9223372036854775808.0),
                   "column \"users.age\" is integer: expected a whole number "
                   "of 64 bits, got real 9.2233720368547758e+18");
    assert_refuses("age", dbc_value_real(-INFINITY),
                   "column \"users.age\" is integer: expected a whole number "
                   "of 64 bits, got real -inf");
    assert_refuses("age", text("abc"),
                   "column \"users.age\" is integer: expected a whole number "
                   "of 64 bits, got text \"abc\"");
    assert_refuses("seen_at", dbc_value_bool(1),
                   "column \"users.seen_at\" is timestamp: expected whole "
                   "seconds since 1970-01-01 UTC, got true");
}

static void takes_integers_for_a_real_only_when_exact(void **state)
{
    dbc_value value = dbc_value_int(INT64_MIN);
    (void)state;

    assert_int_equal(encode("score", &value, NULL), DBC_OK);
    assert_int_equal(value.type, DBC_REAL);
    assert_true(value.as.r == -9223372036854775808.0);

    assert_takes("score", dbc_value_real(INFINITY));
    assert_takes("score", dbc_value_int(INT64_C(9007199254740992)));
    assert_refuses("score", dbc_value_int(INT64_C(9007199254740993)),
                   "column \"users.score\" is real: expected a number that a "
                   "double holds exactly, got integer 9007199254740993");
    assert_refuses("score", dbc_value_int(INT64_MAX),
                   "column \"users.score\" is real: expected a number that a "
                   "double holds exactly, got integer 9223372036854775807");
}

static void refuses_nan_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(COLUMNS); i++) {
        dbc_value value = dbc_value_real(NAN);

        assert_int_equal(encode(COLUMNS[i].name, &value, NULL), DBC_EINVALID);
    }
    assert_refuses("rest", dbc_value_real(NAN),
                   "column \"users.rest\" is any: NaN cannot be stored, use "
                   "null for \"not a number\"");
}

static void refuses_a_list_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(COLUMNS); i++) {
        dbc_value value = dbc_value_list(NULL, 3);

        assert_int_equal(encode(COLUMNS[i].name, &value, NULL), DBC_EINVALID);
    }
    assert_refuses("point", dbc_value_list(NULL, 3),
                   "column \"users.point\" is custom: a list is only allowed "
                   "on the right of in_");
}

static void turns_text_for_a_blob_column_into_a_blob(void **state)
{
    dbc_value value = dbc_value_text("a\0b", 3);
    (void)state;

    assert_int_equal(encode("photo", &value, NULL), DBC_OK);

    assert_int_equal(value.type, DBC_BLOB);
    assert_int_equal(value.len, 3);
    assert_memory_equal(value.as.blob, "a\0b", 3);
}

static void keeps_blobs_out_of_text(void **state)
{
    (void)state;
    assert_takes("name", dbc_value_text("a\0b", 3));
    assert_refuses("name", dbc_value_blob("xyz", 3),
                   "column \"users.name\" is text: expected text, got a blob "
                   "of 3 bytes");
    assert_refuses("settings", dbc_value_int(1),
                   "column \"users.settings\" is json: expected JSON text, got "
                   "integer 1");
}

static void turns_booleans_into_0_and_1_and_takes_nothing_else(void **state)
{
    dbc_value value = dbc_value_bool(7);
    (void)state;

    assert_int_equal(encode("active", &value, NULL), DBC_OK);

    assert_int_equal(value.type, DBC_INT);
    assert_int_equal(value.as.i, 1);
    assert_refuses("active", dbc_value_int(1),
                   "column \"users.active\" is boolean: expected true or "
                   "false, got integer 1");
}

static void keeps_a_numeric_as_it_was_given(void **state)
{
    dbc_value value = dbc_value_real(2.0);
    (void)state;

    assert_int_equal(encode("price", &value, NULL), DBC_OK);

    assert_int_equal(value.type, DBC_REAL);
    assert_takes("price", dbc_value_int(2));
    assert_refuses("price", text("2"),
                   "column \"users.price\" is numeric: expected a number, got "
                   "text \"2\"");
}

static void takes_anything_single_for_custom_and_any(void **state)
{
    dbc_value value = dbc_value_bool(1);
    (void)state;

    assert_int_equal(encode("rest", &value, NULL), DBC_OK);
    assert_int_equal(value.type, DBC_INT);
    assert_takes("point", dbc_value_blob("x", 1));
    assert_takes("point", text("x"));
    assert_takes("rest", dbc_value_real(0.5));
}

static void takes_days_of_the_calendar_only(void **state)
{
    (void)state;
    assert_takes("born", text("2026-01-31"));
    assert_takes("born", text("2024-02-29"));
    assert_takes("born", text("2000-02-29"));
    assert_no("born", "1900-02-29");
    assert_no("born", "2023-02-29");
    assert_no("born", "2026-04-31");
    assert_no("born", "2026-13-01");
    assert_no("born", "2026-00-10");
    assert_no("born", "2026-01-00");
    assert_no("born", "2026-1-31");
    assert_no("born", "2026-01-31 ");
    assert_no("born", "2026/01/31");
    assert_no("born", "");
    assert_refuses("born", text("31.1.2026"),
                   "column \"users.born\" is date: expected a day such as "
                   "\"2026-01-31\", got text \"31.1.2026\"");
}

static void takes_moments_with_fraction_and_zone(void **state)
{
    (void)state;
    assert_takes("met_at", text("2026-01-31 23:59:59"));
    assert_takes("met_at", text("2026-01-31 00:00:00.123456"));
    assert_takes("met_at", text("2026-01-31 23:59:59Z"));
    assert_takes("met_at", text("2026-01-31 23:59:59.5+14:00"));
    assert_takes("met_at", text("2026-01-31 23:59:59-01:30"));
    assert_no("met_at", "2026-01-31");
    assert_no("met_at", "2026-01-31T23:59:59");
    assert_no("met_at", "2026-01-31 24:00:00");
    assert_no("met_at", "2026-01-31 23:60:00");
    assert_no("met_at", "2026-01-31 23:59:60");
    assert_no("met_at", "2026-02-30 23:59:59");
    assert_no("met_at", "2026-01-31 23:59:59.");
    assert_no("met_at", "2026-01-31 23:59:59+15:00");
    assert_no("met_at", "2026-01-31 23:59:59+1:00");
    assert_no("met_at", "2026-01-31 23:59:59z");
    assert_no("met_at", "2026-01-31 23:59:59 Z");
    assert_no("met_at", "2026-01-31 23:59");
}

static void takes_uuids_in_lower_case_only(void **state)
{
    (void)state;
    assert_takes("key", text("0b2e9c1a-5f1d-4c57-9a63-1f2e3d4c5b6a"));
    assert_no("key", "0b2e9c1a5f1d4c579a631f2e3d4c5b6a");
    assert_no("key", "0b2e9c1a-5f1d-4c57-9a63-1f2e3d4c5b6");
    assert_no("key", "0b2e9c1a-5f1d-4c57-9a63-1f2e3d4c5b6g");
    assert_no("key", "0b2e9c1a-5f1d-4c57-9a631-f2e3d4c5b6a");
    assert_refuses("key", text("0B2E9C1A-5F1D-4C57-9A63-1F2E3D4C5B6A"),
                   "column \"users.key\" is uuid: expected a UUID in lower "
                   "case (lower it first), got text "
                   "\"0B2E9C1A-5F1D-4C57-9A63-1F2E3D4C5B6A\"");
}

static void takes_the_values_of_an_enum_and_names_the_nearest(void **state)
{
    (void)state;
    assert_takes("role", text("admin"));
    assert_takes("rank", text("editor"));
    assert_no("rank", "reader");
    assert_no("role", "Admin");
    assert_no("role", "");
    assert_refuses("role", text("edtor"),
                   "column \"users.role\" is enum: expected one of \"admin\", "
                   "\"editor\", \"reader\", got text \"edtor\"; did you mean "
                   "\"editor\"?");
    assert_refuses("rank", text("zzzzzzzzz"),
                   "column \"users.rank\" is text: expected one of \"admin\", "
                   "\"editor\", got text \"zzzzzzzzz\"");
    assert_refuses("role", dbc_value_text("admin\0x", 7),
                   "column \"users.role\" is enum: expected one of \"admin\", "
                   "\"editor\", \"reader\", got text \"admin?x\"; did you mean "
                   "\"admin\"?");
}

static void cuts_a_long_list_and_a_long_value_in_messages(void **state)
{
    char names[100][20];
    const char *values[100];
    char given[4000];
    dbc_error err = DBC_ERROR_INIT;
    dbc_table *table;
    (void)state;

    for (int i = 0; i < 100; i++) {
        snprintf(names[i], sizeof names[i], "value%d", i);
        values[i] = names[i];
    }
    const dbc_column_def column = {
        .name = "v", .type = DBC_T_ENUM, .enum_values = {values, 100}};
    const dbc_table_def def = {
        .name = "t", .columns = &column, .column_count = 1};
    assert_int_equal(dbc_table_new(&table, &def, NULL, NULL), DBC_OK);
    memset(given, 'x', sizeof given);
    dbc_value value = dbc_value_text(given, sizeof given);
    int rc = dbc_column_encode(dbc_table_column(table, 0), &value, &err);

    assert_int_equal(rc, DBC_EINVALID);
    assert_non_null(strstr(err.message, "\"value0\", \"value1\""));
    assert_non_null(strstr(err.message, " more), got text \"xxx"));
    assert_true(strlen(err.message) < 400);
    dbc_table_release(table);
}

static void says_the_type_when_no_column_is_known(void **state)
{
    dbc_value value = text("abc");
    dbc_error err = DBC_ERROR_INIT;
    (void)state;

    int rc = dbc__type_encode(DBC_T_INTEGER, NULL, &value, &err);

    assert_int_equal(rc, DBC_EINVALID);
    assert_string_equal(err.message,
                        "a value of type integer: expected a whole number of "
                        "64 bits, got text \"abc\"");
    assert_int_equal(dbc__type_encode(DBC_T_ENUM, NULL, &value, &err), DBC_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_every_type_by_its_word),
        cmocka_unit_test(lets_null_pass_for_every_column),
        cmocka_unit_test(turns_whole_reals_into_integers),
        cmocka_unit_test(refuses_numbers_that_no_integer_is),
        cmocka_unit_test(takes_integers_for_a_real_only_when_exact),
        cmocka_unit_test(refuses_nan_everywhere),
        cmocka_unit_test(refuses_a_list_everywhere),
        cmocka_unit_test(turns_text_for_a_blob_column_into_a_blob),
        cmocka_unit_test(keeps_blobs_out_of_text),
        cmocka_unit_test(turns_booleans_into_0_and_1_and_takes_nothing_else),
        cmocka_unit_test(keeps_a_numeric_as_it_was_given),
        cmocka_unit_test(takes_anything_single_for_custom_and_any),
        cmocka_unit_test(takes_days_of_the_calendar_only),
        cmocka_unit_test(takes_moments_with_fraction_and_zone),
        cmocka_unit_test(takes_uuids_in_lower_case_only),
        cmocka_unit_test(takes_the_values_of_an_enum_and_names_the_nearest),
        cmocka_unit_test(cuts_a_long_list_and_a_long_value_in_messages),
        cmocka_unit_test(says_the_type_when_no_column_is_known),
    };
    return cmocka_run_group_tests_name("type", tests, open_table, close_table);
}
