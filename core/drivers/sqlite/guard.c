// What untrusted SQL may do, judged by SQLite's authorizer while a statement
// is prepared; and how much, by its limits and by looking at the heap while it
// runs. The authorizer stays where it is once it was needed, because taking it
// away and putting it back would have every statement prepared again.
#include "guard.h"

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "guard_text.h"
#include "harmless.h"
#include "wait.h"

// ------------------------------------------------------------------- refusing

static int deny(dbc__sqlite *db, const char *what, const char *name)
{
    if (db->denied[0] == '\0')
        snprintf(db->denied, sizeof db->denied,
                 "%s%s%.100s%s is not allowed "
                 "here",
                 what, name != NULL ? " \"" : "", name != NULL ? name : "",
                 name != NULL ? "\"" : "");
    return SQLITE_DENY;
}

static unsigned flags_of(const dbc__sqlite *db)
{
    return db->order->rules->flags;
}

static int is_among(const dbc_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (sqlite3_stricmp(names->items[i], name) == 0) return 1;
    return 0;
}

static int starts_with(const char *name, const char *start)
{
    return name != NULL &&
           sqlite3_strnicmp(name, start, (int)strlen(start)) == 0;
}

// Tables that dbcore keeps for itself, its history above all.
static int is_own(const char *table)
{
    return starts_with(table, "dbcore_") || starts_with(table, "_dbcore");
}

static int is_schema(const char *table)
{
    return starts_with(table, "sqlite_");
}

// What the list says of a table; all of it when there is no list.
static unsigned may_of(const dbc__sqlite *db, const char *table)
{
    const dbc_guard_rules *rules = db->order->rules;

    if ((rules->flags & DBC_GUARD_LISTED) == 0) return DBC_MAY_ALL;
    for (size_t i = 0; i < rules->table_count; i++)
        if (sqlite3_stricmp(rules->tables[i].name, table) == 0)
            return rules->tables[i].may;
    return 0;
}

// ---------------------------------------------------------------------- texts

typedef int (*text_test)(const char *sql, size_t len, const char *name);

static int replaces(const char *sql, size_t len, const char *name)
{
    (void)name;
    return dbc__sqlite_text_replaces(sql, len);
}

// Whether the statement that is judged may be one. When SQLite prepares one
// again by itself, it does not say which.
static int may_be(dbc__sqlite *db, text_test test, const char *name)
{
    if (db->preparing != NULL)
        return test(db->preparing, db->preparing_len, name);
    for (sqlite3_stmt *stmt = sqlite3_next_stmt(db->handle, NULL); stmt != NULL;
         stmt = sqlite3_next_stmt(db->handle, stmt)) {
        const char *sql = sqlite3_sql(stmt);
        if (sql != NULL && test(sql, strlen(sql), name)) return 1;
    }
    return 0;
}

// -------------------------------------------------------------------- judging

static int judge_function(dbc__sqlite *db, const char *name)
{
    if (name == NULL || dbc__sqlite_is_harmless_function(name) ||
        is_among(&db->order->rules->functions, name))
        return SQLITE_OK;
    return deny(db, "the function", name);
}

// Tables that are functions of the engine; what they tell is not the data.
static int is_engines(const char *table)
{
    static const char *const functions[] = {"dbstat", "bytecode", "tables_used",
                                            "completion"};
    static const char *const known[] = {"sqlite_master", "sqlite_schema",
                                        "sqlite_temp", "sqlite_sequence",
                                        "sqlite_stat"};

    if (table == NULL || dbc__sqlite_is_harmless_source(table)) return 0;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (sqlite3_stricmp(functions[i], table) == 0) return 1;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (starts_with(table, known[i])) return 0;
    return is_schema(table) || starts_with(table, "pragma_");
}

static int judge_read(dbc__sqlite *db, const char *table)
{
    if (is_engines(table)) return deny(db, "reading the table", table);
    if ((flags_of(db) & DBC_GUARD_LISTED) == 0 || table == NULL ||
        (may_of(db, table) & DBC_MAY_SELECT) != 0 ||
        dbc__sqlite_is_harmless_source(table))
        return SQLITE_OK;
    return deny(db, "reading the table", table);
}

