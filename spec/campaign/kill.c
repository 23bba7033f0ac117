// Writers that are killed while they commit. Four processes write transactions
// of several rows and report each commit through a pipe before they begin the
// next one. At random moments one of them gets SIGKILL; then the database is
// opened as it stands, and it must hold every commit that was reported, at most
// the one after it, nothing by halves, and be sound.
//
// usage: campaign_kill FOLDER MODE KILLS SEED
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dbcore.h"

enum {
    WRITERS = 4,
    RINGS = 8,    // groups of rows of one writer, written in turn
    PARTS = 4,    // rows of a group: one transaction replaces them all
    HISTORY = 40, // commits that leave a row each
    BODY_MAX = 3000,
    REPORTS_MAX = 40,    // commits between two kills
    DELAY_MAX_US = 1500, // and then a moment longer
    PATIENCE_MS = 60000
};

// The one string that SQL texts are made of here.
#define SQL(text) (text), (sizeof(text) - 1)

typedef struct report {
    int64_t seq; // committed; 0: the writer gives up, and says why
    char message[120];
} report;

typedef struct writer {
    pid_t pid;     // 0: none runs
    int pipe;      // to read from, -1: closed
    int64_t acked; // the newest commit that it, or the check, told of
    int is_new;    // has reported nothing yet
} writer;

typedef struct campaign {
    char path[512];
    dbc_open_options options;
    writer writers[WRITERS];
    uint64_t random;
    long commits;  // reported
    long in_doubt; // there although they were not reported
    long alone;    // kills after which nobody else had the file open
    long failures;
} campaign;

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// ------------------------------------------------------------------ the rows

// What a row says can be told from whose it is and when it was written.
static size_t body_of(char *out, int64_t who, int64_t seq, int64_t part)
{
    uint64_t mix = (uint64_t)(who * 7919 + seq * 104729 + part * 1299709 + 1);
    size_t len = 1 + next_random(&mix) % BODY_MAX;

    memset(out, 'a' + (int)((who + seq + part) % 26), len);
    return len;
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

static int create(dbc_conn *conn)
{
    return dbc_exec(
        conn,
        SQL("BEGIN IMMEDIATE;"
            "CREATE TABLE IF NOT EXISTS head ("
            " writer INTEGER PRIMARY KEY, seq INTEGER NOT NULL);"
            "CREATE TABLE IF NOT EXISTS slot (writer INTEGER, ring INTEGER,"
            " part INTEGER, seq INTEGER NOT NULL, body TEXT NOT NULL,"
            " PRIMARY KEY (writer, ring, part)) WITHOUT ROWID;"
            "CREATE INDEX IF NOT EXISTS slot_body ON slot (substr(body, 1, 20),"
            " seq);"
            "CREATE TABLE IF NOT EXISTS history (id INTEGER PRIMARY KEY,"
            " writer INTEGER NOT NULL, seq INTEGER NOT NULL,"
            " UNIQUE (writer, seq));"
            "INSERT OR IGNORE INTO head VALUES (0, 0), (1, 0), (2, 0), (3, 0);"
            "COMMIT"));
}

// --------------------------------------------------------------- the writers

typedef struct job {
    int64_t who, seq;
} job;

static int write_group(void *ud, dbc_txn *txn)
{
    const job *self = ud;
    dbc_conn *conn = txn->conn;
    char body[BODY_MAX];
    const dbc_value who = dbc_value_int(self->who);
    const dbc_value seq = dbc_value_int(self->seq);
    const dbc_value head[] = {seq, who};
    const dbc_value made[] = {who, seq};
    const dbc_value old[] = {who, dbc_value_int(self->seq - HISTORY)};

    int rc =
        run(conn, SQL("UPDATE head SET seq = ? WHERE writer = ?"), head, 2);
    for (int64_t part = 0; part < PARTS && rc == DBC_OK; part++) {
        size_t len = body_of(body, self->who, self->seq, part);
        const dbc_value row[] = {who, dbc_value_int(self->seq % RINGS),
                                 dbc_value_int(part), seq,
                                 dbc_value_text(body, len)};
        rc = run(conn, SQL("REPLACE INTO slot VALUES (?, ?, ?, ?, ?)"), row, 5);
    }
    if (rc == DBC_OK)
        rc = run(conn, SQL("INSERT INTO history (writer, seq) VALUES (?, ?)"),
                 made, 2);
    if (rc == DBC_OK)
        rc = run(conn, SQL("DELETE FROM history WHERE writer = ? AND seq <= ?"),
                 old, 2);
    return rc;
}

static void send_report(int pipe, int64_t seq, const char *message)
{
    report sent = {seq, ""};

    snprintf(sent.message, sizeof sent.message, "%s", message);
    if (write(pipe, &sent, sizeof sent) != (ssize_t)sizeof sent) _exit(1);
}

static int read_head(int64_t *out, dbc_conn *conn, int64_t who)
{
    const dbc_value value = dbc_value_int(who);
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn,
                              SQL("SELECT seq FROM head WHERE writer = ?"));

    if (rc == DBC_OK) rc = dbc_stmt_bind(stmt, &value, 1);
    if (rc == DBC_OK) rc = dbc_stmt_step(stmt);
    if (rc == DBC_ROW) *out = dbc_stmt_int(stmt, 0);
    dbc_stmt_release(stmt);
    return rc == DBC_ROW ? DBC_OK : rc == DBC_DONE ? DBC_ENOTFOUND : rc;
}

