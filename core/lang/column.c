// The rules of a single column. What SQLite would refuse later, or accept and
// never obey, is refused here with the reason.
#include "column.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "name.h"
#include "part.h"
#include "pattern.h"
#include "shape.h"
#include "storage.h"
#include "table.h"
#include "type.h"
#include "utf8.h"

const char *dbc__column_quote(dbc__quoted *out, const dbc_column *column)
{
    char name[2 * DBC__NAME_MAX + 2];
    int len = snprintf(name, sizeof name, "%s.%s", column->table->def.name,
                       column->def.name);

    return dbc__quote(out, name, (size_t)len);
}

void dbc__column_blame(dbc_error *err, const dbc_column *column)
{
    if (err == NULL) return;

    dbc__error_field(err->table, sizeof err->table, column->table->def.name,
                     column->table->name_len);
    dbc__error_field(err->columns, sizeof err->columns, column->def.name,
                     column->name_len);
}

int dbc__column_is_integer(const dbc_column_def *def)
{
    const char *sql = def->storage;

    if (sql == NULL) sql = dbc__type_sql(def->type);
    return dbc__name_equal(sql, strlen(sql), "INTEGER", 7);
}

__attribute__((format(printf, 3, 4))) static int refuse(
    const dbc_column *column, dbc_error *err, const char *format, ...)
{
    char problem[420];
    dbc__quoted quoted;
    va_list args;

    va_start(args, format);
    vsnprintf(problem, sizeof problem, format, args);
    va_end(args);
    return dbc__error_set(
        err, DBC_ESCHEMA, "column %s %s",
        dbc__quote(&quoted, column->def.name, column->name_len), problem);
}

static int has(const dbc_column *column, unsigned flag)
{
    return (column->def.flags & flag) != 0;
}

// Prefixes the message of a part's check with the column.
static int blame_part(const dbc_column *column, int rc, dbc_error *err)
{
    if (rc >= 0 || err == NULL) return rc;
    return refuse(column, err, "is wrong: %s", err->message);
}

static int check_names(const dbc_column *column, dbc_error *err)
{
    const dbc_column_def *def = &column->def;

    if (!dbc__type_exists(def->type))
        return refuse(column, err, "has type %d, which is none",
                      (int)def->type);
    if (def->check_name != NULL && def->check == NULL)
        return refuse(column, err, "has a name for a check, but no check");
    int rc = dbc__part_optional_name(def->as, "key in rows", err);
    if (rc >= 0)
        rc = dbc__part_optional_name(def->collate, "collation name", err);
    if (rc >= 0)
        rc = dbc__part_optional_name(def->check_name, "constraint name", err);
    if (rc >= 0)
        rc = dbc__part_optional_name(def->renamed_from, "former name", err);
    return blame_part(column, rc, err);
}

static int check_expressions(const dbc_column *column, dbc_error *err)
{
    const dbc_column_def *def = &column->def;
    const struct {
        const char *text, *what;
    } parts[] = {
        {def->default_sql, "the default"},  {def->generated, "the expression"},
        {def->check, "the check"},          {def->backfill, "the backfill"},
        {def->copy, "the copy expression"},
    };
    int rc = DBC_OK;

    for (size_t i = 0; rc >= 0 && i < sizeof parts / sizeof parts[0]; i++)
        rc = dbc__part_expression(parts[i].text, parts[i].what, err);
    return blame_part(column, rc, err);
}

static int check_storage(const dbc_column *column, dbc_error *err)
{
    const char *storage = column->def.storage;
    dbc__quoted quoted;

    if (storage == NULL) return DBC_OK;
    dbc__quote(&quoted, storage, strlen(storage));
    if (!dbc__storage_is_type(storage))
        return refuse(column, err,
                      "is stored as %s, which is no SQL type: expected words, "
                      "then perhaps numbers in brackets",
                      quoted.text);
    if (!(column->table->def.flags & DBC_TABLE_STRICT) ||
        dbc__storage_is_strict(storage))
        return DBC_OK;
    return refuse(column, err,
                  "is stored as %s, but a strict table knows INT, INTEGER, "
                  "REAL, TEXT, BLOB and ANY only",
                  quoted.text);
}

// Keys, defaults, generation.

static int check_key(const dbc_column *column, dbc_error *err)
{
    int key = has(column, DBC_COLUMN_PRIMARY_KEY);

    if (has(column, DBC_COLUMN_DESC_KEY) && !key)
        return refuse(column, err, "has a key order but is no primary key");
    if (!has(column, DBC_COLUMN_AUTOINCREMENT)) return DBC_OK;
    if (!key)
        return refuse(column, err,
                      "has autoincrement, which only a primary key of one "
                      "column can have");
    if (!dbc__column_is_integer(&column->def))
        return refuse(column, err,
                      "has autoincrement, which only an integer key can have");
    if (has(column, DBC_COLUMN_DESC_KEY))
        return refuse(column, err,
                      "has autoincrement, which a descending key cannot have");
    if (column->table->def.flags & DBC_TABLE_WITHOUT_ROWID)
        return refuse(column, err,
                      "has autoincrement, which a table without rowid cannot "
                      "have");
    return DBC_OK;
}

