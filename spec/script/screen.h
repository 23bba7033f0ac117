// A program on a terminal: a person's keys go in, the screen comes out. Each
// has a terminal of its own and, in a fresh folder, a home.
#ifndef DBC_SPEC_SCREEN_H
#define DBC_SPEC_SCREEN_H

#include <sys/types.h>

#include "spec.h"

enum { SCREEN_CAP = 1 << 16 };

#define CTRL_C "\003"
#define CTRL_D "\004"

typedef struct screen {
    int fd;
    pid_t pid;
    char text[SCREEN_CAP]; // all that came, ends with a NUL
    size_t len;
    size_t seen; // what screen_expect() has passed
} screen;

// For the set-up and tear-down of a spec: a new folder with "/home" in it,
// which the environment names; and its end, with what still runs.
int screen_make_home(void **state);
int screen_remove_home(void **state);

// A path in that folder; `name` begins with a slash. Good until the next call.
const char *screen_path(const char *name);

// Starts the program of the environment variable DBSCRIPT in that folder, on a
// terminal of 80 columns; skips the spec where there are no terminals.
// `arguments` ends with NULL.
void screen_start(screen *self, const char *const *arguments);
void screen_resize(screen *self, unsigned short columns);

// Waits until `text` comes behind what was expected before.
void screen_expect(screen *self, const char *text);
void screen_type(screen *self, const char *keys);

// Waits for the end. Returns the exit code, or 128 and the signal.
int screen_finish(screen *self);

#endif
