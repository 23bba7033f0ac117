// CREATE statements: their text, and what SQLite makes of them.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "define.h"
#include "fault.h"
#include "literal.h"
#include "table.h"

#define INDEXES(...)                                 \
    .indexes = (const dbc_index_def[]){__VA_ARGS__}, \
    .index_count = COUNT(((const dbc_index_def[]){__VA_ARGS__}))
#define PARTS(...)                                  \
    .parts = (const dbc_index_part[]){__VA_ARGS__}, \
    .part_count = COUNT(((const dbc_index_part[]){__VA_ARGS__}))

static dbc_conn *conn;

static int set_up(void **state)
{
    (void)state;
    return dbc_open(&conn, ":memory:", NULL, NULL);
}

// SQLite before 3.44 counts FTS5 among what a schema that is not trusted must
// not write to from a trigger.
static int open_trusting(void **state)
{
    const dbc_open_options options = {.flags = DBC_OPEN_TRUSTED_SCHEMA};
    (void)state;

    return dbc_open(&conn, ":memory:", &options, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    dbc_close(conn);
    conn = NULL;
    return 0;
}

// Making things.

static dbc_table *make_table(const dbc_table_def *def)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_table *table = NULL;

    if (dbc_table_new(&table, def, NULL, &err) != DBC_OK)
        fail_msg("%s", err.message);
    return table;
}

enum { TABLES_MAX = 8 };

static dbc_schema *make_schema(const dbc_table_def *defs, size_t count)
{
    const dbc_table *tables[TABLES_MAX] = {NULL};
    dbc_error err = DBC_ERROR_INIT;
    dbc_schema *schema = NULL;

    for (size_t i = 0; i < count; i++)
        tables[i] = make_table(&defs[i]);
    if (dbc_schema_new(&schema, tables, count, NULL, 0, NULL, &err) != DBC_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < count; i++)
        dbc_table_release(tables[i]);
    return schema;
}

static char *table_text(const dbc_table_def *def)
{
    dbc_table *table = make_table(def);
    dbc_error err = DBC_ERROR_INIT;
    char *text = NULL;

    if (dbc_table_ddl(&text, table, dbc_dialect_sqlite(), NULL, &err) != DBC_OK)
        fail_msg("%s", err.message);
    dbc_table_release(table);
    return text;
}

static char *schema_text(const dbc_table_def *defs, size_t count)
{
    dbc_schema *schema = make_schema(defs, count);
    dbc_error err = DBC_ERROR_INIT;
    char *text = NULL;

    if (dbc_schema_ddl(&text, schema, dbc_dialect_sqlite(), NULL, &err) !=
        DBC_OK)
        fail_msg("%s", err.message);
    dbc_schema_release(schema);
    return text;
}

static void exec(const char *sql)
{
    int rc = dbc_exec(conn, sql, strlen(sql));

    if (rc < 0) fail_msg("%s: %s", dbc_conn_error(conn)->message, sql);
}

static void create(const dbc_table_def *defs, size_t count)
{
    char *text = schema_text(defs, count);

    exec(text);
    dbc_text_free(text, NULL);
}

static void assert_table(const dbc_table_def *def, const char *expected)
{
    char *text = table_text(def);

    assert_string_equal(text, expected);
    exec(text);
    dbc_text_free(text, NULL);
}

#define ASSERT_TABLE(expected, ...)                \
    do {                                           \
        const dbc_table_def given = {__VA_ARGS__}; \
        assert_table(&given, expected);            \
    } while (0)

// Asking the database: all rows as text, columns with "|", rows with "\n".

static void add_value(dbc_buf *out, const dbc_value *value)
{
    if (value->type == DBC_TEXT)
        dbc_buf_add(out, value->as.text, value->len);
    else
        dbc__literal_value(out, value);
}

static char answer[4096];

static const char *ask(const char *sql)
{
    dbc_stmt *stmt = NULL;
    dbc_buf out;

    dbc__buf_init(&out, NULL);
    int rc = dbc_stmt_acquire(&stmt, conn, sql, strlen(sql));
    while (rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW) {
        if (out.len > 0) dbc__buf_add_char(&out, '\n');
        for (size_t i = 0; i < dbc_stmt_column_count(stmt); i++) {
            if (i > 0) dbc__buf_add_char(&out, '|');
            add_value(&out, &dbc_stmt_row(stmt)[i]);
        }
    }
    if (rc < 0) fail_msg("%s: %s", dbc_conn_error(conn)->message, sql);
    dbc_stmt_release(stmt);
    snprintf(answer, sizeof answer, "%s", out.data == NULL ? "" : out.data);
    dbc__buf_dispose(&out);
    return answer;
}

