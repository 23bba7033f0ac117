// What a column's declaration promises about its values becomes a CHECK named
// `<table>_<column>_<rule>`, so that the database holds it for every writer
// and says which rule broke:
//
//   enum     the value is one of the list (ENUM, and TEXT with a list)
//   range    the number lies between the limits
//   length   characters of text or bytes of a blob; length() stops at a NUL
//   boolean  0 or 1, but in STRICT tables not: there the type INTEGER keeps
//            text out, and every other number reads as true
//
#include "rule.h"

#include <stdio.h>
#include <string.h>

#include "literal.h"
#include "name.h"
#include "table.h"

typedef struct writer {
    dbc_buf *out;
    const dbc_dialect *dialect;
} writer;

static void add(const writer *w, const char *text)
{
    dbc_buf_add_string(w->out, text);
}

static void add_name(const writer *w, const char *name)
{
    w->dialect->quote(w->out, name, strlen(name));
}

// " CONSTRAINT "users_role_enum" CHECK (", up to the expression.
static void begin_rule(const writer *w, const dbc_column *column,
                       const char *rule)
{
    char name[2 * DBC__NAME_MAX + 16];

    snprintf(name, sizeof name, "%s_%s_%s", column->table->def.name,
             column->def.name, rule);
    add(w, " CONSTRAINT ");
    add_name(w, name);
    add(w, " CHECK (");
}

static void add_enum(const writer *w, const dbc_column *column)
{
    const dbc_names *values = &column->def.enum_values;

    if (values->count == 0) return;
    begin_rule(w, column, "enum");
    add_name(w, column->def.name);
    add(w, " IN (");
    for (size_t i = 0; i < values->count; i++) {
        if (i > 0) add(w, ", ");
        dbc__literal_text(w->out, values->items[i], strlen(values->items[i]));
    }
    add(w, "))");
}

// What compares something with one or two limits.
typedef struct limits {
    int has_low, has_high;
    double low, high;
} limits;

static void add_limits(const writer *w, const limits *bounds)
{
    int both = bounds->has_low && bounds->has_high;

    if (bounds->has_low) {
        add(w, both ? " BETWEEN " : " >= ");
        dbc__literal_number(w->out, bounds->low);
    }
    if (bounds->has_high) {
        add(w, both ? " AND " : " <= ");
        dbc__literal_number(w->out, bounds->high);
    }
    add(w, ")");
}

static void add_range(const writer *w, const dbc_column *column)
{
    const dbc_column_def *def = &column->def;
    const limits range = {(def->flags & DBC_COLUMN_HAS_MIN) != 0,
                          (def->flags & DBC_COLUMN_HAS_MAX) != 0, def->min,
                          def->max};

    if (!range.has_low && !range.has_high) return;
    begin_rule(w, column, "range");
    add_name(w, def->name);
    add_limits(w, &range);
}

static void add_length(const writer *w, const dbc_column *column)
{
    const dbc_column_def *def = &column->def;
    const limits length = {(def->flags & DBC_COLUMN_HAS_MIN_LEN) != 0,
                           (def->flags & DBC_COLUMN_HAS_MAX_LEN) != 0,
                           (double)def->min_len, (double)def->max_len};

    if (!length.has_low && !length.has_high) return;
    begin_rule(w, column, "length");
    add(w, "length(");
    add_name(w, def->name);
    add(w, ")");
    add_limits(w, &length);
}

static void add_boolean(const writer *w, const dbc_column *column)
{
    if (column->def.type != DBC_T_BOOLEAN ||
        (column->table->def.flags & DBC_TABLE_STRICT))
        return;
    begin_rule(w, column, "boolean");
    add_name(w, column->def.name);
    add(w, " IN (0, 1))");
}

void dbc__rule_write(dbc_buf *out, const dbc_column *column,
                     const dbc_dialect *dialect)
{
    const writer w = {out, dialect};

    add_enum(&w, column);
    add_range(&w, column);
    add_length(&w, column);
    add_boolean(&w, column);
}
