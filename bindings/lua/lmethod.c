// What expressions can do: methods and operators. Each is a closure over the
// core and its form, so one function serves all that are alike; it reads all
// it is given first, then makes one box of the right size.
#include "lmethod.h"

#include <stdio.h>
#include <string.h>

#include "lerror.h"
#include "lexpr.h"
#include "lfunc.h"
#include "lsearch.h"
#include "ltable.h"

typedef struct method_form {
    const char *name;
    int op;    // a dbc_op, dbc_negation or dbc_order
    int other; // what else there is
} method_form;

static const method_form *form_of(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(2));
}

// What is meant by `users.age:eq`, for messages.
static const char *name_method(const lexpr *expr, const char *method,
                               lbox_words *out)
{
    const dbc_column *column = NULL;

    dbc_expr_type(expr->query, dbc_query_root(expr->query), &column);
    if (column)
        snprintf(out->text, sizeof out->text, "%.30s.%.30s:%.20s",
                 dbc_table_describe(column->table)->name, column->def.name,
                 method);
    else
        snprintf(out->text, sizeof out->text, "%.60s", method);
    return out->text;
}

static void refuse_nil(lua_State *L, const lexpr *self, const char *method,
                       const char *hint)
{
    lbox_words words;

    lerror_fail(L, DBC_EINVALID, "%s got nil: a misspelt field, perhaps%s",
                name_method(self, method, &words), hint);
}

// Pushes `self op b`.
static int push_op(lua_State *L, const lexpr *self, int op, const loperand *b)
{
    dbc_query_size size = dbc_query_measure(self->query);
    dbc_error err;

    size.nodes++;
    if (b) loperand_measure(b, &size);
    lexpr *expr = lexpr_new_exact(L, &size, &err);
    dbc_expr left = dbc_query_append(expr->query, self->query);
    dbc_expr right = b ? loperand_add(expr->query, b) : 0;
    dbc_expr_op(expr->query, (dbc_op)op, left, right);
    lexpr_finish(L, expr, &err);
    lanchor_take(L, &expr->base, &self->base, 1);
    if (b) loperand_anchor(L, &expr->base, b);
    return 1;
}

static dbc_type type_of(const lexpr *self, const dbc_column **column)
{
    return dbc_expr_type(self->query, dbc_query_root(self->query), column);
}

// eq, ne, lt, le, gt, ge, is, is_not
static int compare(lua_State *L)
{
    const method_form *form = form_of(L);
    const lexpr *self = lexpr_self(L, form->name);
    const dbc_column *column;
    loperand b;

    if (lua_isnoneornil(L, 2))
        refuse_nil(L, self, form->name,
                   form->other == 0   ? ""
                   : form->other == 1 ? "; to test for NULL use :is_null()"
                                      : "; to test for it use :is_not_null()");
    dbc_type type = type_of(self, &column);
    loperand_read(L, &b, 2, type, column, form->name);
    if (!form->other && b.kind < 0 && b.value.type == DBC_NULL)
        return lerror_fail(L, DBC_EINVALID,
                           "%s(null) is never true: use :is_null() or "
                           ":is_not_null()",
                           form->name);
    return push_op(L, self, form->op, &b);
}

// is_null, is_not_null
static int unary(lua_State *L)
{
    const method_form *form = form_of(L);

    return push_op(L, lexpr_self(L, form->name), form->op, NULL);
}

// Pushes `self LIKE pattern ESCAPE escape`.
static int push_like(lua_State *L, const lexpr *self, int op,
                     const loperand *pattern, const loperand *escape)
{
    dbc_query_size size = dbc_query_measure(self->query);
    dbc_error err;

    loperand_measure(pattern, &size);
    loperand_measure(escape, &size);
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr left = dbc_query_append(expr->query, self->query);
    dbc_expr text = loperand_add(expr->query, pattern);
    dbc_expr mark = loperand_add(expr->query, escape);
    dbc_expr right = dbc_expr_op(expr->query, DBC_OP_ESCAPE, text, mark);
    dbc_expr_op(expr->query, (dbc_op)op, left, right);
    lexpr_finish(L, expr, &err);
    lanchor_take(L, &expr->base, &self->base, 1);
    loperand_anchor(L, &expr->base, pattern);
    loperand_anchor(L, &expr->base, escape);
    return 1;
}

// like, not_like (pattern [, escape]); glob, match, regexp (pattern)
static int match(lua_State *L)
{
    const method_form *form = form_of(L);
    const lexpr *self = lexpr_self(L, form->name);
    loperand pattern, escape;

    if (lua_isnoneornil(L, 2)) refuse_nil(L, self, form->name, "");
    loperand_read(L, &pattern, 2, DBC_T_ANY, NULL, form->name);
    if (!form->other || lua_isnoneornil(L, 3))
        return push_op(L, self, form->op, &pattern);
    loperand_read(L, &escape, 3, DBC_T_ANY, NULL, form->name);
    return push_like(L, self, form->op, &pattern, &escape);
}

