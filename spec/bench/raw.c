// The limit: each workload with nothing but SQLite's C interface.
//
//   raw make FILE              makes the dataset
//   raw WORKLOAD FILE SCRATCH  runs one workload and prints its times
//
// A line a repetition: workload, variant, operations, seconds.
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    TICKETS = 100000,
    PROJECTS = 1000,
    READS = 200000,
    REPETITIONS = 3,
    LOADS = 20
};

static sqlite3 *db;
static long checksum; // so that no work can be left out

static void fail(const char *what)
{
    fprintf(stderr, "raw: %s: %s\n", what, sqlite3_errmsg(db));
    exit(1);
}

static void run(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) fail(sql);
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *stmt;
    if (sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt,
                           NULL) != SQLITE_OK)
        fail(sql);
    return stmt;
}

static void open_db(const char *path)
{
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK) fail(path);
    sqlite3_busy_timeout(db, 5000);
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
        "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;"
        "PRAGMA mmap_size = 268435456;");
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void report(const char *workload, const char *variant, long count,
                   double seconds)
{
    printf("%s\t%s\t%ld\t%.9f\n", workload, variant, count, seconds);
    fflush(stdout);
}

// ------------------------------------------------------------------ dataset

#define ITEMS                                                                \
    "(id INTEGER PRIMARY KEY, title TEXT NOT NULL, status TEXT NOT NULL, "   \
    "body TEXT NOT NULL, project_id INTEGER NOT NULL, priority INTEGER NOT " \
    "NULL, score REAL NOT NULL, note TEXT)"

typedef struct row {
    int64_t id, project, priority;
    char title[32], body[128], note[24];
    const char *status;
    double score;
} row;

// Row `i` from 1: the same on every machine, and the same as workload.lua's.
static void make_row(row *out, int64_t i)
{
    static const char *const status[] = {"open", "closed", "in_progress",
                                         "blocked", "review"};
    out->id = i;
    snprintf(out->title, sizeof out->title, "Ticket number %07d", (int)i);
    out->status = status[(i * 7) % 5];
    snprintf(out->body, sizeof out->body,
             "A ticket says in a sentence or two what is wrong and how to see "
             "it, mostly without hurry; number %07d",
             (int)i);
    out->project = 1 + (i * 7919) % PROJECTS;
    out->priority = (i * 31) % 10;
    out->score = (double)((i * 48271) % 100003) / 7.0;
    out->note[0] = '\0';
    if (i % 2 == 0) snprintf(out->note, sizeof out->note, "note %d", (int)i);
}

static void bind_row(sqlite3_stmt *stmt, const row *r)
{
    sqlite3_bind_int64(stmt, 1, r->id);
    sqlite3_bind_text(stmt, 2, r->title, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 3, r->status, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 4, r->body, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 5, r->project);
    sqlite3_bind_int64(stmt, 6, r->priority);
    sqlite3_bind_double(stmt, 7, r->score);
    if (r->note[0])
        sqlite3_bind_text(stmt, 8, r->note, -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(stmt, 8);
}

static void insert_rows(const char *sql)
{
    sqlite3_stmt *stmt = prepare(sql);
    row r;

    for (int64_t i = 1; i <= TICKETS; i++) {
        make_row(&r, i);
        bind_row(stmt, &r);
        if (sqlite3_step(stmt) != SQLITE_DONE) fail("insert");
        sqlite3_reset(stmt);
    }
    sqlite3_finalize(stmt);
}

// 100 authors with 20 posts with 5 comments each.
static void make_relatives(void)
{
    run("CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT NOT NULL, "
        "email TEXT NOT NULL)");
    run("CREATE TABLE posts (id INTEGER PRIMARY KEY, author_id INTEGER NOT "
        "NULL REFERENCES authors (id), title TEXT NOT NULL, body TEXT NOT "
        "NULL)");
    run("CREATE TABLE comments (id INTEGER PRIMARY KEY, post_id INTEGER NOT "
        "NULL REFERENCES posts (id), author TEXT NOT NULL, body TEXT NOT "
        "NULL)");
    run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
        "i < 100) INSERT INTO authors SELECT i, printf('Author %03d', i), "
        "printf('author%d@example.org', i) FROM n");
    run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
        "i < 2000) INSERT INTO posts SELECT i, (i - 1) / 20 + 1, printf('Post "
        "number %05d', i), printf('What a post says in a line or two; it is "
        "number %05d', i) FROM n");
    run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
        "i < 10000) INSERT INTO comments SELECT i, (i - 1) / 5 + 1, "
        "printf('reader %d', i % 97), printf('A remark, number %05d', i) FROM "
        "n");
    run("CREATE INDEX posts_author ON posts (author_id)");
    run("CREATE INDEX comments_post ON comments (post_id)");
}

