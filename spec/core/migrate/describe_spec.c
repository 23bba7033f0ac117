// Tables of a catalog in the words of a schema: what can be said comes back as
// it was, and what cannot is not described at all.
#include "sqlite_session.h"

static sqlite_session session;

static int set_up(void **state)
{
    (void)state;
    sqlite_session_open(&session, ":memory:", NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_session_close(&session);
    return 0;
}

static dbc_catalog *catalog_of(const char *sql)
{
    dbc_catalog *catalog;

    ASSERT_RC(DBC_OK,
              dbc_catalog_of_sql(&catalog, sql, strlen(sql), session.conn),
              session.conn);
    return catalog;
}

static const dbc_table_def *described(const dbc_catalog *catalog,
                                      const char *name)
{
    const dbc_object *object =
        dbc_catalog_find(catalog, DBC_OBJECT_TABLE, name);

    assert_non_null(object);
    assert_non_null(object->description);
    return dbc_table_describe(object->description);
}

static void describes_columns(void **state)
{
    dbc_catalog *catalog = catalog_of(
        "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT "
        "NULL ON CONFLICT IGNORE COLLATE NOCASE DEFAULT 'it''s', n INTEGER "
        "UNIQUE DEFAULT -7 CHECK (n < 9), at TEXT DEFAULT CURRENT_TIMESTAMP, "
        "short VARCHAR(20), sum REAL AS (n * 2) STORED)");
    const dbc_table_def *t = described(catalog, "t");
    const dbc_column_def *c = t->columns;
    (void)state;

    assert_int_equal(6, t->column_count);
    assert_true(c[0].flags & DBC_COLUMN_AUTOINCREMENT);
    assert_true(c[1].flags & DBC_COLUMN_NOT_NULL);
    assert_int_equal(DBC_CONFLICT_IGNORE, c[1].on_conflict_not_null);
    assert_string_equal("NOCASE", c[1].collate);
    assert_string_equal("it's", c[1].default_value.as.text);
    assert_true(c[2].flags & DBC_COLUMN_UNIQUE);
    assert_int_equal(-7, c[2].default_value.as.i);
    assert_string_equal("n < 9", c[2].check);
    assert_string_equal("CURRENT_TIMESTAMP", c[3].default_sql);
    assert_string_equal("VARCHAR(20)", c[4].storage);
    assert_string_equal("n * 2", c[5].generated);
    assert_true(c[5].flags & DBC_COLUMN_STORED);
    dbc_catalog_free(catalog);
}

static void describes_constraints_and_options(void **state)
{
    dbc_catalog *catalog = catalog_of(
        "CREATE TABLE p(a TEXT, b TEXT, CONSTRAINT pk PRIMARY KEY (b, a)) "
        "STRICT, WITHOUT ROWID;"
        "CREATE TABLE t(x TEXT, y TEXT, z INTEGER REFERENCES t(z) ON DELETE "
        "SET "
        "NULL DEFERRABLE INITIALLY DEFERRED, CONSTRAINT u UNIQUE (x, y) ON "
        "CONFLICT REPLACE, CONSTRAINT c CHECK (x <> y), CONSTRAINT f FOREIGN "
        "KEY (x, y) REFERENCES p (b, a) ON UPDATE CASCADE)");
    const dbc_table_def *p = described(catalog, "p");
    const dbc_table_def *t = described(catalog, "t");
    (void)state;

    assert_true(p->flags & DBC_TABLE_STRICT);
    assert_true(p->flags & DBC_TABLE_WITHOUT_ROWID);
    assert_string_equal("pk", p->primary_key.name);
    assert_string_equal("b", p->primary_key.columns.items[0]);
    assert_string_equal("u", t->uniques[0].name);
    assert_int_equal(DBC_CONFLICT_REPLACE, t->uniques[0].on_conflict);
    assert_string_equal("x <> y", t->checks[0].expression);
    assert_string_equal("f", t->foreign_keys[0].name);
    assert_int_equal(DBC_FK_CASCADE, t->foreign_keys[0].on_update);
    assert_string_equal("a", t->foreign_keys[0].to.items[1]);
    assert_int_equal(DBC_FK_SET_NULL, t->columns[2].references->on_delete);
    assert_int_equal(DBC_DEFERRABLE_DEFERRED,
                     t->columns[2].references->deferral);
    dbc_catalog_free(catalog);
}

static void describes_indexes_and_triggers(void **state)
{
    dbc_catalog *catalog = catalog_of(
        "CREATE TABLE t(a TEXT, b TEXT);"
        "CREATE UNIQUE INDEX i ON t(a COLLATE NOCASE DESC, lower(b)) WHERE a > "
        "'x;';"
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN UPDATE t SET a = CASE WHEN 1 "
        "THEN 2 END; DELETE FROM t; END;");
    const dbc_table_def *t = described(catalog, "t");
    (void)state;

    assert_int_equal(1, t->index_count);
    assert_true(t->indexes[0].unique);
    assert_string_equal("a", t->indexes[0].parts[0].column);
    assert_true(t->indexes[0].parts[0].descending);
    assert_string_equal("lower(b)", t->indexes[0].parts[1].expression);
    assert_string_equal("a > 'x;'", t->indexes[0].where);
    assert_int_equal(1, t->trigger_count);
    assert_string_equal("g", t->triggers[0].name);
    dbc_catalog_free(catalog);
}

// What a description says makes the same table again.
static void comes_back_as_it_was(void **state)
{
    static const char *const texts[] = {
        "CREATE TABLE \"a b\"(\"c \"\"d\"\"\" TEXT DEFAULT 'x' NOT NULL)",
        "CREATE TABLE t(a INTEGER PRIMARY KEY, b BLOB, c NUMERIC, d REAL)",
        "CREATE TABLE t(a TEXT, b TEXT, PRIMARY KEY (a, b), UNIQUE (b), CHECK "
        "(a > b)) WITHOUT ROWID",
        "CREATE TABLE t(a TEXT REFERENCES t(a), b DECIMAL(5, 2) DEFAULT 1.50)"};
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        dbc_catalog *catalog = catalog_of(texts[i]);
        const dbc_object *object = dbc_catalog_object(catalog, 0);
        char *ddl = NULL;
        assert_non_null(object->description);
        assert_int_equal(DBC_OK,
                         dbc_table_ddl(&ddl, object->description,
                                       dbc_dialect_sqlite(), NULL, NULL));
        dbc_catalog *again = catalog_of(ddl);
        assert_string_equal(dbc_catalog_fingerprint(catalog),
                            dbc_catalog_fingerprint(again));
        dbc_catalog_free(again);
        dbc_catalog_free(catalog);
        dbc_text_free(ddl, NULL);
    }
}

