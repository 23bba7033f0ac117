// Making a plan. The order is: out of the way with views (and, where the
// engine would stumble over them, triggers); renames; what only adds; data;
// what copies and takes away; then everything that hangs on tables. Each step
// is run on the scratch database when it is added. In the end that has to be
// what is wanted, or there is no plan.
#include "planner.h"

#include <string.h>

#include "alloc.h"
#include "alter.h"
#include "attach.h"
#include "difference.h"
#include "error.h"
#include "expression.h"
#include "finding.h"
#include "fingerprint.h"
#include "hint.h"
#include "match.h"
#include "probe.h"
#include "rebuild.h"
#include "rename.h"
#include "statistics.h"

// ------------------------------------------------------------------- tables

static const dbc__object *now_of(const dbc__planner *p, const dbc__match *m)
{
    return dbc__catalog_find(p->now, DBC_OBJECT_TABLE, m->to->own.name);
}

static int is_same(const dbc__planner *p, const dbc__match *match)
{
    const dbc__object *now = now_of(p, match);

    return now && dbc__fingerprint_same(now, match->to);
}

static int is_virtual(const dbc__object *object)
{
    return object->own.kind == DBC_OBJECT_VIRTUAL;
}

// Whether a table that would be the one that is wanted is copied all the same,
// since somebody said what is to become of its values.
static int is_refilled(const dbc__planner *p, const dbc__match *match)
{
    return !is_virtual(match->to) &&
           (p->is_alteration || dbc__match_is_renamed(match)) &&
           dbc__expression_asks_copy(p, match);
}

// Finds out which tables have to be copied.
static int decide(dbc__planner *p)
{
    for (size_t i = 0; i < p->match_count; i++) {
        dbc__match *match = &p->matches[i];
        if (!match->from || !match->to) continue;
        match->rebuilt = is_refilled(p, match);
        if (match->rebuilt || is_same(p, match)) continue;
        int fits = 0;
        if (!is_virtual(match->to))
            fits = dbc__alter_try(p, match, now_of(p, match));
        if (fits < 0) return fits;
        match->rebuilt = !fits;
    }
    return dbc__expression_refuse_idle(p);
}

// Whether there is nothing to be done to a table but to rename it.
static int stays(const dbc__planner *p, const dbc__match *match)
{
    return !match->rebuilt && is_same(p, match);
}

static int touch(dbc__planner *p, const char *name)
{
    dbc__arena *arena = &p->plan->arena;
    const char **added = dbc__list_add(&p->plan->touched, arena, sizeof *added);

    if (!added) return dbc__plan_nomem(p);
    *added = dbc__arena_copy(arena, name, strlen(name));
    return *added ? DBC_OK : dbc__plan_nomem(p);
}

// Whether one of the foreign keys of `to` may be broken now that was not.
static int must_check_keys(const dbc__planner *p, const dbc__match *match)
{
    const dbc__shape *shape = &match->to->shape;

    if (p->plan->has_data || match->rebuilt) return 1;
    for (size_t i = 0; i < p->match_count; i++) {
        const dbc__match *other = &p->matches[i];
        const dbc__object *parent = other->to ? other->to : other->from;
        if ((other->rebuilt || !other->to) &&
            dbc__shape_refers(shape, parent->own.name))
            return 1;
    }
    return 0;
}

static int add_child(dbc__planner *p, const dbc__match *match)
{
    dbc__arena *arena = &p->plan->arena;
    dbc__child *added;
    const char *after = match->to->own.name;

    if (!dbc__shape_refers(&match->to->shape, NULL)) return DBC_OK;
    if (!must_check_keys(p, match)) return DBC_OK;
    added = dbc__list_add(&p->plan->children, arena, sizeof *added);
    if (!added) return dbc__plan_nomem(p);
    added->after = dbc__arena_copy(arena, after, strlen(after));
    if (match->from)
        added->before = dbc__arena_copy(arena, match->from->own.name,
                                        strlen(match->from->own.name));
    return added->after && (added->before || !match->from) ? DBC_OK
                                                           : dbc__plan_nomem(p);
}

