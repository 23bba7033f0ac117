// Reading, measuring and adding operands. Reading is where everything can go
// wrong; the other two are plain arithmetic and copying.
#include "loperand.h"

#include <string.h>

#include "lerror.h"
#include "lexpr.h"
#include "lquery.h"
#include "lvalue.h"

void loperand_check_size(lua_State *L, size_t len, const char *what)
{
    enum { MOST_BYTES = 1 << 30 };

    if (len > MOST_BYTES)
        lerror_fail(L, DBC_ELIMIT, "%s got text of more than %d bytes", what,
                    MOST_BYTES);
}

// Whether Lua has no value of this type that a database could hold.
static int is_foreign(lua_State *L, int index)
{
    int type = lua_type(L, index);

    return type == LUA_TTABLE || type == LUA_TFUNCTION || type == LUA_TTHREAD;
}

static void read_text(lua_State *L, dbc_value *out, int index, const char *what)
{
    size_t len;
    const char *text = lua_tolstring(L, index, &len);

    loperand_check_size(L, len, what);
    *out = dbc_value_text(text, len);
}

// What the core fits to its place when it is added. `found` is the Lua type of
// what is at `index`.
static void read_plain(lua_State *L, dbc_value *out, int index, int found,
                       const char *what)
{
    lbox_words words;

    if (found == LUA_TNUMBER && lua_isinteger(L, index))
        *out = dbc_value_int(lua_tointeger(L, index));
    else if (found == LUA_TNUMBER)
        *out = dbc_value_real(lua_tonumber(L, index));
    else if (found == LUA_TSTRING)
        read_text(L, out, index, what);
    else if (is_foreign(L, index))
        lerror_fail(L, DBC_EINVALID,
                    "%s takes a number, text, a boolean, an expression or a "
                    "query, got %s",
                    what, lbox_describe(L, index, &words));
    else
        *out = lvalue_read(L, index, what);
}

// JSON and the user's own are encoded before; of the latter only a column
// knows the codec.
static void read_value(lua_State *L, dbc_value *out, int index, int found,
                       dbc_type type, const dbc_column *column,
                       const char *what)
{
    if (type != DBC_T_JSON && type != DBC_T_CUSTOM) {
        read_plain(L, out, index, found, what);
        return;
    }
    if (lbox_test(L, index, LBOX_NULL) || (type == DBC_T_CUSTOM && !column)) {
        *out = lvalue_read(L, index, what);
        return;
    }
    *out = lvalue_encode(L, index, type, column, what);
    loperand_check_size(L, out->len, what);
}

// Reads the box at `index`. False when it is dbcore.null, a value.
static int read_box(lua_State *L, loperand *out, lbox *box, const char *what)
{
    lbox_words words;

    if (box->kind == LBOX_EXPR) {
        out->query = ((const lexpr *)box)->query;
        if (!out->query) lexpr_refuse_bare(L);
    } else if (box->kind == LBOX_QUERY) {
        out->query = lquery_check_sub(L, out->index, what);
    } else if (box->kind == LBOX_NULL) {
        return 0;
    } else {
        lerror_fail(L, DBC_EINVALID,
                    "%s takes a value, a column or a query, got %s", what,
                    lbox_describe(L, out->index, &words));
    }
    out->kind = box->kind;
    out->box = (const lanchored *)box;
    return 1;
}

void loperand_read(lua_State *L, loperand *out, int index, dbc_type type,
                   const dbc_column *column, const char *what)
{
    int found = lua_type(L, index);
    lbox *box = found == LUA_TUSERDATA ? lbox_at(L, index) : NULL;

    out->index = index;
    if (box && read_box(L, out, box, what)) return;
    if (found == LUA_TNONE || found == LUA_TNIL)
        lerror_fail(L, DBC_EINVALID, "%s got nil: a misspelt field, perhaps",
                    what);
    out->kind = -1;
    read_value(L, &out->value, index, found, type, column, what);
}

void loperand_read_written(lua_State *L, loperand *out, int index,
                           const dbc_column *column, const char *what)
{
    int kind = lbox_kind_of(L, index);

    if (kind && kind != LBOX_NULL) {
        loperand_read(L, out, index, column->def.type, column, what);
        return;
    }
    out->index = index;
    out->kind = -1;
    lvalue_given(L, &out->value, index, column, LVALUE_RAISED);
    loperand_check_size(L, out->value.len, what);
}

void loperand_read_condition(lua_State *L, loperand *out, int index,
                             const char *what, int number)
{
    lbox *box = lbox_at(L, index);
    lbox_words words;

    out->index = index;
    if (box && (box->kind == LBOX_EXPR || box->kind == LBOX_QUERY)) {
        read_box(L, out, box, what);
        return;
    }
    lerror_fail(L, DBC_EINVALID, "%s got %s as its condition %d%s", what,
                lbox_describe(L, index, &words), number,
                lua_isnoneornil(L, index) ? ": a misspelt field, perhaps"
                : lua_isboolean(L, index)
                    ? ": compare with :eq(…) and :ne(…), == compares in Lua"
                    : ": a condition is an expression such as "
                      "users.age:gt(18)");
}

