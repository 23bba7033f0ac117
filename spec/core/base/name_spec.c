#include "name.h"

#include <stdio.h>
#include <stdlib.h>

#include "spec.h"

static int equal(const char *a, const char *b)
{
    return dbc__name_equal(a, strlen(a), b, strlen(b));
}

static void compares_as_sqlite_does(void **state)
{
    (void)state;
    assert_true(equal("users", "USERS"));
    assert_true(equal("", ""));
    assert_false(equal("users", "user"));
    assert_false(equal("users", "userz"));
    assert_false(equal("\xc3\xa4", "\xc3\x84"));
    assert_false(equal("@", "`"));
    assert_false(equal("[", "{"));
}

static int check(const char *name, size_t len, dbc_error *err)
{
    return dbc__name_check(name, len, "column", err);
}

static void takes_any_utf8_text_as_a_name(void **state)
{
    char longest[DBC__NAME_MAX];

    (void)state;
    memset(longest, 'x', sizeof longest);
    assert_int_equal(DBC_OK, check("id", 2, NULL));
    assert_int_equal(DBC_OK, check("select \"", 8, NULL));
    assert_int_equal(DBC_OK, check("gr\xc3\xb6\xc3\x9f"
                                   "e",
                                   7, NULL));
    assert_int_equal(DBC_OK, check("\xf0\x9f\x90\x98", 4, NULL));
    assert_int_equal(DBC_OK, check(longest, sizeof longest, NULL));
}

static void refuses_what_cannot_be_a_name(void **state)
{
    dbc_error err;
    char longer[DBC__NAME_MAX + 1];

    (void)state;
    memset(longer, 'x', sizeof longer);
    assert_int_equal(DBC_EINVALID, check("", 0, &err));
    assert_non_null(strstr(err.message, "column"));
    assert_int_equal(DBC_EINVALID, check("a\0b", 3, &err));
    assert_string_equal("the column \"a?b\" holds a NUL byte", err.message);
    assert_int_equal(DBC_EINVALID, check(longer, sizeof longer, &err));
    assert_non_null(strstr(err.message, "256 bytes, more than 255"));
}

static void refuses_what_is_no_utf8(void **state)
{
    // A lone tail, a long form, a surrogate, too large, cut off.
    static const char *const names[] = {"\x80",         "\xc0\xaf",
                                        "\xed\xa0\x80", "\xf5\x80\x80\x80",
                                        "ab\xe2\x82",   "\xe0\x80\xaf"};
    dbc_error err;

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(DBC_EINVALID, check(names[i], strlen(names[i]), &err));
        assert_non_null(strstr(err.message, "is not UTF-8"));
    }
}

static void hashes_equal_bytes_equally(void **state)
{
    (void)state;
    assert_int_equal(dbc__hash(1, "users", 5), dbc__hash(1, "users!", 5));
    assert_int_not_equal(dbc__hash(1, "users", 5), dbc__hash(2, "users", 5));
    assert_int_not_equal(dbc__hash(1, "", 0), dbc__hash(2, "", 0));
}

static void tells_lengths_apart(void **state)
{
    static const char zeros[64];

    (void)state;
    for (size_t a = 0; a < sizeof zeros; a++) {
        for (size_t b = 0; b < a; b++)
            assert_int_not_equal(dbc__hash(0, zeros, a),
                                 dbc__hash(0, zeros, b));
    }
}

static int order(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

static void spreads_similar_texts(void **state)
{
    enum { TEXTS = 100000 };
    uint64_t *hashes = malloc(TEXTS * sizeof *hashes);

    (void)state;
    assert_non_null(hashes);
    for (int i = 0; i < TEXTS; i++) {
        char text[64];
        int len = snprintf(text, sizeof text,
                           "SELECT * FROM t%d WHERE id = ?%d", i % 317, i);
        hashes[i] = dbc__hash(0, text, (size_t)len);
    }
    qsort(hashes, TEXTS, sizeof *hashes, order);
    for (int i = 1; i < TEXTS; i++)
        assert_true(hashes[i] != hashes[i - 1]);
    free(hashes);
}

static void changes_half_of_the_hash_with_one_bit(void **state)
{
    unsigned char text[24] = "0123456789abcdefghijklm";

    (void)state;
    for (size_t len = 1; len <= sizeof text; len++) {
        uint64_t before = dbc__hash(7, text, len);
        for (size_t bit = 0; bit < len * 8; bit++) {
            text[bit / 8] ^= (unsigned char)(1u << bit % 8);
            uint64_t changed = before ^ dbc__hash(7, text, len);
            text[bit / 8] ^= (unsigned char)(1u << bit % 8);
            int count = 0;
            for (; changed != 0; changed &= changed - 1)
                count++;
            assert_in_range(count, 10, 54);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_as_sqlite_does),
        cmocka_unit_test(takes_any_utf8_text_as_a_name),
        cmocka_unit_test(refuses_what_cannot_be_a_name),
        cmocka_unit_test(refuses_what_is_no_utf8),
        cmocka_unit_test(hashes_equal_bytes_equally),
        cmocka_unit_test(tells_lengths_apart),
        cmocka_unit_test(spreads_similar_texts),
        cmocka_unit_test(changes_half_of_the_hash_with_one_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
