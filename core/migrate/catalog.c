// Reading a catalog. Left out are SQLite's own tables, the shadow tables of
// virtual ones, also of those whose module nobody knows, and the table in
// which migrations keep their history.
#include "catalog.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "describe.h"
#include "error.h"
#include "fingerprint.h"
#include "name.h"
#include "number.h"
#include "stmt.h"

// One row of sqlite_master, texts in the arena of the catalog.
typedef struct entry {
    dbc_object_kind kind;
    const char *name, *table, *sql;
    int hidden;
    struct entry *next;
} entry;

typedef struct reading {
    dbc_conn *conn;
    dbc_catalog *catalog;
    entry *first, **end;
    size_t count;
    int has_virtual;
} reading;

int dbc__same_name(const char *a, const char *b)
{
    return dbc__name_equal(a, strlen(a), b, strlen(b));
}

static int starts_with(const char *name, const char *start)
{
    size_t len = strlen(start);

    return strlen(name) >= len && dbc__name_equal(name, len, start, len);
}

static int nomem(reading *r)
{
    return dbc__error_nomem(&r->conn->error);
}

// ------------------------------------------------------------------ entries

static int is_internal(const char *name)
{
    return starts_with(name, "sqlite_") ||
           dbc__same_name(name, "dbcore_migrations");
}

static dbc_object_kind kind_of(const char *type, const char *sql)
{
    dbc__tokens tokens;

    if (strcmp(type, "index") == 0) return DBC_OBJECT_INDEX;
    if (strcmp(type, "trigger") == 0) return DBC_OBJECT_TRIGGER;
    if (strcmp(type, "view") == 0) return DBC_OBJECT_VIEW;
    dbc__tokens_init(&tokens, sql, strlen(sql));
    dbc__tokens_next(&tokens);
    return dbc__tokens_is(&tokens, "VIRTUAL") ? DBC_OBJECT_VIRTUAL
                                              : DBC_OBJECT_TABLE;
}

static int add_entry(reading *r, const char *type, const char *name,
                     const char *table, const char *sql)
{
    dbc__arena *arena = &r->catalog->arena;
    entry *added = dbc__arena_take(arena, sizeof *added);

    if (!added) return nomem(r);
    added->name = dbc__arena_copy(arena, name, strlen(name));
    added->table = dbc__arena_copy(arena, table, strlen(table));
    added->sql = dbc__arena_copy(arena, sql, strlen(sql));
    if (!added->name || !added->table || !added->sql) return nomem(r);
    added->kind = kind_of(type, sql);
    // Indexes of constraints have no text.
    added->hidden = is_internal(name) || is_internal(table) || !*sql;
    if (added->kind == DBC_OBJECT_VIRTUAL) r->has_virtual = 1;
    *r->end = added;
    r->end = &added->next;
    r->count++;
    return DBC_OK;
}

static const char *text_at(const dbc_stmt *stmt, size_t i)
{
    const dbc_value *value = &dbc_stmt_row(stmt)[i];

    return value->type == DBC_TEXT ? value->as.text : "";
}

static int read_entries(reading *r)
{
    static const char sql[] = "SELECT type, name, tbl_name, ifnull(sql, '') "
                              "FROM main.sqlite_master ORDER BY rowid";
    dbc_stmt *stmt = NULL;

    int rc = dbc_stmt_acquire(&stmt, r->conn, sql, sizeof sql - 1);
    while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        const char *name = text_at(stmt, 1);
        if (starts_with(name, "sqlite_stat1"))
            r->catalog->has_statistics[1] = 1;
        if (starts_with(name, "sqlite_stat4"))
            r->catalog->has_statistics[4] = 1;
        rc = add_entry(r, text_at(stmt, 0), name, text_at(stmt, 2),
                       text_at(stmt, 3));
    }
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

