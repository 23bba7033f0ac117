// The nearest of several names, for "did you mean". Distance counts inserted,
// dropped, changed and swapped letters (Damerau-Levenshtein, the restricted
// form: F. J. Damerau, CACM 7(3), 1964), without regard to ASCII case.
#ifndef DBC_BASE_SUGGEST_H
#define DBC_BASE_SUGGEST_H

#include <stddef.h>

typedef struct dbc__suggest {
    const char *wanted;
    size_t wanted_len;
    const char *best; // borrowed from the candidates, or NULL
    size_t best_distance;
} dbc__suggest;

void dbc__suggest_init(dbc__suggest *suggest, const char *wanted, size_t len);

// Considers one candidate; it must outlive `suggest`.
void dbc__suggest_try(dbc__suggest *suggest, const char *candidate);

// The nearest, when it is near enough to be meant, else NULL.
const char *dbc__suggest_best(const dbc__suggest *suggest);

// The end of a message: `; did you mean "name"?`, or nothing when none is near
// enough. Returns out->text.
typedef struct dbc__hint {
    char text[100];
} dbc__hint;
const char *dbc__suggest_hint(dbc__hint *out, const dbc__suggest *suggest);

#endif
