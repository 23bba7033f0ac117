// Deciding: from a history and a goal to the one step that is due next.
#include <string.h>

#include "error.h"
#include "history.h"

static int is_applied(const dbc_history_entry *entry)
{
    return entry->state == DBC_MIGRATION_APPLIED ||
           entry->state == DBC_MIGRATION_EDITED;
}

static int is_due(const dbc_history_entry *entry)
{
    return entry->state == DBC_MIGRATION_PENDING ||
           entry->state == DBC_MIGRATION_OUT_OF_ORDER;
}

static int drift(dbc_error *err, const dbc_history_entry *entry,
                 const char *what)
{
    return dbc__error_set(err, DBC_EDRIFT, "%s_%s %s", entry->version,
                          entry->name, what);
}

// Some of what a migration stands for are applied, and the rest is not here.
static int check_squash(const dbc_history *history, size_t i, dbc_error *err)
{
    if (!dbc__history_is_torn(history, i)) return DBC_OK;
    return drift(err, &history->entries[i],
                 "stands for migrations of which only some are applied, and "
                 "the others are gone: bring these back and run them first");
}

// Nothing is done to a database whose history is another one.
static int check_history(const dbc_history *history, unsigned flags,
                         dbc_error *err)
{
    for (size_t i = 0; i < history->count; i++) {
        const dbc_history_entry *entry = &history->entries[i];

        switch (entry->state) {
        case DBC_MIGRATION_NEWER:
            return drift(err, entry,
                         "is applied, and newer than all that this program "
                         "knows: update the program");
        case DBC_MIGRATION_MISSING:
            return drift(err, entry,
                         "is applied, but is not known here: bring it back, or "
                         "have it forgotten by a repair");
        case DBC_MIGRATION_EDITED:
            return drift(err, entry,
                         "was edited after it had been applied: undo the edit "
                         "and write a new migration, or accept it by a repair");
        case DBC_MIGRATION_OUT_OF_ORDER:
            if (flags & DBC_MIGRATE_OUT_OF_ORDER) break;
            return drift(err, entry,
                         "comes before a migration that is applied already: "
                         "give it a later version, or allow it out of order");
        default:
            if (check_squash(history, i, err) < 0) return DBC_EDRIFT;
        }
    }
    return DBC_OK;
}

// A version must be one of those that are there; "0" is before all of them.
static int check_version(const dbc_history *history, const char *version,
                         dbc_error *err)
{
    dbc__quoted quoted;
    size_t len = version == NULL ? 0 : strlen(version);

    if (version == NULL) return DBC_OK;
    if (len > 0 && strspn(version, "0123456789") == len) {
        if (version[strspn(version, "0")] == '\0') return DBC_OK;
        for (size_t i = 0; i < history->count; i++)
            if (dbc__version_compare(history->entries[i].version, version) == 0)
                return DBC_OK;
    }
    dbc__quote(&quoted, version, len);
    if (history->count == 0)
        return dbc__error_set(err, DBC_ENOTFOUND,
                              "there is no migration %s: there are none at all",
                              quoted.text);
    const dbc_history_entry *last = &history->entries[history->count - 1];
    return dbc__error_set(err, DBC_ENOTFOUND,
                          "there is no migration %s: the last one is %s_%s",
                          quoted.text, last->version, last->name);
}

static int is_beyond(const dbc_history_entry *entry, const char *version)
{
    return version != NULL && dbc__version_compare(entry->version, version) > 0;
}

// The first that is due up to `version`.
static int find_up(size_t *out, const dbc_history *history, const char *version)
{
    for (size_t i = 0; i < history->count; i++) {
        if (is_beyond(&history->entries[i], version)) return 0;
        if (!is_due(&history->entries[i])) continue;
        *out = i;
        return 1;
    }
    return 0;
}

// The one that was applied last, of those beyond `version`.
static int find_down(size_t *out, const dbc_history *history,
                     const char *version)
{
    int found = 0;

    for (size_t i = 0; i < history->count; i++) {
        const dbc_history_entry *entry = &history->entries[i];

        if (!is_applied(entry)) continue;
        if (version != NULL && !is_beyond(entry, version)) continue;
        if (found && history->details[i].order < history->details[*out].order)
            continue;
        *out = i;
        found = 1;
    }
    return found;
}

static int check_down(const dbc_history_entry *entry, dbc_error *err)
{
    if (entry->reversible) return DBC_OK;
    return dbc__error_set(err, DBC_EREFUSED,
                          "%s_%s has no way back: write its `down`, or restore "
                          "a backup from before it",
                          entry->version, entry->name);
}

int dbc__history_due(size_t *out, const dbc_history *history,
                     const dbc_goal *goal, unsigned flags,
                     dbc_direction *direction, dbc_error *err)
{
    const char *version = goal->kind == DBC_GOAL_DOWN ? NULL : goal->version;
    int rc = check_history(history, flags, err);

    if (rc >= 0) rc = check_version(history, version, err);
    if (rc < 0) return rc;
    if (goal->kind == DBC_GOAL_DOWN && goal->count == 0) return 0;
    if (goal->kind != DBC_GOAL_UP &&
        (goal->kind == DBC_GOAL_DOWN || version != NULL) &&
        find_down(out, history, version)) {
        *direction = DBC_DOWN;
        rc = check_down(&history->entries[*out], err);
        return rc < 0 ? rc : 1;
    }
    if (goal->kind == DBC_GOAL_DOWN) return 0;
    *direction = DBC_UP;
    return find_up(out, history, version);
}

int dbc_history_next(const dbc_history *history, const dbc_goal *goal,
                     unsigned flags, const dbc_history_entry **out,
                     dbc_direction *direction, dbc_error *err)
{
    size_t i = 0;
    int rc = dbc__history_due(&i, history, goal, flags, direction, err);

    if (rc > 0) *out = &history->entries[i];
    if (rc >= 0) dbc__error_clear(err);
    return rc;
}
