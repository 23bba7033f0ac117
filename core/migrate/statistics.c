// Steps for sqlite_stat1 and sqlite_stat4, where the file has them.
#include "statistics.h"

static const char *const tables[] = {
    [1] = "sqlite_stat1", [4] = "sqlite_stat4"};

// Indexes of constraints are named after their table.
static void add_move(dbc__planner *p, const char *table, const char *from,
                     const char *to)
{
    dbc__plan_add(p, p->sql.len ? ";\nUPDATE " : "UPDATE ");
    dbc__plan_add(p, table);
    dbc__plan_add(p, " SET tbl = ");
    dbc__plan_literal(p, to);
    dbc__plan_add(p, ", idx = replace(idx, 'sqlite_autoindex_' || ");
    dbc__plan_literal(p, from);
    dbc__plan_add(p, " || '_', 'sqlite_autoindex_' || ");
    dbc__plan_literal(p, to);
    dbc__plan_add(p, " || '_') WHERE tbl = ");
    dbc__plan_literal(p, from);
}

int dbc__statistics_move(dbc__planner *p, const char *from, const char *to)
{
    for (int i = 1; i <= 4; i += 3)
        if (p->from->has_statistics[i]) add_move(p, tables[i], from, to);
    if (p->sql.len == 0) return DBC_OK;
    return dbc__plan_statistics_step(p, to, "keep what ANALYZE found");
}

int dbc__statistics_tidy(dbc__planner *p)
{
    int rebuilt = 0;

    for (size_t i = 0; i < p->match_count; i++)
        rebuilt |= p->matches[i].rebuilt;
    if (!rebuilt) return DBC_OK;
    for (int i = 1; i <= 4; i += 3) {
        if (!p->from->has_statistics[i]) continue;
        dbc__plan_add(p, p->sql.len ? ";\nDELETE FROM " : "DELETE FROM ");
        dbc__plan_add(p, tables[i]);
        dbc__plan_add(p, " WHERE idx NOT NULL AND idx NOT IN (SELECT name "
                         "FROM sqlite_master WHERE type = 'index')");
    }
    if (p->sql.len == 0) return DBC_OK;
    return dbc__plan_statistics_step(p, "",
                                     "forget statistics of what is gone");
}
