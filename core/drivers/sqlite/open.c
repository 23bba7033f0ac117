// Opening and closing. Whatever can be found wrong without touching a file is
// found first; then the file is opened, its schema is read once, so that a
// damaged or foreign file is reported here and not by the first query, and
// last come the settings.
#include "open.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "checkpoint.h"
#include "error.h"
#include "file_error.h"
#include "guard.h"
#include "list.h"
#include "pragma.h"
#include "require.h"
#include "trust.h"
#include "wait.h"
#include "warning.h"

enum {
    BUSY_TIMEOUT_MS = 5000,
    CHECKPOINT_PAGES = 1000 // of log, 4 MiB at the default page size
};

static const int64_t MMAP_SIZE = INT64_C(256) * 1024 * 1024;
static const int64_t JOURNAL_SIZE_LIMIT = INT64_C(64) * 1024 * 1024;

void *dbc__sqlite_new(const dbc_alloc *alloc, size_t size)
{
    void *block = alloc->resize(alloc->ud, NULL, 0, size);

    if (block != NULL) memset(block, 0, size);
    return block;
}

void dbc__sqlite_delete(const dbc_alloc *alloc, void *ptr, size_t size)
{
    if (ptr != NULL) alloc->resize(alloc->ud, ptr, size, 0);
}

// Neither in memory nor temporary.
static int is_file(const char *path)
{
    return path[0] != '\0' && strcmp(path, ":memory:") != 0;
}

// Opening a directory for reading succeeds, and a pipe blocks: both are
// refused before SQLite sees them. A VFS of the host has its own names.
static int check_path(const char *path, const dbc_open_options *open,
                      dbc_error *err)
{
    struct stat info;

    if (!is_file(path) || open->vfs != NULL || stat(path, &info) != 0 ||
        S_ISREG(info.st_mode) || S_ISBLK(info.st_mode))
        return DBC_OK;
    return dbc__sqlite_cannot_open(err, path, open->flags, SQLITE_CANTOPEN);
}

static int make_db(dbc__sqlite **out, const dbc_driver_options *options)
{
    const dbc_alloc *alloc = options->alloc;
    size_t size = strlen(options->path) + 1;
    dbc__sqlite *db = dbc__sqlite_new(alloc, sizeof *db);

    if (db == NULL) return DBC_ENOMEM;
    db->alloc = alloc;
    db->path = dbc__sqlite_new(alloc, size);
    if (db->path == NULL) {
        dbc__sqlite_delete(alloc, db, sizeof *db);
        return DBC_ENOMEM;
    }
    memcpy(db->path, options->path, size);
    db->path_size = size;
    atomic_init(&db->interrupts, 0);
    *out = db;
    return DBC_OK;
}

static int open_handle(dbc__sqlite *db, const dbc_open_options *open,
                       dbc_error *err)
{
    int flags =
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;

    if ((open->flags & DBC_OPEN_READONLY) != 0)
        flags |= SQLITE_OPEN_READONLY;
    else
        flags |= SQLITE_OPEN_READWRITE;
    if ((open->flags & (DBC_OPEN_READONLY | DBC_OPEN_EXISTING)) == 0)
        flags |= SQLITE_OPEN_CREATE;

    // A path is a path: where SQLite was built to read "file:" as a URI, the
    // leading "./" keeps it from doing so.
    int uri = strncmp(db->path, "file:", 5) == 0;
    char *name = sqlite3_mprintf("%s%s", uri ? "./" : "", db->path);
    if (name == NULL) return dbc__sqlite_nomem(err);
    int rc = sqlite3_open_v2(name, &db->handle, flags, open->vfs);
    sqlite3_free(name);

    if (rc == SQLITE_OK) return DBC_OK;
    if (db->handle == NULL || (rc & 0xFF) == SQLITE_NOMEM)
        return dbc__sqlite_nomem(err);
    if ((rc & 0xFF) == SQLITE_CANTOPEN)
        return dbc__sqlite_cannot_open(err, db->path, open->flags, rc);
    return dbc__sqlite_error(err, db, rc, 0);
}

static int set_switches(dbc__sqlite *db, const dbc_open_options *open,
                        dbc_error *err)
{
    unsigned flags = open->flags;
    int must_trust;

    int rc = dbc__sqlite_must_trust(&must_trust, db, open->schema, err);
    if (rc < 0) return rc;
    const struct {
        int option, on;
    } switches[] = {
        {SQLITE_DBCONFIG_ENABLE_FKEY, (flags & DBC_OPEN_NO_FOREIGN_KEYS) == 0},
        {SQLITE_DBCONFIG_DEFENSIVE, (flags & DBC_OPEN_NOT_DEFENSIVE) == 0},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA,
         (flags & DBC_OPEN_TRUSTED_SCHEMA) != 0 || must_trust},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
    };

    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        rc = sqlite3_db_config(db->handle, switches[i].option, switches[i].on,
                               (int *)NULL);
        // Old versions do not know every switch: they have nothing to switch.
        if (rc != SQLITE_OK && rc != SQLITE_ERROR)
            return dbc__sqlite_error(err, db, rc, 0);
    }
    return DBC_OK;
}

static int run_sql(dbc__sqlite *db, const char *sql, dbc_error *err)
{
    int rc = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

    if (rc == SQLITE_OK) return DBC_OK;
    dbc__sqlite_error(err, db, rc, 0);
    err->offset = -1; // the text is not the caller's
    return err->code;
}

