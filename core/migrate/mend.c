// Writing into the ledger what was not run: a baseline, and repairs. The
// database itself stays as it is.
#include <string.h>

#include "buf.h"
#include "error.h"
#include "step.h"

// What both do: in one transaction, with the ledger as it is now.
typedef struct mending {
    dbc_conn *conn;
    dbc_history *history;
    char now[DBC__DIGEST_SIZE]; // the database as it is
    dbc_buf text;
    const char *picture, *schema; // that holds from now on
    size_t count;                 // rows written
} mending;

static int open_mending(mending *m, const dbc_migrator *migrator)
{
    int rc = dbc__ledger_create(m->conn);

    if (rc >= 0) rc = dbc_history_read(&m->history, migrator, m->conn);
    return rc < 0 ? rc : dbc__step_picture(m->now, &m->text, m->conn);
}

// A row about one entry, with the picture of the database that holds from now
// on.
static int add_row(mending *m, dbc__ledger_verb verb, size_t i)
{
    const dbc_history_entry *entry = &m->history->entries[i];
    const dbc__known *known = m->history->details[i].known;
    const dbc__ledger_row row = {
        .verb = verb,
        .version = entry->version,
        .name = entry->name,
        .checksum = known != NULL ? known->checksum : entry->applied_checksum,
        .source = known != NULL ? known->source : NULL,
        .fingerprint = m->picture,
        .schema = m->schema};

    m->count++;
    return dbc__ledger_add(m->conn, &row);
}

// From now on the database is meant to be as it is.
static void take_picture(mending *m)
{
    m->picture = m->now;
    m->schema = m->text.data == NULL ? "" : m->text.data;
}

// It is meant to be as the ledger has it, whatever it is.
static void keep_picture(mending *m)
{
    m->picture = m->history->fingerprint;
    m->schema = m->history->schema;
}

typedef int (*mender)(mending *m, const void *how);

static int mend(size_t *mended, const dbc_migrator *migrator, dbc_conn *conn,
                mender act, const void *how)
{
    mending m = {.conn = conn};
    dbc_txn txn;
    int rc;

    if (mended != NULL) *mended = 0;
    rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    dbc__buf_init(&m.text, conn->alloc);
    rc = dbc_txn_begin(&txn, conn, DBC_TXN_IMMEDIATE);
    if (rc < 0) goto cleanup;
    rc = open_mending(&m, migrator);
    if (rc >= 0) rc = act(&m, how);
    // Nothing to mend leaves nothing behind, not even the table.
    if (rc >= 0 && m.count > 0) rc = dbc_txn_commit(&txn);
    if (rc < 0 || m.count == 0) dbc_txn_rollback(&txn);
    if (rc >= 0 && mended != NULL) *mended = m.count;

cleanup:
    dbc_history_free(m.history);
    dbc__buf_dispose(&m.text);
    return rc < 0 ? rc : DBC_OK;
}

// ------------------------------------------------------------------- baseline

typedef struct baseline {
    const char *version, *fingerprint; // or NULL
} baseline;

static int mark(mending *m, const void *ud)
{
    const baseline *how = ud;
    int rc = DBC_OK, found = how->version == NULL;

    take_picture(m);
    if (how->fingerprint != NULL && strcmp(how->fingerprint, m->now) != 0)
        return dbc__conn_fail(m->conn, DBC_EDRIFT,
                              "the database is not what the migrations lead "
                              "to: nothing was marked as applied");
    for (size_t i = 0; i < m->history->count; i++)
        if (how->version != NULL &&
            dbc__version_compare(m->history->entries[i].version,
                                 how->version) == 0)
            found = 1;
    if (!found)
        return dbc__conn_fail(m->conn, DBC_ENOTFOUND,
                              "there is no migration \"%.40s\"", how->version);
    for (size_t i = 0; rc >= 0 && i < m->history->count; i++) {
        const dbc_history_entry *entry = &m->history->entries[i];

        if (how->version != NULL &&
            dbc__version_compare(entry->version, how->version) > 0)
            break;
        if (entry->state == DBC_MIGRATION_PENDING ||
            entry->state == DBC_MIGRATION_OUT_OF_ORDER)
            rc = add_row(m, DBC__LEDGER_BASELINE, i);
    }
    return rc;
}

int dbc_migrate_baseline(const dbc_migrator *migrator, dbc_conn *conn,
                         const char *version, const char *fingerprint)
{
    const baseline how = {version, fingerprint};

    return mend(NULL, migrator, conn, mark, &how);
}

// --------------------------------------------------------------------- repair

// The last one that is applied, for what is said of the whole database.
static int find_last(size_t *out, const dbc_history *history)
{
    int found = 0;

    for (size_t i = 0; i < history->count; i++) {
        if (history->details[i].applied == NULL) continue;
        if (found && history->details[i].order < history->details[*out].order)
            continue;
        *out = i;
        found = 1;
    }
    return found;
}

static int repair(mending *m, const void *ud)
{
    unsigned what = *(const unsigned *)ud;
    int rc = DBC_OK;
    size_t last = 0;

    if (what & DBC_REPAIR_SCHEMA)
        take_picture(m);
    else
        keep_picture(m);
    for (size_t i = 0; rc >= 0 && i < m->history->count; i++) {
        dbc_migration_state state = m->history->entries[i].state;

        if (state == DBC_MIGRATION_EDITED && (what & DBC_REPAIR_CHECKSUMS))
            rc = add_row(m, DBC__LEDGER_REPAIR, i);
        if ((state == DBC_MIGRATION_MISSING || state == DBC_MIGRATION_NEWER) &&
            (what & DBC_REPAIR_MISSING))
            rc = add_row(m, DBC__LEDGER_FORGET, i);
    }
    if (rc < 0 || !(what & DBC_REPAIR_SCHEMA) || m->count > 0) return rc;
    if (m->history->fingerprint == NULL ||
        strcmp(m->history->fingerprint, m->now) == 0 ||
        !find_last(&last, m->history))
        return DBC_OK;
    return add_row(m, DBC__LEDGER_REPAIR, last);
}

int dbc_migrate_repair(size_t *mended, const dbc_migrator *migrator,
                       dbc_conn *conn, unsigned what)
{
    return mend(mended, migrator, conn, repair, &what);
}
