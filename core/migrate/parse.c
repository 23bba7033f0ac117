// Cutting CREATE TABLE and CREATE INDEX. The grammar is SQLite's; the texts
// come from a database that has accepted them, so there is nothing to refuse,
// only to find. What one column or constraint says is in clause.c.
#include "parse.h"

#include <string.h>

#include "clause.h"
#include "name.h"
#include "normal.h"

static dbc__span token_span(const dbc__tokens *tokens)
{
    return (dbc__span){tokens->token.text, tokens->token.len};
}

// Past CREATE [TEMP] [UNIQUE] [VIRTUAL] kind [IF NOT EXISTS].
static void skip_create(dbc__tokens *tokens, int *unique)
{
    dbc__tokens_take(tokens, "CREATE");
    if (!dbc__tokens_take(tokens, "TEMP"))
        dbc__tokens_take(tokens, "TEMPORARY");
    *unique = dbc__tokens_take(tokens, "UNIQUE");
    dbc__tokens_take(tokens, "VIRTUAL");
    dbc__tokens_next(tokens); // the kind
    if (!dbc__tokens_is(tokens, "IF")) return;
    dbc__tokens_next(tokens);
    dbc__tokens_take(tokens, "NOT");
    dbc__tokens_take(tokens, "EXISTS");
}

// The name behind that, past its schema.
static dbc__span take_name(dbc__tokens *tokens, dbc__token *token)
{
    dbc__span name = token_span(tokens);

    if (token) *token = tokens->token;
    dbc__tokens_next(tokens);
    if (!dbc__tokens_take_char(tokens, '.')) return name;
    return take_name(tokens, token);
}

dbc__span dbc__parse_name(const char *sql)
{
    dbc__tokens tokens;
    int unique;

    dbc__tokens_init(&tokens, sql, strlen(sql));
    skip_create(&tokens, &unique);
    return take_name(&tokens, NULL);
}

// ------------------------------------------------------------------- tables

static dbc__affinity affinity_of(dbc__span type, int strict)
{
    static const struct {
        const char *part;
        dbc__affinity affinity;
    } rules[] = {{"int", DBC__AFFINITY_INTEGER}, {"char", DBC__AFFINITY_TEXT},
                 {"clob", DBC__AFFINITY_TEXT},   {"text", DBC__AFFINITY_TEXT},
                 {"blob", DBC__AFFINITY_BLOB},   {"real", DBC__AFFINITY_REAL},
                 {"floa", DBC__AFFINITY_REAL},   {"doub", DBC__AFFINITY_REAL}};

    if (type.len == 0) return DBC__AFFINITY_BLOB;
    if (strict && dbc__name_equal(type.text, type.len, "ANY", 3))
        return DBC__AFFINITY_BLOB;
    for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
        size_t len = strlen(rules[r].part);
        for (size_t i = 0; i + len <= type.len; i++) {
            if (dbc__name_equal(type.text + i, len, rules[r].part, len))
                return rules[r].affinity;
        }
    }
    return DBC__AFFINITY_NUMERIC;
}

static void parse_options(dbc__shape *shape, dbc__tokens *tokens)
{
    while (!dbc__tokens_done(tokens)) {
        if (dbc__tokens_is(tokens, "STRICT")) shape->strict = 1;
        if (dbc__tokens_is(tokens, "WITHOUT")) shape->without_rowid = 1;
        dbc__tokens_next(tokens);
    }
}

// The columns, in a chain that grows at its end.
static int parse_columns(dbc__shape *shape, dbc__arena *arena,
                         dbc__tokens *tokens)
{
    size_t cap = 0;

    while (!dbc__tokens_done(tokens) && !dbc__tokens_is_char(tokens, ')') &&
           !dbc__clause_starts_constraint(tokens)) {
        if (shape->column_count == cap) {
            size_t size = sizeof *shape->columns;
            dbc__column *more =
                dbc__arena_take_array(arena, cap ? cap * 2 : 8, size);
            if (!more) return DBC_ENOMEM;
            if (cap) memcpy(more, shape->columns, cap * size);
            shape->columns = more;
            cap = cap ? cap * 2 : 8;
        }
        dbc__column *column = &shape->columns[shape->column_count++];
        if (dbc__clause_column(column, arena, tokens) < 0) return DBC_ENOMEM;
        shape->columns_end =
            (size_t)(column->text.text - shape->name.text) + column->text.len;
        dbc__tokens_take_char(tokens, ',');
    }
    return DBC_OK;
}

static int parse_constraints(dbc__shape *shape, dbc__arena *arena,
                             dbc__tokens *tokens)
{
    dbc__clause **end = &shape->clauses;

    while (!dbc__tokens_done(tokens) && !dbc__tokens_is_char(tokens, ')')) {
        *end = dbc__clause_of_table(arena, tokens);
        if (!*end) return DBC_ENOMEM;
        end = &(*end)->next;
        dbc__tokens_take_char(tokens, ',');
    }
    return DBC_OK;
}

static int is_integer(dbc__span type)
{
    return dbc__name_equal(type.text, type.len, "INTEGER", 7);
}

