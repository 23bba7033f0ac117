// One pass that reads and decides at once: operators by falling precedence,
// as SQLite has them, each giving a value. Nothing is remembered and nothing
// allocated. Text that is not understood makes the whole answer unknown; a
// value that is not known only what needs it.
#include "condition.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compute.h"
#include "name.h"
#include "scan.h"

enum { MOST_DEPTH = 100 };

typedef struct reading {
    const char *at;
    dbc__token token; // the one that is looked at
    const dbc_table *table;
    dbc__condition_value value;
    void *ud;
    int stuck; // there is something that is not understood
    int depth;
} reading;

static dbc__operand read_or(reading *r);
static dbc__operand read_additive(reading *r);

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

static dbc__operand give_up(reading *r)
{
    r->stuck = 1;
    return dbc__operand_unknown();
}

// ------------------------------------------------------------------- operands

// A number of SQL: digits, perhaps with a point and an exponent.
static dbc__operand read_number(reading *r)
{
    char *end;

    if (r->token.text[0] == '0' && (r->token.text[1] | 0x20) == 'x')
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
    if (is_whole && !too_large) return dbc__operand_known(dbc_value_int(whole));
    return dbc__operand_known(dbc_value_real(real));
}

// '…'; one with a doubled quote in it would have to be copied.
static dbc__operand read_text(reading *r)
{
    const char *text = r->token.text + 1;
    size_t len = r->token.len - 2;

    next(r);
    if (memchr(text, '\'', len) != NULL) return dbc__operand_unknown();
    return dbc__operand_known(dbc_value_text(text, len));
}

// Stored as it is, and compared by the rules of its own type.
static int is_plain(const dbc_column *column)
{
    return column->def.storage == NULL && column->def.type != DBC_T_ANY &&
           column->def.type != DBC_T_CUSTOM;
}

