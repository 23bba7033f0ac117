// What a database holds, as a value: objects with their texts, cut into what a
// plan has to know. It is read from a connection or made by statements in a
// scratch database; it is never changed afterwards.
#ifndef DBC_MIGRATE_CATALOG_H
#define DBC_MIGRATE_CATALOG_H

#include "conn.h"
#include "parse.h"

enum { DBC__FINGERPRINT_SIZE = 65 }; // 64 hexadecimal digits and a NUL

typedef struct dbc__object {
    dbc_object own;     // first: what others see
    const char *normal; // the normal form of its text, names as written
    dbc__shape shape;   // of a table
    dbc__index index;   // of an index
    size_t order;       // among all, in the order of creation
    // Triggers of a table or view and indexes of a table, in that order.
    struct dbc__object *first_index, *first_trigger;
    struct dbc__object *next; // among those
} dbc__object;

struct dbc_catalog {
    const dbc_alloc *alloc; // borrowed
    dbc__arena arena;
    dbc__object *objects; // tables first, then the others
    size_t count;
    size_t table_count;
    uint32_t *slots; // objects by name, from 1; 0: free
    size_t slot_count;
    // Names that are taken but are no objects: shadows, internal tables.
    const char **hidden;
    size_t hidden_count;
    int has_statistics[5]; // [1]: sqlite_stat1, [4]: sqlite_stat4
    int64_t version;       // PRAGMA schema_version when it was read
    // Hints that stand in the schema it was made of.
    dbc_hint *hints;
    size_t hint_count;
    const dbc_table **descriptions; // by object; each NULL or one reference
    char fingerprint[DBC__FINGERPRINT_SIZE];
};

// Reads `conn` and adds the objects whose texts are in `ghosts`, which the
// database could not be told (NULL ends them).
int dbc__catalog_read(dbc_catalog **out, dbc_conn *conn,
                      const char *const *ghosts);

// The object of that kind and name, or NULL; a virtual table counts as a
// table for DBC_OBJECT_TABLE.
dbc__object *dbc__catalog_find(const dbc_catalog *catalog, dbc_object_kind kind,
                               const char *name);

// A table, index or view of that name: these share their names. Or NULL.
dbc__object *dbc__catalog_named(const dbc_catalog *catalog, const char *name);

// Whether anything there has that name.
int dbc__catalog_takes(const dbc_catalog *catalog, const char *name);

// Whether two names are the same for a database.
int dbc__same_name(const char *a, const char *b);

#endif
