// A walk through the failures of the system: a piece of work is done again and
// again, each time with another call of the VFS failing, until none is left to
// fail. What goes wrong is told with the place that the walk has come to.
#ifndef DBC_SPEC_VFS_WALK_H
#define DBC_SPEC_VFS_WALK_H

#include "vfs.h"

typedef struct vfs_place {
    const char *mode;           // how the work is done
    const vfs_failure *failure; // NULL: an allocation of SQLite
    long n;                     // the call that fails, from 1; 0: none does
    fault_kind kind;
    const char *step; // of the work; NULL where it has none
} vfs_place;

// Where the walk is, as the beginning of a message.
void vfs_say_place(const vfs_place *at);

// Fails with the place unless `condition` holds.
#define CHECK_AT(at, condition)         \
    do {                                \
        if (!(condition)) {             \
            vfs_say_place(at);          \
            fail_msg("%s", #condition); \
        }                               \
    } while (0)

// Fails unless the error is of the kind that failed, or says that the
// connection is broken, in one clear line in which `subject` stands.
void vfs_check_error(const vfs_place *at, const dbc_error *err,
                     const char *subject);

// Does the work with the failure of `at`. Returns whether that was met.
typedef int (*vfs_work)(vfs_place *at, const void *ud);

// Whether a mode is to be walked with that failure.
typedef int (*vfs_chooser)(const vfs_failure *failure);

// Walks with every failure that is `chosen` (NULL: all), once and for ever.
// Fails unless at least `expected` were met: a walk that meets fewer than there
// used to be shows less than it says.
void vfs_walk(const char *mode, vfs_work work, const void *ud,
              vfs_chooser chosen, long expected);

#endif
