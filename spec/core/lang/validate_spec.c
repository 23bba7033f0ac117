// Rows against their table, without a connection: every rule, its path and its
// words, and memory that runs out on the way.
#include <stdio.h>

#include "fault.h"
#include "spec.h"

static const char *const ROLES[] = {"admin", "reader"};

static const dbc_column_def HOME[] = {
    {.name = "city", .type = DBC_T_TEXT, .flags = DBC_COLUMN_NOT_NULL},
};
static const dbc_shape HOME_SHAPE = {HOME, COUNT(HOME), NULL};
static const dbc_column_def TAG = {
    .type = DBC_T_TEXT, .flags = DBC_COLUMN_HAS_MAX_LEN, .max_len = 3};
static const dbc_shape TAGS_SHAPE = {NULL, 0, &TAG};
static const dbc_column_def SETTINGS[] = {
    {.name = "theme", .type = DBC_T_ENUM, .enum_values = {ROLES, 2}},
    {.name = "home", .type = DBC_T_JSON, .shape = &HOME_SHAPE},
    {.name = "tags", .type = DBC_T_JSON, .shape = &TAGS_SHAPE},
};
static const dbc_shape SETTINGS_SHAPE = {SETTINGS, COUNT(SETTINGS), NULL};

static const dbc_column_def COLUMNS[] = {
    {.name = "id", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY},
    {.name = "name",
     .type = DBC_T_TEXT,
     .flags =
         DBC_COLUMN_NOT_NULL | DBC_COLUMN_HAS_MIN_LEN | DBC_COLUMN_HAS_MAX_LEN,
     .min_len = 2,
     .max_len = 4,
     .pattern = "^%a+$"},
    {.name = "age",
     .type = DBC_T_INTEGER,
     .flags = DBC_COLUMN_HAS_MIN | DBC_COLUMN_HAS_MAX,
     .min = 0,
     .max = 150,
     .check = "age <> 99"},
    {.name = "role",
     .type = DBC_T_ENUM,
     .flags = DBC_COLUMN_NOT_NULL | DBC_COLUMN_HAS_DEFAULT,
     .enum_values = {ROLES, 2},
     .default_value = {DBC_TEXT, 6, {.text = "reader"}}},
    {.name = "photo",
     .type = DBC_T_BLOB,
     .flags = DBC_COLUMN_HAS_MAX_LEN,
     .max_len = 2},
    {.name = "settings", .type = DBC_T_JSON, .shape = &SETTINGS_SHAPE},
    {.name = "lower", .type = DBC_T_TEXT, .generated = "lower(name)"},
};

enum { ID, NAME, AGE, ROLE, PHOTO, JSON, LOWER, COLUMN_COUNT };

static const dbc_check_def CHECKS[] = {
    {"grown", "role <> 'admin' OR age >= 18"}};

typedef struct row {
    dbc_value values[COLUMN_COUNT];
    unsigned char presence[COLUMN_COUNT];
} row;

typedef struct host {
    int calls, releases;
    int rc;
    const char *word;
} host;

static int judge(void *ud, dbc_conn *conn, const dbc_row *judged,
                 dbc_report *report, dbc_error *err)
{
    host *h = ud;

    assert_null(conn);
    assert_non_null(judged->table);
    h->calls++;
    if (h->rc < 0) {
        *err = (dbc_error)DBC_ERROR_INIT;
        err->code = h->rc;
        return h->rc;
    }
    if (h->word) dbc_report_add(report, NULL, NULL, h->word, "no such thing");
    return DBC_OK;
}

static void release(void *ud)
{
    host *h = ud;
    h->releases++;
}

static int make_table(dbc_table **out, host *h, const dbc_alloc *alloc)
{
    dbc_table_def def = {.name = "users",
                         .columns = COLUMNS,
                         .column_count = COUNT(COLUMNS),
                         .checks = CHECKS,
                         .check_count = COUNT(CHECKS)};
    dbc_error err;

    if (h) def.host = (dbc_host_rules){judge, release, h, NULL};
    return dbc_table_new(out, &def, alloc, &err);
}