// A child's life: it ends by a kill, or by a failure that it reports.
static void write_for_ever(const campaign *self, int64_t who, int pipe)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = NULL;
    job next = {who, 0};

    if (dbc_open(&conn, self->path, &self->options, &err) < 0) {
        send_report(pipe, 0, err.message);
        _exit(1);
    }
    int rc = read_head(&next.seq, conn, who);
    while (rc == DBC_OK) {
        next.seq++;
        rc = dbc_transaction(conn, write_group, &next, NULL);
        if (rc == DBC_OK) send_report(pipe, next.seq, "");
    }
    send_report(pipe, 0, dbc_conn_error(conn)->message);
    _exit(1);
}

// ---------------------------------------------------------------- processes

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void start(campaign *self, int who)
{
    writer *started = &self->writers[who];
    int ends[2];

    if (pipe(ends) != 0) die("pipe");
    fflush(NULL);
    started->pid = fork();
    if (started->pid < 0) die("fork");
    if (started->pid == 0) {
        for (int i = 0; i < WRITERS; i++)
            if (i != who && self->writers[i].pipe >= 0)
                close(self->writers[i].pipe);
        close(ends[0]);
        write_for_ever(self, who, ends[1]);
    }
    close(ends[1]);
    started->pipe = ends[0];
    started->is_new = 1;
}

static void complain(campaign *self, int who, const char *what)
{
    if (++self->failures <= 20) printf("   writer %d: %s\n", who, what);
}

// The next number, or, from a writer that has just been started, the one after
// that: then the commit that its forerunner could not report is there after
// all.
static void take_commit(campaign *self, int who, int64_t seq)
{
    writer *from = &self->writers[who];
    int64_t ahead = seq - from->acked;
    char what[100];

    snprintf(what, sizeof what,
             "reports commit %" PRId64 " after commit %" PRId64, seq,
             from->acked);
    if (ahead != 1 && !(ahead == 2 && from->is_new)) complain(self, who, what);
    self->in_doubt += ahead == 2;
    self->commits++;
    from->acked = seq;
    from->is_new = 0;
}

// Takes one report. 0 at the end of the pipe.
static int take_report(campaign *self, int who)
{
    char what[140];
    report got;
    ssize_t len;

    do
        len = read(self->writers[who].pipe, &got, sizeof got);
    while (len < 0 && errno == EINTR);
    if (len != (ssize_t)sizeof got) return 0;
    if (got.seq == 0) {
        snprintf(what, sizeof what, "gave up: %.119s", got.message);
        complain(self, who, what);
    } else {
        take_commit(self, who, got.seq);
    }
    return 1;
}

// Takes what every writer reports until `count` commits were reported. Returns
// who reported the last one, or -1 when somebody is gone.
static int watch(campaign *self, int64_t count)
{
    struct pollfd fds[WRITERS];
    int last = -1;

    while (count > 0) {
        for (int i = 0; i < WRITERS; i++)
            fds[i] = (struct pollfd){self->writers[i].pipe, POLLIN, 0};
        if (poll(fds, WRITERS, -1) < 0 && errno != EINTR) die("poll");
        for (int i = 0; i < WRITERS; i++) {
            if (fds[i].fd < 0 || fds[i].revents == 0) continue;
            if (!take_report(self, i)) return -1;
            last = i;
            count--;
        }
    }
    return last;
}

