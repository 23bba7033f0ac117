// Signatures, "integer,text>boolean": what goes into a function and what comes
// out of it.
#ifndef DBC_VSIGNATURE_H
#define DBC_VSIGNATURE_H

#include <lua.h>

enum { VSIGNATURE_MAX = 16 }; // words on one side

typedef enum vsignature_kind {
    VSIGNATURE_INTEGER,
    VSIGNATURE_REAL,
    VSIGNATURE_BOOLEAN,
    VSIGNATURE_TEXT,
    VSIGNATURE_BLOB,
    VSIGNATURE_VALUE,
    VSIGNATURE_TABLE
} vsignature_kind;

typedef struct vsignature_word {
    unsigned char kind;
    unsigned char is_optional; // it may be nil
} vsignature_word;

typedef struct vsignature {
    int in_count, out_count;
    vsignature_word in[VSIGNATURE_MAX], out[VSIGNATURE_MAX];
} vsignature;

// Reads a signature. Returns NULL, or the place where it is wrong.
const char *vsignature_read(vsignature *out, const char *text);

// "an integer", for messages.
const char *vsignature_describe(vsignature_kind kind);

// Whether the value at `index` is one of that kind.
int vsignature_fits(lua_State *L, int index, vsignature_word word);

#endif