static void assert_fails(const char *sql, int code, const char *constraint)
{
    assert_int_equal(dbc_exec(conn, sql, strlen(sql)), code);
    assert_string_equal(dbc_conn_error(conn)->constraint, constraint);
}

// The text.

static void says_columns_and_their_clauses(void **state)
{
    (void)state;
    ASSERT_TABLE(
        "CREATE TABLE \"users\" (\n"
        "    \"id\" INTEGER PRIMARY KEY AUTOINCREMENT,\n"
        "    \"email\" TEXT NOT NULL ON CONFLICT FAIL UNIQUE ON CONFLICT "
        "ROLLBACK COLLATE \"nocase\",\n"
        "    \"age\" INTEGER CONSTRAINT \"no_bad_luck\" CHECK (age <> 13),\n"
        "    \"price\" NUMERIC DEFAULT (1 + 1),\n"
        "    \"seen_at\" INTEGER DEFAULT (CAST(strftime('%s', 'now') AS "
        "INTEGER)),\n"
        "    \"team_id\" INTEGER CONSTRAINT \"users_team\" REFERENCES "
        "\"teams\" (\"id\") ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE "
        "INITIALLY DEFERRED,\n"
        "    \"handle\" TEXT GENERATED ALWAYS AS (lower(email)) STORED,\n"
        "    \"short\" TEXT GENERATED ALWAYS AS (substr(email, 1, 3)) "
        "VIRTUAL,\n"
        "    \"size\" VARCHAR(20)\n"
        ");\n",
        .name = "users",
        COLUMNS(
            {.name = "id",
             .type = DBC_T_INTEGER,
             .flags = DBC_COLUMN_PRIMARY_KEY | DBC_COLUMN_AUTOINCREMENT},
            {.name = "email",
             .type = DBC_T_TEXT,
             .flags = DBC_COLUMN_NOT_NULL | DBC_COLUMN_UNIQUE,
             .on_conflict_not_null = DBC_CONFLICT_FAIL,
             .on_conflict_unique = DBC_CONFLICT_ROLLBACK,
             .collate = "nocase"},
            {.name = "age",
             .type = DBC_T_INTEGER,
             .check = "age <> 13",
             .check_name = "no_bad_luck"},
            {.name = "price", .type = DBC_T_NUMERIC, .default_sql = "1 + 1"},
            {.name = "seen_at",
             .type = DBC_T_TIMESTAMP,
             .flags = DBC_COLUMN_DEFAULT_NOW},
            {.name = "team_id",
             .type = DBC_T_INTEGER,
             .references =
                 &(const dbc_foreign_key_def){.name = "users_team",
                                              .table = "teams",
                                              .to = NAMES("id"),
                                              .on_delete = DBC_FK_SET_NULL,
                                              .on_update = DBC_FK_CASCADE,
                                              .deferral =
                                                  DBC_DEFERRABLE_DEFERRED}},
            {.name = "handle",
             .type = DBC_T_TEXT,
             .generated = "lower(email)",
             .flags = DBC_COLUMN_STORED},
            {.name = "short",
             .type = DBC_T_TEXT,
             .generated = "substr(email, 1, 3)"},
            {.name = "size", .type = DBC_T_TEXT, .storage = "VARCHAR(20)"}));
}

static void says_keys_and_constraints_of_the_table(void **state)
{
    (void)state;
    ASSERT_TABLE(
        "CREATE TABLE \"seats\" (\n"
        "    \"hall\" INTEGER NOT NULL,\n"
        "    \"row\" INTEGER NOT NULL,\n"
        "    \"guest\" TEXT,\n"
        "    CONSTRAINT \"seats_key\" PRIMARY KEY (\"hall\", \"row\") ON "
        "CONFLICT IGNORE,\n"
        "    UNIQUE (\"guest\"),\n"
        "    CONSTRAINT \"front\" CHECK (row < 20),\n"
        "    FOREIGN KEY (\"hall\", \"row\") REFERENCES \"halls\" (\"a\", "
        "\"b\") ON DELETE RESTRICT DEFERRABLE INITIALLY IMMEDIATE\n"
        ") STRICT, WITHOUT ROWID;\n",
        .name = "seats", .flags = DBC_TABLE_STRICT | DBC_TABLE_WITHOUT_ROWID,
        COLUMNS({.name = "hall",
                 .type = DBC_T_INTEGER,
                 .flags = DBC_COLUMN_NOT_NULL},
                {.name = "row",
                 .type = DBC_T_INTEGER,
                 .flags = DBC_COLUMN_NOT_NULL},
                {.name = "guest", .type = DBC_T_TEXT}),
        .primary_key = {"seats_key", NAMES("hall", "row"), DBC_CONFLICT_IGNORE},
        .uniques = &(const dbc_key_def){.columns = NAMES("guest")},
        .unique_count = 1,
        .checks = &(const dbc_check_def){"front", "row < 20"}, .check_count = 1,
        .foreign_keys =
            &(const dbc_foreign_key_def){.columns = NAMES("hall", "row"),
                                         .table = "halls",
                                         .to = NAMES("a", "b"),
                                         .on_delete = DBC_FK_RESTRICT,
                                         .deferral = DBC_DEFERRABLE_IMMEDIATE},
        .foreign_key_count = 1);
}

