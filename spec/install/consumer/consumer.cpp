// A program outside of dbcore, in C++11: the same as consumer.c, with owners
// that release by themselves.
#include <dbcore.h>

#include <cstring>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

namespace
{

struct release {
    void operator()(dbc_conn *conn) const
    {
        dbc_close(conn);
    }
    void operator()(dbc_table *table) const
    {
        dbc_table_release(table);
    }
    void operator()(dbc_schema *schema) const
    {
        dbc_schema_release(schema);
    }
    void operator()(dbc_query *query) const
    {
        dbc_query_free(query);
    }
    void operator()(dbc_stmt *stmt) const
    {
        dbc_stmt_release(stmt);
    }
};

template <typename Handle> using owner = std::unique_ptr<Handle, release>;

void check(int rc, const dbc_error &err)
{
    if (rc < 0) throw std::runtime_error(err.message);
}

owner<dbc_table> declare_birds()
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_column_def columns[2] = {};
    dbc_table_def def = {};
    dbc_table *table = nullptr;

    columns[0].name = "id";
    columns[0].type = DBC_T_INTEGER;
    columns[0].flags = DBC_COLUMN_PRIMARY_KEY;
    columns[1].name = "name";
    columns[1].type = DBC_T_TEXT;
    columns[1].flags = DBC_COLUMN_NOT_NULL;
    def.name = "birds";
    def.columns = columns;
    def.column_count = 2;
    check(dbc_table_new(&table, &def, nullptr, &err), err);
    return owner<dbc_table>(table);
}

owner<dbc_conn> open_with(const dbc_table *birds)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_schema *schema = nullptr;
    dbc_conn *conn = nullptr;
    dbc_open_options options = {};

    check(dbc_schema_new(&schema, &birds, 1, nullptr, 0, nullptr, &err), err);
    owner<dbc_schema> kept(schema);
    options.schema = schema;
    check(dbc_open(&conn, ":memory:", &options, &err), err);
    owner<dbc_conn> opened(conn);
    check(dbc_create(conn, schema), *dbc_conn_error(conn));
    return opened;
}

void add(dbc_conn *conn, const dbc_table *birds, const std::string &name)
{
    owner<dbc_query> query(dbc_query_new(nullptr));
    dbc_query *q = query.get();

    dbc_query_insert(q, birds);
    dbc_query_set(q, dbc_table_column(birds, 1),
                  dbc_expr_value(q, dbc_value_text(name.data(), name.size())));
    check(dbc_query_run(nullptr, conn, q, nullptr), *dbc_conn_error(conn));
}

void show(dbc_conn *conn, const dbc_table *birds)
{
    owner<dbc_query> query(dbc_query_new(nullptr));
    dbc_query *q = query.get();
    dbc_stmt *lent = nullptr;
    int count = 0;
    int rc;

    dbc_query_from(q, birds, nullptr);
    dbc_query_order_by(q,
                       dbc_expr_column(q, dbc_table_column(birds, 1), nullptr));
    check(dbc_query_open(&lent, conn, q, nullptr), *dbc_conn_error(conn));
    owner<dbc_stmt> stmt(lent);
    std::string last;
    while ((rc = dbc_stmt_step(lent)) == DBC_ROW) {
        const dbc_value &name = dbc_stmt_row(lent)[1];
        last.assign(name.as.text, name.len);
        count++;
    }
    check(rc, *dbc_conn_error(conn));
    std::cout << count << " birds, the last is " << last << "\n";
}

} // namespace

int main()
{
    try {
        owner<dbc_table> birds = declare_birds();
        owner<dbc_conn> conn = open_with(birds.get());
        add(conn.get(), birds.get(), "Robin");
        add(conn.get(), birds.get(), "Wren");
        show(conn.get(), birds.get());
    } catch (const std::exception &e) {
        std::cerr << e.what() << "\n";
        return 1;
    }
    return 0;
}
