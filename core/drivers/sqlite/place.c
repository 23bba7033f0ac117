// Reading names out of SQLite's messages, see place.h. All of this happens
// after a failure, so it may be slow, but it must not fail: what cannot be
// found out stays empty.
#include "place.h"

#include <string.h>

#include "dbcore_driver.h"

enum { NAME_SIZE = 256 }; // of a name that is looked up, NUL included

static int starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static void set_table(dbc_error *err, const char *text, size_t len)
{
    dbc_error_field(err->table, sizeof err->table, text, len);
}

static int column_exists(sqlite3 *handle, const char *table, size_t table_len,
                         const char *column, size_t column_len)
{
    char table_name[NAME_SIZE], column_name[NAME_SIZE];

    if (table_len >= NAME_SIZE || column_len >= NAME_SIZE) return 0;
    memcpy(table_name, table, table_len);
    table_name[table_len] = '\0';
    memcpy(column_name, column, column_len);
    column_name[column_len] = '\0';
    return sqlite3_table_column_metadata(handle, NULL, table_name, column_name,
                                         NULL, NULL, NULL, NULL,
                                         NULL) == SQLITE_OK;
}

// Bytes of the column that starts at `text`: up to where ", table." follows,
// or to the end of all.
static size_t column_length(const char *text, const char *table,
                            size_t table_len)
{
    const char *at = text;

    while ((at = strstr(at, ", ")) != NULL) {
        if (strncmp(at + 2, table, table_len) == 0 && at[2 + table_len] == '.')
            return (size_t)(at - text);
        at += 2;
    }
    return strlen(text);
}

// Whether every column of "t.a, t.b" exists, when the table's name has
// `table_len` bytes.
static int columns_exist(sqlite3 *handle, const char *text, size_t table_len)
{
    const char *at = text;

    for (;;) {
        at += table_len + 1;
        size_t len = column_length(at, text, table_len);
        if (!column_exists(handle, text, table_len, at, len)) return 0;
        if (at[len] == '\0') return 1;
        at += len + 2;
    }
}

static void set_columns(dbc_error *err, const char *text, size_t table_len)
{
    const char *at = text;

    set_table(err, text, table_len);
    for (;;) {
        at += table_len + 1;
        size_t len = column_length(at, text, table_len);
        dbc_error_add_column(err, at, len);
        if (at[len] == '\0') return;
        at += len + 2;
    }
}

void dbc__sqlite_read_place(dbc_error *err, sqlite3 *handle, const char *text)
{
    const char *dot = strchr(text, '.');
    const char *at = dot;

    // Names may hold dots, so each is tried as the end of the table's name,
    // and the schema decides. Without a schema it is the first.
    while (handle != NULL && at != NULL &&
           !columns_exist(handle, text, (size_t)(at - text)))
        at = strchr(at + 1, '.');
    if (at == NULL) at = dot;
    if (at != NULL) set_columns(err, text, (size_t)(at - text));
}

// Sets the table of an index of the database `schema`. Returns whether there
// is such an index.
static int find_index(dbc_error *err, sqlite3 *handle, const char *schema,
                      const char *name, size_t len)
{
    char *sql = sqlite3_mprintf("SELECT tbl_name FROM \"%w\".sqlite_schema "
                                "WHERE type = 'index' AND lower(name) = "
                                "lower(?1)",
                                schema);
    sqlite3_stmt *stmt = NULL;
    int found = 0;

    if (sql != NULL &&
        sqlite3_prepare_v2(handle, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_bind_text(stmt, 1, name, (int)len, SQLITE_STATIC) ==
            SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW) {
        const char *table = (const char *)sqlite3_column_text(stmt, 0);
        found = table != NULL;
        if (found) set_table(err, table, strlen(table));
    }
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    return found;
}

void dbc__sqlite_read_index(dbc_error *err, sqlite3 *handle, const char *name,
                            size_t len)
{
    static const char sql[] = "SELECT name FROM pragma_database_list";
    sqlite3_stmt *list = NULL;
    int found = 0;

    if (handle == NULL) return;
    if (sqlite3_prepare_v2(handle, sql, sizeof sql, &list, NULL) == SQLITE_OK) {
        while (sqlite3_step(list) == SQLITE_ROW) {
            const char *schema = (const char *)sqlite3_column_text(list, 0);
            if (schema != NULL)
                found += find_index(err, handle, schema, name, len);
        }
    }
    sqlite3_finalize(list);
    // Two attached databases may have an index of the same name.
    if (found > 1) set_table(err, "", 0);
}

void dbc__sqlite_read_missing(dbc_error *err, const char *message)
{
    static const char no_column[] = " has no column named ";
    const char *name = strstr(message, ": ");
    const char *middle = strstr(message, no_column);

    if (starts_with(message, "table ") && middle != NULL) {
        set_table(err, message + 6, (size_t)(middle - message) - 6);
        name = middle + sizeof no_column - 1;
        dbc_error_add_column(err, name, strlen(name));
        return;
    }
    if (name == NULL) return;

    name += 2;
    const char *dot = strrchr(name, '.');
    const char *last = dot != NULL ? dot + 1 : name;
    if (starts_with(message, "no such table")) {
        set_table(err, last, strlen(last));
    } else if (starts_with(message, "no such column")) {
        if (dot != NULL) set_table(err, name, (size_t)(dot - name));
        dbc_error_add_column(err, last, strlen(last));
    }
}
