// Functions. Most are a row of a list: a name for Lua, one for the database,
// how many arguments; the rest have a few lines each.
#include "lfunc.h"

#include <string.h>

#include "lerror.h"
#include "lquery.h"
#include "ltable.h"

enum {
    MANY = 120, // arguments: below SQLite's limit of 127
    MOST_CONDITIONS = 10000,
};

typedef struct function {
    const char *name, *sql;
    int least, most;
    unsigned flags;
} function;

static const function FUNCTIONS[] = {
    {"sum", "sum", 1, 1, LFUNC_AGGREGATE},
    {"avg", "avg", 1, 1, LFUNC_AGGREGATE},
    {"total", "total", 1, 1, LFUNC_AGGREGATE},
    {"min", "min", 1, MANY, LFUNC_AGGREGATE | LFUNC_TYPED},
    {"max", "max", 1, MANY, LFUNC_AGGREGATE | LFUNC_TYPED},
    {"count_distinct", "count", 1, 1, LFUNC_DISTINCT},
    {"group_concat", "group_concat", 1, 2, LFUNC_AGGREGATE},
    {"coalesce", "coalesce", 2, MANY, LFUNC_TYPED},
    {"ifnull", "ifnull", 2, 2, LFUNC_TYPED},
    {"nullif", "nullif", 2, 2, LFUNC_TYPED},
    {"iif", "iif", 3, 3, 0},
    {"lower", "lower", 1, 1, 0},
    {"upper", "upper", 1, 1, 0},
    {"length", "length", 1, 1, 0},
    {"trim", "trim", 1, 2, 0},
    {"ltrim", "ltrim", 1, 2, 0},
    {"rtrim", "rtrim", 1, 2, 0},
    {"substr", "substr", 2, 3, 0},
    {"replace", "replace", 3, 3, 0},
    {"instr", "instr", 2, 2, 0},
    {"hex", "hex", 1, 1, 0},
    {"typeof", "typeof", 1, 1, 0},
    {"abs", "abs", 1, 1, 0},
    {"round", "round", 1, 2, 0},
    {"random", "random", 0, 0, 0},
    {"now", "unixepoch", 0, 0, 0},
    {"row_number", "row_number", 0, 0, 0},
    {"rank", "rank", 0, 0, 0},
    {"dense_rank", "dense_rank", 0, 0, 0},
    {"percent_rank", "percent_rank", 0, 0, 0},
    {"cume_dist", "cume_dist", 0, 0, 0},
    {"ntile", "ntile", 1, 1, 0},
    {"lag", "lag", 1, 3, 0},
    {"lead", "lead", 1, 3, 0},
    {"first_value", "first_value", 1, 1, 0},
    {"last_value", "last_value", 1, 1, 0},
    {"nth_value", "nth_value", 2, 2, 0},
    {"json_extract", "json_extract", 2, MANY, 0},
    {"json_array", "json_array", 0, MANY, 0},
    {"json_object", "json_object", 0, MANY, 0},
};

// The type of the first argument that has one.
static dbc_type type_of_first(lua_State *L, int first, int count,
                              const dbc_column **column)
{
    for (int i = 0; i < count; i++) {
        const lexpr *expr = lbox_test(L, first + i, LBOX_EXPR);
        if (!expr || !expr->query) continue;
        return dbc_expr_type(expr->query, dbc_query_root(expr->query), column);
    }
    return DBC_T_ANY;
}

int lfunc_call(lua_State *L, const char *name, int first, unsigned flags)
{
    int count = lua_gettop(L) - first + 1;
    dbc_query_size size = {.names = (uint32_t)strlen(name)};
    const dbc_column *column = NULL;
    dbc_type type = DBC_T_ANY;
    loperands args;
    dbc_error err;

    luaL_checkstack(L, 8, NULL);
    if (flags & LFUNC_TYPED) type = type_of_first(L, first, count, &column);
    loperands_init(L, &args, count);
    for (int i = 0; i < count; i++)
        loperand_read(L, &args.items[i], first + i, type, column, name);
    loperands_measure(&args, &size);

    int is_aggregate = (flags & LFUNC_AGGREGATE) && count == 1;
    lexpr *expr = is_aggregate ? lexpr_new_call(L, &size, &err)
                               : lexpr_new(L, &size, &err);
    loperands_add(expr->query, &args);
    dbc_expr_call(expr->query, name, args.added, (size_t)count,
                  flags & LFUNC_DISTINCT ? DBC_CALL_DISTINCT : DBC_CALL);
    lexpr_finish(L, expr, &err);
    loperands_anchor(L, &expr->base, &args);
    if (is_aggregate) {
        expr->call = name;
        lua_pushvalue(L, first);
        lua_setiuservalue(L, -2, LEXPR_UV_PARTS);
    }
    return 1;
}

