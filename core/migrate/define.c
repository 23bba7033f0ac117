// Catalogs that are wanted: made by CREATE statements, or by a described
// schema, in a scratch database. What cannot be made there cannot be made in
// the file either, so it is refused here, before anything is planned.
#include <string.h>

#include "alloc.h"
#include "catalog.h"
#include "describe.h"
#include "error.h"
#include "name.h"
#include "scratch.h"

// -------------------------------------------------------------- complaining

// Which columns of a CREATE TABLE need one that is not there.
static void name_needers(dbc__quoted *out, dbc__arena *arena, const char *sql,
                         const char *column)
{
    dbc__shape shape;

    out->text[0] = '\0';
    if (dbc__parse_table(&shape, arena, sql) < 0) return;
    for (size_t i = 0; i < shape.column_count; i++) {
        const dbc__column *each = &shape.columns[i];
        if (!dbc__mentions(each->text.text, each->text.len, column) ||
            dbc__same_name(each->name, column))
            continue;
        dbc__quote(out, each->name, strlen(each->name));
        return;
    }
}

// What a statement is about, without quotes; NULL when memory is out.
static const char *name_made(dbc__arena *arena, const char *sql)
{
    dbc__span span = dbc__parse_name(sql);
    dbc__tokens tokens;

    dbc__tokens_init(&tokens, span.text, span.len);
    return dbc__token_name(arena, &tokens.token);
}

// Whether the text itself is wrong, and not what it says.
static int is_syntax(const dbc_error *cause)
{
    static const char *const starts[] = {"near \"", "incomplete input",
                                         "unrecognized token"};

    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(cause->message, starts[i], strlen(starts[i])) == 0)
            return 1;
    return 0;
}

// The engine's own words, with the object they are about before them.
static int complain(dbc_conn *conn, const char *sql, size_t len)
{
    static const char no_column[] = "no such column: ";
    dbc_error cause = conn->error;
    const char *column = strstr(cause.message, no_column);
    int code = is_syntax(&cause) ? DBC_ESYNTAX : DBC_EREFUSED;
    dbc__quoted name, needer = {""};
    dbc__arena arena;
    dbc__tokens tokens;

    if (cause.code == DBC_ENOMEM || cause.code == DBC_EINTERRUPTED ||
        cause.code == DBC_ETIMEOUT)
        return cause.code;
    dbc__tokens_init(&tokens, sql, len);
    if (code == DBC_ESYNTAX || !dbc__tokens_is(&tokens, "CREATE")) {
        conn->error.code = code;
        return code;
    }
    dbc__arena_init(&arena, conn->alloc);
    const char *copy = dbc__arena_copy(&arena, sql, len);
    const char *made = copy ? name_made(&arena, copy) : NULL;
    if (!made) {
        dbc__arena_dispose(&arena);
        return dbc__error_nomem(&conn->error);
    }
    dbc__quote(&name, made, strlen(made));
    if (column) {
        column += sizeof no_column - 1;
        name_needers(&needer, &arena, copy, column);
    }
    if (needer.text[0])
        dbc__error_set(&conn->error, code,
                       "%s cannot be made as it is wanted: its column %s "
                       "needs \"%s\", which is not there",
                       name.text, needer.text, column);
    else
        dbc__error_set(&conn->error, code,
                       "%s cannot be made as it is wanted: %s", name.text,
                       cause.message);
    dbc__arena_dispose(&arena);
    return code;
}

// --------------------------------------------------------------- statements

// A TEMP object would live on the scratch database and be forgotten.
static int is_temporary(dbc__tokens tokens)
{
    if (!dbc__tokens_take(&tokens, "CREATE")) return 0;
    return dbc__tokens_is(&tokens, "TEMP") ||
           dbc__tokens_is(&tokens, "TEMPORARY");
}

// What a statement does here, by its first word.
typedef enum use { RUN, SKIP, REFUSE } use;

static use use_of(const dbc__tokens *tokens)
{
    static const char *const run[] = {"CREATE", "ALTER", "DROP"};
    // They say how a script is run and change nothing that is kept here.
    static const char *const skip[] = {"PRAGMA", "BEGIN", "COMMIT", "END",
                                       "ANALYZE"};

    if (is_temporary(*tokens)) return REFUSE;
    for (size_t i = 0; i < sizeof run / sizeof *run; i++)
        if (dbc__tokens_is(tokens, run[i])) return RUN;
    for (size_t i = 0; i < sizeof skip / sizeof *skip; i++)
        if (dbc__tokens_is(tokens, skip[i])) return SKIP;
    return REFUSE;
}

