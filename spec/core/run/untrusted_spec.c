// Guards as any engine has them: rules that are copied, how much may be open
// and read, and ending what somebody left behind.
#include "fault.h"
#include "session.h"
#include "sqlite_session.h"

static const dbc_guard_table TABLES[] = {{"items", DBC_MAY_SELECT},
                                         {"log", DBC_MAY_ALL}};
static const char *const FUNCTIONS[] = {"own", "other"};

static int set_up(void **state)
{
    static sqlite_session session;

    *state = &session;
    sqlite_session_open(&session, ":memory:", NULL);
    EXEC(session.conn, "CREATE TABLE items (a); CREATE TABLE log (a); "
                       "INSERT INTO items VALUES (1), (2), (3)");
    return 0;
}

static int tear_down(void **state)
{
    sqlite_session_close(*state);
    return 0;
}

static dbc_guard *new_guard(const dbc_guard_rules *rules)
{
    dbc_guard *guard;
    dbc_error err = DBC_ERROR_INIT;

    if (dbc_guard_new(&guard, rules, NULL, &err) < 0)
        fail_msg("%s", err.message);
    return guard;
}

static void put_under(dbc_conn *conn, const dbc_guard *guard,
                      const dbc_guard_budget *budget)
{
    ASSERT_RC(DBC_OK, dbc_conn_guard(conn, guard, budget), conn);
}

static const char *message(const dbc_conn *conn)
{
    return dbc_conn_error(conn)->message;
}

// ----------------------------------------------------------------------- rules

static void copies_its_rules(void **state)
{
    const sqlite_session *s = *state;
    char name[] = "items";
    dbc_guard_table table = {name, DBC_MAY_SELECT};
    dbc_guard_rules rules = {
        .flags = DBC_GUARD_LISTED, .tables = &table, .table_count = 1};
    dbc_guard *guard = new_guard(&rules);

    memcpy(name, "nope!", 5);
    table.may = DBC_MAY_ALL;
    put_under(s->conn, guard, NULL);
    assert_int_equal(3, ASK_INT(s->conn, "SELECT count(*) FROM items"));
    ASSERT_FAILS(DBC_EDENIED, s->conn, "DELETE FROM items");

    put_under(s->conn, NULL, NULL);
    dbc_guard_free(guard);
}

static void refuses_rules_that_contradict_themselves(void **state)
{
    const dbc_guard_rules wrong[] = {{.value_len = -1},
                                     {.sql_len = -1},
                                     {.statements = -1},
                                     {.depth = -1},
                                     {.tables = TABLES, .table_count = 1}};
    (void)state;

    for (size_t i = 0; i < COUNT(wrong); i++) {
        dbc_guard *guard;
        dbc_error err = DBC_ERROR_INIT;
        assert_int_equal(DBC_EINVALID,
                         dbc_guard_new(&guard, &wrong[i], NULL, &err));
        assert_null(guard);
        assert_true(strlen(err.message) > 0);
    }
    dbc_guard_free(NULL);
}

static int make_guard(void *ud, const dbc_alloc *alloc)
{
    const dbc_guard_rules rules = {.flags = DBC_GUARD_LISTED,
                                   .tables = TABLES,
                                   .table_count = COUNT(TABLES),
                                   .functions = {FUNCTIONS, COUNT(FUNCTIONS)}};
    dbc_guard *guard;
    dbc_error err = DBC_ERROR_INIT;
    int rc = dbc_guard_new(&guard, &rules, alloc, &err);
    (void)ud;

    dbc_guard_free(guard);
    return rc;
}

static void is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    FAULT_WALK(make_guard, NULL);
}

static int work_guarded(void *ud, const dbc_alloc *alloc)
{
    const dbc_guard_rules rules = {.statements = 3};
    const dbc_open_options options = {.alloc = alloc};
    const dbc_guard_budget budget = {.rows = 100};
    dbc_guard *guard = NULL;
    dbc_conn *conn = NULL;
    dbc_mark mark;
    int rc;
    (void)ud;

    rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc == DBC_OK) rc = dbc_guard_new(&guard, &rules, alloc, NULL);
    if (rc == DBC_OK) {
        dbc_conn_mark(conn, &mark);
        rc = dbc_conn_guard(conn, guard, &budget);
    }
    if (rc == DBC_OK) rc = dbc_exec(conn, SQL("CREATE TABLE t (a)"));
    if (rc == DBC_OK) rc = dbc_exec(conn, SQL("BEGIN"));
    if (rc == DBC_OK) rc = dbc_exec(conn, SQL("INSERT INTO t VALUES (1)"));
    if (conn != NULL && guard != NULL) {
        assert_int_equal(DBC_OK, dbc_conn_guard(conn, NULL, NULL));
        int left = dbc_conn_unwind(conn, &mark);
        if (rc == DBC_OK && left < 0) rc = left;
        assert_int_equal(0, dbc_conn_depth(conn));
    }
    dbc_close(conn);
    dbc_guard_free(guard);
    return rc;
}

