#include "promise.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "disk.h"

enum {
    RINGS = 6, // groups that are replaced in turn
    PARTS = 3, // rows of a commit
    BODY_MAX = 4000,
    MOST_TOLD = 20 // failures that are printed
};

#define SQL(text) (text), (sizeof(text) - 1)

void promise_complain(promise *self, const char *what, const char *why)
{
    if (++self->failures <= MOST_TOLD)
        printf("   commit %" PRId64 ": %s%s%s\n", self->acked, what,
               why[0] != '\0' ? ": " : "", why);
}

int promise_read_mode(promise *self, const char *mode)
{
    static dbc_pragma journal = {.name = "journal_mode"};

    self->options.vfs = DISK_VFS;
    self->keeps_all = strcmp(mode, "wal-normal") != 0;
    if (strcmp(mode, "wal-full") == 0) return 1;
    if (strcmp(mode, "wal-normal") == 0) {
        self->options.durability = DBC_DURABILITY_NORMAL;
        return 1;
    }
    journal.value = dbc_value_text("delete", strlen("delete"));
    self->options.pragmas = &journal;
    self->options.pragma_count = 1;
    return strcmp(mode, "delete-full") == 0;
}

dbc_conn *promise_open(promise *self, const dbc_alloc *alloc, const char *when)
{
    dbc_open_options options = self->options;
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = NULL;

    options.alloc = alloc;
    if (dbc_open(&conn, "/app.db", &options, &err) < 0) {
        if (when != NULL && !disk_is_dead())
            promise_complain(self, when, err.message);
        return NULL;
    }
    return conn;
}

// ------------------------------------------------------------------- writing

static int run(dbc_conn *conn, const char *sql, size_t len,
               const dbc_value *values, size_t count)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn, sql, len);

    if (rc == DBC_OK) rc = dbc_stmt_run(stmt, values, count, NULL);
    dbc_stmt_release(stmt);
    return rc;
}

static int write_group(void *ud, dbc_txn *txn)
{
    const int64_t *seq = ud;
    char body[BODY_MAX];
    dbc_value head = dbc_value_int(*seq);

    int rc = run(txn->conn, SQL("UPDATE head SET seq = ?"), &head, 1);
    for (int64_t part = 0; part < PARTS && rc == DBC_OK; part++) {
        size_t len = 1 + (size_t)disk_random(BODY_MAX);
        memset(body, 'a' + (int)((*seq + part) % 26), len);
        const dbc_value row[] = {dbc_value_int(*seq % RINGS),
                                 dbc_value_int(part), head,
                                 dbc_value_text(body, len)};
        rc = run(txn->conn, SQL("REPLACE INTO slot VALUES (?, ?, ?, ?)"), row,
                 4);
    }
    return rc;
}

int promise_write(promise *self, dbc_conn *conn)
{
    int64_t seq = self->acked + 1;
    int rc = dbc_transaction(conn, write_group, &seq, NULL);

    if (rc != DBC_OK) return rc;
    self->acked = seq;
    if (self->keeps_all) self->sure = seq;
    self->commits++;
    return DBC_OK;
}

void promise_write_until_dark(promise *self)
{
    dbc_conn *conn =
        promise_open(self, NULL, "the file cannot be opened to write");

    while (conn != NULL && !disk_is_dead()) {
        if (promise_write(self, conn) == DBC_OK || disk_is_dead()) continue;
        promise_complain(self, "a write failed", dbc_conn_error(conn)->message);
        break;
    }
    dbc_close(conn);
}

static int create(dbc_conn *conn)
{
    return dbc_exec(conn, SQL("BEGIN IMMEDIATE;"
                              "CREATE TABLE head (seq INTEGER NOT NULL);"
                              "CREATE TABLE slot (ring INTEGER, part INTEGER,"
                              " seq INTEGER NOT NULL, body TEXT NOT NULL,"
                              " PRIMARY KEY (ring, part)) WITHOUT ROWID;"
                              "CREATE INDEX slot_body ON"
                              " slot (substr(body, 1, 20), seq);"
                              "INSERT INTO head VALUES (0);"
                              "COMMIT"));
}

void promise_begin(promise *self)
{
    dbc_conn *conn;

    disk_erase();
    self->acked = self->sure = 0;
    conn = promise_open(self, NULL, "a new file cannot be opened");
    if (conn == NULL || create(conn) != DBC_OK)
        promise_complain(self, "the tables cannot be made", "");
    dbc_close(conn);
    disk_settle();
}

// ------------------------------------------------------------------ checking

static int ask(int64_t *out, dbc_conn *conn, const char *sql, size_t len)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn, sql, len);

    if (rc == DBC_OK) rc = dbc_stmt_step(stmt);
    if (rc == DBC_ROW) *out = dbc_stmt_int(stmt, 0);
    dbc_stmt_release(stmt);
    return rc == DBC_ROW ? DBC_OK : rc;
}

static void check_count(promise *self, dbc_conn *conn, const char *sql,
                        size_t len, const char *what)
{
    int64_t count = -1;

    if (ask(&count, conn, sql, len) != DBC_OK)
        promise_complain(self, what, dbc_conn_error(conn)->message);
    else if (count != 0)
        promise_complain(self, what, "");
}

static void check_sound(promise *self, dbc_conn *conn)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn, SQL("PRAGMA integrity_check"));

    if (rc == DBC_OK) rc = dbc_stmt_step(stmt);
    if (rc != DBC_ROW) {
        promise_complain(self, "integrity_check",
                         dbc_conn_error(conn)->message);
    } else {
        const dbc_value *said = dbc_stmt_row(stmt);
        if (said->len != 2 || memcmp(said->as.text, "ok", 2) != 0)
            promise_complain(self, "integrity_check", said->as.text);
    }
    dbc_stmt_release(stmt);
}

static void check_head(promise *self, dbc_conn *conn)
{
    int64_t found = -1;
    char what[80];

    if (ask(&found, conn, SQL("SELECT seq FROM head")) != DBC_OK) {
        promise_complain(self, "the head", dbc_conn_error(conn)->message);
        return;
    }
    snprintf(what, sizeof what, "found commit %" PRId64 " after it", found);
    if (found > self->acked + 1) promise_complain(self, what, "");
    if (found < self->sure)
        promise_complain(self, what, "a promised commit is lost");
    self->found_unreported += found > self->acked;
    self->went_back += found < self->acked;
    self->acked = found;
    // What was read may not have been on the disk before this opening.
    if (self->keeps_all) self->sure = found;
}

void promise_check(promise *self)
{
    dbc_conn *conn = promise_open(self, NULL, "the file cannot be opened");

    if (conn == NULL) return;
    check_sound(self, conn);
    check_head(self, conn);
    check_count(self, conn,
                SQL("SELECT count(*) FROM (SELECT 1 FROM slot GROUP BY ring"
                    " HAVING count(*) <> 3 OR min(seq) <> max(seq))"),
                "a group is not whole");
    check_count(self, conn,
                SQL("SELECT count(*) FROM head WHERE seq <>"
                    " (SELECT coalesce(max(seq), 0) FROM slot)"),
                "head and groups differ");
    dbc_close(conn);
}
