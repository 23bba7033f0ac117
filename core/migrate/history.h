// What is known beside what is applied. Everything here is a pure function of
// the migrator and the rows of the ledger: no database, no clock.
#ifndef DBC_MIGRATE_HISTORY_H
#define DBC_MIGRATE_HISTORY_H

#include "ledger.h"
#include "migrator.h"

// What an entry is made of.
typedef struct dbc__history_detail {
    const dbc__known *known;        // or NULL
    const dbc__ledger_row *applied; // or NULL
    size_t order;                   // of its row: who was applied last
} dbc__history_detail;

struct dbc_history {
    const dbc_alloc *alloc;
    dbc__arena arena;
    const dbc_migrator *migrator; // borrowed, while it is used for running
    dbc__ledger ledger;
    dbc_history_entry *entries;
    dbc__history_detail *details; // of the same numbers
    size_t count;
    const char *fingerprint, *schema;
};

// Fills a history whose ledger is there. DBC_OK or DBC_ENOMEM.
int dbc__history_compare(dbc_history *history, const dbc_migrator *migrator);

// Whether entry `i` stands for others of which some are applied and some are
// neither applied nor known: then there is no way on.
int dbc__history_is_torn(const dbc_history *history, size_t i);

// goal.c: 1 and the number of the entry that is due, 0 when none is, or an
// error.
int dbc__history_due(size_t *out, const dbc_history *history,
                     const dbc_goal *goal, unsigned flags,
                     dbc_direction *direction, dbc_error *err);

#endif
