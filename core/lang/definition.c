// Reading the head of a CREATE statement. What follows the name is looked at
// only so far that it cannot reach beyond the statement; whether it is right
// is known when it is run.
#include "definition.h"

#include <string.h>

#include "error.h"
#include "scan.h"

typedef struct head {
    const char *at; // what is not read yet
    dbc__token token;
} head;

static void skip(head *h)
{
    do {
        h->token = dbc__scan_token(h->at, strlen(h->at));
        h->at += h->token.len;
    } while (h->token.kind == DBC__TOKEN_SPACE);
}

// Passes a word when it is there.
static int pass(head *h, const char *word)
{
    if (!dbc__scan_is_word(&h->token, word)) return 0;
    skip(h);
    return 1;
}

// The kind behind CREATE, or NULL.
static const char *read_kind(head *h)
{
    if (pass(h, "TABLE")) return "table";
    if (pass(h, "VIEW")) return "view";
    if (pass(h, "TRIGGER")) return "trigger";
    if (pass(h, "INDEX")) return "index";
    if (pass(h, "UNIQUE")) return pass(h, "INDEX") ? "index" : NULL;
    if (pass(h, "VIRTUAL")) return pass(h, "TABLE") ? "virtual table" : NULL;
    return NULL;
}

// A name without its quotes, in the arena; NULL: no memory.
static char *copy_name(dbc__arena *arena, const dbc__token *token)
{
    if (token->kind == DBC__TOKEN_WORD)
        return dbc__arena_copy(arena, token->text, token->len);

    char *name = dbc__arena_copy(arena, token->text + 1, token->len - 2);
    size_t len = 0;
    char close = token->text[token->len - 1];

    if (name == NULL) return NULL;
    for (size_t i = 0; i < token->len - 2; i++) {
        name[len++] = name[i];
        if (name[i] == close && name[i + 1] == close) i++;
    }
    name[len] = '\0';
    return name;
}

// What is wrong behind the head, or NULL. `*len` is where the statement ends.
static const char *scan_rest(const char *sql, const char *rest,
                             const char *kind, size_t *len)
{
    if (strcmp(kind, "trigger") == 0) {
        const char *problem = dbc__scan_trigger(rest, len);

        *len += (size_t)(rest - sql);
        return problem;
    }
    return dbc__scan_statement(sql, len);
}

int dbc__definition_init(dbc_definition *out, const char *sql,
                         dbc__arena *arena, dbc_error *err)
{
    head h = {.at = sql};
    dbc__quoted quoted;
    size_t len = 0;

    dbc__quote(&quoted, sql, strlen(sql));
    skip(&h);
    const char *kind = pass(&h, "CREATE") ? read_kind(&h) : NULL;
    if (kind == NULL)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "the definition %s must be CREATE TABLE, VIRTUAL "
                              "TABLE, INDEX, VIEW or TRIGGER",
                              quoted.text);
    if (pass(&h, "IF") && !(pass(&h, "NOT") && pass(&h, "EXISTS")))
        h.token.kind = DBC__TOKEN_END;

    dbc__token name = h.token;
    if (name.kind != DBC__TOKEN_WORD && name.kind != DBC__TOKEN_QUOTED)
        return dbc__error_set(err, DBC_ESCHEMA, "the definition %s has no name",
                              quoted.text);
    if (h.at[0] == '.')
        return dbc__error_set(err, DBC_ESCHEMA,
                              "the definition %s names a database before the "
                              "%s: leave it out",
                              quoted.text, kind);
    const char *problem = scan_rest(sql, h.at, kind, &len);
    if (problem != NULL)
        return dbc__error_set(err, DBC_ESCHEMA, "the definition %s %s",
                              quoted.text, problem);

    out->kind = kind;
    out->name = copy_name(arena, &name);
    out->sql = dbc__arena_copy(arena, sql, len);
    return out->name == NULL || out->sql == NULL ? DBC_ENOMEM : DBC_OK;
}

int dbc__definition_is_table(const dbc_definition *definition)
{
    return strstr(definition->kind, "table") != NULL;
}
