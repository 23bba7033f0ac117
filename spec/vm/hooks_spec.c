// A program in C that writes to tables whose repositories are in Lua: hooks,
// columns that Lua fills, timestamps, versions and soft deletes hold for its
// own queries; a script that was stopped, or is gone, refuses them.
#include <string.h>

#include "fault.h"
#include "world.h"

static const char source[] =
    "local d = dbcore\n"
    "orders = d.table('orders', { d.integer 'id' :primary_key(),\n"
    "  d.text 'status' :not_null(), d.integer 'total',\n"
    "  d.text 'code' :default_fn(function(row)\n"
    "    if row.status == 'codeless' then error 'no code for that' end\n"
    "    return 'C-' .. row.status end),\n"
    "  d.json 'tags', d.integer 'touched' :on_update(function()\n"
    "    return 7 end), d.integer 'version',\n"
    "  d.timestamp 'created_at', d.timestamp 'updated_at',\n"
    "  d.timestamp 'deleted_at' })\n"
    "log = d.table('log', { d.integer 'id' :primary_key(), d.text 'what' })\n"
    "schema = d.schema { orders, log }\n"
    "local function note(db, what)\n"
    "  db:insert(log):values { what = what }:run() end\n"
    "Orders = d.repository(orders, { version = 'version',\n"
    "  timestamps = true, soft_delete = 'deleted_at',\n"
    "  before_create = function(row, db)\n"
    "    if row.status == 'crash' then error 'no such luck' end\n"
    "    if row.status == 'loop' then while true do end end\n"
    "    if row.status == 'twice' then\n"
    "      db:insert(orders):values { id = 1, status = 'x' }:run() end\n"
    "    if row.status == 'typed' then d.validate(7) end\n"
    "    if row.status == 'end' then db:exec 'COMMIT' end\n"
    "    if row.status == 'open' then db:begin() end\n"
    "    if row.status == 'host' then poke() end\n"
    "    if row.status == 'deep' then poke_again() end\n"
    "    if row.status == 'odd key' then row.nothing = 1 end\n"
    "    row.status = row.status:upper()\n"
    "    row.tags = { by = 'hook' }\n"
    "    note(db, 'creating') end,\n"
    "  after_create = function(row, db)\n"
    "    if row.status == 'LATE' then error 'too late' end\n"
    "    note(db, 'created ' .. row.id .. ' ' .. row.tags.by) end,\n"
    "  before_update = function(changes, db, old)\n"
    "    if old.total == 13 then error 'unlucky' end\n"
    "    note(db, 'updating ' .. old.id) end,\n"
    "  after_update = function(row, db, old)\n"
    "    note(db, 'updated ' .. old.total .. ' to ' .. row.total) end,\n"
    "  before_delete = function(row, db)\n"
    "    note(db, 'deleting ' .. row.id) end,\n"
    "  after_delete = function(row, db)\n"
    "    note(db, 'deleted ' .. row.id) end })\n"
    "function in_lua(status) return coroutine.wrap(function()\n"
    "  return db:insert(orders):values { status = status }:run().last_id\n"
    "end)() end\n"
    "function call_host() return coroutine.wrap(function()\n"
    "  return poke_again() end)() end\n";

static int insert(world *w, const char *status, int64_t total);

// A function of the host that uses the connection as the host does.
static int poke(dbc_script_args *args, void *ud)
{
    world *w = ud;
    (void)args;

    return insert(w, "poked", 1);
}

// The same, whose hook calls it again.
static int poke_again(dbc_script_args *args, void *ud)
{
    world *w = ud;

    if (insert(w, "deep", 1) == DBC_OK) return DBC_OK;
    return dbc_script_fail(args, dbc_conn_error(w->conn)->code,
                           dbc_conn_error(w->conn)->message);
}

static int open_world(world *out, dbc_script_profile profile,
                      const dbc_alloc *alloc)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
    int rc;

    limits.time_ms = 5000;
    limits.instructions = 2000000;
    limits.memory = 16 << 20;
    limits.alloc = alloc;
    rc = world_open(out, profile, &limits);
    if (rc == DBC_OK) rc = dbc_script_register(out->vm, "poke", poke, out);
    if (rc == DBC_OK)
        rc = dbc_script_register(out->vm, "poke_again", poke_again, out);
    if (rc == DBC_OK) rc = world_load(out, SQL(source));
    if (rc == DBC_OK) rc = dbc_script_repository(out->vm, "Orders", &out->err);
    return rc;
}

