// CREATE statements of tables and what stands on them, the same bytes for the
// same description.
//
// What a column's declaration promises about its values is written by rule.c.
// A target in another table is named as the schema names it in the database.
// Without a schema it is taken to have the prefix that this table has.
#include "ddl.h"

#include <stdio.h>
#include <string.h>

#include "fts.h"
#include "literal.h"
#include "name.h"
#include "part.h"
#include "rule.h"
#include "scan.h"

static void add(dbc__ddl *ddl, const char *text)
{
    dbc_buf_add_string(ddl->out, text);
}

static void add_name(dbc__ddl *ddl, const char *name)
{
    ddl->dialect->quote(ddl->out, name, strlen(name));
}

// "CONSTRAINT "name" ", or nothing.
static void add_constraint(dbc__ddl *ddl, const char *name)
{
    if (name == NULL) return;
    add(ddl, "CONSTRAINT ");
    add_name(ddl, name);
    add(ddl, " ");
}

static void add_names(dbc__ddl *ddl, const dbc_names *names)
{
    add(ddl, "(");
    for (size_t i = 0; i < names->count; i++) {
        if (i > 0) add(ddl, ", ");
        add_name(ddl, names->items[i]);
    }
    add(ddl, ")");
}

static void add_conflict(dbc__ddl *ddl, dbc_conflict conflict)
{
    static const char *const WORDS[] = {"",     "ROLLBACK", "ABORT",
                                        "FAIL", "IGNORE",   "REPLACE"};

    if (conflict == DBC_CONFLICT_DEFAULT) return;
    add(ddl, " ON CONFLICT ");
    add(ddl, WORDS[conflict]);
}

static void refuse(dbc__ddl *ddl, const char *what, const char *name)
{
    dbc__quoted quoted;

    if (ddl->status != DBC_OK) return;
    ddl->status = dbc__error_set(
        ddl->err, DBC_EUNSUPPORTED, "%s %s, which the dialect %s cannot say",
        dbc__quote(&quoted, name, strlen(name)), what, ddl->dialect->name);
}

// Foreign keys.

static void add_target(dbc__ddl *ddl, const dbc_table *table, const char *name)
{
    const dbc_table *target = NULL;
    char full[2 * DBC__NAME_MAX + 1];

    if (ddl->schema != NULL)
        target = dbc_schema_find(ddl->schema, name, strlen(name), NULL);
    if (target != NULL) {
        add_name(ddl, target->sql_name);
        return;
    }
    snprintf(full, sizeof full, "%s%s",
             table->def.prefix == NULL ? "" : table->def.prefix, name);
    add_name(ddl, full);
}

static void add_action(dbc__ddl *ddl, const char *event, dbc_fk_action action)
{
    static const char *const WORDS[] = {"NO ACTION", "RESTRICT", "CASCADE",
                                        "SET NULL", "SET DEFAULT"};

    if (action == DBC_FK_NO_ACTION) return;
    add(ddl, event);
    add(ddl, WORDS[action]);
}

static void add_references(dbc__ddl *ddl, const dbc_table *table,
                           const dbc_foreign_key_def *key)
{
    add(ddl, "REFERENCES ");
    add_target(ddl, table, key->table);
    if (key->to.count > 0) {
        add(ddl, " ");
        add_names(ddl, &key->to);
    }
    add_action(ddl, " ON DELETE ", key->on_delete);
    add_action(ddl, " ON UPDATE ", key->on_update);
    if (key->deferral == DBC_DEFERRABLE_IMMEDIATE)
        add(ddl, " DEFERRABLE INITIALLY IMMEDIATE");
    if (key->deferral == DBC_DEFERRABLE_DEFERRED)
        add(ddl, " DEFERRABLE INITIALLY DEFERRED");
}

// Checks.

static void add_check(dbc__ddl *ddl, const char *name, const char *expression)
{
    add_constraint(ddl, name);
    add(ddl, "CHECK (");
    add(ddl, expression);
    add(ddl, ")");
}

// Columns.

// What needs no brackets behind DEFAULT, and is written without them by
// whoever writes it by hand.
static int is_plain_default(const char *sql)
{
    static const char *const WORDS[] = {"NULL",         "TRUE",
                                        "FALSE",        "CURRENT_TIME",
                                        "CURRENT_DATE", "CURRENT_TIMESTAMP"};

    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (dbc__part_equal(sql, WORDS[i])) return 1;
    }
    sql += *sql == '-' || *sql == '+';
    return *sql >= '0' && *sql <= '9' &&
           strspn(sql, "0123456789.") == strlen(sql);
}

