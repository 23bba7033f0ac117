// Views are compiled by a SELECT, triggers by the statement that would fire
// them; nothing is run.
#include "sound.h"

#include <string.h>

#include "error.h"
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

// 1 when the text compiles, 0 when not (the error stays on `conn`), or an
// error that has nothing to do with the text.
static int compiles(dbc_conn *conn, const dbc_buf *sql)
{
    dbc_stmt_info info = {0};
    void *handle = NULL;

    if (sql->status < 0) return dbc__error_nomem(&conn->error);
    int rc = conn->driver->prepare(&handle, &info, conn->db, sql->data,
                                   sql->len, 0, &conn->error);
    if (handle) conn->driver->finalize(handle);
    if (rc == DBC_ENOMEM || rc == DBC_EINTERRUPTED || rc == DBC_EIO ||
        rc == DBC_ECORRUPT || rc == DBC_EBUSY)
        return rc;
    return rc >= 0;
}

static void add_name(dbc_buf *sql, const dbc_conn *conn, const char *name)
{
    conn->driver->dialect->quote(sql, name, strlen(name));
}

static int note(dbc__list *out, dbc__arena *arena, dbc_conn *conn,
                const dbc__object *object, const char *event)
{
    dbc__broken *added = dbc__list_add(out, arena, sizeof *added);
    const char *message = conn->error.message;

    if (!added) return dbc__error_nomem(&conn->error);
    added->kind = event ? DBC_OBJECT_TRIGGER : DBC_OBJECT_VIEW;
    added->name =
        dbc__arena_copy(arena, object->own.name, strlen(object->own.name));
    added->event = event;
    added->why = dbc__arena_copy(arena, message, strlen(message));
    dbc__error_clear(&conn->error);
    if (!added->name || !added->why) return dbc__error_nomem(&conn->error);
    return DBC_OK;
}

// "a" = "a", … over all columns that can be written.
static int add_columns(dbc_buf *sql, dbc_conn *conn, const dbc__object *object)
{
    size_t count = 0;
    dbc_stmt_info info = {0};
    void *handle = NULL;
    dbc_buf ask;
    int rc = DBC_OK;

    for (size_t i = 0; i < object->shape.column_count; i++) {
        const dbc__column *column = &object->shape.columns[i];
        if (column->generated) continue;
        dbc_buf_add_string(sql, count++ ? ", " : "");
        add_name(sql, conn, column->name);
        dbc_buf_add_string(sql, " = ");
        add_name(sql, conn, column->name);
    }
    if (object->own.kind != DBC_OBJECT_VIEW) return DBC_OK;
    dbc__buf_init(&ask, conn->alloc);
    dbc_buf_add_string(&ask, "SELECT * FROM ");
    add_name(&ask, conn, object->own.name);
    // Prepared anew: a statement that was kept knows the columns of before.
    if (ask.status == DBC_OK)
        rc = conn->driver->prepare(&handle, &info, conn->db, ask.data, ask.len,
                                   0, &conn->error);
    for (size_t i = 0; handle && i < info.column_count; i++) {
        dbc_buf_add_string(sql, i ? ", " : "");
        add_name(sql, conn, conn->driver->column_name(handle, i));
        dbc_buf_add_string(sql, " = NULL");
    }
    if (handle) conn->driver->finalize(handle);
    dbc__buf_dispose(&ask);
    return rc == DBC_ENOMEM ? rc : DBC_OK;
}

static int try_event(dbc_buf *sql, dbc_conn *conn, const dbc__object *object,
                     const char *event)
{
    dbc__buf_clear(sql);
    dbc_buf_add_string(sql, event);
    dbc_buf_add_string(sql, event[0] == 'I'   ? " INTO "
                            : event[0] == 'D' ? " FROM "
                                              : " ");
    add_name(sql, conn, object->own.name);
    if (event[0] == 'I') dbc_buf_add_string(sql, " DEFAULT VALUES");
    if (event[0] == 'U') {
        dbc_buf_add_string(sql, " SET ");
        if (add_columns(sql, conn, object) < 0)
            return dbc__error_nomem(&conn->error);
    }
    return compiles(conn, sql);
}

static int find_triggers(dbc__list *out, dbc__arena *arena, dbc_buf *sql,
                         dbc_conn *conn, const dbc__object *object)
{
    for (size_t i = 0; i < 3; i++) {
        const dbc__object *trigger = object->first_trigger;
        while (trigger && dbc__sound_event(trigger) != events[i])
            trigger = trigger->next;
        if (!trigger) continue;
        int rc = try_event(sql, conn, object, events[i]);
        if (rc == 0) rc = note(out, arena, conn, object, events[i]);
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

int dbc__sound_find(dbc__list *out, dbc__arena *arena, dbc_conn *conn,
                    const dbc_catalog *catalog)
{
    int rc = DBC_OK;
    dbc_buf sql;

    dbc__buf_init(&sql, conn->alloc);
    dbc__lenient(conn, DBC_LENIENT_DEFINITIONS | DBC_LENIENT_STATEMENTS);
    for (size_t i = 0; i < catalog->count && rc >= 0; i++) {
        const dbc__object *object = &catalog->objects[i];
        if (object->own.kind == DBC_OBJECT_VIEW) {
            dbc__buf_clear(&sql);
            dbc_buf_add_string(&sql, "SELECT * FROM ");
            add_name(&sql, conn, object->own.name);
            rc = compiles(conn, &sql);
            if (rc == 0) rc = note(out, arena, conn, object, NULL);
        }
        if (rc >= 0 && object->first_trigger)
            rc = find_triggers(out, arena, &sql, conn, object);
    }
    dbc__lenient(conn, DBC_LENIENT_DEFINITIONS);
    dbc__buf_dispose(&sql);
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
