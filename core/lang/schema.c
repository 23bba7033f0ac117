// Schemas: tables that belong together. Here is checked what one table cannot
// know: names that collide in the database, what foreign keys and full-text
// indexes point to, relations.
#include "schema.h"

#include <string.h>

#include "alloc.h"
#include "definition.h"
#include "foreign_key.h"
#include "fts.h"
#include "part.h"
#include "relation.h"
#include "suggest.h"

// Puts the table before what was found about it.
static int blame_table(const dbc_table *table, int rc, dbc_error *err)
{
    dbc__part part;

    if (rc != DBC_ESCHEMA || err == NULL) return rc;
    dbc__error_set(err, rc, "%s: %s",
                   dbc__part_quote(&part, "table", table->def.name),
                   err->message);
    dbc__error_field(err->table, sizeof err->table, table->def.name,
                     table->name_len);
    return rc;
}

// Tables and the names they take in the database.

static int add_tables(dbc_schema *schema, const dbc_table *const *tables,
                      size_t count, dbc_error *err)
{
    dbc__part part;

    schema->tables =
        dbc__arena_take_array(&schema->arena, count, sizeof *schema->tables);
    if (schema->tables == NULL) return DBC_ENOMEM;
    int rc = dbc__lookup_init(&schema->names, &schema->arena, count);
    if (rc < 0) return rc;

    for (size_t i = 0; i < count; i++) {
        const dbc_table *table = dbc_table_retain(tables[i]);

        schema->tables[schema->table_count++] = table;
        if (dbc__lookup_add(&schema->names, NULL, table->def.name,
                            table->name_len, (uint32_t)i) >= 0)
            return dbc__error_set(
                err, DBC_ESCHEMA,
                "%s is there twice (ASCII case does not count): rename one of "
                "them",
                dbc__part_quote(&part, "table", table->def.name));
    }
    return DBC_OK;
}

// `kind` and `name` say what takes the name, for the message.
static int take_name(dbc__lookup *lookup, const char *kind, const char *name,
                     dbc_error *err)
{
    dbc__part part;

    if (dbc__lookup_add(lookup, NULL, name, strlen(name), 0) < 0) return DBC_OK;
    return dbc__error_set(err, DBC_ESCHEMA,
                          "%s has a name that something else in the database "
                          "has already (ASCII case does not count): rename it",
                          dbc__part_quote(&part, kind, name));
}

static int take_fts_names(dbc_schema *schema, const dbc_table *table,
                          dbc_error *err)
{
    int rc = DBC_OK;

    for (int i = 0; rc >= 0 && i < DBC__FTS_TABLES; i++) {
        const char *name = dbc__fts_table_name(table, i, &schema->arena);

        if (name == NULL) return DBC_ENOMEM;
        rc = take_name(&schema->sql_names, "a part of a full-text index,", name,
                       err);
    }
    for (int i = 0; rc >= 0 && i < DBC__FTS_TRIGGERS; i++) {
        const char *name = dbc__fts_trigger_name(table, i, &schema->arena);

        if (name == NULL) return DBC_ENOMEM;
        rc = take_name(&schema->triggers, "a trigger of a full-text index,",
                       name, err);
    }
    return rc;
}

static int take_names(dbc_schema *schema, const dbc_table *table,
                      dbc_error *err)
{
    const dbc_table_def *def = &table->def;

    int rc = take_name(&schema->sql_names, "table", table->sql_name, err);
    for (size_t i = 0; rc >= 0 && i < def->index_count; i++)
        rc = take_name(&schema->sql_names, "index", def->indexes[i].name, err);
    for (size_t i = 0; rc >= 0 && i < def->trigger_count; i++)
        rc =
            take_name(&schema->triggers, "trigger", def->triggers[i].name, err);
    if (rc >= 0 && def->kind == DBC_FTS)
        rc = take_fts_names(schema, table, err);
    return rc;
}

