// A writer whose machine loses power. It commits transactions of several rows
// on a disk that forgets what was not synced (disk.h); at a random call the
// power goes, the disk keeps what it likes of the rest, and the file is opened
// again: it must be sound, hold nothing by halves, and hold every commit that
// the chosen durability promises.
//
// usage: campaign_power MODE CRASHES SEED
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dbcore.h"
#include "disk.h"

enum {
    RINGS = 6, // rows that are replaced in turn
    PARTS = 3, // rows of a commit
    BODY_MAX = 4000,
    CALLS_MAX = 400 // writes and syncs that the power may last
};

#define SQL(text) (text), (sizeof(text) - 1)

typedef struct campaign {
    dbc_open_options options;
    int keeps_all; // every commit that returned is there
    int64_t acked; // the newest commit that returned
    int64_t sure;  // the newest that must be there
    long commits, found_unreported, lost, torn, failures;
} campaign;

static void complain(campaign *self, const char *what, const char *why)
{
    if (++self->failures <= 20)
        printf("   commit %" PRId64 ": %s%s%s\n", self->acked, what,
               why[0] != '\0' ? ": " : "", why);
}

static int run(dbc_conn *conn, const char *sql, size_t len,
               const dbc_value *values, size_t count)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn, sql, len);

    if (rc == DBC_OK) rc = dbc_stmt_run(stmt, values, count, NULL);
    dbc_stmt_release(stmt);
    return rc;
}

static int ask(int64_t *out, dbc_conn *conn, const char *sql, size_t len)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn, sql, len);

    if (rc == DBC_OK) rc = dbc_stmt_step(stmt);
    if (rc == DBC_ROW) *out = dbc_stmt_int(stmt, 0);
    dbc_stmt_release(stmt);
    return rc == DBC_ROW ? DBC_OK : rc;
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

static dbc_conn *open_disk(campaign *self, const char *when)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = NULL;

    if (dbc_open(&conn, "/app.db", &self->options, &err) < 0) {
        if (!disk_is_dead()) complain(self, when, err.message);
        return NULL;
    }
    return conn;
}

// ------------------------------------------------------------------ checking

static void check_count(campaign *self, dbc_conn *conn, const char *sql,
                        size_t len, const char *what)
{
    int64_t count = -1;

    if (ask(&count, conn, sql, len) != DBC_OK)
        complain(self, what, dbc_conn_error(conn)->message);
    else if (count != 0)
        complain(self, what, "");
}

static void check_sound(campaign *self, dbc_conn *conn)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn, SQL("PRAGMA integrity_check"));

    if (rc == DBC_OK) rc = dbc_stmt_step(stmt);
    if (rc != DBC_ROW) {
        complain(self, "integrity_check", dbc_conn_error(conn)->message);
    } else {
        const dbc_value *said = dbc_stmt_row(stmt);
        if (said->len != 2 || memcmp(said->as.text, "ok", 2) != 0)
            complain(self, "integrity_check", said->as.text);
    }
    dbc_stmt_release(stmt);
}

static void check_head(campaign *self, dbc_conn *conn)
{
    int64_t found = -1;
    char what[80];

    if (ask(&found, conn, SQL("SELECT seq FROM head")) != DBC_OK) {
        complain(self, "the head", dbc_conn_error(conn)->message);
        return;
    }
    snprintf(what, sizeof what, "found commit %" PRId64 " after it", found);
    if (found > self->acked + 1) complain(self, what, "");
    if (found < self->sure) complain(self, what, "a promised commit is lost");
    self->found_unreported += found > self->acked;
    self->lost += found < self->acked;
    self->acked = found;
    // What was read may not have been on the disk before this opening.
    if (self->keeps_all) self->sure = found;
}

// The disk is on again.
static void check(campaign *self)
{
    dbc_conn *conn = open_disk(self, "the file cannot be opened");

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

// ------------------------------------------------------------------- crashing

static void write_until_dark(campaign *self)
{
    dbc_conn *conn = open_disk(self, "the file cannot be opened to write");

    while (conn != NULL && !disk_is_dead()) {
        int64_t seq = self->acked + 1;

        if (dbc_transaction(conn, write_group, &seq, NULL) == DBC_OK) {
            self->acked = seq;
            if (self->keeps_all) self->sure = seq;
            self->commits++;
        } else if (!disk_is_dead()) {
            complain(self, "a write failed", dbc_conn_error(conn)->message);
            break;
        }
    }
    dbc_close(conn);
}

// Now and then the power goes again while the file is repaired.
static void crash(campaign *self)
{
    disk_cut_after(1 + (long)disk_random(CALLS_MAX));
    write_until_dark(self);
    disk_restore();
    while (disk_random(4) == 0) {
        disk_cut_after(1 + (long)disk_random(30));
        dbc_conn *conn = open_disk(self, "the file cannot be repaired");
        int64_t ignored;
        if (conn != NULL) ask(&ignored, conn, SQL("SELECT seq FROM head"));
        dbc_close(conn);
        disk_restore();
    }
    check(self);
}

static void begin(campaign *self)
{
    dbc_conn *conn;

    disk_erase();
    self->acked = self->sure = 0;
    conn = open_disk(self, "a new file cannot be opened");
    if (conn == NULL || create(conn) != DBC_OK)
        complain(self, "the tables cannot be made", "");
    dbc_close(conn);
    disk_settle();
}

static int read_mode(campaign *self, const char *mode)
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

int main(int argc, char **argv)
{
    campaign self = {0};

    if (argc != 4 || !read_mode(&self, argv[1])) {
        fprintf(stderr, "usage: campaign_power "
                        "wal-full|wal-normal|delete-full CRASHES SEED\n");
        return 2;
    }
    long crashes = strtol(argv[2], NULL, 10);
    uint64_t seed = strtoull(argv[3], NULL, 10);
    disk_install(seed * 2654435761u + 1);
    for (long i = 0; i < crashes && self.failures == 0; i++) {
        if (i % 50 == 0) begin(&self);
        crash(&self);
    }
    printf("%s: %ld crashes, %ld commits reported, %ld found unreported, %ld "
           "crashes went back, %ld sectors lost or torn, %ld failures (seed "
           "%" PRIu64 ")\n",
           argv[1], crashes, self.commits, self.found_unreported, self.lost,
           disk_damage(), self.failures, seed);
    return self.failures > 0;
}
