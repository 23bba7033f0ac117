// Calls the C library in any order: queries built from anything, statements
// and transactions that are used when they are over, connections that are
// closed while others work on them, memory that runs out. What must hold after
// each call: a failure has its code and one clear line on the connection, what
// a statement shows is still good, and at the end nothing is left behind.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api_hook.h"
#include "fault.h"

enum { CONNS = 3, STMTS = 6, QUERIES = 5, TXNS = 5, VALUES = 8 };

// A statement with what it borrows.
typedef struct lent {
    dbc_stmt *stmt;
    api_query query; // a copy of the query it was opened with
    dbc_value values[VALUES];
    dbc_value lists[VALUES][API_LIST];
    dbc_arg args[VALUES];
    int has_row;
} lent;

typedef struct session {
    dbc_conn *conn; // one reference more than it was opened with
    int is_mock;
    int extra; // references beyond that one
} session;

typedef struct world {
    fuzz *f;
    fault memory;
    shop shop;
    dbc_schema *schema;
    dbc_mock *mock;
    char path[64]; // of a file, or ""
    session sessions[CONNS];
    lent lent[STMTS];
    api_query queries[QUERIES];
    dbc_txn txns[TXNS];
    uint64_t seen; // sums up what callbacks saw, so that it is read
} world;

static void arm(world *w)
{
    fault_arm(&w->memory, 1 + (long)fuzz_below(w->f, 30),
              fuzz_once_in(w->f, 2) ? FAULT_ONCE : FAULT_FOR_EVER);
    fuzz_tell(w->f, "memory: allocation %ld fails", w->memory.fail_at);
}

static void disarm(world *w)
{
    fault_arm(&w->memory, 0, FAULT_ONCE);
}

// -------------------------------------------------------------- what must hold

static void check_message(const world *w, const dbc_error *err,
                          const char *what)
{
    size_t len = strlen(err->message);

    if (len == 0) fuzz_fail(w->f, "%s: an error without a message", what);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)err->message[i] < ' ')
            fuzz_fail(w->f, "%s: a control character in \"%s\"", what,
                      err->message);
    if (err->code == DBC_ENOMEM && w->memory.failed == 0)
        fuzz_fail(w->f, "%s: out of memory, but it is not", what);
}

// What a call on a connection returned.
static int check(const world *w, const dbc_conn *conn, int rc, const char *what)
{
    const dbc_error *err = dbc_conn_error(conn);

    fuzz_tell(w->f, "%s: %s%s%s", what, dbc_status_word(rc), rc < 0 ? ": " : "",
              rc < 0 ? err->message : "");
    if (rc >= 0) return rc;
    if (err->code != rc)
        fuzz_fail(w->f, "%s returned %s, the connection says %s", what,
                  dbc_status_word(rc), dbc_status_word(err->code));
    check_message(w, err, what);
    return rc;
}

static uint64_t sum_bytes(const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t sum = 0;

    for (size_t i = 0; i < len; i++)
        sum += at[i];
    return sum;
}

// Reads every byte that statements show.
static void look_at_rows(world *w)
{
    for (size_t i = 0; i < STMTS; i++) {
        const lent *l = &w->lent[i];
        if (l->stmt == NULL || !l->has_row) continue;
        const dbc_value *row = dbc_stmt_row(l->stmt);
        for (size_t j = 0; j < dbc_stmt_column_count(l->stmt); j++) {
            if (row[j].type == DBC_TEXT)
                w->seen += sum_bytes(row[j].as.text, row[j].len);
            if (row[j].type == DBC_BLOB)
                w->seen += sum_bytes(row[j].as.blob, row[j].len);
            w->seen += strlen(dbc_stmt_column_name(l->stmt, j));
        }
    }
}

// ----------------------------------------------------------------- callbacks

static void see_event(void *ud, const dbc_event *event)
{
    ((world *)ud)->seen += sum_bytes(event->sql, event->len);
}

static void see_change(void *ud, const dbc_change *change)
{
    ((world *)ud)->seen += strlen(change->table) + strlen(change->database);
}

