// Asks the SQLite that dbcore is to be linked with for what dbcore needs of it.
// Prints one line for each thing it lacks; the exit code is 0 when there is
// none. It is linked by itself, so an interface that was left out is found by
// the linker.
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

typedef struct need {
    const char *what;
    const char *sql; // must run
    const char *mend;
} need;

static const need needs[] = {
    {"JSON functions", "SELECT json_extract('[1]', '$[0]')",
     "build it without SQLITE_OMIT_JSON, and before 3.38 with "
     "SQLITE_ENABLE_JSON1"},
    {"full-text indexes", "CREATE VIRTUAL TABLE temp.f USING fts5(x)",
     "build it with SQLITE_ENABLE_FTS5"},
    {"window functions", "SELECT row_number() OVER ()",
     "build it without SQLITE_OMIT_WINDOWFUNC"},
    {"common table expressions", "WITH x AS (SELECT 1) SELECT * FROM x",
     "build it without SQLITE_OMIT_CTE"},
    {"STRICT tables", "CREATE TABLE temp.s(x INTEGER) STRICT",
     "take SQLite 3.37 or newer"},
    {"upserts and RETURNING",
     "CREATE TABLE temp.u(x INTEGER PRIMARY KEY, y);"
     "INSERT INTO u VALUES (1, 2) ON CONFLICT (x) DO UPDATE SET y = 3 "
     "RETURNING y",
     "build it without SQLITE_OMIT_UPSERT and SQLITE_OMIT_RETURNING"},
    {"foreign keys", "PRAGMA foreign_keys = on; PRAGMA foreign_key_check",
     "build it without SQLITE_OMIT_FOREIGN_KEY"},
    {"triggers", "CREATE TEMP TRIGGER r AFTER INSERT ON u BEGIN SELECT 1; END",
     "build it without SQLITE_OMIT_TRIGGER"},
    {"EXPLAIN QUERY PLAN", "EXPLAIN QUERY PLAN SELECT 1",
     "build it without SQLITE_OMIT_EXPLAIN"},
    {"AUTOINCREMENT",
     "CREATE TEMP TABLE a(x INTEGER PRIMARY KEY AUTOINCREMENT)",
     "build it without SQLITE_OMIT_AUTOINCREMENT"},
    {"pragmas as tables", "SELECT * FROM pragma_table_xinfo('u')",
     "build it without SQLITE_OMIT_VIRTUALTABLE and "
     "SQLITE_INTROSPECTION_PRAGMAS=0"},
    {"integrity checks", "PRAGMA integrity_check; PRAGMA quick_check",
     "build it without SQLITE_OMIT_INTEGRITY_CHECK"},
};

// Interfaces that can be left out of a build, so that the linker misses them.
static void (*const interfaces[])(void) = {
    (void (*)(void))sqlite3_progress_handler,
    (void (*)(void))sqlite3_set_authorizer,
    (void (*)(void))sqlite3_backup_init,
    (void (*)(void))sqlite3_table_column_metadata,
    (void (*)(void))sqlite3_wal_checkpoint_v2,
    (void (*)(void))sqlite3_create_window_function,
    (void (*)(void))sqlite3_create_module_v2,
    (void (*)(void))sqlite3_changes64,
    (void (*)(void))sqlite3_interrupt,
    (void (*)(void))sqlite3_hard_heap_limit64,
};

static int lacks(const char *what, const char *mend)
{
    printf("%s: %s\n", what, mend);
    return 1;
}

int main(void)
{
    sqlite3 *db = NULL;
    int missing = 0;

    for (size_t i = 0; i < sizeof interfaces / sizeof interfaces[0]; i++)
        if (interfaces[i] == NULL)
            missing += lacks("an interface",
                             "build it without options that leave things out");
    if (strcmp(sqlite3_libversion(), SQLITE_VERSION) != 0)
        missing += lacks("a library that fits its header",
                         "sqlite3.h and the library are of two versions");
    if (sqlite3_libversion_number() < 3037000)
        missing += lacks("STRICT tables", "take SQLite 3.37 or newer");
    if (!sqlite3_threadsafe())
        missing += lacks("use by several threads",
                         "build it with SQLITE_THREADSAFE 1 or 2");
    if (sqlite3_open(":memory:", &db) != SQLITE_OK) {
        sqlite3_close(db);
        return lacks("databases in memory",
                     "build it without SQLITE_OMIT_MEMORYDB");
    }
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
        if (sqlite3_exec(db, needs[i].sql, NULL, NULL, NULL) != SQLITE_OK)
            missing += lacks(needs[i].what, needs[i].mend);
    sqlite3_close(db);
    return missing != 0;
}
