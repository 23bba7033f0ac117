// Nothing is parsed: tokens that could say it are enough, because a doubt is
// decided against the statement.
#include "guard_text.h"

#include <sqlite3.h>
#include <string.h>

typedef enum token_kind {
    TEXT_END,
    TEXT_WORD,
    TEXT_QUOTED,
    TEXT_OTHER
} token_kind;

typedef struct token {
    token_kind kind;
    const char *text; // quotes included
    size_t len;
} token;

typedef struct reader {
    const char *at, *end;
} reader;

static int is_word_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '$' || c >= 0x80;
}

static int begins(const reader *r, const char *two)
{
    return r->end - r->at >= 2 && r->at[0] == two[0] && r->at[1] == two[1];
}

static void skip_blanks(reader *r)
{
    for (;;) {
        while (r->at < r->end && strchr(" \t\r\n\f\v", *r->at) && *r->at)
            r->at++;
        if (begins(r, "--")) {
            while (r->at < r->end && *r->at != '\n')
                r->at++;
        } else if (begins(r, "/*")) {
            r->at += 2;
            while (r->at < r->end && !begins(r, "*/"))
                r->at++;
            r->at += r->at < r->end ? 2 : 0;
        } else {
            return;
        }
    }
}

// Behind the quote that closes; one that is doubled does not.
static void skip_quoted(reader *r)
{
    char close = *r->at;

    if (close == '[') close = ']';
    for (r->at++; r->at < r->end; r->at++) {
        if (*r->at != close) continue;
        if (close == ']' || r->end - r->at < 2 || r->at[1] != close) break;
        r->at++;
    }
    if (r->at < r->end) r->at++;
}

static token next(reader *r)
{
    token found = {TEXT_END, NULL, 0};

    skip_blanks(r);
    if (r->at == r->end) return found;
    found.text = r->at;
    if (is_word_byte((unsigned char)*r->at)) {
        found.kind = TEXT_WORD;
        while (r->at < r->end && is_word_byte((unsigned char)*r->at))
            r->at++;
    } else if (strchr("'\"`[", *r->at)) {
        found.kind = TEXT_QUOTED;
        skip_quoted(r);
    } else {
        found.kind = TEXT_OTHER;
        r->at++;
    }
    found.len = (size_t)(r->at - found.text);
    return found;
}

static int is_word(const token *found, const char *word)
{
    return found->kind == TEXT_WORD && strlen(word) == found->len &&
           sqlite3_strnicmp(found->text, word, (int)found->len) == 0;
}

static int is_char(const token *found, char c)
{
    return found->kind == TEXT_OTHER && *found->text == c;
}

static int same_letter(char a, char b)
{
    return sqlite3_strnicmp(&a, &b, 1) == 0;
}

// Whether the token is that name, quoted or not.
static int is_name(const token *found, const char *name)
{
    const char *at = found->text, *end = at + found->len;
    char close = 0;

    if (found->kind == TEXT_QUOTED) {
        close = *at++;
        if (close == '[') close = ']';
        if (end > at && end[-1] == close) end--;
    } else if (found->kind != TEXT_WORD) {
        return 0;
    }
    for (; at < end && *name; at++, name++) {
        if (!same_letter(*at, *name)) return 0;
        if (close && *at == close) at++; // the first of two
    }
    return at >= end && *name == '\0';
}

// Behind the bracket that closes the one that was read.
static void skip_brackets(reader *r)
{
    int depth = 1;

    while (depth > 0) {
        token found = next(r);
        if (found.kind == TEXT_END) return;
        depth += is_char(&found, '(') - is_char(&found, ')');
    }
}

// name [(columns)] AS [[NOT] MATERIALIZED] (
static int is_definition(reader r)
{
    token found = next(&r);

    if (is_char(&found, '(')) {
        skip_brackets(&r);
        found = next(&r);
    }
    if (!is_word(&found, "AS")) return 0;
    found = next(&r);
    return is_char(&found, '(') || is_word(&found, "NOT") ||
           is_word(&found, "MATERIALIZED");
}

int dbc__sqlite_text_defines(const char *sql, size_t len, const char *name)
{
    reader r = {sql, sql + len};

    for (token found = next(&r); found.kind != TEXT_END; found = next(&r))
        if (is_name(&found, name) && is_definition(r)) return 1;
    return 0;
}

int dbc__sqlite_text_replaces(const char *sql, size_t len)
{
    reader r = {sql, sql + len};

    for (token found = next(&r); found.kind != TEXT_END; found = next(&r)) {
        if (!is_word(&found, "REPLACE")) continue;
        reader behind = r;
        found = next(&behind);
        if (!is_char(&found, '(')) return 1; // not the function
    }
    return 0;
}
