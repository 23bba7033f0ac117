// Tables: the copy of a description, its columns by name and position, and
// what a description must not say.
#include <stdio.h>

#include "define.h"
#include "fault.h"

// A description with something of every kind.
static const dbc_table_def FULL = {
    .name = "users",
    .prefix = "app_",
    .flags = DBC_TABLE_STRICT,
    COLUMNS(
        ID,
        {.name = "email",
         .type = DBC_T_TEXT,
         .flags = DBC_COLUMN_NOT_NULL | DBC_COLUMN_UNIQUE,
         .collate = "nocase",
         .on_conflict_unique = DBC_CONFLICT_ABORT},
        {.name = "role",
         .type = DBC_T_ENUM,
         .enum_values = NAMES("admin", "reader"),
         .flags = DBC_COLUMN_HAS_DEFAULT,
         .default_value = {DBC_TEXT, 6, {.text = "reader"}}},
        {.name = "age",
         .type = DBC_T_INTEGER,
         .flags = DBC_COLUMN_HAS_MIN | DBC_COLUMN_HAS_MAX,
         .min = 0,
         .max = 150,
         .check = "age <> 13",
         .check_name = "no_bad_luck",
         .as = "years",
         .comment = "in years",
         .renamed_from = "years_old",
         .backfill = "0",
         .copy = "years_old + 0"},
        {.name = "team_id",
         .type = DBC_T_INTEGER,
         .references = &(const dbc_foreign_key_def){.name = "users_team",
                                                    .table = "teams"}},
        {.name = "org", .type = DBC_T_TEXT, .storage = "TEXT"},
        {.name = "handle",
         .type = DBC_T_TEXT,
         .generated = "lower(email)",
         .flags = DBC_COLUMN_STORED,
         .pattern = "^%l+$"},
        {.name = "made_at",
         .type = DBC_T_TIMESTAMP,
         .flags = DBC_COLUMN_DEFAULT_NOW},
        {.name = "token", .type = DBC_T_BLOB, .default_sql = "randomblob(16)"}),
    .uniques = (const dbc_key_def[]){{"users_org_age", NAMES("org", "age"),
                                      DBC_CONFLICT_IGNORE}},
    .unique_count = 1,
    .indexes =
        (const dbc_index_def[]){
            {.name = "users_handle",
             .parts = (const dbc_index_part[]){{.column = "handle"},
                                               {.expression = "lower(org)",
                                                .collate = "binary",
                                                .descending = 1}},
             .part_count = 2,
             .where = "age > 3",
             .renamed_from = "users_nick"}},
    .index_count = 1,
    .checks = (const dbc_check_def[]){{"users_adult", "age >= 18"}},
    .check_count = 1,
    .foreign_keys =
        (const dbc_foreign_key_def[]){{.name = "users_org",
                                       .columns = NAMES("org", "age"),
                                       .table = "orgs",
                                       .to = NAMES("org", "size"),
                                       .on_delete = DBC_FK_CASCADE}},
    .foreign_key_count = 1,
    .triggers =
        (const dbc_trigger_def[]){
            {"users_log", "AFTER INSERT ON app_users BEGIN SELECT 1; END"}},
    .trigger_count = 1,
    .comment = "people",
    .renamed_from = "persons",
};

static dbc_table *make(const dbc_table_def *def)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_table *table = NULL;

    if (dbc_table_new(&table, def, NULL, &err) != DBC_OK)
        fail_msg("%s", err.message);
    return table;
}

static const dbc_column *find(const dbc_table *table, const char *name)
{
    return dbc_table_find(table, name, strlen(name), NULL);
}

static void assert_refused(const dbc_table_def *def, const char *message)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_table *table = NULL;

    assert_int_equal(dbc_table_new(&table, def, NULL, &err), DBC_ESCHEMA);
    assert_string_equal(err.message, message);
    assert_int_equal(err.code, DBC_ESCHEMA);
    assert_null(table);
    assert_int_equal(dbc_table_new(&table, def, NULL, NULL), DBC_ESCHEMA);
}

#define REFUSED(message, ...)                                     \
    do {                                                          \
        const dbc_table_def refused = {.name = "t", __VA_ARGS__}; \
        assert_refused(&refused, "table \"t\": " message);        \
    } while (0)

// One column "c" beside a key.
#define REFUSED_COLUMN(message, ...) \
    REFUSED(message, COLUMNS(ID, {.name = "c", __VA_ARGS__}))

// The copy.

// Equal text in memory of its own.
#define COPIED(field)                                 \
    do {                                              \
        assert_string_equal(def->field, FULL.field);  \
        assert_ptr_not_equal(def->field, FULL.field); \
    } while (0)

