// One pass that reads and decides at once: operators by falling precedence,
// as SQLite has them, each giving a value. Nothing is remembered and nothing
// allocated. Text that is not understood makes the whole answer unknown; a
// value that is not known only what needs it.
#include "condition.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "scan.h"
#include "utf8.h"

enum { MOST_DEPTH = 100 };

typedef struct result {
    int known;
    dbc_value value;          // when it is known
    const dbc_column *column; // it is this column as it stands, or NULL
} result;

typedef struct reading {
    const char *at;
    dbc__token token; // the one that is looked at
    const dbc_table *table;
    dbc__condition_value value;
    void *ud;
    int stuck; // there is something that is not understood
    int depth;
} reading;

static result read_or(reading *r);
static result read_additive(reading *r);

// -------------------------------------------------------------------- tokens

static void next(reading *r)
{
    do {
        r->at += r->token.len;
        r->token = dbc__scan_token(r->at, strlen(r->at));
    } while (r->token.kind == DBC__TOKEN_SPACE);
}

static int is_char(const reading *r, char c)
{
    return r->token.kind == DBC__TOKEN_CHAR && r->token.text[0] == c;
}

// Takes the character or the word when it is there.
static int take_char(reading *r, char c)
{
    if (!is_char(r, c)) return 0;
    next(r);
    return 1;
}

static int take_word(reading *r, const char *word)
{
    if (!dbc__scan_is_word(&r->token, word)) return 0;
    next(r);
    return 1;
}

static void need_char(reading *r, char c)
{
    if (!take_char(r, c)) r->stuck = 1;
}

// ------------------------------------------------------------------- results

static result unknown(void)
{
    result none = {0, {DBC_NULL, 0, {0}}, NULL};
    return none;
}

static result give_up(reading *r)
{
    r->stuck = 1;
    return unknown();
}

static result known(dbc_value value)
{
    result found = {1, value, NULL};
    return found;
}

static result from_truth(dbc__truth truth)
{
    if (truth == DBC__CANNOT_TELL) return unknown();
    if (truth == DBC__NULL_TRUTH) return known(dbc_value_null());
    return known(dbc_value_int(truth == DBC__TRUE));
}

static int is_number(const dbc_value *value)
{
    return value->type == DBC_INT || value->type == DBC_REAL;
}

static dbc__truth truth_of(const result *of)
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

static dbc__truth negate(dbc__truth truth)
{
    if (truth == DBC__TRUE) return DBC__FALSE;
    return truth == DBC__FALSE ? DBC__TRUE : truth;
}

static dbc__truth both(dbc__truth a, dbc__truth b)
{
    if (a == DBC__FALSE || b == DBC__FALSE) return DBC__FALSE;
    if (a == DBC__CANNOT_TELL || b == DBC__CANNOT_TELL) return DBC__CANNOT_TELL;
    if (a == DBC__NULL_TRUTH || b == DBC__NULL_TRUTH) return DBC__NULL_TRUTH;
    return DBC__TRUE;
}

static dbc__truth either(dbc__truth a, dbc__truth b)
{
    return negate(both(negate(a), negate(b)));
}

// ---------------------------------------------------------------- comparisons

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

static collation collation_of(const result *a, const result *b)
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
    return c >= 'A' && c <= 'Z' ? c + 32 : (unsigned char)c;
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
static int compare(int *order, const result *a, const result *b)
{
    if (is_number(&a->value) && is_number(&b->value)) {
        *order = dbc__compare_numbers(&a->value, &b->value);
        return 1;
    }
    if (a->value.type != DBC_TEXT || b->value.type != DBC_TEXT) return 0;
    collation how = collation_of(a, b);
    if (how == FOREIGN) return 0;
    *order = compare_texts(&a->value, &b->value, how);
    return 1;
}

typedef enum comparison { LT, LE, EQ, NE, GE, GT } comparison;

static dbc__truth decide(const result *a, comparison how, const result *b)
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

// IS: as =, but NULL is a value like others.
static dbc__truth decide_is(const result *a, const result *b)
{
    if (!a->known || !b->known) return DBC__CANNOT_TELL;
    int a_null = a->value.type == DBC_NULL, b_null = b->value.type == DBC_NULL;
    if (a_null || b_null) return a_null == b_null ? DBC__TRUE : DBC__FALSE;
    return decide(a, EQ, b);
}

// ----------------------------------------------------------------------- LIKE

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

static dbc__truth decide_like(const result *a, const result *b)
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

// ------------------------------------------------------------------- operands