// --------------------------------------------------------------------- queries

static const dbc_table *orders(const world *w)
{
    return dbc_schema_find(w->schema, SQL("orders"), NULL);
}

static const dbc_column *column(const world *w, const char *name)
{
    const dbc_column *found =
        dbc_table_find(orders(w), name, strlen(name), NULL);

    assert_non_null(found);
    return found;
}

static void set_int(const world *w, dbc_query *q, const char *name,
                    int64_t value)
{
    dbc_query_set(q, column(w, name), dbc_expr_value(q, dbc_value_int(value)));
}

static void set_status(const world *w, dbc_query *q, const char *status)
{
    dbc_value value = dbc_value_text(status, strlen(status));

    dbc_query_set(q, column(w, "status"), dbc_expr_value(q, value));
}

static void where_id(const world *w, dbc_query *q, int64_t id)
{
    dbc_expr left = dbc_expr_column(q, column(w, "id"), NULL);

    dbc_query_where(q, dbc_expr_op(q, DBC_OP_EQ, left,
                                   dbc_expr_value(q, dbc_value_int(id))));
}

static int run(world *w, dbc_query *q)
{
    int rc = dbc_query_run(NULL, w->conn, q, NULL);

    dbc_query_free(q);
    return rc;
}

static int insert(world *w, const char *status, int64_t total)
{
    dbc_query *q = dbc_query_new(NULL);

    assert_non_null(q);
    dbc_query_insert(q, orders(w));
    set_status(w, q, status);
    set_int(w, q, "total", total);
    return run(w, q);
}

static dbc_query *new_update(const world *w, int64_t total)
{
    dbc_query *q = dbc_query_new(NULL);

    dbc_query_update(q, orders(w));
    set_int(w, q, "total", total);
    return q;
}

static int update(world *w, int64_t id, int64_t total)
{
    dbc_query *q = new_update(w, total);

    where_id(w, q, id);
    return run(w, q);
}

static dbc_query *new_delete(const world *w, int64_t id)
{
    dbc_query *q = dbc_query_new(NULL);

    dbc_query_delete(q, orders(w));
    where_id(w, q, id);
    return q;
}

// The first value of SQL that gives one row, as a text.
static const char *ask(const world *w, const char *sql)
{
    static char text[400];
    dbc_stmt *stmt;

    ASSERT_RC(DBC_OK, dbc_stmt_acquire(&stmt, w->conn, sql, strlen(sql)),
              w->conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), w->conn);
    const char *found = dbc_stmt_text(stmt, 0, NULL);
    strncpy(text, found ? found : "NULL", sizeof text - 1);
    dbc_stmt_release(stmt);
    return text;
}

#define LOG    "SELECT ifnull(group_concat(what, '; '), '') FROM log"
#define NUMBER "SELECT cast(count(*) AS TEXT) FROM orders"

static const char *message(const world *w)
{
    return dbc_conn_error(w->conn)->message;
}

// ----------------------------------------------------------------------- hooks

static void calls_the_hooks_of_a_create(void **state)
{
    world *w = *state;

    ASSERT_RC(DBC_OK, insert(w, "new", 10), w->conn);

    assert_string_equal("creating; created 1 hook", ask(w, LOG));
    assert_string_equal("NEW {\"by\":\"hook\"}",
                        ask(w, "SELECT status || ' ' || tags FROM orders"));
}

static void fills_what_lua_fills(void **state)
{
    world *w = *state;

    ASSERT_RC(DBC_OK, insert(w, "new", 10), w->conn);
    assert_string_equal("C-NEW", ask(w, "SELECT code FROM orders"));
    assert_string_equal("NULL", ask(w, "SELECT touched FROM orders"));
    ASSERT_RC(DBC_OK, update(w, 1, 11), w->conn);
    assert_string_equal("7", ask(w, "SELECT cast(touched AS TEXT) "
                                    "FROM orders"));

    assert_int_equal(DBC_OK, dbc_conn_hook(w->conn, orders(w), NULL));
    ASSERT_RC(DBC_OK, insert(w, "bare", 10), w->conn);
    assert_string_equal("C-bare", ask(w, "SELECT code FROM orders "
                                         "WHERE id = 2"));
    assert_int_equal(DBC_ECALLBACK, insert(w, "codeless", 10));
    assert_non_null(strstr(message(w), "a default of the table failed"));
    assert_non_null(strstr(message(w), "no code for that"));
}

