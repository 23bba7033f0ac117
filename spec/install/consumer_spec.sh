#!/usr/bin/env bash
# A project that never saw dbcore's tree builds against what is installed: by
# find_package() and by pkg-config, in C and in C++, shared and static.

# shellcheck source=spec/install/install.sh
. "$(dirname "$0")/install.sh"
install_dbcore
# Moved, because nothing may point to where it was installed at first.
mv "$prefix" "$folder/moved"
libdir=$folder/moved/${libdir#"$prefix"/}
prefix=$folder/moved
[ -e "$libdir/libdbcore.so" ] || skip "the shared library is not built"
said="2 birds, the last is Wren"

cp -R "$here/consumer" "$folder/consumer"
cp "$root/examples/embed_min.c" "$folder/consumer/"
check "configuring by find_package()" cmake -S "$folder/consumer" -B "$folder/by-cmake" \
    -DCMAKE_BUILD_TYPE=Debug "-DCMAKE_PREFIX_PATH=$prefix"
check "building by find_package()" cmake --build "$folder/by-cmake"
check "running what find_package() built" \
    ctest --test-dir "$folder/by-cmake" --no-tests=error --output-on-failure

cat >"$folder/consumer/CMakeLists.txt" <<'TEXT'
cmake_minimum_required(VERSION 3.21)
project(demanding LANGUAGES C)
find_package(dbcore 99.0 REQUIRED)
TEXT
if cmake -S "$folder/consumer" -B "$folder/demanding" "-DCMAKE_PREFIX_PATH=$prefix" \
    >"$folder/demanding.log" 2>&1; then
    fail "find_package(dbcore 99.0) found version $(grep dbcore_VERSION "$folder/demanding.log")"
fi

export PKG_CONFIG_PATH=$libdir/pkgconfig
header_version=$(printf '#include <dbcore.h>\nDBC_VERSION\n' |
    ${CC:-cc} -E -P -I"$prefix/include" - | tail -n 1 | tr -d '" ')
[ "$(pkg-config --modversion dbcore)" = "$header_version" ] ||
    fail "pkg-config says $(pkg-config --modversion dbcore), the header $header_version"

# Compiles source $2 with compiler $1 by pkg-config, first shared, then static.
by_pkgconfig() {
    local compiler=$1 source=$folder/consumer/$2 program=$folder/$2.program
    # shellcheck disable=SC2046 # lists of flags
    check "building $2, shared" "$compiler" "$source" -o "$program" \
        $(pkg-config --cflags --libs dbcore) "-Wl,-rpath,$libdir"
    [ "$("$program")" = "$said" ] || fail "$2, shared, says $("$program" 2>&1)"
    # Not by a pipe: grep -q may end before ldd has said all, and that fails the pipe.
    [[ $(ldd "$program") == *libdbcore.so* ]] || fail "$2 is not linked with the shared library"
    # shellcheck disable=SC2046
    check "building $2, static" "$compiler" "$source" -o "$program" \
        $(pkg-config --static --cflags --libs dbcore | sed "s|-ldbcore|$libdir/libdbcore.a|")
    [ "$("$program")" = "$said" ] || fail "$2, static, says $("$program" 2>&1)"
}

# The same for the smallest host of scripts.
host_by_pkgconfig() {
    local program=$folder/host
    # shellcheck disable=SC2046 # lists of flags
    check "building a host of scripts" "${CC:-cc}" "$folder/consumer/embed_min.c" -o "$program" \
        $(pkg-config --cflags --libs dbcore_script) "-Wl,-rpath,$libdir"
    [ "$("$program" Wren)" = "Wren is visitor 1" ] ||
        fail "a host of scripts says $("$program" Wren 2>&1)"
}

by_pkgconfig "${CC:-cc}" consumer.c
host_by_pkgconfig
has "${CXX:-c++}" || skip "there is no C++ compiler; C is well"
by_pkgconfig "${CXX:-c++}" consumer.cpp
