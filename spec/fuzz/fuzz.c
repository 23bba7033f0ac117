#define _GNU_SOURCE // MAP_ANONYMOUS
#include "fuzz.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_JOBS = 64 };

// One player's place, shared with the parent, which reads it when the player
// is dead.
typedef struct seat {
    uint64_t seed;
    uint64_t played;
} seat;

typedef struct options {
    uint64_t seed;
    uint64_t count;
    uint64_t jobs;
    int tracing;
} options;

// ------------------------------------------------------------------ choices

// SplitMix64.
static uint64_t next(fuzz *f)
{
    uint64_t z = f->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint32_t fuzz_below(fuzz *f, uint32_t count)
{
    if (f->left > 0) {
        f->left--;
        return *f->bytes++ % count;
    }
    return (uint32_t)(next(f) % count);
}

int fuzz_once_in(fuzz *f, uint32_t count)
{
    return fuzz_below(f, count) == 0;
}

int64_t fuzz_int(fuzz *f)
{
    static const int64_t edges[] = {0,         -1,        INT32_MAX, INT32_MIN,
                                    INT64_MAX, INT64_MIN, 255,       65536};

    switch (fuzz_below(f, 8)) {
    case 0:
        return edges[fuzz_below(f, sizeof edges / sizeof *edges)];
    case 1:
        return (int64_t)next(f);
    default:
        return (int64_t)fuzz_below(f, 20) - 2;
    }
}

void fuzz_tell(const fuzz *f, const char *format, ...)
{
    va_list args;

    if (!f->tracing) return;
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
    fflush(stdout);
}

void fuzz_fail(const fuzz *f, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fprintf(stderr, "seed %" PRIu64 ": ", f->seed);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

// ------------------------------------------------------------------- playing

static void play_all(seat *at, const options *told, uint64_t first,
                     void (*play)(fuzz *f))
{
    for (uint64_t i = first; i < told->count; i += told->jobs) {
        fuzz f = {.seed = told->seed + i, .tracing = told->tracing};
        f.state = f.seed * UINT64_C(0x2545f4914f6cdd1d) + 1;
        at->seed = f.seed;
        play(&f);
        at->played++;
    }
}

// Plays in a child and waits for none: the parent collects them.
static void start(seat *at, const options *told, uint64_t number,
                  void (*play)(fuzz *f))
{
    pid_t child = fork();

    if (child < 0) {
        perror("fork");
        exit(2);
    }
    if (child > 0) return;
    play_all(at, told, number, play);
    exit(0);
}

static int read_options(options *out, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        uint64_t *number = NULL;

        if (strcmp(argv[i], "--trace") == 0) {
            out->tracing = 1;
            continue;
        }
        if (strcmp(argv[i], "--count") == 0) number = &out->count;
        if (strcmp(argv[i], "--jobs") == 0) number = &out->jobs;
        if (strcmp(argv[i], "--seed") == 0) number = &out->seed;
        if (number == NULL || i + 1 == argc) return 0;
        *number = strtoull(argv[++i], NULL, 10);
    }
    return out->jobs > 0 && out->jobs <= MOST_JOBS;
}

int fuzz_main(int argc, char **argv, void (*play)(fuzz *f))
{
    options told = {(uint64_t)time(NULL) * 1000000, 1000, 1, 0};
    uint64_t played = 0, failed = 0;

    if (!read_options(&told, argc, argv)) {
        fprintf(stderr,
                "usage: %s [--count N] [--jobs N] [--seed N] [--trace]\n",
                argv[0]);
        return 2;
    }
    seat *seats = mmap(NULL, sizeof *seats * MOST_JOBS, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (seats == MAP_FAILED) return 2;
    fflush(NULL);
    for (uint64_t i = 0; i < told.jobs; i++)
        start(&seats[i], &told, i, play);

    for (uint64_t i = 0; i < told.jobs; i++) {
        int status;
        if (wait(&status) < 0) return 2;
        failed += status != 0;
    }
    for (uint64_t i = 0; i < told.jobs; i++) {
        uint64_t due = (told.count + told.jobs - 1 - i) / told.jobs;
        played += seats[i].played;
        if (seats[i].played < due)
            printf("failed; again: %s --count 1 --seed %" PRIu64 " --trace\n",
                   argv[0], seats[i].seed);
    }
    printf("%" PRIu64 " sequences from seed %" PRIu64 "\n", played, told.seed);
    return failed != 0;
}