// The schema tables are written by CREATE and the like, which are judged by
// themselves; nobody else gets past the engine's own refusal.
static int judge_write(dbc__sqlite *db, const char *table, unsigned may,
                       const char *what)
{
    if ((flags_of(db) & DBC_GUARD_READONLY) != 0)
        return deny(db, "changing the database", NULL);
    if (is_own(table)) return deny(db, what, table);
    if (is_schema(table)) {
        if ((flags_of(db) & (DBC_GUARD_NO_SCHEMA | DBC_GUARD_LISTED)) != 0)
            return deny(db, what, table);
        if (sqlite3_stricmp(table, "sqlite_sequence") == 0 &&
            may != DBC_MAY_DELETE)
            return deny(db, what, table);
        return SQLITE_OK;
    }
    if ((may_of(db, table) & may) == 0) return deny(db, what, table);
    // Rows in the way are deleted without a word to the authorizer.
    if (may != DBC_MAY_DELETE && (may_of(db, table) & DBC_MAY_DELETE) == 0 &&
        may_be(db, replaces, NULL))
        return deny(db, "replacing rows, which deletes, in the table", table);
    return SQLITE_OK;
}

static int judge_schema(dbc__sqlite *db, const char *what, const char *name,
                        const char *table, const char *database)
{
    unsigned forbid =
        DBC_GUARD_READONLY | DBC_GUARD_NO_SCHEMA | DBC_GUARD_LISTED;

    if ((flags_of(db) & forbid) != 0 || is_own(name) || is_own(table))
        return deny(db, what, name);
    if (database != NULL && sqlite3_stricmp(database, "temp") == 0)
        return deny(db, "a temporary object", name);
    return SQLITE_OK;
}

static int judge_virtual(dbc__sqlite *db, const char *table, const char *module,
                         const char *database)
{
    if (!dbc__sqlite_is_harmless_module(module))
        return deny(db, "the module", module);
    return judge_schema(db, "a virtual table", table, NULL, database);
}

static int judge_pragma(dbc__sqlite *db, const char *name, const char *value)
{
    // With a list of tables, none may be asked for what others there are.
    if ((flags_of(db) & DBC_GUARD_LISTED) == 0 &&
        dbc__sqlite_is_harmless_pragma(name, value))
        return SQLITE_OK;
    return deny(db, "the pragma", name);
}

static int judge(dbc__sqlite *db, int action, const char *a, const char *b,
                 const char *database)
{
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
        return SQLITE_OK;
    case SQLITE_READ:
        return judge_read(db, a);
    case SQLITE_INSERT:
        return judge_write(db, a, DBC_MAY_INSERT, "inserting into the table");
    case SQLITE_UPDATE:
        return judge_write(db, a, DBC_MAY_UPDATE, "updating the table");
    case SQLITE_DELETE:
        return judge_write(db, a, DBC_MAY_DELETE, "deleting from the table");
    case SQLITE_FUNCTION:
        return judge_function(db, b);
    case SQLITE_PRAGMA:
        return judge_pragma(db, a, b);
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_VIEW:
        return judge_schema(db, "creating", a, NULL, database);
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_TRIGGER:
        return judge_schema(db, "creating", a, b, database);
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_VIEW:
        return judge_schema(db, "dropping", a, NULL, database);
    case SQLITE_DROP_INDEX:
    case SQLITE_DROP_TRIGGER:
        return judge_schema(db, "dropping", a, b, database);
    case SQLITE_ALTER_TABLE: // the other way round: database, table
        return judge_schema(db, "altering", b, NULL, a);
    case SQLITE_REINDEX:
    case SQLITE_ANALYZE:
        return judge_schema(db, "indexing anew", a, NULL, database);
    case SQLITE_CREATE_VTABLE:
    case SQLITE_DROP_VTABLE:
        return judge_virtual(db, a, b, database);
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
        return deny(db, "attaching, detaching or copying a database", NULL);
    default:
        return deny(db, "a temporary object, or what else this is,", NULL);
    }
}

// `inside` is the trigger or view of the schema that does it, or a common table
// of a WITH. Where tables are listed, what the schema itself does on behalf of
// them is not in question; what the statement says itself is.
static int on_authorize(void *ud, int action, const char *a, const char *b,
                        const char *database, const char *inside)
{
    dbc__sqlite *db = ud;

    if (db->order == NULL) return SQLITE_OK;
    if (inside != NULL && (flags_of(db) & DBC_GUARD_LISTED) != 0 &&
        action != SQLITE_FUNCTION && action != SQLITE_PRAGMA &&
        !may_be(db, dbc__sqlite_text_defines, inside))
        return SQLITE_OK;
    return judge(db, action, a, b, database);
}

