// Rows into a table. Rows of one set of columns share a statement; a few sets
// are kept open, because lists often leave a column out here and there. The
// statements are in C memory of the outer function while Lua code of the user
// runs (codecs, default_fn, iterators), so all of that is protected.
#include "linsert.h"

#include <string.h>

#include "lconn.h"
#include "lerror.h"
#include "lgiven.h"
#include "lrun.h"
#include "lvalidate.h"

enum {
    KEPT = 4,     // statements for different sets of columns
    FEW = 48,     // columns up to which no memory is asked for
    FEW_WORDS = 1 // of a mask for them
};

// The stack of run(), above its task.
enum {
    AT_INSERT = 2,
    AT_CONN,
    AT_ROWS,
    AT_TABLE,
    AT_KEYS,
    AT_MEMORY,
    AT_RESULT,
    AT_SHAPES, // KEPT queries
    AT_ROW = AT_SHAPES + KEPT
};

typedef struct shape {
    dbc_stmt *stmt; // on loan, or NULL
    const dbc_query *query;
    uint64_t *mask;
    int is_special; // it has expressions of one row: never met again
} shape;

typedef struct inserting {
    lconn *box;
    linsert_answer answer;
    lrow_nulls nulls;
    dbc_args args;
    int is_many;
    int is_plain; // nothing but columns is said: lkeys.h remembers the query
    lua_Integer number; // of the row that is worked on
    lua_Integer returned;
    lcollector gc;
    int64_t changes;
    int64_t last_rowid;
    dbc_txn txn;
    lgiven row;
    dbc_value *slots;
    shape shapes[KEPT];
    int next_shape;
} inserting;

int linsert_has_rows(const lquery *query)
{
    return query->kind == DBC_INSERT && (query->flags & LQUERY_HAS_VALUES);
}

// -------------------------------------------------------------------- memory

static size_t room_for(const lkeys *keys)
{
    size_t words = (keys->column_count + 63) / 64;

    return lgiven_room(keys) + keys->column_count * sizeof(dbc_value) +
           KEPT * words * sizeof(uint64_t) + sizeof(dbc_value);
}

typedef union memory {
    dbc_value align;
    char few[FEW * (2 * sizeof(dbc_value) + sizeof(int)) +
             sizeof(uint64_t) * (KEPT + 1) * FEW_WORDS + sizeof(dbc_value)];
} memory;

// Values first, slots behind them, then what needs less alignment.
static void place(lua_State *L, inserting *in, const lkeys *keys, memory *few)
{
    size_t words = (keys->column_count + 63) / 64;
    char *at = few->few;

    if (keys->column_count > FEW) {
        at = lua_newuserdatauv(L, room_for(keys), 0);
        lua_replace(L, AT_MEMORY);
    }
    in->slots = (dbc_value *)(void *)at;
    at += keys->column_count * sizeof *in->slots;
    for (int i = 0; i < KEPT; i++) {
        in->shapes[i].mask = (uint64_t *)(void *)at;
        at += words * sizeof(uint64_t);
    }
    lgiven_place(&in->row, keys, at);
}

// -------------------------------------------------------------------- shapes

static void fail(lua_State *L, const inserting *in, const char *sql, size_t len)
{
    dbc_error err = *dbc_conn_error(in->box->conn);

    if (in->is_many) err.row = in->number;
    if (err.code != DBC_EVALIDATION) lerror_raise(L, &err, sql, len);
    lerror_push(L, &err, NULL, 0);
    lvalidate_add_fields(L, in->box->conn);
    lua_error(L);
}

static void fail_query(lua_State *L, const inserting *in,
                       const dbc_query *query)
{
    dbc_error err = *dbc_conn_error(in->box->conn);

    if (in->is_many) err.row = in->number;
    lerror_raise_query(L, in->box->conn, &err, query);
}

static void fail_stmt(lua_State *L, const inserting *in, const dbc_stmt *stmt)
{
    size_t len;
    const char *sql = dbc_stmt_sql(stmt, &len);

    fail(L, in, sql, len);
}

static shape *find_shape(inserting *in)
{
    const lgiven *row = &in->row;
    size_t size = row->mask.count * sizeof *row->mask.words;

    if (row->expressions > 0) return NULL;
    for (int i = 0; i < KEPT; i++) {
        shape *at = &in->shapes[i];

        if (at->stmt && !at->is_special &&
            memcmp(at->mask, row->mask.words, size) == 0)
            return at;
    }
    return NULL;
}

// Pushes the insert for the columns of the row.
static void push_query(lua_State *L, const inserting *in)
{
    const lgiven *row = &in->row;
    int may_keep =
        in->is_plain && row->expressions == 0 && row->mask.count == 1;

    if (may_keep && lkeys_push_plain(L, AT_KEYS, row->mask.words[0])) return;
    lgiven_push_query(L, row, AT_INSERT, LGIVEN_SLOTS);
    if (may_keep) lkeys_keep_plain(L, AT_KEYS, row->mask.words[0]);
}

