// How the relatives of many rows are best read: the access path of one level.
#ifndef DBC_LANG_ACCESS_H
#define DBC_LANG_ACCESS_H

#include "relatives.h"

// With neither it goes by the numbers of the keys.
typedef struct dbc__access {
    int by_key;
    int descending; // the direction of the keys, by key
    int looks_up;   // the first few of each row
} dbc__access;

dbc__access dbc__access_choose(const dbc__rewrite *w, const dbc__relatives *at);

#endif
