#!/bin/sh
# reference.sh [FOLDER]: writes the reference of the Lua module (with ldoc) and
# of the C library (with Doxygen) into FOLDER, build/reference by default. What
# they warn of is a failure. A tool that is missing leaves its half out and
# ends with 77; the other half is there.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
target=${1:-$root/build/reference}
missing=

has() {
    command -v "$1" >/dev/null 2>&1
}

for lua in "${LUA:-lua5.4}" lua-5.4 lua54 lua; do
    if has "$lua"; then break; fi
done

# Ends when there is something in the file of warnings.
complain() {
    [ -s "$1" ] || return 0
    echo "$2:"
    cat "$1"
    exit 1
}

# What editors read is what ldoc reads, in its own words.
write_lua() {
    rm -rf "$target/lua" "$target/source"
    mkdir -p "$target/source"
    "$lua" "$root/doc/reference/translate.lua" "$target/source" \
        "$root/lua/meta/dbcore/init.lua" \
        $(find "$root/lua/meta" -name '*.lua' ! -name init.lua | sort)
    cd "$target"
    ldoc --quiet --fatalwarnings -c "$root/doc/reference/config.ld" \
        -d lua source >ldoc.txt 2>&1 || {
        cat ldoc.txt
        exit 1
    }
    grep -v '^output written to\|^reading configuration' ldoc.txt \
        >warnings.txt || true
    complain warnings.txt "ldoc warns"
    rm -rf source ldoc.txt warnings.txt
    echo "the Lua module: $target/lua/index.html"
}

# A field whose name says it all needs no comment, nor do the macros that only
# make others.
write_c() {
    rm -rf "$target/c"
    mkdir -p "$target/c"
    cd "$root"
    {
        cat doc/reference/Doxyfile
        echo "OUTPUT_DIRECTORY = \"$target/c\""
    } | doxygen - >"$target/warnings.txt" 2>&1
    grep -v -e '(variable) of struct .* is not documented' \
        -e 'Member DBC_[A-Z]*_ENUM(.*(macro definition)' \
        -e 'Member DBC_VERSION_[A-Z(].*(macro definition)' \
        -e 'Member DBC_PRINTF(.*(macro definition)' \
        "$target/warnings.txt" >"$target/c/warnings.txt" || true
    complain "$target/c/warnings.txt" "Doxygen warns"
    rm -f "$target/warnings.txt" "$target/c/warnings.txt"
    echo "the C library:  $target/c/html/index.html"
}

mkdir -p "$target"
target=$(cd "$target" && pwd)
if has ldoc && has "$lua"; then (write_lua); else missing="$missing ldoc"; fi
if has doxygen; then (write_c); else missing="$missing doxygen"; fi
[ -z "$missing" ] || {
    echo "not written, for want of:$missing (spec/run installs what is missing)"
    exit 77
}
