// What policies allow to be said at all. Every node of the flat tree is looked
// at, so no place in a query is too deep for it.
#include "permit.h"

#include <string.h>

#include "error.h"
#include "name.h"
#include "ruling.h"
#include "scan.h"
#include "table.h"

static int deny(dbc__compiler *c, const dbc_table *table, const char *format,
                const char *what)
{
    dbc__quoted quoted;
    const char *name = table->def.name;

    dbc__compiler_fail(c, DBC_EDENIED, format,
                       dbc__quote(&quoted, name, strlen(name)), what);
    if (c->err)
        dbc__error_field(c->err->table, sizeof c->err->table, name,
                         strlen(name));
    return c->status;
}

// A table without any rule of its own. A full-text index shows what its table
// shows.
static int check_unruled(dbc__compiler *c, const dbc__level *level,
                         const dbc_table *table, unsigned operation)
{
    const dbc_table *known = dbc__ruling_known(level, table);
    const dbc_table *kind = known ? known : table;

    if (kind->def.kind == DBC_FTS && operation != DBC_POLICY_SELECT)
        return deny(c, table,
                    "a policy holds: the full-text index %s cannot be written "
                    "to%s",
                    "");
    if (kind->def.kind == DBC_VIEW)
        return deny(c, table,
                    "the view %s has no policy of its own, and what is behind "
                    "it cannot be filtered%s",
                    ": give it one");
    if (known) return DBC_OK;
    return deny(c, table, "table %s has no policy%s",
                level->policy->open
                    ? " and is not in the schema of the connection"
                    : ", and tables without one are closed");
}

static int check_ruled(dbc__compiler *c, const dbc__level *level,
                       const dbc_table *table, unsigned operation)
{
    const dbc__rule *rule = dbc__ruling_first(level, table, operation);

    if (!rule)
        return deny(c, table,
                    "the policy of %s says nothing about %s, so that is "
                    "refused",
                    dbc__ruling_word(operation));
    for (const dbc__rule *each =
             dbc__ruling_first(level, table, DBC_POLICY_ALL);
         each && operation & (DBC_POLICY_INSERT | DBC_POLICY_UPDATE);
         each = dbc__ruling_next(each->next, table, DBC_POLICY_ALL)) {
        if (!dbc__table_replaces_rows(&each->table->def) &&
            !dbc__table_replaces_rows(&table->def))
            continue;
        return deny(c, table,
                    "a key of %s replaces rows (ON CONFLICT REPLACE), which no "
                    "policy can hold%s",
                    "");
    }
    return DBC_OK;
}

static int check_operation(dbc__compiler *c, const dbc_table *table,
                           unsigned operation);

// Reading a full-text index is reading its table.
static int check_content(dbc__compiler *c, const dbc_table *table)
{
    dbc__level level = {0};
    const dbc_table *content = NULL;

    while (!content && dbc__level_next(&level, c->policies))
        content = dbc__ruling_content(&level, table);
    if (!content) return DBC_OK;
    if (!content->rowid_alias)
        return deny(c, table,
                    "a policy holds: the full-text index %s cannot be "
                    "filtered, its table is described without an integer "
                    "primary key%s",
                    "");
    return check_operation(c, content, DBC_POLICY_SELECT);
}

// Whether `operation` on `table` may be said at all.
static int check_operation(dbc__compiler *c, const dbc_table *table,
                           unsigned operation)
{
    dbc__level level = {0};
    int rc = DBC_OK;

    while (rc == DBC_OK && dbc__level_next(&level, c->policies)) {
        const dbc__rule *rule = dbc__ruling_first(&level, table, operation);
        for (; rule; rule = dbc__ruling_next(rule->next, table, operation))
            if (rule->refusal)
                return dbc__compiler_fail(c, rule->refusal, "%s",
                                          rule->message);
        if (dbc__ruling_is_filter(&level)) continue;
        if (dbc__ruling_first(&level, table, DBC_POLICY_ALL))
            rc = check_ruled(c, &level, table, operation);
        else
            rc = check_unruled(c, &level, table, operation);
    }
    if (rc == DBC_OK && operation == DBC_POLICY_SELECT)
        rc = check_content(c, table);
    return rc;
}

