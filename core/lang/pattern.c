// Matching by backtracking, as the Lua manual (6.4.1) describes patterns.
// Each attempt to match one item is a step, and steps are counted: a pattern
// such as "(.-)-(.-)-(.-)x" can else take longer than anybody waits. Classes
// are those of the C locale, so that a rule means the same everywhere.
#include "pattern.h"

#include <string.h>

enum {
    MOST_STEPS = 1000000,
    MOST_DEPTH = 200, // of attempts inside attempts, as in Lua
    MOST_CAPTURES = 32,
    OPEN = -1,    // a capture whose end is not known yet
    POSITION = -2 // a capture () of a place
};

typedef struct capture {
    const char *start;
    ptrdiff_t len;
} capture;

typedef struct matcher {
    const char *text, *end;
    const char *pattern_end;
    int steps, depth;
    dbc__pattern_result failed; // DBC__PATTERN_NONE, or why it was given up
    int level;
    capture captures[MOST_CAPTURES];
} matcher;

static const char *match(matcher *m, const char *at, const char *p);

// ------------------------------------------------------------------- classes

static int is_between(int c, int low, int high)
{
    return c >= low && c <= high;
}

static int is_alpha(int c)
{
    return is_between(c | 0x20, 'a', 'z');
}

static int is_in_class(int c, int letter)
{
    int digit = is_between(c, '0', '9');
    int alpha = is_alpha(c);

    switch (letter) {
    case 'a':
        return alpha;
    case 'c':
        return c < 0x20 || c == 0x7f;
    case 'd':
        return digit;
    case 'g':
        return is_between(c, 0x21, 0x7e);
    case 'l':
        return is_between(c, 'a', 'z');
    case 'p':
        return is_between(c, 0x21, 0x7e) && !alpha && !digit;
    case 's':
        return c == ' ' || is_between(c, '\t', '\r');
    case 'u':
        return is_between(c, 'A', 'Z');
    case 'w':
        return alpha || digit;
    case 'x':
        return digit || is_between(c | 0x20, 'a', 'f');
    default:
        return -1; // stands for itself
    }
}

// Whether byte `c` is meant by %`letter`; an upper case letter is the rest.
static int matches_class(int c, int letter)
{
    int found = is_in_class(c, letter | 0x20);

    if (!is_alpha(letter) || found < 0) return c == letter;
    return is_between(letter, 'A', 'Z') ? !found : found;
}

// The place behind the single item at `p`; NULL when it is cut off.
static const char *skip_item(const char *p, const char *end)
{
    if (*p == '%') return p + 1 == end ? NULL : p + 2;
    if (*p != '[') return p + 1;
    p++;
    if (p != end && *p == '^') p++;
    do { // the first ] stands for itself
        if (p == end) return NULL;
        if (*p++ == '%') {
            if (p == end) return NULL;
            p++;
        }
    } while (p == end || *p != ']');
    return p + 1;
}

// Whether byte `c` is in the set from `[` at `p` to `]` at `last`.
static int matches_set(int c, const char *p, const char *last)
{
    int wanted = 1;

    if (p[1] == '^') {
        wanted = 0;
        p++;
    }
    while (++p < last) {
        if (*p == '%') {
            p++;
            if (matches_class(c, (unsigned char)*p)) return wanted;
        } else if (p[1] == '-' && p + 2 < last) {
            p += 2;
            if (is_between(c, (unsigned char)p[-2], (unsigned char)*p))
                return wanted;
        } else if ((unsigned char)*p == c) {
            return wanted;
        }
    }
    return !wanted;
}

// Whether the item from `p` to `next` matches the byte at `at`.
static int matches_one(const matcher *m, const char *at, const char *p,
                       const char *next)
{
    int c;

    if (at >= m->end) return 0;
    c = (unsigned char)*at;
    switch (*p) {
    case '.':
        return 1;
    case '%':
        return matches_class(c, (unsigned char)p[1]);
    case '[':
        return matches_set(c, p, next - 1);
    default:
        return (unsigned char)*p == c;
    }
}

// ------------------------------------------------------------------ attempts

static const char *give_up(matcher *m, dbc__pattern_result why)
{
    if (m->failed == DBC__PATTERN_NONE) m->failed = why;
    return NULL;
}

// Counts one more. 0 when it is one too many.
static int take_step(matcher *m)
{
    if (m->failed != DBC__PATTERN_NONE) return 0;
    if (m->steps++ < MOST_STEPS) return 1;
    give_up(m, DBC__PATTERN_TOO_LONG);
    return 0;
}