static void is_lifted_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(work_guarded, NULL);
}

static void says_when_a_driver_has_none(void **state)
{
    dbc_guard *guard = new_guard(&(dbc_guard_rules){0});
    dbc_open_options options = {.driver = dbc_driver_mock()};
    dbc_mock *mock = dbc_mock_new(NULL);
    dbc_conn *conn;
    (void)state;

    options.driver_ud = mock;
    assert_int_equal(DBC_OK, dbc_open(&conn, "mock", &options, NULL));
    assert_int_equal(DBC_EUNSUPPORTED, dbc_conn_guard(conn, guard, NULL));
    assert_int_equal(DBC_OK, dbc_conn_guard(conn, NULL, NULL));

    dbc_close(conn);
    dbc_mock_free(mock);
    dbc_guard_free(guard);
}

static void is_nothing_on_a_closed_connection(void **state)
{
    sqlite_session *s = *state;
    dbc_guard *guard = new_guard(&(dbc_guard_rules){0});

    put_under(s->conn, guard, NULL);
    dbc_conn_shut(s->conn);
    assert_int_equal(DBC_ECLOSED,
                     dbc_conn_guard(s->conn, guard, &(dbc_guard_budget){0}));
    assert_int_equal(DBC_OK, dbc_conn_guard(s->conn, NULL, NULL));

    dbc_guard_free(guard);
}

// --------------------------------------------------------------------- figures

static void lends_so_many_statements(void **state)
{
    const sqlite_session *s = *state;
    dbc_guard *guard = new_guard(&(dbc_guard_rules){.statements = 2});
    dbc_stmt *stmts[3];

    put_under(s->conn, guard, NULL);
    for (int i = 0; i < 2; i++)
        ASSERT_RC(DBC_OK, dbc_stmt_acquire(&stmts[i], s->conn, SQL("SELECT 1")),
                  s->conn);
    assert_int_equal(DBC_ELIMIT,
                     dbc_stmt_acquire(&stmts[2], s->conn, SQL("SELECT 2")));
    assert_non_null(strstr(message(s->conn), "statement limit exceeded: 2"));
    dbc_stmt_release(stmts[0]);
    ASSERT_RC(DBC_OK, dbc_stmt_acquire(&stmts[2], s->conn, SQL("SELECT 2")),
              s->conn);

    dbc_stmt_release(stmts[1]);
    dbc_stmt_release(stmts[2]);
    put_under(s->conn, NULL, NULL);
    dbc_guard_free(guard);
}

static void begins_so_many_transactions(void **state)
{
    const sqlite_session *s = *state;
    dbc_guard *guard = new_guard(&(dbc_guard_rules){.depth = 2});
    dbc_txn txns[3];

    put_under(s->conn, guard, NULL);
    for (int i = 0; i < 2; i++)
        ASSERT_RC(DBC_OK, dbc_txn_begin(&txns[i], s->conn, DBC_TXN_DEFAULT),
                  s->conn);
    assert_int_equal(DBC_ELIMIT,
                     dbc_txn_begin(&txns[2], s->conn, DBC_TXN_DEFAULT));
    assert_int_equal(2, dbc_conn_depth(s->conn));

    dbc_txn_rollback(&txns[0]);
    put_under(s->conn, NULL, NULL);
    dbc_guard_free(guard);
}

// Steps through all items. Returns the last code.
static int read_items(dbc_conn *conn)
{
    dbc_stmt *stmt;
    int rc = dbc_stmt_acquire(&stmt, conn, SQL("SELECT a FROM items"));

    while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW)
        ;
    dbc_stmt_release(stmt);
    return rc;
}

static void counts_rows_while_it_stands(void **state)
{
    const sqlite_session *s = *state;
    dbc_guard *guard = new_guard(&(dbc_guard_rules){0});
    const dbc_guard_budget budget = {.rows = 7};

    put_under(s->conn, guard, &budget);
    assert_int_equal(DBC_DONE, read_items(s->conn));
    put_under(s->conn, NULL, NULL);
    for (int i = 0; i < 5; i++)
        assert_int_equal(DBC_DONE, read_items(s->conn));
    assert_int_equal(3, dbc_conn_guarded_rows(s->conn));
    put_under(s->conn, guard, NULL);
    assert_int_equal(DBC_DONE, read_items(s->conn));
    assert_int_equal(DBC_ELIMIT, read_items(s->conn));
    assert_non_null(strstr(message(s->conn), "row limit exceeded"));

    put_under(s->conn, guard, &budget);
    assert_int_equal(DBC_DONE, read_items(s->conn));
    put_under(s->conn, NULL, NULL);
    dbc_guard_free(guard);
}

static void takes_no_text_when_told(void **state)
{
    const sqlite_session *s = *state;
    dbc_guard *guard =
        new_guard(&(dbc_guard_rules){.flags = DBC_GUARD_NO_TEXT});

    put_under(s->conn, guard, NULL);
    ASSERT_FAILS(DBC_EDENIED, s->conn, "SELECT 1");
    put_under(s->conn, NULL, NULL);
    EXEC(s->conn, "SELECT 1");

    dbc_guard_free(guard);
}

