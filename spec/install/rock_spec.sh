#!/usr/bin/env bash
# LuaRocks builds and installs the rock from a clean tree, and takes it out
# again. Both rockspecs are the same but for their version, and one of them is
# for the version that the header tells.

# shellcheck source=spec/install/install.sh
. "$(dirname "$0")/install.sh"

version=$(sed -nE 's/^#define DBC_VERSION_(MAJOR|MINOR|PATCH) ([0-9]+)$/\2/p' \
    "$root/core/include/dbcore/version.h" | paste -sd .)
released=$root/rockspec/dbcore-$version-1.rockspec
[ -f "$released" ] || fail "there is no $(basename "$released") for the version of dbcore/version.h"
sed "s/scm-1/$version-1/g" "$root/rockspec/dbcore-scm-1.rockspec" >"$folder/scm"
check "the rockspecs are the same but for their version" diff "$folder/scm" "$released"

for name in luarocks-5.4 luarocks; do
    if has "$name"; then break; fi
done
has "$name" || skip "there is no luarocks"
rocks=("$name" --lua-version=5.4)
if ! "${rocks[@]}" config lua_version >/dev/null 2>&1; then skip "luarocks has no Lua 5.4"; fi
for rockspec in "$root"/rockspec/*.rockspec; do
    check "linting $(basename "$rockspec")" "${rocks[@]}" lint "$rockspec"
done

mkdir "$folder/clean"
(cd "$root" && tar cf - --exclude='./build*' --exclude=./.git .) | tar xf - -C "$folder/clean"
cd "$folder/clean"
CMAKE_BUILD_PARALLEL_LEVEL=2 check "luarocks make" \
    "${rocks[@]}" make "--tree=$folder/tree" rockspec/dbcore-scm-1.rockspec

code='local d = require "dbcore"; print(d.open(":memory:"):query("SELECT 42"):value())'
cd "$folder"
got=$("$folder/tree/bin/dbscript" -e "$code" 2>&1) || true
[ "$got" = 42 ] || fail "dbscript of the rock says: $got"
for lua in lua5.4 lua-5.4 lua54 lua; do
    if has "$lua"; then break; fi
done
eval "$("${rocks[@]}" path "--tree=$folder/tree")"
got=$("$lua" -e "$code" 2>&1) || true
[ "$got" = 42 ] || fail "$lua with the rock says: $got"

check "luarocks remove" "${rocks[@]}" remove "--tree=$folder/tree" dbcore
left=$(find "$folder/tree" -path '*lib/luarocks*' -prune -o -type f -print)
[ -z "$left" ] || fail "luarocks left behind: $left"
