// One count for each child: whatever was wrong before is not the plan's fault.
#include "children.h"

#include "error.h"
#include "number.h"

// Rows of a table without a parent; -1 when the engine cannot tell.
static int count_orphans(int64_t *out, dbc_conn *conn, const char *table)
{
    dbc_buf sql;
    int rc;

    *out = -1;
    dbc__buf_init(&sql, conn->alloc);
    dbc_buf_add_string(&sql, "SELECT count(*) FROM pragma_foreign_key_check(");
    dbc_buf_add_string(&sql, "'");
    for (const char *c = table; *c; c++)
        dbc_buf_add(&sql, *c == '\'' ? "''" : c, *c == '\'' ? 2 : 1);
    dbc_buf_add_string(&sql, "')");
    rc = sql.status < 0 ? dbc__error_nomem(&conn->error)
                        : dbc__number_ask(out, conn, sql.data);
    if (rc == DBC_ESCHEMA || rc == DBC_EDATABASE) {
        *out = -1;
        rc = DBC_OK;
    }
    dbc__buf_dispose(&sql);
    return rc;
}

int dbc__children_count(dbc_plan *plan, dbc_conn *conn)
{
    dbc__child *items = plan->children.items;
    int rc = DBC_OK;

    for (size_t i = 0; i < plan->children.count && rc >= 0; i++) {
        items[i].violations = 0;
        if (items[i].before)
            rc = count_orphans(&items[i].violations, conn, items[i].before);
    }
    return rc;
}

int dbc__children_check(const dbc_plan *plan, dbc_conn *conn)
{
    const dbc__child *items = plan->children.items;

    for (size_t i = 0; i < plan->children.count; i++) {
        int64_t now;
        int rc = count_orphans(&now, conn, items[i].after);
        if (rc < 0) return rc;
        if (now <= items[i].violations && (now >= 0 || items[i].violations < 0))
            continue;
        if (items[i].violations < 0) continue;
        if (now < 0)
            return dbc__conn_fail(conn, DBC_EREFUSED,
                                  "a foreign key of \"%.100s\" would not fit "
                                  "its parent any more",
                                  items[i].after);
        return dbc__conn_fail(conn, DBC_EREFUSED,
                              "%lld rows of \"%.100s\" would have no parent "
                              "(F4): add the parents or empty the columns "
                              "first",
                              (long long)(now - items[i].violations),
                              items[i].after);
    }
    return DBC_OK;
}
