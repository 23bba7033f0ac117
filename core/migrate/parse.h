// A CREATE TABLE or CREATE INDEX that the database has taken, cut into its
// columns, constraints and options. It finds out what a plan has to know and
// keeps the rest as text: what is right or wrong says the database.
#ifndef DBC_MIGRATE_PARSE_H
#define DBC_MIGRATE_PARSE_H

#include "token.h"

typedef enum dbc__affinity {
    DBC__AFFINITY_BLOB, // none: values stay as they are
    DBC__AFFINITY_TEXT,
    DBC__AFFINITY_NUMERIC,
    DBC__AFFINITY_INTEGER,
    DBC__AFFINITY_REAL
} dbc__affinity;

typedef enum dbc__clause_kind {
    DBC__CLAUSE_OTHER, // a name without a constraint, or NULL
    DBC__CLAUSE_PRIMARY_KEY,
    DBC__CLAUSE_NOT_NULL,
    DBC__CLAUSE_UNIQUE,
    DBC__CLAUSE_CHECK,
    DBC__CLAUSE_DEFAULT,
    DBC__CLAUSE_COLLATE,
    DBC__CLAUSE_FOREIGN_KEY,
    DBC__CLAUSE_GENERATED
} dbc__clause_kind;

// One column or expression of a key or an index.
typedef struct dbc__term {
    const char *column;  // NULL for an expression
    dbc__span text;      // what is indexed, without COLLATE and order
    const char *collate; // or NULL
    int descending;
} dbc__term;

// One constraint, of a column or of the table.
typedef struct dbc__clause {
    dbc__clause_kind kind;
    const char *name;    // or NULL
    dbc__span text;      // all of it, from CONSTRAINT on
    const char *normal;  // its normal form
    dbc__span body;      // CHECK, GENERATED: the expression; DEFAULT: its text
    const char *collate; // COLLATE
    int conflict;        // a dbc_conflict
    int stored;          // GENERATED
    int autoincrement;   // PRIMARY KEY
    int descending;      // PRIMARY KEY of a column
    const char *parent;  // FOREIGN KEY: the table
    dbc__term *terms;    // PRIMARY KEY, UNIQUE, FOREIGN KEY of a table
    size_t term_count;   // 0 for one of a column
    const char **to;     // FOREIGN KEY: the parent's columns
    size_t to_count;     // 0: its primary key
    struct dbc__clause *next;
} dbc__clause;

typedef struct dbc__column {
    const char *name;
    dbc__span text; // its whole definition
    dbc__span type; // empty when there is none
    dbc__affinity affinity;
    const char *normal; // the name as it is written, a line end, the rest
    dbc__clause *clauses;
    // Found among the clauses, or NULL.
    const dbc__clause *not_null, *fallback, *generated;
    const char *collate; // or NULL
} dbc__column;

typedef struct dbc__shape {
    dbc__span name;     // in its text, quotes included
    const char *module; // of a virtual table, or NULL
    dbc__column *columns;
    size_t column_count;
    dbc__clause *clauses; // of the table
    int strict, without_rowid, autoincrement;
    int is_key;         // index of the INTEGER PRIMARY KEY column, or -1
    size_t columns_end; // where in the text the last column ends
    size_t body_end;    // where the bracket that closes the body stands
    const char *normal;
} dbc__shape;

typedef struct dbc__index {
    dbc__span name; // in its text, quotes included
    const char *table;
    int unique;
    dbc__term *terms;
    size_t term_count;
    dbc__span where; // empty when there is none
    const char *normal;
} dbc__index;

// Both return DBC_OK, DBC_ENOMEM, or DBC_EINVALID when it is no such text.
int dbc__parse_table(dbc__shape *out, dbc__arena *arena, const char *sql);
int dbc__parse_index(dbc__index *out, dbc__arena *arena, const char *sql);

// The place of the name in any CREATE text, schema left out.
dbc__span dbc__parse_name(const char *sql);

// The column of that name, or NULL.
dbc__column *dbc__shape_find(const dbc__shape *shape, const char *name);

// Whether it has a foreign key to `parent` (NULL: to any table).
int dbc__shape_refers(const dbc__shape *shape, const char *parent);

// The columns of a table that are its primary key, in order; their number.
// `out` (may be NULL) has room for all columns.
size_t dbc__shape_key(const dbc__shape *shape, const char **out);

#endif
