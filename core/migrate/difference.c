// Telling the differences: tables with their columns in the order in which
// they are wanted, then indexes, triggers and views.
#include "difference.h"

#include <string.h>

#include "attach.h"
#include "fingerprint.h"
#include "hint.h"
#include "match.h"

static int say(dbc__planner *p, dbc_difference_kind kind, const char *table,
               const char *name, const char *old_name, const char *words)
{
    return dbc__plan_difference(p, kind, table, name, old_name, words);
}

// ------------------------------------------------------------------ columns

static const char *normal_of(const dbc__clause *clause)
{
    return clause ? clause->normal : "";
}

static int same_type(const dbc__planner *p, const dbc__column *a,
                     const dbc__column *b)
{
    const char *left =
        dbc__normal_form(&p->plan->arena, a->type.text, a->type.len);
    const char *right =
        dbc__normal_form(&p->plan->arena, b->type.text, b->type.len);

    return left && right && strcmp(left, right) == 0;
}

// What becomes of a column, as the end of a sentence.
static const char *change_of(dbc__planner *p, const dbc__column *now,
                             const dbc__column *to)
{
    if (!same_type(p, now, to))
        return dbc__plan_text(p, "becomes %.*s instead of %.*s",
                              to->type.len ? (int)to->type.len : 7,
                              to->type.len ? to->type.text : "untyped",
                              now->type.len ? (int)now->type.len : 7,
                              now->type.len ? now->type.text : "untyped");
    if (!now->not_null && to->not_null) return "becomes NOT NULL";
    if (now->not_null && !to->not_null) return "may be NULL";
    if (strcmp(normal_of(now->generated), normal_of(to->generated)) != 0)
        return to->generated ? "is generated in another way"
                             : "is no longer generated";
    if (strcmp(normal_of(now->fallback), normal_of(to->fallback)) != 0) {
        if (!to->fallback) return "loses its default";
        return dbc__plan_text(p, "gets the default %.*s",
                              (int)to->fallback->body.len,
                              to->fallback->body.text);
    }
    if (strcmp(now->collate ? now->collate : "binary",
               to->collate ? to->collate : "binary") != 0)
        return dbc__plan_text(p, "is collated %s",
                              to->collate ? to->collate : "binary");
    return "has other constraints";
}

static int list_columns(dbc__planner *p, const dbc__match *match,
                        const dbc__object *now)
{
    const dbc__shape *to = &match->to->shape;
    const char *table = match->to->own.name;
    int rc = DBC_OK;

    for (size_t i = 0; i < match->from->shape.column_count && rc >= 0; i++) {
        const char *name = match->from->shape.columns[i].name;
        if (!match->kept[i])
            rc = say(
                p, DBC_COLUMN_DROPPED, table, name, NULL,
                dbc__plan_text(p, "column \"%s\" of \"%s\" goes", name, table));
        else if (strcmp(match->kept[i]->name, name) != 0)
            rc = say(p, DBC_COLUMN_RENAMED, table, match->kept[i]->name, name,
                     dbc__plan_text(p, "column \"%s\" of \"%s\" becomes \"%s\"",
                                    name, table, match->kept[i]->name));
    }
    for (size_t i = 0; i < to->column_count && rc >= 0; i++) {
        const dbc__column *column = &to->columns[i];
        const dbc__column *there = dbc__shape_find(&now->shape, column->name);
        if (!match->source[i])
            rc = say(p, DBC_COLUMN_ADDED, table, column->name, NULL,
                     dbc__plan_text(p, "column \"%s\" is added to \"%s\"",
                                    column->name, table));
        else if (there && strcmp(there->normal, column->normal) != 0)
            rc = say(p, DBC_COLUMN_CHANGED, table, column->name, NULL,
                     dbc__plan_text(p, "column \"%s\" of \"%s\" %s",
                                    column->name, table,
                                    change_of(p, there, column)));
    }
    return rc;
}

// ------------------------------------------------------------------- tables

static int holds(const dbc__clause *list, const dbc__clause *wanted)
{
    for (; list; list = list->next)
        if (strcmp(list->normal, wanted->normal) == 0) return 1;
    return 0;
}

