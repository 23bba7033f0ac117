// Reading days, moments and UUIDs by hand: a few fixed places, no locale, no
// allocation, and nothing is taken that only looks like one.
#include "form.h"

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

// The number of `count` digits, or -1 when one of them is none.
static int read_digits(const char *text, int count)
{
    int number = 0;

    for (int i = 0; i < count; i++) {
        if (!is_digit(text[i])) return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

static int in_range(int number, int low, int high)
{
    return number >= low && number <= high;
}

static int days_of_month(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return DAYS[month - 1] + (month == 2 && leap);
}

enum { DATE_LEN = 10, TIME_LEN = 8, ZONE_LEN = 6, UUID_LEN = 36 };

int dbc__form_date(const char *text, size_t len)
{
    if (len != DATE_LEN || text[4] != '-' || text[7] != '-') return 0;

    int year = read_digits(text, 4);
    int month = read_digits(text + 5, 2);
    if (year < 0 || !in_range(month, 1, 12)) return 0;
    return in_range(read_digits(text + 8, 2), 1, days_of_month(year, month));
}

static int is_time(const char *text)
{
    return text[2] == ':' && text[5] == ':' &&
           in_range(read_digits(text, 2), 0, 23) &&
           in_range(read_digits(text + 3, 2), 0, 59) &&
           in_range(read_digits(text + 6, 2), 0, 59);
}

// Nothing, "Z", "+01:00" or "-01:00". Hours end at 14, as the zones do.
static int is_zone(const char *text, size_t len)
{
    if (len == 0) return 1;
    if (len == 1) return text[0] == 'Z';
    return len == ZONE_LEN && (text[0] == '+' || text[0] == '-') &&
           text[3] == ':' && in_range(read_digits(text + 1, 2), 0, 14) &&
           in_range(read_digits(text + 4, 2), 0, 59);
}

int dbc__form_datetime(const char *text, size_t len)
{
    size_t at = DATE_LEN + 1 + TIME_LEN;

    if (len < at || text[DATE_LEN] != ' ') return 0;
    if (!dbc__form_date(text, DATE_LEN)) return 0;
    if (!is_time(text + DATE_LEN + 1)) return 0;
    if (at < len && text[at] == '.') {
        size_t first = ++at;

        while (at < len && is_digit(text[at]))
            at++;
        if (at == first) return 0;
    }
    return is_zone(text + at, len - at);
}

dbc__form dbc__form_uuid(const char *text, size_t len)
{
    dbc__form form = DBC__FORM_GOOD;

    if (len != UUID_LEN) return DBC__FORM_BAD;
    for (size_t i = 0; i < UUID_LEN; i++) {
        char c = text[i];

        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (c != '-') return DBC__FORM_BAD;
        } else if (c >= 'A' && c <= 'F') {
            form = DBC__FORM_UPPER;
        } else if (!is_digit(c) && !(c >= 'a' && c <= 'f')) {
            return DBC__FORM_BAD;
        }
    }
    return form;
}