static void says_indexes_and_triggers_behind_the_table(void **state)
{
    (void)state;
    ASSERT_TABLE(
        "CREATE TABLE \"t\" (\n"
        "    \"id\" INTEGER PRIMARY KEY DESC,\n"
        "    \"name\" TEXT\n"
        ");\n"
        "CREATE UNIQUE INDEX \"t_name\" ON \"t\" (\"name\" COLLATE \"nocase\" "
        "DESC, (id + 1)) WHERE name IS NOT NULL;\n"
        "CREATE INDEX \"t_any\" ON \"t\" ((lower(name) || 'x') COLLATE "
        "\"rtrim\");\n"
        "CREATE TRIGGER \"t_log\" AFTER INSERT ON t BEGIN SELECT 1; END;\n",
        .name = "t",
        COLUMNS({.name = "id",
                 .type = DBC_T_INTEGER,
                 .flags = DBC_COLUMN_PRIMARY_KEY | DBC_COLUMN_DESC_KEY},
                {.name = "name", .type = DBC_T_TEXT}),
        INDEXES(
            {.name = "t_name",
             .unique = 1,
             PARTS({.column = "name", .collate = "nocase", .descending = 1},
                   {.expression = "id + 1"}),
             .where = "name IS NOT NULL"},
            {.name = "t_any",
             PARTS({.expression = "lower(name) || 'x'", .collate = "rtrim"})}),
        .triggers =
            &(const dbc_trigger_def){
                "t_log", "AFTER INSERT ON t BEGIN SELECT 1; END ; "},
        .trigger_count = 1);
}

static void names_the_checks_that_follow_from_a_type(void **state)
{
    unsigned both = DBC_COLUMN_HAS_MIN | DBC_COLUMN_HAS_MAX;
    (void)state;

    ASSERT_TABLE(
        "CREATE TABLE \"t\" (\n"
        "    \"role\" TEXT CONSTRAINT \"t_role_enum\" CHECK (\"role\" IN "
        "('admin', 'it''s'))"
        ",\n"
        "    \"age\" INTEGER CONSTRAINT \"t_age_range\" CHECK (\"age\" BETWEEN "
        "0 AND 150),\n"
        "    \"low\" REAL CONSTRAINT \"t_low_range\" CHECK (\"low\" >= -0.5),\n"
        "    \"high\" REAL CONSTRAINT \"t_high_range\" CHECK (\"high\" <= "
        "10000000000),\n"
        "    \"name\" TEXT CONSTRAINT \"t_name_length\" CHECK "
        "(length(\"name\") BETWEEN 1 AND 80),\n"
        "    \"note\" TEXT CONSTRAINT \"t_note_length\" CHECK "
        "(length(\"note\") <= 3),\n"
        "    \"on\" INTEGER CONSTRAINT \"t_on_boolean\" CHECK (\"on\" IN (0, "
        "1))\n"
        ");\n",
        .name = "t",
        COLUMNS(
            {.name = "role",
             .type = DBC_T_ENUM,
             .enum_values = NAMES("admin", "it's")},
            {.name = "age", .type = DBC_T_INTEGER, .flags = both, .max = 150},
            {.name = "low",
             .type = DBC_T_REAL,
             .flags = DBC_COLUMN_HAS_MIN,
             .min = -0.5},
            {.name = "high",
             .type = DBC_T_REAL,
             .flags = DBC_COLUMN_HAS_MAX,
             .max = 1e10},
            {.name = "name",
             .type = DBC_T_TEXT,
             .flags = DBC_COLUMN_HAS_MIN_LEN | DBC_COLUMN_HAS_MAX_LEN,
             .min_len = 1,
             .max_len = 80},
            {.name = "note",
             .type = DBC_T_TEXT,
             .flags = DBC_COLUMN_HAS_MAX_LEN,
             .max_len = 3},
            {.name = "on", .type = DBC_T_BOOLEAN}));

    exec("INSERT INTO t (role, age, name, \"on\") VALUES ('it''s', 150, 'é', "
         "1), (NULL, NULL, NULL, NULL)");
    assert_fails("INSERT INTO t (role) VALUES ('Admin')", DBC_ECHECK,
                 "t_role_enum");
    assert_fails("INSERT INTO t (age) VALUES (151)", DBC_ECHECK, "t_age_range");
    assert_fails("INSERT INTO t (age) VALUES ('x')", DBC_ECHECK, "t_age_range");
    assert_fails("INSERT INTO t (name) VALUES ('')", DBC_ECHECK,
                 "t_name_length");
    assert_fails("INSERT INTO t (\"on\") VALUES (2)", DBC_ECHECK,
                 "t_on_boolean");
}

