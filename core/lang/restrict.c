// Writing rules into statements. A rule is written in a scope of its own, with
// its table and nothing else in it, so no alias and no CTE of the query can
// get between a rule and what it means.
#include "restrict.h"

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "literal.h"
#include "name.h"
#include "scan.h"
#include "schema.h"

static int same_name(const char *a, const char *b)
{
    return dbc__name_equal(a, strlen(a), b, strlen(b));
}

static int is_filter(const dbc__level *level)
{
    return (level->policy->flags & DBC_POLICY_FILTER) != 0;
}

// --------------------------------------------------------------- which rules

// The next rule from `rule` on that is for one of `operations` on `table`.
static const dbc__rule *next_rule(const dbc__rule *rule, const dbc_table *table,
                                  unsigned operations)
{
    for (; rule; rule = rule->next)
        if (rule->operations & operations &&
            same_name(rule->table->sql_name, table->sql_name))
            break;
    return rule;
}

static const dbc__rule *first_rule(const dbc__level *level,
                                   const dbc_table *table, unsigned operations)
{
    return next_rule(level->policy->rules, table, operations);
}

// The description that the host knows of a table, whatever the query brings
// along as one; NULL when the policy has none.
static const dbc_table *find_known(const dbc__level *level,
                                   const dbc_table *table)
{
    const dbc__rule *rule = first_rule(level, table, DBC_POLICY_ALL);
    const dbc_schema *schema = level->policy->open;
    size_t count = schema ? dbc_schema_table_count(schema) : 0;

    if (rule) return rule->table;
    for (size_t i = 0; i < count; i++) {
        const dbc_table *known = dbc_schema_table(schema, i);
        if (same_name(known->sql_name, table->sql_name)) return known;
    }
    return NULL;
}

// The next rule for reading the table that a full-text index covers.
static const dbc__rule *next_content(const dbc__rule *rule,
                                     const dbc_table *fts)
{
    for (; rule; rule = rule->next)
        if (rule->operations & DBC_POLICY_SELECT && rule->table->rowid_alias &&
            same_name(rule->table->def.name, fts->def.content))
            break;
    return rule;
}

static const dbc__rule *first_content(const dbc__level *level,
                                      const dbc_table *table)
{
    const dbc_table *known = find_known(level, table);

    if (!known || known->def.kind != DBC_FTS) return NULL;
    return next_content(level->policy->rules, known);
}

// Whether the rule says anything but "every row".
static int says(const dbc__rule *rule)
{
    return rule && rule->condition;
}

// ---------------------------------------------------------------------
// refusals

static const char *word_of(unsigned operation)
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

static int replaces_rows(const dbc_table_def *def)
{
    int found = def->primary_key.on_conflict == DBC_CONFLICT_REPLACE;

    for (size_t i = 0; i < def->unique_count; i++)
        found |= def->uniques[i].on_conflict == DBC_CONFLICT_REPLACE;
    for (size_t i = 0; i < def->column_count; i++)
        found |= def->columns[i].on_conflict_key == DBC_CONFLICT_REPLACE ||
                 def->columns[i].on_conflict_unique == DBC_CONFLICT_REPLACE;
    return found;
}

// A table without any rule of its own. A full-text index shows what its table
// shows.
static int check_unruled(dbc__compiler *c, const dbc__level *level,
                         const dbc_table *table, unsigned operation)
{
    const dbc_table *known = find_known(level, table);
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
    const dbc__rule *rule = first_rule(level, table, operation);

    if (!rule)
        return deny(c, table,
                    "the policy of %s says nothing about %s, so that is "
                    "refused",
                    word_of(operation));
    for (const dbc__rule *each = first_rule(level, table, DBC_POLICY_ALL);
         each && operation & (DBC_POLICY_INSERT | DBC_POLICY_UPDATE);
         each = next_rule(each->next, table, DBC_POLICY_ALL)) {
        if (!replaces_rows(&each->table->def) && !replaces_rows(&table->def))
            continue;
        return deny(c, table,
                    "a key of %s replaces rows (ON CONFLICT REPLACE), which no "
                    "policy can hold%s",
                    "");
    }
    return DBC_OK;
}

