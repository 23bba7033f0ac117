// Stand-ins: functions, aggregates and collations on a scratch database in the
// place of those that the host has made known on the real connection. No row
// is ever seen by them.
#ifndef DBC_MIGRATE_STAND_IN_H
#define DBC_MIGRATE_STAND_IN_H

#include "conn.h"

// What a statement lacked, as the engine says it.
typedef enum dbc__lack_kind {
    DBC__LACK_NOTHING, // that a connection could be given
    DBC__LACK_FUNCTION,
    DBC__LACK_COLLATION,
    DBC__LACK_MODULE,
    DBC__LACK_TRUST // a function that is known, but not for schemas
} dbc__lack_kind;

typedef struct dbc__lack {
    dbc__lack_kind kind;
    char name[256]; // cut when it is longer
} dbc__lack;

// Reads it from the message of a failure.
dbc__lack dbc__lack_of(const char *message);

// 'the function "f" is not known on this connection', 'register it there first'
typedef struct dbc__lack_words {
    char what[200];
    const char *fix;
} dbc__lack_words;

dbc__lack_words dbc__lack_say(const dbc__lack *lack);

// Whether `conn` knows it: 1, 0 or an error on it.
int dbc__lack_is_known(const dbc__lack *lack, dbc_conn *conn);

// Makes it known on `scratch`: with the rights and of the kind that it has on
// `like`, or (`like` NULL) for any use. A failure is left on `scratch`.
int dbc__stand_in_make(dbc_conn *scratch, dbc_conn *like,
                       const dbc__lack *lack);

// Takes one away that was made for any use.
int dbc__stand_in_drop(dbc_conn *scratch, const dbc__lack *lack);

#endif
