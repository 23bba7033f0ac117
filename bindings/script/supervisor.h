// The last resort of a sandbox: the script runs in a child, and a parent that
// knows nothing of Lua kills it when it is still there after its time.
#ifndef DBSCRIPT_SUPERVISOR_H
#define DBSCRIPT_SUPERVISOR_H

#include <stdint.h>

// The child's side of what it tells its parent.
typedef struct supervisor_line {
    int fd;
} supervisor_line;

typedef enum supervisor_end {
    SUPERVISOR_EXITED,  // with `*code`
    SUPERVISOR_KILLED,  // by us: it took too long
    SUPERVISOR_CRASHED, // by signal `*code`
    SUPERVISOR_FAILED   // there is no child: errno in `*code`
} supervisor_end;

// Calls `work` in a child, whose exit code is what it returns. The child says
// when its time begins and when it is over; `time_ms` below 0: no limit.
supervisor_end supervisor_run(int *code, int64_t time_ms,
                              int (*work)(void *ud, supervisor_line *line),
                              void *ud);

// Called by the work: from now on time counts, and now no more.
void supervisor_begin(supervisor_line *line);
void supervisor_finish(supervisor_line *line);

// In the child: no more private memory than this, whatever happens.
void supervisor_limit_memory(int64_t bytes);

#endif
