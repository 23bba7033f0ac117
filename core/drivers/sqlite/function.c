// The host's callbacks. Their failure has to reach whoever runs the statement,
// with its own message and not SQLite's: it is kept on the connection until
// the statement ends (see error.c).
#include "function.h"

#include <limits.h>
#include <string.h>

#include "error.h"
#include "hook.h"
#include "list.h"
#include "stmt.h"

enum { FEW_ARGS = 16 }; // that need no memory of their own

typedef struct host_call {
    dbc_call base; // first: what the host sees
    dbc__sqlite *db;
    sqlite3_context *context; // NULL for a collation, which has no result
    int failed;
} host_call;

static void call_give(dbc_call *base, dbc_value value)
{
    host_call *call = (host_call *)base;

    if (call->failed || call->context == NULL) return;
    dbc__sqlite_result(call->context, &value, SQLITE_TRANSIENT);
}

static void call_fail(dbc_call *base, const char *message, size_t len)
{
    host_call *call = (host_call *)base;
    dbc__sqlite *db = call->db;
    int shown = len < INT_MAX ? (int)len : INT_MAX;

    call->failed = 1;
    db->callback_failed = 1;
    dbc_error_field(db->callback_message, sizeof db->callback_message, message,
                    len);
    if (call->context != NULL)
        sqlite3_result_error(call->context, message, shown);
}

static host_call start_call(dbc__sqlite *db, sqlite3_context *context)
{
    host_call call = {{call_give, call_fail}, db, context, 0};

    return call;
}

// ------------------------------------------------------------------ values

typedef struct arg_list {
    dbc_value few[FEW_ARGS];
    dbc_value *items;
    size_t count;
} arg_list;

static void args_dispose(arg_list *args, const dbc_alloc *alloc)
{
    if (args->items != args->few)
        dbc__sqlite_delete(alloc, args->items,
                           args->count * sizeof *args->items);
}

// 0 when memory is out; then nothing is to be disposed of.
static int args_init(arg_list *args, const dbc_alloc *alloc, int argc,
                     sqlite3_value **argv)
{
    args->items = args->few;
    args->count = (size_t)argc;
    if (argc > FEW_ARGS)
        args->items = dbc__sqlite_new(alloc, args->count * sizeof *args->items);
    if (args->items == NULL) return 0;
    for (size_t i = 0; i < args->count; i++) {
        if (dbc__sqlite_read(&args->items[i], argv[i])) continue;
        args_dispose(args, alloc);
        return 0;
    }
    return 1;
}

// --------------------------------------------------------------- functions

typedef struct host_function {
    dbc__sqlite *db;
    dbc_function def;
} host_function;

static void free_function(void *ud)
{
    host_function *function = ud;

    if (function->def.destroy != NULL) function->def.destroy(function->def.ud);
    dbc__sqlite_delete(function->db->alloc, function, sizeof *function);
}

static void call_function(sqlite3_context *context, int argc,
                          sqlite3_value **argv)
{
    host_function *function = sqlite3_user_data(context);
    dbc__sqlite *db = function->db;
    host_call call = start_call(db, context);
    arg_list args;

    if (!args_init(&args, db->alloc, argc, argv)) {
        sqlite3_result_error_nomem(context);
        return;
    }
    function->def.call(&call.base, function->def.ud, args.items, args.count);
    args_dispose(&args, db->alloc);
}

// -------------------------------------------------------------- aggregates

typedef struct host_aggregate {
    dbc__sqlite *db;
    dbc_aggregate def;
} host_aggregate;

// What SQLite keeps for one group of rows.
typedef struct group_state {
    void *state; // the host's
    int begun;
    int failed; // nothing more is asked of it
} group_state;

static void free_aggregate(void *ud)
{
    host_aggregate *aggregate = ud;

    if (aggregate->def.destroy != NULL)
        aggregate->def.destroy(aggregate->def.ud);
    dbc__sqlite_delete(aggregate->db->alloc, aggregate, sizeof *aggregate);
}

// The state of the running group, begun if need be. NULL when that failed.
static group_state *running_group(host_call *call)
{
    host_aggregate *aggregate = sqlite3_user_data(call->context);
    group_state *group =
        sqlite3_aggregate_context(call->context, sizeof *group);

    if (group == NULL) {
        sqlite3_result_error_nomem(call->context);
        return NULL;
    }
    if (!group->begun) {
        group->begun = 1;
        group->state = aggregate->def.begin(&call->base, aggregate->def.ud);
        group->failed = call->failed || group->state == NULL;
        if (group->failed && !call->failed)
            sqlite3_result_error_nomem(call->context);
    }
    return group->failed ? NULL : group;
}