static void stamps_and_counts(void **state)
{
    world *w = *state;
    static const char *const stamped =
        "SELECT version || ' ' || (created_at > 1000) || ' ' || "
        "(updated_at >= created_at) FROM orders";

    ASSERT_RC(DBC_OK, insert(w, "new", 10), w->conn);
    assert_string_equal("1 1 1", ask(w, stamped));
    ASSERT_RC(DBC_OK, update(w, 1, 11), w->conn);
    assert_string_equal("2 1 1", ask(w, stamped));
}

static void refuses_an_update_of_another_version(void **state)
{
    world *w = *state;
    dbc_query *q = new_update(w, 12);

    ASSERT_RC(DBC_OK, insert(w, "new", 10), w->conn);
    set_int(w, q, "version", 4);
    dbc_query_everywhere(q);
    assert_int_equal(DBC_ECONFLICT, run(w, q));
    assert_non_null(strstr(message(w), "version 4 was expected, it is 1"));

    q = new_update(w, 12);
    set_int(w, q, "version", 1);
    dbc_query_everywhere(q);
    ASSERT_RC(DBC_OK, run(w, q), w->conn);
    assert_string_equal("2", ask(w, "SELECT cast(version AS TEXT) "
                                    "FROM orders"));
}

static void calls_the_hooks_of_an_update(void **state)
{
    world *w = *state;
    dbc_query *q = new_update(w, 30);

    ASSERT_RC(DBC_OK, insert(w, "a", 10), w->conn);
    ASSERT_RC(DBC_OK, insert(w, "b", 20), w->conn);
    assert_int_equal(DBC_OK, dbc_exec(w->conn, SQL("DELETE FROM log")));
    dbc_query_everywhere(q);
    ASSERT_RC(DBC_OK, run(w, q), w->conn);

    assert_string_equal("updating 1; updated 10 to 30; updating 2; "
                        "updated 20 to 30",
                        ask(w, LOG));
}

static void undoes_all_of_an_update_for_one_row(void **state)
{
    world *w = *state;
    dbc_query *q = new_update(w, 30);

    ASSERT_RC(DBC_OK, insert(w, "a", 10), w->conn);
    ASSERT_RC(DBC_OK, insert(w, "b", 13), w->conn);
    assert_int_equal(DBC_OK, dbc_exec(w->conn, SQL("DELETE FROM log")));
    dbc_query_everywhere(q);
    assert_int_equal(DBC_ECALLBACK, run(w, q));

    assert_non_null(strstr(message(w), "unlucky"));
    assert_string_equal("", ask(w, LOG));
    assert_string_equal("10", ask(w, "SELECT cast(total AS TEXT) FROM orders "
                                     "WHERE id = 1"));
}

static void deletes_softly(void **state)
{
    world *w = *state;
    dbc_query *q;

    ASSERT_RC(DBC_OK, insert(w, "a", 10), w->conn);
    assert_int_equal(DBC_OK, dbc_exec(w->conn, SQL("DELETE FROM log")));
    for (int i = 0; i < 2; i++)
        ASSERT_RC(DBC_OK, run(w, new_delete(w, 1)), w->conn);

    assert_string_equal("deleting 1; deleted 1", ask(w, LOG));
    assert_string_equal("1", ask(w, "SELECT cast(deleted_at > 1000 AS TEXT) "
                                    "FROM orders"));
    q = new_delete(w, 1);
    dbc_query_unhook(q);
    ASSERT_RC(DBC_OK, run(w, q), w->conn);
    assert_string_equal("0", ask(w, NUMBER));
}

