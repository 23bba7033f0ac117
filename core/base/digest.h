// SHA-256 of a text that may come in pieces, as hexadecimal digits.
#ifndef DBC_BASE_DIGEST_H
#define DBC_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include <sha2.h>

enum { DBC__DIGEST_SIZE = 65 }; // 64 digits and a NUL

typedef struct dbc__digest {
    SHA2_CTX context;
} dbc__digest;

void dbc__digest_init(dbc__digest *digest);
void dbc__digest_add(dbc__digest *digest, const void *bytes, size_t len);

// The bytes and a NUL behind them: pieces that are told apart.
void dbc__digest_add_piece(dbc__digest *digest, const char *text, size_t len);

// Ends it; begin anew with dbc__digest_init().
void dbc__digest_end(dbc__digest *digest, char out[DBC__DIGEST_SIZE]);

#endif
