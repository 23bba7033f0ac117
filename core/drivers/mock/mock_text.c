// A scanner that knows just enough SQL not to be fooled by quotes, comments
// and semicolons in them.
#include "mock_text.h"

#include <string.h>

enum { PARAMETER_MAX = 65535, PARAMETER_BYTES = PARAMETER_MAX / 8 + 1 };

typedef enum token_kind {
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_PARAMETER,
    TOKEN_SEMICOLON,
    TOKEN_OTHER,
    TOKEN_OPEN_QUOTE // that is never closed
} token_kind;

typedef struct text_token {
    token_kind kind;
    size_t start, end;
    size_t number; // of a placeholder
} text_token;

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

// Where `end` is next found from `at`, behind it; 0 when it is not.
static size_t behind(const char *sql, size_t len, size_t at, const char *end)
{
    size_t end_len = strlen(end);

    for (; at + end_len <= len; at++)
        if (memcmp(sql + at, end, end_len) == 0) return at + end_len;
    return 0;
}

static size_t skip_space(const char *sql, size_t len, size_t at)
{
    while (at < len) {
        if (strchr(" \t\r\n\f\v", sql[at]) != NULL && sql[at] != '\0') {
            at++;
            continue;
        }
        const char *end = NULL;
        if (len - at > 1 && memcmp(sql + at, "--", 2) == 0) end = "\n";
        if (len - at > 1 && memcmp(sql + at, "/*", 2) == 0) end = "*/";
        if (end == NULL) break;
        at = behind(sql, len, at + 2, end);
        if (at == 0) return len;
    }
    return at;
}

static text_token read_parameter(const char *sql, size_t len, size_t at)
{
    text_token token = {TOKEN_PARAMETER, at, at + 1, 0};

    while (token.end < len && is_digit(sql[token.end])) {
        if (token.number <= PARAMETER_MAX)
            token.number = token.number * 10 + (size_t)(sql[token.end] - '0');
        token.end++;
    }
    return token;
}

static text_token next_token(const char *sql, size_t len, size_t at)
{
    text_token token = {TOKEN_END, at, at, 0};

    at = skip_space(sql, len, at);
    token.start = token.end = at;
    if (at >= len) return token;

    char c = sql[at];
    if (c == '$' && at + 1 < len && is_digit(sql[at + 1]))
        return read_parameter(sql, len, at);
    if (is_letter(c)) {
        token.kind = TOKEN_WORD;
        while (token.end < len &&
               (is_letter(sql[token.end]) || is_digit(sql[token.end])))
            token.end++;
        return token;
    }
    if (c == '\'' || c == '"') {
        char quote[2] = {c, '\0'};
        token.end = behind(sql, len, at + 1, quote);
        token.kind = token.end > 0 ? TOKEN_OTHER : TOKEN_OPEN_QUOTE;
        return token;
    }
    token.kind = c == ';' ? TOKEN_SEMICOLON : TOKEN_OTHER;
    token.end = at + 1;
    return token;
}

static int is_word(const char *sql, const text_token *token, const char *word)
{
    size_t len = token->end - token->start;

    if (token->kind != TOKEN_WORD || strlen(word) != len) return 0;
    for (size_t i = 0; i < len; i++) {
        char c = sql[token->start + i];
        if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
        if (c != word[i]) return 0;
    }
    return 1;
}

static dbc__mock_verb verb_of(const char *sql, const text_token *token)
{
    static const struct {
        const char *word;
        dbc__mock_verb verb;
    } verbs[] = {
        {"SELECT", DBC__MOCK_READ},       {"VALUES", DBC__MOCK_READ},
        {"WITH", DBC__MOCK_READ},         {"EXPLAIN", DBC__MOCK_READ},
        {"PRAGMA", DBC__MOCK_READ},       {"BEGIN", DBC__MOCK_BEGIN},
        {"COMMIT", DBC__MOCK_COMMIT},     {"END", DBC__MOCK_COMMIT},
        {"ROLLBACK", DBC__MOCK_ROLLBACK}, {"SAVEPOINT", DBC__MOCK_SAVEPOINT},
        {"RELEASE", DBC__MOCK_SAVEPOINT},
    };

    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (is_word(sql, token, verbs[i].word)) return verbs[i].verb;
    return DBC__MOCK_WRITE;
}

// Later words that change what the first one means.
static dbc__mock_verb refine(dbc__mock_verb verb, const char *sql,
                             const text_token *token)
{
    if (verb == DBC__MOCK_ROLLBACK && is_word(sql, token, "TO"))
        return DBC__MOCK_SAVEPOINT;
    if (verb == DBC__MOCK_READ &&
        (is_word(sql, token, "INSERT") || is_word(sql, token, "UPDATE") ||
         is_word(sql, token, "DELETE")))
        return DBC__MOCK_WRITE;
    return verb;
}

// `last` is the largest number in the text.
static int count_parameters(size_t *out, const unsigned char *seen, size_t last,
                            dbc_error *err)
{
    size_t count = 0;

    for (size_t n = 1; n <= last; n++)
        count += (seen[n / 8] & 1u << n % 8) != 0;
    if (count != last)
        return dbc_error_set(err, DBC_ESYNTAX,
                             "there is a placeholder $%zu, but one before it "
                             "is missing",
                             last);
    *out = count;
    return DBC_OK;
}

static int refuse_quote(const text_token *token, dbc_error *err)
{
    dbc_error_set(err, DBC_ESYNTAX, "the quote at byte %zu is never closed",
                  token->start);
    err->offset = (int64_t)token->start;
    return DBC_ESYNTAX;
}

int dbc__mock_text_read(dbc__mock_text *out, const char *sql, size_t len,
                        dbc_error *err)
{
    unsigned char seen[PARAMETER_BYTES] = {0};
    text_token token = {TOKEN_OTHER, 0, 0, 0};
    size_t last = 0;

    *out = (dbc__mock_text){.verb = DBC__MOCK_READ, .empty = 1};
    for (;;) {
        token = next_token(sql, len, token.end);
        if (token.kind == TOKEN_END || token.kind == TOKEN_SEMICOLON) break;
        if (token.kind == TOKEN_OPEN_QUOTE) return refuse_quote(&token, err);
        if (token.kind == TOKEN_PARAMETER) {
            if (token.number == 0 || token.number > PARAMETER_MAX)
                return dbc_error_set(err, DBC_ELIMIT,
                                     "placeholders are numbered from 1 to %d",
                                     PARAMETER_MAX);
            seen[token.number / 8] |= (unsigned char)(1u << token.number % 8);
            if (token.number > last) last = token.number;
        }
        out->verb =
            out->empty ? verb_of(sql, &token) : refine(out->verb, sql, &token);
        if (out->empty) out->start = token.start;
        out->end = token.end;
        out->empty = 0;
    }
    out->len = token.end;
    return count_parameters(&out->parameter_count, seen, last, err);
}
