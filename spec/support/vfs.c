#include "vfs.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "spec.h"

typedef struct shim_file {
    sqlite3_file base;   // first: what SQLite sees
    sqlite3_file *inner; // the real one, in the same block
} shim_file;

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *inner;         // SQLite's own
    const vfs_failure *failure; // NULL: none fails
    long fail_at;
    fault_kind kind;
    long calls;  // of that kind, since it was armed
    long failed; // of these
    int open_files;
    struct {
        void (*hook)(void *ud); // NULL: nobody waits for it
        void *ud;
    } moments[VFS_MOMENT_COUNT];
} shim;

enum { CHECKPOINT_LOCK = 1 }; // among those of the wal-index

#define FAILURE(call, native, code)                      \
    {                                                    \
        VFS_##call, SQLITE_##native, #native, DBC_##code \
    }

const vfs_failure vfs_failures[] = {
    FAILURE(OPEN, CANTOPEN, ECANTOPEN),     FAILURE(DELETE, IOERR_DELETE, EIO),
    FAILURE(ACCESS, IOERR_ACCESS, EIO),     FAILURE(READ, IOERR_READ, EIO),
    FAILURE(WRITE, IOERR_WRITE, EIO),       FAILURE(WRITE, FULL, EFULL),
    FAILURE(TRUNCATE, IOERR_TRUNCATE, EIO), FAILURE(SYNC, IOERR_FSYNC, EIO),
    FAILURE(FILE_SIZE, IOERR_FSTAT, EIO),   FAILURE(LOCK, BUSY, EBUSY),
    FAILURE(LOCK, IOERR_LOCK, EIO),         FAILURE(SHM_MAP, IOERR_SHMMAP, EIO),
    FAILURE(SHM_MAP, IOERR_SHMSIZE, EIO),   FAILURE(SHM_LOCK, BUSY, EBUSY),
    FAILURE(SHM_LOCK, IOERR_SHMLOCK, EIO),  FAILURE(FETCH, IOERR_MMAP, EIO),
};
const size_t vfs_failure_count = COUNT(vfs_failures);

const char *vfs_call_name(vfs_call call)
{
    static const char *const names[] = {
#define VFS_CALL_NAME(name, word) word,
        VFS_CALL_MAP(VFS_CALL_NAME)
#undef VFS_CALL_NAME
    };

    return names[call];
}

// The code to fail with, or SQLITE_OK.
static int fails_now(vfs_call call)
{
    if (shim.failure == NULL || shim.failure->call != call) return SQLITE_OK;
    shim.calls++;
    if (shim.calls < shim.fail_at) return SQLITE_OK;
    if (shim.kind == FAULT_ONCE && shim.calls > shim.fail_at) return SQLITE_OK;
    shim.failed++;
    return shim.failure->native;
}

static void come_between(vfs_moment moment)
{
    void (*hook)(void *) = shim.moments[moment].hook;

    shim.moments[moment].hook = NULL;
    if (hook != NULL) hook(shim.moments[moment].ud);
}

static sqlite3_file *inner_of(sqlite3_file *file)
{
    return ((shim_file *)file)->inner;
}

// --------------------------------------------------------- files, that fail

static int file_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
    int rc = fails_now(VFS_READ);

    if (rc != SQLITE_OK) return rc;
    return inner_of(file)->pMethods->xRead(inner_of(file), out, len, at);
}

static int file_write(sqlite3_file *file, const void *from, int len,
                      sqlite3_int64 at)
{
    sqlite3_file *inner = inner_of(file);
    int rc = fails_now(VFS_WRITE);

    if (rc == SQLITE_OK) return inner->pMethods->xWrite(inner, from, len, at);
    inner->pMethods->xWrite(inner, from, len / 2, at);
    return rc;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int rc = fails_now(VFS_TRUNCATE);

    if (rc != SQLITE_OK) return rc;
    return inner_of(file)->pMethods->xTruncate(inner_of(file), size);
}