static int judge_commit(void *ud)
{
    world *w = ud;
    return fuzz_once_in(w->f, 4);
}

static void see_rollback(void *ud)
{
    ((world *)ud)->seen++;
}

static void see_warning(void *ud, const dbc_warning *warning)
{
    ((world *)ud)->seen += strlen(warning->message);
}

static void call_f1(dbc_call *call, void *ud, const dbc_value *args,
                    size_t count)
{
    world *w = ud;
    dbc_value list[API_LIST];

    if (fuzz_once_in(w->f, 6)) {
        dbc_call_fail(call, "no\n", 3);
        return;
    }
    dbc_call_return(call, count > 0 ? args[0] : api_value(w->f, list));
}

// --------------------------------------------------------------- connections

static session *any_session(world *w)
{
    return &w->sessions[fuzz_below(w->f, CONNS)];
}

// Mostly by what dbc_create() would say: asking what is there takes longer
// than making it. Memory may be out, then some of it is missing.
static void make_tables(world *w, const session *at)
{
    char *ddl = NULL;

    if (w->path[0] != '\0' || fuzz_once_in(w->f, 16)) {
        check(w, at->conn, dbc_create(at->conn, w->schema), "create");
        return;
    }
    if (dbc_schema_ddl(&ddl, w->schema, dbc_dialect_sqlite(), NULL, NULL) < 0)
        abort();
    check(w, at->conn, dbc_exec(at->conn, ddl, strlen(ddl)), "exec of tables");
    dbc_text_free(ddl, NULL);
}

static void open_session(world *w, session *at)
{
    dbc_open_options options = {.alloc = &w->memory.alloc,
                                .schema = w->schema,
                                .busy_timeout_ms = -1,
                                .durability = DBC_DURABILITY_OFF};
    const char *path = ":memory:";
    dbc_error err = DBC_ERROR_INIT;

    at->is_mock = fuzz_once_in(w->f, 2);
    if (at->is_mock) {
        options.driver = dbc_driver_mock();
        options.driver_ud = w->mock;
    } else if (w->path[0] != '\0') {
        path = w->path;
    }
    if (fuzz_once_in(w->f, 6)) options.statement_cache = -1;
    if (fuzz_once_in(w->f, 6)) options.statement_cache = 1;
    if (fuzz_once_in(w->f, 10)) options.flags |= DBC_OPEN_READONLY;
    int rc = dbc_open(&at->conn, path, &options, &err);
    fuzz_tell(w->f, "open %s: %s %s", path, dbc_status_word(rc), err.message);
    if (rc < 0) {
        check_message(w, &err, "open");
        return;
    }
    dbc_conn_retain(at->conn);
    if (!at->is_mock) make_tables(w, at);
}

static void end_session(world *w, session *at)
{
    if (at->conn == NULL) return;
    dbc_close(at->conn);
    for (; at->extra > 0; at->extra--)
        dbc_conn_release(at->conn);
    dbc_conn_release(at->conn);
    at->conn = NULL;
    (void)w;
}

static void call_session(world *w)
{
    session *at = any_session(w);

    if (at->conn == NULL) {
        open_session(w, at);
        return;
    }
    switch (fuzz_below(w->f, 8)) {
    case 0:
        fuzz_tell(w->f, "close");
        dbc_close(at->conn);
        break;
    case 1:
        fuzz_tell(w->f, "shut");
        dbc_conn_shut(at->conn);
        break;
    case 2:
        dbc_conn_retain(at->conn);
        at->extra++;
        break;
    case 3:
        if (at->extra == 0) break;
        dbc_conn_release(at->conn);
        at->extra--;
        break;
    case 4:
        dbc_interrupt(at->conn);
        break;
    default:
        // Nobody may keep a pointer to it: its transactions are forgotten.
        if (!fuzz_once_in(w->f, 4)) break;
        for (size_t i = 0; i < TXNS; i++)
            if (w->txns[i].conn == at->conn) w->txns[i] = (dbc_txn){0};
        for (size_t i = 0; i < STMTS; i++)
            if (w->lent[i].stmt != NULL &&
                dbc_stmt_conn(w->lent[i].stmt) == at->conn)
                return;
        fuzz_tell(w->f, "end the session");
        end_session(w, at);
    }
}

