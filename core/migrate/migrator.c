// Taking over the list of migrations. Everything that can be wrong with it
// without looking at a database is found here.
#include "migrator.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "buf.h"
#include "error.h"
#include "suggest.h"
#include "token.h"

enum { VERSION_MAX = 18, NAME_MAX = 100 }; // bytes

static const char DIGITS[] = "0123456789";
static const char HEX_DIGITS[] = "0123456789abcdef";
static const char NAME_CHARS[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

// ---------------------------------------------------------------- identities

int dbc__version_compare(const char *a, const char *b)
{
    size_t a_len, b_len;

    a += strspn(a, "0");
    b += strspn(b, "0");
    a_len = strlen(a);
    b_len = strlen(b);
    if (a_len != b_len) return a_len < b_len ? -1 : 1;
    return strcmp(a, b);
}

int dbc__migration_compare(const char *a_version, const char *a_name,
                           const char *b_version, const char *b_name)
{
    int order = dbc__version_compare(a_version, b_version);

    return order != 0 ? order : strcmp(a_name, b_name);
}

int dbc__names_have(const dbc_names *names, const char *version,
                    const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        const char *item = names->items[i];
        size_t digits = strspn(item, DIGITS);
        char number[VERSION_MAX + 1];

        if (digits == 0 || digits > VERSION_MAX || item[digits] != '_' ||
            strcmp(item + digits + 1, name) != 0)
            continue;
        memcpy(number, item, digits);
        number[digits] = '\0';
        if (dbc__version_compare(number, version) == 0) return 1;
    }
    return 0;
}

// ------------------------------------------------------------------ checksums

int dbc_sql_checksum(char out[65], const char *sql, size_t len,
                     const dbc_alloc *alloc)
{
    static const char BYTE_ORDER_MARK[] = "\xef\xbb\xbf";
    dbc_buf buf;
    int rc;

    if (len >= 3 && memcmp(sql, BYTE_ORDER_MARK, 3) == 0) {
        sql += 3;
        len -= 3;
    }
    dbc__buf_init(&buf, alloc);
    dbc__normalise(&buf, sql, len);
    rc = buf.status;
    if (rc == DBC_OK) dbc_sha256(out, buf.data, buf.len);
    dbc__buf_dispose(&buf);
    return rc;
}

// The way up and the way down are told apart: a statement that moves from one
// to the other changes the sum.
static int checksum_script(char out[65], const dbc__script *script,
                           const dbc_alloc *alloc)
{
    const dbc__section *sections[] = {&script->up, &script->down};
    dbc__digest digest;
    dbc_buf buf;

    dbc__digest_init(&digest);
    dbc__buf_init(&buf, alloc);
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; i < sections[s]->count; i++) {
            const dbc__statement *one = &sections[s]->items[i];

            dbc__buf_clear(&buf);
            dbc__normalise(&buf, one->text, one->len);
            dbc__digest_add_piece(&digest, buf.data, buf.len);
        }
        dbc__digest_add_piece(&digest, "", 0);
    }
    int rc = buf.status;
    dbc__buf_dispose(&buf);
    dbc__digest_end(&digest, out);
    return rc;
}

// --------------------------------------------------------------------- taking

typedef struct taker {
    dbc_migrator *out;
    dbc_error *err;
} taker;

static int is_made_of(const char *text, const char *chars, size_t max)
{
    size_t len = text == NULL ? 0 : strlen(text);

    return len > 0 && len <= max && strspn(text, chars) == len;
}

static int check_identity(const dbc_migration *from, dbc_error *err)
{
    dbc__quoted quoted;
    const char *version = from->version == NULL ? "" : from->version;
    const char *name = from->name == NULL ? "" : from->name;

    if (!is_made_of(version, DIGITS, VERSION_MAX))
        return dbc__error_set(err, DBC_EINVALID,
                              "the version of a migration is up to 18 digits, "
                              "got %s",
                              dbc__quote(&quoted, version, strlen(version)));
    if (version[strspn(version, "0")] == '\0')
        return dbc__error_set(err, DBC_EINVALID,
                              "versions of migrations begin at 1: 0 means that "
                              "none is applied");
    if (!is_made_of(name, NAME_CHARS, NAME_MAX))
        return dbc__error_set(err, DBC_EINVALID,
                              "the name of migration %s is letters, digits and "
                              "_, got %s",
                              version, dbc__quote(&quoted, name, strlen(name)));
    return DBC_OK;
}

static const char *copy(const taker *t, const char *text)
{
    return dbc__arena_copy(&t->out->arena, text, strlen(text));
}

