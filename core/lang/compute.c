// Arithmetic on values that may not be known, as far as it comes out the same
// everywhere: what is too large for 64 bits, or not finite, is left unknown.
#include "compute.h"

#include <math.h>
#include <stdlib.h>

#include "utf8.h"

dbc__operand dbc__compute_minus(const dbc__operand *of)
{
    if (!of->known) return dbc__operand_unknown();
    if (of->value.type == DBC_REAL)
        return dbc__operand_known(dbc_value_real(-of->value.as.r));
    if (of->value.type == DBC_INT && of->value.as.i != INT64_MIN)
        return dbc__operand_known(dbc_value_int(-of->value.as.i));
    return of->value.type == DBC_NULL ? *of : dbc__operand_unknown();
}

static double as_real(const dbc_value *value)
{
    return value->type == DBC_INT ? (double)value->as.i : value->as.r;
}

static dbc__operand compute_real(double a, char op, double b)
{
    double out = op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : 0;

    if (op == '/') {
        if (b == 0) return dbc__operand_known(dbc_value_null());
        out = a / b;
    }
    return isfinite(out) ? dbc__operand_known(dbc_value_real(out))
                         : dbc__operand_unknown();
}

// What is too large for 64 bits becomes a real, and how is not repeated here.
dbc__operand dbc__compute(const dbc__operand *a, char op, const dbc__operand *b)
{
    int64_t out;
    int over;

    if (a->known && a->value.type == DBC_NULL)
        return dbc__operand_known(dbc_value_null());
    if (b->known && b->value.type == DBC_NULL)
        return dbc__operand_known(dbc_value_null());
    if (!a->known || !b->known) return dbc__operand_unknown();
    if (!dbc__value_is_number(&a->value) || !dbc__value_is_number(&b->value))
        return dbc__operand_unknown();
    if (a->value.type == DBC_REAL || b->value.type == DBC_REAL)
        return compute_real(as_real(&a->value), op, as_real(&b->value));

    int64_t x = a->value.as.i, y = b->value.as.i;
    if (op == '/') {
        if (y == 0) return dbc__operand_known(dbc_value_null());
        if (y == -1) return dbc__compute_minus(a);
        return dbc__operand_known(dbc_value_int(x / y));
    }
    if (op == '*')
        over = __builtin_mul_overflow(x, y, &out);
    else if (op == '+')
        over = __builtin_add_overflow(x, y, &out);
    else
        over = __builtin_sub_overflow(x, y, &out);
    return over ? dbc__operand_unknown()
                : dbc__operand_known(dbc_value_int(out));
}

dbc__operand dbc__compute_length(const dbc__operand *of)
{
    if (!of->known) return dbc__operand_unknown();
    if (of->value.type == DBC_NULL) return *of;
    if (of->value.type == DBC_TEXT)
        return dbc__operand_known(dbc_value_int(
            (int64_t)dbc__utf8_count(of->value.as.text, of->value.len)));
    if (of->value.type == DBC_BLOB)
        return dbc__operand_known(dbc_value_int((int64_t)of->value.len));
    return dbc__operand_unknown();
}

dbc__operand dbc__compute_abs(const dbc__operand *of)
{
    if (!of->known) return dbc__operand_unknown();
    if (of->value.type == DBC_REAL)
        return dbc__operand_known(dbc_value_real(fabs(of->value.as.r)));
    if (of->value.type == DBC_INT && of->value.as.i != INT64_MIN)
        return dbc__operand_known(dbc_value_int(llabs(of->value.as.i)));
    return of->value.type == DBC_NULL ? *of : dbc__operand_unknown();
}
