// What names mean at a place in a query: the sources of rows that can be seen
// there, the CTEs that were declared, and the outputs of a subquery.
#ifndef DBC_LANG_SCOPE_H
#define DBC_LANG_SCOPE_H

#include "buf.h"
#include "clauses.h"
#include "policy.h"

// One table, subquery or CTE in FROM or JOIN.
typedef struct dbc__source {
    const char *name; // as SQL calls it; not ended by a NUL
    size_t name_len;
    const char *key; // as rows call it
    size_t key_len;
    const dbc_table *table; // or NULL
    int aliased;
    int hidden;   // it serves the others: its columns are no outputs
    int optional; // an outer join may leave it without a row
    const dbc_output *outputs;
    size_t output_count;
    int pending; // a CTE inside its own definition: outputs not yet known
} dbc__source;

typedef struct dbc__scope {
    const struct dbc__scope *outer; // of the query around a subquery
    dbc__source *sources;
    size_t count;
} dbc__scope;

typedef struct dbc__cte {
    const struct dbc__cte *before;
    const char *name;
    size_t name_len;
    const dbc_output *outputs;
    size_t output_count;
    int pending;
} dbc__cte;

typedef struct dbc__outputs {
    dbc_output *items;
    size_t count;
    size_t also; // of these, the last ones: they stand beside the others
    int grouped; // by source, because nothing was selected from several
} dbc__outputs;

// All that one compilation carries.
typedef struct dbc__compiler {
    const dbc_query *query;
    const dbc_dialect *dialect;
    const dbc_alloc *alloc;
    dbc_error *err;
    int status;
    dbc__arena *memory; // of the result
    dbc__arena scratch; // of the work
    dbc_buf text;
    dbc_parameter *parameters; // in scratch
    size_t parameter_count, parameter_cap;
    const dbc__scope *scope;
    const dbc__cte *ctes;
    int depth;
    int bare_columns;              // RETURNING: without the table's name
    const dbc_table *target;       // of an insert, update or delete, or NULL
    const dbc__policies *policies; // that hold here; NULL inside of a rule
    const dbc__level *level;       // of the rule that is written, or NULL
    unsigned checks; // DBC_POLICY_…: what rows that are returned must satisfy
    const dbc__clauses *written; // of the write whose rows are checked
} dbc__compiler;

// Keeps the first failure. Returns the status.
int dbc__compiler_fail(dbc__compiler *c, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int dbc__compiler_nomem(dbc__compiler *c);

// The sources of a query with these clauses, seen from `outer`.
int dbc__scope_build(dbc__scope *out, dbc__compiler *c,
                     const dbc__clauses *clauses, const dbc__scope *outer);

// How many of its sources show their columns.
size_t dbc__scope_shown(const dbc__scope *scope);

// A scope of one table.
int dbc__scope_single(dbc__scope *out, dbc__compiler *c,
                      const dbc_table *table);

// The names of a node. A query without any name has no memory for them.
static inline const char *dbc__scope_name(const dbc__compiler *c,
                                          const dbc__node *node)
{
    return c->query->names ? c->query->names + node->a : "";
}

static inline const char *dbc__scope_name2(const dbc__compiler *c,
                                           const dbc__node *node)
{
    return c->query->names ? c->query->names + node->u.at.b : "";
}

// Declares the CTEs of these clauses, in order. The caller puts c->ctes back.
int dbc__scope_declare(dbc__compiler *c, const dbc__clauses *clauses);

// The output of that name, or NULL.
const dbc_output *dbc__scope_find_output(const dbc_output *outputs,
                                         size_t count, const char *name,
                                         size_t len);

// The source a DBC__COLUMN or DBC__NAME node at `place` means. On failure the
// compiler fails with what could be meant.
const dbc__source *dbc__scope_column(dbc__compiler *c, uint32_t place);

// The output that a DBC__NAME node means; NULL when not known (or failed).
const dbc_output *dbc__scope_named_output(dbc__compiler *c, uint32_t place);

#endif
