# shellcheck shell=bash disable=SC2034 # $short is for whoever sources this
# What the campaigns share; sourced by each. It reads the arguments, finds the
# programs or builds them, makes a folder that is removed at the end, and adds
# up what passed.
#
#   campaign "$@"           first of all; sets $short to 1 or ""
#   program NAME            the path of a program; builds it when it must
#   passed N, failed N …    adds to the sums
#   figures FILE            shows what a program said and adds its last line, the
#                           numbers of what passed and failed; without one it died
#   finish                  prints the sums, and ends
#
# DBCORE_BUILD names a build folder to take the programs from; without it they
# are built for speed in build-campaign.
set -euo pipefail
export LC_ALL=C TZ=UTC

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$(dirname "$here")")
export LUA_PATH="$here/?.lua;$root/?.lua;;"
passed=0 failed=0 skipped=0 short='' folder=''

campaign() {
    for word in "$@"; do
        case $word in
        --short) short=1 ;;
        *)
            # The first comment of the script is its help.
            sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
            [ "$word" = --help ] || exit 2
            exit 0
            ;;
        esac
    done
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
}

program() {
    local build=${DBCORE_BUILD:-$root/build-campaign}

    case $build in /*) ;; *) build=$PWD/$build ;; esac
    if [ -z "${DBCORE_BUILD:-}" ]; then
        {
            cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release &&
                cmake --build "$build" --target "$1" -j "$(nproc)"
        } >"$folder/build.log" 2>&1 || {
            cat "$folder/build.log" >&2
            exit 1
        }
    fi
    case $1 in
    dbscript) printf '%s\n' "$build/bin/dbscript" ;;
    *_spec) printf '%s\n' "$build/spec/$1" ;;
    fuzz_*) printf '%s\n' "$build/spec/fuzz/$1" ;;
    *) printf '%s\n' "$build/spec/campaign/$1" ;;
    esac
}

passed() { passed=$((passed + $1)); }
failed() { failed=$((failed + $1)); }
skipped() { skipped=$((skipped + $1)); }

figures() {
    local last

    sed '$d' "$1"
    last=$(tail -n 1 "$1")
    if [[ $last =~ ^([0-9]+)\ ([0-9]+)$ ]]; then
        passed "${BASH_REMATCH[1]}"
        failed "${BASH_REMATCH[2]}"
    else
        printf '%s\n' "$last"
        failed 1
    fi
}

finish() {
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ "$failed" = 0 ]
}