// What kind of object a ghost is, and what it is of.
static int add_ghost(reading *r, const char *name, const char *sql)
{
    dbc__tokens tokens;
    dbc__span type;

    dbc__tokens_init(&tokens, sql, strlen(sql));
    dbc__tokens_next(&tokens);
    dbc__tokens_take(&tokens, "UNIQUE");
    type = (dbc__span){tokens.token.text, tokens.token.len};
    if (dbc__tokens_is(&tokens, "VIRTUAL") || dbc__tokens_is(&tokens, "TABLE"))
        return add_entry(r, "table", name, name, sql);
    if (dbc__tokens_is(&tokens, "VIEW"))
        return add_entry(r, "view", name, name, sql);
    while (!dbc__tokens_done(&tokens) && !dbc__tokens_take(&tokens, "ON"))
        dbc__tokens_next(&tokens);
    const char *table = dbc__token_name(&r->catalog->arena, &tokens.token);
    if (!table) return nomem(r);
    return add_entry(
        r,
        dbc__name_equal(type.text, type.len, "INDEX", 5) ? "index" : "trigger",
        name, table, sql);
}

static int add_ghosts(reading *r, const char *const *ghosts)
{
    for (; ghosts && *ghosts; ghosts++) {
        dbc__arena *arena = &r->catalog->arena;
        dbc__span span = dbc__parse_name(*ghosts);
        dbc__token token = dbc__scan_token(span.text, span.len);
        const char *name = dbc__token_name(arena, &token);
        if (!name) return nomem(r);
        int rc = add_ghost(r, name, *ghosts);
        if (rc < 0) return rc;
    }
    return DBC_OK;
}

// ------------------------------------------------------------------ shadows

static void hide(reading *r, const char *name)
{
    for (entry *each = r->first; each; each = each->next) {
        if (strcmp(each->table, name) == 0) each->hidden = 1;
    }
}

static int hide_known_shadows(reading *r)
{
    static const char sql[] = "SELECT name FROM pragma_table_list "
                              "WHERE schema = 'main' AND type = 'shadow'";
    dbc_stmt *stmt = NULL;

    int rc = dbc_stmt_acquire(&stmt, r->conn, sql, sizeof sql - 1);
    while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW)
        hide(r, text_at(stmt, 0));
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

static int knows_module(int *known, reading *r, const char *sql)
{
    static const char ask[] =
        "SELECT 1 FROM pragma_module_list WHERE name = ?1 COLLATE NOCASE";
    dbc__shape shape;
    dbc_stmt *stmt = NULL;
    dbc_value name;

    *known = 1;
    int rc = dbc__parse_table(&shape, &r->catalog->arena, sql);
    if (rc == DBC_EINVALID || (rc == DBC_OK && !shape.module)) return DBC_OK;
    if (rc < 0) return nomem(r);
    name = dbc_value_text(shape.module, strlen(shape.module));
    rc = dbc_stmt_acquire(&stmt, r->conn, ask, sizeof ask - 1);
    if (rc >= 0) rc = dbc_stmt_bind(stmt, &name, 1);
    if (rc >= 0) rc = dbc_stmt_step(stmt);
    *known = rc == DBC_ROW;
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : DBC_OK;
}

// Tables that begin with the name of a virtual one whose module is unknown.
static int hide_unknown_shadows(reading *r)
{
    for (entry *each = r->first; each; each = each->next) {
        size_t len = strlen(each->name);
        int known;
        if (each->kind != DBC_OBJECT_VIRTUAL) continue;
        int rc = knows_module(&known, r, each->sql);
        if (rc < 0) return rc;
        if (known) continue;
        for (entry *other = r->first; other; other = other->next) {
            if (other->kind == DBC_OBJECT_TABLE &&
                starts_with(other->name, each->name) && other->name[len] == '_')
                hide(r, other->name);
        }
    }
    return DBC_OK;
}

// ------------------------------------------------------------------ objects

