// Clauses. Each step reads its arguments, measures them, copies the query into
// a box with room for one clause more, and adds it.
#include "lselect.h"

#include <string.h>

#include "lerror.h"
#include "lnamed.h"
#include "lpairs.h"
#include "ltable.h"

enum { MOST_ARGUMENTS = 10000 };

// where and having.

typedef int (*add_condition)(dbc_query *query, dbc_expr condition);

static int add_conditions(lua_State *L, const char *step, add_condition add)
{
    int given = lua_gettop(L) - 1;
    dbc_query_size size = {0, 0, 0, 0};
    loperands conditions;
    dbc_error err;

    if (given < 1)
        return lerror_fail(L, DBC_EINVALID, "%s needs a condition", step);
    loperands_init(L, &conditions, given);
    for (int i = 0; i < given; i++)
        loperand_read_condition(L, &conditions.items[i], i + 2, step, i + 1);
    loperands_measure(&conditions, &size);
    lquery *made = lquery_step_exact(L, 1, &size, &err);
    for (int i = 0; i < given; i++)
        add(made->query, loperand_add(made->query, &conditions.items[i]));
    lquery_finish(L, made, &err);
    loperands_anchor(L, &made->base, &conditions);
    return 1;
}

// where{ column = value }
static int where_table(lua_State *L, add_condition add)
{
    const lquery *self = lua_touserdata(L, 1);
    lpairs pairs;
    dbc_error err;

    if (lua_getiuservalue(L, 1, LQUERY_UV_TABLE) == LUA_TNIL)
        return lerror_fail(L, DBC_EINVALID,
                           "where{…} needs a table to compare the columns of");
    lpairs_read(L, &pairs, 2, 3, "where", LPAIRS_COMPARED, self->query);
    lquery *made = lquery_step(L, 1, &pairs.size, &err);
    for (int i = 0; i < pairs.count; i++)
        add(made->query, lpairs_add_equality(made->query, &pairs, i));
    lquery_finish(L, made, &err);
    lpairs_anchor(L, &made->base, &pairs);
    return 1;
}

static int where(lua_State *L)
{
    const lquery *self =
        lquery_self(L, "where", LQUERY_OF_SELECT | LQUERY_OF_WRITE);
    add_condition add =
        self->kind == DBC_INSERT ? dbc_query_conflict_where : dbc_query_where;

    if (lua_gettop(L) == 2 && lua_type(L, 2) == LUA_TTABLE)
        return where_table(L, add);
    return add_conditions(L, "where", add);
}

static int having(lua_State *L)
{
    lquery_self(L, "having", LQUERY_OF_SELECT);
    return add_conditions(L, "having", dbc_query_having);
}

// Outputs.

typedef struct output {
    const char *name; // NULL: the expression's own
    loperand operand;
} output;

enum { FEW_OUTPUTS = 8 };

typedef struct output_list {
    output *items; // `few`, or a block on the stack
    int count;
    output few[FEW_OUTPUTS];
} output_list;

// Reads the output at `index` as the next one. A text there is replaced by the
// column it names.
static void read_output(lua_State *L, output_list *out, int index,
                        const char *name, const char *step)
{
    output *item = &out->items[out->count++];
    lbox *box = lbox_at(L, index);
    lbox_words words;

    item->name = name;
    if (lua_isnil(L, index))
        lerror_fail(L, DBC_EINVALID,
                    "%s got nil as its output %d: a misspelt field, perhaps",
                    step, out->count);
    if (box && (box->kind == LBOX_TABLE || box->kind == LBOX_SOURCE))
        lerror_fail(L, DBC_EINVALID,
                    "%s got %s as its output %d: name its columns one by one",
                    step, lbox_describe(L, index, &words), out->count);
    if (!box && lua_type(L, index) == LUA_TSTRING) {
        if (name)
            lerror_fail(L, DBC_EINVALID,
                        "%s got %s for \"%.60s\": give an expression, or "
                        "d.sql(\"?\", text) for the text itself",
                        step, lbox_describe(L, index, &words), name);
        lnamed_push(L, index, step);
        lua_replace(L, index);
    }
    loperand_read(L, &item->operand, index, DBC_T_ANY, NULL, step);
}

// How many outputs the table at `index` has.
static int count_outputs(lua_State *L, int index, const char *step)
{
    size_t listed = lua_rawlen(L, index);
    lbox_words words;
    int count = 0;

    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        lua_Integer i = lua_isinteger(L, -2) ? lua_tointeger(L, -2) : 0;
        int is_listed = i >= 1 && (lua_Unsigned)i <= listed;

        if (!is_listed && lua_type(L, -2) != LUA_TSTRING)
            lerror_fail(L, DBC_EINVALID,
                        "%s takes a list and named outputs, got %s as a key",
                        step, lbox_describe(L, -2, &words));
        if (!is_listed) count++;
    }
    return count + (int)(listed > MOST_ARGUMENTS ? MOST_ARGUMENTS : listed);
}