static void leaves_booleans_of_strict_tables_to_their_type(void **state)
{
    (void)state;
    ASSERT_TABLE("CREATE TABLE \"t\" (\n"
                 "    \"on\" INTEGER DEFAULT 1\n"
                 ") STRICT;\n",
                 .name = "t", .flags = DBC_TABLE_STRICT,
                 COLUMNS({.name = "on",
                          .type = DBC_T_BOOLEAN,
                          .flags = DBC_COLUMN_HAS_DEFAULT,
                          .default_value = {DBC_BOOL, 0, {.i = 1}}}));
}

static void orders_a_schema_so_that_it_can_be_run(void **state)
{
    const dbc_table_def defs[] = {
        {.name = "names", .kind = DBC_VIEW, .sql = "SELECT name FROM app_b ; "},
        {.name = "b",
         .prefix = "app_",
         COLUMNS(ID, {.name = "name", .type = DBC_T_TEXT},
                 {.name = "a_id",
                  .type = DBC_T_INTEGER,
                  .references = &(const dbc_foreign_key_def){.table = "a"}}),
         INDEXES({.name = "b_name", PARTS({.column = "name"})}),
         .triggers =
             &(const dbc_trigger_def){
                 "b_log", "AFTER INSERT ON app_b BEGIN SELECT 1; END"},
         .trigger_count = 1},
        {.name = "a", COLUMNS(ID)},
    };
    char *text = schema_text(defs, COUNT(defs));
    char *again = schema_text(defs, COUNT(defs));
    (void)state;

    assert_string_equal(
        text, "CREATE TABLE \"app_b\" (\n"
              "    \"id\" INTEGER PRIMARY KEY,\n"
              "    \"name\" TEXT,\n"
              "    \"a_id\" INTEGER REFERENCES \"a\"\n"
              ");\n"
              "CREATE TABLE \"a\" (\n"
              "    \"id\" INTEGER PRIMARY KEY\n"
              ");\n"
              "CREATE INDEX \"b_name\" ON \"app_b\" (\"name\");\n"
              "CREATE VIEW \"names\" AS SELECT name FROM app_b;\n"
              "CREATE TRIGGER \"b_log\" AFTER INSERT ON app_b BEGIN SELECT 1; "
              "END;\n");
    assert_string_equal(text, again);
    exec(text);
    dbc_text_free(text, NULL);
    dbc_text_free(again, NULL);
}

static void gives_targets_the_prefix_of_the_table_without_a_schema(void **state)
{
    (void)state;
    ASSERT_TABLE(
        "CREATE TABLE \"app_b\" (\n"
        "    \"a_id\" INTEGER REFERENCES \"app_a\"\n"
        ");\n",
        .name = "b", .prefix = "app_",
        COLUMNS({.name = "a_id",
                 .type = DBC_T_INTEGER,
                 .references = &(const dbc_foreign_key_def){.table = "a"}}));
}

// Values.

static void assert_default(dbc_type type, dbc_value value)
{
    dbc_table_def def = {.name = "d",
                         COLUMNS({.name = "v",
                                  .type = type,
                                  .flags = DBC_COLUMN_HAS_DEFAULT,
                                  .default_value = value})};
    dbc_stmt *stmt = NULL;
    dbc_table *table = make_table(&def);

    assert_int_equal(
        dbc_column_encode(dbc_table_column(table, 0), &value, NULL), DBC_OK);
    dbc_table_release(table);
    create(&def, 1);
    exec("INSERT INTO d DEFAULT VALUES");
    assert_int_equal(dbc_stmt_acquire(&stmt, conn, SQL("SELECT v FROM d")),
                     DBC_OK);
    assert_int_equal(dbc_stmt_step(stmt), DBC_ROW);
    const dbc_value *read = dbc_stmt_row(stmt);
    assert_int_equal(read->type, value.type);
    assert_int_equal(read->len, value.len);
    if (value.type == DBC_TEXT || value.type == DBC_BLOB) {
        assert_memory_equal(read->as.text, value.as.text, value.len);
    } else if (value.type != DBC_NULL) {
        assert_memory_equal(&read->as, &value.as, 8);
    }
    dbc_stmt_release(stmt);
    exec("DROP TABLE d");
}

