# Sums what CTest wrote with --output-junit, looking inside the executables
# that print TAP. Prints "PASSED FAILED SKIPPED".
#
# A crash must not hide: an executable that failed without reporting any
# failed test counts as one failure, and so does one that could not be run.

# What the test case that ends here adds up to.
function close_case() {
    if (status == "disabled" || (status == "notrun" && skip_code)) {
        skipped++
    } else if (status == "notrun") {
        failed++
    } else if (!tap) {
        if (status == "run") passed++
        else failed++
    } else if (status != "run" && !case_failed) {
        failed++
    }
}

/<testcase / {
    match($0, /status="[a-z]*"/)
    status = substr($0, RSTART + 8, RLENGTH - 9)
    tap = case_failed = skip_code = 0
}
/<skipped message="SKIP_/ { skip_code = 1 }
{ sub(/^.*<system-out>/, "") }
/^1\.\.[0-9]+/ { tap = 1 }
tap && /^(not )?ok [0-9]+.*# *SKIP/ { skipped++; next }
tap && /^ok [0-9]+/ { passed++ }
tap && /^not ok [0-9]+/ { failed++; case_failed = 1 }
/<\/testcase>/ { close_case() }

END { print passed + 0, failed + 0, skipped + 0 }
