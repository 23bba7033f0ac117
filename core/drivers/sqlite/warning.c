// Warnings of one connection: found here, told to the host when it listens.
#define _GNU_SOURCE // dl_iterate_phdr, dladdr
#include "warning.h"

#include <inttypes.h>
#include <stdio.h>

#if defined(__GLIBC__)
#include <dlfcn.h>
#include <link.h>
#include <string.h>
#endif

enum { TELL_AT = 2 }; // incomplete checkpoints in a row

static void tell(dbc__sqlite *db, const dbc_warning *warning)
{
    if (db->on_warning != NULL) db->on_warning(db->on_warning_ud, warning);
}

// --------------------------------------------------------------- a second copy

#if defined(__GLIBC__)

// The function that asks for its version, in our own copy.
static const char *(*const own_version)(void) = sqlite3_libversion;

static int is_twin(const char *path)
{
    void *library = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
    void *found = NULL, *own;
    Dl_info here, there;

    if (library == NULL) return 0;
    found = dlsym(library, "sqlite3_libversion");
    dlclose(library);
    memcpy(&own, &own_version, sizeof own);
    if (found == NULL || found == own) return 0;
    // A program that exports SQLite is looked up under several addresses.
    return dladdr(found, &there) != 0 && dladdr(own, &here) != 0 &&
           there.dli_fbase != here.dli_fbase;
}

static int look_at(struct dl_phdr_info *info, size_t size, void *ud)
{
    dbc__sqlite *db = ud;

    (void)size;
    if (info->dlpi_name == NULL || info->dlpi_name[0] == '\0') return 0;
    if (!is_twin(info->dlpi_name)) return 0;
    snprintf(db->twin, sizeof db->twin, "%s", info->dlpi_name);
    return 1;
}

void dbc__sqlite_look_for_twin(dbc__sqlite *db)
{
    dl_iterate_phdr(look_at, db);
}

#else

void dbc__sqlite_look_for_twin(dbc__sqlite *db)
{
    (void)db;
}

#endif

static void tell_twin(dbc__sqlite *db)
{
    char message[400];
    dbc_warning warning = {DBC_WARNING_SECOND_ENGINE, message, 0, 0};

    if (db->twin[0] == '\0') return;
    snprintf(message, sizeof message,
             "a second copy of SQLite is in this process (%.200s): a file that "
             "both open loses its locks; link only one",
             db->twin);
    tell(db, &warning);
}

// ------------------------------------------------------------- a reader in the
// way

void dbc__sqlite_warn_pinned(dbc__sqlite *db)
{
    char message[400];
    dbc_warning warning = {DBC_WARNING_LOG_PINNED, message, 0, 0};

    if (db->pinned_count == 0) db->pinned_since_ns = dbc__sqlite_now_ns();
    if (++db->pinned_count < TELL_AT) return;
    warning.log_pages = db->wal_pages;
    warning.milliseconds =
        (dbc__sqlite_now_ns() - db->pinned_since_ns) / 1000000;
    snprintf(message, sizeof message,
             "the log of \"%.200s\" grows, %d pages by now: for %" PRId64
             " ms a reader has kept it from being moved into the file; end "
             "long reads",
             db->path, db->wal_pages, warning.milliseconds);
    tell(db, &warning);
}

void dbc__sqlite_unpin(dbc__sqlite *db)
{
    db->pinned_count = 0;
}

int dbc__sqlite_on_warning(void *ud,
                           void (*call)(void *ud, const dbc_warning *warning),
                           void *call_ud, dbc_error *err)
{
    dbc__sqlite *db = ud;

    (void)err;
    db->on_warning = call;
    db->on_warning_ud = call_ud;
    tell_twin(db);
    return DBC_OK;
}
