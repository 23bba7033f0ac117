// A relation is named here; what it means is looked up when the query is run.
// When the query has a handle already, a name that is none is raised at once,
// where it was written.
#include "lrelate.h"

#include <stdio.h>
#include <string.h>

#include "lerror.h"
#include "lschema.h"
#include "ltable.h"

enum { FEW_RELATIONS = 8, NAME_SIZE = 600 };

// ---------------------------------------------------------------------- names

// Raises when the schema is known and the first relation of `path` is not in
// it.
static void check_relation(lua_State *L, const lquery *self, const char *path)
{
    const char *dot = strchr(path, '.');
    size_t len = dot ? (size_t)(dot - path) : strlen(path);
    int top = lua_gettop(L);
    const dbc_table *table = self->table;
    dbc_error err;

    luaL_checkstack(L, 6, NULL);
    lua_getiuservalue(L, 1, LQUERY_UV_HANDLE);
    lschema_push_of(L, top + 1);
    const lschema *box = lbox_test(L, top + 2, LBOX_SCHEMA);
    lua_settop(L, top);
    if (!box || !table) return;
    const char *name = dbc_table_describe(table)->name;
    table = dbc_schema_find(box->schema, name, strlen(name), &err);
    if (!table ||
        !dbc_schema_find_relation(box->schema, table, path, len, &err))
        lerror_raise(L, &err, NULL, 0);
}

// The query at `index` for relation `path`: one that selects.
static const lquery *check_query(lua_State *L, int index, const char *step,
                                 const char *path)
{
    const lquery *query = lbox_test(L, index, LBOX_QUERY);
    lbox_words words;

    if (!query)
        lerror_fail(L, DBC_EINVALID,
                    "%s: \"%.60s\" takes a query such as d.from(posts), got %s",
                    step, path, lbox_describe(L, index, &words));
    lquery_check_sub(L, index, step);
    return query;
}

// ----------------------------------------------------------------------- with

// One relation: its path, and the query at a stack index, or 0.
typedef struct wanted {
    const char *path;
    int query;
} wanted;

typedef struct wanted_list {
    wanted *items; // `few`, or a block on the stack
    int count;
    wanted few[FEW_RELATIONS];
} wanted_list;

static void add_wanted(wanted_list *out, const char *path, int query)
{
    out->items[out->count++] = (wanted){path, query};
}

// How many relations the arguments name.
static size_t count_wanted(lua_State *L, int last)
{
    size_t count = 0;

    for (int i = 2; i <= last; i++) {
        count++;
        if (lua_type(L, i) != LUA_TTABLE) continue;
        for (lua_pushnil(L); lua_next(L, i); lua_pop(L, 1))
            count++;
    }
    return count;
}

static int compare_paths(const wanted *a, const wanted *b)
{
    return strcmp(a->path, b->path);
}

// Named ones in the order of their names: Lua has none.
static void sort_wanted(wanted *items, int count)
{
    for (int i = 1; i < count; i++) {
        wanted moved = items[i];
        int j = i;
        for (; j > 0 && compare_paths(&moved, &items[j - 1]) < 0; j--)
            items[j] = items[j - 1];
        items[j] = moved;
    }
}

// { "profile", posts = d.from(posts), tags = true }; pushes the queries.
static void read_table(lua_State *L, wanted_list *out, int index)
{
    int listed = (int)lua_rawlen(L, index);
    lbox_words words;

    for (int i = 1; i <= listed; i++) {
        luaL_checkstack(L, 4, NULL);
        lua_rawgeti(L, index, i);
        add_wanted(out, ltable_check_name(L, lua_gettop(L), "with"), 0);
    }
    int first = out->count;
    for (lua_pushnil(L); lua_next(L, index);) {
        int key = lua_gettop(L) - 1;
        if (lua_isinteger(L, key) && lua_tointeger(L, key) >= 1 &&
            lua_tointeger(L, key) <= listed) {
            lua_pop(L, 1);
            continue;
        }
        if (lua_type(L, key) != LUA_TSTRING)
            lerror_fail(L, DBC_EINVALID,
                        "with takes names of relations, got %s as a key",
                        lbox_describe(L, key, &words));
        const char *path = lua_tostring(L, key);
        luaL_checkstack(L, 6, NULL);
        if (lua_isboolean(L, key + 1) && lua_toboolean(L, key + 1)) {
            add_wanted(out, path, 0);
            lua_pop(L, 1);
            continue;
        }
        check_query(L, key + 1, "with", path);
        add_wanted(out, path, key);
        lua_insert(L, key); // query key
    }
    sort_wanted(out->items + first, out->count - first);
}