enum { ANY_BEFORE = 1, ANY_BEHIND = 2 };

// contains, starts_with, ends_with: LIKE, with what it would take for a
// pattern escaped.
static int find_text(lua_State *L)
{
    const method_form *form = form_of(L);
    const lexpr *self = lexpr_self(L, form->name);
    loperand pattern = {.kind = -1}, escape = {.kind = -1};
    lbox_words words;
    size_t len, used = 0;

    if (lua_isnoneornil(L, 2)) refuse_nil(L, self, form->name, "");
    if (lua_type(L, 2) != LUA_TSTRING)
        return lerror_fail(L, DBC_EINVALID, "%s takes text, got %s", form->name,
                           lbox_describe(L, 2, &words));
    const char *text = lua_tolstring(L, 2, &len);
    loperand_check_size(L, len, form->name);
    char *out = lua_newuserdatauv(L, 2 * len + 2, 0);
    if (form->other & ANY_BEFORE) out[used++] = '%';
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '%' || text[i] == '_' || text[i] == '\\')
            out[used++] = '\\';
        out[used++] = text[i];
    }
    if (form->other & ANY_BEHIND) out[used++] = '%';
    pattern.value = dbc_value_text(out, used);
    escape.value = dbc_value_text("\\", 1);
    return push_like(L, self, DBC_OP_LIKE, &pattern, &escape);
}

// in_, not_in
static int among(lua_State *L)
{
    const method_form *form = form_of(L);
    const lexpr *self = lexpr_self(L, form->name);
    dbc_query_size size = dbc_query_measure(self->query);
    const dbc_column *column;
    dbc_error err;
    loperand set;

    if (lua_isnoneornil(L, 2)) refuse_nil(L, self, form->name, "");
    dbc_type type = type_of(self, &column);
    loperand_read_set(L, &set, 2, type, column, form->name);
    loperand_measure(&set, &size);
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr left = dbc_query_append(expr->query, self->query);
    dbc_expr right = loperand_add(expr->query, &set);
    dbc_expr_in(expr->query, left, right, (dbc_negation)form->op);
    lexpr_finish(L, expr, &err);
    lanchor_take(L, &expr->base, &self->base, 1);
    loperand_anchor(L, &expr->base, &set);
    return 1;
}

// between, not_between (low, high)
static int between(lua_State *L)
{
    const method_form *form = form_of(L);
    const lexpr *self = lexpr_self(L, form->name);
    dbc_query_size size = dbc_query_measure(self->query);
    const dbc_column *column;
    dbc_error err;
    loperand low, high;

    if (lua_isnoneornil(L, 2) || lua_isnoneornil(L, 3))
        refuse_nil(L, self, form->name, "");
    dbc_type type = type_of(self, &column);
    loperand_read(L, &low, 2, type, column, form->name);
    loperand_read(L, &high, 3, type, column, form->name);
    loperand_measure(&low, &size);
    loperand_measure(&high, &size);
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr left = dbc_query_append(expr->query, self->query);
    dbc_expr from = loperand_add(expr->query, &low);
    dbc_expr to = loperand_add(expr->query, &high);
    dbc_expr_between(expr->query, left, from, to, (dbc_negation)form->op);
    lexpr_finish(L, expr, &err);
    lanchor_take(L, &expr->base, &self->base, 1);
    loperand_anchor(L, &expr->base, &low);
    loperand_anchor(L, &expr->base, &high);
    return 1;
}

// Pushes a box with a copy of the one at 1, to be finished.
static lexpr *copy_self(lua_State *L, const lexpr *self, size_t name_len,
                        dbc_error *err)
{
    dbc_query_size size = dbc_query_measure(self->query);

    size.names += (uint32_t)name_len;
    lexpr *expr = lexpr_new(L, &size, err);
    dbc_query_append(expr->query, self->query);
    return expr;
}

static int finish_copy(lua_State *L, lexpr *expr, dbc_error *err)
{
    lexpr_finish(L, expr, err);
    lanchor_add(L, 1);
    return 1;
}

