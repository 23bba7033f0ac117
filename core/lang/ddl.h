// CREATE statements, and their parts for whoever alters a table step by step.
// A writer is sticky: the first clause that the dialect cannot say is kept.
#ifndef DBC_LANG_DDL_H
#define DBC_LANG_DDL_H

#include "buf.h"
#include "table.h"

typedef struct dbc__ddl {
    dbc_buf *out;
    const dbc_dialect *dialect;
    const dbc_schema *schema; // where other tables are, or NULL
    dbc_error *err;           // or NULL
    int status;               // DBC_OK or DBC_EUNSUPPORTED
} dbc__ddl;

// CREATE TABLE under `name`, which is the table's own or that of a copy.
void dbc__ddl_table(dbc__ddl *ddl, const dbc_table *table, const char *name);

// A column as it stands in CREATE TABLE and behind ADD COLUMN.
void dbc__ddl_column(dbc__ddl *ddl, const dbc_column *column);

void dbc__ddl_index(dbc__ddl *ddl, const dbc_table *table,
                    const dbc_index_def *index);
void dbc__ddl_trigger(dbc__ddl *ddl, const dbc_trigger_def *trigger);
void dbc__ddl_view(dbc__ddl *ddl, const dbc_table *view);
void dbc__ddl_fts(dbc__ddl *ddl, const dbc_table *fts);
void dbc__ddl_fts_triggers(dbc__ddl *ddl, const dbc_table *fts);

// DBC_OK, the writer's failure, or DBC_ENOMEM of its text.
int dbc__ddl_status(const dbc__ddl *ddl);

#endif
