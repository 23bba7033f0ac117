// Terminals for specs: the master's end of a pseudo-terminal, read as it comes.
#define _XOPEN_SOURCE 700
#include "screen.h"

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 20000, // until a text must have come
    ARGUMENTS = 16
};

static pid_t running; // the program of the spec that runs, 0 when it ended

static char folder[] = "/tmp/dbscript_spec_XXXXXX";

const char *screen_path(const char *name)
{
    static char path[256];

    snprintf(path, sizeof path, "%s%s", folder, name);
    return path;
}

static void become_program(const char *terminal, const char *const *arguments)
{
    const char *words[ARGUMENTS] = {"dbscript"};
    int fd;

    setsid();
    if (chdir(folder) != 0) _exit(99);
    fd = open(terminal, O_RDWR);
    if (fd < 0) _exit(99);
    ioctl(fd, TIOCSCTTY, 0);
    dup2(fd, STDIN_FILENO);
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    for (int i = 0; arguments[i]; i++)
        words[i + 1] = arguments[i];
    execv(getenv("DBSCRIPT"), (char *const *)words);
    _exit(99);
}

void screen_resize(screen *self, unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};

    assert_int_equal(0, ioctl(self->fd, TIOCSWINSZ, &size));
}

void screen_start(screen *self, const char *const *arguments)
{
    const char *terminal;

    assert_non_null(getenv("DBSCRIPT"));
    memset(self, 0, sizeof *self);
    self->fd = posix_openpt(O_RDWR | O_NOCTTY);
    if (self->fd < 0) skip();
    assert_int_equal(0, grantpt(self->fd));
    assert_int_equal(0, unlockpt(self->fd));
    terminal = ptsname(self->fd);
    // A bare chroot has no /dev/pts: there is no terminal to test on.
    if (terminal == NULL || access(terminal, R_OK | W_OK) != 0) skip();
    screen_resize(self, 80);
    self->pid = fork();
    assert_true(self->pid >= 0);
    if (self->pid == 0) become_program(terminal, arguments);
    running = self->pid;
}

static long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}

// Takes what comes until `deadline`. Returns 0 when nothing comes any more.
static int take(screen *self, long deadline)
{
    struct pollfd input = {.fd = self->fd, .events = POLLIN};
    long rest = deadline - now_ms();
    ssize_t n;

    if (rest <= 0 || poll(&input, 1, (int)rest) <= 0) return 0;
    n = read(self->fd, self->text + self->len, SCREEN_CAP - 1 - self->len);
    if (n <= 0) return 0;
    self->len += (size_t)n;
    self->text[self->len] = '\0';
    return 1;
}

void screen_expect(screen *self, const char *text)
{
    long deadline = now_ms() + PATIENCE_MS;
    const char *found;

    while (!(found = strstr(self->text + self->seen, text))) {
        if (!take(self, deadline))
            fail_msg("\"%s\" did not come, but \"%s\"", text,
                     self->text + self->seen);
    }
    self->seen = (size_t)(found - self->text) + strlen(text);
}

void screen_type(screen *self, const char *keys)
{
    assert_int_equal((ssize_t)strlen(keys),
                     write(self->fd, keys, strlen(keys)));
}

int screen_finish(screen *self)
{
    long deadline = now_ms() + PATIENCE_MS;
    int status = 0;

    while (take(self, deadline)) {
    }
    while (waitpid(self->pid, &status, WNOHANG) == 0) {
        if (now_ms() > deadline)
            fail_msg("the program did not end; the screen was \"%s\"",
                     self->text);
        poll(NULL, 0, 5);
    }
    running = 0;
    close(self->fd);
    if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
    return WEXITSTATUS(status);
}

int screen_make_home(void **state)
{
    (void)state;
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    if (!mkdtemp(folder) || mkdir(screen_path("/home"), 0700) != 0) return -1;
    setenv("HOME", screen_path("/home"), 1);
    setenv("TERM", "xterm", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("XDG_STATE_HOME");
    unsetenv("NO_COLOR");
    return 0;
}

static int remove_one(const char *path, const struct stat *found, int kind,
                      struct FTW *place)
{
    (void)found;
    (void)kind;
    (void)place;
    return remove(path);
}

int screen_remove_home(void **state)
{
    (void)state;
    if (running) {
        kill(running, SIGKILL);
        waitpid(running, NULL, 0);
        running = 0;
    }
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
