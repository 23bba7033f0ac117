// The option `content = …` among a module's arguments, told apart from a
// column of that name.
#include "full_text.h"

#include <string.h>

static int is_full_text(const dbc__object *object)
{
    static const char *const modules[] = {"fts5", "fts4", "fts3"};

    if (object->own.kind != DBC_OBJECT_VIRTUAL) return 0;
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        if (dbc__same_name(object->shape.module, modules[i])) return 1;
    return 0;
}

// Goes behind `USING module (`.
static void skip_head(dbc__tokens *tokens)
{
    while (!dbc__tokens_done(tokens) && !dbc__tokens_is_char(tokens, '('))
        dbc__tokens_next(tokens);
    dbc__tokens_next(tokens);
}

dbc__text_home dbc__full_text_home(const dbc__object *object,
                                   dbc__token *content)
{
    const char *sql = object->own.sql;
    dbc__tokens tokens;

    if (!is_full_text(object)) return DBC__TEXT_ELSEWHERE;
    dbc__tokens_init(&tokens, sql, strlen(sql));
    skip_head(&tokens);
    for (; !dbc__tokens_done(&tokens); dbc__tokens_next(&tokens)) {
        if (!dbc__tokens_take(&tokens, "content") ||
            !dbc__tokens_take_char(&tokens, '='))
            continue;
        if (dbc__token_is_name(&tokens.token, "")) return DBC__TEXT_NOWHERE;
        if (content) *content = tokens.token;
        return DBC__TEXT_COVERED;
    }
    return DBC__TEXT_OWN;
}