static void lets_no_text_end_a_transaction_of_others(void **state)
{
    const sqlite_session *s = *state;
    dbc_guard *guard = new_guard(&(dbc_guard_rules){0});
    const dbc_guard_budget budget = {0};
    dbc_txn txn;

    ASSERT_RC(DBC_OK, dbc_txn_begin(&txn, s->conn, DBC_TXN_DEFAULT), s->conn);
    put_under(s->conn, guard, &budget);
    ASSERT_FAILS(DBC_EDENIED, s->conn, "COMMIT");
    ASSERT_FAILS(DBC_EDENIED, s->conn, "SAVEPOINT x");
    put_under(s->conn, NULL, NULL);
    assert_true(dbc_txn_is_open(&txn));

    dbc_txn_rollback(&txn);
    dbc_guard_free(guard);
}

static void keeps_statements_of_both_sides_apart(void **state)
{
    const sqlite_session *s = *state;
    dbc_guard *guard =
        new_guard(&(dbc_guard_rules){.flags = DBC_GUARD_READONLY});

    // Prepared outside, and kept: not to be found inside.
    EXEC(s->conn, "DELETE FROM log");
    put_under(s->conn, guard, NULL);
    ASSERT_FAILS(DBC_EDENIED, s->conn, "DELETE FROM log");
    assert_int_equal(DBC_DONE, read_items(s->conn));
    put_under(s->conn, NULL, NULL);
    EXEC(s->conn, "DELETE FROM log");

    dbc_guard_free(guard);
}

// ------------------------------------------------------------------- unwinding

static void ends_what_was_begun_behind_a_mark(void **state)
{
    const sqlite_session *s = *state;
    dbc_txn outer, inner;
    dbc_stmt *stmt;
    dbc_mark mark;

    ASSERT_RC(DBC_OK, dbc_txn_begin(&outer, s->conn, DBC_TXN_DEFAULT), s->conn);
    EXEC(s->conn, "INSERT INTO log VALUES ('kept')");
    dbc_conn_mark(s->conn, &mark);
    ASSERT_RC(DBC_OK, dbc_txn_begin(&inner, s->conn, DBC_TXN_DEFAULT), s->conn);
    EXEC(s->conn, "INSERT INTO log VALUES ('half')");
    ASSERT_RC(DBC_OK,
              dbc_stmt_acquire(&stmt, s->conn, SQL("SELECT a FROM items")),
              s->conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), s->conn);

    assert_int_equal(DBC_DONE, dbc_conn_unwind(s->conn, &mark));

    assert_int_equal(DBC_EINTERRUPTED, dbc_stmt_step(stmt));
    assert_false(dbc_txn_is_open(&inner));
    ASSERT_RC(DBC_OK, dbc_txn_commit(&outer), s->conn);
    assert_string_equal("kept", ASK_TEXT(s->conn, "SELECT a FROM log"));
    dbc_stmt_release(stmt);
}

static void ends_a_transaction_of_raw_text(void **state)
{
    const sqlite_session *s = *state;
    dbc_mark mark;

    dbc_conn_mark(s->conn, &mark);
    assert_int_equal(DBC_OK, dbc_conn_unwind(s->conn, &mark));
    EXEC(s->conn, "BEGIN; INSERT INTO log VALUES (1)");
    assert_int_equal(DBC_DONE, dbc_conn_unwind(s->conn, &mark));

    assert_int_equal(0, ASK_INT(s->conn, "SELECT count(*) FROM log"));
}

static void leaves_what_was_open_before_the_mark(void **state)
{
    const sqlite_session *s = *state;
    dbc_stmt *stmt;
    dbc_mark mark;

    ASSERT_RC(DBC_OK,
              dbc_stmt_acquire(&stmt, s->conn, SQL("SELECT a FROM items")),
              s->conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), s->conn);
    dbc_conn_mark(s->conn, &mark);
    assert_int_equal(DBC_OK, dbc_conn_unwind(s->conn, &mark));

    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), s->conn);
    dbc_stmt_release(stmt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(copies_its_rules),
        SPEC(refuses_rules_that_contradict_themselves),
        cmocka_unit_test(is_made_whole_or_not_at_all),
        cmocka_unit_test(is_lifted_when_memory_is_out),
        cmocka_unit_test(says_when_a_driver_has_none),
        SPEC(is_nothing_on_a_closed_connection),
        SPEC(lends_so_many_statements),
        SPEC(begins_so_many_transactions),
        SPEC(counts_rows_while_it_stands),
        SPEC(takes_no_text_when_told),
        SPEC(lets_no_text_end_a_transaction_of_others),
        SPEC(keeps_statements_of_both_sides_apart),
        SPEC(ends_what_was_begun_behind_a_mark),
        SPEC(ends_a_transaction_of_raw_text),
        SPEC(leaves_what_was_open_before_the_mark),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
