// Pragmas of the host. SQLite ignores one it does not know and binds none of
// their values, so names are looked up in its own list and values are quoted
// here. Those that would undo what the driver does itself (the busy handler,
// checkpoints) set the driver instead.
#include "pragma.h"

#include <limits.h>
#include <string.h>

#include "checkpoint.h"
#include "error.h"

static int is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (sqlite3_stricmp(name, *names) == 0) return 1;
    }
    return 0;
}

// These shape the file, so they must come before its first page.
static int shapes_file(const char *name)
{
    static const char *const names[] = {"page_size", "auto_vacuum", "encoding",
                                        NULL};

    return is_one_of(name, names);
}

static int check_form(const dbc_pragma *pragma, dbc_error *err)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    const char *name = pragma->name;

    if (name == NULL || name[0] == '\0')
        return dbc_error_set(err, DBC_EINVALID, "a pragma has no name");
    if (name[strspn(name, allowed)] != '\0')
        return dbc_error_set(err, DBC_EINVALID,
                             "\"%.60s\" cannot be a pragma: its name has "
                             "letters, digits and _ only",
                             name);
    switch (pragma->value.type) {
    case DBC_INT:
    case DBC_BOOL:
        return DBC_OK;
    case DBC_TEXT:
        if (pragma->value.len <= INT_MAX / 4 &&
            (pragma->value.len == 0 ||
             memchr(pragma->value.as.text, '\0', pragma->value.len) == NULL))
            return DBC_OK;
        break;
    default:
        break;
    }
    return dbc_error_set(err, DBC_EINVALID,
                         "the value of pragma \"%.60s\" must be an integer, a "
                         "boolean or a text without NUL",
                         name);
}

static int check_known(sqlite3_stmt *list, const char *name, dbc_error *err)
{
    sqlite3_reset(list);
    int rc = sqlite3_bind_text(list, 1, name, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK) rc = sqlite3_step(list);
    if (rc == SQLITE_ROW) return DBC_OK;
    if (rc == SQLITE_DONE)
        return dbc_error_set(err, DBC_EINVALID,
                             "SQLite has no pragma \"%.60s\"", name);
    return dbc__sqlite_translate(err, ":memory:", rc, sqlite3_errstr(rc));
}