static int file_sync(sqlite3_file *file, int flags)
{
    int rc = fails_now(VFS_SYNC);

    if (rc != SQLITE_OK) return rc;
    return inner_of(file)->pMethods->xSync(inner_of(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *out)
{
    int rc = fails_now(VFS_FILE_SIZE);

    if (rc != SQLITE_OK) return rc;
    return inner_of(file)->pMethods->xFileSize(inner_of(file), out);
}

static int file_lock(sqlite3_file *file, int level)
{
    int rc = fails_now(VFS_LOCK);

    if (rc != SQLITE_OK) return rc;
    return inner_of(file)->pMethods->xLock(inner_of(file), level);
}

static int file_shm_map(sqlite3_file *file, int page, int size, int extend,
                        void volatile **out)
{
    sqlite3_file *inner = inner_of(file);
    int rc = fails_now(VFS_SHM_MAP);

    *out = NULL;
    if (rc != SQLITE_OK) return rc;
    return inner->pMethods->xShmMap(inner, page, size, extend, out);
}

// Only taking a lock fails: giving one back cannot, on any system.
static int file_shm_lock(sqlite3_file *file, int first, int count, int flags)
{
    sqlite3_file *inner = inner_of(file);
    int rc = SQLITE_OK;

    if (first == CHECKPOINT_LOCK && count == 1 &&
        (flags & SQLITE_SHM_LOCK) != 0)
        come_between(VFS_BEFORE_CHECKPOINT);
    if ((flags & SQLITE_SHM_LOCK) != 0) rc = fails_now(VFS_SHM_LOCK);
    if (rc != SQLITE_OK) return rc;
    return inner->pMethods->xShmLock(inner, first, count, flags);
}

static int file_fetch(sqlite3_file *file, sqlite3_int64 at, int len, void **out)
{
    int rc = fails_now(VFS_FETCH);

    *out = NULL;
    if (rc != SQLITE_OK || inner_of(file)->pMethods->iVersion < 3) return rc;
    return inner_of(file)->pMethods->xFetch(inner_of(file), at, len, out);
}

// ------------------------------------------------------ files, passed through

static int file_close(sqlite3_file *file)
{
    shim.open_files--;
    return inner_of(file)->pMethods->xClose(inner_of(file));
}

static int file_unlock(sqlite3_file *file, int level)
{
    return inner_of(file)->pMethods->xUnlock(inner_of(file), level);
}

static int file_check_reserved(sqlite3_file *file, int *out)
{
    return inner_of(file)->pMethods->xCheckReservedLock(inner_of(file), out);
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
    return inner_of(file)->pMethods->xFileControl(inner_of(file), op, arg);
}

static int file_sector_size(sqlite3_file *file)
{
    return inner_of(file)->pMethods->xSectorSize(inner_of(file));
}

static int file_characteristics(sqlite3_file *file)
{
    return inner_of(file)->pMethods->xDeviceCharacteristics(inner_of(file));
}

static void file_shm_barrier(sqlite3_file *file)
{
    inner_of(file)->pMethods->xShmBarrier(inner_of(file));
}

static int file_shm_unmap(sqlite3_file *file, int remove)
{
    return inner_of(file)->pMethods->xShmUnmap(inner_of(file), remove);
}

// Without a page it means all of them, which a checkpoint asks for when it has
// found the header of the log changed.
static int file_unfetch(sqlite3_file *file, sqlite3_int64 at, void *page)
{
    if (page == NULL) come_between(VFS_AT_HEADER);
    if (inner_of(file)->pMethods->iVersion < 3) return SQLITE_OK;
    return inner_of(file)->pMethods->xUnfetch(inner_of(file), at, page);
}

static const sqlite3_io_methods file_methods = {
    .iVersion = 3,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
    .xFetch = file_fetch,
    .xUnfetch = file_unfetch,
};

// --------------------------------------------------------------- the system

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
                    int flags, int *out_flags)
{
    shim_file *opened = (shim_file *)file;
    int rc = fails_now(VFS_OPEN);

    (void)vfs;
    opened->base.pMethods = NULL;
    if (rc != SQLITE_OK) return rc;
    opened->inner = (sqlite3_file *)(opened + 1);
    rc = shim.inner->xOpen(shim.inner, name, opened->inner, flags, out_flags);
    if (opened->inner->pMethods == NULL) return rc;
    opened->base.pMethods = &file_methods;
    shim.open_files++;
    return rc;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    int rc = fails_now(VFS_DELETE);

    (void)vfs;
    if (rc != SQLITE_OK) return rc;
    return shim.inner->xDelete(shim.inner, name, sync_folder);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    int rc = fails_now(VFS_ACCESS);

    (void)vfs;
    if (rc != SQLITE_OK) return rc;
    return shim.inner->xAccess(shim.inner, name, flags, out);
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int size,
                         char *out)
{
    (void)vfs;
    return shim.inner->xFullPathname(shim.inner, name, size, out);
}

static int vfs_randomness(sqlite3_vfs *vfs, int len, char *out)
{
    (void)vfs;
    return shim.inner->xRandomness(shim.inner, len, out);
}

// SQLite waits up to ten seconds for a -shm file in disorder. With one thread
// nobody would put it in order meanwhile.
static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    return microseconds;
}

static int vfs_current_time(sqlite3_vfs *vfs, sqlite3_int64 *out)
{
    (void)vfs;
    return shim.inner->xCurrentTimeInt64(shim.inner, out);
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *out)
{
    (void)vfs;
    return shim.inner->xGetLastError(shim.inner, size, out);
}

void vfs_install(void)
{
    memset(&shim, 0, sizeof shim);
    shim.inner = sqlite3_vfs_find(NULL);
    assert_non_null(shim.inner);
    shim.vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = (int)sizeof(shim_file) + shim.inner->szOsFile,
        .mxPathname = shim.inner->mxPathname,
        .zName = VFS_NAME,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_path,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xGetLastError = vfs_last_error,
        .xCurrentTimeInt64 = vfs_current_time,
    };
    assert_int_equal(SQLITE_OK, sqlite3_vfs_register(&shim.vfs, 1));
}

void vfs_remove(void)
{
    assert_int_equal(0, shim.open_files);
    assert_int_equal(SQLITE_OK, sqlite3_vfs_unregister(&shim.vfs));
    assert_int_equal(SQLITE_OK, sqlite3_vfs_register(shim.inner, 1));
}

int vfs_set_up(void **state)
{
    (void)state;
    vfs_install();
    return 0;
}

int vfs_tear_down(void **state)
{
    (void)state;
    vfs_remove();
    return 0;
}

void vfs_arm(const vfs_failure *failure, long fail_at, fault_kind kind)
{
    shim.failure = failure;
    shim.fail_at = fail_at;
    shim.kind = kind;
    shim.calls = 0;
    shim.failed = 0;
}

void vfs_disarm(void)
{
    shim.failure = NULL;
}

long vfs_failed(void)
{
    return shim.failed;
}

void vfs_at(vfs_moment moment, void (*hook)(void *ud), void *ud)
{
    shim.moments[moment].hook = hook;
    shim.moments[moment].ud = ud;
}

int vfs_open_files(void)
{
    return shim.open_files;
}

long long vfs_memory_used(void)
{
    return sqlite3_memory_used();
}
