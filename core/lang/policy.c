// Building policies, comparing them, and walking over all that hold at once.
// What they do to a query is in restrict.c.
#include "policy.h"

#include <string.h>

#include "alloc.h"
#include "error.h"
#include "expand.h"
#include "name.h"
#include "table.h"

enum {
    KNOWN_FLAGS = DBC_POLICY_RAW | DBC_POLICY_FILTER,
    FIRST_HASH = 0x706f6c
};

int dbc_policy_new(dbc_policy **out, const dbc_policy *base, unsigned flags,
                   const dbc_alloc *alloc, dbc_error *err)
{
    dbc_policy *policy;

    *out = NULL;
    alloc = dbc__alloc_or_default(alloc);
    policy = dbc__alloc_zero(alloc, 1, sizeof *policy);
    if (!policy) return dbc__error_nomem(err);
    dbc__counted_init(&policy->counted);
    policy->alloc = alloc;
    policy->flags = flags & KNOWN_FLAGS;
    policy->hash = dbc__hash_mix(FIRST_HASH, policy->flags);
    policy->last = &policy->rules;
    dbc__arena_init(&policy->arena, alloc);
    if (base) policy->base = dbc_policy_retain(base);
    policy->words = dbc_query_new(alloc);
    if (!policy->words) {
        dbc_policy_release(policy);
        return dbc__error_nomem(err);
    }
    *out = policy;
    return DBC_OK;
}

const dbc_policy *dbc_policy_retain(const dbc_policy *policy)
{
    dbc__counted_retain(&policy->counted);
    return policy;
}

static void free_policy(dbc_policy *policy)
{
    for (dbc__rule *rule = policy->rules; rule; rule = rule->next)
        dbc_table_release(rule->table);
    for (dbc__held *held = policy->held; held; held = held->next)
        dbc_table_release(held->table);
    dbc_schema_release(policy->open);
    dbc_query_free(policy->words);
    dbc__arena_dispose(&policy->arena);
    dbc__alloc_free(policy->alloc, policy, sizeof *policy);
}

void dbc_policy_release(const dbc_policy *policy)
{
    while (policy) {
        const dbc_policy *base = policy->base;
        if (!dbc__counted_release(&policy->counted)) return;
        free_policy((dbc_policy *)policy);
        policy = base;
    }
}

void dbc_policy_open(dbc_policy *policy, const dbc_schema *schema)
{
    const dbc_schema *before = policy->open;

    policy->open = schema ? dbc_schema_retain(schema) : NULL;
    policy->hash = dbc__hash_mix(policy->hash, (uintptr_t)schema);
    dbc_schema_release(before);
}

int dbc_policy_lets_raw(const dbc_policy *policy)
{
    for (; policy; policy = policy->base)
        if (!(policy->flags & (DBC_POLICY_RAW | DBC_POLICY_FILTER))) return 0;
    return 1;
}

// -------------------------------------------------------------------- rules

static uint64_t hash_rule(uint64_t hash, const dbc__rule *rule)
{
    hash = dbc__hash_mix(hash, (uintptr_t)rule->table);
    hash = dbc__hash_mix(hash, rule->operations);
    hash = dbc__hash_mix(hash, rule->condition);
    hash = dbc__hash_mix(hash, (uint64_t)rule->refusal);
    return dbc__hash(hash, rule->name, strlen(rule->name));
}

// Puts a copy of `rule` behind the others.
static int add_rule(dbc_policy *policy, const dbc__rule *rule, dbc_error *err)
{
    dbc__arena *arena = &policy->arena;
    dbc__rule *made = dbc__arena_take(arena, sizeof *made);

    if (!made) return dbc__error_nomem(err);
    *made = *rule;
    made->next = NULL;
    made->name = dbc__arena_copy(arena, rule->name, strlen(rule->name));
    if (rule->message)
        made->message =
            dbc__arena_copy(arena, rule->message, strlen(rule->message));
    if (!made->name || (rule->message && !made->message))
        return dbc__error_nomem(err);
    made->table = dbc_table_retain(rule->table);
    policy->hash = hash_rule(policy->hash, made);
    *policy->last = made;
    policy->last = &made->next;
    return DBC_OK;
}

