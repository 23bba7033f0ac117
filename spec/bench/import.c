// The peer of import.lua: inserts the same rows with nothing but SQLite's C
// interface, prepared statements in one transaction. It takes them from a file
// that import.lua wrote, mapped into memory, so that no time goes into parsing
// or copying.
//
//   import DATABASE ROWS
//
// Prints the rows inserted, and the seconds and the processor's seconds from
// the first record to the last.
//
// ROWS is a list of records, each a letter and what belongs to it; numbers are
// little-endian, a text is its length in four bytes and its bytes:
//
//   X text              run this SQL (pragmas, tables, BEGIN, COMMIT)
//   P text              prepare this SQL; the first one is statement 0
//   R byte byte value…  bind so many values to that statement and run it;
//                       a value is `i` and eight bytes, `t` and a text, or `n`
#define _DEFAULT_SOURCE // MAP_POPULATE
#include <fcntl.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { STATEMENTS = 8 };

typedef struct reader {
    const char *at;
    const char *end;
} reader;

static sqlite3 *db;

static void fail(const char *what)
{
    fprintf(stderr, "import: %s: %s\n", what,
            db ? sqlite3_errmsg(db) : "see the usage in import.c");
    exit(1);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static const char *take(reader *in, size_t len)
{
    const char *at = in->at;

    if (len > (size_t)(in->end - at)) fail("the file of rows is cut short");
    in->at += len;
    return at;
}

static unsigned take_byte(reader *in)
{
    return (unsigned char)*take(in, 1);
}

static const char *take_text(reader *in, int *len)
{
    uint32_t size;

    memcpy(&size, take(in, 4), 4);
    *len = (int)size;
    return take(in, size);
}

static void bind_value(sqlite3_stmt *stmt, int place, reader *in)
{
    int64_t number;
    const char *text;
    int len, rc;

    switch (take_byte(in)) {
    case 'i':
        memcpy(&number, take(in, 8), 8);
        rc = sqlite3_bind_int64(stmt, place, number);
        break;
    case 't':
        text = take_text(in, &len);
        rc = sqlite3_bind_text(stmt, place, text, len, SQLITE_STATIC);
        break;
    default:
        rc = sqlite3_bind_null(stmt, place);
    }
    if (rc != SQLITE_OK) fail("bind");
}

static void run_sql(reader *in)
{
    int len;
    const char *text = take_text(in, &len);
    char *sql = sqlite3_mprintf("%.*s", len, text);

    if (!sql || sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(sql);
    sqlite3_free(sql);
}

static sqlite3_stmt *prepare(reader *in)
{
    sqlite3_stmt *stmt = NULL;
    int len;
    const char *text = take_text(in, &len);

    if (sqlite3_prepare_v3(db, text, len, SQLITE_PREPARE_PERSISTENT, &stmt,
                           NULL) != SQLITE_OK)
        fail("prepare");
    return stmt;
}

static void insert_row(sqlite3_stmt *const *stmts, reader *in)
{
    sqlite3_stmt *stmt = stmts[take_byte(in) % STATEMENTS];
    int count = (int)take_byte(in);

    for (int i = 1; i <= count; i++)
        bind_value(stmt, i, in);
    if (sqlite3_step(stmt) != SQLITE_DONE) fail("insert");
    sqlite3_reset(stmt);
}

static long run(reader *in)
{
    sqlite3_stmt *stmts[STATEMENTS] = {NULL};
    int prepared = 0;
    long rows = 0;

    while (in->at < in->end) {
        switch (take_byte(in)) {
        case 'X':
            run_sql(in);
            break;
        case 'P':
            if (prepared == STATEMENTS) fail("too many statements");
            stmts[prepared++] = prepare(in);
            break;
        case 'R':
            insert_row(stmts, in);
            rows++;
            break;
        default:
            fail("the file of rows has an unknown record");
        }
    }
    for (int i = 0; i < prepared; i++)
        sqlite3_finalize(stmts[i]);
    return rows;
}

static reader map_file(const char *path)
{
    struct stat info;
    reader in;
    void *map;
    int file = open(path, O_RDONLY);

    if (file < 0 || fstat(file, &info) < 0)
        fail("cannot open the file of rows");
    map = mmap(NULL, (size_t)info.st_size, PROT_READ,
               MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (map == MAP_FAILED) fail("cannot map the file of rows");
    close(file);
    in.at = map;
    in.end = in.at + info.st_size;
    return in;
}

int main(int argc, char **argv)
{
    reader in;
    double start;
    clock_t cpu;
    long rows;

    if (argc != 3) fail("two arguments are needed");
    in = map_file(argv[2]);
    if (sqlite3_open_v2(argv[1], &db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
                            SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        fail("open");

    start = now();
    cpu = clock();
    rows = run(&in);
    printf("%ld %.4f %.4f\n", rows, now() - start,
           (double)(clock() - cpu) / CLOCKS_PER_SEC);
    sqlite3_close(db);
    return 0;
}
