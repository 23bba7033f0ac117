// The line editor. libedit is used through its own interface, not the one
// that imitates readline, because that one keeps everything in globals.
#include "editor.h"

#include <errno.h>
#include <lauxlib.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#ifdef DBSCRIPT_LIBEDIT
#include <histedit.h>
#endif

#include "interrupt.h"

#define EDITOR_NAME "dbscript.editor"

enum { EDITOR_UV_COMPLETE = 1, EDITOR_VALUES = 1 };

// How the last read ended.
typedef enum outcome { OUTCOME_LINE, OUTCOME_STOPPED, OUTCOME_END } outcome;

typedef struct editor {
    int is_open;
#ifdef DBSCRIPT_LIBEDIT
    EditLine *el;     // owned; NULL: lines are read plainly
    History *history; // owned; NULL with `el`
    outcome ended;
    const char *prompt; // borrowed while read() runs
    lua_State *L;       // while read() runs; the editor is at index 1
#endif
} editor;

static editor *check_editor(lua_State *L)
{
    editor *self = luaL_checkudata(L, 1, EDITOR_NAME);

    luaL_argcheck(L, self->is_open, 1, "the editor is closed");
    return self;
}

#ifdef DBSCRIPT_LIBEDIT

static editor *editor_of(EditLine *el)
{
    void *self = NULL;

    el_get(el, EL_CLIENTDATA, &self);
    return self;
}

static char *prompt_of(EditLine *el)
{
    return (char *)editor_of(el)->prompt;
}

// Waits for one byte and sees to the signals that come before it. Returns 1,
// 0 at the end of input, -1 after Ctrl-C or trouble.
static int read_byte(EditLine *el, char *out)
{
    editor *self = editor_of(el);
    int woken;
    ssize_t n;

    while ((woken = interrupt_wait(STDIN_FILENO)) != 0) {
        if (woken < 0) return -1;
        if (woken & INTERRUPT_STOP) {
            self->ended = OUTCOME_STOPPED;
            errno = EINTR;
            return -1;
        }
        if (woken & INTERRUPT_SIZE) el_resize(el);
        if (woken & INTERRUPT_RESUME) {
            // The shell has set its own modes, which libedit does not know:
            // leaving first makes it set them all again.
            el_set(el, EL_PREP_TERM, 0);
            el_set(el, EL_PREP_TERM, 1);
            el_set(el, EL_REFRESH);
        }
    }
    n = read(STDIN_FILENO, out, 1);
    return n < 0 ? -1 : (int)n;
}

static int read_key(EditLine *el, wchar_t *out)
{
    mbstate_t state = {0};
    size_t len;
    char byte;
    int rc;

    for (;;) {
        rc = read_byte(el, &byte);
        if (rc <= 0) return rc;
        // Left behind by a Ctrl-D that was typed before the terminal was
        // ours; libedit would take the key behind it literally.
        if (byte == '\0') continue;
        len = mbrtowc(out, &byte, 1, &state);
        if (len <= 1) return 1;
        // An invalid byte is dropped; else more bytes belong to it.
        if (len == (size_t)-1) memset(&state, 0, sizeof state);
    }
}

// complete line-info → what to insert, what to show
static int call_complete(lua_State *L)
{
    const LineInfo *line = lua_touserdata(L, 2);

    lua_settop(L, 1);
    lua_pushlstring(L, line->buffer, (size_t)(line->cursor - line->buffer));
    lua_call(L, 1, 2);
    return 2;
}

// Leaves two values on the stack, or one that says what went wrong. Nothing
// may jump over libedit's frames, so even the call's arguments are made
// inside the protected call.
static int ask_completion(lua_State *L, EditLine *el)
{
    lua_pushcfunction(L, call_complete);
    lua_getiuservalue(L, 1, EDITOR_UV_COMPLETE);
    lua_pushlightuserdata(L, (void *)el_line(el));
    return lua_pcall(L, 2, 2, 0);
}

