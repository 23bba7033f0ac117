// Old versions of SQLite take two harmless things for harmful ones: a trigger
// that writes to a full-text index (before 3.44), and any function of JSON
// (3.40 among others; SQLite is asked). A schema that is not trusted may use
// neither, so an application that declares one is trusted: nothing else would
// work.
#include "trust.h"

#include <string.h>

#include "error.h"

static int has_full_text(const dbc_schema *schema)
{
    for (size_t i = 0; i < dbc_schema_table_count(schema); i++) {
        const dbc_table *table = dbc_schema_table(schema, i);
        if (dbc_table_describe(table)->kind == DBC_FTS) return 1;
    }
    return 0;
}

// json(…), json_extract(…) and their like, -> and ->>. What only looks like
// one costs trust in a schema that is the application's own.
static int mentions_json(const char *sql)
{
    for (; *sql != '\0'; sql++)
        if (strncmp(sql, "->", 2) == 0 ||
            sqlite3_strnicmp(sql, "json_", 5) == 0 ||
            sqlite3_strnicmp(sql, "json(", 5) == 0)
            return 1;
    return 0;
}

static int has_json(int *out, const dbc__sqlite *db, const dbc_schema *schema,
                    dbc_error *err)
{
    char *sql = NULL;
    int rc = dbc_schema_ddl(&sql, schema, dbc_dialect_sqlite(), db->alloc, err);

    if (rc == DBC_ENOMEM) return rc;
    *out = rc >= 0 && mentions_json(sql);
    dbc_text_free(sql, db->alloc);
    return DBC_OK;
}

// Whether SQLite calls its functions of JSON harmless.
static int is_json_harmless(sqlite3 *handle)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(handle,
                                "SELECT 1 FROM pragma_function_list WHERE name "
                                "= 'json_extract' AND flags & 0x200000",
                                -1, &stmt, NULL);

    if (rc == SQLITE_OK) rc = sqlite3_step(stmt);
    sqlite3_finalize(stmt);
    return rc == SQLITE_ROW;
}

int dbc__sqlite_must_trust(int *out, dbc__sqlite *db, const dbc_schema *schema,
                           dbc_error *err)
{
    int rc = DBC_OK;

    *out = 0;
    if (schema == NULL) return DBC_OK;
    if (sqlite3_libversion_number() < 3044000) *out = has_full_text(schema);
    if (!*out && !is_json_harmless(db->handle))
        rc = has_json(out, db, schema, err);
    return rc;
}
