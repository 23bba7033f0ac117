// Reading goes in two passes: keys and values onto the stack, sorted, then
// each value as what its column is. Few keys are the rule, so they are sorted
// by insertion.
#include "lpairs.h"

#include <stdio.h>
#include <string.h>

#include "lerror.h"
#include "lkeys.h"

static int is_before(const lpair *a, const lpair *b)
{
    if (a->column && a->column->position != b->column->position)
        return a->column->position < b->column->position;
    return strcmp(a->name, b->name) < 0;
}

// Moves the last of the items to where it belongs.
static void sort_last(lpair *items, int last)
{
    int i = last;

    if (last == 0 || !is_before(&items[last], &items[last - 1])) return;
    lpair pair = items[last];
    for (; i > 0 && is_before(&pair, &items[i - 1]); i--)
        items[i] = items[i - 1];
    items[i] = pair;
}

// What keys mean.
typedef struct meaning {
    const ltable *table;     // NULL beside a source
    const lkeys *keys;       // of the table
    int target;              // stack index of the table or source
    const dbc_query *joined; // or NULL
} meaning;

// A key that the table does not have may be a column of another one.
static void find_column(lua_State *L, lpair *out, const meaning *of, int key,
                        const char *step)
{
    dbc_source_column other;
    size_t count = 0;

    if (of->joined && of->table->table &&
        !dbc_table_find(of->table->table, out->name, strlen(out->name), NULL))
        count = dbc_query_find_column(&other, of->joined, out->name);
    if (count > 1)
        lerror_fail(L, DBC_EINVALID,
                    "%s: several of the tables have a column \"%.60s\": say "
                    "whose it is, as in users.%.60s:eq(…)",
                    step, out->name, out->name);
    if (count == 0) {
        out->column = of->keys->columns[lkeys_find(L, of->target, key)].column;
        return;
    }
    out->column = other.column;
    out->alias = other.alias;
    out->alias_len = other.alias_len;
}

// What the key at `key` means, its value behind it.
static void read_key(lua_State *L, lpair *out, const meaning *of, int key,
                     const char *step)
{
    const lkeys *keys = of->keys;
    int position = keys ? lkeys_known(L, keys, key) : -1;
    lbox_words words;

    out->index = key + 1;
    out->column = NULL;
    out->alias = of->table && of->table->alias[0] ? of->table->alias : NULL;
    out->alias_len = out->alias ? strlen(out->alias) : 0;
    if (position >= 0) {
        out->column = keys->columns[position].column;
    } else {
        if (lua_type(L, key) != LUA_TSTRING)
            lerror_fail(L, DBC_EINVALID,
                        "%s takes a table of column = value, got %s as a key",
                        step, lbox_describe(L, key, &words));
        out->name = lua_tostring(L, key);
        if (!keys) return;
        find_column(L, out, of, key, step);
    }
    out->name = out->column->def.name;
}

// Doubles the room; pushes the block it is in.
static void add_room(lua_State *L, lpairs *out, int room)
{
    size_t size = (size_t)room * sizeof *out->items;
    lpair *items = lua_newuserdatauv(L, 2 * size, 0);

    memcpy(items, out->items, size);
    out->items = items;
}

// Leaves all keys and values on the stack.
static void read_keys(lua_State *L, lpairs *out, int index, const meaning *of,
                      const char *step)
{
    int room = LPAIRS_FEW;

    out->count = 0;
    out->items = out->few;
    luaL_checkstack(L, 3 * LPAIRS_FEW + 16, NULL);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        int key = lua_gettop(L) - 1; // key value | key

        if (out->count >= LPAIRS_FEW) luaL_checkstack(L, 8, "too many columns");
        if (out->count == room) {
            add_room(L, out, room);
            lua_insert(L, key++); // block key value
            room *= 2;
        }
        read_key(L, &out->items[out->count], of, key, step);
        sort_last(out->items, out->count++);
        lua_pushvalue(L, key);
    }
    if (out->count == 0)
        lerror_fail(L, DBC_EINVALID,
                    "%s got an empty table: name at least one column", step);
}

static void refuse_table(lua_State *L, const char *step, const lpair *pair)
{
    lerror_fail(L, DBC_EINVALID,
                "%s got a table for \"%.60s\": for one of several values use "
                ":in_{…}",
                step, pair->name);
}

static void read_value(lua_State *L, lpair *pair, const char *step,
                       lpairs_use use)
{
    if (use == LPAIRS_WRITTEN) {
        loperand_read_written(L, &pair->operand, pair->index, pair->column,
                              step);
        return;
    }
    int is_any = pair->type == DBC_T_JSON || pair->type == DBC_T_CUSTOM;

    if (!is_any && lua_type(L, pair->index) == LUA_TTABLE)
        refuse_table(L, step, pair);
    loperand_read(L, &pair->operand, pair->index, pair->type, pair->column,
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

// The keys of the descriptor at `target`, pushed.
static const lkeys *push_keys(lua_State *L, int target, const ltable *table)
{
    if (!table->table)
        lerror_fail(L, DBC_ECLOSED, "the table is being collected");
    return lkeys_push(L, target);
}

void lpairs_read(lua_State *L, lpairs *out, int index, int target,
                 const char *step, lpairs_use use, const dbc_query *joined)
{
    const ltable *table = lbox_test(L, target, LBOX_TABLE);
    const lsource *source = table ? NULL : lua_touserdata(L, target);

    luaL_checkstack(L, 8, NULL);
    const lkeys *keys = table ? push_keys(L, target, table) : NULL;
    const meaning of = {table, keys, target, joined};
    out->size = (dbc_query_size){0, 0, 0, 0};
    out->source = table ? NULL : source->name;
    read_keys(L, out, index, &of, step);

    if (out->count > LPAIRS_FEW)
        luaL_checkstack(L, out->count + 8, "too many columns");
    for (int i = 0; i < out->count; i++) {
        lpair *pair = &out->items[i];
        pair->type = pair->column ? pair->column->def.type
                                  : type_of_source(L, target, pair->name);
        read_value(L, pair, step, use);
        loperand_measure(&pair->operand, &out->size);
        // Column, =, AND or the clause; or the clause that sets it.
        out->size.nodes += use == LPAIRS_COMPARED ? 4 : 1;
        out->size.names += (uint32_t)pair->alias_len;
        if (source)
            out->size.names +=
                (uint32_t)(strlen(source->name) + strlen(pair->name));
    }
}

static dbc_expr add_column(dbc_query *query, const lpair *pair)
{
    char alias[256]; // no name is longer

    if (!pair->alias) return dbc_expr_column(query, pair->column, NULL);
    snprintf(alias, sizeof alias, "%.*s", (int)pair->alias_len, pair->alias);
    return dbc_expr_column(query, pair->column, alias);
}

dbc_expr lpairs_add_equality(dbc_query *query, const lpairs *pairs, int i)
{
    const lpair *pair = &pairs->items[i];
    dbc_expr left = pair->column ? add_column(query, pair)
                                 : dbc_expr_name(query, pairs->source,
                                                 pair->name, pair->type);
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
