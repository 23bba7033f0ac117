// A field of a document is described as a column is, and obeys the same rules
// in the same words. So each is looked at as a column of its own whose name is
// its path; only objects, lists and what is missing are this file's.
#include "shape.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "column.h"
#include "error.h"
#include "report.h"
#include "suggest.h"
#include "type.h"
#include "validate.h"

enum { PATH_MAX_LEN = 240, DEPTH_MAX = 64 };

// A place in a document.
typedef struct place {
    char path[PATH_MAX_LEN + 1];
    size_t len;
} place;

// ----------------------------------------------------------- the description

// `column` with another name and another description.
static dbc_column as_column(const dbc_column *column, const dbc_column_def *def,
                            const place *at)
{
    dbc_column field = *column;

    field.def = *def;
    field.def.name = at->path;
    field.name_len = (uint32_t)at->len;
    field.rules = dbc__validate_rules(&field);
    return field;
}

// Paths are written for every value, wrong or not, so without printf. What does
// not fit is cut off.
static void enter(place *at, const char *text, size_t len)
{
    size_t room = sizeof at->path - 1 - at->len;

    if (len > room) len = room;
    memcpy(at->path + at->len, text, len);
    at->len += len;
    at->path[at->len] = '\0';
}

static void enter_field(place *at, const char *name)
{
    enter(at, ".", 1);
    enter(at, name, strlen(name));
}

// Item `number` of a list, from 1.
static void enter_item(place *at, size_t number)
{
    char text[24];
    size_t first = sizeof text;

    text[--first] = ']';
    do {
        text[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    text[--first] = '[';
    enter(at, text + first, sizeof text - first);
}

static int is_for_tables(const dbc_column_def *def)
{
    unsigned allowed = DBC_COLUMN_NOT_NULL | DBC_COLUMN_HAS_MIN |
                       DBC_COLUMN_HAS_MAX | DBC_COLUMN_HAS_MIN_LEN |
                       DBC_COLUMN_HAS_MAX_LEN;

    return (def->flags & ~allowed) != 0 || def->storage != NULL ||
           def->default_sql != NULL || def->generated != NULL ||
           def->collate != NULL || def->check != NULL ||
           def->references != NULL || def->as != NULL ||
           def->renamed_from != NULL || def->backfill != NULL ||
           def->copy != NULL;
}

static int check_field(const dbc_column *column, const dbc_column_def *def,
                       const place *at, dbc_error *err)
{
    dbc__quoted quoted;

    dbc__quote(&quoted, at->path, at->len);
    if (def->type == DBC_T_BLOB || def->type == DBC_T_CUSTOM)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "field %s is %s, for which JSON has no form",
                              quoted.text, dbc_type_word(def->type));
    if (is_for_tables(def))
        return dbc__error_set(err, DBC_ESCHEMA,
                              "field %s says what only a column of a table can "
                              "be: inside JSON there are not_null, enum, "
                              "length, range and pattern",
                              quoted.text);
    if (at->len >= PATH_MAX_LEN)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "field %s has a path of more than %d bytes",
                              quoted.text, PATH_MAX_LEN);

    dbc_column field = as_column(column, def, at);
    return dbc__column_check(&field, err);
}

static int check_names(const dbc_column *column, const dbc_shape *shape,
                       dbc_error *err)
{
    dbc__quoted owner, name;

    dbc__quote(&owner, column->def.name, column->name_len);
    for (size_t i = 0; i < shape->field_count; i++) {
        const char *each = shape->fields[i].name;
        if (each == NULL)
            return dbc__error_set(err, DBC_ESCHEMA,
                                  "field %zu of %s has no name", i + 1,
                                  owner.text);
        for (size_t j = 0; j < i; j++)
            if (strcmp(each, shape->fields[j].name) == 0)
                return dbc__error_set(err, DBC_ESCHEMA,
                                      "%s has the field %s twice", owner.text,
                                      dbc__quote(&name, each, strlen(each)));
    }
    return DBC_OK;
}

int dbc__shape_check(const dbc_column *column, dbc_error *err)
{
    const dbc_shape *shape = column->def.shape;
    int rc = check_names(column, shape, err);
    place at = {.len = 0};

    if (shape->items != NULL && shape->field_count > 0)
        return dbc__error_set(err, DBC_ESCHEMA,
                              "a shape is either an object or a list");
    enter(&at, column->def.name, column->name_len);
    size_t base = at.len;
    if (rc >= 0 && shape->items != NULL) {
        enter(&at, "[]", 2);
        return check_field(column, shape->items, &at, err);
    }
    for (size_t i = 0; rc >= 0 && i < shape->field_count; i++) {
        at.len = base;
        enter_field(&at, shape->fields[i].name);
        rc = check_field(column, &shape->fields[i], &at, err);
    }
    return rc;
}

// -------------------------------------------------------------- the document

typedef struct visit {
    dbc_report *report;
    const dbc_column *column;
    int depth;
} visit;

static void visit_node(visit *v, const dbc_column_def *def, place *at,
                       const json_t *node);

static const char *kind_of(const json_t *node)
{
    if (json_is_object(node)) return "an object";
    if (json_is_array(node)) return "a list";
    if (json_is_string(node)) return "text";
    if (json_is_boolean(node)) return "a boolean";
    return "a number";
}

static dbc_value value_of(const json_t *node)
{
    if (json_is_string(node))
        return dbc_value_text(json_string_value(node),
                              json_string_length(node));
    if (json_is_integer(node)) return dbc_value_int(json_integer_value(node));
    if (json_is_real(node)) return dbc_value_real(json_real_value(node));
    if (json_is_boolean(node)) return dbc_value_bool(json_is_true(node));
    return dbc_value_foreign(kind_of(node), strlen(kind_of(node)));
}

