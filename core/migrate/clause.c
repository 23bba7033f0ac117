// Columns and constraints of a CREATE TABLE, cut into their parts.
#include "clause.h"

#include <string.h>

#include "normal.h"

static dbc__span span_to(const char *start, const dbc__tokens *tokens)
{
    const char *end = tokens->behind > start ? tokens->behind : start;

    return (dbc__span){start, (size_t)(end - start)};
}

static const char *take_name(dbc__arena *arena, dbc__tokens *tokens)
{
    const char *name = dbc__token_name(arena, &tokens->token);

    dbc__tokens_next(tokens);
    return name;
}

int dbc__clause_starts_constraint(const dbc__tokens *tokens)
{
    return dbc__tokens_is(tokens, "CONSTRAINT") ||
           dbc__tokens_is(tokens, "PRIMARY") ||
           dbc__tokens_is(tokens, "UNIQUE") ||
           dbc__tokens_is(tokens, "CHECK") || dbc__tokens_is(tokens, "FOREIGN");
}

// -------------------------------------------------------------------- terms

static int is_term_end(const dbc__tokens *tokens)
{
    return dbc__tokens_done(tokens) || dbc__tokens_is_char(tokens, ',') ||
           dbc__tokens_is_char(tokens, ')');
}

// One term. COLLATE, ASC and DESC count where they are the last of it.
static int parse_term(dbc__term *out, dbc__arena *arena, dbc__tokens *tokens)
{
    const char *start = tokens->token.text;
    dbc__token first = tokens->token;
    size_t count = 0;
    dbc__term term = {NULL, {start, 0}, NULL, 0};

    while (!is_term_end(tokens)) {
        if (dbc__tokens_is(tokens, "COLLATE")) {
            dbc__tokens_next(tokens);
            term.collate = take_name(arena, tokens);
            if (!term.collate) return DBC_ENOMEM;
            continue;
        }
        if (dbc__tokens_is(tokens, "DESC")) term.descending = 1;
        if (dbc__tokens_is(tokens, "ASC") || dbc__tokens_is(tokens, "DESC") ||
            dbc__tokens_is(tokens, "AUTOINCREMENT")) {
            dbc__tokens_next(tokens);
            continue;
        }
        count++;
        if (dbc__tokens_is_char(tokens, '('))
            dbc__tokens_skip_brackets(tokens, NULL);
        else
            dbc__tokens_next(tokens);
        term.text = span_to(start, tokens);
    }
    // Brackets around all of it mean nothing.
    if (count == 1 && term.text.len && start[0] == '(') {
        dbc__tokens inside;
        dbc__tokens_init(&inside, start, term.text.len);
        dbc__tokens_skip_brackets(&inside, &term.text);
    }
    if (count == 1 &&
        (first.kind == DBC__TOKEN_WORD || first.kind == DBC__TOKEN_QUOTED)) {
        term.column = dbc__token_name(arena, &first);
        if (!term.column) return DBC_ENOMEM;
    }
    *out = term;
    return DBC_OK;
}

int dbc__clause_terms(dbc__term **out, size_t *count, dbc__arena *arena,
                      dbc__tokens *tokens)
{
    size_t cap = 4;
    dbc__term *terms = dbc__arena_take_array(arena, cap, sizeof *terms);

    *count = 0;
    if (!terms) return DBC_ENOMEM;
    if (!dbc__tokens_take_char(tokens, '(')) return DBC_OK;
    while (!dbc__tokens_done(tokens) && !dbc__tokens_is_char(tokens, ')')) {
        if (*count == cap) {
            dbc__term *more =
                dbc__arena_take_array(arena, cap * 2, sizeof *more);
            if (!more) return DBC_ENOMEM;
            memcpy(more, terms, cap * sizeof *terms);
            terms = more;
            cap *= 2;
        }
        if (parse_term(&terms[*count], arena, tokens) < 0) return DBC_ENOMEM;
        (*count)++;
        dbc__tokens_take_char(tokens, ',');
    }
    dbc__tokens_take_char(tokens, ')');
    *out = terms;
    return DBC_OK;
}

// ------------------------------------------------------------------ clauses

static void parse_conflict(dbc__clause *clause, dbc__tokens *tokens)
{
    static const struct {
        const char *word;
        dbc_conflict conflict;
    } words[] = {{"ROLLBACK", DBC_CONFLICT_ROLLBACK},
                 {"ABORT", DBC_CONFLICT_ABORT},
                 {"FAIL", DBC_CONFLICT_FAIL},
                 {"IGNORE", DBC_CONFLICT_IGNORE},
                 {"REPLACE", DBC_CONFLICT_REPLACE}};

    if (!dbc__tokens_take(tokens, "ON")) return;
    dbc__tokens_take(tokens, "CONFLICT");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (dbc__tokens_is(tokens, words[i].word))
            clause->conflict = words[i].conflict;
    }
    dbc__tokens_next(tokens);
}

