// Tokens and the normal form of SQL texts. What a token is says lang/scan;
// here blanks are left out, names lose their quotes and words their case.
#include "token.h"

#include <string.h>

#include "name.h"

void dbc__tokens_init(dbc__tokens *tokens, const char *text, size_t len)
{
    tokens->end = text + len;
    tokens->token = (dbc__token){DBC__TOKEN_SPACE, text, 0};
    dbc__tokens_next(tokens);
}

void dbc__tokens_next(dbc__tokens *tokens)
{
    const char *at = tokens->token.text + tokens->token.len;

    tokens->behind = at;
    do {
        tokens->token = dbc__scan_token(at, (size_t)(tokens->end - at));
        at += tokens->token.len;
    } while (tokens->token.kind == DBC__TOKEN_SPACE);
}

int dbc__tokens_is(const dbc__tokens *tokens, const char *word)
{
    return dbc__scan_is_word(&tokens->token, word);
}

int dbc__tokens_is_char(const dbc__tokens *tokens, char c)
{
    return tokens->token.kind == DBC__TOKEN_CHAR && tokens->token.text[0] == c;
}

int dbc__tokens_done(const dbc__tokens *tokens)
{
    return tokens->token.kind == DBC__TOKEN_END ||
           tokens->token.kind == DBC__TOKEN_OPEN_QUOTE ||
           tokens->token.kind == DBC__TOKEN_OPEN_COMMENT;
}

int dbc__tokens_take(dbc__tokens *tokens, const char *word)
{
    if (!dbc__tokens_is(tokens, word)) return 0;
    dbc__tokens_next(tokens);
    return 1;
}

int dbc__tokens_take_char(dbc__tokens *tokens, char c)
{
    if (!dbc__tokens_is_char(tokens, c)) return 0;
    dbc__tokens_next(tokens);
    return 1;
}

void dbc__tokens_skip_brackets(dbc__tokens *tokens, dbc__span *inside)
{
    const char *start = tokens->token.text + tokens->token.len;
    const char *end = start;
    size_t depth = 0;

    if (!dbc__tokens_is_char(tokens, '(')) {
        if (inside) *inside = (dbc__span){tokens->token.text, 0};
        return;
    }
    while (!dbc__tokens_done(tokens)) {
        end = tokens->token.text;
        if (dbc__tokens_is_char(tokens, '(')) depth++;
        if (dbc__tokens_is_char(tokens, ')')) depth--;
        dbc__tokens_next(tokens);
        if (depth == 0) break;
    }
    if (depth > 0) end = tokens->token.text; // it is never closed
    if (inside) *inside = (dbc__span){start, (size_t)(end - start)};
}

// -------------------------------------------------------------------- names

static int is_quoted(const dbc__token *token)
{
    return token->kind == DBC__TOKEN_QUOTED;
}

// The quote at the end of a quoted token.
static char closing(const dbc__token *token)
{
    if (token->text[0] == '[') return ']';
    return token->text[0];
}

// Copies a quoted token without its quotes. Returns the length.
static size_t unquote(char *out, const dbc__token *token)
{
    char close = closing(token);
    size_t len = 0;

    for (size_t i = 1; i + 1 < token->len; i++) {
        out[len++] = token->text[i];
        if (close != ']' && token->text[i] == close) i++;
    }
    return len;
}

// A number is several tokens: they touch each other.
static void skip_number(dbc__tokens *tokens)
{
    char last;

    do {
        last = tokens->token.text[tokens->token.len - 1];
        dbc__tokens_next(tokens);
    } while (
        !dbc__tokens_done(tokens) && tokens->token.text == tokens->behind &&
        (tokens->token.kind == DBC__TOKEN_WORD ||
         dbc__tokens_is_char(tokens, '.') ||
         ((last == 'e' || last == 'E') && (dbc__tokens_is_char(tokens, '+') ||
                                           dbc__tokens_is_char(tokens, '-')))));
}

int dbc__tokens_is_number(const dbc__tokens *tokens)
{
    char c = tokens->token.text[0];

    return tokens->token.kind != DBC__TOKEN_END &&
           ((c >= '0' && c <= '9') || c == '.');
}

void dbc__tokens_skip_literal(dbc__tokens *tokens)
{
    if (!dbc__tokens_take_char(tokens, '-')) dbc__tokens_take_char(tokens, '+');
    if (dbc__tokens_is_number(tokens)) {
        skip_number(tokens);
        return;
    }
    dbc__tokens_next(tokens);
    // A blob: x'…'.
    if (tokens->token.kind == DBC__TOKEN_QUOTED &&
        tokens->token.text == tokens->behind)
        dbc__tokens_next(tokens);
}

char *dbc__token_name(dbc__arena *arena, const dbc__token *token)
{
    char *name;

    if (!is_quoted(token))
        return dbc__arena_copy(arena, token->text, token->len);
    name = dbc__arena_take(arena, token->len);
    if (name) name[unquote(name, token)] = '\0';
    return name;
}