// Whether `operation` on `table` may be said at all.
static int check_operation(dbc__compiler *c, const dbc_table *table,
                           unsigned operation)
{
    dbc__level level = {0};
    int rc = DBC_OK;

    while (rc == DBC_OK && dbc__level_next(&level, c->policies)) {
        const dbc__rule *rule = first_rule(&level, table, operation);
        for (; rule; rule = next_rule(rule->next, table, operation))
            if (rule->refusal)
                return dbc__compiler_fail(c, rule->refusal, "%s",
                                          rule->message);
        if (is_filter(&level)) continue;
        if (first_rule(&level, table, DBC_POLICY_ALL))
            rc = check_ruled(c, &level, table, operation);
        else
            rc = check_unruled(c, &level, table, operation);
    }
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

static int lets_raw(const dbc__compiler *c)
{
    for (int i = 0; i < DBC__POLICIES; i++) {
        const dbc_policy *policy = c->policies->heads[i];
        if (policy && !dbc_policy_lets_raw(policy)) return 0;
    }
    return 1;
}

static int check_text(dbc__compiler *c, const dbc__node *node)
{
    const char *text =
        dbc__arena_copy(&c->scratch, c->query->names + node->a, node->u.at.b);
    dbc__quoted quoted;

    if (!text) return dbc__compiler_nomem(c);
    if (lets_raw(c) || is_expression(text)) return DBC_OK;
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

int dbc__restrict_check(dbc__compiler *c)
{
    const dbc_query *query = c->query;

    if (!c->policies) return c->status;
    for (uint32_t i = 0; i < query->used.nodes && c->status == DBC_OK; i++)
        check_node(c, &query->nodes[i]);
    return c->status;
}

// ---------------------------------------------------------------- writing
// rules

// What went wrong inside of a rule is the rule's fault.
static void blame_rule(dbc__compiler *c, const dbc__rule *rule)
{
    dbc_error cause;

    if (c->status != DBC_EINVALID || !c->err) return;
    cause = *c->err;
    dbc__error_set(c->err, cause.code, "in the policy of \"%s\": %s",
                   rule->table->def.name, cause.message);
}

static void render_rule(dbc__compiler *c, const dbc__level *level,
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

// Writes every condition for `operation`, `lead` in front, AND between.
// Returns whether there was one.
static int render_rules(dbc__compiler *c, const dbc_table *table,
                        unsigned operation, const char *lead)
{
    dbc__level level = {0};
    int count = 0;

    while (c->status == DBC_OK && dbc__level_next(&level, c->policies)) {
        const dbc__rule *rule = first_rule(&level, table, operation);
        for (; rule; rule = next_rule(rule->next, table, operation)) {
            if (!says(rule)) continue;
            dbc__put(c, count++ ? " AND " : lead);
            render_rule(c, &level, rule);
        }
    }
    return count > 0;
}

static int has_rules(const dbc__compiler *c, const dbc_table *table,
                     unsigned operation)
{
    dbc__level level = {0};

    while (c->policies && dbc__level_next(&level, c->policies)) {
        const dbc__rule *rule = first_rule(&level, table, operation);
        for (; rule; rule = next_rule(rule->next, table, operation))
            if (says(rule)) return 1;
    }
    return 0;
}

// ----------------------------------------------------------------------
// sources

static const dbc__rule *content_rule(const dbc__compiler *c,
                                     const dbc_table *table)
{
    dbc__level level = {0};

    while (dbc__level_next(&level, c->policies)) {
        const dbc_table *known = find_known(&level, table);
        const dbc__rule *rule = first_content(&level, table);
        for (; rule; rule = next_content(rule->next, known))
            if (says(rule)) return rule;
    }
    return NULL;
}

// Of a full-text index that is known as `name`: the rows whose table shows
// them.
static void render_content(dbc__compiler *c, const char *name, size_t len,
                           const dbc_table *content)
{
    const dbc_column *key = content->rowid_alias;

    dbc__render_name(c, name, len);
    dbc__put(c, ".\"rowid\" IN (SELECT ");
    dbc__render_name(c, key->def.name, key->name_len);
    dbc__put(c, " FROM ");
    dbc__render_name(c, content->sql_name, content->sql_name_len);
    render_rules(c, content, DBC_POLICY_SELECT, " WHERE ");
    dbc__put(c, ")");
}

static void render_columns(dbc__compiler *c, const dbc_table *table)
{
    for (size_t i = 0; i < dbc_table_column_count(table); i++) {
        const dbc_column *column = dbc_table_column(table, i);
        dbc__put(c, i ? ", " : "");
        dbc__render_name(c, column->def.name, column->name_len);
    }
}

// What a full-text index has by itself: text of an order may speak of it.
static void render_builtin(dbc__compiler *c, const dbc_table *fts)
{
    static const char *const names[] = {"rowid", "rank"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t len = strlen(names[i]);
        if (dbc_table_find(fts, names[i], len, NULL)) continue;
        dbc__put(c, ", ");
        dbc__render_name(c, names[i], len);
    }
}

void dbc__restrict_source(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = &c->query->nodes[place];
    const dbc_table *table = node->u.ptr;
    const dbc__rule *content = c->policies ? content_rule(c, table) : NULL;
    const char *lead = " WHERE ";

    if (!content && !has_rules(c, table, DBC_POLICY_SELECT)) {
        dbc__render_name(c, table->sql_name, table->sql_name_len);
        return;
    }
    dbc__put(c, "(SELECT ");
    render_columns(c, table);
    if (content) render_builtin(c, table);
    dbc__put(c, " FROM ");
    dbc__render_name(c, table->sql_name, table->sql_name_len);
    if (render_rules(c, table, DBC_POLICY_SELECT, lead)) lead = " AND ";
    if (content) {
        dbc__put(c, lead);
        render_content(c, table->sql_name, table->sql_name_len, content->table);
    }
    dbc__put(c, ")");
    if (node->len) return;
    dbc__put(c, " AS ");
    dbc__render_name(c, table->sql_name, table->sql_name_len);
}

int dbc__restrict_joins(const dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = &c->query->nodes[place];

    return c->policies && node->op == DBC__TABLE &&
           content_rule(c, node->u.ptr) &&
           !has_rules(c, node->u.ptr, DBC_POLICY_SELECT);
}

void dbc__restrict_join(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = &c->query->nodes[place];
    const dbc_table *table = node->u.ptr;

    if (node->len)
        render_content(c, c->query->names + node->a, node->len,
                       content_rule(c, table)->table);
    else
        render_content(c, table->sql_name, table->sql_name_len,
                       content_rule(c, table)->table);
    dbc__put(c, " AND ");
}

void dbc__restrict_text(dbc__compiler *c,
                        void (*render)(dbc__compiler *c, uint32_t place),
                        uint32_t place)
{
    int fenced = c->policies && !lets_raw(c);

    if (fenced) dbc__put(c, "(");
    render(c, place);
    if (fenced) dbc__put(c, ")");
}

// -----------------------------------------------------------------------
// writes

int dbc__restrict_target(dbc__compiler *c, unsigned operation, const char *lead)
{
    if (!c->policies) return 0;
    int any = render_rules(c, c->target, DBC_POLICY_SELECT, lead);
    if (any) lead = " AND ";
    return render_rules(c, c->target, operation, lead) || any;
}

unsigned dbc__restrict_checks(dbc__compiler *c, const dbc__clauses *clauses)
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
        text, sizeof text, "the %s policy%s%s of %s %s", word_of(operation),
        *rule->name ? " " : "",
        *rule->name ? dbc__quote(&name, rule->name, strlen(rule->name)) : "",
        dbc__quote(&table, rule->table->def.name, rule->table->name_len), what);
    dbc__put(c, lead);
    dbc__put(c, c->dialect->require);
    dbc__put(c, "(");
    render_rule(c, level, rule);
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
        if (same_name(set->def.name, column->def.name)) return 1;
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
        const dbc__rule *rule = first_rule(&level, c->target, operation);
        if (is_filter(&level)) continue;
        for (; rule; rule = next_rule(rule->next, c->target, operation)) {
            if (!says(rule) || !may_break(c, &level, rule)) continue;
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

void dbc__restrict_row(dbc__compiler *c, const char *lead)
{
    if (c->checks) render_checks(c, lead);
    c->checks = 0;
}

int dbc__restrict_open_row(dbc__compiler *c)
{
    int any = c->checks && render_checks(c, "CASE WHEN ");

    c->checks = 0;
    if (any) dbc__put(c, " THEN ");
    return any;
}

// --------------------------------------------------------------------
// conflicts

int dbc__restrict_has_conflict(const dbc__compiler *c)
{
    return c->policies && (has_rules(c, c->target, DBC_POLICY_UPDATE) ||
                           has_rules(c, c->target, DBC_POLICY_SELECT));
}

// Here a row that is hidden by a filter is refused as well: it can be neither
// updated nor left alone.
void dbc__restrict_conflict(dbc__compiler *c, const char *lead)
{
    static const unsigned operations[] = {DBC_POLICY_SELECT, DBC_POLICY_UPDATE};
    dbc__level level = {0};

    while (c->status == DBC_OK && dbc__level_next(&level, c->policies)) {
        for (size_t i = 0; i < 2; i++) {
            const dbc__rule *rule =
                first_rule(&level, c->target, operations[i]);
            for (; rule;
                 rule = next_rule(rule->next, c->target, operations[i])) {
                if (!says(rule)) continue;
                render_require(c, &level, rule, operations[i],
                               "does not allow to update the row that is "
                               "there already",
                               lead);
                lead = " AND ";
            }
        }
    }
}
