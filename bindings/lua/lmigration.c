// native.alter(): the words of a migration while one of its functions runs. A
// list of changes becomes one alteration, which is planned and carried out.
#include <string.h>

#include "lerror.h"
#include "lmigrator.h"

static dbc_object_kind object_kind(const char *word)
{
    static const char *const words[] = {"table", "virtual", "index", "trigger",
                                        "view"};

    for (int i = 0; i < 5; i++)
        if (strcmp(word, words[i]) == 0) return (dbc_object_kind)i;
    return DBC_OBJECT_TABLE;
}

static void add_hint(dbc_alteration *a, const char *const *words)
{
    static const char *const kinds[] = {
        "rename_table", "rename_column", "rename_index", "backfill",
        "copy",         "data",          "ignore",       "allow_loss"};
    dbc_hint hint = {DBC_HINT_RENAME_TABLE, words[2], words[3], words[4]};

    for (int i = 0; i < 8; i++)
        if (strcmp(words[1], kinds[i]) == 0) hint.kind = (dbc_hint_kind)i;
    dbc_alter_hint(a, &hint);
}

// One change: a word and its arguments; what is missing is NULL.
static void add_change(dbc_alteration *a, const char *const *words)
{
    const char *word = words[0];

    if (strcmp(word, "define") == 0)
        dbc_alter_define(a, words[1], strlen(words[1]));
    else if (strcmp(word, "drop") == 0)
        dbc_alter_drop(a, object_kind(words[1]), words[2]);
    else if (strcmp(word, "rename_table") == 0)
        dbc_alter_rename_table(a, words[1], words[2]);
    else if (strcmp(word, "add_column") == 0)
        dbc_alter_add_column(a, words[1], words[2]);
    else if (strcmp(word, "drop_column") == 0)
        dbc_alter_drop_column(a, words[1], words[2]);
    else if (strcmp(word, "rename_column") == 0)
        dbc_alter_rename_column(a, words[1], words[2], words[3]);
    else if (strcmp(word, "change_column") == 0)
        dbc_alter_change_column(a, words[1], words[2]);
    else if (strcmp(word, "add_constraint") == 0)
        dbc_alter_add_constraint(a, words[1], words[2]);
    else if (strcmp(word, "drop_constraint") == 0)
        dbc_alter_drop_constraint(a, words[1], words[2]);
    else if (strcmp(word, "options") == 0)
        dbc_alter_options(a, words[1], words[2]);
    else
        add_hint(a, words);
}

enum { WORDS = 5 };

// The words of all changes, five to each, in memory that Lua owns.
static const char **read_changes(lua_State *L, int list, size_t *count)
{
    *count = lua_rawlen(L, list);
    const char **words =
        lua_newuserdatauv(L, (*count * WORDS + 1) * sizeof *words, 0);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        luaL_checktype(L, -1, LUA_TTABLE);
        for (int j = 0; j < WORDS; j++) {
            lua_rawgeti(L, -1, j + 1);
            words[i * WORDS + (size_t)j] =
                lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
            lua_pop(L, 1);
        }
        luaL_argcheck(L, words[i * WORDS] != NULL, list, "a change has a word");
        lua_pop(L, 1);
    }
    return words;
}

// migrator changes: in a function of the migration that runs now
static int alter(lua_State *L)
{
    lmigrator *box = lbox_check(L, 1, LBOX_MIGRATOR);
    dbc_alteration *alteration = NULL;
    size_t count;

    luaL_checktype(L, 2, LUA_TTABLE);
    const char **words = read_changes(L, 2, &count);
    if (!box->run)
        return lerror_fail(L, DBC_EINVALID,
                           "the migration is over: its words are good only "
                           "inside its functions");
    luaL_checkstack(L, 20, NULL);
    dbc_conn *conn = box->run->conn;
    int rc = dbc_alteration_new(&alteration, conn);
    if (rc >= 0) {
        for (size_t i = 0; i < count; i++)
            add_change(alteration, &words[i * WORDS]);
        rc = dbc_migration_alter(box->run, alteration);
        dbc_alteration_free(alteration);
    }
    if (rc < 0) return lerror_raise_conn(L, conn, NULL, 0);
    return 0;
}

void lmigration_open(lua_State *L, int core)
{
    static const luaL_Reg functions[] = {{"alter", alter}, {NULL, NULL}};

    lbox_register(L, core, functions);
}
