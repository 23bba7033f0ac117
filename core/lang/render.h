// Writing expressions as SQL text. Text and parameters are produced by the
// same step, so they cannot drift apart.
#ifndef DBC_LANG_RENDER_H
#define DBC_LANG_RENDER_H

#include "output.h"

// Writes the expression at `place`.
void dbc__render(dbc__compiler *c, uint32_t place);

// The same, in parentheses when it is an operator or text of the user.
void dbc__render_operand(dbc__compiler *c, uint32_t place);

// Writes the new value of a column.
void dbc__render_written(dbc__compiler *c, uint32_t place,
                         const dbc_column *column, dbc_written written);

// Write the placeholder of the value or parameter at `place`, which is one, or
// a list.
void dbc__render_value(dbc__compiler *c, uint32_t place);
void dbc__render_list(dbc__compiler *c, uint32_t place);

// Writes a name in the dialect's quotes.
void dbc__render_name(dbc__compiler *c, const char *name, size_t len);

// Writes a placeholder and remembers what it stands for.
void dbc__render_parameter(dbc__compiler *c, const dbc_parameter *parameter);

static inline void dbc__put(dbc__compiler *c, const char *text)
{
    dbc_buf_add_string(&c->text, text);
}

// Written by compile.c: the subquery whose DBC__QUERY node is at `place`,
// without parentheses.
typedef enum dbc__subquery_use {
    DBC__USE_ROWS,  // as a source
    DBC__USE_VALUE, // one column is due
    DBC__USE_EXISTS // whatever it selects
} dbc__subquery_use;
void dbc__render_subquery(dbc__compiler *c, uint32_t place,
                          dbc__subquery_use use);

#endif