static void describes_nothing_that_it_cannot_say(void **state)
{
    static const char *const texts[] = {
        "CREATE TABLE t(a TEXT CHECK (a > 1) CHECK (a < 9))",
        "CREATE TABLE t(a TEXT CONSTRAINT n NOT NULL)",
        "CREATE TABLE t(a TEXT DEFAULT (1) DEFAULT 2)",
        "CREATE TABLE t(a TEXT REFERENCES p MATCH FULL)"};
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        dbc_catalog *catalog = catalog_of(texts[i]);
        assert_null(dbc_catalog_object(catalog, 0)->description);
        dbc_catalog_free(catalog);
    }
}

static int describe_with(void *ud, const dbc_alloc *alloc)
{
    static const char sql[] =
        "CREATE TABLE t(a TEXT DEFAULT \"x\" CHECK (a > ''), b INTEGER "
        "REFERENCES t(b), UNIQUE (a, b), CHECK (b > 0));"
        "CREATE INDEX i ON t(a, lower(b)) WHERE a > 'x';"
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END;";
    dbc_open_options options = {.alloc = alloc};
    dbc_catalog *catalog = NULL;
    dbc_conn *conn = NULL;
    (void)ud;

    int rc = dbc_open(&conn, ":memory:", &options, NULL);
    if (rc >= 0) rc = dbc_catalog_of_sql(&catalog, sql, sizeof sql - 1, conn);
    if (rc >= 0 && !dbc_catalog_object(catalog, 0)->description)
        rc = DBC_EREFUSED;
    dbc_catalog_free(catalog);
    dbc_close(conn);
    return rc;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(describe_with, NULL);
}

int main(void)
{
    const struct CMUnitTest specs[] = {
        SPEC(describes_columns),
        SPEC(describes_constraints_and_options),
        SPEC(describes_indexes_and_triggers),
        SPEC(comes_back_as_it_was),
        SPEC(describes_nothing_that_it_cannot_say),
        cmocka_unit_test(leaves_nothing_behind_when_memory_is_out)};

    return cmocka_run_group_tests_name("describe", specs, NULL, NULL);
}