static int call_listed(lua_State *L)
{
    const function *f = lua_touserdata(L, lua_upvalueindex(2));
    int count = lua_gettop(L);

    if (count >= f->least && count <= f->most)
        return lfunc_call(L, f->sql, 1, f->flags);
    if (f->least == f->most)
        return lerror_fail(L, DBC_EINVALID, "%s takes %d argument%s, got %d",
                           f->name, f->least, f->least == 1 ? "" : "s", count);
    return lerror_fail(L, DBC_EINVALID, "%s takes %d to %d arguments, got %d",
                       f->name, f->least, f->most, count);
}

// count(), count(expression)
static int count(lua_State *L)
{
    dbc_query_size size = {.nodes = 2, .names = 5};
    dbc_error err;

    if (lua_gettop(L) > 1)
        return lerror_fail(L, DBC_EINVALID,
                           "count takes one expression or nothing, got %d "
                           "arguments",
                           lua_gettop(L));
    if (lua_gettop(L) == 1) return lfunc_call(L, "count", 1, LFUNC_AGGREGATE);
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr star = dbc_expr_star(expr->query);
    dbc_expr_call(expr->query, "count", &star, 1, DBC_CALL);
    lexpr_finish(L, expr, &err);
    return 1;
}

// func(name, …)
static int func(lua_State *L)
{
    const char *name = ltable_check_name(L, 1, "func");

    return lfunc_call(L, name, 2, 0);
}

static int param(lua_State *L)
{
    const char *name = ltable_check_name(L, 1, "param");
    dbc_query_size size = {.names = (uint32_t)strlen(name)};
    dbc_error err;

    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr_param(expr->query, name);
    lexpr_finish(L, expr, &err);
    return 1;
}

// sql(text, …)
static int sql(lua_State *L)
{
    int given = lua_gettop(L) - 1;
    dbc_query_size size = {0, 0, 0, 0};
    loperands args;
    dbc_error err;
    size_t len;

    lexpr_check_text(L, 1, "sql", "SQL text");
    const char *text = lua_tolstring(L, 1, &len);
    luaL_checkstack(L, 8, NULL);
    loperands_init(L, &args, given);
    for (int i = 0; i < given; i++)
        loperand_read(L, &args.items[i], i + 2, DBC_T_ANY, NULL, "sql");
    loperands_measure(&args, &size);
    size.names += (uint32_t)len;
    lexpr *expr = lexpr_new(L, &size, &err);
    loperands_add(expr->query, &args);
    dbc_expr_sql(expr->query, text, len, args.added, (size_t)given);
    lexpr_finish(L, expr, &err);
    loperands_anchor(L, &expr->base, &args);
    return 1;
}

static int push_raw(lua_State *L, const char *text, size_t len)
{
    dbc_query_size size = {.names = (uint32_t)len};
    dbc_error err;

    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr_raw(expr->query, text, len);
    lexpr_finish(L, expr, &err);
    return 1;
}

static int raw(lua_State *L)
{
    const char *text = lexpr_check_text(L, 1, "raw", "SQL text");

    return push_raw(L, text, strlen(text));
}

// excluded(name or column)
static int excluded(lua_State *L)
{
    const lexpr *given = lbox_test(L, 1, LBOX_EXPR);
    const dbc_column *column = NULL;
    dbc_error err;

    if (given && given->query)
        dbc_expr_type(given->query, dbc_query_root(given->query), &column);
    const char *name =
        column ? column->def.name : ltable_check_name(L, 1, "excluded");
    dbc_query_size size = {.names = (uint32_t)strlen(name)};
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr_excluded(expr->query, name);
    lexpr_finish(L, expr, &err);
    return 1;
}

// cast(expression or value, type)
static int cast(lua_State *L)
{
    dbc_query_size size = {0, 0, 0, 0};
    loperand operand;
    dbc_error err;

    dbc_type type = lexpr_check_type(L, 2, "cast");
    loperand_read(L, &operand, 1, DBC_T_ANY, NULL, "cast");
    loperand_measure(&operand, &size);
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr_cast(expr->query, loperand_add(expr->query, &operand), type);
    lexpr_finish(L, expr, &err);
    loperand_anchor(L, &expr->base, &operand);
    return 1;
}

