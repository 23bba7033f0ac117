// Views and tables with generated columns are compiled by a SELECT, triggers by
// the statement that would fire them, full-text indexes by the query that reads
// the text they cover; nothing is run.
#include "sound.h"

#include <string.h>

#include "error.h"
#include "full_text.h"
#include "service.h"

static const char *const events[] = {"INSERT", "UPDATE", "DELETE"};

const char *dbc__sound_event(const dbc__object *trigger)
{
    const char *sql = trigger->own.sql;
    dbc__tokens tokens;

    // CREATE TRIGGER name [BEFORE | AFTER | INSTEAD OF] event …
    dbc__tokens_init(&tokens, sql, strlen(sql));
    for (int i = 0; i < 3; i++)
        dbc__tokens_next(&tokens);
    for (; !dbc__tokens_done(&tokens); dbc__tokens_next(&tokens))
        for (size_t i = 0; i < 3; i++)
            if (dbc__tokens_is(&tokens, events[i])) return events[i];
    return events[0];
}

// One look at all views and triggers.
typedef struct sounding {
    dbc_conn *conn;
    dbc__scratch *scratch; // that `conn` belongs to, or NULL
    dbc__list *out;
    dbc__arena *arena;
    dbc_buf sql; // what is tried
} sounding;

static int try_text(const sounding *s)
{
    dbc_stmt_info info = {0};
    void *handle = NULL;

    int rc = s->conn->driver->prepare(&handle, &info, s->conn->db, s->sql.data,
                                      s->sql.len, 0, &s->conn->error);
    if (handle) s->conn->driver->finalize(handle);
    return rc;
}

// 1 when the text compiles, 0 when not (the error stays on the connection), or
// an error that has nothing to do with the text.
static int compiles(const sounding *s)
{
    int mended = 1;
    int rc = DBC_OK;

    if (s->sql.status < 0) return dbc__error_nomem(&s->conn->error);
    while (mended == 1) {
        rc = try_text(s);
        mended = rc < 0 && s->scratch
                     ? dbc__scratch_mend(s->scratch, DBC__SCRATCH_KNOWN)
                     : 0;
    }
    if (mended < 0) return mended;
    // A full-text index may be written by a trigger once migrations run, since
    // they trust the file then (trust.c); whether they do is seen there.
    if (rc < 0 && s->scratch &&
        strstr(s->conn->error.message, "unsafe use of virtual table")) {
        dbc__error_clear(&s->conn->error);
        return 1;
    }
    if (rc == DBC_ENOMEM || rc == DBC_EINTERRUPTED || rc == DBC_EIO ||
        rc == DBC_ECORRUPT || rc == DBC_EBUSY)
        return rc;
    return rc >= 0;
}

static void add_name(sounding *s, const char *name)
{
    s->conn->driver->dialect->quote(&s->sql, name, strlen(name));
}

static int note(sounding *s, const dbc__object *object, const char *event)
{
    dbc__broken *added = dbc__list_add(s->out, s->arena, sizeof *added);
    const char *message = s->conn->error.message;

    if (!added) return dbc__error_nomem(&s->conn->error);
    added->kind = event ? DBC_OBJECT_TRIGGER : object->own.kind;
    added->name =
        dbc__arena_copy(s->arena, object->own.name, strlen(object->own.name));
    added->event = event;
    added->why = dbc__arena_copy(s->arena, message, strlen(message));
    dbc__error_clear(&s->conn->error);
    if (!added->name || !added->why) return dbc__error_nomem(&s->conn->error);
    return DBC_OK;
}

static void start_select(sounding *s, const dbc__object *object)
{
    dbc__buf_clear(&s->sql);
    dbc_buf_add_string(&s->sql, "SELECT * FROM ");
    add_name(s, object->own.name);
}

// Columns may be added whose expressions do not compile.
static int computes(const dbc__object *object)
{
    if (object->own.kind == DBC_OBJECT_VIEW) return 1;
    for (size_t i = 0; i < object->shape.column_count; i++)
        if (object->shape.columns[i].generated) return 1;
    return 0;
}

