// Boxes: the userdata of this binding. Each begins with a head that tells by
// one comparison whether it is ours and what it is; a look-up of metatables by
// name would cost more than the rest of a call.
//
// Every C function of the binding has one upvalue, the *core*: a Lua array
// with the metatable of each kind at its number, then the few things all
// share. So a function reaches what it needs without the registry.
//
// Builders make boxes without a finalizer: a query lives in the box's own
// memory (dbc_query_place) and ends with it. What its nodes point to (tables)
// is kept alive by the *anchor*, user value 1 (lanchor.h).
#ifndef DBC_LBOX_H
#define DBC_LBOX_H

#include <lauxlib.h>
#include <lua.h>

#include "dbcore.h"

typedef enum lbox_kind {
    LBOX_EXPR = 1,   // lexpr.h
    LBOX_QUERY,      // lquery.h
    LBOX_TABLE,      // ltable.h: a table descriptor, maybe under an alias
    LBOX_SOURCE,     // ltable.h: a subquery or CTE under a name
    LBOX_SCHEMA,     // ltable.h
    LBOX_CONN,       // lconn.h
    LBOX_TXN,        // lconn.h
    LBOX_CURSOR,     // lcursor.h: rows()
    LBOX_PREPARED,   // lprepared.h
    LBOX_NULL,       // dbcore.null
    LBOX_MOCK,       // lmock.h
    LBOX_JSON,       // ljson.h: a document while it is converted
    LBOX_ANCHORS,    // lanchor.h
    LBOX_CATALOG,    // lcatalog.h
    LBOX_PLAN,       // lplan.h
    LBOX_POLICY,     // lpolicy.h
    LBOX_RESTRICTED, // lpolicy.h: a handle under a policy
    LBOX_ALTERATION, // lalter.c
    LBOX_MIGRATOR,   // lmigrator.h
    LBOX_HOOKS,      // lhook.c
    LBOX_KIND_COUNT
} lbox_kind;

// What else the core array holds, behind the metatables.
enum {
    LCORE_NULL = LBOX_KIND_COUNT, // the one box of kind LBOX_NULL
    LCORE_ERROR,                  // metatable of error objects
    LCORE_CODECS,                 // list of { encode =, decode = } by number
    LCORE_ARRAY,                  // metatable that marks JSON arrays
    LCORE_CTE,                    // metatable of what db:with() returns
    LCORE_CALL,                   // the function lprotect.h calls through
    LCORE_HOME,                   // how names of the module's own chunks begin
    LCORE_CONNS, // weak: address → connection box, for callbacks; also
                 // lrules.h: link → descriptor; lhook.c: link → hooks
    LCORE_CAUSE, // what the last callback that failed raised
    LCORE_GATE,  // the host's dbcore_lua_gate as a light userdata, or nil
    LCORE_COUNT
};

#define LCORE lua_upvalueindex(1)

typedef struct lbox {
    const void *magic; // the address of a constant of lbox.c
    int kind;
} lbox;

// A new userdata of `size` bytes (head included) with `values` user values,
// head filled, the rest zero, metatable set: a closed, harmless object from
// the first moment. It is on the top of the stack.
void *lbox_new(lua_State *L, lbox_kind kind, size_t size, int values);

// The same, but beyond its head nothing is filled: for builders, whose memory
// is written by dbc_query_place() a moment later.
void *lbox_new_raw(lua_State *L, lbox_kind kind, size_t size, int values);

extern const char lbox_magic;

// The box at `index`, or NULL when it is none of ours. Never raises.
static inline lbox *lbox_at(lua_State *L, int index)
{
    lbox *box = lua_touserdata(L, index);
    if (!box || lua_rawlen(L, index) < sizeof *box) return NULL;
    return box->magic == &lbox_magic ? box : NULL;
}

// The box at `index` when it is one of `kind`, else NULL. Never raises.
static inline void *lbox_test(lua_State *L, int index, lbox_kind kind)
{
    lbox *box = lua_touserdata(L, index);
    if (!box || lua_rawlen(L, index) < sizeof *box) return NULL;
    if (box->magic != &lbox_magic || box->kind != (int)kind) return NULL;
    return box;
}

// The kind of box at `index`; 0 when it is none of ours.
static inline int lbox_kind_of(lua_State *L, int index)
{
    lbox *box = lua_touserdata(L, index);
    if (!box || lua_rawlen(L, index) < sizeof *box) return 0;
    return box->magic == &lbox_magic ? box->kind : 0;
}

// The same, but raises `invalid`: "expected a query, got a string".
void *lbox_check(lua_State *L, int index, lbox_kind kind);

// What a value is, for messages: "a query", "the number 5", "nil", "text
// \"abc\"", "a table". Written into `out`, cut to one short line.
typedef struct lbox_words {
    char text[96];
} lbox_words;
const char *lbox_describe(lua_State *L, int index, lbox_words *out);

// For messages: "; did you mean \"limit\"?" with the nearest string key of the
// table at `index`, or of `count` names, or "" when nothing is near.
const char *lbox_suggest_key(lua_State *L, int index, const char *wanted,
                             size_t len, lbox_words *out);
const char *lbox_suggest_name(const char *const *names, size_t count,
                              const char *wanted, size_t len, lbox_words *out);

// Raises unless every key of the table at `index` is one of `names`, which
// ends with NULL. `what` opens the message: "over".
void lbox_check_keys(lua_State *L, int index, const char *const *names,
                     const char *what);

// Pushes a new table of methods. A name that is not among them raises: "a
// query has no method "limitt"; did you mean "limit"?". `what` is "a query".
void lbox_push_methods(lua_State *L, int core, const char *what,
                       const luaL_Reg *functions);

// Pushes a metatable with these events, `__name` and a locked `__metatable`.
void lbox_push_metatable(lua_State *L, int core, const char *name,
                         const luaL_Reg *events);

// For `__newindex` of what never changes.
int lbox_refuse_write(lua_State *L);

// Registers `functions` into the table on the top, with the core at stack
// index `core` as their upvalue.
void lbox_register(lua_State *L, int core, const luaL_Reg *functions);

// The same, into the table at stack index `into`.
void lbox_register_in(lua_State *L, int core, int into,
                      const luaL_Reg *functions);

#endif