static int check_default_range(const dbc_column *column, const dbc_value *value,
                               dbc_error *err)
{
    const dbc_column_def *def = &column->def;
    double number = 0;

    if (value->type == DBC_INT)
        number = (double)value->as.i;
    else if (value->type == DBC_REAL)
        number = value->as.r;
    else
        return DBC_OK;
    if ((has(column, DBC_COLUMN_HAS_MIN) && number < def->min) ||
        (has(column, DBC_COLUMN_HAS_MAX) && number > def->max))
        return refuse(column, err, "has the default %g, out of its own range",
                      number);
    return DBC_OK;
}

static int check_default_length(const dbc_column *column,
                                const dbc_value *value, dbc_error *err)
{
    const dbc_column_def *def = &column->def;
    size_t len = value->len;

    if (value->type == DBC_TEXT)
        len = dbc__utf8_count(value->as.text, value->len);
    else if (value->type != DBC_BLOB)
        return DBC_OK;
    if ((has(column, DBC_COLUMN_HAS_MIN_LEN) && len < def->min_len) ||
        (has(column, DBC_COLUMN_HAS_MAX_LEN) && len > def->max_len))
        return refuse(column, err,
                      "has a default of length %zu, out of its own bounds",
                      len);
    return DBC_OK;
}

static int check_default_value(const dbc_column *column, dbc_error *err)
{
    dbc_value value = column->def.default_value;

    if (!has(column, DBC_COLUMN_HAS_DEFAULT)) return DBC_OK;
    if (value.type == DBC_NULL && has(column, DBC_COLUMN_NOT_NULL))
        return refuse(column, err, "is not null, so null is no default for it");
    if (dbc_column_encode(column, &value, err) < 0)
        return dbc__error_set(err, DBC_ESCHEMA, "the default does not fit: %s",
                              err == NULL ? "" : err->message);

    int rc = check_default_range(column, &value, err);
    if (rc < 0) return rc;
    return check_default_length(column, &value, err);
}

static int check_default(const dbc_column *column, dbc_error *err)
{
    unsigned now = DBC_COLUMN_DEFAULT_NOW | DBC_COLUMN_ON_UPDATE_NOW;
    int count = has(column, DBC_COLUMN_HAS_DEFAULT) +
                has(column, DBC_COLUMN_DEFAULT_NOW) +
                (column->def.default_sql != NULL);

    if (count > 1)
        return refuse(column, err,
                      "has %d defaults: keep one of value, expression and now",
                      count);
    if (has(column, now) && !dbc__type_has_now(column->def.type))
        return refuse(column, err,
                      "is %s, which knows no \"now\": use timestamp, "
                      "timestamp_ms, datetime or date",
                      dbc_type_word(column->def.type));
    return check_default_value(column, err);
}

static int check_generated(const dbc_column *column, dbc_error *err)
{
    unsigned filled = DBC_COLUMN_HAS_DEFAULT | DBC_COLUMN_DEFAULT_NOW |
                      DBC_COLUMN_ON_UPDATE_NOW | DBC_COLUMN_HOST_DEFAULT |
                      DBC_COLUMN_HOST_UPDATE;

    if (column->def.generated == NULL) {
        if (has(column, DBC_COLUMN_STORED))
            return refuse(column, err,
                          "is stored but has no expression to generate it");
        return DBC_OK;
    }
    if (has(column, filled) || column->def.default_sql != NULL)
        return refuse(column, err,
                      "is generated: it cannot have a default or be updated");
    if (has(column, DBC_COLUMN_PRIMARY_KEY))
        return refuse(column, err, "is generated: it cannot be a primary key");
    return DBC_OK;
}

// Rules for values.

static int check_enum(const dbc_column *column, dbc_error *err)
{
    const dbc_names *values = &column->def.enum_values;
    dbc_type type = column->def.type;
    dbc__quoted quoted;

    if (values->count == 0)
        return type != DBC_T_ENUM
                   ? DBC_OK
                   : refuse(column, err, "is an enum without any value");
    if (type != DBC_T_ENUM && type != DBC_T_TEXT)
        return refuse(column, err,
                      "is %s: only text and enum columns have a list of values",
                      dbc_type_word(type));
    for (size_t i = 0; i < values->count; i++) {
        if (values->items[i] == NULL)
            return refuse(column, err, "has no text for its value %zu", i + 1);
        for (size_t j = 0; j < i; j++) {
            if (strcmp(values->items[i], values->items[j]) == 0)
                return refuse(column, err, "lists the value %s twice",
                              dbc__quote(&quoted, values->items[i],
                                         strlen(values->items[i])));
        }
    }
    return DBC_OK;
}

