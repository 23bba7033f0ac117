// Migrators as Lua values: the migrations a program knows, whose functions are
// Lua functions, and what can be done with them on a connection. Everything a
// person sees of it is made in lua/dbcore/migrate.
#ifndef DBC_LMIGRATOR_H
#define DBC_LMIGRATOR_H

#include "lconn.h"

enum {
    LMIGRATOR_UV_CALLS = 1, // list of { up = function, down = function|nil }
    LMIGRATOR_UV_OPTIONS,   // of the run that is under way: who is told
    LMIGRATOR_VALUES = LMIGRATOR_UV_OPTIONS
};

struct lmigrator;

// What a function of a migration is called with.
typedef struct lmigration_call {
    struct lmigrator *box;
    int number; // in LMIGRATOR_UV_CALLS
} lmigration_call;

typedef struct lmigrator {
    lbox head;
    dbc_migrator *migrator; // owned
    lmigration_call *calls; // in memory that a user value keeps
    lua_State *L;           // that called into it last; the box is its first
    lconn *handle;          // of the run that is under way
    dbc_migration_run *run; // of the function that runs now, or NULL
    int busy;
    int failed; // telling of a step did: the error is in LCORE_CAUSE
} lmigrator;

// The migrator that is the first argument; raises when it runs.
lmigrator *lmigrator_check(lua_State *L);

// lmigrate.c: what a migration's `up` and `down` are, with its lmigration_call.
int lmigrate_step(void *ud, dbc_migration_run *run);

// A table { kind, version, count }, whose texts it keeps; and the flags of a
// table of options.
dbc_goal lmigrate_goal(lua_State *L, int index);
unsigned lmigrate_flags(lua_State *L, int index);

// Into the module on the top: migrate(); history() and what asks or changes it;
// alter().
void lmigrate_open(lua_State *L, int core);
void lhistory_open(lua_State *L, int core);
void lmigration_open(lua_State *L, int core);

void lmigrator_open(lua_State *L, int core, int module);

#endif
