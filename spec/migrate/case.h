// A folder of spec/migrate/cases, as far as all who carry such a migration out
// share it: what is in its files, a database made and looked at through SQLite
// itself, and the migration by the library.
#ifndef DBC_SPEC_CASE_H
#define DBC_SPEC_CASE_H

#include "dbcore.h"

enum { MOST_HINTS = 64 };

// Of any length; data is owned, and freed with free().
typedef struct text {
    char *data;
    size_t len, cap;
} text;

// A file of the folder, whole. Ends the program when it cannot be read.
text case_read(const char *folder, const char *name);

// Runs a script on the database at `path` and returns its rows as a shell
// prints them. What goes wrong is in it, too, behind "error: ".
text case_ask(const char *path, const char *sql);

// All that can be seen of a database: texts and rows.
text case_dump(const char *path);

// The hints that a user gave.
typedef struct hints {
    dbc_hint items[MOST_HINTS];
    size_t count;
    char *texts[MOST_HINTS * 3];
    size_t text_count;
} hints;

// Reads them from the text of meta.json; case_drop_hints() is due.
void case_read_hints(hints *h, const char *meta);
void case_drop_hints(hints *h);

// Brings the database to the schema of `target`; `h` may be NULL. Returns a
// status; `*steps` is how many there were.
int case_migrate(const char *path, const char *target, const hints *h,
                 size_t *steps, dbc_error *err);

#endif
