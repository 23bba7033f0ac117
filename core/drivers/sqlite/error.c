// From SQLite's result codes and messages to a dbc_error. What was refused
// keeps SQLite's own first words, because people search for them; where they
// say too little, what to do about it follows.
#include "error.h"

#include <stdio.h>
#include <string.h>

#include "file_error.h"
#include "guard.h"
#include "place.h"

enum { MESSAGE_SIZE = 4096 }; // of SQLite, as far as it is read

int dbc__sqlite_nomem(dbc_error *err)
{
    dbc_error_set(err, DBC_ENOMEM, "out of memory");
    return DBC_ENOMEM;
}

// ------------------------------------------------------------------ codes

static int constraint_status(int rc)
{
    switch (rc) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        return DBC_EUNIQUE;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return DBC_EFOREIGNKEY;
    case SQLITE_CONSTRAINT_NOTNULL:
        return DBC_ENOTNULL;
    case SQLITE_CONSTRAINT_CHECK:
        return DBC_ECHECK;
    case SQLITE_CONSTRAINT_DATATYPE:
        return DBC_EDATATYPE;
    case SQLITE_CONSTRAINT_TRIGGER:
        return DBC_ETRIGGER;
    case SQLITE_CONSTRAINT_COMMITHOOK:
        return DBC_ECALLBACK;
    default:
        return DBC_ECONSTRAINT;
    }
}

int dbc__sqlite_status(int rc)
{
    if (rc == SQLITE_IOERR_NOMEM) return DBC_ENOMEM;
    if (rc == SQLITE_LOCKED_SHAREDCACHE) return DBC_EBUSY;
    switch (rc & 0xFF) {
    case SQLITE_OK:
        return DBC_OK;
    case SQLITE_CONSTRAINT:
        return constraint_status(rc);
    case SQLITE_BUSY:
    case SQLITE_PROTOCOL:
        return DBC_EBUSY;
    case SQLITE_READONLY:
        return DBC_EREADONLY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return DBC_ECORRUPT;
    case SQLITE_FULL:
        return DBC_EFULL;
    case SQLITE_IOERR:
    case SQLITE_NOLFS:
        return DBC_EIO;
    case SQLITE_CANTOPEN:
        return DBC_ECANTOPEN;
    case SQLITE_INTERRUPT:
        return DBC_EINTERRUPTED;
    case SQLITE_NOMEM:
        return DBC_ENOMEM;
    case SQLITE_TOOBIG:
        return DBC_ELIMIT;
    case SQLITE_AUTH:
    case SQLITE_PERM:
        return DBC_EDENIED;
    case SQLITE_SCHEMA:
        return DBC_ESCHEMA;
    case SQLITE_MISMATCH:
        return DBC_EDATATYPE;
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_LOCKED:
        return DBC_EINVALID;
    default:
        return DBC_EDATABASE;
    }
}

// ------------------------------------------------- plain SQLITE_ERROR texts

typedef struct text_rule {
    const char *start;
    int code;
    const char *advice; // NULL: the message says enough
} text_rule;

// Read from above; the first that fits decides.
static const text_rule text_rules[] = {
    {"no such savepoint", DBC_EINVALID, NULL},
    {"no such function: REGEXP", DBC_ESCHEMA,
     "the operator calls a function regexp of yours: create one"},
    {"no such ", DBC_ESCHEMA, NULL},
    {"table ", DBC_ESCHEMA, NULL}, // already exists, has no column named, …
    {"view ", DBC_ESCHEMA, NULL},
    {"index ", DBC_ESCHEMA, NULL},
    {"trigger ", DBC_ESCHEMA, NULL},
    {"there is already ", DBC_ESCHEMA, NULL},
    {"duplicate column name", DBC_ESCHEMA, NULL},
    {"foreign key mismatch", DBC_ESCHEMA, NULL},
    {"error in ", DBC_ESCHEMA, NULL}, // of a view or trigger after ALTER TABLE
    {"cannot add ", DBC_ESCHEMA, NULL},
    {"Cannot add ", DBC_ESCHEMA, NULL},
    {"cannot drop ", DBC_ESCHEMA, NULL},
    {"cannot modify ", DBC_ESCHEMA, NULL},
    {"cannot UPDATE generated", DBC_ESCHEMA, NULL},
    {"cannot INSERT into generated", DBC_ESCHEMA, NULL},
    {"ON CONFLICT clause does not match", DBC_ESCHEMA,
     "name all columns of one of them"},
    {"HAVING clause on a non-aggregate query", DBC_EINVALID,
     "group the rows, or use a condition for each row"},
    {"unknown database", DBC_ESCHEMA, NULL},
    {"near \"", DBC_ESYNTAX, NULL},
    {"unrecognized token", DBC_ESYNTAX, NULL},
    {"incomplete input", DBC_ESYNTAX, NULL},
    {"cannot start a transaction", DBC_EINVALID, NULL},
    {"cannot commit", DBC_EINVALID, NULL},
    {"cannot rollback", DBC_EINVALID, NULL},
    {"cannot VACUUM", DBC_EINVALID, NULL},
    {"too many ", DBC_ELIMIT, NULL},
    {"Expression tree is too large", DBC_ELIMIT, NULL},
    {"parser stack overflow", DBC_ELIMIT, NULL},
    {"string or blob too big", DBC_ELIMIT, NULL},
    {"not authorized", DBC_EDENIED, NULL},
};