// A number of SQL: digits, perhaps with a point and an exponent.
static result read_number(reading *r)
{
    char *end;

    if (r->token.text[0] == '0' && lower(r->token.text[1]) == 'x')
        return give_up(r);
    double real = strtod(r->token.text, &end);
    size_t len = (size_t)(end - r->token.text);
    if (len == 0 || !isfinite(real)) return give_up(r);
    int is_whole = strcspn(r->token.text, ".eE") >= len;
    errno = 0;
    long long whole = strtoll(r->token.text, NULL, 10);
    int too_large = errno == ERANGE;
    r->token.len = len;
    next(r);
    if (is_whole && !too_large) return known(dbc_value_int(whole));
    return known(dbc_value_real(real));
}

// '…'; one with a doubled quote in it would have to be copied.
static result read_text(reading *r)
{
    const char *text = r->token.text + 1;
    size_t len = r->token.len - 2;

    next(r);
    if (memchr(text, '\'', len) != NULL) return unknown();
    return known(dbc_value_text(text, len));
}

// Stored as it is, and compared by the rules of its own type.
static int is_plain(const dbc_column *column)
{
    return column->def.storage == NULL && column->def.type != DBC_T_ANY &&
           column->def.type != DBC_T_CUSTOM;
}

static result read_column(reading *r, const char *name, size_t len)
{
    const dbc_column *column = dbc_table_find(r->table, name, len, NULL);
    result found = unknown();

    if (column == NULL) return give_up(r);
    found.known = r->value(r->ud, column, &found.value) &&
                  (is_plain(column) || found.value.type == DBC_NULL);
    found.column = column;
    return found;
}

// The name in the token: quoted in one of three ways, or a word.
static const char *name_in(const dbc__token *token, size_t *len)
{
    *len = token->len;
    if (token->kind != DBC__TOKEN_QUOTED) return token->text;
    *len = token->len - 2;
    return token->text + 1;
}

static int names_table(const dbc_table *table, const char *name, size_t len)
{
    const char *own = dbc_table_sql_name(table);

    return dbc__name_equal(name, len, own, strlen(own));
}

// A column, or its table and the column.
static result read_name(reading *r, dbc__token first)
{
    size_t len;
    const char *name = name_in(&first, &len);

    if (take_char(r, '.')) {
        if (!names_table(r->table, name, len)) return give_up(r);
        if (r->token.kind != DBC__TOKEN_WORD &&
            r->token.kind != DBC__TOKEN_QUOTED)
            return give_up(r);
        name = name_in(&r->token, &len);
        next(r);
    }
    return read_column(r, name, len);
}

static result call_length(const result *of)
{
    if (!of->known) return unknown();
    if (of->value.type == DBC_NULL) return *of;
    if (of->value.type == DBC_TEXT)
        return known(dbc_value_int(
            (int64_t)dbc__utf8_count(of->value.as.text, of->value.len)));
    if (of->value.type == DBC_BLOB)
        return known(dbc_value_int((int64_t)of->value.len));
    return unknown();
}

static result call_abs(const result *of)
{
    if (!of->known) return unknown();
    if (of->value.type == DBC_REAL)
        return known(dbc_value_real(fabs(of->value.as.r)));
    if (of->value.type == DBC_INT && of->value.as.i != INT64_MIN)
        return known(dbc_value_int(llabs(of->value.as.i)));
    return of->value.type == DBC_NULL ? *of : unknown();
}

// coalesce(a, b, …): the arguments stand behind the `(`.
static result call_coalesce(reading *r)
{
    result found = known(dbc_value_null());

    do {
        result each = read_or(r);
        each.column = NULL;
        if (found.known && found.value.type == DBC_NULL) found = each;
    } while (take_char(r, ','));
    need_char(r, ')');
    return found;
}

static result read_call(reading *r, dbc__token name)
{
    if (dbc__scan_is_word(&name, "coalesce") ||
        dbc__scan_is_word(&name, "ifnull"))
        return call_coalesce(r);

    int is_length = dbc__scan_is_word(&name, "length");
    if (!is_length && !dbc__scan_is_word(&name, "abs")) return give_up(r);
    result of = read_or(r);
    need_char(r, ')');
    return is_length ? call_length(&of) : call_abs(&of);
}

