// Inserts between hooks that are more than one plain row: from a query, and
// with an update of the row that is there. What the hooks see, and what the
// table holds then, is what single writes would have made.
#include "dbcore_driver.h"
#include "define.h"
#include "fault.h"
#include "sqlite_session.h"

#include <stdio.h>

enum { NUMBER, NAME, TOTAL, LIVE, STAMP, KIND, MADE };

static const dbc_column_def ITEMS[] = {
    ID,
    {.name = "name",
     .type = DBC_T_TEXT,
     .flags = DBC_COLUMN_NOT_NULL | DBC_COLUMN_UNIQUE | DBC_COLUMN_HAS_MAX_LEN,
     .max_len = 8},
    {.name = "total", .type = DBC_T_INTEGER},
    {.name = "live", .type = DBC_T_BOOLEAN},
    {.name = "stamp",
     .type = DBC_T_INTEGER,
     .flags = DBC_COLUMN_HOST_DEFAULT | DBC_COLUMN_HOST_UPDATE},
    {.name = "kind",
     .type = DBC_T_TEXT,
     .flags = DBC_COLUMN_HAS_DEFAULT,
     .default_value = {DBC_TEXT, 5, {.text = "plain"}}},
    {.name = "made", .type = DBC_T_INTEGER, .default_sql = "40 + 2"},
};

static const dbc_column_def DRAFTS[] = {
    ID,
    {.name = "name", .type = DBC_T_TEXT},
    {.name = "total", .type = DBC_T_INTEGER},
    {.name = "live", .type = DBC_T_BOOLEAN},
};

typedef struct world {
    sqlite_session session;
    dbc_table *items, *drafts;
    char log[512]; // what was called, in words
    int rename, skip, next_stamp;
} world;

static dbc_value text(const char *string)
{
    return dbc_value_text(string, strlen(string));
}

static const dbc_column *column(const world *w, int i)
{
    return dbc_table_column(w->items, (size_t)i);
}

// -------------------------------------------------------------------- the host

static int fill(void *ud, dbc_write *write, dbc_error *err)
{
    world *w = ud;
    (void)err;

    return dbc_write_set(write, column(w, STAMP),
                         dbc_value_int(w->next_stamp++));
}

static void note(world *w, const char *what, const dbc_value *value)
{
    size_t len = strlen(w->log);
    const char *gap = len > 0 ? ", " : "";

    if (value->type == DBC_TEXT)
        snprintf(w->log + len, sizeof w->log - len, "%s%s %.*s", gap, what,
                 (int)value->len, value->as.text);
    else
        snprintf(w->log + len, sizeof w->log - len, "%s%s %lld", gap, what,
                 (long long)value->as.i);
}

static int before(void *ud, dbc_write *write, dbc_error *err)
{
    world *w = ud;
    const dbc_row *row = dbc_write_row(write);
    const dbc_value *old = dbc_write_old(write);
    int is_insert = dbc_write_kind(write) == DBC_INSERT;

    if (is_insert) {
        assert_null(old);
        assert_int_equal(0, dbc_write_is_upsert(write));
        note(w, "insert", &row->values[NAME]);
    } else {
        note(w, dbc_write_is_upsert(write) ? "upsert" : "update", &old[NUMBER]);
    }
    if (row->presence[TOTAL] == DBC_GIVEN) note(w, "of", &row->values[TOTAL]);
    if (row->presence[LIVE] == DBC_GIVEN && row->values[LIVE].type != DBC_NULL)
        assert_int_equal(DBC_BOOL, row->values[LIVE].type);
    if (row->presence[NAME] == DBC_GIVEN && row->values[NAME].len == 3)
        return dbc_error_set(err, DBC_EDENIED, "not that name");
    if (w->skip) return DBC_DONE;
    if (w->rename) return dbc_write_set(write, column(w, NAME), text("hooked"));
    return DBC_OK;
}

static int after(void *ud, dbc_write *write, dbc_error *err)
{
    world *w = ud;
    (void)err;

    note(w, "wrote", &dbc_write_row(write)->values[NUMBER]);
    return DBC_OK;
}

