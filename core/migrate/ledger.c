// Reading and writing the ledger, in plain SQL.
#include "ledger.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "error.h"

#define LEDGER "main.dbcore_migrations"

enum { HOST_SIZE = 256, CLAIM_DAYS = 1, DAY = 24 * 60 * 60 };

static const char *const VERBS[DBC__LEDGER_VERB_COUNT] = {
    "up", "down", "baseline", "repair", "forget", "running"};

static const char CREATE[] =
    "CREATE TABLE IF NOT EXISTS " LEDGER " ("
    "id INTEGER PRIMARY KEY, version TEXT NOT NULL, name TEXT NOT NULL, "
    "direction TEXT NOT NULL, checksum TEXT NOT NULL, source TEXT, plan TEXT, "
    "fingerprint TEXT, schema TEXT, applied_at INTEGER NOT NULL, "
    "duration_ms INTEGER NOT NULL, dbcore TEXT NOT NULL, sqlite TEXT NOT NULL, "
    "host TEXT NOT NULL, pid INTEGER NOT NULL) STRICT";

static const char EXISTS[] = "SELECT 1 FROM main.sqlite_master WHERE "
                             "type = 'table' AND name = 'dbcore_migrations'";

static const char READ[] =
    "SELECT version, name, direction, checksum, source, fingerprint, schema, "
    "applied_at, duration_ms, host, pid FROM " LEDGER " ORDER BY id";

static const char FORGET_SCHEMAS[] =
    "UPDATE " LEDGER " SET schema = NULL WHERE schema IS NOT NULL";

static const char ADD[] =
    "INSERT INTO " LEDGER " (version, name, direction, checksum, source, plan, "
    "fingerprint, schema, applied_at, duration_ms, dbcore, sqlite, host, pid) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, sqlite_version(), ?, ?)";

static const char CLAIMS[] = "SELECT id, host, pid, applied_at FROM " LEDGER
                             " WHERE direction = 'running'";

static const char UNCLAIM[] = "DELETE FROM " LEDGER " WHERE id = ?";

static const char RELEASE[] = "DELETE FROM " LEDGER " WHERE direction = "
                              "'running' AND host = ? AND pid = ?";

static const char DROP[] = "DROP TABLE " LEDGER;

static const char IS_EMPTY[] = "SELECT NOT EXISTS (SELECT 1 FROM " LEDGER ")";

// -------------------------------------------------------------- small helpers

static int acquire(dbc_stmt **out, dbc_conn *conn, const char *sql)
{
    return dbc_stmt_acquire(out, conn, sql, strlen(sql));
}

static dbc_value text_or_null(const char *text)
{
    return text == NULL ? dbc_value_null() : dbc_value_text(text, strlen(text));
}

