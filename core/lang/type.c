// The types a column can be declared with. Accepting a value is on the path
// of every bound parameter, so the usual cases are decided in one switch and
// everything about messages stays out of it.
#include "type.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "column.h"
#include "error.h"
#include "form.h"
#include "suggest.h"
#include "utf8.h"

typedef struct type_words {
    const char *word;
    const char *sql;
} type_words;

static const type_words TYPES[] = {
#define TYPE_WORDS(name, word, sql) [DBC_T_##name] = {word, sql},
    DBC_TYPE_MAP(TYPE_WORDS)
#undef TYPE_WORDS
};

enum { TYPE_COUNT = sizeof TYPES / sizeof TYPES[0] };

int dbc__type_exists(dbc_type type)
{
    return (unsigned)type < TYPE_COUNT;
}

const char *dbc_type_word(dbc_type type)
{
    return dbc__type_exists(type) ? TYPES[type].word : "unknown";
}

int dbc_type_from_word(const char *word)
{
    for (int i = 0; i < TYPE_COUNT; i++) {
        if (strcmp(TYPES[i].word, word) == 0) return i;
    }
    return -1;
}

const char *dbc__type_sql(dbc_type type)
{
    return dbc__type_exists(type) ? TYPES[type].sql : "ANY";
}

int dbc__type_is_text(dbc_type type)
{
    return strcmp(dbc__type_sql(type), "TEXT") == 0;
}

int dbc__type_is_number(dbc_type type)
{
    return type == DBC_T_INTEGER || type == DBC_T_REAL ||
           type == DBC_T_NUMERIC || type == DBC_T_TIMESTAMP ||
           type == DBC_T_TIMESTAMP_MS;
}

int dbc__type_has_now(dbc_type type)
{
    return type == DBC_T_TIMESTAMP || type == DBC_T_TIMESTAMP_MS ||
           type == DBC_T_DATETIME || type == DBC_T_DATE;
}

// Refusing: the slow path.

static const char *expectation(dbc_type type)
{
    static const char *const EXPECTED[TYPE_COUNT] = {
        [DBC_T_ANY] = "a single value",
        [DBC_T_INTEGER] = "a whole number of 64 bits",
        [DBC_T_REAL] = "a number that a double holds exactly",
        [DBC_T_TEXT] = "text",
        [DBC_T_BLOB] = "text or a blob",
        [DBC_T_BOOLEAN] = "true or false",
        [DBC_T_JSON] = "JSON text",
        [DBC_T_NUMERIC] = "a number",
        [DBC_T_TIMESTAMP] = "whole seconds since 1970-01-01 UTC",
        [DBC_T_TIMESTAMP_MS] = "whole milliseconds since 1970-01-01 UTC",
        [DBC_T_DATETIME] = ("a moment such as \"2026-01-31 23:59:59\", "
                            "with an optional fraction and zone (Z or +01:00)"),
        [DBC_T_DATE] = "a day such as \"2026-01-31\"",
        [DBC_T_UUID] = ("36 characters such as "
                        "\"0b2e9c1a-5f1d-4c57-9a63-1f2e3d4c5b6a\""),
        [DBC_T_ENUM] = "text",
        [DBC_T_CUSTOM] = "a single value",
    };

    return EXPECTED[type];
}

const char *dbc__type_describe(dbc__described *out, const dbc_value *value)
{
    size_t size = sizeof out->text;
    dbc__quoted quoted;

    switch (value->type) {
    case DBC_NULL:
        snprintf(out->text, size, "null");
        break;
    case DBC_INT:
        snprintf(out->text, size, "integer %" PRId64, value->as.i);
        break;
    case DBC_REAL:
        snprintf(out->text, size, "real %.17g", value->as.r);
        break;
    case DBC_TEXT:
        dbc__quote(&quoted, value->as.text, value->len);
        snprintf(out->text, size, "text %s", quoted.text);
        break;
    case DBC_BLOB:
        snprintf(out->text, size, "a blob of %zu bytes", value->len);
        break;
    case DBC_BOOL:
        snprintf(out->text, size, "%s", value->as.i ? "true" : "false");
        break;
    case DBC_LIST:
        snprintf(out->text, size, "a list of %zu values", value->len);
        break;
    case DBC_FOREIGN:
        dbc__utf8_tame(out->text, size, value->as.text, value->len);
        break;
    }
    return out->text;
}

