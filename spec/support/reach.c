#include "reach.h"

enum { MOST_TABLES = 4, MOST_DIFFERENCES = 16 };

// What the last plan bridged.
static dbc_difference_kind bridged[MOST_DIFFERENCES];
static size_t bridged_count;

const dbc_column_def posts_plain[3] = {
    ID,
    {.name = "title", .type = DBC_T_TEXT},
    {.name = "changes", .type = DBC_T_INTEGER},
};

// Only a copy of the table can bring this about.
const dbc_column_def posts_stricter[3] = {
    ID,
    {.name = "title", .type = DBC_T_TEXT, .flags = DBC_COLUMN_NOT_NULL},
    {.name = "changes", .type = DBC_T_INTEGER, .check = "changes >= 0"},
};

const dbc_column_def posts_headed[3] = {
    ID,
    {.name = "head", .type = DBC_T_TEXT, .renamed_from = "title"},
    {.name = "changes", .type = DBC_T_INTEGER},
};

const dbc_column_def posts_seen[2] = {
    {.name = "id", .type = DBC_T_INTEGER},
    {.name = "title", .type = DBC_T_TEXT},
};

static int plan_for(dbc_plan **out, dbc_conn *conn, const dbc_table_def *defs,
                    size_t count, const dbc_alloc *alloc)
{
    const dbc_hint loss = {.kind = DBC_HINT_ALLOW_LOSS};
    dbc_plan_options options = {.hints = &loss, .hint_count = 1};
    dbc_table *tables[MOST_TABLES] = {NULL};
    dbc_error err = DBC_ERROR_INIT;
    dbc_catalog *wanted = NULL;
    dbc_schema *schema = NULL;
    int rc = DBC_OK;

    *out = NULL;
    for (size_t i = 0; i < count && rc == DBC_OK; i++)
        rc = dbc_table_new(&tables[i], &defs[i], alloc, &err);
    if (rc == DBC_OK)
        rc = dbc_schema_new(&schema, (const dbc_table *const *)tables, count,
                            NULL, 0, alloc, &err);
    if (rc < 0 && rc != DBC_ENOMEM) fail_msg("%s", err.message);
    if (rc == DBC_OK) rc = dbc_catalog_of_schema(&wanted, schema, conn);
    if (rc >= 0) rc = dbc_plan_new(out, conn, wanted, &options);
    dbc_catalog_free(wanted);
    dbc_schema_release(schema);
    for (size_t i = 0; i < count; i++)
        dbc_table_release(tables[i]);
    return rc;
}

int reach_try(dbc_conn *conn, const dbc_table_def *defs, size_t count,
              const dbc_alloc *alloc)
{
    dbc_plan *plan = NULL;
    int rc = plan_for(&plan, conn, defs, count, alloc);

    bridged_count = plan ? dbc_plan_difference_count(plan) : 0;
    assert_true(bridged_count <= MOST_DIFFERENCES);
    for (size_t i = 0; i < bridged_count; i++)
        bridged[i] = dbc_plan_difference(plan, i)->kind;
    if (rc >= 0) rc = dbc_plan_apply(plan, conn, NULL);
    dbc_plan_free(plan);
    return rc;
}

void reach(dbc_conn *conn, const dbc_table_def *defs, size_t count)
{
    dbc_plan *again;

    ASSERT_RC(DBC_OK, reach_try(conn, defs, count, NULL), conn);
    ASSERT_RC(DBC_OK, plan_for(&again, conn, defs, count, NULL), conn);
    assert_int_equal(0, dbc_plan_difference_count(again));
    assert_int_equal(0, dbc_plan_step_count(again));
    dbc_plan_free(again);
    assert_string_equal("ok", ASK_TEXT(conn, "PRAGMA integrity_check"));
    assert_int_equal(1, ASK_INT(conn, "PRAGMA foreign_keys"));
}

int reach_from(const char *sql, const dbc_table_def *defs, size_t count,
               const dbc_alloc *alloc)
{
    dbc_open_options options = {.alloc = alloc,
                                .flags = DBC_OPEN_TRUSTED_SCHEMA};
    dbc_conn *conn = NULL;

    int rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc >= 0) rc = dbc_exec(conn, sql, strlen(sql));
    if (rc >= 0) rc = reach_try(conn, defs, count, alloc);
    if (rc >= 0) rc = reach_try(conn, defs, 1, alloc);
    // Without any memory the settings cannot be put back.
    if (rc == DBC_EBROKEN) rc = DBC_ENOMEM;
    if (conn && rc < 0 && rc != DBC_ENOMEM)
        fail_msg("%s", dbc_conn_error(conn)->message);
    dbc_close(conn);
    return rc;
}

int reach_bridged(dbc_difference_kind kind)
{
    int times = 0;

    for (size_t i = 0; i < bridged_count; i++)
        times += bridged[i] == kind;
    return times;
}

void reach_fill(dbc_conn *conn)
{
    EXEC(conn, "INSERT INTO posts VALUES (1, 'red fox', 0), (2, 'owl', 0)");
}

const char *reach_triggers(dbc_conn *conn)
{
    return ASK_TEXT(conn,
                    "SELECT coalesce(group_concat(name, ' '), '') FROM "
                    "(SELECT name FROM sqlite_schema WHERE type = 'trigger' "
                    "ORDER BY rowid)");
}
