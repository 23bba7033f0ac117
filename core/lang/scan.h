// A look over SQL text that somebody else wrote and that goes into a
// statement as it is: an expression, a view's SELECT, a trigger. It does not
// parse; it makes sure that the text cannot reach beyond its place.
#ifndef DBC_LANG_SCAN_H
#define DBC_LANG_SCAN_H

#include <stddef.h>

typedef enum dbc__token_kind {
    DBC__TOKEN_END,
    DBC__TOKEN_SPACE,       // blanks or a comment
    DBC__TOKEN_WORD,        // letters, digits, `_`, `$` and bytes above ASCII
    DBC__TOKEN_QUOTED,      // '…', "…", `…` or […], quotes included
    DBC__TOKEN_CHAR,        // any other single byte
    DBC__TOKEN_OPEN_QUOTE,  // a quote that is never closed
    DBC__TOKEN_OPEN_COMMENT // a comment that would swallow what follows
} dbc__token_kind;

typedef struct dbc__token {
    dbc__token_kind kind;
    const char *text;
    size_t len;
} dbc__token;

// The token at `text`, which has `len` bytes left.
dbc__token dbc__scan_token(const char *text, size_t len);

// Whether it is that word, in any case.
int dbc__scan_is_word(const dbc__token *token, const char *word);

// What is wrong with it, as the end of a sentence ("has a quote that is not
// closed"), or NULL. Static.
const char *dbc__scan_expression(const char *text);

// The same for a query; `*len` is set to where it ends, a last `;` left out.
const char *dbc__scan_select(const char *text, size_t *len);

// The same for one whole statement of any kind but CREATE TRIGGER.
const char *dbc__scan_statement(const char *text, size_t *len);

// The same for all that follows CREATE TRIGGER "name".
const char *dbc__scan_trigger(const char *text, size_t *len);

#endif
