// Tokens, names in any quotes, and the form in which two texts that say the
// same are the same.
#include "token.h"

#include "fault.h"
#include "spec.h"
#include "text_arena.h"

static void assert_normal(const char *expected, const char *text)
{
    const char *form = dbc__normal_form(&arena, text, strlen(text));

    assert_non_null(form);
    assert_string_equal(expected, form);
}

static void goes_past_blanks_and_comments(void **state)
{
    dbc__tokens tokens;
    (void)state;

    dbc__tokens_init(&tokens, SQL("  a -- one\n /* two */ , \t;"));

    assert_true(dbc__tokens_take(&tokens, "A"));
    assert_true(dbc__tokens_take_char(&tokens, ','));
    assert_false(dbc__tokens_take(&tokens, "b"));
    assert_true(dbc__tokens_take_char(&tokens, ';'));
    assert_true(dbc__tokens_done(&tokens));
}

static void ends_at_a_quote_or_comment_that_is_not_closed(void **state)
{
    static const char *const texts[] = {"'abc", "\"abc", "[abc", "/* abc"};
    dbc__tokens tokens;
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        dbc__tokens_init(&tokens, texts[i], strlen(texts[i]));
        assert_true(dbc__tokens_done(&tokens));
    }
}

static void takes_what_is_between_brackets(void **state)
{
    dbc__tokens tokens;
    dbc__span inside;
    (void)state;

    dbc__tokens_init(&tokens, SQL("( a + (b), ')' ) c"));
    dbc__tokens_skip_brackets(&tokens, &inside);

    assert_int_equal(14, inside.len);
    assert_memory_equal(" a + (b), ')' ", inside.text, inside.len);
    assert_true(dbc__tokens_is(&tokens, "c"));
}

static void stops_at_the_end_when_a_bracket_is_missing(void **state)
{
    dbc__tokens tokens;
    dbc__span inside;
    (void)state;

    dbc__tokens_init(&tokens, SQL("(a, (b)"));
    dbc__tokens_skip_brackets(&tokens, &inside);

    assert_true(dbc__tokens_done(&tokens));
    assert_in_range(inside.len, 0, 6);
}

static void stays_where_there_is_no_bracket(void **state)
{
    dbc__tokens tokens;
    dbc__span inside;
    (void)state;

    dbc__tokens_init(&tokens, SQL("a)"));
    dbc__tokens_skip_brackets(&tokens, &inside);

    assert_int_equal(0, inside.len);
    assert_true(dbc__tokens_is(&tokens, "a"));
}

static void reads_names_in_any_quotes(void **state)
{
    static const struct {
        const char *text, *name;
    } cases[] = {{"plain", "plain"},
                 {"\"a \"\"b\"\"\"", "a \"b\""},
                 {"`a``b`", "a`b"},
                 {"[a\"b]", "a\"b"},
                 {"'it''s'", "it's"},
                 {"\"\"", ""},
                 {"gr\xc3\xb6\xc3\x9f", "gr\xc3\xb6\xc3\x9f"}};
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t len = strlen(cases[i].text);
        dbc__token token = dbc__scan_token(cases[i].text, len);
        assert_int_equal(len, token.len);
        assert_string_equal(cases[i].name, dbc__token_name(&arena, &token));
        assert_true(dbc__token_is_name(&token, cases[i].name));
        assert_false(dbc__token_is_name(&token, "other"));
    }
}

static void compares_names_as_the_database_does(void **state)
{
    dbc__token token = dbc__scan_token(SQL("\"Gr\xc3\x96\""));
    (void)state;

    assert_true(dbc__token_is_name(&token, "gR\xc3\x96"));
    assert_false(dbc__token_is_name(&token, "gr\xc3\xb6"));
    assert_false(dbc__token_is_name(&token, "gr\xc3\x96s"));
    assert_false(dbc__token_is_name(&token, "gr"));
}

static void finds_names_but_not_in_literals(void **state)
{
    (void)state;

    assert_true(dbc__mentions(SQL("length(\"Name\") > 3"), "name"));
    assert_true(dbc__mentions(SQL("new.[name]"), "name"));
    assert_false(dbc__mentions(SQL("x = 'name' -- name"), "name"));
    assert_false(dbc__mentions(SQL("names + name_"), "name"));
}

static void says_the_same_in_the_same_letters(void **state)
{
    (void)state;

    assert_normal("create table t ( a int )",
                  "CREATE  TABLE\n\"T\"( [a] /* key */ INT);");
    assert_normal("a = 'It''s  A'", "A   =  'It''s  A'");
    assert_normal("\"a b\" , \"x\"\"y\"", "`A b`,\"X\"\"y\"");
    assert_normal("\"null\" is null", "\"NULL\" IS NULL");
    assert_normal("\"1a\"", "[1A]");
}

static void takes_a_bare_default_for_a_literal(void **state)
{
    (void)state;

    assert_normal("default 'Abc'", "DEFAULT \"Abc\"");
    assert_normal("default 'Abc'", "DEFAULT Abc");
    assert_normal("default 'Abc'", "DEFAULT 'Abc'");
    assert_normal("default null", "DEFAULT NULL");
    assert_normal("default current_time", "DEFAULT CURRENT_TIME");
    assert_normal("default ( abc )", "DEFAULT (Abc)");
    assert_normal("default - 1", "DEFAULT -1");
}

static void writes_a_token_as_a_literal(void **state)
{
    static const struct {
        const char *text, *literal;
        int is_default;
    } cases[] = {{"\"it's\"", "'it''s'", 1}, {"[a b]", "'a b'", 1},
                 {"word", "'word'", 1},      {"'kept'", "'kept'", 0},
                 {"NULL", "'NULL'", 0},      {"12", "'12'", 0}};
    dbc_buf buf;
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        dbc__token token =
            dbc__scan_token(cases[i].text, strlen(cases[i].text));
        dbc__buf_init(&buf, NULL);
        dbc__token_literal(&buf, &token);
        assert_string_equal(cases[i].literal, buf.data);
        assert_int_equal(cases[i].is_default, dbc__token_is_default(&token));
        dbc__buf_dispose(&buf);
    }
}

static int normalise(void *ud, const dbc_alloc *alloc)
{
    static const char text[] = "CREATE TABLE \"a b\"(c TEXT DEFAULT \"x\")";
    dbc__token token = dbc__scan_token(SQL("\"a \"\"name\"\"\""));
    dbc__arena own;
    int rc = DBC_OK;
    (void)ud;

    dbc__arena_init(&own, alloc);
    if (!dbc__normal_form(&own, text, sizeof text - 1)) rc = DBC_ENOMEM;
    if (!dbc__token_name(&own, &token)) rc = DBC_ENOMEM;
    dbc__arena_dispose(&own);
    return rc;
}

static void says_so_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(normalise, NULL);
}

int main(void)
{
    const struct CMUnitTest specs[] = {
        SPEC(goes_past_blanks_and_comments),
        SPEC(ends_at_a_quote_or_comment_that_is_not_closed),
        SPEC(takes_what_is_between_brackets),
        SPEC(stops_at_the_end_when_a_bracket_is_missing),
        SPEC(stays_where_there_is_no_bracket),
        SPEC(reads_names_in_any_quotes),
        SPEC(compares_names_as_the_database_does),
        SPEC(finds_names_but_not_in_literals),
        SPEC(says_the_same_in_the_same_letters),
        SPEC(takes_a_bare_default_for_a_literal),
        SPEC(writes_a_token_as_a_literal),
        cmocka_unit_test(says_so_when_memory_is_out)};

    return cmocka_run_group_tests_name("token", specs, NULL, NULL);
}
