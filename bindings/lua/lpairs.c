// Reading goes in three passes: count, sort the keys, read the values. Few
// keys are the rule, so they are sorted by insertion.
#include "lpairs.h"

#include <string.h>

#include "lerror.h"
#include "ltable.h"
#include "lvalidate.h"

static int count_keys(lua_State *L, int index, const char *step)
{
    lbox_words words;
    int count = 0;

    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            lerror_fail(L, DBC_EINVALID,
                        "%s takes a table of column = value, got %s as a key",
                        step, lbox_describe(L, -2, &words));
        count++;
    }
    if (count == 0)
        lerror_fail(L, DBC_EINVALID,
                    "%s got an empty table: name at least one column", step);
    return count;
}

static int is_before(const lpair *a, const lpair *b)
{
    if (a->column && a->column != b->column)
        return a->column->position < b->column->position;
    return strcmp(a->name, b->name) < 0;
}

static void sort_in(lpair *items, int count, lpair pair)
{
    int i = count;

    for (; i > 0 && is_before(&pair, &items[i - 1]); i--)
        items[i] = items[i - 1];
    items[i] = pair;
}

static void read_keys(lua_State *L, lpairs *out, int index, const ltable *table)
{
    int count = 0;

    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        // The key stays in the table, so its text stays where it is.
        lpair pair = {.name = lua_tostring(L, -2)};
        if (table) pair.column = ltable_column(L, table, lua_gettop(L) - 1);
        sort_in(out->items, count++, pair);
    }
}

static void refuse_table(lua_State *L, const char *step, const lpair *pair,
                         lpairs_use use)
{
    lerror_fail(L, DBC_EINVALID,
                use == LPAIRS_COMPARED
                    ? "%s got a table for \"%.60s\": for one of several values "
                      "use :in_{…}"
                    : "%s got a table for \"%.60s\", which is no JSON column",
                step, pair->name);
}

// Reads the value on the top for `pair`.
static void read_value(lua_State *L, lpair *pair, const char *step,
                       lpairs_use use)
{
    int is_any = pair->type == DBC_T_JSON || pair->type == DBC_T_CUSTOM;

    if (lua_type(L, -1) == LUA_TTABLE && !is_any)
        refuse_table(L, step, pair, use);
    loperand_read(L, &pair->operand, lua_gettop(L), pair->type, pair->column,
                  step);
}

static dbc_type type_of_source(lua_State *L, int target, const char *name)
{
    dbc_type type;

    lua_getfield(L, target, name); // raises when there is no such column
    const lexpr *expr = lbox_check(L, -1, LBOX_EXPR);
    type = dbc_expr_type(expr->query, dbc_query_root(expr->query), NULL);
    lua_pop(L, 1);
    return type;
}

void lpairs_read(lua_State *L, lpairs *out, int index, int target,
                 const char *step, lpairs_use use)
{
    const ltable *table = lbox_test(L, target, LBOX_TABLE);
    const lsource *source = lbox_test(L, target, LBOX_SOURCE);
    size_t name_len = table ? strlen(table->alias) : strlen(source->name);
    int fields = 0;

    luaL_checkstack(L, 6, NULL);
    out->count = count_keys(L, index, step);
    out->size = (dbc_query_size){0, 0, 0, 0};
    luaL_checkstack(L, out->count + 8, "too many columns");
    out->alias = table && table->alias[0] ? table->alias : NULL;
    out->source = table ? NULL : source->name;
    out->items = out->few;
    if (out->count > LPAIRS_FEW)
        out->items =
            lua_newuserdatauv(L, (size_t)out->count * sizeof *out->items, 0);
    read_keys(L, out, index, table);

    lua_pushnil(L); // the list of what breaks a rule
    fields = lua_gettop(L);
    for (int i = 0; i < out->count; i++) {
        lpair *pair = &out->items[i];
        pair->type = pair->column ? pair->column->def.type
                                  : type_of_source(L, target, pair->name);
        lua_pushstring(L, pair->name);
        lua_rawget(L, index);
        if (use == LPAIRS_WRITTEN)
            lvalidate_value(L, target, pair->column, lua_gettop(L), fields);
        read_value(L, pair, step, use);
        loperand_measure(&pair->operand, &out->size);
        out->size.nodes += 4; // column, =, AND or the clause
        out->size.names += (uint32_t)(name_len + strlen(pair->name));
    }
    if (use == LPAIRS_WRITTEN) lvalidate_raise(L, fields, table->table);
}

dbc_expr lpairs_add_equality(dbc_query *query, const lpairs *pairs, int i)
{
    const lpair *pair = &pairs->items[i];
    dbc_expr left =
        pair->column
            ? dbc_expr_column(query, pair->column, pairs->alias)
            : dbc_expr_name(query, pairs->source, pair->name, pair->type);
    dbc_expr right = loperand_add(query, &pair->operand);

    return dbc_expr_op(query, DBC_OP_EQ, left, right);
}

dbc_expr lpairs_add_all(dbc_query *query, const lpairs *pairs)
{
    dbc_expr all = lpairs_add_equality(query, pairs, 0);

    for (int i = 1; i < pairs->count; i++) {
        dbc_expr next = lpairs_add_equality(query, pairs, i);
        all = dbc_expr_op(query, DBC_OP_AND, all, next);
    }
    return all;
}

void lpairs_anchor(lua_State *L, lanchored *made, const lpairs *pairs)
{
    for (int i = 0; i < pairs->count; i++)
        loperand_anchor(L, made, &pairs->items[i].operand);
}
