#!/usr/bin/env bash
# Every public header stands alone, also when it is included twice: as C11, and
# in C++ from 11 to 20, without a warning. dbcore.h includes all of its parts.

# shellcheck source=spec/install/install.sh
. "$(dirname "$0")/install.sh"
install_dbcore

lua_flags=$(for name in lua5.4 lua-5.4 lua54 lua; do pkg-config --cflags "$name" 2>/dev/null && break; done)
strict="-Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only -I$prefix/include $lua_flags"

# Compiles header $3 alone with compiler $1, as $2. What one declares may be
# nothing at all, which C does not allow a file.
compile_alone() {
    local file=$folder/alone.${2%%=*}
    printf '#include <%s>\n#include <%s>\nextern int nothing;\n' "$3" "$3" >"$file"
    # shellcheck disable=SC2086 # a list of flags
    check "$3 alone with $1 -std=${2#*=}" "$1" "-std=${2#*=}" $strict "$file"
}

headers=0
for header in "$prefix"/include/*.h "$prefix"/include/dbcore/*.h; do
    name=${header#"$prefix"/include/}
    for compiler in "${CC:-cc}" gcc clang; do
        if has "$compiler"; then compile_alone "$compiler" c=c11 "$name"; fi
    done
    for compiler in "${CXX:-c++}" g++ clang++; do
        for standard in c++11 c++17 c++20; do
            if has "$compiler"; then compile_alone "$compiler" "cpp=$standard" "$name"; fi
        done
    done
    headers=$((headers + 1))
done
[ $headers -ge 40 ] || fail "only $headers headers are installed"

# What the front door opens, to each part by the way there.
printf '#include <dbcore.h>\n' | "${CC:-cc}" -I"$prefix/include" -E -x c - |
    sed -n "s|^# [0-9]* \"$prefix/include/\(dbcore/[a-z_]*\.h\)\".*|\1|p" | sort -u >"$folder/opened"
(cd "$prefix/include" && printf '%s\n' dbcore/*.h) | sort >"$folder/parts"
check "dbcore.h includes all of its parts" diff "$folder/parts" "$folder/opened"
has "${CXX:-c++}" || skip "there is no C++ compiler; C is well"
