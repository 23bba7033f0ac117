// Engines say little about some constraints: SQLite names neither the table
// nor the key of a foreign key, and of a CHECK only its name or its text. What
// is added here is certain as long as the database has what was declared; when
// there are two candidates, there is none.
#include "blame.h"

#include <stdio.h>
#include <string.h>

#include "dbcore_driver.h"
#include "error.h"
#include "table.h"
#include "tree.h"

enum { UNIQUE_FLAGS = DBC_COLUMN_UNIQUE | DBC_COLUMN_PRIMARY_KEY };

static void set_field(char *field, size_t size, const char *text)
{
    dbc__error_field(field, size, text, strlen(text));
}

static int is_same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

// Adds " (…)" to a message; everything else in the error stays.
static void add_place(dbc_error *err, const char *place)
{
    dbc_error kept = *err;

    dbc__error_set(err, kept.code, "%s (%s)", kept.message, place);
    memcpy(kept.message, err->message, sizeof kept.message);
    *err = kept;
}

// "insert into "posts"", for what is known of no column.
static void add_statement(dbc_error *err, const dbc_sql *sql)
{
    static const char *const verbs[] = {[DBC_SELECT] = "select from",
                                        [DBC_INSERT] = "insert into",
                                        [DBC_UPDATE] = "update of",
                                        [DBC_DELETE] = "delete from"};
    const dbc_table *table = sql->table;
    char place[128];
    dbc__quoted name;

    if (sql->kind == DBC_FRAGMENT) return;
    snprintf(place, sizeof place, "%s %s", verbs[sql->kind],
             dbc__quote(&name, table->def.name, table->name_len));
    add_place(err, place);
}

// ------------------------------------------------------------------- columns

// Whether the columns of an error are exactly those of the other one. What did
// not fit is not known.
static int columns_are(const dbc_error *err, const dbc_error *other)
{
    return strlen(err->columns) + 2 < sizeof err->columns &&
           strcmp(err->columns, other->columns) == 0;
}

static int names_are(const dbc_names *names, const dbc_error *err)
{
    dbc_error joined = DBC_ERROR_INIT;

    for (size_t i = 0; i < names->count; i++)
        dbc_error_add_column(&joined, names->items[i], strlen(names->items[i]));
    return names->count > 0 && columns_are(err, &joined);
}

static int index_is(const dbc_index_def *index, const dbc_error *err)
{
    dbc_error joined = DBC_ERROR_INIT;

    for (size_t i = 0; i < index->part_count; i++) {
        const char *name = index->parts[i].column;
        if (name == NULL) return 0;
        dbc_error_add_column(&joined, name, strlen(name));
    }
    return index->unique && columns_are(err, &joined);
}

// ---------------------------------------------------------------- foreign keys

// Whether all that a query does is to bring rows into its table: then it can
// break no foreign key but those of this table.
static int only_inserts(const dbc_query *query, const dbc_sql *sql)
{
    const dbc_table_def *def = &sql->table->def;

    if (sql->kind != DBC_INSERT || def->trigger_count > 0 ||
        dbc__table_replaces_rows(def))
        return 0;
    for (uint32_t i = 0; i < query->used.nodes; i++)
        if (query->nodes[i].op == DBC__CONFLICT_SET) return 0;
    return 1;
}

static void blame_foreign_key(dbc_error *err, const dbc_query *query,
                              const dbc_sql *sql)
{
    const dbc_table *table = sql->table;
    const dbc__foreign_key *key = table->foreign_keys;
    dbc__quoted columns, own, target;
    char place[320];

    if (table->foreign_key_count != 1 || !only_inserts(query, sql)) {
        add_statement(err, sql);
        return;
    }
    for (size_t i = 0; i < key->count; i++)
        dbc_error_add_column(err, key->columns[i]->def.name,
                             key->columns[i]->name_len);
    if (key->def->name != NULL)
        set_field(err->constraint, sizeof err->constraint, key->def->name);
    snprintf(place, sizeof place, "%s of %s refers to %s",
             dbc__quote(&columns, err->columns, strlen(err->columns)),
             dbc__quote(&own, table->def.name, table->name_len),
             dbc__quote(&target, key->def->table, strlen(key->def->table)));
    add_place(err, place);
}

// ---------------------------------------------------------------------- checks

// Whether `constraint` is the CHECK that the column's `rule` became.
static int is_rule(const dbc_column *column, const char *rule,
                   const char *constraint)
{
    char name[sizeof((dbc_error *)0)->constraint];
    int len = snprintf(name, sizeof name, "%s_%s_%s", column->table->def.name,
                       column->def.name, rule);

    return len > 0 && (size_t)len < sizeof name && is_same(name, constraint);
}

