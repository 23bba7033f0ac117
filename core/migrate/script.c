// Cutting a migration's text. It goes over the text twice: once to count the
// statements, once to write them down.
#include "script.h"

#include <string.h>

#include "error.h"
#include "scan.h"

static const char BYTE_ORDER_MARK[] = "\xef\xbb\xbf";

typedef struct reader {
    const char *at;
    size_t len;
    int line;      // of `at`
    int at_margin; // only blanks stand before it on its line
    dbc__token token;
    dbc__section *section;
    dbc__script *out;
    dbc__arena *arena; // NULL while statements are only counted
    dbc_error *err;
} reader;

// What a statement is, as far as it has been read.
typedef struct statement {
    const char *start;
    int line;
    size_t words;      // tokens so far
    int trigger;       // its body holds semicolons
    int depth;         // of BEGIN and CASE in that body
    int drops;         // DROP is one of its words
    const char *first; // its first word, or NULL
    size_t first_len;
    const char *end; // of its last token
} statement;

static int fail(const reader *r, int line, const char *what)
{
    return dbc__error_set(r->err, DBC_EINVALID, "line %d: %s", line, what);
}

// ------------------------------------------------------------------- comments

static int is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

// The words of a `--` comment, without dashes and blanks around.
static dbc__token words_of(const dbc__token *comment)
{
    dbc__token words = {DBC__TOKEN_WORD, comment->text + 2, comment->len - 2};

    while (words.len > 0 && is_blank(words.text[0])) {
        words.text++;
        words.len--;
    }
    while (words.len > 0 && is_blank(words.text[words.len - 1]))
        words.len--;
    return words;
}

// What stands behind `key` at the beginning of `words`, or a length of 0.
static dbc__token behind(const dbc__token *words, const char *key)
{
    dbc__token rest = {DBC__TOKEN_WORD, words->text, 0};
    size_t len = strlen(key);
    dbc__token head = {DBC__TOKEN_WORD, words->text, len};

    if (words->len <= len || !dbc__scan_is_word(&head, key)) return rest;
    rest.text = words->text + len;
    rest.len = words->len - len;
    return rest;
}

static int is_separator(char c)
{
    return is_blank(c) || c == ',';
}

static size_t count_names(const dbc__token *list)
{
    size_t count = 0;

    for (size_t i = 0; i < list->len; i++) {
        if (is_separator(list->text[i])) continue;
        if (i == 0 || is_separator(list->text[i - 1])) count++;
    }
    return count;
}

// "0001_a, 0002_b" as a list of names.
static int read_names(dbc_names *out, const reader *r, const dbc__token *list)
{
    size_t count = count_names(list), i = 0;
    const char **items;

    items = dbc__arena_take_array(r->arena, count, sizeof *items);
    if (items == NULL) return dbc__error_nomem(r->err);
    *out = (dbc_names){items, 0};
    while (i < list->len) {
        size_t start = i;

        while (i < list->len && !is_separator(list->text[i]))
            i++;
        if (i > start) {
            const char *name =
                dbc__arena_copy(r->arena, list->text + start, i - start);
            if (name == NULL) return dbc__error_nomem(r->err);
            items[out->count++] = name;
        }
        i++;
    }
    return DBC_OK;
}

// A comment that has the line for itself may say something.
static int read_comment(reader *r)
{
    dbc__token words = words_of(&r->token);
    dbc__token replaces = behind(&words, "replaces:");
    dbc__token merges = behind(&words, "merges:");

    if (dbc__scan_is_word(&words, "up")) r->section = &r->out->up;
    if (dbc__scan_is_word(&words, "down")) {
        r->section = &r->out->down;
        r->out->has_down = 1;
    }
    if (dbc__scan_is_word(&words, "irreversible")) r->out->irreversible = 1;
    if (r->arena == NULL) return DBC_OK;
    if (count_names(&replaces) > 0)
        return read_names(&r->out->replaces, r, &replaces);
    if (count_names(&merges) > 0)
        return read_names(&r->out->merges, r, &merges);
    return DBC_OK;
}