static int make_tables(world *w)
{
    dbc_table_def items = {
        .name = "items", .columns = ITEMS, .column_count = COUNT(ITEMS)};
    dbc_table_def drafts = {
        .name = "drafts", .columns = DRAFTS, .column_count = COUNT(DRAFTS)};
    int rc;

    items.host = (dbc_host_rules){NULL, NULL, w, fill};
    rc = dbc_table_new(&w->items, &items, NULL, NULL);
    return rc < 0 ? rc : dbc_table_new(&w->drafts, &drafts, NULL, NULL);
}

static int fill_file(dbc_conn *conn)
{
    return dbc_exec(
        conn,
        SQL("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL "
            "UNIQUE COLLATE NOCASE, total INTEGER, live INTEGER, stamp "
            "INTEGER, kind TEXT DEFAULT 'plain', made INTEGER DEFAULT (40 + "
            "2));"
            "CREATE TABLE drafts (id INTEGER PRIMARY KEY, name, total, live);"
            "INSERT INTO items (name, total, live) VALUES ('a', 10, 1);"
            "INSERT INTO drafts (name, total, live) VALUES ('x', 1, 1), "
            "('A', 2, 0), ('y', 3, NULL)"));
}

static int set_up(void **state)
{
    static world w;

    memset(&w, 0, sizeof w);
    *state = &w;
    w.next_stamp = 100;
    sqlite_session_open(&w.session, ":memory:", NULL);
    if (make_tables(&w) < 0 || fill_file(w.session.conn) < 0) return -1;
    const dbc_hooks hooks = {before, after, NULL, &w};
    return dbc_conn_hook(w.session.conn, w.items, &hooks);
}

static int tear_down(void **state)
{
    world *w = *state;

    dbc_table_release(w->items);
    dbc_table_release(w->drafts);
    sqlite_session_close(&w->session);
    return 0;
}

// --------------------------------------------------------------------- queries

static void set_value(const world *w, dbc_query *q, int i, dbc_value value)
{
    dbc_query_set(q, column(w, i), dbc_expr_value(q, value));
}

static dbc_query *new_insert(const world *w, const char *name, int64_t total)
{
    dbc_query *q = dbc_query_new(NULL);

    dbc_query_insert(q, w->items);
    set_value(w, q, NAME, text(name));
    set_value(w, q, TOTAL, dbc_value_int(total));
    return q;
}

// on_conflict(name):update { total = total + excluded.total }
static void or_add(const world *w, dbc_query *q)
{
    const dbc_column *key = column(w, NAME);
    dbc_expr there, other;

    dbc_query_on_conflict(q, &key, 1);
    there = dbc_expr_column(q, column(w, TOTAL), NULL);
    other = dbc_expr_excluded(q, "total");
    dbc_query_conflict_set(q, column(w, TOTAL),
                           dbc_expr_op(q, DBC_OP_ADD, there, other));
}

static void or_take(const world *w, dbc_query *q, int i)
{
    const dbc_column *key = column(w, NAME);

    dbc_query_on_conflict(q, &key, 1);
    dbc_query_conflict_set(q, column(w, i),
                           dbc_expr_excluded(q, ITEMS[i].name));
}

static void add_source(const world *w, dbc_query *q, const char *order)
{
    dbc_query *rows = dbc_query_new(NULL);

    dbc_query_from(rows, w->drafts, NULL);
    for (size_t i = 1; i < COUNT(DRAFTS); i++)
        dbc_query_select(
            rows, dbc_expr_column(rows, dbc_table_column(w->drafts, i), NULL),
            NULL);
    dbc_query_order_by(rows, dbc_expr_raw(rows, order, strlen(order)));
    dbc_query_insert_from(q, rows);
    dbc_query_free(rows);
}

static dbc_query *new_copy(const world *w)
{
    dbc_query *q = dbc_query_new(NULL);

    dbc_query_insert(q, w->items);
    add_source(w, q, "drafts.id");
    return q;
}

static int run(const world *w, dbc_query *q, dbc_result *out)
{
    int rc = dbc_query_run(out, w->session.conn, q, NULL);

    dbc_query_free(q);
    return rc;
}

static int64_t ask(const world *w, const char *sql)
{
    return ASK_INT(w->session.conn, sql);
}

