// The nearest of several names. Three rows of the distance table are enough,
// since a swap looks back two rows; names longer than an identifier may be
// are not compared.
#include "suggest.h"

#include <stdio.h>
#include <string.h>

#include "error.h"
#include "name.h"

static int same_letter(char a, char b)
{
    return dbc__name_equal(&a, 1, &b, 1);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

typedef struct distance_rows {
    size_t before[DBC__NAME_MAX + 1]; // row i - 2
    size_t above[DBC__NAME_MAX + 1];  // row i - 1
    size_t here[DBC__NAME_MAX + 1];   // row i
} distance_rows;

// Cell (i, j): the distance of the first i letters of a and j letters of b.
static size_t cell(const distance_rows *rows, const char *a, const char *b,
                   size_t i, size_t j)
{
    size_t changed = rows->above[j - 1] + !same_letter(a[i - 1], b[j - 1]);
    size_t best = least(changed, least(rows->above[j], rows->here[j - 1]) + 1);

    if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
        same_letter(a[i - 2], b[j - 1]))
        best = least(best, rows->before[j - 2] + 1);
    return best;
}

static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    distance_rows rows;
    size_t row_size = (b_len + 1) * sizeof rows.here[0];

    for (size_t j = 0; j <= b_len; j++)
        rows.here[j] = j;
    memcpy(rows.above, rows.here, row_size);
    for (size_t i = 1; i <= a_len; i++) {
        memcpy(rows.before, rows.above, row_size);
        memcpy(rows.above, rows.here, row_size);
        rows.here[0] = i;
        for (size_t j = 1; j <= b_len; j++)
            rows.here[j] = cell(&rows, a, b, i, j);
    }
    return rows.here[b_len];
}

// One slip in every three letters, and never a wholly different word.
static size_t farthest(size_t wanted_len)
{
    if (wanted_len < 2) return 0;
    if (wanted_len < 6) return 1;
    return wanted_len / 3;
}

void dbc__suggest_init(dbc__suggest *suggest, const char *wanted, size_t len)
{
    *suggest = (dbc__suggest){.wanted = wanted, .wanted_len = len};
}

void dbc__suggest_try(dbc__suggest *suggest, const char *candidate)
{
    size_t len = strlen(candidate);
    size_t wanted_len = suggest->wanted_len;
    size_t gap = len > wanted_len ? len - wanted_len : wanted_len - len;

    if (len > DBC__NAME_MAX || wanted_len > DBC__NAME_MAX) return;
    if (gap > farthest(wanted_len)) return;

    size_t found = distance(suggest->wanted, wanted_len, candidate, len);
    if (suggest->best != NULL && found >= suggest->best_distance) return;
    suggest->best = candidate;
    suggest->best_distance = found;
}

const char *dbc__suggest_best(const dbc__suggest *suggest)
{
    if (suggest->best == NULL) return NULL;
    if (suggest->best_distance > farthest(suggest->wanted_len)) return NULL;
    return suggest->best;
}

const char *dbc__suggest_hint(dbc__hint *out, const dbc__suggest *suggest)
{
    const char *best = dbc__suggest_best(suggest);
    dbc__quoted quoted;

    out->text[0] = '\0';
    if (best != NULL)
        snprintf(out->text, sizeof out->text, "; did you mean %s?",
                 dbc__quote(&quoted, best, strlen(best)));
    return out->text;
}

const char *dbc_nearest_name(const char *wanted, size_t len,
                             const char *const *names, size_t count)
{
    dbc__suggest suggest;

    dbc__suggest_init(&suggest, wanted, len);
    for (size_t i = 0; i < count; i++)
        dbc__suggest_try(&suggest, names[i]);
    return dbc__suggest_best(&suggest);
}
