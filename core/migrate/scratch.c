// The scratch database. What is missing in it is found out by trying: the
// engine names a function, collation or module that it does not know.
#include "scratch.h"

#include <string.h>

#include "alloc.h"
#include "error.h"
#include "number.h"
#include "parse.h"
#include "service.h"
#include "stmt.h"
#include "trust.h"

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

// Remembers one that was made for any use.
static int remember(dbc__scratch *s, const dbc__lack *lack)
{
    if (s->lent_count == s->lent_cap) {
        size_t cap = s->lent_cap ? s->lent_cap * 2 : 8;
        dbc__lack *more = dbc__arena_take_array(&s->arena, cap, sizeof *more);
        if (!more) return dbc__error_nomem(&s->conn->error);
        if (s->lent_count) memcpy(more, s->lent, s->lent_count * sizeof *more);
        s->lent = more;
        s->lent_cap = cap;
    }
    s->lent[s->lent_count++] = *lack;
    return DBC_OK;
}

int dbc__scratch_mend(dbc__scratch *s, dbc__scratch_trust trust)
{
    dbc__lack lack = dbc__lack_of(s->conn->error.message);
    int rc;

    if (lack.kind != DBC__LACK_FUNCTION && lack.kind != DBC__LACK_COLLATION)
        return 0;
    if (trust == DBC__SCRATCH_KNOWN) {
        int known = dbc__lack_is_known(&lack, s->like);
        if (known < 0) s->conn->error = s->like->error;
        if (known <= 0) return known;
    }
    rc = dbc__stand_in_make(
        s->conn, trust == DBC__SCRATCH_KNOWN ? s->like : NULL, &lack);
    if (rc >= 0 && trust == DBC__SCRATCH_ALL) rc = remember(s, &lack);
    if (rc < 0) s->like->error = s->conn->error;
    return rc < 0 ? rc : 1;
}

// From here on schemas are trusted as on the real connection; but for one with
// a full-text index, which whoever migrates it trusts.
static int trust_as_like(dbc__scratch *s)
{
    static const char off[] = "PRAGMA trusted_schema = OFF";
    int64_t has_index;
    int trusts;

    int rc = dbc__trust_ask(&trusts, s->like);
    if (rc < 0 || trusts) return rc;
    rc = dbc__number_ask(&has_index, s->conn,
                         "SELECT count(*) FROM sqlite_master WHERE sql LIKE "
                         "'CREATE VIRTUAL TABLE%USING%fts5%'");
    if (rc < 0) s->like->error = s->conn->error;
    if (rc < 0 || has_index) return rc;
    rc = dbc_exec(s->conn, off, sizeof off - 1);
    if (rc < 0) s->like->error = s->conn->error;
    return rc;
}

int dbc__scratch_forget(dbc__scratch *s)
{
    int rc = trust_as_like(s);

    for (size_t i = 0; i < s->lent_count && rc >= 0; i++) {
        rc = dbc__stand_in_drop(s->conn, &s->lent[i]);
        if (rc < 0) s->like->error = s->conn->error;
    }
    s->lent_count = 0;
    return rc;
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
        int mended = dbc__scratch_mend(s, trust);
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

int dbc__scratch_exec(dbc__scratch *scratch, const char *sql)
{
    int rc = dbc_exec(scratch->conn, sql, strlen(sql));

    if (rc < 0) scratch->like->error = scratch->conn->error;
    return rc;
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

const char *dbc__scratch_ghost(const dbc__scratch *s, const char *name)
{
    for (size_t i = 0; i < s->ghost_count; i++) {
        dbc__span span = dbc__parse_name(s->ghosts[i]);
        dbc__token token = dbc__scan_token(span.text, span.len);
        if (dbc__token_is_name(&token, name)) return s->ghosts[i];
    }
    return NULL;
}

void dbc__scratch_drop_ghost(dbc__scratch *s, const char *sql)
{
    for (size_t i = 0; i < s->ghost_count; i++) {
        if (s->ghosts[i] != sql) continue;
        memmove(&s->ghosts[i], &s->ghosts[i + 1],
                (s->ghost_count - i) * sizeof *s->ghosts);
        s->ghost_count--;
        return;
    }
}

int dbc__scratch_copy(dbc__scratch *scratch, const char *sql)
{
    int rc = dbc__scratch_run(scratch, sql, strlen(sql), DBC__SCRATCH_ALL);

    if (rc >= 0 || rc == DBC_ENOMEM || rc == DBC_EINTERRUPTED) return rc;
    dbc__error_clear(&scratch->like->error);
    return dbc__scratch_add_ghost(scratch, sql);
}
