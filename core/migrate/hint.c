// Hints. Those that stand in a schema stay there after their migration, so
// one whose new name is there already has been obeyed before. Those that were
// given for this one time are obeyed as they stand.
#include "hint.h"

#include <string.h>

int dbc__hint_gather(dbc__planner *p, const dbc_plan_options *options)
{
    size_t given = options ? options->hint_count : 0;
    size_t count = given + p->to->hint_count;

    p->hints = dbc__arena_take_array(&p->plan->arena, count, sizeof *p->hints);
    if (!p->hints) return dbc__plan_nomem(p);
    if (given) memcpy(p->hints, options->hints, given * sizeof *p->hints);
    if (p->to->hint_count)
        memcpy(p->hints + given, p->to->hints,
               p->to->hint_count * sizeof *p->hints);
    p->hint_count = count;
    p->given_count = given;
    return DBC_OK;
}

static const dbc__object *table_of(const dbc_catalog *catalog, const char *name)
{
    return dbc__catalog_find(catalog, DBC_OBJECT_TABLE, name);
}

// Whether a rename from `old` to `new` is still to be done.
static int is_open(const dbc__planner *p, size_t i, int has_old, int has_new)
{
    if (!has_old) return 0;
    return i < p->given_count || !has_new;
}

const char *dbc__hint_table(const dbc__planner *p, const char *table)
{
    for (size_t i = 0; i < p->hint_count; i++) {
        const dbc_hint *hint = &p->hints[i];
        if (hint->kind != DBC_HINT_RENAME_TABLE ||
            !dbc__same_name(hint->table, table) ||
            !table_of(p->to, hint->value))
            continue;
        if (is_open(p, i, 1, table_of(p->from, hint->value) != NULL))
            return hint->value;
    }
    return NULL;
}

static int is_about(const dbc_hint *hint, const dbc__object *from,
                    const dbc__object *to)
{
    return (from && dbc__same_name(hint->table, from->own.name)) ||
           (to && dbc__same_name(hint->table, to->own.name));
}

int dbc__hint_is_about(const dbc_hint *hint, const dbc__match *match)
{
    return is_about(hint, match->from, match->to);
}

const char *dbc__hint_column(const dbc__planner *p, const dbc__object *from,
                             const dbc__object *to, const char *column)
{
    for (size_t i = 0; i < p->hint_count; i++) {
        const dbc_hint *hint = &p->hints[i];
        if (hint->kind != DBC_HINT_RENAME_COLUMN || !is_about(hint, from, to) ||
            !dbc__same_name(hint->name, column) ||
            !dbc__shape_find(&to->shape, hint->value))
            continue;
        if (is_open(p, i, 1,
                    dbc__shape_find(&from->shape, hint->value) != NULL))
            return hint->value;
    }
    return NULL;
}

int dbc__hint_takes_table(const dbc__planner *p, const char *name)
{
    for (size_t i = 0; i < p->hint_count; i++) {
        const dbc_hint *hint = &p->hints[i];
        if (hint->kind == DBC_HINT_RENAME_TABLE &&
            dbc__same_name(hint->value, name) &&
            table_of(p->from, hint->table) && dbc__hint_table(p, hint->table))
            return 1;
    }
    return 0;
}

int dbc__hint_takes_column(const dbc__planner *p, const dbc__object *from,
                           const dbc__object *to, const char *name)
{
    for (size_t i = 0; i < p->hint_count; i++) {
        const dbc_hint *hint = &p->hints[i];
        if (hint->kind == DBC_HINT_RENAME_COLUMN && is_about(hint, from, to) &&
            dbc__same_name(hint->value, name) &&
            dbc__shape_find(&from->shape, hint->name) &&
            dbc__hint_column(p, from, to, hint->name))
            return 1;
    }
    return 0;
}

const char *dbc__hint_index(const dbc__planner *p, const char *index)
{
    for (size_t i = 0; i < p->hint_count; i++) {
        const dbc_hint *hint = &p->hints[i];
        if (hint->kind == DBC_HINT_RENAME_INDEX &&
            dbc__same_name(hint->name, index) &&
            dbc__catalog_find(p->to, DBC_OBJECT_INDEX, hint->value))
            return hint->value;
    }
    return NULL;
}

