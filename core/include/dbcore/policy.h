/**
 * Policies: rules about rows, by table and operation. A policy holds for a
 * connection or for a query, and can be made narrower, never wider.
 */
#ifndef DBCORE_POLICY_H
#define DBCORE_POLICY_H

#include "alloc.h"
#include "error.h"
#include "export.h"
#include "query.h"
#include "schema.h"
#include "table.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Row rules: which rows of which tables may be read, made, changed and
 * removed. A policy is a value: built by one owner, then shared, counted, and
 * never changed again. It holds for everything that runs on a connection
 * (dbc_conn_restrict), or for one query and all it becomes a part of
 * (dbc_query_restrict); where both are set, both hold.
 *
 * What it does to a query, whatever that is made of:
 *
 * - each table that is read, in a join, subquery, CTE, set operation or
 *   answer, has only the rows that its rule for select lets through, and an
 *   outer join finds no others;
 * - update and delete see only rows that the rules for select and for that
 *   operation let through;
 * - a row that an insert or update leaves behind must satisfy the rule of that
 *   operation, one that an upsert leaves both, and one that is returned that
 *   for select: else the statement fails with DBC_EDENIED and is undone. So
 *   does an upsert that meets a row it may not update;
 * - a full-text index shows the rows that its table shows;
 * - what cannot be held is DBC_EDENIED before it runs: a view without a rule
 *   of its own, writing into a full-text index, an operation that no rule of
 *   its table mentions, a table that nobody opened, a key that replaces rows,
 *   a CTE with the name of a table, SQL text that holds a query.
 *
 * The values in conditions are bound: one plan serves all contexts. The
 * subqueries inside a condition see every row. Triggers and the actions of
 * foreign keys are the schema's and are not held. What is not hidden: that a
 * unique key is taken or a foreign key's row is there, and how long a
 * statement takes.
 */
typedef struct dbc_policy dbc_policy;

/** Operations that a rule is for. */
enum {
    DBC_POLICY_SELECT = 1 << 0,
    DBC_POLICY_INSERT = 1 << 1,
    DBC_POLICY_UPDATE = 1 << 2,
    DBC_POLICY_DELETE = 1 << 3,
    DBC_POLICY_ALL = 15
};

/** Flags of a policy. */
enum {
    DBC_POLICY_RAW = 1 << 0, /* SQL text is let through, and is not filtered */
    /**
     * It only hides rows, as a soft delete does: its rules for select count,
     * everything it does not mention is open, and a row that leaves what they
     * let through by a write is no error.
     */
    DBC_POLICY_FILTER = 1 << 1
};

/**
 * A policy without rules, with one reference: it forbids every table. `base`
 * (may be NULL) gets a reference and holds as well: so a policy can be made
 * narrower and never wider.
 *
 * Returns DBC_OK or DBC_ENOMEM.
 */
DBC_API int dbc_policy_new(dbc_policy **out, const dbc_policy *base,
                           unsigned flags, const dbc_alloc *alloc,
                           dbc_error *err);

/** One more reference. Safe from any thread. Returns `policy`. */
DBC_API const dbc_policy *dbc_policy_retain(const dbc_policy *policy);

/** One reference less; the last one frees. Safe from any thread. */
DBC_API void dbc_policy_release(const dbc_policy *policy);

/**
 * For `operations` (DBC_POLICY_SELECT | …) on `table`, rows must satisfy
 * `condition`: a query that holds one expression over the columns of `table`,
 * copied. NULL: every row does. Several rules for one operation must all be
 * satisfied. Tables are told apart by their names in the database. `name` (may
 * be NULL) is for messages.
 *
 * Returns DBC_OK; DBC_ENOMEM; DBC_EINVALID when `condition` is no expression
 * or has a parameter, and for an operation that is none.
 */
DBC_API int dbc_policy_rule(dbc_policy *policy, const dbc_table *table,
                            unsigned operations, const char *name,
                            const dbc_query *condition, dbc_error *err);

/**
 * The same for a condition that speaks of relations (dbc_expr_has() and the
 * like): they start at `table` and are looked up in `schema`, which need not
 * outlive the call. What such a condition, or a query in it, reads of other
 * tables it reads whole, without their rules.
 *
 * Returns as well DBC_ESCHEMA when a relation is not there, and DBC_ENOTFOUND
 * when `schema` is NULL and needed.
 */
DBC_API int dbc_policy_rule_in(dbc_policy *policy, const dbc_schema *schema,
                               const dbc_table *table, unsigned operations,
                               const char *name, const dbc_query *condition,
                               dbc_error *err);

/**
 * Whoever does `operations` on `table` gets this error, message copied. A
 * `code` that is not below zero means DBC_EDENIED.
 *
 * Returns DBC_OK; DBC_ENOMEM; DBC_EINVALID for an operation that is none.
 */
DBC_API int dbc_policy_refuse(dbc_policy *policy, const dbc_table *table,
                              unsigned operations, int code,
                              const char *message, dbc_error *err);

/** Tables of `schema` (gets a reference) that no rule mentions are open. */
DBC_API void dbc_policy_open(dbc_policy *policy, const dbc_schema *schema);

/** Whether SQL text may be run under it. */
DBC_API int dbc_policy_lets_raw(const dbc_policy *policy);

/**
 * From now on `query` is run and compiled under `policy` (borrowed: it must
 * outlive the query and what is built from it), on any connection. It passes
 * to every query that this one is appended to or copied into; parts of
 * different policies do not mix (DBC_EDENIED).
 */
DBC_API void dbc_query_restrict(dbc_query *query, const dbc_policy *policy);

/** What the query is under by itself, or NULL. Borrowed. */
DBC_API const dbc_policy *dbc_query_policy(const dbc_query *query);

#ifdef __cplusplus
}
#endif

#endif
