// Contents are kept twice, as they are seen and as they are synced, with the
// writes between them in order.
#include "disk.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILES = 8, NAME_MAX_LEN = 256, SECTOR = 512, SHM_REGIONS = 64 };

typedef struct content {
    unsigned char *bytes;
    size_t len, cap;
} content;

// A write, or a truncation when `bytes` is NULL.
typedef struct change {
    unsigned char *bytes; // owned
    size_t at, len;
} change;

typedef struct entry {
    char name[NAME_MAX_LEN]; // "": a free place
    content seen, synced;
    change *changes;
    size_t count, cap;
    int exists;     // for who looks now
    int is_durable; // its name would be found after a cut
    int is_deleted; // and by chance no more
    // What the name stood for before it was deleted and used again, as long
    // as the folder does not say for sure that it is over.
    content ghost;
    int is_haunted;
    void *shm[SHM_REGIONS];
} entry;

typedef struct handle {
    sqlite3_file base; // first: what SQLite sees
    entry *file;
    int is_temporary;
} handle;

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *inner;
    entry files[FILES];
    uint64_t random;
    long left; // calls until the power goes; below 0: it stays
    int is_dead;
    long damage;
} disk;

static void *resize(void *old, size_t size)
{
    void *made = realloc(old, size > 0 ? size : 1);

    if (made == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return made;
}

uint64_t disk_random(uint64_t limit)
{
    disk.random ^= disk.random << 13;
    disk.random ^= disk.random >> 7;
    disk.random ^= disk.random << 17;
    return disk.random % limit;
}

// Whether this call still happens.
static int spend(void)
{
    if (disk.is_dead) return 0;
    if (disk.left > 0) disk.left--;
    if (disk.left == 0) disk.is_dead = 1;
    return !disk.is_dead;
}

// ----------------------------------------------------------------- contents

static void put(content *into, const unsigned char *bytes, size_t len,
                size_t at)
{
    if (at + len > into->cap) {
        into->cap = 2 * (at + len);
        into->bytes = resize(into->bytes, into->cap);
    }
    if (at > into->len) memset(into->bytes + into->len, 0, at - into->len);
    if (len > 0) memcpy(into->bytes + at, bytes, len);
    if (at + len > into->len) into->len = at + len;
}

static void cut(content *of, size_t len)
{
    if (len > of->len)
        put(of, NULL, 0, len);
    else
        of->len = len;
}

static void remember(entry *file, const void *bytes, size_t len, size_t at)
{
    change *made;

    if (file->count == file->cap) {
        file->cap = file->cap > 0 ? 2 * file->cap : 16;
        file->changes = resize(file->changes, file->cap * sizeof *made);
    }
    made = &file->changes[file->count++];
    *made = (change){NULL, at, len};
    if (bytes == NULL) return;
    made->bytes = resize(NULL, len);
    memcpy(made->bytes, bytes, len);
}

static void forget_changes(entry *file)
{
    for (size_t i = 0; i < file->count; i++)
        free(file->changes[i].bytes);
    file->count = 0;
}

static void copy(content *to, const content *from)
{
    to->len = 0;
    put(to, from->bytes, from->len, 0);
}

static void sync_entry(entry *file)
{
    copy(&file->synced, &file->seen);
    forget_changes(file);
    file->is_durable = 1;
    file->is_haunted = 0;
}

static void drop_shm(entry *file)
{
    for (int i = 0; i < SHM_REGIONS; i++) {
        free(file->shm[i]);
        file->shm[i] = NULL;
    }
}

static void clear(entry *file)
{
    forget_changes(file);
    free(file->changes);
    free(file->seen.bytes);
    free(file->synced.bytes);
    free(file->ghost.bytes);
    drop_shm(file);
    memset(file, 0, sizeof *file);
}

// ------------------------------------------------------------ when it is cut

// One write of SQLite's, sector by sector: there, not there, or its first half.
static void land(content *on, const change *what)
{
    for (size_t done = 0; done < what->len;) {
        size_t at = what->at + done;
        size_t len = SECTOR - at % SECTOR;
        size_t kept;

        if (len > what->len - done) len = what->len - done;
        switch (disk_random(4)) {
        case 0:
            kept = 0;
            break;
        case 1:
            kept = disk_random(len + 1);
            break;
        default:
            kept = len;
            break;
        }
        disk.damage += kept < len;
        if (kept > 0) put(on, what->bytes + done, kept, at);
        done += len;
    }
}

// Any order: a disk owes none between two syncs.
static void shuffle(change *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = disk_random(i);
        change held = items[i - 1];

        items[i - 1] = items[j];
        items[j] = held;
    }
}

