#include "vfs_walk.h"

#include "spec.h"

enum { CALLS_MAX = 2000 }; // of one kind in one piece of work

void vfs_say_place(const vfs_place *at)
{
    if (at->n == 0)
        print_error("%s, without faults", at->mode);
    else
        print_error("%s, %s %ld fails %s with %s", at->mode,
                    at->failure ? vfs_call_name(at->failure->call)
                                : "allocation",
                    at->n, at->kind == FAULT_ONCE ? "once" : "for ever",
                    at->failure ? at->failure->name : "NOMEM");
    print_error("%s%s:\n", at->step ? ", at " : "", at->step ? at->step : "");
}

// A file that cannot be opened is another word for the same trouble: what
// SQLite makes of it by itself.
static int is_kin(const vfs_failure *failure, int code)
{
    if (code == DBC_EBROKEN) return 1;
    if (!failure) return code == DBC_ENOMEM;
    return code == failure->code ||
           (failure->call == VFS_OPEN && code == DBC_EIO);
}

void vfs_check_error(const vfs_place *at, const dbc_error *err,
                     const char *subject)
{
    size_t len = strlen(err->message);

    if (is_kin(at->failure, err->code) && len > 10 &&
        err->message[len - 1] != '.' &&
        strpbrk(err->message, "\r\n\t?") == NULL &&
        strstr(err->message, subject) != NULL)
        return;
    vfs_say_place(at);
    fail_msg("%s: %s", dbc_status_word(err->code), err->message);
}

void vfs_walk(const char *mode, vfs_work work, const void *ud,
              vfs_chooser chosen, long expected)
{
    long met = 0;

    for (size_t i = 0; i < vfs_failure_count; i++) {
        if (chosen && !chosen(&vfs_failures[i])) continue;
        for (int kind = FAULT_ONCE; kind <= FAULT_FOR_EVER; kind++) {
            vfs_place at = {mode, &vfs_failures[i], 1, (fault_kind)kind, NULL};
            while (work(&at, ud))
                CHECK_AT(&at, ++at.n < CALLS_MAX);
            met += at.n - 1;
        }
    }
    if (met < expected)
        fail_msg("%s: %ld failures met, and not %ld", mode, met, expected);
}
