// Lists of names, sorted. What is missing on purpose: load_extension,
// fts3_tokenizer, sqlite_dbpage and the like; json_patch, whose work grows with
// the product of its texts, and nothing stops it; database_list and
// compile_options, which tell of the machine.
#include "harmless.h"

#include <sqlite3.h>
#include <stddef.h>
#include <stdlib.h>

static const char *const functions[] = {
    "->",
    "->>",
    "abs",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "avg",
    "bm25",
    "ceil",
    "ceiling",
    "changes",
    "char",
    "coalesce",
    "concat",
    "concat_ws",
    "cos",
    "cosh",
    "count",
    "cume_dist",
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "datetime",
    "dbc_require", // what a policy demands of rows that are written
    "degrees",
    "dense_rank",
    "exp",
    "first_value",
    "floor",
    "format",
    "fts5",
    "glob",
    "group_concat",
    "hex",
    "highlight",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_array",
    "json_array_length",
    "json_error_position",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_insert",
    "json_object",
    "json_quote",
    "json_remove",
    "json_replace",
    "json_set",
    "json_type",
    "json_valid",
    "julianday",
    "lag",
    "last_insert_rowid",
    "last_value",
    "lead",
    "length",
    "like",
    "likelihood",
    "likely",
    "ln",
    "log",
    "log10",
    "log2",
    "lower",
    "ltrim",
    "match",
    "max",
    "min",
    "mod",
    "nth_value",
    "ntile",
    "nullif",
    "octet_length",
    "percent_rank",
    "pi",
    "pow",
    "power",
    "printf",
    "quote",
    "radians",
    "random",
    "randomblob",
    "rank",
    "regexp",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "sin",
    "sinh",
    "snippet",
    "soundex",
    "sqrt",
    "strftime",
    "string_agg",
    "substr",
    "substring",
    "subtype",
    "sum",
    "tan",
    "tanh",
    "time",
    "timediff",
    "total",
    "total_changes",
    "trim",
    "trunc",
    "typeof",
    "unhex",
    "unicode",
    "unixepoch",
    "unlikely",
    "upper",
    "zeroblob",
};

// Those that take a name or a number as their value.
static const char *const asking_pragmas[] = {
    "foreign_key_check", "foreign_key_list", "index_info",  "index_list",
    "index_xinfo",       "integrity_check",  "quick_check", "table_info",
    "table_list",        "table_xinfo",
};

// Those that tell when they are given none.
static const char *const telling_pragmas[] = {
    "application_id", "auto_vacuum",        "collation_list", "data_version",
    "encoding",       "foreign_keys",       "freelist_count", "page_count",
    "page_size",      "recursive_triggers", "schema_version", "user_version",
};

static const char *const sources[] = {
    "dbc_list",
    "json_each",
    "json_tree",
    "pragma_foreign_key_check",
    "pragma_foreign_key_list",
    "pragma_index_info",
    "pragma_index_list",
    "pragma_index_xinfo",
    "pragma_table_info",
    "pragma_table_list",
    "pragma_table_xinfo",
};

static const char *const modules[] = {"fts5"};

static int compare(const void *key, const void *item)
{
    return sqlite3_stricmp(key, *(const char *const *)item);
}

static int is_among(const char *name, const char *const *list, size_t count)
{
    return name != NULL &&
           bsearch(name, list, count, sizeof *list, compare) != NULL;
}

#define IS_AMONG(name, list) is_among(name, list, sizeof(list) / sizeof *(list))

int dbc__sqlite_is_harmless_function(const char *name)
{
    return IS_AMONG(name, functions);
}

int dbc__sqlite_is_harmless_pragma(const char *name, const char *value)
{
    if (IS_AMONG(name, asking_pragmas)) return 1;
    return value == NULL && IS_AMONG(name, telling_pragmas);
}

int dbc__sqlite_is_harmless_source(const char *name)
{
    return IS_AMONG(name, sources);
}

int dbc__sqlite_is_harmless_module(const char *name)
{
    return IS_AMONG(name, modules);
}