// Reads the header and the whole schema.
static int probe(dbc__sqlite *db, const dbc_open_options *open, dbc_error *err)
{
    int rc = run_sql(db, "SELECT 1 FROM sqlite_schema LIMIT 1", err);

    if (rc == DBC_ECANTOPEN)
        return dbc__sqlite_cannot_open(err, db->path, open->flags, err->native);
    // A schema that does not parse is a damaged file, not a mistake in SQL.
    if (rc == DBC_ESYNTAX || rc == DBC_EDATABASE) err->code = DBC_ECORRUPT;
    return rc < 0 ? err->code : DBC_OK;
}

// Asks for WAL once; `in_wal` tells whether it was given.
static int ask_for_wal(dbc__sqlite *db, int *in_wal)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db->handle, "PRAGMA journal_mode = WAL", -1,
                                &stmt, NULL);

    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        const char *mode = (const char *)sqlite3_column_text(stmt, 0);
        *in_wal = mode != NULL && sqlite3_stricmp(mode, "wal") == 0;
        rc = sqlite3_step(stmt);
    }
    sqlite3_finalize(stmt);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

// SQLite does not wait when somebody else keeps it from switching, so that is
// done here.
static int switch_to_wal(dbc__sqlite *db, dbc_error *err)
{
    int64_t until_ns = dbc__sqlite_wait_end(db);
    int in_wal = 0;
    int rc = ask_for_wal(db, &in_wal);

    for (int count = 0; (rc & 0xFF) == SQLITE_BUSY &&
                        dbc__sqlite_wait_again(db, count, until_ns);
         count++)
        rc = ask_for_wal(db, &in_wal);
    if (rc != SQLITE_OK) {
        dbc__sqlite_error(err, db, rc, 0);
        err->offset = -1;
        return err->code;
    }
    if (in_wal) return DBC_OK;
    return dbc_error_set(err, DBC_EUNSUPPORTED,
                         "\"%.200s\" cannot use WAL where it is: open it with "
                         "the pragma journal_mode = \"delete\"",
                         db->path);
}

static int wants_wal(const dbc__sqlite *db, const dbc_open_options *open)
{
    return is_file(db->path) && !sqlite3_db_readonly(db->handle, "main") &&
           !dbc__sqlite_pragma_given(open, "journal_mode");
}

static int apply_settings(dbc__sqlite *db, const dbc_open_options *open,
                          dbc_error *err)
{
    // EXTRA is FULL, and syncs the folder behind the unlinking of a journal:
    // without that a commit in that mode may be undone by a power cut.
    static const int levels[] = {[DBC_DURABILITY_FULL] = 3,
                                 [DBC_DURABILITY_NORMAL] = 1,
                                 [DBC_DURABILITY_OFF] = 0};
    int64_t mmap_size = open->mmap_size;
    char sql[256];

    if (mmap_size == 0) mmap_size = MMAP_SIZE;
    if (mmap_size < 0) mmap_size = 0;
    snprintf(sql, sizeof sql,
             "PRAGMA synchronous = %d;"
             "PRAGMA mmap_size = %" PRId64 ";"
             "PRAGMA journal_size_limit = %" PRId64 ";"
             "PRAGMA temp_store = memory",
             levels[open->durability], mmap_size, JOURNAL_SIZE_LIMIT);
    return run_sql(db, sql, err);
}

static int configure(dbc__sqlite *db, const dbc_open_options *open,
                     dbc_error *err)
{
    int timeout_ms = open->busy_timeout_ms;

    if (timeout_ms == 0) timeout_ms = BUSY_TIMEOUT_MS;
    dbc__sqlite_wait_init(db, timeout_ms < 0 ? 0 : timeout_ms);

    int rc = set_switches(db, open, err);
    if (rc == DBC_OK) rc = probe(db, open, err);
    if (rc == DBC_OK) rc = dbc__sqlite_pragma_create(db, open, err);
    if (rc == DBC_OK) rc = apply_settings(db, open, err);
    if (rc == DBC_OK && wants_wal(db, open)) rc = switch_to_wal(db, err);
    if (rc < 0) return rc;

    if (!sqlite3_db_readonly(db->handle, "main"))
        dbc__sqlite_checkpoint_init(db, CHECKPOINT_PAGES);
    int native = dbc__sqlite_list_register(db->handle);
    if (native == SQLITE_OK) native = dbc__sqlite_require_register(db->handle);
    if (native != SQLITE_OK) return dbc__sqlite_error(err, db, native, 0);
    return dbc__sqlite_pragma_run(db, open, err);
}

int dbc__sqlite_open(void **out, const dbc_driver_options *options,
                     dbc_error *err)
{
    const dbc_open_options *open = options->open;
    dbc__sqlite *db = NULL;
    int rc;

    if ((unsigned)open->durability > DBC_DURABILITY_OFF)
        return dbc_error_set(err, DBC_EINVALID, "there is no durability %d",
                             (int)open->durability);
    rc = dbc__sqlite_pragma_check(open, err);
    if (rc < 0) return rc;
    rc = check_path(options->path, open, err);
    if (rc < 0) return rc;
    if (make_db(&db, options) < 0) return dbc__sqlite_nomem(err);

    rc = open_handle(db, open, err);
    if (rc == DBC_OK) rc = configure(db, open, err);
    if (rc < 0) {
        dbc__sqlite_close(db);
        return rc;
    }
    dbc__sqlite_look_for_twin(db);
    *out = db;
    return DBC_OK;
}

void dbc__sqlite_close(void *ud)
{
    dbc__sqlite *db = ud;

    if (db == NULL) return;
    dbc__sqlite_guard_end(db);
    sqlite3_close_v2(db->handle);
    dbc__sqlite_delete(db->alloc, db->path, db->path_size);
    dbc__sqlite_delete(db->alloc, db, sizeof *db);
}
