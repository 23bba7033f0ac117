// dbc_list(?), an eponymous virtual table. The list arrives as a pointer that
// only sqlite3_bind_pointer() can make, so SQL text can neither forge one nor
// read it: the module is harmless, even to a schema that is not trusted. Each
// item has its number, from 1; by that two lists are laid side by side.
#include "list.h"

#include <stddef.h>

static const char POINTER_TYPE[] = "dbc_list";

enum { COLUMN_VALUE, COLUMN_NUMBER, COLUMN_LIST };
enum { PLAN_NO_LIST, PLAN_LIST, PLAN_ITEM };

typedef struct list_cursor {
    sqlite3_vtab_cursor base; // first: SQLite's view of it
    const dbc_value *list;    // borrowed while it is bound
    size_t at, end;
} list_cursor;

static int list_connect(sqlite3 *handle, void *ud, int argc,
                        const char *const *argv, sqlite3_vtab **out,
                        char **message)
{
    (void)ud;
    (void)argc;
    (void)argv;
    (void)message;
    int rc = sqlite3_declare_vtab(
        handle, "CREATE TABLE dbc_list(value, number INTEGER, list HIDDEN)");
    if (rc != SQLITE_OK) return rc;
    sqlite3_vtab_config(handle, SQLITE_VTAB_INNOCUOUS);

    *out = sqlite3_malloc(sizeof **out);
    if (*out == NULL) return SQLITE_NOMEM;
    **out = (sqlite3_vtab){0};
    return SQLITE_OK;
}

static int list_disconnect(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

// The constraint "column = …" that is asked for, -1 when there is none, and -2
// when its value is not known yet in this order of the join.
static int find_equality(const sqlite3_index_info *info, int column)
{
    int found = -1;

    for (int i = 0; i < info->nConstraint; i++) {
        if (info->aConstraint[i].iColumn != column) continue;
        if (info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
        if (info->aConstraint[i].usable) return i;
        found = -2;
    }
    return found;
}

static void take_constraint(sqlite3_index_info *info, int i, int argument)
{
    info->aConstraintUsage[i].argvIndex = argument;
    info->aConstraintUsage[i].omit = 1;
}

static int list_best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    int list = find_equality(info, COLUMN_LIST);
    int number = find_equality(info, COLUMN_NUMBER);

    info->idxNum = PLAN_NO_LIST;
    info->estimatedCost = 1e9;
    info->estimatedRows = 1000000000;
    // The list is not known yet in this order of the join: try another.
    if (list == -2) return SQLITE_CONSTRAINT;
    if (list < 0) return SQLITE_OK;
    take_constraint(info, list, 1);
    if (number >= 0) take_constraint(info, number, 2);
    info->idxNum = number >= 0 ? PLAN_ITEM : PLAN_LIST;
    // Rows come from an array: as good as free, and as the set of an IN not
    // many. Whoever asks for numbers has a list of keys of many rows.
    int is_numbered = (info->colUsed & (1u << COLUMN_NUMBER)) != 0;
    info->estimatedCost = 1;
    info->estimatedRows = number >= 0 ? 1 : is_numbered ? 2000 : 25;
    return SQLITE_OK;
}

static int list_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
    (void)table;
    list_cursor *cursor = sqlite3_malloc(sizeof *cursor);

    if (cursor == NULL) return SQLITE_NOMEM;
    *cursor = (list_cursor){0};
    *out = &cursor->base;
    return SQLITE_OK;
}

static int list_close(sqlite3_vtab_cursor *base)
{
    sqlite3_free(base);
    return SQLITE_OK;
}

// Only the item whose number is given, when there is such an item.
static void go_to_item(list_cursor *cursor, sqlite3_value *number)
{
    sqlite3_int64 wanted = sqlite3_value_int64(number);
    int is_there = sqlite3_value_numeric_type(number) == SQLITE_INTEGER &&
                   wanted >= 1 && (sqlite3_uint64)wanted <= cursor->end;

    cursor->at = is_there ? (size_t)wanted - 1 : 0;
    cursor->end = is_there ? (size_t)wanted : 0;
}

