// Foreign keys are off while a plan is carried out: rows without a parent are
// counted before and behind. Those that were there before are nobody's fault.
#include "children.h"

#include <stdio.h>

#include "error.h"

// The question about the rows of a table without a parent.
static int write_question(dbc_buf *sql, dbc_conn *conn, const char *what,
                          const char *table)
{
    dbc_buf_add_string(sql, "SELECT ");
    dbc_buf_add_string(sql, what);
    dbc_buf_add_string(sql, " FROM pragma_foreign_key_check('");
    for (const char *c = table; *c; c++)
        dbc_buf_add(sql, *c == '\'' ? "''" : c, *c == '\'' ? 2 : 1);
    dbc_buf_add_string(sql, "')");
    return sql->status < 0 ? dbc__error_nomem(&conn->error) : DBC_OK;
}

// DBC_ROW and a statement on its first row, to be released, or an error.
static int ask(dbc_stmt **out, dbc_conn *conn, const char *what,
               const char *table)
{
    dbc_buf sql;

    *out = NULL;
    dbc__buf_init(&sql, conn->alloc);
    int rc = write_question(&sql, conn, what, table);
    if (rc >= 0) rc = dbc_stmt_acquire(out, conn, sql.data, sql.len);
    if (rc >= 0) rc = dbc_stmt_step(*out);
    dbc__buf_dispose(&sql);
    return rc;
}

// Rows without a parent; -1 when the engine cannot tell.
static int count(int64_t *out, dbc_conn *conn, const char *table)
{
    dbc_stmt *stmt;
    int rc = ask(&stmt, conn, "count(*)", table);

    *out = rc == DBC_ROW ? dbc_stmt_int(stmt, 0) : -1;
    dbc_stmt_release(stmt);
    if (rc == DBC_ESCHEMA || rc == DBC_EDATABASE) return DBC_OK;
    return rc < 0 ? rc : DBC_OK;
}

int dbc__children_count(dbc_plan *plan, dbc_conn *conn)
{
    dbc__child *items = plan->children.items;
    int rc = DBC_OK;

    for (size_t i = 0; i < plan->children.count && rc >= 0; i++) {
        items[i].violations = 0;
        if (items[i].before)
            rc = count(&items[i].violations, conn, items[i].before);
    }
    return rc;
}

// Says how many more there are than before and, when there were none, names
// the parent and a row.
static int refuse(dbc_conn *conn, const dbc__child *child, int64_t now)
{
    int64_t more = now - child->violations;
    char parent[120] = "", example[40] = "";
    dbc_stmt *stmt;

    int rc = ask(&stmt, conn, "parent, rowid", child->after);
    if (rc == DBC_ROW && child->violations == 0) {
        const dbc_value *row = dbc_stmt_row(stmt);
        if (row[0].type == DBC_TEXT)
            snprintf(parent, sizeof parent, " in \"%.100s\"", row[0].as.text);
        if (row[1].type == DBC_INT)
            snprintf(example, sizeof example, ", for example row %lld",
                     (long long)row[1].as.i);
    }
    dbc_stmt_release(stmt);
    if (rc < 0) return rc;
    return dbc__conn_fail(conn, DBC_EREFUSED,
                          "%lld row%s of \"%.100s\" would have no parent%s%s: "
                          "add the parents, or empty these columns, before",
                          (long long)more, more == 1 ? "" : "s", child->after,
                          parent, example);
}

int dbc__children_check(const dbc_plan *plan, dbc_conn *conn)
{
    const dbc__child *items = plan->children.items;

    for (size_t i = 0; i < plan->children.count; i++) {
        int64_t now;
        int rc = count(&now, conn, items[i].after);
        if (rc < 0) return rc;
        if (items[i].violations < 0) continue;
        if (now < 0)
            return dbc__conn_fail(conn, DBC_EREFUSED,
                                  "a foreign key of \"%.100s\" would not fit "
                                  "its parent any more: mend the foreign key, "
                                  "or keep its parent",
                                  items[i].after);
        if (now > items[i].violations) return refuse(conn, &items[i], now);
    }
    return DBC_OK;
}
