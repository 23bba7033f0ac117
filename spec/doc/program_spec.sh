#!/bin/sh
# program.sh lets pass what prints what it says, and nothing else.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
printf 'puts("one"); /*--> one */\nputs("two"); /*--> two */\n' >"$folder/a.c"
printf 'int main(void);\n' >"$folder/silent.c"

program() {
    printf '#!/bin/sh\n%s\n' "$1" >"$folder/program"
    chmod +x "$folder/program"
}

refused() {
    ! sh "$here/program.sh" "$folder/program" "$1" >/dev/null 2>&1 || {
        echo "program.sh lets pass: $2"
        exit 1
    }
}

program 'echo one; echo two'
sh "$here/program.sh" "$folder/program" "$folder/a.c"
refused "$folder/silent.c" "a source that says nothing"
program 'echo one'
refused "$folder/a.c" "a line that is missing"
program 'echo one; echo three'
refused "$folder/a.c" "another line"
program 'echo one; echo two; echo three'
refused "$folder/a.c" "a line too many"
program 'echo one; echo two; exit 3'
refused "$folder/a.c" "a program that fails"