static void reads_back_all_that_was_declared(void **state)
{
    dbc_table *table = make(&FULL);
    const dbc_table_def *def = dbc_table_describe(table);
    (void)state;

    COPIED(name);
    COPIED(prefix);
    COPIED(comment);
    COPIED(renamed_from);
    COPIED(uniques[0].name);
    COPIED(uniques[0].columns.items[1]);
    COPIED(indexes[0].name);
    COPIED(indexes[0].parts[0].column);
    COPIED(indexes[0].parts[1].expression);
    COPIED(indexes[0].parts[1].collate);
    COPIED(indexes[0].where);
    COPIED(indexes[0].renamed_from);
    COPIED(checks[0].name);
    COPIED(checks[0].expression);
    COPIED(foreign_keys[0].name);
    COPIED(foreign_keys[0].table);
    COPIED(foreign_keys[0].columns.items[0]);
    COPIED(foreign_keys[0].to.items[1]);
    COPIED(triggers[0].name);
    COPIED(triggers[0].sql);
    assert_string_equal(dbc_table_sql_name(table), "app_users");
    assert_int_equal(def->flags, FULL.flags);
    assert_int_equal(def->uniques[0].on_conflict, DBC_CONFLICT_IGNORE);
    assert_int_equal(def->indexes[0].parts[1].descending, 1);
    assert_int_equal(def->foreign_keys[0].on_delete, DBC_FK_CASCADE);
    dbc_table_release(table);
}

static void reads_back_all_of_its_columns(void **state)
{
    dbc_table *table = make(&FULL);
    const dbc_table_def *def = dbc_table_describe(table);
    (void)state;

    assert_int_equal(dbc_table_column_count(table), FULL.column_count);
    for (size_t i = 0; i < FULL.column_count; i++) {
        COPIED(columns[i].name);
        assert_int_equal(def->columns[i].type, FULL.columns[i].type);
        assert_int_equal(def->columns[i].flags, FULL.columns[i].flags);
    }
    COPIED(columns[1].collate);
    COPIED(columns[2].enum_values.items[1]);
    COPIED(columns[2].default_value.as.text);
    COPIED(columns[3].check);
    COPIED(columns[3].check_name);
    COPIED(columns[3].as);
    COPIED(columns[3].comment);
    COPIED(columns[3].renamed_from);
    COPIED(columns[3].backfill);
    COPIED(columns[3].copy);
    COPIED(columns[4].references->name);
    COPIED(columns[4].references->table);
    COPIED(columns[5].storage);
    COPIED(columns[6].generated);
    COPIED(columns[6].pattern);
    COPIED(columns[8].default_sql);
    assert_int_equal(def->columns[2].default_value.len, 6);
    assert_true(def->columns[3].max == 150);
    assert_int_equal(def->columns[1].on_conflict_unique, DBC_CONFLICT_ABORT);
    dbc_table_release(table);
}

// A view's query and a full-text index's content, which no table has.
static void reads_back_what_the_other_kinds_have(void **state)
{
    const dbc_table_def view = {
        .name = "v", .kind = DBC_VIEW, .sql = "SELECT 1"};
    const dbc_table_def fts = {.name = "f",
                               .kind = DBC_FTS,
                               .content = "t",
                               .tokenize = "trigram",
                               COLUMNS({.name = "a"})};
    dbc_table *tables[] = {make(&view), make(&fts)};
    (void)state;

    assert_string_equal(dbc_table_describe(tables[0])->sql, view.sql);
    assert_ptr_not_equal(dbc_table_describe(tables[0])->sql, view.sql);
    assert_string_equal(dbc_table_describe(tables[1])->content, fts.content);
    assert_ptr_not_equal(dbc_table_describe(tables[1])->content, fts.content);
    assert_string_equal(dbc_table_describe(tables[1])->tokenize, fts.tokenize);
    assert_ptr_not_equal(dbc_table_describe(tables[1])->tokenize, fts.tokenize);
    dbc_table_release(tables[0]);
    dbc_table_release(tables[1]);
}

