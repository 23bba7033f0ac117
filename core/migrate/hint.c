// Hints. Those that stand in a schema stay there after their migration, so
// one whose new name is there already has been obeyed before. Those that were
// given for this one time are obeyed as they stand.
#include "hint.h"

#include <string.h>

#include "error.h"
#include "suggest.h"

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
    const dbc__object *found =
        dbc__catalog_find(catalog, DBC_OBJECT_TABLE, name);

    return found;
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

// ----------------------------------------------------------------- checking

const char *dbc__hint_words(dbc__planner *p, const dbc_hint *hint)
{
    switch (hint->kind) {
    case DBC_HINT_RENAME_TABLE:
        return dbc__plan_text(p, "--rename %s=%s", hint->table, hint->value);
    case DBC_HINT_RENAME_COLUMN:
        return dbc__plan_text(p, "--rename %s.%s=%s", hint->table, hint->name,
                              hint->value);
    case DBC_HINT_RENAME_INDEX:
        return dbc__plan_text(p, "--rename-index %s=%s", hint->name,
                              hint->value);
    case DBC_HINT_BACKFILL:
        return dbc__plan_text(p, "--backfill %s.%s", hint->table, hint->name);
    case DBC_HINT_COPY:
        return dbc__plan_text(p, "--copy %s.%s", hint->table, hint->name);
    case DBC_HINT_IGNORE:
        return dbc__plan_text(p, "--ignore %s", hint->table);
    case DBC_HINT_ALLOW_LOSS:
        return dbc__plan_text(
            p, hint->name ? "--allow-loss %s.%s" : "--allow-loss %s",
            hint->table, hint->name);
    case DBC_HINT_DATA:
        break;
    }
    return "--data";
}

// `what` is not where the hint needs it; `nearest` may be NULL.
static int refuse(dbc__planner *p, const dbc_hint *hint, const char *what,
                  const char *nearest)
{
    const char *words = dbc__hint_words(p, hint);

    if (!words || !what) return dbc__plan_nomem(p);
    if (nearest)
        return dbc__conn_fail(p->conn, DBC_EREFUSED,
                              "%s: there is no %s: did you mean \"%s\"?", words,
                              what, nearest);
    return dbc__conn_fail(p->conn, DBC_EREFUSED,
                          "%s: there is no %s: take it away, or name what is "
                          "there",
                          words, what);
}

static void suggest_tables(dbc__suggest *suggest, const dbc_catalog *catalog)
{
    for (size_t t = 0; t < catalog->table_count; t++)
        dbc__suggest_try(suggest, catalog->objects[t].own.name);
}

static int check_table(dbc__planner *p, const dbc_hint *hint)
{
    const char *name = hint->table;
    dbc__suggest suggest;

    if (table_of(p->from, name) || table_of(p->to, name)) return DBC_OK;
    dbc__suggest_init(&suggest, name, strlen(name));
    suggest_tables(&suggest, p->from);
    suggest_tables(&suggest, p->to);
    return refuse(p, hint, dbc__plan_text(p, "table \"%s\"", name),
                  dbc__suggest_best(&suggest));
}

static int check_new_table(dbc__planner *p, const dbc_hint *hint)
{
    dbc__suggest suggest;

    if (table_of(p->to, hint->value)) return DBC_OK;
    dbc__suggest_init(&suggest, hint->value, strlen(hint->value));
    suggest_tables(&suggest, p->to);
    return refuse(p, hint,
                  dbc__plan_text(p, "table \"%s\" in the schema", hint->value),
                  dbc__suggest_best(&suggest));
}

static int has_column(const dbc_catalog *catalog, const char *table,
                      const char *column)
{
    const dbc__object *object = table_of(catalog, table);

    return object && dbc__shape_find(&object->shape, column);
}

static int is_called(const dbc__object *object, const char *name)
{
    return object && dbc__same_name(object->own.name, name);
}

// A column of the table before or after, under any of its names.
static int check_column(dbc__planner *p, const dbc_hint *hint,
                        const char *column)
{
    const char *table = hint->table;
    dbc__suggest suggest;

    int rc = check_table(p, hint);
    if (rc < 0) return rc;
    dbc__suggest_init(&suggest, column, strlen(column));
    for (size_t i = 0; i < p->match_count; i++) {
        const dbc__match *match = &p->matches[i];
        const dbc__object *const both[] = {match->from, match->to};
        if (!is_called(match->from, table) && !is_called(match->to, table))
            continue;
        for (int b = 0; b < 2; b++) {
            if (!both[b]) continue;
            if (dbc__shape_find(&both[b]->shape, column)) return DBC_OK;
            for (size_t c = 0; c < both[b]->shape.column_count; c++)
                dbc__suggest_try(&suggest, both[b]->shape.columns[c].name);
        }
    }
    return refuse(
        p, hint,
        dbc__plan_text(p, "column \"%s\" in table \"%s\"", column, table),
        dbc__suggest_best(&suggest));
}

