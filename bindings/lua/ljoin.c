// A join by relation says what the schema knows: the keys on both sides, and
// the table between them. Its source is known by its own name while that is
// free, else by the relation's.
#include "ljoin.h"

#include <stdio.h>
#include <string.h>

#include "lerror.h"
#include "lpairs.h"
#include "lschema.h"
#include "ltable.h"

typedef struct join_form {
    const char *name;
    dbc_join kind;
} join_form;

// What is joined.
typedef struct joined {
    const ltable *table;
    const lsource *source;
    const dbc_query *sub; // of a subquery
    const char *cte;      // of a CTE
    dbc_query_size size;
} joined;

// Reads the descriptor or source at 2; of a source one value is pushed.
static void read_joined(lua_State *L, joined *out, const char *step)
{
    lbox_words words;

    *out = (joined){.table = lbox_test(L, 2, LBOX_TABLE)};
    if (out->table) {
        out->size.names = (uint32_t)strlen(out->table->alias);
        return;
    }
    out->source = lbox_test(L, 2, LBOX_SOURCE);
    if (!out->source)
        lerror_fail(L, DBC_EINVALID,
                    "%s takes a table or the name of a relation, got %s%s",
                    step, lbox_describe(L, 2, &words),
                    lbox_test(L, 2, LBOX_QUERY) ? ": name it first, q:as \"t\""
                    : lua_isnil(L, 2)           ? ": a misspelt table, perhaps"
                                                : "");
    lua_getiuservalue(L, 2, LSOURCE_UV_FROM);
    const lquery *query = lbox_test(L, -1, LBOX_QUERY);
    if (query) {
        out->sub = query->query;
        out->size = dbc_query_measure(out->sub);
    } else {
        out->cte = lua_tostring(L, -1);
        out->size.names = (uint32_t)strlen(out->cte);
    }
    out->size.names += (uint32_t)strlen(out->source->name);
}

static void add_join(dbc_query *query, dbc_join kind, const joined *what,
                     dbc_expr on)
{
    if (what->table) {
        dbc_query_join(query, kind, what->table->table, what->table->alias, on);
    } else if (what->sub) {
        dbc_query_join_query(query, kind, what->sub, what->source->name, on);
    } else if (what->cte) {
        const char *alias = what->source->name;
        if (strcmp(alias, what->cte) == 0) alias = NULL;
        dbc_query_join_name(query, kind, what->cte, alias, on);
    }
}

// join(what, condition) and cross_join(what)
static int join_plain(lua_State *L, const join_form *form)
{
    loperand on = {.kind = 0};
    lpairs pairs;
    dbc_query_size size;
    joined what;
    dbc_error err;

    pairs.count = 0;
    read_joined(L, &what, form->name);
    size = what.size;
    if (form->kind == DBC_JOIN_CROSS) {
        if (!lua_isnil(L, 3))
            return lerror_fail(L, DBC_EINVALID,
                               "cross_join takes no condition: use join");
    } else if (lua_type(L, 3) == LUA_TTABLE) {
        lpairs_read(L, &pairs, 3, 2, form->name, LPAIRS_COMPARED, NULL);
        loperand_add_size(&size, pairs.size);
    } else if (lua_isnil(L, 3)) {
        return lerror_fail(L, DBC_EINVALID,
                           "%s needs a condition: %s(users, "
                           "users.id:eq(posts.author_id)), or the name of a "
                           "relation alone",
                           form->name, form->name);
    } else {
        loperand_read_condition(L, &on, 3, form->name, 1);
        loperand_measure(&on, &size);
    }
    lquery *made = lquery_step(L, 1, &size, &err);
    dbc_expr condition = pairs.count ? lpairs_add_all(made->query, &pairs)
                                     : loperand_add(made->query, &on);
    add_join(made->query, form->kind, &what, condition);
    lquery_finish(L, made, &err);
    // The condition first: it mostly speaks of both sides.
    loperand_anchor(L, &made->base, &on);
    lpairs_anchor(L, &made->base, &pairs);
    lanchor_add(L, 2);
    return 1;
}

// One side of a pair of keys.
typedef struct side {
    const dbc_column *const *columns;
    const char *alias; // or NULL
} side;

// left[i] = right[i] AND …
static dbc_expr add_keys(dbc_query *query, side left, side right, size_t count)
{
    dbc_expr all = 0;

    for (size_t i = 0; i < count; i++) {
        dbc_expr a = dbc_expr_column(query, left.columns[i], left.alias);
        dbc_expr b = dbc_expr_column(query, right.columns[i], right.alias);
        // The left column's collation decides: a declared one, from either end.
        int turned =
            !left.columns[i]->def.collate && right.columns[i]->def.collate;
        dbc_expr both =
            dbc_expr_op(query, DBC_OP_EQ, turned ? b : a, turned ? a : b);
        all = all ? dbc_expr_op(query, DBC_OP_AND, all, both) : both;
    }
    return all;
}

// The alias that `table` needs in `query`, or NULL when its name is free.
static const char *alias_for(const dbc_query *query, const dbc_table *table,
                             const char *alias)
{
    const char *name = dbc_table_describe(table)->name;

    return dbc_query_has_source(query, name) ? alias : NULL;
}

static dbc_expr and_also(dbc_query *query, dbc_expr on, const loperand *extra)
{
    if (!extra->kind) return on;
    return dbc_expr_op(query, DBC_OP_AND, on, loperand_add(query, extra));
}