static void leaves_deleted_rows_alone(void **state)
{
    world *w = *state;
    dbc_query *q = new_update(w, 12);

    ASSERT_RC(DBC_OK, insert(w, "a", 10), w->conn);
    ASSERT_RC(DBC_OK, insert(w, "b", 11), w->conn);
    ASSERT_RC(DBC_OK, run(w, new_delete(w, 1)), w->conn);
    assert_int_equal(DBC_OK, dbc_exec(w->conn, SQL("DELETE FROM log")));
    dbc_query_everywhere(q);
    ASSERT_RC(DBC_OK, run(w, q), w->conn);
    assert_string_equal("updating 2; updated 11 to 12", ask(w, LOG));
    assert_string_equal("10", ask(w, "SELECT cast(total AS TEXT) FROM orders "
                                     "WHERE id = 1"));

    q = new_update(w, 14);
    where_id(w, q, 1);
    dbc_query_with_deleted(q);
    ASSERT_RC(DBC_OK, run(w, q), w->conn);
    assert_string_equal("14", ask(w, "SELECT cast(total AS TEXT) FROM orders "
                                     "WHERE id = 1 AND deleted_at > 0"));
    assert_int_equal(DBC_OK, dbc_exec(w->conn, SQL("DELETE FROM log")));
    q = new_delete(w, 1);
    dbc_query_with_deleted(q);
    ASSERT_RC(DBC_OK, run(w, q), w->conn);
    assert_string_equal("deleting 1; deleted 1", ask(w, LOG));
}

// INSERT … ON CONFLICT (id) DO UPDATE SET total = excluded.total
static int upsert(world *w, int64_t id, int64_t total)
{
    dbc_query *q = dbc_query_new(NULL);
    const dbc_column *key = column(w, "id");

    dbc_query_insert(q, orders(w));
    set_int(w, q, "id", id);
    set_int(w, q, "total", total);
    set_status(w, q, "up");
    dbc_query_on_conflict(q, &key, 1);
    dbc_query_conflict_set(q, column(w, "total"),
                           dbc_expr_excluded(q, "total"));
    return run(w, q);
}

static void creates_or_updates(void **state)
{
    world *w = *state;
    static const char *const shown =
        "SELECT status || ' ' || total || ' ' || version || ' ' || "
        "ifnull(touched, '-') || ' ' || (updated_at > 1000) || ' ' || "
        "(deleted_at IS NULL) FROM orders";

    ASSERT_RC(DBC_OK, upsert(w, 4, 10), w->conn);
    assert_string_equal("creating; created 4 hook", ask(w, LOG));
    assert_string_equal("UP 10 1 - 1 1", ask(w, shown));
    assert_int_equal(DBC_OK, dbc_exec(w->conn, SQL("DELETE FROM log")));
    ASSERT_RC(DBC_OK, upsert(w, 4, 20), w->conn);
    assert_string_equal("updating 4; updated 10 to 20", ask(w, LOG));
    assert_string_equal("UP 20 2 7 1 1", ask(w, shown));

    ASSERT_RC(DBC_OK, run(w, new_delete(w, 4)), w->conn);
    ASSERT_RC(DBC_OK, upsert(w, 4, 30), w->conn);
    assert_string_equal("UP 30 4 7 1 1", ask(w, shown));
}

static void creates_each_row_of_a_query(void **state)
{
    world *w = *state;
    dbc_query *rows = dbc_query_new(NULL), *q = dbc_query_new(NULL);

    ASSERT_RC(DBC_OK, insert(w, "a", 10), w->conn);
    ASSERT_RC(DBC_OK, insert(w, "b", 20), w->conn);
    assert_int_equal(DBC_OK, dbc_exec(w->conn, SQL("DELETE FROM log")));
    dbc_query_from(rows, orders(w), NULL);
    dbc_query_select(rows, dbc_expr_column(rows, column(w, "total"), NULL),
                     NULL);
    dbc_query_select(rows, dbc_expr_value(rows, dbc_value_text("c", 1)),
                     "status");
    dbc_query_insert(q, orders(w));
    dbc_query_insert_from(q, rows);
    dbc_query_free(rows);
    ASSERT_RC(DBC_OK, run(w, q), w->conn);

    assert_string_equal("creating; created 3 hook; creating; created 4 hook",
                        ask(w, LOG));
    assert_string_equal("C C-C 1 10,C C-C 1 20",
                        ask(w, "SELECT group_concat(status || ' ' || code || "
                               "' ' || version || ' ' || total) FROM orders "
                               "WHERE id > 2"));
}

static void undoes_what_a_hook_raises_about(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_ECALLBACK, insert(w, "crash", 10));
    assert_non_null(strstr(message(w), "no such luck"));
    assert_int_equal(DBC_ECALLBACK, insert(w, "late", 10));
    assert_non_null(strstr(message(w), "too late"));
    assert_string_equal("", ask(w, LOG));
    assert_string_equal("0", ask(w, NUMBER));
    ASSERT_RC(DBC_OK, insert(w, "new", 10), w->conn);
}

