// Values between Lua and dbcore. Going in, a value that fits needs no Lua call
// that may raise; coming out, the declared type decides what a stored value
// becomes.
#include "lvalue.h"

#include <stdio.h>
#include <string.h>

#include "lerror.h"
#include "ljson.h"
#include "lprotect.h"

// A name for the thing a value is meant for, in messages.
typedef struct place {
    char text[200];
} place;

static const char *name_place(place *out, const char *what,
                              const dbc_column *column)
{
    if (what) return what;
    if (!column) return "value";
    snprintf(out->text, sizeof out->text, "%.90s.%.90s",
             dbc_table_describe(column->table)->name, column->def.name);
    return out->text;
}

static dbc_value refuse(lua_State *L, int index, const char *what)
{
    lbox_words words;

    if (lua_isnil(L, index))
        lerror_fail(L, DBC_EINVALID,
                    "%s is nil: give a value, or dbcore.null for NULL", what);
    lerror_fail(L, DBC_EINVALID,
                "%s must be a number, text, a boolean or dbcore.null, got %s",
                what, lbox_describe(L, index, &words));
    return dbc_value_null();
}

static dbc_value read_number(lua_State *L, int index, const char *what)
{
    lua_Number number;

    if (lua_isinteger(L, index)) return dbc_value_int(lua_tointeger(L, index));
    number = lua_tonumber(L, index);
    if (number != number)
        lerror_fail(L, DBC_EINVALID,
                    "%s is NaN, which no database column can hold", what);
    return dbc_value_real(number);
}

dbc_value lvalue_read(lua_State *L, int index, const char *what)
{
    size_t len;
    const char *text;

    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        return read_number(L, index, what);
    case LUA_TSTRING:
        text = lua_tolstring(L, index, &len);
        return dbc_value_text(text, len);
    case LUA_TBOOLEAN:
        return dbc_value_bool(lua_toboolean(L, index));
    case LUA_TUSERDATA:
        if (lbox_kind_of(L, index) == LBOX_NULL) return dbc_value_null();
        return refuse(L, index, what);
    default:
        return refuse(L, index, what);
    }
}

// Pushes codec `number`'s function `field`; raises when there is no such
// codec.
static void push_codec(lua_State *L, uint32_t number, const char *field)
{
    lua_rawgeti(L, LCORE, LCORE_CODECS);
    if (lua_istable(L, -1) &&
        lua_rawgeti(L, -1, (lua_Integer)number) == LUA_TTABLE) {
        lua_pushstring(L, field);
        lua_rawget(L, -2);
        lua_replace(L, -3);
        lua_pop(L, 1);
        return;
    }
    lerror_fail(L, DBC_EINVALID, "codec %d is not known to this program",
                (int)number);
}

// The codec's encode of the value at `index` takes its place. A codec without
// one stores the value as it is.
static void encode_custom(lua_State *L, int index, const dbc_column *column,
                          const char *what)
{
    place out;

    push_codec(L, column->def.codec, "encode");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    lua_pushvalue(L, index);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1))
        lerror_fail(L, DBC_EINVALID,
                    "the encode function of %s returned nil: return a value, "
                    "or dbcore.null for NULL",
                    name_place(&out, what, column));
    lua_replace(L, index);
}

// Without a column the type alone says what text is.
static dbc_value as_type(dbc_value value, dbc_type type)
{
    if (type == DBC_T_BLOB && value.type == DBC_TEXT)
        return dbc_value_blob(value.as.text, value.len);
    return value;
}

dbc_value lvalue_prepare(lua_State *L, int index, dbc_type type,
                         const dbc_column *column, const char *what)
{
    place out;

    index = lua_absindex(L, index);
    if (type == DBC_T_JSON || type == DBC_T_CUSTOM) {
        if (lbox_kind_of(L, index) == LBOX_NULL) return dbc_value_null();
        if (lua_isnil(L, index))
            return refuse(L, index, name_place(&out, what, column));
        luaL_checkstack(L, 8, NULL);
        if (type == DBC_T_JSON) {
            ljson_encode(L, index);
            lua_replace(L, index);
        } else if (column && column->def.codec) {
            encode_custom(L, index, column, what);
        }
    }
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
    case LUA_TSTRING:
    case LUA_TBOOLEAN:
        return as_type(lvalue_read(L, index, what ? what : "value"), type);
    default:
        return lvalue_read(L, index, name_place(&out, what, column));
    }
}

dbc_value lvalue_encode(lua_State *L, int index, dbc_type type,
                        const dbc_column *column, const char *what)
{
    dbc_value value = lvalue_prepare(L, index, type, column, what);
    dbc_error err;

    if (column && dbc_column_encode(column, &value, &err) < 0)
        lerror_raise(L, &err, NULL, 0);
    return value;
}

// The text on the top takes the place of the value at `index`.
static dbc_value make_foreign(lua_State *L, int index)
{
    size_t len;

    lua_replace(L, index);
    const char *text = lua_tolstring(L, index, &len);
    return dbc_value_foreign(text, len);
}

// Whether what was raised, on the top, is about the value and not about memory
// or the like.
static int is_about_value(lua_State *L, lvalue_trial trial)
{
    if (!lua_istable(L, -1)) return trial == LVALUE_TRIED;
    lua_getfield(L, -1, "code");
    int found = lua_type(L, -1) == LUA_TSTRING &&
                strcmp(lua_tostring(L, -1), "invalid") == 0;
    lua_pop(L, 1);
    return found;
}

