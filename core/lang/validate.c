// A row against its table: every rule of every column, then those of the whole
// row. What broke its type or is not known counts as unknown for what follows.
#include "validate.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "column.h"
#include "condition.h"
#include "error.h"
#include "pattern.h"
#include "shape.h"
#include "table.h"
#include "type.h"
#include "utf8.h"

// --------------------------------------------------------------- what is said

static int is_key(const dbc_column *column)
{
    const dbc_table *table = column->table;

    for (size_t i = 0; i < table->key_count; i++)
        if (table->key[i]->position == column->position) return 1;
    return 0;
}

static int refuses_null(const dbc_column *column)
{
    const dbc_table_def *table = &column->table->def;
    dbc_conflict conflict = column->def.on_conflict_not_null;

    if (table->kind != DBC_TABLE) return 0;
    // A row without an integer key gets one; some conflict clauses drop the
    // row or put the default in its place.
    if (column->table->rowid_alias != NULL &&
        column->table->rowid_alias->position == column->position)
        return 0;
    if (conflict == DBC_CONFLICT_IGNORE || conflict == DBC_CONFLICT_REPLACE)
        return 0;
    if (column->def.flags & DBC_COLUMN_NOT_NULL) return 1;
    return (table->flags & DBC_TABLE_WITHOUT_ROWID) && is_key(column);
}

unsigned dbc__validate_rules(const dbc_column *column)
{
    const dbc_column_def *def = &column->def;
    unsigned rules = 0;

    if (refuses_null(column)) rules |= DBC__RULE_NOT_NULL;
    if (def->flags & (DBC_COLUMN_HAS_MIN | DBC_COLUMN_HAS_MAX))
        rules |= DBC__RULE_RANGE;
    if (def->flags & (DBC_COLUMN_HAS_MIN_LEN | DBC_COLUMN_HAS_MAX_LEN))
        rules |= DBC__RULE_LENGTH;
    if (def->pattern != NULL) rules |= DBC__RULE_PATTERN;
    if (def->shape != NULL) rules |= DBC__RULE_SHAPE;
    return rules;
}

unsigned dbc__validate_passes(const dbc_column *column)
{
    const unsigned whole = 1u << DBC_INT, real = 1u << DBC_REAL;
    const unsigned text = 1u << DBC_TEXT, blob = 1u << DBC_BLOB;

    if (column->rules & ~(unsigned)DBC__RULE_NOT_NULL) return 0;
    switch (column->def.type) {
    case DBC_T_INTEGER:
    case DBC_T_TIMESTAMP:
    case DBC_T_TIMESTAMP_MS:
        return whole;
    case DBC_T_REAL:
        return real;
    case DBC_T_NUMERIC:
        return whole | real;
    case DBC_T_TEXT:
    case DBC_T_JSON:
        return column->def.enum_values.count == 0 ? text : 0;
    case DBC_T_BLOB:
        return blob;
    case DBC_T_ANY:
    case DBC_T_CUSTOM:
        return whole | real | text | blob;
    default: // they have a form
        return 0;
    }
}

const char *dbc__validate_type_rule(const dbc_column *column,
                                    const dbc_value *value)
{
    int is_listed = column->def.enum_values.count > 0;

    return is_listed && value->type == DBC_TEXT ? "enum" : "type";
}

static int has_default(const dbc_column *column)
{
    unsigned now = DBC_COLUMN_HAS_DEFAULT | DBC_COLUMN_DEFAULT_NOW;

    return (column->def.flags & now) != 0 || column->def.default_sql != NULL ||
           column->def.generated != NULL;
}

int dbc__validate_is_required(const dbc_column *column)
{
    return (column->rules & DBC__RULE_NOT_NULL) != 0 && !has_default(column);
}

// ------------------------------------------------------------------- a value

static int is_number(const dbc_value *value)
{
    return value->type == DBC_INT || value->type == DBC_REAL;
}

// Whether a double holds it exactly, and comparing as doubles is right.
static int is_small(const dbc_value *value)
{
    const int64_t two_53 = INT64_C(1) << 53;

    return value->type == DBC_INT && value->as.i <= two_53 &&
           value->as.i >= -two_53;
}