static void parse_default(dbc__clause *clause, dbc__tokens *tokens)
{
    const char *start = tokens->token.text;

    if (dbc__tokens_is_char(tokens, '('))
        dbc__tokens_skip_brackets(tokens, NULL);
    else
        dbc__tokens_skip_literal(tokens);
    clause->body = span_to(start, tokens);
}

// REFERENCES and all that may follow it.
static int parse_parent(dbc__clause *clause, dbc__arena *arena,
                        dbc__tokens *tokens)
{
    dbc__term *terms = NULL;

    clause->kind = DBC__CLAUSE_FOREIGN_KEY;
    dbc__tokens_next(tokens);
    clause->parent = take_name(arena, tokens);
    if (!clause->parent) return DBC_ENOMEM;
    if (dbc__tokens_is_char(tokens, '(')) {
        if (dbc__clause_terms(&terms, &clause->to_count, arena, tokens) < 0)
            return DBC_ENOMEM;
        clause->to =
            dbc__arena_take_array(arena, clause->to_count, sizeof *clause->to);
        if (!clause->to) return DBC_ENOMEM;
        for (size_t i = 0; i < clause->to_count; i++)
            clause->to[i] = terms[i].column ? terms[i].column : "";
    }
    for (;;) {
        dbc__tokens ahead = *tokens;
        if (dbc__tokens_take(tokens, "ON")) {
            dbc__tokens_next(tokens);
            if (!dbc__tokens_take(tokens, "SET"))
                dbc__tokens_take(tokens, "NO");
            dbc__tokens_next(tokens);
        } else if (dbc__tokens_take(tokens, "MATCH")) {
            dbc__tokens_next(tokens);
        } else {
            dbc__tokens_take(&ahead, "NOT");
            if (!dbc__tokens_take(&ahead, "DEFERRABLE")) return DBC_OK;
            if (dbc__tokens_take(&ahead, "INITIALLY")) dbc__tokens_next(&ahead);
            *tokens = ahead;
        }
    }
}

static int parse_key(dbc__clause *clause, dbc__arena *arena,
                     dbc__tokens *tokens, dbc__clause_kind kind)
{
    clause->kind = kind;
    dbc__tokens_next(tokens);
    dbc__tokens_take(tokens, "KEY");
    if (dbc__tokens_is_char(tokens, '(')) {
        dbc__tokens ahead = *tokens;
        dbc__span inside;
        dbc__tokens_skip_brackets(&ahead, &inside);
        clause->autoincrement =
            dbc__mentions(inside.text, inside.len, "AUTOINCREMENT");
        if (dbc__clause_terms(&clause->terms, &clause->term_count, arena,
                              tokens) < 0)
            return DBC_ENOMEM;
    }
    if (!dbc__tokens_take(tokens, "ASC"))
        clause->descending = dbc__tokens_take(tokens, "DESC");
    parse_conflict(clause, tokens);
    if (dbc__tokens_take(tokens, "AUTOINCREMENT")) clause->autoincrement = 1;
    return DBC_OK;
}

static int parse_foreign_key(dbc__clause *clause, dbc__arena *arena,
                             dbc__tokens *tokens)
{
    dbc__tokens_next(tokens);
    dbc__tokens_take(tokens, "KEY");
    if (dbc__clause_terms(&clause->terms, &clause->term_count, arena, tokens) <
        0)
        return DBC_ENOMEM;
    return parse_parent(clause, arena, tokens);
}

static void parse_generated(dbc__clause *clause, dbc__tokens *tokens)
{
    clause->kind = DBC__CLAUSE_GENERATED;
    if (dbc__tokens_take(tokens, "GENERATED"))
        dbc__tokens_take(tokens, "ALWAYS");
    dbc__tokens_take(tokens, "AS");
    dbc__tokens_skip_brackets(tokens, &clause->body);
    clause->stored = dbc__tokens_take(tokens, "STORED");
    dbc__tokens_take(tokens, "VIRTUAL");
}

