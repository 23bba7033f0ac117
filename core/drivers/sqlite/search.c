// Which failure is one of a search is told by the words of SQLite's message:
// it has no code for them.
#include "search.h"

#include <sqlite3.h>
#include <string.h>

#include "dbcore_driver.h"

static int starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

// Whether reading the text of a search gives such a message. Words that other
// failures begin with, too, count where there is a search.
static int is_malformed(const char *message, const char *sql)
{
    static const char *const OTHERS[] = {
        "unterminated string",
        "no such column: ",
        "unknown special query: ",
        "expected integer, got ",
    };

    if (starts_with(message, "fts5: ") ||
        starts_with(message, "fts5 expression tree"))
        return 1;
    if (sqlite3_strlike("%match%", sql, 0) != 0) return 0;
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        if (starts_with(message, OTHERS[i])) return 1;
    return 0;
}

void dbc__sqlite_blame_search(dbc_error *err, const char *sql)
{
    const dbc_error cause = *err;

    // What SQLite can point at in the statement's own text is not a search.
    if (cause.native != SQLITE_ERROR || cause.offset >= 0 || sql == NULL)
        return;
    if (is_malformed(cause.message, sql))
        dbc_error_set(err, DBC_ESYNTAX,
                      "the text of a full-text search is wrong, %s: what a "
                      "person typed goes through match_words",
                      cause.message);
    else if (starts_with(cause.message, "unable to use function "))
        dbc_error_set(err, DBC_EINVALID,
                      "%s: a full-text index is searched by a condition that "
                      "every row must meet, where it is not the optional side "
                      "of a right or full join",
                      cause.message);
    else
        return;
    err->native = cause.native;
}
