// Arithmetic and functions of values in a condition.
#ifndef DBC_LANG_COMPUTE_H
#define DBC_LANG_COMPUTE_H

#include "truth.h"

// `op` is one of + - * /.
dbc__operand dbc__compute(const dbc__operand *a, char op,
                          const dbc__operand *b);
dbc__operand dbc__compute_minus(const dbc__operand *of);

dbc__operand dbc__compute_length(const dbc__operand *of);
dbc__operand dbc__compute_abs(const dbc__operand *of);

#endif
