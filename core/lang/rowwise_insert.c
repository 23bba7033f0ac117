// As in rowwise.c the query is copied whole, and what does not count is
// silenced. What an update says of the row that was not inserted, `excluded`,
// becomes the value which that would have had.
#include "rowwise_insert.h"

#include <string.h>

#include "table.h"

unsigned dbc__rowwise_form(const dbc_query *insert)
{
    uint32_t i = insert->used.nodes, place;
    unsigned form = DBC__INSERT_PLAIN;

    while (dbc__rowwise_previous(insert, &i, &place)) {
        switch (insert->nodes[place].op) {
        case DBC__INSERT_FROM:
            form |= DBC__INSERT_FROM_ROWS;
            break;
        case DBC__CONFLICT_SET:
            form |= DBC__INSERT_OR_UPDATE;
            break;
        case DBC__CONFLICT_WHERE:
            form |= DBC__INSERT_OR_WHERE;
            break;
        default:
            break;
        }
    }
    // A condition counts where there is an update for it.
    return form & DBC__INSERT_OR_UPDATE
               ? form
               : form & ~(unsigned)DBC__INSERT_OR_WHERE;
}

// Whether a clause says what an insert writes, and where.
static int is_of_insert(dbc__node_op op)
{
    return op == DBC__INSERT || op == DBC__SET || op == DBC__SLOT ||
           op == DBC__INSERT_FROM;
}

static int is_of_conflict(dbc__node_op op)
{
    return op == DBC__CONFLICT || op == DBC__CONFLICT_COLUMN ||
           op == DBC__CONFLICT_IGNORE || op == DBC__CONFLICT_SET ||
           op == DBC__CONFLICT_WHERE;
}

// A copy that says nothing but its WITH; what else there was can be referred
// to. NULL when memory is out.
static dbc_query *copy_silent(const dbc_query *insert, const dbc_alloc *alloc)
{
    dbc_query *query = dbc_query_clone(insert, alloc);
    uint32_t i, place;

    if (!query || query->status < 0) return query;
    i = query->used.nodes;
    while (dbc__rowwise_previous(query, &i, &place)) {
        dbc__node *node = &query->nodes[place];
        dbc__node_op op = node->op;
        if (is_of_insert(op) || is_of_conflict(op) || op == DBC__RETURNING)
            dbc__rowwise_silence(node);
    }
    dbc__tree_rehash(query);
    return query;
}

dbc_query *dbc__rowwise_source(const dbc_query *insert, const dbc_alloc *alloc)
{
    dbc_query *query = copy_silent(insert, alloc);
    dbc__node source = {.op = DBC__SUBSELECT}, from = {.op = DBC__FROM};
    uint32_t i = insert->used.nodes, place = 0;

    if (!query || query->status < 0) return query;
    while (dbc__rowwise_previous(insert, &i, &place))
        if (insert->nodes[place].op == DBC__INSERT_FROM) break;
    place -= insert->nodes[place].u.at.b;
    if (!dbc__tree_name(query, &source, "_rows", "alias")) return query;
    source.u.at.b = dbc__tree_back(query, place + 1);
    from.u.at.b = dbc__tree_add(query, &source) ? 1 : 0;
    if (query->status == DBC_OK) dbc__tree_add(query, &from);
    return query;
}

// From a source of one row that has nothing to say: a count of no rows.
static void add_single_row(dbc_query *query, const dbc_query *insert,
                           const dbc_alloc *alloc)
{
    uint32_t i = insert->used.nodes, place = 0;
    dbc_query *none = dbc_query_new(alloc);
    dbc_expr star;

    if (!none) {
        dbc__tree_fail(query, DBC_ENOMEM, "out of memory");
        return;
    }
    while (dbc__rowwise_previous(insert, &i, &place))
        if (insert->nodes[place].op == DBC__INSERT) break;
    dbc_query_from(none, insert->nodes[place].u.ptr, NULL);
    dbc_query_where(none, dbc_expr_value(none, dbc_value_bool(0)));
    star = dbc_expr_star(none);
    dbc_query_select(none, dbc_expr_call(none, "count", &star, 1, DBC_CALL),
                     "none");
    dbc_query_from_query(query, none, "_row");
    dbc_query_free(none);
}