// How long a statement is that is not to be run: to its `;`.
static size_t measure(const char *sql, size_t len)
{
    dbc__tokens tokens;

    for (dbc__tokens_init(&tokens, sql, len); !dbc__tokens_done(&tokens);
         dbc__tokens_next(&tokens)) {
        if (dbc__tokens_is_char(&tokens, ';'))
            return (size_t)(tokens.token.text + 1 - sql);
    }
    return len;
}

static int refuse(dbc_conn *conn, const dbc__tokens *tokens)
{
    dbc__quoted word;

    if (is_temporary(*tokens))
        return dbc__conn_fail(conn, DBC_EINVALID,
                              "a schema is what a file keeps, and a TEMP "
                              "object lives on a connection: take it out, or "
                              "leave TEMP out");

    dbc__quote(&word, tokens->token.text, tokens->token.len);
    return dbc__conn_fail(conn, DBC_EINVALID,
                          "a schema is made of CREATE statements, and %s is "
                          "none: take it out, or make it a data step",
                          word.text);
}

// Whether it makes a virtual table of a module that only the real connection
// knows, or that nobody does.
static int is_ghost(dbc__scratch *scratch, const char *sql, size_t len)
{
    dbc__tokens tokens;

    dbc__tokens_init(&tokens, sql, len);
    dbc__tokens_next(&tokens);
    return dbc__tokens_is(&tokens, "VIRTUAL") &&
           strncmp(scratch->like->error.message, "no such module", 14) == 0;
}

static int add_ghost(dbc__scratch *scratch, const char *sql, size_t len)
{
    dbc_conn *conn = scratch->like;
    size_t size = measure(sql, len);
    char *copy = dbc__alloc(conn->alloc, size + 1);
    int rc;

    if (!copy) return dbc__error_nomem(&conn->error);
    memcpy(copy, sql, size);
    copy[size] = '\0';
    // As the database would keep it, without what stands before the name.
    size_t end = size;
    while (end > 0 && (copy[end - 1] == ';' || copy[end - 1] == ' ' ||
                       copy[end - 1] == '\n'))
        copy[--end] = '\0';
    rc = dbc__scratch_add_ghost(scratch, copy);
    dbc__alloc_free(conn->alloc, copy, size + 1);
    return rc;
}

// A mistake in the text is found where it stands. `text` is all of it.
static int point(dbc__scratch *scratch, const char *text, const char *sql)
{
    dbc_error *err = &scratch->like->error;
    dbc_error cause = *err;
    int64_t within = scratch->conn->error.offset;
    const char *place = sql + (within > 0 ? within : 0);
    int line = 1;

    for (const char *c = text; c < place; c++)
        line += *c == '\n';
    dbc__error_set(err, cause.code, "line %d: %s", line, cause.message);
    err->offset = place - text;
    return cause.code;
}

// The statement at `sql`, with `len` bytes to the end of `text`.
static int define_one(size_t *used, dbc__scratch *scratch, const char *text,
                      const char *sql, size_t len)
{
    dbc__tokens tokens;
    size_t blank;

    dbc__tokens_init(&tokens, sql, len);
    *used = len;
    if (tokens.token.kind == DBC__TOKEN_END) return DBC_OK;
    blank = (size_t)(tokens.token.text - sql);
    if (dbc__tokens_is_char(&tokens, ';')) {
        *used = blank + 1;
        return DBC_OK;
    }
    switch (use_of(&tokens)) {
    case REFUSE:
        return refuse(scratch->like, &tokens);
    case SKIP:
        *used = blank + measure(sql + blank, len - blank);
        return DBC_OK;
    case RUN:
        break;
    }
    sql += blank;
    len -= blank;
    int rc = dbc__scratch_run_one(used, scratch, sql, len, DBC__SCRATCH_ALL);
    if (rc < 0 && is_ghost(scratch, sql, len)) {
        *used = measure(sql, len);
        dbc__error_clear(&scratch->like->error);
        rc = add_ghost(scratch, sql, *used);
    } else if (rc < 0) {
        rc = complain(scratch->like, sql, measure(sql, len));
        if (rc == DBC_ESYNTAX) rc = point(scratch, text, sql);
    }
    *used += blank;
    return rc;
}