// Tables that change, and those whose foreign keys have to be looked after.
static int note_tables(dbc__planner *p)
{
    for (size_t i = 0; i < p->match_count; i++) {
        const dbc__match *match = &p->matches[i];
        int changes = !match->from || !match->to || !stays(p, match) ||
                      dbc__match_is_renamed(match);
        if (changes && match->from && touch(p, match->from->own.name) < 0)
            return DBC_ENOMEM;
        if (changes && match->to && touch(p, match->to->own.name) < 0)
            return DBC_ENOMEM;
        if (match->to && add_child(p, match) < 0) return DBC_ENOMEM;
    }
    return DBC_OK;
}

static int create_tables(dbc__planner *p, int are_virtual)
{
    int rc = DBC_OK;

    for (size_t i = 0; i < p->match_count && rc >= 0; i++) {
        const dbc__match *match = &p->matches[i];
        if (match->from || is_virtual(match->to) != are_virtual) continue;
        dbc__plan_add(p, match->to->own.sql);
        rc = dbc__plan_step(
            NULL, p, match->to->own.name, 0,
            dbc__plan_text(p, "create table \"%s\"", match->to->own.name));
    }
    return rc;
}

static int add_columns(dbc__planner *p)
{
    int rc = DBC_OK;

    for (size_t i = 0; i < p->match_count && rc >= 0; i++) {
        const dbc__match *match = &p->matches[i];
        if (!match->from || !match->to || stays(p, match)) continue;
        if (!match->rebuilt)
            rc = dbc__alter_steps(p, match, &match->adds, 0);
        else if (p->plan->has_data && !is_virtual(match->to))
            rc = dbc__alter_add_bare(p, match, now_of(p, match));
    }
    return rc;
}

static int run_data(dbc__planner *p)
{
    int rc = DBC_OK;

    for (size_t i = 0; i < p->hint_count && rc >= 0; i++) {
        if (p->hints[i].kind != DBC_HINT_DATA) continue;
        dbc__plan_add(p, p->hints[i].value);
        rc = dbc__plan_step(NULL, p, "", DBC_STEP_DATA, "the data step given");
    }
    return rc;
}

static int rebuild_tables(dbc__planner *p)
{
    int rc = DBC_OK;

    for (size_t i = 0; i < p->match_count && rc >= 0; i++) {
        dbc__match *match = &p->matches[i];
        if (!match->from || !match->to || stays(p, match)) continue;
        if (!match->rebuilt)
            rc = dbc__alter_steps(p, match, &match->drops, DBC_STEP_LOSES);
        else if (is_virtual(match->to))
            rc = dbc__rebuild_virtual(p, match, now_of(p, match));
        else
            rc = dbc__rebuild(p, match, now_of(p, match));
    }
    return rc;
}

static int drop_tables(dbc__planner *p)
{
    int rc = DBC_OK;

    for (size_t i = 0; i < p->match_count && rc >= 0; i++) {
        const dbc__match *match = &p->matches[i];
        if (match->to) continue;
        p->plan->needs_no_keys = 1;
        dbc__plan_add(p, "DROP TABLE ");
        dbc__plan_name(p, match->current);
        rc = dbc__plan_step(
            NULL, p, match->from->own.name, DBC_STEP_LOSES,
            dbc__plan_text(p, "drop table \"%s\"", match->from->own.name));
    }
    return rc;
}

// ------------------------------------------------------------------ the end

// Triggers fire in an order that depends on that of their creation.
static int same_order(const dbc__object *a, const dbc__object *b)
{
    for (; a && b; a = a->next, b = b->next)
        if (!dbc__same_name(a->own.name, b->own.name)) return 0;
    return !a && !b;
}

// Whether every object of `a` that is not ignored is in `b`.
static int is_reached(const dbc__planner *p, const dbc_catalog *a,
                      const dbc_catalog *b, const dbc__object **missing)
{
    for (size_t i = 0; i < a->count; i++) {
        const dbc__object *object = &a->objects[i];
        const dbc__object *other;
        if (dbc__attach_is_ignored(p, object)) continue;
        other = dbc__catalog_find(b, object->own.kind, object->own.name);
        *missing = object;
        if (!other || !dbc__fingerprint_same(object, other) ||
            !same_order(object->first_trigger, other->first_trigger))
            return 0;
    }
    return 1;
}

static int verify(dbc__planner *p)
{
    const dbc__object *missing = NULL;
    int rc = dbc__plan_look(p);

    if (rc < 0) return rc;
    if (is_reached(p, p->to, p->now, &missing) &&
        is_reached(p, p->now, p->to, &missing)) {
        memcpy(p->plan->target, p->now->fingerprint, sizeof p->plan->target);
        return DBC_OK;
    }
    return dbc__conn_fail(p->conn, DBC_EREFUSED,
                          "no way was found to make \"%s\" what is wanted: "
                          "change it by hand and plan again",
                          missing->own.name);
}

