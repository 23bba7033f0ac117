// Hooks of writes and columns that the host fills: what they are shown, what
// they may change, what becomes of a write that they refuse.
#include "dbcore_driver.h"
#include "fault.h"
#include "sqlite_session.h"

#include <stdio.h>

enum { ID, NAME, TOTAL, STAMP, GONE };

static const dbc_column_def COLUMNS[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "name",
     .type = DBC_T_TEXT,
     .flags = DBC_COLUMN_NOT_NULL | DBC_COLUMN_HAS_MAX_LEN,
     .max_len = 8},
    {.name = "total", .type = DBC_T_INTEGER},
    {.name = "stamp",
     .type = DBC_T_INTEGER,
     .flags = DBC_COLUMN_HOST_DEFAULT | DBC_COLUMN_HOST_UPDATE},
    {.name = "gone", .type = DBC_T_BOOLEAN},
};

typedef struct world {
    sqlite_session session;
    dbc_table *items;
    char log[512]; // what was called, in words
    int refuse_before, refuse_after, skip, rename, soften, compute, unset;
    int audit, commit, shut, next_stamp, released;
} world;

static dbc_value text(const char *string)
{
    return dbc_value_text(string, strlen(string));
}

static const dbc_column *column(const world *w, int i)
{
    return dbc_table_column(w->items, (size_t)i);
}

static void note(world *w, const char *what, int64_t number)
{
    size_t len = strlen(w->log);

    snprintf(w->log + len, sizeof w->log - len, "%s%s %lld",
             len > 0 ? ", " : "", what, (long long)number);
}

// -------------------------------------------------------------------- the host

static int fill(void *ud, dbc_write *write, dbc_error *err)
{
    world *w = ud;

    if (w->next_stamp < 0)
        return dbc_error_set(err, DBC_ECALLBACK, "the clock stands still");
    if (w->next_stamp == 0) return DBC_OK;
    return dbc_write_set(write, column(w, STAMP),
                         dbc_value_int(w->next_stamp++));
}

static int compute(world *w, dbc_write *write)
{
    dbc_query *expr = dbc_query_new(&w->session.memory.alloc);
    int rc;

    if (!expr) return DBC_ENOMEM;
    dbc_expr_raw(expr, SQL("40 + 2"));
    rc = dbc_write_set_expr(write, column(w, TOTAL), expr);
    dbc_query_free(expr);
    return rc;
}

static int change(world *w, dbc_write *write)
{
    int rc = DBC_OK;

    if (w->rename) rc = dbc_write_set(write, column(w, NAME), text("hooked"));
    if (rc == DBC_OK && w->compute) rc = compute(w, write);
    if (rc == DBC_OK && w->unset) rc = dbc_write_unset(write, column(w, TOTAL));
    if (rc == DBC_OK && w->soften && dbc_write_kind(write) == DBC_DELETE)
        rc = dbc_write_set(write, column(w, GONE), dbc_value_bool(1));
    return rc;
}

static int before(void *ud, dbc_write *write, dbc_error *err)
{
    world *w = ud;
    const dbc_row *row = dbc_write_row(write);
    const dbc_value *old = dbc_write_old(write);

    assert_ptr_equal(w->session.conn, dbc_write_conn(write));
    assert_ptr_equal(w->items, dbc_write_table(write));
    switch (dbc_write_kind(write)) {
    case DBC_INSERT:
        assert_null(old);
        note(w, "inserting", row->values[TOTAL].as.i);
        break;
    case DBC_UPDATE:
        note(w, "updating", old[ID].as.i);
        break;
    default:
        note(w, "deleting", old[ID].as.i);
    }
    if (w->refuse_before)
        return dbc_error_set(err, DBC_EDENIED, "not on a Sunday");
    if (w->skip && old && old[ID].as.i == w->skip) return DBC_DONE;
    if (w->commit) dbc_exec(w->session.conn, SQL("COMMIT"));
    if (w->shut) dbc_conn_shut(w->session.conn);
    return change(w, write);
}

static int after(void *ud, dbc_write *write, dbc_error *err)
{
    world *w = ud;
    const dbc_row *row = dbc_write_row(write);

    assert_int_equal(DBC_EINVALID,
                     dbc_write_set(write, column(w, NAME), dbc_value_null()));
    note(w, "wrote", row->values[ID].as.i);
    if (w->refuse_after) return dbc_error_set(err, DBC_EIO, "the mail is down");
    if (w->audit)
        return dbc_exec(dbc_write_conn(write),
                        SQL("INSERT INTO audit VALUES ('seen')"));
    return DBC_OK;
}

