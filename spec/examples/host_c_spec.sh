#!/bin/sh
# What the example of a host with scripts says, line by line.
#
# usage: host_c_spec.sh PROGRAM SCRIPTS
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/expected" <<'TEXT'
Ada: 40 bolt for 9.00
  note: reorder hammer, 4 left
Bob: 2 hammer for 37.80
Cid: 5 saw refused: only 3 of saw are left
Cid: 1 anvil refused: there is no product anvil
all for 20.00: a hook failed: bolt would cost more than twice as much
broken rules: SCRIPTS/rules.lua:1: <name> expected near 'end'
Ada: 10 bolt for 2.25
  note: reorder hammer, 2 left
Bob: 2 hammer for 18.90
Eve: 1 bolt refused: instruction limit exceeded: the script did more than 1000000 instructions' worth of work
Bob       2 orders    56.70
Ada       2 orders    11.25
TEXT
# Into a file, twice: the second time the tables and products are there.
"$1" "$2" "$folder/shop.db" | sed "s|$2/|SCRIPTS/|" >"$folder/said"
diff "$folder/expected" "$folder/said"
"$1" "$2" "$folder/shop.db" >"$folder/again"
grep -q '^Bob  *3 orders' "$folder/again"
