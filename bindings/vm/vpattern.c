// Matching by backtracking: an item is matched at a place, then the rest of
// the pattern behind it. Repetitions try the rest at each end they may have;
// that is where time goes, and every such try is a step.
#include "vpattern.h"

#include <ctype.h>
#include <string.h>

#include "vlimits.h"

enum {
    ESCAPE = '%',
    NESTED_MAX = 200,    // matches inside of matches
    COUNT_EVERY = 10000, // steps
    STEPS_PER_INSTRUCTION = 4
};

static unsigned char byte_at(const char *at)
{
    return (unsigned char)*at;
}

// ------------------------------------------------------------------- counting

static void count_steps(vpattern_matcher *m)
{
    dbc_script *vm = vm_of(m->L);

    vm->pattern_left -= m->steps;
    if (vm->pattern_left < 0) {
        vlimits_kill(vm, VM_OUT_OF_PATTERN);
        vlimits_raise(m->L);
    }
    vlimits_spend(m->L, m->steps / STEPS_PER_INSTRUCTION + 1);
    m->steps = 0;
}

static void step(vpattern_matcher *m, size_t count)
{
    m->steps += (int64_t)count;
    if (m->steps >= COUNT_EVERY) count_steps(m);
}

void vpattern_init(vpattern_matcher *m, lua_State *L, const char *subject,
                   size_t subject_len, const char *pattern, size_t len)
{
    m->L = L;
    m->subject = subject;
    m->subject_end = subject + subject_len;
    m->end = pattern + len;
    m->steps = 1;
    count_steps(m);
}

// -------------------------------------------------------------------- classes

// Where the single item that begins at `p` ends.
static const char *item_end(vpattern_matcher *m, const char *p)
{
    const char *start = p;

    if (*p == ESCAPE) {
        if (p + 1 == m->end)
            luaL_error(m->L, "malformed pattern (ends with '%%')");
        return p + 2;
    }
    if (*p != '[') return p + 1;
    p++;
    if (*p == '^') p++;
    do { // a ']' in first place is one of the set
        if (p == m->end) luaL_error(m->L, "malformed pattern (missing ']')");
        if (*p++ == ESCAPE && p < m->end) p++;
    } while (*p != ']');
    step(m, (size_t)(p - start) / 4);
    return p + 1;
}

static int is_of_class(int c, int class)
{
    int is_of;

    switch (tolower(class)) {
    case 'a':
        is_of = isalpha(c);
        break;
    case 'c':
        is_of = iscntrl(c);
        break;
    case 'd':
        is_of = isdigit(c);
        break;
    case 'g':
        is_of = isgraph(c);
        break;
    case 'l':
        is_of = islower(c);
        break;
    case 'p':
        is_of = ispunct(c);
        break;
    case 's':
        is_of = isspace(c);
        break;
    case 'u':
        is_of = isupper(c);
        break;
    case 'w':
        is_of = isalnum(c);
        break;
    case 'x':
        is_of = isxdigit(c);
        break;
    default:
        return class == c;
    }
    return isupper(class) ? !is_of : is_of != 0;
}

// The set from its '[' at `p` to its ']' at `last`.
static int is_of_set(vpattern_matcher *m, int c, const char *p,
                     const char *last)
{
    int found = 1;

    step(m, (size_t)(last - p) / 4);
    p++;
    if (*p == '^') {
        found = 0;
        p++;
    }
    for (; p < last; p++) {
        if (*p == ESCAPE) {
            p++;
            if (is_of_class(c, byte_at(p))) return found;
        } else if (p[1] == '-' && p + 2 < last) {
            if (byte_at(p) <= c && c <= byte_at(p + 2)) return found;
            p += 2;
        } else if (byte_at(p) == c) {
            return found;
        }
    }
    return !found;
}

// Whether the character at `s` is one of the item from `p` to `end`.
static int is_item(vpattern_matcher *m, const char *s, const char *p,
                   const char *end)
{
    int c;

    step(m, 1);
    if (s >= m->subject_end) return 0;
    c = byte_at(s);
    switch (*p) {
    case '.':
        return 1;
    case ESCAPE:
        return is_of_class(c, byte_at(p + 1));
    case '[':
        return is_of_set(m, c, p, end - 1);
    default:
        return byte_at(p) == c;
    }
}