// What becomes of constraints and options, or NULL when nothing does.
static const char *table_change(dbc__planner *p, const dbc__match *match,
                                const dbc__object *now)
{
    const dbc__shape *a = &now->shape, *b = &match->to->shape;
    const char *name = match->to->own.name;

    if (a->strict != b->strict)
        return dbc__plan_text(p, "table \"%s\" becomes %sSTRICT", name,
                              b->strict ? "" : "not ");
    if (a->without_rowid != b->without_rowid)
        return dbc__plan_text(p, "table \"%s\" becomes one %s rowid", name,
                              b->without_rowid ? "without" : "with");
    for (const dbc__clause *each = b->clauses; each; each = each->next)
        if (!holds(a->clauses, each))
            return dbc__plan_text(p, "table \"%s\" gets %.*s", name,
                                  (int)each->text.len, each->text.text);
    for (const dbc__clause *each = a->clauses; each; each = each->next)
        if (!holds(b->clauses, each))
            return dbc__plan_text(p, "table \"%s\" loses %.*s", name,
                                  (int)each->text.len, each->text.text);
    return NULL;
}

// Whether the columns that stay stand in the same order.
static int is_reordered(const dbc__match *match)
{
    const dbc__column *last = NULL;

    for (size_t i = 0; i < match->to->shape.column_count; i++) {
        const dbc__column *source = match->source[i];
        if (!source) continue;
        if (last && source < last) return 1;
        last = source;
    }
    return 0;
}

static int list_table(dbc__planner *p, const dbc__match *match,
                      const dbc__object *now)
{
    const char *name = match->to->own.name;
    const char *words;
    size_t count = p->plan->differences.count;
    int rc = DBC_OK;

    if (strcmp(match->from->own.name, name) != 0) {
        rc = say(p, DBC_TABLE_RENAMED, name, NULL, match->from->own.name,
                 dbc__plan_text(p, "table \"%s\" becomes \"%s\"",
                                match->from->own.name, name));
        count++;
    }
    if (rc < 0 || (strcmp(now->normal, match->to->normal) == 0 &&
                   !dbc__match_is_renamed(match)))
        return rc;
    words = table_change(p, match, now);
    if (words) rc = say(p, DBC_TABLE_CHANGED, name, NULL, NULL, words);
    if (rc >= 0) rc = list_columns(p, match, now);
    if (rc >= 0 && strcmp(now->normal, match->to->normal) != 0 &&
        (p->plan->differences.count == count || is_reordered(match)))
        rc = say(
            p, is_reordered(match) ? DBC_COLUMNS_REORDERED : DBC_TABLE_CHANGED,
            name, NULL, NULL,
            dbc__plan_text(p,
                           is_reordered(match)
                               ? "the columns of \"%s\" stand in "
                                 "another order"
                               : "table \"%s\" is made in another way",
                           name));
    return rc;
}

static int list_tables(dbc__planner *p)
{
    int rc = DBC_OK;

    for (size_t i = 0; i < p->match_count && rc >= 0; i++) {
        const dbc__match *match = &p->matches[i];
        if (!match->from)
            rc = say(p, DBC_TABLE_ADDED, match->to->own.name, NULL, NULL,
                     dbc__plan_text(p, "table \"%s\" is added",
                                    match->to->own.name));
        else if (!match->to)
            rc = say(
                p, DBC_TABLE_DROPPED, match->from->own.name, NULL, NULL,
                dbc__plan_text(p, "table \"%s\" goes", match->from->own.name));
        else {
            const dbc__object *now = dbc__catalog_find(p->now, DBC_OBJECT_TABLE,
                                                       match->to->own.name);
            if (now) rc = list_table(p, match, now);
        }
    }
    return rc;
}

// ------------------------------------------------------------------- others

