// Searching: what a full-text index is asked, and what it shows of a row that
// was found. The words are the core's; here is read what Lua gives them.
#include "lsearch.h"

#include <string.h>

#include "lerror.h"
#include "lexpr.h"
#include "ltable.h"

enum { MOST_WEIGHTS = 120 };

// The full-text index at 1; raises when it is none.
static const ltable *check_index(lua_State *L, const char *function)
{
    const ltable *index = lbox_test(L, 1, LBOX_TABLE);
    lbox_words words;

    if (!index)
        lerror_fail(L, DBC_EINVALID, "%s takes a full-text index, got %s",
                    function, lbox_describe(L, 1, &words));
    if (!index->table)
        lerror_fail(L, DBC_ECLOSED, "the table is being collected");
    if (!dbc_table_fts_column(index->table, DBC_FTS_WHOLE))
        lerror_fail(L, DBC_EINVALID,
                    "%s takes a full-text index made by d.fts, \"%.60s\" is "
                    "none",
                    function, dbc_table_describe(index->table)->name);
    return index;
}

// Adds the index as a whole.
static dbc_expr add_whole(dbc_query *query, const ltable *index)
{
    return dbc_expr_column(query,
                           dbc_table_fts_column(index->table, DBC_FTS_WHOLE),
                           index->alias[0] ? index->alias : NULL);
}

// Room for a call of `args` arguments, texts of `bytes` bytes among them.
static dbc_query_size size_of_call(const char *name, uint32_t args,
                                   size_t bytes)
{
    return (dbc_query_size){.nodes = 2 * args,
                            .values = args,
                            .names = (uint32_t)strlen(name),
                            .bytes = (uint32_t)bytes};
}

// match(index, search)
static int match(lua_State *L)
{
    const ltable *index = check_index(L, "match");
    dbc_query_size size = {.names = (uint32_t)strlen(index->alias)};
    loperand search;
    dbc_error err;

    lua_settop(L, 2);
    loperand_read(L, &search, 2, DBC_T_TEXT, NULL, "match");
    ltable_push_anchor(L, 1);
    loperand_measure(&search, &size);
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr whole = add_whole(expr->query, index);
    dbc_expr_op(expr->query, DBC_OP_MATCH, whole,
                loperand_add(expr->query, &search));
    lexpr_finish(L, expr, &err);
    lanchor_add(L, 3);
    loperand_anchor(L, &expr->base, &search);
    return 1;
}

// Reads `{ title = 10 }` at 2 into the weights of the columns, 1 by default.
// Returns how many there are: 0 when nothing is at 2.
static size_t read_weights(lua_State *L, const ltable *index, double *weights)
{
    size_t declared = dbc_table_column_count(index->table), count = 0;
    const char *names[MOST_WEIGHTS + 1];
    lbox_words words;

    if (lua_isnoneornil(L, 2)) return 0;
    if (lua_type(L, 2) != LUA_TTABLE)
        lerror_fail(L, DBC_EINVALID,
                    "bm25 takes weights by column, { title = 10 }, got %s",
                    lbox_describe(L, 2, &words));
    for (size_t i = 0; i < declared; i++) {
        const dbc_column *column = dbc_table_column(index->table, i);
        if (column == dbc_table_fts_column(index->table, DBC_FTS_ROWID) ||
            column == dbc_table_fts_column(index->table, DBC_FTS_RANK))
            continue;
        if (count == MOST_WEIGHTS)
            lerror_fail(L, DBC_ELIMIT, "bm25 takes %d weights at most",
                        MOST_WEIGHTS);
        names[count] = column->def.name;
        weights[count] = 1.0;
        if (lua_getfield(L, 2, names[count]) == LUA_TNUMBER)
            weights[count] = lua_tonumber(L, -1);
        else if (!lua_isnil(L, -1))
            lerror_fail(L, DBC_EINVALID,
                        "bm25: the weight of %.60s is a number, got %s",
                        names[count], lbox_describe(L, -1, &words));
        lua_pop(L, 1);
        count++;
    }
    names[count] = NULL;
    lbox_check_keys(L, 2, names, "bm25");
    return count;
}

// bm25(index [, weights])
static int bm25(lua_State *L)
{
    const ltable *index = check_index(L, "bm25");
    double weights[MOST_WEIGHTS];
    dbc_error err;

    lua_settop(L, 2);
    size_t count = read_weights(L, index, weights);
    dbc_query_size size = size_of_call("bm25", (uint32_t)count + 2, 0);
    size.names += (uint32_t)strlen(index->alias);
    ltable_push_anchor(L, 1);
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr_bm25(expr->query, add_whole(expr->query, index), weights, count);
    lexpr_finish(L, expr, &err);
    lanchor_add(L, 3);
    return 1;
}

// Option `key` of the table at 2 as text; its default when it is not there.
// The text is good as long as that table.
static const char *read_text(lua_State *L, const char *key, const char *text)
{
    lbox_words words;

    if (lua_getfield(L, 2, key) == LUA_TSTRING)
        text = lexpr_check_text(L, -1, "snippet", key);
    else if (!lua_isnil(L, -1))
        lerror_fail(L, DBC_EINVALID, "snippet: %s is text, got %s", key,
                    lbox_describe(L, -1, &words));
    lua_pop(L, 1);
    return text;
}