dbc_query *dbc__rowwise_computed(const dbc_query *insert,
                                 const unsigned char *presence,
                                 const dbc_column **columns, size_t *count,
                                 const dbc_alloc *alloc)
{
    dbc_query *query = copy_silent(insert, alloc);
    uint32_t i = insert->used.nodes, place;

    *count = 0;
    if (!query || query->status < 0) return query;
    while (dbc__rowwise_previous(insert, &i, &place)) {
        const dbc__node *node = &insert->nodes[place];
        char name[] = "\x01....";
        const dbc_column *column = node->u.ptr;
        if (node->op != DBC__SET || presence[column->position] != DBC_COMPUTED)
            continue;
        for (int digit = 0; digit < 4; digit++)
            name[1 + digit] = (char)('0' + (*count >> 4 * digit) % 16);
        columns[(*count)++] = column;
        dbc_query_select(query, dbc__at(place, node->a) + 1, name);
    }
    if (*count > 0) add_single_row(query, insert, alloc);
    return query;
}

// ------------------------------------------------------- what is there already

int dbc__rowwise_may_conflict(const dbc_query *insert, const dbc__newcomer *row)
{
    uint32_t i = insert->used.nodes, place;

    while (dbc__rowwise_previous(insert, &i, &place)) {
        const dbc__node *node = &insert->nodes[place];
        const dbc_column *column = node->u.ptr;
        if (node->op != DBC__CONFLICT_COLUMN) continue;
        const dbc__change *change = &row->changes[column->position];
        dbc_value value = change->value;
        if (change->origin == DBC__UNSAID || value.type == DBC_NULL) return 0;
        // The insert says what is wrong with it.
        if (change->origin == DBC__BY_VALUE &&
            dbc_column_encode(column, &value, NULL) < 0)
            return 0;
    }
    return 1;
}

dbc_query *dbc__rowwise_conflict(const dbc_query *insert,
                                 const dbc__newcomer *row,
                                 const dbc_alloc *alloc)
{
    dbc_query *query = dbc_query_new(alloc);
    uint32_t i = insert->used.nodes, place;

    if (!query) return NULL;
    dbc_query_restrict(query, insert->policy);
    dbc_query_from(query, row->table, NULL);
    while (dbc__rowwise_previous(insert, &i, &place)) {
        const dbc__node *node = &insert->nodes[place];
        if (node->op != DBC__CONFLICT_COLUMN) continue;
        const dbc_column *column = node->u.ptr;
        dbc_value value = row->changes[column->position].value;
        column = dbc_table_column(row->table, column->position);
        dbc_column_encode(column, &value, NULL);
        dbc__rowwise_match(query, column, &value);
    }
    return query;
}

// ------------------------------------------------------------------- excluded

// A default as the text of an expression.
static void say_default(dbc_query *query, dbc__node *node, const char *text)
{
    dbc__node said = {.op = DBC__RAW};

    if (!dbc__tree_text(query, &said, "(", 1)) return;
    *node = said;
    if (!dbc__tree_text(query, &said, text, strlen(text))) return;
    if (!dbc__tree_text(query, &said, ")", 1)) return;
    node->u.at.b = said.a + 1 - node->a;
}

static void say_value(dbc_query *query, uint32_t place, const dbc_value *value)
{
    dbc__node node = {.op = DBC__VALUE};

    if (dbc__tree_value(query, &node.a, value)) query->nodes[place] = node;
}

// What the database makes of a column that an insert leaves out.
static void say_unsaid(dbc_query *query, uint32_t place,
                       const dbc_column *column, const dbc__newcomer *row)
{
    const dbc_column_def *def = &column->def;
    const char *now = NULL;
    dbc_value value = dbc_value_null();
    dbc__node node = query->nodes[place];

    if (def->flags & DBC_COLUMN_DEFAULT_NOW) now = row->dialect->now(def->type);
    if (def->default_sql || now) {
        say_default(query, &node, def->default_sql ? def->default_sql : now);
        if (query->status == DBC_OK) query->nodes[place] = node;
        return;
    }
    if (def->generated || def->flags & DBC_COLUMN_HOST_DEFAULT ||
        column == row->table->rowid_alias) {
        dbc__tree_fail(query, DBC_EUNSUPPORTED,
                       "excluded \"%.60s\" is known only when the row is "
                       "inserted, and the hooks of \"%.60s\" come before: give "
                       "it a value in the insert, or use dbc_query_unhook()",
                       def->name, dbc_table_describe(row->table)->name);
        return;
    }
    if (def->flags & DBC_COLUMN_HAS_DEFAULT) {
        value = def->default_value;
        dbc_column_encode(column, &value, NULL);
    }
    say_value(query, place, &value);
}

static const dbc_column *excluded_column(const dbc_query *query,
                                         const dbc__node *node,
                                         const dbc__newcomer *row)
{
    return dbc_table_find(row->table, query->names + node->a, node->len, NULL);
}

