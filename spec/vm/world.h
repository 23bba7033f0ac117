// A program in C as the specs of script VMs have it: a database in memory and a
// VM on it, whose script describes the tables.
#ifndef DBC_SPEC_WORLD_H
#define DBC_SPEC_WORLD_H

#include "dbcore_script.h"
#include "spec.h"

typedef struct world {
    dbc_conn *conn;
    dbc_script *vm;
    const dbc_schema *schema; // NULL until world_load()
    dbc_error err;
} world;

#define WORLD_INIT                       \
    {                                    \
        NULL, NULL, NULL, DBC_ERROR_INIT \
    }

// Opens database and VM. DBC_OK or what went wrong, which `err` of the world
// tells; world_close() is due after either.
int world_open(world *out, dbc_script_profile profile,
               const dbc_script_limits *limits);

// Runs a script and creates the tables of its global "schema".
int world_load(world *w, const char *source, size_t len);

void world_close(world *w);

// How a spec opens its world, with the memory of the VM from `alloc` (NULL: the
// C library's).
typedef int world_opener(world *out, dbc_script_profile profile,
                         const dbc_alloc *alloc);

typedef struct world_plan {
    world_opener *open;
    dbc_script_profile profile;
} world_plan;

// Set-up and tear-down of cmocka: `*state` is a world_plan, then the world.
int world_set_up(void **state);
int world_tear_down(void **state);

// A test in a world of its own, which the open_world() of its file opens.
#define SANDBOXED(name) WORLD_TEST(name, DBC_SCRIPT_SANDBOX)
#define TRUSTED(name)   WORLD_TEST(name, DBC_SCRIPT_TRUSTED)
#define WORLD_TEST(name, profile)             \
    cmocka_unit_test_prestate_setup_teardown( \
        name, world_set_up, world_tear_down,  \
        (&(world_plan){open_world, (profile)}))

#endif
