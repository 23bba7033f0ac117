// Comparing what is known with what is applied. The rows of the ledger are
// folded into what is applied now; then each migration gets its state.
#include "history.h"

#include <string.h>

#include "alloc.h"
#include "error.h"

const char *dbc_migration_state_word(dbc_migration_state state)
{
    static const char *const words[] = {"pending",      "applied", "replaced",
                                        "out_of_order", "edited",  "missing",
                                        "newer"};

    if ((size_t)state >= sizeof words / sizeof *words) return "unknown";
    return words[state];
}

// -------------------------------------------------------------------- folding

// What is applied after all rows, in the order in which it was.
typedef struct applied {
    const dbc__ledger_row **rows; // of each, the one whose checksum counts
    size_t *orders;
    size_t count;
} applied;

static size_t find_applied(const applied *list, const dbc__ledger_row *row)
{
    size_t i = 0;

    while (i < list->count &&
           dbc__migration_compare(list->rows[i]->version, list->rows[i]->name,
                                  row->version, row->name) != 0)
        i++;
    return i;
}

static void remove_applied(applied *list, size_t i)
{
    size_t behind = list->count - i - 1;

    memmove(&list->rows[i], &list->rows[i + 1], behind * sizeof *list->rows);
    memmove(&list->orders[i], &list->orders[i + 1],
            behind * sizeof *list->orders);
    list->count--;
}

static void fold_row(applied *list, const dbc__ledger_row *row, size_t order)
{
    size_t i = find_applied(list, row);
    int is_there = i < list->count;

    switch (row->verb) {
    case DBC__LEDGER_DOWN:
    case DBC__LEDGER_FORGET:
        if (is_there) remove_applied(list, i);
        break;
    case DBC__LEDGER_REPAIR:
        if (is_there) list->rows[i] = row;
        break;
    default:
        if (is_there) remove_applied(list, i);
        list->rows[list->count] = row;
        list->orders[list->count++] = order;
        break;
    }
}

static int fold(applied *out, dbc_history *history)
{
    const dbc__ledger *ledger = &history->ledger;

    out->count = 0;
    out->rows = dbc__arena_take_array(&history->arena, ledger->count,
                                      sizeof *out->rows);
    out->orders = dbc__arena_take_array(&history->arena, ledger->count,
                                        sizeof *out->orders);
    if (out->rows == NULL || out->orders == NULL) return DBC_ENOMEM;
    for (size_t i = 0; i < ledger->count; i++) {
        const dbc__ledger_row *row = &ledger->rows[i];

        fold_row(out, row, i + 1);
        if (row->fingerprint != NULL) history->fingerprint = row->fingerprint;
        if (row->schema != NULL) history->schema = row->schema;
    }
    return DBC_OK;
}

// -------------------------------------------------------------------- entries

static void add_known(dbc_history *history, const dbc__known *known)
{
    dbc_history_entry *entry = &history->entries[history->count];

    *entry = (dbc_history_entry){.version = known->version,
                                 .name = known->name,
                                 .reversible = known->reversible,
                                 .checksum = known->checksum};
    history->details[history->count++].known = known;
}

// The entry of that identity, or `count`.
static size_t find_entry(const dbc_history *history, const char *version,
                         const char *name)
{
    size_t i = 0;

    while (i < history->count &&
           dbc__migration_compare(history->entries[i].version,
                                  history->entries[i].name, version, name) != 0)
        i++;
    return i;
}

static void add_applied(dbc_history *history, const dbc__ledger_row *row,
                        size_t order)
{
    size_t i = find_entry(history, row->version, row->name);
    dbc_history_entry *entry = &history->entries[i];

    if (i == history->count) {
        *entry =
            (dbc_history_entry){.version = row->version, .name = row->name};
        history->count++;
    }
    entry->applied_checksum = row->checksum;
    entry->applied_source = row->source;
    entry->applied_at = row->applied_at;
    entry->duration_ms = row->duration_ms;
    history->details[i].applied = row;
    history->details[i].order = order;
}