static unsigned char complete(EditLine *el, int key)
{
    lua_State *L = editor_of(el)->L;
    int top = lua_gettop(L);
    unsigned char answer = CC_REFRESH_BEEP;

    (void)key;
    if (ask_completion(L, el) == LUA_OK) {
        if (lua_type(L, -2) == LUA_TSTRING &&
            el_insertstr(el, lua_tostring(L, -2)) == 0)
            answer = CC_REFRESH;
        if (lua_type(L, -1) == LUA_TSTRING) {
            fprintf(stdout, "\n%s\n", lua_tostring(L, -1));
            answer = CC_REDISPLAY;
        }
    }
    lua_settop(L, top);
    return answer;
}

static void bind_keys(EditLine *el)
{
    static const char *const keys[][2] = {
        {"^I", "dbscript-complete"},        {"^R", "em-inc-search-prev"},
        {"\033[3~", "ed-delete-next-char"}, {"\033[H", "ed-move-to-beg"},
        {"\033[F", "ed-move-to-end"},       {"\033[1~", "ed-move-to-beg"},
        {"\033[4~", "ed-move-to-end"},      {"\033[1;5C", "em-next-word"},
        {"\033[1;5D", "ed-prev-word"},
    };

    el_set(el, EL_EDITOR, "emacs");
    // The wide form keeps these pointers; the other one copies and leaks.
    el_wset(el, EL_ADDFN, L"dbscript-complete", L"Complete the word", complete);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        el_set(el, EL_BIND, keys[i][0], keys[i][1], NULL);
}

// Letters beyond ASCII are edited whole only in a locale that knows them.
static void choose_locale(void)
{
    setlocale(LC_CTYPE, "");
    if (MB_CUR_MAX == 1) setlocale(LC_CTYPE, "C.UTF-8");
}

static int can_edit(void)
{
    const char *term = getenv("TERM");

    return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && *term &&
           strcmp(term, "dumb") != 0;
}

// Leaves the editor plain when libedit cannot be had.
static void open_edit(editor *self, int limit)
{
    HistEvent event;

    if (!can_edit()) return;
    choose_locale();
    self->history = history_init();
    if (!self->history) return;
    self->el = el_init("dbscript", stdin, stdout, stderr);
    if (!self->el) {
        history_end(self->history);
        self->history = NULL;
        return;
    }
    history(self->history, &event, H_SETSIZE, limit);
    history(self->history, &event, H_SETUNIQUE, 1);
    el_set(self->el, EL_CLIENTDATA, self);
    el_set(self->el, EL_PROMPT, prompt_of);
    el_set(self->el, EL_HIST, history, self->history);
    el_set(self->el, EL_GETCFN, read_key);
    bind_keys(self->el);
    el_source(self->el, NULL); // the user's own ~/.editrc
}

static void close_edit(editor *self)
{
    if (self->el) el_end(self->el);
    if (self->history) history_end(self->history);
    self->el = NULL;
    self->history = NULL;
}

static int read_edited(lua_State *L, editor *self, const char *prompt)
{
    const char *line;
    int count = 0;

    luaL_checkstack(L, LUA_MINSTACK, NULL); // for complete()
    self->L = L;
    self->prompt = prompt;
    self->ended = OUTCOME_LINE;
    interrupt_listen();
    // libedit would do so behind the prompt, and whoever answers a prompt at
    // once would still meet a terminal that reads whole lines.
    el_set(self->el, EL_PREP_TERM, 1);
    line = el_gets(self->el, &count);
    interrupt_unlisten();
    self->L = NULL;

    if (self->ended == OUTCOME_STOPPED) {
        el_reset(self->el);
        fputs("^C\n", stdout);
        fflush(stdout);
        lua_pushboolean(L, 0);
        return 1;
    }
    if (!line || count <= 0) {
        fputs("\n", stdout);
        return 0;
    }
    if (line[count - 1] == '\n') count--;
    lua_pushlstring(L, line, (size_t)count);
    return 1;
}

#endif