static const char *all(const world *w)
{
    return ASK_TEXT(w->session.conn,
                    "SELECT group_concat(r, '; ') FROM (SELECT name || ' ' || "
                    "ifnull(total, '-') || ' ' || ifnull(live, '-') || ' ' || "
                    "ifnull(stamp, '-') AS r FROM items ORDER BY id)");
}

static const char *message(const world *w)
{
    return dbc_conn_error(w->session.conn)->message;
}

// -------------------------------------------------------------- from a query

static void inserts_each_row_of_a_query(void **state)
{
    world *w = *state;
    dbc_result result;

    EXEC(w->session.conn, "UPDATE drafts SET name = 'z' WHERE id = 2");
    ASSERT_RC(DBC_OK, run(w, new_copy(w), &result), w->session.conn);

    assert_string_equal("insert x, of 1, wrote 2, insert z, of 2, wrote 3, "
                        "insert y, of 3, wrote 4",
                        w->log);
    assert_string_equal("a 10 1 -; x 1 1 100; z 2 0 101; y 3 - 102", all(w));
    assert_int_equal(3, result.changes);
    assert_int_equal(4, result.last_rowid);
}

static void inserts_nothing_when_one_row_is_refused(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_EUNIQUE, run(w, new_copy(w), NULL));
    assert_int_equal(2, dbc_conn_error(w->session.conn)->row);
    EXEC(w->session.conn, "UPDATE drafts SET name = 'not' WHERE id = 2");
    assert_int_equal(DBC_EDENIED, run(w, new_copy(w), NULL));
    assert_int_equal(2, dbc_conn_error(w->session.conn)->row);
    EXEC(w->session.conn, "UPDATE drafts SET name = 'much too long' WHERE id "
                          "= 3");
    EXEC(w->session.conn, "UPDATE drafts SET name = 'z' WHERE id = 2");
    assert_int_equal(DBC_EVALIDATION, run(w, new_copy(w), NULL));
    assert_int_equal(3, dbc_conn_error(w->session.conn)->row);

    assert_int_equal(1, ask(w, "SELECT count(*) FROM items"));
    assert_int_equal(0, dbc_conn_depth(w->session.conn));
}

static void ignores_rows_of_a_query_that_are_there(void **state)
{
    world *w = *state;
    dbc_query *q = new_copy(w);
    dbc_result result;

    dbc_query_on_conflict(q, NULL, 0);
    dbc_query_conflict_ignore(q);
    ASSERT_RC(DBC_OK, run(w, q, &result), w->session.conn);

    assert_int_equal(2, result.changes);
    assert_string_equal("insert x, of 1, wrote 2, insert A, of 2, insert y, "
                        "of 3, wrote 3",
                        w->log);
}

static void updates_rows_of_a_query_that_are_there(void **state)
{
    world *w = *state;
    dbc_query *q = new_copy(w);
    dbc_result result;

    or_add(w, q);
    ASSERT_RC(DBC_OK, run(w, q, &result), w->session.conn);

    assert_int_equal(3, result.changes);
    assert_string_equal("insert x, of 1, wrote 2, upsert 1, wrote 1, insert "
                        "y, of 3, wrote 3",
                        w->log);
    assert_string_equal("a 12 1 101; x 1 1 100; y 3 - 102", all(w));
}

// Copies a table into itself: what it reads is what was there.
static void reads_the_rows_before_it_writes(void **state)
{
    world *w = *state;
    dbc_query *rows = dbc_query_new(NULL), *q = dbc_query_new(NULL);
    dbc_expr name = dbc_expr_column(rows, column(w, NAME), NULL);

    dbc_query_from(rows, w->items, NULL);
    dbc_query_select(
        rows,
        dbc_expr_op(rows, DBC_OP_CONCAT, name, dbc_expr_value(rows, text("2"))),
        "name");
    dbc_query_insert(q, w->items);
    dbc_query_insert_from(q, rows);
    dbc_query_free(rows);
    ASSERT_RC(DBC_OK, run(w, q, NULL), w->session.conn);

    assert_string_equal("insert a2, wrote 2", w->log);
}

