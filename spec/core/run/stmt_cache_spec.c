#include "stmt_cache.h"

#include <stdio.h>

#include "session.h"
#include "spy.h"
#include "stmt.h"

// A connection that keeps `cap` statements; below zero: none.
static void open_cache(mock_session *session, int cap)
{
    dbc_open_options options = {.driver = spy_on(dbc_driver_mock()),
                                .statement_cache = cap};

    session_open(session, &options);
}

// Takes and gives back; returns whether it had to be prepared.
static int is_prepared_by(mock_session *session, const char *sql)
{
    int before = spy()->prepares;

    dbc_stmt_release(ACQUIRE(session->conn, sql));
    return spy()->prepares > before;
}

static void finds_a_text_that_was_returned(void **state)
{
    mock_session session;

    (void)state;
    open_cache(&session, 4);

    assert_true(is_prepared_by(&session, "SELECT 1"));
    assert_false(is_prepared_by(&session, "SELECT 1"));
    assert_true(is_prepared_by(&session, "SELECT  1"));
    assert_true(is_prepared_by(&session, "select 1"));
    assert_false(is_prepared_by(&session, "SELECT 1"));
    session_close(&session);
}

static void keeps_two_copies_of_a_text_that_is_lent_twice(void **state)
{
    mock_session session;

    (void)state;
    open_cache(&session, 4);
    dbc_stmt *first = ACQUIRE(session.conn, "SELECT 1");
    dbc_stmt *second = ACQUIRE(session.conn, "SELECT 1");
    assert_ptr_not_equal(first, second);
    dbc_stmt_release(first);
    dbc_stmt_release(second);

    first = ACQUIRE(session.conn, "SELECT 1");
    second = ACQUIRE(session.conn, "SELECT 1");

    assert_int_equal(2, spy()->prepares);
    assert_int_equal(0, spy()->finalizes);
    dbc_stmt_release(first);
    dbc_stmt_release(second);
    session_close(&session);
}

static void lets_the_one_returned_longest_ago_give_way(void **state)
{
    mock_session session;

    (void)state;
    open_cache(&session, 3);
    is_prepared_by(&session, "A");
    is_prepared_by(&session, "B");
    is_prepared_by(&session, "C");
    is_prepared_by(&session, "A");
    is_prepared_by(&session, "D");

    assert_int_equal(1, spy()->finalizes);
    assert_false(is_prepared_by(&session, "A"));
    assert_false(is_prepared_by(&session, "C"));
    assert_false(is_prepared_by(&session, "D"));
    assert_true(is_prepared_by(&session, "B"));
    session_close(&session);
}

static void does_not_drive_others_out_by_using_one(void **state)
{
    mock_session session;

    (void)state;
    open_cache(&session, 8);
    for (char text[] = "A"; *text < 'A' + 8; ++*text)
        is_prepared_by(&session, text);
    for (int i = 0; i < 100; i++)
        assert_false(is_prepared_by(&session, "H"));

    for (char text[] = "A"; *text < 'A' + 8; ++*text)
        assert_false(is_prepared_by(&session, text));
    session_close(&session);
}

static void keeps_no_more_than_it_has_room_for(void **state)
{
    mock_session session;
    char text[32];

    (void)state;
    open_cache(&session, 16);
    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "SELECT %d", i);
        is_prepared_by(&session, text);
        assert_true(spy()->prepares - spy()->finalizes <= 16);
    }

    assert_int_equal(84, spy()->finalizes);
    session_close(&session);
    assert_int_equal(100, spy()->finalizes);
}

static void keeps_nothing_without_room(void **state)
{
    mock_session session;

    (void)state;
    open_cache(&session, -1);
    assert_true(is_prepared_by(&session, "SELECT 1"));
    assert_true(is_prepared_by(&session, "SELECT 1"));

    assert_int_equal(2, spy()->finalizes);
    session_close(&session);
}