static void release(void *ud)
{
    world *w = ud;

    w->released++;
}

static const dbc_hooks *hooks_of(world *w)
{
    static dbc_hooks hooks;

    hooks = (dbc_hooks){before, after, release, w};
    return &hooks;
}

static int make_items(world *w, const dbc_alloc *alloc)
{
    dbc_table_def def = {
        .name = "items", .columns = COLUMNS, .column_count = COUNT(COLUMNS)};
    dbc_error err;

    def.host = (dbc_host_rules){NULL, NULL, w, fill};
    return dbc_table_new(&w->items, &def, alloc, &err);
}

static int set_up(void **state)
{
    static world w;

    memset(&w, 0, sizeof w);
    *state = &w;
    sqlite_session_open(&w.session, ":memory:", NULL);
    EXEC(w.session.conn,
         "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, "
         "total INTEGER, stamp INTEGER, gone INTEGER)");
    EXEC(w.session.conn, "CREATE TABLE audit (what TEXT)");
    if (make_items(&w, NULL) < 0) return -1;
    return dbc_conn_hook(w.session.conn, w.items, hooks_of(&w));
}

static int tear_down(void **state)
{
    world *w = *state;

    dbc_table_release(w->items);
    sqlite_session_close(&w->session);
    assert_int_equal(1, w->released);
    return 0;
}

// --------------------------------------------------------------------- queries

static dbc_query *new_insert(const world *w, const char *name, int64_t total)
{
    dbc_query *q = dbc_query_new(NULL);

    dbc_query_insert(q, w->items);
    dbc_query_set(q, column(w, NAME), dbc_expr_value(q, text(name)));
    dbc_query_set(q, column(w, TOTAL), dbc_expr_value(q, dbc_value_int(total)));
    return q;
}

static dbc_expr is_from(dbc_query *q, const world *w, int64_t total)
{
    dbc_expr left = dbc_expr_column(q, column(w, TOTAL), NULL);

    return dbc_expr_op(q, DBC_OP_GE, left,
                       dbc_expr_value(q, dbc_value_int(total)));
}

// total = total + 1 of the rows from `total` on
static dbc_query *new_update(const world *w, int64_t total)
{
    dbc_query *q = dbc_query_new(NULL);

    dbc_query_update(q, w->items);
    dbc_query_where(q, is_from(q, w, total));
    dbc_expr left = dbc_expr_column(q, column(w, TOTAL), NULL);
    dbc_query_set(
        q, column(w, TOTAL),
        dbc_expr_op(q, DBC_OP_ADD, left, dbc_expr_value(q, dbc_value_int(1))));
    return q;
}

static dbc_query *new_delete(const world *w, int64_t total)
{
    dbc_query *q = dbc_query_new(NULL);

    dbc_query_delete(q, w->items);
    dbc_query_where(q, is_from(q, w, total));
    return q;
}

static int run(const world *w, dbc_query *q, dbc_result *out)
{
    int rc = dbc_query_run(out, w->session.conn, q, NULL);

    dbc_query_free(q);
    return rc;
}

static void add_rows(const world *w)
{
    EXEC(w->session.conn, "INSERT INTO items (name, total) VALUES ('a', 10), "
                          "('b', 20), ('c', 30)");
}

static int64_t ask(const world *w, const char *sql)
{
    return ASK_INT(w->session.conn, sql);
}

static const char *message(const world *w)
{
    return dbc_conn_error(w->session.conn)->message;
}

// ---------------------------------------------------------------------- hooks

static void shows_an_insert_before_and_behind(void **state)
{
    world *w = *state;
    dbc_result result;

    ASSERT_RC(DBC_OK, run(w, new_insert(w, "a", 5), &result), w->session.conn);

    assert_string_equal("inserting 5, wrote 1", w->log);
    assert_int_equal(1, result.changes);
    assert_int_equal(1, result.last_rowid);
}

static void writes_what_a_hook_made_of_the_row(void **state)
{
    world *w = *state;

    w->rename = w->compute = 1;
    ASSERT_RC(DBC_OK, run(w, new_insert(w, "a", 5), NULL), w->session.conn);

    assert_int_equal(1, ask(w, "SELECT name = 'hooked' AND total = 42 "
                               "FROM items"));
}

