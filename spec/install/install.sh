# shellcheck shell=bash disable=SC2034 # $prefix is for whoever sources this
# What the specs of the installation share; sourced by each. It makes a folder
# that is removed at the end and installs dbcore into a prefix inside of it.
#
#   build_dbcore          makes the build when it is not there
#   install_dbcore        does, and installs it; sets $prefix and $libdir
#   check WHAT COMMAND…   runs it quietly; when it fails, says WHAT and ends
#   skip WHY              ends: this machine lacks what the spec needs
#
# DBCORE_BUILD names the build that is installed; without it one is made in
# build-install.
set -euo pipefail
export LC_ALL=C TZ=UTC
unset LUA_PATH LUA_CPATH LUA_PATH_5_4 LUA_CPATH_5_4 LUA_INIT

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$(dirname "$here")")
build=$(realpath -m "${DBCORE_BUILD:-$root/build-install}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
prefix=$folder/prefix

skip() {
    printf 'skipped: %s\n' "$*"
    exit 77
}

check() {
    local what=$1
    shift
    if ! "$@" >"$folder/check.log" 2>&1; then
        cat "$folder/check.log"
        printf 'failed: %s\n' "$what"
        exit 1
    fi
}

fail() {
    printf 'failed: %s\n' "$*"
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

build_dbcore() {
    if [ ! -f "$build/CMakeCache.txt" ]; then
        check "configuring dbcore" cmake -S "$root" -B "$build" -DDBCORE_SPECS=OFF
        check "building dbcore" cmake --build "$build" -j 2
    fi
}

install_dbcore() {
    build_dbcore
    check "installing dbcore" cmake --install "$build" --prefix "$prefix"
    libdir=$prefix/$(sed -n 's/^CMAKE_INSTALL_LIBDIR:[A-Z]*=//p' "$build/CMakeCache.txt")
}
