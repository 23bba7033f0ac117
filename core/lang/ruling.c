// Finding rules and writing them. A rule is written in a scope of its own, with
// its table and nothing else in it, so no alias and no CTE of the query can
// get between a rule and what it means.
#include "ruling.h"

#include <string.h>

#include "error.h"
#include "schema.h"

const dbc__rule *dbc__ruling_next(const dbc__rule *rule, const dbc_table *table,
                                  unsigned operations)
{
    for (; rule; rule = rule->next)
        if (rule->operations & operations &&
            dbc__ruling_same_name(rule->table->sql_name, table->sql_name))
            break;
    return rule;
}

const dbc__rule *dbc__ruling_first(const dbc__level *level,
                                   const dbc_table *table, unsigned operations)
{
    return dbc__ruling_next(level->policy->rules, table, operations);
}

const dbc_table *dbc__ruling_known(const dbc__level *level,
                                   const dbc_table *table)
{
    const dbc__rule *rule = dbc__ruling_first(level, table, DBC_POLICY_ALL);
    const dbc_schema *schema = level->policy->open;
    size_t count = schema ? dbc_schema_table_count(schema) : 0;

    if (rule) return rule->table;
    for (size_t i = 0; i < count; i++) {
        const dbc_table *known = dbc_schema_table(schema, i);
        if (dbc__ruling_same_name(known->sql_name, table->sql_name))
            return known;
    }
    return NULL;
}

static const dbc_table *find_in_schema(const dbc_schema *schema,
                                       const char *name)
{
    size_t count = schema ? dbc_schema_table_count(schema) : 0;

    for (size_t i = 0; i < count; i++) {
        const dbc_table *table = dbc_schema_table(schema, i);
        if (dbc__ruling_same_name(table->def.name, name)) return table;
    }
    return NULL;
}

const dbc_table *dbc__ruling_content(const dbc__level *level,
                                     const dbc_table *table)
{
    const dbc_table *known = dbc__ruling_known(level, table);

    if (!known || known->def.kind != DBC_FTS) return NULL;
    const char *name = known->def.content;
    const dbc_table *content = find_in_schema(level->policy->open, name);
    const dbc__rule *rule = content ? NULL : level->policy->rules;
    for (; rule && !content; rule = rule->next)
        if (dbc__ruling_same_name(rule->table->sql_name, name) ||
            dbc__ruling_same_name(rule->table->def.name, name))
            content = rule->table;
    return content;
}

const char *dbc__ruling_word(unsigned operation)
{
    switch (operation) {
    case DBC_POLICY_SELECT:
        return "select";
    case DBC_POLICY_INSERT:
        return "insert";
    case DBC_POLICY_UPDATE:
        return "update";
    default:
        return "delete";
    }
}

int dbc__ruling_lets_raw(const dbc__compiler *c)
{
    for (int i = 0; i < DBC__POLICIES; i++) {
        const dbc_policy *policy = c->policies->heads[i];
        if (policy && !dbc_policy_lets_raw(policy)) return 0;
    }
    return 1;
}

// What went wrong inside of a rule is the rule's fault.
static void blame_rule(dbc__compiler *c, const dbc__rule *rule)
{
    dbc_error cause;

    if (c->status != DBC_EINVALID || !c->err) return;
    cause = *c->err;
    dbc__error_set(c->err, cause.code, "in the policy of \"%s\": %s",
                   rule->table->def.name, cause.message);
}

void dbc__ruling_render_one(dbc__compiler *c, const dbc__level *level,
                            const dbc__rule *rule)
{
    dbc__compiler before = *c;
    dbc__scope scope;

    if (dbc__scope_single(&scope, c, rule->table) < 0) return;
    c->query = level->policy->words;
    c->scope = &scope;
    c->ctes = NULL;
    c->policies = NULL;
    c->level = level;
    c->target = NULL;
    c->bare_columns = 0;
    c->checks = 0;
    dbc__render_operand(c, rule->condition - 1);
    if (c->status < 0) blame_rule(c, rule);

    c->query = before.query;
    c->scope = before.scope;
    c->ctes = before.ctes;
    c->policies = before.policies;
    c->level = before.level;
    c->target = before.target;
    c->bare_columns = before.bare_columns;
    c->checks = before.checks;
}

int dbc__ruling_render(dbc__compiler *c, const dbc_table *table,
                       unsigned operation, const char *lead)
{
    dbc__level level = {0};
    int count = 0;

    while (c->status == DBC_OK && dbc__level_next(&level, c->policies)) {
        const dbc__rule *rule = dbc__ruling_first(&level, table, operation);
        for (; rule; rule = dbc__ruling_next(rule->next, table, operation)) {
            if (!dbc__ruling_says(rule)) continue;
            dbc__put(c, count++ ? " AND " : lead);
            dbc__ruling_render_one(c, &level, rule);
        }
    }
    return count > 0;
}

int dbc__ruling_any(const dbc__compiler *c, const dbc_table *table,
                    unsigned operation)
{
    dbc__level level = {0};

    while (c->policies && dbc__level_next(&level, c->policies)) {
        const dbc__rule *rule = dbc__ruling_first(&level, table, operation);
        for (; rule; rule = dbc__ruling_next(rule->next, table, operation))
            if (dbc__ruling_says(rule)) return 1;
    }
    return 0;
}

// sources
