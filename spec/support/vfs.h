// A VFS over SQLite's default one whose n-th call of one kind fails, once or
// for ever, with a code of choice; all else goes through. There is one at a
// time. A write that fails has put half of its bytes on the disk, as on a disk
// that is full, and nobody is made to sleep.
#ifndef DBC_SPEC_VFS_H
#define DBC_SPEC_VFS_H

#include <stddef.h>

#include "fault.h"

// For dbc_open_options.vfs.
#define VFS_NAME "faulty"

// The calls that can fail.
#define VFS_CALL_MAP(X)       \
    X(OPEN, "xOpen")          \
    X(DELETE, "xDelete")      \
    X(ACCESS, "xAccess")      \
    X(READ, "xRead")          \
    X(WRITE, "xWrite")        \
    X(TRUNCATE, "xTruncate")  \
    X(SYNC, "xSync")          \
    X(FILE_SIZE, "xFileSize") \
    X(LOCK, "xLock")          \
    X(SHM_MAP, "xShmMap")     \
    X(SHM_LOCK, "xShmLock")   \
    X(FETCH, "xFetch")

typedef enum vfs_call {
#define VFS_CALL_ENUM(name, word) VFS_##name,
    VFS_CALL_MAP(VFS_CALL_ENUM)
#undef VFS_CALL_ENUM
        VFS_CALL_COUNT
} vfs_call;

// "xRead", for messages.
const char *vfs_call_name(vfs_call call);

// One way for a call to fail.
typedef struct vfs_failure {
    vfs_call call;
    int native;       // SQLite's code
    const char *name; // of that, without SQLITE_
    int code;         // what dbcore makes of it
} vfs_failure;

// All the ways that are worth a walk.
extern const vfs_failure vfs_failures[];
extern const size_t vfs_failure_count;

// Registers it, as the default one, so that files opened on the way (a
// backup's target) go through it, too. Fails the spec when it cannot.
void vfs_install(void);

// Takes it out. Fails the spec when a file is still open.
void vfs_remove(void);

// The two as what stands around a group of tests.
int vfs_set_up(void **state);
int vfs_tear_down(void **state);

// From now on call number `fail_at` of that kind fails, from 1.
void vfs_arm(const vfs_failure *failure, long fail_at, fault_kind kind);

// From now on none fails. What was counted stays.
void vfs_disarm(void);

// How many calls failed since it was armed.
long vfs_failed(void);

// Moments of a checkpoint at which others can come between.
typedef enum vfs_moment {
    VFS_BEFORE_CHECKPOINT, // it is about to take its lock
    VFS_AT_HEADER, // it has read a header of the log that others have changed,
                   // and has not acted on it
    VFS_MOMENT_COUNT
} vfs_moment;

// Calls `hook` once, at the next moment of that kind. NULL: never.
void vfs_at(vfs_moment moment, void (*hook)(void *ud), void *ud);

// Files that are open now.
int vfs_open_files(void);

// Bytes that SQLite holds, to find what was left behind.
long long vfs_memory_used(void);

#endif