// Whether `constraint` is what SQLite calls a check without a name: its text,
// but when that begins with a quoted name, only this name, unquoted.
static int is_text(const char *check, const char *constraint)
{
    char quote = check[0];

    if (quote == '[') quote = ']';
    if (quote != '"' && quote != '`' && quote != '\'' && quote != ']')
        return is_same(check, constraint);
    for (check++; *check != '\0'; check++) {
        if (*check == quote && *++check != quote) break;
        if (*constraint++ != *check) return 0;
    }
    return *constraint == '\0';
}

static int is_check_of(const dbc_column *column, const char *constraint)
{
    static const char *const rules[] = {"enum", "range", "length", "boolean"};
    const dbc_column_def *def = &column->def;

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (is_rule(column, rules[i], constraint)) return 1;
    if (def->check == NULL) return 0;
    if (def->check_name != NULL) return is_same(def->check_name, constraint);
    return is_text(def->check, constraint);
}

// The one column that has this CHECK, or NULL.
static const dbc_column *find_checked(const dbc_table *table,
                                      const char *constraint)
{
    const dbc_column *found = NULL;

    for (size_t i = 0; i < table->def.column_count; i++) {
        if (!is_check_of(&table->columns[i], constraint)) continue;
        if (found != NULL) return NULL;
        found = &table->columns[i];
    }
    return found;
}

// SQLite gives a first constraint of the table that has no name that of the
// last column's last constraint.
static int may_be_of_table(const dbc_column *column)
{
    const dbc_table_def *def = &column->table->def;

    return column->position + 1 == def->column_count && def->check_count > 0 &&
           def->checks[0].name == NULL && def->unique_count == 0 &&
           def->primary_key.columns.count == 0;
}

static void blame_check(dbc_error *err, const dbc_sql *sql)
{
    const dbc_table *table = sql->table;
    const dbc_column *column = find_checked(table, err->constraint);
    dbc__quoted name, own;
    char place[192];

    if (column == NULL || may_be_of_table(column) ||
        table->def.trigger_count > 0) {
        add_statement(err, sql);
        return;
    }
    dbc_error_add_column(err, column->def.name, column->name_len);
    if (column->def.check_name == NULL && column->def.check != NULL &&
        is_text(column->def.check, err->constraint))
        set_field(err->constraint, sizeof err->constraint, column->def.check);
    snprintf(place, sizeof place, "column %s of %s",
             dbc__quote(&name, column->def.name, column->name_len),
             dbc__quote(&own, table->def.name, table->name_len));
    add_place(err, place);
}

// --------------------------------------------------------------------- uniques

static int is_unique_alone(const dbc_column_def *def, const dbc_error *err)
{
    dbc_names own = {&def->name, 1};

    return (def->flags & UNIQUE_FLAGS) != 0 && names_are(&own, err);
}

// The name of the constraint or index over exactly these columns.
static void blame_unique(dbc_error *err, const dbc_table *table)
{
    const dbc_table_def *def = &table->def;
    const char *name = NULL;
    int count = 0;

    for (size_t i = 0; i < def->column_count; i++)
        if (is_unique_alone(&def->columns[i], err)) count++;
    if (names_are(&def->primary_key.columns, err)) {
        name = def->primary_key.name;
        count++;
    }
    for (size_t i = 0; i < def->unique_count; i++) {
        if (!names_are(&def->uniques[i].columns, err)) continue;
        name = def->uniques[i].name;
        count++;
    }
    for (size_t i = 0; i < def->index_count; i++) {
        if (!index_is(&def->indexes[i], err)) continue;
        name = def->indexes[i].name;
        count++;
    }
    if (count == 1 && name != NULL)
        set_field(err->constraint, sizeof err->constraint, name);
}

// -------------------------------------------------------------------- the door

void dbc__blame(dbc_error *err, const dbc_query *query, const dbc_sql *sql)
{
    const dbc_table *table = sql->table;
    int engine_said = err->table[0] != '\0';
    int is_own;

    if (table == NULL) return;
    if (err->code > DBC_EUNIQUE && err->code != DBC_EDENIED) return;
    // The engine knows a table with its prefix, the host without.
    is_own = is_same(err->table, table->sql_name);
    if (!engine_said || is_own)
        set_field(err->table, sizeof err->table, table->def.name);
    switch (err->code) {
    case DBC_EUNIQUE:
        if (is_own && err->constraint[0] == '\0') blame_unique(err, table);
        break;
    case DBC_EFOREIGNKEY:
        if (!engine_said) blame_foreign_key(err, query, sql);
        break;
    case DBC_ECHECK:
        if (!engine_said) blame_check(err, sql);
        break;
    case DBC_EDATATYPE:
        if (!engine_said) add_statement(err, sql);
        break;
    default:
        break;
    }
}
