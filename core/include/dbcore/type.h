/**
 * The types that a column can be declared with. They decide which values are
 * taken, and what a stored value is read as.
 */
#ifndef DBCORE_TYPE_H
#define DBCORE_TYPE_H

#include "export.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The types a column can be declared with: name, Lua's word for it, and the
 * type SQLite stores it under. The declared type decides which values are
 * taken and what a stored value is read as:
 *
 *   BOOLEAN       true and false, stored as 1 and 0
 *   JSON          JSON text
 *   NUMERIC       an integer or a real, whichever was given
 *   TIMESTAMP     whole seconds since 1970-01-01 UTC
 *   TIMESTAMP_MS  whole milliseconds since then
 *   DATETIME      text, "2026-01-31 23:59:59", optional fraction and zone
 *   DATE          text, "2026-01-31"
 *   UUID          text, 36 characters, lower case
 *   ENUM          text, one of the column's `enum_values`
 *   CUSTOM        `storage` says how it is stored; the host has the codec
 *   ANY           not declared: nothing is checked or changed
 */
#define DBC_TYPE_MAP(X)                        \
    X(ANY, "any", "ANY")                       \
    X(INTEGER, "integer", "INTEGER")           \
    X(REAL, "real", "REAL")                    \
    X(TEXT, "text", "TEXT")                    \
    X(BLOB, "blob", "BLOB")                    \
    X(BOOLEAN, "boolean", "INTEGER")           \
    X(JSON, "json", "TEXT")                    \
    X(NUMERIC, "numeric", "NUMERIC")           \
    X(TIMESTAMP, "timestamp", "INTEGER")       \
    X(TIMESTAMP_MS, "timestamp_ms", "INTEGER") \
    X(DATETIME, "datetime", "TEXT")            \
    X(DATE, "date", "TEXT")                    \
    X(UUID, "uuid", "TEXT")                    \
    X(ENUM, "enum", "TEXT")                    \
    X(CUSTOM, "custom", "ANY")

/** The type of a column, which decides how values come and go. */
typedef enum dbc_type {
#define DBC_TYPE_ENUM(name, word, sql) DBC_T_##name,
    DBC_TYPE_MAP(DBC_TYPE_ENUM)
#undef DBC_TYPE_ENUM
} dbc_type;

/** The word of a type, such as "timestamp_ms". Static; never NULL. */
DBC_API const char *dbc_type_word(dbc_type type);

/** The type with that word. Returns -1 when there is none. */
DBC_API int dbc_type_from_word(const char *word);

#ifdef __cplusplus
}
#endif

#endif
