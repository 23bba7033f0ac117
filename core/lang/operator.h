// Writing operators, and many conditions with AND or OR between them.
#ifndef DBC_LANG_OPERATOR_H
#define DBC_LANG_OPERATOR_H

#include "statement.h"

// Writes the DBC__OP at `place`.
void dbc__render_op(dbc__compiler *c, uint32_t place);

// The conditions that a chain of `op`, AND or OR, joins: those down the left
// sides of its operators, or down the right. Returns how many; `items`, room
// for as many, takes them in their order unless it is NULL.
typedef enum dbc__side { DBC__LEFT, DBC__RIGHT } dbc__side;
size_t dbc__render_chain(const dbc__compiler *c, uint32_t place, dbc_op op,
                         dbc__side side, uint32_t *items);

// Writes conditions with `op` between them, however many they are.
void dbc__render_joined(dbc__compiler *c, dbc_op op, const uint32_t *items,
                        size_t count);

#endif