static int parse_object(dbc__object *object, dbc__arena *arena)
{
    const char *sql = object->own.sql;
    int rc = DBC_OK;

    if (object->own.kind == DBC_OBJECT_TABLE ||
        object->own.kind == DBC_OBJECT_VIRTUAL)
        rc = dbc__parse_table(&object->shape, arena, sql);
    if (object->own.kind == DBC_OBJECT_INDEX)
        rc = dbc__parse_index(&object->index, arena, sql);
    if (rc == DBC_ENOMEM) return rc;
    if (object->own.kind == DBC_OBJECT_TABLE && rc == DBC_OK)
        object->normal = object->shape.normal;
    else if (object->own.kind == DBC_OBJECT_INDEX && rc == DBC_OK)
        object->normal = object->index.normal;
    else
        object->normal = dbc__normal_form(arena, sql, strlen(sql));
    return object->normal ? DBC_OK : DBC_ENOMEM;
}

// Two passes over the entries, so that tables come first.
static int make_objects(reading *r)
{
    dbc_catalog *c = r->catalog;
    size_t order = 0;

    c->objects =
        dbc__arena_take_array(&c->arena, r->count + 1, sizeof *c->objects);
    c->hidden =
        dbc__arena_take_array(&c->arena, r->count + 1, sizeof *c->hidden);
    if (!c->objects || !c->hidden) return nomem(r);
    for (int pass = 0; pass < 2; pass++) {
        for (entry *each = r->first; each; each = each->next) {
            int is_table = each->kind <= DBC_OBJECT_VIRTUAL;
            if (each->hidden && pass == 0)
                c->hidden[c->hidden_count++] = each->name;
            if (each->hidden || is_table != (pass == 0)) continue;
            dbc__object *object = &c->objects[c->count++];
            object->own = (dbc_object){each->kind, each->name, each->table,
                                       each->sql, NULL};
            object->order = order++;
            if (parse_object(object, &c->arena) < 0) return nomem(r);
        }
        if (pass == 0) c->table_count = c->count;
    }
    return DBC_OK;
}

// ------------------------------------------------------------------ by name

// Triggers have names of their own.
static uint64_t hash_of(const char *name, int is_trigger)
{
    uint64_t hash = is_trigger ? 7 : 1;

    for (; *name; name++)
        hash =
            hash * UINT64_C(1099511628211) + (unsigned char)dbc__lower(*name);
    return dbc__hash_mix(hash, 1);
}

static int is_trigger(const dbc__object *object)
{
    return object->own.kind == DBC_OBJECT_TRIGGER;
}

static int make_slots(dbc_catalog *c)
{
    c->slot_count = 16;
    while (c->slot_count < c->count * 2)
        c->slot_count *= 2;
    c->slots =
        dbc__arena_take_array(&c->arena, c->slot_count, sizeof *c->slots);
    if (!c->slots) return DBC_ENOMEM;
    for (size_t i = 0; i < c->count; i++) {
        const dbc__object *object = &c->objects[i];
        size_t at = hash_of(object->own.name, is_trigger(object));
        while (c->slots[at % c->slot_count] != 0)
            at++;
        c->slots[at % c->slot_count] = (uint32_t)i + 1;
    }
    return DBC_OK;
}

static dbc__object *look_up(const dbc_catalog *c, const char *name, int trigger)
{
    size_t at = hash_of(name, trigger);

    for (; c->slots[at % c->slot_count] != 0; at++) {
        dbc__object *object = &c->objects[c->slots[at % c->slot_count] - 1];
        if (is_trigger(object) == trigger &&
            dbc__same_name(object->own.name, name))
            return object;
    }
    return NULL;
}

dbc__object *dbc__catalog_named(const dbc_catalog *catalog, const char *name)
{
    return look_up(catalog, name, 0);
}

dbc__object *dbc__catalog_find(const dbc_catalog *catalog, dbc_object_kind kind,
                               const char *name)
{
    dbc__object *found = look_up(catalog, name, kind == DBC_OBJECT_TRIGGER);

    if (!found || found->own.kind == kind) return found;
    if (kind == DBC_OBJECT_TABLE && found->own.kind == DBC_OBJECT_VIRTUAL)
        return found;
    return NULL;
}

int dbc__catalog_takes(const dbc_catalog *catalog, const char *name)
{
    if (look_up(catalog, name, 0) || look_up(catalog, name, 1)) return 1;
    for (size_t i = 0; i < catalog->hidden_count; i++) {
        if (dbc__same_name(catalog->hidden[i], name)) return 1;
    }
    return 0;
}

