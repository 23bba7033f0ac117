#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sqlite_session.h"

static sqlite_session session;

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, NULL, NULL);
    EXEC(session.conn,
         "CREATE TABLE t (id INTEGER PRIMARY KEY, v);"
         "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
         " WHERE i < 3000) INSERT INTO t SELECT i, randomblob(2000) FROM n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

// What the connection holds is let go of now, not behind the test.
static void close_connection(void)
{
    dbc_close(session.conn);
    session.conn = NULL;
}

static const char *copy_path(void)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/copy.db", session.folder);
    return path;
}

static int64_t count_rows(const char *path)
{
    dbc_open_options readonly = {.flags = DBC_OPEN_READONLY};
    dbc_conn *conn = NULL;

    assert_int_equal(DBC_OK, dbc_open(&conn, path, &readonly, NULL));
    int64_t count = ASK_INT(conn, "SELECT count(*) FROM t");
    assert_string_equal("ok", ASK_TEXT(conn, "PRAGMA integrity_check"));
    dbc_close(conn);
    return count;
}

static int exists(const char *path)
{
    struct stat info;

    return lstat(path, &info) == 0;
}

static int64_t files_in_folder(void)
{
    char command[128];
    int count = -1;

    snprintf(command, sizeof command, "ls -A %s | wc -l", session.folder);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_int_equal(1, fscanf(pipe, "%d", &count));
    pclose(pipe);
    return count;
}

// --------------------------------------------------------------------- backup

typedef struct watch {
    dbc_conn *writer; // writes at each step, or NULL
    int calls;
    int64_t last, total;
    int stop_at; // 0: never
} watch;

static int on_progress(void *ud, int64_t done, int64_t total)
{
    watch *seen = ud;

    assert_true(done >= seen->last);
    seen->calls++;
    seen->last = done;
    seen->total = total;
    if (seen->writer != NULL)
        EXEC(seen->writer, "INSERT INTO t (v) VALUES ('during')");
    return seen->stop_at == seen->calls;
}

static void backs_up_to_a_new_file(void **state)
{
    watch seen = {0};

    (void)state;
    ASSERT_RC(DBC_OK, dbc_backup(session.conn, copy_path(), on_progress, &seen),
              session.conn);
    assert_int_equal(3000, count_rows(copy_path()));
    assert_true(seen.calls > 1);
    assert_int_equal(seen.total, seen.last);
    ASSERT_RC(DBC_OK, dbc_backup(session.conn, copy_path(), NULL, NULL),
              session.conn);
}

static void leaves_nothing_but_the_copy(void **state)
{
    struct stat source, copy;

    (void)state;
    assert_int_equal(0, chmod(session.path, 0640));
    int64_t files = files_in_folder();
    ASSERT_RC(DBC_OK, dbc_backup(session.conn, copy_path(), NULL, NULL),
              session.conn);
    assert_int_equal(files + 1, files_in_folder());
    assert_int_equal(0, stat(session.path, &source));
    assert_int_equal(0, stat(copy_path(), &copy));
    assert_int_equal(source.st_mode, copy.st_mode);
}

static void backs_up_one_snapshot_while_others_write(void **state)
{
    watch seen = {.writer = sqlite_session_connect(&session, NULL)};

    (void)state;
    ASSERT_RC(DBC_OK, dbc_backup(session.conn, copy_path(), on_progress, &seen),
              session.conn);
    assert_int_equal(3000, count_rows(copy_path()));
    // No step was ever done again: the callback asserts that, too.
    assert_in_range(seen.calls, 2, 10);
    assert_int_equal(3000 + seen.calls,
                     ASK_INT(session.conn, "SELECT count(*) FROM t"));
    dbc_close(seen.writer);
}

static void keeps_the_old_file_when_it_is_stopped(void **state)
{
    watch seen = {.stop_at = 1};

    (void)state;
    ASSERT_RC(DBC_OK, dbc_backup(session.conn, copy_path(), NULL, NULL),
              session.conn);
    EXEC(session.conn, "DELETE FROM t WHERE id > 2500");
    int64_t files = files_in_folder();
    ASSERT_RC(DBC_EINTERRUPTED,
              dbc_backup(session.conn, copy_path(), on_progress, &seen),
              session.conn);
    assert_int_equal(files, files_in_folder());
    assert_int_equal(3000, count_rows(copy_path()));
    assert_int_equal(0, dbc_conn_error(session.conn)->rolled_back);
    EXEC(session.conn, "INSERT INTO t (v) VALUES (1)");
}