static dbc__operand read_column(reading *r, const char *name, size_t len)
{
    const dbc_column *column = dbc_table_find(r->table, name, len, NULL);
    dbc__operand found = dbc__operand_unknown();

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
static dbc__operand read_name(reading *r, dbc__token first)
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

// coalesce(a, b, …): the arguments stand behind the `(`.
static dbc__operand call_coalesce(reading *r)
{
    dbc__operand found = dbc__operand_known(dbc_value_null());

    do {
        dbc__operand each = read_or(r);
        each.column = NULL;
        if (found.known && found.value.type == DBC_NULL) found = each;
    } while (take_char(r, ','));
    need_char(r, ')');
    return found;
}

static dbc__operand read_call(reading *r, dbc__token name)
{
    if (dbc__scan_is_word(&name, "coalesce") ||
        dbc__scan_is_word(&name, "ifnull"))
        return call_coalesce(r);

    int is_length = dbc__scan_is_word(&name, "length");
    if (!is_length && !dbc__scan_is_word(&name, "abs")) return give_up(r);
    dbc__operand of = read_or(r);
    need_char(r, ')');
    return is_length ? dbc__compute_length(&of) : dbc__compute_abs(&of);
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

static dbc__operand read_word(reading *r)
{
    dbc__token word = r->token;

    if (word.text[0] >= '0' && word.text[0] <= '9') return read_number(r);
    next(r);
    if (dbc__scan_is_word(&word, "NULL"))
        return dbc__operand_known(dbc_value_null());
    if (dbc__scan_is_word(&word, "TRUE"))
        return dbc__operand_known(dbc_value_int(1));
    if (dbc__scan_is_word(&word, "FALSE"))
        return dbc__operand_known(dbc_value_int(0));
    if (is_reserved(&word)) return give_up(r);
    if (take_char(r, '(')) return read_call(r, word);
    return read_name(r, word);
}

static dbc__operand read_primary(reading *r)
{
    dbc__token token = r->token;

    if (r->stuck || ++r->depth > MOST_DEPTH) return give_up(r);
    dbc__operand found;
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

static dbc__operand read_unary(reading *r)
{
    if (++r->depth > MOST_DEPTH) return give_up(r);
    dbc__operand found;
    if (take_char(r, '-')) {
        dbc__operand of = read_unary(r);
        found = dbc__compute_minus(&of);
    } else if (take_char(r, '+')) {
        found = read_unary(r);
    } else {
        found = read_primary(r);
    }
    r->depth--;
    return found;
}

static dbc__operand read_product(reading *r)
{
    dbc__operand left = read_unary(r);

    while (!r->stuck && (is_char(r, '*') || is_char(r, '/'))) {
        char op = r->token.text[0];
        next(r);
        dbc__operand right = read_unary(r);
        left = dbc__compute(&left, op, &right);
    }
    return left;
}

static dbc__operand read_additive(reading *r)
{
    dbc__operand left = read_product(r);

    while (!r->stuck && (is_char(r, '+') || is_char(r, '-'))) {
        char op = r->token.text[0];
        next(r);
        dbc__operand right = read_product(r);
        left = dbc__compute(&left, op, &right);
    }
    return left;
}

// ------------------------------------------------------------------ conditions

static dbc__operand read_relational(reading *r)
{
    dbc__operand left = read_additive(r);

    while (!r->stuck && (is_char(r, '<') || is_char(r, '>'))) {
        dbc__comparison how = is_char(r, '<') ? DBC__LT : DBC__GT;
        // <> and << are no comparison of this rank.
        if (r->token.text[1] == '>' || r->token.text[1] == '<') {
            if (how == DBC__LT && r->token.text[1] == '>') break;
            return give_up(r);
        }
        next(r);
        if (take_char(r, '=')) how = how == DBC__LT ? DBC__LE : DBC__GE;
        dbc__operand right = read_additive(r);
        left = dbc__operand_of(dbc__truth_compare(&left, how, &right));
    }
    return left;
}

static dbc__truth read_between(reading *r, const dbc__operand *left)
{
    dbc__operand low = read_relational(r);
    if (!take_word(r, "AND")) r->stuck = 1;
    dbc__operand high = read_relational(r);

    return dbc__truth_and(dbc__truth_compare(left, DBC__GE, &low),
                          dbc__truth_compare(left, DBC__LE, &high));
}

static dbc__truth read_in(reading *r, const dbc__operand *left)
{
    dbc__truth found = DBC__FALSE;

    need_char(r, '(');
    if (dbc__scan_is_word(&r->token, "SELECT") ||
        dbc__scan_is_word(&r->token, "WITH") ||
        dbc__scan_is_word(&r->token, "VALUES"))
        r->stuck = 1;
    if (take_char(r, ')')) return DBC__FALSE;
    do {
        dbc__operand item = read_or(r);
        item.column = NULL; // the left side alone says how to compare
        found = dbc__truth_or(found, dbc__truth_compare(left, DBC__EQ, &item));
    } while (!r->stuck && take_char(r, ','));
    need_char(r, ')');
    return found;
}

static dbc__truth read_is(reading *r, const dbc__operand *left)
{
    int negated = take_word(r, "NOT");

    // IS TRUE asks for the truth, and is left to the database as well.
    if (dbc__scan_is_word(&r->token, "DISTINCT") ||
        dbc__scan_is_word(&r->token, "TRUE") ||
        dbc__scan_is_word(&r->token, "FALSE"))
        r->stuck = 1;
    dbc__operand right = read_relational(r);
    dbc__truth truth = dbc__truth_is(left, &right);
    return negated ? dbc__truth_not(truth) : truth;
}

// What can follow NOT, or stand alone. 0 when there is none of them.
static int read_word_operator(reading *r, const dbc__operand *left,
                              dbc__truth *truth)
{
    if (take_word(r, "BETWEEN")) {
        *truth = read_between(r, left);
    } else if (take_word(r, "IN")) {
        *truth = read_in(r, left);
    } else if (take_word(r, "LIKE")) {
        dbc__operand right = read_relational(r);
        *truth = dbc__truth_like(left, &right);
        if (dbc__scan_is_word(&r->token, "ESCAPE")) r->stuck = 1;
    } else {
        return 0;
    }
    return 1;
}

static int read_equality_operator(reading *r, const dbc__operand *left,
                                  dbc__truth *truth)
{
    dbc__comparison how = DBC__EQ;

    if (take_char(r, '=')) {
        take_char(r, '=');
    } else if (is_char(r, '!') || is_char(r, '<')) {
        next(r);
        if (!take_char(r, '=') && !take_char(r, '>')) r->stuck = 1;
        how = DBC__NE;
    } else {
        return 0;
    }
    dbc__operand right = read_relational(r);
    *truth = dbc__truth_compare(left, how, &right);
    return 1;
}

static dbc__operand read_equality(reading *r)
{
    dbc__operand left = read_relational(r);
    dbc__truth truth;

    while (!r->stuck) {
        if (take_word(r, "IS")) {
            truth = read_is(r, &left);
        } else if (take_word(r, "ISNULL")) {
            truth = dbc__truth_is_null(&left);
        } else if (take_word(r, "NOTNULL")) {
            truth = dbc__truth_not(dbc__truth_is_null(&left));
        } else if (take_word(r, "NOT")) {
            if (take_word(r, "NULL"))
                truth = dbc__truth_is_null(&left);
            else if (!read_word_operator(r, &left, &truth))
                return give_up(r);
            truth = dbc__truth_not(truth);
        } else if (!read_word_operator(r, &left, &truth) &&
                   !read_equality_operator(r, &left, &truth)) {
            break;
        }
        left = dbc__operand_of(truth);
    }
    return left;
}

static dbc__operand read_not(reading *r)
{
    if (!take_word(r, "NOT")) return read_equality(r);
    if (++r->depth > MOST_DEPTH) return give_up(r);
    dbc__operand of = read_not(r);
    r->depth--;
    return dbc__operand_of(dbc__truth_not(dbc__truth_of(&of)));
}

static dbc__operand read_and(reading *r)
{
    dbc__operand left = read_not(r);

    while (!r->stuck && take_word(r, "AND")) {
        dbc__operand right = read_not(r);
        left = dbc__operand_of(
            dbc__truth_and(dbc__truth_of(&left), dbc__truth_of(&right)));
    }
    return left;
}

static dbc__operand read_or(reading *r)
{
    dbc__operand left = read_and(r);

    while (!r->stuck && take_word(r, "OR")) {
        dbc__operand right = read_and(r);
        left = dbc__operand_of(
            dbc__truth_or(dbc__truth_of(&left), dbc__truth_of(&right)));
    }
    return left;
}

dbc__truth dbc__condition_holds(const char *sql, const dbc_table *table,
                                dbc__condition_value value, void *ud)
{
    reading r = {.at = sql, .table = table, .value = value, .ud = ud};

    next(&r);
    dbc__operand found = read_or(&r);
    if (r.stuck || r.token.kind != DBC__TOKEN_END) return DBC__CANNOT_TELL;
    return dbc__truth_of(&found);
}
