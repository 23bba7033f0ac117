// One misfortune behind the other. A writer is killed or loses power, as in
// power.c; whoever opens the file next, and has to repair it, meets a disk that
// fails, memory that is out, or the next cut, up to four times in a row. When
// all is well again the file must be sound, hold nothing by halves, and hold
// every commit that was promised; and no attempt may leave anything behind.
//
// usage: campaign_compound MODE CRASHES SEED
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk.h"
#include "fault.h"
#include "heap.h"
#include "promise.h"
#include "vfs.h"

enum {
    CRASHES_A_FILE = 50,
    CALLS_MAX = 200, // writes and syncs until the first cut
    ATTEMPTS = 4,    // at most, before all is well again
    REPAIR_MAX = 40, // calls of one kind until one fails
    SQLITE_ALLOCATIONS = 600,
    OWN_ALLOCATIONS = 80,
    BUSY_TIMEOUT_MS = 2
};

typedef struct scene {
    promise promise;
    fault memory;      // our own
    int may_have_lost; // the power went since the last look, and may do so
    long kills, cuts, attempts;
    long met;      // attempts that met their failure
    long refused;  // that could not even open
    long repaired; // that read the file all the same
} scene;

// ------------------------------------------------------------- what goes wrong

// Returns whether it is the disk's power.
static int arm(scene *s)
{
    fault_kind kind = (fault_kind)disk_random(2);

    switch (disk_random(4)) {
    case 0:
        heap_arm(1 + (long)disk_random(SQLITE_ALLOCATIONS), kind);
        return 0;
    case 1:
        fault_arm(&s->memory, 1 + (long)disk_random(OWN_ALLOCATIONS), kind);
        return 0;
    case 2:
        disk_cut_after(1 + (long)disk_random(REPAIR_MAX));
        return 1;
    default:
        vfs_arm(&vfs_failures[disk_random(vfs_failure_count)],
                1 + (long)disk_random(REPAIR_MAX), kind);
        return 0;
    }
}

// Returns whether something had failed.
static int disarm(scene *s)
{
    int met = heap_failed() + s->memory.failed + vfs_failed() > 0;

    heap_arm(0, FAULT_ONCE);
    fault_arm(&s->memory, 0, FAULT_ONCE);
    vfs_arm(NULL, 0, FAULT_ONCE);
    return met;
}

static int is_kin(int code)
{
    return code == DBC_ENOMEM || code == DBC_EIO || code == DBC_EFULL ||
           code == DBC_EBUSY || code == DBC_ECANTOPEN || code == DBC_EBROKEN;
}

// One line that says what it is about, and a code that says what it is.
static void check_error(scene *s, const dbc_error *err)
{
    if (disk_is_dead() || (is_kin(err->code) && strlen(err->message) > 10 &&
                           err->message[strlen(err->message) - 1] != '.' &&
                           strpbrk(err->message, "\r\n\t") == NULL))
        return;
    promise_complain(&s->promise, dbc_status_word(err->code), err->message);
}

// The machine is on again, or it never was off: a process that was killed
// leaves all that it wrote, though not yet for good.
static void come_back(scene *s)
{
    promise *p = &s->promise;

    if (disk_random(2) == 0) {
        s->kills++;
        disk_resume();
        if (!s->may_have_lost) p->sure = p->acked;
    } else {
        s->cuts++;
        disk_restore();
        s->may_have_lost = !p->keeps_all;
        if (s->may_have_lost) p->sure = 0;
    }
}

// -------------------------------------------------------------------- attempts

// Reads, and now and then writes, as anybody would.
static void use(scene *s, dbc_conn *conn)
{
    static const char sql[] = "SELECT seq FROM head JOIN slot USING (seq)";
    int rc = dbc_exec(conn, sql, strlen(sql));

    if (rc == DBC_OK) s->repaired++;
    if (rc == DBC_OK && disk_random(2) == 0)
        rc = promise_write(&s->promise, conn);
    if (rc < 0) check_error(s, dbc_conn_error(conn));
}

static void check_nothing_is_left(scene *s, long live)
{
    if (heap_live() != live)
        promise_complain(&s->promise, "memory of the engine is left", "");
    if (s->memory.live_blocks != 0)
        promise_complain(&s->promise, "memory is left", "");
    if (vfs_open_files() != 0)
        promise_complain(&s->promise, "a file is still open", "");
}

static void attempt(scene *s)
{
    dbc_open_options options = s->promise.options;
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = NULL;
    long live = heap_live();
    int cut = arm(s);

    options.alloc = &s->memory.alloc;
    s->attempts++;
    if (dbc_open(&conn, "/app.db", &options, &err) == DBC_OK) {
        use(s, conn);
    } else {
        s->refused++;
        check_error(s, &err);
    }
    dbc_close(conn);
    int dead = disk_is_dead();
    if (disarm(s) || dead) s->met++;
    if (cut) disk_cut_after(-1);
    if (dead) come_back(s);
    check_nothing_is_left(s, live);
}

static void crash(scene *s)
{
    disk_cut_after(1 + (long)disk_random(CALLS_MAX));
    promise_write_until_dark(&s->promise);
    come_back(s);
    for (uint64_t n = 1 + disk_random(ATTEMPTS); n > 0; n--)
        attempt(s);
    promise_check(&s->promise);
    if (!s->promise.keeps_all) s->promise.sure = 0;
    s->may_have_lost = 0;
}

// The failing calls go to the disk that forgets.
static void install(scene *s, uint64_t seed)
{
    if (heap_install(NULL) != 0) {
        fprintf(stderr, "the engine does not take our memory\n");
        exit(1);
    }
    disk_install(seed * 2654435761u + 1);
    sqlite3_vfs_register(sqlite3_vfs_find(DISK_VFS), 1);
    vfs_install();
    fault_init(&s->memory);
    s->promise.options.vfs = VFS_NAME;
    s->promise.options.mmap_size = -1;
    s->promise.options.busy_timeout_ms = BUSY_TIMEOUT_MS;
}

int main(int argc, char **argv)
{
    scene s = {.kills = 0};
    const promise *p = &s.promise;

    if (argc != 4 || !promise_read_mode(&s.promise, argv[1])) {
        fprintf(stderr, "usage: campaign_compound "
                        "wal-full|wal-normal|delete-full CRASHES SEED\n");
        return 2;
    }
    long crashes = strtol(argv[2], NULL, 10);
    uint64_t seed = strtoull(argv[3], NULL, 10);
    install(&s, seed);
    for (long i = 0; i < crashes && p->failures == 0; i++) {
        if (i % CRASHES_A_FILE == 0) promise_begin(&s.promise);
        crash(&s);
    }
    printf("%s: %ld crashes, %ld kills and %ld cuts in all, %ld attempts, of "
           "which %ld met a failure, %ld were refused and %ld read the file; "
           "%ld commits reported, %ld failures (seed %" PRIu64 ")\n",
           argv[1], crashes, s.kills, s.cuts, s.attempts, s.met, s.refused,
           s.repaired, p->commits, p->failures, seed);
    return p->failures > 0;
}