static void owns_all_that_its_description_points_to(void **state)
{
    char name[] = "users", column[] = "id", value[] = "v", blob[] = "b";
    const char *const values[] = {value};
    dbc_column_def columns[] = {{.name = column,
                                 .type = DBC_T_ENUM,
                                 .enum_values = {values, 1},
                                 .flags = DBC_COLUMN_HAS_DEFAULT,
                                 .default_value = dbc_value_text(value, 1)},
                                {.name = "photo",
                                 .type = DBC_T_BLOB,
                                 .flags = DBC_COLUMN_HAS_DEFAULT,
                                 .default_value = dbc_value_blob(blob, 1)}};
    const dbc_table_def def = {
        .name = name, .columns = columns, .column_count = 2};
    dbc_table *table = make(&def);
    (void)state;

    memset(name, 'x', 5);
    memset(column, 'x', 2);
    memset(value, 'x', 1);
    memset(blob, 'x', 1);
    memset(columns, 0, sizeof columns);

    const dbc_column *found = find(table, "id");
    assert_non_null(found);
    assert_string_equal(dbc_table_describe(table)->name, "users");
    assert_string_equal(found->def.enum_values.items[0], "v");
    assert_memory_equal(found->def.default_value.as.text, "v", 1);
    found = find(table, "photo");
    assert_memory_equal(found->def.default_value.as.blob, "b", 1);
    dbc_table_release(table);
}

static void lives_until_its_last_reference(void **state)
{
    fault memory;
    dbc_table *table = NULL;
    (void)state;

    fault_init(&memory);
    assert_int_equal(dbc_table_new(&table, &FULL, &memory.alloc, NULL), DBC_OK);
    assert_ptr_equal(dbc_table_retain(table), table);
    dbc_table_release(table);

    assert_non_null(find(table, "id"));
    dbc_table_release(table);
    assert_int_equal(memory.live_blocks, 0);
    dbc_table_release(NULL);
}

// Columns.

static void finds_columns_without_regard_to_ascii_case(void **state)
{
    dbc_table *table = make(&FULL);
    (void)state;

    for (size_t i = 0; i < dbc_table_column_count(table); i++) {
        const dbc_column *column = dbc_table_column(table, i);

        assert_ptr_equal(find(table, column->def.name), column);
        assert_int_equal(column->position, i);
        assert_int_equal(column->name_len, strlen(column->def.name));
        assert_ptr_equal(column->table, table);
    }
    assert_ptr_equal(find(table, "TEAM_id"), find(table, "team_ID"));
    assert_null(find(table, "team\x7fid"));
    assert_null(dbc_table_find(table, "id\0", 3, NULL));
    assert_null(dbc_table_find(table, "", 0, NULL));
    dbc_table_release(table);
}

static void keeps_letters_beyond_ascii_apart(void **state)
{
    const dbc_table_def def = {.name = "t",
                               COLUMNS({.name = "é"}, {.name = "É"})};
    dbc_table *table = make(&def);
    (void)state;

    assert_int_equal(find(table, "É")->position, 1);
    dbc_table_release(table);
}

static void names_the_nearest_column(void **state)
{
    dbc_table *table = make(&FULL);
    dbc_error err = DBC_ERROR_INIT;
    (void)state;

    assert_null(dbc_table_find(table, "emial", 5, &err));
    assert_int_equal(err.code, DBC_ESCHEMA);
    assert_string_equal(err.message, "table \"users\" has no column \"emial\"; "
                                     "did you mean \"email\"?");
    assert_string_equal(err.table, "users");
    assert_string_equal(err.columns, "emial");
    assert_null(dbc_table_find(table, "qqqqqqqqq", 9, &err));
    assert_string_equal(err.message,
                        "table \"users\" has no column \"qqqqqqqqq\"");
    dbc_table_release(table);
}

static void finds_each_of_many_columns(void **state)
{
    static char names[2000][16];
    static dbc_column_def columns[2000];
    const dbc_table_def def = {
        .name = "wide", .columns = columns, .column_count = 2000};
    (void)state;

    for (int i = 0; i < 2000; i++) {
        snprintf(names[i], sizeof names[i], "c%d", i);
        columns[i].name = names[i];
    }
    dbc_table *table = make(&def);

    for (uint32_t i = 0; i < 2000; i++)
        assert_int_equal(find(table, names[i])->position, i);
    dbc_table_release(table);
}

static void knows_its_key(void **state)
{
    const dbc_table_def pairs = {
        .name = "pairs",
        .flags = DBC_TABLE_WITHOUT_ROWID,
        COLUMNS({.name = "a"}, {.name = "b"}),
        .primary_key = {"pairs_key", NAMES("b", "A"), DBC_CONFLICT_DEFAULT}};
    dbc_table *table = make(&pairs), *users = make(&FULL);
    (void)state;

    assert_string_equal(dbc_table_describe(table)->primary_key.name,
                        pairs.primary_key.name);
    assert_ptr_not_equal(dbc_table_describe(table)->primary_key.name,
                         pairs.primary_key.name);
    assert_int_equal(dbc_table_key_count(table), 2);
    assert_string_equal(dbc_table_key(table, 0)->def.name, "b");
    assert_string_equal(dbc_table_key(table, 1)->def.name, "a");
    assert_int_equal(dbc_table_key_count(users), 1);
    assert_ptr_equal(dbc_table_key(users, 0), find(users, "id"));
    dbc_table_release(table);
    dbc_table_release(users);
}

