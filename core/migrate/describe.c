// From a parsed CREATE TABLE, its indexes and its triggers to a description.
// What a description cannot say is not guessed: the SQL that it would make is
// parsed again, and unless that says the very same the table has none.
#include "describe.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"

typedef struct describing {
    dbc__arena arena; // of the definition; the table copies all of it
    const dbc__object *object;
    int is_out; // memory
} describing;

static void *take(describing *d, size_t count, size_t size)
{
    void *taken = dbc__arena_take_array(&d->arena, count, size);

    if (!taken) d->is_out = 1;
    return taken;
}

static const char *text_of(describing *d, dbc__span span)
{
    const char *copy = dbc__arena_copy(&d->arena, span.text, span.len);

    if (!copy) d->is_out = 1;
    return copy;
}

// ------------------------------------------------------------- foreign keys

static dbc_fk_action action_of(dbc__tokens *tokens)
{
    static const struct {
        const char *word;
        dbc_fk_action action;
    } words[] = {{"CASCADE", DBC_FK_CASCADE},
                 {"RESTRICT", DBC_FK_RESTRICT},
                 {"NULL", DBC_FK_SET_NULL},
                 {"DEFAULT", DBC_FK_SET_DEFAULT}};

    if (!dbc__tokens_take(tokens, "SET")) dbc__tokens_take(tokens, "NO");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (dbc__tokens_is(tokens, words[i].word)) return words[i].action;
    return DBC_FK_NO_ACTION;
}

static void read_actions(dbc_foreign_key_def *out, const dbc__clause *clause)
{
    dbc__tokens tokens;

    dbc__tokens_init(&tokens, clause->text.text, clause->text.len);
    for (; !dbc__tokens_done(&tokens); dbc__tokens_next(&tokens)) {
        if (dbc__tokens_take(&tokens, "ON")) {
            int is_delete = dbc__tokens_is(&tokens, "DELETE");
            dbc__tokens_next(&tokens);
            *(is_delete ? &out->on_delete : &out->on_update) =
                action_of(&tokens);
        }
        if (dbc__tokens_is(&tokens, "DEFERRABLE"))
            out->deferral = DBC_DEFERRABLE_IMMEDIATE;
        if (dbc__tokens_is(&tokens, "DEFERRED"))
            out->deferral = DBC_DEFERRABLE_DEFERRED;
    }
}

static dbc_names names_of(describing *d, const dbc__clause *clause)
{
    const char **items = take(d, clause->term_count, sizeof *items);

    for (size_t i = 0; items && i < clause->term_count; i++)
        items[i] = clause->terms[i].column ? clause->terms[i].column : "";
    return (dbc_names){items, items ? clause->term_count : 0};
}

static dbc_foreign_key_def foreign_key(describing *d, const dbc__clause *clause)
{
    dbc_foreign_key_def key = {.name = clause->name, .table = clause->parent};

    key.columns = names_of(d, clause);
    key.to = (dbc_names){clause->to, clause->to_count};
    read_actions(&key, clause);
    return key;
}

// ------------------------------------------------------------------ columns

static void describe_type(describing *d, dbc_column_def *out,
                          const dbc__column *column)
{
    static const struct {
        const char *word;
        dbc_type type;
    } types[] = {{"INTEGER", DBC_T_INTEGER},
                 {"REAL", DBC_T_REAL},
                 {"TEXT", DBC_T_TEXT},
                 {"BLOB", DBC_T_BLOB},
                 {"NUMERIC", DBC_T_NUMERIC}};
    static const dbc_type by_affinity[] = {
        [DBC__AFFINITY_BLOB] = DBC_T_ANY,
        [DBC__AFFINITY_TEXT] = DBC_T_TEXT,
        [DBC__AFFINITY_NUMERIC] = DBC_T_NUMERIC,
        [DBC__AFFINITY_INTEGER] = DBC_T_INTEGER,
        [DBC__AFFINITY_REAL] = DBC_T_REAL};
    const char *word = text_of(d, column->type);

    out->type = by_affinity[column->affinity];
    if (!word) return;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!dbc__same_name(word, types[i].word)) continue;
        out->type = types[i].type;
        return;
    }
    out->storage = word;
}

