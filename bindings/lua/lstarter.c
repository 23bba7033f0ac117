// A box is found by the address of its table, which it keeps alive: no other
// can come to stand there as long as it is kept.
#include "lstarter.h"

#include "lconn.h"

// What the value at 1 keeps, and the user value before its first box.
static lstarters *starters_of(lua_State *L, int *before)
{
    lbox *handle = lbox_at(L, 1);

    if (handle && handle->kind == LBOX_TXN) {
        *before = LTXN_UV_STARTERS;
        return &((ltxn *)(void *)handle)->starters;
    }
    if (handle && handle->kind == LBOX_CONN) {
        *before = LCONN_UV_STARTERS;
        return &((lconn *)(void *)handle)->starters;
    }
    return NULL;
}

// Addresses within one box differ by kind.
static const void *key_of(lua_State *L, dbc_query_kind kind)
{
    const char *table = lua_touserdata(L, 2);

    return table ? table + kind : NULL;
}

int lstarter_push(lua_State *L, dbc_query_kind kind)
{
    const void *key = key_of(L, kind);
    int before;
    const lstarters *kept = starters_of(L, &before);

    if (!kept || !key) return 0;
    for (int i = 0; i < LSTARTER_COUNT; i++) {
        if (kept->keys[i] != key) continue;
        lua_getiuservalue(L, 1, before + i);
        return 1;
    }
    return 0;
}

void lstarter_keep(lua_State *L, dbc_query_kind kind)
{
    int before;
    lstarters *kept = starters_of(L, &before);

    if (!kept) return;
    unsigned place = kept->next;
    kept->next = (place + 1) % LSTARTER_COUNT;
    kept->keys[place] = key_of(L, kind);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, 1, before + (int)place);
}