// A value that its column would refuse is the database's, as without hooks.
static void leaves_to_the_database_what_no_column_takes(void **state)
{
    world *w = *state;

    EXEC(w->session.conn, "DELETE FROM drafts WHERE id > 1");
    EXEC(w->session.conn, "UPDATE drafts SET name = 7, total = '8'");
    ASSERT_RC(DBC_OK, run(w, new_copy(w), NULL), w->session.conn);
    assert_int_equal(1, ask(w, "SELECT typeof(name) = 'text' AND name = '7' "
                               "AND total = 8 FROM items WHERE id = 2"));

    dbc_query *q = new_copy(w);
    or_take(w, q, TOTAL);
    EXEC(w->session.conn, "UPDATE drafts SET total = '9'");
    ASSERT_RC(DBC_OK, run(w, q, NULL), w->session.conn);
    assert_int_equal(9, ask(w, "SELECT total FROM items WHERE id = 2"));
    assert_int_equal(2, ask(w, "SELECT count(*) FROM items"));
}

static void gives_back_the_rows_of_all(void **state)
{
    world *w = *state;
    dbc_query *q = new_copy(w);
    dbc_stmt *stmt;
    int64_t sum = 0;

    or_add(w, q);
    dbc_query_returning(q, dbc_expr_column(q, column(w, TOTAL), NULL), "t");
    ASSERT_RC(DBC_OK, dbc_query_open(&stmt, w->session.conn, q, NULL),
              w->session.conn);
    assert_string_equal("", w->log);
    for (int i = 0; i < 3; i++) {
        ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), w->session.conn);
        sum += dbc_stmt_int(stmt, 0);
    }
    assert_int_equal(DBC_DONE, dbc_stmt_step(stmt));

    assert_int_equal(1 + 12 + 3, sum);
    dbc_stmt_release(stmt);
    dbc_query_free(q);
}

static void finds_the_common_tables_of_the_insert(void **state)
{
    world *w = *state;
    dbc_query *rows = dbc_query_new(NULL), *q = dbc_query_new(NULL);
    dbc_query *named = dbc_query_new(NULL);

    dbc_query_from(named, w->drafts, NULL);
    dbc_query_select(named, dbc_expr_param(named, "who"), "name");
    dbc_query_limit(named, dbc_expr_value(named, dbc_value_int(1)));
    dbc_query_from_name(rows, "one", NULL);
    dbc_query_select(rows, dbc_expr_name(rows, "one", "name", DBC_T_TEXT),
                     "name");
    dbc_query_with(q, "one", named);
    dbc_query_insert(q, w->items);
    dbc_query_insert_from(q, rows);
    const dbc_arg who = {"who", text("w")};
    const dbc_args args = {&who, 1, NULL, 0};
    ASSERT_RC(DBC_OK, dbc_query_run(NULL, w->session.conn, q, &args),
              w->session.conn);

    assert_string_equal("insert w, wrote 2", w->log);
    dbc_query_free(q);
    dbc_query_free(rows);
    dbc_query_free(named);
}

// ------------------------------------------------------------------- upserts

static void inserts_what_is_not_there(void **state)
{
    world *w = *state;
    dbc_query *q = new_insert(w, "b", 5);

    or_add(w, q);
    ASSERT_RC(DBC_OK, run(w, q, NULL), w->session.conn);

    assert_string_equal("insert b, of 5, wrote 2", w->log);
    assert_string_equal("a 10 1 -; b 5 - 100", all(w));
}

static void updates_what_is_there(void **state)
{
    world *w = *state;
    dbc_query *q = new_insert(w, "A", 5);
    dbc_result result;

    or_add(w, q);
    ASSERT_RC(DBC_OK, run(w, q, &result), w->session.conn);

    assert_string_equal("upsert 1, wrote 1", w->log);
    assert_string_equal("a 15 1 100", all(w));
    assert_int_equal(1, result.changes);
}

