// SHA-256 by libmd: the library of the BSD systems, whose interface is made
// for text that comes in pieces.
#include "digest.h"

#include "dbcore.h"

void dbc__digest_init(dbc__digest *digest)
{
    SHA256Init(&digest->context);
}

void dbc__digest_add(dbc__digest *digest, const void *bytes, size_t len)
{
    if (len > 0) SHA256Update(&digest->context, bytes, len);
}

void dbc__digest_add_piece(dbc__digest *digest, const char *text, size_t len)
{
    dbc__digest_add(digest, text, len);
    dbc__digest_add(digest, "", 1);
}

void dbc__digest_end(dbc__digest *digest, char out[DBC__DIGEST_SIZE])
{
    static const char DIGITS[] = "0123456789abcdef";
    uint8_t bytes[SHA256_DIGEST_LENGTH];

    SHA256Final(bytes, &digest->context);
    for (size_t i = 0; i < sizeof bytes; i++) {
        out[2 * i] = DIGITS[bytes[i] >> 4];
        out[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
    out[2 * sizeof bytes] = '\0';
}

void dbc_sha256(char out[65], const void *bytes, size_t len)
{
    dbc__digest digest;

    dbc__digest_init(&digest);
    dbc__digest_add(&digest, bytes, len);
    dbc__digest_end(&digest, out);
}