const char *dbc__hint_expression(const dbc__planner *p, dbc_hint_kind kind,
                                 const dbc__match *match, const char *column)
{
    for (size_t i = 0; i < p->hint_count; i++) {
        const dbc_hint *hint = &p->hints[i];
        if (hint->kind == kind && is_about(hint, match->from, match->to) &&
            dbc__same_name(hint->name, column))
            return hint->value;
    }
    return NULL;
}

int dbc__hint_is_given(const dbc__planner *p, const char *expression)
{
    for (size_t i = 0; i < p->given_count; i++)
        if (p->hints[i].value == expression) return 1;
    return 0;
}

int dbc__hint_ignores(const dbc__planner *p, const char *table)
{
    for (size_t i = 0; i < p->hint_count; i++) {
        const dbc_hint *hint = &p->hints[i];
        if (hint->kind == DBC_HINT_IGNORE && dbc__same_name(hint->table, table))
            return 1;
    }
    return 0;
}

int dbc__hint_allows(const dbc__planner *p, const char *table,
                     const char *column)
{
    for (size_t i = 0; i < p->hint_count; i++) {
        const dbc_hint *hint = &p->hints[i];
        if (hint->kind != DBC_HINT_ALLOW_LOSS) continue;
        if (!hint->table) return 1;
        if (!dbc__same_name(hint->table, table)) continue;
        if (!hint->name || (column && dbc__same_name(hint->name, column)))
            return 1;
    }
    return 0;
}

int dbc__hint_has_data(const dbc__planner *p)
{
    for (size_t i = 0; i < p->hint_count; i++)
        if (p->hints[i].kind == DBC_HINT_DATA) return 1;
    return 0;
}

// ---------------------------------------------------------------- rewriting

// The name that a column has by the time the expression is used, or NULL when
// the word is none that has changed.
static const char *new_name(const dbc__match *match, const dbc__token *word)
{
    const dbc__shape *from = &match->from->shape;
    const char *found = NULL;

    for (size_t i = 0; i < from->column_count; i++) {
        const char *name = from->columns[i].name;
        const char *next = match->kept[i] ? match->kept[i]->name : name;
        // A name that means something afterwards means that.
        if (dbc__token_is_name(word, next)) return NULL;
        if (dbc__token_is_name(word, name)) found = next;
    }
    return found;
}

// Writes the expression anew. What is no name stays, letter by letter.
static void rewrite(dbc__planner *p, const dbc__match *match, const char *text)
{
    const char *end = text + strlen(text);
    const char *old = match->from->own.name;

    while (text < end) {
        dbc__token token = dbc__scan_token(text, (size_t)(end - text));
        const char *name = NULL;
        dbc__tokens ahead;
        if (token.kind == DBC__TOKEN_WORD ||
            (token.kind == DBC__TOKEN_QUOTED && token.text[0] != '\''))
            name = new_name(match, &token);
        dbc__tokens_init(&ahead, text + token.len,
                         (size_t)(end - text) - token.len);
        if (dbc__tokens_is_char(&ahead, '.') && dbc__token_is_name(&token, old))
            name = match->to->own.name;
        if (name)
            dbc__plan_name(p, name);
        else
            dbc_buf_add(&p->sql, token.text, token.len);
        if (token.len == 0) break;
        text += token.len;
    }
}

int dbc__hint_rewrite(dbc__planner *p)
{
    for (size_t i = 0; i < p->hint_count; i++) {
        dbc_hint *hint = &p->hints[i];
        if (hint->kind != DBC_HINT_COPY && hint->kind != DBC_HINT_BACKFILL)
            continue;
        for (size_t m = 0; m < p->match_count; m++) {
            const dbc__match *match = &p->matches[m];
            if (!match->from || !match->to ||
                !is_about(hint, match->from, match->to))
                continue;
            rewrite(p, match, hint->value);
            if (p->sql.status == DBC_OK && p->sql.data)
                hint->value =
                    dbc__arena_copy(&p->plan->arena, p->sql.data, p->sql.len);
            int is_out = p->sql.status < 0 || !hint->value;
            dbc__buf_clear(&p->sql);
            if (is_out) return dbc__plan_nomem(p);
            break;
        }
    }
    return DBC_OK;
}