// Where `{ nulls = "first" }` at 2 puts NULL; NULL when nothing is said.
static const char *check_nulls(lua_State *L, const char *method)
{
    static const char *const options[] = {"nulls", NULL};
    lbox_words words;

    if (lua_isnoneornil(L, 2)) return NULL;
    if (lua_type(L, 2) != LUA_TTABLE)
        lerror_fail(L, DBC_EINVALID,
                    "%s takes { nulls = \"first\" } or nothing, got %s", method,
                    lbox_describe(L, 2, &words));
    lbox_check_keys(L, 2, options, method);
    if (lua_getfield(L, 2, "nulls") == LUA_TNIL) return NULL;
    const char *where = lua_tostring(L, -1);
    if (!where || (strcmp(where, "first") != 0 && strcmp(where, "last") != 0))
        lerror_fail(L, DBC_EINVALID,
                    "%s: nulls is \"first\" or \"last\", got %s", method,
                    lbox_describe(L, -1, &words));
    return where;
}

// asc, desc
static int order(lua_State *L)
{
    const method_form *form = form_of(L);
    const lexpr *self = lexpr_self(L, form->name);
    const char *nulls = check_nulls(L, form->name);
    dbc_order way = (dbc_order)form->op;
    dbc_error err;

    if (nulls && way == DBC_ASC && *nulls == 'l') way = DBC_ASC_NULLS_LAST;
    if (nulls && way == DBC_DESC && *nulls == 'f') way = DBC_DESC_NULLS_FIRST;
    lexpr *expr = copy_self(L, self, 0, &err);
    dbc_expr_order(expr->query, dbc_query_root(expr->query), way);
    return finish_copy(L, expr, &err);
}

static int as(lua_State *L)
{
    const lexpr *self = lexpr_self(L, "as");
    const char *name = ltable_check_name(L, 2, "as");
    dbc_error err;

    lexpr *expr = copy_self(L, self, strlen(name), &err);
    dbc_expr_as(expr->query, dbc_query_root(expr->query), name);
    return finish_copy(L, expr, &err);
}

static int collate(lua_State *L)
{
    const lexpr *self = lexpr_self(L, "collate");
    const char *name = ltable_check_name(L, 2, "collate");
    dbc_error err;

    lexpr *expr = copy_self(L, self, strlen(name), &err);
    dbc_expr_collate(expr->query, dbc_query_root(expr->query), name);
    return finish_copy(L, expr, &err);
}

static int cast(lua_State *L)
{
    const lexpr *self = lexpr_self(L, "cast");
    dbc_type type = lexpr_check_type(L, 2, "cast");
    dbc_error err;

    lexpr *expr = copy_self(L, self, 0, &err);
    dbc_expr_cast(expr->query, dbc_query_root(expr->query), type);
    return finish_copy(L, expr, &err);
}

// json("$.a.b") or json("key"): json_extract with the path bound. A key that
// JSON would write with a backslash cannot be named in a path.
static int json(lua_State *L)
{
    const char *path;

    lexpr_self(L, "json");
    path = lexpr_check_text(L, 2, "json", "a key or a path such as \"$.a.b\"");
    lua_settop(L, 2);
    if (*path == '$') return lfunc_call(L, "json_extract", 1, 0);
    for (const char *at = path; *at; at++)
        if (*at == '"' || *at == '\\' || (unsigned char)*at < ' ')
            return lerror_fail(L, DBC_EINVALID,
                               "json: a key with a quote, a backslash or a "
                               "control character cannot be part of a path");
    lua_pushfstring(L, "$.\"%s\"", path);
    lua_replace(L, 2);
    return lfunc_call(L, "json_extract", 1, 0);
}

// Operators.

// Reads one side. A number beside `&` is a slip of precedence or of syntax.
static void read_side(lua_State *L, loperand *out, int index,
                      const method_form *form)
{
    lbox_words words;

    if (lua_isnoneornil(L, index))
        lerror_fail(L, DBC_EINVALID, "%s got nil: a misspelt field, perhaps",
                    form->name);
    if (form->other && lua_type(L, index) != LUA_TUSERDATA)
        lerror_fail(L, DBC_EINVALID,
                    "%s takes a condition on each side, such as "
                    "users.age:gt(18); got %s",
                    form->name, lbox_describe(L, index, &words));
    loperand_read(L, out, index, DBC_T_ANY, NULL, form->name);
}

static int operate(lua_State *L)
{
    const method_form *form = form_of(L);
    dbc_query_size size = {0, 0, 0, 0};
    loperand a, b;
    dbc_error err;

    read_side(L, &a, 1, form);
    read_side(L, &b, 2, form);
    loperand_measure(&a, &size);
    loperand_measure(&b, &size);
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr left = loperand_add(expr->query, &a);
    dbc_expr right = loperand_add(expr->query, &b);
    dbc_expr_op(expr->query, (dbc_op)form->op, left, right);
    lexpr_finish(L, expr, &err);
    loperand_anchor(L, &expr->base, &a);
    loperand_anchor(L, &expr->base, &b);
    return 1;
}