static void call_exec(world *w)
{
    static const char *const texts[] = {
        "BEGIN",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT s",
        "RELEASE s",
        "INSERT INTO users (email, name) VALUES ('a', 'A'), ('b', 'B')",
        "INSERT INTO users (email, name) VALUES ('a', 'A')",
        "DELETE FROM users WHERE id % 2; DELETE FROM posts",
        "UPDATE users SET age = f1(age)",
        "DROP TABLE posts",
        "CREATE TABLE extra (a); SELECT 1",
        "SELECT",
        "SELECT f1('x')",
        "ALTER TABLE users ADD COLUMN more TEXT",
        "PRAGMA user_version = 7",
        ""};
    session *at = any_session(w);
    const char *sql = texts[fuzz_below(w->f, COUNT(texts))];

    if (at->conn == NULL) return;
    check(w, at->conn, dbc_exec(at->conn, sql, strlen(sql)), sql);
}

static void call_services(world *w)
{
    session *at = any_session(w);
    dbc_conn *conn = at->conn;
    dbc_function function = {"f1", 1, 0, w, NULL, call_f1};
    dbc_checkpoint_info info;
    int off = fuzz_once_in(w->f, 3);
    dbc_stats stats;

    if (conn == NULL) return;
    switch (fuzz_below(w->f, 12)) {
    case 0:
        dbc_conn_observe(conn, off ? NULL : see_event, w);
        break;
    case 1:
        check(w, conn, dbc_conn_on_update(conn, off ? NULL : see_change, w),
              "on_update");
        break;
    case 2:
        check(w, conn, dbc_conn_on_commit(conn, off ? NULL : judge_commit, w),
              "on_commit");
        break;
    case 3:
        check(w, conn, dbc_conn_on_rollback(conn, off ? NULL : see_rollback, w),
              "on_rollback");
        break;
    case 4:
        check(w, conn, dbc_conn_on_warning(conn, off ? NULL : see_warning, w),
              "on_warning");
        break;
    case 5:
        check(w, conn, dbc_create_function(conn, &function), "create_function");
        break;
    case 6:
        check(w, conn,
              dbc_checkpoint(&info, conn,
                             (dbc_checkpoint_mode)fuzz_below(w->f, 3)),
              "checkpoint");
        break;
    case 7:
        dbc_conn_set_timeout(conn, fuzz_once_in(w->f, 4) ? 1 : 0);
        break;
    case 8:
        check(w, conn, dbc_create(conn, w->schema), "create");
        break;
    case 9:
    case 10:
        check(w, conn,
              api_hook(w->f, conn, off ? w->shop.posts : w->shop.users),
              "conn_hook");
        break;
    default:
        dbc_conn_stats(conn, &stats);
        w->seen +=
            (uint64_t)stats.live_statements + (uint64_t)dbc_conn_depth(conn) +
            (uint64_t)dbc_conn_changes(conn) +
            (uint64_t)dbc_conn_is_open(conn) + strlen(dbc_conn_path(conn));
    }
}

// -------------------------------------------------------------------- queries

static void free_query(world *w, api_query *at)
{
    if (at->block == NULL) dbc_query_free(at->query);
    free(at->block);
    *at = (api_query){0};
    (void)w;
}

static void make_query(world *w, api_query *at)
{
    const api_query *from = &w->queries[fuzz_below(w->f, QUERIES)];

    if (from->query != NULL && fuzz_once_in(w->f, 2)) {
        at->query = dbc_query_clone(from->query, &w->memory.alloc);
    } else if (fuzz_once_in(w->f, 4)) {
        dbc_query_size size = {fuzz_below(w->f, 40), fuzz_below(w->f, 10),
                               fuzz_below(w->f, 100), fuzz_below(w->f, 100)};
        at->block_size = dbc_query_room(size);
        at->block = malloc(at->block_size);
        if (at->block == NULL) abort();
        at->query = dbc_query_place(at->block, size, NULL);
    } else {
        at->query = dbc_query_new(&w->memory.alloc);
    }
    if (at->query == NULL && w->memory.failed == 0)
        fuzz_fail(w->f, "no query, though there is memory");
}

