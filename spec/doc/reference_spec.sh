#!/bin/sh
# The reference can be written from the sources as they are, has a page for
# everything, and is refused when something in it is not described. A half
# whose tool is missing is left out, and then the whole counts as skipped.
set -eu

root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
    echo "$1"
    exit 1
}

# A copy of what it is made from, to be spoilt.
copy() {
    rm -rf "$folder/tree"
    mkdir -p "$folder/tree/lua" "$folder/tree/bindings/vm" "$folder/tree/bindings/lua" \
        "$folder/tree/core"
    cp -R "$root/doc" "$folder/tree/doc"
    cp -R "$root/lua/meta" "$folder/tree/lua/meta"
    cp -R "$root/core/include" "$folder/tree/core/include"
    cp "$root/bindings/vm/dbcore_script.h" "$folder/tree/bindings/vm"
    cp "$root/bindings/lua/dbcore_lua.h" "$folder/tree/bindings/lua"
}

# reference.sh must fail on the copy and say $1.
refused() {
    sh "$folder/tree/doc/reference.sh" "$folder/spoilt" >"$folder/said" 2>&1 &&
        fail "the reference is written though: $1"
    grep -q "$1" "$folder/said" || {
        cat "$folder/said"
        fail "it does not say: $1"
    }
}

code=0
sh "$root/doc/reference.sh" "$folder/out" >"$folder/said" 2>&1 || code=$?
cat "$folder/said"
[ "$code" = 0 ] || [ "$code" = 77 ] || exit 1

if [ -d "$folder/out/lua" ]; then
    for page in modules/dbcore classes/dbcore.Query classes/dbcore.Expr modules/dbcore.shapes; do
        [ -f "$folder/out/lua/$page.html" ] || fail "there is no page $page"
    done
    for name in match_words bm25 repository migrator; do
        grep -q "dbcore.$name\|#$name\|name = \"$name\"" "$folder/out/lua/modules/dbcore.html" ||
            fail "the page of the module does not have $name"
    done
    copy
    echo '---@param x { y: string' >>"$folder/tree/lua/meta/dbcore/table.lua"
    echo 'function dbcore.spoilt(x) end' >>"$folder/tree/lua/meta/dbcore/table.lua"
    refused "a type does not end"
fi
if [ -d "$folder/out/c" ]; then
    grep -q 'dbc_query_compile' "$folder/out/c/html/sql_8h.html" ||
        fail "the page of dbcore/sql.h does not have dbc_query_compile"
    copy
    sed 's|^DBC_API size_t dbc_table_key_count|DBC_API int dbc_spoilt(int x);\n\n&|' \
        "$root/core/include/dbcore/table.h" | sed 's|^/\*\* How many columns the primary key has.*||' \
        >"$folder/tree/core/include/dbcore/table.h"
    refused "dbc_spoilt.* is not documented"
fi
exit "$code"