// `placed` says that SQLite pointed at a place in the text.
static void say_text(dbc_error *err, const char *message, int placed)
{
    for (size_t i = 0; i < sizeof text_rules / sizeof text_rules[0]; i++) {
        const text_rule *rule = &text_rules[i];
        if (strncmp(message, rule->start, strlen(rule->start)) != 0) continue;
        dbc_error_set(err, rule->code, "%s%s%s", message,
                      rule->advice != NULL ? ": " : "",
                      rule->advice != NULL ? rule->advice : "");
        return;
    }
    dbc_error_set(err, placed ? DBC_ESYNTAX : DBC_EDATABASE, "%s", message);
}

// -------------------------------------------------------------- constraints

// The name that starts at `text` and goes to a quote that is not doubled.
// Returns its length.
static size_t unquote(char *out, size_t size, const char *text)
{
    size_t len = 0;

    for (; *text != '\0' && len + 1 < size; text++) {
        if (*text == '\'' && *++text != '\'') break;
        out[len++] = *text;
    }
    out[len] = '\0';
    return len;
}

static void say_unique(dbc_error *err, sqlite3 *handle, const char *detail)
{
    static const char index[] = "index '";
    size_t start = sizeof index - 1;
    char name[MESSAGE_SIZE];

    if (strncmp(detail, index, start) != 0) {
        dbc_error_set(err, DBC_EUNIQUE,
                      "UNIQUE constraint failed: there is already a row with "
                      "this %s",
                      detail);
        dbc__sqlite_read_place(err, handle, detail);
        return;
    }
    size_t len = unquote(name, sizeof name, detail + start);
    dbc_error_set(err, DBC_EUNIQUE,
                  "UNIQUE constraint failed: there is already a row with "
                  "these values of index \"%s\"",
                  name);
    dbc_error_field(err->constraint, sizeof err->constraint, name, len);
    dbc__sqlite_read_index(err, handle, name, len);
}

// "cannot store TEXT value in INTEGER column t.c"
static void say_datatype(dbc_error *err, sqlite3 *handle, const char *message)
{
    static const char column[] = " column ";
    const char *place = strstr(message, column);

    dbc_error_set(err, DBC_EDATATYPE, "%s", message);
    if (place != NULL)
        dbc__sqlite_read_place(err, handle, place + sizeof column - 1);
}

static void say_constraint(dbc_error *err, sqlite3 *handle, int rc,
                           const char *message)
{
    static const char failed[] = " constraint failed: ";
    int code = constraint_status(rc);
    const char *detail = strstr(message, failed);

    // ON DELETE RESTRICT is done by a trigger of SQLite's own.
    if (code == DBC_ETRIGGER &&
        strcmp(message, "FOREIGN KEY constraint failed") == 0)
        code = DBC_EFOREIGNKEY;
    detail = detail != NULL ? detail + sizeof failed - 1 : "";
    switch (code) {
    case DBC_EUNIQUE:
        say_unique(err, handle, detail);
        break;
    case DBC_ENOTNULL:
        dbc_error_set(err, code, "NOT NULL constraint failed: %s needs a value",
                      detail);
        dbc__sqlite_read_place(err, handle, detail);
        break;
    case DBC_ECHECK:
        dbc_error_set(err, code, "%s", message);
        dbc_error_field(err->constraint, sizeof err->constraint, detail,
                        strlen(detail));
        break;
    case DBC_EFOREIGNKEY:
        dbc_error_set(err, code,
                      "FOREIGN KEY constraint failed: a row would refer to "
                      "one that is not there");
        break;
    case DBC_EDATATYPE:
        say_datatype(err, handle, message);
        break;
    case DBC_ECALLBACK:
        dbc_error_set(err, code, "the commit hook refused the commit");
        break;
    default:
        dbc_error_set(err, code, "%s",
                      message[0] != '\0' ? message : dbc_status_text(code));
    }
}

