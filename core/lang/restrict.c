// Sources and targets under policies. A source becomes a subquery with its rule
// inside, which the database takes apart again.
#include "restrict.h"

#include <assert.h>
#include <string.h>

#include "ruling.h"
#include "table.h"

// The table whose rules a full-text index is read under; NULL when there are
// none.
static const dbc_table *ruled_content(const dbc__compiler *c,
                                      const dbc_table *table)
{
    dbc__level level = {0};

    while (dbc__level_next(&level, c->policies)) {
        const dbc_table *content = dbc__ruling_content(&level, table);
        if (content && dbc__ruling_any(c, content, DBC_POLICY_SELECT))
            return content;
    }
    return NULL;
}

// Of a full-text index that is known as `name`: the rows whose table shows
// them.
static void render_content(dbc__compiler *c, const char *name, size_t len,
                           const dbc_table *content)
{
    const dbc_column *key = content->rowid_alias;

    dbc__render_name(c, name, len);
    dbc__put(c, ".\"rowid\" IN (SELECT ");
    dbc__render_name(c, key->def.name, key->name_len);
    dbc__put(c, " FROM ");
    dbc__render_name(c, content->sql_name, content->sql_name_len);
    dbc__ruling_render(c, content, DBC_POLICY_SELECT, " WHERE ");
    dbc__put(c, ")");
}

static void render_columns(dbc__compiler *c, const dbc_table *table)
{
    for (size_t i = 0; i < dbc_table_column_count(table); i++) {
        const dbc_column *column = dbc_table_column(table, i);
        dbc__put(c, i ? ", " : "");
        dbc__render_name(c, column->def.name, column->name_len);
    }
}

// What a full-text index has by itself.
static void render_builtin(dbc__compiler *c, const dbc_table *fts)
{
    const char *const names[] = {"rowid", "rank", fts->sql_name};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t len = strlen(names[i]);
        if (dbc_table_find(fts, names[i], len, NULL)) continue;
        dbc__put(c, ", ");
        dbc__render_name(c, names[i], len);
    }
}

void dbc__restrict_source(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = &c->query->nodes[place];
    const dbc_table *table = node->u.ptr;
    const dbc_table *content = c->policies ? ruled_content(c, table) : NULL;
    const char *lead = " WHERE ";

    if (!content && !dbc__ruling_any(c, table, DBC_POLICY_SELECT)) {
        dbc__render_name(c, table->sql_name, table->sql_name_len);
        return;
    }
    dbc__put(c, "(SELECT ");
    render_columns(c, table);
    if (content) render_builtin(c, table);
    dbc__put(c, " FROM ");
    dbc__render_name(c, table->sql_name, table->sql_name_len);
    if (dbc__ruling_render(c, table, DBC_POLICY_SELECT, lead)) lead = " AND ";
    if (content) {
        dbc__put(c, lead);
        render_content(c, table->sql_name, table->sql_name_len, content);
    }
    dbc__put(c, ")");
    if (node->len) return;
    dbc__put(c, " AS ");
    dbc__render_name(c, table->sql_name, table->sql_name_len);
}

int dbc__restrict_joins(const dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = &c->query->nodes[place];

    return c->policies && node->op == DBC__TABLE &&
           ruled_content(c, node->u.ptr) &&
           !dbc__ruling_any(c, node->u.ptr, DBC_POLICY_SELECT);
}

void dbc__restrict_join(dbc__compiler *c, uint32_t place)
{
    const dbc__node *node = &c->query->nodes[place];
    const dbc_table *table = node->u.ptr;
    const dbc_table *content = ruled_content(c, table);

    assert(content);
    if (node->len)
        render_content(c, c->query->names + node->a, node->len, content);
    else
        render_content(c, table->sql_name, table->sql_name_len, content);
    dbc__put(c, " AND ");
}

void dbc__restrict_text(dbc__compiler *c,
                        void (*render)(dbc__compiler *c, uint32_t place),
                        uint32_t place)
{
    int fenced = c->policies && !dbc__ruling_lets_raw(c);

    if (fenced) dbc__put(c, "(");
    render(c, place);
    if (fenced) dbc__put(c, ")");
}

// writes

int dbc__restrict_target(dbc__compiler *c, unsigned operation, const char *lead)
{
    if (!c->policies) return 0;
    int any = dbc__ruling_render(c, c->target, DBC_POLICY_SELECT, lead);
    if (any) lead = " AND ";
    return dbc__ruling_render(c, c->target, operation, lead) || any;
}