// Refusals.

static void refuses_names_that_cannot_be(void **state)
{
    char longest[257] = {0};
    (void)state;

    memset(longest, 'n', 256);
    const dbc_table_def nameless = {COLUMNS(ID)};
    assert_refused(&nameless, "the table name is missing or empty: give one");
    const dbc_table_def reserved = {.name = "SQLite_x", COLUMNS(ID)};
    assert_refused(&reserved, "table \"SQLite_x\": the table name \"SQLite_x\" "
                              "begins with \"sqlite_\", which SQLite keeps for "
                              "itself: choose another");
    REFUSED("the table name \"sqlite_t\" begins with \"sqlite_\", which SQLite "
            "keeps for itself: choose another",
            .prefix = "sqlite_", COLUMNS(ID));
    REFUSED("the column name is missing or empty: give one",
            COLUMNS({.name = ""}));
    REFUSED("the column name is missing or empty: give one",
            COLUMNS({.name = NULL}));
    REFUSED("the column name \"a?\" is not UTF-8", COLUMNS({.name = "a\xff"}));
    const dbc_table_def too_long = {.name = "t", COLUMNS({.name = longest})};
    assert_int_equal(dbc_table_new(&(dbc_table *){NULL}, &too_long, NULL, NULL),
                     DBC_ESCHEMA);
}

static void refuses_a_table_without_columns_or_with_one_twice(void **state)
{
    (void)state;
    REFUSED("it has no columns: declare at least one", .comment = "");
    REFUSED("column \"ID\" is there twice (ASCII case does not count): rename "
            "one of them",
            COLUMNS(ID, {.name = "ID"}));
    REFUSED("all its columns are generated: add one that is not",
            COLUMNS({.name = "a", .generated = "1"}));
    REFUSED("two columns have the key \"b\" in rows: choose another",
            COLUMNS({.name = "a", .as = "b"}, {.name = "b"}));
    REFUSED("two columns say that they were named \"OLD\" before",
            COLUMNS({.name = "a", .renamed_from = "old"},
                    {.name = "b", .renamed_from = "OLD"}));
    REFUSED("it is of kind 7, which is none", .kind = (dbc_table_kind)7,
            COLUMNS(ID));
}

static void refuses_contradictory_keys(void **state)
{
    (void)state;
    REFUSED("column \"b\" is a second primary key: give one key over several "
            "columns to the table instead",
            COLUMNS(ID, {.name = "b", .flags = DBC_COLUMN_PRIMARY_KEY}));
    REFUSED("it has two primary keys: column \"id\" and one over 1 columns, "
            "keep one of them",
            COLUMNS(ID), .primary_key = {.columns = NAMES("id")});
    REFUSED("the primary key names \"idd\", which is no column; did you mean "
            "\"id\"?",
            COLUMNS({.name = "id"}), .primary_key = {.columns = NAMES("idd")});
    REFUSED("the primary key names column \"id\" twice",
            COLUMNS({.name = "id"}),
            .primary_key = {.columns = NAMES("id", "ID")});
    REFUSED("column \"g\" is generated: it cannot be in the primary key",
            COLUMNS({.name = "a"}, {.name = "g", .generated = "a"}),
            .primary_key = {.columns = NAMES("a", "g")});
    REFUSED("it is without rowid, so it needs a primary key",
            .flags = DBC_TABLE_WITHOUT_ROWID, COLUMNS({.name = "a"}));
    REFUSED("unique constraint \"u\" has no columns: name at least one",
            COLUMNS(ID), .uniques = &(const dbc_key_def){.name = "u"},
            .unique_count = 1);
}

static void refuses_autoincrement_where_it_cannot_be(void **state)
{
    (void)state;
    REFUSED_COLUMN("column \"c\" has autoincrement, which only a primary key "
                   "of one column can have",
                   .type = DBC_T_INTEGER, .flags = DBC_COLUMN_AUTOINCREMENT);
    REFUSED(
        "column \"c\" has autoincrement, which only an integer key can "
        "have",
        COLUMNS({.name = "c",
                 .type = DBC_T_TEXT,
                 .flags = DBC_COLUMN_AUTOINCREMENT | DBC_COLUMN_PRIMARY_KEY}));
    REFUSED(
        "column \"c\" has autoincrement, which a table without rowid "
        "cannot have",
        .flags = DBC_TABLE_WITHOUT_ROWID,
        COLUMNS({.name = "c",
                 .type = DBC_T_INTEGER,
                 .flags = DBC_COLUMN_AUTOINCREMENT | DBC_COLUMN_PRIMARY_KEY}));
    REFUSED("column \"c\" has autoincrement, which a descending key cannot "
            "have",
            COLUMNS({.name = "c",
                     .type = DBC_T_INTEGER,
                     .flags = DBC_COLUMN_AUTOINCREMENT | DBC_COLUMN_DESC_KEY |
                              DBC_COLUMN_PRIMARY_KEY}));
}

