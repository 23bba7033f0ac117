// How SQLite speaks: quoting, placeholders, types, the clock. Pure: it knows
// no connection, only which SQLite the process is linked with.
#include "dialect.h"

#include <sqlite3.h>
#include <string.h>

// The first that knows RIGHT and FULL JOIN.
enum { RIGHT_JOIN_VERSION = 3039000 };

static void quote(dbc_buf *out, const char *name, size_t len)
{
    const char *end = name + len;

    dbc_buf_add(out, "\"", 1);
    while (name < end) {
        const char *mark = memchr(name, '"', (size_t)(end - name));
        const char *stop = mark != NULL ? mark + 1 : end;
        dbc_buf_add(out, name, (size_t)(stop - name));
        if (mark != NULL) dbc_buf_add(out, "\"", 1);
        name = stop;
    }
    dbc_buf_add(out, "\"", 1);
}

// Placeholders are numbered by their order in the text.
static void placeholder(dbc_buf *out, size_t number)
{
    (void)number;
    dbc_buf_add(out, "?", 1);
}

static const char *sql_name(dbc_type type)
{
    switch (type) {
        // NOLINTBEGIN(bugprone-branch-clone): several types are stored alike.
#define TYPE_SQL(name, word, sql) \
    case DBC_T_##name:            \
        return sql;
        DBC_TYPE_MAP(TYPE_SQL)
#undef TYPE_SQL
        // NOLINTEND(bugprone-branch-clone)
    }
    return "ANY";
}

static const char *type_name(const dbc_column_def *column, unsigned table_flags)
{
    const char *name =
        column->storage != NULL ? column->storage : sql_name(column->type);
    int strict = (table_flags & DBC_TABLE_STRICT) != 0;

    if (column->storage != NULL) return name;
    // STRICT tables know ANY and refuse NUMERIC. Elsewhere "ANY" would mean
    // what NUMERIC means and turn texts into numbers; BLOB leaves all as is.
    if (strict && column->type == DBC_T_NUMERIC) return "ANY";
    if (!strict && strcmp(name, "ANY") == 0) return "BLOB";
    return name;
}

static const char *cast_name(dbc_type type)
{
    const char *name = sql_name(type);

    return strcmp(name, "ANY") == 0 ? "BLOB" : name;
}

static const char *now(dbc_type type)
{
    switch (type) {
    case DBC_T_TIMESTAMP:
    case DBC_T_INTEGER:
        return "CAST(strftime('%s', 'now') AS INTEGER)";
    case DBC_T_TIMESTAMP_MS:
        // Days of the Julian calendar are exact to less than a millisecond.
        return "CAST(round((julianday('now') - 2440587.5) * 86400000) AS "
               "INTEGER)";
    case DBC_T_DATETIME:
    case DBC_T_TEXT:
        return "CURRENT_TIMESTAMP";
    case DBC_T_DATE:
        return "CURRENT_DATE";
    default:
        return NULL;
    }
}

// What every SQLite can that dbcore is built with.
#define CAN_ALWAYS                                           \
    (DBC_CAN_RETURNING | DBC_CAN_UPSERT | DBC_CAN_STRICT |   \
     DBC_CAN_WITHOUT_ROWID | DBC_CAN_GLOB | DBC_CAN_FILTER | \
     DBC_CAN_NULLS_ORDER | DBC_CAN_FTS5 | DBC_CAN_LIMIT_IN_IN)

// The same of all versions. sqlite_sequence and the indexes of keys come by
// themselves, so the catalog leaves them out.
#define SPEECH                                                         \
    .name = "sqlite", .quote = quote, .placeholder = placeholder,      \
    .list_open = "SELECT value FROM dbc_list(", .list_close = ")",     \
    .rows_open = "dbc_list(", .rows_close = ")", .rows_columns = "",   \
    .type_name = type_name, .cast_name = cast_name, .now = now,        \
    .no_limit = "-1", .require = "dbc_require",                        \
    .catalog = "SELECT type, name, sql FROM sqlite_master "            \
               "WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' " \
               "ESCAPE '\\' ORDER BY rowid"

const dbc_dialect dbc__sqlite_dialect = {
    SPEECH,
    .can = CAN_ALWAYS | DBC_CAN_RIGHT_JOIN,
};

const dbc_dialect dbc__sqlite_older_dialect = {
    SPEECH,
    .can = CAN_ALWAYS,
};

const dbc_dialect *dbc_dialect_sqlite(void)
{
    return sqlite3_libversion_number() >= RIGHT_JOIN_VERSION
               ? &dbc__sqlite_dialect
               : &dbc__sqlite_older_dialect;
}