static void keeps_defaults_exact(void **state)
{
    static const char hostile[] = "it's \"quoted\"\n-- \\ ; DROP é";
    (void)state;

    assert_default(DBC_T_INTEGER, dbc_value_int(INT64_MIN));
    assert_default(DBC_T_INTEGER, dbc_value_int(INT64_MAX));
    assert_default(DBC_T_INTEGER, dbc_value_int(-1));
    assert_default(DBC_T_REAL, dbc_value_real(0.1));
    assert_default(DBC_T_REAL, dbc_value_real(1.0));
    assert_default(DBC_T_REAL, dbc_value_real(327.4567594735));
    assert_default(DBC_T_REAL, dbc_value_real(5e-324));
    assert_default(DBC_T_REAL, dbc_value_real(-1.7976931348623157e308));
    assert_default(DBC_T_REAL, dbc_value_real(INFINITY));
    assert_default(DBC_T_REAL, dbc_value_real(-INFINITY));
    assert_default(DBC_T_NUMERIC, dbc_value_real(0.5));
    assert_default(DBC_T_TEXT, dbc_value_text(hostile, sizeof hostile - 1));
    assert_default(DBC_T_TEXT, dbc_value_text("", 0));
    assert_default(DBC_T_TEXT, dbc_value_text("a\0'b", 4));
    assert_default(DBC_T_TEXT, dbc_value_text("\xff\xfe", 2));
    assert_default(DBC_T_BLOB, dbc_value_blob("\0'\xff", 3));
    assert_default(DBC_T_BLOB, dbc_value_text("text", 4));
    assert_default(DBC_T_BOOLEAN, dbc_value_bool(1));
    assert_default(DBC_T_BOOLEAN, dbc_value_bool(0));
    assert_default(DBC_T_JSON, dbc_value_text("{\"a\": '1'}", 10));
    assert_default(DBC_T_ANY, dbc_value_real(2.0));
    assert_default(DBC_T_TEXT, dbc_value_null());
}

// Any bits, or a short decimal: both kinds go wrong in different readers.
static double random_real(uint64_t *seed, int round)
{
    double value;

    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    if (round % 2 == 0) {
        memcpy(&value, seed, sizeof value);
    } else {
        value = (double)(*seed >> 30);
        for (uint64_t i = *seed % 16; i > 0; i--)
            value /= 10;
    }
    return isfinite(value) ? value : 0.5;
}

static void writes_reals_that_read_back_bit_by_bit(void **state)
{
    uint64_t seed = UINT64_C(88172645463325252);
    dbc_buf sql;
    (void)state;

    dbc__buf_init(&sql, NULL);
    for (int round = 0; round < 20000; round++) {
        double value = random_real(&seed, round);
        dbc_stmt *stmt = NULL;

        dbc__buf_clear(&sql);
        dbc_buf_add_string(&sql, "SELECT ");
        dbc__literal_real(&sql, value);
        assert_int_equal(dbc_stmt_acquire(&stmt, conn, sql.data, sql.len),
                         DBC_OK);
        assert_int_equal(dbc_stmt_step(stmt), DBC_ROW);
        assert_int_equal(dbc_stmt_row(stmt)->type, DBC_REAL);
        if (memcmp(&dbc_stmt_row(stmt)->as.r, &value, sizeof value) != 0)
            fail_msg("%.17g: %s", value, sql.data);
        dbc_stmt_release(stmt);
    }
    dbc__buf_dispose(&sql);
}

static void fills_now_in_the_form_of_each_type(void **state)
{
    const dbc_table_def def = {.name = "t",
                               COLUMNS({.name = "s",
                                        .type = DBC_T_TIMESTAMP,
                                        .flags = DBC_COLUMN_DEFAULT_NOW},
                                       {.name = "ms",
                                        .type = DBC_T_TIMESTAMP_MS,
                                        .flags = DBC_COLUMN_DEFAULT_NOW},
                                       {.name = "at",
                                        .type = DBC_T_DATETIME,
                                        .flags = DBC_COLUMN_DEFAULT_NOW},
                                       {.name = "day",
                                        .type = DBC_T_DATE,
                                        .flags = DBC_COLUMN_DEFAULT_NOW})};
    (void)state;

    create(&def, 1);
    exec("INSERT INTO t DEFAULT VALUES");
    assert_string_equal(
        ask("SELECT typeof(s), typeof(ms), length(at), length(day), abs(ms / "
            "1000 - s) <= 1, substr(at, 1, 10) = day FROM t"),
        "integer|integer|19|10|1|1");
}

// Names.

static const char *const HOSTILE[] = {
    "select", "a b",           "x\"y",
    "\"",     "it's",          "[bracket]",
    "`tick`", "a--b",          "/* c */",
    "(",      "); DROP TABLE", "\"; DROP TABLE x; --",
    "?1",     ":name",         "größe",
    "表",     "new\nline",     "a.b",
    "0",      "rowid_",        "' OR '1' = '1",
    "\\",     "%s%n",          "content=x",
};

