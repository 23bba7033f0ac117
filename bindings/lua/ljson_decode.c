// Lua values from JSON text (RFC 8259), in one pass and straight onto the
// stack: there is no tree between that an error could leave behind. Integers
// stay integers as long as they fit 64 bits.
#include <math.h>
#include <string.h>

#include "lerror.h"
#include "lutf8.h"
#include "lvalue.h"

enum { DEPTH_MAX = 200, NUMBER_ROOM = 64 };

typedef struct reader {
    lua_State *L;
    const char *text, *at, *end; // `*end` is a NUL
    int depth;
} reader;

static void fail(reader *in, const char *what)
{
    lerror_fail(in->L, DBC_ECORRUPT, "this is no JSON: %s at byte %zu", what,
                (size_t)(in->at - in->text) + 1);
}

static void skip_blank(reader *in)
{
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' ||
                                *in->at == '\n' || *in->at == '\r'))
        in->at++;
}

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_digits(reader *in)
{
    if (!is_digit(*in->at)) fail(in, "a digit is missing");
    while (is_digit(*in->at))
        in->at++;
}

// Pushes the number between `from` and the reader's place.
static void push_number(reader *in, const char *from)
{
    char text[NUMBER_ROOM];
    size_t len = (size_t)(in->at - from);

    if (len < sizeof text) {
        memcpy(text, from, len);
        text[len] = '\0';
        if (lua_stringtonumber(in->L, text) == 0) fail(in, "a bad number");
    } else {
        const char *copy = lua_pushlstring(in->L, from, len);

        if (lua_stringtonumber(in->L, copy) == 0) fail(in, "a bad number");
        lua_remove(in->L, -2);
    }
    if (!isfinite(lua_tonumber(in->L, -1))) fail(in, "a number too large");
}

static void read_number(reader *in)
{
    const char *from = in->at;

    if (*in->at == '-') in->at++;
    if (*in->at == '0')
        in->at++;
    else
        skip_digits(in);
    if (*in->at == '.') {
        in->at++;
        skip_digits(in);
    }
    if (*in->at == 'e' || *in->at == 'E') {
        in->at++;
        if (*in->at == '+' || *in->at == '-') in->at++;
        skip_digits(in);
    }
    push_number(in, from);
}

// Four hexadecimal digits behind "\u".
static unsigned long read_hex(reader *in)
{
    unsigned long code = 0;

    for (int i = 0; i < 4; i++) {
        char c = *in->at;

        if (is_digit(c))
            code = code << 4 | (unsigned long)(c - '0');
        else if ((c | 32) >= 'a' && (c | 32) <= 'f')
            code = code << 4 | (unsigned long)((c | 32) - 'a' + 10);
        else
            fail(in, "\\u needs four hexadecimal digits");
        in->at++;
    }
    return code;
}

// A code point behind "\u", two of them when it is a surrogate.
static unsigned long read_code(reader *in)
{
    unsigned long high = read_hex(in), low;

    if (high < 0xd800 || high > 0xdfff) return high;
    if (high > 0xdbff || in->at[0] != '\\' || in->at[1] != 'u')
        fail(in, "half a surrogate pair");
    in->at += 2;
    low = read_hex(in);
    if (low < 0xdc00 || low > 0xdfff) fail(in, "half a surrogate pair");
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static void read_escape(reader *in, luaL_Buffer *out)
{
    static const char names[] = "\"\\/bfnrt";
    static const char bytes[] = "\"\\/\b\f\n\r\t";
    char code[4];
    const char *name;

    in->at++;
    if (*in->at == 'u') {
        in->at++;
        luaL_addlstring(out, code, lutf8_write(code, read_code(in)));
        return;
    }
    name = *in->at ? strchr(names, *in->at) : NULL;
    if (!name) fail(in, "an unknown escape");
    luaL_addchar(out, bytes[name - names]);
    in->at++;
}

// Up to the next quote or backslash.
static const char *skip_plain(reader *in)
{
    const char *from = in->at;

    while (*in->at != '"' && *in->at != '\\') {
        if (in->at >= in->end) fail(in, "the text ends inside a string");
        if ((unsigned char)*in->at < 0x20)
            fail(in, "a control character inside a string");
        in->at++;
    }
    return from;
}

static void read_string(reader *in)
{
    luaL_Buffer out;
    const char *from;

    in->at++;
    from = skip_plain(in);
    if (*in->at == '"') {
        lua_pushlstring(in->L, from, (size_t)(in->at - from));
        in->at++;
        return;
    }
    luaL_buffinit(in->L, &out);
    for (;;) {
        luaL_addlstring(&out, from, (size_t)(in->at - from));
        if (*in->at == '"') break;
        read_escape(in, &out);
        from = skip_plain(in);
    }
    in->at++;
    luaL_pushresult(&out);
}

static void read_value(reader *in);

static void enter(reader *in)
{
    in->at++;
    if (++in->depth > DEPTH_MAX) fail(in, "more than 200 levels");
    luaL_checkstack(in->L, 8, "JSON nested too deeply");
    skip_blank(in);
}

// Whether another item follows; else `close` was read.
static int next_item(reader *in, char close)
{
    skip_blank(in);
    if (*in->at == ',') {
        in->at++;
        skip_blank(in);
        return 1;
    }
    if (*in->at != close) fail(in, "a comma or a closing bracket is missing");
    return 0;
}

static void leave(reader *in)
{
    in->at++;
    in->depth--;
}

static void read_array(reader *in)
{
    lua_Integer n = 0;

    enter(in);
    lua_newtable(in->L);
    lua_rawgeti(in->L, LCORE, LCORE_ARRAY);
    lua_setmetatable(in->L, -2);
    if (*in->at != ']') {
        do {
            read_value(in);
            lua_rawseti(in->L, -2, ++n);
        } while (next_item(in, ']'));
    }
    leave(in);
}

static void read_object(reader *in)
{
    enter(in);
    lua_newtable(in->L);
    if (*in->at != '}') {
        do {
            if (*in->at != '"') fail(in, "a key is missing");
            read_string(in);
            skip_blank(in);
            if (*in->at != ':') fail(in, "a colon is missing");
            in->at++;
            skip_blank(in);
            read_value(in);
            lua_rawset(in->L, -3);
        } while (next_item(in, '}'));
    }
    leave(in);
}

static int take_word(reader *in, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(in->end - in->at) < len || memcmp(in->at, word, len) != 0)
        return 0;
    in->at += len;
    return 1;
}

static void read_word(reader *in)
{
    if (take_word(in, "true"))
        lua_pushboolean(in->L, 1);
    else if (take_word(in, "false"))
        lua_pushboolean(in->L, 0);
    else if (take_word(in, "null"))
        lua_rawgeti(in->L, LCORE, LCORE_NULL);
    else
        fail(in, in->at < in->end ? "an unknown word" : "a value is missing");
}

static void read_value(reader *in)
{
    switch (*in->at) {
    case '{':
        read_object(in);
        break;
    case '[':
        read_array(in);
        break;
    case '"':
        read_string(in);
        break;
    case '-':
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
        read_number(in);
        break;
    default:
        read_word(in);
        break;
    }
}

void ljson_decode(lua_State *L, const char *text, size_t len)
{
    reader in = {L, text, text, text + len, 0};

    if (!lutf8_valid(text, len))
        lerror_fail(L, DBC_ECORRUPT, "this is no JSON: it is not UTF-8");
    skip_blank(&in);
    read_value(&in);
    skip_blank(&in);
    if (in.at < in.end) fail(&in, "something follows the value");
}
