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

#include "disk.h"
#include "promise.h"

enum {
    CALLS_MAX = 400, // writes and syncs that the power may last
    REPAIR_MAX = 30, // of those while the file is repaired
    CRASHES_A_FILE = 50
};

// Now and then the power goes again while the file is repaired.
static void crash(promise *self)
{
    static const char sql[] = "SELECT seq FROM head";

    disk_cut_after(1 + (long)disk_random(CALLS_MAX));
    promise_write_until_dark(self);
    disk_restore();
    while (disk_random(4) == 0) {
        disk_cut_after(1 + (long)disk_random(REPAIR_MAX));
        dbc_conn *conn =
            promise_open(self, NULL, "the file cannot be repaired");
        if (conn != NULL) dbc_exec(conn, sql, strlen(sql));
        dbc_close(conn);
        disk_restore();
    }
    promise_check(self);
}

int main(int argc, char **argv)
{
    promise self = {0};

    if (argc != 4 || !promise_read_mode(&self, argv[1])) {
        fprintf(stderr, "usage: campaign_power "
                        "wal-full|wal-normal|delete-full CRASHES SEED\n");
        return 2;
    }
    long crashes = strtol(argv[2], NULL, 10);
    uint64_t seed = strtoull(argv[3], NULL, 10);
    disk_install(seed * 2654435761u + 1);
    for (long i = 0; i < crashes && self.failures == 0; i++) {
        if (i % CRASHES_A_FILE == 0) promise_begin(&self);
        crash(&self);
    }
    printf("%s: %ld crashes, %ld commits reported, %ld found unreported, %ld "
           "crashes went back, %ld sectors lost or torn, %ld failures (seed "
           "%" PRIu64 ")\n",
           argv[1], crashes, self.commits, self.found_unreported,
           self.went_back, disk_damage(), self.failures, seed);
    return self.failures > 0;
}
