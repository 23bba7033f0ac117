// The rules that a description promises, checked before the database sees a
// value: type, NOT NULL, enum, range, length, pattern, the shape of JSON,
// checks as far as they can be told without a database, rules of the host.
#ifndef DBC_LANG_VALIDATE_H
#define DBC_LANG_VALIDATE_H

#include "dbcore.h"
#include "report.h"

// The bits of dbc_column.rules.
enum {
    DBC__RULE_NOT_NULL = 1 << 0,
    DBC__RULE_RANGE = 1 << 1,
    DBC__RULE_LENGTH = 1 << 2,
    DBC__RULE_PATTERN = 1 << 3,
    DBC__RULE_SHAPE = 1 << 4
};

// What the column's description says, as those bits. The table's key and kind
// are known by then.
unsigned dbc__validate_rules(const dbc_column *column);

// The types of values (a bit each, by dbc_value_type) that the column stores as
// they are, whatever they hold: nothing is to be asked of them. A real must
// still be a number.
unsigned dbc__validate_passes(const dbc_column *column);

// "enum" or "type": the rule that a value broke which could not be encoded.
const char *dbc__validate_type_rule(const dbc_column *column,
                                    const dbc_value *value);

// Whether an insert that does not mention the column is bound to fail.
int dbc__validate_is_required(const dbc_column *column);

// Adds what the stored form of a value breaks: range, length, pattern, shape.
// The place is that of `at`. NULL passes.
void dbc__validate_value(dbc_report *report, const dbc__fault *at,
                         const dbc_column *column, const dbc_value *value);

// The same as a question, of a value that is not NULL.
int dbc__validate_obeys(const dbc_column *column, const dbc_value *value);

// And with NOT NULL: what every value that is written is asked.
static inline int dbc__validate_keeps(const dbc_column *column,
                                      const dbc_value *value)
{
    if (value->type == DBC_NULL) return !(column->rules & DBC__RULE_NOT_NULL);
    if (!(column->rules & ~(unsigned)DBC__RULE_NOT_NULL)) return 1;
    return dbc__validate_obeys(column, value);
}

// A write leaves its checks to the database, which looks at them anyway; they
// are looked at here when the row fails all the same, so that it is told all
// at once.
typedef enum dbc__validate_checks {
    DBC__CHECKS_ALWAYS,
    DBC__CHECKS_OF_A_BROKEN_ROW
} dbc__validate_checks;

// dbc_row_validate() for both uses.
int dbc__validate_row(dbc_report *report, const dbc_row *row, dbc_conn *conn,
                      dbc__validate_checks checks, dbc_error *err);

#endif
