// Reports: texts in an arena, the list beside it. Adding is sticky, so that a
// row is looked at whole and memory is asked about once.
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "dbcore_driver.h"
#include "error.h"
#include "utf8.h"

enum { FIRST_ROOM = 8 };

int dbc_report_new(dbc_report **out, const dbc_alloc *alloc)
{
    alloc = dbc__alloc_or_default(alloc);
    dbc_report *report = dbc__alloc_zero(alloc, 1, sizeof *report);

    if (report == NULL) return DBC_ENOMEM;
    dbc__arena_init(&report->arena, alloc);
    *out = report;
    return DBC_OK;
}

void dbc_report_free(dbc_report *report)
{
    if (report == NULL) return;

    const dbc_alloc *alloc = report->arena.alloc;
    dbc__alloc_free(alloc, report->items, report->cap * sizeof *report->items);
    dbc__arena_dispose(&report->arena);
    dbc__alloc_free(alloc, report, sizeof *report);
}

void dbc_report_clear(dbc_report *report)
{
    dbc__arena_dispose(&report->arena);
    report->count = 0;
    report->status = DBC_OK;
}

size_t dbc_report_count(const dbc_report *report)
{
    return report->count;
}

const dbc_violation *dbc_report_at(const dbc_report *report, size_t i)
{
    return &report->items[i];
}

// Rules of the whole row come behind those of columns.
static uint32_t order_of(const dbc_violation *one)
{
    return one->column == NULL ? UINT32_MAX : one->column->position;
}

static int grow(dbc_report *report)
{
    size_t cap = report->cap == 0 ? FIRST_ROOM : report->cap * 2;
    size_t size = sizeof *report->items;
    dbc_violation *grown = dbc__alloc_resize(report->arena.alloc, report->items,
                                             report->cap * size, cap * size);

    if (grown == NULL) return DBC_ENOMEM;
    report->items = grown;
    report->cap = cap;
    return DBC_OK;
}

static const char *copy(dbc_report *report, const char *text)
{
    return text == NULL ? NULL
                        : dbc__arena_copy(&report->arena, text, strlen(text));
}

// Puts it behind those that are not after it.
static void place(dbc_report *report, const dbc_violation *one)
{
    size_t i = report->count++;

    for (; i > 0 && order_of(&report->items[i - 1]) > order_of(one); i--)
        report->items[i] = report->items[i - 1];
    report->items[i] = *one;
}

static void add(dbc_report *report, const dbc__fault *fault,
                const char *message)
{
    const char *path = fault->path;
    dbc_violation one = {.column = fault->column};

    if (report->status < 0) return;
    if (path == NULL)
        path = fault->column != NULL ? fault->column->def.name : fault->rule;
    one.path = copy(report, path);
    one.rule = copy(report, fault->rule);
    one.constraint = copy(report, fault->constraint);
    one.message = copy(report, message);
    if (one.path == NULL || one.rule == NULL || one.message == NULL ||
        (fault->constraint != NULL && one.constraint == NULL) ||
        (report->count == report->cap && grow(report) < 0)) {
        report->status = DBC_ENOMEM;
        return;
    }
    place(report, &one);
}

void dbc__report_add(dbc_report *report, const dbc__fault *fault,
                     const char *format, ...)
{
    dbc_error err; // for one line of clean text, as messages are
    va_list args;

    va_start(args, format);
    dbc__error_setv(&err, DBC_EVALIDATION, format, args);
    va_end(args);
    add(report, fault, err.message);
}

int dbc_report_add(dbc_report *report, const dbc_column *column,
                   const char *path, const char *rule, const char *message)
{
    const dbc__fault fault = {column, path, rule, NULL};

    dbc__report_add(report, &fault, "%s", message);
    return report->status;
}

static void name_columns(const dbc_report *report, dbc_error *err)
{
    const dbc_column *last = NULL;

    for (size_t i = 0; i < report->count; i++) {
        const dbc_column *column = report->items[i].column;
        if (column == NULL || column == last) continue;
        dbc_error_add_column(err, column->def.name, column->name_len);
        last = column;
    }
}

int dbc__report_finish(const dbc_report *report, const dbc_table *table,
                       dbc_error *err)
{
    const dbc_table_def *def = dbc_table_describe(table);
    char more[40] = "";

    if (report->status < 0) return dbc__error_nomem(err);
    if (report->count == 0) return DBC_OK;
    if (err == NULL) return DBC_EVALIDATION;
    if (report->count > 1)
        snprintf(more, sizeof more, " (and %zu more)", report->count - 1);
    dbc__error_set(err, DBC_EVALIDATION, "%.*s%s",
                   (int)(sizeof err->message - sizeof more - 1),
                   report->items[0].message, more);
    dbc__error_field(err->table, sizeof err->table, def->name,
                     strlen(def->name));
    name_columns(report, err);
    return DBC_EVALIDATION;
}
