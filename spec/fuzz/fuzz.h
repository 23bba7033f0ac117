// What a fuzz program is made of: random choices that a seed repeats, and a
// runner that plays many sequences and names the seed of the one that failed.
#ifndef DBC_SPEC_FUZZ_H
#define DBC_SPEC_FUZZ_H

#include <stddef.h>
#include <stdint.h>

// The choices of one sequence: those of a seed, or as long as there are `left`
// of them, those of bytes.
typedef struct fuzz {
    uint64_t state;
    uint64_t seed;
    const uint8_t *bytes; // borrowed, or NULL
    size_t left;
    int tracing; // tell every call
} fuzz;

// A number from 0, below `count`.
uint32_t fuzz_below(fuzz *f, uint32_t count);

// True once in `count` times.
int fuzz_once_in(fuzz *f, uint32_t count);

// An integer: often small, sometimes at an edge, sometimes anything.
int64_t fuzz_int(fuzz *f);

// Tells a call when the sequence is traced; printf form.
void fuzz_tell(const fuzz *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// Ends the sequence as failed; printf form.
_Noreturn void fuzz_fail(const fuzz *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// One sequence: what a fuzz program has of its own.
void fuzz_play(fuzz *f);

// Plays sequences in processes of their own, so that a crash is a finding:
//
//   program [--count N] [--jobs N] [--seed N] [--trace]
//
// Sequence i has the seed N + i. Prints what it played, and for the first one
// that failed how to repeat it alone. Returns the exit code of the program.
int fuzz_main(int argc, char **argv, void (*play)(fuzz *f));

#endif