__attribute__((format(printf, 4, 5))) static void complain(
    const visit *v, const place *at, const char *rule, const char *format, ...)
{
    const dbc__fault fault = {v->column, at->path, rule, NULL};
    dbc_column named = {.table = v->column->table, .def.name = at->path};
    char problem[200];
    dbc__quoted quoted;
    va_list args;

    va_start(args, format);
    vsnprintf(problem, sizeof problem, format, args);
    va_end(args);
    dbc__report_add(v->report, &fault, "column %s %s",
                    dbc__column_quote(&quoted, &named), problem);
}

static void visit_scalar(const visit *v, const dbc_column_def *def,
                         const place *at, const json_t *node)
{
    dbc_column field = as_column(v->column, def, at);
    dbc__fault fault = {v->column, at->path, NULL, NULL};
    dbc_value value = value_of(node);
    dbc_error err = DBC_ERROR_INIT;

    if (dbc_column_encode(&field, &value, &err) < 0) {
        fault.rule = dbc__validate_type_rule(&field, &value);
        dbc__report_add(v->report, &fault, "%s", err.message);
        return;
    }
    dbc__validate_value(v->report, &fault, &field, &value);
}

static const dbc_column_def *find_field(const dbc_shape *shape,
                                        const char *name)
{
    for (size_t i = 0; i < shape->field_count; i++)
        if (strcmp(shape->fields[i].name, name) == 0) return &shape->fields[i];
    return NULL;
}

static void refuse_unknown(const visit *v, const dbc_shape *shape, place *at,
                           const char *name)
{
    size_t base = at->len;
    dbc__suggest suggest;
    dbc__hint hint;

    dbc__suggest_init(&suggest, name, strlen(name));
    for (size_t i = 0; i < shape->field_count; i++)
        dbc__suggest_try(&suggest, shape->fields[i].name);
    enter_field(at, name);
    complain(v, at, "unknown", "is not among the fields that are described%s",
             dbc__suggest_hint(&hint, &suggest));
    at->len = base;
    at->path[base] = '\0';
}

static void visit_object(visit *v, const dbc_shape *shape, place *at,
                         const json_t *node)
{
    size_t base = at->len;
    const char *name;
    json_t *ignored;

    for (size_t i = 0; i < shape->field_count; i++) {
        const dbc_column_def *field = &shape->fields[i];

        enter_field(at, field->name);
        visit_node(v, field, at, json_object_get(node, field->name));
        at->len = base;
        at->path[base] = '\0';
    }
    // Without a single field it is an object, of whatever keys.
    if (shape->field_count == 0) return;
    json_object_foreach((json_t *)node, name, ignored)
    {
        (void)ignored;
        if (find_field(shape, name) == NULL) refuse_unknown(v, shape, at, name);
    }
}

static void visit_list(visit *v, const dbc_column_def *item, place *at,
                       const json_t *node)
{
    size_t base = at->len;

    for (size_t i = 0; i < json_array_size(node); i++) {
        enter_item(at, i + 1);
        visit_node(v, item, at, json_array_get(node, i));
        at->len = base;
        at->path[base] = '\0';
    }
}

// An empty table of Lua is neither and both, and so is what it becomes.
static int is_empty(const json_t *node)
{
    return (json_is_object(node) && json_object_size(node) == 0) ||
           (json_is_array(node) && json_array_size(node) == 0);
}

static void visit_shape(visit *v, const dbc_shape *shape, place *at,
                        const json_t *node)
{
    int is_list = shape->items != NULL;

    if (is_list && json_is_array(node))
        visit_list(v, shape->items, at, node);
    else if (!is_list && (json_is_object(node) || is_empty(node)))
        visit_object(v, shape, at, node);
    else if (!is_empty(node))
        complain(v, at, "type", "is json: expected %s, got %s",
                 is_list ? "a list" : "an object", kind_of(node));
}

static void visit_node(visit *v, const dbc_column_def *def, place *at,
                       const json_t *node)
{
    if (node == NULL || json_is_null(node)) {
        if (def->flags & DBC_COLUMN_NOT_NULL)
            complain(v, at, "not_null", "%s",
                     node == NULL ? "is missing: it is required"
                                  : "cannot be null: give it a value");
        return;
    }
    if (def->type == DBC_T_ANY ||
        (def->type == DBC_T_JSON && def->shape == NULL))
        return;
    if (def->type != DBC_T_JSON) {
        visit_scalar(v, def, at, node);
    } else if (v->depth < DEPTH_MAX) {
        v->depth++;
        visit_shape(v, def->shape, at, node);
        v->depth--;
    }
}

void dbc__shape_validate(dbc_report *report, const dbc_column *column,
                         const dbc_value *value)
{
    visit v = {report, column, 0};
    place at = {.len = 0};
    json_error_t problem;

    enter(&at, column->def.name, column->name_len);
    json_t *root = json_loadb(value->as.text, value->len,
                              JSON_DECODE_ANY | JSON_ALLOW_NUL, &problem);
    if (root == NULL) {
        if (json_error_code(&problem) == json_error_out_of_memory)
            report->status = DBC_ENOMEM;
        else
            complain(&v, &at, "type", "is no JSON text: %s", problem.text);
        return;
    }
    // What the column itself may be, null included, was looked at before.
    if (!json_is_null(root)) visit_shape(&v, column->def.shape, &at, root);
    json_decref(root);
}