static const dbc__clause *find_key(const dbc__clause *each)
{
    while (each && each->kind != DBC__CLAUSE_PRIMARY_KEY)
        each = each->next;
    return each;
}

// Finds the column that is the rowid, and AUTOINCREMENT.
static void find_integer_key(dbc__shape *shape)
{
    const dbc__clause *key = find_key(shape->clauses);

    shape->is_key = -1;
    for (size_t i = 0; i < shape->column_count; i++) {
        const dbc__column *column = &shape->columns[i];
        const dbc__clause *own = find_key(column->clauses);
        int is_own = own && !own->descending;
        int is_named = key && key->term_count == 1 && key->terms[0].column &&
                       dbc__shape_find(shape, key->terms[0].column) == column;
        if (own && own->autoincrement) shape->autoincrement = 1;
        if (!is_own && !is_named) continue;
        if (is_integer(column->type) && !shape->without_rowid)
            shape->is_key = (int)i;
    }
    if (key && key->autoincrement) shape->autoincrement = 1;
}

int dbc__parse_table(dbc__shape *out, dbc__arena *arena, const char *sql)
{
    dbc__tokens tokens;
    dbc__shape shape = {.is_key = -1};
    int unique;

    dbc__tokens_init(&tokens, sql, strlen(sql));
    skip_create(&tokens, &unique);
    shape.name = take_name(&tokens, NULL);
    if (dbc__tokens_take(&tokens, "USING")) {
        shape.module = dbc__token_name(arena, &tokens.token);
        if (!shape.module) return DBC_ENOMEM;
        *out = shape;
        return DBC_OK;
    }
    if (!dbc__tokens_take_char(&tokens, '(')) return DBC_EINVALID;
    if (parse_columns(&shape, arena, &tokens) < 0) return DBC_ENOMEM;
    if (parse_constraints(&shape, arena, &tokens) < 0) return DBC_ENOMEM;
    shape.body_end = (size_t)(tokens.token.text - sql);
    dbc__tokens_take_char(&tokens, ')');
    parse_options(&shape, &tokens);
    for (size_t i = 0; i < shape.column_count; i++) {
        dbc__column *column = &shape.columns[i];
        column->affinity = affinity_of(column->type, shape.strict);
    }
    find_integer_key(&shape);
    shape.columns_end += (size_t)(shape.name.text - sql);
    shape.normal = dbc__normal_shape(&shape, arena);
    if (!shape.normal) return DBC_ENOMEM;
    *out = shape;
    return DBC_OK;
}

// ------------------------------------------------------------------ indexes

int dbc__parse_index(dbc__index *out, dbc__arena *arena, const char *sql)
{
    dbc__index index = {0};
    dbc__tokens tokens;
    dbc__token table;

    dbc__tokens_init(&tokens, sql, strlen(sql));
    skip_create(&tokens, &index.unique);
    index.name = take_name(&tokens, NULL);
    if (!dbc__tokens_take(&tokens, "ON")) return DBC_EINVALID;
    take_name(&tokens, &table);
    index.table = dbc__token_name(arena, &table);
    if (!index.table) return DBC_ENOMEM;
    if (dbc__clause_terms(&index.terms, &index.term_count, arena, &tokens) < 0)
        return DBC_ENOMEM;
    if (dbc__tokens_take(&tokens, "WHERE")) {
        index.where.text = tokens.token.text;
        while (!dbc__tokens_done(&tokens) &&
               !dbc__tokens_is_char(&tokens, ';')) {
            index.where.len = (size_t)(tokens.token.text + tokens.token.len -
                                       index.where.text);
            dbc__tokens_next(&tokens);
        }
    }
    index.normal = dbc__normal_index(&index, arena);
    if (!index.normal) return DBC_ENOMEM;
    *out = index;
    return DBC_OK;
}

// ------------------------------------------------------------------- asking

dbc__column *dbc__shape_find(const dbc__shape *shape, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < shape->column_count; i++) {
        dbc__column *column = &shape->columns[i];
        if (dbc__name_equal(column->name, strlen(column->name), name, len))
            return column;
    }
    return NULL;
}

size_t dbc__shape_key(const dbc__shape *shape, const char **out)
{
    const dbc__clause *key = find_key(shape->clauses);

    for (size_t i = 0; key && i < key->term_count; i++)
        if (out) out[i] = key->terms[i].column;
    if (key) return key->term_count;
    for (size_t i = 0; i < shape->column_count; i++) {
        if (!find_key(shape->columns[i].clauses)) continue;
        if (out) out[0] = shape->columns[i].name;
        return 1;
    }
    return 0;
}

static int refers(const dbc__clause *clause, const char *parent)
{
    for (; clause; clause = clause->next) {
        if (clause->kind != DBC__CLAUSE_FOREIGN_KEY) continue;
        if (!parent || dbc__name_equal(clause->parent, strlen(clause->parent),
                                       parent, strlen(parent)))
            return 1;
    }
    return 0;
}

int dbc__shape_refers(const dbc__shape *shape, const char *parent)
{
    for (size_t i = 0; i < shape->column_count; i++)
        if (refers(shape->columns[i].clauses, parent)) return 1;
    return refers(shape->clauses, parent);
}