static void lose_power(entry *file)
{
    // Most disks keep the order, and some lose nothing: both are tried, too.
    if (disk_random(2) == 0) shuffle(file->changes, file->count);
    for (size_t i = 0; i < file->count; i++) {
        const change *what = &file->changes[i];

        if (what->bytes != NULL)
            land(&file->synced, what);
        else if (disk_random(2) == 0)
            cut(&file->synced, what->len);
    }
    forget_changes(file);
    copy(&file->seen, &file->synced);
    drop_shm(file);
}

// The old file of that name is back, as it was synced.
static void raise_ghost(entry *file)
{
    forget_changes(file);
    copy(&file->synced, &file->ghost);
    disk.damage++;
}

static void restore(entry *file)
{
    int is_sure = file->is_durable && !file->is_deleted;

    if (!is_sure && disk_random(2) == 0) {
        clear(file);
        return;
    }
    if (file->is_haunted && disk_random(2) == 0) raise_ghost(file);
    lose_power(file);
    file->exists = file->is_durable = 1;
    file->is_deleted = file->is_haunted = 0;
}

void disk_restore(void)
{
    for (int i = 0; i < FILES; i++)
        if (disk.files[i].name[0] != '\0') restore(&disk.files[i]);
    disk.is_dead = 0;
    disk.left = -1;
}

void disk_resume(void)
{
    for (int i = 0; i < FILES; i++)
        drop_shm(&disk.files[i]);
    disk.is_dead = 0;
    disk.left = -1;
}

void disk_settle(void)
{
    for (int i = 0; i < FILES; i++) {
        entry *file = &disk.files[i];

        if (file->name[0] == '\0') continue;
        if (file->exists)
            sync_entry(file);
        else
            clear(file);
    }
    disk.left = -1;
}

void disk_erase(void)
{
    for (int i = 0; i < FILES; i++)
        clear(&disk.files[i]);
    disk.is_dead = 0;
    disk.left = -1;
}

void disk_cut_after(long calls)
{
    disk.left = calls;
}

int disk_is_dead(void)
{
    return disk.is_dead;
}

long disk_damage(void)
{
    return disk.damage;
}

// -------------------------------------------------------------------- files

static entry *entry_of(sqlite3_file *file)
{
    return ((handle *)file)->file;
}

