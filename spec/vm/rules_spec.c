// A program in C that writes to tables whose rules are in Lua: what a column
// and a row must be, and what a context may reach, hold for its own queries;
// a script that was stopped, or is gone, refuses them.
#include <string.h>

#include "fault.h"
#include "world.h"

static const char source[] =
    "local d = dbcore\n"
    "orders = d.table('orders', { d.integer 'id' :primary_key(),\n"
    "  d.text 'status' :validate(function(s)\n"
    "    if s == 'crash' then error 'no such luck' end\n"
    "    if s == 'loop' then while true do end end\n"
    "    if s == 'eat' then local t = {} while true do\n"
    "      t[#t + 1] = { s } end end\n"
    "    if s == 'read' then return db:query('SELECT 1'):value() == 1 end\n"
    "    return s ~= 'odd', 'the status is odd' end),\n"
    "  d.integer 'total', d.integer 'paid' :default(0),\n"
    "  d.rule('paid_up', function(row)\n"
    "    return row.paid <= row.total, 'more is paid than is due'\n"
    "  end) :on('paid', 'total') })\n"
    "notes = d.table('notes', { d.integer 'id' :primary_key() })\n"
    "schema = d.schema { orders, notes }\n"
    "d.policy(orders, { all = function(ctx)\n"
    "  return orders.total:lt(ctx.limit) end })\n"
    "function poke() return coroutine.wrap(function()\n"
    "  return db:from(orders):count() end)() end\n";

static int open_world(world *out, dbc_script_profile profile,
                      const dbc_alloc *alloc)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
    int rc;

    limits.time_ms = 2000;
    limits.instructions = 2000000;
    limits.memory = 8 << 20;
    limits.alloc = alloc;
    rc = world_open(out, profile, &limits);
    if (rc == DBC_OK) rc = world_load(out, SQL(source));
    return rc;
}

// --------------------------------------------------------------------- queries

static const dbc_table *table_of(const world *w, const char *name)
{
    const dbc_table *table =
        dbc_schema_find(w->schema, name, strlen(name), NULL);

    assert_non_null(table);
    return table;
}

static const dbc_column *column_of(const world *w, const char *name)
{
    const dbc_column *column =
        dbc_table_find(table_of(w, "orders"), name, strlen(name), NULL);

    assert_non_null(column);
    return column;
}

static int insert_on(world *w, dbc_conn *conn, const char *status,
                     int64_t total, int64_t paid)
{
    dbc_query *query = dbc_query_new(NULL);
    int rc;

    assert_non_null(query);
    dbc_query_insert(query, table_of(w, "orders"));
    dbc_query_set(
        query, column_of(w, "status"),
        dbc_expr_value(query, dbc_value_text(status, strlen(status))));
    dbc_query_set(query, column_of(w, "total"),
                  dbc_expr_value(query, dbc_value_int(total)));
    dbc_query_set(query, column_of(w, "paid"),
                  dbc_expr_value(query, dbc_value_int(paid)));
    rc = dbc_query_run(NULL, conn, query, NULL);
    dbc_query_free(query);
    return rc;
}

static int insert(world *w, const char *status, int64_t total, int64_t paid)
{
    return insert_on(w, w->conn, status, total, paid);
}

static int update_status(world *w, const char *status)
{
    dbc_query *query = dbc_query_new(NULL);
    int rc;

    assert_non_null(query);
    dbc_query_update(query, table_of(w, "orders"));
    dbc_query_set(
        query, column_of(w, "status"),
        dbc_expr_value(query, dbc_value_text(status, strlen(status))));
    dbc_query_everywhere(query);
    rc = dbc_query_run(NULL, w->conn, query, NULL);
    dbc_query_free(query);
    return rc;
}

static int64_t count(world *w, const char *table)
{
    dbc_query *query = dbc_query_new(NULL);
    int64_t found = -1;

    assert_non_null(query);
    dbc_query_from(query, table_of(w, table), NULL);
    ASSERT_RC(DBC_OK, dbc_query_count(&found, w->conn, query, NULL), w->conn);
    dbc_query_free(query);
    return found;
}

static const char *message(const world *w)
{
    return dbc_conn_error(w->conn)->message;
}

// ----------------------------------------------------------------------- rules