// What holds beside the keys: the relation's own condition, and what was given.
static dbc_expr add_conditions(dbc_query *query, dbc_expr on,
                               const dbc_relation *relation, const char *target,
                               const char *through, const loperand *extra)
{
    dbc_expr own = dbc_expr_relation(query, relation, target, through);

    if (own) on = dbc_expr_op(query, DBC_OP_AND, on, own);
    return and_also(query, on, extra);
}

static void add_relation(dbc_query *query, dbc_join kind,
                         const dbc_relation *relation, const char *source_alias,
                         const loperand *extra)
{
    side source = {relation->source_key, source_alias};
    side target = {relation->target_key, NULL};
    char between[256 + 16];

    target.alias = alias_for(query, relation->target, relation->name);
    if (!relation->through) {
        dbc_expr on = add_keys(query, source, target, relation->key_count);
        on = add_conditions(query, on, relation, target.alias, NULL, extra);
        dbc_query_join(query, kind, relation->target, target.alias, on);
        return;
    }
    snprintf(between, sizeof between, "%s_through", relation->name);
    side near = {relation->through_from, NULL};
    near.alias = alias_for(query, relation->through, between);
    side far = {relation->through_to, near.alias};
    dbc_expr on = add_keys(query, source, near, relation->key_count);
    dbc_query_join(query, kind, relation->through, near.alias, on);
    on = add_keys(query, far, target, relation->through_count);
    on = add_conditions(query, on, relation, target.alias, near.alias, extra);
    dbc_query_join(query, kind, relation->target, target.alias, on);
}

static const dbc_relation *find_relation(lua_State *L, const lquery *self,
                                         int schema, const char *step)
{
    const lschema *box = lbox_test(L, schema, LBOX_SCHEMA);
    size_t len;
    const char *name = lua_tolstring(L, 2, &len);
    dbc_error err;

    if (!self->table)
        lerror_fail(L, DBC_EINVALID,
                    "%s(\"%.60s\"): relations start at a table, and this query "
                    "reads from a subquery",
                    step, name);
    if (!box)
        lerror_fail(L, DBC_EINVALID,
                    "%s(\"%.60s\") looks the relation up in a schema, and "
                    "there is none: start with db:from(…) of a database "
                    "opened with { schema = … }",
                    step, name);
    const dbc_relation *relation =
        dbc_schema_find_relation(box->schema, self->table, name, len, &err);
    if (!relation) lerror_raise(L, &err, NULL, 0);
    return relation;
}

// Anchors the new box on the top by `table` of the schema box at `schema`.
static void anchor_table(lua_State *L, int schema, const dbc_table *table)
{
    const char *name = dbc_table_describe(table)->name;

    lschema_push_table(L, schema, name, strlen(name));
    lua_insert(L, -2);
    lanchor_add(L, lua_gettop(L) - 1);
    lua_remove(L, -2);
}

// join "relation", with one more condition when it is given.
static int join_relation(lua_State *L, const lquery *self,
                         const join_form *form)
{
    loperand extra = {.kind = 0};
    dbc_query_size size = {0, 0, 0, 0};
    const ltable *start;
    dbc_error err;

    if (form->kind == DBC_JOIN_CROSS)
        return lerror_fail(L, DBC_EINVALID,
                           "cross_join takes a table: a relation has a "
                           "condition, use join");
    lua_getiuservalue(L, 1, LQUERY_UV_HANDLE);
    lschema_push_of(L, 4); // query name condition handle schema
    const dbc_relation *relation = find_relation(L, self, 5, form->name);
    if (!lua_isnil(L, 3)) {
        loperand_read_condition(L, &extra, 3, form->name, 1);
        loperand_measure(&extra, &size);
    }
    lua_getiuservalue(L, 1, LQUERY_UV_TABLE);
    start = lbox_test(L, -1, LBOX_TABLE);
    const char *alias = start && start->alias[0] ? start->alias : NULL;
    size_t pairs = relation->key_count + relation->through_count;
    size.nodes += (uint32_t)(4 * pairs + 8);
    size.names += (uint32_t)((pairs + 1) * 2 * 280);
    if (relation->where) {
        dbc_query_size own = dbc_query_measure(relation->where);
        own.names += own.nodes * 280;
        loperand_add_size(&size, own);
    }
    lquery *made = lquery_step(L, 1, &size, &err);
    add_relation(made->query, form->kind, relation, alias, &extra);
    lquery_finish(L, made, &err);
    anchor_table(L, 5, relation->target);
    if (relation->through) anchor_table(L, 5, relation->through);
    loperand_anchor(L, &made->base, &extra);
    return 1;
}

static int join(lua_State *L)
{
    const join_form *form = lua_touserdata(L, lua_upvalueindex(2));
    const lquery *self = lquery_self(L, form->name, LQUERY_OF_SELECT);

    lua_settop(L, 3);
    if (lua_type(L, 2) != LUA_TSTRING) return join_plain(L, form);
    const char *name = ltable_check_name(L, 2, form->name);
    if (!dbc_query_has_with(self->query, name))
        return join_relation(L, self, form);
    ltable_push_source(L, name, 2);
    lua_replace(L, 2);
    return join_plain(L, form);
}

void ljoin_methods(lua_State *L, int core)
{
    static const join_form FORMS[] = {{"join", DBC_JOIN_INNER},
                                      {"left_join", DBC_JOIN_LEFT},
                                      {"right_join", DBC_JOIN_RIGHT},
                                      {"full_join", DBC_JOIN_FULL},
                                      {"cross_join", DBC_JOIN_CROSS}};

    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++)
        lexpr_register(L, core, FORMS[i].name, join, &FORMS[i]);
}