static void add_default(dbc__ddl *ddl, const dbc_column *column)
{
    const dbc_column_def *def = &column->def;
    const char *expression = def->default_sql;

    if (def->flags & DBC_COLUMN_HAS_DEFAULT) {
        dbc_value value = def->default_value;

        // It was encoded once when the table was made, so it fits.
        dbc_column_encode(column, &value, NULL);
        add(ddl, " DEFAULT ");
        dbc__literal_value(ddl->out, &value);
        return;
    }
    if (def->flags & DBC_COLUMN_DEFAULT_NOW) {
        expression = ddl->dialect->now(def->type);
        if (expression == NULL)
            refuse(ddl, "has the default \"now\"", def->name);
    }
    if (expression == NULL) return;
    int is_plain = is_plain_default(expression);
    add(ddl, is_plain ? " DEFAULT " : " DEFAULT (");
    add(ddl, expression);
    if (!is_plain) add(ddl, ")");
}

static void add_key_clause(dbc__ddl *ddl, const dbc_column_def *def)
{
    if (!(def->flags & DBC_COLUMN_PRIMARY_KEY)) return;
    add(ddl, " PRIMARY KEY");
    if (def->flags & DBC_COLUMN_DESC_KEY) add(ddl, " DESC");
    add_conflict(ddl, def->on_conflict_key);
    if (def->flags & DBC_COLUMN_AUTOINCREMENT) add(ddl, " AUTOINCREMENT");
}

static void add_simple_clauses(dbc__ddl *ddl, const dbc_column_def *def)
{
    if (def->flags & DBC_COLUMN_NOT_NULL) {
        add(ddl, " NOT NULL");
        add_conflict(ddl, def->on_conflict_not_null);
    }
    if (def->flags & DBC_COLUMN_UNIQUE) {
        add(ddl, " UNIQUE");
        add_conflict(ddl, def->on_conflict_unique);
    }
}

void dbc__ddl_column(dbc__ddl *ddl, const dbc_column *column)
{
    const dbc_column_def *def = &column->def;
    const char *type = ddl->dialect->type_name(def, column->table->def.flags);

    add_name(ddl, def->name);
    if (type != NULL && type[0] != '\0') {
        add(ddl, " ");
        add(ddl, type);
    }
    add_key_clause(ddl, def);
    add_simple_clauses(ddl, def);
    add_default(ddl, column);
    if (def->collate != NULL) {
        add(ddl, " COLLATE ");
        add_name(ddl, def->collate);
    }
    if (def->check != NULL) {
        add(ddl, " ");
        add_check(ddl, def->check_name, def->check);
    }
    dbc__rule_write(ddl->out, column, ddl->dialect);
    if (def->references != NULL) {
        add(ddl, " ");
        add_constraint(ddl, def->references->name);
        add_references(ddl, column->table, def->references);
    }
    if (def->generated != NULL) {
        add(ddl, " GENERATED ALWAYS AS (");
        add(ddl, def->generated);
        add(ddl, def->flags & DBC_COLUMN_STORED ? ") STORED" : ") VIRTUAL");
    }
}

// Tables.

static void add_key(dbc__ddl *ddl, const char *kind, const dbc_key_def *key)
{
    if (key->columns.count == 0) return;
    add(ddl, ",\n    ");
    add_constraint(ddl, key->name);
    add(ddl, kind);
    add_names(ddl, &key->columns);
    add_conflict(ddl, key->on_conflict);
}

static void add_table_constraints(dbc__ddl *ddl, const dbc_table *table)
{
    const dbc_table_def *def = &table->def;

    add_key(ddl, "PRIMARY KEY ", &def->primary_key);
    for (size_t i = 0; i < def->unique_count; i++)
        add_key(ddl, "UNIQUE ", &def->uniques[i]);
    for (size_t i = 0; i < def->check_count; i++) {
        add(ddl, ",\n    ");
        add_check(ddl, def->checks[i].name, def->checks[i].expression);
    }
    for (size_t i = 0; i < def->foreign_key_count; i++) {
        const dbc_foreign_key_def *key = &def->foreign_keys[i];

        add(ddl, ",\n    ");
        add_constraint(ddl, key->name);
        add(ddl, "FOREIGN KEY ");
        add_names(ddl, &key->columns);
        add(ddl, " ");
        add_references(ddl, table, key);
    }
}