static void leaves_out_what_a_hook_took_away(void **state)
{
    world *w = *state;

    w->unset = 1;
    ASSERT_RC(DBC_OK, run(w, new_insert(w, "a", 5), NULL), w->session.conn);

    assert_int_equal(1, ask(w, "SELECT total IS NULL FROM items"));
}

static void judges_the_row_behind_the_hook(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_EVALIDATION,
                     run(w, new_insert(w, "much too long", 5), NULL));
    w->rename = 1;
    ASSERT_RC(DBC_OK, run(w, new_insert(w, "much too long", 5), NULL),
              w->session.conn);

    assert_int_equal(1, ask(w, "SELECT count(*) FROM items"));
}

static void undoes_what_a_hook_refuses(void **state)
{
    world *w = *state;

    w->refuse_before = 1;
    assert_int_equal(DBC_EDENIED, run(w, new_insert(w, "a", 5), NULL));
    assert_string_equal("not on a Sunday", message(w));
    w->refuse_before = 0;
    w->refuse_after = 1;
    assert_int_equal(DBC_EIO, run(w, new_insert(w, "a", 5), NULL));
    assert_string_equal("the mail is down", message(w));

    assert_int_equal(0, ask(w, "SELECT count(*) FROM items"));
    assert_int_equal(0, dbc_conn_depth(w->session.conn));
}

static void does_what_a_hook_writes_with_the_row(void **state)
{
    world *w = *state;

    w->audit = 1;
    ASSERT_RC(DBC_OK, run(w, new_insert(w, "a", 5), NULL), w->session.conn);
    assert_int_equal(1, ask(w, "SELECT count(*) FROM audit"));

    add_rows(w);
    EXEC(w->session.conn, "CREATE TRIGGER t AFTER UPDATE ON items WHEN "
                          "new.total > 30 BEGIN SELECT raise(ABORT, 'no'); "
                          "END");
    assert_true(run(w, new_update(w, 10), NULL) < 0);
    assert_int_equal(1, ask(w, "SELECT count(*) FROM audit"));
    assert_int_equal(30, ask(w, "SELECT max(total) FROM items"));
}

static void shows_each_row_of_an_update(void **state)
{
    world *w = *state;
    dbc_result result;

    add_rows(w);
    ASSERT_RC(DBC_OK, run(w, new_update(w, 20), &result), w->session.conn);

    assert_string_equal("updating 2, wrote 2, updating 3, wrote 3", w->log);
    assert_int_equal(2, result.changes);
    assert_int_equal(10 + 21 + 31, ask(w, "SELECT sum(total) FROM items"));
}

static void leaves_a_row_alone_when_told(void **state)
{
    world *w = *state;
    dbc_result result;

    add_rows(w);
    w->skip = 2;
    ASSERT_RC(DBC_OK, run(w, new_update(w, 10), &result), w->session.conn);

    assert_int_equal(2, result.changes);
    assert_int_equal(20, ask(w, "SELECT total FROM items WHERE id = 2"));
}

static void updates_nothing_when_nothing_is_left_to_set(void **state)
{
    world *w = *state;
    dbc_result result;

    add_rows(w);
    w->unset = 1;
    ASSERT_RC(DBC_OK, run(w, new_update(w, 10), &result), w->session.conn);

    assert_int_equal(0, result.changes);
    assert_int_equal(60, ask(w, "SELECT sum(total) FROM items"));
}

static void deletes_by_key(void **state)
{
    world *w = *state;
    dbc_result result;

    add_rows(w);
    ASSERT_RC(DBC_OK, run(w, new_delete(w, 20), &result), w->session.conn);

    assert_string_equal("deleting 2, wrote 0, deleting 3, wrote 0", w->log);
    assert_int_equal(2, result.changes);
    assert_int_equal(1, ask(w, "SELECT count(*) FROM items"));
}

static void makes_a_soft_delete_of_what_a_hook_sets(void **state)
{
    world *w = *state;
    dbc_result result;

    add_rows(w);
    w->soften = 1;
    ASSERT_RC(DBC_OK, run(w, new_delete(w, 20), &result), w->session.conn);

    assert_string_equal("deleting 2, wrote 2, deleting 3, wrote 3", w->log);
    assert_int_equal(2, result.changes);
    assert_int_equal(3, ask(w, "SELECT count(*) FROM items"));
    assert_int_equal(2, ask(w, "SELECT sum(gone) FROM items"));
}