static void refuses_defaults_that_contradict_the_column(void **state)
{
    (void)state;
    REFUSED_COLUMN("column \"c\" has 2 defaults: keep one of value, expression "
                   "and now",
                   .default_sql = "1", .flags = DBC_COLUMN_HAS_DEFAULT);
    REFUSED_COLUMN("column \"c\" is text, which knows no \"now\": use "
                   "timestamp, timestamp_ms, datetime or date",
                   .type = DBC_T_TEXT, .flags = DBC_COLUMN_DEFAULT_NOW);
    REFUSED_COLUMN("the default does not fit: column \"t.c\" is integer: "
                   "expected a whole number of 64 bits, got text \"x\"",
                   .type = DBC_T_INTEGER, .flags = DBC_COLUMN_HAS_DEFAULT,
                   .default_value = {DBC_TEXT, 1, {.text = "x"}});
    REFUSED_COLUMN("the default does not fit: column \"t.c\" is any: a list "
                   "is only allowed on the right of in_",
                   .flags = DBC_COLUMN_HAS_DEFAULT,
                   .default_value = {DBC_LIST, 1, {.list = NULL}});
    REFUSED_COLUMN("column \"c\" is not null, so null is no default for it",
                   .flags = DBC_COLUMN_HAS_DEFAULT | DBC_COLUMN_NOT_NULL);
    REFUSED_COLUMN("column \"c\" has the default 200, out of its own range",
                   .type = DBC_T_INTEGER, .max = 150,
                   .flags = DBC_COLUMN_HAS_DEFAULT | DBC_COLUMN_HAS_MAX,
                   .default_value = {DBC_INT, 0, {.i = 200}});
    REFUSED_COLUMN("column \"c\" has a default of length 2, out of its own "
                   "bounds",
                   .type = DBC_T_TEXT, .min_len = 3,
                   .flags = DBC_COLUMN_HAS_DEFAULT | DBC_COLUMN_HAS_MIN_LEN,
                   .default_value = {DBC_TEXT, 4, {.text = "éé"}});
}

static void refuses_a_generated_column_that_is_written(void **state)
{
    (void)state;
    REFUSED_COLUMN("column \"c\" is generated: it cannot have a default or be "
                   "updated",
                   .generated = "1", .default_sql = "1");
    REFUSED_COLUMN("column \"c\" is generated: it cannot have a default or be "
                   "updated",
                   .generated = "1", .type = DBC_T_TIMESTAMP,
                   .flags = DBC_COLUMN_ON_UPDATE_NOW);
    REFUSED("column \"g\" is generated: it cannot be a primary key",
            COLUMNS({.name = "a"}, {.name = "g",
                                    .generated = "1",
                                    .flags = DBC_COLUMN_PRIMARY_KEY}));
    REFUSED_COLUMN("column \"c\" is stored but has no expression to generate "
                   "it",
                   .flags = DBC_COLUMN_STORED);
}

static void refuses_rules_that_no_value_meets(void **state)
{
    (void)state;
    REFUSED_COLUMN("column \"c\" is an enum without any value",
                   .type = DBC_T_ENUM);
    REFUSED_COLUMN("column \"c\" lists the value \"a\" twice",
                   .type = DBC_T_TEXT, .enum_values = NAMES("a", "b", "a"));
    REFUSED_COLUMN("column \"c\" is integer: only text and enum columns have a "
                   "list of values",
                   .type = DBC_T_INTEGER, .enum_values = NAMES("a"));
    REFUSED_COLUMN("column \"c\" has a range from 5 to 3, which is empty",
                   .type = DBC_T_REAL, .min = 5, .max = 3,
                   .flags = DBC_COLUMN_HAS_MIN | DBC_COLUMN_HAS_MAX);
    REFUSED_COLUMN("column \"c\" is text: a range is for numbers",
                   .type = DBC_T_TEXT, .flags = DBC_COLUMN_HAS_MIN);
    REFUSED_COLUMN("column \"c\" has a length from 5 to 3, which is empty",
                   .type = DBC_T_TEXT, .min_len = 5, .max_len = 3,
                   .flags = DBC_COLUMN_HAS_MIN_LEN | DBC_COLUMN_HAS_MAX_LEN);
    REFUSED_COLUMN("column \"c\" is boolean: a length is for text and blobs",
                   .type = DBC_T_BOOLEAN, .flags = DBC_COLUMN_HAS_MAX_LEN);
    REFUSED_COLUMN("column \"c\" has a name for a check, but no check",
                   .check_name = "x");
    REFUSED_COLUMN("column \"c\" has a conflict clause for being unique, but "
                   "is not",
                   .on_conflict_unique = DBC_CONFLICT_FAIL);
    REFUSED_COLUMN("column \"c\" has type 77, which is none",
                   .type = (dbc_type)77);
}