// ------------------------------------------------------------------ statements

// Moves behind the token.
static void pass(reader *r)
{
    for (size_t i = 0; i < r->token.len; i++) {
        if (r->at[i] == '\n') {
            r->line++;
            r->at_margin = 1;
        } else if (!is_blank(r->at[i])) {
            r->at_margin = 0;
        }
    }
    r->at += r->token.len;
    r->len -= r->token.len;
}

static int is_line_comment(const dbc__token *token)
{
    return token->len >= 2 && token->text[0] == '-' && token->text[1] == '-' &&
           (token->kind == DBC__TOKEN_SPACE ||
            token->kind == DBC__TOKEN_OPEN_COMMENT);
}

static int is_word(const reader *r, const char *word)
{
    return dbc__scan_is_word(&r->token, word);
}

static int is_char(const reader *r, char c)
{
    return r->token.kind == DBC__TOKEN_CHAR && r->token.text[0] == c;
}

// The body of a trigger is from BEGIN to the END that closes it.
static void follow_body(statement *s, const reader *r)
{
    if (is_word(r, "begin") || is_word(r, "case")) s->depth++;
    if (is_word(r, "end") && s->depth > 0) s->depth--;
}

static void take(statement *s, const reader *r)
{
    if (s->words == 0) {
        s->start = r->at;
        s->line = r->line;
        s->first = r->at;
        s->first_len = r->token.len;
    }
    // CREATE [TEMP] TRIGGER
    if (s->words > 0 && s->words < 3 && is_word(r, "trigger")) s->trigger = 1;
    if (s->trigger) follow_body(s, r);
    if (is_word(r, "drop")) s->drops = 1;
    s->words++;
    s->end = r->at + r->token.len;
}

static int begins_with(const statement *s, const char *word)
{
    const dbc__token first = {DBC__TOKEN_WORD, s->first, s->first_len};

    return dbc__scan_is_word(&first, word);
}

// The word behind the first one, or behind "main." there.
static dbc__token second_word(const statement *s)
{
    const char *at = s->first + s->first_len;
    dbc__token token = {DBC__TOKEN_SPACE, at, 0};

    for (int words = 0; words < 2; words++) {
        do {
            at = token.text + token.len;
            token = dbc__scan_token(at, (size_t)(s->end - at));
        } while (token.kind == DBC__TOKEN_SPACE ||
                 (token.kind == DBC__TOKEN_CHAR && token.text[0] == '.'));
        if (!dbc__scan_is_word(&token, "main")) break;
    }
    return token;
}

static const char *judge_pragma(const statement *s)
{
    dbc__token name = second_word(s);

    if (dbc__scan_is_word(&name, "user_version") ||
        dbc__scan_is_word(&name, "application_id"))
        return NULL;
    if (dbc__scan_is_word(&name, "foreign_keys") ||
        dbc__scan_is_word(&name, "defer_foreign_keys"))
        return "foreign keys are off while a migration runs, and are checked "
               "at its end: leave the PRAGMA out";
    return "a PRAGMA changes the connection and not the database: set it when "
           "the database is opened";
}

// Why a migration must not have it, or NULL.
static const char *judge(const statement *s)
{
    static const char *const transactions[] = {
        "begin", "commit", "end", "rollback", "savepoint", "release"};

    for (size_t i = 0; i < sizeof transactions / sizeof *transactions; i++) {
        if (begins_with(s, transactions[i]))
            return "a migration is one transaction, which is begun and ended "
                   "for it: leave this statement out";
    }
    if (begins_with(s, "attach") || begins_with(s, "detach"))
        return "a migration is for one file: leave ATTACH and DETACH out";
    if (begins_with(s, "vacuum"))
        return "VACUUM cannot run in a transaction: call it after the "
               "migration";
    return begins_with(s, "pragma") ? judge_pragma(s) : NULL;
}