static dbc_value text(const char *string)
{
    return dbc_value_text(string, strlen(string));
}

static void give(row *r, size_t column, dbc_value value)
{
    r->values[column] = value;
    r->presence[column] = DBC_GIVEN;
}

// "path rule" of each violation, in order, with "; " between.
static const char *told(const dbc_report *report)
{
    static char all[600];
    size_t used = 0;

    all[0] = '\0';
    for (size_t i = 0; i < dbc_report_count(report); i++) {
        const dbc_violation *one = dbc_report_at(report, i);
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s %s",
                                 i ? "; " : "", one->path, one->rule);
    }
    return all;
}

typedef struct world {
    dbc_table *table;
    dbc_report *report;
} world;

static int set_up(void **state)
{
    static world w;

    *state = &w;
    if (make_table(&w.table, NULL, NULL) < 0) return -1;
    return dbc_report_new(&w.report, NULL);
}

static int tear_down(void **state)
{
    world *w = *state;

    dbc_report_free(w->report);
    dbc_table_release(w->table);
    return 0;
}

static int judge_row(world *w, row *r, dbc_row_use use, dbc_error *err)
{
    const dbc_row judged = {w->table, use, r->values, r->presence};

    dbc_report_clear(w->report);
    return dbc_row_validate(w->report, &judged, NULL, err);
}

#define ASSERT_TOLD(expected, w, r, use)                         \
    do {                                                         \
        dbc_error told_err = DBC_ERROR_INIT;                     \
        assert_int_equal(DBC_EVALIDATION,                        \
                         judge_row((w), (r), (use), &told_err)); \
        assert_string_equal((expected), told((w)->report));      \
        assert_string_equal("users", told_err.table);            \
    } while (0)

static void accepts_a_good_row_and_stores_it(void **state)
{
    world *w = *state;
    row r = {.presence = {0}};
    dbc_error err;

    give(&r, NAME, text("Ada"));
    give(&r, AGE, dbc_value_real(36));
    give(&r, PHOTO, text("ab"));
    give(&r, JSON,
         text("{\"theme\":\"admin\",\"home\":{\"city\":\"X\"},"
              "\"tags\":[\"a\",\"bcd\"]}"));

    assert_int_equal(DBC_OK, judge_row(w, &r, DBC_ROW_INSERT, &err));
    assert_int_equal(DBC_INT, r.values[AGE].type);
    assert_int_equal(DBC_BLOB, r.values[PHOTO].type);
}

static void tells_all_that_is_wrong_in_order(void **state)
{
    world *w = *state;
    row r = {.presence = {0}};
    dbc_error err = DBC_ERROR_INIT;

    give(&r, LOWER, text("x"));
    give(&r, JSON,
         text("{\"theme\":\"dark\",\"home\":{},"
              "\"tags\":[\"a\",\"long\",5],\"hom\":1}"));
    give(&r, PHOTO, text("abc"));
    give(&r, ROLE, text("admim"));
    give(&r, AGE, dbc_value_int(151));
    give(&r, NAME, text("x1234"));

    assert_int_equal(DBC_EVALIDATION, judge_row(w, &r, DBC_ROW_INSERT, &err));
    assert_string_equal(
        "name length; name pattern; age range; role enum; photo length; "
        "settings.theme enum; settings.home.city not_null; "
        "settings.tags[2] length; settings.tags[3] type; "
        "settings.hom unknown; lower generated",
        told(w->report));
    assert_string_equal("column \"users.name\" has a length out of its bounds: "
                        "expected from 2 to 4 characters, got 5 (and 10 more)",
                        err.message);
    assert_string_equal("name,age,role,photo,settings,lower", err.columns);
}