static void keeps_the_code_of_what_dbcore_raised(void **state)
{
    world *w = *state;

    ASSERT_RC(DBC_OK, insert(w, "new", 10), w->conn);
    assert_int_equal(DBC_EUNIQUE, insert(w, "twice", 10));
    assert_string_equal("orders", dbc_conn_error(w->conn)->table);
    assert_int_equal(DBC_EINVALID, insert(w, "typed", 10));
    assert_int_equal(DBC_ESCHEMA, insert(w, "odd key", 10));
    assert_non_null(strstr(message(w), "nothing"));

    assert_string_equal("1", ask(w, NUMBER));
}

static void stops_a_hook_that_loops(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_ELIMIT, insert(w, "loop", 10));
    assert_int_equal(0, dbc_script_is_alive(w->vm));
    assert_int_equal(DBC_ELIMIT, insert(w, "new", 10));
    assert_string_equal("0", ask(w, NUMBER));
}

static void refuses_when_the_script_was_cancelled(void **state)
{
    world *w = *state;

    ASSERT_RC(DBC_OK, insert(w, "new", 10), w->conn);
    dbc_script_cancel(w->vm);

    assert_int_equal(DBC_EINTERRUPTED, insert(w, "new", 10));
    assert_int_equal(DBC_EINTERRUPTED, update(w, 1, 20));
    assert_int_equal(DBC_EINTERRUPTED, run(w, new_delete(w, 1)));
    assert_string_equal("1", ask(w, NUMBER));
}

static void refuses_when_the_script_is_closed(void **state)
{
    world *w = *state;

    ASSERT_RC(DBC_OK, insert(w, "new", 10), w->conn);
    dbc_script_close(w->vm);
    w->vm = NULL;

    assert_int_equal(DBC_ECLOSED, insert(w, "new", 10));
    assert_int_equal(DBC_ECLOSED, run(w, new_delete(w, 1)));
    assert_string_equal("1", ask(w, NUMBER));
}

static void lives_as_long_as_the_connection_that_keeps_it(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_OK, dbc_script_keep(w->vm, &w->err));
    w->vm = NULL;

    ASSERT_RC(DBC_OK, insert(w, "new", 10), w->conn);
    assert_string_equal("C-NEW", ask(w, "SELECT code FROM orders"));
}

static void lets_no_hook_end_the_transaction(void **state)
{
    world *w = *state;

    assert_true(insert(w, "end", 10) < 0);
    assert_true(insert(w, "open", 10) < 0);
    assert_string_equal("0", ask(w, NUMBER));
    assert_int_equal(0, dbc_conn_depth(w->conn));
    ASSERT_RC(DBC_OK, insert(w, "new", 10), w->conn);
}

static void leaves_writes_of_lua_alone(void **state)
{
    world *w = *state;
    int64_t id;

    assert_int_equal(DBC_OK, dbc_script_call(w->vm, "in_lua", &w->err,
                                             "text>integer", "new", &id));

    assert_int_equal(1, id);
    assert_string_equal("", ask(w, LOG));
    assert_string_equal("new C-new", ask(w, "SELECT status || ' ' || code "
                                            "FROM orders"));
}

static void holds_for_the_host_inside_of_a_run(void **state)
{
    world *w = *state;

    ASSERT_RC(DBC_OK, insert(w, "host", 10), w->conn);

    assert_string_equal("2", ask(w, NUMBER));
    assert_string_equal("POKED", ask(w, "SELECT min(status) FROM orders WHERE "
                                        "status <> 'HOST'"));
}

static void ends_hooks_that_call_each_other_for_ever(void **state)
{
    world *w = *state;
    int rc = dbc_script_call(w->vm, "call_host", &w->err, "");

    assert_true(rc < 0);
    assert_string_equal("0", ask(w, NUMBER));
    assert_int_equal(0, dbc_conn_depth(w->conn));
}

