// Names as text, where steps take an expression: a name is looked for among the
// outputs, in the table a query starts from, then in those it joins.
#include "lnamed.h"

#include <string.h>

#include "lerror.h"
#include "ltable.h"

// Pushes the column of the only other table of the query at 1 that has one of
// that name. False when there is none. A full-text index has columns of its own
// besides; its names are left to it.
static int push_joined(lua_State *L, const ltable *table, int index,
                       const char *step)
{
    const lquery *self = lua_touserdata(L, 1);
    const char *name = lua_tostring(L, index);
    dbc_source_column found;
    size_t count = 0;
    dbc_error err;

    if (table && table->table &&
        dbc_table_describe(table->table)->kind != DBC_FTS &&
        !dbc_table_find(table->table, name, strlen(name), NULL))
        count = dbc_query_find_column(&found, self->query, name);
    if (count == 0) return 0;
    if (count > 1)
        lerror_fail(L, DBC_EINVALID,
                    "%s: several of the tables have a column \"%.60s\": give "
                    "the column itself, users.%.60s",
                    step, name, name);
    lua_pushlstring(L, found.alias ? found.alias : "", found.alias_len);
    dbc_query_size size = {.names = (uint32_t)found.alias_len};
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr_column(expr->query, found.column,
                    found.alias ? lua_tostring(L, -2) : NULL);
    lexpr_finish(L, expr, &err);
    lua_remove(L, -2);
    return 1;
}

void lnamed_push(lua_State *L, int index, const char *step)
{
    lbox_words words;

    if (lua_getiuservalue(L, 1, LQUERY_UV_TABLE) == LUA_TNIL)
        lerror_fail(L, DBC_EINVALID, "%s takes an expression, got %s", step,
                    lbox_describe(L, index, &words));
    if (!push_joined(L, lbox_test(L, -1, LBOX_TABLE), index, step)) {
        lua_pushvalue(L, index);
        lua_gettable(L, -2);
    }
    lua_remove(L, -2);
}

// Whether the query at 1 has an output of that name. A query that cannot be
// compiled yet has none that is known.
static int has_output(const lquery *self, const char *name)
{
    dbc_sql sql;
    int found = 0;

    if (dbc_query_has_output(self->query, name)) return 1;
    if (dbc_query_compile(&sql, self->query, dbc_dialect_sqlite(), NULL, NULL) <
        0)
        return 0;
    for (size_t i = 0; i < sql.layout.output_count && !found; i++)
        found = strcmp(sql.layout.outputs[i].name, name) == 0;
    dbc_sql_dispose(&sql);
    return found;
}

// Pushes an expression that is the output `name`: just the name, quoted.
static void push_output(lua_State *L, const char *name)
{
    size_t len = strlen(name), used = 0;
    char *text = lua_newuserdatauv(L, 2 * len + 2, 0);
    dbc_query_size size = {.names = (uint32_t)(2 * len + 2)};
    dbc_error err;

    text[used++] = '"';
    for (size_t i = 0; i < len; i++) {
        if (name[i] == '"') text[used++] = '"';
        text[used++] = name[i];
    }
    text[used++] = '"';
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr_raw(expr->query, text, used);
    lexpr_finish(L, expr, &err);
    lua_remove(L, -2);
}

// SQL's "name desc", which is no name.
static void refuse_direction(lua_State *L, const lquery *self, const char *name,
                             const char *step)
{
    const char *word = strrchr(name, ' ');

    if (!word || (strcmp(word, " desc") != 0 && strcmp(word, " asc") != 0 &&
                  strcmp(word, " DESC") != 0 && strcmp(word, " ASC") != 0))
        return;
    if (self->table && dbc_table_find(self->table, name, strlen(name), NULL))
        return;
    lerror_fail(L, DBC_EINVALID,
                "%s got \"%s\": a direction is a method of the column, "
                "order_by(users.name:desc())",
                step, name);
}

void lnamed_term(lua_State *L, const lquery *self, int index, const char *step)
{
    const char *name = lua_tostring(L, index);
    int may_be_output =
        (self->flags & (LQUERY_SELECTED | LQUERY_COMBINED | LQUERY_ALSO)) != 0;

    if (may_be_output && has_output(self, name)) {
        push_output(L, name);
    } else {
        refuse_direction(L, self, name, step);
        lnamed_push(L, index, step);
    }
    lua_replace(L, index);
}
