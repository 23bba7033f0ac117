// Rows as tables. The names of a plan are a Lua list, kept beside the
// connection under the plan's slot and checked by its serial number; a row is
// built from it with raw sets only.
#include "lrow.h"

#include "lconn.h"
#include "lvalue.h"

static void push_name(lua_State *L, const char *name, size_t len,
                      lua_Integer place)
{
    lua_pushlstring(L, name, len);
    lua_rawseti(L, -2, place);
}

// Pushes the new list: the serial at 0, names of outputs, names of groups.
static void push_new_names(lua_State *L, const dbc_layout *layout)
{
    size_t count = layout->output_count + layout->group_count;
    lua_Integer place = 1;

    lua_createtable(L, (int)count, 1);
    for (size_t i = 0; i < layout->output_count; i++)
        push_name(L, layout->outputs[i].name, layout->outputs[i].name_len,
                  place++);
    for (size_t i = 0; i < layout->group_count; i++)
        push_name(L, layout->groups[i].name, layout->groups[i].name_len,
                  place++);
    lua_pushinteger(L, (lua_Integer)layout->serial);
    lua_rawseti(L, -2, 0);
}

// Pushes the connection's table of lists; makes it when there is none yet.
static void push_lists(lua_State *L, int conn_box)
{
    if (lua_getiuservalue(L, conn_box, LCONN_UV_NAMES) == LUA_TTABLE) return;
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setiuservalue(L, conn_box, LCONN_UV_NAMES);
}

void lrow_push_names(lua_State *L, int conn_box, const dbc_layout *layout)
{
    lua_Integer slot = (lua_Integer)layout->slot + 1;
    int found;

    conn_box = lua_absindex(L, conn_box);
    push_lists(L, conn_box);
    if (lua_rawgeti(L, -1, slot) == LUA_TTABLE) {
        lua_rawgeti(L, -1, 0);
        found = lua_tointeger(L, -1) == (lua_Integer)layout->serial;
        lua_pop(L, 1);
        if (found) {
            lua_remove(L, -2);
            return;
        }
    }
    lua_pop(L, 1);
    push_new_names(L, layout);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, slot);
    lua_remove(L, -2);
}

// Pushes what is not NULL: most values are what they are stored as, and need
// no call for that.
static inline void push_stored(lua_State *L, const dbc_value *value,
                               const dbc_output *output)
{
    dbc_type type = output->type;

    if (value->type == DBC_INT && type != DBC_T_BOOLEAN && type != DBC_T_REAL &&
        type != DBC_T_CUSTOM)
        lua_pushinteger(L, value->as.i);
    else if (value->type == DBC_TEXT && type != DBC_T_JSON &&
             type != DBC_T_CUSTOM)
        lua_pushlstring(L, value->as.text, value->len);
    else
        lvalue_push(L, value, type, output->codec, 1);
}

// Sets outputs `from` up to `to` in the table on the top.
static void set_outputs(lua_State *L, int names, const dbc_output *outputs,
                        const dbc_value *row, size_t from, size_t to,
                        lrow_nulls nulls)
{
    for (size_t i = from; i < to; i++) {
        if (row[i].type == DBC_NULL && nulls == LROW_NIL) continue;
        lua_rawgeti(L, names, (lua_Integer)i + 1);
        push_stored(L, &row[i], &outputs[i]);
        lua_rawset(L, -3);
    }
}

// Whether an outer join left the group without a row.
static int is_absent(const dbc_group *group, const dbc_value *row)
{
    if (!group->optional) return 0;
    if (group->presence >= 0) return row[group->presence].type == DBC_NULL;
    for (uint32_t i = 0; i < group->count; i++)
        if (row[group->first + i].type != DBC_NULL) return 0;
    return 1;
}

static void push_grouped(lua_State *L, int names, const dbc_layout *layout,
                         const dbc_value *row, lrow_nulls nulls)
{
    size_t end = 0;

    lua_createtable(L, 0, (int)layout->group_count);
    for (size_t i = 0; i < layout->group_count; i++) {
        const dbc_group *group = &layout->groups[i];

        end = group->first + group->count;
        if (is_absent(group, row)) continue;
        lua_rawgeti(L, names, (lua_Integer)(layout->output_count + i) + 1);
        lua_createtable(L, 0, (int)group->count);
        set_outputs(L, names, layout->outputs, row, group->first,
                    group->first + group->count, nulls);
        lua_rawset(L, -3);
    }
    // What stands beside the groups: with_count() and the like.
    set_outputs(L, names, layout->outputs, row, end, layout->output_count,
                nulls);
}

void lrow_push(lua_State *L, int names, const dbc_layout *layout,
               const dbc_value *row, lrow_nulls nulls)
{
    if (layout->group_count > 0) {
        push_grouped(L, names, layout, row, nulls);
        return;
    }
    lua_createtable(L, 0, (int)layout->output_count);
    set_outputs(L, names, layout->outputs, row, 0, layout->output_count, nulls);
}

enum { SPREAD_MAX = 100 };

int lrow_spread(lua_State *L, int names, const dbc_layout *layout)
{
    size_t count = layout->output_count;

    if (layout->group_count > 0 || count > SPREAD_MAX) return 0;
    luaL_checkstack(L, (int)count + 8, NULL);
    for (size_t i = 0; i < count; i++)
        lua_rawgeti(L, names, (lua_Integer)i + 1);
    return lua_gettop(L) - (int)count + 1;
}

void lrow_push_spread(lua_State *L, int first, const dbc_layout *layout,
                      const dbc_value *row, lrow_nulls nulls, int more)
{
    const dbc_output *outputs = layout->outputs;
    int count = (int)layout->output_count;

    lua_createtable(L, 0, count + more);
    for (int i = 0; i < count; i++) {
        if (row[i].type == DBC_NULL && nulls == LROW_NIL) continue;
        lua_pushvalue(L, first + i);
        push_stored(L, &row[i], &outputs[i]);
        lua_rawset(L, -3);
    }
}

void lrow_push_raw_names(lua_State *L, const dbc_stmt *stmt)
{
    size_t count = dbc_stmt_column_count(stmt);

    luaL_checkstack(L, 6, NULL);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushstring(L, dbc_stmt_column_name(stmt, i));
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

void lrow_push_raw(lua_State *L, int names, const dbc_value *row, size_t count,
                   lrow_nulls nulls)
{
    lua_createtable(L, 0, (int)count);
    for (size_t i = 0; i < count; i++) {
        if (row[i].type == DBC_NULL && nulls == LROW_NIL) continue;
        lua_rawgeti(L, names, (lua_Integer)i + 1);
        lvalue_push(L, &row[i], DBC_T_ANY, 0, nulls == LROW_NULLS);
        lua_rawset(L, -3);
    }
}