// ---------------------------------------------------------------- the doors

static void say_locked(dbc_error *err, int rc)
{
    if (rc == SQLITE_LOCKED_SHAREDCACHE)
        dbc_error_set(err, DBC_EBUSY,
                      "a table is locked by another connection in this "
                      "process");
    else
        dbc_error_set(err, DBC_EINVALID,
                      "a table or the database is in use by a statement or "
                      "transaction of this connection: end that first");
}

static void say_busy(dbc_error *err, const char *path, int rc)
{
    if (rc == SQLITE_BUSY_SNAPSHOT)
        dbc_error_set(err, DBC_EBUSY,
                      "\"%.200s\" was changed by another connection since this "
                      "transaction began to read: start it again",
                      dbc__sqlite_shown(path));
    else if (rc == SQLITE_PROTOCOL)
        dbc_error_set(err, DBC_EBUSY,
                      "\"%.200s\" could not be locked in many tries: too many "
                      "connections are at it, or its file system cannot lock",
                      dbc__sqlite_shown(path));
    else
        dbc_error_set(err, DBC_EBUSY,
                      "\"%.200s\" is locked by another connection",
                      dbc__sqlite_shown(path));
}

// Codes that speak of the file or the engine as a whole. 0 when `rc` is none.
static int say_state(dbc_error *err, const char *path, int rc,
                     const char *message)
{
    switch (rc & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_PROTOCOL:
        say_busy(err, path, rc);
        return 1;
    case SQLITE_LOCKED:
        say_locked(err, rc);
        return 1;
    case SQLITE_READONLY:
        dbc__sqlite_say_readonly(err, path, rc);
        return 1;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        dbc__sqlite_say_corrupt(err, path, rc, message);
        return 1;
    case SQLITE_FULL:
        dbc_error_set(err, DBC_EFULL,
                      "the disk or the database \"%.200s\" is full: free some "
                      "space or raise max_page_count",
                      dbc__sqlite_shown(path));
        return 1;
    case SQLITE_CANTOPEN:
        dbc__sqlite_cannot_open(err, dbc__sqlite_shown(path), 0, rc);
        return 1;
    case SQLITE_INTERRUPT:
        dbc_error_set(err, DBC_EINTERRUPTED, "the statement was interrupted");
        return 1;
    case SQLITE_SCHEMA:
        dbc_error_set(err, DBC_ESCHEMA,
                      "the schema of \"%.200s\" changed while the statement "
                      "was running: run it again",
                      dbc__sqlite_shown(path));
        return 1;
    case SQLITE_NOMEM:
        dbc__sqlite_nomem(err);
        return 1;
    default:
        return 0;
    }
}

// What only a trusted schema may do. An index or a generated column that does
// it makes SQLite call the whole file malformed.
static int is_unsafe(const char *message)
{
    return strstr(message, "unsafe use of virtual table") != NULL ||
           strstr(message, "unsafe use of json") != NULL ||
           strstr(message, "unsafe use of ->") != NULL;
}

