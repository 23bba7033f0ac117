// Findings about the schema: foreign keys that lead nowhere, views and
// triggers that need what is gone. What was as bad before is only mentioned:
// no plan is to blame for it.
#include "finding.h"

#include <string.h>

#include "attach.h"
#include "sound.h"

// ------------------------------------------------------------- foreign keys

// Whether the columns are the primary key, or unique as a whole.
static int is_unique_clause(const dbc__clause *clause, const char *const *names,
                            size_t count)
{
    if (clause->kind != DBC__CLAUSE_UNIQUE &&
        clause->kind != DBC__CLAUSE_PRIMARY_KEY)
        return 0;
    if (clause->term_count != count) return 0;
    for (size_t i = 0; i < count; i++) {
        size_t t = 0;
        while (t < count &&
               !(clause->terms[t].column &&
                 dbc__same_name(clause->terms[t].column, names[i])))
            t++;
        if (t == count) return 0;
    }
    return 1;
}

// A key is compared as its column is: an index of another order is none.
static int has_own_order(const dbc__object *parent, const dbc__term *term)
{
    const dbc__column *column = dbc__shape_find(&parent->shape, term->column);
    const char *own = column && column->collate ? column->collate : "binary";

    return !term->collate || dbc__same_name(term->collate, own);
}

static int is_unique_index(const dbc__object *parent, const dbc__object *index,
                           const char *const *names, size_t count)
{
    dbc__clause clause = {.kind = DBC__CLAUSE_UNIQUE,
                          .terms = index->index.terms,
                          .term_count = index->index.term_count};

    if (!index->index.unique || index->index.where.len > 0 ||
        !is_unique_clause(&clause, names, count))
        return 0;
    for (size_t i = 0; i < count; i++)
        if (!has_own_order(parent, &clause.terms[i])) return 0;
    return 1;
}

static int is_own_key(const dbc__column *column)
{
    const dbc__clause *each = column->clauses;

    for (; each; each = each->next)
        if (each->kind == DBC__CLAUSE_UNIQUE ||
            each->kind == DBC__CLAUSE_PRIMARY_KEY)
            return 1;
    return 0;
}

static int is_unique(const dbc__object *parent, const char *const *names,
                     size_t count)
{
    const dbc__clause *clause = parent->shape.clauses;
    const dbc__object *index = parent->first_index;

    if (count == 1 && is_own_key(dbc__shape_find(&parent->shape, names[0])))
        return 1;
    for (; clause; clause = clause->next)
        if (is_unique_clause(clause, names, count)) return 1;
    for (; index; index = index->next)
        if (is_unique_index(parent, index, names, count)) return 1;
    return 0;
}

// What is wrong with a foreign key: its code, or NULL. `*what` is the table or
// the column that is missing.
static const char *fault_of(const dbc_catalog *catalog, const dbc__clause *key,
                            const char **what)
{
    const dbc__object *parent = dbc__catalog_named(catalog, key->parent);

    *what = NULL;
    if (!parent) return "S2";
    if (parent->own.kind != DBC_OBJECT_TABLE) return "S1";
    for (size_t i = 0; i < key->to_count; i++) {
        *what = key->to[i];
        if (!dbc__shape_find(&parent->shape, key->to[i])) return "S2";
    }
    *what = NULL;
    if (key->to_count == 0)
        return dbc__shape_key(&parent->shape, NULL) ==
                       (key->term_count ? key->term_count : 1)
                   ? NULL
                   : "S1";
    return is_unique(parent, key->to, key->to_count) ? NULL : "S1";
}

// Whether the file has the same key with the same fault.
static int was_there(const dbc__planner *p, const char *table,
                     const dbc__clause *key, const char *code)
{
    const dbc__object *old =
        dbc__catalog_find(p->from, DBC_OBJECT_TABLE, table);
    const char *what, *before;

    if (!old || !dbc__shape_refers(&old->shape, key->parent)) return 0;
    before = fault_of(p->from, key, &what);
    return before && strcmp(before, code) == 0;
}

