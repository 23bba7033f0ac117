// Handles under a policy: what db:as{…} returns. Such a handle is one more
// way to its connection or transaction; what is started from it carries the
// policy along (dbc_query_restrict), whatever it becomes a part of.
//
// Nothing reaches the connection through it by accident: lconn_of() refuses
// it. Only a function that runs queries, or asks nothing of the database, says
// lconn_under() instead (lconn.h).
#ifndef DBC_LPOLICY_H
#define DBC_LPOLICY_H

#include "lanchor.h"
#include "ltable.h"

// The owner of a policy. It is an anchor as a descriptor is: queries and
// expressions keep it alive.
typedef struct lpolicy {
    lbox head;
    dbc_policy *policy; // one reference
} lpolicy;

enum { LPOLICY_VALUES = LTABLE_UV_UNION };

enum {
    LRESTRICTED_UV_HANDLE = 1, // the connection or transaction box behind it
    LRESTRICTED_UV_POLICY,     // an lpolicy box
    LRESTRICTED_UV_OUTER,      // the handle it was made from
    LRESTRICTED_VALUES = LRESTRICTED_UV_OUTER
};

typedef struct lrestricted {
    lbox head;
    const dbc_policy *policy; // borrowed from LRESTRICTED_UV_POLICY
    int is_filter;            // it hides rows and forbids nothing
    int is_closed;
} lrestricted;

// The policy of the handle at `index`, or NULL. Good as long as the handle.
const dbc_policy *lpolicy_of(lua_State *L, int index);

// Whether the handle at `index` is under nothing, or nothing that forbids.
int lpolicy_is_filter(lua_State *L, int index);

// Pushes the owner of that policy, or nil.
void lpolicy_push_owner(lua_State *L, int index);

// Raises `denied` when the handle at `index` is under a policy that forbids
// something: the function that runs is not for it.
void lpolicy_check_free(lua_State *L, int index);

// Raises `denied` unless SQL text may be run by the handle at `index`.
void lpolicy_check_raw(lua_State *L, int index);

// Puts the query on the top, which the handle at `index` has started, under
// the policy of that handle.
void lpolicy_hold(lua_State *L, int index);

void lpolicy_open(lua_State *L, int core, int module);

#endif
