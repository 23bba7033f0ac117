// Reading signatures, and comparing values of Lua with them.
#include "vsignature.h"

#include <string.h>

#define KIND(word, words)             \
    {                                 \
        word, sizeof(word) - 1, words \
    }

static const struct {
    const char *word;
    size_t len;
    const char *words;
} kinds[] = {
    [VSIGNATURE_INTEGER] = KIND("integer", "an integer"),
    [VSIGNATURE_REAL] = KIND("real", "a number"),
    [VSIGNATURE_BOOLEAN] = KIND("boolean", "true or false"),
    [VSIGNATURE_TEXT] = KIND("text", "text"),
    [VSIGNATURE_BLOB] = KIND("blob", "a blob"),
    [VSIGNATURE_VALUE] = KIND("value", "a plain value"),
    [VSIGNATURE_TABLE] = KIND("table", "a table"),
};

enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

const char *vsignature_describe(vsignature_kind kind)
{
    return kinds[kind].words;
}

static int ends_word(char c)
{
    return c == ',' || c == '>' || c == '?' || c == '\0';
}

// One word at `*at`, which is moved behind it. This runs at every call.
static int read_word(vsignature_word *out, const char **at)
{
    for (int i = 0; i < KIND_COUNT; i++) {
        const char *word = kinds[i].word;
        size_t len = 0;

        while (len < kinds[i].len && word[len] == (*at)[len])
            len++;
        if (len < kinds[i].len || !ends_word((*at)[len])) continue;
        *at += len;
        out->kind = (unsigned char)i;
        out->is_optional = **at == '?';
        *at += out->is_optional;
        return 1;
    }
    return 0;
}

// Words up to `stop` or the end.
static int read_side(vsignature_word *words, int *count, const char **at,
                     char stop)
{
    *count = 0;
    if (**at == stop || **at == '\0') return 1;
    for (;;) {
        if (*count == VSIGNATURE_MAX || !read_word(&words[*count], at))
            return 0;
        ++*count;
        if (**at != ',') break;
        ++*at;
    }
    return **at == stop || **at == '\0';
}

const char *vsignature_read(vsignature *out, const char *text)
{
    const char *at = text;

    out->out_count = 0;
    if (!read_side(out->in, &out->in_count, &at, '>')) return at;
    if (*at == '\0') return NULL;
    at++;
    if (!read_side(out->out, &out->out_count, &at, '\0')) return at;
    return *at == '\0' ? NULL : at;
}

int vsignature_fits(lua_State *L, int index, vsignature_word word)
{
    int type = lua_type(L, index);

    if (type == LUA_TNIL || type == LUA_TNONE)
        return word.is_optional || word.kind == VSIGNATURE_VALUE;
    switch (word.kind) {
    case VSIGNATURE_INTEGER:
        return type == LUA_TNUMBER && lua_isinteger(L, index);
    case VSIGNATURE_REAL:
        return type == LUA_TNUMBER;
    case VSIGNATURE_BOOLEAN:
        return type == LUA_TBOOLEAN;
    case VSIGNATURE_TEXT:
    case VSIGNATURE_BLOB:
        return type == LUA_TSTRING;
    case VSIGNATURE_VALUE:
        return type == LUA_TNUMBER || type == LUA_TSTRING ||
               type == LUA_TBOOLEAN;
    default:
        return type == LUA_TTABLE;
    }
}
