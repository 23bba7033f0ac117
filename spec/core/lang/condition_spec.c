// Conditions decided without a database: never otherwise than SQLite decides
// them.
#include "condition.h"

#include <stdio.h>

#include "buf.h"
#include "spec.h"
#include "sqlite_session.h"

static const dbc_column_def COLUMNS[] = {
    {.name = "i", .type = DBC_T_INTEGER},
    {.name = "r", .type = DBC_T_REAL},
    {.name = "t", .type = DBC_T_TEXT},
    {.name = "n", .type = DBC_T_TEXT, .collate = "nocase"},
    {.name = "b", .type = DBC_T_BOOLEAN},
    {.name = "odd name", .type = DBC_T_TEXT, .collate = "rtrim"},
    {.name = "any", .type = DBC_T_ANY},
};

enum { COLUMN_COUNT = COUNT(COLUMNS) };

typedef struct world {
    sqlite_session session;
    dbc_table *table;
    dbc_value values[COLUMN_COUNT];
    int known[COLUMN_COUNT];
    uint64_t seed;
} world;

static int set_up(void **state)
{
    static world w;
    const dbc_table_def def = {
        .name = "c", .columns = COLUMNS, .column_count = COLUMN_COUNT};

    memset(&w, 0, sizeof w);
    w.seed = 20260101;
    sqlite_session_open(&w.session, ":memory:", NULL);
    EXEC(w.session.conn,
         "CREATE TABLE c (i INTEGER, r REAL, t TEXT, n TEXT COLLATE nocase, "
         "b INTEGER, \"odd name\" TEXT COLLATE rtrim, \"any\")");
    *state = &w;
    return dbc_table_new(&w.table, &def, NULL, NULL);
}

static int tear_down(void **state)
{
    world *w = *state;

    dbc_table_release(w->table);
    sqlite_session_close(&w->session);
    return 0;
}

static int value_of(void *ud, const dbc_column *column, dbc_value *out)
{
    const world *w = ud;

    *out = w->values[column->position];
    return w->known[column->position];
}

static dbc__truth decide(world *w, const char *sql)
{
    return dbc__condition_holds(sql, w->table, value_of, w);
}

static dbc_value text(const char *string)
{
    return dbc_value_text(string, strlen(string));
}

static void know(world *w, int64_t i, const char *t)
{
    for (size_t c = 0; c < COLUMN_COUNT; c++) {
        w->values[c] = dbc_value_null();
        w->known[c] = 1;
    }
    w->values[0] = dbc_value_int(i);
    w->values[2] = text(t);
}

static void decides_the_simple_forms(void **state)
{
    static const struct {
        const char *sql;
        dbc__truth truth;
    } cases[] = {
        {"i > 4", DBC__TRUE},
        {"i > 5", DBC__FALSE},
        {"i >= 5 AND i <= 5.0", DBC__TRUE},
        {"c.i = 5 and \"c\".\"t\" = 'abc'", DBC__TRUE},
        {"r > 1", DBC__NULL_TRUTH},
        {"r > 1 OR i = 5", DBC__TRUE},
        {"NOT (i = 5)", DBC__FALSE},
        {"NOT i = 6 AND t <> ''", DBC__TRUE},
        {"t IN ('x', 'abc')", DBC__TRUE},
        {"t NOT IN ('x', 'y')", DBC__TRUE},
        {"i BETWEEN 1 AND 4 OR i BETWEEN 5 AND 9", DBC__TRUE},
        {"i NOT BETWEEN 1 AND 9", DBC__FALSE},
        {"r IS NULL AND i IS NOT NULL", DBC__TRUE},
        {"r ISNULL AND i NOTNULL AND i NOT NULL", DBC__TRUE},
        {"length(t) = 3 AND length(r) IS NULL", DBC__TRUE},
        {"t LIKE 'A%' AND t LIKE '_b_' AND t NOT LIKE '%d'", DBC__TRUE},
        {"i + 1 = 6 AND i - 1 = 4 AND i * 2 = 10 AND i / 2 = 2", DBC__TRUE},
        {"-i < 0 AND abs(-i) = 5 AND +i = 5", DBC__TRUE},
        {"coalesce(r, i) = 5 AND ifnull(r, 1) = 1", DBC__TRUE},
        {"i = 5 -- a remark\n AND /* another */ t = 'abc'", DBC__TRUE},
        {"i == 5 AND i != 6", DBC__TRUE},
        {"i", DBC__TRUE},
        {"i - 5", DBC__FALSE},
        {"NULL", DBC__NULL_TRUTH},
        {"TRUE AND NOT FALSE", DBC__TRUE},
        {"1.5e1 = 15", DBC__TRUE},
    };
    world *w = *state;

    know(w, 5, "abc");
    for (size_t i = 0; i < COUNT(cases); i++)
        if (decide(w, cases[i].sql) != cases[i].truth)
            fail_msg("%s gave %d", cases[i].sql, (int)decide(w, cases[i].sql));
}

