#include "blame.h"

#include "name.h"
#include "spec.h"
#include "sqlite_session.h"

static const char *const name_author[] = {"author_id"};
static const char *const name_id[] = {"id"};
static const char *const names_pair[] = {"a", "b"};
static const char *const roles[] = {"admin", "reader"};

static const dbc_foreign_key_def to_users = {
    .name = "posts_author", .table = "users", .to = {name_id, 1}};

static dbc_table *make(const dbc_table_def *def)
{
    dbc_error err = DBC_ERROR_INIT;
    dbc_table *table = NULL;
    int rc = dbc_table_new(&table, def, NULL, &err);

    spec_assert_rc(DBC_OK, rc, &err, __FILE__, __LINE__);
    return table;
}

// What is said of an error of `code` in a statement about a table with that
// description; `constraint`, `table` and `columns` are what the engine said.
static dbc_error blame_in(const dbc_table_def *def, const dbc_query *query,
                          dbc_query_kind kind, const dbc_error *said)
{
    dbc_table *table = make(def);
    dbc_sql sql = {.kind = kind, .table = table};
    dbc_error err = *said;

    dbc__blame(&err, query, &sql);
    assert_int_equal(said->code, err.code);
    assert_int_equal(said->native, err.native);
    assert_int_equal(said->offset, err.offset);
    assert_int_equal(said->row, err.row);
    dbc_table_release(table);
    return err;
}

static dbc_error blame(const dbc_table_def *def, dbc_query_kind kind,
                       const dbc_error *said)
{
    dbc_query *query = dbc_query_new(NULL);
    dbc_error err = blame_in(def, query, kind, said);

    dbc_query_free(query);
    return err;
}

static void assert_error(const dbc_error *err, const char *table,
                         const char *columns, const char *constraint,
                         const char *message)
{
    assert_string_equal(table, err->table);
    assert_string_equal(columns, err->columns);
    assert_string_equal(constraint, err->constraint);
    assert_string_equal(message, err->message);
}

// ---------------------------------------------------------------- foreign keys

static const dbc_column_def post_columns[] = {
    {.name = "id", .type = DBC_T_INTEGER},
    {.name = "author_id", .type = DBC_T_INTEGER, .references = &to_users},
    {.name = "editor_id", .type = DBC_T_INTEGER},
};

static const dbc_table_def posts = {.name = "posts",
                                    .prefix = "app_",
                                    .columns = post_columns,
                                    .column_count = COUNT(post_columns)};

static const dbc_error no_parent = {.code = DBC_EFOREIGNKEY,
                                    .native = 787,
                                    .offset = -1,
                                    .row = 3,
                                    .message = "FOREIGN KEY failed"};

static void names_the_only_foreign_key_of_an_insert(void **state)
{
    (void)state;
    dbc_error err = blame(&posts, DBC_INSERT, &no_parent);

    assert_error(&err, "posts", "author_id", "posts_author",
                 "FOREIGN KEY failed (\"author_id\" of \"posts\" refers to "
                 "\"users\")");
}

static void joins_the_columns_of_a_foreign_key(void **state)
{
    static const dbc_column_def columns[] = {
        {.name = "a", .type = DBC_T_INTEGER},
        {.name = "b", .type = DBC_T_INTEGER}};
    static const dbc_foreign_key_def key = {.columns = {names_pair, 2},
                                            .table = "pairs"};
    static const dbc_table_def def = {.name = "t",
                                      .columns = columns,
                                      .column_count = 2,
                                      .foreign_keys = &key,
                                      .foreign_key_count = 1};

    (void)state;
    dbc_error err = blame(&def, DBC_INSERT, &no_parent);

    assert_error(&err, "t", "a,b", "",
                 "FOREIGN KEY failed (\"a,b\" of \"t\" refers to \"pairs\")");
}