static int run(dbc_conn *conn, const char *sql, const dbc_value *values,
               size_t count)
{
    dbc_stmt *stmt = NULL;
    int rc = acquire(&stmt, conn, sql);

    if (rc < 0) return rc;
    rc = dbc_stmt_run(stmt, values, count, NULL);
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

// Whether a statement without values gives an integer other than 0.
static int ask(dbc_conn *conn, const char *sql)
{
    dbc_stmt *stmt = NULL;
    int answer = 0, rc = acquire(&stmt, conn, sql);

    if (rc < 0) return rc;
    rc = dbc_stmt_step(stmt);
    if (rc == DBC_ROW) answer = dbc_stmt_int(stmt, 0) != 0;
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : answer;
}

// The name of this machine; "" when it has none.
static const char *host_name(char out[HOST_SIZE])
{
    if (gethostname(out, HOST_SIZE) != 0) out[0] = '\0';
    out[HOST_SIZE - 1] = '\0';
    return out;
}

// -------------------------------------------------------------------- reading

// A copy of a text value; NULL for none. `*nomem` is set when memory is out.
static const char *keep(dbc__arena *arena, const dbc_value *value, int *nomem)
{
    char *kept;

    if (value->type != DBC_TEXT) return NULL;
    kept = dbc__arena_copy(arena, value->as.text, value->len);
    if (kept == NULL) *nomem = 1;
    return kept;
}

static dbc__ledger_verb verb_of(const dbc_value *value)
{
    for (int i = 0; i < DBC__LEDGER_VERB_COUNT; i++) {
        if (value->type == DBC_TEXT && value->len == strlen(VERBS[i]) &&
            memcmp(value->as.text, VERBS[i], value->len) == 0)
            return (dbc__ledger_verb)i;
    }
    return DBC__LEDGER_VERB_COUNT;
}

static int64_t integer(const dbc_value *value)
{
    return value->type == DBC_INT ? value->as.i : 0;
}

static int read_row(dbc__ledger_row *row, dbc__arena *arena, dbc_stmt *stmt)
{
    const dbc_value *values = dbc_stmt_row(stmt);
    int nomem = 0;

    row->version = keep(arena, &values[0], &nomem);
    row->name = keep(arena, &values[1], &nomem);
    row->verb = verb_of(&values[2]);
    row->checksum = keep(arena, &values[3], &nomem);
    row->source = keep(arena, &values[4], &nomem);
    row->plan = NULL;
    row->fingerprint = keep(arena, &values[5], &nomem);
    row->schema = keep(arena, &values[6], &nomem);
    row->applied_at = integer(&values[7]);
    row->duration_ms = integer(&values[8]);
    row->host = keep(arena, &values[9], &nomem);
    row->pid = integer(&values[10]);
    return nomem ? DBC_ENOMEM : DBC_OK;
}

// Room for one row more: twice as much each time.
static int reserve(dbc__ledger *ledger, dbc__arena *arena)
{
    size_t cap = ledger->count == 0 ? 16 : 2 * ledger->count;
    dbc__ledger_row *rows;

    if (ledger->count != 0 &&
        (ledger->count < 16 || (ledger->count & (ledger->count - 1)) != 0))
        return DBC_OK;
    rows = dbc__arena_take_array(arena, cap, sizeof *rows);
    if (rows == NULL) return DBC_ENOMEM;
    if (ledger->count > 0)
        memcpy(rows, ledger->rows, ledger->count * sizeof *rows);
    ledger->rows = rows;
    return DBC_OK;
}

static int keep_row(dbc__ledger *out, dbc__arena *arena, dbc_stmt *stmt)
{
    dbc__ledger_row row;
    int rc = read_row(&row, arena, stmt);

    if (rc < 0) return rc;
    if (row.verb == DBC__LEDGER_RUNNING) {
        out->claim = row;
        return DBC_OK;
    }
    // A verb of a later version of dbcore: not for us to judge.
    if (row.verb == DBC__LEDGER_VERB_COUNT || row.version == NULL ||
        row.name == NULL)
        return DBC_OK;
    rc = reserve(out, arena);
    if (rc < 0) return rc;
    out->rows[out->count++] = row;
    return DBC_OK;
}

int dbc__ledger_read(dbc__ledger *out, dbc__arena *arena, dbc_conn *conn)
{
    dbc__ledger found = {0};
    dbc_stmt *stmt = NULL;
    int rc = ask(conn, EXISTS);

    if (rc < 0) return rc;
    found.exists = rc;
    *out = found;
    if (!found.exists) return DBC_OK;
    rc = acquire(&stmt, conn, READ);
    if (rc < 0) return rc;
    while ((rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        rc = keep_row(&found, arena, stmt);
        if (rc < 0) {
            dbc__error_nomem(&conn->error);
            break;
        }
    }
    dbc_stmt_release(stmt);
    if (rc >= 0) *out = found;
    return rc < 0 ? rc : DBC_OK;
}

// -------------------------------------------------------------------- writing

int dbc__ledger_create(dbc_conn *conn)
{
    return dbc_exec(conn, CREATE, sizeof CREATE - 1);
}

int dbc__ledger_add(dbc_conn *conn, const dbc__ledger_row *row)
{
    char host[HOST_SIZE];
    const dbc_value values[] = {
        text_or_null(row->version),
        text_or_null(row->name),
        text_or_null(VERBS[row->verb]),
        text_or_null(row->checksum == NULL ? "" : row->checksum),
        text_or_null(row->source),
        text_or_null(row->plan),
        text_or_null(row->fingerprint),
        text_or_null(row->schema),
        dbc_value_int((int64_t)time(NULL)),
        dbc_value_int(row->duration_ms),
        text_or_null(dbc_version()),
        text_or_null(host_name(host)),
        dbc_value_int((int64_t)getpid())};
    int rc = DBC_OK;

    if (row->schema != NULL) rc = run(conn, FORGET_SCHEMAS, NULL, 0);
    return rc < 0 ? rc : run(conn, ADD, values, sizeof values / sizeof *values);
}

// --------------------------------------------------------------------- claims

// Whether a process of this machine is still there. One that may not be asked
// is.
static int is_alive(int64_t pid)
{
    return kill((pid_t)pid, 0) == 0 || errno != ESRCH;
}

static int is_stale(const dbc_value *row, const char *host)
{
    int ours = row[1].type == DBC_TEXT && row[1].len == strlen(host) &&
               memcmp(row[1].as.text, host, row[1].len) == 0;

    if (integer(&row[3]) < (int64_t)time(NULL) - (int64_t)CLAIM_DAYS * DAY)
        return 1;
    return ours && (integer(&row[2]) == (int64_t)getpid() ||
                    !is_alive(integer(&row[2])));
}

static int remove_stale(dbc_conn *conn, const char *host)
{
    dbc_stmt *stmt = NULL;
    int rc = acquire(&stmt, conn, CLAIMS);

    if (rc < 0) return rc;
    while ((rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        dbc_value id = dbc_stmt_row(stmt)[0];

        if (!is_stale(dbc_stmt_row(stmt), host)) continue;
        rc = run(conn, UNCLAIM, &id, 1);
        if (rc < 0) break;
    }
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

int dbc__ledger_claim(dbc_conn *conn, const char *version, const char *name)
{
    dbc__ledger_row row = {
        .verb = DBC__LEDGER_RUNNING, .version = version, .name = name};
    char host[HOST_SIZE];
    int rc = remove_stale(conn, host_name(host));

    return rc < 0 ? rc : dbc__ledger_add(conn, &row);
}

int dbc__ledger_release(dbc_conn *conn, int table)
{
    char host[HOST_SIZE];
    dbc_value values[2];
    int rc;

    values[0] = text_or_null(host_name(host));
    values[1] = dbc_value_int((int64_t)getpid());
    rc = run(conn, RELEASE, values, 2);
    if (rc < 0 || !table) return rc;
    rc = ask(conn, IS_EMPTY);
    if (rc <= 0) return rc;
    return dbc_exec(conn, DROP, sizeof DROP - 1);
}