// Reads the options at 2.
static void read_snippet(lua_State *L, dbc_snippet *out)
{
    static const char *const options[] = {"open", "close", "ellipsis", "words",
                                          NULL};
    static const dbc_snippet plain = DBC_SNIPPET_DEFAULT;
    lbox_words words;

    *out = plain;
    if (lua_isnil(L, 2)) return;
    if (lua_type(L, 2) != LUA_TTABLE)
        lerror_fail(L, DBC_EINVALID,
                    "snippet takes a table of options or nothing, got %s",
                    lbox_describe(L, 2, &words));
    lbox_check_keys(L, 2, options, "snippet");
    out->open = read_text(L, "open", out->open);
    out->close = read_text(L, "close", out->close);
    out->ellipsis = read_text(L, "ellipsis", out->ellipsis);
    lua_getfield(L, 2, "words");
    if (!lua_isnil(L, -1)) {
        lua_Integer count = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        if (count < 1 || count > 64)
            lerror_fail(L, DBC_EINVALID,
                        "snippet: words is an integer from 1 to 64, got %s",
                        lbox_describe(L, -1, &words));
        out->words = (int)count;
    }
    lua_pop(L, 1);
}

static dbc_query_size size_of_snippet(const dbc_snippet *options)
{
    return size_of_call("snippet", 7,
                        strlen(options->open) + strlen(options->close) +
                            strlen(options->ellipsis));
}

// snippet(index [, options]): of the column that fits best
static int best_snippet(lua_State *L)
{
    const ltable *index = check_index(L, "snippet");
    dbc_snippet options;
    dbc_error err;

    lua_settop(L, 2);
    read_snippet(L, &options);
    dbc_query_size size = size_of_snippet(&options);
    size.names += (uint32_t)strlen(index->alias);
    ltable_push_anchor(L, 1);
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr_snippet(expr->query, add_whole(expr->query, index), &options);
    lexpr_finish(L, expr, &err);
    lanchor_add(L, 3);
    return 1;
}

// column:snippet([options])
static int snippet(lua_State *L)
{
    const lexpr *self = lexpr_self(L, "snippet");
    dbc_snippet options;
    dbc_error err;

    lua_settop(L, 2);
    read_snippet(L, &options);
    dbc_query_size size = size_of_snippet(&options);
    loperand_add_size(&size, dbc_query_measure(self->query));
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr_snippet(expr->query, dbc_query_append(expr->query, self->query),
                     &options);
    lexpr_finish(L, expr, &err);
    lanchor_add(L, 1);
    return 1;
}

// column:highlight(open, close)
static int highlight(lua_State *L)
{
    const lexpr *self = lexpr_self(L, "highlight");
    const char *open, *close;
    dbc_error err;

    lua_settop(L, 3);
    open = lexpr_check_text(L, 2, "highlight", "text to stand before a word");
    close = lexpr_check_text(L, 3, "highlight", "text to stand behind a word");
    dbc_query_size size =
        size_of_call("highlight", 5, strlen(open) + strlen(close));
    loperand_add_size(&size, dbc_query_measure(self->query));
    lexpr *expr = lexpr_new(L, &size, &err);
    dbc_expr_highlight(expr->query, dbc_query_append(expr->query, self->query),
                       open, close);
    lexpr_finish(L, expr, &err);
    lanchor_add(L, 1);
    return 1;
}

// Reads { any =, prefix = } at 2.
static unsigned read_words(lua_State *L)
{
    static const char *const options[] = {"any", "prefix", NULL};
    unsigned flags = 0;
    lbox_words words;

    if (lua_isnil(L, 2)) return 0;
    if (lua_type(L, 2) != LUA_TTABLE)
        lerror_fail(L, DBC_EINVALID,
                    "match_words takes a table of options or nothing, got %s",
                    lbox_describe(L, 2, &words));
    lbox_check_keys(L, 2, options, "match_words");
    lua_getfield(L, 2, "any");
    if (lua_toboolean(L, -1)) flags |= DBC_MATCH_ANY;
    if (lua_getfield(L, 2, "prefix") != LUA_TNIL) {
        const char *which = lua_tostring(L, -1);
        if (which && strcmp(which, "all") == 0)
            flags |= DBC_MATCH_BEGIN;
        else if (which && strcmp(which, "last") == 0)
            flags |= DBC_MATCH_BEGIN_LAST;
        else
            lerror_fail(L, DBC_EINVALID,
                        "match_words: prefix is \"all\" or \"last\", got %s",
                        lbox_describe(L, -1, &words));
    }
    lua_pop(L, 2);
    return flags;
}

// match_words(text [, options]) → text for match
static int match_words(lua_State *L)
{
    lbox_words shown;
    size_t len;

    lua_settop(L, 2);
    if (lua_type(L, 1) != LUA_TSTRING)
        return lerror_fail(L, DBC_EINVALID, "match_words takes text, got %s",
                           lbox_describe(L, 1, &shown));
    const char *text = lua_tolstring(L, 1, &len);
    loperand_check_size(L, len, "match_words");
    unsigned flags = read_words(L);
    size_t needed = dbc_match_words(NULL, 0, text, len, flags);
    luaL_Buffer made;
    char *out = luaL_buffinitsize(L, &made, needed + 1);
    dbc_match_words(out, needed + 1, text, len, flags);
    luaL_pushresultsize(&made, needed);
    return 1;
}

const luaL_Reg lsearch_methods[] = {
    {"snippet", snippet}, {"highlight", highlight}, {NULL, NULL}};

static const luaL_Reg MODULE[] = {{"match", match},
                                  {"bm25", bm25},
                                  {"snippet", best_snippet},
                                  {"match_words", match_words},
                                  {NULL, NULL}};

void lsearch_open(lua_State *L, int core, int module)
{
    lbox_register_in(L, core, module, MODULE);
}