static void refuses_storage_that_is_no_type(void **state)
{
    static const char *const bad[] = {"INTEGER PRIMARY KEY",
                                      "TEXT); DROP TABLE t; --",
                                      "\"TEXT\"",
                                      "TEXT DEFAULT 'x'",
                                      "TEXT CHECK(1)",
                                      "(10)",
                                      "3D",
                                      "TEXT /* */",
                                      "DECIMAL(10, 2",
                                      "VARCHAR()",
                                      "DECIMAL(1,2,3)",
                                      "TEXT COLLATE nocase",
                                      "TEXT(x)"};
    static const char *const good[] = {"VARCHAR(20)", "DECIMAL(10, 2)",
                                       "double precision", "int", ""};
    (void)state;

    for (size_t i = 0; i < COUNT(bad) + COUNT(good); i++) {
        int is_bad = i < COUNT(bad);
        const char *storage = is_bad ? bad[i] : good[i - COUNT(bad)];
        const dbc_table_def def = {.name = "t",
                                   COLUMNS({.name = "c", .storage = storage})};
        dbc_table *table = NULL;

        int rc = dbc_table_new(&table, &def, NULL, NULL);
        dbc_table_release(table);
        if ((rc < 0) != is_bad) fail_msg("%s: %d", storage, rc);
    }
    REFUSED("column \"c\" is stored as \"VARCHAR(20)\", but a strict table "
            "knows INT, INTEGER, REAL, TEXT, BLOB and ANY only",
            .flags = DBC_TABLE_STRICT,
            COLUMNS({.name = "c", .storage = "VARCHAR(20)"}));
}

static void refuses_expressions_that_reach_beyond_their_place(void **state)
{
    static const char *const bad[] = {"1) STRICT; DROP TABLE t; --",
                                      "a = 'x",
                                      "a = \"x",
                                      "a = `x",
                                      "[a = 1",
                                      "((a)",
                                      "a)",
                                      "a; b",
                                      "[a]](b]",
                                      "a -- tail",
                                      "a /* b",
                                      "",
                                      " ",
                                      "-- only\n",
                                      ")(",
                                      "a = '''"};
    static const char *const good[] = {
        "a = ')'",      "a = 'it''s ('", "\"a)\"\"(\" = 1", "[a)] > 0",
        "a -- ok ) \n", "/* ) */ a",     "(a) + (b)",       "a = ';'"};
    (void)state;

    for (size_t i = 0; i < COUNT(bad) + COUNT(good); i++) {
        int is_bad = i < COUNT(bad);
        const char *text = is_bad ? bad[i] : good[i - COUNT(bad)];
        const dbc_table_def def = {.name = "t",
                                   COLUMNS({.name = "a", .check = text})};
        dbc_table *table = NULL;

        int rc = dbc_table_new(&table, &def, NULL, NULL);
        dbc_table_release(table);
        if ((rc < 0) != is_bad) fail_msg("%s: %d", text, rc);
    }
    REFUSED_COLUMN("column \"c\" is wrong: the check \"a)\" has a ) that "
                   "closes nothing",
                   .check = "a)");
    REFUSED("check \"k\" \"(\" has a ( that is not closed", COLUMNS(ID),
            .checks = &(const dbc_check_def){"k", "("}, .check_count = 1);
    REFUSED("index \"i\": the condition \"'\" has a quote that is not closed",
            COLUMNS(ID),
            .indexes =
                &(const dbc_index_def){
                    .name = "i",
                    .parts = &(const dbc_index_part){.column = "id"},
                    .part_count = 1,
                    .where = "'"},
            .index_count = 1);
}

static void assert_trigger(const char *sql, const char *problem)
{
    const dbc_trigger_def trigger = {"tr", sql};
    const dbc_table_def def = {
        .name = "t", COLUMNS(ID), .triggers = &trigger, .trigger_count = 1};
    char message[200];

    if (problem == NULL) {
        dbc_table_release(make(&def));
        return;
    }
    snprintf(message, sizeof message, "table \"t\": trigger \"tr\" %s",
             problem);
    assert_refused(&def, message);
}