static void assert_names(const char *name)
{
    char index[64], trigger[64], body[128], check[64];
    dbc_buf quoted;

    snprintf(index, sizeof index, "i%s", name);
    snprintf(trigger, sizeof trigger, "t%s", name);
    snprintf(check, sizeof check, "c%s", name);
    dbc__buf_init(&quoted, NULL);
    dbc_dialect_sqlite()->quote(&quoted, name, strlen(name));
    snprintf(body, sizeof body, "AFTER DELETE ON %s BEGIN SELECT 1; END",
             quoted.data);
    dbc__buf_dispose(&quoted);
    const dbc_table_def def = {
        .name = name,
        COLUMNS(ID,
                {.name = name,
                 .type = DBC_T_ENUM,
                 .enum_values = NAMES(name),
                 .flags = DBC_COLUMN_UNIQUE},
                {.name = check,
                 .type = DBC_T_INTEGER,
                 .check = "1",
                 .check_name = check,
                 .references = &(const dbc_foreign_key_def){.name = check,
                                                            .table = name}}),
        INDEXES({.name = index, PARTS({.column = name})}),
        .triggers = &(const dbc_trigger_def){trigger, body},
        .trigger_count = 1};
    dbc_stmt *stmt = NULL;

    create(&def, 1);
    assert_int_equal(dbc_stmt_acquire(&stmt, conn,
                                      SQL("SELECT name FROM sqlite_schema "
                                          "WHERE sql IS NOT NULL "
                                          "UNION ALL SELECT p.name FROM "
                                          "sqlite_schema s, "
                                          "pragma_table_info(s.name) p WHERE "
                                          "s.type = 'table'")),
                     DBC_OK);
    const char *const expected[] = {name, index, trigger, "id", name, check};
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_int_equal(dbc_stmt_step(stmt), DBC_ROW);
        const dbc_value *read = dbc_stmt_row(stmt);
        assert_int_equal(read->len, strlen(expected[i]));
        assert_memory_equal(read->as.text, expected[i], read->len);
    }
    assert_int_equal(dbc_stmt_step(stmt), DBC_DONE);
    dbc_stmt_release(stmt);
}

static void quotes_every_name_so_that_sqlite_reads_just_that(void **state)
{
    for (size_t i = 0; i < COUNT(HOSTILE); i++) {
        assert_names(HOSTILE[i]);
        tear_down(state);
        assert_int_equal(set_up(state), 0);
    }
}

// What SQLite understood.

static void creates_what_sqlite_reports_back(void **state)
{
    const dbc_table_def defs[] = {
        {.name = "rooms",
         .flags = DBC_TABLE_STRICT | DBC_TABLE_WITHOUT_ROWID,
         COLUMNS({.name = "house", .type = DBC_T_INTEGER},
                 {.name = "door", .type = DBC_T_TEXT},
                 {.name = "price", .type = DBC_T_NUMERIC}),
         .primary_key = {.columns = NAMES("door", "house")}},
        {.name = "beds",
         COLUMNS(ID, {.name = "h", .type = DBC_T_INTEGER},
                 {.name = "d", .type = DBC_T_TEXT},
                 {.name = "twice", .generated = "h * 2"}),
         INDEXES({.name = "beds_h",
                  .unique = 1,
                  PARTS({.column = "h", .descending = 1}),
                  .where = "h > 0"}),
         .foreign_keys =
             &(const dbc_foreign_key_def){.columns = NAMES("h", "d"),
                                          .table = "rooms",
                                          .to = NAMES("house", "door"),
                                          .on_delete = DBC_FK_CASCADE,
                                          .on_update = DBC_FK_SET_DEFAULT},
         .foreign_key_count = 1}};
    (void)state;

    create(defs, 2);

    assert_string_equal(ask("SELECT name, ncol, wr, strict FROM "
                            "pragma_table_list WHERE schema = 'main' AND name "
                            "NOT LIKE 'sqlite%' ORDER BY name"),
                        "beds|4|0|0\nrooms|3|1|1");
    assert_string_equal(ask("SELECT name, type, pk FROM "
                            "pragma_table_xinfo('rooms')"),
                        "house|INTEGER|2\ndoor|TEXT|1\nprice|ANY|0");
    assert_string_equal(ask("SELECT name, hidden FROM "
                            "pragma_table_xinfo('beds') WHERE hidden > 0"),
                        "twice|2");
    assert_string_equal(ask("SELECT \"table\", \"from\", \"to\", on_update, "
                            "on_delete FROM pragma_foreign_key_list('beds') "
                            "ORDER BY seq"),
                        "rooms|h|house|SET DEFAULT|CASCADE\n"
                        "rooms|d|door|SET DEFAULT|CASCADE");
    assert_string_equal(ask("SELECT name, \"unique\", partial FROM "
                            "pragma_index_list('beds')"),
                        "beds_h|1|1");
    exec("INSERT INTO rooms VALUES (1, 'a', 2.5)");
    exec("INSERT INTO beds (h, d) VALUES (1, 'a')");
    assert_fails("INSERT INTO beds (h, d) VALUES (2, 'z')", DBC_EFOREIGNKEY,
                 "");
    exec("DELETE FROM rooms");
    assert_string_equal(ask("SELECT count(*) FROM beds"), "0");
}

