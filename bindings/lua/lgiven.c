// One pass over a row. A value that is stored as it is costs a look-up of its
// key and nothing else; it stays on the stack until the row is written, so
// that no Lua code in between (a codec, a trigger's function, a finalizer) can
// take its text away.
#include "lgiven.h"

#include <string.h>

#include "lerror.h"
#include "loperand.h"
#include "lvalue.h"

static size_t count_words(const lkeys *keys)
{
    return (keys->column_count + 63) / 64;
}

size_t lgiven_room(const lkeys *keys)
{
    return keys->column_count * (sizeof(dbc_value) + sizeof(int)) +
           count_words(keys) * sizeof(uint64_t);
}

void lgiven_place(lgiven *out, const lkeys *keys, void *memory)
{
    out->keys = keys;
    out->values = memory;
    out->mask.words = (uint64_t *)(out->values + keys->column_count);
    out->mask.count = count_words(keys);
    out->places = (int *)(out->mask.words + out->mask.count);
}

static int is_set(const lgiven_mask *mask, size_t position)
{
    return (int)(mask->words[position / 64] >> (position % 64) & 1);
}

static void refuse_twice(lua_State *L, const dbc_column *column)
{
    lerror_fail(L, DBC_EINVALID,
                "a row gives column \"%.100s\" twice, by its name and by its "
                "key in rows",
                column->def.name);
}

// What is not stored as it is: expressions, NULL, JSON, codecs, mistakes.
static void take_special(lua_State *L, lgiven *row, size_t position, int index)
{
    const lkeys_column *at = &row->keys->columns[position];
    int kind = lbox_kind_of(L, index);

    if (kind == LBOX_EXPR || kind == LBOX_QUERY) {
        row->places[position] = index;
        row->expressions++;
        return;
    }
    lvalue_given(L, &row->values[position], index, at->column, LVALUE_RAISED);
}

// The value at `index` of the stack is column `position`'s.
static void take(lua_State *L, lgiven *row, size_t position, int index)
{
    const lkeys_column *at = &row->keys->columns[position];
    dbc_value *out = &row->values[position];
    size_t len;
    const char *text;

    if (is_set(&row->mask, position)) refuse_twice(L, at->column);
    row->mask.words[position / 64] |= UINT64_C(1) << (position % 64);
    row->places[position] = 0;
    row->given++;
    if (at->flags & LKEYS_ENCODED) {
        take_special(L, row, position, index);
        return;
    }
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        if (lua_isinteger(L, index))
            *out = dbc_value_int(lua_tointeger(L, index));
        else
            *out = dbc_value_real(lua_tonumber(L, index));
        break;
    case LUA_TSTRING:
        text = lua_tolstring(L, index, &len);
        *out = dbc_value_text(text, len);
        break;
    case LUA_TBOOLEAN:
        *out = dbc_value_bool(lua_toboolean(L, index));
        break;
    default:
        take_special(L, row, position, index);
        break;
    }
}

static void refuse_row(lua_State *L, int index, lua_Integer number)
{
    lbox_words words;

    lbox_describe(L, index, &words);
    if (number > 0)
        lerror_fail(L, DBC_EINVALID,
                    "row %lld of values must be a table of column = value, "
                    "got %s",
                    (long long)number, words.text);
    lerror_fail(L, DBC_EINVALID,
                "values takes a row, a list of rows or a function that gives "
                "rows, got %s",
                words.text);
}

// The position that a key means which is not just a name.
static int find_key(lua_State *L, const lgiven *row, int key)
{
    lbox_words words;

    if (lua_type(L, key) != LUA_TSTRING)
        lerror_fail(L, DBC_EINVALID, "the keys of a row are columns, got %s",
                    lbox_describe(L, key, &words));
    return (int)lkeys_find(L, row->table, key);
}

// Columns the row does not mention and the host fills.
static void take_defaults(lua_State *L, lgiven *row, int index)
{
    const lkeys *keys = row->keys;
    int host = lua_gettop(L) + 1;

    lua_getiuservalue(L, row->table, LTABLE_UV_HOST);
    for (size_t i = 0; i < keys->column_count; i++) {
        if (!(keys->columns[i].flags & LKEYS_DEFAULT)) continue;
        if (is_set(&row->mask, i)) continue;
        luaL_checkstack(L, 8, NULL);
        lua_rawgeti(L, host, (lua_Integer)i + 1);
        lua_pushliteral(L, "default_fn");
        lua_rawget(L, -2);
        lua_replace(L, -2);
        lua_pushvalue(L, index);
        lua_call(L, 1, 1);
        if (lua_isnil(L, -1))
            lua_pop(L, 1);
        else
            take(L, row, i, lua_gettop(L));
    }
}

