// Parent and child. Between them is a pipe that the child holds open: a letter
// says that the script begins or is over, the end of it that the child is gone.
#include "supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum {
    GRACE_MS = 500,     // beyond the limit, for the sandbox's own clock
    PATIENCE_MS = 60000 // for opening and closing the database
};

static const char BEGUN = 'b', OVER = 'o';

// ---------------------------------------------------------------------- child

static void say(supervisor_line *line, char letter)
{
    ssize_t rc;

    do
        rc = write(line->fd, &letter, 1);
    while (rc < 0 && errno == EINTR);
}

void supervisor_begin(supervisor_line *line)
{
    say(line, BEGUN);
}

void supervisor_finish(supervisor_line *line)
{
    say(line, OVER);
}

// The sanitizers' own memory would not fit.
void supervisor_limit_memory(int64_t bytes)
{
#if defined(RLIMIT_DATA) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
    struct rlimit most = {(rlim_t)bytes, (rlim_t)bytes};

    (void)setrlimit(RLIMIT_DATA, &most);
#else
    (void)bytes;
#endif
}

static void be_child(int fd, int (*work)(void *ud, supervisor_line *line),
                     void *ud)
{
    struct rlimit no_core = {0, 0};
    supervisor_line line = {fd};
    int code;

    (void)setrlimit(RLIMIT_CORE, &no_core);
    signal(SIGPIPE, SIG_IGN); // a parent that is gone is not worth a crash
#ifdef __linux__
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    code = work(ud, &line);
    if (fflush(stdout) != 0 && code == EXIT_SUCCESS) code = EXIT_FAILURE;
    _exit(code);
}

// --------------------------------------------------------------------- parent

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Waits for a letter until then. 0: it is gone; below 0: it did not come.
static int wait_letter(int fd, int64_t until_ms)
{
    for (;;) {
        struct pollfd ask = {fd, POLLIN, 0};
        int64_t left = until_ms - now_ms();
        char letter;
        int rc;

        if (until_ms == INT64_MAX)
            left = -1;
        else if (left < 0)
            left = 0;
        rc = poll(&ask, 1, left > 3600000 ? 3600000 : (int)left);
        if (rc == 0 && (until_ms == INT64_MAX || now_ms() < until_ms)) continue;
        if (rc == 0) return -1;
        if (rc < 0 && errno == EINTR) continue;
        if (rc < 0) return 0;
        rc = (int)read(fd, &letter, 1);
        if (rc < 0 && errno == EINTR) continue;
        return rc == 1 ? letter : 0;
    }
}

// Until it is gone. 0 when it had to be killed.
static int watch(int fd, int64_t time_ms)
{
    int64_t until_ms = now_ms() + PATIENCE_MS;
    int letter;

    while ((letter = wait_letter(fd, until_ms)) > 0) {
        until_ms = now_ms() + PATIENCE_MS;
        if (letter == BEGUN)
            until_ms = time_ms < 0 ? INT64_MAX : now_ms() + time_ms + GRACE_MS;
    }
    return letter == 0;
}

static supervisor_end reap(int *code, pid_t child, int is_gone)
{
    int status = 0;

    if (!is_gone) kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (!is_gone) return SUPERVISOR_KILLED;
    *code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    return WIFEXITED(status) ? SUPERVISOR_EXITED : SUPERVISOR_CRASHED;
}

supervisor_end supervisor_run(int *code, int64_t time_ms,
                              int (*work)(void *ud, supervisor_line *line),
                              void *ud)
{
    supervisor_end end;
    int ends[2];
    pid_t child;

    *code = 0;
    fflush(NULL);
    if (pipe(ends) != 0) {
        *code = errno;
        return SUPERVISOR_FAILED;
    }
    child = fork();
    if (child == 0) {
        close(ends[0]);
        be_child(ends[1], work, ud);
    }
    if (child < 0) *code = errno;
    close(ends[1]);
    end = SUPERVISOR_FAILED;
    if (child > 0) end = reap(code, child, watch(ends[0], time_ms));
    close(ends[0]);
    return end;
}
