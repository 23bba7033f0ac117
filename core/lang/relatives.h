// The query that reads one level of relatives: those of many rows at once, by
// a list of their keys.
#ifndef DBC_LANG_RELATIVES_H
#define DBC_LANG_RELATIVES_H

#include "rewrite.h"

// A level while its query is planned. All lies in the rewriting's arenas.
typedef struct dbc__relatives {
    const dbc_relation *relation; // NULL: the query itself
    uint32_t parent;
    uint32_t frame;            // of its query; 0: all rows (but of the first)
    dbc__key_place *keys;      // in the parent's rows
    const dbc_column **hidden; // key columns its rows must give unseen
    uint32_t hidden_count, hidden_cap;
} dbc__relatives;

// What the query of a level says: DBC__FRAME_….
static inline unsigned dbc__relatives_clauses(const dbc__rewrite *w,
                                              const dbc__relatives *at)
{
    return at->frame ? w->frames.items[at->frame].clauses : 0;
}

// Writes the query of `at` into w->out; `level` has the names of its lists, and
// gets to know whether it goes by key.
void dbc__relatives_write(dbc__rewrite *w, dbc__load_level *level,
                          const dbc__relatives *at);

// Adds the key columns of deeper levels, which no row shows.
void dbc__relatives_hidden(dbc__rewrite *w, const dbc__relatives *at,
                           dbc__place place);

#endif