static int check_range(const dbc_column *column, dbc_error *err)
{
    const dbc_column_def *def = &column->def;
    int low = has(column, DBC_COLUMN_HAS_MIN);
    int high = has(column, DBC_COLUMN_HAS_MAX);

    if (!low && !high) return DBC_OK;
    if (!dbc__type_is_number(def->type) && def->type != DBC_T_ANY &&
        def->type != DBC_T_CUSTOM)
        return refuse(column, err, "is %s: a range is for numbers",
                      dbc_type_word(def->type));
    if ((low && !isfinite(def->min)) || (high && !isfinite(def->max)))
        return refuse(column, err,
                      "has a range without an end: leave that end out");
    if (low && high && def->min > def->max)
        return refuse(column, err, "has a range from %g to %g, which is empty",
                      def->min, def->max);
    return DBC_OK;
}

static int check_length(const dbc_column *column, dbc_error *err)
{
    const dbc_column_def *def = &column->def;
    int low = has(column, DBC_COLUMN_HAS_MIN_LEN);
    int high = has(column, DBC_COLUMN_HAS_MAX_LEN);

    if (!low && !high) return DBC_OK;
    if (!dbc__type_is_text(def->type) && def->type != DBC_T_BLOB &&
        def->type != DBC_T_ANY && def->type != DBC_T_CUSTOM)
        return refuse(column, err, "is %s: a length is for text and blobs",
                      dbc_type_word(def->type));
    if (low && high && def->min_len > def->max_len)
        return refuse(column, err,
                      "has a length from %zu to %zu, which is empty",
                      def->min_len, def->max_len);
    return DBC_OK;
}

static int check_pattern(const dbc_column *column, dbc_error *err)
{
    const char *pattern = column->def.pattern;

    if (pattern == NULL) return DBC_OK;
    const char *problem = dbc__pattern_problem(pattern);
    if (problem == NULL) return DBC_OK;
    dbc__quoted quoted;
    return refuse(column, err, "has the pattern %s, which %s",
                  dbc__quote(&quoted, pattern, strlen(pattern)), problem);
}

static int check_shape(const dbc_column *column, dbc_error *err)
{
    if (column->def.shape == NULL) return DBC_OK;
    if (column->def.type != DBC_T_JSON)
        return refuse(column, err, "is %s: only a JSON column has a shape",
                      dbc_type_word(column->def.type));
    return dbc__shape_check(column, err);
}

static int check_conflicts(const dbc_column *column, dbc_error *err)
{
    const dbc_column_def *def = &column->def;
    const struct {
        dbc_conflict conflict;
        unsigned flag;
        const char *what;
    } parts[] = {
        {def->on_conflict_key, DBC_COLUMN_PRIMARY_KEY, "a primary key"},
        {def->on_conflict_not_null, DBC_COLUMN_NOT_NULL, "not null"},
        {def->on_conflict_unique, DBC_COLUMN_UNIQUE, "unique"},
    };

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        int rc = dbc__part_conflict(parts[i].conflict, "it", err);
        if (rc < 0) return blame_part(column, rc, err);
        if (parts[i].conflict != DBC_CONFLICT_DEFAULT &&
            !has(column, parts[i].flag))
            return refuse(column, err,
                          "has a conflict clause for being %s, but is not",
                          parts[i].what);
    }
    return DBC_OK;
}

// Columns of views and full-text indexes.

static int is_written(const dbc_column *column)
{
    const dbc_column_def *def = &column->def;
    unsigned harmless = DBC_COLUMN_NOT_NULL | DBC_COLUMN_PRIMARY_KEY;

    return (def->flags & ~harmless) != 0 || def->default_sql != NULL ||
           def->generated != NULL || def->check != NULL ||
           def->references != NULL;
}

static int is_named(const dbc_column *column, const char *name)
{
    return dbc__name_equal(column->def.name, column->name_len, name,
                           strlen(name));
}

static int check_fts_column(const dbc_column *column, dbc_error *err)
{
    dbc_type type = column->def.type;
    dbc_type due = DBC_T_TEXT;

    if (is_named(column, column->table->sql_name))
        return refuse(column, err,
                      "has the name of its full-text index: rename one");
    if (is_named(column, "rowid")) due = DBC_T_INTEGER;
    if (is_named(column, "rank")) due = DBC_T_REAL;
    if (type != due && type != DBC_T_ANY)
        return refuse(column, err, "is %s: in a full-text index it must be %s",
                      dbc_type_word(type), dbc_type_word(due));
    return DBC_OK;
}

int dbc__column_check(const dbc_column *column, dbc_error *err)
{
    static int (*const CHECKS[])(const dbc_column *, dbc_error *) = {
        check_names,   check_expressions, check_storage, check_key,
        check_enum,    check_range,       check_length,  check_pattern,
        check_default, check_generated,   check_shape,   check_conflicts,
    };
    dbc_table_kind kind = column->table->def.kind;
    int rc = DBC_OK;

    for (size_t i = 0; rc >= 0 && i < sizeof CHECKS / sizeof CHECKS[0]; i++)
        rc = CHECKS[i](column, err);
    if (rc < 0 || kind == DBC_TABLE) return rc;
    if (is_written(column))
        return refuse(column, err,
                      "is only read here: it can have a type and a key in "
                      "rows, but nothing that concerns writing");
    return kind == DBC_FTS ? check_fts_column(column, err) : DBC_OK;
}
