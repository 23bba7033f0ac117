// CREATE TABLE and CREATE INDEX, cut into what a plan has to know.
#include "parse.h"

#include "fault.h"
#include "spec.h"
#include "text_arena.h"

static dbc__shape table_of(const char *sql)
{
    dbc__shape shape = {0};

    assert_int_equal(DBC_OK, dbc__parse_table(&shape, &arena, sql));
    return shape;
}

static dbc__index index_of(const char *sql)
{
    dbc__index index = {0};

    assert_int_equal(DBC_OK, dbc__parse_index(&index, &arena, sql));
    return index;
}

static void assert_span(const char *expected, dbc__span span)
{
    assert_int_equal(strlen(expected), span.len);
    assert_memory_equal(expected, span.text, span.len);
}

static const dbc__clause *clause_of(const dbc__clause *each,
                                    dbc__clause_kind kind)
{
    while (each && each->kind != kind)
        each = each->next;
    assert_non_null(each);
    return each;
}

// ------------------------------------------------------------------- tables

static void finds_the_name_behind_any_words(void **state)
{
    static const char *const texts[] = {
        "CREATE TABLE \"a b\"(c)",
        "create temp table if not exists \"a b\" (c)",
        "CREATE TABLE main . \"a b\" (c)",
        "CREATE VIEW \"a b\" AS SELECT 1",
        "CREATE UNIQUE INDEX \"a b\" ON t(c)",
        "CREATE VIRTUAL TABLE /* x */ \"a b\" USING fts5(c)"};
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++)
        assert_span("\"a b\"", dbc__parse_name(texts[i]));
}

static void cuts_columns_with_their_types(void **state)
{
    static const struct {
        const char *name, *type;
        dbc__affinity affinity;
    } columns[] = {{"a", "INTEGER", DBC__AFFINITY_INTEGER},
                   {"b c", "VARCHAR (20, 3)", DBC__AFFINITY_TEXT},
                   {"d", "", DBC__AFFINITY_BLOB},
                   {"e", "DOUBLE PRECISION", DBC__AFFINITY_REAL},
                   {"f", "DATETIME", DBC__AFFINITY_NUMERIC},
                   {"g", "FLOATING POINT", DBC__AFFINITY_INTEGER},
                   {"h", "BLOB", DBC__AFFINITY_BLOB}};
    dbc__shape shape = table_of(
        "CREATE TABLE t(a INTEGER, [b c] VARCHAR (20, 3) NOT NULL, d DEFAULT "
        "(1, 2), e DOUBLE PRECISION, f DATETIME, g FLOATING POINT, h BLOB)");
    (void)state;

    assert_int_equal(COUNT(columns), shape.column_count);
    for (size_t i = 0; i < COUNT(columns); i++) {
        assert_string_equal(columns[i].name, shape.columns[i].name);
        assert_span(columns[i].type, shape.columns[i].type);
        assert_int_equal(columns[i].affinity, shape.columns[i].affinity);
    }
    assert_ptr_equal(&shape.columns[1], dbc__shape_find(&shape, "B C"));
    assert_null(dbc__shape_find(&shape, "b"));
}

static void takes_any_for_no_conversion_only_where_it_is_strict(void **state)
{
    (void)state;

    assert_int_equal(
        DBC__AFFINITY_BLOB,
        table_of("CREATE TABLE t(a ANY) STRICT").columns[0].affinity);
    assert_int_equal(DBC__AFFINITY_NUMERIC,
                     table_of("CREATE TABLE t(a ANY)").columns[0].affinity);
}

static void reads_the_clauses_of_a_column(void **state)
{
    dbc__shape shape = table_of(
        "CREATE TABLE t(a TEXT CONSTRAINT one NOT NULL ON CONFLICT IGNORE "
        "COLLATE NOCASE DEFAULT -1.5e+3 UNIQUE CHECK (a <> ')') REFERENCES "
        "p(x) ON DELETE SET NULL NOT DEFERRABLE INITIALLY DEFERRED, "
        "g AS (a || 'x') STORED)");
    const dbc__column *a = &shape.columns[0];
    const dbc__clause *key = clause_of(a->clauses, DBC__CLAUSE_FOREIGN_KEY);
    (void)state;

    assert_string_equal("one", a->not_null->name);
    assert_int_equal(DBC_CONFLICT_IGNORE, a->not_null->conflict);
    assert_string_equal("NOCASE", a->collate);
    assert_span("-1.5e+3", a->fallback->body);
    assert_span("a <> ')'", clause_of(a->clauses, DBC__CLAUSE_CHECK)->body);
    assert_non_null(clause_of(a->clauses, DBC__CLAUSE_UNIQUE));
    assert_string_equal("p", key->parent);
    assert_int_equal(1, key->to_count);
    assert_string_equal("x", key->to[0]);
    assert_int_equal(2, shape.column_count);
    assert_span("a || 'x'", shape.columns[1].generated->body);
    assert_true(shape.columns[1].generated->stored);
}

