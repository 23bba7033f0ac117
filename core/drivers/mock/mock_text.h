// What the mock driver reads off a text: where its first statement ends, how
// many placeholders it has, and what it does to a transaction.
#ifndef DBC_DRIVER_MOCK_TEXT_H
#define DBC_DRIVER_MOCK_TEXT_H

#include <stddef.h>

#include "dbcore_driver.h"

typedef enum dbc__mock_verb {
    DBC__MOCK_READ,
    DBC__MOCK_WRITE,
    DBC__MOCK_BEGIN,
    DBC__MOCK_COMMIT,
    DBC__MOCK_ROLLBACK,
    DBC__MOCK_SAVEPOINT // and RELEASE, and ROLLBACK TO
} dbc__mock_verb;

typedef struct dbc__mock_text {
    size_t start, end; // of the first statement, from word to word
    size_t len;        // up to behind its semicolon
    size_t parameter_count;
    dbc__mock_verb verb;
    int empty;
} dbc__mock_text;

// DBC_OK; DBC_ESYNTAX when a number among the placeholders is missing or a
// quote is never closed; DBC_ELIMIT when one is too large.
int dbc__mock_text_read(dbc__mock_text *out, const char *sql, size_t len,
                        dbc_error *err);

#endif
