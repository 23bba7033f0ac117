// CASE. Its branches are kept in a Lua list beside the expression, { base or
// false, when, then, when, then, … }, and every further branch makes the whole
// expression anew: a case is short, and stays a value like all others.
#include "lfunc.h"

#include "lerror.h"

const char lcase_mark[] = "case";

// case() or case(base): no expression before it has a branch.
int lcase_new(lua_State *L)
{
    int has_base = !lua_isnone(L, 1);
    lbox_words words;

    lua_settop(L, 1);
    if (has_base && !lbox_test(L, 1, LBOX_EXPR))
        return lerror_fail(L, DBC_EINVALID,
                           "case takes an expression or nothing, got %s",
                           lbox_describe(L, 1, &words));
    lexpr *expr = lbox_new(L, LBOX_EXPR, sizeof *expr, LEXPR_CALL_VALUES);
    expr->call = lcase_mark;
    lua_createtable(L, 1, 0);
    if (has_base)
        lua_pushvalue(L, 1);
    else
        lua_pushboolean(L, 0);
    lua_rawseti(L, -2, 1);
    lua_setiuservalue(L, 2, LEXPR_UV_PARTS);
    return 1;
}

// The case at 1; pushes its list.
static void push_parts(lua_State *L, const char *method)
{
    const lexpr *expr = lbox_test(L, 1, LBOX_EXPR);
    lbox_words words;

    if (!expr || expr->call != lcase_mark)
        lerror_fail(L, DBC_EINVALID,
                    "%s belongs to d.case(): d.case():when(condition, "
                    "value):otherwise(value); got %s",
                    method, lbox_describe(L, 1, &words));
    lua_getiuservalue(L, 1, LEXPR_UV_PARTS);
}

// Reads the operands in the order base, all whens, all thens, otherwise; the
// list is at `parts`, its items are pushed.
static void read_parts(lua_State *L, loperands *out, int parts, int otherwise)
{
    int items = (int)lua_rawlen(L, parts);
    int branches = (items - 1) / 2;
    int first = lua_gettop(L) + 1;
    const dbc_column *column = NULL;
    dbc_type type = DBC_T_ANY;

    luaL_checkstack(L, items + 8, "too many branches of a case");
    for (int i = 1; i <= items; i++)
        lua_rawgeti(L, parts, i);
    loperands_init(L, out, items + 1);
    out->items[0].kind = out->items[items].kind = 0;

    const lexpr *base = lbox_test(L, first, LBOX_EXPR);
    if (base) {
        loperand_read(L, &out->items[0], first, type, NULL, "case");
        type = dbc_expr_type(base->query, dbc_query_root(base->query), &column);
    }
    for (int i = 0; i < branches; i++) {
        int when = first + 1 + 2 * i;
        if (base)
            loperand_read(L, &out->items[1 + i], when, type, column, "when");
        else
            loperand_read_condition(L, &out->items[1 + i], when, "when", 1);
        loperand_read(L, &out->items[1 + branches + i], when + 1, DBC_T_ANY,
                      NULL, "when");
    }
    if (otherwise)
        loperand_read(L, &out->items[items], otherwise, DBC_T_ANY, NULL,
                      "otherwise");
}

// Pushes the expression of the list at `parts`.
static lexpr *push_case(lua_State *L, int parts, int otherwise)
{
    int branches = ((int)lua_rawlen(L, parts) - 1) / 2;
    dbc_query_size size = {0, 0, 0, 0};
    loperands args;
    dbc_error err;

    read_parts(L, &args, parts, otherwise);
    loperands_measure(&args, &size);
    lexpr *expr =
        otherwise ? lexpr_new(L, &size, &err) : lexpr_new_call(L, &size, &err);
    loperands_add(expr->query, &args);
    dbc_expr_case(expr->query, args.added[0], args.added + 1,
                  args.added + 1 + branches, (size_t)branches,
                  args.added[1 + 2 * branches]);
    lexpr_finish(L, expr, &err);
    loperands_anchor(L, &expr->base, &args);
    return expr;
}

// when(condition, value)
static int when(lua_State *L)
{
    lua_settop(L, 3);
    push_parts(L, "when");
    if (lua_isnil(L, 3))
        return lerror_fail(L, DBC_EINVALID,
                           "when got nil as its value: a misspelt field, "
                           "perhaps; for NULL use dbcore.null");
    // self condition value old | new
    lua_Integer count = (lua_Integer)lua_rawlen(L, 4);
    lua_createtable(L, (int)count + 2, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 4, i);
        lua_rawseti(L, 5, i);
    }
    lua_pushvalue(L, 2);
    lua_rawseti(L, 5, count + 1);
    lua_pushvalue(L, 3);
    lua_rawseti(L, 5, count + 2);
    if (lua_isnil(L, 2))
        return lerror_fail(L, DBC_EINVALID,
                           "when got nil as its condition: a misspelt field, "
                           "perhaps");
    lexpr *expr = push_case(L, 5, 0);
    expr->call = lcase_mark;
    lua_pushvalue(L, 5);
    lua_setiuservalue(L, -2, LEXPR_UV_PARTS);
    return 1;
}

// otherwise(value)
static int otherwise(lua_State *L)
{
    lexpr_self(L, "otherwise");
    lua_settop(L, 2);
    push_parts(L, "otherwise");
    push_case(L, 3, 2);
    return 1;
}

const luaL_Reg lcase_methods[] = {
    {"when", when}, {"otherwise", otherwise}, {NULL, NULL}};