static int refuse_order(lua_State *L)
{
    return lerror_fail(L, DBC_EINVALID,
                       "< and > compare in Lua, not in the database: use "
                       ":lt(), :le(), :gt() or :ge()");
}

static int expr_tostring(lua_State *L)
{
    const lexpr *expr = lbox_check(L, 1, LBOX_EXPR);
    const dbc_column *column = NULL;

    if (expr->query && dbc_query_measure(expr->query).nodes == 1)
        dbc_expr_type(expr->query, dbc_query_root(expr->query), &column);
    if (column)
        lua_pushfstring(L, "dbcore.expression: %s.%s",
                        dbc_table_describe(column->table)->name,
                        column->def.name);
    else
        lua_pushliteral(L, "dbcore.expression");
    return 1;
}

static const struct {
    lua_CFunction function;
    method_form form;
} METHODS[] = {
    {compare, {"eq", DBC_OP_EQ, 1}},
    {compare, {"ne", DBC_OP_NE, 2}},
    {compare, {"lt", DBC_OP_LT, 0}},
    {compare, {"le", DBC_OP_LE, 0}},
    {compare, {"gt", DBC_OP_GT, 0}},
    {compare, {"ge", DBC_OP_GE, 0}},
    {compare, {"is", DBC_OP_IS, 1}},
    {compare, {"is_not", DBC_OP_IS_NOT, 2}},
    {match, {"like", DBC_OP_LIKE, 1}},
    {match, {"not_like", DBC_OP_NOT_LIKE, 1}},
    {match, {"glob", DBC_OP_GLOB, 0}},
    {match, {"match", DBC_OP_MATCH, 0}},
    {match, {"regexp", DBC_OP_REGEXP, 0}},
    {find_text, {"contains", 0, ANY_BEFORE | ANY_BEHIND}},
    {find_text, {"starts_with", 0, ANY_BEHIND}},
    {find_text, {"ends_with", 0, ANY_BEFORE}},
    {among, {"in_", DBC_PLAIN, 0}},
    {among, {"not_in", DBC_NEGATED, 0}},
    {between, {"between", DBC_PLAIN, 0}},
    {between, {"not_between", DBC_NEGATED, 0}},
    {unary, {"is_null", DBC_OP_IS_NULL, 0}},
    {unary, {"is_not_null", DBC_OP_IS_NOT_NULL, 0}},
    {order, {"asc", DBC_ASC, 0}},
    {order, {"desc", DBC_DESC, 0}},
};

static const struct {
    const char *event;
    lua_CFunction function;
    method_form form;
} OPERATORS[] = {
    {"__add", operate, {"+", DBC_OP_ADD, 0}},
    {"__sub", operate, {"-", DBC_OP_SUB, 0}},
    {"__mul", operate, {"*", DBC_OP_MUL, 0}},
    {"__div", operate, {"/", DBC_OP_DIV, 0}},
    {"__mod", operate, {"%", DBC_OP_MOD, 0}},
    {"__concat", operate, {"..", DBC_OP_CONCAT, 0}},
    {"__band", operate, {"&", DBC_OP_AND, 1}},
    {"__bor", operate, {"|", DBC_OP_OR, 1}},
    {"__bnot", unary, {"~", DBC_OP_NOT, 0}},
    {"__unm", unary, {"-", DBC_OP_NEG, 0}},
};

static const luaL_Reg PLAIN_METHODS[] = {{"as", as},
                                         {"collate", collate},
                                         {"cast", cast},
                                         {"json", json},
                                         {NULL, NULL}};

static const luaL_Reg META[] = {{"__tostring", expr_tostring},
                                {"__newindex", lbox_refuse_write},
                                {"__lt", refuse_order},
                                {"__le", refuse_order},
                                {NULL, NULL}};

static void push_methods(lua_State *L, int core)
{
    lbox_push_methods(L, core, "an expression", PLAIN_METHODS);
    lbox_register(L, core, lfunc_methods);
    lbox_register(L, core, lcase_methods);
    lbox_register(L, core, lsearch_methods);
    for (size_t i = 0; i < sizeof METHODS / sizeof *METHODS; i++)
        lexpr_register(L, core, METHODS[i].form.name, METHODS[i].function,
                       &METHODS[i].form);
}

void lmethod_push_metatable(lua_State *L, int core)
{
    lbox_push_metatable(L, core, "dbcore.expression", META);
    for (size_t i = 0; i < sizeof OPERATORS / sizeof *OPERATORS; i++)
        lexpr_register(L, core, OPERATORS[i].event, OPERATORS[i].function,
                       &OPERATORS[i].form);
    push_methods(L, core);
    lua_setfield(L, -2, "__index");
}