static void leaves_queries_alone_that_are_unhooked(void **state)
{
    world *w = *state;
    dbc_query *q = new_delete(w, 20);

    add_rows(w);
    w->soften = 1;
    dbc_query_unhook(q);
    ASSERT_RC(DBC_OK, run(w, q, NULL), w->session.conn);

    assert_string_equal("", w->log);
    assert_int_equal(1, ask(w, "SELECT count(*) FROM items"));
}

static void undoes_all_rows_of_a_bulk_for_one(void **state)
{
    world *w = *state;
    const dbc_value values[] = {text("a"),        dbc_value_int(1),
                                text("b"),        dbc_value_int(2),
                                dbc_value_null(), dbc_value_int(3)};
    const dbc_rows rows = {.values = values, .count = 3};
    dbc_query *q = dbc_query_new(NULL);
    dbc_result result;

    dbc_query_insert(q, w->items);
    dbc_query_slot(q, column(w, NAME));
    dbc_query_slot(q, column(w, TOTAL));
    assert_int_equal(DBC_EVALIDATION,
                     dbc_query_run_rows(NULL, w->session.conn, q, &rows));
    assert_int_equal(3, dbc_conn_error(w->session.conn)->row);
    assert_int_equal(0, ask(w, "SELECT count(*) FROM items"));

    w->rename = 1;
    ASSERT_RC(DBC_OK, dbc_query_run_rows(&result, w->session.conn, q, &rows),
              w->session.conn);
    assert_int_equal(3, result.changes);
    assert_int_equal(6, ask(w, "SELECT sum(total) FROM items"));
    dbc_query_free(q);
}

static void gives_back_what_a_write_returns(void **state)
{
    world *w = *state;
    dbc_query *q = new_update(w, 20);
    dbc_stmt *stmt;
    int64_t sum = 0;

    add_rows(w);
    dbc_query_returning(q, dbc_expr_column(q, column(w, TOTAL), NULL), "t");
    dbc_query_returning(q, dbc_expr_column(q, column(w, NAME), NULL), NULL);
    ASSERT_RC(DBC_OK, dbc_query_open(&stmt, w->session.conn, q, NULL),
              w->session.conn);
    assert_string_equal("", w->log);
    assert_int_equal(2, dbc_stmt_column_count(stmt));
    for (int i = 0; i < 2; i++) {
        ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), w->session.conn);
        sum += dbc_stmt_int(stmt, 0);
        assert_string_equal(i ? "c" : "b", dbc_stmt_text(stmt, 1, NULL));
    }
    assert_int_equal(DBC_DONE, dbc_stmt_step(stmt));

    assert_int_equal(21 + 31, sum);
    dbc_stmt_release(stmt);
    dbc_query_free(q);
}

static void gives_back_every_column(void **state)
{
    world *w = *state;
    dbc_query *q = new_insert(w, "a", 5);
    dbc_stmt *stmt;

    w->rename = 1;
    w->next_stamp = 70;
    dbc_query_returning(q, 0, NULL);
    ASSERT_RC(DBC_OK, dbc_query_open(&stmt, w->session.conn, q, NULL),
              w->session.conn);
    for (int i = 0; i < 2; i++) {
        ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), w->session.conn);
        assert_string_equal("hooked", dbc_stmt_text(stmt, NAME, NULL));
        assert_int_equal(70 + i, dbc_stmt_int(stmt, STAMP));
        assert_int_equal(DBC_EINVALID,
                         dbc_stmt_bind(stmt, dbc_stmt_row(stmt), 2));
        assert_int_equal(DBC_EINVALID,
                         dbc_stmt_run(stmt, dbc_stmt_row(stmt), 2, NULL));
        ASSERT_RC(DBC_OK, dbc_query_reopen(stmt, q, NULL), w->session.conn);
    }

    dbc_stmt_release(stmt);
    dbc_query_free(q);
}

static void calls_nothing_behind_a_row_that_was_ignored(void **state)
{
    world *w = *state;
    dbc_query *q = new_insert(w, "a", 5);
    dbc_result result;

    add_rows(w);
    dbc_query_set(q, column(w, ID), dbc_expr_value(q, dbc_value_int(1)));
    dbc_query_on_conflict(q, NULL, 0);
    dbc_query_conflict_ignore(q);
    ASSERT_RC(DBC_OK, run(w, q, &result), w->session.conn);

    assert_string_equal("inserting 5", w->log);
    assert_int_equal(0, result.changes);
}

