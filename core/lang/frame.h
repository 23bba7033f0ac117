// The queries inside a query: for each the run of its nodes, what it reads
// from first, and which word about relations it belongs to. Known before any
// node is rewritten, because a word may stand before what it speaks of.
#ifndef DBC_LANG_FRAME_H
#define DBC_LANG_FRAME_H

#include "aggregate.h"
#include "arena.h"
#include "tree.h"

// One query or subquery. The first frame is the whole query.
typedef struct dbc__frame {
    uint32_t begin, end; // nodes; `end` is its QUERY node, of the first none
    uint32_t outer;      // the frame around
    uint32_t user; // place plus one of the HAS, RELATED or LOAD it is for, or 0
    const dbc_table *table; // it reads from first or writes to, or NULL
    const char *alias;      // of that table; not ended by a NUL
    uint32_t alias_len;     // 0: none
    unsigned clauses;       // DBC__FRAME_…
    // While it is written:
    uint32_t start;         // nodes there were before its first one
    const char *hidden;     // a name that its sources must not have, or NULL
    const char *renamed_to; // the source that has it is called this instead
} dbc__frame;

enum {
    DBC__FRAME_SELECT = 1 << 0,
    DBC__FRAME_DISTINCT = 1 << 1,
    DBC__FRAME_GROUPED = 1 << 2, // GROUP BY, HAVING, or an aggregate selected
    DBC__FRAME_ORDERED = 1 << 3,
    DBC__FRAME_LIMITED = 1 << 4, // LIMIT or OFFSET
    DBC__FRAME_COMBINED = 1 << 5,
    DBC__FRAME_JOINED = 1 << 6,
    DBC__FRAME_WITH = 1 << 7,
    DBC__FRAME_ASKED = 1 << 8, // for a count, or whether there is a row
    DBC__FRAME_LOADS = 1 << 9,
    DBC__FRAME_WRITES = 1 << 10,
    DBC__FRAME_UNLOADED = 1 << 11
};

typedef struct dbc__frames {
    const dbc_query *query; // borrowed
    dbc__frame *items;      // in the arena, as all below
    uint32_t count;
    uint32_t *of; // of each node: the innermost frame it is in
    uint32_t *at; // of each QUERY node: its frame
} dbc__frames;

// Finds them. DBC_OK, DBC_ENOMEM, DBC_ELIMIT when they nest too deeply, or
// what `functions` failed with.
int dbc__frames_find(dbc__frames *out, const dbc_query *query,
                     const dbc__functions *functions, dbc__arena *arena);

// The name by which SQL knows the first table of a frame, as it is written.
const char *dbc__frame_name(const dbc__frame *frame, size_t *len);

// Whether a source of frame `f` itself is known as `name`, as it was given.
int dbc__frame_has_source(const dbc__frames *frames, uint32_t f,
                          const char *name, size_t len);

#endif
