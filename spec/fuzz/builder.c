// Descriptions and queries out of bytes that nobody chose: a schema that may
// contradict itself, its tables made in a database in memory, queries over
// them built from anything, compiled for both dialects and run. What must hold:
// no finding of a sanitizer, a failure says what it is, and what the schema
// took the engine takes, too, unless an expression of the description is
// wrong.
//
// With libFuzzer (clang, -DDBCORE_LIBFUZZER) the bytes are its own; else they
// come from seeds, as in api.c.
#include <stdio.h>
#include <stdlib.h>

#include "api_query.h"
#include "fault.h"

enum { COLUMNS = 5, TABLES = 2, BUILDS = 24 };

typedef struct drawing {
    dbc_column_def columns[COLUMNS];
    dbc_foreign_key_def keys[COLUMNS];
    dbc_table_def def;
    dbc_index_part part;
    dbc_index_def index;
    dbc_check_def check;
    const char *to[1];
} drawing;

static const char *const tables[] = {"users", "posts"};
static const char *const enums[] = {"admin", "reader", ""};
static const char *const expressions[] = {
    "1", "age > 0", "lower(name)", "(", "'x", "id; DROP TABLE users", "f1(id)"};

static const char *any_expression(fuzz *f)
{
    if (!fuzz_once_in(f, 8)) return NULL;
    return expressions[fuzz_below(f, COUNT(expressions))];
}

static void draw_column(fuzz *f, drawing *d, size_t i)
{
    dbc_column_def *c = &d->columns[i];

    *c = (dbc_column_def){.name = api_name(f),
                          .type = (dbc_type)fuzz_below(f, DBC_T_CUSTOM + 2)};
    if (fuzz_once_in(f, 3))
        c->flags = fuzz_below(f, 256) | fuzz_below(f, 128) << 8;
    if (c->flags & DBC_COLUMN_HAS_DEFAULT) c->default_value = dbc_value_int(7);
    c->min = (double)fuzz_int(f);
    c->max_len = fuzz_below(f, 200);
    c->default_sql = any_expression(f);
    c->generated = any_expression(f);
    c->check = any_expression(f);
    if (fuzz_once_in(f, 12)) c->collate = api_name(f);
    if (fuzz_once_in(f, 12)) c->storage = api_name(f);
    if (c->type == DBC_T_ENUM || fuzz_once_in(f, 20))
        c->enum_values = (dbc_names){enums, fuzz_below(f, COUNT(enums) + 1)};
    if (fuzz_once_in(f, 6)) {
        d->to[0] = api_name(f);
        d->keys[i] =
            (dbc_foreign_key_def){.table = tables[fuzz_below(f, COUNT(tables))],
                                  .to = {d->to, fuzz_below(f, 2)},
                                  .on_delete = (dbc_fk_action)fuzz_below(f, 5),
                                  .deferral = (dbc_deferral)fuzz_below(f, 3)};
        c->references = &d->keys[i];
    }
}

// A column that most likely is one.
static void draw_sane_column(fuzz *f, drawing *d, size_t i)
{
    static const char *const names[] = {"id", "email", "name", "age", "title"};
    dbc_column_def *c = &d->columns[i];

    *c = (dbc_column_def){.name = names[i],
                          .type = (dbc_type)(1 + fuzz_below(f, DBC_T_ENUM))};
    if (i == 0) {
        c->type = DBC_T_INTEGER;
        c->flags = DBC_COLUMN_PRIMARY_KEY;
    } else if (fuzz_once_in(f, 3)) {
        c->flags = 1u << fuzz_below(f, 14);
    }
    if (c->flags & DBC_COLUMN_HAS_DEFAULT) c->default_value = dbc_value_null();
    if (c->type == DBC_T_ENUM) c->enum_values = (dbc_names){enums, 2};
    if (fuzz_once_in(f, 12)) c->check = any_expression(f);
    if (fuzz_once_in(f, 12)) c->generated = any_expression(f);
}

static void draw_sane_table(fuzz *f, drawing *d, size_t number)
{
    memset(d, 0, sizeof *d);
    d->def.name = tables[number];
    d->def.columns = d->columns;
    d->def.column_count = 1 + fuzz_below(f, COLUMNS);
    d->def.flags = fuzz_once_in(f, 3) ? DBC_TABLE_STRICT : 0;
    for (size_t i = 0; i < d->def.column_count; i++)
        draw_sane_column(f, d, i);
}

static void draw_table(fuzz *f, drawing *d, size_t number)
{
    if (!fuzz_once_in(f, 4)) {
        draw_sane_table(f, d, number);
        return;
    }
    memset(d, 0, sizeof *d);
    d->def.name = tables[number];
    d->def.columns = d->columns;
    d->def.column_count = fuzz_below(f, COLUMNS + 1);
    d->def.flags = fuzz_once_in(f, 3) ? fuzz_below(f, 4) : 0;
    if (fuzz_once_in(f, 12)) d->def.kind = (dbc_table_kind)fuzz_below(f, 3);
    if (fuzz_once_in(f, 12)) d->def.sql = "SELECT 1 AS id";
    if (fuzz_once_in(f, 12)) d->def.content = "users";
    for (size_t i = 0; i < d->def.column_count; i++)
        draw_column(f, d, i);
    if (fuzz_once_in(f, 4)) {
        d->part = (dbc_index_part){api_name(f), any_expression(f), NULL, 0};
        d->index = (dbc_index_def){.name = api_name(f),
                                   .parts = &d->part,
                                   .part_count = 1,
                                   .where = any_expression(f)};
        d->def.indexes = &d->index;
        d->def.index_count = 1;
    }
    if (fuzz_once_in(f, 8)) {
        d->check = (dbc_check_def){fuzz_once_in(f, 2) ? api_name(f) : NULL,
                                   any_expression(f)};
        d->def.checks = &d->check;
        d->def.check_count = 1;
    }
}