// What the key leads to, as "a", "b" of "t".
static const char *columns_of(dbc__planner *p, const dbc__clause *key)
{
    const char *names = key->to_count ? "" : "the key";

    for (size_t i = 0; names && i < key->to_count; i++)
        names =
            dbc__plan_text(p, "%s%s\"%s\"", names, i ? ", " : "", key->to[i]);
    return names ? dbc__plan_text(p, "%s of \"%s\"", names, key->parent) : NULL;
}

static int check_key(dbc__planner *p, const dbc__object *table,
                     const char *column, const dbc__clause *key)
{
    const char *name = table->own.name;
    const char *what;
    const char *code = fault_of(p->to, key, &what);
    dbc_finding finding = {.code = code,
                           .level = DBC_REFUSAL,
                           .table = name,
                           .column = column,
                           .count = -1,
                           .fix = "mend the foreign key, or keep its parent"};

    if (!code) return DBC_OK;
    if (was_there(p, name, key, code)) finding.level = DBC_WARNING;
    const char *columns = columns_of(p, key);
    if (!columns) return dbc__plan_nomem(p);
    if (strcmp(code, "S1") == 0)
        finding.message = dbc__plan_text(
            p,
            "the foreign key \"%s\" of \"%s\" leads to %s, which is not "
            "unique",
            column, name, columns);
    else if (what)
        finding.message = dbc__plan_text(
            p,
            "the foreign key \"%s\" of \"%s\" leads to \"%s\".\"%s\", which "
            "is not there",
            column, name, key->parent, what);
    else
        finding.message = dbc__plan_text(
            p,
            "the foreign key \"%s\" of \"%s\" leads to the table \"%s\", which "
            "is not there",
            column, name, key->parent);
    return dbc__plan_finding(p, &finding);
}

static int check_keys(dbc__planner *p, const dbc__object *table)
{
    const dbc__shape *shape = &table->shape;
    const dbc__clause *key = shape->clauses;
    int rc = DBC_OK;

    for (; key && rc >= 0; key = key->next)
        if (key->kind == DBC__CLAUSE_FOREIGN_KEY)
            rc = check_key(p, table,
                           key->term_count ? key->terms[0].column : "", key);
    for (size_t i = 0; i < shape->column_count; i++)
        for (key = shape->columns[i].clauses; key && rc >= 0; key = key->next)
            if (key->kind == DBC__CLAUSE_FOREIGN_KEY)
                rc = check_key(p, table, shape->columns[i].name, key);
    return rc;
}

int dbc__finding_before(dbc__planner *p)
{
    int rc = DBC_OK;

    for (size_t i = 0; i < p->to->table_count && rc >= 0; i++) {
        const dbc__object *table = &p->to->objects[i];
        if (!dbc__attach_is_ignored(p, table)) rc = check_keys(p, table);
    }
    if (rc < 0) return rc;
    return dbc__sound_find(&p->broken, &p->plan->arena, p->scratch.conn,
                           &p->scratch, p->now);
}

// ------------------------------------------------------ views and triggers

// A column of UPDATE OF that is not there: the trigger would never fire.
static const char *missing_column(dbc__planner *p, const dbc__object *trigger)
{
    const dbc__object *table =
        dbc__catalog_find(p->to, DBC_OBJECT_TABLE, trigger->own.table);
    const char *sql = trigger->own.sql;
    dbc__tokens tokens;

    if (!table || table->own.kind != DBC_OBJECT_TABLE) return NULL;
    dbc__tokens_init(&tokens, sql, strlen(sql));
    for (int i = 0; i < 3; i++)
        dbc__tokens_next(&tokens);
    while (!dbc__tokens_done(&tokens) && !dbc__tokens_is(&tokens, "ON")) {
        if (dbc__tokens_take(&tokens, "OF") ||
            dbc__tokens_take_char(&tokens, ',')) {
            const char *name = dbc__token_name(&p->plan->arena, &tokens.token);
            if (name && !dbc__shape_find(&table->shape, name)) return name;
        }
        dbc__tokens_next(&tokens);
    }
    return NULL;
}