static void call_query(world *w)
{
    api_query *at = &w->queries[fuzz_below(w->f, QUERIES)];
    const api_query *other = &w->queries[fuzz_below(w->f, QUERIES)];
    uint32_t calls = 1 + fuzz_below(w->f, 12);
    dbc_error err = DBC_ERROR_INIT;

    if (at->query == NULL) make_query(w, at);
    if (at->query == NULL) return;
    if (fuzz_once_in(w->f, 12)) {
        free_query(w, at);
        return;
    }
    if (dbc_query_measure(at->query).nodes == 0 && !fuzz_once_in(w->f, 4)) {
        api_build_sane(w->f, at, other->query, &w->shop);
        calls = fuzz_once_in(w->f, 6) ? calls : 0;
    }
    for (uint32_t i = 0; i < calls; i++)
        api_build(w->f, at, other->query, &w->shop);
    int rc = dbc_query_status(at->query, &err);
    fuzz_tell(w->f, "build: %s %s", dbc_status_word(rc), err.message);
    if (rc < 0) {
        check_message(w, &err, "build");
        free_query(w, at);
    }
}

static void call_compile(world *w)
{
    const api_query *at = &w->queries[fuzz_below(w->f, QUERIES)];
    dbc_error err = DBC_ERROR_INIT;
    dbc_sql sql = {0};

    if (at->query == NULL) return;
    int rc = dbc_query_compile(&sql, at->query,
                               fuzz_once_in(w->f, 2) ? dbc_dialect_mock()
                                                     : dbc_dialect_sqlite(),
                               &w->memory.alloc, &err);
    fuzz_tell(w->f, "compile: %s %s%s", dbc_status_word(rc), err.message,
              rc < 0 ? "" : sql.text);
    if (rc < 0)
        check_message(w, &err, "compile");
    else if (strlen(sql.text) != sql.len)
        fuzz_fail(w->f, "the text of a query is not as long as it says");
    dbc_sql_dispose(&sql);
}

// ----------------------------------------------------------------- statements

static void release(world *w, lent *l)
{
    dbc_stmt_release(l->stmt);
    free_query(w, &l->query);
    *l = (lent){0};
}

static int asks_for_n(const dbc_query *query)
{
    dbc_sql sql = {0};
    int found = 0;

    dbc_query_compile(&sql, query, dbc_dialect_sqlite(), NULL, NULL);
    for (size_t i = 0; i < sql.parameter_count; i++)
        if (sql.parameters[i].kind == DBC_PARAMETER_NAMED)
            found |= strcmp(sql.parameters[i].name, "n") == 0;
    dbc_sql_dispose(&sql);
    return found;
}

// Arguments that are good as long as `l`.
static dbc_args any_args(world *w, lent *l)
{
    dbc_args args = {.named = l->args, .slots = l->values};

    for (size_t i = 0; i < VALUES; i++) {
        l->values[i] = api_value(w->f, l->lists[i]);
        l->args[i] = (dbc_arg){api_name(w->f), l->values[i]};
    }
    args.named_count = fuzz_once_in(w->f, 6) ? fuzz_below(w->f, VALUES) : 0;
    args.slot_count = fuzz_below(w->f, VALUES + 1);
    if (l->query.query == NULL || fuzz_once_in(w->f, 6)) return args;
    // What it asks for, as far as that is known.
    l->args[0] = (dbc_arg){"n", dbc_value_text("a", 1)};
    l->values[0] = l->args[0].value;
    if (asks_for_n(l->query.query)) args.named_count = 1;
    return args;
}

