/**
 * Full text: how a row fits, and where. `column` is an expression for a column
 * of a full-text index that the query searches, `DBC_OP_MATCH` in its
 * condition; for DBC_FTS_WHOLE the column is the one that fits best.
 */
#ifndef DBCORE_SEARCH_H
#define DBCORE_SEARCH_H

#include <stddef.h>

#include "export.h"
#include "query.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a snippet looks. Texts are copied. */
typedef struct dbc_snippet {
    const char *open, *close; /* around each word that was found */
    const char *ellipsis;     /* in the place of what is left out */
    int words;                /* at most, 1 to 64 */
} dbc_snippet;

/** Nothing around words, "..." for what is left out, 16 words. */
#define DBC_SNIPPET_DEFAULT \
    {                       \
        "", "", "...", 16   \
    }

/** A piece of the column's text around what was found. */
DBC_API dbc_expr dbc_expr_snippet(dbc_query *query, dbc_expr column,
                                  const dbc_snippet *options);

/** All of the column's text, with `open` and `close` around what was found. */
DBC_API dbc_expr dbc_expr_highlight(dbc_query *query, dbc_expr column,
                                    const char *open, const char *close);

/**
 * How well a row fits, by BM25: less is better. `weights` are those of the
 * `count` columns that are indexed, in their order; 0 and NULL: all the same.
 */
DBC_API dbc_expr dbc_expr_bm25(dbc_query *query, dbc_expr column,
                               const double *weights, size_t count);

/** How the words of a search go together. */
enum {
    DBC_MATCH_ANY = 1 << 0,       /* one of them is enough */
    DBC_MATCH_BEGIN = 1 << 1,     /* each is the beginning of a word */
    DBC_MATCH_BEGIN_LAST = 1 << 2 /* only the last one is: still being typed */
};

/**
 * Makes what a person typed the right side of MATCH: its words, each in
 * quotes, so that nothing in it is an operator or an error; without a word
 * what finds nothing. Writes at most `size` bytes to `out`, the last one NUL,
 * and returns how long the whole is without it. `flags` are DBC_MATCH_….
 */
DBC_API size_t dbc_match_words(char *out, size_t size, const char *text,
                               size_t len, unsigned flags);

#ifdef __cplusplus
}
#endif

#endif
