// Duplicates are rare, and finding them by sorting costs as much as the index
// does. So one pass first makes a number of 64 bits of each key: where all of
// these differ, so do the keys. Only else the engine groups and counts.
#include "duplicate.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"
#include "name.h"
#include "row.h"

// ---------------------------------------------------------------------- text

static void add_term(dbc__questions *q, const dbc__term *term)
{
    const dbc__shape *to = &q->match->to->shape;
    const dbc__column *column =
        term->column ? dbc__shape_find(to, term->column) : NULL;

    if (column)
        dbc__plan_name(q->p, column->name);
    else
        dbc_buf_add(&q->p->sql, term->text.text, term->text.len);
}

static const char *collation_of(const dbc__questions *q, const dbc__term *term)
{
    const dbc__column *column =
        term->column ? dbc__shape_find(&q->match->to->shape, term->column)
                     : NULL;

    if (term->collate) return term->collate;
    return column && column->collate ? column->collate : "binary";
}

// The rows that count: a key with a NULL in it is never twice there.
static void add_rows(dbc__questions *q, const dbc__term *terms, size_t count,
                     const dbc__span *where)
{
    dbc__planner *p = q->p;

    dbc__plan_add(p, " FROM ");
    dbc__row_new(p, q->match, q->now, NULL);
    for (size_t i = 0; i < count; i++) {
        dbc__plan_add(p, i ? " AND (" : " WHERE (");
        add_term(q, &terms[i]);
        dbc__plan_add(p, ") IS NOT NULL");
    }
    if (!where || !where->len) return;
    dbc__plan_add(p, " AND (");
    dbc_buf_add(&p->sql, where->text, where->len);
    dbc__plan_add(p, ")");
}

static void add_groups(dbc__questions *q, const dbc__term *terms, size_t count)
{
    dbc__planner *p = q->p;

    for (size_t i = 0; i < count; i++) {
        dbc__plan_add(p, i ? ", (" : " GROUP BY (");
        add_term(q, &terms[i]);
        // Without one it would be that of the old column.
        dbc__plan_add(p, ") COLLATE ");
        dbc__plan_name(p, collation_of(q, &terms[i]));
    }
    dbc__plan_add(p, " HAVING dbcore_count > 1");
}

static const char *names_of(dbc__planner *p, const dbc__term *terms,
                            size_t count)
{
    const char *names = "";

    for (size_t i = 0; names && i < count; i++) {
        const char *separator = i ? ", " : "";
        if (terms[i].column)
            names = dbc__plan_text(p, "%s%s\"%s\"", names, separator,
                                   terms[i].column);
        else
            names = dbc__plan_text(p, "%s%s%.*s", names, separator,
                                   (int)terms[i].text.len, terms[i].text.text);
    }
    return names;
}

// ------------------------------------------------------------------- numbers

// Of each key one; of equal keys the same.
typedef struct numbers {
    uint64_t *items; // owned
    size_t count, cap;
} numbers;

static int add_number(numbers *list, dbc__planner *p, uint64_t number)
{
    size_t size = sizeof *list->items;

    if (list->count == list->cap) {
        size_t cap = list->cap ? 2 * list->cap : 1024;
        uint64_t *grown = dbc__alloc_resize(p->conn->alloc, list->items,
                                            list->cap * size, cap * size);
        if (!grown) return dbc__plan_nomem(p);
        list->items = grown;
        list->cap = cap;
    }
    list->items[list->count++] = number;
    return DBC_OK;
}

// 1 and 1.0 are one key.
static uint64_t number_of(uint64_t seed, const dbc_value *value)
{
    static const double LIMIT = 9223372036854775808.0; // 2 to the 63rd
    uint64_t bits;

    switch (value->type) {
    case DBC_INT:
        return dbc__hash_mix(seed, (uint64_t)value->as.i);
    case DBC_REAL:
        if (value->as.r >= -LIMIT && value->as.r < LIMIT &&
            value->as.r == (double)(int64_t)value->as.r)
            return dbc__hash_mix(seed, (uint64_t)(int64_t)value->as.r);
        memcpy(&bits, &value->as.r, sizeof bits);
        return dbc__hash_mix(seed + 1, bits);
    case DBC_TEXT:
        return dbc__hash(seed + 2, value->as.text, value->len);
    case DBC_BLOB:
        return dbc__hash(seed + 3, value->as.blob, value->len);
    default:
        return dbc__hash_mix(seed + 4, 0);
    }
}