// Keeps alive what the words from node `first` on point to.
static int hold_tables(dbc_policy *policy, uint32_t first)
{
    for (uint32_t i = first; i < policy->words->used.nodes; i++) {
        const dbc_table *table = dbc__tree_table(policy->words, i);
        const dbc__held *known = policy->held;
        while (known && known->table != table)
            known = known->next;
        if (!table || known) continue;
        dbc__held *held = dbc__arena_take(&policy->arena, sizeof *held);
        if (!held) return DBC_ENOMEM;
        held->table = dbc_table_retain(table);
        held->next = policy->held;
        policy->held = held;
    }
    return DBC_OK;
}

static int check_operations(unsigned operations, dbc_error *err)
{
    if (operations && !(operations & ~(unsigned)DBC_POLICY_ALL)) return DBC_OK;
    return dbc__error_set(err, DBC_EINVALID,
                          "a rule is for select, insert, update or delete");
}

static int check_condition(const dbc_query *condition, dbc_error *err)
{
    if (condition->status < 0) return dbc_query_status(condition, err);
    if (!condition->used.nodes || dbc_query_kind_of(condition) != DBC_FRAGMENT)
        return dbc__error_set(err, DBC_EINVALID,
                              "the condition of a rule is one expression");
    for (uint32_t i = 0; i < condition->used.nodes; i++) {
        const dbc__node *node = &condition->nodes[i];
        if (node->op != DBC__PARAM) continue;
        return dbc__error_set(err, DBC_EINVALID,
                              "a rule takes its values from its context: there "
                              "is nobody to give it the parameter \"%.*s\"",
                              (int)node->len, condition->names + node->a);
    }
    return DBC_OK;
}

// Copies a condition behind the words. DBC_OK or what went wrong.
static int add_words(dbc_policy *policy, dbc__rule *rule,
                     const dbc_query *condition, dbc_error *err)
{
    rule->first = policy->words->used.nodes;
    rule->condition = dbc_query_append(policy->words, condition);
    if (!rule->condition) return dbc_query_status(policy->words, err);
    // The words are the policy's own, whatever the condition was made of.
    policy->words->policy = NULL;
    if (hold_tables(policy, rule->first) < 0) return dbc__error_nomem(err);
    return DBC_OK;
}

// The same with relations in it said in plain words: a policy is held to where
// no schema is at hand.
static int add_expanded(dbc_policy *policy, dbc__rule *rule,
                        const dbc_schema *schema, const dbc_query *condition,
                        dbc_error *err)
{
    dbc_query *plain;

    if (!dbc__expand_is_due(condition))
        return add_words(policy, rule, condition, err);
    if (!schema)
        return dbc__error_set(err, DBC_ENOTFOUND,
                              "the policy of \"%s\" cannot be applied: it "
                              "speaks of relations, which are looked up in a "
                              "schema, and there is none",
                              rule->table->def.name);
    int rc = dbc__expand_condition(&plain, condition, schema, rule->table,
                                   policy->alloc, err);
    if (rc < 0) return rc;
    const dbc_query view = dbc__expanded_view(plain, condition);
    rc = add_words(policy, rule, &view, err);
    dbc_query_free(plain);
    return rc;
}

int dbc_policy_rule_in(dbc_policy *policy, const dbc_schema *schema,
                       const dbc_table *table, unsigned operations,
                       const char *name, const dbc_query *condition,
                       dbc_error *err)
{
    dbc__rule rule = {.table = table, .operations = operations};

    int rc = check_operations(operations, err);
    if (rc >= 0 && condition) rc = check_condition(condition, err);
    if (rc >= 0 && condition)
        rc = add_expanded(policy, &rule, schema, condition, err);
    if (rc < 0) return rc;
    rule.name = name ? name : "";
    return add_rule(policy, &rule, err);
}

int dbc_policy_rule(dbc_policy *policy, const dbc_table *table,
                    unsigned operations, const char *name,
                    const dbc_query *condition, dbc_error *err)
{
    return dbc_policy_rule_in(policy, NULL, table, operations, name, condition,
                              err);
}

int dbc_policy_refuse(dbc_policy *policy, const dbc_table *table,
                      unsigned operations, int code, const char *message,
                      dbc_error *err)
{
    dbc__rule rule = {.table = table,
                      .operations = operations,
                      .name = "",
                      .refusal = code < 0 ? code : DBC_EDENIED,
                      .message = message};

    int rc = check_operations(operations, err);
    return rc < 0 ? rc : add_rule(policy, &rule, err);
}

// ------------------------------------------------------------------- levels