static void refuses_triggers_that_go_on_behind_their_end(void **state)
{
    (void)state;
    assert_trigger("AFTER INSERT ON t BEGIN SELECT 1; END", NULL);
    assert_trigger("AFTER INSERT ON t BEGIN SELECT 1; END ; ", NULL);
    assert_trigger("AFTER INSERT ON t BEGIN SELECT CASE a WHEN 1 THEN 2 END; "
                   "SELECT 1; END",
                   NULL);
    assert_trigger("AFTER INSERT ON t BEGIN SELECT 1; END; DROP TABLE t",
                   "goes on behind its END");
    assert_trigger("AFTER INSERT ON t BEGIN SELECT 1; END DROP TABLE t",
                   "goes on behind its END");
    assert_trigger("AFTER INSERT ON t BEGIN SELECT 1;", "has no END");
    assert_trigger("AFTER INSERT ON t SELECT 1", "has no BEGIN … END");
    assert_trigger("AFTER INSERT ON t; DROP TABLE t; BEGIN END",
                   "has a ; before its BEGIN");
    assert_trigger("AFTER INSERT ON t BEGIN SELECT 'x; END",
                   "has a quote that is not closed");
    assert_trigger("", "is empty");
    assert_trigger(NULL, "has no text");
}

static void refuses_broken_indexes(void **state)
{
    const dbc_index_part part = {.column = "idd"};
    const dbc_index_part both = {.column = "id", .expression = "id"};
    const dbc_index_part fine = {.column = "id"};
    (void)state;

#define INDEX(...)                                               \
    COLUMNS(ID), .indexes = &(const dbc_index_def){__VA_ARGS__}, \
                 .index_count = 1
    REFUSED("the index name is missing or empty: give one",
            INDEX(.parts = &fine, .part_count = 1));
    REFUSED("index \"i\" has no columns: name at least one",
            INDEX(.name = "i"));
    REFUSED("index \"i\" names \"idd\", which is no column; did you mean "
            "\"id\"?",
            INDEX(.name = "i", .parts = &part, .part_count = 1));
    REFUSED("index \"i\" has a part that is not just one of column and "
            "expression",
            INDEX(.name = "i", .parts = &both, .part_count = 1));
    REFUSED("index \"I\" is there twice: rename one of them", COLUMNS(ID),
            .indexes =
                (const dbc_index_def[]){
                    {.name = "i", .parts = &fine, .part_count = 1},
                    {.name = "I", .parts = &fine, .part_count = 1}},
            .index_count = 2);
#undef INDEX
}

static void refuses_foreign_keys_that_do_not_pair(void **state)
{
    (void)state;
    REFUSED("the foreign key to \"u\" has 2 columns here and 1 there: they "
            "must pair",
            COLUMNS({.name = "a"}, {.name = "b"}),
            .foreign_keys =
                &(const dbc_foreign_key_def){
                    .columns = NAMES("a", "b"), .table = "u", .to = NAMES("x")},
            .foreign_key_count = 1);
    REFUSED("a foreign key names \"z\", which is no column", COLUMNS(ID),
            .foreign_keys = &(const dbc_foreign_key_def){.columns = NAMES("z"),
                                                         .table = "u"},
            .foreign_key_count = 1);
    REFUSED("the target of a foreign key is missing or empty: give one",
            COLUMNS(ID),
            .foreign_keys =
                &(const dbc_foreign_key_def){.columns = NAMES("id")},
            .foreign_key_count = 1);
    REFUSED("the foreign key to \"u\" is to set column \"c\" to null, but that "
            "is declared not null",
            COLUMNS({.name = "c",
                     .flags = DBC_COLUMN_NOT_NULL,
                     .references = &(const dbc_foreign_key_def){
                         .table = "u", .on_delete = DBC_FK_SET_NULL}}));
}

