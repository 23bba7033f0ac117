// Every folder of spec/migrate/cases is one migration: before.sql makes a
// file, target.sql is the schema that is wanted, meta.json says what comes of
// it (migrate, refuse, noop) with the hints a user gave, and checks.sql with
// expected.txt what the file must answer afterwards. The file is made, looked
// at and judged through SQLite itself; only the migration is the library's.
//
// usage: cases_spec FOLDER [PART OF A NAME]
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dbcore.h"

enum { MOST_HINTS = 64 };

typedef struct text {
    char *data;
    size_t len, cap;
} text;

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

static text read_file(const char *folder, const char *name)
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

static text ask(const char *path, const char *sql)
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

static int is_ask(const char *path, const char *sql, const char *expected)
{
    text found = ask(path, sql);
    int same = strcmp(found.data, expected) == 0;

    if (!same) fprintf(stderr, "    %s\n    gives %s", sql, found.data);
    free(found.data);
    return same;
}

// All that can be seen of a database: texts and rows.
static text dump(const char *path)
{
    text tables =
        ask(path, "SELECT group_concat('SELECT quote(' || quote(name) || "
                  "'); SELECT * FROM \"' || replace(name, '\"', '\"\"') || "
                  "'\"', ';') FROM sqlite_master WHERE type = 'table' AND sql "
                  "NOT LIKE 'CREATE VIRTUAL%'");
    text all = ask(path, "SELECT * FROM sqlite_master; PRAGMA user_version");
    text rows = ask(path, tables.data);

    add(&all, rows.data, rows.len);
    free(rows.data);
    free(tables.data);
    return all;
}

// What the engine says about the structure, without our own parser.
static text structure(const char *path)
{
    return ask(
        path,
        "SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE "
        "'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '%\\_data' ESCAPE '\\' "
        "ORDER BY 1, 2; "
        "SELECT m.name, x.cid, x.name, upper(x.type), x.\"notnull\", "
        "x.dflt_value, x.pk, x.hidden FROM sqlite_master AS m JOIN "
        "pragma_table_xinfo(m.name) AS x WHERE m.type = 'table' AND m.sql NOT "
        "LIKE 'CREATE VIRTUAL%' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
        "ORDER BY m.name, x.cid; "
        "SELECT m.name, f.\"table\", f.\"from\", f.\"to\", f.on_update, "
        "f.on_delete FROM sqlite_master AS m JOIN "
        "pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' ORDER BY "
        "m.name, f.\"table\", f.\"from\", f.seq; "
        "SELECT m.name, l.origin, l.\"unique\", l.partial, x.seqno, x.name, "
        "x.\"desc\", x.coll FROM sqlite_master AS m JOIN "
        "pragma_index_list(m.name) AS l JOIN pragma_index_xinfo(l.name) AS x "
        "WHERE m.type = 'table' AND x.key AND m.name NOT LIKE 'sqlite\\_%' "
        "ESCAPE '\\' ORDER BY m.name, l.origin, x.name, x.seqno, x.coll; "
        "SELECT name, wr, strict FROM pragma_table_list WHERE schema = 'main' "
        "AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' "
        "ESCAPE '\\' ORDER BY name; "
        "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger' ORDER "
        "BY tbl_name, rowid");
}

// ---------------------------------------------------------------------- hints

typedef struct hints {
    dbc_hint items[MOST_HINTS];
    size_t count;
    char *texts[MOST_HINTS * 3];
    size_t text_count;
} hints;

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

static void read_hints(hints *h, const char *meta)
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

static void drop_hints(hints *h)
{
    for (size_t i = 0; i < h->text_count; i++)
        free(h->texts[i]);
}

// ------------------------------------------------------------------ migrating

