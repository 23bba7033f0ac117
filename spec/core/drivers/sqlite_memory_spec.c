// What happens when SQLite itself runs out of memory: its allocator is
// replaced by one that fails at the n-th call, for n = 1, 2, 3, ….
#include <sqlite3.h>
#include <stdlib.h>

#include "sqlite_session.h"

enum { HEAD = 16, WALK_MAX = 20000 };

static struct {
    long calls, fail_at, live;
    int for_ever;
} memory;

static int fails_now(void)
{
    memory.calls++;
    if (memory.fail_at == 0) return 0;
    if (memory.for_ever) return memory.calls >= memory.fail_at;
    return memory.calls == memory.fail_at;
}

static void *take(int size)
{
    if (fails_now()) return NULL;
    char *block = malloc((size_t)size + HEAD);
    if (block == NULL) return NULL;
    memory.live++;
    memcpy(block, &size, sizeof size);
    return block + HEAD;
}

static void give(void *ptr)
{
    if (ptr == NULL) return;
    memory.live--;
    free((char *)ptr - HEAD);
}

static int size_of(void *ptr)
{
    int size = 0;

    if (ptr != NULL) memcpy(&size, (char *)ptr - HEAD, sizeof size);
    return size;
}

static void *resize(void *ptr, int size)
{
    void *fresh = take(size);
    int kept = size_of(ptr) < size ? size_of(ptr) : size;

    if (fresh == NULL) return NULL;
    if (ptr != NULL) memcpy(fresh, ptr, (size_t)kept);
    give(ptr);
    return fresh;
}

static int round_up(int size)
{
    return (size + 7) & ~7;
}

static int start(void *ud)
{
    (void)ud;
    return SQLITE_OK;
}

static void stop(void *ud)
{
    (void)ud;
}

static int replace_allocator(void **state)
{
    static const sqlite3_mem_methods methods = {
        take, give, resize, size_of, round_up, start, stop, NULL};

    (void)state;
    sqlite3_shutdown();
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK;
}

// ---------------------------------------------------------------------- tasks

typedef int (*task)(sqlite_session *session);

// Runs `work` with call 1, 2, 3, … of the allocator failing. After each
// failure the code is DBC_ENOMEM, nothing is left behind, and the file is
// whole.
static void walk(task work, int for_ever)
{
    sqlite_session session;
    int rc = DBC_ENOMEM;
    long n = 0;

    while (rc != DBC_OK) {
        assert_true(++n < WALK_MAX);
        sqlite_session_init(&session);
        sqlite3_initialize();
        long before = memory.live;
        memory.calls = 0;
        memory.fail_at = n;
        memory.for_ever = for_ever;
        rc = work(&session);
        memory.fail_at = 0;
        if (rc != DBC_OK && rc != DBC_ENOMEM)
            fail_msg("call %ld: %s", n, dbc_status_word(rc));
        assert_int_equal(before, memory.live);
        sqlite_session_close(&session);
        if (memory.calls < n) break;
    }
    assert_true(n > 20);
}

static int open_and_write(sqlite_session *session)
{
    dbc_open_options options = {.alloc = &session->memory.alloc,
                                .durability = DBC_DURABILITY_OFF};
    dbc_conn *conn = NULL;
    dbc_error err = DBC_ERROR_INIT;
    int rc = dbc_open(&conn, session->path, &options, &err);

    if (rc < 0) return rc;
    rc = dbc_exec(conn, SQL("CREATE TABLE t (a TEXT UNIQUE);"
                            "INSERT INTO t VALUES ('x')"));
    if (rc == DBC_OK) {
        rc = dbc_exec(conn, SQL("INSERT INTO t VALUES ('x')"));
        if (rc == DBC_EUNIQUE) rc = DBC_OK;
    }
    dbc_close(conn);
    return rc;
}

static int read_with_a_list(sqlite_session *session)
{
    dbc_open_options options = {.alloc = &session->memory.alloc,
                                .durability = DBC_DURABILITY_OFF};
    const dbc_value items[] = {dbc_value_int(1), dbc_value_text("x", 1)};
    const dbc_value list = dbc_value_list(items, 2);
    dbc_conn *conn = NULL;
    dbc_stmt *stmt = NULL;
    int rows = 0;
    int rc = dbc_open(&conn, ":memory:", &options, NULL);

    if (rc == DBC_OK)
        rc = dbc_stmt_acquire(&stmt, conn,
                              SQL("SELECT value || 'y' FROM dbc_list(?)"));
    if (rc == DBC_OK) rc = dbc_stmt_bind(stmt, &list, 1);
    while (rc == DBC_OK || rc == DBC_ROW) {
        rc = dbc_stmt_step(stmt);
        rows += rc == DBC_ROW;
    }
    if (rc == DBC_DONE) {
        assert_int_equal(2, rows);
        rc = DBC_OK;
    }
    dbc_stmt_release(stmt);
    dbc_close(conn);
    return rc;
}

static int copy_there_and_back(sqlite_session *session)
{
    dbc_open_options options = {.alloc = &session->memory.alloc,
                                .durability = DBC_DURABILITY_OFF};
    const char *copy = sqlite_session_path(session, "copy.db");
    dbc_conn *conn = NULL;
    int rc = dbc_open(&conn, ":memory:", &options, NULL);

    if (rc == DBC_OK) rc = dbc_exec(conn, SQL("CREATE TABLE t (a)"));
    if (rc == DBC_OK) rc = dbc_backup(conn, copy, NULL, NULL);
    if (rc == DBC_OK) rc = dbc_exec(conn, SQL("DROP TABLE t"));
    if (rc == DBC_OK) rc = dbc_restore(conn, copy, NULL, NULL);
    if (rc == DBC_OK) rc = dbc_exec(conn, SQL("INSERT INTO t VALUES (1)"));
    dbc_close(conn);
    return rc;
}

static void opens_and_writes_or_is_out_of_memory(void **state)
{
    (void)state;
    walk(open_and_write, 0);
    walk(open_and_write, 1);
}

static void reads_or_is_out_of_memory(void **state)
{
    (void)state;
    walk(read_with_a_list, 0);
    walk(read_with_a_list, 1);
}

static void copies_or_is_out_of_memory(void **state)
{
    (void)state;
    walk(copy_there_and_back, 0);
    walk(copy_there_and_back, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_and_writes_or_is_out_of_memory),
        cmocka_unit_test(reads_or_is_out_of_memory),
        cmocka_unit_test(copies_or_is_out_of_memory),
    };

    return cmocka_run_group_tests(tests, replace_allocator, NULL);
}
