# Prepares a machine for dbcore: finds out what is missing, installs exactly
# that, says what it does. Sourced by examples/run and spec/run; knows the
# names of things in the package managers below, and where it knows none it
# names the things themselves. It never touches what is already there.
#
#   . spec/support/setup.sh
#   setup compiler cmake …      # needs by name, see the table

# Each line: a need, what a person calls it, and its packages by manager,
# joined with commas. "-" means that the manager has none; "rock:NAME" comes
# from LuaRocks, which is then installed first.
setup_table='
compiler   a_C11_compiler_and_make  gcc,libc6-dev,make  gcc,make,glibc-devel  gcc,make      gcc,musl-dev,make  -
cxx        a_C++_compiler           g++                 gcc-c++               gcc           g++                -
cmake      CMake_3.21_or_newer      cmake               cmake                 cmake         cmake              cmake
pkgconfig  pkg-config               pkg-config          pkgconf-pkg-config    pkgconf       pkgconf            pkgconf
sqlite     SQLite_3.37_or_newer     libsqlite3-dev      sqlite-devel          sqlite        sqlite-dev         sqlite
lualib     Lua_5.4_with_headers     liblua5.4-dev       lua-devel             lua           lua5.4-dev         lua
jansson    Jansson_2.12_or_newer    libjansson-dev      jansson-devel         jansson       jansson-dev        jansson
libmd      libmd                    libmd-dev           libmd-devel           libmd         libmd-dev          libmd
libedit    libedit                  libedit-dev         libedit-devel         libedit       libedit-dev        libedit
argparse   argparse_for_Lua_5.4     lua-argparse        rock:argparse         rock:argparse rock:argparse     rock:argparse
lua        the_Lua_5.4_interpreter  lua5.4              lua                   lua           lua5.4             lua
cmocka     cmocka                   libcmocka-dev       libcmocka-devel       cmocka        cmocka-dev         cmocka
strace     strace                   strace              strace                strace        strace             -
busted     busted_for_Lua_5.4       lua-busted          rock:busted           busted        rock:busted        rock:busted
luacheck   luacheck                 lua-check           rock:luacheck         luacheck      rock:luacheck      luacheck
ldoc       ldoc                     lua-ldoc            rock:ldoc             rock:ldoc     rock:ldoc          rock:ldoc
doxygen    Doxygen                  doxygen             doxygen               doxygen       doxygen            doxygen
luarocks   LuaRocks                 luarocks            luarocks              luarocks      luarocks5.4        luarocks
gcovr      gcovr                    gcovr               gcovr                 -             gcovr              gcovr
gcc        gcc                      gcc                 gcc                   gcc           gcc                gcc
clangtidy  clang_and_clang-tidy_14  clang-14,clang-tidy-14 -                  -             -                  llvm@14
valgrind   valgrind                 valgrind            valgrind              valgrind      valgrind           -
'

say() {
    printf '== %s\n' "$*"
}

die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# Column $2 of the table's line for need $1.
setup_field() {
    printf '%s\n' "$setup_table" | awk -v need="$1" -v column="$2" \
        '$1 == need { print $column }'
}

setup_title() {
    setup_field "$1" 2 | tr '_' ' '
}

# ------------------------------------------------------------------- probes

# True when a pkg-config module among those given is there. The names are
# tried one by one, as CMakeLists.txt does.
has_module() {
    for module in "$@"; do
        if pkg-config --exists "$module" 2>/dev/null; then return 0; fi
    done
    return 1
}

# The interpreter of Lua 5.4, whatever this system calls it.
find_lua() {
    for name in lua5.4 lua-5.4 lua54 lua; do
        if has "$name" && [ "$("$name" -e 'io.write(_VERSION)' 2>/dev/null)" = "Lua 5.4" ]; then
            printf '%s\n' "$name"
            return 0
        fi
    done
    return 1
}

has_lua_module() {
    local lua
    lua=$(find_lua) || return 1
    "$lua" -e "require '$1'" >/dev/null 2>&1
}

# The module as a file, where bindings/script/CMakeLists.txt looks for it:
# building needs no interpreter.
has_argparse() {
    local share
    for share in /usr/share /usr/local/share /opt/homebrew/share /opt/local/share \
        "${HOME:-}/.luarocks/share"; do
        if [ -f "$share/lua/5.4/argparse.lua" ]; then return 0; fi
    done
    return 1
}

# Compiles, links and runs a program: a compiler without its C library's
# headers is as good as none. Flags come as arguments.
can_compile() {
    can_compile_as c "${CC:-cc}" -std=c11 "$@"
}

# The same for a source named probe.$1 and the compiler with its flags.
can_compile_as() {
    local dir rc=1 suffix=$1
    shift
    dir=$(mktemp -d)
    printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' >"$dir/probe.$suffix"
    if "$@" "$dir/probe.$suffix" -o "$dir/probe" >/dev/null 2>&1 &&
        "$dir/probe" >/dev/null 2>&1; then
        rc=0
    fi
    rm -rf "$dir"
    return $rc
}

# True when `$1 --version` says $2.$3 or more.
has_version() {
    has "$1" && "$1" --version 2>/dev/null | awk -v major="$2" -v minor="$3" '
        NR == 1 {
            match($0, /[0-9]+\.[0-9]+/)
            split(substr($0, RSTART, RLENGTH), v, ".")
            enough = v[1] > major || (v[1] == major && v[2] >= minor)
        }
        END { exit !enough }'
}