static int file_close(sqlite3_file *file)
{
    handle *self = (handle *)file;

    if (self->is_temporary) {
        clear(self->file);
        free(self->file);
    }
    return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *out, int len, sqlite3_int64 at)
{
    const content *from = &entry_of(file)->seen;
    size_t start = (size_t)at, due = (size_t)len;
    size_t there = start < from->len ? from->len - start : 0;

    if (disk.is_dead) return SQLITE_IOERR_READ;
    if (there > due) there = due;
    if (there > 0) memcpy(out, from->bytes + start, there);
    memset((char *)out + there, 0, due - there);
    return there == due ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *file, const void *from, int len,
                      sqlite3_int64 at)
{
    entry *into = entry_of(file);

    // The write that the power fails in is one of those in doubt.
    if (disk.is_dead) return SQLITE_IOERR_WRITE;
    put(&into->seen, from, (size_t)len, (size_t)at);
    remember(into, from, (size_t)len, (size_t)at);
    return spend() ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    entry *of = entry_of(file);

    if (disk.is_dead) return SQLITE_IOERR_TRUNCATE;
    cut(&of->seen, (size_t)size);
    remember(of, NULL, (size_t)size, 0);
    return spend() ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

static int file_sync(sqlite3_file *file, int flags)
{
    int was_dead = disk.is_dead;
    int is_alive = spend();

    (void)flags;
    // The power may also go when all is on the disk and nobody was told.
    if (is_alive || (!was_dead && disk_random(2) == 0))
        sync_entry(entry_of(file));
    return is_alive ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)entry_of(file)->seen.len;
    return disk.is_dead ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int file_lock(sqlite3_file *file, int level)
{
    (void)file;
    (void)level;
    return disk.is_dead ? SQLITE_IOERR_LOCK : SQLITE_OK;
}

static int file_unlock(sqlite3_file *file, int level)
{
    (void)file;
    (void)level;
    return SQLITE_OK;
}

static int file_reserved(sqlite3_file *file, int *out)
{
    (void)file;
    *out = 0;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
    (void)file;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *file)
{
    (void)file;
    return SECTOR;
}

static int file_traits(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int shm_map(sqlite3_file *file, int region, int size, int extend,
                   void volatile **out)
{
    entry *of = entry_of(file);

    *out = NULL;
    if (disk.is_dead || region >= SHM_REGIONS) return SQLITE_IOERR_SHMMAP;
    if (of->shm[region] == NULL && extend)
        of->shm[region] = memset(resize(NULL, (size_t)size), 0, (size_t)size);
    *out = of->shm[region];
    return SQLITE_OK;
}

static int shm_lock(sqlite3_file *file, int from, int count, int flags)
{
    (void)file;
    (void)from;
    (void)count;
    (void)flags;
    return SQLITE_OK;
}

static void shm_barrier(sqlite3_file *file)
{
    (void)file;
}

static int shm_unmap(sqlite3_file *file, int is_delete)
{
    entry *of = entry_of(file);

    if (is_delete) drop_shm(of);
    return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

// --------------------------------------------------------------- the folder

static entry *find(const char *name)
{
    for (int i = 0; i < FILES; i++)
        if (strcmp(disk.files[i].name, name) == 0) return &disk.files[i];
    return NULL;
}

static entry *create(const char *name, int flags)
{
    entry *made = find("");

    if (made == NULL || strlen(name) >= NAME_MAX_LEN) return NULL;
    snprintf(made->name, sizeof made->name, "%s", name);
    made->exists = 1;
    // SQLite does not sync the folder of a new database: without its name
    // there is nothing to speak of.
    made->is_durable = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    return made;
}

// A name that is used again while its deletion is in doubt: another file.
static void revive(entry *file)
{
    if (file->is_durable) {
        copy(&file->ghost, &file->synced);
        file->is_haunted = 1;
    }
    forget_changes(file);
    file->seen.len = file->synced.len = 0;
    file->exists = 1;
    file->is_durable = file->is_deleted = 0;
}

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file,
                    int flags, int *out_flags)
{
    handle *self = (handle *)file;

    (void)vfs;
    memset(self, 0, sizeof *self);
    if (disk.is_dead) return SQLITE_CANTOPEN;
    if (name == NULL) {
        self->is_temporary = 1;
        self->file =
            memset(resize(NULL, sizeof *self->file), 0, sizeof *self->file);
    } else {
        self->file = find(name);
        if (self->file == NULL || !self->file->exists) {
            if (!(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
            if (self->file != NULL)
                revive(self->file);
            else
                self->file = create(name, flags);
        }
    }
    if (self->file == NULL) return SQLITE_CANTOPEN;
    if (out_flags != NULL) *out_flags = flags;
    self->base.pMethods = &methods;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    entry *file = find(name);

    (void)vfs;
    if (!spend()) return SQLITE_IOERR_DELETE;
    if (file == NULL || !file->exists) return SQLITE_IOERR_DELETE_NOENT;
    file->exists = 0;
    file->is_deleted = 1;
    if (sync_folder) clear(file);
    return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    const entry *file = find(name);

    (void)vfs;
    (void)flags;
    *out = file != NULL && file->exists &&
           (flags != SQLITE_ACCESS_EXISTS || file->seen.len > 0);
    return disk.is_dead ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int vfs_full_name(sqlite3_vfs *vfs, const char *name, int size,
                         char *out)
{
    (void)vfs;
    snprintf(out, (size_t)size, "%s", name);
    return SQLITE_OK;
}

// Always the same: where the disk is the default VFS, SQLite's random numbers
// can be repeated.
static int vfs_randomness(sqlite3_vfs *vfs, int len, char *out)
{
    (void)vfs;
    memset(out, 7, (size_t)len);
    return len;
}

void disk_install(uint64_t seed)
{
    disk.random = seed;
    disk.left = -1;
    disk.inner = sqlite3_vfs_find(NULL);
    disk.vfs = *disk.inner;
    disk.vfs.zName = DISK_VFS;
    disk.vfs.szOsFile = (int)sizeof(handle);
    disk.vfs.xOpen = vfs_open;
    disk.vfs.xDelete = vfs_delete;
    disk.vfs.xAccess = vfs_access;
    disk.vfs.xFullPathname = vfs_full_name;
    disk.vfs.xRandomness = vfs_randomness;
    disk.vfs.iVersion = 1;
    if (sqlite3_vfs_register(&disk.vfs, 0) != SQLITE_OK) {
        fprintf(stderr, "the VFS cannot be registered\n");
        exit(1);
    }
}