static int list_filter(sqlite3_vtab_cursor *base, int plan,
                       const char *plan_text, int argc, sqlite3_value **argv)
{
    (void)plan_text;
    list_cursor *cursor = (list_cursor *)base;

    cursor->at = 0;
    cursor->end = 0;
    cursor->list = NULL;
    if (plan != PLAN_NO_LIST && argc == plan)
        cursor->list = sqlite3_value_pointer(argv[0], POINTER_TYPE);
    if (cursor->list != NULL) {
        cursor->end = cursor->list->len;
        if (plan == PLAN_ITEM) go_to_item(cursor, argv[1]);
        return SQLITE_OK;
    }

    sqlite3_free(base->pVtab->zErrMsg);
    base->pVtab->zErrMsg = sqlite3_mprintf(
        "dbc_list() needs a list that is bound to its parameter");
    return SQLITE_ERROR;
}

static int list_next(sqlite3_vtab_cursor *base)
{
    ((list_cursor *)base)->at++;
    return SQLITE_OK;
}

static int list_eof(sqlite3_vtab_cursor *base)
{
    const list_cursor *cursor = (const list_cursor *)base;

    return cursor->at >= cursor->end;
}

void dbc__sqlite_result(sqlite3_context *context, const dbc_value *value,
                        sqlite3_destructor_type lifetime)
{
    switch (value->type) {
    case DBC_INT:
    case DBC_BOOL:
        sqlite3_result_int64(context, value->as.i);
        break;
    case DBC_REAL:
        sqlite3_result_double(context, value->as.r);
        break;
    case DBC_TEXT:
        // No pointer would mean NULL, but an empty text is one.
        sqlite3_result_text64(context, value->len != 0 ? value->as.text : "",
                              value->len, lifetime, SQLITE_UTF8);
        break;
    case DBC_BLOB:
        sqlite3_result_blob64(context, value->len != 0 ? value->as.blob : "",
                              value->len, lifetime);
        break;
    case DBC_LIST:
        sqlite3_result_error(context, "a list cannot be a single value", -1);
        break;
    case DBC_NULL:
    default:
        sqlite3_result_null(context);
    }
}

static int list_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                       int column)
{
    const list_cursor *cursor = (const list_cursor *)base;

    if (column == COLUMN_VALUE)
        dbc__sqlite_result(context, &cursor->list->as.list[cursor->at],
                           SQLITE_STATIC);
    else if (column == COLUMN_NUMBER)
        sqlite3_result_int64(context, (sqlite3_int64)cursor->at + 1);
    return SQLITE_OK;
}

static int list_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    *rowid = (sqlite3_int64)((const list_cursor *)base)->at + 1;
    return SQLITE_OK;
}

// Without xCreate it is eponymous only: there, and never created.
static const sqlite3_module list_module = {
    .iVersion = 0,
    .xConnect = list_connect,
    .xBestIndex = list_best_index,
    .xDisconnect = list_disconnect,
    .xOpen = list_open,
    .xClose = list_close,
    .xFilter = list_filter,
    .xNext = list_next,
    .xEof = list_eof,
    .xColumn = list_column,
    .xRowid = list_rowid,
};

int dbc__sqlite_list_register(sqlite3 *handle)
{
    return sqlite3_create_module_v2(handle, "dbc_list", &list_module, NULL,
                                    NULL);
}

int dbc__sqlite_list_bind(sqlite3_stmt *stmt, int parameter,
                          const dbc_value *list)
{
    // SQLite hands the pointer back as it is; it is only read.
    union {
        const dbc_value *given;
        void *taken;
    } pointer = {list};

    return sqlite3_bind_pointer(stmt, parameter, pointer.taken, POINTER_TYPE,
                                NULL);
}
