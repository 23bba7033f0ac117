// Short ways to write the description of a table.
#ifndef DBC_SPEC_DEFINE_H
#define DBC_SPEC_DEFINE_H

#include "spec.h"

// A dbc_names of these texts.
#define NAMES(...)                                                      \
    {                                                                   \
        (const char *const[]){__VA_ARGS__},                             \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *) \
    }

// The columns of a table.
#define COLUMNS(...)                                  \
    .columns = (const dbc_column_def[]){__VA_ARGS__}, \
    .column_count = COUNT(((const dbc_column_def[]){__VA_ARGS__}))

// The column "id", the primary key.
#define ID                                                                   \
    {                                                                        \
        .name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY \
    }

#endif