// A literal becomes a value, where that is written the same way again.
static void describe_default(describing *d, dbc_column_def *out,
                             const dbc__clause *clause)
{
    const char *text = text_of(d, clause->body);
    size_t len = clause->body.len;
    char *end;

    if (!text) return;
    if (text[0] == '(') {
        out->default_sql = text_of(
            d, (dbc__span){clause->body.text + 1, clause->body.len - 2});
        return;
    }
    if (text[0] == '\'' || text[0] == '"') {
        dbc__token token = {DBC__TOKEN_QUOTED, text, len};
        const char *value = dbc__token_name(&d->arena, &token);
        if (!value) d->is_out = 1;
        out->default_value = dbc_value_text(value, value ? strlen(value) : 0);
        out->flags |= DBC_COLUMN_HAS_DEFAULT;
        return;
    }
    long long whole = strtoll(text, &end, 10);
    if (*end == '\0' && end != text) {
        out->default_value = dbc_value_int(whole);
        out->flags |= DBC_COLUMN_HAS_DEFAULT;
        return;
    }
    // CURRENT_TIMESTAMP, or a number in the digits it was written with.
    out->default_sql = text;
}

static void describe_references(describing *d, dbc_column_def *out,
                                const dbc__clause *clause)
{
    dbc_foreign_key_def *key = take(d, 1, sizeof *key);

    if (!key) return;
    *key = foreign_key(d, clause);
    out->references = key;
}

static void describe_clause(describing *d, dbc_column_def *out,
                            const dbc__clause *clause)
{
    switch (clause->kind) {
    case DBC__CLAUSE_PRIMARY_KEY:
        out->flags |= DBC_COLUMN_PRIMARY_KEY;
        if (clause->autoincrement) out->flags |= DBC_COLUMN_AUTOINCREMENT;
        if (clause->descending) out->flags |= DBC_COLUMN_DESC_KEY;
        out->on_conflict_key = (dbc_conflict)clause->conflict;
        break;
    case DBC__CLAUSE_NOT_NULL:
        out->flags |= DBC_COLUMN_NOT_NULL;
        out->on_conflict_not_null = (dbc_conflict)clause->conflict;
        break;
    case DBC__CLAUSE_UNIQUE:
        out->flags |= DBC_COLUMN_UNIQUE;
        out->on_conflict_unique = (dbc_conflict)clause->conflict;
        break;
    case DBC__CLAUSE_CHECK:
        out->check = text_of(d, clause->body);
        out->check_name = clause->name;
        break;
    case DBC__CLAUSE_DEFAULT:
        describe_default(d, out, clause);
        break;
    case DBC__CLAUSE_COLLATE:
        out->collate = clause->collate;
        break;
    case DBC__CLAUSE_FOREIGN_KEY:
        describe_references(d, out, clause);
        break;
    case DBC__CLAUSE_GENERATED:
        out->generated = text_of(d, clause->body);
        if (clause->stored) out->flags |= DBC_COLUMN_STORED;
        break;
    case DBC__CLAUSE_OTHER:
        break;
    }
}

static void describe_columns(describing *d, dbc_table_def *def)
{
    const dbc__shape *shape = &d->object->shape;
    dbc_column_def *columns = take(d, shape->column_count, sizeof *columns);

    for (size_t i = 0; columns && i < shape->column_count; i++) {
        const dbc__clause *clause = shape->columns[i].clauses;
        columns[i].name = shape->columns[i].name;
        describe_type(d, &columns[i], &shape->columns[i]);
        for (; clause; clause = clause->next)
            describe_clause(d, &columns[i], clause);
    }
    def->columns = columns;
    def->column_count = shape->column_count;
}

// ------------------------------------------------------- what is of the table

static size_t count_clauses(const dbc__clause *each)
{
    size_t count = 0;

    for (; each; each = each->next)
        count++;
    return count;
}