static int is_in_range(const dbc_column_def *def, const dbc_value *value)
{
    if (is_small(value)) {
        double number = (double)value->as.i;
        if ((def->flags & DBC_COLUMN_HAS_MIN) && number < def->min) return 0;
        return !(def->flags & DBC_COLUMN_HAS_MAX) || number <= def->max;
    }

    dbc_value low = dbc_value_real(def->min), high = dbc_value_real(def->max);

    if (!is_number(value)) return 1;
    if ((def->flags & DBC_COLUMN_HAS_MIN) &&
        dbc__compare_numbers(value, &low) < 0)
        return 0;
    return !(def->flags & DBC_COLUMN_HAS_MAX) ||
           dbc__compare_numbers(value, &high) <= 0;
}

static size_t length_of(const dbc_value *value)
{
    return value->type == DBC_TEXT ? dbc__utf8_count(value->as.text, value->len)
                                   : value->len;
}

// A text has at most as many characters as bytes, and at least a quarter of
// them: mostly nothing has to be counted. A NUL would end it early.
static int is_surely_as_long(const dbc_column_def *def, const dbc_value *value)
{
    int has_min = (def->flags & DBC_COLUMN_HAS_MIN_LEN) && def->min_len > 0;

    if ((def->flags & DBC_COLUMN_HAS_MAX_LEN) && value->len > def->max_len)
        return 0;
    if (!has_min) return 1;
    if (def->min_len == 1) return value->len > 0 && value->as.text[0] != '\0';
    return value->len / 4 >= def->min_len &&
           memchr(value->as.text, '\0', value->len) == NULL;
}

static int is_as_long(const dbc_column_def *def, const dbc_value *value)
{
    if (value->type != DBC_TEXT && value->type != DBC_BLOB) return 1;
    if (value->type == DBC_TEXT && is_surely_as_long(def, value)) return 1;

    size_t len = length_of(value);
    if ((def->flags & DBC_COLUMN_HAS_MIN_LEN) && len < def->min_len) return 0;
    return !(def->flags & DBC_COLUMN_HAS_MAX_LEN) || len <= def->max_len;
}

static int has_pattern(const dbc_column_def *def, const dbc_value *value)
{
    if (value->type != DBC_TEXT && value->type != DBC_BLOB) return 1;
    return dbc__pattern_find(value->as.text, value->len, def->pattern) ==
           DBC__PATTERN_FOUND;
}

static int has_shape(const dbc_column *column, const dbc_value *value)
{
    dbc_report report = {.count = 0};

    if (value->type != DBC_TEXT) return 1;
    dbc__arena_init(&report.arena, column->table->arena.alloc);
    dbc__shape_validate(&report, column, value);
    int good = report.count == 0 && report.status == DBC_OK;
    dbc__alloc_free(report.arena.alloc, report.items,
                    report.cap * sizeof *report.items);
    dbc__arena_dispose(&report.arena);
    return good;
}

int dbc__validate_obeys(const dbc_column *column, const dbc_value *value)
{
    unsigned rules = column->rules;

    if ((rules & DBC__RULE_RANGE) && !is_in_range(&column->def, value))
        return 0;
    if ((rules & DBC__RULE_LENGTH) && !is_as_long(&column->def, value))
        return 0;
    if ((rules & DBC__RULE_PATTERN) && !has_pattern(&column->def, value))
        return 0;
    return !(rules & DBC__RULE_SHAPE) || has_shape(column, value);
}

// "from 1 to 80", "at least 1" or "at most 80".
static const char *say_limits(char *out, size_t size, int has_low, double low,
                              int has_high, double high)
{
    if (has_low && has_high)
        snprintf(out, size, "from %.15g to %.15g", low, high);
    else if (has_low)
        snprintf(out, size, "at least %.15g", low);
    else
        snprintf(out, size, "at most %.15g", high);
    return out;
}