static void read_wanted(lua_State *L, wanted_list *out)
{
    int last = lua_gettop(L);

    luaL_checkstack(L, 8, NULL);
    size_t count = count_wanted(L, last);
    out->items = out->few;
    out->count = 0;
    if (count > FEW_RELATIONS)
        out->items = lua_newuserdatauv(L, count * sizeof(wanted), 0);
    for (int i = 2; i <= last; i++) {
        if (lua_type(L, i) == LUA_TTABLE) {
            read_table(L, out, i);
        } else if (lbox_test(L, i, LBOX_QUERY) && i == 3 && last == 3 &&
                   out->count == 1) {
            check_query(L, i, "with", out->items[0].path);
            out->items[0].query = i;
        } else {
            add_wanted(out, ltable_check_name(L, i, "with"), 0);
        }
    }
}

static int with(lua_State *L)
{
    const lquery *self = lquery_self(L, "with", LQUERY_OF_SELECT);
    dbc_query_size size = {0, 0, 0, 0};
    wanted_list list;
    dbc_error err;

    read_wanted(L, &list);
    if (list.count == 0)
        return lerror_fail(L, DBC_EINVALID,
                           "with needs a relation: with \"posts\"");
    for (int i = 0; i < list.count; i++) {
        const wanted *item = &list.items[i];
        check_relation(L, self, item->path);
        size.nodes += 2;
        size.names += (uint32_t)strlen(item->path);
        if (!item->query) continue;
        const lquery *sub = lua_touserdata(L, item->query);
        loperand_add_size(&size, dbc_query_measure(sub->query));
    }
    lquery *made = lquery_step(L, 1, &size, &err);
    made->flags |= LQUERY_LOADS;
    for (int i = 0; i < list.count; i++) {
        const wanted *item = &list.items[i];
        const lquery *sub = item->query ? lua_touserdata(L, item->query) : NULL;
        dbc_query_load(made->query, item->path, sub ? sub->query : NULL);
    }
    lquery_finish(L, made, &err);
    for (int i = 0; i < list.count; i++)
        if (list.items[i].query) lanchor_add(L, list.items[i].query);
    return 1;
}

// ------------------------------------------------------------ asking relatives

typedef struct question {
    const char *name; // of the step
    const char *word; // in the name of the output
    dbc_related what;
    int has_column;
} question;

static const question QUESTIONS[] = {
    {"with_count", "count", DBC_RELATED_COUNT, 0},
    {"with_exists", "exists", DBC_RELATED_EXISTS, 0},
    {"with_sum", "sum", DBC_RELATED_SUM, 1},
    {"with_avg", "avg", DBC_RELATED_AVG, 1},
    {"with_min", "min", DBC_RELATED_MIN, 1},
    {"with_max", "max", DBC_RELATED_MAX, 1},
};

// The name of the column at `index`: a text, or a column of any table.
static const char *check_column(lua_State *L, int index, const char *step)
{
    const lexpr *expr = lbox_test(L, index, LBOX_EXPR);
    const dbc_column *column = NULL;
    lbox_words words;

    if (expr && expr->query)
        dbc_expr_type(expr->query, dbc_query_root(expr->query), &column);
    if (column) return column->def.name;
    if (lua_type(L, index) != LUA_TSTRING)
        lerror_fail(L, DBC_EINVALID,
                    "%s takes a relation and a column of it, got %s as the "
                    "column",
                    step, lbox_describe(L, index, &words));
    return ltable_check_name(L, index, step);
}