static void judges_a_column_in_the_hosts_insert(void **state)
{
    world *w = *state;
    const dbc_violation *broken;

    ASSERT_RC(DBC_OK, insert(w, "new", 10, 0), w->conn);
    assert_int_equal(DBC_EVALIDATION, insert(w, "odd", 10, 0));

    assert_int_equal(1, dbc_report_count(dbc_conn_report(w->conn)));
    broken = dbc_report_at(dbc_conn_report(w->conn), 0);
    assert_string_equal("status", broken->path);
    assert_string_equal("validate", broken->rule);
    assert_string_equal("the status is odd", broken->message);
    assert_int_equal(1, count(w, "orders"));
}

static void judges_a_row_in_the_hosts_insert(void **state)
{
    world *w = *state;
    const dbc_violation *broken;

    assert_int_equal(DBC_EVALIDATION, insert(w, "new", 10, 11));

    broken = dbc_report_at(dbc_conn_report(w->conn), 0);
    assert_string_equal("paid_up", broken->rule);
    assert_string_equal("more is paid than is due", broken->message);
    assert_int_equal(0, count(w, "orders"));
}

static void judges_the_hosts_update(void **state)
{
    world *w = *state;

    ASSERT_RC(DBC_OK, insert(w, "new", 10, 0), w->conn);

    assert_int_equal(DBC_EVALIDATION, update_status(w, "odd"));
    ASSERT_RC(DBC_OK, update_status(w, "sent"), w->conn);
}

static void undoes_many_rows_for_one_that_is_refused(void **state)
{
    world *w = *state;
    const dbc_value values[] = {dbc_value_text("a", 1), dbc_value_int(5),
                                dbc_value_int(1),       dbc_value_text("b", 1),
                                dbc_value_int(5),       dbc_value_int(6)};
    const dbc_rows rows = {.values = values, .count = 2};
    dbc_query *query = dbc_query_new(NULL);

    dbc_query_insert(query, table_of(w, "orders"));
    dbc_query_slot(query, column_of(w, "status"));
    dbc_query_slot(query, column_of(w, "total"));
    dbc_query_slot(query, column_of(w, "paid"));
    assert_int_equal(DBC_EVALIDATION,
                     dbc_query_run_rows(NULL, w->conn, query, &rows));

    assert_int_equal(2, dbc_conn_error(w->conn)->row);
    assert_int_equal(0, count(w, "orders"));
    dbc_query_free(query);
}

static void passes_an_error_of_a_rule_on(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_ECALLBACK, insert(w, "crash", 10, 0));

    assert_non_null(strstr(message(w), "no such luck"));
    assert_int_equal(0, count(w, "orders"));
    ASSERT_RC(DBC_OK, insert(w, "new", 10, 0), w->conn);
}

static void keeps_the_connection_from_a_rule_of_its_write(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_ECALLBACK, insert(w, "read", 10, 0));
    assert_int_equal(0, count(w, "orders"));
}

static void refuses_what_a_stopped_script_would_judge(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_ELIMIT, insert(w, "loop", 10, 0));
    assert_non_null(strstr(message(w), "instruction limit exceeded"));

    assert_int_equal(0, dbc_script_is_alive(w->vm));
    assert_int_equal(DBC_ELIMIT, insert(w, "new", 10, 0));
    assert_int_equal(0, count(w, "orders"));
}

static void stops_a_rule_that_eats_memory(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_ELIMIT, insert(w, "eat", 10, 0));

    assert_int_equal(0, dbc_script_is_alive(w->vm));
    assert_int_equal(0, count(w, "orders"));
}

static void refuses_when_the_script_was_cancelled(void **state)
{
    world *w = *state;

    dbc_script_cancel(w->vm);

    assert_int_equal(DBC_EINTERRUPTED, insert(w, "new", 10, 0));
    assert_int_equal(0, count(w, "orders"));
}

static void refuses_when_the_script_is_closed(void **state)
{
    world *w = *state;

    dbc_script_close(w->vm);
    w->vm = NULL;

    assert_int_equal(DBC_ECLOSED, insert(w, "new", 10, 0));
    assert_int_equal(0, count(w, "orders"));
}

static void judges_each_row_with_fresh_figures(void **state)
{
    world *w = *state;
    dbc_script_usage usage;

    for (int i = 0; i < 500; i++)
        ASSERT_RC(DBC_OK, insert(w, "new", 10, 0), w->conn);

    dbc_script_figures(w->vm, &usage);
    assert_in_range(usage.runs, 500, 510);
    assert_int_equal(500, count(w, "orders"));
}