static void wants_the_shard_column_in_every_key(void **state)
{
    const dbc_table_def good = {.name = "t",
                                .shard_by = "org",
                                COLUMNS({.name = "org"}, {.name = "id"}),
                                .primary_key = {.columns = NAMES("org", "id")}};
    (void)state;

    dbc_table *table = make(&good);
    assert_string_equal(dbc_table_describe(table)->shard_by, good.shard_by);
    assert_ptr_not_equal(dbc_table_describe(table)->shard_by, good.shard_by);
    dbc_table_release(table);
    REFUSED("it is sharded by \"org\", so the primary key must hold that "
            "column too",
            .shard_by = "org", COLUMNS(ID, {.name = "org"}));
    REFUSED(
        "it is sharded by \"org\", so unique column \"mail\" must hold "
        "that column too",
        .shard_by = "org",
        COLUMNS({.name = "org"}, {.name = "mail", .flags = DBC_COLUMN_UNIQUE}));
    REFUSED("it is sharded by \"org\", so a unique constraint must hold that "
            "column too",
            .shard_by = "org", COLUMNS({.name = "org"}, {.name = "a"}),
            .uniques = &(const dbc_key_def){.columns = NAMES("a")},
            .unique_count = 1);
    REFUSED("shard_by names \"orgs\", which is no column; did you mean "
            "\"org\"?",
            .shard_by = "orgs", COLUMNS({.name = "org"}));
}

static void wants_a_query_for_a_view_and_a_content_for_full_text(void **state)
{
    const dbc_table_def view = {
        .name = "v", .kind = DBC_VIEW, .sql = "SELECT 1 AS a;"};
    const dbc_table_def no_query = {
        .name = "v", .kind = DBC_VIEW, .sql = "DROP TABLE t"};
    const dbc_table_def two = {
        .name = "v", .kind = DBC_VIEW, .sql = "SELECT 1; DROP TABLE t"};
    const dbc_table_def written = {.name = "v",
                                   .kind = DBC_VIEW,
                                   .sql = "SELECT 1",
                                   COLUMNS({.name = "a", .default_sql = "1"})};
    const dbc_table_def no_content = {
        .name = "f", .kind = DBC_FTS, COLUMNS({.name = "body"})};
    const dbc_table_def no_column = {.name = "f",
                                     .kind = DBC_FTS,
                                     .content = "t",
                                     COLUMNS({.name = "rank"})};
    (void)state;

    dbc_table_release(make(&view));
    assert_refused(&no_query, "view \"v\": its query is no query: it must "
                              "begin with SELECT, WITH or VALUES");
    assert_refused(&two, "view \"v\": its query has more than one statement");
    assert_refused(&written,
                   "view \"v\": column \"a\" is only read here: it can have a "
                   "type and a key in rows, but nothing that concerns writing");
    assert_refused(&no_content,
                   "full-text index \"f\": the content (the table it covers) "
                   "is missing or empty: give one");
    assert_refused(&no_column, "full-text index \"f\": it covers no column: "
                               "name at least one");
}

static int make_and_use(void *ud, const dbc_alloc *alloc)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_table *table = NULL;
    (void)ud;

    int rc = dbc_table_new(&table, &FULL, alloc, &err);
    if (rc < 0) {
        assert_null(table);
        assert_string_equal(err.message, "out of memory");
        return rc;
    }
    assert_non_null(find(table, "handle"));
    dbc_table_release(table);
    return DBC_OK;
}

static void leaves_nothing_behind_when_memory_is_out(void **state)
{
    (void)state;
    FAULT_WALK(make_and_use, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_back_all_that_was_declared),
        cmocka_unit_test(reads_back_all_of_its_columns),
        cmocka_unit_test(reads_back_what_the_other_kinds_have),
        cmocka_unit_test(owns_all_that_its_description_points_to),
        cmocka_unit_test(lives_until_its_last_reference),
        cmocka_unit_test(finds_columns_without_regard_to_ascii_case),
        cmocka_unit_test(keeps_letters_beyond_ascii_apart),
        cmocka_unit_test(names_the_nearest_column),
        cmocka_unit_test(finds_each_of_many_columns),
        cmocka_unit_test(knows_its_key),
        cmocka_unit_test(refuses_names_that_cannot_be),
        cmocka_unit_test(refuses_a_table_without_columns_or_with_one_twice),
        cmocka_unit_test(refuses_contradictory_keys),
        cmocka_unit_test(refuses_autoincrement_where_it_cannot_be),
        cmocka_unit_test(refuses_defaults_that_contradict_the_column),
        cmocka_unit_test(refuses_a_generated_column_that_is_written),
        cmocka_unit_test(refuses_rules_that_no_value_meets),
        cmocka_unit_test(refuses_storage_that_is_no_type),
        cmocka_unit_test(refuses_expressions_that_reach_beyond_their_place),
        cmocka_unit_test(refuses_triggers_that_go_on_behind_their_end),
        cmocka_unit_test(refuses_broken_indexes),
        cmocka_unit_test(refuses_foreign_keys_that_do_not_pair),
        cmocka_unit_test(wants_the_shard_column_in_every_key),
        cmocka_unit_test(wants_a_query_for_a_view_and_a_content_for_full_text),
        cmocka_unit_test(leaves_nothing_behind_when_memory_is_out),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
