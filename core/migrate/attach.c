// Indexes, triggers and views are compared as a whole and made again when they
// differ. What is made again without having changed (its table was rebuilt,
// or it stood in the way) keeps the text it had in the file. Triggers of a
// table fire in an order that depends on that of their creation, so from the
// first one on that differs all are made again.
#include "attach.h"

#include <string.h>

#include "fingerprint.h"
#include "hint.h"

int dbc__attach_is_ignored(const dbc__planner *p, const dbc__object *object)
{
    return dbc__hint_ignores(p, object->own.table);
}

static int drop(dbc__planner *p, const dbc__object *object, const char *why)
{
    static const char *const words[] = {"TABLE", "TABLE", "INDEX", "TRIGGER",
                                        "VIEW"};
    static const char *const names[] = {"table", "table", "index", "trigger",
                                        "view"};

    dbc__plan_add(p, "DROP ");
    dbc__plan_add(p, words[object->own.kind]);
    dbc__plan_add(p, " ");
    dbc__plan_name(p, object->own.name);
    return dbc__plan_step(NULL, p, object->own.table, 0,
                          dbc__plan_text(p, "%s %s \"%s\"", why,
                                         names[object->own.kind],
                                         object->own.name));
}

// The text to create it with: the old one when it says the same.
static int create(dbc__planner *p, const dbc__object *to)
{
    static const char *const names[] = {"table", "table", "index", "trigger",
                                        "view"};
    const dbc__object *from =
        dbc__catalog_find(p->from, to->own.kind, to->own.name);
    int same = from && dbc__fingerprint_same(from, to);
    dbc__step *step = NULL;

    dbc__plan_add(p, same ? from->own.sql : to->own.sql);
    int rc = dbc__plan_step(&step, p, to->own.table, 0,
                            dbc__plan_text(p, "%s %s \"%s\"",
                                           same ? "put back" : "create",
                                           names[to->own.kind], to->own.name));
    if (rc < 0 || to->own.kind != DBC_OBJECT_INDEX) return rc;
    return dbc__plan_read_rows(p, step, to->own.table);
}

// -------------------------------------------------------------------- views

static int is_wanted(const dbc__planner *p, const dbc__object *object)
{
    const dbc__object *to =
        dbc__catalog_find(p->to, object->own.kind, object->own.name);

    return to && dbc__fingerprint_same(object, to);
}

int dbc__attach_clear(dbc__planner *p, dbc__attach_extent extent)
{
    int all = extent == DBC__ATTACH_ALL;
    int rc = DBC_OK;

    // Triggers before views: those of a view would go with it unseen.
    for (size_t i = p->from->count; all && i-- > 0 && rc >= 0;) {
        const dbc__object *object = &p->from->objects[i];
        if (object->own.kind == DBC_OBJECT_TRIGGER &&
            !dbc__attach_is_ignored(p, object))
            rc = drop(p, object, is_wanted(p, object) ? "put aside" : "drop");
    }
    for (size_t i = p->from->count; i-- > 0 && rc >= 0;) {
        const dbc__object *object = &p->from->objects[i];
        if (object->own.kind != DBC_OBJECT_VIEW ||
            dbc__attach_is_ignored(p, object))
            continue;
        if (!is_wanted(p, object))
            rc = drop(p, object, "drop");
        else if (all)
            rc = drop(p, object, "put aside");
    }
    return rc;
}

int dbc__attach_views(dbc__planner *p)
{
    int rc = DBC_OK;

    for (size_t i = p->to->table_count; i < p->to->count && rc >= 0; i++) {
        const dbc__object *to = &p->to->objects[i];
        if (to->own.kind == DBC_OBJECT_VIEW && !dbc__attach_is_ignored(p, to) &&
            !dbc__catalog_find(p->now, DBC_OBJECT_VIEW, to->own.name))
            rc = create(p, to);
    }
    return rc;
}

// ------------------------------------------------------------------ indexes

int dbc__attach_drop_indexes(dbc__planner *p)
{
    int rc = DBC_OK;

    for (size_t i = p->from->table_count; i < p->from->count && rc >= 0; i++) {
        const dbc__object *from = &p->from->objects[i];
        const dbc__object *to;
        if (from->own.kind != DBC_OBJECT_INDEX ||
            dbc__attach_is_ignored(p, from))
            continue;
        to = dbc__catalog_find(p->to, DBC_OBJECT_INDEX, from->own.name);
        // One whose text a rename may change is looked at behind that.
        if (!to || (!p->has_renames && !dbc__fingerprint_same(from, to)))
            rc = drop(p, from, "drop");
    }
    return rc;
}

static int is_replaced(const dbc__planner *p, const dbc__object *now)
{
    const dbc__object *to =
        dbc__catalog_find(p->to, DBC_OBJECT_INDEX, now->own.name);

    return !to || !dbc__fingerprint_same(now, to);
}

int dbc__attach_indexes(dbc__planner *p)
{
    int rc = DBC_OK;

    for (size_t i = p->now->table_count; i < p->now->count && rc >= 0; i++) {
        const dbc__object *now = &p->now->objects[i];
        if (now->own.kind == DBC_OBJECT_INDEX &&
            !dbc__attach_is_ignored(p, now) && is_replaced(p, now))
            rc = drop(p, now, "drop");
    }
    for (size_t i = p->to->table_count; i < p->to->count && rc >= 0; i++) {
        const dbc__object *to = &p->to->objects[i];
        const dbc__object *now;
        if (to->own.kind != DBC_OBJECT_INDEX || dbc__attach_is_ignored(p, to))
            continue;
        now = dbc__catalog_find(p->now, DBC_OBJECT_INDEX, to->own.name);
        if (!now || !dbc__fingerprint_same(now, to)) rc = create(p, to);
    }
    return rc;
}

// ----------------------------------------------------------------- triggers

// From the first difference on: the rest of `now` goes, that of `to` comes.
static int align(dbc__planner *p, const dbc__object *now, const dbc__object *to)
{
    int rc = DBC_OK;

    while (now && to && dbc__fingerprint_same(now, to)) {
        now = now->next;
        to = to->next;
    }
    for (; now && rc >= 0; now = now->next)
        rc = drop(p, now, "drop");
    for (; to && rc >= 0; to = to->next)
        rc = create(p, to);
    return rc;
}

// A trigger may have moved to another table: all that go, go before any comes.
static int drop_strangers(dbc__planner *p)
{
    int rc = DBC_OK;

    for (size_t i = p->now->table_count; i < p->now->count && rc >= 0; i++) {
        const dbc__object *now = &p->now->objects[i];
        const dbc__object *to;
        if (now->own.kind != DBC_OBJECT_TRIGGER ||
            dbc__attach_is_ignored(p, now))
            continue;
        to = dbc__catalog_find(p->to, DBC_OBJECT_TRIGGER, now->own.name);
        if (!to || !dbc__same_name(to->own.table, now->own.table))
            rc = drop(p, now, "drop");
    }
    return rc;
}

int dbc__attach_triggers(dbc__planner *p)
{
    int rc = drop_strangers(p);

    if (rc >= 0) rc = dbc__plan_look(p);
    for (size_t i = 0; i < p->to->count && rc >= 0; i++) {
        const dbc__object *to = &p->to->objects[i];
        const dbc__object *now;
        if (to->own.kind == DBC_OBJECT_INDEX ||
            to->own.kind == DBC_OBJECT_TRIGGER || dbc__attach_is_ignored(p, to))
            continue;
        now = dbc__catalog_named(p->now, to->own.name);
        rc = align(p, now ? now->first_trigger : NULL, to->first_trigger);
    }
    return rc;
}