static void shows_a_value_that_was_excluded(void **state)
{
    world *w = *state;
    dbc_query *q = new_insert(w, "a", 5);

    or_take(w, q, TOTAL);
    dbc_query_conflict_set(q, column(w, LIVE), dbc_expr_excluded(q, "live"));
    set_value(w, q, LIVE, dbc_value_bool(0));
    ASSERT_RC(DBC_OK, run(w, q, NULL), w->session.conn);

    assert_string_equal("upsert 1, of 5, wrote 1", w->log);
    assert_string_equal("a 5 0 100", all(w));
}

static void judges_what_was_excluded(void **state)
{
    world *w = *state;
    const dbc_column *key = column(w, NUMBER);
    dbc_query *q = new_insert(w, "much too long", 5);

    set_value(w, q, NUMBER, dbc_value_int(1));
    dbc_query_on_conflict(q, &key, 1);
    dbc_query_conflict_set(q, column(w, NAME), dbc_expr_excluded(q, "name"));
    assert_int_equal(DBC_EVALIDATION, run(w, q, NULL));

    q = new_insert(w, "a", 5);
    set_value(w, q, NUMBER, text("one"));
    dbc_query_on_conflict(q, &key, 1);
    dbc_query_conflict_set(q, column(w, NAME), dbc_expr_excluded(q, "name"));
    assert_int_equal(DBC_EVALIDATION, run(w, q, NULL));
    assert_string_equal("a 10 1 -", all(w));
}

static void computes_a_row_once(void **state)
{
    world *w = *state;
    dbc_query *q = dbc_query_new(NULL);
    dbc_expr arg = dbc_expr_value(q, text("A"));

    dbc_query_insert(q, w->items);
    dbc_query_set(q, column(w, NAME), dbc_expr_call(q, "lower", &arg, 1, 0));
    dbc_query_set(q, column(w, TOTAL), dbc_expr_call(q, "random", NULL, 0, 0));
    or_take(w, q, TOTAL);
    dbc_query_conflict_set(q, column(w, MADE), dbc_expr_excluded(q, "total"));
    ASSERT_RC(DBC_OK, run(w, q, NULL), w->session.conn);

    assert_int_equal(1, ask(w, "SELECT count(*) FROM items WHERE made = total "
                               "AND total <> 10"));
}

static void takes_defaults_for_what_is_left_out(void **state)
{
    world *w = *state;
    dbc_query *q = new_insert(w, "a", 5);

    EXEC(w->session.conn, "UPDATE items SET kind = 'odd', made = 1");
    or_take(w, q, KIND);
    dbc_query_conflict_set(q, column(w, MADE), dbc_expr_excluded(q, "made"));
    dbc_query_conflict_set(q, column(w, LIVE), dbc_expr_excluded(q, "live"));
    ASSERT_RC(DBC_OK, run(w, q, NULL), w->session.conn);

    assert_int_equal(1, ask(w, "SELECT kind = 'plain' AND made = 42 AND live "
                               "IS NULL FROM items"));
}

static void refuses_what_only_the_row_itself_tells(void **state)
{
    world *w = *state;
    dbc_query *q = new_insert(w, "a", 5);

    or_take(w, q, STAMP);
    assert_int_equal(DBC_EUNSUPPORTED, run(w, q, NULL));
    assert_non_null(strstr(message(w), "\"stamp\""));
    assert_non_null(strstr(message(w), "give it a value in the insert"));
    q = new_insert(w, "a", 5);
    or_add(w, q);
    dbc_query_conflict_set(q, column(w, MADE), dbc_expr_excluded(q, "id"));
    assert_int_equal(DBC_EUNSUPPORTED, run(w, q, NULL));

    assert_string_equal("a 10 1 -", all(w));
    assert_string_equal("", w->log);
}

static void updates_under_a_condition(void **state)
{
    world *w = *state;
    dbc_result result;

    for (int total = 9; total <= 11; total += 2) {
        dbc_query *q = new_insert(w, "a", total);
        or_take(w, q, TOTAL);
        dbc_expr there = dbc_expr_column(q, column(w, TOTAL), NULL);
        dbc_query_conflict_where(
            q, dbc_expr_op(q, DBC_OP_LT, there, dbc_expr_excluded(q, "total")));
        ASSERT_RC(DBC_OK, run(w, q, &result), w->session.conn);
        assert_int_equal(total == 11, result.changes);
    }

    assert_string_equal("upsert 1, of 11, wrote 1", w->log);
    assert_int_equal(11, ask(w, "SELECT total FROM items"));
}

