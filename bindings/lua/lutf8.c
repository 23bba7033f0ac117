// UTF-8 for JSON, which knows no other text. The core keeps its own to itself.
#include "lutf8.h"

// How many bytes follow a lead byte, the least code they may give, or -1.
static int follow(unsigned char lead, unsigned long *least)
{
    if (lead >= 0xc2 && lead <= 0xdf) return *least = 0x80, 1;
    if (lead >= 0xe0 && lead <= 0xef) return *least = 0x800, 2;
    if (lead >= 0xf0 && lead <= 0xf4) return *least = 0x10000, 3;
    return -1;
}

int lutf8_valid(const char *text, size_t len)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned char *end = at + len;

    while (at < end) {
        unsigned long code, least;
        int more;

        if (*at < 0x80) {
            at++;
            continue;
        }
        more = follow(*at, &least);
        if (more < 0 || end - at <= more) return 0;
        code = *at & (0x3fu >> more);
        for (int i = 1; i <= more; i++) {
            if ((at[i] & 0xc0) != 0x80) return 0;
            code = code << 6 | (at[i] & 0x3f);
        }
        if (code < least || code > 0x10ffff) return 0;
        if (code >= 0xd800 && code <= 0xdfff) return 0;
        at += more + 1;
    }
    return 1;
}

size_t lutf8_write(char *out, unsigned long code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}
