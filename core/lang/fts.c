// Full-text indexes over a table. The index holds no text of its own: it reads
// the table by rowid, and three triggers tell it of every change, with the old
// text, since that is how FTS5 finds what to forget.
#include "fts.h"

#include <stdio.h>
#include <string.h>

#include "literal.h"
#include "name.h"
#include "part.h"

// The index and `suffix` as one name.
static const char *add_suffix(const dbc_table *fts, const char *suffix,
                              dbc__arena *arena)
{
    size_t len = fts->sql_name_len, suffix_len = strlen(suffix);
    char *name = dbc__arena_take(arena, len + suffix_len + 1);

    if (name == NULL) return NULL;
    memcpy(name, fts->sql_name, len);
    memcpy(name + len, suffix, suffix_len + 1);
    return name;
}

const char *dbc__fts_table_name(const dbc_table *fts, int i, dbc__arena *arena)
{
    static const char *const SUFFIXES[DBC__FTS_TABLES] = {
        "_data", "_idx", "_docsize", "_config"};

    return add_suffix(fts, SUFFIXES[i], arena);
}

enum { ON_INSERT, ON_DELETE, ON_UPDATE };

static const char *const TRIGGERS[DBC__FTS_TRIGGERS] = {"_insert", "_delete",
                                                        "_update"};

const char *dbc__fts_trigger_name(const dbc_table *fts, int i,
                                  dbc__arena *arena)
{
    return add_suffix(fts, TRIGGERS[i], arena);
}

// FTS5 has these two by itself; a description may name them to read them.
static int is_builtin(const dbc_column *column)
{
    return dbc__part_equal(column->def.name, "rowid") ||
           dbc__part_equal(column->def.name, "rank");
}

// The columns of FTS5's own. They stand behind the declared ones, so that a
// position tells them apart; nothing that is written can name them.

int dbc__fts_add_columns(dbc_table *table)
{
    const dbc_column_def defs[] = {
        [DBC_FTS_ROWID] = {.name = "rowid", .type = DBC_T_INTEGER},
        [DBC_FTS_RANK] = {.name = "rank", .type = DBC_T_REAL},
        [DBC_FTS_WHOLE] = {.name = table->sql_name, .type = DBC_T_TEXT},
    };
    const uint32_t count = sizeof defs / sizeof *defs;
    const uint32_t declared = (uint32_t)table->def.column_count;

    if (table->def.kind != DBC_FTS) return DBC_OK;
    dbc_column *made =
        dbc__arena_take_array(&table->arena, count, sizeof *made);
    if (made == NULL) return DBC_ENOMEM;
    for (uint32_t i = 0; i < count; i++) {
        const char *name = defs[i].name;
        size_t len = strlen(name);

        made[i] = (dbc_column){.table = table,
                               .position = declared + i,
                               .name_len = (uint32_t)len,
                               .def = defs[i]};
        table->fts[i] = dbc_table_find(table, name, len, NULL);
        if (table->fts[i] == NULL) table->fts[i] = &made[i];
    }
    return DBC_OK;
}

const dbc_column *dbc_table_fts_column(const dbc_table *index,
                                       dbc_fts_column which)
{
    return index->fts[which];
}

int dbc__fts_number(const dbc_column *column)
{
    const dbc_table *table = column->table;
    int number = 0;

    if (column == table->fts[DBC_FTS_WHOLE]) return DBC__FTS_ALL;
    if (table->def.kind != DBC_FTS || is_builtin(column)) return DBC__FTS_NONE;
    for (uint32_t i = 0; i < column->position; i++)
        number += !is_builtin(&table->columns[i]);
    return number;
}

size_t dbc__fts_count(const dbc_table *fts)
{
    size_t count = 0;

    for (size_t i = 0; i < fts->def.column_count; i++)
        count += !is_builtin(&fts->columns[i]);
    return count;
}

// Checking the content.

static int check_rowid(const dbc_table *content, const char *user,
                       dbc_error *err)
{
    const dbc_column *named = dbc_table_find(content, "rowid", 5, NULL);

    if (content->def.kind != DBC_TABLE)
        return dbc__error_set(err, DBC_ESCHEMA, "%s is no table", user);
    if (content->rowid_alias == NULL)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "%s has no integer primary key: without one its "
                              "rows change their rowid when the file is "
                              "vacuumed",
                              user);
    if (named != NULL && named != content->rowid_alias)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "%s has a column \"rowid\" that hides the rowid: "
                              "rename it",
                              user);
    if (dbc__table_replaces_rows(&content->def))
        return dbc__error_set(err, DBC_ESCHEMA,
                              "%s has a conflict clause REPLACE: rows replaced "
                              "by it would stay in the index",
                              user);
    return DBC_OK;
}