// Opens the file in the journal mode it has.
static dbc_conn *open_as_it_is(const char *path, dbc_error *err)
{
    text mode = ask(path, "PRAGMA journal_mode");
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

// Returns a status; `*steps` is how many there were.
static int migrate(const char *path, const char *target, const hints *h,
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

// -------------------------------------------------------------------- judging

typedef struct one_case {
    const char *folder;
    char path[256], other[300];
    text meta, target, before;
    int failed;
} one_case;

static void blame(one_case *c, const char *what, const char *more)
{
    fprintf(stderr, "%s: %s%s%s\n", c->folder, what, more ? ": " : "",
            more ? more : "");
    c->failed = 1;
}

static int says(const one_case *c, const char *word)
{
    return strstr(c->meta.data, word) != NULL;
}

static void judge_structure(one_case *c)
{
    if (says(c, "\"skip_structural\"")) return;
    unlink(c->other);
    free(ask(c->other, c->target.data).data);
    text wanted = structure(c->other), found = structure(c->path);
    if (strcmp(wanted.data, found.data) != 0) {
        blame(c, "the structure is another one", NULL);
        fprintf(stderr, "--- wanted\n%s--- found\n%s", wanted.data, found.data);
    }
    free(wanted.data);
    free(found.data);
    unlink(c->other);
}

static void judge_migrated(one_case *c, int rc, const dbc_error *err)
{
    dbc_error ignored = DBC_ERROR_INIT;
    size_t steps;

    if (rc < 0) {
        blame(c, "was not migrated", err->message);
        return;
    }
    if (!is_ask(c->path, "PRAGMA integrity_check", "ok\n"))
        blame(c, "is damaged", NULL);
    judge_structure(c);
    if (migrate(c->path, c->target.data, NULL, &steps, &ignored) < 0)
        blame(c, "cannot be planned again", ignored.message);
    if (steps > 0) blame(c, "is not finished: the second plan does more", NULL);
}

static void judge_refused(one_case *c, int rc, const dbc_error *err)
{
    const char *at = strstr(c->meta.data, "\"error_must_mention\"");
    char word[64];

    if (rc != DBC_EREFUSED) blame(c, "was not refused", err->message);
    // The list ends with its bracket.
    at = at ? strchr(at, '[') : NULL;
    while (at && *at != ']') {
        if (sscanf(at, "%*[^\"]]\"%63[^\"]", word) != 1 &&
            sscanf(at + 1, " \"%63[^\"]", word) != 1)
            break;
        if (!strstr(err->message, word)) {
            blame(c, "the refusal does not mention", word);
            fprintf(stderr, "    %s\n", err->message);
        }
        at = strpbrk(at + 1, ",]");
    }
}

static void judge(one_case *c)
{
    text before = dump(c->path);
    text checks = read_file(c->folder, "checks.sql");
    text expected = read_file(c->folder, "expected.txt");
    dbc_error err = DBC_ERROR_INIT;
    hints h = {.count = 0};
    size_t steps;

    read_hints(&h, c->meta.data);
    int rc = migrate(c->path, c->target.data, &h, &steps, &err);
    text after = dump(c->path);
    int same = strcmp(before.data, after.data) == 0;
    if (says(c, "\"outcome\": \"migrate\"")) {
        judge_migrated(c, rc, &err);
    } else if (says(c, "\"outcome\": \"refuse\"")) {
        judge_refused(c, rc, &err);
        if (!same) blame(c, "was refused, but the file has changed", NULL);
    } else if (rc < 0 || steps > 0 || !same) {
        blame(c, "nothing was to be done", rc < 0 ? err.message : NULL);
    }
    if (!is_ask(c->path, checks.data, expected.data))
        blame(c, "the checks differ", NULL);
    drop_hints(&h);
    free(before.data);
    free(after.data);
    free(checks.data);
    free(expected.data);
}

static int run_case(const char *root, const char *name, const char *place)
{
    char folder[1024];
    one_case c = {.folder = folder};

    snprintf(folder, sizeof folder, "%s/%s", root, name);
    snprintf(c.path, sizeof c.path, "%s/app.db", place);
    snprintf(c.other, sizeof c.other, "%s/other.db", place);
    c.meta = read_file(folder, "meta.json");
    c.target = read_file(folder, "target.sql");
    c.before = read_file(folder, "before.sql");
    text made = ask(c.path, c.before.data);
    if (strstr(made.data, "error: ")) blame(&c, "before.sql", made.data);
    judge(&c);
    free(made.data);
    free(c.meta.data);
    free(c.target.data);
    free(c.before.data);
    for (const char *const *end =
             (const char *const[]){"", "-wal", "-shm", "-journal", NULL};
         *end; end++) {
        snprintf(folder, sizeof folder, "%s%s", c.path, *end);
        unlink(folder);
    }
    return c.failed;
}

static int is_case(const struct dirent *entry)
{
    return entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
}

int main(int argc, char **argv)
{
    char place[] = "/tmp/dbcore_cases_XXXXXX";
    struct dirent **entries = NULL;
    int failed = 0, run = 0;

    if (argc < 2) {
        fprintf(stderr, "usage: cases_spec FOLDER [PART OF A NAME]\n");
        return 2;
    }
    int count = scandir(argv[1], &entries, is_case, alphasort);
    if (count <= 0 || !mkdtemp(place)) {
        fprintf(stderr, "there are no cases in %s\n", argv[1]);
        return 2;
    }
    for (int i = 0; i < count; i++) {
        if (argc < 3 || strstr(entries[i]->d_name, argv[2])) {
            failed += run_case(argv[1], entries[i]->d_name, place);
            run++;
        }
        free(entries[i]);
    }
    free(entries);
    rmdir(place);
    printf("%d cases, %d failed\n", run, failed);
    return failed || !run;
}