// `problem` is the whole rest of the message behind the column's name.
static int refuse(dbc_type type, const dbc_column *column, const char *problem,
                  dbc_error *err)
{
    const char *word = dbc_type_word(type);
    dbc__quoted quoted;

    if (err == NULL) return DBC_EINVALID;
    if (column == NULL)
        return dbc__error_set(err, DBC_EINVALID, "a value of type %s: %s", word,
                              problem);

    dbc__error_set(err, DBC_EINVALID, "column %s is %s: %s",
                   dbc__column_quote(&quoted, column), word, problem);
    dbc__column_blame(err, column);
    return DBC_EINVALID;
}

static int refuse_value(dbc_type type, const dbc_column *column,
                        const dbc_value *value, const char *expected,
                        dbc_error *err)
{
    char problem[320];
    dbc__described given;

    if (err == NULL) return DBC_EINVALID;
    snprintf(problem, sizeof problem, "expected %s, got %s", expected,
             dbc__type_describe(&given, value));
    return refuse(type, column, problem, err);
}

static int misfit(dbc_type type, const dbc_column *column,
                  const dbc_value *value, dbc_error *err)
{
    if (value->type == DBC_LIST)
        return refuse(type, column,
                      "a list is only allowed on the right of in_", err);
    if (value->type == DBC_REAL && isnan(value->as.r))
        return refuse(type, column,
                      "NaN cannot be stored, use null for \"not a number\"",
                      err);
    return refuse_value(type, column, value, expectation(type), err);
}

enum { SHOWN_VALUES = 150 }; // bytes of an enum's list in a message

// "one of "a", "b", … (5 more)" of a column's list.
static void list_values(char *out, size_t size, const dbc_names *values)
{
    size_t used = (size_t)snprintf(out, size, "one of ");

    for (size_t i = 0; i < values->count; i++) {
        dbc__quoted quoted;

        dbc__quote(&quoted, values->items[i], strlen(values->items[i]));
        if (used + strlen(quoted.text) > SHOWN_VALUES) {
            snprintf(out + used, size - used, ", … (%zu more)",
                     values->count - i);
            return;
        }
        used += (size_t)snprintf(out + used, size - used, "%s%s",
                                 i == 0 ? "" : ", ", quoted.text);
    }
}

static int refuse_choice(dbc_type type, const dbc_column *column,
                         const dbc_value *value, dbc_error *err)
{
    const dbc_names *values = &column->def.enum_values;
    char list[SHOWN_VALUES + 40], problem[460];
    dbc__suggest suggest;
    dbc__hint nearest;
    dbc__described given;

    if (err == NULL) return DBC_EINVALID;
    list_values(list, sizeof list, values);
    dbc__suggest_init(&suggest, value->as.text, value->len);
    for (size_t i = 0; i < values->count; i++)
        dbc__suggest_try(&suggest, values->items[i]);
    snprintf(problem, sizeof problem, "expected %s, got %s%s", list,
             dbc__type_describe(&given, value),
             dbc__suggest_hint(&nearest, &suggest));
    return refuse(type, column, problem, err);
}

// Accepting.

static const double TWO_63 = 9223372036854775808.0;

// Whether a double is a whole number of 64 bits. NaN is none.
static int is_whole(double r)
{
    return r >= -TWO_63 && r < TWO_63 && (double)(int64_t)r == r;
}

static int is_exact(int64_t i)
{
    double r = (double)i;

    return r < TWO_63 && (int64_t)r == i;
}

static int encode_whole(dbc_type type, const dbc_column *column,
                        dbc_value *value, dbc_error *err)
{
    if (value->type == DBC_INT) return DBC_OK;
    if (value->type != DBC_REAL || !is_whole(value->as.r))
        return misfit(type, column, value, err);

    *value = dbc_value_int((int64_t)value->as.r);
    return DBC_OK;
}

static int encode_real(dbc_type type, const dbc_column *column,
                       dbc_value *value, dbc_error *err)
{
    if (value->type == DBC_REAL && !isnan(value->as.r)) return DBC_OK;
    if (value->type != DBC_INT || !is_exact(value->as.i))
        return misfit(type, column, value, err);

    *value = dbc_value_real((double)value->as.i);
    return DBC_OK;
}

static int encode_numeric(dbc_type type, const dbc_column *column,
                          const dbc_value *value, dbc_error *err)
{
    if (value->type == DBC_INT) return DBC_OK;
    if (value->type == DBC_REAL && !isnan(value->as.r)) return DBC_OK;
    return misfit(type, column, value, err);
}

