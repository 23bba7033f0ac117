#!/usr/bin/env bash
# DBCORE_SQLITE links an amalgamation instead of the system's SQLite, and says
# before anything is built what is wrong with one.
#
# DBCORE_AMALGAMATION may name a true amalgamation: then dbcore is built with
# it, too, which takes minutes.

# shellcheck source=spec/install/install.sh
. "$(dirname "$0")/install.sh"

fake=$folder/sqlite
mkdir "$fake"

configure() {
    cmake -S "$root" -B "$folder/build" -DDBCORE_SPECS=OFF "-DDBCORE_SQLITE=$1" 2>&1
}

# Configuring with folder $1 fails, and says $2 and all behind it.
refuses() {
    local said words
    if said=$(configure "$1"); then fail "a SQLite was taken that should say: $2"; fi
    said=$(printf '%s' "$said" | tr -s ' \n' '  ')
    shift
    for words in "$@"; do
        case $said in
        *"$words"*) ;;
        *) fail "\"$words\" is not in: $said" ;;
        esac
    done
}

refuses "$fake" "there is no sqlite3.c" "the folder of SQLite's amalgamation"

cat >"$fake/sqlite3.h" <<'TEXT'
#define SQLITE_VERSION        "3.36.1"
#define SQLITE_VERSION_NUMBER 3036001
TEXT
echo >"$fake/sqlite3.c"
refuses "$fake" "is 3.36.1; dbcore needs 3.37 or newer"

# An engine by name only: it can be linked, and knows no full-text index.
cat >"$fake/sqlite3.h" <<'TEXT'
#include <stddef.h>
#define SQLITE_VERSION        "3.37.0"
#define SQLITE_VERSION_NUMBER 3037000
#define SQLITE_OK 0
typedef struct sqlite3 sqlite3;
typedef long long sqlite3_int64;
int sqlite3_open(const char *, sqlite3 **);
int sqlite3_close(sqlite3 *);
int sqlite3_exec(sqlite3 *, const char *, void *, void *, void *);
const char *sqlite3_libversion(void);
int sqlite3_libversion_number(void);
int sqlite3_threadsafe(void);
TEXT
interfaces=$(sed -n '/interfaces\[\]/,/};/s/^.*)\(sqlite3_[a-z0-9_]*\),$/\1/p' \
    "$root/core/drivers/sqlite/probe.c")
[ -n "$interfaces" ] || fail "the probe names no interface"
for name in $interfaces; do printf 'void %s(void);\n' "$name"; done >>"$fake/sqlite3.h"
cat >"$fake/sqlite3.c" <<'TEXT'
#include <string.h>
#include "sqlite3.h"
int sqlite3_open(const char *path, sqlite3 **db) { (void)path; *db = NULL; return 0; }
int sqlite3_close(sqlite3 *db) { (void)db; return 0; }
int sqlite3_exec(sqlite3 *db, const char *sql, void *a, void *b, void *c)
{
    (void)db; (void)a; (void)b; (void)c;
    return strstr(sql, "fts5") != NULL;
}
const char *sqlite3_libversion(void) { return SQLITE_VERSION; }
int sqlite3_libversion_number(void) { return SQLITE_VERSION_NUMBER; }
int sqlite3_threadsafe(void) { return 0; }
TEXT
for name in $interfaces; do printf 'void %s(void) {}\n' "$name"; done >>"$fake/sqlite3.c"
refuses "$fake" "lacks what dbcore needs" "full-text indexes: build it with SQLITE_ENABLE_FTS5" \
    "use by several threads: build it with SQLITE_THREADSAFE 1 or 2"
sed -i '/^void sqlite3_progress_handler/d' "$fake/sqlite3.c"
refuses "$fake" "lacks something" "sqlite3_progress_handler"

[ -n "${DBCORE_AMALGAMATION:-}" ] || skip "DBCORE_AMALGAMATION names none; messages are well"
version=$(sed -n 's/^#define SQLITE_VERSION  *"\(.*\)"$/\1/p' "$DBCORE_AMALGAMATION/sqlite3.h")
check "configuring with $DBCORE_AMALGAMATION" configure "$DBCORE_AMALGAMATION"
check "building with it" cmake --build "$folder/build" -j 2
code='local d = require "dbcore"; print(d.open(":memory:"):query("SELECT sqlite_version()"):value())'
got=$("$folder/build/bin/dbscript" -e "$code" 2>&1) || true
[ "$got" = "$version" ] || fail "dbscript says: $got"
if [[ $(nm -D --defined-only "$folder/build/core/libdbcore.so") == *' sqlite3_'* ]]; then
    fail "the shared library shows SQLite's functions"
fi
