#!/bin/sh
# program.sh PROGRAM SOURCE: runs a program of a page; it must end well and
# print the lines that stand behind /*--> in its source, no more and no less.
set -eu

due=$(sed -n 's|.*/\*--> \(.*\) \*/.*|\1|p' "$2")
did=$("$1")
[ -n "$due" ] || { echo "$2 does not say what it prints"; exit 1; }
[ "$due" = "$did" ] && exit 0
printf '%s says\n%s\nand prints\n%s\n' "$2" "$due" "$did"
exit 1