static int not_(lua_State *L)
{
    dbc_query_size size = {0, 0, 0, 0};
    loperand operand;
    dbc_error err;

    loperand_read_condition(L, &operand, 1, "not_", 1);
    loperand_measure(&operand, &size);
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr_op(expr->query, DBC_OP_NOT, loperand_add(expr->query, &operand),
                0);
    lexpr_finish(L, expr, &err);
    lanchor_add(L, 1);
    return 1;
}

static int push_exists(lua_State *L, const char *name, dbc_negation negation)
{
    const lquery *query = lbox_test(L, 1, LBOX_QUERY);
    dbc_query_size size;
    lbox_words words;
    dbc_error err;

    if (!query)
        return lerror_fail(L, DBC_EINVALID, "%s takes a query, got %s", name,
                           lbox_describe(L, 1, &words));
    size = dbc_query_measure(query->query);
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr_exists(expr->query, dbc_expr_query(expr->query, query->query),
                    negation);
    lexpr_finish(L, expr, &err);
    lanchor_add(L, 1);
    return 1;
}

static int exists(lua_State *L)
{
    return push_exists(L, "exists", DBC_PLAIN);
}

static int not_exists(lua_State *L)
{
    return push_exists(L, "not_exists", DBC_NEGATED);
}

// Replaces a list as the only argument by its items.
static void spread(lua_State *L, const char *name)
{
    if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TTABLE) return;
    size_t count = lua_rawlen(L, 1);
    if (count > MOST_CONDITIONS)
        lerror_fail(L, DBC_ELIMIT,
                    "%s takes %d conditions at most, got %zu: values of one "
                    "column are a list for in_",
                    name, MOST_CONDITIONS, count);
    luaL_checkstack(L, (int)count + 8, NULL);
    for (size_t i = 0; i < count; i++)
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
    lua_remove(L, 1);
}

// Adds the conditions from `first` up to `end`: a few as they stand, many as
// halves, since the database refuses what nests deeper than 1000 levels.
static dbc_expr fold_range(dbc_query *query, const loperands *args, dbc_op op,
                           int first, int end)
{
    enum { FLAT = 64 };
    dbc_expr left;

    if (end - first > FLAT) {
        int middle = first + (end - first) / 2;
        left = fold_range(query, args, op, first, middle);
        return dbc_expr_op(query, op, left,
                           fold_range(query, args, op, middle, end));
    }
    left = loperand_add(query, &args->items[first]);
    for (int i = first + 1; i < end; i++) {
        dbc_expr next = loperand_add(query, &args->items[i]);
        left = dbc_expr_op(query, op, left, next);
    }
    return left;
}

static int fold(lua_State *L, const char *name, dbc_op op, const char *empty)
{
    dbc_query_size size = {0, 0, 0, 0};
    loperands args;
    dbc_error err;

    spread(L, name);
    int given = lua_gettop(L);
    if (given == 0) return push_raw(L, empty, strlen(empty));
    luaL_checkstack(L, 8, NULL);
    loperands_init(L, &args, given);
    for (int i = 0; i < given; i++)
        loperand_read_condition(L, &args.items[i], i + 1, name, i + 1);
    loperands_measure(&args, &size);
    lexpr *expr = lexpr_new(L, &size, &err);
    fold_range(expr->query, &args, op, 0, given);
    lexpr_finish(L, expr, &err);
    loperands_anchor(L, &expr->base, &args);
    return 1;
}

static int all(lua_State *L)
{
    return fold(L, "all", DBC_OP_AND, "TRUE");
}

static int any(lua_State *L)
{
    return fold(L, "any", DBC_OP_OR, "FALSE");
}

// Methods of calls.

static int distinct(lua_State *L)
{
    const lexpr *self = lexpr_self(L, "distinct");

    if (!self->call || self->call == lcase_mark)
        return lerror_fail(L, DBC_EINVALID,
                           "distinct belongs to an aggregate of one argument: "
                           "d.count(users.name):distinct()");
    lua_settop(L, 1);
    lua_getiuservalue(L, 1, LEXPR_UV_PARTS);
    return lfunc_call(L, self->call, 2, LFUNC_DISTINCT);
}

