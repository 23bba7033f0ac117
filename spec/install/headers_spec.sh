#!/usr/bin/env bash
# Every public header stands alone: as C11, and in C++ from 11 to 20, without
# a warning.

# shellcheck source=spec/install/install.sh
. "$(dirname "$0")/install.sh"
install_dbcore

lua_flags=$(for name in lua5.4 lua-5.4 lua54 lua; do pkg-config --cflags "$name" 2>/dev/null && break; done)
strict="-Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only -I$prefix/include $lua_flags"

# Compiles header $3 alone with compiler $1, as $2.
compile_alone() {
    local file=$folder/alone.${2%%=*}
    printf '#include "%s"\n' "$3" >"$file"
    # shellcheck disable=SC2086 # a list of flags
    check "$3 alone with $1 -std=${2#*=}" "$1" "-std=${2#*=}" $strict "$file"
}

headers=0
for header in "$prefix"/include/*.h; do
    name=$(basename "$header")
    for compiler in "${CC:-cc}" gcc clang; do
        if has "$compiler"; then compile_alone "$compiler" c=c11 "$name"; fi
    done
    for compiler in "${CXX:-c++}" g++ clang++; do
        for standard in c++11 c++20; do
            if has "$compiler"; then compile_alone "$compiler" "cpp=$standard" "$name"; fi
        done
    done
    headers=$((headers + 1))
done
[ $headers -ge 2 ] || fail "only $headers headers are installed"
has "${CXX:-c++}" || skip "there is no C++ compiler; C is well"