# True when need $1 is met.
setup_probe() {
    case "$1" in
    compiler) can_compile -O1 && has make ;;
    cxx) can_compile_as cpp "${CXX:-c++}" -std=c++11 ;;
    cmake) has_version cmake 3 21 ;;
    pkgconfig) has pkg-config ;;
    sqlite) has_module 'sqlite3 >= 3.37' ;;
    lualib) has_module lua5.4 lua-5.4 lua54 'lua >= 5.4' ;;
    jansson) has_module 'jansson >= 2.12' ;;
    libmd) has_module 'libmd >= 1.0' ;;
    libedit) has_module libedit ;;
    argparse) has_argparse ;;
    lua) find_lua >/dev/null ;;
    cmocka) has_module cmocka ;;
    strace) has strace ;;
    busted) has_lua_module busted ;;
    luacheck) has luacheck ;;
    ldoc) has ldoc ;;
    doxygen) has doxygen ;;
    luarocks) has luarocks || has luarocks-5.4 ;;
    gcovr) has gcovr ;;
    gcc) has gcc ;;
    clangtidy) has clang-14 && has clang-tidy-14 ;;
    valgrind) has valgrind ;;
    esac
}

# ------------------------------------------------------------------ install

# The first package manager there is, and its column in the table.
find_manager() {
    if has apt-get; then
        echo apt 3
    elif has dnf; then
        echo dnf 4
    elif has pacman; then
        echo pacman 5
    elif has apk; then
        echo apk 6
    elif has brew; then
        echo brew 7
    else
        echo none 0
    fi
}

# Stops unless as_root will work; $1 is what a person could run instead.
check_root() {
    if [ "$(id -u)" = 0 ]; then return 0; fi
    if ! has sudo; then die "this needs root, and there is no sudo; run as root: $1"; fi
    # On a terminal sudo asks for the password itself.
    if ! [ -t 0 ] && ! sudo -n true 2>/dev/null; then
        die "sudo wants a password, and nobody is there to give it; run as root: $1"
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Runs a command quietly; what it said is shown only when it fails.
quietly() {
    local log rc=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 || rc=$?
    if [ $rc != 0 ]; then cat "$log" >&2; fi
    rm -f "$log"
    return $rc
}

# How a person installs packages with manager $1.
install_hint() {
    case "$1" in
    apt) echo "apt-get install" ;;
    pacman) echo "pacman -S" ;;
    apk) echo "apk add" ;;
    *) echo "$1 install" ;;
    esac
}

# Installs packages with manager $1. A package list that cannot be refreshed
# is no reason to stop: the one that is there may do.
install_with() {
    local manager=$1
    shift
    say "installing with $manager: $*"
    if [ "$manager" != brew ]; then check_root "$(install_hint "$manager") $*"; fi
    case "$manager" in
    apt)
        quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update ||
            say "the package lists could not be refreshed; going on with those that are there"
        quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
            --no-install-recommends "$@"
        ;;
    dnf) quietly as_root dnf -q -y install "$@" ;;
    pacman) quietly as_root pacman -Sy --noconfirm --needed "$@" ;;
    apk) quietly as_root apk add -q "$@" ;;
    brew) quietly brew install -q "$@" ;;
    esac || die "$manager could not install: $*"
}

install_rock() {
    local rocks=luarocks
    if has luarocks-5.4; then rocks=luarocks-5.4; fi
    say "installing with $rocks: $1"
    check_root "$rocks --lua-version=5.4 install $1"
    quietly as_root "$rocks" --lua-version=5.4 install "$1" ||
        die "$rocks could not install $1; install $(setup_title "$1") by hand and run this again"
}

# What a person is told when this script cannot help.
give_up() {
    local need
    {
        printf 'error: %s\n' "$1"
        shift
        for need in "$@"; do
            printf '  - %s\n' "$(setup_title "$need")"
        done
        printf 'Install that and run this again\n'
    } >&2
    exit 1
}

# Meets the needs given by name, or says what is missing and stops.
setup() {
    local need manager column package packages='' rocks='' missing='' still=''
    for need in "$@"; do
        if ! setup_probe "$need"; then missing="$missing $need"; fi
    done
    if [ -z "$missing" ]; then
        say "everything needed is installed"
        return 0
    fi

    read -r manager column <<EOF
$(find_manager)
EOF
    # shellcheck disable=SC2086 # a list of words
    if [ "$manager" = none ]; then
        give_up "no package manager known here (apt, dnf, pacman, apk, brew); missing:" $missing
    fi

    for need in $missing; do
        package=$(setup_field "$need" "$column")
        case "$package" in
        -) give_up "$manager has no package for this (on macOS: xcode-select --install):" "$need" ;;
        rock:*) rocks="$rocks ${package#rock:}" ;;
        *) packages="$packages $(printf '%s' "$package" | tr ',' ' ')" ;;
        esac
    done
    if [ -n "$rocks" ] && ! setup_probe luarocks; then
        packages="$packages $(setup_field luarocks "$column")"
    fi
    # shellcheck disable=SC2086 # lists of words
    if [ -n "$packages" ]; then install_with "$manager" $packages; fi
    for package in $rocks; do install_rock "$package"; done

    for need in $missing; do
        if ! setup_probe "$need"; then still="$still $need"; fi
    done
    # shellcheck disable=SC2086 # a list of words
    if [ -n "$still" ]; then
        give_up "still missing or too old, though $manager installed what it has:" $still
    fi
}

# -------------------------------------------------------------------- build

# How many things to compile at once.
cpu_count() {
    getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2
}

# Configures and builds into directory $1; the rest goes to CMake. The log is
# shown only when something went wrong.
build_into() {
    local dir=$1 log
    shift
    say "building into $dir"
    mkdir -p "$dir"
    log=$dir/build.log
    if ! { cmake -S . -B "$dir" "$@" && cmake --build "$dir" -j "$(cpu_count)"; } >"$log" 2>&1; then
        grep -v '^\[' "$log" | tail -n 40 >&2 # without the lines of progress
        die "the build failed; all of its output is in $log"
    fi
}