int dbc_catalog_of_sql(dbc_catalog **out, const char *sql, size_t len,
                       dbc_conn *conn)
{
    dbc__scratch scratch;
    const char *text = sql;
    int rc;

    *out = NULL;
    rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    rc = dbc__conn_check_text(conn, sql, len);
    if (rc < 0) return rc;
    rc = dbc__scratch_open(&scratch, conn);
    while (rc >= 0 && len > 0) {
        size_t used = 0;
        rc = define_one(&used, &scratch, text, sql, len);
        if (used == 0) break;
        sql += used;
        len -= used;
    }
    if (rc >= 0) {
        rc = dbc__catalog_read(out, scratch.conn, scratch.ghosts);
        if (rc < 0)
            conn->error = scratch.conn->error;
        else
            rc = dbc__describe_or_free(out, conn);
    }
    dbc__scratch_close(&scratch);
    return rc;
}

// ------------------------------------------------------------------ schemas

// What a description says about the past of its table.
static void collect(dbc_hint *hints, size_t *count, const dbc_table *table)
{
    const dbc_table_def *def = dbc_table_describe(table);
    const char *name = dbc_table_sql_name(table);

    if (def->renamed_from)
        hints[(*count)++] =
            (dbc_hint){DBC_HINT_RENAME_TABLE, def->renamed_from, NULL, name};
    for (size_t i = 0; i < def->column_count; i++) {
        const dbc_column_def *column = &def->columns[i];
        if (column->renamed_from)
            hints[(*count)++] = (dbc_hint){DBC_HINT_RENAME_COLUMN, name,
                                           column->renamed_from, column->name};
        if (column->backfill)
            hints[(*count)++] = (dbc_hint){DBC_HINT_BACKFILL, name,
                                           column->name, column->backfill};
        if (column->copy)
            hints[(*count)++] =
                (dbc_hint){DBC_HINT_COPY, name, column->name, column->copy};
    }
    for (size_t i = 0; i < def->index_count; i++) {
        const dbc_index_def *index = &def->indexes[i];
        if (index->renamed_from)
            hints[(*count)++] = (dbc_hint){DBC_HINT_RENAME_INDEX, NULL,
                                           index->renamed_from, index->name};
    }
}

static size_t most_hints(const dbc_schema *schema)
{
    size_t most = 0;

    for (size_t i = 0; i < dbc_schema_table_count(schema); i++) {
        const dbc_table_def *def =
            dbc_table_describe(dbc_schema_table(schema, i));
        most += 1 + 3 * def->column_count + def->index_count;
    }
    return most;
}

// The texts of the hints become the catalog's own.
static int own_text(dbc__arena *arena, const char **text)
{
    if (!*text) return DBC_OK;
    *text = dbc__arena_copy(arena, *text, strlen(*text));
    return *text ? DBC_OK : DBC_ENOMEM;
}

static int take_hints(dbc_catalog *catalog, const dbc_schema *schema)
{
    size_t most = most_hints(schema);

    catalog->hints =
        dbc__arena_take_array(&catalog->arena, most, sizeof *catalog->hints);
    if (!catalog->hints) return DBC_ENOMEM;
    for (size_t i = 0; i < dbc_schema_table_count(schema); i++)
        collect(catalog->hints, &catalog->hint_count,
                dbc_schema_table(schema, i));
    for (size_t i = 0; i < catalog->hint_count; i++) {
        dbc_hint *hint = &catalog->hints[i];
        if (own_text(&catalog->arena, &hint->table) < 0 ||
            own_text(&catalog->arena, &hint->name) < 0 ||
            own_text(&catalog->arena, &hint->value) < 0)
            return DBC_ENOMEM;
    }
    return DBC_OK;
}

int dbc_catalog_of_schema(dbc_catalog **out, const dbc_schema *schema,
                          dbc_conn *conn)
{
    char *ddl = NULL;
    int rc;

    *out = NULL;
    rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    rc = dbc_schema_ddl(&ddl, schema, conn->driver->dialect, conn->alloc,
                        &conn->error);
    if (rc < 0) return rc;
    rc = dbc_catalog_of_sql(out, ddl, strlen(ddl), conn);
    if (rc >= 0 && take_hints(*out, schema) < 0) {
        dbc_catalog_free(*out);
        *out = NULL;
        rc = dbc__error_nomem(&conn->error);
    }
    dbc_text_free(ddl, conn->alloc);
    return rc;
}
