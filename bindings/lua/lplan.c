// native.plan: making, reading and carrying out.
#include "lplan.h"

#include <string.h>

#include "lcatalog.h"
#include "lconn.h"
#include "lerror.h"
#include "lhosted.h"

// ------------------------------------------------------------------- options

static const char *const hint_words[] = {
    "rename_table", "rename_column", "rename_index", "backfill",
    "copy",         "data",          "ignore",       "allow_loss"};

static const char *get_text(lua_State *L, int hint, const char *key)
{
    lbox_words words;
    const char *text;

    if (lua_getfield(L, hint, key) == LUA_TNIL) {
        lua_pop(L, 1);
        return NULL;
    }
    if (lua_type(L, -1) != LUA_TSTRING)
        lerror_fail(L, DBC_EINVALID, "a hint's %s must be text, got %s", key,
                    lbox_describe(L, -1, &words));
    text = lua_tostring(L, -1);
    lua_pop(L, 1); // the table keeps it
    return text;
}

// What each kind has to say.
static void check_hint(lua_State *L, const dbc_hint *hint)
{
    static const struct {
        int table, name, value;
    } needs[] = {{1, 0, 1}, {1, 1, 1}, {0, 1, 1}, {1, 1, 1},
                 {1, 1, 1}, {0, 0, 1}, {1, 0, 0}, {0, 0, 0}};
    const char *lacks = NULL;

    if (needs[hint->kind].table && !hint->table) lacks = "table";
    if (needs[hint->kind].name && !hint->name) lacks = "name";
    if (needs[hint->kind].value && !hint->value) lacks = "value";
    if (lacks)
        lerror_fail(L, DBC_EINVALID, "a hint of kind %s needs a %s",
                    hint_words[hint->kind], lacks);
}

dbc_hint lplan_read_hint(lua_State *L)
{
    static const char *const keys[] = {"kind", "table", "name", "value", NULL};
    int at = lua_gettop(L);
    lbox_words words;
    dbc_hint hint;
    const char *kind;

    if (!lua_istable(L, at))
        lerror_fail(L, DBC_EINVALID, "a hint is a table, got %s",
                    lbox_describe(L, at, &words));
    lbox_check_keys(L, at, keys, "a hint");
    kind = get_text(L, at, "kind");
    hint = (dbc_hint){DBC_HINT_DATA, get_text(L, at, "table"),
                      get_text(L, at, "name"), get_text(L, at, "value")};
    for (size_t i = 0; i < sizeof hint_words / sizeof *hint_words; i++) {
        if (!kind || strcmp(kind, hint_words[i]) != 0) continue;
        hint.kind = (dbc_hint_kind)i;
        check_hint(L, &hint);
        return hint;
    }
    lerror_fail(L, DBC_EINVALID, "there is no kind of hint \"%.40s\"%s",
                kind ? kind : "",
                lbox_suggest_name(hint_words, 8, kind ? kind : "",
                                  kind ? strlen(kind) : 0, &words));
    return hint;
}

// Leaves what the options borrow from on the stack.
static dbc_plan_options read_options(lua_State *L, int index)
{
    static const char *const keys[] = {"hints", "probe", NULL};
    dbc_plan_options options = {0};
    dbc_hint *hints;

    if (lua_isnoneornil(L, index)) return options;
    luaL_checktype(L, index, LUA_TTABLE);
    lbox_check_keys(L, index, keys, "plan");
    if (lua_getfield(L, index, "probe") == LUA_TBOOLEAN)
        options.without_probe = !lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (lua_getfield(L, index, "hints") == LUA_TNIL) return options;
    luaL_checktype(L, -1, LUA_TTABLE);
    options.hint_count = lua_rawlen(L, -1);
    hints = lua_newuserdatauv(L, (options.hint_count + 1) * sizeof *hints, 0);
    for (size_t i = 0; i < options.hint_count; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        hints[i] = lplan_read_hint(L);
        lua_pop(L, 1);
    }
    options.hints = hints;
    return options;
}

// ------------------------------------------------------------------- making