static void knows_each_use_of_a_row(void **state)
{
    world *w = *state;
    row none = {.presence = {0}}, null = {.presence = {0}};
    dbc_error err;

    ASSERT_TOLD("name not_null", w, &none, DBC_ROW_INSERT);
    none = (row){.presence = {0}};
    assert_int_equal(DBC_OK, judge_row(w, &none, DBC_ROW_UPDATE, &err));
    ASSERT_TOLD("id not_null; name not_null; role not_null", w, &none,
                DBC_ROW_SELECT);
    give(&null, NAME, dbc_value_null());
    give(&null, ROLE, dbc_value_null());
    give(&null, AGE, dbc_value_null());
    ASSERT_TOLD("name not_null; role not_null", w, &null, DBC_ROW_UPDATE);
}

static void decides_checks_with_what_will_be_there(void **state)
{
    world *w = *state;
    row r = {.presence = {0}};
    dbc_error err;

    give(&r, NAME, text("Ada"));
    give(&r, AGE, dbc_value_int(99));
    ASSERT_TOLD("age check", w, &r, DBC_ROW_INSERT);
    assert_string_equal("age <> 99", dbc_report_at(w->report, 0)->constraint);
    give(&r, AGE, dbc_value_int(17));
    assert_int_equal(DBC_OK, judge_row(w, &r, DBC_ROW_INSERT, &err));
    give(&r, ROLE, text("admin"));
    ASSERT_TOLD("check check", w, &r, DBC_ROW_INSERT);
    assert_string_equal("grown", dbc_report_at(w->report, 0)->constraint);
    r.presence[AGE] = DBC_COMPUTED;
    assert_int_equal(DBC_OK, judge_row(w, &r, DBC_ROW_INSERT, &err));
    // What broke its type is not known either.
    give(&r, AGE, text("x"));
    ASSERT_TOLD("age type", w, &r, DBC_ROW_INSERT);
}

static void refuses_what_the_host_cannot_express(void **state)
{
    world *w = *state;
    row r = {.presence = {0}};

    give(&r, NAME, dbc_value_foreign("a function", 10));
    ASSERT_TOLD("name type", w, &r, DBC_ROW_INSERT);
    assert_string_equal(
        "column \"users.name\" is text: expected text, got a function",
        dbc_report_at(w->report, 0)->message);
}

static void says_what_is_no_json(void **state)
{
    static const struct {
        const char *json, *told;
    } cases[] = {
        {"{", "settings type"},
        {"[1]", "settings type"},
        {"5", "settings type"},
        {"{\"home\":[1]}", "settings.home type"},
        {"{\"tags\":{\"a\":1}}", "settings.tags type"},
        {"{\"theme\":true}", "settings.theme type"},
        {"{\"home\":{\"city\":null}}", "settings.home.city not_null"},
    };
    static const char *const fine[] = {"{}", "[]", "null",
                                       "{\"tags\":{},\"theme\":null}",
                                       "{\"tags\":[null]}"};
    world *w = *state;
    dbc_error err;
    row r = {.presence = {0}};

    for (size_t i = 0; i < COUNT(cases); i++) {
        give(&r, JSON, text(cases[i].json));
        ASSERT_TOLD(cases[i].told, w, &r, DBC_ROW_UPDATE);
    }
    for (size_t i = 0; i < COUNT(fine); i++) {
        give(&r, JSON, text(fine[i]));
        assert_int_equal(DBC_OK, judge_row(w, &r, DBC_ROW_UPDATE, &err));
    }
}

static void asks_the_host_and_lets_it_go(void **state)
{
    host h = {0};
    world w;
    row r = {.presence = {0}};
    dbc_error err;
    (void)state;

    assert_int_equal(DBC_OK, make_table(&w.table, &h, NULL));
    assert_int_equal(DBC_OK, dbc_report_new(&w.report, NULL));

    assert_int_equal(DBC_OK, judge_row(&w, &r, DBC_ROW_UPDATE, &err));
    h.word = "moon";
    ASSERT_TOLD("moon moon", &w, &r, DBC_ROW_UPDATE);
    h.rc = DBC_ECALLBACK;
    assert_int_equal(DBC_ECALLBACK, judge_row(&w, &r, DBC_ROW_UPDATE, &err));

    dbc_report_free(w.report);
    dbc_table_release(w.table);
    assert_int_equal(3, h.calls);
    assert_int_equal(1, h.releases);
}