static void describe_constraints(describing *d, dbc_table_def *def)
{
    const dbc__clause *clause = d->object->shape.clauses;
    size_t count = count_clauses(clause);
    dbc_key_def *uniques = take(d, count, sizeof *uniques);
    dbc_check_def *checks = take(d, count, sizeof *checks);
    dbc_foreign_key_def *keys = take(d, count, sizeof *keys);

    if (!uniques || !checks || !keys) return;
    for (; clause; clause = clause->next) {
        dbc_key_def key = {
            clause->name, {NULL, 0}, (dbc_conflict)clause->conflict};
        if (clause->term_count) key.columns = names_of(d, clause);
        if (clause->kind == DBC__CLAUSE_PRIMARY_KEY) def->primary_key = key;
        if (clause->kind == DBC__CLAUSE_UNIQUE)
            uniques[def->unique_count++] = key;
        if (clause->kind == DBC__CLAUSE_CHECK)
            checks[def->check_count++] =
                (dbc_check_def){clause->name, text_of(d, clause->body)};
        if (clause->kind == DBC__CLAUSE_FOREIGN_KEY)
            keys[def->foreign_key_count++] = foreign_key(d, clause);
    }
    def->uniques = uniques;
    def->checks = checks;
    def->foreign_keys = keys;
}

static size_t count_objects(const dbc__object *each)
{
    size_t count = 0;

    for (; each; each = each->next)
        count++;
    return count;
}

static void describe_index(describing *d, dbc_index_def *out,
                           const dbc__object *object)
{
    const dbc__index *index = &object->index;
    dbc_index_part *parts = take(d, index->term_count, sizeof *parts);

    for (size_t i = 0; parts && i < index->term_count; i++) {
        const dbc__term *term = &index->terms[i];
        parts[i].column = term->column;
        if (!term->column) parts[i].expression = text_of(d, term->text);
        parts[i].collate = term->collate;
        parts[i].descending = term->descending;
    }
    *out = (dbc_index_def){.name = object->own.name,
                           .parts = parts,
                           .part_count = index->term_count,
                           .unique = index->unique};
    if (index->where.len) out->where = text_of(d, index->where);
}

static void describe_attached(describing *d, dbc_table_def *def)
{
    const dbc__object *index = d->object->first_index;
    const dbc__object *trigger = d->object->first_trigger;
    dbc_index_def *indexes = take(d, count_objects(index), sizeof *indexes);
    dbc_trigger_def *triggers =
        take(d, count_objects(trigger), sizeof *triggers);

    if (!indexes || !triggers) return;
    for (; index; index = index->next)
        describe_index(d, &indexes[def->index_count++], index);
    for (; trigger; trigger = trigger->next) {
        dbc__span name = dbc__parse_name(trigger->own.sql);
        triggers[def->trigger_count++] =
            (dbc_trigger_def){trigger->own.name, name.text + name.len};
    }
    def->indexes = indexes;
    def->triggers = triggers;
}

// ----------------------------------------------------------------- comparing

// The next statement of `sql`, which ends with ";\n" outside of quotes and of
// the bodies of triggers, cut off there. NULL at the end.
static char *next_statement(char **sql)
{
    char *start = *sql;
    dbc__tokens tokens;
    size_t depth = 0;
    int is_trigger;

    if (!*start) return NULL;
    dbc__tokens_init(&tokens, start, strlen(start));
    dbc__tokens_next(&tokens);
    is_trigger = dbc__tokens_is(&tokens, "TRIGGER");
    for (; !dbc__tokens_done(&tokens); dbc__tokens_next(&tokens)) {
        if (is_trigger && (dbc__tokens_is(&tokens, "BEGIN") ||
                           dbc__tokens_is(&tokens, "CASE")))
            depth++;
        if (is_trigger && dbc__tokens_is(&tokens, "END")) depth--;
        if (!dbc__tokens_is_char(&tokens, ';') || depth > 0) continue;
        size_t end = (size_t)(tokens.token.text - start);
        start[end] = '\0';
        *sql = start + end + 1;
        while (**sql == '\n')
            ++*sql;
        return start;
    }
    return NULL;
}

