// The lists of fields.
#include "lfield.h"

#include <stddef.h>

// An enum is read and written as an int.
_Static_assert(sizeof(dbc_fk_action) == sizeof(int), "enums are ints");
_Static_assert(sizeof(dbc_conflict) == sizeof(int), "enums are ints");
_Static_assert(sizeof(dbc_type) == sizeof(int), "enums are ints");

static const char *const ACTIONS[] = {"no_action", "restrict",    "cascade",
                                      "set_null",  "set_default", NULL};
static const char *const DEFERRALS[] = {"no", "immediate", "deferred", NULL};
static const char *const CONFLICTS[] = {"default", "rollback", "abort", "fail",
                                        "ignore",  "replace",  NULL};
static const char *const TABLE_KINDS[] = {"table", "view", "fts", NULL};
const char *const lfield_relation_kinds[] = {"one", "many", NULL};

// Rows of the lists below: T is the structure, m its member.
#define AT(T, m) offsetof(T, m)
#define TEXT(T, m)                               \
    {                                            \
#m, LFIELD_TEXT, AT(T, m), 0, NULL, NULL \
    }
#define NAMES(T, m)                               \
    {                                             \
#m, LFIELD_NAMES, AT(T, m), 0, NULL, NULL \
    }
#define CHOICE(T, m, words)                         \
    {                                               \
#m, LFIELD_CHOICE, AT(T, m), 0, words, NULL \
    }
#define FLAG(T, key, flag)                               \
    {                                                    \
        key, LFIELD_FLAG, AT(T, flags), flag, NULL, NULL \
    }
#define LIST(T, m, count, inner)                                \
    {                                                           \
#m, LFIELD_LIST, AT(T, m), AT(T, count), NULL, &(inner) \
    }
#define COLUMN(key, m, kind, flag)                         \
    {                                                      \
        key, kind, AT(dbc_column_def, m), flag, NULL, NULL \
    }
#define SHAPE(T, what, fields)                                     \
    {                                                              \
        what, sizeof(T), fields, sizeof(fields) / sizeof *(fields) \
    }

static const lfield KEY_FIELDS[] = {
    TEXT(dbc_key_def, name),
    NAMES(dbc_key_def, columns),
    CHOICE(dbc_key_def, on_conflict, CONFLICTS),
};
static const lrecord KEY = SHAPE(dbc_key_def, "key", KEY_FIELDS);

static const lfield FOREIGN_KEY_FIELDS[] = {
    TEXT(dbc_foreign_key_def, name),
    NAMES(dbc_foreign_key_def, columns),
    TEXT(dbc_foreign_key_def, table),
    NAMES(dbc_foreign_key_def, to),
    CHOICE(dbc_foreign_key_def, on_delete, ACTIONS),
    CHOICE(dbc_foreign_key_def, on_update, ACTIONS),
    {"deferrable", LFIELD_CHOICE, AT(dbc_foreign_key_def, deferral), 0,
     DEFERRALS, NULL},
};
static const lrecord FOREIGN_KEY =
    SHAPE(dbc_foreign_key_def, "foreign key", FOREIGN_KEY_FIELDS);

static const lfield SHAPE_FIELDS[] = {
    LIST(dbc_shape, fields, field_count, lfield_column),
    {"items", LFIELD_STRUCT_PTR, AT(dbc_shape, items), 0, NULL, &lfield_column},
};
static const lrecord JSON_SHAPE = SHAPE(dbc_shape, "shape", SHAPE_FIELDS);

static const lfield COLUMN_FIELDS[] = {
    TEXT(dbc_column_def, name),
    COLUMN("type", type, LFIELD_TYPE, 0),
    FLAG(dbc_column_def, "not_null", DBC_COLUMN_NOT_NULL),
    FLAG(dbc_column_def, "primary_key", DBC_COLUMN_PRIMARY_KEY),
    FLAG(dbc_column_def, "autoincrement", DBC_COLUMN_AUTOINCREMENT),
    FLAG(dbc_column_def, "desc_key", DBC_COLUMN_DESC_KEY),
    FLAG(dbc_column_def, "unique", DBC_COLUMN_UNIQUE),
    FLAG(dbc_column_def, "stored", DBC_COLUMN_STORED),
    FLAG(dbc_column_def, "default_now", DBC_COLUMN_DEFAULT_NOW),
    FLAG(dbc_column_def, "on_update_now", DBC_COLUMN_ON_UPDATE_NOW),
    TEXT(dbc_column_def, storage),
    COLUMN("default", default_value, LFIELD_DEFAULT, DBC_COLUMN_HAS_DEFAULT),
    TEXT(dbc_column_def, default_sql),
    TEXT(dbc_column_def, generated),
    TEXT(dbc_column_def, collate),
    TEXT(dbc_column_def, check),
    TEXT(dbc_column_def, check_name),
    COLUMN("enum", enum_values, LFIELD_NAMES, 0),
    COLUMN("min", min, LFIELD_NUMBER, DBC_COLUMN_HAS_MIN),
    COLUMN("max", max, LFIELD_NUMBER, DBC_COLUMN_HAS_MAX),
    COLUMN("min_len", min_len, LFIELD_LENGTH, DBC_COLUMN_HAS_MIN_LEN),
    COLUMN("max_len", max_len, LFIELD_LENGTH, DBC_COLUMN_HAS_MAX_LEN),
    TEXT(dbc_column_def, pattern),
    {"shape", LFIELD_STRUCT_PTR, AT(dbc_column_def, shape), 0, NULL,
     &JSON_SHAPE},
    {"references", LFIELD_STRUCT_PTR, AT(dbc_column_def, references), 0, NULL,
     &FOREIGN_KEY},
    CHOICE(dbc_column_def, on_conflict_key, CONFLICTS),
    CHOICE(dbc_column_def, on_conflict_not_null, CONFLICTS),
    CHOICE(dbc_column_def, on_conflict_unique, CONFLICTS),
    COLUMN("codec", codec, LFIELD_CODEC, 0),
    TEXT(dbc_column_def, as),
    TEXT(dbc_column_def, comment),
    TEXT(dbc_column_def, renamed_from),
    TEXT(dbc_column_def, backfill),
    TEXT(dbc_column_def, copy),
    COLUMN("default_fn", flags, LFIELD_HOST, DBC_COLUMN_HOST_DEFAULT),
    COLUMN("on_update", flags, LFIELD_HOST, DBC_COLUMN_HOST_UPDATE),
    COLUMN("validate", flags, LFIELD_HOST, 0),
};
const lrecord lfield_column = SHAPE(dbc_column_def, "column", COLUMN_FIELDS);

