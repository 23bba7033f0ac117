#include "api_hook.h"

static const dbc_column *any_column(fuzz *f, const dbc_write *write)
{
    const dbc_table *table = dbc_write_table(write);

    return dbc_table_column(
        table, fuzz_below(f, (uint32_t)dbc_table_column_count(table)));
}

// All that it is shown can be read.
static uint64_t look(const dbc_write *write)
{
    const dbc_row *row = dbc_write_row(write);
    const dbc_value *old = dbc_write_old(write);
    size_t count = dbc_table_column_count(dbc_write_table(write));
    uint64_t sum = dbc_write_kind(write);

    for (size_t i = 0; i < count; i++) {
        const dbc_value *value = &row->values[i];
        sum += row->presence[i];
        if (value->type == DBC_TEXT && value->len > 0)
            sum += (unsigned char)value->as.text[value->len - 1];
        if (old != NULL && old[i].type == DBC_TEXT && old[i].len > 0)
            sum += (unsigned char)old[i].as.text[0];
    }
    return sum;
}

static int change(fuzz *f, dbc_write *write)
{
    dbc_value list[API_LIST];
    dbc_query *expr;
    int rc;

    switch (fuzz_below(f, 5)) {
    case 0:
        return dbc_write_unset(write, any_column(f, write));
    case 1:
        expr = dbc_query_new(NULL);
        if (fuzz_once_in(f, 2))
            dbc_expr_raw(expr, "1 + 1", 5);
        else
            dbc_expr_column(expr, any_column(f, write), NULL);
        rc = dbc_write_set_expr(write, any_column(f, write), expr);
        dbc_query_free(expr);
        return rc;
    default:
        return dbc_write_set(write, any_column(f, write), api_value(f, list));
    }
}

static int use(fuzz *f, dbc_write *write)
{
    static const char *const texts[] = {
        "DELETE FROM posts WHERE id = 2",
        "INSERT INTO posts (author_id, title) VALUES (1, 'hooked')",
        "UPDATE users SET age = 3 WHERE id = 1", "COMMIT", "SAVEPOINT deep"};
    dbc_conn *conn = dbc_write_conn(write);
    const char *sql = texts[fuzz_below(f, COUNT(texts))];

    if (fuzz_once_in(f, 40)) dbc_conn_shut(conn);
    if (fuzz_once_in(f, 20)) api_hook(f, conn, dbc_write_table(write));
    return dbc_exec(conn, sql, strlen(sql));
}

static int hook(void *ud, dbc_write *write, dbc_error *err)
{
    fuzz *f = ud;
    int rc = look(write) > 0 ? DBC_OK : DBC_DONE;
    (void)err;

    if (fuzz_once_in(f, 3)) rc = change(f, write);
    if (fuzz_once_in(f, 6)) rc = use(f, write);
    if (fuzz_once_in(f, 8)) return DBC_DONE;
    if (fuzz_once_in(f, 10)) return DBC_EDENIED;
    return rc < 0 && fuzz_once_in(f, 2) ? rc : DBC_OK;
}

int api_hook(fuzz *f, dbc_conn *conn, const dbc_table *table)
{
    const dbc_hooks hooks = {hook, fuzz_once_in(f, 3) ? NULL : hook, NULL, f};

    return dbc_conn_hook(conn, table, fuzz_once_in(f, 4) ? NULL : &hooks);
}