// Text may be any expression, but no query: those begin with one of these
// words, or stand behind IN without a bracket.
static int is_expression(const char *text)
{
    static const char *const banned[] = {"SELECT", "VALUES", "WITH", "RAISE"};
    size_t len = strlen(text);
    int behind_in = 0;

    if (dbc__scan_expression(text) != NULL) return 0;
    while (len > 0) {
        dbc__token token = dbc__scan_token(text, len);
        text += token.len;
        len -= token.len;
        if (token.kind == DBC__TOKEN_SPACE) continue;
        if (behind_in && (token.kind != DBC__TOKEN_CHAR || *token.text != '('))
            return 0;
        for (size_t i = 0; i < sizeof banned / sizeof *banned; i++)
            if (dbc__scan_is_word(&token, banned[i])) return 0;
        behind_in = dbc__scan_is_word(&token, "IN");
    }
    return !behind_in;
}

static int check_text(dbc__compiler *c, const dbc__node *node)
{
    const char *text =
        dbc__arena_copy(&c->scratch, c->query->names + node->a, node->u.at.b);
    dbc__quoted quoted;

    if (!text) return dbc__compiler_nomem(c);
    if (dbc__ruling_lets_raw(c) || is_expression(text)) return DBC_OK;
    return dbc__compiler_fail(c, DBC_EDENIED,
                              "a policy holds: SQL text may be an expression "
                              "here, but hold no query: %s",
                              dbc__quote(&quoted, text, node->u.at.b));
}

// Whether `words` read a table of that name.
static int reads_table(const dbc_query *words, const char *name, size_t len)
{
    for (uint32_t i = 0; i < words->used.nodes; i++) {
        const dbc__node *node = &words->nodes[i];
        if (node->op != DBC__TABLE) continue;
        const dbc_table *table = node->u.ptr;
        if (dbc__name_equal(table->sql_name, table->sql_name_len, name, len))
            return 1;
    }
    return 0;
}

// Whether a rule that holds has anything to do with a table of that name.
static int is_ruled_name(const dbc__level *level, const char *name, size_t len)
{
    const dbc__rule *rule = level->policy->rules;

    for (; rule; rule = rule->next)
        if (dbc__name_equal(rule->table->sql_name, rule->table->sql_name_len,
                            name, len))
            return 1;
    return reads_table(level->policy->words, name, len);
}

// The database would take a CTE for a table of its name, also inside a rule.
static int check_cte(dbc__compiler *c, const dbc__node *node)
{
    const char *name = c->query->names + node->a;
    int taken = reads_table(c->query, name, node->len);
    dbc__level level = {0};
    dbc__quoted quoted;

    while (!taken && dbc__level_next(&level, c->policies))
        taken = is_ruled_name(&level, name, node->len);
    if (!taken) return DBC_OK;
    return dbc__compiler_fail(c, DBC_EDENIED,
                              "a policy holds: the CTE %s has the name of a "
                              "table, give it another one",
                              dbc__quote(&quoted, name, node->len));
}

static int check_node(dbc__compiler *c, const dbc__node *node)
{
    switch (node->op) {
    case DBC__TABLE:
        return check_operation(c, node->u.ptr, DBC_POLICY_SELECT);
    case DBC__INSERT:
        return check_operation(c, node->u.ptr, DBC_POLICY_INSERT);
    case DBC__UPDATE:
        return check_operation(c, node->u.ptr, DBC_POLICY_UPDATE);
    case DBC__DELETE:
        return check_operation(c, node->u.ptr, DBC_POLICY_DELETE);
    case DBC__CONFLICT_SET:
        if (!c->target) return DBC_OK;
        return check_operation(c, c->target, DBC_POLICY_UPDATE);
    case DBC__RETURNING:
        if (!c->target) return DBC_OK;
        return check_operation(c, c->target, DBC_POLICY_SELECT);
    case DBC__SQL:
    case DBC__RAW:
        return check_text(c, node);
    case DBC__WITH:
        return check_cte(c, node);
    default:
        return DBC_OK;
    }
}

int dbc__permit_check(dbc__compiler *c)
{
    const dbc_query *query = c->query;

    if (!c->policies) return c->status;
    for (uint32_t i = 0; i < query->used.nodes && c->status == DBC_OK; i++)
        check_node(c, &query->nodes[i]);
    return c->status;
}

// rules