static void reads_constraints_of_a_table(void **state)
{
    dbc__shape shape = table_of(
        "CREATE TABLE t(a, b, CONSTRAINT k PRIMARY KEY (b DESC, a COLLATE "
        "NOCASE) ON CONFLICT FAIL, FOREIGN KEY (a, b) REFERENCES p, CHECK (a > "
        "0), UNIQUE (a)) WITHOUT ROWID, STRICT");
    const dbc__clause *key = clause_of(shape.clauses, DBC__CLAUSE_PRIMARY_KEY);
    const char *names[2];
    (void)state;

    assert_true(shape.strict && shape.without_rowid);
    assert_string_equal("k", key->name);
    assert_int_equal(2, key->term_count);
    assert_string_equal("b", key->terms[0].column);
    assert_true(key->terms[0].descending);
    assert_string_equal("NOCASE", key->terms[1].collate);
    assert_int_equal(DBC_CONFLICT_FAIL, key->conflict);
    assert_int_equal(2, dbc__shape_key(&shape, names));
    assert_string_equal("a", names[1]);
    assert_true(dbc__shape_refers(&shape, "P"));
    assert_true(dbc__shape_refers(&shape, NULL));
    assert_false(dbc__shape_refers(&shape, "q"));
}

static void knows_which_column_is_the_rowid(void **state)
{
    static const struct {
        const char *sql;
        int is_key, counts;
    } cases[] = {
        {"CREATE TABLE t(a, b INTEGER PRIMARY KEY AUTOINCREMENT)", 1, 1},
        {"CREATE TABLE t(a INTEGER, PRIMARY KEY (a))", 0, 0},
        {"CREATE TABLE t(a INTEGER, PRIMARY KEY (a AUTOINCREMENT))", 0, 1},
        {"CREATE TABLE t(a INTEGER PRIMARY KEY DESC)", -1, 0},
        {"CREATE TABLE t(a INT PRIMARY KEY)", -1, 0},
        {"CREATE TABLE t(a INTEGER PRIMARY KEY) WITHOUT ROWID", -1, 0},
        {"CREATE TABLE t(a INTEGER, b, PRIMARY KEY (a, b))", -1, 0},
        {"CREATE TABLE t(a \"INTEGER\" PRIMARY KEY)", 0, 0}};
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        dbc__shape shape = table_of(cases[i].sql);
        assert_int_equal(cases[i].is_key, shape.is_key);
        assert_int_equal(cases[i].counts, shape.autoincrement);
    }
}

static void says_the_same_of_tables_that_are_the_same(void **state)
{
    static const char *const pairs[][2] = {
        {"CREATE TABLE t(a INT NOT NULL UNIQUE)",
         "create table T (a int /* x */ unique not null)"},
        {"CREATE TABLE t(a, b, UNIQUE (a), CHECK (b))",
         "CREATE TABLE t(a, b, CHECK(b), UNIQUE(\"a\"))"},
        {"CREATE TABLE t(a REFERENCES p ON DELETE NO ACTION)",
         "CREATE TABLE t(a REFERENCES p)"},
        {"CREATE TABLE t(a, b GENERATED ALWAYS AS (a) VIRTUAL)",
         "CREATE TABLE t(a, b AS (a))"}};
    static const char *const others[][2] = {
        {"CREATE TABLE t(a, b)", "CREATE TABLE t(b, a)"},
        {"CREATE TABLE t(a CHECK (a <> 'X'))",
         "CREATE TABLE t(a CHECK (a <> 'x'))"},
        {"CREATE TABLE t(a TEXT)", "CREATE TABLE t(a TEXT) STRICT"},
        {"CREATE TABLE t(a)", "CREATE TABLE t(A)"}};
    (void)state;

    for (size_t i = 0; i < COUNT(pairs); i++)
        assert_string_equal(table_of(pairs[i][0]).normal,
                            table_of(pairs[i][1]).normal);
    for (size_t i = 0; i < COUNT(others); i++)
        assert_string_not_equal(table_of(others[i][0]).normal,
                                table_of(others[i][1]).normal);
}

static void knows_the_module_of_a_virtual_table(void **state)
{
    (void)state;

    assert_string_equal(
        "fts5", table_of("CREATE VIRTUAL TABLE v USING \"fts5\"(a, b)").module);
}

static void refuses_what_is_no_table_and_no_index(void **state)
{
    dbc__shape shape;
    dbc__index index;
    (void)state;

    assert_int_equal(
        DBC_EINVALID,
        dbc__parse_table(&shape, &arena, "CREATE VIEW v AS SELECT 1"));
    assert_int_equal(DBC_EINVALID,
                     dbc__parse_index(&index, &arena, "CREATE TABLE t(a)"));
}

// Every beginning of a text ends, whatever is cut off.
static void survives_a_text_that_is_cut_anywhere(void **state)
{
    static const char text[] =
        "CREATE TABLE t(a TEXT CONSTRAINT c NOT NULL ON CONFLICT IGNORE "
        "DEFAULT "
        "-1.5e3 CHECK (a <> (b)), b REFERENCES p(x, y) ON DELETE SET NULL "
        "DEFERRABLE INITIALLY DEFERRED, g AS (a) STORED, CONSTRAINT k PRIMARY "
        "KEY (b COLLATE \"x y\" DESC AUTOINCREMENT), FOREIGN KEY (a) "
        "REFERENCES "
        "q MATCH FULL) STRICT";
    (void)state;

    for (size_t len = 0; len < sizeof text; len++) {
        char *cut = dbc__arena_copy(&arena, text, len);
        dbc__shape shape;
        assert_non_null(cut);
        int rc = dbc__parse_table(&shape, &arena, cut);
        assert_true(rc == DBC_OK || rc == DBC_EINVALID);
    }
}

