// The dialect of the mock driver: numbered placeholders, types and functions
// as PostgreSQL has them, and two gaps (RIGHT and FULL joins, GLOB), so that
// the specs notice when SQLite's habits creep into the compiler.
#include "mock.h"

#include <stddef.h>

static void quote(dbc_buf *out, const char *name, size_t len)
{
    size_t start = 0;

    dbc_buf_add(out, "\"", 1);
    for (size_t i = 0; i < len; i++) {
        if (name[i] != '"') continue;
        dbc_buf_add(out, name + start, i - start + 1);
        start = i;
    }
    dbc_buf_add(out, name + start, len - start);
    dbc_buf_add(out, "\"", 1);
}

static void placeholder(dbc_buf *out, size_t number)
{
    dbc_buf_add(out, "$", 1);
    dbc_buf_add_int(out, (int64_t)number);
}

static const char *cast_name(dbc_type type)
{
    switch (type) {
    case DBC_T_INTEGER:
    case DBC_T_TIMESTAMP:
    case DBC_T_TIMESTAMP_MS:
        return "bigint";
    case DBC_T_REAL:
        return "double precision";
    case DBC_T_BLOB:
        return "bytea";
    case DBC_T_BOOLEAN:
        return "boolean";
    case DBC_T_JSON:
        return "jsonb";
    case DBC_T_NUMERIC:
        return "numeric";
    case DBC_T_DATETIME:
        return "timestamp";
    case DBC_T_DATE:
        return "date";
    case DBC_T_UUID:
        return "uuid";
    default:
        return "text";
    }
}

static const char *type_name(const dbc_column_def *column, unsigned table_flags)
{
    (void)table_flags;
    if (column->storage != NULL) return column->storage;
    return cast_name(column->type);
}

static const char *now(dbc_type type)
{
    switch (type) {
    case DBC_T_TIMESTAMP:
        return "floor(extract(epoch from now()))";
    case DBC_T_TIMESTAMP_MS:
        return "floor(extract(epoch from now()) * 1000)";
    case DBC_T_DATETIME:
        return "now()";
    case DBC_T_DATE:
        return "current_date";
    default:
        return NULL;
    }
}

const dbc_dialect dbc__mock_dialect = {
    .name = "mock",
    .can = DBC_CAN_RETURNING | DBC_CAN_UPSERT | DBC_CAN_STRICT |
           DBC_CAN_WITHOUT_ROWID | DBC_CAN_FILTER | DBC_CAN_NULLS_ORDER,
    .quote = quote,
    .placeholder = placeholder,
    .list_open = "SELECT unnest(",
    .list_close = ")",
    .rows_open = "unnest(",
    .rows_close = ") WITH ORDINALITY",
    .rows_columns = "(value, number)",
    .type_name = type_name,
    .cast_name = cast_name,
    .now = now,
    .no_limit = "ALL",
    .require = "require",
};

const dbc_dialect *dbc_dialect_mock(void)
{
    return &dbc__mock_dialect;
}