static void says_when_there_is_no_repository(void **state)
{
    world *w = *state;
    dbc_script *bare;

    assert_int_equal(DBC_ENOTFOUND,
                     dbc_script_repository(w->vm, "orders", &w->err));
    assert_non_null(strstr(w->err.message, "d.repository"));
    assert_int_equal(DBC_OK, dbc_script_open(&bare, NULL, DBC_SCRIPT_SANDBOX,
                                             NULL, &w->err));
    assert_int_equal(DBC_EINVALID,
                     dbc_script_repository(bare, "Orders", &w->err));
    dbc_script_close(bare);
}

static void inserts_many_rows_with_their_hooks(void **state)
{
    world *w = *state;
    const dbc_value values[] = {dbc_value_text("a", 1), dbc_value_text("b", 1),
                                dbc_value_text("crash", 5)};
    dbc_rows rows = {.values = values, .count = 3};
    dbc_query *q = dbc_query_new(NULL);
    dbc_result result;

    dbc_query_insert(q, orders(w));
    dbc_query_slot(q, column(w, "status"));
    assert_int_equal(DBC_ECALLBACK,
                     dbc_query_run_rows(NULL, w->conn, q, &rows));
    assert_int_equal(3, dbc_conn_error(w->conn)->row);
    assert_string_equal("0", ask(w, NUMBER));
    rows.count = 2;
    ASSERT_RC(DBC_OK, dbc_query_run_rows(&result, w->conn, q, &rows), w->conn);

    assert_int_equal(2, result.changes);
    assert_int_equal(2, result.last_rowid);
    assert_string_equal("A,B", ask(w, "SELECT group_concat(status) "
                                      "FROM orders"));
    dbc_query_free(q);
}

// ---------------------------------------------------------------------- faults

// What happens is a refusal, never a row that no hook has seen.
static void lets_nothing_through_when_memory_is_out(void **state)
{
    int refused = 1;

    (void)state;
    for (long at = 1; refused; at += 3) {
        world w = WORLD_INIT;
        fault memory;
        int rc;

        fault_init(&memory);
        assert_int_equal(DBC_OK,
                         open_world(&w, DBC_SCRIPT_SANDBOX, &memory.alloc));
        fault_arm(&memory, at, FAULT_ONCE);
        rc = insert(&w, "new", 10);
        if (rc == DBC_OK) rc = update(&w, 1, 20);
        if (rc == DBC_OK) rc = run(&w, new_delete(&w, 1));
        refused = memory.failed > 0;
        fault_arm(&memory, 0, FAULT_ONCE);
        assert_string_equal("0", ask(&w, "SELECT cast(count(*) AS TEXT) FROM "
                                         "orders WHERE status = 'new' OR "
                                         "code IS NULL"));
        world_close(&w);
        assert_int_equal(0, memory.live_blocks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SANDBOXED(calls_the_hooks_of_a_create),
        TRUSTED(calls_the_hooks_of_a_create),
        SANDBOXED(fills_what_lua_fills),
        SANDBOXED(stamps_and_counts),
        SANDBOXED(refuses_an_update_of_another_version),
        SANDBOXED(calls_the_hooks_of_an_update),
        TRUSTED(calls_the_hooks_of_an_update),
        SANDBOXED(undoes_all_of_an_update_for_one_row),
        SANDBOXED(deletes_softly),
        SANDBOXED(leaves_deleted_rows_alone),
        SANDBOXED(creates_or_updates),
        TRUSTED(creates_or_updates),
        SANDBOXED(creates_each_row_of_a_query),
        SANDBOXED(undoes_what_a_hook_raises_about),
        SANDBOXED(keeps_the_code_of_what_dbcore_raised),
        SANDBOXED(stops_a_hook_that_loops),
        SANDBOXED(refuses_when_the_script_was_cancelled),
        SANDBOXED(refuses_when_the_script_is_closed),
        SANDBOXED(lives_as_long_as_the_connection_that_keeps_it),
        SANDBOXED(lets_no_hook_end_the_transaction),
        TRUSTED(lets_no_hook_end_the_transaction),
        SANDBOXED(leaves_writes_of_lua_alone),
        SANDBOXED(holds_for_the_host_inside_of_a_run),
        TRUSTED(holds_for_the_host_inside_of_a_run),
        SANDBOXED(ends_hooks_that_call_each_other_for_ever),
        TRUSTED(ends_hooks_that_call_each_other_for_ever),
        SANDBOXED(says_when_there_is_no_repository),
        SANDBOXED(inserts_many_rows_with_their_hooks),
        cmocka_unit_test(lets_nothing_through_when_memory_is_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