static int check_trigger(dbc__planner *p, const dbc__object *trigger)
{
    const char *column = missing_column(p, trigger);
    const dbc__object *old =
        dbc__catalog_find(p->from, DBC_OBJECT_TRIGGER, trigger->own.name);
    const dbc__object *table =
        old ? dbc__catalog_find(p->from, DBC_OBJECT_TABLE, old->own.table)
            : NULL;
    dbc_finding finding = {.code = "S4",
                           .level = DBC_REFUSAL,
                           .table = trigger->own.table,
                           .column = column ? column : "",
                           .count = -1,
                           .fix = "change the trigger, or drop it"};

    if (!column) return DBC_OK;
    if (table && !dbc__shape_find(&table->shape, column))
        finding.level = DBC_WARNING;
    finding.message = dbc__plan_text(
        p,
        "the trigger \"%s\" waits for an UPDATE of \"%s\", which is no column "
        "of \"%s\"",
        trigger->own.name, column, trigger->own.table);
    return dbc__plan_finding(p, &finding);
}

// The triggers that one event would fire, as "a, b".
static const char *names_of(dbc__planner *p, const dbc__broken *broken)
{
    const dbc__object *owner = dbc__catalog_named(p->to, broken->name);
    const dbc__object *trigger = owner ? owner->first_trigger : NULL;
    const char *names = NULL;

    for (; trigger; trigger = trigger->next) {
        if (dbc__sound_event(trigger) != broken->event) continue;
        names = names
                    ? dbc__plan_text(p, "%s, \"%s\"", names, trigger->own.name)
                    : dbc__plan_text(p, "\"%s\"", trigger->own.name);
        if (!names) break;
    }
    return names;
}

static int report_broken(dbc__planner *p, const dbc__broken *broken,
                         dbc_level level)
{
    dbc__lack lack = dbc__lack_of(broken->why);
    const char *names = broken->event ? names_of(p, broken) : "";
    const char *why = broken->why;
    const char *word = broken->event                        ? "trigger"
                       : broken->kind == DBC_OBJECT_TABLE   ? "table"
                       : broken->kind == DBC_OBJECT_VIRTUAL ? "full-text index"
                                                            : "view";
    dbc_finding finding = {
        .code = broken->kind == DBC_OBJECT_VIRTUAL ? "S5" : "S4",
        .level = level,
        .table = broken->name,
        .column = "",
        .count = -1,
        .fix = dbc__plan_text(p, "change the %s, or drop it", word)};

    if (lack.kind != DBC__LACK_NOTHING) {
        dbc__lack_words words = dbc__lack_say(&lack);
        why = dbc__plan_text(p, "%s", words.what);
        finding.fix = dbc__plan_text(p, "%s", words.fix);
    }
    if (!names || !why) return dbc__plan_nomem(p);
    if (broken->event)
        finding.message =
            dbc__plan_text(p, "the trigger %s of \"%s\" does not work: %s",
                           names, broken->name, why);
    else
        finding.message = dbc__plan_text(p, "the %s \"%s\" does not work: %s",
                                         word, broken->name, why);
    return dbc__plan_finding(p, &finding);
}

int dbc__finding_after(dbc__planner *p)
{
    dbc__list now = {0};
    int rc = dbc__sound_find(&now, &p->plan->arena, p->scratch.conn,
                             &p->scratch, p->now);
    const dbc__broken *items = now.items;

    for (size_t i = 0; i < now.count && rc >= 0; i++) {
        dbc__list one = {(void *)&items[i], 1, 1};
        int is_new = dbc__sound_new(&one, &p->broken) != NULL;
        rc = report_broken(p, &items[i], is_new ? DBC_REFUSAL : DBC_WARNING);
    }
    for (size_t i = p->to->table_count; i < p->to->count && rc >= 0; i++)
        if (p->to->objects[i].own.kind == DBC_OBJECT_TRIGGER)
            rc = check_trigger(p, &p->to->objects[i]);
    return rc;
}