static void refuses_targets_that_would_do_harm(void **state)
{
    char path[160];

    (void)state;
    ASSERT_RC(DBC_EINVALID, dbc_backup(session.conn, "", NULL, NULL),
              session.conn);
    ASSERT_RC(DBC_EINVALID, dbc_backup(session.conn, ":memory:", NULL, NULL),
              session.conn);
    ASSERT_RC(DBC_EINVALID, dbc_backup(session.conn, session.path, NULL, NULL),
              session.conn);
    snprintf(path, sizeof path, "%s/alias.db", session.folder);
    assert_int_equal(0, symlink(session.path, path));
    ASSERT_RC(DBC_EINVALID, dbc_backup(session.conn, path, NULL, NULL),
              session.conn);
    snprintf(path, sizeof path, "%s/no/copy.db", session.folder);
    ASSERT_RC(DBC_ECANTOPEN, dbc_backup(session.conn, path, NULL, NULL),
              session.conn);
    ASSERT_RC(DBC_ECANTOPEN,
              dbc_backup(session.conn, session.folder, NULL, NULL),
              session.conn);
    assert_false(exists(copy_path()));
}

static void refuses_a_target_that_is_in_use(void **state)
{
    dbc_conn *user = NULL;

    (void)state;
    assert_int_equal(DBC_OK, dbc_open(&user, copy_path(), NULL, NULL));
    EXEC(user, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    ASSERT_RC(DBC_EINVALID, dbc_backup(session.conn, copy_path(), NULL, NULL),
              session.conn);
    assert_non_null(strstr(dbc_conn_error(session.conn)->message, "in use"));
    dbc_close(user);
    ASSERT_RC(DBC_OK, dbc_backup(session.conn, copy_path(), NULL, NULL),
              session.conn);
}

static void backs_up_inside_a_transaction_that_reads(void **state)
{
    (void)state;
    EXEC(session.conn, "BEGIN");
    ASK_INT(session.conn, "SELECT count(*) FROM t");
    ASSERT_RC(DBC_OK, dbc_backup(session.conn, copy_path(), NULL, NULL),
              session.conn);
    EXEC(session.conn, "INSERT INTO t (v) VALUES (1)");
    ASSERT_RC(DBC_EINVALID, dbc_backup(session.conn, copy_path(), NULL, NULL),
              session.conn);
    EXEC(session.conn, "COMMIT");
}

static void backs_up_a_database_in_memory(void **state)
{
    dbc_conn *memory = NULL;

    (void)state;
    assert_int_equal(DBC_OK, dbc_open(&memory, ":memory:", NULL, NULL));
    EXEC(memory, "CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    ASSERT_RC(DBC_OK, dbc_backup(memory, copy_path(), NULL, NULL), memory);
    assert_int_equal(1, count_rows(copy_path()));
    dbc_close(memory);
}

static void backs_up_to_a_path_with_any_letters(void **state)
{
    char path[160];

    (void)state;
    snprintf(path, sizeof path, "%s/c%%20 ?&#\xc3\xbc.db", session.folder);
    ASSERT_RC(DBC_OK, dbc_backup(session.conn, path, NULL, NULL), session.conn);
    assert_true(exists(path));
}

// -------------------------------------------------------------------- restore

static void restores_what_was_backed_up(void **state)
{
    dbc_conn *other = sqlite_session_connect(&session, NULL);
    watch seen = {0};

    (void)state;
    ASSERT_RC(DBC_OK, dbc_backup(session.conn, copy_path(), NULL, NULL),
              session.conn);
    EXEC(session.conn, "DELETE FROM t; CREATE TABLE more (a)");
    ASSERT_RC(DBC_OK,
              dbc_restore(session.conn, copy_path(), on_progress, &seen),
              session.conn);
    assert_int_equal(3000, ASK_INT(session.conn, "SELECT count(*) FROM t"));
    assert_int_equal(3000, ASK_INT(other, "SELECT count(*) FROM t"));
    ASSERT_FAILS(DBC_ESCHEMA, other, "SELECT * FROM more");
    assert_string_equal("wal", ASK_TEXT(session.conn, "PRAGMA journal_mode"));
    EXEC(other, "INSERT INTO t (v) VALUES (1)");
    assert_string_equal("ok", ASK_TEXT(session.conn, "PRAGMA integrity_check"));
    dbc_close(other);
}

static void changes_nothing_when_a_restore_is_stopped(void **state)
{
    watch seen = {.stop_at = 1};

    (void)state;
    ASSERT_RC(DBC_OK, dbc_backup(session.conn, copy_path(), NULL, NULL),
              session.conn);
    EXEC(session.conn, "DELETE FROM t WHERE id > 10");
    ASSERT_RC(DBC_EINTERRUPTED,
              dbc_restore(session.conn, copy_path(), on_progress, &seen),
              session.conn);
    assert_int_equal(10, ASK_INT(session.conn, "SELECT count(*) FROM t"));
    EXEC(session.conn, "INSERT INTO t (v) VALUES (1)");
    assert_string_equal("ok", ASK_TEXT(session.conn, "PRAGMA integrity_check"));
}

static void refuses_to_restore_what_is_no_database(void **state)
{
    (void)state;
    FILE *file = fopen(copy_path(), "wb");
    assert_non_null(file);
    fputs("this is not a database, by any means", file);
    fclose(file);
    ASSERT_RC(DBC_ECORRUPT, dbc_restore(session.conn, copy_path(), NULL, NULL),
              session.conn);
    unlink(copy_path());
    ASSERT_RC(DBC_ECANTOPEN, dbc_restore(session.conn, copy_path(), NULL, NULL),
              session.conn);
    ASSERT_RC(DBC_EINVALID, dbc_restore(session.conn, session.path, NULL, NULL),
              session.conn);
    assert_int_equal(3000, ASK_INT(session.conn, "SELECT count(*) FROM t"));
}

static void refuses_to_restore_pages_of_another_size(void **state)
{
    const dbc_pragma small = {"page_size", dbc_value_int(1024)};
    dbc_open_options options = {.pragmas = &small, .pragma_count = 1};
    dbc_conn *conn = NULL;

    (void)state;
    assert_int_equal(DBC_OK, dbc_open(&conn, copy_path(), &options, NULL));
    EXEC(conn, "CREATE TABLE t (a)");
    dbc_close(conn);
    ASSERT_RC(DBC_EUNSUPPORTED,
              dbc_restore(session.conn, copy_path(), NULL, NULL), session.conn);
    assert_non_null(strstr(dbc_conn_error(session.conn)->message, "1024"));
    assert_int_equal(3000, ASK_INT(session.conn, "SELECT count(*) FROM t"));
}

static void refuses_to_restore_in_the_middle_of_something(void **state)
{
    dbc_stmt *stmt = NULL;

    (void)state;
    ASSERT_RC(DBC_OK, dbc_backup(session.conn, copy_path(), NULL, NULL),
              session.conn);
    EXEC(session.conn, "BEGIN");
    ASSERT_RC(DBC_EINVALID, dbc_restore(session.conn, copy_path(), NULL, NULL),
              session.conn);
    EXEC(session.conn, "COMMIT");
    ASSERT_RC(DBC_OK,
              dbc_stmt_acquire(&stmt, session.conn, SQL("SELECT * FROM t")),
              session.conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    ASSERT_RC(DBC_EINVALID, dbc_restore(session.conn, copy_path(), NULL, NULL),
              session.conn);
    dbc_stmt_release(stmt);
    ASSERT_RC(DBC_OK, dbc_restore(session.conn, copy_path(), NULL, NULL),
              session.conn);
}

// ----------------------------------------------------------------- checkpoints

static void moves_the_log_into_the_file(void **state)
{
    dbc_checkpoint_info info;
    char wal[128];
    struct stat file;

    (void)state;
    snprintf(wal, sizeof wal, "%s-wal", session.path);
    EXEC(session.conn, "INSERT INTO t (v) VALUES (1)");
    ASSERT_RC(DBC_OK, dbc_checkpoint(&info, session.conn, DBC_CHECKPOINT_FULL),
              session.conn);
    assert_int_equal(0, info.busy);
    assert_true(info.log_pages > 0);
    assert_int_equal(info.log_pages, info.done_pages);
    ASSERT_RC(DBC_OK,
              dbc_checkpoint(NULL, session.conn, DBC_CHECKPOINT_TRUNCATE),
              session.conn);
    assert_int_equal(0, stat(wal, &file));
    assert_int_equal(0, file.st_size);
}

static void refuses_a_checkpoint_in_the_middle_of_something(void **state)
{
    dbc_checkpoint_info info;

    (void)state;
    EXEC(session.conn, "BEGIN");
    ASSERT_RC(DBC_EINVALID,
              dbc_checkpoint(&info, session.conn, DBC_CHECKPOINT_FULL),
              session.conn);
    EXEC(session.conn, "COMMIT");
    ASSERT_RC(DBC_EINVALID,
              dbc_checkpoint(&info, session.conn, (dbc_checkpoint_mode)9),
              session.conn);
}

// ------------------------------------------------------------------ functions

typedef struct host {
    int destroyed;
    int begun, ended; // states of aggregates
    int fail_at;      // the call that fails, from 1; 0: none
    int calls;
} host;

static void on_destroy(void *ud)
{
    ((host *)ud)->destroyed++;
}

static int fails_now(host *me, dbc_call *call)
{
    if (++me->calls != me->fail_at) return 0;
    dbc_call_fail(call, "no more calls", 13);
    return 1;
}

static void add_all(dbc_call *call, void *ud, const dbc_value *args,
                    size_t count)
{
    int64_t sum = 0;

    if (fails_now(ud, call)) return;
    for (size_t i = 0; i < count; i++)
        sum += args[i].type == DBC_INT ? args[i].as.i : 0;
    dbc_call_return(call, dbc_value_int(sum));
}

static void echo(dbc_call *call, void *ud, const dbc_value *args, size_t count)
{
    (void)ud;
    assert_int_equal(1, count);
    dbc_call_return(call, args[0]);
}

static int create(host *me, const char *name, int arg_count,
                  void (*call)(dbc_call *, void *, const dbc_value *, size_t))
{
    dbc_function function = {.name = name,
                             .arg_count = arg_count,
                             .flags = DBC_FUNCTION_DETERMINISTIC,
                             .ud = me,
                             .destroy = on_destroy,
                             .call = call};

    return dbc_create_function(session.conn, &function);
}

static void calls_functions_of_the_host(void **state)
{
    static host me, other; // they outlive the test

    (void)state;
    me = (host){0};
    other = (host){0};
    ASSERT_RC(DBC_OK, create(&me, "add_all", DBC_ANY_COUNT, add_all),
              session.conn);
    assert_int_equal(6, ASK_INT(session.conn, "SELECT add_all(1, 2, 3)"));
    assert_int_equal(0, ASK_INT(session.conn, "SELECT add_all()"));
    assert_int_equal(20,
                     ASK_INT(session.conn, "SELECT add_all(1,1,1,1,1,1,1,1,1,1,"
                                           "1,1,1,1,1,1,1,1,1,1)"));
    ASSERT_RC(DBC_OK, create(&other, "add_all", DBC_ANY_COUNT, add_all),
              session.conn);
    assert_int_equal(1, me.destroyed);
    close_connection();
    assert_int_equal(1, other.destroyed);
}

static void gives_and_takes_every_value(void **state)
{
    static host me; // outlives the test: the connection closes behind it

    (void)state;
    me = (host){0};
    ASSERT_RC(DBC_OK, create(&me, "echo", 1, echo), session.conn);
    assert_int_equal(1, ASK_INT(session.conn, "SELECT echo(NULL) IS NULL"));
    assert_int_equal(1, ASK_INT(session.conn, "SELECT echo(0.1) = 0.1"));
    assert_int_equal(1,
                     ASK_INT(session.conn, "SELECT echo(x'00ff') IS x'00ff'"));
    assert_int_equal(1, ASK_INT(session.conn, "SELECT echo('') IS ''"));
    assert_int_equal(1, ASK_INT(session.conn, "SELECT echo(x'') IS x''"));
    assert_int_equal(3, ASK_INT(session.conn,
                                "SELECT length(CAST(echo('a' || char(0) || "
                                "'b') AS BLOB))"));
}

static void reports_what_a_callback_says(void **state)
{
    static host me; // outlives the test: the connection closes behind it

    (void)state;
    me = (host){.fail_at = 2};
    ASSERT_RC(DBC_OK, create(&me, "add_all", DBC_ANY_COUNT, add_all),
              session.conn);
    const dbc_error *err = ASSERT_FAILS(DBC_ECALLBACK, session.conn,
                                        "UPDATE t SET v = add_all(id)");
    assert_string_equal("no more calls", err->message);
    assert_int_equal(2, me.calls);
    assert_int_equal(0, ASK_INT(session.conn, "SELECT count(*) FROM t WHERE "
                                              "typeof(v) <> 'blob'"));
    EXEC(session.conn, "SELECT add_all(1)");
    ASSERT_FAILS(DBC_ESCHEMA, session.conn, "SELECT no_such_thing(1)");
}

static void keeps_functions_out_of_a_schema_that_is_not_trusted(void **state)
{
    static host me; // outlives the test: the connection closes behind it

    (void)state;
    me = (host){0};
    ASSERT_RC(DBC_OK, create(&me, "add_all", 1, add_all), session.conn);
    EXEC(session.conn, "CREATE VIEW v AS SELECT add_all(id) FROM t");
    assert_true(dbc_exec(session.conn, SQL("SELECT * FROM v")) < 0);
    dbc_function innocuous = {.name = "add_all",
                              .arg_count = 1,
                              .flags = DBC_FUNCTION_INNOCUOUS,
                              .ud = &me,
                              .call = add_all};
    ASSERT_RC(DBC_OK, dbc_create_function(session.conn, &innocuous),
              session.conn);
    EXEC(session.conn, "SELECT * FROM v");
}

static void destroys_what_it_cannot_make(void **state)
{
    static host me; // outlives the test: the connection closes behind it
    char name[300];

    (void)state;
    me = (host){0};
    memset(name, 'f', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ASSERT_RC(DBC_EINVALID, create(&me, name, 1, add_all), session.conn);
    assert_int_equal(1, me.destroyed);
    ASSERT_RC(DBC_EINVALID, create(&me, "f", 1000000, add_all), session.conn);
    assert_int_equal(2, me.destroyed);
    ASSERT_RC(DBC_EINVALID, create(&me, "", 1, add_all), session.conn);
    assert_int_equal(3, me.destroyed);
    dbc_conn *conn = session.conn;
    dbc_conn_retain(conn);
    dbc_close(conn);
    assert_int_equal(DBC_ECLOSED, create(&me, "f", 1, add_all));
    assert_int_equal(4, me.destroyed);
    dbc_conn_release(conn);
    session.conn = NULL;
}

// ------------------------------------------------------------------ aggregates

typedef struct product {
    host *me;
    double value;
} product;

static void *product_begin(dbc_call *call, void *ud)
{
    host *me = ud;
    product *state;

    if (fails_now(me, call)) return NULL;
    state = malloc(sizeof *state);
    assert_non_null(state);
    *state = (product){me, 1.0};
    me->begun++;
    return state;
}

static void product_step(dbc_call *call, void *state, const dbc_value *args,
                         size_t count)
{
    product *all = state;

    assert_int_equal(1, count);
    if (fails_now(all->me, call)) return;
    all->value *= (double)args[0].as.i;
}

static void product_inverse(dbc_call *call, void *state, const dbc_value *args,
                            size_t count)
{
    product *all = state;

    (void)count;
    if (fails_now(all->me, call)) return;
    all->value /= (double)args[0].as.i;
}

static void product_value(dbc_call *call, void *state)
{
    product *all = state;

    if (fails_now(all->me, call)) return;
    dbc_call_return(call, dbc_value_int((int64_t)all->value));
}

static void product_end(void *state)
{
    ((product *)state)->me->ended++;
    free(state);
}

static void create_product(host *me)
{
    dbc_aggregate aggregate = {.name = "product",
                               .arg_count = 1,
                               .ud = me,
                               .destroy = on_destroy,
                               .begin = product_begin,
                               .step = product_step,
                               .inverse = product_inverse,
                               .value = product_value,
                               .end = product_end};

    ASSERT_RC(DBC_OK, dbc_create_aggregate(session.conn, &aggregate),
              session.conn);
}

static const char GROUPS[] = "SELECT product(id) FROM t WHERE id <= 6 "
                             "GROUP BY id % 2 ORDER BY 1";

static void adds_rows_up_in_groups(void **state)
{
    static host me; // outlives the test: the connection closes behind it

    (void)state;
    me = (host){0};
    create_product(&me);
    assert_int_equal(120, ASK_INT(session.conn, "SELECT product(id) FROM t "
                                                "WHERE id <= 5"));
    assert_int_equal(1, ASK_INT(session.conn, "SELECT product(id) FROM t "
                                              "WHERE id < 0"));
    assert_int_equal(15, ASK_INT(session.conn, GROUPS));
    assert_int_equal(me.begun, me.ended);
    assert_int_equal(4, me.ended);
}

static void slides_over_a_window(void **state)
{
    static host me; // outlives the test: the connection closes behind it

    (void)state;
    me = (host){0};
    create_product(&me);
    assert_string_equal(
        "1 2 6 12 20",
        ASK_TEXT(session.conn,
                 "SELECT group_concat(p, ' ') FROM (SELECT product(id) OVER "
                 "(ORDER BY id ROWS 1 PRECEDING) AS p FROM t WHERE id <= 5)"));
    assert_int_equal(me.begun, me.ended);
}

static void ends_every_state_whatever_fails(void **state)
{
    static host me; // outlives the test: the connection closes behind it
    int rc;

    (void)state;
    me = (host){0};
    create_product(&me);
    do {
        me.calls = 0;
        me.fail_at++;
        rc = dbc_exec(session.conn, GROUPS, sizeof GROUPS - 1);
        assert_int_equal(me.begun, me.ended);
        EXEC(session.conn, "SELECT 1");
    } while (rc == DBC_ECALLBACK);
    assert_int_equal(DBC_OK, rc);
    // Two groups, each begun, stepped three times, asked once.
    assert_int_equal(11, me.fail_at);
    close_connection();
}

static void drops_a_state_that_is_cut_short(void **state)
{
    static host me; // outlives the test: the connection closes behind it
    dbc_stmt *stmt = NULL;

    (void)state;
    me = (host){0};
    create_product(&me);
    ASSERT_RC(DBC_OK,
              dbc_stmt_acquire(&stmt, session.conn, GROUPS, sizeof GROUPS - 1),
              session.conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), session.conn);
    dbc_stmt_release(stmt);
    assert_int_equal(me.begun, me.ended);
}

// ------------------------------------------------------------------ collations

static int backwards(dbc_call *call, void *ud, const char *a, size_t a_len,
                     const char *b, size_t b_len)
{
    size_t len = a_len < b_len ? a_len : b_len;
    int order = memcmp(b, a, len);

    if (fails_now(ud, call)) return 0;
    if (order != 0) return order;
    return a_len < b_len ? 1 : a_len > b_len ? -1 : 0;
}

static void create_backwards(host *me)
{
    dbc_collation collation = {"backwards", me, on_destroy, backwards};

    ASSERT_RC(DBC_OK, dbc_create_collation(session.conn, &collation),
              session.conn);
}

static void sorts_as_the_host_says(void **state)
{
    static host me; // outlives the test: the connection closes behind it

    (void)state;
    me = (host){0};
    create_backwards(&me);
    EXEC(session.conn, "CREATE TABLE w (x TEXT COLLATE backwards);"
                       "INSERT INTO w VALUES ('b'), ('a'), ('c')");
    assert_string_equal(
        "c", ASK_TEXT(session.conn, "SELECT x FROM w ORDER BY x LIMIT 1"));
    close_connection();
    assert_int_equal(1, me.destroyed);
}

static void fails_a_sort_whose_collation_fails(void **state)
{
    static host me; // outlives the test: the connection closes behind it

    (void)state;
    me = (host){.fail_at = 1};
    create_backwards(&me);
    EXEC(session.conn, "CREATE TABLE w (x TEXT); BEGIN;"
                       "INSERT INTO w VALUES ('b'), ('a'), ('c')");
    const dbc_error *err =
        ASSERT_FAILS(DBC_ECALLBACK, session.conn,
                     "SELECT x FROM w ORDER BY x COLLATE backwards");
    assert_string_equal("no more calls", err->message);
    // It only read: the transaction stands.
    assert_false(err->rolled_back);
    EXEC(session.conn, "COMMIT");
    assert_int_equal(3, ASK_INT(session.conn, "SELECT count(*) FROM w"));
}

static void check_failing_insert(int in_txn)
{
    static host me; // outlives the test: the connection closes behind it

    me = (host){0};
    create_backwards(&me);
    EXEC(session.conn, "CREATE TABLE w (x TEXT COLLATE backwards UNIQUE);"
                       "INSERT INTO w VALUES ('b'), ('a'), ('c')");
    if (in_txn) EXEC(session.conn, "BEGIN; INSERT INTO w VALUES ('e')");
    me.fail_at = me.calls + 1;
    const dbc_error *err =
        ASSERT_FAILS(DBC_ECALLBACK, session.conn, "INSERT INTO w VALUES ('d')");
    assert_int_equal(in_txn, err->rolled_back);
    assert_int_equal(3, ASK_INT(session.conn, "SELECT count(*) FROM w"));
    assert_string_equal("ok", ASK_TEXT(session.conn, "PRAGMA integrity_check"));
    EXEC(session.conn, "INSERT INTO w VALUES ('d')");
    close_connection();
    assert_int_equal(1, me.destroyed);
}

static void keeps_an_index_whole_when_its_collation_fails(void **state)
{
    (void)state;
    check_failing_insert(0);
}

static void rolls_back_when_a_collation_fails_in_a_transaction(void **state)
{
    (void)state;
    check_failing_insert(1);
}

// ----------------------------------------------------------------------- hooks

typedef struct events {
    int inserted, updated, deleted;
    int commits, rollbacks;
    int64_t rowid;
    int refuse;
} events;

static void on_update(void *ud, const dbc_change *change)
{
    events *seen = ud;

    assert_string_equal("main", change->database);
    assert_string_equal("t", change->table);
    seen->inserted += change->kind == DBC_CHANGE_INSERT;
    seen->updated += change->kind == DBC_CHANGE_UPDATE;
    seen->deleted += change->kind == DBC_CHANGE_DELETE;
    seen->rowid = change->rowid;
}

static int on_commit(void *ud)
{
    events *seen = ud;

    seen->commits++;
    return seen->refuse;
}

static void on_rollback(void *ud)
{
    ((events *)ud)->rollbacks++;
}

static void tells_of_changes_commits_and_rollbacks(void **state)
{
    events seen = {0};

    (void)state;
    ASSERT_RC(DBC_OK, dbc_conn_on_update(session.conn, on_update, &seen),
              session.conn);
    ASSERT_RC(DBC_OK, dbc_conn_on_commit(session.conn, on_commit, &seen),
              session.conn);
    ASSERT_RC(DBC_OK, dbc_conn_on_rollback(session.conn, on_rollback, &seen),
              session.conn);
    EXEC(session.conn, "INSERT INTO t VALUES (5000, 1);"
                       "UPDATE t SET v = 2 WHERE id IN (1, 2);"
                       "DELETE FROM t WHERE id = 7");
    assert_int_equal(1, seen.inserted);
    assert_int_equal(2, seen.updated);
    assert_int_equal(1, seen.deleted);
    assert_int_equal(7, seen.rowid);
    assert_int_equal(3, seen.commits);
    EXEC(session.conn, "BEGIN; DELETE FROM t WHERE id = 8; ROLLBACK");
    assert_int_equal(1, seen.rollbacks);

    dbc_conn_on_update(session.conn, NULL, NULL);
    dbc_conn_on_commit(session.conn, NULL, NULL);
    dbc_conn_on_rollback(session.conn, NULL, NULL);
    EXEC(session.conn, "BEGIN; DELETE FROM t WHERE id = 8; ROLLBACK;"
                       "DELETE FROM t WHERE id = 9");
    assert_int_equal(2, seen.deleted);
    assert_int_equal(3, seen.commits);
    assert_int_equal(1, seen.rollbacks);
}

static void lets_a_commit_be_refused(void **state)
{
    events seen = {.refuse = 1};

    (void)state;
    ASSERT_RC(DBC_OK, dbc_conn_on_commit(session.conn, on_commit, &seen),
              session.conn);
    const dbc_error *err =
        ASSERT_FAILS(DBC_ECALLBACK, session.conn, "DELETE FROM t");
    assert_string_equal("the commit hook refused the commit", err->message);
    EXEC(session.conn, "BEGIN; DELETE FROM t WHERE id = 1");
    err = ASSERT_FAILS(DBC_ECALLBACK, session.conn, "COMMIT");
    assert_true(err->rolled_back);
    seen.refuse = 0;
    assert_int_equal(3000, ASK_INT(session.conn, "SELECT count(*) FROM t"));
}

static void tells_of_the_rollback_when_it_is_closed(void **state)
{
    events seen = {0};

    (void)state;
    dbc_conn_on_rollback(session.conn, on_rollback, &seen);
    EXEC(session.conn, "BEGIN; DELETE FROM t WHERE id = 1");
    close_connection();
    assert_int_equal(1, seen.rollbacks);
}

static void shows_the_handle_of_the_engine(void **state)
{
    (void)state;
    assert_non_null(dbc_conn_native(session.conn));
}

// ---------------------------------------------------------------------- memory

static int make_services(void *ud, const dbc_alloc *alloc)
{
    dbc_open_options options = {.alloc = alloc};
    static host me; // outlives the test: the connection closes behind it
    dbc_function function = {.name = "many",
                             .arg_count = DBC_ANY_COUNT,
                             .ud = &me,
                             .destroy = on_destroy,
                             .call = add_all};
    dbc_aggregate aggregate = {.name = "product",
                               .arg_count = 1,
                               .ud = &me,
                               .destroy = on_destroy,
                               .begin = product_begin,
                               .step = product_step,
                               .value = product_value,
                               .end = product_end};
    dbc_collation collation = {"backwards", &me, on_destroy, backwards};
    dbc_conn *conn = NULL;
    int made = 0;

    me = (host){0};
    (void)ud;
    int rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc == DBC_OK) rc = (made++, dbc_create_function(conn, &function));
    if (rc == DBC_OK) rc = (made++, dbc_create_aggregate(conn, &aggregate));
    if (rc == DBC_OK) rc = (made++, dbc_create_collation(conn, &collation));
    if (rc == DBC_OK)
        rc = dbc_exec(conn, SQL("SELECT many(1,2,3,4,5,6,7,8,9,10,11,12,13,14,"
                                "15,16,17), product(7)"));
    if (rc == DBC_OK) rc = dbc_backup(conn, copy_path(), NULL, NULL);
    dbc_close(conn);
    assert_int_equal(made, me.destroyed);
    assert_int_equal(me.begun, me.ended);
    return rc;
}

static void leaks_nothing_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(make_services, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(backs_up_to_a_new_file),
        SPEC(leaves_nothing_but_the_copy),
        SPEC(backs_up_one_snapshot_while_others_write),
        SPEC(keeps_the_old_file_when_it_is_stopped),
        SPEC(refuses_targets_that_would_do_harm),
        SPEC(refuses_a_target_that_is_in_use),
        SPEC(backs_up_inside_a_transaction_that_reads),
        SPEC(backs_up_a_database_in_memory),
        SPEC(backs_up_to_a_path_with_any_letters),
        SPEC(restores_what_was_backed_up),
        SPEC(changes_nothing_when_a_restore_is_stopped),
        SPEC(refuses_to_restore_what_is_no_database),
        SPEC(refuses_to_restore_pages_of_another_size),
        SPEC(refuses_to_restore_in_the_middle_of_something),
        SPEC(moves_the_log_into_the_file),
        SPEC(refuses_a_checkpoint_in_the_middle_of_something),
        SPEC(calls_functions_of_the_host),
        SPEC(gives_and_takes_every_value),
        SPEC(reports_what_a_callback_says),
        SPEC(keeps_functions_out_of_a_schema_that_is_not_trusted),
        SPEC(destroys_what_it_cannot_make),
        SPEC(adds_rows_up_in_groups),
        SPEC(slides_over_a_window),
        SPEC(ends_every_state_whatever_fails),
        SPEC(drops_a_state_that_is_cut_short),
        SPEC(sorts_as_the_host_says),
        SPEC(fails_a_sort_whose_collation_fails),
        SPEC(keeps_an_index_whole_when_its_collation_fails),
        SPEC(rolls_back_when_a_collation_fails_in_a_transaction),
        SPEC(tells_of_changes_commits_and_rollbacks),
        SPEC(lets_a_commit_be_refused),
        SPEC(tells_of_the_rollback_when_it_is_closed),
        SPEC(shows_the_handle_of_the_engine),
        SPEC(leaks_nothing_when_memory_is_out),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