// Everywhere, in subqueries, too.
static void say_excluded(dbc_query *query, const dbc__newcomer *row)
{
    uint32_t count = query->used.nodes;

    for (uint32_t i = 0; i < count && query->status == DBC_OK; i++) {
        if (query->nodes[i].op != DBC__EXCLUDED) continue;
        const dbc_column *column =
            excluded_column(query, &query->nodes[i], row);
        if (!column) continue; // the text of the query says so
        const dbc__change *change = &row->changes[column->position];
        if (change->origin == DBC__UNSAID)
            say_unsaid(query, i, column, row);
        else
            say_value(query, i, &change->value);
    }
    dbc__tree_rehash(query);
}

static void match_key(dbc_query *query, const dbc__newcomer *row,
                      const dbc_value *old)
{
    for (size_t i = 0; i < dbc_table_key_count(row->table); i++) {
        const dbc_column *column = dbc_table_key(row->table, i);
        dbc__rowwise_match(query, column, &old[column->position]);
    }
}

// --------------------------------------------------------------- the outcomes

dbc_query *dbc__rowwise_wanted(const dbc_query *insert,
                               const dbc__newcomer *row, const dbc_value *old,
                               const dbc_alloc *alloc)
{
    dbc_query *query = copy_silent(insert, alloc);
    uint32_t i = insert->used.nodes, place;

    if (!query || query->status < 0) return query;
    while (dbc__rowwise_previous(insert, &i, &place))
        if (insert->nodes[place].op == DBC__CONFLICT_WHERE) {
            query->nodes[place] = insert->nodes[place];
            query->nodes[place].op = DBC__WHERE;
        }
    say_excluded(query, row);
    dbc_query_from(query, row->table, NULL);
    match_key(query, row, old);
    for (size_t k = 0; k < dbc_table_key_count(row->table); k++)
        dbc_query_select(
            query, dbc_expr_column(query, dbc_table_key(row->table, k), NULL),
            NULL);
    return query;
}

dbc_query *dbc__rowwise_insert(const dbc_query *insert,
                               const dbc__newcomer *row, const dbc_alloc *alloc)
{
    dbc_query *query = dbc_query_clone(insert, alloc);
    unsigned form = dbc__rowwise_form(insert);
    uint32_t i = insert->used.nodes, place;

    if (!query || query->status < 0) return query;
    while (dbc__rowwise_previous(query, &i, &place)) {
        dbc__node *node = &query->nodes[place];
        dbc__node_op op = node->op;
        if (op != DBC__INSERT && is_of_insert(op)) dbc__rowwise_silence(node);
        if (form & DBC__INSERT_OR_UPDATE && is_of_conflict(op))
            dbc__rowwise_silence(node);
    }
    dbc__tree_rehash(query);
    for (size_t k = 0; k < dbc_table_column_count(row->table); k++)
        dbc__rowwise_set(query, dbc_table_column(row->table, k),
                         &row->changes[k]);
    return query;
}

// A column that becomes what was excluded is set as a new row would set it:
// else it keeps its expression.
static void say_set(dbc_query *query, uint32_t place, const dbc__newcomer *row)
{
    const dbc__node node = query->nodes[place];
    const dbc__node *value = &query->nodes[dbc__at(place, node.a)];
    const dbc_column *column;

    query->nodes[place].op = DBC__SET;
    if (value->op != DBC__EXCLUDED) return;
    column = excluded_column(query, value, row);
    if (row->changes[column->position].origin == DBC__UNSAID) return;
    dbc__rowwise_silence(&query->nodes[place]);
    dbc__rowwise_set(query, node.u.ptr, &row->changes[column->position]);
}

static void become_update(dbc_query *query, const dbc__newcomer *row)
{
    uint32_t i = query->used.nodes, place;

    while (dbc__rowwise_previous(query, &i, &place)) {
        dbc__node *node = &query->nodes[place];
        if (node->op == DBC__INSERT)
            node->op = DBC__UPDATE;
        else if (node->op == DBC__CONFLICT_SET)
            say_set(query, place, row);
        else if (is_of_insert(node->op) || is_of_conflict(node->op))
            dbc__rowwise_silence(node);
    }
}

dbc_query *dbc__rowwise_update(const dbc_query *insert,
                               const dbc__newcomer *row, const dbc_value *old,
                               const dbc_alloc *alloc)
{
    dbc_query *query = dbc_query_clone(insert, alloc);

    if (!query || query->status < 0) return query;
    become_update(query, row);
    say_excluded(query, row);
    match_key(query, row, old);
    query->is_upsert = 1;
    return query;
}