int dbc__level_next(dbc__level *level, const dbc__policies *policies)
{
    if (level->policy) {
        level->first_value += level->policy->words->used.values;
        level->policy = level->policy->base;
    }
    while (!level->policy && level->head < DBC__POLICIES)
        level->policy = policies->heads[level->head++];
    return level->policy != NULL;
}

dbc__level dbc__level_of(const dbc__policies *policies, uint32_t index)
{
    dbc__level level = {0};

    while (dbc__level_next(&level, policies))
        if (index - level.first_value < level.policy->words->used.values) break;
    return level;
}

static uint64_t hash_of(const dbc_policy *policy)
{
    return dbc__hash_mix(policy->hash, policy->words->hash);
}

uint64_t dbc__policies_hash(const dbc__policies *policies)
{
    dbc__level level = {0};
    uint64_t hash = FIRST_HASH;

    while (dbc__level_next(&level, policies))
        hash = dbc__hash_mix(hash, hash_of(level.policy));
    return hash;
}

// ------------------------------------------------------------------- shapes

static int same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static int same_rule(const dbc__rule *a, const dbc__rule *b)
{
    return a->table == b->table && a->operations == b->operations &&
           a->condition == b->condition && a->refusal == b->refusal &&
           same_text(a->name, b->name) && same_text(a->message, b->message);
}

static int same_level(const dbc_policy *a, const dbc_policy *b)
{
    const dbc__rule *x = a->rules, *y = b->rules;

    if (a == b) return 1;
    if (a->hash != b->hash || a->flags != b->flags || a->open != b->open)
        return 0;
    for (; x && y; x = x->next, y = y->next)
        if (!same_rule(x, y)) return 0;
    // Numbered values follow each other: their count is part of the shape.
    return !x && !y && a->words->used.values == b->words->used.values &&
           dbc__tree_same_shape(a->words, b->words);
}

int dbc__policies_compare(const dbc__policies *a, const dbc__policies *b)
{
    for (int i = 0; i < DBC__POLICIES; i++) {
        const dbc_policy *x = a->heads[i], *y = b->heads[i];
        for (; x && y && x != y; x = x->base, y = y->base)
            if (!same_level(x, y)) return 0;
        if (x != y) return 0;
    }
    return 1;
}

static int copy_rules(dbc_policy *copy, const dbc_policy *policy)
{
    for (const dbc__rule *rule = policy->rules; rule; rule = rule->next) {
        int rc = add_rule(copy, rule, NULL);
        if (rc < 0) return rc;
    }
    if (policy->open) copy->open = dbc_schema_retain(policy->open);
    copy->hash = policy->hash;
    return DBC_OK;
}

// Values without their bytes: lists and texts may be large.
static int copy_words(dbc_policy *copy, const dbc_policy *policy)
{
    dbc_query bare = *policy->words;

    bare.used.values = 0;
    bare.used.bytes = 0;
    dbc_query_append(copy->words, &bare);
    copy->words->used.values = policy->words->used.values;
    return copy->words->status < 0 ? copy->words->status : hold_tables(copy, 0);
}

static int copy_shape(const dbc_policy **out, const dbc_policy *policy,
                      const dbc_alloc *alloc)
{
    const dbc_policy *base = NULL;
    dbc_policy *copy = NULL;
    int rc = DBC_OK;

    if (policy->base) rc = copy_shape(&base, policy->base, alloc);
    if (rc == DBC_OK)
        rc = dbc_policy_new(&copy, base, policy->flags, alloc, NULL);
    dbc_policy_release(base);
    if (rc == DBC_OK) rc = copy_words(copy, policy);
    if (rc == DBC_OK) rc = copy_rules(copy, policy);
    if (rc < 0) {
        dbc_policy_release(copy);
        return rc;
    }
    *out = copy;
    return DBC_OK;
}

int dbc__policies_copy_shape(dbc__policies *out, const dbc__policies *policies,
                             const dbc_alloc *alloc)
{
    memset(out, 0, sizeof *out);
    for (int i = 0; i < DBC__POLICIES; i++) {
        if (!policies->heads[i]) continue;
        int rc = copy_shape(&out->heads[i], policies->heads[i], alloc);
        if (rc < 0) {
            dbc__policies_release(out);
            return rc;
        }
    }
    return DBC_OK;
}

void dbc__policies_release(dbc__policies *policies)
{
    for (int i = 0; i < DBC__POLICIES; i++) {
        dbc_policy_release(policies->heads[i]);
        policies->heads[i] = NULL;
    }
}