// `item*` and `item+`: as many as there are, then fewer.
static const char *match_most(matcher *m, const char *at, const char *p,
                              const char *next)
{
    ptrdiff_t count = 0;

    while (take_step(m) && matches_one(m, at + count, p, next))
        count++;
    for (; count >= 0 && take_step(m); count--) {
        const char *found = match(m, at + count, next + 1);
        if (found != NULL) return found;
    }
    return NULL;
}

// `item-`: as few as will do.
static const char *match_least(matcher *m, const char *at, const char *p,
                               const char *next)
{
    while (take_step(m)) {
        const char *found = match(m, at, next + 1);
        if (found != NULL) return found;
        if (!matches_one(m, at, p, next)) return NULL;
        at++;
    }
    return NULL;
}

static const char *match_open(matcher *m, const char *at, const char *p,
                              ptrdiff_t what)
{
    if (m->level == MOST_CAPTURES) return give_up(m, DBC__PATTERN_WRONG);
    m->captures[m->level].start = at;
    m->captures[m->level].len = what;
    m->level++;
    const char *found = match(m, at, p);
    if (found == NULL) m->level--;
    return found;
}

static const char *match_close(matcher *m, const char *at, const char *p)
{
    int level = m->level - 1;

    while (level >= 0 && m->captures[level].len != OPEN)
        level--;
    if (level < 0) return give_up(m, DBC__PATTERN_WRONG);
    m->captures[level].len = at - m->captures[level].start;
    const char *found = match(m, at, p);
    if (found == NULL) m->captures[level].len = OPEN;
    return found;
}

// %b(): from one byte to the other that balances it.
static const char *match_balance(const matcher *m, const char *at,
                                 const char *p)
{
    int depth = 1;

    if (at >= m->end || *at != p[0]) return NULL;
    while (++at < m->end) {
        if (*at == p[1]) {
            if (--depth == 0) return at + 1;
        } else if (*at == p[0]) {
            depth++;
        }
    }
    return NULL;
}

// %f[set]: the byte before is not in the set, the one here is.
static int matches_frontier(const matcher *m, const char *at, const char *p,
                            const char *next)
{
    int before = at == m->text ? 0 : (unsigned char)at[-1];
    int here = at == m->end ? 0 : (unsigned char)*at;

    return !matches_set(before, p, next - 1) && matches_set(here, p, next - 1);
}

// %1: what a capture caught, again. Returns the place behind it.
static const char *match_again(matcher *m, const char *at, int digit)
{
    int level = digit - '1';

    if (level < 0 || level >= m->level || m->captures[level].len == OPEN)
        return give_up(m, DBC__PATTERN_WRONG);
    size_t len =
        m->captures[level].len < 0 ? 0 : (size_t)m->captures[level].len;
    if ((size_t)(m->end - at) < len ||
        memcmp(m->captures[level].start, at, len) != 0)
        return NULL;
    return at + len;
}

// What begins with % and is no class. Sets `*p` behind it; NULL: no match.
static const char *match_special(matcher *m, const char *at, const char **p)
{
    const char *next;
    int what = (unsigned char)(*p)[1];

    if (what == 'b') {
        next = *p + 4;
        if (next > m->pattern_end) return give_up(m, DBC__PATTERN_WRONG);
        at = match_balance(m, at, *p + 2);
    } else if (what == 'f') {
        const char *set = *p + 2;
        if (set >= m->pattern_end || *set != '[')
            return give_up(m, DBC__PATTERN_WRONG);
        next = skip_item(set, m->pattern_end);
        if (next == NULL) return give_up(m, DBC__PATTERN_WRONG);
        if (!matches_frontier(m, at, set, next)) return NULL;
    } else {
        next = *p + 2;
        at = match_again(m, at, what);
    }
    *p = next;
    return at;
}

static int is_special(const char *p, const char *end)
{
    if (*p != '%' || p + 1 == end) return 0;
    return p[1] == 'b' || p[1] == 'f' || is_between(p[1], '0', '9');
}

// An item and what says how often. NULL: no match; else the place to go on
// from, with `*p` behind it, or the end of all when `*done` is set.
static const char *match_item(matcher *m, const char *at, const char **p,
                              int *done)
{
    const char *next = skip_item(*p, m->pattern_end);
    const char *found;

    if (next == NULL) return give_up(m, DBC__PATTERN_WRONG);
    int one = matches_one(m, at, *p, next);
    switch (next == m->pattern_end ? '\0' : *next) {
    case '?':
        if (one && (found = match(m, at + 1, next + 1)) != NULL) {
            *done = 1;
            return found;
        }
        *p = next + 1;
        return at;
    case '+':
        *done = 1;
        return one ? match_most(m, at + 1, *p, next) : NULL;
    case '*':
        *done = 1;
        return match_most(m, at, *p, next);
    case '-':
        *done = 1;
        return match_least(m, at, *p, next);
    default:
        *p = next;
        return one ? at + 1 : NULL;
    }
}