void lgiven_read(lua_State *L, lgiven *row, int index, lua_Integer number)
{
    memset(row->mask.words, 0, row->mask.count * sizeof *row->mask.words);
    row->expressions = 0;
    row->given = 0;
    if (!lua_istable(L, index)) refuse_row(L, index, number);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        int key = lua_gettop(L) - 1; // key value | key
        int position = lkeys_known(L, row->keys, key);

        if (position < 0) position = find_key(L, row, key);
        take(L, row, (size_t)position, key + 1);
        lua_pushvalue(L, key);
    }
}

void lgiven_complete(lua_State *L, lgiven *row, int index)
{
    if (row->keys->flags & LKEYS_DEFAULT) take_defaults(L, row, index);
}

const dbc_value *lgiven_slots(const lgiven *row, dbc_value *room)
{
    dbc_value *slots = room;

    if (row->given == row->keys->column_count && !row->expressions)
        return row->values;
    // Runs of columns that are given are copied at once: mostly it is one.
    for (size_t i = 0; i < row->keys->column_count; i++) {
        size_t first = i;

        while (i < row->keys->column_count && is_set(&row->mask, i) &&
               !row->places[i])
            i++;
        memcpy(slots, &row->values[first], (i - first) * sizeof *slots);
        slots += i - first;
    }
    return room;
}

// ------------------------------------------------------------------ the query

// Reads the expressions of the row; pushes one block with them.
static loperand *read_expressions(lua_State *L, const lgiven *row,
                                  dbc_query_size *size)
{
    loperand *operands;
    size_t n = 0;

    if (row->expressions == 0) return NULL;
    luaL_checkstack(L, 8, NULL);
    operands =
        lua_newuserdatauv(L, (size_t)row->expressions * sizeof *operands, 0);
    for (size_t i = 0; i < row->keys->column_count; i++) {
        const dbc_column *column = row->keys->columns[i].column;

        if (!is_set(&row->mask, i) || !row->places[i]) continue;
        loperand_read(L, &operands[n], row->places[i], column->def.type, column,
                      column->def.name);
        loperand_measure(&operands[n++], size);
    }
    return operands;
}

// Room for one node a column, and for the values when they are bound.
static void measure(const lgiven *row, lgiven_values values,
                    dbc_query_size *size)
{
    for (size_t i = 0; i < row->keys->column_count; i++) {
        const dbc_value *value = &row->values[i];

        if (!is_set(&row->mask, i)) continue;
        size->nodes += 2;
        if (values == LGIVEN_SLOTS || row->places[i]) continue;
        size->values++;
        if (value->type == DBC_TEXT || value->type == DBC_BLOB ||
            value->type == DBC_FOREIGN)
            size->bytes += (uint32_t)value->len;
    }
}

static void add_column(dbc_query *query, const lgiven *row, size_t position,
                       const loperand *operand, lgiven_values values)
{
    const dbc_column *column = row->keys->columns[position].column;

    if (row->places[position])
        dbc_query_set(query, column, loperand_add(query, operand));
    else if (values == LGIVEN_SLOTS)
        dbc_query_slot(query, column);
    else
        dbc_query_set(query, column,
                      dbc_expr_value(query, row->values[position]));
}

static void check_sizes(lua_State *L, const lgiven *row)
{
    for (size_t i = 0; i < row->keys->column_count; i++)
        if (is_set(&row->mask, i) && !row->places[i] &&
            (row->values[i].type == DBC_TEXT ||
             row->values[i].type == DBC_BLOB))
            loperand_check_size(L, row->values[i].len,
                                row->keys->columns[i].column->def.name);
}

lquery *lgiven_push_query(lua_State *L, const lgiven *row, int insert,
                          lgiven_values values)
{
    dbc_query_size size = {0, 0, 0, 0};
    dbc_error err = DBC_ERROR_INIT;
    loperand *operands;
    lquery *query;
    size_t n = 0;
    int top = lua_gettop(L);

    if (values == LGIVEN_BOUND) check_sizes(L, row);
    operands = read_expressions(L, row, &size);
    measure(row, values, &size);
    query = lquery_step(L, insert, &size, &err);
    for (size_t i = 0; i < row->keys->column_count; i++) {
        if (!is_set(&row->mask, i)) continue;
        add_column(query->query, row, i, operands ? &operands[n] : NULL,
                   values);
        if (row->places[i]) n++;
    }
    lquery_finish(L, query, &err);
    for (size_t i = 0; operands && i < row->keys->column_count; i++)
        if (is_set(&row->mask, i) && row->places[i])
            lanchor_add(L, row->places[i]);
    lua_insert(L, top + 1);
    lua_settop(L, top + 1);
    return query;
}
