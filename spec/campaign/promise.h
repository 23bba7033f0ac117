// What a writer was told is kept, and what a file must show for it: groups of
// rows that are replaced in turn, each by one commit, and a head that counts
// the commits. For campaigns whose database lies on a disk of disk.h.
#ifndef DBC_CAMPAIGN_PROMISE_H
#define DBC_CAMPAIGN_PROMISE_H

#include <stdint.h>

#include "dbcore.h"

typedef struct promise {
    dbc_open_options options; // of every connection
    int keeps_all;            // every commit that returned outlives a cut
    int64_t acked;            // the newest commit that returned
    int64_t sure;             // the newest that must be there
    long commits;             // that returned, in all
    long found_unreported;    // that were there, and had not returned
    long went_back;           // looks that found fewer than had returned
    long failures;
} promise;

// Fills in what a mode means: "wal-full", "wal-normal" or "delete-full".
// Returns 0 for another word.
int promise_read_mode(promise *self, const char *mode);

// Empties the disk and makes the tables on it.
void promise_begin(promise *self);

// Opens the database, with `alloc` (may be NULL). When it cannot be opened
// though the disk is on, that is a failure, unless `when` is NULL.
dbc_conn *promise_open(promise *self, const dbc_alloc *alloc, const char *when);

// Commits the next group. Returns what the commit returned.
int promise_write(promise *self, dbc_conn *conn);

// Commits until the power is gone.
void promise_write_until_dark(promise *self);

// Opens the file and looks whether it is sound, whole, and holds what must be
// there. The disk is on. What was found counts from now on.
void promise_check(promise *self);

// Counts a failure, and prints the first ones.
void promise_complain(promise *self, const char *what, const char *why);

#endif
