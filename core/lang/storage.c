// The SQL type that a description may give instead of a type's own. It goes
// into the statement unquoted, so it is read word by word.
#include "storage.h"

#include <string.h>

#include "scan.h"

static int is_one_of(const dbc__token *token, const char *const *words,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (dbc__scan_is_word(token, words[i])) return 1;
    }
    return 0;
}

// Words that would end the type and begin a constraint.
static int begins_constraint(const dbc__token *token)
{
    static const char *const WORDS[] = {
        "CONSTRAINT", "PRIMARY", "NOT",        "NULL",      "UNIQUE",
        "CHECK",      "DEFAULT", "COLLATE",    "GENERATED", "AS",
        "ALWAYS",     "ON",      "REFERENCES",
    };

    return is_one_of(token, WORDS, sizeof WORDS / sizeof WORDS[0]);
}

// A whole number at `*at`, blanks around it allowed; `*at` moves behind it.
static int skip_number(const char **at)
{
    *at += strspn(*at, " ");
    *at += strspn(*at, "+-") == 1;

    size_t digits = strspn(*at, "0123456789");
    *at += digits;
    *at += strspn(*at, " ");
    return digits > 0;
}

// "(10)" or "(10, 2)".
static int is_size(const char *text)
{
    if (*text++ != '(' || !skip_number(&text)) return 0;
    if (*text == ',') {
        text++;
        if (!skip_number(&text)) return 0;
    }
    return strcmp(text, ")") == 0;
}

// Words, then perhaps numbers in brackets: "DECIMAL(10, 2)".
int dbc__storage_is_type(const char *text)
{
    size_t len = strlen(text), words = 0;
    dbc__token token = dbc__scan_token(text, len);

    if (len == 0) return 1;
    for (; token.kind == DBC__TOKEN_WORD || token.kind == DBC__TOKEN_SPACE;
         token = dbc__scan_token(text, len)) {
        int word = token.kind == DBC__TOKEN_WORD;

        if (word && (begins_constraint(&token) || strchr("0123456789", *text)))
            return 0;
        if (!word && (text[0] == '-' || text[0] == '/')) return 0;
        words += (size_t)word;
        text += token.len;
        len -= token.len;
    }
    if (words == 0) return 0;
    if (len == 0) return 1;
    return is_size(text);
}

int dbc__storage_is_strict(const char *text)
{
    static const char *const WORDS[] = {"INT",  "INTEGER", "REAL",
                                        "TEXT", "BLOB",    "ANY"};
    const dbc__token whole = {DBC__TOKEN_WORD, text, strlen(text)};

    return is_one_of(&whole, WORDS, sizeof WORDS / sizeof WORDS[0]);
}
