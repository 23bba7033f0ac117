// What is missing is found out by trying: the engine names a function, a
// collation or a module that it does not know. What a function may be used for
// is asked of the connection that has it, so that a plan meets on the scratch
// database what it would meet on the real one.
#include "stand_in.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "error.h"
#include "stmt.h"

// As pragma_function_list gives them.
enum {
    IS_DETERMINISTIC = 0x800,
    IS_DIRECT_ONLY = 0x80000,
    IS_INNOCUOUS = 0x200000
};

// --------------------------------------------------------------------- lacks

dbc__lack dbc__lack_of(const char *message)
{
    static const struct {
        const char *start;
        dbc__lack_kind kind;
    } starts[] = {{"no such function: ", DBC__LACK_FUNCTION},
                  {"unknown function: ", DBC__LACK_FUNCTION},
                  {"no such collation sequence: ", DBC__LACK_COLLATION},
                  {"no such module: ", DBC__LACK_MODULE},
                  {"unsafe use of ", DBC__LACK_TRUST}};
    dbc__lack lack = {DBC__LACK_NOTHING, ""};

    // "error in index i: no such function: f"
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        const char *place = strstr(message, starts[i].start);
        if (!place) continue;
        if (place != message && (place < message + 2 || place[-2] != ':'))
            continue;
        lack.kind = starts[i].kind;
        snprintf(lack.name, sizeof lack.name, "%s",
                 place + strlen(starts[i].start));
        // "no such function: REGEXP: the operator …"
        char *advice = strstr(lack.name, ": ");
        if (advice) *advice = '\0';
    }
    size_t len = strlen(lack.name);
    // A virtual table may be unsafe, too: "unsafe use of virtual table "v"".
    if (lack.kind == DBC__LACK_TRUST && strchr(lack.name, '"'))
        return (dbc__lack){DBC__LACK_NOTHING, ""};
    // "unsafe use of f()", "unknown function: f()"
    if (len > 2 && strcmp(lack.name + len - 2, "()") == 0)
        lack.name[len - 2] = '\0';
    // Of what the engine brings along, the driver says what to do.
    else if (lack.kind == DBC__LACK_TRUST)
        lack = (dbc__lack){DBC__LACK_NOTHING, ""};
    return lack;
}

dbc__lack_words dbc__lack_say(const dbc__lack *lack)
{
    static const struct {
        const char *format, *fix;
    } words[] = {
        [DBC__LACK_NOTHING] = {"%.100s", ""},
        [DBC__LACK_FUNCTION] = {"the function \"%.100s\" is not known on this "
                                "connection",
                                "register it there first"},
        [DBC__LACK_COLLATION] =
            {"the collation \"%.100s\" is not known on this "
             "connection",
             "register it there first"},
        [DBC__LACK_MODULE] = {"the module \"%.100s\" is not known on this "
                              "connection",
                              "load its extension there first"},
        [DBC__LACK_TRUST] = {"the function \"%.100s\" may not be used in a "
                             "schema here",
                             "register it as innocuous, or trust the schema"}};
    dbc__lack_words out = {"", words[lack->kind].fix};

    snprintf(out.what, sizeof out.what, words[lack->kind].format, lack->name);
    return out;
}

// The list of collations has those, too, that only a schema speaks of.
static int knows_collation(const char *name, dbc_conn *conn)
{
    dbc_stmt *stmt = NULL;
    dbc_buf sql;
    int rc;

    dbc__buf_init(&sql, conn->alloc);
    dbc_buf_add_string(&sql, "SELECT '' = '' COLLATE ");
    conn->driver->dialect->quote(&sql, name, strlen(name));
    if (sql.status < 0)
        rc = dbc__error_nomem(&conn->error);
    else
        rc = dbc_stmt_acquire(&stmt, conn, sql.data, sql.len);
    dbc_stmt_release(stmt);
    dbc__buf_dispose(&sql);
    if (rc < 0 &&
        dbc__lack_of(conn->error.message).kind == DBC__LACK_COLLATION) {
        dbc__error_clear(&conn->error);
        return 0;
    }
    return rc < 0 ? rc : 1;
}

int dbc__lack_is_known(const dbc__lack *lack, dbc_conn *conn)
{
    static const char functions[] =
        "SELECT 1 FROM pragma_function_list WHERE name = ?1 COLLATE NOCASE";
    static const char modules[] =
        "SELECT 1 FROM pragma_module_list WHERE name = ?1 COLLATE NOCASE";
    const char *sql = lack->kind == DBC__LACK_MODULE ? modules : functions;
    dbc_value name = dbc_value_text(lack->name, strlen(lack->name));
    dbc_stmt *stmt = NULL;

    if (lack->kind == DBC__LACK_NOTHING || lack->kind == DBC__LACK_TRUST)
        return 0;
    if (lack->kind == DBC__LACK_COLLATION)
        return knows_collation(lack->name, conn);
    int rc = dbc_stmt_acquire(&stmt, conn, sql, strlen(sql));
    if (rc >= 0) rc = dbc_stmt_bind(stmt, &name, 1);
    if (rc >= 0) rc = dbc_stmt_step(stmt);
    dbc_stmt_release(stmt);
    return rc < 0 ? rc : rc == DBC_ROW;
}

