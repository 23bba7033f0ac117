// Searching a full-text index: the functions that FTS5 gives a query, and what
// a person typed as the words of a search.
#include "dbcore.h"

#include <string.h>

#include "fts.h"
#include "tree.h"

enum { WORDS_MAX = 64 }; // of a snippet, as FTS5 has it

// The functions of FTS5 take the index as a whole, under the name it has in the
// query, and the number of a column.
typedef struct subject {
    const dbc_table *index; // NULL: the query has failed
    dbc_expr whole;
    int number;
} subject;

static subject find_subject(dbc_query *query, dbc_expr column,
                            const char *function)
{
    subject none = {NULL, 0, DBC__FTS_NONE}, found = none;

    if (query->status < 0) return none;
    if (column && column <= query->used.nodes &&
        query->nodes[column - 1].op == DBC__COLUMN) {
        dbc__node node = query->nodes[column - 1];
        const dbc_column *named = node.u.ptr;

        found.number = dbc__fts_number(named);
        if (found.number != DBC__FTS_NONE) {
            found.index = named->table;
            node.u.ptr = dbc_table_fts_column(named->table, DBC_FTS_WHOLE);
            found.whole = dbc__tree_add(query, &node);
            return found;
        }
    }
    dbc__tree_fail(query, DBC_EINVALID,
                   "%s takes a column that a full-text index searches",
                   function);
    return none;
}

static dbc_expr add_text(dbc_query *query, const char *text)
{
    if (text == NULL) text = "";
    return dbc_expr_value(query, dbc_value_text(text, strlen(text)));
}

static dbc_expr add_int(dbc_query *query, int value)
{
    return dbc_expr_value(query, dbc_value_int(value));
}

dbc_expr dbc_expr_snippet(dbc_query *query, dbc_expr column,
                          const dbc_snippet *options)
{
    subject of = find_subject(query, column, "snippet");

    if (of.index == NULL) return 0;
    if (options->words < 1 || options->words > WORDS_MAX) {
        dbc__tree_fail(query, DBC_EINVALID,
                       "snippet: words is %d, it must be from 1 to %d",
                       options->words, WORDS_MAX);
        return 0;
    }
    const dbc_expr args[] = {
        of.whole,
        add_int(query, of.number),
        add_text(query, options->open),
        add_text(query, options->close),
        add_text(query, options->ellipsis),
        add_int(query, options->words),
    };
    return dbc_expr_call(query, "snippet", args, sizeof args / sizeof *args,
                         DBC_CALL);
}

dbc_expr dbc_expr_highlight(dbc_query *query, dbc_expr column, const char *open,
                            const char *close)
{
    subject of = find_subject(query, column, "highlight");

    if (of.index == NULL) return 0;
    if (of.number == DBC__FTS_ALL) {
        dbc__tree_fail(query, DBC_EINVALID,
                       "highlight takes one column of a full-text index: "
                       "snippet finds the best of all");
        return 0;
    }
    const dbc_expr args[] = {of.whole, add_int(query, of.number),
                             add_text(query, open), add_text(query, close)};
    return dbc_expr_call(query, "highlight", args, sizeof args / sizeof *args,
                         DBC_CALL);
}

dbc_expr dbc_expr_bm25(dbc_query *query, dbc_expr column, const double *weights,
                       size_t count)
{
    enum { MOST = 120 }; // below SQLite's limit of arguments
    subject of = find_subject(query, column, "bm25");
    dbc_expr args[1 + MOST];

    if (of.index == NULL) return 0;
    if (count > MOST || (count > 0 && count != dbc__fts_count(of.index))) {
        dbc__tree_fail(query, DBC_EINVALID,
                       "bm25: %zu weights for the %zu columns of the index "
                       "(%d at most)",
                       count, dbc__fts_count(of.index), MOST);
        return 0;
    }
    args[0] = of.whole;
    for (size_t i = 0; i < count; i++)
        args[1 + i] = dbc_expr_value(query, dbc_value_real(weights[i]));
    return dbc_expr_call(query, "bm25", args, 1 + count, DBC_CALL);
}

// What a person typed. Between quotes FTS5 knows no operators, and takes what
// its tokenizer makes of the text.

typedef struct writer {
    char *out;
    size_t size, len;
} writer;

static void put(writer *w, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++, w->len++)
        if (w->len + 1 < w->size) w->out[w->len] = text[i];
}

static void put_quoted(writer *w, const char *text, size_t len)
{
    put(w, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"') put(w, "\"", 1);
        put(w, &text[i], 1);
    }
    put(w, "\"", 1);
}

// NUL is a blank, too: it would end the search.
static int is_blank(char c)
{
    return (unsigned char)c <= ' ';
}

size_t dbc_match_words(char *out, size_t size, const char *text, size_t len,
                       unsigned flags)
{
    writer w = {out, size, 0};
    size_t at = 0;

    while (at < len && is_blank(text[at]))
        at++;
    while (at < len) {
        size_t start = at;
        while (at < len && !is_blank(text[at]))
            at++;
        size_t end = at;
        while (at < len && is_blank(text[at]))
            at++;
        if (w.len > 0) put(&w, " OR ", flags & DBC_MATCH_ANY ? 4 : 1);
        put_quoted(&w, text + start, end - start);
        if (flags & DBC_MATCH_BEGIN ||
            (flags & DBC_MATCH_BEGIN_LAST && at == len))
            put(&w, "*", 1);
    }
    if (w.len == 0) put(&w, "\"\"", 2); // an empty text would be an error
    if (size > 0) out[w.len < size ? w.len : size - 1] = '\0';
    return w.len;
}
