// The CREATE statements of a column, a table or a schema as a text of its own,
// in an order in which they can be run.
#include <string.h>

#include "alloc.h"
#include "ddl.h"

// What each round over a schema writes of one table.

static void write_table(dbc__ddl *ddl, const dbc_table *table)
{
    if (table->def.kind == DBC_TABLE)
        dbc__ddl_table(ddl, table, table->sql_name);
}

static void write_indexes(dbc__ddl *ddl, const dbc_table *table)
{
    for (size_t i = 0; i < table->def.index_count; i++)
        dbc__ddl_index(ddl, table, &table->def.indexes[i]);
}

static void write_view(dbc__ddl *ddl, const dbc_table *table)
{
    if (table->def.kind == DBC_VIEW) dbc__ddl_view(ddl, table);
}

static void write_fts(dbc__ddl *ddl, const dbc_table *table)
{
    if (table->def.kind == DBC_FTS) dbc__ddl_fts(ddl, table);
}

static void write_triggers(dbc__ddl *ddl, const dbc_table *table)
{
    if (table->def.kind == DBC_FTS) dbc__ddl_fts_triggers(ddl, table);
    for (size_t i = 0; i < table->def.trigger_count; i++)
        dbc__ddl_trigger(ddl, &table->def.triggers[i]);
}

static void write_definitions(dbc__ddl *ddl)
{
    for (size_t i = 0; i < dbc_schema_definition_count(ddl->schema); i++) {
        dbc_buf_add_string(ddl->out,
                           dbc_schema_definition(ddl->schema, i)->sql);
        dbc_buf_add_string(ddl->out, ";\n");
    }
}

// Hands the text over, exactly as long as it is, so that dbc_text_free() knows
// its size.
static int finish_text(char **out, const dbc__ddl *ddl)
{
    const dbc_buf *buf = ddl->out;
    int rc = dbc__ddl_status(ddl);
    char *text;

    if (rc < 0) return rc;
    text = dbc__alloc(buf->alloc, buf->len + 1);
    if (text == NULL) return dbc__error_nomem(ddl->err);
    memcpy(text, buf->data == NULL ? "" : buf->data, buf->len + 1);
    *out = text;
    return DBC_OK;
}

// `table` is NULL where all tables of the schema are meant.
static int write_ddl(char **out, const dbc_schema *schema,
                     const dbc_table *table, const dbc_dialect *dialect,
                     const dbc_alloc *alloc, dbc_error *err)
{
    static void (*const ROUNDS[])(dbc__ddl *, const dbc_table *) = {
        write_table, write_indexes, write_view, write_fts, write_triggers};
    size_t count = table != NULL ? 1 : dbc_schema_table_count(schema);
    dbc_buf buf;

    dbc__buf_init(&buf, alloc);
    dbc__ddl ddl = {&buf, dialect, schema, err, DBC_OK};
    for (size_t round = 0; round < sizeof ROUNDS / sizeof ROUNDS[0]; round++) {
        for (size_t i = 0; i < count; i++)
            ROUNDS[round](&ddl,
                          table != NULL ? table : dbc_schema_table(schema, i));
    }
    if (table == NULL) write_definitions(&ddl);
    int rc = finish_text(out, &ddl);
    dbc__buf_dispose(&buf);
    return rc;
}

int dbc_column_ddl(char **out, const dbc_column *column,
                   const dbc_dialect *dialect, const dbc_alloc *alloc,
                   dbc_error *err)
{
    dbc_buf buf;

    dbc__buf_init(&buf, alloc);
    dbc__ddl ddl = {&buf, dialect, NULL, err, DBC_OK};
    dbc__ddl_column(&ddl, column);
    int rc = finish_text(out, &ddl);
    dbc__buf_dispose(&buf);
    return rc;
}

int dbc_table_ddl(char **out, const dbc_table *table,
                  const dbc_dialect *dialect, const dbc_alloc *alloc,
                  dbc_error *err)
{
    return write_ddl(out, NULL, table, dialect, alloc, err);
}

int dbc_schema_ddl(char **out, const dbc_schema *schema,
                   const dbc_dialect *dialect, const dbc_alloc *alloc,
                   dbc_error *err)
{
    return write_ddl(out, schema, NULL, dialect, alloc, err);
}

void dbc_text_free(char *text, const dbc_alloc *alloc)
{
    if (text == NULL) return;
    dbc__alloc_free(dbc__alloc_or_default(alloc), text, strlen(text) + 1);
}
