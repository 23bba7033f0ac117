// The migrations a program knows: checked, copied, in order.
#ifndef DBC_MIGRATE_MIGRATOR_H
#define DBC_MIGRATE_MIGRATOR_H

#include "digest.h"
#include "script.h"

typedef struct dbc__known {
    const char *version, *name;
    const char *id;       // "0003_add_role"
    const char *checksum; // 64 digits
    const char *source;   // what the ledger keeps, or NULL
    const char *sql;      // or NULL: functions
    dbc__script script;   // of `sql`
    dbc_migration_call up, down;
    void *ud;
    int reversible;
    int loses_up, loses_down; // or copies: worth a backup
    dbc_names replaces, merges;
} dbc__known;

struct dbc_migrator {
    const dbc_alloc *alloc;
    dbc__arena arena;
    dbc__known *items; // by version, then name
    size_t count;
};

// Below, at or above zero, as strcmp(): versions as numbers, then names.
int dbc__version_compare(const char *a, const char *b);
int dbc__migration_compare(const char *a_version, const char *a_name,
                           const char *b_version, const char *b_name);

// Whether the identity VERSION_NAME is in the list.
int dbc__names_have(const dbc_names *names, const char *version,
                    const char *name);

#endif
