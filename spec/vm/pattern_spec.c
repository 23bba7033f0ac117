// Our pattern matcher beside Lua's own: random patterns over random subjects,
// through find, match, gmatch and gsub, must give the same results and the
// same refusals.
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>

#include "dbcore_script.h"
#include "spec.h"

enum { ROUNDS = 40000 };

// Both sides run this, each with its own functions. What comes out is a text
// with everything in it; places in messages differ by caller and are cut.
static const char script[] =
    "local function tell(ok, ...)\n"
    "  if not ok then return 'error ' .. "
    "(tostring((...)):gsub('^[^ ]*:%d+: ', '')) end\n"
    "  local t = { ok = true, n = select('#', ...), ... }\n"
    "  for i = 1, t.n do t[i] = type(t[i]) .. ' ' .. tostring(t[i]) end\n"
    "  return table.concat(t, '|')\n"
    "end\n"
    "local function all(s, p, init)\n"
    "  local t = {}\n"
    "  for a, b in s:gmatch(p, init) do\n"
    "    t[#t + 1] = tostring(a) .. ',' .. tostring(b)\n"
    "  end\n"
    "  return table.concat(t, ';')\n"
    "end\n"
    "local function upper(a) return a == 'a' and 'A' or nil end\n"
    "function run(s, p, r, init, most)\n"
    "  return table.concat({\n"
    "    tell(pcall(string.find, s, p, init)),\n"
    "    tell(pcall(string.find, s, p, init, true)),\n"
    "    tell(pcall(string.match, s, p, init)),\n"
    "    tell(pcall(all, s, p, init)),\n"
    "    tell(pcall(string.gsub, s, p, r)),\n"
    "    tell(pcall(string.gsub, s, p, r, most)),\n"
    "    tell(pcall(string.gsub, s, p, upper)),\n"
    "    tell(pcall(string.gsub, s, p, { a = 'x', b = false, c = 7 })),\n"
    "  }, '\\n')\n"
    "end\n";

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

// A text of up to `most` pieces out of `pieces`.
static void make_text(char *out, uint32_t *seed, const char *const *pieces,
                      size_t count, unsigned most)
{
    unsigned n = next_random(seed) % (most + 1);

    *out = '\0';
    while (n-- > 0)
        strcat(out, pieces[next_random(seed) % count]);
}

static const char *const letters[] = {"a", "b", "c", "aa", "1", " ",  ".", "(",
                                      ")", "[", "]", "%",  "A", "\n", "-", "é"};
static const char *const parts[] = {
    "a",    "b",     ".",      "%a",   "%d",    "%s",    "%w",   "%A",
    "%%",   "%.",    "[ab]",   "[^a]", "[a-c]", "[%a1]", "[]a]", "[^]]",
    "[a-",  "[%]",   "(",      ")",    "()",    "*",     "+",    "-",
    "?",    "^",     "$",      "%1",   "%2",    "%0",    "%b()", "%bab",
    "%b",   "%f[a]", "%f[^a]", "%f",   "%",     "[",     "]",    "(a)",
    "(.-)", "(%a+)", "a*",     ".-",   "c?",    "[%w_]", "%x",   "%p",
    "%l",   "%u"};
static const char *const replacements[] = {"x", "%0", "%1", "%2", "%%",
                                           "%", "%9", "-",  "%a"};

static const char *run_stock(lua_State *L, const char *s, const char *p,
                             const char *r, int init, int most)
{
    lua_settop(L, 0);
    lua_getglobal(L, "run");
    lua_pushstring(L, s);
    lua_pushstring(L, p);
    lua_pushstring(L, r);
    lua_pushinteger(L, init);
    lua_pushinteger(L, most);
    assert_int_equal(LUA_OK, lua_pcall(L, 5, 1, 0));
    return lua_tostring(L, 1);
}

static void matches_as_luas_own_does(void **state)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
    lua_State *L = luaL_newstate();
    uint32_t seed = 20240501;
    int different = 0;
    dbc_script *vm;
    dbc_error err;

    (void)state;
    luaL_openlibs(L);
    assert_int_equal(LUA_OK, luaL_loadbuffer(L, script, strlen(script), "@x"));
    assert_int_equal(LUA_OK, lua_pcall(L, 0, 0, 0));
    limits.time_ms = DBC_SCRIPT_UNLIMITED;
    limits.instructions = DBC_SCRIPT_UNLIMITED;
    limits.pattern = DBC_SCRIPT_UNLIMITED;
    assert_int_equal(
        DBC_OK, dbc_script_open(&vm, NULL, DBC_SCRIPT_SANDBOX, &limits, &err));
    assert_int_equal(DBC_OK, dbc_script_load(vm, "x", SQL(script), &err));

    for (int i = 0; i < ROUNDS; i++) {
        char s[200], p[200], r[200];
        const char *ours = NULL, *stock;
        int init, most;

        make_text(s, &seed, letters, COUNT(letters), 12);
        make_text(p, &seed, parts, COUNT(parts), 6);
        make_text(r, &seed, replacements, COUNT(replacements), 3);
        init = (int)(next_random(&seed) % 20) - 6;
        most = (int)(next_random(&seed) % 4);
        stock = run_stock(L, s, p, r, init, most);
        assert_int_equal(
            DBC_OK, dbc_script_call(vm, "run", &err,
                                    "text,text,text,integer,integer>text", s, p,
                                    r, (int64_t)init, (int64_t)most, &ours));
        if (strcmp(ours, stock) == 0) continue;
        print_message("subject <%s> pattern <%s> with <%s>\nLua:  %s\nours: "
                      "%s\n",
                      s, p, r, stock, ours);
        different++;
    }
    dbc_script_close(vm);
    lua_close(L);
    assert_int_equal(0, different);
}

// The depth at which Lua's own gives up is ours, too.
static void gives_up_where_luas_own_does(void **state)
{
    static const char code[] =
        "out = {}\n"
        "for _, n in ipairs { 100, 190, 198, 199, 200, 201, 250 } do\n"
        "  for _, item in ipairs { 'a?', 'a*', 'a-', '(a)', 'b?', '()' } do\n"
        "    local ok, e = pcall(string.find, ('a'):rep(n), item:rep(n))\n"
        "    out[#out + 1] = n .. item .. tostring(ok and e or "
        "e:gsub('^.*: ', ''))\n"
        "  end\n"
        "end\n"
        "out = table.concat(out, '\\n')\n"
        "function get() return out end\n";
    lua_State *L = luaL_newstate();
    const char *ours = NULL;
    dbc_script *vm;
    dbc_error err;

    (void)state;
    luaL_openlibs(L);
    assert_int_equal(LUA_OK, luaL_dostring(L, code));
    lua_getglobal(L, "out");
    assert_int_equal(
        DBC_OK, dbc_script_open(&vm, NULL, DBC_SCRIPT_SANDBOX, NULL, &err));
    assert_int_equal(DBC_OK, dbc_script_load(vm, "x", SQL(code), &err));
    assert_int_equal(DBC_OK, dbc_script_call(vm, "get", &err, ">text", &ours));

    assert_string_equal(lua_tostring(L, -1), ours);
    dbc_script_close(vm);
    lua_close(L);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_as_luas_own_does),
        cmocka_unit_test(gives_up_where_luas_own_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
