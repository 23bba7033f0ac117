/**
 * Backup, restore and checkpoint: what only an engine can do. A driver that
 * lacks one of these answers DBC_EUNSUPPORTED.
 */
#ifndef DBCORE_SERVICE_H
#define DBCORE_SERVICE_H

#include <stdint.h>

#include "conn.h"
#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

/** `done` of `total` pages. Anything but 0 stops: DBC_EINTERRUPTED. */
typedef int (*dbc_progress)(void *ud, int64_t done, int64_t total);

/**
 * Copies the database as it is now to the file `path`, while others go on
 * reading and writing. The copy is made beside the target, verified, brought
 * to the disk and then renamed into place: `path` is the old file or the whole
 * new one, at any moment. It is a single file, without a log beside it.
 * `progress` may be NULL.
 *
 * DBC_EINVALID inside a transaction that writes, or when `path` is the
 * database itself or a file that is in use with its own journal.
 */
DBC_API int dbc_backup(dbc_conn *conn, const char *path, dbc_progress progress,
                       void *ud);

/**
 * Replaces the content of the database by that of the file `path`, in one
 * transaction: other connections see all of it or nothing. The file is
 * verified before. Refused inside a transaction, while statements run, and
 * when the pages of both have different sizes (DBC_EUNSUPPORTED).
 */
DBC_API int dbc_restore(dbc_conn *conn, const char *path, dbc_progress progress,
                        void *ud);

/** How far a checkpoint goes, and whom it waits for. */
typedef enum dbc_checkpoint_mode {
    DBC_CHECKPOINT_FULL,    /* all pages of the log into the file */
    DBC_CHECKPOINT_RESTART, /* and the next writer starts the log anew */
    DBC_CHECKPOINT_TRUNCATE /* and the log has length 0 */
} dbc_checkpoint_mode;

/** What a checkpoint has done. */
typedef struct dbc_checkpoint_info {
    int busy;           /* 1: readers or writers kept it from being complete */
    int64_t log_pages;  /* in the log, -1 when there is none; when it is busy,
                           as many as its file has room for */
    int64_t done_pages; /* of these, known to be in the file now */
} dbc_checkpoint_info;

/** Moves the log into the file. An incomplete one is DBC_OK with `busy` 1. */
DBC_API int dbc_checkpoint(dbc_checkpoint_info *out, dbc_conn *conn,
                           dbc_checkpoint_mode mode);

#ifdef __cplusplus
}
#endif

#endif