static void open_text(world *w, lent *l, dbc_conn *conn)
{
    static const char *const texts[] = {
        "SELECT 1, 'two', x'03', NULL, 4.5",
        "SELECT id, email, name FROM users",
        "SELECT ?, ?",
        "SELECT f1(?)",
        "INSERT INTO users (email, name) VALUES (?, 'n') RETURNING *",
        "INSERT INTO posts (author_id, title) VALUES (1, ?)",
        "WITH RECURSIVE c(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM c "
        "LIMIT 300) SELECT n, hex(n) FROM c",
        "BEGIN IMMEDIATE",
        "COMMIT",
        "ROLLBACK",
        "DELETE FROM users",
        "SELECT 1; SELECT 2",
        "  -- nothing",
        "SELECT FROM"};
    const char *sql = texts[fuzz_below(w->f, COUNT(texts))];

    check(w, conn, dbc_stmt_acquire(&l->stmt, conn, sql, strlen(sql)), sql);
}

static void open_query(world *w, lent *l, dbc_conn *conn)
{
    const api_query *from = &w->queries[fuzz_below(w->f, QUERIES)];

    if (from->query == NULL) return;
    l->query.query = dbc_query_clone(from->query, NULL);
    if (l->query.query == NULL) abort();
    dbc_args args = any_args(w, l);
    int rc = dbc_query_open(&l->stmt, conn, l->query.query, &args);
    if (check(w, conn, rc, "query_open") < 0) {
        l->stmt = NULL;
        free_query(w, &l->query);
    }
}

static void read_columns(world *w, const lent *l)
{
    size_t count = dbc_stmt_column_count(l->stmt);

    for (size_t i = 0; i < count; i++) {
        size_t len = 0;
        const char *text = dbc_stmt_text(l->stmt, i, &len);
        if (text != NULL) w->seen += sum_bytes(text, len);
        const void *blob = dbc_stmt_blob(l->stmt, i, &len);
        if (blob != NULL) w->seen += sum_bytes(blob, len);
        w->seen += (uint64_t)dbc_stmt_int(l->stmt, i) +
                   (uint64_t)dbc_stmt_is_null(l->stmt, i) +
                   (uint64_t)(dbc_stmt_real(l->stmt, i) > 0);
    }
    w->seen += (uint64_t)dbc_stmt_find(l->stmt, api_name(w->f));
}

static void bind(world *w, lent *l, dbc_conn *conn)
{
    size_t count = dbc_stmt_parameter_count(l->stmt);

    any_args(w, l);
    if (count > VALUES || fuzz_once_in(w->f, 6))
        count = fuzz_below(w->f, VALUES);
    l->has_row = 0;
    if (fuzz_once_in(w->f, 3)) {
        check(w, conn, dbc_stmt_run(l->stmt, l->values, count, NULL),
              "stmt_run");
        return;
    }
    check(w, conn, dbc_stmt_bind(l->stmt, l->values, count), "stmt_bind");
}

static void bind_query(world *w, lent *l, dbc_conn *conn)
{
    const api_query *other = &w->queries[fuzz_below(w->f, QUERIES)];
    const dbc_query *query = l->query.query;
    dbc_args args = any_args(w, l);
    int64_t changes;

    if (query == NULL) return;
    l->has_row = 0;
    // Another query is refused, unless it has the same shape: then it must
    // stay as long as the statement is bound to it.
    if (other->query != NULL && fuzz_once_in(w->f, 6)) {
        check(w, conn, dbc_query_repeat(l->stmt, other->query, &args, &changes),
              "query_repeat with another query");
        check(w, conn, dbc_stmt_reset(l->stmt), "stmt_reset");
        args.named_count = 0;
        check(w, conn, dbc_query_reopen(l->stmt, query, &args),
              "query_reopen after it");
        return;
    }
    if (fuzz_once_in(w->f, 2))
        check(w, conn, dbc_query_reopen(l->stmt, query, &args), "query_reopen");
    else
        check(w, conn, dbc_query_repeat(l->stmt, query, &args, &changes),
              "query_repeat");
}

