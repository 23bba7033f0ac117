// The written forms of days, moments and UUIDs. Only one form of each is
// taken, so that text sorts and compares as what it means.
#ifndef DBC_LANG_FORM_H
#define DBC_LANG_FORM_H

#include <stddef.h>

// "2026-01-31", a day that the calendar has (Gregorian, years 0000 to 9999).
int dbc__form_date(const char *text, size_t len);

// "2026-01-31 23:59:59", then perhaps a fraction ".5" and a zone "Z" or
// "+01:00". No leap second: SQLite has none.
int dbc__form_datetime(const char *text, size_t len);

typedef enum dbc__form {
    DBC__FORM_GOOD,
    DBC__FORM_UPPER, // right but for capital letters
    DBC__FORM_BAD
} dbc__form;

// 8-4-4-4-12 hexadecimal digits.
dbc__form dbc__form_uuid(const char *text, size_t len);

#endif
