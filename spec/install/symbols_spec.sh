#!/usr/bin/env bash
# A shared library shows what its headers declare, all of it and nothing else.

# shellcheck source=spec/install/install.sh
. "$(dirname "$0")/install.sh"
install_dbcore
has nm || skip "there is no nm"

# The functions that are declared with DBC_API in the files given.
declared() {
    tr '\n' ' ' <"$1" | sed 's|/\*|\n/*|g; s|\*/|*/\n|g; s/;/;\n/g' | sed '/^\/\*/d' |
        sed -nE 's/^.*DBC_API [^(]*[ *]([a-z_0-9]+)\(.*$/\1/p'
}

exported() {
    nm -D --defined-only "$1" | awk '$2 != "A" { print $3 }' | sed 's/@.*//'
}

# Says how library $1, whose names begin like $2, and the headers $3… differ.
compare() {
    local library=$1 prefixes=$2 header
    shift 2
    for header in "$@"; do declared "$prefix/include/$header"; done | sort -u >"$folder/declared"
    exported "$library" | sort -u >"$folder/exported"
    [ -s "$folder/declared" ] || fail "no function is declared in $*"
    check "$(basename "$library") shows what $* declare (< declared, > shown)" \
        diff "$folder/declared" "$folder/exported"
    if grep -v "^\($prefixes\)" "$folder/exported"; then
        fail "$(basename "$library") shows foreign names"
    fi
}

[ -e "$libdir/libdbcore.so" ] || skip "the shared library is not built"
of_scripts="dbcore_script.h dbcore_lua.h"
of_core=$(cd "$prefix/include" && echo dbcore*.h dbcore/*.h)
for header in $of_scripts; do of_core=${of_core/$header/}; done
# shellcheck disable=SC2086 # lists of names
compare "$libdir/libdbcore.so" 'dbc_[a-z]' $of_core
# shellcheck disable=SC2086
compare "$libdir/libdbcore_script.so" 'dbc_script_\|dbcore_lua_\|luaopen_dbcore_' $of_scripts