// `handle` may be NULL; else it is asked about columns and errno.
static int translate(dbc_error *err, sqlite3 *handle, const char *path, int rc,
                     const char *message, int64_t offset)
{
    int code = dbc__sqlite_status(rc);

    if (code == DBC_ENOMEM) {
        dbc__sqlite_nomem(err);
    } else if ((rc & 0xFF) == SQLITE_CONSTRAINT) {
        say_constraint(err, handle, rc, message);
    } else if ((rc & 0xFF) == SQLITE_IOERR) {
        dbc__sqlite_say_io(err, path, rc,
                           handle != NULL ? sqlite3_system_errno(handle) : 0);
    } else if (is_unsafe(message)) {
        dbc_error_set(err, DBC_EDENIED,
                      "%s: open the database with the schema that declares "
                      "it, or trust the schema in the file",
                      message);
    } else if ((rc & 0xFF) == SQLITE_MISMATCH) {
        dbc_error_set(err, code,
                      "datatype mismatch: an INTEGER PRIMARY KEY, and LIMIT "
                      "and OFFSET, take integers only");
    } else if (rc == SQLITE_ERROR) {
        say_text(err, message, offset >= 0);
        dbc__sqlite_read_missing(err, message);
    } else if (!say_state(err, path, rc, message)) {
        dbc_error_set(err, code, "%s", message);
    }
    err->native = rc;
    err->offset = offset;
    return err->code;
}

// The host, its clock or its callback ended the statement: SQLite only knows
// that something did. 1 when that is what happened.
static int own_doing(dbc_error *err, dbc__sqlite *db, int rc)
{
    dbc__sqlite_wait wait_end = db->wait_end;
    int primary = rc & 0xFF;

    db->wait_end = DBC__WAIT_NONE;
    if (db->callback_failed) {
        db->callback_failed = 0;
        dbc_error_set(err, DBC_ECALLBACK, "%s", db->callback_message);
    } else if (db->denied[0] != '\0' &&
               (primary == SQLITE_AUTH || primary == SQLITE_ERROR)) {
        dbc_error_set(err, DBC_EDENIED, "%s", db->denied);
        db->denied[0] = '\0';
    } else if (db->over_memory ||
               (primary == SQLITE_NOMEM && dbc__sqlite_guard_limits_heap(db))) {
        db->over_memory = 0;
        dbc_error_set(err, DBC_ELIMIT,
                      "memory limit exceeded: the statement needs more than "
                      "%lld KiB",
                      (long long)(db->order->budget.memory / 1024));
    } else if (primary == SQLITE_INTERRUPT && db->deadline_ns != 0 &&
               dbc__sqlite_now_ns() >= db->deadline_ns) {
        dbc_error_set(err, DBC_ETIMEOUT,
                      "the statement ran longer than its time limit");
    } else if (primary == SQLITE_BUSY && wait_end == DBC__WAIT_DEADLINE) {
        dbc_error_set(err, DBC_ETIMEOUT,
                      "the time limit ran out while \"%.200s\" was locked by "
                      "another connection",
                      dbc__sqlite_shown(db->path));
    } else if (primary == SQLITE_BUSY && wait_end == DBC__WAIT_INTERRUPTED) {
        dbc_error_set(err, DBC_EINTERRUPTED,
                      "the statement was interrupted while it waited for a "
                      "lock");
    } else {
        return 0;
    }
    err->native = rc;
    return 1;
}

int dbc__sqlite_error(dbc_error *err, dbc__sqlite *db, int rc, size_t base)
{
    char message[MESSAGE_SIZE];
    const char *text = sqlite3_errstr(rc);
    int64_t offset = -1;

    if (own_doing(err, db, rc)) return err->code;

    // The handle's own code is more exact, when it speaks of the same call.
    int extended = sqlite3_extended_errcode(db->handle);
    if ((extended & 0xFF) == (rc & 0xFF)) {
        if ((rc & ~0xFF) == 0) rc = extended;
        text = sqlite3_errmsg(db->handle);
#if SQLITE_VERSION_NUMBER >= 3038000
        offset = sqlite3_error_offset(db->handle);
        if (offset >= 0) offset += (int64_t)base;
#endif
    }
    // Copied, because asking the schema overwrites it.
    snprintf(message, sizeof message, "%s", text);
    return translate(err, db->handle, db->path, rc, message, offset);
}

void dbc__sqlite_say_uncommitted(dbc_error *err)
{
    int native = err->native;

    dbc_error_set(err, DBC_EFOREIGNKEY,
                  "FOREIGN KEY constraint failed: a row refers to one that is "
                  "not there, so nothing was committed (PRAGMA "
                  "foreign_key_check shows it while the transaction stands)");
    err->native = native;
}

int dbc__sqlite_translate(dbc_error *err, const char *path, int rc,
                          const char *message)
{
    return translate(err, NULL, path, rc, message, -1);
}