// What stands behind CONSTRAINT name, if that is there.
static int parse_clause_body(dbc__clause *clause, dbc__arena *arena,
                             dbc__tokens *tokens)
{
    if (dbc__tokens_is(tokens, "PRIMARY"))
        return parse_key(clause, arena, tokens, DBC__CLAUSE_PRIMARY_KEY);
    if (dbc__tokens_is(tokens, "UNIQUE"))
        return parse_key(clause, arena, tokens, DBC__CLAUSE_UNIQUE);
    if (dbc__tokens_is(tokens, "FOREIGN"))
        return parse_foreign_key(clause, arena, tokens);
    if (dbc__tokens_is(tokens, "REFERENCES"))
        return parse_parent(clause, arena, tokens);
    if (dbc__tokens_take(tokens, "CHECK")) {
        clause->kind = DBC__CLAUSE_CHECK;
        dbc__tokens_skip_brackets(tokens, &clause->body);
        parse_conflict(clause, tokens);
    } else if (dbc__tokens_take(tokens, "NOT")) {
        clause->kind = DBC__CLAUSE_NOT_NULL;
        dbc__tokens_take(tokens, "NULL");
        parse_conflict(clause, tokens);
    } else if (dbc__tokens_take(tokens, "NULL")) {
        parse_conflict(clause, tokens);
    } else if (dbc__tokens_take(tokens, "DEFAULT")) {
        clause->kind = DBC__CLAUSE_DEFAULT;
        parse_default(clause, tokens);
    } else if (dbc__tokens_take(tokens, "COLLATE")) {
        clause->kind = DBC__CLAUSE_COLLATE;
        clause->collate = take_name(arena, tokens);
        if (!clause->collate) return DBC_ENOMEM;
    } else if (dbc__tokens_is(tokens, "GENERATED") ||
               dbc__tokens_is(tokens, "AS")) {
        parse_generated(clause, tokens);
    } else if (!clause->name) {
        dbc__tokens_next(tokens); // nothing we know: never stand still
    }
    return DBC_OK;
}

dbc__clause *dbc__clause_of_table(dbc__arena *arena, dbc__tokens *tokens)
{
    const char *start = tokens->token.text;
    dbc__clause *clause = dbc__arena_take(arena, sizeof *clause);

    if (!clause) return NULL;
    if (dbc__tokens_take(tokens, "CONSTRAINT")) {
        clause->name = take_name(arena, tokens);
        if (!clause->name) return NULL;
    }
    if (parse_clause_body(clause, arena, tokens) < 0) return NULL;
    clause->text = span_to(start, tokens);
    clause->normal = dbc__normal_clause(arena, clause);
    return clause->normal ? clause : NULL;
}

// ------------------------------------------------------------------ columns

static int starts_clause(const dbc__tokens *tokens)
{
    static const char *const words[] = {
        "CONSTRAINT", "PRIMARY", "NOT",        "NULL",      "UNIQUE", "CHECK",
        "DEFAULT",    "COLLATE", "REFERENCES", "GENERATED", "AS"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (dbc__tokens_is(tokens, words[i])) return 1;
    }
    return is_term_end(tokens);
}

static void parse_type(dbc__column *column, dbc__tokens *tokens)
{
    const char *start = tokens->token.text;

    column->type = (dbc__span){start, 0};
    while (!starts_clause(tokens)) {
        if (dbc__tokens_is_char(tokens, '('))
            dbc__tokens_skip_brackets(tokens, NULL);
        else
            dbc__tokens_next(tokens);
        column->type = span_to(start, tokens);
    }
    // A type in quotes is the same type.
    if (column->type.len < 2) return;
    dbc__token first = dbc__scan_token(start, column->type.len);
    if (first.kind == DBC__TOKEN_QUOTED && first.len == column->type.len)
        column->type = (dbc__span){start + 1, column->type.len - 2};
}

static void note_clause(dbc__column *column, const dbc__clause *clause)
{
    if (clause->kind == DBC__CLAUSE_NOT_NULL) column->not_null = clause;
    if (clause->kind == DBC__CLAUSE_DEFAULT) column->fallback = clause;
    if (clause->kind == DBC__CLAUSE_GENERATED) column->generated = clause;
    if (clause->kind == DBC__CLAUSE_COLLATE) column->collate = clause->collate;
}

int dbc__clause_column(dbc__column *out, dbc__arena *arena, dbc__tokens *tokens)
{
    const char *start = tokens->token.text;
    dbc__column column = {0};
    dbc__clause **end = &column.clauses;

    column.name = take_name(arena, tokens);
    if (!column.name) return DBC_ENOMEM;
    parse_type(&column, tokens);
    while (!is_term_end(tokens)) {
        dbc__clause *clause = dbc__clause_of_table(arena, tokens);
        if (!clause) return DBC_ENOMEM;
        // NULL says what holds without it.
        if (strcmp(clause->normal, "null") == 0) continue;
        note_clause(&column, clause);
        *end = clause;
        end = &clause->next;
    }
    column.text = span_to(start, tokens);
    column.normal = dbc__normal_column(&column, arena);
    if (!column.normal) return DBC_ENOMEM;
    *out = column;
    return DBC_OK;
}