static int copy_names(dbc_names *out, const taker *t, const dbc_names *from)
{
    const char **items =
        dbc__arena_take_array(&t->out->arena, from->count, sizeof *items);

    if (items == NULL) return dbc__error_nomem(t->err);
    for (size_t i = 0; i < from->count; i++) {
        items[i] = copy(t, from->items[i]);
        if (items[i] == NULL) return dbc__error_nomem(t->err);
    }
    *out = (dbc_names){items, from->count};
    return DBC_OK;
}

static const char *make_id(const taker *t, const dbc__known *known)
{
    size_t version_len = strlen(known->version), name_len = strlen(known->name);
    char *id = dbc__arena_take(&t->out->arena, version_len + name_len + 2);

    if (id == NULL) return NULL;
    memcpy(id, known->version, version_len);
    id[version_len] = '_';
    memcpy(id + version_len + 1, known->name, name_len + 1);
    return id;
}

// Puts the migration's name before the message.
static int blame(const dbc__known *known, dbc_error *err)
{
    if (err == NULL || err->code == DBC_ENOMEM) return 0;
    return dbc__error_set(err, err->code, "%s, %s", known->id, err->message);
}

static int take_script(dbc__known *known, const taker *t)
{
    char sum[DBC__DIGEST_SIZE];
    dbc_error ignored, *err = t->err != NULL ? t->err : &ignored;
    int rc = dbc__script_read(&known->script, &t->out->arena, known->sql, err);

    if (rc < 0) {
        blame(known, err);
        return rc;
    }
    known->reversible = known->script.has_down;
    known->loses_up = known->script.up.loses;
    known->loses_down = known->script.down.loses;
    if (known->script.replaces.count > 0)
        known->replaces = known->script.replaces;
    if (known->script.merges.count > 0) known->merges = known->script.merges;
    if (known->source == NULL) known->source = known->sql;
    if (known->checksum != NULL) return DBC_OK;
    rc = checksum_script(sum, &known->script, t->out->alloc);
    if (rc < 0) return dbc__error_nomem(t->err);
    known->checksum = copy(t, sum);
    return known->checksum == NULL ? dbc__error_nomem(t->err) : DBC_OK;
}

static int take_calls(dbc__known *known, const taker *t,
                      const dbc_migration *from)
{
    const unsigned either = DBC_MIGRATION_LOSES | DBC_MIGRATION_LOSES_BACK;

    if (from->up == NULL)
        return dbc__error_set(t->err, DBC_EINVALID,
                              "%s has neither SQL text nor a function `up`",
                              known->id);
    if (known->checksum == NULL)
        return dbc__error_set(t->err, DBC_EINVALID,
                              "%s is a function and needs a checksum of its "
                              "text",
                              known->id);
    if (from->down != NULL && (from->flags & DBC_MIGRATION_IRREVERSIBLE))
        return dbc__error_set(t->err, DBC_EINVALID,
                              "%s has a function `down` and is marked as "
                              "irreversible: keep one of the two",
                              known->id);
    known->up = from->up;
    known->down = from->down;
    known->ud = from->ud;
    known->reversible = from->down != NULL;
    known->loses_up = (from->flags & DBC_MIGRATION_LOSES) != 0;
    known->loses_down = (from->flags & either) != 0;
    return DBC_OK;
}

static int check_sum(const dbc__known *known, dbc_error *err)
{
    if (known->checksum == NULL) return DBC_OK;
    if (strlen(known->checksum) == 64 &&
        is_made_of(known->checksum, HEX_DIGITS, 64))
        return DBC_OK;
    return dbc__error_set(err, DBC_EINVALID,
                          "the checksum of %s is not 64 hexadecimal digits in "
                          "lower case",
                          known->id);
}

static int take_texts(dbc__known *known, const taker *t,
                      const dbc_migration *from)
{
    const struct {
        const char **to;
        const char *from;
    } texts[] = {{&known->version, from->version},
                 {&known->name, from->name},
                 {&known->sql, from->sql},
                 {&known->checksum, from->checksum},
                 {&known->source, from->source}};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i].from == NULL) continue;
        *texts[i].to = copy(t, texts[i].from);
        if (*texts[i].to == NULL) return dbc__error_nomem(t->err);
    }
    known->id = make_id(t, known);
    return known->id == NULL ? dbc__error_nomem(t->err) : DBC_OK;
}