static void call_stmt(world *w)
{
    lent *l = &w->lent[fuzz_below(w->f, STMTS)];
    dbc_conn *conn = any_session(w)->conn;
    int rc;

    if (l->stmt == NULL) {
        if (conn == NULL) return;
        if (fuzz_once_in(w->f, 3))
            open_text(w, l, conn);
        else
            open_query(w, l, conn);
        return;
    }
    conn = dbc_stmt_conn(l->stmt);
    switch (fuzz_below(w->f, 9)) {
    case 0:
        fuzz_tell(w->f, "release");
        release(w, l);
        break;
    case 1:
        bind(w, l, conn);
        break;
    case 2:
        bind_query(w, l, conn);
        break;
    case 3:
        l->has_row = 0;
        check(w, conn, dbc_stmt_reset(l->stmt), "stmt_reset");
        break;
    default:
        rc = check(w, conn, dbc_stmt_step(l->stmt), "stmt_step");
        l->has_row = rc == DBC_ROW;
        if (l->has_row) read_columns(w, l);
        w->seen += strlen(dbc_stmt_sql(l->stmt, NULL));
    }
}

static int give_row(void *ud, dbc_value *slots, size_t slot_count)
{
    static dbc_value list[API_LIST];
    world *w = ud;

    if (fuzz_once_in(w->f, 4)) return DBC_DONE;
    if (fuzz_once_in(w->f, 20)) return DBC_EIO;
    for (size_t i = 0; i < slot_count; i++)
        slots[i] = api_value(w->f, list);
    return DBC_ROW;
}

static void call_run(world *w)
{
    const api_query *at = &w->queries[fuzz_below(w->f, QUERIES)];
    dbc_conn *conn = any_session(w)->conn;
    dbc_rows rows = {.next = give_row, .ud = w};
    const dbc_sql *plan;
    lent scratch = {0};
    int64_t count;
    int found;

    if (at->query == NULL || conn == NULL) return;
    dbc_args args = any_args(w, &scratch);
    switch (fuzz_below(w->f, 6)) {
    case 0:
        check(w, conn, dbc_query_count(&count, conn, at->query, &args),
              "query_count");
        break;
    case 1:
        check(w, conn, dbc_query_exists(&found, conn, at->query, &args),
              "query_exists");
        break;
    case 2:
        check(w, conn, dbc_query_run_rows(NULL, conn, at->query, &rows),
              "query_run_rows");
        break;
    case 3:
        check(w, conn, dbc_query_prepare(conn, at->query), "query_prepare");
        break;
    case 4:
        if (check(w, conn, dbc_query_plan(&plan, conn, at->query),
                  "query_plan") >= 0)
            w->seen += strlen(plan->text);
        break;
    default:
        check(w, conn, dbc_query_run(NULL, conn, at->query, &args),
              "query_run");
    }
}

// --------------------------------------------------------------- transactions

static int body(void *ud, dbc_txn *txn)
{
    world *w = ud;
    int rc = dbc_exec(txn->conn, "DELETE FROM users WHERE id = 1", 30);

    if (fuzz_once_in(w->f, 8)) dbc_txn_rollback(txn);
    if (fuzz_once_in(w->f, 8)) dbc_txn_commit(txn);
    if (fuzz_once_in(w->f, 8)) dbc_conn_shut(txn->conn);
    if (fuzz_once_in(w->f, 4)) {
        // The error must be the connection's own.
        dbc_txn over = {.conn = txn->conn};
        rc = dbc_txn_commit(&over);
    }
    return rc;
}

static void call_txn(world *w)
{
    dbc_txn *txn = &w->txns[fuzz_below(w->f, TXNS)];
    dbc_conn *conn = any_session(w)->conn;
    dbc_transaction_options options = {.timeout_ms = 1};

    switch (fuzz_below(w->f, 6)) {
    case 0:
        if (conn == NULL) break;
        options.mode = (dbc_txn_mode)fuzz_below(w->f, DBC_TXN_READ + 1);
        check(w, conn, dbc_transaction(conn, body, w, &options), "transaction");
        break;
    case 1:
        if (txn->conn == NULL) break;
        check(w, txn->conn, dbc_txn_commit(txn), "txn_commit");
        break;
    case 2:
        if (txn->conn == NULL) break;
        check(w, txn->conn, dbc_txn_rollback(txn), "txn_rollback");
        break;
    default:
        if (conn == NULL || (txn->conn != NULL && dbc_txn_is_open(txn))) break;
        check(w, conn,
              dbc_txn_begin(txn, conn,
                            (dbc_txn_mode)fuzz_below(w->f, DBC_TXN_READ + 1)),
              "txn_begin");
    }
}