// Reads one byte of a plain line. Returns 1, 0 at the end, -1 after Ctrl-C.
static int read_plain_byte(char *out)
{
    int woken;
    ssize_t n;

    do {
        woken = interrupt_wait(STDIN_FILENO);
        if (woken < 0 || (woken & INTERRUPT_STOP)) return -1;
    } while (woken);
    n = read(STDIN_FILENO, out, 1);
    return n < 0 ? -1 : (int)n;
}

// Shows `prompt`, unless it is NULL, and reads up to `cap` bytes of a line.
// Nothing that can raise runs while signals are held back, so a long line is
// read in pieces.
static outcome read_piece(const char *prompt, char *piece, size_t cap,
                          size_t *len)
{
    int rc = 1;

    *len = 0;
    interrupt_listen();
    if (prompt) fputs(prompt, stdout);
    fflush(stdout);
    while (*len < cap) {
        rc = read_plain_byte(piece + *len);
        if (rc <= 0 || piece[(*len)++] == '\n') break;
    }
    interrupt_unlisten();
    if (rc < 0) return OUTCOME_STOPPED;
    return rc == 0 ? OUTCOME_END : OUTCOME_LINE;
}

static int read_plain(lua_State *L, const char *prompt)
{
    char piece[256];
    size_t len, total = 0;
    outcome ended;
    luaL_Buffer line;

    luaL_buffinit(L, &line);
    do {
        ended = read_piece(prompt, piece, sizeof piece, &len);
        prompt = NULL;
        total += len;
        if (len > 0 && piece[len - 1] == '\n') {
            luaL_addlstring(&line, piece, len - 1);
            break;
        }
        luaL_addlstring(&line, piece, len);
    } while (ended == OUTCOME_LINE);
    luaL_pushresult(&line);

    if (ended == OUTCOME_STOPPED) {
        fputs("\n", stdout);
        lua_pushboolean(L, 0);
    } else if (total == 0) {
        fputs("\n", stdout);
        lua_pushnil(L);
    }
    return 1;
}

static int editor_read(lua_State *L)
{
    const char *prompt = luaL_checkstring(L, 2);
    editor *self = check_editor(L);

#ifdef DBSCRIPT_LIBEDIT
    if (self->el) return read_edited(L, self, prompt);
#else
    (void)self;
#endif
    return read_plain(L, prompt);
}

static int editor_remember(lua_State *L)
{
    const char *line = luaL_checkstring(L, 2);
    editor *self = check_editor(L);

#ifdef DBSCRIPT_LIBEDIT
    HistEvent event;

    if (self->history) history(self->history, &event, H_ENTER, line);
#else
    (void)self;
    (void)line;
#endif
    return 0;
}

static int editor_close(lua_State *L)
{
    editor *self = luaL_checkudata(L, 1, EDITOR_NAME);

    self->is_open = 0;
#ifdef DBSCRIPT_LIBEDIT
    close_edit(self);
#endif
    return 0;
}

static int editor_open(lua_State *L)
{
    lua_Integer limit = luaL_checkinteger(L, 2);
    editor *self;

    luaL_checktype(L, 1, LUA_TFUNCTION);
    luaL_argcheck(L, limit > 0 && limit <= 1000000, 2, "out of range");
    self = lua_newuserdatauv(L, sizeof *self, EDITOR_VALUES);
    memset(self, 0, sizeof *self);
    luaL_setmetatable(L, EDITOR_NAME);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, EDITOR_UV_COMPLETE);
#ifdef DBSCRIPT_LIBEDIT
    open_edit(self, (int)limit);
#endif
    self->is_open = 1;
    return 1;
}

int editor_module(lua_State *L)
{
    static const luaL_Reg functions[] = {{"open", editor_open}, {NULL, NULL}};
    static const luaL_Reg methods[] = {{"read", editor_read},
                                       {"remember", editor_remember},
                                       {"close", editor_close},
                                       {NULL, NULL}};

    luaL_newmetatable(L, EDITOR_NAME);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, editor_close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, editor_close);
    lua_setfield(L, -2, "__close");
    lua_pop(L, 1);

    luaL_newlib(L, functions);
    return 1;
}