// Both arrays in the order of versions. There are few that are out of place.
static void sort_entries(dbc_history *history)
{
    for (size_t i = 1; i < history->count; i++) {
        dbc_history_entry entry = history->entries[i];
        dbc__history_detail detail = history->details[i];
        size_t j = i;

        while (j > 0 && dbc__migration_compare(history->entries[j - 1].version,
                                               history->entries[j - 1].name,
                                               entry.version, entry.name) > 0) {
            history->entries[j] = history->entries[j - 1];
            history->details[j] = history->details[j - 1];
            j--;
        }
        history->entries[j] = entry;
        history->details[j] = detail;
    }
}

// --------------------------------------------------------------------- states

// How many of those that `known` replaces are applied, and whether one that is
// not is not known here either.
typedef struct replaced {
    size_t applied, last; // `last`: the order of the last of them
    int unknown;
} replaced;

static replaced count_replaced(const dbc_history *history,
                               const dbc__known *known)
{
    replaced found = {0, 0, 0};
    size_t known_count = 0;

    for (size_t i = 0; i < history->count; i++) {
        const dbc__history_detail *detail = &history->details[i];

        if (!dbc__names_have(&known->replaces, history->entries[i].version,
                             history->entries[i].name))
            continue;
        known_count++;
        if (detail->applied == NULL) continue;
        found.applied++;
        if (detail->order > found.last) found.last = detail->order;
    }
    found.unknown = known_count < known->replaces.count;
    return found;
}

static void set_replaced(dbc_history *history, const dbc__known *by)
{
    for (size_t i = 0; i < history->count; i++)
        if (dbc__names_have(&by->replaces, history->entries[i].version,
                            history->entries[i].name))
            history->entries[i].state = DBC_MIGRATION_REPLACED;
}

// One that stands for others: run by itself, or by way of all of these, or not
// needed because some of these have been.
static void judge_squash(dbc_history *history, size_t i)
{
    const dbc__known *known = history->details[i].known;
    dbc_history_entry *entry = &history->entries[i];
    replaced found = count_replaced(history, known);

    if (history->details[i].applied != NULL || found.applied == 0) {
        set_replaced(history, known);
    } else if (found.applied == known->replaces.count) {
        set_replaced(history, known);
        entry->state = DBC_MIGRATION_APPLIED;
        history->details[i].order = found.last;
    } else {
        entry->state = DBC_MIGRATION_REPLACED;
    }
}

static void judge_entry(dbc_history *history, size_t i, const char *newest)
{
    const dbc__history_detail *detail = &history->details[i];
    dbc_history_entry *entry = &history->entries[i];

    if (detail->known == NULL) {
        int newer =
            newest == NULL || dbc__version_compare(entry->version, newest) > 0;
        entry->state = newer ? DBC_MIGRATION_NEWER : DBC_MIGRATION_MISSING;
    } else if (detail->applied != NULL) {
        int same = strcmp(detail->known->checksum, entry->applied_checksum);
        entry->state = same == 0 ? DBC_MIGRATION_APPLIED : DBC_MIGRATION_EDITED;
    } else {
        entry->state = DBC_MIGRATION_PENDING;
    }
}

static int is_merged_by_any(const dbc_history *history, size_t i)
{
    for (size_t j = 0; j < history->count; j++) {
        const dbc__known *known = history->details[j].known;

        if (known != NULL &&
            dbc__names_have(&known->merges, history->entries[i].version,
                            history->entries[i].name))
            return 1;
    }
    return 0;
}

// What is pending before something that is applied came too late, unless a
// merge says that it may.
static void judge_order(dbc_history *history)
{
    int later_applied = 0;

    for (size_t i = history->count; i-- > 0;) {
        dbc_history_entry *entry = &history->entries[i];

        if (entry->state == DBC_MIGRATION_APPLIED ||
            entry->state == DBC_MIGRATION_EDITED)
            later_applied = 1;
        else if (entry->state == DBC_MIGRATION_PENDING && later_applied &&
                 !is_merged_by_any(history, i))
            entry->state = DBC_MIGRATION_OUT_OF_ORDER;
    }
}