// ---------------------------------------------------------------- all of it

// Whether there is a full-text index: its triggers work where the schema is
// trusted, as it is while a migration of one is carried out.
static int has_full_text(const dbc_catalog *catalog)
{
    for (size_t i = 0; i < catalog->count; i++)
        if (catalog->objects[i].own.kind == DBC_OBJECT_VIRTUAL) return 1;
    return 0;
}

static int copy_objects(dbc__planner *p)
{
    int rc = dbc__scratch_exec(&p->scratch, "BEGIN");

    for (size_t i = 0; i < p->from->count && rc >= 0; i++)
        rc = dbc__scratch_copy(&p->scratch, p->from->objects[i].own.sql);
    if (rc >= 0) rc = dbc__scratch_exec(&p->scratch, "COMMIT");
    if (rc >= 0) rc = dbc__scratch_forget(&p->scratch);
    if (rc >= 0 && (has_full_text(p->from) || has_full_text(p->to)))
        rc = dbc__scratch_exec(&p->scratch, "PRAGMA trusted_schema = ON");
    return rc;
}

static int has_difference(const dbc__planner *p)
{
    const dbc__object *missing = NULL;

    for (size_t i = 0; i < p->match_count; i++) {
        const dbc__match *match = &p->matches[i];
        if (!match->from || !match->to || dbc__match_is_renamed(match))
            return 1;
        if (p->is_alteration && is_refilled(p, match)) return 1;
    }
    return strcmp(p->from->fingerprint, p->to->fingerprint) != 0 &&
           (!is_reached(p, p->to, p->from, &missing) ||
            !is_reached(p, p->from, p->to, &missing));
}

// Whether the engine has to change texts by itself, which views and triggers
// might hinder.
static int must_clear(const dbc__planner *p)
{
    if (p->plan->has_data || p->has_renames) return 1;
    for (size_t i = 0; i < p->match_count; i++)
        if (dbc__match_drops(&p->matches[i])) return 1;
    return 0;
}

int dbc__planner_run(dbc__planner *p)
{
    int rc = dbc__match_tables(p);

    if (rc < 0) return rc;
    memcpy(p->plan->basis, p->from->fingerprint, sizeof p->plan->basis);
    if (!has_difference(p)) {
        memcpy(p->plan->target, p->plan->basis, sizeof p->plan->target);
        return DBC_OK;
    }
    for (size_t i = 0; i < p->match_count; i++)
        p->has_renames |= dbc__match_is_renamed(&p->matches[i]);
    p->plan->has_data = dbc__hint_has_data(p);
    rc = dbc__hint_check(p);
    if (rc >= 0) rc = copy_objects(p);
    if (rc >= 0) rc = dbc__hint_rewrite(p);
    if (rc >= 0) rc = dbc__plan_look(p);
    if (rc >= 0) rc = dbc__finding_before(p);
    if (rc >= 0)
        rc = dbc__attach_clear(p, must_clear(p) ? DBC__ATTACH_ALL
                                                : DBC__ATTACH_CHANGED);
    if (rc >= 0) rc = dbc__attach_drop_indexes(p);
    if (rc >= 0) rc = dbc__rename_all(p);
    if (rc >= 0) rc = dbc__plan_look(p);
    if (rc >= 0) rc = dbc__difference_list(p);
    if (rc >= 0) rc = decide(p);
    if (rc >= 0) rc = note_tables(p);
    if (rc >= 0) rc = dbc__probe(p);
    if (rc >= 0) rc = create_tables(p, 0);
    if (rc >= 0) rc = add_columns(p);
    if (rc >= 0) rc = run_data(p);
    if (rc >= 0) rc = dbc__plan_look(p);
    if (rc >= 0) rc = rebuild_tables(p);
    if (rc >= 0) rc = drop_tables(p);
    if (rc >= 0) rc = create_tables(p, 1);
    if (rc >= 0) rc = dbc__plan_look(p);
    if (rc >= 0) rc = dbc__attach_indexes(p);
    if (rc >= 0) rc = dbc__statistics_tidy(p);
    if (rc >= 0) rc = dbc__attach_views(p);
    if (rc >= 0) rc = dbc__rebuild_fill(p);
    if (rc >= 0) rc = dbc__attach_triggers(p);
    if (rc >= 0) rc = verify(p);
    if (rc >= 0) rc = dbc__finding_after(p);
    return rc;
}