// The state that used the connection last is garbage by then.
static void judges_after_a_coroutine_has_used_the_connection(void **state)
{
    world *w = *state;
    int64_t found = -1;

    for (int i = 0; i < 50; i++) {
        assert_int_equal(DBC_OK, dbc_script_call(w->vm, "poke", &w->err,
                                                 ">integer", &found));
        assert_int_equal(i, found);
        ASSERT_RC(DBC_OK, insert(w, "new", 10, 0), w->conn);
        assert_int_equal(DBC_EVALIDATION, insert(w, "odd", 10, 0));
    }
}

static void keeps_rules_when_the_script_is_replaced(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_OK, dbc_script_reload(w->vm, "shop.lua",
                                               SQL("schema = nil"), &w->err));
    assert_int_equal(DBC_OK, dbc_script_load(w->vm, "gc",
                                             SQL("for i = 1, 50000 do "
                                                 "local t = { i } end"),
                                             &w->err));

    assert_int_equal(DBC_EVALIDATION, insert(w, "odd", 10, 0));
    ASSERT_RC(DBC_OK, insert(w, "new", 10, 0), w->conn);
}

static void judges_for_another_connection(void **state)
{
    world *w = *state;
    dbc_conn *other;

    assert_int_equal(DBC_OK, dbc_open(&other, ":memory:", NULL, &w->err));
    ASSERT_RC(DBC_OK, dbc_create(other, w->schema), other);

    ASSERT_RC(DBC_OK, insert_on(w, other, "read", 10, 0), other);
    assert_int_equal(DBC_EVALIDATION, insert_on(w, other, "odd", 10, 0));
    assert_int_equal(0, count(w, "orders"));
    dbc_close(other);
}

static void lives_as_long_as_the_connection_that_keeps_it(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_OK, dbc_script_keep(w->vm, &w->err));
    w->vm = NULL;

    assert_int_equal(DBC_EVALIDATION, insert(w, "odd", 10, 0));
}

// -------------------------------------------------------------------- policies

static const dbc_policy *policy_for(world *w, int64_t limit)
{
    const dbc_script_field fields[] = {{"limit", dbc_value_int(limit), NULL}};
    const dbc_script_table context = {fields, 1};
    const dbc_policy *policy;

    if (dbc_script_policy(&policy, w->vm, "schema", &context, &w->err) < 0)
        fail_msg("%s", w->err.message);
    return policy;
}

static void holds_policies_for_the_hosts_queries(void **state)
{
    world *w = *state;
    const dbc_policy *policy = policy_for(w, 50);

    ASSERT_RC(DBC_OK, insert(w, "new", 10, 0), w->conn);
    ASSERT_RC(DBC_OK, insert(w, "new", 90, 0), w->conn);
    dbc_conn_restrict(w->conn, policy);
    dbc_policy_release(policy);

    assert_int_equal(1, count(w, "orders"));
    assert_int_equal(0, count(w, "notes"));
    assert_int_equal(DBC_EDENIED, insert(w, "new", 60, 0));
    ASSERT_RC(DBC_OK, insert(w, "new", 20, 0), w->conn);
    ASSERT_RC(DBC_OK, update_status(w, "sent"), w->conn);
    dbc_conn_restrict(w->conn, NULL);
    assert_int_equal(3, count(w, "orders"));
}

static void holds_a_policy_when_the_script_is_gone(void **state)
{
    world *w = *state;
    const dbc_policy *policy = policy_for(w, 50);

    ASSERT_RC(DBC_OK, insert(w, "new", 90, 0), w->conn);
    dbc_script_close(w->vm);
    w->vm = NULL;
    dbc_conn_restrict(w->conn, policy);
    dbc_policy_release(policy);

    assert_int_equal(0, count(w, "orders"));
}

static void closes_other_tables_without_a_schema(void **state)
{
    world *w = *state;
    const dbc_script_field fields[] = {{"limit", dbc_value_int(5), NULL}};
    const dbc_script_table context = {fields, 1};
    const dbc_policy *policy;
    dbc_query *query = dbc_query_new(NULL);
    int64_t found;

    assert_int_equal(
        DBC_OK, dbc_script_policy(&policy, w->vm, NULL, &context, &w->err));
    dbc_query_from(query, table_of(w, "notes"), NULL);
    dbc_query_restrict(query, policy);

    assert_int_equal(DBC_EDENIED,
                     dbc_query_count(&found, w->conn, query, NULL));
    dbc_query_free(query);
    dbc_policy_release(policy);
}

