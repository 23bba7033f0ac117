// Writes. Rows are only kept here, with the query; how they become statements
// is linsert.c's. Values that are set are checked and bound at once.
#include "lwrite.h"

#include <string.h>

#include "lerror.h"
#include "lpairs.h"
#include "lselect.h"
#include "ltable.h"

// Of an insert.

// values(row), values(list of rows), values(function that gives rows)
static int values(lua_State *L)
{
    const lquery *self = lquery_self(L, "values", LQUERY_OF_INSERT);
    dbc_query_size size = {0, 0, 0, 0};
    lbox_words words;
    dbc_error err;

    if (self->flags & LQUERY_HAS_VALUES)
        return lerror_fail(L, DBC_EINVALID,
                           "values was called already: give all rows in one "
                           "list");
    if (lua_type(L, 2) != LUA_TTABLE && !lua_isfunction(L, 2))
        return lerror_fail(L, DBC_EINVALID,
                           "values takes a row, a list of rows or a function "
                           "that gives rows, got %s",
                           lbox_describe(L, 2, &words));
    lquery *made = lquery_step(L, 1, &size, &err);
    made->flags |= LQUERY_HAS_VALUES;
    lquery_finish(L, made, &err);
    lua_pushvalue(L, 2);
    lua_setiuservalue(L, -2, LQUERY_UV_ROWS);
    return 1;
}

// The rows of this insert stand and fall with the transaction around it.
static int without_savepoint(lua_State *L)
{
    dbc_query_size size = {0, 0, 0, 0};
    dbc_error err;

    lquery_self(L, "without_savepoint", LQUERY_OF_INSERT);
    lquery *made = lquery_step(L, 1, &size, &err);
    made->flags |= LQUERY_BARE;
    lquery_finish(L, made, &err);
    return 1;
}

// from(query)
static int from(lua_State *L)
{
    const lquery *self = lquery_self(L, "from", LQUERY_OF_INSERT);
    const lquery *source = lbox_test(L, 2, LBOX_QUERY);
    lbox_words words;
    dbc_error err;

    if (self->flags & LQUERY_HAS_VALUES)
        return lerror_fail(L, DBC_EINVALID,
                           "the insert has values already: use values or from");
    if (!source)
        return lerror_fail(L, DBC_EINVALID,
                           "from takes the query whose rows are inserted, got "
                           "%s",
                           lbox_describe(L, 2, &words));
    lquery_check_sub(L, 2, "from");
    dbc_query_size size = dbc_query_measure(source->query);
    lquery *made = lquery_step(L, 1, &size, &err);
    dbc_query_insert_from(made->query, source->query);
    lquery_finish(L, made, &err);
    lanchor_add(L, 2);
    return 1;
}

// The column that the name or expression on the top of the stack means.
static const dbc_column *check_column(lua_State *L, const ltable *table)
{
    const lexpr *expr = lbox_test(L, -1, LBOX_EXPR);
    const dbc_column *column = NULL;
    lbox_words words;

    if (lua_type(L, -1) == LUA_TSTRING)
        return ltable_column(L, table, lua_gettop(L));
    if (expr && expr->query)
        dbc_expr_type(expr->query, dbc_query_root(expr->query), &column);
    if (!column || column->table != table->table)
        lerror_fail(L, DBC_EINVALID,
                    "on_conflict takes columns of \"%.60s\", got %s",
                    dbc_table_describe(table->table)->name,
                    lbox_describe(L, -1, &words));
    return column;
}

// on_conflict(column, …), on_conflict{ column, … }, on_conflict()
static int on_conflict(lua_State *L)
{
    dbc_query_size size = {0, 0, 0, 0};
    dbc_error err;

    lquery_self(L, "on_conflict", LQUERY_OF_INSERT);
    if (lua_gettop(L) == 2 && lua_type(L, 2) == LUA_TTABLE) {
        int listed = (int)luaL_len(L, 2);
        luaL_checkstack(L, listed + 8, "too many columns");
        for (int i = 1; i <= listed; i++)
            lua_rawgeti(L, 2, i);
        lua_remove(L, 2);
    }
    int given = lua_gettop(L) - 1;
    luaL_checkstack(L, 8, NULL);
    lua_getiuservalue(L, 1, LQUERY_UV_TABLE);
    const ltable *table = lbox_check(L, -1, LBOX_TABLE);
    const dbc_column **columns =
        lua_newuserdatauv(L, (size_t)(given + 1) * sizeof *columns, 0);
    for (int i = 0; i < given; i++) {
        lua_pushvalue(L, i + 2);
        columns[i] = check_column(L, table);
        lua_pop(L, 1);
    }
    size.nodes = (uint32_t)given;
    lquery *made = lquery_step(L, 1, &size, &err);
    dbc_query_on_conflict(made->query, columns, (size_t)given);
    lquery_finish(L, made, &err);
    return 1;
}

// on_conflict(…):ignore(), or :nothing(); `step` is which of the two.
static int skip(lua_State *L, const char *step)
{
    dbc_query_size size = {0, 0, 0, 0};
    dbc_error err;

    lquery_self(L, step, LQUERY_OF_INSERT);
    lquery *made = lquery_step(L, 1, &size, &err);
    dbc_query_conflict_ignore(made->query);
    lquery_finish(L, made, &err);
    return 1;
}

static int ignore(lua_State *L)
{
    return skip(L, "ignore");
}

static int nothing(lua_State *L)
{
    return skip(L, "nothing");
}

typedef int (*add_set)(dbc_query *query, const dbc_column *column,
                       dbc_expr value);