static const lfield PART_FIELDS[] = {
    TEXT(dbc_index_part, column),
    TEXT(dbc_index_part, expression),
    TEXT(dbc_index_part, collate),
    {"desc", LFIELD_BOOL, AT(dbc_index_part, descending), 0, NULL, NULL},
};
static const lrecord PART = SHAPE(dbc_index_part, "part", PART_FIELDS);

static const lfield INDEX_FIELDS[] = {
    TEXT(dbc_index_def, name),
    {"unique", LFIELD_BOOL, AT(dbc_index_def, unique), 0, NULL, NULL},
    TEXT(dbc_index_def, where),
    TEXT(dbc_index_def, renamed_from),
    LIST(dbc_index_def, parts, part_count, PART),
};
static const lrecord INDEX = SHAPE(dbc_index_def, "index", INDEX_FIELDS);

static const lfield CHECK_FIELDS[] = {
    TEXT(dbc_check_def, name),
    TEXT(dbc_check_def, expression),
};
static const lrecord CHECK = SHAPE(dbc_check_def, "check", CHECK_FIELDS);

static const lfield TRIGGER_FIELDS[] = {
    TEXT(dbc_trigger_def, name),
    TEXT(dbc_trigger_def, sql),
};
static const lrecord TRIGGER =
    SHAPE(dbc_trigger_def, "trigger", TRIGGER_FIELDS);

static const lfield TABLE_FIELDS[] = {
    TEXT(dbc_table_def, name),
    TEXT(dbc_table_def, prefix),
    CHOICE(dbc_table_def, kind, TABLE_KINDS),
    FLAG(dbc_table_def, "strict", DBC_TABLE_STRICT),
    FLAG(dbc_table_def, "without_rowid", DBC_TABLE_WITHOUT_ROWID),
    LIST(dbc_table_def, columns, column_count, lfield_column),
    {"primary_key", LFIELD_STRUCT, AT(dbc_table_def, primary_key), 0, NULL,
     &KEY},
    LIST(dbc_table_def, uniques, unique_count, KEY),
    LIST(dbc_table_def, indexes, index_count, INDEX),
    LIST(dbc_table_def, checks, check_count, CHECK),
    LIST(dbc_table_def, foreign_keys, foreign_key_count, FOREIGN_KEY),
    LIST(dbc_table_def, triggers, trigger_count, TRIGGER),
    TEXT(dbc_table_def, sql),
    TEXT(dbc_table_def, content),
    TEXT(dbc_table_def, tokenize),
    TEXT(dbc_table_def, comment),
    TEXT(dbc_table_def, shard_by),
    TEXT(dbc_table_def, renamed_from),
    {"rules", LFIELD_KEPT, 0, 0, NULL, NULL},
};
const lrecord lfield_table = SHAPE(dbc_table_def, "table", TABLE_FIELDS);

static const lfield RELATION_FIELDS[] = {
    TEXT(dbc_relation_def, table),
    TEXT(dbc_relation_def, name),
    CHOICE(dbc_relation_def, kind, lfield_relation_kinds),
    TEXT(dbc_relation_def, target),
    TEXT(dbc_relation_def, through),
    NAMES(dbc_relation_def, from),
    NAMES(dbc_relation_def, to),
    NAMES(dbc_relation_def, through_from),
    NAMES(dbc_relation_def, through_to),
    {"where", LFIELD_EXPR, AT(dbc_relation_def, where), 0, NULL, NULL},
};
const lrecord lfield_relation =
    SHAPE(dbc_relation_def, "relation", RELATION_FIELDS);