static void add_range(dbc_report *report, dbc__fault fault,
                      const dbc_column *column, const dbc_value *value)
{
    const dbc_column_def *def = &column->def;
    dbc__described given;
    char limits[80];
    dbc__quoted name;

    fault.rule = "range";
    say_limits(limits, sizeof limits, (def->flags & DBC_COLUMN_HAS_MIN) != 0,
               def->min, (def->flags & DBC_COLUMN_HAS_MAX) != 0, def->max);
    dbc__report_add(report, &fault,
                    "column %s is out of its range: expected %s, got %s",
                    dbc__column_quote(&name, column), limits,
                    dbc__type_describe(&given, value));
}

static void add_length(dbc_report *report, dbc__fault fault,
                       const dbc_column *column, const dbc_value *value)
{
    const dbc_column_def *def = &column->def;
    char limits[80];
    dbc__quoted name;

    fault.rule = "length";
    say_limits(limits, sizeof limits,
               (def->flags & DBC_COLUMN_HAS_MIN_LEN) != 0, (double)def->min_len,
               (def->flags & DBC_COLUMN_HAS_MAX_LEN) != 0,
               (double)def->max_len);
    dbc__report_add(report, &fault,
                    "column %s has a length out of its bounds: expected %s %s, "
                    "got %zu",
                    dbc__column_quote(&name, column), limits,
                    value->type == DBC_TEXT ? "characters" : "bytes",
                    length_of(value));
}

static void add_pattern(dbc_report *report, dbc__fault fault,
                        const dbc_column *column, const dbc_value *value)
{
    const char *pattern = column->def.pattern;
    dbc__described given;
    dbc__quoted name;

    fault.rule = "pattern";
    if (dbc__pattern_find(value->as.text, value->len, pattern) ==
        DBC__PATTERN_TOO_LONG)
        dbc__report_add(report, &fault,
                        "column %s has a text that takes its pattern %.60s too "
                        "long to match: make the pattern simpler",
                        dbc__column_quote(&name, column), pattern);
    else
        dbc__report_add(report, &fault,
                        "column %s must match the pattern %.60s, got %s",
                        dbc__column_quote(&name, column), pattern,
                        dbc__type_describe(&given, value));
}

void dbc__validate_value(dbc_report *report, const dbc__fault *at,
                         const dbc_column *column, const dbc_value *value)
{
    unsigned rules = column->rules;

    if (value->type == DBC_NULL) return;
    if ((rules & DBC__RULE_RANGE) && !is_in_range(&column->def, value))
        add_range(report, *at, column, value);
    if ((rules & DBC__RULE_LENGTH) && !is_as_long(&column->def, value))
        add_length(report, *at, column, value);
    if ((rules & DBC__RULE_PATTERN) && !has_pattern(&column->def, value))
        add_pattern(report, *at, column, value);
    if ((rules & DBC__RULE_SHAPE) && value->type == DBC_TEXT)
        dbc__shape_validate(report, column, value);
}

// ------------------------------------------------------------------- columns

typedef struct checking {
    dbc_report *report;
    const dbc_row *row;
} checking;

__attribute__((format(printf, 4, 5))) static void refuse(
    const checking *c, const dbc_column *column, const char *rule,
    const char *format, ...)
{
    const dbc__fault fault = {column, NULL, rule, NULL};
    char problem[200];
    dbc__quoted name;
    va_list args;

    va_start(args, format);
    vsnprintf(problem, sizeof problem, format, args);
    va_end(args);
    dbc__report_add(c->report, &fault, "column %s %s",
                    dbc__column_quote(&name, column), problem);
    c->row->presence[column->position] = DBC_COMPUTED;
}

static void check_given(const checking *c, const dbc_column *column)
{
    dbc_value *value = &c->row->values[column->position];
    const dbc__fault at = {column, NULL, NULL, NULL};
    dbc_error err = DBC_ERROR_INIT;

    if (column->def.generated != NULL && c->row->use != DBC_ROW_SELECT) {
        refuse(c, column, "generated",
               "is generated: the database computes it, leave it out");
        return;
    }
    if (dbc_column_encode(column, value, &err) < 0) {
        const dbc__fault fault = {column, NULL,
                                  dbc__validate_type_rule(column, value), NULL};
        dbc__report_add(c->report, &fault, "%s", err.message);
        c->row->presence[column->position] = DBC_COMPUTED;
        return;
    }
    if (value->type == DBC_NULL && (column->rules & DBC__RULE_NOT_NULL))
        refuse(c, column, "not_null", "cannot be null: give it a value");
    else
        dbc__validate_value(c->report, &at, column, value);
}