// ---------------------------------------------------------------- repetitions

static const char *match(vpattern_matcher *m, const char *s, const char *p);

// As many as there are, then fewer.
static const char *match_most(vpattern_matcher *m, const char *s, const char *p,
                              const char *end)
{
    ptrdiff_t count = 0;

    while (is_item(m, s + count, p, end))
        count++;
    for (; count >= 0; count--) {
        const char *found = match(m, s + count, end + 1);
        if (found) return found;
    }
    return NULL;
}

// As few as will do.
static const char *match_least(vpattern_matcher *m, const char *s,
                               const char *p, const char *end)
{
    for (;;) {
        const char *found = match(m, s, end + 1);
        if (found) return found;
        if (!is_item(m, s, p, end)) return NULL;
        s++;
    }
}

// ------------------------------------------------------------------- captures

static const char *open_capture(vpattern_matcher *m, const char *s,
                                const char *p, ptrdiff_t kind)
{
    const char *found;

    if (m->level >= VPATTERN_CAPTURES) luaL_error(m->L, "too many captures");
    m->captures[m->level].start = s;
    m->captures[m->level].len = kind;
    m->level++;
    found = match(m, s, p);
    if (!found) m->level--;
    return found;
}

static const char *close_capture(vpattern_matcher *m, const char *s,
                                 const char *p)
{
    const char *found;
    int i = m->level - 1;

    while (i >= 0 && m->captures[i].len != VPATTERN_UNFINISHED)
        i--;
    if (i < 0) luaL_error(m->L, "invalid pattern capture");
    m->captures[i].len = s - m->captures[i].start;
    found = match(m, s, p);
    if (!found) m->captures[i].len = VPATTERN_UNFINISHED;
    return found;
}

// What was captured as number `digit` has to stand at `s` again.
static const char *match_again(vpattern_matcher *m, const char *s, int digit)
{
    int i = digit - '1';
    size_t len;

    if (i < 0 || i >= m->level || m->captures[i].len == VPATTERN_UNFINISHED)
        luaL_error(m->L, "invalid capture index %%%d", i + 1);
    // A position is longer than whatever is left, as in Lua's own.
    len = (size_t)m->captures[i].len;
    if ((size_t)(m->subject_end - s) < len) return NULL;
    step(m, len / 16);
    return memcmp(m->captures[i].start, s, len) == 0 ? s + len : NULL;
}

// %bxy at `s`; `p` is behind the b.
static const char *match_balanced(vpattern_matcher *m, const char *s,
                                  const char *p)
{
    int depth = 1;

    if (p >= m->end - 1)
        luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
    if (s >= m->subject_end || *s != *p) return NULL;
    while (++s < m->subject_end) {
        step(m, 1);
        if (*s == p[1]) {
            if (--depth == 0) return s + 1;
        } else if (*s == *p) {
            depth++;
        }
    }
    return NULL;
}

// %f[set] at `s`: whether the set begins here. `*p` is moved behind it.
static int is_frontier(vpattern_matcher *m, const char *s, const char **p)
{
    const char *set = *p + 2;
    const char *end;
    int before, here;

    if (*set != '[') luaL_error(m->L, "missing '[' after '%%f' in pattern");
    end = item_end(m, set);
    before = s == m->subject ? '\0' : byte_at(s - 1);
    here = s == m->subject_end ? '\0' : byte_at(s);
    *p = end;
    return !is_of_set(m, before, set, end - 1) &&
           is_of_set(m, here, set, end - 1);
}

// ------------------------------------------------------------------ the whole

// What one item of the pattern leads to.
typedef enum outcome {
    GO_ON, // with the moved `s` and `p`
    ENDED  // `s` is the result
} outcome;

// One that is not there: what may be repeated no times is passed over.
static outcome skip_single(const char **s, const char **p, const char *end,
                           int repeat)
{
    if (repeat == '*' || repeat == '?' || repeat == '-') {
        *p = end + 1;
        return GO_ON;
    }
    *s = NULL;
    return ENDED;
}

