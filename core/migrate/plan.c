// The plan as a value, and the small tools of those who make it.
#include "plan.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "error.h"

// ------------------------------------------------------------------ growing

void *dbc__list_add(dbc__list *list, dbc__arena *arena, size_t size)
{
    if (list->count == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 8;
        void *more = dbc__arena_take_array(arena, cap, size);
        if (!more) return NULL;
        if (list->count) memcpy(more, list->items, list->count * size);
        list->items = more;
        list->cap = cap;
    }
    return (char *)list->items + size * list->count++;
}

int dbc__plan_nomem(dbc__planner *p)
{
    return dbc__error_nomem(&p->conn->error);
}

const char *dbc__plan_text(dbc__planner *p, const char *format, ...)
{
    dbc__arena *arena = &p->plan->arena;
    va_list args, again;
    char *text;

    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    text = len < 0 ? NULL : dbc__arena_take(arena, (size_t)len + 1);
    if (text) vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

// A plan outlives the catalogs it was made of, so it has its own texts. NULL
// stays NULL; memory that is out is found by the flag.
static const char *own(dbc__planner *p, const char *text, int *is_out)
{
    const char *copy = NULL;

    if (text) copy = dbc__arena_copy(&p->plan->arena, text, strlen(text));
    if (text && !copy) *is_out = 1;
    return copy;
}

int dbc__plan_difference(dbc__planner *p, dbc_difference_kind kind,
                         const char *table, const char *name,
                         const char *old_name, const char *words)
{
    dbc_difference *added =
        dbc__list_add(&p->plan->differences, &p->plan->arena, sizeof *added);

    int is_out = !added || !words;

    if (is_out) return dbc__plan_nomem(p);
    *added =
        (dbc_difference){kind, own(p, table, &is_out), own(p, name, &is_out),
                         own(p, old_name, &is_out), words};
    return is_out ? dbc__plan_nomem(p) : DBC_OK;
}

static const dbc_hint *own_answers(dbc__planner *p, const dbc_finding *finding,
                                   int *is_out)
{
    size_t count = finding->answer_count;
    dbc_hint *copies =
        dbc__arena_take_array(&p->plan->arena, count, sizeof *copies);

    for (size_t i = 0; copies && i < count; i++) {
        const dbc_hint *given = &finding->answers[i];
        copies[i] = (dbc_hint){given->kind, own(p, given->table, is_out),
                               own(p, given->name, is_out),
                               own(p, given->value, is_out)};
    }
    if (!copies) *is_out = 1;
    return copies;
}

int dbc__plan_finding(dbc__planner *p, const dbc_finding *finding)
{
    dbc_finding *added =
        dbc__list_add(&p->plan->findings, &p->plan->arena, sizeof *added);

    int is_out = !added || !finding->message || !finding->fix;

    if (is_out) return dbc__plan_nomem(p);
    *added = *finding;
    added->table = own(p, finding->table, &is_out);
    added->column = own(p, finding->column, &is_out);
    if (finding->answer_count)
        added->answers = own_answers(p, finding, &is_out);
    return is_out ? dbc__plan_nomem(p) : DBC_OK;
}

void dbc__plan_add(dbc__planner *p, const char *text)
{
    dbc_buf_add_string(&p->sql, text);
}

void dbc__plan_literal(dbc__planner *p, const char *text)
{
    dbc__plan_add(p, "'");
    for (; *text; text++)
        dbc_buf_add(&p->sql, *text == '\'' ? "''" : text,
                    *text == '\'' ? 2 : 1);
    dbc__plan_add(p, "'");
}

void dbc__plan_name(dbc__planner *p, const char *name)
{
    if (!name) {
        p->sql.status = DBC_ENOMEM;
        return;
    }
    p->conn->driver->dialect->quote(&p->sql, name, strlen(name));
}

// -------------------------------------------------------------------- steps

static int take_step(dbc__step **out, dbc__planner *p, const char *table,
                     unsigned flags, const char *reason)
{
    dbc__arena *arena = &p->plan->arena;
    dbc__step *step = dbc__list_add(&p->plan->steps, arena, sizeof *step);
    const char *sql = NULL;

    if (p->sql.status == DBC_OK && p->sql.data)
        sql = dbc__arena_copy(arena, p->sql.data, p->sql.len);
    dbc__buf_clear(&p->sql);
    table = dbc__arena_copy(arena, table, strlen(table));
    if (!step || !sql || !reason || !table) return dbc__plan_nomem(p);
    step->own = (dbc_step){table, sql, reason, flags};
    *out = step;
    return DBC_OK;
}

// Whether the step is about a table whose module the scratch database has not.
static int is_about_ghost(dbc__lack *lack, dbc__planner *p,
                          const dbc_step *step)
{
    const char *ghost = dbc__scratch_ghost(&p->scratch, step->table);
    dbc__shape shape;

    if (!ghost || dbc__parse_table(&shape, &p->plan->arena, ghost) < 0 ||
        !shape.module)
        return 0;
    lack->kind = DBC__LACK_MODULE;
    snprintf(lack->name, sizeof lack->name, "%s", shape.module);
    return 1;
}

// What went wrong in memory would go wrong in the file.
static int complain(dbc__planner *p, const dbc_step *step)
{
    dbc_error *err = &p->conn->error;
    dbc_error cause = *err;
    dbc__lack lack = dbc__lack_of(cause.message);
    int known = 0;

    if (cause.code == DBC_ENOMEM || cause.code == DBC_EINTERRUPTED)
        return cause.code;
    if (is_about_ghost(&lack, p, step)) {
        known = dbc__lack_is_known(&lack, p->conn);
        if (known < 0) return known;
    }
    dbc__lack_words words = dbc__lack_say(&lack);
    if (known)
        dbc__error_set(err, DBC_EREFUSED,
                       "%s: what its module \"%.100s\" makes of that cannot "
                       "be tried out in memory: drop it and create it anew",
                       step->reason, lack.name);
    else if (lack.kind != DBC__LACK_NOTHING)
        dbc__error_set(err, DBC_EREFUSED, "%s: %s: %s", step->reason,
                       words.what, words.fix);
    else
        dbc__error_set(err, DBC_EREFUSED, "%s: %s", step->reason,
                       cause.message);
    dbc__error_field(err->table, sizeof err->table, step->table,
                     strlen(step->table));
    return DBC_EREFUSED;
}

// A module that only the real connection knows: its tables can be created and
// dropped all the same.
static int goes_untried(dbc__planner *p, const dbc_step *step)
{
    const char *ghost = dbc__scratch_ghost(&p->scratch, step->table);
    dbc_error cause = p->conn->error;
    dbc__lack lack = dbc__lack_of(cause.message);
    int is_drop = strncmp(step->sql, "DROP TABLE ", 11) == 0;

    if (ghost ? !is_drop || !is_about_ghost(&lack, p, step)
              : lack.kind != DBC__LACK_MODULE)
        return 0;
    if (dbc__lack_is_known(&lack, p->conn) != 1 ||
        (!ghost && dbc__scratch_add_ghost(&p->scratch, step->sql) < 0)) {
        p->conn->error = cause;
        return 0;
    }
    if (ghost) dbc__scratch_drop_ghost(&p->scratch, ghost);
    dbc__error_clear(&p->conn->error);
    return 1;
}

int dbc__plan_step(dbc__step **out, dbc__planner *p, const char *table,
                   unsigned flags, const char *reason)
{
    dbc__step *step = NULL;
    int rc = take_step(&step, p, table, flags, reason);

    if (rc < 0) return rc;
    if (out) *out = step;
    rc = dbc__scratch_run(&p->scratch, step->own.sql, strlen(step->own.sql),
                          DBC__SCRATCH_KNOWN);
    if (rc < 0 && goes_untried(p, &step->own)) return DBC_OK;
    return rc < 0 ? complain(p, &step->own) : DBC_OK;
}

int dbc__plan_count_rows(dbc__planner *p, dbc__step *step, const char *table,
                         const char *as)
{
    int is_out = 0;

    step->counted = own(p, table, &is_out);
    step->as = own(p, as, &is_out);
    return is_out ? dbc__plan_nomem(p) : DBC_OK;
}

int dbc__plan_read_rows(dbc__planner *p, dbc__step *step, const char *table)
{
    int is_out = 0;

    step->read = own(p, table, &is_out);
    return is_out ? dbc__plan_nomem(p) : DBC_OK;
}

int dbc__plan_statistics_step(dbc__planner *p, const char *table,
                              const char *reason)
{
    dbc__step *step;

    return take_step(&step, p, table, 0, reason);
}

int dbc__plan_look(dbc__planner *p)
{
    dbc_catalog *now;
    int rc = dbc__catalog_read(&now, p->scratch.conn, p->scratch.ghosts);

    if (rc < 0) {
        p->conn->error = p->scratch.conn->error;
        return rc;
    }
    dbc_catalog_free(p->now);
    p->now = now;
    return DBC_OK;
}

const char *dbc__plan_free_name(dbc__planner *p, const char *base)
{
    const char *name = dbc__plan_text(p, "dbcore_new_%s", base);

    for (int i = 2; name; i++) {
        if (!dbc__catalog_takes(p->from, name) &&
            !dbc__catalog_takes(p->to, name) &&
            !dbc__catalog_takes(p->now, name))
            return name;
        name = dbc__plan_text(p, "dbcore_new_%s_%d", base, i);
    }
    return NULL;
}

// ------------------------------------------------------------------- asking

void dbc_plan_free(dbc_plan *plan)
{
    if (!plan) return;
    dbc__arena_dispose(&plan->arena);
    dbc__alloc_free(plan->alloc, plan, sizeof *plan);
}

size_t dbc_plan_difference_count(const dbc_plan *plan)
{
    return plan->differences.count;
}

const dbc_difference *dbc_plan_difference(const dbc_plan *plan, size_t i)
{
    assert(i < plan->differences.count);
    return (const dbc_difference *)plan->differences.items + i;
}

size_t dbc_plan_step_count(const dbc_plan *plan)
{
    return plan->steps.count;
}

const dbc_step *dbc_plan_step(const dbc_plan *plan, size_t i)
{
    assert(i < plan->steps.count);
    return &((const dbc__step *)plan->steps.items + i)->own;
}

size_t dbc_plan_finding_count(const dbc_plan *plan)
{
    return plan->findings.count;
}

const dbc_finding *dbc_plan_finding(const dbc_plan *plan, size_t i)
{
    assert(i < plan->findings.count);
    return (const dbc_finding *)plan->findings.items + i;
}

const char *dbc_plan_script(const dbc_plan *plan)
{
    return plan->script;
}