typedef void (*row_callback)(dbc_call *call, void *state, const dbc_value *args,
                             size_t count);

static void call_row(sqlite3_context *context, row_callback callback, int argc,
                     sqlite3_value **argv)
{
    host_aggregate *aggregate = sqlite3_user_data(context);
    const dbc_alloc *alloc = aggregate->db->alloc;
    host_call call = start_call(aggregate->db, context);
    group_state *group = running_group(&call);
    arg_list args;

    if (group == NULL) return;
    if (!args_init(&args, alloc, argc, argv)) {
        sqlite3_result_error_nomem(context);
        return;
    }
    callback(&call.base, group->state, args.items, args.count);
    args_dispose(&args, alloc);
    group->failed = call.failed;
}

static void aggregate_step(sqlite3_context *context, int argc,
                           sqlite3_value **argv)
{
    host_aggregate *aggregate = sqlite3_user_data(context);

    call_row(context, aggregate->def.step, argc, argv);
}

static void aggregate_inverse(sqlite3_context *context, int argc,
                              sqlite3_value **argv)
{
    host_aggregate *aggregate = sqlite3_user_data(context);

    call_row(context, aggregate->def.inverse, argc, argv);
}

static void aggregate_value(sqlite3_context *context)
{
    host_aggregate *aggregate = sqlite3_user_data(context);
    host_call call = start_call(aggregate->db, context);
    group_state *group = running_group(&call);

    if (group == NULL) return;
    aggregate->def.value(&call.base, group->state);
    group->failed = call.failed;
}

// Called at the end of a group, and to clear away what was cut short.
static void aggregate_final(sqlite3_context *context)
{
    host_aggregate *aggregate = sqlite3_user_data(context);

    aggregate_value(context);
    group_state *group = sqlite3_aggregate_context(context, 0);
    if (group == NULL || group->state == NULL) return;
    aggregate->def.end(group->state);
    group->state = NULL;
}

// -------------------------------------------------------------- collations

typedef struct host_collation {
    dbc__sqlite *db;
    dbc_collation def;
} host_collation;

static void free_collation(void *ud)
{
    host_collation *collation = ud;

    if (collation->def.destroy != NULL)
        collation->def.destroy(collation->def.ud);
    dbc__sqlite_delete(collation->db->alloc, collation, sizeof *collation);
}

static int compare(void *ud, int a_len, const void *a, int b_len, const void *b)
{
    host_collation *collation = ud;
    dbc__sqlite *db = collation->db;
    host_call call = start_call(db, NULL);

    // Once it failed, all texts are equal: the statement is lost anyway.
    if (db->collation_failed) return 0;
    int order = collation->def.compare(&call.base, collation->def.ud, a,
                                       (size_t)a_len, b, (size_t)b_len);
    if (!call.failed) return order;
    db->collation_failed = 1;
    return 0;
}