static void says_when_a_hook_ended_the_transaction(void **state)
{
    world *w = *state;

    w->commit = 1;
    assert_int_equal(DBC_ECLOSED, run(w, new_insert(w, "a", 5), NULL));
    assert_int_equal(0, ask(w, "SELECT count(*) FROM items"));
}

static void says_when_a_hook_closed_the_connection(void **state)
{
    world *w = *state;

    w->shut = 1;
    assert_int_equal(DBC_ECLOSED, run(w, new_insert(w, "a", 5), NULL));
    assert_non_null(strstr(message(w), "closed"));
}

static void refuses_where_only_reading_is_allowed(void **state)
{
    world *w = *state;
    dbc_txn txn;

    ASSERT_RC(DBC_OK, dbc_txn_begin(&txn, w->session.conn, DBC_TXN_READ),
              w->session.conn);
    assert_int_equal(DBC_EREADONLY, run(w, new_insert(w, "a", 5), NULL));

    assert_string_equal("", w->log);
    dbc_txn_rollback(&txn);
}

static void keeps_hooks_by_the_name_of_the_table(void **state)
{
    world *w = *state;
    dbc_table_def def = {
        .name = "items", .columns = COLUMNS, .column_count = COUNT(COLUMNS)};
    dbc_table *first = w->items;

    assert_int_equal(DBC_OK, dbc_table_new(&w->items, &def, NULL, NULL));
    ASSERT_RC(DBC_OK, run(w, new_insert(w, "a", 5), NULL), w->session.conn);
    assert_string_equal("inserting 5, wrote 1", w->log);

    dbc_table_release(first);
}

static void ends_hooks_that_are_removed(void **state)
{
    world *w = *state;

    ASSERT_RC(DBC_OK, dbc_conn_hook(w->session.conn, w->items, NULL),
              w->session.conn);
    assert_int_equal(1, w->released);
    ASSERT_RC(DBC_OK, run(w, new_insert(w, "a", 5), NULL), w->session.conn);

    assert_string_equal("", w->log);
}

static void has_no_hooks_for_a_table_without_a_key(void **state)
{
    world *w = *state;
    dbc_table_def def = {
        .name = "loose", .columns = &COLUMNS[NAME], .column_count = 1};
    dbc_table *loose;

    assert_int_equal(DBC_OK, dbc_table_new(&loose, &def, NULL, NULL));
    assert_int_equal(DBC_EINVALID,
                     dbc_conn_hook(w->session.conn, loose, hooks_of(w)));

    assert_non_null(strstr(message(w), "primary key"));
    dbc_table_release(loose);
}

// --------------------------------------------------------------------- filling

static int set_up_filling(void **state)
{
    world *w;
    int rc = set_up(state);

    w = *state;
    w->next_stamp = 100;
    if (rc == DBC_OK) rc = dbc_conn_hook(w->session.conn, w->items, NULL);
    return rc;
}

static void fills_a_column_that_an_insert_leaves_out(void **state)
{
    world *w = *state;
    dbc_query *q = new_insert(w, "b", 5);

    ASSERT_RC(DBC_OK, run(w, new_insert(w, "a", 5), NULL), w->session.conn);
    dbc_query_set(q, column(w, STAMP), dbc_expr_value(q, dbc_value_int(7)));
    ASSERT_RC(DBC_OK, run(w, q, NULL), w->session.conn);

    assert_int_equal(100, ask(w, "SELECT stamp FROM items WHERE id = 1"));
    assert_int_equal(7, ask(w, "SELECT stamp FROM items WHERE id = 2"));
}

static void fills_a_column_once_for_an_update(void **state)
{
    world *w = *state;
    dbc_result result;

    add_rows(w);
    ASSERT_RC(DBC_OK, run(w, new_update(w, 20), &result), w->session.conn);

    assert_int_equal(2, result.changes);
    assert_int_equal(2, ask(w, "SELECT count(*) FROM items WHERE stamp = 100"));
}

static void leaves_a_column_that_the_host_does_not_fill(void **state)
{
    world *w = *state;

    w->next_stamp = 0;
    ASSERT_RC(DBC_OK, run(w, new_insert(w, "a", 5), NULL), w->session.conn);

    assert_int_equal(1, ask(w, "SELECT stamp IS NULL FROM items"));
}

static void passes_on_why_a_column_cannot_be_filled(void **state)
{
    world *w = *state;

    w->next_stamp = -1;
    assert_int_equal(DBC_ECALLBACK, run(w, new_insert(w, "a", 5), NULL));

    assert_string_equal("the clock stands still", message(w));
    assert_int_equal(0, ask(w, "SELECT count(*) FROM items"));
}