int dbc__fts_check_content(const dbc_table *fts, const dbc_table *content,
                           dbc_error *err)
{
    const dbc_column *column;
    dbc__quoted quoted;
    dbc__part user;

    dbc__part_quote(&user, "its content", content->def.name);
    int rc = check_rowid(content, user.text, err);
    for (size_t i = 0; rc >= 0 && i < fts->def.column_count; i++) {
        const char *name = fts->def.columns[i].name;

        if (is_builtin(&fts->columns[i])) continue;
        rc = dbc__table_need(&column, content, name, "the index", NULL);
        if (rc < 0)
            return dbc__error_set(err, rc, "column %s is not in %s",
                                  dbc__quote(&quoted, name, strlen(name)),
                                  user.text);
    }
    return rc;
}

// Writing.

typedef struct writer {
    dbc_buf *out;
    const dbc_table *fts;
    const char *content;
    const dbc_dialect *dialect;
} writer;

static void add_name(const writer *w, const char *name)
{
    w->dialect->quote(w->out, name, strlen(name));
}

// Every indexed column between `before` and `after`, behind `separator`.
static void add_columns(const writer *w, const char *separator,
                        const char *before)
{
    for (size_t i = 0; i < w->fts->def.column_count; i++) {
        if (is_builtin(&w->fts->columns[i])) continue;
        dbc_buf_add_string(w->out, separator);
        dbc_buf_add_string(w->out, before);
        add_name(w, w->fts->def.columns[i].name);
    }
}

void dbc__fts_write(dbc_buf *out, const dbc_table *fts, const char *content,
                    const dbc_dialect *dialect)
{
    const writer w = {out, fts, content, dialect};
    const char *tokenize = fts->def.tokenize;

    dbc_buf_add_string(out, "CREATE VIRTUAL TABLE ");
    add_name(&w, fts->sql_name);
    dbc_buf_add_string(out, " USING fts5 (content = ");
    dbc__literal_text(out, content, strlen(content));
    if (tokenize != NULL) {
        dbc_buf_add_string(out, ", tokenize = ");
        dbc__literal_text(out, tokenize, strlen(tokenize));
    }
    add_columns(&w, ", ", "");
    dbc_buf_add_string(out, ");\n");
}

static void begin_trigger(const writer *w, int event, const char *when)
{
    char name[2 * DBC__NAME_MAX + 16];

    dbc_buf_add_string(w->out, "CREATE TRIGGER ");
    snprintf(name, sizeof name, "%s%s", w->fts->sql_name, TRIGGERS[event]);
    add_name(w, name);
    dbc_buf_add_string(w->out, when);
    add_name(w, w->content);
}

// The row as it was is forgotten.
static void add_forget(const writer *w)
{
    dbc_buf_add_string(w->out, "    INSERT INTO ");
    add_name(w, w->fts->sql_name);
    dbc_buf_add_string(w->out, " (");
    add_name(w, w->fts->sql_name);
    dbc_buf_add_string(w->out, ", rowid");
    add_columns(w, ", ", "");
    dbc_buf_add_string(w->out, ")\n    VALUES ('delete', old.rowid");
    add_columns(w, ", ", "old.");
    dbc_buf_add_string(w->out, ");\n");
}

// The row as it is becomes known.
static void add_learn(const writer *w)
{
    dbc_buf_add_string(w->out, "    INSERT INTO ");
    add_name(w, w->fts->sql_name);
    dbc_buf_add_string(w->out, " (rowid");
    add_columns(w, ", ", "");
    dbc_buf_add_string(w->out, ")\n    VALUES (new.rowid");
    add_columns(w, ", ", "new.");
    dbc_buf_add_string(w->out, ");\n");
}

// An update that leaves the text alone must not cost an index entry. Compared
// are the bytes: a collation, or 1 beside 1.0, would call different text equal.
static void add_changed(const writer *w)
{
    dbc_buf_add_string(w->out, "\nWHEN old.rowid <> new.rowid");
    for (size_t i = 0; i < w->fts->def.column_count; i++) {
        const char *name = w->fts->def.columns[i].name;

        if (is_builtin(&w->fts->columns[i])) continue;
        dbc_buf_add_string(w->out, "\n    OR CAST(old.");
        add_name(w, name);
        dbc_buf_add_string(w->out, " AS BLOB) IS NOT CAST(new.");
        add_name(w, name);
        dbc_buf_add_string(w->out, " AS BLOB)");
    }
}

void dbc__fts_write_triggers(dbc_buf *out, const dbc_table *fts,
                             const char *content, const dbc_dialect *dialect)
{
    const writer w = {out, fts, content, dialect};

    begin_trigger(&w, ON_INSERT, " AFTER INSERT ON ");
    dbc_buf_add_string(out, "\nBEGIN\n");
    add_learn(&w);
    dbc_buf_add_string(out, "END;\n");

    begin_trigger(&w, ON_DELETE, " AFTER DELETE ON ");
    dbc_buf_add_string(out, "\nBEGIN\n");
    add_forget(&w);
    dbc_buf_add_string(out, "END;\n");

    begin_trigger(&w, ON_UPDATE, " AFTER UPDATE ON ");
    add_changed(&w);
    dbc_buf_add_string(out, "\nBEGIN\n");
    add_forget(&w);
    add_learn(&w);
    dbc_buf_add_string(out, "END;\n");
}