static void survives_what_is_no_sql(void **state)
{
    static const char *const texts[] = {"CREATE TABLE t(a AS b)",
                                        "CREATE TABLE t(a AS",
                                        "CREATE TABLE t(a CHECK b, c)",
                                        "CREATE TABLE t(a, CHECK )",
                                        "CREATE TABLE t(a DEFAULT)",
                                        "CREATE TABLE t(a REFERENCES)",
                                        "CREATE TABLE t(a CONSTRAINT)",
                                        "CREATE TABLE t(,)",
                                        "CREATE TABLE t(a PRIMARY KEY (",
                                        "CREATE TABLE t(a COLLATE)",
                                        "CREATE TABLE t(a ON DELETE SET)",
                                        "CREATE TABLE t(UNIQUE)",
                                        "CREATE TABLE t)",
                                        "CREATE"};
    (void)state;

    for (size_t i = 0; i < COUNT(texts); i++) {
        dbc__shape shape;
        int rc = dbc__parse_table(&shape, &arena, texts[i]);
        assert_true(rc == DBC_OK || rc == DBC_EINVALID);
    }
}

// ------------------------------------------------------------------ indexes

static void cuts_an_index_into_its_terms(void **state)
{
    dbc__index index = index_of(
        "CREATE UNIQUE INDEX IF NOT EXISTS main.i ON \"a b\"(c COLLATE NOCASE "
        "DESC, lower(d), \"e\") WHERE c IS NOT NULL AND d > ';'");
    (void)state;

    assert_true(index.unique);
    assert_span("i", index.name);
    assert_string_equal("a b", index.table);
    assert_int_equal(3, index.term_count);
    assert_string_equal("c", index.terms[0].column);
    assert_string_equal("NOCASE", index.terms[0].collate);
    assert_true(index.terms[0].descending);
    assert_null(index.terms[1].column);
    assert_span("lower(d)", index.terms[1].text);
    assert_string_equal("e", index.terms[2].column);
    assert_span("c IS NOT NULL AND d > ';'", index.where);
}

static void says_the_same_of_indexes_that_are_the_same(void **state)
{
    (void)state;

    assert_string_equal(index_of("CREATE INDEX i ON T(a ASC, \"b\")").normal,
                        index_of("create index j on t( A, b )").normal);
    assert_string_not_equal(index_of("CREATE INDEX i ON t(a)").normal,
                            index_of("CREATE INDEX i ON t(a DESC)").normal);
    assert_string_not_equal(
        index_of("CREATE INDEX i ON t(a)").normal,
        index_of("CREATE INDEX i ON t(a) WHERE a > 0").normal);
}

// ------------------------------------------------------------------- memory

static int parse_all(void *ud, const dbc_alloc *alloc)
{
    static const char table[] =
        "CREATE TABLE t(a TEXT CONSTRAINT c NOT NULL DEFAULT \"x\" CHECK (a), "
        "b COLLATE \"x y\" REFERENCES p(x), g AS (a), c1, c2, c3, c4, c5, c6, "
        "CONSTRAINT k PRIMARY KEY (b COLLATE nocase), FOREIGN KEY (a) "
        "REFERENCES q(y))";
    static const char index[] = "CREATE INDEX i ON t(a COLLATE x, b, c + 1) "
                                "WHERE a";
    dbc__arena own;
    dbc__shape shape;
    dbc__index made;
    (void)ud;

    dbc__arena_init(&own, alloc);
    int rc = dbc__parse_table(&shape, &own, table);
    if (rc >= 0) rc = dbc__parse_index(&made, &own, index);
    dbc__arena_dispose(&own);
    return rc;
}

static void says_so_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(parse_all, NULL);
}

int main(void)
{
    const struct CMUnitTest specs[] = {
        SPEC(finds_the_name_behind_any_words),
        SPEC(cuts_columns_with_their_types),
        SPEC(takes_any_for_no_conversion_only_where_it_is_strict),
        SPEC(reads_the_clauses_of_a_column),
        SPEC(reads_constraints_of_a_table),
        SPEC(knows_which_column_is_the_rowid),
        SPEC(says_the_same_of_tables_that_are_the_same),
        SPEC(knows_the_module_of_a_virtual_table),
        SPEC(refuses_what_is_no_table_and_no_index),
        SPEC(survives_a_text_that_is_cut_anywhere),
        SPEC(survives_what_is_no_sql),
        SPEC(cuts_an_index_into_its_terms),
        SPEC(says_the_same_of_indexes_that_are_the_same),
        cmocka_unit_test(says_so_when_memory_is_out)};

    return cmocka_run_group_tests_name("parse", specs, NULL, NULL);
}