// An item of one character, and what repeats it.
static outcome match_single(vpattern_matcher *m, const char **s, const char **p)
{
    const char *end = item_end(m, *p);
    const char *found;
    int repeat = end < m->end ? *end : '\0';

    if (!is_item(m, *s, *p, end)) return skip_single(s, p, end, repeat);
    switch (repeat) {
    case '*':
        *s = match_most(m, *s, *p, end);
        return ENDED;
    case '+':
        *s = match_most(m, *s + 1, *p, end);
        return ENDED;
    case '-':
        *s = match_least(m, *s, *p, end);
        return ENDED;
    case '?':
        found = match(m, *s + 1, end + 1);
        *p = end + 1;
        if (!found) return GO_ON;
        *s = found;
        return ENDED;
    default:
        (*s)++;
        *p = end;
        return GO_ON;
    }
}

// Behind a '%'.
static outcome match_escaped(vpattern_matcher *m, const char **s,
                             const char **p)
{
    switch ((*p)[1]) {
    case 'b':
        *s = match_balanced(m, *s, *p + 2);
        *p += 4;
        return *s ? GO_ON : ENDED;
    case 'f':
        if (is_frontier(m, *s, p)) return GO_ON;
        *s = NULL;
        return ENDED;
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        *s = match_again(m, *s, byte_at(*p + 1));
        *p += 2;
        return *s ? GO_ON : ENDED;
    default:
        return match_single(m, s, p);
    }
}

static outcome match_item(vpattern_matcher *m, const char **s, const char **p)
{
    switch (**p) {
    case '(':
        if ((*p)[1] == ')')
            *s = open_capture(m, *s, *p + 2, VPATTERN_POSITION);
        else
            *s = open_capture(m, *s, *p + 1, VPATTERN_UNFINISHED);
        return ENDED;
    case ')':
        *s = close_capture(m, *s, *p + 1);
        return ENDED;
    case '$':
        if (*p + 1 != m->end) return match_single(m, s, p);
        if (*s != m->subject_end) *s = NULL;
        return ENDED;
    case ESCAPE:
        return match_escaped(m, s, p);
    default:
        return match_single(m, s, p);
    }
}

static const char *match(vpattern_matcher *m, const char *s, const char *p)
{
    if (m->room-- == 0) luaL_error(m->L, "pattern too complex");
    while (p != m->end && match_item(m, &s, &p) == GO_ON)
        step(m, 1);
    m->room++;
    return s;
}

const char *vpattern_match(vpattern_matcher *m, const char *s,
                           const char *pattern)
{
    m->level = 0;
    m->room = NESTED_MAX;
    step(m, 1);
    return match(m, s, pattern);
}

// -------------------------------------------------------------------- results

void vpattern_push_capture(vpattern_matcher *m, int i, const char *start,
                           const char *end)
{
    const vpattern_capture *capture = &m->captures[i];

    if (i >= m->level) {
        if (i != 0) luaL_error(m->L, "invalid capture index %%%d", i + 1);
        lua_pushlstring(m->L, start, (size_t)(end - start));
    } else if (capture->len == VPATTERN_POSITION) {
        lua_pushinteger(m->L, capture->start - m->subject + 1);
    } else if (capture->len == VPATTERN_UNFINISHED) {
        luaL_error(m->L, "unfinished capture");
    } else {
        lua_pushlstring(m->L, capture->start, (size_t)capture->len);
    }
}

int vpattern_push_captures(vpattern_matcher *m, const char *start,
                           const char *end)
{
    int count = m->level == 0 && start ? 1 : m->level;

    luaL_checkstack(m->L, count, "too many captures");
    for (int i = 0; i < count; i++)
        vpattern_push_capture(m, i, start, end);
    return count;
}

// ----------------------------------------------------------------- plain text

const char *vpattern_find_plain(lua_State *L, const char *text, size_t len,
                                const char *needle, size_t needle_len)
{
    const char *last;

    if (needle_len == 0) return text;
    if (needle_len > len) return NULL;
    last = text + (len - needle_len);
    for (const char *at = text; at <= last; at++) {
        const char *found = memchr(at, *needle, (size_t)(last - at) + 1);
        if (!found) {
            vlimits_spend_bytes(L, (size_t)(last - at));
            return NULL;
        }
        vlimits_spend_bytes(L, (size_t)(found - at) / 4 + needle_len);
        at = found;
        if (memcmp(at, needle, needle_len) == 0) return at;
    }
    return NULL;
}

int vpattern_is_plain(const char *pattern, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (pattern[i] != '\0' && strchr("^$*+?.([%-", pattern[i])) return 0;
    return 1;
}