static void slay(campaign *self, int who)
{
    writer *victim = &self->writers[who];

    kill(victim->pid, SIGKILL);
    while (waitpid(victim->pid, NULL, 0) < 0)
        if (errno != EINTR) die("waitpid");
    while (take_report(self, who))
        continue;
    close(victim->pipe);
    victim->pipe = -1;
    victim->pid = 0;
}

// ------------------------------------------------------------------- checking

// Counts, all of which must be zero: groups that are not whole, heads that are
// not the newest group, histories with gaps.
static const char half_done[] =
    "SELECT"
    " (SELECT count(*) FROM (SELECT 1 FROM slot GROUP BY writer, ring"
    "   HAVING count(*) <> 4 OR min(seq) <> max(seq))),"
    " (SELECT count(*) FROM head h WHERE seq <>"
    "   (SELECT coalesce(max(seq), 0) FROM slot WHERE writer = h.writer)),"
    " (SELECT count(*) FROM head h WHERE (SELECT count(*) <> min(h.seq, 40)"
    "   OR coalesce(max(seq), 0) <> h.seq FROM history"
    "   WHERE writer = h.writer))";

static int check_whole(campaign *self, dbc_conn *conn, int who)
{
    static const char *const names[] = {"a group is not whole",
                                        "head and groups differ",
                                        "the history has gaps"};
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn, SQL(half_done));

    if (rc == DBC_OK) rc = dbc_stmt_step(stmt);
    for (size_t i = 0; i < 3 && rc == DBC_ROW; i++)
        if (dbc_stmt_int(stmt, i) != 0) complain(self, who, names[i]);
    dbc_stmt_release(stmt);
    return rc;
}

static int check_bodies(campaign *self, dbc_conn *conn, int who)
{
    char body[BODY_MAX];
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn,
                              SQL("SELECT writer, seq, part, body FROM slot"));

    if (rc == DBC_OK)
        while ((rc = dbc_stmt_step(stmt)) == DBC_ROW) {
            const dbc_value *row = dbc_stmt_row(stmt);
            size_t len = body_of(body, row[0].as.i, row[1].as.i, row[2].as.i);
            if (row[3].len != len || memcmp(row[3].as.text, body, len) != 0)
                complain(self, who, "a row is not what was written");
        }
    dbc_stmt_release(stmt);
    return rc;
}

static int check_integrity(campaign *self, dbc_conn *conn, int who)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn, SQL("PRAGMA integrity_check"));

    if (rc == DBC_OK) rc = dbc_stmt_step(stmt);
    if (rc == DBC_ROW) {
        const dbc_value *row = dbc_stmt_row(stmt);
        if (row->len != 2 || memcmp(row->as.text, "ok", 2) != 0)
            complain(self, who, "integrity_check finds damage");
    }
    dbc_stmt_release(stmt);
    return rc;
}

// Nothing reported is missing, and of the dead at most one more is there. What
// a victim had written whole but not announced to the others is found when the
// log is recovered, which may be later.
static int check_heads(campaign *self, dbc_conn *conn)
{
    char what[100];
    int64_t seq = 0;
    int rc = DBC_OK;

    for (int i = 0; i < WRITERS && rc == DBC_OK; i++) {
        writer *checked = &self->writers[i];
        int alive = checked->pid != 0;
        rc = read_head(&seq, conn, i);
        if (rc < 0) break;
        snprintf(what, sizeof what,
                 "reported commit %" PRId64 ", the database has %" PRId64,
                 checked->acked, seq);
        if (seq < checked->acked || (!alive && seq > checked->acked + 1))
            complain(self, i, what);
        if (alive) continue;
        self->in_doubt += seq > checked->acked;
        checked->acked = seq;
    }
    return rc;
}