static int is_reserved(const dbc__token *token)
{
    static const char *const words[] = {"CASE",   "CAST",   "EXISTS",
                                        "SELECT", "RAISE",  "CURRENT_DATE",
                                        "NOT",    "COLLATE"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (dbc__scan_is_word(token, words[i])) return 1;
    return 0;
}

static result read_word(reading *r)
{
    dbc__token word = r->token;

    if (word.text[0] >= '0' && word.text[0] <= '9') return read_number(r);
    next(r);
    if (dbc__scan_is_word(&word, "NULL")) return known(dbc_value_null());
    if (dbc__scan_is_word(&word, "TRUE")) return known(dbc_value_int(1));
    if (dbc__scan_is_word(&word, "FALSE")) return known(dbc_value_int(0));
    if (is_reserved(&word)) return give_up(r);
    if (take_char(r, '(')) return read_call(r, word);
    return read_name(r, word);
}

static result read_primary(reading *r)
{
    dbc__token token = r->token;

    if (r->stuck || ++r->depth > MOST_DEPTH) return give_up(r);
    result found;
    if (take_char(r, '(')) {
        found = read_or(r);
        need_char(r, ')');
    } else if (token.kind == DBC__TOKEN_QUOTED && token.text[0] == '\'') {
        found = read_text(r);
    } else if (token.kind == DBC__TOKEN_QUOTED) {
        next(r);
        found = read_name(r, token);
    } else if (token.kind == DBC__TOKEN_WORD) {
        found = read_word(r);
    } else {
        found = is_char(r, '.') ? read_number(r) : give_up(r);
    }
    r->depth--;
    return found;
}

// ----------------------------------------------------------------- arithmetic

static result minus(const result *of)
{
    if (!of->known) return unknown();
    if (of->value.type == DBC_REAL)
        return known(dbc_value_real(-of->value.as.r));
    if (of->value.type == DBC_INT && of->value.as.i != INT64_MIN)
        return known(dbc_value_int(-of->value.as.i));
    return of->value.type == DBC_NULL ? *of : unknown();
}

static result read_unary(reading *r)
{
    if (++r->depth > MOST_DEPTH) return give_up(r);
    result found;
    if (take_char(r, '-')) {
        result of = read_unary(r);
        found = minus(&of);
    } else if (take_char(r, '+')) {
        found = read_unary(r);
    } else {
        found = read_primary(r);
    }
    r->depth--;
    return found;
}

static double as_real(const dbc_value *value)
{
    return value->type == DBC_INT ? (double)value->as.i : value->as.r;
}

static result compute_real(double a, char op, double b)
{
    double out = op == '+' ? a + b : op == '-' ? a - b : op == '*' ? a * b : 0;

    if (op == '/') {
        if (b == 0) return known(dbc_value_null());
        out = a / b;
    }
    return isfinite(out) ? known(dbc_value_real(out)) : unknown();
}

// What is too large for 64 bits becomes a real, and how is not repeated here.
static result compute(const result *a, char op, const result *b)
{
    int64_t out;
    int over;

    if (a->known && a->value.type == DBC_NULL) return known(dbc_value_null());
    if (b->known && b->value.type == DBC_NULL) return known(dbc_value_null());
    if (!a->known || !b->known) return unknown();
    if (!is_number(&a->value) || !is_number(&b->value)) return unknown();
    if (a->value.type == DBC_REAL || b->value.type == DBC_REAL)
        return compute_real(as_real(&a->value), op, as_real(&b->value));

    int64_t x = a->value.as.i, y = b->value.as.i;
    if (op == '/') {
        if (y == 0) return known(dbc_value_null());
        if (y == -1) return minus(a);
        return known(dbc_value_int(x / y));
    }
    if (op == '*')
        over = __builtin_mul_overflow(x, y, &out);
    else if (op == '+')
        over = __builtin_add_overflow(x, y, &out);
    else
        over = __builtin_sub_overflow(x, y, &out);
    return over ? unknown() : known(dbc_value_int(out));
}

static result read_product(reading *r)
{
    result left = read_unary(r);

    while (!r->stuck && (is_char(r, '*') || is_char(r, '/'))) {
        char op = r->token.text[0];
        next(r);
        result right = read_unary(r);
        left = compute(&left, op, &right);
    }
    return left;
}

static result read_additive(reading *r)
{
    result left = read_product(r);

    while (!r->stuck && (is_char(r, '+') || is_char(r, '-'))) {
        char op = r->token.text[0];
        next(r);
        result right = read_product(r);
        left = compute(&left, op, &right);
    }
    return left;
}

// ------------------------------------------------------------------ conditions

static result read_relational(reading *r)
{
    result left = read_additive(r);

    while (!r->stuck && (is_char(r, '<') || is_char(r, '>'))) {
        comparison how = is_char(r, '<') ? LT : GT;
        // <> and << are no comparison of this rank.
        if (r->token.text[1] == '>' || r->token.text[1] == '<') {
            if (how == LT && r->token.text[1] == '>') break;
            return give_up(r);
        }
        next(r);
        if (take_char(r, '=')) how = how == LT ? LE : GE;
        result right = read_additive(r);
        left = from_truth(decide(&left, how, &right));
    }
    return left;
}

static dbc__truth read_between(reading *r, const result *left)
{
    result low = read_relational(r);
    if (!take_word(r, "AND")) r->stuck = 1;
    result high = read_relational(r);

    return both(decide(left, GE, &low), decide(left, LE, &high));
}

static dbc__truth read_in(reading *r, const result *left)
{
    dbc__truth found = DBC__FALSE;

    need_char(r, '(');
    if (dbc__scan_is_word(&r->token, "SELECT") ||
        dbc__scan_is_word(&r->token, "WITH") ||
        dbc__scan_is_word(&r->token, "VALUES"))
        r->stuck = 1;
    if (take_char(r, ')')) return DBC__FALSE;
    do {
        result item = read_or(r);
        item.column = NULL; // the left side alone says how to compare
        found = either(found, decide(left, EQ, &item));
    } while (!r->stuck && take_char(r, ','));
    need_char(r, ')');
    return found;
}

static dbc__truth read_is(reading *r, const result *left)
{
    int negated = take_word(r, "NOT");

    // IS TRUE asks for the truth, and is left to the database as well.
    if (dbc__scan_is_word(&r->token, "DISTINCT") ||
        dbc__scan_is_word(&r->token, "TRUE") ||
        dbc__scan_is_word(&r->token, "FALSE"))
        r->stuck = 1;
    result right = read_relational(r);
    dbc__truth truth = decide_is(left, &right);
    return negated ? negate(truth) : truth;
}

static dbc__truth is_null(const result *of)
{
    if (!of->known) return DBC__CANNOT_TELL;
    return of->value.type == DBC_NULL ? DBC__TRUE : DBC__FALSE;
}

// What can follow NOT, or stand alone. 0 when there is none of them.
static int read_word_operator(reading *r, const result *left, dbc__truth *truth)
{
    if (take_word(r, "BETWEEN")) {
        *truth = read_between(r, left);
    } else if (take_word(r, "IN")) {
        *truth = read_in(r, left);
    } else if (take_word(r, "LIKE")) {
        result right = read_relational(r);
        *truth = decide_like(left, &right);
        if (dbc__scan_is_word(&r->token, "ESCAPE")) r->stuck = 1;
    } else {
        return 0;
    }
    return 1;
}

static int read_equality_operator(reading *r, const result *left,
                                  dbc__truth *truth)
{
    comparison how = EQ;

    if (take_char(r, '=')) {
        take_char(r, '=');
    } else if (is_char(r, '!') || is_char(r, '<')) {
        next(r);
        if (!take_char(r, '=') && !take_char(r, '>')) r->stuck = 1;
        how = NE;
    } else {
        return 0;
    }
    result right = read_relational(r);
    *truth = decide(left, how, &right);
    return 1;
}

static result read_equality(reading *r)
{
    result left = read_relational(r);
    dbc__truth truth;

    while (!r->stuck) {
        if (take_word(r, "IS")) {
            truth = read_is(r, &left);
        } else if (take_word(r, "ISNULL")) {
            truth = is_null(&left);
        } else if (take_word(r, "NOTNULL")) {
            truth = negate(is_null(&left));
        } else if (take_word(r, "NOT")) {
            if (take_word(r, "NULL"))
                truth = is_null(&left);
            else if (!read_word_operator(r, &left, &truth))
                return give_up(r);
            truth = negate(truth);
        } else if (!read_word_operator(r, &left, &truth) &&
                   !read_equality_operator(r, &left, &truth)) {
            break;
        }
        left = from_truth(truth);
    }
    return left;
}

static result read_not(reading *r)
{
    if (!take_word(r, "NOT")) return read_equality(r);
    if (++r->depth > MOST_DEPTH) return give_up(r);
    result of = read_not(r);
    r->depth--;
    return from_truth(negate(truth_of(&of)));
}

static result read_and(reading *r)
{
    result left = read_not(r);

    while (!r->stuck && take_word(r, "AND")) {
        result right = read_not(r);
        left = from_truth(both(truth_of(&left), truth_of(&right)));
    }
    return left;
}

static result read_or(reading *r)
{
    result left = read_and(r);

    while (!r->stuck && take_word(r, "OR")) {
        result right = read_and(r);
        left = from_truth(either(truth_of(&left), truth_of(&right)));
    }
    return left;
}

dbc__truth dbc__condition_holds(const char *sql, const dbc_table *table,
                                dbc__condition_value value, void *ud)
{
    reading r = {.at = sql, .table = table, .value = value, .ud = ud};

    next(&r);
    result found = read_or(&r);
    if (r.stuck || r.token.kind != DBC__TOKEN_END) return DBC__CANNOT_TELL;
    return truth_of(&found);
}
