// The scratch database. What is missing in it is found out by trying: the
// engine names a function, collation or module that it does not know.
#include "scratch.h"

#include <string.h>

#include "alloc.h"
#include "error.h"
#include "service.h"
#include "stmt.h"

enum { MOST_STAND_INS = 1000 }; // in one statement: a bound, never met

int dbc__scratch_open(dbc__scratch *out, dbc_conn *like)
{
    dbc_open_options options = {.driver = like->driver,
                                .alloc = like->alloc,
                                .flags = DBC_OPEN_TRUSTED_SCHEMA |
                                         DBC_OPEN_NO_FOREIGN_KEYS |
                                         DBC_OPEN_NOT_DEFENSIVE,
                                .statement_cache = -1};

    *out = (dbc__scratch){.like = like};
    dbc__arena_init(&out->arena, like->alloc);
    int rc = dbc_open(&out->conn, ":memory:", &options, &like->error);
    if (rc < 0) return rc;
    dbc__lenient(out->conn, DBC_LENIENT_DEFINITIONS);
    return DBC_OK;
}

void dbc__scratch_close(dbc__scratch *scratch)
{
    dbc_close(scratch->conn);
    dbc__arena_dispose(&scratch->arena);
    *scratch = (dbc__scratch){0};
}

// ---------------------------------------------------------------- stand-ins

static void call_stand_in(dbc_call *call, void *ud, const dbc_value *args,
                          size_t count)
{
    (void)ud;
    (void)args;
    (void)count;
    dbc_call_return(call, dbc_value_null());
}

static int compare_stand_in(dbc_call *call, void *ud, const char *a,
                            size_t a_len, const char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

    (void)call;
    (void)ud;
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

// The name at the end of the message, when it begins like that.
static const char *missing(const char *message, const char *start)
{
    size_t len = strlen(start);

    return strncmp(message, start, len) == 0 ? message + len : NULL;
}

static int make_stand_in(dbc__scratch *s, const char *function,
                         const char *collation)
{
    dbc_function f = {.name = function,
                      .arg_count = DBC_ANY_COUNT,
                      .flags =
                          DBC_FUNCTION_DETERMINISTIC | DBC_FUNCTION_INNOCUOUS,
                      .call = call_stand_in};
    dbc_collation c = {.name = collation, .compare = compare_stand_in};

    if (function) return dbc_create_function(s->conn, &f);
    return dbc_create_collation(s->conn, &c);
}

// 1 when the real connection knows it, 0 when not, or an error on it.
static int is_known(dbc__scratch *s, const char *function,
                    const char *collation)
{
    static const char functions[] =
        "SELECT 1 FROM pragma_function_list WHERE name = ?1 COLLATE NOCASE";
    static const char collations[] =
        "SELECT 1 FROM pragma_collation_list WHERE name = ?1 COLLATE NOCASE";
    const char *sql = function ? functions : collations;
    const char *name = function ? function : collation;
    dbc_value value = dbc_value_text(name, strlen(name));
    dbc_stmt *stmt = NULL;

    int rc = dbc_stmt_acquire(&stmt, s->like, sql, strlen(sql));
    if (rc >= 0) rc = dbc_stmt_bind(stmt, &value, 1);
    if (rc >= 0) rc = dbc_stmt_step(stmt);
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : rc == DBC_ROW;
}

// Whether the failure on the scratch database can be mended: 1, 0 or an error.
static int mend(dbc__scratch *s, dbc__scratch_trust trust)
{
    char message[sizeof s->conn->error.message];
    const char *function, *collation;

    memcpy(message, s->conn->error.message, sizeof message);
    function = missing(message, "no such function: ");
    collation = missing(message, "no such collation sequence: ");
    if (!function && !collation) return 0;
    if (trust == DBC__SCRATCH_KNOWN) {
        int known = is_known(s, function, collation);
        if (known <= 0) return known;
    }
    int rc = make_stand_in(s, function, collation);
    if (rc < 0) s->like->error = s->conn->error;
    return rc < 0 ? rc : 1;
}

// ------------------------------------------------------------------ running

// The first statement of a text; `*used` is how much of the text it is.
static int run_first(size_t *used, dbc_conn *conn, const char *sql, size_t len)
{
    const dbc_driver *driver = conn->driver;
    dbc_stmt_info info = {0};
    void *handle = NULL;
    int64_t changes;

    int rc =
        driver->prepare(&handle, &info, conn->db, sql, len, 0, &conn->error);
    if (rc >= 0) *used = info.tail;
    if (rc >= 0 && !info.empty)
        rc = driver->run(handle, NULL, 0, &changes, &conn->error);
    if (handle) driver->finalize(handle);
    return rc < 0 ? rc : DBC_OK;
}

int dbc__scratch_run_one(size_t *used, dbc__scratch *s, const char *sql,
                         size_t len, dbc__scratch_trust trust)
{
    for (int i = 0; i < MOST_STAND_INS; i++) {
        int rc = run_first(used, s->conn, sql, len);
        if (rc >= 0) return rc;
        int mended = mend(s, trust);
        if (mended < 0) return mended;
        if (mended == 0) break;
    }
    s->like->error = s->conn->error;
    s->like->error.offset = -1;
    return s->like->error.code;
}

int dbc__scratch_run(dbc__scratch *scratch, const char *sql, size_t len,
                     dbc__scratch_trust trust)
{
    while (len > 0) {
        size_t used = 0;
        int rc = dbc__scratch_run_one(&used, scratch, sql, len, trust);
        if (rc < 0) return rc;
        if (used == 0) break;
        sql += used;
        len -= used;
    }
    return DBC_OK;
}

int dbc__scratch_add_ghost(dbc__scratch *s, const char *sql)
{
    if (s->ghost_count + 1 >= s->ghost_cap) {
        size_t cap = s->ghost_cap ? s->ghost_cap * 2 : 8;
        const char **more = dbc__arena_take_array(&s->arena, cap, sizeof *more);
        if (!more) return dbc__error_nomem(&s->like->error);
        if (s->ghost_count)
            memcpy(more, s->ghosts, s->ghost_count * sizeof *more);
        s->ghosts = more;
        s->ghost_cap = cap;
    }
    const char *copy = dbc__arena_copy(&s->arena, sql, strlen(sql));
    if (!copy) return dbc__error_nomem(&s->like->error);
    s->ghosts[s->ghost_count++] = copy;
    s->ghosts[s->ghost_count] = NULL;
    return DBC_OK;
}

int dbc__scratch_copy(dbc__scratch *scratch, const char *sql)
{
    int rc = dbc__scratch_run(scratch, sql, strlen(sql), DBC__SCRATCH_ALL);

    if (rc >= 0 || rc == DBC_ENOMEM || rc == DBC_EINTERRUPTED) return rc;
    dbc__error_clear(&scratch->like->error);
    return dbc__scratch_add_ghost(scratch, sql);
}