// Puts the insert for the columns of the row in place of the oldest shape.
static shape *build_shape(lua_State *L, inserting *in)
{
    const lgiven *row = &in->row;
    int number = in->next_shape;
    shape *at = &in->shapes[number];

    in->next_shape = (number + 1) % KEPT;
    dbc_stmt_release(at->stmt);
    at->stmt = NULL;
    push_query(L, in);
    at->query = ((const lquery *)lua_touserdata(L, -1))->query;
    lua_replace(L, AT_SHAPES + number);
    memcpy(at->mask, row->mask.words,
           row->mask.count * sizeof *row->mask.words);
    at->is_special = row->expressions > 0;
    return at;
}

// -------------------------------------------------------------------- a row

static void check_txn(lua_State *L, const inserting *in)
{
    if (in->txn.conn && !dbc_txn_is_open(&in->txn))
        lerror_fail(L, DBC_ECLOSED,
                    "the transaction of this insert was ended from inside of "
                    "it");
}

// One row alone: the core does it in one call.
static void write_single(lua_State *L, inserting *in)
{
    shape *at = build_shape(L, in);
    dbc_result result;

    lconn_enter(L, in->box);
    if (dbc_query_run(&result, in->box->conn, at->query, &in->args) < 0)
        fail_query(L, in, at->query);
    in->changes = result.changes;
    in->last_rowid = result.last_rowid;
}

// Opens the statement of a shape; the row is bound with it.
static void open_shape(lua_State *L, const inserting *in, shape *at)
{
    lconn_enter(L, in->box);
    if (dbc_query_open(&at->stmt, in->box->conn, at->query, &in->args) < 0)
        fail_query(L, in, at->query);
}

static void write_row(lua_State *L, inserting *in)
{
    shape *at = find_shape(in);
    int64_t changes;

    if (!at) {
        at = build_shape(L, in);
        open_shape(L, in, at);
    }
    lconn_enter(L, in->box);
    if (dbc_query_repeat(at->stmt, at->query, &in->args, &changes) < 0)
        fail_stmt(L, in, at->stmt);
    in->changes += changes;
}

static void write_returning(lua_State *L, inserting *in)
{
    int is_list = in->answer == LINSERT_LIST || in->answer == LINSERT_VALUE;
    shape *at = find_shape(in);

    if (!at) {
        at = build_shape(L, in);
        open_shape(L, in, at);
    } else if (dbc_query_reopen(at->stmt, at->query, &in->args) < 0) {
        fail_stmt(L, in, at->stmt);
    }
    lua_pushvalue(L, AT_RESULT);
    if (lread_add(L, AT_CONN, at->stmt, is_list ? LREAD_LIST : LREAD_ALL,
                  in->nulls, &in->returned, &in->gc) < 0)
        fail_stmt(L, in, at->stmt);
}

// The row is at AT_ROW.
static void insert_row(lua_State *L, inserting *in)
{
    lgiven_read(L, &in->row, AT_ROW, in->is_many ? in->number : 0);
    lgiven_complete(L, &in->row, AT_ROW);
    check_txn(L, in);
    in->args.slots = lgiven_slots(&in->row, in->slots);
    if (in->answer != LINSERT_CHANGES)
        write_returning(L, in);
    else if (in->is_many)
        write_row(L, in);
    else
        write_single(L, in);
    lua_settop(L, AT_ROW - 1);
}

// ------------------------------------------------------------------- all rows

static void insert_list(lua_State *L, inserting *in)
{
    lua_Integer count = (lua_Integer)lua_rawlen(L, AT_ROWS);

    for (in->number = 1; in->number <= count; in->number++) {
        lua_rawgeti(L, AT_ROWS, in->number);
        insert_row(L, in);
    }
}

static void insert_given(lua_State *L, inserting *in)
{
    for (in->number = 1;; in->number++) {
        lua_pushvalue(L, AT_ROWS);
        lua_call(L, 0, 1);
        if (lua_isnil(L, AT_ROW)) break;
        insert_row(L, in);
    }
    lua_settop(L, AT_ROW - 1);
}

static void check_only(lua_State *L, const inserting *in)
{
    if (in->answer != LINSERT_ONLY || in->returned == 1) return;
    if (in->returned == 0)
        lerror_fail(L, DBC_ENOTFOUND, "expected exactly one row, got none");
    lerror_fail(L, DBC_EINVALID, "expected exactly one row, got more");
}

static void push_answer(lua_State *L, const inserting *in)
{
    switch (in->answer) {
    case LINSERT_CHANGES:
        lua_pushnil(L); // made when it is certain
        break;
    case LINSERT_ROWS:
    case LINSERT_LIST:
        lua_pushvalue(L, AT_RESULT);
        break;
    default:
        lua_rawgeti(L, AT_RESULT, 1);
        break;
    }
}