// Kinds of differences of one kind of object, and its word.
static const struct {
    dbc_object_kind object;
    dbc_difference_kind added, dropped, changed;
    const char *word;
} others[] = {{DBC_OBJECT_INDEX, DBC_INDEX_ADDED, DBC_INDEX_DROPPED,
               DBC_INDEX_CHANGED, "index"},
              {DBC_OBJECT_TRIGGER, DBC_TRIGGER_ADDED, DBC_TRIGGER_DROPPED,
               DBC_TRIGGER_CHANGED, "trigger"},
              {DBC_OBJECT_VIEW, DBC_VIEW_ADDED, DBC_VIEW_DROPPED,
               DBC_VIEW_CHANGED, "view"}};

// Whether the triggers of its table, up to this one, are the same in order.
static int is_in_order(const dbc__planner *p, const dbc__object *to)
{
    const dbc__object *old = dbc__catalog_named(p->from, to->own.table);
    const dbc__object *new = dbc__catalog_named(p->to, to->own.table);
    const dbc__object *a = old ? old->first_trigger : NULL;
    const dbc__object *b = new ? new->first_trigger : NULL;

    for (; a && b && b != to; a = a->next, b = b->next)
        if (!dbc__same_name(a->own.name, b->own.name)) return 0;
    return a && b && dbc__same_name(a->own.name, b->own.name);
}

static int list_new(dbc__planner *p, size_t kind, const dbc__object *to)
{
    const dbc__object *from =
        dbc__catalog_find(to->own.kind == DBC_OBJECT_INDEX ? p->now : p->from,
                          to->own.kind, to->own.name);
    const char *word = others[kind].word;

    if (!from) {
        for (size_t i = 0; i < p->hint_count; i++) {
            const dbc_hint *hint = &p->hints[i];
            if (to->own.kind == DBC_OBJECT_INDEX &&
                hint->kind == DBC_HINT_RENAME_INDEX &&
                dbc__same_name(hint->value, to->own.name) &&
                dbc__catalog_find(p->from, DBC_OBJECT_INDEX, hint->name))
                return say(p, DBC_INDEX_RENAMED, to->own.table, to->own.name,
                           hint->name,
                           dbc__plan_text(p, "index \"%s\" becomes \"%s\"",
                                          hint->name, to->own.name));
        }
        return say(p, others[kind].added, to->own.table, to->own.name, NULL,
                   dbc__plan_text(p, "%s \"%s\" is added", word, to->own.name));
    }
    if (!dbc__fingerprint_same(from, to))
        return say(
            p, others[kind].changed, to->own.table, to->own.name, NULL,
            dbc__plan_text(p, "%s \"%s\" is another one", word, to->own.name));
    if (to->own.kind == DBC_OBJECT_TRIGGER && !is_in_order(p, to) &&
        !p->has_renames)
        return say(p, others[kind].changed, to->own.table, to->own.name, NULL,
                   dbc__plan_text(p, "trigger \"%s\" comes in another order",
                                  to->own.name));
    return DBC_OK;
}

static int list_old(dbc__planner *p, size_t kind, const dbc__object *from)
{
    if (dbc__catalog_find(p->to, from->own.kind, from->own.name) ||
        (from->own.kind == DBC_OBJECT_INDEX &&
         dbc__hint_index(p, from->own.name)))
        return DBC_OK;
    return say(
        p, others[kind].dropped, from->own.table, from->own.name, NULL,
        dbc__plan_text(p, "%s \"%s\" goes", others[kind].word, from->own.name));
}

static int list_others(dbc__planner *p, size_t kind)
{
    int rc = DBC_OK;

    for (size_t i = p->from->table_count; i < p->from->count && rc >= 0; i++) {
        const dbc__object *from = &p->from->objects[i];
        if (from->own.kind == others[kind].object &&
            !dbc__attach_is_ignored(p, from))
            rc = list_old(p, kind, from);
    }
    for (size_t i = p->to->table_count; i < p->to->count && rc >= 0; i++) {
        const dbc__object *to = &p->to->objects[i];
        if (to->own.kind == others[kind].object &&
            !dbc__attach_is_ignored(p, to))
            rc = list_new(p, kind, to);
    }
    return rc;
}

int dbc__difference_list(dbc__planner *p)
{
    int rc = list_tables(p);

    for (size_t i = 0; i < sizeof others / sizeof *others && rc >= 0; i++)
        rc = list_others(p, i);
    return rc;
}
