// A driver that passes every call on to another one and counts those that a
// spec asks about. There is one at a time.
#ifndef DBC_SPEC_SPY_H
#define DBC_SPEC_SPY_H

#include "dbcore_driver.h"

typedef struct spy_counts {
    int closes;
    int prepares;
    int finalizes;
    int binds;
    int steps;
    int resets;
    int set_deadlines;
    int64_t deadline_ns;   // the last one that was set
    dbc_open_options open; // what the last open was given
    // What the spec wants otherwise:
    int expire; // every deadline that is set has passed already
} spy_counts;

// Starts counting anew. Give the result as the driver of a connection.
const dbc_driver *spy_on(const dbc_driver *inner);

spy_counts *spy(void);

#endif