static void must_say(fuzz *f, int rc, const dbc_error *err, const char *what)
{
    fuzz_tell(f, "%s: %s %s", what, dbc_status_word(rc),
              rc < 0 ? err->message : "");
    if (rc >= 0) return;
    if (err->code != rc) fuzz_fail(f, "%s: the code is not in its error", what);
    if (err->message[0] == '\0') fuzz_fail(f, "%s says nothing", what);
    if (rc == DBC_ENOMEM) fuzz_fail(f, "%s: memory is not out", what);
}

static void run(fuzz *f, dbc_conn *conn, const dbc_query *query)
{
    dbc_value list[API_LIST];
    dbc_value slots[4];
    const dbc_arg named = {api_name(f), api_value(f, list)};
    dbc_args args = {&named, fuzz_below(f, 2), slots, 4};
    dbc_stmt *stmt = NULL;

    for (size_t i = 0; i < 4; i++)
        slots[i] = dbc_value_int((int64_t)i);
    int rc = dbc_query_open(&stmt, conn, query, &args);
    must_say(f, rc, dbc_conn_error(conn), "query_open");
    for (int i = 0; rc >= 0 && i < 20; i++) {
        rc = dbc_stmt_step(stmt);
        if (rc == DBC_DONE) break;
        must_say(f, rc, dbc_conn_error(conn), "stmt_step");
    }
    dbc_stmt_release(stmt);
}

static void ask(fuzz *f, dbc_conn *conn, const shop *s)
{
    api_query query = {.query = dbc_query_new(s->alloc)};
    dbc_query *before = NULL;
    dbc_error err = DBC_ERROR_INIT;
    dbc_sql sql = {0};

    for (int i = 0; i < BUILDS && dbc_query_status(query.query, NULL) == 0;
         i++) {
        // What there was one call ago is what is used when this one fails.
        dbc_query_free(before);
        before = dbc_query_clone(query.query, s->alloc);
        api_build(f, &query, before, s);
    }
    if (dbc_query_status(query.query, &err) < 0) {
        must_say(f, err.code, &err, "build");
        dbc_query_free(query.query);
        query.query = before;
        before = NULL;
    }
    int rc = dbc_query_compile(&sql, query.query, dbc_dialect_mock(), s->alloc,
                               &err);
    must_say(f, rc, &err, "compile");
    dbc_sql_dispose(&sql);
    run(f, conn, query.query);
    dbc_query_free(query.query);
    dbc_query_free(before);
}

static void try_schema(fuzz *f, const shop *s, const dbc_schema *schema)
{
    dbc_open_options options = {.alloc = s->alloc, .schema = schema};
    dbc_error err = DBC_ERROR_INIT;
    dbc_conn *conn = NULL;

    int rc = dbc_open(&conn, ":memory:", &options, &err);
    must_say(f, rc, &err, "open");
    if (rc < 0) return;
    rc = dbc_create(conn, schema);
    must_say(f, rc, dbc_conn_error(conn), "create");
    for (uint32_t i = 0; i < 4; i++)
        ask(f, conn, s);
    dbc_close(conn);
}

void fuzz_play(fuzz *f)
{
    static drawing drawings[TABLES];
    dbc_table *made[TABLES] = {NULL};
    const dbc_table *list[TABLES];
    dbc_error err = DBC_ERROR_INIT;
    dbc_schema *schema = NULL;
    fault memory;
    int rc = DBC_OK;

    fault_init(&memory);
    for (size_t i = 0; i < TABLES && rc >= 0; i++) {
        draw_table(f, &drawings[i], i);
        rc = dbc_table_new(&made[i], &drawings[i].def, &memory.alloc, &err);
        must_say(f, rc, &err, "table_new");
        list[i] = made[i];
    }
    if (rc >= 0) {
        rc =
            dbc_schema_new(&schema, list, TABLES, NULL, 0, &memory.alloc, &err);
        must_say(f, rc, &err, "schema_new");
    }
    // A view may leave its columns to the database: there is nothing to name.
    for (size_t i = 0; i < TABLES && rc >= 0; i++)
        if (dbc_table_column_count(made[i]) == 0) rc = DBC_ENOTFOUND;
    if (rc >= 0) {
        shop s = {&memory.alloc, made[0], made[1]};
        try_schema(f, &s, schema);
    }
    dbc_schema_release(schema);
    for (size_t i = 0; i < TABLES; i++)
        dbc_table_release(made[i]);
    if (memory.live_blocks != 0)
        fuzz_fail(f, "%ld blocks are left behind", memory.live_blocks);
}