static int add_definitions(dbc_schema *schema, const char *const *definitions,
                           size_t count, dbc_error *err)
{
    schema->definitions = dbc__arena_take_array(&schema->arena, count,
                                                sizeof *schema->definitions);
    if (schema->definitions == NULL) return DBC_ENOMEM;

    for (size_t i = 0; i < count; i++) {
        int rc = dbc__definition_init(&schema->definitions[i], definitions[i],
                                      &schema->arena, err);
        if (rc < 0) return rc;
        schema->definition_count++;
    }
    return DBC_OK;
}

static int take_defined_names(dbc_schema *schema, dbc_error *err)
{
    int rc = DBC_OK;

    for (size_t i = 0; rc >= 0 && i < schema->definition_count; i++) {
        const dbc_definition *one = &schema->definitions[i];
        int is_trigger = strcmp(one->kind, "trigger") == 0;

        rc = take_name(is_trigger ? &schema->triggers : &schema->sql_names,
                       one->kind, one->name, err);
    }
    return rc;
}

static int take_all_names(dbc_schema *schema, dbc_error *err)
{
    size_t names = schema->definition_count;
    size_t triggers = schema->definition_count;

    for (size_t i = 0; i < schema->table_count; i++) {
        const dbc_table_def *def = &schema->tables[i]->def;

        names += 1 + DBC__FTS_TABLES + def->index_count;
        triggers += DBC__FTS_TRIGGERS + def->trigger_count;
    }
    int rc = dbc__lookup_init(&schema->sql_names, &schema->arena, names);
    if (rc >= 0)
        rc = dbc__lookup_init(&schema->triggers, &schema->arena, triggers);
    for (size_t i = 0; rc >= 0 && i < schema->table_count; i++) {
        rc = take_names(schema, schema->tables[i], err);
        if (rc < 0) rc = blame_table(schema->tables[i], rc, err);
    }
    return rc < 0 ? rc : take_defined_names(schema, err);
}

static int check_renames(const dbc_schema *schema, dbc_error *err)
{
    dbc__quoted quoted;

    for (size_t i = 0; i < schema->table_count; i++) {
        const char *former = schema->tables[i]->def.renamed_from;

        for (size_t j = 0; former != NULL && j < i; j++) {
            const char *other = schema->tables[j]->def.renamed_from;

            if (other != NULL && dbc__part_equal(former, other))
                return dbc__error_set(
                    err, DBC_ESCHEMA,
                    "two tables say that they were named %s before",
                    dbc__quote(&quoted, former, strlen(former)));
        }
    }
    return DBC_OK;
}

// What points to other tables.

// Of such a table no more is known, so nothing of a key to it can be checked.
static int is_defined(const dbc_schema *schema, const char *name)
{
    for (size_t i = 0; name != NULL && i < schema->definition_count; i++) {
        if (dbc__definition_is_table(&schema->definitions[i]) &&
            dbc__part_equal(schema->definitions[i].name, name))
            return 1;
    }
    return 0;
}

static int add_link(dbc_schema *schema, const dbc_table *table,
                    const dbc__foreign_key *key, dbc_error *err)
{
    dbc__link *link = &schema->links[schema->link_count];

    if (is_defined(schema, key->def->table)) return DBC_OK;
    *link = (dbc__link){table, key, NULL, NULL};
    int rc = dbc__schema_need(&link->target, schema, key->def->table,
                              "a foreign key", err);
    if (rc >= 0)
        rc = dbc__foreign_key_resolve(&link->to, key, link->target,
                                      &schema->arena, err);
    if (rc >= 0) schema->link_count++;
    return rc;
}

static int add_links(dbc_schema *schema, dbc_error *err)
{
    size_t count = 0;
    int rc = DBC_OK;

    for (size_t i = 0; i < schema->table_count; i++)
        count += schema->tables[i]->foreign_key_count;
    schema->links =
        dbc__arena_take_array(&schema->arena, count, sizeof *schema->links);
    if (schema->links == NULL) return DBC_ENOMEM;

    for (size_t i = 0; i < schema->table_count; i++) {
        const dbc_table *table = schema->tables[i];

        for (size_t j = 0; rc >= 0 && j < table->foreign_key_count; j++)
            rc = add_link(schema, table, &table->foreign_keys[j], err);
        if (rc < 0) return blame_table(table, rc, err);
    }
    return DBC_OK;
}

