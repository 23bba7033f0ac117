// A count of references, for what several owners share: tables, schemas and
// policies, which never change once they are made, and connections. Retaining
// is no change, so a count may be moved through a pointer to something const.
#ifndef DBC_BASE_COUNTED_H
#define DBC_BASE_COUNTED_H

#include <stdatomic.h>
#include <stddef.h>

typedef struct dbc__counted {
    atomic_size_t references;
} dbc__counted;

// Whoever makes it has the first reference.
static inline void dbc__counted_init(dbc__counted *counted)
{
    atomic_init(&counted->references, 1);
}

static inline void dbc__counted_retain(const dbc__counted *counted)
{
    atomic_fetch_add_explicit(&((dbc__counted *)counted)->references, 1,
                              memory_order_relaxed);
}

// Whether it was the last reference. Then all that other owners did with the
// object has happened before, and the caller frees it.
static inline int dbc__counted_release(const dbc__counted *counted)
{
    return atomic_fetch_sub_explicit(&((dbc__counted *)counted)->references, 1,
                                     memory_order_acq_rel) == 1;
}

#endif