static void gives_back_all_rows_of_a_filled_update(void **state)
{
    world *w = *state;
    dbc_query *q = new_update(w, 10);
    dbc_stmt *stmt;
    int rows = 0;

    add_rows(w);
    dbc_query_returning(q, 0, NULL);
    ASSERT_RC(DBC_OK, dbc_query_open(&stmt, w->session.conn, q, NULL),
              w->session.conn);
    while (dbc_stmt_step(stmt) == DBC_ROW)
        rows += dbc_stmt_int(stmt, STAMP) == 100;

    assert_int_equal(3, rows);
    dbc_stmt_release(stmt);
    dbc_query_free(q);
}

// ---------------------------------------------------------------------- memory

static int run_kept(dbc_conn *conn, dbc_query *q)
{
    dbc_stmt *stmt = NULL;
    int rc = dbc_query_open(&stmt, conn, q, NULL);

    while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW)
        ;
    dbc_stmt_release(stmt);
    dbc_query_free(q);
    return rc;
}

static int write_all(void *ud, const dbc_alloc *alloc)
{
    world *w = ud;
    dbc_open_options options = {.alloc = alloc};
    dbc_conn *before_it = w->session.conn;
    dbc_query *q;
    int rc;

    w->log[0] = '\0';
    w->next_stamp = 1;
    rc = dbc_open(&w->session.conn, ":memory:", &options, NULL);
    if (rc == DBC_OK)
        rc = dbc_exec(w->session.conn,
                      SQL("CREATE TABLE items (id INTEGER PRIMARY KEY, name "
                          "TEXT NOT NULL, total INTEGER, stamp INTEGER, gone "
                          "INTEGER); CREATE TABLE audit (what TEXT)"));
    if (rc == DBC_OK)
        rc = dbc_conn_hook(w->session.conn, w->items, hooks_of(w));
    for (int i = 0; rc == DBC_OK && i < 2; i++)
        rc = run(w, new_insert(w, "a", 5), NULL);
    if (rc == DBC_OK) {
        q = new_update(w, 5);
        dbc_query_returning(q, dbc_expr_column(q, column(w, NAME), NULL), NULL);
        rc = run_kept(w->session.conn, q);
    }
    if (rc >= 0) rc = run(w, new_delete(w, 0), NULL);
    dbc_close(w->session.conn);
    w->session.conn = before_it;
    return rc;
}

static void survives_without_memory(void **state)
{
    world *w = *state;

    w->rename = w->compute = w->audit = w->soften = 1;
    FAULT_WALK(write_all, w);
    w->released = 0;
}

#define HOOKED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define FILLED(test) \
    cmocka_unit_test_setup_teardown(test, set_up_filling, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOOKED(shows_an_insert_before_and_behind),
        HOOKED(writes_what_a_hook_made_of_the_row),
        HOOKED(leaves_out_what_a_hook_took_away),
        HOOKED(judges_the_row_behind_the_hook),
        HOOKED(undoes_what_a_hook_refuses),
        HOOKED(does_what_a_hook_writes_with_the_row),
        HOOKED(shows_each_row_of_an_update),
        HOOKED(leaves_a_row_alone_when_told),
        HOOKED(updates_nothing_when_nothing_is_left_to_set),
        HOOKED(deletes_by_key),
        HOOKED(makes_a_soft_delete_of_what_a_hook_sets),
        HOOKED(leaves_queries_alone_that_are_unhooked),
        HOOKED(undoes_all_rows_of_a_bulk_for_one),
        HOOKED(gives_back_what_a_write_returns),
        HOOKED(gives_back_every_column),
        HOOKED(calls_nothing_behind_a_row_that_was_ignored),
        HOOKED(says_when_a_hook_ended_the_transaction),
        HOOKED(says_when_a_hook_closed_the_connection),
        HOOKED(refuses_where_only_reading_is_allowed),
        HOOKED(keeps_hooks_by_the_name_of_the_table),
        HOOKED(ends_hooks_that_are_removed),
        HOOKED(has_no_hooks_for_a_table_without_a_key),
        FILLED(fills_a_column_that_an_insert_leaves_out),
        FILLED(fills_a_column_once_for_an_update),
        FILLED(leaves_a_column_that_the_host_does_not_fill),
        FILLED(passes_on_why_a_column_cannot_be_filled),
        FILLED(gives_back_all_rows_of_a_filled_update),
        HOOKED(survives_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
