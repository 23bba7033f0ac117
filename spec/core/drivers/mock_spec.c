#include "dbcore_driver.h"

#include <stdlib.h>

#include "buf.h"
#include "session.h"

// --------------------------------------------------------------------- script

static void answers_nothing_without_a_script(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT a FROM t");

    assert_int_equal(0, dbc_stmt_column_count(stmt));
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(0, dbc_conn_changes(session.conn));
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void works_without_a_mock(void **state)
{
    dbc_open_options options = {.driver = dbc_driver_mock()};
    dbc_conn *conn = NULL;
    dbc_txn txn;

    (void)state;
    assert_int_equal(DBC_OK, dbc_open(&conn, "x", &options, NULL));
    ASSERT_RC(DBC_OK, dbc_txn_begin(&txn, conn, DBC_TXN_DEFAULT), conn);
    ASSERT_RC(DBC_OK, dbc_exec(conn, SQL("INSERT; SELECT 1")), conn);
    ASSERT_RC(DBC_OK, dbc_txn_commit(&txn), conn);
    dbc_close(conn);
}

static void answers_the_rows_of_its_script(void **state)
{
    char *text = malloc(6);
    const char *columns[] = {"id", "name"};
    dbc_value values[] = {dbc_value_int(1), dbc_value_text(text, 5),
                          dbc_value_int(2), dbc_value_null()};
    dbc_mock_answer answer = {.columns = columns,
                              .column_count = 2,
                              .values = values,
                              .row_count = 2};
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    memcpy(text, "gone", 5);
    text[5] = 'x';
    dbc_mock_expect(session.mock, "SELECT", &answer);
    free(text);
    memset(values, 0, sizeof values);

    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT");
    assert_int_equal(2, dbc_stmt_column_count(stmt));
    assert_string_equal("name", dbc_stmt_column_name(stmt, 1));
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(1, dbc_stmt_int(stmt, 0));
    assert_memory_equal("gone\0", dbc_stmt_row(stmt)[1].as.text, 5);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(DBC_NULL, dbc_stmt_row(stmt)[1].type);
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void gives_each_answer_once_and_the_oldest_first(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_rows(&session, "SELECT a", 1);
    session_expect_rows(&session, NULL, 2);
    session_expect_rows(&session, "SELECT a", 3);
    assert_int_equal(3, dbc_mock_pending(session.mock));
    const int expected[] = {1, 2, 3, 0};
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT a");
    for (size_t i = 0; i < COUNT(expected); i++) {
        int rows = 0;
        while (dbc_stmt_step(stmt) == DBC_ROW)
            rows++;
        assert_int_equal(expected[i], rows);
    }

    assert_int_equal(0, dbc_mock_pending(session.mock));
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void keeps_answers_for_other_texts(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_rows(&session, "SELECT a", 1);
    dbc_exec(session.conn, SQL("SELECT b"));
    dbc_exec(session.conn, SQL("SELECT"));

    assert_int_equal(1, dbc_mock_pending(session.mock));
    dbc_exec(session.conn, SQL("  SELECT a ;"));
    assert_int_equal(0, dbc_mock_pending(session.mock));
    session_close(&session);
}

static void spends_no_answer_for_any_text_on_a_transaction(void **state)
{
    mock_session session;
    dbc_txn txn;

    (void)state;
    session_open(&session, NULL);
    session_expect_rows(&session, NULL, 1);
    dbc_txn_begin(&txn, session.conn, DBC_TXN_DEFAULT);
    dbc_txn_commit(&txn);

    assert_int_equal(1, dbc_mock_pending(session.mock));
    session_close(&session);
}

static void fails_where_it_is_told_to(void **state)
{
    dbc_mock_answer prepare = {.stage = DBC_MOCK_PREPARE, .code = DBC_ESYNTAX};
    dbc_mock_answer bind = {.stage = DBC_MOCK_BIND, .code = DBC_ELIMIT};
    const char *columns[] = {"n"};
    const dbc_value one = dbc_value_int(1);
    dbc_mock_answer step = {.columns = columns,
                            .column_count = 1,
                            .values = &one,
                            .row_count = 1,
                            .code = DBC_EIO};
    mock_session session;
    dbc_stmt *stmt = NULL;

    (void)state;
    session_open(&session, NULL);
    dbc_mock_expect(session.mock, NULL, &prepare);
    dbc_mock_expect(session.mock, NULL, &bind);
    dbc_mock_expect(session.mock, NULL, &step);

    ASSERT_RC(DBC_ESYNTAX,
              dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT $1")),
              session.conn);
    assert_string_equal(dbc_status_text(DBC_ESYNTAX),
                        dbc_conn_error(session.conn)->message);
    stmt = ACQUIRE(session.conn, "SELECT $1");
    ASSERT_RC(DBC_ELIMIT, dbc_stmt_bind(stmt, &one, 1), session.conn);
    assert_int_equal(0, dbc_mock_log_count(session.mock));
    ASSERT_RC(DBC_OK, dbc_stmt_bind(stmt, &one, 1), session.conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    ASSERT_RC(DBC_EIO, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    session_close(&session);
}

// ------------------------------------------------------------------------ log

static void logs_what_was_run_and_not_what_was_prepared(void **state)
{
    mock_session session;
    const dbc_value *values = NULL;
    const dbc_value value = dbc_value_int(5);
    size_t count = 9;
    size_t len = 0;

    (void)state;
    session_open(&session, NULL);
    dbc_stmt *stmt = ACQUIRE(session.conn, "UPDATE t SET a = $1");
    assert_int_equal(0, dbc_mock_log_count(session.mock));
    dbc_stmt_run(stmt, &value, 1, NULL);
    dbc_exec(session.conn, SQL("DELETE FROM a; -- then\nDELETE FROM b"));

    session_assert_log(&session, "UPDATE t SET a = $1", "DELETE FROM a",
                       "DELETE FROM b", NULL);
    assert_null(dbc_mock_log(session.mock, 3, NULL, NULL, NULL));
    dbc_mock_log(session.mock, 0, &values, &count, &len);
    assert_int_equal(1, count);
    assert_int_equal(5, values[0].as.i);
    assert_int_equal(19, len);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void logs_copies_of_lists_and_texts(void **state)
{
    mock_session session;
    const dbc_value *logged = NULL;
    char *text = malloc(3);
    dbc_value items[] = {dbc_value_text(text, 3), dbc_value_int(7)};
    dbc_value list = dbc_value_list(items, 2);

    (void)state;
    session_open(&session, NULL);
    memcpy(text, "abc", 3);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT $1");
    dbc_stmt_run(stmt, &list, 1, NULL);
    free(text);
    memset(items, 0, sizeof items);

    dbc_mock_log(session.mock, 0, &logged, NULL, NULL);
    assert_int_equal(DBC_LIST, logged[0].type);
    assert_int_equal(2, logged[0].len);
    assert_string_equal("abc", logged[0].as.list[0].as.text);
    assert_int_equal(7, logged[0].as.list[1].as.i);
    dbc_stmt_release(stmt);
    session_close(&session);
}

static void starts_afresh_when_it_is_cleared(void **state)
{
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    session_expect_rows(&session, NULL, 1);
    dbc_stmt *stmt = ACQUIRE(session.conn, "SELECT n");
    dbc_exec(session.conn, SQL("DELETE"));
    dbc_mock_clear(session.mock);

    assert_int_equal(0, dbc_mock_log_count(session.mock));
    assert_int_equal(0, dbc_mock_pending(session.mock));
    assert_string_equal("n", dbc_stmt_column_name(stmt, 0));
    ASSERT_RC(DBC_DONE, dbc_stmt_step(stmt), session.conn);
    assert_int_equal(1, dbc_mock_log_count(session.mock));
    dbc_stmt_release(stmt);
    session_close(&session);
}

// -------------------------------------------------------------------- the text

static void counts_the_placeholders_of_a_text(void **state)
{
    const struct {
        const char *sql;
        size_t count;
    } cases[] = {
        {"SELECT 1", 0},
        {"SELECT $1, $2, $1", 2},
        {"SELECT '$1', \"$2\", $1 -- $3", 1},
        {"SELECT /* $9 */ $2 || $1", 2},
        {"SELECT 'it''s $2', $1", 1},
        {"SELECT price$, $1", 1},
        {"SELECT $10,$9,$8,$7,$6,$5,$4,$3,$2,$1", 10},
    };
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        dbc_stmt *stmt = ACQUIRE(session.conn, cases[i].sql);
        assert_int_equal(cases[i].count, dbc_stmt_parameter_count(stmt));
        dbc_stmt_release(stmt);
    }
    session_close(&session);
}

static void refuses_what_no_database_takes(void **state)
{
    const struct {
        const char *sql;
        int code;
    } cases[] = {
        {"SELECT $1, $3", DBC_ESYNTAX}, {"SELECT 'open", DBC_ESYNTAX},
        {"SELECT \"open", DBC_ESYNTAX}, {"SELECT $0", DBC_ELIMIT},
        {"SELECT $65536", DBC_ELIMIT},  {"SELECT $99999999999", DBC_ELIMIT},
        {"COMMIT", DBC_EDATABASE},      {"ROLLBACK", DBC_EDATABASE},
        {"SAVEPOINT a", DBC_EDATABASE}, {"BEGIN; BEGIN", DBC_EDATABASE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        mock_session session;
        session_open(&session, NULL);
        int rc = dbc_exec(session.conn, cases[i].sql, strlen(cases[i].sql));
        ASSERT_RC(cases[i].code, rc, session.conn);
        session_close(&session);
    }
}

static void knows_which_texts_only_read(void **state)
{
    const struct {
        const char *sql;
        int readonly;
    } cases[] = {
        {"SELECT 1", 1},
        {" -- x\n select 1", 1},
        {"WITH a AS (SELECT 1) SELECT * FROM a", 1},
        {"WITH a AS (SELECT 1) DELETE FROM t", 0},
        {"WITH a AS (SELECT \"delete\") SELECT 1", 1},
        {"VALUES (1)", 1},
        {"INSERT INTO t VALUES (1)", 0},
        {"CREATE TABLE t (a)", 0},
        {"BEGIN", 1},
        {"ROLLBACK TO a", 1},
        {"SELECTED", 0},
    };
    mock_session session;

    (void)state;
    session_open(&session, NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        dbc_stmt *stmt = ACQUIRE(session.conn, cases[i].sql);
        assert_int_equal(cases[i].readonly, dbc_stmt_readonly(stmt));
        dbc_stmt_release(stmt);
    }
    session_close(&session);
}

static void stays_in_a_transaction_over_a_rollback_to_a_savepoint(void **state)
{
    mock_session session;
    dbc_txn txn;

    (void)state;
    session_open(&session, NULL);
    dbc_txn_begin(&txn, session.conn, DBC_TXN_DEFAULT);
    dbc_exec(session.conn, SQL("SAVEPOINT a; ROLLBACK TRANSACTION TO a"));
    assert_true(dbc_txn_is_open(&txn));
    dbc_exec(session.conn, SQL("ROLLBACK TRANSACTION"));
    assert_false(dbc_txn_is_open(&txn));
    session_close(&session);
}

// -------------------------------------------------------------------- dialect

static void speaks_its_own_dialect(void **state)
{
    const dbc_dialect *dialect = dbc_dialect_mock();
    dbc_column_def column = {.name = "a", .type = DBC_T_JSON};
    dbc_buf buf;

    (void)state;
    dbc__buf_init(&buf, NULL);
    dialect->quote(&buf, "a\"b\"", 4);
    dialect->placeholder(&buf, 12);

    assert_string_equal("\"a\"\"b\"\"\"$12", buf.data);
    assert_string_equal("mock", dialect->name);
    assert_ptr_equal(dialect, dbc_driver_mock()->dialect);
    assert_false(dialect->can & (DBC_CAN_RIGHT_JOIN | DBC_CAN_GLOB));
    assert_true(dialect->can & DBC_CAN_RETURNING);
    assert_string_equal("jsonb", dialect->type_name(&column, 0));
    column.storage = "mine";
    assert_string_equal("mine", dialect->type_name(&column, 0));
    dbc__buf_dispose(&buf);
}

static void has_a_type_for_every_type(void **state)
{
    const dbc_dialect *dialect = dbc_dialect_mock();

    (void)state;
    for (int type = DBC_T_ANY; type <= DBC_T_CUSTOM; type++) {
        const char *name = dialect->cast_name((dbc_type)type);
        const char *now = dialect->now((dbc_type)type);
        assert_true(name != NULL && name[0] != '\0');
        int is_time = type == DBC_T_TIMESTAMP || type == DBC_T_TIMESTAMP_MS ||
                      type == DBC_T_DATETIME || type == DBC_T_DATE;
        assert_int_equal(is_time, now != NULL);
    }
}

// --------------------------------------------------------------------- memory

static int write_a_script(void *ud, const dbc_alloc *alloc)
{
    const char *columns[] = {"a"};
    const dbc_value value = dbc_value_text("text", 4);
    dbc_mock_answer answer = {.columns = columns,
                              .column_count = 1,
                              .values = &value,
                              .row_count = 1,
                              .message = "none"};
    dbc_mock *mock = dbc_mock_new(alloc);
    int rc = mock != NULL ? DBC_OK : DBC_ENOMEM;

    (void)ud;
    if (rc == DBC_OK) rc = dbc_mock_expect(mock, "SELECT", &answer);
    if (rc == DBC_OK) rc = dbc_mock_expect(mock, NULL, &answer);
    dbc_mock_free(mock);
    return rc;
}

static void survives_every_failing_allocation(void **state)
{
    (void)state;
    FAULT_WALK(write_a_script, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_nothing_without_a_script),
        cmocka_unit_test(works_without_a_mock),
        cmocka_unit_test(answers_the_rows_of_its_script),
        cmocka_unit_test(gives_each_answer_once_and_the_oldest_first),
        cmocka_unit_test(keeps_answers_for_other_texts),
        cmocka_unit_test(spends_no_answer_for_any_text_on_a_transaction),
        cmocka_unit_test(fails_where_it_is_told_to),
        cmocka_unit_test(logs_what_was_run_and_not_what_was_prepared),
        cmocka_unit_test(logs_copies_of_lists_and_texts),
        cmocka_unit_test(starts_afresh_when_it_is_cleared),
        cmocka_unit_test(counts_the_placeholders_of_a_text),
        cmocka_unit_test(refuses_what_no_database_takes),
        cmocka_unit_test(knows_which_texts_only_read),
        cmocka_unit_test(stays_in_a_transaction_over_a_rollback_to_a_savepoint),
        cmocka_unit_test(speaks_its_own_dialect),
        cmocka_unit_test(has_a_type_for_every_type),
        cmocka_unit_test(survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