static void call_mock(world *w)
{
    dbc_value list[API_LIST];
    dbc_value values[2] = {dbc_value_int(1), api_value(w->f, list)};
    static const char *const columns[] = {"id", "name"};
    dbc_mock_answer answer = {.columns = columns,
                              .column_count = 2,
                              .values = values,
                              .row_count = 1};

    if (values[1].type == DBC_LIST) values[1] = dbc_value_null();
    if (fuzz_once_in(w->f, 2)) {
        answer = (dbc_mock_answer){
            .code = fuzz_once_in(w->f, 2) ? DBC_EBUSY : DBC_EFULL,
            .stage = (dbc_mock_stage)fuzz_below(w->f, DBC_MOCK_BIND + 1),
            .ends_transaction = fuzz_once_in(w->f, 4)};
    }
    int rc = dbc_mock_expect(w->mock, fuzz_once_in(w->f, 4) ? "COMMIT" : NULL,
                             &answer);
    fuzz_tell(w->f, "mock_expect: %s", dbc_status_word(rc));
    if (fuzz_once_in(w->f, 10)) dbc_mock_clear(w->mock);
}

// ------------------------------------------------------------------- sequence

static int make_file(world *w)
{
    if (!fuzz_once_in(w->f, 10)) return 0;
    snprintf(w->path, sizeof w->path, "/tmp/dbcore-fuzz-XXXXXX");
    int file = mkstemp(w->path);
    if (file < 0) abort();
    return close(file);
}

static void set_up(world *w, fuzz *f)
{
    *w = (world){.f = f};
    fault_init(&w->memory);
    w->mock = dbc_mock_new(&w->memory.alloc);
    if (shop_open(&w->shop, &w->memory.alloc) < 0 || w->mock == NULL) abort();
    const dbc_table *tables[] = {w->shop.users, w->shop.posts};
    if (dbc_schema_new(&w->schema, tables, 2, NULL, 0, &w->memory.alloc, NULL) <
        0)
        abort();
    make_file(w);
}

// In an order of its own, too.
static void tear_down(world *w)
{
    int conns_first = fuzz_once_in(w->f, 2);

    disarm(w);
    for (size_t i = 0; i < CONNS && conns_first; i++)
        end_session(w, &w->sessions[i]);
    for (size_t i = 0; i < STMTS; i++)
        release(w, &w->lent[i]);
    for (size_t i = 0; i < CONNS; i++)
        end_session(w, &w->sessions[i]);
    for (size_t i = 0; i < QUERIES; i++)
        free_query(w, &w->queries[i]);
    dbc_schema_release(w->schema);
    shop_close(&w->shop);
    dbc_mock_free(w->mock);
    if (w->path[0] != '\0') {
        char beside[80];
        unlink(w->path);
        snprintf(beside, sizeof beside, "%s-wal", w->path);
        unlink(beside);
        snprintf(beside, sizeof beside, "%s-shm", w->path);
        unlink(beside);
    }
    if (w->memory.live_blocks != 0)
        fuzz_fail(w->f, "%ld blocks of %zu bytes are left behind",
                  w->memory.live_blocks, w->memory.live_bytes);
}

void fuzz_play(fuzz *f)
{
    static void (*const calls[])(world * w) = {
        call_session, call_exec,  call_services, call_query,
        call_query,   call_query, call_stmt,     call_stmt,
        call_stmt,    call_stmt,  call_run,      call_run,
        call_txn,     call_txn,   call_compile,  call_mock};
    static world w;

    set_up(&w, f);
    open_session(&w, &w.sessions[0]);
    uint32_t count = 1 + fuzz_below(f, 80);
    for (uint32_t i = 0; i < count; i++) {
        if (fuzz_once_in(f, 20)) arm(&w);
        calls[fuzz_below(f, COUNT(calls))](&w);
        look_at_rows(&w);
        if (fuzz_once_in(f, 3)) disarm(&w);
    }
    tear_down(&w);
}