// The bit of a column among those the host fills at update; 0 when it is none.
static uint64_t bit_of(const dbc_column *column)
{
    uint64_t bit = 1;

    if (!(column->def.flags & DBC_COLUMN_HOST_UPDATE)) return 0;
    for (uint32_t i = 0; i < column->position; i++) {
        const dbc_column *other = dbc_table_column(column->table, i);
        if (other->def.flags & DBC_COLUMN_HOST_UPDATE) bit <<= 1;
    }
    return bit;
}

static int set_pairs(lua_State *L, const char *step, add_set add)
{
    lbox_words words;
    lpairs pairs;
    dbc_error err;

    lua_settop(L, 2);
    if (lua_type(L, 2) != LUA_TTABLE)
        return lerror_fail(L, DBC_EINVALID,
                           "%s takes a table of column = value, got %s", step,
                           lbox_describe(L, 2, &words));
    lua_getiuservalue(L, 1, LQUERY_UV_TABLE);
    lpairs_read(L, &pairs, 2, 3, step, LPAIRS_WRITTEN, NULL);
    lquery *made = lquery_step_exact(L, 1, &pairs.size, &err);
    for (int i = 0; i < pairs.count; i++) {
        const lpair *pair = &pairs.items[i];
        add(made->query, pair->column,
            loperand_add(made->query, &pair->operand));
        made->touched |= bit_of(pair->column);
    }
    made->flags |= LQUERY_HAS_SET;
    lquery_finish(L, made, &err);
    lpairs_anchor(L, &made->base, &pairs);
    return 1;
}

// on_conflict(…):update{ column = value }
static int update(lua_State *L)
{
    lquery_self(L, "update", LQUERY_OF_INSERT);
    return set_pairs(L, "update", dbc_query_conflict_set);
}

// Of an update.

static int set(lua_State *L)
{
    lquery_self(L, "set", LQUERY_OF_UPDATE);
    return set_pairs(L, "set", dbc_query_set);
}

// Pushes what the host gives for a silent column: the result of its function,
// or the value itself.
static void push_host_value(lua_State *L, int host, const dbc_column *column)
{
    lua_rawgeti(L, host, (lua_Integer)column->position + 1);
    lua_getfield(L, -1, "on_update");
    lua_remove(L, -2);
    if (lua_isfunction(L, -1)) lua_call(L, 0, 1);
    if (lua_isnil(L, -1))
        lerror_fail(L, DBC_EINVALID,
                    "on_update of \"%.60s\" gave nil: for NULL give "
                    "dbcore.null",
                    column->def.name);
}

// Replaces the query at `index` by one that sets `column`.
static void set_silent(lua_State *L, int index, const dbc_column *column,
                       int host)
{
    dbc_query_size size = {0, 0, 0, 0};
    loperand value;
    dbc_error err;

    push_host_value(L, host, column);
    loperand_read(L, &value, lua_gettop(L), column->def.type, column,
                  "on_update");
    loperand_measure(&value, &size);
    lquery *made = lquery_step(L, index, &size, &err);
    dbc_query_set(made->query, column, loperand_add(made->query, &value));
    made->touched |= bit_of(column);
    lquery_finish(L, made, &err);
    loperand_anchor(L, &made->base, &value);
    lua_replace(L, index);
}

void lwrite_complete(lua_State *L, int index)
{
    const lquery *query = lbox_test(L, index, LBOX_QUERY);
    int top = lua_gettop(L);

    if (!query || query->kind != DBC_UPDATE) return;
    if (!(query->flags & LQUERY_HOSTED)) return;
    // An update that sets nothing is a mistake, not a touch.
    if (!(query->flags & LQUERY_HAS_SET)) return;
    index = lua_absindex(L, index);
    luaL_checkstack(L, 8, NULL);
    lua_getiuservalue(L, index, LQUERY_UV_TABLE);
    const ltable *table = lbox_test(L, -1, LBOX_TABLE);
    if (table && table->has_host) {
        uint64_t touched = query->touched;
        size_t count = dbc_table_column_count(table->table);
        lua_getiuservalue(L, top + 1, LTABLE_UV_HOST);
        for (size_t i = 0; i < count; i++) {
            const dbc_column *column = dbc_table_column(table->table, i);
            uint64_t bit = bit_of(column);
            if (bit && !(touched & bit)) set_silent(L, index, column, top + 2);
            lua_settop(L, top + 2);
        }
    }
    lua_settop(L, top);
}

// Of all writes.

static int everywhere(lua_State *L)
{
    dbc_query_size size = {0, 0, 0, 0};
    dbc_error err;

    lquery_self(L, "everywhere", LQUERY_OF_UPDATE | LQUERY_OF_DELETE);
    lquery *made = lquery_step(L, 1, &size, &err);
    dbc_query_everywhere(made->query);
    lquery_finish(L, made, &err);
    return 1;
}

// returning(): every column; returning(…): like select
static int returning(lua_State *L)
{
    dbc_query_size size = {0, 0, 0, 0};
    dbc_error err;
    lquery *made;

    lquery_self(L, "returning", LQUERY_OF_WRITE);
    if (lua_gettop(L) > 1) {
        made = lselect_outputs(L, "returning", dbc_query_returning);
    } else {
        made = lquery_step(L, 1, &size, &err);
        dbc_query_returning(made->query, 0, NULL);
        lquery_finish(L, made, &err);
    }
    made->flags |= LQUERY_RETURNING;
    return 1;
}

const luaL_Reg lwrite_methods[] = {{"values", values},
                                   {"without_savepoint", without_savepoint},
                                   {"from", from},
                                   {"ignore", ignore},
                                   {"nothing", nothing},
                                   {"update", update},
                                   {"on_conflict", on_conflict},
                                   {"set", set},
                                   {"everywhere", everywhere},
                                   {"returning", returning},
                                   {NULL, NULL}};