static int check_index(dbc__planner *p, const dbc_hint *hint)
{
    const dbc_catalog *const both[] = {p->from, p->to};
    const char *const names[] = {hint->name, hint->value};
    dbc__suggest suggest;

    if (dbc__catalog_find(p->from, DBC_OBJECT_INDEX, hint->name) &&
        dbc__catalog_find(p->to, DBC_OBJECT_INDEX, hint->value))
        return DBC_OK;
    if (dbc__catalog_find(p->from, DBC_OBJECT_INDEX, hint->value) &&
        dbc__catalog_find(p->to, DBC_OBJECT_INDEX, hint->value))
        return DBC_OK;
    for (int i = 0; i < 2; i++) {
        if (dbc__catalog_find(both[i], DBC_OBJECT_INDEX, names[i])) continue;
        dbc__suggest_init(&suggest, names[i], strlen(names[i]));
        for (size_t t = both[i]->table_count; t < both[i]->count; t++)
            if (both[i]->objects[t].own.kind == DBC_OBJECT_INDEX)
                dbc__suggest_try(&suggest, both[i]->objects[t].own.name);
        return refuse(p, hint, dbc__plan_text(p, "index \"%s\"", names[i]),
                      dbc__suggest_best(&suggest));
    }
    return DBC_OK;
}

static int check_rename(dbc__planner *p, const dbc_hint *hint)
{
    int rc;

    if (hint->kind == DBC_HINT_RENAME_TABLE) {
        rc = check_new_table(p, hint);
        if (rc < 0) return rc;
        if (table_of(p->from, hint->value)) return DBC_OK; // done before
        return check_table(p, hint);
    }
    rc = check_column(p, hint, hint->value);
    if (rc < 0) return rc;
    if (has_column(p->from, hint->table, hint->value)) return DBC_OK;
    return check_column(p, hint, hint->name);
}

static int check_expression(dbc__planner *p, const dbc_hint *hint)
{
    const char *problem = dbc__scan_expression(hint->value);

    const char *words;

    if (!problem) return DBC_OK;
    words = dbc__hint_words(p, hint);
    if (!words) return dbc__plan_nomem(p);
    return dbc__conn_fail(p->conn, DBC_EREFUSED, "%s: the expression %s", words,
                          problem);
}

// A data step changes rows and nothing else: not where they are, nor the
// transaction they are changed in.
static int check_data(dbc__planner *p, const dbc_hint *hint)
{
    static const char *const kept[] = {
        "BEGIN",  "COMMIT",    "END",    "ROLLBACK", "RELEASE",
        "ATTACH", "SAVEPOINT", "DETACH", "VACUUM",   "PRAGMA"};
    dbc__tokens tokens;
    int is_first = 1;

    dbc__tokens_init(&tokens, hint->value, strlen(hint->value));
    for (; !dbc__tokens_done(&tokens); dbc__tokens_next(&tokens)) {
        for (size_t i = 0; is_first && i < sizeof kept / sizeof *kept; i++)
            if (dbc__tokens_is(&tokens, kept[i]))
                return dbc__conn_fail(p->conn, DBC_EREFUSED,
                                      "a data step changes rows, and %s does "
                                      "not: leave it out",
                                      kept[i]);
        // No trigger is made here, so nothing else has a ; inside.
        is_first = dbc__tokens_is_char(&tokens, ';');
    }
    return DBC_OK;
}

int dbc__hint_check(dbc__planner *p)
{
    int rc = DBC_OK;

    for (size_t i = 0; i < p->given_count && rc == DBC_OK; i++) {
        const dbc_hint *hint = &p->hints[i];
        switch (hint->kind) {
        case DBC_HINT_RENAME_TABLE:
        case DBC_HINT_RENAME_COLUMN:
            rc = check_rename(p, hint);
            break;
        case DBC_HINT_RENAME_INDEX:
            rc = check_index(p, hint);
            break;
        case DBC_HINT_BACKFILL:
        case DBC_HINT_COPY:
            rc = check_column(p, hint, hint->name);
            if (rc == DBC_OK) rc = check_expression(p, hint);
            break;
        case DBC_HINT_IGNORE:
        case DBC_HINT_ALLOW_LOSS:
            if (hint->table && hint->name)
                rc = check_column(p, hint, hint->name);
            else if (hint->table)
                rc = check_table(p, hint);
            break;
        case DBC_HINT_DATA:
            rc = check_data(p, hint);
            break;
        }
    }
    return rc;
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
