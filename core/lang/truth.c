// What is known of a condition: truth in three values and one that cannot be
// told, and comparisons as the database makes them. What depends on more than
// the two values is left unknown.
#include "truth.h"

#include <string.h>

#include "name.h"
#include "utf8.h"

dbc__operand dbc__operand_unknown(void)
{
    dbc__operand none = {0, {DBC_NULL, 0, {0}}, NULL};
    return none;
}

dbc__operand dbc__operand_known(dbc_value value)
{
    dbc__operand found = {1, value, NULL};
    return found;
}

dbc__operand dbc__operand_of(dbc__truth truth)
{
    if (truth == DBC__CANNOT_TELL) return dbc__operand_unknown();
    if (truth == DBC__NULL_TRUTH) return dbc__operand_known(dbc_value_null());
    return dbc__operand_known(dbc_value_int(truth == DBC__TRUE));
}

dbc__truth dbc__truth_of(const dbc__operand *of)
{
    if (!of->known) return DBC__CANNOT_TELL;
    switch (of->value.type) {
    case DBC_NULL:
        return DBC__NULL_TRUTH;
    case DBC_INT:
        return of->value.as.i != 0 ? DBC__TRUE : DBC__FALSE;
    case DBC_REAL:
        return of->value.as.r != 0 ? DBC__TRUE : DBC__FALSE;
    default:
        return DBC__CANNOT_TELL;
    }
}

dbc__truth dbc__truth_not(dbc__truth truth)
{
    if (truth == DBC__TRUE) return DBC__FALSE;
    return truth == DBC__FALSE ? DBC__TRUE : truth;
}

dbc__truth dbc__truth_and(dbc__truth a, dbc__truth b)
{
    if (a == DBC__FALSE || b == DBC__FALSE) return DBC__FALSE;
    if (a == DBC__CANNOT_TELL || b == DBC__CANNOT_TELL) return DBC__CANNOT_TELL;
    if (a == DBC__NULL_TRUTH || b == DBC__NULL_TRUTH) return DBC__NULL_TRUTH;
    return DBC__TRUE;
}

dbc__truth dbc__truth_or(dbc__truth a, dbc__truth b)
{
    return dbc__truth_not(dbc__truth_and(dbc__truth_not(a), dbc__truth_not(b)));
}

static int compare_mixed(int64_t i, double r)
{
    const double two_63 = 9223372036854775808.0;

    if (r < -two_63) return 1;
    if (r >= two_63) return -1;
    int64_t whole = (int64_t)r;
    if (i != whole) return i < whole ? -1 : 1;
    double rest = r - (double)whole;
    return (rest < 0) - (rest > 0);
}

int dbc__compare_numbers(const dbc_value *a, const dbc_value *b)
{
    if (a->type == DBC_INT && b->type == DBC_INT)
        return (a->as.i > b->as.i) - (a->as.i < b->as.i);
    if (a->type == DBC_INT) return compare_mixed(a->as.i, b->as.r);
    if (b->type == DBC_INT) return -compare_mixed(b->as.i, a->as.r);
    return (a->as.r > b->as.r) - (a->as.r < b->as.r);
}

typedef enum collation { BINARY, NOCASE, RTRIM, FOREIGN } collation;

static collation collation_of(const dbc__operand *a, const dbc__operand *b)
{
    static const char *const names[] = {"BINARY", "NOCASE", "RTRIM"};
    const dbc_column *column = a->column != NULL ? a->column : b->column;
    const char *name = column == NULL ? NULL : column->def.collate;

    if (name == NULL) return BINARY;
    for (int i = BINARY; i <= RTRIM; i++)
        if (dbc__name_equal(name, strlen(name), names[i], strlen(names[i])))
            return (collation)i;
    return FOREIGN;
}

static int lower(char c)
{
    return (unsigned char)dbc__lower(c);
}

static size_t trimmed(const dbc_value *text, collation how)
{
    size_t len = text->len;

    while (how == RTRIM && len > 0 && text->as.text[len - 1] == ' ')
        len--;
    return len;
}