static void ends_where_a_condition_has_no_update(void **state)
{
    world *w = *state;
    const dbc_column *key = column(w, NAME);
    dbc_query *q = new_insert(w, "b", 5);

    dbc_query_on_conflict(q, &key, 1);
    dbc_query_conflict_where(q, dbc_expr_value(q, dbc_value_int(1)));
    assert_int_equal(DBC_EINVALID, run(w, q, NULL));

    assert_string_equal("a 10 1 -", all(w));
}

static void leaves_it_alone_when_a_hook_says_so(void **state)
{
    world *w = *state;
    dbc_query *q = new_insert(w, "a", 5);
    dbc_result result;

    w->skip = 1;
    or_add(w, q);
    ASSERT_RC(DBC_OK, run(w, q, &result), w->session.conn);

    assert_int_equal(0, result.changes);
    assert_string_equal("a 10 1 -", all(w));
}

// A hook makes the new row one that is there: that is no update any more.
static void lets_no_hook_turn_an_insert_into_an_update(void **state)
{
    world *w = *state;
    dbc_query *q = new_insert(w, "b", 5);

    EXEC(w->session.conn, "INSERT INTO items (name) VALUES ('hooked')");
    w->rename = 1;
    or_add(w, q);
    assert_int_equal(DBC_EUNIQUE, run(w, q, NULL));

    assert_int_equal(2, ask(w, "SELECT count(*) FROM items"));
}

static void upserts_rows_in_bulk(void **state)
{
    world *w = *state;
    const dbc_value values[] = {text("b"), dbc_value_int(1),
                                text("a"), dbc_value_int(2),
                                text("b"), dbc_value_int(3)};
    const dbc_rows rows = {.values = values, .count = 3};
    dbc_query *q = dbc_query_new(NULL);
    dbc_result result;

    dbc_query_insert(q, w->items);
    dbc_query_slot(q, column(w, NAME));
    dbc_query_slot(q, column(w, TOTAL));
    or_add(w, q);
    ASSERT_RC(DBC_OK, dbc_query_run_rows(&result, w->session.conn, q, &rows),
              w->session.conn);

    assert_int_equal(3, result.changes);
    assert_string_equal("a 12 1 101; b 4 - 102", all(w));
    dbc_query_free(q);
}

static void takes_named_values(void **state)
{
    world *w = *state;
    dbc_query *q = dbc_query_new(NULL);
    const dbc_arg named[] = {{"name", text("a")}, {"total", dbc_value_int(7)}};
    const dbc_args args = {named, 2, NULL, 0};

    dbc_query_insert(q, w->items);
    dbc_query_set(q, column(w, NAME), dbc_expr_param(q, "name"));
    dbc_query_set(q, column(w, TOTAL), dbc_expr_param(q, "total"));
    or_add(w, q);
    ASSERT_RC(DBC_OK, dbc_query_run(NULL, w->session.conn, q, &args),
              w->session.conn);
    assert_string_equal("a 17 1 100", all(w));
    assert_int_equal(DBC_EINVALID, run(w, q, NULL));
    assert_string_equal("parameter \"total\" is missing", message(w));
}

// ------------------------------------------------------------------- policies

// `operations` need `total` to be below `most`.
static void add_rule(const world *w, dbc_policy *policy, unsigned operations,
                     int64_t most)
{
    dbc_query *rule = dbc_query_new(NULL);
    dbc_expr left = dbc_expr_column(rule, column(w, TOTAL), NULL);

    dbc_expr_op(rule, DBC_OP_LT, left,
                dbc_expr_value(rule, dbc_value_int(most)));
    assert_int_equal(DBC_OK, dbc_policy_rule(policy, w->items, operations, NULL,
                                             rule, NULL));
    dbc_query_free(rule);
}