static int filter(lua_State *L)
{
    const lexpr *self = lexpr_self(L, "filter");
    dbc_query_size size = dbc_query_measure(self->query);
    loperand condition;
    dbc_error err;

    loperand_read_condition(L, &condition, 2, "filter", 1);
    loperand_measure(&condition, &size);
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr call = dbc_query_append(expr->query, self->query);
    dbc_expr_filter(expr->query, call, loperand_add(expr->query, &condition));
    lexpr_finish(L, expr, &err);
    lanchor_add(L, 1);
    lanchor_add(L, 2);
    return 1;
}

// Pushes the expressions of option `key`: one, or a list. Returns how many.
static int push_terms(lua_State *L, const char *key)
{
    lbox_words words;

    luaL_checkstack(L, 4, NULL);
    if (lua_getfield(L, 2, key) == LUA_TNIL) {
        lua_pop(L, 1);
        return 0;
    }
    if (lbox_test(L, -1, LBOX_EXPR)) return 1;
    if (lua_type(L, -1) != LUA_TTABLE)
        lerror_fail(L, DBC_EINVALID,
                    "over: %s is an expression or a list of them, got %s", key,
                    lbox_describe(L, -1, &words));
    int list = lua_gettop(L);
    size_t given = lua_rawlen(L, list);
    if (given > 1000) lerror_fail(L, DBC_ELIMIT, "over: %s is too long", key);
    luaL_checkstack(L, (int)given + 8, NULL);
    for (size_t i = 0; i < given; i++)
        lua_rawgeti(L, list, (lua_Integer)i + 1);
    lua_remove(L, list);
    return (int)given;
}

// over{ partition_by =, order_by =, frame = }
static int over(lua_State *L)
{
    static const char *const options[] = {"partition_by", "order_by", "frame",
                                          NULL};
    const lexpr *self = lexpr_self(L, "over");
    dbc_query_size size = dbc_query_measure(self->query);
    const char *frame = NULL;
    int partitions = 0, orders = 0;
    lbox_words words;
    loperands terms;
    dbc_error err;

    lua_settop(L, 2);
    lua_pushnil(L); // the frame's place
    if (lua_type(L, 2) == LUA_TTABLE) {
        lbox_check_keys(L, 2, options, "over");
        if (lua_getfield(L, 2, "frame") != LUA_TNIL)
            frame = lexpr_check_text(L, -1, "over", "a frame as text");
        lua_replace(L, 3);
        partitions = push_terms(L, "partition_by");
        orders = push_terms(L, "order_by");
    } else if (!lua_isnil(L, 2)) {
        return lerror_fail(L, DBC_EINVALID,
                           "over takes a table of options or nothing, got %s",
                           lbox_describe(L, 2, &words));
    }
    loperands_init(L, &terms, partitions + orders);
    for (int i = 0; i < terms.count; i++) {
        if (!lbox_test(L, 4 + i, LBOX_EXPR))
            lerror_fail(L, DBC_EINVALID, "over: %s takes expressions, got %s",
                        i < partitions ? "partition_by" : "order_by",
                        lbox_describe(L, 4 + i, &words));
        loperand_read(L, &terms.items[i], 4 + i, DBC_T_ANY, NULL, "over");
    }
    loperands_measure(&terms, &size);
    if (frame) size.names += (uint32_t)strlen(frame);

    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr call = dbc_query_append(expr->query, self->query);
    loperands_add(expr->query, &terms);
    dbc_window window = {terms.added, (size_t)partitions,
                         terms.added + partitions, (size_t)orders, frame};
    dbc_expr_over(expr->query, call, &window);
    lexpr_finish(L, expr, &err);
    lanchor_add(L, 1);
    loperands_anchor(L, &expr->base, &terms);
    return 1;
}

const luaL_Reg lfunc_methods[] = {
    {"distinct", distinct}, {"filter", filter}, {"over", over}, {NULL, NULL}};

static const luaL_Reg MODULE[] = {{"count", count},
                                  {"func", func},
                                  {"param", param},
                                  {"sql", sql},
                                  {"raw", raw},
                                  {"excluded", excluded},
                                  {"cast", cast},
                                  {"not_", not_},
                                  {"exists", exists},
                                  {"all", all},
                                  {"not_exists", not_exists},
                                  {"any", any},
                                  {"case", lcase_new},
                                  {NULL, NULL}};

void lfunc_open(lua_State *L, int core, int module)
{
    lua_pushvalue(L, module);
    lbox_register(L, core, MODULE);
    for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++)
        lexpr_register(L, core, FUNCTIONS[i].name, call_listed, &FUNCTIONS[i]);
    lua_pop(L, 1);
}