static int encode_blob(dbc_type type, const dbc_column *column,
                       dbc_value *value, dbc_error *err)
{
    if (value->type == DBC_BLOB) return DBC_OK;
    if (value->type != DBC_TEXT) return misfit(type, column, value, err);

    *value = dbc_value_blob(value->as.text, value->len);
    return DBC_OK;
}

static int encode_boolean(dbc_type type, const dbc_column *column,
                          dbc_value *value, dbc_error *err)
{
    if (value->type != DBC_BOOL) return misfit(type, column, value, err);

    *value = dbc_value_int(value->as.i != 0);
    return DBC_OK;
}

// Mostly the first byte decides, without a call.
static int is_text(const char *text, const dbc_value *value)
{
    if (value->len == 0 || text[0] != value->as.text[0])
        return value->len == 0 && text[0] == '\0';
    return strlen(text) == value->len &&
           memcmp(text, value->as.text, value->len) == 0;
}

static int check_choice(dbc_type type, const dbc_column *column,
                        const dbc_value *value, dbc_error *err)
{
    const dbc_names *values = &column->def.enum_values;

    for (size_t i = 0; i < values->count; i++)
        if (is_text(values->items[i], value)) return DBC_OK;
    return refuse_choice(type, column, value, err);
}

static int check_uuid(dbc_type type, const dbc_column *column,
                      const dbc_value *value, dbc_error *err)
{
    switch (dbc__form_uuid(value->as.text, value->len)) {
    case DBC__FORM_GOOD:
        return DBC_OK;
    case DBC__FORM_UPPER:
        return refuse_value(type, column, value,
                            "a UUID in lower case (lower it first)", err);
    case DBC__FORM_BAD:
        break;
    }
    return misfit(type, column, value, err);
}

static int check_text(dbc_type type, const dbc_column *column,
                      const dbc_value *value, dbc_error *err)
{
    if (value->type != DBC_TEXT) return misfit(type, column, value, err);

    switch (type) {
    case DBC_T_DATE:
        if (dbc__form_date(value->as.text, value->len)) return DBC_OK;
        return misfit(type, column, value, err);
    case DBC_T_DATETIME:
        if (dbc__form_datetime(value->as.text, value->len)) return DBC_OK;
        return misfit(type, column, value, err);
    case DBC_T_UUID:
        return check_uuid(type, column, value, err);
    default:
        break;
    }
    if (column == NULL || column->def.enum_values.count == 0) return DBC_OK;
    return check_choice(type, column, value, err);
}

// ANY and CUSTOM: what can be stored at all.
static int encode_any(dbc_type type, const dbc_column *column, dbc_value *value,
                      dbc_error *err)
{
    if (value->type == DBC_LIST || value->type == DBC_FOREIGN ||
        (value->type == DBC_REAL && isnan(value->as.r)))
        return misfit(type, column, value, err);

    if (value->type == DBC_BOOL) *value = dbc_value_int(value->as.i != 0);
    return DBC_OK;
}

int dbc__type_encode(dbc_type type, const dbc_column *column, dbc_value *value,
                     dbc_error *err)
{
    if (value->type == DBC_NULL) return DBC_OK;

    switch (type) {
    case DBC_T_INTEGER:
    case DBC_T_TIMESTAMP:
    case DBC_T_TIMESTAMP_MS:
        return encode_whole(type, column, value, err);
    case DBC_T_REAL:
        return encode_real(type, column, value, err);
    case DBC_T_NUMERIC:
        return encode_numeric(type, column, value, err);
    case DBC_T_BLOB:
        return encode_blob(type, column, value, err);
    case DBC_T_BOOLEAN:
        return encode_boolean(type, column, value, err);
    case DBC_T_TEXT:
    case DBC_T_JSON:
    case DBC_T_DATETIME:
    case DBC_T_DATE:
    case DBC_T_UUID:
    case DBC_T_ENUM:
        return check_text(type, column, value, err);
    case DBC_T_ANY:
    case DBC_T_CUSTOM:
        break;
    }
    return encode_any(type, column, value, err);
}

int dbc_column_encode(const dbc_column *column, dbc_value *value,
                      dbc_error *err)
{
    return dbc__type_encode(column->def.type, column, value, err);
}
