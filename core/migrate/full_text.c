// The option `content = …` among a module's arguments, told apart from a
// column of that name, and the columns, told apart from options.
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

// Goes behind the argument the reader stands in.
static void skip_argument(dbc__tokens *tokens)
{
    while (!dbc__tokens_done(tokens) && !dbc__tokens_is_char(tokens, ',') &&
           !dbc__tokens_is_char(tokens, ')')) {
        if (dbc__tokens_is_char(tokens, '('))
            dbc__tokens_skip_brackets(tokens, NULL);
        else
            dbc__tokens_next(tokens);
    }
    dbc__tokens_take_char(tokens, ',');
}

static int add_column(dbc_buf *out, dbc__arena *arena, const dbc__token *token,
                      const dbc_dialect *dialect)
{
    const char *name = dbc__token_name(arena, token);

    if (!name) return DBC_ENOMEM;
    dbc_buf_add_string(out, ", T.");
    dialect->quote(out, name, strlen(name));
    return DBC_OK;
}

// Whether the argument that begins with `first` is a column. The reader
// stands behind that. Old modules take "tokenize porter", too.
static int is_column(const dbc__tokens *tokens, const dbc__token *first)
{
    if (dbc__tokens_is_char(tokens, '=')) return 0;
    return !dbc__scan_is_word(first, "tokenize") ||
           dbc__tokens_is_char(tokens, ',') || dbc__tokens_is_char(tokens, ')');
}

int dbc__full_text_reads(dbc_buf *out, dbc__arena *arena,
                         const dbc__object *object, const dbc_dialect *dialect)
{
    const char *sql = object->own.sql;
    dbc__token content, key = {0};
    dbc__tokens tokens;
    const char *name;

    if (dbc__full_text_home(object, &content) != DBC__TEXT_COVERED) return 0;
    dbc_buf_add_string(out, "SELECT 1");
    dbc__tokens_init(&tokens, sql, strlen(sql));
    skip_head(&tokens);
    while (!dbc__tokens_done(&tokens) && !dbc__tokens_is_char(&tokens, ')')) {
        dbc__token first = tokens.token;
        dbc__tokens_next(&tokens);
        int is_key = dbc__scan_is_word(&first, "content_rowid") &&
                     dbc__tokens_take_char(&tokens, '=');
        if (is_key) key = tokens.token;
        if (!is_key && is_column(&tokens, &first) &&
            add_column(out, arena, &first, dialect) < 0)
            return DBC_ENOMEM;
        skip_argument(&tokens);
    }
    if (key.len == 0)
        dbc_buf_add_string(out, ", T.rowid");
    else if (add_column(out, arena, &key, dialect) < 0)
        return DBC_ENOMEM;
    name = dbc__token_name(arena, &content);
    if (!name) return DBC_ENOMEM;
    dbc_buf_add_string(out, " FROM ");
    dialect->quote(out, name, strlen(name));
    dbc_buf_add_string(out, " AS T");
    return out->status < 0 ? DBC_ENOMEM : 1;
}
