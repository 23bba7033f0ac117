// The list of migrations a program knows: identities, checksums, heads.
#include "migrator.h"

#include "fault.h"
#include "spec.h"

static dbc_error err;

static int call(void *ud, dbc_migration_run *run)
{
    (void)ud;
    (void)run;
    return DBC_OK;
}

static const char SUM[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static dbc_migrator *make(const dbc_migration *list, size_t count)
{
    dbc_migrator *made = NULL;

    if (dbc_migrator_new(&made, list, count, NULL, &err) < 0)
        fail_msg("%s", err.message);
    return made;
}

static void assert_refused(int code, const dbc_migration *list, size_t count,
                           const char *message)
{
    dbc_migrator *made = NULL;

    assert_int_equal(code, dbc_migrator_new(&made, list, count, NULL, &err));
    assert_null(made);
    assert_string_equal(message, err.message);
}

static void puts_migrations_in_order(void **state)
{
    const dbc_migration list[] = {
        {.version = "10", .name = "ten", .sql = "SELECT 10"},
        {.version = "0002", .name = "two", .up = call, .checksum = SUM},
        {.version = "1", .name = "one", .sql = "SELECT 1;\n-- down\n"}};
    dbc_migrator *made = make(list, COUNT(list));

    (void)state;
    assert_int_equal(3, made->count);
    assert_string_equal("1_one", made->items[0].id);
    assert_string_equal("0002_two", made->items[1].id);
    assert_string_equal("10_ten", made->items[2].id);
    assert_true(made->items[0].reversible);
    assert_false(made->items[1].reversible);
    dbc_migrator_free(made);
}

static void assert_same_sum(int same, const char *a, const char *b)
{
    const dbc_migration list[] = {{.version = "1", .name = "a", .sql = a},
                                  {.version = "2", .name = "b", .sql = b}};
    dbc_migrator *made = make(list, 2);
    int equal = strcmp(made->items[0].checksum, made->items[1].checksum) == 0;

    if (same != equal) fail_msg("%s\n%s", a, b);
    dbc_migrator_free(made);
}

static void sums_up_what_a_text_says_and_not_how(void **state)
{
    (void)state;
    assert_same_sum(1, "CREATE TABLE a (x INT);",
                    "\xef\xbb\xbf-- Licence: MIT\r\n\r\n-- up\r\n"
                    "create table\t\"a\" ( x /* ! */ int )\r\n");
    assert_same_sum(0, "SELECT 'a'", "SELECT 'A'");
    assert_same_sum(0, "SELECT 'a b'", "SELECT 'a  b'");
    assert_same_sum(0, "SELECT 1; SELECT 2", "SELECT 1;\n-- down\nSELECT 2");
    assert_same_sum(0, "SELECT 1; SELECT 2", "SELECT 1");
    assert_same_sum(1, "SELECT 1", "SELECT 1;;");
}

static void refuses_what_is_no_migration(void **state)
{
    const dbc_migration bad_version = {.version = "1a", .name = "x"};
    const dbc_migration zero = {.version = "000", .name = "x"};
    const dbc_migration bad_name = {.version = "1", .name = "a b"};
    const dbc_migration nothing = {.version = "1", .name = "a"};
    const dbc_migration no_sum = {.version = "1", .name = "a", .up = call};
    const dbc_migration bad_sum = {
        .version = "1", .name = "a", .up = call, .checksum = "ABC"};
    const dbc_migration text = {
        .version = "0001", .name = "a", .sql = "SELECT 1;\nCOMMIT"};

    (void)state;
    assert_refused(DBC_EINVALID, &bad_version, 1,
                   "the version of a migration is up to 18 digits, got \"1a\"");
    assert_refused(DBC_EINVALID, &zero, 1,
                   "versions of migrations begin at 1: 0 means that none is "
                   "applied");
    assert_refused(DBC_EINVALID, &bad_name, 1,
                   "the name of migration 1 is letters, digits and _, got "
                   "\"a b\"");
    assert_refused(DBC_EINVALID, &nothing, 1,
                   "1_a has neither SQL text nor a function `up`");
    assert_refused(DBC_EINVALID, &no_sum, 1,
                   "1_a is a function and needs a checksum of its text");
    assert_refused(DBC_EINVALID, &bad_sum, 1,
                   "the checksum of 1_a is not 64 hexadecimal digits in lower "
                   "case");
    assert_refused(DBC_EINVALID, &text, 1,
                   "0001_a, line 2: a migration is one transaction, which is "
                   "begun and ended for it: leave this statement out");
}

static void finds_two_heads(void **state)
{
    const dbc_migration list[] = {
        {.version = "1", .name = "a", .sql = ""},
        {.version = "0002", .name = "b", .sql = ""},
        {.version = "2", .name = "c", .sql = ""},
        {.version = "3", .name = "merge", .sql = "-- merges: 2_b 2_c"}};
    const dbc_migration twice[] = {list[0], list[0]};
    const dbc_migration astray[] = {
        list[0], {.version = "3", .name = "m", .sql = "-- merges: 1_b"}};

    (void)state;
    assert_refused(DBC_ECONFLICT, list, 3,
                   "the history has two heads, 0002_b and 2_c: give one of "
                   "them a later version, or merge both");
    assert_refused(DBC_EINVALID, twice, 2, "1_a is there twice");
    assert_refused(DBC_EINVALID, astray, 2,
                   "3_m merges \"1_b\", which is no earlier migration; did you "
                   "mean \"1_a\"?");
    dbc_migrator_free(make(list, 4));
}

static int make_under_pressure(void *ud, const dbc_alloc *alloc)
{
    static const char *const replaced[] = {"1_a", "2_b"};
    const dbc_migration list[] = {
        {.version = "3", .name = "c", .sql = "SELECT 1;\n-- down\nSELECT 2"},
        {.version = "4",
         .name = "d",
         .up = call,
         .checksum = SUM,
         .source = "return",
         .replaces = {replaced, 2}}};
    dbc_migrator *made = NULL;

    (void)ud;
    int rc = dbc_migrator_new(&made, list, COUNT(list), alloc, &err);
    dbc_migrator_free(made);
    return rc;
}

static void survives_without_memory(void **state)
{
    (void)state;
    FAULT_WALK(make_under_pressure, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_migrations_in_order),
        cmocka_unit_test(sums_up_what_a_text_says_and_not_how),
        cmocka_unit_test(refuses_what_is_no_migration),
        cmocka_unit_test(finds_two_heads),
        cmocka_unit_test(survives_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