static void add_options(dbc__ddl *ddl, const dbc_table *table)
{
    unsigned flags = table->def.flags, can = ddl->dialect->can;

    if (flags & DBC_TABLE_STRICT) {
        if (!(can & DBC_CAN_STRICT)) refuse(ddl, "is STRICT", table->def.name);
        add(ddl, " STRICT");
    }
    if (flags & DBC_TABLE_WITHOUT_ROWID) {
        if (!(can & DBC_CAN_WITHOUT_ROWID))
            refuse(ddl, "is WITHOUT ROWID", table->def.name);
        add(ddl,
            flags & DBC_TABLE_STRICT ? ", WITHOUT ROWID" : " WITHOUT ROWID");
    }
}

void dbc__ddl_table(dbc__ddl *ddl, const dbc_table *table, const char *name)
{
    add(ddl, "CREATE TABLE ");
    add_name(ddl, name);
    add(ddl, " (\n");
    for (size_t i = 0; i < table->def.column_count; i++) {
        add(ddl, i == 0 ? "    " : ",\n    ");
        dbc__ddl_column(ddl, &table->columns[i]);
    }
    add_table_constraints(ddl, table);
    add(ddl, "\n)");
    add_options(ddl, table);
    add(ddl, ";\n");
}

// An expression gets brackets of its own, so that a collation behind it counts
// for all of it.
static void add_index_part(dbc__ddl *ddl, const dbc_index_part *part)
{
    if (part->column != NULL) {
        add_name(ddl, part->column);
    } else {
        add(ddl, "(");
        add(ddl, part->expression);
        add(ddl, ")");
    }
    if (part->collate != NULL) {
        add(ddl, " COLLATE ");
        add_name(ddl, part->collate);
    }
    if (part->descending) add(ddl, " DESC");
}

void dbc__ddl_index(dbc__ddl *ddl, const dbc_table *table,
                    const dbc_index_def *index)
{
    add(ddl, index->unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
    add_name(ddl, index->name);
    add(ddl, " ON ");
    add_name(ddl, table->sql_name);
    add(ddl, " (");
    for (size_t i = 0; i < index->part_count; i++) {
        if (i > 0) add(ddl, ", ");
        add_index_part(ddl, &index->parts[i]);
    }
    add(ddl, ")");
    if (index->where != NULL) {
        add(ddl, " WHERE ");
        add(ddl, index->where);
    }
    add(ddl, ";\n");
}

void dbc__ddl_trigger(dbc__ddl *ddl, const dbc_trigger_def *trigger)
{
    size_t len;

    // The text was looked over when the table was made; only its end counts.
    dbc__scan_trigger(trigger->sql, &len);
    add(ddl, "CREATE TRIGGER ");
    add_name(ddl, trigger->name);
    add(ddl, " ");
    dbc_buf_add(ddl->out, trigger->sql, len);
    add(ddl, ";\n");
}

void dbc__ddl_view(dbc__ddl *ddl, const dbc_table *view)
{
    size_t len;

    dbc__scan_select(view->def.sql, &len);
    add(ddl, "CREATE VIEW ");
    add_name(ddl, view->sql_name);
    add(ddl, " AS ");
    dbc_buf_add(ddl->out, view->def.sql, len);
    add(ddl, ";\n");
}

// The name of a full-text index's content in the database. Returns `out`.
static const char *content_name(const dbc__ddl *ddl, const dbc_table *fts,
                                char *out, size_t size)
{
    const char *name = fts->def.content;
    const char *prefix = fts->def.prefix == NULL ? "" : fts->def.prefix;
    const dbc_table *content = NULL;

    if (ddl->schema != NULL)
        content = dbc_schema_find(ddl->schema, name, strlen(name), NULL);
    if (content != NULL)
        snprintf(out, size, "%s", content->sql_name);
    else
        snprintf(out, size, "%s%s", prefix, name);
    return out;
}

void dbc__ddl_fts(dbc__ddl *ddl, const dbc_table *fts)
{
    char content[2 * DBC__NAME_MAX + 1];

    if (!(ddl->dialect->can & DBC_CAN_FTS5))
        refuse(ddl, "is a full-text index", fts->def.name);
    dbc__fts_write(ddl->out, fts,
                   content_name(ddl, fts, content, sizeof content),
                   ddl->dialect);
}

void dbc__ddl_fts_triggers(dbc__ddl *ddl, const dbc_table *fts)
{
    char content[2 * DBC__NAME_MAX + 1];

    dbc__fts_write_triggers(ddl->out, fts,
                            content_name(ddl, fts, content, sizeof content),
                            ddl->dialect);
}

int dbc__ddl_status(const dbc__ddl *ddl)
{
    if (ddl->status != DBC_OK) return ddl->status;
    if (ddl->out->status != DBC_OK) return dbc__error_nomem(ddl->err);
    return DBC_OK;
}