static int compare_texts(const dbc_value *a, const dbc_value *b, collation how)
{
    size_t a_len = trimmed(a, how), b_len = trimmed(b, how);

    for (size_t i = 0; i < a_len && i < b_len; i++) {
        int x = (unsigned char)a->as.text[i], y = (unsigned char)b->as.text[i];
        if (how == NOCASE) {
            x = lower(a->as.text[i]);
            y = lower(b->as.text[i]);
        }
        if (x != y) return x < y ? -1 : 1;
    }
    return (a_len > b_len) - (a_len < b_len);
}

// Sets `*order`; 0 when it depends on more than is known here, as that of a
// number and a text does on affinities. Neither is NULL.
static int compare(int *order, const dbc__operand *a, const dbc__operand *b)
{
    if (dbc__value_is_number(&a->value) && dbc__value_is_number(&b->value)) {
        *order = dbc__compare_numbers(&a->value, &b->value);
        return 1;
    }
    if (a->value.type != DBC_TEXT || b->value.type != DBC_TEXT) return 0;
    collation how = collation_of(a, b);
    if (how == FOREIGN) return 0;
    *order = compare_texts(&a->value, &b->value, how);
    return 1;
}

dbc__truth dbc__truth_compare(const dbc__operand *a, dbc__comparison how,
                              const dbc__operand *b)
{
    int order;

    if (a->known && a->value.type == DBC_NULL) return DBC__NULL_TRUTH;
    if (b->known && b->value.type == DBC_NULL) return DBC__NULL_TRUTH;
    if (!a->known || !b->known || !compare(&order, a, b))
        return DBC__CANNOT_TELL;

    const int holds[] = {
        order<0, order <= 0, order == 0, order != 0, order >= 0, order> 0};
    return holds[how] ? DBC__TRUE : DBC__FALSE;
}

dbc__truth dbc__truth_is(const dbc__operand *a, const dbc__operand *b)
{
    if (!a->known || !b->known) return DBC__CANNOT_TELL;
    int a_null = a->value.type == DBC_NULL, b_null = b->value.type == DBC_NULL;
    if (a_null || b_null) return a_null == b_null ? DBC__TRUE : DBC__FALSE;
    return dbc__truth_compare(a, DBC__EQ, b);
}

typedef struct liking {
    const char *end, *pattern_end;
    int steps; // left
} liking;

// -1 when it takes too long.
static int is_like(liking *of, const char *at, const char *p)
{
    for (; p < of->pattern_end; p++) {
        if (of->steps-- <= 0) return -1;
        if (*p == '%') {
            for (;; at++) {
                int found = is_like(of, at, p + 1);
                if (found != 0 || at == of->end) return found;
            }
        }
        if (at == of->end) return 0;
        if (*p == '_') {
            size_t len = dbc__utf8_next(at, (size_t)(of->end - at));
            at += len > 0 ? len : 1;
        } else if (lower(*p) == lower(*at)) {
            at++;
        } else {
            return 0;
        }
    }
    return at == of->end;
}

dbc__truth dbc__truth_like(const dbc__operand *a, const dbc__operand *b)
{
    enum { MOST_STEPS = 100000 };

    if (!a->known || !b->known) return DBC__CANNOT_TELL;
    if (a->value.type == DBC_NULL || b->value.type == DBC_NULL)
        return DBC__NULL_TRUTH;
    if (a->value.type != DBC_TEXT || b->value.type != DBC_TEXT)
        return DBC__CANNOT_TELL;
    // LIKE ends at a NUL, and this does not.
    if (memchr(a->value.as.text, '\0', a->value.len) != NULL)
        return DBC__CANNOT_TELL;
    liking of = {a->value.as.text + a->value.len,
                 b->value.as.text + b->value.len, MOST_STEPS};
    int found = is_like(&of, a->value.as.text, b->value.as.text);
    if (found < 0) return DBC__CANNOT_TELL;
    return found ? DBC__TRUE : DBC__FALSE;
}

dbc__truth dbc__truth_is_null(const dbc__operand *of)
{
    if (!of->known) return DBC__CANNOT_TELL;
    return of->value.type == DBC_NULL ? DBC__TRUE : DBC__FALSE;
}
