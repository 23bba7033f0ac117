#!/usr/bin/env bash
# What is installed for Lua works from the prefix: the module, dbscript and
# the definitions for editors.

# shellcheck source=spec/install/install.sh
. "$(dirname "$0")/install.sh"
install_dbcore

code='local d = require "dbcore"
local t = d.table("t", { d.integer "id" :primary_key(), d.text "name" })
local db <close> = d.open(":memory:", { schema = d.schema { t } })
db:create(d.schema { t })
db:insert(t):values({ name = "Ada" }):run()
print(d.version, db:from(t):one().name)'
said=$(printf '#include <dbcore.h>\nDBC_VERSION\n' |
    ${CC:-cc} -E -P -I"$prefix/include" - | tail -n 1 | tr -d '" ')$'\tAda'

got=$(cd "$folder" && "$prefix/bin/dbscript" -e "$code" 2>&1) || true
[ "$got" = "$said" ] || fail "dbscript says: $got"

for lua in lua5.4 lua-5.4 lua54 lua; do
    if has "$lua"; then break; fi
done
has "$lua" || skip "there is no interpreter of Lua 5.4; dbscript is well"
got=$(cd "$folder" && LUA_PATH="$prefix/share/lua/5.4/?.lua;$prefix/share/lua/5.4/?/init.lua" \
    LUA_CPATH="$libdir/lua/5.4/?.so" "$lua" -e "$code" 2>&1) || true
[ "$got" = "$said" ] || fail "$lua says: $got"
# Each module of the source is there.
(cd "$root/lua/dbcore" && find . -name '*.lua' | sort) >"$folder/ours"
(cd "$prefix/share/lua/5.4/dbcore" && find . -name '*.lua' | sort) >"$folder/theirs"
check "all Lua modules are installed" diff "$folder/ours" "$folder/theirs"
(cd "$root/lua/meta" && find . -name '*.lua' | sort) >"$folder/ours"
(cd "$prefix/share/dbcore/meta" && find . -name '*.lua' | sort) >"$folder/theirs"
check "all definitions for editors are installed" diff "$folder/ours" "$folder/theirs"
[ -f "$prefix/share/doc/dbcore/LICENSE" ] || fail "the licence is missing"