static void read_listed(lua_State *L, output_list *out, int index,
                        const char *step)
{
    int listed = (int)lua_rawlen(L, index);

    for (int i = 1; i <= listed; i++) {
        lua_rawgeti(L, index, i);
        read_output(L, out, lua_gettop(L), NULL, step);
    }
}

// Named outputs come in the order of their names.
static void read_named(lua_State *L, output_list *out, int index,
                       const char *step)
{
    output *items = out->items + out->count;
    int count = 0;

    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) continue;
        // The key stays in the table, so its text stays where it is.
        const char *name = lua_tostring(L, -2);
        int i = count++;
        for (; i > 0 && strcmp(name, items[i - 1].name) < 0; i--)
            items[i].name = items[i - 1].name;
        items[i].name = name;
    }
    for (int i = 0; i < count; i++) {
        lua_getfield(L, index, items[i].name);
        read_output(L, out, lua_gettop(L), items[i].name, step);
    }
}

// Reads all arguments from 2 on; pushes what is in tables.
static void read_outputs(lua_State *L, output_list *out, const char *step)
{
    int last = lua_gettop(L);
    int total = 0;

    luaL_checkstack(L, 8, NULL);
    for (int i = 2; i <= last; i++)
        total += lua_type(L, i) == LUA_TTABLE ? count_outputs(L, i, step) : 1;
    if (total > MOST_ARGUMENTS)
        lerror_fail(L, DBC_ELIMIT, "%s got more than %d outputs", step,
                    MOST_ARGUMENTS);
    luaL_checkstack(L, total + 8, NULL);
    out->count = 0;
    out->items = out->few;
    if (total > FEW_OUTPUTS)
        out->items = lua_newuserdatauv(L, (size_t)total * sizeof(output), 0);
    for (int i = 2; i <= last; i++) {
        if (lua_type(L, i) == LUA_TTABLE) {
            read_listed(L, out, i, step);
            read_named(L, out, i, step);
        } else {
            read_output(L, out, i, NULL, step);
        }
    }
}

lquery *lselect_outputs(lua_State *L, const char *step, lselect_add add)
{
    dbc_query_size size = {0, 0, 0, 0};
    output_list outputs;
    dbc_error err;

    read_outputs(L, &outputs, step);
    for (int i = 0; i < outputs.count; i++) {
        const output *item = &outputs.items[i];
        loperand_measure(&item->operand, &size);
        size.nodes++;
        if (item->name) size.names += (uint32_t)strlen(item->name);
    }
    lquery *made = lquery_step(L, 1, &size, &err);
    for (int i = 0; i < outputs.count; i++) {
        const output *item = &outputs.items[i];
        add(made->query, loperand_add(made->query, &item->operand), item->name);
    }
    lquery_finish(L, made, &err);
    for (int i = 0; i < outputs.count; i++)
        loperand_anchor(L, &made->base, &outputs.items[i].operand);
    return made;
}

static int select(lua_State *L)
{
    lquery_self(L, "select", LQUERY_OF_SELECT);
    if (lua_gettop(L) < 2)
        return lerror_fail(L, DBC_EINVALID,
                           "select needs an output; without select a query "
                           "has every column");
    lquery *made = lselect_outputs(L, "select", dbc_query_select);
    made->flags |= LQUERY_SELECTED;
    return 1;
}

// group_by and order_by.

// Replaces a list as the only argument by its items.
static void spread(lua_State *L, const char *step)
{
    if (lua_gettop(L) != 2 || lua_type(L, 2) != LUA_TTABLE) return;
    size_t count = lua_rawlen(L, 2);
    if (count > MOST_ARGUMENTS)
        lerror_fail(L, DBC_ELIMIT, "%s got more than %d terms", step,
                    MOST_ARGUMENTS);
    luaL_checkstack(L, (int)count + 8, NULL);
    for (size_t i = 0; i < count; i++)
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
    lua_remove(L, 2);
}

static lquery *add_terms(lua_State *L, const char *step,
                         int (*add)(dbc_query *query, dbc_expr expr))
{
    const lquery *self = lquery_self(L, step, LQUERY_OF_SELECT);
    dbc_query_size size = {0, 0, 0, 0};
    lbox_words words;
    loperands terms;
    dbc_error err;

    spread(L, step);
    int given = lua_gettop(L) - 1;
    if (given < 1)
        lerror_fail(L, DBC_EINVALID, "%s needs at least one expression", step);
    for (int i = 2; i <= given + 1; i++) {
        if (lua_type(L, i) == LUA_TSTRING) lnamed_term(L, self, i, step);
        if (lbox_test(L, i, LBOX_EXPR) || lbox_test(L, i, LBOX_QUERY)) continue;
        lerror_fail(L, DBC_EINVALID, "%s got %s as its term %d%s", step,
                    lbox_describe(L, i, &words), i - 1,
                    lua_isnil(L, i) ? ": a misspelt field, perhaps"
                                    : ": an expression is due");
    }
    loperands_init(L, &terms, given);
    for (int i = 0; i < given; i++)
        loperand_read(L, &terms.items[i], i + 2, DBC_T_ANY, NULL, step);
    loperands_measure(&terms, &size);
    lquery *made = lquery_step(L, 1, &size, &err);
    for (int i = 0; i < given; i++)
        add(made->query, loperand_add(made->query, &terms.items[i]));
    lquery_finish(L, made, &err);
    loperands_anchor(L, &made->base, &terms);
    return made;
}