// Hangs indexes and triggers on what they are of, in the order of creation.
static void link_objects(dbc_catalog *c)
{
    for (size_t i = c->count; i-- > 0;) {
        dbc__object *object = &c->objects[i];
        dbc__object *owner;
        if (!is_trigger(object) && object->own.kind != DBC_OBJECT_INDEX)
            continue;
        owner = dbc__catalog_named(c, object->own.table);
        if (!owner) continue;
        dbc__object **list =
            is_trigger(object) ? &owner->first_trigger : &owner->first_index;
        object->next = *list;
        *list = object;
    }
}

// ------------------------------------------------------------------ reading

static int read_all(reading *r, const char *const *ghosts)
{
    int rc = dbc__number_ask(&r->catalog->version, r->conn,
                             "PRAGMA main.schema_version");

    if (rc >= 0) rc = read_entries(r);
    if (rc >= 0 && r->has_virtual) rc = hide_known_shadows(r);
    if (rc >= 0 && r->has_virtual) rc = hide_unknown_shadows(r);
    if (rc >= 0) rc = add_ghosts(r, ghosts);
    if (rc >= 0) rc = make_objects(r);
    if (rc < 0) return rc;
    if (make_slots(r->catalog) < 0) return nomem(r);
    link_objects(r->catalog);
    if (dbc__fingerprint(r->catalog) < 0) return nomem(r);
    return DBC_OK;
}

int dbc__catalog_read(dbc_catalog **out, dbc_conn *conn,
                      const char *const *ghosts)
{
    const dbc_alloc *alloc = dbc__alloc_or_default(conn->alloc);
    reading r = {.conn = conn};
    dbc_txn txn = {0};
    int rc;

    *out = NULL;
    rc = dbc__conn_check(conn);
    if (rc < 0) return rc;
    r.catalog = dbc__alloc_zero(alloc, 1, sizeof *r.catalog);
    if (!r.catalog) return dbc__error_nomem(&conn->error);
    r.catalog->alloc = alloc;
    r.end = &r.first;
    dbc__arena_init(&r.catalog->arena, alloc);
    if (conn->depth == 0 && !conn->driver->in_txn(conn->db)) {
        rc = dbc_txn_begin(&txn, conn, DBC_TXN_READ);
        if (rc < 0) goto cleanup;
    }
    rc = read_all(&r, ghosts);
    dbc_txn_rollback(&txn);

cleanup:
    if (rc < 0)
        dbc_catalog_free(r.catalog);
    else
        *out = r.catalog;
    return rc;
}

int dbc_catalog_read(dbc_catalog **out, dbc_conn *conn)
{
    int rc = dbc__catalog_read(out, conn, NULL);

    return rc < 0 ? rc : dbc__describe_or_free(out, conn);
}

void dbc_catalog_free(dbc_catalog *catalog)
{
    if (!catalog) return;
    for (size_t i = 0; catalog->descriptions && i < catalog->count; i++)
        dbc_table_release(catalog->descriptions[i]);
    dbc__arena_dispose(&catalog->arena);
    dbc__alloc_free(catalog->alloc, catalog, sizeof *catalog);
}

// ------------------------------------------------------------------- asking

size_t dbc_catalog_count(const dbc_catalog *catalog)
{
    return catalog->count;
}

const dbc_object *dbc_catalog_object(const dbc_catalog *catalog, size_t i)
{
    assert(i < catalog->count);
    return &catalog->objects[i].own;
}

const dbc_object *dbc_catalog_find(const dbc_catalog *catalog,
                                   dbc_object_kind kind, const char *name)
{
    const dbc__object *found =
        look_up(catalog, name, kind == DBC_OBJECT_TRIGGER);

    return found && found->own.kind == kind ? &found->own : NULL;
}

const char *dbc_catalog_fingerprint(const dbc_catalog *catalog)
{
    return catalog->fingerprint;
}
