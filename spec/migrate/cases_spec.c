// Every folder of spec/migrate/cases is one migration: before.sql makes a
// file, target.sql is the schema that is wanted, meta.json says what comes of
// it (migrate, refuse, noop) with the hints a user gave, and checks.sql with
// expected.txt what the file must answer afterwards. The file is made, looked
// at and judged through SQLite itself; only the migration is the library's.
//
// usage: cases_spec FOLDER [PART OF A NAME]
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "case.h"

static int is_ask(const char *path, const char *sql, const char *expected)
{
    text found = case_ask(path, sql);
    int same = strcmp(found.data, expected) == 0;

    if (!same) fprintf(stderr, "    %s\n    gives %s", sql, found.data);
    free(found.data);
    return same;
}

// What the engine says about the structure, without our own parser.
static text structure(const char *path)
{
    return case_ask(
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
    free(case_ask(c->other, c->target.data).data);
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
    if (case_migrate(c->path, c->target.data, NULL, &steps, &ignored) < 0)
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
    text before = case_dump(c->path);
    text checks = case_read(c->folder, "checks.sql");
    text expected = case_read(c->folder, "expected.txt");
    dbc_error err = DBC_ERROR_INIT;
    hints h = {.count = 0};
    size_t steps;

    case_read_hints(&h, c->meta.data);
    int rc = case_migrate(c->path, c->target.data, &h, &steps, &err);
    text after = case_dump(c->path);
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
    case_drop_hints(&h);
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
    c.meta = case_read(folder, "meta.json");
    c.target = case_read(folder, "target.sql");
    c.before = case_read(folder, "before.sql");
    text made = case_ask(c.path, c.before.data);
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