static void leaves_the_rest_to_the_database(void **state)
{
    static const char *const cases[] = {
        "t GLOB 'a*'",
        "t REGEXP 'a'",
        "lower(t) = 'abc'",
        "t || 'd' = 'abcd'",
        "i % 2 = 1",
        "i IN (SELECT 1)",
        "EXISTS (SELECT 1)",
        "CASE WHEN i THEN 1 END",
        "CAST(i AS TEXT) = '5'",
        "t = 'it''s'",
        "i = '5'",
        "t = 5",
        "t COLLATE nocase = 'ABC'",
        "i = 0x5",
        "i & 1",
        "nothing = 1",
        "other.i = 1",
        "i = ",
        "(i = 5",
        "any = 5",
        "t LIKE 'a' ESCAPE '!'",
        "i IS DISTINCT FROM 5",
        "i << 1",
        "i ~ 5",
        "t -> 1",
        "current_date = '2026-01-01'",
        "random() > 0",
        "i = 5)",
        "9223372036854775807 + i > 0",
        "t",
        "x'00' = x'00'",
    };
    world *w = *state;

    know(w, 5, "abc");
    w->values[6] = dbc_value_int(5);
    for (size_t i = 0; i < COUNT(cases); i++)
        if (decide(w, cases[i]) != DBC__CANNOT_TELL)
            fail_msg("%s gave %d", cases[i], (int)decide(w, cases[i]));
}

static void decides_what_does_not_need_the_unknown(void **state)
{
    world *w = *state;

    know(w, 5, "abc");
    w->known[0] = 0;
    assert_int_equal(DBC__CANNOT_TELL, decide(w, "i > 4"));
    assert_int_equal(DBC__FALSE, decide(w, "i > 4 AND t = 'x'"));
    assert_int_equal(DBC__TRUE, decide(w, "i > 4 OR t = 'abc'"));
    assert_int_equal(DBC__CANNOT_TELL, decide(w, "i > 4 AND t = 'abc'"));
    assert_int_equal(DBC__TRUE, decide(w, "t IN ('abc', i)"));
}

static void stays_shallow(void **state)
{
    world *w = *state;
    char deep[2000];

    know(w, 5, "abc");
    memset(deep, '(', sizeof deep);
    deep[sizeof deep - 1] = '\0';
    assert_int_equal(DBC__CANNOT_TELL, decide(w, deep));
    memset(deep, '-', sizeof deep - 1);
    for (size_t i = 1; i < sizeof deep - 1; i += 2)
        deep[i] = ' ';
    assert_int_equal(DBC__CANNOT_TELL, decide(w, deep));
    for (size_t i = 0; i + 4 < sizeof deep; i += 4)
        memcpy(deep + i, "NOT ", 4);
    assert_int_equal(DBC__CANNOT_TELL, decide(w, deep));
}

static void compares_numbers_exactly(void **state)
{
    const dbc_value large = dbc_value_int(9007199254740993);
    const dbc_value near = dbc_value_real(9007199254740992.0);
    const dbc_value most = dbc_value_int(INT64_MAX);
    const dbc_value beyond = dbc_value_real(9223372036854775808.0);
    const dbc_value half = dbc_value_real(1.5), one = dbc_value_int(1);
    (void)state;

    assert_int_equal(1, dbc__compare_numbers(&large, &near));
    assert_int_equal(-1, dbc__compare_numbers(&near, &large));
    assert_int_equal(-1, dbc__compare_numbers(&most, &beyond));
    assert_int_equal(-1, dbc__compare_numbers(&one, &half));
    assert_int_equal(0, dbc__compare_numbers(&half, &half));
}

// ------------------------------------------------------------ beside SQLite

static uint32_t draw(world *w, uint32_t below)
{
    w->seed = w->seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(w->seed >> 33) % below;
}

static const char *pick(world *w, const char *const *from, size_t count)
{
    return from[draw(w, (uint32_t)count)];
}

static void write_operand(world *w, dbc_buf *out, int depth)
{
    static const char *const leaves[] = {"i",
                                         "r",
                                         "t",
                                         "n",
                                         "b",
                                         "\"odd name\"",
                                         "c.i",
                                         "[t]",
                                         "`n`",
                                         "0",
                                         "1",
                                         "5",
                                         "2.5",
                                         "-3",
                                         "'abc'",
                                         "'ABC'",
                                         "'abc '",
                                         "''",
                                         "NULL",
                                         "TRUE",
                                         "9007199254740993",
                                         "9007199254740992.0",
                                         "any"};
    static const char *const ops[] = {" + ", " - ", " * ", " / "};

    switch (depth > 0 ? draw(w, 8) : 7) {
    case 0:
        write_operand(w, out, depth - 1);
        dbc_buf_add_string(out, pick(w, ops, COUNT(ops)));
        write_operand(w, out, depth - 1);
        break;
    case 1:
        dbc_buf_add_string(out, draw(w, 2) ? "length(" : "abs(");
        dbc_buf_add_string(out, draw(w, 2) ? "t)" : "i)");
        break;
    case 2:
        dbc_buf_add_string(out, "coalesce(");
        write_operand(w, out, depth - 1);
        dbc_buf_add_string(out, ", ");
        write_operand(w, out, depth - 1);
        dbc_buf_add_string(out, ")");
        break;
    default:
        dbc_buf_add_string(out, pick(w, leaves, COUNT(leaves)));
    }
}

