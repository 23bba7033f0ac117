// Tokens as SQLite's tokenizer cuts them, as far as quotes, comments,
// brackets and `;` are concerned. Everything else is left to the database.
#include "scan.h"

#include <string.h>

#include "name.h"

static int is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static int is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

static dbc__token make_token(dbc__token_kind kind, const char *text, size_t len)
{
    return (dbc__token){kind, text, len};
}

// A doubled closing quote stands for itself, except in brackets.
static dbc__token quoted_token(const char *text, size_t len, char close)
{
    for (size_t i = 1; i < len; i++) {
        if (text[i] != close) continue;
        if (close == ']' || i + 1 == len || text[i + 1] != close)
            return make_token(DBC__TOKEN_QUOTED, text, i + 1);
        i++;
    }
    return make_token(DBC__TOKEN_OPEN_QUOTE, text, len);
}

// `end` closes the comment, and `skip` bytes are surely inside it.
static dbc__token comment_token(const char *text, size_t len, const char *end,
                                size_t skip)
{
    size_t end_len = strlen(end);

    for (size_t i = skip; i + end_len <= len; i++) {
        if (memcmp(text + i, end, end_len) == 0)
            return make_token(DBC__TOKEN_SPACE, text, i + end_len);
    }
    return make_token(DBC__TOKEN_OPEN_COMMENT, text, len);
}

static dbc__token run_token(dbc__token_kind kind, const char *text, size_t len,
                            int (*belongs)(char c))
{
    size_t i = 1;

    while (i < len && belongs(text[i]))
        i++;
    return make_token(kind, text, i);
}

dbc__token dbc__scan_token(const char *text, size_t len)
{
    if (len == 0) return make_token(DBC__TOKEN_END, text, 0);

    char c = text[0];
    if (c == '\'' || c == '"' || c == '`') return quoted_token(text, len, c);
    if (c == '[') return quoted_token(text, len, ']');
    if (len > 1 && c == '-' && text[1] == '-')
        return comment_token(text, len, "\n", 2);
    if (len > 1 && c == '/' && text[1] == '*')
        return comment_token(text, len, "*/", 2);
    if (is_space(c)) return run_token(DBC__TOKEN_SPACE, text, len, is_space);
    if (is_word(c)) return run_token(DBC__TOKEN_WORD, text, len, is_word);
    return make_token(DBC__TOKEN_CHAR, text, 1);
}

int dbc__scan_is_word(const dbc__token *token, const char *word)
{
    return token->kind == DBC__TOKEN_WORD &&
           dbc__name_equal(token->text, token->len, word, strlen(word));
}

// One pass over a text, counting what must come out even.
typedef struct scan {
    const char *at;
    size_t len; // bytes left
    size_t depth;
    size_t seen; // tokens that are no space
    const char *problem;
} scan;

static scan scan_start(const char *text)
{
    return (scan){text, strlen(text), 0, 0, NULL};
}

static int is_char(const dbc__token *token, char c)
{
    return token->kind == DBC__TOKEN_CHAR && token->text[0] == c;
}

static void count_bracket(scan *s, const dbc__token *token)
{
    if (is_char(token, '(')) s->depth++;
    if (is_char(token, ')') && s->depth-- == 0)
        s->problem = "has a ) that closes nothing";
}

// The next token that is no space. Returns 0 at the end or at a problem.
static int scan_next(scan *s, dbc__token *token)
{
    do {
        *token = dbc__scan_token(s->at, s->len);
        s->at += token->len;
        s->len -= token->len;
    } while (token->kind == DBC__TOKEN_SPACE);

    if (token->kind == DBC__TOKEN_OPEN_QUOTE)
        s->problem = "has a quote that is not closed";
    if (token->kind == DBC__TOKEN_OPEN_COMMENT)
        s->problem = "has a comment that is not closed (one that begins with "
                     "-- needs a line end)";
    count_bracket(s, token);
    if (s->problem != NULL || token->kind == DBC__TOKEN_END) return 0;
    s->seen++;
    return 1;
}

static const char *scan_end(const scan *s)
{
    if (s->problem != NULL) return s->problem;
    if (s->seen == 0) return "is empty";
    if (s->depth > 0) return "has a ( that is not closed";
    return NULL;
}

const char *dbc__scan_expression(const char *text)
{
    scan s = scan_start(text);
    dbc__token token;

    while (scan_next(&s, &token)) {
        if (is_char(&token, ';')) return "has a ; in it";
    }
    return scan_end(&s);
}

const char *dbc__scan_select(const char *text, size_t *len)
{
    scan s = scan_start(text);
    dbc__token token;

    *len = 0;
    while (scan_next(&s, &token)) {
        if (s.seen == 1 && !dbc__scan_is_word(&token, "SELECT") &&
            !dbc__scan_is_word(&token, "WITH") &&
            !dbc__scan_is_word(&token, "VALUES"))
            return "is no query: it must begin with SELECT, WITH or VALUES";
        if (is_char(&token, ';')) break;
        *len = (size_t)(token.text + token.len - text);
    }
    if (scan_next(&s, &token)) return "has more than one statement";
    return scan_end(&s);
}

const char *dbc__scan_statement(const char *text, size_t *len)
{
    scan s = scan_start(text);
    dbc__token token;

    *len = 0;
    while (scan_next(&s, &token) && !is_char(&token, ';'))
        *len = (size_t)(token.text + token.len - text);
    if (s.problem == NULL && token.kind != DBC__TOKEN_END &&
        scan_next(&s, &token))
        return "has more than one statement";
    return scan_end(&s);
}

// The body runs from BEGIN to its END; a CASE has an END of its own.
static int scan_body(scan *s, dbc__token *token)
{
    size_t cases = 0;

    while (scan_next(s, token)) {
        if (dbc__scan_is_word(token, "CASE")) cases++;
        if (dbc__scan_is_word(token, "END") && cases-- == 0) return 1;
        if (is_char(token, ';') && s->depth > 0) return 0;
    }
    return 0;
}

const char *dbc__scan_trigger(const char *text, size_t *len)
{
    scan s = scan_start(text);
    dbc__token token;

    *len = 0;
    while (scan_next(&s, &token) && !dbc__scan_is_word(&token, "BEGIN")) {
        if (is_char(&token, ';')) return "has a ; before its BEGIN";
    }
    if (scan_end(&s) != NULL) return scan_end(&s);
    if (token.kind == DBC__TOKEN_END) return "has no BEGIN … END";

    if (!scan_body(&s, &token))
        return scan_end(&s) != NULL ? scan_end(&s) : "has no END";
    *len = (size_t)(token.text + token.len - text);
    if (scan_next(&s, &token) && !is_char(&token, ';'))
        return "goes on behind its END";
    if (s.problem == NULL && token.kind != DBC__TOKEN_END &&
        scan_next(&s, &token))
        return "goes on behind its END";
    return scan_end(&s);
}