static const char *match_here(matcher *m, const char *at, const char *p)
{
    while (p != m->pattern_end) {
        int done = 0;

        if (!take_step(m)) return NULL;
        if (*p == '(' && p[1] == ')') return match_open(m, at, p + 2, POSITION);
        if (*p == '(') return match_open(m, at, p + 1, OPEN);
        if (*p == ')') return match_close(m, at, p + 1);
        if (*p == '$' && p + 1 == m->pattern_end)
            return at == m->end ? at : NULL;
        if (is_special(p, m->pattern_end))
            at = match_special(m, at, &p);
        else
            at = match_item(m, at, &p, &done);
        if (at == NULL || done) return at;
    }
    return at;
}

// The end of a match of the pattern from `p` on that begins at `at`, or NULL.
static const char *match(matcher *m, const char *at, const char *p)
{
    if (m->depth == MOST_DEPTH) return give_up(m, DBC__PATTERN_TOO_LONG);
    m->depth++;
    const char *found = match_here(m, at, p);
    m->depth--;
    return found;
}

dbc__pattern_result dbc__pattern_find(const char *text, size_t len,
                                      const char *pattern)
{
    int anchored = *pattern == '^';
    matcher m; // its captures are filled as they are opened

    // An empty text may have no address, but NULL means no match here.
    if (text == NULL) text = "";
    m.text = text;
    m.end = text + len;
    m.steps = m.depth = 0;
    m.failed = DBC__PATTERN_NONE;
    pattern += anchored;
    m.pattern_end = pattern + strlen(pattern);
    for (size_t i = 0; i <= len; i++) {
        m.level = 0;
        if (match(&m, text + i, pattern) != NULL) return DBC__PATTERN_FOUND;
        if (m.failed != DBC__PATTERN_NONE) return m.failed;
        if (anchored) break;
    }
    return DBC__PATTERN_NONE;
}

// ----------------------------------------------------------------- the check

typedef struct reader {
    const char *at, *end;
    int opened;              // captures so far
    int open[MOST_CAPTURES]; // those that wait for their )
    int waiting;
    char closed[MOST_CAPTURES];
} reader;

static const char *read_capture(reader *r)
{
    if (*r->at == ')') {
        if (r->waiting == 0) return "has a ) that closes nothing";
        r->closed[r->open[--r->waiting]] = 1;
        r->at++;
        return NULL;
    }
    if (r->opened == MOST_CAPTURES) return "has more than 32 captures";
    if (r->at[1] == ')') {
        r->closed[r->opened++] = 1;
        r->at += 2;
        return NULL;
    }
    r->open[r->waiting++] = r->opened++;
    r->at++;
    return NULL;
}

static const char *read_special(reader *r)
{
    int what = (unsigned char)r->at[1];

    if (what == 'b') {
        if (r->end - r->at < 4) return "has %b without the two bytes behind it";
        r->at += 4;
        return NULL;
    }
    if (what == 'f') {
        r->at += 2;
        if (r->at == r->end || *r->at != '[')
            return "has %f without a set such as [%a] behind it";
        r->at = skip_item(r->at, r->end);
        return r->at == NULL ? "has a [ that is not closed" : NULL;
    }
    int level = what - '1';
    if (level < 0 || level >= r->opened || !r->closed[level])
        return "refers to a capture that is not closed before it";
    r->at += 2;
    return NULL;
}

static const char *read_item(reader *r)
{
    int is_set = *r->at == '[';

    if (*r->at == '(' || *r->at == ')') return read_capture(r);
    if (is_special(r->at, r->end)) return read_special(r);
    r->at = skip_item(r->at, r->end);
    if (r->at == NULL)
        return is_set ? "has a [ that is not closed" : "ends with %";
    if (r->at != r->end && strchr("*+-?", *r->at) != NULL) r->at++;
    return NULL;
}

const char *dbc__pattern_problem(const char *pattern)
{
    reader r = {.at = pattern, .end = pattern + strlen(pattern)};

    if (*r.at == '^') r.at++;
    while (r.at != r.end) {
        const char *problem = read_item(&r);
        if (problem != NULL) return problem;
    }
    return r.waiting > 0 ? "has a ( that is not closed" : NULL;
}