static int group_by(lua_State *L)
{
    add_terms(L, "group_by", dbc_query_group_by);
    return 1;
}

static int order_by(lua_State *L)
{
    lquery *made = add_terms(L, "order_by", dbc_query_order_by);

    made->flags |= LQUERY_ORDERED;
    return 1;
}

// limit and offset: a whole number, or a parameter.

static lquery *add_count(lua_State *L, const char *step,
                         int (*add)(dbc_query *query, dbc_expr count))
{
    dbc_query_size size = {0, 0, 0, 0};
    lbox_words words;
    loperand count;
    dbc_error err;

    lquery_self(L, step, LQUERY_OF_SELECT);
    if (!lua_isinteger(L, 2) && !lbox_test(L, 2, LBOX_EXPR))
        lerror_fail(L, DBC_EINVALID,
                    "%s takes a whole number or a parameter, got %s", step,
                    lbox_describe(L, 2, &words));
    loperand_read(L, &count, 2, DBC_T_INTEGER, NULL, step);
    loperand_measure(&count, &size);
    lquery *made = lquery_step(L, 1, &size, &err);
    add(made->query, loperand_add(made->query, &count));
    lquery_finish(L, made, &err);
    loperand_anchor(L, &made->base, &count);
    return made;
}

static int limit(lua_State *L)
{
    lquery *made = add_count(L, "limit", dbc_query_limit);

    made->flags |= LQUERY_LIMITED;
    return 1;
}

static int offset(lua_State *L)
{
    add_count(L, "offset", dbc_query_offset);
    return 1;
}

// The rest.

static int distinct(lua_State *L)
{
    dbc_query_size size = {0, 0, 0, 0};
    dbc_error err;

    lquery_self(L, "distinct", LQUERY_OF_SELECT);
    lquery *made = lquery_step(L, 1, &size, &err);
    dbc_query_distinct(made->query);
    lquery_finish(L, made, &err);
    return 1;
}

static int combine(lua_State *L, const char *step, dbc_set_op op)
{
    lbox_words words;
    dbc_error err;

    lquery_self(L, step, LQUERY_OF_SELECT);
    const lquery *right = lbox_test(L, 2, LBOX_QUERY);
    if (!right)
        return lerror_fail(L, DBC_EINVALID, "%s takes a query, got %s", step,
                           lbox_describe(L, 2, &words));
    lquery_check_sub(L, 2, step);
    dbc_query_size size = dbc_query_measure(right->query);
    lquery *made = lquery_step(L, 1, &size, &err);
    dbc_query_combine(made->query, op, right->query);
    lquery_finish(L, made, &err);
    made->flags &= ~(unsigned)(LQUERY_ORDERED | LQUERY_LIMITED);
    made->flags |= LQUERY_COMBINED;
    lanchor_add(L, 2);
    return 1;
}

static int union_(lua_State *L)
{
    return combine(L, "union", DBC_UNION);
}

static int union_all(lua_State *L)
{
    return combine(L, "union_all", DBC_UNION_ALL);
}

static int intersect(lua_State *L)
{
    return combine(L, "intersect", DBC_INTERSECT);
}

static int except(lua_State *L)
{
    return combine(L, "except", DBC_EXCEPT);
}

static int as(lua_State *L)
{
    lquery_self(L, "as", LQUERY_OF_SELECT);
    ltable_push_source(L, ltable_check_name(L, 2, "as"), 1);
    return 1;
}

static int nulls(lua_State *L)
{
    dbc_query_size size = {0, 0, 0, 0};
    dbc_error err;

    lquery_self(L, "nulls", LQUERY_OF_SELECT | LQUERY_OF_WRITE);
    lquery *made = lquery_step(L, 1, &size, &err);
    made->flags |= LQUERY_NULLS;
    lquery_finish(L, made, &err);
    return 1;
}

const luaL_Reg lselect_methods[] = {{"where", where},
                                    {"having", having},
                                    {"select", select},
                                    {"group_by", group_by},
                                    {"order_by", order_by},
                                    {"limit", limit},
                                    {"offset", offset},
                                    {"distinct", distinct},
                                    {"union", union_},
                                    {"except", except},
                                    {"union_all", union_all},
                                    {"intersect", intersect},
                                    {"as", as},
                                    {"nulls", nulls},
                                    {NULL, NULL}};