static void check(campaign *self, int victim)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = NULL;
    dbc_txn txn;
    int rc = dbc_open(&conn, self->path, &self->options, &err);

    if (rc < 0) {
        complain(self, victim, err.message);
        return;
    }
    // One state for all questions: the others go on writing.
    rc = dbc_txn_begin(&txn, conn, DBC_TXN_READ);
    if (rc == DBC_OK) rc = check_heads(self, conn);
    if (rc >= 0) rc = check_whole(self, conn, victim);
    if (rc >= 0) rc = check_bodies(self, conn, victim);
    if (rc >= 0) rc = check_integrity(self, conn, victim);
    if (rc < 0) complain(self, victim, dbc_conn_error(conn)->message);
    dbc_close(conn);
}

// ------------------------------------------------------------------ the hunt

static int running(const campaign *self)
{
    int count = 0;

    for (int i = 0; i < WRITERS; i++)
        count += self->writers[i].pid != 0;
    return count;
}

// Mostly whoever is at it, sometimes one that waits.
static int choose_victim(campaign *self, int last)
{
    uint64_t random = next_random(&self->random);
    int who = (int)(random % WRITERS);

    if (last >= 0 && (random >> 32) % 4 != 0) return last;
    while (self->writers[who].pid == 0)
        who = (who + 1) % WRITERS;
    return who;
}

// Every other victim is replaced at once; the others leave fewer and fewer,
// until the last one has died and the file must recover with nobody's help.
static void hunt(campaign *self, long kills)
{
    for (long i = 0; i < kills; i++) {
        if (running(self) == 0)
            for (int who = 0; who < WRITERS; who++)
                start(self, who);

        uint64_t random = next_random(&self->random);
        struct timespec delay = {0, (long)(random % DELAY_MAX_US) * 1000};
        int last = watch(self, (int64_t)(random >> 32) % REPORTS_MAX);
        int victim = choose_victim(self, last);
        nanosleep(&delay, NULL);
        slay(self, victim);
        self->alone += running(self) == 0;
        check(self, victim);
        if (random >> 63 && running(self) != 0) start(self, victim);
    }
    for (int who = 0; who < WRITERS; who++) {
        if (self->writers[who].pid == 0) continue;
        slay(self, who);
        check(self, who);
    }
}

static int prepare(campaign *self, const char *mode)
{
    static const dbc_pragma pragmas[] = {
        {"wal_autocheckpoint", {DBC_INT, 0, {.i = 100}}},
        {"journal_mode", {DBC_TEXT, 6, {.text = "delete"}}},
    };
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = NULL;

    self->options.pragmas = pragmas;
    self->options.pragma_count = 1; // checkpoints are moments, too
    // Who waits how long is asked by another campaign; on a machine that has
    // little time for this one, nobody is to give up.
    self->options.busy_timeout_ms = PATIENCE_MS;
    if (strcmp(mode, "wal-normal") == 0) {
        self->options.durability = DBC_DURABILITY_NORMAL;
    } else if (strcmp(mode, "delete-full") == 0) {
        self->options.pragma_count = 2;
    } else if (strcmp(mode, "wal-full") != 0) {
        fprintf(stderr, "there is no mode \"%s\"\n", mode);
        return 0;
    }
    int rc = dbc_open(&conn, self->path, &self->options, &err);
    if (rc == DBC_OK) rc = create(conn);
    if (rc < 0)
        fprintf(stderr, "%s\n",
                conn != NULL ? dbc_conn_error(conn)->message : err.message);
    dbc_close(conn);
    return rc == DBC_OK;
}

int main(int argc, char **argv)
{
    static campaign self;

    if (argc != 5) {
        fprintf(stderr, "usage: campaign_kill FOLDER MODE KILLS SEED\n");
        return 2;
    }
    long kills = strtol(argv[3], NULL, 10);
    snprintf(self.path, sizeof self.path, "%s/%s.db", argv[1], argv[2]);
    self.random = strtoull(argv[4], NULL, 10) * 2654435761u + 1;
    for (int i = 0; i < WRITERS; i++)
        self.writers[i].pipe = -1;
    if (!prepare(&self, argv[2])) return 1;

    int64_t started = now_ms();
    hunt(&self, kills);
    int64_t ms = now_ms() - started;
    printf("%s: %ld kills in %.1f s, %ld of the last one alive, %ld commits "
           "reported, %ld found unreported, %ld failures (seed %s)\n",
           argv[2], kills, (double)ms / 1000, self.alone, self.commits,
           self.in_doubt, self.failures, argv[4]);
    return self.failures != 0;
}
