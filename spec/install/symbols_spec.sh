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

# Says what library $1 shows that no header declares, and what the headers $2…
# declare that it does not have.
compare() {
    local library=$1 header
    shift
    for header in "$prefix"/include/*.h; do declared "$header"; done | sort -u >"$folder/known"
    for header in "$@"; do declared "$prefix/include/$header"; done | sort -u >"$folder/declared"
    exported "$library" | sort -u >"$folder/exported"
    [ -s "$folder/declared" ] || fail "no function is declared in $*"
    if comm -13 "$folder/known" "$folder/exported" | grep .; then
        fail "$(basename "$library") shows what no header declares"
    fi
    if comm -23 "$folder/declared" "$folder/exported" | grep .; then
        fail "$(basename "$library") lacks what $* declare"
    fi
    if grep -v '^dbc_[a-z]' "$folder/exported"; then
        fail "$(basename "$library") shows names that are not dbc_…"
    fi
}

[ -e "$libdir/libdbcore.so" ] || skip "the shared library is not built"
compare "$libdir/libdbcore.so" dbcore.h dbcore_driver.h
