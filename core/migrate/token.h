// SQL as a stream of tokens without blanks and comments, and its normal form:
// two texts that differ in blanks, comments, quotes of names or case outside
// of literals only have the same one.
#ifndef DBC_MIGRATE_TOKEN_H
#define DBC_MIGRATE_TOKEN_H

#include "arena.h"
#include "buf.h"
#include "scan.h"

// A part of a longer text; it does not end with a NUL.
typedef struct dbc__span {
    const char *text;
    size_t len;
} dbc__span;

// A reader that stands on one token; at the end on DBC__TOKEN_END.
typedef struct dbc__tokens {
    const char *end;
    const char *behind; // where the token before ended
    dbc__token token;
} dbc__tokens;

void dbc__tokens_init(dbc__tokens *tokens, const char *text, size_t len);
void dbc__tokens_next(dbc__tokens *tokens);

int dbc__tokens_is(const dbc__tokens *tokens, const char *word);
int dbc__tokens_is_char(const dbc__tokens *tokens, char c);

// Whether nothing is left. A quote or comment that is not closed ends a text.
int dbc__tokens_done(const dbc__tokens *tokens);

// Goes past the word or the character, if it stands there.
int dbc__tokens_take(dbc__tokens *tokens, const char *word);
int dbc__tokens_take_char(dbc__tokens *tokens, char c);

// From the open bracket the reader stands on to behind the one that closes
// it, or to the end; nowhere when there is none. `inside` (may be NULL) is what
// is between the two.
void dbc__tokens_skip_brackets(dbc__tokens *tokens, dbc__span *inside);

int dbc__tokens_is_number(const dbc__tokens *tokens);

// To behind a literal, with its sign, or the single word that stands for one.
void dbc__tokens_skip_literal(dbc__tokens *tokens);

// The name a token stands for, quotes removed. NULL when memory is out.
char *dbc__token_name(dbc__arena *arena, const dbc__token *token);

// Whether the token stands for that name, as the database compares names.
int dbc__token_is_name(const dbc__token *token, const char *name);

// Whether a token behind DEFAULT is a text without being written as one: a bare
// word, or quoted like a name.
int dbc__token_is_default(const dbc__token *token);

// Adds the token as a literal: in single quotes, whatever it had.
void dbc__token_literal(dbc_buf *out, const dbc__token *token);

// Adds the normal form of a text. What follows DEFAULT without brackets is a
// literal, also in double quotes.
void dbc__normalise(dbc_buf *out, const char *text, size_t len);

// The same as a text of its own. NULL when memory is out.
char *dbc__normal_form(dbc__arena *arena, const char *text, size_t len);

// Whether one of the tokens stands for that name.
int dbc__mentions(const char *text, size_t len, const char *name);

#endif
