// A schema as the library holds it: tables, what their foreign keys point to,
// and relations. Nothing in it changes after dbc_schema_new().
#ifndef DBC_LANG_SCHEMA_H
#define DBC_LANG_SCHEMA_H

#include <stddef.h>

#include "arena.h"
#include "counted.h"
#include "dbcore.h"
#include "lookup.h"
#include "table.h"

// A foreign key with both ends known: columns[i] = to[i], key->count pairs.
typedef struct dbc__link {
    const dbc_table *table;
    const dbc__foreign_key *key;
    const dbc_table *target;
    const dbc_column *const *to;
} dbc__link;

struct dbc_schema {
    dbc__counted counted;
    dbc__arena arena;         // everything below lives in it
    const dbc_table **tables; // each with a reference of ours
    size_t table_count;
    dbc__lookup names;     // of the tables
    dbc__lookup sql_names; // of tables, indexes and what they bring along
    dbc__lookup triggers;
    dbc__link *links; // in the order of tables and their keys
    size_t link_count;
    dbc_definition *definitions; // in the order given
    size_t definition_count;
    dbc_relation *relations;
    size_t relation_count;
    dbc__lookup relation_names; // each within its source table
};

// The table `name`, for a `user` such as `the foreign key to "users"`.
// DBC_OK, or DBC_ESCHEMA with the nearest name.
int dbc__schema_need(const dbc_table **out, const dbc_schema *schema,
                     const char *name, const char *user, dbc_error *err);

#endif