// Pushes what the error object or text on the top says.
static void push_reason(lua_State *L, const char *what)
{
    if (lua_istable(L, -1)) lua_getfield(L, -1, "message");
    const char *reason = lua_tostring(L, -1);
    lua_pushfstring(L, "%s: %s", what,
                    reason ? reason : "it cannot be encoded");
}

static int run_json(lua_State *L, void *ud)
{
    (void)ud;
    ljson_encode(L, 2);
    return 1;
}

typedef struct encoding {
    const dbc_column *column;
} encoding;

static int run_encode(lua_State *L, void *ud)
{
    const encoding *with = ud;

    encode_custom(L, 2, with->column, NULL);
    lua_settop(L, 2);
    return 1;
}

// Encodes the value at `index` in its place. 0 when it cannot be: then it is
// the reason that is there.
static int try_encode(lua_State *L, int index, const dbc_column *column,
                      lvalue_trial trial)
{
    int is_json = column->def.type == DBC_T_JSON;
    encoding with = {column};
    lprotect call = {is_json ? run_json : run_encode, &with};
    lbox_words words;

    lbox_describe(L, index, &words);
    lprotect_begin(L, &call);
    lua_pushvalue(L, index);
    int status = lprotect_end(L, 1, 1);
    if (status == LUA_OK) {
        lua_replace(L, index);
        return 1;
    }
    if (status == LUA_ERRMEM || !is_about_value(L, trial)) lua_error(L);
    push_reason(L, words.text);
    lua_replace(L, index);
    return 0;
}

// NaN is judged with the rest of its row.
static void take_number(lua_State *L, dbc_value *out, int index)
{
    if (lua_isinteger(L, index))
        *out = dbc_value_int(lua_tointeger(L, index));
    else
        *out = dbc_value_real(lua_tonumber(L, index));
}

static void take(lua_State *L, dbc_value *out, int index)
{
    lbox_words words;

    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        take_number(L, out, index);
        break;
    case LUA_TSTRING:
    case LUA_TBOOLEAN:
        *out = lvalue_read(L, index, NULL);
        break;
    default:
        if (lbox_kind_of(L, index) == LBOX_NULL) {
            *out = dbc_value_null();
            break;
        }
        lua_pushstring(L, lbox_describe(L, index, &words));
        *out = make_foreign(L, index);
    }
}

void lvalue_given(lua_State *L, dbc_value *out, int index,
                  const dbc_column *column, lvalue_trial trial)
{
    dbc_type type = column->def.type;

    if (type != DBC_T_JSON && type != DBC_T_CUSTOM &&
        lua_type(L, index) == LUA_TNUMBER) {
        take_number(L, out, index);
        return;
    }

    index = lua_absindex(L, index);
    luaL_checkstack(L, 10, NULL);
    if (lbox_kind_of(L, index) == LBOX_NULL) {
        *out = dbc_value_null();
        return;
    }
    if (type == DBC_T_CUSTOM && column->def.codec && trial == LVALUE_RAISED) {
        encode_custom(L, index, column, NULL);
    } else if (type == DBC_T_JSON ||
               (type == DBC_T_CUSTOM && column->def.codec)) {
        if (!try_encode(L, index, column, trial)) {
            lua_pushvalue(L, index);
            *out = make_foreign(L, index);
            return;
        }
    }
    take(L, out, index);
}

static void push_plain(lua_State *L, const dbc_value *value)
{
    switch (value->type) {
    case DBC_INT:
        lua_pushinteger(L, value->as.i);
        break;
    case DBC_BOOL:
        lua_pushboolean(L, value->as.i != 0);
        break;
    case DBC_REAL:
        lua_pushnumber(L, value->as.r);
        break;
    case DBC_TEXT:
        lua_pushlstring(L, value->as.text, value->len);
        break;
    case DBC_BLOB:
        lua_pushlstring(L, value->as.blob, value->len);
        break;
    default:
        lua_pushnil(L);
        break;
    }
}

// The text is copied before it is parsed: what parsing calls into may end the
// row it came from.
static void push_json(lua_State *L, const dbc_value *value)
{
    size_t len;
    const char *text;

    if (value->type != DBC_TEXT) {
        push_plain(L, value);
        return;
    }
    luaL_checkstack(L, 8, NULL);
    text = lua_pushlstring(L, value->as.text, value->len);
    len = value->len;
    ljson_decode(L, text, len);
    lua_remove(L, -2);
}

static void push_custom(lua_State *L, const dbc_value *value, uint32_t codec)
{
    if (codec == 0) {
        push_plain(L, value);
        return;
    }
    luaL_checkstack(L, 8, NULL);
    push_plain(L, value);
    push_codec(L, codec, "decode");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    lua_insert(L, -2);
    lua_call(L, 1, 1);
}

void lvalue_push(lua_State *L, const dbc_value *value, dbc_type type,
                 uint32_t codec, int nulls)
{
    if (value->type == DBC_NULL) {
        if (nulls)
            lua_rawgeti(L, LCORE, LCORE_NULL);
        else
            lua_pushnil(L);
        return;
    }
    switch (type) {
    case DBC_T_BOOLEAN:
        if (value->type == DBC_INT)
            lua_pushboolean(L, value->as.i != 0);
        else
            push_plain(L, value);
        break;
    case DBC_T_REAL:
        if (value->type == DBC_INT)
            lua_pushnumber(L, (lua_Number)value->as.i);
        else
            push_plain(L, value);
        break;
    case DBC_T_JSON:
        push_json(L, value);
        break;
    case DBC_T_CUSTOM:
        push_custom(L, value, codec);
        break;
    default:
        push_plain(L, value);
        break;
    }
}
