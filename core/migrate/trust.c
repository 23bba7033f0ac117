// A connection is opened without trust in what a file says, unless the schema
// it is opened with needs it: a full-text index, and functions of JSON, which
// some versions of the engine take for harmful. A migration may be older than
// that schema, or newer; who wrote it is the program, so its text is what
// counts.
#include "trust.h"

#include <string.h>

#include "conn.h"
#include "name.h"
#include "stmt.h"

// Whether `text` holds the word, in any case.
static int mentions(const char *text, const char *word)
{
    size_t len = strlen(word);
    size_t left = text != NULL ? strlen(text) : 0;

    for (; left >= len; text++, left--)
        if (dbc__name_equal(text, len, word, len)) return 1;
    return 0;
}

static int needs_trust(const dbc_migrator *migrator)
{
    static const char *const words[] = {"fts5", "json", "->"};

    for (size_t i = 0; i < migrator->count; i++)
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            if (mentions(migrator->items[i].source, words[w])) return 1;
    return 0;
}

int dbc__trust_ask(int *out, dbc_conn *conn)
{
    static const char sql[] = "PRAGMA trusted_schema";
    dbc_stmt *stmt = NULL;
    int rc = dbc_stmt_acquire(&stmt, conn, sql, sizeof sql - 1);

    if (rc < 0) return rc;
    rc = dbc_stmt_step(stmt);
    // An engine without that setting trusts no more and no less.
    *out = rc != DBC_ROW || dbc_stmt_int(stmt, 0) != 0;
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

int dbc__trust_give(dbc_conn *conn, const dbc_migrator *migrator)
{
    static const char on[] = "PRAGMA trusted_schema = ON";
    int trusts = 1;

    if (!needs_trust(migrator)) return 0;
    int rc = dbc__trust_ask(&trusts, conn);
    if (rc < 0 || trusts) return rc;
    rc = dbc_exec(conn, on, sizeof on - 1);
    return rc < 0 ? rc : 1;
}

int dbc__trust_take(dbc_conn *conn)
{
    static const char off[] = "PRAGMA trusted_schema = OFF";

    for (int i = 0; i < 2; i++)
        if (dbc_exec(conn, off, sizeof off - 1) >= 0) return DBC_OK;
    conn->broken = "the schema in the file could not be distrusted again";
    return dbc__conn_check(conn);
}
