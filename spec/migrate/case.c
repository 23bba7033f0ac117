#include "case.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(text *out, const char *what, size_t len)
{
    if (out->len + len + 1 > out->cap) {
        out->cap = (out->len + len + 1) * 2;
        out->data = realloc(out->data, out->cap);
        if (!out->data) abort();
    }
    memcpy(out->data + out->len, what, len);
    out->len += len;
    out->data[out->len] = '\0';
}

static void add_string(text *out, const char *what)
{
    add(out, what, strlen(what));
}

text case_read(const char *folder, const char *name)
{
    char path[1024], block[4096];
    text out = {0};
    size_t n;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    add(&out, "", 0);
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(2);
    }
    while ((n = fread(block, 1, sizeof block, file)) > 0)
        add(&out, block, n);
    fclose(file);
    return out;
}

// ------------------------------------------------------------------ by SQLite

static void add_row(text *out, sqlite3_stmt *stmt)
{
    int count = sqlite3_column_count(stmt);

    for (int i = 0; i < count; i++) {
        const char *value = (const char *)sqlite3_column_text(stmt, i);
        if (i) add_string(out, "|");
        if (value) add_string(out, value);
    }
    add_string(out, "\n");
}

// Runs a script and adds its rows as a shell prints them. What goes wrong is
// added, too: then it is not what is expected.
static void run_script(text *out, sqlite3 *db, const char *sql)
{
    while (sql && *sql) {
        sqlite3_stmt *stmt = NULL;
        const char *tail = NULL;
        int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, &tail);
        while (rc == SQLITE_OK || rc == SQLITE_ROW) {
            rc = stmt ? sqlite3_step(stmt) : SQLITE_DONE;
            if (rc == SQLITE_ROW) add_row(out, stmt);
        }
        sqlite3_finalize(stmt);
        if (rc != SQLITE_DONE) {
            add_string(out, "error: ");
            add_string(out, sqlite3_errmsg(db));
            add_string(out, "\n");
            return;
        }
        sql = tail;
    }
}

text case_ask(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    text out = {0};

    add(&out, "", 0);
    if (sqlite3_open(path, &db) == SQLITE_OK) {
        sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
        run_script(&out, db, sql);
    }
    sqlite3_close(db);
    return out;
}

text case_dump(const char *path)
{
    text tables = case_ask(
        path, "SELECT group_concat('SELECT quote(' || quote(name) || "
              "'); SELECT * FROM \"' || replace(name, '\"', '\"\"') || "
              "'\"', ';') FROM sqlite_master WHERE type = 'table' AND sql "
              "NOT LIKE 'CREATE VIRTUAL%'");
    text all =
        case_ask(path, "SELECT * FROM sqlite_master; PRAGMA user_version");
    text rows = case_ask(path, tables.data);

    add(&all, rows.data, rows.len);
    free(rows.data);
    free(tables.data);
    return all;
}

// ---------------------------------------------------------------------- hints

static const char *keep(hints *h, const char *value)
{
    char *copy = strdup(value ? value : "");

    h->texts[h->text_count++] = copy;
    return copy;
}

static void add_hint(hints *h, const char *what, const char *key,
                     const char *value)
{
    static const struct {
        const char *word;
        dbc_hint_kind kind;
    } kinds[] = {{"rename_tables", DBC_HINT_RENAME_TABLE},
                 {"rename_columns", DBC_HINT_RENAME_COLUMN},
                 {"rename_indexes", DBC_HINT_RENAME_INDEX},
                 {"backfill", DBC_HINT_BACKFILL},
                 {"copy_expr", DBC_HINT_COPY},
                 {"data", DBC_HINT_DATA},
                 {"ignore", DBC_HINT_IGNORE},
                 {"allow_destructive", DBC_HINT_ALLOW_LOSS}};
    dbc_hint hint = {DBC_HINT_DATA, NULL, NULL, NULL};
    char *dot;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(what, kinds[i].word) == 0) hint.kind = kinds[i].kind;
    switch (hint.kind) {
    case DBC_HINT_RENAME_TABLE:
        hint.table = keep(h, key);
        break;
    case DBC_HINT_RENAME_INDEX:
        hint.name = keep(h, key);
        break;
    case DBC_HINT_RENAME_COLUMN:
    case DBC_HINT_BACKFILL:
    case DBC_HINT_COPY:
        hint.table = keep(h, key);
        dot = strchr(h->texts[h->text_count - 1], '.');
        *dot = '\0';
        hint.name = dot + 1;
        break;
    case DBC_HINT_IGNORE:
        hint.table = keep(h, value);
        break;
    case DBC_HINT_DATA:
    case DBC_HINT_ALLOW_LOSS:
        break;
    }
    if (hint.kind != DBC_HINT_ALLOW_LOSS && hint.kind != DBC_HINT_IGNORE)
        hint.value = keep(h, value);
    h->items[h->count++] = hint;
}

void case_read_hints(hints *h, const char *meta)
{
    static const char sql[] =
        "SELECT a.key, b.key, b.value FROM json_each(?1, '$.hints') AS a JOIN "
        "json_each(?1, '$.hints.' || a.key) AS b";
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;

    sqlite3_open(":memory:", &db);
    sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    sqlite3_bind_text(stmt, 1, meta, -1, SQLITE_STATIC);
    while (sqlite3_step(stmt) == SQLITE_ROW)
        add_hint(h, (const char *)sqlite3_column_text(stmt, 0),
                 (const char *)sqlite3_column_text(stmt, 1),
                 (const char *)sqlite3_column_text(stmt, 2));
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

void case_drop_hints(hints *h)
{
    for (size_t i = 0; i < h->text_count; i++)
        free(h->texts[i]);
}

// ------------------------------------------------------------------ migrating

// Opens the file in the journal mode it has.
static dbc_conn *open_as_it_is(const char *path, dbc_error *err)
{
    text mode = case_ask(path, "PRAGMA journal_mode");
    dbc_pragma pragma = {"journal_mode", dbc_value_text(mode.data, 0)};
    dbc_open_options options = {.pragmas = &pragma,
                                .pragma_count = 1,
                                .flags = DBC_OPEN_TRUSTED_SCHEMA};
    dbc_conn *conn = NULL;

    pragma.value.len = mode.len - 1; // but for the line end
    dbc_open(&conn, path, &options, err);
    free(mode.data);
    return conn;
}

int case_migrate(const char *path, const char *target, const hints *h,
                 size_t *steps, dbc_error *err)
{
    dbc_plan_options options = {.hints = h ? h->items : NULL,
                                .hint_count = h ? h->count : 0};
    dbc_conn *conn = open_as_it_is(path, err);
    dbc_catalog *wanted = NULL;
    dbc_plan *plan = NULL;

    *steps = 0;
    if (!conn) return err->code;
    int rc = dbc_catalog_of_sql(&wanted, target, strlen(target), conn);
    if (rc >= 0) rc = dbc_plan_new(&plan, conn, wanted, &options);
    if (rc >= 0) *steps = dbc_plan_step_count(plan);
    if (rc >= 0) rc = dbc_plan_apply(plan, conn, NULL);
    if (rc < 0) *err = *dbc_conn_error(conn);
    dbc_plan_free(plan);
    dbc_catalog_free(wanted);
    dbc_close(conn);
    return rc;
}