// "a" = NULL, … over the columns of a view. It is prepared anew: a statement
// that was kept knows the columns of before.
static int add_view_columns(sounding *s, const dbc__object *view)
{
    const dbc_driver *driver = s->conn->driver;
    sounding ask = *s;
    dbc_stmt_info info = {0};
    void *handle = NULL;
    int rc = DBC_OK;

    dbc__buf_init(&ask.sql, s->conn->alloc);
    start_select(&ask, view);
    if (ask.sql.status == DBC_OK)
        rc = driver->prepare(&handle, &info, s->conn->db, ask.sql.data,
                             ask.sql.len, 0, &s->conn->error);
    for (size_t i = 0; handle && i < info.column_count; i++) {
        dbc_buf_add_string(&s->sql, i ? ", " : "");
        add_name(s, driver->column_name(handle, i));
        dbc_buf_add_string(&s->sql, " = NULL");
    }
    if (handle) driver->finalize(handle);
    dbc__buf_dispose(&ask.sql);
    return rc == DBC_ENOMEM ? rc : DBC_OK;
}

// "a" = "a", … over all columns that can be written.
static int add_columns(sounding *s, const dbc__object *object)
{
    size_t count = 0;

    if (object->own.kind == DBC_OBJECT_VIEW) return add_view_columns(s, object);
    for (size_t i = 0; i < object->shape.column_count; i++) {
        const dbc__column *column = &object->shape.columns[i];
        if (column->generated) continue;
        dbc_buf_add_string(&s->sql, count++ ? ", " : "");
        add_name(s, column->name);
        dbc_buf_add_string(&s->sql, " = ");
        add_name(s, column->name);
    }
    return DBC_OK;
}

static int try_event(sounding *s, const dbc__object *object, const char *event)
{
    dbc__buf_clear(&s->sql);
    dbc_buf_add_string(&s->sql, event);
    dbc_buf_add_string(&s->sql, event[0] == 'I'   ? " INTO "
                                : event[0] == 'D' ? " FROM "
                                                  : " ");
    add_name(s, object->own.name);
    if (event[0] == 'I') dbc_buf_add_string(&s->sql, " DEFAULT VALUES");
    if (event[0] == 'U') {
        dbc_buf_add_string(&s->sql, " SET ");
        if (add_columns(s, object) < 0)
            return dbc__error_nomem(&s->conn->error);
    }
    return compiles(s);
}

static int find_triggers(sounding *s, const dbc__object *object)
{
    for (size_t i = 0; i < 3; i++) {
        const dbc__object *trigger = object->first_trigger;
        while (trigger && dbc__sound_event(trigger) != events[i])
            trigger = trigger->next;
        if (!trigger) continue;
        int rc = try_event(s, object, events[i]);
        if (rc == 0) rc = note(s, object, events[i]);
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

// 1 when there is nothing to compile, too.
static int try_object(sounding *s, const dbc__object *object)
{
    int is_asked = computes(object);

    if (is_asked) {
        start_select(s, object);
    } else {
        dbc__buf_clear(&s->sql);
        is_asked = dbc__full_text_reads(&s->sql, s->arena, object,
                                        s->conn->driver->dialect);
    }
    if (is_asked < 0) return dbc__error_nomem(&s->conn->error);
    return is_asked ? compiles(s) : 1;
}

int dbc__sound_find(dbc__list *out, dbc__arena *arena, dbc_conn *conn,
                    dbc__scratch *scratch, const dbc_catalog *catalog)
{
    sounding s = {.conn = conn, .scratch = scratch, .out = out, .arena = arena};
    int rc = DBC_OK;

    dbc__buf_init(&s.sql, conn->alloc);
    dbc__lenient(conn, DBC_LENIENT_DEFINITIONS | DBC_LENIENT_STATEMENTS);
    for (size_t i = 0; i < catalog->count && rc >= 0; i++) {
        const dbc__object *object = &catalog->objects[i];
        rc = try_object(&s, object);
        if (rc == 0) rc = note(&s, object, NULL);
        if (rc >= 0 && object->first_trigger) rc = find_triggers(&s, object);
    }
    dbc__lenient(conn, DBC_LENIENT_DEFINITIONS);
    dbc__buf_dispose(&s.sql);
    if (rc < 0 && scratch) scratch->like->error = conn->error;
    return rc < 0 ? rc : DBC_OK;
}

static int is_among(const dbc__broken *one, const dbc__list *list)
{
    const dbc__broken *items = list->items;

    for (size_t i = 0; i < list->count; i++)
        if (items[i].kind == one->kind && items[i].event == one->event &&
            dbc__same_name(items[i].name, one->name))
            return 1;
    return 0;
}

const dbc__broken *dbc__sound_new(const dbc__list *now, const dbc__list *before)
{
    const dbc__broken *items = now->items;

    for (size_t i = 0; i < now->count; i++)
        if (!is_among(&items[i], before)) return &items[i];
    return NULL;
}