// Raises when the table at `index` is no list of values.
static void check_list(lua_State *L, int index, size_t count, const char *what)
{
    lbox_words words;

    lua_pushnil(L);
    if (count == 0 && lua_next(L, index))
        lerror_fail(L, DBC_EINVALID,
                    "%s takes a list of values, got a table with the key %s",
                    what, lbox_describe(L, -2, &words));
    lua_pop(L, count == 0 ? 0 : 1);
}

static void read_list(lua_State *L, loperand *out, int index, dbc_type type,
                      const dbc_column *column, const char *what)
{
    size_t count = lua_rawlen(L, index);
    int is_encoded = type == DBC_T_JSON || type == DBC_T_CUSTOM;

    luaL_checkstack(L, 6, NULL);
    check_list(L, index, count, what);
    dbc_value *items = lua_newuserdatauv(L, (count + 1) * sizeof *items, 0);
    // What encoding makes is kept here; the list itself keeps all else.
    if (is_encoded)
        lua_createtable(L, (int)count, 0);
    else
        lua_pushnil(L);
    int keep = lua_gettop(L);
    for (size_t i = 0; i < count; i++) {
        if (lua_rawgeti(L, index, (lua_Integer)i + 1) == LUA_TNIL)
            lerror_fail(L, DBC_EINVALID, "%s got nil as item %zu of its list",
                        what, i + 1);
        read_value(L, &items[i], keep + 1, lua_type(L, keep + 1), type, column,
                   what);
        if (items[i].type == DBC_NULL)
            lerror_fail(L, DBC_EINVALID,
                        "%s got null as item %zu of its list, which equals "
                        "nothing: leave it out and add :is_null()",
                        what, i + 1);
        if (is_encoded)
            lua_rawseti(L, keep, (lua_Integer)i + 1);
        else
            lua_pop(L, 1);
    }
    out->kind = -1;
    out->value = dbc_value_list(items, count);
}

void loperand_read_set(lua_State *L, loperand *out, int index, dbc_type type,
                       const dbc_column *column, const char *what)
{
    int kind = lbox_kind_of(L, index);
    lbox_words words;

    out->index = index;
    if (lua_type(L, index) == LUA_TTABLE)
        read_list(L, out, index, type, column, what);
    else if (kind == LBOX_EXPR || kind == LBOX_QUERY)
        loperand_read(L, out, index, type, column, what);
    else
        lerror_fail(L, DBC_EINVALID,
                    "%s takes a list, a query or a parameter, got %s", what,
                    lbox_describe(L, index, &words));
}

static uint32_t payload(const dbc_value *value)
{
    uint32_t size = 0;

    if (value->type == DBC_TEXT || value->type == DBC_BLOB ||
        value->type == DBC_FOREIGN)
        return (uint32_t)value->len;
    if (value->type != DBC_LIST) return 0;
    for (size_t i = 0; i < value->len; i++)
        size += (uint32_t)sizeof *value + payload(&value->as.list[i]);
    return size;
}

void loperand_measure(const loperand *operand, dbc_query_size *size)
{
    if (operand->kind == 0) return;
    size->nodes++;
    if (operand->kind > 0) {
        loperand_add_size(size, dbc_query_measure(operand->query));
        return;
    }
    size->values++;
    size->bytes += payload(&operand->value);
}

dbc_expr loperand_add(dbc_query *query, const loperand *operand)
{
    switch (operand->kind) {
    case LBOX_EXPR:
        return dbc_query_append(query, operand->query);
    case LBOX_QUERY:
        return dbc_expr_query(query, operand->query);
    case -1:
        return dbc_expr_value(query, operand->value);
    default:
        return 0;
    }
}

void loperands_init(lua_State *L, loperands *out, int count)
{
    out->count = count;
    out->items = out->few;
    out->added = out->few_added;
    if (count <= LOPERANDS_FEW) return;

    size_t each = sizeof *out->items + sizeof *out->added;
    out->items = lua_newuserdatauv(L, (size_t)count * each, 0);
    out->added = (dbc_expr *)(out->items + count);
}

void loperands_measure(const loperands *operands, dbc_query_size *size)
{
    for (int i = 0; i < operands->count; i++)
        loperand_measure(&operands->items[i], size);
    size->nodes += (uint32_t)operands->count; // their cells in a list
}

void loperands_add(dbc_query *query, loperands *operands)
{
    for (int i = 0; i < operands->count; i++)
        operands->added[i] = loperand_add(query, &operands->items[i]);
}

void loperands_anchor(lua_State *L, lanchored *made, const loperands *operands)
{
    for (int i = 0; i < operands->count; i++)
        loperand_anchor(L, made, &operands->items[i]);
}
