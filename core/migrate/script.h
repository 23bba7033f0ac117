// The text of a migration: what is behind `-- up` and behind `-- down`, cut
// into statements, with the lines they stand on. What a migration must leave
// alone is refused before anything is run.
#ifndef DBC_MIGRATE_SCRIPT_H
#define DBC_MIGRATE_SCRIPT_H

#include "arena.h"

// One statement, without its semicolon. It points into the script's text.
typedef struct dbc__statement {
    const char *text;
    size_t len;
    int line; // from 1
} dbc__statement;

typedef struct dbc__section {
    dbc__statement *items;
    size_t count;
    int loses; // what it removes or changes is gone
} dbc__section;

typedef struct dbc__script {
    dbc__section up, down;
    int has_down;
    int irreversible;           // a line `-- irreversible`
    dbc_names replaces, merges; // lines `-- replaces: 0001_a 0002_b`
} dbc__script;

// Reads a text that ends with a NUL and stays where it is. All else is taken
// from `arena`. Returns DBC_OK; DBC_ENOMEM; DBC_EINVALID with the line.
int dbc__script_read(dbc__script *out, dbc__arena *arena, const char *text,
                     dbc_error *err);

#endif
