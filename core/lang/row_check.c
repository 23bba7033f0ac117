// Checks of rows, as calls of a function of the dialect that fails the
// statement. The function is called where the row is known as it was stored,
// with all defaults and conversions: in RETURNING.
#include "row_check.h"

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "literal.h"
#include "ruling.h"
#include "schema.h"

unsigned dbc__row_check_due(dbc__compiler *c, const dbc__clauses *clauses)
{
    unsigned checks = 0;

    c->written = clauses;
    if (!c->policies || dbc__clauses_have(clauses, DBC__DELETE)) return 0;
    if (dbc__clauses_have(clauses, DBC__INSERT)) checks |= DBC_POLICY_INSERT;
    if (dbc__clauses_have(clauses, DBC__UPDATE) ||
        dbc__clauses_have(clauses, DBC__CONFLICT_SET))
        checks |= DBC_POLICY_UPDATE;
    if (dbc__clauses_have(clauses, DBC__RETURNING)) checks |= DBC_POLICY_SELECT;
    return checks;
}

// `dbc_require(condition, 'message')`, with `lead` in front.
static void render_require(dbc__compiler *c, const dbc__level *level,
                           const dbc__rule *rule, unsigned operation,
                           const char *what, const char *lead)
{
    char text[512];
    dbc__quoted table, name;

    if (!c->dialect->require) {
        dbc__compiler_fail(c, DBC_EUNSUPPORTED,
                           "%s cannot check rows, so no policy can hold for "
                           "writes",
                           c->dialect->name);
        return;
    }
    snprintf(
        text, sizeof text, "the %s policy%s%s of %s %s",
        dbc__ruling_word(operation), *rule->name ? " " : "",
        *rule->name ? dbc__quote(&name, rule->name, strlen(rule->name)) : "",
        dbc__quote(&table, rule->table->def.name, rule->table->name_len), what);
    dbc__put(c, lead);
    dbc__put(c, c->dialect->require);
    dbc__put(c, "(");
    dbc__ruling_render_one(c, level, rule);
    dbc__put(c, ", ");
    dbc__literal_text(&c->text, text, strlen(text));
    dbc__put(c, ")");
}

// Whether an update may change what the column holds. The row is not known
// under any other name than those of the rule's table.
static int changes_column(const dbc__compiler *c, const dbc__rule *rule,
                          const dbc_column *column)
{
    uint32_t place, i = 0;

    if (column->def.generated ||
        column->def.flags & (DBC_COLUMN_ON_UPDATE_NOW | DBC_COLUMN_HOST_UPDATE))
        return 1;
    while (dbc__clauses_next(c->written, DBC__SET, &i, &place)) {
        const dbc_column *set = c->query->nodes[place].u.ptr;
        if (!dbc_table_find(rule->table, set->def.name, set->name_len, NULL))
            return 1;
        if (dbc__ruling_same_name(set->def.name, column->def.name)) return 1;
    }
    return 0;
}

// Whether the table was made from its description: only that tells for certain
// which columns are computed from others.
static int is_described(const dbc__level *level, const dbc_table *table)
{
    const dbc_schema *schema = level->policy->open;
    size_t count = schema ? dbc_schema_table_count(schema) : 0;

    for (size_t i = 0; i < count; i++)
        if (dbc_schema_table(schema, i) == table) return 1;
    return 0;
}

// Whether an update may make a row break the rule that it satisfied before: not
// when the rule speaks only of columns that stay as they are.
static int may_break(const dbc__compiler *c, const dbc__level *level,
                     const dbc__rule *rule)
{
    if (!dbc__clauses_have(c->written, DBC__UPDATE)) return 1;
    if (!is_described(level, rule->table)) return 1;
    for (uint32_t i = rule->first; i < rule->condition; i++) {
        const dbc__node *node = &level->policy->words->nodes[i];
        switch (node->op) {
        case DBC__COLUMN:
            if (changes_column(c, rule, node->u.ptr)) return 1;
            break;
        case DBC__VALUE:
        case DBC__OP:
        case DBC__BETWEEN:
        case DBC__IN:
        case DBC__ITEM:
            break;
        default:
            return 1;
        }
    }
    return 0;
}

// A row may leave what a filter lets through: that is how rows are hidden.
static int render_required(dbc__compiler *c, unsigned operation,
                           const char *what, const char *lead)
{
    dbc__level level = {0};
    int count = 0;

    while (c->status == DBC_OK && dbc__level_next(&level, c->policies)) {
        const dbc__rule *rule = dbc__ruling_first(&level, c->target, operation);
        if (dbc__ruling_is_filter(&level)) continue;
        for (; rule;
             rule = dbc__ruling_next(rule->next, c->target, operation)) {
            if (!dbc__ruling_says(rule) || !may_break(c, &level, rule))
                continue;
            render_require(c, &level, rule, operation, what,
                           count++ ? " AND " : lead);
        }
    }
    return count > 0;
}

static int render_checks(dbc__compiler *c, const char *lead)
{
    static const char *const whats[] = {
        "does not let this row be returned", "does not allow this row",
        "does not allow what this row would become"};
    int any = 0;

    for (int i = 2; i >= 0; i--) {
        unsigned operation = 1u << i;
        if (!(c->checks & operation)) continue;
        if (!render_required(c, operation, whats[i], any ? " AND " : lead))
            continue;
        any = 1;
    }
    return any;
}

void dbc__row_check_render(dbc__compiler *c, const char *lead)
{
    if (c->checks) render_checks(c, lead);
    c->checks = 0;
}

int dbc__row_check_open(dbc__compiler *c)
{
    int any = c->checks && render_checks(c, "CASE WHEN ");

    c->checks = 0;
    if (any) dbc__put(c, " THEN ");
    return any;
}

// conflicts

int dbc__row_check_meets(const dbc__compiler *c)
{
    return c->policies && (dbc__ruling_any(c, c->target, DBC_POLICY_UPDATE) ||
                           dbc__ruling_any(c, c->target, DBC_POLICY_SELECT));
}

// Here a row that is hidden by a filter is refused as well: it can be neither
// updated nor left alone.
void dbc__row_check_met(dbc__compiler *c, const char *lead)
{
    static const unsigned operations[] = {DBC_POLICY_SELECT, DBC_POLICY_UPDATE};
    dbc__level level = {0};

    while (c->status == DBC_OK && dbc__level_next(&level, c->policies)) {
        for (size_t i = 0; i < 2; i++) {
            const dbc__rule *rule =
                dbc__ruling_first(&level, c->target, operations[i]);
            for (; rule; rule = dbc__ruling_next(rule->next, c->target,
                                                 operations[i])) {
                if (!dbc__ruling_says(rule)) continue;
                render_require(c, &level, rule, operations[i],
                               "does not allow to update the row that is "
                               "there already",
                               lead);
                lead = " AND ";
            }
        }
    }
}
