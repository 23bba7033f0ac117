// Full-text indexes over the rows of a table (FTS5, external content): what
// they demand of it, and the statements that make one and keep it in step.
#ifndef DBC_LANG_FTS_H
#define DBC_LANG_FTS_H

#include "buf.h"
#include "table.h"

enum {
    DBC__FTS_TABLES = 4,  // that the database makes beside the index
    DBC__FTS_TRIGGERS = 3 // on its content
};

// Name `i` of those, in the arena; NULL when memory is out.
const char *dbc__fts_table_name(const dbc_table *fts, int i, dbc__arena *arena);
const char *dbc__fts_trigger_name(const dbc_table *fts, int i,
                                  dbc__arena *arena);

// Gives a full-text index the columns that FTS5 adds; other tables none.
// DBC_OK or DBC_ENOMEM.
int dbc__fts_add_columns(dbc_table *table);

// The number that FTS5 gives a column: from 0 for what is indexed, -1 for all
// of it, less for what cannot be searched.
enum { DBC__FTS_ALL = -1, DBC__FTS_NONE = -2 };
int dbc__fts_number(const dbc_column *column);

// How many columns are indexed.
size_t dbc__fts_count(const dbc_table *fts);

// Whether the index can follow that table: it has the columns, a rowid that
// stays, and no way to lose rows in silence. DBC_OK, or DBC_ESCHEMA with a
// message that does not name the index.
int dbc__fts_check_content(const dbc_table *fts, const dbc_table *content,
                           dbc_error *err);

// CREATE VIRTUAL TABLE, and the triggers. `content` is the name of its
// content in the database.
void dbc__fts_write(dbc_buf *out, const dbc_table *fts, const char *content,
                    const dbc_dialect *dialect);
void dbc__fts_write_triggers(dbc_buf *out, const dbc_table *fts,
                             const char *content, const dbc_dialect *dialect);

#endif
