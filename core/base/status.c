// The words and texts of the status codes, made from the one list of them.
#include <string.h>

#include "dbcore.h"

const char *dbc_version(void)
{
    return DBC_VERSION;
}

int dbc_version_number(void)
{
    return DBC_VERSION_NUMBER;
}

const char *dbc_status_word(int status)
{
    switch (status) {
#define STATUS_WORD(name, number, word, text) \
    case number:                              \
        return word;
        DBC_STATUS_MAP(STATUS_WORD)
#undef STATUS_WORD
    default:
        return "unknown";
    }
}

int dbc_status_of_word(const char *word)
{
#define STATUS_OF(name, number, known, text) \
    if (strcmp(word, known) == 0) return number;
    DBC_STATUS_MAP(STATUS_OF)
#undef STATUS_OF
    return DBC_OK;
}

const char *dbc_status_text(int status)
{
    switch (status) {
#define STATUS_TEXT(name, number, word, text) \
    case number:                              \
        return text;
        DBC_STATUS_MAP(STATUS_TEXT)
#undef STATUS_TEXT
    default:
        return "a status without a meaning";
    }
}