// Whether something may be gone afterwards. What is not known counts.
static int loses(const statement *s)
{
    static const char *const harmless[] = {"create", "select",  "analyze",
                                           "insert", "reindex", "pragma",
                                           "values", "explain"};
    dbc__token second;

    if (begins_with(s, "alter")) return s->drops;
    if (begins_with(s, "drop")) {
        second = second_word(s);
        return dbc__scan_is_word(&second, "table");
    }
    if (begins_with(s, "insert")) {
        second = second_word(s);
        return dbc__scan_is_word(&second, "or");
    }
    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (begins_with(s, harmless[i])) return 0;
    return 1;
}

static int finish(reader *r, statement *s)
{
    const char *wrong;

    if (s->words > 0) {
        wrong = judge(s);
        if (wrong != NULL) return fail(r, s->line, wrong);
        if (r->arena != NULL)
            r->section->items[r->section->count] = (dbc__statement){
                s->start, (size_t)(s->end - s->start), s->line};
        r->section->count++;
        if (loses(s)) r->section->loses = 1;
    }
    *s = (statement){0};
    return DBC_OK;
}

// One token. Returns below zero when the text is wrong.
static int read_token(reader *r, statement *s)
{
    dbc__section *section = r->section;
    int rc = DBC_OK;

    if (is_line_comment(&r->token)) {
        if (!r->at_margin || s->depth > 0) return DBC_OK;
        rc = read_comment(r);
        if (rc < 0 || r->section == section) return rc;
        if (s->words == 0) return DBC_OK;
        // The statement before belongs to the section before.
        dbc__section *next = r->section;
        r->section = section;
        rc = finish(r, s);
        r->section = next;
        return rc;
    }
    if (r->token.kind == DBC__TOKEN_SPACE) return DBC_OK;
    if (r->token.kind == DBC__TOKEN_OPEN_QUOTE)
        return fail(r, r->line, "a quote is not closed");
    if (r->token.kind == DBC__TOKEN_OPEN_COMMENT)
        return fail(r, r->line, "a comment is not closed");
    if (is_char(r, ';') && s->depth == 0) return finish(r, s);
    take(s, r);
    return DBC_OK;
}

static int read_all(reader *r, const char *text)
{
    statement s = {0};
    int rc = DBC_OK;

    if (strncmp(text, BYTE_ORDER_MARK, 3) == 0) text += 3;
    r->at = text;
    r->len = strlen(text);
    r->line = 1;
    r->at_margin = 1;
    r->section = &r->out->up;
    while (rc >= 0 && r->len > 0) {
        r->token = dbc__scan_token(r->at, r->len);
        rc = read_token(r, &s);
        pass(r);
    }
    return rc < 0 ? rc : finish(r, &s);
}

static int reserve(dbc__section *section, dbc__arena *arena, dbc_error *err)
{
    section->items =
        dbc__arena_take_array(arena, section->count, sizeof *section->items);
    section->count = 0;
    return section->items == NULL ? dbc__error_nomem(err) : DBC_OK;
}

size_t dbc_sql_statement(const char *sql, size_t len)
{
    dbc__section section = {0};
    reader r = {.at = sql, .len = len, .section = &section};
    statement s = {0};

    while (r.len > 0) {
        int ends;

        r.token = dbc__scan_token(r.at, r.len);
        ends = is_char(&r, ';') && s.depth == 0;
        if (r.token.kind != DBC__TOKEN_SPACE && !ends) take(&s, &r);
        pass(&r);
        if (ends) break;
    }
    return len - r.len;
}

int dbc__script_read(dbc__script *out, dbc__arena *arena, const char *text,
                     dbc_error *err)
{
    dbc__script found = {0};
    reader r = {.out = &found, .err = err};
    int rc = read_all(&r, text);

    if (rc >= 0) rc = reserve(&found.up, arena, err);
    if (rc >= 0) rc = reserve(&found.down, arena, err);
    if (rc < 0) return rc;

    r.arena = arena;
    rc = read_all(&r, text);
    if (rc < 0) return rc;
    if (found.has_down && found.irreversible)
        return dbc__error_set(err, DBC_EINVALID,
                              "it has a way down and says `-- irreversible`: "
                              "keep one of the two");
    *out = found;
    return DBC_OK;
}
