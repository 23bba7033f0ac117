// Telling what was changed by hand: from the CREATE statements in the ledger
// to what is there now, in the words of a plan between the two.
#include "drift.h"

#include <string.h>

static int matches(const char *pattern, const char *text)
{
    for (; *pattern != '\0'; pattern++, text++) {
        if (*pattern == '*') {
            do {
                if (matches(pattern + 1, text)) return 1;
            } while (*text++ != '\0');
            return 0;
        }
        if (*text == '\0' || (*pattern != '?' && *pattern != *text)) return 0;
    }
    return *text == '\0';
}

static int is_ignored(const dbc_difference *difference, const dbc_names *ignore)
{
    for (size_t i = 0; i < ignore->count; i++) {
        if (difference->table && matches(ignore->items[i], difference->table))
            return 1;
        if (difference->name && matches(ignore->items[i], difference->name))
            return 1;
    }
    return 0;
}

static int judge_differences(dbc_conn *conn, const dbc_plan *plan,
                             const dbc_names *ignore)
{
    const char *first = NULL;
    size_t count = 0;

    for (size_t i = 0; i < dbc_plan_difference_count(plan); i++) {
        const dbc_difference *one = dbc_plan_difference(plan, i);

        if (is_ignored(one, ignore)) continue;
        if (count++ == 0) first = one->words;
    }
    if (count == 0) return DBC_OK;
    return dbc__conn_fail(conn, DBC_EDRIFT,
                          "the database was changed since its last migration: "
                          "%s%s; adopt that in a migration, ignore it, or "
                          "repair it",
                          first, count > 1 ? ", and more" : "");
}

int dbc__drift_judge(dbc_conn *conn, const dbc_history *history,
                     const dbc_names *ignore)
{
    dbc_catalog *before = NULL, *now = NULL;
    dbc_plan *plan = NULL;
    int rc = DBC_EDRIFT;

    if (history->schema != NULL)
        rc = dbc_catalog_of_sql(&before, history->schema,
                                strlen(history->schema), conn);
    if (rc >= 0) rc = dbc_catalog_read(&now, conn);
    if (rc >= 0) rc = dbc_plan_between(&plan, before, now, NULL, conn);
    if (rc >= 0)
        rc = judge_differences(conn, plan, ignore);
    else if (rc != DBC_ENOMEM)
        rc = dbc__conn_fail(conn, DBC_EDRIFT,
                            "the database was changed since its last "
                            "migration: adopt that in a migration, or repair "
                            "it");
    dbc_plan_free(plan);
    dbc_catalog_free(now);
    dbc_catalog_free(before);
    return rc;
}
