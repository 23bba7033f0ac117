// Writing literals. Numbers go through printf, whose decimal point follows
// the host's locale, so it is put right afterwards.
#include "literal.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

static void add_hex(dbc_buf *out, const void *bytes, size_t len)
{
    static const char DIGITS[] = "0123456789abcdef";
    const unsigned char *at = bytes;

    dbc_buf_add(out, "x'", 2);
    for (size_t i = 0; i < len; i++) {
        dbc__buf_add_char(out, DIGITS[at[i] >> 4]);
        dbc__buf_add_char(out, DIGITS[at[i] & 15]);
    }
    dbc__buf_add_char(out, '\'');
}

static void add_quoted(dbc_buf *out, const char *text, size_t len)
{
    dbc__buf_add_char(out, '\'');
    while (len > 0) {
        const char *quote = memchr(text, '\'', len);
        size_t run = quote == NULL ? len : (size_t)(quote - text) + 1;

        dbc_buf_add(out, text, run);
        if (quote != NULL) dbc__buf_add_char(out, '\'');
        text += run;
        len -= run;
    }
    dbc__buf_add_char(out, '\'');
}

void dbc__literal_text(dbc_buf *out, const char *text, size_t len)
{
    if (len == 0) {
        dbc_buf_add_string(out, "''");
    } else if (memchr(text, '\0', len) == NULL && dbc__utf8_valid(text, len)) {
        add_quoted(out, text, len);
    } else {
        dbc_buf_add_string(out, "(CAST(");
        add_hex(out, text, len);
        dbc_buf_add_string(out, " AS TEXT))");
    }
}

// Copies digits, sign and exponent; whatever else the locale put between
// them becomes one point. Returns whether it reads as a real.
static int add_digits(dbc_buf *out, const char *digits)
{
    int real = 0, point = 0;

    for (const char *c = digits; *c != '\0'; c++) {
        if (strchr("0123456789+-e", *c) != NULL) {
            dbc__buf_add_char(out, *c);
            real |= *c == 'e';
        } else if (!point) {
            dbc__buf_add_char(out, '.');
            real = point = 1;
        }
    }
    return real;
}

// Whether `number / 10^decimals` ends halfway between two doubles once it is
// rounded to 64 bits. A reader that computes in x87 precision, as SQLite
// before 3.43 does, then rounds a second time, perhaps to the wrong side.
static int rounds_twice(uint64_t number, int decimals)
{
    uint64_t divisor = 1, quotient = 0;

    for (int i = 0; i < decimals; i++)
        divisor *= 10;
    while (number >= 2 * divisor)
        divisor *= 2;
    while (number < divisor)
        number *= 2;
    for (int bit = 0; bit < 64; bit++) {
        int one = number >= divisor;

        if (one) number -= divisor;
        quotient = quotient * 2 + (unsigned)one;
        number *= 2;
    }
    quotient += number >= divisor;
    return (quotient & 0x7ff) == 0x400;
}

// Whether a number of at most 15 digits is read as what it was by everybody.
static int reads_back(const char *digits, double value)
{
    uint64_t number = 0;
    int decimals = 0, behind_point = 0;

    if (strchr(digits, 'e') != NULL || strtod(digits, NULL) != value) return 0;
    for (const char *c = digits; *c != '\0'; c++) {
        if (*c >= '0' && *c <= '9') {
            number = number * 10 + (uint64_t)(*c - '0');
            decimals += behind_point;
        } else if (*c != '-') {
            behind_point = 1;
        }
    }
    return number == 0 || decimals == 0 || !rounds_twice(number, decimals);
}

// Below this SQLite 3.40 gets the last bit of what it reads wrong, so such a
// number is said as a larger one times 2^-200, which is exact.
static const double TINY = 1e-280;

// As few digits as are safe: 15, or 17, which lie well inside the interval of
// their double. Returns whether it reads as a real.
static int add_double(dbc_buf *out, double value)
{
    char digits[40];

    if (isinf(value)) {
        dbc_buf_add_string(out, value < 0 ? "-9e999" : "9e999");
        return 1;
    }
    if (value != 0 && fabs(value) < TINY) {
        dbc__buf_add_char(out, '(');
        add_double(out, value * 0x1p200);
        dbc_buf_add_string(out, " * 6.2230152778611417e-61)");
        return 1;
    }
    snprintf(digits, sizeof digits, "%.15g", value);
    if (!reads_back(digits, value))
        snprintf(digits, sizeof digits, "%.17g", value);
    return add_digits(out, digits);
}

void dbc__literal_real(dbc_buf *out, double value)
{
    if (!add_double(out, value)) dbc_buf_add_string(out, ".0");
}

void dbc__literal_number(dbc_buf *out, double value)
{
    add_double(out, value);
}

void dbc__literal_value(dbc_buf *out, const dbc_value *value)
{
    switch (value->type) {
    case DBC_NULL:
    case DBC_LIST:
    case DBC_FOREIGN:
        dbc_buf_add_string(out, "NULL");
        break;
    case DBC_INT:
    case DBC_BOOL:
        dbc_buf_add_int(out, value->as.i);
        break;
    case DBC_REAL:
        dbc__literal_real(out, value->as.r);
        break;
    case DBC_TEXT:
        dbc__literal_text(out, value->as.text, value->len);
        break;
    case DBC_BLOB:
        add_hex(out, value->as.blob, value->len);
        break;
    }
}
