/**
 * What a call returns: zero is well, positive is news, negative is trouble. The
 * list of all codes stands here and nowhere else.
 */
#ifndef DBCORE_STATUS_H
#define DBCORE_STATUS_H

#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Every status there is: name, number, the word that Lua and JSON use for it,
 * and what it means. The enum, the words and the texts come from this list,
 * so they cannot disagree.
 */
#define DBC_STATUS_MAP(X)                                                      \
    X(OK, 0, "ok", "no error")                                                 \
    X(ROW, 1, "row", "a row is ready")                                         \
    X(DONE, 2, "done", "there are no more rows")                               \
    X(EINVALID, -1, "invalid", "the call is wrong as it was made")             \
    X(ENOMEM, -2, "no_memory", "out of memory")                                \
    X(ELIMIT, -3, "limit", "a limit was reached")                              \
    X(ESCHEMA, -4, "schema", "the schema does not allow it")                   \
    X(ESYNTAX, -5, "syntax", "the text of SQL or of a search is wrong")        \
    X(EUNSUPPORTED, -6, "unsupported", "this database cannot do that")         \
    X(ECLOSED, -7, "closed", "the handle is closed")                           \
    X(EBUSY, -8, "busy", "another connection holds the lock")                  \
    X(EREADONLY, -9, "readonly", "the database is read-only")                  \
    X(ECORRUPT, -10, "corrupt", "the file is damaged or no database")          \
    X(EFULL, -11, "full", "the disk or the database is full")                  \
    X(EIO, -12, "io", "reading or writing the file failed")                    \
    X(ECANTOPEN, -13, "cannot_open", "the file cannot be opened")              \
    X(EINTERRUPTED, -14, "interrupted", "the statement was interrupted")       \
    X(ETIMEOUT, -15, "timeout", "the time ran out")                            \
    X(EDENIED, -16, "denied", "access was denied")                             \
    X(ENOTFOUND, -17, "not_found", "there is no such row")                     \
    X(ECONFLICT, -18, "conflict", "the row was changed by somebody else")      \
    X(EVALIDATION, -19, "validation", "a value breaks a rule of its column")   \
    X(EDRIFT, -20, "drift", "the database differs from its history")           \
    X(EBROKEN, -21, "broken", "the connection is broken: only close is left")  \
    X(EUNKNOWN, -22, "outcome_unknown", "whether it was committed is unknown") \
    X(EDATABASE, -23, "database", "the database reported an error")            \
    X(ECALLBACK, -24, "callback", "a callback failed")                         \
    X(EREFUSED, -25, "refused", "an answer is needed, nothing was changed")    \
    X(ESCRIPT, -26, "script", "a script failed")                               \
    X(EUNIQUE, -30, "constraint.unique", "a UNIQUE constraint failed")         \
    X(EFOREIGNKEY, -31, "constraint.foreign_key",                              \
      "a FOREIGN KEY constraint failed")                                       \
    X(ENOTNULL, -32, "constraint.not_null", "a NOT NULL constraint failed")    \
    X(ECHECK, -33, "constraint.check", "a CHECK constraint failed")            \
    X(EDATATYPE, -34, "constraint.type",                                       \
      "a value does not fit the type of a STRICT column")                      \
    X(ETRIGGER, -35, "constraint.trigger", "a trigger refused the change")     \
    X(ECONSTRAINT, -36, "constraint", "a constraint failed")

/** What a call came to: zero is well, positive news, negative trouble. */
typedef enum dbc_status {
#define DBC_STATUS_ENUM(name, number, word, text) DBC_##name = number,
    DBC_STATUS_MAP(DBC_STATUS_ENUM)
#undef DBC_STATUS_ENUM
} dbc_status;

/** The word of a status, such as "constraint.unique". Static; never NULL. */
DBC_API const char *dbc_status_word(int status);

/** The status whose word this is; DBC_OK when no status has it. */
DBC_API int dbc_status_of_word(const char *word);

/** What a status means, in a few words. Static; never NULL. */
DBC_API const char *dbc_status_text(int status);

#ifdef __cplusplus
}
#endif

#endif
