// Sets of descriptors. A set never changes; uniting two makes a third. Tables
// that were joined once are joined again, so a descriptor remembers the last
// set it was put into.
#include "lanchor.h"

#include "ltable.h"

// The set: a box whose user values are the descriptors.
typedef struct anchor_set {
    lbox head;
    int count;
    const lbox *items[];
} anchor_set;

static int is_set(const lbox *anchor)
{
    return anchor->kind == LBOX_ANCHORS;
}

static int count_of(const lbox *anchor)
{
    return is_set(anchor) ? ((const anchor_set *)anchor)->count : 1;
}

static const lbox *item_of(const lbox *anchor, int i)
{
    return is_set(anchor) ? ((const anchor_set *)anchor)->items[i] : anchor;
}

static int holds(const lbox *anchor, const lbox *item)
{
    for (int i = 0; i < count_of(anchor); i++)
        if (item_of(anchor, i) == item) return 1;
    return 0;
}

static int holds_all(const lbox *anchor, const lbox *other)
{
    for (int i = 0; i < count_of(other); i++)
        if (!holds(anchor, item_of(other, i))) return 0;
    return 1;
}

// Pushes item `i` of the anchor at `index`.
static void push_item(lua_State *L, int index, const lbox *anchor, int i)
{
    if (is_set(anchor))
        lua_getiuservalue(L, index, i + 1);
    else
        lua_pushvalue(L, index);
}

// Adds item `i` of the anchor at `index` to the set on the top.
static void put(lua_State *L, anchor_set *set, int index, const lbox *anchor,
                int i)
{
    push_item(L, index, anchor, i);
    set->items[set->count++] = item_of(anchor, i);
    lua_setiuservalue(L, -2, set->count);
}

// Pushes the union of the anchors at `a` and `b` when the first descriptor of
// `a` remembers it, and returns it; else NULL.
static const lbox *recall(lua_State *L, int a, int b)
{
    const lbox *left = lua_touserdata(L, a), *right = lua_touserdata(L, b);
    const lbox *known;

    push_item(L, a, left, 0);
    lua_getiuservalue(L, -1, LTABLE_UV_UNION);
    lua_replace(L, -2);
    known = lua_touserdata(L, -1);
    if (known && count_of(known) <= count_of(left) + count_of(right) &&
        holds_all(known, left) && holds_all(known, right))
        return known;
    lua_pop(L, 1);
    return NULL;
}

// Makes every descriptor in the set on the top remember it.
static void remember(lua_State *L, const anchor_set *set)
{
    for (int i = 1; i <= set->count; i++) {
        lua_getiuservalue(L, -1, i);
        lua_pushvalue(L, -2);
        lua_setiuservalue(L, -2, LTABLE_UV_UNION);
        lua_pop(L, 1);
    }
}

// Pushes the union of the anchors at `a` and `b`.
static const lbox *unite(lua_State *L, int a, int b)
{
    const lbox *left = lua_touserdata(L, a), *right = lua_touserdata(L, b);
    const lbox *known = recall(L, a, b);
    int room = count_of(left) + count_of(right);

    if (known) return known;
    anchor_set *set = lbox_new(
        L, LBOX_ANCHORS, sizeof *set + (size_t)room * sizeof *set->items, room);

    for (int i = 0; i < count_of(left); i++)
        put(L, set, a, left, i);
    for (int i = 0; i < count_of(right); i++)
        if (!holds(left, item_of(right, i))) put(L, set, b, right, i);
    remember(L, set);
    return &set->head;
}

// Gives the box below the top the anchor on the top; pops it.
static void set(lua_State *L, lanchored *box, const lbox *anchor)
{
    lua_setiuservalue(L, -2, LANCHOR_UV);
    box->anchor = anchor;
}

// Adds the anchor on the top of the stack to the box below it; pops it. What
// holds the other one already is taken as it is.
static void add(lua_State *L, lanchored *box, const lbox *anchor)
{
    int top = lua_gettop(L);

    if (!box->anchor || holds_all(anchor, box->anchor)) {
        set(L, box, anchor);
    } else if (holds_all(box->anchor, anchor)) {
        lua_pop(L, 1);
    } else {
        luaL_checkstack(L, 4, NULL);
        lua_getiuservalue(L, top - 1, LANCHOR_UV);
        anchor = unite(L, top + 1, top); // box anchor its-own united
        lua_replace(L, top);
        lua_settop(L, top);
        set(L, box, anchor);
    }
}

void lanchor_join(lua_State *L, lanchored *box, const lanchored *from,
                  int index)
{
    lua_getiuservalue(L, index, LANCHOR_UV);
    if (box->anchor)
        add(L, box, from->anchor);
    else
        set(L, box, from->anchor);
}

void lanchor_start(lua_State *L, lanchored *box, int table)
{
    const ltable *from = lua_touserdata(L, table);

    if (from->alias[0])
        lua_getiuservalue(L, table, LTABLE_UV_BASE);
    else
        lua_pushvalue(L, table);
    set(L, box, lua_touserdata(L, -1));
}

void lanchor_add(lua_State *L, int from)
{
    lanchored *box = lua_touserdata(L, -1);
    const lbox *other = lbox_at(L, from);

    if (other && (other->kind == LBOX_EXPR || other->kind == LBOX_QUERY)) {
        lanchor_take(L, box, (const lanchored *)other, from);
        return;
    }
    // A descriptor that is no alias is its own anchor.
    if (box->anchor && other && holds(box->anchor, other)) return;
    luaL_checkstack(L, 6, NULL);
    ltable_push_anchor(L, from);
    const lbox *anchor = lua_touserdata(L, -1);
    if (anchor)
        add(L, box, anchor);
    else
        lua_pop(L, 1);
}