void dbc__sqlite_callback_settle(dbc__sqlite *db, int wrote)
{
    int failed = db->collation_failed;

    // Groups that were cut short may have failed once more while they ended.
    db->callback_failed = 0;
    db->collation_failed = 0;
    if (failed && wrote && !sqlite3_get_autocommit(db->handle))
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

// ----------------------------------------------------------------- creating

static int created(dbc__sqlite *db, int rc, const char *what, const char *name,
                   dbc_error *err)
{
    switch (rc) {
    case SQLITE_OK:
        return DBC_OK;
    case SQLITE_BUSY:
        return dbc_error_set(err, DBC_EINVALID,
                             "the %s \"%.60s\" cannot be replaced while "
                             "statements run",
                             what, name);
    case SQLITE_MISUSE:
        return dbc_error_set(err, DBC_EINVALID,
                             "the %s \"%.60s\" cannot be made: its name is too "
                             "long or its number of arguments out of range",
                             what, name);
    default:
        return dbc__sqlite_error(err, db, rc, 0);
    }
}

static int function_flags(unsigned flags)
{
    int result = SQLITE_UTF8;

    result |= (flags & DBC_FUNCTION_INNOCUOUS) != 0 ? SQLITE_INNOCUOUS
                                                    : SQLITE_DIRECTONLY;
    if ((flags & DBC_FUNCTION_DETERMINISTIC) != 0)
        result |= SQLITE_DETERMINISTIC;
    return result;
}

int dbc__sqlite_create_function(void *ud, const dbc_function *def,
                                dbc_error *err)
{
    dbc__sqlite *db = ud;
    host_function *function;

    if (def->call == NULL) {
        if (def->destroy != NULL) def->destroy(def->ud);
        return created(db,
                       sqlite3_create_function_v2(db->handle, def->name,
                                                  def->arg_count, SQLITE_UTF8,
                                                  NULL, NULL, NULL, NULL, NULL),
                       "function", def->name, err);
    }
    function = dbc__sqlite_new(db->alloc, sizeof *function);
    if (function == NULL) {
        if (def->destroy != NULL) def->destroy(def->ud);
        return dbc__sqlite_nomem(err);
    }
    function->db = db;
    function->def = *def;
    // SQLite frees it from here on, when it fails, too.
    int rc = sqlite3_create_function_v2(
        db->handle, def->name, def->arg_count, function_flags(def->flags),
        function, call_function, NULL, NULL, free_function);
    return created(db, rc, "function", def->name, err);
}

int dbc__sqlite_create_aggregate(void *ud, const dbc_aggregate *def,
                                 dbc_error *err)
{
    dbc__sqlite *db = ud;
    int flags = function_flags(def->flags);
    host_aggregate *aggregate = dbc__sqlite_new(db->alloc, sizeof *aggregate);
    int rc;

    if (aggregate == NULL) {
        if (def->destroy != NULL) def->destroy(def->ud);
        return dbc__sqlite_nomem(err);
    }
    aggregate->db = db;
    aggregate->def = *def;
    if (def->inverse != NULL)
        rc = sqlite3_create_window_function(
            db->handle, def->name, def->arg_count, flags, aggregate,
            aggregate_step, aggregate_final, aggregate_value, aggregate_inverse,
            free_aggregate);
    else
        rc = sqlite3_create_function_v2(db->handle, def->name, def->arg_count,
                                        flags, aggregate, NULL, aggregate_step,
                                        aggregate_final, free_aggregate);
    return created(db, rc, "aggregate", def->name, err);
}

// SQLite lists what it knows: its own functions, the host's, those of
// extensions. One that takes any number of arguments has -1 of them.
int dbc__sqlite_is_aggregate(void *ud, const char *name, size_t len,
                             size_t arg_count, dbc_error *err)
{
    static const char sql[] =
        "SELECT type <> 's' FROM pragma_function_list "
        "WHERE name = ?1 COLLATE nocase AND narg IN (?2, -1) "
        "ORDER BY builtin, narg DESC LIMIT 1";
    dbc__sqlite *db = ud;
    const dbc_guard_order *order = db->order;
    sqlite3_stmt *stmt = NULL;

    db->order = NULL; // the question is ours, not the guarded text's
    int rc = sqlite3_prepare_v2(db->handle, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc =
            sqlite3_bind_text64(stmt, 1, name, len, SQLITE_STATIC, SQLITE_UTF8);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_int64(stmt, 2, (sqlite3_int64)arg_count);
    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    int found = rc == SQLITE_ROW && sqlite3_column_int(stmt, 0) != 0;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        found = dbc__sqlite_error(err, db, rc, 0);
    sqlite3_finalize(stmt);
    db->order = order;
    return found;
}

int dbc__sqlite_create_collation(void *ud, const dbc_collation *def,
                                 dbc_error *err)
{
    dbc__sqlite *db = ud;
    host_collation *collation;

    if (def->compare == NULL) {
        if (def->destroy != NULL) def->destroy(def->ud);
        return created(db,
                       sqlite3_create_collation_v2(db->handle, def->name,
                                                   SQLITE_UTF8, NULL, NULL,
                                                   NULL),
                       "collation", def->name, err);
    }
    collation = dbc__sqlite_new(db->alloc, sizeof *collation);
    if (collation == NULL) {
        if (def->destroy != NULL) def->destroy(def->ud);
        return dbc__sqlite_nomem(err);
    }
    collation->db = db;
    collation->def = *def;
    int rc = sqlite3_create_collation_v2(db->handle, def->name, SQLITE_UTF8,
                                         collation, compare, free_collation);
    if (rc == SQLITE_OK) dbc__sqlite_guard_commits(db);
    created(db, rc, "collation", def->name, err);
    // Unlike a function, it is not freed when it could not be made.
    if (rc != SQLITE_OK) free_collation(collation);
    return rc == SQLITE_OK ? DBC_OK : err->code;
}