// --------------------------------------------------------------------- limits

static int at_most(int64_t wanted)
{
    return wanted > INT32_MAX ? INT32_MAX : (int)wanted;
}

// Sets those of the guard; `db->limits` keeps the ones outside.
static void lower_limits(dbc__sqlite *db)
{
    const dbc_guard_rules *rules = db->order->rules;
    const struct {
        int id, most;
    } low[] = {
        {SQLITE_LIMIT_LENGTH, at_most(rules->value_len)},
        {SQLITE_LIMIT_SQL_LENGTH, at_most(rules->sql_len)},
        {SQLITE_LIMIT_COLUMN, 500},
        {SQLITE_LIMIT_EXPR_DEPTH, 200},
        {SQLITE_LIMIT_COMPOUND_SELECT, 100},
        {SQLITE_LIMIT_VDBE_OP, 100000},
        {SQLITE_LIMIT_FUNCTION_ARG, 100},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 1000},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 50},
        {SQLITE_LIMIT_WORKER_THREADS, 0},
    };

    for (size_t i = 0; i < sizeof low / sizeof *low; i++) {
        int before = sqlite3_limit(db->handle, low[i].id, -1);
        db->limits[low[i].id] = before;
        if (low[i].most < before)
            sqlite3_limit(db->handle, low[i].id, low[i].most);
    }
}

static void restore_limits(dbc__sqlite *db)
{
    static const int ids[] = {SQLITE_LIMIT_LENGTH,
                              SQLITE_LIMIT_SQL_LENGTH,
                              SQLITE_LIMIT_COLUMN,
                              SQLITE_LIMIT_EXPR_DEPTH,
                              SQLITE_LIMIT_COMPOUND_SELECT,
                              SQLITE_LIMIT_VDBE_OP,
                              SQLITE_LIMIT_FUNCTION_ARG,
                              SQLITE_LIMIT_ATTACHED,
                              SQLITE_LIMIT_LIKE_PATTERN_LENGTH,
                              SQLITE_LIMIT_VARIABLE_NUMBER,
                              SQLITE_LIMIT_TRIGGER_DEPTH,
                              SQLITE_LIMIT_WORKER_THREADS};

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        sqlite3_limit(db->handle, ids[i], db->limits[ids[i]]);
}

// --------------------------------------------------------------------- memory

int dbc__sqlite_guard_is_over(dbc__sqlite *db)
{
    int64_t most = db->order->budget.memory;

    if (most <= 0 || sqlite3_memory_used() - db->memory_before <= most)
        return 0;
    db->over_memory = 1;
    return 1;
}

static int limits_heap(const dbc_guard_order *order)
{
    return (order->rules->flags & DBC_GUARD_WHOLE_HEAP) != 0 &&
           order->budget.memory > 0;
}

int dbc__sqlite_guard_limits_heap(const dbc__sqlite *db)
{
    return db->order != NULL && limits_heap(db->order);
}

static void limit_heap(dbc__sqlite *db)
{
    if (!limits_heap(db->order)) return;
    db->heap_before =
        sqlite3_hard_heap_limit64(db->memory_before + db->order->budget.memory);
}

static void free_heap(dbc__sqlite *db)
{
    if (limits_heap(db->order)) sqlite3_hard_heap_limit64(db->heap_before);
}

// ------------------------------------------------------------------- standing

static void lift(dbc__sqlite *db)
{
    if (db->order == NULL) return;
    restore_limits(db);
    free_heap(db);
    db->order = NULL;
    db->over_memory = 0;
    db->denied[0] = '\0';
    dbc__sqlite_watch(db);
}

void dbc__sqlite_guard_end(dbc__sqlite *db)
{
    lift(db);
}

int dbc__sqlite_guard(void *ud, const dbc_guard_order *order, dbc_error *err)
{
    dbc__sqlite *db = ud;

    lift(db);
    if (order->rules == NULL) return DBC_OK;
    if (!db->guard_set) {
        int rc = sqlite3_set_authorizer(db->handle, on_authorize, db);
        if (rc != SQLITE_OK) return dbc__sqlite_error(err, db, rc, 0);
        db->guard_set = 1;
    }
    if (order->is_new) db->memory_before = sqlite3_memory_used();
    db->given = *order;
    db->order = &db->given;
    lower_limits(db);
    limit_heap(db);
    dbc__sqlite_watch(db);
    return DBC_OK;
}