int dbc__history_is_torn(const dbc_history *history, size_t i)
{
    const dbc__known *known = history->details[i].known;
    replaced found;

    if (known == NULL || known->replaces.count == 0 ||
        history->entries[i].state != DBC_MIGRATION_REPLACED)
        return 0;
    found = count_replaced(history, known);
    return found.applied > 0 && found.unknown;
}

int dbc__history_compare(dbc_history *history, const dbc_migrator *migrator)
{
    size_t room = migrator->count + history->ledger.count;
    const char *newest = NULL;
    applied list;

    history->migrator = migrator;
    history->entries =
        dbc__arena_take_array(&history->arena, room, sizeof *history->entries);
    history->details =
        dbc__arena_take_array(&history->arena, room, sizeof *history->details);
    if (history->entries == NULL || history->details == NULL) return DBC_ENOMEM;
    if (fold(&list, history) < 0) return DBC_ENOMEM;

    for (size_t i = 0; i < migrator->count; i++)
        add_known(history, &migrator->items[i]);
    for (size_t i = 0; i < list.count; i++)
        add_applied(history, list.rows[i], list.orders[i]);
    sort_entries(history);
    if (migrator->count > 0)
        newest = migrator->items[migrator->count - 1].version;
    for (size_t i = 0; i < history->count; i++)
        judge_entry(history, i, newest);
    for (size_t i = 0; i < history->count; i++) {
        const dbc__known *known = history->details[i].known;
        if (known != NULL && known->replaces.count > 0)
            judge_squash(history, i);
    }
    judge_order(history);
    return DBC_OK;
}

// -------------------------------------------------------------------- reading

static int read_history(dbc_history *history, const dbc_migrator *migrator,
                        dbc_conn *conn)
{
    int rc = dbc__ledger_read(&history->ledger, &history->arena, conn);

    if (rc < 0) return rc;
    rc = dbc__history_compare(history, migrator);
    return rc < 0 ? dbc__error_nomem(&conn->error) : DBC_OK;
}

// One snapshot, so that the table does not go between two looks.
static int read_snapshot(dbc_history *history, const dbc_migrator *migrator,
                         dbc_conn *conn)
{
    dbc_txn txn;
    int rc;

    if (conn->in_txn) return read_history(history, migrator, conn);
    rc = dbc_txn_begin(&txn, conn, DBC_TXN_READ);
    if (rc < 0) return rc;
    rc = read_history(history, migrator, conn);
    if (rc >= 0) rc = dbc_txn_commit(&txn);
    if (rc < 0) dbc_txn_rollback(&txn);
    return rc;
}

int dbc_history_read(dbc_history **out, const dbc_migrator *migrator,
                     dbc_conn *conn)
{
    dbc_history *made;
    int rc = dbc__conn_check(conn);

    *out = NULL;
    if (rc < 0) return rc;
    made = dbc__alloc_zero(conn->alloc, 1, sizeof *made);
    if (made == NULL) return dbc__error_nomem(&conn->error);
    made->alloc = conn->alloc;
    dbc__arena_init(&made->arena, conn->alloc);
    rc = read_snapshot(made, migrator, conn);
    if (rc < 0) {
        dbc_history_free(made);
        return rc;
    }
    *out = made;
    return DBC_OK;
}

void dbc_history_free(dbc_history *history)
{
    if (history == NULL) return;
    dbc__arena_dispose(&history->arena);
    dbc__alloc_free(history->alloc, history, sizeof *history);
}

size_t dbc_history_count(const dbc_history *history)
{
    return history->count;
}

const dbc_history_entry *dbc_history_entry_at(const dbc_history *history,
                                              size_t i)
{
    return i < history->count ? &history->entries[i] : NULL;
}

const char *dbc_history_fingerprint(const dbc_history *history)
{
    return history->fingerprint;
}

const char *dbc_history_schema(const dbc_history *history)
{
    return history->schema;
}
