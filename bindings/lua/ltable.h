// Table descriptors and named sources (subquery, CTE) as Lua values.
// A descriptor has columns and nothing else: `users.email` is an expression
// box, found by one raw look-up in the __index table of the descriptor's own
// metatable, where it is made when first asked for; an unknown name raises
// with the nearest one.
#ifndef DBC_LTABLE_H
#define DBC_LTABLE_H

#include "lbox.h"

enum {
    LTABLE_UV_HOST = 1, // position + 1 → { default_fn, on_update, … } or nil
    LTABLE_UV_BASE,     // of an alias: the descriptor it stands for
    LTABLE_UV_KEYS,     // lkeys.h: for rows that are written, or nil
    LTABLE_UV_UNION,    // lanchor.h: the last set of tables it was put into
    LTABLE_UV_RULES,    // list of { name =, columns =, fn = }, or nil
    LTABLE_VALUES = LTABLE_UV_RULES
};

typedef struct ltable {
    lbox head;
    const dbc_table *table; // one reference; NULL until it is made
    char alias[256];        // "" when it is not an alias
    int has_host;           // some column has something in LTABLE_UV_HOST
    struct lrules *rules;   // lrules.h; NULL when it has none, and of an alias
} ltable;

enum {
    LSOURCE_UV_FROM = 1, // the query (LBOX_QUERY), or the name of a CTE
    LSOURCE_VALUES = LSOURCE_UV_FROM
};

// Rows known under a name: of a subquery, or of a CTE. Its columns are found
// like those of a descriptor; a subquery's are checked against what it
// selects, which is compiled once, when the first is asked for.
typedef struct lsource {
    lbox head;
    char name[256];  // the alias in the query that reads it
    int is_query;    // LSOURCE_UV_FROM is a query
    int is_compiled; // `outputs` counts
    dbc_sql outputs; // owned
} lsource;

void ltable_open(lua_State *L, int core, int module);

// The column that the string at `index` means in `table`: by its name, or by
// its key in rows. Raises with the nearest one.
const dbc_column *ltable_column(lua_State *L, const ltable *table, int index);

// The same, or NULL when there is none.
const dbc_column *ltable_find(const ltable *table, const char *name);

// Pushes what anchors the descriptor or source at `index`: of an alias the
// descriptor it stands for, of a subquery what anchors that.
void ltable_push_anchor(lua_State *L, int index);

// Pushes a new source known as `name` (at most 255 bytes): of the query at
// stack index `from`, or of the CTE whose name is there.
void ltable_push_source(lua_State *L, const char *name, int from);

// The name at `index`, of 1 to 255 bytes without NUL; raises: "as takes a
// name, got nil". `step` opens the message.
const char *ltable_check_name(lua_State *L, int index, const char *step);

#endif