static int upsert_under(const world *w, int64_t selected, int64_t updated)
{
    dbc_policy *policy;
    dbc_query *q = new_insert(w, "a", 1);
    int rc;

    assert_int_equal(DBC_OK, dbc_policy_new(&policy, NULL, 0, NULL, NULL));
    add_rule(w, policy, DBC_POLICY_SELECT, selected);
    add_rule(w, policy, DBC_POLICY_UPDATE, updated);
    add_rule(w, policy, DBC_POLICY_INSERT, 1000);
    dbc_query_restrict(q, policy);
    or_add(w, q);
    rc = run(w, q, NULL);
    dbc_policy_release(policy);
    return rc;
}

static void updates_only_what_a_policy_lets_it(void **state)
{
    world *w = *state;

    assert_int_equal(DBC_EDENIED, upsert_under(w, 100, 10));
    assert_non_null(strstr(message(w), "cannot be updated"));
    assert_int_equal(DBC_EUNIQUE, upsert_under(w, 10, 100));
    assert_int_equal(DBC_EDENIED, upsert_under(w, 100, 11));
    assert_string_equal("a 10 1 -", all(w));
    ASSERT_RC(DBC_OK, upsert_under(w, 100, 100), w->session.conn);
    assert_int_equal(11, ask(w, "SELECT total FROM items"));
}

// ---------------------------------------------------------------------- memory

static int write_all(void *ud, const dbc_alloc *alloc)
{
    world *w = ud;
    const dbc_hooks hooks = {before, after, NULL, w};
    dbc_open_options options = {.alloc = alloc};
    dbc_conn *before_it = w->session.conn;
    dbc_query *q;
    int rc;

    w->log[0] = '\0';
    rc = dbc_open(&w->session.conn, ":memory:", &options, NULL);
    if (rc == DBC_OK) rc = fill_file(w->session.conn);
    if (rc == DBC_OK) rc = dbc_conn_hook(w->session.conn, w->items, &hooks);
    if (rc == DBC_OK) {
        dbc_stmt *stmt = NULL;
        q = new_copy(w);
        or_add(w, q);
        dbc_query_returning(q, 0, NULL);
        rc = dbc_query_open(&stmt, w->session.conn, q, NULL);
        while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW)
            continue;
        dbc_stmt_release(stmt);
        dbc_query_free(q);
    }
    if (rc >= 0) {
        dbc_expr arg;
        q = new_insert(w, "a", 9);
        arg = dbc_expr_value(q, dbc_value_int(-3));
        set_value(w, q, LIVE, dbc_value_bool(1));
        dbc_query_set(q, column(w, MADE), dbc_expr_call(q, "abs", &arg, 1, 0));
        or_take(w, q, KIND);
        dbc_query_conflict_set(q, column(w, MADE),
                               dbc_expr_excluded(q, "made"));
        dbc_query_conflict_where(q, dbc_expr_raw(q, SQL("total < 90")));
        rc = run(w, q, NULL);
    }
    dbc_close(w->session.conn);
    w->session.conn = before_it;
    return rc;
}

static void survives_without_memory(void **state)
{
    world *w = *state;

    FAULT_WALK(write_all, w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(inserts_each_row_of_a_query),
        SPEC(inserts_nothing_when_one_row_is_refused),
        SPEC(ignores_rows_of_a_query_that_are_there),
        SPEC(updates_rows_of_a_query_that_are_there),
        SPEC(reads_the_rows_before_it_writes),
        SPEC(leaves_to_the_database_what_no_column_takes),
        SPEC(gives_back_the_rows_of_all),
        SPEC(finds_the_common_tables_of_the_insert),
        SPEC(inserts_what_is_not_there),
        SPEC(updates_what_is_there),
        SPEC(shows_a_value_that_was_excluded),
        SPEC(judges_what_was_excluded),
        SPEC(computes_a_row_once),
        SPEC(takes_defaults_for_what_is_left_out),
        SPEC(refuses_what_only_the_row_itself_tells),
        SPEC(updates_under_a_condition),
        SPEC(ends_where_a_condition_has_no_update),
        SPEC(leaves_it_alone_when_a_hook_says_so),
        SPEC(lets_no_hook_turn_an_insert_into_an_update),
        SPEC(upserts_rows_in_bulk),
        SPEC(takes_named_values),
        SPEC(updates_only_what_a_policy_lets_it),
        SPEC(survives_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