static int take(dbc__known *known, const taker *t, const dbc_migration *from)
{
    int rc = check_identity(from, t->err);

    if (rc >= 0) rc = take_texts(known, t, from);
    if (rc >= 0) rc = check_sum(known, t->err);
    if (rc >= 0) rc = copy_names(&known->replaces, t, &from->replaces);
    if (rc >= 0) rc = copy_names(&known->merges, t, &from->merges);
    if (rc < 0) return rc;
    return known->sql != NULL ? take_script(known, t)
                              : take_calls(known, t, from);
}

// ---------------------------------------------------------------------- order

static int compare_known(const void *a, const void *b)
{
    const dbc__known *left = a, *right = b;

    return dbc__migration_compare(left->version, left->name, right->version,
                                  right->name);
}

// Whether a later one merges it.
static int is_merged(const dbc_migrator *migrator, const dbc__known *known)
{
    for (size_t i = 0; i < migrator->count; i++) {
        const dbc__known *later = &migrator->items[i];

        if (dbc__version_compare(later->version, known->version) > 0 &&
            dbc__names_have(&later->merges, known->version, known->name))
            return 1;
    }
    return 0;
}

static int check_heads(const dbc_migrator *migrator, dbc_error *err)
{
    for (size_t i = 1; i < migrator->count; i++) {
        const dbc__known *a = &migrator->items[i - 1];
        const dbc__known *b = &migrator->items[i];

        if (dbc__version_compare(a->version, b->version) != 0) continue;
        if (strcmp(a->name, b->name) == 0)
            return dbc__error_set(err, DBC_EINVALID, "%s is there twice",
                                  a->id);
        if (is_merged(migrator, a) && is_merged(migrator, b)) continue;
        return dbc__error_set(err, DBC_ECONFLICT,
                              "the history has two heads, %s and %s: give one "
                              "of them a later version, or merge both",
                              a->id, b->id);
    }
    return DBC_OK;
}

// What a migration merges must be there, and be earlier.
static int check_merges(const dbc_migrator *migrator, const dbc__known *known,
                        dbc_error *err)
{
    for (size_t i = 0; i < known->merges.count; i++) {
        dbc_names one = {&known->merges.items[i], 1};
        const dbc__known *found = NULL;
        dbc__suggest near;

        dbc__suggest_init(&near, one.items[0], strlen(one.items[0]));
        for (size_t j = 0; j < migrator->count && found == NULL; j++) {
            const dbc__known *other = &migrator->items[j];

            if (dbc__names_have(&one, other->version, other->name))
                found = other;
            dbc__suggest_try(&near, other->id);
        }
        if (found != NULL &&
            dbc__version_compare(found->version, known->version) < 0)
            continue;
        const char *best = dbc__suggest_best(&near);
        return dbc__error_set(
            err, DBC_EINVALID,
            "%s merges \"%.100s\", which is no earlier "
            "migration%s%s%s",
            known->id, one.items[0],
            best != NULL && found == NULL ? "; did you mean \"" : "",
            best != NULL && found == NULL ? best : "",
            best != NULL && found == NULL ? "\"?" : "");
    }
    return DBC_OK;
}

int dbc_migrator_new(dbc_migrator **out, const dbc_migration *migrations,
                     size_t count, const dbc_alloc *alloc, dbc_error *err)
{
    const dbc_alloc *from = dbc__alloc_or_default(alloc);
    dbc_migrator *made = dbc__alloc_zero(from, 1, sizeof *made);
    taker t = {made, err};
    int rc = DBC_OK;

    *out = NULL;
    if (made == NULL) return dbc__error_nomem(err);
    made->alloc = from;
    dbc__arena_init(&made->arena, from);
    made->items =
        dbc__arena_take_array(&made->arena, count, sizeof *made->items);
    if (made->items == NULL) rc = dbc__error_nomem(err);
    for (size_t i = 0; rc >= 0 && i < count; i++)
        rc = take(&made->items[made->count++], &t, &migrations[i]);
    if (rc < 0) goto cleanup;

    if (count > 0)
        qsort(made->items, count, sizeof *made->items, compare_known);
    rc = check_heads(made, err);
    for (size_t i = 0; rc >= 0 && i < count; i++)
        rc = check_merges(made, &made->items[i], err);
    if (rc < 0) goto cleanup;
    *out = made;
    made = NULL;
    dbc__error_clear(err);

cleanup:
    dbc_migrator_free(made);
    return rc < 0 ? rc : DBC_OK;
}

void dbc_migrator_free(dbc_migrator *migrator)
{
    if (migrator == NULL) return;
    dbc__arena_dispose(&migrator->arena);
    dbc__alloc_free(migrator->alloc, migrator, sizeof *migrator);
}
