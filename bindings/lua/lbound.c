// Binding the first row of an insert.
#include "lbound.h"

#include "lgiven.h"
#include "linsert.h"

// Pushes the first row there is; 0 when that is not known.
static int push_first(lua_State *L, int index)
{
    lua_getiuservalue(L, index, LQUERY_UV_ROWS);
    if (lua_isfunction(L, -1)) return 0;
    if (lua_istable(L, -1) && lua_rawlen(L, -1) > 0) {
        lua_rawgeti(L, -1, 1);
        lua_replace(L, -2);
    }
    return 1;
}

int lbound_push(lua_State *L, int index, lbound_row how)
{
    int top = lua_gettop(L);
    lgiven row;
    const lkeys *keys;
    lquery *query;

    index = lua_absindex(L, index);
    luaL_checkstack(L, 12, NULL);
    lua_getiuservalue(L, index, LQUERY_UV_TABLE); // top + 1
    keys = lkeys_push(L, top + 1);                // top + 2
    luaL_checkstack(L, (int)keys->column_count * 2 + 40, "too many columns");
    if (!push_first(L, index)) { // top + 3
        lua_settop(L, top);
        return 0;
    }
    lgiven_place(&row, keys, lua_newuserdatauv(L, lgiven_room(keys), 0));
    row.table = top + 1;
    lgiven_read(L, &row, top + 3, 0);
    if (how == LBOUND_COMPLETE) lgiven_complete(L, &row, top + 3);
    query = lgiven_push_query(L, &row, index, LGIVEN_BOUND);
    query->flags &= ~(unsigned)LQUERY_HAS_VALUES;
    lua_insert(L, top + 1);
    lua_settop(L, top + 1);
    return 1;
}

int lbound_is_fixed(lua_State *L, int index)
{
    int top = lua_gettop(L);
    int fixed;

    luaL_checkstack(L, 4, NULL);
    lua_getiuservalue(L, index, LQUERY_UV_TABLE);
    lua_getiuservalue(L, index, LQUERY_UV_ROWS);
    fixed = !linsert_is_many(L, top + 2) &&
            !(lkeys_push(L, top + 1)->flags & LKEYS_DEFAULT);
    lua_settop(L, top);
    return fixed;
}
