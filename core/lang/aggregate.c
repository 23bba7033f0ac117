// Looking for aggregates. A text of somebody else's is cut into tokens: a word
// before a bracket is a call, what stands in a SELECT of its own is not looked
// at, and a call with OVER is a window.
#include "aggregate.h"

#include <string.h>

#include "name.h"
#include "scan.h"

// Whether a function is one of the common aggregates.
static int is_common(const char *name, size_t len, size_t arg_count)
{
    static const char *const names[] = {"count",
                                        "sum",
                                        "avg",
                                        "total",
                                        "group_concat",
                                        "json_group_array",
                                        "json_group_object",
                                        "min",
                                        "max"};
    enum { ALWAYS = 7 }; // of the last two only with one argument

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (dbc__name_equal(name, len, names[i], strlen(names[i])))
            return i < ALWAYS || arg_count == 1;
    return 0;
}

static int ask(const dbc__functions *functions, const char *name, size_t len,
               size_t arg_count)
{
    if (is_common(name, len, arg_count)) return 1;
    if (!functions->is_aggregate) return 0;
    return functions->is_aggregate(functions->ud, name, len, arg_count);
}

static int ask_call(const dbc_query *query, uint32_t place,
                    const dbc__functions *functions)
{
    const dbc__node *call = &query->nodes[place];
    size_t count = 0;

    if (call->u.at.b) {
        uint32_t item = place - call->u.at.b;
        int is_star = query->nodes[item - query->nodes[item].a].op == DBC__STAR;
        for (count = !is_star; query->nodes[item].u.at.b; count++)
            item -= query->nodes[item].u.at.b;
    }
    return ask(functions, query->names + call->a, call->len, count);
}

// ---------------------------------------------------------------------- texts

// A text from some token on.
typedef struct text {
    const char *at;
    size_t len; // bytes left
} text;

static dbc__token next_token(text *t)
{
    dbc__token token;

    do {
        token = dbc__scan_token(t->at, t->len);
        t->at += token.len;
        t->len -= token.len;
    } while (token.kind == DBC__TOKEN_SPACE);
    return token;
}

static int is_char(const dbc__token *token, char c)
{
    return token->kind == DBC__TOKEN_CHAR && token->text[0] == c;
}

static int is_query(const dbc__token *token)
{
    return dbc__scan_is_word(token, "SELECT") ||
           dbc__scan_is_word(token, "WITH") ||
           dbc__scan_is_word(token, "VALUES");
}

// Goes behind the bracket that closes the one before `t`. Returns how many
// items with commas between it holds; `*` is none.
static size_t skip_bracket(text *t)
{
    size_t depth = 1, commas = 0, seen = 0, stars = 0;

    while (depth > 0) {
        dbc__token token = next_token(t);
        if (token.kind == DBC__TOKEN_END) break;
        if (is_char(&token, '(')) depth++;
        if (is_char(&token, ')')) depth--;
        if (depth == 1 && is_char(&token, ',')) commas++;
        if (depth > 0) seen++;
        if (is_char(&token, '*')) stars++;
    }
    if (seen == 0 || (seen == 1 && stars == 1)) return 0;
    return commas + 1;
}

// Whether OVER follows a call, be it behind FILTER.
static int is_window(text rest)
{
    dbc__token token = next_token(&rest);

    if (dbc__scan_is_word(&token, "FILTER")) {
        token = next_token(&rest);
        if (is_char(&token, '(')) skip_bracket(&rest);
        token = next_token(&rest);
    }
    return dbc__scan_is_word(&token, "OVER");
}

// The call of `name` whose arguments begin at `args`.
static int ask_name(dbc__token name, text args, const dbc__functions *functions)
{
    size_t count = skip_bracket(&args);
    int is_quoted = name.kind == DBC__TOKEN_QUOTED;

    if (name.kind != DBC__TOKEN_WORD && !is_quoted) return 0;
    if (is_window(args)) return 0;
    return ask(functions, name.text + is_quoted,
               name.len - (is_quoted ? 2u : 0u), count);
}

static int ask_text(text t, const dbc__functions *functions)
{
    dbc__token before = {DBC__TOKEN_END, t.at, 0};

    for (;;) {
        dbc__token token = next_token(&t);
        if (token.len == 0) return 0;
        if (is_char(&token, '(')) {
            text inside = t;
            dbc__token first = next_token(&inside);
            int found = is_query(&first) ? 0 : ask_name(before, t, functions);
            if (found) return found;
            if (is_query(&first)) skip_bracket(&t);
        }
        before = token;
    }
}

int dbc__aggregate_at(const dbc_query *query, uint32_t place,
                      const dbc__functions *functions)
{
    const dbc__node *node = &query->nodes[place];

    if (node->op == DBC__CALL) return ask_call(query, place, functions);
    text t = {query->names + node->a,
              node->op == DBC__SQL || node->op == DBC__RAW ? node->u.at.b : 0};
    return ask_text(t, functions);
}
