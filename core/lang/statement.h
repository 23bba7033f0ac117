// The statements that a compilation is made of, one function a kind. All write
// into the compiler's text; failures stick to the compiler.
#ifndef DBC_LANG_STATEMENT_H
#define DBC_LANG_STATEMENT_H

#include "render.h"

static inline const dbc__node *dbc__node_at(const dbc__compiler *c,
                                            uint32_t place)
{
    return &c->query->nodes[place];
}

// What the node at `place` refers to by `b`.
static inline uint32_t dbc__child(const dbc__compiler *c, uint32_t place)
{
    return dbc__at(place, c->query->nodes[place].u.at.b);
}

// A SELECT, or the answer that was asked about it.
void dbc__statement_select(dbc__compiler *c, const dbc__clauses *clauses,
                           dbc__outputs *outputs);

// A SELECT as a part of something else, and its LIMIT and OFFSET.
void dbc__select_render(dbc__compiler *c, const dbc__clauses *clauses,
                        dbc__subquery_use use, dbc__outputs *outputs);
void dbc__select_limit(dbc__compiler *c, const dbc__clauses *clauses);

// An INSERT, UPDATE or DELETE on the compiler's target.
void dbc__statement_write(dbc__compiler *c, const dbc__clauses *clauses,
                          dbc_query_kind kind, dbc__outputs *outputs);

// Parts that both kinds have.
void dbc__statement_with(dbc__compiler *c, const dbc__clauses *clauses);

// The expressions of all clauses `op`: `lead` in front, commas between.
void dbc__statement_list(dbc__compiler *c, const dbc__clauses *clauses,
                         dbc__node_op op, const char *lead);

// The conditions of all clauses `op`: `lead` in front, AND between.
void dbc__statement_conditions(dbc__compiler *c, const dbc__clauses *clauses,
                               dbc__node_op op, const char *lead);

// The outputs named by the clauses `op`, each with AS where it needs one.
void dbc__statement_selected(dbc__compiler *c, const dbc__clauses *clauses,
                             dbc__node_op op, const dbc__outputs *outputs);

typedef enum dbc__naming { DBC__AS_IT_IS, DBC__AS_ROWS_KNOW_IT } dbc__naming;

// Every column of every source.
void dbc__statement_all(dbc__compiler *c, const dbc__scope *scope,
                        dbc__naming naming);

#endif