static int check_contents(const dbc_schema *schema, dbc_error *err)
{
    for (size_t i = 0; i < schema->table_count; i++) {
        const dbc_table *table = schema->tables[i], *content;

        if (table->def.kind != DBC_FTS) continue;
        int rc = dbc__schema_need(&content, schema, table->def.content,
                                  "its content", err);
        if (rc >= 0) rc = dbc__fts_check_content(table, content, err);
        if (rc < 0) return blame_table(table, rc, err);
    }
    return DBC_OK;
}

// Relations.

static int add_relation(dbc_schema *schema, const dbc_relation_def *def,
                        dbc_error *err)
{
    size_t i = schema->relation_count;
    dbc_relation *relation = &schema->relations[i];

    int rc = dbc__relation_resolve(relation, schema, def, err);
    if (rc < 0) return rc;
    schema->relation_count++;
    if (dbc__lookup_add(&schema->relation_names, relation->source,
                        relation->name, strlen(relation->name),
                        (uint32_t)i) < 0)
        return DBC_OK;
    return dbc__error_set(err, DBC_ESCHEMA,
                          "it is there twice: rename one of them");
}

// Puts table and relation before what was found.
static int blame_relation(const dbc_relation_def *def, int rc, dbc_error *err)
{
    dbc__part table, relation;

    if (rc != DBC_ESCHEMA || err == NULL) return rc;
    return dbc__error_set(
        err, rc, "%s, %s: %s", dbc__part_quote(&table, "table", def->table),
        dbc__part_quote(&relation, "relation", def->name), err->message);
}

static int add_relations(dbc_schema *schema, const dbc_relation_def *defs,
                         size_t count, dbc_error *err)
{
    schema->relations =
        dbc__arena_take_array(&schema->arena, count, sizeof *schema->relations);
    if (schema->relations == NULL) return DBC_ENOMEM;
    int rc = dbc__lookup_init(&schema->relation_names, &schema->arena, count);
    for (size_t i = 0; rc >= 0 && i < count; i++) {
        rc = add_relation(schema, &defs[i], err);
        if (rc < 0) rc = blame_relation(&defs[i], rc, err);
    }
    return rc;
}

static int fill_schema(dbc_schema *schema, const dbc_schema_def *def,
                       dbc_error *err)
{
    int rc = add_tables(schema, def->tables, def->table_count, err);

    if (rc >= 0)
        rc = add_definitions(schema, def->definitions, def->definition_count,
                             err);
    if (rc >= 0) rc = take_all_names(schema, err);
    if (rc >= 0) rc = check_renames(schema, err);
    if (rc >= 0) rc = add_links(schema, err);
    if (rc >= 0) rc = check_contents(schema, err);
    if (rc >= 0)
        rc = add_relations(schema, def->relations, def->relation_count, err);
    return rc;
}

int dbc_schema_new(dbc_schema **out, const dbc_table *const *tables,
                   size_t table_count, const dbc_relation_def *relations,
                   size_t relation_count, const dbc_alloc *alloc,
                   dbc_error *err)
{
    const dbc_schema_def def = {.tables = tables,
                                .table_count = table_count,
                                .relations = relations,
                                .relation_count = relation_count};

    return dbc_schema_build(out, &def, alloc, err);
}

int dbc_schema_build(dbc_schema **out, const dbc_schema_def *def,
                     const dbc_alloc *alloc, dbc_error *err)
{
    dbc_schema *schema;

    alloc = dbc__alloc_or_default(alloc);
    schema = dbc__alloc_zero(alloc, 1, sizeof *schema);
    if (schema == NULL) return dbc__error_nomem(err);

    dbc__counted_init(&schema->counted);
    dbc__arena_init(&schema->arena, alloc);
    int rc = fill_schema(schema, def, err);
    if (rc < 0) {
        dbc_schema_release(schema);
        return rc == DBC_ENOMEM ? dbc__error_nomem(err) : rc;
    }
    *out = schema;
    return DBC_OK;
}

const dbc_schema *dbc_schema_retain(const dbc_schema *schema)
{
    dbc__counted_retain(&schema->counted);
    return schema;
}