// A value that is NULL stands in its list as dbcore.null.
static void unmask_null(lua_State *L, const inserting *in)
{
    if (in->answer != LINSERT_VALUE || in->nulls == LROW_NULLS) return;
    if (lbox_kind_of(L, -1) != LBOX_NULL) return;
    lua_pop(L, 1);
    lua_pushnil(L);
}

static int run(lua_State *L, void *ud)
{
    inserting *in = ud;
    memory few;
    const lkeys *keys;

    keys = lkeys_push(L, AT_TABLE);
    luaL_checkstack(L, (int)keys->column_count * 2 + 40, "too many columns");
    lua_settop(L, AT_ROW - 1);
    place(L, in, keys, &few);
    in->row.table = AT_TABLE;
    in->args.slot_count = keys->column_count;
    if (in->answer != LINSERT_CHANGES) {
        lua_newtable(L);
        lua_replace(L, AT_RESULT);
    }

    if (lua_isfunction(L, AT_ROWS)) {
        insert_given(L, in);
    } else if (in->is_many) {
        insert_list(L, in);
    } else {
        lua_pushvalue(L, AT_ROWS);
        insert_row(L, in);
    }
    if (in->is_many) in->last_rowid = dbc_conn_last_rowid(in->box->conn);
    check_only(L, in);
    push_answer(L, in);
    unmask_null(L, in);
    return 1;
}

static void release_all(inserting *in)
{
    for (int i = 0; i < KEPT; i++) {
        dbc_stmt_release(in->shapes[i].stmt);
        in->shapes[i].stmt = NULL;
    }
}

// Names the row in an error object that does not name one yet.
static void number_error(lua_State *L, const inserting *in)
{
    if (!in->is_many || !lua_istable(L, -1)) return;
    if (!lua_getmetatable(L, -1)) return;
    lua_rawgeti(L, LCORE, LCORE_ERROR);
    if (lua_rawequal(L, -1, -2)) {
        lua_pushinteger(L, in->number);
        lua_setfield(L, -4, "row");
    }
    lua_pop(L, 2);
}

// Without a savepoint a part of the rows cannot be taken back alone: the whole
// transaction is, so that no half of a call can ever be committed.
static void undo(lua_State *L, inserting *in)
{
    if (in->txn.conn) {
        dbc_txn_rollback(&in->txn);
    } else if (in->is_many) {
        dbc_conn_rollback(in->box->conn);
        if (!lua_istable(L, -1)) return;
        lua_pushliteral(L, "rolled_back");
        lua_pushboolean(L, 1);
        lua_rawset(L, -3);
    }
}

static int commit(lua_State *L, inserting *in)
{
    dbc_error err;

    if (!in->txn.conn || dbc_txn_commit(&in->txn) >= 0) return 0;
    err = *dbc_conn_error(in->txn.conn);
    dbc_txn_rollback(&in->txn);
    return lerror_raise(L, &err, NULL, 0);
}

static void push_changes(lua_State *L, const inserting *in, const lquery *query)
{
    const dbc_result result = {.changes = in->changes,
                               .last_rowid = in->last_rowid};

    lua_pop(L, 1);
    lrun_push_result(L, query, &result);
}

void linsert_run(lua_State *L, int conn_box, const dbc_args *args,
                 linsert_answer answer)
{
    const lquery *query = lua_touserdata(L, 1);
    inserting in;
    lprotect call = {run, &in};
    int status;

    memset(&in, 0, sizeof in);
    in.answer = answer;
    in.nulls = query->flags & LQUERY_NULLS ? LROW_NULLS : LROW_NIL;
    in.args = *args;
    in.is_plain = dbc_query_measure(query->query).nodes == 1 &&
                  !dbc_query_policy(query->query);
    luaL_checkstack(L, 12, NULL);
    lprotect_begin(L, &call);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, conn_box);
    lua_getiuservalue(L, 1, LQUERY_UV_ROWS);
    lua_getiuservalue(L, 1, LQUERY_UV_TABLE);
    in.is_many = linsert_is_many(L, -2);
    in.box = lua_touserdata(L, conn_box);
    int is_bare = query->flags & LQUERY_BARE && dbc_conn_depth(in.box->conn);
    if (in.is_many && !is_bare &&
        dbc_txn_begin(&in.txn, in.box->conn, DBC_TXN_DEFAULT) < 0) {
        lerror_raise_conn(L, in.box->conn, NULL, 0);
        return;
    }

    in.box->reading++;
    status = lprotect_end(L, 4, 1);
    in.box->reading--;
    lcollector_restart(L, &in.gc);
    release_all(&in);
    if (status != LUA_OK) {
        undo(L, &in);
        number_error(L, &in);
        lua_error(L);
    }
    commit(L, &in);
    if (answer == LINSERT_CHANGES) push_changes(L, &in, query);
}