static void write_condition(world *w, dbc_buf *out, int depth)
{
    static const char *const ops[] = {
        " = ",  " <> ", " < ",      " <= ", " > ",
        " >= ", " IS ", " IS NOT ", " != ", " == "};
    static const char *const tails[] = {
        " IS NULL",           " NOTNULL",         " IN (1, 'abc', NULL)",
        " NOT IN ('ABC', 5)", " BETWEEN 1 AND 5", " NOT BETWEEN 'a' AND 'b'",
        " LIKE 'a%'",         " NOT LIKE '_B_'",  " IN (i, t)"};

    switch (depth > 0 ? draw(w, 7) : 5) {
    case 0:
        dbc_buf_add_string(out, "NOT ");
        write_condition(w, out, depth - 1);
        break;
    case 1:
    case 2:
        write_condition(w, out, depth - 1);
        dbc_buf_add_string(out, draw(w, 2) ? " AND " : " OR ");
        write_condition(w, out, depth - 1);
        break;
    case 3:
        dbc_buf_add_string(out, "(");
        write_condition(w, out, depth - 1);
        dbc_buf_add_string(out, ")");
        break;
    case 4:
        write_operand(w, out, depth - 1);
        dbc_buf_add_string(out, pick(w, tails, COUNT(tails)));
        break;
    default:
        write_operand(w, out, depth - 1);
        dbc_buf_add_string(out, pick(w, ops, COUNT(ops)));
        write_operand(w, out, depth - 1);
    }
}

static void fill_row(world *w)
{
    static const char *const texts[] = {"abc", "ABC", "abc ", "", "5"};
    dbc_value row[COLUMN_COUNT] = {
        dbc_value_int((int64_t)draw(w, 8) - 2),
        draw(w, 2) ? dbc_value_real(2.5) : dbc_value_real(9007199254740992.0),
        text(pick(w, texts, COUNT(texts))),
        text(pick(w, texts, COUNT(texts))),
        dbc_value_int(draw(w, 2)),
        text(pick(w, texts, COUNT(texts))),
        dbc_value_int(5),
    };
    dbc_stmt *stmt = NULL;

    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        w->values[i] = draw(w, 5) ? row[i] : dbc_value_null();
        w->known[i] = 1;
    }
    EXEC(w->session.conn, "DELETE FROM c");
    ASSERT_RC(DBC_OK,
              dbc_stmt_acquire(&stmt, w->session.conn,
                               SQL("INSERT INTO c VALUES (?,?,?,?,?,?,?)")),
              w->session.conn);
    ASSERT_RC(DBC_OK, dbc_stmt_run(stmt, w->values, COLUMN_COUNT, NULL),
              w->session.conn);
    dbc_stmt_release(stmt);
}

static dbc__truth ask(world *w, const char *sql)
{
    char whole[4000];
    dbc_stmt *stmt = NULL;

    snprintf(whole, sizeof whole,
             "SELECT CASE WHEN (%s) THEN 1 WHEN NOT (%s) THEN 0 ELSE 2 END "
             "FROM c",
             sql, sql);
    ASSERT_RC(DBC_OK,
              dbc_stmt_acquire(&stmt, w->session.conn, whole, strlen(whole)),
              w->session.conn);
    ASSERT_RC(DBC_ROW, dbc_stmt_step(stmt), w->session.conn);
    dbc__truth truth = (dbc__truth)dbc_stmt_int(stmt, 0);
    dbc_stmt_release(stmt);
    return truth;
}

static void never_decides_otherwise_than_sqlite(void **state)
{
    enum { ROUNDS = 3000 };
    world *w = *state;
    int decided = 0;
    fault memory;

    fault_init(&memory);
    for (int i = 0; i < ROUNDS; i++) {
        dbc_buf sql;

        if (i % 10 == 0) fill_row(w);
        dbc__buf_init(&sql, &memory.alloc);
        write_condition(w, &sql, 4);
        assert_int_equal(DBC_OK, sql.status);
        dbc__truth here = decide(w, sql.data);
        if (here != DBC__CANNOT_TELL && sql.len < 1500) {
            dbc__truth there = ask(w, sql.data);
            if (here != there)
                fail_msg("%s is %d here and %d there", sql.data, (int)here,
                         (int)there);
            decided++;
        }
        dbc__buf_dispose(&sql);
    }
    assert_true(decided > ROUNDS / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(decides_the_simple_forms),
        SPEC(leaves_the_rest_to_the_database),
        SPEC(decides_what_does_not_need_the_unknown),
        SPEC(stays_shallow),
        cmocka_unit_test(compares_numbers_exactly),
        SPEC(never_decides_otherwise_than_sqlite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
