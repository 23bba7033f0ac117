// Settings of a connection that must be off while tables are changed, and as
// they were afterwards.
#ifndef DBC_MIGRATE_SETTING_H
#define DBC_MIGRATE_SETTING_H

#include "conn.h"

enum {
    DBC__SETTING_FOREIGN_KEYS,
    DBC__SETTING_LEGACY,
    DBC__SETTING_CHECKS,
    DBC__SETTING_COUNT
};

typedef struct dbc__settings {
    int64_t before[DBC__SETTING_COUNT];
    int changed[DBC__SETTING_COUNT];
    int known; // how many were read
} dbc__settings;

// Reads all of them and switches them off; foreign keys only outside of a
// transaction (`is_inside`), for inside one that is ignored. After a failure,
// too, they are to be restored.
int dbc__settings_change(dbc__settings *settings, dbc_conn *conn,
                         int is_inside);

// Puts back what was changed. A connection that cannot be put back is broken:
// it must not be used without the foreign keys it was opened with.
int dbc__settings_restore(dbc__settings *settings, dbc_conn *conn);

#endif