int dbc__sqlite_pragma_check(const dbc_open_options *open, dbc_error *err)
{
    static const char sql[] =
        "SELECT 1 FROM pragma_pragma_list WHERE name = lower(?1)";
    sqlite3 *scratch = NULL;
    sqlite3_stmt *list = NULL;
    int rc = DBC_OK;

    if (open->pragma_count == 0) return DBC_OK;
    for (size_t i = 0; i < open->pragma_count && rc == DBC_OK; i++)
        rc = check_form(&open->pragmas[i], err);
    if (rc < 0) return rc;

    int native =
        sqlite3_open_v2(":memory:", &scratch,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (native == SQLITE_OK)
        native = sqlite3_prepare_v2(scratch, sql, sizeof sql, &list, NULL);
    if (native != SQLITE_OK)
        rc = dbc__sqlite_translate(err, ":memory:", native,
                                   sqlite3_errstr(native));
    for (size_t i = 0; i < open->pragma_count && rc == DBC_OK; i++)
        rc = check_known(list, open->pragmas[i].name, err);

    sqlite3_finalize(list);
    sqlite3_close(scratch);
    return rc;
}

// The value as an integer, for the pragmas the driver keeps to itself.
static int small_integer(int *out, const dbc_pragma *pragma, dbc_error *err)
{
    const dbc_value *value = &pragma->value;

    if (value->type != DBC_INT || value->as.i < INT_MIN ||
        value->as.i > INT_MAX)
        return dbc_error_set(err, DBC_EINVALID,
                             "the value of pragma \"%.60s\" must be an integer",
                             pragma->name);
    *out = value->as.i > 0 ? (int)value->as.i : 0;
    return DBC_OK;
}

// 1 when the driver has taken it, 0 when it is SQLite's, below 0: an error.
static int take(dbc__sqlite *db, const dbc_pragma *pragma, dbc_error *err)
{
    int value = 0;
    int rc;

    if (sqlite3_stricmp(pragma->name, "busy_timeout") == 0) {
        rc = small_integer(&value, pragma, err);
        if (rc == DBC_OK) db->busy_timeout_ms = value;
        return rc < 0 ? rc : 1;
    }
    if (sqlite3_stricmp(pragma->name, "wal_autocheckpoint") == 0) {
        rc = small_integer(&value, pragma, err);
        if (rc == DBC_OK) dbc__sqlite_checkpoint_init(db, value);
        return rc < 0 ? rc : 1;
    }
    return 0;
}

static char *pragma_text(const dbc_pragma *pragma)
{
    const dbc_value *value = &pragma->value;

    if (value->type != DBC_TEXT)
        return sqlite3_mprintf("PRAGMA %s = %lld", pragma->name,
                               (long long)value->as.i);
    return sqlite3_mprintf("PRAGMA %s = '%.*q'", pragma->name, (int)value->len,
                           value->len != 0 ? value->as.text : "");
}

// A journal mode is refused by answering with another one. A database in
// memory has only its own.
static int check_journal(dbc__sqlite *db, const dbc_pragma *pragma,
                         const char *answer, dbc_error *err)
{
    const dbc_value *value = &pragma->value;

    if (sqlite3_stricmp(pragma->name, "journal_mode") != 0 || answer == NULL)
        return DBC_OK;
    if (value->type == DBC_TEXT && strlen(answer) == value->len &&
        sqlite3_strnicmp(answer, value->as.text, (int)value->len) == 0)
        return DBC_OK;
    if (sqlite3_stricmp(answer, "memory") == 0) return DBC_OK;
    return dbc_error_set(err, DBC_EUNSUPPORTED,
                         "\"%.200s\" did not take that journal_mode: it stays "
                         "in \"%.20s\"",
                         db->path, answer);
}

static int run_one(dbc__sqlite *db, const dbc_pragma *pragma, dbc_error *err)
{
    sqlite3_stmt *stmt = NULL;
    char *sql = pragma_text(pragma);
    int rc = DBC_OK;

    if (sql == NULL) return dbc__sqlite_nomem(err);
    int native = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);
    while (native == SQLITE_OK || native == SQLITE_ROW) {
        native = sqlite3_step(stmt);
        if (native == SQLITE_ROW && rc == DBC_OK)
            rc = check_journal(db, pragma,
                               (const char *)sqlite3_column_text(stmt, 0), err);
    }
    if (native != SQLITE_DONE) {
        rc = dbc__sqlite_error(err, db, native, 0);
        err->offset = -1; // the text is not the caller's
    }
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    return rc;
}

int dbc__sqlite_pragma_create(dbc__sqlite *db, const dbc_open_options *open,
                              dbc_error *err)
{
    for (size_t i = 0; i < open->pragma_count; i++) {
        if (!shapes_file(open->pragmas[i].name)) continue;
        int rc = run_one(db, &open->pragmas[i], err);
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

int dbc__sqlite_pragma_run(dbc__sqlite *db, const dbc_open_options *open,
                           dbc_error *err)
{
    for (size_t i = 0; i < open->pragma_count; i++) {
        if (shapes_file(open->pragmas[i].name)) continue;
        int rc = take(db, &open->pragmas[i], err);
        if (rc == 0) rc = run_one(db, &open->pragmas[i], err);
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

int dbc__sqlite_pragma_given(const dbc_open_options *open, const char *name)
{
    for (size_t i = 0; i < open->pragma_count; i++) {
        if (sqlite3_stricmp(open->pragmas[i].name, name) == 0) return 1;
    }
    return 0;
}
