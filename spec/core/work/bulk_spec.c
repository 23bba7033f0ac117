// Inserting many rows at once: all of them or none, the failing row by number.
#include <stdio.h>

#include "fault.h"
#include "shop_session.h"

static int build(dbc_query *q, const shop *s)
{
    dbc_query_insert(q, s->users);
    dbc_query_slot(q, shop_column(s->users, "email"));
    dbc_query_slot(q, shop_column(s->users, "name"));
    return dbc_query_slot(q, shop_column(s->users, "age"));
}

static int set_up(void **state)
{
    static shop_session w; // query: an insert of users: email, name, age

    *state = &w;
    if (shop_session_open(&w) < 0) return -1;
    return build(w.query, &w.shop);
}

static int tear_down(void **state)
{
    shop_session_close(*state);
    return 0;
}

static dbc_value text(const char *s)
{
    return dbc_value_text(s, strlen(s));
}

static int64_t count(const shop_session *w)
{
    return ASK_INT(w->conn, "SELECT count(*) FROM users");
}

// Gives `left` rows, with other names, and then DBC_DONE or what is in `end`.
typedef struct source {
    int left, given;
    int end;
    char email[32];
    dbc_conn *conn; // asked something at each row, when not NULL
    const char *sql;
} source;

static int next(void *ud, dbc_value *slots, size_t slot_count)
{
    source *from = ud;

    assert_int_equal(3, slot_count);
    if (from->conn) dbc_exec(from->conn, from->sql, strlen(from->sql));
    if (from->left-- == 0) return from->end < 0 ? from->end : DBC_DONE;
    snprintf(from->email, sizeof from->email, "user%d", ++from->given);
    slots[0] = text(from->email);
    slots[2] = dbc_value_int(from->given);
    return DBC_ROW;
}

static void inserts_an_array_of_rows(void **state)
{
    shop_session *w = *state;
    const dbc_value values[] = {text("a"), text("Ada"), dbc_value_int(36),
                                text("b"), text("Bob"), dbc_value_null(),
                                text("c"), text("Cid"), dbc_value_int(7)};
    dbc_rows rows = {.values = values, .count = 3};
    dbc_result result;

    ASSERT_RC(DBC_OK, dbc_query_run_rows(&result, w->conn, w->query, &rows),
              w->conn);

    assert_int_equal(3, result.changes);
    assert_int_equal(3, result.last_rowid);
    assert_string_equal(
        "Ada,Bob,Cid",
        ASK_TEXT(w->conn, "SELECT group_concat(name) FROM users"));
    assert_int_equal(0, dbc_conn_depth(w->conn));
}

static void inserts_what_a_function_gives(void **state)
{
    shop_session *w = *state;
    source from = {.left = 1000};
    dbc_rows rows = {.next = next, .ud = &from};
    dbc_stats before, after;
    dbc_result result;

    dbc_conn_stats(w->conn, &before);
    ASSERT_RC(DBC_OK, dbc_query_run_rows(&result, w->conn, w->query, &rows),
              w->conn);
    dbc_conn_stats(w->conn, &after);

    assert_int_equal(1000, result.changes);
    assert_int_equal(1000, count(w));
    assert_int_equal(1, after.shape_misses - before.shape_misses);
    assert_int_equal(0, after.live_statements);
}

static void inserts_nothing_when_there_are_no_rows(void **state)
{
    shop_session *w = *state;
    dbc_rows rows = {0};
    dbc_result result = {9, 9};

    ASSERT_RC(DBC_OK, dbc_query_run_rows(&result, w->conn, w->query, &rows),
              w->conn);

    assert_int_equal(0, result.changes);
    assert_int_equal(0, count(w));
}

static void names_the_row_that_failed_and_keeps_none(void **state)
{
    shop_session *w = *state;
    const dbc_value values[] = {text("a"), text("A"), dbc_value_null(),
                                text("b"), text("B"), dbc_value_null(),
                                text("a"), text("C"), dbc_value_null()};
    dbc_rows rows = {.values = values, .count = 3};

    ASSERT_RC(DBC_EUNIQUE, dbc_query_run_rows(NULL, w->conn, w->query, &rows),
              w->conn);

    assert_int_equal(3, dbc_conn_error(w->conn)->row);
    assert_string_equal("email", dbc_conn_error(w->conn)->columns);
    assert_int_equal(0, count(w));
    assert_int_equal(0, dbc_conn_depth(w->conn));
}

static void names_the_row_with_a_value_of_the_wrong_type(void **state)
{
    shop_session *w = *state;
    const dbc_value values[] = {text("a"), text("A"), dbc_value_int(1),
                                text("b"), text("B"), text("old")};
    dbc_rows rows = {.values = values, .count = 2};

    ASSERT_RC(DBC_EVALIDATION,
              dbc_query_run_rows(NULL, w->conn, w->query, &rows), w->conn);

    assert_int_equal(2, dbc_conn_error(w->conn)->row);
    assert_non_null(strstr(dbc_conn_error(w->conn)->message, "\"users.age\""));
    assert_int_equal(0, count(w));
}

