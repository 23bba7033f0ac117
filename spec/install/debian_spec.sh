#!/usr/bin/env bash
# CPack makes a Debian package, and what it unpacks to works: the module in
# lua5.4, dbscript, and the library.

# shellcheck source=spec/install/install.sh
. "$(dirname "$0")/install.sh"
build_dbcore
has dpkg-deb || skip "there is no dpkg"
has cpack || skip "there is no cpack"

said=$(cpack -G DEB --config "$build/CPackConfig.cmake" -B "$folder/deb" 2>&1) ||
    fail "cpack -G DEB: $said"
[[ $said != *Warning* ]] || fail "cpack warns: $said"
package=$(find "$folder/deb" -maxdepth 1 -name 'dbcore_*.deb')
[ -n "$package" ] || fail "cpack made no package"

# What dpkg is told.
field() { dpkg-deb -f "$package" "$1"; }
[ "$(field Package)" = dbcore ] || fail "the package is called $(field Package)"
[ "$(field Architecture)" = "$(dpkg --print-architecture)" ] ||
    fail "the package is for $(field Architecture)"
if has dpkg-shlibdeps; then
    case $(field Depends) in
    *libsqlite3-0*) ;;
    *) fail "the package depends on: $(field Depends)" ;;
    esac
fi

# Read whole before it is searched: grep -q ends at once, which fails the pipe.
info=$(dpkg-deb -I "$package" triggers)
[ "$info" = "activate-noawait ldconfig" ] || fail "the triggers are: $info"
info=$(dpkg-deb -I "$package" shlibs)
[[ $info == "libdbcore 0."*" dbcore (>= 0."* ]] || fail "shlibs is: $info"

check "unpacking" dpkg-deb -x "$package" "$folder/root"
usr=$folder/root/usr
native=$(find "$usr/lib" -path '*/lua/5.4/dbcore/native.so')
[ -n "$native" ] || fail "the package has no native.so"
library=$(find "$usr/lib" -name 'libdbcore.so.*' -type f)
[ -n "$library" ] || fail "the package has no libdbcore.so"
[ -f "$usr/include/dbcore.h" ] || fail "the package has no dbcore.h"
[ -f "$usr/include/dbcore/version.h" ] || fail "the package has no dbcore/version.h"

code='local d = require "dbcore"; print(d.open(":memory:"):query("SELECT 42"):value())'
cd "$folder"
got=$("$usr/bin/dbscript" -e "$code" 2>&1) || true
[ "$got" = 42 ] || fail "dbscript of the package says: $got"
has lua5.4 || skip "there is no lua5.4; dbscript is well"
got=$(LUA_PATH="$usr/share/lua/5.4/?.lua;$usr/share/lua/5.4/?/init.lua" \
    LUA_CPATH="${native%/dbcore/native.so}/?.so" lua5.4 -e "$code" 2>&1) || true
[ "$got" = 42 ] || fail "lua5.4 with the package says: $got"
