// The query is copied whole, and the clauses that do not count become nodes
// without a meaning: nothing moves, so nothing has to be found again.
#include "rowwise.h"

#include <string.h>

// Nobody refers to a clause.
void dbc__rowwise_silence(dbc__node *node)
{
    *node = (dbc__node){.op = DBC__STAR};
}

int dbc__rowwise_previous(const dbc_query *query, uint32_t *i, uint32_t *place)
{
    while (*i > 0) {
        const dbc__node *node = &query->nodes[--*i];
        if (node->op == DBC__QUERY) {
            *i -= node->a;
            continue;
        }
        *place = *i;
        return 1;
    }
    return 0;
}

int dbc__rowwise_returns(const dbc_query *write, int *all)
{
    uint32_t i = write->used.nodes, place;

    while (dbc__rowwise_previous(write, &i, &place)) {
        const dbc__node *node = &write->nodes[place];
        if (node->op != DBC__RETURNING) continue;
        *all = node->u.at.b == 0;
        return 1;
    }
    *all = 0;
    return 0;
}

dbc_query *dbc__rowwise_select(const dbc_query *write, const dbc_alloc *alloc)
{
    dbc_query *query = dbc_query_clone(write, alloc);
    const dbc_table *table = NULL;
    uint32_t i, place;

    if (!query || query->status < 0) return query;
    i = query->used.nodes;
    while (dbc__rowwise_previous(query, &i, &place)) {
        dbc__node *node = &query->nodes[place];
        switch (node->op) {
        case DBC__UPDATE:
        case DBC__DELETE:
            table = node->u.ptr;
            dbc__rowwise_silence(node);
            break;
        case DBC__SET:
        case DBC__EVERYWHERE:
        case DBC__RETURNING:
            dbc__rowwise_silence(node);
            break;
        default:
            break;
        }
    }
    dbc__tree_rehash(query);
    dbc_query_from(query, table, NULL);
    return query;
}

// ----------------------------------------------------------------- one row

static int is_replaced(const dbc__rowwise *row, const dbc_column *column)
{
    return !row->changes ||
           row->changes[column->position].origin != DBC__AS_SAID;
}

// What the query says and the row does not take over.
static void drop_clauses(dbc_query *query, const dbc__rowwise *row)
{
    uint32_t i = query->used.nodes, place;

    while (dbc__rowwise_previous(query, &i, &place)) {
        dbc__node *node = &query->nodes[place];
        switch (node->op) {
        case DBC__UPDATE:
        case DBC__DELETE:
            node->op = row->kind == DBC_UPDATE ? DBC__UPDATE : DBC__DELETE;
            break;
        case DBC__SET:
        case DBC__SLOT:
            if (is_replaced(row, node->u.ptr)) dbc__rowwise_silence(node);
            break;
        case DBC__WHERE:
        case DBC__EVERYWHERE:
            if (row->old) dbc__rowwise_silence(node);
            break;
        default:
            break;
        }
    }
}

// A value that no type of a column is held against: as an expression it is
// left to the database.
static dbc_expr add_stored(dbc_query *query, dbc_value value)
{
    const dbc_expr args[] = {dbc_expr_value(query, value),
                             dbc_expr_value(query, dbc_value_null())};

    return dbc_expr_call(query, "coalesce", args, 2, DBC_CALL);
}

void dbc__rowwise_set(dbc_query *query, const dbc_column *column,
                      const dbc__change *change)
{
    dbc_expr value = 0;

    if (change->origin == DBC__BY_VALUE)
        value = dbc_expr_value(query, change->value);
    else if (change->origin == DBC__BY_EXPR)
        value = dbc_query_append(query, change->expr);
    else if (change->origin == DBC__AS_STORED)
        value = add_stored(query, change->value);
    else
        return;
    dbc_query_set(query, column, value);
}

// The value is as the database keeps it, so no type is held against it: one
// that does not fit its column is found all the same.
void dbc__rowwise_match(dbc_query *query, const dbc_column *column,
                        const dbc_value *value)
{
    int is_null = value->type == DBC_NULL;
    dbc__node node = {.op = DBC__OP,
                      .sub = is_null ? DBC_OP_IS_NULL : DBC_OP_EQ};
    dbc_expr left = dbc_expr_column(query, column, NULL);
    dbc_expr right = is_null ? 0 : dbc_expr_value(query, *value);

    node.a = dbc__tree_back(query, left);
    if (right) node.u.at.b = dbc__tree_back(query, right);
    if (query->status < 0) return;
    dbc_query_where(query, dbc__tree_add(query, &node));
}

// Every column behind what is returned, under names that no query gives.
static void add_row(dbc_query *query, const dbc_table *table)
{
    int all;

    if (!dbc__rowwise_returns(query, &all)) {
        dbc_query_returning(query, 0, NULL);
        return;
    }
    for (size_t i = 0; !all && i < dbc_table_column_count(table); i++) {
        char name[] = "\x01....";
        for (int digit = 0; digit < 4; digit++)
            name[1 + digit] = (char)('0' + (i >> 4 * digit) % 16);
        dbc_query_returning(
            query, dbc_expr_column(query, dbc_table_column(table, i), NULL),
            name);
    }
}

dbc_query *dbc__rowwise_write(const dbc_query *write, const dbc__rowwise *row,
                              const dbc_alloc *alloc)
{
    dbc_query *query = dbc_query_clone(write, alloc);
    const dbc_table *table = row->table;

    if (!query || query->status < 0) return query;
    drop_clauses(query, row);
    dbc__tree_rehash(query);
    for (size_t i = 0; row->changes && i < dbc_table_column_count(table); i++)
        dbc__rowwise_set(query, dbc_table_column(table, i), &row->changes[i]);
    for (size_t i = 0; row->old && i < dbc_table_key_count(table); i++) {
        const dbc_column *column = dbc_table_key(table, i);
        dbc__rowwise_match(query, column, &row->old[column->position]);
    }
    if (row->wants_row) add_row(query, table);
    return query;
}