static void refuses_shapes_that_mean_nothing(void **state)
{
    static const dbc_column_def blob[] = {{.name = "b", .type = DBC_T_BLOB}};
    static const dbc_column_def key[] = {
        {.name = "k", .type = DBC_T_INTEGER, .flags = DBC_COLUMN_PRIMARY_KEY}};
    static const dbc_column_def twice[] = {{.name = "k", .type = DBC_T_TEXT},
                                           {.name = "k", .type = DBC_T_TEXT}};
    static const dbc_column_def nameless[] = {{.type = DBC_T_TEXT}};
    static const dbc_column_def wrong[] = {
        {.name = "p", .type = DBC_T_TEXT, .pattern = "["}};
    static const struct {
        dbc_shape shape;
        const char *message;
    } cases[] = {
        {{blob, 1, NULL},
         "table \"t\": field \"j.b\" is blob, for which JSON has no form"},
        {{key, 1, NULL},
         "table \"t\": field \"j.k\" says what only a column of a table can "
         "be: inside JSON there are not_null, enum, length, range and "
         "pattern"},
        {{twice, 2, NULL}, "table \"t\": \"j\" has the field \"k\" twice"},
        {{nameless, 1, NULL}, "table \"t\": field 1 of \"j\" has no name"},
        {{wrong, 1, NULL},
         "table \"t\": column \"j.p\" has the pattern \"[\", which has a [ "
         "that is not closed"},
        {{blob, 1, &TAG}, "table \"t\": a shape is either an object or a list"},
    };
    (void)state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const dbc_column_def column = {
            .name = "j", .type = DBC_T_JSON, .shape = &cases[i].shape};
        const dbc_table_def def = {
            .name = "t", .columns = &column, .column_count = 1};
        dbc_table *table = NULL;
        dbc_error err;

        assert_int_equal(DBC_ESCHEMA, dbc_table_new(&table, &def, NULL, &err));
        assert_string_equal(cases[i].message, err.message);
    }
}

static int validate_once(void *ud, const dbc_alloc *alloc)
{
    world w = {NULL, NULL};
    row r = {.presence = {0}};
    host h = {0};
    dbc_error err = DBC_ERROR_INIT;
    (void)ud;

    int rc = make_table(&w.table, &h, alloc);
    if (rc >= 0) rc = dbc_report_new(&w.report, alloc);
    if (rc >= 0) {
        give(&r, NAME, text("x1234"));
        give(&r, ROLE, text("boss"));
        give(&r, AGE, dbc_value_int(-1));
        give(&r, JSON, text("{\"tags\":[\"long\",\"long\",\"long\",1,2,3,4]}"));
        rc = judge_row(&w, &r, DBC_ROW_INSERT, &err);
        assert_int_equal(rc, err.code);
        if (rc == DBC_EVALIDATION) {
            assert_int_equal(11, dbc_report_count(w.report));
            rc = DBC_OK;
        }
    }
    dbc_report_free(w.report);
    dbc_table_release(w.table);
    return rc;
}

static void survives_memory_that_runs_out(void **state)
{
    (void)state;
    FAULT_WALK(validate_once, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SPEC(accepts_a_good_row_and_stores_it),
        SPEC(tells_all_that_is_wrong_in_order),
        SPEC(knows_each_use_of_a_row),
        SPEC(decides_checks_with_what_will_be_there),
        SPEC(refuses_what_the_host_cannot_express),
        SPEC(says_what_is_no_json),
        cmocka_unit_test(asks_the_host_and_lets_it_go),
        cmocka_unit_test(refuses_shapes_that_mean_nothing),
        cmocka_unit_test(survives_memory_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
