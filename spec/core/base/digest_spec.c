// SHA-256, by the examples of FIPS 180-4.
#include "digest.h"

#include "spec.h"

static void assert_digest(const char *expected, const char *text, size_t len)
{
    char digits[DBC__DIGEST_SIZE];

    dbc_sha256(digits, text, len);

    assert_string_equal(expected, digits);
}

static void knows_the_examples_of_the_standard(void **state)
{
    (void)state;
    assert_digest(
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        SQL(""));
    assert_digest(
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        SQL("abc"));
    assert_digest(
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        SQL("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"));
}

static void does_not_mind_how_the_text_is_cut(void **state)
{
    char whole[DBC__DIGEST_SIZE], pieces[DBC__DIGEST_SIZE];
    dbc__digest digest;

    (void)state;
    dbc_sha256(whole, SQL("one\0two"));
    dbc__digest_init(&digest);
    dbc__digest_add(&digest, "on", 2);
    dbc__digest_add(&digest, NULL, 0);
    dbc__digest_add_piece(&digest, "e", 1);
    dbc__digest_add(&digest, "two", 3);
    dbc__digest_end(&digest, pieces);

    assert_string_equal(whole, pieces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_examples_of_the_standard),
        cmocka_unit_test(does_not_mind_how_the_text_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