// "posts_count", "posts_sum_views"
static void make_name(char *out, const question *q, const char *path,
                      const char *column)
{
    int n = snprintf(out, NAME_SIZE, "%s_%s%s%s", path, q->word,
                     column ? "_" : "", column ? column : "");

    for (int i = 0; i < n && i < NAME_SIZE - 1; i++)
        if (out[i] == '.') out[i] = '_';
}

// with_count(relation, query, name), with_sum(relation, column, query, name);
// query and name may be left out.
static int ask(lua_State *L)
{
    const question *q = lua_touserdata(L, lua_upvalueindex(2));
    const lquery *self = lquery_self(L, q->name, LQUERY_OF_SELECT);
    const char *path = ltable_check_name(L, 2, q->name), *column = NULL;
    const lquery *sub = NULL;
    char made_name[NAME_SIZE];
    const char *name = made_name;
    dbc_query_size size = {.nodes = 4};
    int at = 3;
    dbc_error err;

    check_relation(L, self, path);
    if (q->has_column) column = check_column(L, at++, q->name);
    if (lbox_test(L, at, LBOX_QUERY)) sub = check_query(L, at, q->name, path);
    int sub_at = sub ? at++ : 0;
    if (!sub && lua_isnil(L, at)) at++;
    make_name(made_name, q, path, column);
    if (!lua_isnoneornil(L, at)) name = ltable_check_name(L, at, q->name);
    if (lua_gettop(L) > at)
        return lerror_fail(L, DBC_EINVALID, "%s got too many arguments: %s",
                           q->name,
                           q->has_column ? "relation, column, query, name"
                                         : "relation, query, name");
    if (sub) size = dbc_query_measure(sub->query);
    size.nodes += 6;
    size.names += (uint32_t)(strlen(path) + strlen(name));
    if (column) size.names += (uint32_t)strlen(column);
    lquery *made = lquery_step(L, 1, &size, &err);
    made->flags |= LQUERY_ALSO;
    dbc_query_also(made->query,
                   dbc_expr_related(made->query, q->what, path, column,
                                    sub ? sub->query : NULL),
                   name);
    lquery_finish(L, made, &err);
    if (sub) lanchor_add(L, sub_at);
    return 1;
}

void lrelate_methods(lua_State *L, int core)
{
    static const luaL_Reg methods[] = {{"with", with}, {NULL, NULL}};

    lbox_register(L, core, methods);
    for (size_t i = 0; i < sizeof QUESTIONS / sizeof *QUESTIONS; i++)
        lexpr_register(L, core, QUESTIONS[i].name, ask, &QUESTIONS[i]);
}

// ------------------------------------------------------------------------ has

static int push_has(lua_State *L, const char *name, dbc_negation negation)
{
    const char *path = ltable_check_name(L, 1, name);
    const lquery *sub = NULL;
    dbc_query_size size = {0, 0, 0, 0};
    dbc_error err;

    lua_settop(L, 2);
    if (!lua_isnil(L, 2)) {
        sub = check_query(L, 2, name, path);
        size = dbc_query_measure(sub->query);
    }
    size.names += (uint32_t)strlen(path);
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr_has(expr->query, path, sub ? sub->query : NULL, negation);
    lexpr_finish(L, expr, &err);
    if (sub) lanchor_add(L, 2);
    return 1;
}

// has(relation, query)
static int has(lua_State *L)
{
    return push_has(L, "has", DBC_PLAIN);
}

static int has_not(lua_State *L)
{
    return push_has(L, "has_not", DBC_NEGATED);
}

void lrelate_open(lua_State *L, int core, int module)
{
    static const luaL_Reg functions[] = {
        {"has", has}, {"has_not", has_not}, {NULL, NULL}};

    lbox_register_in(L, core, module, functions);
}