int dbc__token_is_name(const dbc__token *token, const char *name)
{
    size_t len = strlen(name);
    char close;

    if (token->kind == DBC__TOKEN_WORD)
        return dbc__name_equal(token->text, token->len, name, len);
    if (!is_quoted(token)) return 0;
    close = closing(token);
    for (size_t i = 1; i + 1 < token->len; i++, name++, len--) {
        if (len == 0 || !dbc__name_equal(token->text + i, 1, name, 1)) return 0;
        if (close != ']' && token->text[i] == close) i++;
    }
    return len == 0;
}

int dbc__mentions(const char *text, size_t len, const char *name)
{
    dbc__tokens tokens;

    for (dbc__tokens_init(&tokens, text, len); !dbc__tokens_done(&tokens);
         dbc__tokens_next(&tokens)) {
        if (tokens.token.kind == DBC__TOKEN_QUOTED &&
            tokens.token.text[0] == '\'')
            continue;
        if (dbc__token_is_name(&tokens.token, name)) return 1;
    }
    return 0;
}

// -------------------------------------------------------------- normal form

static void add_lower(dbc_buf *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        dbc__buf_add_char(out, dbc__lower(text[i]));
}

static int is_plain(const char *text, size_t len)
{
    // Words that mean something else when they are not quoted.
    static const char *const meant[] = {"null",         "true",
                                        "false",        "current_date",
                                        "current_time", "current_timestamp"};
    dbc__token token = dbc__scan_token(text, len);

    if (token.kind != DBC__TOKEN_WORD || token.len != len) return 0;
    if (text[0] >= '0' && text[0] <= '9') return 0;
    for (size_t i = 0; i < sizeof meant / sizeof *meant; i++) {
        if (dbc__scan_is_word(&token, meant[i])) return 0;
    }
    return 1;
}

// A name in any quotes: without them where it can be.
static void add_name(dbc_buf *out, const dbc__token *token)
{
    char close = closing(token);

    if (is_plain(token->text + 1, token->len - 2)) {
        add_lower(out, token->text + 1, token->len - 2);
        return;
    }
    dbc__buf_add_char(out, '"');
    for (size_t i = 1; i + 1 < token->len; i++) {
        if (token->text[i] == '"') dbc__buf_add_char(out, '"');
        dbc__buf_add_char(out, dbc__lower(token->text[i]));
        if (close != ']' && token->text[i] == close) i++;
    }
    dbc__buf_add_char(out, '"');
}

void dbc__token_literal(dbc_buf *out, const dbc__token *token)
{
    char close = closing(token);
    int quoted = is_quoted(token);

    dbc__buf_add_char(out, '\'');
    for (size_t i = quoted; i + (size_t)quoted < token->len; i++) {
        if (token->text[i] == '\'') dbc__buf_add_char(out, '\'');
        dbc__buf_add_char(out, token->text[i]);
        if (quoted && close != ']' && token->text[i] == close) i++;
    }
    dbc__buf_add_char(out, '\'');
}

// Whether a bare word behind DEFAULT is a text and no keyword or number.
static int is_bare_text(const dbc__token *token)
{
    if (token->kind != DBC__TOKEN_WORD) return 0;
    if (!is_plain(token->text, token->len)) return 0;
    return token->len != 1 || dbc__lower(token->text[0]) != 'x';
}

int dbc__token_is_default(const dbc__token *token)
{
    return (is_quoted(token) && token->text[0] != '\'') || is_bare_text(token);
}

static void add_token(dbc_buf *out, const dbc__token *token, int is_default)
{
    if (is_quoted(token) && token->text[0] == '\'')
        dbc_buf_add(out, token->text, token->len);
    else if (is_default && dbc__token_is_default(token))
        dbc__token_literal(out, token);
    else if (is_quoted(token))
        add_name(out, token);
    else
        add_lower(out, token->text, token->len);
}

void dbc__normalise(dbc_buf *out, const char *text, size_t len)
{
    dbc__tokens tokens;
    int is_default = 0;
    int is_first = 1;

    for (dbc__tokens_init(&tokens, text, len); !dbc__tokens_done(&tokens);
         dbc__tokens_next(&tokens)) {
        if (dbc__tokens_is_char(&tokens, ';') &&
            tokens.token.text + 1 == tokens.end)
            break;
        if (!is_first) dbc__buf_add_char(out, ' ');
        is_first = 0;
        add_token(out, &tokens.token, is_default);
        is_default = dbc__tokens_is(&tokens, "DEFAULT");
    }
}

char *dbc__normal_form(dbc__arena *arena, const char *text, size_t len)
{
    char *form = NULL;
    dbc_buf buf;

    dbc__buf_init(&buf, arena->alloc);
    dbc__normalise(&buf, text, len);
    if (buf.status == DBC_OK) form = dbc__arena_copy(arena, buf.data, buf.len);
    dbc__buf_dispose(&buf);
    return form;
}