static void names_the_statement_when_it_could_be_another_key(void **state)
{
    static const dbc_foreign_key_def key = {.columns = {name_author, 1},
                                            .table = "users"};
    static const dbc_trigger_def trigger = {
        "log", "AFTER INSERT ON app_posts BEGIN SELECT 1; END"};
    static const dbc_key_def replacing = {.columns = {name_id, 1},
                                          .on_conflict = DBC_CONFLICT_REPLACE};
    dbc_table_def two = posts, watched = posts, replaced = posts;

    (void)state;
    two.foreign_keys = &key;
    two.foreign_key_count = 1;
    watched.triggers = &trigger;
    watched.trigger_count = 1;
    replaced.uniques = &replacing;
    replaced.unique_count = 1;
    const struct {
        const dbc_table_def *def;
        dbc_query_kind kind;
        const char *message;
    } cases[] = {
        {&posts, DBC_UPDATE, "FOREIGN KEY failed (update of \"posts\")"},
        {&posts, DBC_DELETE, "FOREIGN KEY failed (delete from \"posts\")"},
        {&two, DBC_INSERT, "FOREIGN KEY failed (insert into \"posts\")"},
        {&watched, DBC_INSERT, "FOREIGN KEY failed (insert into \"posts\")"},
        {&replaced, DBC_INSERT, "FOREIGN KEY failed (insert into \"posts\")"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        dbc_error err = blame(cases[i].def, cases[i].kind, &no_parent);
        assert_error(&err, "posts", "", "", cases[i].message);
    }
}

static void does_not_guess_when_an_insert_may_update(void **state)
{
    dbc_query *query = dbc_query_new(NULL);
    dbc_table *table = make(&posts);
    const dbc_column *id = dbc_table_find(table, "id", 2, NULL);

    (void)state;
    dbc_query_insert(query, table);
    dbc_query_on_conflict(query, &id, 1);
    dbc_query_conflict_set(query, id, dbc_expr_value(query, dbc_value_int(1)));
    dbc_error err = blame_in(&posts, query, DBC_INSERT, &no_parent);

    assert_error(&err, "posts", "", "",
                 "FOREIGN KEY failed (insert into \"posts\")");
    dbc_query_free(query);
    dbc_table_release(table);
}

// ---------------------------------------------------------------------- checks

static const dbc_column_def person_columns[] = {
    {.name = "age", .type = DBC_T_INTEGER, .check = "age >= 0"},
    {.name = "size",
     .type = DBC_T_INTEGER,
     .check = "size >= 0",
     .check_name = "has_size"},
    {.name = "twin", .type = DBC_T_INTEGER, .check = "1 = 1"},
    {.name = "other", .type = DBC_T_INTEGER, .check = "1 = 1"},
    {.name = "it's", .type = DBC_T_INTEGER, .check = "\"it's\"\"\" > 0"},
    {.name = "role", .type = DBC_T_ENUM, .enum_values = {roles, 2}},
};

static const dbc_table_def people = {.name = "people",
                                     .columns = person_columns,
                                     .column_count = COUNT(person_columns)};

static dbc_error check_failed(const char *constraint)
{
    dbc_error err = {
        .code = DBC_ECHECK, .native = 275, .offset = -1, .message = "CHECK"};

    strcpy(err.constraint, constraint);
    return err;
}

static void finds_the_column_of_a_check(void **state)
{
    const struct {
        const char *constraint, *columns, *message;
    } cases[] = {
        {"age >= 0", "age", "CHECK (column \"age\" of \"people\")"},
        {"has_size", "size", "CHECK (column \"size\" of \"people\")"},
        {"people_role_enum", "role", "CHECK (column \"role\" of \"people\")"},
        {"people_role_range", "role", "CHECK (column \"role\" of \"people\")"},
        {"1 = 1", "", "CHECK (insert into \"people\")"},
        {"size >= 0", "", "CHECK (insert into \"people\")"},
        {"something else", "", "CHECK (insert into \"people\")"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        dbc_error said = check_failed(cases[i].constraint);
        dbc_error err = blame(&people, DBC_INSERT, &said);
        assert_error(&err, "people", cases[i].columns, cases[i].constraint,
                     cases[i].message);
    }
}

static void knows_the_name_that_sqlite_makes_of_a_quoted_text(void **state)
{
    const dbc_error said = check_failed("it's\"");
    const dbc_error other = check_failed("it's\" > 0");

    (void)state;
    dbc_error err = blame(&people, DBC_INSERT, &said);
    assert_error(&err, "people", "it's", "\"it's\"\"\" > 0",
                 "CHECK (column \"it's\" of \"people\")");
    err = blame(&people, DBC_INSERT, &other);
    assert_string_equal("", err.columns);
}

static void does_not_trust_a_name_that_sqlite_lends_to_the_next_check(
    void **state)
{
    static const dbc_check_def unnamed = {NULL, "age < size"};
    static const dbc_check_def named = {"small", "age < size"};
    const dbc_error said = check_failed("people_role_enum");
    dbc_table_def def = people;

    (void)state;
    def.check_count = 1;
    def.checks = &unnamed;
    dbc_error err = blame(&def, DBC_INSERT, &said);
    assert_string_equal("", err.columns);
    def.checks = &named;
    err = blame(&def, DBC_INSERT, &said);
    assert_string_equal("role", err.columns);
}

// --------------------------------------------------------------------- uniques

static dbc_error not_unique(const char *table, const char *columns)
{
    dbc_error err = {
        .code = DBC_EUNIQUE, .native = 2067, .offset = -1, .message = "UNIQUE"};

    strcpy(err.table, table);
    strcpy(err.columns, columns);
    return err;
}

static void finds_the_name_of_a_unique_constraint(void **state)
{
    static const char *const email[] = {"email"};
    static const char *const code[] = {"code"};
    static const char *const twin[] = {"twin"};
    static const dbc_column_def columns[] = {
        {.name = "a", .type = DBC_T_INTEGER},
        {.name = "b", .type = DBC_T_INTEGER},
        {.name = "email", .type = DBC_T_TEXT},
        {.name = "code", .type = DBC_T_TEXT},
        {.name = "twin", .type = DBC_T_TEXT, .flags = DBC_COLUMN_UNIQUE},
        {.name = "city", .type = DBC_T_TEXT},
    };
    static const dbc_key_def uniques[] = {
        {.name = "pair_once", .columns = {names_pair, 2}},
        {.columns = {code, 1}},
        {.name = "twin_once", .columns = {twin, 1}}};
    static const dbc_index_part city[] = {{.column = "city"}, {.column = "a"}};
    static const dbc_index_def indexes[] = {
        {.name = "city_plain", .parts = city, .part_count = 1},
        {.name = "city_once", .parts = city, .part_count = 2, .unique = 1}};
    static const dbc_table_def def = {
        .name = "t",
        .prefix = "app_",
        .columns = columns,
        .column_count = COUNT(columns),
        .primary_key = {.name = "t_key", .columns = {email, 1}},
        .uniques = uniques,
        .unique_count = COUNT(uniques),
        .indexes = indexes,
        .index_count = COUNT(indexes)};
    const struct {
        const char *table, *columns, *constraint;
    } cases[] = {
        {"app_t", "a,b", "pair_once"},
        {"app_t", "email", "t_key"},
        {"app_t", "city,a", "city_once"},
        {"app_t", "city", ""},
        {"app_t", "code", ""},
        {"app_t", "twin", ""},
        {"app_t", "a", ""},
        {"app_t", "a,b,c", ""},
        {"app_t", "", ""},
        {"log", "a,b", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        dbc_error said = not_unique(cases[i].table, cases[i].columns);
        dbc_error err = blame(&def, DBC_INSERT, &said);
        int own = strcmp(cases[i].table, "app_t") == 0;
        assert_error(&err, own ? "t" : cases[i].table, cases[i].columns,
                     cases[i].constraint, "UNIQUE");
    }
}

// ----------------------------------------------------------------- other
// errors

static void leaves_alone_what_it_knows_nothing_of(void **state)
{
    const dbc_error syntax = {
        .code = DBC_ESYNTAX, .offset = 4, .message = "near \"x\""};
    const dbc_error trigger = {
        .code = DBC_ETRIGGER, .offset = -1, .message = "posts are kept"};

    (void)state;
    dbc_error err = blame(&posts, DBC_INSERT, &syntax);
    assert_error(&err, "", "", "", "near \"x\"");
    err = blame(&posts, DBC_INSERT, &trigger);
    assert_error(&err, "posts", "", "", "posts are kept");
    dbc_sql tableless = {.kind = DBC_SELECT};
    err = no_parent;
    dbc__blame(&err, NULL, &tableless);
    assert_error(&err, "", "", "", "FOREIGN KEY failed");
}

static void fits_into_the_error_whatever_the_names(void **state)
{
    char name[DBC__NAME_MAX + 1];
    dbc_column_def columns[] = {{.name = name, .type = DBC_T_INTEGER}};
    dbc_foreign_key_def key = {.name = name, .table = name};
    dbc_table_def def = {.name = name, .columns = columns, .column_count = 1};
    dbc_error said = no_parent;

    (void)state;
    memset(name, '"', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    memset(said.message, 'x', sizeof said.message - 1);
    columns[0].references = &key;
    dbc_error err = blame(&def, DBC_INSERT, &said);

    assert_int_equal(sizeof err.table - 1, strlen(err.table));
    assert_int_equal(sizeof err.columns - 1, strlen(err.columns));
    assert_int_equal(sizeof err.constraint - 1, strlen(err.constraint));
    assert_true(strlen(err.message) < sizeof err.message);
}

// ---------------------------------------------------------------- the real
// engine

static void blames_every_way_of_running_a_query(void **state)
{
    sqlite_session session;
    dbc_table *table = make(&posts);
    const dbc_column *author = dbc_table_find(table, "author_id", 9, NULL);
    dbc_query *query = dbc_query_new(NULL);
    const char *message =
        "FOREIGN KEY constraint failed: a row would refer to one that is not "
        "there (\"author_id\" of \"posts\" refers to \"users\")";
    dbc_stmt *stmt = NULL;

    (void)state;
    sqlite_session_open(&session, NULL, NULL);
    EXEC(session.conn, "CREATE TABLE users (id INTEGER PRIMARY KEY);"
                       "CREATE TABLE app_posts (id, author_id REFERENCES users,"
                       " editor_id)");
    dbc_query_insert(query, table);
    dbc_query_set(query, author, dbc_expr_value(query, dbc_value_int(9)));
    ASSERT_RC(DBC_EFOREIGNKEY, dbc_query_run(NULL, session.conn, query, NULL),
              session.conn);
    const dbc_error *err = dbc_conn_error(session.conn);
    assert_error(err, "posts", "author_id", "posts_author", message);

    dbc_query_returning(query, dbc_expr_column(query, author, NULL), NULL);
    ASSERT_RC(DBC_OK, dbc_query_open(&stmt, session.conn, query, NULL),
              session.conn);
    ASSERT_RC(DBC_EFOREIGNKEY, dbc_stmt_step(stmt), session.conn);
    assert_error(err, "posts", "author_id", "posts_author", message);
    ASSERT_RC(DBC_EFOREIGNKEY, dbc_query_repeat(stmt, query, NULL, NULL),
              session.conn);
    assert_error(err, "posts", "author_id", "posts_author", message);

    dbc_stmt_release(stmt);
    dbc_query_free(query);
    dbc_table_release(table);
    sqlite_session_close(&session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_only_foreign_key_of_an_insert),
        cmocka_unit_test(joins_the_columns_of_a_foreign_key),
        cmocka_unit_test(names_the_statement_when_it_could_be_another_key),
        cmocka_unit_test(does_not_guess_when_an_insert_may_update),
        cmocka_unit_test(finds_the_column_of_a_check),
        cmocka_unit_test(knows_the_name_that_sqlite_makes_of_a_quoted_text),
        cmocka_unit_test(
            does_not_trust_a_name_that_sqlite_lends_to_the_next_check),
        cmocka_unit_test(finds_the_name_of_a_unique_constraint),
        cmocka_unit_test(leaves_alone_what_it_knows_nothing_of),
        cmocka_unit_test(fits_into_the_error_whatever_the_names),
        cmocka_unit_test(blames_every_way_of_running_a_query),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
