// Asking for orphans and telling new ones from old ones.
#include "orphans.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "name.h"

static const char SQL_ORPHANS[] =
    "SELECT \"table\", rowid, parent, fkid FROM pragma_foreign_key_check";

void dbc__orphans_dispose(dbc__orphans *orphans, dbc_conn *conn)
{
    dbc__alloc_free(conn->alloc, orphans->hashes,
                    orphans->cap * sizeof *orphans->hashes);
    *orphans = (dbc__orphans){0};
}

static uint64_t hash_value(uint64_t seed, const dbc_value *value)
{
    if (value->type == DBC_TEXT)
        return dbc__hash(seed, value->as.text, value->len);
    return dbc__hash_mix(seed, (uint64_t)value->as.i);
}

static uint64_t hash_row(const dbc_value *row)
{
    uint64_t hash = 1;

    for (int i = 0; i < 4; i++)
        hash = hash_value(hash, &row[i]);
    return hash;
}

static int add(dbc__orphans *orphans, dbc_conn *conn, uint64_t hash)
{
    size_t size = sizeof *orphans->hashes;

    if (orphans->count == orphans->cap) {
        size_t cap = orphans->cap == 0 ? 64 : 2 * orphans->cap;
        uint64_t *grown = dbc__alloc_resize(conn->alloc, orphans->hashes,
                                            orphans->cap * size, cap * size);
        if (grown == NULL) return dbc__error_nomem(&conn->error);
        orphans->hashes = grown;
        orphans->cap = cap;
    }
    orphans->hashes[orphans->count++] = hash;
    return DBC_OK;
}

static int compare_hashes(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return left < right ? -1 : left > right;
}

// Of each orphan its hash; `row_of` (may be NULL) is asked about every row and
// ends the reading with 1.
static int read_all(dbc__orphans *out, dbc_conn *conn)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn, SQL_ORPHANS, sizeof SQL_ORPHANS - 1);

    if (rc < 0) return rc;
    while ((rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        rc = add(out, conn, hash_row(dbc_stmt_row(stmt)));
        if (rc < 0) break;
    }
    dbc_stmt_release(stmt);
    if (rc < 0) return rc;
    if (out->count > 0)
        qsort(out->hashes, out->count, sizeof *out->hashes, compare_hashes);
    return DBC_OK;
}

int dbc__orphans_note(dbc__orphans *orphans, dbc_conn *conn)
{
    dbc__orphans found = {0};
    int rc = read_all(&found, conn);

    // A key that is no key of its parent fails the whole question.
    if (rc == DBC_EDATABASE || rc == DBC_ESYNTAX || rc == DBC_EFOREIGNKEY ||
        rc == DBC_ESCHEMA) {
        found.unknown = 1;
        rc = DBC_OK;
    }
    if (rc < 0) {
        dbc__orphans_dispose(&found, conn);
        return rc;
    }
    dbc__orphans_dispose(orphans, conn);
    *orphans = found;
    return DBC_OK;
}

static int has(const dbc__orphans *orphans, uint64_t hash)
{
    return orphans->count > 0 &&
           bsearch(&hash, orphans->hashes, orphans->count,
                   sizeof *orphans->hashes, compare_hashes) != NULL;
}

static int refuse(dbc_conn *conn, const dbc_value *row)
{
    dbc__quoted table, parent;
    dbc_error *err = &conn->error;

    dbc__quote(&table, row[0].as.text, row[0].len);
    dbc__quote(&parent, row[2].as.text, row[2].len);
    if (row[1].type == DBC_INT)
        dbc__error_set(err, DBC_EFOREIGNKEY,
                       "row %lld of %s points to a row of %s that is not there "
                       "afterwards: delete or mend such rows in the migration",
                       (long long)row[1].as.i, table.text, parent.text);
    else
        dbc__error_set(err, DBC_EFOREIGNKEY,
                       "a row of %s points to a row of %s that is not there "
                       "afterwards: delete or mend such rows in the migration",
                       table.text, parent.text);
    dbc__error_field(err->table, sizeof err->table, row[0].as.text, row[0].len);
    return DBC_EFOREIGNKEY;
}

// The first orphan that was none before.
static int name_new(const dbc__orphans *before, dbc_conn *conn)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn, SQL_ORPHANS, sizeof SQL_ORPHANS - 1);

    if (rc < 0) return rc;
    while ((rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        if (has(before, hash_row(dbc_stmt_row(stmt)))) continue;
        rc = refuse(conn, dbc_stmt_row(stmt));
        break;
    }
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

// How many of `now` were not there before. A table that was renamed brings its
// old orphans under a new name, and as many are gone under the old one.
static size_t count_new(const dbc__orphans *now, const dbc__orphans *before)
{
    size_t added = 0;

    for (size_t i = 0; i < now->count; i++)
        if (!has(before, now->hashes[i])) added++;
    return added;
}

int dbc__orphans_compare(dbc__orphans *orphans, dbc_conn *conn)
{
    dbc__orphans now = {0};
    int rc = read_all(&now, conn);

    if (rc < 0) {
        dbc__orphans_dispose(&now, conn);
        return orphans->unknown && rc != DBC_ENOMEM ? DBC_OK : rc;
    }
    if (!orphans->unknown &&
        count_new(&now, orphans) > count_new(orphans, &now))
        rc = name_new(orphans, conn);
    dbc__orphans_dispose(orphans, conn);
    *orphans = now;
    return rc;
}