static void knows_the_rowid_as_sqlite_does(void **state)
{
    const dbc_table_def defs[] = {
        {.name = "alias", COLUMNS(ID)},
        {.name = "descending",
         COLUMNS({.name = "id",
                  .type = DBC_T_INTEGER,
                  .flags = DBC_COLUMN_PRIMARY_KEY | DBC_COLUMN_DESC_KEY})},
        {.name = "short",
         COLUMNS({.name = "id",
                  .type = DBC_T_INTEGER,
                  .storage = "INT",
                  .flags = DBC_COLUMN_PRIMARY_KEY})}};
    (void)state;

    create(defs, COUNT(defs));
    for (size_t i = 0; i < COUNT(defs); i++) {
        char sql[100];

        snprintf(sql, sizeof sql, "INSERT INTO %s DEFAULT VALUES RETURNING id",
                 defs[i].name);
        assert_string_equal(ask(sql), i == 0 ? "1" : "NULL");
        dbc_table *table = make_table(&defs[i]);
        assert_ptr_equal(table->rowid_alias,
                         i == 0 ? dbc_table_column(table, 0) : NULL);
        dbc_table_release(table);
    }
}

// Full text.

static void assert_found(const char *fts, const char *word, const char *ids)
{
    char sql[256];

    snprintf(sql, sizeof sql,
             "SELECT group_concat(rowid, ',') FROM (SELECT rowid FROM \"%s\" "
             "WHERE \"%s\" MATCH '%s' ORDER BY rowid)",
             fts, fts, word);
    assert_string_equal(ask(sql), ids);
    snprintf(sql, sizeof sql,
             "INSERT INTO \"%s\" (\"%s\", rank) VALUES ('integrity-check', 1)",
             fts, fts);
    exec(sql);
}

static void keeps_full_text_in_step_with_its_table(void **state)
{
    const dbc_table_def defs[] = {
        {.name = "search",
         .kind = DBC_FTS,
         .content = "posts",
         .tokenize = "trigram case_sensitive 1",
         COLUMNS({.name = "rowid", .type = DBC_T_INTEGER},
                 {.name = "title", .type = DBC_T_TEXT}, {.name = "body"},
                 {.name = "rank", .type = DBC_T_REAL})},
        {.name = "posts",
         .prefix = "app_",
         COLUMNS(ID, {.name = "title", .type = DBC_T_TEXT, .collate = "nocase"},
                 {.name = "body", .type = DBC_T_TEXT},
                 {.name = "views", .type = DBC_T_INTEGER})}};
    (void)state;

    create(defs, 2);
    exec("INSERT INTO app_posts VALUES (1, 'red fox', 'jumps', 0), (2, 'dog', "
         "'sleeps', 0), (3, NULL, 'red', 0)");
    assert_found("search", "red", "1,3");

    exec("UPDATE app_posts SET title = 'blue fox' WHERE id = 1");
    assert_found("search", "red", "3");
    assert_found("search", "blue", "1");
    exec("UPDATE app_posts SET title = 'BLUE fox' WHERE id = 1");
    assert_found("search", "BLUE", "1");
    exec("UPDATE app_posts SET id = 9 WHERE id = 1");
    assert_found("search", "fox", "9");
    exec("UPDATE app_posts SET body = '' WHERE id = 3");
    assert_found("search", "red", "NULL");
    exec("DELETE FROM app_posts WHERE id = 2");
    assert_found("search", "dog", "NULL");
}

static void leaves_full_text_alone_when_the_text_stays(void **state)
{
    const dbc_table_def defs[] = {
        {.name = "posts",
         COLUMNS(ID, {.name = "title", .type = DBC_T_TEXT},
                 {.name = "views", .type = DBC_T_INTEGER})},
        {.name = "search",
         .kind = DBC_FTS,
         .content = "posts",
         COLUMNS({.name = "title"})}};
    (void)state;

    create(defs, 2);
    exec("INSERT INTO posts VALUES (1, 'fox', 0)");
    exec("CREATE TABLE before AS SELECT * FROM search_data");
    exec("UPDATE posts SET views = 1, title = 'fox'");

    assert_string_equal(ask("SELECT * FROM search_data EXCEPT SELECT * FROM "
                            "before"),
                        "");
    assert_found("search", "fox", "1");
}