void dbc_schema_release(const dbc_schema *schema)
{
    if (schema == NULL || !dbc__counted_release(&schema->counted)) return;

    dbc_schema *last = (dbc_schema *)schema;
    const dbc_alloc *alloc = schema->arena.alloc;
    for (size_t i = 0; i < schema->table_count; i++)
        dbc_table_release(schema->tables[i]);
    dbc__arena_dispose(&last->arena);
    dbc__alloc_free(alloc, last, sizeof *last);
}

size_t dbc_schema_table_count(const dbc_schema *schema)
{
    return schema->table_count;
}

const dbc_table *dbc_schema_table(const dbc_schema *schema, size_t i)
{
    return schema->tables[i];
}

size_t dbc_schema_definition_count(const dbc_schema *schema)
{
    return schema->definition_count;
}

const dbc_definition *dbc_schema_definition(const dbc_schema *schema, size_t i)
{
    return &schema->definitions[i];
}

static const char *suggest_table(dbc__hint *out, const dbc_schema *schema,
                                 const char *name, size_t len)
{
    dbc__suggest suggest;

    dbc__suggest_init(&suggest, name, len);
    for (size_t i = 0; i < schema->table_count; i++)
        dbc__suggest_try(&suggest, schema->tables[i]->def.name);
    return dbc__suggest_hint(out, &suggest);
}

const dbc_table *dbc_schema_find(const dbc_schema *schema, const char *name,
                                 size_t len, dbc_error *err)
{
    int64_t position = dbc__lookup_find(&schema->names, NULL, name, len);
    dbc__quoted wanted;
    dbc__hint nearest;

    if (position >= 0) return schema->tables[position];
    if (err == NULL) return NULL;

    dbc__error_set(err, DBC_ESCHEMA, "the schema has no table %s%s",
                   dbc__quote(&wanted, name, len),
                   suggest_table(&nearest, schema, name, len));
    dbc__error_field(err->table, sizeof err->table, name, len);
    return NULL;
}

int dbc__schema_need(const dbc_table **out, const dbc_schema *schema,
                     const char *name, const char *user, dbc_error *err)
{
    dbc__quoted wanted;
    dbc__hint nearest;

    if (name == NULL) name = "";
    size_t len = strlen(name);
    *out = dbc_schema_find(schema, name, len, NULL);
    if (*out != NULL) return DBC_OK;

    return dbc__error_set(err, DBC_ESCHEMA,
                          "%s names %s, which is no table of the schema%s",
                          user, dbc__quote(&wanted, name, len),
                          suggest_table(&nearest, schema, name, len));
}

size_t dbc_schema_relation_count(const dbc_schema *schema)
{
    return schema->relation_count;
}

const dbc_relation *dbc_schema_relation(const dbc_schema *schema, size_t i)
{
    return &schema->relations[i];
}

// Says what the table has instead.
static void miss_relation(const dbc_schema *schema, const dbc_table *table,
                          const char *name, size_t len, dbc_error *err)
{
    dbc__quoted owner, wanted;
    dbc__suggest suggest;
    dbc__hint nearest;

    if (err == NULL) return;
    dbc__suggest_init(&suggest, name, len);
    for (size_t i = 0; i < schema->relation_count; i++) {
        if (schema->relations[i].source == table)
            dbc__suggest_try(&suggest, schema->relations[i].name);
    }
    dbc__error_set(err, DBC_ESCHEMA, "table %s has no relation %s%s",
                   dbc__quote(&owner, table->def.name, table->name_len),
                   dbc__quote(&wanted, name, len),
                   dbc__suggest_hint(&nearest, &suggest));
    dbc__error_field(err->table, sizeof err->table, table->def.name,
                     table->name_len);
}

const dbc_relation *dbc_schema_find_relation(const dbc_schema *schema,
                                             const dbc_table *table,
                                             const char *name, size_t len,
                                             dbc_error *err)
{
    int64_t position =
        dbc__lookup_find(&schema->relation_names, table, name, len);

    if (position >= 0) return &schema->relations[position];
    miss_relation(schema, table, name, len, err);
    return NULL;
}