// Prepares `sql` but pretends that its text hashes to `hash`.
static dbc_stmt *prepare_as(mock_session *session, const char *sql,
                            uint64_t hash)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc__stmt_prepare(&stmt, session->conn, sql, strlen(sql), 0);

    ASSERT_RC(DBC_OK, rc, session->conn);
    stmt->hash = hash;
    return stmt;
}

static void compares_texts_whose_hashes_are_equal(void **state)
{
    mock_session session;

    (void)state;
    open_cache(&session, 4);
    dbc__stmt_cache *cache = &session.conn->cache;
    dbc_stmt *first = prepare_as(&session, "SELECT 1", 77);
    dbc_stmt *second = prepare_as(&session, "SELECT 2", 77);
    dbc__stmt_cache_put(cache, first);
    dbc__stmt_cache_put(cache, second);

    assert_null(dbc__stmt_cache_take(cache, 0, 77, SQL("SELECT 3")));
    assert_null(dbc__stmt_cache_take(cache, 0, 77, SQL("SELECT")));
    assert_null(dbc__stmt_cache_take(cache, 0, 78, SQL("SELECT 1")));
    assert_ptr_equal(second,
                     dbc__stmt_cache_take(cache, 0, 77, SQL("SELECT 2")));
    assert_ptr_equal(first,
                     dbc__stmt_cache_take(cache, 0, 77, SQL("SELECT 1")));
    dbc__stmt_free(first);
    dbc__stmt_free(second);
    session_close(&session);
}

static void keeps_a_text_that_hashes_to_zero(void **state)
{
    mock_session session;

    (void)state;
    open_cache(&session, 4);
    dbc__stmt_cache *cache = &session.conn->cache;
    dbc_stmt *stmt = prepare_as(&session, "SELECT 1", 0);
    dbc__stmt_cache_put(cache, stmt);

    assert_ptr_equal(stmt, dbc__stmt_cache_take(cache, 0, 0, SQL("SELECT 1")));
    assert_null(dbc__stmt_cache_take(cache, 0, 0, SQL("SELECT 1")));
    dbc__stmt_free(stmt);
    session_close(&session);
}

static void can_be_used_after_it_was_cleared(void **state)
{
    mock_session session;

    (void)state;
    open_cache(&session, 4);
    is_prepared_by(&session, "SELECT 1");
    is_prepared_by(&session, "SELECT 2");
    dbc__stmt_cache_clear(&session.conn->cache);

    assert_int_equal(2, spy()->finalizes);
    assert_true(is_prepared_by(&session, "SELECT 1"));
    assert_false(is_prepared_by(&session, "SELECT 1"));
    session_close(&session);
}

static int make_and_end(void *ud, const dbc_alloc *alloc)
{
    dbc__stmt_cache cache;
    int rc = dbc__stmt_cache_init(&cache, alloc, 8);

    (void)ud;
    assert_null(dbc__stmt_cache_take(&cache, 0, 1, "A", 1));
    dbc__stmt_cache_clear(&cache);
    dbc__stmt_cache_dispose(&cache, alloc);
    return rc;
}

static void survives_every_failing_allocation(void **state)
{
    (void)state;
    FAULT_WALK(make_and_end, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_text_that_was_returned),
        cmocka_unit_test(keeps_two_copies_of_a_text_that_is_lent_twice),
        cmocka_unit_test(lets_the_one_returned_longest_ago_give_way),
        cmocka_unit_test(does_not_drive_others_out_by_using_one),
        cmocka_unit_test(keeps_no_more_than_it_has_room_for),
        cmocka_unit_test(keeps_nothing_without_room),
        cmocka_unit_test(compares_texts_whose_hashes_are_equal),
        cmocka_unit_test(keeps_a_text_that_hashes_to_zero),
        cmocka_unit_test(can_be_used_after_it_was_cleared),
        cmocka_unit_test(survives_every_failing_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
