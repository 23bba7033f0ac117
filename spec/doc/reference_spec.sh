#!/bin/sh
# The reference can be written from the sources as they are, has a page for
# everything, and is refused when something in it is not described.
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

for tool in ldoc doxygen; do
    command -v "$tool" >/dev/null 2>&1 ||
        fail "the reference needs $tool, which is not installed; spec/run installs it"
done
sh "$root/doc/reference.sh" "$folder/out" >"$folder/said" 2>&1 || {
    cat "$folder/said"
    exit 1
}

# Says how lists $2 and $3 of names differ.
same() {
    diff "$2" "$3" >"$folder/said" || {
        cat "$folder/said"
        fail "$1 (< declared, > in the reference)"
    }
}

# Every function and method of the Lua module has its place, and one only.
cat "$root"/lua/meta/dbcore/*.lua |
    sed -n 's/^function [A-Za-z]*[.:]\([a-z_0-9]*\)(.*/\1/p' | sort >"$folder/declared"
cat "$folder"/out/lua/modules/dbcore.html "$folder"/out/lua/classes/*.html |
    sed -n 's/^ *<a name = "\([a-z_]*:\)\{0,1\}\([a-z_0-9]*\)"><\/a>$/\2/p' |
    grep -vx fields | sort >"$folder/there"
[ -s "$folder/declared" ] || fail "lua/meta declares no function"
same "the pages of the Lua module" "$folder/declared" "$folder/there"

# What a type leads to is there.
links=$(cat "$folder"/out/lua/*/*.html | grep -o 'href="\.\./[a-z]*/dbcore\.[A-Za-z.]*html[^"]*"' | sort -u)
[ -n "$links" ] || fail "no type in the pages of the Lua module is a link"
for link in $links; do
    link=${link#href=\"../}
    link=${link%\"}
    page=$folder/out/lua/${link%%#*}
    [ -f "$page" ] || fail "a link leads to no page: $link"
    case $link in
    *"#"*) grep -q "<a name = \"${link#*#}\"></a>" "$page" || fail "a link leads nowhere: $link" ;;
    esac
done

copy
echo '---@param x { y: string' >>"$folder/tree/lua/meta/dbcore/table.lua"
echo 'function dbcore.spoilt(x) end' >>"$folder/tree/lua/meta/dbcore/table.lua"
refused "a type does not end"

# So has every function of the headers.
cat "$root"/core/include/*.h "$root"/core/include/dbcore/*.h "$root"/bindings/vm/dbcore_script.h \
    "$root"/bindings/lua/dbcore_lua.h | tr '\n' ' ' |
    sed 's|/\*|\n/*|g; s|\*/|*/\n|g; s/;/;\n/g' | sed '/^\/\*/d' |
    sed -nE 's/^.*DBC_API [^(]*[ *]([a-z_0-9]+)\(.*$/\1/p' | sort >"$folder/declared"
cat "$folder"/out/c/html/*.html |
    sed -n 's|^<h2 class="memtitle">.*</span>\([a-z_0-9]*\)()</h2>$|\1|p' | sort |
    grep -vE '^dbc_value_(null|int|bool|real|text|blob|list|foreign)$' >"$folder/there"
[ -s "$folder/declared" ] || fail "the headers declare no function"
same "the pages of the C library" "$folder/declared" "$folder/there"
copy
sed 's|^DBC_API size_t dbc_table_key_count|DBC_API int dbc_spoilt(int x);\n\n&|' \
    "$root/core/include/dbcore/table.h" | sed 's|^/\*\* How many columns the primary key has.*||' \
    >"$folder/tree/core/include/dbcore/table.h"
refused "dbc_spoilt.* is not documented"