// conn catalog [options] → plan
static int new_plan(lua_State *L)
{
    dbc_plan_options options;
    dbc_conn *conn;

    lua_settop(L, 3);
    luaL_checkstack(L, 12, NULL);
    const dbc_catalog *target = lcatalog_check(L, 2);
    options = read_options(L, 3);
    lplan *box = lconn_new_box(&conn, L, 1, LBOX_PLAN, sizeof *box);
    if (dbc_plan_new(&box->plan, conn, target, &options) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    return 1;
}

// conn from to [options] → plan
static int plan_between(lua_State *L)
{
    dbc_plan_options options;
    dbc_conn *conn;

    lua_settop(L, 4);
    luaL_checkstack(L, 12, NULL);
    const dbc_catalog *from = lcatalog_check(L, 2);
    const dbc_catalog *to = lcatalog_check(L, 3);
    options = read_options(L, 4);
    lplan *box = lconn_new_box(&conn, L, 1, LBOX_PLAN, sizeof *box);
    if (dbc_plan_between(&box->plan, from, to, &options, conn) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    return 1;
}

static int plan_gc(lua_State *L)
{
    lplan *box = lbox_test(L, 1, LBOX_PLAN);

    if (!box) return 0;
    dbc_plan_free(box->plan);
    box->plan = NULL;
    return 0;
}

static dbc_plan *check_plan(lua_State *L)
{
    const lplan *box = lbox_check(L, 1, LBOX_PLAN);

    if (!box->plan) lerror_fail(L, DBC_ECLOSED, "the plan is gone");
    return box->plan;
}

// ------------------------------------------------------------------ reading

static void set_text(lua_State *L, const char *key, const char *text)
{
    if (!text || !*text) return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

// A name may be empty; NULL is none.
static void set_name(lua_State *L, const char *key, const char *name)
{
    if (!name) return;
    lua_pushstring(L, name);
    lua_setfield(L, -2, key);
}

// plan → list of { kind =, table =, name =, old_name =, words = }
static int plan_differences(lua_State *L)
{
    static const char *const words[] = {
        "table_added",     "table_dropped",  "table_renamed",
        "table_changed",   "column_added",   "column_dropped",
        "column_renamed",  "column_changed", "columns_reordered",
        "index_added",     "index_dropped",  "index_renamed",
        "index_changed",   "trigger_added",  "trigger_dropped",
        "trigger_changed", "view_added",     "view_dropped",
        "view_changed"};
    const dbc_plan *plan = check_plan(L);
    size_t count = dbc_plan_difference_count(plan);

    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        const dbc_difference *difference = dbc_plan_difference(plan, i);
        lua_createtable(L, 0, 5);
        set_text(L, "kind", words[difference->kind]);
        set_name(L, "table", difference->table);
        set_name(L, "name", difference->name);
        set_name(L, "old_name", difference->old_name);
        set_text(L, "words", difference->words);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

// plan → list of { table =, sql =, reason =, rebuilds =, loses =, data = }
static int plan_steps(lua_State *L)
{
    const dbc_plan *plan = check_plan(L);
    size_t count = dbc_plan_step_count(plan);

    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        const dbc_step *step = dbc_plan_step(plan, i);
        lua_createtable(L, 0, 6);
        set_text(L, "table", step->table);
        set_text(L, "sql", step->sql);
        set_text(L, "reason", step->reason);
        lua_pushboolean(L, (step->flags & DBC_STEP_REBUILDS) != 0);
        lua_setfield(L, -2, "rebuilds");
        lua_pushboolean(L, (step->flags & DBC_STEP_LOSES) != 0);
        lua_setfield(L, -2, "loses");
        lua_pushboolean(L, (step->flags & DBC_STEP_DATA) != 0);
        lua_setfield(L, -2, "data");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

// finding | list of hints
static void set_answers(lua_State *L, const dbc_finding *finding)
{
    if (finding->answer_count == 0) return;
    lua_createtable(L, (int)finding->answer_count, 0);
    for (size_t i = 0; i < finding->answer_count; i++) {
        const dbc_hint *answer = &finding->answers[i];
        lua_createtable(L, 0, 4);
        set_text(L, "kind", hint_words[answer->kind]);
        set_name(L, "table", answer->table);
        set_name(L, "name", answer->name);
        set_name(L, "value", answer->value);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "answers");
}

// plan → list of { code =, level =, table =, column =, count =, message =,
// fix =, answers = }
static int plan_findings(lua_State *L)
{
    static const char *const levels[] = {"note", "warning", "refusal"};
    const dbc_plan *plan = check_plan(L);
    size_t count = dbc_plan_finding_count(plan);

    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        const dbc_finding *finding = dbc_plan_finding(plan, i);
        lua_createtable(L, 0, 8);
        set_text(L, "code", finding->code);
        set_text(L, "level", levels[finding->level]);
        set_text(L, "table", finding->table);
        set_text(L, "column", finding->column);
        set_text(L, "message", finding->message);
        set_text(L, "fix", finding->fix);
        if (finding->count >= 0) {
            lua_pushinteger(L, finding->count);
            lua_setfield(L, -2, "count");
        }
        set_answers(L, finding);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

static int plan_script(lua_State *L)
{
    lua_pushstring(L, dbc_plan_script(check_plan(L)));
    return 1;
}

// ----------------------------------------------------------------- applying

typedef struct progress {
    lconn *box;
    const dbc_progress_info *info;
    int stop;
} progress;

void lplan_push_progress(lua_State *L, const dbc_progress_info *info)
{
    lua_createtable(L, 0, 5);
    lua_pushstring(L, info->what);
    lua_setfield(L, -2, "what");
    lua_pushinteger(L, (lua_Integer)info->step);
    lua_setfield(L, -2, "step");
    lua_pushinteger(L, (lua_Integer)info->steps);
    lua_setfield(L, -2, "steps");
    lua_pushinteger(L, info->rows);
    lua_setfield(L, -2, "rows");
    lua_pushinteger(L, info->rows_total);
    lua_setfield(L, -2, "rows_total");
}

// call box
static int run_progress(lua_State *L, void *ud)
{
    progress *at = ud;

    lhosted_push_named(L, 2, "progress");
    if (!lua_isfunction(L, -1)) return 0;
    lplan_push_progress(L, at->info);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
        lhosted_set_cause(L);
        at->stop = 1;
    } else if (lua_isboolean(L, -1) && !lua_toboolean(L, -1)) {
        at->stop = 1;
    }
    return 0;
}

static int on_progress(void *ud, const dbc_progress_info *info)
{
    progress *at = ud;
    lprotect call = {run_progress, at};
    lconn_call end;

    at->info = info;
    if (lconn_call_begin(at->box, &call, &end) != LUA_OK) at->stop = 1;
    lconn_call_end(&end);
    return at->stop;
}

// plan conn [{ progress =, backup = }]
static int plan_apply(lua_State *L)
{
    static const char *const keys[] = {"progress", "backup", NULL};
    dbc_apply_options options = {0};
    progress at = {NULL, NULL, 0};
    dbc_plan *plan = check_plan(L);
    int box;

    lua_settop(L, 3);
    luaL_checkstack(L, 12, NULL);
    lconn_of(L, 2, &box);
    if (!lua_isnil(L, 3)) {
        luaL_checktype(L, 3, LUA_TTABLE);
        lbox_check_keys(L, 3, keys, "apply");
        if (lua_getfield(L, 3, "backup") == LUA_TSTRING)
            options.backup = lua_tostring(L, -1);
        if (lua_getfield(L, 3, "progress") == LUA_TFUNCTION)
            options.progress = on_progress;
        lhosted_set_named(L, box, "progress");
    }
    dbc_conn *conn = lconn_of(L, 2, &box);
    at.box = lua_touserdata(L, box);
    options.ud = &at;
    if (dbc_plan_apply(plan, conn, &options) < 0)
        return lerror_raise_conn(L, conn, NULL, 0);
    return 0;
}

void lplan_open(lua_State *L, int core, int module)
{
    static const luaL_Reg methods[] = {{"differences", plan_differences},
                                       {"steps", plan_steps},
                                       {"findings", plan_findings},
                                       {"script", plan_script},
                                       {"apply", plan_apply},
                                       {NULL, NULL}};
    static const luaL_Reg events[] = {{"__gc", plan_gc}, {NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"plan", new_plan}, {"plan_between", plan_between}, {NULL, NULL}};

    lbox_push_metatable(L, core, "dbcore.plan", events);
    lbox_push_methods(L, core, "a plan", methods);
    lua_setfield(L, -2, "__index");
    lua_rawseti(L, core, LBOX_PLAN);
    lbox_register_in(L, core, module, functions);
}