static void check_absent(const checking *c, const dbc_column *column)
{
    switch (c->row->use) {
    case DBC_ROW_INSERT:
        if (dbc__validate_is_required(column))
            refuse(c, column, "not_null",
                   "is missing: it cannot be null and has no default");
        break;
    case DBC_ROW_SELECT:
        if ((column->rules & DBC__RULE_NOT_NULL) || is_key(column))
            refuse(c, column, "not_null", "is missing: it is never null");
        break;
    case DBC_ROW_UPDATE:
        break;
    }
}

// -------------------------------------------------------------------- checks

// The value a column will have. A check that needs another one is the
// database's.
static int find_value(void *ud, const dbc_column *column, dbc_value *out)
{
    const checking *c = ud;
    uint32_t i = column->position;
    int is_rowid = column->table->rowid_alias != NULL &&
                   column->table->rowid_alias->position == i;

    if (c->row->presence[i] == DBC_COMPUTED) return 0;
    *out = c->row->values[i];
    if (c->row->presence[i] == DBC_GIVEN)
        return out->type != DBC_NULL || !is_rowid;
    if (c->row->use == DBC_ROW_UPDATE || column->def.generated != NULL)
        return 0;
    *out = dbc_value_null();
    if (c->row->use == DBC_ROW_SELECT) return 1;
    if (is_rowid || column->def.default_sql != NULL ||
        (column->def.flags & DBC_COLUMN_DEFAULT_NOW))
        return 0;
    if (!(column->def.flags & DBC_COLUMN_HAS_DEFAULT)) return 1;
    *out = column->def.default_value;
    return dbc_column_encode(column, out, NULL) == DBC_OK;
}

static void check_condition(checking *c, const dbc_column *column,
                            const char *name, const char *sql)
{
    const dbc_table *table = c->row->table;
    const dbc__fault fault = {column, NULL, "check", name != NULL ? name : sql};
    dbc__quoted quoted;

    if (dbc__condition_holds(sql, table, find_value, c) != DBC__FALSE) return;
    if (column != NULL)
        dbc__report_add(c->report, &fault, "column %s breaks its check %.120s",
                        dbc__column_quote(&quoted, column), fault.constraint);
    else
        dbc__report_add(c->report, &fault,
                        "the row breaks the check %.120s of %s",
                        fault.constraint,
                        dbc__quote(&quoted, table->def.name, table->name_len));
}

static void check_conditions(checking *c)
{
    const dbc_table_def *def = &c->row->table->def;

    for (size_t i = 0; i < def->column_count; i++) {
        const dbc_column *column = &c->row->table->columns[i];
        if (column->def.check != NULL)
            check_condition(c, column, column->def.check_name,
                            column->def.check);
    }
    for (size_t i = 0; i < def->check_count; i++)
        check_condition(c, NULL, def->checks[i].name,
                        def->checks[i].expression);
}

static void check_columns(const checking *c)
{
    const dbc_table *table = c->row->table;

    for (size_t i = 0; i < table->def.column_count; i++) {
        if (c->row->presence[i] == DBC_GIVEN)
            check_given(c, &table->columns[i]);
        else if (c->row->presence[i] == DBC_ABSENT)
            check_absent(c, &table->columns[i]);
    }
}

int dbc__validate_row(dbc_report *report, const dbc_row *row, dbc_conn *conn,
                      dbc__validate_checks checks, dbc_error *err)
{
    const dbc_host_rules *host = &row->table->def.host;
    checking c = {report, row};

    check_columns(&c);
    if (host->check != NULL) {
        int rc = host->check(host->ud, conn, row, report, err);
        if (rc < 0) return rc;
    }
    if (checks == DBC__CHECKS_ALWAYS || report->count > 0) check_conditions(&c);
    return dbc__report_finish(report, row->table, err);
}

int dbc_row_validate(dbc_report *report, const dbc_row *row, dbc_conn *conn,
                     dbc_error *err)
{
    return dbc__validate_row(report, row, conn, DBC__CHECKS_ALWAYS, err);
}