// Whether equal keys are found by their bytes, folded where that helps.
static int has_numbers(const dbc__questions *q, const dbc__term *terms,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *collation = collation_of(q, &terms[i]);
        if (!dbc__same_name(collation, "binary") &&
            !dbc__same_name(collation, "nocase"))
            return 0;
    }
    return 1;
}

static int gather(numbers *out, dbc__questions *q, const dbc__term *terms,
                  size_t count, const dbc__span *where)
{
    dbc__planner *p = q->p;
    dbc_stmt *stmt;
    int rc;

    for (size_t i = 0; i < count; i++) {
        int folds = dbc__same_name(collation_of(q, &terms[i]), "nocase");
        dbc__plan_add(p, i ? ", " : "SELECT ");
        dbc__plan_add(p, folds ? "lower(" : "(");
        add_term(q, &terms[i]);
        dbc__plan_add(p, ")");
    }
    add_rows(q, terms, count, where);
    rc = dbc__question_run(&stmt, p);
    while (rc == DBC_ROW) {
        const dbc_value *row = dbc_stmt_row(stmt);
        uint64_t number = count;
        for (size_t i = 0; i < count; i++)
            number = number_of(number, &row[i]);
        rc = add_number(out, p, number);
        if (rc >= 0) rc = dbc__question_next(stmt, p);
    }
    dbc_stmt_release(stmt);
    return rc;
}

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

static int is_twice(const numbers *list)
{
    if (list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, compare);
    for (size_t i = 1; i < list->count; i++)
        if (list->items[i - 1] == list->items[i]) return 1;
    return 0;
}

// 0 when no key is twice there, 1 when one may be.
static int may_repeat(dbc__questions *q, const dbc__term *terms, size_t count,
                      const dbc__span *where)
{
    numbers list = {0};
    int rc;

    if (!has_numbers(q, terms, count)) return 1;
    rc = gather(&list, q, terms, count, where);
    if (rc >= 0) rc = is_twice(&list);
    dbc__alloc_free(q->p->conn->alloc, list.items,
                    list.cap * sizeof *list.items);
    return rc;
}

// -------------------------------------------------------------------- asking

static int find(dbc__questions *q, const dbc__term *terms, size_t count,
                const dbc__span *where, const char *code, const char *what)
{
    dbc__planner *p = q->p;
    dbc_stmt *stmt;
    int rc;

    dbc__plan_add(p, "SELECT ifnull(sum(dbcore_count), 0), count(*), "
                     "min(dbcore_example) FROM (SELECT count(*) AS "
                     "dbcore_count, substr(");
    for (size_t i = 0; i < count; i++) {
        dbc__plan_add(p, i ? " || ', ' || quote(" : "quote(");
        add_term(q, &terms[i]);
        dbc__plan_add(p, ")");
    }
    dbc__plan_add(p, ", 1, 60) AS dbcore_example");
    add_rows(q, terms, count, where);
    add_groups(q, terms, count);
    dbc__plan_add(p, ")");
    rc = dbc__question_run(&stmt, p);
    if (rc == DBC_ROW && dbc_stmt_int(stmt, 0) > 0) {
        const char *names = names_of(p, terms, count);
        const dbc_value *row = dbc_stmt_row(stmt);
        dbc_finding finding = {
            .code = code,
            .level = dbc__question_level(q, 0),
            .table = q->match->to->own.name,
            .column = count == 1 && terms[0].column ? terms[0].column : "",
            .count = row[0].as.i,
            .fix = "change or delete all but one of each before"};
        if (names && what)
            finding.message = dbc__plan_text(
                p,
                "%s of \"%s\" over %s is broken by %lld rows, for example %s",
                what, q->match->to->own.name, names, (long long)row[0].as.i,
                row[2].type == DBC_TEXT ? row[2].as.text : "NULL");
        rc = dbc__plan_finding(p, &finding);
    }
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

int dbc__duplicate_ask(dbc__questions *q, const dbc__term *terms, size_t count,
                       const dbc__span *where, const char *code,
                       const char *what)
{
    int rc = may_repeat(q, terms, count, where);

    return rc <= 0 ? rc : find(q, terms, count, where, code, what);
}