static int says(describing *d, const dbc__object *object, const char *sql)
{
    dbc__shape shape;
    dbc__index index;
    const char *normal = NULL;
    int rc = DBC_OK;

    if (!object || !sql) return 0;
    if (object->own.kind == DBC_OBJECT_TABLE) {
        rc = dbc__parse_table(&shape, &d->arena, sql);
        if (rc == DBC_OK) normal = shape.normal;
    } else if (object->own.kind == DBC_OBJECT_INDEX) {
        rc = dbc__parse_index(&index, &d->arena, sql);
        if (rc == DBC_OK) normal = index.normal;
    } else {
        normal = dbc__normal_form(&d->arena, sql, strlen(sql));
        if (!normal) d->is_out = 1;
    }
    if (rc == DBC_ENOMEM) d->is_out = 1;
    return normal && strcmp(normal, object->normal) == 0;
}

// Whether the description makes the same table, indexes and triggers.
static int is_same(describing *d, char *sql)
{
    const dbc__object *index = d->object->first_index;
    const dbc__object *trigger = d->object->first_trigger;
    int same = says(d, d->object, next_statement(&sql));

    for (; index && same; index = index->next)
        same = says(d, index, next_statement(&sql));
    for (; trigger && same; trigger = trigger->next)
        same = says(d, trigger, next_statement(&sql));
    return same && !*sql;
}

static int describe_one(const dbc_table **out, const dbc_catalog *catalog,
                        const dbc__object *object, const dbc_dialect *dialect)
{
    describing d = {.object = object};
    dbc_table_def def = {.name = object->own.name};
    dbc_table *table = NULL;
    char *sql = NULL;
    int rc = DBC_OK;

    dbc__arena_init(&d.arena, catalog->alloc);
    if (object->shape.strict) def.flags |= DBC_TABLE_STRICT;
    if (object->shape.without_rowid) def.flags |= DBC_TABLE_WITHOUT_ROWID;
    describe_columns(&d, &def);
    describe_constraints(&d, &def);
    describe_attached(&d, &def);
    if (!d.is_out) rc = dbc_table_new(&table, &def, catalog->alloc, NULL);
    if (table && rc == DBC_OK)
        rc = dbc_table_ddl(&sql, table, dialect, catalog->alloc, NULL);
    if (sql) {
        // It is cut up, so it gives back what it was.
        char *copy = dbc__arena_copy(&d.arena, sql, strlen(sql));
        if (!copy) d.is_out = 1;
        if (copy && is_same(&d, copy)) *out = dbc_table_retain(table);
    }
    if (rc == DBC_ENOMEM) d.is_out = 1;
    dbc_text_free(sql, catalog->alloc);
    dbc_table_release(table);
    dbc__arena_dispose(&d.arena);
    return d.is_out ? DBC_ENOMEM : DBC_OK;
}

int dbc__describe(dbc_catalog *catalog, const dbc_dialect *dialect)
{
    catalog->descriptions = dbc__arena_take_array(
        &catalog->arena, catalog->count + 1, sizeof *catalog->descriptions);
    if (!catalog->descriptions) return DBC_ENOMEM;
    for (size_t i = 0; i < catalog->table_count; i++) {
        dbc__object *object = &catalog->objects[i];
        if (object->own.kind != DBC_OBJECT_TABLE) continue;
        int rc =
            describe_one(&catalog->descriptions[i], catalog, object, dialect);
        if (rc < 0) return rc;
        object->own.description = catalog->descriptions[i];
    }
    return DBC_OK;
}

int dbc__describe_or_free(dbc_catalog **catalog, dbc_conn *conn)
{
    if (dbc__describe(*catalog, conn->driver->dialect) >= 0) return DBC_OK;
    dbc_catalog_free(*catalog);
    *catalog = NULL;
    return dbc__error_nomem(&conn->error);
}