static void refuses_a_context_that_lacks_a_key(void **state)
{
    world *w = *state;
    const dbc_policy *policy;
    dbc_query *query = dbc_query_new(NULL);
    int64_t found;

    assert_int_equal(
        DBC_OK, dbc_script_policy(&policy, w->vm, "schema", NULL, &w->err));
    dbc_query_from(query, table_of(w, "orders"), NULL);
    dbc_query_restrict(query, policy);

    assert_int_equal(DBC_EINVALID,
                     dbc_query_count(&found, w->conn, query, NULL));
    assert_non_null(strstr(message(w), "the context has no \"limit\""));
    dbc_query_free(query);
    dbc_policy_release(policy);
}

static void says_what_a_policy_lacks(void **state)
{
    world *w = *state;
    const dbc_policy *policy;
    dbc_script *bare;

    assert_int_equal(DBC_ENOTFOUND, dbc_script_policy(&policy, w->vm, "nothing",
                                                      NULL, &w->err));
    assert_null(policy);
    assert_int_equal(DBC_OK, dbc_script_open(&bare, NULL, DBC_SCRIPT_SANDBOX,
                                             NULL, &w->err));
    assert_int_equal(DBC_EINVALID,
                     dbc_script_policy(&policy, bare, NULL, NULL, &w->err));
    dbc_script_close(bare);
    assert_int_equal(DBC_OK, dbc_script_open(&bare, w->conn, DBC_SCRIPT_SANDBOX,
                                             NULL, &w->err));
    assert_int_equal(DBC_EINVALID,
                     dbc_script_policy(&policy, bare, NULL, NULL, &w->err));
    assert_non_null(strstr(w->err.message, "has a policy"));
    dbc_script_close(bare);
}

// ---------------------------------------------------------------------- faults

// Memory runs out once the VM stands: in a rule or in making a policy. What
// happens is a refusal, never a row that was not judged.
static void lets_nothing_through_when_memory_is_out(void **state)
{
    const dbc_script_field fields[] = {{"limit", dbc_value_int(50), NULL}};
    const dbc_script_table context = {fields, 1};
    const dbc_policy *policy;
    int refused = 1;

    (void)state;
    for (long at = 1; refused; at++) {
        world w = WORLD_INIT;
        fault memory;

        fault_init(&memory);
        assert_int_equal(DBC_OK,
                         open_world(&w, DBC_SCRIPT_SANDBOX, &memory.alloc));
        fault_arm(&memory, at, FAULT_ONCE);
        assert_true(insert(&w, "odd", 10, 0) < 0);
        (void)insert(&w, "new", 10, 0);
        (void)dbc_script_policy(&policy, w.vm, "schema", &context, &w.err);
        dbc_policy_release(policy);
        refused = memory.failed > 0;
        fault_arm(&memory, 0, FAULT_ONCE);
        assert_in_range(count(&w, "orders"), 0, 1);
        world_close(&w);
        assert_int_equal(0, memory.live_blocks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SANDBOXED(judges_a_column_in_the_hosts_insert),
        TRUSTED(judges_a_column_in_the_hosts_insert),
        SANDBOXED(judges_a_row_in_the_hosts_insert),
        SANDBOXED(judges_the_hosts_update),
        SANDBOXED(undoes_many_rows_for_one_that_is_refused),
        SANDBOXED(passes_an_error_of_a_rule_on),
        SANDBOXED(keeps_the_connection_from_a_rule_of_its_write),
        SANDBOXED(refuses_what_a_stopped_script_would_judge),
        TRUSTED(refuses_what_a_stopped_script_would_judge),
        SANDBOXED(stops_a_rule_that_eats_memory),
        SANDBOXED(refuses_when_the_script_was_cancelled),
        SANDBOXED(refuses_when_the_script_is_closed),
        SANDBOXED(judges_each_row_with_fresh_figures),
        SANDBOXED(judges_after_a_coroutine_has_used_the_connection),
        TRUSTED(judges_after_a_coroutine_has_used_the_connection),
        SANDBOXED(keeps_rules_when_the_script_is_replaced),
        SANDBOXED(judges_for_another_connection),
        SANDBOXED(lives_as_long_as_the_connection_that_keeps_it),
        SANDBOXED(holds_policies_for_the_hosts_queries),
        TRUSTED(holds_policies_for_the_hosts_queries),
        SANDBOXED(holds_a_policy_when_the_script_is_gone),
        SANDBOXED(closes_other_tables_without_a_schema),
        SANDBOXED(refuses_a_context_that_lacks_a_key),
        SANDBOXED(says_what_a_policy_lacks),
        cmocka_unit_test(lets_nothing_through_when_memory_is_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