static void undoes_itself_alone_inside_a_transaction(void **state)
{
    shop_session *w = *state;
    const dbc_value values[] = {text("b"), text("B"), dbc_value_null(),
                                text("a"), text("A"), dbc_value_null()};
    dbc_rows rows = {.values = values, .count = 2};
    dbc_txn txn;

    dbc_txn_begin(&txn, w->conn, DBC_TXN_DEFAULT);
    EXEC(w->conn, "INSERT INTO users (email) VALUES ('a')");
    ASSERT_RC(DBC_EUNIQUE, dbc_query_run_rows(NULL, w->conn, w->query, &rows),
              w->conn);

    assert_int_equal(2, dbc_conn_error(w->conn)->row);
    assert_int_equal(1, dbc_conn_depth(w->conn));
    ASSERT_RC(DBC_OK, dbc_txn_commit(&txn), w->conn);
    assert_int_equal(1, count(w));
}

static void updates_rows_that_are_there_when_told_so(void **state)
{
    shop_session *w = *state;
    const dbc_column *email = shop_column(w->shop.users, "email");
    const dbc_column *name = shop_column(w->shop.users, "name");
    const dbc_value values[] = {text("a"), text("A"), dbc_value_null(),
                                text("a"), text("B"), dbc_value_null()};
    dbc_rows rows = {.values = values, .count = 2};

    dbc_query_on_conflict(w->query, &email, 1);
    dbc_query_conflict_set(w->query, name, dbc_expr_excluded(w->query, "name"));
    ASSERT_RC(DBC_OK, dbc_query_run_rows(NULL, w->conn, w->query, &rows),
              w->conn);

    assert_int_equal(1, count(w));
    assert_string_equal("B", ASK_TEXT(w->conn, "SELECT name FROM users"));
}

static void ends_as_its_function_says(void **state)
{
    shop_session *w = *state;
    source from = {.left = 2, .end = DBC_EIO};
    dbc_rows rows = {.next = next, .ud = &from};

    ASSERT_RC(DBC_EIO, dbc_query_run_rows(NULL, w->conn, w->query, &rows),
              w->conn);

    assert_int_equal(3, dbc_conn_error(w->conn)->row);
    assert_non_null(
        strstr(dbc_conn_error(w->conn)->message, "the rows end with an error"));
    assert_int_equal(0, count(w));
}

static void notices_a_transaction_that_its_function_ends(void **state)
{
    shop_session *w = *state;
    source from = {.left = 2, .conn = w->conn, .sql = "ROLLBACK"};
    dbc_rows rows = {.next = next, .ud = &from};

    ASSERT_RC(DBC_ECLOSED, dbc_query_run_rows(NULL, w->conn, w->query, &rows),
              w->conn);

    assert_int_equal(0, count(w));
    assert_int_equal(0, dbc_conn_depth(w->conn));
}

static void is_for_inserts_only(void **state)
{
    shop_session *w = *state;
    dbc_query *q = dbc_query_new(NULL);
    dbc_rows rows = {0};

    dbc_query_from(q, w->shop.users, NULL);
    ASSERT_RC(DBC_EINVALID, dbc_query_run_rows(NULL, w->conn, q, &rows),
              w->conn);

    assert_non_null(strstr(dbc_conn_error(w->conn)->message, "an insert"));
    dbc_query_free(q);
}

static void says_that_the_connection_is_closed(void **state)
{
    shop_session *w = *state;
    dbc_rows rows = {0};

    dbc_conn_shut(w->conn);

    ASSERT_RC(DBC_ECLOSED, dbc_query_run_rows(NULL, w->conn, w->query, &rows),
              w->conn);
}

// ---------------------------------------------------------------- fault walk

static int task(void *ud, const dbc_alloc *alloc)
{
    source from = {.left = 3};
    dbc_rows rows = {.next = next, .ud = &from};
    int64_t found = -1;
    shop_task t;

    int rc = shop_start(&t, alloc);
    if (rc >= 0) rc = build(t.query, ud);
    if (rc >= 0) rc = dbc_query_run_rows(NULL, t.conn, t.query, &rows);
    if (t.conn) {
        // Half of it is never there.
        dbc_stmt *stmt = NULL;
        if (dbc_stmt_acquire(&stmt, t.conn,
                             SQL("SELECT count(*) FROM users")) >= 0 &&
            dbc_stmt_step(stmt) == DBC_ROW)
            found = dbc_stmt_int(stmt, 0);
        dbc_stmt_release(stmt);
        assert_true(found == -1 || found == (rc >= 0 ? 3 : 0));
        assert_int_equal(0, dbc_conn_depth(t.conn));
    }
    shop_stop(&t);
    return rc;
}

static void stays_whole_when_memory_is_out(void **state)
{
    shop_session *w = *state;

    FAULT_WALK(task, &w->shop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(inserts_an_array_of_rows),
        SPEC(inserts_what_a_function_gives),
        SPEC(inserts_nothing_when_there_are_no_rows),
        SPEC(names_the_row_that_failed_and_keeps_none),
        SPEC(names_the_row_with_a_value_of_the_wrong_type),
        SPEC(undoes_itself_alone_inside_a_transaction),
        SPEC(updates_rows_that_are_there_when_told_so),
        SPEC(ends_as_its_function_says),
        SPEC(notices_a_transaction_that_its_function_ends),
        SPEC(is_for_inserts_only),
        SPEC(says_that_the_connection_is_closed),
        SPEC(stays_whole_when_memory_is_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
