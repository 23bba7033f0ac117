// What the specs of texts need: an arena for what is read, anew for each test.
#ifndef DBC_SPEC_TEXT_ARENA_H
#define DBC_SPEC_TEXT_ARENA_H

#include "arena.h"

static dbc__arena arena;

static int set_up(void **state)
{
    (void)state;
    dbc__arena_init(&arena, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dbc__arena_dispose(&arena);
    return 0;
}

#endif