// ----------------------------------------------------------------- stand-ins

static void call(dbc_call *call, void *ud, const dbc_value *args, size_t count)
{
    (void)ud;
    (void)args;
    (void)count;
    dbc_call_return(call, dbc_value_null());
}

static void *begin(dbc_call *call, void *ud)
{
    (void)ud;
    return call; // anything but NULL
}

static void step(dbc_call *call, void *state, const dbc_value *args,
                 size_t count)
{
    (void)call;
    (void)state;
    (void)args;
    (void)count;
}

static void value(dbc_call *call, void *state)
{
    (void)state;
    dbc_call_return(call, dbc_value_null());
}

static void end(void *state)
{
    (void)state;
}

static int compare(dbc_call *call, void *ud, const char *a, size_t a_len,
                   const char *b, size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

    (void)call;
    (void)ud;
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

static int make_function(dbc_conn *scratch, const char *name, int arg_count,
                         unsigned flags)
{
    dbc_function function = {
        .name = name, .arg_count = arg_count, .flags = flags, .call = call};

    return dbc_create_function(scratch, &function);
}

static int make_aggregate(dbc_conn *scratch, const char *name, int arg_count,
                          unsigned flags, int is_window)
{
    dbc_aggregate aggregate = {.name = name,
                               .arg_count = arg_count,
                               .flags = flags,
                               .begin = begin,
                               .step = step,
                               .inverse = is_window ? step : NULL,
                               .value = value,
                               .end = end};

    return dbc_create_aggregate(scratch, &aggregate);
}

// One form of a function, as a row of "type, narg, flags, trusted".
static int make_form(dbc_conn *scratch, const char *name, const dbc_value *row)
{
    int64_t has = row[2].as.i;
    int arg_count = (int)row[1].as.i;
    char type = 's';
    int is_free =
        (has & IS_INNOCUOUS) || (!(has & IS_DIRECT_ONLY) && row[3].as.i != 0);
    unsigned flags = (has & IS_DETERMINISTIC ? DBC_FUNCTION_DETERMINISTIC : 0) |
                     (is_free ? DBC_FUNCTION_INNOCUOUS : 0);

    if (row[0].type == DBC_TEXT) type = row[0].as.text[0];
    if (type == 's') return make_function(scratch, name, arg_count, flags);
    return make_aggregate(scratch, name, arg_count, flags, type == 'w');
}

static int copy_function(dbc_conn *scratch, dbc_conn *like, const char *name)
{
    static const char ask[] =
        "SELECT DISTINCT type, narg, flags, (SELECT trusted_schema FROM "
        "pragma_trusted_schema) FROM pragma_function_list "
        "WHERE name = ?1 COLLATE NOCASE";
    dbc_value bound = dbc_value_text(name, strlen(name));
    dbc_stmt *stmt = NULL;
    int made = DBC_OK;

    int rc = dbc_stmt_acquire(&stmt, like, ask, sizeof ask - 1);
    if (rc >= 0) rc = dbc_stmt_bind(stmt, &bound, 1);
    while (made >= 0 && rc >= 0 && (rc = dbc_stmt_step(stmt)) == DBC_ROW)
        made = make_form(scratch, name, dbc_stmt_row(stmt));
    dbc_stmt_release(stmt);
    if (rc < 0) scratch->error = like->error;
    return made < 0 ? made : rc < 0 ? rc : DBC_OK;
}

int dbc__stand_in_make(dbc_conn *scratch, dbc_conn *like, const dbc__lack *lack)
{
    dbc_collation collation = {.name = lack->name, .compare = compare};

    if (lack->kind == DBC__LACK_COLLATION)
        return dbc_create_collation(scratch, &collation);
    if (like) return copy_function(scratch, like, lack->name);
    return make_function(scratch, lack->name, DBC_ANY_COUNT,
                         DBC_FUNCTION_DETERMINISTIC | DBC_FUNCTION_INNOCUOUS);
}

int dbc__stand_in_drop(dbc_conn *scratch, const dbc__lack *lack)
{
    dbc_function function = {.name = lack->name, .arg_count = DBC_ANY_COUNT};
    dbc_collation collation = {.name = lack->name};

    if (lack->kind == DBC__LACK_COLLATION)
        return dbc_create_collation(scratch, &collation);
    return dbc_create_function(scratch, &function);
}