static void quotes_the_names_of_a_full_text_index(void **state)
{
    for (size_t i = 0; i < COUNT(HOSTILE); i++) {
        char index[64];

        snprintf(index, sizeof index, "f %s", HOSTILE[i]);
        const dbc_table_def defs[] = {
            {.name = HOSTILE[i],
             COLUMNS(ID, {.name = HOSTILE[i], .type = DBC_T_TEXT})},
            {.name = index,
             .kind = DBC_FTS,
             .content = HOSTILE[i],
             .tokenize = "trigram case_sensitive '1'",
             COLUMNS({.name = HOSTILE[i]})}};
        dbc_buf sql;

        create(defs, 2);
        dbc__buf_init(&sql, NULL);
        dbc_buf_add_string(&sql, "INSERT INTO ");
        dbc_dialect_sqlite()->quote(&sql, HOSTILE[i], strlen(HOSTILE[i]));
        dbc_buf_add_string(&sql, " VALUES (7, 'quick fox')");
        exec(sql.data);
        dbc__buf_clear(&sql);
        dbc_buf_add_string(&sql, "SELECT rowid, * FROM ");
        dbc_dialect_sqlite()->quote(&sql, index, strlen(index));
        dbc_buf_add_string(&sql, "('quick')");
        assert_string_equal(ask(sql.data), "7|quick fox");
        dbc__buf_dispose(&sql);
        tear_down(state);
        assert_int_equal(open_trusting(state), 0);
    }
}

// What cannot be said.

static void refuses_what_the_dialect_cannot_say(void **state)
{
    const dbc_table_def def = {.name = "search",
                               .kind = DBC_FTS,
                               .content = "posts",
                               COLUMNS({.name = "title"})};
    dbc_table *table = make_table(&def);
    dbc_error err = DBC_ERROR_INIT;
    char *text = NULL;
    (void)state;

    int rc = dbc_table_ddl(&text, table, dbc_dialect_mock(), NULL, &err);

    assert_int_equal(rc, DBC_EUNSUPPORTED);
    assert_string_equal(err.message, "\"search\" is a full-text index, which "
                                     "the dialect mock cannot say");
    assert_null(text);
    dbc_table_release(table);
}

static int write_schema(void *ud, const dbc_alloc *alloc)
{
    dbc_error err = DBC_ERROR_INIT;
    char *text = NULL;

    int rc = dbc_schema_ddl(&text, ud, dbc_dialect_sqlite(), alloc, &err);
    if (rc < 0) assert_string_equal(err.message, "out of memory");
    dbc_text_free(text, alloc);
    return rc;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    const dbc_table_def defs[] = {
        {.name = "posts",
         COLUMNS(ID, {.name = "title", .type = DBC_T_TEXT}),
         INDEXES({.name = "posts_title", PARTS({.column = "title"})})},
        {.name = "search",
         .kind = DBC_FTS,
         .content = "posts",
         COLUMNS({.name = "title"})}};
    dbc_schema *schema = make_schema(defs, 2);
    (void)state;

    FAULT_WALK(write_schema, schema);
    dbc_schema_release(schema);
    dbc_text_free(NULL, NULL);
}

#define TRUSTING_SPEC(name) \
    cmocka_unit_test_setup_teardown(name, open_trusting, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(says_columns_and_their_clauses),
        SPEC(says_keys_and_constraints_of_the_table),
        SPEC(says_indexes_and_triggers_behind_the_table),
        SPEC(names_the_checks_that_follow_from_a_type),
        SPEC(leaves_booleans_of_strict_tables_to_their_type),
        SPEC(orders_a_schema_so_that_it_can_be_run),
        SPEC(gives_targets_the_prefix_of_the_table_without_a_schema),
        SPEC(keeps_defaults_exact),
        SPEC(writes_reals_that_read_back_bit_by_bit),
        SPEC(fills_now_in_the_form_of_each_type),
        SPEC(quotes_every_name_so_that_sqlite_reads_just_that),
        SPEC(creates_what_sqlite_reports_back),
        SPEC(knows_the_rowid_as_sqlite_does),
        TRUSTING_SPEC(keeps_full_text_in_step_with_its_table),
        TRUSTING_SPEC(leaves_full_text_alone_when_the_text_stays),
        TRUSTING_SPEC(quotes_the_names_of_a_full_text_index),
        SPEC(refuses_what_the_dialect_cannot_say),
        SPEC(leaves_nothing_behind_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("ddl", tests, NULL, NULL);
}