static void make_dataset(const char *path)
{
    unlink(path);
    open_db(path);
    run("CREATE TABLE projects (id INTEGER PRIMARY KEY, name TEXT NOT NULL, "
        "active INTEGER NOT NULL)");
    run("CREATE TABLE tickets " ITEMS);
    run("BEGIN");
    run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
        "i < 1000) INSERT INTO projects SELECT i, printf('Project %04d', i), "
        "i % 4 <> 0 FROM n");
    insert_rows("INSERT INTO tickets VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    make_relatives();
    run("CREATE INDEX tickets_project ON tickets (project_id)");
    run("COMMIT");
    run("PRAGMA wal_checkpoint(TRUNCATE)");
    sqlite3_close(db);
}

// ---------------------------------------------------------------- workloads

static void read_row(sqlite3_stmt *stmt)
{
    int count = sqlite3_column_count(stmt);

    for (int i = 0; i < count; i++) {
        sqlite3_value *value = sqlite3_column_value(stmt, i);
        switch (sqlite3_value_type(value)) {
        case SQLITE_INTEGER:
            checksum += sqlite3_value_int64(value);
            break;
        case SQLITE_FLOAT:
            checksum += sqlite3_value_double(value) > 1;
            break;
        case SQLITE_TEXT:
            checksum += sqlite3_value_text(value)[0];
            checksum += sqlite3_value_bytes(value);
            break;
        default:
            break;
        }
    }
}

static void point(void)
{
    sqlite3_stmt *stmt = prepare("SELECT * FROM tickets WHERE id = ?");

    for (int i = 1; i <= READS; i++) {
        sqlite3_bind_int64(stmt, 1, 1 + ((int64_t)i * 7919) % TICKETS);
        if (sqlite3_step(stmt) != SQLITE_ROW) fail("point");
        read_row(stmt);
        sqlite3_reset(stmt);
    }
    sqlite3_finalize(stmt);
}

static void scan(void)
{
    sqlite3_stmt *stmt = prepare("SELECT * FROM tickets");
    while (sqlite3_step(stmt) == SQLITE_ROW)
        read_row(stmt);
    sqlite3_finalize(stmt);
}

// What SQLite takes to prepare the join query of the build workload.
static void prepare_join(void)
{
    for (int i = 0; i < 20000; i++) {
        sqlite3_stmt *stmt;
        sqlite3_prepare_v2(
            db,
            "SELECT \"tickets\".\"id\", \"tickets\".\"title\", "
            "\"tickets\".\"status\", \"tickets\".\"priority\", "
            "\"tickets\".\"score\", \"projects\".\"name\" FROM \"tickets\" "
            "JOIN \"projects\" ON \"projects\".\"id\" = "
            "\"tickets\".\"project_id\" WHERE (\"tickets\".\"status\" = ?) AND "
            "(\"tickets\".\"priority\" >= ?) AND (\"projects\".\"active\" = ?) "
            "ORDER BY \"tickets\".\"score\" DESC, \"tickets\".\"id\" LIMIT ?",
            -1, &stmt, NULL);
        checksum += stmt != NULL;
        sqlite3_finalize(stmt);
    }
}

