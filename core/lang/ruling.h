// Which rules hold for a table where a query is compiled, and writing them.
#ifndef DBC_LANG_RULING_H
#define DBC_LANG_RULING_H

#include <string.h>

#include "name.h"
#include "render.h"

static inline int dbc__ruling_same_name(const char *a, const char *b)
{
    return dbc__name_equal(a, strlen(a), b, strlen(b));
}

// The next rule from `rule` on that is for one of `operations` on `table`; NULL
// when there is none. Tables are told apart by their names in the database.
const dbc__rule *dbc__ruling_next(const dbc__rule *rule, const dbc_table *table,
                                  unsigned operations);
const dbc__rule *dbc__ruling_first(const dbc__level *level,
                                   const dbc_table *table, unsigned operations);

// The description that the host knows of a table, whatever the query brings
// along as one; NULL when the policy has none.
const dbc_table *dbc__ruling_known(const dbc__level *level,
                                   const dbc_table *table);

// The table whose rows a full-text index shows, as the level knows it; NULL for
// any other table, and when neither schema nor rule describe that one.
const dbc_table *dbc__ruling_content(const dbc__level *level,
                                     const dbc_table *table);

// Whether the level only hides rows.
static inline int dbc__ruling_is_filter(const dbc__level *level)
{
    return (level->policy->flags & DBC_POLICY_FILTER) != 0;
}

// Whether the rule says anything but "every row".
static inline int dbc__ruling_says(const dbc__rule *rule)
{
    return rule && rule->condition;
}

// Whether every policy that holds lets SQL text through.
int dbc__ruling_lets_raw(const dbc__compiler *c);

// The word of one operation. Static.
const char *dbc__ruling_word(unsigned operation);

// Whether any rule narrows `operation` on `table`.
int dbc__ruling_any(const dbc__compiler *c, const dbc_table *table,
                    unsigned operation);

// Writes the condition of one rule.
void dbc__ruling_render_one(dbc__compiler *c, const dbc__level *level,
                            const dbc__rule *rule);

// Writes every condition for `operation` on `table`, `lead` in front, AND
// between. Returns whether there was one.
int dbc__ruling_render(dbc__compiler *c, const dbc_table *table,
                       unsigned operation, const char *lead);

#endif
