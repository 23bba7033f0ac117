// UTF-8: stepping over characters, cutting between them, making text of
// unknown origin fit for a message.
#include "utf8.h"

#include <string.h>

static int is_tail(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

size_t dbc__utf8_next(const char *text, size_t len)
{
    const unsigned char *at = (const unsigned char *)text;
    // The range of the second byte keeps out long forms and surrogates.
    unsigned char low = 0x80, high = 0xBF;
    size_t need;

    if (len == 0) return 0;
    if (at[0] < 0x80) return 1;
    if (at[0] < 0xC2 || at[0] > 0xF4) return 0;
    if (at[0] == 0xE0) low = 0xA0;
    if (at[0] == 0xED) high = 0x9F;
    if (at[0] == 0xF0) low = 0x90;
    if (at[0] == 0xF4) high = 0x8F;
    need = at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    if (len < need || at[1] < low || at[1] > high) return 0;
    for (size_t i = 2; i < need; i++) {
        if (!is_tail(at[i])) return 0;
    }
    return need;
}

int dbc__utf8_valid(const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t step = dbc__utf8_next(text + i, len - i);
        if (step == 0) return 0;
        i += step;
    }
    return 1;
}

size_t dbc__utf8_count(const char *text, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i < len && text[i] != '\0'; i++)
        count += !is_tail((unsigned char)text[i]);
    return count;
}

size_t dbc__utf8_cut(const char *text, size_t len, size_t max)
{
    if (len <= max) return len;

    size_t cut = max;
    // A character has at most three tail bytes; more are no UTF-8 anyway.
    while (cut > 0 && max - cut < 3 && is_tail((unsigned char)text[cut]))
        cut--;
    return is_tail((unsigned char)text[cut]) ? max : cut;
}

// C0, DEL, and C1 (U+0080 to U+009F), which some terminals obey.
static int is_control(const char *text, size_t len)
{
    unsigned char first = (unsigned char)text[0];

    if (len == 1) return first < 0x20 || first == 0x7F;
    return first == 0xC2 && (unsigned char)text[1] < 0xA0;
}

size_t dbc__utf8_tame(char *out, size_t size, const char *text, size_t len)
{
    size_t used = 0;

    for (size_t i = 0; i < len;) {
        size_t step = dbc__utf8_next(text + i, len - i);
        int bad = step == 0 || is_control(text + i, step);
        size_t take = bad ? 1 : step;

        if (used + take >= size) break;
        if (bad)
            out[used] = '?';
        else
            memcpy(out + used, text + i, take);
        used += take;
        i += step == 0 ? 1 : step;
    }
    out[used] = '\0';
    return used;
}