// -------------------------------------------------------------------- public

// The steps between the settings that applying it changes.
static int write_script(dbc__planner *p)
{
    const dbc__step *steps = p->plan->steps.items;

    dbc__buf_clear(&p->sql);
    if (p->plan->steps.count)
        dbc__plan_add(p, "PRAGMA foreign_keys = OFF;\n"
                         "PRAGMA legacy_alter_table = OFF;\n"
                         "BEGIN IMMEDIATE;\n");
    for (size_t i = 0; i < p->plan->steps.count; i++) {
        dbc__plan_add(p, "\n-- ");
        // A name may hold a line end, which would end the comment.
        for (const char *c = steps[i].own.reason; *c; c++) {
            if ((unsigned char)*c < ' ')
                dbc__buf_add_char(&p->sql, ' ');
            else
                dbc__buf_add_char(&p->sql, *c);
        }
        dbc__plan_add(p, "\n");
        dbc__plan_add(p, steps[i].own.sql);
        dbc__plan_add(p, ";\n");
    }
    if (p->plan->steps.count)
        dbc__plan_add(p, "\nCOMMIT;\nPRAGMA foreign_keys = ON;\n");
    if (p->sql.status < 0) return dbc__plan_nomem(p);
    p->plan->script = dbc__arena_copy(
        &p->plan->arena, p->sql.data ? p->sql.data : "", p->sql.len);
    return p->plan->script ? DBC_OK : dbc__plan_nomem(p);
}

static dbc_plan *new_plan(const dbc_alloc *alloc)
{
    dbc_plan *plan = dbc__alloc_zero(alloc, 1, sizeof *plan);

    if (!plan) return NULL;
    plan->alloc = alloc;
    dbc__arena_init(&plan->arena, alloc);
    return plan;
}

// `p` says between what, and how.
static int make_plan(dbc_plan **out, dbc__planner *p,
                     const dbc_plan_options *options)
{
    const dbc_alloc *alloc = dbc__alloc_or_default(p->conn->alloc);
    int rc;

    *out = NULL;
    p->plan = new_plan(alloc);
    if (!p->plan) return dbc__error_nomem(&p->conn->error);
    dbc__buf_init(&p->sql, alloc);
    rc = dbc__scratch_open(&p->scratch, p->conn);
    if (rc >= 0) rc = dbc__hint_gather(p, options);
    if (rc >= 0) rc = dbc__planner_run(p);
    if (rc >= 0) rc = write_script(p);
    dbc__scratch_close(&p->scratch);
    dbc_catalog_free(p->now);
    dbc__buf_dispose(&p->sql);
    if (rc < 0)
        dbc_plan_free(p->plan);
    else
        *out = p->plan;
    return rc < 0 ? rc : DBC_OK;
}

// What is wanted is given as it is meant, when it is an alteration.
static int plan_towards(dbc_plan **out, dbc_conn *conn,
                        const dbc_catalog *target,
                        const dbc_plan_options *options, int is_alteration)
{
    dbc__planner p = {.conn = conn,
                      .to = target,
                      .probes = !options || !options->without_probe,
                      .is_alteration = is_alteration};
    dbc_catalog *from = NULL;

    *out = NULL;
    int rc = dbc__catalog_read(&from, conn, NULL);
    p.from = from;
    if (rc >= 0) rc = make_plan(out, &p, options);
    dbc_catalog_free(from);
    return rc;
}

int dbc__plan_alteration(dbc_plan **out, dbc_conn *conn,
                         const dbc_catalog *target,
                         const dbc_plan_options *options)
{
    return plan_towards(out, conn, target, options, 1);
}

int dbc_plan_new(dbc_plan **out, dbc_conn *conn, const dbc_catalog *target,
                 const dbc_plan_options *options)
{
    return plan_towards(out, conn, target, options, 0);
}

int dbc_plan_between(dbc_plan **out, const dbc_catalog *from,
                     const dbc_catalog *to, const dbc_plan_options *options,
                     dbc_conn *like)
{
    dbc__planner p = {.conn = like, .from = from, .to = to};

    *out = NULL;
    int rc = dbc__conn_check(like);
    return rc < 0 ? rc : make_plan(out, &p, options);
}
