// Scripts, subjects and patterns out of bytes that nobody chose, in a sandbox
// with tight limits. What must hold: no finding of a sanitizer, a failure says
// what it is in one line, nothing is left behind, and a VM that is not stopped
// goes on.
//
// With libFuzzer (clang, -DDBCORE_LIBFUZZER) the bytes are its own; else they
// come from seeds, as in api.c. The first choice says which of the two it is.
#include <string.h>

#include "dbcore_script.h"
#include "fault.h"
#include "fuzz.h"

enum { TEXT_MAX = 600, PATTERN_MAX = 60, CALLS = 6 };

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const char *const words[] = {
    "local ",  "function ", "f",       "(",     ")",      "end ",  "return ",
    "while ",  "true ",     "do ",     "if ",   "then ",  "else ", "for ",
    "i",       " = ",       "1",       ",",     "nil ",   "..",    "'x'",
    "[[",      "]]",        "--",      "\n",    "{",      "}",     "[",
    "]",       ":",         ".",       "#",     "goto ",  "::a::", "~",
    "//",      "pcall",     "string.", "rep",   "0x1p4 ", "error", "\\",
    "\x1bLua", "db",        "dbcore",  "query", "load",   "table"};

static const char *const parts[] = {
    "%a", "%d", "%",    "(", ")", "[",  "]",     "^",  "$",  "*",  "+",
    "-",  "?",  "%b()", ".", "a", "%1", "%f[a]", "x-", "()", "[^", "\xff"};

static void add(char *out, size_t *len, size_t cap, const char *text)
{
    size_t more = strlen(text);

    if (*len + more >= cap) return;
    memcpy(out + *len, text, more);
    *len += more;
    out[*len] = '\0';
}

// Words, and once in a while any byte.
static void draw(fuzz *f, char *out, size_t cap, const char *const *list,
                 size_t count)
{
    size_t len = 0, most = fuzz_below(f, (uint32_t)cap / 4);

    out[0] = '\0';
    for (size_t i = 0; i < most; i++) {
        char any[2] = {(char)(1 + fuzz_below(f, 255)), '\0'};
        int is_any = fuzz_once_in(f, 12);

        add(out, &len, cap,
            is_any ? any : list[fuzz_below(f, (uint32_t)count)]);
    }
}

static void must_say(fuzz *f, const dbc_script *vm, int rc,
                     const dbc_error *err, const char *what)
{
    fuzz_tell(f, "%s: %d %s", what, rc, rc < 0 ? err->message : "");
    if (rc >= 0) return;
    if (err->code != rc || err->message[0] == '\0')
        fuzz_fail(f, "%s returned %d and the error has %d, \"%s\"", what, rc,
                  err->code, err->message);
    if (rc == DBC_ENOMEM && dbc_script_is_alive(vm))
        fuzz_fail(f, "%s: out of memory, though there is enough", what);
}

static void try_source(fuzz *f, dbc_script *vm, dbc_error *err)
{
    char text[TEXT_MAX];

    draw(f, text, sizeof text, words, COUNT(words));
    fuzz_tell(f, "source: %s", text);
    must_say(f, vm, dbc_script_load(vm, "fuzz.lua", text, strlen(text), err),
             err, "load");
}

static void try_patterns(fuzz *f, dbc_script *vm, dbc_error *err)
{
    static const char source[] =
        "function run(s, p, r)\n"
        "  string.find(s, p) string.match(s, p, -2)\n"
        "  for a in string.gmatch(s, p) do if a == 'q' then break end end\n"
        "  return (string.gsub(s, p, r))\n"
        "end";
    char subject[TEXT_MAX], pattern[PATTERN_MAX], by[PATTERN_MAX];
    const char *out;

    must_say(f, vm,
             dbc_script_load(vm, "run.lua", source, sizeof source - 1, err),
             err, "load");
    for (int i = 0; i < CALLS; i++) {
        draw(f, subject, sizeof subject, words, COUNT(words));
        draw(f, pattern, sizeof pattern, parts, COUNT(parts));
        draw(f, by, sizeof by, parts, COUNT(parts));
        fuzz_tell(f, "pattern: %s", pattern);
        must_say(f, vm,
                 dbc_script_call(vm, "run", err, "text,text,text>text", subject,
                                 pattern, by, &out),
                 err, "run");
    }
}

// What went before leaves the VM stopped, or whole.
static void must_go_on(fuzz *f, dbc_script *vm, dbc_error *err)
{
    static const char source[] = "assert(string.rep('ab', 2) == 'abab')";
    int was_alive = dbc_script_is_alive(vm);
    int rc = dbc_script_load(vm, "last.lua", source, sizeof source - 1, err);

    if ((rc == DBC_OK) != was_alive)
        fuzz_fail(f, "a VM that is %s returned %d: %s",
                  was_alive ? "alive" : "stopped", rc, err->message);
}

void fuzz_play(fuzz *f)
{
    dbc_script_limits limits = DBC_SCRIPT_LIMITS_DEFAULT;
    dbc_error err = DBC_ERROR_INIT;
    dbc_script *vm;
    fault memory;

    fault_init(&memory);
    limits.alloc = &memory.alloc;
    limits.memory = 4 << 20;
    limits.instructions = 200000;
    limits.pattern = 200000;
    if (dbc_script_open(&vm, NULL, DBC_SCRIPT_STANDARD, &limits, &err) < 0)
        fuzz_fail(f, "a VM does not open: %s", err.message);
    if (fuzz_once_in(f, 2))
        try_source(f, vm, &err);
    else
        try_patterns(f, vm, &err);
    must_go_on(f, vm, &err);
    dbc_script_close(vm);
    if (memory.live_blocks != 0)
        fuzz_fail(f, "%ld blocks are left behind", memory.live_blocks);
}
