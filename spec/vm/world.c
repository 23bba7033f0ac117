#include "world.h"

#include <stdlib.h>

int world_open(world *out, dbc_script_profile profile,
               const dbc_script_limits *limits)
{
    int rc = dbc_open(&out->conn, ":memory:", NULL, &out->err);

    if (rc < 0) return rc;
    return dbc_script_open(&out->vm, out->conn, profile, limits, &out->err);
}

int world_load(world *w, const char *source, size_t len)
{
    int rc = dbc_script_load(w->vm, "shop.lua", source, len, &w->err);

    if (rc == DBC_OK)
        rc = dbc_script_schema(&w->schema, w->vm, "schema", &w->err);
    if (rc == DBC_OK) rc = dbc_create(w->conn, w->schema);
    return rc;
}

void world_close(world *w)
{
    dbc_schema_release(w->schema);
    dbc_script_close(w->vm);
    dbc_close(w->conn);
}

int world_set_up(void **state)
{
    const world_plan *plan = *state;
    world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    if (plan->open(w, plan->profile, NULL) < 0) fail_msg("%s", w->err.message);
    *state = w;
    return 0;
}

int world_tear_down(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}
