#!/bin/sh
# The fence between the layers: every #include in the C sources must be one
# that its folder may see. The compiler enforces most of it through include
# paths; this also catches what a path cannot (a "../", a header of the system
# in the wrong place). First it proves that it bites, on a small tree with one
# fault of each kind.
#
# usage: fence_spec.sh ROOT
set -eu

# What a folder may include in quotes, beside its own headers. A folder that
# is not listed (examples, specs) is not inside the fence.
sees() {
  case $1 in
  core/include | core/include/dbcore) echo ;; # a part sees the other parts
  core/base) echo core/include ;;
  core/lang) echo core/include core/base ;;
  core/run) echo core/include core/base ;;
  core/work) echo core/include core/base core/lang core/run ;;
  core/migrate) echo core/include core/base core/lang core/run core/work ;;
  core/drivers/*) echo core/include ;;
  bindings/lua) echo core/include ;;
  bindings/vm) echo core/include bindings/lua ;;
  bindings/script) echo core/include bindings/lua bindings/vm ;;
  *) return 1 ;;
  esac
}

# Prints one line for each #include under $1 that breaks the rules.
breaches() {
  (
    cd "$1"
    find core bindings -name '*.[ch]' 2>/dev/null | sort | while read -r file; do
      folder=$(dirname "$file")
      sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*\([<"][^>"]*[>"]\).*/\1/p' "$file" |
        while read -r name; do
          check "$file" "$folder" "$name"
        done
    done
  )
}

check() {
  header=$(printf '%s' "$3" | tr -d '<>"')
  case $header in
  *../*)
    echo "$1: $header leaves its folder"
    return
    ;;
  lua.h | lauxlib.h | lualib.h | lua.hpp)
    case $1 in core/*) echo "$1: the core must not know Lua ($header)" ;; esac
    return
    ;;
  sqlite3.h | sqlite3ext.h)
    case $1 in
    core/drivers/sqlite/*) ;;
    *) echo "$1: only the SQLite driver may know SQLite ($header)" ;;
    esac
    return
    ;;
  esac
  case $3 in '<'*) return ;; esac

  seen=$(sees "$2") || return 0
  for place in "$2" $seen; do
    if [ -f "$place/$header" ]; then return; fi
  done
  echo "$1: $header is not in $2, nor in what it may see ($seen)"
}

# One fault of each kind, and includes that are right.
prove_that_it_bites() {
  tree=$(mktemp -d)
  trap 'rm -rf "$tree"' EXIT
  mkdir -p "$tree/core/include/dbcore" "$tree/core/base" "$tree/core/lang" \
    "$tree/core/run" "$tree/core/drivers/sqlite" "$tree/core/drivers/mock" \
    "$tree/bindings/lua"
  touch "$tree/core/include/dbcore.h" "$tree/core/include/dbcore/status.h" \
    "$tree/core/include/dbcore_driver.h" "$tree/core/base/buf.h" \
    "$tree/core/lang/tree.h" "$tree/core/run/conn.h"
  echo '#include "dbcore.h"' >"$tree/core/base/right.c"
  echo '#include "dbcore/status.h"' >"$tree/core/include/right.h"
  echo '#include "status.h"' >"$tree/core/include/dbcore/right.h"
  echo '#include "dbcore_driver.h"' >"$tree/core/include/dbcore/wrong_door.h"
  echo '#include <sqlite3.h>' >"$tree/core/drivers/sqlite/right.c"
  echo '#include "../base/buf.h"' >"$tree/core/lang/wrong_dots.c"
  echo '# include <lua.h>' >"$tree/core/base/wrong_lua.c"
  echo '#include <sqlite3.h>' >"$tree/core/run/wrong_sqlite.c"
  echo '#include "tree.h"' >"$tree/core/run/wrong_layer.c"
  echo '#include "conn.h"' >"$tree/core/lang/wrong_layer.c"
  echo '#include "buf.h"' >"$tree/core/drivers/mock/wrong_layer.c"
  echo '#include "buf.h"' >"$tree/bindings/lua/wrong_layer.c"

  found=$(breaches "$tree" | cut -d: -f1 | sort)
  planted=$(cd "$tree" && find . -name 'wrong_*' | sed 's|^\./||' | sort)
  if [ "$found" = "$planted" ]; then return; fi
  echo "the fence does not bite: planted"
  echo "$planted"
  echo "found"
  echo "$found"
  exit 1
}

prove_that_it_bites
found=$(breaches "$1")
if [ -z "$found" ]; then exit 0; fi
echo "$found"
exit 1