static void fresh(const char *path)
{
    char name[4096];

    unlink(path);
    snprintf(name, sizeof name, "%s-wal", path);
    unlink(name);
    snprintf(name, sizeof name, "%s-shm", path);
    unlink(name);
    open_db(path);
    run("CREATE TABLE items " ITEMS);
}

static void insert(void)
{
    run("BEGIN IMMEDIATE");
    insert_rows("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    run("COMMIT");
}

static void update(void)
{
    sqlite3_stmt *stmt;

    run("BEGIN IMMEDIATE");
    stmt = prepare("UPDATE items SET priority = ?, score = ? WHERE id = ?");
    for (int i = 1; i <= TICKETS; i++) {
        sqlite3_bind_int64(stmt, 1, i % 10);
        sqlite3_bind_double(stmt, 2, i / 3.0);
        sqlite3_bind_int64(stmt, 3, 1 + ((int64_t)i * 7919) % TICKETS);
        if (sqlite3_step(stmt) != SQLITE_DONE) fail("update");
        sqlite3_reset(stmt);
    }
    sqlite3_finalize(stmt);
    run("COMMIT");
}

typedef struct workload {
    const char *name;
    long count;
    int writes; // it runs on a fresh file
    void (*before)(void);
    void (*body)(void);
} workload;

// Three queries, one for each level, by lists of keys.
static void deep(void)
{
    static const char *const levels[] = {
        "SELECT id, name, email FROM authors",
        "SELECT id, author_id, title, body FROM posts WHERE author_id IN "
        "(SELECT value FROM json_each(?)) ORDER BY author_id, id",
        "SELECT id, post_id, author, body FROM comments WHERE post_id IN "
        "(SELECT value FROM json_each(?)) ORDER BY post_id, id"};
    static char keys[131074], next[131072];
    sqlite3_stmt *stmts[3];

    for (int i = 0; i < 3; i++)
        stmts[i] = prepare(levels[i]);
    for (int k = 0; k < LOADS; k++) {
        for (int i = 0; i < 3; i++) {
            size_t used = 0;
            if (i) sqlite3_bind_text(stmts[i], 1, keys, -1, SQLITE_STATIC);
            while (sqlite3_step(stmts[i]) == SQLITE_ROW) {
                read_row(stmts[i]);
                used += (size_t)snprintf(next + used, sizeof next - used,
                                         "%c%d", used ? ',' : '[',
                                         sqlite3_column_int(stmts[i], 0));
            }
            sqlite3_reset(stmts[i]);
            if (i < 2) snprintf(keys, sizeof keys, "%s]", next);
        }
    }
    for (int i = 0; i < 3; i++)
        sqlite3_finalize(stmts[i]);
}

static const workload workloads[] = {
    {"point", READS, 0, NULL, point},
    {"all", TICKETS, 0, NULL, scan},
    {"iterate", TICKETS, 0, NULL, scan},
    {"deep", LOADS, 0, NULL, deep},
    {"build", 20000, 0, NULL, prepare_join},
    {"insert", TICKETS, 1, NULL, insert},
    {"bulk", TICKETS, 1, NULL, insert},
    {"update", TICKETS, 1, insert, update},
};

static void repeat(const workload *w, const char *dataset, const char *scratch)
{
    for (int k = 0; k <= REPETITIONS; k++) {
        if (w->writes)
            fresh(scratch);
        else
            open_db(dataset);
        if (w->before) w->before();
        double start = now();
        w->body();
        if (k > 0) report(w->name, "raw C", w->count, now() - start);
        sqlite3_close(db);
    }
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "make") == 0) {
        make_dataset(argv[2]);
        return 0;
    }
    if (argc != 4) {
        fprintf(stderr, "usage: raw make FILE | raw WORKLOAD FILE SCRATCH\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        if (strcmp(workloads[i].name, argv[1]) == 0)
            repeat(&workloads[i], argv[2], argv[3]);
    return checksum == 42;
}
